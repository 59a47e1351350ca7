/* Attribute lists: [in, size_is(n), uuid(...)].
 *
 * Every attribute of MIDL is accepted. What has a meaning for the wire or for the generated code
 * is kept (IR_IDL_ATTRS in ast.h); COM, ODL and tuning attributes are known and dropped; an
 * unknown one is a warning and its parentheses are skipped. Trailing and doubled commas are
 * accepted, and several lists in a row.
 *
 * Argument forms: NONE; LIST, expressions of which some may be omitted; TYPE, a type name; RAW,
 * the bare text up to the parenthesis (UUIDs, versions); DECL, a type and a name; SKIP, anything
 * balanced.
 */
#include <string.h>

#include "idl/parser.h"

enum form {
    FORM_NONE,
    FORM_LIST,
    FORM_TYPE,
    FORM_RAW,
    FORM_DECL,
    FORM_SKIP
};

static const struct {
    const char *name;
    enum form form;
} known[] = {
#define X(id, name, form) {name, FORM_##form},
    IR_IDL_ATTRS(X)
#undef X
};

/* Without meaning for us; their arguments are skipped. */
static const char *const ignored[] = {
    "aggregatable",
    "allowed_on",
    "annotation",
    "appobject",
    "async_uuid",
    "bindable",
    "code",
    "control",
    "custom",
    "default_bind",
    "defaultcollelem",
    "defaultvalue",
    "defaultvtable",
    "displaybind",
    "dllname",
    "entry",
    "extern",
    "first",
    "format",
    "goext_default_null",
    "goext_layout",
    "heap",
    "helpcontext",
    "helpfile",
    "helpstring",
    "helpstringcontext",
    "helpstringdll",
    "hidden",
    "id",
    "immediatebind",
    "in_line",
    "inline",
    "input_sync",
    "lcid",
    "licensed",
    "nocode",
    "nonbrowsable",
    "noncreatable",
    "nonextensible",
    "oleautomation",
    "optimize",
    "out_of_line",
    "pad",
    "predeclid",
    "propget",
    "propput",
    "propputref",
    "proxy",
    "public",
    "readonly",
    "replaceable",
    "requestedit",
    "restricted",
    "shape",
    "source",
    "supports_partial_ignore",
    "uidefault",
    "usesgetlasterror",
    "vararg",
    "vi_progid",
    "version1",
    "ms_conf_struct",
    "wire_compat",
    "static",
    "single_unknown",
    "synchronize",
    "threading",
    "progid",
    "contract",
};

/* Of the encoding that was before NDR. */
static const char *const older[] = {"v1_array", "v1_string", "v1_struct"};

const char *ir_idl_attr_name(enum ir_idl_attr_id id)
{
    return id < IR_IDL_ATTR_IGNORED ? known[id].name : "?";
}

static bool is_one_of(struct ir_idl_str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ir_idl_str_is(name, list[i])) {
            return true;
        }
    }
    return false;
}

static bool is_ignored(struct ir_idl_str name)
{
    return is_one_of(name, ignored, sizeof(ignored) / sizeof(ignored[0]));
}

static bool is_older(struct ir_idl_str name)
{
    return is_one_of(name, older, sizeof(older) / sizeof(older[0]));
}

static enum ir_idl_attr_id find_id(struct ir_idl_str name)
{
    for (unsigned i = 0; i < IR_IDL_ATTR_IGNORED; i++) {
        if (ir_idl_str_is(name, known[i].name)) {
            return (enum ir_idl_attr_id)i;
        }
    }
    return is_ignored(name) ? IR_IDL_ATTR_IGNORED : IR_IDL_ATTR_UNKNOWN;
}

/* '(' is current. An omitted argument becomes an expression of op NONE. */
static bool parse_list(struct ir_idl_parser *p, struct ir_idl_attr *attr)
{
    ir_idl_next(p);
    for (;;) {
        const struct ir_idl_tok *after = ir_idl_ahead(p, 1);
        bool ends = after->kind == IR_IDL_TOK_PUNCT && (after->punct == ')' || after->punct == ',');
        struct ir_idl_expr *e = NULL;
        bool star = ir_idl_at(p, '*') && ends;
        if (star || ir_idl_at(p, ',') || ir_idl_at(p, ')')) {
            e = ir_idl_new(&p->u->pool, sizeof(*e));
            e->op = star ? IR_IDL_OP_STAR : IR_IDL_OP_NONE;
            e->pos = ir_idl_cur(p)->pos;
            e->depth = 1;
            if (star) {
                ir_idl_next(p);
            }
        } else {
            e = ir_idl_parse_expr(p);
        }
        if (!e) {
            return false;
        }
        ir_idl_push(&p->u->pool, &attr->exprs, e);
        if (!ir_idl_accept(p, ',')) {
            return ir_idl_expect(p, ')', "')' or ',' in the attribute's arguments");
        }
        if (p->u->stop || p->u->pool.failed) {
            return false;
        }
    }
}

