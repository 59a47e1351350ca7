/*
 * Security of the verbs that call: from words to a provider for the binding. What is said by
 * options and what a string binding asks for have to agree; the library judges that.
 *
 * Passwords are wiped as soon as the provider is made, and never come from the command line.
 */
#include "auth.h"

#include <ctype.h>
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
    case IR_CLI_AUTH_KEYTAB:
        auth->keytab = text;
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

/* --- credentials --- */

/* Who calls: parts of --user, and what proves it. */
struct who {
    const char *name;          /* without the domain; NULL: not given, "": nobody in particular */
    char domain[NAME_MAX_LEN]; /* "" if not given */
    char principal[2 * NAME_MAX_LEN]; /* for Kerberos */
    char password[IR_CLI_SECRET];
    const char *keytab; /* instead of a password */
};

/* DOMAIN\NAME: for Kerberos NAME@DOMAIN, in capitals. */
static int read_user(const struct ir_cli_auth *auth, const struct ir_cli_verb *verb,
                     struct who *who)
{
    const char *slash = auth->user != NULL ? strchr(auth->user, '\\') : NULL;
    size_t len = slash != NULL ? (size_t)(slash - auth->user) : 0;

    who->keytab = auth->keytab;
    if (auth->user == NULL) {
        return IR_CLI_OK;
    }
    who->name = slash != NULL ? slash + 1 : auth->user;
    if (len >= sizeof(who->domain) || strlen(who->name) >= NAME_MAX_LEN) {
        return ir_cli_usage(verb, "--user: a part is too long");
    }
    memcpy(who->domain, auth->user, len);
    int n = snprintf(who->principal, sizeof(who->principal), "%s%s", who->name, len > 0 ? "@" : "");
    for (size_t i = 0; i <= len; i++) {
        who->principal[(size_t)n + i] = (char)toupper((unsigned char)who->domain[i]);
    }
    if (who->name[0] == '\0' || who->keytab != NULL) {
        return IR_CLI_OK;
    }
    return ir_cli_password(verb, who->name, auth->password_file, who->password);
}

static enum irpc_status make_ntlm(const struct who *who, struct irpc_auth_provider **ret_provider,
                                  char *why, size_t cap)
{
    const struct irpc_auth_ntlm_client credentials = {
        .user = who->name, .domain = who->domain, .password = who->password};

    return irpc_auth_ntlm_client_new(&credentials, ret_provider, why, cap);
}

/* With the user's own tickets if no name was given. */
static enum irpc_status make_kerberos(const struct who *who,
                                      struct irpc_auth_provider **ret_provider, char *why,
                                      size_t cap)
{
    bool named = who->name != NULL && who->name[0] != '\0';
    const struct irpc_auth_kerberos_client credentials = {
        .principal = named ? who->principal : NULL,
        .password = named && who->keytab == NULL ? who->password : NULL,
        .keytab = who->keytab};

    return irpc_auth_kerberos_client_new(&credentials, ret_provider, why, cap);
}

/* Kerberos if there are tickets, NTLM if there is a password. */
static enum irpc_status make_negotiate(const struct who *who,
                                       struct irpc_auth_provider **ret_provider, char *why,
                                       size_t cap)
{
    struct irpc_auth_provider *providers[2] = {NULL, NULL};
    bool nobody = who->name != NULL && who->name[0] == '\0';
    unsigned n = 0;
    enum irpc_status st = IRPC_NOT_FOUND;

    if (!nobody) {
        st = make_kerberos(who, &providers[n], why, cap);
        n += st == IRPC_OK;
    }
    if (who->name != NULL && who->keytab == NULL) {
        st = make_ntlm(who, &providers[n], why, cap);
        n += st == IRPC_OK;
    }
    if (n > 0) {
        st = irpc_auth_negotiate_new(providers, n, ret_provider);
        (void)snprintf(why, cap, "%s", irpc_status_text(st));
    }
    for (unsigned i = 0; i < n; i++) {
        irpc_auth_provider_unref(providers[i]);
    }
    return st;
}

/* --- what is asked for --- */

static int make_provider(const struct ir_cli_auth *auth, const struct ir_cli_verb *verb, int type,
                         struct irpc_auth_provider **ret_provider)
{
    const char *name = name_of(types, IR_ARRAY_LEN(types), type);
    struct who who = {.name = NULL};
    char why[512] = "";

    if (type == IRPC_AUTH_TYPE_NTLM && (auth->user == NULL || auth->keytab != NULL)) {
        return ir_cli_usage(verb,
                            "NTLM needs --user [DOMAIN\\]NAME, or --user '' for nobody, and a "
                            "password");
    }
    int result = read_user(auth, verb, &who);
    if (result == IR_CLI_OK) {
        enum irpc_status st = type == IRPC_AUTH_TYPE_NTLM
                                  ? make_ntlm(&who, ret_provider, why, sizeof(why))
                              : type == IRPC_AUTH_TYPE_KERBEROS
                                  ? make_kerberos(&who, ret_provider, why, sizeof(why))
                                  : make_negotiate(&who, ret_provider, why, sizeof(why));
        result = st == IRPC_OK ? IR_CLI_OK
                 : st == IRPC_INVALID_STATE || st == IRPC_INVALID_ARG
                     ? ir_cli_bad_input(verb, "--auth %s: %s", name, why)
                     : ir_cli_fail(verb, "--auth %s: %s", name, why);
    }
    ir_cli_wipe(who.password);
    return result;
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
        auth->user == NULL && auth->target == NULL && auth->password_file == NULL &&
        auth->keytab == NULL) {
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
