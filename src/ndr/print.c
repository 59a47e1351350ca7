/*
 * Values in memory as a sequence of events, for tools that show them.
 *
 * Memory is trusted as in encoding, but may come from a peer: nesting and the number of values are
 * bounded, and nothing recurses.
 */
#include <ironrpc/stub.h>

#include "ndr/machine.h"

#define DEPTH 512u
#define MAX_VALUES (1024u * 1024u)

enum work {
    FIELDS,   /* of a struct */
    ELEMENTS, /* of an array */
    UNION_END
};

struct level {
    const struct irpc_ndr_type *type; /* struct, or element of the array */
    const uint8_t *mem;
    const uint8_t *scope;
    size_t stride;
    uint32_t i;
    uint32_t n;
    enum work work;
};

struct printer {
    const struct irpc_ndr_unit *unit;
    const struct ir_ndr_sink *sink;
    void *user;
    uint32_t values;
    uint32_t sp;
    enum irpc_status st;
    struct level levels[DEPTH];
};

static bool fail(struct printer *p, enum irpc_status st)
{
    p->st = st;
    return false;
}

static struct level *push(struct printer *p, enum work work, const struct irpc_ndr_type *t,
                          const uint8_t *mem, const uint8_t *scope)
{
    if (p->sp == DEPTH) {
        (void)fail(p, IRPC_LIMIT);
        return NULL;
    }
    struct level *l = &p->levels[p->sp++];
    *l = (struct level){.type = t, .mem = mem, .scope = scope, .work = work};
    return l;
}

static const char *enumerator(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                              int64_t value)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const struct irpc_ndr_arm *arm = &unit->arms[t->ref + i];
        if (arm->tag == value) {
            return unit->names + arm->name;
        }
    }
    return NULL;
}

static void print_base(struct printer *p, const struct irpc_ndr_type *t, const uint8_t *mem)
{
    const struct ir_ndr_sink *sink = p->sink;
    int64_t v = ir_ndr_int(t, mem);
    float f;
    double d;

    switch (t->kind) {
    case IRPC_NDR_BOOLEAN:
        sink->boolean(p->user, v != 0);
        break;
    case IRPC_NDR_I8:
    case IRPC_NDR_I16:
    case IRPC_NDR_I32:
    case IRPC_NDR_I64:
    case IRPC_NDR_I3264:
        sink->integer(p->user, v);
        break;
    case IRPC_NDR_ENUM16:
    case IRPC_NDR_ENUM32:
        sink->enumerator(p->user, enumerator(p->unit, t, v), v);
        break;
    case IRPC_NDR_F32:
        memcpy(&f, mem, sizeof(f));
        sink->real(p->user, (double)f);
        break;
    case IRPC_NDR_F64:
        memcpy(&d, mem, sizeof(d));
        sink->real(p->user, d);
        break;
    case IRPC_NDR_CONTEXT:
        sink->context(p->user, mem);
        break;
    case IRPC_NDR_NONE:
    case IRPC_NDR_IGNORED:
        sink->null(p->user);
        break;
    default:
        sink->natural(p->user, (uint64_t)v);
        break;
    }
}

static bool print_string(struct printer *p, const struct irpc_ndr_type *t, const uint8_t *mem,
                         const uint8_t *scope)
{
    struct ir_ndr_scope all = {scope, IR_NDR_ALL, IR_NDR_ALL};
    int64_t cap = t->flags & IRPC_NDR_F_CONFORMANT ? UINT32_MAX : t->n;

    if ((t->flags & IRPC_NDR_F_CONFORMANT) && t->size != 0 &&
        !ir_ndr_eval(p->unit, t->size, &all, &cap)) {
        cap = -1;
    }
    if (cap < 0 || cap > UINT32_MAX) {
        return fail(p, IRPC_INVALID_BOUND);
    }
    p->sink->string(p->user, mem, ir_ndr_string_len(p->unit, t, mem, (uint32_t)cap),
                    p->unit->types[t->ref].msize);
    return true;
}

static bool print_array(struct printer *p, const struct irpc_ndr_type *t, const uint8_t *mem,
                        const uint8_t *scope)
{
    const struct irpc_ndr_type *element = &p->unit->types[t->ref];
    struct ir_ndr_scope all = {scope, IR_NDR_ALL, IR_NDR_ALL};
    const struct irpc_ndr_type *leaf = element;
    size_t stride = element->msize;
    uint32_t inner = 1;
    uint32_t max = 0;
    uint32_t off = 0;
    uint32_t actual = 0;

    if (!ir_ndr_eval_dimension(p->unit, t, scope, &max, &off, &actual)) {
        return fail(p, IRPC_INVALID_BOUND);
    }
    if (element->kind == IRPC_NDR_ARRAY) {
        if (!ir_ndr_eval_total(p->unit, element, &all, &inner, &leaf)) {
            return fail(p, IRPC_INVALID_BOUND);
        }
        stride = (size_t)inner * leaf->msize;
    }
    mem += off * stride;
    if (element->kind == IRPC_NDR_BYTE || element->kind == IRPC_NDR_U8 ||
        element->kind == IRPC_NDR_CHAR) {
        p->sink->bytes(p->user, (struct irpc_span){mem, actual});
        return true;
    }
    struct level *l = push(p, ELEMENTS, element, mem, scope);
    if (l == NULL) {
        return false;
    }
    l->n = actual;
    l->stride = stride;
    p->sink->begin_array(p->user);
    return true;
}

