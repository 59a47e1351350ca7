/*
 * Arrays of structs of constant size on the wire. See rows.h.
 *
 * A plan of a few operations is made per array; then one bounds check covers all elements, and each
 * operation runs down a block of elements with constants in its inner loop. Order on the wire,
 * referent numbers, padding and every check are those of the general way: [C706] 14.3.3.1,
 * [MS-RPCE] 2.2.5. Only ranges and full pointers, which need more, are left to it.
 */
#include "ndr/rows.h"

#define BLOCK 32u /* elements that stay in the cache while all columns pass */

/* --- the plan --- */

/* How a member moves; false if only the general way can do it. */
static bool set_op(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t, uint32_t flat,
                   bool swap, struct ir_ndr_row_op *op)
{
    uint32_t plain = ir_ndr_plain_size(t);

    op->code = IR_NDR_ROW_COPY;
    op->is_ref = t->n == IRPC_NDR_PTR_REF;
    if ((t->flags & flat) != 0) {
        return true;
    }
    if (plain != 0) {
        op->code = swap && plain > 1 ? IR_NDR_ROW_SWAP : IR_NDR_ROW_COPY;
        return true;
    }
    if (t->flags & IRPC_NDR_F_RANGE) {
        return false;
    }
    switch (t->kind) {
    case IRPC_NDR_ENUM16:
        op->code = IR_NDR_ROW_ENUM16;
        return true;
    case IRPC_NDR_I3264:
        op->code = IR_NDR_ROW_SIGNED;
        return true;
    case IRPC_NDR_U3264:
        op->code = IR_NDR_ROW_UNSIGNED;
        return true;
    case IRPC_NDR_POINTER:
        op->code = IR_NDR_ROW_POINTER;
        return t->n != IRPC_NDR_PTR_FULL && unit->types[t->ref].kind != IRPC_NDR_NONE;
    default:
        return false;
    }
}

/*
 * Neighbours at the same distance in memory and on the wire become one copy. Decoding takes the gap
 * between them along: padding of memory, which has no meaning. Encoding must not.
 */
static bool merge(struct ir_ndr_plan *plan, const struct ir_ndr_row_op *op, bool over_gaps)
{
    if (plan->n_ops == 0 || op->code != IR_NDR_ROW_COPY) {
        return false;
    }
    struct ir_ndr_row_op *last = &plan->ops[plan->n_ops - 1];
    bool together = last->woff + last->len == op->woff || over_gaps;
    if (last->code != IR_NDR_ROW_COPY || !together ||
        last->woff - op->woff != last->moff - op->moff) {
        return false;
    }
    last->len = op->woff + op->len - last->woff;
    return true;
}

bool ir_ndr_make_plan(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t, int syntax,
                      uint32_t flat, bool swap, bool is_decoding, struct ir_ndr_plan *plan)
{
    uint32_t at = 0;

    if (t->kind != IRPC_NDR_STRUCT || t->wsize[syntax] == 0) {
        return false;
    }
    plan->n_ops = 0;
    plan->n_pointers = 0;
    plan->swap = swap;
    for (uint32_t i = 0; i < t->n; i++) {
        const struct irpc_ndr_field *field = &unit->fields[t->ref + i];
        const struct irpc_ndr_type *ft = &unit->types[field->type];
        struct ir_ndr_row_op op;
        if (ft->wsize[syntax] == 0 || !set_op(unit, ft, flat, swap, &op)) {
            return false;
        }
        at = ir_ndr_align_up(at, ft->walign[syntax]);
        op.woff = at;
        op.moff = field->moff;
        op.len = ft->wsize[syntax];
        at += op.len;
        plan->n_pointers += op.code == IR_NDR_ROW_POINTER;
        if (merge(plan, &op, is_decoding)) {
            continue;
        }
        if (plan->n_ops == IR_NDR_ROW_OPS) {
            return false;
        }
        plan->ops[plan->n_ops++] = op;
    }
    plan->wsize = t->wsize[syntax];
    plan->stride = ir_ndr_align_up(plan->wsize, t->walign[syntax]);
    plan->msize = t->msize;
    return true;
}

