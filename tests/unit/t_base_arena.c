/* The arena and the heap behind it: budget, alignment, sizes of zero and beyond reason, reuse. */
#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"
#include "ir_test.h"

IR_TEST(arena_hands_out_aligned_memory_of_its_own)
{
    struct ir_arena a;
    uint8_t *parts[200];

    ir_arena_init(&a, 1u << 20);
    for (unsigned i = 0; i < 200; i++) {
        parts[i] = ir_arena_alloc(&a, i * 3u);
        IR_ASSERT(parts[i] != NULL);
        IR_ASSERT_EQ((uintptr_t)parts[i] % 8, 0);
        memset(parts[i], (int)i, i * 3u);
    }
    for (unsigned i = 0; i < 200; i++) {
        for (unsigned k = 0; k < i * 3u; k++) {
            IR_ASSERT_EQ(parts[i][k], i);
        }
    }
    ir_arena_deinit(&a);
}

/* Size 0 gives a pointer, also from an empty arena, and not the same one twice. */
IR_TEST(arena_size_zero)
{
    struct ir_arena a;

    ir_arena_init(&a, 64);
    void *p = ir_arena_alloc(&a, 0);
    void *q = ir_arena_alloc(&a, 0);
    IR_ASSERT(p != NULL && q != NULL && p != q);
    IR_ASSERT(ir_arena_zalloc(&a, 0) != NULL);
    ir_arena_deinit(&a);
}

IR_TEST(arena_keeps_its_budget)
{
    struct ir_arena a;

    ir_arena_init(&a, 100);
    IR_ASSERT(ir_arena_alloc(&a, 64) != NULL);
    IR_ASSERT(!ir_arena_over_budget(&a, 32));
    IR_ASSERT(ir_arena_over_budget(&a, 40));
    IR_ASSERT(ir_arena_alloc(&a, 40) == NULL);
    IR_ASSERT(ir_arena_alloc(&a, 32) != NULL);
    IR_ASSERT(ir_arena_alloc(&a, 8) == NULL);
    IR_ASSERT(a.used <= 100);
    ir_arena_reset(&a, 200);
    IR_ASSERT(ir_arena_alloc(&a, 200) != NULL);
    ir_arena_deinit(&a);
}

/* check: N18 */
IR_TEST(arena_refuses_absurd_sizes)
{
    struct ir_arena a;

    ir_arena_init(&a, SIZE_MAX);
    for (size_t i = 0; i < 40; i++) {
        IR_ASSERT(ir_arena_alloc(&a, SIZE_MAX - i) == NULL);
    }
    IR_ASSERT(ir_arena_alloc(&a, 16) != NULL);
    IR_ASSERT(ir_arena_alloc(&a, SIZE_MAX) == NULL);
    ir_arena_deinit(&a);
}

/* What an idle arena keeps is small, however large the last call was. */
IR_TEST(arena_reset_gives_large_chunks_back)
{
    struct ir_arena a;

    ir_arena_init(&a, 1u << 24);
    IR_ASSERT(ir_arena_alloc(&a, 100) != NULL);
    ir_arena_reset(&a, 1u << 24);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 1);
    IR_ASSERT(a.left >= 2000);
    IR_ASSERT(ir_arena_alloc(&a, 1u << 20) != NULL);
    ir_arena_reset(&a, 1u << 24);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
    IR_ASSERT(ir_arena_alloc(&a, 1u << 20) != NULL); /* large from the start: one chunk */
    ir_arena_reset(&a, 1u << 24);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
    ir_arena_deinit(&a);
}

static bool fill(void *arg)
{
    struct ir_arena a;
    bool full = true;

    (void)arg;
    ir_arena_init(&a, 1u << 20);
    for (unsigned i = 0; i < 1000 && full; i++) {
        full = ir_arena_zalloc(&a, 100) != NULL;
    }
    full = full && ir_arena_strndup(&a, "abcd", 3) != NULL;
    ir_arena_deinit(&a);
    return full;
}

IR_TEST(arena_survives_no_memory)
{
    IR_ASSERT(ir_test_oom(fill, NULL) >= 4);
}

IR_TEST(arena_copies_text)
{
    struct ir_arena a;

    ir_arena_init(&a, 100);
    IR_ASSERT_STR(ir_arena_strndup(&a, "abcd", 3), "abc");
    IR_ASSERT_STR(ir_arena_strndup(&a, "", 0), "");
    ir_arena_deinit(&a);
}

IR_TEST(alloc_counts_and_fails_once)
{
    ir_alloc_fail_after(1);
    void *p = ir_alloc(0);
    IR_ASSERT(p != NULL);
    IR_ASSERT(!ir_alloc_has_failed());
    IR_ASSERT(ir_alloc(8) == NULL);
    IR_ASSERT(ir_alloc_has_failed());
    void *q = ir_calloc(2, 4);
    IR_ASSERT(q != NULL);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 2);
    q = ir_realloc(q, 100);
    IR_ASSERT(q != NULL);
    ir_alloc_fail_after(0);
    IR_ASSERT(ir_realloc(q, 200) == NULL);
    IR_ASSERT(ir_alloc_has_failed());
    char *s = ir_strndup("abc", 2);
    IR_ASSERT_STR(s, "ab");
    ir_free(s);
    ir_free(q);
    ir_free(p);
    ir_free(NULL);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0);
    volatile size_t half = SIZE_MAX / 2;
    IR_ASSERT(ir_calloc(half, 3) == NULL);
}
