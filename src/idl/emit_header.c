/* X.h: types, constants, client functions, manager vectors, interface declarations.
 *
 * Declarations follow the order of the IDL except where C needs another: a body comes after the
 * bodies that it contains, a typedef before its use. Every body is a tagged definition of its
 * own, so pointers among types need forward declarations only.
 *
 * Invariants: clean as C99 -pedantic and as C++17; includes <ironrpc/stub.h> and the headers of
 * imported files, nothing else. A header of C that holds IDL is said anew, within its guard.
 */
#include <ctype.h>
#include <string.h>

#include "idl/emit.h"

#define MAX_DEPTH 500u

struct header {
    struct ir_idl_unit *u;
    const struct ir_idl_file *file; /* whose declarations are being written */
    struct ir_idl_text *out;
    uint32_t depth;
};

static void need(struct header *h, struct ir_idl_type *type, bool by_value);

/* --- bodies --- */

static void emit_enum(struct header *h, struct ir_idl_agg *agg)
{
    ir_idl_text_printf(h->out, "enum %s {\n", agg->c_tag);
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_enumerator *e = agg->fields.v[i];
        int32_t value = (int32_t)e->value;
        const char *comma = i + 1 < agg->fields.n ? "," : "";
        if (value == INT32_MIN) {
            ir_idl_text_printf(h->out, "    %s = -2147483647 - 1%s\n", e->c_name, comma);
        } else {
            ir_idl_text_printf(h->out, "    %s = %d%s\n", e->c_name, (int)value, comma);
        }
    }
    ir_idl_text_puts(h->out, "};\n\n");
}

/* C++ lets no member have the name of a type that the body uses ("GUID GUID"): then the type
 * behind the name is written. */
static struct ir_idl_type *nameable(struct header *h, const struct ir_idl_agg *agg,
                                    struct ir_idl_type *type, uint32_t depth)
{
    bool wrapper = type->kind == IR_IDL_POINTER || type->kind == IR_IDL_ARRAY;
    bool hidden = type->kind == IR_IDL_NAMED && type->sym && !ir_idl_is_handle_type(type) &&
                  ir_idl_find_field(h->u, &agg->fields, type->name);
    if (hidden) {
        return nameable(h, agg, type->sym->type, depth);
    }
    if (!wrapper || depth > 64) {
        return type;
    }
    struct ir_idl_type *inner = nameable(h, agg, type->of, depth + 1);
    if (inner == type->of) {
        return type;
    }
    struct ir_idl_type *copy = ir_idl_new(&h->u->pool, sizeof(*copy));
    *copy = *type;
    copy->of = inner;
    return copy;
}

static void emit_bits(struct header *h, const struct ir_idl_agg *agg,
                      const struct ir_idl_field *field)
{
    const struct ir_idl_scope scope = {h->u, agg->file, agg->iface, true};
    int64_t width;
    if (field->bits && ir_idl_is_constant(&scope, field->bits, &width)) {
        ir_idl_text_printf(h->out, " : %d", (int)width);
    }
}

static void emit_members(struct header *h, const struct ir_idl_agg *agg, const char *indent)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_field *field = agg->fields.v[i];
        if (!field->type) {
            continue;
        }
        bool direct = ir_idl_attr(&field->attrs, IR_IDL_ATTR_CONTEXT_HANDLE) != NULL;
        ir_idl_text_puts(h->out, indent);
        ir_idl_c_decl(h->u, h->out, nameable(h, agg, field->type, 0), field->c_name,
                      IR_IDL_USE_MEMBER, direct);
        emit_bits(h, agg, field);
        ir_idl_text_puts(h->out, ";\n");
        n++;
    }
    if (n == 0) {
        ir_idl_text_printf(h->out, "%schar unused;\n", indent);
    }
}

static void emit_body(struct header *h, struct ir_idl_agg *agg)
{
    ir_idl_text_printf(h->out, "%s {\n", ir_idl_c_agg(h->u, agg));
    if (agg->encapsulated && agg->disc) {
        ir_idl_text_puts(h->out, "    ");
        ir_idl_c_decl(h->u, h->out, agg->disc->type, agg->disc->c_name, IR_IDL_USE_MEMBER, false);
        ir_idl_text_puts(h->out, ";\n    union {\n");
        emit_members(h, agg, "        ");
        ir_idl_text_printf(h->out, "    } %.*s;\n", IR_IDL_S(agg->arms));
    } else {
        emit_members(h, agg, "    ");
    }
    ir_idl_text_puts(h->out, "};\n\n");
}