/* --- columns --- */

/* One column of @n values of constant length. */
static IR_INLINE void copy_column(uint8_t *to, uint32_t to_step, const uint8_t *from,
                                  uint32_t from_step, uint32_t n, uint32_t len)
{
    for (uint32_t i = 0; i < n; i++) {
        memcpy(to, from, len);
        to += to_step;
        from += from_step;
    }
}

static void copy(uint8_t *to, uint32_t to_step, const uint8_t *from, uint32_t from_step, uint32_t n,
                 uint32_t len)
{
    switch (len) {
    case 1:
        copy_column(to, to_step, from, from_step, n, 1);
        break;
    case 2:
        copy_column(to, to_step, from, from_step, n, 2);
        break;
    case 4:
        copy_column(to, to_step, from, from_step, n, 4);
        break;
    case 8:
        copy_column(to, to_step, from, from_step, n, 8);
        break;
    case 16:
        copy_column(to, to_step, from, from_step, n, 16);
        break;
    case 24:
        copy_column(to, to_step, from, from_step, n, 24);
        break;
    case 32:
        copy_column(to, to_step, from, from_step, n, 32);
        break;
    default:
        copy_column(to, to_step, from, from_step, n, len);
        break;
    }
}

void ir_ndr_swap_column(uint8_t *to, uint32_t to_step, const uint8_t *from, uint32_t from_step,
                        uint32_t n, uint32_t len)
{
    for (uint32_t i = 0; i < n; i++) {
        if (len == 2) {
            ir_ndr_store16(to, ir_ndr_load16(from, true), false);
        } else if (len == 4) {
            ir_ndr_store32(to, ir_ndr_load32(from, true), false);
        } else {
            ir_ndr_store64(to, ir_ndr_load64(from, true), false);
        }
        to += to_step;
        from += from_step;
    }
}

/* --- decoding --- */

/* Referents to slots; false if one has more than 32 bits. check: N11 */
static bool get_pointers(const struct ir_ndr_row_op *op, const uint8_t *p, uint32_t stride,
                         uint8_t *mem, uint32_t msize, uint32_t n, bool swap)
{
    uint64_t all = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t id = op->len == 8 ? ir_ndr_load64(p, swap) : ir_ndr_load32(p, swap);
        all |= id;
        uintptr_t slot = op->is_ref ? 1 : (uintptr_t)id;
        memcpy(mem, &slot, sizeof(slot));
        p += stride;
        mem += msize;
    }
    return all <= UINT32_MAX;
}

/* False if one is no 16-bit enumeration. check: N09 */
static bool get_converted(const struct ir_ndr_row_op *op, const uint8_t *p, uint32_t stride,
                          uint8_t *mem, uint32_t msize, uint32_t n, bool swap)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v = op->len == 8   ? ir_ndr_load64(p, swap)
                     : op->len == 4 ? ir_ndr_load32(p, swap)
                                    : ir_ndr_load16(p, swap);
        if (op->code == IR_NDR_ROW_ENUM16) {
            if (v > IR_NDR_ENUM16_MAX) {
                return false;
            }
            ir_ndr_store32(mem, (uint32_t)v, false);
        } else {
            bool extend = op->code == IR_NDR_ROW_SIGNED && op->len == 4;
            ir_ndr_store64(mem, extend ? (uint64_t)(int64_t)(int32_t)v : v, false);
        }
        p += stride;
        mem += msize;
    }
    return true;
}

static bool get_block(struct ir_ndr_dec *d, const struct ir_ndr_plan *plan, const uint8_t *p,
                      uint8_t *mem, uint32_t n)
{
    for (uint32_t i = 0; i < plan->n_ops; i++) {
        const struct ir_ndr_row_op *op = &plan->ops[i];
        const uint8_t *from = p + op->woff;
        uint8_t *to = mem + op->moff;
        switch ((enum ir_ndr_row_code)op->code) {
        case IR_NDR_ROW_COPY:
            copy(to, plan->msize, from, plan->stride, n, op->len);
            break;
        case IR_NDR_ROW_SWAP:
            ir_ndr_swap_column(to, plan->msize, from, plan->stride, n, op->len);
            break;
        case IR_NDR_ROW_POINTER:
            if (!get_pointers(op, from, plan->stride, to, plan->msize, n, plan->swap)) {
                return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N11",
                                       "count or referent over 32 bits");
            }
            break;
        case IR_NDR_ROW_ENUM16:
        case IR_NDR_ROW_SIGNED:
        case IR_NDR_ROW_UNSIGNED:
            if (!get_converted(op, from, plan->stride, to, plan->msize, n, plan->swap)) {
                return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N09", "enum out of range");
            }
            break;
        }
    }
    return true;
}

