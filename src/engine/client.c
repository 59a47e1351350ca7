/*
 * The client role: what a server's answers mean. [C706] 9.3, 12.6.4; [MS-RPCE] 3.3.2.5
 *
 * Tolerant where servers differ: header-sign bit cleared, context id truncated to 8 bits or zero,
 * faults of 28 bytes, status 0, a secondary address of any content, and (Wine) call_id 1 in every
 * answer. Strict where bytes decide about memory or about whose answer it is.
 * Invariants: an answer ends at most one call; a reply is delivered whole.
 * Leaves to others: what is sent (client_send.c), timeouts of calls, reconnecting.
 */
#include "engine/conn.h"

#include "engine/security.h"
#include "wire/bind.h"

#define RECV_FRAG_MIN 1432u /* [C706] 12.6.3.1: MustRecvFragSize of every implementation */

/* --- bind_ack, bind_nak, alter_context_resp --- */

static void reject(struct ir_conn *conn, const struct ir_input *in, const char *check,
                   const char *reason, struct ir_event *event)
{
    ir_conn_reject(conn, in->header->call_id, check, reason, event);
}

/* check: B12 B13 */
static const char *take_result(struct ir_pcontext *c, const struct ir_bind_result *result)
{
    if (result->result > IR_BIND_NEGOTIATE_ACK) {
        return "unknown result";
    }
    c->result = result->result;
    c->reason = result->reason;
    if (result->result == IR_BIND_NEGOTIATE_ACK) {
        return "features granted to an interface";
    }
    if (result->result != IR_BIND_ACCEPTANCE) {
        return NULL;
    }
    if (ir_syntax_equal(&result->transfer_syntax, &ir_syntax_ndr)) {
        c->transfer = IR_TRANSFER_NDR20;
    } else if (ir_syntax_equal(&result->transfer_syntax, &ir_syntax_ndr64)) {
        c->transfer = IR_TRANSFER_NDR64;
    } else {
        return "unknown transfer syntax accepted";
    }
    if ((c->transfers & (1u << c->transfer)) == 0) {
        c->transfer = IR_TRANSFER_NONE;
        return "transfer syntax accepted that was not offered";
    }
    return NULL;
}

static const char *take_results(struct ir_conn *conn, struct ir_bind_ack *ack)
{
    struct ir_bind_result result;
    unsigned n = (unsigned)conn->n_contexts - conn->offer_base;
    unsigned i = conn->offer_base;

    if (ack->n_results != n + (conn->offer_features ? 1u : 0u)) {
        return "number of results differs from what was offered";
    }
    while (ir_bind_next_result(ack, &result)) {
        const char *reason = NULL;
        if (i < conn->n_contexts) {
            reason = take_result(&conn->contexts[i++], &result);
        } else if (result.result == IR_BIND_NEGOTIATE_ACK) {
            conn->features = result.reason & conn->config->features;
        }
        if (reason != NULL) {
            return reason;
        }
    }
    return NULL;
}

/* What a bind_ack says of the connection; NULL, or what is wrong. check: B12 */
static const char *take_sizes(struct ir_conn *conn, const struct ir_input *in,
                              const struct ir_bind_ack *ack)
{
    if (ack->max_recv_frag < RECV_FRAG_MIN) {
        return "fragment size below the least that is allowed";
    }
    if (ack->max_recv_frag < conn->xmit) {
        conn->xmit = ack->max_recv_frag & 0xFFF8u;
    }
    conn->group_id = ack->assoc_group_id;
    conn->mpx = conn->config->conc_mpx && (in->header->flags & IR_PFC_CONC_MPX) != 0;
    conn->sign_header =
        conn->security != NULL && (in->header->flags & IR_PFC_SUPPORT_HEADER_SIGN) != 0;
    return NULL;
}

