/* Where the endpoint mapper's client hangs on to a server. */
#pragma once

#include <ironrpc/server.h>

/* @stop(@publisher) is called by irpc_server_free() before anything else, on its thread. NULL,
 * NULL to detach. */
void ir_server_set_publisher(struct irpc_server *server, void *publisher,
                             void (*stop)(void *publisher));

/* What was set, NULL if nothing. */
void *ir_server_publisher(const struct irpc_server *server);

/* Folder of the server's ncalrpc sockets. Any thread. */
const char *ir_server_runtime_dir(const struct irpc_server *server);

/* Sets what irpc_server_error() says; returns @st. */
enum irpc_status ir_server_fail(struct irpc_server *server, enum irpc_status st, const char *fmt,
                                ...) __attribute__((format(printf, 3, 4)));
