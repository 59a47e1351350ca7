/* Client stubs. Made by ironidl from dce.idl; do not edit. */
#include "dce.h"

enum irpc_status dce_sum(struct irpc_binding *binding, uint32_t *data, uint32_t n, unsigned32 *total, uint32_t *status)
{
    struct dce_sum_args args;

    args.data = data;
    args.n = n;
    args.total = total;
    args.status = status;
    return irpc_stub_call(binding, &dce_v2_0_interface, 0, &args);
}

enum irpc_status dce_find(struct irpc_binding *binding, uuid_t *id, signed32 room, uint8_t *found, signed32 *n, boolean32 *ret_result)
{
    struct dce_find_args args;
    enum irpc_status call_status;

    args.id = id;
    args.room = room;
    args.found = found;
    args.n = n;
    args.result = 0;
    call_status = irpc_stub_call(binding, &dce_v2_0_interface, 1, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status dce_say(struct irpc_binding *binding, text what, ISO_MULTI_LINGUAL *where, ids *list)
{
    struct dce_say_args args;

    args.what = what;
    args.where = where;
    args.list = list;
    return irpc_stub_call(binding, &dce_v2_0_interface, 2, &args);
}

enum irpc_status dce_name(struct irpc_binding *binding, char *name)
{
    struct dce_name_args args;

    args.name = name;
    return irpc_stub_call(binding, &dce_v2_0_interface, 3, &args);
}
