/*
 * The supervisor: it accepts connections and hands them on without having read a byte, has its crew
 * (crew.c) replaced when it dies, and obeys signals. SIGHUP: read the configuration again, with new
 * workers. SIGUSR2: become the program that is installed now, with the same process id and the same
 * sockets; nobody is refused meanwhile, for the sockets stay open and the old workers finish what
 * they have.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/siphash.h"
#include "crew.h"
#include "doors.h"
#include "log.h"
#include "os/child.h"
#include "os/notify.h"
#include "os/signals.h"
#include "watchdog.h"

#include <netinet/in.h>
#include <sys/random.h>

#define TICK_MS 100
#define ACCEPTS_PER_WAKE 64
#define START_MS 10000u
#define LEAVE_MS 2000u
#define POLLS_MAX (2 + PORTS_MAX + DESK_POLLS + 2 * CHILDREN_MAX)

struct supervisor {
    struct daemon *d;
    struct doors doors;
    struct ports ports;
    struct crew crew;
    struct watchdog watchdog;
    struct ir_siphash_key key;
    char program[512]; /* where ours is installed */
    int test_pidfd;    /* of the next program, which tests the configuration */
    bool resting;      /* out of descriptors or room: accept again with the next tick */
    bool stop;
    uint64_t tick;
    uint64_t leave_by; /* the next program takes over when the workers have taken what was accepted,
                        * and then at the latest; nothing is accepted until then. 0: no upgrade */
};

/* --- connections --- */

static unsigned place(struct supervisor *s, const struct ir_quarantine_peer *source)
{
    if (s->d->config.placement == PLACE_SPREAD) {
        return s->crew.next++;
    }
    return (unsigned)ir_siphash(&s->key, source, sizeof(*source));
}

static struct ir_quarantine_peer source_of_peer(const struct sockaddr_storage *peer)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)peer;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)peer;

    return peer->ss_family == AF_INET6
               ? ir_quarantine_peer(AF_INET6, in6->sin6_addr.s6_addr)
               : ir_quarantine_peer(AF_INET, (const uint8_t *)&in->sin_addr);
}

/* One connection. Return: false: there is none, or it cannot be had now. */
static bool accept_one(struct supervisor *s, uint32_t port)
{
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof(peer);
    int fd = accept4(s->ports.port[port].fd, (struct sockaddr *)&peer, &len,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        bool gone = errno == ECONNABORTED || errno == EINTR || errno == EPROTO || errno == EPERM;

        s->resting = !gone && errno != EAGAIN; /* whatever it is, it must not spin. check: L03 */
        return gone;
    }
    struct ir_quarantine_peer source = source_of_peer(&peer);

    bool kept_out = ir_quarantine_holds(&s->crew.quarantine, &source, crew_now());

    bool given = !kept_out && crew_give(&s->crew, place(s, &source), fd, port);

    s->crew.observe.refused += kept_out;
    s->crew.observe.dropped += !kept_out && !given;
    if (!given) {
        close(fd);
    }
    return true;
}

static void accept_some(struct supervisor *s, uint32_t port)
{
    for (int i = 0; i < ACCEPTS_PER_WAKE && crew_has_room(&s->crew) && accept_one(s, port); i++) {
    }
}

/* --- signals --- */

static void reload(struct supervisor *s)
{
    struct daemon fresh = {.options = s->d->options};
    struct daemon *d = s->d;

    if (!daemon_read_config(&fresh, d->options) || fresh.config.workers == 0 ||
        fresh.config.remote_insert != 0 || !doors_open(&s->doors, &fresh)) {
        daemon_free_config(&fresh);
        log_write(IRPC_LOG_ERROR, "event=reload_refused reason=\"see above; workers=0 and "
                                  "remote_insert need a restart\"");
        return;
    }
    bool mapper = fresh.config.map_entries != d->config.map_entries ||
                  fresh.config.map_entries_per_owner != d->config.map_entries_per_owner ||
                  strcmp(fresh.config.register_group, d->config.register_group) != 0 ||
                  strcmp(fresh.config.listen, d->config.listen) != 0;

    daemon_free_config(d);
    d->access = fresh.access;
    d->auth = fresh.auth;
    d->policy = fresh.policy;
    d->config = fresh.config;
    daemon_open_log(&d->config);
    doors_list(&s->doors, &s->ports);
    observe_open(&s->crew.observe, d);
    crew_renew(&s->crew, mapper);
    log_write(IRPC_LOG_NOTICE, "event=reloaded workers=%u mapper=%s", d->config.workers,
              mapper ? "restarted" : "kept");
}

