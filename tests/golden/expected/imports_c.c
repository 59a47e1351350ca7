/* Client stubs. Made by ironidl from imports.idl; do not edit. */
#include "imports.h"

enum irpc_status imports_place(struct irpc_binding *binding, POINT at, imports_SIZE size, MEASURE m, enum COLOUR c, SMALL s)
{
    struct imports_place_args args;

    args.at = at;
    args.size = size;
    args.m = m;
    args.c = c;
    args.s = s;
    return irpc_stub_call(binding, &imports_v1_0_interface, 0, &args);
}
