/* What the interop services have in common: arguments, listening, registration, a clean stop. */
#pragma once

#include <ironrpc/server.h>

/* An interface to offer. */
struct service {
    const struct irpc_server_stub *stub;
    const void *manager;
    const char *annotation; /* for the endpoint map */
    bool blocking;          /* its functions may sleep */
};

/*
 * main() of a service of @n interfaces: NAME [--windows 2022|2012r2] [--keytab FILE]
 * [--accounts FILE] [--min-level NUMBER] LISTENER... Registers itself with the endpoint mapper of
 * the runtime folder, runs until SIGTERM or SIGINT. With keytab or accounts it takes Kerberos or
 * NTLM, and SPNEGO.
 * Return: exit status.
 */
int service_main(int argc, char **argv, const struct service *services, unsigned n);
