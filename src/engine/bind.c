/*
 * Bind and alter_context in the server role. [C706] 12.6.4.3, 12.6.4.4, 12.6.3.1;
 * [MS-RPCE] 3.3.1.5.3, 3.3.1.5.6, 3.3.3.5.1
 *
 * At most one element of a PDU is accepted: the first with NDR64 if we both have it, else the first
 * with NDR 2.0; the others are told "transfer syntaxes not supported", as Windows does. An element
 * for an existing context is accepted again with the transfer syntax that it has. So one id twice
 * in a PDU is harmless (check: B08). Flags of a bind do not matter: it is whole (check: B17).
 * Invariants: nothing of the connection changes before the whole PDU was judged; a refused bind is
 * a bind_nak, a refused alter_context a fault with did_not_execute; both close. Contexts are judged
 * before security. Header signing, once offered, is on for good.
 * Leaves to others: which interfaces there are, association groups (host), tokens (security.c).
 */
#include "engine/conn.h"

#include <string.h>

#include "engine/security.h"
#include "wire/bind.h"

#define OFFERED_MAX 64u /* check: B06 */
#define SYNTAXES_MAX 16u
#define FRAG_MIN 2048u /* what Windows never goes below */

/* One element, as judged. */
struct element {
    const void *iface;
    uint16_t id;
    uint8_t usable; /* mask of transfer syntaxes that could be accepted */
    bool existing;
    uint16_t result;
    uint16_t reason;
    uint8_t transfer; /* if accepted */
};

struct verdict {
    struct element elements[OFFERED_MAX];
    unsigned n;
    bool has_features;
    uint32_t features;
    uint16_t nak; /* when refused */
    uint32_t fault;
    struct ir_violation v;
    struct ir_leg leg; /* what a trailer is answered */
};

static bool refuse(struct verdict *r, uint16_t nak, const char *check, const char *reason)
{
    r->nak = nak;
    r->fault = irpc_status_fault(IRPC_PROTO_ERROR);
    r->v = (struct ir_violation){check, reason};
    return false;
}

/* --- judging --- */

/* What can be said of a trailer without its token. check: A02 A04 */
static bool judge_auth(const struct ir_conn *conn, const struct ir_header *h,
                       const struct ir_bind *bind, struct verdict *r)
{
    const struct ir_auth_trailer *auth = &bind->auth;
    uint32_t pad_max = 0;

    if (!auth->present) {
        return true;
    }
    if (conn->config->generation == IR_GENERATION_2012R2) {
        pad_max = h->frag_length - 24u - 8u - h->auth_length;
    }
    if (auth->pad_length > pad_max) {
        return refuse(r, IR_NAK_PROTOCOL_VERSION, "A02", "padding in front of the trailer");
    }
    if (auth->level < IRPC_AUTH_LEVEL_CONNECT || auth->level > IRPC_AUTH_LEVEL_PRIVACY) {
        return refuse(r, IR_NAK_NOT_SPECIFIED, "A04", "unknown authentication level");
    }
    return true;
}

/* The token of a PDU that is in order otherwise. check: A03 */
static bool take_leg(struct ir_conn *conn, const struct ir_input *in, const struct ir_bind *bind,
                     struct verdict *r)
{
    if (!bind->auth.present) {
        return true;
    }
    if (ir_security_take_leg(conn, in, &bind->auth, &r->leg)) {
        return true;
    }
    r->nak = r->leg.nak;
    r->fault = r->leg.fault;
    r->v = r->leg.v;
    return false;
}

/* The known transfer syntaxes of @context as a mask. */
static uint8_t offered_mask(struct ir_bind_context *context)
{
    struct irpc_syntax_id syntax;
    uint8_t mask = 0;

    while (ir_bind_next_syntax(context, &syntax)) {
        if (ir_syntax_equal(&syntax, &ir_syntax_ndr)) {
            mask |= IR_MASK_NDR20;
        } else if (ir_syntax_equal(&syntax, &ir_syntax_ndr64)) {
            mask |= IR_MASK_NDR64;
        }
    }
    return mask;
}

/* Features are recognised in a bind, as the first transfer syntax, once. check: B11 */
static bool judge_features(const struct ir_conn *conn, const struct ir_bind_context *context,
                           struct verdict *r, bool *ret_is_features)
{
    struct ir_bind_context copy = *context;
    struct irpc_syntax_id first;
    uint64_t bits;

