/* Servers with several loops, and managers that block in the pool: over real sockets. */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "epm.h"
#include "peer.h"
#include "rpcecho.h"

#define LOOPS 4
#define CLIENTS 8

/* --- what managers note --- */

static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t seen[64]; /* threads that ran managers */
static unsigned n_seen;
static atomic_int inside;   /* managers that use the handle now */
static atomic_int overlaps; /* how often one was not alone */
static atomic_int made;     /* handles */
static atomic_int run_down;
static atomic_bool gate; /* managers that wait may go on */
static atomic_int at_gate;

static void note_thread(void)
{
    pthread_mutex_lock(&seen_lock);
    unsigned i = 0;
    while (i < n_seen && !pthread_equal(seen[i], pthread_self())) {
        i++;
    }
    if (i == n_seen) {
        IR_ASSERT(n_seen < 64);
        seen[n_seen++] = pthread_self();
    }
    pthread_mutex_unlock(&seen_lock);
}

static void wait_until(const atomic_int *n, int value)
{
    for (int i = 0; i < 5000 && atomic_load(n) != value; i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(atomic_load(n), value);
}

static void rundown(void *data)
{
    atomic_fetch_add(&run_down, 1);
    free(data);
}

/* --- the services --- */

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    note_thread();
    *out_data = in_data + 1;
    return IRPC_OK;
}

/* Calls to be completed, by a thread that does nothing else. */
struct sleeper {
    struct sleeper *next;
    struct irpc_call_ref ref;
    uint32_t *result;
    uint32_t value;
};

static pthread_mutex_t sleepers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sleeper *sleepers;
static bool no_more_sleepers;

static void *complete_all(void *arg)
{
    bool end = false;

    (void)arg;
    while (!end) {
        pthread_mutex_lock(&sleepers_lock);
        struct sleeper *s = sleepers;
        sleepers = s != NULL ? s->next : NULL;
        end = s == NULL && no_more_sleepers;
        pthread_mutex_unlock(&sleepers_lock);
        if (s != NULL) {
            *s->result = s->value;
            IR_ASSERT_EQ(irpc_call_complete(s->ref, IRPC_OK), IRPC_OK);
        } else {
            usleep(100);
        }
    }
    return NULL;
}

#define AT_GATE 1000
#define EARLY_OK 1001      /* completed, by another, before the manager returns IRPC_OK */
#define EARLY_PENDING 1002 /* ... IRPC_PENDING */

static enum irpc_status complete_early(struct irpc_call *call, uint32_t what, uint32_t *ret_result)
{
    struct irpc_call_ref ref = irpc_call_ref(call);

    *ret_result = what;
    IR_ASSERT_EQ(irpc_call_complete(ref, IRPC_OK), IRPC_OK);
    usleep(2000);
    *ret_result = what; /* it must be there still */
    return what == EARLY_OK ? IRPC_ACCESS_DENIED : IRPC_PENDING;
}

static enum irpc_status test_sleep(struct irpc_call *call, uint32_t what, uint32_t *ret_result)
{
    if (what == AT_GATE) {
        note_thread();
        atomic_fetch_add(&at_gate, 1);
        while (!atomic_load(&gate) && !irpc_call_is_cancelled(call)) {
            usleep(1000);
        }
        atomic_fetch_sub(&at_gate, 1);
        *ret_result = what;
        return IRPC_OK;
    }
    if (what >= EARLY_OK) {
        return complete_early(call, what, ret_result);
    }
    struct sleeper *s = irpc_call_alloc(call, sizeof(*s));
    IR_ASSERT(s != NULL);
    *s = (struct sleeper){.ref = irpc_call_ref(call), .result = ret_result, .value = what};
    pthread_mutex_lock(&sleepers_lock);
    s->next = sleepers;
    sleepers = s;
    pthread_mutex_unlock(&sleepers_lock);
    return IRPC_PENDING;
}

static const struct rpcecho_manager echo = {.AddOne = add_one, .TestSleep = test_sleep};

/* max_ents 0 makes a handle that expires after inquiry_type ms; else the handle is in use for
 * max_ents times 200 us and counts. */
