/*
 * The endpoint map, [C706] appendix O: insert, delete, look up, map.
 *
 * Entries lie in one array in order of their ids, which only grow; so a look-up is nothing but the
 * next id to be looked at, and stays right whatever is inserted or deleted meanwhile. Searches are
 * linear: the map has hundreds of entries, thousands at most (its limit).
 *
 * Invariants: ids ascend strictly; no two entries have the same object and tower; an interface
 * UUID other than nil belongs to one principal. Who may ask for a change is decided by methods.c;
 * here stands whose entries it may touch.
 */
#include "epm/map.h"

#include <string.h>

#include "base/alloc.h"

struct ir_epm_map {
    struct ir_epm_limits limits;
    uint64_t next_id;
    uint64_t round;
    uint64_t changes;
    size_t n;
    size_t cap;
    bool borrowed; /* entries lie in flat form and are not changed */
    struct ir_epm_entry **entries;
};

/* Flat form: this, the offsets of @n entries, the entries, each aligned to 8. */
struct flat {
    uint64_t magic;
    uint64_t len; /* of all */
    uint64_t n;
    uint64_t offsets[];
};

#define FLAT_MAGIC 0x69726d6170303031u

struct ir_epm_map *ir_epm_map_new(const struct ir_epm_limits *limits)
{
    struct ir_epm_map *map = ir_calloc(1, sizeof(*map));

    if (map != NULL) {
        map->limits = *limits;
        map->next_id = 1;
    }
    return map;
}

void ir_epm_map_free(struct ir_epm_map *map)
{
    if (map == NULL) {
        return;
    }
    for (size_t i = 0; i < map->n && !map->borrowed; i++) {
        ir_free(map->entries[i]);
    }
    ir_free(map->entries);
    ir_free(map);
}

void ir_epm_begin_ids(struct ir_epm_map *map, uint32_t start)
{
    map->next_id = (uint64_t)start << 32 | 1;
}

size_t ir_epm_count(const struct ir_epm_map *map)
{
    return map->n;
}

uint64_t ir_epm_changes(const struct ir_epm_map *map)
{
    return map->changes;
}

/* --- comparing --- */

static bool same_uuid(const struct irpc_uuid *a, const struct irpc_uuid *b)
{
    return irpc_uuid_compare(a, b) == 0;
}

static bool same_syntax(const struct irpc_syntax_id *a, const struct irpc_syntax_id *b)
{
    return same_uuid(&a->uuid, &b->uuid) && a->major == b->major && a->minor == b->minor;
}

static bool same_protocols(const struct ir_epm_key *a, const struct ir_epm_key *b)
{
    return a->n_protocols == b->n_protocols &&
           memcmp(a->protocols, b->protocols, a->n_protocols) == 0;
}

/* The same tower but for the IPv4 address: it is the mapper that says it, see ir_epm_tower_at(). */
static bool same_tower(const struct ir_epm_entry *entry, const struct ir_epm_key *key,
                       struct irpc_span tower)
{
    size_t at = entry->key.address_off;

    if (entry->tower_len != tower.len || at != key->address_off) {
        return false;
    }
    if (at == 0) {
        return memcmp(entry->tower, tower.p, tower.len) == 0;
    }
    return memcmp(entry->tower, tower.p, at) == 0 &&
           memcmp(entry->tower + at + 4, tower.p + at + 4, tower.len - at - 4) == 0;
}

/* Whether a version of the map suits the one asked for. [C706] appendix O, vers_option */
static bool version_matches(uint32_t option, const struct irpc_syntax_id *have,
                            const struct irpc_syntax_id *want)
{
    switch (option) {
    case IR_EPM_VERSION_ALL:
        return true;
    case IR_EPM_VERSION_COMPATIBLE:
        return have->major == want->major && have->minor >= want->minor;
    case IR_EPM_VERSION_EXACT:
        return have->major == want->major && have->minor == want->minor;
    case IR_EPM_VERSION_MAJOR_ONLY:
        return have->major == want->major;
    case IR_EPM_VERSION_UPTO:
        return have->major < want->major ||
               (have->major == want->major && have->minor <= want->minor);
    default:
        return false;
    }
}

/* --- inserting --- */

static void remove_at(struct ir_epm_map *map, size_t i)
{
    ir_free(map->entries[i]);
    map->n--;
    map->changes++;
    memmove(map->entries + i, map->entries + i + 1, (map->n - i) * sizeof(map->entries[0]));
}

