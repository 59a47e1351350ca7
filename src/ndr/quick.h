/*
 * Operations whose parameters are all plain: base types without [range], by value, as result, or
 * behind one top-level [ref] pointer. Where each lies, in memory and on the wire, is worked out
 * once; a call then is one bounds check and a few copies. Alignment and size of such types are the
 * same in NDR 2.0 and NDR64. The interpreter (ndr.h) does the same for every operation: it takes
 * the requests that this cannot, of the other byte order or too short.
 *
 * Arguments and what their [ref] pointers lead to are one block: args_size bytes, then pointees.
 */
#pragma once

#include "ndr/ndr.h"

/* @size bytes at @wire of the stub data are those at @mem of the block. */
struct ir_ndr_step {
    uint16_t wire;
    uint16_t mem;
    uint32_t size; /* 1, 2, 4, 8; of a [ref] pointer at @wire of the block: 0 */
};

#define IR_NDR_POINTEE 8u /* bytes of the block for each */

/* An operation. */
struct ir_ndr_quick {
    const struct ir_ndr_step *steps; /* n_ref pointers to set, then n_in */
    const struct ir_ndr_step *out;   /* n_out */
    uint16_t mem_len;                /* of the block; 0: not quick */
    uint16_t in_len;                 /* stub bytes of a request; more are ignored (check: N14) */
    uint16_t out_len;                /* of a reply */
    uint8_t n_ref;
    uint8_t n_in;
    uint8_t n_out;
    uint8_t result_len; /* 0: no result */
    uint16_t result;    /* where it is in the block */
    bool gaps;          /* the reply has pad bytes */
};

/* For the operations of checked @unit, by opnum; NULL when out of memory. End with ir_free(). */
struct ir_ndr_quick *ir_ndr_quick_new(const struct irpc_ndr_unit *unit);

static inline void ir_ndr_quick_copy(void *to, const void *from, uint32_t size)
{
    if (IR_LIKELY(size == 4)) {
        memcpy(to, from, 4);
    } else if (size == 8) {
        memcpy(to, from, 8);
    } else if (size == 2) {
        memcpy(to, from, 2);
    } else {
        memcpy(to, from, 1);
    }
}

/*
 * The arguments of a request, ready for the manager: [in] as sent, [out] zero (check: N15).
 * Nothing was taken from @arena yet. NULL: ask the interpreter, which also knows what is wrong.
 */
static IR_INLINE void *ir_ndr_quick_decode(const struct ir_ndr_quick *quick, struct ir_cur in,
                                           struct ir_arena *arena)
{
    const struct ir_ndr_step *step = quick->steps;
    struct irpc_span stub = ir_cur_bytes(&in, quick->in_len); /* check: N01 */

    if (quick->mem_len == 0 || in.big_endian != IR_HOST_BIG_ENDIAN || stub.p == NULL) {
        return NULL;
    }
    uint8_t *block = ir_arena_alloc_first(arena, quick->mem_len);
    if (block == NULL) {
        return NULL;
    }
    if (quick->result_len != 0) {
        static const uint64_t zero;
        ir_ndr_quick_copy(block + quick->result, &zero, quick->result_len);
    }
    for (uint32_t n = quick->n_ref; n > 0; n--, step++) {
        void *pointee = block + step->mem;
        memset(pointee, 0, IR_NDR_POINTEE);
        memcpy(block + step->wire, &pointee, sizeof(pointee));
    }
    for (uint32_t n = quick->n_in; n > 0; n--, step++) {
        ir_ndr_quick_copy(block + step->mem, stub.p + step->wire, step->size);
    }
    return block;
}

/* The results of @args, which the function above made, to @stub[out_len]. Host byte order. */
static IR_INLINE void ir_ndr_quick_encode(const struct ir_ndr_quick *quick, const void *args,
                                          uint8_t *stub)
{
    const struct ir_ndr_step *step = quick->out;

    if (quick->gaps) {
        memset(stub, 0, quick->out_len);
    }
    for (uint32_t n = quick->n_out; n > 0; n--, step++) {
        ir_ndr_quick_copy(stub + step->wire, (const uint8_t *)args + step->mem, step->size);
    }
}
