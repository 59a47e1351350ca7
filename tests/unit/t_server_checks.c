/* Checks that concern a whole server: ends of connections at any byte, rules on every endpoint. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "base/alloc.h"
#include "peer.h"
#include "rpcecho.h"

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    usleep(in_data == 41 ? 0 : 100000);
    *out_data = in_data + 1;
    return IRPC_OK;
}

static enum irpc_status sink_data(struct irpc_call *call, uint32_t len, uint8_t *data)
{
    (void)call;
    (void)len;
    (void)data;
    return IRPC_OK;
}

static enum irpc_status source_data(struct irpc_call *call, uint32_t len, uint8_t *data)
{
    (void)call;
    memset(data, 0x5a, len);
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {
    .AddOne = add_one, .SinkData = sink_data, .SourceData = source_data};

static void start(struct rig *rig, const struct irpc_server_options *options,
                  const struct irpc_register_options *registration, const char *local)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, registration),
                 IRPC_OK);
    if (local != NULL) {
        IR_ASSERT_EQ(irpc_server_listen(rig->server, local), IRPC_OK);
    }
    rig_start(rig);
}

/* Who says that no more comes, still gets what is under way. check: S03 */
IR_TEST(a_half_closed_connection_is_answered)
{
    static const struct irpc_register_options blocking = {.blocking = true};
    struct irpc_server_stats stats;
    struct rig rig;
    uint8_t pdu[6000];

    start(&rig, NULL, &blocking, NULL);
    int fd = dial(&rig);
    bind_ok(fd);
    put(fd, IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                   "04 00 00 00 00 00 00 00 05 00 00 00"));
    IR_ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
    IR_ASSERT_EQ(get_pdu(fd, pdu), 28);
    IR_ASSERT_EQ(pdu[24], 6);
    IR_ASSERT(closes_within(fd, 2000)); /* and nothing is left of it */
    close(fd);
    rig_stop(&rig);
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(stats.open, 0);
    IR_ASSERT_EQ(stats.violations, 0);
    irpc_server_free(rig.server);
}

/* @n bytes of a bind and a call, then a reset. */
static void reset_after(const struct rig *rig, const uint8_t *bytes, size_t n)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    int fd = dial(rig);

    if (n > 0) {
        put(fd, (struct ir_bytes){bytes, n});
    }
    IR_ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    close(fd);
}

/* check: S05 */
IR_TEST(a_reset_at_any_byte)
{
    struct irpc_server_metrics m;
    struct ir_bytes first = IR_HEX(BIND);
    struct ir_bytes second = IR_HEX(ADD_ONE_41);
    uint8_t bytes[100];
    struct rig rig;

    memcpy(bytes, first.p, first.n);
    memcpy(bytes + first.n, second.p, second.n);
    start(&rig, NULL, NULL, NULL);
    for (size_t n = 0; n <= first.n + second.n; n++) {
        reset_after(&rig, bytes, n);
    }
    int fd = dial(&rig);
    bind_ok(fd);
    close(fd);
    usleep(50000);
    rig_stop(&rig);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CONNECTIONS], first.n + second.n + 2);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_OPEN], 0);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_MEMORY], 0);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_GROUPS], 0);
    irpc_server_free(rig.server);
}

/* --- calls that are cancelled --- */

static atomic_uint cancelled;
static struct irpc_call_ref pending;

static void on_cancel(void *user)
{
    (void)user;
    cancelled++;
    (void)!irpc_call_complete(pending, IRPC_CANCELLED);
}

static enum irpc_status wait_for_ever(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)in_data;
    (void)out_data;
    pending = irpc_call_ref(call);
    irpc_call_on_cancel(call, on_cancel, NULL);
    return IRPC_PENDING;
}

/* A call that waits holds nothing up, learns that its client cancels or is gone, and ends.
 * check: S08 */
IR_TEST(waiting_calls_learn_of_the_end)
{
    static const struct rpcecho_manager waiting = {.AddOne = wait_for_ever};
    const struct irpc_server_options options = {.write_ms = 200};
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct ir_bytes call = IR_HEX(ADD_ONE_41);
    struct irpc_server_stats stats;
    struct rig rig;
    uint8_t pdu[6000];

    rig_init(&rig, &options);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &waiting, NULL), IRPC_OK);
    rig_start(&rig);
    for (unsigned way = 0; way < 3; way++) {
        int fd = dial(&rig);
        bind_ok(fd);
        put(fd, call);
        usleep(50000);
        irpc_server_stats(rig.server, &stats);
        IR_ASSERT_EQ(stats.pending, 1);
        if (way == 0) { /* co_cancel */
            put(fd, IR_HEX("05 00 12 03 10 00 00 00 10 00 00 00 02 00 00 00"));
            IR_ASSERT_EQ(get_pdu(fd, pdu), 32);
            IR_ASSERT_EQ(pdu[2], 3);
        } else if (way == 1) {
            IR_ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
        } /* else it may be half closed only: until the deadline */
        close(fd);
        for (int i = 0; i < 200 && cancelled == way; i++) {
            usleep(10000);
        }
        IR_ASSERT_EQ(cancelled, way + 1);
    }
    usleep(50000);
    rig_stop(&rig);
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(stats.pending, 0);
    IR_ASSERT_EQ(stats.open, 0);
    irpc_server_free(rig.server);
}

