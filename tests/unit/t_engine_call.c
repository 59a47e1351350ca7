/* Requests, replies, faults and cancels in the server role. */
#include "engine_fixture.h"

#include "engine/reassembly.h"

static struct rig rig;

#define WHOLE "03"
#define FIRST "01"
#define MIDDLE "00"
#define LAST "02"

IR_TEST(a_request_becomes_a_call)
{
    rig_bound(&rig, IR_HEX(BIND));
    struct ir_bytes pdu = rig_pdu(IR_HEX(REQUEST("03", "07000000", "0000", "0500", "0102030405")));
    IR_ASSERT_EQ(rig_feed(&rig, pdu.p, pdu.n), 0);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.call_id, 7);
    IR_ASSERT_EQ(rig.last.opnum, 5);
    IR_ASSERT_EQ(rig.last.context_id, 0);
    IR_ASSERT_EQ(rig.last.transfer, IR_TRANSFER_NDR20);
    IR_ASSERT_STR(rig.last.iface, "mgmt");
    IR_ASSERT_EQ(rig.last.big_endian, false);
    IR_ASSERT_EQ(rig.last.maybe, false);
    IR_ASSERT_EQ(rig.last.has_object, false);
    IR_ASSERT(rig.last.stub_memory == NULL);
    IR_ASSERT(rig.last.stub.p == pdu.p + 24); /* in place */
    IR_ASSERT_EQ(rig.last.stub.len, 5);
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 1);

    struct ir_out *o;
    IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, rig.last.call, &o), IRPC_OK);
    ir_out_u8(o, 0xaa);
    ir_out_align(o, 4); /* from the stub's begin */
    ir_out_u32(o, 0x11223344);
    IR_ASSERT_EQ(ir_conn_reply_end(&rig.conn, rig.last.call), IRPC_OK);
    EXPECT(&rig, "0500 0203 10000000 2000 0000 07000000 08000000 0000 0000 aa000000 44332211");
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
    ir_free((void *)(uintptr_t)pdu.p);
    rig_deinit(&rig);
}

/* accepts: R03 H14 R07: object UUID, byte order and MAYBE come through; MAYBE is answered. */
IR_TEST(a_big_endian_request_with_an_object)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, "0500 00c3 00000000 0000 0000 00000007 00000000 0000 0005"
               "12345678 1234 abcd ef00 0123456789ab 99");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.call_id, 7);
    IR_ASSERT_EQ(rig.last.opnum, 5);
    IR_ASSERT_EQ(rig.last.big_endian, true);
    IR_ASSERT_EQ(rig.last.maybe, true);
    IR_ASSERT_EQ(rig.last.has_object, true);
    IR_ASSERT_EQ(rig.last.object.time_low, 0x12345678);
    IR_ASSERT_EQ(rig.last.object.node[5], 0xab);
    IR_ASSERT_EQ(rig.last.stub.len, 1);
    rig_reply(&rig, rig.last.call, 0);
    EXPECT(&rig, "0500 0203 10000000 1800 0000 07000000 00000000 0000 0000");
    rig_deinit(&rig);
}

/* The low byte of the context id alone comes back in a response, all of it in a fault. */
IR_TEST(context_id_of_answers)
{
    rig_bound(&rig, IR_HEX(BIND_HEAD("03", "01000000") ONE_CONTEXT("3412", MGMT)));
    SEND(&rig, REQUEST(WHOLE, "07000000", "3412", "0000", ""));
    rig_reply(&rig, rig.last.call, 0);
    EXPECT(&rig, "0500 0203 10000000 1800 0000 07000000 00000000 3400 0000");
    SEND(&rig, REQUEST(WHOLE, "08000000", "3412", "0000", ""));
    IR_ASSERT_EQ(ir_conn_fault(&rig.conn, rig.last.call, 0x1C010002, true), IRPC_OK);
    EXPECT(&rig, FAULT_PDU("23", "08000000", "3412", "0200011c"));
    SEND(&rig, REQUEST(WHOLE, "09000000", "3412", "0000", ""));
    IR_ASSERT_EQ(ir_conn_fault(&rig.conn, rig.last.call, 0x6f7, false), IRPC_OK);
    EXPECT(&rig, FAULT_PDU("03", "09000000", "3412", "f7060000"));
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), false);
    rig_deinit(&rig);
}

