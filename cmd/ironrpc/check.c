/*
 * ironrpc check: is the RPC surface of a host exposed, and is it healthy? Asks (check_look.c),
 * judges (check_judge.c), shows (check_show.c). Only well-formed requests that change nothing.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

/* Exit status of this verb beside the usual ones. */
enum {
    EXIT_FINDINGS = 1,
    EXIT_UNKNOWN = 2
};

void check_progress(const struct check *check, const char *format, ...)
{
    char text[80];
    va_list ap;

    if (!check->progress) {
        return;
    }
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    fprintf(stderr, text[0] != '\0' ? "\rasking: %-60.60s" : "\r%69s\r", text);
    fflush(stderr);
}

/* "name", "name[135]", "2001:db8::1", "[2001:db8::1][135]" to name and port. */
static bool split_host(char *text, const char **ret_name, uint16_t *ret_port)
{
    char *name = text;
    char *rest = strchr(text, '[');
    uint32_t port = 135;

    if (text[0] == '[' && (rest = strchr(text, ']')) != NULL) {
        name = text + 1;
        *rest++ = '\0';
    }
    if (rest != NULL && *rest != '\0') {
        size_t len = strlen(rest);
        if (len < 3 || rest[0] != '[' || rest[len - 1] != ']') {
            return false;
        }
        rest[len - 1] = '\0';
        if (!ir_cli_number(rest + 1, 1, 65535, &port)) {
            return false;
        }
        *rest = '\0';
    }
    *ret_name = name;
    *ret_port = (uint16_t)port;
    return name[0] != '\0' && strchr(name, '[') == NULL && strlen(name) < 256;
}

static void set_peer(struct check *check, const struct addrinfo *address)
{
    memcpy(&check->peer, address->ai_addr, address->ai_addrlen);
    check->peer_len = address->ai_addrlen;
    check->is_ipv6 = address->ai_family == AF_INET6;
    getnameinfo(address->ai_addr, address->ai_addrlen, check->address, sizeof(check->address), NULL,
                0, NI_NUMERICHOST);
}

static bool has_mapper(const struct check *check)
{
    struct check_port port = {.port = check->mapper_port};

    check_connect(check, (struct check_port *[]){&port}, 1);
    return port.state == CHECK_OPEN;
}

/* The first address of @name where the mapper's port is open; if it is nowhere, the first. */
static int resolve(struct check *check, const char *name)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(name, NULL, &hints, &list);

    if (error != 0) {
        ir_cli_fail(check->verb, "cannot find %s: %s; check the name, or give an address", name,
                    gai_strerror(error));
        return EXIT_UNKNOWN;
    }
    const struct addrinfo *next = list->ai_next != NULL ? list : NULL;
    set_peer(check, list);
    while (next != NULL && !has_mapper(check)) {
        next = next->ai_next;
        set_peer(check, next != NULL ? next : list);
    }
    freeaddrinfo(list);
    return IR_CLI_OK;
}

/* Whether nothing at all came back, so that there is nothing to judge. */
static bool knows_nothing(const struct check *check)
{
    for (size_t i = 0; i < CHECK_PORTS; i++) {
        enum check_state state = check->ports[i].state;
        if (state == CHECK_OPEN || state == CHECK_CLOSED ||
            (state == CHECK_SILENT && check->outside)) {
            return false;
        }
    }
    return true;
}

static int check_host(struct check *check, bool json)
{
    check_look(check);
    if (knows_nothing(check)) {
        ir_cli_fail(check->verb,
                    "%s: no port answers, not even with a refusal: the host is down, or a firewall "
                    "keeps it from here%s",
                    check->address, check->outside ? "" : " (if it should, use --outside)");
        return EXIT_UNKNOWN;
    }
    check_judge(check);
    int result = IR_CLI_OK;
    if (json) {
        result = check_show_json(check);
    } else {
        check_show_table(check);
    }
    if (ir_cli_finish(check->verb) != IR_CLI_OK || result != IR_CLI_OK) {
        return EXIT_UNKNOWN;
    }
    return check_worst(check) > CHECK_NOTE ? EXIT_FINDINGS : IR_CLI_OK;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"outside", no_argument, NULL, 'o'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static struct check check;
    const char *name = NULL;
    bool json = false;
    int c;

    check.verb = verb;
    check.timeout_ms = 5000;
    while ((c = getopt_long(argc, argv, ":jot:h", options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        if (c == 'j') {
            json = true;
        } else if (c == 'o') {
            check.outside = true;
        } else if (c == 't') {
            if (!ir_cli_seconds(optarg, &check.timeout_ms)) {
                return ir_cli_usage(verb, "--timeout '%s': seconds, at least 0.001", optarg);
            }
        } else {
            return ir_cli_bad_option(verb, c, argv);
        }
    }
    if (optind + 1 != argc) {
        return ir_cli_usage(verb, optind == argc ? "HOST is missing" : "one HOST is enough");
    }
    char *copy = strdup(argv[optind]);
    if (copy == NULL || !split_host(copy, &name, &check.mapper_port)) {
        free(copy);
        return ir_cli_usage(
            verb,
            "HOST '%s': a name or an address is wanted, perhaps with the port of the "
            "endpoint mapper behind it in brackets",
            argv[optind]);
    }
    check.host = argv[optind];
    check.progress = isatty(STDERR_FILENO) == 1;
    int result = resolve(&check, name);
    free(copy);
    return result == IR_CLI_OK ? check_host(&check, json) : result;
}

const struct ir_cli_verb ir_cli_check = {
    .name = "check",
    .summary = "Is a host's RPC surface exposed, and is it healthy?",
    .usage = "check [--json] [--outside] [-t SECONDS] HOST",
    .help =
        "Looks at ports 135, 139, 445 and 593, reads the endpoint map, and asks each TCP endpoint\n"
        "that it names: does it answer, and how fast; which interfaces it has; which of them it\n"
        "accepts without authentication; at which levels it takes NTLM (as nobody: its log may\n"
        "show that). Prints what it found, and for each finding severity, reason and next step.\n"
        "Sends only well-formed requests that change nothing.\n"
        "HOST: a name or address, optionally with the port of the endpoint mapper,\n"
        "192.0.2.1[1135].\n\n"
        "  -j, --json           an object instead of tables\n"
        "  -o, --outside        this is a place that should not reach the host: whatever it\n"
        "                       reaches is a finding\n"
        "  -t, --timeout S      seconds for each connect, bind and call (5)\n"
        "  -h, --help\n\n"
        "Exit status of check: 0 fine (notes at most); 1 findings; 2 could not check.\n",
    .run = run,
};
