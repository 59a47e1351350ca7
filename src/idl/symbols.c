/* The symbol tables: one for ordinary names, one for tags.
 *
 * Real IDL repeats declarations (the same typedef in several imported files) and repeats names
 * in different interfaces of one file. So a name may have many symbols, and the place of the use
 * decides: same interface, then same file, then anything imported; the latest among equals.
 */
#include "idl/compile.h"

void ir_idl_declare(struct ir_idl_unit *u, struct ir_idl_sym *sym)
{
    if (u->pool.failed) {
        return; /* sym may be scratch memory */
    }
    struct ir_idl_sym **table = sym->kind == IR_IDL_SYM_TAG ? u->tags : u->names;
    struct ir_idl_sym **bucket = &table[ir_idl_str_hash(sym->name) % IR_IDL_N_BUCKETS];
    for (struct ir_idl_sym *old = *bucket; old; old = old->chain) {
        bool both_files = old->file == sym->file && old->kind == sym->kind;
        if (both_files && ir_idl_str_eq(old->name, sym->name)) {
            old->shadowed = true;
        }
    }
    sym->chain = *bucket;
    *bucket = sym;
}

static int rank(const struct ir_idl_sym *sym, const struct ir_idl_iface *iface,
                const struct ir_idl_file *file)
{
    if (sym->file == file && sym->iface == iface) {
        return 3;
    }
    return sym->file == file ? 2 : 1;
}

struct ir_idl_sym *ir_idl_find(struct ir_idl_unit *u, struct ir_idl_str name, bool tag,
                               const struct ir_idl_iface *iface, const struct ir_idl_file *file)
{
    struct ir_idl_sym **table = tag ? u->tags : u->names;
    struct ir_idl_sym *best = NULL;
    int best_rank = 0;
    struct ir_idl_sym *sym = table[ir_idl_str_hash(name) % IR_IDL_N_BUCKETS];
    for (; sym; sym = sym->chain) {
        if (!ir_idl_str_eq(sym->name, name)) {
            continue;
        }
        int r = rank(sym, iface, file);
        bool announced = best && best->kind == IR_IDL_SYM_INTERFACE && best->as_iface->forward &&
                         sym->kind == IR_IDL_SYM_INTERFACE && !sym->as_iface->forward;
        if (r > best_rank || announced) {
            best = sym;
            best_rank = r;
        }
    }
    return best;
}

bool ir_idl_is_imported(struct ir_idl_unit *u, const struct ir_idl_sym *sym)
{
    const struct ir_idl_sym *other = u->names[ir_idl_str_hash(sym->name) % IR_IDL_N_BUCKETS];
    for (; other; other = other->chain) {
        if (other->kind == sym->kind && other->file != sym->file &&
            ir_idl_str_eq(other->name, sym->name) && ir_idl_same_type(other->type, sym->type, 0)) {
            return true;
        }
    }
    return false;
}
