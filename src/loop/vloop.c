/*
 * Virtual time for a loop. A wait asks the kernel for descriptors that are ready at once; when
 * there are none, time jumps by the timeout. Never sleeps.
 */
#include "loop/vloop.h"

#include <sys/epoll.h>

static uint64_t virtual_now(void *user)
{
    return ((const struct ir_vclock *)user)->now;
}

static int virtual_wait(void *user, int epoll_fd, struct epoll_event *events, int max,
                        int timeout_ms)
{
    struct ir_vclock *vclock = user;
    int n = epoll_wait(epoll_fd, events, max, 0);

    vclock->idle = n == 0 && timeout_ms < 0;
    if (n == 0 && timeout_ms > 0) {
        vclock->now += (uint64_t)timeout_ms;
        vclock->slept += (uint64_t)timeout_ms;
    }
    return n;
}

struct ir_loop_clock ir_vclock(struct ir_vclock *vclock)
{
    return (struct ir_loop_clock){virtual_now, virtual_wait, vclock};
}
