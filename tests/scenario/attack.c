/*
 * attack: sends malformed packets to a live server and proves after each that it still answers.
 *
 *   attack [OPTIONS] PORT
 *     --host A        IPv4 address (127.0.0.1)
 *     --pid N         a process that has to stay: same start time, bounded memory; may be repeated
 *     --values LIST   all, or hexadecimal bytes with commas: what each byte is set to (all)
 *     --stream S      S seconds of random packets instead: lengths that disagree, counts, noise
 *     --seed N        of the random packets
 *     --max-growth K  KiB that the processes' resident memory may grow; 0: not checked (1023)
 *     --progress      says how far it is
 *     --brief         one line at the end instead of the table of shapes
 *
 * Without --stream: for every shape of attack_shapes.c, every byte position, every value, a
 * connection of its own gets the shape with that byte set. After every packet a call over a
 * connection that stays open throughout must bring the same reply as at the start, within 5 s.
 * Connections are opened (and bound, where the shape wants it) in batches before they are needed,
 * so the server has registered them and handles packet and call in the order in which they were
 * sent; a fresh bind and call ends each batch.
 *
 * Exit status: 0 the server stood it; 1 it did not (the packet is printed in hexadecimal); 2 usage.
 */
#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define ANSWER_S 5

/* What became of the packets of one shape. */
struct outcome {
    unsigned long sent;
    unsigned long answered; /* response, ack */
    unsigned long refused;  /* fault, nak */
    unsigned long closed;   /* without a word */
    unsigned long open;     /* nothing said, connection open: no answer is due yet, or none ever */
};

struct packet {
    size_t shape;
    size_t len;
    uint8_t bytes[ATTACK_MAX_PDU];
    int fd;
};

static struct sockaddr_in server;
static struct outcome outcomes[24];
static unsigned long n_sent, n_good;
static long max_growth_kib = 1023;
static bool progress, brief;
static double began;
static const struct packet *last_sent;

static int good_fds[2];
static uint32_t good_call_id = 100;
static uint8_t good_reply[64];
static size_t good_reply_len;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void fail(const char *format, ...)
{
    va_list ap;

    fflush(stdout);
    fprintf(stderr, "%sattack: ", progress ? "\n" : "");
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "\nattack: after %lu packets", n_sent);
    if (last_sent != NULL) {
        fprintf(stderr, "; the last one (%s):\n", attack_shapes[last_sent->shape].name);
        for (size_t i = 0; i < last_sent->len; i++) {
            fprintf(stderr, "%02x%s", last_sent->bytes[i], i % 32 == 31 ? "\n" : "");
        }
    }
    fprintf(stderr, "\n");
    exit(1);
}

/* --- processes --- */

static void begin_processes(void)
{
    pid_t missing = attack_watch_begin();

    if (missing != 0) {
        fail("no process %d", (int)missing);
    }
}

static long check_processes(void)
{
    pid_t gone = 0;
    long growth = attack_watch_growth(&gone);

    if (gone != 0) {
        fail("process %d is gone", (int)gone);
    }
    return growth;
}

/* --- connections --- */

static int connect_server(void)
{
    int one = 1;
    struct linger reset = {.l_onoff = 1, .l_linger = 0}; /* leaves no TIME_WAIT behind */
    struct timeval limit = {.tv_sec = ANSWER_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        fail("socket: %s", strerror(errno));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0) {
        fail("cannot connect to %s port %u: %s", inet_ntoa(server.sin_addr), ntohs(server.sin_port),
             strerror(errno));
    }
    return fd;
}

static void send_all(int fd, const uint8_t *bytes, size_t n, const char *what)
{
    ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);

    if (done != (ssize_t)n) {
        fail("cannot send %s: %s", what, done < 0 ? strerror(errno) : "not all taken");
    }
}

