/*
 * From a binding to a connection on which an interface is negotiated. [C706] 9.3.2, 12.6.4.3,
 * [MS-RPCE] 3.3.2.4.1. Bytes are pumped here for calls too.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "client/internal.h"

#define IOV_AT_ONCE 256
#define STALE_MS 1000u

/* --- bytes --- */

static enum irpc_status lose(struct irpc_binding *binding, enum irpc_status st, const char *why)
{
    ir_binding_close(binding);
    if (st == IRPC_TIMEOUT) {
        return ir_binding_fail(binding, st,
                               "no answer from %s within the deadline; the connection was closed",
                               binding->text);
    }
    return ir_binding_fail(binding, st, "the connection to %s ended: %s", binding->text, why);
}

enum irpc_status ir_binding_send(struct irpc_binding *binding, uint64_t deadline)
{
    struct iovec iov[IOV_AT_ONCE];
    int n = ir_outq_iov(&binding->outq, iov, IOV_AT_ONCE);

    while (n > 0) {
        struct msghdr msg = {.msg_iov = iov, .msg_iovlen = (size_t)n};
        ssize_t sent = sendmsg(binding->fd, &msg, MSG_NOSIGNAL);
        if (sent >= 0) {
            ir_outq_consume(&binding->outq, (size_t)sent);
        } else if (errno == EAGAIN) {
            enum irpc_status st = ir_dial_wait(binding->fd, POLLOUT, deadline);
            if (st != IRPC_OK) {
                return lose(binding, st, irpc_status_text(st));
            }
        } else if (errno != EINTR) {
            return lose(binding, IRPC_CONNECTION_LOST, strerror(errno));
        }
        n = ir_outq_iov(&binding->outq, iov, IOV_AT_ONCE);
    }
    ir_outq_trim(&binding->outq, IR_CLIENT_BUF);
    return IRPC_OK;
}

/* More input behind what is there. */
static enum irpc_status read_more(struct irpc_binding *binding, uint64_t deadline)
{
    if (binding->buf_off > 0) {
        memmove(binding->buf, binding->buf + binding->buf_off, binding->buf_len - binding->buf_off);
        binding->buf_len -= binding->buf_off;
        binding->buf_off = 0;
    }
    /* Not only when there is nothing to read: a peer may always have something to say. */
    if (ir_dial_now() >= deadline) {
        return lose(binding, IRPC_TIMEOUT, "");
    }
    for (;;) {
        /* What is not consumed is less than a fragment: there is room. */
        ssize_t n = recv(binding->fd, binding->buf + binding->buf_len,
                         2 * IR_CLIENT_BUF - binding->buf_len, 0);
        if (n > 0) {
            binding->buf_len += (size_t)n;
            return IRPC_OK;
        }
        if (n == 0) {
            return lose(binding, IRPC_CONNECTION_LOST, "the server closed it");
        }
        if (errno != EAGAIN && errno != EINTR) {
            return lose(binding, IRPC_CONNECTION_LOST, strerror(errno));
        }
        enum irpc_status st = ir_dial_wait(binding->fd, POLLIN, deadline);
        if (st != IRPC_OK) {
            return lose(binding, st, irpc_status_text(st));
        }
    }
}

enum irpc_status ir_binding_receive(struct irpc_binding *binding, uint64_t deadline,
                                    struct ir_event *ret_event)
{
    for (;;) {
        size_t consumed = 0;
        struct ir_event event = {.type = IR_EVENT_NONE};
        size_t left = binding->buf_len - binding->buf_off;
        enum irpc_status st = IRPC_OK;

        if (left > 0) {
            st = ir_conn_receive(&binding->engine, binding->buf + binding->buf_off, left,
                                 ir_dial_now(), &consumed, &event);
        }
        if (st != IRPC_OK) {
            return lose(binding, st, irpc_status_text(st));
        }
        binding->buf_off += consumed;
        if (event.type == IR_EVENT_NONE && ir_outq_pending(&binding->outq) > 0) {
            st = ir_binding_send(binding, deadline); /* one token of several */
            if (st != IRPC_OK) {
                return st;
            }
        }
        if (event.type == IR_EVENT_REJECTED) {
            char why[160];
            (void)snprintf(why, sizeof(why), "malformed answer, %s (check %s)", event.reason,
                           event.check);
            return lose(binding, IRPC_PROTO_ERROR, why);
        }
        if (event.type != IR_EVENT_NONE && event.type != IR_EVENT_SHUTDOWN) {
            *ret_event = event;
            return IRPC_OK;
        }
        if (consumed == 0) {
            st = read_more(binding, deadline);
            if (st != IRPC_OK) {
                return st;
            }
        }
    }
}

