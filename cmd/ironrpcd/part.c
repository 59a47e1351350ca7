/*
 * A child of the supervisor: a worker, which serves connections that come by its channel and
 * answers from the map's latest copy, or the mapper, which accepts local connections itself and
 * owns the map.
 *
 * Order matters: everything that needs files, sockets or root comes before the sandbox closes, and
 * that before the first byte of a peer. A child ends with the supervisor: by signal, and when its
 * channel closes, unless it was told to drain.
 */
#include "part.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "os/child.h"
#include "os/memory.h"
#include "os/pass.h"
#include "os/sandbox.h"

#define BEAT_MS 200u
#define MESSAGES_PER_WAKE 64
#define MAP_WAIT_MS 100 /* for a newer map that is on its way */
#define DATA_SLACK ((size_t)256 << 20)

static struct {
    struct daemon *d;
    struct part *part;
    uint64_t version; /* of the map that is searched */
    const void *map;
    size_t map_len;
    uint32_t taken; /* connections, not yet acknowledged */
    bool draining;
    bool unsent_map;
    struct packet packet;
} self;

static enum ir_os_sent tell(const struct message *m, int fd)
{
    const struct iovec part = {(void *)(uintptr_t)m, sizeof(*m)};

    return ir_os_send(self.part->channel, &part, 1, fd);
}

/* --- the map --- */

static void take_map(const struct message *m, int fd)
{
    size_t len = 0;
    const void *map = fd >= 0 ? ir_os_sealed_map(fd, &len) : NULL;

    if (map == NULL || ir_epm_service_borrow(self.d->epm, map, len) != IRPC_OK) {
        log_write(IRPC_LOG_ERROR, "event=map_unusable version=%llu",
                  (unsigned long long)m->version);
        ir_os_shared_free((void *)(uintptr_t)map, len);
        return;
    }
    ir_os_shared_free((void *)(uintptr_t)self.map, self.map_len);
    self.map = map;
    self.map_len = len;
    self.version = m->version;
}

static void flatten(void *user, void *memory)
{
    ir_epm_flatten(user, memory);
}

