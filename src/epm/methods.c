/*
 * The operations of the endpoint mapper, [C706] appendix O, [MS-RPCE] 2.2.1.2 and 3.1.2.5.
 *
 * Who may change the map is decided here: local peers whose credentials the daemon's rules accept,
 * and whoever it is if remote_insert is set. Entries live as long as the connection that registered
 * them. Look-ups and mappings under way are context handles, whose owner, type, number and expiry
 * the server watches over (check: E06). Refusals are results, not faults, and are logged with a
 * limit. What the map may hold is map.c's business.
 */
#include "epm/methods.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/syntax.h"
#include "epm.h"
#include "ironmap.h"
#include "wire/tower.h"

/* Statuses of the interface, [C706] appendix E; 5 is what Windows says to strangers. */
#define EPT_OK 0u
#define EPT_ACCESS_DENIED 5u
#define EPT_CANT_PERFORM_OP 0x16c9a0cdu
#define EPT_NO_MEMORY 0x16c9a0ceu
#define EPT_INVALID_ENTRY 0x16c9a0d3u
#define EPT_INVALID_CONTEXT 0x16c9a0d5u
#define EPT_NOT_REGISTERED 0x16c9a0d6u

/* Principals: local ones are uids; all of the network is one; the mapper itself is another. */
#define PRINCIPAL_REMOTE 0x100000000u
#define PRINCIPAL_SELF 0x200000000u

#define REFUSALS_LOGGED 10u      /* then silence ... */
#define REFUSALS_PAUSE_MS 10000u /* ... until so long after the first of them. check: L07 */

#define ENTRIES_MAX 500u /* of one call. Look-ups: the range() of the IDL */

struct ir_epm_service {
    struct ir_epm_service_options options;
    struct ir_epm_map *map;
    struct irpc_server *server;
    uint64_t told; /* ir_epm_changes() as of the last options.changed() */
    uint32_t refusals;
    bool counting; /* the timer that ends the pause runs */
};

/* Behind a handle: ept_lookup and ept_map have one type of handle for two kinds of search. */
struct search {
    enum {
        SEARCH_LOOKUP,
        SEARCH_MAPPING
    } kind;
    struct ir_epm_lookup lookup;
    struct ir_epm_mapping mapping;
};

/* Managers have no argument of their own: the interface is offered once in a process. */
static struct ir_epm_service *the_service;

/* --- who and what --- */

static uint32_t ept_status(enum irpc_status st)
{
    switch ((unsigned)st) {
    case IRPC_OK:
        return EPT_OK;
    case IRPC_ACCESS_DENIED:
        return EPT_ACCESS_DENIED;
    case IRPC_EPT_NOT_REGISTERED:
        return EPT_NOT_REGISTERED;
    case IRPC_NO_MEMORY:
        return EPT_NO_MEMORY;
    case IRPC_BAD_STUB_DATA:
        return EPT_INVALID_ENTRY;
    default:
        return EPT_CANT_PERFORM_OP;
    }
}

/* Whether the caller may change the map, and as whom. check: E09 */
static bool identify(const struct ir_epm_service *s, const struct irpc_call *call,
                     struct ir_epm_owner *ret_owner)
{
    const struct irpc_peer *peer = irpc_call_peer(call);
    bool local = peer->transport == IRPC_TRANSPORT_LOCAL;

    ret_owner->session = peer->connection;
    ret_owner->principal = local ? (uint64_t)peer->uid : PRINCIPAL_REMOTE;
    ret_owner->uid = local ? (uint32_t)peer->uid : UINT32_MAX;
    ret_owner->pid = local ? (int32_t)peer->pid : 0;
    ret_owner->unlimited = false;
    ret_owner->program[0] = '\0';
    if (local) {
        s->options.program(s->options.user, peer->pid, ret_owner->program);
    }
    return local ? s->options.may_register(s->options.user, peer->uid, peer->gid)
                 : s->options.remote_insert;
}

/* Status for a caller who wants to change @num_ents entries. check: E05 E09 */
static uint32_t admit(const struct ir_epm_service *s, const struct irpc_call *call,
                      uint32_t num_ents, struct ir_epm_owner *ret_owner)
{
    if (!identify(s, call, ret_owner)) {
        return EPT_ACCESS_DENIED;
    }
    return num_ents > ENTRIES_MAX ? EPT_CANT_PERFORM_OP : EPT_OK;
}

static void end_pause(void *user)
{
    struct ir_epm_service *s = user;

    if (s->refusals > REFUSALS_LOGGED) {
        ir_log(IRPC_LOG_WARNING, "epm", "event=refused suppressed=%u",
               s->refusals - REFUSALS_LOGGED);
    }
    s->refusals = 0;
    s->counting = false;
}

