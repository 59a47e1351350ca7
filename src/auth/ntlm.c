/*
 * The NTLM provider: what its two roles have in common. [MS-NLMP] 3.4
 *
 * Invariants: a context protects only when it is done; its keys are wiped when it is freed, and
 * when anything fails. Leaves to others: legs (ntlm_client.c, ntlm_server.c), arithmetic
 * (ntlm_crypto.c).
 */
#include "auth/ntlm.h"

#include <pthread.h>
#include <string.h>

#include "auth/secret.h"
#include "base/alloc.h"

#define PIECES 3u       /* of a fragment */
#define CHALLENGES 256u /* that are remembered; older ones are forgotten */

enum irpc_status ir_ntlm_new(const struct irpc_auth_provider *provider,
                             const struct ir_auth_begin *begin, struct ir_ntlm **ret_ntlm)
{
    struct ir_ntlm *ntlm = ir_secret_new(sizeof(*ntlm));

    if (ntlm == NULL) {
        return IRPC_NO_MEMORY;
    }
    ntlm->base.ops = provider->ops;
    ntlm->provider = provider;
    ntlm->level = (uint8_t)begin->level;
    ntlm->wants_mic = begin->wants_mic;
    ir_out_init(&ntlm->negotiate, IR_AUTH_TOKEN_MAX, false);
    ir_out_init(&ntlm->challenge, IR_AUTH_TOKEN_MAX, false);
    if (begin->bindings.len == sizeof(ntlm->bindings)) {
        memcpy(ntlm->bindings, begin->bindings.p, sizeof(ntlm->bindings));
        ntlm->has_bindings = true;
    }
    *ret_ntlm = ntlm;
    return IRPC_OK;
}

void ir_ntlm_op_free(struct ir_auth *auth)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);

    if (ntlm->has_session) {
        ir_ntlm_session_deinit(&ntlm->session);
    }
    ir_ntlm_forget_challenge(ntlm->server_challenge);
    ir_out_deinit(&ntlm->negotiate);
    ir_out_deinit(&ntlm->challenge);
    ir_free(ntlm->target);
    ir_free(ntlm->principal);
    ir_secret_free(ntlm, sizeof(*ntlm));
}

enum irpc_status ir_ntlm_establish(struct ir_ntlm *ntlm, bool is_client)
{
    enum irpc_status st = ir_ntlm_session_init(&ntlm->session, ntlm->key, is_client,
                                               (ntlm->flags & IR_NTLM_KEY_EXCH) != 0);

    ntlm->has_session = st == IRPC_OK;
    if (st == IRPC_OK) {
        ntlm->state = IR_NTLM_DONE;
    }
    return st;
}

/* [MS-NLMP] 3.1.5.1.2, 3.2.5.1.2 */
bool ir_ntlm_mic(const struct ir_ntlm *ntlm, struct irpc_span authenticate,
                 uint8_t ret_mic[IR_NTLM_HASH_LEN])
{
    static const uint8_t zero[IR_NTLM_HASH_LEN];
    const size_t behind = IR_NTLM_MIC_OFFSET + IR_NTLM_HASH_LEN;
    const struct irpc_span parts[] = {
        {ntlm->negotiate.base, ntlm->negotiate.len},
        {ntlm->challenge.base, ntlm->challenge.len},
        {authenticate.p, IR_NTLM_MIC_OFFSET},
        {zero, sizeof(zero)},
        {authenticate.p + behind, authenticate.len - behind},
    };

    return ir_ntlm_hmac(ntlm->key, parts, IR_ARRAY_LEN(parts), ret_mic);
}

/* --- protection of fragments --- */

size_t ir_ntlm_op_signature_size(const struct ir_auth *auth)
{
    (void)auth;
    return IR_NTLM_HASH_LEN;
}

/* Only data is ever written to, and only when it is sealed. */
static uint8_t *writable(struct irpc_span s)
{
    return (uint8_t *)(uintptr_t)s.p;
}

/* Head and trailer are signed whether header signing was agreed on or not: so do Samba and Impacket
 * with extended session security, and Windows takes it from them. */
static void pieces_of(const struct ir_ntlm *ntlm, const struct ir_auth_pdu *pdu,
                      struct ir_ntlm_piece pieces[PIECES])
{
    pieces[0] = (struct ir_ntlm_piece){writable(pdu->head), pdu->head.len, false};
    pieces[1] =
        (struct ir_ntlm_piece){pdu->data, pdu->data_len, ntlm->level == IRPC_AUTH_LEVEL_PRIVACY};
    pieces[2] = (struct ir_ntlm_piece){writable(pdu->trailer), pdu->trailer.len, false};
}

/* Whether signatures were agreed on. */
static bool can_sign(const struct ir_ntlm *ntlm)
{
    return ntlm->state == IR_NTLM_DONE && (ntlm->flags & IR_NTLM_EXTENDED_SECURITY) != 0 &&
           (ntlm->flags & (IR_NTLM_SIGN | IR_NTLM_SEAL)) != 0;
}

