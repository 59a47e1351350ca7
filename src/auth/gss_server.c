/*
 * Kerberos, the server: keys. They are copied from the keytab into memory when the provider is
 * made; weak ones are left behind, so no ticket for them is accepted.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "auth/gss.h"
#include "base/alloc.h"
#include "base/attr.h"

struct gss_server {
    struct ir_gss_provider gss;
    krb5_keytab keys;          /* lives as long as this handle; has a lock */
    char *file;                /* NULL: the system's */
    pthread_mutex_t reloading; /* one thread at a time has the context */
    char keys_name[64];
};

static void provider_free(struct irpc_auth_provider *provider)
{
    struct gss_server *server = (struct gss_server *)(void *)provider;

    if (server->keys != NULL) {
        (void)krb5_kt_close(server->gss.krb5, server->keys);
    }
    ir_gss_provider_deinit(&server->gss);
    (void)pthread_mutex_destroy(&server->reloading);
    ir_free(server->file);
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

static enum irpc_status reload(struct irpc_auth_provider *provider, char *why, size_t why_cap);

static const struct ir_auth_ops ops = {
    IR_GSS_SHARED_OPS,
    .begin = begin,
    .reload = reload,
    .provider_free = provider_free,
};

/* @entry, unless it is there already. */
static krb5_error_code copy_key(struct gss_server *server, krb5_keytab_entry *entry)
{
    krb5_context krb5 = server->gss.krb5;
    krb5_keytab_entry old;

    if (krb5_kt_get_entry(krb5, server->keys, entry->principal, entry->vno, entry->key.enctype,
                          &old) != 0) {
        return krb5_kt_add_entry(krb5, server->keys, entry);
    }
    return krb5_free_keytab_entry_contents(krb5, &old);
}

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
            code = copy_key(server, &entry);
            (*ret_n)++;
        }
        (void)krb5_free_keytab_entry_contents(krb5, &entry);
    }
    (void)krb5_kt_end_seq_get(krb5, from, &cursor);
    return code == KRB5_KT_END ? 0 : code;
}

static enum irpc_status load_keys(struct gss_server *server, char *why, size_t why_cap)
{
    krb5_context krb5 = server->gss.krb5;
    const char *what = server->file != NULL ? server->file : "the system's keytab";
    krb5_keytab from = NULL;
    unsigned n = 0;
    krb5_error_code code = server->file != NULL ? krb5_kt_resolve(krb5, server->file, &from)
                                                : krb5_kt_default(krb5, &from);

    if (code == 0) {
        code = copy_keys(server, from, &n);
        (void)krb5_kt_close(krb5, from);
    }
    if (code != 0) {
        return ir_gss_explain(&server->gss, code, what, why, why_cap);
    }
    if (n == 0) {
        (void)snprintf(why, why_cap, "%s: it has no AES key", what);
        return IRPC_NOT_FOUND;
    }
    return IRPC_OK;
}

/* New keys are added; old ones stay, for the tickets that were made with them. */
static enum irpc_status reload(struct irpc_auth_provider *provider, char *why, size_t why_cap)
{
    struct gss_server *server = (struct gss_server *)(void *)provider;

    pthread_mutex_lock(&server->reloading);
    enum irpc_status st = load_keys(server, why, why_cap);
    pthread_mutex_unlock(&server->reloading);
    return st;
}

/* A place for the keys, whose name no other has. */
static enum irpc_status set_up(struct gss_server *server, const char *file, char *why,
                               size_t why_cap)
{
    static atomic_uint made;
    krb5_error_code code = krb5_init_context(&server->gss.krb5);

    if (code == 0) {
        (void)snprintf(server->keys_name, sizeof(server->keys_name), "MEMORY:ironrpc-%u",
                       atomic_fetch_add(&made, 1));
        code = krb5_kt_resolve(server->gss.krb5, server->keys_name, &server->keys);
    }
    if (code != 0) {
        return ir_gss_explain(&server->gss, code, "Kerberos' configuration", why, why_cap);
    }
    server->file = file != NULL ? ir_strndup(file, strlen(file)) : NULL;
    return file == NULL || server->file != NULL ? IRPC_OK : IRPC_NO_MEMORY;
}

/* Whether there is a key of @principal's. GSSAPI would find out too, and lose memory (MIT 1.20). */
static enum irpc_status find_key(struct gss_server *server, const char *principal, char *why,
                                 size_t why_cap)
{
    krb5_context krb5 = server->gss.krb5;
    krb5_principal name = NULL;
    krb5_keytab_entry entry;
    krb5_error_code code = krb5_parse_name(krb5, principal, &name);

    if (code == 0) {
        code = krb5_kt_get_entry(krb5, server->keys, name, 0, 0, &entry);
    }
    krb5_free_principal(krb5, name);
    if (code != 0) {
        return ir_gss_explain(&server->gss, code, principal, why, why_cap);
    }
    (void)krb5_free_keytab_entry_contents(krb5, &entry);
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
    (void)pthread_mutex_init(&server->reloading, NULL);
    enum irpc_status st = set_up(server, options->keytab, why, why_cap);
    if (st == IRPC_OK) {
        st = load_keys(server, why, why_cap);
    }
    if (st == IRPC_OK && options->principal != NULL) {
        st = find_key(server, options->principal, why, why_cap);
    }
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
