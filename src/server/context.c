/*
 * Context handles. A handle is 16 random bytes that lead to the server's object for one interface
 * and one association group; nothing of it is the client's to choose. Before a manager runs, every
 * handle among its arguments is looked up and must fit interface, group and type.
 * [C706] 5.1.6, 6.1.6, [MS-RPCE] 3.3.1.5.8. check: N12 E06
 *
 * Where there are threads, calls take turns at a handle: a call has all its handles or waits in the
 * line of one of them, having none, so that calls cannot wait for each other in a circle. Whose
 * turn comes is told by ir_call_retry(). A handle that is taken out while calls use it stays until
 * the last of them is done. Everything here is under the server's assoc_lock.
 */
#include <string.h>

#include "base/alloc.h"
#include "server/internal.h"

static uint64_t key_of(const struct irpc_uuid *uuid)
{
    return (uint64_t)uuid->time_low << 32 | (uint64_t)uuid->time_mid << 16 |
           uuid->time_hi_and_version;
}

static bool is_null(const struct irpc_context_handle *handle)
{
    return handle->attributes == 0 && irpc_uuid_is_nil(&handle->uuid);
}

/* Whether @call comes from whom @handle belongs to, protected no less. [MS-RPCE] 3.3.1.5.8 */
static bool is_owner(const struct irpc_call *call, const struct ir_handle *handle)
{
    const struct irpc_auth_identity *identity = irpc_call_identity(call);

    return strcmp(identity->principal, handle->principal != NULL ? handle->principal : "") == 0 &&
           identity->level >= handle->level;
}

static enum irpc_status set_owner(const struct irpc_call *call, struct ir_handle *handle)
{
    const struct irpc_auth_identity *identity = irpc_call_identity(call);
    size_t len = strlen(identity->principal);

    handle->level = (uint8_t)identity->level;
    if (len == 0) {
        return IRPC_OK;
    }
    handle->principal = ir_alloc(len + 1);
    if (handle->principal == NULL) {
        return IRPC_NO_MEMORY;
    }
    memcpy(handle->principal, identity->principal, len + 1);
    return IRPC_OK;
}

/* The handle, if it is valid for @call: same group, same interface, same owner. */
static struct ir_handle *find_handle(struct irpc_call *call,
                                     const struct irpc_context_handle *handle)
{
    uint64_t key = key_of(&handle->uuid);

    for (struct ir_node *node = ir_table_find(&call->server->handles, key); node != NULL;
         node = ir_node_next_equal(node)) {
        struct ir_handle *h = IR_CONTAINER_OF(node, struct ir_handle, node);
        if (irpc_uuid_compare(&h->uuid, &handle->uuid) == 0) {
            bool fits =
                handle->attributes == 0 && h->group == call->group && h->iface == call->iface;
            return fits && is_owner(call, h) ? h : NULL;
        }
    }
    return NULL;
}

/* --- the end of handles --- */

/* Out of all tables: nobody finds it any more. True: nobody uses it either. */
static bool take_out(struct ir_handle *handle)
{
    struct ir_group *group = handle->group;
    struct irpc_server *server = group->server;

    ir_timers_clear(&server->expiries, &handle->expiry);
    ir_table_remove(&server->handles, &handle->node);
    if (handle->prev != NULL) {
        handle->prev->next = handle->next;
    } else {
        group->handles = handle->next;
    }
    if (handle->next != NULL) {
        handle->next->prev = handle->prev;
    }
    group->n_contexts--;
    handle->source->n_contexts--;
    handle->dead = true;
    return handle->n_users == 0;
}

static void free_handle(struct irpc_server *server, struct ir_handle *handle)
{
    ir_source_put(server, handle->source);
    ir_free(handle->principal);
    ir_free(handle);
}

/* Take @handle out; in front of *list, if it can be run down at once. */
static void take_to(struct ir_handle **list, struct ir_handle *handle)
{
    if (take_out(handle)) {
        handle->next = *list;
        *list = handle;
    }
}

struct ir_handle *ir_handles_take(struct ir_group *group)
{
    struct ir_handle *list = NULL;

    while (group->handles != NULL) {
        take_to(&list, group->handles);
    }
    return list;
}

void ir_handles_rundown(struct irpc_server *server, struct ir_handle *handles)
{
    while (handles != NULL) {
        struct ir_handle *handle = handles;
        handles = handle->next;
        if (handle->rundown != NULL) {
            handle->rundown(handle->data);
        }
        free_handle(server, handle);
    }
}