static void log_refusal(struct ir_epm_service *s, const struct irpc_call *call, const char *op,
                        uint32_t status)
{
    if (s->refusals++ < REFUSALS_LOGGED) {
        ir_log(IRPC_LOG_WARNING, "epm", "event=refused op=%s peer=%s status=0x%08x check=E09", op,
               irpc_call_peer(call)->address, status);
    }
    if (!s->counting) {
        s->counting =
            irpc_server_after(s->server, REFUSALS_PAUSE_MS, end_pause, s, NULL) == IRPC_OK;
    }
}

/* If there was one: a copy of the map goes to other processes, and who may not change it, or has
 * changed nothing, is not to make them that work. check: L14 */
static void tell_change(struct ir_epm_service *s)
{
    if (s->options.changed != NULL && s->told != ir_epm_changes(s->map)) {
        s->told = ir_epm_changes(s->map);
        s->options.changed(s->options.user);
    }
}

static void refresh(const struct ir_epm_service *s)
{
    if (s->options.refresh != NULL) {
        s->options.refresh(s->options.user);
    }
}

static void log_change(const struct irpc_call *call, const char *event,
                       const struct ir_epm_key *key)
{
    char uuid[IRPC_UUID_TEXT_LEN];

    if (ir_log_wants(IRPC_LOG_INFO)) {
        irpc_uuid_format(&key->interface.uuid, uuid);
        ir_log(IRPC_LOG_INFO, "epm", "event=%s interface=%s version=%u.%u peer=%s pid=%ld", event,
               uuid, key->interface.major, key->interface.minor, irpc_call_peer(call)->address,
               (long)irpc_call_peer(call)->pid);
    }
}

static struct irpc_span tower_span(const twr_t *tower)
{
    struct irpc_span span = {NULL, 0};

    if (tower != NULL) {
        span.p = tower->tower_octet_string;
        span.len =
            tower->tower_length; /* is the array's size: N03 of the interpreter. check: E02 */
    }
    return span;
}

/* --- changing the map --- */

static enum irpc_status ept_insert(struct irpc_call *call, uint32_t num_ents, ept_entry_t *entries,
                                   uint32_t replace, uint32_t *status)
{
    struct ir_epm_service *s = the_service;
    struct ir_epm_owner owner;
    struct ir_epm_key key;

    *status = admit(s, call, num_ents, &owner);
    ir_epm_begin_round(s->map);
    for (uint32_t i = 0; i < num_ents && *status == EPT_OK; i++) {
        struct irpc_span tower = tower_span(entries[i].tower);
        enum irpc_status st = ir_epm_insert(s->map, &owner, &entries[i].object, tower,
                                            entries[i].annotation, replace != 0);

        *status = ept_status(st);
        if (st == IRPC_OK && ir_epm_key_parse(tower, &key) == IRPC_OK) {
            log_change(call, "registered", &key);
        }
    }
    tell_change(s);
    if (*status != EPT_OK) {
        log_refusal(s, call, "ept_insert", *status);
    }
    return IRPC_OK;
}

/* Root may remove anybody's entry; the others what is theirs. */
static bool is_root(const struct ir_epm_owner *owner)
{
    return owner->principal == 0;
}

static enum irpc_status ept_delete(struct irpc_call *call, uint32_t num_ents, ept_entry_t *entries,
                                   uint32_t *status)
{
    struct ir_epm_service *s = the_service;
    struct ir_epm_owner owner;
    struct ir_epm_key key;

    *status = admit(s, call, num_ents, &owner);
    for (uint32_t i = 0; i < num_ents && *status == EPT_OK; i++) {
        struct irpc_span tower = tower_span(entries[i].tower);
        enum irpc_status st = IRPC_BAD_STUB_DATA;

        if (tower.len > 0) {
            st = ir_epm_delete(s->map, &owner, is_root(&owner), &entries[i].object, tower);
        }
        *status = ept_status(st);
        if (st == IRPC_OK && ir_epm_key_parse(tower, &key) == IRPC_OK) {
            log_change(call, "withdrawn", &key);
        }
    }
    tell_change(s);
    if (*status == EPT_ACCESS_DENIED) {
        log_refusal(s, call, "ept_delete", *status);
    }
    return IRPC_OK;
}

static enum irpc_status ept_mgmt_delete(struct irpc_call *call, uint32_t object_speced,
                                        struct irpc_uuid *object, twr_t *tower, uint32_t *status)
{
    static const struct irpc_uuid nil;
    struct ir_epm_service *s = the_service;
    struct ir_epm_owner owner;

