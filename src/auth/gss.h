/*
 * The Kerberos provider, by MIT's GSSAPI: what its files share. [MS-KILE] 3.4.5.4.1, [RFC 4121]
 *
 *     client                       server
 *     AP-REQ ────────────────────→
 *            ←──────────────────── AP-REP
 *     AP-REP (done) ─────────────→ (done)        GSS_C_DCE_STYLE
 */
#pragma once

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

#include "auth/provider.h"

/* First member of both roles' providers. */
struct ir_gss_provider {
    struct irpc_auth_provider base;
    gss_cred_id_t credentials;
    krb5_context krb5; /* of making and freeing; not of contexts, which may be in other threads */
    bool delegate;
};

enum ir_gss_state {
    IR_GSS_LEGS,
    IR_GSS_DONE,
    IR_GSS_FAILED
};

/* A security context of either role. */
struct ir_gss {
    struct ir_auth base;
    const struct ir_gss_provider *provider;
    gss_ctx_id_t context;
    gss_name_t target; /* client */
    char *principal;   /* the peer's; NULL: nobody in particular */
    uint8_t key[64];   /* session key */
    size_t key_len;
    uint16_t signature_len;
    uint8_t role;
    uint8_t level;
    uint8_t state;  /* enum ir_gss_state */
    bool wants_mic; /* client: signatures are asked for, whatever the level */
    bool can_sign;  /* that was agreed on, with an order of messages */
};

/* --- gss.c --- */

/* A context for @begin, whose operations are those of every context and @provider_free. Return:
 * IRPC_OK; IRPC_INVALID_ARG (channel bindings); IRPC_NO_MEMORY. */
IRPC_CHECKED ir_gss_new(struct irpc_auth_provider *provider, const struct ir_auth_begin *begin,
                        struct ir_gss **ret_gss);
void ir_gss_op_free(struct ir_auth *auth);

enum irpc_status ir_gss_op_step(struct ir_auth *auth, struct irpc_span token, struct ir_out *out,
                                bool *ret_done);
size_t ir_gss_op_signature_size(const struct ir_auth *auth);
IRPC_CHECKED ir_gss_op_protect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                               uint8_t *signature);
IRPC_CHECKED ir_gss_op_unprotect(struct ir_auth *auth, const struct ir_auth_pdu *pdu,
                                 struct irpc_span signature);
bool ir_gss_op_has_mic(const struct ir_auth *auth);
IRPC_CHECKED ir_gss_op_get_mic(struct ir_auth *auth, struct irpc_span message, struct ir_out *out);
IRPC_CHECKED ir_gss_op_verify_mic(struct ir_auth *auth, struct irpc_span message,
                                  struct irpc_span mic);
void ir_gss_op_identity(const struct ir_auth *auth, struct irpc_auth_identity *ret_identity);
struct irpc_span ir_gss_op_session_key(const struct ir_auth *auth);

/* What is the same in the tables of both roles. */
#define IR_GSS_SHARED_OPS                                                                         \
    .name = "kerberos", .step = ir_gss_op_step, .signature_size = ir_gss_op_signature_size,       \
    .protect = ir_gss_op_protect, .unprotect = ir_gss_op_unprotect, .has_mic = ir_gss_op_has_mic, \
    .get_mic = ir_gss_op_get_mic, .verify_mic = ir_gss_op_verify_mic,                             \
    .identity = ir_gss_op_identity, .session_key = ir_gss_op_session_key, .free = ir_gss_op_free

/* --- gss_text.c: what both constructors do --- */

/* A principal's name as GSSAPI takes it. Return: IRPC_OK; IRPC_INVALID_ARG; IRPC_NO_MEMORY. */
IRPC_CHECKED ir_gss_name(const char *principal, gss_name_t *ret_name);

/* Credentials of @usage for @principal (NULL: any) out of @store. The reason why not into @why.
 * Return: IRPC_OK; IRPC_INVALID_ARG (principal); IRPC_NOT_FOUND; IRPC_NO_MEMORY. */
IRPC_CHECKED ir_gss_acquire(struct ir_gss_provider *provider, const char *principal,
                            gss_cred_usage_t usage, const gss_key_value_set_desc *store, char *why,
                            size_t why_cap);

/* @what, and what libkrb5 says of @code, into @why. Return: the status that @code comes to. */
IRPC_CHECKED ir_gss_explain(const struct ir_gss_provider *provider, krb5_error_code code,
                            const char *what, char *why, size_t why_cap);

/* Release what is in @provider. */
void ir_gss_provider_deinit(struct ir_gss_provider *provider);

/* Whether keys of this type are good enough. */
bool ir_gss_is_strong(krb5_enctype type);
