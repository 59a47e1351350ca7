/*
 * Calls: from a whole request to its response or fault.
 *
 *   look at it → interface's hook → decode into the call's arena → context handles → manager
 *   → encode straight into the output; or, if the manager said "pending", when it is completed.
 *
 * Call objects come from a list of their lane's and keep a small arena: a small call allocates
 * nothing. A call is pending while its manager says so, while it waits for its turn at a context
 * handle, and while it is in the pool, whose threads run the managers that block. It outlives its
 * connection; completion from another thread goes through the slot table and the posts of its
 * lane's loop. While a thread of the pool has a call, its lane touches only what is atomic or under
 * the server's `lock`. [C706] 12.6.4, [MS-RPCE] 3.3.3.5
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"

#define POOL_MAX 64u
#define CALL_MEMORY (32u * 1024u * 1024u) /* for [out] parameters, beyond what came in */

static void on_complete(struct ir_post *post);

/* --- call objects --- */

static struct irpc_call *get_call(struct ir_lane *lane)
{
    struct irpc_call *call = lane->pool;

    if (call != NULL) {
        lane->pool = call->next;
        lane->n_pool--;
        return call;
    }
    call = ir_calloc(1, sizeof(*call));
    if (call != NULL) {
        call->lane = lane;
        call->server = lane->server;
        call->slot = IR_NO_SLOT;
        call->post.fn = on_complete;
        ir_arena_init(&call->arena, CALL_MEMORY);
        call->arena.blocks = &lane->server->blocks;
    }
    return call;
}

static void free_call(struct irpc_call *call)
{
    ir_arena_deinit(&call->arena);
    ir_free(call);
}

static inline void keep_call(struct ir_lane *lane, struct irpc_call *call)
{
    ir_arena_reset(&call->arena, CALL_MEMORY);
    call->next = lane->pool;
    lane->pool = call;
}

static inline void put_call(struct irpc_call *call)
{
    struct ir_lane *lane = call->lane;

    if (IR_UNLIKELY(call->counted)) {
        atomic_fetch_sub_explicit(&call->iface->n_calls, 1, memory_order_relaxed);
        call->counted = false;
    }
    if (IR_UNLIKELY(lane->n_pool >= POOL_MAX)) {
        free_call(call);
        return;
    }
    keep_call(lane, call);
    lane->n_pool++;
}

/* The same for one that may have been large. */
static void release_call(struct irpc_call *call)
{
    if (call->arena.used > IR_ARENA_FIRST) {
        ir_lane_trim_later(call->lane);
    }
    put_call(call);
}

static void init_call(struct irpc_call *call, struct ir_link *link, const struct ir_event *event)
{
    call->link = link;
    call->iface = ir_iface_of(event->iface);
    call->group = link->group;
    call->token = event->call;
    call->call_id = event->call_id;
    call->opnum = event->opnum;
    call->fault = 0;
    call->pending = false;
    call->has_peer = false;
    call->has_identity = false;
    call->cancel_fn = NULL;
    call->object = (struct irpc_uuid){0};
    atomic_store_explicit(&call->cancelled, false, memory_order_relaxed);
}

/* --- answers --- */

static uint32_t fault_of(enum irpc_status st)
{
    uint32_t code = irpc_status_fault(st);

    if (code == 0) {
        code = irpc_status_rpc_s(st);
    }
    return code != 0 ? code : 0x1C000012u; /* nca_s_fault_unspec */
}

static void send_fault(struct ir_link *link, const struct ir_iface *iface, uint32_t token,
                       uint32_t code, bool did_not_execute)
{
    struct ir_counters *stats = &link->lane->stats;
    enum irpc_status st = ir_conn_fault(&link->engine, token, code, did_not_execute);

    if (st == IRPC_OK) {
        ir_count(&stats->ifaces[iface->index].faults, 1);
        ir_count(&stats->n[IRPC_METRIC_PDUS_OUT], 1);
    } else if (st != IRPC_NO_CALL_ACTIVE) {
        ir_conn_close(&link->engine);
    }
}

static IR_COLD void log_ndr(struct irpc_call *call, enum irpc_status st,
                            const struct ir_ndr_error *err)
{
    const struct irpc_ndr_unit *unit = call->iface->stub->interface->unit;
    char reason[160];

    (void)snprintf(reason, sizeof(reason), "%s (%s) at stub byte %u, parameter %s",
                   irpc_status_text(st), err->reason != NULL ? err->reason : "", err->offset,
                   unit->names + err->name);
    ir_reject(call->link, err->check != NULL ? err->check : "N18", reason, call->call_id,
              call->iface, call->opnum);
}

