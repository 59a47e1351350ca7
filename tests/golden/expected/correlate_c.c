/* Client stubs. Made by ironidl from correlate.idl; do not edit. */
#include "correlate.h"

enum irpc_status correlate_sizes(struct irpc_binding *binding, uint32_t n, uint8_t *plain, int16_t *varying, uint32_t *m, int32_t *counted, int32_t **two_levels, blob **allocated, uint8_t *chosen, uint8_t *constant, uint8_t *also_constant, char *fixed)
{
    struct correlate_sizes_args args;

    args.n = n;
    args.plain = plain;
    args.varying = varying;
    args.m = m;
    args.counted = counted;
    args.two_levels = two_levels;
    args.allocated = allocated;
    args.chosen = chosen;
    args.constant = constant;
    args.also_constant = also_constant;
    args.fixed = fixed;
    return irpc_stub_call(binding, &correlate_v1_0_interface, 0, &args);
}

enum irpc_status correlate_strings(struct irpc_binding *binding, uint32_t n, char *sized, uint16_t *limited, uint16_t **many)
{
    struct correlate_strings_args args;

    args.n = n;
    args.sized = sized;
    args.limited = limited;
    args.many = many;
    return irpc_stub_call(binding, &correlate_v1_0_interface, 1, &args);
}

enum irpc_status correlate_unions(struct irpc_binding *binding, uint16_t kind, any *tagged, variant *v, shape s, int32_t tag, padded *p)
{
    struct correlate_unions_args args;

    args.kind = kind;
    args.tagged = tagged;
    args.v = v;
    args.s = s;
    args.tag = tag;
    args.p = p;
    return irpc_stub_call(binding, &correlate_v1_0_interface, 2, &args);
}

enum irpc_status correlate_windows(struct irpc_binding *binding, window *w, int32_t offset)
{
    struct correlate_windows_args args;

    args.w = w;
    args.offset = offset;
    return irpc_stub_call(binding, &correlate_v1_0_interface, 3, &args);
}

enum irpc_status correlate_unchecked(struct irpc_binding *binding, uint32_t n, uint8_t *data)
{
    struct correlate_unchecked_args args;

    args.n = n;
    args.data = data;
    return irpc_stub_call(binding, &correlate_v1_0_interface, 4, &args);
}
