/* Towers: the bytes that Windows sends, round trips, damage, tolerance. */
#include "wire/tower.h"

#include "base/syntax.h"
#include "ir_test.h"
#include "wire_fixture.h"

#define SYNTAXES                                                   \
    "1300 0d 0883afe1 1f5d c911 91a4 08002b14a0fa 0300 0200 0000 " \
    "1300 0d 045d888a eb1c c911 9fe8 08002b104860 0200 0200 0000 "
#define TCP "0500 " SYNTAXES "0100 0b 0200 0000 0100 07 0200 0087 0100 09 0400 7f000001"
#define UDP "0500 " SYNTAXES "0100 0a 0200 0000 0100 08 0200 0087 0100 09 0400 00000000"
#define HTTP "0500 " SYNTAXES "0100 0b 0200 0000 0100 1f 0200 0251 0100 09 0400 0a000001"
#define PIPE                                                              \
    "0500 " SYNTAXES "0100 0b 0200 0000 0100 0f 0c00 '\\pipe\\lsass' 00 " \
    "0100 11 0600 '\\\\DC1' 00"
#define LRPC "0400 " SYNTAXES "0100 0c 0200 0000 0100 10 0600 'epmap' 00"

static const char *const good[] = {TCP, UDP, HTTP, PIPE, LRPC};

static struct ir_tower decode_hex(const char *hex)
{
    struct ir_tower t;
    struct ir_violation v = {"", ""};

    enum irpc_status st = ir_tower_decode(span_of(IR_HEX(hex)), &t, &v);
    if (st != IRPC_OK) {
        IR_FAIL("%s: %s", v.check, v.reason);
    }
    return t;
}

static void assert_refused(const char *hex, const char *check, enum irpc_status status)
{
    struct ir_tower t = {.port = 77};
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_tower_decode(span_of(IR_HEX(hex)), &t, &v), status);
    IR_ASSERT_STR(v.check, check);
    IR_ASSERT_EQ(t.port, 77);
}

IR_TEST(tower_decodes_each_protocol)
{
    struct ir_tower t = decode_hex(TCP);

    IR_ASSERT_EQ(t.protseq, IR_PROTSEQ_NCACN_IP_TCP);
    IR_ASSERT_EQ(t.interface.uuid.time_low, 0xe1af8308);
    IR_ASSERT_EQ(t.interface.major, 3);
    IR_ASSERT(ir_syntax_equal(&t.transfer, &ir_syntax_ndr));
    IR_ASSERT_EQ(t.port, 135);
    IR_ASSERT_MEM(t.ipv4, 4, "\x7f\0\0\1", 4);
    t = decode_hex(UDP);
    IR_ASSERT_EQ(t.protseq, IR_PROTSEQ_NCADG_IP_UDP);
    t = decode_hex(HTTP);
    IR_ASSERT_EQ(t.protseq, IR_PROTSEQ_NCACN_HTTP);
    IR_ASSERT_EQ(t.port, 593);
    t = decode_hex(PIPE);
    IR_ASSERT_EQ(t.protseq, IR_PROTSEQ_NCACN_NP);
    IR_ASSERT_MEM(t.endpoint.p, t.endpoint.len, "\\pipe\\lsass", 11);
    IR_ASSERT_MEM(t.host.p, t.host.len, "\\\\DC1", 5);
    t = decode_hex(LRPC);
    IR_ASSERT_EQ(t.protseq, IR_PROTSEQ_NCALRPC);
    IR_ASSERT_MEM(t.endpoint.p, t.endpoint.len, "epmap", 5);
}

/* The bytes do not depend on the writer's order. TCP towers have 75 bytes. */
IR_TEST(tower_round_trips)
{
    for (unsigned i = 0; i < IR_ARRAY_LEN(good); i++) {
        for (unsigned order = 0; order < 2; order++) {
            uint8_t buf[IR_TOWER_LEN_MAX];
            struct ir_bytes in = IR_HEX(good[i]);
            struct ir_tower t = decode_hex(good[i]);
            struct ir_out o = ir_out_fixed(buf, sizeof(buf), order != 0);
            ir_tower_encode(&o, &t);
            IR_ASSERT_EQ(o.err, IRPC_OK);
            IR_ASSERT_EQ(o.big_endian, order != 0);
            IR_ASSERT_MEM(buf, o.len, in.p, in.n);
            IR_ASSERT(i != 0 || in.n == 75);
        }
    }
}