enum irpc_status ir_conn_on_bind_ack(struct ir_conn *conn, const struct ir_input *in,
                                     struct ir_event *event)
{
    struct ir_bind_ack ack;
    struct ir_violation v;
    bool bind = conn->state == IR_STATE_BINDING;

    if (ir_bind_ack_decode(in->header, in->pdu, &ack, &v) != IRPC_OK) {
        reject(conn, in, v.check, v.reason, event);
        return IRPC_OK;
    }
    if (ack.auth.present && conn->n_legs == 0) {
        reject(conn, in, "A05", "verifier without a security context", event);
        return IRPC_OK;
    }
    const char *reason = conn->in_leg ? NULL : take_results(conn, &ack);
    if (reason == NULL && bind) {
        reason = take_sizes(conn, in, &ack);
    }
    if (reason != NULL) {
        reject(conn, in, "B12", reason, event);
        return IRPC_OK;
    }
    if (conn->n_legs > 0) {
        return ir_client_take_token(conn, in, &ack.auth, event);
    }
    conn->state = IR_STATE_BOUND;
    event->type = IR_EVENT_BOUND;
    event->call_id = in->header->call_id;
    return IRPC_OK;
}

/* check: B15 */
void ir_conn_on_bind_nak(struct ir_conn *conn, const struct ir_input *in, struct ir_event *event)
{
    struct ir_bind_nak nak;
    struct ir_violation v;

    if (ir_bind_nak_decode(in->header, in->pdu, &nak, &v) != IRPC_OK) {
        reject(conn, in, v.check, v.reason, event);
        return;
    }
    conn->close = true;
    event->type = IR_EVENT_REFUSED;
    event->call_id = in->header->call_id;
    event->nak_reason = nak.reason;
    event->status = 0;
    event->reason = NULL;
}

/* --- responses --- */

/*
 * The call that an answer with @call_id is for. A server that answers every call with call_id 1
 * (Wine 8) is understood as long as one call is open. check: R06
 */
static struct ir_conn_call *answered_call(const struct ir_conn *conn, uint32_t call_id)
{
    struct ir_conn_call *c = ir_conn_find_call_id(conn, call_id);

    if (c != NULL || call_id != 1 || conn->n_calls != 1) {
        return c;
    }
    for (unsigned i = 0; i < conn->cap_calls; i++) {
        if (conn->calls[i].token != 0) {
            return &conn->calls[i];
        }
    }
    return NULL;
}

static void deliver(struct ir_conn *conn, struct ir_conn_call *c, bool big_endian,
                    struct ir_event *event)
{
    if (c->state != IR_CALL_ORPHANED) {
        event->type = IR_EVENT_REPLY;
        event->call = c->token;
        event->call_id = c->call_id;
        event->big_endian = big_endian;
    }
    ir_conn_free_call(conn, c);
}

static enum irpc_status on_fragment(struct ir_conn *conn, const struct ir_input *in,
                                    const struct ir_response *response, struct ir_conn_call *c,
                                    struct ir_event *event)
{
    const struct ir_header *h = in->header;
    const struct ir_conn_limits *limits = &conn->config->limits;
    bool last = (h->flags & IR_PFC_LAST_FRAG) != 0;
    bool first = (h->flags & IR_PFC_FIRST_FRAG) != 0;
    struct ir_partial *p = ir_partial_find(conn, c->call_id);

