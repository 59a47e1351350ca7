/* The client role. */
#include "engine_fixture.h"

static struct rig rig;

static const struct ir_bind_offer offers[] = {
    {.abstract = {{0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {8, 0, 0x2b, 0x10, 0x29, 0x89}}, 1, 0},
     .context_id = 0,
     .transfers = IR_MASK_NDR20},
    {.abstract = {{0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {8, 0, 0x2b, 0x10, 0x29, 0x89}}, 1, 0},
     .context_id = 1,
     .transfers = IR_MASK_NDR64},
};

#define ACK(flags, call_id) HEAD("0c", flags, call_id) "d016 d016 34120000 0400 '135' 00 0000"
#define ACK_ONE ACK("03", "01000000") "01 000000 0000 0000" NDR
#define ACK_MPX ACK("13", "01000000") "01 000000 0000 0000" NDR
#define RESPONSE(flags, call_id, context, stub) \
    HEAD("02", flags, call_id) "00000000" context "0000" stub

/* A client that has bound the first offer, without features. */
static void start(struct ir_bytes ack)
{
    rig_init(&rig, IR_CLIENT);
    rig.config.features = 0;
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_OK);
    IR_ASSERT_EQ(rig_take(&rig), 72);
    rig_send(&rig, ack);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
}

static uint32_t call(uint16_t opnum, size_t stub_len)
{
    struct ir_out *o;
    uint32_t token;

    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, opnum, NULL, &o, &token), IRPC_OK);
    IR_ASSERT_EQ(o->len, o->origin);
    ir_out_zero(o, stub_len);
    IR_ASSERT_EQ(ir_conn_call_end(&rig.conn, token), IRPC_OK);
    return token;
}

#define EXPECT_CLIENT_REJECTED(number)   \
    EXPECT_REJECTED(&rig, number, true); \
    IR_ASSERT_EQ(rig_take(&rig), 0)

IR_TEST(bind_is_byte_exact)
{
    rig_init(&rig, IR_CLIENT);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 2, 0x1234), IRPC_OK);
    EXPECT(&rig, "0500 0b13 10000000 a000 0000 01000000 d016 d016 34120000 03 000000"
                 "0000 01 00" MGMT NDR "0100 01 00" MGMT NDR64 "0200 01 00" MGMT FEATURES("03"));
    SEND(&rig, ACK("13", "01000000") "03 000000 0200 0200" ZERO_SYNTAX "0000 0000" NDR64
                                     "0300 0100" ZERO_SYNTAX);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    IR_ASSERT_EQ(context_of(&rig.conn, 0)->transfer, IR_TRANSFER_NONE);
    IR_ASSERT_EQ(context_of(&rig.conn, 0)->result, 2);
    IR_ASSERT_EQ(context_of(&rig.conn, 0)->reason, 2);
    IR_ASSERT_EQ(context_of(&rig.conn, 1)->transfer, IR_TRANSFER_NDR64);
    IR_ASSERT_EQ(ir_conn_group_id(&rig.conn), 0x1234);
    IR_ASSERT_EQ(rig.conn.features, 1);
    IR_ASSERT(ir_conn_has_mpx(&rig.conn));
    rig_deinit(&rig);
}

/* The element for features takes an id that no offer has. */
IR_TEST(id_of_the_features_element)
{
    struct ir_bind_offer swapped[2] = {offers[1], offers[0]};

    rig_init(&rig, IR_CLIENT);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, swapped, 2, 0), IRPC_OK);
    EXPECT(&rig, "0500 0b13 10000000 a000 0000 01000000 d016 d016 00000000 03 000000"
                 "0100 01 00" MGMT NDR64 "0000 01 00" MGMT NDR "0200 01 00" MGMT FEATURES("03"));
    rig_deinit(&rig);
}

