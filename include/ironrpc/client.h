/*
 * Clients: bindings and synchronous calls.
 *
 * A binding is one server (or one endpoint of it) with at most one connection, opened when a call
 * needs it and again after it was lost: the call under way then fails, the next one does not, if
 * the server is there; context handles are lost with it, unless a copy kept the group. One thread
 * at a time per binding; irpc_binding_copy() gives another thread its own, in the same association
 * group.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_CLIENT_H
#define IRONRPC_CLIENT_H

#include <ironrpc/auth.h>
#include <ironrpc/stub.h>
#include <ironrpc/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** enum irpc_transfer - the encoding of parameters that a client asks for. */
enum irpc_transfer {
    IRPC_TRANSFER_DEFAULT, /* NDR64 if the server takes it, else NDR 2.0, as Windows */
    IRPC_TRANSFER_NDR20,
    IRPC_TRANSFER_NDR64
};

/** struct irpc_binding_options - 0 or NULL in any member means its default. */
struct irpc_binding_options {
    uint32_t connect_ms;     /* for connecting and for each step of binding; 10 s */
    uint32_t call_ms;        /* for one call, from its first to its last byte; 60 s */
    uint32_t max_stub;       /* bytes of one reply; 16 MiB */
    uint16_t mapper_port;    /* of the endpoint mapper; 135 */
    const char *runtime_dir; /* of ncalrpc sockets; default as server.h's irpc_runtime_dir() */
    const struct irpc_uuid *object; /* object UUID of every call; NULL: none */
    enum irpc_transfer transfer;    /* interfaces with pipes: NDR 2.0 by default, as Windows */
};

/**
 * irpc_binding_new() - a binding for @string_binding:
 *   "ncacn_ip_tcp:192.0.2.1[49152]"  host and port; a name is resolved when connecting
 *   "ncacn_ip_tcp:server"            the port comes from the server's endpoint mapper
 *   "ncacn_ip_tcp:::1[135]"          IPv6
 *   "ncalrpc:[hello]"                Unix socket in the runtime folder, or an absolute path
 *   "ncalrpc:"                       the endpoint comes from the local endpoint mapper
 *   "UUID@..."                       with an object UUID
 *   "ncacn_ip_tcp:server[135,sign]"  with security, see below
 * Nothing is sent yet. @options is copied; NULL for defaults.
 * Return: IRPC_OK (free with irpc_binding_free()), IRPC_BAD_STRING_BINDING (also if the port is
 * no number up to 65535, or the local endpoint no possible name), IRPC_PROTSEQ_UNSUPPORTED,
 * IRPC_NO_MEMORY. irpc_binding_error(NULL) has the reason in words.
 *
 * Options of security stand behind the endpoint, or in its place: a level (connect, packet, sign,
 * seal), a type (ntlm, spnego, krb5), target_principal=NAME or target_hostname=NAME, as Samba has
 * them. Calls fail then until irpc_binding_set_auth() has given credentials that do what is asked
 * for. Windows' "Security=Impersonation Dynamic True" is understood and changes nothing.
 */
IRPC_API IRPC_CHECKED irpc_binding_new(const char *string_binding,
                                       const struct irpc_binding_options *options,
                                       struct irpc_binding **ret_binding);

/** irpc_binding_free() - close the connection, free the binding and its replies. NULL is fine. */
IRPC_API void irpc_binding_free(struct irpc_binding *binding);

/**
 * irpc_binding_copy() - a binding to the same endpoint, with a connection of its own that joins
 * the association group of @binding, if that has one: context handles are valid on both.
 * Return: IRPC_OK, IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_binding_copy(const struct irpc_binding *binding,
                                        struct irpc_binding **ret_binding);

/**
 * irpc_binding_connect() - resolve, connect and negotiate @interface if that is not yet done. Calls
 * do it by themselves. Return: IRPC_OK; IRPC_INVALID_STATE (the string binding asks for security,
 * and there are no credentials); IRPC_SERVER_UNAVAILABLE; IRPC_TIMEOUT;
 * IRPC_EPT_NOT_REGISTERED or IRPC_NO_ENDPOINT (the mapper does not know the interface);
 * IRPC_BIND_REFUSED (see irpc_binding_nak()); IRPC_ABSTRACT_SYNTAX_UNSUPPORTED;
 * IRPC_TRANSFER_SYNTAX_UNSUPPORTED; IRPC_ACCESS_DENIED (the interface refused this client);
 * IRPC_CONNECTION_LOST; IRPC_PROTO_ERROR (the server's answer is malformed); IRPC_NO_MEMORY. After
 * IRPC_TIMEOUT, IRPC_CONNECTION_LOST and IRPC_PROTO_ERROR the connection is closed.
 */
IRPC_API IRPC_CHECKED irpc_binding_connect(struct irpc_binding *binding,
                                           const struct irpc_syntax_id *interface);

/**
 * irpc_binding_transfer() - irpc_binding_connect(), and which transfer syntax was agreed on for
 * @interface: IRPC_TRANSFER_NDR20 or IRPC_TRANSFER_NDR64. For callers that encode by themselves.
 * Return: as irpc_binding_connect().
 */
IRPC_API IRPC_CHECKED irpc_binding_transfer(struct irpc_binding *binding,
                                            const struct irpc_syntax_id *interface,
                                            enum irpc_transfer *ret_transfer);

