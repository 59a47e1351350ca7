/* What the tests of wire/ share: decode a PDU of any type, cut and bend it, encode it again. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/cur.h"
#include "ir_test.h"
#include "wire/bind.h"
#include "wire/call.h"

struct any_pdu {
    struct ir_header h;
    struct ir_bind bind;
    struct ir_bind_ack ack;
    struct ir_bind_nak nak;
    struct ir_request request;
    struct ir_response response;
    struct ir_fault fault;
    struct ir_auth_trailer auth; /* of whatever it is */
};

static inline enum irpc_status decode_body(struct irpc_span pdu, struct any_pdu *p,
                                           struct ir_violation *v)
{
    enum irpc_status st = IRPC_OK;

    switch (p->h.ptype) {
    case IR_PTYPE_BIND:
    case IR_PTYPE_ALTER_CONTEXT:
        st = ir_bind_decode(&p->h, pdu, &p->bind, v);
        p->auth = p->bind.auth;
        break;
    case IR_PTYPE_BIND_ACK:
    case IR_PTYPE_ALTER_CONTEXT_RESP:
        st = ir_bind_ack_decode(&p->h, pdu, &p->ack, v);
        p->auth = p->ack.auth;
        break;
    case IR_PTYPE_BIND_NAK:
        st = ir_bind_nak_decode(&p->h, pdu, &p->nak, v);
        break;
    case IR_PTYPE_REQUEST:
        st = ir_request_decode(&p->h, pdu, &p->request, v);
        p->auth = p->request.auth;
        break;
    case IR_PTYPE_RESPONSE:
        st = ir_response_decode(&p->h, pdu, &p->response, v);
        p->auth = p->response.auth;
        break;
    case IR_PTYPE_FAULT:
        st = ir_fault_decode(&p->h, pdu, &p->fault, v);
        p->auth = p->fault.auth;
        break;
    case IR_PTYPE_AUTH3:
        st = ir_auth3_decode(&p->h, pdu, &p->auth, v);
        break;
    default:
        break;
    }
    return st;
}

static inline bool is_from_server(uint8_t ptype)
{
    return ptype == IR_PTYPE_RESPONSE || ptype == IR_PTYPE_FAULT || ptype == IR_PTYPE_BIND_ACK ||
           ptype == IR_PTYPE_BIND_NAK || ptype == IR_PTYPE_ALTER_CONTEXT_RESP ||
           ptype == IR_PTYPE_SHUTDOWN;
}

/* Header, its check, body; @bytes has exactly what frag_length says, or less. */
static inline enum irpc_status decode_any(struct irpc_span bytes, struct any_pdu *p,
                                          struct ir_violation *v)
{
    memset(p, 0, sizeof(*p));
    if (bytes.len < IR_HEADER_LEN) {
        return IRPC_NOT_DCERPC;
    }
    enum irpc_status st = ir_header_decode(bytes.p, &p->h, v);
    if (st == IRPC_OK) {
        st =
            ir_header_check(&p->h, is_from_server(p->h.ptype) ? IR_FROM_SERVER : IR_FROM_CLIENT, v);
    }
    return st != IRPC_OK ? st : decode_body(bytes, p, v);
}

static inline void encode_contexts(struct ir_out *o, struct ir_bind bind)
{
    struct ir_bind_context x;

    while (ir_bind_next_context(&bind, &x)) {
        struct irpc_syntax_id syntaxes[255];
        uint8_t n = 0;
        while (ir_bind_next_syntax(&x, &syntaxes[n])) {
            n++;
        }
        IR_ASSERT_EQ(n, x.n_transfer_syntaxes);
        ir_bind_encode_context(o, x.context_id, &x.abstract_syntax, syntaxes, n);
    }
    IR_ASSERT_EQ(bind.n_contexts_left, 0);
}

static inline void encode_results(struct ir_out *o, struct ir_bind_ack ack)
{
    struct ir_bind_result r;

    while (ir_bind_next_result(&ack, &r)) {
        ir_bind_encode_result(o, &r);
    }
    IR_ASSERT_EQ(ack.n_results_left, 0);
}

