/*
 * A server's connection under test with the security provider of test_auth.h, and the peer's side
 * of its security contexts.
 */
#pragma once

#include "engine_fixture.h"
#include "test_auth.h"

#include "engine/security.h"

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

static inline void start(unsigned legs)
{
    rig_init(&rig, IR_SERVER);
    test_provider_init(&provider);
    provider.legs = legs;
    list = (struct ir_auth_list){{&provider.base}, 1};
    rig.config.auth = &list;
}

static inline void finish(void)
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

static inline size_t put_leg(uint8_t *buf, size_t cap, const struct leg *leg)
{
    struct ir_out o = ir_out_fixed(buf, cap, false);
    const struct irpc_syntax_id mgmt = {
        {0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};
    const struct irpc_syntax_id transfer = {
        {0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, {0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, 2, 0};
    static uint8_t token[65536] = "TEST";
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

static inline void send_leg(struct leg leg)
{
    uint8_t buf[1024];
    size_t len = put_leg(buf, sizeof(buf), &leg);

    rig.last = (struct ir_event){.type = IR_EVENT_NONE};
    IR_ASSERT_EQ(rig_feed(&rig, buf, len), 0);
}

/* The peer's side of a context, as established. */
static inline void start_client(uint8_t level)
{
    struct ir_auth_begin begin = {.role = IR_AUTH_INITIATE, .level = level, .target = ""};

    if (client != NULL) {
        client->ops->free(client);
    }
    IR_ASSERT_EQ(provider.base.ops->begin(&provider.base, &begin, &client), IRPC_OK);
}

/* Bind (or alter) with all legs: bind, then auth3 for three of them. */
static inline void establish(uint8_t ptype, uint8_t level, uint8_t flags, uint32_t id)
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

static inline size_t put_fragment(uint8_t *buf, size_t cap, const struct fragment *f)
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

static inline void feed(const uint8_t *p, size_t len)
{
    rig.last = (struct ir_event){.type = IR_EVENT_NONE};
    IR_ASSERT_EQ(rig_feed(&rig, p, len), 0);
}

static inline void send_fragment(struct fragment f)
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
static inline void expect_reply(size_t stub_len, uint8_t level, size_t max_frag)
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
