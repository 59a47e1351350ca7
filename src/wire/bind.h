/*
 * Bind, alter_context and their answers. [C706] 12.6.4.3 - 12.6.4.5, [MS-RPCE] 2.2.2.4 - 2.2.2.7.
 *
 * Lists stay where they are and are read by iterators; a decoder has walked them all once, so an
 * iterator that begins on a decoded value runs to its end. Counts of zero decode: what they mean
 * is the engine's business. Spans and cursors borrow the fragment.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/cur.h"
#include "base/out.h"
#include "base/syntax.h"
#include "wire/auth_trailer.h"
#include "wire/header.h"

/* p_cont_def_result_t and p_provider_reason_t, [C706] 12.6.3.1; 3: [MS-RPCE] 2.2.2.4. */
enum ir_bind_result_code {
    IR_BIND_ACCEPTANCE = 0,
    IR_BIND_USER_REJECTION = 1,
    IR_BIND_PROVIDER_REJECTION = 2,
    IR_BIND_NEGOTIATE_ACK = 3 /* `reason` holds the features granted */
};
enum ir_bind_reason {
    IR_BIND_REASON_NOT_SPECIFIED = 0,
    IR_BIND_REASON_ABSTRACT_SYNTAX = 1,
    IR_BIND_REASON_TRANSFER_SYNTAXES = 2,
    IR_BIND_REASON_LOCAL_LIMIT = 3
};

/* provider_reject_reason of bind_nak, [C706] 12.6.3.1, [MS-RPCE] 2.2.2.5. */
enum ir_nak_reason {
    IR_NAK_NOT_SPECIFIED = 0,
    IR_NAK_TEMPORARY_CONGESTION = 1,
    IR_NAK_LOCAL_LIMIT_EXCEEDED = 2,
    IR_NAK_PROTOCOL_VERSION = 4,
    IR_NAK_AUTH_TYPE_UNKNOWN = 8,
    IR_NAK_INVALID_CHECKSUM = 9
};

/* bind or alter_context */
struct ir_bind {
    uint16_t max_xmit_frag;
    uint16_t max_recv_frag;
    uint32_t assoc_group_id;
    uint8_t n_contexts;
    struct ir_cur contexts; /* for ir_bind_next_context() */
    uint8_t n_contexts_left;
    uint16_t n_slack; /* bytes between the list and the trailer (or the end)  check: B18 */
    struct ir_auth_trailer auth;
};

struct ir_bind_context {
    uint16_t context_id;
    uint8_t n_transfer_syntaxes;
    struct irpc_syntax_id abstract_syntax;
    struct ir_cur transfer_syntaxes; /* for ir_bind_next_syntax() */
    uint8_t n_transfer_syntaxes_left;
};

/* bind_ack or alter_context_resp */
struct ir_bind_ack {
    uint16_t max_xmit_frag;
    uint16_t max_recv_frag;
    uint32_t assoc_group_id;
    struct irpc_span sec_addr; /* without its NUL; may be empty */
    uint8_t n_results;
    struct ir_cur results; /* for ir_bind_next_result() */
    uint8_t n_results_left;
    struct ir_auth_trailer auth;
};

struct ir_bind_result {
    uint16_t result; /* enum ir_bind_result_code; others are the engine's to refuse */
    uint16_t reason; /* enum ir_bind_reason, or features */
    struct irpc_syntax_id transfer_syntax;
};

struct ir_bind_nak {
    uint16_t reason; /* enum ir_nak_reason; unknown ones are kept  check: B15 */
    uint8_t n_versions;
    struct irpc_span versions; /* n_versions pairs of bytes: major, minor */
};

/*
 * Decode the bind or alter_context @pdu of frag_length bytes under its checked header @h.
 * check: B06, B07, B18 (only measured)     Return: IRPC_OK, IRPC_PROTO_ERROR.
 */
IRPC_CHECKED ir_bind_decode(const struct ir_header *h, struct irpc_span pdu,
                            struct ir_bind *ret_bind, struct ir_violation *v);

/* The next context of the list, false at its end. Copy the ir_bind to begin anew. */
bool ir_bind_next_context(struct ir_bind *bind, struct ir_bind_context *ret_context);

/* The next transfer syntax of a context, false at the end. */
bool ir_bind_next_syntax(struct ir_bind_context *context, struct irpc_syntax_id *ret_syntax);

/*
 * Decode a bind_ack or alter_context_resp. The secondary address may be empty and may lack its
 * NUL; a list of results that is missing altogether is an empty one.  check: B14     Return:
 * IRPC_OK, IRPC_PROTO_ERROR.
 */
IRPC_CHECKED ir_bind_ack_decode(const struct ir_header *h, struct irpc_span pdu,
                                struct ir_bind_ack *ret_ack, struct ir_violation *v);
bool ir_bind_next_result(struct ir_bind_ack *ack, struct ir_bind_result *ret_result);

/* Decode a bind_nak; a missing list of versions is an empty one.  check: B15 */
IRPC_CHECKED ir_bind_nak_decode(const struct ir_header *h, struct irpc_span pdu,
                                struct ir_bind_nak *ret_nak, struct ir_violation *v);

/* --- encoders: complete PDUs, unless the caller adds a trailer and ends the header again --- */

/*
 * Begin a bind or alter_context (@ptype): header, sizes and group, n_contexts of @b. Then
 * n_contexts times ir_bind_encode_context(), then ir_header_end().
 * Returns the offset of the PDU, for ir_header_end().
 */
size_t ir_bind_encode(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id,
                      const struct ir_bind *b);
void ir_bind_encode_context(struct ir_out *o, uint16_t context_id,
                            const struct irpc_syntax_id *abstract_syntax,
                            const struct irpc_syntax_id *transfer_syntaxes,
                            uint8_t n_transfer_syntaxes);

/*
 * Begin a bind_ack or alter_context_resp (@ptype): sizes, group, sec_addr and n_results of @ack.
 * The secondary address is written with a NUL; an empty one as length 0, as Windows does in
 * alter_context_resp. Then n_results times ir_bind_encode_result(), then ir_header_end().
 */
size_t ir_bind_ack_encode(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id,
                          const struct ir_bind_ack *ack);
void ir_bind_encode_result(struct ir_out *o, const struct ir_bind_result *result);

/* A whole bind_nak: the reason, one version (5.0), 3 bytes of padding. */
void ir_bind_nak_encode(struct ir_out *o, uint32_t call_id, uint16_t reason);
