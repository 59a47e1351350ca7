/* NTLMv2's arithmetic: the example of [MS-NLMP] 4.2, both directions, and damage. */
#include "auth/ntlm_crypto.h"

#include <stdlib.h>

#include "ir_test.h"
#include "ntlm_vectors.h"

static struct irpc_span hex(const char *text)
{
    struct ir_bytes b = IR_HEX(text);

    return (struct irpc_span){b.p, b.n};
}

static void load(void)
{
    const char *why = NULL;

    if (ir_ntlm_crypto_load(&why) != IRPC_OK) {
        IR_FAIL("%s", why);
    }
}

static void assert_hex(const uint8_t got[16], const char *want)
{
    struct ir_bytes b = IR_HEX(want);

    IR_ASSERT_MEM(got, 16, b.p, b.n);
}

/* [MS-NLMP] 4.2.2.1.2, 4.2.4.1.1, 4.2.4.1.2, 4.2.4.2.1, 4.2.4.2.2, 4.2.4.2.3 */
IR_TEST(ntlmv2_computes_the_example)
{
    uint8_t hash[16];
    uint8_t owf[16];
    uint8_t out[16];
    uint8_t key[16];

    load();
    IR_ASSERT(ir_ntlm_nt_hash(hex(V2_PASSWORD), hash));
    assert_hex(hash, "a4f49c406510bdcab6824ee7c30fd852");
    IR_ASSERT(ir_ntlm_owf_v2(hash, hex(V2_USER_UPPER), hex(V2_DOMAIN), owf));
    assert_hex(owf, V2_OWF);
    struct irpc_span parts[] = {hex("0123456789abcdef"), hex(V2_TEMP)};
    IR_ASSERT(ir_ntlm_hmac(owf, parts, 2, out));
    assert_hex(out, V2_PROOF);
    parts[1] = hex("aaaaaaaaaaaaaaaa");
    IR_ASSERT(ir_ntlm_hmac(owf, parts, 2, key));
    assert_hex(key, "86c35097ac9cec102554764a57cccc19");
    parts[0] = (struct irpc_span){out, 16};
    IR_ASSERT(ir_ntlm_hmac(owf, parts, 1, key));
    assert_hex(key, V2_BASE_KEY);
    IR_ASSERT(ir_ntlm_rc4(key, hex("55*16").p, out));
    assert_hex(out, V2_SESSION_KEY);
}

/* [MS-NLMP] 4.2.4.4: the client's first message. */
IR_TEST(ntlm_seals_the_example)
{
    struct ir_ntlm_session s;
    uint8_t data[18];
    uint8_t signature[16];
    struct ir_ntlm_piece piece = {data, sizeof(data), true};

    load();
    memcpy(data, hex(V2_PLAINTEXT).p, sizeof(data));
    IR_ASSERT_EQ(ir_ntlm_session_init(&s, hex("55*16").p, true, true), IRPC_OK);
    assert_hex(s.send.sign_key, "4788dc861b4782f35d43fd98fe1a2d39");
    assert_hex(s.send.seal_key, "59f600973cc4960a25480a7c196e4c58");
    IR_ASSERT_EQ(ir_ntlm_protect(&s, &piece, 1, signature), IRPC_OK);
    IR_ASSERT_MEM(data, sizeof(data), hex("54e50165bf1936dc996020c1811b0f06fb5f").p, 18);
    assert_hex(signature, "01000000 7fb38ec5c55d4976 00000000");
    ir_ntlm_session_deinit(&s);
}

/* [MS-NLMP] 4.2.3.4: without key exchange the checksum stays as it is. The sealing key there has 56
 * bits, which we do not do, but signing does not depend on it. */
IR_TEST(ntlm_signs_the_example_without_key_exchange)
{
    struct ir_ntlm_session s;
    uint8_t data[18];
    uint8_t signature[16];
    struct ir_ntlm_piece piece = {data, sizeof(data), false};

    load();
    memcpy(data, hex(V2_PLAINTEXT).p, sizeof(data));
    IR_ASSERT_EQ(ir_ntlm_session_init(&s, hex("eb93429a8bd952f8b89c55b87f475edc").p, true, false),
                 IRPC_OK);
    assert_hex(s.send.sign_key, "60e799be5c72fc92922ae8ebe961fb8d");
    IR_ASSERT_EQ(ir_ntlm_protect(&s, &piece, 1, signature), IRPC_OK);
    assert_hex(signature, "01000000 ff2aeb52f681793a 00000000");
    IR_ASSERT_MEM(data, sizeof(data), hex(V2_PLAINTEXT).p, 18);
    ir_ntlm_session_deinit(&s);
}

struct talk {
    struct ir_ntlm_session client;
    struct ir_ntlm_session server;
    uint8_t bytes[64];
    uint8_t signature[16];
    struct ir_ntlm_piece pieces[3];
};

static void begin(struct talk *t)
{
    static const uint8_t key[16] = {1, 2, 3};

    load();
    memset(t, 0, sizeof(*t));
    IR_ASSERT_EQ(ir_ntlm_session_init(&t->client, key, true, true), IRPC_OK);
    IR_ASSERT_EQ(ir_ntlm_session_init(&t->server, key, false, true), IRPC_OK);
    t->pieces[0] = (struct ir_ntlm_piece){t->bytes, 24, false};
    t->pieces[1] = (struct ir_ntlm_piece){t->bytes + 24, 32, true};
    t->pieces[2] = (struct ir_ntlm_piece){t->bytes + 56, 8, false};
}

