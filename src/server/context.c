/*
 * Context handles. A handle is 16 random bytes that lead to the server's object for one interface
 * and one association group; nothing of it is the client's to choose. Before a manager runs, every
 * handle among its arguments is looked up and must fit interface, group and type.
 * [C706] 5.1.6, 6.1.6, [MS-RPCE] 3.3.1.5.8. check: N12 E06
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

/* The handle, if it is valid for @call: same group, same interface. */
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
            return fits ? h : NULL;
        }
    }
    return NULL;
}

static void forget_handle(struct ir_handle *handle)
{
    struct ir_group *group = handle->group;
    struct irpc_server *server = group->server;

    ir_loop_timer_clear(server->main->loop, &handle->expiry);
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
    if (handle->source != NULL) {
        handle->source->n_contexts--;
        ir_source_put(server, handle->source);
    }
    ir_free(handle);
}

void ir_handle_rundown(struct ir_handle *handle)
{
    irpc_rundown_fn *rundown = handle->rundown;
    void *data = handle->data;

    forget_handle(handle);
    if (rundown != NULL) {
        rundown(data);
    }
}

void ir_handles_rundown_iface(struct irpc_server *server, const struct ir_iface *iface)
{
    for (uint32_t i = 0; server->handles.buckets != NULL && i <= server->handles.mask; i++) {
        struct ir_node *node = server->handles.buckets[i];
        while (node != NULL) {
            struct ir_handle *h = IR_CONTAINER_OF(node, struct ir_handle, node);
            node = node->next;
            if (h->iface == iface) {
                ir_handle_rundown(h);
                node = server->handles.buckets[i]; /* rundown may have closed others */
            }
        }
    }
}

static void on_expiry(struct ir_timer *timer)
{
    struct ir_handle *handle = IR_CONTAINER_OF(timer, struct ir_handle, expiry);

    if (handle->group->n_calls > 0) { /* a pending call may be using it */
        struct ir_loop *loop = handle->group->server->main->loop;
        if (ir_loop_timer_set(loop, timer, ir_loop_now(loop) + handle->idle_ms) == IRPC_OK) {
            return;
        }
    }
    ir_handle_rundown(handle);
}

static enum irpc_status touch_expiry(struct ir_handle *handle)
{
    struct ir_loop *loop = handle->group->server->main->loop;

    if (handle->idle_ms == 0) {
        return IRPC_OK;
    }
    return ir_loop_timer_set(loop, &handle->expiry, ir_loop_now(loop) + handle->idle_ms);
}

static bool is_over_limit(const struct irpc_call *call)
{
    const struct irpc_server *server = call->server;
    const struct ir_source *source = call->link != NULL ? call->link->source : NULL;
    uint32_t max = call->iface->options.max_contexts;

    if (max == 0 || max > server->options.max_contexts_per_group) {
        max = server->options.max_contexts_per_group;
    }
    return call->group->n_contexts >= max ||
           (source != NULL && source->n_contexts >= server->options.max_contexts_per_source);
}

enum irpc_status irpc_context_new(struct irpc_call *call, void *data, irpc_rundown_fn *rundown,
                                  uint32_t idle_ms, struct irpc_context_handle *ret_handle)
{
    struct irpc_server *server = call->server;
    struct ir_group *group = call->group;

    if (is_over_limit(call)) {
        if (call->link != NULL) {
            ir_reject(call->link, "N12", "too many context handles", call->call_id, call->iface,
                      call->opnum);
        }
        return IRPC_LIMIT;
    }
    struct ir_handle *handle = ir_calloc(1, sizeof(*handle));
    if (handle == NULL) {
        return IRPC_NO_MEMORY;
    }
    ir_server_random(server, &handle->uuid, sizeof(handle->uuid));
    handle->node.key = key_of(&handle->uuid);
    handle->group = group;
    handle->iface = call->iface;
    handle->data = data;
    handle->rundown = rundown;
    handle->idle_ms = idle_ms;
    handle->expiry.fn = on_expiry;
    if (ir_table_add(&server->handles, &handle->node) != IRPC_OK) {
        ir_free(handle);
        return IRPC_NO_MEMORY;
    }
    if (touch_expiry(handle) != IRPC_OK) {
        ir_table_remove(&server->handles, &handle->node);
        ir_free(handle);
        return IRPC_NO_MEMORY;
    }
    handle->next = group->handles;
    if (handle->next != NULL) {
        handle->next->prev = handle;
    }
    group->handles = handle;
    group->n_contexts++;
    if (call->link != NULL) {
        handle->source = call->link->source;
        handle->source->refs++;
        handle->source->n_contexts++;
    }
    *ret_handle = (struct irpc_context_handle){.attributes = 0, .uuid = handle->uuid};
    return IRPC_OK;
}

void *irpc_context_data(struct irpc_call *call, const struct irpc_context_handle *handle)
{
    struct ir_handle *h = is_null(handle) ? NULL : find_handle(call, handle);

    return h != NULL ? h->data : NULL;
}

void irpc_context_close(struct irpc_call *call, struct irpc_context_handle *handle)
{
    struct ir_handle *h = is_null(handle) ? NULL : find_handle(call, handle);

    if (h != NULL) {
        forget_handle(h);
    }
    *handle = (struct irpc_context_handle){0};
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
    return touch_expiry(h);
}

enum irpc_status ir_handles_check_in(struct irpc_call *call)
{
    return ir_ndr_contexts(call->iface->stub->interface->unit, call->opnum, IR_NDR_IN, call->args,
                           check_in, call);
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
    return ir_ndr_contexts(call->iface->stub->interface->unit, call->opnum, IR_NDR_OUT, call->args,
                           check_out, call);
}
