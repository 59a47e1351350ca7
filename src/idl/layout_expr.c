/* Lowers correlation expressions (size_is, length_is, switch_is ...) to postfix operations.
 *
 * A name is a field of the innermost struct, or a parameter: a load from the scope's memory, of
 * the width and sign of its C type. `*name` reads through a pointer, one level. Constants are
 * folded first. max_is, last_is and min_is become size_is, length_is and first_is here.
 *
 * Invariants: an expression has at most IRPC_NDR_EXPR_LEN operations and needs at most
 * IRPC_NDR_EXPR_DEPTH values on the stack; the last one has `last` set.
 *
 * Source: [C706] 4.2.18 (array attributes); include/ironrpc/ndr_type.h.
 */
#include <string.h>

#include "idl/tables.h"

struct lowering;
static bool lower(struct lowering *l, struct ir_idl_expr *e);

struct lowering {
    struct ir_idl_tables *t;
    const struct ir_idl_place_info *place;
    struct irpc_ndr_expr ops[IRPC_NDR_EXPR_LEN];
    const char *offsets[IRPC_NDR_EXPR_LEN];
    struct irpc_ndr_expr sink; /* takes what is too much */
    uint32_t n;
    uint32_t depth;
    uint32_t max_depth;
    bool failed;
};

static bool fail(struct lowering *l, const struct ir_idl_expr *e, const char *why)
{
    if (!l->failed) {
        ir_idl_error(l->t->u, e->pos, "%s", why);
    }
    l->failed = true;
    return false;
}

static struct irpc_ndr_expr *add(struct lowering *l, const struct ir_idl_expr *e, unsigned op,
                                 int pushes)
{
    if (l->n == IRPC_NDR_EXPR_LEN) {
        fail(l, e,
             "this expression is too long to be evaluated for every call; send its value "
             "as a parameter of its own");
        return &l->sink;
    }
    l->depth = (uint32_t)((int)l->depth + pushes);
    l->max_depth = l->depth > l->max_depth ? l->depth : l->max_depth;
    l->offsets[l->n] = NULL;
    struct irpc_ndr_expr *x = &l->ops[l->n++];
    memset(x, 0, sizeof(*x));
    x->op = (uint8_t)op;
    return x;
}

static bool is_signed(struct ir_idl_type *type)
{
    if (type->kind == IR_IDL_ENUM) {
        return true;
    }
    switch ((int)type->base) {
    case IR_IDL_CHAR:
    case IR_IDL_I8:
    case IR_IDL_I16:
    case IR_IDL_I32:
    case IR_IDL_I64:
    case IR_IDL_I3264:
        return true;
    default:
        return false;
    }
}

static bool lower_load(struct lowering *l, struct ir_idl_expr *e, bool deref)
{
    struct ir_idl_expr *name = deref ? e->a : e;
    if (name->op != IR_IDL_OP_NAME || !name->field || !l->place->c_type) {
        return fail(l, e, "only a field or parameter beside this one can be read here");
    }
    if (ir_idl_is_ignored(name->field)) {
        return fail(l, name, "this pointer has [ignore], so that the receiver does not know it");
    }
    struct ir_idl_type *type = ir_idl_strip(name->field->type);
    if (deref && type->kind != IR_IDL_POINTER) {
        return fail(l, e, "'*' needs a pointer; this is none");
    }
    type = deref ? ir_idl_strip(type->of) : type;
    if (!ir_idl_is_integral(type)) {
        return fail(l, name,
                    type->kind == IR_IDL_POINTER
                        ? "this is a pointer; write '*' before it to use what it points to"
                        : "an integer is needed here");
    }
    uint64_t size;
    uint32_t align;
    if (!ir_idl_mem_size(l->t->u, type, &size, &align)) {
        l->failed = true;
        return false;
    }
    struct irpc_ndr_expr *x = add(l, e, deref ? IRPC_NDR_X_DEREF : IRPC_NDR_X_LOAD, 1);
    x->width = (uint8_t)size;
    x->is_signed = is_signed(type);
    x->moff = name->field->mem_off;
    if (!l->failed) {
        l->offsets[l->n - 1] = ir_idl_printf(&l->t->u->pool, "offsetof(%s, %s)", l->place->c_type,
                                             name->field->c_name);
    }
    return !l->failed;
}

