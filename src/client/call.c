/*
 * One call: encode straight into the output, send, wait for the answer, decode it.
 * [C706] 12.6.4.9, 12.6.4.10, 12.6.4.7
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "client/internal.h"

/* What is called. */
struct target {
    const struct irpc_syntax_id *id;
    const struct irpc_interface *tables; /* NULL: a raw call */
    uint16_t opnum;
};

static enum irpc_status faulted(struct irpc_binding *binding, const struct target *target,
                                uint32_t code)
{
    char text[200];
    char uuid[IRPC_UUID_TEXT_LEN];
    enum irpc_status st = irpc_status_from_fault(code);

    if (target->tables != NULL) {
        const struct irpc_ndr_unit *unit = target->tables->unit;
        (void)snprintf(text, sizeof(text), "%.80s of interface %.80s",
                       unit->names + unit->ops[target->opnum].name, target->tables->name);
    } else {
        irpc_uuid_format(&target->id->uuid, uuid);
        (void)snprintf(text, sizeof(text), "operation %u of interface %s", target->opnum, uuid);
    }
    binding->fault = code;
    return ir_binding_fail(binding, st, "%s answered %s with fault 0x%08x (%s)%s", binding->text,
                           text, code, irpc_status_text(st), ir_binding_hint(binding, st));
}

/* What the reply before brought is kept while a call runs that may have it as an argument. */
static void keep_results(struct irpc_binding *binding)
{
    struct ir_arena arena = binding->old_arena;

    ir_binding_begin(binding);
    binding->old_arena = binding->arena;
    binding->old_memory = binding->reply_memory;
    binding->arena = arena;
    binding->reply_memory = NULL;
}

static void drop_kept(struct irpc_binding *binding)
{
    ir_arena_reset(&binding->old_arena, 0);
    ir_free(binding->old_memory);
    binding->old_memory = NULL;
}

/* Send what was encoded for @call, wait for its answer. */
static enum irpc_status exchange(struct irpc_binding *binding, const struct target *target,
                                 uint32_t call, struct ir_event *ret_event)
{
    uint64_t deadline = ir_dial_now() + binding->options.call_ms;
    enum irpc_status st = ir_conn_call_end(&binding->engine, call);

    if (st != IRPC_OK) {
        return ir_binding_fail(binding, st, "the request cannot be sent: %s", irpc_status_text(st));
    }
    st = ir_binding_send(binding, deadline);
    while (st == IRPC_OK) {
        st = ir_binding_receive(binding, deadline, ret_event);
        if (st == IRPC_OK && ret_event->call == call) {
            break;
        }
        if (st == IRPC_OK) { /* of no call that waits */
            ir_free(ret_event->stub_memory);
        }
    }
    if (st != IRPC_OK) {
        return st;
    }
    binding->active_ms = ir_dial_now();
    if (ret_event->type == IR_EVENT_FAULT) {
        if (ir_conn_wants_close(&binding->engine)) {
            ir_binding_close(binding);
        }
        binding->active_ms = 0; /* many faults are followed by the end of the connection */
        return faulted(binding, target, ret_event->status);
    }
    binding->reply_memory = ret_event->stub_memory;
    return IRPC_OK;
}

static enum irpc_status begin(struct irpc_binding *binding, const struct irpc_syntax_id *interface,
                              uint32_t transfers, uint16_t opnum, struct ir_out **ret_out,
                              uint32_t *ret_call, int *ret_syntax)
{
    const struct ir_client_context *context = NULL;
    enum irpc_status st = ir_binding_negotiate(binding, interface, transfers, &context);
    if (st != IRPC_OK) {
        return st;
    }
    *ret_syntax = context->syntax;
    st = ir_conn_call_begin(&binding->engine, context->id, opnum,
                            binding->has_object ? &binding->object : NULL, ret_out, ret_call);
    if (st != IRPC_OK) {
        return ir_binding_fail(binding, st, "no call can be made over %s: %s", binding->text,
                               irpc_status_text(st));
    }
    return IRPC_OK;
}

