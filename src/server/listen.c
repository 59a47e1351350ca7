/*
 * Where a server listens: string bindings to listening sockets, and back to text.
 * [C706] 3.1 (string bindings), [MS-RPCE] 2.1.1.1 (ncacn_ip_tcp), 2.1.1.8 (ncalrpc stays local).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"
#include "server/supervised.h"
#include "wire/string_binding.h"
#include "wire/tower.h"

#define DYNAMIC_TRIES 16

/* --- ports --- */

static void on_accept(struct ir_listener *listener, int fd, const union ir_sockaddr *peer)
{
    ir_link_accept(IR_CONTAINER_OF(listener, struct ir_port, listener), fd, peer);
}

static void on_refused(struct ir_listener *listener)
{
    struct ir_port *port = IR_CONTAINER_OF(listener, struct ir_port, listener);
    struct irpc_server *server = port->server;

    ir_count(&server->main->stats.n[IRPC_METRIC_REFUSED_FILES], 1);
    if (ir_source_may_log(server->main, NULL)) {
        ir_log(IRPC_LOG_ERROR, "server",
               "server=%s endpoint=%s check=L03 reason=\"out of file descriptors, a connection was "
               "closed; raise the limit of open files\"",
               server->name, port->endpoint);
    }
}

static void fill_config(struct irpc_server *server, struct ir_port *port)
{
    const struct irpc_server_options *o = &server->options;
    struct ir_conn_config *config = &port->config;

    ir_conn_config_init(config, IR_SERVER);
    config->host = &server->host;
    config->blocks = &server->blocks;
    config->auth = &server->auth;
    config->secondary_address = port->endpoint;
    config->generation =
        o->windows == IRPC_WINDOWS_2012R2 ? IR_GENERATION_2012R2 : IR_GENERATION_2022;
    config->frag_max = IR_FRAG_MAX_TCP;
    config->transfers = IR_MASK_NDR20 | IR_MASK_NDR64;
    config->limits.stub = o->max_stub;
    config->limits.contexts = (uint16_t)o->max_bindings;
    config->limits.calls = (uint16_t)(o->max_calls > 255 ? 255 : o->max_calls);
    config->limits.first_byte_ms = o->first_byte_ms;
    config->limits.header_ms = o->header_ms;
    config->limits.pdu_ms = o->pdu_ms;
    config->limits.bind_ms = o->bind_ms;
    config->limits.fragments_ms = o->call_ms;
    config->limits.idle_ms = o->idle_ms;
}

static void fill_text(struct ir_port *port)
{
    bool tcp = port->transport == IRPC_TRANSPORT_TCP;

    (void)snprintf(port->string_binding, sizeof(port->string_binding), "%s:%s[%s]",
                   tcp ? "ncacn_ip_tcp" : "ncalrpc", port->address, port->endpoint);
    port->text = (struct irpc_endpoint){
        .transport = port->transport,
        .protseq = tcp ? "ncacn_ip_tcp" : "ncalrpc",
        .address = port->address,
        .endpoint = port->endpoint,
        .string_binding = port->string_binding,
    };
}

/* A port that does not listen yet; NULL: no memory. */
static struct ir_port *make_port(struct irpc_server *server, const union ir_sockaddr *sa,
                                 const char *endpoint)
{
    struct ir_port *port = ir_calloc(1, sizeof(*port));

    if (port == NULL) {
        return NULL;
    }
    port->server = server;
    port->listener.io = &server->main->io;
    port->listener.watch.fd = -1;
    if (sa->sa.sa_family == AF_UNIX) {
        port->transport = IRPC_TRANSPORT_LOCAL;
        (void)snprintf(port->endpoint, sizeof(port->endpoint), "%s", endpoint);
    } else {
        port->transport = IRPC_TRANSPORT_TCP;
        port->addr = ir_addr_from_sockaddr(sa);
        (void)ir_addr_format(&port->addr, port->address);
        (void)snprintf(port->endpoint, sizeof(port->endpoint), "%u", port->addr.port);
    }
    fill_text(port);
    fill_config(server, port);
    return port;
}

