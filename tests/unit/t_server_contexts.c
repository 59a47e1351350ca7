/* Context handles, association groups, the management interface: over real sockets. */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "epm.h"
#include "mgmt.h"
#include "rig.h"

/* --- a service with handles: the lookup handle of the endpoint mapper's interface, whose
 *     operations do something else here --- */

static atomic_int made;
static atomic_int run_down; /* by the loop, read by the test */

static void rundown(void *data)
{
    run_down++;
    free(data);
}

/* max_ents says what to do: 0 makes a handle, n > 0 counts it up by n. */
static enum irpc_status lookup(struct irpc_call *call, uint32_t inquiry_type,
                               struct irpc_uuid *object, struct irpc_syntax_id *interface_id,
                               uint32_t vers_option, ept_lookup_handle_t *entry_handle,
                               uint32_t max_ents, uint32_t *num_ents, ept_entry_t *entries,
                               uint32_t *status)
{
    (void)object;
    (void)interface_id;
    (void)entries;
    *num_ents = 0;
    if (max_ents == 0) {
        uint32_t *counter = calloc(1, sizeof(*counter));
        IR_ASSERT(counter != NULL);
        enum irpc_status st = irpc_context_new(call, counter, rundown, inquiry_type, entry_handle);
        if (st != IRPC_OK) {
            free(counter);
            return st;
        }
        made++;
        return IRPC_OK;
    }
    uint32_t *counter = irpc_context_data(call, entry_handle);
    if (counter == NULL) {
        *status = 1;
        return IRPC_OK;
    }
    *counter += vers_option;
    *status = *counter;
    *num_ents = vers_option == 1000 ? max_ents + 1 : 0; /* a mistake */
    return IRPC_OK;
}

static enum irpc_status free_handle(struct irpc_call *call, ept_lookup_handle_t *entry_handle,
                                    uint32_t *status)
{
    free(irpc_context_data(call, entry_handle));
    irpc_context_close(call, entry_handle);
    *status = 0;
    return IRPC_OK;
}

static const struct epm_manager manager = {.ept_lookup = lookup,
                                           .ept_lookup_handle_free = free_handle};

static enum irpc_status open_handle(struct irpc_binding *binding, uint32_t idle_ms,
                                    ept_lookup_handle_t *handle)
{
    ept_entry_t entry = {.tower = NULL};
    uint32_t n = 0;
    uint32_t status = 0;

    memset(handle, 0, sizeof(*handle));
    return epm_ept_lookup(binding, idle_ms, NULL, NULL, 0, handle, 0, &n, &entry, &status);
}

static enum irpc_status add(struct irpc_binding *binding, ept_lookup_handle_t *handle,
                            uint32_t count, uint32_t *ret_status)
{
    ept_entry_t entry = {.tower = NULL};
    uint32_t n = 0;

    return epm_ept_lookup(binding, 0, NULL, NULL, count, handle, 1, &n, &entry, ret_status);
}

static void start(struct rig *rig, const struct irpc_server_options *options,
                  const struct irpc_register_options *registration)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &epm_v3_0_server, &manager, registration),
                 IRPC_OK);
    rig_start(rig);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
}

IR_TEST(a_handle_lives_until_it_is_closed)
{
    struct rig rig;
    ept_lookup_handle_t handle;
    ept_lookup_handle_t null = {0};
    uint32_t status = 0;

    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_OK);
    IR_ASSERT_EQ(add(binding, &handle, 5, &status), IRPC_OK);
    IR_ASSERT_EQ(add(binding, &handle, 6, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 11);
    ept_lookup_handle_t copy = handle;
    IR_ASSERT_EQ(epm_ept_lookup_handle_free(binding, &handle, &status), IRPC_OK);
    IR_ASSERT_MEM(&handle, sizeof(handle), &null, sizeof(null));
    IR_ASSERT_EQ(add(binding, &copy, 1, &status), IRPC_CONTEXT_MISMATCH);
    IR_ASSERT_EQ(irpc_binding_fault(binding), 0x1C00001A);
    irpc_binding_free(binding);
    finish(&rig);
    IR_ASSERT_EQ(run_down, 0);
}

