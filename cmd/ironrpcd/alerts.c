/*
 * Everything is bounded: sources and classes that are remembered (who was quiet longest makes
 * room), alerts of one source and class in `alert_interval`, alerts in a minute, commands at once,
 * their time. The command is executed without a shell, gets what it is to know in its environment
 * and nothing else of ours: no descriptors but standard error, no other variables. What a peer
 * chose is an address, a number, or printable text that has no meaning to anybody. check: L07 T15
 */
#include "alerts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "os/child.h"

#define MINUTE_MS 60000u

void alerts_init(struct alerts *alerts, const struct config *config)
{
    *alerts = (struct alerts){.config = config};
}

/* --- what to do --- */

static bool is_this_machine(const char *source)
{
    return strncmp(source, "127.", 4) == 0 || strcmp(source, "::1") == 0;
}

/* Of a limit: who it may be, and what to change. */
static void advise_limit(const struct alert *a, char *text, size_t cap)
{
    const char *setting = a->limit.setting;
    bool blames = a->source[0] != '\0';

    snprintf(text, cap, "%s%s%s%s%s", blames ? a->source : "",
             blames ? " has most of it: is that in order? " : "see ironrpc status",
             setting[0] == '\0' ? ""
             : blames           ? "Else raise "
                                : ", or raise ",
             setting, blames && setting[0] == '\0' ? "See ironrpc status" : "");
}

void alert_advice(const struct alert *alert, char *text, size_t cap)
{
    if (alert->limit.name != NULL) {
        advise_limit(alert, text, cap);
    } else if (strcmp(alert->kind, "crashed") == 0) {
        snprintf(text, cap,
                 "report the defect with this log; a second crash keeps the source out by itself");
    } else if (strncmp(alert->source, "uid=", 4) == 0) {
        snprintf(text, cap, "look for its programs: ps -U %s", alert->source + 4);
    } else if (is_this_machine(alert->source)) {
        snprintf(text, cap, "it is on this machine: ss -tnp dst %s", alert->source);
    } else {
        snprintf(text, cap, "keep it out: ironrpc firewall --block %s --apply", alert->source);
    }
}

/* --- the command --- */

unsigned alert_command_words(const char *setting, char copy[CONFIG_TEXT_MAX],
                             char *words[ALERT_WORDS + 1], const char **ret_why)
{
    char *rest = NULL;
    unsigned n = 0;

    *ret_why = NULL;
    snprintf(copy, CONFIG_TEXT_MAX, "%s", setting);
    for (char *w = strtok_r(copy, " \t", &rest); w != NULL; w = strtok_r(NULL, " \t", &rest)) {
        if (n == ALERT_WORDS) {
            *ret_why = "too many words";
            return 0;
        }
        words[n++] = w;
    }
    words[n] = NULL;
    if (n > 0 && words[0][0] != '/') {
        *ret_why = "the program needs its whole path";
        return 0;
    }
    return n;
}

#define VARIABLES 15
#define VARIABLE_MAX 300

static void describe(const struct alert *a, char text[VARIABLES][VARIABLE_MAX],
                     char *environment[VARIABLES + 1])
{
    char advice[160];
    char opnum[16] = "";
    bool is_limit = a->limit.name != NULL;
    unsigned n = 0;

    alert_advice(a, advice, sizeof(advice));
    if (a->opnum != UINT32_MAX) {
        snprintf(opnum, sizeof(opnum), "%u", a->opnum);
    }
    snprintf(text[n++], VARIABLE_MAX, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_ALERT=%s", a->kind);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_SOURCE=%s", a->source);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_CHECK=%s", a->check);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_CLASS=%s", a->danger != NULL ? a->danger->name : "");
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_RESEMBLES=%s",
             a->danger != NULL ? a->danger->resembles : "");
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_COUNT=%llu", (unsigned long long)a->count);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_INTERFACE=%s", a->interface);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_OPNUM=%s", opnum);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_LIMIT=%s", is_limit ? a->limit.name : "");
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_SETTING=%s", is_limit ? a->limit.setting : "");
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_PROCESS=%s", a->process);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_USED=%llu", (unsigned long long)a->limit.used);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_OF=%llu", (unsigned long long)a->limit.limit);
    snprintf(text[n++], VARIABLE_MAX, "IRONRPC_ADVICE=%s", advice);
    for (unsigned i = 0; i < n; i++) {
        environment[i] = text[i];
    }
    environment[n] = NULL;
}

