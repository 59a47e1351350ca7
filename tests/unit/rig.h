/* A server on its own thread, for tests that call it over real sockets. */
#pragma once

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <ironrpc/ironrpc.h>

#include "ir_test.h"

struct rig {
    struct irpc_server *server;
    pthread_t thread;
    char tcp[64]; /* string binding */
    uint16_t port;
};

static void *rig_run(void *arg)
{
    IR_ASSERT_EQ(irpc_server_run(arg), IRPC_OK);
    return NULL;
}

static inline void rig_init(struct rig *rig, const struct irpc_server_options *options)
{
    struct irpc_endpoint endpoint;
    unsigned port = 0;

    IR_ASSERT_EQ(irpc_server_new(options, &rig->server), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_listen(rig->server, "ncacn_ip_tcp:127.0.0.1"), IRPC_OK);
    IR_ASSERT(irpc_server_endpoint(rig->server, 0, &endpoint));
    (void)snprintf(rig->tcp, sizeof(rig->tcp), "%s", endpoint.string_binding);
    IR_ASSERT_EQ(sscanf(endpoint.endpoint, "%u", &port), 1);
    rig->port = (uint16_t)port;
}

static inline void rig_start(struct rig *rig)
{
    IR_ASSERT_EQ(pthread_create(&rig->thread, NULL, rig_run, rig->server), 0);
}

/* Stops the loop; the server can still be looked at. */
static inline void rig_stop(struct rig *rig)
{
    irpc_server_stop(rig->server);
    IR_ASSERT_EQ(pthread_join(rig->thread, NULL), 0);
}

static inline struct irpc_binding *rig_bind(const char *string_binding)
{
    struct irpc_binding *binding = NULL;

    IR_ASSERT_EQ(irpc_binding_new(string_binding, NULL, &binding), IRPC_OK);
    return binding;
}
