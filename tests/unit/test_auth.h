/*
 * A security provider for tests: deterministic, no cryptography. A context takes `legs` tokens in
 * all, the client's first; sealing is an XOR, a signature is a keyed checksum with the sequence
 * number in it. What a test sets in the provider makes it fail where it is told to.
 *
 * With `pending`, a step is done when it is called again; the test calls waiter->ready().
 *
 * token: "TEST", index of the leg, then text. signature: sequence number (4), checksum (8), zeros.
 */
#pragma once

#include <stdatomic.h>
#include <string.h>

#include "auth/provider.h"
#include "base/alloc.h"

#define TEST_AUTH_TYPE 200u
#define TEST_AUTH_PRINCIPAL "TEST\\alice"

struct test_provider {
    struct irpc_auth_provider base;
    unsigned legs;     /* tokens until both are done, 1.. */
    unsigned fail_leg; /* its step() fails with `failure`; ~0u: none */
    enum irpc_status failure;
    enum irpc_status begin_failure;
    size_t signature;      /* bytes, >= 12 */
    size_t token;          /* bytes of a token, >= 5 */
    unsigned fail_protect; /* how many protect() succeed before one fails; ~0u: all */
    const char *principal;
    bool anonymous;
    bool no_mic;                 /* has_mic() says no */
    bool pending;                /* each step of an acceptor is, at first */
    struct ir_auth_wake *waiter; /* the last one that is to be woken */
    atomic_int n_contexts;       /* alive */
};

struct test_auth {
    struct ir_auth base;
    struct test_provider *provider;
    unsigned next; /* index of the next token, either side's */
    bool acceptor;
    bool seal;
    uint8_t level;
    uint8_t key; /* of both ends: tokens agree on none, a test of several contexts sets it */
    uint32_t sent;
    uint32_t received;
    struct ir_auth_wake *wake;
    uint8_t token[512]; /* of a step that is pending */
    size_t token_len;   /* 0: none is */
};

static inline uint64_t test_auth_mix(uint64_t h, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ p[i]) * 1099511628211u;
    }
    return h;
}

static inline enum irpc_status test_auth_begin(struct irpc_auth_provider *base,
                                               const struct ir_auth_begin *begin,
                                               struct ir_auth **ret_auth)
{
    struct test_provider *provider = (struct test_provider *)base;

    if (provider->begin_failure != IRPC_OK) {
        return provider->begin_failure;
    }
    struct test_auth *auth = ir_calloc(1, sizeof(*auth));
    if (auth == NULL) {
        return IRPC_NO_MEMORY;
    }
    auth->base.ops = base->ops;
    auth->provider = provider;
    auth->acceptor = begin->role == IR_AUTH_ACCEPT;
    auth->level = (uint8_t)begin->level;
    auth->seal = begin->level == IRPC_AUTH_LEVEL_PRIVACY;
    auth->wake = begin->wake;
    provider->n_contexts++;
    *ret_auth = &auth->base;
    return IRPC_OK;
}

static inline enum irpc_status test_auth_step(struct ir_auth *base, struct irpc_span token,
                                              struct ir_out *out, bool *ret_done)
{
    struct test_auth *auth = (struct test_auth *)base;
    struct test_provider *provider = auth->provider;

    if (provider->pending && auth->acceptor && auth->token_len == 0) {
        auth->token_len = token.len <= sizeof(auth->token) ? token.len : sizeof(auth->token);
        memcpy(auth->token, token.p, auth->token_len);
        provider->waiter = auth->wake;
        return IRPC_PENDING;
    }
    if (auth->token_len != 0) {
        if (token.len != 0) {
            return IRPC_SEC_PKG_ERROR; /* twice */
        }
        token = (struct irpc_span){auth->token, auth->token_len};
        auth->token_len = 0;
    }
    if (provider->fail_leg == auth->next) {
        return provider->failure;
    }
    if (auth->acceptor || auth->next > 0) {
        if (token.len < 5 || memcmp(token.p, "TEST", 4) != 0 || token.p[4] != auth->next) {
            return IRPC_SEC_PKG_ERROR;
        }
        auth->next++;
    }
    if (auth->next < provider->legs) {
        ir_out_bytes(out, "TEST", 4);
        ir_out_u8(out, (uint8_t)auth->next++);
        ir_out_zero(out, provider->token - 5);
    }
    *ret_done = auth->next >= provider->legs;
    return out->err;
}

static inline size_t test_auth_signature_size(const struct ir_auth *base)
{
    return ((const struct test_auth *)base)->provider->signature;
}

/* Sign the plain text, XOR, or the other way round; direction 1: from the client. */
static inline void test_auth_sign(const struct ir_auth_pdu *pdu, uint32_t seq, unsigned direction,
                                  size_t len, uint8_t *signature)
{
    uint64_t h = test_auth_mix(14695981039346656037u + direction, &seq, sizeof(seq));

    if (pdu->sign_header) {
        h = test_auth_mix(h, pdu->head.p, pdu->head.len);
    }
    h = test_auth_mix(h, pdu->data, pdu->data_len);
    if (pdu->sign_header) {
        h = test_auth_mix(h, pdu->trailer.p, pdu->trailer.len);
    }
    memset(signature, 0, len);
    ir_put_u32(signature, seq, false);
    ir_put_u64(signature + 4, h, false);
}

