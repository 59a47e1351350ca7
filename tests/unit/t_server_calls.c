/* Server and client together, over TCP and Unix sockets: calls, faults, sizes, pending calls. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rig.h"
#include "rpcecho.h"

/* --- the service --- */

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    if (in_data == 77) {
        irpc_call_set_fault(call, 0x12345678);
    }
    *out_data = in_data + 1;
    return in_data == 78 ? IRPC_ACCESS_DENIED : IRPC_OK;
}

static enum irpc_status echo_data(struct irpc_call *call, uint32_t len, uint8_t *in_data,
                                  uint8_t *out_data)
{
    (void)call;
    memcpy(out_data, in_data, len);
    return IRPC_OK;
}

struct sleeper {
    struct irpc_call_ref ref;
    uint32_t *result;
};

static void wake_up(void *user)
{
    struct sleeper *sleeper = user;
    struct irpc_call_ref ref = sleeper->ref;

    *sleeper->result = 0;
    IR_ASSERT_EQ(irpc_call_complete(ref, IRPC_OK), IRPC_OK);
    IR_ASSERT_EQ(irpc_call_complete(ref, IRPC_OK), IRPC_NO_CALL_ACTIVE);
}

static void *complete_later(void *arg)
{
    struct sleeper *sleeper = arg;

    usleep(20000);
    *sleeper->result = 4711;
    IR_ASSERT_EQ(irpc_call_complete(sleeper->ref, IRPC_OK), IRPC_OK);
    return NULL;
}

static pthread_t completer;

/* 99: completed by another thread; else by a timer after so many milliseconds. */
static enum irpc_status test_sleep(struct irpc_call *call, uint32_t seconds, uint32_t *ret_result)
{
    struct sleeper *sleeper = irpc_call_alloc(call, sizeof(*sleeper));

    IR_ASSERT(sleeper != NULL);
    sleeper->ref = irpc_call_ref(call);
    sleeper->result = ret_result;
    if (seconds == 99) {
        IR_ASSERT_EQ(pthread_create(&completer, NULL, complete_later, sleeper), 0);
    } else {
        IR_ASSERT_EQ(irpc_server_after(irpc_call_server(call), seconds, wake_up, sleeper, NULL),
                     IRPC_OK);
    }
    return IRPC_PENDING;
}

static const struct rpcecho_manager manager = {
    .AddOne = add_one,
    .EchoData = echo_data,
    .TestSleep = test_sleep,
};

static void start(struct rig *rig, const struct irpc_server_options *options)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    rig_start(rig);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
}

/* --- tests --- */

IR_TEST(a_call_is_answered)
{
    struct rig rig;
    uint32_t out = 0;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 41, &out), IRPC_OK);
    IR_ASSERT_EQ(out, 42);
    IR_ASSERT_STR(irpc_binding_endpoint(binding), rig.tcp);
    irpc_binding_free(binding);
    finish(&rig);
}

static enum irpc_status source_data(struct irpc_call *call, uint32_t len, uint8_t *data)
{
    (void)call;
    memset(data, 1, len);
    return IRPC_OK;
}

/* Few bytes ask for much memory: only up to max_out. check: N18 */
IR_TEST(room_for_results_is_bounded)
{
    static const struct rpcecho_manager sources = {.SourceData = source_data};
    const struct irpc_server_options options = {.max_out = 100000};
    struct irpc_span huge = {(const uint8_t *)"\xff\xff\xff\x7f", 4};
    struct irpc_reply reply;
    struct rig rig;
    uint8_t data[65536] = {0};

    rig_init(&rig, &options);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &sources, NULL), IRPC_OK);
    rig_start(&rig);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_SourceData(binding, sizeof(data), data), IRPC_OK);
    IR_ASSERT_EQ(data[sizeof(data) - 1], 1);
    IR_ASSERT_EQ(irpc_binding_call_raw(binding, &rpcecho_v1_0_interface.id, 3, huge, &reply),
                 IRPC_BAD_STUB_DATA);
    IR_ASSERT_EQ(irpc_binding_fault(binding), 0x6f7);
    irpc_binding_free(binding);
    rig_stop(&rig);
    irpc_server_free(rig.server);
}

