/*
 * `ironrpc check`, what the library does not do: many connects at once, and a bind that offers NTLM
 * without meaning to go on, [MS-RPCE] 2.2.2.11 and [MS-NLMP] 2.2.1.1. Both are what a client sends
 * that changes its mind after the first answer. The answer is read through the cursor.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cur.h"
#include "base/out.h"
#include "base/syntax.h"
#include "check.h"

#define BIND 11
#define BIND_ACK 12
#define BIND_NAK 13
#define WHOLE_AND_LITTLE_ENDIAN 3, 0x10 /* flags, data representation */
#define AUTH_NTLM 10
#define FRAGMENT 4280
#define ANSWER_MAX 8192

double check_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- connecting --- */

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

/* --- one bind --- */

/* Wait until @fd is ready for @events, up to the time @end. */
static bool wait_for(int fd, short events, double end)
{
    struct pollfd p = {.fd = fd, .events = events};
    double left = end - check_now_ms();

    while (left > 0) {
        int n = poll(&p, 1, (int)left + 1);
        if (n > 0) {
            return true;
        }
        if (n < 0 && errno != EINTR) {
            return false;
        }
        left = end - check_now_ms();
    }
    return false;
}

/* NEGOTIATE_MESSAGE: Unicode or OEM, target wanted, signing and sealing, NTLM with extended session
 * security, 128 and 56 bits, key exchange; no names. */
static void write_ntlm_negotiate(struct ir_out *o)
{
    ir_out_bytes(o, "NTLMSSP", 8);
    ir_out_u32(o, 1);
    ir_out_u32(o, 0xe0088237);
    ir_out_zero(o, 16);
}

static size_t write_bind(uint8_t *buf, size_t cap, const struct irpc_syntax_id *interface,
                         uint8_t level)
{
    static const uint8_t start[] = {5, 0, BIND, WHOLE_AND_LITTLE_ENDIAN, 0, 0, 0};
    static const uint8_t one_context[] = {1, 0, 0, 0, 0, 0, 1, 0};
    struct ir_out o = ir_out_fixed(buf, cap, false);

    ir_out_bytes(&o, start, sizeof(start));
    ir_out_u16(&o, 0); /* frag_length, below */
    ir_out_u16(&o, 32);
    ir_out_u32(&o, 1);
    ir_out_u16(&o, FRAGMENT);
    ir_out_u16(&o, FRAGMENT);
    ir_out_u32(&o, 0);
    ir_out_bytes(&o, one_context, sizeof(one_context));
    ir_out_syntax(&o, interface);
    ir_out_syntax(&o, &ir_syntax_ndr);
    ir_out_u8(&o, AUTH_NTLM);
    ir_out_u8(&o, level);
    ir_out_u16(&o, 0);
    ir_out_u32(&o, 1);
    write_ntlm_negotiate(&o);
    ir_put_u16(buf + 8, (uint16_t)o.len, false);
    return o.len;
}

/* A whole PDU into @buf. Return: its length, 0 if none comes. */
static size_t read_pdu(int fd, uint8_t buf[ANSWER_MAX], double end)
{
    size_t len = 0;
    size_t wanted = 16;

    while (len < wanted) {
        ssize_t n = wait_for(fd, POLLIN, end) ? recv(fd, buf + len, wanted - len, 0) : 0;
        if (n <= 0) {
            return 0;
        }
        len += (size_t)n;
        if (len == 16 && wanted == 16) {
            bool big_endian = (buf[4] & 0x10) == 0;
            struct ir_cur c = ir_cur_init(buf, len, big_endian);
            ir_cur_skip(&c, 8);
            wanted = ir_cur_u16(&c);
            if (wanted < 16 || wanted > ANSWER_MAX) {
                return 0;
            }
        }
    }
    return len;
}

/* Accepted is a bind_ack with the next token of NTLM. */
static enum check_bind read_answer(const uint8_t *pdu, size_t len)
{
    struct ir_cur c = ir_cur_init(pdu, len, (pdu[4] & 0x10) == 0);

    ir_cur_skip(&c, 2);
    uint8_t type = ir_cur_u8(&c);
    ir_cur_skip(&c, 7);
    uint16_t auth_len = ir_cur_u16(&c);
    if (c.err != IRPC_OK || (type != BIND_ACK && type != BIND_NAK)) {
        return CHECK_BIND_NO_ANSWER;
    }
    if (type == BIND_NAK || auth_len < 12 || (size_t)auth_len + 16 > len) {
        return CHECK_BIND_REFUSED;
    }
    c = ir_cur_init(pdu + len - auth_len, auth_len, false);
    struct irpc_span signature = ir_cur_bytes(&c, 8);
    uint32_t message = ir_cur_u32(&c);
    return c.err == IRPC_OK && memcmp(signature.p, "NTLMSSP", 8) == 0 && message == 2
               ? CHECK_BIND_ACCEPTED
               : CHECK_BIND_REFUSED;
}

enum check_bind check_offer_ntlm(const struct check *check, uint16_t port,
                                 const struct irpc_syntax_id *interface, uint8_t level)
{
    uint8_t buf[ANSWER_MAX];
    double end = check_now_ms() + check->timeout_ms;
    int fd = start_connect(check, port);
    enum check_bind result = CHECK_BIND_NO_ANSWER;

    if (fd < 0) {
        return result;
    }
    size_t len = write_bind(buf, sizeof(buf), interface, level);
    if (wait_for(fd, POLLOUT, end) && send(fd, buf, len, MSG_NOSIGNAL) == (ssize_t)len) {
        len = read_pdu(fd, buf, end);
        result = len > 0 ? read_answer(buf, len) : CHECK_BIND_NO_ANSWER;
    }
    close(fd);
    return result;
}
