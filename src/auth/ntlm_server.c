/*
 * NTLM, the server: CHALLENGE for NEGOTIATE, then judging AUTHENTICATE. [MS-NLMP] 3.2.5
 *
 * Invariants: whatever is wrong with user, password or response is the same IRPC_ACCESS_DENIED,
 * after the same arithmetic; names from the client take part in the proof and in nothing else: the
 * principal is our own spelling. Leaves to others: codec (ntlm_msg.c), accounts (accounts.c).
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/accounts.h"
#include "auth/ntlm.h"
#include "base/alloc.h"

#define NETBIOS_MAX 15u
#define NEGOTIATE_MAX 1024u /* bytes: fixed part, and two names of at most 255 characters */

struct ntlm_server {
    struct irpc_auth_provider base;
    pthread_rwlock_t lock; /* of the accounts, which may be read again */
    struct ir_accounts accounts;
    char *accounts_file;  /* NULL: none */
    char *domain;         /* UTF-8 */
    uint8_t *target_name; /* NetBIOS domain, UTF-16LE */
    size_t target_name_len;
    struct ir_out avs;                 /* AV pairs up to the timestamp */
    uint8_t unknown[IR_NTLM_HASH_LEN]; /* the hash of users that do not exist */
    char dns_name[256];
    char computer[NETBIOS_MAX + 1];
    bool allow_anonymous;
    bool check_target;
};

static const struct ntlm_server *server_of(const struct ir_ntlm *ntlm)
{
    return (const struct ntlm_server *)(const void *)ntlm->provider;
}

static pthread_rwlock_t *lock_of(const struct ir_ntlm *ntlm)
{
    return (pthread_rwlock_t *)(uintptr_t)&server_of(ntlm)->lock;
}

/* --- NEGOTIATE, CHALLENGE --- */

static uint32_t answer_flags(uint32_t asked)
{
    const uint32_t granted = IR_NTLM_REQUIRED | IR_NTLM_KEY_EXCH | IR_NTLM_SIGN | IR_NTLM_SEAL |
                             IR_NTLM_56 | IR_NTLM_ALWAYS_SIGN | IR_NTLM_REQUEST_TARGET;

    return (asked & granted) | IR_NTLM_NTLM | IR_NTLM_TARGET_INFO | IR_NTLM_TARGET_IS_SERVER |
           IR_NTLM_VERSION;
}

static enum irpc_status on_negotiate(struct ir_ntlm *ntlm, struct irpc_span token,
                                     struct ir_out *out)
{
    const struct ntlm_server *server = server_of(ntlm);
    struct ir_ntlm_negotiate negotiate;
    struct ir_ntlm_challenge challenge = {
        .target_name = {server->target_name, server->target_name_len}};
    struct ir_violation v;
    struct ir_out avs;

    if (token.len > NEGOTIATE_MAX || /* check: T14: it is kept */
        ir_ntlm_negotiate_decode(token, &negotiate, &v) != IRPC_OK ||
        (negotiate.flags & IR_NTLM_REQUIRED) != IR_NTLM_REQUIRED ||
        !ir_ntlm_random(challenge.server_challenge, sizeof(challenge.server_challenge))) {
        return IRPC_SEC_PKG_ERROR;
    }
    ir_out_bytes(&ntlm->negotiate, token.p, token.len);
    uint64_t now = ir_ntlm_now();
    ir_out_init(&avs, IR_NTLM_MESSAGE_MAX, false);
    ir_out_bytes(&avs, server->avs.base, server->avs.len);
    ir_ntlm_av_encode(&avs, IR_NTLM_AV_TIMESTAMP, NULL, 0);
    avs.len -= 2; /* its length, with the value behind it */
    ir_out_u16(&avs, sizeof(now));
    ir_out_u64(&avs, now);
    ir_ntlm_av_encode(&avs, IR_NTLM_AV_EOL, NULL, 0);
    challenge.flags = answer_flags(negotiate.flags);
    challenge.target_info = (struct irpc_span){avs.base, avs.len};
    ir_ntlm_challenge_encode(&ntlm->challenge, &challenge);
    enum irpc_status st = avs.err != IRPC_OK ? avs.err : ntlm->challenge.err;
    ir_out_deinit(&avs);
    if (st != IRPC_OK || ntlm->negotiate.err != IRPC_OK) {
        return IRPC_NO_MEMORY;
    }
    ntlm->flags = challenge.flags;
    memcpy(ntlm->server_challenge, challenge.server_challenge, sizeof(ntlm->server_challenge));
    ir_ntlm_remember_challenge(ntlm->server_challenge);
    ir_out_bytes(out, ntlm->challenge.base, ntlm->challenge.len);
    ntlm->state = IR_NTLM_WAITING;
    return out->err;
}

