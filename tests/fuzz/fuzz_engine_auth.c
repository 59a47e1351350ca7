/*
 * A connection of either role with a security provider, and a peer who signs what he sends. The
 * input is what the peer does. Properties: a call or reply that a context protects arrives only if
 * each of its fragments is as the peer signed it, once, in order, and then with his plain text;
 * what we send verifies at the peer and is whole; however the bytes are cut, and whether the
 * provider answers at once or later, events and output are the same; nothing leaks. check: A05 A08
 * A10 A12 H15
 *
 * Input: a byte of options (bit 7: client role, 0-1: legs, 2: signature of 40 bytes), then acts:
 * a byte that says which, and its own bytes.
 */
#include "engine_fuzz.h"

#include "../unit/test_auth.h"
#include "base/cur.h"
#include "base/syntax.h"
#include "engine/security.h"
#include "wire/bind.h"
#include "wire/call.h"

#define PEERS 8u
#define PDU_MAX 1024u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct irpc_syntax_id iface = {.major = 1};
static const uint8_t levels[8] = {0, 1, 2, 3, 4, 5, 6, 6};

struct talk {
    struct engine_run run;
    struct ir_conn_config config;
    struct ir_conn_host host;
    struct ir_conn conn;
    struct ir_outq outq;
    struct test_provider provider;
    struct ir_auth_list list;
    struct ir_auth_wake wake;
    struct ir_auth *peers[PEERS]; /* his end of each security context */
    size_t piece;                 /* bytes that arrive at a time */
    uint32_t call;                /* client: the last one */
    uint8_t last[PDU_MAX];        /* what he sent last */
    size_t last_len;
    uint8_t plain[16384]; /* of the call that he sends, while all is as he signed it */
    size_t plain_len;
    unsigned signer;       /* of its first fragment */
    uint8_t answer[32768]; /* what a call of his is answered */
    size_t answer_len;
    size_t answered; /* of that, so far */
    bool genuine;
    bool blurred; /* what header signing would have covered was changed: no more to say */
};

static struct ir_auth *peer_of(struct talk *t, unsigned id, unsigned level)
{
    const bool client = t->conn.role == IR_CLIENT;
    const struct ir_auth_begin how = {.role = client ? IR_AUTH_ACCEPT : IR_AUTH_INITIATE,
                                      .level = (enum irpc_auth_level)level,
                                      .target = ""};

    if (t->peers[id] == NULL) {
        CHECK(t->provider.base.ops->begin(&t->provider.base, &how, &t->peers[id]) == IRPC_OK);
        ((struct test_auth *)t->peers[id])->key = (uint8_t)id;
    }
    return t->peers[id];
}

/* Each security context has its own key, as with real providers. */
static void agree_on_keys(struct talk *t)
{
    for (unsigned i = 1; t->conn.security != NULL && i <= PEERS; i++) {
        struct ir_security_context *c = ir_security_at(&t->conn, (uint8_t)i);
        if (c != NULL && c->auth != NULL) {
            ((struct test_auth *)c->auth)->key = (uint8_t)c->id;
        }
    }
}

/* --- what the engine says --- */

/* The stub data of a call or reply is what the peer meant, if a context protects it. */
static void judge(const struct talk *t, unsigned security, struct irpc_span stub)
{
    const struct ir_security_context *c =
        security != 0 ? ir_security_at(&t->conn, (uint8_t)security) : NULL;

    if (!ir_security_protects(c) || t->blurred) {
        return;
    }
    CHECK(t->genuine && t->signer == c->id);
    CHECK(stub.len == t->plain_len);
    CHECK(stub.len == 0 || memcmp(stub.p, t->plain, stub.len) == 0);
}

/* What engine_answer() will answer, if it does: the stub data again, and zeros. */
static void expect_answer(struct talk *t, const struct ir_event *e)
{
    CHECK(e->stub.len + 0x1fffu <= sizeof(t->answer));
    memset(t->answer, 0, sizeof(t->answer));
    if (e->stub.len > 0) {
        memcpy(t->answer, e->stub.p, e->stub.len);
    }
    t->answer_len = e->stub.len + (e->opnum & 0x1fffu);
    t->answered = 0;
}

static void on_event(struct talk *t, const struct ir_event *e)
{
    const uint32_t about[] = {(uint32_t)e->type, e->type == IR_EVENT_CALL ? e->opnum : 0u};

    if (e->type == IR_EVENT_NONE) {
        return;
    }
    t->run.n_events++;
    engine_hash(&t->run, about, sizeof(about));
    if (e->type == IR_EVENT_CALL) {
        const struct irpc_auth_identity *who = ir_conn_identity(&t->conn, e->call);
        const struct ir_conn_call *call = ir_conn_find_call(&t->conn, e->call);
        judge(t, call != NULL ? call->security : 0, e->stub);
        CHECK(who == NULL || strcmp(who->principal, TEST_AUTH_PRINCIPAL) == 0);
        expect_answer(t, e);
        engine_answer(&t->run, &t->conn, e);
    }
    if (e->type == IR_EVENT_REPLY) {
        judge(t, t->conn.security != NULL ? 1 : 0, e->stub);
        engine_hash(&t->run, e->stub.p, e->stub.len);
        ir_free(e->stub_memory);
    }
}

