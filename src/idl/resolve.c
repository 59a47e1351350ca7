/* Gives every name its meaning, in two passes, so that the order of declarations is free.
 *
 * Pass 1 binds type names, tags and the names inside attribute expressions (a sibling field or
 * parameter first, then a constant). Pass 2 evaluates: array bounds, constants, enumerators,
 * interface attributes, opnums. Circular typedefs are cut between the passes. A name without a
 * meaning is reported where it stands and becomes `long`, so that it is reported once.
 *
 * Invariant after this stage: every NAMED type leads to a declared typedef through a chain that
 * ends; every INTERFACE type has its symbol.
 *
 * Source: MIDL 2.0 scoping; [C706] 6.1.1 for interface attributes.
 */
#include <stdlib.h>
#include <string.h>

#include "idl/compile.h"

#define MAX_TYPE_CHAIN 200u

static void bind_type(const struct ir_idl_scope *s, struct ir_idl_type *type);

/* --- pass 1: names --- */

/* Parameters must be found. Bodies need not be transmitted, so for them layout.c insists later. */
static void bind_expr(const struct ir_idl_scope *s, const struct ir_idl_vec *siblings,
                      struct ir_idl_expr *e)
{
    if (!e) {
        return;
    }
    if (e->op == IR_IDL_OP_NAME) {
        e->field = ir_idl_find_field(s->unit, siblings, e->text);
        if (!e->field && siblings && !ir_idl_find(s->unit, e->text, false, s->iface, s->file)) {
            void (*say)(struct ir_idl_unit *, struct ir_idl_pos, const char *, ...) =
                s->in_body && !s->unit->options.strict ? ir_idl_warn : ir_idl_error;
            say(s->unit, e->pos, "'%.*s' is neither declared beside this nor a constant",
                IR_IDL_S(e->text));
        }
    }
    if (e->type) {
        bind_type(s, e->type);
    }
    bind_expr(s, siblings, e->a);
    bind_expr(s, siblings, e->b);
    bind_expr(s, siblings, e->c);
}

/* represent_as(X), user_marshal(X): X need not be declared in IDL. */
static bool is_c_type(const struct ir_idl_scope *s, const struct ir_idl_attr *attr)
{
    bool presented = attr->id == IR_IDL_ATTR_REPRESENT_AS || attr->id == IR_IDL_ATTR_USER_MARSHAL;
    return presented && attr->type->kind == IR_IDL_NAMED &&
           !ir_idl_find(s->unit, attr->type->name, false, s->iface, s->file);
}

static void bind_attrs(const struct ir_idl_scope *s, const struct ir_idl_vec *siblings,
                       const struct ir_idl_attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->v.n; i++) {
        struct ir_idl_attr *attr = attrs->v.v[i];
        bool constant = attr->id == IR_IDL_ATTR_CASE || attr->id == IR_IDL_ATTR_RANGE;
        for (uint32_t k = 0; k < attr->exprs.n; k++) {
            bind_expr(s, constant ? NULL : siblings, attr->exprs.v[k]);
        }
        if (attr->type && is_c_type(s, attr)) {
            attr->type->kind = IR_IDL_FOREIGN;
        } else if (attr->type) {
            bind_type(s, attr->type);
        }
    }
}

static void bind_fields(const struct ir_idl_scope *s, const struct ir_idl_vec *fields,
                        const struct ir_idl_vec *siblings)
{
    for (uint32_t i = 0; i < fields->n; i++) {
        struct ir_idl_field *field = fields->v[i];
        if (field->type) {
            bind_type(s, field->type);
        }
        bind_attrs(s, siblings, &field->attrs);
    }
}

/* What IDL calls a type that C programmers write; NULL if that is not known. */
static const char *idl_name(struct ir_idl_str name)
{
    static const char *const names[][2] = {
        {"bool", "boolean"},
        {"int8_t", "small"},
        {"uint8_t", "byte"},
        {"int16_t", "short"},
        {"uint16_t", "unsigned short"},
        {"int32_t", "long"},
        {"uint32_t", "unsigned long"},
        {"int64_t", "hyper"},
        {"uint64_t", "unsigned hyper"},
        {"size_t", "unsigned __int3264"},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(names); i++) {
        if (ir_idl_str_is(name, names[i][0])) {
            return names[i][1];
        }
    }
    return NULL;
}

