/* Shares of a server's resources: of sources, networks, local programs, turns. */
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/un.h>

#include "base/attr.h"
#include "peer.h"
#include "rpcecho.h"

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {.AddOne = add_one};

static void start(struct rig *rig, const struct irpc_server_options *options, const char *local)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    if (local != NULL) {
        IR_ASSERT_EQ(irpc_server_listen(rig->server, local), IRPC_OK);
    }
    rig_start(rig);
}

static void stop(struct rig *rig, struct irpc_server_metrics *ret_metrics)
{
    rig_stop(rig);
    irpc_server_metrics(rig->server, ret_metrics);
}

/* A connection from @address that is bound; -1: it was refused. */
static int try_from(const struct rig *rig, const char *address)
{
    struct sockaddr_in sa = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct ir_bytes bytes = IR_HEX(BIND);
    uint8_t pdu[6000];

    IR_ASSERT_EQ(inet_pton(AF_INET, address, &sa.sin_addr), 1);
    IR_ASSERT_EQ(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sa.sin_port = htons(rig->port);
    IR_ASSERT_EQ(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    if (send(fd, bytes.p, bytes.n, MSG_NOSIGNAL) != (ssize_t)bytes.n || get_pdu(fd, pdu) == 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* check: L02 */
IR_TEST(connections_are_limited_per_network)
{
    static const char *const sources[] = {"127.0.1.1", "127.0.1.2", "127.0.1.3"};
    const struct irpc_server_options options = {.max_connections_per_network = 3,
                                                .max_connections_per_source = 2};
    struct irpc_server_metrics m;
    struct rig rig;
    int fds[4];

    start(&rig, &options, NULL);
    for (int i = 0; i < 3; i++) {
        fds[i] = try_from(&rig, sources[i]);
        IR_ASSERT(fds[i] >= 0);
    }
    IR_ASSERT_EQ(try_from(&rig, "127.0.1.4"), -1);
    fds[3] = try_from(&rig, "127.0.2.4"); /* another /24 */
    IR_ASSERT(fds[3] >= 0);
    close(fds[0]);
    usleep(50000);
    fds[0] = try_from(&rig, "127.0.1.4"); /* there is room again */
    IR_ASSERT(fds[0] >= 0);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_REFUSED_NETWORK], 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_OPEN_NETWORK], 3);
    IR_ASSERT_EQ(m.limit[IRPC_METRIC_OPEN_NETWORK], 3);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_OPEN_SOURCE], 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_OPEN], 4);
    IR_ASSERT_STR(m.most_connections_network, "127.0.1.0/24");
    IR_ASSERT(strncmp(m.most_connections, "127.0.", 6) == 0);
    IR_ASSERT_STR(m.most_buffers, "");
    IR_ASSERT_STR(m.most_handles, "");
    for (int i = 0; i < 4; i++) {
        close(fds[i]);
    }
    irpc_server_free(rig.server);
}

static void on_rejection(void *user, const struct irpc_rejection *r)
{
    IR_ASSERT_STR(r->check, "L02");
    IR_ASSERT_STR(r->peer->address, "127.0.0.1");
    IR_ASSERT(r->interface == NULL);
    ++*(atomic_uint *)user;
}

/* check: L02 */
IR_TEST(refused_connections_are_told)
{
    const struct irpc_server_options options = {.max_connections_per_source = 1};
    struct irpc_server_metrics m;
    struct irpc_talker talker;
    static atomic_uint told;
    struct rig rig;

    rig_init(&rig, &options);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    irpc_server_on_rejection(rig.server, on_rejection, &told);
    rig_start(&rig);
    int fd = try_from(&rig, "127.0.0.1");
    IR_ASSERT(fd >= 0);
    for (int i = 0; i < 3; i++) {
        IR_ASSERT_EQ(try_from(&rig, "127.0.0.1"), -1);
    }
    stop(&rig, &m);
    IR_ASSERT_EQ(told, 3);
    IR_ASSERT_STR(m.most_connections, "127.0.0.1");
    IR_ASSERT_EQ(m.value[IRPC_METRIC_REFUSED_SOURCE], 3);
    IR_ASSERT_EQ(m.checks[irpc_check_index("L02")], 3);
    IR_ASSERT_EQ(irpc_server_talkers(rig.server, &talker, 1), 1);
    IR_ASSERT_EQ(talker.refused, 3);
    IR_ASSERT_EQ(talker.open, 1);
    close(fd);
    irpc_server_free(rig.server);
}

