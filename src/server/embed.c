/*
 * The program's own timers, descriptors and posts on the server's loop. Timers are named by slot
 * and generation, so a name that is used too late does no harm. check: S09
 */
#include "base/alloc.h"
#include "server/internal.h"

struct ir_user_timer {
    struct ir_timer timer;
    struct irpc_server *server;
    void (*fn)(void *user);
    void *user;
    uint32_t slot;
    uint32_t generation;
};

struct ir_user_watch {
    struct ir_watch watch;
    struct ir_user_watch *next;
    void (*fn)(void *user, int fd);
    void *user;
};

struct user_post {
    struct ir_post post;
    void (*fn)(void *user);
    void *user;
};

static void on_user_post(struct ir_post *post)
{
    struct user_post *p = IR_CONTAINER_OF(post, struct user_post, post);
    void (*fn)(void *user) = p->fn;
    void *user = p->user;

    ir_free(p);
    fn(user);
}

enum irpc_status irpc_server_post(struct irpc_server *server, void (*fn)(void *user), void *user)
{
    struct user_post *p = ir_alloc(sizeof(*p));

    if (p == NULL) {
        return IRPC_NO_MEMORY;
    }
    *p = (struct user_post){.post = {.fn = on_user_post}, .fn = fn, .user = user};
    ir_loop_post(server->main->loop, &p->post);
    return IRPC_OK;
}

static void on_user_timer(struct ir_timer *timer)
{
    struct ir_user_timer *t = IR_CONTAINER_OF(timer, struct ir_user_timer, timer);
    struct irpc_server *server = t->server;
    void (*fn)(void *user) = t->fn;
    void *user = t->user;

    (void)ir_slots_take(&server->timers, t->slot, t->generation);
    struct ir_user_timer *outer = server->spare_timer;
    server->spare_timer = t;
    fn(user);
    ir_free(server->spare_timer);
    server->spare_timer = outer;
}

enum irpc_status irpc_server_after(struct irpc_server *server, uint32_t delay_ms,
                                   void (*fn)(void *user), void *user, struct irpc_timer *ret_timer)
{
    struct ir_user_timer *t = server->spare_timer;

    server->spare_timer = NULL;
    if (t == NULL) {
        t = ir_alloc(sizeof(*t));
    }
    if (t == NULL) {
        return IRPC_NO_MEMORY;
    }
    *t = (struct ir_user_timer){
        .timer = {.fn = on_user_timer}, .server = server, .fn = fn, .user = user};
    if (ir_slots_add(&server->timers, t, &t->slot, &t->generation) != IRPC_OK) {
        ir_free(t);
        return IRPC_NO_MEMORY;
    }
    if (ir_loop_timer_set(server->main->loop, &t->timer,
                          ir_loop_now(server->main->loop) + delay_ms) != IRPC_OK) {
        (void)ir_slots_take(&server->timers, t->slot, t->generation);
        ir_free(t);
        return IRPC_NO_MEMORY;
    }
    if (ret_timer != NULL) {
        ret_timer->id = (uint64_t)t->generation << 32 | t->slot;
    }
    return IRPC_OK;
}

bool irpc_server_cancel_timer(struct irpc_server *server, struct irpc_timer timer)
{
    struct ir_user_timer *t =
        ir_slots_take(&server->timers, (uint32_t)timer.id, (uint32_t)(timer.id >> 32));

    if (t == NULL) {
        return false;
    }
    ir_loop_timer_clear(server->main->loop, &t->timer);
    ir_free(t);
    return true;
}

static void on_user_watch(struct ir_watch *watch, uint32_t events)
{
    struct ir_user_watch *w = IR_CONTAINER_OF(watch, struct ir_user_watch, watch);

    (void)events;
    w->fn(w->user, watch->fd);
}

static struct ir_user_watch **find_watch(struct irpc_server *server, int fd)
{
    struct ir_user_watch **link = &server->watches;

    while (*link != NULL && (*link)->watch.fd != fd) {
        link = &(*link)->next;
    }
    return link;
}

enum irpc_status irpc_server_watch(struct irpc_server *server, int fd,
                                   void (*fn)(void *user, int fd), void *user)
{
    if (*find_watch(server, fd) != NULL) {
        return IRPC_EXISTS;
    }
    struct ir_user_watch *w = ir_calloc(1, sizeof(*w));
    if (w == NULL) {
        return IRPC_NO_MEMORY;
    }
    w->fn = fn;
    w->user = user;
    enum irpc_status st =
        ir_loop_watch(server->main->loop, &w->watch, fd, IR_LOOP_IN, on_user_watch);
    if (st != IRPC_OK) {
        ir_free(w);
        return st;
    }
    w->next = server->watches;
    server->watches = w;
    return IRPC_OK;
}

void irpc_server_unwatch(struct irpc_server *server, int fd)
{
    struct ir_user_watch **link = find_watch(server, fd);
    struct ir_user_watch *w = *link;

    if (w != NULL) {
        *link = w->next;
        ir_loop_unwatch(server->main->loop, &w->watch);
        ir_free(w);
    }
}

void ir_embed_deinit(struct irpc_server *server)
{
    while (server->watches != NULL) {
        irpc_server_unwatch(server, server->watches->watch.fd);
    }
    for (uint32_t i = 0; i < server->timers.n; i++) {
        struct ir_user_timer *t = server->timers.slots[i].p;
        if (t != NULL) {
            ir_loop_timer_clear(server->main->loop, &t->timer);
            ir_free(t);
            server->timers.slots[i].p = NULL;
        }
    }
}
