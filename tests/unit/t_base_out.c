/* The writer: fixed and growing, limits, both orders, alignment. */
#include "base/out.h"

#include "base/alloc.h"
#include "base/cur.h"
#include "ir_test.h"

static void write_all(struct ir_out *o)
{
    static const struct irpc_uuid uuid = {0x8a885d04, 0x1ceb, 0x11c9,
                                          0x9f,       0xe8,   {8, 0, 0x2b, 0x10}};

    ir_out_u8(o, 0x01);
    ir_out_align(o, 2);
    ir_out_u16(o, 0x0203);
    ir_out_u32(o, 0x04050607);
    ir_out_u64(o, 0x08090a0b0c0d0e0fu);
    ir_out_bytes(o, "abc", 3);
    ir_out_zero(o, 1);
    ir_out_uuid(o, &uuid);
}

IR_TEST(out_writes_both_orders)
{
    uint8_t buf[64];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    struct ir_bytes le = IR_HEX("01 00 0302 07060504 0f0e0d0c0b0a0908 'abc' 00"
                                "045d888a eb1c c911 9fe8 08002b100000");
    struct ir_bytes be = IR_HEX("01 00 0203 04050607 08090a0b0c0d0e0f 'abc' 00"
                                "8a885d04 1ceb 11c9 9fe8 08002b100000");

    write_all(&o);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    IR_ASSERT_MEM(buf, o.len, le.p, le.n);
    o = ir_out_fixed(buf, sizeof(buf), true);
    write_all(&o);
    IR_ASSERT_MEM(buf, o.len, be.p, be.n);
}

/* A fixed buffer of every size that is too small: nothing beyond it, and the error stays. */
IR_TEST(out_fixed_stops_at_its_end)
{
    for (size_t cap = 0; cap < 36; cap++) {
        uint8_t buf[64];
        memset(buf, 0xee, sizeof(buf));
        struct ir_out o = ir_out_fixed(buf, cap, false);
        write_all(&o);
        IR_ASSERT_EQ(o.err, IRPC_BUFFER_TOO_SMALL);
        IR_ASSERT(o.len <= cap);
        IR_ASSERT_EQ(buf[cap], 0xee);
        size_t len = o.len;
        ir_out_u8(&o, 1);
        ir_out_bytes(&o, "", 0);
        IR_ASSERT_EQ(o.len, len);
    }
}

IR_TEST(out_of_nothing)
{
    struct ir_out o = ir_out_fixed(NULL, 0, false);

    ir_out_bytes(&o, NULL, 0);
    ir_out_zero(&o, 0);
    ir_out_align(&o, 8);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    ir_out_u8(&o, 1);
    IR_ASSERT_EQ(o.err, IRPC_BUFFER_TOO_SMALL);
}

/* A limit below the first allocation is a limit too. */
IR_TEST(out_grows_to_its_limit_and_no_further)
{
    static const size_t limits[] = {1, 7, 511, 512, 513, 1000, 4096, 5000};

    for (unsigned i = 0; i < IR_ARRAY_LEN(limits); i++) {
        struct ir_out o;
        ir_out_init(&o, limits[i], false);
        for (size_t n = 0; n < limits[i]; n++) {
            ir_out_u8(&o, (uint8_t)n);
            IR_ASSERT(o.cap <= limits[i]);
        }
        IR_ASSERT_EQ(o.err, IRPC_OK);
        ir_out_u8(&o, 0);
        IR_ASSERT_EQ(o.err, IRPC_LIMIT);
        IR_ASSERT_EQ(o.len, limits[i]);
        for (size_t n = 0; n < limits[i]; n++) {
            IR_ASSERT_EQ(o.base[n], (uint8_t)n);
        }
        ir_out_reset(&o);
        IR_ASSERT(ir_out_take(&o, limits[i]) != NULL);
        IR_ASSERT(ir_out_take(&o, SIZE_MAX) == NULL);
        IR_ASSERT_EQ(o.err, IRPC_LIMIT);
        ir_out_deinit(&o);
        ir_out_deinit(&o);
    }
}

IR_TEST(out_can_be_used_again_after_deinit)
{
    struct ir_out o;

    ir_out_init(&o, 100, true);
    ir_out_u32(&o, 1);
    ir_out_deinit(&o);
    ir_out_u16(&o, 0x1234);
    IR_ASSERT_EQ(o.len, 2);
    IR_ASSERT_EQ(o.base[0], 0x12);
    ir_out_deinit(&o);
}

static bool grow_much(void *arg)
{
    struct ir_out o;
    enum irpc_status st;

    (void)arg;
    ir_out_init(&o, 1u << 20, false);
    for (unsigned i = 0; i < 20000; i++) {
        ir_out_u32(&o, i);
    }
    st = o.err;
    ir_out_deinit(&o);
    IR_ASSERT(st == IRPC_OK || st == IRPC_NO_MEMORY);
    return st == IRPC_OK;
}

IR_TEST(out_survives_no_memory)
{
    IR_ASSERT(ir_test_oom(grow_much, NULL) >= 7);
}

IR_TEST(out_aligns_from_its_origin)
{
    uint8_t buf[16];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    ir_out_u8(&o, 0xff);
    o.origin = o.len;
    ir_out_align(&o, 8);
    IR_ASSERT_EQ(o.len, 1);
    ir_out_u8(&o, 0xff);
    ir_out_align(&o, 4);
    IR_ASSERT_EQ(o.len, 5);
    IR_ASSERT_EQ(buf[2] | buf[3] | buf[4], 0);
}
