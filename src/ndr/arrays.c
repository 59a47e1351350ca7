/*
 * Arrays: fixed, conformant, varying, conformant varying, of several dimensions. [C706] 14.3.3.
 *
 * Order on the wire: max_count of each conformant dimension, outermost first (hoisted in front of
 * the structure that ends in the array, [C706] 14.3.7.1); then offset and actual_count of each
 * varying dimension; then the elements, the last index fastest.
 *
 * Invariants: offset + actual_count <= max_count, computed without wrap (check: N03); numbers of
 * elements fit 32 bits; nothing is allocated for elements that cannot be in the bytes left (N02).
 */
#include "ndr/machine.h"

const struct irpc_ndr_type *ir_ndr_tail(const struct irpc_ndr_unit *unit,
                                        const struct irpc_ndr_type *t, uint32_t *off,
                                        uint32_t *scope_off)
{
    while (t->kind == IRPC_NDR_STRUCT) {
        const struct irpc_ndr_field *last = &unit->fields[t->ref + t->n - 1];
        *scope_off = *off;
        *off += last->moff;
        t = &unit->types[last->type];
    }
    return t;
}

uint64_t ir_ndr_sized(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                      uint32_t total)
{
    uint32_t off = 0;
    uint32_t scope_off = 0;
    const struct irpc_ndr_type *a = ir_ndr_tail(unit, t, &off, &scope_off);

    bool is_string = a->kind == IRPC_NDR_STRING;
    while (a->kind == IRPC_NDR_ARRAY || (is_string && a->kind == IRPC_NDR_STRING)) {
        a = &unit->types[a->ref];
    }
    uint64_t size = off + (uint64_t)total * a->msize;
    if (t->kind == IRPC_NDR_STRUCT && size < t->msize) {
        size = t->msize;
    }
    return size;
}

static bool multiply(uint32_t *total, uint32_t factor)
{
    uint64_t product = (uint64_t)*total * factor;

    if (product > UINT32_MAX) {
        return false;
    }
    *total = (uint32_t)product;
    return true;
}

uint32_t ir_ndr_scatter(const uint32_t *note, uint32_t dims, uint32_t i)
{
    uint32_t at = 0;
    uint32_t stride = 1;

    for (size_t k = dims; k > 0; k--) {
        const uint32_t *one = note + 3 * (k - 1); /* max, offset, actual */
        at += (one[1] + (one[2] != 0 ? i % one[2] : 0)) * stride;
        i /= one[2] != 0 ? one[2] : 1;
        stride *= one[0];
    }
    return at;
}

/* Products over the dimensions, and where the run starts. False if one does not fit 32 bits. */
static bool finish_shape(struct ir_ndr_shape *s)
{
    s->total = 1;
    s->n = 1;
    s->first = 0;
    s->gaps = false;
    for (uint32_t i = s->dims; i > 0; i--) {
        uint32_t k = i - 1;
        s->first = k == 0 ? s->off[0] * s->total : 0; /* <= total in the end */
        if (!multiply(&s->total, s->max[k]) || !multiply(&s->n, s->actual[k])) {
            return false;
        }
        s->gaps = s->gaps || (k > 0 && s->actual[k] != s->max[k]);
    }
    return true;
}

/* --- decoding --- */

bool ir_ndr_dec_conformance(struct ir_ndr_dec *d, const struct irpc_ndr_type *t)
{
    uint32_t off = 0;

    if (!(t->flags & IRPC_NDR_F_CONFORMANT) && t->kind != IRPC_NDR_ARRAY) {
        return true;
    }
    t = ir_ndr_tail(d->unit, t, &off, &off);
    if (t->kind == IRPC_NDR_STRING) {
        d->conf[0] = t->flags & IRPC_NDR_F_CONFORMANT ? ir_ndr_dec_word(d) : t->n;
        return d->st == IRPC_OK;
    }
    for (uint32_t i = 0; t->kind == IRPC_NDR_ARRAY && i < IR_NDR_DIMS; i++) {
        d->conf[i] = t->flags & IRPC_NDR_F_CONFORMANT ? ir_ndr_dec_word(d) : t->n;
        t = &d->unit->types[t->ref];
    }
    return d->st == IRPC_OK;
}

/* [range] limits each max_count, [MS-RPCE] 3.1.1.5.3.3.1.3. check: N09 */
static bool check_range(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t count)
{
    if (t->flags & IRPC_NDR_F_RANGE) {
        const struct irpc_ndr_range *range = &d->unit->ranges[t->range];
        if (count < range->min || count > range->max) {
            return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N09", "count outside [range]");
        }
    }
    return true;
}

