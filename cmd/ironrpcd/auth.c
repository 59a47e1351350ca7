/*
 * Security providers: one for each kind of credentials in the section [auth]. They are loaded with
 * the configuration, so that a bad file is a mistake of the configuration; and before a sandbox
 * closes: children of the supervisor have what it has loaded, and open no file for it.
 *
 * Another kind is a row of the table below.
 */
#include "auth.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"
#include "os/process.h"

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static enum irpc_status new_ntlm(const struct config *config,
                                 struct irpc_auth_provider **ret_provider, char *why, size_t cap)
{
    const struct irpc_auth_ntlm_server options = {
        .accounts_file = config->accounts,
        .dns_name = or_null(config->name),
        .domain = or_null(config->domain),
        .allow_anonymous = config->null_sessions != 0,
        .check_target = config->check_target != 0,
    };

    return irpc_auth_ntlm_server_new(&options, ret_provider, why, cap);
}

static enum irpc_status new_kerberos(const struct config *config,
                                     struct irpc_auth_provider **ret_provider, char *why,
                                     size_t cap)
{
    const struct irpc_auth_kerberos_server options = {.keytab = config->keytab};

    return irpc_auth_kerberos_server_new(&options, ret_provider, why, cap);
}

/* A provider for each setting that names a file. */
static const struct {
    const char *key;
    size_t offset; /* of the setting, in struct config; "": no such provider */
    enum irpc_status (*make)(const struct config *config, struct irpc_auth_provider **ret_provider,
                             char *why, size_t cap);
} kinds[] = {
    {"keytab", offsetof(struct config, keytab), new_kerberos},
    {"accounts", offsetof(struct config, accounts), new_ntlm},
};

static_assert(IR_ARRAY_LEN(kinds) < AUTH_PROVIDERS_MAX, "one of each, and SPNEGO");

/* SPNEGO over those that there are. */
static bool add_negotiate(struct auth *auth, const struct config *config, FILE *errors)
{
    if (auth->n > 0 &&
        irpc_auth_negotiate_new(auth->providers, auth->n, &auth->providers[auth->n]) != IRPC_OK) {
        config_complain(config, auth->key[0], errors, "out of memory");
        return false;
    }
    if (auth->n > 0) {
        auth->key[auth->n] = auth->key[0];
        auth->n++;
    }
    return true;
}

bool auth_load(struct auth *auth, const struct config *config, FILE *errors)
{
    char why[CONFIG_TEXT_MAX + 256];
    bool good = true;

    auth->n = 0;
    for (size_t i = 0; i < IR_ARRAY_LEN(kinds); i++) {
        if (((const char *)config + kinds[i].offset)[0] == '\0') {
            continue;
        }
        auth->key[auth->n] = kinds[i].key;
        if (kinds[i].make(config, &auth->providers[auth->n], why, sizeof(why)) == IRPC_OK) {
            auth->n++;
        } else {
            config_complain(config, kinds[i].key, errors, "%s", why);
            good = false;
        }
    }
    good = good && add_negotiate(auth, config, errors);
    if (!good) {
        auth_free(auth);
    }
    if (auth->n > 0) {
        ir_os_hide_memory(); /* what is in the files is as good as passwords */
    }
    return good;
}

bool auth_reload(struct auth *auth, const struct config *config, FILE *errors)
{
    char why[CONFIG_TEXT_MAX + 256];
    bool good = true;

    for (unsigned i = 0; i < auth->n; i++) {
        if (irpc_auth_provider_reload(auth->providers[i], why, sizeof(why)) != IRPC_OK) {
            config_complain(config, auth->key[i], errors, "%s", why);
            good = false;
        }
    }
    return good;
}

IRPC_CHECKED auth_offer(const struct auth *auth, struct irpc_server *server)
{
    enum irpc_status st = IRPC_OK;

    for (unsigned i = 0; i < auth->n && st == IRPC_OK; i++) {
        st = irpc_server_add_auth(server, auth->providers[i]);
    }
    return st;
}

void auth_free(struct auth *auth)
{
    while (auth->n > 0) {
        irpc_auth_provider_unref(auth->providers[--auth->n]);
    }
}
