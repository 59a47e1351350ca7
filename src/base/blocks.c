/*
 * A free list for each size, the links in the blocks themselves. Invariants: n[i] is the length of
 * free[i], kept the bytes in all of them, at most IR_BLOCKS_KEEP; unused[i] <= n[i].
 *
 * Under ASan nothing is kept, so that it sees the use of freed blocks.
 */
#include "base/blocks.h"

#include "base/alloc.h"

#if defined(__SANITIZE_ADDRESS__)
#define KEEP 0u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEP 0u
#endif
#endif
#ifndef KEEP
#define KEEP IR_BLOCKS_KEEP
#endif

struct ir_block {
    struct ir_block *next;
};

void ir_blocks_init(struct ir_blocks *blocks)
{
    *blocks = (struct ir_blocks){.busy = ATOMIC_FLAG_INIT};
}

/* Nobody waits: who finds the lists busy goes to the heap. */
static bool enter(struct ir_blocks *blocks)
{
    return !atomic_flag_test_and_set_explicit(&blocks->busy, memory_order_acquire);
}

static void leave(struct ir_blocks *blocks)
{
    atomic_flag_clear_explicit(&blocks->busy, memory_order_release);
}

static void free_some(struct ir_blocks *blocks, unsigned class, uint32_t n)
{
    for (; n > 0; n--) {
        struct ir_block *block = blocks->free[class];
        blocks->free[class] = block->next;
        blocks->n[class]--;
        blocks->kept -= (size_t)IR_BLOCK_MIN << class;
        ir_free(block);
    }
}

void ir_blocks_deinit(struct ir_blocks *blocks)
{
    for (unsigned i = 0; i < IR_BLOCK_CLASSES; i++) {
        free_some(blocks, i, blocks->n[i]);
    }
}

/* IR_BLOCK_CLASSES: @size is not for us. */
static unsigned class_of(const struct ir_blocks *blocks, size_t size)
{
    unsigned class = 0;

    if (!ir_block_is_large(blocks, size)) {
        return IR_BLOCK_CLASSES;
    }
    while (class < IR_BLOCK_CLASSES && (size_t)IR_BLOCK_MIN << class < size) {
        class ++;
    }
    return class;
}

/* A block of @class, NULL if there is none; leaves. */
static struct ir_block *take(struct ir_blocks *blocks, unsigned class)
{
    struct ir_block *block = blocks->free[class];

    if (block != NULL) {
        blocks->free[class] = block->next;
        blocks->kept -= (size_t)IR_BLOCK_MIN << class;
        blocks->n[class]--;
        if (blocks->unused[class] > blocks->n[class]) {
            blocks->unused[class] = blocks->n[class];
        }
    }
    leave(blocks);
    return block;
}

void *ir_block_get(struct ir_blocks *blocks, size_t size, size_t *ret_len)
{
    unsigned class = class_of(blocks, size);

    if (class == IR_BLOCK_CLASSES) {
        *ret_len = size;
        return ir_alloc(size);
    }
    struct ir_block *block = enter(blocks) ? take(blocks, class) : NULL;
    *ret_len = (size_t)IR_BLOCK_MIN << class;
    return block != NULL ? block : ir_alloc(*ret_len);
}

/* Whether @block goes on its list. */
static bool keep(struct ir_blocks *blocks, struct ir_block *block, unsigned class)
{
    size_t size = (size_t)IR_BLOCK_MIN << class;

    if (!enter(blocks)) {
        return false;
    }
    bool fits = size + blocks->kept <= KEEP;
    if (fits) {
        block->next = blocks->free[class];
        blocks->free[class] = block;
        blocks->kept += size;
        blocks->n[class]++;
    }
    leave(blocks);
    return fits;
}

void *ir_block_get_grown(struct ir_blocks *blocks, size_t size, size_t *ret_len)
{
    unsigned least = class_of(blocks, size);

    if (least == IR_BLOCK_CLASSES || !enter(blocks)) {
        return ir_block_get(blocks, size, ret_len);
    }
    unsigned class = IR_BLOCK_CLASSES - 1;
    while (class > least && blocks->free[class] == NULL) {
        class --;
    }
    struct ir_block *block = take(blocks, class);
    *ret_len = (size_t)IR_BLOCK_MIN << class;
    return block != NULL ? block : ir_alloc(*ret_len);
}

void ir_block_put(struct ir_blocks *blocks, void *p, size_t len)
{
    unsigned class = class_of(blocks, len);

    if (p == NULL) {
        return;
    }
    if (class == IR_BLOCK_CLASSES || !keep(blocks, p, class)) {
        ir_free(p);
    }
}

size_t ir_blocks_trim(struct ir_blocks *blocks)
{
    if (!enter(blocks)) {
        return IR_BLOCK_MIN;
    }
    for (unsigned i = 0; i < IR_BLOCK_CLASSES; i++) {
        free_some(blocks, i, blocks->unused[i]);
        blocks->unused[i] = blocks->n[i];
    }
    size_t kept = blocks->kept;
    leave(blocks);
    return kept;
}
