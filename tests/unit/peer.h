/* A peer made by hand, for tests of servers: sockets, and PDUs as bytes. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

static inline int dial(const struct rig *rig)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(rig->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    IR_ASSERT(fd >= 0);
    IR_ASSERT_EQ(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    return fd;
}

static inline void put(int fd, struct ir_bytes bytes)
{
    IR_ASSERT_EQ(send(fd, bytes.p, bytes.n, MSG_NOSIGNAL), bytes.n);
}

/* Reads exactly @n bytes. */
static inline void get(int fd, uint8_t *bytes, size_t n)
{
    for (size_t have = 0; have < n;) {
        ssize_t r = recv(fd, bytes + have, n - have, 0);
        IR_ASSERT(r > 0);
        have += (size_t)r;
    }
}

/* One PDU into @pdu[6000]; returns its length, 0 at the end of the stream. */
static inline size_t get_pdu(int fd, uint8_t *pdu)
{
    ssize_t r = recv(fd, pdu, 1, 0);

    if (r <= 0) {
        return 0;
    }
    get(fd, pdu + 1, 15);
    size_t n = (size_t)pdu[8] | (size_t)pdu[9] << 8;
    IR_ASSERT(n >= 16 && n <= 6000);
    get(fd, pdu + 16, n - 16);
    return n;
}

#define BIND                                                                  \
    "05 00 0b 03 10 00 00 00 48 00 00 00 01 00 00 00 d0 16 d0 16 00 00 00 00" \
    "01 00 00 00 00 00 01 00 c5 5e a1 60 e8 4d d7 11 a6 37 00 50 56 a2 01 82" \
    "01 00 00 00 04 5d 88 8a eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00"
#define ADD_ONE_41 \
    "05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00 04 00 00 00 00 00 00 00 29 00 00 00"

static inline void bind_ok(int fd)
{
    uint8_t pdu[6000];

    put(fd, IR_HEX(BIND));
    IR_ASSERT(get_pdu(fd, pdu) > 0);
    IR_ASSERT_EQ(pdu[2], 12);
}

/* Waits for the peer to close; true if it did within @ms. */
static inline bool closes_within(int fd, int ms)
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    uint8_t bytes[4096];

    for (;;) {
        if (poll(&pfd, 1, ms) <= 0) {
            return false;
        }
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
        if (n == 0 || (n < 0 && errno == ECONNRESET)) {
            return true;
        }
    }
}

static inline int dial_from(const struct rig *rig, const char *address)
{
    struct sockaddr_in sa = {.sin_family = AF_INET};
    int small = 4096;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    IR_ASSERT(fd >= 0);
    IR_ASSERT_EQ(inet_pton(AF_INET, address, &sa.sin_addr), 1);
    IR_ASSERT_EQ(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    IR_ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sa.sin_port = htons(rig->port);
    IR_ASSERT_EQ(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    bind_ok(fd);
    return fd;
}
