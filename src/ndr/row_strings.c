/*
 * Strings that the pointers of rows lead to, [C706] 14.3.4: one after the other, element by
 * element, as depth-first order has them when an element has no other pointees. See rows.h.
 */
#include "ndr/rows.h"

/* Without the call for what is as short as most strings are. */
static IR_INLINE void copy_short(uint8_t *to, const uint8_t *from, size_t n)
{
    uint64_t a[2], b[2];

    if (n > 32) {
        memcpy(to, from, n);
    } else if (n >= 16) {
        memcpy(a, from, 16);
        memcpy(b, from + n - 16, 16);
        memcpy(to, a, 16);
        memcpy(to + n - 16, b, 16);
    } else if (n >= 8) {
        memcpy(a, from, 8);
        memcpy(b, from + n - 8, 8);
        memcpy(to, a, 8);
        memcpy(to + n - 8, b, 8);
    } else {
        for (size_t i = 0; i < n; i++) {
            to[i] = from[i];
        }
    }
}

/* --- decoding --- */

/* A string that nothing but itself describes. */
static bool is_lone_string(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *pointer)
{
    const struct irpc_ndr_type *t = &unit->types[pointer->ref];

    return pointer->n != IRPC_NDR_PTR_FULL && t->kind == IRPC_NDR_STRING &&
           (t->flags & IRPC_NDR_F_CONFORMANT) && !(t->flags & IRPC_NDR_F_RANGE) && t->size == 0 &&
           t->length == 0;
}

bool ir_ndr_find_slots(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                       struct ir_ndr_slots *slots)
{
    slots->n = 0;
    slots->step = t->msize;
    if (t->kind != IRPC_NDR_STRUCT) {
        return false;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        const struct irpc_ndr_field *field = &unit->fields[t->ref + i];
        const struct irpc_ndr_type *ft = &unit->types[field->type];
        if (!(ft->flags & IRPC_NDR_F_POINTERS)) {
            continue;
        }
        if (ft->kind != IRPC_NDR_POINTER || slots->n == IR_NDR_ROW_OPS ||
            !is_lone_string(unit, ft)) {
            return false;
        }
        slots->moff[slots->n] = field->moff;
        slots->type[slots->n] = &unit->types[ft->ref];
        slots->width[slots->n] = unit->types[unit->types[ft->ref].ref].msize;
        slots->n++;
    }
    return slots->n > 0;
}

/*
 * A string into memory of its own, all state in registers: cursor and arena are the caller's
 * copies. NULL: it is for the general way, which also says what is wrong.
 */
static IR_INLINE uint8_t *get_string(struct ir_cur *in, struct ir_arena *arena, uint32_t word,
                                     uint32_t width, bool swap)
{
    uint32_t before = in->off;
    uint32_t len = 0;
    const uint8_t *p = ir_ndr_find_string(in, word, width, swap, &len);

    if (IR_UNLIKELY(p == NULL)) {
        return NULL;
    }
    size_t room = ((size_t)len + 7) & ~(size_t)7;
    if (IR_UNLIKELY(room > arena->left || room > arena->budget - arena->used)) {
        in->off = before;
        return NULL;
    }
    uint8_t *mem = arena->next;
    arena->next += room;
    arena->left -= room;
    arena->used += room;
    if (width == 2 && swap) {
        ir_ndr_swap_column(mem, 2, p, 2, len / 2, 2);
    } else {
        copy_short(mem, p, len);
    }
    return mem;
}

/* The slots of one element after the other. Called with constants where that pays. */
static IR_INLINE bool get_strings(struct ir_ndr_dec *d, const struct ir_ndr_slots *slots,
                                  uint8_t *mem, uint32_t n, uint32_t word, bool swap,
                                  uint32_t only_width)
{
    struct ir_cur in = *d->in;
    struct ir_arena arena = *d->arena;
    struct ir_ndr_scope scope = {NULL, 0, 0};
    uint32_t elements = d->elements;
    uint32_t n_slots = only_width != 0 ? 1 : slots->n;

    for (uint32_t i = 0; i < n; i++, mem += slots->step) {
        for (uint32_t k = 0; k < n_slots; k++) {
            uint8_t *slot = mem + slots->moff[k];
            uint32_t width = only_width != 0 ? only_width : slots->width[k];
            if (ir_ndr_pointer(slot) == NULL) {
                continue;
            }
            if (IR_UNLIKELY(elements == 0)) { /* check: N06 */
                return ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "too many pointees");
            }
            elements--;
            uint8_t *string = get_string(&in, &arena, word, width, swap);
            if (IR_UNLIKELY(string == NULL)) {
                *d->in = in;
                *d->arena = arena;
                if (!ir_ndr_dec_string_new(d, slots->type[k], &scope, &string)) {
                    return false;
                }
                in = *d->in;
                arena = *d->arena;
            }
            memcpy(slot, &string, sizeof(string));
        }
    }
    *d->in = in;
    *d->arena = arena;
    d->elements = elements;
    return true;
}

