/*
 * NTLM, the client: NEGOTIATE, then AUTHENTICATE for a CHALLENGE. [MS-NLMP] 3.1.5
 *
 * Invariants: no LM, no NTLMv1, no session below 128 bits, whatever the server offers; the password
 * becomes an NT hash when the provider is made and is forgotten. A MIC is always sent.
 */
#include <stdio.h>
#include <string.h>

#include "auth/ntlm.h"
#include "auth/secret.h"
#include "base/alloc.h"
#include "base/cur.h"

#define LM_LEN 24u

struct ntlm_client {
    struct irpc_auth_provider base;
    uint8_t nt_hash[IR_NTLM_HASH_LEN];
    uint8_t *user; /* UTF-16LE, as all names */
    uint8_t *user_upper;
    uint8_t *domain;
    size_t user_len;
    size_t user_upper_len;
    size_t domain_len;
    bool allow_own_challenge;
};

static const struct ntlm_client *client_of(const struct ir_ntlm *ntlm)
{
    return (const struct ntlm_client *)(const void *)ntlm->provider;
}

/* --- NEGOTIATE --- */

/*
 * No more than the level needs: Samba's server answers calls at level CONNECT with a fault if
 * signing was negotiated, and a key exchange without it is understood in two ways. SPNEGO signs its
 * list of mechanisms at every level where it had a choice. [MS-NLMP] 3.1.5.1.2
 */
static uint32_t flags_for(const struct ir_ntlm *ntlm)
{
    if (ntlm->level < IRPC_AUTH_LEVEL_PACKET && !ntlm->wants_mic) {
        return 0;
    }
    return IR_NTLM_KEY_EXCH | IR_NTLM_SIGN |
           (ntlm->level == IRPC_AUTH_LEVEL_PRIVACY ? (uint32_t)IR_NTLM_SEAL : 0);
}

static enum irpc_status send_negotiate(struct ir_ntlm *ntlm, struct ir_out *out)
{
    struct ir_ntlm_negotiate negotiate = {.flags = IR_NTLM_REQUIRED | IR_NTLM_REQUEST_TARGET |
                                                   IR_NTLM_NTLM | IR_NTLM_ALWAYS_SIGN | IR_NTLM_56 |
                                                   IR_NTLM_VERSION | flags_for(ntlm)};

    if (client_of(ntlm)->user_len == 0) {
        negotiate.flags |= IR_NTLM_ANONYMOUS;
    }
    ntlm->flags = negotiate.flags;
    ir_ntlm_negotiate_encode(&ntlm->negotiate, &negotiate);
    if (ntlm->negotiate.err != IRPC_OK) {
        return IRPC_NO_MEMORY;
    }
    ir_out_bytes(out, ntlm->negotiate.base, ntlm->negotiate.len);
    ntlm->state = IR_NTLM_WAITING;
    return out->err;
}

/* --- CHALLENGE, AUTHENTICATE --- */

static void put_flags(struct ir_out *avs, uint32_t flags)
{
    uint8_t value[4];

    ir_put_u32(value, flags, false);
    ir_ntlm_av_encode(avs, IR_NTLM_AV_FLAGS, value, sizeof(value));
}

/* The server's pairs, with ours added. [MS-NLMP] 3.1.5.1.2 */
static enum irpc_status make_avs(const struct ir_ntlm *ntlm, struct irpc_span from_server,
                                 struct ir_out *avs)
{
    struct ir_cur in = ir_cur_init(from_server.p, from_server.len, false);
    struct ir_ntlm_av av;

