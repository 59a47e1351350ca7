/*
 * The common header: framing, judgement, and the begin and end of what we send.
 * [C706] 12.6.3.1, [MS-RPCE] 2.2.2.1 - 2.2.2.3.
 *
 * Invariants: every 16 bytes decode into a struct ir_header; ir_header_check() adds without ever
 * subtracting lengths. Maximum lengths (check H09) depend on the transport and are the engine's,
 * as is what happens to a connection whose peer broke a rule.
 */
#include "wire/header.h"

#include "base/cur.h"
#include "wire/auth_trailer.h"

#define DREP_LITTLE_ENDIAN 0x10u

enum sender {
    CLIENT = 1u << IR_FROM_CLIENT,
    SERVER = 1u << IR_FROM_SERVER,
    DATAGRAM = 4
};

struct type_row {
    const char *name;
    uint8_t senders;
    uint8_t min_length; /* check: H08 */
};

/* clang-format off */
static const struct type_row types[IR_PTYPE__COUNT] = {
    [IR_PTYPE_REQUEST]            = {"request",            CLIENT,          24},
    [IR_PTYPE_PING]               = {"ping",               DATAGRAM,        16},
    [IR_PTYPE_RESPONSE]           = {"response",           SERVER,          24},
    [IR_PTYPE_FAULT]              = {"fault",              SERVER,          28},
    [IR_PTYPE_WORKING]            = {"working",            DATAGRAM,        16},
    [IR_PTYPE_NOCALL]             = {"nocall",             DATAGRAM,        16},
    [IR_PTYPE_REJECT]             = {"reject",             DATAGRAM,        16},
    [IR_PTYPE_ACK]                = {"ack",                DATAGRAM,        16},
    [IR_PTYPE_CL_CANCEL]          = {"cl_cancel",          DATAGRAM,        16},
    [IR_PTYPE_FACK]               = {"fack",               DATAGRAM,        16},
    [IR_PTYPE_CANCEL_ACK]         = {"cancel_ack",         DATAGRAM,        16},
    [IR_PTYPE_BIND]               = {"bind",               CLIENT,          25},
    [IR_PTYPE_BIND_ACK]           = {"bind_ack",           SERVER,          26},
    [IR_PTYPE_BIND_NAK]           = {"bind_nak",           SERVER,          18},
    [IR_PTYPE_ALTER_CONTEXT]      = {"alter_context",      CLIENT,          25},
    [IR_PTYPE_ALTER_CONTEXT_RESP] = {"alter_context_resp", SERVER,          26},
    [IR_PTYPE_AUTH3]              = {"auth3",              CLIENT,          16},
    [IR_PTYPE_SHUTDOWN]           = {"shutdown",           SERVER,          16},
    [IR_PTYPE_CO_CANCEL]          = {"co_cancel",          CLIENT,          16},
    [IR_PTYPE_ORPHANED]           = {"orphaned",           CLIENT,          16},
    [IR_PTYPE_RTS]                = {"rts",                CLIENT | SERVER, 20},
};
/* clang-format on */

/* Integer format 0 or 1, ASCII, IEEE, reserved bytes zero.  check: H07 */
static bool is_known_drep(const uint8_t drep[4])
{
    return (drep[0] == 0x00 || drep[0] == DREP_LITTLE_ENDIAN) && drep[1] == 0 && drep[2] == 0 &&
           drep[3] == 0;
}

/* Any 16 bytes have a value; what is wrong with it is ir_header_check()'s to say. check: H18 */
enum irpc_status ir_header_decode(const uint8_t p[IR_HEADER_LEN], struct ir_header *ret_header,
                                  struct ir_violation *v)
{
    struct ir_header h = {0};
    /* check: H14: each PDU says its own byte order. */
    struct ir_cur c = ir_cur_init(p, IR_HEADER_LEN, (p[4] & DREP_LITTLE_ENDIAN) == 0);

    h.vers = ir_cur_u8(&c);
    h.vers_minor = ir_cur_u8(&c);
    h.ptype = ir_cur_u8(&c);
    h.flags = ir_cur_u8(&c);
    for (unsigned i = 0; i < sizeof(h.drep); i++) {
        h.drep[i] = ir_cur_u8(&c);
    }
    h.frag_length = ir_cur_u16(&c);
    h.auth_length = ir_cur_u16(&c);
    h.call_id = ir_cur_u32(&c); /* check: H13: 0 is as good as any */
    h.big_endian = c.big_endian;
    *ret_header = h;

