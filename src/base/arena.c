/*
 * Chunked bump allocator. A chunk is at least IR_ARENA_FIRST bytes and doubles with use, so a large
 * call costs a logarithmic number of heap allocations; a small one reuses the kept chunk.
 */
#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"

#define CHUNK_MAX (1024u * 1024u)

void ir_arena_init(struct ir_arena *a, size_t budget)
{
    *a = (struct ir_arena){.budget = budget};
}

void ir_arena_deinit(struct ir_arena *a)
{
    ir_arena_drop(a, 0);
}

/* A call that needed more than the first chunk was large: start small again. */
void ir_arena_drop(struct ir_arena *a, size_t budget)
{
    struct ir_arena_chunk *chunk = a->chunk;

    while (chunk != NULL) {
        struct ir_arena_chunk *older = chunk->older;
        ir_block_put(a->blocks, chunk, sizeof(*chunk) + chunk->len);
        chunk = older;
    }
    *a = (struct ir_arena){.budget = budget, .blocks = a->blocks};
}

int ir_arena_over_budget(const struct ir_arena *a, size_t size)
{
    size_t n = (size + 7u) & ~(size_t)7u;

    return n < size || n > a->budget - a->used;
}

void *ir_arena_more(struct ir_arena *a, size_t size)
{
    if (size == 0) {
        return ir_arena_alloc(a, 1); /* a pointer of its own */
    }
    if (ir_arena_over_budget(a, size)) {
        return NULL;
    }
    size_t n = (size + 7u) & ~(size_t)7u;
    size_t len = a->chunk != NULL ? a->chunk->len * 2 : IR_ARENA_FIRST;
    if (len > CHUNK_MAX) {
        len = CHUNK_MAX;
    }
    if (len < n) {
        len = n;
    }
    if (len > SIZE_MAX - sizeof(struct ir_arena_chunk)) {
        return NULL;
    }
    size_t block = 0;
    struct ir_arena_chunk *chunk = ir_block_get(a->blocks, sizeof(*chunk) + len, &block);
    if (chunk == NULL) {
        return NULL;
    }
    len = block - sizeof(*chunk);
    chunk->older = a->chunk;
    chunk->len = len;
    a->chunk = chunk;
    a->next = chunk->bytes + n;
    a->left = len - n;
    a->used += n;
    return chunk->bytes;
}

void *ir_arena_zalloc(struct ir_arena *a, size_t size)
{
    void *p = ir_arena_alloc(a, size);

    if (p != NULL) {
        memset(p, 0, size);
    }
    return p;
}

char *ir_arena_strndup(struct ir_arena *a, const char *s, size_t len)
{
    char *copy = ir_arena_alloc(a, len + 1);

    if (copy != NULL) {
        memcpy(copy, s, len);
        copy[len] = '\0';
    }
    return copy;
}