static void take_answer(struct talk *t, const uint8_t *p, size_t len, uint8_t flags)
{
    CHECK(len <= t->answer_len - t->answered && memcmp(p, t->answer + t->answered, len) == 0);
    t->answered += len;
    CHECK(((flags & IR_PFC_LAST_FRAG) != 0) == (t->answered == t->answer_len) || len == 0);
}

/* What we sent has to verify at the peer. */
static void take_pdu(struct talk *t, uint8_t *p, size_t len)
{
    struct ir_header h;
    struct ir_auth_trailer trailer;

    CHECK(ir_header_decode(p, &h, NULL) == IRPC_OK);
    if ((h.ptype != IR_PTYPE_RESPONSE && h.ptype != IR_PTYPE_REQUEST) || h.auth_length == 0) {
        return;
    }
    CHECK(ir_auth_trailer_decode(&h, (struct irpc_span){p, len}, 24, &trailer, NULL) == IRPC_OK);
    const struct ir_auth_pdu pdu = {.head = {p, 24},
                                    .data = p + 24,
                                    .data_len = trailer.offset - 24u,
                                    .trailer = {p + trailer.offset, IR_AUTH_TRAILER_LEN},
                                    .sign_header = t->conn.sign_header};
    struct ir_auth *peer = peer_of(t, trailer.context_id, trailer.level);
    CHECK(peer->ops->unprotect(peer, &pdu, trailer.token) == IRPC_OK);
    if (h.ptype == IR_PTYPE_RESPONSE) {
        take_answer(t, pdu.data, pdu.data_len - trailer.pad_length, h.flags);
    }
}

static void take_output(struct talk *t)
{
    static uint8_t out[1u << 20];
    struct iovec iov[3];
    size_t len = 0;

    for (int n = ir_outq_iov(&t->outq, iov, 3); n > 0; n = ir_outq_iov(&t->outq, iov, 3)) {
        CHECK(len + iov[0].iov_len <= sizeof(out));
        memcpy(out + len, iov[0].iov_base, iov[0].iov_len);
        len += iov[0].iov_len;
        ir_outq_consume(&t->outq, iov[0].iov_len);
    }
    engine_hash(&t->run, out, len);
    t->run.out_len += len;
    for (size_t off = 0; off < len;) {
        struct ir_header h;
        CHECK(ir_header_decode(out + off, &h, NULL) == IRPC_OK);
        CHECK(len - off >= IR_HEADER_LEN && h.frag_length <= len - off);
        take_pdu(t, out + off, h.frag_length);
        off += h.frag_length;
    }
}

/* --- what the peer does --- */

static void send_bytes(struct talk *t, const uint8_t *bytes, size_t len)
{
    uint8_t copy[PDU_MAX];
    size_t done = 0;
    size_t taken = 1;

    memcpy(copy, bytes, len); /* it is decrypted in place */
    for (size_t have = 0; done < len && (have < len || taken > 0);) {
        struct ir_event e;
        have = have + t->piece < len ? have + t->piece : len;
        CHECK(ir_conn_receive(&t->conn, copy + done, have - done, 0, &taken, &e) == IRPC_OK);
        CHECK(taken <= have - done);
        done += taken;
        if (ir_conn_is_waiting(&t->conn)) {
            CHECK(taken == 0 && e.type == IR_EVENT_NONE && t->provider.waiter == &t->wake);
            ir_conn_resume(&t->conn);
            taken = 1; /* the same once more */
        }
        on_event(t, &e);
    }
    take_output(t);
    if (done < len) { /* the rest would stand in front of the next: the peer gives up */
        ir_conn_close(&t->conn);
    }
}

static size_t end_pdu(struct talk *t, struct ir_out *o, size_t at, size_t auth_length)
{
    ir_header_end(o, at, 0, (uint16_t)auth_length);
    CHECK(o->err == IRPC_OK);
    t->last_len = o->len;
    return o->len;
}

