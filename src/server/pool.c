/*
 * The pool: threads that run managers of interfaces registered as blocking, so that a loop does not
 * wait for it. A thread is started when a call comes and none is idle, up to a maximum; then calls
 * wait: sources take turns, and the calls of one run in the order in which they came. So whoever
 * sends many is waited for once, not for each of them. How many may wait is limited as for all
 * pending calls (max_pending, max_memory, and a source's shares of them). check: R09 L05
 */
#include <signal.h>

#include "base/alloc.h"
#include "server/internal.h"

void ir_pool_init(struct ir_pool *pool, uint32_t max_threads)
{
    *pool = (struct ir_pool){.max_threads = max_threads};
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
}

/* @source, which has calls that wait, to the end of the line. */
static void line_up(struct ir_pool *pool, struct ir_source *source)
{
    source->next_waiting = NULL;
    *pool->last = source;
    pool->last = &source->next_waiting;
}

static void put_last(struct ir_pool *pool, struct irpc_call *call)
{
    struct ir_source *source = call->source;

    if (source->waiting == NULL) {
        source->last_waiting = &source->waiting;
        line_up(pool, source);
    }
    call->waiting = NULL;
    *source->last_waiting = call;
    source->last_waiting = &call->waiting;
    pool->n_waiting++;
}

/* The oldest call of the source whose turn it is. */
static struct irpc_call *take_first(struct ir_pool *pool)
{
    struct ir_source *source = pool->first;
    struct irpc_call *call = source->waiting;

    source->waiting = call->waiting;
    pool->first = source->next_waiting;
    pool->n_waiting--;
    if (pool->first == NULL) {
        pool->last = &pool->first;
    }
    if (source->waiting != NULL) {
        line_up(pool, source);
    }
    return call;
}

/* The next call; NULL: the end. */
static struct irpc_call *next_call(struct ir_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->n_idle++;
    while (pool->first == NULL && !pool->stop) {
        pthread_cond_wait(&pool->more, &pool->lock);
    }
    pool->n_idle--;
    struct irpc_call *call = pool->stop ? NULL : take_first(pool);
    pthread_mutex_unlock(&pool->lock);
    return call;
}

static void *work(void *arg)
{
    struct ir_pool *pool = arg;

    for (struct irpc_call *call; (call = next_call(pool)) != NULL;) {
        ir_call_run_pooled(call);
    }
    return NULL;
}

/* One thread more, under the lock. */
static void grow(struct ir_pool *pool)
{
    sigset_t all;
    sigset_t before;

    if (pool->threads == NULL) {
        pool->threads = ir_calloc(pool->max_threads, sizeof(pthread_t));
        if (pool->threads == NULL) {
            return;
        }
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's own threads */
    if (pthread_create(&pool->threads[pool->n_threads], NULL, work, pool) == 0) {
        pool->n_threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

enum irpc_status ir_pool_add(struct ir_pool *pool, struct irpc_call *call)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->n_waiting >= pool->n_idle && pool->n_threads < pool->max_threads) {
        grow(pool);
    }
    enum irpc_status st = pool->n_threads > 0 ? IRPC_OK : IRPC_NO_MEMORY;
    if (st == IRPC_OK) {
        put_last(pool, call);
        pthread_cond_signal(&pool->more);
    }
    pthread_mutex_unlock(&pool->lock);
    return st;
}

void ir_pool_stop(struct ir_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (uint32_t i = 0; i < pool->n_threads; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pool->n_threads = 0;
}

void ir_pool_deinit(struct ir_pool *pool)
{
    ir_free(pool->threads);
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
}
