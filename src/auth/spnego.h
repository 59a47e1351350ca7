/*
 * The SPNEGO provider: what its files share. [RFC 4178], [MS-SPNG] 3
 *
 *     client                                  server
 *     NegTokenInit: mechanisms, token of the
 *     first (a guess that is often right) ──→
 *                  ←── NegTokenResp: the mechanism that it chose, its token
 *     NegTokenResp: token [, mechListMIC] ──→       as often as it needs
 *                  ←── NegTokenResp: accept-completed [, mechListMIC]
 *
 * The list of mechanisms is not protected when it is sent. So both sides sign it once they can, and
 * must if the client's first choice was not taken: somebody in between may have changed the list.
 * [RFC 4178] 5; check: T11
 */
#pragma once

#include <ironrpc/auth.h>

#include "auth/provider.h"
#include "auth/spnego_msg.h"

#define IR_SPNEGO_PROVIDERS_MAX 2u /* NTLM and Kerberos */

struct ir_spnego_provider {
    struct irpc_auth_provider base;
    struct irpc_auth_provider *list[IR_SPNEGO_PROVIDERS_MAX]; /* best first */
    unsigned n;
};

enum ir_spnego_step {
    IR_SPNEGO_START,
    IR_SPNEGO_FIRST, /* client: the server's first token is awaited */
    IR_SPNEGO_TALK,
    IR_SPNEGO_RAW, /* server: the client left SPNEGO away */
    IR_SPNEGO_DONE,
    IR_SPNEGO_FAILED
};

/* A security context of either role. */
struct ir_spnego {
    struct ir_auth base;
    const struct ir_spnego_provider *provider;
    struct ir_auth *mech;    /* the chosen one's; NULL: not yet */
    struct ir_out mech_list; /* mechTypes of the client in DER: what MICs are about */
    char *target;
    uint8_t *bindings; /* channel bindings, of bindings_len bytes */
    size_t bindings_len;
    unsigned first;   /* client: offered from this one of the provider's list on */
    unsigned current; /* which of the provider's list is chosen */
    uint8_t level;
    uint8_t role;
    uint8_t step;     /* enum ir_spnego_step */
    bool mech_done;   /* it expects no more tokens */
    bool mic_due;     /* the peer's MIC is still to come */
    bool mic_allowed; /* client: the server may have made one */
    bool mic_sent;
};

static inline struct ir_spnego *ir_spnego_of(struct ir_auth *auth)
{
    return (struct ir_spnego *)(void *)auth;
}

/* Which mechanism the provider's entry @i is. */
enum ir_spnego_mech ir_spnego_provided(const struct ir_spnego_provider *provider, unsigned i);

/* Let entry @i be the mechanism, instead of any that was. Return: as its begin(). */
IRPC_CHECKED ir_spnego_choose(struct ir_spnego *s, unsigned i);

/* One leg of the mechanism's: its step(). */
IRPC_CHECKED ir_spnego_mech_step(struct ir_spnego *s, struct irpc_span token,
                                 struct ir_out *answer);

/* The peer's MIC over the list of mechanisms. Return: IRPC_OK, IRPC_SEC_PKG_ERROR. */
IRPC_CHECKED ir_spnego_check_mic(struct ir_spnego *s, struct irpc_span mic);

/* Append NegTokenResp with @resp's state and mechanism, @token unless it is empty, and our MIC if
 * @sign. Return: IRPC_OK; what get_mic() and @out say. */
IRPC_CHECKED ir_spnego_send(struct ir_spnego *s, struct ir_spnego_resp *resp,
                            const struct ir_out *token, bool sign, struct ir_out *out);

/* step() of the two roles. */
IRPC_CHECKED ir_spnego_server_step(struct ir_spnego *s, struct irpc_span token, struct ir_out *out);
IRPC_CHECKED ir_spnego_client_step(struct ir_spnego *s, struct irpc_span token, struct ir_out *out);
