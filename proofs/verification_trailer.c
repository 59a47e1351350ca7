/* The verification trailer: any stub data. The capacity is above the window
 * that is searched (1024 bytes), so that its edge is within the proof.
 *
 * proof-sources: src/wire/verification_trailer.c src/base/syntax.c src/base/cur.c src/base/out.c
 * proof-sources: src/base/alloc.c src/base/uuid.c
 * proof-defines: IR_CUR_CAP=1280
 * proof-covers: ir_verification_trailer_decode
 */
#include "wire/verification_trailer.h"

#include "wire_proof.h"

int main(void)
{
    struct ir_verification_trailer t = {0};
    struct ir_violation v;
    proof_fill(bytes, sizeof bytes);
    struct irpc_span stub = {bytes, any_u32()};
    if (ir_verification_trailer_decode(stub, &t, &v) == IRPC_OK) {
        proof_sink = t.offset;
        proof_sink = t.opnum;
    }
    return 0;
}
