/*
 * Kerberos: the security context of either role. [MS-RPCE] 2.2.2.11.1, [RFC 4121],
 * [MS-KILE] 3.4.5.4
 *
 * Invariants: a context is done only if it has what its level needs: mutual authentication, DCE
 * style, an order of messages (check: A12), integrity, confidentiality, and an AES key. Everything
 * that GSSAPI says besides "complete" about a signature (repeated, old, out of order, a gap) is an
 * error. Nothing here opens a file or waits for the network on a server; a client asks its KDC for
 * a ticket in its first leg. Leaves to others: credentials (gss_client.c, gss_server.c).
 */
#include "auth/gss.h"

#include <string.h>

#include "auth/spnego_msg.h"
#include "base/alloc.h"
#include "base/cur.h"

#define TOK_ID_AP_REQ 0x0001u /* in little-endian; [RFC 4121] 4.1 has 01 00 */
#define BLOCK_LEN 16u         /* of AES */

static struct ir_gss *gss_of(struct ir_auth *auth)
{
    return (struct ir_gss *)(void *)auth;
}

static const struct ir_gss *peek(const struct ir_auth *auth)
{
    return (const struct ir_gss *)(const void *)auth;
}

/* GSSAPI knows no const; it writes to none of these. */
static gss_buffer_desc buffer_of(struct irpc_span s)
{
    return (gss_buffer_desc){s.len, (void *)(uintptr_t)s.p};
}

static bool is_client(const struct ir_gss *gss)
{
    return gss->role == IR_AUTH_INITIATE;
}

enum irpc_status ir_gss_new(struct irpc_auth_provider *provider, const struct ir_auth_begin *begin,
                            struct ir_gss **ret_gss)
{
    if (begin->bindings.len > 0) { /* GSSAPI wants them before they are hashed */
        return IRPC_INVALID_ARG;
    }
    struct ir_gss *gss = ir_calloc(1, sizeof(*gss));
    if (gss == NULL) {
        return IRPC_NO_MEMORY;
    }
    gss->base.ops = provider->ops;
    gss->provider = (const struct ir_gss_provider *)(const void *)provider;
    gss->role = (uint8_t)begin->role;
    gss->level = (uint8_t)begin->level;
    gss->wants_mic = begin->wants_mic;
    gss->context = GSS_C_NO_CONTEXT;
    gss->target = GSS_C_NO_NAME;
    *ret_gss = gss;
    return IRPC_OK;
}

void ir_gss_op_free(struct ir_auth *auth)
{
    struct ir_gss *gss = gss_of(auth);
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &gss->context, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &gss->target);
    ir_free(gss->principal);
    explicit_bzero(gss, sizeof(*gss));
    ir_free(gss);
}

/* --- the end of the exchange --- */

#define SIGN_FLAGS (GSS_C_INTEG_FLAG | GSS_C_SEQUENCE_FLAG) /* check: A12 */

/* What a level needs, or SPNEGO; no more, for at level CONNECT Samba's server answers no session
 * that may sign. [MS-RPCE] 2.2.1.1.8 */
static OM_uint32 needed_flags(const struct ir_gss *gss)
{
    OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_DCE_STYLE;

    if (gss->level >= IRPC_AUTH_LEVEL_PACKET || gss->wants_mic) {
        flags |= SIGN_FLAGS;
    }
    return flags | (gss->level == IRPC_AUTH_LEVEL_PRIVACY ? GSS_C_CONF_FLAG : 0);
}

/* The session key, and of which type it is: the last number of an object identifier. */
static enum irpc_status take_key(struct ir_gss *gss)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    enum irpc_status st = IRPC_SEC_PKG_ERROR;
    OM_uint32 minor;

    if (gss_inquire_sec_context_by_oid(&minor, gss->context, GSS_C_INQ_SSPI_SESSION_KEY, &set) !=
        GSS_S_COMPLETE) {
        return st;
    }
    if (set->count == 2 && set->elements[0].length <= sizeof(gss->key) &&
        set->elements[1].length > 0) {
        const uint8_t *oid = set->elements[1].value;
        if (ir_gss_is_strong(oid[set->elements[1].length - 1])) {
            gss->key_len = set->elements[0].length;
            memcpy(gss->key, set->elements[0].value, gss->key_len);
            st = IRPC_OK;
        }
    }
    for (size_t i = 0; i < set->count; i++) {
        explicit_bzero(set->elements[i].value, set->elements[i].length);
    }
    (void)gss_release_buffer_set(&minor, &set);
    return st;
}

