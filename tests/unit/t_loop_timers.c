/* Timers and posts of a loop, in virtual time. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "ir_test.h"
#include "loop/vloop.h"

struct timed {
    struct ir_timer timer;
    uint64_t fired_at;
    struct ir_loop *loop;
    struct timed *victim;
};

static void on_timer(struct ir_timer *timer)
{
    struct timed *t = IR_CONTAINER_OF(timer, struct timed, timer);

    t->fired_at = ir_loop_now(t->loop);
    if (t->victim != NULL) {
        ir_loop_timer_clear(t->loop, &t->victim->timer);
    }
}

static struct ir_loop *make(struct ir_vclock *vclock)
{
    struct ir_loop_clock clock = ir_vclock(vclock);
    struct ir_loop *loop = NULL;

    IR_ASSERT_EQ(ir_loop_new(&clock, &loop), IRPC_OK);
    return loop;
}

IR_TEST(a_thousand_timers_fire_in_time)
{
    struct ir_vclock vclock = {.now = 1000};
    struct ir_loop *loop = make(&vclock);
    static struct timed timers[1000];

    srand(1);
    for (int i = 0; i < 1000; i++) {
        timers[i] = (struct timed){.timer = {.fn = on_timer}, .loop = loop};
        IR_ASSERT_EQ(ir_loop_timer_set(loop, &timers[i].timer, 1000 + (uint64_t)(rand() % 5000)),
                     IRPC_OK);
    }
    for (int i = 0; i < 1000; i += 3) { /* some move, some go */
        IR_ASSERT_EQ(ir_loop_timer_set(loop, &timers[i].timer, 1000 + (uint64_t)(rand() % 5000)),
                     IRPC_OK);
        ir_loop_timer_clear(loop, &timers[i + 1 < 1000 ? i + 1 : 0].timer);
    }
    while (ir_loop_timeout(loop) >= 0) {
        IR_ASSERT_EQ(ir_loop_process(loop, -1), IRPC_OK);
    }
    for (int i = 0; i < 1000; i++) {
        bool cleared = i % 3 == 1 || i == 0;
        IR_ASSERT_EQ(timers[i].fired_at, cleared ? 0 : timers[i].timer.deadline);
    }
    ir_loop_free(loop);
}