/* In the child. */
static void become_command(char **words, const struct alert *alert)
{
    char text[VARIABLES][VARIABLE_MAX];
    char *environment[VARIABLES + 1];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int none = -1;

    describe(alert, text, environment);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        !ir_os_keep(&none, 0)) {
        _exit(126);
    }
    (void)setpgid(0, 0); /* what it starts ends with it */
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    execve(words[0], words, environment);
    _exit(127);
}

static struct alert_command *free_command(struct alerts *alerts)
{
    for (uint32_t i = 0; i < alerts->config->alert_commands && i < ALERT_COMMANDS; i++) {
        if (alerts->commands[i].pid == 0) {
            return &alerts->commands[i];
        }
    }
    return NULL;
}

static void run_command(struct alerts *alerts, const struct alert *alert, uint64_t now)
{
    struct alert_command *c = free_command(alerts);
    char copy[CONFIG_TEXT_MAX];
    char *words[ALERT_WORDS + 1];
    const char *why = NULL;
    int pidfd = -1;

    if (alert_command_words(alerts->config->alert_command, copy, words, &why) == 0) {
        return;
    }
    pid_t pid = c != NULL ? ir_os_fork(&pidfd) : -1;
    if (pid == 0) {
        become_command(words, alert);
    }
    if (pid < 0) {
        alerts->n_skipped++;
        return;
    }
    close(pidfd);
    alerts->n_commands++;
    *c = (struct alert_command){pid, now + alerts->config->alert_command_ms};
}

static void reap(struct alerts *alerts, struct alert_command *c, uint64_t now)
{
    int status = 0;

    if (ir_os_reap(c->pid, &status)) {
        c->pid = 0;
        if (status != 0) {
            alerts->n_failed++;
            log_write(IRPC_LOG_WARNING, "event=alert_command_failed status=%d signal=%d",
                      WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                      WIFSIGNALED(status) ? WTERMSIG(status) : 0);
        }
    } else if (now > c->deadline) {
        kill(-c->pid, SIGKILL);
        kill(c->pid, SIGKILL);
    }
}

void alerts_tick(struct alerts *alerts, uint64_t now)
{
    for (unsigned i = 0; i < ALERT_COMMANDS; i++) {
        if (alerts->commands[i].pid != 0) {
            reap(alerts, &alerts->commands[i], now);
        }
    }
}

bool alerts_own(const struct alerts *alerts, pid_t pid)
{
    for (unsigned i = 0; i < ALERT_COMMANDS; i++) {
        if (alerts->commands[i].pid == pid) {
            return true;
        }
    }
    return false;
}

/* --- rates --- */

static struct alert_known *find(struct alerts *alerts, const struct alert *a)
{
    struct alert_known *oldest = &alerts->known[0];

    for (unsigned i = 0; i < ALERTS_KNOWN; i++) {
        struct alert_known *k = &alerts->known[i];
        if (k->kind == a->kind && k->danger == a->danger && k->limit == a->limit.name &&
            (k->limit != NULL || strcmp(k->source, a->source) == 0)) {
            return k;
        }
        oldest = k->last < oldest->last ? k : oldest;
    }
    *oldest = (struct alert_known){.kind = a->kind, .danger = a->danger, .limit = a->limit.name};
    memcpy(oldest->source, a->source, sizeof(oldest->source));
    return oldest;
}

/* Whether the rate of all alerts allows one more. */
static bool take_share(struct alerts *alerts, uint64_t now)
{
    if (now - alerts->minute >= MINUTE_MS) {
        alerts->minute = now;
        alerts->in_minute = 0;
    }
    if (alerts->in_minute >= alerts->config->alert_rate) {
        alerts->n_suppressed++;
        return false;
    }
    alerts->in_minute++;
    return true;
}

static void write_limit(const struct alert *a, const char *advice)
{
    log_write(IRPC_LOG_WARNING,
              "event=alert kind=limit limit=%s process=\"%s\" used=%llu of=%llu source=%s "
              "setting=%s advice=\"%s\"",
              a->limit.name, a->process, (unsigned long long)a->limit.used,
              (unsigned long long)a->limit.limit, a->source[0] != '\0' ? a->source : "-",
              a->limit.setting[0] != '\0' ? a->limit.setting : "-", advice);
}