/* One PDU into @out, at most @cap bytes. */
static size_t receive_pdu(int fd, uint8_t *out, size_t cap, const char *what)
{
    size_t n = 0, want = 16;

    while (n < want) {
        ssize_t got = recv(fd, out + n, want - n, 0);

        if (got <= 0) {
            fail("no %s: %s", what, got < 0 ? strerror(errno) : "connection closed");
        }
        n += (size_t)got;
        if (n == 16) {
            want = (size_t)out[8] | (size_t)out[9] << 8;
            if (want < 16 || want > cap) {
                fail("%s with a frag_length of %zu", what, want);
            }
        }
    }
    return n;
}

static void expect_ack(int fd)
{
    uint8_t reply[1024];

    receive_pdu(fd, reply, sizeof(reply), "bind_ack");
    if (reply[2] != 12) {
        fail("a well-formed bind was answered by a PDU of type %u", reply[2]);
    }
}

static void call(int fd)
{
    uint8_t pdu[ATTACK_MAX_PDU], reply[64];
    uint32_t id = good_call_id++;
    size_t n = attack_good_call(pdu, id);

    send_all(fd, pdu, n, "a good call");
    n = receive_pdu(fd, reply, sizeof(reply), "reply to a good call");
    if (memcmp(reply + 12, pdu + 12, 4) != 0) {
        fail("the reply to a good call has another call_id");
    }
    memset(reply + 12, 0, 4);
    if (good_reply_len == 0 && n >= 24 && reply[2] == 2) {
        memcpy(good_reply, reply, n);
        good_reply_len = n;
    }
    if (n != good_reply_len || memcmp(reply, good_reply, n) != 0) {
        fail("a good call was answered differently (PDU type %u, %zu bytes)", reply[2], n);
    }
}

/*
 * Over two connections in turn: one that was served a moment ago may still be in front of the
 * server's list of ready descriptors, and would be served before a packet that was sent earlier.
 */
static void good_call(void)
{
    call(good_fds[n_good++ % 2]);
}

/* A client that comes anew: bind and call. */
static void good_connection(void)
{
    uint8_t pdu[ATTACK_MAX_PDU];
    int fd = connect_server();

    send_all(fd, pdu, attack_bind_mgmt(pdu), "a good bind");
    expect_ack(fd);
    call(fd);
    close(fd);
}

static void begin_good(void)
{
    uint8_t pdu[ATTACK_MAX_PDU];

    for (size_t i = 0; i < 2; i++) {
        good_fds[i] = connect_server();
        send_all(good_fds[i], pdu, attack_bind_mgmt(pdu), "a good bind");
        expect_ack(good_fds[i]);
        good_call();
    }
}

/* --- attacks --- */

static void open_for(struct packet *p)
{
    uint8_t pdu[ATTACK_MAX_PDU];

    p->fd = connect_server();
    switch (attack_shapes[p->shape].before) {
    case ATTACK_NOTHING:
        break;
    case ATTACK_BOUND_EPM:
        send_all(p->fd, pdu, attack_bind_epm(pdu), "a good bind");
        break;
    case ATTACK_BOUND_MGMT:
    case ATTACK_FIRST_FRAG:
        send_all(p->fd, pdu, attack_bind_mgmt(pdu), "a good bind");
        break;
    }
}

static void prepare(struct packet *p)
{
    uint8_t pdu[ATTACK_MAX_PDU];

    if (attack_shapes[p->shape].before != ATTACK_NOTHING) {
        expect_ack(p->fd);
    }
    if (attack_shapes[p->shape].before == ATTACK_FIRST_FRAG) {
        send_all(p->fd, pdu, attack_first_fragment(pdu), "a first fragment");
    }
}

static void classify(struct packet *p)
{
    struct outcome *o = &outcomes[p->shape];
    uint8_t reply[4096];
    ssize_t n = recv(p->fd, reply, sizeof(reply), MSG_DONTWAIT);

    o->sent++;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        o->open++;
    } else if (n <= 0) {
        o->closed++;
    } else if (n > 2 && (reply[2] == 3 || reply[2] == 13)) {
        o->refused++;
    } else {
        o->answered++;
    }
}

