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

bool ir_floors_next(struct ir_floors *floors, struct ir_floor *ret_floor)
{
    struct ir_floor f = {0};

    if (floors->n_left == 0) {
        return false;
    }
    uint16_t lhs_len = ir_cur_u16(&floors->cur);
    struct ir_cur lhs = ir_cur_sub(&floors->cur, lhs_len);
    f.protocol = ir_cur_u8(&lhs);
    f.lhs = ir_cur_bytes(&lhs, ir_cur_left(&lhs));
    f.rhs = ir_cur_bytes(&floors->cur, ir_cur_u16(&floors->cur));
    if (lhs.err != IRPC_OK) {
        ir_cur_fail(&floors->cur, IRPC_PROTO_ERROR);
    }
    if (floors->cur.err != IRPC_OK) {
        return false;
    }
    floors->n_left--;
    *ret_floor = f;
    return true;
}

/* Floors 1 and 2.  check: E03 */
static bool read_uuid_floor(const struct ir_floor *f, struct irpc_syntax_id *ret_syntax)
{
    struct ir_cur lhs = ir_cur_init(f->lhs.p, f->lhs.len, false);
    struct ir_cur rhs = ir_cur_init(f->rhs.p, f->rhs.len, false);

    if (f->protocol != IR_FLOOR_UUID || f->lhs.len != UUID_LHS_LEN || f->rhs.len != 2) {
        return false;
    }
    ret_syntax->uuid = ir_cur_uuid(&lhs);
    ret_syntax->major = ir_cur_u16(&lhs);
    ret_syntax->minor = ir_cur_u16(&rhs);
    return true;
}

/* A name that ends with its only NUL, or nothing at all.  check: E04 */
static bool read_name(struct irpc_span rhs, struct irpc_span *ret_name)
{
    struct ir_cur c = ir_cur_init(rhs.p, rhs.len, false);

    if (rhs.len > IR_TOWER_NAME_MAX + 1) {
        return false;
    }
    for (unsigned i = 0; i < IR_TOWER_NAME_MAX + 1 && ir_cur_left(&c) > 0; i++) {
        bool is_last = ir_cur_left(&c) == 1;
        if ((ir_cur_u8(&c) == 0) != is_last) {
            return false;
        }
    }
    *ret_name = rhs;
    if (rhs.len > 0) {
        ret_name->len = rhs.len - 1;
    }
    return true;
}

/* The right-hand side of floor 4 or 5 into its member; an empty one leaves it zero. check: E04 */
static bool read_address(const struct ir_floor *f, struct ir_tower *t)
{
    struct ir_cur rhs = ir_cur_init(f->rhs.p, f->rhs.len, true);

    switch (f->protocol) {
    case IR_FLOOR_TCP:
    case IR_FLOOR_UDP:
    case IR_FLOOR_HTTP:
        t->port = f->rhs.len == 2 ? ir_cur_u16(&rhs) : 0;
        return f->rhs.len == 2 || f->rhs.len == 0;
    case IR_FLOOR_IP:
        for (unsigned i = 0; i < 4 && f->rhs.len == 4; i++) {
            t->ipv4[i] = ir_cur_u8(&rhs);
        }
        return f->rhs.len == 4 || f->rhs.len == 0;
    case IR_FLOOR_NAMED_PIPE:
    case IR_FLOOR_LRPC_NAME:
        return read_name(f->rhs, &t->endpoint);
    case IR_FLOOR_NETBIOS:
        return read_name(f->rhs, &t->host);
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
    struct ir_floor f;
    struct ir_tower t = {0};
    uint8_t protocols[IR_TOWER_FLOORS_MAX] = {0};
    enum irpc_status st = ir_floors_init(tower, &floors, v);

    if (st != IRPC_OK) {
        return st;
    }
    if (!ir_floors_next(&floors, &f) || !read_uuid_floor(&f, &t.interface) ||
        !ir_floors_next(&floors, &f) || !read_uuid_floor(&f, &t.transfer)) {
        return malformed(v, "E03", "interface or transfer syntax floor");
    }
    unsigned n = 0;
    for (unsigned i = 0; i < IR_TOWER_FLOORS_MAX && ir_floors_next(&floors, &f); i++) {
        protocols[i] = f.protocol;
        n++;
        /* Floor 3 carries the protocol's minor version, if anything: it is not looked at. */
        if (i > 0 && !read_address(&f, &t)) {
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
