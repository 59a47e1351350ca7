/*
 * Reading what is counted: sums over the lanes, whose counters have one writer each, and what the
 * tables of the server hold now. Nothing here is on the way of a call.
 */
#include <string.h>

#include "server/internal.h"

/* clang-format off */
static const struct irpc_metric_info infos[] = {
#define INFO(symbol, kind, name, labels, text) {IRPC_METRIC_##kind, name, labels, text},
    IRPC_METRIC_MAP(INFO)
#undef INFO
};
/* clang-format on */

const struct irpc_metric_info *irpc_metric_info(enum irpc_metric metric)
{
    return (unsigned)metric < IRPC_METRIC__COUNT ? &infos[metric] : NULL;
}

/* --- numbers of checks --- */

static const char letters[] = "ABDEFGHLNPRSTW";

#define PER_LETTER 32u

_Static_assert((sizeof(letters) - 1) * PER_LETTER == IRPC_CHECKS_MAX, "a place for each number");

unsigned irpc_check_index(const char *check)
{
    const char *letter = check[0] != '\0' ? strchr(letters, check[0]) : NULL;

    if (letter == NULL || check[1] < '0' || check[1] > '9' || check[2] < '0' || check[2] > '9' ||
        check[3] != '\0') {
        return IRPC_CHECKS_MAX;
    }
    unsigned number = (unsigned)(check[1] - '0') * 10 + (unsigned)(check[2] - '0');

    return number < PER_LETTER ? (unsigned)(letter - letters) * PER_LETTER + number
                               : IRPC_CHECKS_MAX;
}

bool irpc_check_name(unsigned index, char *ret_name)
{
    if (index >= IRPC_CHECKS_MAX) {
        return false;
    }
    ret_name[0] = letters[index / PER_LETTER];
    ret_name[1] = (char)('0' + index % PER_LETTER / 10);
    ret_name[2] = (char)('0' + index % PER_LETTER % 10);
    ret_name[3] = '\0';
    return true;
}

/* --- sums --- */

static void add_lane(struct irpc_server_metrics *m, const struct ir_counters *c, uint32_t n_ifaces)
{
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        m->value[i] += ir_counted(&c->n[i]);
    }
    for (unsigned i = 0; i < IRPC_CHECKS_MAX; i++) {
        m->checks[i] += ir_counted(&c->checks[i]);
    }
    for (uint32_t i = 0; i < n_ifaces; i++) {
        const struct ir_iface_counters *iface = &c->ifaces[i];
        size_t quick = ir_counted(&iface->quick);
        size_t calls = quick + ir_counted(&iface->calls);

        m->value[IRPC_METRIC_CALLS] += calls;
        m->value[IRPC_METRIC_PDUS_IN] += calls;
        m->value[IRPC_METRIC_PDUS_OUT] += quick;
        m->value[IRPC_METRIC_FAULTS] += ir_counted(&iface->faults);
        m->value[IRPC_METRIC_CONTEXTS] += ir_counted(&iface->contexts);
    }
}

static void sum_lanes(struct irpc_server *server, struct irpc_server_metrics *ret_metrics)
{
    pthread_mutex_lock(&server->registry_lock);
    uint32_t n_ifaces = server->n_ifaces;
    pthread_mutex_unlock(&server->registry_lock);
    *ret_metrics = (struct irpc_server_metrics){0};
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        add_lane(ret_metrics, &server->lanes[i]->stats, n_ifaces);
    }
}

static void gauge(struct irpc_server_metrics *m, enum irpc_metric metric, uint64_t value,
                  uint64_t limit)
{
    m->value[metric] = value;
    m->limit[metric] = limit;
}

static void name_most(const struct ir_most *most, char text[IRPC_SOURCE_TEXT])
{
    text[0] = '\0';
    if (most->n > 0) {
        ir_source_format(most->id, text);
    }
}