    while (ir_ntlm_av_next(&in, &av)) {
        if (av.id != IR_NTLM_AV_FLAGS && av.id != IR_NTLM_AV_CHANNEL_BINDINGS &&
            av.id != IR_NTLM_AV_TARGET_NAME) {
            ir_ntlm_av_encode(avs, (enum ir_ntlm_av_id)av.id, av.value.p, av.value.len);
        }
    }
    put_flags(avs, ir_ntlm_av_flags(from_server) | IR_NTLM_AV_FLAG_MIC);
    ir_ntlm_av_encode(avs, IR_NTLM_AV_CHANNEL_BINDINGS, ntlm->bindings, sizeof(ntlm->bindings));
    if (ntlm->target != NULL) {
        uint8_t *target = NULL;
        size_t len = 0;
        enum irpc_status st = ir_ntlm_to_utf16(ntlm->target, false, &target, &len);
        if (st != IRPC_OK) {
            return st;
        }
        ir_ntlm_av_encode(avs, IR_NTLM_AV_TARGET_NAME, target, len);
        ir_free(target);
    }
    ir_ntlm_av_encode(avs, IR_NTLM_AV_EOL, NULL, 0);
    return avs->err;
}

/* The NTLMv2 response into @response, the session base key into @ret_key. */
static enum irpc_status respond(struct ir_ntlm *ntlm, const struct ir_ntlm_challenge *challenge,
                                struct ir_out *response, uint8_t ret_key[IR_NTLM_HASH_LEN])
{
    const struct ntlm_client *client = client_of(ntlm);
    struct irpc_span stamp;
    uint8_t client_challenge[IR_NTLM_CHALLENGE_LEN];
    uint8_t owf[IR_NTLM_HASH_LEN];
    struct ir_out avs;
    uint64_t now = ir_ntlm_now();

    if (ir_ntlm_av_find(challenge->target_info, IR_NTLM_AV_TIMESTAMP, &stamp)) {
        struct ir_cur c = ir_cur_init(stamp.p, stamp.len, false);
        now = ir_cur_u64(&c);
        if (c.err != IRPC_OK) {
            return IRPC_SEC_PKG_ERROR;
        }
    }
    if (!ir_ntlm_random(client_challenge, sizeof(client_challenge))) {
        return IRPC_SEC_PKG_ERROR;
    }
    ir_out_init(&avs, IR_NTLM_MESSAGE_MAX, false);
    enum irpc_status st = make_avs(ntlm, challenge->target_info, &avs);
    if (st == IRPC_OK) {
        ir_out_zero(response, IR_NTLM_HASH_LEN);
        ir_ntlm_v2_blob_encode(response, now, client_challenge,
                               (struct irpc_span){avs.base, avs.len});
        st = response->err;
    }
    ir_out_deinit(&avs);
    if (st != IRPC_OK) {
        return st;
    }
    const struct irpc_span parts[] = {
        {challenge->server_challenge, sizeof(challenge->server_challenge)},
        {response->base + IR_NTLM_HASH_LEN, response->len - IR_NTLM_HASH_LEN}};
    const struct irpc_span proof = {response->base, IR_NTLM_HASH_LEN};
    bool ok = ir_ntlm_owf_v2(client->nt_hash,
                             (struct irpc_span){client->user_upper, client->user_upper_len},
                             (struct irpc_span){client->domain, client->domain_len}, owf) &&
              ir_ntlm_hmac(owf, parts, IR_ARRAY_LEN(parts), response->base) &&
              ir_ntlm_hmac(owf, &proof, 1, ret_key);
    ir_ntlm_wipe(owf, sizeof(owf));
    return ok ? IRPC_OK : IRPC_SEC_PKG_ERROR;
}

/* The exported session key, and how the server learns it. */
static bool choose_key(struct ir_ntlm *ntlm, uint8_t base_key[IR_NTLM_HASH_LEN],
                       uint8_t ret_encrypted[IR_NTLM_HASH_LEN])
{
    bool ok = true;

    if ((ntlm->flags & IR_NTLM_KEY_EXCH) != 0) {
        ok = ir_ntlm_random(ntlm->key, sizeof(ntlm->key)) &&
             ir_ntlm_rc4(base_key, ntlm->key, ret_encrypted);
    } else {
        memcpy(ntlm->key, base_key, sizeof(ntlm->key));
    }
    ir_ntlm_wipe(base_key, IR_NTLM_HASH_LEN);
    return ok;
}

