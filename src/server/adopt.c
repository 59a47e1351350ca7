/*
 * Serving as one of several processes, see adopt.h: connections that others accepted, and those
 * that belong to another process because of the association group that their bind names.
 *
 * A bind's group is read here, before the engine sees the bind, since afterwards there is no way
 * back; where it is not in reach (less than 24 bytes so far) the next bytes decide. A client that
 * names a foreign group in an alter_context gets what naming an unknown one gets. [C706] 9.2.2.2,
 * 12.6.4.3 (bind), [MS-RPCE] 3.3.1.5.6. check: B16
 */
#include "server/adopt.h"

#include <unistd.h>

#include "base/cur.h"
#include "server/internal.h"
#include "wire/header.h"

#define OWNER_SHIFT 24u
#define BIND_GROUP_END (IR_HEADER_LEN + 8u) /* max_xmit_frag, max_recv_frag, assoc_group_id */

void ir_server_set_note(struct irpc_server *server, struct ir_note *note)
{
    server->main->note = note;
}

void ir_note_link(struct ir_note *note, const struct ir_link *link)
{
    __atomic_store_n(&note->turns, note->turns + 1, __ATOMIC_RELAXED);
    note->family = link->peer.family;
    memcpy(note->bytes, link->peer.bytes, sizeof(note->bytes));
    if (link->peer.family == AF_UNIX) {
        memcpy(note->bytes, &link->uid, sizeof(link->uid));
    }
    __atomic_store_n(&note->connection, link->id, __ATOMIC_RELEASE);
}

void ir_server_own_groups(struct irpc_server *server, uint8_t owner, ir_foreign_group_fn *fn,
                          void *user)
{
    server->owner = owner;
    if (server->main->note == NULL) { /* its presence has connections looked at */
        server->main->note = &server->no_note;
    }
    server->foreign_group = fn;
    server->foreign_group_user = user;
}

uint32_t ir_group_owned_id(const struct irpc_server *server, uint32_t random)
{
    uint32_t mask = (1u << OWNER_SHIFT) - 1;

    return server->owner == 0 ? random : (random & mask) | (uint32_t)server->owner << OWNER_SHIFT;
}

/* The group that a bind at @bytes[@len >= BIND_GROUP_END] names; 0: none, or it is no bind. */
static uint32_t peek_group(const uint8_t *bytes, size_t len)
{
    struct ir_violation v;
    struct ir_header header;

    if (ir_header_decode(bytes, &header, &v) != IRPC_OK || header.ptype != IR_PTYPE_BIND ||
        header.frag_length < BIND_GROUP_END) {
        return 0;
    }
    struct ir_cur c = ir_cur_init(bytes, len, header.big_endian);

    ir_cur_skip(&c, BIND_GROUP_END - 4);
    return ir_cur_u32(&c);
}

static unsigned index_of(const struct irpc_server *server, const struct ir_port *port)
{
    unsigned i = 0;

    while (i < server->n_ports && server->ports[i] != port) {
        i++;
    }
    return i;
}

bool ir_link_is_foreign(struct ir_link *link, const uint8_t *bytes, size_t len)
{
    struct irpc_server *server = link->server;

    if (len < BIND_GROUP_END) {
        return false;
    }
    link->undecided = false;
    uint32_t group = peek_group(bytes, len);

    return group != 0 && group >> OWNER_SHIFT != server->owner &&
           server->foreign_group(server->foreign_group_user, group, index_of(server, link->port),
                                 link->stream.watch.fd, bytes, len);
}

IRPC_CHECKED ir_server_adopt(struct irpc_server *server, unsigned port, int fd,
                             const uint8_t *bytes, size_t len)
{
    union ir_sockaddr peer = {0};
    socklen_t peer_len = sizeof(peer);

    if (port >= server->n_ports || getpeername(fd, &peer.sa, &peer_len) != 0) {
        close(fd);
        return port >= server->n_ports ? IRPC_NOT_FOUND : IRPC_CONNECTION_LOST;
    }
    struct ir_link *link = ir_link_open(server->ports[port], fd, &peer);

    if (link == NULL || len == 0) {
        return IRPC_OK;
    }
    link->undecided = false;
    enum irpc_status st = ir_stream_unread(&link->stream, bytes, len);

    if (st != IRPC_OK) {
        ir_link_close(link);
    }
    return st;
}
