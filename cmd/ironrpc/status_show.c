/*
 * `ironrpc status`, showing. Names in it are ironrpcd's own; sources are addresses. All the same
 * they are printed escaped, and what is missing is shown as 0 or "-": the other end may be another
 * version.
 */
#include "status.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define TALKERS_SHOWN 10

static uint64_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) && json_integer_value(value) > 0
               ? (uint64_t)json_integer_value(value)
               : 0;
}

/* Into @text[@cap], printable. */
static const char *word(const json_t *object, const char *key, char *text, size_t cap)
{
    const char *value = json_string_value(json_object_get(object, key));

    ir_cli_printable(value != NULL && value[0] != '\0' ? value : "-", text, cap);
    return text;
}

/* "3d 4h", "5min 2s" */
static const char *duration(uint64_t s, char text[32])
{
    if (s >= 86400) {
        snprintf(text, 32, "%" PRIu64 "d %" PRIu64 "h", s / 86400, s / 3600 % 24);
    } else if (s >= 3600) {
        snprintf(text, 32, "%" PRIu64 "h %" PRIu64 "min", s / 3600, s / 60 % 60);
    } else if (s >= 60) {
        snprintf(text, 32, "%" PRIu64 "min %" PRIu64 "s", s / 60, s % 60);
    } else {
        snprintf(text, 32, "%" PRIu64 "s", s);
    }
    return text;
}

static const char *size(uint64_t n, char text[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)n;
    unsigned i = 0;

    while (v >= 1024 && i < 4) {
        v /= 1024;
        i++;
    }
    snprintf(text, 32, i == 0 ? "%.0f %s" : "%.1f %s", v, units[i]);
    return text;
}

static void show_processes(json_t *status)
{
    json_t *p;
    size_t i;
    char name[64];
    char state[32];
    char up[32];
    char memory[32];

    printf("%-18s  %7s  %-8s  %-10s  %11s  %12s  %s\n", "PROCESS", "PID", "STATE", "UP",
           "CONNECTIONS", "CALLS", "MEMORY");
    json_array_foreach(json_object_get(status, "processes"), i, p)
    {
        printf("%-18s  %7" PRIu64 "  %-8s  %-10s  %11" PRIu64 "  %12" PRIu64 "  %s\n",
               word(p, "name", name, sizeof(name)), number(p, "pid"),
               word(p, "state", state, sizeof(state)), duration(number(p, "uptime_s"), up),
               number(p, "connections"), number(p, "calls"), size(number(p, "memory"), memory));
    }
    const json_t *ends = json_object_get(status, "replaced");
    printf("replaced: %" PRIu64 " crashed, %" PRIu64 " hung, %" PRIu64 " killed\n\n",
           number(ends, "crashed"), number(ends, "hung"), number(ends, "killed"));
}

static void show_sums(json_t *status)
{
    const json_t *m = json_object_get(status, "metrics");
    const json_t *bytes = json_object_get(m, "bytes_total");
    const json_t *auth = json_object_get(m, "authentications_total");
    uint64_t refused = 0;
    const char *key;
    json_t *value;
    char in[32];
    char out[32];

    json_object_foreach(json_object_get(m, "connections_refused_total"), key, value)
    {
        refused += (uint64_t)json_integer_value(value);
    }
    printf("connections  %" PRIu64 " now, %" PRIu64 " accepted, %" PRIu64 " refused, %" PRIu64
           " closed for their memory\n",
           number(m, "connections"), number(m, "connections_total"), refused,
           number(m, "connections_evicted_total"));
    printf("calls        %" PRIu64 ", %" PRIu64 " of them faults, %" PRIu64
           " refused as too many\n",
           number(m, "calls_total"), number(m, "faults_total"), number(m, "calls_refused_total"));
    printf("bytes        %s in, %s out\n", size(number(bytes, "in"), in),
           size(number(bytes, "out"), out));
    printf("logons       %" PRIu64 " good, %" PRIu64 " failed\n\n", number(auth, "ok"),
           number(auth, "failed"));
}

static void show_interfaces(json_t *status)
{
    json_t *e;
    size_t i;
    char name[64];
    char version[16];

    printf("%-16s  %7s  %10s  %12s  %10s\n", "INTERFACE", "VERSION", "BINDS", "CALLS", "FAULTS");
    json_array_foreach(json_object_get(status, "interfaces"), i, e)
    {
        printf("%-16s  %7s  %10" PRIu64 "  %12" PRIu64 "  %10" PRIu64 "\n",
               word(e, "name", name, sizeof(name)), word(e, "version", version, sizeof(version)),
               number(e, "binds"), number(e, "calls"), number(e, "faults"));
    }
    printf(
        "%-16s  %7s  %10" PRIu64 "\n\n", "other", "",
        number(json_object_get(json_object_get(status, "metrics"), "presentation_contexts_total"),
               "unknown"));
}

