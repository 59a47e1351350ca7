/*
 * The table of settings and what is made of it. A default is written as in a file and read by the
 * same parser, so it cannot be one that a file could not say. Unknown sections and keys are
 * errors: a misspelt limit must not be a limit that is not there.
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/log.h>

#include "base/attr.h"

enum type {
    TYPE_TEXT,
    TYPE_NUMBER,
    TYPE_SIZE,
    TYPE_TIME,
    TYPE_CHOICE
};

struct choice {
    const char *name; /* NULL ends the list */
    uint32_t value;
};

struct setting {
    const char *section;
    const char *key;
    enum type type;
    size_t offset;
    const char *standard; /* the default */
    uint32_t min;
    uint32_t max;
    const struct choice *choices;
    const char *text; /* what it means: sentences for comments and the man page */
};

static const struct choice yes_no[] = {{"no", 0}, {"yes", 1}, {NULL, 0}};
static const struct choice placements[] = {
    {"source", PLACE_BY_SOURCE}, {"spread", PLACE_SPREAD}, {NULL, 0}};
static const struct choice generations[] = {
    {"2022", IRPC_WINDOWS_2022}, {"2012r2", IRPC_WINDOWS_2012R2}, {NULL, 0}};
static const struct choice levels[] = {{"error", IRPC_LOG_ERROR},   {"warning", IRPC_LOG_WARNING},
                                       {"notice", IRPC_LOG_NOTICE}, {"info", IRPC_LOG_INFO},
                                       {"debug", IRPC_LOG_DEBUG},   {NULL, 0}};

#define AT(member) offsetof(struct config, member)
#define KIB 1024u
#define MIB (1024u * 1024u)
#define HOURS 3600000u

/* clang-format off */
static const struct setting settings[] = {
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

    {"server", "workers", TYPE_NUMBER, AT(workers), "0", 0, 32, NULL,
     "Processes that serve clients of the network, under a supervisor that replaces those that die. "
     "0: one process does everything. With remote_insert it is always one."},
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
     0, 1000000, NULL, "Connections of one network with one worker. 0: half of max_connections."},
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
    {"timeouts", "write", TYPE_TIME, AT(write_ms), "30s", 10, 24 * HOURS, NULL,
     "A client that does not take its replies, or waits for them and sends no more."},
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
     "How long after an alert another one of the same source and class is not told."},
    {"observe", "alert_rate", TYPE_NUMBER, AT(alert_rate), "20", 1, 1000, NULL,
     "Alerts in a minute, all together."},
    {"observe", "alert_commands", TYPE_NUMBER, AT(alert_commands), "2", 1, 16, NULL,
     "Commands that run at one time; alerts that come meanwhile are only logged."},
    {"observe", "alert_timeout", TYPE_TIME, AT(alert_command_ms), "10s", 100, 24 * HOURS, NULL,
     "How long a command may take before it is killed."},
};
/* clang-format on */

/* --- values --- */

struct unit {
    const char *name;
    uint32_t factor;
};

static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit sizes[] = {{"MiB", MIB}, {"KiB", KIB}, {"", 1}, {NULL, 0}};
static const struct unit times[] = {
    {"h", HOURS}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};

static const struct unit *units_of(enum type type)
{
    return type == TYPE_SIZE ? sizes : type == TYPE_TIME ? times : no_units;
}

static void *member(const struct config *config, const struct setting *s)
{
    return (char *)(uintptr_t)config + s->offset;
}

/* A number with its unit, longest unit first. */
static void format_number(const struct setting *s, uint32_t value, char *text, size_t cap)
{
    const struct unit *unit = units_of(s->type);

    while (unit[1].name != NULL && (value == 0 || value % unit->factor != 0)) {
        unit++;
    }
    snprintf(text, cap, "%u%s", value / unit->factor, unit->name);
}

static void format_value(const struct config *config, const struct setting *s, char *text,
                         size_t cap)
{
    text[0] = '\0';
    if (s->type == TYPE_TEXT) {
        snprintf(text, cap, "%s", (const char *)member(config, s));
        return;
    }
    uint32_t value = *(const uint32_t *)member(config, s);

    if (s->type != TYPE_CHOICE) {
        format_number(s, value, text, cap);
        return;
    }
    for (const struct choice *c = s->choices; c->name != NULL; c++) {
        if (c->value == value) {
            snprintf(text, cap, "%s", c->name);
        }
    }
}

/* What may stand there, for messages and documents. */
static void format_range(const struct setting *s, char *text, size_t cap)
{
    char low[32];
    char high[32];
    size_t len = 0;

    text[0] = '\0';
    if (s->type == TYPE_TEXT) {
        return;
    }
    if (s->type != TYPE_CHOICE) {
        format_number(s, s->min, low, sizeof(low));
        format_number(s, s->max, high, sizeof(high));
        snprintf(text, cap, "%s to %s", low, high);
        return;
    }
    for (const struct choice *c = s->choices; c->name != NULL && len < cap; c++) {
        const char *join = c == s->choices ? "" : c[1].name == NULL ? " or " : ", ";

        len += (size_t)snprintf(text + len, cap - len, "%s%s", join, c->name);
    }
}

