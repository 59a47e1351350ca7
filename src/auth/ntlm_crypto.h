/*
 * The arithmetic of NTLMv2: hashes, keys, and the cipher and MAC of a session.
 * [MS-NLMP] 3.3.2, 3.4.
 *
 * Primitives come from OpenSSL: MD4 and RC4 from its legacy provider, which is loaded into a
 * library context of our own. Nothing here knows about messages.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "auth/ntlm_msg.h"

#define IR_NTLM_NAME_MAX 256u /* UTF-16 units in a user's, domain's or computer's name */

/*
 * Load the primitives; do it before a sandbox closes. The first call decides for the process; any
 * thread may call it, again and again.
 * Return: IRPC_OK; IRPC_INVALID_STATE: OpenSSL's legacy provider is missing: *ret_why says so.
 */
IRPC_CHECKED ir_ntlm_crypto_load(const char **ret_why);

/* The functions below need a successful ir_ntlm_crypto_load(). False: OpenSSL failed (memory). */

/* MD4 of the password in UTF-16LE: NTOWFv1. */
bool ir_ntlm_nt_hash(struct irpc_span password, uint8_t ret_hash[IR_NTLM_HASH_LEN]);

/* NTOWFv2: the key of a user; @user in upper case, both in UTF-16LE. */
bool ir_ntlm_owf_v2(const uint8_t nt_hash[IR_NTLM_HASH_LEN], struct irpc_span user,
                    struct irpc_span domain, uint8_t ret_key[IR_NTLM_HASH_LEN]);

/* HMAC-MD5 over @parts in order. */
bool ir_ntlm_hmac(const uint8_t key[IR_NTLM_HASH_LEN], const struct irpc_span *parts,
                  size_t n_parts, uint8_t ret_mac[IR_NTLM_HASH_LEN]);

/* MD5 over @parts in order. */
bool ir_ntlm_md5(const struct irpc_span *parts, size_t n_parts, uint8_t ret_hash[IR_NTLM_HASH_LEN]);

/* RC4 of one block with a fresh key: the exchanged session key, [MS-NLMP] 3.1.5.1.2. */
bool ir_ntlm_rc4(const uint8_t key[IR_NTLM_HASH_LEN], const uint8_t in[IR_NTLM_HASH_LEN],
                 uint8_t out[IR_NTLM_HASH_LEN]);

/* Random bytes for challenges and keys. */
bool ir_ntlm_random(void *bytes, size_t len);

/* Whether @len bytes are the same, in time that does not tell where they differ. */
bool ir_ntlm_equal(const void *a, const void *b, size_t len);

/* Overwrite a secret. */
void ir_ntlm_wipe(void *secret, size_t len);

/* --- a session: both directions of signing and sealing --- */

struct ir_ntlm_half {
    uint8_t sign_key[IR_NTLM_HASH_LEN];
    uint8_t seal_key[IR_NTLM_HASH_LEN];
    void *mac;    /* EVP_MAC_CTX */
    void *cipher; /* EVP_CIPHER_CTX: the RC4 state runs through all messages */
    uint32_t seq;
};

struct ir_ntlm_session {
    struct ir_ntlm_half send;
    struct ir_ntlm_half recv;
    bool key_exchange; /* checksums are enciphered too */
};

/* A piece of a message. Every piece is signed, in order; those with @seal are enciphered too. */
struct ir_ntlm_piece {
    uint8_t *p;
    size_t len;
    bool seal;
};

/*
 * Keys and states from the exported session key, [MS-NLMP] 3.4.5.2 and 3.4.5.3 with extended
 * session security and 128 bits. On failure there is nothing to deinit.
 * Return: IRPC_OK; IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_ntlm_session_init(struct ir_ntlm_session *s, const uint8_t key[IR_NTLM_HASH_LEN],
                                  bool is_client, bool key_exchange);
void ir_ntlm_session_deinit(struct ir_ntlm_session *s);

/*
 * Sign, and seal in place, one message. Messages must go out in this order: RC4 and the sequence
 * number run on. No allocation of ours. [MS-NLMP] 3.4.3, 3.4.4.2
 * Return: IRPC_OK; IRPC_NO_MEMORY: the session is not usable any more.
 */
IRPC_CHECKED ir_ntlm_protect(struct ir_ntlm_session *s, const struct ir_ntlm_piece *pieces,
                             size_t n_pieces, uint8_t ret_signature[IR_NTLM_HASH_LEN]);

/*
 * Unseal in place and verify.
 * Return: IRPC_OK; IRPC_SEC_PKG_ERROR: forged, damaged, repeated or out of order (the pieces hold
 * rubbish, the session is not usable any more); IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_ntlm_unprotect(struct ir_ntlm_session *s, const struct ir_ntlm_piece *pieces,
                               size_t n_pieces, const uint8_t signature[IR_NTLM_HASH_LEN]);

/*
 * RC4 back to its beginning, the sequence numbers stay: after the mechListMIC of SPNEGO,
 * [MS-SPNG] 3.3.5.1. Return: IRPC_OK; IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_ntlm_session_rewind(struct ir_ntlm_session *s);
