/* Types, client and server. Made by ironidl from clash.idl; do not edit. */
#ifndef IRONIDL_CLASH_H
#define IRONIDL_CLASH_H

#include <ironrpc/stub.h>
#include "first.h"
#include "third.h"

/* The declarations of second.h, which has them otherwise. */
#ifndef IRONIDL_SECOND_H
#define IRONIDL_SECOND_H
typedef uint64_t second_size_type;
typedef struct second_tag second_tag;
struct second_tag {
    int32_t value;
    second_size_type size;
    kept k;
};

typedef struct user user;
struct user {
    second_tag *t;
    second_size_type n;
};

enum height {
    height_HIGH = 0,
    HIGHER = 1
};

typedef enum height height;
#endif

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif


/* interface clash, 6f0a1b2c-0700-4000-8000-000000000001 version 1.0 */

extern const struct irpc_interface clash_v1_0_interface;
extern const struct irpc_server_stub clash_v1_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED clash_f(struct irpc_binding *binding, user *u, second_tag *t, level l, height h, kept *k, second_size_type *ret_result);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct clash_manager {
    enum irpc_status (*f)(struct irpc_call *call, user *u, second_tag *t, level l, height h, kept *k, second_size_type *ret_result);
};

/* Parameters as stubs pass them to the runtime. */
struct clash_f_args {
    user *u;
    second_tag *t;
    level l;
    height h;
    kept *k;
    second_size_type result;
};

#ifdef __cplusplus
}
#endif
#endif
