/*
 * Kerberos, the client: credentials, and the name of the server.
 *
 * Credentials are those of a cache, or what the KDC gives for a password or a key; these are kept
 * in memory. Server names are never asked of the DNS: whoever answers there would choose whom we
 * trust.
 */
#include <stdio.h>
#include <string.h>

#include "auth/gss.h"
#include "base/alloc.h"

#define TARGET_MAX 512u

struct gss_client {
    struct ir_gss_provider gss;
    krb5_ccache cache; /* ours, in memory; NULL: the user's is used */
};

static void provider_free(struct irpc_auth_provider *provider)
{
    struct gss_client *client = (struct gss_client *)(void *)provider;
    OM_uint32 minor;

    (void)gss_release_cred(&minor, &client->gss.credentials);
    if (client->cache != NULL) {
        (void)krb5_cc_destroy(client->gss.krb5, client->cache);
    }
    ir_gss_provider_deinit(&client->gss);
    ir_free(client);
}

/* --- whom to talk to --- */

/* The realm of a host by the configuration; "" lets the KDC refer us. */
static void find_realm(const char *host, char *realm, size_t cap)
{
    krb5_context krb5 = NULL; /* of this thread */
    char **realms = NULL;

    realm[0] = '\0';
    if (krb5_init_context(&krb5) != 0) {
        return;
    }
    if (krb5_get_host_realm(krb5, host, &realms) == 0) {
        (void)snprintf(realm, cap, "%s", realms[0] != NULL ? realms[0] : "");
        (void)krb5_free_host_realm(krb5, realms);
    }
    krb5_free_context(krb5);
}

static enum irpc_status set_target(struct ir_gss *gss, const char *target)
{
    const char *host = strchr(target, '/');
    char name[TARGET_MAX];
    char realm[TARGET_MAX];

    if (target[0] == '\0') { /* mutual authentication is with somebody */
        return IRPC_INVALID_ARG;
    }
    if (strchr(target, '@') != NULL || host == NULL) {
        return ir_gss_name(target, &gss->target);
    }
    find_realm(host + 1, realm, sizeof(realm));
    int n = snprintf(name, sizeof(name), "%s@%s", target, realm);
    return n < (int)sizeof(name) ? ir_gss_name(name, &gss->target) : IRPC_INVALID_ARG;
}

static enum irpc_status begin(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth)
{
    struct ir_gss *gss = NULL;

    if (begin->role != IR_AUTH_INITIATE) {
        return IRPC_SEC_PKG_ERROR;
    }
    enum irpc_status st = ir_gss_new(provider, begin, &gss);
    if (st != IRPC_OK) {
        return st;
    }
    st = set_target(gss, begin->target);
    if (st != IRPC_OK) {
        ir_gss_op_free(&gss->base);
        return st;
    }
    *ret_auth = &gss->base;
    return IRPC_OK;
}

static const struct ir_auth_ops ops = {
    IR_GSS_SHARED_OPS,
    .begin = begin,
    .provider_free = provider_free,
};

/* --- credentials --- */

/* A ticket of the KDC's for @principal. */
static krb5_error_code ask_kdc(krb5_context krb5, krb5_principal principal,
                               const struct irpc_auth_kerberos_client *credentials,
                               krb5_creds *ret_ticket)
{
    krb5_get_init_creds_opt *options = NULL;
    krb5_keytab keys = NULL;
    krb5_error_code code = krb5_get_init_creds_opt_alloc(krb5, &options);

    if (code != 0) {
        return code;
    }
    krb5_get_init_creds_opt_set_forwardable(options, credentials->delegate);
    if (credentials->password != NULL) {
        code = krb5_get_init_creds_password(krb5, ret_ticket, principal, credentials->password,
                                            NULL, NULL, 0, NULL, options);
    } else if ((code = krb5_kt_resolve(krb5, credentials->keytab, &keys)) == 0) {
        code = krb5_kt_have_content(krb5, keys);
        if (code == 0) {
            code = krb5_get_init_creds_keytab(krb5, ret_ticket, principal, keys, 0, NULL, options);
        }
        (void)krb5_kt_close(krb5, keys);
    }
    krb5_get_init_creds_opt_free(krb5, options);
    return code;
}

