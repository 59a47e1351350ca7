/* Property: stub, padding and trailer of a request make up the fragment; it survives encoding. */
#include <stdlib.h>

#include "wire/call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t buf[70000];
    struct ir_header h;
    struct ir_request a;
    struct ir_request b;
    struct ir_response response;
    struct ir_fault fault;
    struct ir_auth_trailer t;
    struct irpc_span pdu = {data, n};
    if (n < IR_HEADER_LEN || ir_header_decode(data, &h, NULL) != IRPC_OK) {
        return 0;
    }
    (void)!ir_response_decode(&h, pdu, &response, NULL);
    (void)!ir_fault_decode(&h, pdu, &fault, NULL);
    (void)!ir_auth3_decode(&h, pdu, &t, NULL);
    h.ptype = IR_PTYPE_REQUEST;
    if (ir_request_decode(&h, pdu, &a, NULL) != IRPC_OK) {
        return 0;
    }
    size_t tail = a.auth.present ? a.auth.pad_length + 8u + a.auth.token.len : 0;
    if (a.stub.p < data || (size_t)(a.stub.p - data) + a.stub.len + tail != h.frag_length) {
        abort();
    }
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), h.big_endian);
    ir_request_encode(&o, h.flags, h.call_id, &a);
    ir_out_bytes(&o, a.stub.p, a.stub.len);
    if (o.err != IRPC_OK || ir_header_decode(buf, &h, NULL) != IRPC_OK ||
        ir_request_decode(&h, (struct irpc_span){buf, o.len}, &b, NULL) != IRPC_OK) {
        abort();
    }
    return a.stub.len == b.stub.len && a.opnum == b.opnum ? 0 : (abort(), 0);
}
