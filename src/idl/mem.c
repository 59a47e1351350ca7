/* Memory of one compilation: a bump pool with a limit, pointer vectors, growing text.
 *
 * A compiler makes thousands of small objects and drops them all at once, so nothing is freed
 * singly. The limit keeps a hostile source (macros that double, include loops) from eating the
 * machine. A refused allocation is sticky: small objects then come from a scratch area that is
 * handed out again and again, so callers may fill it without a check; vectors refuse to store
 * anything, so no structure can point into the scratch area twice and form a cycle. Every stage
 * ends by looking at `failed`, and the lexer reports end of file once it is set.
 *
 * Leaves to others: diagnostics (diag.c says "out of memory" once, at the end of the stage).
 */
#include "idl/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void ir_idl_pool_init(struct ir_idl_pool *pool, size_t limit)
{
    memset(pool, 0, sizeof(*pool));
    pool->limit = limit;
    ir_arena_init(&pool->arena, limit);
}

void ir_idl_pool_deinit(struct ir_idl_pool *pool)
{
    ir_arena_deinit(&pool->arena);
}

static void *take(struct ir_idl_pool *pool, size_t size)
{
    void *p = pool->failed ? NULL : ir_arena_zalloc(&pool->arena, size);
    pool->failed = !p;
    return p;
}

void *ir_idl_new(struct ir_idl_pool *pool, size_t size)
{
    void *p = take(pool, size);
    if (p) {
        return p;
    }
    memset(&pool->scratch, 0, sizeof(pool->scratch));
    return pool->scratch.bytes;
}

void *ir_idl_array(struct ir_idl_pool *pool, size_t n, size_t size)
{
    if (size != 0 && n > pool->limit / size) {
        pool->failed = true;
        return NULL;
    }
    return take(pool, n * size);
}

const char *ir_idl_dup(struct ir_idl_pool *pool, const char *p, size_t n)
{
    char *copy = n < SIZE_MAX ? take(pool, n + 1) : NULL;
    if (!copy) {
        return "";
    }
    if (n) {
        memcpy(copy, p, n);
    }
    return copy;
}

const char *ir_idl_printf(struct ir_idl_pool *pool, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = n < 0 ? NULL : take(pool, (size_t)n + 1);
    if (!text) {
        return "";
    }
    va_start(args, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    return text;
}

void ir_idl_push(struct ir_idl_pool *pool, struct ir_idl_vec *vec, void *item)
{
    if (vec->n == vec->cap) {
        uint32_t cap = vec->cap ? vec->cap * 2 : 8;
        void **v = ir_idl_array(pool, cap, sizeof(*v));
        if (!v) {
            return;
        }
        if (vec->n) {
            memcpy(v, vec->v, vec->n * sizeof(*v));
        }
        vec->v = v;
        vec->cap = cap;
    }
    if (!pool->failed && item) {
        vec->v[vec->n++] = item;
    }
}

bool ir_idl_str_is(struct ir_idl_str s, const char *text)
{
    return strlen(text) == s.n && memcmp(s.p, text, s.n) == 0;
}

bool ir_idl_str_eq(struct ir_idl_str a, struct ir_idl_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

void ir_idl_text_init(struct ir_idl_text *text)
{
    memset(text, 0, sizeof(*text));
}

void ir_idl_text_deinit(struct ir_idl_text *text)
{
    ir_free(text->p);
    memset(text, 0, sizeof(*text));
}

void ir_idl_text_add(struct ir_idl_text *text, const char *p, size_t n)
{
    if (text->failed || n > SIZE_MAX / 4 - text->n) {
        text->failed = true;
        return;
    }
    if (text->n + n + 1 > text->cap) {
        size_t cap = (text->n + n + 1) * 2;
        char *grown = ir_realloc(text->p, cap);
        if (!grown) {
            text->failed = true;
            return;
        }
        text->p = grown;
        text->cap = cap;
    }
    if (n) {
        memcpy(text->p + text->n, p, n);
    }
    text->n += n;
    text->p[text->n] = '\0';
}

void ir_idl_text_puts(struct ir_idl_text *text, const char *s)
{
    ir_idl_text_add(text, s, strlen(s));
}

void ir_idl_text_printf(struct ir_idl_text *text, const char *fmt, ...)
{
    char small[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n < 0) {
        text->failed = true;
        return;
    }
    if ((size_t)n < sizeof(small)) {
        ir_idl_text_add(text, small, (size_t)n);
        return;
    }
    char *big = ir_alloc((size_t)n + 1);
    if (!big) {
        text->failed = true;
        return;
    }
    va_start(args, fmt);
    vsnprintf(big, (size_t)n + 1, fmt, args);
    va_end(args);
    ir_idl_text_add(text, big, (size_t)n);
    ir_free(big);
}
