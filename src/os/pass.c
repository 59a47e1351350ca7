/*
 * SOCK_SEQPACKET keeps messages apart and tells when the other process has gone. If that one leaves
 * messages of ours unread, the next recvmsg(2) fails with ECONNRESET, once, before what it has sent
 * itself is delivered: that error is passed over, what was sent counts.
 */
#include "os/pass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 4u /* to be taken, and closed, if more than one comes */

bool ir_os_pair(int ret_fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds) == 0;
}

enum ir_os_sent ir_os_send(int channel, const struct iovec *parts, int n, int fd)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr msg = {.msg_iovlen = (size_t)n};
    ssize_t sent;

    memcpy(&msg.msg_iov, &parts, sizeof(parts)); /* not written through */
    if (fd >= 0) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(int));
    }
    do {
        sent = sendmsg(channel, &msg, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) {
        return IR_OS_SENT;
    }
    /* ETOOMANYREFS: too many descriptors are on their way; ENOBUFS and ENOMEM pass, too. */
    return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? IR_OS_GONE : IR_OS_FULL;
}

/* Take the descriptors of @msg out. Return: how many; the first stays open in *@ret_fd. */
static size_t take_fds(struct msghdr *msg, int *ret_fd)
{
    size_t n = 0;
    int fd;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t bytes = c->cmsg_len - CMSG_LEN(0);
        for (size_t off = 0; off + sizeof(fd) <= bytes; off += sizeof(fd)) {
            memcpy(&fd, CMSG_DATA(c) + off, sizeof(fd));
            if (n++ == 0) {
                *ret_fd = fd;
            } else {
                close(fd);
            }
        }
    }
    return n;
}

ssize_t ir_os_receive(int channel, void *buf, size_t cap, int *ret_fd)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
    } control;
    struct iovec iov = {.iov_base = buf, .iov_len = cap};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof(control.bytes)};
    ssize_t n;

    *ret_fd = -1;
    do {
        n = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC);
    } while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0) {
        return errno == EAGAIN ? -1 : 0;
    }
    size_t fds = take_fds(&msg, ret_fd);

    if (fds > 1 || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        if (fds > 0) {
            close(*ret_fd);
            *ret_fd = -1;
        }
        return -2;
    }
    return n;
}