/* bind, alter_context or auth3; from a server their answers. */
static void send_leg(struct talk *t, enum ir_ptype ptype, struct ir_cur *in)
{
    struct ir_out o = ir_out_fixed(t->last, sizeof(t->last), false);
    uint8_t how = ir_cur_u8(in);
    uint8_t more = ir_cur_u8(in);
    uint8_t token[8] = {'T', 'E', 'S', 'T', more & 7u};
    const struct ir_auth_trailer trailer = {
        .type = (more & 0x20) != 0 ? 9 : TEST_AUTH_TYPE,
        .level = levels[how >> 3 & 7],
        .context_id = how & 7u,
        .token = {token, (more & 0x10) != 0 ? 0 : 5 + (more >> 6)},
    };
    const uint8_t flags = IR_PFC_WHOLE | ((how & 0x40) != 0 ? IR_PFC_SUPPORT_HEADER_SIGN : 0);
    size_t at;

    if (ptype == IR_PTYPE_AUTH3) {
        at = ir_auth3_encode(&o, flags, 1);
    } else if (ptype == IR_PTYPE_BIND || ptype == IR_PTYPE_ALTER_CONTEXT) {
        const struct ir_bind b = {.max_xmit_frag = 2048, .max_recv_frag = 2048, .n_contexts = 1};
        at = ir_bind_encode(&o, ptype, flags, 1, &b);
        ir_bind_encode_context(&o, 0, &iface, &ir_syntax_ndr, 1);
    } else {
        const struct ir_bind_ack a = {.max_xmit_frag = 2048, .max_recv_frag = 2048, .n_results = 1};
        const struct ir_bind_result r = {.transfer_syntax = ir_syntax_ndr};
        at = ir_bind_ack_encode(&o, ptype, flags, t->conn.bind_call_id, &a);
        ir_bind_encode_result(&o, &r);
    }
    if ((more & 8) == 0) {
        (void)peer_of(t, how & 7u, trailer.level);
        ir_auth_trailer_encode(&o, o.len, &trailer);
    }
    send_bytes(t, t->last, end_pdu(t, &o, at, (more & 8) == 0 ? trailer.token.len : 0));
    agree_on_keys(t);
}

/* The peer's note of what he means, before anything is changed. */
static void note_fragment(struct talk *t, unsigned signer, uint8_t flags, const uint8_t *stub,
                          size_t len)
{
    if ((flags & IR_PFC_FIRST_FRAG) != 0) {
        t->plain_len = 0;
        t->signer = signer;
        t->genuine = true;
    }
    t->genuine = t->genuine && signer == t->signer && t->plain_len + len <= sizeof(t->plain);
    if (t->genuine) {
        memcpy(t->plain + t->plain_len, stub, len);
        t->plain_len += len;
    }
}

/* One byte of the PDU becomes another one. */
static void damage(struct talk *t, size_t stub, size_t trailer, struct ir_cur *in)
{
    size_t at = ir_cur_u16(in) % t->last_len;
    uint8_t x = ir_cur_u8(in);

    t->last[at] ^= x;
    if (x == 0) {
        return;
    }
    t->genuine = false;
    if (!t->conn.sign_header &&
        (at < stub || (at >= trailer && at < trailer + IR_AUTH_TRAILER_LEN))) {
        t->blurred = true;
    }
}

/* A fragment of a call, or of the answer to one. */
static void send_fragment(struct talk *t, struct ir_cur *in)
{
    struct ir_out o = ir_out_fixed(t->last, sizeof(t->last), false);
    uint8_t how = ir_cur_u8(in);
    uint8_t flags = how >> 3 & 3u;
    uint8_t zero[64] = {0};
    uint8_t stub[256];
    unsigned id = how & 7u;
    size_t len = ir_cur_u8(in);
    const struct ir_request request = {.opnum = (uint16_t)(16 * len)}; /* zeros in the answer */
    const struct ir_response response = {.context_id = 0};
    const bool client = t->conn.role == IR_CLIENT;
    struct ir_auth *peer = peer_of(t, id, levels[5]);
    const struct ir_auth_trailer trailer = {.type = TEST_AUTH_TYPE,
                                            .level = ((struct test_auth *)peer)->level,
                                            .context_id = id,
                                            .token = {zero, t->provider.signature}};

    for (size_t i = 0; i < len; i++) {
        stub[i] = (uint8_t)(len + 3 * i);
    }
    size_t at = client ? ir_response_encode(&o, flags, t->conn.next_call_id - 1, &response)
                       : ir_request_encode(&o, flags, 7, &request);
    size_t begin = o.len;
    ir_out_bytes(&o, stub, len);
    if ((how & 0x20) != 0) { /* bare */
        t->genuine = false;
        send_bytes(t, t->last, end_pdu(t, &o, at, 0));
        return;
    }
    ir_auth_trailer_encode(&o, begin, &trailer);
    size_t end = end_pdu(t, &o, at, t->provider.signature);
    size_t behind = end - t->provider.signature - IR_AUTH_TRAILER_LEN;
    const struct ir_auth_pdu pdu = {.head = {t->last, begin},
                                    .data = t->last + begin,
                                    .data_len = behind - begin,
                                    .trailer = {t->last + behind, IR_AUTH_TRAILER_LEN},
                                    .sign_header = t->conn.sign_header};
    CHECK(peer->ops->protect(peer, &pdu, t->last + behind + IR_AUTH_TRAILER_LEN) == IRPC_OK);
    note_fragment(t, id, flags, stub, len);
    if ((how & 0x40) != 0) {
        damage(t, begin, behind, in);
    }
    send_bytes(t, t->last, end);
}

