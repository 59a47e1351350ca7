/*
 * One call by tables: encode, send, decode; and stub data that somebody else recorded.
 *
 * A generated client stub decodes [out] arrays into memory that its caller provides and whose size
 * the interface has to tell beforehand. Here nobody provides memory: all of the reply is allocated,
 * by what has arrived (IR_NDR_OUT_NEW). [in] parameters keep their values, for the expressions that
 * read them.
 */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

#include "ndr/ndr.h"

#define MAX_REQUEST (64u << 20)

static enum irpc_status fail(struct ir_value_call *call, const char *what,
                             const struct ir_ndr_error *error, enum irpc_status status)
{
    const char *name = call->unit->names + error->name;

    snprintf(call->error, sizeof(call->error), "%s%s%s: %s (stub byte %u)", what,
             name[0] == '\0' ? "" : " at ", name,
             error->reason != NULL ? error->reason : irpc_status_text(status), error->offset);
    return status;
}

static enum irpc_status no_memory(struct ir_value_call *call)
{
    snprintf(call->error, sizeof(call->error), "out of memory");
    return IRPC_NO_MEMORY;
}

/* A struct of arguments for the results: [in] parameters as they are, zero where results go. */
static uint8_t *make_results(struct ir_value_call *call)
{
    uint8_t *results = ir_arena_zalloc(&call->arena, call->op->args_size);

    if (results == NULL) {
        return NULL;
    }
    memcpy(results, call->args, call->op->args_size);
    for (uint32_t i = 0; i < call->op->n_params; i++) {
        const struct irpc_ndr_param *p = &call->unit->params[call->op->first_param + i];

        if ((p->flags & IRPC_NDR_P_OUT) != 0) {
            memset(results + p->moff, 0, call->unit->types[p->type].msize);
        }
    }
    return results;
}

enum irpc_status ir_cli_decode_request(struct ir_value_call *call, uint32_t opnum, int syntax,
                                       struct ir_cur *in)
{
    struct ir_ndr_error error = {0};

    call->args = ir_arena_zalloc(&call->arena, call->op->args_size);
    if (call->args == NULL) {
        return no_memory(call);
    }
    enum irpc_status st = ir_ndr_decode(call->unit, opnum, IR_NDR_IN, syntax, in, &call->arena,
                                        call->args, &ir_ndr_default_limits, &error);
    return st == IRPC_OK ? st : fail(call, "the request does not fit the operation", &error, st);
}

enum irpc_status ir_cli_decode_response(struct ir_value_call *call, uint32_t opnum, int syntax,
                                        struct ir_cur *in)
{
    struct ir_ndr_error error = {0};
    uint8_t *results = make_results(call);

    if (results == NULL) {
        return no_memory(call);
    }
    enum irpc_status st = ir_ndr_decode(call->unit, opnum, IR_NDR_OUT_NEW, syntax, in, &call->arena,
                                        results, &ir_ndr_default_limits, &error);
    if (st != IRPC_OK) {
        return fail(call, "the reply does not fit the operation", &error, st);
    }
    call->args = results;
    return IRPC_OK;
}

enum irpc_status ir_cli_decode_reply(struct ir_value_call *call, uint32_t opnum, int syntax,
                                     const struct irpc_reply *reply)
{
    struct ir_cur in = ir_cur_init(reply->stub.p, reply->stub.len, reply->big_endian);

    return ir_cli_decode_response(call, opnum, syntax, &in);
}

enum irpc_status ir_cli_exchange(struct irpc_binding *binding,
                                 const struct irpc_interface *interface, uint32_t opnum,
                                 struct ir_value_call *call)
{
    struct irpc_reply reply = {{NULL, 0}, false};
    enum irpc_transfer transfer = IRPC_TRANSFER_NDR20;
    struct ir_ndr_error error = {0};
    struct ir_out out;

    call->error[0] = '\0';
    enum irpc_status st = irpc_binding_transfer(binding, &interface->id, &transfer);
    if (st != IRPC_OK) {
        return st;
    }
    int syntax = transfer == IRPC_TRANSFER_NDR64 ? IRPC_NDR64 : IRPC_NDR20;
    ir_out_init(&out, MAX_REQUEST, false);
    st = ir_ndr_encode(interface->unit, opnum, IR_NDR_IN, syntax, call->args, &out, &error);
    if (st != IRPC_OK) {
        (void)fail(call, "cannot be sent", &error, st);
        st = IRPC_INVALID_ARG;
    } else {
        st = irpc_binding_call_raw_in(binding, &interface->id, transfer, (uint16_t)opnum,
                                      (struct irpc_span){out.base, out.len}, &reply);
    }
    ir_out_deinit(&out);
    return st == IRPC_OK ? ir_cli_decode_reply(call, opnum, syntax, &reply) : st;
}
