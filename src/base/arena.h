/*
 * Memory of one call: bump allocation out of chunks, freed as one, bounded by a budget.
 * Not thread-safe: an arena belongs to one call.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/blocks.h"

/* The first chunk of an arena; larger ones follow as they are needed. */
#define IR_ARENA_FIRST 2048u

struct ir_arena_chunk {
    struct ir_arena_chunk *older;
    size_t len; /* IR_ARENA_FIRST: there is no older one */
    uint8_t bytes[] __attribute__((aligned(8)));
};

struct ir_arena {
    uint8_t *next;                /* next free byte of the current chunk */
    size_t left;                  /* free bytes of the current chunk */
    struct ir_arena_chunk *chunk; /* current chunk; older ones hang off it */
    size_t used;                  /* bytes handed out, rounding included */
    size_t budget;                /* used never exceeds this */
    struct ir_blocks *blocks;     /* where large chunks come from; NULL: the heap */
};

/* Start empty; at most @budget bytes will be handed out. Allocates nothing yet. Large chunks come
 * from `blocks`, if the owner sets it now. */
void ir_arena_init(struct ir_arena *a, size_t budget);

/* Free everything. */
void ir_arena_deinit(struct ir_arena *a);

/* Slow path of ir_arena_reset(). */
void ir_arena_drop(struct ir_arena *a, size_t budget);

/* Forget everything handed out, keep one small chunk for the next call, set a new budget. */
static inline void ir_arena_reset(struct ir_arena *a, size_t budget)
{
    struct ir_arena_chunk *chunk = a->chunk;

    if (IR_UNLIKELY(chunk == NULL || chunk->len != IR_ARENA_FIRST)) {
        ir_arena_drop(a, budget);
        return;
    }
    a->next = chunk->bytes;
    a->left = IR_ARENA_FIRST;
    a->used = 0;
    a->budget = budget;
}

/* Slow path of ir_arena_alloc(). */
void *ir_arena_more(struct ir_arena *a, size_t size);

/*
 * @size bytes aligned to 8, not initialised; NULL when the budget or the heap is exhausted
 * (ir_arena_over_budget() tells which). @size 0 gives a valid pointer.
 */
static inline void *ir_arena_alloc(struct ir_arena *a, size_t size)
{
    size_t n = (size + 7u) & ~(size_t)7u;

    /* n - 1: 0, from size 0 or an overflow, takes the slow path too. */
    if (IR_UNLIKELY(n - 1 >= a->left || n > a->budget - a->used)) {
        return ir_arena_more(a, size);
    }
    void *p = a->next;
    a->next += n;
    a->left -= n;
    a->used += n;
    return p;
}

/* As ir_arena_alloc(), of an arena from which nothing was taken since ir_arena_init() or
 * ir_arena_reset() with a budget above IR_ARENA_FIRST; @size is a multiple of 8. */
static inline void *ir_arena_alloc_first(struct ir_arena *a, size_t size)
{
    if (IR_UNLIKELY(size > a->left)) {
        return ir_arena_more(a, size);
    }
    void *p = a->next;
    a->next += size;
    a->left -= size;
    a->used += size;
    return p;
}

/* Whether @size more bytes would exceed the budget. */
int ir_arena_over_budget(const struct ir_arena *a, size_t size);

/* As ir_arena_alloc(), zeroed. */
void *ir_arena_zalloc(struct ir_arena *a, size_t size);

/* A NUL-terminated copy of @len bytes; NULL as ir_arena_alloc(). */
char *ir_arena_strndup(struct ir_arena *a, const char *s, size_t len);