/* The results of a quick operation, one PDU. */
static inline enum irpc_status send_quick(struct irpc_call *call)
{
    uint8_t *stub = NULL;
    enum irpc_status st =
        ir_conn_reply_short(&call->link->engine, call->token, call->quick->out_len, &stub);

    if (IR_LIKELY(st == IRPC_OK)) {
        ir_ndr_quick_encode(call->quick, call->args, stub);
    }
    return st;
}

/* The same where the connection may have become a protected one since. */
static enum irpc_status send_quick_any(struct irpc_call *call)
{
    struct ir_conn *engine = &call->link->engine;
    struct ir_out *out = NULL;

    if (engine->security == NULL) {
        return send_quick(call);
    }
    enum irpc_status st = ir_conn_reply_begin(engine, call->token, &out);
    if (st != IRPC_OK) {
        return st;
    }
    uint8_t *stub = ir_out_take(out, call->quick->out_len > 0 ? call->quick->out_len : 1);
    if (stub == NULL) {
        ir_conn_reply_abort(engine, call->token);
        return IRPC_NO_MEMORY;
    }
    out->len -= call->quick->out_len > 0 ? 0 : 1;
    ir_ndr_quick_encode(call->quick, call->args, stub);
    return ir_conn_reply_end(engine, call->token);
}

/* A mistake of the manager, which its client sees as a fault. */
static void log_bad_results(const struct irpc_call *call, enum irpc_status st,
                            const struct ir_ndr_error *err)
{
    const struct irpc_interface *interface = call->iface->stub->interface;

    ir_log(IRPC_LOG_WARNING, "server",
           "server=%s interface=%s opnum=%u status=%s parameter=%s reason=\"results cannot be "
           "encoded: %s\"",
           call->server->name, interface->name, call->opnum, irpc_status_name(st),
           interface->unit->names + err->name,
           err->reason != NULL ? err->reason : irpc_status_text(st));
}

/* The results, straight into the output. On failure nothing of them is there. */
static enum irpc_status send_results(struct irpc_call *call)
{
    struct ir_link *link = call->link;
    const struct irpc_ndr_unit *unit = call->iface->stub->interface->unit;
    struct ir_ndr_error err = {0};
    struct ir_out *out = NULL;

    if (unit->n_contexts > 0) {
        enum irpc_status st = ir_handles_check_out(call);
        if (st != IRPC_OK) {
            log_bad_results(call, st, &err);
            return st;
        }
    }
    enum irpc_status st = ir_conn_reply_begin(&link->engine, call->token, &out);
    if (st != IRPC_OK) {
        return st;
    }
    size_t before = out->len;
    st = ir_ndr_encode(unit, call->opnum, IR_NDR_OUT, call->transfer, call->args, out, &err);
    if (st != IRPC_OK) {
        ir_conn_reply_abort(&link->engine, call->token);
        log_bad_results(call, st, &err);
        return st;
    }
    ir_count(&call->lane->stats.n[IRPC_METRIC_PDUS_OUT],
             1 + (out->len - before) / link->engine.xmit);
    return ir_conn_reply_end(&link->engine, call->token);
}

/* Answer @call, whose manager ended with @st. */
static void answer(struct irpc_call *call, enum irpc_status st)
{
    if (call->iface->withdrawn) {
        st = IRPC_UNKNOWN_IF;
    }
    if (st == IRPC_OK && call->fault == 0) {
        if (call->quick != NULL) {
            st = send_quick_any(call);
            ir_count(&call->lane->stats.n[IRPC_METRIC_PDUS_OUT], st == IRPC_OK);
        } else {
            st = send_results(call);
        }
        if (st == IRPC_OK || st == IRPC_NO_CALL_ACTIVE) {
            return;
        }
    }
    send_fault(call->link, call->iface, call->token, call->fault != 0 ? call->fault : fault_of(st),
               false);
}

/* --- before the manager --- */

struct refusal {
    enum irpc_status st;
    const char *check;
    const char *reason;
};

