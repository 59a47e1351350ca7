/*
 * A connection: framing, the way of a PDU through the state table, deadlines, contexts and calls.
 * [C706] 9.3, 12.6.2; [MS-RPCE] 3.3.1.5, 3.3.2.5, 3.3.3.5
 *
 * Invariants: one PDU in, at most one event and one answer out (check: R17); the verdict depends on
 * the bytes, never on how they were cut (check: H15); what the header alone condemns is refused
 * without waiting for its body; after a violation nothing is parsed any more (check: H17).
 * Leaves to others: what PDUs mean (bind.c, call.c, client.c), and who reads, writes and closes.
 */
#include "engine/conn.h"

#include <string.h>

#include "base/alloc.h"
#include "base/syntax.h"
#include "engine/security.h"
#include "wire/bind.h"

#define CALLS_MAX 255u /* slots that a token can name */

/* --- limits --- */

void ir_conn_config_init(struct ir_conn_config *config, enum ir_role role)
{
    bool server = role == IR_SERVER;

    /* One set for every transport. check: F13 */
    *config = (struct ir_conn_config){
        .limits =
            {
                .stub = server ? 4u << 20 : 32u << 20, /* check: R05 */
                .fragments = server ? 4096 : 65536,    /* check: F06 */
                .bind_frag = IR_FRAG_MAX,              /* check: H09 */
                .contexts = 64,                        /* check: B10 */
                .offered = 64,                         /* check: B06 */
                .calls = 64,                           /* check: R09 */
                .partial = server ? 1 : 8,             /* check: F03 */
                .auth_contexts = IR_AUTH_CONTEXTS_MAX, /* check: A11 */
                .auth_legs = 8,                        /* check: A11 */
                .auth_bytes = 64u << 10,               /* check: T14 */
                .first_byte_ms = server ? 5000 : 0,    /* check: L01 */
                .header_ms = 5000,
                .pdu_ms = 15000,
                .bind_ms = server ? 10000 : 0,
                .fragments_ms = server ? 30000 : 0, /* check: F06 */
                .idle_ms = server ? 15 * 60 * 1000 : 0,
                .auth_ms = server ? 10000 : 0, /* check: A11 */
            },
        .generation = IR_GENERATION_2022,
        .frag_max = IR_FRAG_MAX_TCP,
        .transfers = IR_MASK_NDR20,
        .features = IR_FEATURE_SECURITY_CONTEXT_MULTIPLEXING | IR_FEATURE_KEEP_CONNECTION_ON_ORPHAN,
        .conc_mpx = true,
    };
}

void ir_conn_init(struct ir_conn *conn, enum ir_role role, const struct ir_conn_config *config,
                  void *user, uint64_t now_ms)
{
    memset(conn, 0, sizeof(*conn));
    conn->config = config;
    conn->user = user;
    conn->role = (uint8_t)role;
    conn->state = IR_STATE_NEW;
    conn->opened_ms = now_ms;
    conn->active_ms = now_ms;
    conn->next_call_id = 1;
    conn->xmit = (uint16_t)(config->frag_max & 0xFFF8u);
    conn->recv = (uint16_t)config->frag_max;
    conn->contexts = conn->inline_contexts;
    conn->cap_contexts = IR_CONN_INLINE_CONTEXTS;
    conn->calls = conn->inline_calls;
    conn->cap_calls = IR_CONN_INLINE_CALLS;
}

/* check: F10 S06 */
void ir_conn_deinit(struct ir_conn *conn)
{
    ir_partial_free_all(conn);
    ir_security_free(conn);
    if (conn->contexts != conn->inline_contexts) {
        ir_free(conn->contexts);
    }
    if (conn->calls != conn->inline_calls) {
        ir_free(conn->calls);
    }
    if (conn->group != NULL) {
        conn->config->host->assoc_leave(conn->user, conn->group);
    }
    conn->contexts = conn->inline_contexts;
    conn->calls = conn->inline_calls;
    conn->group = NULL;
    conn->n_contexts = 0;
    conn->n_calls = 0;
    conn->cap_calls = 0;
    conn->cap_contexts = 0;
    conn->close = true;
}

/* --- contexts and calls --- */

/* A table grown to twice its size; *table is the inline one or from the heap. */
static void *grow(void *table, const void *inline_table, size_t n, size_t cap, size_t size)
{
    void *bigger = ir_calloc(cap, size);

    if (bigger != NULL) {
        memcpy(bigger, table, n * size);
        if (table != inline_table) {
            ir_free(table);
        }
    }
    return bigger;
}