static enum irpc_status call_raw(struct irpc_binding *binding,
                                 const struct irpc_syntax_id *interface, uint32_t transfers,
                                 uint16_t opnum, struct irpc_span in, struct irpc_reply *ret_reply)
{
    struct ir_out *out = NULL;
    struct ir_event event = {0};
    uint32_t call = 0;
    int syntax = IRPC_NDR20;
    const struct target target = {interface, NULL, opnum};
    enum irpc_status st = begin(binding, interface, transfers, opnum, &out, &call, &syntax);

    if (st != IRPC_OK) {
        return st;
    }
    ir_out_bytes(out, in.p, in.len);
    st = exchange(binding, &target, call, &event);
    if (st == IRPC_OK) {
        *ret_reply = (struct irpc_reply){.stub = event.stub, .big_endian = event.big_endian};
    }
    return st;
}

enum irpc_status irpc_binding_call_raw_in(struct irpc_binding *binding,
                                          const struct irpc_syntax_id *interface,
                                          enum irpc_transfer transfer, uint16_t opnum,
                                          struct irpc_span in, struct irpc_reply *ret_reply)
{
    uint32_t transfers = transfer == IRPC_TRANSFER_NDR64 ? IR_MASK_NDR64 : IR_MASK_NDR20;

    keep_results(binding);
    enum irpc_status st = call_raw(binding, interface, transfers, opnum, in, ret_reply);
    drop_kept(binding);
    return st;
}

enum irpc_status irpc_binding_call_raw(struct irpc_binding *binding,
                                       const struct irpc_syntax_id *interface, uint16_t opnum,
                                       struct irpc_span in, struct irpc_reply *ret_reply)
{
    return irpc_binding_call_raw_in(binding, interface, IRPC_TRANSFER_NDR20, opnum, in, ret_reply);
}

static enum irpc_status decode_reply(struct irpc_binding *binding,
                                     const struct irpc_interface *interface, uint32_t opnum,
                                     int syntax, const struct ir_event *event, void *args)
{
    const struct irpc_ndr_unit *unit = interface->unit;
    struct ir_cur in = ir_cur_init(event->stub.p, event->stub.len, event->big_endian);
    struct ir_ndr_limits limits = ir_ndr_default_limits;
    struct ir_ndr_error err = {0};

    ir_arena_reset(&binding->arena, limits.base_memory + (size_t)unit->k * event->stub.len);
    enum irpc_status st =
        ir_ndr_decode(unit, opnum, IR_NDR_OUT, syntax, &in, &binding->arena, args, &limits, &err);
    if (st != IRPC_OK) {
        return ir_binding_fail(binding, st,
                               "the reply of %s does not fit operation %s of interface %s: %s at "
                               "stub byte %u, parameter %s",
                               binding->text, unit->names + unit->ops[opnum].name, interface->name,
                               err.reason != NULL ? err.reason : irpc_status_text(st), err.offset,
                               unit->names + err.name);
    }
    return IRPC_OK;
}

/* Results go through top-level pointers of the caller: none may be NULL. */
static enum irpc_status check_results(struct irpc_binding *binding,
                                      const struct irpc_interface *interface, uint32_t opnum,
                                      const void *args)
{
    const struct irpc_ndr_unit *unit = interface->unit;
    const struct irpc_ndr_op *op = &unit->ops[opnum];

    for (uint32_t i = 0; i < op->n_params; i++) {
        const struct irpc_ndr_param *p = &unit->params[op->first_param + i];
        const void *place = NULL;
        const struct irpc_ndr_type *t = &unit->types[p->type];
        if ((p->flags & IRPC_NDR_P_OUT) == 0 || t->kind != IRPC_NDR_POINTER ||
            t->n != IRPC_NDR_PTR_REF) {
            continue;
        }
        memcpy(&place, (const uint8_t *)args + p->moff, sizeof(place));
        if (place == NULL) {
            return ir_binding_fail(binding, IRPC_NULL_REF_POINTER,
                                   "argument %s of operation %s is NULL: a result goes there",
                                   unit->names + p->name, unit->names + op->name);
        }
    }
    return IRPC_OK;
}

