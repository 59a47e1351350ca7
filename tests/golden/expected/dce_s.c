/* Server stubs. Made by ironidl from dce.idl; do not edit. */
#include "dce.h"

static enum irpc_status dce_do_sum(struct irpc_call *call, const void *manager, void *args)
{
    const struct dce_manager *m = (const struct dce_manager *)manager;
    struct dce_sum_args *a = (struct dce_sum_args *)args;
    if (!m->sum) {
        return IRPC_OP_RANGE;
    }
    return m->sum(call, a->data, a->n, a->total, a->status);
}

static enum irpc_status dce_do_find(struct irpc_call *call, const void *manager, void *args)
{
    const struct dce_manager *m = (const struct dce_manager *)manager;
    struct dce_find_args *a = (struct dce_find_args *)args;
    if (!m->find) {
        return IRPC_OP_RANGE;
    }
    return m->find(call, a->id, a->room, a->found, a->n, &a->result);
}

static enum irpc_status dce_do_say(struct irpc_call *call, const void *manager, void *args)
{
    const struct dce_manager *m = (const struct dce_manager *)manager;
    struct dce_say_args *a = (struct dce_say_args *)args;
    if (!m->say) {
        return IRPC_OP_RANGE;
    }
    return m->say(call, a->what, a->where, a->list);
}

static enum irpc_status dce_do_name(struct irpc_call *call, const void *manager, void *args)
{
    const struct dce_manager *m = (const struct dce_manager *)manager;
    struct dce_name_args *a = (struct dce_name_args *)args;
    if (!m->name) {
        return IRPC_OP_RANGE;
    }
    return m->name(call, a->name);
}

static irpc_stub_dispatch_fn *const dce_v2_0_dispatch[] = {
    dce_do_sum, /* 0 */
    dce_do_find, /* 1 */
    dce_do_say, /* 2 */
    dce_do_name, /* 3 */
};

const struct irpc_server_stub dce_v2_0_server = {
    &dce_v2_0_interface, 4, dce_v2_0_dispatch,
};
