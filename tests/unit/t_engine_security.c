/* Security contexts in the server role: legs, levels, signed and sealed calls, and their abuse. */
#include "engine_fixture.h"
#include "test_auth.h"

#include "engine/security.h"
#include "wire/verification_trailer.h"

static struct rig rig;
static struct test_provider provider;
static struct ir_auth_list list;
static struct ir_auth *client; /* the peer's side of the last context */

#define SEC_PKG "21070000"
#define NO_MEMORY_FAULT "1b00001c"
#define TYPE "c8"
#define FIRST_FRAG 1u
#define LAST_FRAG 2u
#define WHOLE_FRAG 3u

static void start(unsigned legs)
{
    rig_init(&rig, IR_SERVER);
    test_provider_init(&provider);
    provider.legs = legs;
    list = (struct ir_auth_list){{&provider.base}, 1};
    rig.config.auth = &list;
}

static void finish(void)
{
    if (client != NULL) {
        client->ops->free(client);
        client = NULL;
    }
    rig_deinit(&rig);
    IR_ASSERT_EQ(provider.n_contexts, 0);
}

/* A PDU whose token is that of leg @index. */
struct leg {
    uint8_t ptype;
    uint8_t flags;
    uint8_t level;
    uint8_t index;
    uint32_t id;
    uint8_t type;
    size_t token;
};

