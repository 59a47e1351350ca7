/*
 * The state table of a connection: what is done with a PDU, by role, state and PDU type. One row
 * for each, no default. check: S01 S02 H04
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "wire/header.h"

enum ir_state {
    IR_STATE_NEW,      /* no bind yet */
    IR_STATE_BINDING,  /* client: bind sent */
    IR_STATE_BOUND,    /* calls may come and go */
    IR_STATE_ALTERING, /* client: alter_context sent; calls may be open */
    IR_STATE__COUNT
};

enum ir_action {
    IR_ACT_REJECT,    /* server: fault nca_s_proto_error, close; client: close */
    IR_ACT_NAK_FIRST, /* bind_nak 4, close: the first PDU is not a bind */
    IR_ACT_NAK_AGAIN, /* bind_nak 0, close: a second bind */
    IR_ACT_BIND,
    IR_ACT_ALTER,
    IR_ACT_AUTH3,
    IR_ACT_REQUEST,
    IR_ACT_CANCEL,
    IR_ACT_ORPHANED,
    IR_ACT_BIND_ACK,
    IR_ACT_BIND_NAK,
    IR_ACT_RESPONSE,
    IR_ACT_FAULT,
    IR_ACT_SHUTDOWN,
    IR_ACT__COUNT
};

/* The table itself; @ptype above IR_PTYPE_RTS is as an unknown type. */
enum ir_action ir_state_action(enum ir_role role, enum ir_state state, uint8_t ptype);

const char *ir_state_name(enum ir_state state);
const char *ir_action_name(enum ir_action action);

/*
 * The whole table as text, a line `role state ptype action` for each entry, into @buf[@cap] with
 * NUL; cut at the last line that fits. Returns the length needed without NUL.
 */
size_t ir_state_print(char *buf, size_t cap);