enum ir_ndr_rows ir_ndr_dec_row_strings(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                                        uint8_t *mem, uint32_t n)
{
    struct ir_ndr_slots slots;
    bool swap = d->in->big_endian != IR_HOST_BIG_ENDIAN;
    bool done;

    if (!ir_ndr_find_slots(d->unit, t, &slots)) {
        return IR_NDR_ROWS_NOT;
    }
    if (d->syntax == IRPC_NDR64) {
        done = get_strings(d, &slots, mem, n, 8, swap, 0);
    } else if (swap || slots.n > 1) {
        done = get_strings(d, &slots, mem, n, 4, swap, 0);
    } else if (slots.width[0] == 1) {
        done = get_strings(d, &slots, mem, n, 4, false, 1);
    } else {
        done = get_strings(d, &slots, mem, n, 4, false, 2);
    }
    return done ? IR_NDR_ROWS_DONE : IR_NDR_ROWS_FAILED;
}

/* --- encoding --- */

/* Characters of a string with its NUL. */
static IR_INLINE size_t string_size(const uint8_t *mem, uint32_t width)
{
    size_t n = 0;

    if (width == 1) {
        return strlen((const char *)mem) + 1;
    }
    while ((mem[2 * n] | mem[2 * n + 1]) != 0) {
        n++;
    }
    return n + 1;
}

static IR_INLINE void put_string(uint8_t *p, const uint8_t *mem, size_t n, uint32_t word,
                                 uint32_t width, bool swap)
{
    if (word == 8) {
        ir_ndr_store64(p, n, swap);
        ir_ndr_store64(p + 8, 0, false);
        ir_ndr_store64(p + 16, n, swap);
    } else {
        ir_ndr_store32(p, (uint32_t)n, swap);
        ir_ndr_store32(p + 4, 0, false);
        ir_ndr_store32(p + 8, (uint32_t)n, swap);
    }
    p += 3 * (size_t)word;
    if (width == 2 && swap) {
        ir_ndr_swap_column(p, 2, mem, 2, (uint32_t)n, 2);
    } else {
        copy_short(p, mem, n * width);
    }
}

/* Called with constants where that pays; the writer's state is in registers. */
static IR_INLINE bool put_strings(struct ir_ndr_enc *e, const struct ir_ndr_slots *slots,
                                  const uint8_t *mem, uint32_t n, uint32_t word, bool swap,
                                  uint32_t only_width)
{
    struct ir_out *out = e->out;
    uint32_t n_slots = only_width != 0 ? 1 : slots->n;
    size_t origin = out->origin;
    size_t len = out->len;
    size_t cap = out->cap;
    uint8_t *base = out->base;

    for (uint32_t i = 0; i < n; i++, mem += slots->step) {
        for (uint32_t k = 0; k < n_slots; k++) {
            const uint8_t *string = ir_ndr_pointer(mem + slots->moff[k]);
            uint32_t width = only_width != 0 ? only_width : slots->width[k];
            if (string == NULL) {
                continue;
            }
            size_t count = string_size(string, width);
            size_t pad = (0u - (len - origin)) & (word - 1u);
            size_t size = pad + 3 * (size_t)word + count * width;
            if (IR_UNLIKELY(count > UINT32_MAX / 2)) { /* check: N04 */
                return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N04", "string not terminated");
            }
            if (IR_UNLIKELY(size > cap - len)) {
                out->len = len;
                if (ir_out_take(out, size) == NULL) {
                    return false;
                }
                base = out->base;
                cap = out->cap;
            }
            uint8_t *p = base + len;
            for (size_t at = 0; at < pad; at++) {
                p[at] = 0;
            }
            put_string(p + pad, string, count, word, width, swap);
            len += size;
        }
    }
    out->len = len;
    return true;
}

enum ir_ndr_rows ir_ndr_enc_row_strings(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                        const uint8_t *mem, uint32_t n)
{
    struct ir_ndr_slots slots;
    bool swap = e->out->big_endian != IR_HOST_BIG_ENDIAN;
    bool done;

    if (!ir_ndr_find_slots(e->unit, t, &slots)) {
        return IR_NDR_ROWS_NOT;
    }
    if (e->syntax == IRPC_NDR64) {
        done = put_strings(e, &slots, mem, n, 8, swap, 0);
    } else if (swap || slots.n > 1) {
        done = put_strings(e, &slots, mem, n, 4, swap, 0);
    } else if (slots.width[0] == 1) {
        done = put_strings(e, &slots, mem, n, 4, false, 1);
    } else {
        done = put_strings(e, &slots, mem, n, 4, false, 2);
    }
    return done ? IR_NDR_ROWS_DONE : IR_NDR_ROWS_FAILED;
}
