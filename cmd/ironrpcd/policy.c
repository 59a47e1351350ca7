/*
 * Access control. A call has to satisfy every section that is about its interface and operation, so
 * a section can only take away, and their order does not matter. What is asked for and cannot be
 * seen (the address of a peer, the name of somebody unknown) is not there: then the call is denied.
 */
#include "policy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

/* What a section is made with. */
struct maker {
    const struct config *config;
    const struct config_rule *source;
    struct policy_rule *rule;
    const struct irpc_interface *const *interfaces;
    size_t n_interfaces;
    FILE *errors;
};

#define COMPLAIN(m, ...) \
    config_complain_part((m)->config, "access", &(m)->source->part, (m)->errors, __VA_ARGS__)

/* --- lists --- */

/* The next item of *@list, without blanks around it, into @item[@cap]; items end at one of @ends.
 * Return: false: there is no more. Empty items are skipped, what does not fit is cut. */
static bool next_item(const char **list, const char *ends, char *item, size_t cap)
{
    const char *p = *list;
    size_t len = 0;

    while (*p != '\0' && (strchr(ends, *p) != NULL || isspace((unsigned char)*p))) {
        p++;
    }
    while (p[len] != '\0' && strchr(ends, p[len]) == NULL) {
        len++;
    }
    *list = p + len;
    while (len > 0 && isspace((unsigned char)p[len - 1])) {
        len--;
    }
    snprintf(item, cap, "%.*s", (int)len, p);
    return item[0] != '\0';
}

/* --- what a section is about --- */

