/* Bind, alter_context, their answers, bind_nak: vectors, round trips, damage. */
#include "wire/bind.h"

#include "ir_test.h"
#include "wire_fixture.h"

#define EPM "0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0000"
#define NDR "045d888a eb1c c911 9fe8 08002b104860 0200 0000"

/* As Windows sends it: NDR, NDR64, features. */
#define WINDOWS_BIND                                                       \
    "05 00 0b 03 10000000 a000 0000 02000000 d016 d016 00000000 03 000000" \
    "0000 01 00 0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0000"            \
    "045d888a eb1c c911 9fe8 08002b104860 0200 0000"                       \
    "0100 01 00 0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0000"            \
    "33057171 babe 3749 8319 b5dbef9ccc36 0100 0000"                       \
    "0200 01 00 0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0000"            \
    "2c1cb76c 1298 4045 0300 000000000000 0100 0000"

#define WINDOWS_ACK                                                                           \
    "05 00 0c 03 10000000 6c00 0000 02000000 d016 d016 afed0000 0400 '135' 00 0000 03 000000" \
    "0200 0200 00*20 "                                                                        \
    "0000 0000 33057171 babe 3749 8319 b5dbef9ccc36 0100 0000"                                \
    "0300 0300 00*20 "

#define BIG_ENDIAN_BIND                                                    \
    "05 00 0e 03 00000000 0048 0000 00000002 16d0 10b8 00000001 01 000000" \
    "0005 01 00 e1af8308 5d1f 11c9 91a4 08002b14a0fa 0000 0003"            \
    "8a885d04 1ceb 11c9 9fe8 08002b104860 0000 0002"

#define SIGNED_BIND                                                        \
    "05 00 0b 07 10000000 5800 0800 03000000 d016 d016 00000000 01 000000" \
    "0000 01 00 0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0000"            \
    "045d888a eb1c c911 9fe8 08002b104860 0200 0000"                       \
    "0a 06 08 00 01000000 'NTLMSSP' 00"

#define ALTER_RESP                                                                   \
    "05 00 0f 03 10000000 3800 0000 09000000 d016 d016 01000000 0000 0000 01 000000" \
    "0000 0000 045d888a eb1c c911 9fe8 08002b104860 0200 0000"

#define NAK "05 00 0d 03 10000000 1800 0000 09000000 0400 01 05 00 000000"

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

static enum irpc_status refuse_hex(const char *hex, struct ir_violation *v)
{
    struct any_pdu p;

    return decode_any(span_of(IR_HEX(hex)), &p, v);
}

IR_TEST(bind_of_windows)
{
    struct any_pdu p = decode_hex(WINDOWS_BIND);
    struct ir_bind_context x;
    struct irpc_syntax_id s;
    uint64_t features = 0;

    IR_ASSERT_EQ(p.bind.max_xmit_frag, 5840);
    IR_ASSERT_EQ(p.bind.max_recv_frag, 5840);
    IR_ASSERT_EQ(p.bind.assoc_group_id, 0);
    IR_ASSERT_EQ(p.bind.n_contexts, 3);
    IR_ASSERT_EQ(p.bind.n_slack, 0);
    IR_ASSERT(ir_bind_next_context(&p.bind, &x));
    IR_ASSERT_EQ(x.context_id, 0);
    IR_ASSERT_EQ(x.abstract_syntax.uuid.time_low, 0xe1af8308);
    IR_ASSERT_EQ(x.abstract_syntax.major, 3);
    IR_ASSERT_EQ(x.abstract_syntax.minor, 0);
    IR_ASSERT_EQ(x.n_transfer_syntaxes, 1);
    IR_ASSERT(ir_bind_next_syntax(&x, &s));
    IR_ASSERT(ir_syntax_equal(&s, &ir_syntax_ndr));
    IR_ASSERT(!ir_bind_next_syntax(&x, &s));
    IR_ASSERT(ir_bind_next_context(&p.bind, &x));
    IR_ASSERT(ir_bind_next_syntax(&x, &s));
    IR_ASSERT(ir_syntax_equal(&s, &ir_syntax_ndr64));
    IR_ASSERT(!ir_syntax_is_features(&s, &features));
    IR_ASSERT(ir_bind_next_context(&p.bind, &x));
    IR_ASSERT_EQ(x.context_id, 2);
    IR_ASSERT(ir_bind_next_syntax(&x, &s));
    IR_ASSERT(ir_syntax_is_features(&s, &features)); /* accepts: B11 */
    IR_ASSERT_EQ(features,
                 IR_FEATURE_SECURITY_CONTEXT_MULTIPLEXING | IR_FEATURE_KEEP_CONNECTION_ON_ORPHAN);
    IR_ASSERT(!ir_bind_next_context(&p.bind, &x));
}