IR_TEST(no_room_for_a_bind)
{
    rig_init(&rig, IR_CLIENT);
    ir_outq_deinit(&rig.outq);
    ir_outq_init(&rig.outq, 50);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_LIMIT);
    IR_ASSERT_EQ(ir_outq_pending(&rig.outq), 0);
    IR_ASSERT(ir_conn_context(&rig.conn, 0) == NULL);
    ir_outq_deinit(&rig.outq);
    ir_outq_init(&rig.outq, 5000);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_OK);
    rig_deinit(&rig);
}

IR_TEST(order_of_functions)
{
    struct ir_out *o;
    uint32_t token;

    rig_init(&rig, IR_CLIENT);
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_INVALID_STATE);
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, offers, 1), IRPC_INVALID_STATE);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 0, 0), IRPC_INVALID_ARG);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_OK);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_INVALID_STATE);
    /* check: B04 */
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_INVALID_STATE);
    rig_deinit(&rig);

    start(IR_HEX(ACK_ONE));
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 7, 0, NULL, &o, &token), IRPC_INVALID_ARG);
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, offers, 1), IRPC_INVALID_ARG); /* same id */
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, offers + 1, 1), IRPC_OK);
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_INVALID_STATE);
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, offers + 1, 1), IRPC_INVALID_STATE);
    rig_deinit(&rig);
}

/* check: B12 B13 B14 */
IR_TEST(acks_that_lie)
{
    static const struct {
        const char *hex;
        const char *check;
    } rows[] = {
        {ACK("03", "01000000") "00 000000", "B12"},
        {ACK("03", "01000000") "02 000000 0000 0000" NDR "0000 0000" NDR, "B12"},
        {ACK("03", "01000000") "01 000000 0400 0000" NDR, "B12"},
        {ACK("03", "01000000") "01 000000 0300 0100" ZERO_SYNTAX, "B12"},
        {ACK("03", "01000000") "01 000000 0000 0000" NDR64, "B12"},
        {ACK("03", "01000000") "01 000000 0000 0000" MGMT, "B12"},
        {HEAD("0c", "03", "01000000") "0001 0001 34120000 0000 0000 01 000000 0000 0000" NDR,
         "B12"},
        {HEAD("0c", "03", "01000000") "d016 d016 34120000 ffff '135'", "B14"},
        {HEAD("0f", "03", "01000000") "d016 d016 34120000 0000 0000 01 000000 0000 0000" NDR,
         "H04"},
        {RESPONSE("03", "01000000", "0000", ""), "H04"},
        {BIND, "H04"},
        {"0500 0c03 10000000 0000 0400 01000000 d016 d016 34120000 0000 0000"
         "01 000000 0000 0000" NDR "0a050000 00000000 'none'",
         "A05"},
        {HEAD("0d", "03", "01000000") "0000 05 0500", "B15"},
        {HEAD("0d", "03", "01000000"), "H08"},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(&rig, IR_CLIENT);
        rig.config.features = 0;
        IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_OK);
        IR_ASSERT_EQ(rig_take(&rig), 72);
        ir_test_note("row %u", i);
        rig_send(&rig, IR_HEX(rows[i].hex));
        EXPECT_CLIENT_REJECTED(rows[i].check);
        rig_deinit(&rig);
    }
}

/* accepts: B14: an empty secondary address, one without NUL, one of any content */
IR_TEST(acks_that_are_tolerated)
{
    start(IR_HEX(HEAD("0c", "03", "01000000") "d016 d016 34120000 0000 0000"
                                              "01 000000 0000 0000" NDR));
    rig_deinit(&rig);
    start(IR_HEX(HEAD("0c", "03", "01000000") "d016 d016 34120000 0300 '135' 000000"
                                              "01 000000 0000 0000" NDR));
    rig_deinit(&rig);
    start(IR_HEX(HEAD("0c", "03", "01000000") "0008 0008 34120000 0400 ff000a41 0000"
                                              "01 000000 0000 0000" NDR));
    rig.conn.mpx = true;
    (void)call(0, 2025); /* check: R14: two fragments of at most 2048 */
    IR_ASSERT_EQ(rig_take(&rig), 2025 + 48);
    rig_deinit(&rig);
}

