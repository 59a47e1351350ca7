/* Work per byte: what takes n bytes takes eight times as long for 8n, whatever they are. check: L14
 */
#include "engine_fixture.h"

#include <time.h>

static struct rig rig;

static double cpu_ms(void)
{
    struct timespec t;

    IR_ASSERT_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The least of five, for others have the machine too. */
static double least(void (*work)(unsigned n), unsigned n)
{
    double best = 1e9;

    for (int i = 0; i < 5; i++) {
        double begin = cpu_ms();
        work(n);
        double took = cpu_ms() - begin;
        best = took < best ? took : best;
    }
    return best;
}

/* Quadratic work would take 64 times as long: 24 is far from both. */
static void expect_linear(const char *what, void (*work)(unsigned n), unsigned n)
{
    double few = least(work, n);
    double many = least(work, 8 * n);

    ir_test_note("%s: %u in %.3f ms, %u in %.3f ms", what, n, few, 8 * n, many);
    IR_ASSERT(many < 24 * few + 1);
}

static void send_pdu(const char *hex, unsigned call_id, unsigned context)
{
    static uint8_t pdu[256];
    struct ir_bytes b = IR_HEX(hex);

    IR_ASSERT(b.n <= sizeof(pdu));
    memcpy(pdu, b.p, b.n);
    ir_put_u16(pdu + 8, (uint16_t)b.n, false);
    ir_put_u32(pdu + 12, call_id, false);
    if (pdu[2] == IR_PTYPE_REQUEST) {
        ir_put_u16(pdu + 20, (uint16_t)context, false);
    }
    IR_ASSERT_EQ(rig_feed(&rig, pdu, b.n), 0);
}

/* One PDU of @hex, @n times, as it would come from a peer in a hurry. */
static void repeat(const char *hex, unsigned n, unsigned context)
{
    struct ir_bytes b = IR_HEX(hex);
    uint8_t pdu[256];

    memcpy(pdu, b.p, b.n);
    ir_put_u16(pdu + 8, (uint16_t)b.n, false);
    if (pdu[2] == IR_PTYPE_REQUEST) {
        ir_put_u16(pdu + 20, (uint16_t)context, false);
    }
    for (unsigned i = 0; i < n; i++) {
        IR_ASSERT_EQ(rig_feed(&rig, pdu, b.n), 0);
        if (rig.last.type == IR_EVENT_CALL) {
            IR_ASSERT_EQ(ir_conn_fault(&rig.conn, rig.last.call, 5, false), IRPC_OK);
            rig.last.type = IR_EVENT_NONE;
        }
        if (ir_outq_pending(&rig.outq) > 4096) {
            ir_outq_consume(&rig.outq, ir_outq_pending(&rig.outq));
        }
    }
}

/* Calls in the smallest fragments, as many as there may be. */
static void fragments(unsigned n)
{
    for (unsigned call = 0; call < 20; call++) {
        rig_bound(&rig, IR_HEX(BIND));
        send_pdu(REQUEST("01", "02000000", "0000", "0400", "0102030405060708"), 2, 0);
        repeat(REQUEST("00", "02000000", "0000", "0400", "0102030405060708"), n, 0);
        IR_ASSERT(!ir_conn_wants_close(&rig.conn));
        rig_deinit(&rig);
    }
}

/* Calls under the last of as many contexts as there may be. */
static void calls_of_many_contexts(unsigned n)
{
    rig_bound(&rig, IR_HEX(BIND));
    for (unsigned i = 1; i < 64; i++) {
        uint8_t pdu[256];
        struct ir_bytes b = IR_HEX(ALTER_HEAD("03000000") ONE_CONTEXT("0000", MGMT));
        memcpy(pdu, b.p, b.n);
        ir_put_u16(pdu + 8, (uint16_t)b.n, false);
        ir_put_u16(pdu + 28, (uint16_t)i, false);
        IR_ASSERT_EQ(rig_feed(&rig, pdu, b.n), 0);
    }
    (void)rig_take(&rig);
    repeat(REQUEST("03", "04000000", "0000", "0000", ""), n, 63);
    IR_ASSERT(!ir_conn_wants_close(&rig.conn));
    rig_deinit(&rig);
}

/* What names calls that there are not. */
static void orphans(unsigned n)
{
    rig_bound(&rig, IR_HEX(BIND));
    repeat(HEAD("13", "03", "99000000"), n, 0);
    IR_ASSERT(!ir_conn_wants_close(&rig.conn));
    rig_deinit(&rig);
}

/* Contexts that are offered again and again. */
static void alters(unsigned n)
{
    rig_bound(&rig, IR_HEX(BIND));
    repeat(ALTER_HEAD("03000000") ONE_CONTEXT("0000", MGMT), n, 0);
    IR_ASSERT(!ir_conn_wants_close(&rig.conn));
    rig_deinit(&rig);
}

IR_TEST_TIMEOUT(work_is_proportional_to_bytes, 60)
{
    expect_linear("fragments", fragments, 500);
    expect_linear("calls of many contexts", calls_of_many_contexts, 5000);
    expect_linear("orphaned calls", orphans, 20000);
    expect_linear("alter_contexts", alters, 5000);
}
