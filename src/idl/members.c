/* Members of a struct or union and parameters of an operation by name.
 *
 * size_is(n) and its kin name another member, and a body may have as many members as fit into a
 * source, each with such a name. Short lists are searched; a long one goes into a map when it is
 * first asked.
 *
 * Invariant: a list does not change after its first look-up.
 */
#include "idl/compile.h"

#define SHORT_LIST 16u

static const char is_filled; /* its address is part of a key */

static struct ir_idl_field *search(const struct ir_idl_vec *fields, struct ir_idl_str name)
{
    for (uint32_t i = 0; i < fields->n; i++) {
        struct ir_idl_field *field = fields->v[i];
        if (ir_idl_str_eq(field->name, name)) {
            return field;
        }
    }
    return NULL;
}

static void fill(struct ir_idl_unit *u, const struct ir_idl_vec *fields)
{
    for (uint32_t i = 0; i < fields->n; i++) {
        struct ir_idl_field *field = fields->v[i];
        struct ir_idl_key key = {field->name, fields, NULL};
        void **slot = ir_idl_map_add(&u->pool, &u->members, key);
        if (slot && !*slot) {
            *slot = field;
        }
    }
}

struct ir_idl_field *ir_idl_find_field(struct ir_idl_unit *u, const struct ir_idl_vec *fields,
                                       struct ir_idl_str name)
{
    if (!fields || name.n == 0) {
        return NULL;
    }
    if (fields->n <= SHORT_LIST) {
        return search(fields, name);
    }
    struct ir_idl_key filled = {{NULL, 0}, fields, &is_filled};
    void **slot = ir_idl_map_add(&u->pool, &u->members, filled);
    if (slot && !*slot) {
        *slot = u;
        fill(u, fields);
    }
    struct ir_idl_key key = {name, fields, NULL};
    return ir_idl_map_get(&u->members, key);
}