/* --- AUTHENTICATE --- */

/* The response's AV pairs against what we know. */
static bool avs_fit(const struct ir_ntlm *ntlm, struct irpc_span avs)
{
    const struct ntlm_server *server = server_of(ntlm);
    struct irpc_span value;
    char target[512];

    if (ntlm->has_bindings && (!ir_ntlm_av_find(avs, IR_NTLM_AV_CHANNEL_BINDINGS, &value) ||
                               value.len != sizeof(ntlm->bindings) ||
                               !ir_ntlm_equal(value.p, ntlm->bindings, sizeof(ntlm->bindings)))) {
        return false;
    }
    if (!server->check_target) {
        return true;
    }
    if (!ir_ntlm_av_find(avs, IR_NTLM_AV_TARGET_NAME, &value) ||
        !ir_ntlm_to_utf8(value, target, sizeof(target))) {
        return false;
    }
    const char *host = strchr(target, '/');
    host = host != NULL ? host + 1 : target;
    return strcasecmp(host, server->dns_name) == 0 || strcasecmp(host, server->computer) == 0;
}

static enum irpc_status set_principal(struct ir_ntlm *ntlm, const char *user)
{
    const struct ntlm_server *server = server_of(ntlm);
    size_t size = strlen(server->domain) + strlen(user) + 2;

    ntlm->principal = ir_calloc(1, size);
    if (ntlm->principal == NULL) {
        return IRPC_NO_MEMORY;
    }
    (void)snprintf(ntlm->principal, size, "%s\\%s", server->domain, user);
    return IRPC_OK;
}

/* The user's name in upper case, as the proof takes it. */
static enum irpc_status upper_user(struct irpc_span user, uint8_t **ret, size_t *ret_len)
{
    char name[IR_ACCOUNT_NAME_MAX + 1];

    if (!ir_ntlm_to_utf8(user, name, sizeof(name))) {
        return IRPC_INVALID_ARG;
    }
    return ir_ntlm_to_utf16(name, true, ret, ret_len);
}

/* Whether the proof is right; *ret_account is whose, session base key in @ret_key. */
static bool check_proof(struct ir_ntlm *ntlm, const struct ir_ntlm_authenticate *msg,
                        const struct ir_ntlm_v2_response *response, struct irpc_span user,
                        const struct ir_account **ret_account, uint8_t ret_key[IR_NTLM_HASH_LEN])
{
    const struct ntlm_server *server = server_of(ntlm);
    const struct ir_account *account = ir_accounts_find(&server->accounts, user);
    const struct irpc_span parts[] = {{ntlm->server_challenge, sizeof(ntlm->server_challenge)},
                                      response->blob};
    uint8_t owf[IR_NTLM_HASH_LEN];
    uint8_t proof[IR_NTLM_HASH_LEN];
    bool right = ir_ntlm_owf_v2(account != NULL ? account->nt_hash : server->unknown, user,
                                msg->domain, owf) &&
                 ir_ntlm_hmac(owf, parts, IR_ARRAY_LEN(parts), proof) &&
                 ir_ntlm_equal(proof, response->proof.p, sizeof(proof)) && account != NULL &&
                 ir_ntlm_hmac(owf, &response->proof, 1, ret_key);

    ir_ntlm_wipe(owf, sizeof(owf));
    *ret_account = account;
    return right;
}

