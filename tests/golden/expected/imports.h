/* Types, client and server. Made by ironidl from imports.idl; do not edit. */
#ifndef IRONIDL_IMPORTS_H
#define IRONIDL_IMPORTS_H

#include <ironrpc/stub.h>
#include "base_types.h"

/* The declarations of c_types.h, which has them otherwise. */
#ifndef IRONIDL_C_TYPES_H
#define IRONIDL_C_TYPES_H
typedef int32_t MEASURE;
typedef int32_t *PMEASURE;
typedef struct POINT POINT;
struct POINT {
    int32_t x;
    int32_t y;
};

typedef struct SIZE SIZE;
struct SIZE {
    int32_t wide;
    int32_t high;
};

enum TINT {
    RED = 0,
    BLUE = 1
};

#endif
#include "c_only.h"

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifdef UNDEFINED_ANYWHERE
#endif /* closes */
typedef int QUOTED_ONLY;
typedef struct imports_SIZE imports_SIZE;
struct imports_SIZE {
    int16_t wide;
    int16_t high;
};

enum COLOUR {
    COLOUR_RED = 0,
    GREEN = 7
};


/* interface imports, 6f0a1b2c-0200-4000-8000-000000000001 version 1.0 */

extern const struct irpc_interface imports_v1_0_interface;
extern const struct irpc_server_stub imports_v1_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED imports_place(struct irpc_binding *binding, POINT at, imports_SIZE size, MEASURE m, enum COLOUR c, SMALL s);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct imports_manager {
    enum irpc_status (*place)(struct irpc_call *call, POINT at, imports_SIZE size, MEASURE m, enum COLOUR c, SMALL s);
};

/* Parameters as stubs pass them to the runtime. */
struct imports_place_args {
    POINT at;
    imports_SIZE size;
    MEASURE m;
    enum COLOUR c;
    SMALL s;
};

#ifndef STAYS_OPEN
#endif
#ifdef __cplusplus
}
#endif
#endif
