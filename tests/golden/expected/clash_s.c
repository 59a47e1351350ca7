/* Server stubs. Made by ironidl from clash.idl; do not edit. */
#include "clash.h"

static enum irpc_status clash_do_f(struct irpc_call *call, const void *manager, void *args)
{
    const struct clash_manager *m = (const struct clash_manager *)manager;
    struct clash_f_args *a = (struct clash_f_args *)args;
    if (!m->f) {
        return IRPC_OP_RANGE;
    }
    return m->f(call, a->u, a->t, a->l, a->h, a->k, &a->result);
}

static irpc_stub_dispatch_fn *const clash_v1_0_dispatch[] = {
    clash_do_f, /* 0 */
};

const struct irpc_server_stub clash_v1_0_server = {
    &clash_v1_0_interface, 1, clash_v1_0_dispatch,
};
