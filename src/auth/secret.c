/*
 * Pages of their own for keys, in cells of two sizes. The kernel leaves whole pages out of a core,
 * so a key among other things would take them along; and each page set apart by itself costs the
 * kernel a mapping, of which a process may have 65530.
 *
 * Invariants: a chunk begins at a multiple of its size, so that a cell's address tells it; a chunk
 * without a cell in use is given back; cells are zeroed when they are taken, and wiped when they
 * are given back, so that no more pages are touched than are used.
 */
#include "auth/secret.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/attr.h"

#define CHUNK 65536u
#define CELL_MIN 64u

static const uint32_t cells[] = {CELL_MIN, 512};

/* The head of a chunk, in its first cells, which are always in use. */
struct chunk {
    struct chunk *next;
    uint32_t cell; /* bytes */
    uint32_t n_used;
    uint64_t used[CHUNK / CELL_MIN / 64];
};

static struct {
    pthread_mutex_t lock;
    struct chunk *chunks[IR_ARRAY_LEN(cells)];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Pages that a core does not have; where a kernel cannot do that, it has them. */
static void *pages_new(size_t size)
{
    void *pages = ir_alloc_aligned(CHUNK, size);

    if (pages != NULL) {
        (void)madvise(pages, size, MADV_DONTDUMP);
    }
    return pages;
}

/* They have been wiped. */
static void pages_free(void *pages, size_t size)
{
    (void)madvise(pages, size, MADV_DODUMP);
    ir_free(pages);
}

static uint32_t n_cells(const struct chunk *chunk)
{
    return CHUNK / chunk->cell;
}

static uint32_t head_cells(uint32_t cell)
{
    return ((uint32_t)sizeof(struct chunk) + cell - 1) / cell;
}

static struct chunk *chunk_new(uint32_t cell)
{
    struct chunk *chunk = pages_new(CHUNK);

    if (chunk != NULL) {
        memset(chunk, 0, sizeof(*chunk));
        chunk->cell = cell;
        chunk->n_used = head_cells(cell);
        chunk->used[0] = (UINT64_C(1) << chunk->n_used) - 1;
    }
    return chunk;
}

/* A free cell of a chunk that has one. */
static void *take_cell(struct chunk *chunk)
{
    uint32_t i = 0;

    while (chunk->used[i / 64] == UINT64_MAX) {
        i += 64;
    }
    i += (uint32_t)__builtin_ctzll(~chunk->used[i / 64]);
    chunk->used[i / 64] |= UINT64_C(1) << i % 64;
    chunk->n_used++;
    return memset((uint8_t *)chunk + (size_t)i * chunk->cell, 0, chunk->cell);
}

static size_t large(size_t size)
{
    return (size + CHUNK - 1) & ~(size_t)(CHUNK - 1);
}

void *ir_secret_new(size_t size)
{
    unsigned kind = size <= cells[0] ? 0 : 1;

    if (size > cells[1]) {
        void *pages = pages_new(large(size));
        return pages != NULL ? memset(pages, 0, size) : NULL;
    }
    pthread_mutex_lock(&pool.lock);
    struct chunk *chunk = pool.chunks[kind];
    while (chunk != NULL && chunk->n_used == n_cells(chunk)) {
        chunk = chunk->next;
    }
    if (chunk == NULL) {
        chunk = chunk_new(cells[kind]);
        if (chunk != NULL) {
            chunk->next = pool.chunks[kind];
            pool.chunks[kind] = chunk;
        }
    }
    void *secret = chunk != NULL ? take_cell(chunk) : NULL;
    pthread_mutex_unlock(&pool.lock);
    return secret;
}

/* The lock is held. */
static void give_cell(struct chunk *chunk, unsigned kind, size_t i)
{
    struct chunk **link = &pool.chunks[kind];

    chunk->used[i / 64] &= ~(UINT64_C(1) << i % 64);
    if (--chunk->n_used > head_cells(chunk->cell)) {
        return;
    }
    while (*link != chunk) {
        link = &(*link)->next;
    }
    *link = chunk->next;
    pages_free(chunk, CHUNK);
}

void ir_secret_free(void *secret, size_t size)
{
    if (secret == NULL) {
        return;
    }
    if (size > cells[1]) {
        explicit_bzero(secret, size);
        pages_free(secret, large(size));
        return;
    }
    uintptr_t offset = (uintptr_t)secret % CHUNK;
    struct chunk *chunk = (struct chunk *)(void *)((uint8_t *)secret - offset);
    pthread_mutex_lock(&pool.lock);
    explicit_bzero(secret, size);
    give_cell(chunk, size <= cells[0] ? 0 : 1, offset / chunk->cell);
    pthread_mutex_unlock(&pool.lock);
}
