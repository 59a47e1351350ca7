/*
 * The interfaces of a server, and the engine's questions about them.
 *
 * Contexts that clients have bound point to struct ir_iface, so one that is withdrawn stays,
 * marked, until the server ends or the same stub is registered again. [MS-RPCE] 3.3.3.3.1.3; check:
 * B19 B20
 */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"

/* Here and below: under registry_lock. */
static struct ir_iface *find_same(struct irpc_server *server, const struct irpc_syntax_id *id)
{
    for (uint32_t i = 0; i < server->n_ifaces; i++) {
        struct ir_iface *iface = server->ifaces[i];
        const struct irpc_syntax_id *have = &iface->stub->interface->id;
        if (!iface->withdrawn && have->major == id->major &&
            irpc_uuid_compare(&have->uuid, &id->uuid) == 0) {
            return iface;
        }
    }
    return NULL;
}

/* A place for @stub: its own of earlier times, or a new one. */
static struct ir_iface *place_for(struct irpc_server *server, const struct irpc_server_stub *stub)
{
    for (uint32_t i = 0; i < server->n_ifaces; i++) {
        if (server->ifaces[i]->stub == stub) {
            return server->ifaces[i];
        }
    }
    if (server->n_ifaces == IR_SERVER_IFACES_MAX) {
        return NULL;
    }
    struct ir_iface *iface = ir_calloc(1, sizeof(*iface));
    struct ir_ndr_quick *quick = ir_ndr_quick_new(stub->interface->unit);
    if (iface == NULL || quick == NULL) {
        ir_free(iface);
        ir_free(quick);
        return NULL;
    }
    for (uint32_t i = 0; i < stub->n_dispatch; i++) {
        if (stub->dispatch[i] == NULL) {
            quick[i].mem_len = 0; /* the long way knows what to answer */
        }
    }
    iface->server = server;
    iface->stub = stub;
    iface->quick = quick;
    iface->index = server->n_ifaces;
    server->ifaces[server->n_ifaces++] = iface;
    return iface;
}

void ir_iface_changed(struct ir_iface *iface)
{
    bool simple = !iface->withdrawn && !iface->is_async && iface->options.max_calls == 0 &&
                  iface->options.call_hook == NULL && iface->options.security_hook == NULL &&
                  iface->options.min_level <= IRPC_AUTH_LEVEL_NONE && !iface->options.blocking;

    atomic_store_explicit(&iface->simple, simple, memory_order_relaxed);
}

void ir_iface_free(struct ir_iface *iface)
{
    ir_free(iface->quick);
    ir_free(iface);
}

static enum irpc_status check_stub(struct irpc_server *server, const struct irpc_server_stub *stub,
                                   const void *manager)
{
    const struct irpc_interface *interface = stub->interface;
    const char *why = "";

    if (interface->contract != IRPC_CONTRACT || interface->unit->contract != IRPC_CONTRACT) {
        return ir_server_fail(
            server, IRPC_CONTRACT_MISMATCH,
            "interface %s: its stubs were generated for contract %u, this library "
            "has %u; generate them again with this version's ironidl",
            interface->name, interface->contract, IRPC_CONTRACT);
    }
    enum irpc_status st = ir_ndr_unit_check(interface->unit, &why);
    if (st != IRPC_OK) {
        return ir_server_fail(server, st, "interface %s: inconsistent tables (%s)", interface->name,
                              why);
    }
    if (stub->n_dispatch != interface->unit->n_ops) {
        return ir_server_fail(server, IRPC_INVALID_ARG,
                              "interface %s: %u functions for %u operations", interface->name,
                              stub->n_dispatch, interface->unit->n_ops);
    }
    if (manager == NULL) {
        return ir_server_fail(server, IRPC_INVALID_ARG,
                              "interface %s: no manager; give the generated structure, with NULL "
                              "for operations that are not offered",
                              interface->name);
    }
    return IRPC_OK;
}

static void apply_options(struct ir_iface *iface, const struct irpc_register_options *options)
{
    struct irpc_register_options *o = &iface->options;

    *o = options != NULL ? *options : (struct irpc_register_options){0};
    iface->security_user = o->user;
    iface->object = o->object != NULL ? *o->object : (struct irpc_uuid){0};
    o->object = &iface->object;
    memset(iface->annotation, 0, sizeof(iface->annotation));
    if (o->annotation != NULL) {
        strncpy(iface->annotation, o->annotation, sizeof(iface->annotation) - 1);
    }
    o->annotation = iface->annotation;
}

