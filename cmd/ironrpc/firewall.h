/* Between the files of firewall*.c: what is to be blocked, as rules, and the kernel's copy of them.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli.h"

#define FIREWALL_TABLE "ironrpc_firewall"
#define FIREWALL_ITEMS 256 /* interfaces, networks, ranges of ports: of each */
#define FIREWALL_STATE "/run/ironrpc-firewall.undo"

struct firewall_network {
    bool is_ipv6;
    uint8_t prefix;
    char address[INET6_ADDRSTRLEN]; /* bits of the host cleared */
};

struct firewall_networks {
    struct firewall_network list[FIREWALL_ITEMS];
    size_t n;
};

struct firewall_ports {
    uint16_t low, high;
    bool tcp, udp;
};

struct firewall {
    const char *interfaces[FIREWALL_ITEMS]; /* none: all but loopback */
    size_t n_interfaces;
    struct firewall_networks allowed;
    struct firewall_networks blocked;
    struct firewall_ports ports[FIREWALL_ITEMS];
    size_t n_ports;
    bool forward; /* also what this machine routes */
    bool log;
};

/* The RPC ports of Windows, which are always there; more may be added. */
void firewall_init(struct firewall *fw);

/* One more of each. False: malformed, or FIREWALL_ITEMS are there already. */
bool firewall_add_interface(struct firewall *fw, const char *name);
bool firewall_add_network(struct firewall_networks *networks, const char *text);
/* "5985", "5985/tcp", "2101-2107/udp" */
bool firewall_add_ports(struct firewall *fw, const char *text);

/* The rules, as a file for nft(8) that replaces an earlier table of ours in one step. */
void firewall_print(const struct firewall *fw, FILE *out);

/* Give @rules to the kernel if nft accepts them; what was there before goes to the file @state.
 * Return: exit status, with messages. */
int firewall_apply(const struct ir_cli_verb *verb, const char *rules, const char *state);
/* Put back what the last firewall_apply() found. */
int firewall_undo(const struct ir_cli_verb *verb, const char *state);
