/* What a type occupies in memory and on the wire; flags; order of the table; K.
 *
 * Types contain others by value (struct fields, union arms, array elements): those are computed
 * first and get lower numbers, so that a checker can prove containment acyclic by comparing
 * indices. Pointers contain nothing. The depth of containment is bounded by the memory layout
 * (types.c), so the recursion here is, too.
 *
 * Sources: [C706] 14.2, 14.3 (NDR 2.0); [MS-RPCE] 2.2.5 (NDR64: 8-byte counts, trailing gap).
 */
#include <string.h>

#include "idl/tables.h"

#define CHUNK_SIZE 24u /* sizeof(struct irpc_pipe_chunk) */
#define BOTH_FLAT (IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64)

static const unsigned flat_flag[2] = {IRPC_NDR_F_FLAT20, IRPC_NDR_F_FLAT64};

struct order {
    uint32_t *list; /* old index by new index */
    uint32_t *at;   /* new index by old index */
    uint32_t n;
};

static void compute(struct ir_idl_tables *t, uint32_t index, struct order *order);

static uint64_t align_up(uint64_t value, uint32_t align)
{
    return (value + align - 1) / align * align;
}

static void set_wsize(struct irpc_ndr_type *type, int syntax, uint64_t size)
{
    type->wsize[syntax] = size <= UINT32_MAX ? (uint32_t)size : 0;
}

static void simple(struct irpc_ndr_type *type, uint32_t memory, uint32_t wire20, uint32_t wire64)
{
    type->msize = memory;
    type->malign = (uint8_t)memory;
    type->wsize[0] = wire20;
    type->wsize[1] = wire64;
    type->walign[0] = (uint8_t)wire20;
    type->walign[1] = (uint8_t)wire64;
    bool ranged = (type->flags & IRPC_NDR_F_RANGE) != 0;
    type->flags |= (uint16_t)(memory == wire20 && !ranged ? IRPC_NDR_F_FLAT20 : 0);
    type->flags |= (uint16_t)(memory == wire64 && !ranged ? IRPC_NDR_F_FLAT64 : 0);
    type->flags |= (uint16_t)(memory == 1 && !ranged ? IRPC_NDR_F_BYTES : 0);
}

static void compute_base(struct irpc_ndr_type *type)
{
    switch (type->kind) {
    case IRPC_NDR_BOOLEAN:
    case IRPC_NDR_BYTE:
    case IRPC_NDR_CHAR:
    case IRPC_NDR_I8:
    case IRPC_NDR_U8:
        simple(type, 1, 1, 1);
        break;
    case IRPC_NDR_WCHAR:
    case IRPC_NDR_I16:
    case IRPC_NDR_U16:
        simple(type, 2, 2, 2);
        break;
    case IRPC_NDR_I64:
    case IRPC_NDR_U64:
    case IRPC_NDR_F64:
        simple(type, 8, 8, 8);
        break;
    case IRPC_NDR_I3264:
    case IRPC_NDR_U3264:
        simple(type, 8, 4, 8);
        break;
    case IRPC_NDR_ENUM16:
        simple(type, 4, 2, 4);
        type->flags &= (uint16_t)~BOTH_FLAT; /* its value is checked */
        break;
    default:
        simple(type, 4, 4, 4); /* I32 U32 F32 ENUM32 */
        break;
    }
}

static void compute_pointer(struct irpc_ndr_type *type, struct ir_idl_type_info *info)
{
    type->msize = sizeof(void *);
    type->malign = sizeof(void *);
    type->wsize[0] = 4;
    type->wsize[1] = 8;
    type->walign[0] = 4;
    type->walign[1] = 8;
    type->flags |= IRPC_NDR_F_POINTERS;
    info->wmin = 4;
}

static void compute_ignored(struct irpc_ndr_type *type, struct ir_idl_type_info *info)
{
    compute_pointer(type, info);
    type->flags = 0;
}

