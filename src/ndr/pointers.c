/*
 * Pointers, [C706] 14.3.10 to 14.3.12: ref, unique and full; referents in place, pointees deferred.
 *
 * Between S and D the slot in memory holds NULL or the referent id; nothing reads it but D.
 * A unique pointer never aliases: each non-zero referent has its own pointee. Full pointers with
 * the same id are the same object: a trie from id to object finds it (16 levels of 2 bits, so a
 * peer that chooses ids gains nothing; check: L14). An alias must have the type and the bounds of
 * its object, and may not point back to an object that is still being decoded. check: N07
 */
#include "ndr/machine.h"

/* --- the trie --- */

/* The node for @key, or the place to put it. */
static struct ir_ndr_alias **find(struct ir_ndr_alias **root, uint64_t key)
{
    uint64_t bits = key;

    while (*root != NULL && (*root)->key != key) {
        root = &(*root)->child[bits & 3];
        bits >>= 2;
    }
    return root;
}

static struct ir_ndr_alias *insert(struct ir_arena *scratch, struct ir_ndr_alias **place,
                                   uint64_t key, const struct irpc_ndr_type *type)
{
    struct ir_ndr_alias *node = ir_arena_zalloc(scratch, sizeof(*node));

    if (node != NULL) {
        node->key = key;
        node->type = type;
        *place = node;
    }
    return node;
}

/* --- decoding --- */

void *ir_ndr_dec_alloc(struct ir_ndr_dec *d, uint64_t size, bool zero)
{
    void *mem = size <= SIZE_MAX / 2 ? ir_arena_alloc(d->arena, (size_t)size) : NULL;

    if (mem == NULL) { /* check: N18 */
        bool limit = size > SIZE_MAX / 2 || ir_arena_over_budget(d->arena, (size_t)size);
        (void)ir_ndr_dec_fail(d, limit ? IRPC_LIMIT : IRPC_NO_MEMORY, "N18", "memory budget");
        return NULL;
    }
    if (zero) {
        memset(mem, 0, (size_t)size);
    }
    return mem;
}

bool ir_ndr_dec_referent(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem)
{
    uintptr_t id = ir_ndr_dec_word(d);

    if (t->n == IRPC_NDR_PTR_REF) {
        id = 1; /* an embedded [ref] pointer's referent has no meaning */
    }
    memcpy(mem, &id, sizeof(id));
    return d->st == IRPC_OK;
}

/*
 * A NULL pointer to an array whose size_is is not zero would have the manager trust a count
 * without an array: [MS-RPCE] 3.1.1.5.3.3.1.2. check: N05
 */
static bool check_null(struct ir_ndr_dec *d, const struct irpc_ndr_type *pointer,
                       const struct irpc_ndr_type *pointee, const struct ir_ndr_scope *scope)
{
    bool sized = pointee->kind == IRPC_NDR_ARRAY || pointee->kind == IRPC_NDR_STRING;

    if (!sized || ((pointer->flags | pointee->flags) & IRPC_NDR_F_NOCHECK)) {
        return true;
    }
    return ir_ndr_dec_correlate(d, pointee->size, scope, 0, 64);
}

static bool is_open(const struct ir_ndr_dec *d, const struct ir_ndr_alias *node)
{
    bool on_stack = node->frame < d->sp || (node->frame == d->sp && d->tail);

    return !node->done && on_stack && d->serials[node->frame] == node->serial;
}

/* Whether @t, as declared in @scope, describes the object of @node. */
static bool same_object(struct ir_ndr_dec *d, const struct ir_ndr_alias *node,
                        const struct irpc_ndr_type *t, const struct ir_ndr_scope *scope)
{
    const struct irpc_ndr_type *leaf = NULL;
    bool sized = t->kind == IRPC_NDR_ARRAY || t->kind == IRPC_NDR_STRING;
    uint32_t total = 0;

    if (node->type != t && (!sized || node->type->kind != t->kind || node->type->ref != t->ref)) {
        return false;
    }
    if (!sized || (t->kind == IRPC_NDR_STRING && t->size == 0 && node->type->size == 0)) {
        return true;
    }
    /* Bounds that are not known yet cannot be compared: refused, no interface does it. */
    if (!ir_ndr_eval_total(d->unit, t, scope, &total, &leaf) || total != node->total) {
        return false;
    }
    int64_t length = 0;
    if (t->length != 0 && !ir_ndr_eval(d->unit, t->length, scope, &length)) {
        return false;
    }
    return length >= 0 && length <= total;
}

/* A full pointer with a referent seen before: the same object. */
static bool alias(struct ir_ndr_dec *d, const struct ir_ndr_alias *node, void *slot,
                  const struct irpc_ndr_type *t, const struct ir_ndr_scope *scope)
{
    if (!same_object(d, node, t, scope)) {
        return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N07", "alias of another type or size");
    }
    if (is_open(d, node)) {
        return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N07", "cycle of full pointers");
    }
    memcpy(slot, &node->mem, sizeof(node->mem));
    return true;
}

/* Full pointer @id, which has not been seen, is of type @t. NULL: d->st. */
static struct ir_ndr_alias *add(struct ir_ndr_dec *d, struct ir_ndr_alias **place,
                                const struct irpc_ndr_type *t, uint64_t id)
{
    struct ir_ndr_alias *node = insert(&d->scratch, place, id, t);

    if (node == NULL) {
        (void)ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "too many full pointers");
    }
    return node;
}

