/*
 * `ironrpc check`, judging: facts to findings, each with what, why it matters, and what to do next.
 * Nothing here asks anybody. A finding is a warning or worse if somebody should do something.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

static void find(struct check *check, enum check_severity severity, const char *code,
                 const char *why, const char *next, const char *format, ...) IR_PRINTF(6, 7);
static void find(struct check *check, enum check_severity severity, const char *code,
                 const char *why, const char *next, const char *format, ...)
{
    if (check->n_findings == CHECK_FINDINGS) {
        return;
    }
    struct check_finding *f = &check->findings[check->n_findings++];
    va_list ap;

    *f = (struct check_finding){.severity = severity, .code = code, .why = why, .next = next};
    va_start(ap, format);
    vsnprintf(f->what, sizeof(f->what), format, ap);
    va_end(ap);
}

/* --- ports --- */

static const char block_it[] =
    "Block it there: ironrpc firewall --allow NETWORK --apply on a Linux machine or the router in "
    "front (--forward); on Windows, the firewall's rules for RPC and file sharing.";

static void judge_exposed(struct check *check)
{
    for (size_t i = 0; i < CHECK_PORTS; i++) {
        if (check->ports[i].state == CHECK_OPEN) {
            find(check, CHECK_CRITICAL, "port-exposed",
                 "Defects of RPC and SMB services have stopped or taken over machines since "
                 "MS00-066; "
                 "nobody outside needs these ports.",
                 block_it, "port %u is reachable from outside", check->ports[i].port);
        }
    }
    for (size_t i = 1; i < check->n_endpoints; i++) {
        if (check->endpoints[i].port.state == CHECK_OPEN) {
            find(check, CHECK_CRITICAL, "endpoint-exposed",
                 "The endpoint map leads there, and a port scan finds it without.",
                 "Block the dynamic range as well: ironrpc firewall --dynamic-range 49152-65535.",
                 "the RPC endpoint at port %u is reachable from outside",
                 check->endpoints[i].port.port);
        }
    }
}

static void judge_mapper_port(struct check *check)
{
    switch (check->ports[0].state) {
    case CHECK_CLOSED:
        find(check, CHECK_CRITICAL, "no-mapper",
             "Without the endpoint mapper clients do not find RPC services with dynamic ports.",
             "Start the service (ironrpcd; on Windows RpcEptMapper and RpcSs), or look at another "
             "port: HOST[PORT].",
             "nothing listens on port %u", check->mapper_port);
        break;
    case CHECK_SILENT:
    case CHECK_UNREACHABLE:
        find(check, CHECK_WARNING, "mapper-unreachable",
             "A firewall drops the packets, or the host is down; which one cannot be seen from "
             "here.",
             "If this place should reach it, look at the firewalls in between; if not, use "
             "--outside.",
             "port %u does not answer", check->mapper_port);
        break;
    case CHECK_NOT_ASKED:
    case CHECK_OPEN:
        break;
    }
}

static void judge_other_ports(struct check *check)
{
    if (check->ports[1].state == CHECK_OPEN) {
        find(check, CHECK_NOTE, "netbios-open",
             "NetBIOS sessions are for clients older than Windows 2000.",
             "Turn NetBIOS over TCP/IP off where no such client is left.", "port 139 is open");
    }
    if (check->ports[2].state == CHECK_OPEN) {
        find(check, CHECK_NOTE, "smb-open",
             "Named pipes over SMB lead to RPC services too; they are not looked at here.",
             "Let only machines that need file sharing or remote administration reach it.",
             "port 445 is open");
    }
    if (check->ports[3].state == CHECK_OPEN) {
        find(check, CHECK_WARNING, "http-open",
             "RPC over HTTP carries RPC through what firewalls let pass; hardly anything needs "
             "port "
             "593.",
             "Turn the HTTP proxy for RPC (COM Internet Services) off, or block the port.",
             "port 593 is open");
    }
}

/* --- the map --- */

