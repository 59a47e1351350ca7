/* What a server does under `ironrpc run`, os/supervised.h; nothing elsewhere. */
#pragma once

#include <stdbool.h>

#include "server/internal.h"

/* The loops of @server note whom they serve, and @server asks whom to keep out. */
void ir_supervised_join(struct irpc_server *server);
void ir_supervised_leave(struct irpc_server *server);

#define IR_SUPERVISED_TAKE_MAX 2u

/* The sockets of a call, in an earlier life of the program, to listen at @binding: the caller's
 * now. Return: how many; 0: there are none (any more). */
unsigned ir_supervised_take(const char *binding, int fds[IR_SUPERVISED_TAKE_MAX]);

/* Let the supervisor hold the socket of @port, which listens at @binding, for later lives. @more:
 * it is not the first of the call. */
void ir_supervised_offer(const char *binding, struct ir_port *port, bool more);

/* A server runs now. */
void ir_supervised_serves(void);

/* Whether the peer of @who has to be refused now. */
bool ir_supervised_keeps_out(const struct ir_link *who);