static void fire(struct packet *p)
{
    last_sent = p;
    /* The server may have closed already: that is an answer, not our failure. */
    ssize_t done = send(p->fd, p->bytes, p->len, MSG_NOSIGNAL);
    (void)done;
    n_sent++;
    good_call();
    classify(p);
    close(p->fd);
}

static void report_progress(bool last)
{
    static double reported;
    double t = now();

    if (!progress || (!last && t - reported < (isatty(1) ? 0.2 : 2.0))) {
        return;
    }
    reported = t;
    printf("%s%9lu malformed packets, %9lu good calls answered, %4.1f s%s", isatty(1) ? "\r" : "",
           n_sent, n_good, t - began, isatty(1) && !last ? "" : "\n");
    fflush(stdout);
}

static void attack_batch(struct packet *batch, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        open_for(&batch[i]);
    }
    for (size_t i = 0; i < n; i++) {
        prepare(&batch[i]);
    }
    good_call(); /* all connections are accepted when this is answered */
    for (size_t i = 0; i < n; i++) {
        fire(&batch[i]);
    }
    good_connection();
    check_processes();
    report_progress(false);
}

static struct packet *take(struct packet *batch, size_t *n, size_t shape)
{
    if (*n == BATCH) {
        attack_batch(batch, *n);
        *n = 0;
    }
    struct packet *p = &batch[(*n)++];
    p->shape = shape;
    p->len = attack_shapes[shape].len;
    memcpy(p->bytes, attack_shapes[shape].pdu, p->len);
    return p;
}

/* Every shape, every position, every value. */
static void attack_single(const uint8_t *values, size_t n_values)
{
    static struct packet batch[BATCH];
    size_t n = 0;

    for (size_t s = 0; s < attack_n_shapes; s++) {
        for (size_t at = 0; at < attack_shapes[s].len; at++) {
            for (size_t v = 0; v < n_values; v++) {
                take(batch, &n, s)->bytes[at] = values[v];
            }
        }
    }
    attack_batch(batch, n);
}

/* --- random packets --- */

static void attack_stream(double seconds)
{
    static struct packet batch[BATCH];
    size_t n = 0;
    double until = now() + seconds;

    while (now() < until) {
        struct packet *p = take(batch, &n, attack_random((uint32_t)attack_n_shapes));
        p->len = attack_distort(&attack_shapes[p->shape], p->bytes);
    }
    attack_batch(batch, n);
}

/* --- the program --- */

static void report_shapes(void)
{
    printf("%-24s %7s %9s %8s %8s %8s %8s\n", "shape", "bytes", "packets", "answered", "refused",
           "closed", "silent");
    for (size_t s = 0; s < attack_n_shapes; s++) {
        const struct outcome *o = &outcomes[s];
        printf("%-24s %7zu %9lu %8lu %8lu %8lu %8lu\n", attack_shapes[s].name, attack_shapes[s].len,
               o->sent, o->answered, o->refused, o->closed, o->open);
    }
}

static void report(size_t n_values)
{
    long growth = check_processes();

    report_progress(true);
    if (!brief) {
        report_shapes();
    }
    printf("%zu shapes, ", attack_n_shapes);
    if (n_values > 0) {
        printf("%zu values of each byte, ", n_values);
    }
    printf("%lu packets, %lu good calls answered, %.1f s", n_sent, n_good, now() - began);
    if (attack_n_watched > 0) {
        printf(", memory %+ld KiB", growth);
    }
    printf("\n");
    if (max_growth_kib > 0 && growth > max_growth_kib) {
        last_sent = NULL;
        fail("resident memory grew by %ld KiB, allowed are %ld", growth, max_growth_kib);
    }
}