/* Bytes of @n elements, or 0 if there are too few. */
const uint8_t *ir_ndr_take_rows(struct ir_cur *in, const struct ir_ndr_plan *plan, uint32_t n)
{
    uint64_t len = (uint64_t)(n - 1) * plan->stride + plan->wsize;

    if (len > ir_cur_left(in)) {
        ir_cur_fail(in, IRPC_PROTO_ERROR);
        return NULL;
    }
    return ir_cur_bytes(in, (uint32_t)len).p;
}

enum ir_ndr_rows ir_ndr_dec_rows(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                                 uint32_t n)
{
    struct ir_ndr_plan plan;

    if (!ir_ndr_make_plan(d->unit, t, d->syntax, d->flat, d->in->big_endian != IR_HOST_BIG_ENDIAN,
                          true, &plan)) {
        return IR_NDR_ROWS_NOT;
    }
    ir_cur_align(d->in, t->walign[d->syntax]);
    const uint8_t *p = ir_ndr_take_rows(d->in, &plan, n);
    if (p == NULL) {
        return IR_NDR_ROWS_FAILED;
    }
    for (uint32_t i = 0; i < n; i += BLOCK) {
        uint32_t count = n - i < BLOCK ? n - i : BLOCK;
        if (!get_block(d, &plan, p, mem, count)) {
            return IR_NDR_ROWS_FAILED;
        }
        p += (size_t)plan.stride * BLOCK;
        mem += (size_t)plan.msize * BLOCK;
    }
    return IR_NDR_ROWS_DONE;
}

/* --- encoding --- */

/* The referents of elements with one pointer. check: N05 */
static bool put_pointer(struct ir_ndr_enc *e, const struct ir_ndr_plan *plan,
                        const struct ir_ndr_row_op *op, uint8_t *p, const uint8_t *mem, uint32_t n)
{
    uint32_t next = IR_NDR_FIRST_REFERENT + 4 * e->n_referents;
    uint32_t first = next;
    bool swap = plan->swap;

    for (uint32_t i = 0; i < n; i++) {
        bool is_null = ir_ndr_pointer(mem) == NULL;
        uint32_t id = is_null ? 0 : next;
        next += is_null ? 0 : 4;
        if (op->len == 8) {
            ir_ndr_store64(p, id, swap);
        } else {
            ir_ndr_store32(p, id, swap);
        }
        p += plan->stride;
        mem += plan->msize;
    }
    e->n_referents += (next - first) / 4;
    if (op->is_ref && next - first != 4 * n) {
        return ir_ndr_enc_fail(e, IRPC_NULL_REF_POINTER, "N05", "[ref] pointer is NULL");
    }
    return true;
}

/* Referents of all pointers, element by element, as the general way numbers them. */
static bool put_pointers(struct ir_ndr_enc *e, const struct ir_ndr_plan *plan, uint8_t *p,
                         const uint8_t *mem, uint32_t n)
{
    uint32_t id = 0;

    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < plan->n_ops; k++) {
            const struct ir_ndr_row_op *op = &plan->ops[k];
            if (op->code != IR_NDR_ROW_POINTER) {
                continue;
            }
            id = 0;
            if (ir_ndr_pointer(mem + op->moff) != NULL) {
                id = IR_NDR_FIRST_REFERENT + 4 * e->n_referents++;
            } else if (op->is_ref) {
                return ir_ndr_enc_fail(e, IRPC_NULL_REF_POINTER, "N05", "[ref] pointer is NULL");
            }
            if (op->len == 8) {
                ir_ndr_store64(p + op->woff, id, plan->swap);
            } else {
                ir_ndr_store32(p + op->woff, id, plan->swap);
            }
        }
        p += plan->stride;
        mem += plan->msize;
    }
    return true;
}

