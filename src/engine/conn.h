/* What the files of the engine share; nobody else includes this. */
#pragma once

#include "base/violation.h"
#include "engine/engine.h"
#include "engine/reassembly.h"
#include "engine/state.h"
#include "wire/call.h"
#include "wire/header.h"

/* ir_conn_call.state */
enum {
    IR_CALL_OPEN,    /* server: running; client: waiting for the answer */
    IR_CALL_SENDING, /* client: between begin and end */
    IR_CALL_ORPHANED /* client: the answer, if it comes, is dropped */
};

/* --- conn.c: contexts and calls --- */

/* Room for one more context: NULL when out of memory. The caller counts it in n_contexts. */
struct ir_pcontext *ir_conn_new_context(struct ir_conn *conn);

#define IR_CALL_SLOT_BITS 8u /* of a token; the generation above them */

/* The open call that @token names, NULL if it is over. */
static inline struct ir_conn_call *ir_conn_find_call(const struct ir_conn *conn, uint32_t token)
{
    uint32_t slot = token & ((1u << IR_CALL_SLOT_BITS) - 1u);

    if (token == 0 || slot >= conn->cap_calls || conn->calls[slot].token != token) {
        return NULL;
    }
    return &conn->calls[slot];
}

/* Find or make a call. New: IRPC_LIMIT above limits.calls, IRPC_NO_MEMORY. */
struct ir_conn_call *ir_conn_find_call_id(const struct ir_conn *conn, uint32_t call_id);
IRPC_CHECKED ir_conn_new_call(struct ir_conn *conn, uint32_t call_id,
                              struct ir_conn_call **ret_call);

/* @call_id opens free @slot. */
static inline struct ir_conn_call *ir_conn_open_call(struct ir_conn *conn, unsigned slot,
                                                     uint32_t call_id)
{
    struct ir_conn_call *c = &conn->calls[slot];

    conn->generation += 1u << IR_CALL_SLOT_BITS;
    if (IR_UNLIKELY(conn->generation == 0)) {
        conn->generation = 1u << IR_CALL_SLOT_BITS;
    }
    c->call_id = call_id;
    c->token = conn->generation | slot;
    c->state = IR_CALL_OPEN;
    c->security = 0;
    conn->n_calls++;
    return c;
}

static inline void ir_conn_free_call(struct ir_conn *conn, struct ir_conn_call *call)
{
    call->token = 0;
    conn->n_calls--;
}

/* --- fault.c: saying no --- */

/* What came, for functions that handle one PDU. */
struct ir_input {
    const struct ir_header *header;
    struct irpc_span pdu; /* frag_length bytes */
    uint8_t *bytes;       /* the same, to be decrypted in place */
    uint64_t now_ms;
};

/* Fill @event with REJECTED and close. Nothing is sent. */
void ir_conn_reject(struct ir_conn *conn, uint32_t call_id, const char *check, const char *reason,
                    struct ir_event *event);

/* Send bind_nak @nak, then as above. */
IRPC_CHECKED ir_conn_reject_nak(struct ir_conn *conn, uint32_t call_id, uint16_t nak,
                                const char *check, const char *reason, struct ir_event *event);

/* Where and how a fault is sent. */
struct ir_refusal {
    uint32_t call_id;
    uint32_t status;
    uint16_t context_id;
    bool did_not_execute;
    bool keep; /* the connection stays */
    const char *check;
    const char *reason;
};

/* Send the fault, then REJECTED; close unless keep. */
IRPC_CHECKED ir_conn_refuse(struct ir_conn *conn, const struct ir_refusal *refusal,
                            struct ir_event *event);

/* Append a fault PDU. */
IRPC_CHECKED ir_conn_put_fault(struct ir_conn *conn, uint32_t call_id, uint16_t context_id,
                               uint32_t status, bool did_not_execute);

/* After encoding a PDU that began at @start: take it back if it failed. */
IRPC_CHECKED ir_conn_sent(struct ir_conn *conn, size_t start);

/* --- bind.c, call.c, security.c: server --- */

IRPC_CHECKED ir_conn_on_bind(struct ir_conn *conn, const struct ir_input *in,
                             struct ir_event *event);
IRPC_CHECKED ir_conn_on_alter(struct ir_conn *conn, const struct ir_input *in,
                              struct ir_event *event);
IRPC_CHECKED ir_conn_on_auth3(struct ir_conn *conn, const struct ir_input *in,
                              struct ir_event *event);
IRPC_CHECKED ir_conn_on_request(struct ir_conn *conn, const struct ir_input *in,
                                struct ir_event *event);
/* At least 24 bytes, conn->plain. False: it is something else, and nothing was done. */
bool ir_conn_on_plain_request(struct ir_conn *conn, struct irpc_span received, size_t *ret_consumed,
                              enum irpc_status *ret_status, struct ir_event *event);
void ir_conn_on_cancel(struct ir_conn *conn, const struct ir_input *in, enum ir_event_type type,
                       struct ir_event *event);

/* --- fragment.c: sending stub data in fragments --- */

/* What the heads of a call's fragments have in common. */
struct ir_head {
    uint8_t ptype;    /* request or response */
    uint8_t flags;    /* besides FIRST and LAST */
    uint8_t len;      /* 24 or 40: an object UUID behind the first 24 bytes is repeated */
    uint8_t security; /* as in ir_conn_call */
    uint32_t call_id;
    uint16_t context_id;
    uint16_t opnum; /* request; 0 in a response (cancel_count, reserved) */
};

/* Write the 24 bytes that request and response share; an object UUID is in place already. */
static inline void ir_head_put(uint8_t *p, const struct ir_head *head, uint8_t flags,
                               size_t stub_len, size_t hint)
{
    p[0] = 5;
    p[1] = 0;
    p[2] = head->ptype;
    p[3] = head->flags | flags;
    ir_put_u32(p + 4, 0x10, false); /* little-endian, ASCII, IEEE */
    ir_put_u16(p + 8, (uint16_t)(head->len + stub_len), false);
    ir_put_u16(p + 10, 0, false);
    ir_put_u32(p + 12, head->call_id, false);
    ir_put_u32(p + 16, (uint32_t)hint, false);
    ir_put_u16(p + 20, head->context_id, false);
    ir_put_u16(p + 22, head->opnum, false);
}

/* Reserve @len bytes for the head and let NDR begin behind it. */
IRPC_CHECKED ir_conn_stub_begin(struct ir_conn *conn, uint16_t len, struct ir_out **ret_out);
/* Write the head, or the heads of all fragments. On failure all is taken back. */
IRPC_CHECKED ir_conn_stub_end(struct ir_conn *conn, const struct ir_head *head);
void ir_conn_stub_abort(struct ir_conn *conn);

/* --- client.c --- */

IRPC_CHECKED ir_conn_on_bind_ack(struct ir_conn *conn, const struct ir_input *in,
                                 struct ir_event *event);
void ir_conn_on_bind_nak(struct ir_conn *conn, const struct ir_input *in, struct ir_event *event);
IRPC_CHECKED ir_conn_on_response(struct ir_conn *conn, const struct ir_input *in,
                                 struct ir_event *event);
void ir_conn_on_fault(struct ir_conn *conn, const struct ir_input *in, struct ir_event *event);
