/*
 * The cursor: the only way to read bytes of a peer.
 *
 * It borrows [base, base + end). A read beyond the end sets a sticky error, moves to the end and
 * gives zeros from then on, so a decoder reads straight through and asks once, at its end.
 * Alignment counts from base: the start of the PDU, or of the stub data for NDR.
 *
 * Each read checks twice: off against the constant IR_CUR_CAP, which lets Frama-C Eva prove the
 * access without annotations, and off against end, which is the real bound. Neither may go.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <ironrpc/types.h>

#include "base/attr.h"

/* Largest extent of a cursor: reassembled stub data and its slack. Proof harnesses make it smaller.
 */
#ifndef IR_CUR_CAP
#define IR_CUR_CAP (64u * 1024u * 1024u)
#endif

struct ir_cur {
    const uint8_t *base;
    uint32_t off; /* <= end */
    uint32_t end; /* <= IR_CUR_CAP */
    enum irpc_status err;
    bool big_endian;
};

/*
 * Borrow @len bytes at @base; more than IR_CUR_CAP is an error at once. @base may be NULL when @len
 * is 0; base is never NULL afterwards, so that base + 0 is defined.
 */
static inline struct ir_cur ir_cur_init(const void *base, size_t len, bool big_endian)
{
    struct ir_cur c = {.base = base != NULL ? (const uint8_t *)base : (const uint8_t *)"",
                       .big_endian = big_endian};

    if (len > IR_CUR_CAP || (base == NULL && len > 0)) {
        c.err = IRPC_PROTO_ERROR;
    } else {
        c.end = (uint32_t)len;
    }
    return c;
}

/* Fail with @st unless failed already; nothing can be read afterwards. */
static inline void ir_cur_fail(struct ir_cur *c, enum irpc_status st)
{
    if (c->err == IRPC_OK) {
        c->err = st;
    }
    c->off = c->end;
}

static inline uint32_t ir_cur_left(const struct ir_cur *c)
{
    return c->end - c->off;
}

/* Whether @n bytes can be taken; fails the cursor if not. @n is a constant <= 64 for Eva's sake. */
static inline bool ir_cur_have(struct ir_cur *c, uint32_t n)
{
    if (IR_UNLIKELY(c->off > IR_CUR_CAP - n || c->end - c->off < n)) {
        ir_cur_fail(c, IRPC_PROTO_ERROR);
        return false;
    }
    return true;
}

static inline uint8_t ir_cur_u8(struct ir_cur *c)
{
    if (!ir_cur_have(c, 1)) {
        return 0;
    }
    return c->base[c->off++];
}

static inline uint16_t ir_cur_u16(struct ir_cur *c)
{
    if (!ir_cur_have(c, 2)) {
        return 0;
    }
    const uint8_t *p = c->base + c->off;
    c->off += 2;
    return c->big_endian ? (uint16_t)((uint32_t)p[0] << 8 | p[1])
                         : (uint16_t)((uint32_t)p[1] << 8 | p[0]);
}

static inline uint32_t ir_cur_u32(struct ir_cur *c)
{
    if (!ir_cur_have(c, 4)) {
        return 0;
    }
    const uint8_t *p = c->base + c->off;
    c->off += 4;
    return c->big_endian ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                         : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t ir_cur_u64(struct ir_cur *c)
{
    if (!ir_cur_have(c, 8)) {
        return 0; /* half a number is none */
    }
    uint64_t a = ir_cur_u32(c);
    uint64_t b = ir_cur_u32(c);

    return c->big_endian ? a << 32 | b : b << 32 | a;
}

/* Whether @n bytes can be taken, @n being the peer's; fails the cursor if not. */
static inline bool ir_cur_have_n(struct ir_cur *c, uint32_t n)
{
    if (IR_UNLIKELY(n > IR_CUR_CAP || c->off > IR_CUR_CAP - n || n > c->end - c->off)) {
        ir_cur_fail(c, IRPC_PROTO_ERROR);
        return false;
    }
    return true;
}

/*
 * Borrow @n bytes; {NULL, 0} and a failed cursor if there are fewer. @n may come from the peer.
 */
static inline struct irpc_span ir_cur_bytes(struct ir_cur *c, uint32_t n)
{
    struct irpc_span s = {NULL, 0};

    if (!ir_cur_have_n(c, n)) {
        return s;
    }
    s.p = c->base + c->off;
    s.len = n;
    c->off += n;
    return s;
}

static inline void ir_cur_skip(struct ir_cur *c, uint32_t n)
{
    if (IR_UNLIKELY(n > c->end - c->off)) {
        ir_cur_fail(c, IRPC_PROTO_ERROR);
        return;
    }
    c->off += n;
}

/* Skip to a multiple of @align (a power of two) from base; the pad bytes' values are not looked at.
 */
static inline void ir_cur_align(struct ir_cur *c, uint32_t align)
{
    ir_cur_skip(c, (0u - c->off) & (align - 1u));
}

/*
 * A cursor over the next @n bytes that keeps @c's base: offsets and alignment go on counting from
 * there. Advances @c; if there are fewer bytes both have failed. Eva proves reads through windows
 * within windows, where through ir_cur_sub() it would have to relate a base to an end.
 */
static inline struct ir_cur ir_cur_window(struct ir_cur *c, uint32_t n)
{
    if (!ir_cur_have_n(c, n)) {
        return *c;
    }
    struct ir_cur w = *c;
    w.end = c->off + n;
    c->off = w.end;
    return w;
}

/* What is left of @c, borrowed; @c is at its end afterwards. */
static inline struct irpc_span ir_cur_rest(struct ir_cur *c)
{
    return ir_cur_bytes(c, ir_cur_left(c));
}

/* A UUID: three numbers in the cursor's byte order, then 8 bytes. [C706] appendix A. */
struct irpc_uuid ir_cur_uuid(struct ir_cur *c);

/* A cursor over the next @n bytes, same byte order, its own base; advances @c. */
struct ir_cur ir_cur_sub(struct ir_cur *c, uint32_t n);
