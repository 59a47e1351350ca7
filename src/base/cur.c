/*
 * The parts of the cursor that need not be inline.
 */
#include "base/cur.h"

struct irpc_uuid ir_cur_uuid(struct ir_cur *c)
{
    struct irpc_uuid u = {0};

    u.time_low = ir_cur_u32(c);
    u.time_mid = ir_cur_u16(c);
    u.time_hi_and_version = ir_cur_u16(c);
    u.clock_seq_hi_and_reserved = ir_cur_u8(c);
    u.clock_seq_low = ir_cur_u8(c);
    for (unsigned i = 0; i < sizeof(u.node); i++) {
        u.node[i] = ir_cur_u8(c);
    }
    return u;
}

struct ir_cur ir_cur_sub(struct ir_cur *c, uint32_t n)
{
    struct irpc_span s = ir_cur_bytes(c, n);
    /* An empty cursor has a base too, so that Eva need not relate a NULL base to a zero end. */
    struct ir_cur sub = ir_cur_init(s.p != NULL ? s.p : c->base, s.len, c->big_endian);

    sub.err = c->err;
    return sub;
}
