/*
 * The protocol engine of one connection, server or client role: bytes and time come in as
 * arguments, events and output come out. It opens no socket, reads no clock, logs nothing.
 * [C706] chapters 9 and 12, [MS-RPCE] 3.3.
 *
 *     server                                      client
 *     ir_conn_init(IR_SERVER)                     ir_conn_init(IR_CLIENT)
 *     ir_conn_attach(outq)                        ir_conn_attach(outq)
 *     loop: ir_conn_receive() -> event            ir_conn_bind()
 *       CALL: decode event.stub, run,             loop: ir_conn_receive() -> BOUND, REPLY, FAULT
 *         ir_conn_reply_begin(), encode,            ir_conn_call_begin(), encode,
 *         ir_conn_reply_end() or ir_conn_fault()    ir_conn_call_end()
 *     after each wake-up: send outq, then close if ir_conn_wants_close(), then arm
 *     ir_conn_deadline()
 *
 * A connection belongs to one thread at a time. Nothing here blocks.
 */
#pragma once

#include <ironrpc/types.h>

#include "auth/provider.h"
#include "engine/outq.h"

struct ir_blocks; /* base/blocks.h */
struct ir_conn;
struct ir_partial;  /* engine/reassembly.h */
struct ir_security; /* engine/security.h */

enum ir_role {
    IR_SERVER,
    IR_CLIENT
};

/* Whose answers ours are like, where generations of Windows differ (bind refusals, padding). */
enum ir_generation {
    IR_GENERATION_2022,
    IR_GENERATION_2012R2
};

/* Transfer syntaxes: index in events and contexts; (1u << index) in masks. */
enum ir_transfer {
    IR_TRANSFER_NDR20,
    IR_TRANSFER_NDR64,
    IR_TRANSFER_NONE = 0xff
};

#define IR_MASK_NDR20 (1u << IR_TRANSFER_NDR20)
#define IR_MASK_NDR64 (1u << IR_TRANSFER_NDR64)

/* Fragment maxima of the transports. */
#define IR_FRAG_MAX_TCP 5840u
#define IR_FRAG_MAX_PIPE 4280u

#define IR_AUTH_PROVIDERS_MAX 8u
#define IR_AUTH_CONTEXTS_MAX 8u /* check: A11 */

/* --- configuration: one constant object for many connections --- */

struct ir_conn_limits {
    uint32_t stub;          /* reassembled stub bytes of a call             check: R05 F05 */
    uint32_t fragments;     /* fragments of a call                          check: F06 */
    uint32_t bind_frag;     /* frag_length of bind and alter_context        check: H09 */
    uint16_t contexts;      /* presentation contexts of a connection        check: B10 */
    uint16_t offered;       /* context elements of one bind                 check: B06 */
    uint16_t calls;         /* calls open at once with CONC_MPX, <= 255     check: R09 */
    uint16_t partial;       /* client: fragmented replies at once, <= 8     check: F03 */
    uint16_t auth_contexts; /* security contexts, <= IR_AUTH_CONTEXTS_MAX  check: A11 */
    uint16_t auth_legs;     /* tokens of the peer for one of them          check: A11 */
    uint32_t auth_bytes;    /* of all these tokens together                check: T14 */
    /* Milliseconds; 0: no such limit.                                         check: L01 */
    uint32_t first_byte_ms; /* server: accept to first byte */
    uint32_t header_ms;     /* first byte of a PDU to its 16th */
    uint32_t pdu_ms;        /* first byte of a PDU to its last */
    uint32_t bind_ms;       /* server: accept to bind */
    uint32_t fragments_ms;  /* first fragment of a call to its last         check: F06 */
    uint32_t idle_ms;       /* server: without open call and without PDU */
    uint32_t auth_ms;       /* server: first to last token of a security context  check: A11 */
};

/*
 * What the server decides for the engine: plain functions, no blocking, no call back into the
 * engine. @user is the connection's, from ir_conn_init(). check: B16 B19 B20
 */
