/*
 * The state table: [C706] 9.3 and the association state machines of [MS-RPCE] 3.3.1.5, 3.3.3.5,
 * with the answers that Windows gives to what does not belong.
 *
 * Connectionless PDU types and RTS belong to no direction here.  check: H05 H06
 * Leaves to others: what an action does (conn.c), and flags, sizes and ids of a PDU.
 */
#include "engine/state.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define UNKNOWN IR_PTYPE__COUNT /* the row of types above 20 */

#define ALL(action) [0 ... UNKNOWN] = (action)

/* A first PDU other than bind is refused like a bind.  check: B01 */
static const uint8_t server_new[UNKNOWN + 1] = {
    [0 ... IR_PTYPE_CANCEL_ACK] = IR_ACT_NAK_FIRST,
    [IR_PTYPE_BIND] = IR_ACT_BIND,
    [IR_PTYPE_BIND_ACK... UNKNOWN] = IR_ACT_NAK_FIRST,
};

/* check: B02 B03 R15 */
static const uint8_t server_bound[UNKNOWN + 1] = {
    [IR_PTYPE_REQUEST] = IR_ACT_REQUEST,     [IR_PTYPE_BIND] = IR_ACT_NAK_AGAIN,
    [IR_PTYPE_ALTER_CONTEXT] = IR_ACT_ALTER, [IR_PTYPE_AUTH3] = IR_ACT_AUTH3,
    [IR_PTYPE_CO_CANCEL] = IR_ACT_CANCEL,    [IR_PTYPE_ORPHANED] = IR_ACT_ORPHANED,
};

/* A server neither binds in the background nor waits for our answer. */
static const uint8_t reject_all[UNKNOWN + 1] = {ALL(IR_ACT_REJECT)};

static const uint8_t client_binding[UNKNOWN + 1] = {
    [IR_PTYPE_BIND_ACK] = IR_ACT_BIND_ACK,
    [IR_PTYPE_BIND_NAK] = IR_ACT_BIND_NAK,
    [IR_PTYPE_FAULT] = IR_ACT_FAULT,
    [IR_PTYPE_SHUTDOWN] = IR_ACT_SHUTDOWN,
};

static const uint8_t client_bound[UNKNOWN + 1] = {
    [IR_PTYPE_RESPONSE] = IR_ACT_RESPONSE,
    [IR_PTYPE_FAULT] = IR_ACT_FAULT,
    [IR_PTYPE_SHUTDOWN] = IR_ACT_SHUTDOWN,
};

static const uint8_t client_altering[UNKNOWN + 1] = {
    [IR_PTYPE_RESPONSE] = IR_ACT_RESPONSE, [IR_PTYPE_ALTER_CONTEXT_RESP] = IR_ACT_BIND_ACK,
    [IR_PTYPE_BIND_NAK] = IR_ACT_BIND_NAK, [IR_PTYPE_FAULT] = IR_ACT_FAULT,
    [IR_PTYPE_SHUTDOWN] = IR_ACT_SHUTDOWN,
};

static const uint8_t *const table[2][IR_STATE__COUNT] = {
    [IR_SERVER] =
        {
            [IR_STATE_NEW] = server_new,
            [IR_STATE_BINDING] = reject_all,
            [IR_STATE_BOUND] = server_bound,
            [IR_STATE_ALTERING] = reject_all,
        },
    [IR_CLIENT] =
        {
            [IR_STATE_NEW] = reject_all,
            [IR_STATE_BINDING] = client_binding,
            [IR_STATE_BOUND] = client_bound,
            [IR_STATE_ALTERING] = client_altering,
        },
};

enum ir_action ir_state_action(enum ir_role role, enum ir_state state, uint8_t ptype)
{
    return (enum ir_action)table[role][state][ptype < UNKNOWN ? ptype : UNKNOWN];
}

const char *ir_state_name(enum ir_state state)
{
    static const char *const names[IR_STATE__COUNT] = {
        [IR_STATE_NEW] = "new",
        [IR_STATE_BINDING] = "binding",
        [IR_STATE_BOUND] = "bound",
        [IR_STATE_ALTERING] = "altering",
    };

    return state < IR_STATE__COUNT ? names[state] : "unknown";
}

const char *ir_action_name(enum ir_action action)
{
    static const char *const names[IR_ACT__COUNT] = {
        [IR_ACT_REJECT] = "reject",       [IR_ACT_NAK_FIRST] = "nak_first",
        [IR_ACT_NAK_AGAIN] = "nak_again", [IR_ACT_BIND] = "bind",
        [IR_ACT_ALTER] = "alter",         [IR_ACT_AUTH3] = "auth3",
        [IR_ACT_REQUEST] = "request",     [IR_ACT_CANCEL] = "cancel",
        [IR_ACT_ORPHANED] = "orphaned",   [IR_ACT_BIND_ACK] = "bind_ack",
        [IR_ACT_BIND_NAK] = "bind_nak",   [IR_ACT_RESPONSE] = "response",
        [IR_ACT_FAULT] = "fault",         [IR_ACT_SHUTDOWN] = "shutdown",
    };

    return action < IR_ACT__COUNT ? names[action] : "unknown";
}

size_t ir_state_print(char *buf, size_t cap)
{
    size_t need = 0;
    size_t used = 0;

    for (unsigned i = 0; i < 2u * IR_STATE__COUNT * (UNKNOWN + 1u); i++) {
        uint8_t ptype = (uint8_t)(i % (UNKNOWN + 1u));
        enum ir_state state = (enum ir_state)(i / (UNKNOWN + 1u) % IR_STATE__COUNT);
        enum ir_role role = i < IR_STATE__COUNT * (UNKNOWN + 1u) ? IR_SERVER : IR_CLIENT;
        char line[80];
        int n = snprintf(line, sizeof(line), "%s %s %s %s\n",
                         role == IR_SERVER ? "server" : "client", ir_state_name(state),
                         ir_ptype_name(ptype), ir_action_name(ir_state_action(role, state, ptype)));
        if (used == need && need + (size_t)n < cap) {
            memcpy(buf + used, line, (size_t)n);
            used += (size_t)n;
        }
        need += (size_t)n;
    }
    if (cap > 0) {
        buf[used] = '\0';
    }
    return need;
}
