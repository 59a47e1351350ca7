/* What the interop services have in common: arguments, listening, registration, a clean stop. */
#pragma once

#include <ironrpc/server.h>

/*
 * main() of a service of one interface: NAME [--windows 2022|2012r2] [--keytab FILE]
 * [--accounts FILE] [--min-level NUMBER] LISTENER... Registers itself with the endpoint mapper of
 * the runtime folder, runs until SIGTERM or SIGINT. With keytab or accounts it takes Kerberos or
 * NTLM, and SPNEGO.
 * Return: exit status.
 */
int service_main(int argc, char **argv, const struct irpc_server_stub *stub, const void *manager,
                 const char *annotation);
