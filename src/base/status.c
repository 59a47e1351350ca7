/*
 * Look-ups in IRPC_STATUS_MAP.
 */
#include <ironrpc/status.h>

#include "base/attr.h"

struct row {
    const char *name;
    const char *text;
    enum irpc_status_class class;
    uint32_t rpc_s;
    uint32_t fault;
    int nak;
};

static const struct row rows[IRPC_STATUS__COUNT] = {
#define ROW(sym, class_, text_, rpc_s_, fault_, nak_) \
    [IRPC_##sym] = {#sym, text_, IRPC_CLASS_##class_, rpc_s_, fault_, nak_},
    IRPC_STATUS_MAP(ROW)
#undef ROW
};

static const struct row unknown = {"UNKNOWN", "Unknown status", IRPC_CLASS_LOCAL, 0, 0, -1};

static const struct row *row_of(enum irpc_status status)
{
    return (unsigned)status < IRPC_STATUS__COUNT ? &rows[status] : &unknown;
}

const char *irpc_status_text(enum irpc_status status)
{
    return row_of(status)->text;
}

const char *irpc_status_name(enum irpc_status status)
{
    return row_of(status)->name;
}

enum irpc_status_class irpc_status_class(enum irpc_status status)
{
    return row_of(status)->class;
}

uint32_t irpc_status_rpc_s(enum irpc_status status)
{
    return row_of(status)->rpc_s;
}

uint32_t irpc_status_fault(enum irpc_status status)
{
    return row_of(status)->fault;
}

int irpc_status_nak(enum irpc_status status)
{
    return row_of(status)->nak;
}

enum irpc_status irpc_status_from_fault(uint32_t fault)
{
    /* Violations first: 0x6F7 means bad stub data, not a local failure that shares a code. */
    for (unsigned i = 0; fault != 0 && i < IR_ARRAY_LEN(rows); i++) {
        if (rows[i].fault == fault && rows[i].class != IRPC_CLASS_LOCAL) {
            return (enum irpc_status)i;
        }
    }
    return IRPC_REMOTE_FAULT;
}
