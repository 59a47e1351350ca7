/*
 * NTLMv2's arithmetic over OpenSSL. [MS-NLMP] 3.3.2, 3.4.3 to 3.4.5.
 *
 * MD4 and RC4 live in OpenSSL's legacy provider. It and the default provider are loaded once, into
 * a library context of our own, so that neither the program's OpenSSL configuration nor its default
 * context changes, and nothing is opened later, inside a sandbox. The context lives as long as the
 * process. Keys are wiped by whoever holds them; contexts of OpenSSL wipe their own.
 *
 * A session is two independent halves. RC4 and the sequence number of a half run on from message to
 * message, so a repeated, lost or reordered message fails its verification.
 */
#include "auth/ntlm_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <pthread.h>

#define CHECKSUM_LEN 8u

static struct {
    pthread_once_t once;
    OSSL_LIB_CTX *lib;
    EVP_MD *md4;
    EVP_MD *md5;
    EVP_MAC *hmac;
    EVP_CIPHER *rc4;
    const char *why; /* what is missing, NULL if nothing */
} crypto = {.once = PTHREAD_ONCE_INIT};

static void load(void)
{
    crypto.why = "OpenSSL cannot be initialised";
    crypto.lib = OSSL_LIB_CTX_new();
    if (crypto.lib == NULL || OSSL_PROVIDER_load(crypto.lib, "default") == NULL) {
        return;
    }
    if (OSSL_PROVIDER_load(crypto.lib, "legacy") == NULL) {
        crypto.why = "OpenSSL's legacy provider (ossl-modules/legacy.so) is not installed: "
                     "NTLM needs its MD4 and RC4";
        return;
    }
    crypto.md4 = EVP_MD_fetch(crypto.lib, "MD4", NULL);
    crypto.md5 = EVP_MD_fetch(crypto.lib, "MD5", NULL);
    crypto.hmac = EVP_MAC_fetch(crypto.lib, "HMAC", NULL);
    crypto.rc4 = EVP_CIPHER_fetch(crypto.lib, "RC4", NULL);
    if (crypto.md4 == NULL || crypto.md5 == NULL || crypto.hmac == NULL || crypto.rc4 == NULL) {
        crypto.why = "OpenSSL lacks MD4, MD5, HMAC or RC4, which NTLM needs";
        return;
    }
    crypto.why = NULL;
}

enum irpc_status ir_ntlm_crypto_load(const char **ret_why)
{
    pthread_once(&crypto.once, load);
    if (crypto.why != NULL) {
        *ret_why = crypto.why;
        return IRPC_INVALID_STATE;
    }
    return IRPC_OK;
}

/* --- hashes --- */

