/*
 * Calls in the server role: requests, cancels, replies. [C706] 12.6.4.9, 12.6.4.10, 12.6.4.1,
 * 9.3.3; [MS-RPCE] 3.3.3.5
 *
 * Faults that keep the connection: unknown context, too many calls (and those of the program).
 * All others close it. did_not_execute is set for what a header or the first fragment condemns,
 * clear for wrong fragments, sizes and verifiers, as Windows answers.
 * Invariants: without CONC_MPX at most one call is open, and at most one is received in fragments
 * either way (check: R09 F03); a complete request becomes exactly one CALL (check: F11).
 * Leaves to others: opnum range and stub data (server), sizes of fragments (conn.c).
 */
#include "engine/conn.h"

#include "base/cur.h"
#include "engine/security.h"

/* The first 8 bytes of a plain request, as little-endian numbers. */
#define PLAIN_BEGIN 0x03000005u /* version 5.0, request, FIRST | LAST */
#define PLAIN_DREP 0x00000010u  /* little-endian, ASCII, IEEE */

#define FAULT_NO_CALL_ACTIVE 0x000006BDu /* RPC_S_CALL_... as sent for pending cancel */

/* Close, with a fault for @status of the status table. */
static enum irpc_status refuse(struct ir_conn *conn, uint32_t call_id, uint16_t context_id,
                               enum irpc_status status, const char *check, const char *reason,
                               struct ir_event *event)
{
    struct ir_refusal refusal = {.call_id = call_id,
                                 .context_id = context_id,
                                 .status = irpc_status_fault(status),
                                 .check = check,
                                 .reason = reason};

    return ir_conn_refuse(conn, &refusal, event);
}

static __attribute__((noinline)) enum irpc_status
too_busy(struct ir_conn *conn, uint32_t call_id, uint16_t context_id, struct ir_event *event)
{
    struct ir_refusal refusal = {.call_id = call_id,
                                 .context_id = context_id,
                                 .status = irpc_status_fault(IRPC_TOO_BUSY),
                                 .did_not_execute = true,
                                 .keep = true,
                                 .check = "R09",
                                 .reason = "too many calls open"};

    return ir_conn_refuse(conn, &refusal, event);
}

/* Make the call and its event, all but the stub. */
static inline enum irpc_status start_call(struct ir_conn *conn, uint32_t call_id,
                                          const struct ir_pcontext *context, uint16_t opnum,
                                          uint8_t security, struct ir_event *event)
{
    struct ir_conn_call *c;

    if (IR_LIKELY(conn->n_calls == 0)) {
        c = ir_conn_open_call(conn, 0, call_id);
    } else {
        enum irpc_status st = ir_conn_new_call(conn, call_id, &c);
        if (IR_UNLIKELY(st != IRPC_OK)) {
            return st == IRPC_LIMIT ? too_busy(conn, call_id, context->id, event) : st;
        }
    }
    c->context_id = context->id;
    c->security = security;
    event->type = IR_EVENT_CALL;
    event->call = c->token;
    event->call_id = call_id;
    event->transfer = context->transfer;
    event->context_id = context->id;
    event->opnum = opnum;
    event->iface = context->iface;
    return IRPC_OK;
}

/* --- fragments --- */

/* The connection stays as it was. check: R01 S10 */
static enum irpc_status unknown_context(struct ir_conn *conn, uint32_t call_id,
                                        struct ir_event *event)
{
    struct ir_refusal refusal = {.call_id = call_id,
                                 .status = irpc_status_fault(IRPC_UNKNOWN_IF),
                                 .did_not_execute = true,
                                 .keep = true,
                                 .check = "R01",
                                 .reason = "unknown presentation context"};

    return ir_conn_refuse(conn, &refusal, event);
}

/* Add a fragment; OK also when the peer broke a limit (then @event tells). check: R04 F05 F06 */
static enum irpc_status add_fragment(struct ir_conn *conn, struct ir_partial *partial,
                                     const struct ir_request *request, bool last,
                                     struct ir_event *event)
{
    const struct ir_conn_limits *limits = &conn->config->limits;
    uint32_t call_id = partial->call_id;
    uint16_t context_id = partial->context_id;

    if (!last && request->alloc_hint > limits->stub - partial->stub.len) {
        return refuse(conn, call_id, context_id, IRPC_ACCESS_DENIED, "R04",
                      "alloc_hint above the largest stub", event);
    }
    enum irpc_status st = ir_partial_add(partial, limits, request->stub, last);
    if (st == IRPC_ACCESS_DENIED) {
        return refuse(conn, call_id, context_id, st, "F05", "stub data too long", event);
    }
    if (st == IRPC_PROTO_ERROR) {
        return refuse(conn, call_id, context_id, st, "F06", "too many fragments", event);
    }
    return st;
}