static void show_talkers(json_t *status)
{
    const json_t *talkers = json_object_get(status, "talkers");
    json_t *t;
    size_t i;
    char source[96];
    char bytes[32];

    if (json_array_size(talkers) == 0) {
        return;
    }
    printf("%-28s  %6s  %11s  %8s  %10s  %s\n", "BUSIEST SOURCES", "OPEN", "CONNECTIONS", "REFUSED",
           "REJECTIONS", "BYTES");
    json_array_foreach(talkers, i, t)
    {
        if (i < TALKERS_SHOWN) {
            printf("%-28s  %6" PRIu64 "  %11" PRIu64 "  %8" PRIu64 "  %10" PRIu64 "  %s\n",
                   word(t, "source", source, sizeof(source)), number(t, "open"),
                   number(t, "connections"), number(t, "refused"), number(t, "rejections"),
                   size(number(t, "bytes"), bytes));
        }
    }
    printf("\n");
}

static void show_rejections(json_t *status)
{
    const json_t *rejections = json_object_get(status, "rejections");
    json_t *r;
    size_t i;
    char check[16];
    char text[128];
    char resembles[200];

    if (json_array_size(rejections) == 0) {
        return;
    }
    printf("REJECTED  %10s  WHAT, AND WHERE THAT WAS A DEFECT\n", "TIMES");
    json_array_foreach(rejections, i, r)
    {
        printf("%-8s  %10" PRIu64 "  %s: %s\n", word(r, "check", check, sizeof(check)),
               number(r, "count"), word(r, "text", text, sizeof(text)),
               word(r, "resembles", resembles, sizeof(resembles)));
    }
    printf("\n");
}

static void show_limits(json_t *status)
{
    json_t *l;
    size_t i;
    char name[64];
    char process[64];
    char most[96];

    printf("%-28s  %12s  %12s  %-10s  %s\n", "LIMIT", "USED", "OF", "IN", "MOST BY");
    json_array_foreach(json_object_get(status, "limits"), i, l)
    {
        printf("%-28s  %12" PRIu64 "  %12" PRIu64 "  %-10s  %s\n",
               word(l, "name", name, sizeof(name)), number(l, "used"), number(l, "limit"),
               word(l, "process", process, sizeof(process)), word(l, "most", most, sizeof(most)));
    }
    printf("\n");
}

static void show_alerts(json_t *status)
{
    json_t *a;
    size_t i;
    char source[96];
    char kind[32];
    char class[32];
    char age[32];
    char advice[200];

    json_array_foreach(json_object_get(status, "alerts"), i, a)
    {
        bool is_limit = strcmp(word(a, "kind", kind, sizeof(kind)), "limit") == 0;
        printf("%s %s ago: %s %s %s, %" PRIu64 " times; %s\n", i == 0 ? "ALERTS\n " : " ",
               duration(number(a, "age_s"), age), word(a, "source", source, sizeof(source)),
               word(a, "kind", kind, sizeof(kind)),
               word(a, is_limit ? "limit" : "class", class, sizeof(class)), number(a, "count"),
               word(a, "advice", advice, sizeof(advice)));
    }
    printf(i > 0 ? "\n" : "");
}

/* --- what needs attention --- */

static void begin_attention(unsigned *n, bool show)
{
    if ((*n)++ == 0 && show) {
        printf("ATTENTION\n");
    }
}

static unsigned judge_limits(json_t *status, bool show, unsigned n)
{
    json_t *l;
    size_t i;
    char name[64];
    char process[64];
    char most[96];
    char setting[64];

    json_array_foreach(json_object_get(status, "limits"), i, l)
    {
        if (!json_is_true(json_object_get(l, "near"))) {
            continue;
        }
        begin_attention(&n, show);
        if (show) {
            printf("  %s of %s: %" PRIu64 " of %" PRIu64 ", most of it %s; raise %s?\n",
                   word(l, "name", name, sizeof(name)),
                   word(l, "process", process, sizeof(process)), number(l, "used"),
                   number(l, "limit"), word(l, "most", most, sizeof(most)),
                   word(l, "setting", setting, sizeof(setting)));
        }
    }
    return n;
}

static unsigned judge(json_t *status, bool show)
{
    json_t *e;
    size_t i;
    char name[96];
    char age[32];
    unsigned n = judge_limits(status, show, 0);

    json_array_foreach(json_object_get(status, "processes"), i, e)
    {
        if (strcmp(word(e, "state", name, sizeof(name)), "starting") == 0) {
            begin_attention(&n, show);
            if (show) {
                printf("  %s is not ready: see the log\n", word(e, "name", name, sizeof(name)));
            }
        }
    }
    json_array_foreach(json_object_get(status, "quarantine"), i, e)
    {
        if (number(e, "kept_out_s") > 0) {
            begin_attention(&n, show);
            if (show) {
                printf("  %s is kept out for %s more: it crashed workers\n",
                       word(e, "source", name, sizeof(name)),
                       duration(number(e, "kept_out_s"), age));
            }
        }
    }
    if (show && n == 0) {
        printf("Nothing needs attention.\n");
    }
    return n;
}

unsigned status_show(json_t *status, bool show)
{
    char version[32];
    char up[32];

    if (show) {
        printf("ironrpcd %s, pid %" PRIu64 ", up %s\n\n",
               word(status, "version", version, sizeof(version)), number(status, "pid"),
               duration(number(status, "uptime_s"), up));
        show_processes(status);
        show_sums(status);
        show_interfaces(status);
        show_talkers(status);
        show_rejections(status);
        show_limits(status);
        show_alerts(status);
    }
    return judge(status, show);
}