/* What the sources have: the one that has most of each. */
static void add_sources(struct irpc_server *server, struct irpc_server_metrics *m)
{
    const struct irpc_server_options *o = &server->options;
    struct ir_busiest busiest;

    ir_sources_busiest(server, &busiest);
    gauge(m, IRPC_METRIC_OPEN_SOURCE, busiest.open_source.n, o->max_connections_per_source);
    gauge(m, IRPC_METRIC_OPEN_NETWORK, busiest.open_network.n, o->max_connections_per_network);
    gauge(m, IRPC_METRIC_MEMORY_SOURCE, busiest.held.n, o->max_memory_per_source);
    gauge(m, IRPC_METRIC_HANDLES_SOURCE, busiest.handles.n, o->max_contexts_per_source);
    name_most(&busiest.open_source, m->most_connections);
    name_most(&busiest.open_network, m->most_connections_network);
    name_most(&busiest.held, m->most_buffers);
    name_most(&busiest.handles, m->most_handles);
}

void irpc_server_metrics(const struct irpc_server *server_, struct irpc_server_metrics *ret_metrics)
{
    struct irpc_server *server = (struct irpc_server *)(uintptr_t)server_; /* to lock it */
    const struct irpc_server_options *o = &server->options;
    struct irpc_server_metrics *m = ret_metrics;
    uint64_t open = atomic_load_explicit(&server->n_open, memory_order_relaxed);

    sum_lanes(server, m);
    add_sources(server, m);
    gauge(m, IRPC_METRIC_OPEN, open, o->max_connections);
    gauge(m, IRPC_METRIC_DESCRIPTORS, open + server->n_files, server->max_files);
    gauge(m, IRPC_METRIC_PENDING, atomic_load_explicit(&server->n_pending, memory_order_relaxed),
          o->max_pending);
    gauge(m, IRPC_METRIC_PENDING_BYTES, ir_counted(&server->pending_bytes), o->max_memory);
    gauge(m, IRPC_METRIC_MEMORY, ir_counted(&server->held), o->max_memory);
    gauge(m, IRPC_METRIC_GROUPS, server->groups.n, o->max_groups);
    gauge(m, IRPC_METRIC_HANDLES, server->handles.n, o->max_contexts);
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        ir_lane_count_traffic(server->lanes[i]);
    }
}

void irpc_server_stats(const struct irpc_server *server_, struct irpc_server_stats *ret_stats)
{
    struct irpc_server *server = (struct irpc_server *)(uintptr_t)server_; /* to lock it */
    struct irpc_server_metrics m;

    sum_lanes(server, &m);
    *ret_stats = (struct irpc_server_stats){
        .calls_in = m.value[IRPC_METRIC_CALLS],
        .pkts_in = m.value[IRPC_METRIC_PDUS_IN],
        .pkts_out = m.value[IRPC_METRIC_PDUS_OUT],
        .connections = m.value[IRPC_METRIC_CONNECTIONS],
        .violations = m.value[IRPC_METRIC_VIOLATIONS],
        .faults = m.value[IRPC_METRIC_FAULTS],
        .open = atomic_load_explicit(&server->n_open, memory_order_relaxed),
        .pending = atomic_load_explicit(&server->n_pending, memory_order_relaxed),
    };
    for (unsigned i = IRPC_METRIC_REFUSED_ALL; i <= IRPC_METRIC_REFUSED_MEMORY; i++) {
        ret_stats->refused += m.value[i];
    }
    ret_stats->groups = server->groups.n;
    ret_stats->contexts = server->handles.n;
}

bool irpc_server_interface_metrics(const struct irpc_server *server_, unsigned index,
                                   struct irpc_interface_metrics *ret_metrics)
{
    struct irpc_server *server = (struct irpc_server *)(uintptr_t)server_; /* to lock it */
    const struct irpc_interface *interface = NULL;

    pthread_mutex_lock(&server->registry_lock);
    if (index < server->n_ifaces) {
        interface = server->ifaces[index]->stub->interface;
    }
    pthread_mutex_unlock(&server->registry_lock);
    if (interface == NULL) {
        return false;
    }
    *ret_metrics = (struct irpc_interface_metrics){.interface = interface};
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        const struct ir_iface_counters *c = &server->lanes[i]->stats.ifaces[index];

        ret_metrics->calls += ir_counted(&c->quick) + ir_counted(&c->calls);
        ret_metrics->faults += ir_counted(&c->faults);
        ret_metrics->contexts += ir_counted(&c->contexts);
    }
    return true;
}