static void keep_port(struct irpc_server *server, struct ir_port *port)
{
    server->ports[server->n_ports++] = port;
    ir_log(IRPC_LOG_INFO, "server", "server=%s listening=%s", server->name, port->string_binding);
}

/* Make the port of listening socket @fd, which is taken over. */
static enum irpc_status add_port(struct irpc_server *server, int fd, const union ir_sockaddr *sa,
                                 const char *endpoint, const char *unlink_path)
{
    struct ir_port *port = NULL;

    if (server->n_ports < IR_SERVER_PORTS_MAX) {
        port = make_port(server, sa, endpoint);
    }
    if (port == NULL) {
        close(fd);
        return server->n_ports < IR_SERVER_PORTS_MAX ? IRPC_NO_MEMORY : IRPC_LIMIT;
    }
    port->listener.on_accept = on_accept;
    port->listener.on_refused = on_refused;
    enum irpc_status st = ir_listener_init(&port->listener, &server->main->io, fd, unlink_path);
    if (st != IRPC_OK) {
        ir_free(port);
        return st;
    }
    keep_port(server, port);
    return IRPC_OK;
}

void ir_port_free(struct ir_port *port)
{
    ir_listener_deinit(&port->listener);
    ir_free(port);
}

static enum irpc_status add_bound(struct irpc_server *server, int fd, const char *endpoint,
                                  const char *unlink_path)
{
    union ir_sockaddr sa = {0};
    socklen_t len = sizeof(sa);

    if (getsockname(fd, &sa.sa, &len) != 0) {
        close(fd);
        return IRPC_IO;
    }
    return add_port(server, fd, &sa, endpoint, unlink_path);
}

/* --- TCP --- */

static enum irpc_status parse_port(const char *text, uint16_t *ret_port)
{
    char *end = NULL;

    if (text[0] == '\0') {
        *ret_port = 0;
        return IRPC_OK;
    }
    unsigned long n = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > 65535) {
        return IRPC_BAD_STRING_BINDING;
    }
    *ret_port = (uint16_t)n;
    return IRPC_OK;
}

static enum irpc_status listen_one(struct irpc_server *server, const char *address, uint16_t port)
{
    struct ir_addr addr;
    int fd = -1;
    enum irpc_status st = ir_addr_parse(address, port, &addr);

    if (st == IRPC_OK) {
        st = ir_listen_tcp(&addr, &fd);
    }
    return st == IRPC_OK ? add_bound(server, fd, NULL, NULL) : st;
}

/* Every address of both families, with one port. A machine without IPv6 has IPv4 alone. */
static enum irpc_status listen_all(struct irpc_server *server, uint16_t port)
{
    enum irpc_status st = IRPC_IO;

    for (int tries = 0; tries < DYNAMIC_TRIES; tries++) {
        st = listen_one(server, "0.0.0.0", port);
        if (st != IRPC_OK) {
            return st;
        }
        struct ir_port *v4 = server->ports[server->n_ports - 1];
        st = listen_one(server, "::", v4->addr.port);
        if (st == IRPC_OK || st == IRPC_SERVER_UNAVAILABLE) {
            return IRPC_OK;
        }
        server->n_ports--;
        ir_port_free(v4);
        if (port != 0 || st != IRPC_EXISTS) {
            return st;
        }
    }
    return st;
}

/* --- ncalrpc --- */

static enum irpc_status listen_local(struct irpc_server *server, const char *endpoint)
{
    union ir_sockaddr sa;
    uint64_t random;
    char name[32];
    int fd = -1;

