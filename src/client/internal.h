/*
 * What the files of the client share.
 *
 *   binding.c  string binding, options, text
 *   connect.c  dial, bind, alter_context
 *   call.c     one call: encode, send, receive, decode
 *   resolve.c  endpoint by the endpoint mapper
 */
#pragma once

#include <ironrpc/client.h>

#include "base/arena.h"
#include "engine/engine.h"
#include "ndr/ndr.h"
#include "transport/addr.h"
#include "transport/dial.h"

#define IR_CLIENT_CONTEXTS_MAX 32u
#define IR_CLIENT_BUF (64u * 1024u)
#define IR_CLIENT_TARGET 280 /* bytes of a service principal with NUL */

/* An interface that was offered on the connection; of index i with the context ids 2i and 2i + 1.
 */
struct ir_client_context {
    struct irpc_syntax_id interface;
    enum irpc_status st; /* of the negotiation */
    uint32_t offered;    /* IR_MASK_NDR20, IR_MASK_NDR64 */
    uint16_t id;         /* of the element that the server accepted, */
    int syntax;          /* IRPC_NDR20, IRPC_NDR64: and its transfer syntax */
};

struct irpc_binding {
    struct irpc_binding_options options;
    char runtime_dir[96];
    bool local; /* ncalrpc */
    bool has_object;
    struct irpc_uuid object;
    char address[256];  /* host; "" for ncalrpc */
    char endpoint[112]; /* as given; "" if the mapper is to be asked */
    char resolved[112]; /* what is or was last connected to */
    char text[400];     /* irpc_binding_endpoint() */

    struct irpc_auth_provider *provider; /* NULL: no security */
    uint8_t level;
    char target[IR_CLIENT_TARGET]; /* "host/" and the address, or what was given */
    struct {                       /* what the string binding asks for */
        uint8_t level;             /* 0: no security */
        uint8_t type;              /* 0: any */
        char target[IR_CLIENT_TARGET];
    } wanted;

    int fd; /* -1: not connected */
    struct ir_conn engine;
    struct ir_conn_config config;
    struct ir_outq outq;
    struct ir_client_context contexts[IR_CLIENT_CONTEXTS_MAX];
    uint16_t n_contexts;
    uint32_t group_id; /* to join; 0: a new group */
    uint64_t active_ms;

    uint8_t *buf; /* input: [buf_off, buf_len) is not consumed */
    size_t buf_off;
    size_t buf_len;

    /* What the last reply brought, and its reassembled stub data or NULL; during a call also those
     * of the call before, which may be arguments of this one. */
    struct ir_arena arena;
    void *reply_memory;
    struct ir_arena old_arena;
    void *old_memory;

    uint32_t fault;
    int nak;
    char error[512];
};

/* Set what irpc_binding_error() says; returns @st. */
enum irpc_status ir_binding_fail(struct irpc_binding *binding, enum irpc_status st, const char *fmt,
                                 ...) IR_PRINTF(3, 4);

/* What may be behind a refusal @st, to be put behind the sentence that tells it; "" if unknown. */
const char *ir_binding_hint(const struct irpc_binding *binding, enum irpc_status st);

/* Forget how the call before ended. */
void ir_binding_begin(struct irpc_binding *binding);

/* Compose irpc_binding_endpoint() again. */
void ir_binding_compose(struct irpc_binding *binding);

/* Close without forgetting the association group. */
void ir_binding_close(struct irpc_binding *binding);

/* Connected, and @interface negotiated with a transfer syntax among @transfers (a mask). */
IRPC_CHECKED ir_binding_negotiate(struct irpc_binding *binding,
                                  const struct irpc_syntax_id *interface, uint32_t transfers,
                                  const struct ir_client_context **ret_context);

/* Transfer syntaxes that the options allow: a mask. */
uint32_t ir_binding_transfers(const struct irpc_binding *binding);

/* Find the endpoint of @interface: fills @binding->resolved. */
IRPC_CHECKED ir_binding_resolve(struct irpc_binding *binding,
                                const struct irpc_syntax_id *interface);

/* Send all output. On failure the connection is closed. */
IRPC_CHECKED ir_binding_send(struct irpc_binding *binding, uint64_t deadline);

/* Receive until the engine has an event that is one. On failure the connection is closed. */
IRPC_CHECKED ir_binding_receive(struct irpc_binding *binding, uint64_t deadline,
                                struct ir_event *ret_event);