static void unknown_type(const struct ir_idl_scope *s, struct ir_idl_type *type)
{
    const char *known = idl_name(type->name);

    struct ir_idl_sym *tag = ir_idl_find(s->unit, type->name, true, s->iface, s->file);
    if (tag) {
        const char *words[] = {
            [IR_IDL_ENUM] = "enum", [IR_IDL_STRUCT] = "struct", [IR_IDL_UNION] = "union"};
        ir_idl_error(s->unit, type->pos, "'%.*s' is a tag, not a type; write '%s %.*s'",
                     IR_IDL_S(type->name), words[tag->agg->kind], IR_IDL_S(type->name));
    } else if (ir_idl_is_c_header(type->pos.file) && !s->unit->options.strict) {
        ir_idl_warn(s->unit, type->pos, "unknown type '%.*s' in a C header", IR_IDL_S(type->name));
        type->kind = IR_IDL_FOREIGN;
        return;
    } else if (known) {
        ir_idl_error(s->unit, type->pos, "unknown type '%.*s'; IDL has '%s'", IR_IDL_S(type->name),
                     known);
    } else {
        ir_idl_error(s->unit, type->pos,
                     "unknown type '%.*s'; declare it or import the file "
                     "that does",
                     IR_IDL_S(type->name));
    }
    type->kind = IR_IDL_BASE;
    type->base = IR_IDL_I32;
}

static void bind_named(const struct ir_idl_scope *s, struct ir_idl_type *type)
{
    struct ir_idl_sym *sym = ir_idl_find(s->unit, type->name, false, s->iface, s->file);
    if (!sym && ir_idl_import_nbase(s->unit, type->name)) {
        sym = ir_idl_find(s->unit, type->name, false, s->iface, s->file);
    }
    if (sym && sym->kind == IR_IDL_SYM_INTERFACE) {
        type->kind = IR_IDL_INTERFACE;
    } else if (!sym || sym->kind != IR_IDL_SYM_TYPEDEF || type->kind == IR_IDL_INTERFACE) {
        bool com = type->kind == IR_IDL_INTERFACE; /* "interface IFoo *" needs no declaration */
        if (!com) {
            unknown_type(s, type);
        }
        return;
    }
    type->sym = sym;
}

static void bind_tag(const struct ir_idl_scope *s, struct ir_idl_type *type)
{
    if (type->agg || type->name.n == 0) {
        return;
    }
    struct ir_idl_sym *sym = ir_idl_find(s->unit, type->name, true, s->iface, s->file);
    if (sym && sym->agg->kind != type->kind) {
        ir_idl_error(s->unit, type->pos, "'%.*s' is declared as another kind of type",
                     IR_IDL_S(type->name));
    } else if (sym) {
        type->agg = sym->agg;
    }
}

static void bind_type(const struct ir_idl_scope *s, struct ir_idl_type *type)
{
    for (; type; type = type->of) {
        switch (type->kind) {
        case IR_IDL_NAMED:
        case IR_IDL_INTERFACE:
            bind_named(s, type);
            return;
        case IR_IDL_ENUM:
        case IR_IDL_STRUCT:
        case IR_IDL_UNION:
            bind_tag(s, type);
            return;
        case IR_IDL_ARRAY:
            type->scope = s;
            bind_expr(s, NULL, type->bound);
            bind_expr(s, NULL, type->lower);
            break;
        case IR_IDL_FUNC:
            bind_fields(s, &type->params, &type->params);
            break;
        case IR_IDL_BASE:
        case IR_IDL_POINTER:
        case IR_IDL_PIPE:
        case IR_IDL_SAFEARRAY:
        case IR_IDL_FOREIGN:
        default:
            break;
        }
    }
}

