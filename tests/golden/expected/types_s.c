/* Server stubs. Made by ironidl from types.idl; do not edit. */
#include "types.h"

static enum irpc_status types_do_everything(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_everything_args *a = (struct types_everything_args *)args;
    if (!m->everything) {
        return IRPC_OP_RANGE;
    }
    return m->everything(call, a->in_value, a->out_value);
}

static enum irpc_status types_do_by_value(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_by_value_args *a = (struct types_by_value_args *)args;
    if (!m->by_value) {
        return IRPC_OP_RANGE;
    }
    return m->by_value(call, a->p, a->tint, a->height, &a->result);
}

static enum irpc_status types_do_arrays(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_arrays_args *a = (struct types_arrays_args *)args;
    if (!m->arrays) {
        return IRPC_OP_RANGE;
    }
    return m->arrays(call, a->fixed, a->grid, a->text, a->maybe, a->reply, a->c);
}

static enum irpc_status types_do_lists(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_lists_args *a = (struct types_lists_args *)args;
    if (!m->lists) {
        return IRPC_OP_RANGE;
    }
    return m->lists(call, a->first, a->second, a->a);
}

static enum irpc_status types_do_tiny(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_tiny_args *a = (struct types_tiny_args *)args;
    if (!m->tiny) {
        return IRPC_OP_RANGE;
    }
    return m->tiny(call, &a->result);
}

static enum irpc_status types_do_forget(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_forget_args *a = (struct types_forget_args *)args;
    if (!m->forget) {
        return IRPC_OP_RANGE;
    }
    return m->forget(call, a->h);
}

static enum irpc_status types_do_names(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_names_args *a = (struct types_names_args *)args;
    if (!m->names) {
        return IRPC_OP_RANGE;
    }
    return m->names(call, a->class_, a->binding_, a->result_, a->arg4);
}

static enum irpc_status types_do_single(struct irpc_call *call, const void *manager, void *args)
{
    const struct types_manager *m = (const struct types_manager *)manager;
    struct types_single_args *a = (struct types_single_args *)args;
    if (!m->single) {
        return IRPC_OP_RANGE;
    }
    return m->single(call, a->d, &a->result);
}

static irpc_stub_dispatch_fn *const types_v2_7_dispatch[] = {
    types_do_everything, /* 0 */
    types_do_by_value, /* 1 */
    types_do_arrays, /* 2 */
    types_do_lists, /* 3 */
    types_do_tiny, /* 4 */
    types_do_forget, /* 5 */
    types_do_names, /* 6 */
    types_do_single, /* 7 */
};

const struct irpc_server_stub types_v2_7_server = {
    &types_v2_7_interface, 8, types_v2_7_dispatch,
};
