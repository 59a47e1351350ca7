/* Server stubs. Made by ironidl from stubs.idl; do not edit. */
#include "stubs.h"

static enum irpc_status stubs_do_ping(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    struct stubs_ping_args *a = (struct stubs_ping_args *)args;
    if (!m->ping) {
        return IRPC_OP_RANGE;
    }
    return m->ping(call, a->n, &a->result);
}

static enum irpc_status stubs_do_status_apart(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    struct stubs_status_apart_args *a = (struct stubs_status_apart_args *)args;
    if (!m->status_apart) {
        return IRPC_OP_RANGE;
    }
    return m->status_apart(call, a->list, a->comm, a->fault);
}

static enum irpc_status stubs_do_half(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    struct stubs_half_args *a = (struct stubs_half_args *)args;
    if (!m->half) {
        return IRPC_OP_RANGE;
    }
    return m->half(call, a->n, a->st, &a->result);
}

static enum irpc_status stubs_do_nothing(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    (void)args;
    if (!m->nothing) {
        return IRPC_OP_RANGE;
    }
    return m->nothing(call);
}

static enum irpc_status stubs_do_with_binding(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    (void)args;
    if (!m->with_binding) {
        return IRPC_OP_RANGE;
    }
    return m->with_binding(call);
}

static enum irpc_status stubs_do_for_travels(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    struct stubs_for_travels_args *a = (struct stubs_for_travels_args *)args;
    if (!m->for_travels) {
        return IRPC_OP_RANGE;
    }
    return m->for_travels(call, a->r, &a->result);
}

static enum irpc_status stubs_do_between(struct irpc_call *call, const void *manager, void *args)
{
    const struct stubs_manager *m = (const struct stubs_manager *)manager;
    (void)args;
    if (!m->between) {
        return IRPC_OP_RANGE;
    }
    return m->between(call);
}

static irpc_stub_dispatch_fn *const stubs_v2_1_dispatch[] = {
    stubs_do_ping, /* 0 */
    stubs_do_status_apart, /* 1 */
    stubs_do_half, /* 2 */
    stubs_do_nothing, /* 3 */
    stubs_do_with_binding, /* 4 */
    stubs_do_for_travels, /* 5 */
    stubs_do_between, /* 6 */
    0, /* 7: stays has no stub */
    0, /* 8: pack has no stub */
};

const struct irpc_server_stub stubs_v2_1_server = {
    &stubs_v2_1_interface, 9, stubs_v2_1_dispatch,
};

static irpc_stub_dispatch_fn *const stored_v0_0_dispatch[] = {
    0,
};

const struct irpc_server_stub stored_v0_0_server = {
    &stored_v0_0_interface, 0, stored_v0_0_dispatch,
};

static enum irpc_status reserved_do_uses_it(struct irpc_call *call, const void *manager, void *args)
{
    const struct reserved_manager *m = (const struct reserved_manager *)manager;
    (void)args;
    if (!m->uses_it) {
        return IRPC_OP_RANGE;
    }
    return m->uses_it(call);
}

static irpc_stub_dispatch_fn *const reserved_v0_0_dispatch[] = {
    reserved_do_uses_it, /* 0 */
};

const struct irpc_server_stub reserved_v0_0_server = {
    &reserved_v0_0_interface, 1, reserved_v0_0_dispatch,
};
