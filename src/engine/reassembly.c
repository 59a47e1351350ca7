/*
 * Reassembly of fragmented calls. [C706] 12.6.1, 9.3.3
 *
 * Invariants: n_partial is the length of the list; memory is at most twice what was received (or a
 * large block that was kept anyway), and never by alloc_hint; what identifies a call is taken from
 * its first fragment, whatever later ones say (one of two peers that disagree about it would be
 * fooled otherwise); the copy that was checked is the one that is decoded.  check: F04 F12 R04
 * Leaves to others: which fragment may come when (call.c, client.c), and the deadline (conn.c).
 */
#include "engine/reassembly.h"

#include "base/alloc.h"

struct ir_partial *ir_partial_new(struct ir_conn *conn, uint32_t call_id, uint64_t now_ms)
{
    struct ir_partial *partial = ir_calloc(1, sizeof(*partial));

    if (partial == NULL) {
        return NULL;
    }
    ir_out_init(&partial->stub, conn->config->limits.stub, false);
    partial->stub.blocks = conn->config->blocks;
    partial->call_id = call_id;
    partial->started_ms = now_ms;
    partial->next = conn->partial;
    conn->partial = partial;
    conn->n_partial++;
    return partial;
}

void ir_partial_free(struct ir_conn *conn, struct ir_partial *partial)
{
    struct ir_partial **link = &conn->partial;

    while (*link != partial) {
        link = &(*link)->next;
    }
    *link = partial->next;
    conn->n_partial--;
    ir_out_deinit(&partial->stub);
    ir_free(partial);
}

void ir_partial_free_all(struct ir_conn *conn)
{
    while (conn->partial != NULL) {
        ir_partial_free(conn, conn->partial);
    }
}

struct ir_partial *ir_partial_find(const struct ir_conn *conn, uint32_t call_id)
{
    struct ir_partial *p = conn->partial;

    while (p != NULL && p->call_id != call_id) {
        p = p->next;
    }
    return p;
}

enum irpc_status ir_partial_add(struct ir_partial *partial, const struct ir_conn_limits *limits,
                                struct irpc_span stub, bool last)
{
    bool between = partial->fragments > 0 && !last;

    if (stub.len > limits->stub - partial->stub.len) { /* check: F05 R05 */
        return IRPC_ACCESS_DENIED;
    }
    if (partial->fragments >= limits->fragments) { /* check: F06 F07 */
        return IRPC_PROTO_ERROR;
    }
    if (between && stub.len == 0) {
        if (partial->empty > 0) {
            return IRPC_PROTO_ERROR;
        }
        partial->empty++;
    }
    partial->fragments++;
    ir_out_bytes(&partial->stub, stub.p, stub.len);
    return partial->stub.err;
}

size_t ir_conn_partial_bytes(const struct ir_conn *conn)
{
    size_t n = 0;

    for (const struct ir_partial *p = conn->partial; p != NULL; p = p->next) {
        n += p->stub.cap;
    }
    return n;
}

void ir_partial_steal_stub(struct ir_partial *partial, struct ir_event *event)
{
    event->stub_memory = partial->stub.base;
    event->stub_memory_len = partial->stub.cap;
    event->stub = (struct irpc_span){partial->stub.base, partial->stub.len};
    partial->stub.base = NULL;
    partial->stub.cap = 0;
    partial->stub.len = 0;
}
