/*
 * The NTLM provider: what its files share. [MS-NLMP] 3.1, 3.2, 3.4
 *
 *     client                          server
 *     NEGOTIATE  ───────────────────→
 *                ←───────────────────  CHALLENGE
 *     AUTHENTICATE (done) ──────────→  (done)
 *
 * NTLMv2 with extended session security, 128-bit keys and Unicode only; LM, NTLMv1 and weaker
 * sessions are refused. check: T06
 */
#pragma once

#include <ironrpc/auth.h>

#include "auth/ntlm_crypto.h"
#include "auth/provider.h"

#define IR_NTLM_MESSAGE_MAX 16384u /* of a message that we make */

/* What every session must have, and what protects calls besides. */
#define IR_NTLM_REQUIRED (IR_NTLM_UNICODE | IR_NTLM_EXTENDED_SECURITY | IR_NTLM_128)

enum ir_ntlm_state {
    IR_NTLM_START,   /* client: nothing sent; server: waits for NEGOTIATE */
    IR_NTLM_WAITING, /* client: for CHALLENGE; server: for AUTHENTICATE */
    IR_NTLM_DONE,
    IR_NTLM_FAILED
};

/* A security context of either role, in memory of secret.h. */
struct ir_ntlm {
    struct ir_auth base;
    const struct irpc_auth_provider *provider;
    struct ir_out negotiate; /* messages as sent or received: the MIC is about them */
    struct ir_out challenge;
    struct ir_ntlm_session session;
    char *target; /* client: service principal; NULL: unknown */
    char *principal;
    uint32_t flags;
    uint8_t server_challenge[IR_NTLM_CHALLENGE_LEN];
    uint8_t bindings[IR_NTLM_HASH_LEN];
    uint8_t key[IR_NTLM_HASH_LEN]; /* exported session key */
    uint8_t level;
    uint8_t state;
    bool has_session;
    bool has_bindings;
    bool wants_mic;
    bool anonymous;
};

static inline struct ir_ntlm *ir_ntlm_of(struct ir_auth *auth)
{
    return (struct ir_ntlm *)(void *)auth;
}

/* --- ntlm.c: what both roles do --- */

/* A context of @provider for @begin. Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_ntlm_new(const struct irpc_auth_provider *provider,
                         const struct ir_auth_begin *begin, struct ir_ntlm **ret_ntlm);

/* The exported session key is known: signing and sealing can begin. */
IRPC_CHECKED ir_ntlm_establish(struct ir_ntlm *ntlm, bool is_client);

/* The MIC of all three messages; that of @authenticate is taken as zero. */
bool ir_ntlm_mic(const struct ir_ntlm *ntlm, struct irpc_span authenticate,
                 uint8_t ret_mic[IR_NTLM_HASH_LEN]);

size_t ir_ntlm_op_signature_size(const struct ir_auth *auth);
IRPC_CHECKED ir_ntlm_op_protect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                uint8_t *signature);
IRPC_CHECKED ir_ntlm_op_unprotect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                  struct irpc_span signature);
bool ir_ntlm_op_has_mic(const struct ir_auth *auth);
IRPC_CHECKED ir_ntlm_op_get_mic(struct ir_auth *auth, struct irpc_span message, struct ir_out *out);
IRPC_CHECKED ir_ntlm_op_verify_mic(struct ir_auth *auth, struct irpc_span message,
                                   struct irpc_span mic);
void ir_ntlm_op_identity(const struct ir_auth *auth, struct irpc_auth_identity *ret_identity);
struct irpc_span ir_ntlm_op_session_key(const struct ir_auth *auth);
void ir_ntlm_op_free(struct ir_auth *auth);

/* What is the same in the tables of both roles. */
#define IR_NTLM_SHARED_OPS                                                                      \
    .name = "ntlm", .signature_size = ir_ntlm_op_signature_size, .protect = ir_ntlm_op_protect, \
    .unprotect = ir_ntlm_op_unprotect, .has_mic = ir_ntlm_op_has_mic,                           \
    .get_mic = ir_ntlm_op_get_mic, .verify_mic = ir_ntlm_op_verify_mic,                         \
    .identity = ir_ntlm_op_identity, .session_key = ir_ntlm_op_session_key,                     \
    .free = ir_ntlm_op_free

/* Challenges that servers of this process have given out and not yet seen answered: a client that
 * gets one of them is being reflected to itself. */
void ir_ntlm_remember_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN]);
void ir_ntlm_forget_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN]);
bool ir_ntlm_is_own_challenge(const uint8_t challenge[IR_NTLM_CHALLENGE_LEN]);

/* --- ntlm_text.c --- */

/* What upper case needs, read from files once; before a sandbox closes. Any thread. */
void ir_ntlm_text_load(void);

/* UTF-8 to UTF-16LE, in upper case if @upper. *ret is of the heap (ir_free), NULL if empty.
 * Return: IRPC_OK; IRPC_INVALID_ARG (not UTF-8, too long); IRPC_NO_MEMORY. */
IRPC_CHECKED ir_ntlm_to_utf16(const char *text, bool upper, uint8_t **ret, size_t *ret_len);

/* UTF-16LE of a peer to UTF-8 in @buf[@cap], NUL-terminated. False: not UTF-16, control characters,
 * or too long. check: T15 */
bool ir_ntlm_to_utf8(struct irpc_span text, char *buf, size_t cap);

/* 100 ns since 1601. */
uint64_t ir_ntlm_now(void);
