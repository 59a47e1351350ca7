/* See service.h. Uses the public headers only, as any service would. */
#include "service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/auth.h>
#include <ironrpc/epm.h>
#include <ironrpc/log.h>

static struct irpc_server *the_server;

static void on_signal(int number)
{
    (void)number;
    irpc_server_stop(the_server);
}

static void write_log(void *user, enum irpc_log_level level, const char *subsystem,
                      const char *text)
{
    fprintf(stderr, "%s: level=%d sub=%s %s\n", (const char *)user, (int)level, subsystem, text);
}

/* --- security: NTLM, Kerberos, and SPNEGO over what of them there is --- */

static struct irpc_auth_provider *providers[3];
static unsigned n_providers;

/* NTLM with the accounts of @file, and nobody. */
static enum irpc_status make_ntlm(const char *file)
{
    struct irpc_auth_ntlm_server options = {
        .accounts_file = file, .domain = "TESTS", .allow_anonymous = true};
    char why[512] = "";
    enum irpc_status st =
        irpc_auth_ntlm_server_new(&options, &providers[n_providers], why, sizeof(why));

    if (st != IRPC_OK) {
        fprintf(stderr, "NTLM: %s\n", why);
        return st;
    }
    n_providers++;
    return st;
}

static enum irpc_status make_kerberos(const char *keytab)
{
    struct irpc_auth_kerberos_server options = {.keytab = keytab};
    char why[512] = "";
    enum irpc_status st =
        irpc_auth_kerberos_server_new(&options, &providers[n_providers], why, sizeof(why));

    if (st != IRPC_OK) {
        fprintf(stderr, "Kerberos: %s\n", why);
        return st;
    }
    n_providers++;
    return st;
}

static enum irpc_status add_auth(void)
{
    enum irpc_status st = IRPC_OK;

    if (n_providers > 0) {
        st = irpc_auth_negotiate_new(providers, n_providers, &providers[n_providers]);
        n_providers += st == IRPC_OK ? 1 : 0;
    }
    while (n_providers > 0) {
        struct irpc_auth_provider *provider = providers[--n_providers];
        st = st == IRPC_OK ? irpc_server_add_auth(the_server, provider) : st;
        irpc_auth_provider_unref(provider);
    }
    return st;
}

static enum irpc_status register_all(const struct service *services, unsigned n,
                                     enum irpc_auth_level min_level)
{
    enum irpc_status st = IRPC_OK;

    for (unsigned i = 0; i < n && st == IRPC_OK; i++) {
        struct irpc_register_options offer = {.annotation = services[i].annotation,
                                              .min_level = min_level,
                                              .blocking = services[i].blocking};

        st = irpc_server_register(the_server, services[i].stub, services[i].manager, &offer);
    }
    return st;
}

static enum irpc_status set_up(int argc, char **argv, const struct service *services, unsigned n)
{
    enum irpc_auth_level min_level = IRPC_AUTH_LEVEL_DEFAULT;
    struct irpc_server_options options = {
        .name = services[0].stub->interface->name,
        .call_ms = 120000, /* slow peers on busy machines: 5 MiB in small fragments */
    };
    int first = 1;
    enum irpc_status st;

    if (argc > 2 && strcmp(argv[1], "--windows") == 0) {
        options.windows = strcmp(argv[2], "2012r2") == 0 ? IRPC_WINDOWS_2012R2 : IRPC_WINDOWS_2022;
        first = 3;
    }
    st = irpc_server_new(&options, &the_server);
    if (st == IRPC_OK && argc > first + 1 && strcmp(argv[first], "--keytab") == 0) {
        st = make_kerberos(argv[first + 1]);
        first += 2;
    }
    if (st == IRPC_OK && argc > first + 1 && strcmp(argv[first], "--accounts") == 0) {
        st = make_ntlm(argv[first + 1]);
        first += 2;
    }
    st = st == IRPC_OK ? add_auth() : st;
    if (argc > first + 1 && strcmp(argv[first], "--min-level") == 0) {
        min_level = (enum irpc_auth_level)atoi(argv[first + 1]);
        first += 2;
    }
    if (st == IRPC_OK) {
        st = register_all(services, n, min_level);
    }
    for (int i = first; i < argc && st == IRPC_OK; i++) {
        st = irpc_server_listen(the_server, argv[i]);
    }
    if (st == IRPC_OK) {
        st = irpc_server_publish(the_server, NULL);
    }
    if (st != IRPC_OK) {
        const char *why = the_server != NULL ? irpc_server_error(the_server) : "";

        fprintf(stderr, "%s: %s: %s\n", argv[0], irpc_status_text(st), why);
    }
    return st;
}

int service_main(int argc, char **argv, const struct service *services, unsigned n)
{
    struct sigaction action = {.sa_handler = on_signal};
    char name[64];
    enum irpc_status st;

    snprintf(name, sizeof(name), "%s", services[0].stub->interface->name);
    irpc_set_log(write_log, name, IRPC_LOG_WARNING);
    st = set_up(argc, argv, services, n);
    if (st == IRPC_OK) {
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGINT, &action, NULL);
        st = irpc_server_run(the_server);
    }
    irpc_server_free(the_server);
    return st == IRPC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