/* --- dialling --- */

static enum irpc_status dial(struct irpc_binding *binding, uint64_t deadline)
{
    union ir_sockaddr sa;
    const char *why = "";
    enum irpc_status st;

    if (binding->local) {
        st = ir_addr_local(binding->runtime_dir, binding->resolved, &sa);
        if (st != IRPC_OK) {
            return ir_binding_fail(binding, st, "%s is no name of a local endpoint",
                                   binding->resolved);
        }
        st = ir_dial_local(&sa, deadline, &binding->fd, &why);
    } else {
        char *end = NULL;
        unsigned long port = strtoul(binding->resolved, &end, 10);
        if (*end != '\0' || port == 0 || port > 65535) {
            return ir_binding_fail(binding, IRPC_BAD_STRING_BINDING, "%s is no TCP port",
                                   binding->resolved);
        }
        st = ir_dial_tcp(binding->address, (uint16_t)port, deadline, &binding->fd, &why);
    }
    if (st != IRPC_OK) {
        binding->fd = -1;
        return ir_binding_fail(
            binding, st, "cannot connect to %s: %s; is that the place, and does the server run?",
            binding->text, why);
    }
    return IRPC_OK;
}

static enum irpc_status open_connection(struct irpc_binding *binding,
                                        const struct irpc_syntax_id *interface)
{
    enum irpc_status st;

    if (binding->buf == NULL) {
        binding->buf = ir_alloc(2 * IR_CLIENT_BUF);
        if (binding->buf == NULL) {
            return ir_binding_fail(binding, IRPC_NO_MEMORY, "out of memory");
        }
    }
    if (binding->endpoint[0] != '\0') {
        memcpy(binding->resolved, binding->endpoint, sizeof(binding->resolved));
    } else if (binding->group_id == 0 || binding->resolved[0] == '\0') {
        st = ir_binding_resolve(binding, interface);
        if (st != IRPC_OK) {
            return st;
        }
    }
    ir_binding_compose(binding);
    st = dial(binding, ir_dial_now() + binding->options.connect_ms);
    if (st != IRPC_OK) {
        return st;
    }
    ir_conn_init(&binding->engine, IR_CLIENT, &binding->config, binding, ir_dial_now());
    ir_conn_attach(&binding->engine, &binding->outq);
    return IRPC_OK;
}

/* --- negotiating --- */

static enum irpc_status refused(struct irpc_binding *binding, const struct ir_event *event)
{
    static const char *const reasons[] = {"reason not specified",
                                          "temporary congestion",
                                          "local limit exceeded",
                                          "called paddr unknown",
                                          "protocol version not supported",
                                          "default context unsupported",
                                          "user data not readable",
                                          "no PSAP available",
                                          "authentication type not recognized",
                                          "invalid checksum"};
    uint32_t reason = event->nak_reason;

    ir_binding_close(binding);
    enum irpc_status st = irpc_status_from_fault(event->status);
    if (event->reason != NULL) {
        return ir_binding_fail(binding, st, "%s: %s", binding->text, event->reason);
    }
    if (event->status != 0) {
        binding->fault = event->status;
        return ir_binding_fail(binding, st, "%s refused the interface with fault 0x%08x (%s)%s",
                               binding->text, event->status, irpc_status_text(st),
                               ir_binding_hint(binding, st));
    }
    binding->nak = (int)reason;
    binding->group_id = 0; /* perhaps it was that */
    return ir_binding_fail(
        binding, IRPC_BIND_REFUSED, "%s refused the bind: %s (%u)%s", binding->text,
        reason < IR_ARRAY_LEN(reasons) ? reasons[reason] : "unknown reason", reason,
        reason >= 8 && binding->provider != NULL ? "; try another security type" : "");
}

static enum irpc_status status_of_result(uint16_t result, uint16_t reason)
{
    if (result == 1) {
        return IRPC_ACCESS_DENIED;
    }
    return reason == 1 ? IRPC_ABSTRACT_SYNTAX_UNSUPPORTED : IRPC_TRANSFER_SYNTAX_UNSUPPORTED;
}

static enum irpc_status explain(struct irpc_binding *binding, const struct ir_client_context *c)
{
    char uuid[IRPC_UUID_TEXT_LEN];