/* A condition may be a pointer: true unless NULL. */
static bool lower_truth(struct lowering *l, struct ir_idl_expr *e)
{
    bool name = e->op == IR_IDL_OP_NAME && e->field;
    bool pointer = name && ir_idl_strip(e->field->type)->kind == IR_IDL_POINTER;
    if (!pointer || !l->place->c_type || ir_idl_is_ignored(e->field)) {
        return lower(l, e);
    }
    struct irpc_ndr_expr *x = add(l, e, IRPC_NDR_X_LOAD, 1);
    x->width = sizeof(void *);
    x->moff = e->field->mem_off;
    if (!l->failed) {
        l->offsets[l->n - 1] =
            ir_idl_printf(&l->t->u->pool, "offsetof(%s, %s)", l->place->c_type, e->field->c_name);
    }
    return !l->failed;
}

static unsigned binary_op(enum ir_idl_op op)
{
    /* clang-format off */
    switch ((int)op) {
    case IR_IDL_OP_MUL: return IRPC_NDR_X_MUL;
    case IR_IDL_OP_DIV: return IRPC_NDR_X_DIV;
    case IR_IDL_OP_MOD: return IRPC_NDR_X_MOD;
    case IR_IDL_OP_ADD: return IRPC_NDR_X_ADD;
    case IR_IDL_OP_SUB: return IRPC_NDR_X_SUB;
    case IR_IDL_OP_SHL: return IRPC_NDR_X_SHL;
    case IR_IDL_OP_SHR: return IRPC_NDR_X_SHR;
    case IR_IDL_OP_LT: return IRPC_NDR_X_LT;
    case IR_IDL_OP_GT: return IRPC_NDR_X_GT;
    case IR_IDL_OP_LE: return IRPC_NDR_X_LE;
    case IR_IDL_OP_GE: return IRPC_NDR_X_GE;
    case IR_IDL_OP_EQ: return IRPC_NDR_X_EQ;
    case IR_IDL_OP_NE: return IRPC_NDR_X_NE;
    case IR_IDL_OP_AND: return IRPC_NDR_X_AND;
    case IR_IDL_OP_XOR: return IRPC_NDR_X_XOR;
    case IR_IDL_OP_OR: return IRPC_NDR_X_OR;
    case IR_IDL_OP_LAND: return IRPC_NDR_X_LAND;
    case IR_IDL_OP_LOR: return IRPC_NDR_X_LOR;
    default: return IRPC_NDR_X_NONE;
    }
    /* clang-format on */
}

static bool lower(struct lowering *l, struct ir_idl_expr *e)
{
    struct ir_idl_scope scope = {l->t->u, l->place->file, l->place->iface, false};
    int64_t value;
    if (l->failed) {
        return false;
    }
    if (ir_idl_is_constant(&scope, e, &value)) {
        add(l, e, IRPC_NDR_X_CONST, 1)->value = value;
        return !l->failed;
    }
    switch ((int)e->op) {
    case IR_IDL_OP_NAME:
        return lower_load(l, e, false);
    case IR_IDL_OP_DEREF:
        return lower_load(l, e, true);
    case IR_IDL_OP_PLUS:
    case IR_IDL_OP_CAST:
        return lower(l, e->a);
    case IR_IDL_OP_NEG:
        return lower(l, e->a) && add(l, e, IRPC_NDR_X_NEG, 0);
    case IR_IDL_OP_COMPL:
        return lower(l, e->a) && add(l, e, IRPC_NDR_X_NOT, 0);
    case IR_IDL_OP_NOT:
        return lower_truth(l, e->a) && add(l, e, IRPC_NDR_X_LNOT, 0);
    case IR_IDL_OP_COND:
        return lower_truth(l, e->c) && lower(l, e->a) && lower(l, e->b) &&
               add(l, e, IRPC_NDR_X_COND, -2);
    case IR_IDL_OP_STAR:
        return fail(l, e, "'*' alone says no size; name the field that holds it");
    default:
        break;
    }
    unsigned op = binary_op(e->op);
    if (op == IRPC_NDR_X_NONE) {
        return fail(l, e, "this kind of expression cannot be evaluated for every call");
    }
    if (op == IRPC_NDR_X_LAND || op == IRPC_NDR_X_LOR) {
        return lower_truth(l, e->a) && lower_truth(l, e->b) && add(l, e, op, -1);
    }
    return lower(l, e->a) && lower(l, e->b) && add(l, e, op, -1);
}

