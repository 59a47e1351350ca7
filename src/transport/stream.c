/*
 * A connected stream socket on a loop.
 *
 * Invariants: input is read only when nothing is left over for reasons other than want of bytes;
 * EPOLLOUT is watched exactly while a write was cut short; a stream in io->again is alive (deinit
 * takes it out). Reads begin with 16 KiB and grow to 256 KiB while they are filled by large
 * messages, so a peer of many tiny ones cannot make the stream keep much. check: L02 L04 L05
 */
#include "transport/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"

#define READ_LOG2_MIN 14u
#define READ_LOG2_MAX 18u
#define LOOKS 4u /* at a peer that takes nothing, until it is given up */

_Static_assert(1u << READ_LOG2_MAX == IR_IO_READ_MAX, "the buffer takes the largest read");

static void handle_input(struct ir_stream *stream);
static void unqueue(struct ir_stream *stream);

/* The timer is always armed, for never or for now: so setting it cannot fail. */
static enum irpc_status arm_again(struct ir_io *io, bool soon)
{
    return ir_loop_timer_set(io->loop, &io->again_soon, soon ? ir_loop_now(io->loop) : UINT64_MAX);
}

static void on_again_soon(struct ir_timer *timer)
{
    struct ir_io *io = IR_CONTAINER_OF(timer, struct ir_io, again_soon);

    (void)!arm_again(io, false); /* it has just left its place in the heap */
    /* Whoever queues again while this runs has its turn after the next wait. */
    size_t n = 0;
    for (struct ir_stream *s = io->again; s != NULL; s = s->next_again) {
        n++;
    }
    for (; n > 0 && io->again != NULL; n--) {
        struct ir_stream *stream = io->again;
        unqueue(stream);
        if (!stream->paused) {
            handle_input(stream);
        }
    }
}

int ir_io_reserve(const struct ir_io *io)
{
    return fcntl(ir_loop_fd(io->loop), F_DUPFD_CLOEXEC, 0);
}

enum irpc_status ir_io_init(struct ir_io *io, struct ir_loop *loop)
{
    *io = (struct ir_io){.loop = loop, .again_soon = {.fn = on_again_soon}, .reserve_fd = -1};
    io->buf = ir_alloc(IR_IO_READ_MAX);
    if (io->buf == NULL) {
        return IRPC_NO_MEMORY;
    }
    io->reserve_fd = ir_io_reserve(io);
    if (io->reserve_fd < 0) {
        ir_io_deinit(io);
        return IRPC_IO;
    }
    io->again_last = &io->again;
    enum irpc_status st = arm_again(io, false);
    if (st != IRPC_OK) {
        ir_io_deinit(io);
    }
    return st;
}

void ir_io_deinit(struct ir_io *io)
{
    if (io->loop == NULL) {
        return;
    }
    ir_loop_timer_clear(io->loop, &io->again_soon);
    ir_free(io->buf);
    if (io->reserve_fd >= 0) {
        close(io->reserve_fd);
    }
    *io = (struct ir_io){.reserve_fd = -1};
}

static void queue_again(struct ir_stream *stream)
{
    struct ir_io *io = stream->io;

    if (stream->queued) {
        return;
    }
    (void)!arm_again(io, true);
    *io->again_last = stream;
    io->again_last = &stream->next_again;
    stream->next_again = NULL;
    stream->queued = true;
}

static void unqueue(struct ir_stream *stream)
{
    if (!stream->queued) {
        return;
    }
    struct ir_io *io = stream->io;
    struct ir_stream **link = &io->again;
    while (*link != stream) {
        link = &(*link)->next_again;
    }
    *link = stream->next_again;
    if (io->again_last == &stream->next_again) {
        io->again_last = link;
    }
    stream->queued = false;
}

static void rewatch(struct ir_stream *stream)
{
    bool reads = !stream->paused && !stream->queued && !stream->ended;
    uint32_t events = (reads ? IR_LOOP_IN : 0) | (stream->blocked ? IR_LOOP_OUT : 0);

    if (events != stream->watch.events) {
        ir_loop_rewatch(stream->io->loop, &stream->watch, events);
    }
}

/* Keep @len bytes at @bytes (in io->buf) as the tail: what came, not what a header announces.
 * check: H10 */
static bool keep_tail(struct ir_stream *stream, const uint8_t *bytes, size_t len)
{
    if (len == stream->tail_len) {
        if (len > 0) {
            memcpy(stream->tail, bytes, len);
        }
        return true;
    }
    uint8_t *tail = NULL;
    if (len > 0) {
        tail = ir_alloc(len);
        if (tail == NULL) {
            return false;
        }
        memcpy(tail, bytes, len);
    }
    ir_free(stream->tail);
    stream->tail = tail;
    stream->tail_len = (uint32_t)len;
    return true;
}

