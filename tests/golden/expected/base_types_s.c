/* Server stubs. Made by ironidl from base_types.idl; do not edit. */
#include "base_types.h"

static enum irpc_status base_types_do_never_called(struct irpc_call *call, const void *manager, void *args)
{
    const struct base_types_manager *m = (const struct base_types_manager *)manager;
    struct base_types_never_called_args *a = (struct base_types_never_called_args *)args;
    if (!m->never_called) {
        return IRPC_OP_RANGE;
    }
    return m->never_called(call, a->p);
}

static irpc_stub_dispatch_fn *const base_types_v1_0_dispatch[] = {
    base_types_do_never_called, /* 0 */
};

const struct irpc_server_stub base_types_v1_0_server = {
    &base_types_v1_0_interface, 1, base_types_v1_0_dispatch,
};