/* "0-2,5": the operations, all of which @n_ops has. */
static bool parse_operations(struct maker *m, const char *text, uint32_t n_ops)
{
    char item[32];

    while (next_item(&text, ", ", item, sizeof(item))) {
        char *end;
        unsigned long first = strtoul(item, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
        if (!isdigit((unsigned char)item[0]) || *end != '\0' || first > last || last >= n_ops) {
            COMPLAIN(m, "\"%s\": wanted operations from 0 to %u, as in 0-2,5", item, n_ops - 1);
            return false;
        }
        for (; first <= last; first++) {
            m->rule->operations[first / 8] |= (uint8_t)(1u << first % 8);
        }
    }
    return true;
}

static const struct irpc_interface *find_interface(const struct maker *m)
{
    const struct irpc_syntax_id *id = &m->rule->interface;

    for (size_t i = 0; i < m->n_interfaces; i++) {
        const struct irpc_syntax_id *have = &m->interfaces[i]->id;
        if (irpc_uuid_compare(&have->uuid, &id->uuid) == 0 && have->major == id->major &&
            have->minor == id->minor) {
            return m->interfaces[i];
        }
    }
    return NULL;
}

/* "UUID VERSION [OPERATIONS]" */
static bool parse_name(struct maker *m)
{
    const char *rest = m->source->part.name;
    char uuid[64];
    char version[32];
    unsigned major = 0;
    unsigned minor = 0;
    int len = 0;

    if (!next_item(&rest, " ", uuid, sizeof(uuid)) ||
        irpc_uuid_parse(uuid, &m->rule->interface.uuid) != IRPC_OK ||
        !next_item(&rest, " ", version, sizeof(version)) ||
        sscanf(version, "%5u.%5u%n", &major, &minor, &len) != 2 || version[len] != '\0' ||
        major > UINT16_MAX || minor > UINT16_MAX) {
        COMPLAIN(m, "wanted [access UUID VERSION] or [access UUID VERSION OPERATIONS]");
        return false;
    }
    m->rule->interface.major = (uint16_t)major;
    m->rule->interface.minor = (uint16_t)minor;
    const struct irpc_interface *interface = find_interface(m);
    if (interface == NULL) {
        COMPLAIN(m, "ironrpcd has no such interface, so this protects nothing");
        return false;
    }
    if (rest[strspn(rest, " ")] == '\0') {
        memset(m->rule->operations, 0xff, sizeof(m->rule->operations));
        return true;
    }
    uint32_t n = interface->unit->n_ops;
    return parse_operations(m, rest, n < POLICY_OPERATIONS_MAX ? n : POLICY_OPERATIONS_MAX);
}

/* --- what it asks for --- */

static bool add_principal(struct maker *m, const char *name)
{
    struct policy_rule *rule = m->rule;
    char **list = realloc(rule->principals, (rule->n_principals + 1) * sizeof(list[0]));
    char *copy = strdup(name);

    rule->principals = list != NULL ? list : rule->principals;
    if (list == NULL || copy == NULL) {
        free(copy);
        COMPLAIN(m, "out of memory");
        return false;
    }
    list[rule->n_principals++] = copy;
    return true;
}

static bool add_group(struct maker *m, const char *name)
{
    char item[CONFIG_TEXT_MAX];

    for (uint32_t i = 0; i < m->config->n_groups; i++) {
        const struct config_group *group = &m->config->groups[i];
        const char *list = group->members;
        bool good = strcmp(group->part.name, name) == 0;
        if (!good) {
            continue;
        }
        while (good && next_item(&list, ",", item, sizeof(item))) {
            good = add_principal(m, item);
        }
        return good;
    }
    COMPLAIN(m, "there is no section [group %s]", name);
    return false;
}

static bool parse_principals(struct maker *m)
{
    const char *list = m->source->principals;
    char item[CONFIG_TEXT_MAX];
    bool good = true;

    m->rule->any_principal = true;
    while (good && next_item(&list, ",", item, sizeof(item))) {
        m->rule->any_principal = false;
        good = item[0] == '@' ? add_group(m, item + 1) : add_principal(m, item);
    }
    return good;
}

/* "192.0.2.0/24", "2001:db8::1" */
static bool parse_net(const char *text, struct policy_net *net)
{
    size_t len = strcspn(text, "/");
    unsigned long bits = strchr(text, ':') != NULL ? 128 : 32;
    char address[INET6_ADDRSTRLEN];
    char *end = NULL;

    *net = (struct policy_net){.family = bits == 128 ? AF_INET6 : AF_INET, .bits = (uint8_t)bits};
    snprintf(address, sizeof(address), "%.*s", (int)len, text);
    if (len >= sizeof(address) || inet_pton(net->family, address, net->bytes) != 1) {
        return false;
    }
    if (text[len] == '\0') {
        return true;
    }
    unsigned long given = strtoul(text + len + 1, &end, 10);
    net->bits = (uint8_t)given;
    return isdigit((unsigned char)text[len + 1]) && *end == '\0' && given <= bits;
}

static bool parse_sources(struct maker *m)
{
    struct policy_rule *rule = m->rule;
    const char *list = m->source->sources;
    char item[80];

    while (next_item(&list, ", \t", item, sizeof(item))) {
        struct policy_net *nets =
            realloc(rule->sources, (rule->n_sources + 1) * sizeof(rule->sources[0]));
        rule->sources = nets != NULL ? nets : rule->sources;
        if (nets == NULL || !parse_net(item, &nets[rule->n_sources])) {
            COMPLAIN(m, "sources: \"%s\" is not an address or network, as in 192.0.2.0/24", item);
            return false;
        }
        rule->n_sources++;
    }
    return true;
}

bool policy_init(struct policy *policy, const struct config *config,
                 const struct irpc_interface *const *interfaces, size_t n_interfaces, FILE *errors)
{
    bool good = true;

    *policy = (struct policy){.rules = calloc(CONFIG_RULES_MAX, sizeof(policy->rules[0]))};
    if (policy->rules == NULL) {
        fputs("ironrpcd: out of memory\n", errors);
        return false;
    }
    for (uint32_t i = 0; i < config->n_rules; i++) {
        struct maker m = {config,     &config->rules[i], &policy->rules[policy->n++],
                          interfaces, n_interfaces,      errors};
        m.rule->level = (enum irpc_auth_level)m.source->level;
        m.rule->anonymous = m.source->anonymous != 0;
        good = parse_name(&m) && parse_principals(&m) && parse_sources(&m) && good;
    }
    return good;
}

void policy_deinit(struct policy *policy)
{
    for (size_t i = 0; i < policy->n; i++) {
        struct policy_rule *rule = &policy->rules[i];
        while (rule->n_principals > 0) {
            free(rule->principals[--rule->n_principals]);
        }
        free(rule->principals);
        free(rule->sources);
    }
    free(policy->rules);
    *policy = (struct policy){.rules = NULL};
}

/* --- judging --- */

static bool is_same(const struct irpc_syntax_id *a, const struct irpc_syntax_id *b)
{
    return a->major == b->major && a->minor == b->minor &&
           irpc_uuid_compare(&a->uuid, &b->uuid) == 0;
}

bool policy_is_about(const struct policy *policy, const struct irpc_syntax_id *interface)
{
    for (size_t i = 0; i < policy->n; i++) {
        if (is_same(&policy->rules[i].interface, interface)) {
            return true;
        }
    }
    return false;
}

static bool has_principal(const struct policy_rule *rule, const char *principal)
{
    for (size_t i = 0; i < rule->n_principals; i++) {
        if (strcmp(rule->principals[i], principal) == 0) {
            return true;
        }
    }
    return false;
}

static bool contains(const struct policy_net *net, uint8_t family, const uint8_t *address)
{
    unsigned whole = net->bits / 8u;
    unsigned rest = net->bits % 8u;

    return net->family == family && memcmp(net->bytes, address, whole) == 0 &&
           (rest == 0 || (net->bytes[whole] ^ address[whole]) >> (8 - rest) == 0);
}

static bool has_source(const struct policy_rule *rule, const char *text)
{
    uint8_t family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    uint8_t address[16];
    char plain[INET6_ADDRSTRLEN];

    snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(text, "%"), text); /* without its scope */
    if (inet_pton(family, plain, address) != 1) {
        return false;
    }
    for (size_t i = 0; i < rule->n_sources; i++) {
        if (contains(&rule->sources[i], family, address)) {
            return true;
        }
    }
    return false;
}

/* Why @rule does not let the call pass; NULL if it does. */
static const char *judge(const struct policy_rule *rule, const struct irpc_peer *peer,
                         const struct irpc_auth_identity *identity)
{
    bool known = identity->principal[0] != '\0' && !identity->anonymous;

    if (rule->n_sources > 0 && !has_source(rule, peer->address)) {
        return "not from this source";
    }
    if (identity->level < rule->level) {
        return "authentication level too low";
    }
    if (!rule->anonymous && !known) {
        return "not for anonymous callers";
    }
    if (!rule->any_principal && !(known && has_principal(rule, identity->principal))) {
        return "not for this principal";
    }
    return NULL;
}

const char *policy_judge(const struct policy *policy, const struct irpc_syntax_id *interface,
                         const struct irpc_peer *peer, const struct irpc_auth_identity *identity,
                         uint16_t opnum)
{
    const char *reason = NULL;

    for (size_t i = 0; i < policy->n && reason == NULL; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        bool named = opnum >= POLICY_OPERATIONS_MAX ||
                     (rule->operations[opnum / 8] & (1u << opnum % 8)) != 0;
        if (peer->transport != IRPC_TRANSPORT_LOCAL && named &&
            is_same(&rule->interface, interface)) {
            reason = judge(rule, peer, identity);
        }
    }
    return reason;
}
