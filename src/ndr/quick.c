/*
 * Which operations are quick, and their steps: see quick.h.
 *
 * Invariants: mem_len is a multiple of 8 and covers all steps' memory; in_len and out_len cover
 * their wire bytes; an operation with anything else than plain parameters has mem_len 0.
 * Leaves to others: requests and replies themselves (quick.h), all other operations (ndr.h).
 */
#include "ndr/quick.h"

#include "base/alloc.h"
#include "ndr/machine.h"

#define PARAMS_MAX 16u
#define BLOCK_MAX 1024u

/* Of one parameter. */
struct place {
    uint32_t size; /* on the wire; 0: not plain */
    bool ref;
};

static struct place place_of(const struct irpc_ndr_unit *unit, const struct irpc_ndr_param *p)
{
    const struct irpc_ndr_type *t = &unit->types[p->type];
    bool ref = t->kind == IRPC_NDR_POINTER && t->n == IRPC_NDR_PTR_REF;

    if (ref) {
        t = &unit->types[t->ref];
    }
    return (struct place){ir_ndr_plain_size(t), ref};
}

static bool is_quick(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op)
{
    if ((op->flags & IRPC_NDR_OP_ABSENT) || op->n_params > PARAMS_MAX || op->args_size == 0 ||
        op->args_size > BLOCK_MAX || IR_HOST_BIG_ENDIAN) {
        return false;
    }
    for (uint32_t i = 0; i < op->n_params; i++) {
        const struct irpc_ndr_param *p = &unit->params[op->first_param + i];
        struct place place = place_of(unit, p);
        if (place.size == 0 || (place.ref && (p->flags & IRPC_NDR_P_RETURN))) {
            return false;
        }
    }
    return true;
}

/* A value of @size bytes comes next on a wire of *@len bytes. Returns where. */
static uint16_t put(uint16_t *len, uint32_t size)
{
    uint32_t at = (*len + size - 1) & ~(size - 1);

    *len = (uint16_t)(at + size);
    return (uint16_t)at;
}

/* Append the steps of @op at @steps, at most 3 for a parameter. Returns their end. */
static struct ir_ndr_step *plan(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op,
                                struct ir_ndr_quick *quick, struct ir_ndr_step *steps)
{
    const struct irpc_ndr_param *params = &unit->params[op->first_param];
    uint16_t mem[PARAMS_MAX] = {0};
    uint32_t block = (op->args_size + 7u) & ~7u;
    uint32_t used = 0;

    *quick = (struct ir_ndr_quick){.steps = steps};
    for (uint32_t i = 0; i < op->n_params; i++) {
        mem[i] = (uint16_t)params[i].moff;
        if (place_of(unit, &params[i]).ref) {
            mem[i] = (uint16_t)block;
            block += IR_NDR_POINTEE;
            quick->n_ref++;
            *steps++ = (struct ir_ndr_step){(uint16_t)params[i].moff, mem[i], 0};
        }
    }
    for (uint32_t i = 0; i < op->n_params; i++) {
        uint32_t size = place_of(unit, &params[i]).size;
        if (params[i].flags & IRPC_NDR_P_IN) {
            quick->n_in++;
            *steps++ = (struct ir_ndr_step){put(&quick->in_len, size), mem[i], size};
        }
    }
    quick->out = steps;
    for (uint32_t i = 0; i < op->n_params; i++) {
        uint32_t size = place_of(unit, &params[i]).size;
        if (params[i].flags & IRPC_NDR_P_OUT) {
            quick->n_out++;
            *steps++ = (struct ir_ndr_step){put(&quick->out_len, size), mem[i], size};
            used += size;
        }
        if (params[i].flags & IRPC_NDR_P_RETURN) {
            quick->result = mem[i];
            quick->result_len = (uint8_t)size;
        }
    }
    quick->gaps = used != quick->out_len;
    quick->mem_len = (uint16_t)block;
    return steps;
}

struct ir_ndr_quick *ir_ndr_quick_new(const struct irpc_ndr_unit *unit)
{
    size_t n_steps = 0;

    for (uint32_t i = 0; i < unit->n_ops; i++) {
        n_steps += is_quick(unit, &unit->ops[i]) ? 3u * unit->ops[i].n_params : 0;
    }
    size_t plans = (size_t)unit->n_ops * sizeof(struct ir_ndr_quick);
    struct ir_ndr_quick *quick = ir_calloc(1, plans + n_steps * sizeof(struct ir_ndr_step));
    if (quick == NULL) {
        return NULL;
    }
    struct ir_ndr_step *steps = (struct ir_ndr_step *)(void *)(quick + unit->n_ops);
    for (uint32_t i = 0; i < unit->n_ops; i++) {
        if (is_quick(unit, &unit->ops[i])) {
            steps = plan(unit, &unit->ops[i], &quick[i], steps);
        }
    }
    return quick;
}
