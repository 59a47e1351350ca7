/* Messages and descriptors between the processes of a daemon. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Two connected non-blocking SOCK_SEQPACKET sockets. Return: false: errno says why. */
bool ir_os_pair(int ret_fds[2]);

enum ir_os_sent {
    IR_OS_SENT,
    IR_OS_FULL, /* nothing was sent: later */
    IR_OS_GONE  /* nobody is there to read it */
};

/* Send @parts[@n] as one message, with a copy of descriptor @fd unless it is -1. */
enum ir_os_sent ir_os_send(int channel, const struct iovec *parts, int n, int fd);

/*
 * The next message, at most @cap bytes of it, into @buf. *@ret_fd: the descriptor that came along,
 * now the caller's, or -1. Return: its length; 0: the other end is closed; -1: none is there yet;
 * -2: it was longer than @cap, or came with more than one descriptor, and is dropped.
 */
ssize_t ir_os_receive(int channel, void *buf, size_t cap, int *ret_fd);
