/* Property: encoding an accepted bind twice, with a decoding between, gives the same bytes. */
#include <stdlib.h>

#include "wire/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_again(struct ir_out *o, const struct ir_header *h, struct ir_bind b)
{
    struct irpc_syntax_id s[255];
    struct ir_bind_context x;
    size_t start = ir_bind_encode(o, (enum ir_ptype)h->ptype, h->flags, h->call_id, &b);
    while (ir_bind_next_context(&b, &x)) {
        uint8_t i = 0;
        while (ir_bind_next_syntax(&x, &s[i])) {
            i++;
        }
        ir_bind_encode_context(o, x.context_id, &x.abstract_syntax, s, i);
    }
    ir_header_end(o, start, 0, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t one[70000];
    static uint8_t two[70000];
    struct ir_header h;
    struct ir_bind b;
    if (n < IR_HEADER_LEN || ir_header_decode(data, &h, NULL) != IRPC_OK ||
        ir_bind_decode(&h, (struct irpc_span){data, n}, &b, NULL) != IRPC_OK) {
        return 0;
    }
    struct ir_out o = ir_out_fixed(one, sizeof(one), h.big_endian);
    struct ir_out o2 = ir_out_fixed(two, sizeof(two), h.big_endian);
    write_again(&o, &h, b);
    if (o.err != IRPC_OK || ir_header_decode(one, &h, NULL) != IRPC_OK ||
        ir_bind_decode(&h, (struct irpc_span){one, o.len}, &b, NULL) != IRPC_OK) {
        abort();
    }
    write_again(&o2, &h, b);
    return o.len == o2.len && memcmp(one, two, o.len) == 0 ? 0 : (abort(), 0);
}