struct ir_pcontext *ir_conn_new_context(struct ir_conn *conn)
{
    if (conn->n_contexts == conn->cap_contexts) {
        uint16_t cap = (uint16_t)(conn->cap_contexts * 2u);
        void *bigger = grow(conn->contexts, conn->inline_contexts, conn->n_contexts, cap,
                            sizeof(conn->contexts[0]));
        if (bigger == NULL) {
            return NULL;
        }
        conn->contexts = bigger;
        conn->cap_contexts = cap;
    }
    struct ir_pcontext *c = &conn->contexts[conn->n_contexts];
    memset(c, 0, sizeof(*c));
    return c;
}

struct ir_conn_call *ir_conn_find_call_id(const struct ir_conn *conn, uint32_t call_id)
{
    unsigned left = conn->n_calls;

    for (unsigned i = 0; left > 0 && i < conn->cap_calls; i++) {
        if (conn->calls[i].token == 0) {
            continue;
        }
        if (conn->calls[i].call_id == call_id) {
            return &conn->calls[i];
        }
        left--;
    }
    return NULL;
}

enum irpc_status ir_conn_new_call(struct ir_conn *conn, uint32_t call_id,
                                  struct ir_conn_call **ret_call)
{
    unsigned slot = 0;

    if (conn->n_calls >= conn->config->limits.calls || conn->n_calls >= CALLS_MAX) {
        return IRPC_LIMIT;
    }
    while (slot < conn->cap_calls && conn->calls[slot].token != 0) {
        slot++;
    }
    if (slot == conn->cap_calls) {
        uint16_t cap = (uint16_t)(conn->cap_calls * 2u);
        void *bigger =
            grow(conn->calls, conn->inline_calls, conn->cap_calls, cap, sizeof(conn->calls[0]));
        if (bigger == NULL) {
            return IRPC_NO_MEMORY;
        }
        conn->calls = bigger;
        conn->cap_calls = cap;
    }
    *ret_call = ir_conn_open_call(conn, slot, call_id);
    return IRPC_OK;
}

/* --- receiving --- */

/* The header is refused: @st as ir_header_check() gave it. The first PDU is answered as a bind. */
static enum irpc_status refuse_header(struct ir_conn *conn, const struct ir_header *h,
                                      const struct ir_violation *v, bool executed,
                                      struct ir_event *event)
{
    if (conn->role == IR_CLIENT) {
        ir_conn_reject(conn, h->call_id, v->check, v->reason, event);
        return IRPC_OK;
    }
    if (conn->state == IR_STATE_NEW) { /* check: B01 */
        return ir_conn_reject_nak(conn, h->call_id, IR_NAK_PROTOCOL_VERSION, v->check, v->reason,
                                  event);
    }
    struct ir_refusal refusal = {.call_id = h->call_id,
                                 .status = irpc_status_fault(IRPC_PROTO_ERROR),
                                 .did_not_execute = !executed,
                                 .check = v->check,
                                 .reason = v->reason};
    return ir_conn_refuse(conn, &refusal, event);
}

/* Largest fragment of this type. check: H09 R14 */
static uint32_t max_fragment(const struct ir_conn *conn, uint8_t ptype)
{
    switch (ptype) {
    case IR_PTYPE_BIND:
    case IR_PTYPE_BIND_ACK:
    case IR_PTYPE_BIND_NAK:
    case IR_PTYPE_ALTER_CONTEXT:
    case IR_PTYPE_ALTER_CONTEXT_RESP:
        return conn->config->limits.bind_frag;
    default:
        return conn->role == IR_SERVER ? conn->config->frag_max : conn->recv;
    }
}

static enum irpc_status act(struct ir_conn *conn, enum ir_action action, const struct ir_input *in,
                            struct ir_event *event)
{
    uint32_t call_id = in->header->call_id;
    struct ir_violation v = {"H04", "PDU type does not belong here"};