/* Windows calls interfaces with pipes in NDR 2.0, whatever the server offers. */
static uint32_t transfers_of(const struct irpc_binding *binding, const struct irpc_ndr_unit *unit)
{
    uint32_t transfers = ir_binding_transfers(binding);

    for (uint32_t i = 0; i < unit->n_ops && binding->options.transfer == IRPC_TRANSFER_DEFAULT;
         i++) {
        if (unit->ops[i].flags & IRPC_NDR_OP_PIPES) {
            return IR_MASK_NDR20;
        }
    }
    return transfers;
}

static enum irpc_status call_by_tables(struct irpc_binding *binding,
                                       const struct irpc_interface *interface, uint32_t opnum,
                                       void *args)
{
    const struct irpc_ndr_unit *unit = interface->unit;
    const struct target target = {&interface->id, interface, (uint16_t)opnum};
    struct ir_ndr_error err = {0};
    struct ir_out *out = NULL;
    struct ir_event event = {0};
    uint32_t call = 0;
    int syntax = IRPC_NDR20;
    enum irpc_status st = check_results(binding, interface, opnum, args);

    if (st == IRPC_OK) {
        st = begin(binding, &interface->id, transfers_of(binding, unit), (uint16_t)opnum, &out,
                   &call, &syntax);
    }
    if (st != IRPC_OK) {
        return st;
    }
    st = ir_ndr_encode(unit, opnum, IR_NDR_IN, syntax, args, out, &err);
    if (st != IRPC_OK) {
        ir_conn_call_abort(&binding->engine, call);
        return ir_binding_fail(binding, st, "argument %s of operation %s cannot be sent: %s",
                               unit->names + err.name, unit->names + unit->ops[opnum].name,
                               err.reason != NULL ? err.reason : irpc_status_text(st));
    }
    st = exchange(binding, &target, call, &event);
    return st == IRPC_OK ? decode_reply(binding, interface, opnum, syntax, &event, args) : st;
}

enum irpc_status irpc_stub_call(struct irpc_binding *binding,
                                const struct irpc_interface *interface, uint32_t opnum, void *args)
{
    const struct irpc_ndr_unit *unit = interface->unit;

    if (binding == NULL) {
        return IRPC_INVALID_ARG;
    }
    if (interface->contract != IRPC_CONTRACT || unit->contract != IRPC_CONTRACT) {
        return ir_binding_fail(binding, IRPC_CONTRACT_MISMATCH,
                               "the stubs of interface %s were generated for contract %u, this "
                               "library has %u; generate them again with its ironidl",
                               interface->name, interface->contract, IRPC_CONTRACT);
    }
    if (opnum >= unit->n_ops) {
        return ir_binding_fail(binding, IRPC_OP_RANGE, "interface %s has no operation %u",
                               interface->name, opnum);
    }
    keep_results(binding);
    enum irpc_status st = call_by_tables(binding, interface, opnum, args);
    drop_kept(binding);
    return st;
}

enum irpc_status irpc_stub_report(const struct irpc_binding *binding, enum irpc_status status,
                                  uint32_t *comm, uint32_t *fault)
{
    if (status == IRPC_OK || binding == NULL || irpc_status_class(status) == IRPC_CLASS_LOCAL) {
        return status;
    }
    uint32_t *place = binding->fault != 0 ? fault : comm;
    if (place == NULL) {
        return status;
    }
    *place = binding->fault != 0 ? irpc_fault_rpc_s(binding->fault) : irpc_status_rpc_s(status);
    return IRPC_OK;
}
