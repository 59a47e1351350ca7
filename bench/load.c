/*
 * The load generator: one thread, the same code against the raw echo and the RPC server.
 *
 *     load raw|rpc calls PORT CONNECTIONS DEPTH CALLS SIZE   nanoseconds for all calls
 *     load raw|rpc connect PORT 1 1 CALLS 0                  connect, one exchange, close; one by
 * one load raw|rpc idle PORT CONNECTIONS 1 0 0               bind them, say "ready", wait for stdin
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int fd;
    unsigned in_flight;
    size_t to_send; /* bytes of the burst, from burst_off */
    size_t burst_off;
    size_t received; /* of the reply that is coming in */
};

_Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int dial(uint16_t port)
{
    static const int on = 1;
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0) {
        die("connect");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

static void send_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            die("send");
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void receive_all(int fd, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = recv(fd, bytes, len, 0);
        if (n <= 0) {
            die("recv");
        }
        bytes += n;
        len -= (size_t)n;
    }
}

/* One PDU: its length; *ret_type, *ret_last from its header. */
static size_t receive_pdu(int fd, int *ret_type, bool *ret_last)
{
    static uint8_t pdu[65536];

    receive_all(fd, pdu, 16);
    size_t len = (size_t)pdu[8] | (size_t)pdu[9] << 8;
    receive_all(fd, pdu + 16, len - 16);
    *ret_type = pdu[2];
    *ret_last = (pdu[3] & 2) != 0;
    return len;
}

/* The exchange that opens a connection. */
static void greet(const struct options *options, int fd)
{
    static uint8_t reply[256];
    int type = 0;
    bool last = false;

    send_all(fd, bind_pdu, bind_pdu_len);
    if (!options->rpc) {
        receive_all(fd, reply, bind_pdu_len);
        return;
    }
    (void)receive_pdu(fd, &type, &last);
    if (type != 12) {
        die("no bind_ack");
    }
}

/* Length of the RPC server's reply, by making one call. */
static size_t measure_reply(const struct options *options, const struct burst *burst)
{
    int fd = dial(options->port);
    size_t len = 0;
    int type = 0;
    bool last = false;

    greet(options, fd);
    send_all(fd, burst->bytes, burst->len);
    while (!last) {
        len += receive_pdu(fd, &type, &last);
        if (type != 2) {
            die("no response");
        }
    }
    close(fd);
    return len;
}

/* --- many calls --- */

struct run {
    const struct options *options;
    const struct burst *burst;
    int epoll_fd;
    unsigned started;
    unsigned done;
    uint8_t *sink;
    size_t sink_len;
};

static void watch(struct run *run, struct connection *c, bool out, int op)
{
    struct epoll_event ev = {.events = EPOLLIN | (out ? EPOLLOUT : 0u), .data = {.ptr = c}};

    if (epoll_ctl(run->epoll_fd, op, c->fd, &ev) != 0) {
        die("epoll_ctl");
    }
}

static void push(struct run *run, struct connection *c, bool was_waiting)
{
    if (c->to_send > 0) {
        ssize_t n =
            send(c->fd, run->burst->bytes + c->burst_off, c->to_send, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN) {
            die("send");
        }
        n = n < 0 ? 0 : n;
        c->to_send -= (size_t)n;
        c->burst_off += (size_t)n;
    }
    if ((c->to_send > 0) != was_waiting) {
        watch(run, c, c->to_send > 0, EPOLL_CTL_MOD);
    }
}

/* Start @n more calls, if there are any left. */
static void start(struct run *run, struct connection *c, unsigned n)
{
    bool was_waiting = c->to_send > 0;

    if (n > run->options->calls - run->started) {
        n = run->options->calls - run->started;
    }
    if (n == 0 || was_waiting) {
        return;
    }
    run->started += n;
    c->in_flight += n;
    c->burst_off = 0;
    c->to_send = n * run->burst->len;
    push(run, c, was_waiting);
}

static void take(struct run *run, struct connection *c)
{
    ssize_t n = recv(c->fd, run->sink, run->sink_len, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        die("recv");
    }
    c->received += (size_t)n;
    unsigned ended = (unsigned)(c->received / run->burst->reply_len);
    c->received %= run->burst->reply_len;
    c->in_flight -= ended;
    run->done += ended;
    if (ended > 0) {
        start(run, c, run->options->depth - c->in_flight);
    }
}

static void run_calls(const struct options *options, const struct burst *burst)
{
    struct connection *connections = calloc(options->connections, sizeof(*connections));
    struct run run = {.options = options, .burst = burst, .sink_len = 1u << 20};
    struct epoll_event events[64];

    run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    run.sink = malloc(run.sink_len);
    if (connections == NULL || run.sink == NULL || run.epoll_fd < 0) {
        die("memory");
    }
    for (unsigned i = 0; i < options->connections; i++) {
        connections[i].fd = dial(options->port);
        greet(options, connections[i].fd);
        watch(&run, &connections[i], false, EPOLL_CTL_ADD);
    }
    uint64_t begin = now_ns();
    for (unsigned i = 0; i < options->connections; i++) {
        start(&run, &connections[i], options->depth);
    }
    while (run.done < options->calls) {
        int n = epoll_wait(run.epoll_fd, events, 64, -1);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) != 0) {
                push(&run, c, true);
            }
            if ((events[i].events & EPOLLIN) != 0) {
                take(&run, c);
            }
        }
    }
    printf("%llu\n", (unsigned long long)(now_ns() - begin));
    for (unsigned i = 0; i < options->connections; i++) {
        close(connections[i].fd);
    }
    close(run.epoll_fd);
    free(run.sink);
    free(connections);
}

/* --- the other modes --- */

static void run_connect(const struct options *options)
{
    /* No lingering in TIME_WAIT: thousands of connections would use up the ports. */
    static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    uint64_t begin = now_ns();

    for (unsigned i = 0; i < options->calls; i++) {
        int fd = dial(options->port);
        greet(options, fd);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fd);
    }
    printf("%llu\n", (unsigned long long)(now_ns() - begin));
}

static void run_idle(const struct options *options)
{
    char line[8];

    for (unsigned i = 0; i < options->connections; i++) {
        greet(options, dial(options->port));
    }
    printf("ready\n");
    fflush(stdout);
    (void)!fgets(line, sizeof(line), stdin);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct burst burst = {0};

    if (argc != 8) {
        fprintf(stderr,
                "usage: load raw|rpc calls|connect|idle PORT CONNECTIONS DEPTH CALLS SIZE\n");
        return 2;
    }
    options.rpc = strcmp(argv[1], "rpc") == 0;
    options.mode = argv[2];
    options.port = (uint16_t)atoi(argv[3]);
    options.connections = (unsigned)atoi(argv[4]);
    options.depth = (unsigned)atoi(argv[5]);
    options.calls = (unsigned)atoi(argv[6]);
    options.size = (unsigned)atoi(argv[7]);
    if (strcmp(options.mode, "connect") == 0) {
        run_connect(&options);
        return 0;
    }
    if (strcmp(options.mode, "idle") == 0) {
        run_idle(&options);
        return 0;
    }
    make_burst(&options, &burst);
    if (options.rpc) {
        burst.reply_len = measure_reply(&options, &burst);
    }
    run_calls(&options, &burst);
    free(burst.bytes);
    return 0;
}
