/* Client stubs. Made by ironidl from stubs.idl; do not edit. */
#include "stubs.h"

struct irpc_binding *stubs_handle = 0;

enum irpc_status stubs_ping(int32_t n, uint32_t *ret_result)
{
    struct stubs_ping_args args;
    struct irpc_binding *binding = stubs_handle;
    enum irpc_status call_status;

    args.n = n;
    args.result = 0;
    call_status = irpc_stub_call(binding, &stubs_v2_1_interface, 0, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return irpc_stub_report(binding, call_status, ret_result, ret_result);
}

enum irpc_status stubs_status_apart(struct irpc_binding *binding, node *list, uint32_t *comm, uint32_t *fault)
{
    struct stubs_status_apart_args args;
    enum irpc_status call_status;

    args.list = list;
    args.comm = comm;
    args.fault = fault;
    call_status = irpc_stub_call(binding, &stubs_v2_1_interface, 1, &args);
    return irpc_stub_report(binding, call_status, comm, fault);
}

enum irpc_status stubs_half(int32_t n, uint32_t *st, uint32_t *ret_result)
{
    struct stubs_half_args args;
    struct irpc_binding *binding = stubs_handle;
    enum irpc_status call_status;

    args.n = n;
    args.st = st;
    args.result = 0;
    call_status = irpc_stub_call(binding, &stubs_v2_1_interface, 2, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return irpc_stub_report(binding, call_status, ret_result, st);
}

enum irpc_status stubs_nothing(void)
{
    struct stubs_nothing_args args;
    struct irpc_binding *binding = stubs_handle;

    args.unused = 0;
    return irpc_stub_call(binding, &stubs_v2_1_interface, 3, &args);
}

enum irpc_status stubs_with_binding(struct irpc_binding *binding)
{
    struct stubs_with_binding_args args;

    args.unused = 0;
    return irpc_stub_call(binding, &stubs_v2_1_interface, 4, &args);
}

enum irpc_status stubs_for_travels(record *r, int32_t *ret_result)
{
    struct stubs_for_travels_args args;
    struct irpc_binding *binding = stubs_handle;
    enum irpc_status call_status;

    args.r = r;
    args.result = 0;
    call_status = irpc_stub_call(binding, &stubs_v2_1_interface, 5, &args);
    if (call_status == IRPC_OK) {
        *ret_result = args.result;
    }
    return call_status;
}

enum irpc_status stubs_between(void)
{
    struct stubs_between_args args;
    struct irpc_binding *binding = stubs_handle;

    args.unused = 0;
    return irpc_stub_call(binding, &stubs_v2_1_interface, 6, &args);
}

enum irpc_status stored_level_encode(struct irpc_pickle *pickle, const level *value)
{
    return irpc_pickle_put(pickle, &stored_v0_0_interface, 0, value);
}

enum irpc_status stored_level_decode(struct irpc_pickle *pickle, level **ret_value)
{
    void *value = 0;
    enum irpc_status st = irpc_pickle_get(pickle, &stored_v0_0_interface, 0, &value);
    if (st == IRPC_OK) {
        *ret_value = (level *)value;
    }
    return st;
}

enum irpc_status stored_either_encode(struct irpc_pickle *pickle, const either *value)
{
    return irpc_pickle_put(pickle, &stored_v0_0_interface, 1, value);
}

enum irpc_status stored_either_decode(struct irpc_pickle *pickle, either **ret_value)
{
    void *value = 0;
    enum irpc_status st = irpc_pickle_get(pickle, &stored_v0_0_interface, 1, &value);
    if (st == IRPC_OK) {
        *ret_value = (either *)value;
    }
    return st;
}

enum irpc_status stored_levels_encode(struct irpc_pickle *pickle, const levels *value)
{
    return irpc_pickle_put(pickle, &stored_v0_0_interface, 2, value);
}

enum irpc_status stored_levels_decode(struct irpc_pickle *pickle, levels **ret_value)
{
    void *value = 0;
    enum irpc_status st = irpc_pickle_get(pickle, &stored_v0_0_interface, 2, &value);
    if (st == IRPC_OK) {
        *ret_value = (levels *)value;
    }
    return st;
}

enum irpc_status stored_number_encode(struct irpc_pickle *pickle, const number *value)
{
    return irpc_pickle_put(pickle, &stored_v0_0_interface, 3, value);
}

enum irpc_status stored_number_decode(struct irpc_pickle *pickle, number **ret_value)
{
    void *value = 0;
    enum irpc_status st = irpc_pickle_get(pickle, &stored_v0_0_interface, 3, &value);
    if (st == IRPC_OK) {
        *ret_value = (number *)value;
    }
    return st;
}

struct irpc_binding *binding_ = 0;

enum irpc_status reserved_uses_it(void)
{
    struct reserved_uses_it_args args;
    struct irpc_binding *binding = binding_;

    args.unused = 0;
    return irpc_stub_call(binding, &reserved_v0_0_interface, 0, &args);
}