/* check: R16: a status and zeros, whatever went wrong */
IR_TEST(faults_that_a_server_must_not_send)
{
    static const uint32_t forbidden[] = {0, 0xC0000005, 0xC00000FD};

    rig_bound(&rig, IR_HEX(BIND));
    for (unsigned i = 0; i < 3; i++) {
        SEND(&rig, REQUEST(WHOLE, "08000000", "0000", "0000", ""));
        IR_ASSERT_EQ(ir_conn_fault(&rig.conn, rig.last.call, forbidden[i], false), IRPC_OK);
        EXPECT(&rig, FAULT_PDU("03", "08000000", "0000", "1200001c"));
    }
    rig_deinit(&rig);
}

/* check: R01 S10: the connection is as it was before */
IR_TEST(unknown_context)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(WHOLE, "07000000", "0500", "0000", ""));
    EXPECT(&rig, FAULT_PDU("23", "07000000", "0000", UNKNOWN_IF));
    EXPECT_REJECTED(&rig, "R01", false);
    SEND(&rig, REQUEST(WHOLE, "07000000", "0000", "0000", ""));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    rig_deinit(&rig);
}

/* accepts: R04: any alloc_hint on a single fragment */
IR_TEST(alloc_hint_of_a_single_fragment_is_ignored)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, HEAD("00", "03", "07000000") "ffffffff 0000 0100 0400000000000000");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.stub.len, 8);
    rig_reply(&rig, rig.last.call, 4);
    SEND(&rig, HEAD("00", "03", "07000000") "01000000 0000 0100 0400000000000000");
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.stub.len, 8);
    rig_deinit(&rig);
}

/* check: R12 */
IR_TEST(pending_cancel_on_a_first_fragment)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST("05", "02000000", "0000", "0400", "01020304"));
    EXPECT(&rig, FAULT_PDU("23", "02000000", "0000", "bd060000"));
    EXPECT_REJECTED(&rig, "R12", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* later it means nothing */
    SEND(&rig, REQUEST(FIRST, "02000000", "0000", "0400", "0102030405060708"));
    SEND(&rig, REQUEST("04", "02000000", "0000", "0400", "0102030405060708"));
    SEND(&rig, REQUEST("06", "02000000", "0000", "0400", "01"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.stub.len, 17);
    ir_free(rig.last.stub_memory);
    rig_deinit(&rig);
}

/* check: A05: no verifier where there is no security context, of any type or level */
IR_TEST(request_with_a_trailer)
{
    rig_bound(&rig, IR_HEX(BIND_HEAD("03", "01000000") ONE_CONTEXT("0100", MGMT)));
    SEND(&rig, "0500 0003 10000000 0000 0400 03000000 00000000 0100 0000 00 01 00 00 00000000"
               "'none'");
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0100", DENIED));
    EXPECT_REJECTED(&rig, "A05", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(FIRST, "03000000", "0000", "0000", ""));
    SEND(&rig, "0500 0002 10000000 0000 0400 03000000 00000000 0000 0000 0a 05 00 00 00000000"
               "'none'");
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", DENIED));
    EXPECT_REJECTED(&rig, "A05", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* check: A01: not 4-aligned */
    SEND(&rig, "0500 0003 10000000 0000 0400 03000000 00000000 0000 0000 ff 0a 05 00 00 00000000"
               "'none'");
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "A01", true);
    rig_deinit(&rig);
}

/* check: H09: the transport's maximum counts, not what was negotiated; the header is enough */
IR_TEST(request_longer_than_the_maximum)
{
    static uint8_t big[5841];
    struct ir_bytes pdu = IR_HEX(REQUEST(WHOLE, "03000000", "0000", "0000", ""));

    memcpy(big, pdu.p, pdu.n);
    rig_bound(&rig,
              IR_HEX(HEAD("0b", "03", "01000000") "0008 0008 00000000" ONE_CONTEXT("0000", MGMT)));
    ir_put_u16(big + 8, 5840, false);
    IR_ASSERT_EQ(rig_feed(&rig, big, 5840), 0);
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    rig_reply(&rig, rig.last.call, 4);
    IR_ASSERT_EQ(rig_take(&rig), 28);
    ir_put_u16(big + 8, 5841, false);
    IR_ASSERT_EQ(rig_feed(&rig, big, 16), 0);
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "H09", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* and it makes no difference that all of it is there */
    IR_ASSERT_EQ(rig_feed(&rig, big, 5841), 0);
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "H09", true);
    rig_deinit(&rig);
}