static enum irpc_status lookup(struct irpc_call *call, uint32_t inquiry_type,
                               struct irpc_uuid *object, struct irpc_syntax_id *interface_id,
                               uint32_t vers_option, ept_lookup_handle_t *entry_handle,
                               uint32_t max_ents, uint32_t *num_ents, ept_entry_t *entries,
                               uint32_t *status)
{
    (void)object;
    (void)interface_id;
    (void)entries;
    (void)vers_option;
    *num_ents = 0;
    if (max_ents == 0) {
        uint32_t *counter = calloc(1, sizeof(*counter));
        IR_ASSERT(counter != NULL);
        enum irpc_status st = irpc_context_new(call, counter, rundown, inquiry_type, entry_handle);
        if (st != IRPC_OK) {
            free(counter);
            return st;
        }
        atomic_fetch_add(&made, 1);
        return IRPC_OK;
    }
    uint32_t *counter = irpc_context_data(call, entry_handle);
    IR_ASSERT(counter != NULL);
    if (atomic_fetch_add(&inside, 1) > 0) {
        atomic_fetch_add(&overlaps, 1);
    }
    note_thread();
    usleep(max_ents * 200);
    atomic_fetch_sub(&inside, 1);
    *status = __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
    return IRPC_OK;
}

static enum irpc_status free_handle(struct irpc_call *call, ept_lookup_handle_t *entry_handle,
                                    uint32_t *status)
{
    usleep(1000); /* others come and wait */
    free(irpc_context_data(call, entry_handle));
    irpc_context_close(call, entry_handle);
    *status = 0;
    return IRPC_OK;
}

static const struct epm_manager map = {.ept_lookup = lookup, .ept_lookup_handle_free = free_handle};

static enum irpc_status open_handle(struct irpc_binding *binding, uint32_t idle_ms,
                                    ept_lookup_handle_t *handle)
{
    ept_entry_t entry = {.tower = NULL};
    uint32_t n = 0;
    uint32_t status = 0;

    memset(handle, 0, sizeof(*handle));
    return epm_ept_lookup(binding, idle_ms, NULL, NULL, 0, handle, 0, &n, &entry, &status);
}

static enum irpc_status use_handle(struct irpc_binding *binding, ept_lookup_handle_t *handle,
                                   uint32_t us, uint32_t *ret_count)
{
    ept_entry_t entry = {.tower = NULL};
    uint32_t n = 0;

    return epm_ept_lookup(binding, 0, NULL, NULL, 0, handle, us, &n, &entry, ret_count);
}

static void start(struct rig *rig, const struct irpc_server_options *options,
                  const struct irpc_register_options *echo_options,
                  const struct irpc_register_options *map_options)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &echo, echo_options),
                 IRPC_OK);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &epm_v3_0_server, &map, map_options), IRPC_OK);
    rig_start(rig);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
    IR_ASSERT_EQ(atomic_load(&run_down), atomic_load(&made));
}

/* --- clients --- */

struct client {
    pthread_t thread;
    struct rig *rig;
    struct irpc_binding *binding;
    ept_lookup_handle_t handle;
    uint32_t n;    /* calls */
    uint32_t what; /* their argument */
    enum irpc_status wanted;
    uint32_t refused; /* calls that ended with IRPC_CONTEXT_MISMATCH */
};

static void run_clients(struct client *clients, int n, void *(*fn)(void *arg))
{
    for (int i = 0; i < n; i++) {
        IR_ASSERT_EQ(pthread_create(&clients[i].thread, NULL, fn, &clients[i]), 0);
    }
}

static void join_clients(struct client *clients, int n)
{
    for (int i = 0; i < n; i++) {
        IR_ASSERT_EQ(pthread_join(clients[i].thread, NULL), 0);
        if (clients[i].binding != NULL) {
            irpc_binding_free(clients[i].binding);
        }
    }
}

static void *call_both(void *arg)
{
    struct client *client = arg;
    struct irpc_binding *binding = rig_bind(client->rig->tcp);

    for (uint32_t i = 0; i < client->n; i++) {
        uint32_t out = 0;
        uint32_t result = 0;
        IR_ASSERT_EQ(rpcecho_AddOne(binding, i, &out), IRPC_OK);
        IR_ASSERT_EQ(out, i + 1);
        IR_ASSERT_EQ(rpcecho_TestSleep(binding, i, &result), IRPC_OK);
        IR_ASSERT_EQ(result, i);
    }
    irpc_binding_free(binding);
    return NULL;
}