    if (!identify(s, call, &owner)) {
        *status = EPT_ACCESS_DENIED;
    } else if (object_speced == 0 && (tower == NULL || tower->tower_length == 0)) {
        *status = EPT_INVALID_ENTRY; /* that would be everything */
    } else {
        const struct irpc_uuid *which = object != NULL ? object : &nil;

        *status = ept_status(ir_epm_delete(s->map, &owner, is_root(&owner),
                                           object_speced != 0 ? which : NULL, tower_span(tower)));
        tell_change(s);
    }
    if (*status == EPT_ACCESS_DENIED) {
        log_refusal(s, call, "ept_mgmt_delete", *status);
    }
    return IRPC_OK;
}

/* The connection that registered entries is gone, and they with it. check: E09 */
static void on_gone(void *user, const struct irpc_peer *peer)
{
    struct ir_epm_service *s = user;
    size_t n = ir_epm_drop_session(s->map, peer->connection);

    if (n > 0) {
        tell_change(s);
        ir_log(IRPC_LOG_INFO, "epm", "event=dropped entries=%zu peer=%s pid=%ld", n, peer->address,
               (long)peer->pid);
    }
}

/* --- answers --- */

/* "192.0.2.1" or "::ffff:192.0.2.1" to 4 bytes. */
static bool parse_ipv4(const char *text, uint8_t ret_ipv4[4])
{
    unsigned part = 0;
    unsigned value = 0;
    unsigned digits = 0;

    if (strncmp(text, "::ffff:", 7) == 0) {
        text += 7;
    }
    for (;; text++) {
        if (*text >= '0' && *text <= '9' && digits < 3) {
            value = value * 10 + (unsigned)(*text - '0');
            digits++;
        } else if ((*text == '.' || *text == '\0') && digits > 0 && value < 256 && part < 4) {
            ret_ipv4[part++] = (uint8_t)value;
            value = 0;
            digits = 0;
            if (*text == '\0') {
                return part == 4;
            }
        } else {
            return false;
        }
    }
}

/*
 * The tower of @e for the caller: with the address that it reached; there is no floor for IPv6, so
 * then 0.0.0.0, and the client uses what it dialled. [MS-RPCE] 2.2.1.2. Over ncalrpc as registered.
 */
static twr_t *make_tower(struct irpc_call *call, const struct ir_epm_entry *e)
{
    twr_t *tower = irpc_call_alloc(call, offsetof(twr_t, tower_octet_string) + e->tower_len);
    uint8_t ipv4[4];

    if (tower == NULL) {
        return NULL;
    }
    tower->tower_length = (uint32_t)e->tower_len;
    if (irpc_call_peer(call)->transport == IRPC_TRANSPORT_LOCAL) {
        memcpy(tower->tower_octet_string, e->tower, e->tower_len);
        return tower;
    }
    bool reached = parse_ipv4(irpc_call_local_address(call), ipv4);

    ir_epm_tower_at(e, reached ? ipv4 : NULL, tower->tower_octet_string, e->tower_len);
    return tower;
}

/*
 * What to say after a batch of @n of at most @max: a short batch is the last one, a full one leaves
 * a handle, and whoever comes back for nothing is told so. This is Windows' behaviour.
 * [C706] appendix O; @search is the caller's again unless a new handle has taken it.
 */
static enum irpc_status finish(struct irpc_call *call, const struct ir_epm_service *s, size_t n,
                               uint32_t max, struct search *found, ept_lookup_handle_t *handle,
                               uint32_t *status)
{
    struct search *old = irpc_context_data(call, handle);

    *status = n > 0 || max == 0 ? EPT_OK : EPT_NOT_REGISTERED;
    if (old != NULL && n == max) {
        *old = *found;
        return IRPC_OK;
    }
    if (old != NULL) {
        irpc_context_close(call, handle);
        ir_free(old);
        return IRPC_OK;
    }
    if (n < max || max == 0) {
        return IRPC_OK;
    }
    struct search *copy = ir_alloc(sizeof(*copy));
    if (copy == NULL) {
        return IRPC_NO_MEMORY;
    }
    *copy = *found;
    enum irpc_status st = irpc_context_new(call, copy, ir_free, s->options.lookup_idle_ms, handle);

    if (st != IRPC_OK) {
        ir_free(copy);
        *status = EPT_CANT_PERFORM_OP; /* check: E06 */
        return st == IRPC_LIMIT ? IRPC_OK : st;
    }
    return IRPC_OK;
}