/* check: H04 H05 H06 R15: types that no client sends, and broken headers, after the bind */
IR_TEST(wrong_pdus_on_a_bound_connection)
{
    static const struct {
        unsigned offset;
        uint8_t value;
        const char *check;
    } rows[] = {{0, 4, "H02"},  {1, 2, "H03"},  {2, 1, "H05"},  {2, 2, "H04"},
                {2, 3, "H04"},  {2, 12, "H04"}, {2, 13, "H04"}, {2, 15, "H04"},
                {2, 17, "H04"}, {2, 20, "H04"}, {2, 21, "H06"}, {4, 0x11, "H07"},
                {5, 1, "H07"},  {6, 1, "H07"},  {8, 23, "H08"}, {10, 9, "H11"}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(REQUEST(WHOLE, "07000000", "0000", "0000", "")));
        uint8_t *p = (uint8_t *)(uintptr_t)b.p;
        p[rows[i].offset] = rows[i].value;
        rig_bound(&rig, IR_HEX(BIND));
        IR_ASSERT_EQ(rig_feed(&rig, p, b.n), 0);
        EXPECT(&rig, FAULT_PDU("23", "07000000", "0000", PROTO_ERROR));
        EXPECT_REJECTED(&rig, rows[i].check, true);
        ir_free(p);
        rig_deinit(&rig);
    }
}

/* --- fragments --- */

/* check: F04 F11 F12: context, operation and flags are the first fragment's */
IR_TEST(fragments_make_one_call)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST("41", "02000000", "0000", "0400", "0102030405060708"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    SEND(&rig, REQUEST(MIDDLE, "02000000", "6f00", "0500", "1112131415161718"));
    SEND(&rig, HEAD("00", "02", "02000000") "ffffffff 6f00 0600 21"); /* check: R04 */
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    IR_ASSERT_EQ(rig.last.opnum, 4);
    IR_ASSERT_EQ(rig.last.context_id, 0);
    IR_ASSERT_EQ(rig.last.maybe, true);
    IR_ASSERT(rig.last.stub_memory != NULL);
    struct ir_bytes want = IR_HEX("0102030405060708 1112131415161718 21");
    IR_ASSERT_MEM(rig.last.stub.p, rig.last.stub.len, want.p, want.n);
    IR_ASSERT_EQ(rig.n_events, 1);
    ir_free(rig.last.stub_memory);
    IR_ASSERT_EQ(rig.conn.n_partial, 0);
    rig_reply(&rig, rig.last.call, 1);
    IR_ASSERT_EQ(rig_take(&rig), 25);
    rig_deinit(&rig);
}

