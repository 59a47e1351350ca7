/*
 * ironrpc ping: is there an RPC service, and how fast does it answer? Binds to the management
 * interface, which every DCE/RPC server has, and calls is_server_listening, [C706] appendix Q.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth.h"
#include "cli.h"

#define IS_SERVER_LISTENING 2

static const struct irpc_syntax_id mgmt = {
    {0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};

struct ping {
    const struct ir_cli_verb *verb;
    struct irpc_binding *binding;
    uint32_t count;
    uint32_t interval_ms;
    bool quiet;
    uint32_t answered;
    double min, max, sum; /* ms */
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void pause_ms(uint32_t ms)
{
    struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static uint32_t load_u32(const struct irpc_reply *reply, size_t at)
{
    const uint8_t *p = reply->stub.p + at;
    uint32_t le =
        (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;

    return reply->big_endian ? __builtin_bswap32(le) : le;
}

/* The reply is the status and the result, a boolean32. */
static int judge(struct ping *ping, const struct irpc_reply *reply)
{
    if (reply->stub.len < 8) {
        return ir_cli_fail(ping->verb, "%s: the reply of is_server_listening has %zu bytes, not 8",
                           irpc_binding_endpoint(ping->binding), reply->stub.len);
    }
    if (load_u32(reply, 0) != 0 || load_u32(reply, 4) == 0) {
        return ir_cli_fail(ping->verb,
                           "%s: the server says that it is not listening (status %" PRIu32 ")",
                           irpc_binding_endpoint(ping->binding), load_u32(reply, 0));
    }
    return IR_CLI_OK;
}

static int ping_once(struct ping *ping, uint32_t seq)
{
    struct irpc_span nothing = {NULL, 0};
    struct irpc_reply reply = {{NULL, 0}, false};
    double began = now_ms();
    enum irpc_status status =
        irpc_binding_call_raw(ping->binding, &mgmt, IS_SERVER_LISTENING, nothing, &reply);
    double took = now_ms() - began;

    if (status != IRPC_OK) {
        return ir_cli_call_failed(ping->verb, ping->binding, status);
    }
    if (judge(ping, &reply) != IR_CLI_OK) {
        return IR_CLI_FAILED;
    }
    ping->min = ping->answered == 0 || took < ping->min ? took : ping->min;
    ping->max = took > ping->max ? took : ping->max;
    ping->sum += took;
    ping->answered++;
    if (!ping->quiet) {
        printf("%" PRIu32 ": listening, %.3f ms\n", seq, took);
        fflush(stdout);
    }
    return IR_CLI_OK;
}

static int ping_all(struct ping *ping)
{
    double began = now_ms();
    enum irpc_status status = irpc_binding_connect(ping->binding, &mgmt);
    int result = IR_CLI_OK;

    if (status != IRPC_OK) {
        return ir_cli_call_failed(ping->verb, ping->binding, status);
    }
    printf("%s: connected and bound to mgmt 1.0 in %.3f ms\n", irpc_binding_endpoint(ping->binding),
           now_ms() - began);
    for (uint32_t i = 1; i <= ping->count; i++) {
        if (i > 1) {
            pause_ms(ping->interval_ms);
        }
        if (ping_once(ping, i) != IR_CLI_OK) {
            result = IR_CLI_FAILED;
        }
    }
    printf("%" PRIu32 " calls, %" PRIu32 " answered", ping->count, ping->answered);
    if (ping->answered > 0) {
        printf(", min/mean/max %.3f/%.3f/%.3f ms", ping->min, ping->sum / ping->answered,
               ping->max);
    }
    printf("\n");
    return ir_cli_finish(ping->verb) == IR_CLI_OK ? result : IR_CLI_FAILED;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {{"count", required_argument, NULL, 'c'},
                                            {"interval", required_argument, NULL, 'i'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, 'h'},
                                            IR_CLI_AUTH_OPTIONS,
                                            {NULL, 0, NULL, 0}};
    struct ping ping = {.verb = verb, .count = 4, .interval_ms = 1000};
    struct irpc_binding_options binding_options = {.connect_ms = 10000, .call_ms = 10000};
    struct ir_cli_auth auth = {0};
    char text[IR_CLI_BINDING];
    int c;

    while ((c = getopt_long(argc, argv, ":c:i:t:qh" IR_CLI_AUTH_LETTERS, options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        if (c == 'q') {
            ping.quiet = true;
        } else if (c == 'c') {
            if (!ir_cli_number(optarg, 1, 1000000, &ping.count)) {
                return ir_cli_usage(verb, "--count '%s': a number from 1 to 1000000", optarg);
            }
        } else if (c == 'i') {
            if (!ir_cli_seconds(optarg, &ping.interval_ms)) {
                return ir_cli_usage(verb, "--interval '%s': seconds, at least 0.001", optarg);
            }
        } else if (c == 't') {
            if (!ir_cli_seconds(optarg, &binding_options.call_ms)) {
                return ir_cli_usage(verb, "--timeout '%s': seconds, at least 0.001", optarg);
            }
            binding_options.connect_ms = binding_options.call_ms;
        } else if (!ir_cli_auth_option(&auth, c, optarg)) {
            return ir_cli_bad_option(verb, c, argv);
        }
    }
    if (optind + 1 != argc) {
        return ir_cli_usage(verb, optind == argc ? "HOST is missing" : "one HOST is enough");
    }
    if (!ir_cli_binding(argv[optind], "135", text)) {
        return ir_cli_usage(verb, "HOST '%s' is empty, too long or malformed", argv[optind]);
    }
    enum irpc_status status = irpc_binding_new(text, &binding_options, &ping.binding);
    if (status != IRPC_OK) {
        return ir_cli_bad_binding(verb, argv[optind], status);
    }
    int result = ir_cli_auth_apply(&auth, verb, ping.binding);
    if (result == IR_CLI_OK) {
        result = ping_all(&ping);
    }
    irpc_binding_free(ping.binding);
    return result;
}

const struct ir_cli_verb ir_cli_ping = {
    .name = "ping",
    .summary = "Does the RPC service answer, and how fast?",
    .usage = "ping [OPTIONS] HOST",
    .help = "Connects, binds to the management interface and asks is_server_listening.\n"
            "HOST: a name or address, optionally with a port, 192.0.2.1[49152] (135 if there is\n"
            "none), or a string binding, ncalrpc:[epmapper].\n\n"
            "  -c, --count N        how many calls (4)\n"
            "  -i, --interval S     seconds between them (1)\n"
            "  -t, --timeout S      seconds for connecting and for each call (10)\n"
            "  -q, --quiet          only the first and last line\n"
            "  -h, --help\n\n" IR_CLI_AUTH_HELP,
    .run = run,
};
