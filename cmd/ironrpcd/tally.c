/*
 * Counting is the library's, see <ironrpc/metrics.h>; here its results are put where the supervisor
 * finds them, and added up. Sums are over a known number of interfaces and sources: what has no
 * place is left out, and the totals have it. check: L06
 */
#include "tally.h"

#include <stdio.h>
#include <string.h>

static bool is_same(const struct tally_recent *r, const struct irpc_rejection *rejection)
{
    return strncmp(r->check, rejection->check, sizeof(r->check)) == 0 &&
           strncmp(r->source, rejection->peer->address, sizeof(r->source)) == 0;
}

static void on_rejection(void *user, const struct irpc_rejection *rejection)
{
    struct tally *tally = user;
    struct tally_recent *r = NULL;

    for (unsigned i = 0; i < TALLY_RECENT && r == NULL; i++) {
        r = is_same(&tally->recent[i], rejection) ? &tally->recent[i] : NULL;
    }
    if (r == NULL) {
        r = &tally->recent[tally->next_recent++ % TALLY_RECENT];
        *r = (struct tally_recent){.count = 0};
        snprintf(r->source, sizeof(r->source), "%s", rejection->peer->address);
        snprintf(r->check, sizeof(r->check), "%s", rejection->check);
    }
    if (rejection->interface != NULL) {
        snprintf(r->interface, sizeof(r->interface), "%s", rejection->interface->name);
    }
    r->opnum = rejection->opnum;
    r->count++;
}

void tally_begin(struct tally *tally, struct irpc_server *server)
{
    irpc_server_on_rejection(server, on_rejection, tally);
}

void tally_update(struct tally *tally, const struct irpc_server *server)
{
    struct irpc_interface_metrics m;
    uint32_t n = 0;

    irpc_server_metrics(server, &tally->metrics);
    for (unsigned i = 0; n < TALLY_INTERFACES && irpc_server_interface_metrics(server, i, &m);
         i++) {
        struct tally_interface *t = &tally->interfaces[n++];

        t->id = m.interface->id;
        snprintf(t->name, sizeof(t->name), "%s", m.interface->name);
        t->contexts = m.contexts;
        t->calls = m.calls;
        t->faults = m.faults;
    }
    tally->n_interfaces = n;
    tally->n_talkers = irpc_server_talkers(server, tally->talkers, TALLY_TALKERS);
}

/* --- reading --- */

/* Printable, ended text without what JSON and the text format of metrics give a meaning. */
static void clean(char *text, size_t cap)
{
    text[cap - 1] = '\0';
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~' || *text == '"' || *text == '\\') {
            *text = '?';
        }
    }
}

void tally_take(struct tally *ret_tally, const struct tally *shared)
{
    struct tally *t = ret_tally;

    *t = *shared;
    t->n_interfaces = t->n_interfaces < TALLY_INTERFACES ? t->n_interfaces : TALLY_INTERFACES;
    t->n_talkers = t->n_talkers < TALLY_TALKERS ? t->n_talkers : TALLY_TALKERS;
    clean(t->metrics.most_connections, IRPC_SOURCE_TEXT);
    clean(t->metrics.most_connections_network, IRPC_SOURCE_TEXT);
    clean(t->metrics.most_buffers, IRPC_SOURCE_TEXT);
    clean(t->metrics.most_handles, IRPC_SOURCE_TEXT);
    for (unsigned i = 0; i < t->n_interfaces; i++) {
        clean(t->interfaces[i].name, sizeof(t->interfaces[i].name));
    }
    for (unsigned i = 0; i < t->n_talkers; i++) {
        clean(t->talkers[i].source, sizeof(t->talkers[i].source));
    }
    for (unsigned i = 0; i < TALLY_RECENT; i++) {
        clean(t->recent[i].source, sizeof(t->recent[i].source));
        clean(t->recent[i].check, sizeof(t->recent[i].check));
        clean(t->recent[i].interface, sizeof(t->recent[i].interface));
    }
}

/* --- sums --- */

/* Most connections of one source, and the like, have a maximum, not a sum. */
static bool is_maximum(enum irpc_metric metric)
{
    return metric == IRPC_METRIC_OPEN_SOURCE || metric == IRPC_METRIC_OPEN_NETWORK ||
           metric == IRPC_METRIC_MEMORY_SOURCE || metric == IRPC_METRIC_HANDLES_SOURCE;
}

static void add_value(struct irpc_server_metrics *sum, const struct irpc_server_metrics *more,
                      enum irpc_metric metric, bool ended)
{
    bool gauge = irpc_metric_info(metric)->kind == IRPC_METRIC_GAUGE;

    if (gauge && ended) {
        return;
    }
    if (!is_maximum(metric)) {
        sum->value[metric] += more->value[metric];
        sum->limit[metric] += more->limit[metric];
        return;
    }
    sum->value[metric] =
        more->value[metric] > sum->value[metric] ? more->value[metric] : sum->value[metric];
    sum->limit[metric] = more->limit[metric];
}

static void add_interface(struct tally *sum, const struct tally_interface *more)
{
    struct tally_interface *t = sum->interfaces;
    uint32_t i = 0;

    while (i < sum->n_interfaces && (irpc_uuid_compare(&t[i].id.uuid, &more->id.uuid) != 0 ||
                                     t[i].id.major != more->id.major)) {
        i++;
    }
    if (i == TALLY_INTERFACES) {
        return;
    }
    if (i == sum->n_interfaces) {
        t[sum->n_interfaces++] = *more;
        return;
    }
    t[i].contexts += more->contexts;
    t[i].calls += more->calls;
    t[i].faults += more->faults;
}

static uint64_t weight(const struct irpc_talker *t)
{
    return t->connections + t->refused + t->violations + (t->bytes >> 16);
}

/* A full table keeps the heavier of the new one and its lightest. */
static void add_talker(struct tally *sum, const struct irpc_talker *more, bool ended)
{
    struct irpc_talker *t = sum->talkers;
    uint32_t i = 0;

    while (i < sum->n_talkers && strcmp(t[i].source, more->source) != 0) {
        i++;
    }
    if (i < sum->n_talkers) {
        t[i].open += ended ? 0 : more->open;
        t[i].connections += more->connections;
        t[i].refused += more->refused;
        t[i].violations += more->violations;
        t[i].bytes += more->bytes;
        return;
    }
    if (i == TALLY_TALKERS) {
        i = 0;
        for (uint32_t k = 1; k < TALLY_TALKERS; k++) {
            i = weight(&t[k]) < weight(&t[i]) ? k : i;
        }
        if (weight(more) <= weight(&t[i])) {
            return;
        }
    } else {
        sum->n_talkers++;
    }
    t[i] = *more;
    t[i].open = ended ? 0 : more->open;
}

void tally_add(struct tally *sum, const struct tally *more, bool ended)
{
    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        add_value(&sum->metrics, &more->metrics, (enum irpc_metric)i, ended);
    }
    for (unsigned i = 0; i < IRPC_CHECKS_MAX; i++) {
        sum->metrics.checks[i] += more->metrics.checks[i];
    }
    for (uint32_t i = 0; i < more->n_interfaces; i++) {
        add_interface(sum, &more->interfaces[i]);
    }
    for (uint32_t i = 0; i < more->n_talkers; i++) {
        add_talker(sum, &more->talkers[i], ended);
    }
}
