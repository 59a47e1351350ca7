/*
 * What security costs: the library's client and server with NTLM, and OpenSSL alone on the same
 * bytes.
 *
 *     secure PORT plain|sign|seal CALLS SIZE   nanoseconds for all calls, one after another
 *     secure - sign|seal CALLS SIZE            for what OpenSSL has to do for them on both sides
 *
 * SIZE 0 is rpcecho's AddOne, else EchoData of so many bytes.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ironrpc/ironrpc.h>

#include "rpcecho.h"

#define FRAGMENT_DATA 5792u /* of 5840: head, trailer and signature are not data */
#define HEAD 24u
#define TRAILER 8u
#define CHECKSUM 8u

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "secure: %s\n", what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* --- the library --- */

static void set_security(struct irpc_binding *binding, enum irpc_auth_level level)
{
    static const struct irpc_auth_ntlm_client user = {.user = "bench", .password = "bench"};
    struct irpc_auth_provider *ntlm = NULL;
    char why[256] = "";

    if (irpc_auth_ntlm_client_new(&user, &ntlm, why, sizeof(why)) != IRPC_OK) {
        die(why);
    }
    if (irpc_binding_set_auth(binding, ntlm, level, NULL) != IRPC_OK) {
        die("this level cannot be had");
    }
    irpc_auth_provider_unref(ntlm);
}

static void call(struct irpc_binding *binding, uint32_t size, uint8_t *in, uint8_t *out)
{
    uint32_t result = 0;
    enum irpc_status st =
        size == 0 ? rpcecho_AddOne(binding, 41, &result) : rpcecho_EchoData(binding, size, in, out);

    if (st != IRPC_OK || (size == 0 ? result != 42 : out[size - 1] != in[size - 1])) {
        die(irpc_binding_error(binding));
    }
}

static uint64_t run_calls(const char *port, enum irpc_auth_level level, unsigned calls,
                          uint32_t size)
{
    struct irpc_binding *binding = NULL;
    uint8_t *in = malloc(size + 1u);
    uint8_t *out = calloc(1, size + 1u);
    char text[64];

    if (in == NULL || out == NULL) {
        die("memory");
    }
    memset(in, 0xa5, size + 1u);
    (void)snprintf(text, sizeof(text), "ncacn_ip_tcp:127.0.0.1[%s]", port);
    if (irpc_binding_new(text, NULL, &binding) != IRPC_OK) {
        die(text);
    }
    if (level != IRPC_AUTH_LEVEL_NONE) {
        set_security(binding, level);
    }
    call(binding, size, in, out);
    uint64_t begin = now_ns();
    for (unsigned i = 0; i < calls; i++) {
        call(binding, size, in, out);
    }
    uint64_t took = now_ns() - begin;
    irpc_binding_free(binding);
    free(in);
    free(out);
    return took;
}

/* --- OpenSSL --- */

static EVP_MAC_CTX *new_mac(void)
{
    static const uint8_t key[16] = "0123456789abcde";
    char md5[] = "MD5";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, md5, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);

    if (mac == NULL || EVP_MAC_init(mac, key, sizeof(key), params) != 1) {
        die("HMAC-MD5");
    }
    EVP_MAC_free(hmac);
    return mac;
}

static EVP_CIPHER_CTX *new_cipher(void)
{
    static const uint8_t key[16] = "0123456789abcde";
    EVP_CIPHER *rc4 = EVP_CIPHER_fetch(NULL, "RC4", NULL);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

    if (cipher == NULL || EVP_EncryptInit_ex2(cipher, rc4, key, NULL, NULL) != 1) {
        die("RC4");
    }
    EVP_CIPHER_free(rc4);
    return cipher;
}

/* One side's work for one fragment. */
static void protect(EVP_MAC_CTX *mac, EVP_CIPHER_CTX *cipher, bool seal, uint8_t *data, size_t len)
{
    static const uint8_t around[4 + HEAD + TRAILER];
    uint8_t sum[16];
    int n = 0;

    if (EVP_MAC_init(mac, NULL, 0, NULL) != 1 || EVP_MAC_update(mac, around, 4 + HEAD) != 1 ||
        EVP_MAC_update(mac, data, len) != 1 || EVP_MAC_update(mac, around, TRAILER) != 1 ||
        EVP_MAC_final(mac, sum, NULL, sizeof(sum)) != 1 ||
        (seal && EVP_EncryptUpdate(cipher, data, &n, data, (int)len) != 1) ||
        EVP_EncryptUpdate(cipher, sum, &n, sum, CHECKSUM) != 1) {
        die("OpenSSL");
    }
}

static uint64_t run_openssl(bool seal, unsigned calls, uint32_t size)
{
    static uint8_t data[FRAGMENT_DATA];
    EVP_MAC_CTX *mac = new_mac();
    EVP_CIPHER_CTX *cipher = new_cipher();
    size_t stub = size == 0 ? 16 : (size + 31u) & ~(size_t)15u;
    uint64_t begin = now_ns();

    for (unsigned i = 0; i < calls; i++) {
        for (unsigned side = 0; side < 4; side++) { /* request and reply, both ends of each */
            for (size_t left = stub; left > 0;) {
                size_t len = left < FRAGMENT_DATA ? left : FRAGMENT_DATA;
                protect(mac, cipher, seal, data, len);
                left -= len;
            }
        }
    }
    uint64_t took = now_ns() - begin;
    EVP_MAC_CTX_free(mac);
    EVP_CIPHER_CTX_free(cipher);
    return took;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: secure PORT|- plain|sign|seal CALLS SIZE\n");
        return 2;
    }
    bool seal = strcmp(argv[2], "seal") == 0;
    unsigned calls = (unsigned)atoi(argv[3]);
    uint32_t size = (uint32_t)atoi(argv[4]);
    enum irpc_auth_level level = seal                           ? IRPC_AUTH_LEVEL_PRIVACY
                                 : strcmp(argv[2], "sign") == 0 ? IRPC_AUTH_LEVEL_INTEGRITY
                                                                : IRPC_AUTH_LEVEL_NONE;
    uint64_t took = 0;
    if (strcmp(argv[1], "-") == 0) {
        if (OSSL_PROVIDER_load(NULL, "default") == NULL ||
            OSSL_PROVIDER_load(NULL, "legacy") == NULL) {
            die("OpenSSL's legacy provider is missing");
        }
        took = run_openssl(seal, calls, size);
    } else {
        took = run_calls(argv[1], level, calls, size);
    }
    printf("%llu\n", (unsigned long long)took);
    return 0;
}
