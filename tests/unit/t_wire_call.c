/* Request, response, fault, auth3 and the security trailer: vectors, round trips, damage. */
#include "wire/call.h"

#include "ir_test.h"
#include "wire_fixture.h"

#define REQUEST "05 00 00 03 10000000 1c00 0000 05000000 04000000 0100 0300 aabbccdd"
#define REQUEST_BE "05 00 00 03 00000000 001c 0000 00000005 00000004 0001 0003 aabbccdd"
#define REQUEST_OBJECT                                           \
    "05 00 00 83 10000000 2c00 0000 05000000 04000000 0100 0300" \
    "045d888a eb1c c911 9fe8 08002b104860 aabbccdd"
#define REQUEST_SIGNED                                                           \
    "05 00 00 03 10000000 4000 1000 05000000 04000000 0100 0300 aabbccdd 00*12 " \
    "0a 05 0c 00 07000000 01*16 "
#define RESPONSE "05 00 02 03 10000000 1c00 0000 05000000 04000000 0100 02 00 aabbccdd"
#define FAULT "05 00 03 23 10000000 2000 0000 05000000 18000000 0100 00 00 0200011c 00000000"
#define AUTH3 "05 00 10 03 10000000 3800 1000 05000000 00000000 00*12 0a 06 0c 00 01000000 02*16 "

static struct any_pdu decode_hex(const char *hex)
{
    struct any_pdu p;
    struct ir_violation v = {"", ""};

    enum irpc_status st = decode_any(span_of(IR_HEX(hex)), &p, &v);
    if (st != IRPC_OK) {
        IR_FAIL("%s: %s", v.check, v.reason);
    }
    return p;
}

static void assert_refused(const char *hex, const char *check)
{
    struct any_pdu p;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(decode_any(span_of(IR_HEX(hex)), &p, &v), IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, check);
}

IR_TEST(call_request)
{
    struct any_pdu p = decode_hex(REQUEST);

    IR_ASSERT_EQ(p.request.alloc_hint, 4);
    IR_ASSERT_EQ(p.request.context_id, 1);
    IR_ASSERT_EQ(p.request.opnum, 3);
    IR_ASSERT(!p.request.has_object);
    IR_ASSERT_MEM(p.request.stub.p, p.request.stub.len, "\xaa\xbb\xcc\xdd", 4);
    p = decode_hex(REQUEST_BE);
    IR_ASSERT_EQ(p.request.opnum, 3);
    IR_ASSERT_EQ(p.request.alloc_hint, 4);
    p = decode_hex("05 00 00 03 10000000 1800 0000 05000000 ffffffff 0100 0300");
    IR_ASSERT_EQ(p.request.stub.len, 0);
}

/* check: R03 */
IR_TEST(call_request_with_object)
{
    struct any_pdu p = decode_hex(REQUEST_OBJECT);

    IR_ASSERT(p.request.has_object);
    IR_ASSERT_EQ(p.request.object.time_low, 0x8a885d04);
    IR_ASSERT_EQ(p.request.stub.len, 4);
    assert_refused("05 00 00 83 10000000 2700 0000 05000000 04000000 0100 0300 00*15 ", "R03");
    /* the object may not reach into trailer or padding */
    assert_refused("05 00 00 83 10000000 3000 0100 05000000 04000000 0100 0300 00*15 "
                   "0a 05 00 00 07000000 01",
                   "H11");
}

IR_TEST(call_request_with_trailer)
{
    struct any_pdu p = decode_hex(REQUEST_SIGNED);

    IR_ASSERT_EQ(p.request.stub.len, 4);
    IR_ASSERT(p.auth.present);
    IR_ASSERT_EQ(p.auth.pad_length, 12);
    IR_ASSERT_EQ(p.auth.context_id, 7);
    IR_ASSERT_EQ(p.auth.offset, 40);
    IR_ASSERT_EQ(p.auth.token.len, 16);
    IR_ASSERT(p.auth.token.p == p.request.stub.p + 4 + 12 + 8);
}

/* check: A01, A02: 4-aligned, and the padding within the stub data */
IR_TEST(call_bad_trailers)
{
    assert_refused("05 00 00 03 10000000 2300 0100 05000000 04000000 0100 0300 aabb"
                   "0a 05 00 00 07000000 01",
                   "A01");
    assert_refused("05 00 00 03 10000000 2500 0100 05000000 04000000 0100 0300 aabbccdd"
                   "0a 05 05 00 07000000 01",
                   "A02");
    assert_refused("05 00 00 83 10000000 3500 0100 05000000 04000000 0100 0300 00*20 "
                   "0a 05 05 00 07000000 01",
                   "A02");
    /* accepts: A16 */
    struct any_pdu p = decode_hex("05 00 00 03 10000000 2500 0100 05000000 04000000 0100 0300"
                                  "aabbccdd 0a 05 04 ff 07000000 01");
    IR_ASSERT_EQ(p.request.stub.len, 0);
}