/* Whether one more call may become pending. check: R09 L02 */
static struct refusal look_at_pending(const struct ir_link *link)
{
    const struct irpc_server *server = link->server;
    const struct irpc_server_options *o = &server->options;
    const struct ir_source *source = link->source;

    if (server->n_pending >= o->max_pending) {
        return (struct refusal){IRPC_TOO_BUSY, "R09", "too many pending calls"};
    }
    if (source->n_pending >= o->max_pending_per_source) {
        return (struct refusal){IRPC_TOO_BUSY, "L02", "too many pending calls of this source"};
    }
    if (server->pending_bytes >= o->max_memory) {
        return (struct refusal){IRPC_TOO_BUSY, "R09", "too much memory for pending calls"};
    }
    if (source->pending_bytes >= o->max_memory_per_source) {
        return (struct refusal){IRPC_TOO_BUSY, "L02",
                                "too much memory for pending calls of this source"};
    }
    return (struct refusal){IRPC_OK, NULL, NULL};
}

static struct refusal look_at(const struct ir_link *link, const struct ir_iface *iface,
                              const struct ir_event *event)
{
    const struct irpc_server_stub *stub = iface->stub;

    if (iface->withdrawn) {
        return (struct refusal){IRPC_UNKNOWN_IF, "R01", "the interface was withdrawn"};
    }
    if (event->opnum >= stub->n_dispatch || stub->dispatch[event->opnum] == NULL) {
        return (struct refusal){IRPC_OP_RANGE, "R02", "no such operation"};
    }
    bool may_pend = iface->is_async || iface->options.blocking ||
                    (link->server->threaded && stub->interface->unit->n_contexts > 0);
    return may_pend ? look_at_pending(link) : (struct refusal){IRPC_OK, NULL, NULL};
}

/* Room for results, as much as the server's options allow: a few bytes ask for it. check: N18 */
static enum irpc_status prepare_out(struct irpc_call *call, const struct irpc_ndr_unit *unit)
{
    size_t budget = call->arena.budget;
    size_t most = call->arena.used + call->server->options.max_out;

    call->arena.budget = most < budget ? most : budget;
    enum irpc_status st =
        ir_ndr_prepare_out(unit, call->opnum, &call->arena, call->args); /* check: N15 */
    call->arena.budget = budget;
    return st;
}

/* Whatever is wrong with stub data, its sender learns RPC_X_BAD_STUB_DATA. [MS-RPCE] 3.1.3.5.2 */
static enum irpc_status as_bad_data(enum irpc_status st)
{
    return st == IRPC_OK || st == IRPC_NO_MEMORY ? st : IRPC_BAD_STUB_DATA;
}

/* Stub data to arguments. */
static enum irpc_status decode(struct irpc_call *call, struct ir_cur in)
{
    const struct irpc_ndr_unit *unit = call->iface->stub->interface->unit;
    const struct irpc_ndr_op *op = &unit->ops[call->opnum];
    struct ir_ndr_error err = {0};

    call->arena.budget += call->server->ndr_limits.base_memory + (size_t)unit->k * in.end;
    call->quick = NULL;
    call->args = ir_arena_zalloc(&call->arena, op->args_size);
    if (call->args == NULL) {
        return IRPC_NO_MEMORY;
    }
    enum irpc_status st = ir_ndr_decode(unit, call->opnum, IR_NDR_IN, call->transfer, &in,
                                        &call->arena, call->args, &call->server->ndr_limits, &err);
    if (st == IRPC_OK) {
        st = prepare_out(call, unit);
    }
    if (st != IRPC_OK) { /* check: E10 */
        log_ndr(call, st, &err);
        return as_bad_data(st);
    }
    if (unit->n_contexts > 0) {
        st = ir_handles_check_in(call);
        if (st != IRPC_OK && st != IRPC_PENDING) {
            ir_reject(call->link, "N12", "context handle not valid here", call->call_id,
                      call->iface, call->opnum);
        }
    }
    return st;
}

/* The manager ended at once although it took a reference: that must not complete it any more.
 * False: somebody has completed it already, and that counts. */
static bool revoke_ref(struct irpc_call *call)
{
    if (call->slot == IR_NO_SLOT) {
        return true;
    }
    pthread_mutex_lock(&call->server->lock);
    bool mine = ir_slots_take(&call->server->calls, call->slot, call->generation) != NULL;
    pthread_mutex_unlock(&call->server->lock);
    call->slot = IR_NO_SLOT;
    return mine;
}

