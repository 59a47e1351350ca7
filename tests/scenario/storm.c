/*
 * storm: wrong packets as fast as they go, from addresses of their own, while a good client calls
 * every 10 ms and must not notice.
 *
 *   storm [OPTIONS] PORT
 *     --packets N     how many (100000)
 *     --seed N        of the packets (the time)
 *     --records FILE  PDUs to distort besides the shapes of attack_shapes.c, see storm.h
 *     --pid N         a process that has to stay: same start time, bounded memory; may be repeated
 *     --max-growth K  KiB that a process' resident memory may grow; 0: not checked (1023)
 *     --p99 MS        how long the good client's calls may take, 99 of 100 (0: not judged)
 *
 * Each packet has a connection of its own, from one of 127.0.0.64 to .127; the sender ends its half
 * and waits until the server has ended the other, so every packet was dealt with. The good client,
 * 127.0.0.1, calls over a connection that stays, and now and then over a new one. Memory is
 * measured from the tenth part of the packets on.
 *
 * Exit status: 0 the server stood it; 1 it did not; 2 usage.
 */
#include "storm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

#define WINDOW 32        /* connections of the storm at one time */
#define FIRST_SOURCE 64u /* last byte of its addresses */
#define N_SOURCES 64u
#define ANSWER_S 5
#define PERIOD_NS 10000000 /* of the good client */
#define FRESH_EVERY 50     /* calls, then one over a new connection */
#define LATENCIES_MAX 1000000u

/* What the sender tells. */
struct progress {
    unsigned long sent;
    unsigned long answered; /* something came back */
    unsigned long stuck;    /* the server did not end the connection */
    int error;              /* errno that ended it */
};

struct options {
    unsigned long packets;
    uint64_t seed;
    long max_growth_kib;
    double p99_ms;
    struct sockaddr_in server;
};

static struct options options = {.packets = 100000, .max_growth_kib = 1023};
static struct progress *progress;
static float *latencies; /* ms */
static size_t n_latencies;
static unsigned long n_failed;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- connections --- */