static void *sleep_calls(void *arg)
{
    struct client *client = arg;
    struct irpc_binding *binding = rig_bind(client->rig->tcp);
    uint32_t result = 0;

    for (uint32_t i = 0; i < client->n; i++) {
        IR_ASSERT_EQ(rpcecho_TestSleep(binding, client->what, &result), client->wanted);
        IR_ASSERT(client->wanted != IRPC_OK || result == client->what);
    }
    irpc_binding_free(binding);
    return NULL;
}

static void *use_calls(void *arg)
{
    struct client *client = arg;
    uint32_t count = 0;

    for (uint32_t i = 0; i < client->n; i++) {
        enum irpc_status st = use_handle(client->binding, &client->handle, client->what, &count);
        client->refused += st == IRPC_CONTEXT_MISMATCH;
        IR_ASSERT(st == IRPC_OK || st == IRPC_CONTEXT_MISMATCH);
    }
    return NULL;
}

static void *use_call_lost(void *arg)
{
    struct client *client = arg;
    uint32_t count = 0;

    IR_ASSERT_EQ(use_handle(client->binding, &client->handle, 1, &count), IRPC_CONNECTION_LOST);
    return NULL;
}

static void *use_call_withdrawn(void *arg)
{
    struct client *client = arg;
    uint32_t count = 0;

    IR_ASSERT_EQ(use_handle(client->binding, &client->handle, client->what, &count),
                 IRPC_UNKNOWN_IF);
    return NULL;
}

/* Connections of one association group, with one handle. */
static void share_handle(struct rig *rig, struct client *clients, int n, uint32_t calls)
{
    for (int i = 0; i < n; i++) {
        clients[i] = (struct client){.n = calls, .what = 2};
        if (i == 0) {
            clients[i].binding = rig_bind(rig->tcp);
            IR_ASSERT_EQ(open_handle(clients[i].binding, 0, &clients[i].handle), IRPC_OK);
        } else {
            IR_ASSERT_EQ(irpc_binding_copy(clients[0].binding, &clients[i].binding), IRPC_OK);
            clients[i].handle = clients[0].handle;
        }
    }
}

/* --- several loops --- */

IR_TEST(connections_are_spread_and_calls_completed_on_their_loops)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = LOOPS};
    struct client clients[CLIENTS] = {0};
    struct irpc_server_stats stats;
    pthread_t completer;

    IR_ASSERT_EQ(pthread_create(&completer, NULL, complete_all, NULL), 0);
    start(&rig, &options, NULL, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.rig = &rig, .n = 100};
    }
    run_clients(clients, CLIENTS, call_both);
    join_clients(clients, CLIENTS);
    pthread_mutex_lock(&sleepers_lock);
    no_more_sleepers = true;
    pthread_mutex_unlock(&sleepers_lock);
    IR_ASSERT_EQ(pthread_join(completer, NULL), 0);
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(n_seen, LOOPS);
    IR_ASSERT_EQ(stats.calls_in, CLIENTS * 200);
    IR_ASSERT_EQ(stats.connections, CLIENTS);
    IR_ASSERT_EQ(stats.pending, 0);
    finish(&rig);
}

IR_TEST(the_other_loops_run_where_the_program_processes)
{
    struct irpc_server *server = NULL;
    const struct irpc_server_options options = {.loops = 2};

    IR_ASSERT_EQ(irpc_server_new(&options, &server), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_process(server, 0), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_process(server, 0), IRPC_OK);
    irpc_server_free(server); /* the harness looks for threads that are left */
}

