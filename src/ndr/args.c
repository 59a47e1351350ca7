/*
 * The struct of arguments on the server: memory for [out] parameters, context handles.
 */
#include "ndr/machine.h"

#define MAX_LEVELS 8u    /* of [ref] to [ref] */
#define MAX_POINTERS 32u /* around a handle; the compiler has fewer */

static bool is_ref(const struct irpc_ndr_type *t)
{
    return t->kind == IRPC_NDR_POINTER && t->n == IRPC_NDR_PTR_REF;
}

/* Zeroed memory for pointee @t of an [out]-only [ref] pointer at @slot. */
static enum irpc_status prepare(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                                struct ir_arena *arena, uint8_t *args, uint8_t *slot)
{
    struct ir_ndr_scope scope = {args, IR_NDR_ALL, IR_NDR_ALL};
    const struct irpc_ndr_type *leaf = t;
    uint64_t size = t->msize;
    uint32_t total = 0;

    if (t->kind == IRPC_NDR_ARRAY ||
        (t->kind == IRPC_NDR_STRING && (t->flags & IRPC_NDR_F_CONFORMANT))) {
        if (!ir_ndr_eval_total(unit, t, &scope, &total, &leaf)) {
            return IRPC_LIMIT; /* negative, or over 32 bits */
        }
        size = (uint64_t)(total != 0 ? total : 1) * leaf->msize;
    }
    void *mem = NULL;
    if (size <= sizeof(uint64_t)) { /* an arena gives multiples of 8 */
        mem = ir_arena_alloc(arena, sizeof(uint64_t));
        if (mem != NULL) {
            memset(mem, 0, sizeof(uint64_t));
        }
    } else if (size <= SIZE_MAX / 2) {
        mem = ir_arena_zalloc(arena, (size_t)size);
    }
    if (mem == NULL) {
        return size > SIZE_MAX / 2 || ir_arena_over_budget(arena, (size_t)size) ? IRPC_LIMIT
                                                                                : IRPC_NO_MEMORY;
    }
    memcpy(slot, &mem, sizeof(mem));
    return IRPC_OK;
}

/* check: N15 */
enum irpc_status ir_ndr_prepare_out(const struct irpc_ndr_unit *unit, uint32_t opnum,
                                    struct ir_arena *arena, void *args)
{
    const struct irpc_ndr_op *op = &unit->ops[opnum];
    const struct irpc_ndr_param *p = &unit->params[op->first_param];

    for (uint32_t i = 0; i < op->n_params; i++, p++) {
        const struct irpc_ndr_type *t = &unit->types[p->type];
        uint8_t *slot = (uint8_t *)args + p->moff;
        if ((p->flags & (IRPC_NDR_P_IN | IRPC_NDR_P_RETURN)) || !is_ref(t)) {
            continue;
        }
        /* [ref] to [ref]: all are there for the manager. */
        for (unsigned level = 0; slot != NULL && level < MAX_LEVELS && is_ref(t); level++) {
            t = &unit->types[t->ref];
            enum irpc_status st = prepare(unit, t, arena, args, slot);
            if (st != IRPC_OK) {
                return st;
            }
            slot = ir_ndr_pointer(slot);
        }
    }
    return IRPC_OK;
}

/* The handle at @mem, or behind pointers, or each of an array of them. */
static enum irpc_status visit_handles(const struct irpc_ndr_unit *unit,
                                      const struct irpc_ndr_type *t, uint8_t *mem,
                                      const uint8_t *args, uint32_t flags, ir_ndr_context_fn *fn,
                                      void *user)
{
    uint32_t max = 1;
    uint32_t off = 0;
    uint32_t n = 1;

    for (unsigned level = 0; t->kind == IRPC_NDR_POINTER; level++) {
        t = &unit->types[t->ref];
        if (level == MAX_POINTERS) {
            return IRPC_INVALID_BOUND;
        }
        mem = ir_ndr_pointer(mem);
        if (mem == NULL) {
            return IRPC_OK;
        }
    }
    if (t->kind == IRPC_NDR_ARRAY && unit->types[t->ref].kind == IRPC_NDR_CONTEXT) {
        if (!ir_ndr_eval_dimension(unit, t, args, &max, &off, &n)) {
            return IRPC_INVALID_BOUND;
        }
        t = &unit->types[t->ref];
        mem += (size_t)off * t->msize;
    }
    for (uint32_t i = 0; t->kind == IRPC_NDR_CONTEXT && i < n; i++) {
        enum irpc_status st = fn(user, mem + (size_t)i * t->msize, t->aux, flags);
        if (st != IRPC_OK) {
            return st;
        }
    }
    return IRPC_OK;
}

enum irpc_status ir_ndr_contexts(const struct irpc_ndr_unit *unit, uint32_t opnum,
                                 enum ir_ndr_dir dir, void *args, ir_ndr_context_fn *fn, void *user)
{
    const struct irpc_ndr_op *op = &unit->ops[opnum];
    const struct irpc_ndr_param *p = &unit->params[op->first_param];
    uint32_t mask = dir == IR_NDR_IN ? IRPC_NDR_P_IN : IRPC_NDR_P_OUT;

    if (unit->n_contexts == 0 || args == NULL) {
        return IRPC_OK;
    }
    for (uint32_t i = 0; i < op->n_params; i++, p++) {
        const struct irpc_ndr_type *t = &unit->types[p->type];
        uint8_t *mem = (uint8_t *)args + p->moff;
        if (!(p->flags & mask)) {
            continue;
        }
        enum irpc_status st = visit_handles(unit, t, mem, args, p->flags, fn, user);
        if (st != IRPC_OK) {
            return st;
        }
    }
    return IRPC_OK;
}
