/* Rules about values: constants, enumerators, cases, and what a size_is may depend on.
 *
 * Sources: MIDL reference (compiler errors); [C706] 4.2.7, 4.2.9, 4.2.17.
 */
#include "idl/check.h"

/* Integers, enums, floats and texts: what a header can define. */
void ir_idl_check_const(struct ir_idl_unit *u, const struct ir_idl_sym *sym)
{
    const struct ir_idl_type *type = ir_idl_strip(sym->type);
    bool is_value =
        type->kind == IR_IDL_ENUM || type->kind == IR_IDL_POINTER ||
        (type->kind == IR_IDL_BASE && type->base != IR_IDL_VOID && type->base != IR_IDL_HANDLE_T);
    if (sym->kind == IR_IDL_SYM_CONST && !is_value) {
        ir_idl_error(u, sym->pos, "a constant is a number, a character or a string, not %s",
                     ir_idl_describe(u, sym->type));
    }
}

void ir_idl_check_enum(struct ir_idl_unit *u, const struct ir_idl_agg *agg)
{
    struct ir_idl_map names = {0};
    if (agg->fields.n == 0) {
        ir_idl_error(u, agg->pos, "an enum needs an enumerator; C has none without");
    }
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        struct ir_idl_enumerator *e = agg->fields.v[i];
        struct ir_idl_key key = {e->name, NULL, NULL};
        void **first = ir_idl_map_add(&u->pool, &names, key);
        if (first && *first) {
            ir_idl_error(u, e->pos, "there are two enumerators named '%.*s'", IR_IDL_S(e->name));
        } else if (first) {
            *first = e;
        }
        if (e->value < INT32_MIN || e->value > UINT32_MAX) {
            ir_idl_error(u, e->pos, "%lld needs more than the 32 bits of an enum",
                         (long long)e->value);
        }
    }
}

/* Whether a discriminant of this type can have the value, as signed or as unsigned. */
static bool fits(struct ir_idl_type *type, int64_t value)
{
    type = ir_idl_strip(type);
    uint32_t bits = 32;
    if (type->kind == IR_IDL_BASE) {
        switch ((int)type->base) {
        case IR_IDL_BOOLEAN:
        case IR_IDL_BYTE:
        case IR_IDL_CHAR:
        case IR_IDL_UCHAR:
        case IR_IDL_I8:
        case IR_IDL_U8:
            bits = 8;
            break;
        case IR_IDL_WCHAR:
        case IR_IDL_I16:
        case IR_IDL_U16:
            bits = 16;
            break;
        case IR_IDL_I64:
        case IR_IDL_U64:
        case IR_IDL_I3264:
        case IR_IDL_U3264:
            return true;
        default:
            break;
        }
    }
    return value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << bits;
}

void ir_idl_check_case(struct ir_idl_unit *u, const struct ir_idl_agg *agg,
                       const struct ir_idl_expr *e, int64_t value)
{
    struct ir_idl_type *type = agg->encapsulated ? agg->disc->type : agg->switch_type;
    if (type && ir_idl_is_integral(type) && !fits(type, value)) {
        ir_idl_error(u, e->pos, "case %lld never comes: %s has no such value", (long long)value,
                     ir_idl_describe(u, type));
    }
}

/* The first parameter in the expression that the request does not carry, or NULL. */
static const struct ir_idl_field *not_sent(const struct ir_idl_expr *e)
{
    if (!e) {
        return NULL;
    }
    if (e->op == IR_IDL_OP_NAME) {
        return e->field && !e->field->is_in ? e->field : NULL;
    }
    const struct ir_idl_field *field = not_sent(e->a);
    field = field ? field : not_sent(e->b);
    return field ? field : not_sent(e->c);
}

void ir_idl_check_known(struct ir_idl_unit *u, const struct ir_idl_field *param)
{
    for (uint32_t i = 0; i < param->attrs.v.n && param->is_in; i++) {
        const struct ir_idl_attr *attr = param->attrs.v.v[i];
        bool correlates = attr->id == IR_IDL_ATTR_SIZE_IS || attr->id == IR_IDL_ATTR_MAX_IS ||
                          attr->id == IR_IDL_ATTR_LENGTH_IS || attr->id == IR_IDL_ATTR_LAST_IS ||
                          attr->id == IR_IDL_ATTR_FIRST_IS || attr->id == IR_IDL_ATTR_SWITCH_IS;
        for (uint32_t k = 0; k < attr->exprs.n && correlates; k++) {
            const struct ir_idl_expr *e = attr->exprs.v[k];
            const struct ir_idl_field *other = not_sent(e);
            if (other) {
                ir_idl_error(u, e->pos,
                             "'%.*s' is [in], but '%.*s' is [out] only, so that the request does "
                             "not say it",
                             IR_IDL_S(param->name), IR_IDL_S(other->name));
            }
        }
    }
}

void ir_idl_check_level_attrs(struct ir_idl_unit *u, const struct ir_idl_scope *scope,
                              const struct ir_idl_level *level)
{
    int64_t value;
    if (level->size && level->max) {
        ir_idl_error(u, level->max->pos, "size_is says it already; max_is is one less");
    }
    if (level->length && level->last) {
        ir_idl_error(u, level->last->pos, "length_is says it already; drop last_is");
    }
    if (level->size && ir_idl_is_constant(scope, level->size, &value) && value < 0) {
        ir_idl_error(u, level->size->pos, "an array cannot have %lld elements", (long long)value);
    }
}

/* A range needs a number to compare; with pointers and arrays it is about what they hold. */
void ir_idl_check_ranged(struct ir_idl_unit *u, const struct ir_idl_levels *levels)
{
    const struct ir_idl_type *leaf = levels->leaf;
    bool body = leaf->kind == IR_IDL_STRUCT || leaf->kind == IR_IDL_UNION;
    bool real =
        leaf->kind == IR_IDL_BASE && (leaf->base == IR_IDL_FLOAT || leaf->base == IR_IDL_DOUBLE);
    if (levels->range && levels->n == 0 && (body || real)) {
        ir_idl_error(u, levels->range->pos, "range is for integers, not for %s",
                     ir_idl_describe(u, levels->leaf_name));
    }
}
