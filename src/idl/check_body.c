/* Rules about bodies: fields and arms of structs and unions, used or not, and what check.c shares.
 *
 * Sources: MIDL reference (compiler errors); [C706] 4.2.
 */
#include <stdlib.h>
#include <string.h>

#include "idl/check.h"

/* --- helpers --- */

/* Whether a value of this type ends in a conformant array. */
bool ir_idl_has_tail(struct ir_idl_type *type)
{
    for (uint32_t i = 0; i < 64; i++) {
        type = ir_idl_strip(type);
        if (type->kind == IR_IDL_ARRAY) {
            return type->conformant;
        }
        if (type->kind != IR_IDL_STRUCT || !type->agg || type->agg->fields.n == 0) {
            return false;
        }
        const struct ir_idl_field *last = type->agg->fields.v[type->agg->fields.n - 1];
        if (!last->type) {
            return false;
        }
        type = last->type;
    }
    return false;
}

void ir_idl_check_duplicates(struct ir_idl_unit *u, const struct ir_idl_vec *fields,
                             const char *what)
{
    for (uint32_t i = 0; i < fields->n; i++) {
        const struct ir_idl_field *field = fields->v[i];
        const struct ir_idl_field *first = ir_idl_find_field(u, fields, field->name);
        if (first && first != field) {
            ir_idl_error(u, field->pos, "there are two %ss named '%.*s'", what,
                         IR_IDL_S(field->name));
        }
    }
}

static void check_pointer_attrs(struct ir_idl_unit *u, const struct ir_idl_attrs *attrs)
{
    const struct ir_idl_attr *first = NULL;
    for (uint32_t i = 0; i < attrs->v.n; i++) {
        const struct ir_idl_attr *attr = attrs->v.v[i];
        bool pointer = attr->id == IR_IDL_ATTR_REF || attr->id == IR_IDL_ATTR_UNIQUE ||
                       attr->id == IR_IDL_ATTR_PTR;
        if (pointer && first && first->id != attr->id) {
            ir_idl_error(u, attr->pos, "[%s] contradicts [%s]; a pointer has one kind",
                         ir_idl_attr_name(attr->id), ir_idl_attr_name(first->id));
        }
        first = pointer && !first ? attr : first;
    }
}

static void check_range(struct ir_idl_unit *u, const struct ir_idl_scope *scope,
                        const struct ir_idl_attrs *attrs)
{
    struct ir_idl_attr *attr = ir_idl_attr(attrs, IR_IDL_ATTR_RANGE);
    int64_t low;
    int64_t high;
    if (!attr) {
        return;
    }
    if (attr->exprs.n != 2) {
        ir_idl_error(u, attr->pos, "range takes two constants: range(lowest, highest)");
        return;
    }
    bool ok =
        ir_idl_eval(scope, attr->exprs.v[0], &low) && ir_idl_eval(scope, attr->exprs.v[1], &high);
    if (ok && low > high) {
        ir_idl_error(u, attr->pos, "range(%lld, %lld) is empty: the lowest value comes first",
                     (long long)low, (long long)high);
    }
}

void ir_idl_check_attrs(struct ir_idl_unit *u, const struct ir_idl_scope *scope,
                        const struct ir_idl_attrs *attrs)
{
    check_pointer_attrs(u, attrs);
    check_range(u, scope, attrs);
}

/* --- bodies --- */

/* Where an array without a fixed size may not stand. A body that is not transmitted may be a
 * description of memory only, so there it is a warning. */
void ir_idl_check_place(struct ir_idl_unit *u, const struct ir_idl_agg *agg,
                        const struct ir_idl_field *field)
{
    bool last = field->index + 1 == agg->fields.n;
    bool is_union = agg->kind == IR_IDL_UNION;
    if (!field->type || !ir_idl_has_tail(field->type) || (last && !is_union)) {
        return;
    }
    bool array = ir_idl_strip(field->type)->kind == IR_IDL_ARRAY;
    bool sent = agg->check_state == IR_IDL_DONE || u->options.strict;
    void (*say)(struct ir_idl_unit *, struct ir_idl_pos, const char *, ...) =
        sent ? ir_idl_error : ir_idl_warn;
    if (is_union) {
        say(u, field->pos,
            "'%.*s' has no fixed size and cannot be a member of a union; use a "
            "pointer to it",
            IR_IDL_S(field->name));
    } else {
        say(u, field->pos,
            array ? "the array '%.*s' has no fixed size, so it must be the last member"
                  : "'%.*s' ends in an array without a fixed size, so it must be the last member",
            IR_IDL_S(field->name));
    }
}

