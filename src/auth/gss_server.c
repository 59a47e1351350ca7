/*
 * Kerberos, the server: keys. They are copied from the keytab into memory when the provider is
 * made; weak ones are left behind, so no ticket for them is accepted.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "auth/gss.h"
#include "base/alloc.h"
#include "base/attr.h"

struct gss_server {
    struct ir_gss_provider gss;
    krb5_keytab keys; /* lives as long as this handle */
    char keys_name[64];
};

static void provider_free(struct irpc_auth_provider *provider)
{
    struct gss_server *server = (struct gss_server *)(void *)provider;

    if (server->keys != NULL) {
        (void)krb5_kt_close(server->gss.krb5, server->keys);
    }
    ir_gss_provider_deinit(&server->gss);
    ir_free(server);
}

static enum irpc_status begin(struct irpc_auth_provider *provider,
                              const struct ir_auth_begin *begin, struct ir_auth **ret_auth)
{
    struct ir_gss *gss = NULL;

    if (begin->role != IR_AUTH_ACCEPT) {
        return IRPC_SEC_PKG_ERROR;
    }
    enum irpc_status st = ir_gss_new(provider, begin, &gss);
    if (st == IRPC_OK) {
        *ret_auth = &gss->base;
    }
    return st;
}

static const struct ir_auth_ops ops = {
    .name = "kerberos",
    .begin = begin,
    .step = ir_gss_op_step,
    .signature_size = ir_gss_op_signature_size,
    .protect = ir_gss_op_protect,
    .unprotect = ir_gss_op_unprotect,
    .has_mic = ir_gss_op_has_mic,
    .get_mic = ir_gss_op_get_mic,
    .verify_mic = ir_gss_op_verify_mic,
    .identity = ir_gss_op_identity,
    .session_key = ir_gss_op_session_key,
    .free = ir_gss_op_free,
    .provider_free = provider_free,
};

/* All strong keys of @from. */
static krb5_error_code copy_keys(struct gss_server *server, krb5_keytab from, unsigned *ret_n)
{
    krb5_context krb5 = server->gss.krb5;
    krb5_keytab_entry entry;
    krb5_kt_cursor cursor;
    krb5_error_code code = krb5_kt_start_seq_get(krb5, from, &cursor);

    if (code != 0) {
        return code;
    }
    while (code == 0 && (code = krb5_kt_next_entry(krb5, from, &entry, &cursor)) == 0) {
        if (ir_gss_is_strong(entry.key.enctype)) {
            code = krb5_kt_add_entry(krb5, server->keys, &entry);
            (*ret_n)++;
        }
        (void)krb5_free_keytab_entry_contents(krb5, &entry);
    }
    (void)krb5_kt_end_seq_get(krb5, from, &cursor);
    return code == KRB5_KT_END ? 0 : code;
}

static enum irpc_status load_keys(struct gss_server *server, const char *file, char *why,
                                  size_t why_cap)
{
    static atomic_uint made; /* no two have the same name */
    krb5_context krb5 = server->gss.krb5;
    krb5_keytab from = NULL;
    unsigned n = 0;

    (void)snprintf(server->keys_name, sizeof(server->keys_name), "MEMORY:ironrpc-%u",
                   atomic_fetch_add(&made, 1));
    krb5_error_code code = krb5_kt_resolve(krb5, server->keys_name, &server->keys);
    if (code == 0) {
        code = file != NULL ? krb5_kt_resolve(krb5, file, &from) : krb5_kt_default(krb5, &from);
    }
    if (code == 0) {
        code = copy_keys(server, from, &n);
    }
    if (from != NULL) {
        (void)krb5_kt_close(krb5, from);
    }
    const char *what = file != NULL ? file : "the system's keytab";
    if (code != 0) {
        return ir_gss_explain(&server->gss, code, what, why, why_cap);
    }
    if (n == 0) {
        (void)snprintf(why, why_cap, "%s: it has no AES key", what);
        return IRPC_NOT_FOUND;
    }
    return IRPC_OK;
}

/* GSSAPI's credentials: these keys, and no replay cache. */
static enum irpc_status take_keys(struct gss_server *server, const char *principal, char *why,
                                  size_t why_cap)
{
    gss_key_value_element_desc elements[] = {{"keytab", server->keys_name}, {"rcache", "none:"}};
    const gss_key_value_set_desc store = {IR_ARRAY_LEN(elements), elements};

    return ir_gss_acquire(&server->gss, principal, GSS_C_ACCEPT, &store, why, why_cap);
}

enum irpc_status irpc_auth_kerberos_server_new(const struct irpc_auth_kerberos_server *options,
                                               struct irpc_auth_provider **ret_provider, char *why,
                                               size_t why_cap)
{
    struct gss_server *server = ir_calloc(1, sizeof(*server));

    if (server == NULL) {
        (void)snprintf(why, why_cap, "out of memory");
        return IRPC_NO_MEMORY;
    }
    ir_auth_provider_init(&server->gss.base, &ops, IRPC_AUTH_TYPE_KERBEROS);
    server->gss.credentials = GSS_C_NO_CREDENTIAL;
    krb5_error_code code = krb5_init_context(&server->gss.krb5);
    enum irpc_status st =
        code != 0 ? ir_gss_explain(&server->gss, code, "Kerberos' configuration", why, why_cap)
                  : load_keys(server, options->keytab, why, why_cap);
    if (st == IRPC_OK) {
        st = take_keys(server, options->principal, why, why_cap);
    }
    if (st != IRPC_OK) {
        provider_free(&server->gss.base);
        return st;
    }
    *ret_provider = &server->gss.base;
    return IRPC_OK;
}
