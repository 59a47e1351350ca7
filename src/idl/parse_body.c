/* Bodies of enum, struct and union, the encapsulated kind of union included.
 *
 * A body is noted with the translation file in the order of its end, and its tag is declared.
 * A tag without a body refers to one that may come later. Errors inside a body lose the rest of
 * that member only.
 *
 * Source: [C706] 4.2.9 to 4.2.12 (and MIDL's anonymous members).
 */
#include "idl/parser.h"

static void declare_tag(struct ir_idl_parser *p, struct ir_idl_agg *agg)
{
    struct ir_idl_sym *sym = ir_idl_new(&p->u->pool, sizeof(*sym));
    sym->kind = IR_IDL_SYM_TAG;
    sym->name = agg->tag;
    sym->pos = agg->pos;
    sym->file = p->file;
    sym->iface = p->iface;
    sym->agg = agg;
    ir_idl_declare(p->u, sym);
}

static void add_field(struct ir_idl_parser *p, struct ir_idl_agg *agg, struct ir_idl_field *field)
{
    field->index = agg->fields.n;
    ir_idl_push(&p->u->pool, &agg->fields, field);
}

/* --- enum --- */

static bool parse_enumerators(struct ir_idl_parser *p, struct ir_idl_agg *agg)
{
    struct ir_idl_enumerator *before = NULL;
    while (!ir_idl_at(p, '}')) {
        struct ir_idl_enumerator *e = ir_idl_new(&p->u->pool, sizeof(*e));
        struct ir_idl_sym *sym = ir_idl_new(&p->u->pool, sizeof(*sym));
        struct ir_idl_attrs unused = {0};
        if (!ir_idl_parse_attrs(p, &unused) ||
            !ir_idl_expect_name(p, "an enumerator or '}'", &e->name, &e->pos)) {
            return false;
        }
        if (ir_idl_accept(p, '=')) {
            e->expr = ir_idl_parse_expr(p);
            if (!e->expr) {
                return false;
            }
        }
        e->before = before;
        before = e;
        sym->kind = IR_IDL_SYM_ENUMERATOR;
        sym->name = e->name;
        sym->pos = e->pos;
        sym->file = p->file;
        sym->iface = p->iface;
        sym->enumerator = e;
        sym->agg = agg;
        ir_idl_declare(p->u, sym);
        ir_idl_push(&p->u->pool, &agg->fields, e);
        if (!ir_idl_accept(p, ',') && !ir_idl_at(p, '}')) {
            return ir_idl_expected(p, "',' or '}' after the enumerator");
        }
    }
    return true;
}

/* --- members --- */

/* ": bits" behind a member; check.c rejects it where it would have to be transmitted. */
static bool parse_bits(struct ir_idl_parser *p, struct ir_idl_field *field)
{
    if (!ir_idl_at(p, ':')) {
        return true;
    }
    field->bits_pos = ir_idl_cur(p)->pos;
    ir_idl_next(p);
    field->bits = ir_idl_parse_expr(p);
    return field->bits != NULL;
}

/* "= value" behind a member: a dialect of tools, without meaning for MIDL. */
static bool skip_value(struct ir_idl_parser *p)
{
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    if (p->u->options.strict || !ir_idl_accept(p, '=')) {
        return true;
    }
    ir_idl_warn(p->u, pos, "the value of a member is ignored");
    return ir_idl_parse_expr(p) != NULL;
}

/* [attrs] spec declarator, declarator ; */
static bool parse_members(struct ir_idl_parser *p, struct ir_idl_agg *agg,
                          const struct ir_idl_attrs *attrs)
{
    struct ir_idl_type *spec = ir_idl_parse_spec(p);
    if (!spec) {
        return false;
    }
    ir_idl_share_attrs(p, attrs, spec);
    bool may_lack_name = spec->kind == IR_IDL_STRUCT || spec->kind == IR_IDL_UNION;
    do {
        bool filler = ir_idl_at(p, ':'); /* bits without a name */
        struct ir_idl_field *field = ir_idl_new(&p->u->pool, sizeof(*field));
        field->attrs = *attrs;
        field->pos = spec->pos;
        if (filler || (may_lack_name && ir_idl_at(p, ';'))) {
            field->type = spec;
        } else {
            field->type = ir_idl_parse_declarator(p, spec, false, &field->name, &field->pos);
        }
        if (!field->type || !parse_bits(p, field) || !skip_value(p)) {
            return false;
        }
        add_field(p, agg, field);
    } while (ir_idl_accept(p, ','));
    return ir_idl_expect(p, ';', "';' after the member");
}

static bool parse_member(struct ir_idl_parser *p, struct ir_idl_agg *agg)
{
    struct ir_idl_attrs attrs = {0};
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    if (!ir_idl_parse_attrs(p, &attrs)) {
        return false;
    }
    if (agg->kind == IR_IDL_UNION && ir_idl_accept(p, ';')) { /* an empty arm */
        struct ir_idl_field *field = ir_idl_new(&p->u->pool, sizeof(*field));
        field->attrs = attrs;
        field->pos = pos;
        add_field(p, agg, field);
        return true;
    }
    return parse_members(p, agg, &attrs);
}

