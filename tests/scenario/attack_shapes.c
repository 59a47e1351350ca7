/*
 * The packets of attack.c: one well-formed PDU of each type and of each notable form, [C706] 12.6
 * with [MS-RPCE] 2.2.2, little-endian. PDUs that only servers send are among them: a client may
 * send those too.
 */
#include "attack.h"

#include <string.h>

enum ptype {
    REQUEST = 0,
    RESPONSE = 2,
    FAULT = 3,
    BIND = 11,
    BIND_ACK = 12,
    BIND_NAK = 13,
    ALTER_CONTEXT = 14,
    ALTER_CONTEXT_RESP = 15,
    AUTH3 = 16,
    SHUTDOWN = 17,
    CO_CANCEL = 18,
    ORPHANED = 19
};

#define FIRST 0x01
#define LAST 0x02
#define OBJECT 0x80

/* UUIDs as they are on a little-endian wire. */
static const uint8_t mgmt_uuid[16] = {0x80, 0xbd, 0xa8, 0xaf, 0x8a, 0x7d, 0xc9, 0x11,
                                      0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89};
static const uint8_t epm_uuid[16] = {0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11,
                                     0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa};
static const uint8_t ndr_uuid[16] = {0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
                                     0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60};
static const uint8_t features_uuid[16] = {0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45,
                                          0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

struct attack_shape attack_shapes[24];
size_t attack_n_shapes;

/* --- writing --- */

static void put(struct attack_shape *s, const void *bytes, size_t n)
{
    memcpy(s->pdu + s->len, bytes, n);
    s->len += n;
}

static void put8(struct attack_shape *s, uint32_t v)
{
    s->pdu[s->len++] = (uint8_t)v;
}

static void put16(struct attack_shape *s, uint32_t v)
{
    put8(s, v & 0xff);
    put8(s, v >> 8 & 0xff);
}

static void put32(struct attack_shape *s, uint32_t v)
{
    put16(s, v & 0xffff);
    put16(s, v >> 16);
}

static void zeros(struct attack_shape *s, size_t n)
{
    memset(s->pdu + s->len, 0, n);
    s->len += n;
}

/* The number that is written next, @width bytes wide, is a length or a count. */
static void mark(struct attack_shape *s, size_t width)
{
    s->lengths[s->n_lengths++] = (struct attack_length){(uint16_t)s->len, (uint16_t)width};
}

static void begin(struct attack_shape *s, enum ptype type, unsigned flags, uint32_t call_id)
{
    put8(s, 5);
    put8(s, 0);
    put8(s, (uint32_t)type);
    put8(s, flags);
    put32(s, 0x10);
    mark(s, 2);
    put16(s, 0); /* frag_length: end() */
    mark(s, 2);
    put16(s, 0); /* auth_length: trailer() */
    put32(s, call_id);
}

static void end(struct attack_shape *s)
{
    s->pdu[8] = (uint8_t)s->len;
    s->pdu[9] = (uint8_t)(s->len >> 8);
}

/* An auth trailer whose token begins as NTLM's NEGOTIATE does. */
static void trailer(struct attack_shape *s, size_t token_len)
{
    static const uint8_t token[32] = {'N', 'T', 'L', 'M', 'S',  'S',  'P',  0,
                                      1,   0,   0,   0,   0x07, 0x82, 0x08, 0xa2};

    put8(s, 10); /* auth_type: NTLM */
    put8(s, 6);  /* auth_level: privacy */
    mark(s, 1);
    put8(s, 0); /* auth_pad_length */
    put8(s, 0);
    put32(s, 79231);
    put(s, token, token_len);
    s->pdu[10] = (uint8_t)token_len;
}

static void syntax(struct attack_shape *s, const uint8_t uuid[16], uint32_t version)
{
    put(s, uuid, 16);
    put32(s, version);
}

static void context(struct attack_shape *s, uint32_t id, const uint8_t abstract[16],
                    uint32_t abstract_version, const uint8_t transfer[16], uint32_t version)
{
    put16(s, id);
    mark(s, 1);
    put8(s, 1);
    put8(s, 0);
    syntax(s, abstract, abstract_version);
    syntax(s, transfer, version);
}

static void bind_head(struct attack_shape *s, enum ptype type, uint32_t n_contexts)
{
    begin(s, type, FIRST | LAST, 1);
    mark(s, 2);
    put16(s, 4280);
    mark(s, 2);
    put16(s, 4280);
    put32(s, 0);
    mark(s, 1);
    put8(s, n_contexts);
    zeros(s, 3);
}

/* mgmt's inq_princ_name: authn_proto, princ_name_size. */
static void request_head(struct attack_shape *s, unsigned flags, uint32_t opnum)
{
    begin(s, REQUEST, flags, 2);
    mark(s, 4);
    put32(s, 8);
    put16(s, 0);
    put16(s, opnum);
}

static void princ_name_stub(struct attack_shape *s)
{
    put32(s, 10);
    mark(s, 4);
    put32(s, 64);
}

/* --- client PDUs --- */

static void build_bind(struct attack_shape *s)
{
    bind_head(s, BIND, 2);
    context(s, 0, mgmt_uuid, 1, ndr_uuid, 2);
    context(s, 1, mgmt_uuid, 1, features_uuid, 1);
    end(s);
}

static void build_bind_auth(struct attack_shape *s)
{
    bind_head(s, BIND, 1);
    context(s, 0, mgmt_uuid, 1, ndr_uuid, 2);
    trailer(s, 32);
    end(s);
}

static void build_alter(struct attack_shape *s)
{
    bind_head(s, ALTER_CONTEXT, 1);
    context(s, 1, epm_uuid, 3, ndr_uuid, 2);
    end(s);
}

static void build_auth3(struct attack_shape *s)
{
    begin(s, AUTH3, FIRST | LAST, 1);
    zeros(s, 4);
    trailer(s, 16);
    end(s);
}

static void build_request(struct attack_shape *s)
{
    request_head(s, FIRST | LAST, 4);
    princ_name_stub(s);
    end(s);
}

static void build_request_object(struct attack_shape *s)
{
    request_head(s, FIRST | LAST | OBJECT, 4);
    put(s, epm_uuid, 16);
    princ_name_stub(s);
    end(s);
}

static void build_request_auth(struct attack_shape *s)
{
    request_head(s, FIRST | LAST, 4);
    princ_name_stub(s);
    zeros(s, 8);
    trailer(s, 16);
    end(s);
}

static void build_first_fragment(struct attack_shape *s)
{
    request_head(s, FIRST, 4);
    put32(s, 10);
    end(s);
}

static void build_last_fragment(struct attack_shape *s)
{
    request_head(s, LAST, 4);
    mark(s, 4);
    put32(s, 64);
    end(s);
}

/* ept_map with a tower of five floors: the counts of NDR and those of the tower. */
static void build_ept_map(struct attack_shape *s)
{
    request_head(s, FIRST | LAST, 3);
    put32(s, 1); /* object: a pointer to the nil UUID */
    zeros(s, 16);
    put32(s, 2); /* map_tower */
    mark(s, 4);
    put32(s, 75);
    mark(s, 4);
    put32(s, 75);
    mark(s, 2);
    put16(s, 5);
    for (int floor = 0; floor < 2; floor++) {
        mark(s, 2);
        put16(s, 19);
        put8(s, 0x0d);
        put(s, floor == 0 ? mgmt_uuid : ndr_uuid, 16);
        put16(s, floor == 0 ? 1 : 2);
        put16(s, 2);
        put16(s, 0);
    }
    static const uint8_t rest[] = {
        1, 0, 0x0b, 2, 0, 0,   0,        /* connection-oriented RPC */
        1, 0, 0x07, 2, 0, 0,   135,      /* TCP port */
        1, 0, 0x09, 4, 0, 127, 0,   0, 1 /* IPv4 address */
    };
    put(s, rest, sizeof(rest));
    zeros(s, 1 + 20); /* alignment, entry_handle */
    put32(s, 4);
    end(s);
}

static void build_co_cancel(struct attack_shape *s)
{
    begin(s, CO_CANCEL, FIRST | LAST, 2);
    end(s);
}

static void build_orphaned(struct attack_shape *s)
{
    begin(s, ORPHANED, FIRST | LAST, 2);
    end(s);
}

/* --- server PDUs, sent by a client --- */

static void build_response(struct attack_shape *s)
{
    begin(s, RESPONSE, FIRST | LAST, 2);
    mark(s, 4);
    put32(s, 8);
    put32(s, 0);
    zeros(s, 8);
    end(s);
}

static void build_fault(struct attack_shape *s)
{
    begin(s, FAULT, FIRST | LAST, 2);
    mark(s, 4);
    put32(s, 24);
    put32(s, 0);
    put32(s, 0x1c010002);
    put32(s, 0);
    end(s);
}

static void ack(struct attack_shape *s, enum ptype type)
{
    begin(s, type, FIRST | LAST, 1);
    mark(s, 2);
    put16(s, 4280);
    mark(s, 2);
    put16(s, 4280);
    put32(s, 0x1234);
    mark(s, 2);
    put16(s, 4);
    put(s, "135", 4);
    zeros(s, 2);
    mark(s, 1);
    put8(s, 1);
    zeros(s, 3);
    put32(s, 0);
    syntax(s, ndr_uuid, 2);
    end(s);
}

static void build_bind_ack(struct attack_shape *s)
{
    ack(s, BIND_ACK);
}

static void build_alter_resp(struct attack_shape *s)
{
    ack(s, ALTER_CONTEXT_RESP);
}

static void build_bind_nak(struct attack_shape *s)
{
    begin(s, BIND_NAK, FIRST | LAST, 1);
    put16(s, 4);
    mark(s, 1);
    put8(s, 1);
    put8(s, 5);
    put8(s, 0);
    zeros(s, 3);
    end(s);
}

static void build_shutdown(struct attack_shape *s)
{
    begin(s, SHUTDOWN, FIRST | LAST, 0);
    end(s);
}

/* --- the table --- */

static void add(const char *name, enum attack_before before, void (*build)(struct attack_shape *))
{
    struct attack_shape *s = &attack_shapes[attack_n_shapes++];

    memset(s, 0, sizeof(*s));
    s->name = name;
    s->before = before;
    build(s);
}

void attack_build_shapes(void)
{
    attack_n_shapes = 0;
    add("bind, two contexts", ATTACK_NOTHING, build_bind);
    add("bind, auth trailer", ATTACK_NOTHING, build_bind_auth);
    add("alter_context", ATTACK_BOUND_MGMT, build_alter);
    add("auth3", ATTACK_BOUND_MGMT, build_auth3);
    add("request", ATTACK_BOUND_MGMT, build_request);
    add("request, object UUID", ATTACK_BOUND_MGMT, build_request_object);
    add("request, auth trailer", ATTACK_BOUND_MGMT, build_request_auth);
    add("request, first fragment", ATTACK_BOUND_MGMT, build_first_fragment);
    add("request, last fragment", ATTACK_FIRST_FRAG, build_last_fragment);
    add("request, ept_map", ATTACK_BOUND_EPM, build_ept_map);
    add("co_cancel", ATTACK_BOUND_MGMT, build_co_cancel);
    add("orphaned", ATTACK_FIRST_FRAG, build_orphaned);
    add("response", ATTACK_BOUND_MGMT, build_response);
    add("fault", ATTACK_BOUND_MGMT, build_fault);
    add("bind_ack", ATTACK_BOUND_MGMT, build_bind_ack);
    add("bind_nak", ATTACK_BOUND_MGMT, build_bind_nak);
    add("alter_context_resp", ATTACK_BOUND_MGMT, build_alter_resp);
    add("shutdown", ATTACK_BOUND_MGMT, build_shutdown);
}

/* --- good clients --- */

static size_t copy(const struct attack_shape *s, uint8_t *out)
{
    memcpy(out, s->pdu, s->len);
    return s->len;
}

size_t attack_bind_mgmt(uint8_t *out)
{
    struct attack_shape s = {0};

    bind_head(&s, BIND, 1);
    context(&s, 0, mgmt_uuid, 1, ndr_uuid, 2);
    end(&s);
    return copy(&s, out);
}

size_t attack_bind_epm(uint8_t *out)
{
    struct attack_shape s = {0};

    bind_head(&s, BIND, 1);
    context(&s, 0, epm_uuid, 3, ndr_uuid, 2);
    end(&s);
    return copy(&s, out);
}

size_t attack_first_fragment(uint8_t *out)
{
    struct attack_shape s = {0};

    build_first_fragment(&s);
    return copy(&s, out);
}

/* mgmt's is_server_listening, without arguments. */
size_t attack_good_call(uint8_t *out, uint32_t call_id)
{
    struct attack_shape s = {0};

    begin(&s, REQUEST, FIRST | LAST, call_id);
    put32(&s, 0);
    put16(&s, 0);
    put16(&s, 2);
    end(&s);
    return copy(&s, out);
}
