/*
 * For LD_PRELOAD: functions of the C library that fail now and then, as the system's documents say
 * that they may: no memory, short reads and writes, EINTR, ECONNRESET, EMFILE, ENOSPC and their
 * like. IR_FAULTS names the file of struct faults; without it, and while `on` is 0, nothing fails.
 */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define HERE ((uint64_t)(uintptr_t)__builtin_return_address(0))
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define N(a) (sizeof(a) / sizeof((a)[0]))

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static struct faults *faults;
static __thread bool paused;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("IR_FAULTS");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0) {
        return;
    }
    void *memory = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    faults = memory != MAP_FAILED ? memory : NULL;
}

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void note_site(uint64_t site)
{
    uint64_t *slot = &faults->sites[mix(site) % FAULTS_SITES];

    if (__atomic_exchange_n(slot, site, __ATOMIC_RELAXED) == 0) {
        __atomic_fetch_add(&faults->n_sites, 1, __ATOMIC_RELAXED);
    }
}

/* Whether the call at @site fails; if so, it is counted, and *@ret_random says how. */
static bool fails(uint64_t *counter, uint64_t site, uint32_t *ret_random)
{
    if (faults == NULL || paused || __atomic_load_n(&faults->on, __ATOMIC_RELAXED) == 0) {
        return false;
    }
    uint64_t r = mix(faults->seed ^ mix(__atomic_fetch_add(&faults->n_calls, 1, __ATOMIC_RELAXED)));
    if (r % faults->one_in != 0) {
        return false;
    }
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
    note_site(site);
    *ret_random = (uint32_t)(r >> 32);
    return true;
}

static ssize_t fail_with(const int *errors, size_t n, uint32_t random)
{
    errno = errors[random % n];
    return -1;
}

static bool is_stream(int fd)
{
    int type = 0;
    socklen_t len = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* --- memory --- */

static bool no_memory(uint64_t site)
{
    uint32_t random;

    if (faults == NULL || !fails(&faults->n_memory, site, &random)) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n)
{
    return no_memory(HERE) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return no_memory(HERE) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return no_memory(HERE) ? NULL : __libc_realloc(p, n);
}

/* --- reading: less, nothing, an interruption, or, of a stream, its end --- */

static const int read_errors[] = {EINTR, EAGAIN, ECONNRESET, ETIMEDOUT};

/* The bytes to ask for; -1: errno. */
static ssize_t less_to_read(int fd, size_t n, uint64_t site)
{
    uint32_t random;

    if (faults == NULL || !fails(&faults->n_read, site, &random)) {
        return (ssize_t)n;
    }
    if (!is_stream(fd)) {
        return fail_with(read_errors, 1, random);
    }
    return random % 2 == 0 ? (ssize_t)(n < 1 ? n : 1)
                           : fail_with(read_errors, N(read_errors), random >> 1);
}

ssize_t read(int fd, void *buf, size_t n)
{
    ssize_t most = less_to_read(fd, n, HERE);

    return most < 0 ? -1 : NEXT(read)(fd, buf, (size_t)most);
}

ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
    ssize_t most = less_to_read(fd, n, HERE);

    return most < 0 ? -1 : NEXT(__read_chk)(fd, buf, (size_t)most, room);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    ssize_t most = less_to_read(fd, n, HERE);

    return most < 0 ? -1 : NEXT(recv)(fd, buf, (size_t)most, flags);
}

ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
    ssize_t most = less_to_read(fd, n, HERE);

    return most < 0 ? -1 : NEXT(__recv_chk)(fd, buf, (size_t)most, room, flags);
}

/* Of messages nothing is lost by the kernel: only interruptions. */
ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    uint32_t random;

    if (faults != NULL && fails(&faults->n_read, HERE, &random)) {
        return fail_with(read_errors, 2, random);
    }
    return NEXT(recvmsg)(fd, msg, flags);
}

/* --- writing --- */

