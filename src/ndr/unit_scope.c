/*
 * Load-time invariants of a unit, second part: declarators and operations.
 *
 * Expressions end, keep their stack, and load only inside their scope; what they dereference is a
 * pointer to a thing wide enough. Parameters lie inside the struct of arguments, in order. The
 * types themselves have been checked (unit_check.c).
 *
 * Each check returns NULL or what is wrong.
 */
#include "ndr/machine.h"

#define MAX_LEVELS 32u /* pointers and dimensions of one declarator */

/* Memory that the expressions of a declarator read: a struct's or a call's. */
struct place {
    uint32_t size;
    const struct irpc_ndr_field *fields;
    uint32_t n_fields;
    const struct irpc_ndr_param *params;
    uint32_t n_params;
};

static const struct irpc_ndr_type *type_at(const struct irpc_ndr_unit *u, uint32_t i)
{
    return &u->types[i];
}

/* --- expressions --- */

/* Type of what lies at @moff of @place, NULL if nothing starts there. */
static const struct irpc_ndr_type *lies_at(const struct irpc_ndr_unit *u, const struct place *place,
                                           uint32_t moff)
{
    for (uint32_t i = 0; i < place->n_fields; i++) {
        if (place->fields[i].moff == moff) {
            return type_at(u, place->fields[i].type);
        }
    }
    for (uint32_t i = 0; i < place->n_params; i++) {
        if (place->params[i].moff == moff) {
            return type_at(u, place->params[i].type);
        }
    }
    return NULL;
}

static bool load_is_inside(const struct irpc_ndr_unit *u, const struct place *place,
                           const struct irpc_ndr_expr *x)
{
    if (x->width == 0 || x->width > 8 || (x->width & (x->width - 1)) != 0) {
        return false;
    }
    if (x->op == IRPC_NDR_X_LOAD) {
        return ir_ndr_slice(x->moff, x->width, place->size);
    }
    const struct irpc_ndr_type *t = lies_at(u, place, x->moff);
    return t != NULL && t->kind == IRPC_NDR_POINTER && type_at(u, t->ref)->msize >= x->width;
}

/* Values that an operation takes off the stack; it leaves one. */
static uint32_t operands(unsigned op)
{
    switch (op) {
    case IRPC_NDR_X_CONST:
    case IRPC_NDR_X_LOAD:
    case IRPC_NDR_X_DEREF:
        return 0;
    case IRPC_NDR_X_NEG:
    case IRPC_NDR_X_NOT:
    case IRPC_NDR_X_LNOT:
        return 1;
    case IRPC_NDR_X_COND:
        return 3;
    default:
        return 2;
    }
}

static const char *check_expr(const struct irpc_ndr_unit *u, uint32_t first,
                              const struct place *place)
{
    uint32_t depth = 0;

    for (uint32_t i = 0; first != 0; i++) {
        if (i == IRPC_NDR_EXPR_LEN || !ir_ndr_slice(first, i + 1, u->n_exprs)) {
            return "expression without end";
        }
        const struct irpc_ndr_expr *x = &u->exprs[first + i];
        bool loads = x->op == IRPC_NDR_X_LOAD || x->op == IRPC_NDR_X_DEREF;
        if (x->op == IRPC_NDR_X_NONE || x->op >= IRPC_NDR_X__COUNT || depth < operands(x->op)) {
            return "operation of an expression";
        }
        if (loads && !load_is_inside(u, place, x)) {
            return "expression reads outside its scope";
        }
        depth = depth - operands(x->op) + 1;
        if (depth > IRPC_NDR_EXPR_DEPTH) {
            return "expression too deep";
        }
        if (x->last) {
            return depth == 1 ? NULL : "expression leaves no single value";
        }
    }
    return NULL;
}

/* Expressions of a declarator: pointers, arrays, a string or union at the end. */
static const char *check_declarator(const struct irpc_ndr_unit *u, uint32_t index,
                                    const struct place *place)
{
    for (uint32_t level = 0; index != 0; level++) {
        const struct irpc_ndr_type *t = type_at(u, index);
        const char *why = NULL;
        if (level == MAX_LEVELS) {
            return "declarator with too many levels";
        }
        switch (t->kind) {
        case IRPC_NDR_ARRAY:
            why = check_expr(u, t->first, place);
            why = why != NULL ? why : check_expr(u, t->size, place);
            why = why != NULL ? why : check_expr(u, t->length, place);
            index = t->ref;
            break;
        case IRPC_NDR_STRING:
            why = check_expr(u, t->size, place);
            why = why != NULL ? why : check_expr(u, t->length, place);
            index = 0;
            break;
        case IRPC_NDR_POINTER:
            index = t->ref;
            break;
        case IRPC_NDR_UNION:
            why = t->flags & IRPC_NDR_F_ENCAPSULATED ? NULL : check_expr(u, t->length, place);
            index = 0;
            break;
        default:
            index = 0;
            break;
        }
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

/* Declarators inside a type, each with its scope. Arms of a union have none: constants only. */
static const char *check_inner(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t)
{
    struct place place = {0};
    const char *why = NULL;

    if (t->kind == IRPC_NDR_STRUCT) {
        place = (struct place){t->msize, &u->fields[t->ref], t->n, NULL, 0};
        for (uint32_t i = 0; i < t->n && why == NULL; i++) {
            why = check_declarator(u, place.fields[i].type, &place);
        }
    } else if (t->kind == IRPC_NDR_UNION) {
        for (uint32_t i = 0; i < t->n && why == NULL; i++) {
            why = check_declarator(u, u->arms[t->ref + i].type, &place);
        }
        if (why == NULL && (t->flags & IRPC_NDR_F_DEFAULT)) {
            why = check_declarator(u, t->first, &place);
        }
    }
    return why;
}

/* --- operations --- */

static const char *check_op(const struct irpc_ndr_unit *u, const struct irpc_ndr_op *op)
{
    uint32_t end = 0;

    if (!ir_ndr_slice(op->first_param, op->n_params, u->n_params) || op->n_params > IR_NDR_PARAMS ||
        op->name >= u->names_len) {
        return "parameters of an operation";
    }
    const struct irpc_ndr_param *params = op->n_params ? &u->params[op->first_param] : NULL;
    struct place place = {op->args_size, NULL, 0, params, op->n_params};
    for (uint32_t i = 0; i < op->n_params; i++) {
        const struct irpc_ndr_param *p = &params[i];
        if (p->type == 0 || p->type >= u->n_types || p->name >= u->names_len) {
            return "type or name of a parameter";
        }
        const struct irpc_ndr_type *t = type_at(u, p->type);
        if (p->moff < end || !ir_ndr_slice(p->moff, t->msize, op->args_size) ||
            p->moff % ir_ndr_c_align(t) != 0) {
            return "place of a parameter";
        }
        if ((t->flags & IRPC_NDR_F_CONFORMANT) || t->kind == IRPC_NDR_ARRAY ||
            t->kind == IRPC_NDR_STRING) {
            return "array as a parameter by value";
        }
        end = p->moff + t->msize;
    }
    for (uint32_t i = 0; i < op->n_params; i++) {
        const char *why = check_declarator(u, params[i].type, &place);
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

const char *ir_ndr_scopes_check(const struct irpc_ndr_unit *u)
{
    const char *why = NULL;

    for (uint32_t i = 1; why == NULL && i < u->n_types; i++) {
        why = check_inner(u, &u->types[i]);
    }
    for (uint32_t i = 0; why == NULL && i < u->n_ops + u->n_pickles; i++) {
        why = check_op(u, &u->ops[i]);
    }
    return why;
}
