/*
 * The parts of the writer that need not be inline. Growth doubles, so n bytes cost O(n).
 */
#include "base/out.h"

#include "base/alloc.h"

#define FIRST_CAP 512u

struct ir_out ir_out_fixed(void *buf, size_t cap, bool big_endian)
{
    return (struct ir_out){.base = buf, .cap = cap, .max = cap, .big_endian = big_endian};
}

void ir_out_init(struct ir_out *o, size_t max, bool big_endian)
{
    *o = (struct ir_out){.max = max, .big_endian = big_endian, .owned = true};
}

void ir_out_deinit(struct ir_out *o)
{
    if (o->owned) {
        ir_block_put(o->blocks, o->base, o->cap);
        o->base = NULL;
        o->cap = 0;
    }
    ir_out_reset(o);
}

void ir_out_fail(struct ir_out *o, enum irpc_status st)
{
    if (o->err == IRPC_OK) {
        o->err = st;
    }
}

/* To a buffer of @cap bytes. */
static bool move(struct ir_out *o, size_t cap)
{
    uint8_t *base;

    if (!ir_block_is_large(o->blocks, cap)) {
        base = ir_realloc(o->base, cap);
    } else {
        bool again = ir_block_is_large(o->blocks, o->cap);
        base =
            again ? ir_block_get_grown(o->blocks, cap, &cap) : ir_block_get(o->blocks, cap, &cap);
        if (base != NULL && o->cap > 0) {
            memcpy(base, o->base, o->len);
            ir_block_put(o->blocks, o->base, o->cap);
        }
    }
    if (base == NULL) {
        return false;
    }
    o->base = base;
    o->cap = cap < o->max ? cap : o->max;
    return true;
}

bool ir_out_grow(struct ir_out *o, size_t n)
{
    if (o->err != IRPC_OK) {
        return false;
    }
    if (!o->owned || n > o->max - o->len) {
        ir_out_fail(o, o->owned ? IRPC_LIMIT : IRPC_BUFFER_TOO_SMALL);
        return false;
    }
    size_t cap = o->cap > 0 ? o->cap : FIRST_CAP;
    while (cap - o->len < n) {
        cap = cap > o->max / 2 ? o->max : cap * 2;
    }
    /* Invariant: cap <= max, or the room left would be computed below zero. */
    cap = cap < o->max ? cap : o->max;
    if (!move(o, cap)) {
        ir_out_fail(o, IRPC_NO_MEMORY);
        return false;
    }
    return true;
}

void ir_out_uuid(struct ir_out *o, const struct irpc_uuid *uuid)
{
    ir_out_u32(o, uuid->time_low);
    ir_out_u16(o, uuid->time_mid);
    ir_out_u16(o, uuid->time_hi_and_version);
    ir_out_u8(o, uuid->clock_seq_hi_and_reserved);
    ir_out_u8(o, uuid->clock_seq_low);
    ir_out_bytes(o, uuid->node, sizeof(uuid->node));
}
