/*
 * Conversations: a client-role connection and a server-role one, joined by memory that hands over
 * any number of bytes at a time.
 */
#include "engine_fixture.h"

struct talk {
    struct rig server;
    struct ir_conn_config config;
    struct ir_conn client;
    struct ir_outq outq;
    size_t step; /* bytes handed over at most */
    uint32_t random;
    /* what the client was told */
    unsigned bound;
    unsigned replies;
    unsigned faults;
    uint32_t last_status;
    uint32_t open[64]; /* server: calls that wait, when held */
    unsigned n_open;
    bool hold;
    uint8_t to_server[1 << 20]; /* bytes on their way */
    size_t to_server_len;
    uint8_t to_client[1 << 20];
    size_t to_client_len;
};

static struct talk talk;

static const struct irpc_syntax_id mgmt = {
    {0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {8, 0, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};

static void talk_init(size_t step)
{
    rig_init(&talk.server, IR_SERVER);
    ir_conn_config_init(&talk.config, IR_CLIENT);
    ir_outq_init(&talk.outq, 64u << 20);
    ir_conn_init(&talk.client, IR_CLIENT, &talk.config, NULL, 0);
    ir_conn_attach(&talk.client, &talk.outq);
    talk.step = step;
    talk.random = 1;
    talk.bound = talk.replies = talk.faults = talk.n_open = 0;
    talk.to_server_len = talk.to_client_len = 0;
    talk.hold = false;
}

static void talk_deinit(void)
{
    ir_conn_deinit(&talk.client);
    ir_outq_deinit(&talk.outq);
    rig_deinit(&talk.server);
}

/* Stub data that tells its length and call: @len bytes, each a function of place and length. */
static void put_stub(struct ir_out *o, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ir_out_u8(o, (uint8_t)(i * 31 + len));
    }
}

static void check_stub(struct irpc_span stub)
{
    for (size_t i = 0; i < stub.len; i++) {
        IR_ASSERT_EQ(stub.p[i], (uint8_t)(i * 31 + stub.len));
    }
}

/* The server echoes a stub of the same length; opnum 1 is faulted. */
static void answer(uint32_t call, uint16_t opnum, size_t len)
{
    struct ir_conn *conn = &talk.server.conn;
    struct ir_out *o;

    if (opnum == 1) {
        IR_ASSERT_EQ(ir_conn_fault(conn, call, 0x1C010002, true), IRPC_OK);
        return;
    }
    IR_ASSERT_EQ(ir_conn_reply_begin(conn, call, &o), IRPC_OK);
    put_stub(o, len);
    IR_ASSERT_EQ(ir_conn_reply_end(conn, call), IRPC_OK);
}

static void on_server_event(const struct ir_event *e)
{
    IR_ASSERT(e->type == IR_EVENT_NONE || e->type == IR_EVENT_CALL || e->type == IR_EVENT_CANCEL ||
              e->type == IR_EVENT_ORPHANED);
    if (e->type != IR_EVENT_CALL) {
        return;
    }
    check_stub(e->stub);
    if (talk.hold) {
        talk.open[talk.n_open++] = e->call;
    } else {
        answer(e->call, e->opnum, e->stub.len);
    }
    ir_free(e->stub_memory);
}

static void on_client_event(const struct ir_event *e)
{
    IR_ASSERT(e->type == IR_EVENT_NONE || e->type == IR_EVENT_BOUND || e->type == IR_EVENT_REPLY ||
              e->type == IR_EVENT_FAULT);
    talk.bound += e->type == IR_EVENT_BOUND;
    talk.replies += e->type == IR_EVENT_REPLY;
    talk.faults += e->type == IR_EVENT_FAULT;
    if (e->type == IR_EVENT_FAULT) {
        talk.last_status = e->status;
    }
    if (e->type == IR_EVENT_REPLY) {
        check_stub(e->stub);
        ir_free(e->stub_memory);
    }
}

static size_t move(struct ir_outq *q, uint8_t *to, size_t len, size_t cap)
{
    struct iovec iov[2];
    int n = ir_outq_iov(q, iov, 2);

    if (n == 0) {
        return 0;
    }
    size_t take = 1 + talk.random % talk.step;
    talk.random = talk.random * 1103515245u + 12345u;
    take = take < iov[0].iov_len ? take : iov[0].iov_len;
    IR_ASSERT(len + take <= cap);
    memcpy(to + len, iov[0].iov_base, take);
    ir_outq_consume(q, take);
    return take;
}

static void eat(struct ir_conn *conn, uint8_t *bytes, size_t *len,
                void (*on_event)(const struct ir_event *))
{
    size_t done = 0;
    size_t taken = 1;

    while (taken > 0 && done < *len) {
        struct ir_event e;
        IR_ASSERT_EQ(ir_conn_receive(conn, bytes + done, *len - done, 0, &taken, &e), IRPC_OK);
        on_event(&e);
        done += taken;
    }
    memmove(bytes, bytes + done, *len - done);
    *len -= done;
}

/* Hand bytes to and fro until nobody has anything to say. */
static void settle(void)
{
    size_t moved = 1;

    while (moved > 0) {
        moved = move(&talk.outq, talk.to_server, talk.to_server_len, sizeof(talk.to_server));
        talk.to_server_len += moved;
        eat(&talk.server.conn, talk.to_server, &talk.to_server_len, on_server_event);
        size_t back =
            move(&talk.server.outq, talk.to_client, talk.to_client_len, sizeof(talk.to_client));
        talk.to_client_len += back;
        eat(&talk.client, talk.to_client, &talk.to_client_len, on_client_event);
        moved += back;
    }
    IR_ASSERT_EQ(talk.to_server_len + talk.to_client_len, 0);
}

static void bind(void)
{
    struct ir_bind_offer offers[] = {
        {.abstract = mgmt, .context_id = 0, .transfers = IR_MASK_NDR20},
        {.abstract = mgmt, .context_id = 1, .transfers = IR_MASK_NDR64},
    };

    IR_ASSERT_EQ(ir_conn_bind(&talk.client, offers, 2, 0), IRPC_OK);
    settle();
    IR_ASSERT_EQ(talk.bound, 1);
    IR_ASSERT_EQ(context_of(&talk.client, 1)->transfer, IR_TRANSFER_NDR64);
    IR_ASSERT_EQ(context_of(&talk.server.conn, 1)->transfer, IR_TRANSFER_NDR64);
    IR_ASSERT_EQ(talk.client.features, talk.server.conn.features);
    IR_ASSERT_EQ(ir_conn_group_id(&talk.client), ir_conn_group_id(&talk.server.conn));
}

static uint32_t call(uint16_t opnum, size_t len)
{
    struct ir_out *o;
    uint32_t token;

    IR_ASSERT_EQ(ir_conn_call_begin(&talk.client, 1, opnum, NULL, &o, &token), IRPC_OK);
    put_stub(o, len);
    IR_ASSERT_EQ(ir_conn_call_end(&talk.client, token), IRPC_OK);
    return token;
}

/* accepts: H15 H16 */
IR_TEST(calls_of_all_sizes_over_all_segmentations)
{
    static const size_t sizes[] = {0, 1, 100, 5815, 5816, 5817, 11632, 11633, 70000};
    static const size_t steps[] = {1, 3, 17, 1000, 100000};

    for (unsigned s = 0; s < 5; s++) {
        talk_init(steps[s]);
        bind();
        for (unsigned i = 0; i < 9; i++) {
            (void)call(0, sizes[i]);
            settle();
            IR_ASSERT_EQ(talk.replies, i + 1);
        }
        (void)call(1, 5);
        settle();
        IR_ASSERT_EQ(talk.faults, 1);
        IR_ASSERT_EQ(talk.last_status, 0x1C010002);
        IR_ASSERT_EQ(ir_conn_open_calls(&talk.client), 0);
        IR_ASSERT_EQ(ir_conn_open_calls(&talk.server.conn), 0);
        talk_deinit();
    }
}

IR_TEST(many_calls_at_once_answered_in_any_order)
{
    talk_init(777);
    bind();
    talk.hold = true;
    for (unsigned i = 0; i < 40; i++) {
        (void)call(0, i * 400);
    }
    settle();
    IR_ASSERT_EQ(talk.n_open, 40);
    for (unsigned i = 0; i < 40; i++) {
        answer(talk.open[(i * 17 + 5) % 40], 0, i * 500);
        if (i % 3 == 0) {
            settle();
        }
    }
    settle();
    IR_ASSERT_EQ(talk.replies, 40);
    talk_deinit();
}

/* Cancel, orphan, and an answer that crosses the orphaned PDU. */
IR_TEST(orphaned_and_answered_at_the_same_time)
{
    talk_init(50);
    bind();
    talk.hold = true;
    uint32_t one = call(0, 9000);
    uint32_t two = call(0, 10);
    settle();
    answer(talk.open[0], 0, 20000);
    IR_ASSERT_EQ(ir_conn_cancel(&talk.client, two), IRPC_OK);
    IR_ASSERT_EQ(ir_conn_orphan(&talk.client, one), IRPC_OK);
    settle();
    IR_ASSERT_EQ(talk.replies, 0);
    answer(talk.open[1], 0, 7);
    settle();
    IR_ASSERT_EQ(talk.replies, 1);
    IR_ASSERT_EQ(ir_conn_open_calls(&talk.client), 0);
    talk_deinit();
}

IR_TEST(alter_context_in_the_middle)
{
    struct ir_bind_offer more = {.abstract = mgmt, .context_id = 7, .transfers = IR_MASK_NDR20};
    struct ir_out *o;
    uint32_t token;

    talk_init(11);
    bind();
    talk.hold = true;
    (void)call(0, 100);
    IR_ASSERT_EQ(ir_conn_alter(&talk.client, &more, 1), IRPC_OK);
    settle();
    IR_ASSERT_EQ(talk.bound, 2);
    talk.hold = false;
    IR_ASSERT_EQ(ir_conn_call_begin(&talk.client, 7, 0, NULL, &o, &token), IRPC_OK);
    put_stub(o, 12);
    IR_ASSERT_EQ(ir_conn_call_end(&talk.client, token), IRPC_OK);
    settle();
    answer(talk.open[0], 0, 100);
    settle();
    IR_ASSERT_EQ(talk.replies, 2);
    talk_deinit();
}

/* A queue that is never empty gives its memory back all the same. */
IR_TEST(output_memory_is_bounded)
{
    struct ir_outq q;

    ir_outq_init(&q, 64u << 20);
    for (unsigned i = 0; i < 10000; i++) {
        (void)ir_out_take(&q.buf, 100);
        if (ir_outq_pending(&q) > 3000) {
            ir_outq_consume(&q, 100);
        }
    }
    IR_ASSERT_EQ(ir_outq_pending(&q), 3000);
    IR_ASSERT(q.buf.cap <= 16384);
    struct ir_outq other;
    ir_outq_init(&other, 64u << 20);
    ir_outq_steal(&other, &q);
    IR_ASSERT_EQ(ir_outq_pending(&q), 0);
    IR_ASSERT_EQ(ir_outq_pending(&other), 3000);
    ir_outq_consume(&other, 3000);
    ir_outq_trim(&other, 1024);
    IR_ASSERT_EQ(other.buf.cap, 0);
    ir_outq_deinit(&other);
    ir_outq_deinit(&q);
}
