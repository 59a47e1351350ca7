/* A table of names: open addressing over a keyed hash, growing in the pool.
 *
 * A source has as many names as it likes and chooses them, so buckets of a fixed number, or a hash
 * that can be computed beforehand, would make the compiler quadratic (check: L06). The order of
 * the slots differs from run to run; nothing ever walks them.
 */
#include <string.h>
#include <sys/auxv.h>

#include "base/siphash.h"
#include "idl/mem.h"

struct ir_idl_entry {
    struct ir_idl_key key;
    void *value;
    uint32_t hash;
};

uint32_t ir_idl_str_hash(struct ir_idl_str s)
{
    struct ir_siphash_key key = {0};
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM); /* 16 bytes of the kernel */
    if (random) {
        memcpy(&key, random, sizeof(key));
    }
    return (uint32_t)ir_siphash(&key, s.n ? s.p : "", s.n);
}

static uint32_t hash_of(const struct ir_idl_key *key)
{
    const uintptr_t words[] = {(uintptr_t)key->a, (uintptr_t)key->b, ir_idl_str_hash(key->name)};
    struct ir_idl_str bytes = {(const char *)words, sizeof(words)};
    return ir_idl_str_hash(bytes);
}

static bool same_key(const struct ir_idl_key *x, const struct ir_idl_key *y)
{
    return x->a == y->a && x->b == y->b && ir_idl_str_eq(x->name, y->name);
}

/* The slot of that key, or the free one where it belongs. The map has a free one. */
static struct ir_idl_entry **place(const struct ir_idl_map *map, const struct ir_idl_key *key,
                                   uint32_t hash)
{
    uint32_t i = hash & (map->cap - 1);
    while (map->v[i] && (map->v[i]->hash != hash || !same_key(&map->v[i]->key, key))) {
        i = (i + 1) & (map->cap - 1);
    }
    return &map->v[i];
}

/* Keeps a third of the slots free. */
static bool grow(struct ir_idl_pool *pool, struct ir_idl_map *map)
{
    if (map->n < map->cap / 3 * 2) {
        return true;
    }
    struct ir_idl_map bigger = {.n = map->n, .cap = map->cap ? map->cap * 2 : 16};
    bigger.v = ir_idl_array(pool, bigger.cap, sizeof(struct ir_idl_entry *));
    if (!bigger.v) {
        return false;
    }
    for (uint32_t i = 0; i < map->cap; i++) {
        if (map->v[i]) {
            *place(&bigger, &map->v[i]->key, map->v[i]->hash) = map->v[i];
        }
    }
    *map = bigger;
    return true;
}

void **ir_idl_map_add(struct ir_idl_pool *pool, struct ir_idl_map *map, struct ir_idl_key key)
{
    if (pool->failed || !grow(pool, map)) {
        return NULL;
    }
    uint32_t hash = hash_of(&key);
    struct ir_idl_entry **slot = place(map, &key, hash);
    if (*slot == NULL) {
        struct ir_idl_entry *entry = ir_idl_array(pool, 1, sizeof(*entry));
        if (!entry) {
            return NULL;
        }
        *entry = (struct ir_idl_entry){.key = key, .hash = hash};
        *slot = entry;
        map->n++;
    }
    return &(*slot)->value;
}

void *ir_idl_map_get(const struct ir_idl_map *map, struct ir_idl_key key)
{
    struct ir_idl_entry *const *slot = map->cap ? place(map, &key, hash_of(&key)) : NULL;
    return slot && *slot ? (*slot)->value : NULL;
}
