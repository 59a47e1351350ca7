/* ACF files: attributes that a program adds to an interface beside its IDL.
 *
 * An ACF repeats the skeleton of the interface: its attributes, and by name the types, operations
 * and parameters that get some. They are appended to those of the IDL before any name is
 * resolved, so that the later stages need not know where an attribute was written. An attribute
 * that changes what travels in a way that the peer must agree to has no place in an ACF.
 *
 * An ACF whose interface has another name than the IDL's is applied when the IDL has just one
 * interface, as MIDL's own samples need it; with a warning.
 *
 * Source: [C706] 6.3, the attribute configuration source; MIDL's reference.
 *
 * Leaves to others: what the attributes mean (resolve.c, layout.c, emit_*.c).
 */
#include <string.h>

#include "idl/parser.h"

static bool is_allowed(enum ir_idl_attr_id id)
{
    static const enum ir_idl_attr_id allowed[] = {
        IR_IDL_ATTR_ALLOCATE,
        IR_IDL_ATTR_ASYNC,
        IR_IDL_ATTR_AUTO_HANDLE,
        IR_IDL_ATTR_BYTE_COUNT,
        IR_IDL_ATTR_CALL_AS,
        IR_IDL_ATTR_COMM_STATUS,
        IR_IDL_ATTR_CONTEXT_HANDLE_NOSERIALIZE,
        IR_IDL_ATTR_CONTEXT_HANDLE_SERIALIZE,
        IR_IDL_ATTR_CS_CHAR,
        IR_IDL_ATTR_CS_TAG_RTN,
        IR_IDL_ATTR_DECODE,
        IR_IDL_ATTR_DISABLE_CONSISTENCY_CHECK,
        IR_IDL_ATTR_ENABLE_ALLOCATE,
        IR_IDL_ATTR_ENCODE,
        IR_IDL_ATTR_EXPLICIT_HANDLE,
        IR_IDL_ATTR_FAULT_STATUS,
        IR_IDL_ATTR_FORCE_ALLOCATE,
        IR_IDL_ATTR_IMPLICIT_HANDLE,
        IR_IDL_ATTR_NOTIFY,
        IR_IDL_ATTR_NOTIFY_FLAG,
        IR_IDL_ATTR_PARTIAL_IGNORE,
        IR_IDL_ATTR_REPRESENT_AS,
        IR_IDL_ATTR_STRICT_CONTEXT_HANDLE,
        IR_IDL_ATTR_TYPE_STRICT_CONTEXT_HANDLE,
        IR_IDL_ATTR_USER_MARSHAL,
    };
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (allowed[i] == id) {
            return true;
        }
    }
    return false;
}

/* Reports attributes that only IDL has; they change what the peer sees. */
static void check_allowed(struct ir_idl_parser *p, const struct ir_idl_attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->v.n; i++) {
        const struct ir_idl_attr *attr = attrs->v.v[i];
        if (!is_allowed(attr->id)) {
            ir_idl_error(p->u, attr->pos, "[%s] belongs into the IDL file, not into an ACF",
                         ir_idl_attr_name(attr->id));
        }
    }
}

/* A list of its own, because declarations of one typedef share theirs. */
static void append(struct ir_idl_parser *p, struct ir_idl_attrs *to,
                   const struct ir_idl_attrs *more)
{
    struct ir_idl_attrs all = {0};
    for (uint32_t i = 0; i < to->v.n; i++) {
        ir_idl_push(&p->u->pool, &all.v, to->v.v[i]);
    }
    for (uint32_t i = 0; i < more->v.n; i++) {
        ir_idl_push(&p->u->pool, &all.v, more->v.v[i]);
    }
    *to = all;
}

/* include "a.h", "b.h"; becomes a line of the generated header. */
static bool parse_include(struct ir_idl_parser *p)
{
    ir_idl_next(p);
    do {
        const struct ir_idl_tok *tok = ir_idl_cur(p);
        if (tok->kind != IR_IDL_TOK_STRING) {
            return ir_idl_expected(p, "a file name in quotes after include");
        }
        const char *name = ir_idl_unquote(p->u, tok->text);
        struct ir_idl_item *item = ir_idl_new(&p->u->pool, sizeof(*item));
        struct ir_idl_vec items = {0};
        item->kind = IR_IDL_ITEM_CPP_QUOTE;
        item->pos = tok->pos;
        item->u.text = ir_idl_printf(&p->u->pool, "#include \"%s\"", name);
        ir_idl_push(&p->u->pool, &items, item);
        for (uint32_t i = 0; i < p->file->items.n; i++) {
            ir_idl_push(&p->u->pool, &items, p->file->items.v[i]);
        }
        p->file->items = items;
        ir_idl_next(p);
    } while (ir_idl_accept(p, ','));
    return ir_idl_expect(p, ';', "';' after include");
}

