/*
 * ironrpc map: what is registered at an endpoint mapper, as a table or as JSON. Every text of the
 * reply is a peer's: the table shows it escaped, JSON carries it as it is where it is UTF-8, and on
 * a terminal as \u escapes.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <ironrpc/epm.h>

#include "auth.h"
#include "base/alloc.h"
#include "cli.h"
#include "owners.h"

#define MAX_ROWS 100000 /* of one map; a peer could send rows for ever */
#define COLUMN 6

struct row {
    char interface[IRPC_UUID_TEXT_LEN];
    char version[12];
    char name[24];
    char *binding;
    char *annotation;
    char owner[160]; /* "" if unknown */
    const struct ir_cli_owner *owner_details;
    char object[IRPC_UUID_TEXT_LEN]; /* "" if none */
    uint16_t major, minor;
    const char *known;
};

struct map {
    struct row *rows;
    size_t n;
    size_t cap;
    struct ir_cli_owners owners;
    bool has_owners;  /* the mapper told them */
    const char *host; /* "ncacn_ip_tcp:::1[135]", as dialled */
};

/* --- collecting --- */

/* An IPv6 client is told 0.0.0.0, for towers have no IPv6: it means the host that was dialled. */
static char *reachable(const struct map *map, const char *binding)
{
    static const char nowhere[] = "ncacn_ip_tcp:0.0.0.0[";
    const char *bracket = strrchr(map->host, '[');
    char text[512];

    if (strncmp(binding, nowhere, sizeof(nowhere) - 1) != 0 || bracket == NULL ||
        strncmp(map->host, "ncacn_ip_tcp:", 13) != 0) {
        return ir_strndup(binding, strlen(binding));
    }
    int n = snprintf(text, sizeof(text), "%.*s%s", (int)(bracket - map->host), map->host,
                     strrchr(binding, '['));
    return n < (int)sizeof(text) ? ir_strndup(text, (size_t)n) : NULL;
}

static enum irpc_status add_row(void *user, const struct irpc_epm_entry *entry)
{
    struct map *map = user;

    if (map->n == MAX_ROWS) {
        return IRPC_LIMIT;
    }
    if (map->n == map->cap) {
        size_t cap = map->cap == 0 ? 64 : map->cap * 2;
        struct row *rows = ir_realloc(map->rows, cap * sizeof(*rows));
        if (rows == NULL) {
            return IRPC_NO_MEMORY;
        }
        map->rows = rows;
        map->cap = cap;
    }
    struct row *row = &map->rows[map->n];
    memset(row, 0, sizeof(*row));
    irpc_uuid_format(&entry->interface.uuid, row->interface);
    if (!irpc_uuid_is_nil(&entry->object)) {
        irpc_uuid_format(&entry->object, row->object);
    }
    row->major = entry->interface.major;
    row->minor = entry->interface.minor;
    snprintf(row->version, sizeof(row->version), "%u.%u", row->major, row->minor);
    row->known = ir_cli_interface_name(&entry->interface.uuid);
    snprintf(row->name, sizeof(row->name), "%s", row->known == NULL ? "-" : row->known);
    row->owner_details = ir_cli_owners_find(&map->owners, entry);
    if (row->owner_details != NULL) {
        ir_cli_owner_text(row->owner_details, row->owner, sizeof(row->owner));
    }
    row->binding = reachable(map, entry->string_binding);
    row->annotation = ir_strndup(entry->annotation, strlen(entry->annotation));
    if (row->binding == NULL || row->annotation == NULL) {
        ir_free(row->binding);
        ir_free(row->annotation);
        return IRPC_NO_MEMORY;
    }
    map->n++;
    return IRPC_OK;
}

static void free_map(struct map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        ir_free(map->rows[i].binding);
        ir_free(map->rows[i].annotation);
    }
    ir_free(map->rows);
    ir_cli_owners_free(&map->owners);
}

/* --- showing --- */