/* How many bits make a source and a network is the server's to say. check: L02 */
IR_TEST(prefixes_are_options)
{
    const struct irpc_server_options options = {.max_connections_per_network = 4,
                                                .max_connections_per_source = 2,
                                                .source_prefix4 = 30,
                                                .network_prefix4 = 16};
    struct irpc_server_metrics m;
    struct irpc_talker talkers[8];
    struct rig rig;

    start(&rig, &options, NULL);
    int a = try_from(&rig, "127.0.1.4");
    int b = try_from(&rig, "127.0.1.7");
    IR_ASSERT(a >= 0 && b >= 0);
    IR_ASSERT_EQ(try_from(&rig, "127.0.1.5"), -1); /* the same /30 */
    int c = try_from(&rig, "127.0.1.8");
    int d = try_from(&rig, "127.0.200.1");
    IR_ASSERT(c >= 0 && d >= 0);
    IR_ASSERT_EQ(try_from(&rig, "127.0.100.1"), -1); /* the same /16 */
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_REFUSED_SOURCE], 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_REFUSED_NETWORK], 1);
    IR_ASSERT_EQ(irpc_server_talkers(rig.server, talkers, 8), 4);
    IR_ASSERT_STR(talkers[0].source, "127.0.1.4/30");
    close(a);
    close(b);
    close(c);
    close(d);
    irpc_server_free(rig.server);
}

/* Local programs get in when the network has taken all that it may. check: L02 */
IR_TEST(some_connections_are_for_local_programs)
{
    const struct irpc_server_options options = {
        .max_connections = 6, .reserved_local = 2, .max_connections_per_network = 6};
    struct irpc_server_metrics m;
    struct rig rig;
    char folder[] = "/tmp/t_server_limits-XXXXXX";
    char path[64];
    char binding[96];
    uint32_t out = 0;
    int fds[4];

    IR_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/echo", folder);
    (void)snprintf(binding, sizeof(binding), "ncalrpc:[%s]", path);
    start(&rig, &options, binding);
    for (int i = 0; i < 4; i++) {
        fds[i] = try_from(&rig, "127.0.0.1");
        IR_ASSERT(fds[i] >= 0);
    }
    IR_ASSERT_EQ(try_from(&rig, "127.0.0.1"), -1);
    struct irpc_binding *local = rig_bind(binding);
    IR_ASSERT_EQ(rpcecho_AddOne(local, 1, &out), IRPC_OK);
    irpc_binding_free(local);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_REFUSED_ALL], 1);
    for (int i = 0; i < 4; i++) {
        close(fds[i]);
    }
    irpc_server_free(rig.server);
    IR_ASSERT_EQ(rmdir(folder), 0);
}

/* Unfinished fragments and PDUs of one source have a share of the pool. check: F09 L02 */
IR_TEST(memory_is_limited_per_source)
{
    const struct irpc_server_options options = {.max_memory_per_source = 256 * 1024};
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t pdu[5840] = {5, 0, 0, 1, 0x10, 0, 0, 0, 0xd0, 0x16, 0, 0, 2};
    uint8_t answer[6000];

    start(&rig, &options, NULL);
    int large = dial_from(&rig, "127.0.0.2");
    int small = dial_from(&rig, "127.0.0.2");
    int other = dial_from(&rig, "127.0.0.3");
    IR_ASSERT_EQ(send(small, pdu, sizeof(pdu), MSG_NOSIGNAL), sizeof(pdu));
    IR_ASSERT_EQ(send(other, pdu, sizeof(pdu), MSG_NOSIGNAL), sizeof(pdu));
    for (int i = 0; i < 60; i++) {
        if (send(large, pdu, sizeof(pdu), MSG_NOSIGNAL) < 0) {
            break;
        }
        pdu[3] = 0;
    }
    IR_ASSERT(closes_within(large, 2000));
    /* The others go on. */
    struct ir_bytes last = IR_HEX("05 00 00 02 10 00 00 00 1c 00 00 00 02 00 00 00"
                                  "04 00 00 00 00 00 00 00 00 00 00 00");
    put(small, last);
    put(other, last);
    IR_ASSERT_EQ(get_pdu(small, answer), 28);
    IR_ASSERT_EQ(get_pdu(other, answer), 28);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_EVICTED], 1);
    IR_ASSERT_EQ(m.checks[irpc_check_index("F09")], 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_MEMORY], 0); /* nothing is kept for anybody now */
    IR_ASSERT_EQ(m.limit[IRPC_METRIC_MEMORY_SOURCE], 256 * 1024);
    close(large);
    close(small);
    close(other);
    irpc_server_free(rig.server);
}

