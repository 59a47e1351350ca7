/* `ironrpc check`, what the library does not do: many connects at once. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

double check_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A socket on its way to @port; -1: errno. */
static int start_connect(const struct check *check, uint16_t port)
{
    struct sockaddr_storage peer = check->peer;
    int fd = socket(peer.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (peer.ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)&peer)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)&peer)->sin_port = htons(port);
    }
    if (fd >= 0 && connect(fd, (struct sockaddr *)&peer, check->peer_len) != 0 &&
        errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static enum check_state state_of(int error)
{
    return error == 0                                     ? CHECK_OPEN
           : error == ECONNREFUSED || error == ECONNRESET ? CHECK_CLOSED
           : error == ETIMEDOUT                           ? CHECK_SILENT
                                                          : CHECK_UNREACHABLE;
}

static int socket_error(int fd)
{
    int error = 0;
    socklen_t len = sizeof(error);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* At most 64 at once: CHECK_ENDPOINTS, fewer than any limit of descriptors. */
void check_connect(const struct check *check, struct check_port *const *ports, size_t n)
{
    struct pollfd fds[CHECK_ENDPOINTS];
    double began = check_now_ms();
    size_t waiting = 0;

    for (size_t i = 0; i < n; i++) {
        fds[i] = (struct pollfd){.fd = start_connect(check, ports[i]->port), .events = POLLOUT};
        ports[i]->state = fds[i].fd >= 0 ? CHECK_SILENT : state_of(errno);
        waiting += fds[i].fd >= 0;
    }
    while (waiting > 0) {
        double left = began + check->timeout_ms - check_now_ms();
        if (left <= 0 || (poll(fds, n, (int)left + 1) < 0 && errno != EINTR)) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            if (fds[i].fd >= 0 && fds[i].revents != 0) {
                ports[i]->state = state_of(socket_error(fds[i].fd));
                ports[i]->ms = check_now_ms() - began;
                close(fds[i].fd);
                fds[i].fd = -1;
                waiting--;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (fds[i].fd >= 0) {
            close(fds[i].fd);
        }
    }
}
