/*
 * Stub data out: NDR encodes behind a reserved head, and only then it is known how many fragments
 * that makes. The heads of further fragments are appended behind the stub data and segments put
 * them between its slices, so that no stub byte is moved. [C706] 12.6.1, 12.6.4.9, 12.6.4.10
 *
 * Invariants: every fragment but the last carries a multiple of 8 bytes (check: F08); none is
 * longer than xmit (check: R14); alloc_hint is what remains, this fragment included.
 * Leaves to others: which call (call.c, client.c); signing and sealing (protect.c).
 */
#include "engine/conn.h"

#include "base/cur.h"
#include "engine/security.h"

enum irpc_status ir_conn_stub_begin(struct ir_conn *conn, uint16_t len, struct ir_out **ret_out)
{
    struct ir_out *o = &conn->outq->buf;
    size_t mark = o->len;

    if (IR_UNLIKELY(ir_out_take(o, len) == NULL)) {
        return ir_conn_sent(conn, mark);
    }
    conn->out_mark = (uint32_t)mark;
    conn->out_head = len;
    o->origin = o->len;
    *ret_out = o;
    return IRPC_OK;
}

void ir_conn_stub_abort(struct ir_conn *conn)
{
    struct ir_out *o = &conn->outq->buf;

    o->len = conn->out_mark;
    o->err = IRPC_OK;
    o->origin = 0;
}

static enum irpc_status put_fragments(struct ir_conn *conn, const struct ir_head *head,
                                      size_t stub_len, size_t max)
{
    struct ir_outq *q = conn->outq;
    size_t mark = conn->out_mark;
    size_t n = (stub_len + max - 1) / max;
    size_t heads = q->buf.len;
    size_t slice = mark + head->len + max;

    if (ir_out_take(&q->buf, (n - 1) * head->len) == NULL) {
        return q->buf.err;
    }
    enum irpc_status st = ir_outq_reserve(q, (uint32_t)(2 * n));
    if (st != IRPC_OK) {
        return st;
    }
    uint8_t *first = q->buf.base + mark;
    ir_head_put(first, head, IR_PFC_FIRST_FRAG, max, stub_len);
    ir_outq_cut(q, slice);
    for (size_t left = stub_len - max; left > 0; heads += head->len) {
        size_t len = left < max ? left : max;
        uint8_t *p = q->buf.base + heads;
        memcpy(p + IR_CALL_HEAD_LEN, first + IR_CALL_HEAD_LEN, head->len - IR_CALL_HEAD_LEN);
        ir_head_put(p, head, left == len ? IR_PFC_LAST_FRAG : 0, len, left);
        ir_outq_segment(q, heads, head->len);
        ir_outq_segment(q, slice, len);
        slice += len;
        left -= len;
    }
    return IRPC_OK;
}

enum irpc_status ir_conn_stub_end(struct ir_conn *conn, const struct ir_head *head)
{
    struct ir_out *o = &conn->outq->buf;

    if (head->security != 0 && ir_security_protects(ir_security_at(conn, head->security))) {
        return ir_conn_stub_end_protected(conn, head);
    }
    size_t stub_len = o->len - conn->out_mark - head->len;
    size_t max = (size_t)conn->xmit - head->len;
    enum irpc_status st = o->err;

    if (IR_LIKELY(st == IRPC_OK && stub_len <= max)) {
        ir_head_put(o->base + conn->out_mark, head, IR_PFC_WHOLE, stub_len, stub_len);
        o->origin = 0;
        return IRPC_OK;
    }
    if (st == IRPC_OK) {
        st = put_fragments(conn, head, stub_len, max);
    }
    if (st != IRPC_OK) {
        ir_conn_stub_abort(conn);
    }
    o->origin = 0;
    return st;
}