/* First come, first served: nobody else may say where a registered interface is. The nil
 * interface names nothing, so anybody may use it. check: E09 */
static bool is_hijack(const struct ir_epm_map *map, const struct ir_epm_owner *owner,
                      const struct irpc_uuid *object, const struct ir_epm_key *key,
                      struct irpc_span tower)
{
    bool nil = irpc_uuid_is_nil(&key->interface.uuid);

    for (size_t i = 0; i < map->n; i++) {
        const struct ir_epm_entry *e = map->entries[i];

        if (e->owner.principal == owner->principal) {
            continue;
        }
        if (!nil && same_uuid(&e->key.interface.uuid, &key->interface.uuid)) {
            return true;
        }
        if (same_uuid(&e->object, object) && same_tower(e, key, tower)) {
            return true;
        }
    }
    return false;
}

static struct ir_epm_entry *find(const struct ir_epm_map *map, const struct irpc_uuid *object,
                                 const struct ir_epm_key *key, struct irpc_span tower)
{
    for (size_t i = 0; i < map->n; i++) {
        struct ir_epm_entry *e = map->entries[i];

        if (same_uuid(&e->object, object) && same_tower(e, key, tower)) {
            return e;
        }
    }
    return NULL;
}

/* Drop what an insert with `replace` takes the place of, but for @keep. Nothing for the nil
 * interface: two entries of it have nothing in common. */
static void remove_replaced(struct ir_epm_map *map, const struct ir_epm_owner *owner,
                            const struct irpc_uuid *object, const struct ir_epm_key *key,
                            const struct ir_epm_entry *keep)
{
    if (irpc_uuid_is_nil(&key->interface.uuid)) {
        return;
    }
    for (size_t i = map->n; i-- > 0;) {
        const struct ir_epm_entry *e = map->entries[i];

        if (e != keep && e->round != map->round && e->owner.principal == owner->principal &&
            same_uuid(&e->object, object) && same_syntax(&e->key.interface, &key->interface) &&
            same_syntax(&e->key.transfer, &key->transfer) && same_protocols(&e->key, key)) {
            remove_at(map, i);
        }
    }
}

static bool has_room(const struct ir_epm_map *map, const struct ir_epm_owner *owner)
{
    size_t own = 0;

    for (size_t i = 0; i < map->n; i++) {
        own += map->entries[i]->owner.principal == owner->principal;
    }
    return map->n < map->limits.entries &&
           (owner->unlimited || own < map->limits.entries_per_owner);
}

static bool grow(struct ir_epm_map *map)
{
    if (map->n < map->cap) {
        return true;
    }
    size_t cap = map->cap == 0 ? 16 : map->cap * 2;
    struct ir_epm_entry **entries = ir_realloc(map->entries, cap * sizeof(entries[0]));

    if (entries == NULL) {
        return false;
    }
    map->entries = entries;
    map->cap = cap;
    return true;
}

static void set_annotation(struct ir_epm_entry *e, const char *annotation)
{
    size_t len = strnlen(annotation, IR_EPM_ANNOTATION_MAX - 1);

    memset(e->annotation, 0, sizeof(e->annotation));
    memcpy(e->annotation, annotation, len);
}

void ir_epm_begin_round(struct ir_epm_map *map)
{
    map->round++;
}

IRPC_CHECKED ir_epm_insert(struct ir_epm_map *map, const struct ir_epm_owner *owner,
                           const struct irpc_uuid *object, struct irpc_span tower,
                           const char *annotation, bool replace)
{
    struct ir_epm_key key;
    enum irpc_status st = ir_epm_key_parse(tower, &key);

    if (st != IRPC_OK) {
        return st;
    }
    if (map->borrowed) {
        return IRPC_ACCESS_DENIED;
    }
    if (is_hijack(map, owner, object, &key, tower)) {
        return IRPC_ACCESS_DENIED;
    }
    struct ir_epm_entry *old = find(map, object, &key, tower);
    struct ir_epm_entry *e = NULL;

    /* Whatever can run out of memory comes before anything is replaced. */
    if (old == NULL) {
        e = ir_alloc(sizeof(*e) + tower.len);
        if (e == NULL || !grow(map)) {
            ir_free(e);
            return IRPC_NO_MEMORY;
        }
    }
    if (replace) {
        remove_replaced(map, owner, object, &key, old);
    }
    if (old != NULL) {
        old->owner = *owner;
        old->round = map->round;
        set_annotation(old, annotation);
        map->changes++;
        return IRPC_OK;
    }
    if (!has_room(map, owner)) {
        ir_free(e);
        return IRPC_LIMIT;
    }
    e->id = map->next_id++;
    e->round = map->round;
    e->object = *object;
    e->key = key;
    e->owner = *owner;
    set_annotation(e, annotation);
    e->tower_len = tower.len;
    memcpy(e->tower, tower.p, tower.len);
    map->entries[map->n++] = e;
    map->changes++;
    return IRPC_OK;
}