/* [MS-NLMP] 3.2.5.1.2: the key that the client chose, or the session base key itself. */
static bool take_key(struct ir_ntlm *ntlm, const struct ir_ntlm_authenticate *msg,
                     uint8_t base_key[IR_NTLM_HASH_LEN])
{
    bool ok = true;

    if ((msg->flags & IR_NTLM_KEY_EXCH) != 0) {
        ok = (ntlm->flags & IR_NTLM_KEY_EXCH) != 0 && msg->session_key.len == IR_NTLM_HASH_LEN &&
             ir_ntlm_rc4(base_key, msg->session_key.p, ntlm->key);
    } else {
        memcpy(ntlm->key, base_key, IR_NTLM_HASH_LEN);
    }
    ir_ntlm_wipe(base_key, IR_NTLM_HASH_LEN);
    return ok;
}

/* check: T07 */
static bool mic_fits(const struct ir_ntlm *ntlm, struct irpc_span token,
                     const struct ir_ntlm_authenticate *msg, struct irpc_span avs)
{
    uint8_t mic[IR_NTLM_HASH_LEN];

    if ((ir_ntlm_av_flags(avs) & IR_NTLM_AV_FLAG_MIC) == 0) {
        return true; /* the flag is under the proof: nobody has removed it */
    }
    return msg->mic.len == sizeof(mic) && ir_ntlm_mic(ntlm, token, mic) &&
           ir_ntlm_equal(mic, msg->mic.p, sizeof(mic));
}

static enum irpc_status on_anonymous(struct ir_ntlm *ntlm, const struct ir_ntlm_authenticate *msg)
{
    uint8_t base_key[IR_NTLM_HASH_LEN] = {0};

    if (!server_of(ntlm)->allow_anonymous || !take_key(ntlm, msg, base_key)) {
        return IRPC_ACCESS_DENIED;
    }
    ntlm->anonymous = true;
    return IRPC_OK;
}

static enum irpc_status on_user(struct ir_ntlm *ntlm, struct irpc_span token,
                                const struct ir_ntlm_authenticate *msg)
{
    struct ir_ntlm_v2_response response;
    const struct ir_account *account = NULL;
    uint8_t base_key[IR_NTLM_HASH_LEN];
    struct ir_violation v;
    uint8_t *user = NULL;
    size_t user_len = 0;

    if (ir_ntlm_v2_response_decode(msg->nt_response, &response, &v) !=
            IRPC_OK || /* check: T05 T06 */
        upper_user(msg->user, &user, &user_len) != IRPC_OK) {
        return IRPC_ACCESS_DENIED;
    }
    pthread_rwlock_rdlock(lock_of(ntlm));
    bool right =
        check_proof(ntlm, msg, &response, (struct irpc_span){user, user_len}, &account, base_key) &&
        take_key(ntlm, msg, base_key) && mic_fits(ntlm, token, msg, response.avs) &&
        avs_fit(ntlm, response.avs);
    enum irpc_status st = right ? set_principal(ntlm, account->name) : IRPC_ACCESS_DENIED;
    pthread_rwlock_unlock(lock_of(ntlm));
    ir_free(user);
    return st;
}

/*
 * Nobody's session has nothing to protect at level CONNECT: Samba's clients then take extended
 * session security back, and at PACKET too. Who cannot sign as his level asks for is authenticated,
 * as Windows does it, but no fragment of his verifies.
 */
static uint32_t needed_flags(uint8_t level, bool nobody)
{
    uint32_t flags = IR_NTLM_REQUIRED;

    if (nobody && level != IRPC_AUTH_LEVEL_PRIVACY) {
        flags &= ~(uint32_t)IR_NTLM_EXTENDED_SECURITY;
    }
    return flags | (level == IRPC_AUTH_LEVEL_PRIVACY ? IR_NTLM_SEAL : 0);
}

static enum irpc_status on_authenticate(struct ir_ntlm *ntlm, struct irpc_span token)
{
    struct ir_ntlm_authenticate msg;
    struct ir_violation v;

