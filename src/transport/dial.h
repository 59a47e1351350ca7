/* Connecting, and blocking with a deadline: for clients. */
#pragma once

#include <stdint.h>
#include <sys/uio.h>

#include <ironrpc/types.h>

#include "transport/addr.h"

/* Monotonic milliseconds. check: L10 */
uint64_t ir_dial_now(void);

/* Wait until @fd is ready for @events (poll's) or @deadline.
 * Return: IRPC_OK, IRPC_TIMEOUT, IRPC_IO. */
IRPC_CHECKED ir_dial_wait(int fd, short events, uint64_t deadline);

/*
 * Connect to @host (a name or an address) at @port: each address that the name has, in turn.
 * *ret_fd is non-blocking, without Nagle. Return: IRPC_OK, IRPC_TIMEOUT,
 * IRPC_SERVER_UNAVAILABLE (*reterr_why: the system's words), IRPC_IO.
 */
IRPC_CHECKED ir_dial_tcp(const char *host, uint16_t port, uint64_t deadline, int *ret_fd,
                         const char **reterr_why);

/* Connect to the Unix socket in @sa. As ir_dial_tcp(). */
IRPC_CHECKED ir_dial_local(const union ir_sockaddr *sa, uint64_t deadline, int *ret_fd,
                           const char **reterr_why);
