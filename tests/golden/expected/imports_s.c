/* Server stubs. Made by ironidl from imports.idl; do not edit. */
#include "imports.h"

static enum irpc_status imports_do_place(struct irpc_call *call, const void *manager, void *args)
{
    const struct imports_manager *m = (const struct imports_manager *)manager;
    struct imports_place_args *a = (struct imports_place_args *)args;
    if (!m->place) {
        return IRPC_OP_RANGE;
    }
    return m->place(call, a->at, a->size, a->m, a->c, a->s);
}

static irpc_stub_dispatch_fn *const imports_v1_0_dispatch[] = {
    imports_do_place, /* 0 */
};

const struct irpc_server_stub imports_v1_0_server = {
    &imports_v1_0_interface, 1, imports_v1_0_dispatch,
};