/* The manager returned *st. True: irpc_call_complete() gives the answer, or has given it; else it
 * is *st. */
static bool will_be_completed(struct irpc_call *call, enum irpc_status *st)
{
    if (*st == IRPC_PENDING && call->slot == IR_NO_SLOT) {
        ir_log(IRPC_LOG_ERROR, "server",
               "server=%s interface=%s opnum=%u reason=\"the manager returned IRPC_PENDING without "
               "irpc_call_ref(), or there was no memory for it\"",
               call->server->name, call->iface->stub->interface->name, call->opnum);
        *st = IRPC_NO_MEMORY;
    }
    return *st == IRPC_PENDING || !revoke_ref(call);
}

static void add_pending(struct irpc_call **list, struct irpc_call *call)
{
    call->prev = NULL;
    call->next = *list;
    if (call->next != NULL) {
        call->next->prev = call;
    }
    *list = call;
}

static void remove_pending(struct irpc_call **list, struct irpc_call *call)
{
    if (call->prev != NULL) {
        call->prev->next = call->next;
    } else {
        *list = call->next;
    }
    if (call->next != NULL) {
        call->next->prev = call->prev;
    }
}

/* Count @call among those that are pending, or no longer: in all, and of its source. */
static void count_pending(const struct irpc_call *call, bool more)
{
    struct irpc_server *server = call->server;
    struct ir_source *source = call->source;
    unsigned n = more ? 1u : 0u - 1u; /* modulo 2^n */
    size_t bytes = more ? call->held : 0 - call->held;

    atomic_fetch_add_explicit(&server->n_pending, n, memory_order_relaxed);
    atomic_fetch_add_explicit(&server->pending_bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&source->n_pending, n, memory_order_relaxed);
    atomic_fetch_add_explicit(&source->pending_bytes, bytes, memory_order_relaxed);
}

static void become_pending(struct irpc_call *call)
{
    call->pending = true;
    call->held = call->arena.used;
    call->source = call->link->source;
    ir_source_ref(call->server, call->source);
    count_pending(call, true);
    ir_group_call_began(call->group);
    add_pending(&call->link->calls, call);
}

static void finish_pending(struct irpc_call *call, enum irpc_status st);

/* Its manager, which ran on its lane, returned @st. */
static __attribute__((noinline)) void manager_ended(struct irpc_call *call, enum irpc_status st)
{
    if (will_be_completed(call, &st)) {
        if (!call->iface->is_async) {
            call->iface->is_async = true;
            ir_iface_changed(call->iface);
        }
        ir_handles_release(call); /* before somebody completes it, which this thread will learn */
        if (!call->pending) {
            become_pending(call);
        }
        return;
    }
    if (call->pending) { /* it waited for its turn */
        finish_pending(call, st);
        return;
    }
    answer(call, st);
    ir_handles_release(call);
    release_call(call);
}

/* --- managers in the pool --- */

/* Nothing but what is in @call and atomic is the pool's from here on. */
static void hand_over(struct irpc_call *call)
{
    (void)irpc_call_peer(call); /* keep what it says */
    call->pooled = true;
    call->began = ir_loop_now(call->lane->loop);
    atomic_store_explicit(&call->left, 2, memory_order_relaxed);
    if (!call->pending) {
        become_pending(call);
    }
    if (ir_pool_add(&call->server->pool, call) != IRPC_OK) {
        finish_pending(call, IRPC_NO_MEMORY);
    }
}

/* One of two things that a call in the pool waits for has happened; after the other it is
 * answered. */
static void one_less(struct irpc_call *call)
{
    if (atomic_fetch_sub(&call->left, 1) == 1) {
        ir_loop_post(call->lane->loop, &call->post);
    }
}

void ir_call_run_pooled(struct irpc_call *call)
{
    const struct ir_iface *iface = call->iface;
    enum irpc_status st = iface->stub->dispatch[call->opnum](call, iface->manager, call->args);

    if (will_be_completed(call, &st)) {
        ir_handles_release(call);
        one_less(call);
        return;
    }
    call->status = st;
    ir_loop_post(call->lane->loop, &call->post);
}

/* All is ready for the manager. */
static void run(struct irpc_call *call)
{
    const struct ir_iface *iface = call->iface;

    if (iface->options.blocking) {
        hand_over(call);
        return;
    }
    manager_ended(call, iface->stub->dispatch[call->opnum](call, iface->manager, call->args));
}