static uint32_t commit(struct lowering *l, const struct ir_idl_expr *e)
{
    struct ir_idl_tables *t = l->t;
    if (l->max_depth > IRPC_NDR_EXPR_DEPTH) {
        fail(l, e, "this expression needs too many values at once; reorder or split it");
    }
    if (l->failed || l->n == 0) {
        return 0;
    }
    l->ops[l->n - 1].last = 1;
    uint32_t first = t->unit.n_exprs;
    for (uint32_t i = 0; i < l->n; i++) {
        if (!ir_idl_grow(t, (void **)&t->exprs, sizeof(*t->exprs), t->unit.n_exprs, &t->cap_exprs,
                         (void **)&t->expr_offsets, sizeof(*t->expr_offsets))) {
            return 0;
        }
        t->exprs[t->unit.n_exprs] = l->ops[i];
        t->expr_offsets[t->unit.n_exprs] = l->offsets[i];
        t->unit.n_exprs++;
    }
    return first;
}

static void add_constant(struct lowering *l, const struct ir_idl_expr *e, int64_t value)
{
    if (value != 0) {
        add(l, e, IRPC_NDR_X_CONST, 1)->value = value;
        add(l, e, IRPC_NDR_X_ADD, -1);
    }
}

uint32_t ir_idl_lower_expr(struct ir_idl_tables *t, const struct ir_idl_place_info *place,
                           struct ir_idl_expr *e, int64_t plus)
{
    struct lowering l = {.t = t, .place = place};
    if (!e || !lower(&l, e)) {
        return 0;
    }
    add_constant(&l, e, plus);
    return commit(&l, e);
}

/* last_is - first_is + 1, or size - first_is when only first_is is given. */
static uint32_t lower_length(struct ir_idl_tables *t, const struct ir_idl_place_info *place,
                             const struct ir_idl_level *level, uint32_t count)
{
    struct ir_idl_expr *first = level->first ? level->first : level->min;
    if (level->length) {
        return ir_idl_lower_expr(t, place, level->length, 0);
    }
    struct lowering l = {.t = t, .place = place};
    struct ir_idl_expr *end = level->last ? level->last : level->size ? level->size : level->max;
    struct ir_idl_expr *any = end ? end : first;
    if (end) {
        lower(&l, end);
    } else {
        add(&l, any, IRPC_NDR_X_CONST, 1)->value = count;
    }
    if (first) {
        lower(&l, first);
        add(&l, first, IRPC_NDR_X_SUB, -1);
    }
    bool inclusive = level->last || (!level->size && level->max);
    add_constant(&l, any, inclusive ? 1 : 0);
    return commit(&l, any);
}

uint32_t ir_idl_lower_level(struct ir_idl_tables *t, const struct ir_idl_place_info *place,
                            const struct ir_idl_level *level, uint32_t count,
                            struct irpc_ndr_type *type)
{
    struct ir_idl_expr *first = level->first ? level->first : level->min;
    if (level->size) {
        type->size = ir_idl_lower_expr(t, place, level->size, 0);
    } else if (level->max) {
        type->size = ir_idl_lower_expr(t, place, level->max, 1);
    }
    if (level->length || level->last || first) {
        type->length = lower_length(t, place, level, count);
        type->first = first ? ir_idl_lower_expr(t, place, first, 0) : 0;
        type->flags |= IRPC_NDR_F_VARYING;
    }
    return 1;
}
