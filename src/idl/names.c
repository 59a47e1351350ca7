/* What C calls things: tags for bodies that have none, names that collide with C or with ours.
 *
 * Native output puts a parameter next to `binding` or `call`, so IDL names that equal one of
 * these, or a keyword of C or C++, get a trailing underscore. Members without a name (MIDL's
 * extension) are called u, u2 ... and s, s2 ..., because C99 has no anonymous members.
 */
#include <stdlib.h>
#include <string.h>

#include "idl/compile.h"

static const char *const reserved[] = {
    "alignas",  "alignof",       "and",         "and_eq",    "args",         "asm",
    "auto",     "binding",       "bitand",      "bitor",     "bool",         "break",
    "call",     "call_status",   "case",        "catch",     "char",         "class",
    "compl",    "const",         "const_cast",  "constexpr", "continue",     "decltype",
    "default",  "delete",        "do",          "double",    "dynamic_cast", "else",
    "enum",     "errno",         "explicit",    "export",    "extern",       "false",
    "float",    "for",           "friend",      "goto",      "if",           "inline",
    "int",      "linux",         "long",        "mutable",   "namespace",    "new",
    "noexcept", "not",           "not_eq",      "nullptr",   "operator",     "or",
    "or_eq",    "private",       "protected",   "public",    "register",     "reinterpret_cast",
    "restrict", "ret_result",    "return",      "short",     "signed",       "sizeof",
    "static",   "static_assert", "static_cast", "stderr",    "stdin",        "stdout",
    "struct",   "switch",        "template",    "this",      "thread_local", "throw",
    "true",     "try",           "typedef",     "typeid",    "typename",     "typeof",
    "union",    "unix",          "unsigned",    "using",     "virtual",      "void",
    "volatile", "wchar_t",       "while",       "xor",       "xor_eq",
};

static int compare(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

static const char *c_name(struct ir_idl_unit *u, struct ir_idl_str name)
{
    const char *text = ir_idl_dup(&u->pool, name.p, name.n);
    bool taken = bsearch(text, reserved, sizeof(reserved) / sizeof(reserved[0]),
                         sizeof(reserved[0]), compare) != NULL;
    return taken ? ir_idl_printf(&u->pool, "%s_", text) : text;
}

static void name_fields(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    uint32_t n_anonymous = 0;
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        struct ir_idl_field *field = agg->fields.v[i];
        if (field->name.n == 0 && field->type) {
            const char *stem = field->type->kind == IR_IDL_UNION ? "u" : "s";
            n_anonymous++;
            field->c_name =
                n_anonymous > 1 ? ir_idl_printf(&u->pool, "%s%u", stem, n_anonymous) : stem;
            continue;
        }
        field->c_name = c_name(u, field->name);
    }
    if (agg->disc) {
        agg->disc->c_name = c_name(u, agg->disc->name);
    }
}

/* The body that stands in the declaration of this member, if any. */
static struct ir_idl_agg *inner_body(const struct ir_idl_field *field)
{
    const struct ir_idl_type *type = field->type;
    while (type && (type->kind == IR_IDL_POINTER || type->kind == IR_IDL_ARRAY)) {
        type = type->of;
    }
    bool body = type && (type->kind == IR_IDL_STRUCT || type->kind == IR_IDL_UNION ||
                         type->kind == IR_IDL_ENUM);
    return body ? type->agg : NULL;
}

/* Whether an earlier enum, which C declares too, has an enumerator of that name. */
static bool is_repeated(const struct ir_idl_unit *u, const struct ir_idl_enumerator *e,
                        const struct ir_idl_agg *agg)
{
    const struct ir_idl_sym *sym = u->names[ir_idl_str_hash(e->name) % IR_IDL_N_BUCKETS];
    bool later = true;
    for (; sym; sym = sym->chain) {
        if (sym->enumerator == e) {
            later = false;
        } else if (!later && sym->kind == IR_IDL_SYM_ENUMERATOR &&
                   ir_idl_str_eq(sym->name, e->name) && !ir_idl_str_eq(sym->agg->tag, agg->tag)) {
            return true;
        }
    }
    return false;
}

