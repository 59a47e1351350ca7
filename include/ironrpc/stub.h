/*
 * All that generated code includes: the runtime's side of stubs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_STUB_H
#define IRONRPC_STUB_H

#include <ironrpc/ndr_type.h>
#include <ironrpc/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct irpc_binding; /* client.h */
struct irpc_call;    /* server.h */

/**
 * struct irpc_context_handle - a [context_handle] as it is on the wire, [C706] 14.2.16.6; all
 * zero is the NULL handle. Clients keep and pass it unopened. Managers make one with
 * irpc_context_new() and get their object back with irpc_context_data().
 */
struct irpc_context_handle {
    uint32_t attributes;
    struct irpc_uuid uuid;
};

/**
 * struct irpc_pipe_chunk - elements that a pipe carries in one piece, at least one.
 */
struct irpc_pipe_chunk {
    struct irpc_pipe_chunk *next;
    void *elements; /* T[n] */
    uint32_t n;
};

/**
 * struct irpc_pipe - a pipe parameter, [C706] 4.2.14: what went, or will go, through it, chunk by
 * chunk as on the wire. A zeroed one is empty. Who sends it owns the chunks until the call is
 * over; what is received belongs to the call, as all of its parameters do. A pipe is whole before
 * a manager runs and after it has returned: its size is limited as that of the request and reply.
 */
struct irpc_pipe {
    struct irpc_pipe_chunk *first;
    struct irpc_pipe_chunk *last;
};

/** irpc_pipe_append() - put @chunk, borrowed, at the end of @pipe. */
static inline void irpc_pipe_append(struct irpc_pipe *pipe, struct irpc_pipe_chunk *chunk)
{
    chunk->next = 0;
    if (pipe->last) {
        pipe->last->next = chunk;
    } else {
        pipe->first = chunk;
    }
    pipe->last = chunk;
}

/**
 * struct irpc_interface_pointer - what travels for an interface pointer: an OBJREF as COM
 * marshalled it ([MS-DCOM] 2.2.18), opaque here. Stubs have it where the IDL has IFoo, or void
 * with [iid_is].
 */
struct irpc_interface_pointer {
    uint32_t size;
    uint8_t data[1]; /* size bytes */
};

/*
 * Converted types. Stubs and structs of ours have the type that travels: X for a typedef with
 * [transmit_as(X)] or [wire_marshal(X)], the declared type for [represent_as(Y)] and
 * [user_marshal(Y)]. Programs convert values where they use them.
 */

/**
 * struct irpc_interface - an interface as the compiler describes it; constant, generated
 * (NAME_vMAJOR_MINOR_interface).
 */
struct irpc_interface {
    uint32_t contract; /* IRPC_CONTRACT */
    struct irpc_syntax_id id;
    const char *name;
    const struct irpc_ndr_unit *unit;
};

/**
 * irpc_stub_dispatch_fn - generated: unpack @args (the operation's struct of arguments) and call
 * its function in @manager.
 * Return: the manager's status; IRPC_PENDING if it completes the call later.
 */
typedef enum irpc_status irpc_stub_dispatch_fn(struct irpc_call *call, const void *manager,
                                               void *args);

/** struct irpc_server_stub - server side of an interface; generated (NAME_vMAJOR_MINOR_server). */
struct irpc_server_stub {
    const struct irpc_interface *interface;
    uint32_t n_dispatch;                    /* = interface->unit->n_ops */
    irpc_stub_dispatch_fn *const *dispatch; /* by opnum; NULL: op_rng_error */
};

/**
 * irpc_stub_call() - client stubs end here: marshal the [in] parameters out of @args, call
 * operation @opnum of @interface over @binding, unmarshal the [out] parameters into @args.
 *
 * Top-level [ref] pointers in @args point to the caller's memory, which is filled in place; so do
 * [in, out] ones of the other kinds that are not NULL, unless the reply has NULL for them.
 * Everything else that the reply brings is allocated by @binding and stays until its next call has
 * ended, or irpc_binding_reset(). Blocks; one thread at a time per binding.
 * Return: IRPC_OK; IRPC_INVALID_ARG (@binding is NULL, as an implicit handle that was not set);
 * or a status that client.h names.
 */
IRPC_API IRPC_CHECKED irpc_stub_call(struct irpc_binding *binding,
                                     const struct irpc_interface *interface, uint32_t opnum,
                                     void *args);

/**
 * irpc_stub_report() - client stubs of operations with [comm_status] or [fault_status] end here:
 * put the Windows code of a failed call (irpc_status_rpc_s(), irpc_fault_rpc_s()) where the program
 * looks for it. @comm: for calls that did not come through; @fault: for those that the server
 * answered with a fault; NULL: not asked for. Mistakes of the caller, such as a NULL binding, are
 * in no place but the status.
 * Return: IRPC_OK when the code was stored or @status is that; otherwise @status.
 */
IRPC_API IRPC_CHECKED irpc_stub_report(const struct irpc_binding *binding, enum irpc_status status,
                                       uint32_t *comm, uint32_t *fault);

#ifdef __cplusplus
}
#endif
#endif
