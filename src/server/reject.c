/*
 * The log of rejections and refusals, limited per source and in all, and who else is told of them:
 * counters, talkers, the program's hook. The window of the log is under sources_lock. check: L07
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "server/internal.h"

#define WINDOW_MS 10000u
#define LINES_PER_SOURCE 20u
#define LINES_IN_ALL 200u
#define NOISY_MAX 4096u

/* Take the next noisy source out of the window: its words and its count to the caller. */
static bool next_noisy(struct irpc_server *server, char *text, uint32_t *ret_suppressed)
{
    struct ir_source *source = server->noisy;

    if (source == NULL) {
        return false;
    }
    server->noisy = source->next_noisy;
    ir_source_format(source->id, text);
    *ret_suppressed = source->suppressed;
    source->noisy = false;
    source->lines = source->suppressed = 0;
    ir_source_free_if_unused(server, source);
    return true;
}

static void end_window(struct irpc_server *server)
{
    char text[IRPC_SOURCE_TEXT];
    uint32_t suppressed = 0;

    pthread_mutex_lock(&server->sources_lock);
    while (next_noisy(server, text, &suppressed)) {
        pthread_mutex_unlock(&server->sources_lock);
        if (suppressed > 0) {
            ir_log(IRPC_LOG_NOTICE, "server", "server=%s source=%s suppressed=%u", server->name,
                   text, suppressed);
        }
        pthread_mutex_lock(&server->sources_lock);
    }
    uint32_t others = server->suppressed;
    server->n_noisy = 0;
    server->lines = server->suppressed = 0;
    server->window_lane = NULL;
    pthread_mutex_unlock(&server->sources_lock);
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

    pthread_mutex_lock(&server->sources_lock);
    bool may = may_log(lane, source);
    pthread_mutex_unlock(&server->sources_lock);
    return may;
}

void ir_sources_deinit(struct irpc_server *server)
{
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        ir_loop_timer_clear(server->lanes[i]->loop, &server->lanes[i]->log_window);
    }
    end_window(server);
}

static const char *words_of(enum irpc_metric limit)
{
    switch ((unsigned)limit) {
    case IRPC_METRIC_REFUSED_ALL:
        return "too many connections";
    case IRPC_METRIC_REFUSED_SOURCE:
        return "too many connections of this source";
    case IRPC_METRIC_REFUSED_NETWORK:
        return "too many connections of this network";
    case IRPC_METRIC_REFUSED_QUARANTINE:
        return "its packets have crashed this service";
    default:
        return "out of memory";
    }
}

static void log_rejection(const struct irpc_server *server, const struct irpc_rejection *r)
{
    char call[32] = "";
    char op[96] = "";

    if (r->call_id != UINT32_MAX) {
        (void)snprintf(call, sizeof(call), " call_id=%u", r->call_id);
    }
    if (r->interface != NULL && r->opnum != UINT32_MAX) {
        (void)snprintf(op, sizeof(op), " interface=%.48s opnum=%u", r->interface->name, r->opnum);
    } else if (r->interface != NULL) {
        (void)snprintf(op, sizeof(op), " interface=%.48s", r->interface->name);
    }
    ir_log(IRPC_LOG_NOTICE, "server",
           "server=%s peer=%s port=%u endpoint=%s check=%s%s%s reason=\"%s\"", server->name,
           r->peer->address, r->peer->port, r->peer->endpoint, r->check, call, op, r->reason);
}

static void tell(const struct irpc_server *server, bool logged, const struct irpc_rejection *r)
{
    if (server->on_rejection != NULL) {
        server->on_rejection(server->on_rejection_user, r);
    }
    if (logged) {
        log_rejection(server, r);
    }
}

void ir_refused(const struct ir_link *who, struct ir_source *source, enum irpc_metric limit)
{
    struct irpc_server *server = who->server;
    struct ir_counters *stats = &server->main->stats;
    struct ir_peer_text text;

    ir_count(&stats->n[limit], 1);
    ir_count(&stats->checks[irpc_check_index("L02")], 1);
    pthread_mutex_lock(&server->sources_lock);
    if (source != NULL) {
        ir_talk(server, source, IR_TALK_REFUSED, 1);
    }
    bool logged = ir_log_wants(IRPC_LOG_NOTICE) && may_log(server->main, source);
    pthread_mutex_unlock(&server->sources_lock);
    if (logged || server->on_rejection != NULL) {
        ir_link_peer(who, &text);
        tell(server, logged,
             &(struct irpc_rejection){.check = "L02",
                                      .reason = words_of(limit),
                                      .peer = &text.peer,
                                      .opnum = UINT32_MAX,
                                      .call_id = UINT32_MAX});
    }
}

void ir_reject(struct ir_link *link, const char *check, const char *reason, uint32_t call_id,
               const struct ir_iface *iface, uint32_t opnum)
{
    struct irpc_server *server = link->server;
    struct ir_counters *stats = &link->lane->stats;
    unsigned index = irpc_check_index(check);
    struct ir_peer_text text;

    ir_count(&stats->n[IRPC_METRIC_VIOLATIONS], 1);
    if (index < IRPC_CHECKS_MAX) {
        ir_count(&stats->checks[index], 1);
    }
    pthread_mutex_lock(&server->sources_lock);
    ir_talk(server, link->source, IR_TALK_VIOLATION, 1);
    bool logged = ir_log_wants(IRPC_LOG_NOTICE) && may_log(link->lane, link->source);
    pthread_mutex_unlock(&server->sources_lock);
    if (!logged && server->on_rejection == NULL) {
        return;
    }
    ir_link_peer(link, &text);
    const struct irpc_rejection rejection = {
        .check = check,
        .reason = reason,
        .peer = &text.peer,
        .interface = iface != NULL ? iface->stub->interface : NULL,
        .opnum = iface != NULL ? opnum : UINT32_MAX,
        .call_id = call_id,
    };
    tell(server, logged, &rejection);
}

void irpc_server_on_rejection(struct irpc_server *server, irpc_rejection_fn *fn, void *user)
{
    server->on_rejection = fn;
    server->on_rejection_user = user;
}