IR_TEST(bind_big_endian)
{
    struct any_pdu p = decode_hex(BIG_ENDIAN_BIND);
    struct ir_bind_context x;
    struct irpc_syntax_id s;

    IR_ASSERT_EQ(p.bind.max_recv_frag, 4280);
    IR_ASSERT(ir_bind_next_context(&p.bind, &x));
    IR_ASSERT_EQ(x.context_id, 5);
    IR_ASSERT_EQ(x.abstract_syntax.major, 3);
    IR_ASSERT(ir_bind_next_syntax(&x, &s));
    IR_ASSERT(ir_syntax_equal(&s, &ir_syntax_ndr));
}

IR_TEST(bind_ack_of_windows)
{
    struct any_pdu p = decode_hex(WINDOWS_ACK);
    struct ir_bind_result r;

    IR_ASSERT_EQ(p.ack.assoc_group_id, 0xedaf);
    IR_ASSERT_MEM(p.ack.sec_addr.p, p.ack.sec_addr.len, "135", 3);
    IR_ASSERT_EQ(p.ack.n_results, 3);
    IR_ASSERT(ir_bind_next_result(&p.ack, &r));
    IR_ASSERT_EQ(r.result, IR_BIND_PROVIDER_REJECTION);
    IR_ASSERT_EQ(r.reason, IR_BIND_REASON_TRANSFER_SYNTAXES);
    IR_ASSERT(ir_bind_next_result(&p.ack, &r));
    IR_ASSERT_EQ(r.result, IR_BIND_ACCEPTANCE);
    IR_ASSERT(ir_syntax_equal(&r.transfer_syntax, &ir_syntax_ndr64));
    IR_ASSERT(ir_bind_next_result(&p.ack, &r));
    IR_ASSERT_EQ(r.result, IR_BIND_NEGOTIATE_ACK);
    IR_ASSERT(!ir_bind_next_result(&p.ack, &r));
}

IR_TEST(bind_with_trailer)
{
    struct any_pdu p = decode_hex("05 00 0b 07 10000000 6000 1000 03000000 d016 d016 00000000"
                                  "01 000000 0000 01 00" EPM NDR "0a 06 00 00 01000000"
                                  "'NTLMSSP' 00 01000000 00000000");

    IR_ASSERT(p.auth.present);
    IR_ASSERT_EQ(p.auth.type, 10);
    IR_ASSERT_EQ(p.auth.level, 6);
    IR_ASSERT_EQ(p.auth.context_id, 1);
    IR_ASSERT_EQ(p.auth.token.len, 16);
    IR_ASSERT_EQ(p.auth.offset, 72);
    IR_ASSERT_EQ(p.bind.n_slack, 0);
}

IR_TEST(bind_nak_and_its_variants)
{
    struct any_pdu p = decode_hex(NAK);

    IR_ASSERT_EQ(p.nak.reason, IR_NAK_PROTOCOL_VERSION);
    IR_ASSERT_EQ(p.nak.n_versions, 1);
    IR_ASSERT_MEM(p.nak.versions.p, p.nak.versions.len, "\5\0", 2);
    p = decode_hex("05 00 0d 03 10000000 1200 0000 09000000 ffff");
    IR_ASSERT_EQ(p.nak.reason, 0xffff);
    IR_ASSERT_EQ(p.nak.n_versions, 0);
    /* check: B15 */
    struct ir_violation v;
    IR_ASSERT_EQ(refuse_hex("05 00 0d 03 10000000 1500 0000 09000000 0400 02 0500", &v),
                 IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "B15");
}

IR_TEST(bind_round_trips)
{
    assert_round_trip(IR_HEX(WINDOWS_BIND));
    assert_round_trip(IR_HEX(WINDOWS_ACK));
    assert_round_trip(IR_HEX(BIG_ENDIAN_BIND));
    assert_round_trip(IR_HEX(ALTER_RESP));
    assert_round_trip(IR_HEX(NAK));
}

/* Encoders pad the trailer of a bind to 16 from the PDU's start. */
IR_TEST(bind_trailer_is_padded)
{
    struct any_pdu p =
        decode_hex("05 00 0b 07 10000000 5800 0800 03000000 d016 d016 00000000"
                   "01 000000 0000 01 00" EPM NDR "0a 06 00 00 01000000 'NTLMSSP' 00");
    struct ir_bytes want = IR_HEX("05 00 0b 07 10000000 6000 0800 03000000 d016 d016 00000000"
                                  "01 000000 0000 01 00" EPM NDR "00*8 "
                                  "0a 06 08 00 01000000 'NTLMSSP' 00");
    uint8_t buf[200];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    encode_any(&o, &p);
    IR_ASSERT_PDU(buf, o.len, want.p, want.n);
}

IR_TEST(bind_truncated_and_bent)
{
    static const char *const pdus[] = {WINDOWS_BIND, WINDOWS_ACK, BIG_ENDIAN_BIND,
                                       SIGNED_BIND,  ALTER_RESP,  NAK};

    for (unsigned i = 0; i < IR_ARRAY_LEN(pdus); i++) {
        assert_truncations(IR_HEX(pdus[i]));
        IR_ASSERT(bend_every_byte(IR_HEX(pdus[i])) > 0);
    }
}

