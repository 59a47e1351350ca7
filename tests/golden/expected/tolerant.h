/* Types, client and server. Made by ironidl from tolerant.idl; do not edit. */
#ifndef IRONIDL_TOLERANT_H
#define IRONIDL_TOLERANT_H

#include <ironrpc/stub.h>
#include "base_types.h"

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t counter_t;
#define LAST 4294967295u
enum color {
    RED = 0,
    GREEN = 1
};

typedef enum color color;
enum other_color {
    other_color_GREEN = 5,
    BLUE = 6
};

typedef enum other_color other_color;
typedef struct unsent unsent;
struct unsent {
    uint32_t a : 3;
    uint32_t b : 25;
    uint32_t : 4;
};

typedef int16_t *near_pointer;
typedef int16_t *far_pointer;
typedef struct id id;
struct id {
    uint32_t data;
};

typedef struct named_as_types named_as_types;
struct named_as_types {
    struct id id;
    enum color color;
};

typedef struct middle middle;
struct middle {
    uint32_t n;
    uint8_t *in_the_middle;
    uint32_t end;
};

typedef uint8_t *bytes;
typedef int32_t namespace_;
typedef uint32_t uint32_t_;
typedef struct class_ class_;
struct class_ {
    uint32_t_ near;
    namespace_ far;
};


/* interface tolerant, 6f0a1b2c-0500-4000-8000-000000000002 version 1.0 */

extern const struct irpc_interface tolerant_v1_0_interface;
extern const struct irpc_server_stub tolerant_v1_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED tolerant_f(struct irpc_binding *binding, named_as_types *v, other_color c, middle *m);
IRPC_CHECKED tolerant_unsized(struct irpc_binding *binding, bytes data, int32_t count);
IRPC_CHECKED tolerant_named_as_in_c(struct irpc_binding *binding, class_ *c, namespace_ new_, uint32_t_ export_);
IRPC_CHECKED tolerant_handle_behind(struct irpc_binding *binding, int32_t n, uint8_t *data);
IRPC_CHECKED tolerant_qualified(struct irpc_binding *binding, near_pointer a, far_pointer b, int32_t *c);
IRPC_CHECKED tolerant_g(struct irpc_binding *binding, int64_t *n, uint8_t *bytes);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct tolerant_manager {
    enum irpc_status (*f)(struct irpc_call *call, named_as_types *v, other_color c, middle *m);
    enum irpc_status (*unsized)(struct irpc_call *call, bytes data, int32_t count);
    enum irpc_status (*named_as_in_c)(struct irpc_call *call, class_ *c, namespace_ new_, uint32_t_ export_);
    enum irpc_status (*handle_behind)(struct irpc_call *call, int32_t n, uint8_t *data);
    enum irpc_status (*qualified)(struct irpc_call *call, near_pointer a, far_pointer b, int32_t *c);
    enum irpc_status (*g)(struct irpc_call *call, int64_t *n, uint8_t *bytes);
};

/* Parameters as stubs pass them to the runtime. */
struct tolerant_f_args {
    named_as_types *v;
    other_color c;
    middle *m;
};

struct tolerant_unsized_args {
    bytes data;
    int32_t count;
};

struct tolerant_named_as_in_c_args {
    class_ *c;
    namespace_ new_;
    uint32_t_ export_;
};

struct tolerant_handle_behind_args {
    int32_t n;
    uint8_t *data;
};

struct tolerant_qualified_args {
    near_pointer a;
    far_pointer b;
    int32_t *c;
};

struct tolerant_g_args {
    int64_t *n;
    uint8_t *bytes;
};

#ifdef __cplusplus
}
#endif
#endif