/* C has one body of a tag: the one that counts when a file repeats it. */
static struct ir_idl_agg *that_counts(const struct header *h, struct ir_idl_agg *agg)
{
    const struct ir_idl_sym *sym = ir_idl_find(h->u, agg->tag, true, NULL, agg->file);
    bool other = sym && sym->file == agg->file && sym->agg->kind == agg->kind && !agg->is_typedef;
    return other ? sym->agg : agg;
}

static void define_agg(struct header *h, struct ir_idl_agg *agg)
{
    agg = that_counts(h, agg);
    if (agg->file != h->file || agg->imported || agg->emit_state != IR_IDL_NEW ||
        ir_idl_is_runtime_tag(agg)) {
        return;
    }
    agg->emit_state = IR_IDL_BUSY;
    if (agg->kind == IR_IDL_ENUM) {
        emit_enum(h, agg);
        return;
    }
    if (agg->disc) {
        need(h, agg->disc->type, true);
    }
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_field *field = agg->fields.v[i];
        if (field->type) {
            need(h, field->type, true);
        }
    }
    emit_body(h, agg);
}

static void forward_agg(struct header *h, struct ir_idl_agg *agg)
{
    if (agg->file != h->file || agg->imported || agg->emit_state != IR_IDL_NEW ||
        ir_idl_is_runtime_tag(agg)) {
        return;
    }
    if (agg->forwarded) {
        return;
    }
    agg->forwarded = true;
    ir_idl_text_printf(h->out, "%s;\n", ir_idl_c_agg(h->u, agg));
}

/* --- typedefs --- */

static void declare_typedef(struct header *h, struct ir_idl_sym *sym)
{
    if (sym->file != h->file || sym->emit_state != IR_IDL_NEW) {
        return;
    }
    sym->emit_state = IR_IDL_BUSY;
    struct ir_idl_sym *winner = ir_idl_find(h->u, sym->name, false, NULL, sym->file);
    if (sym->shadowed && winner->kind == IR_IDL_SYM_TYPEDEF && winner != sym) {
        declare_typedef(h, winner); /* C has one typedef of a name */
        return;
    }
    if (sym->imported) {
        return;
    }
    const char *name = sym->c_name;
    struct ir_idl_type handle = {.kind = IR_IDL_NAMED, .sym = sym};
    if (ir_idl_is_handle_type(&handle)) {
        ir_idl_text_printf(h->out, "typedef struct irpc_context_handle %s;\n", name);
        return;
    }
    bool announces = sym->type->kind == IR_IDL_STRUCT || sym->type->kind == IR_IDL_UNION;
    if (!announces) {
        need(h, sym->type, false);
    }
    ir_idl_text_puts(h->out, "typedef ");
    ir_idl_c_decl(h->u, h->out, sym->type, name, IR_IDL_USE_MEMBER, false);
    ir_idl_text_puts(h->out, ";\n");
}

/* Makes sure that what a declaration of this type needs stands before it. */
static void need(struct header *h, struct ir_idl_type *type, bool by_value)
{
    if (h->depth >= MAX_DEPTH) {
        return;
    }
    h->depth++;
    for (; type; type = type->of) {
        bool by_pointer = type->kind == IR_IDL_POINTER;
        by_value = by_pointer ? false : by_value || type->kind == IR_IDL_ARRAY;
        for (uint32_t i = 0; type->kind == IR_IDL_FUNC && i < type->params.n; i++) {
            const struct ir_idl_field *param = type->params.v[i];
            need(h, param->type, false);
        }
        if (type->kind == IR_IDL_NAMED) {
            declare_typedef(h, type->sym);
            if (by_value) {
                need(h, type->sym->type, true);
            }
            break;
        }
        bool is_enum = type->kind == IR_IDL_ENUM;
        bool is_body = is_enum || type->kind == IR_IDL_STRUCT || type->kind == IR_IDL_UNION;
        if (is_body && type->agg && (by_value || is_enum)) {
            define_agg(h, type->agg);
        } else if (is_body && type->agg) {
            forward_agg(h, type->agg);
        }
    }
    h->depth--;
}

/* --- constants --- */

