/*
 * Listening sockets. Accepts a bounded number of connections per wake-up (check: L05). When the
 * process is out of descriptors, a reserve is given up to accept and close the connection that
 * waits, so that its peer learns at once and the loop does not spin (check: L03).
 */
#include "transport/listener.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"

#define ACCEPTS_PER_WAKE 64
#define RETRY_MS 100u
/* Bytes of output of a connection that the kernel may hold before it has sent them; it would hold
 * 4 MiB, for as long as the peer likes, before we notice that it does not read. With a quarter of
 * this, large replies over loopback take longer (bench/run, echo of 1 MiB). check: L04 */
#define UNSENT_MAX (1024 * 1024)

static enum irpc_status status_of_errno(int error)
{
    switch (error) {
    case EADDRINUSE:
        return IRPC_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
        return IRPC_ACCESS_DENIED;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return IRPC_SERVER_UNAVAILABLE;
    case ENOENT:
    case ENOTDIR:
        return IRPC_NOT_FOUND;
    case ENOMEM:
    case ENOBUFS:
        return IRPC_NO_MEMORY;
    default:
        return IRPC_IO;
    }
}

static enum irpc_status fail_fd(int fd)
{
    enum irpc_status st = status_of_errno(errno);

    close(fd);
    return st;
}

enum irpc_status ir_listen_tcp(const struct ir_addr *addr, int *ret_fd)
{
    static const int on = 1;
    union ir_sockaddr sa;
    socklen_t len = ir_addr_to_sockaddr(addr, &sa);
    int fd = socket(sa.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return status_of_errno(errno);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        (addr->family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
        bind(fd, &sa.sa, len) != 0 || listen(fd, SOMAXCONN) != 0) {
        return fail_fd(fd);
    }
    *ret_fd = fd;
    return IRPC_OK;
}

/* Whether the file at @sa is a socket that has nobody behind it any more. */
static bool is_stale(const union ir_sockaddr *sa)
{
    struct stat file;
    bool stale;

    /* Connecting to a file of another kind is refused, too. */
    if (lstat(sa->un.sun_path, &file) != 0 || !S_ISSOCK(file.st_mode)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return false;
    }
    stale = connect(fd, &sa->sa, sizeof(sa->un)) != 0 && errno == ECONNREFUSED;
    close(fd);
    return stale;
}

enum irpc_status ir_listen_local(const union ir_sockaddr *sa, int *ret_fd)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return status_of_errno(errno);
    }
    if (bind(fd, &sa->sa, sizeof(sa->un)) != 0) {
        if (errno != EADDRINUSE) {
            return fail_fd(fd);
        }
        if (!is_stale(sa)) {
            close(fd);
            return IRPC_EXISTS;
        }
        if (unlink(sa->un.sun_path) != 0 || bind(fd, &sa->sa, sizeof(sa->un)) != 0) {
            return fail_fd(fd);
        }
    }
    if (chmod(sa->un.sun_path, 0666) != 0 || listen(fd, SOMAXCONN) != 0) {
        return fail_fd(fd);
    }
    *ret_fd = fd;
    return IRPC_OK;
}

/* Whether accept(2) failed because of the connection that was to be had, which is gone then: there
 * may be another. accept(2), "Error handling". check: L03 */
static bool is_about_connection(int error)
{
    static const int errors[] = {ECONNABORTED, EINTR,     EPROTO,       ENETDOWN,
                                 ENOPROTOOPT,  EHOSTDOWN, EHOSTUNREACH, ENONET,
                                 ENETUNREACH,  EPERM,     ETIMEDOUT,    ECONNRESET};

    for (size_t i = 0; i < IR_ARRAY_LEN(errors); i++) {
        if (errors[i] == error) {
            return true;
        }
    }
    return false;
}

static bool is_out_of_descriptors(int error)
{
    return error == EMFILE || error == ENFILE;
}

/* False: there is no descriptor even for that. check: L03 */
static bool refuse_one(struct ir_listener *listener)
{
    struct ir_io *io = listener->io;

    if (io->reserve_fd >= 0) {
        close(io->reserve_fd);
        io->reserve_fd = -1;
    }
    int fd = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    bool spent = fd < 0 && is_out_of_descriptors(errno);
    if (fd >= 0) {
        close(fd);
        listener->on_refused(listener);
    }
    io->reserve_fd = ir_io_reserve(io);
    return !spent;
}

static void on_retry(struct ir_timer *timer)
{
    struct ir_listener *listener = IR_CONTAINER_OF(timer, struct ir_listener, retry);

    ir_loop_rewatch(listener->io->loop, &listener->watch, IR_LOOP_IN);
}

static void pause_accepting(struct ir_listener *listener)
{
    struct ir_loop *loop = listener->io->loop;

    if (ir_loop_timer_set(loop, &listener->retry, ir_loop_now(loop) + RETRY_MS) == IRPC_OK) {
        ir_loop_rewatch(loop, &listener->watch, 0);
    }
}

static void on_acceptable(struct ir_watch *watch, uint32_t events)
{
    struct ir_listener *listener = IR_CONTAINER_OF(watch, struct ir_listener, watch);

    (void)events;
    for (int i = 0; i < ACCEPTS_PER_WAKE && watch->fd >= 0; i++) {
        union ir_sockaddr peer = {0};
        socklen_t len = sizeof(peer);
        int fd = accept4(watch->fd, &peer.sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            listener->on_accept(listener, fd, &peer);
            continue;
        }
        if (errno == EAGAIN) {
            return;
        }
        bool next =
            is_out_of_descriptors(errno) ? refuse_one(listener) : is_about_connection(errno);
        if (!next) { /* for want of memory, or whatever else would only come again at once */
            pause_accepting(listener);
            return;
        }
    }
}

enum irpc_status ir_listener_init(struct ir_listener *listener, struct ir_io *io, int fd,
                                  const char *path)
{
    static const int unsent = UNSENT_MAX;
    struct stat file;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
                     sizeof(unsent)); /* if it is TCP */
    listener->io = io;
    listener->watch.fd = -1;
    listener->retry = (struct ir_timer){.fn = on_retry};
    listener->path = NULL;
    if (path != NULL && stat(path, &file) == 0) {
        listener->path = ir_strndup(path, strlen(path));
        listener->dev = file.st_dev;
        listener->ino = file.st_ino;
        if (listener->path == NULL) {
            close(fd);
            return IRPC_NO_MEMORY;
        }
    }
    enum irpc_status st = ir_loop_watch(io->loop, &listener->watch, fd, IR_LOOP_IN, on_acceptable);
    if (st != IRPC_OK) {
        close(fd);
        ir_free(listener->path);
        listener->path = NULL;
    }
    return st;
}

void ir_listener_leave_file(struct ir_listener *listener)
{
    ir_free(listener->path);
    listener->path = NULL;
}

void ir_listener_deinit(struct ir_listener *listener)
{
    struct stat file;

    if (listener->watch.fd >= 0) {
        int fd = listener->watch.fd;
        ir_loop_unwatch(listener->io->loop, &listener->watch);
        close(fd);
    }
    ir_loop_timer_clear(listener->io->loop, &listener->retry);
    if (listener->path != NULL) {
        if (stat(listener->path, &file) == 0 && file.st_dev == listener->dev &&
            file.st_ino == listener->ino) {
            (void)unlink(listener->path);
        }
        ir_free(listener->path);
        listener->path = NULL;
    }
}
