/*
 * ironrpc: the command-line tool. One verb per file; here is the table of them and what they share.
 *
 * Output for people goes to stdout, messages to stderr; --json output is for programs. Nothing is
 * coloured. Text that comes from a peer is printed escaped. Exit codes: cli.h.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli.h"

static const struct ir_cli_verb *const verbs[] = {&ir_cli_map,    &ir_cli_ping,   &ir_cli_call,
                                                  &ir_cli_check,  &ir_cli_decode, &ir_cli_firewall,
                                                  &ir_cli_passwd, &ir_cli_run,    &ir_cli_status};

/* --- messages --- */

static void print_error(const struct ir_cli_verb *verb, const char *format, va_list ap)
    IR_PRINTF(2, 0);
static void print_error(const struct ir_cli_verb *verb, const char *format, va_list ap)
{
    fflush(stdout);
    fprintf(stderr, "ironrpc %s: ", verb->name);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
}

int ir_cli_fail(const struct ir_cli_verb *verb, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    print_error(verb, format, ap);
    va_end(ap);
    return IR_CLI_FAILED;
}

int ir_cli_bad_input(const struct ir_cli_verb *verb, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    print_error(verb, format, ap);
    va_end(ap);
    return IR_CLI_USAGE;
}

int ir_cli_usage(const struct ir_cli_verb *verb, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    print_error(verb, format, ap);
    va_end(ap);
    fprintf(stderr, "usage: ironrpc %s\n'ironrpc %s --help' says more.\n", verb->usage, verb->name);
    return IR_CLI_USAGE;
}

int ir_cli_bad_option(const struct ir_cli_verb *verb, int c, char **argv)
{
    char letter[3] = {'-', (char)optopt, '\0'};
    const char *word = argv[optind - 1];
    /* getopt tells the letter of a short option, and 0 or the letter of a long one. */
    const char *what = optopt == 0 || strncmp(word, "--", 2) == 0 ? word : letter;

    if (c == ':') {
        return ir_cli_usage(verb, "option '%s' needs a value", what);
    }
    return ir_cli_usage(verb, "unknown option '%s', or one that takes no value", what);
}

int ir_cli_help(const struct ir_cli_verb *verb)
{
    printf("usage: ironrpc %s\n\n%s\n\n%s", verb->usage, verb->summary, verb->help);
    printf("\nExit status: 0 done; 1 the server, the network or the operation failed; "
           "2 wrong usage or input.\n");
    return ir_cli_finish(verb);
}

int ir_cli_finish(const struct ir_cli_verb *verb)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return ir_cli_fail(verb, "cannot write the output: %s", strerror(errno));
    }
    return IR_CLI_OK;
}

int ir_cli_call_failed(const struct ir_cli_verb *verb, const struct irpc_binding *binding,
                       enum irpc_status status)
{
    char text[600];

    ir_cli_printable(irpc_binding_error(binding), text, sizeof(text));
    return ir_cli_fail(verb, "%s", text[0] != '\0' ? text : irpc_status_text(status));
}

/* --- options and text --- */

bool ir_cli_number(const char *text, uint32_t min, uint32_t max, uint32_t *ret_value)
{
    char *end = NULL;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || errno != 0 || *end != '\0' || v < min || v > max) {
        return false;
    }
    *ret_value = (uint32_t)v;
    return true;
}

bool ir_cli_seconds(const char *text, uint32_t *ret_ms)
{
    char *end = NULL;
    double v = strtod(text, &end);

    if (((text[0] < '0' || text[0] > '9') && text[0] != '.') || *end != '\0' || !(v >= 0.001) ||
        v > 1000000) {
        return false;
    }
    *ret_ms = (uint32_t)(v * 1000 + 0.5);
    return true;
}

int ir_cli_transfer(const struct ir_cli_verb *verb, const char *text,
                    enum irpc_transfer *ret_transfer)
{
    if (strcmp(text, "ndr") == 0) {
        *ret_transfer = IRPC_TRANSFER_NDR20;
    } else if (strcmp(text, "ndr64") == 0) {
        *ret_transfer = IRPC_TRANSFER_NDR64;
    } else {
        return ir_cli_usage(verb, "--transfer '%s': ndr or ndr64", text);
    }
    return IR_CLI_OK;
}