static inline void test_auth_xor(const struct ir_auth_pdu *pdu, uint32_t seq, unsigned direction)
{
    for (size_t i = 0; i < pdu->data_len; i++) {
        pdu->data[i] ^= (uint8_t)(0x5a + 7 * i + 31 * seq + 101 * direction);
    }
}

static inline enum irpc_status test_auth_protect(struct ir_auth *base,
                                                 const struct ir_auth_pdu *pdu, uint8_t *signature)
{
    struct test_auth *auth = (struct test_auth *)base;
    unsigned direction = (auth->acceptor ? 2 : 1) + 4u * auth->key;
    uint32_t seq = auth->sent++;

    if (seq >= auth->provider->fail_protect) {
        return IRPC_SEC_PKG_ERROR;
    }
    test_auth_sign(pdu, seq, direction, auth->provider->signature, signature);
    if (auth->seal) {
        test_auth_xor(pdu, seq, direction);
    }
    return IRPC_OK;
}

static inline enum irpc_status
test_auth_unprotect(struct ir_auth *base, const struct ir_auth_pdu *pdu, struct irpc_span signature)
{
    struct test_auth *auth = (struct test_auth *)base;
    unsigned direction = (auth->acceptor ? 1 : 2) + 4u * auth->key;
    uint32_t seq = auth->received++;
    uint8_t want[IR_AUTH_SIGNATURE_MAX];

    if (auth->seal) {
        test_auth_xor(pdu, seq, direction);
    }
    test_auth_sign(pdu, seq, direction, auth->provider->signature, want);
    return signature.len == auth->provider->signature &&
                   memcmp(want, signature.p, signature.len) == 0
               ? IRPC_OK
               : IRPC_SEC_PKG_ERROR;
}

static inline bool test_auth_has_mic(const struct ir_auth *base)
{
    return !((const struct test_auth *)base)->provider->no_mic;
}

static inline uint64_t test_auth_mic(const struct irpc_span message, unsigned direction)
{
    return test_auth_mix(~14695981039346656037u + direction, message.p, message.len);
}

static inline enum irpc_status test_auth_get_mic(struct ir_auth *base, struct irpc_span message,
                                                 struct ir_out *out)
{
    ir_out_u64(out, test_auth_mic(message, ((struct test_auth *)base)->acceptor ? 2 : 1));
    return out->err;
}

static inline enum irpc_status test_auth_verify_mic(struct ir_auth *base, struct irpc_span message,
                                                    struct irpc_span mic)
{
    uint8_t want[8];

    ir_put_u64(want, test_auth_mic(message, ((struct test_auth *)base)->acceptor ? 1 : 2), false);
    return mic.len == sizeof(want) && memcmp(want, mic.p, mic.len) == 0 ? IRPC_OK
                                                                        : IRPC_SEC_PKG_ERROR;
}

static inline void test_auth_identity(const struct ir_auth *base,
                                      struct irpc_auth_identity *ret_identity)
{
    const struct test_provider *provider = ((const struct test_auth *)base)->provider;

    *ret_identity = (struct irpc_auth_identity){
        .package = "test", .principal = provider->principal, .anonymous = provider->anonymous};
}

static inline struct irpc_span test_auth_session_key(const struct ir_auth *base)
{
    (void)base;
    return (struct irpc_span){NULL, 0};
}

static inline void test_auth_free(struct ir_auth *base)
{
    struct test_auth *auth = (struct test_auth *)base;

    auth->provider->n_contexts--;
    ir_free(auth);
}

static inline void test_auth_provider_free(struct irpc_auth_provider *provider)
{
    (void)provider; /* the test's own */
}

/* Three legs, 16 bytes of signature, nothing fails. */
static inline void test_provider_init(struct test_provider *provider)
{
    static const struct ir_auth_ops ops = {
        .name = "test",
        .begin = test_auth_begin,
        .step = test_auth_step,
        .signature_size = test_auth_signature_size,
        .protect = test_auth_protect,
        .unprotect = test_auth_unprotect,
        .has_mic = test_auth_has_mic,
        .get_mic = test_auth_get_mic,
        .verify_mic = test_auth_verify_mic,
        .identity = test_auth_identity,
        .session_key = test_auth_session_key,
        .free = test_auth_free,
        .provider_free = test_auth_provider_free,
    };

    *provider = (struct test_provider){.legs = 3,
                                       .fail_leg = ~0u,
                                       .failure = IRPC_SEC_PKG_ERROR,
                                       .signature = 16,
                                       .token = 20,
                                       .fail_protect = ~0u,
                                       .principal = TEST_AUTH_PRINCIPAL};
    ir_auth_provider_init(&provider->base, &ops, (enum irpc_auth_type)TEST_AUTH_TYPE);
}
