/* What is done to protected calls on their way, and what a peer does who should not. */
#include "security_fixture.h"

/* check: A05: a level that was not negotiated, up or down */
IR_TEST(level_changed_in_a_request)
{
    static const uint8_t wrong[] = {0, 1, 2, 3, 4, 6, 7, 255};

    for (unsigned i = 0; i < IR_ARRAY_LEN(wrong); i++) {
        start(3);
        establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
        send_fragment((struct fragment){WHOLE_FRAG, 3, 2, wrong[i], 8, NULL});
        EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", DENIED));
        EXPECT_REJECTED(&rig, "A05", true);
        finish();
    }
}

/* check: A05: the trailer is stripped, or names another context */
IR_TEST(trailer_stripped_or_moved)
{
    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_PRIVACY, 0, 2);
    SEND(&rig, REQUEST("03", "02000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", DENIED));
    EXPECT_REJECTED(&rig, "A05", true);
    finish();

    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_PRIVACY, 0, 2);
    send_fragment((struct fragment){WHOLE_FRAG, 3, 3, IRPC_AUTH_LEVEL_PRIVACY, 8, NULL});
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", DENIED));
    EXPECT_REJECTED(&rig, "A05", true);
    finish();
}

/* check: A12: the same fragment again, or a later one before an earlier one */
IR_TEST(replay_and_reorder)
{
    uint8_t one[256];
    uint8_t two[256];
    uint8_t copy[256];

    for (unsigned reorder = 0; reorder < 2; reorder++) {
        start(3);
        establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
        struct fragment f = {WHOLE_FRAG, 3, 2, IRPC_AUTH_LEVEL_INTEGRITY, 8, NULL};
        size_t len = put_fragment(one, sizeof(one), &f);
        IR_ASSERT_EQ(put_fragment(two, sizeof(two), &f), len);
        memcpy(copy, one, len);
        if (reorder == 0) {
            feed(one, len);
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
            rig_reply(&rig, rig.last.call, 1);
            (void)rig_take(&rig);
        }
        feed(reorder == 0 ? copy : two, len);
        EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", SEC_PKG));
        EXPECT_REJECTED(&rig, "A10", true);
        finish();
    }
}

/* check: A10 A13: one bit anywhere in a signed fragment; with header signing, the head as well */
IR_TEST(a_flipped_bit_anywhere)
{
    uint8_t buf[256];
    struct fragment f = {WHOLE_FRAG, 3, 2, IRPC_AUTH_LEVEL_PRIVACY, 40, NULL};

    for (size_t bit = 0, len = 1; bit < 8 * len; bit++) {
        start(3);
        establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_PRIVACY, IR_PFC_SUPPORT_HEADER_SIGN, 2);
        len = put_fragment(buf, sizeof(buf), &f);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        rig.last = (struct ir_event){.type = IR_EVENT_NONE};
        (void)rig_feed(&rig, buf, len);
        IR_ASSERT(rig.last.type != IR_EVENT_CALL);
        if (bit / 8 >= 24) { /* no field that frames: the answer is the same, whatever it is */
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
            IR_ASSERT(ir_conn_wants_close(&rig.conn));
        }
        finish();
    }
}

