/*
 * The table of settings: it makes the parser, the defaults, --print-config and ironrpcd.conf(5). A
 * default is written as in a file and read by the same parser, so it cannot be one that a file
 * could not say.
 */
#include <assert.h>

#include <ironrpc/log.h>

#include "config_table.h"
#include "log.h"

static const struct choice yes_no[] = {{"no", 0}, {"yes", 1}, {NULL, 0}};
static const struct choice placements[] = {
    {"source", PLACE_BY_SOURCE}, {"spread", PLACE_SPREAD}, {NULL, 0}};
static const struct choice generations[] = {
    {"2022", IRPC_WINDOWS_2022}, {"2012r2", IRPC_WINDOWS_2012R2}, {NULL, 0}};
static const struct choice levels[] = {{"error", IRPC_LOG_ERROR},   {"warning", IRPC_LOG_WARNING},
                                       {"notice", IRPC_LOG_NOTICE}, {"info", IRPC_LOG_INFO},
                                       {"debug", IRPC_LOG_DEBUG},   {NULL, 0}};

static const struct choice log_targets[] = {
    {"auto", LOG_AUTO}, {"stderr", LOG_STDERR}, {"journal", LOG_JOURNAL}, {NULL, 0}};
static const struct choice auth_levels[] = {
    {"none", IRPC_AUTH_LEVEL_NONE},       {"connect", IRPC_AUTH_LEVEL_CONNECT},
    {"packet", IRPC_AUTH_LEVEL_PACKET},   {"integrity", IRPC_AUTH_LEVEL_INTEGRITY},
    {"privacy", IRPC_AUTH_LEVEL_PRIVACY}, {NULL, 0}};

#define AT(member) offsetof(struct config, member)

