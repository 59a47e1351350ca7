/*
 * Timers: a 4-ary heap ordered by deadline. Invariant: heap[i]->place == i + 1, and no entry is
 * due before its parent. Who owns a timer, and time itself, are the caller's business.
 */
#include "loop/timer.h"

#include "base/alloc.h"

#define ARITY 4u

void ir_timers_deinit(struct ir_timers *timers)
{
    for (uint32_t i = 0; i < timers->n; i++) {
        timers->heap[i]->place = 0;
    }
    ir_free(timers->heap);
    *timers = (struct ir_timers){0};
}

static void put(struct ir_timers *timers, uint32_t i, struct ir_timer *timer)
{
    timers->heap[i] = timer;
    timer->place = i + 1;
}

static void sift_up(struct ir_timers *timers, uint32_t i, struct ir_timer *timer)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / ARITY;
        if (timers->heap[parent]->deadline <= timer->deadline) {
            break;
        }
        put(timers, i, timers->heap[parent]);
        i = parent;
    }
    put(timers, i, timer);
}

static uint32_t earliest_child(const struct ir_timers *timers, uint32_t i)
{
    uint32_t first = i * ARITY + 1;
    uint32_t best = first;

    for (uint32_t c = first + 1; c < first + ARITY && c < timers->n; c++) {
        if (timers->heap[c]->deadline < timers->heap[best]->deadline) {
            best = c;
        }
    }
    return best;
}

static void sift_down(struct ir_timers *timers, uint32_t i, struct ir_timer *timer)
{
    while (i * ARITY + 1 < timers->n) {
        uint32_t child = earliest_child(timers, i);
        if (timers->heap[child]->deadline >= timer->deadline) {
            break;
        }
        put(timers, i, timers->heap[child]);
        i = child;
    }
    put(timers, i, timer);
}

static void settle(struct ir_timers *timers, uint32_t i, struct ir_timer *timer)
{
    if (i > 0 && timers->heap[(i - 1) / ARITY]->deadline > timer->deadline) {
        sift_up(timers, i, timer);
    } else {
        sift_down(timers, i, timer);
    }
}

static enum irpc_status grow(struct ir_timers *timers)
{
    uint32_t cap = timers->cap > 0 ? timers->cap * 2 : 16;
    struct ir_timer **heap = ir_realloc(timers->heap, (size_t)cap * sizeof(struct ir_timer *));

    if (heap == NULL) {
        return IRPC_NO_MEMORY;
    }
    timers->heap = heap;
    timers->cap = cap;
    return IRPC_OK;
}

enum irpc_status ir_timers_set(struct ir_timers *timers, struct ir_timer *timer, uint64_t deadline)
{
    timer->round = timers->round;
    if (timer->place != 0) {
        timer->deadline = deadline;
        settle(timers, timer->place - 1, timer);
        return IRPC_OK;
    }
    if (timers->n == timers->cap && grow(timers) != IRPC_OK) {
        return IRPC_NO_MEMORY;
    }
    timer->deadline = deadline;
    timers->n++;
    sift_up(timers, timers->n - 1, timer);
    return IRPC_OK;
}

void ir_timers_clear(struct ir_timers *timers, struct ir_timer *timer)
{
    if (timer->place == 0) {
        return;
    }
    uint32_t i = timer->place - 1;
    struct ir_timer *last = timers->heap[timers->n - 1];

    timer->place = 0;
    timers->n--;
    if (last != timer) {
        settle(timers, i, last);
    }
}

void ir_timers_fire(struct ir_timers *timers, uint64_t now)
{
    /* None that was armed meanwhile, so that a timer that arms itself again does not starve the
     * loop. What is due behind it comes in the next round: it is older then. check: L05 */
    timers->round++;
    while (timers->n > 0) {
        struct ir_timer *timer = timers->heap[0];
        if (timer->deadline > now || timer->round == timers->round) {
            return;
        }
        ir_timers_clear(timers, timer);
        timer->fn(timer);
    }
}