/* IDL has an enumerator per interface, C one of a name: the others get their enum's tag. */
static void name_enumerators(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        struct ir_idl_enumerator *e = agg->fields.v[i];
        e->c_name = is_repeated(u, e, agg)
                        ? ir_idl_printf(&u->pool, "%s_%.*s", agg->c_tag, IR_IDL_S(e->name))
                        : c_name(u, e->name);
    }
}

static void name_agg(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    if (agg->tag.n == 0) {
        const char *tag = ir_idl_printf(&u->pool, "ironidl_%u", ++u->n_anonymous);
        agg->tag = (struct ir_idl_str){tag, (uint32_t)strlen(tag)};
    }
    agg->c_tag = c_name(u, agg->tag);
    if (agg->kind == IR_IDL_ENUM) {
        name_enumerators(u, agg);
        return;
    }
    name_fields(u, agg);
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        struct ir_idl_field *field = agg->fields.v[i];
        struct ir_idl_agg *inner = inner_body(field);
        if (inner && inner->tag.n == 0) {
            const char *tag = ir_idl_printf(&u->pool, "%.*s_%s", IR_IDL_S(agg->tag), field->c_name);
            inner->tag = (struct ir_idl_str){tag, (uint32_t)strlen(tag)};
        }
    }
}

/* C has one typedef of a name, whatever header it is in. One that an earlier file declares alike is
 * that one; one that differs from all of them gets its file's name in front. */
static void name_typedef(struct ir_idl_unit *u, struct ir_idl_sym *sym, uint32_t depth)
{
    bool differs = false;
    for (struct ir_idl_sym *old = sym->chain; old && !sym->c_name; old = old->chain) {
        bool other = old->kind == IR_IDL_SYM_TYPEDEF && old->file != sym->file &&
                     ir_idl_str_eq(old->name, sym->name);
        bool same = other && ir_idl_same_type(old->type, sym->type, 0);
        differs = differs || (other && !same);
        if (same && depth < IR_IDL_MAX_NESTING) {
            name_typedef(u, old, depth + 1);
            sym->c_name = old->c_name;
        }
    }
    if (sym->c_name) {
        return;
    }
    const char *slash = strrchr(sym->file->path, '/');
    const char *base = slash ? slash + 1 : sym->file->path;
    size_t n = strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    sym->c_name = differs ? ir_idl_printf(&u->pool, "%.*s_%.*s", n > 64 ? 64 : (int)n, base,
                                          IR_IDL_S(sym->name))
                          : ir_idl_dup(&u->pool, sym->name.p, sym->name.n);
}

static void name_func(struct ir_idl_unit *u, struct ir_idl_func *func)
{
    for (uint32_t i = 0; i < func->params.n; i++) {
        struct ir_idl_field *param = func->params.v[i];
        bool as_result = ir_idl_str_is(param->name, "result");
        param->c_name = as_result ? "result_" : c_name(u, param->name);
    }
    func->result->c_name = "result";
}

void ir_idl_name(struct ir_idl_unit *u)
{
    for (uint32_t i = 0; i < u->files.n; i++) {
        const struct ir_idl_file *file = u->files.v[i];
        /* Bodies are listed in the order of their ends: outer ones last, but named first. */
        for (uint32_t k = file->aggs.n; k > 0; k--) {
            name_agg(u, file->aggs.v[k - 1]);
        }
        for (uint32_t k = 0; k < file->syms.n; k++) {
            struct ir_idl_sym *sym = file->syms.v[k];
            if (sym->kind == IR_IDL_SYM_TYPEDEF) {
                name_typedef(u, sym, 0);
            }
        }
        for (uint32_t k = 0; k < file->ifaces.n; k++) {
            const struct ir_idl_iface *iface = file->ifaces.v[k];
            for (uint32_t m = 0; m < iface->funcs.n; m++) {
                name_func(u, iface->funcs.v[m]);
            }
        }
    }
}
