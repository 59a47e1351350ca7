/*
 * Text of what was gathered in struct report. The number of lines is bounded: metrics have fixed
 * names; labels are checks (numbers that exist), interfaces of ours ("other" for all that are not),
 * classes, and processes by role and number. Sources of peers are in the status alone. check: L06
 */
#include "report.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "ironrpc_"

static void header(FILE *out, const char *name, const char *kind, const char *text)
{
    fprintf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, text, name, kind);
}

/* Resident memory in bytes; 0: unknown. */
static uint64_t memory_of(pid_t pid)
{
    char path[40];
    unsigned long long pages = 0;

    snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    if (fscanf(file, "%*u %llu", &pages) != 1) {
        pages = 0;
    }
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void report_name(const char *role, int number, char name[REPORT_NAME])
{
    if (number > 0) {
        snprintf(name, REPORT_NAME, "%s %d", role, number);
    } else {
        snprintf(name, REPORT_NAME, "%s%s", role, number < 0 ? " (draining)" : "");
    }
}

/* The process in which @metric is nearest to its limit; NULL: it has none. */
static const struct report_process *nearest(const struct report *r, enum irpc_metric metric)
{
    const struct report_process *worst = NULL;
    double most = -1;

    for (uint32_t i = 0; i < r->n_processes; i++) {
        const struct irpc_server_metrics *m = &r->processes[i].tally.metrics;
        double share =
            m->limit[metric] > 0 ? (double)m->value[metric] / (double)m->limit[metric] : -1;
        if (share > most) {
            most = share;
            worst = &r->processes[i];
        }
    }
    return worst;
}

/* --- metrics --- */

static void write_server_metrics(const struct report *r, FILE *out)
{
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        const struct irpc_metric_info *info = irpc_metric_info((enum irpc_metric)i);
        bool labelled = info->labels[0] != '\0';

        if (info->text[0] != '\0') {
            header(out, info->name, info->kind == IRPC_METRIC_COUNTER ? "counter" : "gauge",
                   info->text);
        }
        fprintf(out, PREFIX "%s%s%s%s %" PRIu64 "\n", info->name, labelled ? "{" : "", info->labels,
                labelled ? "}" : "", r->sum.metrics.value[i]);
    }
}

static void write_limits(const struct report *r, FILE *out)
{
    header(out, "limit", "gauge", "Where the gauge of that name is refused more, all processes.");
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        if (r->sum.metrics.limit[i] > 0) {
            fprintf(out, PREFIX "limit{limit=\"%s\"} %" PRIu64 "\n",
                    irpc_metric_info((enum irpc_metric)i)->name, r->sum.metrics.limit[i]);
        }
    }
    header(out, "limit_used_ratio", "gauge", "How near the nearest process is to its limit.");
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        const struct report_process *p = nearest(r, (enum irpc_metric)i);
        if (p != NULL) {
            fprintf(out, PREFIX "limit_used_ratio{limit=\"%s\"} %.4f\n",
                    irpc_metric_info((enum irpc_metric)i)->name,
                    (double)p->tally.metrics.value[i] / (double)p->tally.metrics.limit[i]);
        }
    }
}

static void write_checks(const struct report *r, FILE *out)
{
    char name[4];

    header(out, "rejections_total", "counter", "What peers must not do, by number of the check.");
    for (unsigned i = 0; irpc_check_name(i, name); i++) {
        if (r->sum.metrics.checks[i] > 0) {
            fprintf(out, PREFIX "rejections_total{check=\"%s\",class=\"%s\"} %" PRIu64 "\n", name,
                    danger_of(name)->name, r->sum.metrics.checks[i]);
        }
    }
}

static void write_interface(FILE *out, const char *name, const struct tally_interface *t,
                            uint64_t value)
{
    fprintf(out, PREFIX "%s{interface=\"%s\",version=\"%u.%u\"} %" PRIu64 "\n", name, t->name,
            t->id.major, t->id.minor, value);
}

