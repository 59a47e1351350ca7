/*
 * Look-ups at an endpoint mapper, for programs. [C706] appendix O, [MS-RPCE] 3.1.2.5,
 * protocol rule: a mapper ends a look-up with status 0x16c9a0d6, with or without a last batch, or
 * by handing back a NULL handle.
 */
#include <stdio.h>
#include <string.h>

#include <ironrpc/epm.h>

#include "base/out.h"
#include "base/syntax.h"
#include "epm.h"
#include "wire/tower.h"

#define BATCH 64u
#define BATCHES_MAX 4096u /* a mapper that never ends is not asked for ever */

struct entry_text {
    char binding[600];
    char part[IR_TOWER_NAME_MAX + 1];
};

static enum irpc_status status_of(uint32_t status)
{
    return status == 0 ? IRPC_OK : irpc_status_from_fault(status);
}

/* @span as text: what is not printable becomes a question mark. */
static void copy_name(struct irpc_span span, char *text, size_t cap)
{
    size_t n = span.len < cap - 1 ? span.len : cap - 1;

    for (size_t i = 0; i < n; i++) {
        text[i] = (char)(span.p[i] > ' ' && span.p[i] <= '~' ? span.p[i] : '?');
    }
    text[n] = '\0';
}

static void compose(const struct ir_tower *tower, struct entry_text *text)
{
    const char *protseq = ir_protseq_name(tower->protseq);
    const uint8_t *ip = tower->ipv4;

    switch (tower->protseq) {
    case IR_PROTSEQ_NCACN_NP:
        copy_name(tower->host, text->part, sizeof(text->part));
        (void)snprintf(text->binding, sizeof(text->binding), "%s:%s[", protseq, text->part);
        break;
    case IR_PROTSEQ_NCALRPC:
        (void)snprintf(text->binding, sizeof(text->binding), "%s:[", protseq);
        break;
    case IR_PROTSEQ_NCACN_IP_TCP:
    case IR_PROTSEQ_NCACN_HTTP:
    case IR_PROTSEQ_NCADG_IP_UDP:
    case IR_PROTSEQ__COUNT:
        (void)snprintf(text->binding, sizeof(text->binding), "%s:%u.%u.%u.%u[%u]", protseq, ip[0],
                       ip[1], ip[2], ip[3], tower->port);
        return;
    }
    copy_name(tower->endpoint, text->part, sizeof(text->part));
    size_t len = strlen(text->binding);
    (void)snprintf(text->binding + len, sizeof(text->binding) - len, "%s]", text->part);
}

/* Hand a tower to @fn. Towers of other protocols are passed over. */
static enum irpc_status deliver(const twr_t *twr, const struct irpc_uuid *object,
                                const char *annotation, irpc_epm_entry_fn *fn, void *user)
{
    const struct irpc_span bytes = {twr->tower_octet_string, twr->tower_length};
    struct entry_text text;
    struct ir_tower tower;
    enum irpc_status st = ir_tower_decode(bytes, &tower, NULL);

    if (st != IRPC_OK) {
        return st == IRPC_PROTSEQ_UNSUPPORTED ? IRPC_OK : IRPC_PROTO_ERROR;
    }
    compose(&tower, &text);
    const struct irpc_epm_entry entry = {
        .object = object != NULL ? *object : (struct irpc_uuid){0},
        .interface = tower.interface,
        .transfer = tower.transfer,
        .annotation = annotation,
        .string_binding = text.binding,
    };
    return fn(user, &entry);
}

static enum irpc_status deliver_batch(ept_entry_t *entries, uint32_t n, irpc_epm_entry_fn *fn,
                                      void *user)
{
    for (uint32_t i = 0; i < n && i < BATCH; i++) {
        ept_entry_t *entry = &entries[i];
        entry->annotation[sizeof(entry->annotation) - 1] = '\0';
        if (entry->tower == NULL) {
            continue;
        }
        enum irpc_status st =
            deliver(entry->tower, &entry->object, (const char *)entry->annotation, fn, user);
        if (st != IRPC_OK) {
            return st;
        }
    }
    return IRPC_OK;
}

static bool is_null(const ept_lookup_handle_t *handle)
{
    return irpc_uuid_is_nil(&handle->uuid);
}

static void free_handle(struct irpc_binding *mapper, ept_lookup_handle_t *handle)
{
    uint32_t status = 0;

    if (!is_null(handle)) {
        /* If it fails, the handle goes with the connection. */
        (void)!epm_ept_lookup_handle_free(mapper, handle, &status);
    }
}

enum irpc_status irpc_epm_lookup(struct irpc_binding *mapper, irpc_epm_entry_fn *fn, void *user)
{
    ept_lookup_handle_t handle = {0};
    enum irpc_status st = IRPC_OK;

    for (uint32_t batch = 0; st == IRPC_OK && batch < BATCHES_MAX; batch++) {
        ept_entry_t entries[BATCH];
        uint32_t n = 0;
        uint32_t status = 0;
        memset(entries, 0, sizeof(entries));
        st = epm_ept_lookup(mapper, EPT_INQ_ALL, NULL, NULL, EPT_VERS_ALL, &handle, BATCH, &n,
                            entries, &status);
        if (st != IRPC_OK) {
            return st;
        }
        st = deliver_batch(entries, n, fn, user);
        if (st == IRPC_OK && status != 0 && status != EPT_STATUS_NOT_REGISTERED) {
            st = status_of(status);
        }
        if (status != 0 || is_null(&handle) || n == 0) {
            break;
        }
    }
    free_handle(mapper, &handle);
    return st;
}

enum irpc_status irpc_epm_map(struct irpc_binding *mapper, const struct irpc_syntax_id *interface,
                              const struct irpc_uuid *object, const char *protseq,
                              irpc_epm_entry_fn *fn, void *user)
{
    union {
        twr_t tower;
        uint8_t bytes[sizeof(twr_t) + IR_TOWER_LEN_MAX];
    } memory = {0};
    struct ir_tower tower = {.interface = *interface, .transfer = ir_syntax_ndr};
    const struct irpc_span name = {(const uint8_t *)protseq, strlen(protseq)};
    struct irpc_uuid object_copy = {0};
    ept_lookup_handle_t handle = {0};
    twr_p_t towers[16] = {NULL};
    uint32_t n = 0;
    uint32_t status = 0;
    enum irpc_status st = ir_protseq_parse(name, &tower.protseq);

    if (st != IRPC_OK) {
        return st;
    }
    if (object != NULL) {
        object_copy = *object;
    }
    struct ir_out out = ir_out_fixed(memory.tower.tower_octet_string, IR_TOWER_LEN_MAX, false);
    ir_tower_encode(&out, &tower);
    memory.tower.tower_length = (uint32_t)out.len;
    st = epm_ept_map(mapper, object != NULL ? &object_copy : NULL, &memory.tower, &handle, 16, &n,
                     towers, &status);
    if (st == IRPC_OK && status != 0) {
        st = status_of(status);
    }
    if (st == IRPC_OK && n == 0) {
        st = IRPC_EPT_NOT_REGISTERED;
    }
    for (uint32_t i = 0; st == IRPC_OK && i < n && i < 16; i++) {
        if (towers[i] != NULL) {
            st = deliver(towers[i], object, "", fn, user);
        }
    }
    free_handle(mapper, &handle);
    return st;
}
