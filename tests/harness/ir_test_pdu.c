/* Byte diff of DCE/RPC PDUs with the names of the fields, as [C706] 12.6.4 and [MS-RPCE] 2.2.2
 * spell them. A reader of its own, not wire/: a wrong decoder must not explain its own mistakes.
 * Lengths inside the PDU are believed only as far as the bytes reach. */
#include "ir_test.h"

#include <stdio.h>
#include <string.h>

enum {
    PDU_REQUEST = 0,
    PDU_RESPONSE = 2,
    PDU_FAULT = 3,
    PDU_BIND = 11,
    PDU_BIND_ACK = 12,
    PDU_BIND_NAK = 13,
    PDU_ALTER = 14,
    PDU_ALTER_RESP = 15
};

struct field {
    const char *name;
    size_t len;
};

struct walk {
    const uint8_t *pdu;
    size_t n;
    size_t at;     /* where the next field begins */
    size_t wanted; /* the byte to name */
    char *name;
    size_t cap;
    bool found;
};

static const struct field common[] = {
    {"rpc_vers", 1},    {"rpc_vers_minor", 1}, {"PTYPE", 1},       {"pfc_flags", 1},
    {"packed_drep", 4}, {"frag_length", 2},    {"auth_length", 2}, {"call_id", 4},
};
static const struct field request[] = {{"alloc_hint", 4}, {"p_cont_id", 2}, {"opnum", 2}};
static const struct field response[] = {
    {"alloc_hint", 4}, {"p_cont_id", 2}, {"cancel_count", 1}, {"reserved", 1}};
static const struct field fault[] = {{"status", 4}, {"reserved2", 4}};
static const struct field bind[] = {
    {"max_xmit_frag", 2}, {"max_recv_frag", 2}, {"assoc_group_id", 4}};
static const struct field context_list[] = {
    {"n_context_elem", 1}, {"reserved", 1}, {"reserved2", 2}};
static const struct field context[] = {{"p_cont_id", 2},
                                       {"n_transfer_syn", 1},
                                       {"reserved", 1},
                                       {"abstract_syntax.uuid", 16},
                                       {"abstract_syntax.version", 4}};
static const struct field result[] = {
    {"result", 2}, {"reason", 2}, {"transfer_syntax.uuid", 16}, {"transfer_syntax.version", 4}};
static const struct field trailer[] = {{"auth_type", 1},
                                       {"auth_level", 1},
                                       {"auth_pad_length", 1},
                                       {"auth_reserved", 1},
                                       {"auth_context_id", 4}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint8_t byte_at(const struct walk *w, size_t offset)
{
    return offset < w->n ? w->pdu[offset] : 0;
}

static size_t u16_at(const struct walk *w, size_t offset)
{
    size_t first = byte_at(w, offset);
    size_t second = byte_at(w, offset + 1);
    return (byte_at(w, 4) & 0x10) != 0 ? first | second << 8 : first << 8 | second;
}

/* One field; `prefix` and `name` make its name, the byte within a longer one is shown too. */
static void step(struct walk *w, const char *prefix, const char *name, size_t len)
{
    if (!w->found && w->wanted >= w->at && w->wanted - w->at < len) {
        if (len > 4) {
            snprintf(w->name, w->cap, "%s%s[%zu]", prefix, name, w->wanted - w->at);
        } else {
            snprintf(w->name, w->cap, "%s%s", prefix, name);
        }
        w->found = true;
    }
    w->at += len;
}

static void steps(struct walk *w, const char *prefix, const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        step(w, prefix, fields[i].name, fields[i].len);
    }
}