/* check: F01 */
IR_TEST(fragment_without_a_first)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(MIDDLE, "02000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F01", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(LAST, "02000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", PROTO_ERROR));
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* of another call */
    SEND(&rig, REQUEST(FIRST, "02000000", "0000", "0400", "01"));
    SEND(&rig, REQUEST(LAST, "03000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F01", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND_MPX)); /* judged like a first one, then refused */
    SEND(&rig, REQUEST(MIDDLE, "02000000", "6f00", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("23", "02000000", "0000", UNKNOWN_IF));
    EXPECT_REJECTED(&rig, "R01", false);
    SEND(&rig, REQUEST(MIDDLE, "02000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F01", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND_MPX)); /* of another call: the new one is blamed */
    SEND(&rig, REQUEST(FIRST, "02000000", "0000", "0400", "01"));
    SEND(&rig, REQUEST(LAST, "03000000", "6f00", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F01", true);
    rig_deinit(&rig);
}

/* check: F02 F03: without CONC_MPX the old call is blamed, with it the new one */
IR_TEST(second_first_fragment)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(FIRST, "32000000", "0000", "0400", "01"));
    SEND(&rig, REQUEST(FIRST, "33000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "32000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F03", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND_HEAD("13", "01000000") ONE_CONTEXT("0700", MGMT)));
    SEND(&rig, REQUEST(FIRST, "32000000", "0700", "0400", "01"));
    SEND(&rig, REQUEST(WHOLE, "33000000", "0600", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "33000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F03", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND_HEAD("03", "01000000") ONE_CONTEXT("0700", MGMT)));
    SEND(&rig, REQUEST(FIRST, "02000000", "0700", "0400", "01"));
    SEND(&rig, REQUEST(FIRST, "02000000", "0700", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0700", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F02", true);
    rig_deinit(&rig);
}

/* check: H14 */
IR_TEST(byte_order_changes_within_a_call)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(FIRST, "02000000", "0000", "0400", "01"));
    SEND(&rig, "0500 0002 00000000 0000 0000 00000002 00000000 0000 0004 02");
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "H14", true);
    rig_deinit(&rig);
}

/* Send @total stub bytes in fragments of @chunk; returns false when the engine refused one. */
static bool send_fragments(size_t total, size_t chunk, uint32_t hint)
{
    static uint8_t pdu[5840];
    struct ir_bytes head = IR_HEX(REQUEST(FIRST, "34120200", "0000", "0400", ""));

    for (size_t left = total; left > 0;) {
        size_t n = left < chunk ? left : chunk;
        memcpy(pdu, head.p, 24);
        memset(pdu + 24, (int)(left & 0xff), n);
        pdu[3] = (uint8_t)((left == total ? 1 : 0) | (left == n ? 2 : 0));
        ir_put_u16(pdu + 8, (uint16_t)(24 + n), false);
        ir_put_u32(pdu + 16, hint, false);
        hint -= hint < n ? hint : (uint32_t)n;
        left -= n;
        IR_ASSERT_EQ(rig_feed(&rig, pdu, 24 + n), 0);
        IR_ASSERT_EQ(rig.status, IRPC_OK);
        if (ir_conn_wants_close(&rig.conn)) {
            return false;
        }
    }
    return true;
}

/* check: R04 R05 F05 */
IR_TEST(stub_size_limit)
{
    static const uint32_t hints[] = {0x400000, 0x100000, 0};

    for (unsigned i = 0; i < 3; i++) {
        rig_bound(&rig, IR_HEX(BIND));
        IR_ASSERT(send_fragments(0x400000, 5816, hints[i]));
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
        IR_ASSERT_EQ(rig.last.stub.len, 0x400000);
        ir_free(rig.last.stub_memory);
        rig_deinit(&rig);
    }
    rig_bound(&rig, IR_HEX(BIND)); /* at once by the hint */
    IR_ASSERT(!send_fragments(0x400000, 5816, 0x400001));
    EXPECT(&rig, FAULT_PDU("03", "34120200", "0000", DENIED));
    EXPECT_REJECTED(&rig, "R04", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* by what came */
    IR_ASSERT(!send_fragments(0x400001, 5816, 0));
    EXPECT(&rig, FAULT_PDU("03", "34120200", "0000", DENIED));
    EXPECT_REJECTED(&rig, "F05", true);
    rig_deinit(&rig);
}

/* check: F06 F07 */
IR_TEST(number_of_fragments)
{
    rig_bound(&rig, IR_HEX(BIND));
    IR_ASSERT(send_fragments(4096, 1, 0));
    ir_free(rig.last.stub_memory);
    rig_deinit(&rig);
    rig_bound(&rig, IR_HEX(BIND));
    IR_ASSERT(!send_fragments(4097, 1, 0));
    EXPECT(&rig, FAULT_PDU("03", "34120200", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "F06", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* one empty fragment in the middle may be, a second not */
    SEND(&rig, REQUEST(FIRST, "02000000", "0000", "0400", ""));
    SEND(&rig, REQUEST(MIDDLE, "02000000", "0000", "0400", ""));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_NONE);
    SEND(&rig, REQUEST(MIDDLE, "02000000", "0000", "0400", ""));
    EXPECT_REJECTED(&rig, "F06", true);
    rig_deinit(&rig);
}

/* check: R04 F05: memory follows what was received, not what was announced */
IR_TEST(memory_of_a_partial_call)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, HEAD("00", "01", "02000000") "00004000 0000 0400 0102030405060708");
    IR_ASSERT(rig.conn.partial != NULL);
    IR_ASSERT_EQ(rig.conn.partial->stub.len, 8);
    IR_ASSERT(rig.conn.partial->stub.cap <= 512);
    IR_ASSERT_EQ(ir_conn_partial_bytes(&rig.conn), rig.conn.partial->stub.cap);
    SEND(&rig, REQUEST(WHOLE, "03000000", "0000", "0400", ""));
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    IR_ASSERT_EQ(ir_conn_partial_bytes(&rig.conn), 0); /* before the connection is gone */
    rig_deinit(&rig);                                  /* check: F10: the harness looks for leaks */
}

