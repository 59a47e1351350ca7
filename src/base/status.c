/*
 * Look-ups in IRPC_STATUS_MAP, and what Windows calls the fault statuses of DCE.
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

/* [MS-RPCE] 3.1.1.5.5: the rows that are mapped; numbers from [C706] N.2 */
static const struct {
    uint32_t fault;
    uint16_t code;
} windows_codes[] = {
    {0x1C000001, 1767}, /* nca_s_fault_int_div_by_zero: RPC_S_ZERO_DIVIDE */
    {0x1C000002, 1768}, /* nca_s_fault_addr_error: RPC_S_ADDRESS_ERROR */
    {0x1C000003, 1769}, /* nca_s_fault_fp_div_zero: RPC_S_FP_DIV_ZERO */
    {0x1C000004, 1770}, /* nca_s_fault_fp_underflow: RPC_S_FP_UNDERFLOW */
    {0x1C000005, 1771}, /* nca_s_fault_fp_overflow: RPC_S_FP_OVERFLOW */
    {0x1C000006, 1733}, /* nca_s_fault_invalid_tag: RPC_S_INVALID_TAG */
    {0x1C000007, 1734}, /* nca_s_fault_invalid_bound: RPC_S_INVALID_BOUND */
    {0x1C000008, 1728}, /* nca_rpc_version_mismatch: RPC_S_PROTOCOL_ERROR */
    {0x1C000009, 1726}, /* nca_unspec_reject: RPC_S_CALL_FAILED */
    {0x1C00000A, 1727}, /* nca_s_bad_actid: RPC_S_CALL_FAILED_DNE */
    {0x1C00000B, 1726}, /* nca_who_are_you_failed: RPC_S_CALL_FAILED */
    {0x1C00000C, 1727}, /* nca_manager_not_entered: RPC_S_CALL_FAILED_DNE */
    {0x1C00000D, 1818}, /* nca_s_fault_cancel: RPC_S_CALL_CANCELLED */
    {0x1C00000E, 1768}, /* nca_s_fault_ill_inst: RPC_S_ADDRESS_ERROR */
    {0x1C00000F, 1771}, /* nca_s_fault_fp_error: RPC_S_FP_OVERFLOW */
    {0x1C000010, 1768}, /* nca_s_fault_int_overflow: RPC_S_ADDRESS_ERROR */
    {0x1C000012, 1726}, /* nca_s_fault_unspec: RPC_S_CALL_FAILED */
    {0x1C000014, 1918}, /* nca_s_fault_pipe_empty: RPC_X_PIPE_EMPTY */
    {0x1C000015, 1916}, /* nca_s_fault_pipe_closed: RPC_X_PIPE_CLOSED */
    {0x1C000016, 1831}, /* nca_s_fault_pipe_order: RPC_X_WRONG_PIPE_ORDER */
    {0x1C000017, 1917}, /* nca_s_fault_pipe_discipline: RPC_X_PIPE_DISCIPLINE_ERROR */
    {0x1C000018, 1820}, /* nca_s_fault_pipe_comm_error: RPC_S_COMM_FAILURE */
    {0x1C000019, 14},   /* nca_s_fault_pipe_memory: RPC_S_OUT_OF_MEMORY */
    {0x1C00001A, 6},    /* nca_s_fault_context_mismatch: RPC_X_SS_CONTEXT_MISMATCH */
    {0x1C00001B, 1130}, /* nca_s_fault_remote_no_memory: RPC_S_SERVER_OUT_OF_MEMORY */
    {0x1C010001, 1820}, /* nca_s_comm_failure: RPC_S_COMM_FAILURE */
    {0x1C010002, 1745}, /* nca_op_rng_error: RPC_S_PROCNUM_OUT_OF_RANGE */
    {0x1C010003, 1717}, /* nca_unk_if: RPC_S_UNKNOWN_IF */
    {0x1C010009, 1726}, /* nca_s_you_crashed: RPC_S_CALL_FAILED */
    {0x1C01000B, 1728}, /* nca_proto_error: RPC_S_PROTOCOL_ERROR */
    {0x1C010013, 1130}, /* nca_out_args_too_big: RPC_S_SERVER_OUT_OF_MEMORY */
    {0x1C010014, 1723}, /* nca_server_too_busy: RPC_S_SERVER_TOO_BUSY */
    {0x1C010017, 1732}, /* nca_unsupported_type: RPC_S_UNSUPPORTED_TYPE */
    {0x16C9A0D6, 1753}, /* rpc_s_not_registered, of the endpoint mapper: EPT_S_NOT_REGISTERED */
};

uint32_t irpc_fault_rpc_s(uint32_t fault)
{
    for (unsigned i = 0; i < IR_ARRAY_LEN(windows_codes); i++) {
        if (windows_codes[i].fault == fault) {
            return windows_codes[i].code;
        }
    }
    return fault;
}
