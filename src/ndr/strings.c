/*
 * Strings, [C706] 14.3.4: varying arrays of characters with their terminator; conformant ones have
 * a max_count too. Characters are 1 byte, or UTF-16 code units in the sender's byte order.
 *
 * The offset is 0, the actual_count at least 1 and the last character a NUL, both ways; encoding
 * ends at the first NUL. check: N04
 */
#include "ndr/machine.h"

uint32_t ir_ndr_string_len(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                           const uint8_t *mem, uint32_t cap)
{
    uint32_t width = unit->types[t->ref].msize;
    uint32_t n = 0;

    if (width == 1) {
        return (uint32_t)strnlen((const char *)mem, cap);
    }
    while (n < cap && (mem[2 * (size_t)n] | mem[2 * (size_t)n + 1]) != 0) {
        n++;
    }
    return n;
}

/* --- decoding --- */

/*
 * Offset and actual_count, all checks that need no characters. For uncorrelated strings [range]
 * limits the length with the NUL, [MS-RPCE] 3.1.1.5.3.3.1.3.
 */
static bool read_header(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t max,
                        const struct ir_ndr_scope *scope, uint32_t *ret_actual)
{
    uint32_t offset = ir_ndr_dec_word(d);
    uint32_t actual = ir_ndr_dec_word(d);
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;

    if (offset != 0 || actual == 0 || actual > max) {
        return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N04", "string counts");
    }
    if ((uint64_t)actual * d->unit->types[t->ref].msize > ir_cur_left(d->in)) {
        return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N02", "string exceeds the data");
    }
    if (t->flags & IRPC_NDR_F_RANGE) {
        const struct irpc_ndr_range *range = &d->unit->ranges[t->range];
        uint32_t limited = t->size != 0 ? max : actual;
        if (limited < range->min || limited > range->max) { /* check: N09 */
            return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N09", "string outside [range]");
        }
    }
    if (conformant && !ir_ndr_dec_correlate(d, t->size, scope, max, 64)) {
        return false;
    }
    *ret_actual = actual;
    return ir_ndr_dec_correlate(d, t->length, scope, actual, 64);
}

static bool read_characters(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                            uint32_t actual)
{
    uint32_t width = d->unit->types[t->ref].msize;

    ir_ndr_dec_run(d, width, mem, actual);
    if (d->in->err != IRPC_OK) {
        return false;
    }
    const uint8_t *last = mem + (size_t)width * (actual - 1);
    if ((last[0] | last[width - 1]) != 0) {
        return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N04", "string not terminated");
    }
    return true;
}

bool ir_ndr_dec_string(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                       uint32_t cap, const struct ir_ndr_scope *scope)
{
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;
    uint32_t max = conformant ? d->conf[0] : t->n;
    uint32_t actual = 0;

    if (!read_header(d, t, max, scope, &actual)) {
        return false;
    }
    if (actual > cap) {
        return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N03", "string exceeds the memory for it");
    }
    return read_characters(d, t, mem, actual);
}

bool ir_ndr_dec_string_new(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                           const struct ir_ndr_scope *scope, uint8_t **ret)
{
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;
    uint32_t max = conformant ? ir_ndr_dec_word(d) : t->n;
    uint32_t actual = 0;

    if (d->in->err != IRPC_OK || !read_header(d, t, max, scope, &actual)) {
        return false;
    }
    /* A manager may write up to size_is or the declared size; else nobody knows of max_count. */
    uint32_t room = conformant && t->size == 0 ? actual : max;
    uint8_t *mem =
        ir_ndr_dec_alloc(d, (uint64_t)room * d->unit->types[t->ref].msize, room > actual);
    if (mem == NULL) {
        return false;
    }
    *ret = mem;
    return read_characters(d, t, mem, actual);
}

/* --- encoding --- */

/* The room that memory has, by declaration or size_is; unlimited without either. */
static bool room_of(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *scope,
                    uint32_t *ret)
{
    struct ir_ndr_scope all = {scope, IR_NDR_ALL, IR_NDR_ALL};
    int64_t max = t->n;

    if (t->flags & IRPC_NDR_F_CONFORMANT) {
        max = UINT32_MAX;
        if (t->size != 0 && !ir_ndr_eval(e->unit, t->size, &all, &max)) {
            max = -1;
        }
    }
    *ret = (uint32_t)max;
    if (max < 0 || max > UINT32_MAX) {
        return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N03", "size_is of a string");
    }
    return true;
}

bool ir_ndr_string_max(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                       const uint8_t *scope, uint32_t *ret)
{
    if (!room_of(e, t, scope, ret)) {
        return false;
    }
    if ((t->flags & IRPC_NDR_F_CONFORMANT) && t->size == 0) {
        *ret = ir_ndr_string_len(e->unit, t, mem, *ret) + 1;
    }
    return true;
}

bool ir_ndr_enc_string(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                       const uint8_t *scope)
{
    uint32_t room = 0;

    if (!room_of(e, t, scope, &room)) {
        return false;
    }
    uint32_t len = ir_ndr_string_len(e->unit, t, mem, room);
    if (len == room) {
        return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N04", "string not terminated");
    }
    ir_ndr_enc_word(e, 0);
    ir_ndr_enc_word(e, len + 1);
    ir_ndr_enc_run(e, e->unit->types[t->ref].msize, mem, len + 1);
    return true;
}