    switch (action) {
    case IR_ACT_REQUEST:
        return ir_conn_on_request(conn, in, event);
    case IR_ACT_RESPONSE:
        return ir_conn_on_response(conn, in, event);
    case IR_ACT_BIND:
        return ir_conn_on_bind(conn, in, event);
    case IR_ACT_ALTER:
        return ir_conn_on_alter(conn, in, event);
    case IR_ACT_AUTH3:
        return ir_conn_on_auth3(conn, in, event);
    case IR_ACT_CANCEL:
        ir_conn_on_cancel(conn, in, IR_EVENT_CANCEL, event);
        return IRPC_OK;
    case IR_ACT_ORPHANED:
        ir_conn_on_cancel(conn, in, IR_EVENT_ORPHANED, event);
        return IRPC_OK;
    case IR_ACT_BIND_ACK:
        return ir_conn_on_bind_ack(conn, in, event);
    case IR_ACT_BIND_NAK:
        ir_conn_on_bind_nak(conn, in, event);
        return IRPC_OK;
    case IR_ACT_FAULT:
        ir_conn_on_fault(conn, in, event);
        return IRPC_OK;
    case IR_ACT_SHUTDOWN: /* check: R13 */
        conn->shutdown = true;
        event->type = IR_EVENT_SHUTDOWN;
        return IRPC_OK;
    case IR_ACT_NAK_FIRST:
        return ir_conn_reject_nak(conn, call_id, IR_NAK_PROTOCOL_VERSION, "B01",
                                  "first PDU is not a bind", event);
    case IR_ACT_NAK_AGAIN:
        return ir_conn_reject_nak(conn, call_id, IR_NAK_NOT_SPECIFIED, "B02", "second bind", event);
    case IR_ACT_REJECT:
    case IR_ACT__COUNT:
        break;
    }
    return refuse_header(conn, in->header, &v, false, event);
}

static bool is_refusal(enum ir_action action)
{
    return action == IR_ACT_REJECT || action == IR_ACT_NAK_FIRST || action == IR_ACT_NAK_AGAIN;
}

/* Note that a PDU has begun of which @len bytes are there. */
static void wait_for_more(struct ir_conn *conn, size_t len, uint64_t now_ms)
{
    if (len == 0) {
        return;
    }
    if (conn->pdu_seen == 0) {
        conn->pdu_ms = now_ms;
    }
    conn->any_byte = true;
    conn->pdu_seen = (uint8_t)(len < IR_HEADER_LEN ? len : IR_HEADER_LEN);
}

static void note_pdu(struct ir_conn *conn, uint64_t now_ms)
{
    conn->pdu_seen = 0;
    conn->any_byte = true;
    conn->active_ms = now_ms;
}

static enum irpc_status receive(struct ir_conn *conn, uint8_t *bytes, size_t len, uint64_t now_ms,
                                size_t *ret_consumed, struct ir_event *event)
{
    struct irpc_span received = {bytes, len};
    struct ir_header h;
    struct ir_input in = {&h, received, bytes, now_ms};
    struct ir_violation v;

    if (conn->waiting) { /* for a security provider: then nothing is plain */
        return IRPC_OK;
    }
    if (ir_header_decode(received.p, &h, &v) != IRPC_OK) {
        ir_conn_reject(conn, h.call_id, v.check, v.reason, event); /* check: H02 H08 */
        return IRPC_OK;
    }
    if (ir_header_check(&h, conn->role == IR_SERVER ? IR_FROM_CLIENT : IR_FROM_SERVER, &v) !=
        IRPC_OK) {
        return refuse_header(conn, &h, &v, false, event);
    }
    enum ir_action action =
        ir_state_action((enum ir_role)conn->role, (enum ir_state)conn->state, h.ptype);
    if (IR_UNLIKELY(is_refusal(action))) {
        return act(conn, action, &in, event);
    }
    if (IR_UNLIKELY(h.frag_length > max_fragment(conn, h.ptype))) {
        v = (struct ir_violation){"H09", "fragment longer than the transport's maximum"};
        return refuse_header(conn, &h, &v, true, event);
    }
    if (received.len < h.frag_length) {
        wait_for_more(conn, received.len, now_ms);
        return IRPC_OK;
    }
    in.pdu.len = h.frag_length;
    *ret_consumed = h.frag_length;
    note_pdu(conn, now_ms);
    enum irpc_status st = act(conn, action, &in, event);
    if (conn->waiting) { /* the PDU comes once more */
        *ret_consumed = 0;
    }
    return st;
}

