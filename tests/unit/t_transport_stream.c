/* A stream whose peer does not take its output, in virtual time. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "ir_test.h"
#include "loop/vloop.h"
#include "transport/stream.h"

#define WRITE_MS 1000u
#define LATEST (WRITE_MS + WRITE_MS / 4 + 50)

/* A stream that writes without end; what happens to it every 100 ms. */
struct rig {
    struct ir_vclock vclock;
    struct ir_loop *loop;
    struct ir_io io;
    struct ir_stream stream;
    struct ir_timer tick;
    void (*on_tick)(struct rig *rig);
    int peer;
    int buffer; /* the kernel's for this stream, bytes */
    bool ended;
    enum ir_stream_end why;
};

static struct rig *rig_of(struct ir_stream *stream)
{
    return IR_CONTAINER_OF(stream, struct rig, stream);
}

static size_t on_bytes(struct ir_stream *stream, uint8_t *bytes, size_t len)
{
    (void)stream;
    (void)bytes;
    return len;
}

static void on_end(struct ir_stream *stream, enum ir_stream_end why)
{
    rig_of(stream)->ended = true;
    rig_of(stream)->why = why;
}

static void write_on(struct ir_stream *stream)
{
    static uint8_t bytes[65536];
    struct iovec iov = {bytes, sizeof(bytes)};
    size_t written = sizeof(bytes);

    while (written == sizeof(bytes)) {
        IR_ASSERT_EQ(ir_stream_write(stream, &iov, 1, &written), IRPC_OK);
    }
}

static void on_tick(struct ir_timer *timer)
{
    struct rig *rig = IR_CONTAINER_OF(timer, struct rig, tick);

    if (rig->on_tick != NULL) {
        rig->on_tick(rig);
    }
    IR_ASSERT_EQ(ir_loop_timer_set(rig->loop, timer, ir_loop_now(rig->loop) + 100), IRPC_OK);
}

static void tcp_pair(int fds[2])
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    IR_ASSERT_EQ(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
    IR_ASSERT_EQ(listen(listener, 1), 0);
    IR_ASSERT_EQ(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    IR_ASSERT_EQ(connect(fds[1], (struct sockaddr *)&addr, sizeof(addr)), 0);
    fds[0] = accept(listener, NULL, NULL);
    IR_ASSERT(fds[0] >= 0);
    close(listener);
}

static void rig_init(struct rig *rig, int fds[2], void (*fn)(struct rig *rig))
{
    static const struct ir_stream_ops ops = {on_bytes, on_end, write_on};

    *rig = (struct rig){.vclock = {.now = 1000}, .tick = {.fn = on_tick}, .on_tick = fn};
    struct ir_loop_clock clock = ir_vclock(&rig->vclock);
    rig->peer = fds[1];
    rig->buffer = 8192;
    IR_ASSERT_EQ(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &rig->buffer, sizeof(int)), 0);
    for (int i = 0; i < 2; i++) {
        IR_ASSERT_EQ(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
    }
    IR_ASSERT_EQ(ir_loop_new(&clock, &rig->loop), IRPC_OK);
    IR_ASSERT_EQ(ir_io_init(&rig->io, rig->loop), IRPC_OK);
    IR_ASSERT_EQ(ir_stream_init(&rig->stream, &rig->io, fds[0], &ops, WRITE_MS), IRPC_OK);
    IR_ASSERT_EQ(ir_loop_timer_set(rig->loop, &rig->tick, 1100), IRPC_OK);
    write_on(&rig->stream);
}

/* Milliseconds until it ends, @most if it does not. */
static uint64_t run(struct rig *rig, uint64_t most)
{
    uint64_t begin = rig->vclock.now;

    while (!rig->ended && rig->vclock.now < begin + most) {
        IR_ASSERT_EQ(ir_loop_process(rig->loop, -1), IRPC_OK);
    }
    return rig->vclock.now - begin;
}

static void rig_deinit(struct rig *rig)
{
    ir_stream_deinit(&rig->stream);
    ir_loop_timer_clear(rig->loop, &rig->tick);
    ir_io_deinit(&rig->io);
    ir_loop_free(rig->loop);
    close(rig->peer);
}

static void assert_given_up(struct rig *rig)
{
    uint64_t took = run(rig, 20 * WRITE_MS);

    IR_ASSERT(took >= WRITE_MS);
    IR_ASSERT(took <= LATEST);
    IR_ASSERT_EQ(rig->why, IR_STREAM_STUCK);
}

/* check: L04 */
IR_TEST(a_peer_that_takes_nothing_is_given_up)
{
    struct rig rig;
    int fds[2];

    tcp_pair(fds);
    rig_init(&rig, fds, NULL);
    assert_given_up(&rig);
    rig_deinit(&rig);
}

IR_TEST(a_local_peer_that_takes_nothing_is_given_up)
{
    struct rig rig;
    int fds[2];

    IR_ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    rig_init(&rig, fds, NULL);
    assert_given_up(&rig);
    rig_deinit(&rig);
}

static void enlarge(struct rig *rig)
{
    rig->buffer += 4096;
    (void)setsockopt(rig->stream.watch.fd, SOL_SOCKET, SO_SNDBUF, &rig->buffer, sizeof(int));
    write_on(&rig->stream);
}

/* check: L04: the kernel has room again where others were closed; nobody read anything. */
IR_TEST(what_the_kernel_takes_is_no_sign_of_life)
{
    struct rig rig;
    int fds[2];

    if (getenv("MESON_EXE_WRAPPER") != NULL) {
        ir_test_skip("an emulator does not tell what was acknowledged");
    }
    tcp_pair(fds);
    rig_init(&rig, fds, enlarge);
    assert_given_up(&rig);
    rig_deinit(&rig);
}

static void read_all(struct rig *rig)
{
    static const struct timespec pause = {0, 5000000}; /* for the acknowledgement */
    static uint8_t bytes[1 << 20];

    (void)!read(rig->peer, bytes, sizeof(bytes));
    nanosleep(&pause, NULL);
}

static void assert_lives(int fds[2])
{
    struct rig rig;

    rig_init(&rig, fds, read_all);
    run(&rig, 5 * WRITE_MS);
    IR_ASSERT(!rig.ended);
    rig.on_tick = NULL;
    run(&rig, 5 * WRITE_MS);
    IR_ASSERT(rig.ended);
    IR_ASSERT_EQ(rig.why, IR_STREAM_STUCK);
    rig_deinit(&rig);
}

IR_TEST(a_slow_peer_lives_as_long_as_it_reads)
{
    int fds[2];

    tcp_pair(fds);
    assert_lives(fds);
}

IR_TEST(a_slow_local_peer_lives_as_long_as_it_reads)
{
    int fds[2];

    IR_ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_lives(fds);
}
