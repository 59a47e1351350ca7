/* Security in the client role: what a server may answer to each leg and each call, and what it may
 * not. Whatever is refused ends the connection, and leaves neither contexts nor output behind. */
#include "engine_fixture.h"
#include "test_auth.h"

#include "engine/security.h"
#include "wire/verification_trailer.h"

static struct rig rig;
static struct test_provider provider;
static struct ir_auth *server; /* the peer's side */

#define SEC_PKG_FAULT 0x721u
#define TYPE "c8"
#define WHOLE IR_PFC_WHOLE
#define SIGN IR_PFC_SUPPORT_HEADER_SIGN

static const uint8_t levels[] = {IRPC_AUTH_LEVEL_PACKET, IRPC_AUTH_LEVEL_INTEGRITY,
                                 IRPC_AUTH_LEVEL_PRIVACY};

static const struct ir_bind_offer offer = {
    .abstract = {{0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {8, 0, 0x2b, 0x10, 0x29, 0x89}}, 1, 0},
    .context_id = 0,
    .transfers = IR_MASK_NDR20};

/* --- the server, by hand --- */

/* A client that has sent its bind; the server's side has taken the first token. */
static void start(unsigned legs, uint8_t level)
{
    struct ir_auth_begin begin = {.role = IR_AUTH_ACCEPT, .level = level, .target = ""};

    rig_init(&rig, IR_CLIENT);
    test_provider_init(&provider);
    provider.legs = legs;
    rig.config.features = 0;
    rig.config.provider = &provider.base;
    rig.config.level = level;
    rig.config.target = "host/server";
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, &offer, 1, 0), IRPC_OK);
    IR_ASSERT_EQ(provider.base.ops->begin(&provider.base, &begin, &server), IRPC_OK);
    ((struct test_auth *)server)->next = 1; /* it has seen the client's first */
}

static void finish(void)
{
    if (server != NULL) {
        server->ops->free(server);
        server = NULL;
    }
    rig_deinit(&rig);
    IR_ASSERT_EQ(provider.n_contexts, 0);
}

struct ack {
    uint8_t ptype;
    uint8_t flags;
    uint8_t level;
    uint8_t index; /* of the token */
    uint8_t type;  /* 0: ours */
    uint32_t id;
    uint16_t result;
    size_t token; /* bytes, 0: 20; ~0: no trailer */
};

static size_t put_ack(uint8_t *buf, size_t cap, const struct ack *ack)
{
    struct ir_out o = ir_out_fixed(buf, cap, false);
    struct ir_bind_ack a = {
        .max_xmit_frag = 5840, .max_recv_frag = 5840, .assoc_group_id = 0x1234, .n_results = 1};
    struct ir_bind_result result = {.result = ack->result, .transfer_syntax = ir_syntax_ndr};
    static uint8_t token[70000] = "TEST";
    struct ir_auth_trailer t = {.type = ack->type != 0 ? ack->type : (uint8_t)TEST_AUTH_TYPE,
                                .level = ack->level,
                                .context_id = ack->id,
                                .token = {token, ack->token != 0 ? ack->token : 20}};

    token[4] = ack->index;
    size_t at = ir_bind_ack_encode(&o, ack->ptype, ack->flags | WHOLE, rig.conn.bind_call_id, &a);
    ir_bind_encode_result(&o, &result);
    if (t.token.len == SIZE_MAX) {
        ir_header_end(&o, at, 0, 0);
    } else {
        ir_auth_trailer_encode(&o, o.len, &t);
        ir_header_end(&o, at, 0, (uint16_t)t.token.len);
    }
    IR_ASSERT_EQ(o.err, IRPC_OK);
    return o.len;
}

static size_t feed(const uint8_t *p, size_t len)
{
    rig.last = (struct ir_event){.type = IR_EVENT_NONE};
    return rig_feed(&rig, p, len);
}

static void send_ack(struct ack ack)
{
    static uint8_t buf[70000];
    size_t len = put_ack(buf, sizeof(buf), &ack);

    IR_ASSERT_EQ(feed(buf, len), 0);
}

/* Bound: one token of the server's, and auth3 of ours. */
static void establish(uint8_t level, uint8_t flags)
{
    start(3, level);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, flags, level, 1, 0, 0, 0, 0});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    IR_ASSERT_EQ(rig.conn.n_legs, 0);
    (void)rig_take(&rig);
}

