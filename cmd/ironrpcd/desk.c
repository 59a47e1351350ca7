/*
 * A document is made when its client is accepted and usually fits the socket's buffer; the rest is
 * sent with later ticks. What a client sends is discarded unread (MSG_TRUNC), until it closes: to
 * close before it would cost it the document. Clients have two seconds, and are sixteen at most:
 * then the oldest goes. Metrics come as an answer of HTTP, whatever was asked.
 *
 * TCP is for loopback alone: documents are not encrypted, and their readers not known.
 */
#include "desk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define CLIENT_MS 2000u
#define DISCARDS 64u /* of one client at a time, who may send for ever */
#define SEND_BUFFER (512 * 1024)
#define HTTP                                                         \
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n" \
    "Connection: close\r\n\r\n"

union address {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

void desk_init(struct desk *desk, desk_write_fn *write, void *user)
{
    *desk = (struct desk){.write = write, .user = user};
    for (unsigned i = 0; i < DESK__COUNT; i++) {
        desk->fds[i] = -1;
    }
    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        desk->clients[i].fd = -1;
    }
}

/* --- where --- */

static bool parse_unix(const char *text, union address *a)
{
    a->un.sun_family = AF_UNIX;
    return snprintf(a->un.sun_path, sizeof(a->un.sun_path), "%s", text) <
           (int)sizeof(a->un.sun_path);
}

/* "127.0.0.1:9135", "[::1]:9135" */
static bool parse_tcp(const char *text, union address *a)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    unsigned long port = colon != NULL ? strtoul(colon + 1, &end, 10) : 0;

    if (colon == NULL || colon[1] < '0' || colon[1] > '9' || *end != '\0' || port > 65535 ||
        (size_t)(colon - text) >= sizeof(host)) {
        return false;
    }
    bool brackets = text[0] == '[' && colon > text && colon[-1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - (brackets ? 2 : 0),
             text + (brackets ? 1 : 0));
    if (inet_pton(AF_INET, host, &a->in.sin_addr) == 1) {
        a->in.sin_family = AF_INET;
        a->in.sin_port = htons((uint16_t)port);
        return true;
    }
    a->in6.sin6_family = AF_INET6;
    a->in6.sin6_port = htons((uint16_t)port);
    return brackets && inet_pton(AF_INET6, host, &a->in6.sin6_addr) == 1;
}

static bool is_loopback(const union address *a)
{
    return a->sa.sa_family == AF_INET ? ntohl(a->in.sin_addr.s_addr) >> 24 == 127
                                      : IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

const char *desk_objection(const char *metrics)
{
    union address a = {0};

    if (metrics[0] == '\0') {
        return NULL;
    }
    if (metrics[0] == '/') {
        return parse_unix(metrics, &a) ? NULL : "the path is too long for a socket";
    }
    if (!parse_tcp(metrics, &a)) {
        return "wanted a path or ADDRESS:PORT";
    }
    return is_loopback(&a) ? NULL
                           : "only a loopback address: what is told there is for this machine";
}

static int listen_unix(const union address *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct stat file;

    if (fd < 0) {
        return -1;
    }
    if (lstat(a->un.sun_path, &file) == 0 && S_ISSOCK(file.st_mode)) {
        unlink(a->un.sun_path); /* of a service that was here before */
    }
    mode_t before = umask(0177);
    bool bound = bind(fd, &a->sa, sizeof(a->un)) == 0;
    int error = errno;

    umask(before);
    if (bound && listen(fd, (int)DESK_CLIENTS) == 0) {
        return fd;
    }
    error = bound ? errno : error;
    close(fd);
    errno = error;
    return -1;
}

static int listen_tcp(const union address *a)
{
    int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    static const int on = 1;
    socklen_t len = a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);

    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(fd, &a->sa, len) == 0 && listen(fd, (int)DESK_CLIENTS) == 0) {
        return fd;
    }
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void close_one(struct desk *desk, unsigned i)
{
    if (desk->fds[i] >= 0) {
        close(desk->fds[i]);
        desk->fds[i] = -1;
        if (desk->paths[i][0] == '/') {
            unlink(desk->paths[i]);
        }
    }
    desk->paths[i][0] = '\0';
}

