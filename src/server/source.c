/*
 * Accounting per peer: an IPv4 address, the /64 of an IPv6 address, a local user. And the log of
 * rejections, limited per source and in all. Everything under sources_lock. check: L02 L07
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"
#include "server/supervised.h"

#define WINDOW_MS 10000u
#define LINES_PER_SOURCE 20u
#define LINES_IN_ALL 200u
#define NOISY_MAX 4096u

static void make_id(const struct ir_addr *addr, uid_t uid, uint8_t id[9])
{
    memset(id, 0, 9);
    id[0] = addr->family;
    if (addr->family == AF_INET) {
        memcpy(id + 1, addr->bytes, 4);
    } else if (addr->family == AF_INET6) {
        memcpy(id + 1, addr->bytes, 8);
    } else {
        memcpy(id + 1, &uid, sizeof(uid));
    }
}

/* The source of a peer; a new one has no reference yet. NULL: no memory. */
static struct ir_source *find_source(struct irpc_server *server, const struct ir_addr *addr,
                                     uid_t uid)
{
    uint8_t id[9];

    make_id(addr, uid, id);
    uint64_t key = ir_siphash(&server->source_key, id, sizeof(id));
    for (struct ir_node *node = ir_table_find(&server->sources, key); node != NULL;
         node = ir_node_next_equal(node)) {
        struct ir_source *source = IR_CONTAINER_OF(node, struct ir_source, node);
        if (memcmp(source->id, id, sizeof(id)) == 0) {
            return source;
        }
    }
    struct ir_source *source = ir_calloc(1, sizeof(*source));
    if (source == NULL) {
        return NULL;
    }
    memcpy(source->id, id, sizeof(id));
    source->node.key = key;
    if (ir_table_add(&server->sources, &source->node) != IRPC_OK) {
        ir_free(source);
        return NULL;
    }
    return source;
}

static void free_if_unused(struct irpc_server *server, struct ir_source *source)
{
    if (source->refs == 0 && !source->noisy) {
        ir_table_remove(&server->sources, &source->node);
        ir_free(source);
    }
}

/* Why not one more connection; NULL: nothing is against it. */
static const char *objection(const struct irpc_server *server, const struct ir_source *source)
{
    if (source == NULL) {
        return "out of memory";
    }
    if (atomic_load_explicit(&server->n_open, memory_order_relaxed) >=
        server->options.max_connections) {
        return "too many connections";
    }
    if (source->n_connections >= server->options.max_connections_per_source) {
        return "too many connections of this source";
    }
    if (ir_supervised_keeps_out(server, source->id)) {
        return "its packets have crashed this service";
    }
    return NULL;
}

struct ir_source *ir_source_enter(const struct ir_link *who)
{
    struct irpc_server *server = who->server;

