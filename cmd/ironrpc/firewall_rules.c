/*
 * The rules of `ironrpc firewall`: options to nftables text. Nothing here runs anything.
 *
 * One table of our own, so that other tables stay as they are: an accept here does not undo a drop
 * of theirs. A port decides, then the source. Packets that answer a connection of this machine
 * pass (its own ports may lie in a dynamic range); all others are judged, also those of
 * connections that were open before the rules came. Rules cite conntrack, so the kernel puts
 * fragments together before it looks for the port.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "firewall.h"

/* --- options --- */

void firewall_init(struct firewall *fw)
{
    /* The endpoint mapper, NetBIOS (MS00-066 names 135 to 139), SMB, RPC over HTTP. */
    static const struct firewall_ports always[] = {
        {135, 139, true, true}, {445, 445, true, true}, {593, 593, true, true}};

    memset(fw, 0, sizeof(*fw));
    memcpy(fw->ports, always, sizeof(always));
    fw->n_ports = IR_ARRAY_LEN(always);
}

bool firewall_add_interface(struct firewall *fw, const char *name)
{
    size_t len = strlen(name);

    /* The kernel's limit; and nothing that could end the quotes or be a pattern. */
    if (len == 0 || len > 15 || fw->n_interfaces == FIREWALL_ITEMS) {
        return false;
    }
    for (const char *c = name; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("._-@:", *c) == NULL) {
            return false;
        }
    }
    fw->interfaces[fw->n_interfaces++] = name;
    return true;
}

static void clear_host_bits(uint8_t *address, unsigned bits, unsigned prefix)
{
    for (unsigned bit = prefix; bit < bits; bit++) {
        address[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
    }
}

bool firewall_add_network(struct firewall_networks *networks, const char *text)
{
    struct firewall_network *network = &networks->list[networks->n];
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    char address[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)];

    if (networks->n == FIREWALL_ITEMS || len >= sizeof(address)) {
        return false;
    }
    memcpy(address, text, len);
    address[len] = '\0';
    bool is_ipv6 = strchr(address, ':') != NULL;
    uint32_t bits = is_ipv6 ? 128 : 32;
    uint32_t prefix = bits;
    if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, address, bytes) != 1 ||
        (slash != NULL && !ir_cli_number(slash + 1, 0, bits, &prefix))) {
        return false;
    }
    clear_host_bits(bytes, bits, prefix);
    inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, bytes, network->address, sizeof(network->address));
    network->is_ipv6 = is_ipv6;
    network->prefix = (uint8_t)prefix;
    networks->n++;
    return true;
}

bool firewall_add_ports(struct firewall *fw, const char *text)
{
    char copy[32];
    uint32_t low;
    uint32_t high;

    size_t len = strlen(text);
    if (len >= sizeof(copy) || fw->n_ports == FIREWALL_ITEMS) {
        return false;
    }
    memcpy(copy, text, len + 1);
    char *slash = strchr(copy, '/');
    bool tcp = slash == NULL || strcmp(slash, "/tcp") == 0;
    bool udp = slash == NULL || strcmp(slash, "/udp") == 0;
    if (slash != NULL) {
        *slash = '\0';
    }
    char *dash = strchr(copy, '-');
    if (dash != NULL) {
        *dash = '\0';
    }
    if ((!tcp && !udp) || !ir_cli_number(copy, 1, 65535, &low) ||
        !ir_cli_number(dash != NULL ? dash + 1 : copy, low, 65535, &high)) {
        return false;
    }
    fw->ports[fw->n_ports++] = (struct firewall_ports){(uint16_t)low, (uint16_t)high, tcp, udp};
    return true;
}

/* --- text --- */

static void open_set(FILE *out, const char *name, const char *type)
{
    fprintf(out, "    set %s {\n        type %s\n        flags interval\n        auto-merge\n",
            name, type);
}