static bool put_converted(const struct ir_ndr_row_op *op, uint8_t *p, uint32_t stride,
                          const uint8_t *mem, uint32_t msize, uint32_t n, bool swap)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v =
            op->code == IR_NDR_ROW_ENUM16 ? ir_ndr_load32(mem, false) : ir_ndr_load64(mem, false);
        if (op->code == IR_NDR_ROW_ENUM16 && v > IR_NDR_ENUM16_MAX) {
            return false;
        }
        if (op->len == 8) {
            ir_ndr_store64(p, v, swap);
        } else if (op->len == 4) {
            ir_ndr_store32(p, (uint32_t)v, swap);
        } else {
            ir_ndr_store16(p, (uint16_t)v, swap);
        }
        p += stride;
        mem += msize;
    }
    return true;
}

/* Zero the bytes between @from and @to of each element; they are less than an alignment apart. */
static void put_gap(uint8_t *p, uint32_t stride, uint32_t from, uint32_t to, uint32_t n)
{
    static const uint8_t zeros[32]; /* as long as the longest copy */

    if (from < to) {
        copy(p + from, stride, zeros, 0, n, to - from);
    }
}

static bool put_block(struct ir_ndr_enc *e, const struct ir_ndr_plan *plan, uint8_t *p,
                      const uint8_t *mem, uint32_t n)
{
    uint32_t end = 0;

    for (uint32_t i = 0; i < plan->n_ops; i++) {
        const struct ir_ndr_row_op *op = &plan->ops[i];
        const uint8_t *from = mem + op->moff;
        uint8_t *to = p + op->woff;
        put_gap(p, plan->stride, end, op->woff, n);
        end = op->woff + op->len;
        if (op->code == IR_NDR_ROW_COPY) {
            copy(to, plan->stride, from, plan->msize, n, op->len);
        } else if (op->code == IR_NDR_ROW_SWAP) {
            ir_ndr_swap_column(to, plan->stride, from, plan->msize, n, op->len);
        } else if (op->code == IR_NDR_ROW_POINTER) {
            if (plan->n_pointers == 1 && !put_pointer(e, plan, op, to, from, n)) {
                return false;
            }
        } else if (!put_converted(op, to, plan->stride, from, plan->msize, n, plan->swap)) {
            return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N09", "enum out of range");
        }
    }
    put_gap(p, plan->stride, end, plan->wsize, n);
    put_gap(p, plan->stride, plan->wsize, plan->stride, n - 1);
    return plan->n_pointers <= 1 || put_pointers(e, plan, p, mem, n);
}

enum ir_ndr_rows ir_ndr_enc_rows(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                 const uint8_t *mem, uint32_t n)
{
    struct ir_ndr_plan plan;

    if (!ir_ndr_make_plan(e->unit, t, e->syntax, e->flat, e->out->big_endian != IR_HOST_BIG_ENDIAN,
                          false, &plan)) {
        return IR_NDR_ROWS_NOT;
    }
    ir_out_align(e->out, t->walign[e->syntax]);
    uint8_t *p = ir_out_take(e->out, (size_t)(n - 1) * plan.stride + plan.wsize);
    if (p == NULL) {
        return IR_NDR_ROWS_FAILED;
    }
    for (uint32_t i = 0; i < n; i += BLOCK) {
        uint32_t count = n - i < BLOCK ? n - i : BLOCK;
        if (!put_block(e, &plan, p, mem, count)) {
            return IR_NDR_ROWS_FAILED;
        }
        p += (size_t)plan.stride * BLOCK;
        mem += (size_t)plan.msize * BLOCK;
        if (n - i > BLOCK) { /* the last of a block is not the last of all */
            put_gap(p - plan.stride, 0, plan.wsize, plan.stride, 1);
        }
    }
    return IR_NDR_ROWS_DONE;
}