static _Noreturn void usage(const char *why, const char *what)
{
    fprintf(stderr, "attack: %s%s\n", why, what);
    fprintf(stderr, "usage: attack [--host A] [--pid N]... [--values all|HEX,HEX...] [--stream S] "
                    "[--seed N] [--max-growth KIB] [--progress] [--brief] PORT\n");
    exit(2);
}

static unsigned long number(const char *text, int base, unsigned long max)
{
    char *rest;
    errno = 0;
    unsigned long v = strtoul(text, &rest, base);

    if (errno != 0 || rest == text || *rest != '\0' || v > max) {
        usage("not a number, or too large: ", text);
    }
    return v;
}

static size_t parse_values(char *list, uint8_t *values)
{
    size_t n = 0;

    if (strcmp(list, "all") == 0) {
        for (; n < 256; n++) {
            values[n] = (uint8_t)n;
        }
        return n;
    }
    for (char *word = strtok(list, ","); word != NULL; word = strtok(NULL, ",")) {
        if (n == 256) {
            usage("too many values", "");
        }
        values[n++] = (uint8_t)number(word, 16, 255);
    }
    return n;
}

struct plan {
    uint8_t values[256];
    size_t n_values;
    unsigned long stream_s; /* 0: every position and value */
    uint64_t seed;
};

static void read_options(int argc, char **argv, struct plan *plan)
{
    static const struct option options[] = {{"host", required_argument, NULL, 'h'},
                                            {"pid", required_argument, NULL, 'p'},
                                            {"values", required_argument, NULL, 'v'},
                                            {"stream", required_argument, NULL, 's'},
                                            {"seed", required_argument, NULL, 'r'},
                                            {"max-growth", required_argument, NULL, 'g'},
                                            {"progress", no_argument, NULL, 'P'},
                                            {"brief", no_argument, NULL, 'B'},
                                            {NULL, 0, NULL, 0}};
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h' && inet_pton(AF_INET, optarg, &server.sin_addr) != 1) {
            usage("not an IPv4 address: ", optarg);
        } else if (c == 'p') {
            attack_watch((pid_t)number(optarg, 10, 0x7fffffff));
        } else if (c == 'v') {
            plan->n_values = parse_values(optarg, plan->values);
        } else if (c == 's') {
            plan->stream_s = number(optarg, 10, 100000);
        } else if (c == 'r') {
            plan->seed = number(optarg, 10, UINT32_MAX);
        } else if (c == 'g') {
            max_growth_kib = (long)number(optarg, 10, 1u << 30);
        } else if (c == 'P' || c == 'B') {
            progress = progress || c == 'P';
            brief = brief || c == 'B';
        } else if (c == '?') {
            usage("see above", "");
        }
    }
    if (optind + 1 != argc || plan->n_values == 0) {
        usage("one PORT is needed", "");
    }
    server.sin_port = htons((uint16_t)number(argv[optind], 10, 65535));
}

/* What serving BATCH connections at once needs is allocated before memory is measured. */
static void warm_up(void)
{
    static struct packet batch[BATCH];
    size_t n = 0;
    bool shown = progress;

    progress = false;
    while (n < BATCH) {
        take(batch, &n, n % attack_n_shapes);
    }
    attack_batch(batch, n);
    progress = shown;
    memset(outcomes, 0, sizeof(outcomes));
    n_sent = n_good = 0;
}

int main(int argc, char **argv)
{
    char all[] = "all";
    struct plan plan = {.seed = (uint64_t)time(NULL)};

    plan.n_values = parse_values(all, plan.values);
    server.sin_family = AF_INET;
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    read_options(argc, argv, &plan);

    attack_build_shapes();
    began = now();
    attack_seed(plan.seed);
    begin_processes();
    begin_good();
    warm_up();
    begin_processes();

    if (plan.stream_s > 0) {
        printf("random packets, seed %llu\n", (unsigned long long)plan.seed);
        fflush(stdout);
        attack_stream((double)plan.stream_s);
        report(0);
    } else {
        attack_single(plan.values, plan.n_values);
        report(plan.n_values);
    }
    return 0;
}
