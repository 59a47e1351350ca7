/* Limits of a process: what is near its end, who has most of it, which setting it is. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/metrics.h>

struct limit {
    const char *name;    /* of the gauge; static */
    const char *setting; /* static; "" if there is none */
    const char *most;    /* who has most of it, in the metrics; "" if nobody is known */
    uint64_t used;
    uint64_t limit;
};

/* The limit of the gauge @metric. Return: false: it has none. */
bool limit_of(const struct irpc_server_metrics *metrics, enum irpc_metric metric,
              struct limit *ret_limit);

/* Whether four fifths of it are used. */
bool limit_is_near(const struct limit *limit);