static void write_interfaces(const struct report *r, FILE *out)
{
    header(out, "interface_binds_total", "counter", "Binds to an interface.");
    for (uint32_t i = 0; i < r->sum.n_interfaces; i++) {
        write_interface(out, "interface_binds_total", &r->sum.interfaces[i],
                        r->sum.interfaces[i].contexts);
    }
    fprintf(out, PREFIX "interface_binds_total{interface=\"other\",version=\"\"} %" PRIu64 "\n",
            r->sum.metrics.value[IRPC_METRIC_CONTEXTS_UNKNOWN]);
    header(out, "interface_calls_total", "counter", "Calls of an interface.");
    for (uint32_t i = 0; i < r->sum.n_interfaces; i++) {
        write_interface(out, "interface_calls_total", &r->sum.interfaces[i],
                        r->sum.interfaces[i].calls);
    }
    header(out, "interface_faults_total", "counter", "Calls of an interface answered by a fault.");
    for (uint32_t i = 0; i < r->sum.n_interfaces; i++) {
        write_interface(out, "interface_faults_total", &r->sum.interfaces[i],
                        r->sum.interfaces[i].faults);
    }
}

static const char *const end_names[] = {"crashed", "hung", "killed"};

static uint32_t count_kept_out(const struct report *r)
{
    uint32_t n = 0;

    for (size_t i = 0; r->quarantine != NULL && i < r->quarantine->n; i++) {
        n += r->quarantine->offenders[i].until > r->now;
    }
    return n;
}

static void write_processes(const struct report *r, FILE *out)
{
    char name[REPORT_NAME];

    header(out, "processes_replaced_total", "counter", "Processes that ended and were replaced.");
    for (unsigned i = 0; i < REPORT_END__COUNT; i++) {
        fprintf(out, PREFIX "processes_replaced_total{reason=\"%s\"} %" PRIu64 "\n", end_names[i],
                r->ends[i]);
    }
    header(out, "process_resident_bytes", "gauge", "Memory of a process.");
    for (uint32_t i = 0; i < r->n_processes; i++) {
        if (r->processes[i].number >= 0) {
            report_name(r->processes[i].role, r->processes[i].number, name);
            fprintf(out, PREFIX "process_resident_bytes{process=\"%s\"} %" PRIu64 "\n", name,
                    memory_of(r->processes[i].pid));
        }
    }
    header(out, "quarantined_sources", "gauge", "Sources that are kept out now.");
    fprintf(out, PREFIX "quarantined_sources %u\n", count_kept_out(r));
    header(out, "quarantine_refused_total", "counter", "Connections of sources in quarantine.");
    fprintf(out, PREFIX "quarantine_refused_total %" PRIu64 "\n", r->refused);
    header(out, "connections_dropped_total", "counter",
           "Connections that were closed because no worker had room for them.");
    fprintf(out, PREFIX "connections_dropped_total %" PRIu64 "\n", r->dropped);
}

static void write_alerts(const struct report *r, FILE *out)
{
    const struct alerts *a = r->alerts;

    header(out, "alerts_total", "counter", "Alerts, and those that a rate did not allow.");
    fprintf(out, PREFIX "alerts_total{result=\"told\"} %" PRIu64 "\n", a->n_told);
    fprintf(out, PREFIX "alerts_total{result=\"suppressed\"} %" PRIu64 "\n", a->n_suppressed);
    header(out, "alert_commands_total", "counter", "Runs of the command for alerts.");
    fprintf(out, PREFIX "alert_commands_total{result=\"started\"} %" PRIu64 "\n", a->n_commands);
    fprintf(out, PREFIX "alert_commands_total{result=\"failed\"} %" PRIu64 "\n", a->n_failed);
    fprintf(out, PREFIX "alert_commands_total{result=\"skipped\"} %" PRIu64 "\n", a->n_skipped);
}

void report_metrics(const struct report *report, FILE *out)
{
    header(out, "build_info", "gauge", "The version.");
    fprintf(out, PREFIX "build_info{version=\"" IRONRPC_VERSION "\"} 1\n");
    header(out, "uptime_seconds", "gauge", "Since the service was started.");
    fprintf(out, PREFIX "uptime_seconds %" PRIu64 "\n", (report->now - report->started) / 1000);
    write_server_metrics(report, out);
    write_limits(report, out);
    write_checks(report, out);
    write_interfaces(report, out);
    write_processes(report, out);
    write_alerts(report, out);
}

