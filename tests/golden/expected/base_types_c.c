/* Client stubs. Made by ironidl from base_types.idl; do not edit. */
#include "base_types.h"

enum irpc_status base_types_never_called(struct irpc_binding *binding, base_point *p)
{
    struct base_types_never_called_args args;

    args.p = p;
    return irpc_stub_call(binding, &base_types_v1_0_interface, 0, &args);
}
