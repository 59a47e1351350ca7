/*
 * The busiest sources of late: a table of fixed size, in which whoever is new takes the place of
 * the one with the least weight, and its weight too, so that those who are busy stay (the "space
 * saving" way to find heavy hitters in a stream). Weights are halved whenever as much has been
 * added as 4096 connections weigh. Under sources_lock. check: L06
 */
#include <string.h>

#include "server/internal.h"

#define CONNECTION_WEIGHT 16u
#define BYTES_PER_WEIGHT 4096u
#define HALVE_AFTER (4096u * CONNECTION_WEIGHT)

static void add_weight(struct irpc_server *server, struct ir_talker *talker, size_t n)
{
    talker->weight += n;
    server->talkers_weight += n;
    if (server->talkers_weight < HALVE_AFTER) {
        return;
    }
    server->talkers_weight = 0;
    for (uint32_t i = 0; i < server->n_talkers; i++) {
        server->talkers[i].weight /= 2;
    }
}

static bool is_of(const struct ir_talker *talker, const struct ir_source *source)
{
    return memcmp(talker->id, source->id, IR_SOURCE_ID_LEN) == 0;
}

/* Place for a source that has none. */
static uint32_t place(struct irpc_server *server)
{
    uint32_t least = 0;

    if (server->n_talkers < IR_TALKERS_MAX) {
        return server->n_talkers++;
    }
    for (uint32_t i = 1; i < IR_TALKERS_MAX; i++) {
        if (server->talkers[i].weight < server->talkers[least].weight) {
            least = i;
        }
    }
    return least;
}

static struct ir_talker *talker_of(struct irpc_server *server, struct ir_source *source)
{
    if (source->talker < server->n_talkers && is_of(&server->talkers[source->talker], source)) {
        return &server->talkers[source->talker];
    }
    uint32_t i = 0;
    while (i < server->n_talkers && !is_of(&server->talkers[i], source)) {
        i++;
    }
    if (i == server->n_talkers) {
        i = place(server);
        uint64_t inherited = server->talkers[i].weight;
        server->talkers[i] = (struct ir_talker){.weight = inherited};
        memcpy(server->talkers[i].id, source->id, IR_SOURCE_ID_LEN);
    }
    source->talker = (uint8_t)i;
    return &server->talkers[i];
}

void ir_talk(struct irpc_server *server, struct ir_source *source, enum ir_talk what, size_t n)
{
    struct ir_talker *t = talker_of(server, source);

    t->open = source->n_connections;
    switch (what) {
    case IR_TALK_CONNECTION:
        t->connections += n;
        add_weight(server, t, n * CONNECTION_WEIGHT);
        break;
    case IR_TALK_REFUSED:
        t->refused += n;
        add_weight(server, t, n * CONNECTION_WEIGHT);
        break;
    case IR_TALK_VIOLATION:
        t->violations += n;
        add_weight(server, t, n * CONNECTION_WEIGHT);
        break;
    case IR_TALK_BYTES:
        t->bytes += n;
        add_weight(server, t, n / BYTES_PER_WEIGHT);
        break;
    case IR_TALK_CLOSED:
        break;
    }
}

static void describe(const struct ir_talker *t, struct irpc_talker *ret_talker)
{
    *ret_talker = (struct irpc_talker){
        .open = t->open,
        .connections = t->connections,
        .refused = t->refused,
        .violations = t->violations,
        .bytes = t->bytes,
    };
    ir_source_format(t->id, ret_talker->source);
}

unsigned irpc_server_talkers(const struct irpc_server *server_, struct irpc_talker *ret_talkers,
                             unsigned max)
{
    struct irpc_server *server = (struct irpc_server *)(uintptr_t)server_; /* to lock it */
    bool told[IR_TALKERS_MAX] = {false};
    unsigned n = 0;

    pthread_mutex_lock(&server->sources_lock);
    for (; n < max && n < server->n_talkers; n++) {
        uint32_t best = IR_TALKERS_MAX;
        for (uint32_t i = 0; i < server->n_talkers; i++) {
            if (!told[i] && (best == IR_TALKERS_MAX ||
                             server->talkers[i].weight > server->talkers[best].weight)) {
                best = i;
            }
        }
        told[best] = true;
        describe(&server->talkers[best], &ret_talkers[n]);
    }
    pthread_mutex_unlock(&server->sources_lock);
    return n;
}
