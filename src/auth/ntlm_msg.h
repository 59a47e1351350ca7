/*
 * NTLMSSP messages as values. [MS-NLMP] 2.2. Pure; spans borrow the message's bytes.
 *
 * Only what NTLMv2 needs: an NTLMv1 or LM response is recognised so that it can be refused.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/cur.h"
#include "base/out.h"
#include "base/violation.h"

/* NegotiateFlags, [MS-NLMP] 2.2.2.5; those that we send, ask for or look at. */
#define IR_NTLM_UNICODE 0x00000001u
#define IR_NTLM_OEM 0x00000002u
#define IR_NTLM_REQUEST_TARGET 0x00000004u
#define IR_NTLM_SIGN 0x00000010u
#define IR_NTLM_SEAL 0x00000020u
#define IR_NTLM_DATAGRAM 0x00000040u
#define IR_NTLM_NTLM 0x00000200u
#define IR_NTLM_ANONYMOUS 0x00000800u
#define IR_NTLM_DOMAIN_SUPPLIED 0x00001000u
#define IR_NTLM_WORKSTATION_SUPPLIED 0x00002000u
#define IR_NTLM_ALWAYS_SIGN 0x00008000u
#define IR_NTLM_TARGET_IS_DOMAIN 0x00010000u
#define IR_NTLM_TARGET_IS_SERVER 0x00020000u
#define IR_NTLM_EXTENDED_SECURITY 0x00080000u
#define IR_NTLM_TARGET_INFO 0x00800000u
#define IR_NTLM_VERSION 0x02000000u
#define IR_NTLM_128 0x20000000u
#define IR_NTLM_KEY_EXCH 0x40000000u
#define IR_NTLM_56 0x80000000u

/* Ids of AV pairs, [MS-NLMP] 2.2.2.1. */
enum ir_ntlm_av_id {
    IR_NTLM_AV_EOL = 0,
    IR_NTLM_AV_NB_COMPUTER = 1,
    IR_NTLM_AV_NB_DOMAIN = 2,
    IR_NTLM_AV_DNS_COMPUTER = 3,
    IR_NTLM_AV_DNS_DOMAIN = 4,
    IR_NTLM_AV_DNS_TREE = 5,
    IR_NTLM_AV_FLAGS = 6,
    IR_NTLM_AV_TIMESTAMP = 7,
    IR_NTLM_AV_SINGLE_HOST = 8,
    IR_NTLM_AV_TARGET_NAME = 9,
    IR_NTLM_AV_CHANNEL_BINDINGS = 10
};

#define IR_NTLM_AV_FLAG_MIC 0x00000002u /* the AUTHENTICATE message has a MIC */

#define IR_NTLM_AV_MAX 32u           /* AV pairs in one list; check: T03 */
#define IR_NTLM_CHALLENGE_LEN 8u     /* server's and client's */
#define IR_NTLM_HASH_LEN 16u         /* NT hash, NTLMv2 proof, MIC, keys, signatures */
#define IR_NTLM_MIC_OFFSET 72u       /* of the MIC in an AUTHENTICATE message that has one */
#define IR_NTLM_AUTHENTICATE_LEN 88u /* its fixed part, with version and MIC */
#define IR_NTLM_V1_RESPONSE_LEN 24u  /* of LM and NTLMv1 responses, and of LMv2's */

struct ir_ntlm_negotiate {
    uint32_t flags;
    struct irpc_span domain;      /* OEM characters */
    struct irpc_span workstation; /* same */
};

struct ir_ntlm_challenge {
    uint32_t flags;
    uint8_t server_challenge[IR_NTLM_CHALLENGE_LEN];
    struct irpc_span target_name; /* UTF-16LE, as all that follow */
    struct irpc_span target_info; /* AV pairs, checked; empty if there are none */
};

struct ir_ntlm_authenticate {
    uint32_t flags;
    struct irpc_span lm_response;
    struct irpc_span nt_response;
    struct irpc_span domain;
    struct irpc_span user;
    struct irpc_span workstation;
    struct irpc_span session_key; /* encrypted; 16 bytes or none */
    struct irpc_span mic;         /* 16 bytes where a MIC would be; empty if there is no room */
};

/* NTLMv2_RESPONSE and the NTLMv2_CLIENT_CHALLENGE in it, [MS-NLMP] 2.2.2.8 and 2.2.2.7. */
struct ir_ntlm_v2_response {
    struct irpc_span proof; /* 16 bytes */
    struct irpc_span blob;  /* what the proof is about */
    uint64_t timestamp;     /* 100 ns since 1601 */
    uint8_t client_challenge[IR_NTLM_CHALLENGE_LEN];
    struct irpc_span avs; /* AV pairs, checked, to the end of the response */
};

struct ir_ntlm_av {
    uint16_t id;
    struct irpc_span value;
};

/*
 * Decode one message, which is all of @token. They change nothing on failure.
 * Return: IRPC_OK; IRPC_SEC_PKG_ERROR. check: T01 (signature, type), T02 (fields), T03 (AV pairs)
 */
IRPC_CHECKED ir_ntlm_negotiate_decode(struct irpc_span token, struct ir_ntlm_negotiate *ret_msg,
                                      struct ir_violation *v);
IRPC_CHECKED ir_ntlm_challenge_decode(struct irpc_span token, struct ir_ntlm_challenge *ret_msg,
                                      struct ir_violation *v);
IRPC_CHECKED ir_ntlm_authenticate_decode(struct irpc_span token,
                                         struct ir_ntlm_authenticate *ret_msg,
                                         struct ir_violation *v);

/* The NT response of an AUTHENTICATE message. check: T05, and T06 for one of LM or NTLMv1. */
IRPC_CHECKED ir_ntlm_v2_response_decode(struct irpc_span response,
                                        struct ir_ntlm_v2_response *ret_response,
                                        struct ir_violation *v);

/*
 * The next AV pair of @avs; false at the end of the list, or where it is broken (then the cursor
 * has failed). Lists in decoded messages are not broken.
 */
bool ir_ntlm_av_next(struct ir_cur *avs, struct ir_ntlm_av *ret_av);
/* The value of the first pair with @id; false: none. */
bool ir_ntlm_av_find(struct irpc_span avs, enum ir_ntlm_av_id id, struct irpc_span *ret_value);
/* The number in the pair IR_NTLM_AV_FLAGS; 0 without one. */
uint32_t ir_ntlm_av_flags(struct irpc_span avs);

/* Whether @token begins as NTLMSSP messages do: for telling it from SPNEGO. check: T13 */
bool ir_ntlm_is_token(struct irpc_span token);

/* Encoders; @o is little-endian and fails when it is full or a field has more than 65535 bytes. */
void ir_ntlm_negotiate_encode(struct ir_out *o, const struct ir_ntlm_negotiate *msg);
void ir_ntlm_challenge_encode(struct ir_out *o, const struct ir_ntlm_challenge *msg);
/* Always with room for a MIC, which is zero if msg->mic is empty. */
void ir_ntlm_authenticate_encode(struct ir_out *o, const struct ir_ntlm_authenticate *msg);
void ir_ntlm_av_encode(struct ir_out *o, enum ir_ntlm_av_id id, const void *value, size_t len);
/* NTLMv2_CLIENT_CHALLENGE with @avs, which ends with IR_NTLM_AV_EOL, and four zero bytes. */
void ir_ntlm_v2_blob_encode(struct ir_out *o, uint64_t timestamp,
                            const uint8_t client_challenge[IR_NTLM_CHALLENGE_LEN],
                            struct irpc_span avs);
