/* Server stubs. Made by ironidl from correlate.idl; do not edit. */
#include "correlate.h"

static enum irpc_status correlate_do_sizes(struct irpc_call *call, const void *manager, void *args)
{
    const struct correlate_manager *m = (const struct correlate_manager *)manager;
    struct correlate_sizes_args *a = (struct correlate_sizes_args *)args;
    if (!m->sizes) {
        return IRPC_OP_RANGE;
    }
    return m->sizes(call, a->n, a->plain, a->varying, a->m, a->counted, a->two_levels, a->allocated, a->chosen, a->constant, a->also_constant, a->fixed);
}

static enum irpc_status correlate_do_strings(struct irpc_call *call, const void *manager, void *args)
{
    const struct correlate_manager *m = (const struct correlate_manager *)manager;
    struct correlate_strings_args *a = (struct correlate_strings_args *)args;
    if (!m->strings) {
        return IRPC_OP_RANGE;
    }
    return m->strings(call, a->n, a->sized, a->limited, a->many);
}

static enum irpc_status correlate_do_unions(struct irpc_call *call, const void *manager, void *args)
{
    const struct correlate_manager *m = (const struct correlate_manager *)manager;
    struct correlate_unions_args *a = (struct correlate_unions_args *)args;
    if (!m->unions) {
        return IRPC_OP_RANGE;
    }
    return m->unions(call, a->kind, a->tagged, a->v, a->s, a->tag, a->p);
}

static enum irpc_status correlate_do_windows(struct irpc_call *call, const void *manager, void *args)
{
    const struct correlate_manager *m = (const struct correlate_manager *)manager;
    struct correlate_windows_args *a = (struct correlate_windows_args *)args;
    if (!m->windows) {
        return IRPC_OP_RANGE;
    }
    return m->windows(call, a->w, a->offset);
}

static enum irpc_status correlate_do_unchecked(struct irpc_call *call, const void *manager, void *args)
{
    const struct correlate_manager *m = (const struct correlate_manager *)manager;
    struct correlate_unchecked_args *a = (struct correlate_unchecked_args *)args;
    if (!m->unchecked) {
        return IRPC_OP_RANGE;
    }
    return m->unchecked(call, a->n, a->data);
}

static irpc_stub_dispatch_fn *const correlate_v1_0_dispatch[] = {
    correlate_do_sizes, /* 0 */
    correlate_do_strings, /* 1 */
    correlate_do_unions, /* 2 */
    correlate_do_windows, /* 3 */
    correlate_do_unchecked, /* 4 */
};

const struct irpc_server_stub correlate_v1_0_server = {
    &correlate_v1_0_interface, 5, correlate_v1_0_dispatch,
};