/* Scopes live as long as the unit, because arrays point to them. */
static struct ir_idl_scope *new_scope(struct ir_idl_unit *u, const struct ir_idl_file *file,
                                      const struct ir_idl_iface *iface)
{
    struct ir_idl_scope *s = ir_idl_new(&u->pool, sizeof(*s));
    *s = (struct ir_idl_scope){u, file, iface, false};
    return s;
}

static void bind_agg(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    struct ir_idl_scope *s = new_scope(u, agg->file, agg->iface);
    s->in_body = true;
    bind_attrs(s, NULL, &agg->attrs);
    if (agg->kind == IR_IDL_ENUM) {
        for (uint32_t i = 0; i < agg->fields.n; i++) {
            struct ir_idl_enumerator *e = agg->fields.v[i];
            bind_expr(s, NULL, e->expr);
        }
        return;
    }
    if (agg->disc) {
        bind_type(s, agg->disc->type);
    }
    bind_fields(s, &agg->fields, &agg->fields);
    struct ir_idl_attr *attr = ir_idl_attr(&agg->attrs, IR_IDL_ATTR_SWITCH_TYPE);
    agg->switch_type = attr ? attr->type : NULL;
}

/* Only interfaces of COM derive from others. */
static bool is_com(const struct ir_idl_iface *iface)
{
    return iface->base.n > 0 || ir_idl_attr(&iface->attrs, IR_IDL_ATTR_OBJECT) ||
           ir_idl_attr(&iface->attrs, IR_IDL_ATTR_ODL) ||
           ir_idl_attr(&iface->attrs, IR_IDL_ATTR_DUAL);
}

static void bind_file(struct ir_idl_unit *u, struct ir_idl_file *file)
{
    for (uint32_t i = 0; i < file->syms.n; i++) {
        struct ir_idl_sym *sym = file->syms.v[i];
        const struct ir_idl_scope *s = new_scope(u, sym->file, sym->iface);
        if (sym->type) {
            bind_type(s, sym->type);
        }
        bind_expr(s, NULL, sym->expr);
        bind_attrs(s, NULL, &sym->attrs);
    }
    for (uint32_t i = 0; i < file->aggs.n; i++) {
        bind_agg(u, file->aggs.v[i]);
    }
    for (uint32_t i = 0; i < file->ifaces.n; i++) {
        struct ir_idl_iface *iface = file->ifaces.v[i];
        struct ir_idl_scope *s = new_scope(u, file, iface);
        s->in_body = is_com(iface);
        bind_attrs(s, NULL, &iface->attrs);
        for (uint32_t k = 0; k < iface->funcs.n; k++) {
            struct ir_idl_func *func = iface->funcs.v[k];
            bind_type(s, func->result->type);
            bind_fields(s, &func->params, &func->params);
            bind_attrs(s, &func->params, &func->attrs);
        }
    }
}

/* transmit_as(X), wire_marshal(X): X travels, and X is what our C has (<ironrpc/stub.h>). */
static void put_wire_types(struct ir_idl_unit *u, const struct ir_idl_file *file)
{
    for (uint32_t i = 0; i < file->syms.n; i++) {
        struct ir_idl_sym *sym = file->syms.v[i];
        struct ir_idl_attr *attr = ir_idl_attr(&sym->attrs, IR_IDL_ATTR_TRANSMIT_AS);
        attr = attr ? attr : ir_idl_attr(&sym->attrs, IR_IDL_ATTR_WIRE_MARSHAL);
        if (sym->kind != IR_IDL_SYM_TYPEDEF || !attr || !attr->type || !ir_idl_ok(u)) {
            continue;
        }
        sym->type = attr->type;
    }
}

/* --- circular typedefs --- */

/* Whether following names, pointers and arrays from sym ends within MAX_TYPE_CHAIN steps. */
static bool chain_ends(const struct ir_idl_sym *sym)
{
    const struct ir_idl_type *type = sym->type;
    for (uint32_t i = 0; i < MAX_TYPE_CHAIN; i++) {
        if (type->kind == IR_IDL_NAMED) {
            type = type->sym ? type->sym->type : NULL;
        } else {
            type = type->of;
        }
        if (!type) {
            return true;
        }
    }
    return false;
}