/* The search of @handle, or @fresh if there is none yet; false: of the other kind. */
static bool resume(struct irpc_call *call, const ept_lookup_handle_t *handle, struct search *fresh)
{
    const struct search *old = irpc_context_data(call, handle);

    if (old != NULL && old->kind != fresh->kind) {
        return false;
    }
    if (old != NULL) {
        *fresh = *old;
    }
    return true;
}

static enum irpc_status ept_lookup(struct irpc_call *call, uint32_t inquiry_type,
                                   struct irpc_uuid *object, struct irpc_syntax_id *interface_id,
                                   uint32_t vers_option, ept_lookup_handle_t *entry_handle,
                                   uint32_t max_ents, uint32_t *num_ents, ept_entry_t *entries,
                                   uint32_t *status)
{
    const struct ir_epm_entry *found[ENTRIES_MAX];
    struct ir_epm_service *s = the_service;
    struct search search = {.kind = SEARCH_LOOKUP,
                            .lookup = {.inquiry = inquiry_type, .versions = vers_option}};

    if (object != NULL) {
        search.lookup.object = *object;
    }
    if (interface_id != NULL) {
        search.lookup.interface = *interface_id;
    }
    *num_ents = 0;
    refresh(s);
    if (!resume(call, entry_handle, &search)) {
        *status = EPT_INVALID_CONTEXT;
        return IRPC_OK;
    }
    if (!ir_epm_lookup_is_valid(&search.lookup) || max_ents > ENTRIES_MAX) {
        *status = EPT_CANT_PERFORM_OP; /* check: E07 */
        return IRPC_OK;
    }
    size_t n = ir_epm_lookup_next(s->map, &search.lookup, found, max_ents);

    for (size_t i = 0; i < n; i++) {
        entries[i].object = found[i]->object;
        entries[i].tower = make_tower(call, found[i]);
        memcpy(entries[i].annotation, found[i]->annotation, sizeof(entries[i].annotation));
        if (entries[i].tower == NULL) {
            return IRPC_NO_MEMORY;
        }
    }
    enum irpc_status st = finish(call, s, n, max_ents, &search, entry_handle, status);

    *num_ents = *status == EPT_OK ? (uint32_t)n : 0;
    return st;
}

static enum irpc_status ept_map(struct irpc_call *call, struct irpc_uuid *object, twr_t *map_tower,
                                ept_lookup_handle_t *entry_handle, uint32_t max_towers,
                                uint32_t *num_towers, twr_p_t *towers, uint32_t *status)
{
    const struct ir_epm_entry *found[ENTRIES_MAX];
    struct ir_epm_service *s = the_service;
    struct search search = {.kind = SEARCH_MAPPING};

    if (object != NULL) {
        search.mapping.object = *object;
    }
    *num_towers = 0;
    refresh(s);
    if (!resume(call, entry_handle, &search)) {
        *status = EPT_INVALID_CONTEXT;
        return IRPC_OK;
    }
    if (max_towers > ENTRIES_MAX) {
        *status = EPT_CANT_PERFORM_OP;
        return IRPC_OK;
    }
    if (search.mapping.next == 0 &&
        ir_epm_key_parse(tower_span(map_tower), &search.mapping.key) != IRPC_OK) {
        *status = EPT_NOT_REGISTERED; /* what cannot be registered is not */
        return IRPC_OK;
    }
    size_t n = ir_epm_mapping_next(s->map, &search.mapping, found, max_towers);

    for (size_t i = 0; i < n; i++) {
        towers[i] = make_tower(call, found[i]);
        if (towers[i] == NULL) {
            return IRPC_NO_MEMORY;
        }
    }
    enum irpc_status st = finish(call, s, n, max_towers, &search, entry_handle, status);

    *num_towers = *status == EPT_OK ? (uint32_t)n : 0;
    return st;
}

static enum irpc_status ept_lookup_handle_free(struct irpc_call *call,
                                               ept_lookup_handle_t *entry_handle, uint32_t *status)
{
    struct search *search = irpc_context_data(call, entry_handle);

    irpc_context_close(call, entry_handle);
    ir_free(search);
    *status = EPT_OK;
    return IRPC_OK;
}

static enum irpc_status ept_inq_object(struct irpc_call *call, struct irpc_uuid *ept_object,
                                       uint32_t *status)
{
    (void)call;
    *ept_object = the_service->options.object;
    *status = EPT_OK;
    return IRPC_OK;
}

/* --- the service --- */

/* Operation 7, ept_map_auth, is for callers with a security identifier: op_rng_error. */
static const struct epm_manager manager = {
    .ept_insert = ept_insert,
    .ept_delete = ept_delete,
    .ept_lookup = ept_lookup,
    .ept_map = ept_map,
    .ept_lookup_handle_free = ept_lookup_handle_free,
    .ept_inq_object = ept_inq_object,
    .ept_mgmt_delete = ept_mgmt_delete,
};