/* One client sends floor 3 without a version; requests to the mapper may leave the address empty.
 */
IR_TEST(tower_empty_right_hand_sides)
{
    struct ir_tower t = decode_hex("0500 " SYNTAXES "0100 0b 0000 0100 07 0000 0100 09 0000");

    IR_ASSERT_EQ(t.protseq, IR_PROTSEQ_NCACN_IP_TCP);
    IR_ASSERT_EQ(t.port, 0);
    IR_ASSERT_MEM(t.ipv4, 4, "\0\0\0\0", 4);
    t = decode_hex("0500 " SYNTAXES "0100 0b 0000 0100 0f 0000 0100 11 0000");
    IR_ASSERT_EQ(t.endpoint.len, 0);
    IR_ASSERT_EQ(t.host.len, 0);
    t = decode_hex("0500 " SYNTAXES "0100 0b 0000 0100 0f 0100 00 0100 11 0100 00");
    IR_ASSERT_EQ(t.endpoint.len, 0);
}

/* check: E01, E03, E04 */
IR_TEST(tower_refusals)
{
    assert_refused("", "E01", IRPC_BAD_STUB_DATA);
    assert_refused("01", "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0100 " SYNTAXES, "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0900 " SYNTAXES, "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0005 " SYNTAXES, "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0500 " SYNTAXES "0100 0b 0200 0000", "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0300 " SYNTAXES "0000 0200 0000", "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0300 " SYNTAXES "ffff 0b 0200 0000", "E01", IRPC_BAD_STUB_DATA);
    assert_refused("0300 1300 0b 00*18 0200 0000", "E03", IRPC_BAD_STUB_DATA);
    assert_refused("0300 1200 0d 00*17 0200 0000", "E03", IRPC_BAD_STUB_DATA);
    assert_refused("0300 1300 0d 00*18 0300 000000", "E03", IRPC_BAD_STUB_DATA);
    assert_refused("0500 " SYNTAXES "0100 0b 0200 0000 0100 07 0300 008700 0100 09 0400 00*4",
                   "E04", IRPC_BAD_STUB_DATA);
    assert_refused("0500 " SYNTAXES "0100 0b 0200 0000 0100 07 0200 0087 0100 09 0500 00*5", "E04",
                   IRPC_BAD_STUB_DATA);
    assert_refused("0400 " SYNTAXES "0100 0c 0200 0000 0100 10 0300 'abc'", "E04",
                   IRPC_BAD_STUB_DATA);
    assert_refused("0400 " SYNTAXES "0100 0c 0200 0000 0100 10 0400 'a' 00 'b' 00", "E04",
                   IRPC_BAD_STUB_DATA);
    assert_refused("0400 " SYNTAXES "0100 0c 0200 0000 0100 10 0101 'x' 61*255 00", "E04",
                   IRPC_BAD_STUB_DATA);
    assert_refused("0400 " SYNTAXES "0100 0b 0200 0000 0100 10 0200 'a' 00", "E04",
                   IRPC_PROTSEQ_UNSUPPORTED);
    assert_refused("0200 " SYNTAXES, "E04", IRPC_PROTSEQ_UNSUPPORTED);
    assert_refused("0500 " SYNTAXES "0100 0b 0000 0100 16 0000 0100 17 0000", "E04",
                   IRPC_PROTSEQ_UNSUPPORTED);
}

