/* Server stubs. Made by ironidl from handles.idl; do not edit. */
#include "handles.h"

static enum irpc_status handles_do_open(struct irpc_call *call, const void *manager, void *args)
{
    const struct handles_manager *m = (const struct handles_manager *)manager;
    struct handles_open_args *a = (struct handles_open_args *)args;
    if (!m->open) {
        return IRPC_OP_RANGE;
    }
    return m->open(call, a->name, a->s, &a->result);
}

static enum irpc_status handles_do_use(struct irpc_call *call, const void *manager, void *args)
{
    const struct handles_manager *m = (const struct handles_manager *)manager;
    struct handles_use_args *a = (struct handles_use_args *)args;
    if (!m->use) {
        return IRPC_OP_RANGE;
    }
    return m->use(call, a->s, a->where, a->o, &a->result);
}

static enum irpc_status handles_do_close(struct irpc_call *call, const void *manager, void *args)
{
    const struct handles_manager *m = (const struct handles_manager *)manager;
    struct handles_close_args *a = (struct handles_close_args *)args;
    if (!m->close) {
        return IRPC_OP_RANGE;
    }
    return m->close(call, a->s, &a->result);
}

static enum irpc_status handles_do_direct(struct irpc_call *call, const void *manager, void *args)
{
    const struct handles_manager *m = (const struct handles_manager *)manager;
    struct handles_direct_args *a = (struct handles_direct_args *)args;
    if (!m->direct) {
        return IRPC_OP_RANGE;
    }
    return m->direct(call, a->plain, a->made);
}

static enum irpc_status handles_do_after_local(struct irpc_call *call, const void *manager, void *args)
{
    const struct handles_manager *m = (const struct handles_manager *)manager;
    struct handles_after_local_args *a = (struct handles_after_local_args *)args;
    if (!m->after_local) {
        return IRPC_OP_RANGE;
    }
    return m->after_local(call, a->x);
}

static irpc_stub_dispatch_fn *const handles_v1_0_dispatch[] = {
    handles_do_open, /* 0 */
    handles_do_use, /* 1 */
    handles_do_close, /* 2 */
    handles_do_direct, /* 3 */
    0, /* 4: only_here has no stub */
    handles_do_after_local, /* 5 */
};

const struct irpc_server_stub handles_v1_0_server = {
    &handles_v1_0_interface, 6, handles_v1_0_dispatch,
};