    *ret_is_features = conn->state == IR_STATE_NEW && ir_bind_next_syntax(&copy, &first) &&
                       ir_syntax_is_features(&first, &bits);
    if (!*ret_is_features) {
        return true;
    }
    if (r->has_features) {
        return refuse(r, IR_NAK_NOT_SPECIFIED, "B11", "bind-time features twice");
    }
    r->has_features = true;
    r->features = (uint32_t)bits & conn->config->features & 0xFFFFu;
    return true;
}

/* check: B19 B20 */
static enum irpc_status find_interface(const struct ir_conn *conn,
                                       const struct ir_bind_context *context, struct element *e)
{
    uint32_t transfers = 0;
    enum irpc_status st = conn->config->host->find_interface(conn->user, &context->abstract_syntax,
                                                             &e->iface, &transfers);

    e->usable = (uint8_t)(transfers & conn->config->transfers);
    if (st == IRPC_ACCESS_DENIED) {
        e->result = IR_BIND_USER_REJECTION;
        e->reason = IR_BIND_REASON_LOCAL_LIMIT;
    } else if (st != IRPC_OK) {
        e->result = IR_BIND_PROVIDER_REJECTION;
        e->reason = IR_BIND_REASON_ABSTRACT_SYNTAX;
    }
    return st;
}

static bool judge_element(const struct ir_conn *conn, struct ir_bind_context *context,
                          struct verdict *r)
{
    struct element *e = &r->elements[r->n++];
    const struct ir_pcontext *old = ir_conn_context(conn, context->context_id);
    bool is_features = false;

    *e = (struct element){.id = context->context_id, .existing = old != NULL};
    if (context->n_transfer_syntaxes == 0) { /* check: B07 */
        return refuse(r, IR_NAK_NOT_SPECIFIED, "B07", "no transfer syntax offered");
    }
    if (context->n_transfer_syntaxes > SYNTAXES_MAX) {
        return refuse(r, IR_NAK_PROTOCOL_VERSION, "B07", "too many transfer syntaxes");
    }
    if (!judge_features(conn, context, r, &is_features)) {
        return false;
    }
    if (is_features) {
        e->result = IR_BIND_NEGOTIATE_ACK;
        e->reason = (uint16_t)r->features;
        return true;
    }
    bool found = find_interface(conn, context, e) == IRPC_OK;
    uint8_t offered = offered_mask(context);
    if (old != NULL) { /* check: B09 */
        uint8_t has = (uint8_t)(1u << old->transfer);
        uint8_t best = (uint8_t)(offered & e->usable);
        best = (best & IR_MASK_NDR64) != 0 ? (uint8_t)IR_MASK_NDR64 : best;
        if (!found || e->iface != old->iface || (offered != 0 && best != has)) {
            return refuse(r, IR_NAK_NOT_SPECIFIED, "B09", "context id in use with another syntax");
        }
        e->usable = has;
    }
    if (!found) {
        return true;
    }
    e->usable &= offered;
    e->result = IR_BIND_PROVIDER_REJECTION; /* until chosen */
    e->reason = IR_BIND_REASON_TRANSFER_SYNTAXES;
    return true;
}

static bool judge(const struct ir_conn *conn, const struct ir_header *h, struct ir_bind *bind,
                  struct verdict *r)
{
    struct ir_bind_context context;

    if (bind->n_contexts == 0) { /* check: B06 */
        return refuse(r,
                      conn->config->generation == IR_GENERATION_2012R2 ? IR_NAK_NOT_SPECIFIED
                                                                       : IR_NAK_PROTOCOL_VERSION,
                      "B06", "no context offered");
    }
    if (bind->n_contexts > OFFERED_MAX || bind->n_contexts > conn->config->limits.offered) {
        return refuse(r, IR_NAK_PROTOCOL_VERSION, "B06", "too many contexts offered");
    }
    if (h->ptype == IR_PTYPE_ALTER_CONTEXT && bind->auth.present &&
        bind->auth.type == IRPC_AUTH_TYPE_NONE) { /* check: A09 */
        (void)refuse(r, 0, "A09", "a token of no authentication type");
        r->fault = irpc_status_fault(IRPC_ACCESS_DENIED);
        return false;
    }
    while (ir_bind_next_context(bind, &context)) {
        if (!judge_element(conn, &context, r)) {
            return false;
        }
    }
    return judge_auth(conn, h, bind, r);
}

