/* Property: a trailer that is found lies in the last 1024 bytes, 4-aligned, and what was read of it
 * survives encoding. */
#include <stdlib.h>
#include <string.h>

#include "base/syntax.h"
#include "wire/verification_trailer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t buf[256];
    struct ir_verification_trailer a;
    struct ir_verification_trailer b;

    struct irpc_span stub = {data, n};
    if (ir_verification_trailer_decode(stub, &a, NULL) != IRPC_OK) {
        return 0;
    }
    if (!a.present) {
        return a.offset == stub.len ? 0 : (abort(), 0);
    }
    if (a.offset % 4 != 0 || stub.len - a.offset > IR_VERIFICATION_SEARCH) {
        abort();
    }
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), false);
    ir_verification_trailer_encode(&o, &a);
    if (memmem(buf + 1, o.len - 1, buf, 8) != NULL) {
        return 0; /* a value that looks like the signature hides what precedes it */
    }
    enum irpc_status st = ir_verification_trailer_decode((struct irpc_span){buf, o.len}, &b, NULL);
    if (a.commands != 0 && (st != IRPC_OK || a.commands != b.commands || a.opnum != b.opnum ||
                            !ir_syntax_equal(&a.transfer, &b.transfer))) {
        abort();
    }
    return 0;
}
