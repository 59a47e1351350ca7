/* Type specifiers and declarators.
 *
 * A type's name may be declared later, so any name where a type must stand is taken as one;
 * resolve.c says when it is none. "GUID GUID" is a type and then a name. Calling conventions and
 * other decorations of C headers are accepted and dropped.
 *
 * Declarators are read inside out: for "(*f)(int)" the part in parentheses is skipped, the
 * suffix is read, then the part in parentheses is read around it.
 */
#include "idl/parser.h"

struct ir_idl_type *ir_idl_new_type(struct ir_idl_parser *p, enum ir_idl_kind kind,
                                    struct ir_idl_pos pos)
{
    struct ir_idl_type *type = ir_idl_new(&p->u->pool, sizeof(*type));
    type->kind = kind;
    type->pos = pos;
    return type;
}

/* A name that ends a declarator, whatever it says: "long near;". */
static bool at_last_name(const struct ir_idl_parser *p)
{
    const struct ir_idl_tok *after = ir_idl_ahead(p, 1);
    uint16_t c = after->kind == IR_IDL_TOK_PUNCT ? after->punct : 0;
    return c == ';' || c == ',' || c == ')' || c == '[' || c == ':';
}

/* Decorations: skipped together with their parentheses, if any. */
static bool skip_decoration(struct ir_idl_parser *p)
{
    static const char *const words[] = {
        "__stdcall",  "_stdcall",
        "stdcall",    "__cdecl",
        "_cdecl",     "cdecl",
        "__pascal",   "_pascal",
        "pascal",     "__export",
        "_export",    "__loadds",
        "_loadds",    "__fastcall",
        "__RPC_FAR",  "__far",
        "_far",       "far",
        "__near",     "_near",
        "near",       "__RPC_USER",
        "__RPC_STUB", "__RPC_API",
        "__w64",      "__ptr64",
        "__ptr32",    "volatile",
        "__volatile", "extern",
        "static",     "inline",
        "__inline",   "STDMETHODCALLTYPE",
        "WINAPI",     "__unaligned",
    };
    if (at_last_name(p)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (ir_idl_accept_word(p, words[i])) {
            return true;
        }
    }
    if (ir_idl_accept_word(p, "__declspec")) {
        ir_idl_skip_balanced(p);
        return true;
    }
    return false;
}

/* --- specifiers --- */

enum word {
    W_NONE,
    W_VOID,
    W_BOOLEAN,
    W_BYTE,
    W_CHAR,
    W_WCHAR,
    W_SMALL,
    W_SHORT,
    W_LONG,
    W_HYPER,
    W_INT,
    W_INT3264,
    W_FLOAT,
    W_DOUBLE,
    W_ERROR_STATUS,
    W_HANDLE_T,
    W_SIGNED,
    W_UNSIGNED,
};

static enum word base_word(const struct ir_idl_tok *tok)
{
    static const struct {
        const char *text;
        enum word word;
    } words[] = {
        {"void", W_VOID},         {"boolean", W_BOOLEAN},   {"byte", W_BYTE},
        {"char", W_CHAR},         {"wchar_t", W_WCHAR},     {"small", W_SMALL},
        {"__int8", W_SMALL},      {"short", W_SHORT},       {"__int16", W_SHORT},
        {"long", W_LONG},         {"__int32", W_LONG},      {"hyper", W_HYPER},
        {"__int64", W_HYPER},     {"_int64", W_HYPER},      {"int", W_INT},
        {"__int3264", W_INT3264}, {"float", W_FLOAT},       {"double", W_DOUBLE},
        {"signed", W_SIGNED},     {"unsigned", W_UNSIGNED}, {"error_status_t", W_ERROR_STATUS},
        {"handle_t", W_HANDLE_T}, {"__signed__", W_SIGNED},
    };
    if (tok->kind != IR_IDL_TOK_NAME) {
        return W_NONE;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (ir_idl_str_is(tok->text, words[i].text)) {
            return words[i].word;
        }
    }
    return W_NONE;
}

bool ir_idl_at_type(const struct ir_idl_parser *p)
{
    return base_word(ir_idl_cur(p)) != W_NONE || ir_idl_at_word(p, "struct") ||
           ir_idl_at_word(p, "union") || ir_idl_at_word(p, "enum") || ir_idl_at_word(p, "const");
}

