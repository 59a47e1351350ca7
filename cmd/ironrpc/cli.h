/* What the verbs of ironrpc share: exit codes, messages, options, text of peers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/client.h>

#include "base/attr.h"

/* Exit status, as in ironrpc(1). */
enum ir_cli_exit {
    IR_CLI_OK = 0,
    IR_CLI_FAILED = 1, /* the other side, or the way to it, or the operation */
    IR_CLI_USAGE = 2   /* the command line, a file or JSON named on it */
};

#define IR_CLI_BINDING 512 /* of a string binding made from HOST */

/* One verb: a file of its own. */
struct ir_cli_verb {
    const char *name;
    const char *summary;
    const char *usage; /* after "usage: ironrpc " */
    const char *help;  /* options and the rest */
    int (*run)(const struct ir_cli_verb *verb, int argc, char **argv);
};

extern const struct ir_cli_verb ir_cli_map;
extern const struct ir_cli_verb ir_cli_ping;
extern const struct ir_cli_verb ir_cli_call;
extern const struct ir_cli_verb ir_cli_decode;
extern const struct ir_cli_verb ir_cli_check;
extern const struct ir_cli_verb ir_cli_firewall;
extern const struct ir_cli_verb ir_cli_passwd;
extern const struct ir_cli_verb ir_cli_run;
extern const struct ir_cli_verb ir_cli_status;

/* "ironrpc VERB: text" on stderr. Return IR_CLI_FAILED; IR_CLI_USAGE, with a hint at --help. */
int ir_cli_fail(const struct ir_cli_verb *verb, const char *format, ...) IR_PRINTF(2, 3);
int ir_cli_usage(const struct ir_cli_verb *verb, const char *format, ...) IR_PRINTF(2, 3);
/* The same for input that is wrong although the command line is not: IR_CLI_USAGE. */
int ir_cli_bad_input(const struct ir_cli_verb *verb, const char *format, ...) IR_PRINTF(2, 3);
/* For getopt's '?' and ':'. */
int ir_cli_bad_option(const struct ir_cli_verb *verb, int c, char **argv);
int ir_cli_help(const struct ir_cli_verb *verb);
/* Flush stdout: IR_CLI_OK, or IR_CLI_FAILED with a message (full disk, closed pipe). */
int ir_cli_finish(const struct ir_cli_verb *verb);

/* Whole numbers; seconds with a fraction, as milliseconds. False: not one, or out of bounds. */
bool ir_cli_number(const char *text, uint32_t min, uint32_t max, uint32_t *ret_value);
bool ir_cli_seconds(const char *text, uint32_t *ret_ms);

/* The argument of --transfer. Return IR_CLI_OK or IR_CLI_USAGE. */
int ir_cli_transfer(const struct ir_cli_verb *verb, const char *text,
                    enum irpc_transfer *ret_transfer);

/*
 * HOST as users write it, to a string binding: "host", "host[port]", "::1", "[::1]",
 * "[::1][port]"; a string binding stays as it is. @port is put where none is given; NULL: none.
 * False: empty, too long, or brackets that do not match.
 */
bool ir_cli_binding(const char *host, const char *port, char out[IR_CLI_BINDING]);

/* Message for @text that irpc_binding_new() refused with @status. Return IR_CLI_USAGE. */
int ir_cli_bad_binding(const struct ir_cli_verb *verb, const char *text, enum irpc_status status);

/* Message for a failed function of the library: what it says itself, or the status' text. */
int ir_cli_call_failed(const struct ir_cli_verb *verb, const struct irpc_binding *binding,
                       enum irpc_status status);

/*
 * jansson's @flags for standard output, where text of peers goes too. JSON escapes C0 controls
 * alone; on a terminal, to which U+009B is as good as ESC [, nothing but ASCII is printed.
 */
size_t ir_cli_json_flags(size_t flags);

/* Copy of peer's text that is safe to print in one line; cut at @cap - 1. */
void ir_cli_printable(const char *text, char *out, size_t cap);

/* Name of a well-known interface, NULL if unknown. */
const char *ir_cli_interface_name(const struct irpc_uuid *uuid);