/* Begin a union: its arm, whose type is returned, comes next; types[0] if it is empty. */
static const struct irpc_ndr_type *enter_union(struct printer *p, const struct irpc_ndr_type *t,
                                               const uint8_t *mem, const uint8_t *scope)
{
    const struct irpc_ndr_type *arm = NULL;
    const char *name = "default";
    int64_t tag = 0;

    if (ir_ndr_union_tag(p->unit, t, mem, scope, &tag)) {
        arm = ir_ndr_arm(p->unit, t, tag);
    }
    if (arm == NULL) {
        (void)fail(p, IRPC_INVALID_TAG);
        return NULL;
    }
    if (push(p, UNION_END, t, mem, scope) == NULL) {
        return NULL;
    }
    p->sink->begin_union(p->user, tag);
    const char *found = enumerator(p->unit, t, tag);
    if (arm->kind != IRPC_NDR_NONE) {
        p->sink->field(p->user, found != NULL ? found : name);
    }
    return arm;
}

/* Print one value, or push the level that does. */
static bool print_value(struct printer *p, const struct irpc_ndr_type *t, const uint8_t *mem,
                        const uint8_t *scope)
{
    for (;;) {
        if (p->values++ == MAX_VALUES) {
            return fail(p, IRPC_LIMIT);
        }
        if (t->kind == IRPC_NDR_POINTER) {
            mem = ir_ndr_pointer(mem);
            t = &p->unit->types[t->ref];
            if (mem == NULL) {
                p->sink->null(p->user);
                return true;
            }
        } else if (t->kind == IRPC_NDR_UNION) {
            bool encapsulated = (t->flags & IRPC_NDR_F_ENCAPSULATED) != 0;
            const struct irpc_ndr_type *arm = enter_union(p, t, mem, scope);
            if (arm == NULL || arm->kind == IRPC_NDR_NONE) {
                return arm != NULL;
            }
            scope = encapsulated ? mem : scope;
            mem += encapsulated ? t->aux : 0;
            t = arm;
        } else {
            break;
        }
    }
    if (t->kind == IRPC_NDR_STRING) {
        return print_string(p, t, mem, scope);
    }
    if (t->kind == IRPC_NDR_ARRAY) {
        return print_array(p, t, mem, scope);
    }
    if (t->kind != IRPC_NDR_STRUCT) {
        print_base(p, t, mem);
        return true;
    }
    if (t->flags & IRPC_NDR_F_UUID) {
        struct irpc_uuid uuid;
        memcpy(&uuid, mem, sizeof(uuid));
        p->sink->uuid(p->user, &uuid);
        return true;
    }
    struct level *l = push(p, FIELDS, t, mem, mem);
    if (l == NULL) {
        return false;
    }
    l->n = t->n;
    p->sink->begin_struct(p->user);
    return true;
}

static bool step(struct printer *p)
{
    struct level *l = &p->levels[p->sp - 1];
    uint32_t i = l->i++;

    if (l->work == UNION_END) {
        p->sp--;
        p->sink->end_union(p->user);
        return true;
    }
    if (i == l->n) {
        p->sp--;
        if (l->work == FIELDS) {
            p->sink->end_struct(p->user);
        } else {
            p->sink->end_array(p->user);
        }
        return true;
    }
    if (l->work == ELEMENTS) {
        return print_value(p, l->type, l->mem + i * l->stride, l->scope);
    }
    const struct irpc_ndr_field *field = &p->unit->fields[l->type->ref + i];
    p->sink->field(p->user, p->unit->names + field->name);
    return print_value(p, &p->unit->types[field->type], l->mem + field->moff, l->mem);
}

enum irpc_status ir_ndr_print(const struct irpc_ndr_unit *unit, uint32_t opnum, enum ir_ndr_dir dir,
                              const void *args, const struct ir_ndr_sink *sink, void *user)
{
    struct printer p;
    uint32_t mask = dir == IR_NDR_IN ? IRPC_NDR_P_IN : IRPC_NDR_P_OUT;
    const uint8_t *mem = args;

    if (opnum >= unit->n_ops) {
        return IRPC_INVALID_ARG;
    }
    p.unit = unit;
    p.sink = sink;
    p.user = user;
    p.values = 0;
    p.sp = 0;
    p.st = IRPC_OK;
    const struct irpc_ndr_op *op = &unit->ops[opnum];
    sink->begin_struct(user);
    for (uint32_t i = 0; i < op->n_params; i++) {
        const struct irpc_ndr_param *param = &unit->params[op->first_param + i];
        if (!(param->flags & mask)) {
            continue;
        }
        sink->field(user, unit->names + param->name);
        bool ok = print_value(&p, &unit->types[param->type], mem + param->moff, mem);
        while (ok && p.sp > 0) {
            ok = step(&p);
        }
        if (!ok) {
            return p.st;
        }
    }
    sink->end_struct(user);
    return IRPC_OK;
}