/* --- both transports --- */

static char folder[] = "/tmp/t_server_checks-XXXXXX";
static char local[96];

static void make_local(void)
{
    IR_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(local, sizeof(local), "ncalrpc:[%s/echo]", folder);
}

static enum irpc_status refuse(void *user, const struct irpc_peer *peer)
{
    (void)peer;
    (*(unsigned *)user)++;
    return IRPC_ACCESS_DENIED;
}

/* check: B22 B19 */
IR_TEST(rules_hold_on_every_endpoint)
{
    unsigned asked = 0;
    const struct irpc_register_options options = {.bind_hook = refuse, .user = &asked};
    struct irpc_server_metrics m;
    struct rig rig;
    uint32_t out = 0;

    make_local();
    start(&rig, NULL, &options, local);
    for (int i = 0; i < 2; i++) {
        struct irpc_binding *binding = rig_bind(i == 0 ? rig.tcp : local);
        IR_ASSERT(rpcecho_AddOne(binding, 41, &out) != IRPC_OK);
        irpc_binding_free(binding);
    }
    rig_stop(&rig);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT(asked >= 2);
    IR_ASSERT_EQ(m.checks[irpc_check_index("B19")], asked);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CALLS], 0);
    irpc_server_free(rig.server);
    IR_ASSERT_EQ(rmdir(folder), 0);
}

static enum irpc_status refuse_call(void *user, struct irpc_call *call)
{
    (void)call;
    (*(unsigned *)user)++;
    return IRPC_ACCESS_DENIED;
}

/* check: S07 */
IR_TEST(a_call_hook_refuses)
{
    unsigned asked = 0;
    const struct irpc_register_options options = {.call_hook = refuse_call, .user = &asked};
    struct irpc_server_metrics m;
    struct rig rig;
    uint32_t out = 7;

    start(&rig, NULL, &options, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 41, &out), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(out, 7);
    irpc_binding_free(binding);
    rig_stop(&rig);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(asked, 1);
    IR_ASSERT_EQ(m.checks[irpc_check_index("S07")], 1);
    irpc_server_free(rig.server);
}

/* check: F13 R04 */
IR_TEST(caps_hold_on_every_transport)
{
    const struct irpc_server_options options = {.max_stub = 100000};
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t *data = calloc(1, 200000);

    IR_ASSERT(data != NULL);
    make_local();
    start(&rig, &options, NULL, local);
    for (int i = 0; i < 2; i++) {
        struct irpc_binding *binding = rig_bind(i == 0 ? rig.tcp : local);
        IR_ASSERT_EQ(rpcecho_SinkData(binding, 90000, data), IRPC_OK);
        IR_ASSERT(rpcecho_SinkData(binding, 200000, data) != IRPC_OK);
        irpc_binding_free(binding);
    }
    rig_stop(&rig);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.checks[irpc_check_index("R04")], 2);
    irpc_server_free(rig.server);
    IR_ASSERT_EQ(rmdir(folder), 0);
    free(data);
}

/* --- no memory --- */

#define MUCH 6000000u /* more than the kernel takes at once */

static atomic_uint told; /* of connections that were given up for lack of memory */

static void on_rejection(void *user, const struct irpc_rejection *r)
{
    (void)user;
    told += strcmp(r->check, "L11") == 0;
}

/* A call in two fragments and one for much data, with the allocation that follows the next @n
 * failing. Returns whether the connection was lost on the way; *ret_failed: whether one failed. */
