/*
 * SPNEGO tokens as values. [RFC 4178] 4.2, [MS-SPNG] 2.2.1. Pure; spans borrow the token's bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/cur.h"
#include "base/out.h"
#include "base/violation.h"

#define IR_SPNEGO_MECHS_MAX 16u /* mechanisms in one list; check: T10 */
#define IR_SPNEGO_OID_MAX 32u   /* bytes of one object identifier; check: T10 */

/* Mechanisms that have a meaning to us. */
enum ir_spnego_mech {
    IR_SPNEGO_OTHER,
    IR_SPNEGO_KERBEROS,
    IR_SPNEGO_MS_KERBEROS, /* the identifier that Windows 2000 got wrong; offered to this day */
    IR_SPNEGO_NTLM,
    IR_SPNEGO_SPNEGO, /* never negotiated: names the negotiation itself */
    IR_SPNEGO__COUNT
};

/* negState, [RFC 4178] 4.2.2. */
enum ir_spnego_state {
    IR_SPNEGO_ACCEPT_COMPLETED = 0,
    IR_SPNEGO_ACCEPT_INCOMPLETE = 1,
    IR_SPNEGO_REJECT = 2,
    IR_SPNEGO_REQUEST_MIC = 3,
    IR_SPNEGO_NO_STATE = 4 /* not on the wire: the field is absent */
};

/* A field that is absent is a span whose p is NULL; an empty token is legal.  check: T09 */
struct ir_spnego_init {
    struct irpc_span mechs[IR_SPNEGO_MECHS_MAX]; /* contents of object identifiers */
    uint32_t n_mechs;                            /* at least 1 */
    struct irpc_span mech_list; /* all of mechTypes in DER: what a mechListMIC is made over. Set by
                                 * the decoder, not looked at by the encoder */
    struct irpc_span mech_token;
    struct irpc_span mic;
};

struct ir_spnego_resp {
    enum ir_spnego_state state;
    struct irpc_span mech; /* contents of the object identifier */
    struct irpc_span mech_token;
    struct irpc_span mic;
};

/*
 * The header of a first GSS token: which mechanism, and what follows. [RFC 2743] 3.1. All of @token
 * belongs to it.
 * Return: IRPC_OK; IRPC_SEC_PKG_ERROR (nothing changed).  check: T08, T10
 */
IRPC_CHECKED ir_gss_token_decode(struct irpc_span token, struct irpc_span *ret_mech,
                                 struct irpc_span *ret_inner, struct ir_violation *v);

/*
 * The two tokens of SPNEGO; each is all of @token. NegTokenInit comes with the header of a first
 * GSS token; its second form, with hints, is taken too. Fields that no version knows are skipped.
 * Return: IRPC_OK; IRPC_SEC_PKG_ERROR (nothing changed).  check: T08 (DER), T10 (mechanisms)
 */
IRPC_CHECKED ir_spnego_init_decode(struct irpc_span token, struct ir_spnego_init *ret_msg,
                                   struct ir_violation *v);
IRPC_CHECKED ir_spnego_resp_decode(struct irpc_span token, struct ir_spnego_resp *ret_msg,
                                   struct ir_violation *v);

/* Which mechanism an object identifier names. Any thread. */
enum ir_spnego_mech ir_spnego_mech_of(struct irpc_span oid);
/* The object identifier of @mech, in static memory; of IR_SPNEGO_OTHER: empty. */
struct irpc_span ir_spnego_mech_oid(enum ir_spnego_mech mech);

/*
 * Encoders. @o fails with IRPC_LIMIT when it is full, when a token has more than 65535 bytes, or
 * when there are no mechanisms or too many.
 */
void ir_spnego_init_encode(struct ir_out *o, const struct ir_spnego_init *msg);
void ir_spnego_resp_encode(struct ir_out *o, const struct ir_spnego_resp *msg);
/* mechTypes alone, as it stands in the token: what a mechListMIC is made over. */
void ir_spnego_mech_list_encode(struct ir_out *o, const struct ir_spnego_init *msg);