/* Printable, without what a log would trip over. check: T15 */
static bool is_name(const gss_buffer_desc *text)
{
    const uint8_t *p = text->value;

    for (size_t i = 0; i < text->length; i++) {
        if (p[i] < 0x20 || p[i] == 0x7F) {
            return false;
        }
    }
    return text->length > 0;
}

static enum irpc_status take_principal(struct ir_gss *gss, bool anonymous)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_name_t name = GSS_C_NO_NAME;
    enum irpc_status st = IRPC_SEC_PKG_ERROR;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_context(&minor, gss->context, is_client(gss) ? NULL : &name,
                            is_client(gss) ? &name : NULL, NULL, NULL, NULL, NULL, NULL);

    if (anonymous) {
        st = IRPC_OK;
    } else if (major == GSS_S_COMPLETE &&
               gss_display_name(&minor, name, &text, NULL) == GSS_S_COMPLETE && is_name(&text)) {
        gss->principal = ir_strndup(text.value, text.length);
        st = gss->principal != NULL ? IRPC_OK : IRPC_NO_MEMORY;
    }
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
    return st;
}

static enum irpc_status take_signature_len(struct ir_gss *gss)
{
    gss_iov_buffer_desc iov[2] = {{.type = GSS_IOV_BUFFER_TYPE_HEADER},
                                  {.type = GSS_IOV_BUFFER_TYPE_DATA, .buffer = {BLOCK_LEN, NULL}}};
    OM_uint32 minor;
    OM_uint32 major;

    if (gss->level == IRPC_AUTH_LEVEL_PRIVACY) {
        major = gss_wrap_iov_length(&minor, gss->context, 1, GSS_C_QOP_DEFAULT, NULL, iov, 2);
    } else {
        iov[0].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
        major = gss_get_mic_iov_length(&minor, gss->context, GSS_C_QOP_DEFAULT, iov, 2);
    }
    if (major != GSS_S_COMPLETE || iov[0].buffer.length == 0 ||
        iov[0].buffer.length > IR_AUTH_SIGNATURE_MAX) {
        return IRPC_SEC_PKG_ERROR;
    }
    gss->signature_len = (uint16_t)iov[0].buffer.length;
    return IRPC_OK;
}

/* Clients that did not ask for signatures are authenticated, as Windows does it, unless they want
 * to seal; but no fragment of theirs verifies. */
static enum irpc_status complete(struct ir_gss *gss, OM_uint32 flags)
{
    OM_uint32 needed = needed_flags(gss);

    if (!is_client(gss) && gss->level < IRPC_AUTH_LEVEL_PRIVACY) {
        needed &= ~(OM_uint32)SIGN_FLAGS;
    }
    if ((flags & needed) != needed) {
        return IRPC_SEC_PKG_ERROR;
    }
    gss->can_sign = (flags & SIGN_FLAGS) == SIGN_FLAGS;
    enum irpc_status st = take_key(gss);
    if (st == IRPC_OK) {
        st = take_principal(gss, (flags & GSS_C_ANON_FLAG) != 0 && !is_client(gss));
    }
    if (st == IRPC_OK && gss->level >= IRPC_AUTH_LEVEL_PACKET) {
        st = take_signature_len(gss);
    }
    gss->state = st == IRPC_OK ? IR_GSS_DONE : IR_GSS_FAILED;
    return st;
}

/* --- legs --- */

static OM_uint32 initiate(struct ir_gss *gss, gss_buffer_desc *token, gss_buffer_desc *answer,
                          OM_uint32 *ret_flags)
{
    OM_uint32 wanted = needed_flags(gss) | (gss->provider->delegate ? GSS_C_DELEG_FLAG : 0);
    OM_uint32 minor;

    wanted |= (wanted & SIGN_FLAGS) != 0 ? GSS_C_REPLAY_FLAG : 0;
    return gss_init_sec_context(&minor, gss->provider->credentials, &gss->context, gss->target,
                                gss_mech_krb5, wanted, 0, GSS_C_NO_CHANNEL_BINDINGS, token, NULL,
                                answer, ret_flags, NULL);
}

/* AP-REQ without the wrapper of a first GSS token: in DCE style it should have none, Windows and
 * Impacket wrap it under SPNEGO. accepts: T12 */
static struct irpc_span unwrap_request(struct irpc_span token)
{
    struct irpc_span mech = {NULL, 0};
    struct irpc_span inner = {NULL, 0};
    struct ir_violation v;

