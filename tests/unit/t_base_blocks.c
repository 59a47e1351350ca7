/* Large blocks: kept when given back, within bounds, until they are not needed. */
#include "base/blocks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/out.h"
#include "ir_test.h"

#if defined(__SANITIZE_ADDRESS__)
#define KEEPS false /* so that the sanitizer sees the use of freed blocks */
#elif defined(__has_feature)
#define KEEPS (!__has_feature(address_sanitizer))
#else
#define KEEPS true
#endif

IR_TEST(blocks_are_used_again)
{
    struct ir_blocks b;
    size_t len = 0;

    ir_blocks_init(&b);
    void *first = ir_block_get(&b, 100000, &len);
    IR_ASSERT(len >= 100000);
    memset(first, 1, len);
    ir_block_put(&b, first, 100000);
    IR_ASSERT_EQ(ir_alloc_outstanding(), KEEPS ? 1 : 0);
    void *second = ir_block_get(&b, 70000, &len);
    IR_ASSERT(!KEEPS || second == first);
    void *third = ir_block_get(&b, 70000, &len);
    IR_ASSERT(third != second);
    memset(third, 1, len);
    ir_block_put(&b, second, len);
    ir_block_put(&b, third, 70000);
    ir_block_put(&b, NULL, 0);
    ir_blocks_deinit(&b);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
}

/* Small and huge ones are the heap's, and so are all without a struct ir_blocks. */
IR_TEST(blocks_of_other_sizes_are_the_heaps)
{
    static const size_t sizes[] = {1, 1000, 32768, 4u * 1024u * 1024u + 1u};
    struct ir_blocks b;
    size_t len = 0;

    ir_blocks_init(&b);
    for (unsigned i = 0; i < IR_ARRAY_LEN(sizes); i++) {
        void *p = ir_block_get(&b, sizes[i], &len);
        IR_ASSERT(p != NULL);
        IR_ASSERT_EQ(len, sizes[i]);
        ir_block_put(&b, p, len);
        IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
    }
    void *p = ir_block_get(NULL, 100000, &len);
    IR_ASSERT_EQ(len, 100000);
    ir_block_put(NULL, p, len);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
    ir_blocks_deinit(&b);
}

IR_TEST(blocks_kept_are_bounded_and_trimmed)
{
    struct ir_blocks b;
    void *p[20];
    size_t len = 0;

    ir_blocks_init(&b);
    for (unsigned i = 0; i < 20; i++) {
        p[i] = ir_block_get(&b, 3000000, &len);
    }
    for (unsigned i = 0; i < 20; i++) {
        ir_block_put(&b, p[i], len);
        IR_ASSERT(b.kept <= IR_BLOCKS_KEEP);
    }
    IR_ASSERT_EQ(b.kept, KEEPS ? IR_BLOCKS_KEEP : 0);
    IR_ASSERT_EQ(ir_blocks_trim(&b), KEEPS ? IR_BLOCKS_KEEP : 0); /* they were in use till now */
    p[0] = ir_block_get(&b, 3000000, &len);
    ir_block_put(&b, p[0], len);
    IR_ASSERT_EQ(ir_blocks_trim(&b), KEEPS ? len : 0); /* one was enough */
    IR_ASSERT_EQ(ir_blocks_trim(&b), 0);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
    ir_blocks_deinit(&b);
}

/* Buffers and arenas that grow through all sizes keep their content and give all back. */
static bool grow(void *arg)
{
    static const size_t limits[] = {40000, 65536, 100000, 5u * 1024u * 1024u};
    struct ir_blocks *b = arg;
    bool full = true;

    for (unsigned i = 0; i < IR_ARRAY_LEN(limits) && full; i++) {
        struct ir_out o;
        ir_out_init(&o, limits[i], false);
        o.blocks = b;
        for (uint32_t n = 0; n < limits[i] / 4 && o.err == IRPC_OK; n++) {
            ir_out_u32(&o, n);
        }
        full = o.err != IRPC_NO_MEMORY;
        for (uint32_t n = 0; n < o.len / 4; n += 999) {
            uint8_t want[4];
            ir_put_u32(want, n, false);
            IR_ASSERT(memcmp(o.base + (size_t)n * 4, want, 4) == 0);
        }
        IR_ASSERT(!full || o.len == limits[i]);
        if (full) {
            ir_out_u8(&o, 1);
            IR_ASSERT_EQ(o.err, IRPC_LIMIT);
        }
        ir_out_deinit(&o);
    }
    struct ir_arena a;
    ir_arena_init(&a, 16u * 1024u * 1024u);
    a.blocks = b;
    for (size_t n = 1000; n < 5000000 && full; n = n * 2 + 3) {
        uint8_t *p = ir_arena_alloc(&a, n);
        full = p != NULL;
        if (full) {
            memset(p, 0xaa, n);
        }
    }
    ir_arena_deinit(&a);
    return full;
}

IR_TEST(blocks_serve_buffers_and_arenas)
{
    struct ir_blocks b;

    ir_blocks_init(&b);
    IR_ASSERT(grow(&b));
    IR_ASSERT(grow(&b));
    ir_blocks_deinit(&b);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
}

IR_TEST(blocks_grown_are_the_largest_kept)
{
    struct ir_blocks b;
    size_t len = 0;

    ir_blocks_init(&b);
    void *small = ir_block_get(&b, 200000, &len);
    void *large = ir_block_get(&b, 1000000, &len);
    size_t large_len = len;
    ir_block_put(&b, small, 200000);
    ir_block_put(&b, large, large_len);
    void *grown = ir_block_get_grown(&b, 150000, &len);
    IR_ASSERT(!KEEPS || (grown == large && len == large_len));
    ir_block_put(&b, grown, len);
    grown = ir_block_get_grown(&b, 2000000, &len); /* none kept is large enough */
    IR_ASSERT(grown != NULL && grown != large && len >= 2000000);
    ir_block_put(&b, grown, len);
    grown = ir_block_get_grown(&b, 100, &len); /* the heap's */
    IR_ASSERT(grown != NULL);
    IR_ASSERT_EQ(len, 100);
    ir_block_put(&b, grown, len);
    ir_blocks_deinit(&b);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
}

static bool grow_afresh(void *arg)
{
    struct ir_blocks b;

    (void)arg;
    ir_blocks_init(&b);
    bool full = grow(&b);
    ir_blocks_deinit(&b);
    return full;
}

IR_TEST(blocks_survive_no_memory)
{
    IR_ASSERT(ir_test_oom(grow_afresh, NULL) >= 4);
}
