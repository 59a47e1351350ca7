/*
 * A connection under test: a host with two interfaces and association groups, an output queue, and
 * a record of all events. Bytes in, bytes out; no socket, no clock.
 */
#pragma once

#include <string.h>

#include "ir_test.h"

#include "base/alloc.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "wire/bind.h"
#include "wire/call.h"

#define MGMT " 80bda8af8a7dc911bef408002b102989 01000000 "
#define EPM " 0883afe11f5dc91191a408002b14a0fa 03000000 "
#define NDR " 045d888aeb1cc9119fe808002b104860 02000000 "
#define NDR64 " 33057171babe37498319b5dbef9ccc36 01000000 "
#define ZERO_SYNTAX " 00*20 "
#define FEATURES(bits) "2c1cb76c12984045" bits " 00*7 01000000 "

/* PDUs without frag_length (the fixture puts it in) and with call_id as 8 hex digits. */
#define HEAD(type, flags, call_id) "0500" type flags "10000000 0000 0000" call_id
#define BIND_HEAD(flags, call_id) HEAD("0b", flags, call_id) "d016 d016 00000000"
#define ALTER_HEAD(call_id) HEAD("0e", "03", call_id) "d016 d016 00000000"
#define ONE_CONTEXT(id, abstract) "01 000000" id "01 00" abstract NDR
#define BIND BIND_HEAD("03", "01000000") ONE_CONTEXT("0000", MGMT)
#define BIND_MPX BIND_HEAD("13", "01000000") ONE_CONTEXT("0000", MGMT)
#define REQUEST(flags, call_id, context, opnum, stub) \
    HEAD("00", flags, call_id) "00000000" context opnum stub
#define FAULT_PDU(flags, call_id, context, status) \
    "0500 03" flags "10000000 2000 0000" call_id "18000000" context "0000" status "00000000"
#define NAK(call_id, reason) "0500 0d03 10000000 1800 0000" call_id reason "01 0500 000000"

#define PROTO_ERROR "0b00011c"
#define UNKNOWN_IF "0300011c"
#define DENIED "05000000"

struct rig_group {
    uint32_t id;
    unsigned n;
};

struct rig {
    struct ir_conn_host host;
    struct ir_conn_config config;
    struct ir_conn conn;
    struct ir_outq outq;
    uint64_t now;
    struct rig_group *group; /* the one that exists */
    struct rig_group storage;
    enum irpc_status join_status;
    enum irpc_status accept_status;
    enum irpc_status status; /* of the last receive */
    unsigned n_events;       /* other than NONE */
    struct ir_event last;    /* the last one of them */
    uint8_t out[1 << 20];
};

/* The context @id of @conn, which must be there. */
static inline const struct ir_pcontext *context_of(const struct ir_conn *conn, uint16_t id)
{
    const struct ir_pcontext *context = ir_conn_context(conn, id);

    if (context == NULL) {
        IR_FAIL("no context %u", id);
    }
    return context;
}

static inline enum irpc_status rig_find(void *user, const struct irpc_syntax_id *abstract,
                                        const void **ret_iface, uint32_t *ret_transfers)
{
    static const char mgmt[] = "mgmt";
    static const char epm[] = "epm";

    (void)user;
    *ret_transfers = IR_MASK_NDR20 | IR_MASK_NDR64;
    if (abstract->uuid.time_low == 0xafa8bd80 && abstract->major == 1) {
        *ret_iface = mgmt;
        return IRPC_OK;
    }
    if (abstract->uuid.time_low == 0xe1af8308 && abstract->major == 3) {
        *ret_iface = epm;
        return IRPC_OK;
    }
    return abstract->major == 666 ? IRPC_ACCESS_DENIED : IRPC_UNKNOWN_IF;
}

static inline enum irpc_status rig_accept(void *user, const void *iface, uint16_t id)
{
    struct rig *r = user;

    (void)iface;
    (void)id;
    return r->accept_status;
}

static inline enum irpc_status rig_join(void *user, uint32_t wanted, void **ret_group,
                                        uint32_t *ret_id)
{
    struct rig *r = user;

    if (r->join_status != IRPC_OK) {
        return r->join_status;
    }
    if (wanted != 0 && (r->group->n == 0 || r->group->id != wanted)) {
        return IRPC_NOT_FOUND;
    }
    r->group->id = 0x1234;
    r->group->n++;
    *ret_group = r->group;
    *ret_id = r->group->id;
    return IRPC_OK;
}

static inline void rig_leave(void *user, void *group)
{
    (void)user;
    ((struct rig_group *)group)->n--;
}

