/* What peers that do not play by the rules get, and what it costs: over real sockets. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"
#include "rig.h"
#include "rpcecho.h"

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    return IRPC_OK;
}

static enum irpc_status source_data(struct irpc_call *call, uint32_t len, uint8_t *data)
{
    (void)call;
    memset(data, 'x', len);
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {.AddOne = add_one, .SourceData = source_data};

static void start(struct rig *rig, const struct irpc_server_options *options)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    rig_start(rig);
}

static void expect_alive(const struct rig *rig)
{
    struct irpc_binding *binding = rig_bind(rig->tcp);
    uint32_t out = 0;

    IR_ASSERT_EQ(rpcecho_AddOne(binding, 41, &out), IRPC_OK);
    IR_ASSERT_EQ(out, 42);
    irpc_binding_free(binding);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
}

IR_TEST(byte_by_byte_and_many_at_once)
{
    struct rig rig;
    uint8_t pdu[6000];
    struct ir_bytes one = IR_HEX(ADD_ONE_41);
    uint8_t many[200 * 28];

    start(&rig, NULL);
    int fd = dial(&rig);
    struct ir_bytes bind = IR_HEX(BIND);
    for (size_t i = 0; i < bind.n; i++) {
        put(fd, (struct ir_bytes){bind.p + i, 1});
        usleep(200);
    }
    IR_ASSERT(get_pdu(fd, pdu) > 0);
    /* More than one wake-up's worth of calls in one segment. Each is answered before the next is
     * looked at, so one connection without multiplexing may send them all at once. */
    for (size_t i = 0; i < 200; i++) {
        memcpy(many + i * 28, one.p, 28);
        many[i * 28 + 12] = (uint8_t)i;
    }
    put(fd, (struct ir_bytes){many, sizeof(many)});
    for (size_t i = 0; i < 200; i++) {
        IR_ASSERT_EQ(get_pdu(fd, pdu), 28);
        IR_ASSERT_EQ(pdu[2], 2);
        IR_ASSERT_EQ(pdu[12], i);
        IR_ASSERT_EQ(pdu[24], 42);
    }
    close(fd);
    finish(&rig);
}

IR_TEST(first_bytes_that_are_no_rpc)
{
    struct rig rig;

    start(&rig, NULL);
    int fd = dial(&rig);
    put(fd, IR_HEX("'GET / HTTP/1.0' 0d 0a 0d 0a"));
    IR_ASSERT(closes_within(fd, 3000));
    close(fd);
    expect_alive(&rig);
    finish(&rig);
}

IR_TEST(deadlines_of_the_connection)
{
    struct rig rig;
    const struct irpc_server_options options = {
        .first_byte_ms = 100, .header_ms = 100, .pdu_ms = 100, .bind_ms = 1000, .idle_ms = 200};

    start(&rig, &options);
    int silent = dial(&rig);
    int header = dial(&rig);
    int body = dial(&rig);
    int idle = dial(&rig);
    put(header, IR_HEX("05 00 0b"));
    put(body, IR_HEX("05 00 0b 03 10 00 00 00 48 00 00 00 01 00 00 00 d0 16"));
    bind_ok(idle);
    IR_ASSERT(closes_within(silent, 2000));
    IR_ASSERT(closes_within(header, 2000));
    IR_ASSERT(closes_within(body, 2000));
    IR_ASSERT(closes_within(idle, 2000));
    close(silent);
    close(header);
    close(body);
    close(idle);
    expect_alive(&rig);
    finish(&rig);
}

/* check: L04 */
IR_TEST(a_client_that_never_reads)
{
    struct rig rig;
    const struct irpc_server_options options = {.write_ms = 300};
    /* SourceData, 1,000,000 bytes */
    struct ir_bytes request = IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                                     "04 00 00 00 00 00 03 00 40 42 0f 00");
    uint8_t many[64 * 28];

    start(&rig, &options);
    int fd = dial(&rig);
    bind_ok(fd);
    for (size_t i = 0; i < 64; i++) {
        memcpy(many + i * 28, request.p, 28);
        many[i * 28 + 12] = (uint8_t)i;
    }
    put(fd, (struct ir_bytes){many, sizeof(many)});
    usleep(100000);
    expect_alive(&rig);
    usleep(600000);
    rig_stop(&rig);
    struct irpc_server_stats stats;
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(stats.open, 0);
    IR_ASSERT(stats.calls_in < 20); /* it stopped reading them */
    struct irpc_server_metrics m;
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_PAUSED], 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_MEMORY], 0);
    close(fd);
    irpc_server_free(rig.server);
}

