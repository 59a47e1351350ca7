/* SPNEGO tokens: as Windows 10 and Samba send them, round trips, damage, tolerance. */
#include "auth/spnego_msg.h"

#include <stdio.h>
#include <stdlib.h>

#include "ir_test.h"

#define SPNEGO "06 06 2b0601050502 "
#define NTLM_OID "06 0a 2b06010401823702020a "
#define NTLM_TOKEN                                                \
    "'NTLMSSP' 00 01000000 978208e2 0000000000000000 00000000000" \
    "00000 0a005a290000000f"
/* A Windows 10 client's first token; a server's offer with hints; the end, with a mechListMIC. */
#define WINDOWS_INIT "60 48 " SPNEGO "a0 3e 30 3c a0 0e 30 0c " NTLM_OID "a2 2a 04 28 " NTLM_TOKEN
#define SERVER_INIT2                                                    \
    "60 6a " SPNEGO "a0 60 30 5e a0 30 30 2e 06 09 2a864882f712010202 " \
    "06 09 2a864886f712010202 06 0a 2a864886f71201020203 " NTLM_OID     \
    "a3 2a 30 28 a0 26 1b 24 'not_defined_in_RFC4178@please_ignore'"
#define LAST_RESP "a1 1b 30 19 a0 03 0a 01 00 a3 12 04 10 01000000 489a759de64b3d66 00000000"

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

IR_TEST(first_token_of_windows)
{
    struct ir_spnego_init m;
    struct ir_violation v = {"", ""};
    uint8_t buf[256];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    IR_ASSERT_EQ(ir_spnego_init_decode(hex(WINDOWS_INIT), &m, &v), IRPC_OK);
    IR_ASSERT_EQ(m.n_mechs, 1);
    IR_ASSERT_EQ(ir_spnego_mech_of(m.mechs[0]), IR_SPNEGO_NTLM);
    assert_span(m.mech_token, NTLM_TOKEN);
    assert_span(m.mech_list, "30 0c " NTLM_OID);
    IR_ASSERT(m.mic.p == NULL);
    ir_spnego_init_encode(&o, &m);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    assert_span((struct irpc_span){buf, o.len}, WINDOWS_INIT);
    ir_out_reset(&o);
    ir_spnego_mech_list_encode(&o, &m);
    assert_span((struct irpc_span){buf, o.len}, "30 0c " NTLM_OID);
}

/* accepts: T09 */
IR_TEST(offer_with_hints_and_no_token)
{
    struct ir_spnego_init m;

    IR_ASSERT_EQ(ir_spnego_init_decode(hex(SERVER_INIT2), &m, NULL), IRPC_OK);
    IR_ASSERT_EQ(m.n_mechs, 4);
    IR_ASSERT_EQ(ir_spnego_mech_of(m.mechs[0]), IR_SPNEGO_MS_KERBEROS);
    IR_ASSERT_EQ(ir_spnego_mech_of(m.mechs[1]), IR_SPNEGO_KERBEROS);
    IR_ASSERT_EQ(ir_spnego_mech_of(m.mechs[2]), IR_SPNEGO_OTHER);
    IR_ASSERT_EQ(ir_spnego_mech_of(m.mechs[3]), IR_SPNEGO_NTLM);
    IR_ASSERT(m.mech_token.p == NULL && m.mic.p == NULL);
}

IR_TEST(last_token_has_a_mic)
{
    struct ir_spnego_resp m;
    uint8_t buf[64];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);

    IR_ASSERT_EQ(ir_spnego_resp_decode(hex(LAST_RESP), &m, NULL), IRPC_OK);
    IR_ASSERT_EQ(m.state, IR_SPNEGO_ACCEPT_COMPLETED);
    assert_span(m.mic, "01000000 489a759de64b3d66 00000000");
    IR_ASSERT(m.mech.p == NULL && m.mech_token.p == NULL);
    ir_spnego_resp_encode(&o, &m);
    assert_span((struct irpc_span){buf, o.len}, LAST_RESP);
}

