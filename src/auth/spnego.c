/*
 * The SPNEGO provider: what its two roles have in common. [RFC 4178], [MS-SPNG] 3.1
 *
 * Invariants: once it is done, everything is the chosen mechanism's; MICs are exchanged before
 * that, at most one each way. Leaves to others: which mechanism (spnego_client.c, spnego_server.c),
 * the tokens' form (spnego_msg.c), cryptography (the mechanisms' own providers).
 */
#include "auth/spnego.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"

enum ir_spnego_mech ir_spnego_provided(const struct ir_spnego_provider *provider, unsigned i)
{
    return provider->list[i]->type == IRPC_AUTH_TYPE_NTLM ? IR_SPNEGO_NTLM : IR_SPNEGO_KERBEROS;
}

static void drop_mech(struct ir_spnego *s)
{
    if (s->mech != NULL) {
        s->mech->ops->free(s->mech);
    }
    s->mech = NULL;
    s->mech_done = false;
}

enum irpc_status ir_spnego_choose(struct ir_spnego *s, unsigned i)
{
    struct irpc_auth_provider *provider = s->provider->list[i];
    const struct ir_auth_begin begin = {
        .role = (enum ir_auth_role)s->role,
        .level = (enum irpc_auth_level)s->level,
        .target = s->target,
        .wants_mic = i != s->first, /* the best was offered, and not taken; check: T11 */
        .bindings = {s->bindings, s->bindings_len},
    };

    drop_mech(s);
    s->current = i;
    return provider->ops->begin(provider, &begin, &s->mech);
}

enum irpc_status ir_spnego_mech_step(struct ir_spnego *s, struct irpc_span token,
                                     struct ir_out *answer)
{
    return s->mech->ops->step(s->mech, token, answer, &s->mech_done);
}

enum irpc_status ir_spnego_check_mic(struct ir_spnego *s, struct irpc_span mic)
{
    const struct irpc_span list = {s->mech_list.base, s->mech_list.len};
    enum irpc_status st = s->mech->ops->verify_mic(s->mech, list, mic);

    s->mic_due = s->mic_due && st != IRPC_OK;
    return st;
}

enum irpc_status ir_spnego_send(struct ir_spnego *s, struct ir_spnego_resp *resp,
                                const struct ir_out *token, bool sign, struct ir_out *out)
{
    const struct irpc_span list = {s->mech_list.base, s->mech_list.len};
    enum irpc_status st = IRPC_OK;
    struct ir_out mic;

    ir_out_init(&mic, IR_AUTH_SIGNATURE_MAX, false);
    if (sign) {
        st = s->mech->ops->get_mic(s->mech, list, &mic);
        s->mic_sent = true;
    }
    if (st == IRPC_OK) {
        resp->mech_token = (struct irpc_span){token->len > 0 ? token->base : NULL, token->len};
        resp->mic = (struct irpc_span){mic.base, mic.len};
        ir_spnego_resp_encode(out, resp);
        st = out->err;
    }
    ir_out_deinit(&mic);
    return st;
}

/* --- operations --- */

static enum irpc_status step(struct ir_auth *auth, struct irpc_span token, struct ir_out *out,
                             bool *ret_done)
{
    struct ir_spnego *s = ir_spnego_of(auth);
    enum irpc_status st = s->role == IR_AUTH_ACCEPT ? ir_spnego_server_step(s, token, out)
                                                    : ir_spnego_client_step(s, token, out);

    if (st != IRPC_OK) {
        s->step = IR_SPNEGO_FAILED;
        return st;
    }
    *ret_done = s->step == IR_SPNEGO_DONE;
    return IRPC_OK;
}

static const struct ir_auth *mech_of(const struct ir_auth *auth)
{
    return ((const struct ir_spnego *)(const void *)auth)->mech;
}

static size_t signature_size(const struct ir_auth *auth)
{
    const struct ir_auth *mech = mech_of(auth);

    return mech->ops->signature_size(mech);
}

static bool is_done(const struct ir_auth *auth)
{
    return ((const struct ir_spnego *)(const void *)auth)->step == IR_SPNEGO_DONE;
}

static enum irpc_status protect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                uint8_t *signature)
{
    struct ir_auth *mech = ir_spnego_of(auth)->mech;

