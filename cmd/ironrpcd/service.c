/* From the configuration to a server and its endpoint mapper. */
#include <unistd.h>

#include "base/attr.h"
#include "daemon.h"
#include "epm.h"
#include "mgmt.h"
#include "os/process.h"

static void name_program(void *user, pid_t pid, char name[IR_EPM_PROGRAM_MAX])
{
    (void)user;
    ir_os_process_name(pid, name, IR_EPM_PROGRAM_MAX);
}

static bool may_register(void *user, uid_t uid, gid_t gid)
{
    struct daemon *d = user;

    return access_may_register(&d->access, uid, gid);
}

bool daemon_read_policy(struct policy *policy, const struct config *config, FILE *errors)
{
    static const struct irpc_interface *const interfaces[] = {&epm_v3_0_interface,
                                                              &mgmt_v1_0_interface};

    return policy_init(policy, config, interfaces, IR_ARRAY_LEN(interfaces), errors);
}

static enum irpc_status may_call(void *user, const struct irpc_peer *peer,
                                 const struct irpc_auth_identity *identity, uint16_t opnum,
                                 const char **reason)
{
    const struct guard *guard = user;
    const char *why = policy_judge(&guard->d->policy, &guard->interface, peer, identity, opnum);

    if (why != NULL) {
        *reason = why;
    }
    return why != NULL ? IRPC_ACCESS_DENIED : IRPC_OK;
}

IRPC_CHECKED daemon_guard(struct daemon *d)
{
    struct irpc_registration r;
    enum irpc_status st = IRPC_OK;

    for (unsigned i = 0; st == IRPC_OK && irpc_server_registration(d->server, i, &r); i++) {
        if (i == DAEMON_GUARDS_MAX) {
            return IRPC_LIMIT;
        }
        struct guard *guard = &d->guards[i];
        *guard = (struct guard){d, r.interface->id};
        bool named = policy_is_about(&d->policy, &r.interface->id);
        st = irpc_server_secure(d->server, &r.interface->id, IRPC_AUTH_LEVEL_DEFAULT,
                                named ? may_call : NULL, guard);
    }
    return st;
}

static uint32_t share(uint32_t limit, unsigned shares)
{
    return (limit + shares - 1) / shares;
}

IRPC_CHECKED daemon_make_server(struct daemon *d, unsigned shares,
                                const struct ir_epm_service_options *epm)
{
    const struct config *c = &d->config;
    uint32_t half = c->max_connections / 2;
    uint32_t reserved = c->reserved_local < half ? c->reserved_local : half;
    bool alone = epm == NULL; /* else local programs have a process of their own */
    struct irpc_server_options options = {
        .name = "ironrpcd",
        .windows = (enum irpc_windows)c->windows,
        .runtime_dir = c->runtime_dir[0] != '\0' ? c->runtime_dir : NULL,
        .max_connections = share(c->max_connections - (shares > 1 ? reserved : 0), shares),
        .max_connections_per_source = c->max_connections_per_source,
        .max_groups = share(c->max_groups, shares),
        .max_contexts_per_source = c->max_contexts_per_source,
        .max_calls = c->max_calls,
        .max_stub = c->max_stub,
        .max_output = c->max_output,
        .max_out = c->max_out,
        .max_memory = share(c->max_memory, shares),
        .max_connections_per_network =
            share(c->max_connections_per_network != 0 ? c->max_connections_per_network : half + 1,
                  shares),
        .reserved_local = alone ? reserved : IRPC_NONE_RESERVED,
        .max_memory_per_source = c->max_memory_per_source,
        .max_contexts = share(c->max_contexts, shares),
        .source_prefix4 = c->source_prefix4,
        .source_prefix6 = c->source_prefix6,
        .network_prefix4 = c->network_prefix4,
        .network_prefix6 = c->network_prefix6,
        .max_bindings = c->max_bindings,
        .pdus_per_turn = c->pdus_per_turn,
        .bytes_per_turn = c->bytes_per_turn,
        .first_byte_ms = c->first_byte_ms,
        .header_ms = c->header_ms,
        .pdu_ms = c->pdu_ms,
        .bind_ms = c->bind_ms,
        .call_ms = c->call_ms,
        .idle_ms = c->idle_ms,
        .write_ms = c->write_ms,
    };
    struct ir_epm_service_options service = {
        .limits = {.entries = c->map_entries, .entries_per_owner = c->map_entries_per_owner},
        .may_register = may_register,
        .program = name_program,
        .user = d,
        .remote_insert = c->remote_insert != 0,
        .lookup_handles = c->lookup_handles,
        .lookup_idle_ms = c->lookup_idle_ms,
        .object = d->object,
        .uid = d->access.self,
        .pid = d->pid,
    };

    if (epm != NULL) {
        service.start = epm->start;
        service.changed = epm->changed;
        service.refresh = epm->refresh;
        service.borrowed = epm->borrowed;
    }
    enum irpc_status st = irpc_server_new(&options, &d->server);
    if (st == IRPC_OK) {
        st = ir_epm_service_new(&service, &d->epm);
    }
    if (st == IRPC_OK) {
        st = ir_epm_service_attach(d->epm, d->server);
    }
    return st == IRPC_OK ? daemon_guard(d) : st;
}