struct ir_conn_host {
    /*
     * The interface that @abstract names, as this endpoint offers it (major equal, minor not above
     * ours). *ret_iface comes back in CALL events; *ret_transfers is a mask of IR_MASK_NDRxx.
     * Return: IRPC_OK; IRPC_UNKNOWN_IF (result 2 reason 1); IRPC_ACCESS_DENIED (result 1 reason 3).
     */
    enum irpc_status (*find_interface)(void *user, const struct irpc_syntax_id *abstract,
                                       const void **ret_iface, uint32_t *ret_transfers);

    /* The context is about to be accepted; anything but IRPC_OK refuses it (1/3). May be NULL. */
    enum irpc_status (*accept_context)(void *user, const void *iface, uint16_t context_id);

    /*
     * Join association group @wanted (never 0) or make a new one (@wanted 0). The group lives in
     * the server until its last connection has left.
     * Return: IRPC_OK; IRPC_NOT_FOUND (bind_nak 0); IRPC_LIMIT, IRPC_NO_MEMORY (bind_nak 1).
     */
    enum irpc_status (*assoc_join)(void *user, uint32_t wanted, void **ret_group,
                                   uint32_t *ret_group_id);
    void (*assoc_leave)(void *user, void *group);
};

/* The security that a server offers, at most one provider for a type. Outlives its connections. */
struct ir_auth_list {
    struct irpc_auth_provider *providers[IR_AUTH_PROVIDERS_MAX];
    unsigned n;
};

struct ir_conn_config {
    struct ir_conn_limits limits;
    const struct ir_conn_host *host;     /* server only */
    const struct ir_auth_list *auth;     /* server; NULL: no security */
    struct irpc_auth_provider *provider; /* client; NULL: no security */
    const char *target;                  /* client: for ir_auth_begin */
    uint8_t level;                       /* client: CONNECT, PACKET, INTEGRITY or PRIVACY */
    struct ir_blocks *blocks;      /* where memory of large calls comes from; NULL: the heap */
    const char *secondary_address; /* of bind_ack: "135", "\\PIPE\\lsass"; NULL: empty */
    enum ir_generation generation;
    uint32_t frag_max;  /* IR_FRAG_MAX_...: largest request, and cap of both sizes */
    uint32_t transfers; /* server: mask of what ndr can do; client: unused */
    uint32_t
        features;  /* IR_FEATURE_... of base/syntax.h. Server: granted; client: asked for, or 0 */
    bool conc_mpx; /* grant (server) or ask for (client) concurrent multiplexing */
};

/* Defaults of both roles: all limits set, TCP, 2022, NDR20 only, CONC_MPX. */
void ir_conn_config_init(struct ir_conn_config *config, enum ir_role role);

/* --- events --- */

enum ir_event_type {
    IR_EVENT_NONE,     /* nothing to do (perhaps output to send) */
    IR_EVENT_CALL,     /* server: a whole request */
    IR_EVENT_CANCEL,   /* server: the client would like `call` to end; it still wants the answer */
    IR_EVENT_ORPHANED, /* server: the client no longer waits for `call`; answering it is harmless */
    IR_EVENT_BOUND,    /* client: bind or alter_context answered; see ir_conn_context() */
    IR_EVENT_REFUSED,  /* client: bind_nak (`nak_reason`), or a fault instead of alter's answer */
    IR_EVENT_REPLY,    /* client: whole reply to `call` */
    IR_EVENT_FAULT,    /* client: fault to `call`: `status`, `did_not_execute` */
    IR_EVENT_SHUTDOWN, /* client: the server asks us to close when idle */
    IR_EVENT_REJECTED  /* the peer broke a rule: log it; the answer, if any, is in the output */
};

