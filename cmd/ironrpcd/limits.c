/* The settings behind the library's gauges. */
#include "limits.h"

#include <stddef.h>

#include "base/attr.h"

#define NEAR_PERCENT 80u

static const struct {
    enum irpc_metric metric;
    const char *setting;
    size_t most; /* offset of a text in the metrics; 0: none */
} rows[] = {
    {IRPC_METRIC_OPEN, "limits.max_connections",
     offsetof(struct irpc_server_metrics, most_connections)},
    {IRPC_METRIC_OPEN_SOURCE, "limits.max_connections_per_source",
     offsetof(struct irpc_server_metrics, most_connections)},
    {IRPC_METRIC_OPEN_NETWORK, "limits.max_connections_per_network",
     offsetof(struct irpc_server_metrics, most_connections_network)},
    {IRPC_METRIC_PENDING_BYTES, "limits.max_memory", 0},
    {IRPC_METRIC_GROUPS, "limits.max_groups",
     offsetof(struct irpc_server_metrics, most_connections)},
    {IRPC_METRIC_HANDLES, "limits.max_contexts",
     offsetof(struct irpc_server_metrics, most_handles)},
    {IRPC_METRIC_HANDLES_SOURCE, "limits.max_contexts_per_source",
     offsetof(struct irpc_server_metrics, most_handles)},
    {IRPC_METRIC_MEMORY, "limits.max_memory", offsetof(struct irpc_server_metrics, most_buffers)},
    {IRPC_METRIC_MEMORY_SOURCE, "limits.max_memory_per_source",
     offsetof(struct irpc_server_metrics, most_buffers)},
    {IRPC_METRIC_DESCRIPTORS, "LimitNOFILE",
     offsetof(struct irpc_server_metrics, most_connections)},
};

bool limit_of(const struct irpc_server_metrics *metrics, enum irpc_metric metric,
              struct limit *ret_limit)
{
    struct limit l = {irpc_metric_info(metric)->name, "", "", metrics->value[metric],
                      metrics->limit[metric]};

    if (l.limit == 0) {
        return false;
    }
    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        if (rows[i].metric == metric) {
            l.setting = rows[i].setting;
            l.most = rows[i].most != 0 ? (const char *)metrics + rows[i].most : "";
        }
    }
    *ret_limit = l;
    return true;
}

bool limit_is_near(const struct limit *limit)
{
    return limit->used >=
               limit->limit / 100 * NEAR_PERCENT + limit->limit % 100 * NEAR_PERCENT / 100 &&
           limit->used > 0;
}
