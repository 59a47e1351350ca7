/*
 * The endpoint mapper seen from outside: publish a server's endpoints, look them up.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_EPM_H
#define IRONRPC_EPM_H

#include <ironrpc/client.h>
#include <ironrpc/server.h>
#include <ironrpc/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * irpc_server_publish() - keep every interface of @server that is not hidden registered, with each
 * of its endpoints, at the endpoint mapper @mapper (a string binding; NULL: "ncalrpc:[epmapper]"
 * in the server's runtime folder). A thread of its own holds a connection to the mapper and
 * registers again when the mapper comes back. Call it after listening and registering; again
 * after changes of either (with the same @mapper). irpc_server_free() ends it; so does
 * irpc_server_unpublish(). The mapper forgets the entries when the connection ends.
 * Return: IRPC_OK: the thread runs (the mapper need not be there yet);
 * IRPC_BAD_STRING_BINDING, IRPC_PROTSEQ_UNSUPPORTED, IRPC_NO_MEMORY, IRPC_IO.
 */
IRPC_API IRPC_CHECKED irpc_server_publish(struct irpc_server *server, const char *mapper);

/** irpc_server_unpublish() - end it; returns when the thread has ended (at most a second). */
IRPC_API void irpc_server_unpublish(struct irpc_server *server);

/** irpc_server_is_published() - whether all is registered at this moment. Any thread. */
IRPC_API bool irpc_server_is_published(const struct irpc_server *server);

/** struct irpc_epm_entry - one row of an endpoint map; text belongs to whoever handed it out. */
struct irpc_epm_entry {
    struct irpc_uuid object; /* nil if none */
    struct irpc_syntax_id interface;
    struct irpc_syntax_id transfer;
    const char *annotation;     /* as it came, bytes of the peer */
    const char *string_binding; /* "ncacn_ip_tcp:192.0.2.1[49152]"; protseqs that the library
                                   cannot connect to are shown too */
};

/** irpc_epm_entry_fn - gets each row; any status but IRPC_OK ends the look-up with it. */
typedef enum irpc_status irpc_epm_entry_fn(void *user, const struct irpc_epm_entry *entry);

/**
 * irpc_epm_lookup() - all rows of the map behind @mapper (a binding to an endpoint mapper).
 * Return: IRPC_OK; what @fn returned; as irpc_stub_call(); IRPC_PROTO_ERROR for a malformed tower.
 */
IRPC_API IRPC_CHECKED irpc_epm_lookup(struct irpc_binding *mapper, irpc_epm_entry_fn *fn,
                                      void *user);

/**
 * irpc_epm_map() - string bindings of @interface at @protseq ("ncacn_ip_tcp", "ncalrpc"), for
 * @object (NULL: any): @fn gets one entry for each, at most 16.
 * Return: IRPC_OK, IRPC_EPT_NOT_REGISTERED, what @fn returned, as irpc_stub_call().
 */
IRPC_API IRPC_CHECKED irpc_epm_map(struct irpc_binding *mapper,
                                   const struct irpc_syntax_id *interface,
                                   const struct irpc_uuid *object, const char *protseq,
                                   irpc_epm_entry_fn *fn, void *user);

#ifdef __cplusplus
}
#endif
#endif
