/* The security that ironrpcd offers to clients of the network. */
#pragma once

#include <ironrpc/server.h>

#include "config.h"

#define AUTH_PROVIDERS_MAX 4u

struct auth {
    struct irpc_auth_provider *providers[AUTH_PROVIDERS_MAX];
    const char *key[AUTH_PROVIDERS_MAX]; /* the setting that each is made of */
    unsigned n;
};

/* Load what @config asks for. Return: false after a report on @errors; then nothing is loaded. */
bool auth_load(struct auth *auth, const struct config *config, FILE *errors);

/* Read again, where they are, the files that may change while we run. Return: false after a report
 * on @errors; what was loaded before stays. */
bool auth_reload(struct auth *auth, const struct config *config, FILE *errors);

/* Offer it on @server. Return: as irpc_server_add_auth(). */
IRPC_CHECKED auth_offer(const struct auth *auth, struct irpc_server *server);

void auth_free(struct auth *auth);