    irpc_uuid_format(&c->interface.uuid, uuid);
    return ir_binding_fail(binding, c->st, "%s: interface %s version %u.%u: %s%s", binding->text,
                           uuid, c->interface.major, c->interface.minor, irpc_status_text(c->st),
                           ir_binding_hint(binding, c->st));
}

/* What the server made of the elements of @c. NDR64 counts if it took both; if it took none, what
 * it says of the interface counts before what it says of a transfer syntax. check: B13 */
static void take_results(struct irpc_binding *binding, struct ir_client_context *c,
                         const struct ir_bind_offer *offers, unsigned n)
{
    c->st = IRPC_PROTO_ERROR;
    for (unsigned i = n; i > 0; i--) {
        const struct ir_pcontext *context =
            ir_conn_context(&binding->engine, offers[i - 1].context_id);
        if (context == NULL) {
            continue;
        }
        if (context->transfer != IR_TRANSFER_NONE) {
            c->st = IRPC_OK;
            c->id = context->id;
            c->syntax = context->transfer == IR_TRANSFER_NDR64 ? IRPC_NDR64 : IRPC_NDR20;
            return;
        }
        if (c->st == IRPC_PROTO_ERROR || c->st == IRPC_TRANSFER_SYNTAX_UNSUPPORTED) {
            c->st = status_of_result(context->result, context->reason);
        }
    }
}

/* As Windows: an element for each transfer syntax. */
static enum irpc_status offer(struct irpc_binding *binding, const struct irpc_syntax_id *interface,
                              uint32_t transfers, uint16_t index)
{
    static const uint8_t masks[] = {IR_MASK_NDR20, IR_MASK_NDR64};
    struct ir_bind_offer offers[2];
    unsigned n = 0;
    for (unsigned i = 0; i < IR_ARRAY_LEN(masks); i++) {
        if (transfers & masks[i]) {
            offers[n++] = (struct ir_bind_offer){.abstract = *interface,
                                                 .context_id = (uint16_t)(2 * index + i),
                                                 .transfers = masks[i]};
        }
    }
    uint64_t deadline = ir_dial_now() + binding->options.connect_ms;
    struct ir_event event = {.type = IR_EVENT_NONE};
    enum irpc_status st = index == 0 ? ir_conn_bind(&binding->engine, offers, n, binding->group_id)
                                     : ir_conn_alter(&binding->engine, offers, n);

    if (st != IRPC_OK) {
        bool secure = st == IRPC_ACCESS_DENIED || st == IRPC_SEC_PKG_ERROR;
        ir_binding_close(binding);
        return ir_binding_fail(binding, st, "%s: binding is not possible%s%s: %s", binding->text,
                               secure ? ", for there are no credentials for " : "",
                               secure ? binding->target : "", irpc_status_text(st));
    }
    st = ir_binding_send(binding, deadline);
    if (st == IRPC_OK) {
        st = ir_binding_receive(binding, deadline, &event);
    }
    if (st == IRPC_OK) { /* a last token of ours */
        st = ir_binding_send(binding, deadline);
    }
    if (st != IRPC_OK) {
        return st;
    }
    if (event.type != IR_EVENT_BOUND) {
        return refused(binding, &event);
    }
    struct ir_client_context *c = &binding->contexts[index];
    c->interface = *interface;
    c->offered = transfers;
    take_results(binding, c, offers, n);
    binding->n_contexts = (uint16_t)(index + 1);
    binding->group_id = ir_conn_group_id(&binding->engine);
    return IRPC_OK;
}

static bool same_interface(const struct irpc_syntax_id *a, const struct irpc_syntax_id *b)
{
    return a->major == b->major && a->minor == b->minor &&
           irpc_uuid_compare(&a->uuid, &b->uuid) == 0;
}

/* A connection that has been silent may be gone: look before a call is sent over it. */
static void drop_if_gone(struct irpc_binding *binding)
{
    uint8_t byte;

    if (binding->fd < 0 || ir_dial_now() - binding->active_ms < STALE_MS) {
        return;
    }
    ssize_t n = recv(binding->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        ir_binding_close(binding);
        binding->group_id = 0;
    }
}

static enum irpc_status connect_and_offer(struct irpc_binding *binding,
                                          const struct irpc_syntax_id *interface,
                                          uint32_t transfers, uint16_t index)
{
    enum irpc_status st = binding->fd < 0 ? open_connection(binding, interface) : IRPC_OK;

    return st == IRPC_OK ? offer(binding, interface, transfers, index) : st;
}

