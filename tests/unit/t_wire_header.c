/* The common header: framing, and the checks that it alone allows. */
#include "wire/header.h"

#include "ir_test.h"
#include "wire_fixture.h"

static enum irpc_status check_hex(const char *hex, enum ir_direction from, struct ir_violation *v)
{
    struct ir_bytes in = IR_HEX(hex);
    struct ir_header h;
    enum irpc_status st = ir_header_decode(in.p, &h, v);

    return st != IRPC_OK ? st : ir_header_check(&h, from, v);
}

#define ASSERT_REFUSED(hex, from, number, status)           \
    do {                                                    \
        struct ir_violation v_ = {"", ""};                  \
        IR_ASSERT_EQ(check_hex(hex, from, &v_), (status));  \
        IR_ASSERT_STR(v_.check, number);                    \
        IR_ASSERT_EQ(check_hex(hex, from, NULL), (status)); \
    } while (0)

IR_TEST(header_decodes_little_endian)
{
    struct ir_bytes in = IR_HEX("05 00 0b 17 10000000 a000 4100 78563412");
    struct ir_header h;

    IR_ASSERT_EQ(ir_header_decode(in.p, &h, NULL), IRPC_OK);
    IR_ASSERT_EQ(h.vers, 5);
    IR_ASSERT_EQ(h.vers_minor, 0);
    IR_ASSERT_EQ(h.ptype, IR_PTYPE_BIND);
    IR_ASSERT_EQ(h.flags, IR_PFC_WHOLE | IR_PFC_SUPPORT_HEADER_SIGN | IR_PFC_CONC_MPX);
    IR_ASSERT(!h.big_endian);
    IR_ASSERT_EQ(h.frag_length, 0xa0);
    IR_ASSERT_EQ(h.auth_length, 0x41);
    IR_ASSERT_EQ(h.call_id, 0x12345678);
    IR_ASSERT_EQ(ir_header_check(&h, IR_FROM_CLIENT, NULL), IRPC_OK);
}

/* accepts: H14 */
IR_TEST(header_decodes_big_endian)
{
    struct ir_bytes in = IR_HEX("05 01 03 23 00000000 0020 0000 12345678");
    struct ir_header h;

    IR_ASSERT_EQ(ir_header_decode(in.p, &h, NULL), IRPC_OK);
    IR_ASSERT(h.big_endian);
    IR_ASSERT_EQ(h.frag_length, 32);
    IR_ASSERT_EQ(h.call_id, 0x12345678);
    IR_ASSERT_EQ(ir_header_check(&h, IR_FROM_SERVER, NULL), IRPC_OK);
}

/* check: H02, H03, H05, H06, H07, H08, H11 */
IR_TEST(header_refusals_have_their_number)
{
    ASSERT_REFUSED("04 00 00 03 10000000 1800 0000 01000000", IR_FROM_CLIENT, "H02",
                   IRPC_VERSION_UNSUPPORTED);
    ASSERT_REFUSED("05 02 00 03 10000000 1800 0000 01000000", IR_FROM_CLIENT, "H03",
                   IRPC_VERSION_UNSUPPORTED);
    ASSERT_REFUSED("05 00 00 03 20000000 1800 0000 01000000", IR_FROM_CLIENT, "H07",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 00 03 11000000 1800 0000 01000000", IR_FROM_CLIENT, "H07",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 00 03 10010000 1800 0000 01000000", IR_FROM_CLIENT, "H07",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 00 03 10000001 1800 0000 01000000", IR_FROM_CLIENT, "H07",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 01 03 10000000 1800 0000 01000000", IR_FROM_CLIENT, "H05",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 15 03 10000000 1800 0000 01000000", IR_FROM_CLIENT, "H06",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 02 03 10000000 1800 0000 01000000", IR_FROM_CLIENT, "H04",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 00 03 10000000 1700 0000 01000000", IR_FROM_CLIENT, "H08",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 00 03 10000000 0f00 0000 01000000", IR_FROM_CLIENT, "H08",
                   IRPC_NOT_DCERPC);
    ASSERT_REFUSED("05 00 00 03 10000000 0000 0000 01000000", IR_FROM_CLIENT, "H08",
                   IRPC_NOT_DCERPC);
    ASSERT_REFUSED("05 00 00 03 10000000 2000 0100 01000000", IR_FROM_CLIENT, "H11",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 00 03 10000000 2000 ffff 01000000", IR_FROM_CLIENT, "H11",
                   IRPC_PROTO_ERROR);
    ASSERT_REFUSED("05 00 0b 03 10000000 ffff e0ff 01000000", IR_FROM_CLIENT, "H11",
                   IRPC_PROTO_ERROR);
    IR_ASSERT_EQ(check_hex("05 00 00 03 10000000 2100 0100 01000000", IR_FROM_CLIENT, NULL),
                 IRPC_OK);
    /* accepts: H13 */
    IR_ASSERT_EQ(check_hex("05 00 00 03 10000000 1800 0000 00000000", IR_FROM_CLIENT, NULL),
                 IRPC_OK);
}