static enum irpc_status prepare(struct irpc_call *call, const struct ir_event *event)
{
    const struct irpc_register_options *options = &call->iface->options;

    if (options->call_hook != NULL) {
        enum irpc_status st = options->call_hook(options->user, call);
        if (st != IRPC_OK) {
            ir_reject(call->link, "S07", "the interface refused the call", call->call_id,
                      call->iface, call->opnum);
            return st;
        }
    }
    struct ir_cur in = ir_cur_init(event->stub.p, event->stub.len, event->big_endian);
    call->transfer = event->transfer;
    return decode(call, in);
}

static void free_stub(struct ir_lane *lane, const struct ir_event *event)
{
    if (event->stub_memory != NULL) {
        ir_block_put(&lane->server->blocks, event->stub_memory, event->stub_memory_len);
        ir_lane_trim_later(lane);
    }
}

/* Whether the security of the call lets it run; else it is answered. */
static bool is_secure(struct ir_link *link, const struct ir_iface *iface, struct ir_event *event)
{
    const char *check = NULL;
    const char *reason = NULL;
    enum irpc_status st = ir_access_check(link, iface, event);

    if (st == IRPC_OK && link->engine.security != NULL) {
        st = ir_conn_check_verification(&link->engine, event, &iface->stub->interface->id, &check,
                                        &reason);
    }
    if (st == IRPC_OK) {
        return true;
    }
    if (check != NULL) {
        ir_reject(link, check, reason, event->call_id, iface, event->opnum);
        ir_conn_close(&link->engine);
    }
    send_fault(link, iface, event->call, fault_of(st), false);
    return false;
}

static void refuse(struct ir_link *link, const struct ir_iface *iface, struct ir_event *event,
                   struct refusal refusal)
{
    ir_reject(link, refusal.check, refusal.reason, event->call_id, iface, event->opnum);
    ir_count(&link->lane->stats.n[IRPC_METRIC_CALLS_REFUSED], refusal.st == IRPC_TOO_BUSY);
    send_fault(link, iface, event->call, fault_of(refusal.st), true);
    free_stub(link->lane, event);
}

/* Count @call among those of its interface. False: that would be one too many. check: R09 */
static bool count_call(struct irpc_call *call)
{
    struct ir_iface *iface = call->iface;
    uint32_t max = iface->options.max_calls;

    if (max == 0) {
        return true;
    }
    call->counted = atomic_fetch_add_explicit(&iface->n_calls, 1, memory_order_relaxed) < max;
    if (!call->counted) {
        atomic_fetch_sub_explicit(&iface->n_calls, 1, memory_order_relaxed);
    }
    return call->counted;
}

static __attribute__((noinline)) void dispatch_any(struct ir_link *link, struct ir_iface *iface,
                                                   struct ir_event *event)
{
    struct refusal refusal = look_at(link, iface, event);

    if (refusal.st != IRPC_OK) {
        refuse(link, iface, event, refusal);
        return;
    }
    if (!is_secure(link, iface, event)) {
        free_stub(link->lane, event);
        return;
    }
    struct irpc_call *call = get_call(link->lane);
    if (call == NULL) {
        send_fault(link, iface, event->call, fault_of(IRPC_NO_MEMORY), true);
        free_stub(link->lane, event);
        return;
    }
    init_call(call, link, event);
    if (event->has_object) {
        call->object = event->object;
    }
    if (!count_call(call)) {
        refuse(link, iface, event,
               (struct refusal){IRPC_TOO_BUSY, "R09", "too many calls of the interface"});
        put_call(call);
        return;
    }
    enum irpc_status st = link->engine.security != NULL ? ir_access_keep_identity(call) : IRPC_OK;
    if (st == IRPC_OK) {
        st = prepare(call, event);
    }
    free_stub(link->lane, event);
    if (st == IRPC_PENDING) { /* until ir_call_retry() */
        become_pending(call);
        return;
    }
    if (st != IRPC_OK) {
        send_fault(link, iface, event->call, call->fault != 0 ? call->fault : fault_of(st), false);
        release_call(call);
        return;
    }
    run(call);
}

/*
 * A call of a quick operation of a simple interface, which most are that hurry. False: it is none,
 * and nothing was done. The same as dispatch_any(), without what cannot concern it.
 */