void ir_handles_rundown_iface(struct irpc_server *server, const struct ir_iface *iface)
{
    struct ir_handle *list = NULL;

    ir_lock(server, &server->assoc_lock);
    for (uint32_t i = 0; server->handles.buckets != NULL && i <= server->handles.mask; i++) {
        struct ir_node *node = server->handles.buckets[i];
        while (node != NULL) {
            struct ir_handle *h = IR_CONTAINER_OF(node, struct ir_handle, node);
            node = node->next;
            if (h->iface == iface) {
                take_to(&list, h);
            }
        }
    }
    ir_unlock(server, &server->assoc_lock);
    ir_handles_rundown(server, list);
}

/* --- expiry --- */

/* When the first of them expires, the main loop looks. */
static void arm(struct irpc_server *server)
{
    server->expiry_due = ir_timers_next(&server->expiries);
    /* Always armed, so it cannot fail. */
    (void)!ir_loop_timer_set(server->main->loop, &server->expiry, server->expiry_due);
}

static void on_expiry_changed(struct ir_post *post)
{
    struct irpc_server *server = IR_CONTAINER_OF(post, struct irpc_server, expiry_changed);

    ir_lock(server, &server->assoc_lock);
    server->expiry_posted = false;
    arm(server);
    ir_unlock(server, &server->assoc_lock);
}

static void on_expiry(struct ir_timer *timer)
{
    struct irpc_server *server = IR_CONTAINER_OF(timer, struct irpc_server, expiry);
    uint64_t now = ir_loop_now(server->main->loop);
    struct ir_handle *list = NULL;

    (void)!ir_loop_timer_set(server->main->loop, timer, UINT64_MAX);
    ir_lock(server, &server->assoc_lock);
    while (ir_timers_next(&server->expiries) <= now) {
        struct ir_timer *first = server->expiries.heap[0];
        struct ir_handle *handle = IR_CONTAINER_OF(first, struct ir_handle, expiry);
        if (handle->n_users > 0 || handle->group->n_calls > 0) { /* a call may be using it */
            handle->expires = now + handle->idle_ms;
        }
        if (handle->expires > now) {
            (void)!ir_timers_set(&server->expiries, first, handle->expires); /* it is armed */
        } else {
            take_to(&list, handle);
        }
    }
    arm(server);
    ir_unlock(server, &server->assoc_lock);
    ir_handles_rundown(server, list);
}

enum irpc_status ir_handles_init(struct irpc_server *server)
{
    server->expiry.fn = on_expiry;
    server->expiry_changed.fn = on_expiry_changed;
    server->expiry_due = UINT64_MAX;
    return ir_loop_timer_set(server->main->loop, &server->expiry, UINT64_MAX);
}

/* A call in the pool has the time of its beginning: its handles expire that much earlier, but not
 * while it lasts. */
static uint64_t now_of(const struct irpc_call *call)
{
    return call->pooled ? call->began : ir_loop_now(call->lane->loop);
}

/* @handle is used: it lives for idle_ms from now, though its timer may be early. */
static void touch(struct irpc_call *call, struct ir_handle *handle)
{
    if (handle->idle_ms > 0) {
        handle->expires = now_of(call) + handle->idle_ms;
    }
}

static enum irpc_status begin_expiry(struct irpc_call *call, struct ir_handle *handle)
{
    struct irpc_server *server = call->server;

    if (handle->idle_ms == 0) {
        return IRPC_OK;
    }
    touch(call, handle);
    enum irpc_status st = ir_timers_set(&server->expiries, &handle->expiry, handle->expires);
    if (st != IRPC_OK || handle->expires >= server->expiry_due || server->expiry_posted) {
        return st;
    }
    if (!server->threaded) {
        arm(server);
        return IRPC_OK;
    }
    server->expiry_posted = true;
    ir_loop_post(server->main->loop, &server->expiry_changed);
    return IRPC_OK;
}

/* --- new handles --- */

/* Of a pending call's connection that may be gone. */
static struct ir_source *source_of(const struct irpc_call *call)
{
    return call->source != NULL ? call->source : call->link->source;
}

static bool is_over_limit(const struct irpc_call *call)
{
    const struct irpc_server *server = call->server;
    const struct ir_source *source = source_of(call);
    uint32_t max = call->iface->options.max_contexts;

    if (max == 0 || max > server->options.max_contexts_per_group) {
        max = server->options.max_contexts_per_group;
    }
    return call->group->n_contexts >= max || server->handles.n >= server->options.max_contexts ||
           source->n_contexts >= server->options.max_contexts_per_source;
}