static enum ir_idl_base make_base(enum word word, bool is_unsigned, bool is_signed)
{
    switch (word) {
    case W_VOID:
        return IR_IDL_VOID;
    case W_BOOLEAN:
        return IR_IDL_BOOLEAN;
    case W_BYTE:
        return IR_IDL_BYTE;
    case W_CHAR:
        return is_signed ? IR_IDL_I8 : is_unsigned ? IR_IDL_UCHAR : IR_IDL_CHAR;
    case W_WCHAR:
        return IR_IDL_WCHAR;
    case W_SMALL:
        return is_unsigned ? IR_IDL_U8 : IR_IDL_I8;
    case W_SHORT:
        return is_unsigned ? IR_IDL_U16 : IR_IDL_I16;
    case W_HYPER:
        return is_unsigned ? IR_IDL_U64 : IR_IDL_I64;
    case W_INT3264:
        return is_unsigned ? IR_IDL_U3264 : IR_IDL_I3264;
    case W_FLOAT:
        return IR_IDL_FLOAT;
    case W_DOUBLE:
        return IR_IDL_DOUBLE;
    case W_ERROR_STATUS:
        return IR_IDL_ERROR_STATUS;
    case W_HANDLE_T:
        return IR_IDL_HANDLE_T;
    case W_NONE:
    case W_LONG:
    case W_INT:
    case W_SIGNED:
    case W_UNSIGNED:
    default:
        return is_unsigned ? IR_IDL_U32 : IR_IDL_I32;
    }
}

/* The words of a base type in any order; NULL without a message when there is none. */
static struct ir_idl_type *parse_base(struct ir_idl_parser *p, bool *is_const)
{
    enum word main_word = W_NONE;
    bool is_unsigned = false;
    bool is_signed = false;
    bool any = false;
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    for (;;) {
        enum word word = base_word(ir_idl_cur(p));
        if (ir_idl_accept_word(p, "const")) {
            *is_const = true;
            continue;
        }
        if (word == W_NONE) {
            if (any && skip_decoration(p)) {
                continue;
            }
            break;
        }
        if (word == W_ERROR_STATUS && any) {
            break; /* typedef unsigned long error_status_t: DCE's nbase.idl declares it */
        }
        bool filler = word == W_INT && main_word != W_NONE;
        bool widens =
            (main_word == W_LONG || main_word == W_INT) && word >= W_SMALL && word <= W_HYPER;
        if (word == W_UNSIGNED) {
            is_unsigned = true;
        } else if (word == W_SIGNED) {
            is_signed = true;
        } else if (main_word == W_LONG && word == W_LONG) {
            main_word = W_HYPER; /* long long */
        } else if (main_word == W_NONE || widens) {
            main_word = word;
        } else if (!filler) {
            ir_idl_error(p->u, ir_idl_cur(p)->pos,
                         "'%.*s' cannot be combined with the type "
                         "before it",
                         IR_IDL_S(ir_idl_cur(p)->text));
            return NULL;
        }
        any = true;
        ir_idl_next(p);
    }
    if (!any) {
        return NULL;
    }
    bool as_in_c = main_word == W_VOID || main_word == W_CHAR || main_word == W_SHORT ||
                   main_word == W_INT || main_word == W_FLOAT || main_word == W_DOUBLE;
    p->file->is_idl = p->file->is_idl || !as_in_c;
    struct ir_idl_type *type = ir_idl_new_type(p, IR_IDL_BASE, pos);
    type->base = make_base(main_word, is_unsigned, is_signed);
    return type;
}

static struct ir_idl_type *parse_wrapper(struct ir_idl_parser *p, enum ir_idl_kind kind)
{
    struct ir_idl_type *type = ir_idl_new_type(p, kind, ir_idl_cur(p)->pos);
    ir_idl_next(p);
    bool paren = kind == IR_IDL_SAFEARRAY;
    if (paren && !ir_idl_expect(p, '(', "'(' after SAFEARRAY")) {
        return NULL;
    }
    if (!ir_idl_enter(p)) {
        return NULL;
    }
    type->of = paren ? ir_idl_parse_type_name(p) : ir_idl_parse_spec(p);
    ir_idl_leave(p);
    if (!type->of || (paren && !ir_idl_expect(p, ')', "')' after the element type"))) {
        return NULL;
    }
    return type;
}

