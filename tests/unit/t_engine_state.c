/* The state table, deadlines, sizes, and that cutting the stream changes nothing. */
#include "engine_fixture.h"

static struct rig rig;

/* check: S01 S02 H04: every role, state and type has an action that fits its direction */
IR_TEST(table_is_total)
{
    for (unsigned state = 0; state < IR_STATE__COUNT; state++) {
        for (unsigned ptype = 0; ptype <= 255; ptype++) {
            enum ir_action s = ir_state_action(IR_SERVER, (enum ir_state)state, (uint8_t)ptype);
            enum ir_action c = ir_state_action(IR_CLIENT, (enum ir_state)state, (uint8_t)ptype);
            bool to_server = ptype == 0 || ptype == 11 || ptype == 14 || ptype == 16 ||
                             ptype == 18 || ptype == 19;
            bool to_client = ptype == 2 || ptype == 3 || ptype == 12 || ptype == 13 ||
                             ptype == 15 || ptype == 17;
            bool refused = s == IR_ACT_REJECT || s == IR_ACT_NAK_FIRST || s == IR_ACT_NAK_AGAIN;
            IR_ASSERT(refused || (to_server && s >= IR_ACT_BIND && s <= IR_ACT_ORPHANED));
            IR_ASSERT(c == IR_ACT_REJECT || (to_client && c >= IR_ACT_BIND_ACK));
            IR_ASSERT(state != IR_STATE_NEW || (s == IR_ACT_BIND) == (ptype == 11));
            IR_ASSERT(state != IR_STATE_BOUND || to_server || s == IR_ACT_REJECT);
        }
    }
}

IR_TEST(table_can_be_printed)
{
    static char text[1 << 14];
    size_t n = ir_state_print(text, sizeof(text));

    IR_ASSERT(n < sizeof(text) && strlen(text) == n);
    IR_ASSERT(strstr(text, "server new bind bind\n") != NULL);
    IR_ASSERT(strstr(text, "server bound request request\n") != NULL);
    IR_ASSERT(strstr(text, "client bound response response\n") != NULL);
    IR_ASSERT(strstr(text, "server bound unknown reject\n") != NULL);
    unsigned lines = 0;
    for (const char *p = text; *p != '\0'; p++) {
        lines += *p == '\n';
    }
    IR_ASSERT_EQ(lines, 2 * IR_STATE__COUNT * 22);
    char small[30];
    IR_ASSERT_EQ(ir_state_print(small, sizeof(small)), n);
    IR_ASSERT(strlen(small) < sizeof(small) && strchr(small, '\n') != NULL);
}

/* An idle bound connection has to fit into 1 KiB together with its transport. */
IR_TEST(size_of_a_connection)
{
    IR_ASSERT(sizeof(struct ir_conn) <= 384);
    rig_bound(&rig, IR_HEX(BIND));
    IR_ASSERT(rig.conn.contexts == rig.conn.inline_contexts);
    IR_ASSERT(rig.conn.calls == rig.conn.inline_calls);
    int64_t before = ir_alloc_outstanding();
    ir_conn_deinit(&rig.conn);
    IR_ASSERT_EQ(ir_alloc_outstanding(), before); /* it had nothing on the heap */
    ir_outq_deinit(&rig.outq);
}

/* --- time --- */

static void expect_expiry(uint64_t at, const char *reason)
{
    struct ir_event event;

    IR_ASSERT_EQ(ir_conn_deadline(&rig.conn), at);
    ir_conn_on_deadline(&rig.conn, at - 1, &event);
    IR_ASSERT_EQ(event.type, IR_EVENT_NONE);
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), false);
    ir_conn_on_deadline(&rig.conn, at, &event);
    IR_ASSERT_EQ(event.type, IR_EVENT_REJECTED);
    IR_ASSERT_STR(event.reason, reason);
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), true);
    IR_ASSERT_EQ(ir_conn_deadline(&rig.conn), UINT64_MAX);
    rig_deinit(&rig);
}

