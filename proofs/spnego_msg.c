/* SPNEGO tokens: any bytes; then again with every byte of the fields read.
 *
 * proof-sources: src/auth/spnego_msg.c src/base/cur.c src/base/out.c src/base/alloc.c
 * proof-sources: src/base/uuid.c
 * proof-defines: IR_CUR_CAP=256
 * proof-covers: ir_gss_token_decode ir_spnego_init_decode ir_spnego_resp_decode ir_spnego_mech_of
 */
#include "auth/spnego_msg.h"

#include "wire_proof.h"

static void decode(struct irpc_span in, bool read)
{
    struct ir_spnego_init i = {.n_mechs = 0};
    struct ir_spnego_resp r = {.state = IR_SPNEGO_NO_STATE};
    struct irpc_span mech = {0};
    struct irpc_span inner = {0};
    struct ir_violation v;

    if (ir_gss_token_decode(in, &mech, &inner, &v) == IRPC_OK && read) {
        read_span(mech);
        read_span(inner);
        if (mech.p != NULL) { /* always; Eva knows no relation between base and end of "" */
            proof_sink = (uint8_t)ir_spnego_mech_of(mech);
        }
    }
    if (ir_spnego_init_decode(in, &i, NULL) == IRPC_OK && read) {
        for (uint32_t k = 0; k < IR_SPNEGO_MECHS_MAX; k++) {
            read_span(i.mechs[k]);
        }
        read_span(i.mech_list);
        read_span(i.mech_token);
        read_span(i.mic);
    }
    if (ir_spnego_resp_decode(in, &r, &v) == IRPC_OK && read) {
        read_span(r.mech);
        read_span(r.mech_token);
        read_span(r.mic);
    }
}

int main(void)
{
    proof_fill(bytes, sizeof bytes);
    proof_fill(wide, sizeof wide);
    struct irpc_span s = {bytes, any_u32()};
    decode(s, false);
    s.p = wide;
    decode(s, true);
    return 0;
}
