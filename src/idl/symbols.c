/* The symbol tables: one for ordinary names, one for tags.
 *
 * Real IDL repeats declarations (the same typedef in several imported files) and repeats names
 * in different interfaces of one file. So a name may have many symbols, and the place of the use
 * decides: same interface, then same file, then anything imported; the latest among equals. The
 * maps hold that latest symbol for each of the three; a declaration or a look-up costs the same
 * however many symbols a name has.
 */
#include "idl/compile.h"

static const char anywhere, families; /* their addresses are parts of keys */

/* An interface that is announced again after its body stays the one with the body. */
static bool is_weaker(const struct ir_idl_sym *sym, const struct ir_idl_sym *old)
{
    return old && old->kind == IR_IDL_SYM_INTERFACE && !old->as_iface->forward &&
           sym->kind == IR_IDL_SYM_INTERFACE && sym->as_iface->forward;
}

static void put(struct ir_idl_unit *u, struct ir_idl_map *map, struct ir_idl_sym *sym,
                const void *file, const void *iface)
{
    struct ir_idl_key key = {sym->name, file, iface};
    void **latest = ir_idl_map_add(&u->pool, map, key);
    if (latest && !is_weaker(sym, *latest)) {
        *latest = sym;
    }
}

/* Finds or makes the family of a name, a file and a kind. A list has one of each, so it is short.
 */
static struct ir_idl_family *family_of(struct ir_idl_unit *u, const struct ir_idl_sym *sym)
{
    struct ir_idl_key key = {sym->name, &families, NULL};
    void **head = ir_idl_map_add(&u->pool, &u->names, key);
    for (struct ir_idl_family *f = head ? *head : NULL; f; f = f->next) {
        if (f->latest->file == sym->file && f->latest->kind == sym->kind) {
            return f;
        }
    }
    struct ir_idl_family *made = head ? ir_idl_array(&u->pool, 1, sizeof(*made)) : NULL;
    if (made) {
        made->next = *head;
        *head = made;
    }
    return made;
}

void ir_idl_declare(struct ir_idl_unit *u, struct ir_idl_sym *sym)
{
    if (u->pool.failed) {
        return; /* sym may be scratch memory */
    }
    bool is_tag = sym->kind == IR_IDL_SYM_TAG;
    struct ir_idl_map *map = is_tag ? &u->tags : &u->names;
    struct ir_idl_family *f = is_tag ? NULL : family_of(u, sym);
    if (f && f->latest) {
        f->latest->shadowed = true;
    }
    if (f) {
        f->latest = sym;
    }
    put(u, map, sym, sym->file, sym->iface);
    put(u, map, sym, sym->file, &anywhere);
    put(u, map, sym, &anywhere, &anywhere);
}

struct ir_idl_sym *ir_idl_find(struct ir_idl_unit *u, struct ir_idl_str name, bool tag,
                               const struct ir_idl_iface *iface, const struct ir_idl_file *file)
{
    const struct ir_idl_map *map = tag ? &u->tags : &u->names;
    const struct ir_idl_key keys[] = {
        {name, file, iface}, {name, file, &anywhere}, {name, &anywhere, &anywhere}};
    struct ir_idl_sym *best = NULL;
    for (uint32_t i = 0; i < 3; i++) {
        struct ir_idl_sym *sym = ir_idl_map_get(map, keys[i]);
        bool announced = best && best->kind == IR_IDL_SYM_INTERFACE && best->as_iface->forward;
        if (best && !announced) {
            break;
        }
        if (sym && (!best || is_weaker(best, sym))) {
            best = sym;
        }
    }
    return best;
}

struct ir_idl_family *ir_idl_families(struct ir_idl_unit *u, struct ir_idl_str name)
{
    struct ir_idl_key key = {name, &families, NULL};
    return ir_idl_map_get(&u->names, key);
}
