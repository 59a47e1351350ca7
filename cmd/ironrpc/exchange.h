/* One call by tables, for a program that does not know the interface at compile time. */
#pragma once

#include <ironrpc/client.h>

#include "base/cur.h"
#include "value.h"

/*
 * Send the arguments of @call (ir_value_set_args()) to operation @opnum of @interface and point
 * call->args to its results, which stay in call->arena.
 * Return: IRPC_OK; else call->error says what, or, if that is empty, irpc_binding_error().
 * IRPC_INVALID_ARG: the arguments cannot be sent.
 */
IRPC_CHECKED ir_cli_exchange(struct irpc_binding *binding, const struct irpc_interface *interface,
                             uint32_t opnum, struct ir_value_call *call);

/* The second half of it: the results out of a reply in @syntax. Return: as ir_cli_exchange(). */
IRPC_CHECKED ir_cli_decode_reply(struct ir_value_call *call, uint32_t opnum, int syntax,
                                 const struct irpc_reply *reply);

/*
 * The same of stub data without a call: a request to call->args; a response beside the [in]
 * parameters in call->args, which arrays of the response may depend on. @syntax: IRPC_NDR20 or
 * IRPC_NDR64. What is left in @in was not needed. Return: IRPC_OK; else call->error says what.
 */
IRPC_CHECKED ir_cli_decode_request(struct ir_value_call *call, uint32_t opnum, int syntax,
                                   struct ir_cur *in);
IRPC_CHECKED ir_cli_decode_response(struct ir_value_call *call, uint32_t opnum, int syntax,
                                    struct ir_cur *in);
