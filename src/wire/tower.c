/*
 * Protocol towers. [C706] appendices I and L, [MS-RPCE] 2.2.1.2.
 *
 * A tower is a count and that many floors, each a left-hand side (what) and a right-hand side
 * (which one). Floors 1 and 2 are interface and transfer syntax, floor 3 the RPC protocol, the
 * rest the way to the endpoint. Readers accept an empty right-hand side below the interface (some
 * clients send one in floor 3); writers send what Windows sends.
 */
#include "wire/tower.h"

#define UUID_LHS_LEN 18u /* behind the protocol identifier: UUID, major version */
#define FLOORS_MIN 2u

struct shape {
    const char *name;
    uint8_t floors[3]; /* protocol identifiers of floors 3, 4, 5; 0: no such floor */
};

/* clang-format off */
static const struct shape shapes[IR_PROTSEQ__COUNT] = {
    [IR_PROTSEQ_NCACN_IP_TCP] = {"ncacn_ip_tcp", {IR_FLOOR_NCACN, IR_FLOOR_TCP, IR_FLOOR_IP}},
    [IR_PROTSEQ_NCACN_NP]     = {"ncacn_np", {IR_FLOOR_NCACN, IR_FLOOR_NAMED_PIPE, IR_FLOOR_NETBIOS}},
    [IR_PROTSEQ_NCALRPC]      = {"ncalrpc", {IR_FLOOR_NCALRPC, IR_FLOOR_LRPC_NAME, 0}},
    [IR_PROTSEQ_NCACN_HTTP]   = {"ncacn_http", {IR_FLOOR_NCACN, IR_FLOOR_HTTP, IR_FLOOR_IP}},
    [IR_PROTSEQ_NCADG_IP_UDP] = {"ncadg_ip_udp", {IR_FLOOR_NCADG, IR_FLOOR_UDP, IR_FLOOR_IP}},
};
/* clang-format on */

enum irpc_status ir_floors_init(struct irpc_span tower, struct ir_floors *ret_floors,
                                struct ir_violation *v)
{
    struct ir_floors f = {.cur = ir_cur_init(tower.p, tower.len, false)};

    f.n_left = ir_cur_u16(&f.cur);
    if (f.cur.err != IRPC_OK || f.n_left < FLOORS_MIN || f.n_left > IR_TOWER_FLOORS_MAX) {
        return ir_violation_set(v, "E01", "number of floors", IRPC_BAD_STUB_DATA);
    }
    *ret_floors = f;
    return IRPC_OK;
}

/* A floor as cursors: windows of the tower. */
struct sides {
    uint8_t protocol;
    struct ir_cur lhs; /* behind the protocol identifier */
    struct ir_cur rhs;
};

static bool next_sides(struct ir_floors *floors, struct sides *ret_sides)
{
    struct sides s = {0};
    struct ir_cur *c = &floors->cur;

    if (floors->n_left == 0) {
        return false;
    }
    s.lhs = ir_cur_window(c, ir_cur_u16(c));
    s.protocol = ir_cur_u8(&s.lhs);
    s.rhs = ir_cur_window(c, ir_cur_u16(c));
    if (s.lhs.err != IRPC_OK) {
        ir_cur_fail(c, IRPC_PROTO_ERROR);
    }
    if (c->err != IRPC_OK) {
        return false;
    }
    floors->n_left--;
    *ret_sides = s;
    return true;
}

bool ir_floors_next(struct ir_floors *floors, struct ir_floor *ret_floor)
{
    struct sides s;

    if (!next_sides(floors, &s)) {
        return false;
    }
    ret_floor->protocol = s.protocol;
    ret_floor->lhs = ir_cur_rest(&s.lhs);
    ret_floor->rhs = ir_cur_rest(&s.rhs);
    return true;
}