static void print_ports(const struct firewall *fw, FILE *out, bool is_udp)
{
    const char *before = "        elements = { ";

    open_set(out, is_udp ? "ports_udp" : "ports_tcp", "inet_service");
    for (size_t i = 0; i < fw->n_ports; i++) {
        const struct firewall_ports *p = &fw->ports[i];

        if (is_udp ? p->udp : p->tcp) {
            fprintf(out, "%s%u", before, p->low);
            if (p->high != p->low) {
                fprintf(out, "-%u", p->high);
            }
            before = ", ";
        }
    }
    fputs(" }\n    }\n", out);
}

static void print_networks(const struct firewall_networks *networks, FILE *out, const char *name,
                           bool is_ipv6)
{
    const char *before = "        elements = { ";

    open_set(out, name, is_ipv6 ? "ipv6_addr" : "ipv4_addr");
    for (size_t i = 0; i < networks->n; i++) {
        const struct firewall_network *n = &networks->list[i];

        if (n->is_ipv6 == is_ipv6) {
            fprintf(out, "%s%s/%u", before, n->address, n->prefix);
            before = ",\n                     ";
        }
    }
    fputs(strchr(before, '\n') != NULL ? " }\n    }\n" : "    }\n", out);
}

static void print_stop(const struct firewall *fw, FILE *out)
{
    if (fw->log) {
        fputs("        limit rate 10/minute burst 20 packets log prefix \"ironrpc firewall: \"\n",
              out);
    }
    fputs("        counter drop\n", out);
}

/* Who may: the blocked may not; then the allowed may; of the rest nobody, or, if only blocked
 * networks were named, everybody. */
static void print_judge(const struct firewall *fw, FILE *out)
{
    bool others_may = fw->blocked.n > 0 && fw->allowed.n == 0;

    fputs("    chain stop {\n", out);
    print_stop(fw, out);
    fputs("    }\n    chain judge {\n"
          "        ct direction reply return comment \"answers to this machine's own requests\"\n"
          "        ip saddr @blocked_ipv4 goto stop\n"
          "        ip6 saddr @blocked_ipv6 goto stop\n"
          "        ip saddr @allowed_ipv4 counter return\n"
          "        ip6 saddr @allowed_ipv6 counter return\n",
          out);
    fputs(others_may ? "        counter return\n    }\n" : "        goto stop\n    }\n", out);
}

static void print_hook(const struct firewall *fw, FILE *out, const char *hook)
{
    fprintf(out,
            "    chain %s {\n        type filter hook %s priority filter - 10; policy accept;\n",
            hook, hook);
    if (fw->n_interfaces == 0) {
        fputs("        iifname \"lo\" return\n", out);
    } else {
        for (size_t i = 0; i < fw->n_interfaces; i++) {
            fprintf(out, "%s\"%s\"", i == 0 ? "        iifname != { " : ", ", fw->interfaces[i]);
        }
        fputs(" } return\n", out);
    }
    fputs(
        "        tcp dport @ports_tcp goto judge\n        udp dport @ports_udp goto judge\n    }\n",
        out);
}

void firewall_print(const struct firewall *fw, FILE *out)
{
    fputs("# Who may reach the RPC ports of this machine: made by ironrpc firewall.\n"
          "# For nft -f; it replaces what an earlier one left. Taken back by:\n"
          "#     nft delete table inet " FIREWALL_TABLE "\n"
          "add table inet " FIREWALL_TABLE "\n"
          "delete table inet " FIREWALL_TABLE "\n"
          "table inet " FIREWALL_TABLE " {\n",
          out);
    print_ports(fw, out, false);
    print_ports(fw, out, true);
    print_networks(&fw->blocked, out, "blocked_ipv4", false);
    print_networks(&fw->blocked, out, "blocked_ipv6", true);
    print_networks(&fw->allowed, out, "allowed_ipv4", false);
    print_networks(&fw->allowed, out, "allowed_ipv6", true);
    print_judge(fw, out);
    print_hook(fw, out, "input");
    if (fw->forward) {
        print_hook(fw, out, "forward");
    }
    fputs("}\n", out);
}