/* case 1: case 2, or default: before an arm of an encapsulated union. */
static bool parse_labels(struct ir_idl_parser *p, struct ir_idl_attrs *attrs)
{
    for (;;) {
        struct ir_idl_attr *attr = ir_idl_new(&p->u->pool, sizeof(*attr));
        attr->pos = ir_idl_cur(p)->pos;
        if (ir_idl_accept_word(p, "default")) {
            attr->id = IR_IDL_ATTR_DEFAULT;
        } else if (ir_idl_accept_word(p, "case")) {
            attr->id = IR_IDL_ATTR_CASE;
            struct ir_idl_expr *e = ir_idl_parse_expr(p);
            if (!e) {
                return false;
            }
            ir_idl_push(&p->u->pool, &attr->exprs, e);
        } else {
            return attrs->v.n > 0 || ir_idl_expected(p, "'case' or 'default'");
        }
        if (!ir_idl_expect(p, ':', "':' after the case")) {
            return false;
        }
        ir_idl_push(&p->u->pool, &attrs->v, attr);
        if (p->u->stop || p->u->pool.failed) {
            return false;
        }
    }
}

static bool parse_labelled_arm(struct ir_idl_parser *p, struct ir_idl_agg *agg)
{
    struct ir_idl_attrs attrs = {0};
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    if (!parse_labels(p, &attrs) || !ir_idl_parse_attrs(p, &attrs)) {
        return false;
    }
    if (ir_idl_accept(p, ';')) {
        struct ir_idl_field *field = ir_idl_new(&p->u->pool, sizeof(*field));
        field->attrs = attrs;
        field->pos = pos;
        add_field(p, agg, field);
        return true;
    }
    return parse_members(p, agg, &attrs);
}

/* switch (type name) [arms] */
static bool parse_switch(struct ir_idl_parser *p, struct ir_idl_agg *agg)
{
    agg->encapsulated = true;
    agg->disc = ir_idl_new(&p->u->pool, sizeof(*agg->disc));
    agg->disc->pos = ir_idl_cur(p)->pos;
    if (!ir_idl_expect(p, '(', "'(' after switch")) {
        return false;
    }
    struct ir_idl_type *spec = ir_idl_parse_spec(p);
    if (!spec) {
        return false;
    }
    agg->disc->type = ir_idl_parse_declarator(p, spec, false, &agg->disc->name, &agg->disc->pos);
    if (!agg->disc->type || !ir_idl_expect(p, ')', "')' after the discriminant")) {
        return false;
    }
    if (ir_idl_cur(p)->kind == IR_IDL_TOK_NAME) {
        agg->arms = ir_idl_cur(p)->text;
        ir_idl_next(p);
    } else {
        agg->arms = (struct ir_idl_str){"tagged_union", 12};
    }
    return true;
}

/* --- bodies --- */

static bool parse_body(struct ir_idl_parser *p, struct ir_idl_agg *agg)
{
    if (!ir_idl_expect(p, '{', "'{'")) {
        return false;
    }
    if (agg->kind == IR_IDL_ENUM && !parse_enumerators(p, agg)) {
        return false;
    }
    while (!ir_idl_at(p, '}') && ir_idl_cur(p)->kind != IR_IDL_TOK_END) {
        bool ok = agg->encapsulated ? parse_labelled_arm(p, agg) : parse_member(p, agg);
        if (!ok) {
            ir_idl_recover(p);
        }
    }
    agg->end_pos = ir_idl_cur(p)->pos;
    return ir_idl_expect(p, '}', "'}'");
}

static enum ir_idl_kind keyword(struct ir_idl_parser *p)
{
    if (ir_idl_accept_word(p, "enum")) {
        return IR_IDL_ENUM;
    }
    if (ir_idl_accept_word(p, "struct")) {
        return IR_IDL_STRUCT;
    }
    ir_idl_next(p);
    return IR_IDL_UNION;
}

struct ir_idl_type *ir_idl_parse_agg(struct ir_idl_parser *p)
{
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    enum ir_idl_kind kind = keyword(p);
    struct ir_idl_agg *agg = ir_idl_new(&p->u->pool, sizeof(*agg));
    agg->kind = kind;
    agg->pos = pos;
    agg->file = p->file;
    agg->iface = p->iface;
    agg->pack = p->pack;
    if (!ir_idl_parse_attrs(p, &agg->attrs)) {
        return NULL;
    }
    bool is_switch = kind == IR_IDL_UNION && ir_idl_at_word(p, "switch");
    if (ir_idl_cur(p)->kind == IR_IDL_TOK_NAME && !is_switch) {
        agg->tag = ir_idl_cur(p)->text;
        agg->pos = ir_idl_cur(p)->pos;
        ir_idl_next(p);
    }
    if (kind == IR_IDL_UNION && ir_idl_accept_word(p, "switch") && !parse_switch(p, agg)) {
        return NULL;
    }
    struct ir_idl_type *type = ir_idl_new_type(p, kind, pos);
    type->name = agg->tag;
    if (!ir_idl_at(p, '{')) {
        if (agg->tag.n == 0) {
            ir_idl_expected(p, "a tag or '{'");
            return NULL;
        }
        return type; /* resolve.c finds the body */
    }
    if (!ir_idl_enter(p)) {
        return NULL;
    }
    bool ok = parse_body(p, agg);
    ir_idl_leave(p);
    if (!ok) {
        return NULL;
    }
    type->agg = agg;
    ir_idl_push(&p->u->pool, &p->file->aggs, agg);
    if (agg->tag.n) {
        declare_tag(p, agg);
    }
    return type;
}
