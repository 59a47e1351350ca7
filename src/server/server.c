/*
 * A server: its options and its life. What it does is in the other files of this folder;
 * server/internal.h has the map.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/log.h"
#include "os/files.h"
#include "server/internal.h"
#include "server/supervised.h"

const char *irpc_runtime_dir(void)
{
    return ir_runtime_dir();
}

static void or_default(uint32_t *value, uint32_t default_value)
{
    if (*value == 0) {
        *value = default_value;
    }
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
    return value < most ? value : most;
}

static uint32_t at_least(uint32_t value, uint32_t least)
{
    return value > least ? value : least;
}

static void apply_options(struct irpc_server *server, const struct irpc_server_options *options)
{
    struct irpc_server_options *o = &server->options;

    if (options != NULL) {
        *o = *options;
    }
    or_default(&o->max_connections, 8192);
    or_default(&o->max_connections_per_source, 1024);
    or_default(&o->max_groups, 8192);
    or_default(&o->max_contexts_per_group, 1024);
    or_default(&o->max_contexts_per_source, 4096);
    or_default(&o->max_calls, 64);
    or_default(&o->max_pending, 4096);
    or_default(&o->max_stub, 4u * 1024u * 1024u);
    or_default(&o->max_output, 128u * 1024u);
    or_default(&o->max_out, 4u * 1024u * 1024u);
    or_default(&o->max_memory, 256u * 1024u * 1024u);
    or_default(&o->first_byte_ms, 5000);
    or_default(&o->header_ms, 5000);
    or_default(&o->pdu_ms, 15000);
    or_default(&o->bind_ms, 10000);
    or_default(&o->call_ms, 30000);
    or_default(&o->idle_ms, 15u * 60u * 1000u);
    or_default(&o->write_ms, 15000);
    or_default(&o->loops, 1);
    or_default(&o->pool_threads, 16);
    or_default(&o->max_connections_per_network, (o->max_connections + 1) / 2);
    or_default(&o->reserved_local, at_most(64, o->max_connections / 16));
    or_default(&o->max_memory_per_source, 64u * 1024u * 1024u);
    or_default(&o->max_contexts, 65536);
    or_default(&o->source_prefix4, 32);
    or_default(&o->source_prefix6, 64);
    or_default(&o->network_prefix4, 24);
    or_default(&o->network_prefix6, 48);
    or_default(&o->max_bindings, 64);
    or_default(&o->pdus_per_turn, 64);
    or_default(&o->bytes_per_turn, IR_IO_READ_MAX);
    or_default(&o->max_pending_per_source, at_least(o->max_pending / 4, o->max_calls));
    o->reserved_local = o->reserved_local == IRPC_NONE_RESERVED
                            ? 0
                            : at_most(o->reserved_local, o->max_connections / 2);
    o->pdus_per_turn = at_most(o->pdus_per_turn, INT32_MAX);
    o->max_bindings = at_most(o->max_bindings, UINT16_MAX);
    (void)snprintf(server->name, sizeof(server->name), "%s", o->name != NULL ? o->name : "ironrpc");
    (void)snprintf(server->runtime_dir, sizeof(server->runtime_dir), "%s",
                   o->runtime_dir != NULL ? o->runtime_dir : irpc_runtime_dir());
    o->name = server->name;
    o->runtime_dir = server->runtime_dir;
}

/* The kernel gives the lowest number that is free: the last one tells how many there are. */
static void look_at_files(struct irpc_server *server)
{
    size_t limit = ir_os_allow_files(0);

    server->n_files = (uint64_t)irpc_server_fd(server) + 1;
    server->max_files = limit < INT32_MAX ? limit : 0;
}

enum irpc_status irpc_server_new(const struct irpc_server_options *options,
                                 struct irpc_server **ret_server)
{
    struct irpc_server *server = ir_calloc(1, sizeof(*server));