    if (ir_ntlm_authenticate_decode(token, &msg, &v) != IRPC_OK) {
        return IRPC_SEC_PKG_ERROR;
    }
    bool nobody = msg.user.len == 0 && msg.nt_response.len == 0;
    uint32_t needed = needed_flags(ntlm->level, nobody);
    if ((msg.flags & ntlm->flags & needed) != needed) {
        return IRPC_SEC_PKG_ERROR;
    }
    ir_ntlm_forget_challenge(ntlm->server_challenge);
    enum irpc_status st = nobody ? on_anonymous(ntlm, &msg) : on_user(ntlm, token, &msg);
    if (st != IRPC_OK) {
        return st;
    }
    ntlm->flags &= msg.flags;
    return ir_ntlm_establish(ntlm, false);
}

static enum irpc_status step(struct ir_auth *auth, struct irpc_span token, struct ir_out *out,
                             bool *ret_done)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);
    enum irpc_status st = IRPC_SEC_PKG_ERROR;

    if (ntlm->state == IR_NTLM_START) { /* check: T01 */
        st = on_negotiate(ntlm, token, out);
    } else if (ntlm->state == IR_NTLM_WAITING) {
        st = on_authenticate(ntlm, token);
    }
    if (st != IRPC_OK) {
        ntlm->state = IR_NTLM_FAILED;
    }
    if (ntlm->state != IR_NTLM_WAITING) { /* the MIC was judged, nobody asks for them any more */
        ir_out_deinit(&ntlm->negotiate);
        ir_out_deinit(&ntlm->challenge);
    }
    *ret_done = ntlm->state == IR_NTLM_DONE;
    return st;
}

/* --- the provider --- */

static void provider_free(struct irpc_auth_provider *provider)
{
    struct ntlm_server *server = (struct ntlm_server *)(void *)provider;

    ir_accounts_deinit(&server->accounts);
    pthread_rwlock_destroy(&server->lock);
    ir_out_deinit(&server->avs);
    ir_free(server->accounts_file);
    ir_free(server->domain);
    ir_free(server->target_name);
    ir_ntlm_wipe(server->unknown, sizeof(server->unknown));
    ir_free(server);
}

static enum irpc_status reload(struct irpc_auth_provider *provider, char *why, size_t why_cap)
{
    struct ntlm_server *server = (struct ntlm_server *)(void *)provider;
    struct ir_accounts fresh = {.list = NULL};

    if (server->accounts_file == NULL) {
        return IRPC_OK;
    }
    enum irpc_status st = ir_accounts_load(server->accounts_file, &fresh, why, why_cap);
    if (st == IRPC_OK) {
        pthread_rwlock_wrlock(&server->lock);
        struct ir_accounts old = server->accounts;
        server->accounts = fresh;
        pthread_rwlock_unlock(&server->lock);
        ir_accounts_deinit(&old);
    }
    return st;
}

static enum irpc_status begin(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth)
{
    struct ir_ntlm *ntlm = NULL;

    if (begin->role != IR_AUTH_ACCEPT) {
        return IRPC_SEC_PKG_ERROR;
    }
    enum irpc_status st = ir_ntlm_new(provider, begin, &ntlm);
    if (st == IRPC_OK) {
        *ret_auth = &ntlm->base;
    }
    return st;
}

static const struct ir_auth_ops ops = {
    IR_NTLM_SHARED_OPS,
    .begin = begin,
    .step = step,
    .reload = reload,
    .provider_free = provider_free,
};

/* An AV pair of @text. */
static enum irpc_status add_name(struct ir_out *avs, enum ir_ntlm_av_id id, const char *text)
{
    uint8_t *name = NULL;
    size_t len = 0;
    enum irpc_status st = ir_ntlm_to_utf16(text, false, &name, &len);

    if (st == IRPC_OK) {
        ir_ntlm_av_encode(avs, id, name, len);
        st = avs->err;
    }
    ir_free(name);
    return st;
}