    ir_lock(server, &server->sources_lock);
    struct ir_source *source = find_source(server, &who->peer, who->uid);
    const char *why_not = objection(server, source);
    if (source != NULL) {
        source->refs++;
    }
    if (why_not == NULL) {
        source->n_connections++;
        atomic_fetch_add_explicit(&server->n_open, 1, memory_order_relaxed);
    }
    ir_unlock(server, &server->sources_lock);
    if (why_not == NULL) {
        ir_count(&server->n_accepted, 1);
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
    ir_lock(server, &server->sources_lock);
    source->n_connections--;
    atomic_fetch_sub_explicit(&server->n_open, 1, memory_order_relaxed);
    source->refs--;
    free_if_unused(server, source);
    ir_unlock(server, &server->sources_lock);
}

void ir_source_ref(struct irpc_server *server, struct ir_source *source)
{
    ir_lock(server, &server->sources_lock);
    source->refs++;
    ir_unlock(server, &server->sources_lock);
}

void ir_source_put(struct irpc_server *server, struct ir_source *source)
{
    ir_lock(server, &server->sources_lock);
    source->refs--;
    free_if_unused(server, source);
    ir_unlock(server, &server->sources_lock);
}

static void format_source(const struct ir_source *source, char *text)
{
    struct ir_addr addr = {.family = source->id[0]};
    uid_t uid;

    if (addr.family == AF_INET || addr.family == AF_INET6) {
        memcpy(addr.bytes, source->id + 1, 8);
        (void)ir_addr_format(&addr, text);
        return;
    }
    memcpy(&uid, source->id + 1, sizeof(uid));
    (void)snprintf(text, IR_ADDR_TEXT_LEN, "uid=%u", uid);
}

/* Take the next noisy source out of the window: its words and its count to the caller. */
static bool next_noisy(struct irpc_server *server, char *text, uint32_t *ret_suppressed)
{
    struct ir_source *source = server->noisy;

    if (source == NULL) {
        return false;
    }
    server->noisy = source->next_noisy;
    format_source(source, text);
    *ret_suppressed = source->suppressed;
    source->noisy = false;
    source->lines = source->suppressed = 0;
    free_if_unused(server, source);
    return true;
}

static void end_window(struct irpc_server *server)
{
    char text[IR_ADDR_TEXT_LEN];
    uint32_t suppressed = 0;

    ir_lock(server, &server->sources_lock);
    while (next_noisy(server, text, &suppressed)) {
        ir_unlock(server, &server->sources_lock);
        if (suppressed > 0) {
            ir_log(IRPC_LOG_NOTICE, "server", "server=%s source=%s suppressed=%u", server->name,
                   text, suppressed);
        }
        ir_lock(server, &server->sources_lock);
    }
    uint32_t others = server->suppressed;
    server->n_noisy = 0;
    server->lines = server->suppressed = 0;
    server->window_lane = NULL;
    ir_unlock(server, &server->sources_lock);
    if (others > 0) {
        ir_log(IRPC_LOG_NOTICE, "server", "server=%s source=others suppressed=%u", server->name,
               others);
    }
}

static void on_window(struct ir_timer *timer)
{
    end_window(IR_CONTAINER_OF(timer, struct ir_lane, log_window)->server);
}

/* A new window begins with the first line in it, and ends by the timer of the lane that wrote it.
 */
static bool begin_window(struct ir_lane *lane)
{
    struct irpc_server *server = lane->server;

    if (server->window_lane != NULL) {
        return true;
    }
    lane->log_window.fn = on_window;
    if (ir_loop_timer_set(lane->loop, &lane->log_window, ir_loop_now(lane->loop) + WINDOW_MS) !=
        IRPC_OK) {
        return false;
    }
    server->window_lane = lane;
    return true;
}

/* Under sources_lock. */
static bool may_log(struct ir_lane *lane, struct ir_source *source)
{
    struct irpc_server *server = lane->server;

    if (!begin_window(lane)) {
        return false;
    }
    if (source != NULL && !source->noisy && server->n_noisy < NOISY_MAX) {
        source->noisy = true;
        source->next_noisy = server->noisy;
        server->noisy = source;
        server->n_noisy++;
    }
    bool own = source != NULL && source->noisy;
    if (server->lines < LINES_IN_ALL && (!own || source->lines < LINES_PER_SOURCE)) {
        server->lines++;
        if (own) {
            source->lines++;
        }
        return true;
    }
    if (own) {
        source->suppressed++;
    } else {
        server->suppressed++;
    }
    return false;
}

bool ir_source_may_log(struct ir_lane *lane, struct ir_source *source)
{
    struct irpc_server *server = lane->server;

    ir_lock(server, &server->sources_lock);
    bool may = may_log(lane, source);
    ir_unlock(server, &server->sources_lock);
    return may;
}

void ir_sources_deinit(struct irpc_server *server)
{
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        ir_loop_timer_clear(server->lanes[i]->loop, &server->lanes[i]->log_window);
    }
    end_window(server);
}

void ir_refused(const struct ir_link *who, struct ir_source *source, const char *reason)
{
    struct irpc_server *server = who->server;
    char address[IR_ADDR_TEXT_LEN];

    ir_count(&server->n_refused, 1);
    if (!ir_log_wants(IRPC_LOG_NOTICE) || !ir_source_may_log(server->main, source)) {
        return;
    }
    (void)ir_addr_format(&who->peer, address);
    ir_log(IRPC_LOG_NOTICE, "server",
           "server=%s peer=%s port=%u uid=%d endpoint=%s check=L02 reason=\"%s\"", server->name,
           address, who->peer.port, (int)who->uid, who->port->endpoint, reason);
}

void ir_reject(struct ir_link *link, const char *check, const char *reason, uint32_t call_id,
               const struct ir_iface *iface, uint32_t opnum)
{
    struct irpc_server *server = link->server;
    struct ir_peer_text text;
    char call[32] = "";
    char op[96] = "";

    ir_count(&link->lane->stats.violations, 1);
    if (!ir_log_wants(IRPC_LOG_NOTICE) || !ir_source_may_log(link->lane, link->source)) {
        return;
    }
    ir_link_peer(link, &text);
    if (call_id != UINT32_MAX) {
        (void)snprintf(call, sizeof(call), " call_id=%u", call_id);
    }
    if (iface != NULL && opnum != UINT32_MAX) {
        (void)snprintf(op, sizeof(op), " interface=%.48s opnum=%u", iface->stub->interface->name,
                       opnum);
    } else if (iface != NULL) {
        (void)snprintf(op, sizeof(op), " interface=%.48s", iface->stub->interface->name);
    }
    ir_log(IRPC_LOG_NOTICE, "server",
           "server=%s peer=%s port=%u endpoint=%s check=%s%s%s reason=\"%s\"", server->name,
           text.peer.address, text.peer.port, text.peer.endpoint, check, call, op, reason);
}