    if (h.vers != 5 && (h.ptype >= IR_PTYPE__COUNT || !is_known_drep(h.drep))) {
        return ir_violation_set(v, "H02", "not DCE/RPC", IRPC_NOT_DCERPC);
    }
    if (h.frag_length < IR_HEADER_LEN) {
        return ir_violation_set(v, "H08", "frag_length below the header", IRPC_NOT_DCERPC);
    }
    return IRPC_OK;
}

static enum irpc_status check_type(uint8_t ptype, enum ir_direction from, struct ir_violation *v)
{
    if (ptype >= IR_PTYPE__COUNT) {
        return ir_violation_set(v, "H06", "unknown PDU type", IRPC_PROTO_ERROR);
    }
    if (types[ptype].senders == DATAGRAM) {
        return ir_violation_set(v, "H05", "PDU type of the datagram protocol", IRPC_PROTO_ERROR);
    }
    if ((types[ptype].senders & 1u << from) == 0) {
        return ir_violation_set(v, "H04", "PDU type of the other direction", IRPC_PROTO_ERROR);
    }
    return IRPC_OK;
}

enum irpc_status ir_header_check(const struct ir_header *h, enum ir_direction from,
                                 struct ir_violation *v)
{
    if (h->vers != 5) {
        return ir_violation_set(v, "H02", "major version", IRPC_VERSION_UNSUPPORTED);
    }
    if (h->vers_minor > 1) {
        return ir_violation_set(v, "H03", "minor version", IRPC_VERSION_UNSUPPORTED);
    }
    if (!is_known_drep(h->drep)) {
        return ir_violation_set(v, "H07", "data representation", IRPC_PROTO_ERROR);
    }
    enum irpc_status st = check_type(h->ptype, from, v);
    if (st != IRPC_OK) {
        return st;
    }
    uint32_t need = types[h->ptype].min_length;
    if (h->frag_length < need) {
        return ir_violation_set(v, "H08", "frag_length below the PDU type's minimum",
                                IRPC_PROTO_ERROR);
    }
    if (h->auth_length != 0) {
        need += IR_AUTH_TRAILER_LEN + h->auth_length;
    }
    if (h->frag_length < need) {
        return ir_violation_set(v, "H11", "auth_length beyond the fragment", IRPC_PROTO_ERROR);
    }
    return IRPC_OK;
}

uint16_t ir_header_min_length(uint8_t ptype)
{
    return ptype < IR_PTYPE__COUNT ? types[ptype].min_length : 0;
}

const char *ir_ptype_name(uint8_t ptype)
{
    return ptype < IR_PTYPE__COUNT ? types[ptype].name : "unknown";
}

/* One look at the writer's capacity: every response goes through here. */
size_t ir_header_begin(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id)
{
    size_t start = o->len;
    uint8_t *p = ir_out_take(o, IR_HEADER_LEN);

    o->origin = start;
    if (p == NULL) {
        return start;
    }
    memset(p, 0, IR_HEADER_LEN);
    p[0] = 5;
    p[2] = (uint8_t)ptype;
    p[3] = flags;
    p[4] = o->big_endian ? 0 : DREP_LITTLE_ENDIAN;
    ir_put_u32(p + 12, call_id, o->big_endian);
    return start;
}

void ir_header_end(struct ir_out *o, size_t start, size_t n_more, uint16_t auth_length)
{
    if (o->err != IRPC_OK) {
        return;
    }
    size_t len = o->len - start;
    if (n_more > IR_FRAG_MAX || len > IR_FRAG_MAX - n_more) {
        ir_out_fail(o, IRPC_LIMIT);
        return;
    }
    ir_put_u16(o->base + start + 8, (uint16_t)(len + n_more), o->big_endian);
    ir_put_u16(o->base + start + 10, auth_length, o->big_endian);
}

void ir_header_only_encode(struct ir_out *o, enum ir_ptype ptype, uint8_t flags, uint32_t call_id)
{
    ir_header_end(o, ir_header_begin(o, ptype, flags, call_id), 0, 0);
}
