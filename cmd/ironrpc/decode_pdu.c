/*
 * PDUs of a capture, as hostile as a peer's: the decoders are the engine's own, src/wire.
 * Reassembly is only joining here: nothing waits for what is missing. [C706] 12.6.3.1, 12.6.4.9,
 * 12.6.4.10
 */
#include "decode_pdu.h"

#include <string.h>

#include "wire/call.h"
#include "wire/header.h"

#define LEVEL_PRIVACY 6 /* [MS-RPCE] 2.2.1.1.8 */

/* The stub data of one fragment, which is @pdu with its checked header @h. */
static const char *take_one(const struct ir_header *h, struct irpc_span pdu,
                            struct ir_cli_stub *stub, struct irpc_span *ret_part)
{
    struct ir_violation v = {"", "it cannot be decoded"};
    struct ir_request request;
    struct ir_response response;
    const struct ir_auth_trailer *auth = &request.auth;

    if (h->ptype == IR_PTYPE_REQUEST) {
        if (ir_request_decode(h, pdu, &request, &v) != IRPC_OK) {
            return v.reason;
        }
        *ret_part = request.stub;
        stub->opnum = request.opnum;
    } else {
        if (ir_response_decode(h, pdu, &response, &v) != IRPC_OK) {
            return v.reason;
        }
        *ret_part = response.stub;
        auth = &response.auth;
    }
    return auth->present && auth->level == LEVEL_PRIVACY ? "its stub data are encrypted" : NULL;
}

/* The header of the fragment that begins at @bytes, of which there are @left. */
static const char *take_header(const uint8_t *bytes, uint32_t left, struct ir_header *ret_header)
{
    struct ir_violation v = {"", "it is no PDU"};

    if (left < IR_HEADER_LEN) {
        return "its end is missing";
    }
    if (ir_header_decode(bytes, ret_header, &v) != IRPC_OK) {
        return v.reason;
    }
    if (ret_header->ptype == IR_PTYPE_FAULT) {
        return "it is a fault: the call failed, and there are no results";
    }
    if (ret_header->ptype != IR_PTYPE_REQUEST && ret_header->ptype != IR_PTYPE_RESPONSE) {
        return "it is neither a request nor a response";
    }
    enum ir_direction from =
        ret_header->ptype == IR_PTYPE_REQUEST ? IR_FROM_CLIENT : IR_FROM_SERVER;
    if (ir_header_check(ret_header, from, &v) != IRPC_OK) {
        return v.reason;
    }
    return ret_header->frag_length > left ? "its end is missing" : NULL;
}

const char *ir_cli_take_stub(uint8_t *bytes, uint32_t n, struct ir_cli_stub *ret_stub)
{
    struct ir_cli_stub stub = {0};
    struct ir_header first = {0};

    for (uint32_t off = 0; off < n || off == 0;) {
        struct ir_header h;
        struct irpc_span part = {NULL, 0};
        const char *why = take_header(bytes + off, n - off, &h);
        if (why == NULL && off > 0 && (h.ptype != first.ptype || h.call_id != first.call_id)) {
            why = "it is of another call than the one before";
        }
        if (why == NULL) {
            why = take_one(&h, (struct irpc_span){bytes + off, h.frag_length}, &stub, &part);
        }
        if (why != NULL) {
            return why;
        }
        if (off == 0) {
            first = h;
        }
        memmove(bytes + stub.n, part.p, part.len); /* never behind where it was */
        stub.n += (uint32_t)part.len;
        off += h.frag_length;
    }
    stub.is_response = first.ptype == IR_PTYPE_RESPONSE;
    stub.big_endian = first.big_endian;
    *ret_stub = stub;
    return NULL;
}
