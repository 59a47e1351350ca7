/* A server for hello.idl: server STRING-BINDING [MAPPER], for example
 *     server ncacn_ip_tcp:127.0.0.1             a free port, registered at the endpoint mapper
 *     server ncacn_ip_tcp:127.0.0.1[4711]
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <ironrpc/ironrpc.h>

#include "hello.h"

static uint32_t greetings;
static struct irpc_server *server;

static enum irpc_status greet(struct irpc_call *call, const char *name, char **greeting,
                              uint32_t *ret_result)
{
    size_t size = strlen(name) + sizeof("Hello, !");

    *greeting = irpc_call_alloc(call, size);
    if (*greeting == NULL) {
        return IRPC_NO_MEMORY;
    }
    snprintf(*greeting, size, "Hello, %s!", name);
    *ret_result = ++greetings;
    return IRPC_OK;
}

static enum irpc_status count(struct irpc_call *call, uint32_t *ret_count)
{
    (void)call;
    *ret_count = greetings;
    return IRPC_OK;
}

static const struct hello_manager manager = {greet, count};

static void stop(int number)
{
    (void)number;
    irpc_server_stop(server);
}

/* The library prints nothing itself; it says here, for instance, that it cannot register. */
static void print_log(void *user, enum irpc_log_level level, const char *subsystem,
                      const char *text)
{
    (void)user;
    (void)level;
    fprintf(stderr, "%s: %s\n", subsystem, text);
}

static enum irpc_status set_up(const char *string_binding, const char *mapper)
{
    static const struct irpc_register_options options = {.annotation = "hello example"};
    struct irpc_endpoint endpoint;
    enum irpc_status st = irpc_server_listen(server, string_binding);

    if (st == IRPC_OK) {
        st = irpc_server_register(server, &hello_v1_0_server, &manager, &options);
    }
    if (st == IRPC_OK) {
        st = irpc_server_publish(server, mapper);
    }
    for (unsigned i = 0; st == IRPC_OK && irpc_server_endpoint(server, i, &endpoint); i++) {
        printf("listening at %s\n", endpoint.string_binding);
    }
    fflush(stdout);
    return st;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s STRING-BINDING [MAPPER]\n", argv[0]);
        return 2;
    }
    irpc_set_log(print_log, NULL, IRPC_LOG_WARNING);
    if (irpc_server_new(NULL, &server) != IRPC_OK) {
        fprintf(stderr, "no server can be made\n");
        return 1;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    enum irpc_status st = set_up(argv[1], argc == 3 ? argv[2] : NULL);
    if (st == IRPC_OK) {
        st = irpc_server_run(server);
    }
    if (st != IRPC_OK) {
        fprintf(stderr, "%s: %s\n", irpc_status_text(st), irpc_server_error(server));
    }
    irpc_server_free(server);
    return st == IRPC_OK ? 0 : 1;
}
