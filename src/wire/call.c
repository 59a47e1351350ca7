/*
 * Request, response, fault, auth3. [C706] 12.6.4.7 - 12.6.4.10, [MS-RPCE] 2.2.2.5, 2.2.2.8.
 *
 * Invariants: a decoded stub lies between head and trailer, without the trailer's padding; nothing
 * is sized by alloc_hint. Fragments of a call that contradict each other are the engine's business.
 */
#include "wire/call.h"

#include "base/cur.h"

#define FAULT_BODY_MIN 28u /* without the reserved word */

/* A cursor on byte 16 of @pdu that ends in front of the trailer and its padding. */
static struct ir_cur body_of(const struct ir_header *h, struct irpc_span pdu,
                             const struct ir_auth_trailer *auth)
{
    struct ir_cur whole = ir_cur_init(pdu.p, pdu.len, h->big_endian);
    struct ir_cur body = ir_cur_window(&whole, (uint32_t)auth->offset - auth->pad_length);

    ir_cur_skip(&body, IR_HEADER_LEN);
    return body;
}

enum irpc_status ir_request_decode(const struct ir_header *h, struct irpc_span pdu,
                                   struct ir_request *ret_request, struct ir_violation *v)
{
    struct ir_request r = {.has_object = (h->flags & IR_PFC_OBJECT_UUID) != 0};
    uint16_t body_min = r.has_object ? IR_CALL_HEAD_LEN + IR_REQUEST_OBJECT_LEN : IR_CALL_HEAD_LEN;
    enum irpc_status st = ir_auth_trailer_decode(h, pdu, body_min, &r.auth, v);

    if (st != IRPC_OK) {
        return st;
    }
    struct ir_cur c = body_of(h, pdu, &r.auth);
    r.alloc_hint = ir_cur_u32(&c);
    r.context_id = ir_cur_u16(&c);
    r.opnum = ir_cur_u16(&c);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "H08", "request too short", c.err);
    }
    if (r.has_object) {
        r.object = ir_cur_uuid(&c);
        if (c.err != IRPC_OK) {
            return ir_violation_set(v, "R03", "object UUID beyond the fragment", c.err);
        }
    }
    r.stub = ir_cur_rest(&c);
    *ret_request = r;
    return IRPC_OK;
}

enum irpc_status ir_response_decode(const struct ir_header *h, struct irpc_span pdu,
                                    struct ir_response *ret_response, struct ir_violation *v)
{
    struct ir_response r = {0};
    enum irpc_status st = ir_auth_trailer_decode(h, pdu, IR_CALL_HEAD_LEN, &r.auth, v);

    if (st != IRPC_OK) {
        return st;
    }
    struct ir_cur c = body_of(h, pdu, &r.auth);
    r.alloc_hint = ir_cur_u32(&c);
    r.context_id = ir_cur_u16(&c);
    r.cancel_count = ir_cur_u8(&c);
    ir_cur_skip(&c, 1);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "H08", "response too short", c.err);
    }
    r.stub = ir_cur_rest(&c);
    *ret_response = r;
    return IRPC_OK;
}

enum irpc_status ir_fault_decode(const struct ir_header *h, struct irpc_span pdu,
                                 struct ir_fault *ret_fault, struct ir_violation *v)
{
    struct ir_fault f = {0};
    enum irpc_status st = ir_auth_trailer_decode(h, pdu, FAULT_BODY_MIN, &f.auth, v);

    if (st != IRPC_OK) {
        return st;
    }
    struct ir_cur c = body_of(h, pdu, &f.auth);
    f.alloc_hint = ir_cur_u32(&c);
    f.context_id = ir_cur_u16(&c);
    f.cancel_count = ir_cur_u8(&c);
    f.fault_flags = ir_cur_u8(&c);
    f.status = ir_cur_u32(&c);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "R08", "fault without a status", c.err);
    }
    uint32_t left = ir_cur_left(&c);
    ir_cur_skip(&c, left < 4 ? left : 4); /* the reserved word, if it is there */
    f.extended = ir_cur_rest(&c);
    *ret_fault = f;
    return IRPC_OK;
}

enum irpc_status ir_auth3_decode(const struct ir_header *h, struct irpc_span pdu,
                                 struct ir_auth_trailer *ret_trailer, struct ir_violation *v)
{
    if (h->auth_length == 0) {
        return ir_violation_set(v, "A07", "auth3 without a token", IRPC_PROTO_ERROR);
    }
    return ir_auth_trailer_decode(h, pdu, IR_HEADER_LEN, ret_trailer, v);
}

size_t ir_request_encode(struct ir_out *o, uint8_t flags, uint32_t call_id,
                         const struct ir_request *request)
{
    uint8_t object_flag = request->has_object ? IR_PFC_OBJECT_UUID : 0;
    size_t start = ir_header_begin(o, IR_PTYPE_REQUEST, flags | object_flag, call_id);

    ir_out_u32(o, request->alloc_hint);
    ir_out_u16(o, request->context_id);
    ir_out_u16(o, request->opnum);
    if (request->has_object) {
        ir_out_uuid(o, &request->object);
    }
    ir_header_end(o, start, request->stub.len, 0);
    return start;
}

size_t ir_response_encode(struct ir_out *o, uint8_t flags, uint32_t call_id,
                          const struct ir_response *response)
{
    size_t start = ir_header_begin(o, IR_PTYPE_RESPONSE, flags, call_id);

    ir_out_u32(o, response->alloc_hint);
    ir_out_u16(o, response->context_id);
    ir_out_u8(o, response->cancel_count);
    ir_out_u8(o, 0);
    ir_header_end(o, start, response->stub.len, 0);
    return start;
}

void ir_fault_encode(struct ir_out *o, uint8_t flags, uint32_t call_id,
                     const struct ir_fault *fault)
{
    size_t start = ir_header_begin(o, IR_PTYPE_FAULT, flags, call_id);

    ir_out_u32(o, IR_CALL_HEAD_LEN);
    ir_out_u16(o, fault->context_id);
    ir_out_u8(o, fault->cancel_count);
    ir_out_u8(o, 0);
    ir_out_u32(o, fault->status);
    ir_out_zero(o, 4);
    ir_header_end(o, start, 0, 0);
}

/* [MS-RPCE] 2.2.2.5: four bytes of padding, whose value nobody looks at. */
size_t ir_auth3_encode(struct ir_out *o, uint8_t flags, uint32_t call_id)
{
    size_t start = ir_header_begin(o, IR_PTYPE_AUTH3, flags, call_id);

    ir_out_zero(o, 4);
    return start;
}
