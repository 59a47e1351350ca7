/* NTLMSSP messages: the examples of [MS-NLMP] 4.2.4, round trips, damage, tolerance. */
#include "auth/ntlm_msg.h"

#include <stdio.h>
#include <stdlib.h>

#include "ir_test.h"
#include "ntlm_vectors.h"

#define HEAD "'NTLMSSP' 00 "

static struct irpc_span hex(const char *text)
{
    struct ir_bytes b = IR_HEX(text);

    return (struct irpc_span){b.p, b.n};
}

static void assert_span(struct irpc_span got, const char *want)
{
    struct irpc_span w = hex(want);

    IR_ASSERT_MEM(got.p, got.len, w.p, w.len);
}

IR_TEST(challenge_of_the_example)
{
    struct ir_ntlm_challenge m;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_ntlm_challenge_decode(hex(V2_CHALLENGE), &m, &v), IRPC_OK);
    IR_ASSERT_EQ(m.flags, 0xe28a8233);
    IR_ASSERT_MEM(m.server_challenge, 8, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
    assert_span(m.target_name, "530065007200760065007200");
    assert_span(m.target_info, V2_TARGET_INFO);
    uint8_t buf[256];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    ir_ntlm_challenge_encode(&o, &m);
    struct ir_bytes want = IR_HEX(V2_CHALLENGE);
    IR_ASSERT_EQ(o.len, want.n);
    memcpy(buf + 48, want.p + 48, 8); /* the version is ours */
    IR_ASSERT_MEM(buf, o.len, want.p, want.n);
}

IR_TEST(authenticate_of_the_example)
{
    struct ir_ntlm_authenticate m;
    struct ir_ntlm_v2_response r;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_ntlm_authenticate_decode(hex(V2_AUTHENTICATE), &m, &v), IRPC_OK);
    IR_ASSERT_EQ(m.flags, 0xe2888235);
    assert_span(m.user, "5500730065007200");
    assert_span(m.domain, V2_DOMAIN);
    assert_span(m.workstation, "43004f004d0050005500540045005200");
    assert_span(m.lm_response, V2_LM);
    assert_span(m.session_key, V2_SESSION_KEY);
    IR_ASSERT_EQ(m.mic.len, 0);
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(m.nt_response, &r, &v), IRPC_OK);
    assert_span(r.proof, V2_PROOF);
    assert_span(r.blob, V2_TEMP);
    IR_ASSERT_EQ(r.timestamp, 0);
    IR_ASSERT_MEM(r.client_challenge, 8, "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 8);
    IR_ASSERT_EQ(ir_ntlm_av_flags(r.avs), 0);
    struct irpc_span value;
    IR_ASSERT(ir_ntlm_av_find(r.avs, IR_NTLM_AV_NB_COMPUTER, &value));
    assert_span(value, "530065007200760065007200");
    IR_ASSERT(!ir_ntlm_av_find(r.avs, IR_NTLM_AV_TIMESTAMP, &value));
}

IR_TEST(v2_blob_of_the_example)
{
    uint8_t buf[128];
    uint8_t challenge[8];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    memset(challenge, 0xaa, 8);
    ir_ntlm_v2_blob_encode(&o, 0, challenge, hex(V2_TARGET_INFO));
    assert_span((struct irpc_span){buf, o.len}, V2_TEMP);
}

IR_TEST(authenticate_round_trips_with_a_mic)
{
    struct ir_ntlm_authenticate m;
    struct ir_ntlm_authenticate again;
    uint8_t buf[512];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    IR_ASSERT_EQ(ir_ntlm_authenticate_decode(hex(V2_AUTHENTICATE), &m, NULL), IRPC_OK);
    m.mic = hex("5a*16");
    ir_ntlm_authenticate_encode(&o, &m);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    IR_ASSERT_EQ(ir_ntlm_authenticate_decode((struct irpc_span){buf, o.len}, &again, NULL),
                 IRPC_OK);
    assert_span(again.mic, "5a*16");
    IR_ASSERT_MEM(again.nt_response.p, again.nt_response.len, m.nt_response.p, m.nt_response.len);
    IR_ASSERT_MEM(again.user.p, again.user.len, m.user.p, m.user.len);
    IR_ASSERT_EQ(again.flags, m.flags);
}

