/* Client stubs. Made by ironidl from handles.idl; do not edit. */
#include "handles.h"

enum irpc_status handles_open(struct irpc_binding *binding, base_name name, session *s, int32_t *ret_result)
{
    struct handles_open_args args;
    enum irpc_status call_status;

    args.name = name;
    args.s = s;
    args.result = 0;
    call_status = irpc_stub_call(binding, &handles_v1_0_interface, 0, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status handles_use(struct irpc_binding *binding, session s, base_point where, other o, int32_t *ret_result)
{
    struct handles_use_args args;
    enum irpc_status call_status;

    args.s = s;
    args.where = where;
    args.o = o;
    args.result = 0;
    call_status = irpc_stub_call(binding, &handles_v1_0_interface, 1, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status handles_close(struct irpc_binding *binding, session *s, int32_t *ret_result)
{
    struct handles_close_args args;
    enum irpc_status call_status;

    args.s = s;
    args.result = 0;
    call_status = irpc_stub_call(binding, &handles_v1_0_interface, 2, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status handles_direct(struct irpc_binding *binding, struct irpc_context_handle plain, struct irpc_context_handle *made)
{
    struct handles_direct_args args;

    args.plain = plain;
    args.made = made;
    return irpc_stub_call(binding, &handles_v1_0_interface, 3, &args);
}

enum irpc_status handles_after_local(struct irpc_binding *binding, int32_t x)
{
    struct handles_after_local_args args;

    args.x = x;
    return irpc_stub_call(binding, &handles_v1_0_interface, 5, &args);
}