static void emit_const(struct header *h, const struct ir_idl_sym *sym)
{
    const struct ir_idl_expr *e = sym->expr;
    ir_idl_text_printf(h->out, "#define %.*s ", IR_IDL_S(sym->name));
    if (e->op == IR_IDL_OP_STRING || e->op == IR_IDL_OP_FLOAT) {
        ir_idl_text_printf(h->out, "%.*s\n", IR_IDL_S(e->text));
    } else if (!ir_idl_is_integral(sym->type)) {
        ir_idl_text_puts(h->out, "0\n");
    } else if (sym->value_unsigned) {
        const char *suffix = (uint64_t)sym->value > UINT32_MAX ? "ull" : "u";
        ir_idl_text_printf(h->out, "%llu%s\n", (unsigned long long)sym->value, suffix);
    } else if (sym->value == INT64_MIN) {
        ir_idl_text_puts(h->out, "(-9223372036854775807ll - 1)\n");
    } else {
        bool wide = sym->value > INT32_MAX || sym->value < INT32_MIN + 1LL;
        ir_idl_text_printf(h->out, "%s%lld%s%s\n", sym->value < 0 ? "(" : "", (long long)sym->value,
                           wide ? "ll" : "", sym->value < 0 ? ")" : "");
    }
}

/* --- operations --- */

static void emit_args(struct header *h, const struct ir_idl_iface *iface,
                      const struct ir_idl_func *func)
{
    uint32_t n = 0;
    ir_idl_text_printf(h->out, "struct %.*s_%.*s_args {\n", IR_IDL_S(iface->name),
                       IR_IDL_S(func->name));
    for (uint32_t i = func->has_handle ? 1 : 0; i < func->params.n; i++) {
        ir_idl_text_puts(h->out, "    ");
        ir_idl_c_param(h->u, h->out, func->params.v[i]);
        ir_idl_text_puts(h->out, ";\n");
        n++;
    }
    if (ir_idl_has_result(func)) {
        ir_idl_text_puts(h->out, "    ");
        ir_idl_c_param(h->u, h->out, func->result);
        ir_idl_text_puts(h->out, ";\n");
        n++;
    }
    ir_idl_text_puts(h->out, n ? "};\n\n" : "    char unused;\n};\n\n");
}

static void emit_uuid_comment(struct header *h, const struct ir_idl_iface *iface)
{
    const uint8_t *b = iface->uuid;
    ir_idl_text_printf(h->out,
                       "/* interface %.*s, %02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                       "%02x%02x%02x%02x%02x%02x version %u.%u */\n\n",
                       IR_IDL_S(iface->name), b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
                       b[9], b[10], b[11], b[12], b[13], b[14], b[15], iface->major, iface->minor);
}

static void emit_pickles(struct header *h, const struct ir_idl_iface *iface)
{
    for (uint32_t i = 0; i < iface->items.n; i++) {
        const struct ir_idl_sym *sym = ir_idl_pickled(iface->items.v[i]);
        if (sym) {
            ir_idl_text_printf(h->out,
                               "IRPC_CHECKED %.*s_%.*s_encode(struct irpc_pickle *pickle, "
                               "const %.*s *value);\n",
                               IR_IDL_S(iface->name), IR_IDL_S(sym->name), IR_IDL_S(sym->name));
            ir_idl_text_printf(h->out,
                               "IRPC_CHECKED %.*s_%.*s_decode(struct irpc_pickle *pickle, "
                               "%.*s **ret_value);\n",
                               IR_IDL_S(iface->name), IR_IDL_S(sym->name), IR_IDL_S(sym->name));
        }
    }
}

static void emit_implicit(struct header *h, const struct ir_idl_iface *iface)
{
    if (iface->c_implicit) {
        ir_idl_text_printf(h->out,
                           "/* The binding of all functions that take none; set it before. */\n"
                           "extern struct irpc_binding *%s;\n\n",
                           iface->c_implicit);
    }
}

static void emit_interface(struct header *h, const struct ir_idl_iface *iface)
{
    uint32_t n = 0;
    emit_uuid_comment(h, iface);
    ir_idl_text_printf(h->out, "extern const struct irpc_interface %s;\n",
                       ir_idl_c_interface(h->u, iface));
    ir_idl_text_printf(h->out, "extern const struct irpc_server_stub %s;\n\n",
                       ir_idl_c_server(h->u, iface));
    emit_implicit(h, iface);
    ir_idl_text_puts(h->out, "/* Client: each calls the operation over a binding. */\n");
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        const struct ir_idl_func *func = iface->funcs.v[i];
        if (ir_idl_is_op(func)) {
            ir_idl_text_printf(h->out, "IRPC_CHECKED %s", ir_idl_c_function(h->u, func));
            ir_idl_emit_client_params(h->u, h->out, func);
            ir_idl_text_puts(h->out, ";\n");
        }
    }
    emit_pickles(h, iface);
    ir_idl_text_printf(h->out,
                       "\n/* Server: the functions that do the work, in the order of the "
                       "operations. NULL: not offered. */\nstruct %.*s_manager {\n",
                       IR_IDL_S(iface->name));
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        const struct ir_idl_func *func = iface->funcs.v[i];
        if (ir_idl_is_op(func)) {
            ir_idl_text_printf(h->out, "    enum irpc_status (*%.*s)", IR_IDL_S(func->name));
            ir_idl_emit_params(h->u, h->out, func, "struct irpc_call *call");
            ir_idl_text_puts(h->out, ";\n");
            n++;
        }
    }
    ir_idl_text_puts(h->out, n ? "" : "    char unused;\n");
    ir_idl_text_puts(h->out, "};\n\n/* Parameters as stubs pass them to the runtime. */\n");
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        if (ir_idl_is_op(iface->funcs.v[i])) {
            emit_args(h, iface, iface->funcs.v[i]);
        }
    }
}