/* accepts: T09 */
IR_TEST(an_empty_token_is_not_an_absent_one)
{
    struct ir_spnego_resp m;

    IR_ASSERT_EQ(ir_spnego_resp_decode(hex("a1 06 30 04 a2 02 04 00"), &m, NULL), IRPC_OK);
    IR_ASSERT(m.mech_token.p != NULL);
    IR_ASSERT_EQ(m.mech_token.len, 0);
    IR_ASSERT_EQ(m.state, IR_SPNEGO_NO_STATE);
    IR_ASSERT_EQ(ir_spnego_resp_decode(hex("a1 02 30 00"), &m, NULL), IRPC_OK);
    IR_ASSERT(m.mech_token.p == NULL);
}

/* Every border of the length's forms. accepts: T08 */
IR_TEST(tokens_of_all_lengths_round_trip)
{
    static const size_t lengths[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1234, 65000};
    uint8_t *token = calloc(1, 65536);
    uint8_t *buf = calloc(1, 65536);

    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct ir_spnego_init m = {.mechs = {ir_spnego_mech_oid(IR_SPNEGO_KERBEROS)},
                                   .n_mechs = 1,
                                   .mech_token = {token, lengths[i]}};
        struct ir_spnego_init again;
        struct ir_out o = ir_out_fixed(buf, 65536, false);
        ir_spnego_init_encode(&o, &m);
        IR_ASSERT_EQ(o.err, IRPC_OK);
        IR_ASSERT_EQ(ir_spnego_init_decode((struct irpc_span){buf, o.len}, &again, NULL), IRPC_OK);
        IR_ASSERT_EQ(again.mech_token.len, lengths[i]);
    }
    struct ir_spnego_resp r = {.state = IR_SPNEGO_REJECT, .mech_token = {token, 65535}};
    struct ir_out o = ir_out_fixed(buf, 65536, false);
    ir_spnego_resp_encode(&o, &r);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
    free(token);
    free(buf);
}

IR_TEST(fields_of_the_future_are_skipped)
{
    struct ir_spnego_resp m;

    IR_ASSERT_EQ(ir_spnego_resp_decode(hex("a1 0a 30 08 a0 03 0a 01 01 a5 01 ff"), &m, NULL),
                 IRPC_OK);
    IR_ASSERT_EQ(m.state, IR_SPNEGO_ACCEPT_INCOMPLETE);
}

static void assert_init_refused(const char *text, const char *check)
{
    struct ir_spnego_init m;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_spnego_init_decode(hex(text), &m, &v), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, check);
}

static void assert_resp_refused(const char *text)
{
    struct ir_spnego_resp m;
    struct ir_violation v = {"", ""};

    IR_ASSERT_EQ(ir_spnego_resp_decode(hex(text), &m, &v), IRPC_SEC_PKG_ERROR);
    IR_ASSERT_STR(v.check, "T08");
}

