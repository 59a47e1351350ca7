/*
 * A child asks the endpoint map over TCP as any client does, at a third of the watchdog's interval,
 * and writes a byte for each answer; the supervisor, which reads nothing of the network, passes
 * that on as WATCHDOG=1. A service that does not answer is not fed, and restarted by systemd.
 */
#include "watchdog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ironrpc/epm.h>

#include "os/notify.h"
#include "os/sandbox.h"

void watchdog_init(struct watchdog *w, const struct daemon *d, const char *binding)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    bool ours = usec != NULL && (pid == NULL || atol(pid) == (long)getpid());
    unsigned long long us = ours ? strtoull(usec, NULL, 10) : 0;
    const char *bracket = strrchr(binding, '[');
    bool any6 = strstr(binding, ":::[") != NULL;
    bool any = any6 || strstr(binding, ":0.0.0.0[") != NULL;

    *w = (struct watchdog){.daemon = d, .prober = {.fd = -1}, .interval_ms = (uint32_t)(us / 3000)};
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
static bool call(void *user)
{
    const struct watchdog *w = user;
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

static bool become_user(void *user)
{
    const struct watchdog *w = user;
    uid_t uid = 0;
    gid_t gid = 0;

    return geteuid() != 0 ||
           (ir_os_find_user(w->daemon->config.user, &uid, &gid) && ir_os_become(uid, gid));
}

void watchdog_tick(struct watchdog *w)
{
    struct ir_os_probe probe = {
        .interval_ms = w->interval_ms, .prepare = become_user, .attempt = call, .user = w};

    if (w->interval_ms == 0) {
        return;
    }
    probe.parent = w->daemon->pid;
    if (w->prober.pid == 0 || ir_os_prober_ended(&w->prober)) {
        (void)ir_os_prober_start(&w->prober, &probe); /* or with the next tick */
    }
}

void watchdog_event(struct watchdog *w)
{
    if (ir_os_prober_answers(&w->prober) > 0) {
        ir_os_notify("WATCHDOG=1");
    }
}

void watchdog_end(struct watchdog *w)
{
    ir_os_prober_stop(&w->prober);
}