/* Bytes that are not yet a PDU count, before the bind too; those that its header announces do not.
 * check: L02 H10 */
IR_TEST(unfinished_pdus_are_counted)
{
    const struct irpc_server_options options = {.max_memory_per_source = 128 * 1024};
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t bytes[60000] = {5, 0, 0x0b, 3, 0x10, 0, 0, 0, 0xff, 0xff};
    int fds[4];
    int left = 0;

    start(&rig, &options, NULL);
    for (int i = 0; i < 4; i++) { /* binds of 64 KiB, without their ends */
        fds[i] = dial(&rig);
        put(fds[i], (struct ir_bytes){bytes, sizeof(bytes)});
        usleep(20000);
    }
    usleep(100000);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_MEMORY], 2 * sizeof(bytes));
    IR_ASSERT_EQ(m.value[IRPC_METRIC_MEMORY_SOURCE], 2 * sizeof(bytes));
    IR_ASSERT_STR(m.most_buffers, "127.0.0.1");
    for (int i = 0; i < 4; i++) {
        left += !closes_within(fds[i], 200);
        close(fds[i]);
    }
    IR_ASSERT_EQ(left, 2);
    usleep(50000);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_MEMORY], 0);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_EVICTED], 2);
    irpc_server_free(rig.server);
}

static size_t heap(void)
{
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

/* What a connection costs that has bound and is silent, and one that is in the middle of the
 * longest request. check: L02 */
IR_TEST(connections_are_small)
{
    static int fds[400];
    uint8_t pdu[5839] = {5, 0, 0, 3, 0x10, 0, 0, 0, 0xd0, 0x16, 0, 0, 2};
    struct rig rig;

    if (heap() == 0) {
        ir_test_skip("the allocator of this build does not tell how much it has given");
    }
    start(&rig, NULL, NULL);
    close(dial_from(&rig, "127.0.0.1"));
    size_t before = heap();
    for (int i = 0; i < 400; i++) {
        fds[i] = dial_from(&rig, "127.0.0.1");
    }
    size_t idle = (heap() - before) / 400;
    for (int i = 0; i < 400; i++) {
        put(fds[i], (struct ir_bytes){pdu, sizeof(pdu)});
    }
    size_t partial = 0;
    for (int i = 0; i < 100 && partial <= sizeof(pdu); i++) {
        usleep(100000);
        partial = (heap() - before) / 400;
    }
    ir_test_note("%zu bytes idle, %zu within a PDU of 5840", idle, partial);
    IR_ASSERT(idle <= 2048);
    IR_ASSERT(partial > sizeof(pdu) && partial <= 24 * 1024);
    for (int i = 0; i < 400; i++) {
        close(fds[i]);
    }
    rig_stop(&rig);
    irpc_server_free(rig.server);
}

/* @n calls in one piece; all are answered, in order. */
static void call_many(const struct rig *rig, unsigned n)
{
    struct ir_bytes one = IR_HEX(ADD_ONE_41);
    uint8_t *many = malloc(n * one.n);
    uint8_t pdu[6000];
    int fd = dial(rig);

    IR_ASSERT(many != NULL);
    bind_ok(fd);
    for (unsigned i = 0; i < n; i++) {
        memcpy(many + i * one.n, one.p, one.n);
        many[i * one.n + 12] = (uint8_t)i;
    }
    put(fd, (struct ir_bytes){many, n * one.n});
    for (unsigned i = 0; i < n; i++) {
        IR_ASSERT_EQ(get_pdu(fd, pdu), 28);
        IR_ASSERT_EQ(pdu[12], (uint8_t)i);
    }
    close(fd);
    free(many);
}

/* check: L05 */
IR_TEST(turns_are_limited_by_pdus)
{
    const struct irpc_server_options options = {.pdus_per_turn = 4};
    struct irpc_server_metrics m;
    struct rig rig;

    start(&rig, &options, NULL);
    call_many(&rig, 100);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CALLS], 100);
    IR_ASSERT(m.value[IRPC_METRIC_YIELDED] >= 20);
    irpc_server_free(rig.server);
}

