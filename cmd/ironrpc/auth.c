/*
 * Security of the verbs that call: from words to a provider for the binding. What is said by
 * options and what a string binding asks for have to agree; the library judges that.
 *
 * Passwords are wiped as soon as the provider is made, and never come from the command line.
 */
#include "auth.h"

#include <stdio.h>
#include <string.h>

#include <ironrpc/auth.h>

#include "secret.h"

#define NAME_MAX_LEN 256

struct word {
    const char *text;
    int value;
};

static const struct word types[] = {{"ntlm", IRPC_AUTH_TYPE_NTLM},
                                    {"kerberos", IRPC_AUTH_TYPE_KERBEROS},
                                    {"negotiate", IRPC_AUTH_TYPE_NEGOTIATE}};
static const struct word levels[] = {
    {"connect", IRPC_AUTH_LEVEL_CONNECT}, {"call", IRPC_AUTH_LEVEL_CALL},
    {"packet", IRPC_AUTH_LEVEL_PACKET},   {"integrity", IRPC_AUTH_LEVEL_INTEGRITY},
    {"privacy", IRPC_AUTH_LEVEL_PRIVACY},
};

bool ir_cli_auth_option(struct ir_cli_auth *auth, int c, const char *text)
{
    switch (c) {
    case 'A':
        auth->type = text;
        return true;
    case 'L':
        auth->level = text;
        return true;
    case 'U':
        auth->user = text;
        return true;
    case IR_CLI_AUTH_TARGET:
        auth->target = text;
        return true;
    case IR_CLI_AUTH_PASSWORD_FILE:
        auth->password_file = text;
        return true;
    default:
        return false;
    }
}

/* The value of @text, 0 if it is none of the @n @words. */
static int value_of(const struct word *words, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i].text, text) == 0) {
            return words[i].value;
        }
    }
    return 0;
}

static const char *name_of(const struct word *words, size_t n, int value)
{
    for (size_t i = 0; i < n; i++) {
        if (words[i].value == value) {
            return words[i].text;
        }
    }
    return "none";
}

/* --- NTLM --- */

static int make_ntlm(const struct ir_cli_auth *auth, const struct ir_cli_verb *verb,
                     struct irpc_auth_provider **ret_provider)
{
    struct irpc_auth_ntlm_client credentials = {0};
    char domain[NAME_MAX_LEN] = "";
    char password[IR_CLI_SECRET] = "";
    char why[256] = "";

    if (auth->user == NULL) {
        return ir_cli_usage(verb, "NTLM needs --user [DOMAIN\\]NAME, or --user '' for nobody");
    }
    const char *slash = strchr(auth->user, '\\');
    size_t len = slash != NULL ? (size_t)(slash - auth->user) : 0;
    if (len >= sizeof(domain)) {
        return ir_cli_usage(verb, "--user: the domain is too long");
    }
    memcpy(domain, auth->user, len);
    credentials.domain = domain;
    credentials.user = slash != NULL ? slash + 1 : auth->user;
    credentials.password = password;
    int result = IR_CLI_OK;
    if (credentials.user[0] != '\0') {
        result = ir_cli_password(verb, credentials.user, auth->password_file, password);
    }
    if (result == IR_CLI_OK &&
        irpc_auth_ntlm_client_new(&credentials, ret_provider, why, sizeof(why)) != IRPC_OK) {
        result = ir_cli_bad_input(verb, "--auth ntlm: %s", why);
    }
    ir_cli_wipe(password);
    return result;
}

/* --- what is asked for --- */

static int make_provider(const struct ir_cli_auth *auth, const struct ir_cli_verb *verb, int type,
                         struct irpc_auth_provider **ret_provider)
{
    if (type == IRPC_AUTH_TYPE_NTLM) {
        return make_ntlm(auth, verb, ret_provider);
    }
    return ir_cli_bad_input(verb, "--auth %s is not in this ironrpc yet; use --auth ntlm",
                            name_of(types, IR_ARRAY_LEN(types), type));
}

/* Levels and types as words, for a message. */
static int contradiction(const struct ir_cli_verb *verb, int type, int level, int wanted_type,
                         int wanted_level)
{
    return ir_cli_usage(
        verb,
        "--auth %s and --level %s, but the string binding asks for %s and at least "
        "%s; or the target is too long",
        name_of(types, IR_ARRAY_LEN(types), type), name_of(levels, IR_ARRAY_LEN(levels), level),
        wanted_type == 0 ? "any type" : name_of(types, IR_ARRAY_LEN(types), wanted_type),
        name_of(levels, IR_ARRAY_LEN(levels), wanted_level));
}

int ir_cli_auth_apply(const struct ir_cli_auth *auth, const struct ir_cli_verb *verb,
                      struct irpc_binding *binding)
{
    enum irpc_auth_type wanted_type = IRPC_AUTH_TYPE_NONE;
    int wanted_level = (int)irpc_binding_wanted_auth(binding, &wanted_type);
    int type = wanted_type != IRPC_AUTH_TYPE_NONE ? (int)wanted_type : IRPC_AUTH_TYPE_NTLM;
    int level = wanted_level > IRPC_AUTH_LEVEL_NONE ? wanted_level : IRPC_AUTH_LEVEL_PRIVACY;
    struct irpc_auth_provider *provider = NULL;

    if (wanted_level == IRPC_AUTH_LEVEL_NONE && auth->type == NULL && auth->level == NULL &&
        auth->user == NULL && auth->target == NULL && auth->password_file == NULL) {
        return IR_CLI_OK;
    }
    if (auth->type != NULL && (type = value_of(types, IR_ARRAY_LEN(types), auth->type)) == 0) {
        return ir_cli_usage(verb, "--auth '%s': ntlm, kerberos or negotiate", auth->type);
    }
    if (auth->level != NULL && (level = value_of(levels, IR_ARRAY_LEN(levels), auth->level)) == 0) {
        return ir_cli_usage(verb, "--level '%s': connect, call, packet, integrity or privacy",
                            auth->level);
    }
    int result = make_provider(auth, verb, type, &provider);
    if (result != IR_CLI_OK) {
        return result;
    }
    if (irpc_binding_set_auth(binding, provider, (enum irpc_auth_level)level, auth->target) !=
        IRPC_OK) {
        result = contradiction(verb, type, level, (int)wanted_type, wanted_level);
    }
    irpc_auth_provider_unref(provider);
    return result;
}
