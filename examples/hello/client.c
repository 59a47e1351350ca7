/* A client for hello.idl: client STRING-BINDING [NAME], for example
 *     client ncacn_ip_tcp:127.0.0.1 World       the endpoint mapper on port 135 tells the port
 *     client ncacn_ip_tcp:127.0.0.1[4711] World
 * An endpoint mapper on another port: HELLO_MAPPER_PORT=11135 client ...
 */
#include <stdio.h>
#include <stdlib.h>

#include <ironrpc/ironrpc.h>

#include "hello.h"

int main(int argc, char **argv)
{
    struct irpc_binding_options options = {0};
    struct irpc_binding *binding = NULL;
    const char *mapper_port = getenv("HELLO_MAPPER_PORT");
    char *greeting = NULL;
    uint32_t count = 0;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s STRING-BINDING [NAME]\n", argv[0]);
        return 2;
    }
    if (mapper_port != NULL) {
        options.mapper_port = (uint16_t)atoi(mapper_port);
    }
    enum irpc_status st = irpc_binding_new(argv[1], &options, &binding);
    if (st != IRPC_OK) {
        fprintf(stderr, "%s: %s: %s\n", argv[1], irpc_status_text(st), irpc_binding_error(NULL));
        return 1;
    }
    st = hello_Greet(binding, argc == 3 ? argv[2] : "World", &greeting, &count);
    if (st == IRPC_OK) {
        printf("%s (greeting %u)\n", greeting, count);
    } else {
        fprintf(stderr, "%s: %s\n", irpc_status_text(st), irpc_binding_error(binding));
    }
    irpc_binding_free(binding);
    return st == IRPC_OK ? 0 : 1;
}
