/*
 * malloc with an outstanding counter and an injected failure. Relaxed atomics: the counters
 * order nothing. Small calls do not come here at all.
 */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int64_t outstanding;
static _Atomic int64_t fail_after = -1;
static _Atomic int has_failed;

static int fails_now(void)
{
    if (IR_LIKELY(atomic_load_explicit(&fail_after, memory_order_relaxed) < 0)) {
        return 0;
    }
    if (atomic_fetch_sub_explicit(&fail_after, 1, memory_order_relaxed) != 0) {
        return 0;
    }
    atomic_store_explicit(&has_failed, 1, memory_order_relaxed);
    return 1;
}

static void *counted(void *p)
{
    if (p != NULL) {
        atomic_fetch_add_explicit(&outstanding, 1, memory_order_relaxed);
    }
    return p;
}

void *ir_alloc(size_t size)
{
    return size > PTRDIFF_MAX || fails_now() ? NULL : counted(malloc(size > 0 ? size : 1));
}

void *ir_calloc(size_t n, size_t size)
{
    if (n > 0 && size > PTRDIFF_MAX / n) {
        return NULL;
    }
    return fails_now() ? NULL : counted(calloc(n > 0 ? n : 1, size > 0 ? size : 1));
}

void *ir_alloc_aligned(size_t align, size_t size)
{
    return size > PTRDIFF_MAX || fails_now() ? NULL : counted(aligned_alloc(align, size));
}

void *ir_realloc(void *p, size_t size)
{
    if (p == NULL) {
        return ir_alloc(size);
    }
    return size > PTRDIFF_MAX || fails_now() ? NULL : realloc(p, size > 0 ? size : 1);
}

char *ir_strndup(const char *s, size_t len)
{
    char *copy = ir_alloc(len + 1);

    if (copy != NULL) {
        memcpy(copy, s, len);
        copy[len] = '\0';
    }
    return copy;
}

void ir_free(void *p)
{
    if (p != NULL) {
        atomic_fetch_sub_explicit(&outstanding, 1, memory_order_relaxed);
        free(p);
    }
}

int64_t ir_alloc_outstanding(void)
{
    return atomic_load_explicit(&outstanding, memory_order_relaxed);
}

void ir_alloc_fail_after(int64_t n)
{
    atomic_store_explicit(&has_failed, 0, memory_order_relaxed);
    atomic_store_explicit(&fail_after, n, memory_order_relaxed);
}

int ir_alloc_has_failed(void)
{
    return atomic_load_explicit(&has_failed, memory_order_relaxed);
}