static inline bool dispatch_quick(struct ir_link *link, struct ir_iface *iface,
                                  const struct ir_event *event)
{
    struct ir_lane *lane = link->lane;
    const struct irpc_server_stub *stub = iface->stub;
    struct irpc_call *call = lane->pool;

    if (!event->plain || !atomic_load_explicit(&iface->simple, memory_order_relaxed) ||
        event->opnum >= stub->n_dispatch || call == NULL) {
        return false;
    }
    const struct ir_ndr_quick *quick = &iface->quick[event->opnum];
    struct ir_cur in = ir_cur_init(event->stub.p, event->stub.len, event->big_endian);
    void *args = ir_ndr_quick_decode(quick, in, &call->arena);
    if (args == NULL) {
        return false;
    }
    lane->pool = call->next; /* lent: n_pool counts it until it is clear that it stays away */
    init_call(call, link, event);
    call->args = args;
    call->quick = quick;
    enum irpc_status st = stub->dispatch[event->opnum](call, iface->manager, args);
    if (IR_LIKELY(st == IRPC_OK && call->slot == IR_NO_SLOT && call->fault == 0 &&
                  atomic_load_explicit(&iface->simple, memory_order_relaxed) &&
                  send_quick(call) == IRPC_OK)) {
        ir_count(&lane->stats.ifaces[iface->index].quick, 1);
        keep_call(lane, call);
    } else {
        ir_count(&lane->stats.ifaces[iface->index].calls, 1);
        lane->n_pool--;
        manager_ended(call, st);
    }
    return true;
}

void ir_call_dispatch(struct ir_link *link, struct ir_event *event)
{
    struct ir_iface *iface = ir_iface_of(event->iface);

    if (!dispatch_quick(link, iface, event)) {
        ir_count(&link->lane->stats.ifaces[iface->index].calls, 1);
        dispatch_any(link, iface, event);
    }
}

/* --- pending calls --- */

/* check: S08 */
static void tell_cancelled(struct irpc_call *call)
{
    struct irpc_server *server = call->server;

    atomic_store(&call->cancelled, true);
    ir_lock(server, &server->lock);
    void (*fn)(void *user) = call->cancel_fn;
    void *user = call->cancel_user;
    call->cancel_fn = NULL;
    ir_unlock(server, &server->lock);
    if (fn != NULL) {
        fn(user);
    }
}

void ir_call_cancel(struct ir_link *link, const struct ir_event *event)
{
    for (struct irpc_call *call = link->calls; call != NULL; call = call->next) {
        if (call->token == event->call) {
            tell_cancelled(call);
            return;
        }
    }
}

void ir_calls_orphan(struct ir_link *link)
{
    while (link->calls != NULL) {
        struct irpc_call *call = link->calls;
        (void)irpc_call_peer(call); /* keep what it says */
        remove_pending(&link->calls, call);
        call->link = NULL;
        add_pending(&link->lane->orphans, call);
        tell_cancelled(call);
    }
}

/* @call is not pending any more; on its lane. */
static void end_pending(struct irpc_call *call)
{
    struct ir_link *link = call->link;

    remove_pending(link != NULL ? &link->calls : &call->lane->orphans, call);
    count_pending(call, false);
    call->slot = IR_NO_SLOT;
    ir_handles_release(call);
    ir_source_put(call->server, call->source);
    call->source = NULL;
    call->pooled = false;
    call->overrun = false;
}

/* Between ir_link_begin() and ir_link_end(), if its connection is there. */
static void finish_pending(struct irpc_call *call, enum irpc_status st)
{
    struct ir_group *group = call->group;

    if (call->overrun) {
        ir_handles_log_overrun(call);
    }
    if (call->link != NULL) {
        answer(call, st);
    }
    end_pending(call);
    release_call(call);
    ir_group_call_ended(group);
}

/* On the loop, after irpc_call_complete(), or when the pool has done it. */
static void on_complete(struct ir_post *post)
{
    struct irpc_call *call = IR_CONTAINER_OF(post, struct irpc_call, post);
    struct ir_link *link = call->link;

    if (link != NULL) {
        ir_link_begin(link);
    }
    finish_pending(call, call->status);
    if (link != NULL) {
        (void)ir_link_end(link);
    }
}