/* --- accepting --- */

/* The element to accept: NDR64 in all elements before NDR 2.0 in any. check: B13 */
static struct element *choose(struct verdict *r)
{
    static const uint8_t order[] = {IR_TRANSFER_NDR64, IR_TRANSFER_NDR20};

    for (unsigned pass = 0; pass < IR_ARRAY_LEN(order); pass++) {
        for (unsigned i = 0; i < r->n; i++) {
            if ((r->elements[i].usable & (1u << order[pass])) != 0 &&
                r->elements[i].result == IR_BIND_PROVIDER_REJECTION &&
                r->elements[i].reason == IR_BIND_REASON_TRANSFER_SYNTAXES) {
                r->elements[i].transfer = order[pass];
                return &r->elements[i];
            }
        }
    }
    return NULL;
}

static enum irpc_status accept_element(struct ir_conn *conn, struct element *e)
{
    const struct ir_conn_host *host = conn->config->host;

    if (!e->existing && conn->n_contexts >= conn->config->limits.contexts) { /* check: B10 */
        e->reason = IR_BIND_REASON_LOCAL_LIMIT;
        return IRPC_OK;
    }
    if (!e->existing && host->accept_context != NULL &&
        host->accept_context(conn->user, e->iface, e->id) != IRPC_OK) {
        e->result = IR_BIND_USER_REJECTION;
        e->reason = IR_BIND_REASON_LOCAL_LIMIT;
        return IRPC_OK;
    }
    if (!e->existing) {
        struct ir_pcontext *c = ir_conn_new_context(conn);
        if (c == NULL) {
            return IRPC_NO_MEMORY;
        }
        c->iface = e->iface;
        c->id = e->id;
        c->transfer = e->transfer;
        conn->n_contexts++;
    }
    e->result = IR_BIND_ACCEPTANCE;
    e->reason = IR_BIND_REASON_NOT_SPECIFIED;
    return IRPC_OK;
}

/* [C706] 12.6.3.1: both sizes of the answer are what we send and take. check: B05 */
static uint16_t negotiate_frag(const struct ir_conn *conn, const struct ir_bind *bind)
{
    uint32_t v =
        bind->max_xmit_frag < bind->max_recv_frag ? bind->max_xmit_frag : bind->max_recv_frag;

    v = v < FRAG_MIN ? FRAG_MIN : v;
    v = v > conn->config->frag_max ? conn->config->frag_max : v;
    return (uint16_t)(v & 0xFFF8u);
}

/* The answer to a trailer: its 8 bytes also where there is no token. */
static uint16_t put_token(struct ir_out *o, const struct ir_auth_trailer *asked,
                          const struct ir_leg *leg)
{
    struct ir_auth_trailer t = {.type = asked->type,
                                .level = asked->level,
                                .context_id = asked->context_id,
                                .token = {leg->token.base, leg->token.len}};

    if (!asked->present) {
        return 0;
    }
    ir_auth_trailer_encode(o, o->len, &t); /* results end 4-aligned: no padding */
    return (uint16_t)leg->token.len;
}

static enum irpc_status send_ack(struct ir_conn *conn, enum ir_ptype ptype,
                                 const struct ir_header *h, const struct ir_auth_trailer *asked,
                                 const struct verdict *r)
{
    struct ir_out *o = &conn->outq->buf;
    size_t before = o->len;
    uint8_t flags = IR_PFC_WHOLE | (h->flags & IR_PFC_SUPPORT_HEADER_SIGN);
    struct ir_bind_ack ack = {.max_xmit_frag = conn->xmit,
                              .max_recv_frag = conn->xmit,
                              .assoc_group_id = conn->group_id,
                              .n_results = (uint8_t)r->n};
    const char *address = conn->config->secondary_address;

    if (ptype == IR_PTYPE_BIND_ACK) {
        flags |= conn->mpx ? IR_PFC_CONC_MPX : 0;
        if (address != NULL) {
            ack.sec_addr = (struct irpc_span){(const uint8_t *)address, strlen(address)};
        }
    }
    size_t start = ir_bind_ack_encode(o, ptype, flags, h->call_id, &ack);
    for (unsigned i = 0; i < r->n; i++) {
        const struct element *e = &r->elements[i];
        struct ir_bind_result result = {.result = e->result, .reason = e->reason};
        if (e->result == IR_BIND_ACCEPTANCE) {
            result.transfer_syntax =
                e->transfer == IR_TRANSFER_NDR64 ? ir_syntax_ndr64 : ir_syntax_ndr;
        }
        ir_bind_encode_result(o, &result);
    }
    uint16_t auth_length = put_token(o, asked, &r->leg);
    ir_header_end(o, start, 0, auth_length);
    return ir_conn_sent(conn, before);
}