static void cut_circles(struct ir_idl_unit *u, const struct ir_idl_file *file)
{
    for (uint32_t i = 0; i < file->syms.n; i++) {
        struct ir_idl_sym *sym = file->syms.v[i];
        if (sym->kind != IR_IDL_SYM_TYPEDEF || chain_ends(sym)) {
            continue;
        }
        ir_idl_error(u, sym->pos,
                     "'%.*s' is defined by itself, or by more than %u levels of "
                     "types",
                     IR_IDL_S(sym->name), MAX_TYPE_CHAIN);
        sym->type = ir_idl_new(&u->pool, sizeof(*sym->type));
        sym->type->kind = IR_IDL_BASE;
        sym->type->base = IR_IDL_I32;
        sym->type->pos = sym->pos;
    }
}

/* --- pass 2: values --- */

static void count_arrays(struct ir_idl_unit *u, struct ir_idl_type *type)
{
    for (uint32_t i = 0; type && i < MAX_TYPE_CHAIN; i++, type = type->of) {
        if (type->kind == IR_IDL_ARRAY) {
            ir_idl_count(u, type);
        }
        if (type->kind == IR_IDL_NAMED || type->kind == IR_IDL_STRUCT) {
            return;
        }
    }
}

static void count_fields(struct ir_idl_unit *u, const struct ir_idl_vec *fields)
{
    for (uint32_t i = 0; i < fields->n; i++) {
        struct ir_idl_field *field = fields->v[i];
        count_arrays(u, field->type);
    }
}

static bool is_open_array_of_pointers(const struct ir_idl_field *field)
{
    const struct ir_idl_type *type = field->type;
    return type && type->kind == IR_IDL_ARRAY && type->conformant &&
           ir_idl_strip(type->of)->kind == IR_IDL_POINTER && !ir_idl_is_handle_type(type->of);
}

/* Published IDL writes "[size_is(n)] T *x[];" in the middle of a struct where a pointer to n
 * elements is meant and sent (dnsp, lsad), and "[in] T *x[]" for a T *x (fax). */
static void read_as_pointer(struct ir_idl_unit *u, struct ir_idl_field *field, const char *why)
{
    if (!u->options.strict && is_open_array_of_pointers(field)) {
        ir_idl_warn(u, field->pos, "'%.*s' %s, so it is read as a pointer without []",
                    IR_IDL_S(field->name), why);
        field->type = field->type->of;
    }
}

static void eval_symbol(struct ir_idl_unit *u, struct ir_idl_sym *sym)
{
    int64_t value;
    if (sym->kind == IR_IDL_SYM_TYPEDEF) {
        count_arrays(u, sym->type);
    }
    if (sym->kind == IR_IDL_SYM_CONST && ir_idl_is_integral(sym->type)) {
        (void)ir_idl_sym_value(u, sym, &value);
    }
}

static void eval_agg(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    struct ir_idl_scope s = {u, agg->file, agg->iface, true};
    for (uint32_t i = 0; agg->kind == IR_IDL_STRUCT && i + 1 < agg->fields.n; i++) {
        read_as_pointer(u, agg->fields.v[i], "is not the last member");
    }
    if (agg->kind != IR_IDL_ENUM) {
        count_fields(u, &agg->fields);
        return;
    }
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        int64_t value;
        (void)ir_idl_enumerator_value(&s, agg->fields.v[i], &value);
    }
}

static int hex_digit(char ch)
{
    const char digits[] = "0123456789abcdef";
    const char *at = ch ? strchr(digits, ch | ((ch >= 'A' && ch <= 'F') ? 0x20 : 0)) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool parse_uuid(struct ir_idl_str s, uint8_t uuid[16])
{
    uint32_t n = 0;
    uint8_t bytes[16] = {0};
    if (s.n != 36) {
        return false;
    }
    for (uint32_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        int digit = hex_digit(s.p[i]);
        if (dash ? s.p[i] != '-' : digit < 0) {
            return false;
        }
        if (!dash) {
            bytes[n / 2] = (uint8_t)(bytes[n / 2] << 4 | digit);
            n++;
        }
    }
    memcpy(uuid, bytes, sizeof(bytes));
    return true;
}

static void read_uuid(struct ir_idl_unit *u, struct ir_idl_iface *iface)
{
    struct ir_idl_attr *attr = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_UUID);
    if (!attr) {
        return;
    }
    iface->has_uuid = parse_uuid(attr->text, iface->uuid);
    if (!iface->has_uuid) {
        ir_idl_error(u, attr->pos,
                     "'%.*s' is not a UUID; write "
                     "uuid(12345678-1234-1234-1234-123456789abc)",
                     IR_IDL_S(attr->text));
        iface->has_uuid = true;
    }
}