static enum irpc_status add(struct irpc_server *server, const struct irpc_server_stub *stub,
                            const void *manager, const struct irpc_register_options *options)
{
    const struct irpc_interface *interface = stub->interface;
    if (find_same(server, &interface->id) != NULL) {
        return ir_server_fail(server, IRPC_EXISTS,
                              "interface %s: one with its UUID and major version is registered",
                              interface->name);
    }
    struct ir_iface *iface = place_for(server, stub);
    if (iface == NULL) {
        return ir_server_fail(
            server, server->n_ifaces == IR_SERVER_IFACES_MAX ? IRPC_LIMIT : IRPC_NO_MEMORY,
            "interface %s: no room for another", interface->name);
    }
    iface->manager = manager;
    apply_options(iface, options);
    iface->withdrawn = false;
    ir_iface_changed(iface);
    return IRPC_OK;
}

enum irpc_status irpc_server_register(struct irpc_server *server,
                                      const struct irpc_server_stub *stub, const void *manager,
                                      const struct irpc_register_options *options)
{
    enum irpc_status st = check_stub(server, stub, manager);

    if (st != IRPC_OK) {
        return st;
    }
    if (options != NULL && options->blocking && !server->threaded) {
        server->threaded = true; /* the pool will have some; so far there is nobody else here */
    }
    pthread_mutex_lock(&server->registry_lock);
    st = add(server, stub, manager, options);
    pthread_mutex_unlock(&server->registry_lock);
    return st;
}

enum irpc_status irpc_server_secure(struct irpc_server *server, const struct irpc_syntax_id *id,
                                    enum irpc_auth_level min_level, irpc_security_hook_fn *hook,
                                    void *user)
{
    ir_lock(server, &server->registry_lock);
    struct ir_iface *iface = find_same(server, id);
    bool found = iface != NULL && iface->stub->interface->id.minor == id->minor;
    if (found) {
        iface->options.min_level = min_level;
        iface->options.security_hook = hook;
        iface->security_user = user;
        ir_iface_changed(iface);
    }
    ir_unlock(server, &server->registry_lock);
    return found ? IRPC_OK
                 : ir_server_fail(server, IRPC_NOT_FOUND,
                                  "no interface of that UUID and version %u.%u is registered",
                                  id->major, id->minor);
}

/* What looks like a forgotten step; the server runs nevertheless, for it may still come. */
void ir_registry_warn(struct irpc_server *server)
{
    if (server->n_ports == 0) {
        ir_log(IRPC_LOG_WARNING, "server",
               "server=%s reason=\"it runs and listens nowhere; irpc_server_listen() comes first\"",
               server->name);
    }
    for (uint32_t i = 0; i < server->n_ifaces && server->auth.n == 0; i++) {
        const struct ir_iface *iface = server->ifaces[i];
        if (!iface->withdrawn && iface->options.min_level > IRPC_AUTH_LEVEL_NONE) {
            ir_log(
                IRPC_LOG_WARNING, "server",
                "server=%s interface=%s reason=\"nobody can call it: it asks for authentication, "
                "and there was no irpc_server_add_auth()\"",
                server->name, iface->stub->interface->name);
        }
    }
}

static struct ir_iface *withdraw(struct irpc_server *server, const struct irpc_server_stub *stub)
{
    for (uint32_t i = 0; i < server->n_ifaces; i++) {
        struct ir_iface *iface = server->ifaces[i];
        if (iface->stub == stub && !iface->withdrawn) {
            iface->withdrawn = true;
            ir_iface_changed(iface);
            return iface;
        }
    }
    return NULL;
}

enum irpc_status irpc_server_unregister(struct irpc_server *server,
                                        const struct irpc_server_stub *stub)
{
    pthread_mutex_lock(&server->registry_lock);
    const struct ir_iface *iface = withdraw(server, stub);
    pthread_mutex_unlock(&server->registry_lock);
    if (iface == NULL) {
        return IRPC_NOT_FOUND;
    }
    ir_handles_rundown_iface(server, iface);
    return IRPC_OK;
}