/* Only the fields named for the type are set. */
struct ir_event {
    enum ir_event_type type;
    uint32_t call;    /* CALL CANCEL ORPHANED REPLY FAULT: token for the calls below */
    uint32_t call_id; /* those and REJECTED: as on the wire */
    /*
     * CALL REPLY: the stub data. stub_memory NULL: borrowed from the bytes given to
     * ir_conn_receive(), and gone with them. Otherwise stub lies in stub_memory, which now belongs
     * to the receiver of the event: ir_block_put() of config->blocks, which is ir_free() if NULL.
     */
    struct irpc_span stub;
    void *stub_memory;
    size_t stub_memory_len;
    bool big_endian; /* CALL REPLY */

    bool plain;       /* CALL: borrowed stub, no security, no object */
    bool maybe;       /* CALL: PFC_MAYBE; it is answered all the same, check: R07 */
    bool has_object;  /* CALL */
    uint8_t transfer; /* CALL: enum ir_transfer */
    uint16_t context_id;
    uint16_t opnum;
    const void *iface; /* CALL: from find_interface() */
    struct irpc_uuid object;

    uint32_t status;      /* FAULT, REFUSED after alter_context */
    uint32_t nak_reason;  /* REFUSED */
    bool did_not_execute; /* FAULT */

    bool answered;      /* server, other than CALL: a PDU was put into the output */
    bool nak;           /* REJECTED: the answer is a bind_nak */
    const char *check;  /* REJECTED: number of the check, "F05"; static */
    const char *reason; /* REJECTED: English phrase, static; REFUSED: likewise if we refused, by
                         * `status`, and not the server; else NULL */
};

/* --- the connection --- */

#define IR_CONN_INLINE_CONTEXTS 4
#define IR_CONN_INLINE_CALLS 4

struct ir_pcontext {
    const void *iface; /* server: from find_interface(); client: the offer's user */
    uint16_t id;
    uint8_t transfer;  /* enum ir_transfer; NONE: refused (client) */
    uint8_t transfers; /* client: mask offered */
    bool verified;     /* client: told to the server in a verification trailer */
    uint16_t result;   /* client: of bind_ack, [C706] 12.6.3.1 p_cont_def_result_t */
    uint16_t reason;
    struct irpc_syntax_id abstract; /* client */
};

struct ir_conn_call {
    uint32_t call_id;
    uint32_t token; /* generation << 8 | slot; 0: free */
    uint16_t context_id;
    uint16_t opnum;   /* client */
    uint8_t state;    /* engine/conn.h */
    uint8_t security; /* which of the security contexts, from 1; 0: none */
};

/* Private to the engine; visible so that it can be embedded. */
struct ir_conn {
    const struct ir_conn_config *config;
    void *user;
    struct ir_outq *outq;
    void *group; /* server: from assoc_join() */
    struct ir_pcontext *contexts;
    struct ir_conn_call *calls;
    struct ir_partial *partial;   /* fragmented PDUs being received */
    struct ir_security *security; /* NULL: no security context was ever asked for */
    struct ir_auth_wake *wake;    /* server: for steps that are pending; NULL: none may be */
    uint64_t opened_ms;
    uint64_t active_ms; /* last PDU */
    uint64_t pdu_ms;    /* first byte of the unfinished PDU */
    uint32_t group_id;
    uint32_t features;     /* granted */
    uint32_t next_call_id; /* client */
    uint32_t bind_call_id; /* client: of the bind or alter_context in flight */
    uint32_t generation;   /* of call tokens, in place: << IR_CALL_SLOT_BITS */
    uint32_t out_mark;     /* start of the PDU between begin and end */
    uint16_t out_head;     /* length of its head */
    uint16_t n_contexts;
    uint16_t cap_contexts;
    uint16_t n_calls; /* open */
    uint16_t cap_calls;
    uint16_t xmit;       /* largest fragment we send */
    uint16_t recv;       /* client: largest fragment that the server may send */
    uint16_t offer_base; /* client: first context of the bind or alter_context in flight */
    uint8_t pdu_seen;    /* bytes of the unfinished PDU: 0, up to 15, 16 for more */
    uint8_t n_partial;
    uint8_t n_legs; /* security contexts that are not finished */
    bool close;
    uint8_t role;
    uint8_t state; /* engine/state.h */
    bool plain;    /* server, bound, no security context: most requests are plain ones */
    bool any_byte; /* something was ever received */
    bool mpx;
    bool sign_header;    /* offered once: heads and trailers are signed from then on */
    bool waiting;        /* server: for a step that is pending: nothing is received */
    bool shutdown;       /* client: the server said so */
    bool in_leg;         /* client: the alter_context in flight only carries a token */
    bool offer_features; /* client: the last element of the offer asks for features */
    struct ir_pcontext inline_contexts[IR_CONN_INLINE_CONTEXTS];
    struct ir_conn_call inline_calls[IR_CONN_INLINE_CALLS];
};

