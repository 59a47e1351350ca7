/*
 * SPNEGO, the client: it offers what it has credentials for, best first, with the first token of
 * the best. [RFC 4178] 4.2.1, 5; [MS-SPNG] 3.3.5
 *
 * Invariants: a mechanism that cannot make its first token (no ticket to be had) is not offered;
 * the server may take another of the list once, in its first token, and then has to prove by its
 * MIC that it saw this list. We send our MIC whenever we can, and see to it that we can where the
 * server took another than the first; not elsewhere, for at level CONNECT Samba's server answers no
 * session that may sign. A server that took the first mechanism may do without its own: nothing was
 * taken from the list.
 */
#include "auth/spnego.h"

static const struct irpc_span nothing = {NULL, 0};

/* --- NegTokenInit --- */

static enum irpc_status offer(struct ir_spnego *s, const struct ir_out *mech_token,
                              struct ir_out *out)
{
    struct ir_spnego_init init = {.mech_token = {mech_token->base, mech_token->len}};

    for (unsigned i = s->first; i < s->provider->n; i++) {
        init.mechs[init.n_mechs++] = ir_spnego_mech_oid(ir_spnego_provided(s->provider, i));
    }
    ir_spnego_mech_list_encode(&s->mech_list, &init);
    ir_spnego_init_encode(out, &init);
    return s->mech_list.err != IRPC_OK ? s->mech_list.err : out->err;
}

static enum irpc_status start(struct ir_spnego *s, struct ir_out *out)
{
    enum irpc_status st = IRPC_SEC_PKG_ERROR;
    struct ir_out mech_token;

    for (unsigned i = 0; i < s->provider->n && st != IRPC_OK; i++) {
        ir_out_init(&mech_token, IR_AUTH_TOKEN_MAX, false);
        s->first = i;
        st = ir_spnego_choose(s, i);
        if (st == IRPC_OK) {
            st = ir_spnego_mech_step(s, nothing, &mech_token);
        }
        if (st == IRPC_OK) {
            st = offer(s, &mech_token, out);
        }
        ir_out_deinit(&mech_token);
        if (st == IRPC_NO_MEMORY || out->err != IRPC_OK) {
            return st;
        }
    }
    s->step = IR_SPNEGO_FIRST;
    return st;
}

/* --- NegTokenResp --- */

/* What the server chose: it says so in its first token. check: T11 */
static enum irpc_status on_choice(struct ir_spnego *s, const struct ir_spnego_resp *resp,
                                  bool *ret_other)
{
    enum ir_spnego_mech mech = ir_spnego_mech_of(resp->mech);
    unsigned i = s->first;

    *ret_other = false;
    s->mic_due = resp->state == IR_SPNEGO_REQUEST_MIC;
    if (resp->mech.p == NULL) {
        return IRPC_OK; /* the first */
    }
    mech = mech == IR_SPNEGO_MS_KERBEROS ? IR_SPNEGO_KERBEROS : mech;
    while (i < s->provider->n && ir_spnego_provided(s->provider, i) != mech) {
        i++;
    }
    if (i == s->first) {
        return IRPC_OK;
    }
    if (i == s->provider->n || resp->mech_token.len > 0) { /* not offered; or it answers nothing */
        return IRPC_SEC_PKG_ERROR;
    }
    s->mic_due = true;
    *ret_other = true;
    return ir_spnego_choose(s, i);
}

/* The mechanism's part: its next token, if it is its turn. */
static enum irpc_status step_mech(struct ir_spnego *s, const struct ir_spnego_resp *resp,
                                  bool other, struct ir_out *ret_token)
{
    bool was_done = s->mech_done;
    enum irpc_status st = IRPC_OK;

    ir_out_init(ret_token, IR_AUTH_TOKEN_MAX, false);
    if (was_done != (resp->mech_token.len == 0) && !other) {
        return IRPC_SEC_PKG_ERROR; /* a token too many, or none where one is due */
    }
    if (!was_done) {
        st = ir_spnego_mech_step(s, resp->mech_token, ret_token);
    }
    /* A server that waits for our token has no key to make a MIC with: Windows 2000 puts a copy of
     * its token there. */
    s->mic_allowed = s->mech_done && ret_token->len == 0;
    return st;
}

/* The server has accepted: whether that may be all. */
static enum irpc_status finish(struct ir_spnego *s, const struct ir_out *token)
{
    if (!s->mech_done || token->len > 0 || s->mic_due) { /* check: T11 */
        return IRPC_SEC_PKG_ERROR;
    }
    s->step = IR_SPNEGO_DONE;
    return IRPC_OK;
}

static enum irpc_status go_on(struct ir_spnego *s, const struct ir_spnego_resp *resp,
                              const struct ir_out *token, struct ir_out *out)
{
    struct ir_spnego_resp next = {.state = IR_SPNEGO_NO_STATE};
    bool can_sign = s->mech_done && s->mech->ops->has_mic(s->mech);

    if (s->mic_allowed && can_sign && resp->mic.p != NULL) {
        enum irpc_status st = ir_spnego_check_mic(s, resp->mic);
        if (st != IRPC_OK) {
            return st;
        }
    }
    if (resp->state == IR_SPNEGO_ACCEPT_COMPLETED) {
        return finish(s, token);
    }
    bool sign = can_sign && !s->mic_sent;
    if (token->len == 0 && !sign) {
        return IRPC_SEC_PKG_ERROR; /* neither side would have anything to say */
    }
    s->step = IR_SPNEGO_TALK;
    return ir_spnego_send(s, &next, token, sign, out);
}

static enum irpc_status on_resp(struct ir_spnego *s, struct irpc_span token, struct ir_out *out)
{
    struct ir_spnego_resp resp;
    struct ir_violation v;
    struct ir_out mech_token;
    bool other = false;
    bool is_first = s->step == IR_SPNEGO_FIRST;

    if (ir_spnego_resp_decode(token, &resp, &v) != IRPC_OK) {
        return IRPC_SEC_PKG_ERROR;
    }
    if (resp.state == IR_SPNEGO_REJECT) {
        return IRPC_ACCESS_DENIED;
    }
    if (!is_first && resp.state == IR_SPNEGO_REQUEST_MIC) { /* [RFC 4178] 4.2.2 */
        return IRPC_SEC_PKG_ERROR;
    }
    enum irpc_status st = is_first ? on_choice(s, &resp, &other) : IRPC_OK;
    if (st != IRPC_OK) {
        return st;
    }
    st = step_mech(s, &resp, other, &mech_token);
    if (st == IRPC_OK) {
        st = go_on(s, &resp, &mech_token, out);
    }
    ir_out_deinit(&mech_token);
    return st;
}

enum irpc_status ir_spnego_client_step(struct ir_spnego *s, struct irpc_span token,
                                       struct ir_out *out)
{
    switch (s->step) {
    case IR_SPNEGO_START:
        return token.len == 0 ? start(s, out) : IRPC_SEC_PKG_ERROR;
    case IR_SPNEGO_FIRST:
    case IR_SPNEGO_TALK:
        return on_resp(s, token, out);
    default:
        return IRPC_SEC_PKG_ERROR;
    }
}
