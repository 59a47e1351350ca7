/* Bind, alter_context, their answers, bind_nak: any bytes under any header, all their lists walked;
 * then again with every byte of what they hand out read.
 *
 * proof-sources: src/wire/bind.c src/wire/auth_trailer.c src/wire/header.c src/base/syntax.c
 * proof-sources: src/base/cur.c src/base/out.c src/base/alloc.c src/base/uuid.c
 * proof-defines: IR_CUR_CAP=256
 * proof-covers: ir_bind_decode ir_bind_next_context ir_bind_next_syntax ir_bind_ack_decode
 * proof-covers: ir_bind_next_result ir_bind_nak_decode ir_cur_syntax ir_syntax_is_features
 */
#include "wire/bind.h"

#include "wire_proof.h"

static void decode_bind(const struct ir_header *h, struct irpc_span pdu, bool read)
{
    struct ir_bind bind = {0};
    struct ir_bind_context context = {0};
    struct irpc_syntax_id syntax = {0};
    uint64_t features = 0;
    struct ir_violation v;
    if (ir_bind_decode(h, pdu, &bind, &v) != IRPC_OK) {
        return;
    }
    while (ir_bind_next_context(&bind, &context)) {
        proof_sink = context.abstract_syntax.major;
        while (read && ir_bind_next_syntax(&context, &syntax)) {
            proof_sink = syntax.minor;
            proof_sink = ir_syntax_is_features(&syntax, &features);
        }
    }
    if (read) {
        read_span(bind.auth.token);
    }
}

static void decode_answer(const struct ir_header *h, struct irpc_span pdu, bool read)
{
    struct ir_bind_ack ack = {0};
    struct ir_bind_result result = {0};
    struct ir_bind_nak nak = {0};
    struct ir_violation v;
    if (ir_bind_ack_decode(h, pdu, &ack, &v) == IRPC_OK) {
        while (ir_bind_next_result(&ack, &result)) {
            proof_sink = result.reason;
        }
        if (read) {
            read_span(ack.sec_addr);
        }
    }
    if (ir_bind_nak_decode(h, pdu, &nak, NULL) == IRPC_OK && read) {
        read_span(nak.versions);
    }
}

int main(void)
{
    struct ir_header h = {0};
    any_header(&h);
    proof_fill(bytes, sizeof bytes);
    proof_fill(wide, sizeof wide);
    struct irpc_span pdu = {bytes, any_u32()};
    decode_bind(&h, pdu, false);
    decode_answer(&h, pdu, false);
    pdu.p = wide;
    decode_bind(&h, pdu, true);
    decode_answer(&h, pdu, true);
    return 0;
}
