/*
 * Bind, alter_context, bind_ack, alter_context_resp, bind_nak.
 * [C706] 12.6.4.3 - 12.6.4.5, 12.6.4.1 - 12.6.4.2, [MS-RPCE] 2.2.2.4 - 2.2.2.7.
 *
 * Invariants: a decoded list has all the elements that its count promises, inside the body; lists
 * are walked twice (here and by the user) and never copied. What counts of 0, results of 4 or an
 * unknown group mean is the engine's business.
 */
#include "wire/bind.h"

#define LIST_HEAD_LEN 4u      /* count, 3 reserved bytes */
#define BIND_BODY_MIN 25u     /* with an empty list, whose reserved bytes Samba leaves out */
#define BIND_ACK_BODY_MIN 26u /* with an empty address and nothing behind it */
#define BIND_NAK_BODY_MIN 18u

/* A cursor over the body of @pdu, behind the common header, up to the trailer @auth. */
static struct ir_cur body_of(const struct ir_header *h, struct irpc_span pdu,
                             const struct ir_auth_trailer *auth)
{
    struct ir_cur whole = ir_cur_init(pdu.p, pdu.len, h->big_endian);
    struct ir_cur body = ir_cur_window(&whole, auth->offset);

    ir_cur_skip(&body, IR_HEADER_LEN);
    return body;
}

/* p_cont_list_t and p_result_list_t begin alike. */
static uint8_t list_head(struct ir_cur *c)
{
    uint8_t n = ir_cur_u8(c);

    /* An empty list may end here: it is the engine that answers it. check: H19 */
    ir_cur_skip(c, n > 0 || ir_cur_left(c) > 3 ? 3 : ir_cur_left(c));
    return n;
}

static struct ir_bind_context read_context(struct ir_cur *c)
{
    struct ir_bind_context x = {0};

    x.context_id = ir_cur_u16(c);
    x.n_transfer_syntaxes = ir_cur_u8(c);
    ir_cur_skip(c, 1);
    x.abstract_syntax = ir_cur_syntax(c);
    x.transfer_syntaxes = ir_cur_window(c, x.n_transfer_syntaxes * IR_SYNTAX_LEN);
    x.n_transfer_syntaxes_left = x.n_transfer_syntaxes;
    return x;
}

enum irpc_status ir_bind_decode(const struct ir_header *h, struct irpc_span pdu,
                                struct ir_bind *ret_bind, struct ir_violation *v)
{
    struct ir_bind b = {0};
    enum irpc_status st = ir_auth_trailer_decode(h, pdu, BIND_BODY_MIN, &b.auth, v);

    if (st != IRPC_OK) {
        return st;
    }
    struct ir_cur c = body_of(h, pdu, &b.auth);
    b.max_xmit_frag = ir_cur_u16(&c);
    b.max_recv_frag = ir_cur_u16(&c);
    b.assoc_group_id = ir_cur_u32(&c);
    b.n_contexts = list_head(&c);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "H08", "bind too short", c.err);
    }
    b.n_contexts_left = b.n_contexts;
    b.contexts = c;
    for (unsigned i = 0; i < b.n_contexts && c.err == IRPC_OK; i++) {
        (void)read_context(&c); /* check: B06, B07 */
    }
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "B06", "more contexts or syntaxes than bytes", c.err);
    }
    b.n_slack = (uint16_t)ir_cur_left(&c); /* check: B18 */
    *ret_bind = b;
    return IRPC_OK;
}

bool ir_bind_next_context(struct ir_bind *bind, struct ir_bind_context *ret_context)
{
    if (bind->n_contexts_left == 0) {
        return false;
    }
    struct ir_bind_context x = read_context(&bind->contexts);
    if (bind->contexts.err != IRPC_OK) {
        return false;
    }
    bind->n_contexts_left--;
    *ret_context = x;
    return true;
}

bool ir_bind_next_syntax(struct ir_bind_context *context, struct irpc_syntax_id *ret_syntax)
{
    if (context->n_transfer_syntaxes_left == 0) {
        return false;
    }
    struct irpc_syntax_id s = ir_cur_syntax(&context->transfer_syntaxes);
    if (context->transfer_syntaxes.err != IRPC_OK) {
        return false;
    }
    context->n_transfer_syntaxes_left--;
    *ret_syntax = s;
    return true;
}

/* port_any_t, then padding to 4 from the start of the PDU.  check: B14 */
static struct irpc_span read_sec_addr(struct ir_cur *c)
{
    uint16_t len = ir_cur_u16(c);
    struct ir_cur port = ir_cur_window(c, len);
    struct ir_cur last = port;

    if (ir_cur_left(c) > 0) {
        ir_cur_align(c, 4);
    }
    if (len > 0) {
        ir_cur_skip(&last, len - 1u);
        port.end -= last.err == IRPC_OK && ir_cur_u8(&last) == 0;
    }
    return ir_cur_rest(&port);
}

static struct ir_bind_result read_result(struct ir_cur *c)
{
    struct ir_bind_result r = {0};

    r.result = ir_cur_u16(c);
    r.reason = ir_cur_u16(c);
    r.transfer_syntax = ir_cur_syntax(c);
    return r;
}

