/*
 * The event loop: descriptors, timers, callbacks posted from other threads.
 *
 * One thread runs a loop; only ir_loop_post() and ir_loop_stop() may be called from others. Time
 * is monotonic, in milliseconds. Where time and waiting come from is a small vtable, so that tests
 * run the same loop in virtual time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/attr.h"
#include "loop/timer.h"

struct ir_loop;
struct epoll_event;

/* A watched descriptor, embedded in its owner. */
struct ir_watch {
    int fd; /* -1: not watched */
    uint32_t events;
    void (*fn)(struct ir_watch *watch, uint32_t events);
};

/* What ir_watch.events is made of, and what fn gets: the values of EPOLLIN and so on. */
#define IR_LOOP_IN 0x001u
#define IR_LOOP_OUT 0x004u
#define IR_LOOP_ERR 0x008u
#define IR_LOOP_HUP 0x010u

/* A callback posted from anywhere, embedded in its owner; must stay until it ran. */
struct ir_post {
    struct ir_post *next;
    void (*fn)(struct ir_post *post);
};

/* Where time comes from and how a loop waits. */
struct ir_loop_clock {
    uint64_t (*now)(void *user);
    /* As epoll_wait(); may change what now() says instead of sleeping. */
    int (*wait)(void *user, int epoll_fd, struct epoll_event *events, int max, int timeout_ms);
    void *user;
};

/* @clock: NULL for the machine's. Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_IO. */
IRPC_CHECKED ir_loop_new(const struct ir_loop_clock *clock, struct ir_loop **ret_loop);

/* Watches and timers must be gone; posted callbacks that did not run yet are run. */
void ir_loop_free(struct ir_loop *loop);

/* Time as of the last wake-up. */
uint64_t ir_loop_now(const struct ir_loop *loop);

/* Watch @fd for @events. Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_IO. */
IRPC_CHECKED ir_loop_watch(struct ir_loop *loop, struct ir_watch *watch, int fd, uint32_t events,
                           void (*fn)(struct ir_watch *watch, uint32_t events));

/* Change what is watched for. */
void ir_loop_rewatch(struct ir_loop *loop, struct ir_watch *watch, uint32_t events);

/* Stop watching; before the descriptor is closed. Its fn is not called any more. Idempotent. */
void ir_loop_unwatch(struct ir_loop *loop, struct ir_watch *watch);

/*
 * Fire @timer at @deadline (absolute). Armed already: moves it.
 * Return: IRPC_OK, IRPC_NO_MEMORY (not armed, or as it was).
 */
IRPC_CHECKED ir_loop_timer_set(struct ir_loop *loop, struct ir_timer *timer, uint64_t deadline);

/* Disarm; idempotent. */
void ir_loop_timer_clear(struct ir_loop *loop, struct ir_timer *timer);

/* Run @post's fn on the loop's thread, in order of posting. Any thread, not in signal handlers. */
void ir_loop_post(struct ir_loop *loop, struct ir_post *post);

/* Run what was posted so far, now. */
void ir_loop_run_posted(struct ir_loop *loop);

/* Make ir_loop_run() return. Any thread, signal handlers too. */
void ir_loop_stop(struct ir_loop *loop);

/* Milliseconds until the next timer: 0 if one is due, -1 if there is none. */
int ir_loop_timeout(const struct ir_loop *loop);

/* Readable when there is something to process. */
int ir_loop_fd(const struct ir_loop *loop);

/* Wait at most @timeout_ms (-1: as long as it takes), handle what is there, once. */
IRPC_CHECKED ir_loop_process(struct ir_loop *loop, int timeout_ms);

/* Process until ir_loop_stop(). Return: IRPC_OK, IRPC_IO. */
IRPC_CHECKED ir_loop_run(struct ir_loop *loop);
