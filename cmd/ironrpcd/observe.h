/*
 * What watches the service from inside: alerts, metrics, status. One for the service, in the
 * process that is it to the outside; time is crew_now()'s.
 */
#pragma once

#include "alerts.h"
#include "daemon.h"
#include "desk.h"
#include "report.h"

/* Call observe_process() for each process that there is. */
typedef void observe_list_fn(void *user, struct report *report);

struct observe {
    struct desk desk;
    struct alerts alerts;
    const struct ir_quarantine *quarantine; /* NULL: there is none */
    uint64_t started;
    uint64_t refused; /* connections of sources in quarantine */
    uint64_t dropped; /* connections for which no worker had room */
    uint64_t ends[REPORT_END__COUNT];
    struct tally past; /* counters of processes that have ended */
    observe_list_fn *list;
    void *user;
    struct report report; /* made anew for each document */
    struct tally taken;
};

/* Begin. Where documents can be read is opened by observe_open(), also after a reload. */
void observe_begin(struct observe *o, const struct daemon *d, observe_list_fn *list, void *user);
void observe_open(struct observe *o, const struct daemon *d);

/* Alerts for what a process, "worker 1", has noted in @shared, and for limits that it is near;
 * @seen is for this function alone. */
void observe_look(struct observe *o, const char *process, const struct tally *shared,
                  struct tally_recent *seen);

/* A process has ended, and this is the last of its numbers. */
void observe_ended(struct observe *o, const struct tally *shared, struct tally_recent *seen);

/* For observe_list_fn: one process; all but its numbers is in @process. */
void observe_process(struct report *report, const struct report_process *process,
                     const struct tally *shared);

/* Every so often. */
void observe_tick(struct observe *o);

void observe_end(struct observe *o);
