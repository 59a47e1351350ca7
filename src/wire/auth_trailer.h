/*
 * The security trailer at the end of a fragment. [MS-RPCE] 2.2.2.11, [C706] 13.2.6.1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/out.h"
#include "wire/header.h"

#define IR_AUTH_TRAILER_LEN 8u
#define IR_AUTH_PAD_ALIGN 16u

struct ir_auth_trailer {
    bool present;        /* auth_length is not 0 */
    uint8_t type;        /* RPC_C_AUTHN_* */
    uint8_t level;       /* RPC_C_AUTHN_LEVEL_* */
    uint8_t pad_length;  /* as sent; only on request, response, fault it is checked against bytes */
    uint8_t reserved;    /* ignored  check: A16 */
    uint16_t offset;     /* of the trailer; frag_length if there is none: where the body ends */
    uint32_t context_id; /* auth_context_id */
    struct irpc_span token; /* auth_length bytes */
};

/*
 * Locate the trailer of the fragment @pdu, whose checked header is @h; its body has at least
 * @body_min bytes, header included.  check: H11, A01, A02
 * Return: IRPC_OK (also without a trailer), IRPC_PROTO_ERROR.
 */
IRPC_CHECKED ir_auth_trailer_decode(const struct ir_header *h, struct irpc_span pdu,
                                    uint16_t body_min, struct ir_auth_trailer *ret_trailer,
                                    struct ir_violation *v);

/*
 * Pad the body that began at @body_start (an offset in @o: the stub's begin for calls, the PDU's
 * for others) to 16, write the trailer with that pad_length, then @t->token. Ends nothing:
 * ir_header_end(o, start, 0, token length) follows. offset, present, pad_length of @t are not used.
 */
void ir_auth_trailer_encode(struct ir_out *o, size_t body_start, const struct ir_auth_trailer *t);
