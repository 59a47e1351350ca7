/*
 * NTLMSSP messages. [MS-NLMP] 2.2.1 and 2.2.2.
 *
 * A message is a fixed part with fields (length, maximum, offset) that point into what follows it.
 * How long the fixed part is follows from the lowest offset in use (check: T04): the version and
 * the MIC are there only if no field lies where they would be. The maximum of a field is ignored,
 * as everywhere. What the values mean is the business of ntlm_server.c and ntlm_client.c.
 */
#include "auth/ntlm_msg.h"

#define TYPE_NEGOTIATE 1u
#define TYPE_CHALLENGE 2u
#define TYPE_AUTHENTICATE 3u

#define NEGOTIATE_MIN 16u    /* signature, type, flags */
#define CHALLENGE_MIN 32u    /* up to the server challenge */
#define CHALLENGE_INFO 48u   /* with the target information field */
#define CHALLENGE_LEN 56u    /* with the version */
#define AUTHENTICATE_MIN 64u /* six fields and the flags */
#define NEGOTIATE_LEN 40u    /* two fields and the version */
#define FIELD_LEN 8u

static const uint8_t signature[8] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};

/* A version that says nothing about this machine: Windows 6.1, NTLMSSP revision 15. 2.2.2.10 */
static const uint8_t version[8] = {6, 1, 0, 0, 0, 0, 0, 15};

static enum irpc_status refuse(struct ir_violation *v, const char *check, const char *reason)
{
    return ir_violation_set(v, check, reason, IRPC_SEC_PKG_ERROR);
}

bool ir_ntlm_is_token(struct irpc_span token)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    bool same = true;

    for (unsigned i = 0; i < sizeof(signature); i++) {
        same = same && ir_cur_u8(&c) == signature[i];
    }
    return same && c.err == IRPC_OK;
}

/* check: T01 */
static enum irpc_status read_head(struct ir_cur *c, uint32_t type, struct ir_violation *v)
{
    for (unsigned i = 0; i < sizeof(signature); i++) {
        if (ir_cur_u8(c) != signature[i]) {
            return refuse(v, "T01", "not an NTLMSSP message");
        }
    }
    if (ir_cur_u32(c) != type) {
        return refuse(v, "T01", "NTLMSSP message of another type");
    }
    return IRPC_OK;
}

/*
 * A field, as a window of what it points to, somewhere behind @fixed. A field beyond the end fails
 * the cursor. *lowest becomes the lowest offset of fields that are not empty.  check: T02
 */
static struct ir_cur read_window(struct ir_cur *c, uint32_t fixed, uint32_t *lowest)
{
    uint32_t len = ir_cur_u16(c);
    ir_cur_skip(c, 2);
    uint32_t offset = ir_cur_u32(c);
    struct ir_cur at = *c;

    at.off = 0;
    if (len == 0 || c->err != IRPC_OK) {
        at.end = 0;
        return at;
    }
    ir_cur_skip(&at, offset);
    struct ir_cur w = ir_cur_window(&at, len);
    if (at.err != IRPC_OK || offset < fixed) {
        ir_cur_fail(c, IRPC_SEC_PKG_ERROR);
        return *c;
    }
    *lowest = offset < *lowest ? offset : *lowest;
    return w;
}

static struct irpc_span read_field(struct ir_cur *c, uint32_t fixed, uint32_t *lowest)
{
    struct ir_cur w = read_window(c, fixed, lowest);

    return ir_cur_rest(&w);
}

/* The same for UTF-16: an even number of bytes. */
static struct irpc_span read_text(struct ir_cur *c, uint32_t fixed, uint32_t *lowest)
{
    struct irpc_span s = read_field(c, fixed, lowest);

    if (s.len % 2 != 0) {
        ir_cur_fail(c, IRPC_SEC_PKG_ERROR);
    }
    return s;
}

/* Up to the end of the list, which must be there.  check: T03 */
static bool avs_are_sound(struct ir_cur avs)
{
    struct ir_ntlm_av av;

    for (unsigned n = 0; n <= IR_NTLM_AV_MAX; n++) {
        if (!ir_ntlm_av_next(&avs, &av)) {
            return avs.err == IRPC_OK;
        }
    }
    return false;
}

