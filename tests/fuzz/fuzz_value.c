/*
 * Replies of a hostile server, to the JSON that ironrpc call prints. Byte 0 chooses the interface,
 * 1 the operation, 2 the byte order, 3 is the value of every integer that was sent; the reply
 * follows. Property: what decodes can be printed, as JSON that can be read again.
 */
#include <stdlib.h>
#include <string.h>

#include "epm.h"
#include "exchange.h"
#include "mgmt.h"
#include "ndr_all.h"
#include "rpcecho.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* [in] parameters that expressions read. */
static void set_integers(struct ir_value_call *call, uint8_t value)
{
    for (uint32_t i = 0; i < call->op->n_params; i++) {
        const struct irpc_ndr_param *p = &call->unit->params[call->op->first_param + i];
        unsigned width = 0;
        bool is_signed = false;

        if (ir_value_integer(call->unit->types[p->type].kind, &width, &is_signed)) {
            ir_value_store(call->args + p->moff, width, value);
        }
    }
}

static void check_json(struct ir_value_call *call)
{
    json_t *json = ir_value_results(call);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_t *again = text == NULL ? NULL : json_loads(text, JSON_ALLOW_NUL, NULL);

    if (json != NULL ? !json_equal(json, again) : call->error[0] == '\0') {
        abort();
    }
    json_decref(again);
    json_decref(json);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct irpc_interface *const interfaces[] = {
        &ndr_all_v1_0_interface, &rpcecho_v1_0_interface, &epm_v3_0_interface,
        &mgmt_v1_0_interface};
    struct ir_value_call call;

    if (n < 4) {
        return 0;
    }
    const struct irpc_ndr_unit *unit = interfaces[data[0] % 4]->unit;
    uint32_t opnum = data[1] % unit->n_ops;
    struct irpc_reply reply = {{data + 4, n - 4}, (data[2] & 1) != 0};

    ir_value_call_init(&call, unit, opnum);
    call.args = ir_arena_zalloc(&call.arena, call.op->args_size);
    set_integers(&call, data[3]);
    if (ir_cli_decode_reply(&call, opnum, data[2] & 2 ? IRPC_NDR64 : IRPC_NDR20, &reply) ==
        IRPC_OK) {
        check_json(&call);
    }
    ir_value_call_deinit(&call);
    return 0;
}