/* First see whether the new program takes the configuration. */
static void begin_upgrade(struct supervisor *s)
{
    char **argv = s->d->options->argv;
    size_t n = 0;

    if (s->crew.test_pid != 0 || s->leave_by != 0) {
        return;
    }
    while (argv[n] != NULL) {
        n++;
    }
    char **with_test = calloc(n + 2, sizeof(char *));
    if (with_test == NULL) {
        return;
    }
    memcpy(with_test, argv, n * sizeof(char *));
    with_test[n] = (char *)(uintptr_t) "--test";
    s->crew.test_pid = ir_os_fork(&s->test_pidfd);
    if (s->crew.test_pid == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execv(s->program, with_test);
        _exit(127);
    }
    s->crew.test_pid = s->crew.test_pid < 0 ? 0 : s->crew.test_pid;
    free(with_test);
}

static void judge_upgrade(struct supervisor *s)
{
    int status = 1;

    if (!ir_os_reap(s->crew.test_pid, &status)) {
        return;
    }
    close(s->test_pidfd);
    s->crew.test_pid = 0;
    if (status != 0) {
        log_write(IRPC_LOG_ERROR, "event=upgrade_refused program=%s status=%d", s->program, status);
        return;
    }
    log_write(IRPC_LOG_NOTICE, "event=upgrading program=%s", s->program);
    s->leave_by = crew_now() + LEAVE_MS;
}

static void end_upgrade(struct supervisor *s)
{
    sigset_t none;

    s->leave_by = 0;
    watchdog_end(&s->watchdog);
    crew_hand_over(&s->crew);
    doors_leave(&s->doors);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(s->program, s->d->options->argv);
    log_write(IRPC_LOG_ERROR, "event=upgrade_failed error=\"%s\"", strerror(errno));
    doors_keep(&s->doors);
    close(s->d->signal_fd);
    s->d->signal_fd = ir_os_signals_open();
    crew_fill(&s->crew);
}

static void on_signal(struct supervisor *s)
{
    int number = ir_os_signals_read(s->d->signal_fd);

    if (number == SIGHUP) {
        reload(s);
    } else if (number == SIGUSR2) {
        begin_upgrade(s);
    } else if (number != 0) {
        log_write(IRPC_LOG_NOTICE, "event=stopping signal=%s", ir_os_signal_name(number));
        ir_os_notify("STOPPING=1");
        s->stop = true;
    }
}

/* --- the loop --- */

static void tick(struct supervisor *s)
{
    s->resting = false;
    s->tick = crew_now();
    crew_tick(&s->crew);
    if (s->crew.was_ready) {
        watchdog_tick(&s->watchdog);
        s->crew.watchdog_pid = s->watchdog.prober.pid;
    }
    if (s->crew.test_pid != 0) {
        judge_upgrade(s);
    }
}

static bool may_accept(const struct supervisor *s)
{
    return !s->resting && s->leave_by == 0 && crew_has_room(&s->crew);
}

/* Wait and handle what is there, once. */
static void turn(struct supervisor *s)
{
    struct pollfd fds[POLLS_MAX];
    struct child *who[2 * CHILDREN_MAX];
    unsigned port_of[PORTS_MAX];
    unsigned n_ports = 0;

    fds[0] = (struct pollfd){.fd = s->d->signal_fd, .events = POLLIN};
    for (unsigned i = 0; i < s->ports.n && may_accept(s); i++) {
        if (!s->ports.port[i].local) {
            port_of[n_ports] = i;
            fds[1 + n_ports++] = (struct pollfd){.fd = s->ports.port[i].fd, .events = POLLIN};
        }
    }
    struct pollfd *watchdog = fds + 1 + n_ports;
    struct pollfd *desk_fds = watchdog + 1;
    unsigned n_desk = desk_poll(&s->crew.observe.desk, desk_fds);
    struct pollfd *child_fds = desk_fds + n_desk;
    *watchdog = (struct pollfd){.fd = s->watchdog.prober.fd, .events = POLLIN};
    unsigned n_children = crew_poll(&s->crew, child_fds, who);

    if (poll(fds, 2 + n_ports + n_desk + n_children, TICK_MS) > 0) {
        for (unsigned i = 0; i < n_children; i++) {
            if (child_fds[i].revents != 0) {
                crew_event(&s->crew, who[i], child_fds[i].fd);
            }
        }
        for (unsigned i = 0; i < n_ports; i++) {
            if (fds[1 + i].revents != 0) {
                accept_some(s, port_of[i]);
            }
        }
        if ((watchdog->revents & POLLIN) != 0) {
            watchdog_event(&s->watchdog);
        }
        for (unsigned i = 0; i < n_desk; i++) {
            if (desk_fds[i].revents != 0) {
                desk_event(&s->crew.observe.desk, desk_fds[i].fd, crew_now());
            }
        }
        if (fds[0].revents != 0) {
            on_signal(s); /* last: it may change the ports */
        }
    }
    if (crew_now() - s->tick >= TICK_MS) {
        tick(s);
    }
    if (s->leave_by != 0 && (crew_is_settled(&s->crew) || crew_now() > s->leave_by)) {
        end_upgrade(s);
    }
}