/* --- status --- */

static const char *comma(uint32_t i)
{
    return i == 0 ? "" : ",";
}

static void say_processes(const struct report *r, FILE *out)
{
    char name[REPORT_NAME];

    fputs("\"processes\":[", out);
    for (uint32_t i = 0; i < r->n_processes; i++) {
        const struct report_process *p = &r->processes[i];
        const uint64_t *v = p->tally.metrics.value;

        report_name(p->role, p->number, name);
        fprintf(out,
                "%s{\"name\":\"%s\",\"pid\":%ld,\"state\":\"%s\",\"uptime_s\":%" PRIu64
                ",\"connections\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"memory\":%" PRIu64 "}",
                comma(i), name, (long)p->pid,
                p->number < 0 ? "draining"
                : p->ready    ? "ready"
                              : "starting",
                (r->now - p->started) / 1000, v[IRPC_METRIC_OPEN], v[IRPC_METRIC_CALLS],
                memory_of(p->pid));
    }
    fputs("],\"replaced\":{", out);
    for (unsigned i = 0; i < REPORT_END__COUNT; i++) {
        fprintf(out, "%s\"%s\":%" PRIu64, comma(i), end_names[i], r->ends[i]);
    }
    fputs("}", out);
}

/* Rows of one name are one object of their labels' values. */
static void say_metrics(const struct report *r, FILE *out)
{
    bool open = false;

    fputs("\"metrics\":{", out);
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        const struct irpc_metric_info *info = irpc_metric_info((enum irpc_metric)i);
        const char *value = strchr(info->labels, '"');
        bool first = info->text[0] != '\0';

        fputs(first && open ? "}" : "", out);
        fputs(i == 0 ? "" : ",", out);
        if (first) {
            fprintf(out, "\"%s\":%s", info->name, value != NULL ? "{" : "");
            open = value != NULL;
        }
        if (value != NULL) {
            fprintf(out, "%s:", value);
        }
        fprintf(out, "%" PRIu64, r->sum.metrics.value[i]);
    }
    fprintf(out, "%s}", open ? "}" : "");
}

static void say_limits(const struct report *r, FILE *out)
{
    uint32_t n = 0;
    char name[REPORT_NAME];
    struct limit l;

    fputs("\"limits\":[", out);
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        const struct report_process *p = nearest(r, (enum irpc_metric)i);
        if (p == NULL || !limit_of(&p->tally.metrics, (enum irpc_metric)i, &l)) {
            continue;
        }
        report_name(p->role, p->number, name);
        fprintf(out,
                "%s{\"name\":\"%s\",\"process\":\"%s\",\"used\":%" PRIu64 ",\"limit\":%" PRIu64
                ",\"near\":%s,\"setting\":\"%s\",\"most\":\"%s\"}",
                comma(n++), l.name, name, l.used, l.limit, limit_is_near(&l) ? "true" : "false",
                l.setting, l.most);
    }
    fputs("]", out);
}

static void say_rejections(const struct report *r, FILE *out)
{
    uint32_t n = 0;
    char name[4];

    fputs("\"rejections\":[", out);
    for (unsigned i = 0; irpc_check_name(i, name); i++) {
        if (r->sum.metrics.checks[i] > 0) {
            const struct danger *d = danger_of(name);
            fprintf(out,
                    "%s{\"check\":\"%s\",\"count\":%" PRIu64
                    ",\"class\":\"%s\",\"text\":\"%s\",\"resembles\":\"%s\"}",
                    comma(n++), name, r->sum.metrics.checks[i], d->name, d->text, d->resembles);
        }
    }
    fputs("]", out);
}

