/*
 * Status of every ironrpc function, with the three classes of failure that callers treat
 * differently: LOCAL (forward it), OUTCOME (a documented result: handle it) and VIOLATION
 * (the peer broke a rule: the row carries the answer that goes on the wire).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_STATUS_H
#define IRONRPC_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define IRPC_API __attribute__((visibility("default")))
#define IRPC_WARN_UNUSED __attribute__((warn_unused_result))
#else
#define IRPC_API
#define IRPC_WARN_UNUSED
#endif

/* Prefix of every function whose status may not be dropped: IRPC_CHECKED irpc_foo(...). */
#define IRPC_CHECKED IRPC_WARN_UNUSED enum irpc_status

/* clang-format off */
/*
 * X(symbol, class, text, rpc_s, fault, nak)
 *   rpc_s: the Windows RPC_S_ / RPC_X_ / EPT_S_ code (0: none)
 *   fault: the fault status a server sends for it, and a client understands as it (0: none)
 *   nak:   the bind_nak reason that goes with it (-1: none), [C706] 12.6.3.1, [MS-RPCE] 2.2.2.5
 */
#define IRPC_STATUS_MAP(X)                                                                         \
    X(OK,               OK,        "Success",                                  0,    0,          -1) \
    X(PENDING,          OUTCOME,   "The call completes later",                 997,  0,          -1) \
    X(NO_MEMORY,        LOCAL,     "Out of memory",                            14,   0x1C00001B, 1)  \
    X(INVALID_ARG,      LOCAL,     "Invalid argument",                         87,   0,          -1) \
    X(INVALID_STATE,    LOCAL,     "Not possible in this state",               1725, 0,          -1) \
    X(IO,               LOCAL,     "Input or output failed",                   1726, 0,          -1) \
    X(CONTRACT_MISMATCH, LOCAL,    "Generated code of another contract version", 1764, 0,        -1) \
    X(BUFFER_TOO_SMALL, LOCAL,     "The buffer is too small",                  122,  0,          -1) \
    X(BAD_STRING_BINDING, OUTCOME, "Invalid string binding",                   1700, 0,          -1) \
    X(BAD_UUID,         OUTCOME,   "Invalid UUID text",                        1900, 0,          -1) \
    X(PROTSEQ_UNSUPPORTED, OUTCOME, "Protocol sequence not supported",         1703, 0,          -1) \
    X(NO_ENDPOINT,      OUTCOME,   "No endpoint found",                        1708, 0,          -1) \
    X(SERVER_UNAVAILABLE, OUTCOME, "The server cannot be reached",             1722, 0,          -1) \
    X(TIMEOUT,          OUTCOME,   "The deadline passed",                      1818, 0,          -1) \
    X(CANCELLED,        OUTCOME,   "The call was cancelled",                   1818, 0x1C00000D, -1) \
    X(CONNECTION_LOST,  OUTCOME,   "The connection ended during the call",     1726, 0,          -1) \
    X(NOT_FOUND,        OUTCOME,   "Not found",                                1168, 0,          -1) \
    X(EXISTS,           OUTCOME,   "Exists already",                           1711, 0,          -1) \
    X(EPT_NOT_REGISTERED, OUTCOME, "No endpoint registered",                   1753, 0x16C9A0D6, -1) \
    X(BIND_REFUSED,     OUTCOME,   "The server refused the bind (bind_nak)",   1730, 0,          -1) \
    X(ABSTRACT_SYNTAX_UNSUPPORTED, OUTCOME, "The server does not offer the interface", 1717, 0,  -1) \
    X(TRANSFER_SYNTAX_UNSUPPORTED, OUTCOME, "No common transfer syntax",       1730, 0,          -1) \
    X(REMOTE_FAULT,     OUTCOME,   "The server answered with a fault",         1726, 0,          -1) \
    X(ACCESS_DENIED,    OUTCOME,   "Access denied",                            5,    0x00000005, -1) \
    X(TOO_BUSY,         LIMIT,     "The server is too busy",                   1723, 0x1C010014, 1)  \
    X(LIMIT,            LIMIT,     "A limit was reached",                      1723, 0x1C00001B, 2)  \
    X(UNKNOWN_IF,       VIOLATION, "Unknown interface or presentation context", 1717, 0x1C010003, -1) \
    X(OP_RANGE,         VIOLATION, "Operation number out of range",            1745, 0x1C010002, -1) \
    X(UNSUPPORTED_OBJECT, VIOLATION, "Unsupported object UUID",                1732, 0x1C010017, -1) \
    X(PROTO_ERROR,      VIOLATION, "Protocol error",                           1728, 0x1C01000B, 0)  \
    X(VERSION_UNSUPPORTED, VIOLATION, "Protocol version not supported",        1728, 0x1C01000B, 4)  \
    X(CONTEXT_MISMATCH, VIOLATION, "The context handle is not valid here",     6,    0x1C00001A, -1) \
    X(NO_CALL_ACTIVE,   VIOLATION, "No such call",                             1725, 0x000006BD, -1) \
    X(BAD_STUB_DATA,    VIOLATION, "The stub data is invalid",                 1783, 0x000006F7, -1) \
    X(INVALID_TAG,      VIOLATION, "The union discriminant matches no arm",    1733, 0x000006F7, -1) \
    X(INVALID_BOUND,    VIOLATION, "A count or bound is invalid",              1734, 0x000006F7, -1) \
    X(NULL_REF_POINTER, VIOLATION, "A [ref] pointer is NULL",                  1780, 0x000006F4, -1) \
    X(SEC_PKG_ERROR,    VIOLATION, "The security package failed",              1825, 0x00000721, 9)  \
    X(UNKNOWN_AUTH_TYPE, VIOLATION, "Unknown authentication type",             1741, 0x00000721, 8)  \
    X(NOT_DCERPC,       VIOLATION, "The bytes are not DCE/RPC",                1728, 0,          -1)
