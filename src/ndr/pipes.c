/*
 * Pipes, [C706] 14.3.9 and, in NDR64, [MS-RPCE] 2.2.5.3.5: chunks of elements, each with its count
 * in front, and in NDR64 with the negated count behind; a count of 0 ends the pipe.
 *
 * A pipe is decoded into a list of chunks as they came. A chunk has at least one element, and both
 * are counted and fit the bytes left before memory is asked for (check: N13).
 *
 * Leaves to others: the order of pipes among parameters (decode_call.c, encode.c).
 */
#include <ironrpc/stub.h>

#include "ndr/machine.h"

/* Elements follow their chunk in the same block. */
#define CHUNK_SIZE ((uint32_t)(sizeof(struct irpc_pipe_chunk) + 7u) & ~7u)

bool ir_ndr_is_pipe(const struct irpc_ndr_unit *unit, const struct irpc_ndr_param *p)
{
    const struct irpc_ndr_type *t = &unit->types[p->type];

    return t->kind == IRPC_NDR_POINTER && unit->types[t->ref].kind == IRPC_NDR_PIPE;
}

/* --- decoding --- */

/* What NDR64 has behind the elements, and behind the last count. */
static bool check_end(struct ir_ndr_dec *d, uint32_t n)
{
    if (d->syntax == IRPC_NDR64) {
        ir_cur_align(d->in, 8);
        if (ir_cur_u64(d->in) != 0u - (uint64_t)n) {
            return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N13", "counts of a pipe chunk differ");
        }
    }
    return true;
}

static bool dec_chunk(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, struct irpc_pipe *pipe,
                      uint32_t n, const struct ir_ndr_scope *scope)
{
    const struct irpc_ndr_type *element = &d->unit->types[t->ref];

    if (d->elements == 0) {
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N13", "too many pipe chunks");
    }
    d->elements--;
    if (!ir_ndr_dec_room(d, element, n)) {
        return false;
    }
    struct irpc_pipe_chunk *chunk =
        ir_ndr_dec_alloc(d, CHUNK_SIZE + (uint64_t)n * element->msize, !(element->flags & d->flat));
    if (chunk == NULL) {
        return false;
    }
    chunk->elements = (uint8_t *)chunk + CHUNK_SIZE;
    chunk->n = n;
    irpc_pipe_append(pipe, chunk);
    return ir_ndr_dec_elements(d, t, element, chunk->elements, n, scope) && ir_ndr_dec_loop(d) &&
           d->in->err == IRPC_OK && check_end(d, n);
}

bool ir_ndr_dec_pipe(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, struct irpc_pipe *pipe,
                     const struct ir_ndr_scope *scope)
{
    *pipe = (struct irpc_pipe){NULL, NULL};
    for (;;) {
        uint32_t n = ir_ndr_dec_word(d);
        if (d->st != IRPC_OK || d->in->err != IRPC_OK) {
            return false;
        }
        if (n == 0) {
            return check_end(d, 0);
        }
        if (!dec_chunk(d, t, pipe, n, scope)) {
            return false;
        }
    }
}

/* --- encoding --- */

static void put_end(struct ir_ndr_enc *e, uint32_t n)
{
    if (e->syntax == IRPC_NDR64) {
        ir_out_align(e->out, 8);
        ir_out_u64(e->out, 0u - (uint64_t)n);
    }
}

bool ir_ndr_enc_pipe(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                     const struct irpc_pipe *pipe)
{
    const struct irpc_pipe_chunk *chunk = pipe->first;

    for (; chunk != NULL && e->out->err == IRPC_OK; chunk = chunk->next) {
        if (chunk->n == 0) {
            continue; /* it would end the pipe */
        }
        ir_ndr_enc_word(e, chunk->n);
        if (!ir_ndr_enc_elements(e, t, &e->unit->types[t->ref], chunk->elements, chunk->n)) {
            return false;
        }
        put_end(e, chunk->n);
    }
    ir_ndr_enc_word(e, 0);
    put_end(e, 0);
    return true;
}