/* The shortest, one whose fields are garbage that no flag vouches for, and one with names. */
IR_TEST(negotiate_in_all_lengths)
{
    struct ir_ntlm_negotiate m;

    IR_ASSERT_EQ(ir_ntlm_negotiate_decode(hex(HEAD "01000000 358208e0"), &m, NULL), IRPC_OK);
    IR_ASSERT_EQ(m.flags, 0xe0088235);
    IR_ASSERT_EQ(ir_ntlm_negotiate_decode(
                     hex(HEAD "01000000 358208e0 ffffffffffffffff ffffffffffffffff"), &m, NULL),
                 IRPC_OK);
    IR_ASSERT_EQ(m.domain.len, 0);
    m = (struct ir_ntlm_negotiate){.flags = IR_NTLM_DOMAIN_SUPPLIED | IR_NTLM_WORKSTATION_SUPPLIED,
                                   .domain = hex("'DOM'"),
                                   .workstation = hex("'PC'")};
    uint8_t buf[64];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    ir_ntlm_negotiate_encode(&o, &m);
    m.domain.len = 0;
    IR_ASSERT_EQ(ir_ntlm_negotiate_decode((struct irpc_span){buf, o.len}, &m, NULL), IRPC_OK);
    assert_span(m.domain, "'DOM'");
    assert_span(m.workstation, "'PC'");
}

static enum irpc_status decode_any(struct irpc_span s, struct ir_violation *v)
{
    struct ir_ntlm_negotiate n;
    struct ir_ntlm_challenge c;
    struct ir_ntlm_authenticate a;
    uint8_t type = s.len > 8 ? s.p[8] : 0;

    return type == 2   ? ir_ntlm_challenge_decode(s, &c, v)
           : type == 3 ? ir_ntlm_authenticate_decode(s, &a, v)
                       : ir_ntlm_negotiate_decode(s, &n, v);
}

static void assert_refused(const char *text, const char *check)
{
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(decode_any(hex(text), &v), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, check);
}

#define F "00000000 40000000 "

IR_TEST(broken_messages_are_refused)
{
    struct ir_ntlm_challenge c;

    assert_refused("", "T01");
    assert_refused("'NTLMSSX' 00 01000000 00000000", "T01");
    assert_refused(HEAD "04000000 00000000", "T01");
    IR_ASSERT_EQ(ir_ntlm_challenge_decode(hex(V2_AUTHENTICATE), &c, NULL), IRPC_SEC_PKG_ERROR);
    assert_refused(HEAD "01000000", "T02");
    assert_refused(HEAD "01000000 00100000 03000300 28000000 00*8 00*8 'DO'", "T02");
    assert_refused(HEAD "01000000 00100000 03000300 10000000 00*8 00*8 'DOM'", "T02");
    /* challenge: name beyond the end, inside the head; odd length */
    assert_refused(HEAD "02000000 02000200 21000000 01000000 00*8 00", "T02");
    assert_refused(HEAD "02000000 02000200 08000000 01000000 00*8 0000", "T02");
    assert_refused(HEAD "02000000 01000100 20000000 01000000 00*8 0000", "T02");
    /* authenticate: user of odd length, beyond the end, offset that wraps, key of 8 bytes */
    assert_refused(HEAD "03000000 " F F F "01000100 40000000 " F F "00000000 4100", "T02");
    assert_refused(HEAD "03000000 " F F F "04000400 40000000 " F F "00000000 4100", "T02");
    assert_refused(HEAD "03000000 " F F F "02000200 ffffffff " F F "00000000 4100", "T02");
    assert_refused(HEAD "03000000 " F F F F F "08000800 40000000 00000000 00*8", "T02");
}

