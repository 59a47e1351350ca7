/*
 * Security contexts: see security.h. [MS-RPCE] 3.3.1.5.2, 3.3.3.5, 2.2.2.11, 2.2.2.12;
 * [C706] 13.2.6
 *
 * Invariants: a fragment is verified before anything is done with its stub data (check: A10); its
 * type, level and context are those negotiated, or it is refused (check: A05); a context is judged
 * by what was negotiated on this connection, never by the association group; n_legs is the number
 * of contexts in state LEGS; tokens are bounded in size, number and time (check: A11). Whatever is
 * wrong with a signature, the answer is the same (check: A13). How long stub data is was settled
 * before it was decrypted, and stays so: a provider cannot change it (check: A14).
 * Leaves to others: cryptography and sequence numbers (the provider; check: A12); who may call
 * what (server); signing and sealing (protect.c).
 */
#include "engine/security.h"

#include <string.h>

#include "base/alloc.h"
#include "wire/bind.h"

#define AUTH3_TOKEN_MAX 4096u
#define FAULT_REMOTE_NO_MEMORY 0x1C00001Bu /* nca_s_fault_remote_no_memory */

/* --- the table --- */

uint8_t ir_security_find(const struct ir_conn *conn, uint32_t id)
{
    const struct ir_security *s = conn->security;

    for (uint8_t i = 0; s != NULL && i < s->n; i++) {
        if (s->contexts[i].id == id) {
            return (uint8_t)(i + 1u);
        }
    }
    return 0;
}

enum irpc_status ir_security_add(struct ir_conn *conn, const struct ir_auth_trailer *trailer,
                                 struct ir_auth *auth, uint64_t now_ms, uint8_t *ret_security)
{
    if (conn->security == NULL) {
        conn->security = ir_calloc(1, sizeof(*conn->security));
        if (conn->security == NULL) {
            return IRPC_NO_MEMORY;
        }
    }
    struct ir_security *s = conn->security;
    if (s->n >= conn->config->limits.auth_contexts || s->n >= IR_AUTH_CONTEXTS_MAX) {
        return IRPC_LIMIT;
    }
    s->contexts[s->n++] = (struct ir_security_context){
        .auth = auth,
        .started_ms = now_ms,
        .id = trailer->context_id,
        .type = trailer->type,
        .level = trailer->level,
        .state = IR_SECURITY_LEGS,
    };
    conn->n_legs++;
    conn->plain = false;
    *ret_security = s->n;
    return IRPC_OK;
}

void ir_security_free(struct ir_conn *conn)
{
    struct ir_security *s = conn->security;

    for (unsigned i = 0; s != NULL && i < s->n; i++) {
        s->contexts[i].auth->ops->free(s->contexts[i].auth);
    }
    ir_free(s);
    conn->security = NULL;
    conn->n_legs = 0;
}

const struct irpc_auth_identity *ir_conn_identity(const struct ir_conn *conn, uint32_t call)
{
    const struct ir_conn_call *c = ir_conn_find_call(conn, call);
    const struct ir_security_context *context =
        c != NULL && conn->security != NULL ? ir_security_at(conn, c->security) : NULL;

    return context != NULL ? &context->identity : NULL;
}

bool ir_conn_is_protected(const struct ir_conn *conn)
{
    const struct ir_security *s = conn->security;

    for (unsigned i = 0; s != NULL && i < s->n; i++) {
        if (s->contexts[i].state == IR_SECURITY_DONE && ir_security_protects(&s->contexts[i])) {
            return true;
        }
    }
    return false;
}

void ir_conn_count_auth(const struct ir_conn *conn, uint8_t *ret_done, uint8_t *ret_failed)
{
    const struct ir_security *s = conn->security;

    *ret_done = s != NULL ? s->n_done : 0;
    *ret_failed = s != NULL ? s->n_failed : 0;
}

/* --- legs --- */

static void settle(struct ir_conn *conn, struct ir_security_context *c, bool done)
{
    struct ir_security *s = conn->security;

    conn->n_legs--;
    if (!done) {
        c->state = IR_SECURITY_DEAD;
        s->n_failed++;
        return;
    }
    s->n_done++;
    c->state = IR_SECURITY_DONE;
    c->auth->ops->identity(c->auth, &c->identity);
    c->identity.type = (enum irpc_auth_type)c->type;
    c->identity.level = (enum irpc_auth_level)c->level;
    if (ir_security_protects(c)) {
        c->signature_len = (uint16_t)c->auth->ops->signature_size(c->auth);
    } else if (!s->explicit_) {
        s->implied = (uint8_t)(c - s->contexts + 1);
    }
}

/* check: T14 */
static bool has_too_long_tokens(const struct ir_conn *conn, const struct ir_security_context *c)
{
    return c->token_bytes > conn->config->limits.auth_bytes;
}

