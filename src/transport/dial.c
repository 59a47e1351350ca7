/*
 * Connecting, and waiting with a deadline, for clients that block. Name resolution blocks without
 * a deadline of ours: it is the system's.
 */
#include "transport/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t ir_dial_now(void)
{
    struct timespec ts;

    if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0) {
        return 0;
    }
    return (uint64_t)ts.tv_sec * 1000u + (uint64_t)ts.tv_nsec / 1000000u;
}

enum irpc_status ir_dial_wait(int fd, short events, uint64_t deadline)
{
    for (;;) {
        struct pollfd pfd = {.fd = fd, .events = events};
        uint64_t now = ir_dial_now();
        uint64_t left = deadline > now ? deadline - now : 0;
        int n = poll(&pfd, 1, left > 3600000u ? 3600000 : (int)left);

        if (n > 0) {
            return IRPC_OK;
        }
        if (n < 0 && errno != EINTR) {
            return IRPC_IO;
        }
        if (n == 0 && ir_dial_now() >= deadline) {
            return IRPC_TIMEOUT;
        }
    }
}

/* Connect @fd; closes it on failure. */
static enum irpc_status connect_fd(int fd, const struct sockaddr *sa, socklen_t len,
                                   uint64_t deadline, const char **reterr_why)
{
    int error = connect(fd, sa, len) == 0 ? 0 : errno;

    if (error == EINPROGRESS || error == EINTR) {
        socklen_t error_len = sizeof(error);
        enum irpc_status st = ir_dial_wait(fd, POLLOUT, deadline);
        if (st != IRPC_OK) {
            *reterr_why = irpc_status_text(st);
            close(fd);
            return st;
        }
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0) {
            error = errno;
        }
    }
    if (error != 0) {
        *reterr_why = strerror(error);
        close(fd);
        return IRPC_SERVER_UNAVAILABLE;
    }
    return IRPC_OK;
}

static enum irpc_status dial_one(const struct addrinfo *ai, uint64_t deadline, int *ret_fd,
                                 const char **reterr_why)
{
    static const int on = 1;
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        *reterr_why = strerror(errno);
        return IRPC_IO;
    }
    enum irpc_status st = connect_fd(fd, ai->ai_addr, ai->ai_addrlen, deadline, reterr_why);
    if (st == IRPC_OK) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        *ret_fd = fd;
    }
    return st;
}

enum irpc_status ir_dial_tcp(const char *host, uint16_t port, uint64_t deadline, int *ret_fd,
                             const char **reterr_why)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char service[8];
    enum irpc_status st = IRPC_SERVER_UNAVAILABLE;

    (void)snprintf(service, sizeof(service), "%u", port);
    int error = getaddrinfo(host, service, &hints, &list);
    if (error != 0) {
        *reterr_why = gai_strerror(error);
        return IRPC_SERVER_UNAVAILABLE;
    }
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        st = dial_one(ai, deadline, ret_fd, reterr_why);
        if (st == IRPC_OK || st == IRPC_TIMEOUT) {
            break;
        }
    }
    freeaddrinfo(list);
    return st;
}

enum irpc_status ir_dial_local(const union ir_sockaddr *sa, uint64_t deadline, int *ret_fd,
                               const char **reterr_why)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        *reterr_why = strerror(errno);
        return IRPC_IO;
    }
    enum irpc_status st = connect_fd(fd, &sa->sa, sizeof(sa->un), deadline, reterr_why);
    if (st == IRPC_OK) {
        *ret_fd = fd;
    }
    return st;
}
