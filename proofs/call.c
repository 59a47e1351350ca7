/* Request, response, fault, auth3 and their security trailer: any bytes, any header, whether they
 * agree or not; then again with every byte of the stub data and the token read.
 *
 * proof-sources: src/wire/call.c src/wire/auth_trailer.c src/wire/header.c src/base/cur.c
 * proof-sources: src/base/out.c src/base/alloc.c
 * proof-defines: IR_CUR_CAP=256
 * proof-covers: ir_request_decode ir_response_decode ir_fault_decode ir_auth3_decode
 * proof-covers: ir_auth_trailer_decode
 */
#include "wire/call.h"

#include "wire_proof.h"

static void decode(const uint8_t *p, bool read)
{
    struct ir_header h = {0};
    struct ir_request request = {0};
    struct ir_response response = {0};
    struct ir_fault fault = {0};
    struct ir_auth_trailer auth = {0};
    struct ir_violation v;
    any_header(&h);
    struct irpc_span pdu = {p, any_u32()};
    if (ir_request_decode(&h, pdu, &request, &v) == IRPC_OK && read) {
        proof_sink = request.opnum;
        read_span(request.stub);
    }
    if (ir_response_decode(&h, pdu, &response, &v) == IRPC_OK && read) {
        read_span(response.stub);
    }
    if (ir_fault_decode(&h, pdu, &fault, NULL) == IRPC_OK && read) {
        proof_sink = fault.status;
        read_span(fault.extended);
    }
    if (ir_auth3_decode(&h, pdu, &auth, &v) == IRPC_OK && read) {
        read_span(auth.token);
    }
}

int main(void)
{
    proof_fill(bytes, sizeof bytes);
    decode(bytes, false);
    proof_fill(wide, sizeof wide);
    decode(wide, true);
    return 0;
}