/* However many clients share them. check: N12 */
IR_TEST(handles_are_limited_in_all)
{
    const struct irpc_server_options options = {.max_contexts = 2};
    struct irpc_server_metrics m;
    ept_lookup_handle_t handles[3];
    struct irpc_binding *bindings[3];
    uint32_t status = 0;
    struct rig rig;

    start(&rig, &options, NULL);
    for (int i = 0; i < 3; i++) {
        bindings[i] = rig_bind(rig.tcp);
        IR_ASSERT_EQ(open_handle(bindings[i], 0, &handles[i]) == IRPC_OK, i < 2);
    }
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_HANDLES], 2);
    IR_ASSERT_EQ(m.limit[IRPC_METRIC_HANDLES], 2);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_HANDLES_SOURCE], 2);
    IR_ASSERT_EQ(m.limit[IRPC_METRIC_HANDLES_SOURCE], 4096);
    IR_ASSERT_STR(m.most_handles, "127.0.0.1");
    IR_ASSERT_EQ(m.checks[irpc_check_index("N12")], 1);
    IR_ASSERT_EQ(epm_ept_lookup_handle_free(bindings[0], &handles[0], &status), IRPC_OK);
    IR_ASSERT_EQ(open_handle(bindings[2], 0, &handles[2]), IRPC_OK); /* there is room again */
    for (int i = 0; i < 3; i++) {
        irpc_binding_free(bindings[i]);
    }
    finish(&rig);
}

/* check: N12 */
IR_TEST(a_handle_is_valid_in_its_association_group_only)
{
    struct rig rig;
    ept_lookup_handle_t handle;
    struct irpc_binding *same = NULL;
    uint32_t status = 0;

    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    struct irpc_binding *other = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_OK);
    IR_ASSERT_EQ(irpc_binding_copy(binding, &same), IRPC_OK);
    IR_ASSERT_EQ(add(same, &handle, 3, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 3);
    IR_ASSERT_EQ(add(other, &handle, 3, &status), IRPC_CONTEXT_MISMATCH);
    /* The first connection ends, the group lives on; then the group ends. */
    irpc_binding_free(binding);
    IR_ASSERT_EQ(add(same, &handle, 3, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 6);
    irpc_binding_free(same);
    for (int i = 0; i < 200 && run_down == 0; i++) {
        IR_ASSERT_EQ(add(other, &handle, 3, &status), IRPC_CONTEXT_MISMATCH);
        usleep(1000);
    }
    irpc_binding_free(other);
    finish(&rig);
    IR_ASSERT_EQ(run_down, 1);
}

static char logged[400];

static void keep_log(void *user, enum irpc_log_level level, const char *subsystem, const char *text)
{
    (void)user;
    (void)level;
    (void)subsystem;
    (void)snprintf(logged, sizeof(logged), "%s", text);
}

/* The client has no more than a fault: it is the server's log that says which result is wrong. */
IR_TEST(results_that_cannot_be_sent_are_told)
{
    struct rig rig;
    ept_lookup_handle_t handle;
    uint32_t status = 0;

    irpc_set_log(keep_log, NULL, IRPC_LOG_WARNING);
    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_OK);
    IR_ASSERT_EQ(add(binding, &handle, 1000, &status), IRPC_BAD_STUB_DATA);
    IR_ASSERT(strstr(irpc_binding_error(binding),
                     "answered ept_lookup of interface epm with fault 0x000006f7") != NULL);
    irpc_binding_free(binding);
    finish(&rig);
    IR_ASSERT(strstr(logged, "interface=epm opnum=2") != NULL);
    IR_ASSERT(strstr(logged, "parameter=entries reason=\"results cannot be encoded") != NULL);
    irpc_set_log(NULL, NULL, IRPC_LOG_WARNING);
}

/* check: N12 B16 */
IR_TEST(handles_with_wrong_attributes_and_unknown_groups)
{
    struct rig rig;
    ept_lookup_handle_t handle;
    struct irpc_binding *copy = NULL;
    struct irpc_server_stats before, after;
    uint32_t status = 0;

    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_OK);
    handle.attributes = 1;
    IR_ASSERT_EQ(add(binding, &handle, 3, &status), IRPC_CONTEXT_MISMATCH);
    handle.attributes = 0;
    handle.uuid.node[5] ^= 1;
    IR_ASSERT_EQ(add(binding, &handle, 3, &status), IRPC_CONTEXT_MISMATCH);
    /* The group is gone before the copy uses it. */
    IR_ASSERT_EQ(irpc_binding_copy(binding, &copy), IRPC_OK);
    irpc_binding_free(binding);
    usleep(50000);
    irpc_server_stats(rig.server, &before);
    IR_ASSERT_EQ(add(copy, &handle, 3, &status), IRPC_CONTEXT_MISMATCH); /* in a new group */
    irpc_server_stats(rig.server, &after);
    IR_ASSERT_EQ(after.connections, before.connections + 2);
    IR_ASSERT_EQ(after.violations, before.violations + 2); /* the group, the handle */
    irpc_binding_free(copy);
    finish(&rig);
    IR_ASSERT_EQ(run_down, 1);
}

