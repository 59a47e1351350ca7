/*
 * A child asks the endpoint map over TCP as any client does, at a third of the watchdog's interval,
 * and writes a byte for each answer; the supervisor, which reads nothing of the network, passes
 * that on as WATCHDOG=1. A service that does not answer is not fed, and restarted by systemd.
 *
 * Others on this machine can have the address that we call from kept out, by crashing workers from
 * it: it is not let in for our sake, for we could not be told from them. While it is kept out we
 * call the mapper over ncalrpc instead; the workers' progress is watched anyway (crew.c).
 */
#include "watchdog.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ironrpc/epm.h>

#include "crew.h"
#include "log.h"
#include "os/notify.h"
#include "os/sandbox.h"

/* The address in "ncacn_ip_tcp:ADDRESS[PORT]", which is ours at both ends. */
static struct ir_quarantine_peer address_in(const char *binding)
{
    const char *start = strchr(binding, ':');
    const char *end = strrchr(binding, '[');
    char text[INET6_ADDRSTRLEN] = "";
    uint8_t bytes[16];

    if (start != NULL && end != NULL && end > start) {
        snprintf(text, sizeof(text), "%.*s", (int)(end - start - 1), start + 1);
    }
    if (inet_pton(AF_INET, text, bytes) == 1) {
        return ir_quarantine_peer(AF_INET, bytes);
    }
    if (inet_pton(AF_INET6, text, bytes) == 1) {
        return ir_quarantine_peer(AF_INET6, bytes);
    }
    return (struct ir_quarantine_peer){.family = 0};
}

void watchdog_init(struct watchdog *w, const struct daemon *d, const char *binding,
                   const char *local, const struct ir_quarantine *quarantine)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    bool ours = usec != NULL && (pid == NULL || atol(pid) == (long)getpid());
    unsigned long long us = ours ? strtoull(usec, NULL, 10) : 0;
    const char *bracket = strrchr(binding, '[');
    bool any6 = strstr(binding, ":::[") != NULL;
    bool any = any6 || strstr(binding, ":0.0.0.0[") != NULL;

    *w = (struct watchdog){.daemon = d,
                           .prober = {.fd = -1},
                           .interval_ms = (uint32_t)(us / 3000),
                           .quarantine = quarantine};
    snprintf(w->binding, sizeof(w->binding), "%s%s",
             any6  ? "ncacn_ip_tcp:::1"
             : any ? "ncacn_ip_tcp:127.0.0.1"
                   : binding,
             any && bracket != NULL ? bracket : "");
    snprintf(w->local, sizeof(w->local), "%s", local);
    w->self = address_in(w->binding);
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

    if (irpc_binding_new(w->inside ? w->local : w->binding, &options, &binding) == IRPC_OK) {
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

/* Which way to go; the child that calls goes one. */
static void choose_way(struct watchdog *w)
{
    bool inside = w->local[0] != '\0' && ir_quarantine_has(w->quarantine, &w->self, crew_now());

    if (inside != w->inside) {
        ir_os_prober_stop(&w->prober);
        w->inside = inside;
        log_write(IRPC_LOG_WARNING, "event=watchdog_way binding=%s reason=\"%s\"",
                  inside ? w->local : w->binding,
                  inside ? "its own address is kept out" : "its own address is let in again");
    }
}

void watchdog_tick(struct watchdog *w)
{
    struct ir_os_probe probe = {
        .interval_ms = w->interval_ms, .prepare = become_user, .attempt = call, .user = w};

    if (w->interval_ms == 0) {
        return;
    }
    probe.parent = w->daemon->pid;
    choose_way(w);
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