    if (first != (p == NULL)) { /* check: F01 F02 */
        reject(conn, in, first ? "F02" : "F01", "fragments of a reply out of order", event);
        return IRPC_OK;
    }
    if (first && conn->n_partial >= limits->partial) { /* check: F03 */
        reject(conn, in, "F03", "too many fragmented replies at once", event);
        return IRPC_OK;
    }
    if (first) {
        p = ir_partial_new(conn, c->call_id, in->now_ms);
        if (p == NULL) {
            return IRPC_NO_MEMORY;
        }
        p->big_endian = h->big_endian;
    }
    if (p->big_endian != h->big_endian) { /* check: H14 */
        reject(conn, in, "H14", "byte order changed within a call", event);
        return IRPC_OK;
    }
    enum irpc_status st = ir_partial_add(p, limits, response->stub, last);
    if (st == IRPC_ACCESS_DENIED || st == IRPC_PROTO_ERROR) {
        reject(conn, in, st == IRPC_ACCESS_DENIED ? "F05" : "F06", "reply too long", event);
        return IRPC_OK;
    }
    if (st != IRPC_OK || !last) {
        return st;
    }
    if (c->state != IR_CALL_ORPHANED) {
        ir_partial_steal_stub(p, event);
    }
    ir_partial_free(conn, p);
    deliver(conn, c, h->big_endian, event);
    return IRPC_OK;
}

enum irpc_status ir_conn_on_response(struct ir_conn *conn, const struct ir_input *in,
                                     struct ir_event *event)
{
    const struct ir_header *h = in->header;
    struct ir_response response;
    struct ir_violation v;

    if (ir_response_decode(h, in->pdu, &response, &v) != IRPC_OK) {
        reject(conn, in, v.check, v.reason, event);
        return IRPC_OK;
    }
    struct ir_conn_call *c = answered_call(conn, h->call_id);
    if (c == NULL || c->state == IR_CALL_SENDING) {
        reject(conn, in, "R06", "reply to a call that is not open", event);
        return IRPC_OK;
    }
    if (response.context_id != 0 && (response.context_id & 0xFFu) != (c->context_id & 0xFFu)) {
        reject(conn, in, "R06", "reply with another context", event);
        return IRPC_OK;
    }
    const char *reason = ir_client_verify(conn, in, &response);
    if (reason != NULL) { /* check: A05 A10 A13 */
        reject(conn, in, conn->security == NULL ? "A05" : "A10", reason, event);
        return IRPC_OK;
    }
    if ((h->flags & IR_PFC_WHOLE) != IR_PFC_WHOLE || ir_partial_find(conn, c->call_id) != NULL) {
        return on_fragment(conn, in, &response, c, event);
    }
    event->stub = response.stub;
    event->stub_memory = NULL;
    deliver(conn, c, h->big_endian, event);
    return IRPC_OK;
}

/* --- faults --- */

/* check: R08 */
void ir_conn_on_fault(struct ir_conn *conn, const struct ir_input *in, struct ir_event *event)
{
    const struct ir_header *h = in->header;
    struct ir_fault fault;
    struct ir_violation v;

    if (ir_fault_decode(h, in->pdu, &fault, &v) != IRPC_OK) {
        reject(conn, in, v.check, v.reason, event);
        return;
    }
    event->call_id = h->call_id;
    event->status = fault.status;
    event->did_not_execute = (h->flags & IR_PFC_DID_NOT_EXECUTE) != 0;
    struct ir_conn_call *c = answered_call(conn, h->call_id);
    bool binding = conn->state == IR_STATE_BINDING || conn->state == IR_STATE_ALTERING;
    if (binding && (c == NULL || h->call_id == conn->bind_call_id)) {
        conn->close = conn->close || conn->state == IR_STATE_BINDING || conn->in_leg;
        conn->state = IR_STATE_BOUND;
        event->type = IR_EVENT_REFUSED;
        event->nak_reason = 0;
        event->reason = NULL;
        return;
    }
    if (c == NULL || c->state == IR_CALL_SENDING) {
        reject(conn, in, "R06", "fault for a call that is not open", event);
        return;
    }
    struct ir_partial *p = ir_partial_find(conn, c->call_id);
    if (p != NULL) {
        ir_partial_free(conn, p);
    }
    if (c->state != IR_CALL_ORPHANED) {
        event->type = IR_EVENT_FAULT;
        event->call = c->token;
        event->call_id = c->call_id;
    }
    ir_conn_free_call(conn, c);
}
