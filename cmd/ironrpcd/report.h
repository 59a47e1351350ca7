/* What the service tells about itself: a page of metrics, and its status. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "alerts.h"
#include "os/quarantine.h"
#include "tally.h"

#define REPORT_PROCESSES 100u
#define REPORT_NAME 24u /* "worker 32", "worker (draining)" */

struct report_process {
    const char *role; /* "service", "mapper", "worker" */
    int number;       /* of the worker; 0: the only one of its role; -1: it drains */
    pid_t pid;
    bool ready;
    uint64_t started; /* crew_now() then */
    struct tally tally;
};

/* Why processes were replaced. */
enum report_end {
    REPORT_CRASHED, /* by a signal of its own doing, or an exit status */
    REPORT_HUNG,
    REPORT_KILLED, /* from outside */
    REPORT_END__COUNT
};

struct report {
    uint64_t now; /* monotonic, milliseconds, as all times here */
    uint64_t started;
    pid_t pid;
    uint32_t n_processes;
    struct report_process processes[REPORT_PROCESSES];
    struct tally sum; /* of them, and of those that have ended */
    uint64_t ends[REPORT_END__COUNT];
    uint64_t refused;                       /* connections of sources in quarantine */
    uint64_t dropped;                       /* connections for which no worker had room */
    const struct ir_quarantine *quarantine; /* NULL: nobody is kept out */
    const struct alerts *alerts;
};

/* The name of a process, by its role and number. */
void report_name(const char *role, int number, char name[REPORT_NAME]);

/* Prometheus' text format, version 0.0.4. */
void report_metrics(const struct report *report, FILE *out);

/* A JSON object, see ironrpcd(8). */
void report_status(const struct report *report, FILE *out);
