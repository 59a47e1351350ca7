/* What C calls things: tags for bodies that have none, names that collide with C or with ours.
 *
 * Native output puts a parameter next to `binding` or `call`, so IDL names that equal one of
 * these, or a keyword of C or C++, get a trailing underscore. Members without a name (MIDL's
 * extension) are called u, u2 ... and s, s2 ..., because C99 has no anonymous members.
 *
 * A file is named as if it were compiled by itself, and its header included; only when two imported
 * files that do not know each other declare the same, the later one needs other names than its own
 * header has. Such clashes are noted for emit_header.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "idl/compile.h"

struct naming {
    struct ir_idl_unit *u;
    struct ir_idl_file *file;      /* whose names are given */
    struct ir_idl_map tags;        /* what C calls them → the first struct ir_idl_agg */
    struct ir_idl_map enumerators; /* name → struct ir_idl_agg of the first */
};

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

/* A typedef: the names of <stdint.h> and <stddef.h> are taken, too. */
static const char *typedef_name(struct ir_idl_unit *u, struct ir_idl_str name)
{
    static const char *const taken[] = {
        "int16_t", "int32_t",  "int64_t",  "int8_t",   "intptr_t", "ptrdiff_t",
        "size_t",  "uint16_t", "uint32_t", "uint64_t", "uint8_t",  "uintptr_t",
    };
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (ir_idl_str_is(name, taken[i])) {
            return ir_idl_printf(&u->pool, "%s_", taken[i]);
        }
    }
    return c_name(u, name);
}

