/* The verification trailer: found from behind, read once, refused when it is not right. */
#include "wire/verification_trailer.h"

#include "base/syntax.h"
#include "ir_test.h"
#include "wire_fixture.h"

#define MAGIC "8ae3137102f43671 "
#define PCONTEXT                                                \
    "02c0 2800 0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0000 " \
    "045d888a eb1c c911 9fe8 08002b104860 0200 0000 "
#define BITMASK "0100 0400 01000000 "
#define BITMASK_END "0140 0400 01000000 "

static enum irpc_status decode(struct ir_bytes stub, struct ir_verification_trailer *t,
                               struct ir_violation *v)
{
    return ir_verification_trailer_decode(span_of(stub), t, v);
}

static void assert_denied(const char *hex)
{
    struct ir_verification_trailer t;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(decode(IR_HEX(hex), &t, &v), IRPC_ACCESS_DENIED);
    IR_ASSERT_STR(v.check, "A15");
}

IR_TEST(verification_trailer_is_found_and_read)
{
    struct ir_verification_trailer t;
    struct ir_bytes in = IR_HEX("01020304 05 000000 " MAGIC BITMASK PCONTEXT);

    IR_ASSERT_EQ(decode(in, &t, NULL), IRPC_OK);
    IR_ASSERT(t.present);
    IR_ASSERT_EQ(t.offset, 8);
    IR_ASSERT_EQ(t.commands, IR_VERIFICATION_BITMASK_1 | IR_VERIFICATION_PCONTEXT);
    IR_ASSERT_EQ(t.bitmask_1, IR_VERIFICATION_CLIENT_SUPPORT_HEADER_SIGNING);
    IR_ASSERT_EQ(t.interface.uuid.time_low, 0xe1af8308);
    IR_ASSERT(ir_syntax_equal(&t.transfer, &ir_syntax_ndr));
    /* the last of two counts, and only what follows it is read */
    in = IR_HEX(MAGIC "ffff ffff " MAGIC BITMASK_END "0000");
    IR_ASSERT_EQ(decode(in, &t, NULL), IRPC_OK);
    IR_ASSERT_EQ(t.offset, 12);
    IR_ASSERT_EQ(t.commands, IR_VERIFICATION_BITMASK_1);
}

IR_TEST(verification_trailer_may_be_missing)
{
    static const char *const without[] = {"", "00", "8ae3137102f436",
                                          "01 " MAGIC BITMASK_END, /* not 4-aligned */
                                          "8ae3137102f43670 0140 0400 00000000"};

    for (unsigned i = 0; i < IR_ARRAY_LEN(without); i++) {
        struct ir_verification_trailer t;
        struct ir_bytes in = IR_HEX(without[i]);
        IR_ASSERT_EQ(decode(in, &t, NULL), IRPC_OK);
        IR_ASSERT(!t.present);
        IR_ASSERT_EQ(t.offset, in.n);
    }
}

/* 1024 bytes from the end and no further. */
IR_TEST(verification_trailer_is_searched_in_a_window)
{
    struct ir_bytes head = IR_HEX(MAGIC BITMASK_END);
    uint8_t stub[2048] = {0};
    struct ir_verification_trailer t;

    for (size_t len = 1000; len < 1100; len++) {
        uint8_t *exact = copy_of(stub, 8 + len);
        memcpy(exact + 8, head.p, head.n);
        IR_ASSERT_EQ(ir_verification_trailer_decode((struct irpc_span){exact, 8 + len}, &t, NULL),
                     IRPC_OK);
        IR_ASSERT_EQ(t.present, len <= IR_VERIFICATION_SEARCH);
        free(exact);
    }
}

