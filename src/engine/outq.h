/*
 * Output of a connection: one growing buffer and, only where the bytes to send are not one run of
 * it, a list of segments in sending order.
 *
 * The engine appends; the transport sends what ir_outq_iov() shows and consumes what was taken.
 * A loop needs one queue for all its connections: it is attached for the time of a wake-up and is
 * empty again when everything was sent. A connection that cannot send all takes the content along
 * (ir_outq_steal()) and gets its own queue attached until that is empty.
 */
#pragma once

#include <sys/uio.h>

#include "base/out.h"

struct ir_outq_segment {
    uint32_t off;
    uint32_t len;
};

struct ir_outq {
    struct ir_out buf; /* append with the ir_out_ functions; big_endian is false */
    size_t tail;       /* [tail, buf.len) follows the segments */
    size_t sent;       /* bytes already consumed of the first segment, or without one of the tail */
    size_t in_segments; /* sum of the segments from first on, consumed bytes included */
    struct ir_outq_segment *segments;
    uint32_t first; /* segment being sent */
    uint32_t n;
    uint32_t cap;
};

/* Start empty; the buffer grows to at most @max bytes (< 4 GiB). Allocates nothing yet. */
void ir_outq_init(struct ir_outq *q, size_t max);

/* Free everything. */
void ir_outq_deinit(struct ir_outq *q);

/* Bytes not yet consumed. */
static inline size_t ir_outq_pending(const struct ir_outq *q)
{
    return q->in_segments + (q->buf.len - q->tail) - q->sent;
}

/*
 * Describe the next bytes to send in @iov[@max]; they stay in place until the next append.
 * Return: how many of @iov are filled; 0 when nothing is pending.
 */
int ir_outq_iov(const struct ir_outq *q, struct iovec *iov, int max);

/* Whether what is pending is one run of bytes, and if it is, where that run begins. */
static inline bool ir_outq_is_run(const struct ir_outq *q)
{
    return q->first == q->n;
}

static inline const uint8_t *ir_outq_run(const struct ir_outq *q)
{
    return q->buf.base + q->tail + q->sent;
}

/* Everything was sent: the queue starts over in its buffer. */
static inline void ir_outq_empty(struct ir_outq *q)
{
    ir_out_reset(&q->buf);
    q->n = 0;
    q->first = 0;
    q->tail = 0;
    q->sent = 0;
    q->in_segments = 0;
}

/* @n bytes (at most what is pending) were sent. */
void ir_outq_consume(struct ir_outq *q, size_t n);

/* Move buffer and content of @from into @to, which must be empty; @from is empty afterwards. */
void ir_outq_steal(struct ir_outq *to, struct ir_outq *from);

/* Give memory beyond @keep bytes back, if the queue is empty. */
void ir_outq_trim(struct ir_outq *q, size_t keep);

/* --- for the engine: send the buffer's bytes in another order than they lie in --- */

/* Make the next @n calls of the two functions below succeed. Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_outq_reserve(struct ir_outq *q, uint32_t n);

/* The run being appended ends at @end; what lies behind it is sent only as segments say, and what
 * is appended from now on begins a new run behind them. */
void ir_outq_cut(struct ir_outq *q, size_t end);

/* After a cut: send [@off, @off + @len) of the buffer next. */
void ir_outq_segment(struct ir_outq *q, size_t off, size_t len);