static bool is_lost_without_memory(const struct rig *rig, int64_t n, bool *ret_failed)
{
    static uint8_t answer[2 * MUCH];
    const struct timeval limit = {.tv_sec = 20};
    size_t have = 0;
    ssize_t r = 1;
    const int window = 65536; /* small, so that the kernel does not take the whole answer */
    int fd = dial_from(rig, "127.0.0.1");

    IR_ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    IR_ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window)), 0);
    ir_alloc_fail_after(n);
    put(fd, IR_HEX("05 00 00 01 10 00 00 00 20 00 00 00 02 00 00 00 08 00 00 00 00 00 02 00"
                   "02 00 00 00 02 00 00 00 05 00 00 02 10 00 00 00 1a 00 00 00 02 00 00 00"
                   "02 00 00 00 00 00 02 00 aa bb"));
    (void)send(fd, /* SourceData(6000000) */
               "\5\0\0\3\x10\0\0\0\x1c\0\0\0\3\0\0\0\4\0\0\0\0\0\3\0\x80\x8d\x5b\0", 28,
               MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    while (r > 0 && have < sizeof(answer)) {
        r = recv(fd, answer + have, sizeof(answer) - have, 0);
        IR_ASSERT(r >= 0 || errno == ECONNRESET);
        have += r > 0 ? (size_t)r : 0;
    }
    close(fd);
    *ret_failed = ir_alloc_has_failed() != 0;
    ir_alloc_fail_after(-1);
    /* Both answers are there, the second whole or a fault. */
    return have < MUCH && have != 24 + 32;
}

/* check: L11: an allocation that fails costs a call or its connection, nobody else's; and is told
 */
IR_TEST(no_memory_costs_one_connection)
{
    const struct irpc_server_options options = {.max_stub = 2 * MUCH, .max_out = 2 * MUCH};
    bool failed = true;
    unsigned lost = 0;
    struct rig rig;

    rig_init(&rig, &options);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    irpc_server_on_rejection(rig.server, on_rejection, NULL);
    rig_start(&rig);
    for (int64_t n = 0; failed; n++) {
        unsigned before = told;
        bool is_lost = is_lost_without_memory(&rig, n, &failed);
        IR_ASSERT_EQ(told - before, is_lost);
        lost += is_lost;
    }
    IR_ASSERT(lost > 2); /* in the first call, and in what the kernel does not take of the answer */
    rig_stop(&rig);
    irpc_server_free(rig.server);
}

/* Where a server listens is an address, whatever a resolver would make of it. check: L08 */
IR_TEST(names_are_not_resolved)
{
    struct irpc_server *server = NULL;

    IR_ASSERT_EQ(irpc_server_new(NULL, &server), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_listen(server, "ncacn_ip_tcp:localhost[0]"), IRPC_BAD_STRING_BINDING);
    IR_ASSERT_EQ(irpc_server_listen(server, "ncacn_ip_tcp:127.1[0]"), IRPC_BAD_STRING_BINDING);
    IR_ASSERT_EQ(irpc_server_listen(server, "ncacn_ip_tcp:127.0.0.1[0]"), IRPC_OK);
    irpc_server_free(server);
}

/* --- the time of day, as this program has it: it jumps a day further at each look --- */

static atomic_int looks;
static atomic_int day = 0; /* seconds; 0: it is true */

int clock_gettime(clockid_t id, struct timespec *ret)
{
    bool is_wall = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
    int status = (int)syscall(SYS_clock_gettime, id, ret);

    if (status == 0 && is_wall && day != 0) {
        ret->tv_sec += (time_t)day * ++looks;
    }
    return status;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec ts;

    (void)zone;
    int status = clock_gettime(CLOCK_REALTIME, &ts);
    ret->tv_sec = ts.tv_sec;
    ret->tv_usec = ts.tv_nsec / 1000;
    return status;
}

time_t time(time_t *ret)
{
    struct timespec ts = {.tv_sec = -1};

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    if (ret != NULL) {
        *ret = ts.tv_sec;
    }
    return ts.tv_sec;
}

/* Who sets the clock, forwards or backwards, moves no deadline of a server or a client. check: L10
 */
IR_TEST(the_time_of_day_is_not_used)
{
    const struct irpc_server_options options = {.first_byte_ms = 400};

    for (int way = -1; way <= 1; way += 2) {
        struct rig rig;
        uint32_t out = 0;

        day = way * 86400;
        start(&rig, &options, NULL, NULL);
        int fd = dial(&rig);
        IR_ASSERT(!closes_within(fd, 100));
        struct irpc_binding *binding = rig_bind(rig.tcp);
        IR_ASSERT_EQ(rpcecho_AddOne(binding, 41, &out), IRPC_OK);
        irpc_binding_free(binding);
        IR_ASSERT(closes_within(fd, 5000));
        close(fd);
        rig_stop(&rig);
        irpc_server_free(rig.server);
        day = 0;
    }
    IR_ASSERT_EQ(looks, 0);
}