static struct ir_idl_type *parse_named(struct ir_idl_parser *p)
{
    bool is_interface = ir_idl_accept_word(p, "interface") || ir_idl_accept_word(p, "coclass");
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    enum ir_idl_kind kind = is_interface ? IR_IDL_INTERFACE : IR_IDL_NAMED;
    struct ir_idl_type *type = ir_idl_new_type(p, kind, tok->pos);
    return ir_idl_expect_name(p, "a type", &type->name, &type->pos) ? type : NULL;
}

struct ir_idl_type *ir_idl_parse_spec(struct ir_idl_parser *p)
{
    bool is_const = false;
    while (skip_decoration(p) || ir_idl_at_word(p, "const")) {
        is_const = ir_idl_accept_word(p, "const") || is_const;
    }
    struct ir_idl_type *type;
    bool body =
        ir_idl_at_word(p, "struct") || ir_idl_at_word(p, "union") || ir_idl_at_word(p, "enum");
    if (body) {
        type = ir_idl_parse_agg(p);
    } else if (ir_idl_at_word(p, "pipe")) {
        type = parse_wrapper(p, IR_IDL_PIPE);
    } else if (ir_idl_at_word(p, "SAFEARRAY") && ir_idl_ahead(p, 1)->punct == '(') {
        type = parse_wrapper(p, IR_IDL_SAFEARRAY);
    } else if (base_word(ir_idl_cur(p)) != W_NONE) {
        type = parse_base(p, &is_const);
    } else {
        type = parse_named(p);
    }
    while (type && (skip_decoration(p) || ir_idl_at_word(p, "const"))) {
        is_const = ir_idl_accept_word(p, "const") || is_const;
    }
    if (type) {
        type->is_const = is_const;
    }
    return type;
}

/* --- declarators --- */

static struct ir_idl_type *parse_suffix(struct ir_idl_parser *p, struct ir_idl_type *base);

/* Bounds between '[' and ']': nothing, *, n, low..high. */
static bool parse_bounds(struct ir_idl_parser *p, struct ir_idl_type *array)
{
    if (ir_idl_at(p, ']')) {
        array->conformant = true;
        return true;
    }
    const struct ir_idl_tok *after = ir_idl_ahead(p, 1);
    if (ir_idl_at(p, '*') && after->kind == IR_IDL_TOK_PUNCT && after->punct == ']') {
        ir_idl_next(p);
        array->conformant = true;
        return true;
    }
    array->bound = ir_idl_parse_expr(p);
    if (!array->bound) {
        return false;
    }
    if (ir_idl_accept(p, IR_IDL_P2('.', '.'))) {
        array->lower = array->bound;
        bool star = ir_idl_accept(p, '*');
        array->bound = star ? NULL : ir_idl_parse_expr(p);
        array->conformant = star;
        return star || array->bound;
    }
    return true;
}

static bool parse_params(struct ir_idl_parser *p, struct ir_idl_type *func)
{
    const struct ir_idl_tok *after = ir_idl_ahead(p, 1);
    bool is_void =
        ir_idl_at_word(p, "void") && after->kind == IR_IDL_TOK_PUNCT && after->punct == ')';
    if (is_void) {
        ir_idl_next(p);
    }
    if (ir_idl_accept(p, ')')) {
        return true;
    }
    for (;;) {
        struct ir_idl_field *param = ir_idl_new(&p->u->pool, sizeof(*param));
        if (!ir_idl_parse_attrs(p, &param->attrs)) {
            return false;
        }
        struct ir_idl_type *spec = ir_idl_parse_spec(p);
        if (!spec) {
            return false;
        }
        ir_idl_share_attrs(p, &param->attrs, spec);
        param->pos = spec->pos;
        param->type = ir_idl_parse_declarator(p, spec, true, &param->name, &param->pos);
        if (!param->type) {
            return false;
        }
        param->index = func->params.n;
        ir_idl_push(&p->u->pool, &func->params, param);
        if (!ir_idl_accept(p, ',')) {
            return ir_idl_expect(p, ')', "',' or ')' after the parameter");
        }
        if (p->u->stop || p->u->pool.failed) {
            return false;
        }
    }
}

