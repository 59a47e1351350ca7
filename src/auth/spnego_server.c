/*
 * SPNEGO, the server: it takes the first mechanism of the client's list that it has.
 * [RFC 4178] 4.2.2, 5; [MS-SPNG] 3.2.5
 *
 * Invariants: the client's first token is looked at only if it is the chosen mechanism's; where the
 * client's first choice was not taken, and the mechanism can sign, nothing is accepted before the
 * client's MIC was verified. Clients that leave SPNEGO away and begin with NTLM are taken, as
 * Windows does. Leaves to others: what a MIC is (the mechanism).
 */
#include "auth/spnego.h"

#include "base/cur.h"

/* [MS-NLMP] 2.2.1: every message begins like this. */
static bool is_ntlm(struct irpc_span token)
{
    static const char signature[] = "NTLMSSP";
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    bool same = true;

    for (size_t i = 0; i < sizeof(signature); i++) {
        same = ir_cur_u8(&c) == (uint8_t)signature[i] && same;
    }
    return same && c.err == IRPC_OK;
}

/* Begin with @mech. False: we do not have it, or it cannot begin. */
static bool take(struct ir_spnego *s, enum ir_spnego_mech mech)
{
    mech = mech == IR_SPNEGO_MS_KERBEROS ? IR_SPNEGO_KERBEROS : mech;
    for (unsigned i = 0; i < s->provider->n; i++) {
        if (ir_spnego_provided(s->provider, i) == mech) {
            return ir_spnego_choose(s, i) == IRPC_OK;
        }
    }
    return false;
}

/* After a token of the mechanism's, or none: MICs, and the answer in @out. check: T11 */
static enum irpc_status answer(struct ir_spnego *s, struct ir_spnego_resp *resp,
                               const struct ir_out *token, struct irpc_span mic, struct ir_out *out)
{
    bool can_sign = s->mech_done && s->mech->ops->has_mic(s->mech);
    bool sign = can_sign && !s->mic_sent && (s->mic_due || mic.p != NULL);

    if (can_sign && mic.p != NULL) {
        enum irpc_status st = ir_spnego_check_mic(s, mic);
        if (st != IRPC_OK) {
            return st;
        }
    }
    if (s->mech_done && (!can_sign || !s->mic_due)) {
        s->step = IR_SPNEGO_DONE;
        resp->state = IR_SPNEGO_ACCEPT_COMPLETED;
    } else {
        s->step = IR_SPNEGO_TALK;
    }
    return ir_spnego_send(s, resp, token, sign, out);
}

static enum irpc_status on_init(struct ir_spnego *s, struct irpc_span token, struct ir_out *out)
{
    struct ir_spnego_resp resp = {.state = IR_SPNEGO_ACCEPT_INCOMPLETE};
    struct ir_spnego_init init;
    struct ir_violation v;
    struct ir_out mech_answer;
    enum irpc_status st = IRPC_OK;
    uint32_t i = 0;

    if (ir_spnego_init_decode(token, &init, &v) != IRPC_OK) {
        return IRPC_SEC_PKG_ERROR;
    }
    while (i < init.n_mechs && !take(s, ir_spnego_mech_of(init.mechs[i]))) {
        i++;
    }
    if (i == init.n_mechs) {
        return IRPC_SEC_PKG_ERROR;
    }
    ir_out_bytes(&s->mech_list, init.mech_list.p, init.mech_list.len);
    resp.mech = init.mechs[i]; /* as the client spells it, [RFC 4178] C */
    ir_out_init(&mech_answer, IR_AUTH_TOKEN_MAX, false);
    if (i > 0) {
        s->mic_due = true;
        resp.state = IR_SPNEGO_REQUEST_MIC;
    } else if (init.mech_token.len > 0) { /* check: T09 */
        st = ir_spnego_mech_step(s, init.mech_token, &mech_answer);
    }
    if (st == IRPC_OK) {
        st = s->mech_list.err != IRPC_OK
                 ? s->mech_list.err
                 : answer(s, &resp, &mech_answer, (struct irpc_span){NULL, 0}, out);
    }
    ir_out_deinit(&mech_answer);
    return st;
}

static enum irpc_status on_resp(struct ir_spnego *s, struct irpc_span token, struct ir_out *out)
{
    struct ir_spnego_resp next = {.state = IR_SPNEGO_ACCEPT_INCOMPLETE};
    struct ir_spnego_resp resp;
    struct ir_violation v;
    struct ir_out mech_answer;
    enum irpc_status st = IRPC_OK;

    if (ir_spnego_resp_decode(token, &resp, &v) != IRPC_OK || resp.state == IR_SPNEGO_REJECT ||
        (s->mech_done && (resp.mech_token.len > 0 || resp.mic.p == NULL))) {
        return IRPC_SEC_PKG_ERROR;
    }
    ir_out_init(&mech_answer, IR_AUTH_TOKEN_MAX, false);
    if (!s->mech_done) {
        st = ir_spnego_mech_step(s, resp.mech_token, &mech_answer);
    }
    if (st == IRPC_OK) {
        st = answer(s, &next, &mech_answer, resp.mic, out);
    }
    ir_out_deinit(&mech_answer);
    return st;
}

static enum irpc_status on_raw(struct ir_spnego *s, struct irpc_span token, struct ir_out *out)
{
    enum irpc_status st = ir_spnego_mech_step(s, token, out);

    s->step = s->mech_done ? IR_SPNEGO_DONE : IR_SPNEGO_RAW;
    return st;
}

enum irpc_status ir_spnego_server_step(struct ir_spnego *s, struct irpc_span token,
                                       struct ir_out *out)
{
    switch (s->step) {
    case IR_SPNEGO_START:
        if (is_ntlm(token) && take(s, IR_SPNEGO_NTLM)) { /* accepts: T13 */
            return on_raw(s, token, out);
        }
        return on_init(s, token, out);
    case IR_SPNEGO_TALK:
        return on_resp(s, token, out);
    case IR_SPNEGO_RAW:
        return on_raw(s, token, out);
    default:
        return IRPC_SEC_PKG_ERROR;
    }
}
