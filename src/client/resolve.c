/*
 * The endpoint of an interface, by asking the endpoint mapper of the binding's host: port 135, or
 * the local one. [C706] 6.2.3, appendix O; [MS-RPCE] 3.1.2.5. The host of the answer is not
 * looked at: the endpoint is on the host that was asked.
 */
#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "base/syntax.h"
#include "client/internal.h"
#include "epm.h"
#include "wire/tower.h"

#define TOWERS_MAX 4u

union tower_memory {
    twr_t tower;
    uint8_t bytes[sizeof(twr_t) + IR_TOWER_LEN_MAX];
};

static void make_tower(const struct irpc_binding *binding, const struct irpc_syntax_id *interface,
                       union tower_memory *memory)
{
    const struct ir_tower tower = {
        .interface = *interface,
        .transfer = ir_syntax_ndr,
        .protseq = binding->local ? IR_PROTSEQ_NCALRPC : IR_PROTSEQ_NCACN_IP_TCP,
    };
    struct ir_out out = ir_out_fixed(memory->tower.tower_octet_string, IR_TOWER_LEN_MAX, false);

    ir_tower_encode(&out, &tower);
    memory->tower.tower_length = (uint32_t)out.len;
}

/* A tower of @interface and the right protocol that names an endpoint. What is bound there is
 * @interface, too. check: E12 */
static bool take_tower(struct irpc_binding *binding, const struct irpc_syntax_id *interface,
                       const twr_t *twr)
{
    struct ir_tower tower;
    const struct irpc_span bytes = {twr->tower_octet_string, twr->tower_length};

    if (ir_tower_decode(bytes, &tower, NULL) != IRPC_OK ||
        irpc_uuid_compare(&tower.interface.uuid, &interface->uuid) != 0 ||
        tower.interface.major != interface->major) {
        return false;
    }
    if (!binding->local) {
        /* Its address is not used: the call goes to the host that was asked. check: E11 */
        (void)snprintf(binding->resolved, sizeof(binding->resolved), "%u", tower.port);
        return tower.protseq == IR_PROTSEQ_NCACN_IP_TCP && tower.port != 0;
    }
    if (tower.protseq != IR_PROTSEQ_NCALRPC || tower.endpoint.len == 0 ||
        tower.endpoint.len >= sizeof(binding->resolved)) {
        return false;
    }
    memcpy(binding->resolved, tower.endpoint.p, tower.endpoint.len);
    binding->resolved[tower.endpoint.len] = '\0';
    return true;
}

static enum irpc_status not_registered(struct irpc_binding *binding,
                                       const struct irpc_syntax_id *interface)
{
    char uuid[IRPC_UUID_TEXT_LEN];

    irpc_uuid_format(&interface->uuid, uuid);
    return ir_binding_fail(binding, IRPC_EPT_NOT_REGISTERED,
                           "the endpoint mapper of %s knows no %s endpoint of interface %s version "
                           "%u.%u; start its server, or give the endpoint",
                           binding->local ? "this machine" : binding->address,
                           binding->local ? "ncalrpc" : "ncacn_ip_tcp", uuid, interface->major,
                           interface->minor);
}

static enum irpc_status ask(struct irpc_binding *binding, struct irpc_binding *mapper,
                            const struct irpc_syntax_id *interface)
{
    union tower_memory memory = {0};
    ept_lookup_handle_t handle = {0};
    struct irpc_uuid object = binding->object;
    twr_p_t towers[TOWERS_MAX] = {NULL};
    uint32_t n = 0;
    uint32_t status = 0;

    make_tower(binding, interface, &memory);
    enum irpc_status st = epm_ept_map(mapper, binding->has_object ? &object : NULL, &memory.tower,
                                      &handle, TOWERS_MAX, &n, towers, &status);
    if (st != IRPC_OK) {
        binding->fault = mapper->fault;
        return ir_binding_fail(binding, st,
                               "the endpoint mapper cannot be asked: %s; without one, give the "
                               "endpoint in brackets",
                               irpc_binding_error(mapper));
    }
    for (uint32_t i = 0; status == 0 && i < n && i < TOWERS_MAX; i++) {
        if (towers[i] != NULL && take_tower(binding, interface, towers[i])) {
            /* The look-up handle, if there is one, goes with the connection. */
            return IRPC_OK;
        }
    }
    binding->resolved[0] = '\0';
    return not_registered(binding, interface);
}

enum irpc_status ir_binding_resolve(struct irpc_binding *binding,
                                    const struct irpc_syntax_id *interface)
{
    const struct irpc_binding_options options = {
        .connect_ms = binding->options.connect_ms,
        .call_ms = binding->options.connect_ms,
        .runtime_dir = binding->runtime_dir,
    };
    struct irpc_binding *mapper = NULL;
    char text[300];

    if (binding->local) {
        (void)snprintf(text, sizeof(text), "ncalrpc:[epmapper]");
    } else {
        (void)snprintf(text, sizeof(text), "ncacn_ip_tcp:%s[%u]", binding->address,
                       binding->options.mapper_port);
    }
    if (irpc_uuid_compare(&interface->uuid, &epm_v3_0_interface.id.uuid) == 0) {
        (void)snprintf(binding->resolved, sizeof(binding->resolved), "%s",
                       binding->local ? "epmapper" : "");
        if (!binding->local) {
            (void)snprintf(binding->resolved, sizeof(binding->resolved), "%u",
                           binding->options.mapper_port);
        }
        return IRPC_OK;
    }
    enum irpc_status st = irpc_binding_new(text, &options, &mapper);
    if (st != IRPC_OK) {
        return ir_binding_fail(binding, st, "%s is no place for an endpoint mapper", text);
    }
    st = ask(binding, mapper, interface);
    irpc_binding_free(mapper);
    return st;
}