static void check_field(struct ir_idl_unit *u, const struct ir_idl_agg *agg,
                        const struct ir_idl_field *field)
{
    struct ir_idl_scope scope = {u, agg->file, agg->iface, true};
    ir_idl_check_attrs(u, &scope, &field->attrs);
    struct ir_idl_type *leaf = field->type;
    while (leaf && (leaf->kind == IR_IDL_NAMED || leaf->kind == IR_IDL_POINTER ||
                    leaf->kind == IR_IDL_ARRAY)) {
        leaf = leaf->kind == IR_IDL_NAMED ? ir_idl_strip(leaf) : leaf->of;
    }
    if (agg->check_state != IR_IDL_DONE) {
        ir_idl_check_place(u, agg, field);
        if (leaf && leaf->kind == IR_IDL_PIPE) {
            ir_idl_error(u, field->pos, "a pipe ('%.*s') can only be a parameter",
                         IR_IDL_S(field->name));
        }
    }
}

struct seen_case {
    int64_t value;
    struct ir_idl_pos pos;
};

static int compare_cases(const void *a, const void *b)
{
    const struct seen_case *x = a;
    const struct seen_case *y = b;
    if (x->value != y->value) {
        return x->value < y->value ? -1 : 1;
    }
    return x->pos.off < y->pos.off ? -1 : x->pos.off > y->pos.off;
}

static void report_doubles(struct ir_idl_unit *u, struct seen_case *cases, uint32_t n)
{
    qsort(cases, n, sizeof(*cases), compare_cases);
    for (uint32_t i = 1; i < n; i++) {
        if (cases[i].value == cases[i - 1].value) {
            ir_idl_error(u, cases[i].pos, "case %lld stands for another member already",
                         (long long)cases[i].value);
        }
    }
}

static void check_cases(struct ir_idl_unit *u, const struct ir_idl_agg *agg)
{
    struct ir_idl_scope scope = {u, agg->file, agg->iface, false};
    uint32_t n = 0;
    bool has_default = false;
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_field *arm = agg->fields.v[i];
        for (uint32_t k = 0; k < arm->attrs.v.n; k++) {
            const struct ir_idl_attr *attr = arm->attrs.v.v[k];
            n += attr->id == IR_IDL_ATTR_CASE ? attr->exprs.n : 0;
            if (attr->id == IR_IDL_ATTR_DEFAULT && has_default) {
                ir_idl_error(u, attr->pos, "a union has one default");
            }
            has_default = has_default || attr->id == IR_IDL_ATTR_DEFAULT;
        }
    }
    struct seen_case *cases = ir_idl_array(&u->pool, n, sizeof(*cases));
    n = 0;
    for (uint32_t i = 0; i < agg->fields.n && cases; i++) {
        const struct ir_idl_field *arm = agg->fields.v[i];
        for (uint32_t k = 0; k < arm->attrs.v.n; k++) {
            const struct ir_idl_attr *attr = arm->attrs.v.v[k];
            for (uint32_t m = 0; attr->id == IR_IDL_ATTR_CASE && m < attr->exprs.n; m++) {
                struct ir_idl_expr *e = attr->exprs.v[m];
                cases[n].pos = e->pos;
                if (ir_idl_eval(&scope, e, &cases[n].value)) {
                    ir_idl_check_case(u, agg, e, cases[n].value);
                    n++;
                }
            }
        }
    }
    if (cases) {
        report_doubles(u, cases, n);
    }
}

static void check_switch_type(struct ir_idl_unit *u, const struct ir_idl_agg *agg)
{
    struct ir_idl_type *type = agg->encapsulated ? agg->disc->type : agg->switch_type;
    if (!type || ir_idl_is_integral(type)) {
        return;
    }
    ir_idl_error(u, type->pos,
                 "a union is switched by an integer, a character, a boolean or "
                 "an enum, not by %s",
                 ir_idl_describe(u, type));
}

void ir_idl_check_body(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    struct ir_idl_type type = {.kind = agg->kind, .agg = agg, .pos = agg->pos, .name = agg->tag};
    uint64_t size;
    uint32_t align;
    if (agg->kind == IR_IDL_ENUM) {
        ir_idl_check_enum(u, agg);
        return;
    }
    ir_idl_check_duplicates(u, &agg->fields, agg->kind == IR_IDL_UNION ? "member" : "field");
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        check_field(u, agg, agg->fields.v[i]);
    }
    if (agg->kind == IR_IDL_UNION) {
        check_cases(u, agg);
        check_switch_type(u, agg);
    }
    (void)ir_idl_mem_size(u, &type, &size, &align); /* recursion by value */
}
