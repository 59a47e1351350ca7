/*
 * A slot is the place of a child; the child in it changes. A connection that was accepted for a
 * worker stays open here until that worker says that it has taken it, so that one who dies before
 * leaves it to its successor. What a worker was serving when it died stands in its page: that
 * source is blamed, unless the worker was killed from outside.
 */
#include "crew.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "os/child.h"
#include "os/memory.h"
#include "os/pass.h"
#include "os/process.h"

#define LATE_TICK_MS 600u /* we were not running ourselves: then nobody is taken for hung */
#define END_MS 2000u
#define MESSAGES_PER_WAKE 64
#define LAST_WORDS_MAX 4096 /* more than a socket holds */

uint64_t crew_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static const char *role_name(const struct child *c)
{
    return c->role == ROLE_MAPPER ? "mapper" : "worker";
}

static void list_children(void *user, struct report *report)
{
    const struct crew *crew = user;

    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        const struct child *c = &crew->children[i];
        const struct report_process p = {
            .role = role_name(c),
            .number = c->slot,
            .pid = c->pid,
            .ready = c->ready,
            .started = c->started,
        };
        if (c->pid != 0) {
            observe_process(report, &p, &c->page->tally);
        }
    }
}

bool crew_init(struct crew *crew, struct daemon *d, struct ports *ports)
{
    crew->d = d;
    crew->ports = ports;
    crew->map_fd = -1;
    crew->n_slots = d->config.workers + 1;
    crew->last_owner = (uint8_t)crew_now(); /* differs from a service that was here before */
    crew->version = ir_os_shared_new(PAGE_LEN);
    crew->observe.quarantine = &crew->quarantine;
    observe_begin(&crew->observe, d, list_children, crew);
    return crew->version != NULL;
}

/* --- starting --- */

static struct child *free_child(struct crew *crew)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (crew->children[i].pid == 0) {
            return &crew->children[i];
        }
    }
    return NULL;
}

static bool is_owner(const struct crew *crew, uint8_t owner)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (crew->children[i].pid != 0 && crew->children[i].owner == owner) {
            return true;
        }
    }
    return owner == 0;
}

static void run_child(struct crew *crew, struct child *c, int channel)
{
    struct part part = {
        .role = c->role,
        .owner = c->owner,
        .channel = channel,
        .parent = crew->d->pid,
        .page = c->page,
        .version = crew->version,
    };

    _exit(part_run(crew->d, &part, crew->ports));
}

static void send_map(struct crew *crew, struct child *c)
{
    struct message m = {.type = MESSAGE_MAP, .version = crew->map_version};
    const struct iovec part = {&m, sizeof(m)};

    c->wants_map = crew->map_fd >= 0 && c->role == ROLE_WORKER &&
                   ir_os_send(c->channel, &part, 1, crew->map_fd) == IR_OS_FULL;
}

static bool start(struct crew *crew, struct child *c)
{
    int ends[2];

    c->page = ir_os_shared_new(PAGE_LEN);
    if (c->page == NULL || !ir_os_pair(ends)) {
        ir_os_shared_free(c->page, PAGE_LEN);
        return false;
    }
    c->channel = ends[0];
    pid_t pid = ir_os_fork(&c->pidfd);
    if (pid == 0) {
        run_child(crew, c, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        ir_os_shared_free(c->page, PAGE_LEN);
        return false;
    }
    ir_os_shared_hide(c->page, PAGE_LEN);
    c->pid = pid;
    c->moved = crew_now();
    c->started = c->moved;
    send_map(crew, c);
    return true;
}

static void send_waiting(struct slot *slot)
{
    struct child *c = slot->child;

    while (c != NULL && slot->n_sent < slot->n) {
        struct waiting *w = &slot->waiting[slot->n_sent];
        struct message m = {.type = MESSAGE_CONNECTION, .port = w->port, .count = 1};
        const struct iovec part = {&m, sizeof(m)};

        if (ir_os_send(c->channel, &part, 1, w->fd) != IR_OS_SENT) {
            return;
        }
        slot->n_sent++;
    }
}

static void drop_waiting(struct slot *slot, unsigned n)
{
    n = n < slot->n_sent ? n : slot->n_sent;
    for (unsigned i = 0; i < n; i++) {
        close(slot->waiting[i].fd);
    }
    slot->n -= n;
    slot->n_sent -= n;
    memmove(slot->waiting, slot->waiting + n, slot->n * sizeof(slot->waiting[0]));
}

static void fill_slot(struct crew *crew, unsigned i)
{
    struct child *c = free_child(crew);

    if (c == NULL) {
        return; /* until one that drains has ended */
    }
    *c = (struct child){.role = i == 0 ? ROLE_MAPPER : ROLE_WORKER, .slot = (int)i};
    while (is_owner(crew, ++crew->last_owner)) {
    }
    c->owner = crew->last_owner;
    if (!start(crew, c)) {
        log_write(IRPC_LOG_ERROR, "event=cannot_fork role=%s", role_name(c));
        c->pid = 0;
        return;
    }
    crew->slots[i].child = c;
    send_waiting(&crew->slots[i]);
}

void crew_fill(struct crew *crew)
{
    for (unsigned i = 0; i < crew->n_slots; i++) {
        if (crew->slots[i].child == NULL) {
            fill_slot(crew, i);
        }
    }
}

bool crew_is_ready(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->n_slots; i++) {
        if (crew->slots[i].child == NULL || !crew->slots[i].child->ready) {
            return false;
        }
    }
    return true;
}