/* Floors 1 and 2.  check: E03 */
static bool read_uuid_floor(struct ir_floors *floors, struct irpc_syntax_id *ret_syntax)
{
    struct sides s;

    if (!next_sides(floors, &s) || s.protocol != IR_FLOOR_UUID ||
        ir_cur_left(&s.lhs) != UUID_LHS_LEN || ir_cur_left(&s.rhs) != 2) {
        return false;
    }
    ret_syntax->uuid = ir_cur_uuid(&s.lhs);
    ret_syntax->major = ir_cur_u16(&s.lhs);
    ret_syntax->minor = ir_cur_u16(&s.rhs);
    return true;
}

/* A name that ends with its only NUL, or nothing at all.  check: E04 */
static bool read_name(struct ir_cur rhs, struct irpc_span *ret_name)
{
    struct ir_cur c = rhs;

    if (ir_cur_left(&rhs) > IR_TOWER_NAME_MAX + 1) {
        return false;
    }
    while (ir_cur_left(&c) > 0) {
        bool is_last = ir_cur_left(&c) == 1;
        if ((ir_cur_u8(&c) == 0) != is_last) {
            return false;
        }
    }
    rhs.end -= ir_cur_left(&rhs) > 0;
    *ret_name = ir_cur_rest(&rhs);
    return true;
}

/* The right-hand side of floor 4 or 5 into its member; an empty one leaves it zero. check: E04 */
static bool read_address(struct sides *s, struct ir_tower *t)
{
    uint32_t len = ir_cur_left(&s->rhs);

    switch (s->protocol) {
    case IR_FLOOR_TCP:
    case IR_FLOOR_UDP:
    case IR_FLOOR_HTTP:
        s->rhs.big_endian = true;
        t->port = len == 2 ? ir_cur_u16(&s->rhs) : 0;
        return len == 2 || len == 0;
    case IR_FLOOR_IP:
        for (unsigned i = 0; i < 4 && len == 4; i++) {
            t->ipv4[i] = ir_cur_u8(&s->rhs);
        }
        return len == 4 || len == 0;
    case IR_FLOOR_NAMED_PIPE:
    case IR_FLOOR_LRPC_NAME:
        return read_name(s->rhs, &t->endpoint);
    case IR_FLOOR_NETBIOS:
        return read_name(s->rhs, &t->host);
    default:
        return true; /* another protocol: the caller refuses it */
    }
}

/* The protocol sequence of @n floors from floor 3 on, IR_PROTSEQ__COUNT if it is none of ours. */
static enum ir_protseq match_shape(const uint8_t protocols[IR_TOWER_FLOORS_MAX], unsigned n)
{
    for (unsigned i = 0; i < IR_PROTSEQ__COUNT; i++) {
        const uint8_t *f = shapes[i].floors;
        unsigned want = f[2] != 0 ? 3 : 2;
        if (n == want && protocols[0] == f[0] && protocols[1] == f[1] &&
            (want == 2 || protocols[2] == f[2])) {
            return (enum ir_protseq)i;
        }
    }
    return IR_PROTSEQ__COUNT;
}

static enum irpc_status malformed(struct ir_violation *v, const char *check, const char *reason)
{
    return ir_violation_set(v, check, reason, IRPC_BAD_STUB_DATA);
}

enum irpc_status ir_tower_decode(struct irpc_span tower, struct ir_tower *ret_tower,
                                 struct ir_violation *v)
{
    struct ir_floors floors;
    struct sides s;
    struct ir_tower t = {0};
    uint8_t protocols[IR_TOWER_FLOORS_MAX] = {0};
    enum irpc_status st = ir_floors_init(tower, &floors, v);

    if (st != IRPC_OK) {
        return st;
    }
    if (!read_uuid_floor(&floors, &t.interface) || !read_uuid_floor(&floors, &t.transfer)) {
        return malformed(v, "E03", "interface or transfer syntax floor");
    }
    unsigned n = 0;
    for (unsigned i = 0; i < IR_TOWER_FLOORS_MAX && next_sides(&floors, &s); i++) {
        protocols[i] = s.protocol;
        n++;
        /* Floor 3 carries the protocol's minor version, if anything: it is not looked at. */
        if (i > 0 && !read_address(&s, &t)) {
            return malformed(v, "E04", "address of a floor");
        }
    }
    if (floors.cur.err != IRPC_OK) {
        return malformed(v, "E01", "floor beyond the tower");
    }
    t.protseq = match_shape(protocols, n);
    if (t.protseq == IR_PROTSEQ__COUNT) {
        return ir_violation_set(v, "E04", "protocols of a tower", IRPC_PROTSEQ_UNSUPPORTED);
    }
    *ret_tower = t;
    return IRPC_OK;
}

