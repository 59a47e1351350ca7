/*
 * Base types, [C706] 14.2: natural alignment, the sender's byte order; enumerations of 16 bits and
 * __int3264, [MS-RPCE] 2.2.4.1.1 and 2.2.5; context handles, [C706] 14.2.16.6.
 *
 * Ranges and the 16 bits of an enumeration are checked in both directions. check: N09
 */
#include <ironrpc/stub.h>

#include "ndr/machine.h"

const uint8_t ir_ndr_plain[IRPC_NDR_KIND__COUNT] = {
    [IRPC_NDR_BOOLEAN] = 1, [IRPC_NDR_BYTE] = 1, [IRPC_NDR_CHAR] = 1,   [IRPC_NDR_WCHAR] = 2,
    [IRPC_NDR_I8] = 1,      [IRPC_NDR_U8] = 1,   [IRPC_NDR_I16] = 2,    [IRPC_NDR_U16] = 2,
    [IRPC_NDR_I32] = 4,     [IRPC_NDR_U32] = 4,  [IRPC_NDR_I64] = 8,    [IRPC_NDR_U64] = 8,
    [IRPC_NDR_F32] = 4,     [IRPC_NDR_F64] = 8,  [IRPC_NDR_ENUM32] = 4,
};

bool ir_ndr_dec_fail(struct ir_ndr_dec *d, enum irpc_status st, const char *check,
                     const char *reason)
{
    if (d->st == IRPC_OK) {
        d->st = st;
        d->error.check = check;
        d->error.reason = reason;
        d->error.offset = d->in->off;
    }
    return false;
}

bool ir_ndr_enc_fail(struct ir_ndr_enc *e, enum irpc_status st, const char *check,
                     const char *reason)
{
    if (e->st == IRPC_OK) {
        e->st = st;
        e->error.check = check;
        e->error.reason = reason;
        e->error.offset = (uint32_t)(e->out->len - e->out->origin);
    }
    return false;
}

int64_t ir_ndr_int(const struct irpc_ndr_type *t, const void *mem)
{
    union {
        int8_t i8;
        uint8_t u8;
        int16_t i16;
        uint16_t u16;
        int32_t i32;
        uint32_t u32;
        int64_t i64;
    } v = {.i64 = 0};

    /* clang-format off */
    switch (t->kind) {
    case IRPC_NDR_BOOLEAN:
    case IRPC_NDR_BYTE:
    case IRPC_NDR_CHAR:
    case IRPC_NDR_U8: memcpy(&v, mem, 1); return v.u8;
    case IRPC_NDR_I8: memcpy(&v, mem, 1); return v.i8;
    case IRPC_NDR_WCHAR:
    case IRPC_NDR_U16: memcpy(&v, mem, 2); return v.u16;
    case IRPC_NDR_I16: memcpy(&v, mem, 2); return v.i16;
    case IRPC_NDR_U32: memcpy(&v, mem, 4); return v.u32;
    case IRPC_NDR_I32:
    case IRPC_NDR_ENUM16:
    case IRPC_NDR_ENUM32: memcpy(&v, mem, 4); return v.i32;
    case IRPC_NDR_I64:
    case IRPC_NDR_U64:
    case IRPC_NDR_I3264:
    case IRPC_NDR_U3264: memcpy(&v, mem, 8); return v.i64;
    default: return 0;
    }
    /* clang-format on */
}

static bool in_range(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                     const void *mem)
{
    const struct irpc_ndr_range *range = &unit->ranges[t->range];
    int64_t v = ir_ndr_int(t, mem);
    bool is_unsigned = t->kind == IRPC_NDR_U64 || t->kind == IRPC_NDR_U3264;

    return v >= range->min && v <= range->max && !(is_unsigned && v < 0);
}

/* The base types that differ in memory and on the wire, CONTEXT, and IGNORED. */
static bool decode_special(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem)
{
    bool wide = d->syntax == IRPC_NDR64;
    int64_t v = 0;

    ir_cur_align(d->in, t->walign[d->syntax]);
    switch (t->kind) {
    case IRPC_NDR_ENUM16: {
        uint32_t value = wide ? ir_cur_u32(d->in) : ir_cur_u16(d->in);
        if (value > IR_NDR_ENUM16_MAX) {
            return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N09", "enum out of range");
        }
        memcpy(mem, &value, sizeof(value));
        return true;
    }
    case IRPC_NDR_I3264:
        v = wide ? (int64_t)ir_cur_u64(d->in) : (int32_t)ir_cur_u32(d->in);
        break;
    case IRPC_NDR_U3264:
        v = wide ? (int64_t)ir_cur_u64(d->in) : (int64_t)ir_cur_u32(d->in);
        break;
    case IRPC_NDR_CONTEXT: {
        struct irpc_context_handle handle;
        handle.attributes = ir_cur_u32(d->in);
        handle.uuid = ir_cur_uuid(d->in);
        memcpy(mem, &handle, sizeof(handle));
        return true;
    }
    case IRPC_NDR_IGNORED:
        ir_cur_skip(d->in, wide ? 8 : 4);
        memset(mem, 0, sizeof(void *));
        return true;
    default:
        return ir_ndr_dec_fail(d, IRPC_INVALID_ARG, "", "no such type");
    }
    memcpy(mem, &v, sizeof(v));
    return true;
}

