/*
 * PDUs of calls: request, response, fault; and auth3. [C706] 12.6.4.7 - 12.6.4.10,
 * [MS-RPCE] 2.2.2.5, 2.2.2.8. co_cancel, orphaned and shutdown are headers only (header.h): their
 * bodies, if any, are not looked at.
 *
 * Stub data stays where it is: spans borrow the fragment, and exclude the padding in front of the
 * trailer (auth.pad_length bytes follow the span).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/out.h"
#include "wire/auth_trailer.h"
#include "wire/header.h"

#define IR_CALL_HEAD_LEN 24u         /* request without object, response */
#define IR_REQUEST_OBJECT_LEN 16u    /* more, with an object UUID */
#define IR_FAULT_LEN 32u             /* as we send it */
#define IR_FAULT_EXTENDED_INFO 0x01u /* flag in the byte after cancel_count, [MS-RPCE] 2.2.2.8 */

struct ir_request {
    uint32_t alloc_hint; /* advice: never allocate by it  check: R04 */
    uint16_t context_id;
    uint16_t opnum;
    bool has_object; /* IR_PFC_OBJECT_UUID */
    struct irpc_uuid object;
    struct irpc_span stub;
    struct ir_auth_trailer auth;
};

struct ir_response {
    uint32_t alloc_hint;
    uint16_t context_id;
    uint8_t cancel_count;
    struct irpc_span stub;
    struct ir_auth_trailer auth;
};

struct ir_fault {
    uint32_t alloc_hint;
    uint16_t context_id;
    uint8_t cancel_count;
    uint8_t fault_flags; /* IR_FAULT_EXTENDED_INFO */
    uint32_t status;
    struct irpc_span extended; /* extended error information, if flagged; else what else follows */
    struct ir_auth_trailer auth;
};

/*
 * Decode a fragment of a call: @pdu has frag_length bytes, @h is its checked header.
 * check: R03, R08, A01, A02     Return: IRPC_OK, IRPC_PROTO_ERROR.
 */
IRPC_CHECKED ir_request_decode(const struct ir_header *h, struct irpc_span pdu,
                               struct ir_request *ret_request, struct ir_violation *v);
IRPC_CHECKED ir_response_decode(const struct ir_header *h, struct irpc_span pdu,
                                struct ir_response *ret_response, struct ir_violation *v);

/* The reserved word behind status may be missing (28 bytes) and is not looked at. */
IRPC_CHECKED ir_fault_decode(const struct ir_header *h, struct irpc_span pdu,
                             struct ir_fault *ret_fault, struct ir_violation *v);

/* auth3: bytes between header and trailer are ignored. [MS-RPCE] 2.2.2.5; no trailer is an error.
 */
IRPC_CHECKED ir_auth3_decode(const struct ir_header *h, struct irpc_span pdu,
                             struct ir_auth_trailer *ret_trailer, struct ir_violation *v);

/*
 * Write the head of a fragment: the header with a frag_length that includes stub.len bytes, which
 * the caller sends behind it; the stub itself is not written. With a security trailer, append
 * stub and ir_auth_trailer_encode(), then ir_header_end() again. Returns the offset of the PDU.
 * has_object sets IR_PFC_OBJECT_UUID.
 */
size_t ir_request_encode(struct ir_out *o, uint8_t flags, uint32_t call_id,
                         const struct ir_request *request);
size_t ir_response_encode(struct ir_out *o, uint8_t flags, uint32_t call_id,
                          const struct ir_response *response);

/*
 * A whole fault of 32 bytes, as Windows sends it: alloc_hint 24, reserved word zero. alloc_hint,
 * fault_flags, extended and auth of @fault are not used.  check: R16
 */
void ir_fault_encode(struct ir_out *o, uint8_t flags, uint32_t call_id,
                     const struct ir_fault *fault);

/* Begin an auth3: header and 4 zero bytes; trailer and ir_header_end() follow. */
size_t ir_auth3_encode(struct ir_out *o, uint8_t flags, uint32_t call_id);