/* clang-format off */
const struct setting config_settings[] = {
    {"server", "listen", TYPE_TEXT, AT(listen), "ncacn_ip_tcp:[135] ncalrpc:[epmapper]", 0, 0, NULL,
     "Where to accept connections: string bindings, separated by blanks. "
     "ncacn_ip_tcp:[135] is port 135 of every IPv4 and IPv6 address, "
     "ncacn_ip_tcp:192.0.2.1[135] of one. Local services register at ncalrpc:[epmapper]."},
    {"server", "runtime_dir", TYPE_TEXT, AT(runtime_dir), "", 0, 0, NULL,
     "Folder of the ncalrpc sockets. Empty: the value of IRONRPC_RUNTIME_DIR, else /run/ironrpc."},
    {"server", "windows", TYPE_CHOICE, AT(windows), "2022", 0, 0, generations,
     "Generation of Windows whose answers are given in the few places where generations differ."},
    {"server", "log_level", TYPE_CHOICE, AT(log_level), "notice", 0, 0, levels,
     "The least urgent records that are written."},
    {"server", "log_target", TYPE_CHOICE, AT(log_target), "auto", 0, 0, log_targets,
     "Where records go: stderr, as lines; journal, as records with fields, each key in IRONRPC_KEY; auto: "
     "to the journal if standard error is its stream, as in a unit of systemd."},
    {"server", "journal", TYPE_TEXT, AT(journal), "/run/systemd/journal/socket", 0, 0, NULL,
     "Socket of the journal."},

    {"server", "workers", TYPE_NUMBER, AT(workers), "2", 0, 32, NULL,
     "Processes that serve clients of the network, under a supervisor that replaces those that die; "
     "limits of the whole service are divided among them. 0: one process does everything. With "
     "remote_insert it is always one."},
    {"server", "placement", TYPE_CHOICE, AT(placement), "source", 0, 0, placements,
     "Which worker gets a connection: always the same for one source, so that limits per source "
     "hold exactly, or one after the other."},
    {"server", "sandbox", TYPE_CHOICE, AT(sandbox), "yes", 0, 0, yes_no,
     "Whether workers and mapper give up files, new sockets, most system calls and root."},
    {"server", "user", TYPE_TEXT, AT(user), "", 0, 0, NULL,
     "User that workers and mapper become if ironrpcd is started by root. Empty: ironrpc if there "
     "is such a user, else nobody."},

    {"map", "max_entries", TYPE_NUMBER, AT(map_entries), "4096", 16, 65536, NULL,
     "Entries of the whole endpoint map."},
    {"map", "max_entries_per_owner", TYPE_NUMBER, AT(map_entries_per_owner), "512", 1, 65536, NULL,
     "Entries that one user may register."},
    {"map", "register_group", TYPE_TEXT, AT(register_group), "", 0, 0, NULL,
     "Group (name or number) whose members may register services, besides root and the user that "
     "ironrpcd runs as. Empty: nobody else."},
    {"map", "remote_insert", TYPE_CHOICE, AT(remote_insert), "no", 0, 0, yes_no,
     "Whether anybody on the network may register and withdraw entries. For tests only."},
    {"map", "lookup_handles", TYPE_NUMBER, AT(lookup_handles), "16", 1, 1024, NULL,
     "Look-ups under way in one association group (one client program, usually)."},
    {"map", "lookup_idle", TYPE_TIME, AT(lookup_idle_ms), "60s", 1000, 24 * HOURS, NULL,
     "How long a look-up may pause before its handle expires."},

    {"auth", "accounts", TYPE_TEXT, AT(accounts), "", 0, 0, NULL,
     "File of the accounts that clients of the network may authenticate as, by NTLM: ironrpc passwd "
     "makes it. The user that ironrpcd is started as must be able to read it, and nobody else. Empty: "
     "no NTLM."},
    {"auth", "keytab", TYPE_TEXT, AT(keytab), "", 0, 0, NULL,
     "File with the keys of this server's principals, host/ and its name: clients may authenticate by "
     "Kerberos then. Empty: no Kerberos."},
    {"auth", "domain", TYPE_TEXT, AT(domain), "", 0, 0, NULL,
     "Domain of these accounts: clients are known as DOMAIN\\user. Empty: the first part of name, in "
     "capitals."},
    {"auth", "name", TYPE_TEXT, AT(name), "", 0, 0, NULL,
     "DNS name of this server, as clients are told. Empty: the host's."},
    {"auth", "check_target", TYPE_CHOICE, AT(check_target), "no", 0, 0, yes_no,
     "Whether clients are refused that meant another server than name, or did not say which."},
    {"auth", "null_sessions", TYPE_CHOICE, AT(null_sessions), "no", 0, 0, yes_no,
     "Whether clients may authenticate as nobody."},

    {"limits", "max_connections", TYPE_NUMBER, AT(max_connections), "8192", 1, 1000000, NULL,
     "Connections at one time."},
    {"limits", "max_connections_per_source", TYPE_NUMBER, AT(max_connections_per_source), "1024",
     1, 1000000, NULL, "Connections of one address or local user at one time."},
    {"limits", "max_groups", TYPE_NUMBER, AT(max_groups), "8192", 1, 1000000, NULL,
     "Association groups at one time."},
    {"limits", "max_contexts_per_source", TYPE_NUMBER, AT(max_contexts_per_source), "4096",
     1, 1000000, NULL, "Context handles (look-ups under way) of one address or local user."},
    {"limits", "max_calls", TYPE_NUMBER, AT(max_calls), "64", 1, 64, NULL,
     "Calls in progress on one connection."},
    {"limits", "max_stub", TYPE_SIZE, AT(max_stub), "4MiB", 64 * KIB, 64 * MIB, NULL,
     "Bytes of the arguments of one call, all fragments together."},
    {"limits", "max_output", TYPE_SIZE, AT(max_output), "128KiB", 16 * KIB, 64 * MIB, NULL,
     "Unsent bytes of replies above which no more is read from a client."},
    {"limits", "max_out", TYPE_SIZE, AT(max_out), "4MiB", 64 * KIB, 64 * MIB, NULL,
     "Bytes of room for results that one call may ask for by the sizes of its arrays."},
    {"limits", "max_memory", TYPE_SIZE, AT(max_memory), "256MiB", MIB, 2048 * MIB, NULL,
     "Bytes of unfinished requests and unsent replies of all connections together. Above it the "
     "connection that holds most, of the address or user that holds most, is closed."},
    {"limits", "max_memory_per_source", TYPE_SIZE, AT(max_memory_per_source), "64MiB", 64 * KIB,
     2048 * MIB, NULL, "The same for one source: above it its largest connection is closed."},
    {"limits", "max_connections_per_network", TYPE_NUMBER, AT(max_connections_per_network), "0",
     0, 1000000, NULL, "Connections of one network; divided among the workers as max_connections is, so that "
     "workers - 1 more are possible by rounding, and with one large source fewer. 0: half of "
     "max_connections."},
    {"limits", "reserved_local", TYPE_NUMBER, AT(reserved_local), "64", 1, 1000000, NULL,
     "How many of max_connections are for local programs alone; half of them at most."},
    {"limits", "max_contexts", TYPE_NUMBER, AT(max_contexts), "65536", 1, 1000000, NULL,
     "Context handles (look-ups under way) of all clients together."},
    {"limits", "max_bindings", TYPE_NUMBER, AT(max_bindings), "64", 1, 4096, NULL,
     "Presentation contexts, which are interfaces that it has bound, of one connection."},
    {"limits", "pdus_per_turn", TYPE_NUMBER, AT(pdus_per_turn), "64", 1, 65536, NULL,
     "PDUs of one connection that are handled before others have their turn."},
    {"limits", "bytes_per_turn", TYPE_SIZE, AT(bytes_per_turn), "256KiB", 4 * KIB, 256 * KIB, NULL,
     "The same in bytes."},
    {"limits", "source_prefix4", TYPE_NUMBER, AT(source_prefix4), "32", 8, 32, NULL,
     "First bits of an IPv4 address that make it one source."},
    {"limits", "source_prefix6", TYPE_NUMBER, AT(source_prefix6), "64", 16, 128, NULL,
     "First bits of an IPv6 address that make it one source."},
    {"limits", "network_prefix4", TYPE_NUMBER, AT(network_prefix4), "24", 1, 32, NULL,
     "First bits of an IPv4 address that make its network."},
    {"limits", "network_prefix6", TYPE_NUMBER, AT(network_prefix6), "48", 1, 128, NULL,
     "First bits of an IPv6 address that make its network."},

    {"timeouts", "first_byte", TYPE_TIME, AT(first_byte_ms), "5s", 10, 24 * HOURS, NULL,
     "From connecting to the first byte."},
    {"timeouts", "header", TYPE_TIME, AT(header_ms), "5s", 10, 24 * HOURS, NULL,
     "From the first byte of a PDU to the end of its header."},
    {"timeouts", "pdu", TYPE_TIME, AT(pdu_ms), "15s", 10, 24 * HOURS, NULL,
     "From the first byte of a PDU to its last."},
    {"timeouts", "bind", TYPE_TIME, AT(bind_ms), "10s", 10, 24 * HOURS, NULL,
     "From connecting to a complete bind."},
    {"timeouts", "call", TYPE_TIME, AT(call_ms), "30s", 10, 24 * HOURS, NULL,
     "From the first to the last fragment of a request."},
    {"timeouts", "idle", TYPE_TIME, AT(idle_ms), "15min", 10, 24 * HOURS, NULL,
     "A client that has bound and is silent."},
    {"timeouts", "write", TYPE_TIME, AT(write_ms), "15s", 10, 24 * HOURS, NULL,
     "A client that takes nothing of its replies, or waits for them and sends no more."},
    {"timeouts", "hung", TYPE_TIME, AT(hung_ms), "1s", 500, 60000, NULL,
     "A worker that makes no progress, before it is killed and replaced."},
    {"timeouts", "drain", TYPE_TIME, AT(drain_ms), "30s", 10, 24 * HOURS, NULL,
     "How long connections go on with workers that were replaced by a reload or an upgrade."},

    {"observe", "metrics", TYPE_TEXT, AT(metrics), "", 0, 0, NULL,
     "Where metrics can be read, in the text format of Prometheus: a loopback address and a port, "
     "127.0.0.1:9135 or [::1]:9135, or the path of a Unix socket. Empty: nowhere."},
    {"observe", "alert_command", TYPE_TEXT, AT(alert_command), "", 0, 0, NULL,
     "Program with arguments, separated by blanks, that is run for each alert, as ironrpcd(8) "
     "describes. Empty: alerts are only logged."},
    {"observe", "alert_interval", TYPE_TIME, AT(alert_interval_ms), "5min", 1000, 24 * HOURS, NULL,
     "How long after an alert another one of the same source and class, or of the same limit, is not told."},
    {"observe", "alert_rate", TYPE_NUMBER, AT(alert_rate), "20", 1, 1000, NULL,
     "Alerts in a minute, all together."},
    {"observe", "alert_commands", TYPE_NUMBER, AT(alert_commands), "2", 1, 16, NULL,
     "Commands that run at one time; alerts that come meanwhile are only logged."},
    {"observe", "alert_timeout", TYPE_TIME, AT(alert_command_ms), "10s", 100, 24 * HOURS, NULL,
     "How long a command may take before it is killed."},
};
/* clang-format on */

