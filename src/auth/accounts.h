/*
 * The accounts of a server without a domain: names and NT hashes, from a file that `ironrpc passwd`
 * writes. A line is NAME:HASH, the hash in 32 hexadecimal digits; # begins a comment.
 *
 * An NT hash is as good as the password: a file that others may read is refused. All is loaded at
 * once, so that a sandbox may close afterwards.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "auth/ntlm_msg.h"

#define IR_ACCOUNT_NAME_MAX 256u /* bytes of UTF-8 */
#define IR_ACCOUNTS_MAX 65536u

struct ir_account {
    char *name;     /* as written in the file */
    uint8_t *upper; /* in upper case, UTF-16LE */
    size_t upper_len;
    uint8_t nt_hash[IR_NTLM_HASH_LEN];
};

struct ir_accounts {
    struct ir_account **list; /* sorted by ->upper */
    size_t n;
    size_t cap;
};

/*
 * Read @path. Return: IRPC_OK (ir_accounts_deinit() frees @ret_accounts); else nothing is there,
 * and @why[@why_cap] says where and what: IRPC_ACCESS_DENIED (cannot be opened, or others may read
 * it), IRPC_INVALID_ARG (a line is wrong), IRPC_IO, IRPC_LIMIT, IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_accounts_load(const char *path, struct ir_accounts *ret_accounts, char *why,
                              size_t why_cap);

/* Wipe and free. */
void ir_accounts_deinit(struct ir_accounts *accounts);

/* The account of @user, UTF-16LE in upper case, or NULL. */
const struct ir_account *ir_accounts_find(const struct ir_accounts *accounts,
                                          struct irpc_span user);

/* Whether @name may be one: no control characters, ':' '#' '\\' '@' '/', at most
 * IR_ACCOUNT_NAME_MAX. */
bool ir_account_name_is_valid(const char *name);