static void adapt_read(struct ir_stream *stream, bool filled)
{
    if (stream->again) {
        stream->read_log2 = READ_LOG2_MIN;
    } else if (filled && stream->read_log2 < READ_LOG2_MAX) {
        stream->read_log2++;
    }
}

/* The owner took @done of the first @len bytes of the shared buffer: keep the rest. */
static void keep_rest(struct ir_stream *stream, size_t done, size_t len, bool filled)
{
    if (done == SIZE_MAX || stream->watch.fd < 0) {
        return;
    }
    adapt_read(stream, filled);
    if (!keep_tail(stream, stream->io->buf + done, len - done)) {
        stream->ops->on_end(stream, IR_STREAM_NO_MEMORY);
        return;
    }
    if (stream->again && !stream->paused) {
        queue_again(stream);
    }
    stream->again = false;
    rewatch(stream);
}

/* Left-over input whose owner said "again": no read, only another turn. */
static void handle_input(struct ir_stream *stream)
{
    if (stream->tail_len == 0) {
        rewatch(stream);
        return;
    }
    size_t len = stream->tail_len;
    memcpy(stream->io->buf, stream->tail, len);
    size_t done = stream->ops->on_bytes(stream, stream->io->buf, len);
    keep_rest(stream, done, len, false);
}

static void end_input(struct ir_stream *stream, enum ir_stream_end why)
{
    stream->ended = true;
    rewatch(stream);
    stream->ops->on_end(stream, why);
}

/* @n bytes were read behind @have older ones. */
static inline void take_input(struct ir_stream *stream, size_t have, size_t n, bool filled)
{
    if (IR_UNLIKELY(have > 0)) {
        memcpy(stream->io->buf, stream->tail, have);
    }
    size_t done = stream->ops->on_bytes(stream, stream->io->buf, have + n);
    if (IR_UNLIKELY(done != n || have > 0 || filled)) {
        keep_rest(stream, done, have + n, filled);
    }
}

/* How much to read behind @have bytes; 0: the owner wants more than the buffer holds. */
static inline size_t room_behind(const struct ir_stream *stream, size_t have)
{
    size_t room = (size_t)1 << stream->read_log2;

    if (IR_LIKELY(have == 0)) {
        return room;
    }
    room = room <= have + have / 2 ? IR_IO_READ_MAX : room;
    return room > have ? room - have : 0;
}

static void on_readable(struct ir_stream *stream)
{
    size_t have = stream->tail_len;
    size_t room = room_behind(stream, have);

    if (room == 0) {
        stream->ops->on_end(stream, IR_STREAM_RESET);
        return;
    }
    ssize_t n = read(stream->watch.fd, stream->io->buf + have, room);
    if (IR_UNLIKELY(n <= 0)) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            end_input(stream, n == 0 ? IR_STREAM_EOF : IR_STREAM_RESET);
        }
        return;
    }
    if (IR_LIKELY(!stream->drop)) {
        take_input(stream, have, (size_t)n, (size_t)n == room);
    }
}

static void on_event(struct ir_watch *watch, uint32_t events)
{
    struct ir_stream *stream = IR_CONTAINER_OF(watch, struct ir_stream, watch);

    if ((events & IR_LOOP_OUT) != 0 && stream->blocked) {
        stream->ops->on_writable(stream);
        return; /* it may be gone; input comes with the next wake-up */
    }
    if ((watch->events & IR_LOOP_IN) != 0) {
        on_readable(stream); /* errors too: read() tells which */
        return;
    }
    if ((events & (IR_LOOP_ERR | IR_LOOP_HUP)) != 0) {
        /* Both directions are dead, and nobody reads: level-triggered, so it has to end here. */
        stream->ops->on_end(stream, IR_STREAM_RESET);
    }
}

/*
 * Whether the peer took output since the last look: acknowledged it. What the kernel takes is no
 * sign of life, it finds room for more when other connections end. A local socket counts nothing,
 * nor do emulators; there it has to be the sign.
 */
static bool was_taken(struct ir_stream *stream)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    const socklen_t needed = offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(uint64_t);
    bool taken = stream->wrote;

    stream->wrote = false;
    if (getsockopt(stream->watch.fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && len >= needed) {
        taken = info.tcpi_bytes_acked != stream->acked;
        stream->acked = info.tcpi_bytes_acked;
    }
    return taken;
}

static enum irpc_status look_again(struct ir_stream *stream)
{
    struct ir_loop *loop = stream->io->loop;

