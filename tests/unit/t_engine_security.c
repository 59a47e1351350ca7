/* Security contexts in the server role: levels, signed and sealed calls, several contexts. */
#include "security_fixture.h"

#include "wire/verification_trailer.h"

static const uint8_t levels[] = {IRPC_AUTH_LEVEL_PACKET, IRPC_AUTH_LEVEL_INTEGRITY,
                                 IRPC_AUTH_LEVEL_PRIVACY};

/* accepts: A04 A07 A10 */
IR_TEST(calls_at_every_level_that_protects)
{
    static const size_t sizes[] = {0, 1, 16, 40, 5776, 5777, 30000};

    for (unsigned i = 0; i < 2 * IR_ARRAY_LEN(levels); i++) {
        start(3);
        establish(IR_PTYPE_BIND, levels[i / 2], i % 2 != 0 ? IR_PFC_SUPPORT_HEADER_SIGN : 0, 7);
        for (uint32_t k = 0; k < IR_ARRAY_LEN(sizes); k++) {
            send_fragment((struct fragment){WHOLE_FRAG, 10 + k, 7, levels[i / 2], 5 * k, NULL});
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
            const struct irpc_auth_identity *who = ir_conn_identity(&rig.conn, rig.last.call);
            IR_ASSERT(who != NULL);
            IR_ASSERT_STR(who->principal, TEST_AUTH_PRINCIPAL);
            IR_ASSERT_EQ(who->level, levels[i / 2]);
            rig_reply(&rig, rig.last.call, sizes[k]);
            expect_reply(sizes[k], levels[i / 2], 5840);
        }
        IR_ASSERT(ir_conn_is_protected(&rig.conn));
        finish();
    }
}