/* Under assoc_lock; then @handle can be found. */
static enum irpc_status add_handle(struct irpc_call *call, struct ir_handle *handle)
{
    struct irpc_server *server = call->server;
    struct ir_group *group = call->group;

    if (is_over_limit(call)) {
        return IRPC_LIMIT;
    }
    ir_server_random(server, &handle->uuid, sizeof(handle->uuid));
    handle->node.key = key_of(&handle->uuid);
    if (ir_table_add(&server->handles, &handle->node) != IRPC_OK) {
        return IRPC_NO_MEMORY;
    }
    if (begin_expiry(call, handle) != IRPC_OK) {
        ir_table_remove(&server->handles, &handle->node);
        return IRPC_NO_MEMORY;
    }
    handle->next = group->handles;
    if (handle->next != NULL) {
        handle->next->prev = handle;
    }
    group->handles = handle;
    group->n_contexts++;
    handle->source = source_of(call);
    ir_source_ref(server, handle->source);
    handle->source->n_contexts++;
    return IRPC_OK;
}

void ir_handles_log_overrun(struct irpc_call *call)
{
    call->overrun = false;
    if (call->link != NULL) {
        ir_reject(call->link, "N12", "too many context handles", call->call_id, call->iface,
                  call->opnum);
    }
}

enum irpc_status irpc_context_new(struct irpc_call *call, void *data, irpc_rundown_fn *rundown,
                                  uint32_t idle_ms, struct irpc_context_handle *ret_handle)
{
    struct irpc_server *server = call->server;
    struct ir_handle *handle = ir_calloc(1, sizeof(*handle));

    if (handle == NULL) {
        return IRPC_NO_MEMORY;
    }
    handle->group = call->group;
    handle->iface = call->iface;
    handle->data = data;
    handle->rundown = rundown;
    handle->idle_ms = idle_ms;
    handle->last_waiter = &handle->first_waiter;
    if (set_owner(call, handle) != IRPC_OK) {
        ir_free(handle);
        return IRPC_NO_MEMORY;
    }
    ir_lock(server, &server->assoc_lock);
    enum irpc_status st = add_handle(call, handle);
    /* From here on somebody else may free it: its interface may be withdrawn. */
    struct irpc_uuid uuid = handle->uuid;
    ir_unlock(server, &server->assoc_lock);
    if (st != IRPC_OK) {
        ir_free(handle->principal);
        ir_free(handle);
        call->overrun = st == IRPC_LIMIT;
        if (call->overrun && !call->pooled) {
            ir_handles_log_overrun(call);
        }
        return st;
    }
    *ret_handle = (struct irpc_context_handle){.attributes = 0, .uuid = uuid};
    return IRPC_OK;
}

void *irpc_context_data(struct irpc_call *call, const struct irpc_context_handle *handle)
{
    struct irpc_server *server = call->server;

    if (is_null(handle)) {
        return NULL;
    }
    ir_lock(server, &server->assoc_lock);
    struct ir_handle *h = find_handle(call, handle);
    void *data = h != NULL ? h->data : NULL;
    ir_unlock(server, &server->assoc_lock);
    return data;
}

void irpc_context_close(struct irpc_call *call, struct irpc_context_handle *handle)
{
    struct irpc_server *server = call->server;
    struct ir_handle *unused = NULL;

    if (!is_null(handle)) {
        ir_lock(server, &server->assoc_lock);
        struct ir_handle *h = find_handle(call, handle);
        if (h != NULL) {
            h->rundown = NULL; /* the caller frees the data */
            take_to(&unused, h);
        }
        ir_unlock(server, &server->assoc_lock);
        ir_handles_rundown(server, unused);
    }
    *handle = (struct irpc_context_handle){0};
}

/* --- handles in use --- */

/* Whom to tell, and what to run down, when the lock is free again. */
struct done {
    struct irpc_call *turns;
    struct ir_handle *unused;
};

/* The next in its line has its turn; of a dead handle all learn that it is no more. */
static void pass_on(struct ir_handle *handle, struct done *done)
{
    do {
        struct irpc_call *next = handle->first_waiter;
        if (next == NULL) {
            return;
        }
        handle->first_waiter = next->waiting;
        if (handle->first_waiter == NULL) {
            handle->last_waiter = &handle->first_waiter;
        }
        if (!handle->dead) {
            handle->owner = next;
            handle->n_users++;
            next->reserved = handle;
        }
        next->waiting = done->turns;
        done->turns = next;
    } while (handle->dead);
}

