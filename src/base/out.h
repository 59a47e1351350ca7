/*
 * The writer: where every encoder puts its bytes. Over a fixed buffer (ir_out_fixed) or growing
 * on the heap (ir_out_init / ir_out_deinit). A write that does not fit sets a sticky error and
 * writes nothing from then on. Alignment counts from `origin`: an encoder of stub data sets it
 * to the start of the stub. Pad bytes are always zero.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <ironrpc/types.h>

#include "base/attr.h"
#include "base/blocks.h"

struct ir_out {
    uint8_t *base;
    size_t len; /* bytes written; <= cap */
    size_t cap;
    size_t max;    /* growth stops here */
    size_t origin; /* alignment counts from base + origin */
    enum irpc_status err;
    bool big_endian;
    bool owned;               /* base came from ir_block_get() */
    struct ir_blocks *blocks; /* where large buffers come from; NULL: the heap */
};

/* Write into @buf[@cap], never grow. */
struct ir_out ir_out_fixed(void *buf, size_t cap, bool big_endian);

/* Start empty, grow on the heap up to @max bytes. End with ir_out_deinit(). Large buffers come from
 * `blocks`, if the owner sets it now. */
void ir_out_init(struct ir_out *o, size_t max, bool big_endian);

/* Free an owned buffer; the writer is empty and may be used again. */
void ir_out_deinit(struct ir_out *o);

/* Forget what was written and any error; keep the buffer. */
static inline void ir_out_reset(struct ir_out *o)
{
    o->len = 0;
    o->origin = 0;
    o->err = IRPC_OK;
}

/* Fail with @st unless failed already. */
void ir_out_fail(struct ir_out *o, enum irpc_status st);

/* Slow path of ir_out_take(): grow so that @n more bytes fit. */
bool ir_out_grow(struct ir_out *o, size_t n);

/* @n > 0 bytes to be filled by the caller, NULL (and failed) if they do not fit. Valid until the
 * next write. */
static IR_INLINE uint8_t *ir_out_take(struct ir_out *o, size_t n)
{
    if (IR_UNLIKELY(n > o->cap - o->len || o->err != IRPC_OK)) {
        if (!ir_out_grow(o, n)) {
            return NULL;
        }
    }
    uint8_t *p = o->base + o->len;
    o->len += n;
    return p;
}

static inline void ir_put_u16(uint8_t *p, uint16_t v, bool big_endian)
{
    p[big_endian ? 0 : 1] = (uint8_t)(v >> 8);
    p[big_endian ? 1 : 0] = (uint8_t)v;
}

#define IR_HOST_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static inline void ir_put_u32(uint8_t *p, uint32_t v, bool big_endian)
{
    v = big_endian != IR_HOST_BIG_ENDIAN ? __builtin_bswap32(v) : v;
    memcpy(p, &v, sizeof(v));
}

static inline void ir_put_u64(uint8_t *p, uint64_t v, bool big_endian)
{
    v = big_endian != IR_HOST_BIG_ENDIAN ? __builtin_bswap64(v) : v;
    memcpy(p, &v, sizeof(v));
}

static inline void ir_out_u8(struct ir_out *o, uint8_t v)
{
    uint8_t *p = ir_out_take(o, 1);
    if (p != NULL) {
        *p = v;
    }
}

static inline void ir_out_u16(struct ir_out *o, uint16_t v)
{
    uint8_t *p = ir_out_take(o, 2);
    if (p != NULL) {
        ir_put_u16(p, v, o->big_endian);
    }
}

static inline void ir_out_u32(struct ir_out *o, uint32_t v)
{
    uint8_t *p = ir_out_take(o, 4);
    if (p != NULL) {
        ir_put_u32(p, v, o->big_endian);
    }
}

static inline void ir_out_u64(struct ir_out *o, uint64_t v)
{
    uint8_t *p = ir_out_take(o, 8);
    if (p != NULL) {
        ir_put_u64(p, v, o->big_endian);
    }
}

static inline void ir_out_bytes(struct ir_out *o, const void *bytes, size_t n)
{
    uint8_t *p = n > 0 ? ir_out_take(o, n) : NULL;
    if (p != NULL) {
        memcpy(p, bytes, n);
    }
}

static inline void ir_out_zero(struct ir_out *o, size_t n)
{
    uint8_t *p = n > 0 ? ir_out_take(o, n) : NULL;
    if (p != NULL) {
        memset(p, 0, n);
    }
}

/* Zero bytes up to a multiple of @align (a power of two) from the origin. */
static inline void ir_out_align(struct ir_out *o, size_t align)
{
    size_t pad = (0u - (o->len - o->origin)) & (align - 1u);
    if (pad != 0) {
        ir_out_zero(o, pad);
    }
}

/* Counterpart of ir_cur_uuid(). */
void ir_out_uuid(struct ir_out *o, const struct irpc_uuid *uuid);
