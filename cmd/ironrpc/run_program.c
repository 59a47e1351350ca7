/*
 * The program under `ironrpc run`: starting it with what its earlier lives have left, watching it,
 * and finding out who is to blame for its end. What is in the page is written by the program as
 * well: it is read, never believed to be within bounds.
 */
#include "run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/child.h"
#include "os/pass.h"
#include "os/process.h"
#include "os/sandbox.h"

#define BEGIN_MS 30000u /* until it serves; then it is hung_ms */

uint64_t program_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void program_log(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fputs("ironrpc run: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
}

bool program_init(struct program *p)
{
    p->page_fd = memfd_create("ironrpc-run", MFD_CLOEXEC);
    if (p->page_fd < 0 || ftruncate(p->page_fd, (off_t)sizeof(*p->page)) != 0) {
        return false;
    }
    void *page = mmap(NULL, sizeof(*p->page), PROT_READ | PROT_WRITE, MAP_SHARED, p->page_fd, 0);
    if (page == MAP_FAILED) {
        return false;
    }
    p->page = page;
    return true;
}

/* --- starting --- */

/* In the child: the variable of os/supervised.h. */
static bool set_variable(const struct program *p)
{
    char text[IR_SUPERVISED_SOCKETS_MAX * (IR_SUPERVISED_BINDING_MAX + 1) + 32];
    size_t len = (size_t)snprintf(text, sizeof(text), "%ld", (long)getpid());

    for (unsigned i = 0; i < p->n_sockets; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "|%s", p->sockets[i].binding);
    }
    return setenv(IR_SUPERVISED_VARIABLE, text, 1) == 0;
}

static void become(const struct program *p, int channel)
{
    int fds[IR_SUPERVISED_SOCKET + IR_SUPERVISED_SOCKETS_MAX] = {channel, p->page_fd};
    int n = 2;

    for (unsigned i = 0; i < p->n_sockets; i++) {
        fds[n++] = p->sockets[i].fd;
    }
    if (!ir_os_keep(fds, n) || !set_variable(p) || !ir_os_follow(p->supervisor)) {
        program_log("event=failed reason=\"cannot prepare the program: %s\"", strerror(errno));
        return;
    }
    if (p->sandbox.wanted && !run_sandbox_close(&p->sandbox, p->argv[0])) {
        return;
    }
    for (int i = 0; i < n; i++) {
        (void)fcntl(fds[i], F_SETFD, 0);
    }
    execvp(p->argv[0], p->argv);
    program_log("event=failed reason=\"cannot run %s: %s\"", p->argv[0], strerror(errno));
}

bool program_start(struct program *p)
{
    int ends[2];

    p->page->n_notes = 0;
    memset(p->page->notes, 0, sizeof(p->page->notes));
    if (!ir_os_pair(ends)) {
        return false;
    }
    pid_t pid = ir_os_fork(&p->pidfd);
    if (pid == 0) {
        become(p, ends[1]);
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    p->pid = pid;
    p->channel = ends[0];
    p->started = program_now();
    p->answered = p->started;
    p->cpu_ms = 0;
    p->serves = false;
    p->hung = false;
    program_log("event=started pid=%ld sockets=%u", (long)pid, p->n_sockets);
    return true;
}

static void begin_serving(struct program *p)
{
    p->serves = true;
    p->answered = program_now();
    p->cpu_ms = ir_os_process_cpu_ms(p->pid);
    program_log("event=ready pid=%ld after_ms=%llu", (long)p->pid,
                (unsigned long long)(p->answered - (p->died != 0 ? p->died : p->started)));
}

bool program_receive(struct program *p)
{
    char text[IR_SUPERVISED_BINDING_MAX];
    int fd = -1;

    if (p->channel < 0) {
        return false;
    }
    ssize_t n = ir_os_receive(p->channel, text, sizeof(text) - 1, &fd);

    if (n == 0) { /* it has closed it, or is dead */
        close(p->channel);
        p->channel = -1;
    }
    if (n <= 0) {
        return n == -2;
    }
    text[n] = '\0';
    if (fd >= 0 && p->n_sockets < IR_SUPERVISED_SOCKETS_MAX && strlen(text) == (size_t)n &&
        strchr(text, '|') == NULL) {
        struct run_socket *s = &p->sockets[p->n_sockets++];
        s->fd = fd;
        memcpy(s->binding, text, (size_t)n + 1);
    } else if (fd >= 0) {
        close(fd);
    } else if (strcmp(text, IR_SUPERVISED_SERVES) == 0 && !p->serves) {
        begin_serving(p);
    }
    return true;
}

/* --- watching --- */

void program_answered(struct program *p)
{
    p->answered = program_now();
    p->cpu_ms = ir_os_process_cpu_ms(p->pid);
}

void program_watch(struct program *p)
{
    uint64_t silent = program_now() - p->answered;
    uint32_t limit = p->serves ? p->hung_ms : BEGIN_MS;
    /* The machine is busy with others: it could run, and has had little of the time. */
    bool starved =
        ir_os_process_is_runnable(p->pid) && ir_os_process_cpu_ms(p->pid) - p->cpu_ms < limit / 4;

    if (silent <= limit || p->hung || starved) {
        return;
    }
    program_log("event=hung pid=%ld for_ms=%llu", (long)p->pid, (unsigned long long)silent);
    p->hung = true;
    kill(p->pid, SIGKILL);
}

/* --- blaming --- */

/* The only one who was being served; false: nobody was, or several, of whom it may be any. */
static bool find_culprit(const struct program *p, struct ir_quarantine_peer *ret_peer)
{
    unsigned n = 0;

    for (unsigned i = 0; i < IR_NOTES_MAX; i++) {
        const struct ir_note *note = &p->page->notes[i];
        if (__atomic_load_n(&note->connection, __ATOMIC_ACQUIRE) != 0 &&
            (note->family == AF_INET || note->family == AF_INET6)) {
            *ret_peer = ir_quarantine_peer(note->family, note->bytes);
            n++;
        }
    }
    return n == 1;
}

/* In the place of one whose time is over, or else of the one whose time ends first. */
static void keep_out(struct program *p, const struct ir_quarantine_peer *peer, uint64_t until)
{
    struct ir_kept_out *k = &p->page->kept_out[0];

    for (unsigned i = 0; i < IR_KEPT_OUT_MAX; i++) {
        struct ir_kept_out *other = &p->page->kept_out[i];
        if (other->family == peer->family &&
            memcmp(other->bytes, peer->bytes, sizeof(peer->bytes)) == 0) {
            k = other;
            break;
        }
        k = other->until_ms < k->until_ms ? other : k;
    }
    __atomic_store_n(&k->until_ms, 0, __ATOMIC_RELEASE);
    k->family = peer->family;
    memcpy(k->bytes, peer->bytes, sizeof(k->bytes));
    __atomic_store_n(&k->until_ms, until, __ATOMIC_RELEASE);
}

static void blame(struct program *p)
{
    struct ir_quarantine_peer peer;
    uint8_t address[16] = {0};
    char text[INET6_ADDRSTRLEN] = "";

    if (!find_culprit(p, &peer) || memcmp(&peer, &p->self, sizeof(peer)) == 0) {
        return;
    }
    uint32_t term_ms = ir_quarantine_crash(&p->quarantine, &peer, program_now());

    memcpy(address, peer.bytes, sizeof(peer.bytes));
    (void)inet_ntop(peer.family, address, text, sizeof(text));
    program_log("event=crashed_by peer=%s kept_out_ms=%u", text, term_ms);
    if (term_ms > 0) {
        keep_out(p, &peer, program_now() + term_ms);
    }
}

static bool is_crash(const struct program *p, int status)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    return p->hung || sig == SIGSEGV || sig == SIGBUS || sig == SIGABRT || sig == SIGILL ||
           sig == SIGFPE || sig == SIGSYS || sig == SIGTRAP;
}

