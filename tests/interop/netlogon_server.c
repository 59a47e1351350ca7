/* A netlogon service that answers NetrServerReqChallenge and nothing else, without security. */
#include <sys/random.h>

#include "netlogon_stub.h"
#include "service.h"

static enum irpc_status req_challenge(struct irpc_call *call, uint16_t *primary_name,
                                      uint16_t *computer_name, netlogon_credential *client,
                                      netlogon_credential *server, uint32_t *ret_result)
{
    (void)call;
    (void)primary_name;
    (void)computer_name;
    (void)client;
    if (getrandom(server->data, sizeof(server->data), 0) != (ssize_t)sizeof(server->data)) {
        return IRPC_IO;
    }
    *ret_result = 0;
    return IRPC_OK;
}

static const struct netlogon_stub_manager manager = {.NetrServerReqChallenge = req_challenge};

int main(int argc, char **argv)
{
    const struct service service = {&netlogon_stub_v1_0_server, &manager, "Netlogon for tests",
                                    false};

    return service_main(argc, argv, &service, 1);
}