static void log_place(const char *document, int fd, const char *path)
{
    union address a = {0};
    socklen_t len = sizeof(a);
    unsigned port = 0;

    if (path[0] != '/' && getsockname(fd, &a.sa, &len) == 0) {
        port = ntohs(a.sa.sa_family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
    }
    log_write(IRPC_LOG_NOTICE, "event=%s_at place=%s port=%u", document, path, port);
}

static void open_one(struct desk *desk, enum desk_document i, const char *path)
{
    union address a = {0};

    if (strcmp(desk->paths[i], path) == 0) {
        return;
    }
    if (path[0] == '\0') {
        close_one(desk, i);
        return;
    }
    bool good = path[0] == '/' ? parse_unix(path, &a) : parse_tcp(path, &a);
    const char *name = i == DESK_STATUS ? "status" : "metrics";
    int fd = -1;

    errno = ENAMETOOLONG;
    if (good) {
        fd = path[0] == '/' ? listen_unix(&a) : listen_tcp(&a);
    }
    if (fd < 0) {
        log_write(IRPC_LOG_ERROR, "event=cannot_tell what=%s place=%s error=\"%s\"", name, path,
                  strerror(errno));
        return;
    }
    close_one(desk, i);
    desk->fds[i] = fd;
    snprintf(desk->paths[i], sizeof(desk->paths[i]), "%s", path);
    log_place(name, fd, path);
}

void desk_open(struct desk *desk, const char *folder, const char *metrics)
{
    char path[CONFIG_TEXT_MAX + 8];

    snprintf(path, sizeof(path), "%s/status", folder);
    open_one(desk, DESK_STATUS, path);
    open_one(desk, DESK_METRICS, metrics);
}

/* --- clients --- */

static void drop(struct desk_client *c)
{
    close(c->fd);
    free(c->text);
    *c = (struct desk_client){.fd = -1};
}

/* A place for one more: of the oldest, if all are taken. */
static struct desk_client *place(struct desk *desk)
{
    struct desk_client *oldest = &desk->clients[0];

    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        struct desk_client *c = &desk->clients[i];
        if (c->fd < 0) {
            return c;
        }
        oldest = c->deadline < oldest->deadline ? c : oldest;
    }
    drop(oldest);
    return oldest;
}

/* Send and discard as far as it goes. */
static void go_on(struct desk_client *c, uint64_t now)
{
    char nothing[4096];
    ssize_t n = 0;

    while (c->text != NULL && n >= 0) {
        n = send(c->fd, c->text + c->sent, c->len - c->sent, MSG_NOSIGNAL);
        c->sent += n > 0 ? (size_t)n : 0;
        if (c->sent == c->len) {
            free(c->text);
            c->text = NULL;
            (void)shutdown(c->fd, SHUT_WR);
        }
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop(c);
        return;
    }
    n = 1;
    for (unsigned i = 0; i < DISCARDS && n > 0; i++) {
        n = recv(c->fd, nothing, sizeof(nothing), MSG_TRUNC | MSG_DONTWAIT);
    }
    bool gone = n < 0 && errno != EAGAIN && errno != EINTR;

    if (gone || (n == 0 && c->text == NULL) || now >= c->deadline) {
        drop(c);
    }
}

static bool make_document(struct desk *desk, enum desk_document document, struct desk_client *c)
{
    FILE *out = open_memstream(&c->text, &c->len);

    if (out == NULL) {
        return false;
    }
    if (document == DESK_METRICS) {
        fputs(HTTP, out);
    }
    desk->write(desk->user, document, out);
    if (fclose(out) != 0) {
        free(c->text);
        c->text = NULL;
        return false;
    }
    return true;
}

void desk_event(struct desk *desk, int fd, uint64_t now)
{
    static const int size = SEND_BUFFER;
    enum desk_document document = fd == desk->fds[DESK_STATUS] ? DESK_STATUS : DESK_METRICS;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (client < 0) {
        desk->resting = errno != EAGAIN && errno != ECONNABORTED && errno != EINTR;
        return; /* check: L03 */
    }
    struct desk_client *c = place(desk);

    *c = (struct desk_client){.fd = client, .deadline = now + CLIENT_MS};
    (void)setsockopt(client, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    if (!make_document(desk, document, c)) {
        drop(c);
        return;
    }
    go_on(c, now);
}

unsigned desk_poll(const struct desk *desk, struct pollfd *fds)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DESK__COUNT && !desk->resting; i++) {
        if (desk->fds[i] >= 0) {
            fds[n++] = (struct pollfd){.fd = desk->fds[i], .events = POLLIN};
        }
    }
    return n;
}

void desk_tick(struct desk *desk, uint64_t now)
{
    desk->resting = false;
    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        if (desk->clients[i].fd >= 0) {
            go_on(&desk->clients[i], now);
        }
    }
}

void desk_close(struct desk *desk)
{
    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        if (desk->clients[i].fd >= 0) {
            drop(&desk->clients[i]);
        }
    }
    for (unsigned i = 0; i < DESK__COUNT; i++) {
        close_one(desk, i);
    }
}