static inline void rig_init(struct rig *r, enum ir_role role)
{
    memset(r, 0, offsetof(struct rig, out));
    r->group = &r->storage;
    r->host = (struct ir_conn_host){rig_find, rig_accept, rig_join, rig_leave};
    ir_conn_config_init(&r->config, role);
    r->config.host = &r->host;
    r->config.transfers = IR_MASK_NDR20 | IR_MASK_NDR64;
    r->config.secondary_address = "135";
    r->now = 1000;
    ir_outq_init(&r->outq, 64u << 20);
    ir_conn_init(&r->conn, role, &r->config, r, r->now);
    ir_conn_attach(&r->conn, &r->outq);
}

static inline void rig_deinit(struct rig *r)
{
    ir_conn_deinit(&r->conn);
    ir_outq_deinit(&r->outq);
    IR_ASSERT_EQ(r->group->n, 0);
}

/* Everything in the output, in sending order; the queue is empty afterwards. */
static inline size_t rig_take(struct rig *r)
{
    struct iovec iov[7];
    size_t len = 0;

    for (int n = ir_outq_iov(&r->outq, iov, 7); n > 0; n = ir_outq_iov(&r->outq, iov, 7)) {
        size_t sum = 0;
        for (int i = 0; i < n; i++) {
            IR_ASSERT(len + sum + iov[i].iov_len <= sizeof(r->out));
            memcpy(r->out + len + sum, iov[i].iov_base, iov[i].iov_len);
            sum += iov[i].iov_len;
        }
        ir_outq_consume(&r->outq, sum);
        len += sum;
    }
    IR_ASSERT_EQ(ir_outq_pending(&r->outq), 0);
    return len;
}

/* Give the engine @len bytes, as often as it takes some. Returns what it left. */
static inline size_t rig_feed(struct rig *r, const uint8_t *bytes, size_t len)
{
    uint8_t *p = (uint8_t *)(uintptr_t)bytes; /* changed only where stub data is sealed */
    size_t taken = 1;

    while (len > 0 && taken > 0) {
        struct ir_event event;
        r->status = ir_conn_receive(&r->conn, p, len, r->now, &taken, &event);
        IR_ASSERT(taken <= len);
        if (event.type != IR_EVENT_NONE) {
            r->n_events++;
            r->last = event;
        }
        p += taken;
        len -= taken;
    }
    return len;
}

/* The PDU with frag_length filled in, in memory of exactly its size. */
static inline struct ir_bytes rig_pdu(struct ir_bytes b)
{
    uint8_t *p = ir_alloc(b.n);

    IR_ASSERT(p != NULL && b.n >= 16);
    memcpy(p, b.p, b.n);
    ir_put_u16(p + 8, (uint16_t)b.n, (p[4] & 0x10) == 0);
    return (struct ir_bytes){p, b.n};
}

static inline void rig_send(struct rig *r, struct ir_bytes b)
{
    struct ir_bytes pdu = rig_pdu(b);

    r->last = (struct ir_event){.type = IR_EVENT_NONE};
    IR_ASSERT_EQ(rig_feed(r, pdu.p, pdu.n), 0);
    if (r->last.stub_memory == NULL) {
        r->last.stub.p = NULL; /* it is gone */
    }
    ir_free((void *)(uintptr_t)pdu.p);
}

#define SEND(r, hex) rig_send((r), IR_HEX(hex))

/* What is in the output is exactly this. */
#define EXPECT(r, hex)                                 \
    do {                                               \
        struct ir_bytes want_ = IR_HEX(hex);           \
        size_t n_ = rig_take(r);                       \
        IR_ASSERT_PDU((r)->out, n_, want_.p, want_.n); \
    } while (0)

#define EXPECT_REJECTED(r, number, closed)                       \
    do {                                                         \
        IR_ASSERT_EQ((r)->last.type, IR_EVENT_REJECTED);         \
        IR_ASSERT_STR((r)->last.check, number);                  \
        IR_ASSERT_EQ(ir_conn_wants_close(&(r)->conn), (closed)); \
    } while (0)

/* A server that is bound: the answer to the bind was taken away. */
static inline void rig_bound(struct rig *r, struct ir_bytes bind)
{
    rig_init(r, IR_SERVER);
    rig_send(r, bind);
    IR_ASSERT_EQ(r->conn.state, IR_STATE_BOUND);
    IR_ASSERT(rig_take(r) >= 60);
}

static inline void rig_reply(struct rig *r, uint32_t call, size_t stub_len)
{
    struct ir_out *o;

    IR_ASSERT_EQ(ir_conn_reply_begin(&r->conn, call, &o), IRPC_OK);
    for (size_t i = 0; i < stub_len; i++) {
        ir_out_u8(o, (uint8_t)(i * 7 + i / 256));
    }
    IR_ASSERT_EQ(ir_conn_reply_end(&r->conn, call), IRPC_OK);
}