/* Host and domain names, as in CHALLENGE messages. */
static enum irpc_status set_names(struct ntlm_server *server,
                                  const struct irpc_auth_ntlm_server *options)
{
    const char *name = options->dns_name;

    if (name == NULL && gethostname(server->dns_name, sizeof(server->dns_name) - 1) == 0) {
        name = server->dns_name;
    }
    if (name == NULL || name[0] == '\0' || strlen(name) >= sizeof(server->dns_name)) {
        return IRPC_INVALID_ARG;
    }
    memmove(server->dns_name, name, strlen(name) + 1);
    for (size_t i = 0; i < NETBIOS_MAX && name[i] != '\0' && name[i] != '.'; i++) {
        server->computer[i] =
            (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - ('a' - 'A') : name[i]);
    }
    const char *domain = options->domain != NULL ? options->domain : server->computer;
    server->domain = ir_calloc(1, strlen(domain) + 1);
    if (server->domain == NULL) {
        return IRPC_NO_MEMORY;
    }
    memcpy(server->domain, domain, strlen(domain));
    enum irpc_status st =
        ir_ntlm_to_utf16(domain, false, &server->target_name, &server->target_name_len);
    const char *dns_domain = strchr(server->dns_name, '.');
    const struct {
        enum ir_ntlm_av_id id;
        const char *text;
    } names[] = {
        {IR_NTLM_AV_NB_DOMAIN, domain},
        {IR_NTLM_AV_NB_COMPUTER, server->computer},
        {IR_NTLM_AV_DNS_DOMAIN, dns_domain != NULL ? dns_domain + 1 : ""},
        {IR_NTLM_AV_DNS_COMPUTER, server->dns_name},
    };
    for (size_t i = 0; i < IR_ARRAY_LEN(names) && st == IRPC_OK; i++) {
        st = add_name(&server->avs, names[i].id, names[i].text);
    }
    return st;
}

static enum irpc_status load_accounts(struct ntlm_server *server, const char *path, char *why,
                                      size_t why_cap)
{
    server->accounts_file = ir_calloc(1, strlen(path) + 1);
    if (server->accounts_file == NULL) {
        (void)snprintf(why, why_cap, "out of memory");
        return IRPC_NO_MEMORY;
    }
    memcpy(server->accounts_file, path, strlen(path));
    return ir_accounts_load(path, &server->accounts, why, why_cap);
}

enum irpc_status irpc_auth_ntlm_server_new(const struct irpc_auth_ntlm_server *options,
                                           struct irpc_auth_provider **ret_provider, char *why,
                                           size_t why_cap)
{
    const char *reason = "";

    if (ir_ntlm_crypto_load(&reason) != IRPC_OK) {
        (void)snprintf(why, why_cap, "%s", reason);
        return IRPC_INVALID_STATE;
    }
    ir_ntlm_text_load();
    struct ntlm_server *server = ir_calloc(1, sizeof(*server));
    if (server == NULL) {
        (void)snprintf(why, why_cap, "out of memory");
        return IRPC_NO_MEMORY;
    }
    ir_auth_provider_init(&server->base, &ops, IRPC_AUTH_TYPE_NTLM);
    (void)pthread_rwlock_init(&server->lock, NULL);
    ir_out_init(&server->avs, IR_NTLM_MESSAGE_MAX, false);
    server->allow_anonymous = options->allow_anonymous;
    server->check_target = options->check_target;
    enum irpc_status st = set_names(server, options);
    if (st != IRPC_OK) {
        (void)snprintf(why, why_cap,
                       "the server's names are not fit for NTLM: host '%s', domain '%s'",
                       server->dns_name, options->domain != NULL ? options->domain : "");
    } else if (!ir_ntlm_random(server->unknown, sizeof(server->unknown))) {
        (void)snprintf(why, why_cap, "no random numbers");
        st = IRPC_IO;
    } else if (options->accounts_file != NULL) {
        st = load_accounts(server, options->accounts_file, why, why_cap);
    }
    if (st != IRPC_OK) {
        provider_free(&server->base);
        return st;
    }
    *ret_provider = &server->base;
    return IRPC_OK;
}
