/*
 * Accounting per peer: sources, which are an IPv4 address, the /64 of an IPv6 address (the server's
 * options say how many bits) or a local user, and the networks that they are part of. Everything
 * under sources_lock. check: L02
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "server/internal.h"
#include "server/supervised.h"

/* The first @bits bits of @addr. */
static void make_id(const struct ir_addr *addr, uint32_t bits, uint8_t id[IR_SOURCE_ID_LEN])
{
    uint32_t most = addr->family == AF_INET ? 32 : 128;

    memset(id, 0, IR_SOURCE_ID_LEN);
    bits = bits < most ? bits : most;
    id[0] = addr->family;
    id[1] = (uint8_t)bits;
    memcpy(id + 2, addr->bytes, bits / 8);
    if (bits % 8 != 0) {
        id[2 + bits / 8] = addr->bytes[bits / 8] & (uint8_t)(0xff00u >> bits % 8);
    }
}

static void make_source_id(const struct ir_link *who, uint8_t id[IR_SOURCE_ID_LEN])
{
    const struct irpc_server_options *o = &who->server->options;
    const struct ir_addr *addr = &who->peer;

    if (addr->family == AF_INET || addr->family == AF_INET6) {
        make_id(addr, addr->family == AF_INET ? o->source_prefix4 : o->source_prefix6, id);
        return;
    }
    memset(id, 0, IR_SOURCE_ID_LEN);
    id[0] = addr->family;
    memcpy(id + 2, &who->uid, sizeof(who->uid));
}

static void make_network_id(const struct ir_link *who, uint8_t id[IR_SOURCE_ID_LEN])
{
    const struct irpc_server_options *o = &who->server->options;
    const struct ir_addr *addr = &who->peer;

    make_id(addr, addr->family == AF_INET ? o->network_prefix4 : o->network_prefix6, id);
    id[1] |= IR_NETWORK;
}

void ir_source_format(const uint8_t id[IR_SOURCE_ID_LEN], char text[IRPC_SOURCE_TEXT])
{
    struct ir_addr addr = {.family = id[0]};
    char address[IR_ADDR_TEXT_LEN];
    unsigned bits = id[1] & ~IR_NETWORK;
    uid_t uid;

    if (addr.family == AF_INET || addr.family == AF_INET6) {
        memcpy(addr.bytes, id + 2, sizeof(addr.bytes));
        (void)ir_addr_format(&addr, address);
        bool whole = bits == (addr.family == AF_INET ? 32u : 128u);
        (void)snprintf(text, IRPC_SOURCE_TEXT, whole ? "%s" : "%s/%u", address, bits);
        return;
    }
    memcpy(&uid, id + 2, sizeof(uid));
    (void)snprintf(text, IRPC_SOURCE_TEXT, "uid=%u", uid);
}

/* What has @id; a new one has no reference yet. NULL: no memory. */
static struct ir_source *find(struct irpc_server *server, const uint8_t id[IR_SOURCE_ID_LEN])
{
    uint64_t key = ir_siphash(&server->source_key, id, IR_SOURCE_ID_LEN);

    for (struct ir_node *node = ir_table_find(&server->sources, key); node != NULL;
         node = ir_node_next_equal(node)) {
        struct ir_source *source = IR_CONTAINER_OF(node, struct ir_source, node);
        if (memcmp(source->id, id, IR_SOURCE_ID_LEN) == 0) {
            return source;
        }
    }
    struct ir_source *source = ir_calloc(1, sizeof(*source));
    if (source == NULL) {
        return NULL;
    }
    memcpy(source->id, id, IR_SOURCE_ID_LEN);
    source->node.key = key;
    if (ir_table_add(&server->sources, &source->node) != IRPC_OK) {
        ir_free(source);
        return NULL;
    }
    return source;
}

void ir_source_free_if_unused(struct irpc_server *server, struct ir_source *source)
{
    struct ir_source *network = source->network;

    if (source->refs > 0 || source->noisy) {
        return;
    }
    ir_table_remove(&server->sources, &source->node);
    ir_free(source);
    if (network != NULL) {
        network->refs--;
        ir_source_free_if_unused(server, network); /* which has none: no deeper */
    }
}

/* The source of a peer, with its network; a new one has no reference yet. NULL: no memory. */
static struct ir_source *find_source(const struct ir_link *who)
{
    struct irpc_server *server = who->server;
    uint8_t id[IR_SOURCE_ID_LEN];

    make_source_id(who, id);
    struct ir_source *source = find(server, id);
    if (source == NULL || source->network != NULL || who->peer.family == AF_UNIX) {
        return source;
    }
    make_network_id(who, id);
    source->network = find(server, id);
    if (source->network == NULL) {
        ir_source_free_if_unused(server, source);
        return NULL;
    }
    source->network->refs++;
    return source;
}