/* "[::1]" and "[::1][135]": what stands in the first brackets, and its length; else all of @host.
 */
static const char *strip_brackets(const char *host, size_t *ret_len, const char **ret_rest)
{
    const char *close = host[0] == '[' ? strchr(host, ']') : NULL;

    if (close == NULL || (close[1] != '\0' && close[1] != '[')) {
        *ret_len = strcspn(host, "[");
        *ret_rest = host + *ret_len;
        return host;
    }
    *ret_len = (size_t)(close - host) - 1;
    *ret_rest = close + 1;
    return host + 1;
}

bool ir_cli_binding(const char *host, const char *port, char out[IR_CLI_BINDING])
{
    bool is_binding = strchr(host, '@') != NULL || strncmp(host, "ncacn_", 6) == 0 ||
                      strncmp(host, "ncalrpc:", 8) == 0;
    const char *rest = NULL;
    size_t len = 0;
    int n;

    if (is_binding) {
        n = snprintf(out, IR_CLI_BINDING, "%s", host);
        return n > 0 && n < IR_CLI_BINDING;
    }
    host = strip_brackets(host, &len, &rest);
    size_t rest_len = strlen(rest);
    bool good_rest = rest_len == 0 || (rest_len > 2 && rest[0] == '[' && rest[rest_len - 1] == ']');
    if (len == 0 || len >= IR_CLI_BINDING || !good_rest) {
        return false;
    }
    bool add_port = rest_len == 0 && port != NULL;
    n = snprintf(out, IR_CLI_BINDING, "ncacn_ip_tcp:%.*s%s%s%s", (int)len, host,
                 add_port ? "[" : rest, add_port ? port : "", add_port ? "]" : "");
    return n > 0 && n < IR_CLI_BINDING;
}

int ir_cli_bad_binding(const struct ir_cli_verb *verb, const char *text, enum irpc_status status)
{
    return ir_cli_usage(verb,
                        "'%s': %s: %s; HOST is a name or an address, perhaps with a port behind it "
                        "in brackets, or a string binding like ncalrpc:[name]",
                        text, irpc_status_text(status), irpc_binding_error(NULL));
}

size_t ir_cli_json_flags(size_t flags)
{
    return flags | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0);
}

void ir_cli_printable(const char *text, char *out, size_t cap)
{
    size_t len = 0;

    for (; *text != '\0' && len + 5 < cap; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c < 0x7f && c != '\\') {
            out[len++] = (char)c;
        } else {
            len += (size_t)snprintf(out + len, cap - len, "\\x%02x", c);
        }
    }
    out[len] = '\0';
}

/* --- main --- */

static void print_usage(FILE *to)
{
    fprintf(to, "usage: ironrpc VERB ...\n\n");
    for (size_t i = 0; i < IR_ARRAY_LEN(verbs); i++) {
        fprintf(to, "  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
    }
    fprintf(to, "\n'ironrpc VERB --help' explains a verb; 'ironrpc --version' tells the version.\n"
                "Exit status: 0 done; 1 the server, the network or the operation failed; "
                "2 wrong usage or input.\n");
}

static int finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "ironrpc: cannot write the output: %s\n", strerror(errno));
        return IR_CLI_FAILED;
    }
    return IR_CLI_OK;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return IR_CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return finish_output();
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("ironrpc %s\n", IRONRPC_VERSION);
        return finish_output();
    }
    for (size_t i = 0; i < IR_ARRAY_LEN(verbs); i++) {
        if (strcmp(argv[1], verbs[i]->name) == 0) {
            opterr = 0;
            return verbs[i]->run(verbs[i], argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "ironrpc: there is no verb '%s'\n", argv[1]);
    print_usage(stderr);
    return IR_CLI_USAGE;
}