bool ir_ntlm_av_next(struct ir_cur *avs, struct ir_ntlm_av *ret_av)
{
    uint16_t id = ir_cur_u16(avs);
    uint16_t len = ir_cur_u16(avs);

    if (id == IR_NTLM_AV_EOL && len != 0) {
        ir_cur_fail(avs, IRPC_SEC_PKG_ERROR);
    }
    struct irpc_span value = ir_cur_bytes(avs, len);
    if (avs->err != IRPC_OK || id == IR_NTLM_AV_EOL) {
        return false;
    }
    ret_av->id = id;
    ret_av->value = value;
    return true;
}

bool ir_ntlm_av_find(struct irpc_span avs, enum ir_ntlm_av_id id, struct irpc_span *ret_value)
{
    struct ir_cur c = ir_cur_init(avs.p, avs.len, false);
    struct ir_ntlm_av av;

    for (unsigned n = 0; n < IR_NTLM_AV_MAX && ir_ntlm_av_next(&c, &av); n++) {
        if (av.id == (uint16_t)id) {
            *ret_value = av.value;
            return true;
        }
    }
    return false;
}

uint32_t ir_ntlm_av_flags(struct irpc_span avs)
{
    struct ir_cur c = ir_cur_init(avs.p, avs.len, false);
    struct ir_cur at = c;
    struct ir_ntlm_av av;

    for (unsigned n = 0; n < IR_NTLM_AV_MAX && ir_ntlm_av_next(&c, &av); n++) {
        if (av.id == IR_NTLM_AV_FLAGS && av.value.len == 4) {
            ir_cur_skip(&at, 4); /* id and length */
            return ir_cur_u32(&at);
        }
        at = c;
    }
    return 0;
}

enum irpc_status ir_ntlm_negotiate_decode(struct irpc_span token, struct ir_ntlm_negotiate *ret_msg,
                                          struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    struct ir_ntlm_negotiate m = {0};
    uint32_t lowest = UINT32_MAX;

    enum irpc_status st = read_head(&c, TYPE_NEGOTIATE, v);
    if (st != IRPC_OK) {
        return st;
    }
    m.flags = ir_cur_u32(&c);
    /* Fields are there if a flag says so; some clients leave them out, or garbage in them. */
    if ((m.flags & (IR_NTLM_DOMAIN_SUPPLIED | IR_NTLM_WORKSTATION_SUPPLIED)) != 0) {
        struct irpc_span domain = {NULL, 0};
        if ((m.flags & IR_NTLM_DOMAIN_SUPPLIED) != 0) {
            domain = read_field(&c, NEGOTIATE_MIN + 2 * FIELD_LEN, &lowest);
        } else {
            ir_cur_skip(&c, FIELD_LEN);
        }
        m.domain = domain;
        if ((m.flags & IR_NTLM_WORKSTATION_SUPPLIED) != 0) {
            m.workstation = read_field(&c, NEGOTIATE_MIN + 2 * FIELD_LEN, &lowest);
        }
    }
    if (c.err != IRPC_OK) {
        return refuse(v, "T02", "NTLMSSP NEGOTIATE: field beyond the message");
    }
    *ret_msg = m;
    return IRPC_OK;
}

enum irpc_status ir_ntlm_challenge_decode(struct irpc_span token, struct ir_ntlm_challenge *ret_msg,
                                          struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    struct ir_ntlm_challenge m = {0};
    struct ir_cur info = {0};
    uint32_t lowest = UINT32_MAX;

    enum irpc_status st = read_head(&c, TYPE_CHALLENGE, v);
    if (st != IRPC_OK) {
        return st;
    }
    m.target_name = read_field(&c, CHALLENGE_MIN, &lowest);
    m.flags = ir_cur_u32(&c);
    for (unsigned i = 0; i < IR_NTLM_CHALLENGE_LEN; i++) {
        m.server_challenge[i] = ir_cur_u8(&c);
    }
    if ((m.flags & IR_NTLM_TARGET_INFO) != 0) {
        ir_cur_skip(&c, 8);
        info = read_window(&c, CHALLENGE_INFO, &lowest);
    }
    if ((m.flags & IR_NTLM_UNICODE) != 0 && m.target_name.len % 2 != 0) {
        ir_cur_fail(&c, IRPC_SEC_PKG_ERROR);
    }
    if (c.err != IRPC_OK || lowest < c.off) {
        return refuse(v, "T02", "NTLMSSP CHALLENGE: field beyond the message");
    }
    if (ir_cur_left(&info) > 0 && !avs_are_sound(info)) {
        return refuse(v, "T03", "NTLMSSP CHALLENGE: broken target information");
    }
    if (ir_cur_left(&info) > 0) {
        m.target_info = ir_cur_rest(&info);
    }
    *ret_msg = m;
    return IRPC_OK;
}

