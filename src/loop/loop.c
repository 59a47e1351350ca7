/*
 * The event loop, over epoll. Level-triggered. Descriptors are watched by structures embedded in
 * their owners; an owner that goes away while a batch of events is being handled is struck from
 * the batch (ir_loop_unwatch), so no event reaches freed memory. Other threads reach the loop
 * through a list under a lock and an eventfd. check: L10
 */
#include "loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

#define BATCH 64
#define LONG_WAIT_MS 3600000u
#define BUSY_WAIT_MS 100u /* how late a busy loop's timers may be, at worst */

_Static_assert(IR_LOOP_IN == EPOLLIN && IR_LOOP_OUT == EPOLLOUT && IR_LOOP_ERR == EPOLLERR &&
                   IR_LOOP_HUP == EPOLLHUP,
               "the loop passes epoll's bits on");

struct ir_loop {
    struct ir_loop_clock clock; /* functions NULL: the machine's */
    uint64_t now;
    int epoll_fd;
    int event_fd;
    struct ir_watch wake;
    struct ir_timers timers;
    uint64_t next; /* ir_timers_next() */

    struct epoll_event *batch; /* events being handled */
    int batch_n;               /* 0 outside */
    bool busy;                 /* the last wait brought events, so that `now` is of a moment ago */

    pthread_mutex_t lock;
    struct ir_post *first; /* under lock */
    struct ir_post **last;
    atomic_bool stop;
};

static inline uint64_t ask_clock(const struct ir_loop *loop)
{
    struct timespec ts = {.tv_sec = 0}; /* what stands if the clock should ever fail */

    if (loop->clock.now != NULL) {
        return loop->clock.now(loop->clock.user);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000u + (uint64_t)ts.tv_nsec / 1000000u;
}

static inline int wait_events(const struct ir_loop *loop, struct epoll_event *events,
                              int timeout_ms)
{
    if (loop->clock.wait != NULL) {
        return loop->clock.wait(loop->clock.user, loop->epoll_fd, events, BATCH, timeout_ms);
    }
    return epoll_wait(loop->epoll_fd, events, BATCH, timeout_ms);
}

void ir_loop_run_posted(struct ir_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct ir_post *post = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    pthread_mutex_unlock(&loop->lock);

    while (post != NULL) {
        struct ir_post *next = post->next;
        post->fn(post);
        post = next;
    }
}

static void on_wake(struct ir_watch *watch, uint32_t events)
{
    struct ir_loop *loop = IR_CONTAINER_OF(watch, struct ir_loop, wake);
    uint64_t count;

    (void)events;
    if (read(loop->event_fd, &count, sizeof(count)) < 0) {
        /* EAGAIN: somebody read it already; the list says what is to do. */
        count = 0;
    }
    ir_loop_run_posted(loop);
}

static void wake(struct ir_loop *loop)
{
    uint64_t one = 1;
    int saved = errno;

    /* It fails only when the counter is full: then the loop wakes anyway. */
    if (write(loop->event_fd, &one, sizeof(one)) < 0) {
        errno = saved;
    }
}

enum irpc_status ir_loop_new(const struct ir_loop_clock *clock, struct ir_loop **ret_loop)
{
    struct ir_loop *loop = ir_calloc(1, sizeof(*loop));

    if (loop == NULL) {
        return IRPC_NO_MEMORY;
    }
    loop->clock = clock != NULL ? *clock : (struct ir_loop_clock){NULL, NULL, NULL};
    loop->last = &loop->first;
    loop->wake.fd = -1;
    loop->next = UINT64_MAX;
    loop->now = ask_clock(loop);
    pthread_mutex_init(&loop->lock, NULL);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd < 0 || loop->event_fd < 0 ||
        ir_loop_watch(loop, &loop->wake, loop->event_fd, IR_LOOP_IN, on_wake) != IRPC_OK) {
        ir_loop_free(loop);
        return IRPC_IO;
    }
    *ret_loop = loop;
    return IRPC_OK;
}

void ir_loop_free(struct ir_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    ir_loop_run_posted(loop);
    if (loop->event_fd >= 0) {
        ir_loop_unwatch(loop, &loop->wake);
        close(loop->event_fd);
    }
    if (loop->epoll_fd >= 0) {
        close(loop->epoll_fd);
    }
    ir_timers_deinit(&loop->timers);
    pthread_mutex_destroy(&loop->lock);
    ir_free(loop);
}

uint64_t ir_loop_now(const struct ir_loop *loop)
{
    return loop->now;
}

