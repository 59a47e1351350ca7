/* Listening sockets: make them, accept from them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "transport/addr.h"
#include "transport/stream.h"

struct ir_listener {
    struct ir_watch watch;
    struct ir_io *io;
    /* A new connection: @fd is non-blocking and now the callee's. */
    void (*on_accept)(struct ir_listener *listener, int fd, const union ir_sockaddr *peer);
    /* No descriptors left: a connection was accepted and closed at once. check: L03 */
    void (*on_refused)(struct ir_listener *listener);
    struct ir_timer retry; /* accepting pauses while the system is out of resources */
    dev_t dev;             /* of the Unix socket's file, to unlink no other */
    ino_t ino;
    char *path; /* of a Unix socket that is ours to unlink; NULL */
};

/* Make a listening socket. TCP: Nagle's algorithm is off for what is accepted from it.
 * Return: IRPC_OK, IRPC_EXISTS, IRPC_ACCESS_DENIED, IRPC_SERVER_UNAVAILABLE (no such address on
 * this machine), IRPC_IO. */
IRPC_CHECKED ir_listen_tcp(const struct ir_addr *addr, int *ret_fd);

/* The same at the path in @sa; a stale socket there is replaced. Anybody on the machine may
 * connect: who it is, its credentials tell. Also IRPC_NOT_FOUND: no such folder. */
IRPC_CHECKED ir_listen_local(const union ir_sockaddr *sa, int *ret_fd);

/* Accept on @fd (taken over, closed on failure too). @path: of a Unix socket to unlink in the end,
 * or NULL. Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_IO. */
IRPC_CHECKED ir_listener_init(struct ir_listener *listener, struct ir_io *io, int fd,
                              const char *path);

/* A Unix socket's file is somebody else's to unlink from now on. */
void ir_listener_leave_file(struct ir_listener *listener);

void ir_listener_deinit(struct ir_listener *listener);