enum irpc_status ir_ntlm_authenticate_decode(struct irpc_span token,
                                             struct ir_ntlm_authenticate *ret_msg,
                                             struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    struct ir_ntlm_authenticate m = {0};
    uint32_t lowest = UINT32_MAX;

    enum irpc_status st = read_head(&c, TYPE_AUTHENTICATE, v);
    if (st != IRPC_OK) {
        return st;
    }
    m.lm_response = read_field(&c, AUTHENTICATE_MIN, &lowest);
    m.nt_response = read_field(&c, AUTHENTICATE_MIN, &lowest);
    m.domain = read_text(&c, AUTHENTICATE_MIN, &lowest);
    m.user = read_text(&c, AUTHENTICATE_MIN, &lowest);
    m.workstation = read_text(&c, AUTHENTICATE_MIN, &lowest);
    m.session_key = read_field(&c, AUTHENTICATE_MIN, &lowest);
    m.flags = ir_cur_u32(&c);
    if (c.err != IRPC_OK) {
        return refuse(v, "T02", "NTLMSSP AUTHENTICATE: field beyond the message");
    }
    if (m.session_key.len != 0 && m.session_key.len != IR_NTLM_HASH_LEN) {
        return refuse(v, "T02", "NTLMSSP AUTHENTICATE: session key of another length");
    }
    /* check: T04 */
    if (lowest >= IR_NTLM_AUTHENTICATE_LEN && token.len >= IR_NTLM_AUTHENTICATE_LEN) {
        ir_cur_skip(&c, IR_NTLM_MIC_OFFSET - AUTHENTICATE_MIN);
        m.mic = ir_cur_bytes(&c, IR_NTLM_HASH_LEN);
    }
    *ret_msg = m;
    return IRPC_OK;
}

enum irpc_status ir_ntlm_v2_response_decode(struct irpc_span response,
                                            struct ir_ntlm_v2_response *ret_response,
                                            struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(response.p, response.len, false);
    struct ir_ntlm_v2_response r = {0};

    if (response.len == IR_NTLM_V1_RESPONSE_LEN) {
        return refuse(v, "T06", "LM or NTLMv1 response");
    }
    r.proof = ir_cur_bytes(&c, IR_NTLM_HASH_LEN);
    struct ir_cur whole = c;
    r.blob = ir_cur_rest(&whole);
    uint8_t type = ir_cur_u8(&c);
    uint8_t highest = ir_cur_u8(&c);
    ir_cur_skip(&c, 6);
    r.timestamp = ir_cur_u64(&c);
    for (unsigned i = 0; i < IR_NTLM_CHALLENGE_LEN; i++) {
        r.client_challenge[i] = ir_cur_u8(&c);
    }
    ir_cur_skip(&c, 4);
    struct ir_cur avs = c;
    r.avs = ir_cur_rest(&c);
    if (c.err != IRPC_OK) {
        return refuse(v, "T05", "NTLMv2 response is too short");
    }
    if (type != 1 || highest != 1) {
        return refuse(v, "T05", "NTLMv2 response of another type");
    }
    if (!avs_are_sound(avs)) {
        return refuse(v, "T03", "NTLMv2 response: broken AV pairs");
    }
    *ret_response = r;
    return IRPC_OK;
}

/* --- encoders --- */

static void write_head(struct ir_out *o, uint32_t type)
{
    o->origin = o->len;
    ir_out_bytes(o, signature, sizeof(signature));
    ir_out_u32(o, type);
}