/* An association group ends with its last connection, and with its server, which may be back at
 * another port: whoever comes too late to join it begins a new one. */
static enum irpc_status offer_again(struct irpc_binding *binding,
                                    const struct irpc_syntax_id *interface, uint32_t transfers,
                                    enum irpc_status st)
{
    bool moved = st == IRPC_SERVER_UNAVAILABLE && binding->endpoint[0] == '\0';

    if (!moved && st != IRPC_BIND_REFUSED) {
        return st;
    }
    binding->group_id = 0;
    ir_binding_begin(binding);
    return connect_and_offer(binding, interface, transfers, 0);
}

static enum irpc_status negotiate_new(struct irpc_binding *binding,
                                      const struct irpc_syntax_id *interface, uint32_t transfers,
                                      const struct ir_client_context **ret_context)
{
    uint16_t index = binding->n_contexts;
    bool rejoins = binding->fd < 0 && binding->group_id != 0;

    if (binding->wanted.level != 0 && binding->provider == NULL) {
        return ir_binding_fail(binding, IRPC_INVALID_STATE,
                               "the string binding asks for security, and there are no "
                               "credentials: give them with irpc_binding_set_auth()");
    }
    if (index == IR_CLIENT_CONTEXTS_MAX) {
        return ir_binding_fail(binding, IRPC_LIMIT,
                               "more than %u interfaces over one binding; take another binding",
                               IR_CLIENT_CONTEXTS_MAX);
    }
    enum irpc_status st = connect_and_offer(binding, interface, transfers, index);
    if (rejoins && st != IRPC_OK) {
        st = offer_again(binding, interface, transfers, st);
    }
    if (st != IRPC_OK) {
        return st;
    }
    if (binding->contexts[index].st != IRPC_OK) {
        enum irpc_status why = explain(binding, &binding->contexts[index]);
        if (ir_conn_wants_close(&binding->engine)) { /* and its security was left unfinished */
            ir_binding_close(binding);
        }
        return why;
    }
    *ret_context = &binding->contexts[index];
    return IRPC_OK;
}

static uint32_t mask_of(int syntax)
{
    return syntax == IRPC_NDR64 ? IR_MASK_NDR64 : IR_MASK_NDR20;
}

uint32_t ir_binding_transfers(const struct irpc_binding *binding)
{
    switch (binding->options.transfer) {
    case IRPC_TRANSFER_NDR20:
        return IR_MASK_NDR20;
    case IRPC_TRANSFER_NDR64:
        return IR_MASK_NDR64;
    case IRPC_TRANSFER_DEFAULT:
    default:
        return IR_MASK_NDR20 | IR_MASK_NDR64;
    }
}

enum irpc_status ir_binding_negotiate(struct irpc_binding *binding,
                                      const struct irpc_syntax_id *interface, uint32_t transfers,
                                      const struct ir_client_context **ret_context)
{
    drop_if_gone(binding);
    for (uint16_t i = 0; i < binding->n_contexts; i++) {
        const struct ir_client_context *c = &binding->contexts[i];
        bool suits =
            c->offered == transfers || (c->st == IRPC_OK && (transfers & mask_of(c->syntax)) != 0);
        if (suits && same_interface(&c->interface, interface)) {
            if (c->st != IRPC_OK) {
                return explain(binding, c);
            }
            *ret_context = c;
            return IRPC_OK;
        }
    }
    return negotiate_new(binding, interface, transfers, ret_context);
}

enum irpc_status irpc_binding_connect(struct irpc_binding *binding,
                                      const struct irpc_syntax_id *interface)
{
    const struct ir_client_context *context;

    ir_binding_begin(binding);
    return ir_binding_negotiate(binding, interface, ir_binding_transfers(binding), &context);
}

enum irpc_status irpc_binding_transfer(struct irpc_binding *binding,
                                       const struct irpc_syntax_id *interface,
                                       enum irpc_transfer *ret_transfer)
{
    const struct ir_client_context *context;

    ir_binding_begin(binding);
    enum irpc_status st =
        ir_binding_negotiate(binding, interface, ir_binding_transfers(binding), &context);
    if (st == IRPC_OK) {
        *ret_transfer = context->syntax == IRPC_NDR64 ? IRPC_TRANSFER_NDR64 : IRPC_TRANSFER_NDR20;
    }
    return st;
}