/* check: A10 F04: fragments of somebody else between those of a protected call */
IR_TEST(fragments_injected_into_a_protected_call)
{
    uint8_t level = IRPC_AUTH_LEVEL_INTEGRITY;

    start(3);
    establish(IR_PTYPE_BIND, level, 0, 2);
    send_fragment((struct fragment){FIRST_FRAG, 3, 2, level, 32, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    SEND(&rig, REQUEST("00", "03000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "A05", true);
    finish();

    start(3); /* with a trailer, but not signed by the peer */
    establish(IR_PTYPE_BIND, level, 0, 2);
    send_fragment((struct fragment){FIRST_FRAG, 3, 2, level, 32, NULL});
    SEND(&rig, "0500 0002 10000000 0000 1000 03000000 00000000 0000 0400 01*16" TYPE
               "05 00 00 02000000 01000000 00*12");
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", SEC_PKG));
    EXPECT_REJECTED(&rig, "A10", true);
    IR_ASSERT_EQ(rig.conn.n_partial, 0);
    finish();

    start(3); /* a first one again, signed: the call is blamed; not signed: the signature */
    establish(IR_PTYPE_BIND, level, 0, 2);
    send_fragment((struct fragment){FIRST_FRAG, 3, 2, level, 32, NULL});
    send_fragment((struct fragment){FIRST_FRAG, 3, 2, level, 32, NULL});
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F02", true);
    finish();
}

/* check: A05: signed by one context, sent as another's */
IR_TEST(context_confusion)
{
    start(2);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 1);
    establish(IR_PTYPE_ALTER_CONTEXT, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
    send_fragment((struct fragment){WHOLE_FRAG, 2, 2, IRPC_AUTH_LEVEL_INTEGRITY, 9, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    rig_reply(&rig, rig.last.call, 9);
    (void)rig_take(&rig);
    send_fragment((struct fragment){WHOLE_FRAG, 3, 1, IRPC_AUTH_LEVEL_INTEGRITY, 9, NULL});
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", SEC_PKG));
    EXPECT_REJECTED(&rig, "A10", true);
    finish();
}

/* check: A01 A05 A10: the trailer moves: auth_length says more or less than was signed */
IR_TEST(a_trailer_moved_within_its_fragment)
{
    static const int by[] = {-12, -8, -4, 4, 8, 16, 36, 40};
    uint8_t buf[256];
    struct fragment f = {WHOLE_FRAG, 3, 2, IRPC_AUTH_LEVEL_INTEGRITY, 40, NULL};

    for (unsigned i = 0; i < 2 * IR_ARRAY_LEN(by); i++) {
        start(3);
        establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY,
                  i % 2 != 0 ? IR_PFC_SUPPORT_HEADER_SIGN : 0, 2);
        size_t len = put_fragment(buf, sizeof(buf), &f);
        size_t at = len - provider.signature - 8;
        uint8_t trailer[8];
        memcpy(trailer, buf + at, 8); /* it stands where it would have to */
        memcpy(buf + (long)at - by[i / 2], trailer, 8);
        ir_put_u16(buf + 10, (uint16_t)((int)provider.signature + by[i / 2]), false);
        feed(buf, len);
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
        IR_ASSERT(ir_conn_wants_close(&rig.conn));
        IR_ASSERT_EQ(rig_take(&rig), 32);
        finish();
    }
}

/* check: A10 F02 F03: a call of somebody else begins inside a protected one, and the other way */
IR_TEST(calls_of_two_contexts_do_not_mix)
{
    uint8_t level = IRPC_AUTH_LEVEL_INTEGRITY;

    start(2);
    establish(IR_PTYPE_BIND, level, 0, 1);
    struct ir_auth *first = client;
    client = NULL;
    establish(IR_PTYPE_ALTER_CONTEXT, level, 0, 2);
    struct ir_auth *second = client;
    client = first;
    send_fragment((struct fragment){FIRST_FRAG, 3, 1, level, 32, NULL});
    client = second;
    send_fragment((struct fragment){LAST_FRAG, 3, 2, level, 32, NULL});
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", SEC_PKG));
    EXPECT_REJECTED(&rig, "A10", true);
    IR_ASSERT_EQ(rig.conn.n_partial, 0);
    first->ops->free(first);
    finish();

    start(2); /* a later fragment with a signature, of a call that began without */
    SEND(&rig, BIND);
    (void)rig_take(&rig);
    establish(IR_PTYPE_ALTER_CONTEXT, level, 0, 2);
    SEND(&rig, REQUEST("01", "03000000", "0000", "0400", "01*16"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    send_fragment((struct fragment){LAST_FRAG, 3, 2, level, 32, NULL});
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", DENIED));
    EXPECT_REJECTED(&rig, "A05", true);
    finish();
}

/* check: A05: after a signature that was wrong the context is dead, whatever comes */
IR_TEST(nothing_follows_a_wrong_signature)
{
    uint8_t buf[256];
    struct fragment f = {WHOLE_FRAG, 3, 2, IRPC_AUTH_LEVEL_INTEGRITY, 8, NULL};

    start(3);
    establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_INTEGRITY, 0, 2);
    size_t len = put_fragment(buf, sizeof(buf), &f);
    buf[24] ^= 1;
    feed(buf, len);
    EXPECT_REJECTED(&rig, "A10", true);
    (void)rig_take(&rig);
    IR_ASSERT(!ir_conn_is_protected(&rig.conn));
    send_fragment((struct fragment){WHOLE_FRAG, 4, 2, IRPC_AUTH_LEVEL_INTEGRITY, 8, NULL});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE); /* not even read. check: H17 */
    IR_ASSERT_EQ(rig_take(&rig), 0);
    finish();
}

/*
 * check: A14 A02: without header signing nobody vouches for the length of padding: whatever it is
 * said to be, stub data ends within what was decrypted, and where that length says.
 */
IR_TEST(padding_of_another_length)
{
    uint8_t buf[256];
    const size_t data = 48;
    struct fragment f = {WHOLE_FRAG, 3, 2, IRPC_AUTH_LEVEL_PRIVACY, 40, NULL};

    for (unsigned pad = 0; pad < 256; pad++) {
        start(3);
        establish(IR_PTYPE_BIND, IRPC_AUTH_LEVEL_PRIVACY, 0, 2);
        size_t len = put_fragment(buf, sizeof(buf), &f);
        IR_ASSERT_EQ(len, 24 + data + 8 + provider.signature);
        buf[24 + data + 2] = (uint8_t)pad;
        feed(buf, len);
        if (pad > data) {
            EXPECT_REJECTED(&rig, "A02", true);
            (void)rig_take(&rig);
        } else { /* accepts: A14 */
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
            IR_ASSERT_EQ(rig.last.stub.len, data - pad);
        }
        finish();
    }
}
