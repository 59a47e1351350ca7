/*
 * Security: levels, types, providers, identities. [MS-RPCE] 2.2.1.1.7, 2.2.1.1.8
 *
 * A provider is one authentication type with its credentials, all loaded when it is made. One may
 * serve many servers (irpc_server_add_auth()), on any thread. Bindings take none yet.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_AUTH_H
#define IRONRPC_AUTH_H

#include <ironrpc/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** enum irpc_auth_level - what is protected, in rising order; numbers as on the wire. */
enum irpc_auth_level {
    IRPC_AUTH_LEVEL_DEFAULT = 0,   /* settings only, never on the wire */
    IRPC_AUTH_LEVEL_NONE = 1,      /* nothing */
    IRPC_AUTH_LEVEL_CONNECT = 2,   /* who it is, when binding; calls are not protected */
    IRPC_AUTH_LEVEL_CALL = 3,      /* treated as PACKET, as Windows does */
    IRPC_AUTH_LEVEL_PACKET = 4,    /* order and origin of each fragment */
    IRPC_AUTH_LEVEL_INTEGRITY = 5, /* each fragment is signed */
    IRPC_AUTH_LEVEL_PRIVACY = 6    /* and its stub data encrypted */
};

/** enum irpc_auth_type - security providers; numbers as on the wire. */
enum irpc_auth_type {
    IRPC_AUTH_TYPE_NONE = 0,
    IRPC_AUTH_TYPE_NEGOTIATE = 9, /* SPNEGO */
    IRPC_AUTH_TYPE_NTLM = 10,
    IRPC_AUTH_TYPE_KERBEROS = 16,
    IRPC_AUTH_TYPE_NETLOGON = 68
};

/** struct irpc_auth_provider - an authentication type with credentials; counted. */
struct irpc_auth_provider;

/** irpc_auth_provider_ref() - one more user of @provider. Return: @provider. Any thread. */
IRPC_API struct irpc_auth_provider *irpc_auth_provider_ref(struct irpc_auth_provider *provider);

/** irpc_auth_provider_unref() - one user less; the last one frees it. NULL is fine. Any thread. */
IRPC_API void irpc_auth_provider_unref(struct irpc_auth_provider *provider);

/** struct irpc_auth_identity - who was authenticated; text stays as long as its owner says. */
struct irpc_auth_identity {
    enum irpc_auth_type type;   /* NONE: nobody, the call is not authenticated */
    enum irpc_auth_level level; /* NONE likewise; CALL is reported as PACKET */
    const char *package;        /* "ntlm", "kerberos": who vouches (with NEGOTIATE: the one chosen);
                                 * "" if nobody */
    const char *principal; /* "DOMAIN\\user", "user@REALM"; "" if nobody or anonymous. Chosen by
                            * the peer: escape it in logs (check: T15) */
    bool anonymous;        /* authenticated as nobody in particular (null session) */
};

#ifdef __cplusplus
}
#endif
#endif
