/* Who may call what over the network: the sections [access ...] and [group ...] of the
 * configuration, ready to be asked for each call. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <ironrpc/server.h>

#include "config.h"

#define POLICY_OPERATIONS_MAX 256u /* operations of an interface that a section can name */

struct policy_net {
    uint8_t family; /* AF_INET, AF_INET6 */
    uint8_t bits;
    uint8_t bytes[16];
};

/* A section. */
struct policy_rule {
    struct irpc_syntax_id interface;
    uint8_t operations[POLICY_OPERATIONS_MAX / 8]; /* bit by number */
    enum irpc_auth_level level;
    bool anonymous;
    char **principals; /* groups are their members here */
    struct policy_net *sources;
    size_t n_principals; /* and whether any are asked for: */
    size_t n_sources;
    bool any_principal;
};

struct policy {
    struct policy_rule *rules;
    size_t n;
};

/*
 * Make @policy of @config, whose text is not needed afterwards. A section that is about none of the
 * @n_interfaces @interfaces, or about operations that they do not have, is a mistake: it would
 * protect nothing. Return: false after reports on @errors. policy_deinit() frees either way.
 */
bool policy_init(struct policy *policy, const struct config *config,
                 const struct irpc_interface *const *interfaces, size_t n_interfaces, FILE *errors);

void policy_deinit(struct policy *policy);

/* Whether any section is about @interface. */
bool policy_is_about(const struct policy *policy, const struct irpc_syntax_id *interface);

/* Whether @identity, from @peer, may call operation @opnum of @interface. Return: NULL, or why not,
 * in static words. Local peers may. Allocates nothing, does not block. check: A17 A18 */
const char *policy_judge(const struct policy *policy, const struct irpc_syntax_id *interface,
                         const struct irpc_peer *peer, const struct irpc_auth_identity *identity,
                         uint16_t opnum);