static size_t put_leg(uint8_t *buf, size_t cap, const struct leg *leg)
{
    struct ir_out o = ir_out_fixed(buf, cap, false);
    const struct irpc_syntax_id mgmt = {
        {0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};
    const struct irpc_syntax_id transfer = {
        {0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, {0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, 2, 0};
    uint8_t token[512] = "TEST";
    struct ir_auth_trailer t = {.type = leg->type != 0 ? leg->type : (uint8_t)TEST_AUTH_TYPE,
                                .level = leg->level,
                                .context_id = leg->id,
                                .token = {token, leg->token != 0 ? leg->token : 20}};
    size_t at;

    token[4] = leg->index;
    if (leg->ptype == IR_PTYPE_AUTH3) {
        at = ir_auth3_encode(&o, leg->flags | IR_PFC_WHOLE, 1);
    } else {
        struct ir_bind b = {.max_xmit_frag = 5840, .max_recv_frag = 5840, .n_contexts = 1};
        at = ir_bind_encode(&o, leg->ptype, leg->flags | IR_PFC_WHOLE, 1, &b);
        ir_bind_encode_context(&o, 0, &mgmt, &transfer, 1);
    }
    ir_auth_trailer_encode(&o, o.len, &t);
    ir_header_end(&o, at, 0, (uint16_t)t.token.len);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    return o.len;
}

static void send_leg(struct leg leg)
{
    uint8_t buf[1024];
    size_t len = put_leg(buf, sizeof(buf), &leg);

    rig.last = (struct ir_event){.type = IR_EVENT_NONE};
    IR_ASSERT_EQ(rig_feed(&rig, buf, len), 0);
}

/* The peer's side of a context, as established. */
static void start_client(uint8_t level)
{
    struct ir_auth_begin begin = {.role = IR_AUTH_INITIATE, .level = level, .target = ""};

    if (client != NULL) {
        client->ops->free(client);
    }
    IR_ASSERT_EQ(provider.base.ops->begin(&provider.base, &begin, &client), IRPC_OK);
}

/* Bind (or alter) with all legs: bind, then auth3 for three of them. */
static void establish(uint8_t ptype, uint8_t level, uint8_t flags, uint32_t id)
{
    send_leg((struct leg){ptype, flags, level, 0, id, 0, 0});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    size_t n = rig_take(&rig);
    IR_ASSERT(n > 60);
    if (provider.legs == 3) {
        send_leg((struct leg){IR_PTYPE_AUTH3, 0, level, 2, id, 0, 0});
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
        IR_ASSERT_EQ(rig_take(&rig), 0);
    }
    start_client(level);
}

/* A fragment of a request, as the peer protects it. */
struct fragment {
    uint8_t flags;
    uint32_t call_id;
    uint32_t id;
    uint8_t level;
    size_t stub_len;
    const uint8_t *stub; /* NULL: counting bytes */
};

static size_t put_fragment(uint8_t *buf, size_t cap, const struct fragment *f)
{
    struct ir_out o = ir_out_fixed(buf, cap, false);
    struct ir_request request = {.opnum = 4};
    uint8_t zero[64] = {0};
    struct ir_auth_trailer t = {.type = TEST_AUTH_TYPE,
                                .level = f->level,
                                .context_id = f->id,
                                .token = {zero, provider.signature}};
    size_t at = ir_request_encode(&o, f->flags, f->call_id, &request);
    size_t stub = o.len;

    for (size_t i = 0; i < f->stub_len; i++) {
        ir_out_u8(&o, f->stub != NULL ? f->stub[i] : (uint8_t)(i * 3 + 1));
    }
    ir_auth_trailer_encode(&o, stub, &t);
    ir_header_end(&o, at, 0, (uint16_t)provider.signature);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    size_t trailer = o.len - provider.signature - 8;
    struct ir_auth_pdu pdu = {.head = {buf, stub},
                              .data = buf + stub,
                              .data_len = trailer - stub,
                              .trailer = {buf + trailer, 8},
                              .sign_header = rig.conn.sign_header};
    IR_ASSERT_EQ(client->ops->protect(client, &pdu, buf + trailer + 8), IRPC_OK);
    return o.len;
}

static void feed(const uint8_t *p, size_t len)
{
    rig.last = (struct ir_event){.type = IR_EVENT_NONE};
    IR_ASSERT_EQ(rig_feed(&rig, p, len), 0);
}

static void send_fragment(struct fragment f)
{
    static uint8_t buf[8192];
    size_t len = put_fragment(buf, sizeof(buf), &f);

    feed(buf, len);
    if (rig.last.type == IR_EVENT_CALL && rig.last.stub_memory == NULL) {
        for (size_t i = 0; i < f.stub_len && f.stub == NULL; i++) {
            IR_ASSERT_EQ(rig.last.stub.p[i], (uint8_t)(i * 3 + 1));
        }
        IR_ASSERT_EQ(rig.last.stub.len, f.stub_len);
        rig.last.stub.p = NULL;
    }
}

/* Verify what is in the output as the peer does; the stub data is that of rig_reply(). */
static void expect_reply(size_t stub_len, uint8_t level, size_t max_frag)
{
    size_t len = rig_take(&rig);
    size_t off = 0;
    size_t stub = 0;

    while (off < len) {
        uint8_t *p = rig.out + off;
        struct ir_header h;
        struct ir_response response;
        IR_ASSERT_EQ(ir_header_decode(p, &h, NULL), IRPC_OK);
        IR_ASSERT(h.frag_length <= max_frag && off + h.frag_length <= len);
        struct irpc_span pdu = {p, h.frag_length};
        IR_ASSERT_EQ(ir_response_decode(&h, pdu, &response, NULL), IRPC_OK);
        IR_ASSERT_EQ(h.flags, (off == 0 ? 1 : 0) | (off + h.frag_length == len ? 2 : 0));
        IR_ASSERT(response.auth.present && response.auth.level == level);
        IR_ASSERT_EQ((response.auth.offset - 24) % 16, 0);
        IR_ASSERT_EQ(response.alloc_hint, stub_len - stub);
        struct ir_auth_pdu fragment = {.head = {p, 24},
                                       .data = p + 24,
                                       .data_len = response.auth.offset - 24u,
                                       .trailer = {p + response.auth.offset, 8},
                                       .sign_header = rig.conn.sign_header};
        IR_ASSERT_EQ(client->ops->unprotect(client, &fragment, response.auth.token), IRPC_OK);
        for (size_t i = 0; i < response.stub.len; i++, stub++) {
            IR_ASSERT_EQ(p[24 + i], (uint8_t)(stub * 7 + stub / 256));
        }
        off += h.frag_length;
    }
    IR_ASSERT_EQ(stub, stub_len);
}

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