static void make_call(struct talk *t, struct ir_cur *in)
{
    struct ir_out *o;
    uint32_t call;
    size_t len = 16u * ir_cur_u8(in);
    enum irpc_status st = ir_conn_call_begin(&t->conn, 0, 2, NULL, &o, &call);

    if (st == IRPC_OK) {
        ir_out_zero(o, len);
        CHECK(ir_conn_call_end(&t->conn, call) == IRPC_OK);
        t->genuine = false;
        take_output(t);
    }
}

static void act(struct talk *t, struct ir_cur *in)
{
    const bool client = t->conn.role == IR_CLIENT;
    uint8_t what = ir_cur_u8(in);

    switch (what & 7) {
    case 0:
        send_leg(t, client ? IR_PTYPE_BIND_ACK : IR_PTYPE_BIND, in);
        break;
    case 1:
        send_leg(t, client ? IR_PTYPE_ALTER_CONTEXT_RESP : IR_PTYPE_ALTER_CONTEXT, in);
        break;
    case 2:
        if (client) {
            make_call(t, in);
        } else {
            send_leg(t, IR_PTYPE_AUTH3, in);
        }
        break;
    case 3: /* once more: a fragment is not the next one again, a leg is no part of a call */
        t->genuine =
            t->genuine && t->last[2] != IR_PTYPE_REQUEST && t->last[2] != IR_PTYPE_RESPONSE;
        send_bytes(t, t->last, t->last_len);
        break;
    default:
        send_fragment(t, in);
        break;
    }
}

static void start(struct talk *t, uint8_t options, size_t piece, bool pending)
{
    memset(t, 0, sizeof(*t));
    t->piece = piece;
    test_provider_init(&t->provider);
    t->provider.legs = 2u + (options & 3u);
    t->provider.signature = (options & 4) != 0 ? 40 : 16;
    t->provider.token = 5;
    t->list = (struct ir_auth_list){{&t->provider.base}, 1};
    engine_config(&t->config, options & 0xf8u);
    t->host = (struct ir_conn_host){engine_find, NULL, engine_join, engine_leave};
    t->config.host = &t->host;
    t->config.auth = &t->list;
    t->config.frag_max = 5840;
    ir_outq_init(&t->outq, 1u << 24);
    bool client = (options & 128) != 0;
    if (client) {
        t->config.provider = &t->provider.base;
        t->config.level = levels[4 + (options >> 4 & 3u)];
        t->config.features = 0;
    }
    ir_conn_init(&t->conn, client ? IR_CLIENT : IR_SERVER, &t->config, &t->conn, 0);
    ir_conn_attach(&t->conn, &t->outq);
    if (client) {
        const struct ir_bind_offer offer = {.abstract = iface, .transfers = IR_MASK_NDR20};
        CHECK(ir_conn_bind(&t->conn, &offer, 1, 0) == IRPC_OK);
        take_output(t);
    } else if (pending) {
        t->provider.pending = true;
        ir_conn_set_wake(&t->conn, &t->wake);
    }
}

static void run(struct talk *t, const uint8_t *data, size_t n, size_t piece, bool pending)
{
    struct ir_cur in = ir_cur_init(data + 1, n - 1, false);
    int64_t before = ir_alloc_outstanding();

    start(t, data[0], piece, pending);
    while (ir_cur_left(&in) > 0 && !ir_conn_wants_close(&t->conn)) {
        act(t, &in);
    }
    t->run.closed = ir_conn_wants_close(&t->conn);
    ir_conn_deinit(&t->conn);
    ir_outq_deinit(&t->outq);
    for (unsigned i = 0; i < PEERS; i++) {
        if (t->peers[i] != NULL) {
            t->peers[i]->ops->free(t->peers[i]);
        }
    }
    CHECK(t->provider.n_contexts == 0 && ir_alloc_outstanding() == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct talk whole;
    static struct talk cut;

    if (n < 2 || n > 4096) {
        return 0;
    }
    run(&whole, data, n, PDU_MAX, false);
    run(&cut, data, n, 1 + data[1] % 61u, true);
    engine_compare(&whole.run, &cut.run);
    return 0;
}
