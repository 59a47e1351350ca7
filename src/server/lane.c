/*
 * Lanes: each is one event loop and what belongs to the thread that runs it, so that connections
 * need no lock for their own affairs. The main lane's loop is run by the program's thread; it
 * listens, and gives each connection to the lane that has fewest, for life. check: L02
 */
#include <sched.h>
#include <signal.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"
#include "server/supervised.h"

#define TRIM_MS 5000u                    /* how long large blocks stay unused */
#define OUTPUT_MAX (64u * 1024u * 1024u) /* one connection's unsent replies, in the worst case */
#define LANES_MAX 64u

/* --- blocks that are not needed any more --- */

static bool arm_trim(struct ir_lane *lane)
{
    uint64_t deadline = ir_loop_now(lane->loop) + TRIM_MS;

    return ir_loop_timer_set(lane->loop, &lane->trim, deadline) == IRPC_OK;
}

static void on_trim(struct ir_timer *timer)
{
    struct ir_lane *lane = IR_CONTAINER_OF(timer, struct ir_lane, trim);

    if (ir_blocks_trim(&lane->server->blocks) == 0 || !arm_trim(lane)) {
        atomic_store_explicit(&lane->server->trimming, false, memory_order_relaxed);
    }
}

void ir_lane_trim_later(struct ir_lane *lane)
{
    atomic_bool *trimming = &lane->server->trimming;

    if (atomic_load_explicit(trimming, memory_order_relaxed) || atomic_exchange(trimming, true)) {
        return;
    }
    if (!arm_trim(lane)) { /* without memory for it they stay a little longer */
        atomic_store_explicit(trimming, false, memory_order_relaxed);
    }
}

/* --- life --- */

static void on_evict(struct ir_post *post)
{
    struct ir_lane *lane = IR_CONTAINER_OF(post, struct ir_lane, evict);

    atomic_store(&lane->evict_posted, false);
    ir_lane_evict(lane);
}

static void on_traffic(struct ir_post *post)
{
    struct ir_lane *lane = IR_CONTAINER_OF(post, struct ir_lane, traffic);

    atomic_store(&lane->traffic_posted, false);
    for (struct ir_link *link = lane->links; link != NULL; link = link->next) {
        if ((link->bytes_in | link->bytes_out) > 0) {
            ir_source_traffic(link);
        }
    }
}

void ir_lane_count_traffic(struct ir_lane *lane)
{
    if (!atomic_exchange(&lane->traffic_posted, true)) {
        ir_loop_post(lane->loop, &lane->traffic);
    }
}

static void free_lane(struct ir_lane *lane)
{
    ir_io_deinit(&lane->io);
    ir_loop_free(lane->loop);
    ir_outq_deinit(&lane->outq);
    ir_free(lane);
}

static struct ir_lane *new_lane(struct irpc_server *server, enum irpc_status *ret_status)
{
    struct ir_lane *lane = ir_calloc(1, sizeof(*lane));

    if (lane == NULL) {
        *ret_status = IRPC_NO_MEMORY;
        return NULL;
    }
    lane->server = server;
    lane->max_output = server->options.max_output;
    lane->max_pdus = (int)server->options.pdus_per_turn;
    lane->max_bytes = server->options.bytes_per_turn;
    lane->trim.fn = on_trim;
    lane->evict.fn = on_evict;
    lane->traffic.fn = on_traffic;
    ir_outq_init(&lane->outq, OUTPUT_MAX);
    enum irpc_status st = ir_loop_new(NULL, &lane->loop);
    if (st == IRPC_OK) {
        st = ir_io_init(&lane->io, lane->loop);
    }
    if (st != IRPC_OK) {
        free_lane(lane);
        *ret_status = st;
        return NULL;
    }
    return lane;
}

static uint32_t count_lanes(uint32_t wanted)
{
    cpu_set_t cpus;

    if (wanted == IRPC_LOOPS_PER_CPU) {
        bool known = sched_getaffinity(0, sizeof(cpus), &cpus) == 0;
        wanted = known ? (uint32_t)CPU_COUNT(&cpus) : 1;
    }
    return wanted > LANES_MAX ? LANES_MAX : wanted;
}

enum irpc_status ir_lanes_new(struct irpc_server *server)
{
    uint32_t n = count_lanes(server->options.loops);
    enum irpc_status st = IRPC_OK;

    server->threaded = n > 1;
    server->lanes = ir_calloc(n, sizeof(struct ir_lane *));
    if (server->lanes == NULL) {
        return IRPC_NO_MEMORY;
    }
    for (uint32_t i = 0; i < n; i++) {
        server->lanes[i] = new_lane(server, &st);
        if (server->lanes[i] == NULL) {
            return st;
        }
        server->n_lanes++;
    }
    server->main = server->lanes[0];
    return IRPC_OK;
}

void ir_lanes_close(struct irpc_server *server)
{
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        ir_loop_run_posted(server->lanes[i]->loop);
        while (server->lanes[i]->links != NULL) {
            ir_link_close(server->lanes[i]->links);
        }
    }
}

void ir_lanes_free(struct irpc_server *server)
{
    if (server->main != NULL) {
        ir_embed_deinit(server);
        ir_sources_deinit(server);
    }
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        ir_calls_free(server->lanes[i]);
    }
    for (uint32_t i = 0; i < server->n_lanes; i++) {
        free_lane(server->lanes[i]);
    }
    ir_free(server->lanes);
}

/* --- threads --- */

static void *run_lane(void *arg)
{
    struct ir_lane *lane = arg;

    lane->loop_end = ir_loop_run(lane->loop);
    if (lane->loop_end != IRPC_OK) { /* its connections would hang: the server ends, and says so */
        ir_log(IRPC_LOG_ERROR, "server", "server=%s status=%s reason=\"a loop failed\"",
               lane->server->name, irpc_status_name(lane->loop_end));
        ir_loop_stop(lane->server->main->loop);
    }
    return NULL;
}

enum irpc_status ir_lanes_start(struct irpc_server *server)
{
    sigset_t all;
    sigset_t before;
    bool ok = true;

    if (server->lanes_run) {
        return IRPC_OK;
    }
    server->lanes_run = true;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's own threads */
    for (uint32_t i = 1; ok && i < server->n_lanes; i++) {
        struct ir_lane *lane = server->lanes[i];
        ok = pthread_create(&lane->thread, NULL, run_lane, lane) == 0;
        lane->running = ok;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!ok) {
        (void)!ir_lanes_stop(server);
        return IRPC_NO_MEMORY;
    }
    ir_supervised_serves();
    return IRPC_OK;
}

enum irpc_status ir_lanes_stop(struct irpc_server *server)
{
    enum irpc_status st = IRPC_OK;

    for (uint32_t i = 1; i < server->n_lanes; i++) {
        struct ir_lane *lane = server->lanes[i];
        if (lane->running) {
            ir_loop_stop(lane->loop);
            pthread_join(lane->thread, NULL);
            lane->running = false;
            st = lane->loop_end != IRPC_OK ? lane->loop_end : st;
        }
    }
    server->lanes_run = false;
    return st;
}

struct ir_lane *ir_lane_choose(struct irpc_server *server)
{
    struct ir_lane *best = server->main;

    for (uint32_t i = 1; i < server->n_lanes; i++) {
        struct ir_lane *lane = server->lanes[i];
        if (atomic_load_explicit(&lane->n_links, memory_order_relaxed) <
            atomic_load_explicit(&best->n_links, memory_order_relaxed)) {
            best = lane;
        }
    }
    return best;
}
