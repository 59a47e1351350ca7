/*
 * The 16 bytes in front of every connection-oriented PDU. [C706] 12.6.3.1, [MS-RPCE] 2.2.2.
 *
 * Use: ir_header_decode() on the first 16 bytes frames the stream; ir_header_check() judges the
 * header for a direction; with the whole fragment there, the decoder of its type (bind.h, call.h)
 * takes the checked header and exactly frag_length bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/out.h"
#include "base/violation.h"

#define IR_HEADER_LEN 16u
#define IR_FRAG_MAX 65535u /* frag_length is 16 bits */

/* PDU types, [C706] 12.6.4.1 and 12.5.2, [MS-RPCE] 2.2.2.1, [MS-RPCH] 2.2.3.1. */
enum ir_ptype {
    IR_PTYPE_REQUEST = 0,
    IR_PTYPE_PING = 1,
    IR_PTYPE_RESPONSE = 2,
    IR_PTYPE_FAULT = 3,
    IR_PTYPE_WORKING = 4,
    IR_PTYPE_NOCALL = 5,
    IR_PTYPE_REJECT = 6,
    IR_PTYPE_ACK = 7,
    IR_PTYPE_CL_CANCEL = 8,
    IR_PTYPE_FACK = 9,
    IR_PTYPE_CANCEL_ACK = 10,
    IR_PTYPE_BIND = 11,
    IR_PTYPE_BIND_ACK = 12,
    IR_PTYPE_BIND_NAK = 13,
    IR_PTYPE_ALTER_CONTEXT = 14,
    IR_PTYPE_ALTER_CONTEXT_RESP = 15,
    IR_PTYPE_AUTH3 = 16,
    IR_PTYPE_SHUTDOWN = 17,
    IR_PTYPE_CO_CANCEL = 18,
    IR_PTYPE_ORPHANED = 19,
    IR_PTYPE_RTS = 20,
    IR_PTYPE__COUNT
};

/* pfc_flags. 0x04 has two meanings, by PDU type; 0x08 is reserved and ignored.  check: H12 */
#define IR_PFC_FIRST_FRAG 0x01u
#define IR_PFC_LAST_FRAG 0x02u
#define IR_PFC_SUPPORT_HEADER_SIGN 0x04u /* bind, alter_context, their answers, auth3 */
#define IR_PFC_PENDING_CANCEL 0x04u      /* all others */
#define IR_PFC_CONC_MPX 0x10u
#define IR_PFC_DID_NOT_EXECUTE 0x20u
#define IR_PFC_MAYBE 0x40u
#define IR_PFC_OBJECT_UUID 0x80u
#define IR_PFC_WHOLE (IR_PFC_FIRST_FRAG | IR_PFC_LAST_FRAG)

enum ir_direction {
    IR_FROM_CLIENT,
    IR_FROM_SERVER
};

struct ir_header {
    uint8_t vers;
    uint8_t vers_minor;
    uint8_t ptype; /* enum ir_ptype once checked */
    uint8_t flags;
    uint8_t drep[4];
    uint16_t frag_length; /* whole fragment, this header included */
    uint16_t auth_length; /* the token alone */
    uint32_t call_id;
    bool big_endian; /* from drep */
};

/*
 * Framing: read @p[16]. Total: @ret_header is always filled, so that even a refused header has the
 * call_id and length that an answer needs.
 * Return: IRPC_OK; IRPC_NOT_DCERPC when nothing can be answered: frag_length < 16 (check: H08), or
 * not version 5 and at the same time no known type or data representation (check: H02).
 */
IRPC_CHECKED ir_header_decode(const uint8_t p[IR_HEADER_LEN], struct ir_header *ret_header,
                              struct ir_violation *v);

/*
 * Everything that the header alone tells, for a PDU coming @from the client or the server; the
 * first rule that is broken, in the order of this list. check: H02, H03, H07, H05, H06, H04, H08,
 * H11 No combination of flags is refused: real binds have flags 0, or FIRST or LAST alone (B17).
 * Return: IRPC_OK; IRPC_VERSION_UNSUPPORTED (H02, H03); IRPC_PROTO_ERROR (all others).
 */
IRPC_CHECKED ir_header_check(const struct ir_header *h, enum ir_direction from,
                             struct ir_violation *v);

/* Smallest frag_length of a PDU of @ptype without authentication; 0 for an unknown type. */
uint16_t ir_header_min_length(uint8_t ptype);

/* "bind_ack", as the specifications spell it; "unknown" for others. */
const char *ir_ptype_name(uint8_t ptype);

/*
 * Begin a PDU in @o: moves the writer's origin here and writes the header in the writer's byte
 * order with frag_length 0. Returns the offset of the PDU for ir_header_end().
 */
size_t ir_header_begin(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id);

/*
 * End it: frag_length = what was written since @start plus @n_more bytes that the caller will add
 * outside the writer (0 if none); @auth_length is the token's. More than 65535 fails the writer
 * with IRPC_LIMIT.
 */
void ir_header_end(struct ir_out *o, size_t start, size_t n_more, uint16_t auth_length);

/* A PDU that is only a header: co_cancel, orphaned, shutdown. [C706] 12.6.4.7, .8, .11 */
void ir_header_only_encode(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id);