enum irpc_status ir_loop_watch(struct ir_loop *loop, struct ir_watch *watch, int fd,
                               uint32_t events, void (*fn)(struct ir_watch *watch, uint32_t events))
{
    struct epoll_event ev = {.events = events, .data = {.ptr = watch}};

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0) {
        return errno == ENOMEM || errno == ENOSPC ? IRPC_NO_MEMORY : IRPC_IO;
    }
    *watch = (struct ir_watch){.fd = fd, .events = events, .fn = fn};
    return IRPC_OK;
}

void ir_loop_rewatch(struct ir_loop *loop, struct ir_watch *watch, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data = {.ptr = watch}};

    if (watch->fd < 0 || watch->events == events) {
        return;
    }
    watch->events = events;
    /* Of a descriptor that is watched it cannot fail. */
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &ev);
}

void ir_loop_unwatch(struct ir_loop *loop, struct ir_watch *watch)
{
    if (watch->fd < 0) {
        return;
    }
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
    for (int i = 0; i < loop->batch_n; i++) {
        if (loop->batch[i].data.ptr == watch) {
            loop->batch[i].data.ptr = NULL;
        }
    }
}

enum irpc_status ir_loop_timer_set(struct ir_loop *loop, struct ir_timer *timer, uint64_t deadline)
{
    enum irpc_status st = ir_timers_set(&loop->timers, timer, deadline);

    loop->next = ir_timers_next(&loop->timers);
    return st;
}

void ir_loop_timer_clear(struct ir_loop *loop, struct ir_timer *timer)
{
    ir_timers_clear(&loop->timers, timer);
    loop->next = ir_timers_next(&loop->timers);
}

void ir_loop_post(struct ir_loop *loop, struct ir_post *post)
{
    post->next = NULL;
    pthread_mutex_lock(&loop->lock);
    bool was_empty = loop->first == NULL;
    *loop->last = post;
    loop->last = &post->next;
    pthread_mutex_unlock(&loop->lock);
    if (was_empty) {
        wake(loop);
    }
}

void ir_loop_stop(struct ir_loop *loop)
{
    atomic_store(&loop->stop, true);
    wake(loop);
}

int ir_loop_timeout(const struct ir_loop *loop)
{
    uint64_t next = loop->next;

    if (next == UINT64_MAX) {
        return -1;
    }
    uint64_t now = ask_clock(loop);
    if (next <= now) {
        return 0;
    }
    return next - now > LONG_WAIT_MS ? (int)LONG_WAIT_MS : (int)(next - now);
}

int ir_loop_fd(const struct ir_loop *loop)
{
    return loop->epoll_fd;
}

/*
 * How long to wait. loop->now may be old, since callbacks take time and a host program calls when
 * it likes; a busy loop does not ask the clock again for that, but waits for a short time only.
 */
static inline int wait_for(const struct ir_loop *loop, int timeout_ms)
{
    uint64_t now = loop->busy ? loop->now : ask_clock(loop);
    uint64_t wait = loop->busy ? BUSY_WAIT_MS : LONG_WAIT_MS;
    if (loop->next < now + wait) {
        wait = loop->next > now ? loop->next - now : 0;
    }
    return (unsigned)timeout_ms < wait ? timeout_ms : (int)wait; /* -1 is more than any */
}

/* One round; @batch has room for BATCH events. */
static inline enum irpc_status process(struct ir_loop *loop, struct epoll_event *batch,
                                       int timeout_ms)
{
    int n = wait_events(loop, batch, wait_for(loop, timeout_ms));

    if (IR_UNLIKELY(n < 0)) {
        if (errno != EINTR) {
            return IRPC_IO;
        }
        n = 0;
    }
    loop->now = ask_clock(loop);
    loop->batch = batch;
    loop->batch_n = n;
    loop->busy = n > 0;
    for (int i = 0; i < loop->batch_n; i++) {
        struct ir_watch *watch = batch[i].data.ptr;
        if (watch != NULL) {
            watch->fn(watch, batch[i].events);
        }
    }
    loop->batch_n = 0;
    if (loop->next <= loop->now) {
        ir_timers_fire(&loop->timers, loop->now);
        loop->next = ir_timers_next(&loop->timers);
    }
    return IRPC_OK;
}

enum irpc_status ir_loop_process(struct ir_loop *loop, int timeout_ms)
{
    struct epoll_event batch[BATCH];

    return process(loop, batch, timeout_ms);
}

enum irpc_status ir_loop_run(struct ir_loop *loop)
{
    struct epoll_event batch[BATCH];
    enum irpc_status st = IRPC_OK;

    while (st == IRPC_OK && !atomic_load(&loop->stop)) {
        st = process(loop, batch, -1);
    }
    atomic_store(&loop->stop, false);
    return st;
}