    if (ir_gss_token_decode(token, &mech, &inner, &v) != IRPC_OK) {
        return token;
    }
    enum ir_spnego_mech kind = ir_spnego_mech_of(mech);
    struct ir_cur c = ir_cur_init(inner.p, inner.len, false);
    bool is_request = ir_cur_u16(&c) == TOK_ID_AP_REQ && c.err == IRPC_OK;
    return is_request && (kind == IR_SPNEGO_KERBEROS || kind == IR_SPNEGO_MS_KERBEROS)
               ? ir_cur_rest(&c)
               : token;
}

static OM_uint32 accept_token(struct ir_gss *gss, gss_buffer_desc *token, gss_buffer_desc *answer,
                              OM_uint32 *ret_flags)
{
    OM_uint32 minor;

    return gss_accept_sec_context(&minor, &gss->context, gss->provider->credentials, token,
                                  GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, answer, ret_flags, NULL,
                                  NULL);
}

/* What is wrong with a token itself, or with what it proves. */
static enum irpc_status failure(OM_uint32 major)
{
    return GSS_ROUTINE_ERROR(major) == GSS_S_DEFECTIVE_TOKEN ? IRPC_SEC_PKG_ERROR
                                                             : IRPC_ACCESS_DENIED;
}

enum irpc_status ir_gss_op_step(struct ir_auth *auth, struct irpc_span token, struct ir_out *out,
                                bool *ret_done)
{
    struct ir_gss *gss = gss_of(auth);
    bool is_first = gss->context == GSS_C_NO_CONTEXT;
    gss_buffer_desc in = buffer_of(is_first && !is_client(gss) ? unwrap_request(token) : token);
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    enum irpc_status st = IRPC_OK;
    OM_uint32 flags = 0;
    OM_uint32 minor;

    if (gss->state != IR_GSS_LEGS || (token.len == 0) != (is_client(gss) && is_first)) {
        return IRPC_SEC_PKG_ERROR; /* check: T01 */
    }
    OM_uint32 major = is_client(gss) ? initiate(gss, &in, &answer, &flags)
                                     : accept_token(gss, &in, &answer, &flags);
    if (GSS_ERROR(major)) {
        st = failure(major);
    } else {
        ir_out_bytes(out, answer.value, answer.length);
        st = out->err;
    }
    (void)gss_release_buffer(&minor, &answer);
    if (st == IRPC_OK && major == GSS_S_COMPLETE) {
        st = complete(gss, flags);
    }
    if (st != IRPC_OK) {
        gss->state = IR_GSS_FAILED;
    }
    *ret_done = gss->state == IR_GSS_DONE;
    return st;
}

/* --- protection of fragments --- */

static bool can_sign(const struct ir_gss *gss)
{
    return gss->state == IR_GSS_DONE && gss->can_sign;
}

size_t ir_gss_op_signature_size(const struct ir_auth *auth)
{
    return peek(auth)->signature_len;
}

/* The parts of @pdu, and the signature: in front at level PRIVACY, behind at the others. */
static void parts_of(const struct ir_gss *gss, const struct ir_auth_pdu *pdu,
                     gss_buffer_desc signature, gss_iov_buffer_desc iov[4])
{
    const OM_uint32 signed_only =
        pdu->sign_header ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_EMPTY;
    const bool seal = gss->level == IRPC_AUTH_LEVEL_PRIVACY;
    gss_iov_buffer_desc *p = iov + (seal ? 1 : 0);

    p[0] = (gss_iov_buffer_desc){signed_only, buffer_of(pdu->head)};
    p[1] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_DATA, {pdu->data_len, pdu->data}};
    p[2] = (gss_iov_buffer_desc){signed_only, buffer_of(pdu->trailer)};
    iov[seal ? 0 : 3] = (gss_iov_buffer_desc){
        seal ? GSS_IOV_BUFFER_TYPE_HEADER : GSS_IOV_BUFFER_TYPE_MIC_TOKEN, signature};
}

enum irpc_status ir_gss_op_protect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                   uint8_t *signature)
{
    struct ir_gss *gss = gss_of(auth);
    gss_iov_buffer_desc iov[4];
    OM_uint32 major = GSS_S_FAILURE;
    OM_uint32 minor;
    int sealed = 1;

