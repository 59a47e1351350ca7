/*
 * The management interface, which every server offers by itself. [C706] appendix Q,
 * [MS-RPCE] 2.2.1.3. stop_server_listening is never obeyed: the answer is a response with status 5.
 * Statuses here are [out] parameters, Windows error codes; no operation fails otherwise.
 */
#include <stddef.h>

#include "base/log.h"
#include "mgmt.h"
#include "server/internal.h"

#define STATUS_OK 0u
#define STATUS_ACCESS_DENIED 5u
#define STATUS_UNKNOWN_AUTHN_SERVICE 1747u

/* The interfaces that can be reached the way this call came. */
static enum irpc_status inq_if_ids(struct irpc_call *call, rpc_if_id_vector_p_t *if_id_vector,
                                   uint32_t *status)
{
    const struct irpc_server *server = irpc_call_server(call);
    unsigned transport = (unsigned)irpc_call_peer(call)->transport;
    struct irpc_registration registration;
    uint32_t n = 0;

    while (irpc_server_registration(server, n, &registration)) {
        n++;
    }
    rpc_if_id_vector_t *vector = irpc_call_alloc(call, offsetof(rpc_if_id_vector_t, if_id) +
                                                           (size_t)n * sizeof(rpc_if_id_p_t));
    struct irpc_syntax_id *ids = irpc_call_alloc(call, (size_t)n * sizeof(struct irpc_syntax_id));
    if (vector == NULL || ids == NULL) {
        return IRPC_NO_MEMORY;
    }
    for (uint32_t i = 0; i < n && irpc_server_registration(server, i, &registration); i++) {
        if ((registration.transports & transport) != 0) {
            struct irpc_syntax_id *id = &ids[vector->count];
            *id = registration.interface->id;
            vector->if_id[vector->count++] = id;
        }
    }
    *if_id_vector = vector;
    *status = STATUS_OK;
    return IRPC_OK;
}

static enum irpc_status inq_stats(struct irpc_call *call, uint32_t *count, uint32_t *statistics,
                                  uint32_t *status)
{
    struct irpc_server_stats stats;
    uint32_t all[RPC_C_STATS_MAX];

    irpc_server_stats(irpc_call_server(call), &stats);
    all[RPC_C_STATS_CALLS_IN] = (uint32_t)stats.calls_in;
    all[RPC_C_STATS_CALLS_OUT] = (uint32_t)stats.calls_out;
    all[RPC_C_STATS_PKTS_IN] = (uint32_t)stats.pkts_in;
    all[RPC_C_STATS_PKTS_OUT] = (uint32_t)stats.pkts_out;
    if (*count > RPC_C_STATS_MAX) {
        *count = RPC_C_STATS_MAX;
    }
    for (uint32_t i = 0; i < *count; i++) {
        statistics[i] = all[i];
    }
    *status = STATUS_OK;
    return IRPC_OK;
}

static enum irpc_status is_server_listening(struct irpc_call *call, uint32_t *status,
                                            uint32_t *ret_result)
{
    (void)call;
    *status = STATUS_OK;
    *ret_result = 1;
    return IRPC_OK;
}

static enum irpc_status stop_server_listening(struct irpc_call *call, uint32_t *status)
{
    ir_reject(call->link, "S07", "stop_server_listening is not obeyed", call->call_id, call->iface,
              call->opnum);
    *status = STATUS_ACCESS_DENIED;
    return IRPC_OK;
}

/* No provider tells a principal of ours; NTLM has none. */
static enum irpc_status inq_princ_name(struct irpc_call *call, uint32_t authn_proto,
                                       uint32_t princ_name_size, char *princ_name, uint32_t *status)
{
    (void)call;
    (void)authn_proto;
    if (princ_name_size == 0) {
        return IRPC_INVALID_BOUND; /* no room for the terminator; check: N04 */
    }
    princ_name[0] = '\0';
    *status = STATUS_UNKNOWN_AUTHN_SERVICE;
    return IRPC_OK;
}

static const struct mgmt_manager manager = {
    inq_if_ids, inq_stats, is_server_listening, stop_server_listening, inq_princ_name,
};

enum irpc_status ir_mgmt_register(struct irpc_server *server)
{
    static const struct irpc_register_options options = {.hidden = true};

    return irpc_server_register(server, &mgmt_v1_0_server, &manager, &options);
}