/* --- connections --- */

bool crew_is_settled(const struct crew *crew)
{
    for (unsigned i = 1; i < crew->n_slots; i++) {
        if (crew->slots[i].n > 0) {
            return false;
        }
    }
    return true;
}

static bool give(struct slot *slot, int fd, uint32_t port)
{
    if (slot->n == WAITING_MAX) {
        return false;
    }
    slot->waiting[slot->n++] = (struct waiting){fd, port};
    send_waiting(slot);
    return true;
}

bool crew_give(struct crew *crew, unsigned worker, int fd, uint32_t port)
{
    unsigned n = crew->n_slots - 1;

    for (unsigned i = 0; i < n; i++) {
        if (give(&crew->slots[1 + (worker + i) % n], fd, port)) {
            return true;
        }
    }
    return false;
}

bool crew_has_room(const struct crew *crew)
{
    for (unsigned i = 1; i < crew->n_slots; i++) {
        if (crew->slots[i].n < WAITING_MAX) {
            return true;
        }
    }
    return false;
}

/* A client whose association group is another worker's, or nobody's: then the worker that asks
 * serves it, and refuses the group. Its bytes pass through unread. */
static void pass_on(struct crew *crew, struct child *from, size_t len, int fd)
{
    struct packet *p = &crew->packet;
    struct child *to = from;
    const struct iovec part = {p, len};

    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        struct child *c = &crew->children[i];
        if (c->pid != 0 && c->role == ROLE_WORKER && c->owner == p->m.group >> 24) {
            to = c;
        }
    }
    p->m.type = MESSAGE_CONNECTION;
    p->m.count = 0;
    if (ir_os_send(to->channel, &part, 1, fd) != IR_OS_SENT) {
        log_write(IRPC_LOG_NOTICE, "event=handover_failed pid=%ld", (long)to->pid);
    }
}

/* --- messages --- */

static void take_map(struct crew *crew, int fd, uint64_t version)
{
    if (crew->map_fd >= 0) {
        close(crew->map_fd);
    }
    crew->map_fd = fd;
    crew->map_version = version;
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (crew->children[i].pid != 0) {
            send_map(crew, &crew->children[i]);
        }
    }
}

static void become_ready(struct crew *crew, struct child *c)
{
    struct slot *slot = c->slot >= 0 ? &crew->slots[c->slot] : NULL;

    if (slot != NULL && slot->died != 0) {
        log_write(IRPC_LOG_NOTICE, "event=replaced role=%s worker=%d pid=%ld after_ms=%llu",
                  role_name(c), c->slot, (long)c->pid,
                  (unsigned long long)(crew_now() - slot->died));
        slot->died = 0;
    }
    c->ready = true;
}

/* Return: false: there is no more. */
static bool take_message(struct crew *crew, struct child *c)
{
    struct message *m = &crew->packet.m;
    int fd = -1;
    ssize_t n = ir_os_receive(c->channel, &crew->packet, sizeof(crew->packet), &fd);

    if (n < (ssize_t)sizeof(*m)) {
        return n == -2; /* who has closed it will be dead soon */
    }
    if (m->type == MESSAGE_READY) {
        become_ready(crew, c);
    } else if (m->type == MESSAGE_TAKEN && c->slot > 0) {
        drop_waiting(&crew->slots[c->slot], m->count);
        send_waiting(&crew->slots[c->slot]);
    } else if (m->type == MESSAGE_FOREIGN && fd >= 0 && c->role == ROLE_WORKER) {
        pass_on(crew, c, (size_t)n, fd);
    } else if (m->type == MESSAGE_MAP && fd >= 0 && c->role == ROLE_MAPPER && c->slot == 0) {
        take_map(crew, fd, m->version);
        fd = -1;
    }
    if (fd >= 0) {
        close(fd);
    }
    return true;
}