static void judge_map(struct check *check)
{
    if (check->map == IRPC_OK) {
        find(check, CHECK_NOTE, "map-readable",
             "Usual, and needed by most clients; but it tells strangers which services run here.",
             "Let only networks that use the services reach the port.",
             "anybody can read the endpoint map: %zu entries, %zu of them behind named pipes",
             check->n_entries, check->n_pipes);
    } else if (check->map != IRPC_PENDING && check->map != IRPC_ACCESS_DENIED &&
               check->map != IRPC_BIND_REFUSED) {
        find(check, check->map == IRPC_TIMEOUT ? CHECK_CRITICAL : CHECK_WARNING, "map-unreadable",
             "Clients cannot find services with dynamic ports.",
             "Look at the service's log on the host; is it the endpoint mapper that has this "
             "port?",
             "the endpoint map cannot be read: %s", irpc_status_text(check->map));
    }
    if (check->n_elsewhere > 0 || check->n_skipped > 0) {
        find(check, CHECK_NOTE, "not-visited", "This page is about one host, and ends somewhere.",
             "Check the other addresses by themselves.",
             "%zu entries lead to other addresses, %zu are beyond the first %d endpoints",
             check->n_elsewhere, check->n_skipped, CHECK_ENDPOINTS);
    }
}

/* --- endpoints --- */

struct risk {
    struct irpc_uuid uuid;
    const char *why;
};

/* Interfaces that attackers ask for first, from the bulletins about them. */
static const struct risk risks[] = {
    {{0x12345678, 0x1234, 0xabcd, 0xef, 0x00, {0x01, 0x23, 0x45, 0x67, 0x89, 0xab}},
     "The print spooler has let callers run code and make the host log in elsewhere "
     "(CVE-2021-34527)."},
    {{0x76f03f96, 0xcdfd, 0x44fc, 0xa2, 0x2c, {0x64, 0x95, 0x0a, 0x00, 0x12, 0x09}},
     "The print spooler has let callers run code and make the host log in elsewhere "
     "(CVE-2021-34527)."},
    {{0xc681d488, 0xd850, 0x11d0, 0x8c, 0x52, {0x00, 0xc0, 0x4f, 0xd9, 0x0f, 0x7e}},
     "The file encryption service has let strangers make the host log in elsewhere "
     "(CVE-2021-36942)."},
    {{0x4fc742e0, 0x4a10, 0x11cf, 0x82, 0x73, {0x00, 0xaa, 0x00, 0x4a, 0xe6, 0x73}},
     "The DFS namespace service lets callers make the host log in elsewhere."},
    {{0x17fdd703, 0x1827, 0x4e34, 0x79, 0xd4, {0x24, 0xa5, 0x5c, 0x53, 0xbb, 0x37}},
     "The messenger service has let strangers run code (MS03-043)."},
    {{0x8d9f4e40, 0xa03d, 0x11ce, 0x8f, 0x69, {0x08, 0x00, 0x3e, 0x30, 0x05, 0x1b}},
     "Plug and Play has let strangers run code (MS05-039)."},
};

/* Without security by their nature: the map, management, and DCOM's resolver. */
static bool is_public(const struct check_interface *interface)
{
    const char *name = ir_cli_interface_name(&interface->id.uuid);

    return name != NULL && (strcmp(name, "epmapper") == 0 || strcmp(name, "mgmt") == 0 ||
                            strcmp(name, "oxidresolver") == 0);
}

static void add_name(char *list, size_t cap, const struct check_interface *interface)
{
    const char *name = ir_cli_interface_name(&interface->id.uuid);
    char uuid[IRPC_UUID_TEXT_LEN];
    size_t len = strlen(list);

    irpc_uuid_format(&interface->id.uuid, uuid);
    snprintf(list + len, cap - len, "%s%s", len == 0 ? "" : ", ", name != NULL ? name : uuid);
}

static bool takes_ntlm(const struct check_endpoint *e)
{
    for (size_t i = 0; i < CHECK_LEVELS; i++) {
        if (e->levels[i] == CHECK_BIND_ACCEPTED) {
            return true;
        }
    }
    return false;
}

