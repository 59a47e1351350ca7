/*
 * The library's side of `ironrpc run`: listening sockets outlive the program, the supervisor learns
 * whom each loop was serving when it died, and says who is kept out for that. A program that runs
 * without it finds no variable and does nothing here.
 *
 * What the supervisor gives is a process's, not a server's: whoever listens first at a binding gets
 * its socket. Several servers may be made by several threads at the same time.
 */
#include "server/supervised.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "os/pass.h"
#include "os/quarantine.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t taken; /* sockets, by their number; under lock */

/* What follows the process id in the variable, "|BINDING|BINDING"; NULL: not supervised. */
static const char *bindings(void)
{
    const char *text = getenv(IR_SUPERVISED_VARIABLE);
    char *end = NULL;

    if (text == NULL || strtol(text, &end, 10) != (long)getpid()) {
        return NULL;
    }
    return end;
}

void ir_supervised_join(struct irpc_server *server)
{
    struct stat file;

    if (bindings() == NULL || fstat(IR_SUPERVISED_PAGE, &file) != 0 ||
        file.st_size != (off_t)sizeof(*server->supervised)) {
        return;
    }
    (void)fcntl(IR_SUPERVISED_PAGE, F_SETFD, FD_CLOEXEC);
    (void)fcntl(IR_SUPERVISED_CHANNEL, F_SETFD, FD_CLOEXEC);
    void *page = mmap(NULL, sizeof(*server->supervised), PROT_READ | PROT_WRITE, MAP_SHARED,
                      IR_SUPERVISED_PAGE, 0);
    if (page == MAP_FAILED) {
        return;
    }
    server->supervised = page;
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        uint32_t n = __atomic_fetch_add(&server->supervised->n_notes, 1, __ATOMIC_RELAXED);
        server->lanes[i]->note = n < IR_NOTES_MAX ? &server->supervised->notes[n] : NULL;
    }
}

void ir_supervised_leave(struct irpc_server *server)
{
    if (server->supervised != NULL) {
        (void)munmap(server->supervised, sizeof(*server->supervised));
    }
}

/* The number of a socket of @binding that nobody has taken, the first or, behind socket @after (-1:
 * none), the next of one call; -1: there is none. */
static int find(const char *binding, int after)
{
    const char *s = bindings();
    size_t len = strlen(binding);

    for (int i = 0; s != NULL && *s == '|' && i < (int)IR_SUPERVISED_SOCKETS_MAX; i++) {
        size_t n = strcspn(++s, "|");
        bool more = *s == '+';
        bool same = n == len + more && memcmp(s + more, binding, len) == 0;

        if (after >= 0 ? i == after + 1 && more && same
                       : !more && same && (taken & (uint64_t)1 << i) == 0) {
            return i;
        }
        s += n;
    }
    return -1;
}

unsigned ir_supervised_take(const char *binding, int fds[IR_SUPERVISED_TAKE_MAX])
{
    unsigned n = 0;

    pthread_mutex_lock(&lock);
    for (int i = find(binding, -1); i >= 0 && n < IR_SUPERVISED_TAKE_MAX; i = find(binding, i)) {
        taken |= (uint64_t)1 << i;
        fds[n] = IR_SUPERVISED_SOCKET + i;
        (void)fcntl(fds[n++], F_SETFD, FD_CLOEXEC);
    }
    pthread_mutex_unlock(&lock);
    return n;
}

void ir_supervised_serves(void)
{
    char word[] = IR_SUPERVISED_SERVES;
    const struct iovec part = {word, sizeof(word) - 1};

    if (bindings() != NULL) {
        (void)ir_os_send(IR_SUPERVISED_CHANNEL, &part, 1, -1); /* it sees so by its calls, too */
    }
}

void ir_supervised_offer(const char *binding, struct ir_port *port, bool more)
{
    char plus[] = "+";
    const struct iovec parts[] = {{plus, more}, {(void *)(uintptr_t)binding, strlen(binding)}};

    if (bindings() == NULL) {
        return;
    }
    if (parts[1].iov_len + 1 >= IR_SUPERVISED_BINDING_MAX || strchr(binding, '|') != NULL ||
        ir_os_send(IR_SUPERVISED_CHANNEL, parts, 2, port->listener.watch.fd) != IR_OS_SENT) {
        ir_log(IRPC_LOG_WARNING, "server",
               "listening=%s reason=\"its supervisor does not hold the socket\"", binding);
        return;
    }
    ir_listener_leave_file(&port->listener);
}

bool ir_supervised_keeps_out(const struct ir_link *who)
{
    const struct irpc_server *server = who->server;
    const struct ir_supervised_page *page = server->supervised;
    const void *bytes = who->peer.family == AF_UNIX ? (const void *)&who->uid : who->peer.bytes;
    struct ir_quarantine_peer peer = ir_quarantine_peer(who->peer.family, bytes);

    for (uint32_t i = 0; page != NULL && i < IR_KEPT_OUT_MAX; i++) {
        const struct ir_kept_out *k = &page->kept_out[i];
        if (__atomic_load_n(&k->until_ms, __ATOMIC_ACQUIRE) > ir_loop_now(server->main->loop) &&
            k->family == peer.family && memcmp(k->bytes, peer.bytes, sizeof(peer.bytes)) == 0) {
            return true;
        }
    }
    return false;
}
