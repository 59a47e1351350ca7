/* Security of the verbs that call: their options, credentials, and what a string binding asks for.
 */
#pragma once

#include "cli.h"

/* Zero it, then set it by options. */
struct ir_cli_auth {
    const char *type; /* NULL: not given */
    const char *level;
    const char *user;
    const char *target;
    const char *password_file;
    const char *keytab;
};

/* Codes of the options without a letter. */
enum {
    IR_CLI_AUTH_TARGET = 0x100,
    IR_CLI_AUTH_PASSWORD_FILE,
    IR_CLI_AUTH_KEYTAB
};

/* For getopt_long's table and its string, and for the text of --help. */
#define IR_CLI_AUTH_OPTIONS                                                          \
    {"auth", required_argument, NULL, 'A'}, {"level", required_argument, NULL, 'L'}, \
        {"user", required_argument, NULL, 'U'},                                      \
        {"target", required_argument, NULL, IR_CLI_AUTH_TARGET},                     \
        {"keytab", required_argument, NULL, IR_CLI_AUTH_KEYTAB},                     \
    {                                                                                \
        "password-file", required_argument, NULL, IR_CLI_AUTH_PASSWORD_FILE          \
    }
#define IR_CLI_AUTH_LETTERS "A:L:U:"
#define IR_CLI_AUTH_HELP                                                                        \
    "Security:\n"                                                                               \
    "  -A, --auth TYPE      ntlm, kerberos or negotiate (which takes the better of both)\n"     \
    "  -L, --level LEVEL    connect, call, packet, integrity or privacy (privacy)\n"            \
    "  -U, --user NAME      [DOMAIN\\]NAME; '' for nobody; without it, the tickets of kinit.\n" \
    "                       The password is asked for, unless $IRONRPC_PASSWORD has it\n"       \
    "  --password-file F    its first line is the password\n"                                   \
    "  --keytab F           the key of NAME, for Kerberos, instead of a password\n"             \
    "  --target PRINCIPAL   of the server (host/ and its name)\n"

/* Whether @c is one of the options above; @text, which stays, is its value then. */
bool ir_cli_auth_option(struct ir_cli_auth *auth, int c, const char *text);

/*
 * Give @binding the security that the options and its string binding ask for, if they do; ask for a
 * password if one is needed. Return IR_CLI_OK; else a message was printed.
 */
int ir_cli_auth_apply(const struct ir_cli_auth *auth, const struct ir_cli_verb *verb,
                      struct irpc_binding *binding);
