/*
 * Kerberos: what the constructors of both roles do: names, credentials, and errors in words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "auth/gss.h"

bool ir_gss_is_strong(krb5_enctype type)
{
    return type == ENCTYPE_AES128_CTS_HMAC_SHA1_96 || type == ENCTYPE_AES256_CTS_HMAC_SHA1_96 ||
           type == ENCTYPE_AES128_CTS_HMAC_SHA256_128 || type == ENCTYPE_AES256_CTS_HMAC_SHA384_192;
}

enum irpc_status ir_gss_name(const char *principal, gss_name_t *ret_name)
{
    gss_buffer_desc text = {strlen(principal), (void *)(uintptr_t)principal};
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, ret_name);

    if (GSS_ERROR(major)) {
        return minor == ENOMEM ? IRPC_NO_MEMORY : IRPC_INVALID_ARG;
    }
    return IRPC_OK;
}

/* What GSSAPI says of @what with Kerberos' own @code. */
static void write_reason(const char *what, OM_uint32 code, char *why, size_t why_cap)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 more = 0;
    OM_uint32 minor;

    (void)gss_display_status(&minor, code, GSS_C_MECH_CODE, gss_mech_krb5, &more, &text);
    (void)snprintf(why, why_cap, "%s: %.*s", what, (int)text.length, (const char *)text.value);
    (void)gss_release_buffer(&minor, &text);
}

/* GSSAPI would look at the name later, and say that it found nothing. */
static enum irpc_status check_name(krb5_context krb5, const char *principal)
{
    krb5_principal name = NULL;
    krb5_error_code code = krb5_parse_name(krb5, principal, &name);

    krb5_free_principal(krb5, name);
    return code == 0 ? IRPC_OK : code == ENOMEM ? IRPC_NO_MEMORY : IRPC_INVALID_ARG;
}

enum irpc_status ir_gss_acquire(struct ir_gss_provider *provider, const char *principal,
                                gss_cred_usage_t usage, const gss_key_value_set_desc *store,
                                char *why, size_t why_cap)
{
    gss_OID_set_desc mechanisms = {1, gss_mech_krb5};
    const char *what = store->count > 0 ? store->elements[0].value : "the user's credentials";
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 ignored;

    if (principal != NULL) {
        enum irpc_status st = check_name(provider->krb5, principal);
        if (st == IRPC_OK) {
            st = ir_gss_name(principal, &name);
        }
        if (st != IRPC_OK) {
            (void)snprintf(why, why_cap, "'%s' is not the name of a principal", principal);
            return st;
        }
    }
    OM_uint32 major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, usage,
                                            store, &provider->credentials, NULL, NULL);
    (void)gss_release_name(&ignored, &name);
    if (GSS_ERROR(major)) {
        write_reason(principal != NULL ? principal : what, minor, why, why_cap);
        return minor == ENOMEM ? IRPC_NO_MEMORY : IRPC_NOT_FOUND;
    }
    return IRPC_OK;
}

enum irpc_status ir_gss_explain(const struct ir_gss_provider *provider, krb5_error_code code,
                                const char *what, char *why, size_t why_cap)
{
    const char *text = krb5_get_error_message(provider->krb5, code);

    (void)snprintf(why, why_cap, "%s: %s", what, text);
    krb5_free_error_message(provider->krb5, text);
    switch (code) {
    case ENOMEM:
        return IRPC_NO_MEMORY;
    case KRB5_PARSE_MALFORMED:
    case KRB5_CONFIG_NODEFREALM:
        return IRPC_INVALID_ARG;
    case ENOENT:
    case KRB5_KT_NOTFOUND:
    case KRB5_FCC_NOFILE:
    case KRB5_CC_NOTFOUND:
        return IRPC_NOT_FOUND;
    case KRB5_KDC_UNREACH:
    case KRB5_REALM_UNKNOWN:
    case KRB5_REALM_CANT_RESOLVE:
        return IRPC_SERVER_UNAVAILABLE;
    default:
        return IRPC_ACCESS_DENIED;
    }
}

void ir_gss_provider_deinit(struct ir_gss_provider *provider)
{
    OM_uint32 minor;

    (void)gss_release_cred(&minor, &provider->credentials);
    if (provider->krb5 != NULL) {
        krb5_free_context(provider->krb5);
    }
}