static enum irpc_status finish_fragments(struct ir_conn *conn, struct ir_partial *partial,
                                         struct ir_event *event)
{
    struct ir_pcontext context = {
        .iface = partial->iface, .id = partial->context_id, .transfer = partial->transfer};
    enum irpc_status st =
        start_call(conn, partial->call_id, &context, partial->opnum, partial->security, event);

    if (st == IRPC_OK && event->type == IR_EVENT_CALL) {
        event->plain = false;
        event->big_endian = partial->big_endian;
        event->maybe = partial->maybe;
        event->has_object = partial->has_object;
        event->object = partial->object;
        ir_partial_steal_stub(partial, event);
    }
    ir_partial_free(conn, partial);
    return st;
}

static enum irpc_status on_first_of_many(struct ir_conn *conn, const struct ir_input *in,
                                         const struct ir_request *request,
                                         const struct ir_pcontext *context, uint8_t security,
                                         struct ir_event *event)
{
    struct ir_partial *p = ir_partial_new(conn, in->header->call_id, in->now_ms);

    if (p == NULL) {
        return IRPC_NO_MEMORY;
    }
    p->iface = context->iface;
    p->context_id = context->id;
    p->transfer = context->transfer;
    p->security = security;
    p->opnum = request->opnum;
    p->big_endian = in->header->big_endian;
    p->maybe = (in->header->flags & IR_PFC_MAYBE) != 0;
    p->has_object = request->has_object;
    p->object = request->object;
    return add_fragment(conn, p, request, false, event);
}

/*
 * A later fragment of no call. Who is blamed: the open call, unless calls may overlap. Where they
 * may and none is open, it is judged like a first fragment before. check: F01
 */
static enum irpc_status stray_fragment(struct ir_conn *conn, const struct ir_input *in,
                                       const struct ir_request *request, struct ir_event *event)
{
    const struct ir_partial *open = conn->partial;
    uint32_t call_id = in->header->call_id;
    uint16_t context_id = 0;
    bool refused = false;
    uint8_t security = 0;

    if (open != NULL && !conn->mpx) {
        call_id = open->call_id;
        context_id = open->context_id;
    } else if (open == NULL && conn->mpx) {
        if (ir_conn_context(conn, request->context_id) == NULL) {
            return unknown_context(conn, call_id, event);
        }
        enum irpc_status st = ir_security_admit(conn, in, request, &security, &refused, event);
        if (refused) {
            return st;
        }
        context_id = request->context_id;
    }
    return refuse(conn, call_id, context_id, IRPC_PROTO_ERROR, "F01",
                  "fragment of a call that is not open", event);
}

/* Context and operation are those of the first fragment, whatever this one says. check: F04 */
static enum irpc_status on_later(struct ir_conn *conn, const struct ir_input *in,
                                 const struct ir_request *request, struct ir_event *event)
{
    const struct ir_header *h = in->header;
    struct ir_partial *p = ir_partial_find(conn, h->call_id);
    bool last = (h->flags & IR_PFC_LAST_FRAG) != 0;

    if (p == NULL) {
        return stray_fragment(conn, in, request, event);
    }
    if (h->big_endian != p->big_endian) {
        return refuse(conn, h->call_id, p->context_id, IRPC_PROTO_ERROR, "H14",
                      "byte order changed within a call", event);
    }
    bool refused = false;
    enum irpc_status st = IRPC_OK;
    if (p->security != 0 || request->auth.present) { /* check: A10 */
        st = ir_security_admit_later(conn, in, request, p, &refused, event);
        if (refused) {
            return st;
        }
    }
    st = add_fragment(conn, p, request, last, event);
    if (st != IRPC_OK || conn->close || !last) {
        return st;
    }
    return finish_fragments(conn, p, event);
}

/* --- requests --- */

/*
 * A first fragment while a call is incomplete: the older call is blamed, unless calls may overlap
 * and this is another. One of the same call is verified like its other fragments before.
 */
static enum irpc_status refuse_second_first(struct ir_conn *conn, const struct ir_input *in,
                                            const struct ir_request *request,
                                            struct ir_event *event)
{
    const struct ir_partial *open = conn->partial;
    uint32_t call_id = in->header->call_id;
    bool same = open->call_id == call_id;
    bool blame_new = conn->mpx && !same;
    bool refused = false;

