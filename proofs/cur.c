/* The cursor, driven by an unknown sequence of operations over unknown bytes of unknown number.
 *
 * Eva keeps no relation between a span's start and its length, so what is read through a span or a
 * sub-cursor is proven against twice the capacity; reads of the cursor itself against once. The
 * logical end is for the unit tests: within the slack Eva cannot see it.
 *
 * proof-sources: src/base/cur.c
 * proof-defines: IR_CUR_CAP=256
 * proof-covers: ir_cur_u8 ir_cur_u16 ir_cur_u32 ir_cur_u64 ir_cur_bytes ir_cur_skip ir_cur_align
 * proof-covers: ir_cur_uuid ir_cur_sub ir_cur_window ir_cur_rest ir_cur_fail
 */
#include "base/cur.h"
#include "proof.h"

static uint8_t bytes[2 * IR_CUR_CAP];

static void take_one(struct ir_cur *c)
{
    struct ir_cur sub;
    struct irpc_span span;
    switch (any_below(11)) {
    case 0:
        proof_sink = ir_cur_u8(c);
        break;
    case 1:
        proof_sink = ir_cur_u16(c);
        break;
    case 2:
        proof_sink = ir_cur_u32(c);
        break;
    case 3:
        proof_sink = (unsigned)ir_cur_u64(c);
        break;
    case 4:
        span = ir_cur_bytes(c, any_u32());
        proof_sink = span.p != NULL && span.len > 0 ? span.p[0] : 0;
        break;
    case 5:
        ir_cur_skip(c, any_u32());
        break;
    case 6:
        ir_cur_align(c, 8);
        break;
    case 7:
        proof_sink = ir_cur_uuid(c).time_low;
        break;
    case 8:
        sub = ir_cur_window(c, any_u32());
        proof_sink = ir_cur_u32(&sub);
        break;
    case 9:
        proof_sink = (unsigned)ir_cur_rest(c).len;
        break;
    default:
        sub = ir_cur_sub(c, any_u32());
        proof_sink = ir_cur_u32(&sub);
        break;
    }
}

int main(void)
{
    proof_fill(bytes, sizeof bytes);
    struct ir_cur c = ir_cur_init(bytes, any_u32(), any_below(2) != 0);
    while (any_below(2) != 0) {
        take_one(&c);
    }
    if (any_below(2) != 0) {
        ir_cur_fail(&c, IRPC_PROTO_ERROR);
    }
    return 0;
}