/* [C706] 5.1.6: whoever has a context handle, one call uses it at a time. */
IR_TEST(calls_take_turns_at_a_handle)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = LOOPS};
    struct client clients[CLIENTS];
    uint32_t count = 0;

    start(&rig, &options, NULL, NULL);
    share_handle(&rig, clients, CLIENTS, 20);
    run_clients(clients, CLIENTS, use_calls);
    for (int i = 0; i < CLIENTS; i++) {
        IR_ASSERT_EQ(pthread_join(clients[i].thread, NULL), 0);
        IR_ASSERT_EQ(clients[i].refused, 0);
    }
    IR_ASSERT_EQ(use_handle(clients[0].binding, &clients[0].handle, 1, &count), IRPC_OK);
    IR_ASSERT_EQ(count, CLIENTS * 20 + 1);
    IR_ASSERT_EQ(atomic_load(&overlaps), 0);
    IR_ASSERT_EQ(n_seen, LOOPS);
    for (int i = 0; i < CLIENTS; i++) {
        irpc_binding_free(clients[i].binding);
    }
    wait_until(&run_down, 1);
    finish(&rig);
}

IR_TEST(an_interface_may_share_its_handles)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = LOOPS};
    const struct irpc_register_options shared = {.share_contexts = true};
    struct client clients[CLIENTS];

    start(&rig, &options, NULL, &shared);
    share_handle(&rig, clients, CLIENTS, 20);
    run_clients(clients, CLIENTS, use_calls);
    join_clients(clients, CLIENTS);
    IR_ASSERT(atomic_load(&overlaps) > 0);
    finish(&rig);
}

IR_TEST(who_waits_for_a_handle_that_is_closed_learns_it)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = LOOPS};
    struct client clients[CLIENTS];
    uint32_t status = 0;
    uint32_t refused = 0;

    start(&rig, &options, NULL, NULL);
    share_handle(&rig, clients, CLIENTS, 40);
    atomic_store(&run_down, 1); /* it will be closed instead */
    run_clients(clients + 1, CLIENTS - 1, use_calls);
    usleep(10000);
    IR_ASSERT_EQ(epm_ept_lookup_handle_free(clients[0].binding, &clients[0].handle, &status),
                 IRPC_OK);
    irpc_binding_free(clients[0].binding);
    join_clients(clients + 1, CLIENTS - 1);
    for (int i = 1; i < CLIENTS; i++) {
        refused += clients[i].refused;
    }
    IR_ASSERT(refused >= CLIENTS - 1);
    finish(&rig);
}

IR_TEST(handles_expire_on_every_loop)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = LOOPS};
    struct irpc_binding *bindings[CLIENTS];
    struct irpc_server_stats stats;
    ept_lookup_handle_t handle;

    start(&rig, &options, NULL, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        bindings[i] = rig_bind(rig.tcp);
        for (uint32_t k = 0; k < 4; k++) {
            IR_ASSERT_EQ(open_handle(bindings[i], 20 + 10 * k, &handle), IRPC_OK);
        }
    }
    wait_until(&run_down, 4 * CLIENTS);
    irpc_server_stats(rig.server, &stats);
    IR_ASSERT_EQ(stats.contexts, 0);
    for (int i = 0; i < CLIENTS; i++) {
        irpc_binding_free(bindings[i]);
    }
    finish(&rig);
}

static void withdraw(void *user)
{
    IR_ASSERT_EQ(irpc_server_unregister(user, &epm_v3_0_server), IRPC_OK);
}

/* Handles that are in use are run down when the call ends, the others at once. Later calls are
 * refused. check: R01 */
IR_TEST(an_interface_is_withdrawn_while_it_is_called)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = LOOPS};
    struct client client = {.n = 1, .what = 500};
    ept_lookup_handle_t other;
    uint32_t count = 0;

    start(&rig, &options, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    client.binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &other), IRPC_OK);
    IR_ASSERT_EQ(open_handle(client.binding, 0, &client.handle), IRPC_OK);
    IR_ASSERT_EQ(pthread_create(&client.thread, NULL, use_call_withdrawn, &client), 0);
    wait_until(&inside, 1);
    IR_ASSERT_EQ(irpc_server_post(rig.server, withdraw, rig.server), IRPC_OK);
    wait_until(&run_down, 1);
    IR_ASSERT_EQ(atomic_load(&inside), 1);
    wait_until(&run_down, 2);
    IR_ASSERT_EQ(use_handle(binding, &other, 1, &count), IRPC_UNKNOWN_IF);
    IR_ASSERT_EQ(pthread_join(client.thread, NULL), 0);
    irpc_binding_free(client.binding);
    irpc_binding_free(binding);
    finish(&rig);
}

