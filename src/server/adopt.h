/*
 * What one of several processes that share a service's listening sockets needs of its server: ports
 * at which somebody else accepts, connections that come from there, marks of who is being served,
 * and association groups that name their process. Of a server with one loop: there is one note, and
 * connections that are adopted are the main loop's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/server.h>

#include "os/supervised.h"

/*
 * A client wants to join association group @group, which is another process's. @fd is the
 * connection, accepted at port @port, @bytes what has been read of it: all of it. Return: whether
 * the other process gets it; @fd is closed here either way then. False: the client is refused.
 */
typedef bool ir_foreign_group_fn(void *user, uint32_t group, unsigned port, int fd,
                                 const uint8_t *bytes, size_t len);

/* Keep @note up to date from now on. Before the server runs. */
void ir_server_set_note(struct irpc_server *server, struct ir_note *note);

/*
 * Ids of groups have @owner (not 0) in their topmost 8 bits, and @fn is asked about those of other
 * owners, once for each connection: about none that came by ir_server_adopt() with bytes. Before
 * the server runs.
 */
void ir_server_own_groups(struct irpc_server *server, uint8_t owner, ir_foreign_group_fn *fn,
                          void *user);

/*
 * An endpoint of which others accept: listening socket @fd, which is looked at and stays the
 * caller's. @endpoint: as irpc_server_listen_fd(). Its index for ir_server_adopt() is that for
 * irpc_server_endpoint(). Return: as irpc_server_listen_fd().
 */
IRPC_CHECKED ir_server_announce(struct irpc_server *server, int fd, const char *endpoint);

/* The listening socket of the endpoint @index, which stays the server's; -1: there is none. */
int ir_server_listening_fd(const struct irpc_server *server, unsigned index);

/*
 * Serve the connected, non-blocking socket @fd as if it had been accepted at port @port; it is
 * taken over, closed on failure and when a limit refuses it. @bytes[@len]: what was read of it
 * before, copied. On the loop's thread.
 * Return: IRPC_OK, IRPC_NOT_FOUND (no such port), IRPC_CONNECTION_LOST (its peer is gone),
 * IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_server_adopt(struct irpc_server *server, unsigned port, int fd,
                             const uint8_t *bytes, size_t len);