/* check: R02 E10 S10: no such operation, arguments that do not decode; the connection goes on. */
IR_TEST(faults_reach_the_client)
{
    struct rig rig;
    uint32_t out = 0;
    struct irpc_reply reply;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 77, &out), IRPC_REMOTE_FAULT);
    IR_ASSERT_EQ(irpc_binding_fault(binding), 0x12345678);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 78, &out), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(irpc_binding_fault(binding), 5);
    IR_ASSERT_EQ(rpcecho_SinkData(binding, 0, (uint8_t[1]){0}), IRPC_OP_RANGE);
    /* Stub data that is too short. */
    IR_ASSERT_EQ(irpc_binding_call_raw(binding, &rpcecho_v1_0_interface.id, 0,
                                       (struct irpc_span){NULL, 0}, &reply),
                 IRPC_BAD_STUB_DATA);
    IR_ASSERT_EQ(irpc_binding_fault(binding), 0x6f7);
    IR_ASSERT_EQ(irpc_binding_call_raw(binding, &rpcecho_v1_0_interface.id, 200,
                                       (struct irpc_span){NULL, 0}, &reply),
                 IRPC_OP_RANGE);
    /* The connection has survived all of it. */
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK);
    irpc_binding_free(binding);
    rig_stop(&rig);
    struct irpc_server_stats stats;
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(stats.connections, 1);
    IR_ASSERT_EQ(stats.calls_in, 6);
    IR_ASSERT_EQ(stats.faults, 5);
    irpc_server_free(rig.server);
}

static void echo(struct irpc_binding *binding, uint32_t len)
{
    uint8_t *in = malloc(len + 1);
    uint8_t *out = malloc(len + 1);

    IR_ASSERT(in != NULL && out != NULL);
    for (uint32_t i = 0; i < len; i++) {
        in[i] = (uint8_t)(i * 7 + i / 251);
    }
    memset(out, 0, len);
    IR_ASSERT_EQ(rpcecho_EchoData(binding, len, in, out), IRPC_OK);
    IR_ASSERT_MEM(out, len, in, len);
    free(in);
    free(out);
}

IR_TEST(echo_of_many_sizes)
{
    static const uint32_t sizes[] = {0, 1, 7, 5700, 5807, 5808, 5816, 5817, 65536, 200000, 1 << 20};
    struct rig rig;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        echo(binding, sizes[i]);
    }
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(a_request_over_the_limit_is_refused)
{
    struct rig rig;
    const struct irpc_server_options options = {.max_stub = 100000};
    uint8_t *bytes = calloc(1, 200000);
    uint32_t out = 0;

    start(&rig, &options);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    echo(binding, 90000);
    IR_ASSERT_EQ(rpcecho_EchoData(binding, 200000, bytes, bytes), IRPC_ACCESS_DENIED);
    usleep(20000);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK); /* over a new connection */
    irpc_binding_free(binding);
    finish(&rig);
    free(bytes);
}

IR_TEST(pending_calls_are_completed)
{
    struct rig rig;
    uint32_t result = 1;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, 10, &result), IRPC_OK);
    IR_ASSERT_EQ(result, 0);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, 99, &result), IRPC_OK);
    IR_ASSERT_EQ(result, 4711);
    IR_ASSERT_EQ(pthread_join(completer, NULL), 0);
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(a_deadline_of_the_client_passes)
{
    struct rig rig;
    uint32_t result = 1;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    irpc_binding_set_timeout(binding, 50);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, 300, &result), IRPC_TIMEOUT);
    irpc_binding_set_timeout(binding, 0);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    irpc_binding_free(binding);
    usleep(400000); /* the orphan is completed, its timer has run */
    finish(&rig);
}