/* --- the pool --- */

IR_TEST(managers_that_block_leave_the_loop_free)
{
    struct rig rig;
    const struct irpc_server_options options = {.pool_threads = 3};
    const struct irpc_register_options blocking = {.blocking = true};
    struct client clients[CLIENTS] = {0};
    struct irpc_server_stats stats;
    ept_lookup_handle_t handle;

    start(&rig, &options, &blocking, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.rig = &rig, .n = 1, .what = AT_GATE};
    }
    run_clients(clients, CLIENTS, sleep_calls);
    wait_until(&at_gate, 3); /* the others wait */
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_OK);
    irpc_binding_free(binding);
    for (int i = 0; i < 1000 && (irpc_server_stats(rig.server, &stats), stats.pending) < CLIENTS;
         i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(stats.pending, CLIENTS);
    atomic_store(&gate, true);
    join_clients(clients, CLIENTS);
    IR_ASSERT_EQ(n_seen, 3);
    wait_until(&run_down, 1);
    finish(&rig);
}

IR_TEST(pending_calls_are_limited_for_the_pool_too)
{
    struct rig rig;
    const struct irpc_server_options options = {.pool_threads = 1, .max_pending = 2};
    const struct irpc_register_options blocking = {.blocking = true};
    struct client clients[2] = {0};
    struct irpc_server_stats stats;
    uint32_t result = 0;

    start(&rig, &options, &blocking, NULL);
    for (int i = 0; i < 2; i++) {
        clients[i] = (struct client){.rig = &rig, .n = 1, .what = AT_GATE};
    }
    run_clients(clients, 2, sleep_calls);
    for (int i = 0; i < 1000 && (irpc_server_stats(rig.server, &stats), stats.pending) < 2; i++) {
        usleep(1000);
    }
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, AT_GATE, &result), IRPC_TOO_BUSY);
    atomic_store(&gate, true);
    join_clients(clients, 2);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, AT_GATE, &result), IRPC_OK);
    irpc_binding_free(binding);
    finish(&rig);
}

static int order[8];
static atomic_int n_ordered;

/* The first waits until all others stand in the line. */
static enum irpc_status add_in_order(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    while (in_data == 0 && !atomic_load(&gate)) {
        usleep(1000);
    }
    order[atomic_fetch_add(&n_ordered, 1)] = (int)in_data;
    return IRPC_OK;
}

/* AddOne(@n) from @address, which makes @pending calls that pend. */
static int add_from(const struct rig *rig, const char *address, uint8_t n, uint32_t pending)
{
    uint8_t pdu[28] = {5, 0, 0, 3, 0x10, 0, 0, 0, sizeof(pdu), 0, 0, 0, 2, [16] = 4, [24] = n};
    struct irpc_server_stats stats;
    int fd = dial_from(rig, address);

    put(fd, (struct ir_bytes){pdu, sizeof(pdu)});
    for (int i = 0; i < 5000 && (irpc_server_stats(rig->server, &stats), stats.pending) < pending;
         i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(stats.pending, pending);
    return fd;
}

/* Who sends many calls is waited for once, not for each of them. check: L05 */
IR_TEST(sources_take_turns_at_the_pool)
{
    static const int wanted[] = {0, 1, 4, 2, 5, 3};
    static const struct rpcecho_manager in_order = {.AddOne = add_in_order};
    const struct irpc_server_options options = {.pool_threads = 1};
    const struct irpc_register_options blocking = {.blocking = true};
    uint8_t pdu[6000];
    struct rig rig;
    int fds[6];

    rig_init(&rig, &options);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &in_order, &blocking),
                 IRPC_OK);
    rig_start(&rig);
    for (uint8_t n = 0; n < 6; n++) {
        fds[n] = add_from(&rig, n < 4 ? "127.0.0.2" : "127.0.0.3", n, n + 1u);
    }
    atomic_store(&gate, true);
    for (int n = 0; n < 6; n++) {
        IR_ASSERT_EQ(get_pdu(fds[n], pdu), 28);
        IR_ASSERT_EQ(pdu[2], 2); /* response */
        close(fds[n]);
    }
    rig_stop(&rig);
    irpc_server_free(rig.server);
    IR_ASSERT_MEM(order, sizeof(wanted), wanted, sizeof(wanted));
}