enum irpc_status ir_conn_receive(struct ir_conn *conn, uint8_t *bytes, size_t len, uint64_t now_ms,
                                 size_t *ret_consumed, struct ir_event *ret_event)
{
    enum irpc_status st = IRPC_OK;

    *ret_consumed = 0;
    ret_event->type = IR_EVENT_NONE;
    if (IR_UNLIKELY(conn->close)) {
        ret_event->answered = false;
        *ret_consumed = len;
        return IRPC_OK;
    }
    if (len < IR_HEADER_LEN) { /* check: H01 */
        ret_event->answered = false;
        wait_for_more(conn, len, now_ms);
        return IRPC_OK;
    }
    if (conn->plain && len >= IR_CALL_HEAD_LEN &&
        ir_conn_on_plain_request(conn, (struct irpc_span){bytes, len}, ret_consumed, &st,
                                 ret_event)) {
        note_pdu(conn, now_ms);
    } else {
        size_t start = conn->outq->buf.len;
        st = receive(conn, bytes, len, now_ms, ret_consumed, ret_event);
        ret_event->answered = conn->outq->buf.len > start;
    }
    if (IR_UNLIKELY(st != IRPC_OK)) {
        conn->close = true;
    }
    if (IR_UNLIKELY(conn->close)) {
        *ret_consumed = len;
        ir_partial_free_all(conn); /* check: F10 */
    }
    return st;
}

void ir_conn_on_eof(struct ir_conn *conn, struct ir_event *ret_event)
{
    ret_event->type = IR_EVENT_NONE;
    if (!conn->close && (conn->pdu_seen != 0 || conn->n_partial != 0)) {
        ir_conn_reject(conn, 0, "S04", "end of stream inside a PDU or a fragmented call",
                       ret_event);
    }
}

/* --- time --- */

struct expiry {
    uint64_t at;
    const char *check;
    const char *reason;
};

static void consider(struct expiry *first, uint64_t since, uint32_t limit, const char *check,
                     const char *reason)
{
    if (limit != 0 && since + limit < first->at) {
        *first = (struct expiry){since + limit, check, reason};
    }
}

/* check: A11 */
static void consider_legs(struct expiry *first, const struct ir_conn *conn)
{
    const struct ir_security *s = conn->security;

    for (unsigned i = 0; conn->n_legs > 0 && i < s->n; i++) {
        if (s->contexts[i].state == IR_SECURITY_LEGS) {
            consider(first, s->contexts[i].started_ms, conn->config->limits.auth_ms, "A11",
                     "authentication took too long");
        }
    }
}

/* check: L01 F06 */
static struct expiry next_expiry(const struct ir_conn *conn)
{
    const struct ir_conn_limits *limits = &conn->config->limits;
    struct expiry first = {UINT64_MAX, NULL, NULL};

    if (conn->close) {
        return first;
    }
    if (conn->pdu_seen != 0) {
        if (conn->pdu_seen < IR_HEADER_LEN) {
            consider(&first, conn->pdu_ms, limits->header_ms, "L01", "header took too long");
        }
        consider(&first, conn->pdu_ms, limits->pdu_ms, "L01", "PDU took too long");
    }
    if (conn->role == IR_SERVER && conn->state == IR_STATE_NEW) {
        if (!conn->any_byte) {
            consider(&first, conn->opened_ms, limits->first_byte_ms, "L01", "nothing was sent");
        }
        consider(&first, conn->opened_ms, limits->bind_ms, "L01", "no bind in time");
    }
    consider_legs(&first, conn);
    for (const struct ir_partial *p = conn->partial; p != NULL; p = p->next) {
        consider(&first, p->started_ms, limits->fragments_ms, "F06",
                 "fragments of a call took too long");
    }
    if (conn->role == IR_SERVER && conn->n_calls == 0 && conn->n_partial == 0 &&
        conn->pdu_seen == 0) {
        consider(&first, conn->active_ms, limits->idle_ms, "L01", "idle for too long");
    }
    return first;
}

uint64_t ir_conn_deadline(const struct ir_conn *conn)
{
    return next_expiry(conn).at;
}

void ir_conn_on_deadline(struct ir_conn *conn, uint64_t now_ms, struct ir_event *ret_event)
{
    struct expiry e = next_expiry(conn);

    ret_event->type = IR_EVENT_NONE;
    if (e.check != NULL && now_ms >= e.at) {
        ir_conn_reject(conn, 0, e.check, e.reason, ret_event);
        ir_partial_free_all(conn);
    }
}
