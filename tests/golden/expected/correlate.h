/* Types, client and server. Made by ironidl from correlate.idl; do not edit. */
#ifndef IRONIDL_CORRELATE_H
#define IRONIDL_CORRELATE_H

#include <ironrpc/stub.h>

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define LIMIT 1000u
typedef struct blob blob;
struct blob {
    uint32_t capacity;
    uint32_t used;
    uint8_t *data;
    uint16_t *text;
    int16_t *one_more;
};

typedef struct window window;
struct window {
    int32_t first;
    int32_t last;
    int32_t n;
    int32_t window[1];
};

typedef union any any;
union any {
    int32_t number;
    uint16_t *name;
    blob data;
};

typedef struct variant variant;
union variant_more {
    int16_t a;
    int64_t b;
};

struct variant {
    uint16_t kind;
    any value;
    uint32_t flags;
    union variant_more more;
};

enum shape_kind {
    SHAPE_POINT = 1,
    SHAPE_BOX = 2
};

typedef enum shape_kind shape_kind;
typedef struct shape shape;
struct shape {
    shape_kind kind;
    union {
        int32_t point[2];
        int64_t box[4];
    } body;
};

typedef union padded padded;
union padded {
    uint8_t small_arm;
    int64_t large_arm;
};


/* interface correlate, 6f0a1b2c-0002-4000-8000-000000000002 version 1.0 */

extern const struct irpc_interface correlate_v1_0_interface;
extern const struct irpc_server_stub correlate_v1_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED correlate_sizes(struct irpc_binding *binding, uint32_t n, uint8_t *plain, int16_t *varying, uint32_t *m, int32_t *counted, int32_t **two_levels, blob **allocated, uint8_t *chosen, uint8_t *constant, uint8_t *also_constant, char *fixed);
IRPC_CHECKED correlate_strings(struct irpc_binding *binding, uint32_t n, char *sized, uint16_t *limited, uint16_t **many);
IRPC_CHECKED correlate_unions(struct irpc_binding *binding, uint16_t kind, any *tagged, variant *v, shape s, int32_t tag, padded *p);
IRPC_CHECKED correlate_windows(struct irpc_binding *binding, window *w, int32_t offset);
IRPC_CHECKED correlate_unchecked(struct irpc_binding *binding, uint32_t n, uint8_t *data);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct correlate_manager {
    enum irpc_status (*sizes)(struct irpc_call *call, uint32_t n, uint8_t *plain, int16_t *varying, uint32_t *m, int32_t *counted, int32_t **two_levels, blob **allocated, uint8_t *chosen, uint8_t *constant, uint8_t *also_constant, char *fixed);
    enum irpc_status (*strings)(struct irpc_call *call, uint32_t n, char *sized, uint16_t *limited, uint16_t **many);
    enum irpc_status (*unions)(struct irpc_call *call, uint16_t kind, any *tagged, variant *v, shape s, int32_t tag, padded *p);
    enum irpc_status (*windows)(struct irpc_call *call, window *w, int32_t offset);
    enum irpc_status (*unchecked)(struct irpc_call *call, uint32_t n, uint8_t *data);
};

/* Parameters as stubs pass them to the runtime. */
struct correlate_sizes_args {
    uint32_t n;
    uint8_t *plain;
    int16_t *varying;
    uint32_t *m;
    int32_t *counted;
    int32_t **two_levels;
    blob **allocated;
    uint8_t *chosen;
    uint8_t *constant;
    uint8_t *also_constant;
    char *fixed;
};

struct correlate_strings_args {
    uint32_t n;
    char *sized;
    uint16_t *limited;
    uint16_t **many;
};

struct correlate_unions_args {
    uint16_t kind;
    any *tagged;
    variant *v;
    shape s;
    int32_t tag;
    padded *p;
};

struct correlate_windows_args {
    window *w;
    int32_t offset;
};

struct correlate_unchecked_args {
    uint32_t n;
    uint8_t *data;
};

#ifdef __cplusplus
}
#endif
#endif