/* check: B15 */
IR_TEST(bind_nak)
{
    rig_init(&rig, IR_CLIENT);
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_OK);
    (void)rig_take(&rig);
    SEND(&rig, HEAD("0d", "03", "01000000") "0800 01 0500 000000");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REFUSED);
    IR_ASSERT_EQ(rig.last.nak_reason, 8);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    rig_deinit(&rig);

    rig_init(&rig, IR_CLIENT); /* Wine answers with a fault of status 0 */
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, offers, 1, 0), IRPC_OK);
    (void)rig_take(&rig);
    SEND(&rig, FAULT_PDU("03", "01000000", "0000", "00000000"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REFUSED);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    rig_deinit(&rig);
}

IR_TEST(alter_context)
{
    start(IR_HEX(ACK_ONE));
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, offers + 1, 1), IRPC_OK);
    EXPECT(&rig, "0500 0e03 10000000 4800 0000 02000000 d016 d016 34120000 01 000000"
                 "0100 01 00" MGMT NDR64);
    SEND(&rig, HEAD("0f", "03", "02000000") "d016 d016 34120000 0000 0000"
                                            "01 000000 0000 0000" NDR64);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    IR_ASSERT_EQ(context_of(&rig.conn, 1)->transfer, IR_TRANSFER_NDR64);
    IR_ASSERT_EQ(context_of(&rig.conn, 0)->transfer, IR_TRANSFER_NDR20);
    rig_deinit(&rig);

    start(IR_HEX(ACK_ONE));
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, offers + 1, 1), IRPC_OK);
    (void)rig_take(&rig);
    SEND(&rig, FAULT_PDU("23", "02000000", "0000", PROTO_ERROR));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REFUSED);
    IR_ASSERT_EQ(rig.last.status, 0x1C01000B);
    IR_ASSERT_EQ(context_of(&rig.conn, 1)->transfer, IR_TRANSFER_NONE);
    (void)call(0, 0);
    rig_deinit(&rig);
}

IR_TEST(call_and_reply)
{
    start(IR_HEX(ACK_ONE));
    uint32_t token = call(5, 3);
    EXPECT(&rig, "0500 0003 10000000 1b00 0000 02000000 03000000 0000 0500 000000");
    struct ir_bytes pdu = rig_pdu(IR_HEX(RESPONSE("03", "02000000", "0000", "01020304")));
    IR_ASSERT_EQ(rig_feed(&rig, pdu.p, pdu.n), 0);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    IR_ASSERT_EQ(rig.last.call, token);
    IR_ASSERT(rig.last.stub_memory == NULL);
    IR_ASSERT(rig.last.stub.p == pdu.p + 24);
    IR_ASSERT_EQ(rig.last.stub.len, 4);
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
    ir_free((void *)(uintptr_t)pdu.p);
    rig_deinit(&rig);
}

IR_TEST(object_in_every_fragment)
{
    static const struct irpc_uuid object = {
        0x11223344, 0x5566, 0x7788, 0x99, 0xaa, {0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00}};
    struct ir_out *o;
    uint32_t token;

    start(IR_HEX(ACK_ONE));
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 5, &object, &o, &token), IRPC_OK);
    ir_out_zero(o, 5801);
    IR_ASSERT_EQ(ir_conn_call_end(&rig.conn, token), IRPC_OK);
    IR_ASSERT_EQ(rig_take(&rig), 5801 + 80);
    struct ir_bytes first = IR_HEX("0500 0081 10000000 d016 0000 02000000 a9160000 0000 0500"
                                   "44332211 6655 8877 99aabbccddeeff00 00");
    struct ir_bytes second = IR_HEX("0500 0082 10000000 2900 0000 02000000 01000000 0000 0500"
                                    "44332211 6655 8877 99aabbccddeeff00 00");
    IR_ASSERT_PDU(rig.out, first.n, first.p, first.n);
    IR_ASSERT_PDU(rig.out + 5840, second.n, second.p, second.n);
    rig_deinit(&rig);
}

