/*
 * Refusals: bind_nak and fault, and the event that lets the program log them once.
 * [C706] 12.6.4.5, 12.6.4.7; [MS-RPCE] 2.2.2.8, 3.2.3.5.1
 *
 * Invariants: a bind_nak always closes; at most one answer for one PDU (check: R17); a fault is
 * unsigned and has no stub data (check: R16). Leaves to others: which refusal is due.
 */
#include "engine/conn.h"
#include "wire/bind.h"

#define FAULT_UNSPEC 0x1C000012u /* nca_s_fault_unspec */

enum irpc_status ir_conn_sent(struct ir_conn *conn, size_t start)
{
    struct ir_out *o = &conn->outq->buf;
    enum irpc_status st = o->err;

    if (IR_UNLIKELY(st != IRPC_OK)) {
        o->len = start;
        o->err = IRPC_OK;
    }
    return st;
}

void ir_conn_reject(struct ir_conn *conn, uint32_t call_id, const char *check, const char *reason,
                    struct ir_event *event)
{
    conn->close = true;
    event->type = IR_EVENT_REJECTED;
    event->nak = false;
    event->call_id = call_id;
    event->check = check;
    event->reason = reason;
}

enum irpc_status ir_conn_reject_nak(struct ir_conn *conn, uint32_t call_id, uint16_t nak,
                                    const char *check, const char *reason, struct ir_event *event)
{
    size_t start = conn->outq->buf.len;

    ir_conn_reject(conn, call_id, check, reason, event);
    event->nak = true;
    ir_bind_nak_encode(&conn->outq->buf, call_id, nak);
    return ir_conn_sent(conn, start);
}

/* What a server must not send is sent as an unspecified fault. [MS-RPCE] 2.2.2.8, 3.2.3.5.1 */
static uint32_t allowed_status(uint32_t status)
{
    static const uint32_t forbidden[] = {
        0,          /* no fault at all */
        0xC0000005, /* STATUS_ACCESS_VIOLATION */
        0xC00000FD, /* STATUS_STACK_OVERFLOW */
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(forbidden); i++) {
        if (status == forbidden[i]) {
            return FAULT_UNSPEC;
        }
    }
    return status;
}

enum irpc_status ir_conn_put_fault(struct ir_conn *conn, uint32_t call_id, uint16_t context_id,
                                   uint32_t status, bool did_not_execute)
{
    size_t start = conn->outq->buf.len;
    struct ir_fault fault = {.context_id = context_id, .status = allowed_status(status)};
    uint8_t flags = IR_PFC_WHOLE;

    if (did_not_execute) {
        flags |= IR_PFC_DID_NOT_EXECUTE;
    }
    ir_fault_encode(&conn->outq->buf, flags, call_id, &fault);
    return ir_conn_sent(conn, start);
}

enum irpc_status ir_conn_refuse(struct ir_conn *conn, const struct ir_refusal *refusal,
                                struct ir_event *event)
{
    ir_conn_reject(conn, refusal->call_id, refusal->check, refusal->reason, event);
    conn->close = !refusal->keep;
    return ir_conn_put_fault(conn, refusal->call_id, refusal->context_id, refusal->status,
                             refusal->did_not_execute);
}

enum irpc_status ir_conn_fault(struct ir_conn *conn, uint32_t call, uint32_t status,
                               bool did_not_execute)
{
    struct ir_conn_call *c = ir_conn_find_call(conn, call);

    if (c == NULL) {
        return IRPC_NO_CALL_ACTIVE;
    }
    enum irpc_status st =
        ir_conn_put_fault(conn, c->call_id, c->context_id, status, did_not_execute);
    ir_conn_free_call(conn, c);
    return st;
}
