/* The cursor: values in both orders, the sticky error, bounds at every length. */
#include "base/cur.h"

#include "ir_test.h"

IR_TEST(cur_reads_little_endian)
{
    struct ir_bytes in = IR_HEX("01 0203 04050607 08090a0b0c0d0e0f");
    struct ir_cur c = ir_cur_init(in.p, in.n, false);

    IR_ASSERT_EQ(ir_cur_u8(&c), 0x01);
    IR_ASSERT_EQ(ir_cur_u16(&c), 0x0302);
    IR_ASSERT_EQ(ir_cur_u32(&c), 0x07060504);
    IR_ASSERT_EQ(ir_cur_u64(&c), 0x0f0e0d0c0b0a0908u);
    IR_ASSERT_EQ(ir_cur_left(&c), 0);
    IR_ASSERT_EQ(c.err, IRPC_OK);
}

IR_TEST(cur_reads_big_endian)
{
    struct ir_bytes in = IR_HEX("01 0203 04050607 08090a0b0c0d0e0f");
    struct ir_cur c = ir_cur_init(in.p, in.n, true);

    IR_ASSERT_EQ(ir_cur_u8(&c), 0x01);
    IR_ASSERT_EQ(ir_cur_u16(&c), 0x0203);
    IR_ASSERT_EQ(ir_cur_u32(&c), 0x04050607);
    IR_ASSERT_EQ(ir_cur_u64(&c), 0x08090a0b0c0d0e0fu);
    IR_ASSERT_EQ(c.err, IRPC_OK);
}

/* Every value at every length that is too short: zero, failed, at the end, for good. */
IR_TEST(cur_error_is_sticky)
{
    struct ir_bytes in = IR_HEX("ff*20");

    for (uint32_t len = 0; len < 16; len++) {
        for (unsigned order = 0; order < 2; order++) {
            struct ir_cur c = ir_cur_init(in.p, len, order != 0);
            struct irpc_uuid u = ir_cur_uuid(&c);
            IR_ASSERT_EQ(u.node[5], 0);
            IR_ASSERT_EQ(c.err, IRPC_PROTO_ERROR);
            IR_ASSERT_EQ(c.off, c.end);
            IR_ASSERT_EQ(ir_cur_u8(&c), 0);
            IR_ASSERT_EQ(ir_cur_bytes(&c, 0).len, 0);
            IR_ASSERT_EQ(c.err, IRPC_PROTO_ERROR);
        }
        struct ir_cur c = ir_cur_init(in.p, len % 8, false);
        IR_ASSERT_EQ(ir_cur_u64(&c), 0); /* no half numbers */
        c = ir_cur_init(in.p, len % 4, false);
        IR_ASSERT_EQ(ir_cur_u32(&c), 0);
        c = ir_cur_init(in.p, len % 2, false);
        if (len % 2 == 0) {
            IR_ASSERT_EQ(ir_cur_u16(&c), 0);
        }
    }
}

IR_TEST(cur_keeps_the_first_error)
{
    struct ir_cur c = ir_cur_init(NULL, 0, false);

    ir_cur_fail(&c, IRPC_BAD_STUB_DATA);
    ir_cur_fail(&c, IRPC_LIMIT);
    IR_ASSERT_EQ(ir_cur_u8(&c), 0);
    IR_ASSERT_EQ(c.err, IRPC_BAD_STUB_DATA);
}

IR_TEST(cur_of_nothing)
{
    struct ir_cur c = ir_cur_init(NULL, 0, false);
    struct irpc_span s = ir_cur_bytes(&c, 0);

    IR_ASSERT_EQ(s.len, 0);
    IR_ASSERT_EQ(c.err, IRPC_OK);
    c = ir_cur_init(NULL, 4, false);
    IR_ASSERT_EQ(c.err, IRPC_PROTO_ERROR);
    IR_ASSERT_EQ(ir_cur_left(&c), 0);
}

/* check: F05: a count near 2^32 does not wrap. */
IR_TEST(cur_counts_of_the_peer_do_not_wrap)
{
    static const uint32_t counts[] = {9,           IR_CUR_CAP - 1, IR_CUR_CAP, IR_CUR_CAP + 1,
                                      0x7fffffffu, 0x80000000u,    UINT32_MAX, UINT32_MAX - 3};
    struct ir_bytes in = IR_HEX("00*12");

    for (unsigned i = 0; i < IR_ARRAY_LEN(counts); i++) {
        struct ir_cur c = ir_cur_init(in.p, in.n, false);
        ir_cur_skip(&c, 4);
        IR_ASSERT(ir_cur_bytes(&c, counts[i]).p == NULL);
        IR_ASSERT_EQ(c.err, IRPC_PROTO_ERROR);
        c = ir_cur_init(in.p, in.n, false);
        ir_cur_skip(&c, 4);
        ir_cur_skip(&c, counts[i]);
        IR_ASSERT_EQ(c.err, IRPC_PROTO_ERROR);
        c = ir_cur_init(in.p, in.n, false);
        ir_cur_skip(&c, 4);
        struct ir_cur sub = ir_cur_sub(&c, counts[i]);
        IR_ASSERT_EQ(sub.err, IRPC_PROTO_ERROR);
        IR_ASSERT_EQ(ir_cur_left(&sub), 0);
    }
    struct ir_cur huge = ir_cur_init(in.p, (size_t)IR_CUR_CAP + 1, false);
    IR_ASSERT_EQ(huge.err, IRPC_PROTO_ERROR);
    IR_ASSERT_EQ(ir_cur_u8(&huge), 0);
}

IR_TEST(cur_aligns_from_its_base)
{
    struct ir_bytes in = IR_HEX("00 01 02 03 04 05 06 07 08");
    struct ir_cur c = ir_cur_init(in.p, in.n, false);

    ir_cur_align(&c, 8);
    IR_ASSERT_EQ(c.off, 0);
    ir_cur_skip(&c, 1);
    ir_cur_align(&c, 4);
    IR_ASSERT_EQ(c.off, 4);
    struct ir_cur sub = ir_cur_sub(&c, 4);
    ir_cur_skip(&sub, 1);
    ir_cur_align(&sub, 2);
    IR_ASSERT_EQ(ir_cur_u8(&sub), 6);
    IR_ASSERT_EQ(c.off, 8);
    ir_cur_skip(&c, 1);
    ir_cur_align(&c, 8); /* the pad would be beyond the end */
    IR_ASSERT_EQ(c.err, IRPC_PROTO_ERROR);
}

IR_TEST(cur_reads_uuids_in_both_orders)
{
    struct ir_bytes le = IR_HEX("045d888a eb1c c911 9f e8 08002b104860");
    struct ir_bytes be = IR_HEX("8a885d04 1ceb 11c9 9f e8 08002b104860");
    char text[IRPC_UUID_TEXT_LEN];
    struct ir_cur c = ir_cur_init(le.p, le.n, false);
    struct irpc_uuid u = ir_cur_uuid(&c);

    irpc_uuid_format(&u, text);
    IR_ASSERT_STR(text, "8a885d04-1ceb-11c9-9fe8-08002b104860");
    c = ir_cur_init(be.p, be.n, true);
    u = ir_cur_uuid(&c);
    irpc_uuid_format(&u, text);
    IR_ASSERT_STR(text, "8a885d04-1ceb-11c9-9fe8-08002b104860");
}