/* accepts: A06: at level CONNECT calls have no trailer, and if they have, nobody looks at it */
IR_TEST(calls_at_level_connect)
{
    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_CONNECT, 0, 2);
    SEND(&rig, REQUEST("03", "02000000", "0000", "0400", "01"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT(ir_conn_identity(&rig.conn, rig.last.call) != NULL);
    rig_reply(&rig, rig.last.call, 3);
    IR_ASSERT_EQ(rig_take(&rig), 27);
    SEND(&rig, "0500 0003 10000000 0000 1000 03000000 00000000 0000 0400" TYPE
               "02 00 00 02000000 01000000 00*12");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT(ir_conn_identity(&rig.conn, rig.last.call) != NULL);
    rig_reply(&rig, rig.last.call, 3);
    IR_ASSERT_EQ(rig_take(&rig), 27);
    /* a trailer named a context: none is implied any more */
    SEND(&rig, REQUEST("03", "04000000", "0000", "0400", "01"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT(ir_conn_identity(&rig.conn, rig.last.call) == NULL);
    rig_reply(&rig, rig.last.call, 3);
    IR_ASSERT(!ir_conn_is_protected(&rig.conn));
    finish();
}

/* accepts: A10 F04: what a later trailer says of type, level and context does not matter */
IR_TEST(a_protected_call_in_fragments)
{
    uint8_t level = IRPC_AUTH_LEVEL_PRIVACY;

    start(3);
    establish(IR_PTYPE_BIND, level, 0, 2);
    send_fragment((struct fragment){FIRST_FRAG, 3, 2, level, 32, NULL});
    send_fragment((struct fragment){0, 3, 111, 111, 16, NULL});
    send_fragment((struct fragment){LAST_FRAG, 3, 2, level, 5, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.stub.len, 53);
    IR_ASSERT_EQ(rig.last.stub.p[52], 13);
    ir_free(rig.last.stub_memory);
    rig_reply(&rig, rig.last.call, 100);
    expect_reply(100, level, 5840);
    finish();
}

/* accepts: A11, check: A11: eight contexts, not nine; each with its own calls */
IR_TEST(several_contexts)
{
    start(2);
    SEND(&rig, BIND);
    (void)rig_take(&rig);
    for (uint32_t i = 0; i < 8; i++) {
        uint8_t level = levels[i % 3];
        establish(IR_PTYPE_ALTER_CONTEXT, level, 0, i * 1000);
        send_fragment((struct fragment){WHOLE_FRAG, 2, i * 1000, level, 9, NULL});
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
        IR_ASSERT_EQ(ir_conn_identity(&rig.conn, rig.last.call)->level, level);
        rig_reply(&rig, rig.last.call, 9);
        expect_reply(9, level, 5840);
        SEND(&rig, REQUEST("03", "03000000", "0000", "0400", "01")); /* as nobody */
        IR_ASSERT(ir_conn_identity(&rig.conn, rig.last.call) == NULL);
        rig_reply(&rig, rig.last.call, 9);
        (void)rig_take(&rig);
    }
    send_leg((struct leg){IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 9999, 0, 0});
    EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "A11", true);
    finish();
}

/* Header signing is on for all contexts once any bind or alter_context offers it; auth3 does not
 * count. */
IR_TEST(header_signing_once_on_stays)
{
    start(3);
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 1, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 88);
    IR_ASSERT_EQ(rig.out[3], 3);
    send_leg((struct leg){IR_PTYPE_AUTH3, IR_PFC_SUPPORT_HEADER_SIGN, IRPC_AUTH_LEVEL_INTEGRITY, 2,
                          1, 0, 0});
    IR_ASSERT(!rig.conn.sign_header);
    SEND(&rig, HEAD("0e", "07", "05000000") "d016 d016 00000000" ONE_CONTEXT("0000", MGMT));
    IR_ASSERT_EQ(rig_take(&rig), 56);
    IR_ASSERT_EQ(rig.out[3], 7);
    IR_ASSERT(rig.conn.sign_header);
    SEND(&rig, ALTER_HEAD("06000000") ONE_CONTEXT("0000", MGMT));
    IR_ASSERT(rig.conn.sign_header);
    (void)rig_take(&rig);
    finish();
}

/* When protecting fails, what was queued before is whole, and the connection ends. */
IR_TEST(protecting_fails_in_the_middle)
{
    struct ir_out *o;

    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_PRIVACY, 0, 2);
    provider.fail_protect = 3;
    send_fragment((struct fragment){WHOLE_FRAG, 2, 2, IRPC_AUTH_LEVEL_PRIVACY, 9, NULL});
    rig_reply(&rig, rig.last.call, 7000);
    send_fragment((struct fragment){WHOLE_FRAG, 3, 2, IRPC_AUTH_LEVEL_PRIVACY, 9, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    size_t before = ir_outq_pending(&rig.outq);
    IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, rig.last.call, &o), IRPC_OK);
    ir_out_zero(o, 20000);
    IR_ASSERT_EQ(ir_conn_reply_end(&rig.conn, rig.last.call), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_EQ(ir_outq_pending(&rig.outq), before);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    expect_reply(7000, IRPC_AUTH_LEVEL_PRIVACY, 5840);
    finish();
}

/* --- the verification trailer --- */

static enum irpc_status verify(const struct ir_verification_trailer *t)
{
    static const struct irpc_syntax_id mgmt = {
        {0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};
    static uint8_t pdu[512];
    uint8_t stub[256];
    struct ir_out o = ir_out_fixed(stub, sizeof(stub), false);
    const char *check = NULL;
    const char *reason = NULL;

    ir_out_zero(&o, 7);
    ir_verification_trailer_encode(&o, t);
    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
    struct fragment f = {WHOLE_FRAG, 2, 2, IRPC_AUTH_LEVEL_INTEGRITY, o.len, stub};
    size_t len = put_fragment(pdu, sizeof(pdu), &f);
    feed(pdu, len);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    enum irpc_status st = ir_conn_check_verification(&rig.conn, &rig.last, &mgmt, &check, &reason);
    IR_ASSERT(st == IRPC_OK ? rig.last.stub.len == 8 : check != NULL && reason != NULL);
    finish();
    return st;
}

/* check: A15 */
IR_TEST(verification_trailer)
{
    const struct ir_verification_trailer good = {
        .commands = IR_VERIFICATION_BITMASK_1 | IR_VERIFICATION_PCONTEXT | IR_VERIFICATION_HEADER2,
        .interface =
            {{0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0},
        .transfer = {{0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, {0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},
                     2,
                     0},
        .ptype = IR_PTYPE_REQUEST,
        .drep = {0x10, 0, 0, 0},
        .call_id = 2,
        .opnum = 4,
    };
    struct ir_verification_trailer bad[8];

    IR_ASSERT_EQ(verify(&good), IRPC_OK);
    for (unsigned i = 0; i < IR_ARRAY_LEN(bad); i++) {
        bad[i] = good;
    }
    bad[0].bitmask_1 = IR_VERIFICATION_CLIENT_SUPPORT_HEADER_SIGNING;
    bad[1].interface.minor = 1;
    bad[2].transfer.major = 3;
    bad[3].ptype = IR_PTYPE_RESPONSE;
    bad[4].drep[0] = 0;
    bad[5].call_id = 3;
    bad[6].opnum = 5;
    bad[7].context_id = 1;
    for (unsigned i = 0; i < IR_ARRAY_LEN(bad); i++) {
        IR_ASSERT_EQ(verify(&bad[i]), IRPC_ACCESS_DENIED);
    }
}

/* --- memory --- */

static bool talk(void *arg)
{
    static uint8_t buf[1024];
    struct leg leg = {IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_PRIVACY, 0, 2, 0, 0};
    struct leg last = {IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_PRIVACY, 2, 2, 0, 0};
    struct ir_out *o;
    bool ok = false;

    (void)arg;
    start(3);
    (void)rig_feed(&rig, buf, put_leg(buf, sizeof(buf), &leg));
    (void)rig_feed(&rig, buf, put_leg(buf, sizeof(buf), &last));
    if (rig.status == IRPC_OK && !ir_conn_wants_close(&rig.conn) && rig.conn.n_legs == 0) {
        struct ir_auth_begin begin = {
            .role = IR_AUTH_INITIATE, .level = IRPC_AUTH_LEVEL_PRIVACY, .target = ""};
        struct fragment f = {WHOLE_FRAG, 2, 2, IRPC_AUTH_LEVEL_PRIVACY, 9, NULL};
        if (provider.base.ops->begin(&provider.base, &begin, &client) == IRPC_OK) {
            (void)rig_feed(&rig, buf, put_fragment(buf, sizeof(buf), &f));
            ok = rig.last.type == IR_EVENT_CALL &&
                 ir_conn_reply_begin(&rig.conn, rig.last.call, &o) == IRPC_OK;
        }
        if (ok) {
            ir_out_zero(o, 9000);
            ok = ir_conn_reply_end(&rig.conn, rig.last.call) == IRPC_OK;
        }
    }
    finish();
    return ok;
}

IR_TEST(out_of_memory)
{
    IR_ASSERT(ir_test_oom(talk, NULL) >= 4);
}
