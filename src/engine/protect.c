/*
 * Stub data out under a security context: as in fragment.c, with a trailer and a signature behind
 * the stub data of each fragment. [MS-RPCE] 2.2.2.11, 2.2.2.12, 3.3.1.5.2
 *
 * In the buffer: head, stub data, padding; behind them, for each fragment, its trailer and
 * signature, then the head of the next one. One fragment is one run; of several, segments make the
 * order. Data is sealed where it lies.
 *
 * Invariants: every fragment but the last carries a multiple of 16 bytes; padding is zero;
 * fragments are protected in the order in which they are sent; nothing can fail after the first
 * segment, so the queue is whole if protecting fails. Then the context is out of step, and the
 * connection ends. Allocates nothing but room in the queue.
 */
#include "engine/security.h"

struct layout {
    const struct ir_security_context *context;
    const struct ir_head *head;
    size_t mark;     /* the first head, an offset in the buffer */
    size_t extra;    /* the first trailer */
    size_t stub_len; /* without padding */
    size_t pad;
    size_t max;  /* stub bytes of a fragment that is not the last */
    size_t tail; /* trailer and signature */
    size_t n;    /* fragments */
};

static size_t data_off(const struct layout *l, size_t i)
{
    return l->mark + l->head->len + i * l->max;
}

static size_t data_len(const struct layout *l, size_t i)
{
    return i + 1 < l->n ? l->max : l->stub_len + l->pad - i * l->max;
}

static size_t trailer_off(const struct layout *l, size_t i)
{
    return l->extra + i * (l->tail + l->head->len);
}

static size_t head_off(const struct layout *l, size_t i)
{
    return i == 0 ? l->mark : trailer_off(l, i) - l->head->len;
}

static void put_trailer(uint8_t *p, const struct ir_security_context *c, size_t pad)
{
    p[0] = c->type;
    p[1] = c->level;
    p[2] = (uint8_t)pad;
    p[3] = 0;
    ir_put_u32(p + 4, c->id, false);
}

/* Head, trailer and signature of fragment @i. */
static enum irpc_status finish_fragment(struct ir_conn *conn, const struct layout *l, size_t i)
{
    uint8_t *base = conn->outq->buf.base;
    uint8_t *head = base + head_off(l, i);
    uint8_t *trailer = base + trailer_off(l, i);
    size_t len = data_len(l, i);
    bool last = i + 1 == l->n;
    uint8_t flags = (uint8_t)((i == 0 ? IR_PFC_FIRST_FRAG : 0u) | (last ? IR_PFC_LAST_FRAG : 0u));
    struct ir_auth_pdu pdu = {
        .head = {head, l->head->len},
        .data = base + data_off(l, i),
        .data_len = len,
        .trailer = {trailer, IR_AUTH_TRAILER_LEN},
        .sign_header = conn->sign_header,
    };

    if (i > 0) { /* an object UUID is repeated */
        memcpy(head + IR_CALL_HEAD_LEN, base + l->mark + IR_CALL_HEAD_LEN,
               l->head->len - IR_CALL_HEAD_LEN);
    }
    ir_head_put(head, l->head, flags, len + l->tail, l->stub_len - i * l->max);
    ir_put_u16(head + 10, l->context->signature_len, false);
    put_trailer(trailer, l->context, last ? l->pad : 0);
    return l->context->auth->ops->protect(l->context->auth, &pdu, trailer + IR_AUTH_TRAILER_LEN);
}

static enum irpc_status protect_all(struct ir_conn *conn, struct layout *l)
{
    struct ir_outq *q = conn->outq;
    enum irpc_status st = IRPC_OK;

    ir_out_zero(&q->buf, l->pad);
    l->extra = q->buf.len;
    if (ir_out_take(&q->buf, l->n * l->tail + (l->n - 1) * l->head->len) == NULL) {
        return q->buf.err;
    }
    if (l->n > 1) {
        st = ir_outq_reserve(q, (uint32_t)(2 * l->n));
    }
    for (size_t i = 0; st == IRPC_OK && i < l->n; i++) {
        st = finish_fragment(conn, l, i);
        conn->close |= st != IRPC_OK;
    }
    return st;
}

static void put_segments(struct ir_outq *q, const struct layout *l)
{
    ir_outq_cut(q, data_off(l, 1));
    for (size_t i = 0; i < l->n; i++) {
        bool last = i + 1 == l->n;
        ir_outq_segment(q, trailer_off(l, i), l->tail + (last ? 0 : l->head->len));
        if (!last) {
            ir_outq_segment(q, data_off(l, i + 1), data_len(l, i + 1));
        }
    }
}

enum irpc_status ir_conn_stub_end_protected(struct ir_conn *conn, const struct ir_head *head)
{
    struct ir_out *o = &conn->outq->buf;
    const struct ir_security_context *c = &conn->security->contexts[head->security - 1];
    struct layout l = {.context = c, .head = head, .mark = conn->out_mark};
    enum irpc_status st = o->err;

    l.stub_len = o->len - l.mark - head->len;
    l.pad = (0u - l.stub_len) & (IR_AUTH_PAD_ALIGN - 1u);
    l.tail = IR_AUTH_TRAILER_LEN + c->signature_len;
    l.max = ((size_t)conn->xmit - head->len - l.tail) & ~(size_t)(IR_AUTH_PAD_ALIGN - 1u);
    l.n = l.stub_len <= l.max ? 1 : (l.stub_len + l.max - 1) / l.max;
    if (st == IRPC_OK && c->state != IR_SECURITY_DONE) {
        st = IRPC_SEC_PKG_ERROR;
    }
    if (st == IRPC_OK) {
        st = protect_all(conn, &l);
    }
    if (st != IRPC_OK) {
        ir_conn_stub_abort(conn);
        return st;
    }
    if (l.n > 1) {
        put_segments(conn->outq, &l);
    }
    o->origin = 0;
    return IRPC_OK;
}