/* A cache of our own with that ticket. */
static krb5_error_code fill_cache(struct gss_client *client,
                                  const struct irpc_auth_kerberos_client *credentials)
{
    krb5_context krb5 = client->gss.krb5;
    krb5_principal principal = NULL;
    krb5_creds ticket;
    krb5_error_code code = krb5_parse_name(krb5, credentials->principal, &principal);

    memset(&ticket, 0, sizeof(ticket));
    if (code == 0) {
        code = ask_kdc(krb5, principal, credentials, &ticket);
    }
    if (code == 0) {
        code = krb5_cc_new_unique(krb5, "MEMORY", NULL, &client->cache);
    }
    if (code == 0) {
        code = krb5_cc_initialize(krb5, client->cache, principal);
    }
    if (code == 0) {
        code = krb5_cc_store_cred(krb5, client->cache, &ticket);
    }
    krb5_free_cred_contents(krb5, &ticket);
    krb5_free_principal(krb5, principal);
    return code;
}

static enum irpc_status use_cache(struct gss_client *client, const char *name,
                                  const char *principal, char *why, size_t why_cap)
{
    gss_key_value_element_desc element = {"ccache", name};
    const gss_key_value_set_desc store = {name != NULL ? 1 : 0, &element};
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    enum irpc_status st =
        ir_gss_acquire(&client->gss, principal, GSS_C_INITIATE, &store, why, why_cap);
    if (st != IRPC_OK) {
        return st;
    }
    /* libkrb5 tells the server that we want confidentiality, whether we do or not; Samba's server
     * then has no signature of the right size for an answer that is only signed. */
    OM_uint32 major = gss_set_cred_option(&minor, &client->gss.credentials,
                                          GSS_KRB5_CRED_NO_CI_FLAGS_X, &nothing);
    if (major != GSS_S_COMPLETE) {
        return ir_gss_explain(&client->gss, (krb5_error_code)minor, "flags of a client", why,
                              why_cap);
    }
    return IRPC_OK;
}

static enum irpc_status get_credentials(struct gss_client *client,
                                        const struct irpc_auth_kerberos_client *credentials,
                                        char *why, size_t why_cap)
{
    char *name = NULL;

    if (credentials->password == NULL && credentials->keytab == NULL) {
        return use_cache(client, credentials->cache, credentials->principal, why, why_cap);
    }
    if (credentials->principal == NULL) {
        (void)snprintf(why, why_cap, "a password or a keytab needs a principal");
        return IRPC_INVALID_ARG;
    }
    krb5_error_code code = fill_cache(client, credentials);
    if (code == 0) {
        code = krb5_cc_get_full_name(client->gss.krb5, client->cache, &name);
    }
    if (code != 0) {
        return ir_gss_explain(&client->gss, code, credentials->principal, why, why_cap);
    }
    enum irpc_status st = use_cache(client, name, NULL, why, why_cap);
    krb5_free_string(client->gss.krb5, name);
    return st;
}

enum irpc_status irpc_auth_kerberos_client_new(const struct irpc_auth_kerberos_client *credentials,
                                               struct irpc_auth_provider **ret_provider, char *why,
                                               size_t why_cap)
{
    struct gss_client *client = ir_calloc(1, sizeof(*client));

    if (client == NULL) {
        (void)snprintf(why, why_cap, "out of memory");
        return IRPC_NO_MEMORY;
    }
    ir_auth_provider_init(&client->gss.base, &ops, IRPC_AUTH_TYPE_KERBEROS);
    client->gss.credentials = GSS_C_NO_CREDENTIAL;
    client->gss.delegate = credentials->delegate;
    krb5_error_code code = krb5_init_context(&client->gss.krb5);
    enum irpc_status st =
        code != 0 ? ir_gss_explain(&client->gss, code, "Kerberos' configuration", why, why_cap)
                  : get_credentials(client, credentials, why, why_cap);
    if (st != IRPC_OK) {
        provider_free(&client->gss.base);
        return st;
    }
    *ret_provider = &client->gss.base;
    return IRPC_OK;
}