/* check: L01 */
IR_TEST(deadlines_before_the_bind)
{
    struct ir_bytes pdu = rig_pdu(IR_HEX(BIND));

    rig_init(&rig, IR_SERVER);
    expect_expiry(1000 + 5000, "nothing was sent");

    rig_init(&rig, IR_SERVER);
    rig.now = 1500;
    rig_feed(&rig, pdu.p, 1);
    rig.now = 2500;
    rig_feed(&rig, pdu.p, 15);
    expect_expiry(1500 + 5000, "header took too long");

    rig_init(&rig, IR_SERVER);
    rig.now = 2500;
    rig_feed(&rig, pdu.p, 17);
    expect_expiry(1000 + 10000, "no bind in time");

    rig_init(&rig, IR_SERVER);
    rig.config.limits.bind_ms = 0;
    rig.now = 2500;
    rig_feed(&rig, pdu.p, 17);
    rig.now = 3500;
    rig_feed(&rig, pdu.p, 20);
    expect_expiry(2500 + 15000, "PDU took too long");
    ir_free((void *)(uintptr_t)pdu.p);
}

/* check: L01 F06 */
IR_TEST(deadlines_after_the_bind)
{
    rig_bound(&rig, IR_HEX(BIND));
    expect_expiry(1000 + 900000, "idle for too long");

    rig_bound(&rig, IR_HEX(BIND));
    rig.now = 5000;
    SEND(&rig, REQUEST("03", "02000000", "0000", "0400", ""));
    IR_ASSERT_EQ(ir_conn_deadline(&rig.conn), UINT64_MAX); /* the call may take its time */
    rig_reply(&rig, rig.last.call, 0);
    expect_expiry(5000 + 900000, "idle for too long");

    rig_bound(&rig, IR_HEX(BIND));
    rig.now = 5000;
    SEND(&rig, REQUEST("01", "02000000", "0000", "0400", ""));
    rig.now = 20000;
    SEND(&rig, REQUEST("00", "02000000", "0000", "0400", "01"));
    expect_expiry(5000 + 30000, "fragments of a call took too long");
}

IR_TEST(a_client_has_no_deadline_of_its_own)
{
    rig_init(&rig, IR_CLIENT);
    IR_ASSERT_EQ(ir_conn_deadline(&rig.conn), UINT64_MAX);
    rig_deinit(&rig);
}

/* check: S04 H01 */
IR_TEST(end_of_stream)
{
    struct ir_bytes pdu = rig_pdu(IR_HEX(REQUEST("03", "02000000", "0000", "0400", "")));
    struct ir_event event;

    rig_bound(&rig, IR_HEX(BIND));
    ir_conn_on_eof(&rig.conn, &event);
    IR_ASSERT_EQ(event.type, IR_EVENT_NONE);
    rig_feed(&rig, pdu.p, 7);
    ir_conn_on_eof(&rig.conn, &event);
    IR_ASSERT_EQ(event.type, IR_EVENT_REJECTED);
    IR_ASSERT_STR(event.check, "S04");
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST("01", "02000000", "0000", "0400", ""));
    ir_conn_on_eof(&rig.conn, &event);
    IR_ASSERT_EQ(event.type, IR_EVENT_REJECTED);
    rig_deinit(&rig);
    ir_free((void *)(uintptr_t)pdu.p);
}

/* --- segmentation --- */

struct transcript {
    uint8_t out[4096];
    size_t out_len;
    uint32_t events[64]; /* type, call_id, length of the stub */
    unsigned n;
};

/* Feed @len bytes in pieces that end at @cut1 and @cut2 and answer each call by its stub. */
static void run(struct transcript *t, uint8_t *bytes, size_t len, size_t cut1, size_t cut2)
{
    const size_t cuts[] = {cut1, cut2, len};
    size_t done = 0;

    t->n = 0;
    rig_init(&rig, IR_SERVER);
    for (unsigned i = 0; i < 3; i++) {
        size_t taken = 1;
        while (taken > 0 && done < cuts[i]) {
            struct ir_event e;
            IR_ASSERT_EQ(ir_conn_receive(&rig.conn, bytes + done, cuts[i] - done, 0, &taken, &e),
                         IRPC_OK);
            done += taken;
            if (e.type == IR_EVENT_NONE) {
                continue;
            }
            t->events[t->n++] = (uint32_t)e.type << 24 | e.call_id;
            if (e.type == IR_EVENT_CALL) {
                struct ir_out *o;
                IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, e.call, &o), IRPC_OK);
                ir_out_bytes(o, e.stub.p, e.stub.len);
                IR_ASSERT_EQ(ir_conn_reply_end(&rig.conn, e.call), IRPC_OK);
                ir_free(e.stub_memory);
            }
        }
    }
    t->out_len = rig_take(&rig);
    memcpy(t->out, rig.out, t->out_len);
    rig_deinit(&rig);
}