static struct ir_idl_type *parse_suffix(struct ir_idl_parser *p, struct ir_idl_type *base)
{
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    if (ir_idl_accept(p, '[')) {
        struct ir_idl_type *array = ir_idl_new_type(p, IR_IDL_ARRAY, pos);
        if (!ir_idl_enter(p)) {
            return NULL;
        }
        bool ok = parse_bounds(p, array) && ir_idl_expect(p, ']', "']' after the array bound");
        array->of = ok ? parse_suffix(p, base) : NULL;
        ir_idl_leave(p);
        return array->of ? array : NULL;
    }
    if (ir_idl_accept(p, '(')) {
        struct ir_idl_type *func = ir_idl_new_type(p, IR_IDL_FUNC, pos);
        func->of = base;
        if (!ir_idl_enter(p)) {
            return NULL;
        }
        bool ok = parse_params(p, func);
        ir_idl_leave(p);
        return ok ? func : NULL;
    }
    return base;
}

/* Whether '(' opens a declarator and not a parameter list. */
static bool at_nested(const struct ir_idl_parser *p, bool anonymous)
{
    const struct ir_idl_tok *tok = ir_idl_ahead(p, 1);
    if (!ir_idl_at(p, '(')) {
        return false;
    }
    bool star = tok->kind == IR_IDL_TOK_PUNCT && (tok->punct == '*' || tok->punct == '(');
    bool convention = tok->kind == IR_IDL_TOK_NAME && tok->text.n > 1 && tok->text.p[0] == '_' &&
                      base_word(tok) == W_NONE;
    return star || (convention && ir_idl_ahead(p, 2)->punct == '*') || !anonymous;
}

static struct ir_idl_type *parse_pointers(struct ir_idl_parser *p, struct ir_idl_type *base)
{
    uint32_t n = 0;
    for (;;) {
        if (skip_decoration(p)) {
            continue;
        }
        if (n > 0 && ir_idl_accept_word(p, "const")) {
            base->is_const = true;
            continue;
        }
        if (!ir_idl_at(p, '*')) {
            return base;
        }
        if (++n > IR_IDL_MAX_NESTING) {
            ir_idl_expected(p, "fewer levels of pointers");
            return NULL;
        }
        struct ir_idl_type *pointer = ir_idl_new_type(p, IR_IDL_POINTER, ir_idl_cur(p)->pos);
        ir_idl_next(p);
        pointer->of = base;
        base = pointer;
    }
}

struct ir_idl_type *ir_idl_parse_declarator(struct ir_idl_parser *p, struct ir_idl_type *base,
                                            bool anonymous, struct ir_idl_str *ret_name,
                                            struct ir_idl_pos *ret_pos)
{
    struct ir_idl_type *type = parse_pointers(p, base);
    if (!type || !ir_idl_enter(p)) {
        return NULL;
    }
    if (at_nested(p, anonymous)) {
        uint32_t inner = p->at + 1;
        ir_idl_skip_balanced(p);
        type = parse_suffix(p, type);
        uint32_t after = p->at;
        if (type) {
            p->at = inner;
            type = ir_idl_parse_declarator(p, type, anonymous, ret_name, ret_pos);
            if (type && !ir_idl_expect(p, ')', "')' to close the declarator")) {
                type = NULL;
            }
            p->at = after > p->at ? after : p->at;
        }
    } else {
        bool has_name = ir_idl_cur(p)->kind == IR_IDL_TOK_NAME;
        if (has_name) {
            *ret_name = ir_idl_cur(p)->text;
            *ret_pos = ir_idl_cur(p)->pos;
            ir_idl_next(p);
        } else if (!anonymous) {
            ir_idl_expected(p, "a name");
            type = NULL;
        }
        type = type ? parse_suffix(p, type) : NULL;
    }
    ir_idl_leave(p);
    return type;
}

struct ir_idl_type *ir_idl_parse_type_name(struct ir_idl_parser *p)
{
    struct ir_idl_str name = {0};
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    if (!ir_idl_enter(p)) {
        return NULL;
    }
    struct ir_idl_type *spec = ir_idl_parse_spec(p);
    struct ir_idl_type *type = spec ? ir_idl_parse_declarator(p, spec, true, &name, &pos) : NULL;
    ir_idl_leave(p);
    if (type && name.n) {
        ir_idl_error(p->u, pos, "a plain type is expected here, without a name");
        return NULL;
    }
    return type;
}
