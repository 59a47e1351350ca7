/* A library that was built without Kerberos says so. */
#include <stdio.h>

#include <ironrpc/auth.h>

static enum irpc_status missing(char *why, size_t why_cap)
{
    (void)snprintf(why, why_cap, "this library was built without Kerberos (meson option gss)");
    return IRPC_INVALID_STATE;
}

enum irpc_status irpc_auth_kerberos_server_new(const struct irpc_auth_kerberos_server *options,
                                               struct irpc_auth_provider **ret_provider, char *why,
                                               size_t why_cap)
{
    (void)options;
    (void)ret_provider;
    return missing(why, why_cap);
}

enum irpc_status irpc_auth_kerberos_client_new(const struct irpc_auth_kerberos_client *credentials,
                                               struct irpc_auth_provider **ret_provider, char *why,
                                               size_t why_cap)
{
    (void)credentials;
    (void)ret_provider;
    return missing(why, why_cap);
}
