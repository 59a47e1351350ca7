/*
 * ironrpc firewall: who may reach the RPC ports of this machine, as nftables rules. MS00-066 told
 * administrators to block ports 135 to 139 and 445; this writes the rules, for IPv4 and IPv6,
 * prints them, and changes something only when told to, with a way back.
 */
#include <getopt.h>
#include <net/if.h>
#include <stdlib.h>

#include "firewall.h"

enum {
    OPT_APPLY = 256,
    OPT_UNDO,
    OPT_STATE,
    OPT_FORWARD,
    OPT_LOG
};

static const struct option long_options[] = {{"allow", required_argument, NULL, 'a'},
                                             {"block", required_argument, NULL, 'b'},
                                             {"interface", required_argument, NULL, 'i'},
                                             {"also-port", required_argument, NULL, 'p'},
                                             {"dynamic-range", required_argument, NULL, 'd'},
                                             {"forward", no_argument, NULL, OPT_FORWARD},
                                             {"log", no_argument, NULL, OPT_LOG},
                                             {"apply", no_argument, NULL, OPT_APPLY},
                                             {"undo", no_argument, NULL, OPT_UNDO},
                                             {"state", required_argument, NULL, OPT_STATE},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

struct options {
    struct firewall fw;
    bool apply;
    bool undo;
    bool has_rules; /* an option that belongs to rules was given */
    const char *state;
};

/* An option with a value that becomes part of the rules. Return: exit status. */
static int take_rule(const struct ir_cli_verb *verb, struct options *o, int c, const char *value)
{
    o->has_rules = true;
    switch (c) {
    case 'a':
    case 'b':
        if (firewall_add_network(c == 'a' ? &o->fw.allowed : &o->fw.blocked, value)) {
            return IR_CLI_OK;
        }
        return ir_cli_usage(verb,
                            "--%s '%s': an address or network is wanted, like 192.0.2.0/24 or "
                            "2001:db8::/32 (at most %d)",
                            c == 'a' ? "allow" : "block", value, FIREWALL_ITEMS);
    case 'i':
        if (firewall_add_interface(&o->fw, value)) {
            return IR_CLI_OK;
        }
        return ir_cli_usage(verb, "--interface '%s': the name of one network interface is wanted",
                            value);
    default:
        if (firewall_add_ports(&o->fw, value)) {
            return IR_CLI_OK;
        }
        return ir_cli_usage(
            verb,
            "--%s '%s': a port or a range is wanted, perhaps with a protocol: 5985, "
            "49152-65535, 2105/udp",
            c == 'd' ? "dynamic-range" : "also-port", value);
    }
}

/* Return: -1 to go on, or the exit status. */
static int read_options(const struct ir_cli_verb *verb, int argc, char **argv, struct options *o)
{
    int c;

    while ((c = getopt_long(argc, argv, ":a:b:i:p:d:h", long_options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        if (c == OPT_APPLY) {
            o->apply = true;
        } else if (c == OPT_UNDO) {
            o->undo = true;
        } else if (c == OPT_STATE) {
            o->state = optarg;
        } else if (c == OPT_FORWARD || c == OPT_LOG) {
            *(c == OPT_LOG ? &o->fw.log : &o->fw.forward) = true;
            o->has_rules = true;
        } else if (c == ':' || c == '?') {
            return ir_cli_bad_option(verb, c, argv);
        } else if (take_rule(verb, o, c, optarg) != IR_CLI_OK) {
            return IR_CLI_USAGE;
        }
    }
    if (optind != argc) {
        return ir_cli_usage(verb, "'%s' is unexpected: there are only options", argv[optind]);
    }
    if (o->undo && (o->apply || o->has_rules)) {
        return ir_cli_usage(verb, "--undo goes alone");
    }
    return -1;
}

/* A misspelt name would leave a door open in silence. */
static void warn_of_unknown(const struct ir_cli_verb *verb, const struct firewall *fw)
{
    for (size_t i = 0; i < fw->n_interfaces; i++) {
        if (if_nametoindex(fw->interfaces[i]) == 0) {
            fprintf(stderr, "ironrpc %s: warning: there is no interface %s at present\n",
                    verb->name, fw->interfaces[i]);
        }
    }
}

static int apply(const struct ir_cli_verb *verb, const struct options *o)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    if (memory == NULL) {
        return ir_cli_fail(verb, "out of memory");
    }
    warn_of_unknown(verb, &o->fw);
    firewall_print(&o->fw, memory);
    int result = fclose(memory) == 0 ? firewall_apply(verb, text, o->state)
                                     : ir_cli_fail(verb, "out of memory");
    free(text);
    return result;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static struct options o = {.state = FIREWALL_STATE};

    firewall_init(&o.fw);
    int result = read_options(verb, argc, argv, &o);
    if (result >= 0) {
        return result;
    }
    if (o.undo) {
        return firewall_undo(verb, o.state);
    }
    if (o.apply) {
        return apply(verb, &o);
    }
    firewall_print(&o.fw, stdout);
    return ir_cli_finish(verb);
}

const struct ir_cli_verb ir_cli_firewall = {
    .name = "firewall",
    .summary = "Rules that say who may reach the RPC ports of this machine.",
    .usage =
        "firewall [--allow NET]... [--block NET]... [--interface IF]... [--also-port PORT]...\n"
        "                        [--dynamic-range LOW-HIGH] [--forward] [--log] [--apply]\n"
        "       ironrpc firewall --undo",
    .help =
        "Prints nftables rules that stop everybody but the allowed networks on ports 135 to 139,\n"
        "445 and 593, TCP and UDP, IPv4 and IPv6. Nothing is changed without --apply; other\n"
        "tables are never touched. Without --allow and --block nobody may. Loopback always may.\n\n"
        "  -a, --allow NET        this address or network may; repeat it for more\n"
        "  -b, --block NET        this one may not, even if --allow has it; if there are only\n"
        "                         --block options, everybody else may\n"
        "  -i, --interface IF     only what arrives there (all but loopback)\n"
        "  -p, --also-port PORT   one more port or range: 5985, 5985/tcp, 2101-2107/udp\n"
        "  -d, --dynamic-range R  the ports that RPC services get by themselves; Windows has\n"
        "                         49152-65535, before 2008 1025-5000\n"
        "      --forward          also what this machine routes to others\n"
        "      --log              log what is stopped, at most 10 packets a minute\n"
        "      --apply            let nft check the rules, then load them (root)\n"
        "      --undo             back to what was before the last --apply (root)\n"
        "      --state FILE       where --apply keeps the way back\n"
        "                         (" FIREWALL_STATE ")\n"
        "  -h, --help\n",
    .run = run,
};