/* clang-format on */

/**
 * enum irpc_status - result of an ironrpc function; IRPC_OK is 0.
 * The rows and their wire answers are in IRPC_STATUS_MAP.
 */
enum irpc_status {
#define IRPC_STATUS_ENUM(sym, class_, text, rpc_s, fault, nak) IRPC_##sym,
    IRPC_STATUS_MAP(IRPC_STATUS_ENUM)
#undef IRPC_STATUS_ENUM
    IRPC_STATUS__COUNT
};

enum irpc_status_class {
    IRPC_CLASS_OK,
    IRPC_CLASS_OUTCOME,
    IRPC_CLASS_LOCAL,
    IRPC_CLASS_LIMIT,
    IRPC_CLASS_VIOLATION
};

/** irpc_status_text() - English phrase for @status; never NULL, static storage, any thread. */
IRPC_API const char *irpc_status_text(enum irpc_status status);

/** irpc_status_name() - symbol of @status without prefix ("BAD_STUB_DATA"); never NULL, static. */
IRPC_API const char *irpc_status_name(enum irpc_status status);

/** irpc_status_class() - class of failure of @status. */
IRPC_API enum irpc_status_class irpc_status_class(enum irpc_status status);

/** irpc_status_rpc_s() - Windows error code (RPC_S_..., RPC_X_..., EPT_S_...) of @status, 0 if
 * none. */
IRPC_API uint32_t irpc_status_rpc_s(enum irpc_status status);

/** irpc_status_fault() - fault status that goes on the wire for @status, 0 if it has none. */
IRPC_API uint32_t irpc_status_fault(enum irpc_status status);

/** irpc_status_nak() - bind_nak reason for @status, -1 if it has none. */
IRPC_API int irpc_status_nak(enum irpc_status status);

/**
 * irpc_status_from_fault() - status of a fault received from a peer.
 * Return: the first row whose fault is @fault, or IRPC_REMOTE_FAULT.
 */
IRPC_API enum irpc_status irpc_status_from_fault(uint32_t fault);

/**
 * irpc_fault_rpc_s() - Windows error code that a Windows client raises for @fault, received from a
 * peer. [MS-RPCE] 3.1.1.5.5, [C706] N.2
 * Return: the code; @fault itself where that is already one.
 */
IRPC_API uint32_t irpc_fault_rpc_s(uint32_t fault);

#ifdef __cplusplus
}
#endif
#endif