    if (endpoint[0] == '\0') {
        ir_lock(server, &server->assoc_lock);
        ir_server_random(server, &random, sizeof(random));
        ir_unlock(server, &server->assoc_lock);
        (void)snprintf(name, sizeof(name), "LRPC-%016llx", (unsigned long long)random);
        endpoint = name;
    }
    enum irpc_status st = ir_addr_local(server->runtime_dir, endpoint, &sa);
    if (st != IRPC_OK) {
        return st;
    }
    if (endpoint[0] != '/') {
        (void)mkdir(server->runtime_dir, 0755); /* if it fails, bind tells */
    }
    st = ir_listen_local(&sa, &fd);
    return st == IRPC_OK ? add_port(server, fd, &sa, endpoint, sa.un.sun_path) : st;
}

/* --- public --- */

static const char *next_step(enum irpc_status st)
{
    switch ((int)st) {
    case IRPC_BAD_STRING_BINDING:
        return "write ncacn_ip_tcp:ADDRESS[PORT], the address in digits, or ncalrpc:[NAME]";
    case IRPC_PROTSEQ_UNSUPPORTED:
        return "ncacn_ip_tcp and ncalrpc are supported";
    case IRPC_EXISTS:
        return "another process listens there: stop it or take another endpoint";
    case IRPC_ACCESS_DENIED:
        return "not allowed: take a port above 1023 or another folder, or run it with more rights";
    case IRPC_SERVER_UNAVAILABLE:
        return "this machine has no such address";
    case IRPC_NOT_FOUND:
        return "its folder does not exist: create it, or set IRONRPC_RUNTIME_DIR";
    case IRPC_LIMIT:
        return "too many endpoints";
    default:
        return irpc_status_text(st);
    }
}

struct parts {
    enum ir_protseq protseq;
    char address[IR_ADDR_TEXT_LEN];
    char endpoint[112];
};

static enum irpc_status split(const char *string_binding, struct parts *parts)
{
    const struct irpc_span text = {(const uint8_t *)string_binding, strlen(string_binding)};
    struct ir_string_binding b;
    enum irpc_status st = ir_string_binding_parse(text, &b, NULL);

    if (st != IRPC_OK) {
        return st;
    }
    if (b.has_object || b.options.len > 0 ||
        ir_string_binding_copy(b.address, parts->address, sizeof(parts->address)) != IRPC_OK ||
        ir_string_binding_copy(b.endpoint, parts->endpoint, sizeof(parts->endpoint)) != IRPC_OK) {
        return IRPC_BAD_STRING_BINDING;
    }
    return ir_protseq_parse(b.protseq, &parts->protseq);
}

static enum irpc_status listen_parts(struct irpc_server *server, const struct parts *parts)
{
    uint16_t port = 0;
    enum irpc_status st;

    if (parts->protseq == IR_PROTSEQ_NCALRPC) {
        return parts->address[0] == '\0' ? listen_local(server, parts->endpoint)
                                         : IRPC_BAD_STRING_BINDING;
    }
    if (parts->protseq != IR_PROTSEQ_NCACN_IP_TCP) {
        return IRPC_PROTSEQ_UNSUPPORTED;
    }
    st = parse_port(parts->endpoint, &port);
    if (st != IRPC_OK) {
        return st;
    }
    return parts->address[0] == '\0' ? listen_all(server, port)
                                     : listen_one(server, parts->address, port);
}

