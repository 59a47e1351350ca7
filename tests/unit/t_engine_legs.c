/* Tokens of security contexts in the server role: bind, alter_context, auth3; what is refused;
 * providers that take their time. */
#include "security_fixture.h"

/* check: A08: calls before the last leg, with and without a trailer */
IR_TEST(calls_before_the_last_leg)
{
    start(3);
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 60 + 8 + 20);
    SEND(&rig, REQUEST("03", "02000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("23", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "A08", true);
    finish();

    start(3);
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
    (void)rig_take(&rig);
    start_client(IRPC_AUTH_LEVEL_INTEGRITY);
    send_fragment((struct fragment){WHOLE_FRAG, 2, 2, IRPC_AUTH_LEVEL_INTEGRITY, 8, NULL});
    EXPECT(&rig, FAULT_PDU("23", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "A08", true);
    finish();
}

/* check: A11 L01: the last leg never comes */
IR_TEST(legs_have_a_deadline)
{
    struct ir_event e;

    start(3);
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
    IR_ASSERT(!ir_conn_is_quiet(&rig.conn));
    IR_ASSERT_EQ(ir_conn_deadline(&rig.conn), rig.now + 10000);
    ir_conn_on_deadline(&rig.conn, rig.now + 10000, &e);
    IR_ASSERT_EQ(e.type, IR_EVENT_REJECTED);
    IR_ASSERT_STR(e.check, "A11");
    finish();
}

/* accepts: A11; four legs by alter_context; the last answer is empty with five */
IR_TEST(legs_by_alter_context)
{
    start(4);
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 60 + 8 + 20);
    send_leg((struct leg){IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_INTEGRITY, 2, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 56 + 8 + 20);
    start_client(IRPC_AUTH_LEVEL_INTEGRITY);
    send_fragment((struct fragment){WHOLE_FRAG, 2, 2, IRPC_AUTH_LEVEL_INTEGRITY, 8, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    finish();

    start(3); /* a last leg without output: the trailer's 8 bytes, auth_length 0 */
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
    (void)rig_take(&rig);
    send_leg((struct leg){IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_INTEGRITY, 2, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 56 + 8);
    IR_ASSERT_EQ(rig.out[10] | rig.out[11], 0);
    IR_ASSERT_EQ(rig.out[56], TEST_AUTH_TYPE);
    finish();
}

/* check: A11: more legs than anybody needs; a token that is malformed */
IR_TEST(too_many_legs_and_bad_tokens)
{
    start(100);
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
    for (uint8_t i = 1; i < 9; i++) {
        IR_ASSERT(!ir_conn_wants_close(&rig.conn));
        (void)rig_take(&rig);
        send_leg((struct leg){IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_INTEGRITY,
                              (uint8_t)(2 * i), 2, 0, 0});
    }
    EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", SEC_PKG));
    EXPECT_REJECTED(&rig, "A03", true);
    finish();

    for (uint8_t i = 1; i < 5; i++) { /* truncated, and of the wrong leg */
        start(3);
        send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, i, 2, 0, i});
        EXPECT(&rig, NAK("01000000", "0900"));
        EXPECT_REJECTED(&rig, "A03", true);
        finish();
    }
}

/* check: A03 A04: what a bind may not ask for */
IR_TEST(binds_that_are_refused)
{
    static const struct {
        uint8_t type;
        uint8_t level;
        const char *nak;
    } rows[] = {
        {0, IRPC_AUTH_LEVEL_CALL, NAK("01000000", "0900")},
        {9, IRPC_AUTH_LEVEL_INTEGRITY, NAK("01000000", "0800")},
        {9, IRPC_AUTH_LEVEL_CALL, NAK("01000000", "0800")},
        {0, 0, NAK("01000000", "0000")},
        {0, 1, NAK("01000000", "0000")},
        {0, 7, NAK("01000000", "0000")},
        {0, 255, NAK("01000000", "0000")},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        start(3);
        send_leg((struct leg){IR_PTYPE_BIND, 0, rows[i].level, 0, 2, rows[i].type, 0});
        EXPECT(&rig, rows[i].nak);
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
        finish();
    }
    start(3);
    provider.begin_failure = IRPC_SEC_PKG_ERROR;
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
    EXPECT(&rig, NAK("01000000", "0900"));
    finish();
}

/* check: A09: another type, another level, once more */
IR_TEST(contexts_are_not_changed)
{
    static const struct leg rows[] = {
        {IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_INTEGRITY, 2, 2, 9, 0},
        {IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_PRIVACY, 2, 2, 0, 0},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        start(3);
        send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
        (void)rig_take(&rig);
        send_leg(rows[i]);
        if (i == 0) {
            EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", SEC_PKG));
        } else {
            EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", DENIED));
        }
        EXPECT_REJECTED(&rig, "A09", true);
        finish();
    }
    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
    send_leg((struct leg){IR_PTYPE_ALTER_CONTEXT, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
    EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", DENIED));
    EXPECT_REJECTED(&rig, "A09", true);
    finish();
}

/* check: A07 */
IR_TEST(auth3_that_is_refused)
{
    static const struct {
        struct leg leg;
        const char *fault;
    } rows[] = {
        {{IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_INTEGRITY, 2, 3, 0, 0}, DENIED},
        {{IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_PRIVACY, 2, 2, 0, 0}, NO_MEMORY_FAULT},
        {{IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_INTEGRITY, 2, 2, 9, 0}, NO_MEMORY_FAULT},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        start(3);
        send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2, 0, 0});
        (void)rig_take(&rig);
        send_leg(rows[i].leg);
        IR_ASSERT_EQ(rig_take(&rig), 32);
        struct ir_bytes want = IR_HEX(rows[i].fault);
        IR_ASSERT_MEM(rig.out + 24, 4, want.p, want.n);
        EXPECT_REJECTED(&rig, "A07", true);
        finish();
    }
    start(3); /* once more */
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
    send_leg((struct leg){IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_INTEGRITY, 2, 2, 0, 0});
    EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "A07", true);
    finish();
}

/* check: A07: a wrong last token is not answered; the next call learns it */
IR_TEST(auth3_that_fails)
{
    for (unsigned legs = 3; legs <= 4; legs++) { /* 4: the server would have to answer */
        start(legs);
        provider.fail_leg = legs == 3 ? 2 : ~0u;
        send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
        (void)rig_take(&rig);
        send_leg((struct leg){IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_CONNECT, 2, 2, 0, 0});
        IR_ASSERT_EQ(rig_take(&rig), 0);
        EXPECT_REJECTED(&rig, "A07", false);
        SEND(&rig, REQUEST("03", "02000000", "0000", "0400", "01"));
        EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", DENIED));
        EXPECT_REJECTED(&rig, "A05", true);
        finish();
    }
}

/* --- providers that take their time --- */

static struct ir_auth_wake wake;

/* Give the engine a leg that is pending, some bytes behind it, and the same again when the provider
 * is done. */
static void send_pending_leg(struct leg leg)
{
    uint8_t buf[1024];
    size_t len = put_leg(buf, sizeof(buf), &leg);
    size_t before = ir_outq_pending(&rig.outq);

    rig.last = (struct ir_event){.type = IR_EVENT_NONE};
    provider.waiter = NULL;
    IR_ASSERT_EQ(rig_feed(&rig, buf, len), len);
    IR_ASSERT(ir_conn_is_waiting(&rig.conn) && provider.waiter == &wake);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    memset(buf + len, 0xee, 10); /* the next PDU has begun: nobody looks at it yet */
    IR_ASSERT_EQ(rig_feed(&rig, buf, len + 10), len + 10);
    IR_ASSERT_EQ(ir_outq_pending(&rig.outq), before);
    ir_conn_resume(&rig.conn);
    IR_ASSERT_EQ(rig_feed(&rig, buf, len), 0);
    IR_ASSERT(!ir_conn_is_waiting(&rig.conn));
}

static void start_pending(unsigned legs)
{
    start(legs);
    provider.pending = true;
    ir_conn_set_wake(&rig.conn, &wake);
}

/* accepts: A07 A11 */
IR_TEST(steps_that_are_pending)
{
    const uint8_t level = IRPC_AUTH_LEVEL_PRIVACY;

    start_pending(3); /* bind, auth3 */
    send_pending_leg((struct leg){IR_PTYPE_BIND, 0, level, 0, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 60 + 8 + 20);
    send_pending_leg((struct leg){IR_PTYPE_AUTH3, 0, level, 2, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 0);
    start_client(level);
    send_fragment((struct fragment){WHOLE_FRAG, 5, 2, level, 8, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    finish();

    start_pending(4); /* bind, alter_context */
    send_pending_leg((struct leg){IR_PTYPE_BIND, 0, level, 0, 2, 0, 0});
    (void)rig_take(&rig);
    send_pending_leg((struct leg){IR_PTYPE_ALTER_CONTEXT, 0, level, 2, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 56 + 8 + 20);
    finish();
}

/* check: A03 A07 A11: what is refused at once is refused later as well */
IR_TEST(pending_steps_that_fail)
{
    start_pending(3);
    provider.fail_leg = 0;
    send_pending_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
    EXPECT(&rig, NAK("01000000", "0900"));
    EXPECT_REJECTED(&rig, "A03", true);
    finish();

    start_pending(3);
    provider.fail_leg = 2;
    send_pending_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
    (void)rig_take(&rig);
    send_pending_leg((struct leg){IR_PTYPE_AUTH3, 0, IRPC_AUTH_LEVEL_CONNECT, 2, 2, 0, 0});
    IR_ASSERT_EQ(rig_take(&rig), 0);
    EXPECT_REJECTED(&rig, "A07", false);
    finish();

    start(3); /* a provider that is pending although nobody waits */
    provider.pending = true;
    send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
    EXPECT(&rig, NAK("01000000", "0900"));
    finish();
}

/* check: A11 L01: a provider that never ends is waited for until the deadline */
IR_TEST(pending_steps_have_a_deadline)
{
    uint8_t buf[1024];
    struct leg leg = {IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0};
    size_t len = put_leg(buf, sizeof(buf), &leg);
    struct ir_event e;

    start_pending(3);
    IR_ASSERT_EQ(rig_feed(&rig, buf, len), len);
    ir_conn_on_deadline(&rig.conn, rig.now + 9999, &e);
    IR_ASSERT_EQ(e.type, IR_EVENT_NONE);
    ir_conn_on_deadline(&rig.conn, rig.now + 10000, &e);
    IR_ASSERT_EQ(e.type, IR_EVENT_REJECTED);
    IR_ASSERT_EQ(rig_feed(&rig, buf, len), 0); /* it is closing: dropped */
    IR_ASSERT_EQ(rig_take(&rig), 0);
    finish();
}

/* check: A07 A11: tokens as long as a PDU can have them; in auth3 4,096 bytes */
IR_TEST(huge_tokens)
{
    static const struct {
        uint8_t ptype;
        size_t token;
        const char *answer; /* NULL: the provider got it */
    } rows[] = {
        {IR_PTYPE_BIND, IR_AUTH_TOKEN_MAX, NULL},
        {IR_PTYPE_BIND, IR_AUTH_TOKEN_MAX + 1, NAK("01000000", "0900")},
        {IR_PTYPE_BIND, 65400, NAK("01000000", "0900")},
        {IR_PTYPE_AUTH3, 4096, NULL},
        {IR_PTYPE_AUTH3, 4097, FAULT_PDU("23", "01000000", "0000", PROTO_ERROR)},
    };
    static uint8_t buf[65536];

    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        const bool last = rows[i].ptype == IR_PTYPE_AUTH3;
        start(3);
        if (last) {
            send_leg((struct leg){IR_PTYPE_BIND, 0, IRPC_AUTH_LEVEL_CONNECT, 0, 2, 0, 0});
            (void)rig_take(&rig);
        }
        struct leg leg = {rows[i].ptype, 0, IRPC_AUTH_LEVEL_CONNECT, last ? 2 : 0, 2, 0,
                          rows[i].token};
        feed(buf, put_leg(buf, sizeof(buf), &leg));
        if (rows[i].answer != NULL) {
            EXPECT(&rig, rows[i].answer);
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
        } else {
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
            IR_ASSERT_EQ(rig.conn.n_legs, last ? 0 : 1);
            (void)rig_take(&rig);
        }
        finish();
    }
}

/* check: T14: as long as all tokens together may be, or one byte longer */
IR_TEST(tokens_that_are_long_together)
{
    static const uint8_t level = IRPC_AUTH_LEVEL_INTEGRITY;
    static uint8_t buf[65536];

    for (unsigned more = 0; more < 2; more++) {
        start(100);
        for (unsigned i = 0; i < 3; i++) { /* 64 KiB in three */
            struct leg leg = {
                i == 0 ? IR_PTYPE_BIND : IR_PTYPE_ALTER_CONTEXT, 0, level, (uint8_t)(2 * i), 2, 0,
                i == 0 ? 65000 : i == 1 ? 500 : 36 + more};
            IR_ASSERT(!ir_conn_wants_close(&rig.conn));
            (void)rig_take(&rig);
            feed(buf, put_leg(buf, sizeof(buf), &leg));
        }
        if (more == 0) { /* accepts: T14 */
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
            IR_ASSERT_EQ(rig_take(&rig), 56 + 8 + 20);
        } else {
            EXPECT(&rig, FAULT_PDU("23", "01000000", "0000", SEC_PKG));
            EXPECT_REJECTED(&rig, "T14", true);
        }
        finish();
    }
    for (size_t more = 0; more < 2; more++) { /* the last one in auth3: it is never answered */
        start(3);
        struct leg leg = {IR_PTYPE_BIND, 0, level, 0, 2, 0, 65000};
        feed(buf, put_leg(buf, sizeof(buf), &leg));
        (void)rig_take(&rig);
        leg = (struct leg){IR_PTYPE_AUTH3, 0, level, 2, 2, 0, 536 + more};
        feed(buf, put_leg(buf, sizeof(buf), &leg));
        IR_ASSERT_EQ(rig.last.type, more == 0 ? IR_EVENT_NONE : IR_EVENT_REJECTED);
        IR_ASSERT_EQ(rig_take(&rig), 0);
        start_client(level);
        send_fragment((struct fragment){WHOLE_FRAG, 3, 2, level, 8, NULL});
        IR_ASSERT_EQ(rig.last.type, more == 0 ? IR_EVENT_CALL : IR_EVENT_REJECTED);
        finish();
    }
}

/* check: T14: each security context has its own 64 KiB, and a pending token counts once */
IR_TEST(tokens_of_several_authentications)
{
    static const uint8_t level = IRPC_AUTH_LEVEL_CONNECT;
    static uint8_t buf[65536];

    start(2);
    for (uint32_t id = 1; id <= 3; id++) { /* accepts: T14 */
        struct leg leg = {
            id == 1 ? IR_PTYPE_BIND : IR_PTYPE_ALTER_CONTEXT, 0, level, 0, id, 0, 60000};
        feed(buf, put_leg(buf, sizeof(buf), &leg));
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
        IR_ASSERT(rig_take(&rig) > 60);
    }
    finish();
}