/* check: T08 */
IR_TEST(broken_der_is_refused)
{
    assert_resp_refused("");
    assert_resp_refused("a1 02 30 00 00");                      /* behind the token */
    assert_resp_refused("a1 03 30 00 00");                      /* behind the sequence */
    assert_resp_refused("a1 04 30 02 a2 00");                   /* a field of nothing */
    assert_resp_refused("a1 07 30 05 a2 03 04 00 00");          /* behind the string */
    assert_resp_refused("a1 81 02 30 00");                      /* length not minimal */
    assert_resp_refused("a1 82 00 02 30 00");                   /* likewise */
    assert_resp_refused("a1 83 00 00 02 30 00");                /* of three bytes */
    assert_resp_refused("a1 80 30 00 00 00");                   /* indefinite */
    assert_resp_refused("a1 03 30 00");                         /* beyond the token */
    assert_resp_refused("a1 02 30 01");                         /* beyond its parent */
    assert_resp_refused("a1 84 ff ff ff ff 30 00");             /* far beyond */
    assert_resp_refused("a1 07 30 05 a0 03 0a 01 04");          /* no such state */
    assert_resp_refused("a1 08 30 06 a0 04 0a 02 00 00");       /* state of two bytes */
    assert_resp_refused("a1 0a 30 08 a2 02 04 00 a2 02 04 00"); /* a field twice */
    assert_resp_refused("a1 0a 30 08 a3 02 04 00 a2 02 04 00"); /* out of order */
    assert_resp_refused("a1 05 30 03 bf 01 00");                /* a long tag */
    assert_init_refused("60 0a 06 06 2b0601050503 a0 00", "T08");
    assert_init_refused("60 0a " SPNEGO "a0 00", "T08");
    assert_init_refused("60 0d " SPNEGO "a0 02 30 00 00", "T08");
    assert_init_refused(LAST_RESP, "T08");
    /* all right within, and of another mechanism */
    assert_init_refused("60 48 06 06 2b0601050503 a0 3e 30 3c a0 0e 30 0c " NTLM_OID
                        "a2 2a 04 28 " NTLM_TOKEN,
                        "T08");
    /* both a mechListMIC at [3] and one at [4] */
    assert_init_refused(
        "60 26 " SPNEGO "a0 1c 30 1a a0 0e 30 0c " NTLM_OID "a3 03 04 01 aa a4 03 04 01 bb", "T08");
}

/* check: T10 */
IR_TEST(mechanisms_are_counted_and_bounded)
{
    struct ir_spnego_init m;
    char text[400];
    char oids[300] = "";

    assert_init_refused("60 0c " SPNEGO "a0 02 30 00", "T10");
    assert_init_refused("60 10 " SPNEGO "a0 06 30 04 a0 02 30 00", "T08");
    assert_init_refused("60 12 " SPNEGO "a0 08 30 06 a0 04 30 02 06 00", "T08");
    assert_init_refused("60 13 " SPNEGO "a0 09 30 07 a0 05 30 03 06 01 80", "T08");
    for (unsigned n = 1; n <= IR_SPNEGO_MECHS_MAX + 1; n++) {
        strcat(oids, "06 01 2a ");
        snprintf(text, sizeof(text), "60 %02x " SPNEGO "a0 %02x 30 %02x a0 %02x 30 %02x %s",
                 8 + 8 + 3 * n, 6 + 3 * n, 4 + 3 * n, 2 + 3 * n, 3 * n, oids);
        IR_ASSERT_EQ(ir_spnego_init_decode(hex(text), &m, NULL),
                     n <= IR_SPNEGO_MECHS_MAX ? IRPC_OK : IRPC_SEC_PKG_ERROR);
    }
    struct ir_spnego_init none = {.n_mechs = 0};
    uint8_t buf[64];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    ir_spnego_init_encode(&o, &none);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
}

IR_TEST(object_identifiers_have_at_most_32_bytes)
{
    struct irpc_span mech;
    struct irpc_span inner;

    IR_ASSERT_EQ(ir_gss_token_decode(hex("60 24 06 20 01*32 aabb"), &mech, &inner, NULL), IRPC_OK);
    IR_ASSERT_EQ(mech.len, 32);
    assert_span(inner, "aabb");
    IR_ASSERT_EQ(ir_gss_token_decode(hex("60 25 06 21 01*33 aabb"), &mech, &inner, NULL),
                 IRPC_SEC_PKG_ERROR);
    IR_ASSERT_EQ(ir_gss_token_decode(hex("60 24 06 20 01*32 aabb cc"), &mech, &inner, NULL),
                 IRPC_SEC_PKG_ERROR);
}