/* check: L05 */
IR_TEST(turns_are_limited_by_bytes)
{
    const struct irpc_server_options options = {.pdus_per_turn = 100000, .bytes_per_turn = 280};
    struct irpc_server_metrics m;
    struct rig rig;

    start(&rig, &options, NULL);
    call_many(&rig, 100);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CALLS], 100);
    IR_ASSERT(m.value[IRPC_METRIC_YIELDED] >= 8 && m.value[IRPC_METRIC_YIELDED] <= 20);
    irpc_server_free(rig.server);
}

/* --- calls of an interface over all connections --- */

static atomic_uint inside;
static atomic_uint most;

static enum irpc_status slow_add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    unsigned now = atomic_fetch_add(&inside, 1) + 1;

    (void)call;
    for (unsigned seen = most; now > seen && !atomic_compare_exchange_weak(&most, &seen, now);) {
    }
    usleep(1000);
    atomic_fetch_sub(&inside, 1);
    *out_data = in_data + 1;
    return IRPC_OK;
}

static const struct rpcecho_manager slow_manager = {.AddOne = slow_add_one};

static void *call_often(void *arg)
{
    const struct rig *rig = arg;
    struct irpc_binding *binding = rig_bind(rig->tcp);
    uint32_t out = 0;

    for (int i = 0; i < 50; i++) {
        enum irpc_status st = rpcecho_AddOne(binding, 1, &out);
        IR_ASSERT(st == IRPC_OK || st == IRPC_TOO_BUSY);
    }
    irpc_binding_free(binding);
    return NULL;
}

/* However many loops there are. check: R09 */
IR_TEST(calls_of_an_interface_are_limited_exactly)
{
    const struct irpc_server_options options = {.loops = 4};
    const struct irpc_register_options registration = {.max_calls = 2};
    struct irpc_server_metrics m;
    pthread_t threads[8];
    struct rig rig;

    rig_init(&rig, &options);
    IR_ASSERT_EQ(
        irpc_server_register(rig.server, &rpcecho_v1_0_server, &slow_manager, &registration),
        IRPC_OK);
    rig_start(&rig);
    for (int i = 0; i < 8; i++) {
        IR_ASSERT_EQ(pthread_create(&threads[i], NULL, call_often, &rig), 0);
    }
    for (int i = 0; i < 8; i++) {
        IR_ASSERT_EQ(pthread_join(threads[i], NULL), 0);
    }
    stop(&rig, &m);
    IR_ASSERT(most == 2);
    IR_ASSERT(m.value[IRPC_METRIC_CALLS_REFUSED] > 0);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CALLS], 400);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_FAULTS], m.value[IRPC_METRIC_CALLS_REFUSED]);
    irpc_server_free(rig.server);
}

/* --- pending calls --- */

static struct irpc_call_ref kept[8];
static atomic_uint n_kept;

/* 0 is answered at once, anything else when somebody completes it. */
static enum irpc_status later_add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    *out_data = in_data + 1;
    if (in_data == 0) {
        return IRPC_OK;
    }
    kept[n_kept] = irpc_call_ref(call);
    atomic_fetch_add(&n_kept, 1);
    return IRPC_PENDING;
}

static const struct rpcecho_manager later_manager = {.AddOne = later_add_one};

static void start_later(struct rig *rig, const struct irpc_server_options *options)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &later_manager, NULL),
                 IRPC_OK);
    rig_start(rig);
}

/* A connection from @address with a call that pends as number @n. */
static int pend_from(const struct rig *rig, const char *address, unsigned n)
{
    int fd = dial_from(rig, address);

    put(fd, IR_HEX(ADD_ONE_41));
    for (int i = 0; i < 2000 && n_kept < n; i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(n_kept, n);
    return fd;
}

/* Whether AddOne(0) is answered at @address, or refused. */
static bool is_served(const struct rig *rig, const char *address)
{
    int fd = dial_from(rig, address);
    uint8_t pdu[6000];

    put(fd, IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00 04 00 00 00 00 00 00 00"
                   "00 00 00 00"));
    IR_ASSERT(get_pdu(fd, pdu) >= 28);
    close(fd);
    if (pdu[2] == 2) {
        return true;
    }
    IR_ASSERT_EQ(pdu[2], 3);
    IR_ASSERT_MEM(pdu + 24, 4, "\x14\0\x01\x1c", 4); /* nca_s_server_too_busy */
    return false;
}