static bool digest(const EVP_MD *md, const struct irpc_span *parts, size_t n_parts,
                   uint8_t ret_hash[IR_NTLM_HASH_LEN])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex2(ctx, md, NULL) == 1;

    for (size_t i = 0; i < n_parts && good; i++) {
        good = EVP_DigestUpdate(ctx, parts[i].p, parts[i].len) == 1;
    }
    good = good && EVP_DigestFinal_ex(ctx, ret_hash, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

bool ir_ntlm_nt_hash(struct irpc_span password, uint8_t ret_hash[IR_NTLM_HASH_LEN])
{
    return digest(crypto.md4, &password, 1, ret_hash);
}

bool ir_ntlm_md5(const struct irpc_span *parts, size_t n_parts, uint8_t ret_hash[IR_NTLM_HASH_LEN])
{
    return digest(crypto.md5, parts, n_parts, ret_hash);
}

static EVP_MAC_CTX *new_mac(const uint8_t key[IR_NTLM_HASH_LEN])
{
    char md5[] = "MD5";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, md5, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(crypto.hmac);

    if (ctx == NULL || EVP_MAC_init(ctx, key, IR_NTLM_HASH_LEN, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

bool ir_ntlm_hmac(const uint8_t key[IR_NTLM_HASH_LEN], const struct irpc_span *parts,
                  size_t n_parts, uint8_t ret_mac[IR_NTLM_HASH_LEN])
{
    EVP_MAC_CTX *ctx = new_mac(key);
    bool good = ctx != NULL;

    for (size_t i = 0; i < n_parts && good; i++) {
        good = EVP_MAC_update(ctx, parts[i].p, parts[i].len) == 1;
    }
    good = good && EVP_MAC_final(ctx, ret_mac, NULL, IR_NTLM_HASH_LEN) == 1;
    EVP_MAC_CTX_free(ctx);
    return good;
}

bool ir_ntlm_owf_v2(const uint8_t nt_hash[IR_NTLM_HASH_LEN], struct irpc_span user,
                    struct irpc_span domain, uint8_t ret_key[IR_NTLM_HASH_LEN])
{
    struct irpc_span parts[] = {user, domain};

    return ir_ntlm_hmac(nt_hash, parts, 2, ret_key);
}

static EVP_CIPHER_CTX *new_cipher(const uint8_t key[IR_NTLM_HASH_LEN])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (ctx == NULL || EVP_EncryptInit_ex2(ctx, crypto.rc4, key, NULL, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static bool run_cipher(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out, size_t len)
{
    int n = 0;

    return len == 0 || EVP_EncryptUpdate(ctx, out, &n, in, (int)len) == 1;
}

bool ir_ntlm_rc4(const uint8_t key[IR_NTLM_HASH_LEN], const uint8_t in[IR_NTLM_HASH_LEN],
                 uint8_t out[IR_NTLM_HASH_LEN])
{
    EVP_CIPHER_CTX *ctx = new_cipher(key);
    bool good = ctx != NULL && run_cipher(ctx, in, out, IR_NTLM_HASH_LEN);

    EVP_CIPHER_CTX_free(ctx);
    return good;
}

bool ir_ntlm_random(void *bytes, size_t len)
{
    return RAND_bytes_ex(crypto.lib, (unsigned char *)bytes, len, 0) == 1;
}

/* check: A21 */
bool ir_ntlm_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void ir_ntlm_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}

/* --- a session --- */

/* SIGNKEY and SEALKEY, [MS-NLMP] 3.4.5.2 and 3.4.5.3: the NUL behind the text counts. */
#define MAGIC(way, what) "session key to " way " " what " key magic constant"

struct magic {
    const char *text;
    size_t len;
};

#define MAGIC_ROW(way, what)                       \
    {                                              \
        MAGIC(way, what), sizeof(MAGIC(way, what)) \
    }

static const struct magic sign_magic[2] = {MAGIC_ROW("server-to-client", "signing"),
                                           MAGIC_ROW("client-to-server", "signing")};
static const struct magic seal_magic[2] = {MAGIC_ROW("server-to-client", "sealing"),
                                           MAGIC_ROW("client-to-server", "sealing")};

static bool derive(const uint8_t key[IR_NTLM_HASH_LEN], const struct magic *magic,
                   uint8_t ret_key[IR_NTLM_HASH_LEN])
{
    struct irpc_span parts[] = {{key, IR_NTLM_HASH_LEN},
                                {(const uint8_t *)magic->text, magic->len}};

    return ir_ntlm_md5(parts, 2, ret_key);
}

static bool init_half(struct ir_ntlm_half *h, const uint8_t key[IR_NTLM_HASH_LEN], bool from_client)
{
    if (!derive(key, &sign_magic[from_client], h->sign_key) ||
        !derive(key, &seal_magic[from_client], h->seal_key)) {
        return false;
    }
    h->mac = new_mac(h->sign_key);
    h->cipher = new_cipher(h->seal_key);
    return h->mac != NULL && h->cipher != NULL;
}

static void deinit_half(struct ir_ntlm_half *h)
{
    EVP_MAC_CTX_free((EVP_MAC_CTX *)h->mac);
    EVP_CIPHER_CTX_free((EVP_CIPHER_CTX *)h->cipher);
    OPENSSL_cleanse(h, sizeof(*h));
}

enum irpc_status ir_ntlm_session_init(struct ir_ntlm_session *s,
                                      const uint8_t key[IR_NTLM_HASH_LEN], bool is_client,
                                      bool key_exchange)
{
    memset(s, 0, sizeof(*s));
    s->key_exchange = key_exchange;
    if (!init_half(&s->send, key, is_client) || !init_half(&s->recv, key, !is_client)) {
        ir_ntlm_session_deinit(s);
        return IRPC_NO_MEMORY;
    }
    return IRPC_OK;
}

void ir_ntlm_session_deinit(struct ir_ntlm_session *s)
{
    deinit_half(&s->send);
    deinit_half(&s->recv);
}

enum irpc_status ir_ntlm_session_rewind(struct ir_ntlm_session *s)
{
    struct ir_ntlm_half *halves[] = {&s->send, &s->recv};

    for (unsigned i = 0; i < 2; i++) {
        EVP_CIPHER_CTX *ctx = (EVP_CIPHER_CTX *)halves[i]->cipher;
        if (EVP_EncryptInit_ex2(ctx, crypto.rc4, halves[i]->seal_key, NULL, NULL) != 1) {
            return IRPC_NO_MEMORY;
        }
    }
    return IRPC_OK;
}

/* HMAC of sequence number and pieces; its first 8 bytes are the checksum. [MS-NLMP] 3.4.4.2 */
static bool checksum(struct ir_ntlm_half *h, const struct ir_ntlm_piece *pieces, size_t n_pieces,
                     uint8_t ret_mac[IR_NTLM_HASH_LEN])
{
    EVP_MAC_CTX *ctx = (EVP_MAC_CTX *)h->mac;
    uint8_t seq[4];

    ir_put_u32(seq, h->seq, false);
    bool good = EVP_MAC_init(ctx, NULL, 0, NULL) == 1 && EVP_MAC_update(ctx, seq, 4) == 1;
    for (size_t i = 0; i < n_pieces && good; i++) {
        good = EVP_MAC_update(ctx, pieces[i].p, pieces[i].len) == 1;
    }
    return good && EVP_MAC_final(ctx, ret_mac, NULL, IR_NTLM_HASH_LEN) == 1;
}

static bool encipher(struct ir_ntlm_half *h, const struct ir_ntlm_piece *pieces, size_t n_pieces)
{
    bool good = true;

    for (size_t i = 0; i < n_pieces && good; i++) {
        if (pieces[i].seal) {
            good = run_cipher((EVP_CIPHER_CTX *)h->cipher, pieces[i].p, pieces[i].p, pieces[i].len);
        }
    }
    return good;
}

/* NTLMSSP_MESSAGE_SIGNATURE with extended session security, [MS-NLMP] 2.2.2.9.2. The checksum is
 * enciphered last: RC4 has passed over the sealed pieces by then. */
static bool make_signature(struct ir_ntlm_session *s, struct ir_ntlm_half *h, uint8_t *mac,
                           uint8_t signature[IR_NTLM_HASH_LEN])
{
    if (s->key_exchange && !run_cipher((EVP_CIPHER_CTX *)h->cipher, mac, mac, CHECKSUM_LEN)) {
        return false;
    }
    ir_put_u32(signature, 1, false);
    memcpy(signature + 4, mac, CHECKSUM_LEN);
    ir_put_u32(signature + 12, h->seq, false);
    h->seq++;
    return true;
}

enum irpc_status ir_ntlm_protect(struct ir_ntlm_session *s, const struct ir_ntlm_piece *pieces,
                                 size_t n_pieces, uint8_t ret_signature[IR_NTLM_HASH_LEN])
{
    uint8_t mac[IR_NTLM_HASH_LEN];

    if (!checksum(&s->send, pieces, n_pieces, mac) || !encipher(&s->send, pieces, n_pieces) ||
        !make_signature(s, &s->send, mac, ret_signature)) {
        return IRPC_NO_MEMORY;
    }
    return IRPC_OK;
}

enum irpc_status ir_ntlm_unprotect(struct ir_ntlm_session *s, const struct ir_ntlm_piece *pieces,
                                   size_t n_pieces, const uint8_t signature[IR_NTLM_HASH_LEN])
{
    uint8_t mac[IR_NTLM_HASH_LEN];
    uint8_t want[IR_NTLM_HASH_LEN];

    if (!encipher(&s->recv, pieces, n_pieces) || !checksum(&s->recv, pieces, n_pieces, mac) ||
        !make_signature(s, &s->recv, mac, want)) {
        return IRPC_NO_MEMORY;
    }
    return ir_ntlm_equal(want, signature, sizeof(want)) ? IRPC_OK : IRPC_SEC_PKG_ERROR;
}