IR_TEST(call_response)
{
    struct any_pdu p = decode_hex(RESPONSE);

    IR_ASSERT_EQ(p.response.context_id, 1);
    IR_ASSERT_EQ(p.response.cancel_count, 2);
    IR_ASSERT_EQ(p.response.stub.len, 4);
}

/* accepts: R08: with and without the reserved word, and with extended error information */
IR_TEST(call_fault)
{
    struct any_pdu p = decode_hex(FAULT);

    IR_ASSERT_EQ(p.fault.status, 0x1c010002);
    IR_ASSERT_EQ(p.fault.fault_flags, 0);
    IR_ASSERT_EQ(p.fault.extended.len, 0);
    p = decode_hex("05 00 03 23 10000000 1c00 0000 05000000 18000000 0100 00 00 05000000");
    IR_ASSERT_EQ(p.fault.status, 5);
    p = decode_hex("05 00 03 03 10000000 2400 0000 05000000 24000000 0100 00 01 05000000 00*4 "
                   "01020304");
    IR_ASSERT_EQ(p.fault.fault_flags, IR_FAULT_EXTENDED_INFO);
    IR_ASSERT_MEM(p.fault.extended.p, p.fault.extended.len, "\1\2\3\4", 4);
}

/* check: H08 R08: even if nobody has asked ir_header_check() before */
IR_TEST(call_short_answers_are_refused_without_the_header_s_help)
{
    struct irpc_span response =
        span_of(IR_HEX("05 00 02 03 10000000 1600 0000 05000000 04000000 0100"));
    struct irpc_span fault =
        span_of(IR_HEX("05 00 03 03 10000000 1a00 0000 05000000 04000000 0100 00 00 0200"));
    struct ir_violation v = {"", ""};
    struct ir_response r;
    struct ir_header h;
    struct ir_fault f;

    IR_ASSERT_EQ(ir_header_decode(response.p, &h, &v), IRPC_OK);
    IR_ASSERT_EQ(ir_response_decode(&h, response, &r, &v), IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "H08");
    IR_ASSERT_EQ(ir_header_decode(fault.p, &h, &v), IRPC_OK);
    IR_ASSERT_EQ(ir_fault_decode(&h, fault, &f, &v), IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "R08");
}

IR_TEST(nothing_is_added_to_output_that_has_failed)
{
    uint8_t buf[2];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    ir_out_u32(&o, 1);
    ir_auth_trailer_encode(&o, 0, &(struct ir_auth_trailer){.type = 10});
    IR_ASSERT(o.err != IRPC_OK);
    IR_ASSERT(o.len <= sizeof(buf));
}

IR_TEST(call_auth3)
{
    struct any_pdu p = decode_hex("05 00 10 03 10000000 2c00 1000 05000000 'junk'"
                                  "0a 06 00 00 01000000 02*16 ");

    IR_ASSERT_EQ(p.auth.offset, 20);
    IR_ASSERT_EQ(p.auth.token.len, 16);
    p = decode_hex("05 00 10 03 10000000 2800 1000 05000000 0a 06 00 00 01000000 02*16 ");
    IR_ASSERT_EQ(p.auth.offset, 16);
    assert_refused("05 00 10 03 10000000 1400 0000 05000000 00000000", "A07");
}

IR_TEST(call_round_trips)
{
    assert_round_trip(IR_HEX(REQUEST));
    assert_round_trip(IR_HEX(REQUEST_BE));
    assert_round_trip(IR_HEX(REQUEST_OBJECT));
    assert_round_trip(IR_HEX(REQUEST_SIGNED));
    assert_round_trip(IR_HEX(RESPONSE));
    assert_round_trip(IR_HEX(FAULT));
    assert_round_trip(IR_HEX(AUTH3));
}

IR_TEST(call_truncated_and_bent)
{
    static const char *const pdus[] = {REQUEST,  REQUEST_BE, REQUEST_OBJECT, REQUEST_SIGNED,
                                       RESPONSE, FAULT,      AUTH3};

    for (unsigned i = 0; i < IR_ARRAY_LEN(pdus); i++) {
        assert_truncations(IR_HEX(pdus[i]));
        IR_ASSERT(bend_every_byte(IR_HEX(pdus[i])) > 0);
    }
}

/* The head alone is written, its length counts the stub; a stub that is too long fails. */
IR_TEST(call_heads_count_their_stub)
{
    uint8_t buf[64];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    struct ir_response r = {.alloc_hint = 1000, .context_id = 1, .stub = {NULL, 1000}};
    struct ir_bytes want = IR_HEX("05 00 02 01 10000000 0004 0000 07000000 e8030000 0100 00 00");

    IR_ASSERT_EQ(ir_response_encode(&o, IR_PFC_FIRST_FRAG, 7, &r), 0);
    IR_ASSERT_PDU(buf, o.len, want.p, want.n);
    r.stub.len = 65535 - 24;
    ir_response_encode(&o, 0, 7, &r);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    r.stub.len++;
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_response_encode(&o, 0, 7, &r);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
}