/* The same client, a little later reading after all: nothing is lost. */
IR_TEST(a_client_that_reads_late)
{
    struct rig rig;
    struct ir_bytes request = IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                                     "04 00 00 00 00 00 03 00 40 42 0f 00");
    uint8_t pdu[6000];
    size_t stub = 0;

    start(&rig, NULL);
    int fd = dial(&rig);
    bind_ok(fd);
    for (size_t i = 0; i < 20; i++) {
        put(fd, request);
    }
    usleep(200000);
    expect_alive(&rig);
    for (size_t done = 0; done < 20;) {
        size_t n = get_pdu(fd, pdu);
        IR_ASSERT(n > 24);
        IR_ASSERT_EQ(pdu[2], 2);
        stub += n - 24;
        IR_ASSERT_EQ(pdu[n - 1], 'x');
        done += (pdu[3] & 2) != 0;
    }
    IR_ASSERT_EQ(stub, 20 * 1000004);
    close(fd);
    finish(&rig);
}

/* @n fragments of AddOne with more bytes than it takes; the server may close meanwhile. */
static void put_fragments(int fd, bool first, unsigned n)
{
    uint8_t pdu[5840] = {5, 0, 0, 0, 0x10, 0, 0, 0, 0xd0, 0x16, 0, 0, 2,
                         0, 0, 0, 4, 0,    0, 0, 0, 0,    0,    0, 41};

    for (unsigned i = 0; i < n; i++) {
        pdu[3] = first && i == 0 ? 1 : 0;
        if (send(fd, pdu, sizeof(pdu), MSG_NOSIGNAL) < 0) {
            return;
        }
    }
}

/* Requests without an end share a pool; who has most of it pays first. check: F09 */
IR_TEST(unfinished_requests_are_limited_together)
{
    struct rig rig;
    const struct irpc_server_options options = {.max_memory = 1024 * 1024};
    struct irpc_server_stats stats;
    uint8_t pdu[6000];
    int fds[8];

    start(&rig, &options);
    int honest = dial_from(&rig, "127.0.0.2");
    put_fragments(honest, true, 20);
    for (int i = 0; i < 8; i++) {
        fds[i] = dial_from(&rig, "127.0.0.1");
        put_fragments(fds[i], true, 40);
    }
    expect_alive(&rig);
    put_fragments(honest, false, 10);
    put(honest, IR_HEX("05 00 00 02 10 00 00 00 1c 00 00 00 02 00 00 00"
                       "04 00 00 00 00 00 00 00 00 00 00 00"));
    IR_ASSERT_EQ(get_pdu(honest, pdu), 28);
    IR_ASSERT_EQ(pdu[2], 2);
    IR_ASSERT_EQ(pdu[24], 42);
    rig_stop(&rig);
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT(stats.open >= 2 && stats.open <= 6); /* 4 * 256 KiB, and the honest one */
    for (int i = 0; i < 8; i++) {
        close(fds[i]);
    }
    close(honest);
    irpc_server_free(rig.server);
}

/* So do replies that nobody takes. check: F09 L04 */
IR_TEST(unsent_replies_are_limited_together)
{
    struct rig rig;
    const struct irpc_server_options options = {.max_memory = 4u * 1024 * 1024};
    struct irpc_server_stats stats;
    struct ir_bytes request = IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                                     "04 00 00 00 00 00 03 00 40 42 0f 00");
    int fds[10];

    start(&rig, &options);
    for (int i = 0; i < 10; i++) {
        fds[i] = dial_from(&rig, "127.0.0.1");
        for (int k = 0; k < 6; k++) {
            (void)send(fds[i], request.p, request.n, MSG_NOSIGNAL);
        }
    }
    expect_alive(&rig);
    rig_stop(&rig);
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT(stats.open <= 5); /* each has a megabyte */
    for (int i = 0; i < 10; i++) {
        close(fds[i]);
    }
    irpc_server_free(rig.server);
}

