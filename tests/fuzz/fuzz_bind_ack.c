/* Property: an accepted bind_ack has the results it promises and survives encoding. */
#include <stdlib.h>

#include "wire/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t buf[140000];
    struct ir_header h;
    struct ir_bind_ack a;
    struct ir_bind_ack b;
    struct ir_bind_nak nak;
    struct ir_bind_result r;
    struct irpc_span pdu = {data, n};

    if (n < IR_HEADER_LEN || ir_header_decode(data, &h, NULL) != IRPC_OK) {
        return 0;
    }
    if (ir_bind_nak_decode(&h, pdu, &nak, NULL) == IRPC_OK && nak.versions.len > n - 18) {
        abort();
    }
    if (ir_bind_ack_decode(&h, pdu, &a, NULL) != IRPC_OK || a.sec_addr.len > 60000) {
        return 0;
    }
    b = a;
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), h.big_endian);
    size_t start = ir_bind_ack_encode(&o, IR_PTYPE_BIND_ACK, h.flags, h.call_id, &a);
    while (ir_bind_next_result(&a, &r)) {
        ir_bind_encode_result(&o, &r);
    }
    ir_header_end(&o, start, 0, 0);
    if (a.n_results_left != 0 || o.err != IRPC_OK || ir_header_decode(buf, &h, NULL) != IRPC_OK ||
        ir_bind_ack_decode(&h, (struct irpc_span){buf, o.len}, &a, NULL) != IRPC_OK) {
        abort();
    }
    bool same = a.sec_addr.len == b.sec_addr.len && a.n_results == b.n_results;
    return same && memcmp(a.sec_addr.p, b.sec_addr.p, b.sec_addr.len) == 0 ? 0 : (abort(), 0);
}