enum irpc_status ir_security_step(struct ir_conn *conn, struct ir_security_context *c,
                                  struct irpc_span token, struct ir_out *out, bool *ret_done)
{
    enum irpc_status st = IRPC_SEC_PKG_ERROR;
    const struct irpc_span none = {NULL, 0};

    *ret_done = false;
    if (!c->pending) {
        c->legs++;
        c->token_bytes += (uint32_t)token.len;
    }
    if (c->legs <= conn->config->limits.auth_legs && token.len <= IR_AUTH_TOKEN_MAX &&
        !has_too_long_tokens(conn, c)) {
        st = c->auth->ops->step(c->auth, c->pending ? none : token, out, ret_done);
    }
    c->pending = st == IRPC_PENDING && conn->wake != NULL;
    if (c->pending) {
        conn->waiting = true;
        return st;
    }
    if (st == IRPC_PENDING) { /* nobody would wake us */
        st = IRPC_SEC_PKG_ERROR;
    }
    if (st == IRPC_OK && !*ret_done && out->len == 0) { /* it would wait for ever */
        st = IRPC_SEC_PKG_ERROR;
    }
    if (st != IRPC_OK || *ret_done) {
        settle(conn, c, st == IRPC_OK);
    }
    return st;
}

static bool refuse_leg(struct ir_leg *leg, uint16_t nak, enum irpc_status st, const char *check,
                       const char *reason)
{
    leg->nak = nak;
    leg->fault = irpc_status_fault(st);
    leg->v = (struct ir_violation){check, reason};
    return false;
}

static struct irpc_auth_provider *find_provider(const struct ir_conn *conn, uint8_t type)
{
    const struct ir_auth_list *list = conn->config->auth;

    for (unsigned i = 0; list != NULL && i < list->n; i++) {
        if (list->providers[i]->type == type) {
            return list->providers[i];
        }
    }
    return NULL;
}

/* A context of its own for the first token. check: A03 A04 A11 */
static bool begin(struct ir_conn *conn, const struct ir_input *in,
                  const struct ir_auth_trailer *trailer, uint8_t *ret_security, struct ir_leg *leg)
{
    struct irpc_auth_provider *provider = find_provider(conn, trailer->type);
    struct ir_auth_begin how = {.role = IR_AUTH_ACCEPT,
                                .level = (enum irpc_auth_level)trailer->level,
                                .wake = conn->wake,
                                .target = ""};
    struct ir_auth *auth = NULL;

    if (provider == NULL) {
        return refuse_leg(leg, IR_NAK_AUTH_TYPE_UNKNOWN, IRPC_UNKNOWN_AUTH_TYPE, "A03",
                          "unknown authentication type");
    }
    if (trailer->level == IRPC_AUTH_LEVEL_CALL) { /* clients send it as PACKET */
        return refuse_leg(leg, IR_NAK_INVALID_CHECKSUM, IRPC_SEC_PKG_ERROR, "A04",
                          "authentication level CALL");
    }
    if (provider->ops->begin(provider, &how, &auth) != IRPC_OK) {
        return refuse_leg(leg, IR_NAK_INVALID_CHECKSUM, IRPC_SEC_PKG_ERROR, "A03",
                          "the security provider cannot begin");
    }
    enum irpc_status st = ir_security_add(conn, trailer, auth, in->now_ms, ret_security);
    if (st != IRPC_OK) {
        auth->ops->free(auth);
        return refuse_leg(leg, IR_NAK_TEMPORARY_CONGESTION, IRPC_PROTO_ERROR, "A11",
                          "too many security contexts");
    }
    conn->security->of_bind |= in->header->ptype == IR_PTYPE_BIND;
    return true;
}

bool ir_security_take_leg(struct ir_conn *conn, const struct ir_input *in,
                          const struct ir_auth_trailer *trailer, struct ir_leg *leg)
{
    uint8_t security = ir_security_find(conn, trailer->context_id);

    ir_out_init(&leg->token, IR_AUTH_TOKEN_MAX, false);
    if (security == 0) {
        if (!begin(conn, in, trailer, &security, leg)) {
            return false;
        }
    } else { /* check: A09 */
        const struct ir_security_context *old = ir_security_at(conn, security);
        if (old->type != trailer->type) {
            return refuse_leg(leg, 0, IRPC_SEC_PKG_ERROR, "A09", "authentication type changed");
        }
        if (old->level != trailer->level || old->state != IR_SECURITY_LEGS) {
            return refuse_leg(leg, 0, IRPC_ACCESS_DENIED, "A09",
                              "security context established again or with another level");
        }
    }
    struct ir_security_context *c = &conn->security->contexts[security - 1];
    enum irpc_status st = ir_security_step(conn, c, trailer->token, &leg->token, &leg->done);
    leg->pending = st == IRPC_PENDING;
    if (leg->pending) {
        return false;
    }
    if (st != IRPC_OK && has_too_long_tokens(conn, c)) {
        return refuse_leg(leg, IR_NAK_INVALID_CHECKSUM, IRPC_SEC_PKG_ERROR, "T14",
                          "the tokens of an authentication are too long together");
    }
    if (st != IRPC_OK) {
        return refuse_leg(leg, IR_NAK_INVALID_CHECKSUM, IRPC_SEC_PKG_ERROR, "A03",
                          st == IRPC_ACCESS_DENIED ? "authentication failed"
                                                   : "token not acceptable");
    }
    return true;
}