static void name_fields(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    uint32_t n_anonymous = 0;
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        struct ir_idl_field *field = agg->fields.v[i];
        if (field->name.n == 0 && field->type && !field->bits) {
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

static void name_agg(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    if (agg->tag.n == 0) {
        const char *tag = ir_idl_printf(&u->pool, "ironidl_%u", ++u->n_anonymous);
        agg->tag = (struct ir_idl_str){tag, (uint32_t)strlen(tag)};
    }
    agg->c_tag = c_name(u, agg->tag);
    if (agg->kind == IR_IDL_ENUM) {
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

/* --- files --- */

static void join_sets(struct ir_idl_file_set *to, const struct ir_idl_file_set *from)
{
    for (size_t i = 0; i < IR_IDL_MAX_FILES / 64; i++) {
        to->bits[i] |= from->bits[i];
    }
}

static void add_file(struct ir_idl_file_set *set, const struct ir_idl_file *file)
{
    set->bits[file->order / 64] |= (uint64_t)1 << file->order % 64;
}

static void note_imports(struct ir_idl_file *file, const struct ir_idl_vec *items)
{
    for (uint32_t i = 0; i < items->n; i++) {
        const struct ir_idl_item *item = items->v[i];
        if (item->kind == IR_IDL_ITEM_IMPORT && item->u.file) {
            add_file(&file->imports, item->u.file);
            join_sets(&file->imports, &item->u.file->imports);
            join_sets(&file->clashes, &item->u.file->clashes);
        } else if (item->kind == IR_IDL_ITEM_IFACE) {
            note_imports(file, &item->u.iface->items);
        }
    }
}

/* What clashes with an import of @file but is an import, too, is settled in the header of @file. */
static void settle_clashes(struct ir_idl_file *file)
{
    add_file(&file->imports, file);
    for (size_t i = 0; i < IR_IDL_MAX_FILES / 64; i++) {
        file->clashes.bits[i] &= ~file->imports.bits[i];
    }
}

/* "dtyp_" for what a file declares otherwise than the one before it. */
static const char *with_file(struct ir_idl_unit *u, const struct ir_idl_file *file,
                             const char *name)
{
    const char *slash = strrchr(file->path, '/');
    const char *base = slash ? slash + 1 : file->path;
    char prefix[65];
    size_t n = 0;
    for (; base[n] && base[n] != '.' && n + 1 < sizeof(prefix); n++) {
        prefix[n] = isalnum((unsigned char)base[n]) ? base[n] : '_';
    }
    prefix[n] = '\0';
    return ir_idl_printf(&u->pool, "%s%s_%s", isdigit((unsigned char)prefix[0]) ? "_" : "", prefix,
                         name);
}

static bool is_same_body(struct ir_idl_agg *a, struct ir_idl_agg *b)
{
    struct ir_idl_type type_a = {.kind = a->kind, .agg = a, .name = a->tag};
    struct ir_idl_type type_b = {.kind = b->kind, .agg = b, .name = b->tag};
    return ir_idl_same_type(&type_a, &type_b, true);
}

/* C has one body of a tag. One that an earlier file has alike is that one; another one gets its
 * file's name in front. Within a file the last one counts (emit_header.c). */
static void name_tag(struct naming *names, struct ir_idl_agg *agg)
{
    for (uint32_t i = 0; i < 2; i++) {
        struct ir_idl_str text = {agg->c_tag, (uint32_t)strlen(agg->c_tag)};
        struct ir_idl_key key = {text, &names->tags, NULL};
        void **slot = ir_idl_map_add(&names->u->pool, &names->tags, key);
        struct ir_idl_agg *first = slot ? *slot : agg;
        if (slot && !first) {
            *slot = agg;
        }
        if (!first || first->file == agg->file) {
            return;
        }
        add_file(&names->file->clashes, first->file);
        agg->imported = is_same_body(first, agg);
        if (agg->imported || i > 0) {
            return;
        }
        agg->c_tag = with_file(names->u, agg->file, agg->c_tag);
    }
}

/* IDL has an enumerator per interface, C one of a name: the others get their enum's tag. */
static void name_enumerators(struct naming *names, struct ir_idl_agg *agg)
{
    for (uint32_t i = 0; i < agg->fields.n && agg->kind == IR_IDL_ENUM; i++) {
        struct ir_idl_enumerator *e = agg->fields.v[i];
        struct ir_idl_key key = {e->name, &names->enumerators, NULL};
        void **slot = ir_idl_map_add(&names->u->pool, &names->enumerators, key);
        const struct ir_idl_agg *first = slot && *slot ? *slot : agg;
        if (slot && !*slot) {
            *slot = agg;
        }
        add_file(&names->file->clashes, first->file);
        e->c_name = strcmp(first->c_tag, agg->c_tag) == 0
                        ? c_name(names->u, e->name)
                        : ir_idl_printf(&names->u->pool, "%s_%.*s", agg->c_tag, IR_IDL_S(e->name));
    }
}

/* C has one typedef of a name, whatever header it is in. One that an earlier file declares alike is
 * that one; one that differs from all of them gets its file's name in front. */
static void name_typedef(struct naming *names, struct ir_idl_sym *sym)
{
    struct ir_idl_unit *u = names->u;
    bool differs = false;
    const struct ir_idl_family *f = ir_idl_families(u, sym->name);
    for (; f; f = f->next) {
        const struct ir_idl_sym *other = f->latest;
        if (other->kind != sym->kind || other->file->order >= sym->file->order) {
            continue;
        }
        add_file(&names->file->clashes, other->file);
        if (ir_idl_same_type(other->type, sym->type, true)) {
            sym->c_name = other->c_name;
            sym->imported = true;
            return;
        }
        differs = true;
    }
    const char *name = typedef_name(u, sym->name);
    sym->c_name = differs ? with_file(u, sym->file, name) : name;
}

/* Those that a later one shadows in its file are called as that one: C declares no other. */
static void name_shadowed(struct ir_idl_unit *u, struct ir_idl_sym *sym)
{
    const struct ir_idl_family *f = ir_idl_families(u, sym->name);
    while (f && (f->latest->file != sym->file || f->latest->kind != sym->kind)) {
        f = f->next;
    }
    sym->c_name = f ? f->latest->c_name : ir_idl_dup(&u->pool, sym->name.p, sym->name.n);
    sym->imported = f && f->latest->imported;
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

static void name_symbols(struct naming *names, const struct ir_idl_file *file)
{
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t k = 0; k < file->syms.n; k++) {
            struct ir_idl_sym *sym = file->syms.v[k];
            bool is_typedef = sym->kind == IR_IDL_SYM_TYPEDEF;
            if (is_typedef && !sym->shadowed && pass == 0) {
                name_typedef(names, sym);
            } else if (is_typedef && sym->shadowed && pass == 1) {
                name_shadowed(names->u, sym);
            }
        }
    }
}

static void name_file(struct naming *names, struct ir_idl_file *file)
{
    struct ir_idl_unit *u = names->u;
    names->file = file;
    note_imports(file, &file->items);
    /* Bodies are listed in the order of their ends: outer ones last, but named first. */
    for (uint32_t k = file->aggs.n; k > 0; k--) {
        name_agg(u, file->aggs.v[k - 1]);
    }
    for (uint32_t k = 0; k < file->aggs.n; k++) {
        name_tag(names, file->aggs.v[k]);
        name_enumerators(names, file->aggs.v[k]);
    }
    name_symbols(names, file);
    settle_clashes(file);
    for (uint32_t k = 0; k < file->ifaces.n; k++) {
        struct ir_idl_iface *iface = file->ifaces.v[k];
        iface->c_implicit = iface->implicit.n ? c_name(u, iface->implicit) : NULL;
        for (uint32_t m = 0; m < iface->funcs.n; m++) {
            name_func(u, iface->funcs.v[m]);
        }
    }
}

void ir_idl_name(struct ir_idl_unit *u)
{
    struct naming names = {.u = u};
    for (uint32_t i = 0; i < u->order.n; i++) {
        name_file(&names, u->order.v[i]);
    }
}
