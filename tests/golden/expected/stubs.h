/* Types, client and server. Made by ironidl from stubs.idl; do not edit. */
#ifndef IRONIDL_STUBS_H
#define IRONIDL_STUBS_H

#include <ironrpc/pickle.h>

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct record record;
struct record {
    int32_t value;
    int32_t *more;
};

typedef struct node node;
struct node {
    int32_t value;
    void *owner;
    struct node *previous;
    struct node *next;
};


/* interface stubs, 6f0a1b2c-0600-4000-8000-000000000001 version 2.1 */

extern const struct irpc_interface stubs_v2_1_interface;
extern const struct irpc_server_stub stubs_v2_1_server;

/* The binding of all functions that take none; set it before. */
extern struct irpc_binding *stubs_handle;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED stubs_ping(int32_t n, uint32_t *ret_result);
IRPC_CHECKED stubs_status_apart(struct irpc_binding *binding, node *list, uint32_t *comm, uint32_t *fault);
IRPC_CHECKED stubs_half(int32_t n, uint32_t *st, uint32_t *ret_result);
IRPC_CHECKED stubs_nothing(void);
IRPC_CHECKED stubs_with_binding(struct irpc_binding *binding);
IRPC_CHECKED stubs_for_travels(record *r, int32_t *ret_result);
IRPC_CHECKED stubs_between(void);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct stubs_manager {
    enum irpc_status (*ping)(struct irpc_call *call, int32_t n, uint32_t *ret_result);
    enum irpc_status (*status_apart)(struct irpc_call *call, node *list, uint32_t *comm, uint32_t *fault);
    enum irpc_status (*half)(struct irpc_call *call, int32_t n, uint32_t *st, uint32_t *ret_result);
    enum irpc_status (*nothing)(struct irpc_call *call);
    enum irpc_status (*with_binding)(struct irpc_call *call);
    enum irpc_status (*for_travels)(struct irpc_call *call, record *r, int32_t *ret_result);
    enum irpc_status (*between)(struct irpc_call *call);
};

/* Parameters as stubs pass them to the runtime. */
struct stubs_ping_args {
    int32_t n;
    uint32_t result;
};

struct stubs_status_apart_args {
    node *list;
    uint32_t *comm;
    uint32_t *fault;
};

struct stubs_half_args {
    int32_t n;
    uint32_t *st;
    uint32_t result;
};

struct stubs_nothing_args {
    char unused;
};

struct stubs_with_binding_args {
    char unused;
};

struct stubs_for_travels_args {
    record *r;
    int32_t result;
};

struct stubs_between_args {
    char unused;
};

enum level {
    LOW = 0,
    HIGH = 1
};

typedef enum level level;
typedef struct either either;
struct either {
    level l;
    union {
        int32_t low;
        int64_t high;
    } u;
};

typedef struct levels levels;
struct levels {
    int32_t n;
    level items[1];
};

typedef levels *levels_pointer;
typedef int32_t number;

/* interface stored, 6f0a1b2c-0600-4000-8000-000000000002 version 0.0 */

extern const struct irpc_interface stored_v0_0_interface;
extern const struct irpc_server_stub stored_v0_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED stored_level_encode(struct irpc_pickle *pickle, const level *value);
IRPC_CHECKED stored_level_decode(struct irpc_pickle *pickle, level **ret_value);
IRPC_CHECKED stored_either_encode(struct irpc_pickle *pickle, const either *value);
IRPC_CHECKED stored_either_decode(struct irpc_pickle *pickle, either **ret_value);
IRPC_CHECKED stored_levels_encode(struct irpc_pickle *pickle, const levels *value);
IRPC_CHECKED stored_levels_decode(struct irpc_pickle *pickle, levels **ret_value);
IRPC_CHECKED stored_number_encode(struct irpc_pickle *pickle, const number *value);
IRPC_CHECKED stored_number_decode(struct irpc_pickle *pickle, number **ret_value);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct stored_manager {
    char unused;
};

/* Parameters as stubs pass them to the runtime. */

/* interface reserved, 6f0a1b2c-0600-4000-8000-000000000003 version 0.0 */

extern const struct irpc_interface reserved_v0_0_interface;
extern const struct irpc_server_stub reserved_v0_0_server;

/* The binding of all functions that take none; set it before. */
extern struct irpc_binding *binding_;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED reserved_uses_it(void);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct reserved_manager {
    enum irpc_status (*uses_it)(struct irpc_call *call);
};

/* Parameters as stubs pass them to the runtime. */
struct reserved_uses_it_args {
    char unused;
};

#ifdef __cplusplus
}
#endif
#endif