static void measure(size_t *width, const char *text)
{
    size_t n = strlen(text);

    *width = n > *width ? n : *width;
}

/* The cells of a row, in order; the last ones may be empty. */
static void fill_cells(const struct map *map, const struct row *row, char cells[COLUMN][512])
{
    snprintf(cells[0], sizeof(cells[0]), "%s", row->interface);
    snprintf(cells[1], sizeof(cells[1]), "%s", row->version);
    snprintf(cells[2], sizeof(cells[2]), "%s", row->name);
    ir_cli_printable(row->binding, cells[3], sizeof(cells[3]));
    snprintf(cells[4], sizeof(cells[4]), "%s",
             !map->has_owners        ? ""
             : row->owner[0] == '\0' ? "-"
                                     : row->owner);
    ir_cli_printable(row->annotation, cells[5], sizeof(cells[5]) - 64);
    if (row->object[0] != '\0') {
        size_t len = strlen(cells[5]);
        snprintf(cells[5] + len, sizeof(cells[5]) - len, "%sobject=%s", len == 0 ? "" : " ",
                 row->object);
    }
}

/* Without blanks at the end of the line; without the column of owners if they are not known. */
static void print_line(const struct map *map, char cells[COLUMN][512], const size_t *widths)
{
    int last = COLUMN - 1;

    while (last > 0 && cells[last][0] == '\0') {
        last--;
    }
    for (int c = 0; c <= last; c++) {
        if (c != 4 || map->has_owners) {
            printf("%-*s%s", c == last ? 0 : (int)widths[c], cells[c], c == last ? "\n" : "  ");
        }
    }
}

static void print_table(const struct map *map)
{
    char cells[COLUMN][512] = {"INTERFACE", "VERSION", "NAME", "BINDING", "OWNER", "ANNOTATION"};
    char heads[COLUMN][512];
    size_t widths[COLUMN] = {0};

    memcpy(heads, cells, sizeof(heads));
    for (size_t i = 0; i <= map->n; i++) {
        for (int c = 0; c < COLUMN; c++) {
            measure(&widths[c], cells[c]);
        }
        if (i < map->n) {
            fill_cells(map, &map->rows[i], cells);
        }
    }
    print_line(map, heads, widths);
    for (size_t i = 0; i < map->n; i++) {
        fill_cells(map, &map->rows[i], cells);
        print_line(map, cells, widths);
    }
    printf("%zu %s\n", map->n, map->n == 1 ? "entry" : "entries");
}

/* UTF-8, else escaped. */
static json_t *text_to_json(const char *text)
{
    json_t *json = json_string(text);
    char escaped[512];

    if (json == NULL) {
        ir_cli_printable(text, escaped, sizeof(escaped));
        json = json_string(escaped);
    }
    return json;
}

static json_t *owner_to_json(const struct ir_cli_owner *owner)
{
    char user[64];

    if (!owner->is_local) {
        return json_null();
    }
    ir_cli_owner_user(owner, user, sizeof(user));
    return json_pack("{s:o, s:I, s:I, s:s}", "program", text_to_json(owner->program), "pid",
                     (json_int_t)owner->pid, "uid", (json_int_t)owner->uid, "user", user);
}

static json_t *row_to_json(const struct row *row)
{
    json_t *json =
        json_pack("{s:s, s:i, s:i, s:o, s:o}", "interface", row->interface, "major",
                  (int)row->major, "minor", (int)row->minor, "binding", text_to_json(row->binding),
                  "annotation", text_to_json(row->annotation));

    if (json != NULL && row->known != NULL) {
        json_object_set_new(json, "name", json_string(row->known));
    }
    if (json != NULL && row->owner_details != NULL) {
        json_object_set_new(json, "owner", owner_to_json(row->owner_details));
    }
    if (json != NULL && row->object[0] != '\0') {
        json_object_set_new(json, "object", json_string(row->object));
    }
    return json;
}

