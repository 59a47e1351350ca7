/* UUID text: any text that ends within its buffer, and any UUID.
 *
 * proof-sources: src/base/uuid.c
 * proof-covers: irpc_uuid_parse irpc_uuid_format
 */
#include <ironrpc/types.h>

#include "proof.h"

static char text[44];

int main(void)
{
    struct irpc_uuid uuid = {0};
    char out[IRPC_UUID_TEXT_LEN];
    proof_fill((uint8_t *)text, sizeof text);
    text[sizeof text - 1] = '\0';
    /* From each place on: the NUL comes anywhere, and nothing behind it may be read. */
    /*@ loop unroll 44; */
    for (size_t at = 0; at < sizeof text; at++) {
        if (irpc_uuid_parse(text + at, &uuid) == IRPC_OK) {
            proof_sink = uuid.time_low;
        }
    }
    irpc_uuid_format(&uuid, out);
    proof_sink = (unsigned)out[0];
    return 0;
}
