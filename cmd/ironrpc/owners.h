/* Who registered what at our own endpoint mapper on this machine (ironmap.idl). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/epm.h>

#define IR_CLI_OWNERS_MAX 100000 /* entries */

struct ir_cli_owner {
    struct irpc_uuid object;
    struct irpc_syntax_id interface;
    char *endpoint; /* "ncacn_ip_tcp:[49152]" */
    bool is_local;  /* uid, pid, program are known */
    uint32_t uid;
    uint32_t pid;
    char program[16];
};

struct ir_cli_owners {
    struct ir_cli_owner *list;
    size_t n;
    size_t cap;
};

/* Whether @string_binding is of this machine, so that its ncalrpc side can be asked. */
bool ir_cli_is_local(const char *string_binding);

/* Ask the mapper of this machine; false if it cannot be asked (none, or another program's), with
 * what is there. Free with ir_cli_owners_free() either way. */
bool ir_cli_owners_ask(struct ir_cli_owners *owners, uint32_t timeout_ms);
void ir_cli_owners_free(struct ir_cli_owners *owners);

/* The owner of an entry, whatever its address; NULL: unknown. */
const struct ir_cli_owner *ir_cli_owners_find(const struct ir_cli_owners *owners,
                                              const struct irpc_epm_entry *entry);

/* "program[pid] user", "the network" into @out. */
void ir_cli_owner_text(const struct ir_cli_owner *owner, char *out, size_t cap);
/* Name of its user; a number where there is none. */
void ir_cli_owner_user(const struct ir_cli_owner *owner, char *out, size_t cap);