static bool begin(struct supervisor *s)
{
    struct daemon *d = s->d;
    ssize_t n = readlink("/proc/self/exe", s->program, sizeof(s->program) - 1);

    s->program[n > 0 ? n : 0] = '\0';
    d->signal_fd = ir_os_signals_open();
    if (d->signal_fd < 0 || getrandom(&s->key, sizeof(s->key), 0) != (ssize_t)sizeof(s->key) ||
        !crew_init(&s->crew, d, &s->ports)) {
        fprintf(stderr, "ironrpcd: cannot start: %s\n", strerror(errno));
        return false;
    }
    if (!doors_inherit(&s->doors, d) || !doors_open(&s->doors, d)) {
        return false;
    }
    doors_list(&s->doors, &s->ports);
    crew_fill(&s->crew);
    uint64_t end = crew_now() + START_MS;

    while (!crew_is_ready(&s->crew) && !s->crew.failed && !s->stop && crew_now() < end) {
        turn(s);
    }
    return crew_is_ready(&s->crew);
}

/* Where the watchdog calls: the first address of the network that we accept at, and the first
 * local socket. */
static void begin_watchdog(struct supervisor *s)
{
    char binding[200] = "";
    char local[CONFIG_TEXT_MAX + 32] = "";
    struct irpc_endpoint e;

    for (unsigned i = s->doors.n; i-- > 0;) {
        if (!irpc_server_endpoint(s->doors.door[i].holder, 0, &e)) {
            continue;
        }
        if (e.transport == IRPC_TRANSPORT_TCP) {
            snprintf(binding, sizeof(binding), "%s", e.string_binding);
        } else {
            bool whole = e.endpoint[0] == '/';
            snprintf(local, sizeof(local), "ncalrpc:[%s%s%s]",
                     whole ? "" : daemon_runtime_dir(s->d), whole ? "" : "/", e.endpoint);
        }
    }
    watchdog_init(&s->watchdog, s->d, binding, local, &s->crew.quarantine);
}

static void log_doors(const struct supervisor *s)
{
    struct irpc_endpoint e;

    for (unsigned i = 0; i < s->doors.n; i++) {
        for (unsigned k = 0; irpc_server_endpoint(s->doors.door[i].holder, k, &e); k++) {
            log_write(IRPC_LOG_NOTICE, "event=listening binding=%s", e.string_binding);
        }
    }
}

static void log_crew(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->crew.n_slots; i++) {
        const struct child *c = s->crew.slots[i].child;
        log_write(IRPC_LOG_NOTICE, "event=%s worker=%u pid=%ld", i == 0 ? "mapper" : "worker", i,
                  c != NULL ? (long)c->pid : 0);
    }
}

int supervise(struct daemon *d)
{
    static struct supervisor s; /* large, and one is enough */
    bool good;

    s.d = d;
    s.watchdog.prober.fd = -1;
    good = begin(&s);
    if (good) {
        log_doors(&s);
        log_crew(&s);
        observe_open(&s.crew.observe, d);
        log_write(IRPC_LOG_NOTICE, "event=ready version=%s pid=%ld", IRONRPC_VERSION,
                  (long)getpid());
        ir_os_notify("READY=1\nSTATUS=Answering");
        s.crew.was_ready = true;
        begin_watchdog(&s);
        while (!s.stop) {
            turn(&s);
        }
    }
    watchdog_end(&s.watchdog);
    crew_end(&s.crew);
    observe_end(&s.crew.observe);
    doors_close(&s.doors);
    if (d->signal_fd >= 0) {
        close(d->signal_fd);
    }
    return good || s.stop ? EXIT_SUCCESS : EXIT_FAILURE;
}
