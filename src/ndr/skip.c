/*
 * Validation without decoding: arrays that nothing reads again are checked on the wire and not
 * stored. Memory is accounted as if they were, so that validation and decoding come to the same
 * verdict.
 */
#include "ndr/rows.h"

/* What a pointer to something that was skipped leads to. */
static const uint64_t skipped = 0;

/* Memory that decoding would take. check: N18 */
static bool charge(struct ir_ndr_dec *d, uint64_t size)
{
    struct ir_arena *arena = d->arena;

    if (size > SIZE_MAX / 2 || ir_arena_over_budget(arena, (size_t)size)) {
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N18", "memory budget");
    }
    arena->used += ((size_t)size + 7) & ~(size_t)7;
    return true;
}

/* The checks that columns need: referents and enumerations. */
static bool check_columns(struct ir_ndr_dec *d, const struct ir_ndr_plan *plan, const uint8_t *rows,
                          uint32_t n)
{
    for (uint32_t k = 0; k < plan->n_ops; k++) {
        const struct ir_ndr_row_op *op = &plan->ops[k];
        const uint8_t *p = rows + op->woff;
        uint64_t all = 0;
        bool wide = op->code == IR_NDR_ROW_POINTER && op->len == 8;
        if (!wide && op->code != IR_NDR_ROW_ENUM16) {
            continue;
        }
        for (uint32_t i = 0; i < n; i++, p += plan->stride) {
            all |= op->len == 8   ? ir_ndr_load64(p, plan->swap)
                   : op->len == 4 ? ir_ndr_load32(p, plan->swap)
                                  : ir_ndr_load16(p, plan->swap);
        }
        if (wide && all > UINT32_MAX) { /* check: N11 */
            return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N11", "count or referent over 32 bits");
        }
        if (!wide &&
            all > IR_NDR_ENUM16_MAX) { /* check: N09; every value up to it has its bits alone */
            return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N09", "enum out of range");
        }
    }
    return true;
}

/* The strings of all rows. Called with constants where that pays. */
static IR_INLINE bool skip_strings(struct ir_ndr_dec *d, const struct ir_ndr_plan *plan,
                                   const struct ir_ndr_slots *slots, const uint8_t *rows,
                                   uint32_t n, uint32_t word, bool swap, uint32_t only_width)
{
    struct ir_cur in = *d->in;
    struct ir_ndr_scope scope = {NULL, 0, 0};
    const struct ir_ndr_row_op *pointers[IR_NDR_ROW_OPS];
    uint64_t memory = 0;
    uint32_t elements = 0;
    uint32_t n_slots = 0;

    for (uint32_t k = 0; k < plan->n_ops; k++) {
        if (plan->ops[k].code == IR_NDR_ROW_POINTER) {
            pointers[n_slots++] = &plan->ops[k];
        }
    }
    for (uint32_t i = 0; i < n; i++, rows += plan->stride) {
        for (uint32_t k = 0; k < n_slots; k++) {
            const uint8_t *p = rows + pointers[k]->woff;
            uint32_t width = only_width != 0 ? only_width : slots->width[k];
            uint32_t len = 0;
            if ((word == 8 ? ir_ndr_load64(p, false) : ir_ndr_load32(p, false)) == 0 &&
                !pointers[k]->is_ref) {
                continue;
            }
            elements++;
            if (IR_UNLIKELY(ir_ndr_find_string(&in, word, width, swap, &len) == NULL)) {
                uint8_t *string = NULL;
                *d->in = in;
                if (!ir_ndr_dec_string_new(d, slots->type[k], &scope, &string)) {
                    return false;
                }
                in = *d->in;
            }
            memory += ((uint64_t)len + 7) & ~(uint64_t)7;
        }
    }
    *d->in = in;
    if (elements > d->elements) { /* check: N06 */
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "too many pointees");
    }
    d->elements -= elements;
    return charge(d, memory);
}

static bool skip_rows(struct ir_ndr_dec *d, const struct ir_ndr_plan *plan,
                      const struct ir_ndr_slots *slots, uint32_t n)
{
    const uint8_t *rows = ir_ndr_take_rows(d->in, plan, n);
    bool swap = plan->swap;

    if (rows == NULL || !check_columns(d, plan, rows, n)) {
        return false;
    }
    if (plan->n_pointers == 0) {
        return true;
    }
    if (d->syntax == IRPC_NDR64) {
        return skip_strings(d, plan, slots, rows, n, 8, swap, 0);
    }
    if (swap || slots->n > 1) {
        return skip_strings(d, plan, slots, rows, n, 4, swap, 0);
    }
    return slots->width[0] == 1 ? skip_strings(d, plan, slots, rows, n, 4, false, 1)
                                : skip_strings(d, plan, slots, rows, n, 4, false, 2);
}

enum ir_ndr_rows ir_ndr_skip_array(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                                   uint64_t size, const struct ir_ndr_scope *scope, void *slot)
{
    const struct irpc_ndr_type *element = &d->unit->types[t->ref];
    struct ir_ndr_plan plan;
    struct ir_ndr_slots slots;
    struct ir_ndr_shape shape;
    const void *dummy = &skipped;
    bool flat = (element->flags & d->flat) != 0;
    bool swap = d->in->big_endian != IR_HOST_BIG_ENDIAN;

    if (t->kind != IRPC_NDR_ARRAY || (t->flags & IRPC_NDR_F_VARYING) ||
        element->kind == IRPC_NDR_ARRAY || d->conf[0] < IR_NDR_ROWS_MIN) {
        return IR_NDR_ROWS_NOT;
    }
    if (!flat && (!ir_ndr_make_plan(d->unit, element, d->syntax, d->flat, swap, true, &plan) ||
                  (plan.n_pointers > 0 && !ir_ndr_find_slots(d->unit, element, &slots)))) {
        return IR_NDR_ROWS_NOT;
    }
    if (!charge(d, size) || !ir_ndr_dec_shape(d, t, scope, &shape)) {
        return IR_NDR_ROWS_FAILED;
    }
    memcpy(slot, &dummy, sizeof(dummy));
    ir_cur_align(d->in, element->walign[d->syntax]);
    if (!flat) {
        return skip_rows(d, &plan, &slots, shape.n) ? IR_NDR_ROWS_DONE : IR_NDR_ROWS_FAILED;
    }
    (void)ir_cur_bytes(d->in,
                       shape.n * element->msize); /* dec_shape() compared it with what is left */
    return IR_NDR_ROWS_DONE;
}
