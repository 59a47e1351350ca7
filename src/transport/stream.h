/*
 * A connected stream socket on a loop: bytes in, bytes out, back-pressure. It knows nothing of
 * what the bytes mean. Output that the kernel does not take stays its owner's.
 *
 * All streams of a loop share one read buffer (struct ir_io); a stream keeps only what its owner
 * did not consume. Idle, it holds no buffer at all. One read and at most one write per wake-up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <ironrpc/types.h>

#include "loop/loop.h"

struct ir_stream;

#define IR_IO_READ_MAX (256u * 1024u)

/* What the streams of one loop share. */
struct ir_io {
    struct ir_loop *loop;
    uint8_t *buf;            /* IR_IO_READ_MAX bytes */
    struct ir_stream *again; /* streams that have unfinished input, not for want of bytes */
    struct ir_stream **again_last;
    struct ir_timer again_soon; /* due while there are any */
    int reserve_fd;             /* given up to answer when descriptors run out. check: L03 */
};

/* Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_IO. */
IRPC_CHECKED ir_io_init(struct ir_io *io, struct ir_loop *loop);
void ir_io_deinit(struct ir_io *io);

/* A descriptor to give up later, -1 if there is none. Opens no file, so that a process that may not
 * open any has it too: it is one more name of the loop's own. check: L03 */
int ir_io_reserve(const struct ir_io *io);

enum ir_stream_end {
    IR_STREAM_EOF,   /* the peer has closed its side */
    IR_STREAM_RESET, /* error on the socket */
    IR_STREAM_STUCK, /* the peer does not take its output. check: L04 */
    IR_STREAM_NO_MEMORY
};

struct ir_stream_ops {
    /*
     * Bytes that are to be consumed, those left over from earlier in front. Returns how many it is
     * done with. Sets stream->again when it stopped although it could go on (fairness, check: L05):
     * it is called again soon, after others. May close the stream (ir_stream_deinit) and free its
     * owner: then it returns SIZE_MAX.
     */
    size_t (*on_bytes)(struct ir_stream *stream, uint8_t *bytes, size_t len);
    /* The stream is over: nothing more comes; the owner deinits it now or after having sent. */
    void (*on_end)(struct ir_stream *stream, enum ir_stream_end why);
    /* A write was cut short earlier, and there is room again: write on. */
    void (*on_writable)(struct ir_stream *stream);
};

struct ir_stream {
    struct ir_watch watch;
    struct ir_timer stuck;
    struct ir_io *io;
    const struct ir_stream_ops *ops;
    struct ir_stream *next_again;
    uint8_t *tail;  /* input not consumed, exactly tail_len bytes, NULL if none */
    uint64_t acked; /* bytes of the output, at the last look */
    uint32_t tail_len;
    uint32_t write_ms;
    uint8_t looks;     /* in a row in which the peer took nothing */
    uint8_t read_log2; /* how much the next read may take */
    bool again;        /* for on_bytes to set */
    bool paused;       /* the owner wants no input for now */
    bool queued;       /* in io->again */
    bool ended;        /* on_end was called for the input side */
    bool blocked;      /* the kernel did not take all; on_writable comes */
    bool wrote;        /* the kernel took some since the last look */
    bool drop;         /* input is read and dropped */
};

/*
 * Take over the connected non-blocking socket @fd (closed on failure too) and watch it.
 * @write_ms: how long output may wait while the peer takes nothing; a quarter more at most, so
 * often it is looked. Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_IO.
 */
IRPC_CHECKED ir_stream_init(struct ir_stream *stream, struct ir_io *io, int fd,
                            const struct ir_stream_ops *ops, uint32_t write_ms);

/* Close it, drop what is unsent. Idempotent. */
void ir_stream_deinit(struct ir_stream *stream);

/*
 * Write @len bytes. True: all is done. False: nothing is, but @ret_result says what the kernel did;
 * ir_stream_wrote() has to follow.
 */
static inline bool ir_stream_send(struct ir_stream *stream, const void *bytes, size_t len,
                                  ssize_t *ret_result)
{
    *ret_result = send(stream->watch.fd, bytes, len, MSG_NOSIGNAL);
    return *ret_result == (ssize_t)len && !stream->blocked;
}

/* A write of @total bytes returned @result: go on as ir_stream_write() does. */
IRPC_CHECKED ir_stream_wrote(struct ir_stream *stream, ssize_t result, size_t total,
                             size_t *ret_written);

/*
 * Write @iov[@n] as far as the kernel takes it. If that is not all, the rest stays the caller's,
 * on_writable is called when there is room, and IR_STREAM_STUCK ends a stream whose peer takes
 * nothing.
 * Return: IRPC_OK; IRPC_CONNECTION_LOST (end it); IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_stream_write(struct ir_stream *stream, const struct iovec *iov, int n,
                             size_t *ret_written);

/* Tell the peer that nothing more comes. */
void ir_stream_shutdown(struct ir_stream *stream);

/* Stop reading, go on reading: input that is left over is handed out again soon. */
void ir_stream_pause(struct ir_stream *stream);
void ir_stream_resume(struct ir_stream *stream);

/* Hand out @bytes[@len], copied, in front of what is read: for a stream that has read nothing yet.
 * Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_stream_unread(struct ir_stream *stream, const uint8_t *bytes, size_t len);

/* No more input is wanted: what comes is dropped, the end of the stream still reported. */
void ir_stream_drop_input(struct ir_stream *stream);