bool ir_ndr_dec_total(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t *ret_total,
                      const struct irpc_ndr_type **ret_leaf)
{
    uint32_t off = 0;
    uint32_t total = 1;

    t = ir_ndr_tail(d->unit, t, &off, &off);
    if (t->kind == IRPC_NDR_STRING) {
        *ret_total = d->conf[0];
        *ret_leaf = &d->unit->types[t->ref];
        return true;
    }
    for (uint32_t i = 0; t->kind == IRPC_NDR_ARRAY && i < IR_NDR_DIMS; i++) {
        if (!check_range(d, t, d->conf[i])) {
            return false;
        }
        if (!multiply(&total, d->conf[i])) {
            return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N02", "counts overflow");
        }
        t = &d->unit->types[t->ref];
    }
    *ret_total = total;
    *ret_leaf = t;
    return true;
}

/* Bytes that a value of @t occupies at least; a struct inside a struct may count as none. */
static uint32_t min_wire(const struct ir_ndr_dec *d, const struct irpc_ndr_type *t)
{
    const struct irpc_ndr_type *types = d->unit->types;
    uint32_t n = t->kind == IRPC_NDR_STRUCT ? t->n : 1;
    uint32_t sum = 0;

    if (t->wsize[d->syntax] != 0) {
        return t->wsize[d->syntax];
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct irpc_ndr_type *part = t;
        if (t->kind == IRPC_NDR_STRUCT) {
            part = &types[d->unit->fields[t->ref + i].type];
        }
        uint32_t size = part->wsize[d->syntax];
        if (part->kind == IRPC_NDR_UNION) {
            size = types[part->size].wsize[d->syntax];
        } else if (part->kind == IRPC_NDR_STRING) {
            size = 2 * ir_ndr_word(d->syntax);
        }
        sum = size < UINT32_MAX - sum ? sum + size : sum;
    }
    return sum;
}

bool ir_ndr_dec_fits(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t n)
{
    if ((uint64_t)n * min_wire(d, t) > ir_cur_left(d->in)) {
        return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N02", "count exceeds the data");
    }
    return true;
}

bool ir_ndr_dec_room(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t n)
{
    if (!ir_ndr_dec_fits(d, t, n)) {
        return false;
    }
    if (t->flags & d->flat) {
        return true; /* bounded by its bytes */
    }
    if (n > d->elements) {
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "too many elements");
    }
    d->elements -= n;
    return true;
}

/* Offset and actual_count of one dimension. */
static bool read_variance(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                          const struct ir_ndr_scope *scope, struct ir_ndr_shape *s, uint32_t k)
{
    if (!(t->flags & IRPC_NDR_F_VARYING)) {
        s->off[k] = 0;
        s->actual[k] = s->max[k];
        return true;
    }
    s->off[k] = ir_ndr_dec_word(d);
    s->actual[k] = ir_ndr_dec_word(d);
    if (s->off[k] > s->max[k] || s->actual[k] > s->max[k] - s->off[k]) { /* check: N03 */
        return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N03", "offset + actual_count > max_count");
    }
    if (s->off[k] != 0 && t->first == 0 && t->length != 0) {
        return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N03", "offset without first_is");
    }
    return ir_ndr_dec_correlate(d, t->first, scope, s->off[k], 64) &&
           ir_ndr_dec_correlate(d, t->length, scope, s->actual[k], 64);
}

bool ir_ndr_dec_shape(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                      const struct ir_ndr_scope *scope, struct ir_ndr_shape *ret)
{
    const struct irpc_ndr_type *a = t;
    uint32_t dims = 0;

    for (; a->kind == IRPC_NDR_ARRAY && dims < IR_NDR_DIMS; dims++) {
        bool conformant = (a->flags & IRPC_NDR_F_CONFORMANT) != 0;
        ret->max[dims] = conformant ? d->conf[dims] : a->n;
        /* [MS-RPCE] 3.1.1.5.3.2.1.1 */
        if (conformant && !ir_ndr_dec_correlate(d, a->size, scope, ret->max[dims], 64)) {
            return false;
        }
        a = &d->unit->types[a->ref];
    }
    ret->leaf = a;
    ret->dims = dims;
    a = t;
    for (uint32_t i = 0; i < dims; i++) {
        if (!read_variance(d, a, scope, ret, i)) {
            return false;
        }
        a = &d->unit->types[a->ref];
    }
    if (!finish_shape(ret)) {
        return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N02", "counts overflow");
    }
    return ir_ndr_dec_room(d, ret->leaf, ret->n);
}