/* Start a connection opened at @now_ms. @config and its strings outlive it. Allocates nothing. */
void ir_conn_init(struct ir_conn *conn, enum ir_role role, const struct ir_conn_config *config,
                  void *user, uint64_t now_ms);

/* Free everything, leave the association group; open calls are dead. The outq is the caller's. */
void ir_conn_deinit(struct ir_conn *conn);

/* Append output to @outq from now on; NULL: until the next attach nothing that writes is called. */
static inline void ir_conn_attach(struct ir_conn *conn, struct ir_outq *outq)
{
    conn->outq = outq;
}

/* The queue attached. */
static inline const struct ir_outq *ir_conn_outq(const struct ir_conn *conn)
{
    return conn->outq;
}

/*
 * Handle at most one whole PDU at the start of @bytes[@len], which are all bytes received and not
 * yet consumed; sealed stub data is decrypted in place. *ret_consumed is its length, or 0: call
 * again when there are more bytes than now. After a violation (REJECTED with ir_conn_wants_close())
 * everything is consumed unread. Both ret_ are always set. Return: IRPC_OK, also for violations of
 * the peer; IRPC_NO_MEMORY, IRPC_LIMIT (output buffer full): close the connection. check: H15 H16
 * H17 R17
 */
IRPC_CHECKED ir_conn_receive(struct ir_conn *conn, uint8_t *bytes, size_t len, uint64_t now_ms,
                             size_t *ret_consumed, struct ir_event *ret_event);

/*
 * Server, before the first byte: security providers may take their time over a token, and call
 * @wake when they are done, from any thread. Until then ir_conn_is_waiting(), and ir_conn_receive()
 * consumes nothing. When @wake is called, on the connection's own thread: ir_conn_resume(), then
 * ir_conn_receive() with the same bytes as before, and more if there are. Output that is not about
 * receiving goes on meanwhile. @wake stays until ir_conn_deinit() has returned, after which it is
 * not called.
 */
static inline void ir_conn_set_wake(struct ir_conn *conn, struct ir_auth_wake *wake)
{
    conn->wake = wake;
}

static inline bool ir_conn_is_waiting(const struct ir_conn *conn)
{
    return conn->waiting;
}

static inline void ir_conn_resume(struct ir_conn *conn)
{
    conn->waiting = false;
}

/*
 * Whether to close once the output is sent. The peer may be sending still: shut the writing side
 * down and drain what comes for a moment, or the answer is lost in a reset.
 */
static inline bool ir_conn_wants_close(const struct ir_conn *conn)
{
    return conn->close;
}

/* Ask for that: nothing more is read. */
static inline void ir_conn_close(struct ir_conn *conn)
{
    conn->close = true;
}

/* The peer will send no more. REJECTED (S04) inside a PDU or a fragmented call, else NONE.
 * Calls that run may still be answered. check: S03 S04 H01 */
void ir_conn_on_eof(struct ir_conn *conn, struct ir_event *ret_event);

