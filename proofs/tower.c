/* Towers: any bytes; then again with every byte of the names read.
 *
 * proof-sources: src/wire/tower.c src/base/syntax.c src/base/cur.c src/base/out.c src/base/alloc.c
 * proof-sources: src/base/uuid.c
 * proof-defines: IR_CUR_CAP=256
 * proof-covers: ir_floors_init ir_floors_next ir_tower_decode ir_protseq_name
 */
#include "wire/tower.h"

#include "wire_proof.h"

static void decode(struct irpc_span bytes_of, bool read)
{
    struct ir_tower tower = {0};
    struct ir_floors floors = {0};
    struct ir_floor floor = {0};
    struct ir_violation v;
    if (ir_tower_decode(bytes_of, &tower, &v) == IRPC_OK) {
        proof_sink = tower.port;
        if (read) {
            read_span(tower.endpoint);
            read_span(tower.host);
        }
    }
    if (ir_floors_init(bytes_of, &floors, NULL) == IRPC_OK) {
        while (ir_floors_next(&floors, &floor)) {
            proof_sink = floor.protocol;
        }
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
    proof_sink = (unsigned)ir_protseq_name((enum ir_protseq)any_u32())[0];
    return 0;
}
