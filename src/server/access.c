/*
 * Who may call what: the level that an interface asks for, then its security hook; an audit line
 * for each decision, as many as the log's limits allow. [MS-RPCE] 3.3.3.4.3; check: A17 A18 S07
 *
 * Invariants: what is judged is the identity of the security context of the call itself, on its
 * connection, whoever else is in its association group (check: B21). An
 * interface without level and hook decides nothing and costs nothing. Names in the log are chosen
 * by peers: they are escaped (check: T15).
 * Leaves to others: how an identity was established (engine, providers).
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "server/internal.h"

static const struct irpc_auth_identity nobody = {
    .type = IRPC_AUTH_TYPE_NONE, .level = IRPC_AUTH_LEVEL_NONE, .package = "", .principal = ""};

enum irpc_status irpc_server_add_auth(struct irpc_server *server,
                                      struct irpc_auth_provider *provider)
{
    struct ir_auth_list *list = &server->auth;

    for (unsigned i = 0; i < list->n; i++) {
        if (list->providers[i]->type == provider->type) {
            return ir_server_fail(server, IRPC_EXISTS, "authentication type %u is offered already",
                                  provider->type);
        }
    }
    if (list->n == IR_AUTH_PROVIDERS_MAX) {
        return ir_server_fail(server, IRPC_LIMIT, "more than %u authentication types",
                              IR_AUTH_PROVIDERS_MAX);
    }
    list->providers[list->n++] = irpc_auth_provider_ref(provider);
    return IRPC_OK;
}

void ir_access_deinit(struct irpc_server *server)
{
    while (server->auth.n > 0) {
        irpc_auth_provider_unref(server->auth.providers[--server->auth.n]);
    }
}

/* --- who it is --- */

static const struct irpc_auth_identity *identity_of(const struct ir_link *link, uint32_t token)
{
    const struct irpc_auth_identity *identity = ir_conn_identity(&link->engine, token);

    return identity != NULL ? identity : &nobody;
}

const struct irpc_auth_identity *irpc_call_identity(const struct irpc_call *call)
{
    return call->has_identity ? &call->identity : &nobody;
}

enum irpc_status ir_access_keep_identity(struct irpc_call *call)
{
    const struct irpc_auth_identity *identity = identity_of(call->link, call->token);
    const char *principal = identity->principal;

    call->has_identity = true;
    call->identity = *identity;
    call->identity.package =
        ir_arena_strndup(&call->arena, identity->package, strlen(identity->package));
    call->identity.principal = ir_arena_strndup(&call->arena, principal, strlen(principal));
    if (call->identity.package == NULL || call->identity.principal == NULL) {
        call->identity = nobody;
        return IRPC_NO_MEMORY;
    }
    return IRPC_OK;
}

/* --- decisions --- */

/* @text with everything but plain printable ASCII as \xNN, cut to what fits. */
static void escape(const char *text, char *buf, size_t cap)
{
    size_t n = 0;

    for (; *text != '\0' && n + 5 <= cap; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c > 0x7e || c == '"') {
            n += (size_t)snprintf(buf + n, cap - n, "\\x%02x", c);
        } else {
            buf[n++] = *text;
        }
    }
    buf[n] = '\0';
}

static IR_COLD void audit(struct ir_link *link, const struct ir_iface *iface,
                          const struct ir_event *event, const struct irpc_auth_identity *identity,
                          const char *reason)
{
    enum irpc_log_level level = reason != NULL ? IRPC_LOG_NOTICE : IRPC_LOG_INFO;
    struct irpc_server *server = link->server;
    struct ir_peer_text text;
    char principal[160];

    ir_count(&link->lane->stats.n[reason != NULL ? IRPC_METRIC_DENIED : IRPC_METRIC_ALLOWED], 1);
    if (!ir_log_wants(level) || !ir_source_may_log(link->lane, link->source)) {
        return;
    }
    ir_link_peer(link, &text);
    escape(identity->principal, principal, sizeof(principal));
    ir_log(level, "audit",
           "server=%s decision=%s peer=%s port=%u principal=\"%s\" package=%s level=%u "
           "interface=%.48s opnum=%u reason=\"%s\"",
           server->name, reason != NULL ? "deny" : "allow", text.peer.address, text.peer.port,
           principal, identity->type != IRPC_AUTH_TYPE_NONE ? identity->package : "none",
           (unsigned)identity->level, iface->stub->interface->name, event->opnum,
           reason != NULL ? reason : "");
}

static enum irpc_status ask_hook(struct ir_link *link, const struct ir_iface *iface,
                                 const struct ir_event *event,
                                 const struct irpc_auth_identity *identity, const char **reason)
{
    const struct irpc_register_options *o = &iface->options;
    struct ir_peer_text text;

    if (o->security_hook == NULL) {
        return IRPC_OK;
    }
    ir_link_peer(link, &text);
    return o->security_hook(iface->security_user, &text.peer, identity, event->opnum, reason);
}

enum irpc_status ir_access_check(struct ir_link *link, const struct ir_iface *iface,
                                 const struct ir_event *event)
{
    const struct irpc_register_options *o = &iface->options;

    if (o->min_level <= IRPC_AUTH_LEVEL_NONE && o->security_hook == NULL) {
        return IRPC_OK;
    }
    const struct irpc_auth_identity *identity = identity_of(link, event->call);
    enum irpc_auth_level min =
        o->min_level == IRPC_AUTH_LEVEL_CALL ? IRPC_AUTH_LEVEL_PACKET : o->min_level;
    if (identity->level < min) { /* check: A17 */
        audit(link, iface, event, identity, "authentication level too low");
        if (!ir_conn_is_protected(&link->engine)) {
            ir_conn_close(&link->engine);
        }
        return IRPC_ACCESS_DENIED;
    }
    const char *reason = "refused by the security hook";
    enum irpc_status st = ask_hook(link, iface, event, identity, &reason);
    audit(link, iface, event, identity, st != IRPC_OK ? reason : NULL);
    return st;
}