    return is_done(auth) ? mech->ops->protect(mech, pdu, signature) : IRPC_SEC_PKG_ERROR;
}

static enum irpc_status unprotect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                  struct irpc_span signature)
{
    struct ir_auth *mech = ir_spnego_of(auth)->mech;

    return is_done(auth) ? mech->ops->unprotect(mech, pdu, signature) : IRPC_SEC_PKG_ERROR;
}

static void identity(const struct ir_auth *auth, struct irpc_auth_identity *ret_identity)
{
    const struct ir_auth *mech = mech_of(auth);

    mech->ops->identity(mech, ret_identity);
}

static struct irpc_span session_key(const struct ir_auth *auth)
{
    const struct ir_auth *mech = mech_of(auth);

    return is_done(auth) ? mech->ops->session_key(mech) : (struct irpc_span){NULL, 0};
}

static void free_context(struct ir_auth *auth)
{
    struct ir_spnego *s = ir_spnego_of(auth);

    drop_mech(s);
    ir_out_deinit(&s->mech_list);
    ir_free(s->target);
    ir_free(s->bindings);
    ir_free(s);
}

/* --- the provider --- */

static void provider_free(struct irpc_auth_provider *base)
{
    struct ir_spnego_provider *provider = (struct ir_spnego_provider *)(void *)base;

    for (unsigned i = 0; i < provider->n; i++) {
        irpc_auth_provider_unref(provider->list[i]);
    }
    ir_free(provider);
}

static enum irpc_status begin(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth);

static const struct ir_auth_ops ops = {
    .name = "spnego",
    .begin = begin,
    .step = step,
    .signature_size = signature_size,
    .protect = protect,
    .unprotect = unprotect,
    .identity = identity,
    .session_key = session_key,
    .free = free_context,
    .provider_free = provider_free,
};

static enum irpc_status begin(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth)
{
    struct ir_spnego *s = ir_calloc(1, sizeof(*s));

    if (s == NULL) {
        return IRPC_NO_MEMORY;
    }
    s->base.ops = &ops;
    s->provider = (const struct ir_spnego_provider *)(const void *)provider;
    s->role = (uint8_t)begin->role;
    s->level = (uint8_t)begin->level;
    ir_out_init(&s->mech_list, IR_AUTH_TOKEN_MAX, false);
    s->target = ir_strndup(begin->target, strlen(begin->target));
    s->bindings_len = begin->bindings.len;
    s->bindings = ir_alloc(s->bindings_len);
    if (s->target == NULL || s->bindings == NULL) {
        free_context(&s->base);
        return IRPC_NO_MEMORY;
    }
    if (s->bindings_len > 0) {
        memcpy(s->bindings, begin->bindings.p, s->bindings_len);
    }
    *ret_auth = &s->base;
    return IRPC_OK;
}

enum irpc_status irpc_auth_negotiate_new(struct irpc_auth_provider *const *providers,
                                         unsigned n_providers,
                                         struct irpc_auth_provider **ret_provider)
{
    unsigned types = 0; /* bit by bit: each once */

    for (unsigned i = 0; i < n_providers && i < IR_SPNEGO_PROVIDERS_MAX; i++) {
        unsigned type = providers[i]->type;
        if ((type != IRPC_AUTH_TYPE_NTLM && type != IRPC_AUTH_TYPE_KERBEROS) ||
            (types & 1u << type) != 0) {
            return IRPC_INVALID_ARG;
        }
        types |= 1u << type;
    }
    if (n_providers == 0 || n_providers > IR_SPNEGO_PROVIDERS_MAX) {
        return IRPC_INVALID_ARG;
    }
    struct ir_spnego_provider *provider = ir_calloc(1, sizeof(*provider));
    if (provider == NULL) {
        return IRPC_NO_MEMORY;
    }
    ir_auth_provider_init(&provider->base, &ops, IRPC_AUTH_TYPE_NEGOTIATE);
    for (; provider->n < n_providers; provider->n++) {
        provider->list[provider->n] = irpc_auth_provider_ref(providers[provider->n]);
    }
    *ret_provider = &provider->base;
    return IRPC_OK;
}
