/*
 * What the engine knows of security: a provider makes security contexts, a context takes and gives
 * tokens ("legs") until both sides are done, then protects the fragments of calls.
 *
 *     begin ─→ step ... step (done) ─→ protect, unprotect, identity, session_key ─→ free
 *
 * A provider has loaded everything it needs (accounts, keys, libraries) when it is made: later it
 * opens no file, unless reload() is called. Its functions may be called by several threads at once,
 * each for another context; one context belongs to one thread at a time. A context depends on its
 * provider, which outlives it. protect and unprotect allocate nothing of ours. Whatever is wrong
 * with a peer's signature is the same error to it (A13). Keys are wiped when a context is freed;
 * tokens, keys and passwords never reach a log: no file of this folder writes one (check: A21).
 */
#pragma once

#include <stdatomic.h>

#include <ironrpc/auth.h>

#include "base/out.h"

#define IR_AUTH_TOKEN_MAX 65000u   /* bytes of one token (A11) */
#define IR_AUTH_SIGNATURE_MAX 512u /* what signature_size() may return at most */

struct ir_auth;

enum ir_auth_role {
    IR_AUTH_ACCEPT,  /* server */
    IR_AUTH_INITIATE /* client */
};

/* Who waits for a step that is pending. The owner embeds it. */
struct ir_auth_wake {
    /* Any thread, once for each pending step, not from within step(): call step() again with an
     * empty token, on the context's own thread. Must not call back into the provider. */
    void (*ready)(struct ir_auth_wake *wake);
};

struct ir_auth_begin {
    enum ir_auth_role role;
    enum irpc_auth_level level; /* CONNECT, PACKET, INTEGRITY or PRIVACY; CALL comes as PACKET */
    struct ir_auth_wake *wake;  /* NULL (clients): step() must not return IRPC_PENDING. Their calls
                                 * are synchronous: a step takes its time on the caller's thread,
                                 * where nothing else would go on meanwhile; the call's deadline
                                 * does not interrupt it, so it has to end by itself. */
    const char *target;        /* initiate: service principal, "host/server.example"; "" if unknown.
                                * Valid during begin() only */
    bool wants_mic;            /* initiate: get_mic() has to work, whatever the level */
    struct irpc_span bindings; /* channel bindings, hashed (16 bytes), or none. During begin() */
};

/*
 * A fragment to sign, seal or verify, in three parts that follow each other on the wire:
 * head (header up to the stub data), data (stub data and padding), trailer (8 bytes, the token
 * behind it not included).
 *
 *               integrity, packet          privacy
 *   head        signed if sign_header      signed if sign_header
 *   data        signed                     signed and encrypted in place
 *   trailer     signed if sign_header      signed if sign_header
 *
 * The signature is over the plain text, in this order, as [MS-RPCE] 2.2.2.11.1 has it. NTLM signs
 * head and trailer always.
 */
struct ir_auth_pdu {
    struct irpc_span head;
    uint8_t *data;
    size_t data_len;
    struct irpc_span trailer;
    bool sign_header;
};

struct ir_auth_ops {
    const char *name; /* "ntlm" */

    /*
     * Make a context. Return: IRPC_OK; IRPC_SEC_PKG_ERROR (no credentials for this role);
     * IRPC_INVALID_ARG (@begin cannot be had); IRPC_NO_MEMORY.
     */
    enum irpc_status (*begin)(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth);

    /*
     * One leg: take @token (the first of an initiator is empty), append the answer to @out, which
     * may stay empty. *ret_done: nothing more is expected from the peer.
     * Return: IRPC_OK; IRPC_PENDING (@token was copied, nothing written: see ir_auth_wake);
     * IRPC_ACCESS_DENIED (wrong credentials); IRPC_SEC_PKG_ERROR (malformed or unacceptable token);
     * IRPC_NO_MEMORY, IRPC_LIMIT (@out). After an error only free() is called.
     */
    enum irpc_status (*step)(struct ir_auth *auth, struct irpc_span token, struct ir_out *out,
                             bool *ret_done);

    /* Done, level PACKET and above: bytes of a signature, 1..IR_AUTH_SIGNATURE_MAX, always the
     * same. */
    size_t (*signature_size)(const struct ir_auth *auth);

    /*
     * Sign @pdu, encrypt its data at level PRIVACY, write signature_size() bytes to @signature.
     * Sequence numbers are the context's own: fragments are sent in the order of the calls.
     * Return: IRPC_OK, IRPC_SEC_PKG_ERROR.
     */
    enum irpc_status (*protect)(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                uint8_t *signature);

    /*
     * The reverse; a peer's signature may have another length. The plain text is as long as the
     * data was, data_len, or it is an error (check: A14). After an error the data is undefined and
     * the context dead.
     * Return: IRPC_OK; IRPC_SEC_PKG_ERROR for whatever is wrong (A12, A13)
     */
    enum irpc_status (*unprotect)(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                  struct irpc_span signature);

    /*
     * What SPNEGO asks of the mechanism that it has chosen; NULL in a provider that it cannot
     * choose. Done: whether integrity of messages was agreed on; then, before the first fragment,
     * signing and verifying @message, not more than one each way. The fragments' protection goes on
     * from there. get_mic appends to @out. Return: IRPC_OK; IRPC_SEC_PKG_ERROR (whatever is wrong
     * with @mic: A13); IRPC_LIMIT, IRPC_NO_MEMORY (@out).
     */
    bool (*has_mic)(const struct ir_auth *auth);
    enum irpc_status (*get_mic)(struct ir_auth *auth, struct irpc_span message, struct ir_out *out);
    enum irpc_status (*verify_mic)(struct ir_auth *auth, struct irpc_span message,
                                   struct irpc_span mic);

    /* Done: who the peer is; type and level are filled in by the engine. Valid until free(). */
    void (*identity)(const struct ir_auth *auth, struct irpc_auth_identity *ret_identity);

    /* Done: the session key, for protocols that encrypt with it; empty if there is none. */
    struct irpc_span (*session_key)(const struct ir_auth *auth);

    /* Free the context and wipe its keys, done or not. A pending step ends without ready(), or
     * ready() has returned, before this returns. */
    void (*free)(struct ir_auth *auth);

    /* Read @provider's files again, see irpc_auth_provider_reload(). NULL: it has none. */
    enum irpc_status (*reload)(struct irpc_auth_provider *provider, char *why, size_t why_cap);

    /* The last user of @provider has gone. */
    void (*provider_free)(struct irpc_auth_provider *provider);
};

/* First member of a provider's own structure. */
struct irpc_auth_provider {
    const struct ir_auth_ops *ops;
    atomic_uint refs;
    uint8_t type; /* enum irpc_auth_type; on the wire */
};

/* First member of a context's own structure. */
struct ir_auth {
    const struct ir_auth_ops *ops;
};

/* Fill in @provider, whose first user is the caller. */
void ir_auth_provider_init(struct irpc_auth_provider *provider, const struct ir_auth_ops *ops,
                           enum irpc_auth_type type);