/* Counts of zero decode; the engine answers them.  check: B06, B07 */
IR_TEST(bind_with_nothing_in_it)
{
    struct ir_bind_context x;
    struct irpc_syntax_id s;
    struct any_pdu p =
        decode_hex("05 00 0b 03 10000000 1c00 0000 01000000 d016 d016 00000000 00 000000");

    IR_ASSERT_EQ(p.bind.n_contexts, 0);
    IR_ASSERT(!ir_bind_next_context(&p.bind, &x));
    p = decode_hex("05 00 0b 03 10000000 3400 0000 01000000 d016 d016 00000000 01 000000"
                   "0000 00 00" EPM);
    IR_ASSERT(ir_bind_next_context(&p.bind, &x));
    IR_ASSERT_EQ(x.n_transfer_syntaxes, 0);
    IR_ASSERT(!ir_bind_next_syntax(&x, &s));
    IR_ASSERT(!ir_bind_next_context(&p.bind, &x));
}

/* One context promises more than there is: everything is refused, before anything is used. */
IR_TEST(bind_counts_beyond_the_bytes)
{
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(refuse_hex("05 00 0b 03 10000000 4800 0000 01000000 d016 d016 00000000 02 000000"
                            "0000 01 00" EPM NDR,
                            &v),
                 IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "B06");
    IR_ASSERT_EQ(refuse_hex("05 00 0b 03 10000000 4800 0000 01000000 d016 d016 00000000 01 000000"
                            "0000 02 00" EPM NDR,
                            &v),
                 IRPC_PROTO_ERROR);
    IR_ASSERT_EQ(refuse_hex("05 00 0b 03 10000000 4800 0000 01000000 d016 d016 00000000 ff 000000"
                            "0000 ff 00" EPM NDR,
                            &v),
                 IRPC_PROTO_ERROR);
    /* The contexts may not reach into the trailer. */
    IR_ASSERT_EQ(refuse_hex("05 00 0b 03 10000000 5000 0400 01000000 d016 d016 00000000 01 000000"
                            "0000 02 00" EPM NDR "0a 06 00 00 00000000 01020304",
                            &v),
                 IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "B06");
}

/* check: B18 */
IR_TEST(bind_slack_is_measured)
{
    struct any_pdu p = decode_hex("05 00 0b 03 10000000 1f00 0000 01000000 d016 d016 00000000"
                                  "00 000000 aabbcc");

    IR_ASSERT_EQ(p.bind.n_slack, 3);
}

/* check: B14 */
IR_TEST(bind_ack_secondary_addresses)
{
    struct ir_violation v = {"", ""};
    /* no NUL, as one server sends it: length 3, one byte of padding */
    struct any_pdu p = decode_hex("05 00 0c 03 10000000 2400 0000 01000000 d016 d016 01000000"
                                  "0300 '135' 000000 00 000000");

    IR_ASSERT_MEM(p.ack.sec_addr.p, p.ack.sec_addr.len, "135", 3);
    p = decode_hex("05 00 0c 03 10000000 2400 0000 01000000 d016 d016 01000000"
                   "0100 00 00*3 01*2 00 000000");
    IR_ASSERT_EQ(p.ack.sec_addr.len, 0);
    p = decode_hex("05 00 0c 03 00000000 001a 0000 00000002 10b8 10b8 00001234 0000");
    IR_ASSERT_EQ(p.ack.n_results, 0);
    IR_ASSERT_EQ(refuse_hex("05 00 0c 03 10000000 2400 0000 01000000 d016 d016 01000000"
                            "ffff '135' 000000 00 000000",
                            &v),
                 IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "B14");
    IR_ASSERT_EQ(refuse_hex("05 00 0c 03 10000000 2400 0000 01000000 d016 d016 01000000"
                            "0b00 '135' 000000 00 000000",
                            &v),
                 IRPC_PROTO_ERROR);
    /* check: B12 */
    IR_ASSERT_EQ(refuse_hex("05 00 0c 03 10000000 2400 0000 01000000 d016 d016 01000000"
                            "0000 0000 01 000000 00*4 ",
                            &v),
                 IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "B12");
}

IR_TEST(bind_encoder_refuses_what_does_not_fit)
{
    static uint8_t buf[80000];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    struct ir_bind_ack ack = {.sec_addr = {buf, 65535}};

    ir_bind_ack_encode(&o, IR_PTYPE_BIND_ACK, IR_PFC_WHOLE, 1, &ack);
    IR_ASSERT_EQ(o.err, IRPC_INVALID_ARG);
}

/* check: H11: even if nobody has asked ir_header_check() before */
IR_TEST(bind_nak_with_a_trailer_that_is_not_there)
{
    struct irpc_span nak = span_of(IR_HEX("05 00 0d 03 10000000 1200 ff00 01000000 0400"));
    struct ir_violation v = {"", ""};
    struct ir_bind_nak n;
    struct ir_header h;

    IR_ASSERT_EQ(ir_header_decode(nak.p, &h, &v), IRPC_OK);
    IR_ASSERT_EQ(ir_bind_nak_decode(&h, nak, &n, &v), IRPC_PROTO_ERROR);
    IR_ASSERT_STR(v.check, "H11");
}
