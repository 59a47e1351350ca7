/* A server whose security provider takes its time, on threads of its own: who waits, and who does
 * not; connections and servers that end meanwhile. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "rpcecho.h"
#include "test_auth.h"

#define SLEEP 999u /* AddOne of it keeps the loop busy for a while */

/* --- the provider: test_auth.h's, behind a gate --- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    unsigned waiting; /* steps at the gate */
    unsigned passed;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

struct slow_auth {
    struct ir_auth base;
    struct ir_auth *inner;
    struct ir_auth_wake *wake;
    uint8_t token[512];
    size_t token_len;
    pthread_t thread;
    bool running; /* the thread is to be joined */
    bool cancelled;
};

static struct test_provider server_side;

static void set_gate(bool open)
{
    pthread_mutex_lock(&gate.lock);
    gate.open = open;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

static void wait_for_steps(unsigned n)
{
    pthread_mutex_lock(&gate.lock);
    while (gate.waiting < n) {
        pthread_cond_wait(&gate.changed, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

static void *wait_at_gate(void *arg)
{
    struct slow_auth *auth = arg;

    pthread_mutex_lock(&gate.lock);
    gate.waiting++;
    pthread_cond_broadcast(&gate.changed);
    while (!gate.open && !auth->cancelled) {
        pthread_cond_wait(&gate.changed, &gate.lock);
    }
    gate.waiting--;
    gate.passed += !auth->cancelled;
    bool cancelled = auth->cancelled;
    pthread_mutex_unlock(&gate.lock);
    if (!cancelled) {
        auth->wake->ready(auth->wake);
    }
    return NULL;
}

static enum irpc_status slow_begin(struct irpc_auth_provider *provider,
                                   const struct ir_auth_begin *begin, struct ir_auth **ret_auth)
{
    struct slow_auth *auth = ir_calloc(1, sizeof(*auth));

    IR_ASSERT(auth != NULL && begin->wake != NULL);
    IR_ASSERT_EQ(test_auth_begin(provider, begin, &auth->inner), IRPC_OK);
    auth->base.ops = provider->ops;
    auth->wake = begin->wake;
    *ret_auth = &auth->base;
    return IRPC_OK;
}

static enum irpc_status slow_step(struct ir_auth *base, struct irpc_span token, struct ir_out *out,
                                  bool *ret_done)
{
    struct slow_auth *auth = (struct slow_auth *)base;

    if (!auth->running) {
        IR_ASSERT(token.len > 0 && token.len <= sizeof(auth->token));
        memcpy(auth->token, token.p, token.len);
        auth->token_len = token.len;
        auth->running = true;
        IR_ASSERT_EQ(pthread_create(&auth->thread, NULL, wait_at_gate, auth), 0);
        return IRPC_PENDING;
    }
    IR_ASSERT_EQ(token.len, 0);
    IR_ASSERT_EQ(pthread_join(auth->thread, NULL), 0);
    auth->running = false;
    return test_auth_step(auth->inner, (struct irpc_span){auth->token, auth->token_len}, out,
                          ret_done);
}

static void slow_free(struct ir_auth *base)
{
    struct slow_auth *auth = (struct slow_auth *)base;

    if (auth->running) {
        pthread_mutex_lock(&gate.lock);
        auth->cancelled = true;
        pthread_cond_broadcast(&gate.changed);
        pthread_mutex_unlock(&gate.lock);
        IR_ASSERT_EQ(pthread_join(auth->thread, NULL), 0);
    }
    test_auth_free(auth->inner);
    ir_free(auth);
}

static size_t slow_signature_size(const struct ir_auth *base)
{
    return test_auth_signature_size(((const struct slow_auth *)base)->inner);
}

static enum irpc_status slow_protect(struct ir_auth *base, const struct ir_auth_pdu *pdu,
                                     uint8_t *signature)
{
    return test_auth_protect(((struct slow_auth *)base)->inner, pdu, signature);
}

static enum irpc_status slow_unprotect(struct ir_auth *base, const struct ir_auth_pdu *pdu,
                                       struct irpc_span signature)
{
    return test_auth_unprotect(((struct slow_auth *)base)->inner, pdu, signature);
}

static void slow_identity(const struct ir_auth *base, struct irpc_auth_identity *ret_identity)
{
    test_auth_identity(((const struct slow_auth *)base)->inner, ret_identity);
}

static const struct ir_auth_ops slow_ops = {
    .name = "slow",
    .begin = slow_begin,
    .step = slow_step,
    .signature_size = slow_signature_size,
    .protect = slow_protect,
    .unprotect = slow_unprotect,
    .identity = slow_identity,
    .session_key = test_auth_session_key,
    .free = slow_free,
    .provider_free = test_auth_provider_free,
};

/* --- the service --- */

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    if (in_data == SLEEP) {
        usleep(300 * 1000);
    }
    *out_data = in_data + 1;
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {.AddOne = add_one};

static void start(struct rig *rig, struct irpc_server_options options)
{
    test_provider_init(&server_side);
    server_side.base.ops = &slow_ops;
    rig_init(rig, &options);
    IR_ASSERT_EQ(irpc_server_add_auth(rig->server, &server_side.base), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    rig_start(rig);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
    IR_ASSERT_EQ(server_side.n_contexts, 0);
}

static void call_plain(const struct rig *rig, uint32_t value)
{
    struct irpc_binding *binding = rig_bind(rig->tcp);
    uint32_t result = 0;

    IR_ASSERT_EQ(rpcecho_AddOne(binding, value, &result), IRPC_OK);
    IR_ASSERT_EQ(result, value + 1);
    irpc_binding_free(binding);
}

struct caller {
    const struct rig *rig;
    struct test_provider provider;
    pthread_t thread;
    enum irpc_status status;
    atomic_bool done;
};

static void *call_secure(void *arg)
{
    struct caller *caller = arg;
    struct irpc_binding *binding = rig_bind(caller->rig->tcp);
    uint32_t result = 0;

    test_provider_init(&caller->provider);
    IR_ASSERT_EQ(
        irpc_binding_set_auth(binding, &caller->provider.base, IRPC_AUTH_LEVEL_PRIVACY, NULL),
        IRPC_OK);
    caller->status = rpcecho_AddOne(binding, 41, &result);
    IR_ASSERT(caller->status != IRPC_OK || result == 42);
    irpc_binding_free(binding);
    atomic_store(&caller->done, true);
    return NULL;
}

/* A bind with a token whose step waits; the connection stays. */
static int bind_raw(const struct rig *rig)
{
    struct ir_bytes bind =
        IR_HEX("0500 0b03 10000000 5500 0500 01000000 d016 d016 00000000 01000000 0000 01 00"
               "c55ea160e84dd711a637005056a20182 01000000 045d888aeb1cc9119fe808002b104860 02000000"
               "c8 02 00 00 01000000 54455354 00");
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(rig->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    IR_ASSERT(fd >= 0 && connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0);
    IR_ASSERT_EQ(send(fd, bind.p, bind.n, MSG_NOSIGNAL), bind.n);
    return fd;
}

/* --- tests --- */

IR_TEST(a_step_holds_up_its_connection_alone)
{
    struct rig rig;
    struct caller caller = {.rig = &rig};

    start(&rig, (struct irpc_server_options){0});
    IR_ASSERT_EQ(pthread_create(&caller.thread, NULL, call_secure, &caller), 0);
    wait_for_steps(1);
    for (uint32_t i = 0; i < 3; i++) {
        call_plain(&rig, i);
    }
    IR_ASSERT(!atomic_load(&caller.done));
    set_gate(true);
    IR_ASSERT_EQ(pthread_join(caller.thread, NULL), 0);
    IR_ASSERT_EQ(caller.status, IRPC_OK);
    IR_ASSERT_EQ(gate.passed, 2); /* bind, auth3 */
    finish(&rig);
}

/* Several loops: each connection is woken on its own. */
IR_TEST(many_at_once)
{
    struct rig rig;
    struct caller callers[8];

    start(&rig, (struct irpc_server_options){.loops = 2});
    for (unsigned i = 0; i < 8; i++) {
        callers[i] = (struct caller){.rig = &rig};
        IR_ASSERT_EQ(pthread_create(&callers[i].thread, NULL, call_secure, &callers[i]), 0);
        wait_for_steps(i + 1);
    }
    set_gate(true);
    for (unsigned i = 0; i < 8; i++) {
        IR_ASSERT_EQ(pthread_join(callers[i].thread, NULL), 0);
        IR_ASSERT_EQ(callers[i].status, IRPC_OK);
    }
    finish(&rig);
}

/* check: A11: the deadline of the bind ends the wait */
IR_TEST(a_step_that_never_ends)
{
    struct rig rig;
    uint8_t byte;

    start(&rig, (struct irpc_server_options){.bind_ms = 100});
    int fd = bind_raw(&rig);
    wait_for_steps(1);
    IR_ASSERT_EQ(recv(fd, &byte, 1, 0), 0); /* closed, without an answer */
    close(fd);
    call_plain(&rig, 1);
    IR_ASSERT_EQ(gate.passed, 0);
    finish(&rig);
}

static void *call_sleep(void *arg)
{
    call_plain(arg, SLEEP);
    return NULL;
}

/* check: S09: while the loop is busy the peer resets the connection, then the provider is done: the
 * loop learns both at once */
IR_TEST(a_step_that_ends_with_its_connection)
{
    const struct linger reset = {.l_onoff = 1};
    struct rig rig;
    pthread_t sleeper;

    start(&rig, (struct irpc_server_options){0});
    int fd = bind_raw(&rig);
    wait_for_steps(1);
    IR_ASSERT_EQ(pthread_create(&sleeper, NULL, call_sleep, &rig), 0);
    usleep(100 * 1000);
    IR_ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    close(fd);
    usleep(50 * 1000);
    set_gate(true);
    IR_ASSERT_EQ(pthread_join(sleeper, NULL), 0);
    call_plain(&rig, 1);
    finish(&rig);
}

IR_TEST(a_server_that_ends_meanwhile)
{
    struct rig rig;

    start(&rig, (struct irpc_server_options){0});
    int fd = bind_raw(&rig);
    wait_for_steps(1);
    finish(&rig);
    close(fd);
}