/* The mapper: publish the map as it is. Later, if the supervisor does not take it now. */
static void publish(void *user)
{
    const struct ir_epm_map *map = ir_epm_service_peek(self.d->epm);
    uint64_t version = *self.part->version + 1;
    struct message m = {.type = MESSAGE_MAP, .version = version};

    (void)user;
    int fd =
        ir_os_sealed_new("endpoint-map", ir_epm_flat_len(map), flatten, (void *)(uintptr_t)map);
    self.unsent_map = fd < 0 || tell(&m, fd) != IR_OS_SENT;
    if (!self.unsent_map) {
        __atomic_store_n(self.part->version, version, __ATOMIC_RELEASE);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* --- the channel --- */

static bool on_foreign(void *user, uint32_t group, unsigned port, int fd, const uint8_t *bytes,
                       size_t len)
{
    struct message m = {.type = MESSAGE_FOREIGN, .port = port, .group = group};
    const struct iovec parts[2] = {{&m, sizeof(m)}, {(void *)(uintptr_t)bytes, len}};

    (void)user;
    return len <= MESSAGE_BYTES_MAX && ir_os_send(self.part->channel, parts, 2, fd) == IR_OS_SENT;
}

static void take_connection(const struct packet *p, size_t len, int fd)
{
    self.taken += p->m.count;
    if (fd >= 0) {
        (void)!ir_server_adopt(self.d->server, p->m.port, fd, p->bytes, len);
    }
}

static void acknowledge(void)
{
    struct message m = {.type = MESSAGE_TAKEN, .count = self.taken};

    if (self.taken > 0 && tell(&m, -1) == IR_OS_SENT) {
        self.taken = 0;
    }
}

static void end_if_drained(void)
{
    struct irpc_server_stats stats;

    irpc_server_stats(self.d->server, &stats);
    if (self.draining && stats.open == 0) {
        irpc_server_stop(self.d->server);
    }
}

static void stop(void *user)
{
    irpc_server_stop(user);
}

static void drain(void)
{
    self.draining = true;
    end_if_drained();
    if (irpc_server_after(self.d->server, self.d->config.drain_ms, stop, self.d->server, NULL) !=
        IRPC_OK) {
        irpc_server_stop(self.d->server);
    }
}

/* One message. Return: false: there is no more. */
static bool take_message(void)
{
    int fd = -1;
    ssize_t n = ir_os_receive(self.part->channel, &self.packet, sizeof(self.packet), &fd);

    if (n == 0) {
        irpc_server_unwatch(self.d->server, self.part->channel);
        if (!self.draining) {
            irpc_server_stop(self.d->server);
        }
        return false;
    }
    if (n < (ssize_t)sizeof(self.packet.m)) {
        return n == -2;
    }
    if (self.packet.m.type == MESSAGE_CONNECTION) {
        take_connection(&self.packet, (size_t)n - sizeof(self.packet.m), fd);
        return true;
    }
    if (self.packet.m.type == MESSAGE_MAP) {
        take_map(&self.packet.m, fd);
    } else if (self.packet.m.type == MESSAGE_DRAIN) {
        drain();
    }
    if (fd >= 0) {
        close(fd);
    }
    return true;
}

static void on_channel(void *user, int fd)
{
    (void)user;
    (void)fd;
    for (int i = 0; i < MESSAGES_PER_WAKE && take_message(); i++) {
    }
    acknowledge();
}

/* A worker, before it searches: whoever has been told that an interface is registered finds it. */
static void refresh(void *user)
{
    struct pollfd more = {.fd = self.part->channel, .events = POLLIN};

    (void)user;
    while (__atomic_load_n(self.part->version, __ATOMIC_ACQUIRE) > self.version &&
           poll(&more, 1, MAP_WAIT_MS) == 1 && take_message()) {
    }
}

static void on_beat(void *user)
{
    struct page *page = self.part->page;

    irpc_server_stats(self.d->server, &page->stats);
    tally_update(&page->tally, self.d->server);
    __atomic_store_n(&page->beat, page->beat + 1, __ATOMIC_RELEASE);
    acknowledge();
    end_if_drained();
    if (self.unsent_map) {
        publish(NULL);
    }
    (void)!irpc_server_after(self.d->server, BEAT_MS, on_beat, user,
                             NULL); /* cannot fail in here */
}

/* --- the beginning --- */

static enum irpc_status open_ports(struct ports *ports)
{
    enum irpc_status st = IRPC_OK;

    for (unsigned i = 0; i < ports->n && st == IRPC_OK; i++) {
        struct port *p = &ports->port[i];
        const char *endpoint = p->local ? p->endpoint : NULL;

        if (p->local && self.part->role == ROLE_MAPPER) {
            st = irpc_server_listen_fd(self.d->server, p->fd, endpoint);
        } else {
            st = ir_server_announce(self.d->server, p->fd, endpoint);
            close(p->fd);
        }
    }
    return st;
}

static enum irpc_status build(struct daemon *d, struct ports *ports)
{
    bool mapper = self.part->role == ROLE_MAPPER;
    const struct ir_epm_service_options epm = {
        .start = (uint32_t)*self.part->version + 1,
        .changed = mapper ? publish : NULL,
        .refresh = mapper ? NULL : refresh,
        .borrowed = !mapper,
    };
    enum irpc_status st = daemon_make_server(d, mapper ? 1 : d->config.workers, &epm);

    if (st == IRPC_OK) {
        st = open_ports(ports);
    }
    if (st == IRPC_OK) {
        st = irpc_server_watch(d->server, self.part->channel, on_channel, NULL);
    }
    if (st == IRPC_OK && !mapper) {
        st = auth_offer(&d->auth, d->server);
    }
    if (st == IRPC_OK && mapper) {
        auth_free(&d->auth); /* of local programs the kernel tells who they are */
        st = ir_epm_service_add_self(d->epm, d->server);
        publish(NULL);
    }
    if (st == IRPC_OK && !mapper) {
        ir_server_own_groups(d->server, self.part->owner, on_foreign, NULL);
    }
    if (st == IRPC_OK) {
        ir_server_set_note(d->server, &self.part->page->note);
        tally_begin(&self.part->page->tally, d->server);
    }
    return st;
}

/* Return: false after a record of why. */
static bool close_sandbox(const struct daemon *d)
{
    const struct config *c = &d->config;
    struct ir_os_sandbox_report report = {.landlock_abi = 0};
    uid_t uid = 0;
    gid_t gid = 0;

    ir_os_limit(DATA_SLACK + 2 * (size_t)c->max_memory, (size_t)c->max_connections + 64);
    if (geteuid() == 0 && c->sandbox != 0 &&
        (!ir_os_find_user(c->user, &uid, &gid) || !ir_os_become(uid, gid))) {
        log_write(IRPC_LOG_ERROR, "event=failed reason=\"cannot become the user of server.user\"");
        return false;
    }
    if (!ir_os_follow(self.part->parent)) { /* a new user has undone it */
        return false;
    }
    if (c->sandbox == 0) {
        return true;
    }
    if (!ir_os_sandbox(self.part->role == ROLE_MAPPER ? IR_OS_SERVE_LOCAL : IR_OS_SERVE, &report)) {
        log_write(IRPC_LOG_ERROR, "event=failed reason=\"cannot close the sandbox\"");
        return false;
    }
    log_write(report.filtered ? IRPC_LOG_INFO : IRPC_LOG_WARNING,
              "event=sandboxed role=%s filter=%s landlock=%d",
              self.part->role == ROLE_MAPPER ? "mapper" : "worker", report.filtered ? "yes" : "no",
              report.landlock_abi);
    return true;
}

/* The channel becomes descriptor 3, the ports those after it, then the journal; all others are
 * closed. */
static bool arrange(struct part *part, struct ports *ports)
{
    int fds[PORTS_MAX + 2] = {part->channel};
    int n = (int)ports->n + 1;
    int journal = log_descriptor();

    for (unsigned i = 0; i < ports->n; i++) {
        fds[i + 1] = ports->port[i].fd;
    }
    fds[n] = journal;
    if (!ir_os_keep(fds, n + (journal >= 0))) {
        return false;
    }
    log_descriptor_moved(fds[n]);
    part->channel = fds[0];
    for (unsigned i = 0; i < ports->n; i++) {
        ports->port[i].fd = fds[i + 1];
    }
    return true;
}

int part_run(struct daemon *d, struct part *part, struct ports *ports)
{
    struct message ready = {.type = MESSAGE_READY};

    (void)signal(SIGINT, SIG_IGN); /* of the terminal: the supervisor decides */
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGUSR2, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    self.d = d;
    self.part = part;
    d->server = NULL;
    d->epm = NULL;
    if (!ir_os_follow(part->parent) || !arrange(part, ports)) {
        return EXIT_FAILURE;
    }
    enum irpc_status st = build(d, ports);
    if (st != IRPC_OK) {
        log_write(IRPC_LOG_ERROR, "event=failed status=%s", irpc_status_name(st));
        return EXIT_FAILURE;
    }
    if (!close_sandbox(d) || tell(&ready, -1) != IR_OS_SENT) {
        return EXIT_FAILURE;
    }
    if (irpc_server_after(d->server, 0, on_beat, NULL, NULL) != IRPC_OK) {
        return EXIT_FAILURE;
    }
    return irpc_server_run(d->server) == IRPC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
