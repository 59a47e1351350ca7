/*
 * The client role: what is sent. [C706] 12.6.4.3, 12.6.4.9, 12.6.4.1, 12.6.4.8;
 * [MS-RPCE] 3.3.2.4
 *
 * Invariants: call ids are not reused while their call is open (check: R10); no request before the
 * answer to bind, nor while an alter_context is unanswered (check: B04); without CONC_MPX one call
 * at a time (check: R09). Leaves to others: answers (client.c).
 */
#include "engine/conn.h"

#include "engine/security.h"
#include "wire/bind.h"

/* --- bind, alter_context --- */

static bool offers_valid(const struct ir_conn *conn, const struct ir_bind_offer *offers, unsigned n)
{
    if (n == 0 || n > conn->config->limits.offered || n > UINT8_MAX - 1u ||
        n + conn->n_contexts > conn->config->limits.contexts) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        uint32_t known = IR_MASK_NDR20 | IR_MASK_NDR64;
        if (offers[i].transfers == 0 || (offers[i].transfers & ~known) != 0 ||
            ir_conn_context(conn, offers[i].context_id) != NULL) {
            return false;
        }
        for (unsigned j = 0; j < i; j++) {
            if (offers[j].context_id == offers[i].context_id) {
                return false;
            }
        }
    }
    return true;
}

static void put_offer(struct ir_out *o, const struct ir_bind_offer *offer)
{
    struct irpc_syntax_id syntaxes[2];
    uint8_t n = 0;

    if ((offer->transfers & IR_MASK_NDR20) != 0) {
        syntaxes[n++] = ir_syntax_ndr;
    }
    if ((offer->transfers & IR_MASK_NDR64) != 0) {
        syntaxes[n++] = ir_syntax_ndr64;
    }
    ir_bind_encode_context(o, offer->context_id, &offer->abstract, syntaxes, n);
}

/* As Windows: the abstract syntax of the element before, an id that nothing else has. */
static void put_features(struct ir_out *o, const struct ir_bind_offer *offers, unsigned n,
                         uint32_t features)
{
    struct irpc_syntax_id syntax = ir_syntax_of_features(features);
    uint16_t id = 0;

    for (unsigned i = 0; i < n; i++) {
        if (offers[i].context_id == id) {
            id++;
            i = UINT32_MAX; /* look again from the start */
        }
    }
    ir_bind_encode_context(o, id, &offers[n - 1].abstract, &syntax, 1);
}

static enum irpc_status remember(struct ir_conn *conn, const struct ir_bind_offer *offers,
                                 unsigned n)
{
    conn->offer_base = conn->n_contexts;
    for (unsigned i = 0; i < n; i++) {
        struct ir_pcontext *c = ir_conn_new_context(conn);
        if (c == NULL) {
            conn->n_contexts = conn->offer_base;
            return IRPC_NO_MEMORY;
        }
        c->iface = offers[i].user;
        c->id = offers[i].context_id;
        c->transfers = offers[i].transfers;
        c->abstract = offers[i].abstract;
        c->transfer = IR_TRANSFER_NONE;
        c->result = IR_BIND_PROVIDER_REJECTION;
        conn->n_contexts++;
    }
    return IRPC_OK;
}