IR_TEST(broken_av_pairs_are_refused)
{
    struct ir_ntlm_v2_response r;
    struct ir_violation v = {"", ""};

#define BLOB "11*16 01010000 00000000 00*8 22*8 00000000 "
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex(BLOB "00000000"), &r, &v), IRPC_OK);
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex(BLOB "00000000 00000000"), &r, &v), IRPC_OK);
    static const char *const bad[] = {
        "", "0000", "01000200 4100", "00000100 00", "01000400 4100 0000", "01000200 4100 00"};
    for (unsigned i = 0; i < 6; i++) {
        char text[256];
        snprintf(text, sizeof(text), BLOB "%s", bad[i]);
        IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex(text), &r, &v), IRPC_SEC_PKG_ERROR);
        IR_ASSERT_STR(v.check, "T03");
    }
    /* check: T03: the same in a challenge */
    assert_refused(HEAD "02000000 00000000 30000000 00008000 00*8 00*8 04000400 30000000 01000200",
                   "T03");
    char many[1024] = BLOB;
    for (unsigned i = 0; i < 33; i++) {
        strcat(many, "63000000 ");
    }
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex(strcat(many, "00000000")), &r, &v),
                 IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, "T03");
}

IR_TEST(old_responses_are_refused)
{
    struct ir_ntlm_v2_response r;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex("11*24"), &r, &v), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, "T06");
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex("11*40"), &r, &v), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, "T05");
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex("11*16 01010000 00*10"), &r, &v),
                 IRPC_SEC_PKG_ERROR); /* of the right type, and cut */
    IR_ASSERT_STR(v.check, "T05");
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex("11*16 02010000 00*24 00000000"), &r, &v),
                 IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, "T05");
}

/* No prefix of a good message is read beyond its end (ASan sees it), and none is good that lacks a
 * field's bytes. */
IR_TEST(cut_messages_are_refused)
{
    static const char *const good[] = {V2_CHALLENGE, V2_AUTHENTICATE};

    for (unsigned i = 0; i < 2; i++) {
        struct ir_bytes in = IR_HEX(good[i]);
        for (size_t n = 0; n < in.n; n++) {
            uint8_t *cut = (uint8_t *)malloc(n + 1);
            memcpy(cut + 1, in.p, n);
            IR_ASSERT_EQ(decode_any((struct irpc_span){cut + 1, n}, NULL), IRPC_SEC_PKG_ERROR);
            free(cut);
        }
    }
}

/* What lies in front of the lowest offset in use is the fixed part: version and MIC are there if
 * it has room for them, and a payload that lies where they would be is never taken for them.
 * check: T04 */
IR_TEST(the_lowest_offset_ends_the_fixed_part)
{
    struct ir_ntlm_authenticate m;
    struct ir_ntlm_challenge c;
    char text[400];

    for (unsigned offset = 64; offset <= 90; offset++) {
        (void)snprintf(text, sizeof(text),
                       HEAD "03000000 " F F F "02000200 %02x000000 " F F "00000000 5a*24 4100 00*8",
                       offset);
        IR_ASSERT_EQ(ir_ntlm_authenticate_decode(hex(text), &m, NULL), IRPC_OK);
        IR_ASSERT_EQ(m.mic.len, offset < 88 ? 0 : 16);
    }
    /* nothing but the fixed part: it ends where the message ends */
    IR_ASSERT_EQ(
        ir_ntlm_authenticate_decode(hex(HEAD "03000000 " F F F F F F "00000000 5a*23"), &m, NULL),
        IRPC_OK);
    IR_ASSERT_EQ(m.mic.len, 0);
    IR_ASSERT_EQ(
        ir_ntlm_authenticate_decode(hex(HEAD "03000000 " F F F F F F "00000000 5a*24"), &m, NULL),
        IRPC_OK);
    assert_span(m.mic, "5a*16");
    /* challenge: a name in the place of the field that a flag says is there, or does not */
    assert_refused(HEAD "02000000 02000200 28000000 01008000 00*8 00*8 00000000 30000000 00*8",
                   "T02");
    IR_ASSERT_EQ(ir_ntlm_challenge_decode(hex(HEAD "02000000 02000200 28000000 01000000 00*8 4100"
                                                   "00*6 00000000 30000000 00*8"),
                                          &c, NULL),
                 IRPC_OK);
}

