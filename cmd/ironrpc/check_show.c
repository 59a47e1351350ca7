/*
 * `ironrpc check`, showing: for people, worst first, and as JSON. No text of the host's is shown,
 * only numbers and UUIDs of it.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "check.h"

#define WIDTH 96

static const char *state_name(enum check_state state)
{
    static const char *const names[] = {"not asked", "open", "closed", "no answer", "unreachable"};

    return names[state];
}

/* Levels that were accepted, "-" if none, "?" if not asked. */
static void levels_text(const struct check_endpoint *e, char *text, size_t cap)
{
    size_t len = 0;

    snprintf(text, cap, "%s", e->levels[0] == CHECK_BIND_NOT_ASKED ? "?" : "-");
    for (size_t i = 0; i < CHECK_LEVELS; i++) {
        if (e->levels[i] == CHECK_BIND_ACCEPTED) {
            len += (size_t)snprintf(text + len, cap - len, "%s%s", len == 0 ? "" : " ",
                                    check_level_names[i]);
        }
    }
}

static size_t count_anonymous(const struct check_endpoint *e)
{
    size_t n = 0;

    for (size_t i = 0; i < e->n_interfaces; i++) {
        n += e->interfaces[i].anonymous == IRPC_OK;
    }
    return n;
}

static void answer_text(const struct check_endpoint *e, char *text, size_t cap)
{
    if (e->asked && e->ping == IRPC_OK) {
        snprintf(text, cap, "%.1f ms", e->answer_ms);
    } else {
        snprintf(text, cap, "%s", e->asked ? irpc_status_text(e->ping) : state_name(e->port.state));
    }
}

/* Words of @text in lines of at most WIDTH, each after @indent blanks. */
static void print_wrapped(const char *label, const char *text)
{
    int column = printf("    %s", label);

    while (*text != '\0') {
        int n = (int)strcspn(text, " ");
        if (column + n > WIDTH) {
            printf("\n     ");
            column = 5;
        }
        column += printf(" %.*s", n, text);
        text += n;
        text += strspn(text, " ");
    }
    printf("\n");
}

static void print_findings(const struct check *check)
{
    size_t count[3] = {0};

    for (int severity = CHECK_CRITICAL; severity >= CHECK_NOTE; severity--) {
        for (size_t i = 0; i < check->n_findings; i++) {
            const struct check_finding *f = &check->findings[i];

            if ((int)f->severity == severity) {
                count[severity]++;
                printf("%s: %s (%s)\n", check_severity_name(f->severity), f->what, f->code);
                print_wrapped("why: ", f->why);
                print_wrapped("next:", f->next);
            }
        }
    }
    printf("%s%zu critical, %zu %s, %zu %s\n", check->n_findings > 0 ? "\n" : "",
           count[CHECK_CRITICAL], count[CHECK_WARNING],
           count[CHECK_WARNING] == 1 ? "warning" : "warnings", count[CHECK_NOTE],
           count[CHECK_NOTE] == 1 ? "note" : "notes");
}

void check_show_table(const struct check *check)
{
    printf("%s%s%s\n\nPORT   STATE\n", check->host,
           strcmp(check->host, check->address) == 0 ? "" : ", ",
           strcmp(check->host, check->address) == 0 ? "" : check->address);
    for (size_t i = 0; i < CHECK_PORTS; i++) {
        printf("%-5u  %s\n", check->ports[i].port, state_name(check->ports[i].state));
    }
    printf("\n");
    if (check->n_endpoints > 0) {
        printf("ENDPOINT  ANSWER           INTERFACES  ANONYMOUS  NTLM\n");
    }
    for (size_t i = 0; i < check->n_endpoints; i++) {
        const struct check_endpoint *e = &check->endpoints[i];
        char answer[64];
        char levels[64];

        answer_text(e, answer, sizeof(answer));
        levels_text(e, levels, sizeof(levels));
        printf("%-8u  %-15s  %-10zu  %-9zu  %s\n", e->port.port, answer, e->n_interfaces,
               count_anonymous(e), levels);
    }
    printf(check->n_endpoints > 0 ? "\n" : "");
    print_findings(check);
}

/* --- JSON --- */

static json_t *port_json(const struct check_port *port)
{
    return json_pack("{s:i, s:s}", "port", (int)port->port, "state", state_name(port->state));
}

static json_t *interface_json(const struct check_interface *interface)
{
    char uuid[IRPC_UUID_TEXT_LEN];
    const char *name = ir_cli_interface_name(&interface->id.uuid);

    irpc_uuid_format(&interface->id.uuid, uuid);
    return json_pack("{s:s, s:i, s:i, s:s?, s:b, s:b, s:s}", "interface", uuid, "major",
                     (int)interface->id.major, "minor", (int)interface->id.minor, "name", name,
                     "in_map", interface->in_map, "in_server", interface->in_server, "anonymous",
                     interface->anonymous == IRPC_PENDING ? "not asked"
                                                          : irpc_status_name(interface->anonymous));
}

static json_t *endpoint_json(const struct check_endpoint *e)
{
    static const char *const binds[] = {"not asked", "accepted", "refused", "no answer"};
    json_t *json = port_json(&e->port);
    json_t *interfaces = json_array();
    json_t *levels = json_object();

    for (size_t i = 0; i < e->n_interfaces; i++) {
        json_array_append_new(interfaces, interface_json(&e->interfaces[i]));
    }
    for (size_t i = 0; i < CHECK_LEVELS; i++) {
        json_object_set_new(levels, check_level_names[i], json_string(binds[e->levels[i]]));
    }
    json_object_set_new(json, "mapper", json_boolean(e->is_mapper));
    json_object_set_new(
        json, "answer",
        json_string(e->ping == IRPC_PENDING ? "not asked" : irpc_status_name(e->ping)));
    json_object_set_new(json, "answer_ms",
                        e->asked && e->ping == IRPC_OK ? json_real(e->answer_ms) : json_null());
    json_object_set_new(json, "interfaces", interfaces);
    json_object_set_new(json, "ntlm", levels);
    return json;
}

static json_t *to_json(const struct check *check)
{
    json_t *ports = json_array();
    json_t *endpoints = json_array();
    json_t *findings = json_array();

    for (size_t i = 0; i < CHECK_PORTS; i++) {
        json_array_append_new(ports, port_json(&check->ports[i]));
    }
    for (size_t i = 0; i < check->n_endpoints; i++) {
        json_array_append_new(endpoints, endpoint_json(&check->endpoints[i]));
    }
    for (size_t i = 0; i < check->n_findings; i++) {
        const struct check_finding *f = &check->findings[i];

        json_array_append_new(findings, json_pack("{s:s, s:s, s:s, s:s, s:s}", "severity",
                                                  check_severity_name(f->severity), "code", f->code,
                                                  "what", f->what, "why", f->why, "next", f->next));
    }
    return json_pack("{s:s, s:s, s:o, s:{s:s, s:I}, s:o, s:o}", "host", check->host, "address",
                     check->address, "ports", ports, "map", "status",
                     check->map == IRPC_PENDING ? "not asked" : irpc_status_name(check->map),
                     "entries", (json_int_t)check->n_entries, "endpoints", endpoints, "findings",
                     findings);
}

int check_show_json(const struct check *check)
{
    json_t *json = to_json(check);

    if (json == NULL || json_dumpf(json, stdout, ir_cli_json_flags(JSON_INDENT(2))) != 0) {
        json_decref(json);
        return ir_cli_fail(check->verb, "cannot write JSON: out of memory or output");
    }
    printf("\n");
    json_decref(json);
    return IR_CLI_OK;
}
