/*
 * Large blocks of memory that are kept for a while when they are given back. The C library returns
 * such memory to the system, and to get it again costs a page fault for every 4 KiB of it: several
 * times what copying a large call costs. Thread-safe.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

#define IR_BLOCK_MIN (64u * 1024u)
#define IR_BLOCK_CLASSES 7u /* powers of two, 64 KiB to 4 MiB; others are the heap's */
#define IR_BLOCKS_KEEP (32u * 1024u * 1024u) /* bytes kept at most */

struct ir_block; /* the free block itself */

struct ir_blocks {
    atomic_flag busy; /* somebody is at the lists */
    struct ir_block *free[IR_BLOCK_CLASSES];
    uint32_t n[IR_BLOCK_CLASSES];
    uint32_t unused[IR_BLOCK_CLASSES]; /* smallest n since the last trim */
    size_t kept;
};

void ir_blocks_init(struct ir_blocks *blocks);

/* Free what is kept; all blocks must have been put back. */
void ir_blocks_deinit(struct ir_blocks *blocks);

/* Whether a block of @size bytes is large enough to be kept. */
static inline bool ir_block_is_large(const struct ir_blocks *blocks, size_t size)
{
    return blocks != NULL && size > IR_BLOCK_MIN / 2;
}

/*
 * At least @size bytes, not initialised; *ret_len says how many. NULL when out of memory.
 * @blocks NULL: the heap.
 */
void *ir_block_get(struct ir_blocks *blocks, size_t size, size_t *ret_len)
    __attribute__((warn_unused_result));

/*
 * As get(), for a buffer that outgrew its block and may do so again: the largest block kept, if one
 * is large enough, which costs no memory and saves the copies of further growth.
 */
void *ir_block_get_grown(struct ir_blocks *blocks, size_t size, size_t *ret_len)
    __attribute__((warn_unused_result));

/* Give back what get() gave; @len: as returned, or anything down to the size asked for. */
void ir_block_put(struct ir_blocks *blocks, void *p, size_t len);

/* Free what was not needed since the last trim. Not 0: something is still kept, call again. */
size_t ir_blocks_trim(struct ir_blocks *blocks);