/* accepts: T01 T02: what may be left out, and what a token looks like from outside */
IR_TEST(messages_with_less_in_them_are_good)
{
    struct ir_ntlm_negotiate n;
    struct ir_ntlm_challenge c;
    struct ir_ntlm_authenticate a;

    IR_ASSERT(ir_ntlm_is_token(hex(V2_CHALLENGE)));
    IR_ASSERT(!ir_ntlm_is_token(hex("'NTLMSSX' 00")));
    IR_ASSERT(!ir_ntlm_is_token(hex("'NTLMSSP'")));
    IR_ASSERT_EQ(
        ir_ntlm_negotiate_decode(
            hex(HEAD "01000000 00200000 ffffffff ffffffff 02000200 28000000 00*8 'PC'"), &n, NULL),
        IRPC_OK);
    IR_ASSERT_EQ(n.domain.len, 0);
    assert_span(n.workstation, "'PC'");
    IR_ASSERT_EQ(
        ir_ntlm_challenge_decode(
            hex(HEAD "02000000 00000000 30000000 00008000 00*8 00*8 00000000 30000000"), &c, NULL),
        IRPC_OK);
    IR_ASSERT_EQ(c.target_info.len, 0);
    IR_ASSERT_EQ(
        ir_ntlm_authenticate_decode(hex(HEAD "03000000 " F F F F F F "00000000"), &a, NULL),
        IRPC_OK);
    IR_ASSERT_EQ(a.mic.len, 0);
    IR_ASSERT_EQ(a.session_key.len, 0);
    /* a name where the target information's field is: T02 */
    assert_refused(HEAD "02000000 02000200 20000000 01008000 00*8 00*8 00000000 30000000", "T02");
}

IR_TEST(av_pairs_are_found_among_few)
{
    struct ir_ntlm_v2_response r;
    struct ir_violation v = {"", ""};
    struct irpc_span value = {NULL, 0};
    char many[1024] = "";

    IR_ASSERT_EQ(ir_ntlm_av_flags(hex("01000200 4100 06000400 02000000 00000000")), 2);
    IR_ASSERT_EQ(ir_ntlm_av_flags(hex("06000200 0200 00000000")), 0);
    for (unsigned i = 0; i < 33; i++) {
        strcat(many, "63000000 ");
    }
    IR_ASSERT(!ir_ntlm_av_find(hex(many), IR_NTLM_AV_FLAGS, &value));
    IR_ASSERT_EQ(ir_ntlm_av_flags(hex(many)), 0);
    IR_ASSERT_EQ(ir_ntlm_v2_response_decode(hex("11*16 01020000 00*24 00000000"), &r, &v),
                 IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, "T05");
}

IR_TEST(fields_that_do_not_fit_are_not_written)
{
    static uint8_t big[70000];
    static uint8_t buf[200000];
    struct ir_ntlm_authenticate a = {.domain = {big, sizeof(big)}};
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    ir_ntlm_authenticate_encode(&o, &a);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
    o = ir_out_fixed(buf, sizeof(buf), false);
    a = (struct ir_ntlm_authenticate){.domain = {big, 65000}, .user = {big, 1000}};
    ir_ntlm_authenticate_encode(&o, &a);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT); /* what follows would begin beyond 65535 */
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_ntlm_av_encode(&o, IR_NTLM_AV_FLAGS, big, sizeof(big));
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_ntlm_av_encode(&o, IR_NTLM_AV_FLAGS, "\2\0\0", 4);
    IR_ASSERT_EQ(o.len, 8);
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_ntlm_authenticate_encode(&o, &(struct ir_ntlm_authenticate){.flags = 1});
    IR_ASSERT_EQ(o.err, IRPC_OK); /* without a MIC there is room for one */
    IR_ASSERT_EQ(o.len, IR_NTLM_AUTHENTICATE_LEN);
}