enum irpc_status ir_ntlm_op_protect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                    uint8_t *signature)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);
    struct ir_ntlm_piece pieces[PIECES];

    pieces_of(ntlm, pdu, pieces);
    if (!can_sign(ntlm) || ir_ntlm_protect(&ntlm->session, pieces, PIECES, signature) != IRPC_OK) {
        ntlm->state = IR_NTLM_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    return IRPC_OK;
}

/* check: A12 A13 */
enum irpc_status ir_ntlm_op_unprotect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                      struct irpc_span signature)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);
    struct ir_ntlm_piece pieces[PIECES];

    pieces_of(ntlm, pdu, pieces);
    if (!can_sign(ntlm) || signature.len != IR_NTLM_HASH_LEN ||
        ir_ntlm_unprotect(&ntlm->session, pieces, PIECES, signature.p) != IRPC_OK) {
        ntlm->state = IR_NTLM_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    return IRPC_OK;
}

/* --- SPNEGO's mechListMIC: RC4 begins anew behind it, sequence numbers do not. [MS-SPNG] 3.3.5.1
 */

bool ir_ntlm_op_has_mic(const struct ir_auth *auth)
{
    return can_sign((const struct ir_ntlm *)(const void *)auth);
}

enum irpc_status ir_ntlm_op_get_mic(struct ir_auth *auth, struct irpc_span message,
                                    struct ir_out *out)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);
    const struct ir_ntlm_piece piece = {writable(message), message.len, false};
    uint8_t mic[IR_NTLM_HASH_LEN];

    if (!ir_ntlm_op_has_mic(auth) || ir_ntlm_protect(&ntlm->session, &piece, 1, mic) != IRPC_OK ||
        ir_ntlm_session_rewind(&ntlm->session) != IRPC_OK) {
        ntlm->state = IR_NTLM_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    ir_out_bytes(out, mic, sizeof(mic));
    return out->err;
}

/* check: A13 T11 */
enum irpc_status ir_ntlm_op_verify_mic(struct ir_auth *auth, struct irpc_span message,
                                       struct irpc_span mic)
{
    struct ir_ntlm *ntlm = ir_ntlm_of(auth);
    const struct ir_ntlm_piece piece = {writable(message), message.len, false};

    if (!ir_ntlm_op_has_mic(auth) || mic.len != IR_NTLM_HASH_LEN ||
        ir_ntlm_unprotect(&ntlm->session, &piece, 1, mic.p) != IRPC_OK ||
        ir_ntlm_session_rewind(&ntlm->session) != IRPC_OK) {
        ntlm->state = IR_NTLM_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    return IRPC_OK;
}

/* --- who it is --- */

void ir_ntlm_op_identity(const struct ir_auth *auth, struct irpc_auth_identity *ret_identity)
{
    const struct ir_ntlm *ntlm = (const struct ir_ntlm *)(const void *)auth;

    *ret_identity = (struct irpc_auth_identity){
        .package = "ntlm",
        .principal = ntlm->principal != NULL ? ntlm->principal : "",
        .anonymous = ntlm->anonymous,
    };
}

struct irpc_span ir_ntlm_op_session_key(const struct ir_auth *auth)
{
    const struct ir_ntlm *ntlm = (const struct ir_ntlm *)(const void *)auth;

    return (struct irpc_span){ntlm->key, ntlm->has_session ? sizeof(ntlm->key) : 0};
}

/* --- reflection --- */

static struct {
    pthread_mutex_t lock;
    uint8_t known[CHALLENGES][IR_NTLM_CHALLENGE_LEN];
    unsigned next;
} challenges = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const uint8_t no_challenge[IR_NTLM_CHALLENGE_LEN];

static uint8_t *find_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN])
{
    for (unsigned i = 0; i < CHALLENGES; i++) {
        if (memcmp(challenges.known[i], challenge, IR_NTLM_CHALLENGE_LEN) == 0) {
            return challenges.known[i];
        }
    }
    return NULL;
}

void ir_ntlm_remember_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN])
{
    pthread_mutex_lock(&challenges.lock);
    memcpy(challenges.known[challenges.next++ % CHALLENGES], challenge, IR_NTLM_CHALLENGE_LEN);
    pthread_mutex_unlock(&challenges.lock);
}

void ir_ntlm_forget_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN])
{
    if (memcmp(challenge, no_challenge, IR_NTLM_CHALLENGE_LEN) == 0) {
        return;
    }
    pthread_mutex_lock(&challenges.lock);
    uint8_t *known = find_challenge(challenge);
    if (known != NULL) {
        memset(known, 0, IR_NTLM_CHALLENGE_LEN);
    }
    pthread_mutex_unlock(&challenges.lock);
}

bool ir_ntlm_is_own_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN])
{
    pthread_mutex_lock(&challenges.lock);
    bool own = memcmp(challenge, no_challenge, IR_NTLM_CHALLENGE_LEN) != 0 &&
               find_challenge(challenge) != NULL;
    pthread_mutex_unlock(&challenges.lock);
    return own;
}