IR_TEST(calls_pending_at_the_end_are_forgotten)
{
    struct rig rig;
    uint32_t result = 1;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    irpc_binding_set_timeout(binding, 50);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, 100000, &result), IRPC_TIMEOUT);
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(a_unix_socket_tells_who_calls)
{
    char dir[] = "/tmp/ironrpc-test-XXXXXX";
    struct rig rig;
    uint32_t out = 0;

    IR_ASSERT(mkdtemp(dir) != NULL);
    const struct irpc_server_options options = {.runtime_dir = dir};
    const struct irpc_binding_options client = {.runtime_dir = dir};
    rig_init(&rig, &options);
    IR_ASSERT_EQ(irpc_server_listen(rig.server, "ncalrpc:[echo]"), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_listen(rig.server, "ncalrpc:[echo]"), IRPC_EXISTS);
    IR_ASSERT_EQ(irpc_server_listen(rig.server, "ncalrpc:[no/slash]"), IRPC_BAD_STRING_BINDING);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    rig_start(&rig);
    struct irpc_binding *binding = NULL;
    IR_ASSERT_EQ(irpc_binding_new("ncalrpc:[echo]", &client, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK);
    echo(binding, 300000);
    irpc_binding_free(binding);
    finish(&rig);
    IR_ASSERT_EQ(rmdir(dir), 0); /* the socket is gone */
}

/* A stale socket is replaced; a file that is something else, or a link, is not ours to remove. */
IR_TEST(only_sockets_are_replaced)
{
    struct irpc_server *server = NULL;
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    char dir[] = "/tmp/ironrpcXXXXXX";
    char file[64];
    char link[64];
    char binding[128];

    IR_ASSERT(mkdtemp(dir) != NULL);
    (void)snprintf(file, sizeof(file), "%s/file", dir);
    (void)snprintf(link, sizeof(link), "%s/link", dir);
    (void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/stale", dir);
    int fd = open(file, O_WRONLY | O_CREAT, 0600);
    IR_ASSERT(fd >= 0);
    close(fd);
    IR_ASSERT_EQ(symlink(file, link), 0);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    IR_ASSERT_EQ(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    close(fd);

    IR_ASSERT_EQ(irpc_server_new(NULL, &server), IRPC_OK);
    (void)snprintf(binding, sizeof(binding), "ncalrpc:[%s]", file);
    IR_ASSERT_EQ(irpc_server_listen(server, binding), IRPC_EXISTS);
    IR_ASSERT_EQ(access(file, F_OK), 0);
    (void)snprintf(binding, sizeof(binding), "ncalrpc:[%s]", link);
    IR_ASSERT_EQ(irpc_server_listen(server, binding), IRPC_EXISTS);
    IR_ASSERT_EQ(access(link, F_OK), 0);
    (void)snprintf(binding, sizeof(binding), "ncalrpc:[%s]", sa.sun_path);
    IR_ASSERT_EQ(irpc_server_listen(server, binding), IRPC_OK);
    irpc_server_free(server);
    IR_ASSERT_EQ(unlink(file), 0);
    IR_ASSERT_EQ(unlink(link), 0);
    IR_ASSERT_EQ(rmdir(dir), 0);
}

IR_TEST(a_server_that_is_not_there)
{
    struct irpc_binding *binding = rig_bind("ncacn_ip_tcp:127.0.0.1[1]");
    uint32_t out = 0;

    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_SERVER_UNAVAILABLE);
    IR_ASSERT(strstr(irpc_binding_error(binding), "ncacn_ip_tcp:127.0.0.1[1]") != NULL);
    irpc_binding_free(binding);
}

/* Answers a bind, then sends PDUs without meaning for as long as anybody reads them. */
static void *babble(void *arg)
{
    static const uint8_t shutdown_pdu[16] = {5, 0, 17, 3, 0x10, 0, 0, 0, 16};
    uint8_t pdu[6000];
    uint8_t many[256 * sizeof(shutdown_pdu)];
    int fd = accept(*(const int *)arg, NULL, NULL);

    IR_ASSERT(fd >= 0);
    IR_ASSERT(recv(fd, pdu, sizeof(pdu), 0) > 0);
    struct ir_bytes ack = IR_HEX("05 00 0c 03 10 00 00 00 50 00 00 00 01 00 00 00 d0 16 d0 16"
                                 "01 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00 04 5d 88 8a"
                                 "eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00"
                                 "03 00 03 00 00*20");
    IR_ASSERT_EQ(send(fd, ack.p, ack.n, MSG_NOSIGNAL), ack.n);
    for (size_t i = 0; i < 256; i++) {
        memcpy(many + i * sizeof(shutdown_pdu), shutdown_pdu, sizeof(shutdown_pdu));
    }
    while (send(fd, many, sizeof(many), MSG_NOSIGNAL) > 0) {
    }
    close(fd);
    return NULL;
}

/* A server that always has something to say does not keep its client beyond the deadline. */
IR_TEST(a_deadline_passes_while_bytes_come)
{
    struct sockaddr_in sa = {.sin_family = AF_INET};
    socklen_t len = sizeof(sa);
    const struct irpc_binding_options options = {.call_ms = 200, .transfer = IRPC_TRANSFER_NDR20};
    struct irpc_binding *binding = NULL;
    pthread_t thread;
    uint32_t out = 0;
    char text[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    IR_ASSERT_EQ(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    IR_ASSERT_EQ(listen(fd, 1), 0);
    IR_ASSERT_EQ(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
    IR_ASSERT_EQ(pthread_create(&thread, NULL, babble, &fd), 0);
    (void)snprintf(text, sizeof(text), "ncacn_ip_tcp:127.0.0.1[%u]", ntohs(sa.sin_port));
    IR_ASSERT_EQ(irpc_binding_new(text, &options, &binding), IRPC_OK);
    (void)alarm(20);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_TIMEOUT);
    irpc_binding_free(binding);
    IR_ASSERT_EQ(pthread_join(thread, NULL), 0);
    close(fd);
}

static enum irpc_status refuse_bind(void *user, const struct irpc_peer *peer)
{
    IR_ASSERT_STR(peer->address, "127.0.0.1");
    IR_ASSERT_STR(peer->local_address, "127.0.0.1");
    *(int *)user += 1;
    return IRPC_ACCESS_DENIED;
}

/* check: S07 */
IR_TEST(a_bind_hook_refuses)
{
    struct rig rig;
    int asked = 0;
    uint32_t out = 0;
    const struct irpc_register_options options = {.bind_hook = refuse_bind, .user = &asked};

    rig_init(&rig, NULL);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, &options),
                 IRPC_OK);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, &options),
                 IRPC_EXISTS);
    rig_start(&rig);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(irpc_binding_fault(binding), 0);
    irpc_binding_free(binding);
    finish(&rig);
    IR_ASSERT_EQ(asked, 1);
}

IR_TEST(an_unknown_interface_and_version)
{
    struct rig rig;
    struct irpc_syntax_id id = rpcecho_v1_0_interface.id;

    start(&rig, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    id.minor = 1;
    IR_ASSERT_EQ(irpc_binding_connect(binding, &id), IRPC_ABSTRACT_SYNTAX_UNSUPPORTED);
    id.minor = 0;
    IR_ASSERT_EQ(irpc_binding_connect(binding, &id), IRPC_OK); /* by alter_context */
    id.major = 2;
    IR_ASSERT_EQ(irpc_binding_connect(binding, &id), IRPC_ABSTRACT_SYNTAX_UNSUPPORTED);
    irpc_binding_free(binding);
    finish(&rig);
}