static void write_alert(const struct alert *a)
{
    char advice[160];
    char what[96] = "";

    alert_advice(a, advice, sizeof(advice));
    if (a->limit.name != NULL) {
        write_limit(a, advice);
        return;
    }
    if (a->interface[0] != '\0' && a->opnum != UINT32_MAX) {
        snprintf(what, sizeof(what), " interface=%s opnum=%u", a->interface, a->opnum);
    } else if (a->interface[0] != '\0') {
        snprintf(what, sizeof(what), " interface=%s", a->interface);
    }
    log_write(IRPC_LOG_WARNING,
              "event=alert kind=%s source=%s%s%s%s%s count=%llu%s text=\"%s\" resembles=\"%s\" "
              "advice=\"%s\"",
              a->kind, a->source, a->check[0] != '\0' ? " check=" : "", a->check,
              a->danger != NULL ? " class=" : "", a->danger != NULL ? a->danger->name : "",
              (unsigned long long)a->count, what,
              a->danger != NULL ? a->danger->text : "a worker died while it served this source",
              a->danger != NULL ? a->danger->resembles : "", advice);
}

static void tell(struct alerts *alerts, struct alert_known *k, const struct alert *alert,
                 uint64_t now)
{
    if (!take_share(alerts, now)) {
        return;
    }
    k->told = now;
    alerts->told[alerts->n_told++ % ALERTS_KEPT] = (struct alert_told){*alert, now};
    write_alert(alert);
    run_command(alerts, alert, now);
}

/* @n more of what @alert says; tell, once it is @enough within a minute. */
static void count(struct alerts *alerts, struct alert *alert, uint64_t n, uint32_t enough,
                  uint64_t now)
{
    struct alert_known *k = find(alerts, alert);

    if (now - k->began >= MINUTE_MS) {
        k->began = now;
        k->count = 0;
    }
    k->count += n;
    k->last = now;
    alert->count = k->count;
    if (k->count < enough) {
        return;
    }
    if (k->told != 0 && now - k->told < alerts->config->alert_interval_ms) {
        alerts->n_suppressed++;
        return;
    }
    tell(alerts, k, alert, now);
}

void alerts_tell(struct alerts *alerts, const struct alert *alert, uint64_t now)
{
    struct alert a = *alert;

    count(alerts, &a, 1, 1, now);
}

static void look_at(struct alerts *alerts, const struct tally_recent *r, uint64_t n, uint64_t now)
{
    const struct danger *danger = danger_of(r->check);
    struct alert a = {.kind = "rejected", .danger = danger, .opnum = r->opnum};

    memcpy(a.source, r->source, sizeof(a.source));
    memcpy(a.check, r->check, sizeof(a.check));
    memcpy(a.interface, r->interface, sizeof(a.interface));
    count(alerts, &a, n, danger->enough, now);
}

void alerts_look(struct alerts *alerts, const struct tally_recent *recent,
                 struct tally_recent *seen, uint64_t now)
{
    for (unsigned i = 0; i < TALLY_RECENT; i++) {
        const struct tally_recent *r = &recent[i];
        bool same = strcmp(r->source, seen[i].source) == 0 &&
                    strcmp(r->check, seen[i].check) == 0 && r->count >= seen[i].count;
        uint64_t n = r->count - (same ? seen[i].count : 0);

        seen[i] = *r;
        if (n > 0 && r->source[0] != '\0') {
            look_at(alerts, r, n, now);
        }
    }
}

/* --- limits --- */

/* Told once in an interval, however often it is looked at. */
static void look_at_limit(struct alerts *alerts, const char *process, const struct limit *limit,
                          uint64_t now)
{
    struct alert a = {.kind = "limit", .opnum = UINT32_MAX, .count = 1, .limit = *limit};
    struct alert_known *k = find(alerts, &a);

    k->last = now;
    if (k->told != 0 && now - k->told < alerts->config->alert_interval_ms) {
        return;
    }
    k->told = now; /* even if the rate does not allow it */
    snprintf(a.source, sizeof(a.source), "%s", limit->most);
    snprintf(a.process, sizeof(a.process), "%s", process);
    a.limit.most = "";
    tell(alerts, k, &a, now);
}

void alerts_limits(struct alerts *alerts, const char *process,
                   const struct irpc_server_metrics *metrics, uint64_t now)
{
    struct limit limit;

    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        if (limit_of(metrics, (enum irpc_metric)i, &limit) && limit_is_near(&limit)) {
            look_at_limit(alerts, process, &limit, now);
        }
    }
}