/* check: R06 F01 F02 F03 F05 F06 H14 R14 A05 */
IR_TEST(replies_that_lie)
{
    static const struct {
        const char *first;
        const char *second;
        const char *check;
    } rows[] = {
        {RESPONSE("03", "09000000", "0000", ""), NULL, "R06"},
        {RESPONSE("03", "01000000", "0000", ""), NULL, "R06"}, /* two calls are open */
        {RESPONSE("03", "02000000", "0500", ""), NULL, "R06"},
        {FAULT_PDU("03", "09000000", "0000", DENIED), NULL, "R06"},
        {RESPONSE("02", "02000000", "0000", "01"), NULL, "F01"},
        {RESPONSE("00", "02000000", "0000", "01"), NULL, "F01"},
        {RESPONSE("01", "02000000", "0000", "01"), RESPONSE("01", "02000000", "0000", "01"), "F02"},
        {RESPONSE("01", "02000000", "0000", "01"), RESPONSE("03", "02000000", "0000", "01"), "F02"},
        {RESPONSE("01", "02000000", "0000", "01"), RESPONSE("01", "03000000", "0000", "01"), "F03"},
        {RESPONSE("01", "02000000", "0000", "01"),
         "0500 0202 00000000 0000 0000 00000002 00000000 0000 0000 02", "H14"},
        {RESPONSE("01", "02000000", "0000", "01"), RESPONSE("02", "02000000", "0000", "00*16"),
         "F05"},
        {HEAD("0d", "03", "02000000") "0800 01 0500 000000", NULL, "H04"},
        {HEAD("0c", "03", "02000000") "00*20", NULL, "H04"},
        {"0500 0203 10000000 0000 0400 02000000 00000000 0000 0000 0a050000 00000000 'none'", NULL,
         "A05"},
        {RESPONSE("03", "02000000", "0000", "00*6000"), NULL, "H09"},
        {"0500 0203 10000000 0000 0400 02000000 00000000 0000 0000 ff 0a050000 00000000 'none'",
         NULL, "A01"},
        {"0500 0303 10000000 0000 0400 02000000 00000000 0000 0000 05000000 ff 0a050000 00000000"
         "'none'",
         NULL, "A01"},
        {HEAD("00", "03", "02000000") "00*8", NULL, "H04"},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ir_test_note("row %u", i);
        start(IR_HEX(ACK_MPX));
        rig.config.limits.stub = 16;
        rig.config.limits.partial = 1;
        (void)call(0, 0);
        (void)call(0, 0);
        (void)rig_take(&rig);
        if (i == 14) {
            rig.config.limits.stub = 1u << 20;
        }
        rig_send(&rig, IR_HEX(rows[i].first));
        if (rows[i].second != NULL) {
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
            rig_send(&rig, IR_HEX(rows[i].second));
        }
        EXPECT_CLIENT_REJECTED(rows[i].check);
        rig_deinit(&rig);
    }
}

