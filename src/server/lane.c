/*
 * Lanes: each is one event loop and what belongs to the thread that runs it, so that connections
 * need no lock for their own affairs.
 */
#include "base/alloc.h"
#include "server/internal.h"

#define TRIM_MS 5000u                    /* how long large blocks stay unused */
#define OUTPUT_MAX (64u * 1024u * 1024u) /* one connection's unsent replies, in the worst case */

static void on_trim(struct ir_timer *timer)
{
    struct ir_lane *lane = IR_CONTAINER_OF(timer, struct ir_lane, trim);

    if (ir_blocks_trim(&lane->server->blocks) > 0) {
        ir_lane_trim_later(lane);
    }
}

void ir_lane_trim_later(struct ir_lane *lane)
{
    if (lane->trim.place == 0) {
        uint64_t deadline = ir_loop_now(lane->loop) + TRIM_MS;
        /* Without memory for it they stay a little longer. */
        (void)!ir_loop_timer_set(lane->loop, &lane->trim, deadline);
    }
}

enum irpc_status ir_lane_new(struct irpc_server *server, struct ir_lane **ret_lane)
{
    struct ir_lane *lane = ir_calloc(1, sizeof(*lane));

    if (lane == NULL) {
        return IRPC_NO_MEMORY;
    }
    lane->server = server;
    lane->trim.fn = on_trim;
    ir_outq_init(&lane->outq, OUTPUT_MAX);
    enum irpc_status st = ir_loop_new(NULL, &lane->loop);
    if (st == IRPC_OK) {
        st = ir_io_init(&lane->io, lane->loop);
    }
    if (st != IRPC_OK) {
        ir_lane_free(lane);
        return st;
    }
    *ret_lane = lane;
    return IRPC_OK;
}

void ir_lane_close(struct ir_lane *lane)
{
    while (lane->links != NULL) {
        ir_link_close(lane->links);
    }
}

void ir_lane_free(struct ir_lane *lane)
{
    ir_io_deinit(&lane->io);
    ir_loop_free(lane->loop);
    ir_outq_deinit(&lane->outq);
    ir_free(lane);
}
