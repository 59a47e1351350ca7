/*
 * `ironrpc check`, asking: the well-known ports, the endpoint map, and each endpoint of the host
 * that the map names. Only well-formed requests that read: the management interface's
 * is_server_listening and inq_if_ids, ept_lookup, binds, and with NTLM as nobody. Endpoints at
 * other addresses are other machines' business and are counted, not visited.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/epm.h>

#include "check.h"
#include "mgmt.h"

static const uint8_t check_levels[CHECK_LEVELS] = {2, 4, 5, 6};
const char *const check_level_names[CHECK_LEVELS] = {"connect", "packet", "integrity", "privacy"};

static const struct irpc_syntax_id epm_id = {
    {0xe1af8308, 0x5d1f, 0x11c9, 0x91, 0xa4, {0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa}}, 3, 0};

static bool open_binding(const struct check *check, uint16_t port, struct irpc_binding **ret)
{
    const struct irpc_binding_options options = {.connect_ms = check->timeout_ms,
                                                 .call_ms = check->timeout_ms};
    char text[IR_CLI_BINDING];

    snprintf(text, sizeof(text), "ncacn_ip_tcp:%s[%u]", check->address, port);
    return irpc_binding_new(text, &options, ret) == IRPC_OK;
}

/* --- what there is --- */

static struct check_interface *add_interface(struct check_endpoint *e,
                                             const struct irpc_syntax_id *id)
{
    for (size_t i = 0; i < e->n_interfaces; i++) {
        if (irpc_uuid_compare(&e->interfaces[i].id.uuid, &id->uuid) == 0 &&
            e->interfaces[i].id.major == id->major) {
            return &e->interfaces[i];
        }
    }
    if (e->n_interfaces == CHECK_INTERFACES) {
        return NULL;
    }
    struct check_interface *added = &e->interfaces[e->n_interfaces++];
    *added = (struct check_interface){.id = *id, .anonymous = IRPC_PENDING};
    return added;
}

/* One more endpoint, which must have room. */
static struct check_endpoint *new_endpoint(struct check *check, uint16_t port)
{
    struct check_endpoint *added = &check->endpoints[check->n_endpoints++];

    *added = (struct check_endpoint){
        .port = {.port = port}, .ping = IRPC_PENDING, .lists = IRPC_PENDING};
    return added;
}

static struct check_endpoint *add_endpoint(struct check *check, uint16_t port)
{
    for (size_t i = 0; i < check->n_endpoints; i++) {
        if (check->endpoints[i].port.port == port) {
            return &check->endpoints[i];
        }
    }
    if (check->n_endpoints == CHECK_ENDPOINTS) {
        check->n_skipped++;
        return NULL;
    }
    return new_endpoint(check, port);
}

/* Port of a TCP binding at this host, 0 for others. */
static uint16_t own_port(const struct check *check, const char *binding)
{
    static const char nowhere[] = "0.0.0.0"; /* for clients over IPv6, which towers cannot name */
    const char *host = strchr(binding, ':');
    const char *bracket = strrchr(binding, '[');
    uint32_t port = 0;
    char digits[8];

    if (host == NULL || bracket == NULL || bracket < ++host) {
        return 0;
    }
    size_t len = (size_t)(bracket - host);
    bool is_own = (len == strlen(check->address) && memcmp(host, check->address, len) == 0) ||
                  (len == sizeof(nowhere) - 1 && memcmp(host, nowhere, len) == 0) || len == 0;
    snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(bracket + 1, "]"), bracket + 1);
    return is_own && ir_cli_number(digits, 1, 65535, &port) ? (uint16_t)port : 0;
}

static enum irpc_status add_entry(void *user, const struct irpc_epm_entry *entry)
{
    struct check *check = user;

    check->n_entries++;
    if (strncmp(entry->string_binding, "ncacn_np:", 9) == 0) {
        check->n_pipes++;
    }
    if (strncmp(entry->string_binding, "ncacn_ip_tcp:", 13) != 0) {
        return IRPC_OK;
    }
    uint16_t port = own_port(check, entry->string_binding);
    struct check_endpoint *e = port != 0 ? add_endpoint(check, port) : NULL;
    struct check_interface *interface = e != NULL ? add_interface(e, &entry->interface) : NULL;
    if (interface != NULL) {
        interface->in_map = true;
    }
    check->n_elsewhere += port == 0;
    return IRPC_OK;
}

static void look_at_map(struct check *check)
{
    struct check_endpoint *mapper = new_endpoint(check, check->mapper_port); /* the first */
    struct irpc_binding *binding = NULL;

    mapper->is_mapper = true;
    mapper->port = check->ports[0];
    add_interface(mapper, &epm_id);
    check_progress(check, "the endpoint map");
    if (!open_binding(check, check->mapper_port, &binding)) {
        check->map = IRPC_NO_MEMORY;
        return;
    }
    check->map = irpc_epm_lookup(binding, add_entry, check);
    irpc_binding_free(binding);
}

/* --- an endpoint --- */