static size_t add(uint8_t *stream, size_t len, struct ir_bytes b)
{
    memcpy(stream + len, b.p, b.n);
    ir_put_u16(stream + len + 8, (uint16_t)b.n, false);
    return len + b.n;
}

static size_t conversation(uint8_t *stream, bool ends_badly)
{
    size_t n = add(stream, 0, IR_HEX(BIND_MPX));

    n = add(stream, n, IR_HEX(REQUEST("03", "02000000", "0000", "0400", "0102030405")));
    n = add(stream, n, IR_HEX(REQUEST("01", "03000000", "0000", "0400", "1112131415161718")));
    n = add(stream, n, IR_HEX(HEAD("12", "03", "03000000")));
    n = add(stream, n, IR_HEX(REQUEST("02", "03000000", "0000", "0400", "21")));
    n = add(stream, n, IR_HEX(ALTER_HEAD("04000000") ONE_CONTEXT("0100", EPM)));
    n = add(stream, n, IR_HEX(REQUEST("03", "05000000", "0900", "0400", "")));
    n = add(stream, n, IR_HEX(REQUEST("03", "06000000", "0100", "0400", "31")));
    if (ends_badly) {
        n = add(stream, n, IR_HEX(REQUEST("02", "07000000", "0100", "0400", "41")));
        n = add(stream, n, IR_HEX(REQUEST("03", "08000000", "0100", "0400", "51")));
    }
    return n;
}

/* accepts: H15 H16: cut at every pair of places */
IR_TEST_TIMEOUT(cutting_the_stream_changes_nothing, 60)
{
    static uint8_t stream[1024];
    static struct transcript whole;
    static struct transcript cut;

    for (unsigned bad = 0; bad < 2; bad++) {
        size_t n = conversation(stream, bad != 0);
        run(&whole, stream, n, n, n);
        IR_ASSERT_EQ(whole.n, bad != 0 ? 5 : 4);
        IR_ASSERT(whole.out_len > 200);
        for (size_t i = 0; i <= n; i++) {
            for (size_t j = i; j <= n; j += 7) {
                run(&cut, stream, n, i, j);
                IR_ASSERT_MEM(cut.out, cut.out_len, whole.out, whole.out_len);
                IR_ASSERT_MEM(cut.events, cut.n * sizeof(cut.events[0]), whole.events,
                              whole.n * sizeof(whole.events[0]));
            }
        }
    }
}

/* The short way for plain requests and the long way, which a reserved flag chooses, agree. */
IR_TEST(plain_requests_have_no_privilege)
{
    static uint8_t stream[1024];
    static struct transcript plain;
    static struct transcript flagged;

    for (unsigned context = 0; context < 3; context++) {
        for (unsigned id = 2; id < 5; id++) {
            size_t n = conversation(stream, false);
            size_t last = n;
            n = add(stream, n, IR_HEX(REQUEST("03", "00000000", "0000", "0400", "6162")));
            stream[last + 12] = (uint8_t)id;
            stream[last + 20] = (uint8_t)context;
            run(&plain, stream, n, n, n);
            for (size_t off = 0; off < n; off += (size_t)(stream[off + 8] | stream[off + 9] << 8)) {
                stream[off + 3] |= 0x08; /* accepts: H12 */
            }
            run(&flagged, stream, n, n, n);
            IR_ASSERT_MEM(flagged.out, flagged.out_len, plain.out, plain.out_len);
            IR_ASSERT_MEM(flagged.events, flagged.n * sizeof(flagged.events[0]), plain.events,
                          plain.n * sizeof(plain.events[0]));
        }
    }
}

/* check: R17: byte by byte, an answer is there only after the last byte of its request */
IR_TEST(byte_by_byte)
{
    static uint8_t stream[1024];
    size_t n = conversation(stream, false);
    size_t done = 0;

    rig_init(&rig, IR_SERVER);
    for (size_t have = 1; have <= n; have++) {
        struct ir_event e;
        size_t taken;
        IR_ASSERT_EQ(ir_conn_receive(&rig.conn, stream + done, have - done, 0, &taken, &e),
                     IRPC_OK);
        IR_ASSERT(taken == 0 || taken == have - done);
        IR_ASSERT(taken != 0 || ir_outq_pending(&rig.outq) == 0);
        (void)rig_take(&rig);
        if (e.type == IR_EVENT_CALL) {
            ir_conn_drop(&rig.conn, e.call);
            ir_free(e.stub_memory);
        }
        done += taken;
    }
    IR_ASSERT_EQ(done, n);
    rig_deinit(&rig);
}
