/* What belongs together of tally, alerts, report and desk, for supervisor and service alike. */
#include "observe.h"

#include <unistd.h>

#include "crew.h"

void observe_process(struct report *report, const struct report_process *process,
                     const struct tally *shared)
{
    if (report->n_processes == REPORT_PROCESSES) {
        return;
    }
    struct report_process *p = &report->processes[report->n_processes++];

    p->role = process->role;
    p->number = process->number;
    p->pid = process->pid;
    p->ready = process->ready;
    p->started = process->started;
    tally_take(&p->tally, shared);
    tally_add(&report->sum, &p->tally, false);
}

static void write_document(void *user, enum desk_document document, FILE *out)
{
    struct observe *o = user;
    struct report *r = &o->report;

    r->now = crew_now();
    r->started = o->started;
    r->pid = getpid();
    r->n_processes = 0;
    r->sum = o->past;
    r->refused = o->refused;
    r->dropped = o->dropped;
    r->quarantine = o->quarantine;
    r->alerts = &o->alerts;
    for (unsigned i = 0; i < REPORT_END__COUNT; i++) {
        r->ends[i] = o->ends[i];
    }
    o->list(o->user, r);
    if (document == DESK_METRICS) {
        report_metrics(r, out);
    } else {
        report_status(r, out);
    }
}

void observe_begin(struct observe *o, const struct daemon *d, observe_list_fn *list, void *user)
{
    o->started = crew_now();
    o->list = list;
    o->user = user;
    alerts_init(&o->alerts, &d->config);
    desk_init(&o->desk, write_document, o);
}

void observe_open(struct observe *o, const struct daemon *d)
{
    desk_open(&o->desk, daemon_runtime_dir(d), d->config.metrics);
}

void observe_look(struct observe *o, const char *process, const struct tally *shared,
                  struct tally_recent *seen)
{
    uint64_t now = crew_now();

    tally_take(&o->taken, shared);
    alerts_look(&o->alerts, o->taken.recent, seen, now);
    alerts_limits(&o->alerts, process, &o->taken.metrics, now);
}

void observe_ended(struct observe *o, const struct tally *shared, struct tally_recent *seen)
{
    tally_take(&o->taken, shared);
    alerts_look(&o->alerts, o->taken.recent, seen, crew_now());
    tally_add(&o->past, &o->taken, true);
}

void observe_tick(struct observe *o)
{
    uint64_t now = crew_now();

    alerts_tick(&o->alerts, now);
    desk_tick(&o->desk, now);
}

void observe_end(struct observe *o)
{
    desk_close(&o->desk);
}