/* check: L02 */
IR_TEST(connections_are_limited_per_source)
{
    struct rig rig;
    const struct irpc_server_options options = {.max_connections_per_source = 3};
    int fds[3];

    start(&rig, &options);
    for (int i = 0; i < 3; i++) {
        fds[i] = dial(&rig);
        bind_ok(fds[i]);
    }
    int fourth = dial(&rig);
    IR_ASSERT(closes_within(fourth, 2000));
    close(fourth);
    close(fds[0]);
    usleep(50000);
    expect_alive(&rig);
    close(fds[1]);
    close(fds[2]);
    rig_stop(&rig);
    struct irpc_server_stats stats;
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(stats.refused, 1);
    irpc_server_free(rig.server);
}

/* check: L03 */
IR_TEST(out_of_descriptors)
{
    struct rig rig;
    struct rlimit limit;
    int taken[64];
    int n = 0;

    start(&rig, NULL);
    int good = dial(&rig);
    bind_ok(good);
    int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    IR_ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = (rlim_t)waiting + 8;
    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while (n < 64 && (taken[n] = open("/dev/null", O_RDONLY)) >= 0) {
        n++;
    }
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(rig.port)};
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    IR_ASSERT_EQ(connect(waiting, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    IR_ASSERT(closes_within(waiting, 2000));
    put(good, IR_HEX(ADD_ONE_41)); /* those who are in go on */
    uint8_t pdu[6000];
    IR_ASSERT_EQ(get_pdu(good, pdu), 28);
    while (n > 0) {
        close(taken[--n]);
    }
    close(waiting);
    expect_alive(&rig);
    close(good);
    finish(&rig);
}

/* Not even the reserve helps when the limit was lowered: accepting pauses, and nothing spins.
 * check: L03 */
IR_TEST(out_of_descriptors_without_reserve)
{
    struct rig rig;
    struct rlimit limit;
    struct timespec before;
    struct timespec after;

    start(&rig, NULL);
    expect_alive(&rig);
    int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(rig.port)};
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    IR_ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t usual = limit.rlim_cur;
    limit.rlim_cur = 3;
    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    IR_ASSERT_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
    IR_ASSERT_EQ(connect(waiting, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    usleep(500000);
    IR_ASSERT_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
    limit.rlim_cur = usual;
    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int64_t used =
        (int64_t)(after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    IR_ASSERT(used < 100);
    bind_ok(waiting); /* it was not forgotten */
    close(waiting);
    finish(&rig);
}

static unsigned lines;
static bool suppressed_seen;

static void count_lines(void *user, enum irpc_log_level level, const char *subsystem,
                        const char *text)
{
    (void)user;
    (void)level;
    (void)subsystem;
    if (strstr(text, "check=") != NULL) {
        IR_ASSERT(strstr(text, "peer=127.0.0.1 ") != NULL);
        IR_ASSERT(strstr(text, "reason=\"") != NULL);
        lines++;
    }
    suppressed_seen = suppressed_seen || strstr(text, "suppressed=80") != NULL;
}

/* check: L07 */
IR_TEST(rejections_are_logged_and_limited)
{
    struct rig rig;
    uint8_t pdu[6000];

    irpc_set_log(count_lines, NULL, IRPC_LOG_NOTICE);
    start(&rig, NULL);
    int fd = dial(&rig);
    bind_ok(fd);
    for (int i = 0; i < 100; i++) {
        put(fd, IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                       "04 00 00 00 00 00 ee 00 29 00 00 00")); /* no such operation */
        IR_ASSERT_EQ(get_pdu(fd, pdu), 32);
        IR_ASSERT_EQ(pdu[2], 3);
    }
    close(fd);
    finish(&rig);
    irpc_set_log(NULL, NULL, IRPC_LOG_NOTICE);
    IR_ASSERT_EQ(lines, 20);
    IR_ASSERT(suppressed_seen);
}