/* --- items --- */

static void emit_func_needs(struct header *h, const struct ir_idl_func *func)
{
    need(h, func->result->type, true);
    for (uint32_t i = 0; i < func->params.n; i++) {
        struct ir_idl_field *param = func->params.v[i];
        need(h, param->type, true);
    }
}

static void emit_item(struct header *h, const struct ir_idl_item *item, bool remote)
{
    switch (item->kind) {
    case IR_IDL_ITEM_CPP_QUOTE:
        if (!item->dropped) {
            ir_idl_text_printf(h->out, "%s\n", item->u.text);
        }
        break;
    case IR_IDL_ITEM_CONST:
        if (!item->u.sym->shadowed) {
            emit_const(h, item->u.sym);
        }
        break;
    case IR_IDL_ITEM_TYPEDEF:
        if (!item->u.sym->shadowed) {
            declare_typedef(h, item->u.sym);
            need(h, item->u.sym->type, true);
        }
        break;
    case IR_IDL_ITEM_AGG:
        define_agg(h, item->u.agg);
        break;
    case IR_IDL_ITEM_FUNC:
        if (remote && ir_idl_is_op(item->u.func)) {
            emit_func_needs(h, item->u.func);
        }
        break;
    case IR_IDL_ITEM_IMPORT:
    case IR_IDL_ITEM_IFACE:
    default:
        break;
    }
}

static void emit_items(struct header *h, const struct ir_idl_vec *items)
{
    for (uint32_t i = 0; i < items->n; i++) {
        const struct ir_idl_item *item = items->v[i];
        emit_item(h, item, false);
        if (item->kind != IR_IDL_ITEM_IFACE) {
            continue;
        }
        const struct ir_idl_iface *iface = item->u.iface;
        bool remote = ir_idl_is_remote(h->u, iface);
        for (uint32_t k = 0; k < iface->items.n; k++) {
            emit_item(h, iface->items.v[k], remote);
        }
        if (remote) {
            ir_idl_text_puts(h->out, "\n");
            emit_interface(h, iface);
        }
    }
}

/* --- files --- */

static const char *guard(struct ir_idl_unit *u, const char *base)
{
    size_t n = strlen(base);
    char *text = ir_idl_array(&u->pool, n + 1, 1);
    for (size_t i = 0; i < n && text; i++) {
        unsigned char ch = (unsigned char)base[i];
        text[i] = isalnum(ch) ? (char)toupper(ch) : '_';
    }
    return text ? text : "X";
}

/* "dir/hello.idl" → "hello" */
static const char *base_of(struct ir_idl_unit *u, const struct ir_idl_file *file)
{
    const char *dot = strrchr(file->name, '.');
    size_t len = dot && dot != file->name ? (size_t)(dot - file->name) : strlen(file->name);
    return ir_idl_dup(&u->pool, file->name, len);
}

static bool is_known_in_idl(const struct ir_idl_type *type)
{
    for (; type; type = type->of) {
        if (type->kind == IR_IDL_FOREIGN) {
            return false;
        }
    }
    return true;
}

static bool has_clashes(const struct ir_idl_file *file)
{
    uint64_t any = 0;
    for (size_t i = 0; i < IR_IDL_MAX_FILES / 64; i++) {
        any |= file->clashes.bits[i];
    }
    return any != 0;
}

/* Whether the declarations of an imported file stand here, because its header would not do. A
 * header of C: it holds IDL, or types that have another size here (long), and nothing that only C
 * knows. Any file: another import declares the same. */