/* auth3 condemned: [MS-RPCE] 3.3.3.5.4. */
static enum irpc_status refuse_auth3(struct ir_conn *conn, const struct ir_input *in,
                                     uint32_t fault, const char *reason, struct ir_event *event)
{
    struct ir_refusal refusal = {.call_id = in->header->call_id,
                                 .status = fault,
                                 .did_not_execute = true,
                                 .check = "A07",
                                 .reason = reason};

    return ir_conn_refuse(conn, &refusal, event);
}

/* Why @trailer is not the next token; NULL if it is. check: A07 */
static const char *judge_auth3(const struct ir_conn *conn, const struct ir_auth_trailer *trailer,
                               uint8_t security, uint32_t *ret_fault)
{
    const struct ir_security_context *c = ir_security_at(conn, security);

    *ret_fault = FAULT_REMOTE_NO_MEMORY;
    if (trailer->pad_length != 0) {
        return "padding in front of the trailer";
    }
    if (c == NULL) {
        *ret_fault = irpc_status_fault(IRPC_ACCESS_DENIED);
        return "auth3 for an unknown security context";
    }
    if (c->type != trailer->type || c->level != trailer->level) {
        return "auth3 with another type or level";
    }
    if (c->state != IR_SECURITY_LEGS || trailer->token.len > AUTH3_TOKEN_MAX) {
        *ret_fault = irpc_status_fault(IRPC_PROTO_ERROR);
        return "auth3 out of turn, or its token is too long";
    }
    return NULL;
}

/*
 * The last token, never answered: a provider that fails, or would have to answer, leaves a dead
 * context, and the next call learns it. check: A07
 */
enum irpc_status ir_conn_on_auth3(struct ir_conn *conn, const struct ir_input *in,
                                  struct ir_event *event)
{
    struct ir_auth_trailer trailer;
    struct ir_violation v;
    uint32_t fault;
    bool done = false;

    if (conn->security == NULL) {
        return refuse_auth3(conn, in, FAULT_REMOTE_NO_MEMORY, "auth3 without a security context",
                            event);
    }
    if (ir_auth3_decode(in->header, in->pdu, &trailer, &v) != IRPC_OK) {
        return refuse_auth3(conn, in, FAULT_REMOTE_NO_MEMORY, v.reason, event);
    }
    uint8_t security = ir_security_find(conn, trailer.context_id);
    const char *reason = judge_auth3(conn, &trailer, security, &fault);
    if (reason != NULL) {
        return refuse_auth3(conn, in, fault, reason, event);
    }
    struct ir_security_context *c = ir_security_at(conn, security);
    struct ir_out answer;
    ir_out_init(&answer, IR_AUTH_TOKEN_MAX, false);
    enum irpc_status st = ir_security_step(conn, c, trailer.token, &answer, &done);
    if (c->pending) { /* it comes once more */
        ir_out_deinit(&answer);
        return IRPC_OK;
    }
    if (st != IRPC_OK || !done || answer.len != 0) {
        if (c->state == IR_SECURITY_LEGS) {
            settle(conn, c, false);
        }
        c->state = IR_SECURITY_DEAD;
        ir_conn_reject(conn, in->header->call_id, "A07", "authentication failed in auth3", event);
        conn->close = false;
    }
    if (c->state == IR_SECURITY_DEAD && conn->security->implied == security) {
        conn->security->implied = 0;
    }
    ir_out_deinit(&answer);
    return IRPC_OK;
}

/* --- requests --- */

enum irpc_status ir_security_verify(struct ir_conn *conn, struct ir_security_context *c,
                                    const struct ir_input *in, struct irpc_span stub,
                                    const struct ir_auth_trailer *trailer)
{
    size_t begin_of_data = (size_t)(stub.p - in->pdu.p);
    struct ir_auth_pdu pdu = {
        .head = {in->pdu.p, begin_of_data},
        .data = in->bytes + begin_of_data,
        .data_len = trailer->offset - begin_of_data,
        .trailer = {in->pdu.p + trailer->offset, IR_AUTH_TRAILER_LEN},
        .sign_header = conn->sign_header,
    };

    if (c->state == IR_SECURITY_DONE &&
        c->auth->ops->unprotect(c->auth, &pdu, trailer->token) == IRPC_OK) {
        return IRPC_OK;
    }
    c->state = IR_SECURITY_DEAD;
    return IRPC_SEC_PKG_ERROR;
}