/* Every truncation and every value of every byte: no crash, and a name never holds a NUL. */
IR_TEST(tower_truncated_and_bent)
{
    for (unsigned i = 0; i < IR_ARRAY_LEN(good); i++) {
        struct ir_bytes in = IR_HEX(good[i]);
        struct ir_tower t;
        for (size_t len = 0; len < in.n; len++) {
            uint8_t *cut = copy_of(in.p, len);
            IR_ASSERT_EQ(ir_tower_decode((struct irpc_span){cut, len}, &t, NULL),
                         IRPC_BAD_STUB_DATA);
            free(cut);
        }
        uint8_t *bent = copy_of(in.p, in.n);
        for (size_t at = 0; at < in.n; at++) {
            for (unsigned value = 0; value < 256; value++) {
                bent[at] = (uint8_t)value;
                if (ir_tower_decode((struct irpc_span){bent, in.n}, &t, NULL) == IRPC_OK) {
                    IR_ASSERT(t.endpoint.len == 0 ||
                              memchr(t.endpoint.p, 0, t.endpoint.len) == NULL);
                }
            }
            bent[at] = in.p[at];
        }
        free(bent);
    }
}

IR_TEST(tower_encoder_refuses_bad_names)
{
    uint8_t buf[IR_TOWER_LEN_MAX];
    uint8_t name[256];
    struct ir_tower t = {
        .protseq = IR_PROTSEQ_NCACN_NP, .endpoint = {name, 255}, .host = {name, 255}};

    memset(name, 'x', sizeof(name));
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    ir_tower_encode(&o, &t);
    IR_ASSERT_EQ(o.err, IRPC_OK); /* the longest of all */
    t.endpoint.len = 256;
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_tower_encode(&o, &t);
    IR_ASSERT_EQ(o.err, IRPC_INVALID_ARG);
    t.endpoint.len = 3;
    name[1] = 0;
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_tower_encode(&o, &t);
    IR_ASSERT_EQ(o.err, IRPC_INVALID_ARG);
    t.protseq = IR_PROTSEQ__COUNT;
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_tower_encode(&o, &t);
    IR_ASSERT_EQ(o.err, IRPC_INVALID_ARG);
}

IR_TEST(tower_floors_one_by_one)
{
    struct ir_floors floors;
    struct ir_floor f;
    struct ir_bytes in = IR_HEX("0300 0100 0b 0000 0300 aabbcc 0100 dd 0100 00 0000");

    IR_ASSERT_EQ(ir_floors_init(span_of(in), &floors, NULL), IRPC_OK);
    IR_ASSERT(ir_floors_next(&floors, &f));
    IR_ASSERT_EQ(f.protocol, 0x0b);
    IR_ASSERT_EQ(f.rhs.len, 0);
    IR_ASSERT(ir_floors_next(&floors, &f));
    IR_ASSERT_EQ(f.protocol, 0xaa);
    IR_ASSERT_MEM(f.lhs.p, f.lhs.len, "\xbb\xcc", 2);
    IR_ASSERT_MEM(f.rhs.p, f.rhs.len, "\xdd", 1);
    IR_ASSERT(ir_floors_next(&floors, &f));
    IR_ASSERT(!ir_floors_next(&floors, &f));
    IR_ASSERT_EQ(floors.cur.err, IRPC_OK);
}

IR_TEST(protseq_names)
{
    for (unsigned i = 0; i < IR_PROTSEQ__COUNT; i++) {
        const char *name = ir_protseq_name((enum ir_protseq)i);
        enum ir_protseq back;
        struct irpc_span s = {(const uint8_t *)name, strlen(name)};
        IR_ASSERT_EQ(ir_protseq_parse(s, &back), IRPC_OK);
        IR_ASSERT_EQ(back, i);
        s.len--;
        IR_ASSERT_EQ(ir_protseq_parse(s, &back), IRPC_PROTSEQ_UNSUPPORTED);
    }
    IR_ASSERT_STR(ir_protseq_name(IR_PROTSEQ__COUNT), "unknown");
}

IR_TEST(tower_names_with_a_nul_are_not_written)
{
    uint8_t buf[IR_TOWER_LEN_MAX];
    struct ir_tower t = decode_hex(LRPC);
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    t.endpoint = (struct irpc_span){(const uint8_t *)"a\0b", 3};
    ir_tower_encode(&o, &t);
    IR_ASSERT_EQ(o.err, IRPC_INVALID_ARG);
    o = ir_out_fixed(buf, sizeof(buf), false);
    t.endpoint = (struct irpc_span){NULL, 0};
    ir_tower_encode(&o, &t);
    IR_ASSERT_EQ(o.err, IRPC_OK);
}