    parts_of(gss, pdu, (gss_buffer_desc){gss->signature_len, signature}, iov);
    if (can_sign(gss) && gss->level == IRPC_AUTH_LEVEL_PRIVACY) {
        major = gss_wrap_iov(&minor, gss->context, 1, GSS_C_QOP_DEFAULT, &sealed, iov, 4);
    } else if (can_sign(gss)) {
        major = gss_get_mic_iov(&minor, gss->context, GSS_C_QOP_DEFAULT, iov, 4);
    }
    if (major != GSS_S_COMPLETE || sealed == 0) {
        gss->state = IR_GSS_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    return IRPC_OK;
}

/* Ours is one of the longest: Windows fills up to a whole block (EC), Impacket as far as is needed.
 */
static bool is_length(const struct ir_gss *gss, size_t len)
{
    size_t filler = gss->level == IRPC_AUTH_LEVEL_PRIVACY ? BLOCK_LEN : 0;

    return len <= gss->signature_len && len + filler >= gss->signature_len;
}

/* Whether the plain text is where, and as long as, the data of @pdu was. GSSAPI takes the padding
 * of old encryption types off it, by a length that lies in the plain text. check: A14 */
static bool fits(const struct ir_auth_pdu *pdu, const gss_iov_buffer_desc *data)
{
    return data->buffer.value == pdu->data && data->buffer.length == pdu->data_len;
}

/* check: A12 A13 */
enum irpc_status ir_gss_op_unprotect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                     struct irpc_span signature)
{
    struct ir_gss *gss = gss_of(auth);
    uint8_t copy[IR_AUTH_SIGNATURE_MAX]; /* part of it is decrypted, too */
    gss_iov_buffer_desc iov[4];
    OM_uint32 major = GSS_S_FAILURE;
    OM_uint32 minor;
    int sealed = 1;

    if (can_sign(gss) && is_length(gss, signature.len)) {
        memcpy(copy, signature.p, signature.len);
        parts_of(gss, pdu, (gss_buffer_desc){signature.len, copy}, iov);
        major = gss->level == IRPC_AUTH_LEVEL_PRIVACY
                    ? gss_unwrap_iov(&minor, gss->context, &sealed, NULL, iov, 4)
                    : gss_verify_mic_iov(&minor, gss->context, NULL, iov, 4);
    }
    if (major != GSS_S_COMPLETE || sealed == 0 ||
        !fits(pdu, &iov[gss->level == IRPC_AUTH_LEVEL_PRIVACY ? 2 : 1])) {
        gss->state = IR_GSS_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    return IRPC_OK;
}

/* --- SPNEGO's mechListMIC --- */

bool ir_gss_op_has_mic(const struct ir_auth *auth)
{
    return can_sign(peek(auth));
}

enum irpc_status ir_gss_op_get_mic(struct ir_auth *auth, struct irpc_span message,
                                   struct ir_out *out)
{
    struct ir_gss *gss = gss_of(auth);
    gss_buffer_desc in = buffer_of(message);
    gss_buffer_desc mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (!can_sign(gss) ||
        gss_get_mic(&minor, gss->context, GSS_C_QOP_DEFAULT, &in, &mic) != GSS_S_COMPLETE) {
        gss->state = IR_GSS_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    ir_out_bytes(out, mic.value, mic.length);
    (void)gss_release_buffer(&minor, &mic);
    return out->err;
}

/* check: A13 T11 */
enum irpc_status ir_gss_op_verify_mic(struct ir_auth *auth, struct irpc_span message,
                                      struct irpc_span mic)
{
    struct ir_gss *gss = gss_of(auth);
    gss_buffer_desc in = buffer_of(message);
    gss_buffer_desc signature = buffer_of(mic);
    OM_uint32 minor;

    if (!can_sign(gss) ||
        gss_verify_mic(&minor, gss->context, &in, &signature, NULL) != GSS_S_COMPLETE) {
        gss->state = IR_GSS_FAILED;
        return IRPC_SEC_PKG_ERROR;
    }
    return IRPC_OK;
}

/* --- who it is --- */

void ir_gss_op_identity(const struct ir_auth *auth, struct irpc_auth_identity *ret_identity)
{
    const struct ir_gss *gss = peek(auth);

    *ret_identity = (struct irpc_auth_identity){
        .package = "kerberos",
        .principal = gss->principal != NULL ? gss->principal : "",
        .anonymous = gss->principal == NULL,
    };
}

struct irpc_span ir_gss_op_session_key(const struct ir_auth *auth)
{
    const struct ir_gss *gss = peek(auth);

    return (struct irpc_span){gss->key, gss->state == IR_GSS_DONE ? gss->key_len : 0};
}