/* The field of @len bytes, whose place is *at, from the start of the message. */
static void write_field(struct ir_out *o, size_t len, size_t *at)
{
    if (len > UINT16_MAX || *at > UINT16_MAX) {
        ir_out_fail(o, IRPC_LIMIT);
        return;
    }
    ir_out_u16(o, (uint16_t)len);
    ir_out_u16(o, (uint16_t)len);
    ir_out_u32(o, (uint32_t)*at);
    *at += len;
}

static void write_span(struct ir_out *o, struct irpc_span s)
{
    ir_out_bytes(o, s.p, s.len);
}

void ir_ntlm_negotiate_encode(struct ir_out *o, const struct ir_ntlm_negotiate *msg)
{
    size_t at = NEGOTIATE_LEN;

    write_head(o, TYPE_NEGOTIATE);
    ir_out_u32(o, msg->flags);
    write_field(o, msg->domain.len, &at);
    write_field(o, msg->workstation.len, &at);
    ir_out_bytes(o, version, sizeof(version));
    write_span(o, msg->domain);
    write_span(o, msg->workstation);
}

void ir_ntlm_challenge_encode(struct ir_out *o, const struct ir_ntlm_challenge *msg)
{
    size_t at = CHALLENGE_LEN;

    write_head(o, TYPE_CHALLENGE);
    write_field(o, msg->target_name.len, &at);
    ir_out_u32(o, msg->flags);
    ir_out_bytes(o, msg->server_challenge, sizeof(msg->server_challenge));
    ir_out_zero(o, 8);
    write_field(o, msg->target_info.len, &at);
    ir_out_bytes(o, version, sizeof(version));
    write_span(o, msg->target_name);
    write_span(o, msg->target_info);
}

void ir_ntlm_authenticate_encode(struct ir_out *o, const struct ir_ntlm_authenticate *msg)
{
    /* Names first, as Windows does it; the fields stand in the order of the specification. */
    size_t names = IR_NTLM_AUTHENTICATE_LEN;
    size_t lm = names + msg->domain.len + msg->user.len + msg->workstation.len;
    size_t nt = lm + msg->lm_response.len;
    size_t key = nt + msg->nt_response.len;

    write_head(o, TYPE_AUTHENTICATE);
    write_field(o, msg->lm_response.len, &lm);
    write_field(o, msg->nt_response.len, &nt);
    write_field(o, msg->domain.len, &names);
    write_field(o, msg->user.len, &names);
    write_field(o, msg->workstation.len, &names);
    write_field(o, msg->session_key.len, &key);
    ir_out_u32(o, msg->flags);
    ir_out_bytes(o, version, sizeof(version));
    if (msg->mic.len == IR_NTLM_HASH_LEN) {
        write_span(o, msg->mic);
    } else {
        ir_out_zero(o, IR_NTLM_HASH_LEN);
    }
    write_span(o, msg->domain);
    write_span(o, msg->user);
    write_span(o, msg->workstation);
    write_span(o, msg->lm_response);
    write_span(o, msg->nt_response);
    write_span(o, msg->session_key);
}

void ir_ntlm_av_encode(struct ir_out *o, enum ir_ntlm_av_id id, const void *value, size_t len)
{
    if (len > UINT16_MAX) {
        ir_out_fail(o, IRPC_LIMIT);
        return;
    }
    ir_out_u16(o, (uint16_t)id);
    ir_out_u16(o, (uint16_t)len);
    ir_out_bytes(o, value, len);
}

void ir_ntlm_v2_blob_encode(struct ir_out *o, uint64_t timestamp,
                            const uint8_t client_challenge[IR_NTLM_CHALLENGE_LEN],
                            struct irpc_span avs)
{
    ir_out_u8(o, 1);
    ir_out_u8(o, 1);
    ir_out_zero(o, 6);
    ir_out_u64(o, timestamp);
    ir_out_bytes(o, client_challenge, IR_NTLM_CHALLENGE_LEN);
    ir_out_zero(o, 4);
    write_span(o, avs);
    ir_out_zero(o, 4);
}