bool ir_ndr_dec_base(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem)
{
    uint32_t size = ir_ndr_plain[t->kind];

    if (size != 0) {
        ir_ndr_get_plain(d->in, size, mem);
    } else if (!decode_special(d, t, mem)) {
        return false;
    }
    if ((t->flags & IRPC_NDR_F_RANGE) && !in_range(d->unit, t, mem)) {
        return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N09", "value outside [range]");
    }
    return true;
}

static bool encode_special(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *mem)
{
    bool wide = e->syntax == IRPC_NDR64;
    struct ir_out *o = e->out;

    ir_out_align(o, t->walign[e->syntax]);
    switch (t->kind) {
    case IRPC_NDR_ENUM16: {
        int64_t value = ir_ndr_int(t, mem);
        if (value < 0 || value > IR_NDR_ENUM16_MAX) {
            return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N09", "enum out of range");
        }
        if (wide) {
            ir_out_u32(o, (uint32_t)value);
        } else {
            ir_out_u16(o, (uint16_t)value);
        }
        return true;
    }
    case IRPC_NDR_I3264:
    case IRPC_NDR_U3264:
        if (wide) {
            ir_out_u64(o, (uint64_t)ir_ndr_int(t, mem));
        } else {
            ir_out_u32(o, (uint32_t)ir_ndr_int(t, mem));
        }
        return true;
    case IRPC_NDR_CONTEXT: {
        struct irpc_context_handle handle;
        memcpy(&handle, mem, sizeof(handle));
        ir_out_u32(o, handle.attributes);
        ir_out_uuid(o, &handle.uuid);
        return true;
    }
    case IRPC_NDR_IGNORED:
        ir_ndr_enc_word(e, 0);
        return true;
    default:
        return ir_ndr_enc_fail(e, IRPC_INVALID_ARG, "", "no such type");
    }
}

bool ir_ndr_enc_base(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *mem)
{
    uint32_t size = ir_ndr_plain[t->kind];

    if ((t->flags & IRPC_NDR_F_RANGE) && !in_range(e->unit, t, mem)) {
        return ir_ndr_enc_fail(e, IRPC_INVALID_BOUND, "N09", "value outside [range]");
    }
    if (size == 0) {
        return encode_special(e, t, mem);
    }
    ir_ndr_put_plain(e->out, size, mem);
    return true;
}

static void swap_run(uint8_t *p, uint32_t size, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, p += size) {
        for (uint32_t a = 0, b = size - 1; a < b; a++, b--) {
            uint8_t byte = p[a];
            p[a] = p[b];
            p[b] = byte;
        }
    }
}

void ir_ndr_dec_run(struct ir_ndr_dec *d, uint32_t size, void *mem, uint32_t n)
{
    uint64_t len = (uint64_t)size * n;
    struct irpc_span span = {NULL, 0};

    ir_cur_align(d->in, size);
    if (len > ir_cur_left(d->in)) {
        ir_cur_fail(d->in, IRPC_PROTO_ERROR);
        return;
    }
    span = ir_cur_bytes(d->in, (uint32_t)len);
    if (span.p == NULL || span.len == 0) {
        return;
    }
    memcpy(mem, span.p, span.len);
    if (d->in->big_endian != IR_HOST_BIG_ENDIAN) {
        swap_run(mem, size, n);
    }
}

void ir_ndr_enc_run(struct ir_ndr_enc *e, uint32_t size, const void *mem, uint32_t n)
{
    size_t len = (size_t)size * n;

    ir_out_align(e->out, size);
    uint8_t *p = ir_out_take(e->out, len);
    if (p == NULL || len == 0) {
        return;
    }
    memcpy(p, mem, len);
    if (e->out->big_endian != IR_HOST_BIG_ENDIAN) {
        swap_run(p, size, n);
    }
}

uint32_t ir_ndr_dec_word(struct ir_ndr_dec *d)
{
    if (d->syntax != IRPC_NDR64) {
        ir_cur_align(d->in, 4);
        return ir_cur_u32(d->in);
    }
    ir_cur_align(d->in, 8);
    uint64_t v = ir_cur_u64(d->in);
    if (v > UINT32_MAX) { /* check: N11 */
        (void)ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N11", "count or referent over 32 bits");
        return 0;
    }
    return (uint32_t)v;
}

void ir_ndr_enc_word(struct ir_ndr_enc *e, uint32_t value)
{
    if (e->syntax != IRPC_NDR64) {
        ir_out_align(e->out, 4);
        ir_out_u32(e->out, value);
    } else {
        ir_out_align(e->out, 8);
        ir_out_u64(e->out, value);
    }
}
