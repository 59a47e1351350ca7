/* Property: a tower that is accepted is, encoded, a tower that is accepted and encoded to the same
 * bytes; its names hold no NUL. */
#include <stdlib.h>

#include "wire/tower.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t one[IR_TOWER_LEN_MAX];
    uint8_t two[IR_TOWER_LEN_MAX];
    struct ir_tower t;
    struct ir_violation v = {NULL, NULL};

    enum irpc_status st = ir_tower_decode((struct irpc_span){data, n}, &t, &v);
    if ((st != IRPC_OK) != (v.check != NULL)) {
        abort();
    }
    if (st != IRPC_OK) {
        return 0;
    }
    struct ir_out o = ir_out_fixed(one, sizeof(one), false);
    struct ir_out o2 = ir_out_fixed(two, sizeof(two), true);
    ir_tower_encode(&o, &t); /* fails on a NUL in a name */
    if (o.err != IRPC_OK || ir_tower_decode((struct irpc_span){one, o.len}, &t, NULL) != IRPC_OK) {
        abort();
    }
    ir_tower_encode(&o2, &t);
    return o.len == o2.len && memcmp(one, two, o.len) == 0 ? 0 : (abort(), 0);
}