/* Not bound, closed, nothing more to send. */
static void expect_given_up(uint32_t status)
{
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REFUSED);
    IR_ASSERT_EQ(rig.last.status, status);
    IR_ASSERT(rig.last.reason != NULL);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    IR_ASSERT_EQ(rig_take(&rig), 0);
    finish();
}

/* --- legs --- */

/* accepts: A05 */
IR_TEST(legs_are_byte_exact)
{
    start(3, IRPC_AUTH_LEVEL_PRIVACY);
    EXPECT(&rig,
           "0500 0b17 10000000 6400 1400 01000000 d016 d016 00000000 01 000000 0000 01 00" MGMT NDR
               TYPE "06 00 00 00000000 'TEST' 00 00*15");
    send_ack((struct ack){IR_PTYPE_BIND_ACK, SIGN, 6, 1, 0, 0, 0, 0});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    IR_ASSERT(rig.conn.sign_header);
    EXPECT(&rig, "0500 1003 10000000 3000 1400 01000000 00000000 " TYPE
                 "06 00 00 00000000 'TEST' 02 00*15");
    finish();
}

/* accepts: A05: every number of legs that the limit allows */
IR_TEST(any_number_of_legs)
{
    for (unsigned legs = 2; legs < 15; legs++) {
        start(legs, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        struct ack ack = {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0};
        for (; ack.index < legs; ack.index = (uint8_t)(ack.index + 2)) {
            send_ack(ack);
            ack.ptype = IR_PTYPE_ALTER_CONTEXT_RESP;
            if (ack.index + 2u < legs) { /* the next token, with the accepted context */
                IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
                IR_ASSERT_EQ(rig_take(&rig), 72 + 8 + 20);
                IR_ASSERT_EQ(rig.out[2], IR_PTYPE_ALTER_CONTEXT);
            }
        }
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
        IR_ASSERT_EQ(rig_take(&rig), legs % 2 != 0 ? 20 + 8 + 20 : 0);
        finish();
    }
}

/* accepts: A05: what alter_context brings after the legs is taken as ever */
IR_TEST(another_interface_after_the_legs)
{
    struct ir_bind_offer more = offer;

    start(5, IRPC_AUTH_LEVEL_INTEGRITY);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0});
    send_ack((struct ack){IR_PTYPE_ALTER_CONTEXT_RESP, 0, 5, 3, 0, 0, 0, 0});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    (void)rig_take(&rig);
    more.context_id = 1;
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, &more, 1), IRPC_OK);
    IR_ASSERT_EQ(rig_take(&rig), 72);
    send_ack((struct ack){IR_PTYPE_ALTER_CONTEXT_RESP, 0, 5, 0, 0, 0, 0, SIZE_MAX});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    IR_ASSERT_EQ(context_of(&rig.conn, 1)->transfer, IR_TRANSFER_NDR20);
    more.context_id = 2;
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, &more, 1), IRPC_OK);
    send_ack((struct ack){IR_PTYPE_ALTER_CONTEXT_RESP, 0, 5, 5, 0, 0, 0, 0}); /* a trailer again */
    EXPECT_REJECTED(&rig, "A05", true);
    finish();
}

/* check: A05: no trailer, or one of something else */
IR_TEST(answers_with_another_trailer)
{
    static const struct ack wrong[] = {
        {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, SIZE_MAX}, {IR_PTYPE_BIND_ACK, 0, 5, 1, 10, 0, 0, 0},
        {IR_PTYPE_BIND_ACK, 0, 4, 1, 0, 0, 0, 0},        {IR_PTYPE_BIND_ACK, 0, 6, 1, 0, 0, 0, 0},
        {IR_PTYPE_BIND_ACK, 0, 1, 1, 0, 0, 0, 0},        {IR_PTYPE_BIND_ACK, 0, 0, 1, 0, 0, 0, 0},
        {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 1, 0, 0},        {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, ~0u, 0, 0},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(wrong); i++) {
        start(3, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        send_ack(wrong[i]);
        expect_given_up(SEC_PKG_FAULT);
        if (i > 0) { /* in a later leg too */
            start(5, IRPC_AUTH_LEVEL_INTEGRITY);
            (void)rig_take(&rig);
            send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0});
            (void)rig_take(&rig);
            struct ack later = wrong[i];
            later.ptype = IR_PTYPE_ALTER_CONTEXT_RESP;
            later.index = 3;
            send_ack(later);
            expect_given_up(SEC_PKG_FAULT);
        }
    }
}

