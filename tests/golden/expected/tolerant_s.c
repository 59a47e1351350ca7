/* Server stubs. Made by ironidl from tolerant.idl; do not edit. */
#include "tolerant.h"

static enum irpc_status tolerant_do_f(struct irpc_call *call, const void *manager, void *args)
{
    const struct tolerant_manager *m = (const struct tolerant_manager *)manager;
    struct tolerant_f_args *a = (struct tolerant_f_args *)args;
    if (!m->f) {
        return IRPC_OP_RANGE;
    }
    return m->f(call, a->v, a->c, a->m);
}

static enum irpc_status tolerant_do_unsized(struct irpc_call *call, const void *manager, void *args)
{
    const struct tolerant_manager *m = (const struct tolerant_manager *)manager;
    struct tolerant_unsized_args *a = (struct tolerant_unsized_args *)args;
    if (!m->unsized) {
        return IRPC_OP_RANGE;
    }
    return m->unsized(call, a->data, a->count);
}

static enum irpc_status tolerant_do_named_as_in_c(struct irpc_call *call, const void *manager, void *args)
{
    const struct tolerant_manager *m = (const struct tolerant_manager *)manager;
    struct tolerant_named_as_in_c_args *a = (struct tolerant_named_as_in_c_args *)args;
    if (!m->named_as_in_c) {
        return IRPC_OP_RANGE;
    }
    return m->named_as_in_c(call, a->c, a->new_, a->export_);
}

static enum irpc_status tolerant_do_handle_behind(struct irpc_call *call, const void *manager, void *args)
{
    const struct tolerant_manager *m = (const struct tolerant_manager *)manager;
    struct tolerant_handle_behind_args *a = (struct tolerant_handle_behind_args *)args;
    if (!m->handle_behind) {
        return IRPC_OP_RANGE;
    }
    return m->handle_behind(call, a->n, a->data);
}

static enum irpc_status tolerant_do_qualified(struct irpc_call *call, const void *manager, void *args)
{
    const struct tolerant_manager *m = (const struct tolerant_manager *)manager;
    struct tolerant_qualified_args *a = (struct tolerant_qualified_args *)args;
    if (!m->qualified) {
        return IRPC_OP_RANGE;
    }
    return m->qualified(call, a->a, a->b, a->c);
}

static enum irpc_status tolerant_do_g(struct irpc_call *call, const void *manager, void *args)
{
    const struct tolerant_manager *m = (const struct tolerant_manager *)manager;
    struct tolerant_g_args *a = (struct tolerant_g_args *)args;
    if (!m->g) {
        return IRPC_OP_RANGE;
    }
    return m->g(call, a->n, a->bytes);
}

static irpc_stub_dispatch_fn *const tolerant_v1_0_dispatch[] = {
    tolerant_do_f, /* 0 */
    tolerant_do_unsized, /* 1 */
    tolerant_do_named_as_in_c, /* 2 */
    tolerant_do_handle_behind, /* 3 */
    tolerant_do_qualified, /* 4 */
    tolerant_do_g, /* 5 */
};

const struct irpc_server_stub tolerant_v1_0_server = {
    &tolerant_v1_0_interface, 6, tolerant_v1_0_dispatch,
};
