/* NTLMSSP messages: any bytes; then again with every byte of the fields read.
 *
 * proof-sources: src/auth/ntlm_msg.c src/base/cur.c src/base/out.c src/base/alloc.c src/base/uuid.c
 * proof-defines: IR_CUR_CAP=256
 * proof-covers: ir_ntlm_is_token ir_ntlm_negotiate_decode ir_ntlm_challenge_decode
 * proof-covers: ir_ntlm_authenticate_decode ir_ntlm_v2_response_decode ir_ntlm_av_next
 * proof-covers: ir_ntlm_av_find ir_ntlm_av_flags
 */
#include "auth/ntlm_msg.h"

#include "wire_proof.h"

static void decode(struct irpc_span in, bool read)
{
    struct ir_ntlm_negotiate n = {0};
    struct ir_ntlm_challenge c = {0};
    struct ir_ntlm_authenticate a = {0};
    struct ir_ntlm_v2_response r = {0};
    struct ir_violation v;
    struct irpc_span value = {0};

    proof_sink = ir_ntlm_is_token(in);
    if (ir_ntlm_negotiate_decode(in, &n, &v) == IRPC_OK && read) {
        read_span(n.domain);
        read_span(n.workstation);
    }
    if (ir_ntlm_challenge_decode(in, &c, NULL) == IRPC_OK && read) {
        read_span(c.target_name);
        read_span(c.target_info);
    }
    if (ir_ntlm_authenticate_decode(in, &a, &v) == IRPC_OK && read) {
        read_span(a.user);
        read_span(a.nt_response);
        read_span(a.mic);
    }
    if (ir_ntlm_v2_response_decode(in, &r, &v) == IRPC_OK && read) {
        read_span(r.proof);
        read_span(r.blob);
    }
    if (ir_ntlm_av_find(in, (enum ir_ntlm_av_id)any_below(11), &value) && read) {
        read_span(value);
    }
    if (read) {
        proof_sink = ir_ntlm_av_flags(in);
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