/* Encode what was decoded, in the order of bytes of @o. */
static inline void encode_any(struct ir_out *o, const struct any_pdu *p)
{
    size_t start = o->len;
    size_t body = start; /* where the trailer's padding counts from */

    switch (p->h.ptype) {
    case IR_PTYPE_BIND:
    case IR_PTYPE_ALTER_CONTEXT:
        ir_bind_encode(o, (enum ir_ptype)p->h.ptype, p->h.flags, p->h.call_id, &p->bind);
        encode_contexts(o, p->bind);
        break;
    case IR_PTYPE_BIND_ACK:
    case IR_PTYPE_ALTER_CONTEXT_RESP:
        ir_bind_ack_encode(o, (enum ir_ptype)p->h.ptype, p->h.flags, p->h.call_id, &p->ack);
        encode_results(o, p->ack);
        break;
    case IR_PTYPE_BIND_NAK:
        ir_bind_nak_encode(o, p->h.call_id, p->nak.reason);
        break;
    case IR_PTYPE_REQUEST:
        ir_request_encode(o, p->h.flags, p->h.call_id, &p->request);
        body = o->len;
        ir_out_bytes(o, p->request.stub.p, p->request.stub.len);
        break;
    case IR_PTYPE_RESPONSE:
        ir_response_encode(o, p->h.flags, p->h.call_id, &p->response);
        body = o->len;
        ir_out_bytes(o, p->response.stub.p, p->response.stub.len);
        break;
    case IR_PTYPE_FAULT:
        ir_fault_encode(o, p->h.flags, p->h.call_id, &p->fault);
        break;
    case IR_PTYPE_AUTH3:
        ir_auth3_encode(o, p->h.flags, p->h.call_id);
        break;
    default:
        ir_header_only_encode(o, (enum ir_ptype)p->h.ptype, p->h.flags, p->h.call_id);
        break;
    }
    if (p->auth.present) {
        ir_auth_trailer_encode(o, body, &p->auth);
    }
    ir_header_end(o, start, 0, (uint16_t)p->auth.token.len);
}

static inline struct irpc_span span_of(struct ir_bytes b)
{
    return (struct irpc_span){b.p, b.n};
}

/* decode, encode: the same bytes; and through the other byte order back to the same bytes. */
static inline void assert_round_trip(struct ir_bytes in)
{
    static uint8_t same[70000];
    static uint8_t other[70000];
    static uint8_t back[70000];
    struct any_pdu p;
    struct ir_violation v = {NULL, NULL};

    IR_ASSERT_EQ(decode_any(span_of(in), &p, &v), IRPC_OK);
    IR_ASSERT_EQ(p.h.frag_length, in.n);
    struct ir_out o = ir_out_fixed(same, sizeof(same), p.h.big_endian);
    encode_any(&o, &p);
    IR_ASSERT_EQ(o.err, IRPC_OK);
    IR_ASSERT_PDU(same, o.len, in.p, in.n);

    bool big_endian = !p.h.big_endian;
    o = ir_out_fixed(other, sizeof(other), big_endian);
    encode_any(&o, &p);
    IR_ASSERT_EQ(decode_any((struct irpc_span){other, o.len}, &p, &v), IRPC_OK);
    IR_ASSERT_EQ(p.h.big_endian, big_endian);
    o = ir_out_fixed(back, sizeof(back), !big_endian);
    encode_any(&o, &p);
    IR_ASSERT_PDU(back, o.len, in.p, in.n);
}

/* A copy of @len bytes of its own, so that a read beyond it is seen; free() it. */
static inline uint8_t *copy_of(const uint8_t *p, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    IR_ASSERT(copy != NULL);
    memcpy(copy, p, len);
    return copy;
}

/* Every prefix of a good PDU, with the old frag_length and with one that agrees: a refusal has its
 * reason, an acceptance reads no byte too far. */
static inline void assert_truncations(struct ir_bytes in)
{
    for (size_t len = 0; len < in.n; len++) {
        struct any_pdu p;
        struct ir_violation v = {NULL, NULL};
        uint8_t *cut = copy_of(in.p, len);
        bool big_endian = len > 4 && (cut[4] & 0x10) == 0;
        enum irpc_status st = decode_any((struct irpc_span){cut, len}, &p, &v);
        IR_ASSERT(len < IR_HEADER_LEN || st == IRPC_OK || (v.check != NULL && v.reason != NULL));
        if (len >= IR_HEADER_LEN) {
            ir_put_u16(cut + 8, (uint16_t)len, big_endian);
            v = (struct ir_violation){NULL, NULL};
            st = decode_any((struct irpc_span){cut, len}, &p, &v);
            IR_ASSERT(st == IRPC_OK || (v.check != NULL && v.reason != NULL));
        }
        free(cut);
    }
}

/* Every byte of the first 96 with every value: the decoders are total. Returns how many passed. */
static inline unsigned bend_every_byte(struct ir_bytes in)
{
    unsigned n_accepted = 0;

    for (size_t at = 0; at < in.n && at < 96; at++) {
        uint8_t *bent = copy_of(in.p, in.n);
        for (unsigned value = 0; value < 256; value++) {
            struct any_pdu p;
            struct ir_violation v = {NULL, NULL};
            bent[at] = (uint8_t)value;
            enum irpc_status st = decode_any((struct irpc_span){bent, in.n}, &p, &v);
            IR_ASSERT(st == IRPC_OK || (v.check != NULL && v.reason != NULL));
            n_accepted += st == IRPC_OK;
        }
        free(bent);
    }
    return n_accepted;
}