static enum irpc_status send_authenticate(struct ir_ntlm *ntlm, struct ir_out *response,
                                          uint8_t base_key[IR_NTLM_HASH_LEN], struct ir_out *out)
{
    static const uint8_t no_lm[LM_LEN];
    const struct ntlm_client *client = client_of(ntlm);
    uint8_t encrypted[IR_NTLM_HASH_LEN];
    uint8_t mic[IR_NTLM_HASH_LEN];
    bool nobody = client->user_len == 0;

    if (!choose_key(ntlm, base_key, encrypted)) {
        return IRPC_SEC_PKG_ERROR;
    }
    struct ir_ntlm_authenticate msg = {
        .flags = ntlm->flags,
        .lm_response = {no_lm, nobody ? 1 : LM_LEN},
        .nt_response = {response->base, response->len},
        .domain = {client->domain, client->domain_len},
        .user = {client->user, client->user_len},
        .session_key = {encrypted, (ntlm->flags & IR_NTLM_KEY_EXCH) != 0 ? sizeof(encrypted) : 0},
    };
    size_t start = out->len;
    ir_ntlm_authenticate_encode(out, &msg);
    if (out->err != IRPC_OK) {
        return out->err;
    }
    struct irpc_span token = {out->base + start, out->len - start};
    if (!ir_ntlm_mic(ntlm, token, mic)) {
        return IRPC_SEC_PKG_ERROR;
    }
    memcpy(out->base + start + IR_NTLM_MIC_OFFSET, mic, sizeof(mic));
    return ir_ntlm_establish(ntlm, true);
}

static enum irpc_status on_challenge(struct ir_ntlm *ntlm, struct irpc_span token,
                                     struct ir_out *out)
{
    const struct ntlm_client *client = client_of(ntlm);
    struct ir_ntlm_challenge challenge;
    struct ir_violation v;
    struct ir_out response;
    uint8_t base_key[IR_NTLM_HASH_LEN] = {0};
    enum irpc_status st = IRPC_OK;

    if (ir_ntlm_challenge_decode(token, &challenge, &v) != IRPC_OK ||
        (challenge.flags & IR_NTLM_REQUIRED) != IR_NTLM_REQUIRED) {
        return IRPC_SEC_PKG_ERROR;
    }
    if (ntlm->level >= IRPC_AUTH_LEVEL_PACKET && (challenge.flags & IR_NTLM_SIGN) == 0) {
        return IRPC_SEC_PKG_ERROR;
    }
    if (ntlm->level == IRPC_AUTH_LEVEL_PRIVACY && (challenge.flags & IR_NTLM_SEAL) == 0) {
        return IRPC_SEC_PKG_ERROR;
    }
    if (!client->allow_own_challenge && ir_ntlm_is_own_challenge(challenge.server_challenge)) {
        return IRPC_ACCESS_DENIED; /* our own server's: we would be proving ourselves to a thief */
    }
    ir_out_bytes(&ntlm->challenge, token.p, token.len);
    if (ntlm->challenge.err != IRPC_OK) {
        return IRPC_NO_MEMORY;
    }
    ntlm->flags &= challenge.flags | IR_NTLM_ANONYMOUS | IR_NTLM_VERSION;
    ir_out_init(&response, IR_NTLM_MESSAGE_MAX, false);
    if (client->user_len > 0) {
        st = respond(ntlm, &challenge, &response, base_key);
    }
    if (st == IRPC_OK) {
        st = send_authenticate(ntlm, &response, base_key, out);
    }
    ir_out_deinit(&response);
    return st;
}

static enum irpc_status step(struct ir_auth *auth, struct irpc_span token, struct ir_out *out,
                             bool *ret_done)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);
    enum irpc_status st = IRPC_SEC_PKG_ERROR;

    if (ntlm->state == IR_NTLM_START && token.len == 0) {
        st = send_negotiate(ntlm, out);
    } else if (ntlm->state == IR_NTLM_WAITING) {
        st = on_challenge(ntlm, token, out);
    }
    if (st != IRPC_OK) {
        ntlm->state = IR_NTLM_FAILED;
        return st;
    }
    *ret_done = ntlm->state == IR_NTLM_DONE;
    return IRPC_OK;
}

