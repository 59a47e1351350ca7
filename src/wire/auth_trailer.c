/*
 * The security trailer. [MS-RPCE] 2.2.2.11 and 2.2.2.12, [C706] 13.2.6.1.
 *
 * It is found from the end: auth_length counts the token alone. Real senders align it to 4, not
 * always to 16, so 4 is what we insist on. Which types, levels and contexts are acceptable, and
 * padding on bind, alter_context and auth3 (Windows generations differ), is the engine's business.
 */
#include "wire/auth_trailer.h"

#include "base/cur.h"

enum irpc_status ir_auth_trailer_decode(const struct ir_header *h, struct irpc_span pdu,
                                        uint16_t body_min, struct ir_auth_trailer *ret_trailer,
                                        struct ir_violation *v)
{
    struct ir_auth_trailer t = {.offset = h->frag_length};

    if (h->auth_length == 0) {
        *ret_trailer = t;
        return IRPC_OK;
    }
    uint32_t need = (uint32_t)body_min + IR_AUTH_TRAILER_LEN + h->auth_length;
    if (h->frag_length < need) {
        return ir_violation_set(v, "H11", "auth_length beyond the fragment", IRPC_PROTO_ERROR);
    }
    uint32_t offset = (uint32_t)h->frag_length - h->auth_length - IR_AUTH_TRAILER_LEN;
    if (offset % 4 != 0) {
        return ir_violation_set(v, "A01", "security trailer not 4-aligned", IRPC_PROTO_ERROR);
    }
    struct ir_cur c = ir_cur_init(pdu.p, pdu.len, h->big_endian);
    ir_cur_skip(&c, offset);
    t.present = true;
    t.offset = (uint16_t)offset;
    t.type = ir_cur_u8(&c);
    t.level = ir_cur_u8(&c);
    t.pad_length = ir_cur_u8(&c);
    t.reserved = ir_cur_u8(&c); /* check: A16 */
    t.context_id = ir_cur_u32(&c);
    t.token = ir_cur_bytes(&c, h->auth_length);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "A01", "security trailer beyond the fragment", c.err);
    }
    bool is_call =
        h->ptype == IR_PTYPE_REQUEST || h->ptype == IR_PTYPE_RESPONSE || h->ptype == IR_PTYPE_FAULT;
    if (is_call && (uint32_t)body_min + t.pad_length > offset) {
        return ir_violation_set(v, "A02", "auth_pad_length beyond the stub data", IRPC_PROTO_ERROR);
    }
    *ret_trailer = t;
    return IRPC_OK;
}

void ir_auth_trailer_encode(struct ir_out *o, size_t body_start, const struct ir_auth_trailer *t)
{
    if (o->err != IRPC_OK) {
        return;
    }
    size_t pad = (0u - (o->len - body_start)) & (IR_AUTH_PAD_ALIGN - 1u);

    ir_out_zero(o, pad);
    ir_out_u8(o, t->type);
    ir_out_u8(o, t->level);
    ir_out_u8(o, (uint8_t)pad);
    ir_out_u8(o, 0);
    ir_out_u32(o, t->context_id);
    ir_out_bytes(o, t->token.p, t->token.len);
}