/* Close with the fault for @st. */
static enum irpc_status refuse(struct ir_conn *conn, const struct ir_input *in, uint16_t context_id,
                               enum irpc_status st, const char *check, const char *reason,
                               struct ir_event *event)
{
    struct ir_refusal refusal = {.call_id = in->header->call_id,
                                 .context_id = context_id,
                                 .status = irpc_status_fault(st),
                                 .check = check,
                                 .reason = reason};

    return ir_conn_refuse(conn, &refusal, event);
}

static enum irpc_status refuse_unfinished(struct ir_conn *conn, const struct ir_input *in,
                                          struct ir_event *event)
{
    struct ir_refusal refusal = {.call_id = in->header->call_id,
                                 .status = irpc_status_fault(IRPC_PROTO_ERROR),
                                 .did_not_execute = true,
                                 .check = "A08",
                                 .reason = "request before authentication was complete"};

    return ir_conn_refuse(conn, &refusal, event);
}

/* Whether calls without a trailer are acceptable at all. check: A05 */
static bool may_lack_trailer(const struct ir_security *s)
{
    return s == NULL || s->implied != 0 || !s->of_bind ||
           (s->contexts[0].state == IR_SECURITY_DONE && !ir_security_protects(&s->contexts[0]));
}

static enum irpc_status admit_bare(struct ir_conn *conn, const struct ir_input *in,
                                   uint16_t context_id, uint8_t *ret_security, bool *ret_refused,
                                   struct ir_event *event)
{
    if (conn->n_legs > 0) {
        *ret_refused = true;
        return refuse_unfinished(conn, in, event);
    }
    if (!may_lack_trailer(conn->security)) {
        *ret_refused = true;
        return refuse(conn, in, context_id, IRPC_ACCESS_DENIED, "A05", "request without a verifier",
                      event);
    }
    *ret_security = conn->security != NULL ? conn->security->implied : 0;
    return IRPC_OK;
}

enum irpc_status ir_security_admit(struct ir_conn *conn, const struct ir_input *in,
                                   const struct ir_request *request, uint8_t *ret_security,
                                   bool *ret_refused, struct ir_event *event)
{
    const struct ir_auth_trailer *trailer = &request->auth;

    *ret_refused = false;
    if (!trailer->present) {
        return admit_bare(conn, in, request->context_id, ret_security, ret_refused, event);
    }
    uint8_t security = ir_security_find(conn, trailer->context_id);
    struct ir_security_context *c = ir_security_at(conn, security);
    *ret_refused = true;
    if (c != NULL && c->state == IR_SECURITY_LEGS) { /* check: A08 */
        return refuse_unfinished(conn, in, event);
    }
    if (c == NULL || c->type != trailer->type || c->level != trailer->level ||
        c->state != IR_SECURITY_DONE) { /* [MS-RPCE] 3.3.3.5; check: A05 */
        return refuse(conn, in, request->context_id, IRPC_ACCESS_DENIED, "A05",
                      "verifier without a security context", event);
    }
    conn->security->explicit_ = true;
    conn->security->implied = 0;
    if (ir_security_protects(c) &&
        ir_security_verify(conn, c, in, request->stub, trailer) != IRPC_OK) {
        return refuse(conn, in, request->context_id, IRPC_SEC_PKG_ERROR, "A10",
                      "signature does not verify", event);
    }
    *ret_refused = false;
    *ret_security = security;
    return IRPC_OK;
}

enum irpc_status ir_security_admit_later(struct ir_conn *conn, const struct ir_input *in,
                                         const struct ir_request *request,
                                         const struct ir_partial *partial, bool *ret_refused,
                                         struct ir_event *event)
{
    struct ir_security_context *c = ir_security_at(conn, partial->security);

    *ret_refused = true;
    if (c == NULL && request->auth.present) {
        return refuse(conn, in, partial->context_id, IRPC_ACCESS_DENIED, "A05",
                      "verifier without a security context", event);
    }
    if (ir_security_protects(c)) {
        if (!request->auth.present) {
            return refuse(conn, in, partial->context_id, IRPC_PROTO_ERROR, "A05",
                          "fragment without a verifier", event);
        }
        if (ir_security_verify(conn, c, in, request->stub, &request->auth) != IRPC_OK) {
            return refuse(conn, in, partial->context_id, IRPC_SEC_PKG_ERROR, "A10",
                          "signature does not verify", event);
        }
    }
    *ret_refused = false;
    return IRPC_OK;
}
