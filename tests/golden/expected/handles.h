/* Types, client and server. Made by ironidl from handles.idl; do not edit. */
#ifndef IRONIDL_HANDLES_H
#define IRONIDL_HANDLES_H

#include <ironrpc/stub.h>
#include "base_types.h"

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* quoted "as it is" */
typedef struct irpc_context_handle session;
typedef struct irpc_context_handle other;
#define LIMIT 42
#define HANDLES_DONE 1

/* interface handles, 6f0a1b2c-0003-4000-8000-000000000003 version 1.0 */

extern const struct irpc_interface handles_v1_0_interface;
extern const struct irpc_server_stub handles_v1_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED handles_open(struct irpc_binding *binding, base_name name, session *s, int32_t *ret_result);
IRPC_CHECKED handles_use(struct irpc_binding *binding, session s, base_point where, other o, int32_t *ret_result);
IRPC_CHECKED handles_close(struct irpc_binding *binding, session *s, int32_t *ret_result);
IRPC_CHECKED handles_direct(struct irpc_binding *binding, struct irpc_context_handle plain, struct irpc_context_handle *made);
IRPC_CHECKED handles_after_local(struct irpc_binding *binding, int32_t x);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct handles_manager {
    enum irpc_status (*open)(struct irpc_call *call, base_name name, session *s, int32_t *ret_result);
    enum irpc_status (*use)(struct irpc_call *call, session s, base_point where, other o, int32_t *ret_result);
    enum irpc_status (*close)(struct irpc_call *call, session *s, int32_t *ret_result);
    enum irpc_status (*direct)(struct irpc_call *call, struct irpc_context_handle plain, struct irpc_context_handle *made);
    enum irpc_status (*after_local)(struct irpc_call *call, int32_t x);
};

/* Parameters as stubs pass them to the runtime. */
struct handles_open_args {
    base_name name;
    session *s;
    int32_t result;
};

struct handles_use_args {
    session s;
    base_point where;
    other o;
    int32_t result;
};

struct handles_close_args {
    session *s;
    int32_t result;
};

struct handles_direct_args {
    struct irpc_context_handle plain;
    struct irpc_context_handle *made;
};

struct handles_after_local_args {
    int32_t x;
};

#ifdef __cplusplus
}
#endif
#endif