/** irpc_binding_disconnect() - close the connection; the next call opens another. The association
 * group is forgotten: context handles of the server are lost. */
IRPC_API void irpc_binding_disconnect(struct irpc_binding *binding);

/**
 * irpc_binding_set_auth() - authenticate and protect the calls that follow by @provider, which gets
 * one more user; the connection is closed, the next call opens another. The endpoint mapper is
 * asked without.
 * @level: DEFAULT is what the string binding asks for, else PRIVACY; CALL is PACKET; NONE, with
 * @provider NULL: no more security.
 * @target: service principal of the server, "host/server.example"; NULL: that of the string
 * binding, else "host/" and the address of the binding (ncalrpc: this machine's name). Copied.
 * Return: IRPC_OK; IRPC_INVALID_ARG (level and provider do not go together, or are less or another
 * type than the string binding asks for, or the target is too long). What fails when connecting:
 * IRPC_SEC_PKG_ERROR (no credentials, or a server that is not who it should be),
 * IRPC_ACCESS_DENIED, IRPC_BIND_REFUSED.
 */
IRPC_API IRPC_CHECKED irpc_binding_set_auth(struct irpc_binding *binding,
                                            struct irpc_auth_provider *provider,
                                            enum irpc_auth_level level, const char *target);

/**
 * irpc_binding_wanted_auth() - what the options of the string binding ask for.
 * *@ret_type: NONE if any will do. Return: the least level; IRPC_AUTH_LEVEL_NONE if they ask for
 * nothing.
 */
IRPC_API enum irpc_auth_level irpc_binding_wanted_auth(const struct irpc_binding *binding,
                                                       enum irpc_auth_type *ret_type);

/** irpc_binding_reset() - free what replies brought, keep the connection. */
IRPC_API void irpc_binding_reset(struct irpc_binding *binding);

/** irpc_binding_set_object() - object UUID of the calls that follow; NULL: none. */
IRPC_API void irpc_binding_set_object(struct irpc_binding *binding, const struct irpc_uuid *object);

/** irpc_binding_set_timeout() - deadline in ms of the calls that follow; 0: the default. */
IRPC_API void irpc_binding_set_timeout(struct irpc_binding *binding, uint32_t call_ms);

/** struct irpc_reply - stub data of a reply; belongs to the binding until its next call. */
struct irpc_reply {
    struct irpc_span stub;
    bool big_endian; /* byte order of the server */
};

/**
 * irpc_binding_call_raw() - call operation @opnum of @interface with NDR 2.0 stub data @in,
 * encoded little-endian, and hand out the reply as it came.
 * Return: as irpc_binding_connect(); and the status that belongs to a fault
 * (irpc_status_from_fault(); the code itself: irpc_binding_fault()), IRPC_REMOTE_FAULT for codes
 * without one; IRPC_LIMIT (the reply is longer than max_stub).
 */
IRPC_API IRPC_CHECKED irpc_binding_call_raw(struct irpc_binding *binding,
                                            const struct irpc_syntax_id *interface, uint16_t opnum,
                                            struct irpc_span in, struct irpc_reply *ret_reply);

/**
 * irpc_binding_call_raw_in() - the same with stub data in @transfer, which irpc_binding_transfer()
 * told; IRPC_TRANSFER_DEFAULT is NDR 2.0. Return: as irpc_binding_call_raw().
 */
IRPC_API IRPC_CHECKED irpc_binding_call_raw_in(struct irpc_binding *binding,
                                               const struct irpc_syntax_id *interface,
                                               enum irpc_transfer transfer, uint16_t opnum,
                                               struct irpc_span in, struct irpc_reply *ret_reply);

/**
 * irpc_stub_call() of <ironrpc/stub.h>, where generated client stubs end, returns the same and:
 * IRPC_CONTRACT_MISMATCH, IRPC_OP_RANGE (no such operation in the tables), IRPC_NULL_REF_POINTER,
 * IRPC_INVALID_TAG, IRPC_INVALID_BOUND (arguments that cannot be sent; without a fault code),
 * IRPC_BAD_STUB_DATA (the reply does not fit the interface).
 * [out] memory that it allocates stays until the next call over the binding has ended, so that it
 * may be an argument of that call; or until irpc_binding_reset(), or irpc_binding_free().
 */

/** irpc_binding_fault() - fault status of the last call, 0 if it brought none. */
IRPC_API uint32_t irpc_binding_fault(const struct irpc_binding *binding);

/** irpc_binding_nak() - reason of the bind_nak that ended the last attempt to bind, -1 if none. */
IRPC_API int irpc_binding_nak(const struct irpc_binding *binding);

/** irpc_binding_error() - what went wrong in the last function: thing, place and next step in one
 * English sentence; "" after success. Valid until the next call over the binding. @binding NULL:
 * why the last irpc_binding_new() of this thread made none; static text. */
IRPC_API const char *irpc_binding_error(const struct irpc_binding *binding);

/** irpc_binding_endpoint() - string binding of where the binding is, or was last, connected to,
 * with the endpoint resolved; as given before. Valid until the next call over the binding. */
IRPC_API const char *irpc_binding_endpoint(const struct irpc_binding *binding);

#ifdef __cplusplus
}
#endif
#endif
