/*
 * ironrpc status: how is the RPC service of this machine? It asks ironrpcd(8) at its socket, where
 * the status is told to whoever may connect: its own user and root.
 */
#include "status.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ironrpc/server.h>

#include "cli.h"

#define ANSWER_MAX ((size_t)4 << 20)

struct options {
    const char *socket; /* NULL: the usual one */
    bool json;
    bool check;
    uint32_t timeout_ms;
};

/* Return: -1 to go on, or the exit status. */
static int read_options(const struct ir_cli_verb *verb, int argc, char **argv,
                        struct options *options)
{
    static const struct option long_options[] = {
        {"json", no_argument, NULL, 'j'},         {"check", no_argument, NULL, 'c'},
        {"socket", required_argument, NULL, 's'}, {"timeout", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    int c;

    while ((c = getopt_long(argc, argv, ":jcs:t:h", long_options, NULL)) != -1) {
        switch (c) {
        case 'j':
            options->json = true;
            break;
        case 'c':
            options->check = true;
            break;
        case 's':
            options->socket = optarg;
            break;
        case 't':
            if (!ir_cli_seconds(optarg, &options->timeout_ms)) {
                return ir_cli_usage(verb, "--timeout '%s': seconds, above 0", optarg);
            }
            break;
        case 'h':
            return ir_cli_help(verb);
        default:
            return ir_cli_bad_option(verb, c, argv);
        }
    }
    return optind == argc ? -1 : ir_cli_usage(verb, "unexpected argument '%s'", argv[optind]);
}

static int complain(const struct ir_cli_verb *verb, const char *path, int error)
{
    if (error == ENOENT || error == ECONNREFUSED) {
        return ir_cli_fail(verb,
                           "ironrpcd is not running here: nobody answers at %s. Start it "
                           "(systemctl start ironrpcd), or name its socket with --socket",
                           path);
    }
    if (error == EACCES || error == EPERM) {
        return ir_cli_fail(verb, "%s: %s. Ask as root, or as the user that ironrpcd was started by",
                           path, strerror(error));
    }
    return ir_cli_fail(verb, "%s: %s", path, strerror(error));
}

static int connect_to(const struct ir_cli_verb *verb, const char *path, int *ret_fd)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};

    if (snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path) >= (int)sizeof(sa.sun_path)) {
        return ir_cli_bad_input(verb, "%s: too long for the path of a socket", path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return ir_cli_fail(verb, "cannot make a socket: %s", strerror(errno));
    }
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0) {
        int error = errno;

        close(fd);
        return complain(verb, path, error);
    }
    *ret_fd = fd;
    return IR_CLI_OK;
}

/* All that comes into @text[ANSWER_MAX + 1]. Return: IR_CLI_OK or after a message. */
static int read_answer(const struct ir_cli_verb *verb, const struct options *options,
                       const char *path, int fd, char *text)
{
    size_t len = 0;

    for (;;) {
        struct pollfd more = {.fd = fd, .events = POLLIN};
        if (poll(&more, 1, (int)options->timeout_ms) != 1) {
            return ir_cli_fail(
                verb, "%s: no answer. Its main process hangs or is stopped: see its log", path);
        }
        ssize_t n = read(fd, text + len, ANSWER_MAX - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 || len == ANSWER_MAX) {
            return ir_cli_fail(verb, "%s: %s", path, n < 0 ? strerror(errno) : "endless answer");
        }
        if (n == 0) {
            text[len] = '\0';
            return IR_CLI_OK;
        }
        len += (size_t)n;
    }
}

static int show(const struct ir_cli_verb *verb, const struct options *options, const char *path,
                const char *text)
{
    json_error_t error;
    json_t *status = json_loads(text, 0, &error);
    unsigned attention = 0;

    if (!json_is_object(status)) {
        json_decref(status);
        return ir_cli_fail(verb, "%s: the answer is not that of ironrpcd", path);
    }
    attention = status_show(status, !options->json);
    if (options->json) {
        (void)json_dumpf(status, stdout, ir_cli_json_flags(JSON_INDENT(2)));
        printf("\n");
    }
    json_decref(status);
    int result = ir_cli_finish(verb);

    return result == IR_CLI_OK && options->check && attention > 0 ? IR_CLI_FAILED : result;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    struct options options = {.timeout_ms = 5000};
    char usual[512];
    int fd = -1;
    int result = read_options(verb, argc, argv, &options);

    if (result >= 0) {
        return result;
    }
    snprintf(usual, sizeof(usual), "%s/status", irpc_runtime_dir());
    const char *path = options.socket != NULL ? options.socket : usual;

    result = connect_to(verb, path, &fd);
    if (result != IR_CLI_OK) {
        return result;
    }
    char *text = malloc(ANSWER_MAX + 1);
    if (text == NULL) {
        close(fd);
        return ir_cli_fail(verb, "out of memory");
    }
    result = read_answer(verb, &options, path, fd, text);
    close(fd);
    if (result == IR_CLI_OK) {
        result = show(verb, &options, path, text);
    }
    free(text);
    return result;
}

const struct ir_cli_verb ir_cli_status = {
    .name = "status",
    .summary = "How the RPC service of this machine is: processes, clients, attacks, limits.",
    .usage = "status [-j] [-c] [-s SOCKET] [-t SECONDS]",
    .help =
        "  -j, --json             print what ironrpcd tells, as JSON\n"
        "  -c, --check            exit with 1 if something needs attention: a limit of which\n"
        "                         80 % are used, a process that is not ready, a source that is\n"
        "                         kept out\n"
        "  -s, --socket SOCKET    where to ask; default: /run/ironrpc/status\n"
        "  -t, --timeout SECONDS  for the answer; default: 5\n"
        "  -h, --help             print this\n",
    .run = run,
};