static void judge_interfaces(struct check *check, const struct check_endpoint *e)
{
    char anonymous[200] = "";
    char hidden[200] = "";

    for (size_t i = 0; i < e->n_interfaces; i++) {
        const struct check_interface *interface = &e->interfaces[i];

        if (interface->anonymous == IRPC_OK && !is_public(interface)) {
            add_name(anonymous, sizeof(anonymous), interface);
        }
        if (interface->in_server && !interface->in_map && !is_public(interface)) {
            add_name(hidden, sizeof(hidden), interface);
        }
        for (size_t r = 0; r < IR_ARRAY_LEN(risks) && interface->anonymous != IRPC_PENDING; r++) {
            if (irpc_uuid_compare(&risks[r].uuid, &interface->id.uuid) == 0) {
                find(check, CHECK_WARNING, "known-risk", risks[r].why,
                     "Stop the service where it is not used; else install its updates and let "
                     "only "
                     "administrators' networks reach it.",
                     "%s is served at port %u",
                     ir_cli_interface_name(&interface->id.uuid) != NULL
                         ? ir_cli_interface_name(&interface->id.uuid)
                         : "the print service",
                     e->port.port);
            }
        }
    }
    if (anonymous[0] != '\0') {
        find(check, CHECK_WARNING, "anonymous-bind",
             "Whoever reaches the port may call their operations, unless each refuses by itself.",
             "Let the services demand authentication (on Windows RestrictRemoteClients, in a "
             "program its security callback), or let only trusted networks reach the port.",
             "port %u accepts binds without authentication to: %s", e->port.port, anonymous);
    }
    if (anonymous[0] != '\0' && e->levels[0] != CHECK_BIND_NOT_ASKED && !takes_ntlm(e)) {
        find(check, CHECK_WARNING, "no-security",
             "Calls can be read and changed on their way, unless Kerberos is used, which is not "
             "tried here.",
             "Use it in trusted networks only, or through a tunnel.",
             "port %u refuses NTLM at every level", e->port.port);
    }
    if (hidden[0] != '\0') {
        find(check, CHECK_NOTE, "not-in-map",
             "All interfaces of a program can be reached at all of its ports, also those that the "
             "map does not show there.",
             "Judge the port by all of them.", "port %u serves also: %s", e->port.port, hidden);
    }
}

static const char look_at_it[] =
    "Look at the service on the host: its log, its threads, its memory; restart it if need be.";

static void judge_endpoint(struct check *check, const struct check_endpoint *e)
{
    unsigned port = e->port.port;

    if (e->port.state == CHECK_CLOSED) {
        find(check, CHECK_WARNING, "endpoint-dead",
             "The program has ended and its entry stayed; clients run into it.",
             "Start the service, or restart the endpoint mapper.",
             "the map leads to port %u, where nothing listens", port);
    } else if (e->port.state != CHECK_OPEN) {
        find(check, CHECK_WARNING, "endpoint-unreachable",
             "The map names a port that a firewall keeps from here.",
             "If this place is to use it, open the dynamic range in between.",
             "port %u, named by the map, does not answer", port);
    }
    if (!e->asked) {
        return;
    }
    if (e->ping == IRPC_TIMEOUT) {
        find(check, CHECK_CRITICAL, "hung",
             "It takes connections and answers nothing: stopped, overloaded, or crashed "
             "inside, as "
             "after MS00-066.",
             look_at_it, "the service at port %u does not answer within %g s", port,
             check->timeout_ms / 1e3);
        return;
    }
    if (e->ping == IRPC_PROTO_ERROR || e->ping == IRPC_CONNECTION_LOST) {
        find(check, CHECK_WARNING, "not-rpc",
             "Another program has the port, or the service is ill.", look_at_it,
             "port %u does not answer as an RPC service: %s", port, irpc_status_text(e->ping));
        return;
    }
    if (e->ping == IRPC_OK && !e->listening) {
        find(check, CHECK_WARNING, "not-listening", "It is shutting down, or was told to.",
             look_at_it, "the service at port %u says that it is not listening", port);
    }
    if (e->answer_ms > CHECK_SLOW_MS) {
        find(check, CHECK_WARNING, "slow", "A good service needs milliseconds.", look_at_it,
             "the service at port %u took %.0f ms for one small call", port, e->answer_ms);
    }
    judge_interfaces(check, e);
}

void check_judge(struct check *check)
{
    if (check->outside) {
        judge_exposed(check);
    } else {
        judge_mapper_port(check);
        judge_other_ports(check);
    }
    judge_map(check);
    for (size_t i = 0; i < check->n_endpoints; i++) {
        if (!check->outside || check->endpoints[i].asked) {
            judge_endpoint(check, &check->endpoints[i]);
        }
    }
}

enum check_severity check_worst(const struct check *check)
{
    enum check_severity worst = CHECK_NOTE;

    for (size_t i = 0; i < check->n_findings; i++) {
        worst = check->findings[i].severity > worst ? check->findings[i].severity : worst;
    }
    return worst;
}

const char *check_severity_name(enum check_severity severity)
{
    return severity == CHECK_CRITICAL ? "critical" : severity == CHECK_WARNING ? "warning" : "note";
}
