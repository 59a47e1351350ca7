/* Expands a field, parameter or result into levels, with MIDL's scoping of attributes.
 *
 * The declaration and each typedef on its way contribute attributes ("sources"):
 *  - size_is and family: the n-th argument belongs to the n-th level of its source, so
 *    size_is(m,n) on T** sizes the outer pointer with m, and size_is(,*n) the inner one with *n;
 *  - a pointer attribute belongs to the first pointer of its source; all others get
 *    pointer_default, and the outermost pointer of a parameter is [ref] unless it says otherwise;
 *  - string belongs to the innermost level, the one whose elements are the characters;
 *  - context_handle makes everything below its typedef opaque.
 * What is written nearer to the declaration wins.
 *
 * Source: MIDL language reference (size_is, pointers); [C706] 4.2.18 to 4.2.21.
 */
#include "idl/levels.h"

#include <string.h>

struct expansion {
    struct ir_idl_unit *u;
    struct ir_idl_levels *out;
    const struct ir_idl_field *field;
    bool failed;
};

bool ir_idl_is_char(const struct ir_idl_type *leaf)
{
    if (leaf->kind != IR_IDL_BASE) {
        return false;
    }
    return leaf->base == IR_IDL_CHAR || leaf->base == IR_IDL_UCHAR || leaf->base == IR_IDL_WCHAR ||
           leaf->base == IR_IDL_BYTE || leaf->base == IR_IDL_I8 || leaf->base == IR_IDL_U8 ||
           leaf->base == IR_IDL_U16;
}

static struct ir_idl_expr **slot(struct ir_idl_level *level, enum ir_idl_attr_id id)
{
    switch ((int)id) {
    case IR_IDL_ATTR_SIZE_IS:
        return &level->size;
    case IR_IDL_ATTR_MAX_IS:
        return &level->max;
    case IR_IDL_ATTR_MIN_IS:
        return &level->min;
    case IR_IDL_ATTR_LENGTH_IS:
        return &level->length;
    case IR_IDL_ATTR_FIRST_IS:
        return &level->first;
    case IR_IDL_ATTR_LAST_IS:
        return &level->last;
    default:
        return NULL;
    }
}

/* "[size_is(n)] ARRAY *p", ARRAY being conformant: the array is meant, not the pointer. */
static uint32_t shift_to_array(const struct ir_idl_levels *out, uint32_t at,
                               const struct ir_idl_attr *attr)
{
    bool pair = at + 1 < out->n && attr->exprs.n == 1 && out->v[at].type->kind == IR_IDL_POINTER &&
                out->v[at + 1].type->kind == IR_IDL_ARRAY && out->v[at + 1].type->conformant &&
                !out->v[at + 1].size && !out->v[at + 1].max;
    return pair ? at + 1 : at;
}

static void apply_sizes(struct expansion *x, const struct ir_idl_attr *attr, uint32_t start)
{
    struct ir_idl_levels *out = x->out;
    start = shift_to_array(out, start, attr);
    for (uint32_t i = 0; i < attr->exprs.n; i++) {
        struct ir_idl_expr *e = attr->exprs.v[i];
        if (e->op == IR_IDL_OP_NONE) {
            continue;
        }
        if (start + i >= out->n) {
            ir_idl_error(x->u, e->pos,
                         "[%s] has an argument for a level that '%.*s' does not "
                         "have; it applies to pointers and arrays",
                         ir_idl_attr_name(attr->id), IR_IDL_S(x->field->name));
            x->failed = true;
            return;
        }
        struct ir_idl_expr **where = slot(&out->v[start + i], attr->id);
        if (where && !*where) {
            *where = e;
        }
    }
}

static void apply_pointer(struct ir_idl_levels *out, enum ir_idl_attr_id id, uint32_t start)
{
    for (uint32_t i = start; i < out->n; i++) {
        struct ir_idl_level *level = &out->v[i];
        if (level->type->kind == IR_IDL_POINTER) {
            if (!level->explicit_pointer) {
                level->pointer = id;
                level->explicit_pointer = true;
            }
            return;
        }
    }
}

static void apply_one(struct expansion *x, struct ir_idl_attr *attr, uint32_t start)
{
    struct ir_idl_levels *out = x->out;
    struct ir_idl_level probe;
    if (slot(&probe, attr->id)) {
        apply_sizes(x, attr, start);
        return;
    }
    switch ((int)attr->id) {
    case IR_IDL_ATTR_REF:
    case IR_IDL_ATTR_UNIQUE:
    case IR_IDL_ATTR_PTR:
        apply_pointer(out, attr->id, start);
        break;
    case IR_IDL_ATTR_STRING:
        out->has_string = true;
        out->string_pos = attr->pos;
        break;
    case IR_IDL_ATTR_RANGE:
        out->range = out->range ? out->range : attr;
        break;
    case IR_IDL_ATTR_SWITCH_IS:
        out->switch_is = out->switch_is ? out->switch_is : attr;
        break;
    case IR_IDL_ATTR_IID_IS:
        out->is_interface = out->is_interface || ir_idl_is_base(out->leaf, IR_IDL_VOID);
        break;
    default:
        break;
    }
}