static int print_json(const struct ir_cli_verb *verb, const struct map *map)
{
    json_t *array = json_array();

    for (size_t i = 0; i < map->n && array != NULL; i++) {
        json_t *row = row_to_json(&map->rows[i]);
        if (row == NULL || json_array_append_new(array, row) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    if (array == NULL || json_dumpf(array, stdout, ir_cli_json_flags(JSON_INDENT(2))) != 0) {
        json_decref(array);
        return ir_cli_fail(verb, "cannot write JSON: out of memory or output");
    }
    printf("\n");
    json_decref(array);
    return IR_CLI_OK;
}

/* --- the verb --- */

static int show(const struct ir_cli_verb *verb, struct irpc_binding *binding, const char *text,
                uint32_t timeout_ms, bool json)
{
    struct map map = {.host = text};

    /* Before the look-up: an entry that comes in between has no owner then, not a wrong one. */
    map.has_owners = ir_cli_is_local(text) && ir_cli_owners_ask(&map.owners, timeout_ms);
    enum irpc_status status = irpc_epm_lookup(binding, add_row, &map);
    int result = IR_CLI_OK;

    if (status != IRPC_OK) {
        result = status == IRPC_LIMIT && map.n == MAX_ROWS
                     ? ir_cli_fail(verb, "the map has more than %d entries", MAX_ROWS)
                     : ir_cli_call_failed(verb, binding, status);
    } else if (json) {
        result = print_json(verb, &map);
    } else {
        print_table(&map);
    }
    free_map(&map);
    return ir_cli_finish(verb) == IR_CLI_OK ? result : IR_CLI_FAILED;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},           {"timeout", required_argument, NULL, 't'},
        {"transfer", required_argument, NULL, 'T'}, IR_CLI_AUTH_OPTIONS,
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
    struct irpc_binding_options binding_options = {.connect_ms = 10000, .call_ms = 10000};
    struct irpc_binding *binding = NULL;
    struct ir_cli_auth auth = {0};
    char text[IR_CLI_BINDING];
    bool json = false;
    int c;

    while ((c = getopt_long(argc, argv, ":jt:T:h" IR_CLI_AUTH_LETTERS, options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        if (c == 'j') {
            json = true;
        } else if (c == 't') {
            if (!ir_cli_seconds(optarg, &binding_options.call_ms)) {
                return ir_cli_usage(verb, "--timeout '%s': seconds, at least 0.001", optarg);
            }
            binding_options.connect_ms = binding_options.call_ms;
        } else if (c == 'T') {
            if (ir_cli_transfer(verb, optarg, &binding_options.transfer) != IR_CLI_OK) {
                return IR_CLI_USAGE;
            }
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
    enum irpc_status status = irpc_binding_new(text, &binding_options, &binding);
    if (status != IRPC_OK) {
        return ir_cli_bad_binding(verb, argv[optind], status);
    }
    int result = ir_cli_auth_apply(&auth, verb, binding);
    if (result == IR_CLI_OK) {
        result = show(verb, binding, text, binding_options.call_ms, json);
    }
    irpc_binding_free(binding);
    return result;
}

const struct ir_cli_verb ir_cli_map = {
    .name = "map",
    .summary = "What is registered at a host's endpoint mapper?",
    .usage = "map [OPTIONS] HOST",
    .help = "Looks up every entry: interface and version, its name if it is well known, the\n"
            "binding to reach it, the annotation of its server, its object UUID; on this\n"
            "machine, if the mapper is ironrpcd, which program of which user registered it.\n"
            "HOST: a name or address, optionally with a port, 192.0.2.1[1135] (135 if there is\n"
            "none), or a string binding, ncalrpc:[epmapper].\n\n"
            "  -j, --json           an array of objects instead of a table\n"
            "  -t, --timeout S      seconds for connecting and for each call (10)\n"
            "  -T, --transfer X     transfer syntax, ndr or ndr64 (ndr64 if the host takes it)\n"
            "  -h, --help\n\n" IR_CLI_AUTH_HELP,
    .run = run,
};
