/* Reads PDUs from stdin, each behind a little-endian 32-bit length, and decodes them; encodes what
 * it got, decodes that, and compares. Prints "refused NUMBER CHECK REASON" for each that is
 * refused, and a count by type. Used by captures.py on real traffic. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bind.h"
#include "wire/call.h"

static unsigned long counts[IR_PTYPE__COUNT];

static bool spans_equal(struct irpc_span a, struct irpc_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static bool again(struct ir_out *o, struct ir_header *h)
{
    return o->err == IRPC_OK && ir_header_decode(o->base, h, NULL) == IRPC_OK &&
           h->frag_length == o->len;
}

static bool check_request(const struct ir_header *h, struct irpc_span pdu, struct ir_out *o,
                          struct ir_violation *v)
{
    struct ir_request a;
    struct ir_request b;
    struct ir_header h2;

    if (ir_request_decode(h, pdu, &a, v) != IRPC_OK) {
        return false;
    }
    size_t start = ir_request_encode(o, h->flags, h->call_id, &a);
    size_t stub = o->len;
    ir_out_bytes(o, a.stub.p, a.stub.len);
    if (a.auth.present) {
        ir_auth_trailer_encode(o, stub, &a.auth);
    }
    ir_header_end(o, start, 0, h->auth_length);
    return again(o, &h2) &&
           ir_request_decode(&h2, (struct irpc_span){o->base, o->len}, &b, v) == IRPC_OK &&
           spans_equal(a.stub, b.stub) && spans_equal(a.auth.token, b.auth.token) &&
           a.opnum == b.opnum && a.context_id == b.context_id && h->call_id == h2.call_id;
}

static bool check_response(const struct ir_header *h, struct irpc_span pdu, struct ir_out *o,
                           struct ir_violation *v)
{
    struct ir_response a;
    struct ir_response b;
    struct ir_header h2;

    if (ir_response_decode(h, pdu, &a, v) != IRPC_OK) {
        return false;
    }
    size_t start = ir_response_encode(o, h->flags, h->call_id, &a);
    ir_out_bytes(o, a.stub.p, a.stub.len);
    ir_header_end(o, start, 0, 0);
    return again(o, &h2) &&
           ir_response_decode(&h2, (struct irpc_span){o->base, o->len}, &b, v) == IRPC_OK &&
           spans_equal(a.stub, b.stub) && a.alloc_hint == b.alloc_hint;
}

static bool check_bind(const struct ir_header *h, struct irpc_span pdu, struct ir_out *o,
                       struct ir_violation *v)
{
    struct ir_bind a;
    struct ir_bind_context x;
    struct irpc_syntax_id syntaxes[255];

    if (ir_bind_decode(h, pdu, &a, v) != IRPC_OK) {
        return false;
    }
    size_t list_end = a.auth.offset - (size_t)a.n_slack;
    ir_bind_encode(o, (enum ir_ptype)h->ptype, h->flags, h->call_id, &a);
    while (ir_bind_next_context(&a, &x)) {
        uint8_t n = 0;
        while (ir_bind_next_syntax(&x, &syntaxes[n])) {
            n++;
        }
        ir_bind_encode_context(o, x.context_id, &x.abstract_syntax, syntaxes, n);
    }
    return o->err == IRPC_OK && o->len == list_end &&
           memcmp(o->base + 16, pdu.p + 16, list_end - 16) == 0; /* the very same bytes */
}

static bool check_ack(const struct ir_header *h, struct irpc_span pdu, struct ir_out *o,
                      struct ir_violation *v)
{
    struct ir_bind_ack a;
    struct ir_bind_ack b;
    struct ir_bind_result r;
    struct ir_header h2;

    if (ir_bind_ack_decode(h, pdu, &a, v) != IRPC_OK) {
        return false;
    }
    b = a;
    size_t start = ir_bind_ack_encode(o, (enum ir_ptype)h->ptype, h->flags, h->call_id, &a);
    while (ir_bind_next_result(&a, &r)) {
        ir_bind_encode_result(o, &r);
    }
    ir_header_end(o, start, 0, 0);
    return a.n_results_left == 0 && again(o, &h2) &&
           ir_bind_ack_decode(&h2, (struct irpc_span){o->base, o->len}, &a, v) == IRPC_OK &&
           spans_equal(a.sec_addr, b.sec_addr) && a.n_results == b.n_results &&
           a.assoc_group_id == b.assoc_group_id;
}

static bool check_body(const struct ir_header *h, struct irpc_span pdu, struct ir_violation *v)
{
    static uint8_t buf[80000];
    struct ir_out o = ir_out_fixed(buf, sizeof(buf), h->big_endian);
    struct ir_fault fault;
    struct ir_bind_nak nak;
    struct ir_auth_trailer auth;

    switch (h->ptype) {
    case IR_PTYPE_REQUEST:
        return check_request(h, pdu, &o, v);
    case IR_PTYPE_RESPONSE:
        return check_response(h, pdu, &o, v);
    case IR_PTYPE_BIND:
    case IR_PTYPE_ALTER_CONTEXT:
        return check_bind(h, pdu, &o, v);
    case IR_PTYPE_BIND_ACK:
    case IR_PTYPE_ALTER_CONTEXT_RESP:
        return check_ack(h, pdu, &o, v);
    case IR_PTYPE_FAULT:
        return ir_fault_decode(h, pdu, &fault, v) == IRPC_OK;
    case IR_PTYPE_BIND_NAK:
        return ir_bind_nak_decode(h, pdu, &nak, v) == IRPC_OK;
    case IR_PTYPE_AUTH3:
        return ir_auth3_decode(h, pdu, &auth, v) == IRPC_OK;
    default:
        return true;
    }
}

static bool check_pdu(struct irpc_span pdu, struct ir_violation *v)
{
    struct ir_header h;

    if (pdu.len < IR_HEADER_LEN || ir_header_decode(pdu.p, &h, v) != IRPC_OK) {
        return false;
    }
    if (ir_header_check(&h, IR_FROM_CLIENT, v) != IRPC_OK &&
        ir_header_check(&h, IR_FROM_SERVER, v) != IRPC_OK) {
        return false;
    }
    counts[h.ptype]++;
    return check_body(&h, pdu, v);
}

int main(void)
{
    uint8_t head[4];
    unsigned long n = 0;

    for (; fread(head, 1, sizeof(head), stdin) == sizeof(head); n++) {
        size_t len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
        struct ir_violation v = {"-", "decodes, but not to the same after encoding"};
        uint8_t *pdu = malloc(len > 0 ? len : 1); /* its own: a read too far is seen */
        if (pdu == NULL || fread(pdu, 1, len, stdin) != len) {
            fprintf(stderr, "input cut short\n");
            return 1;
        }
        if (!check_pdu((struct irpc_span){pdu, len}, &v)) {
            printf("refused %lu type %u %s %s\n", n, len > 2 ? pdu[2] : 0, v.check, v.reason);
        }
        free(pdu);
    }
    for (unsigned i = 0; i < IR_PTYPE__COUNT; i++) {
        if (counts[i] > 0) {
            printf("%s: %lu\n", ir_ptype_name((uint8_t)i), counts[i]);
        }
    }
    return n > 0 ? 0 : 1;
}
