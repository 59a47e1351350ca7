/*
 * Protocol towers: a binding as bytes. [C706] appendix L, [MS-RPCE] 2.2.1.2.
 *
 * Counts are little-endian and unaligned whatever the PDU's byte order; ports and addresses are
 * big-endian. Spans borrow the tower's bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/cur.h"
#include "base/out.h"
#include "base/violation.h"

/* Protocol identifiers: first byte of a floor's left-hand side, [C706] appendix I. */
#define IR_FLOOR_TCP 0x07u
#define IR_FLOOR_UDP 0x08u
#define IR_FLOOR_IP 0x09u
#define IR_FLOOR_NCADG 0x0au
#define IR_FLOOR_NCACN 0x0bu
#define IR_FLOOR_NCALRPC 0x0cu
#define IR_FLOOR_UUID 0x0du
#define IR_FLOOR_NAMED_PIPE 0x0fu /* SMB */
#define IR_FLOOR_LRPC_NAME 0x10u
#define IR_FLOOR_NETBIOS 0x11u
#define IR_FLOOR_HTTP 0x1fu

#define IR_TOWER_FLOORS_MAX 8u
#define IR_TOWER_NAME_MAX 255u /* of a pipe, an LRPC endpoint, a NetBIOS host; without NUL */
#define IR_TOWER_LEN_MAX 768u  /* of what ir_tower_encode() writes */

enum ir_protseq {
    IR_PROTSEQ_NCACN_IP_TCP,
    IR_PROTSEQ_NCACN_NP,
    IR_PROTSEQ_NCALRPC,
    IR_PROTSEQ_NCACN_HTTP,
    IR_PROTSEQ_NCADG_IP_UDP,
    IR_PROTSEQ__COUNT
};

struct ir_tower {
    struct irpc_syntax_id interface;
    struct irpc_syntax_id transfer;
    enum ir_protseq protseq;
    uint16_t port;             /* ip_tcp, http, ip_udp */
    uint8_t ipv4[4];           /* same; network order, 0.0.0.0 if the floor was empty */
    struct irpc_span endpoint; /* np, ncalrpc: name without NUL */
    struct irpc_span host;     /* np: name without NUL */
};

struct ir_floor {
    uint8_t protocol;
    struct irpc_span lhs; /* behind the protocol identifier */
    struct irpc_span rhs;
};

struct ir_floors {
    struct ir_cur cur;
    uint16_t n_left;
};

/* Begin with the floors of @tower. check: E01     Return: IRPC_OK, IRPC_BAD_STUB_DATA. */
IRPC_CHECKED ir_floors_init(struct irpc_span tower, struct ir_floors *ret_floors,
                            struct ir_violation *v);

/* The next floor; false at the end, or when it is malformed (then cur.err is set). */
bool ir_floors_next(struct ir_floors *floors, struct ir_floor *ret_floor);

/*
 * Read a whole tower of one of the five protocol sequences. The right-hand side of floor 3 may be
 * empty, as may those of the floors below it (port 0, no name). check: E01, E03, E04
 * Return: IRPC_OK; IRPC_BAD_STUB_DATA if it is malformed; IRPC_PROTSEQ_UNSUPPORTED if it is well
 * formed but of other protocols (ret_tower untouched).
 */
IRPC_CHECKED ir_tower_decode(struct irpc_span tower, struct ir_tower *ret_tower,
                             struct ir_violation *v);

/* Write @t, 5 floors (ncalrpc: 4). A name over IR_TOWER_NAME_MAX or with a NUL fails with
 * IRPC_INVALID_ARG. */
void ir_tower_encode(struct ir_out *o, const struct ir_tower *t);

/* "ncacn_ip_tcp" and so on; never NULL. */
const char *ir_protseq_name(enum ir_protseq protseq);

/* Return: IRPC_OK, IRPC_PROTSEQ_UNSUPPORTED. */
IRPC_CHECKED ir_protseq_parse(struct irpc_span name, enum ir_protseq *ret_protseq);