static void compute_context(struct irpc_ndr_type *type, struct ir_idl_type_info *info)
{
    type->msize = 20;
    type->malign = 4;
    type->wsize[0] = type->wsize[1] = 20;
    type->walign[0] = type->walign[1] = 4;
    info->wmin = 20;
}

static void compute_pipe(struct ir_idl_tables *t, uint32_t index, struct order *order)
{
    struct irpc_ndr_type *type = &t->types[index];
    compute(t, type->ref, order);
    type->msize = sizeof(struct irpc_pipe);
    type->malign = sizeof(void *);
    type->walign[0] = 4;
    type->walign[1] = 8;
    t->infos[index].wmin = 4;
}

static bool is_conformant(const struct irpc_ndr_type *type)
{
    bool kind = type->kind == IRPC_NDR_ARRAY || type->kind == IRPC_NDR_STRING ||
                type->kind == IRPC_NDR_STRUCT;
    return kind && (type->flags & IRPC_NDR_F_CONFORMANT);
}

/* One pass over the fields per syntax: alignment, constant size, flatness. */
static void struct_wire(struct ir_idl_tables *t, struct irpc_ndr_type *type, int syntax)
{
    uint64_t p = 0;
    uint8_t align = 1;
    bool constant = true;
    bool flat = type->n > 0;
    for (uint32_t i = 0; i < type->n; i++) {
        const struct irpc_ndr_field *field = &t->fields[type->ref + i];
        const struct irpc_ndr_type *ft = &t->types[field->type];
        uint8_t a = ft->walign[syntax] ? ft->walign[syntax] : 1;
        align = a > align ? a : align;
        constant = constant && ft->wsize[syntax] != 0;
        uint64_t start = align_up(p, a);
        flat = flat && (ft->flags & flat_flag[syntax]) && start == p && field->moff == start;
        p = start + ft->wsize[syntax];
    }
    type->walign[syntax] = align;
    flat = flat && constant && p == type->msize && p % align == 0;
    if (syntax == IRPC_NDR64) {
        p = align_up(p, align); /* [MS-RPCE] 2.2.5.3.4.1: trailing gap */
    }
    set_wsize(type, syntax, constant ? p : 0);
    type->flags |= (uint16_t)(flat ? flat_flag[syntax] : 0);
}

static void compute_struct(struct ir_idl_tables *t, uint32_t index, struct order *order)
{
    struct irpc_ndr_type *type = &t->types[index];
    struct ir_idl_type_info *info = &t->infos[index];
    bool bytes = type->n > 0;
    for (uint32_t i = 0; i < type->n; i++) {
        uint32_t field = t->fields[type->ref + i].type;
        compute(t, field, order);
        const struct irpc_ndr_type *ft = &t->types[field];
        info->wmin += t->infos[field].wmin;
        type->flags |= (uint16_t)(ft->flags & IRPC_NDR_F_POINTERS);
        bytes = bytes && (ft->flags & IRPC_NDR_F_BYTES);
        bool last = i + 1 == type->n;
        type->flags |= (uint16_t)(last && is_conformant(ft) ? IRPC_NDR_F_CONFORMANT : 0);
    }
    type->msize = info->agg ? (uint32_t)info->agg->size : 8; /* struct irpc_interface_pointer */
    type->malign = info->agg ? (uint8_t)info->agg->align : 4;
    struct_wire(t, type, IRPC_NDR20);
    struct_wire(t, type, IRPC_NDR64);
    bytes = bytes && (type->flags & BOTH_FLAT) == BOTH_FLAT;
    type->flags |= (uint16_t)(bytes ? IRPC_NDR_F_BYTES : 0);
}

