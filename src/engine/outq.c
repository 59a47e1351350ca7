/*
 * The output queue: see outq.h. Everything that is not one run of the buffer becomes segments; a
 * queue without segments is the run [tail + sent, buf.len).
 *
 * Invariants: segments[first..n) lie below tail or between tail marks; in_segments is their sum;
 * sent < length of the first segment, or with no segments <= buf.len - tail. The last bytes
 * consumed, everything starts over at 0. Leaves to others: who sends, and when to stop appending.
 */
#include "engine/outq.h"

#include "base/alloc.h"

#define FIRST_SEGMENTS 16u
#define COMPACT_MIN 4096u

void ir_outq_init(struct ir_outq *q, size_t max)
{
    *q = (struct ir_outq){.tail = 0};
    ir_out_init(&q->buf, max, false);
}

void ir_outq_deinit(struct ir_outq *q)
{
    ir_out_deinit(&q->buf);
    ir_free(q->segments);
    q->segments = NULL;
    q->cap = 0;
    q->n = 0;
    q->first = 0;
    q->tail = 0;
    q->sent = 0;
    q->in_segments = 0;
}

/* Where the first byte lies that is still to be sent. Not always in the first segment: the heads of
 * a long reply lie behind its slices. */
static size_t lowest(const struct ir_outq *q)
{
    size_t low = q->tail;

    if (q->first == q->n) {
        return q->tail + q->sent;
    }
    for (uint32_t i = q->first; i < q->n; i++) {
        low = q->segments[i].off < low ? q->segments[i].off : low;
    }
    return low;
}

/* A queue that never runs empty still has a bound: move the rest down when that is cheap.
 * check: L04 */
static void compact(struct ir_outq *q)
{
    size_t most = q->first < q->n ? q->segments[q->first].off : q->tail + q->sent;
    size_t gone = most < COMPACT_MIN ? 0 : lowest(q);
    size_t rest = q->buf.len - gone;

    if (gone < COMPACT_MIN || gone < rest) {
        return;
    }
    memmove(q->buf.base, q->buf.base + gone, rest);
    q->buf.len = rest;
    if (q->first == q->n) {
        q->sent = 0;
        q->tail = gone; /* to be moved too */
    }
    for (uint32_t i = q->first; i < q->n; i++) {
        q->segments[i - q->first] = q->segments[i];
        q->segments[i - q->first].off -= (uint32_t)gone;
    }
    q->n -= q->first;
    q->first = 0;
    q->tail -= gone;
}

int ir_outq_iov(const struct ir_outq *q, struct iovec *iov, int max)
{
    int n = 0;
    size_t skip = q->sent;

    for (uint32_t i = q->first; i < q->n && n < max; i++) {
        iov[n].iov_base = q->buf.base + q->segments[i].off + skip;
        iov[n].iov_len = q->segments[i].len - skip;
        skip = 0;
        n++;
    }
    if (n < max && q->buf.len - q->tail > skip) {
        iov[n].iov_base = q->buf.base + q->tail + skip;
        iov[n].iov_len = q->buf.len - q->tail - skip;
        n++;
    }
    return n;
}

void ir_outq_consume(struct ir_outq *q, size_t n)
{
    if (n >= ir_outq_pending(q)) {
        ir_outq_empty(q);
        return;
    }
    q->sent += n;
    while (q->first < q->n && q->sent >= q->segments[q->first].len) {
        q->sent -= q->segments[q->first].len;
        q->in_segments -= q->segments[q->first].len;
        q->first++;
    }
    compact(q);
}

void ir_outq_steal(struct ir_outq *to, struct ir_outq *from)
{
    size_t max = from->buf.max;

    ir_outq_deinit(to);
    *to = *from;
    ir_outq_init(from, max);
}

void ir_outq_trim(struct ir_outq *q, size_t keep)
{
    if (ir_outq_pending(q) > 0) {
        return;
    }
    if (q->buf.cap > keep) {
        ir_out_deinit(&q->buf);
    }
    if (q->cap * sizeof(q->segments[0]) > keep) {
        ir_free(q->segments);
        q->segments = NULL;
        q->cap = 0;
    }
}

enum irpc_status ir_outq_reserve(struct ir_outq *q, uint32_t n)
{
    if (n <= q->cap - q->n) {
        return IRPC_OK;
    }
    size_t cap = q->cap > 0 ? q->cap : FIRST_SEGMENTS;
    while (cap < (size_t)q->n + n) {
        cap *= 2;
    }
    struct ir_outq_segment *segments = ir_realloc(q->segments, cap * sizeof(segments[0]));
    if (segments == NULL) {
        return IRPC_NO_MEMORY;
    }
    q->segments = segments;
    q->cap = (uint32_t)cap;
    return IRPC_OK;
}

void ir_outq_segment(struct ir_outq *q, size_t off, size_t len)
{
    if (len == 0 || q->n == q->cap) {
        return;
    }
    q->segments[q->n].off = (uint32_t)off;
    q->segments[q->n].len = (uint32_t)len;
    q->n++;
    q->in_segments += len;
}

void ir_outq_cut(struct ir_outq *q, size_t end)
{
    ir_outq_segment(q, q->tail, end - q->tail);
    q->tail = q->buf.len;
}
