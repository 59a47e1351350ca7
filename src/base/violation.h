/*
 * Why a decoder refused its bytes: the numbered check (docs/checks.md) and a phrase, for the log.
 */
#pragma once

#include <stddef.h>

#include <ironrpc/status.h>

struct ir_violation {
    const char *check;  /* "H07"; static */
    const char *reason; /* "unknown data representation"; static */
};

/* Fill @v (which may be NULL) and give @st back, so that a decoder fails in one line. */
static inline enum irpc_status ir_violation_set(struct ir_violation *v, const char *check,
                                                const char *reason, enum irpc_status st)
{
    if (v != NULL) {
        v->check = check;
        v->reason = reason;
    }
    return st;
}
