/*
 * The verification trailer. [MS-RPCE] 2.2.2.13.
 *
 * Its begin is written nowhere: the signature is looked for backwards over the last 1024 bytes, at
 * multiples of 4 from the stub's begin, and the last one found counts. The commands behind it are
 * read once, in any order, each at most once, up to the one with the END flag; what follows that
 * is not looked at. It is little-endian in big-endian requests too, as Samba sends it. Comparing
 * the values with what was negotiated is the engine's business.
 */
#include "wire/verification_trailer.h"

#include "base/cur.h"
#include "base/syntax.h"

#define COMMAND_MASK 0x3fffu
#define COMMAND_END 0x4000u
#define COMMAND_MUST_PROCESS 0x8000u

enum command {
    COMMAND_BITMASK_1 = 1,
    COMMAND_PCONTEXT = 2,
    COMMAND_HEADER2 = 3
};

#define BITMASK_1_LEN 4u
#define PCONTEXT_LEN 40u
#define HEADER2_LEN 16u

#define SIGNATURE_LEN 8u
static const uint8_t signature[SIGNATURE_LEN] = {0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71};

static enum irpc_status refuse(struct ir_violation *v, const char *reason)
{
    return ir_violation_set(v, "A15", reason, IRPC_ACCESS_DENIED);
}

/* Whether the signature is at @offset of the stub that @c begins with. */
static bool is_signature_at(struct ir_cur c, uint32_t offset)
{
    bool same = true;

    ir_cur_skip(&c, offset);
    for (unsigned i = 0; i < SIGNATURE_LEN; i++) {
        same = ir_cur_u8(&c) == signature[i] && same;
    }
    return same && c.err == IRPC_OK;
}

/* Move @c behind the signature; false if there is none. At most 256 looks. */
static bool find_signature(struct ir_cur *c, uint32_t *ret_offset)
{
    uint32_t len = ir_cur_left(c);

    if (len < SIGNATURE_LEN) {
        return false;
    }
    uint32_t offset = (len - SIGNATURE_LEN) & ~3u;
    for (unsigned i = 0; i < IR_VERIFICATION_SEARCH / 4; i++) {
        if (is_signature_at(*c, offset)) {
            ir_cur_skip(c, offset + SIGNATURE_LEN);
            *ret_offset = offset;
            return true;
        }
        if (offset < 4 || len - offset + 4 > IR_VERIFICATION_SEARCH) {
            return false;
        }
        offset -= 4;
    }
    return false;
}

static void read_header2(struct ir_cur *c, struct ir_verification_trailer *t)
{
    t->ptype = ir_cur_u8(c);
    ir_cur_skip(c, 3);
    for (unsigned i = 0; i < sizeof(t->drep); i++) {
        t->drep[i] = ir_cur_u8(c);
    }
    t->call_id = ir_cur_u32(c);
    t->context_id = ir_cur_u16(c);
    t->opnum = ir_cur_u16(c);
}

/* The value of one command, @c being exactly that; the bit of a known one, 0 if it is not. */
static uint8_t read_value(uint16_t command, struct ir_cur *c, struct ir_verification_trailer *t)
{
    uint32_t len = ir_cur_left(c);

    switch (command) {
    case COMMAND_BITMASK_1:
        if (len != BITMASK_1_LEN) {
            return 0;
        }
        t->bitmask_1 = ir_cur_u32(c);
        return IR_VERIFICATION_BITMASK_1;
    case COMMAND_PCONTEXT:
        if (len != PCONTEXT_LEN) {
            return 0;
        }
        t->interface = ir_cur_syntax(c);
        t->transfer = ir_cur_syntax(c);
        return IR_VERIFICATION_PCONTEXT;
    case COMMAND_HEADER2:
        if (len != HEADER2_LEN) {
            return 0;
        }
        read_header2(c, t);
        return IR_VERIFICATION_HEADER2;
    default:
        return 0;
    }
}

static enum irpc_status read_command(struct ir_cur *c, struct ir_verification_trailer *t,
                                     bool *ret_end, struct ir_violation *v)
{
    uint16_t head = ir_cur_u16(c);
    uint16_t len = ir_cur_u16(c);
    struct ir_cur value = ir_cur_window(c, len);
    uint16_t command = head & COMMAND_MASK;

    if (c->err != IRPC_OK) {
        return refuse(v, "verification trailer cut short");
    }
    uint8_t bit = read_value(command, &value, t);
    if (bit == 0 && command >= COMMAND_BITMASK_1 && command <= COMMAND_HEADER2) {
        return refuse(v, "verification command of a wrong length");
    }
    if (bit == 0 && (head & COMMAND_MUST_PROCESS) != 0) {
        return refuse(v, "unknown verification command that must be processed");
    }
    if ((t->commands & bit) != 0) {
        return refuse(v, "verification command twice");
    }
    t->commands |= bit;
    *ret_end = (head & COMMAND_END) != 0;
    return IRPC_OK;
}

enum irpc_status ir_verification_trailer_decode(struct irpc_span stub,
                                                struct ir_verification_trailer *ret_trailer,
                                                struct ir_violation *v)
{
    struct ir_verification_trailer t = {0};
    struct ir_cur c = ir_cur_init(stub.p, stub.len, false);

    if (c.err != IRPC_OK) {
        return refuse(v, "stub data beyond any limit");
    }
    t.offset = c.end;
    if (!find_signature(&c, &t.offset)) {
        *ret_trailer = t;
        return IRPC_OK;
    }
    t.present = true;
    bool end = false;
    while (!end) {
        enum irpc_status st = read_command(&c, &t, &end, v);
        if (st != IRPC_OK) {
            return st;
        }
    }
    *ret_trailer = t;
    return IRPC_OK;
}

static void write_head(struct ir_out *o, uint16_t command, uint8_t later, uint16_t len)
{
    ir_out_u16(o, later != 0 ? command : (uint16_t)(command | COMMAND_END));
    ir_out_u16(o, len);
}

void ir_verification_trailer_encode(struct ir_out *o, const struct ir_verification_trailer *t)
{
    uint8_t left = t->commands &
                   (IR_VERIFICATION_BITMASK_1 | IR_VERIFICATION_PCONTEXT | IR_VERIFICATION_HEADER2);

    ir_out_align(o, 4);
    ir_out_bytes(o, signature, SIGNATURE_LEN);
    if ((left & IR_VERIFICATION_BITMASK_1) != 0) {
        left &= (uint8_t)~IR_VERIFICATION_BITMASK_1;
        write_head(o, COMMAND_BITMASK_1, left, BITMASK_1_LEN);
        ir_out_u32(o, t->bitmask_1);
    }
    if ((left & IR_VERIFICATION_PCONTEXT) != 0) {
        left &= (uint8_t)~IR_VERIFICATION_PCONTEXT;
        write_head(o, COMMAND_PCONTEXT | COMMAND_MUST_PROCESS, left, PCONTEXT_LEN);
        ir_out_syntax(o, &t->interface);
        ir_out_syntax(o, &t->transfer);
    }
    if ((left & IR_VERIFICATION_HEADER2) != 0) {
        write_head(o, COMMAND_HEADER2 | COMMAND_MUST_PROCESS, 0, HEADER2_LEN);
        ir_out_u8(o, t->ptype);
        ir_out_zero(o, 3);
        ir_out_bytes(o, t->drep, sizeof(t->drep));
        ir_out_u32(o, t->call_id);
        ir_out_u16(o, t->context_id);
        ir_out_u16(o, t->opnum);
    }
}