/* --- several calls --- */

/* check: R09 */
IR_TEST(second_call_without_mpx)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0400", ""));
    SEND(&rig, REQUEST(WHOLE, "03000000", "0000", "0400", ""));
    EXPECT(&rig, FAULT_PDU("03", "03000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "R09", true);
    rig_deinit(&rig);
}

IR_TEST(replies_out_of_order_with_mpx)
{
    uint32_t calls[64];

    rig_bound(&rig, IR_HEX(BIND_MPX));
    for (uint8_t i = 0; i < 64; i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(REQUEST(WHOLE, "00000000", "0000", "0400", "")));
        ((uint8_t *)(uintptr_t)b.p)[12] = i;
        rig_send(&rig, b);
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
        calls[i] = rig.last.call;
        ir_free((void *)(uintptr_t)b.p);
    }
    /* check: R09: one more keeps the connection */
    SEND(&rig, REQUEST(WHOLE, "63000000", "0000", "0400", ""));
    EXPECT(&rig, FAULT_PDU("23", "63000000", "0000", "1400011c"));
    EXPECT_REJECTED(&rig, "R09", false);
    for (unsigned i = 0; i < 64; i++) {
        unsigned k = (i * 29 + 7) % 64;
        rig_reply(&rig, calls[k], 0);
        IR_ASSERT_EQ(rig_take(&rig), 24);
        IR_ASSERT_EQ(rig.out[12], k);
        /* a late second answer, and one to a slot that was used again */
        struct ir_out *o;
        IR_ASSERT_EQ(ir_conn_reply_begin(&rig.conn, calls[k], &o), IRPC_NO_CALL_ACTIVE);
        IR_ASSERT_EQ(ir_conn_fault(&rig.conn, calls[k], 1, false), IRPC_NO_CALL_ACTIVE);
    }
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
    SEND(&rig, REQUEST(WHOLE, "64000000", "0000", "0400", ""));
    for (unsigned i = 0; i < 64; i++) {
        IR_ASSERT_EQ(ir_conn_fault(&rig.conn, calls[i], 1, false), IRPC_NO_CALL_ACTIVE);
    }
    rig_deinit(&rig);
}

