/*
 * Timers: a 4-ary heap of pointers to timers that are embedded in their owners. check: L09
 *
 * A timer knows its place in the heap, so that moving and removing are O(log n) and an owner that
 * goes away takes its timer along: it cannot fire into freed memory. check: S09
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

struct ir_timer {
    uint64_t deadline;
    void (*fn)(struct ir_timer *timer);
    uint32_t place; /* in the heap, from 1; 0: not armed */
    uint32_t round; /* of the firing that it was armed in or after */
};

struct ir_timers {
    struct ir_timer **heap;
    uint32_t n;
    uint32_t cap;
    uint32_t round; /* firings so far */
};

void ir_timers_deinit(struct ir_timers *timers);

/* Arm or move. Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_timers_set(struct ir_timers *timers, struct ir_timer *timer, uint64_t deadline);

/* Disarm; idempotent. */
void ir_timers_clear(struct ir_timers *timers, struct ir_timer *timer);

/* The next deadline, UINT64_MAX if there is none. */
static inline uint64_t ir_timers_next(const struct ir_timers *timers)
{
    return timers->n > 0 ? timers->heap[0]->deadline : UINT64_MAX;
}

/* Fire all that are due at @now, in order; what they arm for @now or earlier waits for the next
 * call. */
void ir_timers_fire(struct ir_timers *timers, uint64_t now);