    if (same && open->security != 0) {
        enum irpc_status st = ir_security_admit_later(conn, in, request, open, &refused, event);
        if (refused) {
            return st;
        }
    }
    return refuse(conn, blame_new ? call_id : open->call_id, blame_new ? 0 : open->context_id,
                  IRPC_PROTO_ERROR, same ? "F02" : "F03",
                  "first fragment while a call is incomplete", event);
}

/* Whether a first fragment may come now; if not, it is refused and *ret_refused set. */
static enum irpc_status admit(struct ir_conn *conn, const struct ir_input *in,
                              const struct ir_request *request, bool *ret_refused,
                              struct ir_event *event)
{
    const struct ir_header *h = in->header;
    const struct ir_partial *open = conn->partial;

    *ret_refused = true;
    if (open != NULL) {
        return refuse_second_first(conn, in, request, event);
    }
    if ((h->flags & IR_PFC_PENDING_CANCEL) != 0) { /* check: R12 */
        struct ir_refusal refusal = {.call_id = h->call_id,
                                     .status = FAULT_NO_CALL_ACTIVE,
                                     .did_not_execute = true,
                                     .check = "R12",
                                     .reason = "pending cancel on a first fragment"};
        return ir_conn_refuse(conn, &refusal, event);
    }
    if (conn->n_calls > 0 && !conn->mpx) {
        return refuse(conn, h->call_id, 0, IRPC_PROTO_ERROR, "R09", "second call without CONC_MPX",
                      event);
    }
    if (conn->n_calls > 0 && ir_conn_find_call_id(conn, h->call_id) != NULL) {
        return refuse(conn, h->call_id, 0, IRPC_PROTO_ERROR, "R10", "call_id is in use", event);
    }
    *ret_refused = false;
    return IRPC_OK;
}

enum irpc_status ir_conn_on_request(struct ir_conn *conn, const struct ir_input *in,
                                    struct ir_event *event)
{
    const struct ir_header *h = in->header;
    struct ir_request request;
    struct ir_violation v;
    bool refused = false;

    if (IR_UNLIKELY(ir_request_decode(h, in->pdu, &request, &v) != IRPC_OK)) {
        return refuse(conn, h->call_id, 0, IRPC_PROTO_ERROR, v.check, v.reason, event);
    }
    if ((h->flags & IR_PFC_FIRST_FRAG) == 0) {
        return on_later(conn, in, &request, event);
    }
    enum irpc_status st = admit(conn, in, &request, &refused, event);
    if (IR_UNLIKELY(refused)) {
        return st;
    }
    const struct ir_pcontext *context = ir_conn_context(conn, request.context_id);
    if (IR_UNLIKELY(context == NULL)) {
        return unknown_context(conn, h->call_id, event);
    }
    uint8_t security = 0;
    if (conn->security != NULL || request.auth.present) { /* [MS-RPCE] 3.3.3.5; check: A10 */
        st = ir_security_admit(conn, in, &request, &security, &refused, event);
        if (refused) {
            return st;
        }
    }
    if ((h->flags & IR_PFC_LAST_FRAG) == 0) {
        return on_first_of_many(conn, in, &request, context, security, event);
    }
    event->stub = request.stub;
    event->stub_memory = NULL;
    event->plain = false;
    event->big_endian = h->big_endian;
    event->maybe = (h->flags & IR_PFC_MAYBE) != 0;
    event->has_object = request.has_object;
    if (request.has_object) {
        event->object = request.object;
    }
    return start_call(conn, h->call_id, context, request.opnum, security, event);
}

/*
 * The request that most are: whole, little-endian, no object, no verifier, for a known context,
 * no other call in its way. Judged by its 24 bytes of head alone; everything else, and whatever is
 * wrong, goes the long way through header.c, state.c and the functions above, which for a plain
 * request have the same result.
 */
__attribute__((flatten)) bool
ir_conn_on_plain_request(struct ir_conn *conn, struct irpc_span received, size_t *ret_consumed,
                         enum irpc_status *ret_status, struct ir_event *event)
{
    struct ir_cur c = ir_cur_init(received.p, IR_CALL_HEAD_LEN, false);
    uint32_t begin = ir_cur_u32(&c);
    uint32_t drep = ir_cur_u32(&c);
    uint16_t frag_length = ir_cur_u16(&c);
    uint16_t auth_length = ir_cur_u16(&c);
    uint32_t call_id = ir_cur_u32(&c);