/* Wine answers every call with call_id 1; context ids come back cut or as zero. */
IR_TEST(replies_that_are_tolerated)
{
    start(IR_HEX(ACK_ONE));
    uint32_t token = call(0, 0);
    SEND(&rig, RESPONSE("03", "01000000", "0000", "01"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    IR_ASSERT_EQ(rig.last.call, token);
    token = call(0, 0);
    SEND(&rig, RESPONSE("01", "01000000", "0000", "01"));
    SEND(&rig, RESPONSE("02", "01000000", "0000", "02"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    IR_ASSERT_EQ(rig.last.call, token);
    IR_ASSERT_EQ(rig.last.stub.len, 2);
    ir_free(rig.last.stub_memory);
    token = call(0, 0);
    SEND(&rig, FAULT_PDU("03", "01000000", "0000", DENIED));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_FAULT);
    IR_ASSERT_EQ(rig.last.call, token);
    rig_deinit(&rig);
}

/* Windows cuts the context id to 8 bits, others send none. */
IR_TEST(context_id_of_a_reply)
{
    struct ir_bind_offer offer = offers[0];
    struct ir_out *o;
    uint32_t token;

    offer.context_id = 0x1234;
    for (unsigned i = 0; i < 4; i++) {
        static const uint16_t ids[] = {0x1234, 0x0034, 0, 0x0012};
        uint8_t pdu[24] = {5, 0, 2, 3, 0x10, 0, 0, 0, 24, 0, 0, 0, 2};
        rig_init(&rig, IR_CLIENT);
        rig.config.features = 0;
        IR_ASSERT_EQ(ir_conn_bind(&rig.conn, &offer, 1, 0), IRPC_OK);
        SEND(&rig, ACK_ONE);
        IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0x1234, 0, NULL, &o, &token), IRPC_OK);
        IR_ASSERT_EQ(ir_conn_call_end(&rig.conn, token), IRPC_OK);
        ir_put_u16(pdu + 20, ids[i], false);
        IR_ASSERT_EQ(rig_feed(&rig, pdu, sizeof(pdu)), 0);
        IR_ASSERT_EQ(rig.last.type, i < 3 ? IR_EVENT_REPLY : IR_EVENT_REJECTED);
        rig_deinit(&rig);
    }
}

/* accepts: R08: with and without the reserved word, with a body behind it */
IR_TEST(faults)
{
    start(IR_HEX(ACK_ONE));
    uint32_t token = call(0, 0);
    SEND(&rig, HEAD("03", "23", "02000000") "20000000 0000 0000 0300011c");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_FAULT);
    IR_ASSERT_EQ(rig.last.call, token);
    IR_ASSERT_EQ(rig.last.status, 0x1C010003);
    IR_ASSERT_EQ(rig.last.did_not_execute, true);
    (void)call(0, 0);
    SEND(&rig, HEAD("03", "03", "03000000") "28000000 0000 0001 f7060000 00000000 00*8");
    IR_ASSERT_EQ(rig.last.status, 0x6f7);
    IR_ASSERT_EQ(rig.last.did_not_execute, false);
    (void)call(0, 0); /* in the middle of a reply */
    SEND(&rig, RESPONSE("01", "04000000", "0000", "01"));
    SEND(&rig, FAULT_PDU("03", "04000000", "0000", DENIED));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_FAULT);
    IR_ASSERT_EQ(rig.conn.n_partial, 0);
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
    rig_deinit(&rig);
}

/* check: R09 */
IR_TEST(calls_at_once)
{
    struct ir_out *o;
    uint32_t token;

    start(IR_HEX(ACK_ONE));
    (void)call(0, 0);
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_INVALID_STATE);
    rig_deinit(&rig);

    start(IR_HEX(ACK_MPX));
    for (unsigned i = 0; i < 64; i++) {
        (void)call(0, 0);
    }
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_LIMIT);
    /* replies of two calls, fragments interleaved */
    SEND(&rig, RESPONSE("01", "02000000", "0000", "01"));
    SEND(&rig, RESPONSE("01", "03000000", "0000", "02"));
    SEND(&rig, RESPONSE("03", "04000000", "0000", "03"));
    IR_ASSERT_EQ(rig.last.call_id, 4);
    IR_ASSERT(rig.last.stub_memory == NULL);
    SEND(&rig, RESPONSE("02", "02000000", "0000", "04"));
    IR_ASSERT_EQ(rig.last.call_id, 2);
    struct ir_bytes want = IR_HEX("0104");
    IR_ASSERT_MEM(rig.last.stub.p, rig.last.stub.len, want.p, want.n);
    ir_free(rig.last.stub_memory);
    rig_deinit(&rig);
}