static bool is_said_anew(const struct ir_idl_file *file)
{
    bool anew = (ir_idl_is_c_header(file) && file->is_idl) || has_clashes(file);
    for (uint32_t i = 0; i < file->syms.n && anew; i++) {
        const struct ir_idl_sym *sym = file->syms.v[i];
        anew = is_known_in_idl(sym->type);
    }
    for (uint32_t i = 0; i < file->aggs.n && anew; i++) {
        const struct ir_idl_agg *agg = file->aggs.v[i];
        for (uint32_t k = 0; agg->kind != IR_IDL_ENUM && k < agg->fields.n && anew; k++) {
            const struct ir_idl_field *field = agg->fields.v[k];
            anew = is_known_in_idl(field->type);
        }
    }
    return anew;
}

static void emit_imports(struct header *h, const struct ir_idl_file *file);

static void emit_declarations(struct header *h, const struct ir_idl_file *file)
{
    const struct ir_idl_file *outer = h->file;
    h->file = file;
    for (uint32_t i = 0; i < file->aggs.n; i++) {
        struct ir_idl_agg *agg = file->aggs.v[i];
        agg->emit_state = IR_IDL_NEW;
        agg->forwarded = false;
    }
    for (uint32_t i = 0; i < file->syms.n; i++) {
        struct ir_idl_sym *sym = file->syms.v[i];
        sym->emit_state = IR_IDL_NEW;
    }
    emit_items(h, &file->items);
    for (uint32_t i = 0; i < file->aggs.n; i++) { /* bodies that only pointers refer to */
        define_agg(h, file->aggs.v[i]);
    }
    for (uint32_t i = 0; i < file->n_open_quotes; i++) {
        ir_idl_text_puts(h->out, "#endif\n");
    }
    h->file = outer;
}

static void emit_import(struct header *h, struct ir_idl_file *file)
{
    const char *base = base_of(h->u, file);
    if (file->is_written) {
        return;
    }
    file->is_written = true;
    if (!is_said_anew(file) || h->depth >= MAX_DEPTH) {
        ir_idl_text_printf(h->out, "#include \"%s.h\"\n", base);
        return;
    }
    const char *name = guard(h->u, base);
    h->depth++;
    emit_imports(h, file);
    h->depth--;
    ir_idl_text_printf(h->out,
                       "\n/* The declarations of %s.h, which has them otherwise. */\n"
                       "#ifndef IRONIDL_%s_H\n#define IRONIDL_%s_H\n",
                       base, name, name);
    emit_declarations(h, file);
    ir_idl_text_puts(h->out, "#endif\n");
}

static void emit_imports(struct header *h, const struct ir_idl_file *file)
{
    for (uint32_t i = 0; i < file->items.n; i++) {
        const struct ir_idl_item *item = file->items.v[i];
        if (item->kind == IR_IDL_ITEM_IMPORT && item->u.file) {
            emit_import(h, item->u.file);
        }
        const struct ir_idl_iface *iface = item->kind == IR_IDL_ITEM_IFACE ? item->u.iface : NULL;
        for (uint32_t k = 0; iface && k < iface->items.n; k++) {
            const struct ir_idl_item *inner = iface->items.v[k];
            if (inner->kind == IR_IDL_ITEM_IMPORT && inner->u.file) {
                emit_import(h, inner->u.file);
            }
        }
    }
}

void ir_idl_emit_header(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out)
{
    struct header h = {.u = u, .out = out};
    const char *name = guard(u, header);
    for (uint32_t i = 0; i < u->files.n; i++) {
        struct ir_idl_file *file = u->files.v[i];
        file->is_written = false;
    }
    u->root->is_written = true;
    ir_idl_emit_banner(u, out, "Types, client and server");
    ir_idl_text_printf(out, "#ifndef IRONIDL_%s\n#define IRONIDL_%s\n\n", name, name);
    bool pickles = false;
    for (uint32_t i = 0; i < u->tables.n; i++) {
        const struct ir_idl_tables *t = u->tables.v[i];
        pickles = pickles || t->unit.n_pickles > 0;
    }
    ir_idl_text_printf(out, "#include <ironrpc/%s.h>\n", pickles ? "pickle" : "stub");
    emit_imports(&h, u->root);
    ir_idl_text_printf(out,
                       "\n#if IRPC_CONTRACT != %uu\n#error \"this file was made for another "
                       "version of ironrpc: run ironidl again\"\n#endif\n\n",
                       IRPC_CONTRACT);
    ir_idl_text_puts(out, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    emit_declarations(&h, u->root);
    ir_idl_text_puts(out, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
}
