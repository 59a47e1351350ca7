/*
 * The security contexts of a connection: their tokens ("legs") in bind, alter_context and auth3,
 * which of them a fragment is under, and what its level asks for. [MS-RPCE] 3.3.1.5.2, 2.2.2.11
 */
#pragma once

#include "engine/conn.h"

enum ir_security_state {
    IR_SECURITY_LEGS, /* the peer's next token is awaited */
    IR_SECURITY_DONE,
    IR_SECURITY_DEAD /* it failed: nothing is accepted under it */
};

struct ir_security_context {
    struct ir_auth *auth;
    uint64_t started_ms;
    uint32_t id;          /* auth_context_id */
    uint32_t token_bytes; /* of the peer's tokens so far */
    uint16_t signature_len;
    uint8_t type;
    uint8_t level; /* CALL is kept as PACKET */
    uint8_t state; /* enum ir_security_state */
    uint8_t legs;
    bool pending; /* its provider has a token, and has not said what came of it */
    struct irpc_auth_identity identity; /* DONE */
};

/*
 * Calls without a trailer: those of a context of level CONNECT have none, so the last one that was
 * established stands for them, until the peer names any context in a trailer. Then, and before,
 * they are nobody's; unless the bind itself had security (`of_bind`) above CONNECT: then they
 * are refused. check: A05 A06
 */
struct ir_security {
    struct ir_security_context contexts[IR_AUTH_CONTEXTS_MAX];
    uint8_t n;
    uint8_t implied; /* which context calls without a trailer are under; 0: none */
    bool explicit_;  /* a trailer named one: none is implied any more */
    bool of_bind;    /* contexts[0] came with the bind */
    uint8_t n_done;  /* contexts that were established, or not: as counted, whatever came later */
    uint8_t n_failed;
};

/* What came of a token. */
struct ir_leg {
    struct ir_out token; /* the answer: ir_out_deinit() it */
    bool done;
    bool pending;   /* nothing yet: the PDU comes once more */
    uint16_t nak;   /* of a refusal, for a bind */
    uint32_t fault; /* for others */
    struct ir_violation v;
};

/* The context numbered @security, from 1. NULL for 0. */
static inline struct ir_security_context *ir_security_at(const struct ir_conn *conn,
                                                         uint8_t security)
{
    return security != 0 ? &conn->security->contexts[security - 1] : NULL;
}

/* Whether its fragments have a trailer and a signature. */
static inline bool ir_security_protects(const struct ir_security_context *c)
{
    return c != NULL && c->level >= IRPC_AUTH_LEVEL_PACKET;
}

/* Number of the context of auth_context_id @id; 0: there is none. */
uint8_t ir_security_find(const struct ir_conn *conn, uint32_t id);

/* A new context: number *@ret_security. Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_LIMIT. */
IRPC_CHECKED ir_security_add(struct ir_conn *conn, const struct ir_auth_trailer *trailer,
                             struct ir_auth *auth, uint64_t now_ms, uint8_t *ret_security);

/*
 * One token through the provider; after the last one the context is done, after an error dead.
 * Return: IRPC_OK, and what the provider's step() returns. IRPC_PENDING: the connection waits; the
 * same token comes again when it is resumed, and is not given to the provider twice.
 */
IRPC_CHECKED ir_security_step(struct ir_conn *conn, struct ir_security_context *c,
                              struct irpc_span token, struct ir_out *out, bool *ret_done);

/* Free them all. */
void ir_security_free(struct ir_conn *conn);

/*
 * Server: the token of a bind or alter_context. True: taken, leg->token has the answer. False:
 * leg->pending, or the PDU is refused, as @leg says. Either way leg->token is to be freed. check:
 * A03 A04 A08 A09 A11
 */
bool ir_security_take_leg(struct ir_conn *conn, const struct ir_input *in,
                          const struct ir_auth_trailer *trailer, struct ir_leg *leg);

/*
 * Server: under which security context the first or only fragment of a request is, *@ret_security;
 * verified and, at level PRIVACY, decrypted in place. IRPC_OK with *@ret_refused: it was refused,
 * @event says why. check: A05 A06 A08 A10 A12 A13
 */
IRPC_CHECKED ir_security_admit(struct ir_conn *conn, const struct ir_input *in,
                               const struct ir_request *request, uint8_t *ret_security,
                               bool *ret_refused, struct ir_event *event);

/* The same for a later fragment of @partial: its context is that of the first, whatever its
 * trailer says. */
IRPC_CHECKED ir_security_admit_later(struct ir_conn *conn, const struct ir_input *in,
                                     const struct ir_request *request,
                                     const struct ir_partial *partial, bool *ret_refused,
                                     struct ir_event *event);

/*
 * Verify the fragment whose stub data is @stub and whose trailer is @trailer, in either role.
 * Return: IRPC_OK, IRPC_SEC_PKG_ERROR (and the context is dead).
 */
IRPC_CHECKED ir_security_verify(struct ir_conn *conn, struct ir_security_context *c,
                                const struct ir_input *in, struct irpc_span stub,
                                const struct ir_auth_trailer *trailer);

/* --- client_security.c --- */

/* Begin the context that the configuration asks for, append its trailer to the bind in @o. Return:
 * IRPC_OK; as the provider's begin() and step(). */
IRPC_CHECKED ir_client_put_token(struct ir_conn *conn, struct ir_out *o, uint64_t now_ms,
                                 uint16_t *ret_auth_length);

/* The trailer of bind_ack or alter_context_resp, while the context is not done: BOUND, REFUSED, or
 * NONE with the next token in the output. Return: IRPC_OK, IRPC_NO_MEMORY, IRPC_LIMIT. */
IRPC_CHECKED ir_client_take_token(struct ir_conn *conn, const struct ir_input *in,
                                  const struct ir_auth_trailer *trailer, struct ir_event *event);

/* Verify and decrypt a fragment of a reply: NULL, or what is wrong with it. */
const char *ir_client_verify(struct ir_conn *conn, const struct ir_input *in,
                             const struct ir_response *response);

/* Append a verification trailer to the stub data of @call, if one is due. [MS-RPCE] 2.2.2.13 */
void ir_client_put_verification(struct ir_conn *conn, const struct ir_conn_call *call);

/* protect.c: ir_conn_stub_end() under a security context that protects. */
IRPC_CHECKED ir_conn_stub_end_protected(struct ir_conn *conn, const struct ir_head *head);
