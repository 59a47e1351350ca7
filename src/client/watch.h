/* For those who hold a connection open and want to see its end. */
#pragma once

#include <ironrpc/client.h>

/* The connection's descriptor, -1 if there is none: readable when the server says something
 * unasked, which is the end. Do not read from it. */
int ir_binding_fd(const struct irpc_binding *binding);