static enum irpc_status answer(struct ir_conn *conn, enum ir_ptype ptype, const struct ir_header *h,
                               const struct ir_auth_trailer *asked, struct verdict *r)
{
    struct element *e = choose(r);
    enum irpc_status st = e != NULL ? accept_element(conn, e) : IRPC_OK;

    if (st != IRPC_OK) {
        return st;
    }
    conn->sign_header |= (h->flags & IR_PFC_SUPPORT_HEADER_SIGN) != 0;
    return send_ack(conn, ptype, h, asked, r);
}

/* --- PDUs --- */

static enum irpc_status nak(struct ir_conn *conn, const struct ir_header *h,
                            const struct verdict *r, struct ir_event *event)
{
    return ir_conn_reject_nak(conn, h->call_id, r->nak, r->v.check, r->v.reason, event);
}

/* A bind that was judged and whose token was taken. */
static enum irpc_status join(struct ir_conn *conn, const struct ir_header *h,
                             const struct ir_bind *bind, struct verdict *r, struct ir_event *event)
{
    enum irpc_status st = conn->config->host->assoc_join(conn->user, bind->assoc_group_id,
                                                         &conn->group, &conn->group_id);

    if (st == IRPC_NOT_FOUND) { /* check: B16 */
        (void)refuse(r, IR_NAK_NOT_SPECIFIED, "B16", "unknown association group");
        return nak(conn, h, r, event);
    }
    if (st != IRPC_OK) {
        (void)refuse(r, IR_NAK_TEMPORARY_CONGESTION, "B16", "no more association groups");
        return nak(conn, h, r, event);
    }
    conn->mpx = conn->config->conc_mpx && (h->flags & IR_PFC_CONC_MPX) != 0;
    conn->xmit = negotiate_frag(conn, bind);
    conn->features = r->features;
    conn->state = IR_STATE_BOUND;
    conn->plain = conn->security == NULL;
    return answer(conn, IR_PTYPE_BIND_ACK, h, &bind->auth, r);
}

enum irpc_status ir_conn_on_bind(struct ir_conn *conn, const struct ir_input *in,
                                 struct ir_event *event)
{
    const struct ir_header *h = in->header;
    struct verdict r = {.nak = IR_NAK_PROTOCOL_VERSION};
    struct ir_bind bind;
    enum irpc_status st;

    if (ir_bind_decode(h, in->pdu, &bind, &r.v) != IRPC_OK || !judge(conn, h, &bind, &r) ||
        !take_leg(conn, in, &bind, &r)) {
        st = r.leg.pending ? IRPC_OK : nak(conn, h, &r, event);
    } else {
        st = join(conn, h, &bind, &r, event);
    }
    ir_out_deinit(&r.leg.token);
    return st;
}

enum irpc_status ir_conn_on_alter(struct ir_conn *conn, const struct ir_input *in,
                                  struct ir_event *event)
{
    const struct ir_header *h = in->header;
    struct verdict r = {.fault = irpc_status_fault(IRPC_PROTO_ERROR)};
    struct ir_bind bind;
    enum irpc_status st;

    if (ir_bind_decode(h, in->pdu, &bind, &r.v) != IRPC_OK || !judge(conn, h, &bind, &r) ||
        !take_leg(conn, in, &bind, &r)) {
        struct ir_refusal refusal = {.call_id = h->call_id,
                                     .status = r.fault,
                                     .did_not_execute = true,
                                     .check = r.v.check,
                                     .reason = r.v.reason};
        st = r.leg.pending ? IRPC_OK : ir_conn_refuse(conn, &refusal, event);
    } else {
        st = answer(conn, IR_PTYPE_ALTER_CONTEXT_RESP, h, &bind.auth, &r);
    }
    ir_out_deinit(&r.leg.token);
    return st;
}
