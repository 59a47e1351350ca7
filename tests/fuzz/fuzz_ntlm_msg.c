/* Property: an NTLMSSP message that is accepted is, encoded, a message that is accepted and says
 * the same; a refusal names its check. */
#include <stdlib.h>

#include "auth/ntlm_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint8_t one[200000];

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void same(struct irpc_span a, struct irpc_span b)
{
    require(a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0));
}

static void authenticate(struct irpc_span in)
{
    struct ir_ntlm_authenticate a;
    struct ir_ntlm_authenticate b;
    struct ir_ntlm_v2_response r;
    struct ir_violation v = {NULL, NULL};
    struct ir_out o = ir_out_fixed(one, sizeof(one), false);

    if (ir_ntlm_authenticate_decode(in, &a, &v) != IRPC_OK) {
        require(v.check != NULL);
        return;
    }
    ir_ntlm_authenticate_encode(&o, &a);
    if (o.err == IRPC_OK) { /* fields may overlap: together they can be too long */
        require(ir_ntlm_authenticate_decode((struct irpc_span){one, o.len}, &b, NULL) == IRPC_OK);
        same(a.user, b.user);
        same(a.nt_response, b.nt_response);
        same(a.session_key, b.session_key);
    }
    if (ir_ntlm_v2_response_decode(a.nt_response, &r, &v) == IRPC_OK) {
        (void)ir_ntlm_av_flags(r.avs);
        require(r.avs.len >= 4 && r.proof.len == IR_NTLM_HASH_LEN);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct irpc_span in = {data, n};
    struct ir_ntlm_negotiate negotiate;
    struct ir_ntlm_challenge c;
    struct ir_ntlm_challenge again;

    (void)!ir_ntlm_negotiate_decode(in, &negotiate, NULL);
    authenticate(in);
    if (ir_ntlm_challenge_decode(in, &c, NULL) == IRPC_OK) {
        struct ir_out o = ir_out_fixed(one, sizeof(one), false);
        ir_ntlm_challenge_encode(&o, &c);
        if (o.err == IRPC_OK) {
            struct irpc_span s = {one, o.len};
            /* Text in OEM characters may be odd, and its offset is ours now. */
            require(ir_ntlm_challenge_decode(s, &again, NULL) == IRPC_OK);
            same(c.target_info, again.target_info);
            same(c.target_name, again.target_name);
        }
    }
    return 0;
}