/* check: A11 */
IR_TEST(tokens_that_the_provider_refuses)
{
    static const struct ack wrong[] = {
        {IR_PTYPE_BIND_ACK, 0, 5, 0, 0, 0, 0, 0}, {IR_PTYPE_BIND_ACK, 0, 5, 2, 0, 0, 0, 0},
        {IR_PTYPE_BIND_ACK, 0, 5, 3, 0, 0, 0, 0}, {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 4},
        {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 1},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(wrong); i++) {
        start(3, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        send_ack(wrong[i]);
        expect_given_up(SEC_PKG_FAULT);
    }
    static const enum irpc_status failures[][2] = {
        {IRPC_SEC_PKG_ERROR, IRPC_SEC_PKG_ERROR},
        {IRPC_ACCESS_DENIED, IRPC_ACCESS_DENIED},
        {IRPC_PENDING, IRPC_SEC_PKG_ERROR}, /* nobody would wake a client */
    };
    for (unsigned i = 0; i < IR_ARRAY_LEN(failures); i++) {
        start(3, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        provider.fail_leg = 1;
        provider.failure = failures[i][0];
        send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0});
        expect_given_up(irpc_status_fault(failures[i][1]));
    }
}

/* A local failure is forwarded, not blamed on the server. */
IR_TEST(tokens_that_find_no_memory)
{
    static const enum irpc_status failures[] = {IRPC_NO_MEMORY, IRPC_LIMIT};

    for (unsigned i = 0; i < IR_ARRAY_LEN(failures); i++) {
        start(3, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        provider.fail_leg = 1;
        provider.failure = failures[i];
        send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0});
        IR_ASSERT_EQ(rig.status, failures[i]);
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
        finish();
    }
}

/* check: A11: a server that never ends */
IR_TEST(too_many_legs)
{
    struct ack ack = {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0};
    unsigned n = 0;

    start(200, IRPC_AUTH_LEVEL_INTEGRITY);
    (void)rig_take(&rig);
    do {
        send_ack(ack);
        ack.ptype = IR_PTYPE_ALTER_CONTEXT_RESP;
        ack.index = (uint8_t)(ack.index + 2);
        n++;
    } while (rig.last.type == IR_EVENT_NONE && rig_take(&rig) > 0);
    IR_ASSERT_EQ(n, rig.config.limits.auth_legs); /* the first was without a token */
    expect_given_up(SEC_PKG_FAULT);
}

/* check: A11 T14: the longest token that a provider gets to see, and what does not fit into a PDU
 */
IR_TEST(long_tokens)
{
    start(3, IRPC_AUTH_LEVEL_INTEGRITY);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, IR_AUTH_TOKEN_MAX});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    finish();
    start(3, IRPC_AUTH_LEVEL_INTEGRITY);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, IR_AUTH_TOKEN_MAX + 4});
    expect_given_up(SEC_PKG_FAULT);
}

/* check: H11 A01: an answer cut anywhere, and every auth_length */
IR_TEST(truncated_trailers)
{
    static const struct ack good = {IR_PTYPE_BIND_ACK, 0, 5, 1, 0, 0, 0, 0};
    uint8_t buf[256];
    size_t whole;

    start(3, IRPC_AUTH_LEVEL_INTEGRITY);
    whole = put_ack(buf, sizeof(buf), &good);
    finish();
    for (unsigned cut = 16; cut < whole; cut++) {
        start(3, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        (void)put_ack(buf, sizeof(buf), &good);
        ir_put_u16(buf + 8, (uint16_t)cut, false);
        (void)feed(buf, cut);
        IR_ASSERT(rig.last.type == IR_EVENT_REJECTED || rig.last.type == IR_EVENT_REFUSED);
        IR_ASSERT(ir_conn_wants_close(&rig.conn));
        IR_ASSERT_EQ(rig_take(&rig), 0);
        finish();
    }
    for (unsigned length = 0; length < 300; length++) {
        start(3, IRPC_AUTH_LEVEL_INTEGRITY);
        (void)rig_take(&rig);
        (void)put_ack(buf, sizeof(buf), &good);
        ir_put_u16(buf + 10, (uint16_t)length, false);
        (void)feed(buf, whole);
        IR_ASSERT((rig.last.type == IR_EVENT_BOUND) == (length == 20));
        IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), length != 20);
        finish();
    }
}