static void set_object(const struct ir_ndr_dec *d, struct ir_ndr_alias *node,
                       const struct irpc_ndr_type *t, void *mem, const struct ir_ndr_scope *scope)
{
    const struct irpc_ndr_type *leaf = NULL;

    node->mem = mem;
    if ((t->kind == IRPC_NDR_ARRAY || t->kind == IRPC_NDR_STRING) &&
        !ir_ndr_eval_total(d->unit, t, scope, &node->total, &leaf)) {
        node->total = UINT32_MAX; /* never equal to another's */
    }
}

static bool resolve_full(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *slot,
                         const struct ir_ndr_scope *scope, uint64_t id)
{
    struct ir_ndr_alias **place = find(&d->aliases, id);

    if (*place != NULL) {
        return alias(d, *place, slot, t, scope);
    }
    struct ir_ndr_alias *node = add(d, place, t, id);
    if (node == NULL) {
        return false;
    }
    node->done = !(t->flags & IRPC_NDR_F_POINTERS);
    node->frame = d->sp;
    if (!ir_ndr_dec_pointee(d, t, slot, scope)) {
        return false;
    }
    node->serial = node->done || node->frame >= IR_NDR_FRAMES ? 0 : d->serials[node->frame];
    set_object(d, node, t, ir_ndr_pointer(slot), scope);
    return true;
}

bool ir_ndr_dec_resolve(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *slot,
                        const struct ir_ndr_scope *scope)
{
    const struct irpc_ndr_type *pointee = &d->unit->types[t->ref];
    uintptr_t id;

    memcpy(&id, slot, sizeof(id));
    if (id == 0) { /* check: N20 */
        return check_null(d, t, pointee, scope);
    }
    if (d->elements == 0) {
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "too many pointees");
    }
    d->elements--;
    if (t->n == IRPC_NDR_PTR_FULL) {
        return resolve_full(d, pointee, slot, scope, id);
    }
    return ir_ndr_dec_pointee(d, pointee, slot, scope);
}

bool ir_ndr_dec_has_object(struct ir_ndr_dec *d, uint64_t id)
{
    return *find(&d->aliases, id) != NULL;
}

bool ir_ndr_dec_keep_object(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem,
                            const struct ir_ndr_scope *scope, uint64_t id)
{
    struct ir_ndr_alias **place = find(&d->aliases, id);
    struct ir_ndr_alias *node = *place != NULL ? *place : add(d, place, t, id);

    if (node == NULL) {
        return false;
    }
    node->done = true;
    set_object(d, node, t, mem, scope);
    return true;
}

/* --- encoding --- */

/* Addresses are not evenly spread in their low bits; multiplication by an odd number is one-to-one,
 * so that the trie stays 32 levels deep. */
static uint64_t key_of(const void *p)
{
    uint64_t v = (uint64_t)(uintptr_t)p;

    return __builtin_bswap64(v * 0x9e3779b97f4a7c15u);
}

/*
 * The object at @p that @t describes in @scope, or the place to put it. One address may hold
 * objects of several types (a struct and its first field); a string or array is the same object as
 * another of its kind and size, whatever declaration it comes from.
 */
static struct ir_ndr_alias **find_object(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                         const void *p, const uint8_t *scope, uint32_t *ret_total)
{
    struct ir_ndr_scope all = {scope, IR_NDR_ALL, IR_NDR_ALL};
    bool sized = t->kind == IRPC_NDR_ARRAY || t->kind == IRPC_NDR_STRING;
    const struct irpc_ndr_type *leaf = NULL;
    uint64_t key = key_of(p);
    uint64_t bits = key;
    struct ir_ndr_alias **root = &e->aliases;

    *ret_total = 0;
    if (sized && (t->kind == IRPC_NDR_ARRAY || t->size != 0) &&
        !ir_ndr_eval_total(e->unit, t, &all, ret_total, &leaf)) {
        *ret_total = UINT32_MAX;
    }
    for (; *root != NULL; bits >>= 2) {
        struct ir_ndr_alias *node = *root;
        bool alike = sized && node->type->kind == t->kind && node->type->ref == t->ref;
        if (node->key == key && (node->type == t || alike) && node->total == *ret_total) {
            break;
        }
        root = &node->child[bits & 3];
    }
    return root;
}

bool ir_ndr_enc_referent(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *slot,
                         const uint8_t *scope)
{
    const void *p = ir_ndr_pointer(slot);
    uint32_t id = 0;

    if (p == NULL && t->n == IRPC_NDR_PTR_REF) { /* check: N05 */
        return ir_ndr_enc_fail(e, IRPC_NULL_REF_POINTER, "N05", "[ref] pointer is NULL");
    }
    if (p != NULL && t->n == IRPC_NDR_PTR_FULL) {
        const struct irpc_ndr_type *pointee = &e->unit->types[t->ref];
        uint32_t total = 0;
        struct ir_ndr_alias **place = find_object(e, pointee, p, scope, &total);
        struct ir_ndr_alias *node = *place;
        if (node == NULL) {
            node = insert(&e->scratch, place, key_of(p), pointee);
            if (node == NULL) {
                return ir_ndr_enc_fail(e, IRPC_NO_MEMORY, "N07", "full pointers");
            }
            node->total = total;
            node->id = ++e->n_full;
        }
        id = node->id;
    } else if (p != NULL) {
        id = IR_NDR_FIRST_REFERENT + 4 * e->n_referents++;
    }
    ir_ndr_enc_word(e, id);
    return true;
}

bool ir_ndr_enc_first_use(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *slot,
                          const uint8_t *scope)
{
    const void *p = ir_ndr_pointer(slot);
    uint32_t total = 0;

    if (p == NULL || t->n != IRPC_NDR_PTR_FULL) {
        return p != NULL;
    }
    struct ir_ndr_alias *node = *find_object(e, &e->unit->types[t->ref], p, scope, &total);
    if (node == NULL || node->done) {
        return false;
    }
    node->done = true;
    return true;
}
