/*
 * SPNEGO tokens: DER as far as they need it. [RFC 4178] 4.2, [MS-SPNG] 2.2.1, [X.690] 8.1, 10.1.
 *
 * The decoder does not recurse: tokens are nested no deeper than these functions. A SEQUENCE of
 * fields is read in rising order of their tags, each at most once, so that at most 31 are looked
 * at. Lengths are definite and minimal (check: T08); nothing may stand behind the token or behind
 * a field's value. What the values mean, and in which order tokens come, is left to the provider.
 */
#include "auth/spnego_msg.h"

#define TAG_ENUMERATED 0x0au
#define TAG_BIT_STRING 0x03u
#define TAG_OCTETS 0x04u
#define TAG_OID 0x06u
#define TAG_SEQUENCE 0x30u
#define TAG_GSS 0x60u   /* [APPLICATION 0] */
#define TAG_FIELD 0xa0u /* [n], n in the low five bits */
#define FIELD_MASK 0x1fu
#define FIELD_LAST 30u /* 31 would begin a tag of several bytes */

#define MAX_LEN 0xffffu /* of what an encoder writes; a PDU has no room for more */

static const uint8_t oid_krb5[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
static const uint8_t oid_ms_krb5[] = {0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02};
static const uint8_t oid_ntlm[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};
static const uint8_t oid_spnego[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};

struct irpc_span ir_spnego_mech_oid(enum ir_spnego_mech mech)
{
    static const struct irpc_span oids[IR_SPNEGO__COUNT] = {
        [IR_SPNEGO_KERBEROS] = {oid_krb5, sizeof(oid_krb5)},
        [IR_SPNEGO_MS_KERBEROS] = {oid_ms_krb5, sizeof(oid_ms_krb5)},
        [IR_SPNEGO_NTLM] = {oid_ntlm, sizeof(oid_ntlm)},
        [IR_SPNEGO_SPNEGO] = {oid_spnego, sizeof(oid_spnego)},
    };

    return mech < IR_SPNEGO__COUNT ? oids[mech] : oids[IR_SPNEGO_OTHER];
}

/* Which mechanism is named by what is left of @oid. */
static enum ir_spnego_mech mech_at(const struct ir_cur *oid)
{
    for (enum ir_spnego_mech m = IR_SPNEGO_KERBEROS; m < IR_SPNEGO__COUNT; m++) {
        struct irpc_span known = ir_spnego_mech_oid(m);
        struct ir_cur c = *oid;
        bool same = true;
        for (size_t i = 0; i < known.len; i++) {
            same = ir_cur_u8(&c) == known.p[i] && same;
        }
        if (same && c.err == IRPC_OK && ir_cur_left(&c) == 0) {
            return m;
        }
    }
    return IR_SPNEGO_OTHER;
}

enum ir_spnego_mech ir_spnego_mech_of(struct irpc_span oid)
{
    struct ir_cur c = ir_cur_init(oid.p, oid.len, false);

    return mech_at(&c);
}

/* --- decoders --- */

/* A length: definite, minimal, at most 65535. check: T08 */
static uint32_t read_len(struct ir_cur *c)
{
    uint32_t n = ir_cur_u8(c);

    if (n < 0x80) {
        return n;
    }
    uint32_t least = n == 0x81 ? 0x80 : 0x100;
    uint32_t len = ir_cur_u8(c);
    if (n == 0x82) {
        len = len << 8 | ir_cur_u8(c);
    }
    if (n < 0x81 || n > 0x82 || len < least) {
        ir_cur_fail(c, IRPC_SEC_PKG_ERROR);
    }
    return len;
}

/* The contents of the next element, which has @tag; @c has failed if it has not. */
static struct ir_cur read_element(struct ir_cur *c, uint8_t tag)
{
    if (ir_cur_u8(c) != tag) {
        ir_cur_fail(c, IRPC_SEC_PKG_ERROR);
    }
    uint32_t len = read_len(c);
    return ir_cur_window(c, len);
}

/* @inner, a window of @c, is to be at its end without having failed. */
static void finish(struct ir_cur *c, const struct ir_cur *inner)
{
    if (inner->err != IRPC_OK || ir_cur_left(inner) != 0) {
        ir_cur_fail(c, IRPC_SEC_PKG_ERROR);
    }
}

/* A field that is one element with @tag and nothing behind it. */
static struct irpc_span read_only(struct ir_cur *field, uint8_t tag)
{
    struct ir_cur w = read_element(field, tag);

    finish(field, field);
    return ir_cur_rest(&w);
}

/* The object identifier that @w is the contents of. check: T10 */
static struct irpc_span read_oid(struct ir_cur *w)
{
    struct ir_cur last = *w;
    struct irpc_span oid = ir_cur_rest(w);

    if (oid.len == 0 || oid.len > IR_SPNEGO_OID_MAX) {
        ir_cur_fail(w, IRPC_SEC_PKG_ERROR);
        return oid;
    }
    ir_cur_skip(&last, (uint32_t)oid.len - 1);
    if ((ir_cur_u8(&last) & 0x80) != 0) { /* the last number goes on */
        ir_cur_fail(w, IRPC_SEC_PKG_ERROR);
    }
    return oid;
}

/*
 * The next field of a SEQUENCE: its number, and its contents in *field. *next is the lowest number
 * that may come. FIELD_LAST + 1 at the end, and when @c has failed.
 */
static uint32_t read_field(struct ir_cur *c, uint32_t *next, struct ir_cur *field)
{
    struct ir_cur peek = *c;

    if (c->err != IRPC_OK || ir_cur_left(c) == 0) {
        return FIELD_LAST + 1;
    }
    uint8_t tag = ir_cur_u8(&peek);
    uint32_t n = tag & FIELD_MASK;
    if ((tag & ~FIELD_MASK) != TAG_FIELD || n > FIELD_LAST || n < *next) {
        ir_cur_fail(c, IRPC_SEC_PKG_ERROR);
        return FIELD_LAST + 1;
    }
    *next = n + 1;
    *field = read_element(c, tag);
    return c->err == IRPC_OK ? n : FIELD_LAST + 1;
}

/* The header of a first token: *ret_mech is a window on its mechanism. The window that is left. */
static struct ir_cur read_gss(struct ir_cur *c, struct ir_cur *ret_mech)
{
    struct ir_cur all = read_element(c, TAG_GSS);
    struct ir_cur oid = read_element(&all, TAG_OID);

    *ret_mech = oid;
    (void)read_oid(&oid);
    finish(&all, &oid);
    finish(c, c);
    if (c->err != IRPC_OK) {
        ir_cur_fail(&all, c->err);
    }
    return all;
}

enum irpc_status ir_gss_token_decode(struct irpc_span token, struct irpc_span *ret_mech,
                                     struct irpc_span *ret_inner, struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    struct ir_cur mech = c;
    struct ir_cur inner = read_gss(&c, &mech);

    if (inner.err != IRPC_OK) {
        return ir_violation_set(v, "T08", "not a first GSS token", IRPC_SEC_PKG_ERROR);
    }
    *ret_mech = ir_cur_rest(&mech);
    *ret_inner = ir_cur_rest(&inner);
    return IRPC_OK;
}

/* mechTypes: 1 to 16 object identifiers. check: T10 */
static void read_mechs(struct ir_cur *field, struct ir_spnego_init *m)
{
    struct ir_cur whole = *field;

    m->mech_list = ir_cur_rest(&whole);
    struct ir_cur list = read_element(field, TAG_SEQUENCE);
    while (list.err == IRPC_OK && ir_cur_left(&list) > 0 && m->n_mechs < IR_SPNEGO_MECHS_MAX) {
        struct ir_cur oid = read_element(&list, TAG_OID);
        m->mechs[m->n_mechs++] = read_oid(&oid);
        finish(&list, &oid);
    }
    finish(field, &list);
    if (m->n_mechs == 0) {
        ir_cur_fail(field, IRPC_SEC_PKG_ERROR);
    }
}

/* [3] is mechListMIC in NegTokenInit and negHints in NegTokenInit2. [MS-SPNG] 2.2.1 */
static struct irpc_span read_mic_or_hints(struct ir_cur *field)
{
    struct ir_cur peek = *field;

    if (ir_cur_u8(&peek) == TAG_OCTETS) {
        return read_only(field, TAG_OCTETS);
    }
    (void)read_only(field, TAG_SEQUENCE);
    return (struct irpc_span){NULL, 0};
}

static void read_init_field(uint32_t n, struct ir_cur *field, struct ir_spnego_init *m)
{
    switch (n) {
    case 0:
        read_mechs(field, m);
        break;
    case 1: /* reqFlags: not protected by anything, so never looked at. [RFC 4178] 4.2.1 */
        (void)read_only(field, TAG_BIT_STRING);
        break;
    case 2:
        m->mech_token = read_only(field, TAG_OCTETS);
        break;
    case 3:
        m->mic = read_mic_or_hints(field);
        break;
    case 4:
        if (m->mic.p != NULL) { /* both forms at once */
            ir_cur_fail(field, IRPC_SEC_PKG_ERROR);
        }
        m->mic = read_only(field, TAG_OCTETS);
        break;
    default: /* for the future */
        (void)ir_cur_rest(field);
        break;
    }
}

enum irpc_status ir_spnego_init_decode(struct irpc_span token, struct ir_spnego_init *ret_msg,
                                       struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    struct ir_spnego_init m = {.n_mechs = 0};
    struct ir_cur mech = c;
    struct ir_cur field = c;
    uint32_t next = 0;

    struct ir_cur inner = read_gss(&c, &mech);
    if (inner.err != IRPC_OK || mech_at(&mech) != IR_SPNEGO_SPNEGO) {
        return ir_violation_set(v, "T08", "not a first SPNEGO token", IRPC_SEC_PKG_ERROR);
    }
    struct ir_cur choice = read_element(&inner, TAG_FIELD);
    struct ir_cur fields = read_element(&choice, TAG_SEQUENCE);
    finish(&inner, &inner);
    for (uint32_t n; (n = read_field(&fields, &next, &field)) <= FIELD_LAST;) {
        read_init_field(n, &field, &m);
        finish(&fields, &field);
    }
    finish(&choice, &fields);
    finish(&inner, &choice);
    if (inner.err != IRPC_OK) {
        return ir_violation_set(v, "T08", "SPNEGO NegTokenInit is malformed", IRPC_SEC_PKG_ERROR);
    }
    if (m.n_mechs == 0) {
        return ir_violation_set(v, "T10", "SPNEGO offers no mechanism", IRPC_SEC_PKG_ERROR);
    }
    *ret_msg = m;
    return IRPC_OK;
}

static void read_resp_field(uint32_t n, struct ir_cur *field, struct ir_spnego_resp *m)
{
    struct ir_cur w;

    switch (n) {
    case 0:
        w = read_element(field, TAG_ENUMERATED);
        m->state = (enum ir_spnego_state)ir_cur_u8(&w);
        finish(field, &w);
        if (m->state > IR_SPNEGO_REQUEST_MIC) {
            ir_cur_fail(field, IRPC_SEC_PKG_ERROR);
        }
        break;
    case 1:
        w = read_element(field, TAG_OID);
        m->mech = read_oid(&w);
        finish(field, &w);
        break;
    case 2:
        m->mech_token = read_only(field, TAG_OCTETS);
        break;
    case 3:
        m->mic = read_only(field, TAG_OCTETS);
        break;
    default:
        (void)ir_cur_rest(field);
        break;
    }
}

enum irpc_status ir_spnego_resp_decode(struct irpc_span token, struct ir_spnego_resp *ret_msg,
                                       struct ir_violation *v)
{
    struct ir_cur c = ir_cur_init(token.p, token.len, false);
    struct ir_spnego_resp m = {.state = IR_SPNEGO_NO_STATE};
    struct ir_cur field = c;
    uint32_t next = 0;

    struct ir_cur choice = read_element(&c, TAG_FIELD | 1u);
    struct ir_cur fields = read_element(&choice, TAG_SEQUENCE);
    for (uint32_t n; (n = read_field(&fields, &next, &field)) <= FIELD_LAST;) {
        read_resp_field(n, &field, &m);
        finish(&fields, &field);
    }
    finish(&choice, &fields);
    finish(&c, &choice);
    finish(&c, &c);
    if (c.err != IRPC_OK) {
        return ir_violation_set(v, "T08", "SPNEGO NegTokenResp is malformed", IRPC_SEC_PKG_ERROR);
    }
    *ret_msg = m;
    return IRPC_OK;
}

/* --- encoders: lengths first, then what they are of --- */

/* Bytes of an element with @n bytes of contents. */
static size_t element_len(size_t n)
{
    return n + (n < 0x80 ? 2 : n < 0x100 ? 3 : 4);
}

/* Bytes of a field that is one string; none if it is absent. */
static size_t string_field_len(struct irpc_span s)
{
    return s.p != NULL ? element_len(element_len(s.len)) : 0;
}

static void write_head(struct ir_out *o, uint8_t tag, size_t n)
{
    if (n > MAX_LEN) {
        ir_out_fail(o, IRPC_LIMIT);
        return;
    }
    ir_out_u8(o, tag);
    if (n >= 0x100) {
        ir_out_u8(o, 0x82);
        ir_out_u8(o, (uint8_t)(n >> 8));
    } else if (n >= 0x80) {
        ir_out_u8(o, 0x81);
    }
    ir_out_u8(o, (uint8_t)n);
}

static void write_element(struct ir_out *o, uint8_t tag, struct irpc_span s)
{
    write_head(o, tag, s.len);
    ir_out_bytes(o, s.p, s.len);
}

static void write_string_field(struct ir_out *o, uint8_t n, uint8_t tag, struct irpc_span s)
{
    if (s.p != NULL) {
        write_head(o, (uint8_t)(TAG_FIELD | n), element_len(s.len));
        write_element(o, tag, s);
    }
}

static size_t mechs_len(const struct ir_spnego_init *msg)
{
    size_t n = 0;

    for (uint32_t i = 0; i < msg->n_mechs && i < IR_SPNEGO_MECHS_MAX; i++) {
        n += element_len(msg->mechs[i].len);
    }
    return n;
}

void ir_spnego_mech_list_encode(struct ir_out *o, const struct ir_spnego_init *msg)
{
    if (msg->n_mechs == 0 || msg->n_mechs > IR_SPNEGO_MECHS_MAX) {
        ir_out_fail(o, IRPC_LIMIT);
        return;
    }
    write_head(o, TAG_SEQUENCE, mechs_len(msg));
    for (uint32_t i = 0; i < msg->n_mechs; i++) {
        write_element(o, TAG_OID, msg->mechs[i]);
    }
}

void ir_spnego_init_encode(struct ir_out *o, const struct ir_spnego_init *msg)
{
    struct irpc_span self = ir_spnego_mech_oid(IR_SPNEGO_SPNEGO);
    size_t list = element_len(mechs_len(msg));
    size_t fields =
        element_len(list) + string_field_len(msg->mech_token) + string_field_len(msg->mic);

    write_head(o, TAG_GSS, element_len(self.len) + element_len(element_len(fields)));
    write_element(o, TAG_OID, self);
    write_head(o, TAG_FIELD, element_len(fields));
    write_head(o, TAG_SEQUENCE, fields);
    write_head(o, TAG_FIELD, list);
    ir_spnego_mech_list_encode(o, msg);
    write_string_field(o, 2, TAG_OCTETS, msg->mech_token);
    write_string_field(o, 3, TAG_OCTETS, msg->mic);
}

void ir_spnego_resp_encode(struct ir_out *o, const struct ir_spnego_resp *msg)
{
    uint8_t state = (uint8_t)msg->state;
    struct irpc_span s = {msg->state < IR_SPNEGO_NO_STATE ? &state : NULL, 1};
    size_t fields = string_field_len(s) + string_field_len(msg->mech) +
                    string_field_len(msg->mech_token) + string_field_len(msg->mic);

    write_head(o, TAG_FIELD | 1u, element_len(fields));
    write_head(o, TAG_SEQUENCE, fields);
    write_string_field(o, 0, TAG_ENUMERATED, s);
    write_string_field(o, 1, TAG_OID, msg->mech);
    write_string_field(o, 2, TAG_OCTETS, msg->mech_token);
    write_string_field(o, 3, TAG_OCTETS, msg->mic);
}