/* A server that refuses in the middle: bind_nak, or a fault for the alter_context. */
IR_TEST(refusals)
{
    start(3, IRPC_AUTH_LEVEL_PRIVACY);
    (void)rig_take(&rig);
    SEND(&rig, NAK("01000000", "0900"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REFUSED);
    IR_ASSERT_EQ(rig.last.nak_reason, 9);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    finish();

    start(5, IRPC_AUTH_LEVEL_PRIVACY);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 6, 1, 0, 0, 0, 0});
    IR_ASSERT(rig_take(&rig) > 0);
    SEND(&rig, FAULT_PDU("03", "02000000", "0000", DENIED));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REFUSED);
    IR_ASSERT_EQ(rig.last.status, 5);
    IR_ASSERT(ir_conn_wants_close(&rig.conn)); /* its security was left unfinished */
    finish();
}

/* The exchange is not gone on with if there will be nothing to call. */
IR_TEST(nothing_was_accepted)
{
    start(5, IRPC_AUTH_LEVEL_PRIVACY);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 6, 1, 0, 0, IR_BIND_PROVIDER_REJECTION, 0});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_BOUND);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    IR_ASSERT_EQ(rig_take(&rig), 0);
    finish();
}

/* check: A08: neither calls nor replies before the last leg */
IR_TEST(calls_before_the_last_leg)
{
    struct ir_out *o;
    uint32_t token;

    start(5, IRPC_AUTH_LEVEL_PRIVACY);
    (void)rig_take(&rig);
    send_ack((struct ack){IR_PTYPE_BIND_ACK, 0, 6, 1, 0, 0, 0, 0});
    (void)rig_take(&rig);
    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 0, NULL, &o, &token), IRPC_INVALID_STATE);
    IR_ASSERT_EQ(ir_conn_alter(&rig.conn, &offer, 1), IRPC_INVALID_STATE);
    SEND(&rig, HEAD("02", "03", "02000000") "00000000 0000 0000 01");
    EXPECT_REJECTED(&rig, "R06", true);
    finish();
}

/* What the provider says when it is asked to begin is what bind says; nothing is left. */
IR_TEST(contexts_that_cannot_begin)
{
    rig_init(&rig, IR_CLIENT);
    test_provider_init(&provider);
    provider.begin_failure = IRPC_SEC_PKG_ERROR;
    rig.config.provider = &provider.base;
    rig.config.level = IRPC_AUTH_LEVEL_PRIVACY;
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, &offer, 1, 0), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_EQ(ir_outq_pending(&rig.outq), 0);
    IR_ASSERT(ir_conn_context(&rig.conn, 0) == NULL);
    provider.begin_failure = IRPC_OK;
    provider.fail_leg = 0;
    provider.failure = IRPC_SEC_PKG_ERROR;
    IR_ASSERT_EQ(ir_conn_bind(&rig.conn, &offer, 1, 0), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_EQ(ir_outq_pending(&rig.outq), 0);
    finish();
}

/* --- calls --- */

static uint32_t call(size_t stub_len)
{
    struct ir_out *o;
    uint32_t token;

    IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 4, NULL, &o, &token), IRPC_OK);
    for (size_t i = 0; i < stub_len; i++) {
        ir_out_u8(o, (uint8_t)(i * 7 + i / 256));
    }
    IR_ASSERT_EQ(ir_conn_call_end(&rig.conn, token), IRPC_OK);
    return token;
}