    return ir_loop_timer_set(loop, &stream->stuck,
                             ir_loop_now(loop) + (stream->write_ms + LOOKS - 1) / LOOKS);
}

/* check: L04 */
static void on_stuck(struct ir_timer *timer)
{
    struct ir_stream *stream = IR_CONTAINER_OF(timer, struct ir_stream, stuck);

    stream->looks = was_taken(stream) ? 0 : stream->looks + 1;
    if (stream->looks >= LOOKS) {
        stream->ops->on_end(stream, IR_STREAM_STUCK);
    } else if (look_again(stream) != IRPC_OK) {
        stream->ops->on_end(stream, IR_STREAM_NO_MEMORY);
    }
}

enum irpc_status ir_stream_init(struct ir_stream *stream, struct ir_io *io, int fd,
                                const struct ir_stream_ops *ops, uint32_t write_ms)
{
    *stream = (struct ir_stream){
        .watch = {.fd = -1},
        .stuck = {.fn = on_stuck},
        .io = io,
        .ops = ops,
        .write_ms = write_ms,
        .read_log2 = READ_LOG2_MIN,
    };
    enum irpc_status st = ir_loop_watch(io->loop, &stream->watch, fd, IR_LOOP_IN, on_event);
    if (st != IRPC_OK) {
        close(fd);
    }
    return st;
}

void ir_stream_deinit(struct ir_stream *stream)
{
    if (stream->io == NULL) {
        return;
    }
    unqueue(stream);
    ir_loop_timer_clear(stream->io->loop, &stream->stuck);
    ir_free(stream->tail);
    stream->tail = NULL;
    stream->tail_len = 0;
    if (stream->watch.fd >= 0) {
        int fd = stream->watch.fd;
        ir_loop_unwatch(stream->io->loop, &stream->watch);
        close(fd);
    }
    stream->io = NULL;
}

static enum irpc_status set_blocked(struct ir_stream *stream, bool blocked)
{
    if (blocked == stream->blocked) {
        return IRPC_OK;
    }
    stream->blocked = blocked;
    rewatch(stream);
    if (!blocked) {
        ir_loop_timer_clear(stream->io->loop, &stream->stuck);
        return IRPC_OK;
    }
    (void)was_taken(stream);
    stream->looks = 0;
    return look_again(stream);
}

enum irpc_status ir_stream_wrote(struct ir_stream *stream, ssize_t result, size_t total,
                                 size_t *ret_written)
{
    if (result < 0 && errno != EAGAIN && errno != EINTR) {
        return IRPC_CONNECTION_LOST;
    }
    size_t n = result > 0 ? (size_t)result : 0;
    *ret_written = n;
    stream->wrote |= n > 0;
    return set_blocked(stream, n < total);
}

enum irpc_status ir_stream_write(struct ir_stream *stream, const struct iovec *iov, int n,
                                 size_t *ret_written)
{
    struct msghdr msg = {.msg_iovlen = (size_t)n};
    size_t total = 0;

    memcpy(&msg.msg_iov, &iov, sizeof(iov)); /* not written through */
    for (int i = 0; i < n; i++) {
        total += iov[i].iov_len;
    }
    ssize_t result = sendmsg(stream->watch.fd, &msg, MSG_NOSIGNAL);
    return ir_stream_wrote(stream, result, total, ret_written);
}

void ir_stream_shutdown(struct ir_stream *stream)
{
    /* It fails when the peer is gone: the next event tells. */
    (void)shutdown(stream->watch.fd, SHUT_WR);
}

void ir_stream_pause(struct ir_stream *stream)
{
    if (!stream->paused && !stream->drop) {
        stream->paused = true;
        unqueue(stream);
        rewatch(stream);
    }
}

void ir_stream_resume(struct ir_stream *stream)
{
    if (!stream->paused || stream->drop) {
        return;
    }
    stream->paused = false;
    if (stream->tail_len > 0) {
        queue_again(stream);
    }
    rewatch(stream);
}

enum irpc_status ir_stream_unread(struct ir_stream *stream, const uint8_t *bytes, size_t len)
{
    if (len > IR_IO_READ_MAX || !keep_tail(stream, bytes, len)) {
        return IRPC_NO_MEMORY;
    }
    queue_again(stream);
    rewatch(stream);
    return IRPC_OK;
}

void ir_stream_drop_input(struct ir_stream *stream)
{
    unqueue(stream);
    ir_free(stream->tail);
    stream->tail = NULL;
    stream->tail_len = 0;
    stream->drop = true;
    stream->paused = false;
    rewatch(stream);
}