    if (server == NULL) {
        return IRPC_NO_MEMORY;
    }
    apply_options(server, options);
    server->ndr_limits = ir_ndr_default_limits;
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->registry_lock, NULL);
    pthread_mutex_init(&server->assoc_lock, NULL);
    pthread_mutex_init(&server->sources_lock, NULL);
    ir_pool_init(&server->pool, server->options.pool_threads);
    ir_blocks_init(&server->blocks);
    ir_registry_host(&server->host);
    ir_server_random(server, &server->source_key, sizeof(server->source_key));
    enum irpc_status st = ir_lanes_new(server);
    if (st == IRPC_OK) {
        st = ir_handles_init(server);
    }
    if (st == IRPC_OK) {
        st = ir_mgmt_register(server);
    }
    if (st != IRPC_OK) {
        irpc_server_free(server);
        return st;
    }
    look_at_files(server);
    ir_supervised_join(server);
    *ret_server = server;
    return IRPC_OK;
}

void irpc_server_free(struct irpc_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->publisher_stop != NULL) {
        server->publisher_stop(server->publisher);
    }
    (void)!ir_lanes_stop(server); /* how their loops ended does not matter any more */
    ir_pool_stop(&server->pool);
    server->ending = true;
    ir_lanes_close(server);
    while (server->n_ports > 0) {
        ir_port_free(server->ports[--server->n_ports]);
    }
    ir_lanes_free(server);
    for (uint32_t i = 0; i < server->n_ifaces; i++) {
        ir_iface_free(server->ifaces[i]);
    }
    ir_access_deinit(server);
    ir_table_deinit(&server->groups);
    ir_table_deinit(&server->handles);
    ir_table_deinit(&server->sources);
    ir_timers_deinit(&server->expiries);
    ir_slots_deinit(&server->calls);
    ir_slots_deinit(&server->timers);
    ir_supervised_leave(server);
    ir_blocks_deinit(&server->blocks);
    ir_pool_deinit(&server->pool);
    pthread_mutex_destroy(&server->lock);
    pthread_mutex_destroy(&server->registry_lock);
    pthread_mutex_destroy(&server->assoc_lock);
    pthread_mutex_destroy(&server->sources_lock);
    ir_free(server);
}

void ir_server_random(struct irpc_server *server, void *bytes, size_t len)
{
    if (len > server->random_left) {
        /* It fails only before the kernel's generator is ready, and then this waits. */
        while (getrandom(server->random, sizeof(server->random), 0) !=
               (ssize_t)sizeof(server->random)) {
        }
        server->random_left = sizeof(server->random);
    }
    server->random_left -= (uint32_t)len;
    memcpy(bytes, server->random + server->random_left, len);
    explicit_bzero(server->random + server->random_left, len);
}

enum irpc_status ir_server_fail(struct irpc_server *server, enum irpc_status st, const char *fmt,
                                ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(server->error, sizeof(server->error), fmt, args);
    va_end(args);
    ir_log(IRPC_LOG_WARNING, "server", "server=%s status=%s error=\"%s\"", server->name,
           irpc_status_name(st), server->error);
    return st;
}

const char *irpc_server_error(const struct irpc_server *server)
{
    return server->error;
}

enum irpc_status irpc_server_run(struct irpc_server *server)
{
    ir_registry_warn(server);
    enum irpc_status st = ir_lanes_start(server);
    if (st == IRPC_OK) {
        st = ir_loop_run(server->main->loop);
    }
    enum irpc_status others = ir_lanes_stop(server);
    return st != IRPC_OK ? st : others;
}

void irpc_server_stop(struct irpc_server *server)
{
    ir_loop_stop(server->main->loop);
}

int irpc_server_fd(const struct irpc_server *server)
{
    return ir_loop_fd(server->main->loop);
}

int irpc_server_timeout(const struct irpc_server *server)
{
    return ir_loop_timeout(server->main->loop);
}

enum irpc_status irpc_server_process(struct irpc_server *server, int timeout_ms)
{
    if (!server->lanes_run) {
        enum irpc_status st = ir_lanes_start(server);
        if (st != IRPC_OK) {
            return st;
        }
    }
    return ir_loop_process(server->main->loop, timeout_ms);
}

void ir_server_set_publisher(struct irpc_server *server, void *publisher,
                             void (*stop)(void *publisher))
{
    server->publisher = publisher;
    server->publisher_stop = stop;
}

void *ir_server_publisher(const struct irpc_server *server)
{
    return server->publisher;
}

const char *ir_server_runtime_dir(const struct irpc_server *server)
{
    return server->runtime_dir;
}