static void end_use(struct irpc_call *call, struct ir_handle *handle, struct done *done)
{
    handle->n_users--;
    if (handle->owner == call) {
        handle->owner = NULL;
    }
    if (handle->owner == NULL && !call->server->ending) { /* then those who wait are gone, or go */
        pass_on(handle, done);
    }
    if (handle->dead && handle->n_users == 0) {
        handle->next = done->unused;
        done->unused = handle;
    }
}

static void end_uses(struct irpc_call *call, struct done *done)
{
    struct ir_handle *reserved = call->reserved;

    for (struct ir_use *use = call->uses; use != NULL; use = use->next) {
        end_use(call, use->handle, done);
    }
    call->uses = NULL;
    call->reserved = NULL;
    if (reserved != NULL) {
        end_use(call, reserved, done);
    }
}

static void finish(struct irpc_server *server, struct done *done)
{
    while (done->turns != NULL) {
        struct irpc_call *call = done->turns;
        done->turns = call->waiting;
        ir_call_retry(call);
    }
    ir_handles_rundown(server, done->unused);
}

void ir_handles_release(struct irpc_call *call)
{
    struct irpc_server *server = call->server;
    struct done done = {NULL, NULL};

    if (call->uses == NULL && call->reserved == NULL) {
        return;
    }
    ir_lock(server, &server->assoc_lock);
    end_uses(call, &done);
    ir_unlock(server, &server->assoc_lock);
    finish(server, &done);
}

/* IRPC_PENDING: it is another call's turn, and @call stands in the line. */
static enum irpc_status begin_use(struct irpc_call *call, struct ir_handle *handle)
{
    if (!call->server->threaded) {
        return IRPC_OK;
    }
    if (handle->owner != NULL && handle->owner != call) {
        call->waiting = NULL;
        *handle->last_waiter = call;
        handle->last_waiter = &call->waiting;
        return IRPC_PENDING;
    }
    struct ir_use *use = ir_arena_alloc(&call->arena, sizeof(*use));
    if (use == NULL) {
        return IRPC_NO_MEMORY;
    }
    *use = (struct ir_use){call->uses, handle};
    call->uses = use;
    handle->n_users++;
    if (!call->iface->options.share_contexts) {
        handle->owner = call;
    }
    return IRPC_OK;
}

/* An [in] handle; NULL only where it comes back. */
static enum irpc_status check_in(void *user, void *handle_, uint32_t type, uint32_t param_flags)
{
    struct irpc_call *call = user;
    const struct irpc_context_handle *handle = handle_;

    if (is_null(handle)) {
        return (param_flags & IRPC_NDR_P_OUT) != 0 ? IRPC_OK : IRPC_CONTEXT_MISMATCH;
    }
    struct ir_handle *h = find_handle(call, handle);
    if (h == NULL || (h->type != 0 && h->type != type)) {
        return IRPC_CONTEXT_MISMATCH;
    }
    touch(call, h);
    return begin_use(call, h);
}

enum irpc_status ir_handles_check_in(struct irpc_call *call)
{
    struct irpc_server *server = call->server;
    struct done done = {NULL, NULL};

    ir_lock(server, &server->assoc_lock);
    enum irpc_status st = ir_ndr_contexts(call->iface->stub->interface->unit, call->opnum,
                                          IR_NDR_IN, call->args, check_in, call);
    if (st != IRPC_OK) {
        end_uses(call, &done);
    } else if (call->reserved != NULL) {
        call->reserved->n_users--; /* for it is among those in use now */
        call->reserved = NULL;
    }
    ir_unlock(server, &server->assoc_lock);
    finish(server, &done);
    return st;
}

/* An [out] handle: known, or NULL; the first time fixes its type. */
static enum irpc_status check_out(void *user, void *handle_, uint32_t type, uint32_t param_flags)
{
    struct irpc_call *call = user;
    const struct irpc_context_handle *handle = handle_;

    (void)param_flags;
    if (is_null(handle)) {
        return IRPC_OK;
    }
    struct ir_handle *h = find_handle(call, handle);
    if (h == NULL || (h->type != 0 && h->type != type)) {
        return IRPC_CONTEXT_MISMATCH;
    }
    h->type = type;
    return IRPC_OK;
}

enum irpc_status ir_handles_check_out(struct irpc_call *call)
{
    struct irpc_server *server = call->server;

    ir_lock(server, &server->assoc_lock);
    enum irpc_status st = ir_ndr_contexts(call->iface->stub->interface->unit, call->opnum,
                                          IR_NDR_OUT, call->args, check_out, call);
    ir_unlock(server, &server->assoc_lock);
    return st;
}