static bool parse_number(const struct setting *s, const char *value, uint32_t *ret_number)
{
    char *end;
    unsigned long long number;

    if (!isdigit((unsigned char)value[0])) {
        return false;
    }
    errno = 0;
    number = strtoull(value, &end, 10);
    if (errno != 0 || number > UINT32_MAX) {
        return false;
    }
    while (*end == ' ') {
        end++;
    }
    for (const struct unit *u = units_of(s->type); u->name != NULL; u++) {
        if (strcmp(end, u->name) == 0) {
            number *= u->factor;
            *ret_number = (uint32_t)number;
            return number >= s->min && number <= s->max;
        }
    }
    return false;
}

static bool parse_choice(const struct setting *s, const char *value, uint32_t *ret_number)
{
    for (const struct choice *c = s->choices; c->name != NULL; c++) {
        if (strcmp(value, c->name) == 0) {
            *ret_number = c->value;
            return true;
        }
    }
    return false;
}

/* Return: NULL, or what is wrong with @value; words in @reason[@cap]. */
static const char *parse_value(struct config *config, const struct setting *s, const char *value,
                               char *reason, size_t cap)
{
    uint32_t number;
    char range[160];

    if (s->type == TYPE_TEXT) {
        size_t len = strlen(value);
        if (len >= CONFIG_TEXT_MAX) {
            snprintf(reason, cap, "%s is longer than %d characters", s->key, CONFIG_TEXT_MAX - 1);
            return reason;
        }
        memcpy(member(config, s), value, len + 1);
        return NULL;
    }
    if (s->type == TYPE_CHOICE ? parse_choice(s, value, &number)
                               : parse_number(s, value, &number)) {
        *(uint32_t *)member(config, s) = number;
        return NULL;
    }
    format_range(s, range, sizeof(range));
    snprintf(reason, cap, "%s is \"%.60s\", wanted %s%s", s->key, value,
             s->type == TYPE_CHOICE ? ""
             : s->type == TYPE_TIME ? "a time from "
                                    : "a number from ",
             range);
    return reason;
}

/* --- assignments --- */

static const struct setting *find_setting(const char *section, const char *key)
{
    for (size_t i = 0; i < IR_ARRAY_LEN(settings); i++) {
        if (strcmp(settings[i].section, section) == 0 && strcmp(settings[i].key, key) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < IR_ARRAY_LEN(settings); i++) {
        if (strcmp(settings[i].section, name) == 0) {
            return true;
        }
    }
    return false;
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (isspace((unsigned char)*text)) {
        text++;
    }
    while (end > text && isspace((unsigned char)end[-1])) {
        end--;
    }
    *end = '\0';
    return text;
}

/* Split "key = value". Return: the value, or NULL if there is no '='. */
static char *split(char *text, char **ret_key)
{
    char *equals = strchr(text, '=');

    if (equals == NULL) {
        return NULL;
    }
    *equals = '\0';
    *ret_key = trim(text);
    return trim(equals + 1);
}

static const char *assign(struct config *config, const char *section, const char *key,
                          const char *value, unsigned line, char *reason, size_t cap)
{
    const struct setting *s = find_setting(section, key);

    if (s != NULL) {
        config->lines[s - settings] = line;
    } else {
        snprintf(reason, cap, "unknown key \"%.60s\" in section [%s]", key, section);
        return reason;
    }
    return parse_value(config, s, value, reason, cap);
}

void config_init(struct config *config)
{
    char reason[256];

    static_assert(IR_ARRAY_LEN(settings) <= CONFIG_SETTINGS_MAX, "lines[] has a place for each");
    memset(config, 0, sizeof(*config));
    for (size_t i = 0; i < IR_ARRAY_LEN(settings); i++) {
        if (parse_value(config, &settings[i], settings[i].standard, reason, sizeof(reason))) {
            abort(); /* a row of the table contradicts itself */
        }
    }
}

bool config_set(struct config *config, const char *assignment, FILE *errors)
{
    char copy[CONFIG_TEXT_MAX + 64];
    char reason[256];
    char *name = NULL;
    const char *why = NULL;

    snprintf(copy, sizeof(copy), "%s", assignment);
    char *value = split(copy, &name);
    char *dot = value != NULL ? strchr(name, '.') : NULL;

    if (dot == NULL || strlen(assignment) >= sizeof(copy)) {
        why = "wanted section.key=value";
    } else {
        *dot = '\0';
        if (!is_section(name)) {
            snprintf(reason, sizeof(reason), "unknown section [%.60s]", name);
            why = reason;
        } else {
            why = assign(config, name, dot + 1, value, 0, reason, sizeof(reason));
        }
    }
    if (why != NULL) {
        fprintf(errors, "ironrpcd: -o %.80s: %s\n", assignment, why);
    }
    return why == NULL;
}

/* --- files --- */

struct reader {
    struct config *config;
    char section[64];
    bool skip;       /* in an unknown section, reported once */
    unsigned number; /* of the line */
};

/* One line, trimmed. Return: NULL or what is wrong with it. */
static const char *read_line(struct reader *r, char *line, char *reason, size_t cap)
{
    size_t len = strlen(line);
    char *key = NULL;

    if (len == 0 || line[0] == '#' || line[0] == ';') {
        return NULL;
    }
    if (line[0] == '[') {
        if (line[len - 1] != ']' || len > sizeof(r->section)) {
            r->skip = true;
            return "a section is [name]";
        }
        snprintf(r->section, sizeof(r->section), "%.*s", (int)(len - 2), line + 1);
        r->skip = !is_section(r->section);
        if (r->skip) {
            snprintf(reason, cap, "unknown section [%s]", r->section);
            return reason;
        }
        return NULL;
    }
    if (r->skip) {
        return NULL;
    }
    const char *value = split(line, &key);
    if (value == NULL) {
        return "wanted key = value";
    }
    if (r->section[0] == '\0') {
        return "a section has to come first, [server] for instance";
    }
    return assign(r->config, r->section, key, value, r->number, reason, cap);
}

bool config_read(struct config *config, const char *path, FILE *errors)
{
    struct reader r = {.config = config};
    char line[CONFIG_TEXT_MAX * 2];
    char reason[256];
    bool good = true;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        fprintf(errors, "ironrpcd: %s: %s\n", path, strerror(errno));
        return false;
    }
    config->path = path;
    while (fgets(line, sizeof(line), file) != NULL) {
        const char *why;

        r.number++;
        if (strchr(line, '\n') == NULL && !feof(file)) {
            why = "the line is too long";
            while (fgets(line, sizeof(line), file) != NULL && strchr(line, '\n') == NULL) {
            }
        } else {
            why = read_line(&r, trim(line), reason, sizeof(reason));
        }
        if (why != NULL) {
            fprintf(errors, "%s:%u: %s\n", path, r.number, why);
            good = false;
        }
    }
    if (ferror(file)) {
        fprintf(errors, "ironrpcd: %s: %s\n", path, strerror(errno));
        good = false;
    }
    fclose(file);
    return good;
}