/* Who leaves calls behind that pend keeps nobody else from calling. check: L02 */
IR_TEST(pending_calls_are_limited_per_source)
{
    const struct irpc_server_options options = {.max_pending = 3, .max_pending_per_source = 2};
    struct irpc_server_metrics m;
    struct rig rig;

    start_later(&rig, &options);
    close(pend_from(&rig, "127.0.0.2", 1)); /* it counts as long as it pends */
    int second = pend_from(&rig, "127.0.0.2", 2);
    IR_ASSERT(!is_served(&rig, "127.0.0.2"));
    IR_ASSERT(is_served(&rig, "127.0.0.3"));
    int third = pend_from(&rig, "127.0.0.3", 3);
    IR_ASSERT(!is_served(&rig, "127.0.0.3")); /* the server's own limit */
    IR_ASSERT_EQ(irpc_call_complete(kept[0], IRPC_OK), IRPC_OK);
    bool served = false;
    for (int i = 0; i < 2000 && !served; i++) {
        usleep(1000);
        served = is_served(&rig, "127.0.0.2");
    }
    IR_ASSERT(served);
    stop(&rig, &m);
    IR_ASSERT(m.checks[irpc_check_index("L02")] >= 1);
    IR_ASSERT(m.checks[irpc_check_index("R09")] >= 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_PENDING], 2);
    close(second);
    close(third);
    irpc_server_free(rig.server);
}

/* check: L02 N18 */
IR_TEST(memory_of_pending_calls_is_limited_per_source)
{
    const struct irpc_server_options options = {.max_memory_per_source = 16};
    struct irpc_server_metrics m;
    struct rig rig;

    start_later(&rig, &options);
    int fd = pend_from(&rig, "127.0.0.2", 1);
    IR_ASSERT(!is_served(&rig, "127.0.0.2"));
    IR_ASSERT(is_served(&rig, "127.0.0.3"));
    stop(&rig, &m);
    IR_ASSERT_EQ(m.checks[irpc_check_index("L02")], 1);
    IR_ASSERT(m.value[IRPC_METRIC_PENDING_BYTES] >= 16);
    close(fd);
    irpc_server_free(rig.server);
}

/* check: B10 */
IR_TEST(bindings_of_a_connection_are_limited)
{
    const struct irpc_server_options options = {.max_bindings = 1};
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t pdu[6000];

    start(&rig, &options, NULL);
    int fd = dial(&rig);
    bind_ok(fd);
    put(fd, IR_HEX("05 00 0e 03 10 00 00 00 48 00 00 00 02 00 00 00 d0 16 d0 16 00 00 00 00"
                   "01 00 00 00 01 00 01 00 c5 5e a1 60 e8 4d d7 11 a6 37 00 50 56 a2 01 82"
                   "01 00 00 00 04 5d 88 8a eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00"));
    size_t n = get_pdu(fd, pdu);
    IR_ASSERT(n >= 56);
    IR_ASSERT_EQ(pdu[2], 15);    /* alter_context_resp */
    IR_ASSERT(pdu[n - 24] != 0); /* its result: not accepted */
    close(fd);
    stop(&rig, &m);
    irpc_server_free(rig.server);
}

/* As many as the kernel counts, up to the few that the server has opened since it was made. */
IR_TEST(descriptors_are_counted)
{
    const struct rlimit limit = {.rlim_cur = 500, .rlim_max = 500};
    struct irpc_server_metrics m;
    struct rig rig;
    int fds[20];
    uint64_t open = 0;

    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    start(&rig, NULL, NULL);
    for (unsigned i = 0; i < IR_ARRAY_LEN(fds); i++) {
        fds[i] = try_from(&rig, "127.0.0.1");
        IR_ASSERT(fds[i] >= 0);
    }
    for (int fd = 0; fd < 500; fd++) {
        open += fcntl(fd, F_GETFD) >= 0;
    }
    stop(&rig, &m);
    open -= IR_ARRAY_LEN(fds); /* the clients' */
    IR_ASSERT_EQ(m.limit[IRPC_METRIC_DESCRIPTORS], 500);
    IR_ASSERT(m.value[IRPC_METRIC_DESCRIPTORS] <= open &&
              m.value[IRPC_METRIC_DESCRIPTORS] + 8 > open);
    for (unsigned i = 0; i < IR_ARRAY_LEN(fds); i++) {
        close(fds[i]);
    }
    irpc_server_free(rig.server);
}