    ir_cur_skip(&c, 4); /* alloc_hint: not looked at  check: R04 */
    uint16_t context_id = ir_cur_u16(&c);
    uint16_t opnum = ir_cur_u16(&c);
    if (begin != PLAIN_BEGIN || drep != PLAIN_DREP || auth_length != 0 ||
        frag_length < IR_CALL_HEAD_LEN || frag_length > received.len ||
        frag_length > conn->config->frag_max) {
        return false;
    }
    const struct ir_pcontext *context = ir_conn_context(conn, context_id);
    if (context == NULL || conn->partial != NULL ||
        (conn->n_calls > 0 && (!conn->mpx || ir_conn_find_call_id(conn, call_id) != NULL))) {
        return false;
    }
    event->stub = (struct irpc_span){received.p + IR_CALL_HEAD_LEN, frag_length - IR_CALL_HEAD_LEN};
    event->stub_memory = NULL;
    event->plain = true;
    event->big_endian = false;
    event->maybe = false;
    event->has_object = false;
    *ret_consumed = frag_length;
    *ret_status = start_call(conn, call_id, context, opnum, 0, event);
    return true;
}

/*
 * co_cancel and orphaned are never answered; unknown calls are none of our business. An orphaned
 * call whose fragments are still coming stays open. check: R11
 */
void ir_conn_on_cancel(struct ir_conn *conn, const struct ir_input *in, enum ir_event_type type,
                       struct ir_event *event)
{
    const struct ir_conn_call *c = ir_conn_find_call_id(conn, in->header->call_id);

    if (c != NULL) {
        event->type = type;
        event->call = c->token;
        event->call_id = c->call_id;
    }
}

/* --- replies --- */

/* Windows answers with the low byte of the context id only. */
static struct ir_head response_head(const struct ir_conn_call *c)
{
    return (struct ir_head){.ptype = IR_PTYPE_RESPONSE,
                            .len = IR_CALL_HEAD_LEN,
                            .security = c->security,
                            .call_id = c->call_id,
                            .context_id = c->context_id & 0xFFu};
}

enum irpc_status ir_conn_reply_begin(struct ir_conn *conn, uint32_t call, struct ir_out **ret_out)
{
    if (IR_UNLIKELY(ir_conn_find_call(conn, call) == NULL)) {
        return IRPC_NO_CALL_ACTIVE;
    }
    return ir_conn_stub_begin(conn, IR_CALL_HEAD_LEN, ret_out);
}

enum irpc_status ir_conn_reply_end(struct ir_conn *conn, uint32_t call)
{
    struct ir_conn_call *c = ir_conn_find_call(conn, call);

    if (IR_UNLIKELY(c == NULL)) {
        return IRPC_NO_CALL_ACTIVE;
    }
    struct ir_head head = response_head(c);
    enum irpc_status st = ir_conn_stub_end(conn, &head);
    if (IR_LIKELY(st == IRPC_OK)) {
        ir_conn_free_call(conn, c);
    }
    return st;
}

enum irpc_status ir_conn_reply_short(struct ir_conn *conn, uint32_t call, uint32_t stub_len,
                                     uint8_t **ret_stub)
{
    struct ir_out *o = &conn->outq->buf;
    struct ir_conn_call *c = ir_conn_find_call(conn, call);

    if (IR_UNLIKELY(c == NULL)) {
        return IRPC_NO_CALL_ACTIVE;
    }
    if (IR_UNLIKELY(stub_len > (uint32_t)conn->xmit - IR_CALL_HEAD_LEN)) {
        return IRPC_LIMIT;
    }
    size_t mark = o->len;
    uint8_t *p = ir_out_take(o, IR_CALL_HEAD_LEN + stub_len);
    if (IR_UNLIKELY(p == NULL)) {
        return ir_conn_sent(conn, mark);
    }
    struct ir_head head = response_head(c);
    ir_head_put(p, &head, IR_PFC_WHOLE, stub_len, stub_len);
    ir_conn_free_call(conn, c);
    *ret_stub = p + IR_CALL_HEAD_LEN;
    return IRPC_OK;
}

void ir_conn_reply_abort(struct ir_conn *conn, uint32_t call)
{
    if (ir_conn_find_call(conn, call) != NULL) {
        ir_conn_stub_abort(conn);
    }
}

void ir_conn_drop(struct ir_conn *conn, uint32_t call)
{
    struct ir_conn_call *c = ir_conn_find_call(conn, call);

    if (c != NULL) {
        ir_conn_free_call(conn, c);
    }
}