static enum irpc_status send_offers(struct ir_conn *conn, enum ir_ptype ptype,
                                    const struct ir_bind_offer *offers, unsigned n,
                                    uint32_t group_id)
{
    struct ir_out *o = &conn->outq->buf;
    size_t before = o->len;
    uint32_t features = ptype == IR_PTYPE_BIND ? conn->config->features : 0;
    uint8_t flags = IR_PFC_WHOLE;
    struct ir_bind bind = {.max_xmit_frag = (uint16_t)conn->config->frag_max,
                           .max_recv_frag = (uint16_t)conn->config->frag_max,
                           .assoc_group_id = group_id,
                           .n_contexts = (uint8_t)(n + (features != 0 ? 1u : 0u))};

    enum irpc_status st = remember(conn, offers, n);
    if (st != IRPC_OK) {
        return st;
    }
    bool secure = ptype == IR_PTYPE_BIND && conn->config->provider != NULL;
    uint16_t auth_length = 0;
    if (ptype == IR_PTYPE_BIND && conn->config->conc_mpx) {
        flags |= IR_PFC_CONC_MPX;
    }
    flags |= secure ? IR_PFC_SUPPORT_HEADER_SIGN : 0;
    size_t start = ir_bind_encode(o, ptype, flags, conn->next_call_id, &bind);
    for (unsigned i = 0; i < n; i++) {
        put_offer(o, &offers[i]);
    }
    if (features != 0) {
        put_features(o, offers, n, features);
    }
    if (secure) {
        st = ir_client_put_token(conn, o, conn->opened_ms, &auth_length);
        o->err = o->err != IRPC_OK ? o->err : st;
    }
    ir_header_end(o, start, 0, auth_length);
    st = ir_conn_sent(conn, before);
    if (st != IRPC_OK) {
        conn->n_contexts = conn->offer_base;
        return st;
    }
    conn->offer_features = features != 0;
    conn->bind_call_id = conn->next_call_id++;
    return IRPC_OK;
}

enum irpc_status ir_conn_bind(struct ir_conn *conn, const struct ir_bind_offer *offers, unsigned n,
                              uint32_t group_id)
{
    if (conn->role != IR_CLIENT || conn->state != IR_STATE_NEW || conn->close) {
        return IRPC_INVALID_STATE;
    }
    if (!offers_valid(conn, offers, n)) {
        return IRPC_INVALID_ARG;
    }
    enum irpc_status st = send_offers(conn, IR_PTYPE_BIND, offers, n, group_id);
    if (st == IRPC_OK) {
        conn->state = IR_STATE_BINDING;
    }
    return st;
}

enum irpc_status ir_conn_alter(struct ir_conn *conn, const struct ir_bind_offer *offers, unsigned n)
{
    if (conn->role != IR_CLIENT || conn->state != IR_STATE_BOUND || conn->close) {
        return IRPC_INVALID_STATE;
    }
    if (!offers_valid(conn, offers, n)) {
        return IRPC_INVALID_ARG;
    }
    enum irpc_status st = send_offers(conn, IR_PTYPE_ALTER_CONTEXT, offers, n, conn->group_id);
    if (st == IRPC_OK) {
        conn->state = IR_STATE_ALTERING;
    }
    return st;
}

/* --- requests --- */

/* A slot for a new call; an orphaned one gives way when there is no other. */
static enum irpc_status new_call(struct ir_conn *conn, struct ir_conn_call **ret_call)
{
    struct ir_conn_call *oldest = NULL;

    for (unsigned i = 0; conn->n_calls >= conn->config->limits.calls && i < conn->cap_calls; i++) {
        struct ir_conn_call *c = &conn->calls[i];
        if (c->token != 0 && c->state == IR_CALL_ORPHANED &&
            ir_partial_find(conn, c->call_id) == NULL &&
            (oldest == NULL || (int32_t)(c->call_id - oldest->call_id) < 0)) {
            oldest = c;
        }
    }
    if (oldest != NULL) {
        ir_conn_free_call(conn, oldest);
    }
    while (conn->n_calls > 0 && ir_conn_find_call_id(conn, conn->next_call_id) != NULL) {
        conn->next_call_id++;
    }
    enum irpc_status st = ir_conn_new_call(conn, conn->next_call_id, ret_call);
    if (st == IRPC_OK) {
        conn->next_call_id++;
    }
    return st;
}

