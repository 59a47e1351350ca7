/* The server under test: rpcecho's AddOne and EchoData, through the public interface; with the
 * argument "ntlm" it knows one account. Prints its port; ends on SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ironrpc/ironrpc.h>

#include "rpcecho.h"

static struct irpc_server *server;

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    return IRPC_OK;
}

static enum irpc_status echo_data(struct irpc_call *call, uint32_t len, unsigned char *in_data,
                                  unsigned char *out_data)
{
    (void)call;
    memcpy(out_data, in_data, len);
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {.AddOne = add_one, .EchoData = echo_data};

static void stop(int number)
{
    (void)number;
    irpc_server_stop(server);
}

static enum irpc_status add_account(void)
{
    char path[] = "/tmp/ironrpc-bench-XXXXXX";
    struct irpc_auth_ntlm_server options = {.accounts_file = path};
    struct irpc_auth_provider *ntlm = NULL;
    char why[256] = "";
    int fd = mkstemp(path);

    if (fd < 0) {
        return IRPC_IO;
    }
    close(fd);
    enum irpc_status st = irpc_auth_set_account(path, "bench", "bench", why, sizeof(why));
    if (st == IRPC_OK) {
        st = irpc_auth_ntlm_server_new(&options, &ntlm, why, sizeof(why));
    }
    unlink(path);
    if (st == IRPC_OK) {
        st = irpc_server_add_auth(server, ntlm);
        irpc_auth_provider_unref(ntlm);
    }
    return st;
}

int main(int argc, char **argv)
{
    static const struct irpc_server_options options = {
        .max_connections = 50000, .max_connections_per_source = 50000, .max_groups = 50000};
    struct irpc_endpoint endpoint;

    if (irpc_server_new(&options, &server) != IRPC_OK ||
        (argc > 1 && strcmp(argv[1], "ntlm") == 0 && add_account() != IRPC_OK) ||
        irpc_server_listen(server, "ncacn_ip_tcp:127.0.0.1") != IRPC_OK ||
        irpc_server_register(server, &rpcecho_v1_0_server, &manager, NULL) != IRPC_OK ||
        !irpc_server_endpoint(server, 0, &endpoint)) {
        fprintf(stderr, "rpc_echo: cannot start\n");
        return 1;
    }
    signal(SIGTERM, stop);
    printf("%s\n", endpoint.endpoint);
    fflush(stdout);
    enum irpc_status st = irpc_server_run(server);
    irpc_server_free(server);
    return st == IRPC_OK ? 0 : 1;
}