struct source {
    const struct ir_idl_attrs *attrs;
    uint32_t start;
};

#define MAX_SOURCES 200u

static bool add_level(struct expansion *x, struct ir_idl_type *type)
{
    if (x->out->n == IR_IDL_MAX_LEVELS) {
        ir_idl_error(x->u, x->field->pos, "'%.*s' has more than %u levels of pointers and arrays",
                     IR_IDL_S(x->field->name), IR_IDL_MAX_LEVELS);
        return false;
    }
    x->out->v[x->out->n++].type = type;
    return true;
}

/* Collects levels and sources; the leaf is what is left. */
static bool collect(struct expansion *x, struct source *sources, uint32_t *n_sources)
{
    struct ir_idl_type *type = x->field->type;
    struct ir_idl_levels *out = x->out;
    out->leaf_name = type;
    for (;;) {
        if (type->kind == IR_IDL_NAMED) {
            struct ir_idl_sym *sym = type->sym;
            if (*n_sources == MAX_SOURCES) {
                return false;
            }
            out->leaf_name = type;
            sources[(*n_sources)++] = (struct source){&sym->attrs, out->n};
            if (ir_idl_attr(&sym->attrs, IR_IDL_ATTR_CONTEXT_HANDLE) ||
                ir_idl_attr(&sym->attrs, IR_IDL_ATTR_STRICT_CONTEXT_HANDLE)) {
                out->is_context_handle = true;
                out->context_type = sym;
                break;
            }
            type = sym->type;
        } else if (type->kind == IR_IDL_POINTER || type->kind == IR_IDL_ARRAY) {
            if (!add_level(x, type)) {
                return false;
            }
            type = type->of;
            out->leaf_name = type;
        } else {
            break;
        }
    }
    out->leaf = ir_idl_strip(type);
    out->is_interface = out->leaf->kind == IR_IDL_INTERFACE;
    return true;
}

/* [context_handle] on the parameter itself: its innermost pointer is the handle. */
static void direct_context_handle(struct expansion *x)
{
    struct ir_idl_levels *out = x->out;
    bool direct = ir_idl_attr(&x->field->attrs, IR_IDL_ATTR_CONTEXT_HANDLE) != NULL;
    if (!direct || out->is_context_handle || out->n == 0) {
        return;
    }
    out->n--;
    out->leaf = out->leaf_name = out->v[out->n].type;
    out->is_context_handle = true;
}

static void default_pointers(struct ir_idl_levels *out, const struct ir_idl_iface *iface,
                             enum ir_idl_place place)
{
    enum ir_idl_attr_id inner = iface ? iface->pointer_default : IR_IDL_ATTR_UNIQUE;
    for (uint32_t i = 0; i < out->n; i++) {
        struct ir_idl_level *level = &out->v[i];
        if (level->type->kind != IR_IDL_POINTER || level->explicit_pointer) {
            continue;
        }
        if (i + 1 == out->n && out->is_interface) { /* [MS-DCOM] 2.2.14 */
            level->pointer = IR_IDL_ATTR_UNIQUE;
            continue;
        }
        level->pointer = i == 0 && place == IR_IDL_AS_PARAM ? IR_IDL_ATTR_REF : inner;
        bool result = place == IR_IDL_AS_RESULT && i == 0 && level->pointer == IR_IDL_ATTR_REF;
        level->pointer = result ? IR_IDL_ATTR_UNIQUE : level->pointer;
    }
}

bool ir_idl_expand(struct ir_idl_unit *u, const struct ir_idl_field *field,
                   const struct ir_idl_iface *iface, enum ir_idl_place place,
                   struct ir_idl_levels *ret)
{
    struct source sources[MAX_SOURCES + 1];
    uint32_t n_sources = 1;
    struct expansion x = {.u = u, .out = ret, .field = field};
    memset(ret, 0, sizeof(*ret));
    sources[0] = (struct source){&field->attrs, 0};
    if (!collect(&x, sources, &n_sources)) {
        return false;
    }
    direct_context_handle(&x);
    for (uint32_t i = 0; i < n_sources && !x.failed; i++) {
        for (uint32_t k = 0; k < sources[i].attrs->v.n && !x.failed; k++) {
            apply_one(&x, sources[i].attrs->v.v[k], sources[i].start);
        }
    }
    default_pointers(ret, iface, place);
    ret->is_ignored = place == IR_IDL_IN_BODY && ir_idl_is_ignored(field);
    if (ret->has_string && ret->n > 0 && !ret->is_context_handle) {
        ret->v[ret->n - 1].is_string = true;
    }
    return !x.failed;
}