/* What the server sees of the request in the output. */
static void expect_request(size_t stub_len, uint8_t level)
{
    size_t len = rig_take(&rig);
    size_t stub = 0;
    size_t off = 0;

    while (off < len) {
        uint8_t *p = rig.out + off;
        struct ir_header h;
        struct ir_request request;
        IR_ASSERT_EQ(ir_header_decode(p, &h, NULL), IRPC_OK);
        struct irpc_span pdu = {p, h.frag_length};
        IR_ASSERT_EQ(ir_request_decode(&h, pdu, &request, NULL), IRPC_OK);
        IR_ASSERT(h.frag_length <= 5840 && off + h.frag_length <= len);
        IR_ASSERT(request.auth.present && request.auth.level == level);
        struct ir_auth_pdu fragment = {.head = {p, 24},
                                       .data = p + 24,
                                       .data_len = request.auth.offset - 24u,
                                       .trailer = {p + request.auth.offset, 8},
                                       .sign_header = rig.conn.sign_header};
        IR_ASSERT_EQ(server->ops->unprotect(server, &fragment, request.auth.token), IRPC_OK);
        for (size_t i = 0; i < request.stub.len && stub < stub_len; i++, stub++) {
            IR_ASSERT_EQ(p[24 + i], (uint8_t)(stub * 7 + stub / 256));
        }
        off += h.frag_length;
    }
    IR_ASSERT_EQ(stub, stub_len);
}

struct fragment {
    uint8_t flags;
    uint32_t call_id;
    uint8_t level;
    uint8_t type; /* 0: ours */
    uint32_t id;
    size_t stub_len;
};