/* typedef [attributes] T, U; */
static bool parse_types(struct ir_idl_parser *p)
{
    struct ir_idl_attrs attrs = {0};
    ir_idl_next(p);
    if (!ir_idl_parse_attrs(p, &attrs)) {
        return false;
    }
    check_allowed(p, &attrs);
    do {
        struct ir_idl_str name;
        struct ir_idl_pos pos;
        if (!ir_idl_expect_name(p, "the name of a type", &name, &pos)) {
            return false;
        }
        struct ir_idl_sym *sym = ir_idl_find(p->u, name, false, p->iface, p->file);
        if (sym && sym->kind == IR_IDL_SYM_TYPEDEF) {
            append(p, &sym->attrs, &attrs);
        } else {
            ir_idl_error(p->u, pos, "the IDL file has no typedef '%.*s'", IR_IDL_S(name));
        }
    } while (ir_idl_accept(p, ','));
    return ir_idl_expect(p, ';', "';' after the typedef");
}

static struct ir_idl_func *find_func(const struct ir_idl_iface *iface, struct ir_idl_str name)
{
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        struct ir_idl_func *func = iface->funcs.v[i];
        if (ir_idl_str_eq(func->name, name)) {
            return func;
        }
    }
    return NULL;
}

static struct ir_idl_field *find_param(const struct ir_idl_func *func, struct ir_idl_str name)
{
    for (uint32_t i = 0; i < func->params.n; i++) {
        struct ir_idl_field *param = func->params.v[i];
        if (ir_idl_str_eq(param->name, name)) {
            return param;
        }
    }
    return NULL;
}

/* [attributes] name; @func is NULL when it is unknown, which was reported. */
static bool parse_param(struct ir_idl_parser *p, struct ir_idl_func *func)
{
    struct ir_idl_attrs attrs = {0};
    struct ir_idl_str name;
    struct ir_idl_pos pos;
    if (!ir_idl_parse_attrs(p, &attrs) ||
        !ir_idl_expect_name(p, "a parameter's name", &name, &pos)) {
        return false;
    }
    check_allowed(p, &attrs);
    struct ir_idl_field *param = func ? find_param(func, name) : NULL;
    if (param) {
        append(p, &param->attrs, &attrs);
    } else if (func) {
        ir_idl_error(p->u, pos, "'%.*s' has no parameter '%.*s' in the IDL file",
                     IR_IDL_S(func->name), IR_IDL_S(name));
    }
    return true;
}

static bool parse_params(struct ir_idl_parser *p, struct ir_idl_func *func)
{
    if (ir_idl_accept(p, ')')) {
        return true;
    }
    do {
        if (!parse_param(p, func)) {
            return false;
        }
    } while (ir_idl_accept(p, ','));
    return ir_idl_expect(p, ')', "')' or ',' after the parameter");
}

/* [attributes] f(parameters), g(); */
static bool parse_operations(struct ir_idl_parser *p)
{
    struct ir_idl_attrs attrs = {0};
    if (!ir_idl_parse_attrs(p, &attrs)) {
        return false;
    }
    check_allowed(p, &attrs);
    do {
        struct ir_idl_str name;
        struct ir_idl_pos pos;
        if (!ir_idl_expect_name(p, "an operation's name, typedef or include", &name, &pos) ||
            !ir_idl_expect(p, '(', "'(' after the operation's name")) {
            return false;
        }
        struct ir_idl_func *func = find_func(p->iface, name);
        if (!func) {
            ir_idl_error(p->u, pos, "interface '%.*s' has no operation '%.*s'",
                         IR_IDL_S(p->iface->name), IR_IDL_S(name));
        } else {
            append(p, &func->attrs, &attrs);
        }
        if (!parse_params(p, func)) {
            return false;
        }
    } while (ir_idl_accept(p, ','));
    return ir_idl_expect(p, ';', "';' after the operation");
}