static void list_interfaces(struct check_endpoint *e, struct irpc_binding *binding)
{
    rpc_if_id_vector_p_t vector = NULL;
    uint32_t status = 0;

    e->lists = mgmt_inq_if_ids(binding, &vector, &status);
    if (e->lists != IRPC_OK || status != 0 || vector == NULL) {
        return;
    }
    for (uint32_t i = 0; i < vector->count; i++) {
        struct check_interface *interface =
            vector->if_id[i] != NULL ? add_interface(e, vector->if_id[i]) : NULL;
        if (interface != NULL) {
            interface->in_server = true;
        }
    }
}

static void ask_ping(struct check_endpoint *e, struct irpc_binding *binding)
{
    double began = check_now_ms();
    uint32_t status = 0;
    uint32_t listening = 0;

    e->ping = mgmt_is_server_listening(binding, &status, &listening);
    e->answer_ms = check_now_ms() - began;
    e->listening = status == 0 && listening != 0;
}

/* The interface to offer security for: not the one that every server has, if there is another. */
static const struct irpc_syntax_id *typical(const struct check_endpoint *e)
{
    for (size_t i = 0; i < e->n_interfaces; i++) {
        if (irpc_uuid_compare(&e->interfaces[i].id.uuid, &mgmt_v1_0_interface.id.uuid) != 0) {
            return &e->interfaces[i].id;
        }
    }
    return &mgmt_v1_0_interface.id;
}

/* What came of a bind with security; that the interface was refused is another matter. */
static enum check_bind bind_of(const struct irpc_binding *binding, enum irpc_status status)
{
    bool refused = irpc_binding_nak(binding) >= 0 || irpc_binding_fault(binding) != 0;

    if (status == IRPC_OK || status == IRPC_ABSTRACT_SYNTAX_UNSUPPORTED ||
        status == IRPC_TRANSFER_SYNTAX_UNSUPPORTED || (status == IRPC_ACCESS_DENIED && !refused)) {
        return CHECK_BIND_ACCEPTED;
    }
    return refused || status == IRPC_SEC_PKG_ERROR ? CHECK_BIND_REFUSED : CHECK_BIND_NO_ANSWER;
}

/* Log on with NTLM as nobody, at each level; no call is made. */
static void offer_ntlm(struct check *check, struct check_endpoint *e)
{
    const struct irpc_auth_ntlm_client nobody = {.allow_own_server = true};
    struct irpc_auth_provider *ntlm = NULL;
    struct irpc_binding *binding = NULL;
    char why[256];

    if (irpc_auth_ntlm_client_new(&nobody, &ntlm, why, sizeof(why)) != IRPC_OK) {
        return;
    }
    for (size_t i = 0; i < CHECK_LEVELS && open_binding(check, e->port.port, &binding); i++) {
        check_progress(check, "port %u, NTLM %s", e->port.port, check_level_names[i]);
        enum irpc_status status =
            irpc_binding_set_auth(binding, ntlm, (enum irpc_auth_level)check_levels[i], NULL);
        if (status == IRPC_OK) {
            status = irpc_binding_connect(binding, typical(e));
        }
        e->levels[i] = bind_of(binding, status);
        irpc_binding_free(binding);
    }
    irpc_auth_provider_unref(ntlm);
}

static void look_at_endpoint(struct check *check, struct check_endpoint *e)
{
    struct irpc_binding *binding = NULL;

    check_progress(check, "port %u", e->port.port);
    if (e->port.state != CHECK_OPEN || !open_binding(check, e->port.port, &binding)) {
        return;
    }
    e->asked = true;
    ask_ping(e, binding);
    if (e->ping == IRPC_OK) {
        list_interfaces(e, binding);
    }
    for (size_t i = 0; i < e->n_interfaces && e->ping != IRPC_TIMEOUT; i++) {
        e->interfaces[i].anonymous = irpc_binding_connect(binding, &e->interfaces[i].id);
    }
    irpc_binding_free(binding);
    if (e->ping != IRPC_TIMEOUT) {
        offer_ntlm(check, e);
    }
}

void check_look(struct check *check)
{
    static const uint16_t others[] = {139, 445, 593};
    struct check_port *ports[CHECK_ENDPOINTS];

    check->map = IRPC_PENDING;
    check->ports[0].port = check->mapper_port;
    for (size_t i = 0; i < CHECK_PORTS; i++) {
        ports[i] = &check->ports[i];
        if (i > 0) {
            check->ports[i].port = others[i - 1];
        }
    }
    check_progress(check, "the well-known ports");
    check_connect(check, ports, CHECK_PORTS);
    if (check->ports[0].state == CHECK_OPEN) {
        look_at_map(check);
    }
    for (size_t i = 1; i < check->n_endpoints; i++) {
        ports[i - 1] = &check->endpoints[i].port;
    }
    if (check->n_endpoints > 1) {
        check_progress(check, "%zu endpoints", check->n_endpoints - 1);
        check_connect(check, ports, check->n_endpoints - 1);
    }
    for (size_t i = 0; i < check->n_endpoints; i++) {
        look_at_endpoint(check, &check->endpoints[i]);
    }
    check_progress(check, "%s", "");
}