static size_t put_fragment(uint8_t *buf, size_t cap, const struct fragment *f)
{
    struct ir_out o = ir_out_fixed(buf, cap, false);
    struct ir_response response = {.alloc_hint = (uint32_t)f->stub_len};
    uint8_t zero[IR_AUTH_SIGNATURE_MAX] = {0};
    struct ir_auth_trailer t = {.type = f->type != 0 ? f->type : (uint8_t)TEST_AUTH_TYPE,
                                .level = f->level,
                                .context_id = f->id,
                                .token = {zero, provider.signature}};
    size_t at = ir_response_encode(&o, f->flags, f->call_id, &response);
    size_t stub = o.len;

    for (size_t i = 0; i < f->stub_len; i++) {
        ir_out_u8(&o, (uint8_t)(i * 3 + 1));
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
    IR_ASSERT_EQ(server->ops->protect(server, &pdu, buf + trailer + 8), IRPC_OK);
    return o.len;
}

static void send_fragment(struct fragment f)
{
    static uint8_t buf[8192];

    IR_ASSERT_EQ(feed(buf, put_fragment(buf, sizeof(buf), &f)), 0);
}

/* The call's id on the wire. */
static uint32_t id_of(uint32_t token)
{
    const struct ir_conn_call *c = ir_conn_find_call(&rig.conn, token);

    IR_ASSERT(c != NULL);
    return c->call_id;
}

/* The verification trailer of the request in the output, which must be one fragment. */
static struct ir_verification_trailer verification_of(size_t stub_len)
{
    struct ir_verification_trailer t = {.present = false};
    struct ir_header h;
    struct ir_request request;
    struct irpc_span pdu = {rig.out, 0};

    expect_request(stub_len, IRPC_AUTH_LEVEL_INTEGRITY); /* decrypts nothing */
    IR_ASSERT_EQ(ir_header_decode(rig.out, &h, NULL), IRPC_OK);
    pdu.len = h.frag_length;
    IR_ASSERT_EQ(ir_request_decode(&h, pdu, &request, NULL), IRPC_OK);
    IR_ASSERT_EQ(ir_verification_trailer_decode(request.stub, &t, NULL), IRPC_OK);
    IR_ASSERT_EQ(t.offset, (stub_len + (t.present ? 3u : 0u)) & (t.present ? ~3u : ~0u));
    return t;
}

/* check: A15: the server learns what we offered and meant; with header signing, once */
IR_TEST(verification_trailers)
{
    struct ir_verification_trailer t;

    establish(IRPC_AUTH_LEVEL_INTEGRITY, SIGN);
    (void)call(5);
    t = verification_of(5);
    IR_ASSERT_EQ(t.commands, IR_VERIFICATION_BITMASK_1 | IR_VERIFICATION_PCONTEXT);
    IR_ASSERT_EQ(t.bitmask_1, IR_VERIFICATION_CLIENT_SUPPORT_HEADER_SIGNING);
    IR_ASSERT(ir_syntax_equal(&t.interface, &offer.abstract));
    IR_ASSERT(ir_syntax_equal(&t.transfer, &ir_syntax_ndr));
    send_fragment((struct fragment){WHOLE, 2, 5, 0, 0, 1});
    (void)call(5);
    IR_ASSERT(!verification_of(5).present);
    finish();

    establish(IRPC_AUTH_LEVEL_INTEGRITY, 0);
    for (uint32_t id = 2; id < 4; id++) {
        (void)call(8);
        t = verification_of(8);
        IR_ASSERT_EQ(t.commands, IR_VERIFICATION_BITMASK_1 | IR_VERIFICATION_PCONTEXT |
                                     IR_VERIFICATION_HEADER2);
        IR_ASSERT_EQ(t.call_id, id);
        IR_ASSERT_EQ(t.opnum, 4);
        IR_ASSERT_EQ(t.drep[0], 0x10);
        IR_ASSERT_EQ(t.ptype, IR_PTYPE_REQUEST);
        send_fragment((struct fragment){WHOLE, id, 5, 0, 0, 1});
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    }
    finish();
}

/* accepts: A10 A15 */
IR_TEST(calls_at_every_level_that_protects)
{
    static const size_t sizes[] = {0, 1, 16, 100, 5776, 30000};

    for (unsigned i = 0; i < 2 * IR_ARRAY_LEN(levels); i++) {
        uint8_t level = levels[i / 2];
        establish(level, i % 2 != 0 ? SIGN : 0);
        for (unsigned k = 0; k < IR_ARRAY_LEN(sizes); k++) {
            uint32_t token = call(sizes[k]);
            expect_request(sizes[k], level);
            send_fragment((struct fragment){WHOLE, id_of(token), level, 0, 0, 33});
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
            IR_ASSERT_EQ(rig.last.call, token);
            IR_ASSERT_EQ(rig.last.stub.len, 33);
        }
        finish();
    }
}

/* accepts: A10 */
IR_TEST(a_reply_in_fragments)
{
    for (unsigned i = 0; i < IR_ARRAY_LEN(levels); i++) {
        establish(levels[i], SIGN);
        uint32_t token = call(3);
        uint32_t id = id_of(token);
        (void)rig_take(&rig);
        send_fragment((struct fragment){IR_PFC_FIRST_FRAG, id, levels[i], 0, 0, 32});
        send_fragment((struct fragment){0, id, levels[i], 0, 0, 64});
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
        send_fragment((struct fragment){IR_PFC_LAST_FRAG, id, levels[i], 0, 0, 7});
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
        IR_ASSERT_EQ(rig.last.stub.len, 103);
        for (unsigned k = 0; k < 103; k++) {
            unsigned at = k < 32 ? k : k < 96 ? k - 32 : k - 96;
            IR_ASSERT_EQ(rig.last.stub.p[k], (uint8_t)(at * 3 + 1));
        }
        ir_free(rig.last.stub_memory);
        finish();
    }
}

/* accepts: A06: at level CONNECT nothing is protected, and a trailer is not looked at */
IR_TEST(replies_at_level_connect)
{
    establish(IRPC_AUTH_LEVEL_CONNECT, 0);
    uint32_t token = call(5);
    IR_ASSERT_EQ(rig_take(&rig), 24 + 5);
    SEND(&rig, HEAD("02", "03", "02000000") "00000000 0000 0000 0102");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    IR_ASSERT_EQ(rig.last.call, token);
    token = call(5);
    (void)rig_take(&rig);
    send_fragment((struct fragment){WHOLE, id_of(token), 2, 0, 0, 2});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    IR_ASSERT_EQ(rig.last.stub.len, 2);
    finish();
}

/* check: A05: the trailer of a reply is stripped, or another one */
IR_TEST(replies_with_another_trailer)
{
    static const struct fragment wrong[] = {
        {WHOLE, 2, 4, 0, 0, 8}, {WHOLE, 2, 6, 0, 0, 8},  {WHOLE, 2, 2, 0, 0, 8},
        {WHOLE, 2, 1, 0, 0, 8}, {WHOLE, 2, 5, 10, 0, 8}, {WHOLE, 2, 5, 0, 1, 8},
    };

    for (unsigned i = 0; i < 2 * IR_ARRAY_LEN(wrong); i++) {
        establish(IRPC_AUTH_LEVEL_INTEGRITY, i % 2 != 0 ? SIGN : 0);
        (void)call(1);
        (void)rig_take(&rig);
        send_fragment(wrong[i / 2]);
        EXPECT_REJECTED(&rig, "A10", true);
        IR_ASSERT_EQ(rig_take(&rig), 0);
        finish();
    }
    establish(IRPC_AUTH_LEVEL_INTEGRITY, SIGN);
    (void)call(1);
    (void)rig_take(&rig);
    SEND(&rig, HEAD("02", "03", "02000000") "00000000 0000 0000 0102030405060708");
    EXPECT_REJECTED(&rig, "A10", true);
    finish();
}

/* check: A12 A10: a reply once more, for the next call; fragments in another order; one by nobody
 */
IR_TEST(replies_that_are_moved)
{
    static uint8_t one[512];
    static uint8_t two[512];
    struct fragment f = {WHOLE, 2, 5, 0, 0, 16};

    establish(IRPC_AUTH_LEVEL_INTEGRITY, 0);
    (void)call(1);
    size_t len = put_fragment(one, sizeof(one), &f);
    memcpy(two, one, len);
    IR_ASSERT_EQ(feed(one, len), 0);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
    (void)call(1);
    ir_put_u32(two + 12, 3, false); /* without header signing, the id is not under the signature */
    IR_ASSERT_EQ(feed(two, len), 0);
    EXPECT_REJECTED(&rig, "A10", true);
    finish();

    establish(IRPC_AUTH_LEVEL_INTEGRITY, 0);
    (void)call(1);
    f.flags = IR_PFC_FIRST_FRAG;
    len = put_fragment(one, sizeof(one), &f);
    IR_ASSERT_EQ(put_fragment(two, sizeof(two), &f), len);
    IR_ASSERT_EQ(feed(two, len), 0); /* the second first */
    EXPECT_REJECTED(&rig, "A10", true);
    IR_ASSERT_EQ(rig.conn.n_partial, 0);
    finish();

    establish(IRPC_AUTH_LEVEL_INTEGRITY, 0);
    (void)call(1);
    send_fragment((struct fragment){IR_PFC_FIRST_FRAG, 2, 5, 0, 0, 16});
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    SEND(&rig, HEAD("02", "00", "02000000") "00000000 0000 0000 01*8"); /* injected */
    EXPECT_REJECTED(&rig, "A10", true);
    finish();
}

/* check: A10 A13: one bit anywhere, header included */
IR_TEST(a_flipped_bit_anywhere)
{
    static uint8_t buf[512];
    struct fragment f = {WHOLE, 2, 6, 0, 0, 40};

    for (size_t bit = 0, len = 1; bit < 8 * len; bit++) {
        establish(IRPC_AUTH_LEVEL_PRIVACY, SIGN);
        (void)call(1);
        (void)rig_take(&rig);
        len = put_fragment(buf, sizeof(buf), &f);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)feed(buf, len);
        if (rig.last.type == IR_EVENT_REPLY || rig.last.type == IR_EVENT_FAULT) {
            /* a fault is never signed: a reply may be made one, whose call has failed then */
            IR_ASSERT(rig.last.type == IR_EVENT_FAULT && bit == 16);
        } else if (rig.last.type != IR_EVENT_NONE) {
            IR_ASSERT(ir_conn_wants_close(&rig.conn));
        } else { /* more bytes are waited for, or it is no answer */
            IR_ASSERT(bit / 8 < 16);
        }
        finish();
    }
}