static unsigned transports_of(const struct ir_iface *iface)
{
    unsigned mask = iface->options.transports;

    return mask != 0 ? mask : (unsigned)IRPC_TRANSPORT_TCP | (unsigned)IRPC_TRANSPORT_LOCAL;
}

static bool find_registration(const struct irpc_server *server, unsigned index,
                              struct irpc_registration *ret_registration)
{
    for (uint32_t i = 0; i < server->n_ifaces; i++) {
        const struct ir_iface *iface = server->ifaces[i];
        if (iface->withdrawn || index-- > 0) {
            continue;
        }
        *ret_registration = (struct irpc_registration){
            .interface = iface->stub->interface,
            .object = iface->object,
            .annotation = iface->annotation,
            .transports = transports_of(iface),
            .hidden = iface->options.hidden,
        };
        return true;
    }
    return false;
}

bool irpc_server_registration(const struct irpc_server *server_, unsigned index,
                              struct irpc_registration *ret_registration)
{
    struct irpc_server *server = (struct irpc_server *)(uintptr_t)server_; /* to lock it */

    pthread_mutex_lock(&server->registry_lock);
    bool found = find_registration(server, index, ret_registration);
    pthread_mutex_unlock(&server->registry_lock);
    return found;
}

/* --- the engine asks --- */

static enum irpc_status find_interface(void *user, const struct irpc_syntax_id *abstract,
                                       const void **ret_iface, uint32_t *ret_transfers)
{
    struct ir_link *link = user;
    struct irpc_server *server = link->server;

    pthread_mutex_lock(&server->registry_lock);
    struct ir_iface *iface = find_same(server, abstract);
    pthread_mutex_unlock(&server->registry_lock);

    if (iface == NULL || abstract->minor > iface->stub->interface->id.minor ||
        (transports_of(iface) & (unsigned)link->port->transport) == 0) {
        ir_count(&link->lane->stats.n[IRPC_METRIC_CONTEXTS_UNKNOWN], 1);
        return IRPC_UNKNOWN_IF;
    }
    *ret_iface = iface;
    *ret_transfers = IR_MASK_NDR20 | IR_MASK_NDR64;
    return IRPC_OK;
}

/* Remember that @link's end is to be told to @iface. */
static enum irpc_status note_bound(struct ir_link *link, struct ir_iface *iface)
{
    for (struct ir_bound *b = link->bound; b != NULL; b = b->next) {
        if (b->iface == iface) {
            return IRPC_OK;
        }
    }
    struct ir_bound *bound = ir_alloc(sizeof(*bound));
    if (bound == NULL) {
        return IRPC_NO_MEMORY;
    }
    *bound = (struct ir_bound){.next = link->bound, .iface = iface};
    link->bound = bound;
    return IRPC_OK;
}

/* The hook belongs to the interface, whichever endpoint the bind came by. check: B22 */
static enum irpc_status accept_context(void *user, const void *iface_, uint16_t context_id)
{
    struct ir_link *link = user;
    struct ir_iface *iface = ir_iface_of(iface_);
    struct ir_peer_text text;
    enum irpc_status st = IRPC_OK;

    (void)context_id;
    if (iface->options.bind_hook != NULL) {
        ir_link_peer(link, &text);
        st = iface->options.bind_hook(iface->options.user, &text.peer);
    }
    if (st == IRPC_OK && iface->options.gone_hook != NULL) {
        st = note_bound(link, iface);
    }
    if (st != IRPC_OK) {
        ir_reject(link, "B19", "the interface refused the bind", UINT32_MAX, iface, UINT32_MAX);
    } else {
        ir_count(&link->lane->stats.ifaces[iface->index].contexts, 1);
    }
    return st;
}

void ir_iface_gone(struct ir_link *link)
{
    struct ir_peer_text text;

    if (link->bound != NULL) {
        ir_link_peer(link, &text);
    }
    while (link->bound != NULL) {
        struct ir_bound *bound = link->bound;
        struct ir_iface *iface = bound->iface;
        link->bound = bound->next;
        ir_free(bound);
        if (iface->options.gone_hook != NULL) {
            iface->options.gone_hook(iface->options.user, &text.peer);
        }
    }
}

void ir_registry_host(struct ir_conn_host *host)
{
    *host = (struct ir_conn_host){
        .find_interface = find_interface,
        .accept_context = accept_context,
        .assoc_join = ir_group_join,
        .assoc_leave = ir_group_leave,
    };
}
