/*
 * Security in the client role: one context for a connection, established with its bind.
 * [MS-RPCE] 3.3.1.5.2, 3.3.2.4.1, 3.3.2.5
 *
 * The first token goes with the bind. Its answer ends the exchange, or leads to a last token in
 * auth3, or to more of them in alter_context, which offers an accepted context once more.
 * Invariants: nothing is BOUND before the provider is done; a server that leaves the trailer away,
 * or changes it, is refused (check: A05); header signing is asked for, and taken as it is granted.
 * Leaves to others: who is at the other end (the provider), what a call needs.
 */
#include "engine/security.h"

#include "wire/bind.h"
#include "wire/verification_trailer.h"

enum irpc_status ir_client_put_token(struct ir_conn *conn, struct ir_out *o, uint64_t now_ms,
                                     uint16_t *ret_auth_length)
{
    const struct ir_conn_config *config = conn->config;
    struct ir_auth_begin how = {.role = IR_AUTH_INITIATE,
                                .level = (enum irpc_auth_level)config->level,
                                .target = config->target};
    struct ir_auth_trailer trailer = {.type = config->provider->type, .level = config->level};
    struct ir_auth *auth = NULL;
    struct ir_out token;
    uint8_t security = 0;
    bool done;

    enum irpc_status st = config->provider->ops->begin(config->provider, &how, &auth);
    if (st != IRPC_OK) {
        return st;
    }
    st = ir_security_add(conn, &trailer, auth, now_ms, &security);
    if (st != IRPC_OK) {
        auth->ops->free(auth);
        return st;
    }
    ir_out_init(&token, IR_AUTH_TOKEN_MAX, false);
    st = ir_security_step(conn, ir_security_at(conn, security), (struct irpc_span){NULL, 0}, &token,
                          &done);
    if (st == IRPC_OK) {
        trailer.token = (struct irpc_span){token.base, token.len};
        ir_auth_trailer_encode(o, o->len, &trailer);
        *ret_auth_length = (uint16_t)token.len;
    }
    ir_out_deinit(&token);
    return st;
}

static struct ir_auth_trailer trailer_of(const struct ir_security_context *c,
                                         const struct ir_out *token)
{
    return (struct ir_auth_trailer){.type = c->type,
                                    .level = c->level,
                                    .context_id = c->id,
                                    .token = {token->base, token->len}};
}

static void send_auth3(struct ir_conn *conn, const struct ir_auth_trailer *trailer)
{
    struct ir_out *o = &conn->outq->buf;
    size_t start = ir_auth3_encode(o, IR_PFC_WHOLE, conn->bind_call_id);

    ir_auth_trailer_encode(o, o->len, trailer);
    ir_header_end(o, start, 0, (uint16_t)trailer->token.len);
}

/* The next token with @context, which was accepted. */
static void send_alter(struct ir_conn *conn, const struct ir_pcontext *context,
                       const struct ir_auth_trailer *trailer)
{
    struct ir_out *o = &conn->outq->buf;
    struct ir_bind bind = {.max_xmit_frag = (uint16_t)conn->config->frag_max,
                           .max_recv_frag = (uint16_t)conn->config->frag_max,
                           .assoc_group_id = conn->group_id,
                           .n_contexts = 1};
    const struct irpc_syntax_id *syntax =
        context->transfer == IR_TRANSFER_NDR64 ? &ir_syntax_ndr64 : &ir_syntax_ndr;
    size_t start =
        ir_bind_encode(o, IR_PTYPE_ALTER_CONTEXT, IR_PFC_WHOLE, conn->next_call_id, &bind);

    ir_bind_encode_context(o, context->id, &context->abstract, syntax, 1);
    ir_auth_trailer_encode(o, o->len, trailer);
    ir_header_end(o, start, 0, (uint16_t)trailer->token.len);
    conn->bind_call_id = conn->next_call_id++;
}

static const struct ir_pcontext *accepted(const struct ir_conn *conn)
{
    for (unsigned i = 0; i < conn->n_contexts; i++) {
        if (conn->contexts[i].transfer != IR_TRANSFER_NONE) {
            return &conn->contexts[i];
        }
    }
    return NULL;
}

/* Over, as the status says: not by an answer of the server, but by our own judgement. */
static enum irpc_status give_up(struct ir_conn *conn, const struct ir_input *in,
                                enum irpc_status st, const char *reason, struct ir_event *event)
{
    if (st == IRPC_NO_MEMORY || st == IRPC_LIMIT) {
        return st;
    }
    conn->close = true;
    event->type = IR_EVENT_REFUSED;
    event->call_id = in->header->call_id;
    event->status = irpc_status_fault(st);
    event->reason = reason;
    return IRPC_OK;
}