/* check: A10: without header signing, whatever is under the signature */
IR_TEST(a_flipped_bit_without_header_signing)
{
    static uint8_t buf[512];
    struct fragment f = {WHOLE, 2, 5, 0, 0, 40};

    for (size_t bit = 8 * 24, len = 25; bit < 8 * len; bit++) {
        establish(IRPC_AUTH_LEVEL_INTEGRITY, 0);
        (void)call(1);
        (void)rig_take(&rig);
        len = put_fragment(buf, sizeof(buf), &f);
        size_t trailer = len - provider.signature - 8;
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)feed(buf, len);
        if (bit / 8 == trailer + 2 || bit / 8 == trailer + 3) {
            /* auth_pad_length and the reserved byte: how much of the padding is seen as stub data
             */
            IR_ASSERT(rig.last.type == IR_EVENT_REPLY || ir_conn_wants_close(&rig.conn));
        } else {
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
            IR_ASSERT(ir_conn_wants_close(&rig.conn));
        }
        finish();
    }
}

/* check: A10 H11: a signature that is cut, in a reply that is cut, in every way */
IR_TEST(truncated_replies)
{
    static uint8_t buf[512];
    struct fragment f = {WHOLE, 2, 6, 0, 0, 24};
    size_t whole = 24 + 32 + 8 + 16;

    for (unsigned cut = 24; cut < whole; cut++) {
        for (unsigned length = 0; length <= 20; length += 4) {
            establish(IRPC_AUTH_LEVEL_PRIVACY, SIGN);
            (void)call(1);
            (void)rig_take(&rig);
            IR_ASSERT_EQ(put_fragment(buf, sizeof(buf), &f), whole);
            ir_put_u16(buf + 8, (uint16_t)cut, false);
            ir_put_u16(buf + 10, (uint16_t)length, false);
            (void)feed(buf, cut);
            IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
            IR_ASSERT(ir_conn_wants_close(&rig.conn));
            finish();
        }
    }
}