static_assert(IR_ARRAY_LEN(config_settings) <= CONFIG_SETTINGS_MAX, "lines[] has a place for each");

const size_t config_n_settings = IR_ARRAY_LEN(config_settings);

#define IN_RULE(member) offsetof(struct config_rule, member)

/* clang-format off */
static const struct setting rule_settings[] = {
    {"access", "level", TYPE_CHOICE, IN_RULE(level), "none", 0, 0, auth_levels,
     "The least authentication level: with connect the client has said who it is, packet and "
     "integrity sign each call, privacy encrypts it too."},
    {"access", "principals", TYPE_TEXT, IN_RULE(principals), "", 0, 0, NULL,
     "Who may call, separated by commas: names as the log shows them, DOMAIN\\user or user@REALM, "
     "letter by letter, and @NAME for the members of a group. Empty: this section does not ask."},
    {"access", "anonymous", TYPE_CHOICE, IN_RULE(anonymous), "yes", 0, 0, yes_no,
     "Whether clients may call that nobody knows: those that did not authenticate, and null sessions."},
    {"access", "sources", TYPE_TEXT, IN_RULE(sources), "", 0, 0, NULL,
     "Where calls may come from, separated by commas or blanks: 192.0.2.0/24, 2001:db8::/32, "
     "192.0.2.7. Empty: from everywhere."},
};

static const struct setting group_settings[] = {
    {"group", "members", TYPE_TEXT, offsetof(struct config_group, members), "", 0, 0, NULL,
     "Names, separated by commas, as in principals."},
};

const struct config_kind config_kinds[] = {
    {"access", "INTERFACE VERSION [OPERATIONS]", AT(rules), AT(n_rules),
     sizeof(struct config_rule), CONFIG_RULES_MAX, rule_settings, IR_ARRAY_LEN(rule_settings),
     "Who may call an interface over the network: its UUID and version, and operation numbers if it "
     "is about some of them only, as in [access e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0 0-1,6]. "
     "A call has to satisfy every section that is about it, in all that the section asks; without "
     "any section everybody may call. Otherwise it is answered with fault 5, access denied. There "
     "is a record of each decision in the log (allowed calls at level info), limited in rate. Local "
     "callers are not asked: see register_group."},
    {"group", "NAME", AT(groups), AT(n_groups), sizeof(struct config_group), CONFIG_GROUPS_MAX,
     group_settings, IR_ARRAY_LEN(group_settings),
     "Names that access sections call @NAME."},
};
/* clang-format on */

const size_t config_n_kinds = IR_ARRAY_LEN(config_kinds);