/* --- encoding --- */

static bool eval_count(const struct irpc_ndr_unit *unit, uint32_t expr,
                       const struct ir_ndr_scope *scope, uint32_t otherwise, uint32_t *ret)
{
    int64_t v = otherwise;

    if (expr != 0 && !ir_ndr_eval(unit, expr, scope, &v)) {
        return false;
    }
    *ret = (uint32_t)v;
    return v >= 0 && v <= UINT32_MAX;
}

/* Without size_is nobody knows the count; one element is what C sees. */
static bool eval_max(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                     const struct ir_ndr_scope *scope, uint32_t *ret)
{
    if (!(t->flags & IRPC_NDR_F_CONFORMANT)) {
        *ret = t->n;
        return true;
    }
    return eval_count(unit, t->size, scope, t->n != 0 ? t->n : 1, ret);
}

bool ir_ndr_eval_total(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                       const struct ir_ndr_scope *scope, uint32_t *ret_total,
                       const struct irpc_ndr_type **ret_leaf)
{
    uint32_t total = 1;

    bool is_string = t->kind == IRPC_NDR_STRING;
    for (; t->kind == IRPC_NDR_ARRAY || is_string; t = &unit->types[t->ref]) {
        uint32_t max;
        if (!eval_max(unit, t, scope, &max) || !multiply(&total, max)) {
            return false;
        }
        is_string = false;
    }
    *ret_total = total;
    *ret_leaf = t;
    return true;
}

static bool bad_count(struct ir_ndr_enc *e)
{
    return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N03", "size_is, length_is or first_is");
}

bool ir_ndr_eval_dimension(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                           const uint8_t *scope, uint32_t *max, uint32_t *off, uint32_t *actual)
{
    struct ir_ndr_scope all = {scope, IR_NDR_ALL, IR_NDR_ALL};

    if (!eval_max(unit, t, &all, max)) {
        return false;
    }
    *off = 0;
    *actual = *max;
    if (!(t->flags & IRPC_NDR_F_VARYING)) {
        return true;
    }
    if (!eval_count(unit, t->first, &all, 0, off) || *off > *max) {
        return false;
    }
    uint32_t left = *max - *off;
    return eval_count(unit, t->length, &all, left, actual) && *actual <= left;
}

bool ir_ndr_enc_shape(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *scope,
                      struct ir_ndr_shape *ret)
{
    uint32_t k = 0;

    for (; t->kind == IRPC_NDR_ARRAY && k < IR_NDR_DIMS; k++, t = &e->unit->types[t->ref]) {
        if (!ir_ndr_eval_dimension(e->unit, t, scope, &ret->max[k], &ret->off[k],
                                   &ret->actual[k])) {
            return bad_count(e);
        }
    }
    ret->leaf = t;
    ret->dims = k;
    return finish_shape(ret) || bad_count(e);
}

bool ir_ndr_enc_conformance(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                            const uint8_t *scope)
{
    uint32_t off = 0;
    uint32_t scope_off = 0;
    bool is_struct = t->kind == IRPC_NDR_STRUCT;

    if (!(t->flags & IRPC_NDR_F_CONFORMANT) && t->kind != IRPC_NDR_ARRAY) {
        return true;
    }
    t = ir_ndr_tail(e->unit, t, &off, &scope_off);
    struct ir_ndr_scope all = {is_struct ? mem + scope_off : scope, IR_NDR_ALL, IR_NDR_ALL};
    if (t->kind == IRPC_NDR_STRING) {
        uint32_t max = 0;
        if (!ir_ndr_string_max(e, t, mem + off, all.mem, &max)) {
            return false;
        }
        ir_ndr_enc_word(e, max);
        return true;
    }
    for (; t->kind == IRPC_NDR_ARRAY; t = &e->unit->types[t->ref]) {
        uint32_t max = 0;
        if (!eval_max(e->unit, t, &all, &max)) {
            return bad_count(e);
        }
        if (t->flags & IRPC_NDR_F_CONFORMANT) {
            ir_ndr_enc_word(e, max);
        }
    }
    return true;
}

void ir_ndr_enc_variance(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                         const struct ir_ndr_shape *s)
{
    for (uint32_t i = 0; i < s->dims; i++) {
        if (t->flags & IRPC_NDR_F_VARYING) {
            ir_ndr_enc_word(e, s->off[i]);
            ir_ndr_enc_word(e, s->actual[i]);
        }
        t = &e->unit->types[t->ref];
    }
}