IRPC_CHECKED ir_epm_service_new(const struct ir_epm_service_options *options,
                                struct ir_epm_service **ret_service)
{
    struct ir_epm_service *s = ir_calloc(1, sizeof(*s));

    if (s == NULL) {
        return IRPC_NO_MEMORY;
    }
    s->options = *options;
    s->map = ir_epm_map_new(&options->limits);
    if (s->map == NULL) {
        ir_free(s);
        return IRPC_NO_MEMORY;
    }
    ir_epm_begin_ids(s->map, options->start);
    the_service = s;
    *ret_service = s;
    return IRPC_OK;
}

void ir_epm_service_free(struct ir_epm_service *service)
{
    if (service == NULL) {
        return;
    }
    ir_epm_map_free(service->map);
    if (the_service == service) {
        the_service = NULL;
    }
    ir_free(service);
}

IRPC_CHECKED ir_epm_service_attach(struct ir_epm_service *service, struct irpc_server *server)
{
    const struct irpc_register_options options = {
        .annotation = "Endpoint mapper",
        .max_contexts = service->options.lookup_handles,
        .gone_hook = on_gone,
        .user = service,
    };

    service->server = server;
    enum irpc_status st = irpc_server_register(server, &epm_v3_0_server, &manager, &options);

    /* Who owns what is told where local programs call. */
    return st != IRPC_OK || service->options.borrowed ? st
                                                      : ir_epm_owners_attach(service->map, server);
}

static struct irpc_span text_span(const char *text)
{
    return (struct irpc_span){(const uint8_t *)text, strlen(text)};
}

/* Tower of an interface of ours at an endpoint of ours. */
static enum irpc_status make_own_tower(const struct irpc_syntax_id *interface,
                                       const struct irpc_endpoint *endpoint, struct ir_out *out)
{
    struct ir_tower tower = {.interface = *interface, .transfer = ir_syntax_ndr};
    unsigned long port = 0;

    if (endpoint->transport == IRPC_TRANSPORT_LOCAL) {
        tower.protseq = IR_PROTSEQ_NCALRPC;
        tower.endpoint = text_span(endpoint->endpoint);
    } else {
        tower.protseq = IR_PROTSEQ_NCACN_IP_TCP;
        for (const char *c = endpoint->endpoint; *c >= '0' && *c <= '9'; c++) {
            port = port * 10 + (unsigned long)(*c - '0');
        }
        tower.port = (uint16_t)port;
    }
    ir_tower_encode(out, &tower);
    return out->err;
}

IRPC_CHECKED ir_epm_service_add_self(struct ir_epm_service *service, struct irpc_server *server)
{
    struct ir_epm_owner self = {.session = UINT64_MAX,
                                .principal = PRINCIPAL_SELF,
                                .uid = (uint32_t)service->options.uid,
                                .pid = (int32_t)service->options.pid,
                                .unlimited = true};
    struct irpc_registration r;
    struct irpc_endpoint e;
    uint8_t bytes[IR_TOWER_LEN_MAX];

    service->options.program(service->options.user, service->options.pid, self.program);
    for (unsigned i = 0; irpc_server_registration(server, i, &r); i++) {
        if (r.interface == &ironmap_v1_0_interface) {
            continue; /* nothing that strangers would look for */
        }
        const char *note = r.annotation[0] != '\0' ? r.annotation : "Remote management";

        for (unsigned k = 0; irpc_server_endpoint(server, k, &e); k++) {
            struct ir_out out = ir_out_fixed(bytes, sizeof(bytes), false);
            enum irpc_status st = make_own_tower(&r.interface->id, &e, &out);

            if (st == IRPC_OK) {
                st = ir_epm_insert(service->map, &self, &r.object,
                                   (struct irpc_span){bytes, out.len}, note, false);
            }
            if (st != IRPC_OK) {
                return st;
            }
        }
    }
    return IRPC_OK;
}

const struct ir_epm_map *ir_epm_service_peek(const struct ir_epm_service *service)
{
    return service->map;
}

IRPC_CHECKED ir_epm_service_borrow(struct ir_epm_service *service, const void *memory, size_t len)
{
    struct ir_epm_map *map = NULL;
    enum irpc_status st = ir_epm_map_borrow(memory, len, &map);

    if (st == IRPC_OK) {
        ir_epm_map_free(service->map);
        service->map = map;
    }
    return st;
}

size_t ir_epm_service_count(const struct ir_epm_service *service)
{
    return ir_epm_count(service->map);
}