IR_TEST(handles_are_limited_and_expire)
{
    struct rig rig;
    ept_lookup_handle_t handles[4];
    uint32_t status = 0;
    const struct irpc_register_options options = {.max_contexts = 3};

    start(&rig, NULL, &options);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    for (int i = 0; i < 3; i++) {
        IR_ASSERT_EQ(open_handle(binding, i == 0 ? 0 : 1000, &handles[i]), IRPC_OK);
    }
    IR_ASSERT_EQ(open_handle(binding, 0, &handles[3]), IRPC_LIMIT);
    usleep(1500000);
    IR_ASSERT_EQ(add(binding, &handles[0], 1, &status), IRPC_OK);
    IR_ASSERT_EQ(add(binding, &handles[1], 1, &status), IRPC_CONTEXT_MISMATCH);
    IR_ASSERT_EQ(open_handle(binding, 0, &handles[3]), IRPC_OK);
    irpc_binding_free(binding);
    finish(&rig);
    IR_ASSERT_EQ(run_down, 4);
    IR_ASSERT_EQ(made, 4);
}

IR_TEST(unregistering_runs_handles_down)
{
    struct rig rig;
    ept_lookup_handle_t handle;

    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_OK);
    rig_stop(&rig);
    IR_ASSERT_EQ(irpc_server_unregister(rig.server, &epm_v3_0_server), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_unregister(rig.server, &epm_v3_0_server), IRPC_NOT_FOUND);
    IR_ASSERT_EQ(run_down, 1);
    rig_start(&rig);
    IR_ASSERT_EQ(open_handle(binding, 0, &handle), IRPC_UNKNOWN_IF);
    irpc_binding_free(binding);
    finish(&rig);
}

/* --- management --- */

IR_TEST(management_answers)
{
    struct rig rig;
    rpc_if_id_vector_p_t ids = NULL;
    uint32_t status = 1;
    uint32_t listening = 0;
    uint32_t count = 4;
    uint32_t statistics[4] = {0};
    char name[100] = "x";

    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(mgmt_inq_if_ids(binding, &ids, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 0);
    IR_ASSERT(ids != NULL);
    IR_ASSERT_EQ(ids->count, 2);
    IR_ASSERT_MEM(ids->if_id[0], sizeof(struct irpc_syntax_id), &mgmt_v1_0_interface.id,
                  sizeof(struct irpc_syntax_id));
    IR_ASSERT_MEM(ids->if_id[1], sizeof(struct irpc_syntax_id), &epm_v3_0_interface.id,
                  sizeof(struct irpc_syntax_id));
    IR_ASSERT_EQ(mgmt_is_server_listening(binding, &status, &listening), IRPC_OK);
    IR_ASSERT_EQ(listening, 1);
    IR_ASSERT_EQ(mgmt_stop_server_listening(binding, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 5);
    IR_ASSERT_EQ(mgmt_inq_stats(binding, &count, statistics, &status), IRPC_OK);
    IR_ASSERT_EQ(count, 4);
    IR_ASSERT_EQ(statistics[RPC_C_STATS_CALLS_IN], 4);
    IR_ASSERT_EQ(statistics[RPC_C_STATS_CALLS_OUT], 0);
    IR_ASSERT_EQ(statistics[RPC_C_STATS_PKTS_IN], 5);
    IR_ASSERT_EQ(statistics[RPC_C_STATS_PKTS_OUT], 4);
    IR_ASSERT_EQ(mgmt_inq_princ_name(binding, 10, sizeof(name), name, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 1747);
    IR_ASSERT_STR(name, "");
    irpc_binding_free(binding);
    finish(&rig);
}

/* A few bytes do not make the server prepare an array of any size. check: N18 */
IR_TEST(management_does_not_amplify)
{
    static const uint32_t counts[] = {4097, 8u << 20, UINT32_MAX};
    struct rig rig;
    struct irpc_reply reply;

    start(&rig, NULL, NULL);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t in[4];
        for (unsigned k = 0; k < 4; k++) {
            in[k] = (uint8_t)(counts[i] >> 8 * k);
        }
        IR_ASSERT_EQ(irpc_binding_call_raw(binding, &mgmt_v1_0_interface.id, 1,
                                           (struct irpc_span){in, sizeof(in)}, &reply),
                     IRPC_BAD_STUB_DATA);
    }
    irpc_binding_free(binding);
    finish(&rig);
}