IR_TEST(cancel_and_orphan)
{
    start(IR_HEX(ACK_MPX));
    rig.config.limits.calls = 2;
    uint32_t one = call(0, 0);
    uint32_t two = call(0, 0);
    (void)rig_take(&rig);
    IR_ASSERT_EQ(ir_conn_cancel(&rig.conn, one), IRPC_OK);
    EXPECT(&rig, "0500 1203 10000000 1000 0000 02000000");
    IR_ASSERT_EQ(ir_conn_orphan(&rig.conn, one), IRPC_OK);
    EXPECT(&rig, "0500 1303 10000000 1000 0000 02000000");
    IR_ASSERT_EQ(ir_conn_orphan(&rig.conn, one), IRPC_NO_CALL_ACTIVE);
    IR_ASSERT_EQ(ir_conn_cancel(&rig.conn, one), IRPC_NO_CALL_ACTIVE);
    SEND(&rig, RESPONSE("01", "02000000", "0000", "01")); /* dropped */
    SEND(&rig, RESPONSE("02", "02000000", "0000", "01"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 1);
    /* an orphaned call that is never answered gives its place up */
    IR_ASSERT_EQ(ir_conn_orphan(&rig.conn, two), IRPC_OK);
    uint32_t three = call(0, 0);
    uint32_t four = call(0, 0);
    SEND(&rig, RESPONSE("03", "04000000", "0000", "01"));
    IR_ASSERT_EQ(rig.last.call, three);
    SEND(&rig, RESPONSE("03", "05000000", "0000", "01"));
    IR_ASSERT_EQ(rig.last.call, four);
    rig_deinit(&rig);
}

IR_TEST(abort_a_call)
{
    struct ir_out *o;
    uint32_t token;

    start(IR_HEX(ACK_ONE));
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_OK);
    ir_out_u32(o, 1);
    ir_conn_call_abort(&rig.conn, token);
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
    IR_ASSERT_EQ(rig_take(&rig), 0);
    IR_ASSERT_EQ(ir_conn_call_end(&rig.conn, token), IRPC_NO_CALL_ACTIVE);
    rig_deinit(&rig);
}

/* check: R13 */
IR_TEST(shutdown)
{
    start(IR_HEX(ACK_ONE));
    SEND(&rig, HEAD("11", "03", "00000000"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_SHUTDOWN);
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), false);
    rig_deinit(&rig);
}

static bool client_oom(void *arg)
{
    struct ir_out *o;
    uint32_t token;
    static uint8_t buf[128];
    struct ir_bytes ack = IR_HEX(ACK_MPX);
    struct ir_bytes reply = IR_HEX(RESPONSE("01", "02000000", "0000", "01"));

    (void)arg;
    rig_init(&rig, IR_CLIENT);
    rig.config.features = 0;
    enum irpc_status st = ir_conn_bind(&rig.conn, offers, 1, 0);
    if (st == IRPC_OK) {
        memcpy(buf, ack.p, ack.n);
        ir_put_u16(buf + 8, (uint16_t)ack.n, false);
        IR_ASSERT_EQ(rig_feed(&rig, buf, ack.n), 0);
        st = rig.status;
    }
    for (unsigned i = 0; st == IRPC_OK && i < 8; i++) {
        st = ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token);
        if (st == IRPC_OK) {
            (void)ir_out_take(o, 20000);
            st = ir_conn_call_end(&rig.conn, token);
        }
    }
    for (unsigned i = 0; st == IRPC_OK && i < 2; i++) {
        memcpy(buf, reply.p, reply.n);
        buf[3] = i == 0 ? 1 : 2;
        ir_put_u16(buf + 8, (uint16_t)reply.n, false);
        IR_ASSERT_EQ(rig_feed(&rig, buf, reply.n), 0);
        st = rig.status;
    }
    if (st == IRPC_OK) {
        ir_free(rig.last.stub_memory);
    }
    rig_deinit(&rig);
    return st == IRPC_OK;
}

/* check: L11 */
IR_TEST(out_of_memory)
{
    IR_ASSERT(ir_test_oom(client_oom, NULL) >= 8);
}