/* Its turn at a handle may have come. */
static void on_retry(struct ir_post *post)
{
    struct irpc_call *call = IR_CONTAINER_OF(post, struct irpc_call, post);
    struct ir_link *link = call->link;

    call->post.fn = on_complete;
    if (link == NULL || call->server->ending) {
        finish_pending(call, IRPC_CANCELLED);
        return;
    }
    ir_link_begin(link);
    enum irpc_status st = call->iface->withdrawn ? IRPC_UNKNOWN_IF : ir_handles_check_in(call);
    if (st == IRPC_OK) {
        run(call);
    } else if (st != IRPC_PENDING) {
        finish_pending(call, st);
    }
    (void)ir_link_end(link);
}

void ir_call_retry(struct irpc_call *call)
{
    call->post.fn = on_retry;
    ir_loop_post(call->lane->loop, &call->post);
}

struct irpc_call_ref irpc_call_ref(struct irpc_call *call)
{
    struct irpc_server *server = call->server;
    enum irpc_status st = IRPC_OK;

    if (call->slot == IR_NO_SLOT) {
        pthread_mutex_lock(&server->lock);
        st = ir_slots_add(&server->calls, call, &call->slot, &call->generation);
        pthread_mutex_unlock(&server->lock);
    }
    if (st != IRPC_OK) {
        return (struct irpc_call_ref){server, IR_NO_SLOT, 0};
    }
    return (struct irpc_call_ref){server, call->slot, call->generation};
}

enum irpc_status irpc_call_complete(struct irpc_call_ref ref, enum irpc_status status)
{
    struct irpc_server *server = ref.server;

    pthread_mutex_lock(&server->lock);
    struct irpc_call *call = ir_slots_take(&server->calls, ref.slot, ref.generation);
    pthread_mutex_unlock(&server->lock);
    if (call == NULL) {
        return IRPC_NO_CALL_ACTIVE;
    }
    call->status = status == IRPC_PENDING ? IRPC_INVALID_STATE : status;
    if (call->pooled) {
        one_less(call);
    } else {
        ir_loop_post(call->lane->loop, &call->post);
    }
    return IRPC_OK;
}

/* The server ends: nobody completes calls any more, though some may have been. */
static void free_list(struct irpc_call *call)
{
    while (call != NULL) {
        struct irpc_call *next = call->next;
        free_call(call);
        call = next;
    }
}

void ir_calls_free(struct ir_lane *lane)
{
    ir_loop_run_posted(lane->loop);
    while (lane->orphans != NULL) {
        (void)revoke_ref(lane->orphans);
        finish_pending(lane->orphans, IRPC_CANCELLED);
        ir_loop_run_posted(lane->loop); /* a rundown may have completed another */
    }
    free_list(lane->pool);
    lane->pool = NULL;
}

/* --- what managers ask --- */

void *irpc_call_alloc(struct irpc_call *call, size_t size)
{
    return ir_arena_zalloc(&call->arena, size);
}

char *irpc_call_strdup(struct irpc_call *call, const char *text)
{
    return ir_arena_strndup(&call->arena, text, strlen(text));
}

const struct irpc_peer *irpc_call_peer(const struct irpc_call *call_)
{
    struct irpc_call *call = (struct irpc_call *)(uintptr_t)call_; /* a cache is filled */

    if (!call->has_peer && call->link != NULL) {
        ir_link_peer(call->link, &call->peer);
        call->has_peer = true;
    }
    return &call->peer.peer;
}

const char *irpc_call_local_address(const struct irpc_call *call)
{
    return irpc_call_peer(call)->local_address;
}

const struct irpc_uuid *irpc_call_object(const struct irpc_call *call)
{
    return &call->object;
}

uint16_t irpc_call_opnum(const struct irpc_call *call)
{
    return call->opnum;
}

struct irpc_server *irpc_call_server(const struct irpc_call *call)
{
    return call->server;
}

void irpc_call_set_fault(struct irpc_call *call, uint32_t code)
{
    call->fault = code != 0 ? code : fault_of(IRPC_REMOTE_FAULT);
}

bool irpc_call_is_cancelled(const struct irpc_call *call)
{
    return atomic_load(&call->cancelled);
}

void irpc_call_on_cancel(struct irpc_call *call, void (*fn)(void *user), void *user)
{
    struct irpc_server *server = call->server;

    ir_lock(server, &server->lock);
    call->cancel_fn = fn;
    call->cancel_user = user;
    ir_unlock(server, &server->lock);
}
