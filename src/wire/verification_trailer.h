/*
 * The verification trailer behind the stub data of a request: the client's copy of what it
 * negotiated, under the protection of the stub. [MS-RPCE] 2.2.2.13.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/out.h"
#include "base/violation.h"

#define IR_VERIFICATION_SEARCH \
    1024u /* looked for in this many bytes at the end, [MS-RPCE] 2.2.2.13 */

/* Commands, as bits of `commands`. */
#define IR_VERIFICATION_BITMASK_1 0x01u
#define IR_VERIFICATION_PCONTEXT 0x02u
#define IR_VERIFICATION_HEADER2 0x04u

#define IR_VERIFICATION_CLIENT_SUPPORT_HEADER_SIGNING 0x01u

struct ir_verification_trailer {
    bool present;
    uint32_t offset;  /* where it begins in the stub data; the stub's length if there is none */
    uint8_t commands; /* IR_VERIFICATION_*: which of the following were there */
    uint32_t bitmask_1;
    struct irpc_syntax_id interface; /* PCONTEXT */
    struct irpc_syntax_id transfer;
    uint8_t ptype; /* HEADER2 */
    uint8_t drep[4];
    uint32_t call_id;
    uint16_t context_id;
    uint16_t opnum;
};

/*
 * Look for a trailer at the end of the whole stub data @stub of one request and read it.
 * check: A15
 * Return: IRPC_OK (also when there is none); IRPC_ACCESS_DENIED if one is there and malformed, has
 * a command twice, or an unknown command that must be processed.
 */
IRPC_CHECKED ir_verification_trailer_decode(struct irpc_span stub,
                                            struct ir_verification_trailer *ret_trailer,
                                            struct ir_violation *v);

/* Pad to 4 from the writer's origin (the begin of the stub data) and write @t->commands. */
void ir_verification_trailer_encode(struct ir_out *o, const struct ir_verification_trailer *t);
