/* Client stubs. Made by ironidl from types.idl; do not edit. */
#include "types.h"

enum irpc_status types_everything(struct irpc_binding *binding, struct mixed *in_value, struct mixed *out_value)
{
    struct types_everything_args args;

    args.in_value = in_value;
    args.out_value = out_value;
    return irpc_stub_call(binding, &types_v2_7_interface, 0, &args);
}

enum irpc_status types_by_value(struct irpc_binding *binding, point p, color tint, level height, point *ret_result)
{
    struct types_by_value_args args;
    enum irpc_status call_status;

    args.p = p;
    args.tint = tint;
    args.height = height;
    call_status = irpc_stub_call(binding, &types_v2_7_interface, 1, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status types_arrays(struct irpc_binding *binding, int32_t *fixed, point (*grid)[3], char *text, const uint16_t *maybe, char **reply, cloud *c)
{
    struct types_arrays_args args;

    args.fixed = fixed;
    args.grid = grid;
    args.text = text;
    args.maybe = maybe;
    args.reply = reply;
    args.c = c;
    return irpc_stub_call(binding, &types_v2_7_interface, 2, &args);
}

enum irpc_status types_lists(struct irpc_binding *binding, node *first, node *second, assorted *a)
{
    struct types_lists_args args;

    args.first = first;
    args.second = second;
    args.a = a;
    return irpc_stub_call(binding, &types_v2_7_interface, 3, &args);
}

enum irpc_status types_tiny(struct irpc_binding *binding, uint8_t *ret_result)
{
    struct types_tiny_args args;
    enum irpc_status call_status;

    args.result = 0;
    call_status = irpc_stub_call(binding, &types_v2_7_interface, 4, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status types_forget(struct irpc_binding *binding, int64_t h)
{
    struct types_forget_args args;

    args.h = h;
    return irpc_stub_call(binding, &types_v2_7_interface, 5, &args);
}

enum irpc_status types_names(struct irpc_binding *binding, int32_t class_, int32_t binding_, int32_t result_, int32_t arg4)
{
    struct types_names_args args;

    args.class_ = class_;
    args.binding_ = binding_;
    args.result_ = result_;
    args.arg4 = arg4;
    return irpc_stub_call(binding, &types_v2_7_interface, 6, &args);
}

enum irpc_status types_single(struct irpc_binding *binding, double d, float *ret_result)
{
    struct types_single_args args;
    enum irpc_status call_status;

    args.d = d;
    args.result = 0;
    call_status = irpc_stub_call(binding, &types_v2_7_interface, 7, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}
