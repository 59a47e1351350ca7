/*
 * The interface ironmap: who owns the entries of the map. Offered over ncalrpc alone: on the
 * network nobody needs to know users and processes. A position in the list is an entry's id, so it
 * stays right while the map changes, and nothing is kept between calls.
 */
#include <stdio.h>
#include <string.h>

#include "epm/methods.h"
#include "ironmap.h"
#include "wire/tower.h"

#define ENDPOINT_MAX 320

/* Managers have no argument of their own, see methods.c. */
static const struct ir_epm_map *the_map;

/* "ncacn_ip_tcp:[49152]"; "" for protocols that have no such name. */
static void format_endpoint(const struct ir_epm_entry *e, char text[ENDPOINT_MAX])
{
    struct ir_tower tower;

    text[0] = '\0';
    if (ir_tower_decode((struct irpc_span){e->tower, e->tower_len}, &tower, NULL) != IRPC_OK) {
        return;
    }
    const char *protseq = ir_protseq_name(tower.protseq);

    if (tower.protseq == IR_PROTSEQ_NCACN_NP || tower.protseq == IR_PROTSEQ_NCALRPC) {
        snprintf(text, ENDPOINT_MAX, "%s:[%.*s]", protseq, (int)tower.endpoint.len,
                 (const char *)tower.endpoint.p);
    } else {
        snprintf(text, ENDPOINT_MAX, "%s:[%u]", protseq, tower.port);
    }
}

static enum irpc_status list_owners(struct irpc_call *call, uint64_t first, uint32_t max_owners,
                                    uint64_t *next, uint32_t *num_owners, ironmap_owner_t *owners)
{
    const struct ir_epm_entry *e = ir_epm_peek(the_map, first);
    char endpoint[ENDPOINT_MAX];
    uint32_t n = 0;

    for (; e != NULL && n < max_owners; e = ir_epm_peek(the_map, e->id + 1)) {
        ironmap_owner_t *o = &owners[n++];

        format_endpoint(e, endpoint);
        o->object = e->object;
        o->interface_id = e->key.interface;
        o->endpoint = irpc_call_strdup(call, endpoint);
        o->uid = e->owner.uid;
        o->pid = (uint32_t)e->owner.pid;
        memcpy(o->program, e->owner.program, sizeof(o->program));
        if (o->endpoint == NULL) {
            return IRPC_NO_MEMORY;
        }
    }
    *next = e != NULL ? e->id : 0;
    *num_owners = n;
    return IRPC_OK;
}

static const struct ironmap_manager manager = {.list_owners = list_owners};

IRPC_CHECKED ir_epm_owners_attach(struct ir_epm_map *map, struct irpc_server *server)
{
    const struct irpc_register_options options = {
        .transports = IRPC_TRANSPORT_LOCAL,
        .hidden = true,
    };

    _Static_assert(sizeof(((ironmap_owner_t *)NULL)->program) == IR_EPM_PROGRAM_MAX,
                   "the IDL and the map agree on names");
    the_map = map;
    return irpc_server_register(server, &ironmap_v1_0_server, &manager, &options);
}