static void read_version(struct ir_idl_unit *u, struct ir_idl_iface *iface)
{
    struct ir_idl_attr *attr = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_VERSION);
    if (!attr) {
        return;
    }
    char *end = NULL;
    unsigned long major = strtoul(attr->text.p, &end, 10);
    unsigned long minor = 0;
    bool ok = end != attr->text.p && attr->text.n > 0;
    if (ok && *end == '.') {
        const char *start = end + 1;
        minor = strtoul(start, &end, 10);
        ok = end != start;
    }
    if (!ok || *end || major > UINT16_MAX || minor > UINT16_MAX) {
        ir_idl_error(u, attr->pos,
                     "'%.*s' is not a version; write version(1.0), both parts below "
                     "65536",
                     IR_IDL_S(attr->text));
        return;
    }
    iface->major = (uint16_t)major;
    iface->minor = (uint16_t)minor;
}

static void read_pointer_default(struct ir_idl_unit *u, struct ir_idl_iface *iface)
{
    struct ir_idl_attr *attr = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_POINTER_DEFAULT);
    iface->pointer_default = IR_IDL_ATTR_UNIQUE;
    iface->has_pointer_default = attr != NULL;
    if (!attr || ir_idl_str_is(attr->text, "unique")) {
        return;
    }
    if (ir_idl_str_is(attr->text, "ref")) {
        iface->pointer_default = IR_IDL_ATTR_REF;
    } else if (ir_idl_str_is(attr->text, "ptr")) {
        iface->pointer_default = IR_IDL_ATTR_PTR;
    } else {
        ir_idl_error(u, attr->pos, "pointer_default takes ref, unique or ptr");
    }
}

static bool has_size(const struct ir_idl_field *field)
{
    return ir_idl_field_attr(field, IR_IDL_ATTR_SIZE_IS) ||
           ir_idl_field_attr(field, IR_IDL_ATTR_MAX_IS) ||
           ir_idl_field_attr(field, IR_IDL_ATTR_STRING);
}

/* The first handle_t is the binding, wherever it stands: in front, as in what C calls. */
static void handle_first(struct ir_idl_func *func)
{
    void **params = func->params.v;
    uint32_t at = 0;
    while (at < func->params.n &&
           !ir_idl_is_base(((struct ir_idl_field *)params[at])->type, IR_IDL_HANDLE_T)) {
        at++;
    }
    func->has_handle = at < func->params.n;
    for (; func->has_handle && at > 0; at--) {
        void *handle = params[at];
        params[at] = params[at - 1];
        params[at - 1] = handle;
    }
}

static void finish_func(struct ir_idl_unit *u, struct ir_idl_func *func)
{
    handle_first(func);
    for (uint32_t i = 0; i < func->params.n; i++) {
        struct ir_idl_field *param = func->params.v[i];
        if (is_open_array_of_pointers(param) && !has_size(param)) {
            read_as_pointer(u, param, "has no size");
        }
    }
    count_fields(u, &func->params);
    for (uint32_t i = 0; i < func->params.n; i++) {
        struct ir_idl_field *param = func->params.v[i];
        param->is_out = ir_idl_attr(&param->attrs, IR_IDL_ATTR_OUT) != NULL;
        param->is_in = ir_idl_attr(&param->attrs, IR_IDL_ATTR_IN) != NULL || !param->is_out;
        if (param->name.n == 0) {
            param->name.p = ir_idl_printf(&u->pool, "arg%u", i + 1);
            param->name.n = (uint32_t)strlen(param->name.p);
        }
    }
}

