/* Client stubs. Made by ironidl from clash.idl; do not edit. */
#include "clash.h"

enum irpc_status clash_f(struct irpc_binding *binding, user *u, second_tag *t, level l, height h, kept *k, second_size_type *ret_result)
{
    struct clash_f_args args;
    enum irpc_status call_status;

    args.u = u;
    args.t = t;
    args.l = l;
    args.h = h;
    args.k = k;
    args.result = 0;
    call_status = irpc_stub_call(binding, &clash_v1_0_interface, 0, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}
