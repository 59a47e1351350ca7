/*
 * What there is to compare with: an epoll loop that sends back what it reads, with one shared
 * buffer, one read and one write per event. Prints its port. No protocol, no limits, no timers.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (256u * 1024u)

struct connection {
    int fd;
    uint8_t *rest; /* what the kernel did not take */
    size_t off;
    size_t len;
};

static uint8_t buffer[BUFFER];
static int epoll_fd;

static void watch(struct connection *c, uint32_t events, int op)
{
    struct epoll_event ev = {.events = events, .data = {.ptr = c}};

    if (epoll_ctl(epoll_fd, op, c->fd, &ev) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

static void end(struct connection *c)
{
    close(c->fd);
    free(c->rest);
    free(c);
}

static void on_readable(struct connection *c)
{
    ssize_t n = read(c->fd, buffer, sizeof(buffer));

    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) {
            end(c);
        }
        return;
    }
    ssize_t sent = send(c->fd, buffer, (size_t)n, MSG_NOSIGNAL);
    sent = sent < 0 ? 0 : sent;
    if (sent < n) {
        c->off = 0;
        c->len = (size_t)(n - sent);
        c->rest = malloc(c->len);
        if (c->rest == NULL) {
            end(c);
            return;
        }
        memcpy(c->rest, buffer + sent, c->len);
        watch(c, EPOLLOUT, EPOLL_CTL_MOD);
    }
}

static void on_writable(struct connection *c)
{
    ssize_t n = send(c->fd, c->rest + c->off, c->len - c->off, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        end(c);
        return;
    }
    c->off += n > 0 ? (size_t)n : 0;
    if (c->off == c->len) {
        free(c->rest);
        c->rest = NULL;
        watch(c, EPOLLIN, EPOLL_CTL_MOD);
    }
}

static void on_accept(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct connection *c = fd >= 0 ? calloc(1, sizeof(*c)) : NULL;
        if (c == NULL) {
            return;
        }
        c->fd = fd;
        watch(c, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static int make_listener(void)
{
    static const int on = 1;
    struct sockaddr_in sa = {.sin_family = AF_INET};
    socklen_t len = sizeof(sa);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &len) != 0) {
        perror("listen");
        exit(1);
    }
    printf("%u\n", ntohs(sa.sin_port));
    fflush(stdout);
    return fd;
}

int main(void)
{
    struct epoll_event events[64];
    struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = NULL}};
    int listener = make_listener();

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &ev) != 0) {
        perror("epoll");
        return 1;
    }
    for (;;) {
        int n = epoll_wait(epoll_fd, events, 64, -1);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == NULL) {
                on_accept(listener);
            } else if ((events[i].events & EPOLLOUT) != 0) {
                on_writable(c);
            } else {
                on_readable(c);
            }
        }
    }
}