/* An operation with [call_as(f)] is what travels for the local f, so it has f's number. */
static void pair_call_as(struct ir_idl_unit *u, struct ir_idl_map *locals, struct ir_idl_func *func)
{
    const struct ir_idl_attr *attr = ir_idl_attr(&func->attrs, IR_IDL_ATTR_CALL_AS);
    if (!attr) {
        return;
    }
    struct ir_idl_key key = {attr->text, NULL, NULL};
    struct ir_idl_func *local = ir_idl_map_get(locals, key);
    if (!local) {
        ir_idl_error(u, attr->pos, "no [local] operation is called '%.*s'", IR_IDL_S(attr->text));
    } else if (local->sent_as) {
        ir_idl_error(u, attr->pos, "'%.*s' has another [call_as] already", IR_IDL_S(attr->text));
    } else if (ir_idl_attr(&func->attrs, IR_IDL_ATTR_LOCAL)) {
        ir_idl_error(u, attr->pos, "[call_as] is for what travels, and [local] does not");
    } else {
        local->sent_as = func;
        func->is_call_as = true;
    }
}

static void order_funcs(struct ir_idl_unit *u, struct ir_idl_iface *iface)
{
    struct ir_idl_map locals = {0};
    struct ir_idl_vec ordered = {0};
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        struct ir_idl_func *func = iface->funcs.v[i];
        struct ir_idl_key key = {func->name, NULL, NULL};
        bool local = ir_idl_attr(&func->attrs, IR_IDL_ATTR_LOCAL) != NULL;
        void **slot = local ? ir_idl_map_add(&u->pool, &locals, key) : NULL;
        if (slot) {
            *slot = func;
        }
    }
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        pair_call_as(u, &locals, iface->funcs.v[i]);
    }
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        struct ir_idl_func *func = iface->funcs.v[i];
        if (!func->is_call_as) {
            ir_idl_push(&u->pool, &ordered, func->sent_as ? func->sent_as : func);
        }
    }
    iface->funcs = ordered;
}

static void finish_iface(struct ir_idl_unit *u, struct ir_idl_iface *iface)
{
    uint32_t opnum = 0;
    const struct ir_idl_attr *implicit = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_IMPLICIT_HANDLE);
    iface->implicit = implicit ? implicit->text : iface->implicit;
    read_uuid(u, iface);
    read_version(u, iface);
    read_pointer_default(u, iface);
    iface->is_object = is_com(iface);
    iface->is_local = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_LOCAL) != NULL;
    if (!iface->is_object && !iface->is_local) {
        order_funcs(u, iface);
    }
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        struct ir_idl_func *func = iface->funcs.v[i];
        finish_func(u, func);
        bool callback = ir_idl_attr(&func->attrs, IR_IDL_ATTR_CALLBACK) != NULL;
        func->opnum = callback ? UINT32_MAX : opnum++;
    }
}

void ir_idl_resolve(struct ir_idl_unit *u)
{
    for (uint32_t i = 0; i < u->files.n && ir_idl_ok(u); i++) {
        struct ir_idl_file *file = u->files.v[i];
        bind_file(u, file);
    }
    for (uint32_t i = 0; i < u->files.n && ir_idl_ok(u); i++) {
        put_wire_types(u, u->files.v[i]);
    }
    for (uint32_t i = 0; i < u->files.n && ir_idl_ok(u); i++) {
        struct ir_idl_file *file = u->files.v[i];
        cut_circles(u, file);
    }
    for (uint32_t i = 0; i < u->files.n && ir_idl_ok(u); i++) {
        struct ir_idl_file *file = u->files.v[i];
        for (uint32_t k = 0; k < file->syms.n; k++) {
            eval_symbol(u, file->syms.v[k]);
        }
        for (uint32_t k = 0; k < file->aggs.n; k++) {
            eval_agg(u, file->aggs.v[k]);
        }
        for (uint32_t k = 0; k < file->ifaces.n; k++) {
            finish_iface(u, file->ifaces.v[k]);
        }
    }
}