/* --- deleting --- */

IRPC_CHECKED ir_epm_delete(struct ir_epm_map *map, const struct ir_epm_owner *owner, bool any_owner,
                           const struct irpc_uuid *object, struct irpc_span tower)
{
    struct ir_epm_key key = {.address_off = 0};
    size_t removed = 0;
    size_t denied = 0;

    if (map->borrowed) {
        return IRPC_ACCESS_DENIED;
    }
    if (tower.len > 0 && ir_epm_key_parse(tower, &key) != IRPC_OK) {
        return IRPC_EPT_NOT_REGISTERED; /* it cannot have got in */
    }
    for (size_t i = map->n; i-- > 0;) {
        const struct ir_epm_entry *e = map->entries[i];

        if ((object != NULL && !same_uuid(&e->object, object)) ||
            (tower.len > 0 && !same_tower(e, &key, tower))) {
            continue;
        }
        if (!any_owner && e->owner.principal != owner->principal) {
            denied++;
            continue;
        }
        remove_at(map, i);
        removed++;
    }
    if (removed > 0) {
        return IRPC_OK;
    }
    return denied > 0 ? IRPC_ACCESS_DENIED : IRPC_EPT_NOT_REGISTERED;
}

size_t ir_epm_drop_session(struct ir_epm_map *map, uint64_t session)
{
    size_t kept = 0;
    size_t before = map->n;

    if (map->borrowed) {
        return 0;
    }
    for (size_t i = 0; i < before; i++) {
        if (map->entries[i]->owner.session == session) {
            ir_free(map->entries[i]);
        } else {
            map->entries[kept++] = map->entries[i];
        }
    }
    map->n = kept;
    map->changes += before - kept;
    return before - kept;
}

/* --- flat form --- */

static size_t entry_len(const struct ir_epm_entry *e)
{
    return (sizeof(*e) + e->tower_len + 7) & ~(size_t)7;
}

size_t ir_epm_flat_len(const struct ir_epm_map *map)
{
    size_t len = sizeof(struct flat) + map->n * sizeof(uint64_t);

    for (size_t i = 0; i < map->n; i++) {
        len += entry_len(map->entries[i]);
    }
    return len;
}

void ir_epm_flatten(const struct ir_epm_map *map, void *memory)
{
    struct flat *flat = memory;
    size_t off = sizeof(*flat) + map->n * sizeof(uint64_t);

    *flat = (struct flat){.magic = FLAT_MAGIC, .len = ir_epm_flat_len(map), .n = map->n};
    for (size_t i = 0; i < map->n; i++) {
        const struct ir_epm_entry *e = map->entries[i];

        flat->offsets[i] = off;
        memcpy((uint8_t *)memory + off, e, sizeof(*e) + e->tower_len);
        off += entry_len(e);
    }
}

/* The entry at @off of the flat form; NULL: there is none that is safe to use. */
static struct ir_epm_entry *flat_entry(const struct flat *flat, uint64_t off)
{
    struct ir_epm_key key;

    if (off % 8 != 0 || off > flat->len || flat->len - off < sizeof(struct ir_epm_entry)) {
        return NULL;
    }
    struct ir_epm_entry *e = (struct ir_epm_entry *)((uintptr_t)flat + (size_t)off);

    if (e->tower_len > IR_EPM_TOWER_MAX || e->tower_len > flat->len - off - sizeof(*e) ||
        memchr(e->annotation, 0, sizeof(e->annotation)) == NULL ||
        ir_epm_key_parse((struct irpc_span){e->tower, e->tower_len}, &key) != IRPC_OK) {
        return NULL;
    }
    bool same = e->key.address_off == key.address_off && same_protocols(&e->key, &key) &&
                same_syntax(&e->key.interface, &key.interface) &&
                same_syntax(&e->key.transfer, &key.transfer);
    return same ? e : NULL;
}

