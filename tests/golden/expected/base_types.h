/* Types, client and server. Made by ironidl from base_types.idl; do not edit. */
#ifndef IRONIDL_BASE_TYPES_H
#define IRONIDL_BASE_TYPES_H

#include <ironrpc/stub.h>

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef uint16_t *base_name;
typedef struct base_point base_point;
struct base_point {
    int16_t x;
    int64_t y;
};


/* interface base_types, 6f0a1b2c-0004-4000-8000-000000000004 version 1.0 */

extern const struct irpc_interface base_types_v1_0_interface;
extern const struct irpc_server_stub base_types_v1_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED base_types_never_called(struct irpc_binding *binding, base_point *p);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct base_types_manager {
    enum irpc_status (*never_called)(struct irpc_call *call, base_point *p);
};

/* Parameters as stubs pass them to the runtime. */
struct base_types_never_called_args {
    base_point *p;
};

#ifdef __cplusplus
}
#endif
#endif