/* When protecting fails, nothing of the call is sent, and the connection ends. */
IR_TEST(protecting_fails)
{
    struct ir_out *o;
    uint32_t token;

    for (unsigned n = 0; n < 3; n++) {
        establish(IRPC_AUTH_LEVEL_PRIVACY, SIGN);
        provider.fail_protect = n;
        IR_ASSERT_EQ(ir_conn_call_begin(&rig.conn, 0, 4, NULL, &o, &token), IRPC_OK);
        ir_out_zero(o, 15000);
        IR_ASSERT_EQ(ir_conn_call_end(&rig.conn, token), IRPC_SEC_PKG_ERROR);
        IR_ASSERT_EQ(ir_outq_pending(&rig.outq), 0);
        IR_ASSERT(ir_conn_wants_close(&rig.conn));
        IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
        finish();
    }
}

/* --- memory --- */

static bool talk(void *arg)
{
    static uint8_t buf[8192];
    struct ack ack = {IR_PTYPE_BIND_ACK, SIGN, 6, 1, 0, 0, 0, 0};
    struct ir_auth_begin begin = {
        .role = IR_AUTH_ACCEPT, .level = IRPC_AUTH_LEVEL_PRIVACY, .target = ""};
    struct ir_out *o;
    uint32_t token = 0;

    (void)arg;
    rig_init(&rig, IR_CLIENT);
    test_provider_init(&provider);
    rig.config.features = 0;
    rig.config.provider = &provider.base;
    rig.config.level = IRPC_AUTH_LEVEL_PRIVACY;
    bool ok = ir_conn_bind(&rig.conn, &offer, 1, 0) == IRPC_OK;
    if (ok) {
        (void)feed(buf, put_ack(buf, sizeof(buf), &ack));
        ok = rig.last.type == IR_EVENT_BOUND &&
             provider.base.ops->begin(&provider.base, &begin, &server) == IRPC_OK;
    }
    ok = ok && ir_conn_call_begin(&rig.conn, 0, 4, NULL, &o, &token) == IRPC_OK;
    if (ok) {
        ir_out_zero(o, 20000);
        ok = ir_conn_call_end(&rig.conn, token) == IRPC_OK;
    }
    for (unsigned i = 0; ok && i < 2; i++) {
        struct fragment f = {i == 0 ? IR_PFC_FIRST_FRAG : IR_PFC_LAST_FRAG, 2, 6, 0, 0, 5000};
        (void)feed(buf, put_fragment(buf, sizeof(buf), &f));
        ok = rig.status == IRPC_OK;
    }
    if (ok) {
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_REPLY);
        ir_free(rig.last.stub_memory);
    }
    finish();
    return ok;
}

/* check: L11 */
IR_TEST(out_of_memory)
{
    IR_ASSERT(ir_test_oom(talk, NULL) >= 6);
}