/* When to call ir_conn_on_deadline(): absolute milliseconds, UINT64_MAX: never.
 * Changes with every call of a function above or below. check: L01 F06 */
uint64_t ir_conn_deadline(const struct ir_conn *conn);

/* Whether its deadline, if it changed since the last ir_conn_deadline(), only moved away. */
static inline bool ir_conn_is_quiet(const struct ir_conn *conn)
{
    return conn->pdu_seen == 0 && conn->n_partial == 0 && conn->n_legs == 0;
}

/* REJECTED and ir_conn_wants_close() if a deadline has passed at @now_ms, else NONE. */
void ir_conn_on_deadline(struct ir_conn *conn, uint64_t now_ms, struct ir_event *ret_event);

/* The context @context_id as negotiated, or NULL. */
static inline const struct ir_pcontext *ir_conn_context(const struct ir_conn *conn,
                                                        uint16_t context_id)
{
    for (unsigned i = 0; i < conn->n_contexts; i++) {
        if (conn->contexts[i].id == context_id) {
            return &conn->contexts[i];
        }
    }
    return NULL;
}

/* The association group: 0 before the bind was answered. */
static inline uint32_t ir_conn_group_id(const struct ir_conn *conn)
{
    return conn->group_id;
}

/* Requests not yet answered. */
static inline unsigned ir_conn_open_calls(const struct ir_conn *conn)
{
    return conn->n_calls;
}

/* Heap bytes held by calls whose fragments are still coming: for a budget over all connections,
 * which is the server's. */
size_t ir_conn_partial_bytes(const struct ir_conn *conn);

/*
 * Server: who sent the open call @call: stays as long as the connection. NULL: nobody was
 * authenticated, or the call is not open. It is the identity of the security context of the call,
 * on this connection, never of the association group.
 */
const struct irpc_auth_identity *ir_conn_identity(const struct ir_conn *conn, uint32_t call);

/*
 * Server: find the verification trailer at the end of the stub data of the CALL @event, compare it
 * with what was negotiated and take it off the stub data. Nothing is done for a call whose context
 * does not protect it. @abstract: the interface's. [MS-RPCE] 2.2.2.13, 3.3.3.5; check: A15
 * Return: IRPC_OK; IRPC_ACCESS_DENIED (*ret_check, *ret_reason say why): fault it and close.
 */
IRPC_CHECKED ir_conn_check_verification(const struct ir_conn *conn, struct ir_event *event,
                                        const struct irpc_syntax_id *abstract,
                                        const char **ret_check, const char **ret_reason);

/* Server: how many security contexts were established, and how many failed, so far. */
void ir_conn_count_auth(const struct ir_conn *conn, uint8_t *ret_done, uint8_t *ret_failed);

/* Whether one of the security contexts protects each fragment (level PACKET and above). */
bool ir_conn_is_protected(const struct ir_conn *conn);

/* Whether CONC_MPX was negotiated: several calls may be open at once. */
static inline bool ir_conn_has_mpx(const struct ir_conn *conn)
{
    return conn->mpx;
}

/* --- server role ---
 *
 * @call is event.call. A call is answered once; IRPC_NO_CALL_ACTIVE tells that @call is not open
 * (any more), and nothing was done. Between begin and end nothing else may be called.
 */

/*
 * Start the response: *ret_out is the place for the stub data (little-endian, origin set), which
 * the caller encodes straight into the output.
 * Return: IRPC_OK, IRPC_NO_CALL_ACTIVE, IRPC_NO_MEMORY, IRPC_LIMIT.
 */
IRPC_CHECKED ir_conn_reply_begin(struct ir_conn *conn, uint32_t call, struct ir_out **ret_out);

/*
 * Finish it: fragments as negotiated, without copying stub data. Ends the call.
 * Return: IRPC_OK; the error of *ret_out or IRPC_NO_MEMORY: as after abort.
 */