/* Counts and syntaxes are little-endian, whatever the writer's order. */
static void write_u16_le(struct ir_out *o, uint16_t n)
{
    ir_out_u8(o, (uint8_t)n);
    ir_out_u8(o, (uint8_t)(n >> 8));
}

static void write_uuid_floor(struct ir_out *o, const struct irpc_syntax_id *s)
{
    bool big_endian = o->big_endian;

    write_u16_le(o, UUID_LHS_LEN + 1);
    ir_out_u8(o, IR_FLOOR_UUID);
    o->big_endian = false;
    ir_out_uuid(o, &s->uuid);
    o->big_endian = big_endian;
    write_u16_le(o, s->major);
    write_u16_le(o, 2);
    write_u16_le(o, s->minor);
}

static void write_name(struct ir_out *o, struct irpc_span name)
{
    if (name.len > IR_TOWER_NAME_MAX || (name.len > 0 && memchr(name.p, 0, name.len) != NULL)) {
        ir_out_fail(o, IRPC_INVALID_ARG);
        return;
    }
    write_u16_le(o, (uint16_t)(name.len + 1));
    ir_out_bytes(o, name.p, name.len);
    ir_out_u8(o, 0);
}

static void write_address_floor(struct ir_out *o, uint8_t protocol, const struct ir_tower *t)
{
    write_u16_le(o, 1);
    ir_out_u8(o, protocol);
    switch (protocol) {
    case IR_FLOOR_TCP:
    case IR_FLOOR_UDP:
    case IR_FLOOR_HTTP:
        write_u16_le(o, 2);
        ir_out_u8(o, (uint8_t)(t->port >> 8));
        ir_out_u8(o, (uint8_t)t->port);
        break;
    case IR_FLOOR_IP:
        write_u16_le(o, 4);
        ir_out_bytes(o, t->ipv4, sizeof(t->ipv4));
        break;
    case IR_FLOOR_NAMED_PIPE:
    case IR_FLOOR_LRPC_NAME:
        write_name(o, t->endpoint);
        break;
    case IR_FLOOR_NETBIOS:
        write_name(o, t->host);
        break;
    default: /* floor 3: minor version of the RPC protocol */
        write_u16_le(o, 2);
        write_u16_le(o, 0);
        break;
    }
}

void ir_tower_encode(struct ir_out *o, const struct ir_tower *t)
{
    if ((unsigned)t->protseq >= IR_PROTSEQ__COUNT) {
        ir_out_fail(o, IRPC_INVALID_ARG);
        return;
    }
    const uint8_t *floors = shapes[t->protseq].floors;
    unsigned n = floors[2] != 0 ? 3 : 2;

    write_u16_le(o, (uint16_t)(n + 2));
    write_uuid_floor(o, &t->interface);
    write_uuid_floor(o, &t->transfer);
    for (unsigned i = 0; i < n; i++) {
        write_address_floor(o, floors[i], t);
    }
}

const char *ir_protseq_name(enum ir_protseq protseq)
{
    return (unsigned)protseq < IR_PROTSEQ__COUNT ? shapes[protseq].name : "unknown";
}

enum irpc_status ir_protseq_parse(struct irpc_span name, enum ir_protseq *ret_protseq)
{
    for (unsigned i = 0; i < IR_PROTSEQ__COUNT; i++) {
        if (strlen(shapes[i].name) == name.len && memcmp(shapes[i].name, name.p, name.len) == 0) {
            *ret_protseq = (enum ir_protseq)i;
            return IRPC_OK;
        }
    }
    return IRPC_PROTSEQ_UNSUPPORTED;
}