static enum irpc_status next_leg(struct ir_conn *conn, const struct ir_input *in,
                                 struct ir_security_context *c, const struct ir_out *token,
                                 bool done, struct ir_event *event)
{
    const struct ir_auth_trailer trailer = trailer_of(c, token);
    const struct ir_pcontext *context = accepted(conn);
    size_t start = conn->outq->buf.len;

    if (!done && context == NULL) { /* nothing to call: the exchange is not worth ending */
        conn->close = true;
    } else if (!done) {
        send_alter(conn, context, &trailer);
        conn->in_leg = true;
        conn->state = IR_STATE_ALTERING;
        return ir_conn_sent(conn, start);
    } else if (token->len > 0) {
        send_auth3(conn, &trailer);
    }
    conn->state = IR_STATE_BOUND;
    event->type = IR_EVENT_BOUND;
    event->call_id = in->header->call_id;
    return ir_conn_sent(conn, start);
}

/* Whether there is a trailer, with what was negotiated for @c. */
static bool is_of(const struct ir_auth_trailer *trailer, const struct ir_security_context *c)
{
    return trailer->present && trailer->type == c->type && trailer->level == c->level &&
           trailer->context_id == c->id;
}

enum irpc_status ir_client_take_token(struct ir_conn *conn, const struct ir_input *in,
                                      const struct ir_auth_trailer *trailer, struct ir_event *event)
{
    struct ir_security_context *c = &conn->security->contexts[0];
    struct ir_out token;
    bool done = false;

    conn->in_leg = false;
    if (!is_of(trailer, c)) {
        return give_up(conn, in, IRPC_SEC_PKG_ERROR, /* check: A05 */
                       "the server's answer lacks its authentication, or has another", event);
    }
    ir_out_init(&token, IR_AUTH_TOKEN_MAX, false);
    enum irpc_status st = ir_security_step(conn, c, trailer->token, &token, &done);
    if (st == IRPC_OK) {
        st = next_leg(conn, in, c, &token, done, event);
    } else {
        st = give_up(conn, in, st, "the security provider refused the server's token", event);
    }
    ir_out_deinit(&token);
    return st;
}

/* check: A05 A10: before anything is done with the stub data */
const char *ir_client_verify(struct ir_conn *conn, const struct ir_input *in,
                             const struct ir_response *response)
{
    struct ir_security_context *c = conn->security != NULL ? &conn->security->contexts[0] : NULL;
    const struct ir_auth_trailer *trailer = &response->auth;

    if (c == NULL) {
        return trailer->present ? "verifier without a security context" : NULL;
    }
    if (!ir_security_protects(c)) {
        return NULL; /* check: A06 */
    }
    if (!is_of(trailer, c)) {
        return "reply without the verifier that was agreed on";
    }
    return ir_security_verify(conn, c, in, response->stub, trailer) == IRPC_OK
               ? NULL
               : "signature does not verify";
}

/*
 * What the server cannot learn otherwise, once for a context: that we offered header signing, and
 * what its id means; and without header signing, the head of each call. check: A15
 */
void ir_client_put_verification(struct ir_conn *conn, const struct ir_conn_call *call)
{
    struct ir_pcontext *context = NULL;

    for (unsigned i = 0; i < conn->n_contexts; i++) {
        context = conn->contexts[i].id == call->context_id ? &conn->contexts[i] : context;
    }
    if (context == NULL || (conn->sign_header && context->verified)) {
        return;
    }
    struct ir_verification_trailer t = {
        .commands = IR_VERIFICATION_BITMASK_1 | IR_VERIFICATION_PCONTEXT,
        .bitmask_1 = IR_VERIFICATION_CLIENT_SUPPORT_HEADER_SIGNING,
        .interface = context->abstract,
        .transfer = context->transfer == IR_TRANSFER_NDR64 ? ir_syntax_ndr64 : ir_syntax_ndr,
        .ptype = IR_PTYPE_REQUEST,
        .drep = {0x10, 0, 0, 0},
        .call_id = call->call_id,
        .context_id = call->context_id,
        .opnum = call->opnum,
    };
    if (!conn->sign_header) {
        t.commands = (uint8_t)(t.commands | IR_VERIFICATION_HEADER2);
    }
    ir_verification_trailer_encode(&conn->outq->buf, &t);
    context->verified = true;
}