static void walk_contexts(struct walk *w)
{
    unsigned n = byte_at(w, w->at);
    steps(w, "", context_list, COUNT(context_list));
    for (unsigned i = 0; i < n && !w->found && w->at < w->n; i++) {
        char prefix[40];
        unsigned n_syntaxes = byte_at(w, w->at + 2);
        snprintf(prefix, sizeof prefix, "context[%u].", i);
        steps(w, prefix, context, COUNT(context));
        for (unsigned j = 0; j < n_syntaxes && !w->found && w->at < w->n; j++) {
            snprintf(prefix, sizeof prefix, "context[%u].transfer_syntax[%u].", i, j);
            step(w, prefix, "uuid", 16);
            step(w, prefix, "version", 4);
        }
    }
}

static void walk_results(struct walk *w)
{
    size_t port_len = u16_at(w, w->at);
    step(w, "sec_addr.", "length", 2);
    step(w, "sec_addr.", "port_spec", port_len);
    step(w, "", "sec_addr pad", (4 - w->at % 4) % 4);
    unsigned n = byte_at(w, w->at);
    step(w, "", "n_results", 1);
    step(w, "", "reserved", 1);
    step(w, "", "reserved2", 2);
    for (unsigned i = 0; i < n && !w->found && w->at < w->n; i++) {
        char prefix[40];
        snprintf(prefix, sizeof prefix, "result[%u].", i);
        steps(w, prefix, result, COUNT(result));
    }
}

static void walk_body(struct walk *w)
{
    switch (byte_at(w, 2)) {
    case PDU_REQUEST:
        steps(w, "", request, COUNT(request));
        if ((byte_at(w, 3) & 0x80) != 0) {
            step(w, "", "object", 16);
        }
        step(w, "", "stub", SIZE_MAX - w->at);
        break;
    case PDU_RESPONSE:
    case PDU_FAULT:
        steps(w, "", response, COUNT(response));
        if (byte_at(w, 2) == PDU_FAULT) {
            steps(w, "", fault, COUNT(fault));
        }
        step(w, "", "stub", SIZE_MAX - w->at);
        break;
    case PDU_BIND:
    case PDU_ALTER:
        steps(w, "", bind, COUNT(bind));
        walk_contexts(w);
        break;
    case PDU_BIND_ACK:
    case PDU_ALTER_RESP:
        steps(w, "", bind, COUNT(bind));
        walk_results(w);
        break;
    case PDU_BIND_NAK:
        step(w, "", "provider_reject_reason", 2);
        step(w, "", "n_protocols", 1);
        step(w, "", "protocols", SIZE_MAX - w->at);
        break;
    default:
        break;
    }
}

void ir_test_pdu_field(const uint8_t *pdu, size_t n, size_t offset, char *name, size_t cap)
{
    struct walk w = {.pdu = pdu, .n = n, .wanted = offset, .name = name, .cap = cap};
    size_t auth_len = u16_at(&w, 10);
    size_t frag_len = u16_at(&w, 8);
    snprintf(name, cap, "byte %zu", offset);
    if (n >= 16 && auth_len > 0 && frag_len <= n && auth_len + 24 <= frag_len) {
        w.at = frag_len - auth_len - 8;
        steps(&w, "", trailer, COUNT(trailer));
        step(&w, "", "auth_value", auth_len);
        w.at = 0;
    }
    steps(&w, "", common, COUNT(common));
    if (!w.found) {
        walk_body(&w);
    }
}

void ir_test_pdu(const char *file, int line, const char *what, const void *got, size_t got_len,
                 const void *want, size_t want_len)
{
    const uint8_t *g = got;
    const uint8_t *w = want;
    unsigned differ = 0;
    for (size_t i = 0; i < got_len && i < want_len; i++) {
        char name[80];
        if (g[i] == w[i]) {
            continue;
        }
        if (differ++ < 16) {
            ir_test_pdu_field(w, want_len, i, name, sizeof name);
            ir_test_note("  %04zx  got %02x  wanted %02x  %s", i, g[i], w[i], name);
        }
    }
    if (differ == 0 && got_len == want_len) {
        return;
    }
    ir_test_fail(file, line, "%s: PDU of %zu bytes, wanted %zu; %u of the common bytes differ",
                 what, got_len, want_len, differ);
}
