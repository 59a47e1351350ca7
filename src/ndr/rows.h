/*
 * Rows: arrays of structs whose members all have a constant size on the wire, moved column by
 * column without a frame for each element, and the strings that they point to. Only speed is here:
 * what is no such array goes the general way, with the same result.
 */
#pragma once

#include <string.h>

#include "ndr/machine.h"

#define IR_NDR_ROWS_MIN 4u /* fewer elements are not worth the plan */
#define IR_NDR_ROW_OPS 24u

enum ir_ndr_rows {
    IR_NDR_ROWS_NOT, /* nothing was done: not such an array */
    IR_NDR_ROWS_DONE,
    IR_NDR_ROWS_FAILED
};

enum ir_ndr_row_code {
    IR_NDR_ROW_COPY,
    IR_NDR_ROW_SWAP,     /* an integer in the other byte order */
    IR_NDR_ROW_ENUM16,   /* 4 bytes in memory */
    IR_NDR_ROW_SIGNED,   /* 8 bytes in memory */
    IR_NDR_ROW_UNSIGNED, /* 8 bytes in memory */
    IR_NDR_ROW_POINTER
};

struct ir_ndr_row_op {
    uint32_t woff;
    uint32_t moff;
    uint32_t len; /* on the wire */
    uint8_t code;
    uint8_t is_ref;
};

struct ir_ndr_plan {
    struct ir_ndr_row_op ops[IR_NDR_ROW_OPS];
    uint32_t n_ops;
    uint32_t stride; /* on the wire */
    uint32_t wsize;  /* of the last element */
    uint32_t msize;
    uint32_t n_pointers;
    bool swap;
};

/* The pointers of a struct, if all of them lead to lone strings. */
struct ir_ndr_slots {
    uint32_t n;
    uint32_t step; /* between elements */
    uint32_t moff[IR_NDR_ROW_OPS];
    uint32_t width[IR_NDR_ROW_OPS]; /* of a character */
    const struct irpc_ndr_type *type[IR_NDR_ROW_OPS];
};

/* --- values in either byte order --- */

static inline uint16_t ir_ndr_load16(const uint8_t *p, bool swap)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return swap ? __builtin_bswap16(v) : v;
}

static inline uint32_t ir_ndr_load32(const uint8_t *p, bool swap)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return swap ? __builtin_bswap32(v) : v;
}

static inline uint64_t ir_ndr_load64(const uint8_t *p, bool swap)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return swap ? __builtin_bswap64(v) : v;
}

static inline void ir_ndr_store16(uint8_t *p, uint16_t v, bool swap)
{
    v = swap ? __builtin_bswap16(v) : v;
    memcpy(p, &v, sizeof(v));
}

static inline void ir_ndr_store32(uint8_t *p, uint32_t v, bool swap)
{
    v = swap ? __builtin_bswap32(v) : v;
    memcpy(p, &v, sizeof(v));
}

static inline void ir_ndr_store64(uint8_t *p, uint64_t v, bool swap)
{
    v = swap ? __builtin_bswap64(v) : v;
    memcpy(p, &v, sizeof(v));
}

static inline uint32_t ir_ndr_align_up(uint32_t v, uint32_t align)
{
    return (v + align - 1u) & ~(align - 1u);
}

/* --- rows.c --- */

/* How elements of @t move; false if only the general way can do it. @flat: flag of types that one
 * copy moves; @swap: the wire has the other byte order. */
bool ir_ndr_make_plan(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t, int syntax,
                      uint32_t flat, bool swap, bool is_decoding, struct ir_ndr_plan *plan);
/* Bytes of @n > 0 elements; NULL, and @in has failed, if there are too few. */
const uint8_t *ir_ndr_take_rows(struct ir_cur *in, const struct ir_ndr_plan *plan, uint32_t n);
void ir_ndr_swap_column(uint8_t *to, uint32_t to_step, const uint8_t *from, uint32_t from_step,
                        uint32_t n, uint32_t len);

/* @n elements of @t by value, between memory and wire; their pointees come later. */
enum ir_ndr_rows ir_ndr_dec_rows(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                                 uint32_t n);
enum ir_ndr_rows ir_ndr_enc_rows(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                 const uint8_t *mem, uint32_t n);

/* --- row_strings.c --- */

/* The pointers of struct @t; false if there are none, or one leads to something else. */
bool ir_ndr_find_slots(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                       struct ir_ndr_slots *slots);
/* All pointees of @n elements of @t, if they are strings that nothing else describes. */
enum ir_ndr_rows ir_ndr_dec_row_strings(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                                        uint8_t *mem, uint32_t n);
enum ir_ndr_rows ir_ndr_enc_row_strings(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                        const uint8_t *mem, uint32_t n);

/*
 * A lone string without anything unusual at @in->off: its first character, its bytes in *@ret_len,
 * and @in moves behind it. NULL: nothing was done, it is for the general way.
 */
static IR_INLINE const uint8_t *ir_ndr_find_string(struct ir_cur *in, uint32_t word, uint32_t width,
                                                   bool swap, uint32_t *ret_len)
{
    struct ir_cur at = *in;
    uint32_t pad = (0u - at.off) & (word - 1u);
    const uint8_t *p = ir_cur_bytes(&at, pad + 3 * word).p;

    if (IR_UNLIKELY(p == NULL)) {
        return NULL;
    }
    p += pad;
    uint64_t max = word == 8 ? ir_ndr_load64(p, swap) : ir_ndr_load32(p, swap);
    uint64_t offset = word == 8 ? ir_ndr_load64(p + 8, swap) : ir_ndr_load32(p + 4, swap);
    uint64_t actual = word == 8 ? ir_ndr_load64(p + 16, swap) : ir_ndr_load32(p + 8, swap);
    if (IR_UNLIKELY(offset != 0 || actual == 0 || actual > max || max > UINT32_MAX ||
                    actual * width > ir_cur_left(&at))) {
        return NULL;
    }
    uint32_t len = (uint32_t)actual * width;
    p += 3 * (size_t)word;
    ir_cur_skip(&at, len);
    if (IR_UNLIKELY((p[len - 1] | p[len - width]) != 0)) {
        return NULL;
    }
    *ret_len = len;
    in->off = at.off; /* only that: the rest stays in registers */
    return p;
}

/* --- skip.c --- */

/*
 * Validation alone: the pointee of @slot, array @t of @size bytes in memory, conformance read, is
 * checked as decoding would check it, and not stored. IR_NDR_ROWS_NOT: it has to be decoded.
 */
enum ir_ndr_rows ir_ndr_skip_array(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                                   uint64_t size, const struct ir_ndr_scope *scope, void *slot);
