/* Property: a SPNEGO token that is accepted is, encoded, a token that is accepted and says the
 * same, and its list of mechanisms is the one that was read; a refusal names its check. */
#include <stdlib.h>

#include "auth/spnego_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint8_t one[70000];

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void same(struct irpc_span a, struct irpc_span b)
{
    require((a.p == NULL) == (b.p == NULL));
    require(a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0));
}

static void init(struct irpc_span in)
{
    struct ir_spnego_init a;
    struct ir_spnego_init b;
    struct ir_violation v = {NULL, NULL};
    struct ir_out o = ir_out_fixed(one, sizeof(one), false);

    if (ir_spnego_init_decode(in, &a, &v) != IRPC_OK) {
        require(v.check != NULL);
        return;
    }
    require(a.n_mechs >= 1 && a.n_mechs <= IR_SPNEGO_MECHS_MAX);
    ir_spnego_mech_list_encode(&o, &a);
    require(o.err == IRPC_OK);
    same(a.mech_list, (struct irpc_span){one, o.len});
    ir_out_reset(&o);
    ir_spnego_init_encode(&o, &a);
    require(o.err == IRPC_OK && o.len <= in.len);
    require(ir_spnego_init_decode((struct irpc_span){one, o.len}, &b, NULL) == IRPC_OK);
    require(a.n_mechs == b.n_mechs);
    for (uint32_t i = 0; i < a.n_mechs; i++) {
        same(a.mechs[i], b.mechs[i]);
        require(ir_spnego_mech_of(a.mechs[i]) == ir_spnego_mech_of(b.mechs[i]));
    }
    same(a.mech_token, b.mech_token);
    same(a.mic, b.mic);
}

static void resp(struct irpc_span in)
{
    struct ir_spnego_resp a;
    struct ir_spnego_resp b;
    struct ir_violation v = {NULL, NULL};
    struct ir_out o = ir_out_fixed(one, sizeof(one), false);

    if (ir_spnego_resp_decode(in, &a, &v) != IRPC_OK) {
        require(v.check != NULL);
        return;
    }
    ir_spnego_resp_encode(&o, &a);
    require(o.err == IRPC_OK && o.len <= in.len);
    require(ir_spnego_resp_decode((struct irpc_span){one, o.len}, &b, NULL) == IRPC_OK);
    require(a.state == b.state);
    same(a.mech, b.mech);
    same(a.mech_token, b.mech_token);
    same(a.mic, b.mic);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct irpc_span in = {data, n};
    struct irpc_span mech;
    struct irpc_span inner;

    if (ir_gss_token_decode(in, &mech, &inner, NULL) == IRPC_OK) {
        require(mech.len + inner.len < n && mech.len <= IR_SPNEGO_OID_MAX);
    }
    init(in);
    resp(in);
    return 0;
}