/* Other protocols that knock at the port get no answer. */
IR_TEST(header_knows_other_protocols)
{
    static const char *const others[] = {
        "'GET / HTTP/1.1' 0d0a",                   /* HTTP */
        "16 03 01 00c8 01 0000c4 0303 0123456789", /* TLS */
        "00000085 ff'SMB' 72 00000000 18 5348",    /* SMB over NetBIOS */
        "'SSH-2.0-OpenSSH_'",                      /* SSH */
        "00*16",                                   /* nothing */
        "ff*16",
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(others); i++) {
        IR_ASSERT_EQ(check_hex(others[i], IR_FROM_CLIENT, NULL), IRPC_NOT_DCERPC);
    }
}

/* Each type from each side: exactly the pairs of the table are accepted.  check: H04, H05, H06 */
IR_TEST(header_types_and_directions)
{
    static const uint8_t client[] = {0, 11, 14, 16, 18, 19, 20};
    static const uint8_t server[] = {2, 3, 12, 13, 15, 17, 20};

    for (unsigned t = 0; t < 256; t++) {
        struct ir_header h = {.vers = 5, .ptype = (uint8_t)t, .drep = {0x10}, .frag_length = 32};
        bool by_client = memchr(client, (int)t, sizeof(client)) != NULL;
        bool by_server = memchr(server, (int)t, sizeof(server)) != NULL;
        IR_ASSERT_EQ(ir_header_check(&h, IR_FROM_CLIENT, NULL) == IRPC_OK, by_client);
        IR_ASSERT_EQ(ir_header_check(&h, IR_FROM_SERVER, NULL) == IRPC_OK, by_server);
        IR_ASSERT_EQ(strcmp(ir_ptype_name((uint8_t)t), "unknown") != 0, t <= 20);
        IR_ASSERT_EQ(ir_header_min_length((uint8_t)t) != 0, t <= 20);
    }
}

/* accepts: H12, B17: no combination of flags is refused, on any type. */
IR_TEST(header_flags_are_free)
{
    for (unsigned flags = 0; flags < 256; flags++) {
        struct ir_header h = {
            .vers = 5, .ptype = 11, .flags = (uint8_t)flags, .drep = {0x10}, .frag_length = 28};
        IR_ASSERT_EQ(ir_header_check(&h, IR_FROM_CLIENT, NULL), IRPC_OK);
    }
}

/* check: H18: every header, whatever its bytes, is decoded and judged with a reason. */
IR_TEST(header_is_total)
{
    struct ir_bytes in = IR_HEX("05 00 0b 03 10000000 4800 0000 01000000");
    uint8_t p[16];

    for (unsigned at = 0; at < 16; at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct ir_header h;
            struct ir_violation v = {NULL, NULL};
            memcpy(p, in.p, 16);
            p[at] = (uint8_t)value;
            enum irpc_status st = ir_header_decode(p, &h, &v);
            IR_ASSERT_EQ(h.flags, p[3]);
            st = st == IRPC_OK ? ir_header_check(&h, IR_FROM_CLIENT, &v) : st;
            IR_ASSERT_EQ(st != IRPC_OK, v.check != NULL);
        }
    }
}

IR_TEST(header_only_pdus)
{
    struct ir_bytes want = IR_HEX("05 00 13 03 10000000 1000 0000 07000000");
    uint8_t buf[16];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    ir_header_only_encode(&o, IR_PTYPE_ORPHANED, IR_PFC_WHOLE, 7);
    IR_ASSERT_PDU(buf, o.len, want.p, want.n);
    assert_round_trip(want);
    assert_round_trip(IR_HEX("05 00 12 03 00000000 0010 0000 00000007"));
    assert_round_trip(IR_HEX("05 00 11 03 10000000 1000 0000 07000000"));
}

/* A PDU that would be longer than its length field fails the writer. */
IR_TEST(header_end_refuses_long_pdus)
{
    static uint8_t buf[70000];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    size_t start = ir_header_begin(&o, IR_PTYPE_REQUEST, 0, 1);

    ir_header_end(&o, start, IR_FRAG_MAX - IR_HEADER_LEN, 0);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    ir_header_end(&o, start, IR_FRAG_MAX - IR_HEADER_LEN + 1, 0);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
    o = ir_out_fixed(buf, sizeof(buf), false);
    start = ir_header_begin(&o, IR_PTYPE_REQUEST, 0, 1);
    ir_header_end(&o, start, SIZE_MAX, 0);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
    o = ir_out_fixed(buf, 10, false);
    start = ir_header_begin(&o, IR_PTYPE_REQUEST, 0, 1);
    ir_header_end(&o, start, 0, 0);
    IR_ASSERT_EQ(o.err, IRPC_BUFFER_TOO_SMALL);
}
