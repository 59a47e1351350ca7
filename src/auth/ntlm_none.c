/* A library that was built without NTLM says so. */
#include <stdio.h>

#include <ironrpc/auth.h>

static enum irpc_status missing(char *why, size_t why_cap)
{
    (void)snprintf(why, why_cap, "this library was built without NTLM (meson option ntlm)");
    return IRPC_INVALID_STATE;
}

enum irpc_status irpc_auth_ntlm_server_new(const struct irpc_auth_ntlm_server *options,
                                           struct irpc_auth_provider **ret_provider, char *why,
                                           size_t why_cap)
{
    (void)options;
    (void)ret_provider;
    return missing(why, why_cap);
}

enum irpc_status irpc_auth_ntlm_client_new(const struct irpc_auth_ntlm_client *credentials,
                                           struct irpc_auth_provider **ret_provider, char *why,
                                           size_t why_cap)
{
    (void)credentials;
    (void)ret_provider;
    return missing(why, why_cap);
}

enum irpc_status irpc_auth_set_account(const char *path, const char *user, const char *password,
                                       char *why, size_t why_cap)
{
    (void)path;
    (void)user;
    (void)password;
    return missing(why, why_cap);
}