/* From 127.0.0.@source. -1: errno. */
static int connect_from(unsigned source)
{
    static const int one = 1;
    static const struct timeval limit = {.tv_sec = ANSWER_S};
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr = {htonl(INADDR_LOOPBACK - 1 + source)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        connect(fd, (struct sockaddr *)&options.server, sizeof(options.server)) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* --- the storm --- */

static void finish(int fd)
{
    static uint8_t reply[65536];
    bool any = false;
    ssize_t n;

    while ((n = recv(fd, reply, sizeof(reply), 0)) > 0) {
        any = true;
    }
    progress->answered += any;
    progress->stuck += n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    close(fd);
}

static _Noreturn void send_all(void)
{
    static uint8_t packet[STORM_PACKET_MAX];
    int fds[WINDOW];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned long i = 0; i < options.packets + WINDOW; i++) {
        int *fd = &fds[i % WINDOW];

        if (i >= WINDOW && *fd >= 0) {
            finish(*fd);
        }
        if (i >= options.packets) {
            *fd = -1;
            continue;
        }
        *fd = connect_from(FIRST_SOURCE + (unsigned)(i % N_SOURCES));
        if (*fd < 0) {
            progress->error = errno;
            _exit(1);
        }
        size_t n = storm_packet(packet);
        /* The server may have closed already: that is an answer, not our failure. */
        (void)!send(*fd, packet, n, MSG_NOSIGNAL);
        shutdown(*fd, SHUT_WR);
        __atomic_store_n(&progress->sent, i + 1, __ATOMIC_RELAXED);
    }
    _exit(0);
}

/* --- the good client --- */

/* Send @pdu[@n] and have a PDU of type @wanted back. */
static bool exchange(int fd, const uint8_t *pdu, size_t n, uint8_t wanted)
{
    uint8_t reply[1024];
    size_t got = 0, want = 16;

    if (send(fd, pdu, n, MSG_NOSIGNAL) != (ssize_t)n) {
        return false;
    }
    while (got < want) {
        ssize_t more = recv(fd, reply + got, want - got, 0);
        if (more <= 0) {
            return false;
        }
        got += (size_t)more;
        if (got == 16) {
            want = (size_t)reply[8] | (size_t)reply[9] << 8;
            if (want < 16 || want > sizeof(reply)) {
                return false;
            }
        }
    }
    return reply[2] == wanted && memcmp(reply + 12, pdu + 12, 4) == 0;
}

static int good_connection(void)
{
    uint8_t pdu[ATTACK_MAX_PDU];
    int fd = connect_from(1);

    if (fd >= 0 && !exchange(fd, pdu, attack_bind_mgmt(pdu), 12)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool good_call(int fd)
{
    static uint32_t call_id = 1000;
    uint8_t pdu[ATTACK_MAX_PDU];
    size_t n = attack_good_call(pdu, ++call_id);

    return fd >= 0 && exchange(fd, pdu, n, 2);
}

static bool fresh_call(void)
{
    int fd = good_connection();
    bool good = good_call(fd);

    if (fd >= 0) {
        close(fd);
    }
    return good;
}

static void call_once(int *fd)
{
    double began = now_ms();
    bool good = n_latencies % FRESH_EVERY == 0 ? fresh_call() : good_call(*fd);

    if (!good) {
        fprintf(stderr, "storm: good call %zu failed: %s\n", n_latencies, strerror(errno));
        n_failed++;
        if (*fd >= 0) {
            close(*fd);
        }
        *fd = good_connection();
    }
    if (n_latencies < LATENCIES_MAX) {
        latencies[n_latencies++] = (float)(now_ms() - began);
    }
}

/* Until the sender has ended. Return: its status. */
static int call_meanwhile(pid_t sender)
{
    struct timespec next;
    bool measured = false;
    int fd = good_connection();
    int status = 0;

    clock_gettime(CLOCK_MONOTONIC, &next);
    while (waitpid(sender, &status, WNOHANG) == 0) {
        struct timespec now;

        call_once(&fd);
        if (!measured && progress->sent > options.packets / 10) {
            measured = true;
            (void)attack_watch_begin();
        }
        next.tv_nsec += PERIOD_NS;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > next.tv_sec || (now.tv_sec == next.tv_sec && now.tv_nsec > next.tv_nsec)) {
            next = now; /* what was missed is not made up for */
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/* --- judging --- */

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

static int judge(int status, double seconds)
{
    pid_t gone = 0;
    long growth = attack_watch_growth(&gone);
    size_t n = n_latencies;

    qsort(latencies, n, sizeof(latencies[0]), compare);
    float p99 = n > 0 ? latencies[n * 99 / 100] : 0;
    printf("%lu packets in %.1f s (%.0f/s), %lu answered; %zu good calls, %lu failed, "
           "p50 %.2f ms, p99 %.2f ms, max %.2f ms; memory %+ld KiB\n",
           progress->sent, seconds, (double)progress->sent / seconds, progress->answered, n,
           n_failed, n > 0 ? latencies[n / 2] : 0, p99, n > 0 ? latencies[n - 1] : 0, growth);
    if (status != 0 || progress->sent != options.packets) {
        fprintf(stderr, "storm: the sender ended after %lu packets: %s\n", progress->sent,
                progress->error != 0 ? strerror(progress->error) : "it was killed");
        return 1;
    }
    if (gone != 0) {
        fprintf(stderr, "storm: process %d is gone\n", (int)gone);
        return 1;
    }
    if (progress->stuck > 0) {
        fprintf(stderr, "storm: %lu connections were not ended by the server within %d s\n",
                progress->stuck, ANSWER_S);
        return 1;
    }
    if (options.max_growth_kib > 0 && growth > options.max_growth_kib) {
        fprintf(stderr, "storm: memory grew by %ld KiB, allowed are %ld\n", growth,
                options.max_growth_kib);
        return 1;
    }
    if (options.p99_ms > 0 && p99 > options.p99_ms) {
        fprintf(stderr, "storm: p99 %.2f ms, allowed are %.2f\n", p99, options.p99_ms);
        return 1;
    }
    return n_failed > 0 || n < 10;
}

/* --- the program --- */

static _Noreturn void usage(const char *why, const char *what)
{
    fprintf(stderr, "storm: %s%s\n", why, what);
    fprintf(stderr, "usage: storm [--packets N] [--seed N] [--records FILE] [--pid N]... "
                    "[--max-growth KIB] [--p99 MS] PORT\n");
    exit(2);
}

static unsigned long number(const char *text, unsigned long max)
{
    char *rest;
    errno = 0;
    unsigned long v = strtoul(text, &rest, 10);

    if (errno != 0 || rest == text || *rest != '\0' || v > max) {
        usage("not a number, or too large: ", text);
    }
    return v;
}

static void read_options(int argc, char **argv)
{
    static const struct option names[] = {{"packets", required_argument, NULL, 'n'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"records", required_argument, NULL, 'r'},
                                          {"pid", required_argument, NULL, 'p'},
                                          {"max-growth", required_argument, NULL, 'g'},
                                          {"p99", required_argument, NULL, 'l'},
                                          {NULL, 0, NULL, 0}};
    int c;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c == 'n') {
            options.packets = number(optarg, 100000000);
        } else if (c == 's') {
            options.seed = number(optarg, UINT32_MAX);
        } else if (c == 'r' && storm_load(optarg) < 0) {
            usage("no records in ", optarg);
        } else if (c == 'p') {
            attack_watch((pid_t)number(optarg, 0x7fffffff));
        } else if (c == 'g') {
            options.max_growth_kib = (long)number(optarg, 1u << 30);
        } else if (c == 'l') {
            options.p99_ms = (double)number(optarg, 1000000);
        } else if (c == '?') {
            usage("see above", "");
        }
    }
    if (optind + 1 != argc) {
        usage("one PORT is needed", "");
    }
    options.server.sin_port = htons((uint16_t)number(argv[optind], 65535));
}

int main(int argc, char **argv)
{
    options.seed = (uint64_t)time(NULL);
    options.server.sin_family = AF_INET;
    options.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    attack_build_shapes();
    read_options(argc, argv);
    attack_seed(options.seed);
    progress =
        mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    latencies = calloc(LATENCIES_MAX, sizeof(latencies[0]));
    pid_t missing = attack_watch_begin();

    if (progress == MAP_FAILED || latencies == NULL || missing != 0) {
        fprintf(stderr, "storm: cannot begin: no memory, or no process %d\n", (int)missing);
        return 1;
    }
    printf("seed %llu\n", (unsigned long long)options.seed);
    fflush(stdout);
    double began = now_ms();
    pid_t sender = fork();

    if (sender == 0) {
        send_all();
    }
    int status = sender > 0 ? call_meanwhile(sender) : -1;
    int result = judge(status, (now_ms() - began) / 1e3);
    free(latencies);
    return result;
}
