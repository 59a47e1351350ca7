/*
 * A child asks the endpoint map over TCP as any client does, at a third of the watchdog's interval,
 * and writes a byte for each answer; the supervisor, which reads nothing of the network, passes
 * that on as WATCHDOG=1. A service that does not answer is not fed, and restarted by systemd.
 */
#include "watchdog.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ironrpc/epm.h>

#include "log.h"
#include "os/child.h"
#include "os/notify.h"
#include "os/sandbox.h"

void watchdog_init(struct watchdog *w, const char *binding)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    bool ours = usec != NULL && (pid == NULL || atol(pid) == (long)getpid());
    unsigned long long us = ours ? strtoull(usec, NULL, 10) : 0;
    const char *bracket = strrchr(binding, '[');
    bool any6 = strstr(binding, ":::[") != NULL;
    bool any = any6 || strstr(binding, ":0.0.0.0[") != NULL;

    *w = (struct watchdog){.fd = -1, .interval_ms = (uint32_t)(us / 3000)};
    snprintf(w->binding, sizeof(w->binding), "%s%s",
             any6  ? "ncacn_ip_tcp:::1"
             : any ? "ncacn_ip_tcp:127.0.0.1"
                   : binding,
             any && bracket != NULL ? bracket : "");
}

static enum irpc_status on_entry(void *user, const struct irpc_epm_entry *entry)
{
    *(bool *)user = entry != NULL;
    return IRPC_CANCELLED; /* one is enough */
}

/* Whether we are answered. */
static bool call(const struct watchdog *w)
{
    const struct irpc_binding_options options = {.connect_ms = w->interval_ms,
                                                 .call_ms = w->interval_ms};
    struct irpc_binding *binding = NULL;
    bool answered = false;

    if (irpc_binding_new(w->binding, &options, &binding) == IRPC_OK) {
        (void)!irpc_epm_lookup(binding, on_entry, &answered);
    }
    irpc_binding_free(binding);
    return answered;
}

static void keep_calling(const struct watchdog *w, const struct daemon *d, int fd)
{
    const struct timespec pause = {.tv_sec = w->interval_ms / 1000,
                                   .tv_nsec = (long)(w->interval_ms % 1000) * 1000000};
    uid_t uid = 0;
    gid_t gid = 0;

    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGUSR2, SIG_IGN);
    if (!ir_os_keep(&fd, 1) ||
        (geteuid() == 0 &&
         (!ir_os_find_user(d->config.user, &uid, &gid) || !ir_os_become(uid, gid))) ||
        !ir_os_follow(d->pid)) {
        return;
    }
    for (;;) {
        if (call(w) && write(fd, "", 1) != 1) {
            return; /* nobody listens any more */
        }
        nanosleep(&pause, NULL);
    }
}

void watchdog_tick(struct watchdog *w, const struct daemon *d)
{
    int ends[2];
    int status = 0;

    if (w->interval_ms == 0 || (w->pid != 0 && !ir_os_reap(w->pid, &status))) {
        return;
    }
    if (w->pid != 0) {
        close(w->pidfd);
        close(w->fd);
        w->fd = -1;
        w->pid = 0;
    }
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    pid_t pid = ir_os_fork(&w->pidfd);
    if (pid == 0) {
        keep_calling(w, d, ends[1]);
        _exit(EXIT_FAILURE);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return;
    }
    w->pid = pid;
    w->fd = ends[0];
}

void watchdog_event(struct watchdog *w)
{
    char bytes[64];

    if (read(w->fd, bytes, sizeof(bytes)) > 0) {
        ir_os_notify("WATCHDOG=1");
    }
}

void watchdog_end(struct watchdog *w)
{
    int status = 0;

    if (w->pid == 0) {
        return;
    }
    kill(w->pid, SIGKILL);
    for (int i = 0; i < 1000 && !ir_os_reap(w->pid, &status); i++) {
        usleep(1000);
    }
    close(w->pidfd);
    close(w->fd);
    w->pid = 0;
    w->fd = -1;
}