static void end(struct talk *t)
{
    ir_ntlm_session_deinit(&t->client);
    ir_ntlm_session_deinit(&t->server);
}

static void fill(struct talk *t, unsigned seed)
{
    for (unsigned i = 0; i < sizeof(t->bytes); i++) {
        t->bytes[i] = (uint8_t)(i * 7 + seed);
    }
}

IR_TEST(ntlm_both_directions_run_on)
{
    struct talk t;

    begin(&t);
    for (unsigned i = 0; i < 20; i++) {
        struct ir_ntlm_session *from = i % 3 == 0 ? &t.server : &t.client;
        struct ir_ntlm_session *to = i % 3 == 0 ? &t.client : &t.server;
        uint8_t plain[64];
        fill(&t, i);
        memcpy(plain, t.bytes, sizeof(plain));
        IR_ASSERT_EQ(ir_ntlm_protect(from, t.pieces, 3, t.signature), IRPC_OK);
        IR_ASSERT_MEM(t.bytes, 24, plain, 24);
        IR_ASSERT(memcmp(t.bytes + 24, plain + 24, 32) != 0);
        IR_ASSERT_MEM(t.bytes + 56, 8, plain + 56, 8);
        IR_ASSERT_EQ(ir_ntlm_unprotect(to, t.pieces, 3, t.signature), IRPC_OK);
        IR_ASSERT_MEM(t.bytes, 64, plain, 64);
    }
    end(&t);
}

/* Every bit of message and signature counts. */
IR_TEST(ntlm_refuses_every_flipped_bit)
{
    for (unsigned bit = 0; bit < (64 + 16) * 8; bit++) {
        struct talk t;
        begin(&t);
        fill(&t, bit);
        IR_ASSERT_EQ(ir_ntlm_protect(&t.client, t.pieces, 3, t.signature), IRPC_OK);
        uint8_t *p = bit / 8 < 64 ? &t.bytes[bit / 8] : &t.signature[bit / 8 - 64];
        *p ^= (uint8_t)(1u << bit % 8);
        IR_ASSERT_EQ(ir_ntlm_unprotect(&t.server, t.pieces, 3, t.signature), IRPC_SEC_PKG_ERROR);
        end(&t);
    }
}

IR_TEST(ntlm_refuses_a_repeated_and_a_reflected_message)
{
    struct talk t;

    begin(&t);
    fill(&t, 1);
    IR_ASSERT_EQ(ir_ntlm_protect(&t.client, t.pieces, 3, t.signature), IRPC_OK);
    struct talk again = t; /* the bytes; sessions are not used from here */
    again.pieces[0].p = again.bytes;
    again.pieces[1].p = again.bytes + 24;
    again.pieces[2].p = again.bytes + 56;
    IR_ASSERT_EQ(ir_ntlm_unprotect(&t.client, t.pieces, 3, t.signature), IRPC_SEC_PKG_ERROR);
    memcpy(t.bytes, again.bytes, sizeof(t.bytes));
    IR_ASSERT_EQ(ir_ntlm_unprotect(&t.server, t.pieces, 3, t.signature), IRPC_OK);
    IR_ASSERT_EQ(ir_ntlm_unprotect(&t.server, again.pieces, 3, again.signature),
                 IRPC_SEC_PKG_ERROR);
    end(&t);
}

/* After a rewind the next message meets RC4 at its beginning, with the number that is its turn. */
IR_TEST(ntlm_rewinds_the_cipher_alone)
{
    struct talk t;
    uint8_t once[32];

    begin(&t);
    fill(&t, 1);
    t.pieces[1].len = 32;
    IR_ASSERT_EQ(ir_ntlm_protect(&t.client, t.pieces, 3, t.signature), IRPC_OK);
    memcpy(once, t.bytes + 24, 32);
    IR_ASSERT_EQ(ir_ntlm_unprotect(&t.server, t.pieces, 3, t.signature), IRPC_OK);
    IR_ASSERT_EQ(ir_ntlm_session_rewind(&t.client), IRPC_OK);
    IR_ASSERT_EQ(ir_ntlm_session_rewind(&t.server), IRPC_OK);
    fill(&t, 1);
    IR_ASSERT_EQ(ir_ntlm_protect(&t.client, t.pieces, 3, t.signature), IRPC_OK);
    IR_ASSERT_MEM(t.bytes + 24, 32, once, 32);
    IR_ASSERT_EQ(t.signature[12], 1);
    IR_ASSERT_EQ(ir_ntlm_unprotect(&t.server, t.pieces, 3, t.signature), IRPC_OK);
    end(&t);
}

IR_TEST(ntlm_says_what_is_missing)
{
    const char *why = NULL;

    setenv("OPENSSL_MODULES", "/nonexistent", 1);
    IR_ASSERT_EQ(ir_ntlm_crypto_load(&why), IRPC_INVALID_STATE);
    IR_ASSERT(strstr(why, "legacy provider") != NULL);
}
