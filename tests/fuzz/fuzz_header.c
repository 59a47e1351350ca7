/* Property: 16 bytes that pass both looks have a known type, a length that covers its parts, and
 * are encoded to the same bytes again, but for lengths and minor version. */
#include <stdlib.h>

#include "wire/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ir_header h;
    struct ir_violation v = {NULL, NULL};
    uint8_t buf[IR_HEADER_LEN];

    if (n < IR_HEADER_LEN) {
        return 0;
    }
    bool ok = ir_header_decode(data, &h, &v) == IRPC_OK &&
              ir_header_check(&h, n % 2 != 0 ? IR_FROM_CLIENT : IR_FROM_SERVER, &v) == IRPC_OK;
    if (ok != (v.check == NULL)) {
        abort();
    }
    if (!ok) {
        return 0;
    }
    if (h.frag_length < ir_header_min_length(h.ptype) || h.auth_length >= h.frag_length) {
        abort();
    }
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), h.big_endian);
    size_t start = ir_header_begin(&o, (enum ir_ptype)h.ptype, h.flags, h.call_id);
    ir_header_end(&o, start, (size_t)h.frag_length - IR_HEADER_LEN, h.auth_length);
    buf[1] = h.vers_minor;
    if (o.err != IRPC_OK || memcmp(buf, data, IR_HEADER_LEN) != 0) {
        abort();
    }
    return 0;
}
