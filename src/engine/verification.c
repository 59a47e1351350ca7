/*
 * The verification trailer of a request, in the server: the client's copy of what it negotiated,
 * which nobody between could change, because it lies in the protected stub data.
 * [MS-RPCE] 2.2.2.13, 3.1.1.5.2; check: A15
 *
 * Leaves to others: its encoding (wire/verification_trailer.c), and what is not protected.
 */
#include "base/syntax.h"
#include "engine/security.h"
#include "wire/verification_trailer.h"

#define DREP_LITTLE 0x10u

/* Why @t does not fit; NULL if it does. */
static const char *judge(const struct ir_conn *conn, const struct ir_verification_trailer *t,
                         const struct ir_event *event, const struct irpc_syntax_id *abstract)
{
    const struct irpc_syntax_id *transfer =
        event->transfer == IR_TRANSFER_NDR64 ? &ir_syntax_ndr64 : &ir_syntax_ndr;

    if ((t->commands & IR_VERIFICATION_BITMASK_1) != 0 && !conn->sign_header &&
        (t->bitmask_1 & IR_VERIFICATION_CLIENT_SUPPORT_HEADER_SIGNING) != 0) {
        return "the client offered header signing, and somebody took that away";
    }
    if ((t->commands & IR_VERIFICATION_PCONTEXT) != 0 &&
        (!ir_syntax_equal(&t->interface, abstract) || !ir_syntax_equal(&t->transfer, transfer))) {
        return "the client means another interface or transfer syntax";
    }
    if ((t->commands & IR_VERIFICATION_HEADER2) == 0) {
        return NULL;
    }
    if (t->ptype != IR_PTYPE_REQUEST || t->drep[0] != (event->big_endian ? 0 : DREP_LITTLE) ||
        t->call_id != event->call_id || t->context_id != event->context_id ||
        t->opnum != event->opnum) {
        return "the header is not the one that the client sent";
    }
    return NULL;
}

enum irpc_status ir_conn_check_verification(const struct ir_conn *conn, struct ir_event *event,
                                            const struct irpc_syntax_id *abstract,
                                            const char **ret_check, const char **ret_reason)
{
    const struct ir_conn_call *c = ir_conn_find_call(conn, event->call);
    struct ir_verification_trailer t;
    struct ir_violation v = {"A15", NULL};

    if (c == NULL || c->security == 0 || !ir_security_protects(ir_security_at(conn, c->security))) {
        return IRPC_OK;
    }
    enum irpc_status st = ir_verification_trailer_decode(event->stub, &t, &v);
    if (st == IRPC_OK && t.present) {
        event->stub.len = t.offset;
        v.reason = judge(conn, &t, event, abstract);
        st = v.reason != NULL ? IRPC_ACCESS_DENIED : IRPC_OK;
    }
    if (st != IRPC_OK) {
        *ret_check = v.check;
        *ret_reason = v.reason;
    }
    return st;
}
