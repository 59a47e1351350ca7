/* The common header: any 16 bytes, any direction.
 *
 * proof-sources: src/wire/header.c src/base/cur.c src/base/out.c src/base/alloc.c
 * proof-defines: IR_CUR_CAP=16
 * proof-covers: ir_header_decode ir_header_check ir_header_min_length ir_ptype_name
 */
#include "wire/header.h"

#include "proof.h"

static uint8_t bytes[IR_HEADER_LEN];

int main(void)
{
    struct ir_header h;
    struct ir_violation v = {"", ""};
    proof_fill(bytes, sizeof bytes);
    if (ir_header_decode(bytes, &h, any_below(2) != 0 ? &v : NULL) == IRPC_OK) {
        proof_sink = ir_header_check(&h, any_below(2) != 0 ? IR_FROM_CLIENT : IR_FROM_SERVER, &v);
    }
    proof_sink = ir_header_min_length(h.ptype);
    proof_sink = (unsigned)ir_ptype_name(h.ptype)[0];
    proof_sink = (unsigned)v.check[0];
    return 0;
}
