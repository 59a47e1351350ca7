/* One run of a connection over a stream of bytes, summed up for comparison. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/engine.h"

#define CHECK(x) ((x) ? (void)0 : abort())

struct engine_run {
    uint64_t hash;
    size_t n_events;
    size_t out_len;
    bool closed;
};

static inline void engine_hash(struct engine_run *r, const void *p, size_t len)
{
    const uint8_t *b = p;

    for (size_t i = 0; i < len; i++) {
        r->hash = (r->hash ^ b[i]) * 0x100000001b3u;
    }
}

static inline enum irpc_status engine_find(void *user, const struct irpc_syntax_id *abstract,
                                           const void **ret_iface, uint32_t *ret_transfers)
{
    static const char ifaces[4];

    *ret_iface = &ifaces[abstract->uuid.time_low & 3u];
    *ret_transfers = IR_MASK_NDR20 | IR_MASK_NDR64;
    return user != NULL && abstract->major < 4 ? IRPC_OK : IRPC_UNKNOWN_IF;
}

static inline enum irpc_status engine_join(void *user, uint32_t wanted, void **ret_group,
                                           uint32_t *ret_id)
{
    *ret_group = user;
    *ret_id = 77;
    return wanted == 0 || wanted == 77 ? IRPC_OK : IRPC_NOT_FOUND;
}

static inline void engine_leave(void *user, void *group)
{
    CHECK(user == group);
}

/* Every third call stays open, every second of the others is faulted, the rest echo their stub. */
static inline void engine_answer(struct engine_run *r, struct ir_conn *conn,
                                 const struct ir_event *e)
{
    struct ir_out *o;

    engine_hash(r, e->stub.p, e->stub.len);
    if (r->n_events % 3 == 0) {
        ir_free(e->stub_memory);
        return;
    }
    if (r->n_events % 2 == 0) {
        CHECK(ir_conn_fault(conn, e->call, 1, true) == IRPC_OK);
    } else {
        CHECK(ir_conn_reply_begin(conn, e->call, &o) == IRPC_OK);
        ir_out_bytes(o, e->stub.p, e->stub.len);
        ir_out_zero(o, e->opnum & 0x1fffu);
        CHECK(ir_conn_reply_end(conn, e->call) == IRPC_OK);
    }
    CHECK(ir_conn_fault(conn, e->call, 1, true) == IRPC_NO_CALL_ACTIVE);
    ir_free(e->stub_memory);
}

static inline void engine_drain(struct engine_run *r, struct ir_outq *q, size_t step)
{
    struct iovec iov[3];

    for (int n = ir_outq_iov(q, iov, 3); n > 0; n = ir_outq_iov(q, iov, 3)) {
        size_t len = iov[0].iov_len < step ? iov[0].iov_len : step;
        engine_hash(r, iov[0].iov_base, len);
        r->out_len += len;
        ir_outq_consume(q, len);
    }
    CHECK(ir_outq_pending(q) == 0);
}

/* A client that has sent its bind and, if bit 0 is set, got the answer and called four times. */
static inline void engine_start_client(struct ir_conn *conn, uint8_t options)
{
    static const uint8_t ack[] = {5,    0,    12,   0x13, 0x10, 0,    0,    0,    56,   0,    0, 0,
                                  1,    0,    0,    0,    0xd0, 0x16, 0xd0, 0x16, 1,    0,    0, 0,
                                  0,    0,    0,    0,    1,    0,    0,    0,    0,    0,    0, 0,
                                  0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 8, 0,
                                  0x2b, 0x10, 0x48, 0x60, 2,    0,    0,    0};
    const struct ir_bind_offer offer = {.transfers = IR_MASK_NDR20};
    struct ir_event e;
    struct ir_out *o;
    uint32_t call = 0;
    size_t taken;

    CHECK(ir_conn_bind(conn, &offer, 1, 0) == IRPC_OK);
    if ((options & 1) == 0) {
        return;
    }
    CHECK(ir_conn_receive(conn, (uint8_t *)(uintptr_t)ack, sizeof(ack), 0, &taken, &e) == IRPC_OK);
    CHECK(e.type == IR_EVENT_BOUND);
    for (unsigned i = 0; i < (conn->mpx ? 4u : 1u); i++) {
        enum irpc_status st = ir_conn_call_begin(conn, 0, 0, NULL, &o, &call);
        CHECK(st == IRPC_OK || st == IRPC_LIMIT);
        CHECK(st != IRPC_OK || ir_conn_call_end(conn, call) == IRPC_OK);
    }
    CHECK((options & 64) == 0 || ir_conn_orphan(conn, call) == IRPC_OK);
}

