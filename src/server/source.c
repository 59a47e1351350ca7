/*
 * Accounting per peer: an IPv4 address, the /64 of an IPv6 address, a local user. And the log of
 * rejections, limited per source and in all. check: L02 L07
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"

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

struct ir_source *ir_source_get(struct irpc_server *server, const struct ir_addr *addr, uid_t uid)
{
    uint8_t id[9];

    make_id(addr, uid, id);
    uint64_t key = ir_siphash(&server->source_key, id, sizeof(id));
    for (struct ir_node *node = ir_table_find(&server->sources, key); node != NULL;
         node = ir_node_next_equal(node)) {
        struct ir_source *source = IR_CONTAINER_OF(node, struct ir_source, node);
        if (memcmp(source->id, id, sizeof(id)) == 0) {
            source->refs++;
            return source;
        }
    }
    struct ir_source *source = ir_calloc(1, sizeof(*source));
    if (source == NULL) {
        return NULL;
    }
    memcpy(source->id, id, sizeof(id));
    source->node.key = key;
    source->refs = 1;
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

void ir_source_put(struct irpc_server *server, struct ir_source *source)
{
    source->refs--;
    free_if_unused(server, source);
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

static void end_window(struct irpc_server *server)
{
    char text[IR_ADDR_TEXT_LEN];

    while (server->noisy != NULL) {
        struct ir_source *source = server->noisy;
        server->noisy = source->next_noisy;
        if (source->suppressed > 0) {
            format_source(source, text);
            ir_log(IRPC_LOG_NOTICE, "server", "server=%s source=%s suppressed=%u", server->name,
                   text, source->suppressed);
        }
        source->noisy = false;
        source->lines = source->suppressed = 0;
        free_if_unused(server, source);
    }
    if (server->suppressed > 0) {
        ir_log(IRPC_LOG_NOTICE, "server", "server=%s source=others suppressed=%u", server->name,
               server->suppressed);
    }
    server->n_noisy = 0;
    server->lines = server->suppressed = 0;
}

static void on_window(struct ir_timer *timer)
{
    end_window(IR_CONTAINER_OF(timer, struct irpc_server, log_window));
}

/* A new window begins with the first line in it. */
static bool begin_window(struct irpc_server *server)
{
    if (server->log_window.place != 0) {
        return true;
    }
    server->log_window.fn = on_window;
    return ir_loop_timer_set(server->main->loop, &server->log_window,
                             ir_loop_now(server->main->loop) + WINDOW_MS) == IRPC_OK;
}

bool ir_source_may_log(struct irpc_server *server, struct ir_source *source)
{
    if (!begin_window(server)) {
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

void ir_sources_deinit(struct irpc_server *server)
{
    ir_loop_timer_clear(server->main->loop, &server->log_window);
    end_window(server);
}

void ir_reject(struct ir_link *link, const char *check, const char *reason, uint32_t call_id,
               const struct ir_iface *iface, uint32_t opnum)
{
    struct irpc_server *server = link->server;
    struct ir_peer_text text;
    char call[32] = "";
    char op[96] = "";

    server->main->stats.violations++;
    if (!ir_log_wants(IRPC_LOG_NOTICE) || !ir_source_may_log(server, link->source)) {
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