IRPC_CHECKED ir_conn_reply_end(struct ir_conn *conn, uint32_t call);

/*
 * begin and end in one, for a reply of which is known that it has @stub_len bytes and is one
 * fragment: *ret_stub is where the caller puts them, before anything else is done with @conn.
 * Only while @conn has no security (conn->security is NULL): nothing would protect them.
 * Return: IRPC_OK; else the call is still open: IRPC_NO_CALL_ACTIVE, IRPC_NO_MEMORY, IRPC_LIMIT.
 */
IRPC_CHECKED ir_conn_reply_short(struct ir_conn *conn, uint32_t call, uint32_t stub_len,
                                 uint8_t **ret_stub);

/* Take back what was written since begin; the call is still open: fault it. */
void ir_conn_reply_abort(struct ir_conn *conn, uint32_t call);

/*
 * Answer with a fault (@status on the wire; 0 and what [MS-RPCE] forbids becomes
 * nca_s_fault_unspec). Ends the call. @did_not_execute: the manager
 * routine was not entered. [C706] 12.6.4.7, [MS-RPCE] 2.2.2.8
 * Return: IRPC_OK, IRPC_NO_CALL_ACTIVE, IRPC_NO_MEMORY, IRPC_LIMIT.
 */
IRPC_CHECKED ir_conn_fault(struct ir_conn *conn, uint32_t call, uint32_t status,
                           bool did_not_execute);

/* End the call without an answer (orphaned calls whose handler stopped). */
void ir_conn_drop(struct ir_conn *conn, uint32_t call);

/* --- client role --- */

struct ir_bind_offer {
    struct irpc_syntax_id abstract;
    uint16_t context_id;
    uint8_t transfers; /* mask of IR_MASK_NDRxx, offered in this element */
    const void *user;  /* comes back as ir_pcontext.iface */
};

/*
 * Send bind with @n offers (1..limits.offered), joining @group_id (0: a new group).
 * Windows clients offer NDR20 and NDR64 as two elements with different ids.
 * Return: IRPC_OK, IRPC_INVALID_STATE (not first), IRPC_INVALID_ARG, IRPC_NO_MEMORY, IRPC_LIMIT.
 */
IRPC_CHECKED ir_conn_bind(struct ir_conn *conn, const struct ir_bind_offer *offers, unsigned n,
                          uint32_t group_id);

/* Add contexts with alter_context; one at a time. As ir_conn_bind(). check: B04 */
IRPC_CHECKED ir_conn_alter(struct ir_conn *conn, const struct ir_bind_offer *offers, unsigned n);

/*
 * Start a request: *ret_out takes the stub data, as in ir_conn_reply_begin().
 * @object: NULL for none. *ret_call names the call in events.
 * Return: IRPC_OK; IRPC_INVALID_STATE (not bound, or an alter_context is unanswered, or a call is
 * open without CONC_MPX); IRPC_INVALID_ARG (context not accepted); IRPC_LIMIT (too many calls);
 * IRPC_NO_MEMORY. check: R09 R10
 */
IRPC_CHECKED ir_conn_call_begin(struct ir_conn *conn, uint16_t context_id, uint16_t opnum,
                                const struct irpc_uuid *object, struct ir_out **ret_out,
                                uint32_t *ret_call);

/* Finish it, in as many fragments as needed. On failure the call is gone, as after abort. */
IRPC_CHECKED ir_conn_call_end(struct ir_conn *conn, uint32_t call);

/* Take the unfinished request back. */
void ir_conn_call_abort(struct ir_conn *conn, uint32_t call);

/* Send co_cancel: the answer still comes. IRPC_NO_CALL_ACTIVE if @call is not open. */
IRPC_CHECKED ir_conn_cancel(struct ir_conn *conn, uint32_t call);

/* Send orphaned and forget the call: an answer that comes all the same is dropped. */
IRPC_CHECKED ir_conn_orphan(struct ir_conn *conn, uint32_t call);