/* No token's beginning is a token. check: T08 */
IR_TEST(shortened_tokens_are_refused)
{
    struct irpc_span all[] = {hex(WINDOWS_INIT), hex(SERVER_INIT2), hex(LAST_RESP)};

    for (unsigned i = 0; i < 3; i++) {
        for (size_t n = 0; n < all[i].len; n++) {
            struct ir_spnego_init m;
            struct ir_spnego_resp r;
            struct irpc_span cut = {all[i].p, n};
            IR_ASSERT_EQ(ir_spnego_init_decode(cut, &m, NULL), IRPC_SEC_PKG_ERROR);
            IR_ASSERT_EQ(ir_spnego_resp_decode(cut, &r, NULL), IRPC_SEC_PKG_ERROR);
        }
    }
}

/* accepts: T08: flags that nobody looks at, fields of the future, and the MIC's newer place */
IR_TEST(fields_that_mean_nothing_here_are_passed_over)
{
    struct ir_spnego_init m;
    struct ir_spnego_resp r;

    IR_ASSERT_EQ(
        ir_spnego_init_decode(hex("60 26 06 06 2b0601050502 a0 1c 30 1a a0 0e 30 0c " NTLM_OID
                                  "a1 04 03 02 01 06 a5 02 04 00"),
                              &m, NULL),
        IRPC_OK);
    IR_ASSERT_EQ(m.n_mechs, 1);
    IR_ASSERT_EQ(
        ir_spnego_init_decode(
            hex("60 21 06 06 2b0601050502 a0 17 30 15 a0 0e 30 0c " NTLM_OID "a4 03 04 01 77"), &m,
            NULL),
        IRPC_OK);
    assert_span(m.mic, "77");
    IR_ASSERT_EQ(ir_spnego_resp_decode(hex("a1 06 30 04 a5 02 04 00"), &r, NULL), IRPC_OK);
    IR_ASSERT_EQ(ir_spnego_resp_decode(hex("a1 12 30 10 a1 0c " NTLM_OID "a5 00"), &r, NULL),
                 IRPC_OK);
    IR_ASSERT_EQ(ir_spnego_mech_of(r.mech), IR_SPNEGO_NTLM);
    /* both places, an element that is no field, and one that is longer than what is there: T08 */
    assert_init_refused("60 26 06 06 2b0601050502 a0 1c 30 1a a0 0e 30 0c " NTLM_OID
                        "a3 03 04 01 77 a4 03 04 01 77",
                        "T08");
    assert_resp_refused("a1 04 30 02 04 00");
    assert_resp_refused("a1 04 30 02 a2 7f");
}

IR_TEST(mechanisms_beyond_the_list)
{
    static uint8_t buf[1024];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    struct ir_spnego_init m = {.n_mechs = IR_SPNEGO_MECHS_MAX + 1};
    struct irpc_span ntlm = ir_spnego_mech_oid(IR_SPNEGO_NTLM);
    struct ir_spnego_resp r = {.state = IR_SPNEGO_ACCEPT_INCOMPLETE};

    for (unsigned i = 0; i < IR_SPNEGO_MECHS_MAX; i++) {
        m.mechs[i] = ntlm;
    }
    ir_spnego_init_encode(&o, &m);
    IR_ASSERT_EQ(o.err, IRPC_LIMIT);
    IR_ASSERT_EQ(ir_spnego_mech_oid(IR_SPNEGO__COUNT).len, 0);
    /* an identifier that only begins as a known one does */
    IR_ASSERT_EQ(ir_spnego_mech_of(hex("2b06010401823702020a 01")), IR_SPNEGO_OTHER);
    o = ir_out_fixed(buf, sizeof(buf), false);
    r.mech = ntlm;
    ir_spnego_resp_encode(&o, &r);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    r.state = IR_SPNEGO_NO_STATE;
    o = ir_out_fixed(buf, sizeof(buf), false);
    ir_spnego_resp_encode(&o, &r);
    IR_ASSERT_EQ(o.err, IRPC_OK);
}