static void compute_union(struct ir_idl_tables *t, uint32_t index, struct order *order)
{
    struct irpc_ndr_type *type = &t->types[index];
    struct ir_idl_type_info *info = &t->infos[index];
    compute(t, type->size, order);
    const struct irpc_ndr_type *disc = &t->types[type->size];
    uint64_t least = UINT64_MAX;
    bool has_default = (type->flags & IRPC_NDR_F_DEFAULT) != 0;
    memcpy(type->walign, disc->walign, sizeof(type->walign));
    for (uint32_t i = 0; i < type->n + has_default; i++) {
        uint32_t arm = i < type->n ? t->arms[type->ref + i].type : type->first;
        uint64_t wmin = 0;
        if (arm) {
            compute(t, arm, order);
            wmin = t->infos[arm].wmin;
            type->flags |= (uint16_t)(t->types[arm].flags & IRPC_NDR_F_POINTERS);
        }
        for (int s = 0; s < 2 && arm; s++) {
            uint8_t align = t->types[arm].walign[s];
            type->walign[s] = align > type->walign[s] ? align : type->walign[s];
        }
        least = wmin < least ? wmin : least;
    }
    info->wmin = t->infos[type->size].wmin + (least == UINT64_MAX ? 0 : least);
    type->msize = (uint32_t)info->agg->size;
    type->malign = (uint8_t)info->agg->align;
    for (uint32_t i = 0; i < info->agg->fields.n && info->agg->encapsulated; i++) {
        const struct ir_idl_field *arm = info->agg->fields.v[i];
        type->aux = arm->type ? arm->mem_off : type->aux;
    }
    if (info->agg->encapsulated && type->aux == 0) {
        type->aux = disc->msize; /* arms without anything in them */
    }
}

static void compute_array(struct ir_idl_tables *t, uint32_t index, struct order *order)
{
    struct irpc_ndr_type *type = &t->types[index];
    struct ir_idl_type_info *info = &t->infos[index];
    compute(t, type->ref, order);
    const struct irpc_ndr_type *element = &t->types[type->ref];
    bool conformant = (type->flags & IRPC_NDR_F_CONFORMANT) != 0;
    bool varying = (type->flags & IRPC_NDR_F_VARYING) != 0;
    uint32_t count = conformant ? 1 : type->n;
    type->msize = element->msize * count;
    type->malign = element->malign;
    type->flags |= (uint16_t)(element->flags & IRPC_NDR_F_POINTERS);
    info->wmin = conformant ? 4 : 0;
    info->wmin += varying ? 8 : 0;
    if (!conformant && !varying) {
        info->wmin = t->infos[type->ref].wmin * type->n;
    }
    bool fixed = !conformant && !varying && type->n > 0;
    bool ranged = (type->flags & IRPC_NDR_F_RANGE) != 0;
    uint32_t pass = BOTH_FLAT | IRPC_NDR_F_BYTES;
    type->flags |= (uint16_t)(fixed && !ranged ? element->flags & pass : 0);
    for (int s = 0; s < 2; s++) {
        uint8_t counts = s == IRPC_NDR20 ? 4 : 8; /* offset and actual_count stand in line */
        uint8_t align = element->walign[s] ? element->walign[s] : 1;
        type->walign[s] = varying && counts > align ? counts : align;
        uint64_t one = element->wsize[s];
        uint64_t all = (type->n - (type->n > 0)) * align_up(one, align) + one;
        set_wsize(type, s, fixed && one ? all : 0);
    }
}

static void compute(struct ir_idl_tables *t, uint32_t index, struct order *order)
{
    struct ir_idl_type_info *info = &t->infos[index];
    struct irpc_ndr_type *type = &t->types[index];
    if (index == 0 || info->state == IR_IDL_DONE) {
        return;
    }
    info->state = IR_IDL_DONE; /* containment is acyclic: types.c saw to it */
    switch (type->kind) {
    case IRPC_NDR_STRUCT:
        compute_struct(t, index, order);
        break;
    case IRPC_NDR_UNION:
        compute_union(t, index, order);
        break;
    case IRPC_NDR_ARRAY:
    case IRPC_NDR_STRING:
        compute_array(t, index, order);
        break;
    case IRPC_NDR_POINTER:
        compute_pointer(type, info);
        break;
    case IRPC_NDR_CONTEXT:
        compute_context(type, info);
        break;
    case IRPC_NDR_IGNORED:
        compute_ignored(type, info);
        break;
    case IRPC_NDR_PIPE:
        compute_pipe(t, index, order);
        break;
    default:
        compute_base(type);
        info->wmin = type->wsize[0];
        break;
    }
    order->list[order->n] = index;
    order->at[index] = order->n++;
}

