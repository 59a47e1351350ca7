/* What the files of ironrpcd share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/server.h>

#include "access.h"
#include "auth.h"
#include "config.h"
#include "epm/methods.h"
#include "policy.h"

enum action {
    ACTION_RUN,
    ACTION_TEST,
    ACTION_PRINT
};

struct options {
    enum action action;
    const char *path; /* NULL: the standard one, if it is there */
    const char **sets;
    size_t n_sets;
    char **argv;
};

#define DAEMON_GUARDS_MAX 8u /* interfaces that ironrpcd offers */

struct daemon;

/* What the security hook of an interface is given. */
struct guard {
    struct daemon *d;
    struct irpc_syntax_id interface;
};

struct daemon {
    const struct options *options;
    struct config config;
    struct access_rules access;
    struct auth auth;
    struct policy policy;
    struct guard guards[DAEMON_GUARDS_MAX];
    struct irpc_server *server;
    struct ir_epm_service *epm;
    struct irpc_uuid object; /* the mapper's, of all processes */
    pid_t pid;               /* of the process that is the service to the outside */
    int signal_fd;
};

/* main.c */

/* Read the configuration and what it names, complain on standard error. Whatever is returned,
 * daemon_free_config() frees it. */
bool daemon_read_config(struct daemon *d, const struct options *options);
void daemon_free_config(struct daemon *d);
/* Call @fn for each string binding of the setting `listen`. Return: false if @fn did. */
bool daemon_each_listener(const struct daemon *d, bool (*fn)(void *user, const char *binding),
                          void *user);
const char *daemon_runtime_dir(const struct daemon *d);
/* Log from now on as @config says. */
void daemon_open_log(const struct config *config);

/*
 * service.c: make @d->server and @d->epm of the configuration. @shares: the limits of the whole
 * service are divided among so many processes. @epm: what is particular to this one's mapper: only
 * start, changed, refresh, borrowed are read; NULL: nothing.
 */
IRPC_CHECKED daemon_make_server(struct daemon *d, unsigned shares,
                                const struct ir_epm_service_options *epm);

/* Have @d->policy asked for the interfaces that it is about, and only for those. Return: as
 * irpc_server_secure(). */
IRPC_CHECKED daemon_guard(struct daemon *d);

/* service.c: the interfaces that ironrpcd offers to the network. */
bool daemon_read_policy(struct policy *policy, const struct config *config, FILE *errors);

/* supervisor.c: run as supervisor, mapper and workers. Return: the exit status. */
int supervise(struct daemon *d);