static void say_interfaces(const struct report *r, FILE *out)
{
    char uuid[IRPC_UUID_TEXT_LEN];

    fputs("\"interfaces\":[", out);
    for (uint32_t i = 0; i < r->sum.n_interfaces; i++) {
        const struct tally_interface *t = &r->sum.interfaces[i];

        irpc_uuid_format(&t->id.uuid, uuid);
        fprintf(out,
                "%s{\"name\":\"%s\",\"interface\":\"%s\",\"version\":\"%u.%u\",\"binds\":%" PRIu64
                ",\"calls\":%" PRIu64 ",\"faults\":%" PRIu64 "}",
                comma(i), t->name, uuid, t->id.major, t->id.minor, t->contexts, t->calls,
                t->faults);
    }
    fputs("]", out);
}

static void say_talkers(const struct report *r, FILE *out)
{
    fputs("\"talkers\":[", out);
    for (uint32_t i = 0; i < r->sum.n_talkers; i++) {
        const struct irpc_talker *t = &r->sum.talkers[i];

        fprintf(out,
                "%s{\"source\":\"%s\",\"open\":%u,\"connections\":%" PRIu64 ",\"refused\":%" PRIu64
                ",\"rejections\":%" PRIu64 ",\"bytes\":%" PRIu64 "}",
                comma(i), t->source, t->open, t->connections, t->refused, t->violations, t->bytes);
    }
    fputs("]", out);
}

static void say_quarantine(const struct report *r, FILE *out)
{
    uint32_t n = 0;
    size_t all = r->quarantine != NULL ? r->quarantine->n : 0;

    fputs("\"quarantine\":[", out);
    for (size_t i = 0; i < all; i++) {
        const struct ir_offender *o = &r->quarantine->offenders[i];
        uint8_t address[16] = {0};
        char text[INET6_ADDRSTRLEN] = "";

        memcpy(address, o->source.bytes, sizeof(o->source.bytes));
        (void)inet_ntop(o->source.family, address, text, sizeof(text));
        fprintf(out,
                "%s{\"source\":\"%s%s\",\"crashed_s\":%" PRIu64 ",\"kept_out_s\":%" PRIu64
                ",\"refused\":%u}",
                comma(n++), text, o->source.family == AF_INET6 ? "/64" : "",
                (r->now - o->last) / 1000, o->until > r->now ? (o->until - r->now + 999) / 1000 : 0,
                o->refused);
    }
    fprintf(out, "],\"connections_dropped\":%" PRIu64, r->dropped);
}

static void say_alert(const struct report *r, const struct alert_told *t, bool first, FILE *out)
{
    const struct alert *a = &t->alert;
    char advice[160];

    alert_advice(a, advice, sizeof(advice));
    fprintf(out,
            "%s{\"kind\":\"%s\",\"source\":\"%s\",\"age_s\":%" PRIu64 ",\"count\":%" PRIu64
            ",\"check\":\"%s\",\"limit\":\"%s\",\"class\":\"%s\",\"resembles\":\"%s\","
            "\"advice\":\"%s\"}",
            first ? "" : ",", a->kind, a->source, (r->now - t->at) / 1000, a->count, a->check,
            a->limit.name != NULL ? a->limit.name : "", a->danger != NULL ? a->danger->name : "",
            a->danger != NULL ? a->danger->resembles : "", advice);
}

/* The last ones, newest first. */
static void say_alerts(const struct report *r, FILE *out)
{
    uint64_t n = r->alerts->n_told;

    fputs("\"alerts\":[", out);
    for (uint64_t i = 0; i < n && i < ALERTS_KEPT; i++) {
        say_alert(r, &r->alerts->told[(n - 1 - i) % ALERTS_KEPT], i == 0, out);
    }
    fprintf(out, "],\"alerts_suppressed\":%" PRIu64, r->alerts->n_suppressed);
}

void report_status(const struct report *report, FILE *out)
{
    static void (*const parts[])(const struct report *r, FILE *out) = {
        say_processes,  say_metrics, say_limits,     say_rejections,
        say_interfaces, say_talkers, say_quarantine, say_alerts,
    };

    fprintf(out, "{\"version\":\"" IRONRPC_VERSION "\",\"pid\":%ld,\"uptime_s\":%" PRIu64,
            (long)report->pid, (report->now - report->started) / 1000);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        fputc(',', out);
        parts[i](report, out);
    }
    fputs("}\n", out);
}
