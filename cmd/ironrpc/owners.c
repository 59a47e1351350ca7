/*
 * The owners of entries in an endpoint map: not part of the standard interface, ironrpcd tells them
 * to programs on its machine over ncalrpc. They are matched with the entries of ept_lookup by
 * object, interface and endpoint; addresses differ by how the mapper is reached.
 */
#include "owners.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "cli.h"
#include "ironmap.h"

#define BATCH 100u
#define NO_UID 0xffffffffu

bool ir_cli_is_local(const char *string_binding)
{
    static const char *const prefixes[] = {"ncalrpc:", "ncacn_ip_tcp:127.", "ncacn_ip_tcp:::1[",
                                           "ncacn_ip_tcp:[::1]", "ncacn_ip_tcp:localhost["};

    for (size_t i = 0; i < IR_ARRAY_LEN(prefixes); i++) {
        if (strncmp(string_binding, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool add(struct ir_cli_owners *owners, const ironmap_owner_t *from)
{
    if (owners->n == IR_CLI_OWNERS_MAX || from->endpoint == NULL) {
        return false;
    }
    if (owners->n == owners->cap) {
        size_t cap = owners->cap == 0 ? 64 : owners->cap * 2;
        struct ir_cli_owner *list = ir_realloc(owners->list, cap * sizeof(*list));
        if (list == NULL) {
            return false;
        }
        owners->list = list;
        owners->cap = cap;
    }
    struct ir_cli_owner *to = &owners->list[owners->n];
    *to = (struct ir_cli_owner){.object = from->object,
                                .interface = from->interface_id,
                                .endpoint = ir_strndup(from->endpoint, strlen(from->endpoint)),
                                .is_local = from->uid != NO_UID,
                                .uid = from->uid,
                                .pid = from->pid};
    snprintf(to->program, sizeof(to->program), "%s", from->program);
    owners->n += to->endpoint != NULL;
    return to->endpoint != NULL;
}

static bool ask(struct irpc_binding *binding, struct ir_cli_owners *owners)
{
    ironmap_owner_t batch[BATCH];
    uint64_t first = 0, next = 0;

    do {
        uint32_t n = 0;

        memset(batch, 0, sizeof(batch));
        if (ironmap_list_owners(binding, first, BATCH, &next, &n, batch) != IRPC_OK || n > BATCH) {
            return false;
        }
        for (uint32_t i = 0; i < n; i++) {
            if (!add(owners, &batch[i])) {
                return false;
            }
        }
        if (next != 0 && next <= first) {
            return false;
        }
        first = next;
    } while (next != 0);
    return true;
}

bool ir_cli_owners_ask(struct ir_cli_owners *owners, uint32_t timeout_ms)
{
    const struct irpc_binding_options options = {.connect_ms = timeout_ms, .call_ms = timeout_ms};
    struct irpc_binding *binding = NULL;

    if (irpc_binding_new("ncalrpc:[epmapper]", &options, &binding) != IRPC_OK) {
        return false;
    }
    bool good = ask(binding, owners);
    irpc_binding_free(binding);
    return good;
}

void ir_cli_owners_free(struct ir_cli_owners *owners)
{
    for (size_t i = 0; i < owners->n; i++) {
        ir_free(owners->list[i].endpoint);
    }
    ir_free(owners->list);
    *owners = (struct ir_cli_owners){NULL, 0, 0};
}

/* Whether "protseq:address[endpoint]" is "protseq:[endpoint]" but for the address. */
static bool same_endpoint(const char *binding, const char *bare)
{
    const char *colon = strchr(binding, ':');
    const char *bracket = strrchr(binding, '[');
    size_t len = colon == NULL ? 0 : (size_t)(colon - binding) + 1;

    return colon != NULL && bracket != NULL && strncmp(binding, bare, len) == 0 &&
           strcmp(bracket, bare + len) == 0;
}

const struct ir_cli_owner *ir_cli_owners_find(const struct ir_cli_owners *owners,
                                              const struct irpc_epm_entry *entry)
{
    for (size_t i = 0; i < owners->n; i++) {
        const struct ir_cli_owner *o = &owners->list[i];

        if (o->interface.major == entry->interface.major &&
            o->interface.minor == entry->interface.minor &&
            irpc_uuid_compare(&o->interface.uuid, &entry->interface.uuid) == 0 &&
            irpc_uuid_compare(&o->object, &entry->object) == 0 &&
            same_endpoint(entry->string_binding, o->endpoint)) {
            return o;
        }
    }
    return NULL;
}

void ir_cli_owner_user(const struct ir_cli_owner *owner, char *out, size_t cap)
{
    const struct passwd *user = getpwuid(owner->uid);

    if (user != NULL) {
        ir_cli_printable(user->pw_name, out, cap);
    } else {
        snprintf(out, cap, "%u", owner->uid);
    }
}

void ir_cli_owner_text(const struct ir_cli_owner *owner, char *out, size_t cap)
{
    char program[4 * sizeof(owner->program) + 5], user[64];

    if (!owner->is_local) {
        snprintf(out, cap, "the network");
        return;
    }
    ir_cli_printable(owner->program, program, sizeof(program));
    ir_cli_owner_user(owner, user, sizeof(user));
    snprintf(out, cap, "%s[%u] %s", program[0] == '\0' ? "?" : program, owner->pid, user);
}