static const int write_errors[] = {EINTR, EAGAIN, ENOBUFS, ECONNRESET, EPIPE};

static ssize_t less_to_write(int fd, size_t n, uint64_t site)
{
    uint32_t random;

    if (faults == NULL || !fails(&faults->n_write, site, &random)) {
        return (ssize_t)n;
    }
    if (fd == STDERR_FILENO) {
        errno = ENOSPC;
        return -1;
    }
    if (!is_stream(fd)) {
        return fail_with(write_errors, 1, random);
    }
    return random % 2 == 0 ? (ssize_t)(n < 1 ? n : 1)
                           : fail_with(write_errors, N(write_errors), random >> 1);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    ssize_t most = less_to_write(fd, n, HERE);

    return most < 0 ? -1 : NEXT(write)(fd, buf, (size_t)most);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    ssize_t most = less_to_write(fd, n, HERE);

    return most < 0 ? -1 : NEXT(send)(fd, buf, (size_t)most, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    struct iovec first = {NULL, 0};
    struct msghdr less = *msg;
    uint32_t random;

    if (faults == NULL || !fails(&faults->n_write, HERE, &random)) {
        return NEXT(sendmsg)(fd, msg, flags);
    }
    if (!is_stream(fd)) {
        return fail_with(write_errors, 3, random);
    }
    if (random % 2 != 0 || msg->msg_iovlen == 0 || msg->msg_iov[0].iov_len == 0) {
        return fail_with(write_errors, N(write_errors), random >> 1);
    }
    first.iov_base = msg->msg_iov[0].iov_base;
    first.iov_len = 1;
    less.msg_iov = &first;
    less.msg_iovlen = 1;
    return NEXT(sendmsg)(fd, &less, flags);
}

/* --- descriptors --- */

static const int descriptor_errors[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS};

static bool no_descriptor(uint64_t site)
{
    uint32_t random;

    if (faults == NULL || !fails(&faults->n_descriptors, site, &random)) {
        return false;
    }
    return fail_with(descriptor_errors, N(descriptor_errors), random) < 0;
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    static const int errors[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, ECONNABORTED, EINTR, EPROTO};
    uint32_t random;

    if (faults != NULL && fails(&faults->n_descriptors, HERE, &random)) {
        return (int)fail_with(errors, N(errors), random);
    }
    return NEXT(accept4)(fd, address, len, flags);
}

int socket(int domain, int type, int protocol)
{
    return no_descriptor(HERE) ? -1 : NEXT(socket)(domain, type, protocol);
}

int memfd_create(const char *name, unsigned flags)
{
    return no_descriptor(HERE) ? -1 : NEXT(memfd_create)(name, flags);
}

int epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
    static const int errors[] = {ENOMEM, ENOSPC};
    uint32_t random;

    if (what == EPOLL_CTL_ADD && faults != NULL && fails(&faults->n_descriptors, HERE, &random)) {
        return (int)fail_with(errors, N(errors), random);
    }
    return NEXT(epoll_ctl)(epoll, what, fd, event);
}

/* --- others --- */

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
    uint32_t random;

    if (faults != NULL && fails(&faults->n_others, HERE, &random)) {
        errno = EINTR;
        return -1;
    }
    return NEXT(epoll_wait)(epoll, events, max, timeout);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    static const int errors[] = {ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EADDRNOTAVAIL};
    uint32_t random;

    if (faults != NULL && fails(&faults->n_others, HERE, &random)) {
        return (int)fail_with(errors, N(errors), random);
    }
    return NEXT(connect)(fd, address, len);
}

/* glibc's name service does not survive a lack of memory (nss_database.c crashes, or aborts): that
 * is not ours to answer for, so it fails as a whole. */
struct passwd *getpwuid(uid_t uid)
{
    if (no_memory(HERE)) {
        return NULL;
    }
    paused = true;
    struct passwd *found = NEXT(getpwuid)(uid);
    paused = false;
    return found;
}