/* --- the provider --- */

static void provider_free(struct irpc_auth_provider *provider)
{
    struct ntlm_client *client = (struct ntlm_client *)(void *)provider;

    ir_free(client->user);
    ir_free(client->user_upper);
    ir_free(client->domain);
    ir_secret_free(client, sizeof(*client));
}

static enum irpc_status begin(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth)
{
    struct ir_ntlm *ntlm = NULL;

    if (begin->role != IR_AUTH_INITIATE) {
        return IRPC_SEC_PKG_ERROR;
    }
    enum irpc_status st = ir_ntlm_new(provider, begin, &ntlm);
    if (st != IRPC_OK) {
        return st;
    }
    if (begin->target != NULL && begin->target[0] != '\0') {
        ntlm->target = ir_calloc(1, strlen(begin->target) + 1);
        if (ntlm->target == NULL) {
            ir_ntlm_op_free(&ntlm->base);
            return IRPC_NO_MEMORY;
        }
        memcpy(ntlm->target, begin->target, strlen(begin->target));
    }
    *ret_auth = &ntlm->base;
    return IRPC_OK;
}

static const struct ir_auth_ops ops = {
    IR_NTLM_SHARED_OPS,
    .begin = begin,
    .step = step,
    .provider_free = provider_free,
};

static enum irpc_status set_credentials(struct ntlm_client *client,
                                        const struct irpc_auth_ntlm_client *credentials)
{
    const char *user = credentials->user != NULL ? credentials->user : "";
    const char *domain = credentials->domain != NULL ? credentials->domain : "";
    const char *password = credentials->password != NULL ? credentials->password : "";
    uint8_t *secret = NULL;
    size_t secret_len = 0;

    enum irpc_status st = ir_ntlm_to_utf16(user, false, &client->user, &client->user_len);
    if (st == IRPC_OK) {
        st = ir_ntlm_to_utf16(user, true, &client->user_upper, &client->user_upper_len);
    }
    if (st == IRPC_OK) {
        st = ir_ntlm_to_utf16(domain, false, &client->domain, &client->domain_len);
    }
    if (st == IRPC_OK) {
        st = ir_ntlm_to_utf16(password, false, &secret, &secret_len);
    }
    if (st == IRPC_OK &&
        !ir_ntlm_nt_hash((struct irpc_span){secret, secret_len}, client->nt_hash)) {
        st = IRPC_NO_MEMORY;
    }
    if (secret != NULL) {
        ir_ntlm_wipe(secret, secret_len);
    }
    ir_free(secret);
    return st;
}

enum irpc_status irpc_auth_ntlm_client_new(const struct irpc_auth_ntlm_client *credentials,
                                           struct irpc_auth_provider **ret_provider, char *why,
                                           size_t why_cap)
{
    const char *reason = "";

    if (ir_ntlm_crypto_load(&reason) != IRPC_OK) {
        (void)snprintf(why, why_cap, "%s", reason);
        return IRPC_INVALID_STATE;
    }
    struct ntlm_client *client = ir_secret_new(sizeof(*client));
    if (client == NULL) {
        (void)snprintf(why, why_cap, "out of memory");
        return IRPC_NO_MEMORY;
    }
    ir_auth_provider_init(&client->base, &ops, IRPC_AUTH_TYPE_NTLM);
    client->allow_own_challenge = credentials->allow_own_server;
    enum irpc_status st = set_credentials(client, credentials);
    if (st != IRPC_OK) {
        (void)snprintf(why, why_cap, "user, domain or password are not UTF-8, or too long");
        provider_free(&client->base);
        return st;
    }
    *ret_provider = &client->base;
    return IRPC_OK;
}