static double cpu_ms(void)
{
    struct timespec t;

    IR_ASSERT_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void do_nothing(struct ir_timer *timer)
{
    (void)timer;
}

/* 200,000 times a timer of @n is moved, as a connection does with each PDU; then all fire. */
static double move_timers(uint32_t n)
{
    struct ir_timer *all = calloc(n, sizeof(*all));
    struct ir_timers timers = {NULL, 0, 0, 0};

    IR_ASSERT(all != NULL);
    srand(1);
    double begin = cpu_ms();
    for (uint32_t i = 0; i < 200000; i++) {
        all[i % n].fn = do_nothing;
        IR_ASSERT_EQ(ir_timers_set(&timers, &all[i % n], (uint64_t)rand()), IRPC_OK);
    }
    ir_timers_fire(&timers, UINT64_MAX);
    double took = cpu_ms() - begin;
    IR_ASSERT_EQ(timers.n, 0);
    ir_timers_deinit(&timers);
    free(all);
    return took;
}

/* A timer of 100,000 costs little more than one of 100. check: L09 */
IR_TEST(many_timers_cost_little_more_than_few)
{
    double few = move_timers(100);
    double many = move_timers(100000);

    ir_test_note("100: %.1f ms, 100000: %.1f ms", few, many);
    IR_ASSERT(many < 20 * few + 20);
}

IR_TEST(a_timer_takes_another_away)
{
    struct ir_vclock vclock = {.now = 1};
    struct ir_loop *loop = make(&vclock);
    struct timed second = {.timer = {.fn = on_timer}, .loop = loop};
    struct timed first = {.timer = {.fn = on_timer}, .loop = loop, .victim = &second};

    IR_ASSERT_EQ(ir_loop_timer_set(loop, &first.timer, 10), IRPC_OK);
    IR_ASSERT_EQ(ir_loop_timer_set(loop, &second.timer, 10), IRPC_OK);
    IR_ASSERT_EQ(ir_loop_process(loop, -1), IRPC_OK);
    IR_ASSERT_EQ(first.fired_at, 10);
    IR_ASSERT_EQ(second.fired_at, 0);
    IR_ASSERT_EQ(ir_loop_timeout(loop), -1);
    ir_loop_free(loop);
}

static unsigned turns;

static void arm_again(struct ir_timer *timer)
{
    struct timed *t = IR_CONTAINER_OF(timer, struct timed, timer);

    turns++;
    IR_ASSERT_EQ(ir_loop_timer_set(t->loop, timer, ir_loop_now(t->loop)), IRPC_OK);
}

/* However many others there are, descriptors have their turn in between. check: L05 */
IR_TEST(a_timer_that_arms_itself_waits_for_the_next_turn)
{
    struct ir_vclock vclock = {.now = 1};
    struct ir_loop *loop = make(&vclock);
    struct timed again = {.timer = {.fn = arm_again}, .loop = loop};
    struct timed others[10];

    for (int i = 0; i < 10; i++) {
        others[i] = (struct timed){.timer = {.fn = on_timer}, .loop = loop};
        IR_ASSERT_EQ(ir_loop_timer_set(loop, &others[i].timer, i < 5 ? 10 : 100), IRPC_OK);
    }
    IR_ASSERT_EQ(ir_loop_timer_set(loop, &again.timer, 1), IRPC_OK);
    for (unsigned i = 1; i <= 20; i++) {
        vclock.now += i == 10 ? 20 : 0;
        IR_ASSERT_EQ(ir_loop_process(loop, -1), IRPC_OK);
        IR_ASSERT_EQ(turns, i);
    }
    for (int i = 0; i < 10; i++) {
        IR_ASSERT_EQ(others[i].fired_at != 0, i < 5);
        ir_loop_timer_clear(loop, &others[i].timer);
    }
    ir_loop_timer_clear(loop, &again.timer);
    ir_loop_free(loop);
}

static bool arm_many(void *arg)
{
    struct ir_loop *loop = arg;
    static struct timed timers[100];
    bool ok = true;

    for (int i = 0; i < 100 && ok; i++) {
        timers[i] = (struct timed){.timer = {.fn = on_timer}, .loop = loop};
        ok = ir_loop_timer_set(loop, &timers[i].timer, 100) == IRPC_OK;
    }
    for (int i = 0; i < 100; i++) {
        ir_loop_timer_clear(loop, &timers[i].timer);
    }
    return ok;
}

IR_TEST(no_memory_for_a_timer)
{
    struct ir_vclock vclock = {.now = 1};
    struct ir_loop *loop = make(&vclock);

    (void)arm_many(loop); /* the heap keeps what it has grown to: nothing left to fail */
    IR_ASSERT(arm_many(loop));
    ir_loop_free(loop);
}

struct posted {
    struct ir_post post;
    int order;
};

static int n_posted;

static void on_post(struct ir_post *post)
{
    IR_CONTAINER_OF(post, struct posted, post)->order = ++n_posted;
}

static void *post_all(void *arg)
{
    static struct posted posts[50];

    for (int i = 0; i < 50; i++) {
        posts[i].post.fn = on_post;
        ir_loop_post(arg, &posts[i].post);
    }
    ir_loop_stop(arg);
    return posts;
}

IR_TEST(posts_of_another_thread_run_in_order)
{
    struct ir_loop *loop = NULL;
    pthread_t thread;
    void *posts = NULL;

    IR_ASSERT_EQ(ir_loop_new(NULL, &loop), IRPC_OK);
    IR_ASSERT_EQ(pthread_create(&thread, NULL, post_all, loop), 0);
    IR_ASSERT_EQ(ir_loop_run(loop), IRPC_OK);
    IR_ASSERT_EQ(pthread_join(thread, &posts), 0);
    ir_loop_run_posted(loop);
    IR_ASSERT_EQ(n_posted, 50);
    for (int i = 0; i < 50; i++) {
        IR_ASSERT_EQ(((struct posted *)posts)[i].order, i + 1);
    }
    ir_loop_free(loop);
}

struct watched {
    struct ir_watch watch;
    struct watched *other;
    struct ir_loop *loop;
    int seen;
};

static void on_ready(struct ir_watch *watch, uint32_t events)
{
    struct watched *w = IR_CONTAINER_OF(watch, struct watched, watch);

    IR_ASSERT((events & IR_LOOP_IN) != 0);
    w->seen++;
    ir_loop_unwatch(w->loop, &w->other->watch); /* its event may be in the same batch */
}

/* check: S09 */
IR_TEST(an_event_does_not_reach_what_is_gone)
{
    struct ir_vclock vclock = {.now = 1};
    struct ir_loop *loop = make(&vclock);
    int fds[2];
    struct watched a = {.loop = loop};
    struct watched b = {.loop = loop, .other = &a};

    a.other = &b;
    IR_ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    IR_ASSERT_EQ(write(fds[0], "x", 1), 1);
    IR_ASSERT_EQ(write(fds[1], "x", 1), 1);
    IR_ASSERT_EQ(ir_loop_watch(loop, &a.watch, fds[0], IR_LOOP_IN, on_ready), IRPC_OK);
    IR_ASSERT_EQ(ir_loop_watch(loop, &b.watch, fds[1], IR_LOOP_IN, on_ready), IRPC_OK);
    IR_ASSERT_EQ(ir_loop_process(loop, 0), IRPC_OK);
    IR_ASSERT_EQ(a.seen + b.seen, 1);
    ir_loop_unwatch(loop, &a.watch);
    ir_loop_unwatch(loop, &b.watch);
    close(fds[0]);
    close(fds[1]);
    ir_loop_free(loop);
}