static void parse_body(struct ir_idl_parser *p)
{
    while (!ir_idl_at(p, '}') && ir_idl_cur(p)->kind != IR_IDL_TOK_END) {
        uint32_t start = p->at;
        bool good = true;
        if (ir_idl_at_word(p, "include")) {
            good = parse_include(p);
        } else if (ir_idl_at_word(p, "typedef")) {
            good = parse_types(p);
        } else if (!ir_idl_accept(p, ';')) {
            good = parse_operations(p);
        }
        if (!good) {
            ir_idl_recover(p);
        }
        if (p->at == start) {
            ir_idl_next(p);
        }
    }
}

/* The interface of the IDL file that the ACF's means, or NULL after a message. */
static struct ir_idl_iface *find_iface(struct ir_idl_parser *p, struct ir_idl_str name,
                                       struct ir_idl_pos pos)
{
    const struct ir_idl_vec *ifaces = &p->file->ifaces;
    for (uint32_t i = 0; i < ifaces->n; i++) {
        struct ir_idl_iface *iface = ifaces->v[i];
        if (ir_idl_str_eq(iface->name, name)) {
            return iface;
        }
    }
    if (ifaces->n == 1 && !p->u->options.strict) {
        struct ir_idl_iface *only = ifaces->v[0];
        ir_idl_warn(p->u, pos, "the interface of the IDL file is called '%.*s', not '%.*s'",
                    IR_IDL_S(only->name), IR_IDL_S(name));
        return only;
    }
    ir_idl_error(p->u, pos, "the IDL file has no interface '%.*s'", IR_IDL_S(name));
    return NULL;
}

/* [attributes] interface name { ... } */
static bool parse_iface(struct ir_idl_parser *p)
{
    struct ir_idl_attrs attrs = {0};
    struct ir_idl_str name;
    struct ir_idl_pos pos;
    if (!ir_idl_parse_attrs(p, &attrs)) {
        return false;
    }
    if (!ir_idl_accept_word(p, "interface")) {
        return ir_idl_expected(p, "interface");
    }
    if (!ir_idl_expect_name(p, "the interface's name", &name, &pos)) {
        return false;
    }
    check_allowed(p, &attrs);
    p->iface = find_iface(p, name, pos);
    if (!p->iface) {
        ir_idl_skip_balanced(p);
        return true;
    }
    append(p, &p->iface->attrs, &attrs);
    if (!ir_idl_expect(p, '{', "'{' after the interface's name")) {
        return false;
    }
    parse_body(p);
    return ir_idl_expect(p, '}', "'}' at the end of the interface");
}

/* X.acf for X.idl */
static const char *default_path(struct ir_idl_unit *u)
{
    const char *path = u->root->path;
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    return ir_idl_printf(&u->pool, "%.*s.acf", dot ? (int)(dot - path) : (int)strlen(path), path);
}

/* The ACF, or NULL when there is none; a file that was asked for must be there. */
static struct ir_idl_file *load(struct ir_idl_unit *u)
{
    const char *path = u->options.acf ? u->options.acf : default_path(u);
    struct ir_idl_str name = {path, (uint32_t)strlen(path)};
    struct ir_idl_pos nowhere = {0};
    bool seen = false;
    struct ir_idl_file *file = ir_idl_load(u, name, NULL, &seen);
    if (!file && u->options.acf) {
        ir_idl_error(u, nowhere, "cannot read the ACF '%s'", path);
    }
    return seen ? NULL : file;
}

void ir_idl_parse_acf(struct ir_idl_unit *u)
{
    struct ir_idl_parser *p = ir_idl_array(&u->pool, 1, sizeof(*p));
    struct ir_idl_file *file = p && ir_idl_ok(u) ? load(u) : NULL;
    if (!file) {
        return;
    }
    p->u = u;
    p->file = u->root;
    ir_idl_preprocess(u, file, &p->toks);
    if (p->toks.n == 0 || p->toks.v[p->toks.n - 1].kind != IR_IDL_TOK_END) {
        u->pool.failed = true;
        return;
    }
    while (ir_idl_cur(p)->kind != IR_IDL_TOK_END) {
        uint32_t start = p->at;
        if (!ir_idl_accept(p, ';') && !parse_iface(p)) {
            ir_idl_recover(p);
        }
        if (p->at == start) {
            ir_idl_next(p);
        }
    }
}
