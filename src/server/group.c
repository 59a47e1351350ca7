/*
 * Association groups: the connections of one client that share context handles. Ids are random
 * and never 0; a client joins one only on the transport, and over ncalrpc as the user, that made
 * it. A group dies with its last connection, and when no call of it is pending any more its
 * handles are run down. All under the server's assoc_lock.
 * [C706] 9.2.2.2, [MS-RPCE] 3.3.1.5.6. check: B16
 */
#include "base/alloc.h"
#include "server/internal.h"

static struct ir_group *find_group(const struct irpc_server *server, uint32_t id)
{
    struct ir_node *node = ir_table_find(&server->groups, id);

    return node != NULL ? IR_CONTAINER_OF(node, struct ir_group, node) : NULL;
}

static enum irpc_status make_group(struct ir_link *link, struct ir_group **ret_group)
{
    struct irpc_server *server = link->server;
    uint32_t id = 0;

    if (server->groups.n >= server->options.max_groups) {
        return IRPC_LIMIT;
    }
    struct ir_group *group = ir_calloc(1, sizeof(*group));
    if (group == NULL) {
        return IRPC_NO_MEMORY;
    }
    while (id == 0 || find_group(server, id) != NULL) {
        ir_server_random(server, &id, sizeof(id));
        id = ir_group_owned_id(server, id);
    }
    group->node.key = id;
    group->server = server;
    group->transport = (uint8_t)link->port->transport;
    group->uid = link->uid;
    enum irpc_status st = ir_table_add(&server->groups, &group->node);
    if (st != IRPC_OK) {
        ir_free(group);
        return st;
    }
    *ret_group = group;
    return IRPC_OK;
}

static enum irpc_status join(struct ir_link *link, uint32_t wanted, struct ir_group **ret_group)
{
    struct ir_group *group = NULL;

    if (wanted == 0) {
        enum irpc_status st = make_group(link, &group);
        if (st != IRPC_OK) {
            return st;
        }
    } else {
        group = find_group(link->server, wanted);
    }
    if (group == NULL || group->transport != (uint8_t)link->port->transport ||
        group->uid != link->uid || (wanted != 0 && group->n_connections == 0)) {
        return IRPC_NOT_FOUND;
    }
    group->n_connections++;
    *ret_group = group;
    return IRPC_OK;
}

enum irpc_status ir_group_join(void *user, uint32_t wanted, void **ret_group,
                               uint32_t *ret_group_id)
{
    struct ir_link *link = user;
    struct irpc_server *server = link->server;
    struct ir_group *group = NULL;

    ir_lock(server, &server->assoc_lock);
    enum irpc_status st = join(link, wanted, &group);
    ir_unlock(server, &server->assoc_lock);
    if (st == IRPC_OK) {
        link->group = group;
        *ret_group = group;
        *ret_group_id = (uint32_t)group->node.key;
    }
    return st;
}

/* Ends, and is given up by, the assoc_lock: handles are run down without it. */
static void unlock_and_end(struct irpc_server *server, struct ir_group *group)
{
    struct ir_handle *handles = NULL;
    bool unused = group->n_connections == 0 && group->n_calls == 0;

    if (unused) {
        handles = ir_handles_take(group);
        ir_table_remove(&server->groups, &group->node);
    }
    ir_unlock(server, &server->assoc_lock);
    ir_handles_rundown(server, handles);
    if (unused) {
        ir_free(group);
    }
}

void ir_group_leave(void *user, void *group_)
{
    struct ir_link *link = user;
    struct irpc_server *server = link->server;
    struct ir_group *group = group_;

    ir_lock(server, &server->assoc_lock);
    link->group = NULL;
    group->n_connections--;
    unlock_and_end(server, group);
}

void ir_group_call_began(struct ir_group *group)
{
    struct irpc_server *server = group->server;

    ir_lock(server, &server->assoc_lock);
    group->n_calls++;
    ir_unlock(server, &server->assoc_lock);
}

void ir_group_call_ended(struct ir_group *group)
{
    struct irpc_server *server = group->server;

    ir_lock(server, &server->assoc_lock);
    group->n_calls--;
    unlock_and_end(server, group);
}