/* --- the end of a child --- */

static bool is_crash(const struct child *c, int status)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    return c->hung || sig == SIGSEGV || sig == SIGBUS || sig == SIGABRT || sig == SIGILL ||
           sig == SIGFPE || sig == SIGSYS || sig == SIGTRAP ||
           (WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

static void blame(struct crew *crew, const struct child *c)
{
    const struct ir_note *note = &c->page->note;

    if (__atomic_load_n(&note->connection, __ATOMIC_ACQUIRE) == 0 || c->role != ROLE_WORKER) {
        return;
    }
    struct ir_quarantine_peer s = ir_quarantine_peer(note->family, note->bytes);
    uint32_t term_ms = ir_quarantine_crash(&crew->quarantine, &s, crew_now());
    uint8_t address[16] = {0};
    char text[INET6_ADDRSTRLEN] = "";

    memcpy(address, s.bytes, sizeof(s.bytes));
    (void)inet_ntop(s.family, address, text, sizeof(text));
    log_write(IRPC_LOG_ERROR, "event=crashed_by peer=%s kept_out_ms=%u", text, term_ms);
    struct alert alert = {.kind = term_ms > 0 ? "quarantined" : "crashed", .opnum = UINT32_MAX};

    snprintf(alert.source, sizeof(alert.source), "%s", text);
    alerts_tell(&crew->observe.alerts, &alert, crew_now());
}

static void on_death(struct crew *crew, struct child *c)
{
    int status = 0;

    if (!ir_os_reap(c->pid, &status)) {
        return;
    }
    bool clean = c->slot < 0 && !c->hung;

    log_write(clean ? IRPC_LOG_INFO : IRPC_LOG_WARNING,
              "event=%s role=%s worker=%d pid=%ld signal=%d status=%d hung=%s calls=%llu",
              clean ? "drained" : "died", role_name(c), c->slot, (long)c->pid,
              WIFSIGNALED(status) ? WTERMSIG(status) : 0,
              WIFEXITED(status) ? WEXITSTATUS(status) : 0, c->hung ? "yes" : "no",
              (unsigned long long)c->page->stats.calls_in);
    observe_ended(&crew->observe, &c->page->tally, c->seen);
    if (!clean) {
        crew->observe.ends[c->hung               ? REPORT_HUNG
                           : is_crash(c, status) ? REPORT_CRASHED
                                                 : REPORT_KILLED]++;
    }
    if (is_crash(c, status)) {
        blame(crew, c);
    }
    close(c->pidfd);
    close(c->channel);
    ir_os_shared_free(c->page, PAGE_LEN);
    c->pid = 0;
    if (c->slot < 0) {
        return;
    }
    struct slot *slot = &crew->slots[c->slot];
    slot->child = NULL;
    slot->n_sent = 0; /* what it had not taken goes to the next */
    slot->died = crew_now();
    if (c->ready) {
        fill_slot(crew, (unsigned)c->slot);
    } else if (!crew->was_ready) {
        crew->failed = true;
    } /* else with the next tick: what cannot start must not spin */
}

/* --- events --- */

unsigned crew_poll(struct crew *crew, struct pollfd *fds, struct child **who)
{
    unsigned n = 0;

    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        struct child *c = &crew->children[i];
        if (c->pid == 0) {
            continue;
        }
        fds[n] = (struct pollfd){.fd = c->channel, .events = POLLIN};
        who[n++] = c;
        fds[n] = (struct pollfd){.fd = c->pidfd, .events = POLLIN};
        who[n++] = c;
    }
    return n;
}

void crew_event(struct crew *crew, struct child *c, int fd)
{
    if (c->pid == 0) {
        return; /* an event before this one was its death */
    }
    /* Of a dead one all that is there counts; but another may have got hold of its end, and go on.
     */
    int most = fd == c->pidfd ? LAST_WORDS_MAX : MESSAGES_PER_WAKE;

    for (int i = 0; i < most && take_message(crew, c); i++) {
    }
    if (fd == c->pidfd) {
        on_death(crew, c);
    }
}

/* The machine is busy with others: @c could run, and has had little of the time since it made
 * progress. Killing it would only lose its connections. */
static bool is_starved(const struct crew *crew, const struct child *c)
{
    return ir_os_process_is_runnable(c->pid) &&
           ir_os_process_cpu_ms(c->pid) - c->cpu_ms < crew->d->config.hung_ms / 4;
}

