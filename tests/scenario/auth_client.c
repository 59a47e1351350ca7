/*
 * Calls a service as somebody, all on one connection, and says how each call went.
 *
 *     auth_client BINDING USER PASSWORD LEVEL CALL...
 *
 * USER "-": no security; "": a null session. LEVEL: 2 to 6. CALL: listening (mgmt 2), stats
 * (mgmt 1), object (epm 5), free (epm 4). Prints a line for each: CALL and the status's name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/auth.h>
#include <ironrpc/client.h>

#include "epm.h"
#include "mgmt.h"

static enum irpc_status listening(struct irpc_binding *binding)
{
    uint32_t status = 0;
    uint32_t result = 0;

    return mgmt_is_server_listening(binding, &status, &result);
}

static enum irpc_status stats(struct irpc_binding *binding)
{
    uint32_t statistics[RPC_C_STATS_MAX] = {0};
    uint32_t count = RPC_C_STATS_MAX;
    uint32_t status = 0;

    return mgmt_inq_stats(binding, &count, statistics, &status);
}

static enum irpc_status object(struct irpc_binding *binding)
{
    struct irpc_uuid uuid;
    uint32_t status = 0;

    return epm_ept_inq_object(binding, &uuid, &status);
}

static enum irpc_status free_handle(struct irpc_binding *binding)
{
    ept_lookup_handle_t handle = {0};
    uint32_t status = 0;

    return epm_ept_lookup_handle_free(binding, &handle, &status);
}

static const struct {
    const char *name;
    enum irpc_status (*fn)(struct irpc_binding *binding);
} calls[] = {{"listening", listening}, {"stats", stats}, {"object", object}, {"free", free_handle}};

static enum irpc_status authenticate(struct irpc_binding *binding, char **argv)
{
    const struct irpc_auth_ntlm_client credentials = {
        .user = argv[2], .domain = "TESTS", .password = argv[3]};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";

    if (strcmp(argv[2], "-") == 0) {
        return IRPC_OK;
    }
    enum irpc_status st = irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why));
    if (st != IRPC_OK) {
        fprintf(stderr, "%s\n", why);
        return st;
    }
    st = irpc_binding_set_auth(binding, provider, (enum irpc_auth_level)atoi(argv[4]), NULL);
    irpc_auth_provider_unref(provider);
    return st;
}

static void call(struct irpc_binding *binding, const char *name)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(calls[i].name, name) == 0) {
            printf("%s %s\n", name, irpc_status_name(calls[i].fn(binding)));
        }
    }
}

int main(int argc, char **argv)
{
    struct irpc_binding *binding = NULL;

    if (argc < 6) {
        return EXIT_FAILURE;
    }
    enum irpc_status st = irpc_binding_new(argv[1], NULL, &binding);
    if (st == IRPC_OK) {
        st = authenticate(binding, argv);
    }
    for (int i = 5; i < argc && st == IRPC_OK; i++) {
        call(binding, argv[i]);
    }
    irpc_binding_free(binding);
    return st == IRPC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