bool program_reap(struct program *p, int *ret_status)
{
    if (!ir_os_reap(p->pid, ret_status)) {
        return false;
    }
    while (program_receive(p)) {
    }
    p->died = program_now();
    program_log("event=ended pid=%ld signal=%d status=%d hung=%s", (long)p->pid,
                WIFSIGNALED(*ret_status) ? WTERMSIG(*ret_status) : 0,
                WIFEXITED(*ret_status) ? WEXITSTATUS(*ret_status) : 0, p->hung ? "yes" : "no");
    if (is_crash(p, *ret_status)) {
        blame(p);
    }
    close(p->pidfd);
    if (p->channel >= 0) {
        close(p->channel);
        p->channel = -1;
    }
    p->pid = 0;
    return true;
}

/* --- its sockets --- */

union any_address {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static bool address_of(const struct run_socket *s, union any_address *a)
{
    socklen_t len = sizeof(*a);

    memset(a, 0, sizeof(*a));
    return getsockname(s->fd, &a->sa, &len) == 0;
}

/* An unspecified address stands for all: the loopback address is one of them. */
static const void *reachable(union any_address *a)
{
    if (a->sa.sa_family == AF_INET) {
        a->in.sin_addr.s_addr = a->in.sin_addr.s_addr == htonl(INADDR_ANY) ? htonl(INADDR_LOOPBACK)
                                                                           : a->in.sin_addr.s_addr;
        return &a->in.sin_addr;
    }
    if (IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr)) {
        a->in6.sin6_addr = in6addr_loopback;
    }
    return &a->in6.sin6_addr;
}

bool program_target(struct program *p, char *text, size_t cap)
{
    char address[INET6_ADDRSTRLEN] = "";
    union any_address a;

    if (p->n_sockets == 0 || !address_of(&p->sockets[0], &a)) {
        return false;
    }
    if (a.sa.sa_family == AF_UNIX) {
        snprintf(text, cap, "ncalrpc:[%.*s]", (int)sizeof(a.un.sun_path) - 1, a.un.sun_path);
        return true;
    }
    const void *bytes = reachable(&a);

    p->self = ir_quarantine_peer((uint8_t)a.sa.sa_family, bytes);
    (void)inet_ntop(a.sa.sa_family, bytes, address, sizeof(address));
    snprintf(text, cap, "ncacn_ip_tcp:%s[%u]", address, ntohs(a.in.sin_port));
    return true;
}

void program_remove_files(const struct program *p)
{
    union any_address a;

    for (unsigned i = 0; i < p->n_sockets; i++) {
        if (address_of(&p->sockets[i], &a) && a.sa.sa_family == AF_UNIX &&
            a.un.sun_path[0] == '/') {
            (void)unlink(a.un.sun_path);
        }
    }
}
