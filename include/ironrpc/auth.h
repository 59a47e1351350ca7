/*
 * Security: levels, types, providers, identities. [MS-RPCE] 2.2.1.1.7, 2.2.1.1.8
 *
 * A provider is one authentication type with its credentials, all loaded when it is made. One may
 * serve many servers (irpc_server_add_auth()) and bindings (irpc_binding_set_auth()), on any
 * thread.
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

/**
 * irpc_auth_provider_reload() - read the files of @provider (accounts, new keys) again, where they
 * were when it was made. Whoever is authenticating meanwhile is judged by the old ones or by the
 * new ones; whoever is authenticated stays so. On failure the old ones stay in use, and
 * @why[@why_cap] has the reason in words. Any thread. Return: IRPC_OK, also if it has no files;
 * else as the function that made it.
 */
IRPC_API IRPC_CHECKED irpc_auth_provider_reload(struct irpc_auth_provider *provider, char *why,
                                                size_t why_cap);

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

/** struct irpc_auth_ntlm_server - how a server takes NTLM. All but the file may be left zero. */
struct irpc_auth_ntlm_server {
    const char *accounts_file; /* of `ironrpc passwd`; NULL: no accounts */
    const char *dns_name;      /* of this server; NULL: the host's */
    const char *domain;   /* of the accounts: their principals are "DOMAIN\\user"; NULL: the first
                           * part of the server's name, in capitals */
    bool allow_anonymous; /* null sessions authenticate, as nobody */
    bool check_target;    /* refuse clients that meant another server, or did not say which */
};

/**
 * irpc_auth_ntlm_server_new() - NTLM for irpc_server_add_auth(): NTLMv2, no LM, no NTLMv1. Loads
 * what it needs (accounts, OpenSSL's legacy provider): a later sandbox does not disturb it. On
 * failure @why[@why_cap] has the reason in words. Return: IRPC_OK (irpc_auth_provider_unref() frees
 * *@ret_provider); IRPC_INVALID_STATE (the legacy provider is missing, or this library was built
 * without NTLM); IRPC_ACCESS_DENIED (accounts file); IRPC_INVALID_ARG (accounts file, names);
 * IRPC_IO; IRPC_LIMIT; IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_auth_ntlm_server_new(const struct irpc_auth_ntlm_server *options,
                                                struct irpc_auth_provider **ret_provider, char *why,
                                                size_t why_cap);

/**
 * irpc_auth_set_account() - add @user to the accounts file @path, or give it another @password;
 * NULL: remove it. The file is made with mode 0600 if there is none, and replaced atomically; two
 * programs that change it at once wait for each other. Comments in it are lost. On failure the file
 * is as it was, and @why[@why_cap] has the reason in words. Return: IRPC_OK; IRPC_NOT_FOUND (to be
 * removed, and not there); IRPC_INVALID_ARG (name, password, a line of the file);
 * IRPC_ACCESS_DENIED, IRPC_IO (file, folder); IRPC_INVALID_STATE (no NTLM here); IRPC_LIMIT;
 * IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_auth_set_account(const char *path, const char *user,
                                            const char *password, char *why, size_t why_cap);

/** struct irpc_auth_ntlm_client - credentials, in UTF-8; used up when the provider is made. */
struct irpc_auth_ntlm_client {
    const char *user; /* NULL or "": anonymous */
    const char *domain;
    const char *password;
    bool allow_own_server; /* also prove ourselves to servers of this very process */
};

/**
 * irpc_auth_ntlm_client_new() - NTLM for irpc_binding_set_auth(). The password is not kept.
 * On failure @why[@why_cap] has the reason in words.
 * Return: IRPC_OK; IRPC_INVALID_STATE (as above); IRPC_INVALID_ARG (not UTF-8, too long);
 * IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_auth_ntlm_client_new(const struct irpc_auth_ntlm_client *credentials,
                                                struct irpc_auth_provider **ret_provider, char *why,
                                                size_t why_cap);

/** struct irpc_auth_kerberos_server - how a server takes Kerberos. All may be left zero. */
struct irpc_auth_kerberos_server {
    const char *keytab;    /* file with the keys of its principals; NULL: the system's */
    const char *principal; /* "host/server.example": the only one that clients may ask for; NULL:
                            * any of the keytab */
};

/**
 * irpc_auth_kerberos_server_new() - Kerberos for irpc_server_add_auth(): AES keys only, mutual
 * authentication, tickets that are not bound to an address. The keys are copied: a later sandbox
 * does not disturb it; libkrb5 has its defaults there (clocks may be 5 minutes apart). There is no
 * replay cache: three legs prove more. On failure @why[@why_cap] has the reason in words. Return:
 * IRPC_OK (irpc_auth_provider_unref() frees *@ret_provider); IRPC_INVALID_STATE (this library was
 * built without Kerberos); IRPC_NOT_FOUND (no keytab, or no key in it that would do);
 * IRPC_ACCESS_DENIED (the file); IRPC_INVALID_ARG (principal); IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_auth_kerberos_server_new(const struct irpc_auth_kerberos_server *options,
                                                    struct irpc_auth_provider **ret_provider,
                                                    char *why, size_t why_cap);

/** struct irpc_auth_kerberos_client - credentials; used up when the provider is made. All may be
 * left zero: then those of the user's own cache (kinit). */
struct irpc_auth_kerberos_client {
    const char *principal; /* "user", "user@REALM"; needed with a password or a keytab */
    const char *password;
    const char *keytab; /* file with the principal's key, instead of a password */
    const char *cache;  /* name of a credentials cache, "FILE:/run/x"; NULL: the user's */
    bool delegate;      /* let the server act in the user's name */
};

/**
 * irpc_auth_kerberos_client_new() - Kerberos for irpc_binding_set_auth(). With a password or a
 * keytab it asks the realm's KDC for a ticket, and waits for it; calls ask it for tickets to
 * servers. The password is not kept, so when the ticket ends another provider has to be made. On
 * failure
 * @why[@why_cap] has the reason in words. Return: IRPC_OK; IRPC_INVALID_STATE (as above);
 * IRPC_ACCESS_DENIED (the KDC's answer); IRPC_SERVER_UNAVAILABLE (no KDC); IRPC_NOT_FOUND (no
 * credentials); IRPC_INVALID_ARG (principal); IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED
irpc_auth_kerberos_client_new(const struct irpc_auth_kerberos_client *credentials,
                              struct irpc_auth_provider **ret_provider, char *why, size_t why_cap);

/**
 * irpc_auth_negotiate_new() - SPNEGO, for servers or clients: both sides agree on one of
 * @providers, best first; 1 or 2 of types NTLM and KERBEROS, all made for the role. Each gets one
 * user more. Where a client offers both, what was agreed on is signed by both sides, so that
 * nobody in between chooses a worse one. Servers also take NTLM that comes without SPNEGO, under
 * this type. Clients offer what they can get credentials for. Return: IRPC_OK; IRPC_INVALID_ARG
 * (number, types, one twice); IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_auth_negotiate_new(struct irpc_auth_provider *const *providers,
                                              unsigned n_providers,
                                              struct irpc_auth_provider **ret_provider);

#ifdef __cplusplus
}
#endif
#endif