IRPC_CHECKED ir_epm_map_borrow(const void *memory, size_t len, struct ir_epm_map **ret_map)
{
    static const struct ir_epm_limits none;
    const struct flat *flat = memory;

    if (len < sizeof(*flat) || flat->magic != FLAT_MAGIC || flat->len != len ||
        flat->n > (len - sizeof(*flat)) / sizeof(uint64_t)) {
        return IRPC_PROTO_ERROR;
    }
    struct ir_epm_map *map = ir_epm_map_new(&none);
    struct ir_epm_entry **entries = ir_calloc((size_t)flat->n + 1, sizeof(entries[0]));

    if (map == NULL || entries == NULL) {
        ir_free(entries);
        ir_epm_map_free(map);
        return IRPC_NO_MEMORY;
    }
    map->borrowed = true;
    map->entries = entries;
    for (; map->n < flat->n; map->n++) {
        entries[map->n] = flat_entry(flat, flat->offsets[map->n]);
        if (entries[map->n] == NULL ||
            (map->n > 0 && entries[map->n]->id <= entries[map->n - 1]->id)) {
            ir_epm_map_free(map);
            return IRPC_PROTO_ERROR;
        }
    }
    *ret_map = map;
    return IRPC_OK;
}

/* --- finding --- */

/* Index of the first entry with an id of at least @id. */
static size_t index_of(const struct ir_epm_map *map, uint64_t id)
{
    size_t low = 0;
    size_t high = map->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (map->entries[mid]->id < id) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

const struct ir_epm_entry *ir_epm_peek(const struct ir_epm_map *map, uint64_t id)
{
    size_t i = index_of(map, id);

    return i < map->n ? map->entries[i] : NULL;
}

static bool asks_interface(uint32_t inquiry)
{
    return inquiry == IR_EPM_BY_INTERFACE || inquiry == IR_EPM_BY_BOTH;
}

static bool asks_object(uint32_t inquiry)
{
    return inquiry == IR_EPM_BY_OBJECT || inquiry == IR_EPM_BY_BOTH;
}

bool ir_epm_lookup_is_valid(const struct ir_epm_lookup *lookup)
{
    if (lookup->inquiry > IR_EPM_BY_BOTH) {
        return false;
    }
    /* Without an interface there is no version, and clients send anything. */
    return !asks_interface(lookup->inquiry) ||
           (lookup->versions >= IR_EPM_VERSION_ALL && lookup->versions <= IR_EPM_VERSION_UPTO);
}

static bool lookup_matches(const struct ir_epm_lookup *lookup, const struct ir_epm_entry *e)
{
    if (asks_object(lookup->inquiry) && !same_uuid(&e->object, &lookup->object)) {
        return false;
    }
    return !asks_interface(lookup->inquiry) ||
           (same_uuid(&e->key.interface.uuid, &lookup->interface.uuid) &&
            version_matches(lookup->versions, &e->key.interface, &lookup->interface));
}

size_t ir_epm_lookup_next(const struct ir_epm_map *map, struct ir_epm_lookup *lookup,
                          const struct ir_epm_entry **ret_entries, size_t max)
{
    size_t n = 0;

    for (size_t i = index_of(map, lookup->next); i < map->n && n < max; i++) {
        const struct ir_epm_entry *e = map->entries[i];

        lookup->next = e->id + 1;
        if (lookup_matches(lookup, e)) {
            ret_entries[n++] = e;
        }
    }
    return n;
}

static bool mapping_matches(const struct ir_epm_mapping *mapping, const struct ir_epm_entry *e)
{
    const struct ir_epm_key *key = &mapping->key;

    if (!irpc_uuid_is_nil(&e->object) && !same_uuid(&e->object, &mapping->object)) {
        return false;
    }
    return same_uuid(&e->key.interface.uuid, &key->interface.uuid) &&
           version_matches(IR_EPM_VERSION_COMPATIBLE, &e->key.interface, &key->interface) &&
           same_syntax(&e->key.transfer, &key->transfer) && same_protocols(&e->key, key);
}

size_t ir_epm_mapping_next(const struct ir_epm_map *map, struct ir_epm_mapping *mapping,
                           const struct ir_epm_entry **ret_entries, size_t max)
{
    size_t n = 0;

    for (size_t i = index_of(map, mapping->next); i < map->n && n < max; i++) {
        const struct ir_epm_entry *e = map->entries[i];

        mapping->next = e->id + 1;
        if (mapping_matches(mapping, e)) {
            ret_entries[n++] = e;
        }
    }
    return n;
}