/* Which limit is against one more connection; IRPC_METRIC__COUNT: none is. */
static enum irpc_metric objection(const struct ir_link *who, const struct ir_source *source)
{
    const struct irpc_server_options *o = &who->server->options;
    const struct ir_source *network = source != NULL ? source->network : NULL;
    bool local = who->port->transport == IRPC_TRANSPORT_LOCAL;
    uint32_t open = atomic_load_explicit(&who->server->n_open, memory_order_relaxed);

    if (source == NULL) {
        return IRPC_METRIC_REFUSED_MEMORY;
    }
    if (open >= o->max_connections - (local ? 0 : o->reserved_local)) {
        return IRPC_METRIC_REFUSED_ALL;
    }
    if (source->n_connections >= o->max_connections_per_source) {
        return IRPC_METRIC_REFUSED_SOURCE;
    }
    if (network != NULL && network->n_connections >= o->max_connections_per_network) {
        return IRPC_METRIC_REFUSED_NETWORK;
    }
    if (ir_supervised_keeps_out(who)) {
        return IRPC_METRIC_REFUSED_QUARANTINE;
    }
    return IRPC_METRIC__COUNT;
}

static void count_open(struct irpc_server *server, struct ir_source *source, int change)
{
    source->n_connections += (uint32_t)change;
    if (source->network != NULL) {
        source->network->n_connections += (uint32_t)change;
    }
    atomic_fetch_add_explicit(&server->n_open, (unsigned)change, memory_order_relaxed);
}

struct ir_source *ir_source_enter(const struct ir_link *who)
{
    struct irpc_server *server = who->server;

    pthread_mutex_lock(&server->sources_lock);
    struct ir_source *source = find_source(who);
    enum irpc_metric why_not = objection(who, source);
    if (source != NULL) {
        source->refs++;
    }
    if (why_not == IRPC_METRIC__COUNT) {
        count_open(server, source, 1);
        ir_talk(server, source, IR_TALK_CONNECTION, 1);
    }
    pthread_mutex_unlock(&server->sources_lock);
    if (why_not == IRPC_METRIC__COUNT) {
        ir_count(&server->main->stats.n[IRPC_METRIC_CONNECTIONS], 1);
        return source;
    }
    ir_refused(who, source, why_not);
    if (source != NULL) {
        ir_source_put(server, source);
    }
    return NULL;
}

void ir_source_leave(struct irpc_server *server, struct ir_source *source)
{
    pthread_mutex_lock(&server->sources_lock);
    count_open(server, source, -1);
    ir_talk(server, source, IR_TALK_CLOSED, 1);
    source->refs--;
    ir_source_free_if_unused(server, source);
    pthread_mutex_unlock(&server->sources_lock);
}

void ir_source_ref(struct irpc_server *server, struct ir_source *source)
{
    pthread_mutex_lock(&server->sources_lock);
    source->refs++;
    pthread_mutex_unlock(&server->sources_lock);
}

void ir_source_put(struct irpc_server *server, struct ir_source *source)
{
    pthread_mutex_lock(&server->sources_lock);
    source->refs--;
    ir_source_free_if_unused(server, source);
    pthread_mutex_unlock(&server->sources_lock);
}

void ir_source_traffic(struct ir_link *link)
{
    struct irpc_server *server = link->server;
    atomic_size_t *n = link->lane->stats.n;

    ir_count(&n[IRPC_METRIC_BYTES_IN], link->bytes_in);
    ir_count(&n[IRPC_METRIC_BYTES_OUT], link->bytes_out);
    pthread_mutex_lock(&server->sources_lock);
    ir_talk(server, link->source, IR_TALK_BYTES, link->bytes_in + link->bytes_out);
    pthread_mutex_unlock(&server->sources_lock);
    link->bytes_in = link->bytes_out = 0;
}

static void consider(struct ir_most *most, uint64_t n, const struct ir_source *source)
{
    if (n > most->n) {
        most->n = n;
        memcpy(most->id, source->id, IR_SOURCE_ID_LEN);
    }
}

void ir_sources_busiest(struct irpc_server *server, struct ir_busiest *ret_busiest)
{
    struct ir_busiest *b = ret_busiest;

    *b = (struct ir_busiest){0};
    ir_lock(server, &server->assoc_lock); /* before the other one, wherever both are taken */
    pthread_mutex_lock(&server->sources_lock);
    for (uint32_t i = 0; server->sources.buckets != NULL && i <= server->sources.mask; i++) {
        for (struct ir_node *n = server->sources.buckets[i]; n != NULL; n = n->next) {
            const struct ir_source *s = IR_CONTAINER_OF(n, struct ir_source, node);
            bool network = (s->id[1] & IR_NETWORK) != 0;

            consider(network ? &b->open_network : &b->open_source, s->n_connections, s);
            consider(&b->held, ir_counted(&s->held), s);
            consider(&b->handles, s->n_contexts, s);
        }
    }
    pthread_mutex_unlock(&server->sources_lock);
    ir_unlock(server, &server->assoc_lock);
}
