/* Memory, pointer vectors and text buffers of one compilation. See mem.c for the rules. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define IR_IDL_SCRATCH 1024u

/* A bump allocator that lives as long as the compilation; it never gives back single objects. */
struct ir_idl_pool {
    struct ir_arena arena;
    size_t limit; /* bytes; no more than this */
    bool failed;  /* sticky: an allocation was refused */
    union {
        max_align_t align;
        unsigned char bytes[IR_IDL_SCRATCH];
    } scratch;
};

/* A list of pointers. Never holds NULL, never holds scratch memory. */
struct ir_idl_vec {
    void **v;
    uint32_t n;
    uint32_t cap;
};

/* A span of text that borrows. */
struct ir_idl_str {
    const char *p;
    uint32_t n;
};

/* Text that grows; freed with ir_idl_text_deinit. Sticky failure. */
struct ir_idl_text {
    char *p;
    size_t n;
    size_t cap;
    bool failed;
};

void ir_idl_pool_init(struct ir_idl_pool *pool, size_t limit);
void ir_idl_pool_deinit(struct ir_idl_pool *pool);

/* Zeroed memory for one small object, never NULL: on failure scratch memory (see mem.c). */
void *ir_idl_new(struct ir_idl_pool *pool, size_t size);
/* Zeroed memory for n objects of size bytes, or NULL. */
void *ir_idl_array(struct ir_idl_pool *pool, size_t n, size_t size);
/* A NUL-terminated copy; "" on failure. */
const char *ir_idl_dup(struct ir_idl_pool *pool, const char *p, size_t n);
const char *ir_idl_printf(struct ir_idl_pool *pool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends item; does nothing once the pool has failed. */
void ir_idl_push(struct ir_idl_pool *pool, struct ir_idl_vec *vec, void *item);

/* What a name means somewhere: equal when the text and both pointers are. */
struct ir_idl_key {
    struct ir_idl_str name;
    const void *a;
    const void *b;
};

struct ir_idl_entry;

/* Keys to pointers. Zeroed: empty. Lives in a pool. */
struct ir_idl_map {
    struct ir_idl_entry **v;
    uint32_t n;
    uint32_t cap; /* 0 or a power of two */
};

/* The value of that key, NULL when it is new; NULL when the pool has failed. */
void **ir_idl_map_add(struct ir_idl_pool *pool, struct ir_idl_map *map, struct ir_idl_key key);
/* The value of that key, or NULL. */
void *ir_idl_map_get(const struct ir_idl_map *map, struct ir_idl_key key);

bool ir_idl_str_is(struct ir_idl_str s, const char *text);
bool ir_idl_str_eq(struct ir_idl_str a, struct ir_idl_str b);
/* Keyed anew in every process, so that no source can choose names that collide. check: L06 */
uint32_t ir_idl_str_hash(struct ir_idl_str s);

void ir_idl_text_init(struct ir_idl_text *text);
void ir_idl_text_deinit(struct ir_idl_text *text);
void ir_idl_text_add(struct ir_idl_text *text, const char *p, size_t n);
void ir_idl_text_puts(struct ir_idl_text *text, const char *s);
void ir_idl_text_printf(struct ir_idl_text *text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
