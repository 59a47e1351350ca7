/* Replies of the server role: fragments, their order in the output, limits. */
#include "engine_fixture.h"

static struct rig rig;

#define WHOLE "03"

static void expect_fragments(size_t len, size_t frag, size_t total)
{
    size_t off = 0;
    size_t stub = 0;

    while (off < len) {
        const uint8_t *p = rig.out + off;
        size_t n = (size_t)(p[8] | p[9] << 8);
        IR_ASSERT(n > 24 && n <= frag && off + n <= len);
        IR_ASSERT_EQ(p[2], IR_PTYPE_RESPONSE);
        bool last = off + n == len;
        IR_ASSERT_EQ(p[3], (off == 0 ? 1 : 0) | (last ? 2 : 0));
        IR_ASSERT(last || (n - 24) % 8 == 0);
        uint32_t hint = (uint32_t)p[16] | (uint32_t)p[17] << 8 | (uint32_t)p[18] << 16;
        IR_ASSERT_EQ(hint, total - stub);
        for (size_t i = 24; i < n; i++, stub++) {
            IR_ASSERT_EQ(p[i], (uint8_t)(stub * 7 + stub / 256));
        }
        off += n;
    }
    IR_ASSERT_EQ(stub, total);
}

/* check: R14 F08 */
IR_TEST(long_replies)
{
    static const size_t sizes[] = {2024, 2025, 4048, 4049, 100000, 900000};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        rig_bound(&rig, IR_HEX(HEAD("0b", "13",
                                    "01000000") "0008 0008 00000000" ONE_CONTEXT("0000", MGMT)));
        SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0000", ""));
        rig_reply(&rig, rig.last.call, sizes[i]);
        size_t n = (sizes[i] + 2023) / 2024;
        IR_ASSERT_EQ(ir_outq_pending(&rig.outq), sizes[i] + 24 * n);
        size_t len = rig_take(&rig);
        IR_ASSERT_EQ(len, sizes[i] + 24 * n);
        expect_fragments(len, 2048, sizes[i]);
        rig_deinit(&rig);
    }
}

/* Short and long answers in one output keep their order, whatever the transport takes at a time. */
IR_TEST(long_and_short_replies_in_one_queue)
{
    static uint8_t whole[1 << 18];
    size_t whole_len = 0;

    for (size_t take = 0; take < 5000; take = take * 2 + 1) {
        size_t len = 0;
        rig_bound(&rig, IR_HEX(BIND_MPX));
        for (uint8_t i = 0; i < 6; i++) {
            struct ir_bytes b = rig_pdu(IR_HEX(REQUEST(WHOLE, "00000000", "0000", "0400", "")));
            ((uint8_t *)(uintptr_t)b.p)[12] = i;
            rig_send(&rig, b);
            rig_reply(&rig, rig.last.call, i % 2 == 0 ? 10u : 20000u);
            ir_free((void *)(uintptr_t)b.p);
            struct iovec iov[2];
            while (take > 0 && ir_outq_pending(&rig.outq) > 7000) {
                int n = ir_outq_iov(&rig.outq, iov, 2);
                IR_ASSERT(n > 0);
                size_t part = iov[0].iov_len < take ? iov[0].iov_len : take;
                memcpy(rig.out + len, iov[0].iov_base, part);
                ir_outq_consume(&rig.outq, part);
                len += part;
            }
        }
        static uint8_t head[1 << 18];
        memcpy(head, rig.out, len);
        size_t rest = rig_take(&rig);
        memcpy(head + len, rig.out, rest);
        len += rest;
        if (take == 0) {
            whole_len = len;
            memcpy(whole, head, len);
        }
        IR_ASSERT_MEM(head, len, whole, whole_len);
        rig_deinit(&rig);
    }
}

/* Take @n bytes of the output and put them behind @to[@len]. */
static size_t take_some(uint8_t *to, size_t len, size_t n)
{
    struct iovec iov[4];

    while (n > 0) {
        IR_ASSERT(ir_outq_iov(&rig.outq, iov, 4) > 0);
        size_t part = iov[0].iov_len < n ? iov[0].iov_len : n;
        memcpy(to + len, iov[0].iov_base, part);
        ir_outq_consume(&rig.outq, part);
        len += part;
        n -= part;
    }
    return len;
}

/* A peer that reads slowly and goes on asking for long replies does not make the queue keep what
 * was sent. check: L04 */
IR_TEST(a_queue_that_never_runs_empty_stays_small)
{
    static uint8_t all[4 << 20];
    size_t len = 0;

    rig_bound(&rig, IR_HEX(BIND_MPX));
    for (unsigned i = 0; i < 150; i++) {
        SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0400", ""));
        rig_reply(&rig, rig.last.call, 20000);
        if (i > 0) {
            len = take_some(all, len, ir_outq_pending(&rig.outq) - 25000 - i);
        }
        IR_ASSERT(rig.outq.buf.len < 256 * 1024);
        IR_ASSERT(rig.outq.cap < 256);
    }
    len = take_some(all, len, ir_outq_pending(&rig.outq));
    size_t one = len / 150;
    IR_ASSERT_EQ(one * 150, len);
    for (unsigned i = 0; i < 150; i++) {
        memcpy(rig.out, all + i * one, one);
        expect_fragments(one, 5840, 20000);
    }
    rig_deinit(&rig);
}

/* A reply that cannot be encoded leaves nothing behind and can still be faulted. */
IR_TEST(abort_a_reply)
{
    struct ir_out *o;

    rig_bound(&rig, IR_HEX(BIND_MPX));
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0000", ""));
    uint32_t one = rig.last.call;
    SEND(&rig, REQUEST(WHOLE, "03000000", "0000", "0000", ""));
    uint32_t two = rig.last.call;
    rig_reply(&rig, one, 1);
    IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, two, &o), IRPC_OK);
    ir_out_u32(o, 1);
    ir_conn_reply_abort(&rig.conn, two);
    IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, two, &o), IRPC_OK);
    ir_out_fail(o, IRPC_BAD_STUB_DATA);
    IR_ASSERT_EQ(ir_conn_reply_end(&rig.conn, two), IRPC_BAD_STUB_DATA);
    IR_ASSERT_EQ(ir_conn_fault(&rig.conn, two, 0x6f7, false), IRPC_OK);
    EXPECT(&rig, "0500 0203 10000000 1900 0000 02000000 01000000 0000 0000 00" FAULT_PDU(
                     "03", "03000000", "0000", "f7060000"));
    rig_deinit(&rig);
}

IR_TEST(output_limit)
{
    struct ir_out *o;

    rig_bound(&rig, IR_HEX(BIND));
    ir_outq_deinit(&rig.outq);
    ir_outq_init(&rig.outq, 1024);
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0000", ""));
    IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, rig.last.call, &o), IRPC_OK);
    IR_ASSERT(ir_out_take(o, 2000) == NULL);
    IR_ASSERT_EQ(ir_conn_reply_end(&rig.conn, rig.last.call), IRPC_LIMIT);
    IR_ASSERT_EQ(ir_conn_fault(&rig.conn, rig.last.call, 0x6f7, false), IRPC_OK);
    IR_ASSERT_EQ(rig_take(&rig), 32);
    rig_deinit(&rig);
}
