/* ironrpc passwd: the accounts that a server without a domain knows. */
#include <getopt.h>
#include <stdio.h>

#include <ironrpc/auth.h>

#include "cli.h"
#include "secret.h"

#define ACCOUNTS "/etc/ironrpc/accounts"

static int change(const struct ir_cli_verb *verb, const char *path, const char *user, bool delete)
{
    char secret[IR_CLI_SECRET] = "";
    char why[512] = "";
    char prompt[300];

    (void)snprintf(prompt, sizeof(prompt), "password of %.200s", user);
    int result = delete ? IR_CLI_OK : ir_cli_secret(verb, prompt, true, secret);
    if (result != IR_CLI_OK) {
        return result;
    }
    enum irpc_status st =
        irpc_auth_set_account(path, user, delete ? NULL : secret, why, sizeof(why));
    ir_cli_wipe(secret);
    if (st == IRPC_OK) {
        return IR_CLI_OK;
    }
    return st == IRPC_INVALID_ARG ? ir_cli_bad_input(verb, "%s", why)
                                  : ir_cli_fail(verb, "%s", why);
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {{"file", required_argument, NULL, 'f'},
                                            {"delete", no_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = ACCOUNTS;
    bool delete = false;
    int c;

    while ((c = getopt_long(argc, argv, ":f:dh", options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        if (c == 'f') {
            path = optarg;
        } else if (c == 'd') {
            delete = true;
        } else {
            return ir_cli_bad_option(verb, c, argv);
        }
    }
    if (optind + 1 != argc) {
        return ir_cli_usage(verb, optind == argc ? "USER is missing" : "one USER is enough");
    }
    return change(verb, path, argv[optind], delete);
}

const struct ir_cli_verb ir_cli_passwd = {
    .name = "passwd",
    .summary = "Add, change or remove an account for NTLM.",
    .usage = "passwd [-f FILE] [-d] USER",
    .help =
        "Writes the accounts file of a server without a domain: names and NT hashes. The password\n"
        "is asked for twice, or is the first line of stdin if that is no terminal.\n"
        "The file has mode 0600 and is replaced at once. Servers read it when they start.\n\n"
        "  -f, --file FILE    the accounts file (" ACCOUNTS ")\n"
        "  -d, --delete       remove the account\n"
        "  -h, --help\n",
    .run = run,
};