enum irpc_status ir_conn_call_begin(struct ir_conn *conn, uint16_t context_id, uint16_t opnum,
                                    const struct irpc_uuid *object, struct ir_out **ret_out,
                                    uint32_t *ret_call)
{
    const struct ir_pcontext *context = ir_conn_context(conn, context_id);
    uint16_t head = IR_CALL_HEAD_LEN + (object != NULL ? IR_REQUEST_OBJECT_LEN : 0);
    struct ir_conn_call *c;

    if (conn->role != IR_CLIENT || conn->state != IR_STATE_BOUND || conn->close ||
        (conn->n_calls > 0 && !conn->mpx)) {
        return IRPC_INVALID_STATE;
    }
    if (context == NULL || context->transfer == IR_TRANSFER_NONE) {
        return IRPC_INVALID_ARG;
    }
    enum irpc_status st = new_call(conn, &c);
    if (st != IRPC_OK) {
        return st;
    }
    st = ir_conn_stub_begin(conn, head, ret_out);
    if (st != IRPC_OK) {
        ir_conn_free_call(conn, c);
        return st;
    }
    if (object != NULL) {
        struct ir_out o = ir_out_fixed((*ret_out)->base + conn->out_mark + IR_CALL_HEAD_LEN,
                                       IR_REQUEST_OBJECT_LEN, false);
        ir_out_uuid(&o, object);
    }
    c->state = IR_CALL_SENDING;
    c->security = conn->security != NULL;
    c->context_id = context_id;
    c->opnum = opnum;
    *ret_call = c->token;
    return IRPC_OK;
}

enum irpc_status ir_conn_call_end(struct ir_conn *conn, uint32_t call)
{
    struct ir_conn_call *c = ir_conn_find_call(conn, call);

    if (c == NULL || c->state != IR_CALL_SENDING) {
        return IRPC_NO_CALL_ACTIVE;
    }
    struct ir_head head = {.ptype = IR_PTYPE_REQUEST,
                           .len = (uint8_t)conn->out_head,
                           .security = c->security,
                           .call_id = c->call_id,
                           .context_id = c->context_id,
                           .opnum = c->opnum};
    if (head.len > IR_CALL_HEAD_LEN) {
        head.flags = IR_PFC_OBJECT_UUID;
    }
    if (ir_security_protects(ir_security_at(conn, c->security))) {
        ir_client_put_verification(conn, c);
    }
    enum irpc_status st = ir_conn_stub_end(conn, &head);
    c->state = IR_CALL_OPEN;
    if (st != IRPC_OK) {
        ir_conn_free_call(conn, c);
    }
    return st;
}

void ir_conn_call_abort(struct ir_conn *conn, uint32_t call)
{
    struct ir_conn_call *c = ir_conn_find_call(conn, call);

    if (c != NULL && c->state == IR_CALL_SENDING) {
        ir_conn_stub_abort(conn);
        ir_conn_free_call(conn, c);
    }
}

static enum irpc_status send_header(struct ir_conn *conn, uint32_t call, enum ir_ptype ptype,
                                    struct ir_conn_call **ret_call)
{
    struct ir_conn_call *c = ir_conn_find_call(conn, call);
    size_t start = conn->outq->buf.len;

    if (c == NULL || c->state != IR_CALL_OPEN) {
        return IRPC_NO_CALL_ACTIVE;
    }
    ir_header_only_encode(&conn->outq->buf, ptype, IR_PFC_WHOLE, c->call_id);
    *ret_call = c;
    return ir_conn_sent(conn, start);
}

enum irpc_status ir_conn_cancel(struct ir_conn *conn, uint32_t call)
{
    struct ir_conn_call *c;

    return send_header(conn, call, IR_PTYPE_CO_CANCEL, &c);
}

enum irpc_status ir_conn_orphan(struct ir_conn *conn, uint32_t call)
{
    struct ir_conn_call *c = NULL;
    enum irpc_status st = send_header(conn, call, IR_PTYPE_ORPHANED, &c);

    if (c != NULL) {
        c->state = IR_CALL_ORPHANED;
    }
    return st;
}