/* check: R10 */
IR_TEST(call_id_used_twice_at_once)
{
    rig_bound(&rig, IR_HEX(BIND_MPX));
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0400", ""));
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0400", ""));
    EXPECT(&rig, FAULT_PDU("03", "02000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "R10", true);
    rig_deinit(&rig);
}

/* Too many calls: the fragments of one more are taken, then it is faulted. */
IR_TEST(too_many_calls_with_fragments)
{
    rig_bound(&rig, IR_HEX(BIND_MPX));
    rig.config.limits.calls = 1;
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0400", ""));
    SEND(&rig, REQUEST(FIRST, "03000000", "0000", "0400", "0102030405060708"));
    SEND(&rig, REQUEST(LAST, "03000000", "0000", "0400", "01"));
    EXPECT(&rig, FAULT_PDU("23", "03000000", "0000", "1400011c"));
    EXPECT_REJECTED(&rig, "R09", false);
    IR_ASSERT_EQ(rig.conn.n_partial, 0);
    rig_deinit(&rig);
}

/* --- cancel and orphaned --- */

/* check: R11 */
IR_TEST(cancel_and_orphaned)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, HEAD("12", "03", "02000000"));
    SEND(&rig, HEAD("13", "03", "02000000"));
    IR_ASSERT_EQ(rig.n_events, 0);
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0400", ""));
    uint32_t call = rig.last.call;
    SEND(&rig, HEAD("12", "03", "02000000"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CANCEL);
    IR_ASSERT_EQ(rig.last.call, call);
    SEND(&rig, HEAD("13", "03", "02000000"));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_ORPHANED);
    IR_ASSERT_EQ(rig.last.call, call);
    IR_ASSERT_EQ(rig_take(&rig), 0);
    ir_conn_drop(&rig.conn, call);
    IR_ASSERT_EQ(ir_conn_open_calls(&rig.conn), 0);
    rig_deinit(&rig);
}

IR_TEST(orphaned_does_not_end_an_incomplete_call)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, REQUEST(FIRST, "01000000", "0000", "0000", ""));
    SEND(&rig, HEAD("13", "03", "01000000"));
    SEND(&rig, HEAD("12", "03", "01000000"));
    SEND(&rig, REQUEST(LAST, "01000000", "0000", "0000", ""));
    IR_ASSERT_EQ(rig.last.type, IR_EVENT_CALL);
    ir_free(rig.last.stub_memory);
    rig_reply(&rig, rig.last.call, 4);
    IR_ASSERT_EQ(rig_take(&rig), 28);
    SEND(&rig, REQUEST(FIRST, "01000000", "0000", "0000", ""));
    SEND(&rig, HEAD("13", "03", "01000000"));
    SEND(&rig, REQUEST(WHOLE, "02000000", "0000", "0000", ""));
    EXPECT(&rig, FAULT_PDU("03", "01000000", "0000", PROTO_ERROR));
    rig_deinit(&rig);
}

static bool talk_oom(void *arg)
{
    static uint8_t pdu[64];
    struct ir_bytes bind = IR_HEX(BIND_MPX);
    struct ir_bytes request =
        IR_HEX(REQUEST(FIRST, "02000000", "0000", "0000", "0102030405060708"));
    bool ok = true;

    (void)arg;
    rig_init(&rig, IR_SERVER);
    uint8_t buf[128];
    memcpy(buf, bind.p, bind.n);
    ir_put_u16(buf + 8, (uint16_t)bind.n, false);
    IR_ASSERT_EQ(rig_feed(&rig, buf, bind.n), 0);
    for (uint8_t i = 0; i < 12 && rig.status == IRPC_OK; i++) {
        rig.last.type = IR_EVENT_NONE;
        memcpy(pdu, request.p, request.n);
        pdu[12] = (uint8_t)(i / 2);
        pdu[3] = i % 2 == 0 ? 1 : 2;
        ir_put_u16(pdu + 8, (uint16_t)request.n, false);
        IR_ASSERT_EQ(rig_feed(&rig, pdu, request.n), 0);
        if (rig.last.type == IR_EVENT_CALL) {
            ir_free(rig.last.stub_memory);
        }
    }
    ok = rig.status == IRPC_OK;
    if (ok) {
        struct ir_out *o;
        enum irpc_status st = ir_conn_reply_begin(&rig.conn, rig.last.call, &o);
        if (st == IRPC_OK) {
            for (unsigned i = 0; i < 4000; i++) {
                ir_out_u32(o, i);
            }
            st = ir_conn_reply_end(&rig.conn, rig.last.call);
        }
        ok = st == IRPC_OK;
    }
    rig_deinit(&rig);
    return ok;
}

/* check: L11 F10 */
IR_TEST(out_of_memory)
{
    IR_ASSERT(ir_test_oom(talk_oom, NULL) >= 8);
}