/* check: R09 */
IR_TEST(memory_of_pending_calls_is_limited_too)
{
    struct rig rig;
    const struct irpc_server_options options = {.pool_threads = 1, .max_memory = 1};
    const struct irpc_register_options blocking = {.blocking = true};
    struct client client = {.rig = &rig, .n = 1, .what = AT_GATE};
    uint32_t result = 0;

    start(&rig, &options, &blocking, NULL);
    run_clients(&client, 1, sleep_calls);
    wait_until(&at_gate, 1);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, AT_GATE, &result), IRPC_TOO_BUSY);
    atomic_store(&gate, true);
    join_clients(&client, 1);
    IR_ASSERT_EQ(rpcecho_TestSleep(binding, AT_GATE, &result), IRPC_OK);
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(a_call_in_the_pool_may_be_completed_before_its_manager_returns)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = 2};
    const struct irpc_register_options blocking = {.blocking = true};
    struct client clients[4] = {0};

    start(&rig, &options, &blocking, NULL);
    for (uint32_t i = 0; i < 4; i++) {
        clients[i] = (struct client){.rig = &rig, .n = 10, .what = EARLY_OK + i % 2};
    }
    run_clients(clients, 4, sleep_calls);
    join_clients(clients, 4);
    finish(&rig);
}

IR_TEST(calls_in_the_pool_take_turns_at_a_handle)
{
    struct rig rig;
    const struct irpc_register_options blocking = {.blocking = true};
    struct client clients[CLIENTS];
    struct client sleepers_at_gate[2] = {{.rig = &rig, .n = 1, .what = AT_GATE},
                                         {.rig = &rig, .n = 1, .what = AT_GATE}};

    start(&rig, NULL, &blocking, &blocking);
    run_clients(sleepers_at_gate, 2, sleep_calls); /* so that there are two threads */
    wait_until(&at_gate, 2);
    atomic_store(&gate, true);
    join_clients(sleepers_at_gate, 2);
    pthread_mutex_lock(&seen_lock);
    n_seen = 0;
    pthread_mutex_unlock(&seen_lock);
    /* Which thread takes a turn is chance: again until two have taken some. */
    for (int round = 0; round == 0 || (n_seen < 2 && round < 100); round++) {
        share_handle(&rig, clients, CLIENTS, 10);
        run_clients(clients, CLIENTS, use_calls);
        join_clients(clients, CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            IR_ASSERT_EQ(clients[i].refused, 0);
        }
    }
    IR_ASSERT_EQ(atomic_load(&overlaps), 0);
    IR_ASSERT(n_seen > 1);
    finish(&rig);
}

IR_TEST(a_server_ends_while_calls_wait)
{
    struct rig rig;
    const struct irpc_server_options options = {.loops = 2, .pool_threads = 1};
    const struct irpc_register_options blocking = {.blocking = true};
    struct client clients[4] = {0};
    struct client users[4];
    struct irpc_server_stats stats;

    start(&rig, &options, &blocking, &blocking);
    share_handle(&rig, users, 4, 1);
    for (int i = 0; i < 4; i++) {
        clients[i] =
            (struct client){.rig = &rig, .n = 1, .what = AT_GATE, .wanted = IRPC_CONNECTION_LOST};
    }
    clients[0].wanted = IRPC_OK; /* it runs, and there is time to answer it */
    run_clients(clients, 1, sleep_calls);
    wait_until(&at_gate, 1);
    for (int i = 1; i < 4; i++) {
        run_clients(&clients[i], 1, sleep_calls);
    }
    for (int i = 0; i < 4; i++) {
        IR_ASSERT_EQ(pthread_create(&users[i].thread, NULL, use_call_lost, &users[i]), 0);
    }
    for (int i = 0; i < 1000 && (irpc_server_stats(rig.server, &stats), stats.pending) < 8; i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(stats.pending, 8);
    rig_stop(&rig);
    atomic_store(&gate, true);
    irpc_server_free(rig.server);
    join_clients(clients, 4);
    join_clients(users, 4);
    IR_ASSERT_EQ(atomic_load(&run_down), atomic_load(&made));
}
