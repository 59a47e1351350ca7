/* Passwords: asked for, or read from where the user says; never an argument. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"

#define IR_CLI_SECRET 1024 /* bytes with NUL */

/*
 * On a terminal: ask with @prompt, not echoing, twice if @twice. Otherwise: the first line of
 * stdin. Return IR_CLI_OK, or after a message IR_CLI_FAILED (nothing there, too long, the two
 * differ).
 */
int ir_cli_secret(const struct ir_cli_verb *verb, const char *prompt, bool twice,
                  char ret_secret[IR_CLI_SECRET]);

/*
 * The password of @user: the first line of @file if that is not NULL (a file that others may read
 * is refused); else $IRONRPC_PASSWORD, which is removed from the environment; else asked for on the
 * terminal, whatever stdin is. Return IR_CLI_OK, or after a message IR_CLI_USAGE (@file), or
 * IR_CLI_FAILED.
 */
int ir_cli_password(const struct ir_cli_verb *verb, const char *user, const char *file,
                    char ret_secret[IR_CLI_SECRET]);

/* Overwrite it. */
void ir_cli_wipe(char secret[IR_CLI_SECRET]);
