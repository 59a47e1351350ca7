/* Client stubs. Made by ironidl from tolerant.idl; do not edit. */
#include "tolerant.h"

enum irpc_status tolerant_f(struct irpc_binding *binding, named_as_types *v, other_color c, middle *m)
{
    struct tolerant_f_args args;

    args.v = v;
    args.c = c;
    args.m = m;
    return irpc_stub_call(binding, &tolerant_v1_0_interface, 0, &args);
}

enum irpc_status tolerant_unsized(struct irpc_binding *binding, bytes data, int32_t count)
{
    struct tolerant_unsized_args args;

    args.data = data;
    args.count = count;
    return irpc_stub_call(binding, &tolerant_v1_0_interface, 1, &args);
}

enum irpc_status tolerant_named_as_in_c(struct irpc_binding *binding, class_ *c, namespace_ new_, uint32_t_ export_)
{
    struct tolerant_named_as_in_c_args args;

    args.c = c;
    args.new_ = new_;
    args.export_ = export_;
    return irpc_stub_call(binding, &tolerant_v1_0_interface, 2, &args);
}

enum irpc_status tolerant_handle_behind(struct irpc_binding *binding, int32_t n, uint8_t *data)
{
    struct tolerant_handle_behind_args args;

    args.n = n;
    args.data = data;
    return irpc_stub_call(binding, &tolerant_v1_0_interface, 3, &args);
}

enum irpc_status tolerant_qualified(struct irpc_binding *binding, near_pointer a, far_pointer b, int32_t *c)
{
    struct tolerant_qualified_args args;

    args.a = a;
    args.b = b;
    args.c = c;
    return irpc_stub_call(binding, &tolerant_v1_0_interface, 4, &args);
}

enum irpc_status tolerant_g(struct irpc_binding *binding, int64_t *n, uint8_t *bytes)
{
    struct tolerant_g_args args;

    args.n = n;
    args.bytes = bytes;
    return irpc_stub_call(binding, &tolerant_v1_0_interface, 5, &args);
}