static void watch_over(struct crew *crew, struct child *c, uint64_t now, bool late)
{
    /* A round of its loop, with a beat in it, may be long; a connection's turn may not. */
    uint64_t beat = __atomic_load_n(&c->page->beat, __ATOMIC_ACQUIRE) +
                    __atomic_load_n(&c->page->note.turns, __ATOMIC_RELAXED);

    if (beat != c->beat || late) {
        c->beat = beat;
        c->moved = now;
        c->cpu_ms = ir_os_process_cpu_ms(c->pid);
    } else if (now - c->moved > crew->d->config.hung_ms && !c->hung && !is_starved(crew, c)) {
        log_write(IRPC_LOG_ERROR, "event=hung role=%s worker=%d pid=%ld for_ms=%llu", role_name(c),
                  c->slot, (long)c->pid, (unsigned long long)(now - c->moved));
        c->hung = true;
        kill(c->pid, SIGKILL);
    }
    if (c->slot < 0 && now > c->deadline) {
        kill(c->pid, SIGKILL);
    }
    if (c->wants_map) {
        send_map(crew, c);
    }
    char name[REPORT_NAME];
    report_name(role_name(c), c->slot, name);
    observe_look(&crew->observe, name, &c->page->tally, c->seen);
}

/* Workers of the program that ran in this process before an upgrade. */
static void reap_strangers(struct crew *crew)
{
    pid_t pid;

    while ((pid = ir_os_ended()) > 0) {
        int status = 0;

        for (unsigned i = 0; i < CHILDREN_MAX; i++) {
            if (crew->children[i].pid == pid) {
                return; /* its descriptor tells; the others after it */
            }
        }
        if (pid == crew->test_pid || pid == crew->watchdog_pid ||
            alerts_own(&crew->observe.alerts, pid) || !ir_os_reap(pid, &status)) {
            return;
        }
        log_write(IRPC_LOG_INFO, "event=drained pid=%ld", (long)pid);
    }
}

void crew_tick(struct crew *crew)
{
    uint64_t now = crew_now();
    bool late = now - crew->last_tick > LATE_TICK_MS;

    crew->last_tick = now;
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (crew->children[i].pid != 0) {
            watch_over(crew, &crew->children[i], now, late);
        }
    }
    for (unsigned i = 1; i < crew->n_slots; i++) {
        send_waiting(&crew->slots[i]);
    }
    observe_tick(&crew->observe);
    reap_strangers(crew);
    crew_fill(crew);
    crew->was_ready = crew->was_ready || crew_is_ready(crew);
}

/* --- replacing all --- */

static void drain(struct crew *crew, unsigned i)
{
    struct slot *slot = &crew->slots[i];
    struct message m = {.type = MESSAGE_DRAIN};
    const struct iovec part = {&m, sizeof(m)};
    struct child *c = slot->child;

    if (c == NULL) {
        return;
    }
    c->slot = -1;
    c->deadline = crew_now() + crew->d->config.drain_ms;
    if (c->role == ROLE_MAPPER || ir_os_send(c->channel, &part, 1, -1) != IR_OS_SENT) {
        kill(c->pid, SIGTERM);
    }
    drop_waiting(slot, slot->n_sent); /* they are on their way to it */
    slot->child = NULL;
}

void crew_renew(struct crew *crew, bool mapper)
{
    unsigned before = crew->n_slots;

    for (unsigned i = mapper ? 0 : 1; i < before; i++) {
        drain(crew, i);
    }
    crew->n_slots = crew->d->config.workers + 1;
    crew_fill(crew);
    for (unsigned i = crew->n_slots; i < before; i++) {
        struct slot *slot = &crew->slots[i];
        for (unsigned k = 0; k < slot->n; k++) {
            if (!crew_give(crew, k, slot->waiting[k].fd, slot->waiting[k].port)) {
                close(slot->waiting[k].fd);
            }
        }
        slot->n = 0;
    }
}

void crew_hand_over(struct crew *crew)
{
    for (unsigned i = 0; i < crew->n_slots; i++) {
        send_waiting(&crew->slots[i]);
        drain(crew, i);
    }
}

void crew_end(struct crew *crew)
{
    uint64_t end = crew_now() + END_MS;

    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (crew->children[i].pid != 0) {
            kill(crew->children[i].pid, SIGTERM);
        }
    }
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        struct child *c = &crew->children[i];
        struct pollfd ended = {.fd = c->pidfd, .events = POLLIN};
        int status = 0;

        if (c->pid == 0) {
            continue;
        }
        uint64_t now = crew_now();
        if (poll(&ended, 1, now < end ? (int)(end - now) : 0) != 1) {
            kill(c->pid, SIGKILL);
            (void)poll(&ended, 1, (int)END_MS);
        }
        (void)ir_os_reap(c->pid, &status);
        close(c->pidfd);
        close(c->channel);
        ir_os_shared_free(c->page, PAGE_LEN);
        c->pid = 0;
    }
}