void config_complain(const struct config *config, const char *key, FILE *errors, const char *format,
                     ...)
{
    unsigned line = 0;
    va_list ap;

    for (size_t i = 0; i < IR_ARRAY_LEN(settings); i++) {
        if (strcmp(settings[i].key, key) == 0) {
            line = config->lines[i];
        }
    }
    if (line != 0) {
        fprintf(errors, "%s:%u: %s: ", config->path, line, key);
    } else {
        fprintf(errors, "ironrpcd: %s: ", key);
    }
    va_start(ap, format);
    vfprintf(errors, format, ap);
    va_end(ap);
    fputc('\n', errors);
}

/* --- documents --- */

/* @text as comment lines of at most 80 columns. */
static void print_comment(const char *text, FILE *out)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column == 0 || column + 1 + len > 80) {
            column = (size_t)fprintf(out, "%s#", column == 0 ? "" : "\n");
        }
        column += (size_t)fprintf(out, " %.*s", (int)len, text);
        text += len;
        text += *text == ' ';
    }
    fputc('\n', out);
}

void config_print(const struct config *config, FILE *out)
{
    const char *section = "";
    char value[CONFIG_TEXT_MAX];
    char range[160];
    char text[1024];

    for (size_t i = 0; i < IR_ARRAY_LEN(settings); i++) {
        const struct setting *s = &settings[i];

        if (strcmp(section, s->section) != 0) {
            fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", s->section);
            section = s->section;
        }
        format_range(s, range, sizeof(range));
        snprintf(text, sizeof(text), "%s%s%s%s", s->text, range[0] != '\0' ? " Values: " : "",
                 range, range[0] != '\0' ? "." : "");
        print_comment(text, out);
        format_value(config, s, value, sizeof(value));
        fprintf(out, "%s =%s%s\n", s->key, value[0] != '\0' ? " " : "", value);
    }
}

void config_print_man(FILE *out)
{
    const char *section = "";
    char range[160];

    for (size_t i = 0; i < IR_ARRAY_LEN(settings); i++) {
        const struct setting *s = &settings[i];

        if (strcmp(section, s->section) != 0) {
            fprintf(out, ".SS [%s]\n", s->section);
            section = s->section;
        }
        fprintf(out, ".TP\n.B %s\n%s\n", s->key, s->text);
        format_range(s, range, sizeof(range));
        if (range[0] != '\0') {
            fprintf(out, "Values: %s.\n", range);
        }
        fprintf(out, "Default: %s.\n", s->standard[0] != '\0' ? s->standard : "empty");
    }
}