/* check: A15 */
IR_TEST(verification_trailer_refusals)
{
    assert_denied(MAGIC);
    assert_denied(MAGIC "0140");
    assert_denied(MAGIC "0140 0400 0100");
    assert_denied(MAGIC "0140 0300 010000");
    assert_denied(MAGIC "0140 ffff 01000000");
    assert_denied(MAGIC BITMASK BITMASK_END);
    assert_denied(MAGIC BITMASK);          /* no end */
    assert_denied(MAGIC "05c0 0000");      /* unknown, must be processed */
    assert_denied(MAGIC "0240 2800 00*4"); /* cut short */
    struct ir_verification_trailer t;
    IR_ASSERT_EQ(decode(IR_HEX(MAGIC "0500 0200 aabb " BITMASK_END), &t, NULL), IRPC_OK);
    IR_ASSERT_EQ(t.commands, IR_VERIFICATION_BITMASK_1);
    IR_ASSERT_EQ(decode(IR_HEX(MAGIC "0040 0000"), &t, NULL), IRPC_OK);
    IR_ASSERT_EQ(t.commands, 0);
}

IR_TEST(verification_trailer_truncations)
{
    struct ir_bytes in = IR_HEX("01020304 " MAGIC BITMASK PCONTEXT);

    for (size_t len = 0; len < in.n; len++) {
        struct ir_verification_trailer t;
        uint8_t *cut = copy_of(in.p, len);
        enum irpc_status st =
            ir_verification_trailer_decode((struct irpc_span){cut, len}, &t, NULL);
        IR_ASSERT_EQ(st, len < 12 ? IRPC_OK : IRPC_ACCESS_DENIED);
        free(cut);
    }
}

IR_TEST(verification_trailer_round_trips)
{
    struct ir_verification_trailer t = {.bitmask_1 = 1,
                                        .interface = {{1, 2, 3, 4, 5, {6}}, 7, 8},
                                        .transfer = ir_syntax_ndr64,
                                        .ptype = 0,
                                        .drep = {0x10},
                                        .call_id = 9,
                                        .context_id = 10,
                                        .opnum = 11};

    for (unsigned commands = 1; commands < 8; commands++) {
        uint8_t buf[200];
        struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
        struct ir_verification_trailer back;
        t.commands = (uint8_t)commands;
        ir_out_u8(&o, 0x77);
        ir_verification_trailer_encode(&o, &t);
        IR_ASSERT_EQ(o.err, IRPC_OK);
        IR_ASSERT_EQ(ir_verification_trailer_decode((struct irpc_span){buf, o.len}, &back, NULL),
                     IRPC_OK);
        IR_ASSERT_EQ(back.offset, 4);
        IR_ASSERT_EQ(back.commands, commands);
        IR_ASSERT((commands & 1) == 0 || back.bitmask_1 == 1);
        IR_ASSERT((commands & 2) == 0 || (ir_syntax_equal(&back.interface, &t.interface) &&
                                          ir_syntax_equal(&back.transfer, &t.transfer)));
        IR_ASSERT((commands & 4) == 0 || (back.call_id == 9 && back.context_id == 10 &&
                                          back.opnum == 11 && back.drep[0] == 0x10));
    }
}

IR_TEST(verification_commands_of_wrong_lengths)
{
    char far[4096] = MAGIC BITMASK_END;
    struct ir_verification_trailer t;

    assert_denied(MAGIC "0140 0300 010000 00");
    assert_denied(MAGIC "02c0 2700 00*39 00");
    assert_denied(MAGIC "03c0 0f00 00*15 00");
    /* further from the end than anybody looks */
    strcat(far, "00*1020 ");
    IR_ASSERT_EQ(decode(IR_HEX(far), &t, NULL), IRPC_OK);
    IR_ASSERT(!t.present);
}

IR_TEST(stub_data_beyond_the_cursor_is_refused)
{
    static const uint8_t byte;
    struct ir_verification_trailer t;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_verification_trailer_decode((struct irpc_span){&byte, (size_t)1 << 31}, &t, &v),
                 IRPC_ACCESS_DENIED);
    IR_ASSERT_STR(v.check, "A15");
}
