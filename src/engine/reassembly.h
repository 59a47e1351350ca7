/* A call that arrives in fragments. */
#pragma once

#include <ironrpc/types.h>

#include "base/out.h"
#include "engine/engine.h"

struct ir_partial {
    struct ir_partial *next;
    struct ir_out stub; /* grown by what was received */
    uint64_t started_ms;
    const void *iface; /* server */
    uint32_t call_id;
    uint32_t call; /* client: token */
    uint32_t fragments;
    uint16_t context_id;
    uint16_t opnum;
    uint8_t transfer;
    uint8_t security; /* server: as in ir_conn_call */
    uint8_t empty;    /* fragments without stub data between first and last */
    bool big_endian;
    bool maybe;
    bool has_object;
    struct irpc_uuid object;
};

/* Start one and link it to @conn; NULL when out of memory. */
struct ir_partial *ir_partial_new(struct ir_conn *conn, uint32_t call_id, uint64_t now_ms);

/* Unlink and free it. */
void ir_partial_free(struct ir_conn *conn, struct ir_partial *partial);

void ir_partial_free_all(struct ir_conn *conn);

struct ir_partial *ir_partial_find(const struct ir_conn *conn, uint32_t call_id);

/*
 * Append the stub data of a fragment. @limits are the connection's.
 * Return: IRPC_OK; IRPC_ACCESS_DENIED (more than limits.stub bytes, check: F05); IRPC_PROTO_ERROR
 * (too many fragments or empty ones, check: F06); IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_partial_add(struct ir_partial *partial, const struct ir_conn_limits *limits,
                            struct irpc_span stub, bool last);

/* The event's receiver takes over the stub data. */
void ir_partial_steal_stub(struct ir_partial *partial, struct ir_event *event);