/* '(' is current: the text between the parentheses without white space. */
static bool parse_raw(struct ir_idl_parser *p, struct ir_idl_attr *attr)
{
    char text[128];
    uint32_t n = 0;
    ir_idl_next(p);
    while (!ir_idl_at(p, ')') && ir_idl_cur(p)->kind != IR_IDL_TOK_END) {
        struct ir_idl_str s = ir_idl_cur(p)->text;
        bool quoted = ir_idl_cur(p)->kind == IR_IDL_TOK_STRING && s.n >= 2;
        if (quoted) {
            s.p++;
            s.n -= 2;
        }
        if (s.n > sizeof(text) - n) {
            break;
        }
        memcpy(text + n, s.p, s.n);
        n += s.n;
        ir_idl_next(p);
    }
    attr->text = (struct ir_idl_str){ir_idl_dup(&p->u->pool, text, n), n};
    return ir_idl_expect(p, ')', "')' after the attribute's argument");
}

/* '(' is current: handle_t name. */
static bool parse_decl(struct ir_idl_parser *p, struct ir_idl_attr *attr)
{
    struct ir_idl_pos pos = attr->pos;
    ir_idl_next(p);
    struct ir_idl_type *spec = ir_idl_parse_spec(p);
    attr->type = spec ? ir_idl_parse_declarator(p, spec, false, &attr->text, &pos) : NULL;
    return attr->type && ir_idl_expect(p, ')', "')' after the declaration");
}

static bool parse_args(struct ir_idl_parser *p, struct ir_idl_attr *attr, enum form form)
{
    bool has = ir_idl_at(p, '(');
    if (!has && form != FORM_NONE && form != FORM_SKIP) {
        ir_idl_error(p->u, attr->pos, "[%s] needs an argument in parentheses",
                     ir_idl_attr_name(attr->id));
        return false;
    }
    if (!has) {
        return true;
    }
    if (form == FORM_LIST) {
        return parse_list(p, attr);
    }
    if (form == FORM_RAW) {
        return parse_raw(p, attr);
    }
    if (form == FORM_TYPE) {
        ir_idl_next(p);
        attr->type = ir_idl_parse_type_name(p);
        return attr->type && ir_idl_expect(p, ')', "')' after the attribute's type");
    }
    if (form == FORM_DECL) {
        return parse_decl(p, attr);
    }
    ir_idl_skip_balanced(p);
    return true;
}

static bool parse_one(struct ir_idl_parser *p, struct ir_idl_attrs *attrs)
{
    struct ir_idl_attr *attr = ir_idl_new(&p->u->pool, sizeof(*attr));
    struct ir_idl_str name;
    if (!ir_idl_expect_name(p, "an attribute or ']'", &name, &attr->pos)) {
        return false;
    }
    attr->id = find_id(name);
    if (attr->id == IR_IDL_ATTR_UNKNOWN) {
        (is_older(name) && p->u->options.strict ? ir_idl_error : ir_idl_warn)(
            p->u, attr->pos,
            is_older(name) ? "[%.*s] asks for the encoding that was before NDR; NDR is used"
                           : "unknown attribute '%.*s' is ignored",
            IR_IDL_S(name));
    }
    bool dropped = attr->id >= IR_IDL_ATTR_IGNORED;
    if (!parse_args(p, attr, dropped ? FORM_SKIP : known[attr->id].form)) {
        return false;
    }
    if (!dropped) {
        ir_idl_push(&p->u->pool, &attrs->v, attr);
    }
    return true;
}

bool ir_idl_parse_attrs(struct ir_idl_parser *p, struct ir_idl_attrs *attrs)
{
    while (ir_idl_accept(p, '[')) {
        p->file->is_idl = true;
        while (!ir_idl_accept(p, ']')) {
            if (ir_idl_accept(p, ',')) {
                continue;
            }
            if (attrs->v.n == IR_IDL_MAX_ATTRS) {
                ir_idl_error(p->u, ir_idl_cur(p)->pos, "more than %u attributes here",
                             IR_IDL_MAX_ATTRS);
                return false;
            }
            if (!parse_one(p, attrs)) {
                return false;
            }
            if (!ir_idl_at(p, ',') && !ir_idl_at(p, ']')) {
                return ir_idl_expected(p, "',' or ']' after the attribute");
            }
        }
    }
    return true;
}

void ir_idl_share_attrs(struct ir_idl_parser *p, const struct ir_idl_attrs *attrs,
                        struct ir_idl_type *type)
{
    if (!type->agg) {
        return;
    }
    for (uint32_t i = 0; i < attrs->v.n; i++) {
        struct ir_idl_attr *attr = attrs->v.v[i];
        bool of_body = attr->id == IR_IDL_ATTR_V1_ENUM || attr->id == IR_IDL_ATTR_SWITCH_TYPE ||
                       attr->id == IR_IDL_ATTR_MS_UNION;
        if (of_body) {
            ir_idl_push(&p->u->pool, &type->agg->attrs.v, attr);
        }
    }
}