static inline void engine_config(struct ir_conn_config *config, uint8_t options)
{
    ir_conn_config_init(config, (options & 128) != 0 ? IR_CLIENT : IR_SERVER);
    config->generation = (options & 2) != 0 ? IR_GENERATION_2012R2 : IR_GENERATION_2022;
    config->transfers = (options & 4) != 0 ? IR_MASK_NDR20 : IR_MASK_NDR20 | IR_MASK_NDR64;
    config->frag_max = (options & 8) != 0 ? IR_FRAG_MAX_PIPE : IR_FRAG_MAX_TCP;
    config->conc_mpx = (options & 16) == 0;
    config->limits.calls = (options & 32) != 0 ? 2 : 64;
    config->limits.fragments = 8;
    config->limits.contexts = 6;
    config->limits.stub = 4096;
    config->secondary_address = (options & 64) != 0 ? NULL : "135";
}

/* One receive: returns bytes taken, 0 when more are needed. */
static inline size_t engine_step(struct engine_run *r, struct ir_conn *conn, const uint8_t *p,
                                 size_t len)
{
    struct ir_event e;
    size_t taken;

    CHECK(ir_conn_receive(conn, (uint8_t *)(uintptr_t)p, len, 0, &taken, &e) == IRPC_OK);
    CHECK(taken <= len);
    if (e.type != IR_EVENT_NONE) {
        r->n_events++;
        uint32_t about[] = {(uint32_t)e.type, e.type == IR_EVENT_CALL ? e.opnum : 0u};
        engine_hash(r, about, sizeof(about));
        if (e.type == IR_EVENT_CALL) {
            engine_answer(r, conn, &e);
        }
        if (e.type == IR_EVENT_REPLY) {
            engine_hash(r, e.stub.p, e.stub.len);
            ir_free(e.stub_memory);
        }
    }
    return taken;
}

/* Feed the stream so that at most @piece new bytes arrive at a time. */
static inline void engine_run(struct engine_run *r, uint8_t options, const uint8_t *p, size_t len,
                              size_t piece)
{
    static const uint8_t bind[] = {
        5,    0,    0x0b, 0x13, 0x10, 0,    0,    0,    72,   0,    0,    0,    1,    0,    0,
        0,    0xd0, 0x16, 0xd0, 0x16, 0,    0,    0,    0,    1,    0,    0,    0,    0,    0,
        1,    0,    0x80, 0xbd, 0xa8, 0xaf, 0x8a, 0x7d, 0xc9, 0x11, 0xbe, 0xf4, 8,    0,    0x2b,
        0x10, 0x29, 0x89, 1,    0,    0,    0,    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
        0x9f, 0xe8, 8,    0,    0x2b, 0x10, 0x48, 0x60, 2,    0,    0,    0};
    const struct ir_conn_host host = {engine_find, NULL, engine_join, engine_leave};
    struct ir_conn_config config;
    struct ir_conn conn;
    struct ir_outq q;
    int64_t before = ir_alloc_outstanding();
    size_t done = 0;

    memset(r, 0, sizeof(*r));
    engine_config(&config, options);
    config.host = &host;
    ir_outq_init(&q, 1u << 24);
    enum ir_role role = (options & 128) != 0 ? IR_CLIENT : IR_SERVER;
    ir_conn_init(&conn, role, &config, &conn, 0);
    ir_conn_attach(&conn, &q);
    if (role == IR_CLIENT) {
        config.features = 0;
        engine_start_client(&conn, options);
    } else if ((options & 1) != 0) {
        (void)engine_step(r, &conn, bind, sizeof(bind));
    }
    for (size_t have = piece; done < len; have += piece) {
        size_t end = have < len ? have : len;
        size_t taken = 1;
        while (taken > 0 && done < end) {
            taken = engine_step(r, &conn, p + done, end - done);
            done += taken;
        }
        if (end == len) {
            break;
        }
    }
    r->closed = ir_conn_wants_close(&conn);
    engine_drain(r, &q, piece + 5);
    ir_conn_deinit(&conn);
    ir_outq_deinit(&q);
    CHECK(ir_alloc_outstanding() == before);
}

static inline void engine_compare(const struct engine_run *a, const struct engine_run *b)
{
    CHECK(a->hash == b->hash && a->n_events == b->n_events);
    CHECK(a->out_len == b->out_len && a->closed == b->closed);
}