static void renumber_type(struct irpc_ndr_type *type, const uint32_t *at)
{
    bool refers = type->kind == IRPC_NDR_ARRAY || type->kind == IRPC_NDR_STRING ||
                  type->kind == IRPC_NDR_POINTER || type->kind == IRPC_NDR_PIPE;
    type->ref = refers ? at[type->ref] : type->ref;
    if (type->kind == IRPC_NDR_UNION) {
        type->size = at[type->size];
        type->first = at[type->first];
    }
}

static bool renumber(struct ir_idl_tables *t, const struct order *order)
{
    uint32_t n = t->unit.n_types;
    struct irpc_ndr_type *types = ir_idl_array(&t->u->pool, n, sizeof(*types));
    struct ir_idl_type_info *infos = ir_idl_array(&t->u->pool, n, sizeof(*infos));
    if (!types || !infos) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        types[i] = t->types[order->list[i]];
        infos[i] = t->infos[order->list[i]];
        renumber_type(&types[i], order->at);
    }
    for (uint32_t i = 0; i < t->unit.n_fields; i++) {
        t->fields[i].type = order->at[t->fields[i].type];
    }
    for (uint32_t i = 0; i < t->unit.n_arms; i++) {
        t->arms[i].type = order->at[t->arms[i].type];
    }
    for (uint32_t i = 0; i < t->unit.n_params; i++) {
        t->params[i].type = order->at[t->params[i].type];
    }
    t->types = types;
    t->infos = infos;
    return true;
}

static uint64_t ratio(uint64_t memory, uint64_t wire)
{
    wire = wire ? wire : 1;
    return (memory + wire - 1) / wire;
}

/* The most memory that a byte on the wire can ask for, over all things allocated by themselves. */
static void compute_k(struct ir_idl_tables *t)
{
    uint64_t k = 2;
    for (uint32_t i = 1; i < t->unit.n_types; i++) {
        const struct irpc_ndr_type *type = &t->types[i];
        uint64_t one = 0;
        if (type->kind == IRPC_NDR_ARRAY || type->kind == IRPC_NDR_STRING) {
            one = ratio(t->types[type->ref].msize, t->infos[type->ref].wmin);
            k = one > k ? one : k;
        }
        if (type->kind == IRPC_NDR_PIPE) { /* chunks of one element; and of many */
            uint64_t size = t->types[type->ref].msize;
            uint64_t wmin = t->infos[type->ref].wmin;
            one = ratio(align_up(CHUNK_SIZE + size, 16), 4 + wmin);
            k = one > k ? one : k;
            one = ratio(size, wmin);
            k = one > k ? one : k;
        }
        if (t->infos[i].is_pointee && !is_conformant(type)) {
            one = ratio(align_up(type->msize, 8), t->infos[i].wmin);
            k = one > k ? one : k;
        }
    }
    t->unit.k = k <= UINT32_MAX ? (uint32_t)k : UINT32_MAX;
}

void ir_idl_finish_wire(struct ir_idl_tables *t)
{
    struct order order = {0};
    order.list = ir_idl_array(&t->u->pool, t->unit.n_types, sizeof(*order.list));
    order.at = ir_idl_array(&t->u->pool, t->unit.n_types, sizeof(*order.at));
    if (!order.list || !order.at) {
        return;
    }
    order.n = 1;
    for (uint32_t i = 1; i < t->unit.n_types; i++) {
        compute(t, i, &order);
    }
    if (renumber(t, &order)) {
        compute_k(t);
    }
}