enum irpc_status ir_bind_ack_decode(const struct ir_header *h, struct irpc_span pdu,
                                    struct ir_bind_ack *ret_ack, struct ir_violation *v)
{
    struct ir_bind_ack a = {0};
    enum irpc_status st = ir_auth_trailer_decode(h, pdu, BIND_ACK_BODY_MIN, &a.auth, v);

    if (st != IRPC_OK) {
        return st;
    }
    struct ir_cur c = body_of(h, pdu, &a.auth);
    a.max_xmit_frag = ir_cur_u16(&c);
    a.max_recv_frag = ir_cur_u16(&c);
    a.assoc_group_id = ir_cur_u32(&c);
    a.sec_addr = read_sec_addr(&c);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "B14", "secondary address beyond the PDU", c.err);
    }
    if (ir_cur_left(&c) > 0) { /* seen: an answer of 26 bytes, without a list */
        a.n_results = list_head(&c);
    }
    a.n_results_left = a.n_results;
    a.results = c;
    for (unsigned i = 0; i < a.n_results && c.err == IRPC_OK; i++) {
        (void)read_result(&c);
    }
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "B12", "more results than bytes", c.err);
    }
    *ret_ack = a;
    return IRPC_OK;
}

bool ir_bind_next_result(struct ir_bind_ack *ack, struct ir_bind_result *ret_result)
{
    if (ack->n_results_left == 0) {
        return false;
    }
    struct ir_bind_result r = read_result(&ack->results);
    if (ack->results.err != IRPC_OK) {
        return false;
    }
    ack->n_results_left--;
    *ret_result = r;
    return true;
}

enum irpc_status ir_bind_nak_decode(const struct ir_header *h, struct irpc_span pdu,
                                    struct ir_bind_nak *ret_nak, struct ir_violation *v)
{
    struct ir_bind_nak n = {0};
    struct ir_auth_trailer auth = {0};
    enum irpc_status st = ir_auth_trailer_decode(h, pdu, BIND_NAK_BODY_MIN, &auth, v);

    if (st != IRPC_OK) {
        return st;
    }
    struct ir_cur c = body_of(h, pdu, &auth);
    n.reason = ir_cur_u16(&c);
    if (ir_cur_left(&c) > 0) {
        n.n_versions = ir_cur_u8(&c);
        n.versions = ir_cur_bytes(&c, n.n_versions * 2u);
    }
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "B15", "more versions than bytes", c.err);
    }
    *ret_nak = n;
    return IRPC_OK;
}

static void write_sizes(struct ir_out *o, uint16_t max_xmit_frag, uint16_t max_recv_frag,
                        uint32_t assoc_group_id)
{
    ir_out_u16(o, max_xmit_frag);
    ir_out_u16(o, max_recv_frag);
    ir_out_u32(o, assoc_group_id);
}

static void write_list_head(struct ir_out *o, uint8_t n)
{
    ir_out_u8(o, n);
    ir_out_zero(o, LIST_HEAD_LEN - 1);
}

size_t ir_bind_encode(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id,
                      const struct ir_bind *b)
{
    size_t start = ir_header_begin(o, ptype, flags, call_id);

    write_sizes(o, b->max_xmit_frag, b->max_recv_frag, b->assoc_group_id);
    write_list_head(o, b->n_contexts);
    return start;
}

void ir_bind_encode_context(struct ir_out *o, uint16_t context_id,
                            const struct irpc_syntax_id *abstract_syntax,
                            const struct irpc_syntax_id *transfer_syntaxes,
                            uint8_t n_transfer_syntaxes)
{
    ir_out_u16(o, context_id);
    ir_out_u8(o, n_transfer_syntaxes);
    ir_out_u8(o, 0);
    ir_out_syntax(o, abstract_syntax);
    for (unsigned i = 0; i < n_transfer_syntaxes; i++) {
        ir_out_syntax(o, &transfer_syntaxes[i]);
    }
}

size_t ir_bind_ack_encode(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id,
                          const struct ir_bind_ack *ack)
{
    size_t start = ir_header_begin(o, ptype, flags, call_id);

    write_sizes(o, ack->max_xmit_frag, ack->max_recv_frag, ack->assoc_group_id);
    if (ack->sec_addr.len >= IR_FRAG_MAX) {
        ir_out_fail(o, IRPC_INVALID_ARG);
    } else if (ack->sec_addr.len == 0) {
        ir_out_u16(o, 0);
    } else {
        ir_out_u16(o, (uint16_t)(ack->sec_addr.len + 1));
        ir_out_bytes(o, ack->sec_addr.p, ack->sec_addr.len);
        ir_out_u8(o, 0);
    }
    ir_out_align(o, 4);
    write_list_head(o, ack->n_results);
    return start;
}

void ir_bind_encode_result(struct ir_out *o, const struct ir_bind_result *result)
{
    ir_out_u16(o, result->result);
    ir_out_u16(o, result->reason);
    ir_out_syntax(o, &result->transfer_syntax);
}

/* The 3 bytes of padding are what Windows sends behind the version: 24 bytes in all. */
void ir_bind_nak_encode(struct ir_out *o, uint32_t call_id, uint16_t reason)
{
    size_t start = ir_header_begin(o, IR_PTYPE_BIND_NAK, IR_PFC_WHOLE, call_id);

    ir_out_u16(o, reason);
    ir_out_u8(o, 1);
    ir_out_u8(o, 5);
    ir_out_zero(o, 1 + 3);
    ir_header_end(o, start, 0, 0);
}