/* The name under which clients know a local socket: its file's, if that is in our folder. */
static const char *local_name(const struct irpc_server *server, const char *path)
{
    size_t n = strlen(server->runtime_dir);

    return strncmp(path, server->runtime_dir, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

/* With the sockets that our supervisor has held since an earlier life; if there is none: IRPC_OK
 * and no new port. */
static enum irpc_status listen_again(struct irpc_server *server, const char *string_binding)
{
    int fds[IR_SUPERVISED_TAKE_MAX];
    unsigned n = ir_supervised_take(string_binding, fds);
    enum irpc_status st = IRPC_OK;

    for (unsigned i = 0; st == IRPC_OK && i < n; i++) {
        union ir_sockaddr sa = {0};
        socklen_t len = sizeof(sa);

        (void)getsockname(fds[i], &sa.sa, &len);
        sa.un.sun_path[sizeof(sa.un.sun_path) - 1] = '\0';
        bool local = sa.sa.sa_family == AF_UNIX;
        st = irpc_server_listen_fd(server, fds[i],
                                   local ? local_name(server, sa.un.sun_path) : NULL);
    }
    return st;
}

static enum irpc_status listen_anew(struct irpc_server *server, const char *string_binding)
{
    struct parts parts = {0};
    uint32_t before = server->n_ports;
    enum irpc_status st = split(string_binding, &parts);

    if (st == IRPC_OK) {
        st = listen_parts(server, &parts);
    }
    for (uint32_t i = before; st == IRPC_OK && i < server->n_ports; i++) {
        ir_supervised_offer(string_binding, server->ports[i], i > before);
    }
    return st;
}

enum irpc_status irpc_server_listen(struct irpc_server *server, const char *string_binding)
{
    uint32_t before = server->n_ports;
    enum irpc_status st = listen_again(server, string_binding);

    if (st != IRPC_OK) {
        return st; /* irpc_server_listen_fd() has said why */
    }
    if (server->n_ports == before) {
        st = listen_anew(server, string_binding);
    }
    if (st != IRPC_OK) {
        return ir_server_fail(server, st, "cannot listen at %s: %s", string_binding, next_step(st));
    }
    return IRPC_OK;
}

enum irpc_status irpc_server_listen_fd(struct irpc_server *server, int fd, const char *endpoint)
{
    union ir_sockaddr sa = {0};
    socklen_t len = sizeof(sa);
    int listening = 0;
    socklen_t listening_len = sizeof(listening);
    enum irpc_status st = IRPC_INVALID_ARG;

    if (getsockname(fd, &sa.sa, &len) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_len) == 0 &&
        listening != 0) {
        sa.un.sun_path[sizeof(sa.un.sun_path) - 1] = '\0';
        bool is_local = sa.sa.sa_family == AF_UNIX;
        st = add_port(server, fd, &sa,
                      endpoint != NULL ? endpoint : (is_local ? sa.un.sun_path : NULL), NULL);
    } else {
        close(fd);
    }
    if (st != IRPC_OK) {
        return ir_server_fail(server, st, "cannot accept on descriptor %d: %s", fd,
                              st == IRPC_INVALID_ARG ? "it is not a listening socket"
                                                     : next_step(st));
    }
    return IRPC_OK;
}

IRPC_CHECKED ir_server_announce(struct irpc_server *server, int fd, const char *endpoint)
{
    union ir_sockaddr sa = {0};
    socklen_t len = sizeof(sa);

    if (getsockname(fd, &sa.sa, &len) != 0) {
        return IRPC_INVALID_ARG;
    }
    sa.un.sun_path[sizeof(sa.un.sun_path) - 1] = '\0';
    if (endpoint == NULL && sa.sa.sa_family == AF_UNIX) {
        endpoint = sa.un.sun_path;
    }
    if (server->n_ports == IR_SERVER_PORTS_MAX) {
        return IRPC_LIMIT;
    }
    struct ir_port *port = make_port(server, &sa, endpoint);

    if (port == NULL) {
        return IRPC_NO_MEMORY;
    }
    keep_port(server, port);
    return IRPC_OK;
}

int ir_server_listening_fd(const struct irpc_server *server, unsigned index)
{
    return index < server->n_ports ? server->ports[index]->listener.watch.fd : -1;
}

bool irpc_server_endpoint(const struct irpc_server *server, unsigned index,
                          struct irpc_endpoint *ret_endpoint)
{
    if (index >= server->n_ports) {
        return false;
    }
    *ret_endpoint = server->ports[index]->text;
    return true;
}
