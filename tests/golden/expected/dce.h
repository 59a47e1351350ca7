/* Types, client and server. Made by ironidl from dce.idl; do not edit. */
#ifndef IRONIDL_DCE_H
#define IRONIDL_DCE_H

#include <ironrpc/stub.h>

/* The declarations of nbase.h, which has them otherwise. */
#ifndef IRONIDL_NBASE_H
#define IRONIDL_NBASE_H
typedef uint8_t unsigned8;
typedef uint16_t unsigned16;
typedef uint32_t unsigned32;
typedef uint64_t unsigned64;
typedef int8_t signed8;
typedef int16_t signed16;
typedef int32_t signed32;
typedef int64_t signed64;
typedef unsigned32 boolean32;
typedef struct uuid_t uuid_t;
struct uuid_t {
    unsigned32 time_low;
    unsigned16 time_mid;
    unsigned16 time_hi_and_version;
    unsigned8 clock_seq_hi_and_reserved;
    unsigned8 clock_seq_low;
    uint8_t node[6];
};

typedef uuid_t idl_uuid_t;
typedef uuid_t *uuid_p_t;
typedef uint8_t ISO_LATIN_1;
typedef struct ISO_MULTI_LINGUAL ISO_MULTI_LINGUAL;
struct ISO_MULTI_LINGUAL {
    uint8_t row;
    uint8_t column;
};

typedef struct ISO_UCS ISO_UCS;
struct ISO_UCS {
    uint8_t group;
    uint8_t plane;
    uint8_t row;
    uint8_t column;
};

typedef struct twr_t twr_t;
struct twr_t {
    unsigned32 tower_length;
    uint8_t tower_octet_string[1];
};

typedef twr_t *twr_p_t;
typedef struct ndr_format_t ndr_format_t;
struct ndr_format_t {
    unsigned8 int_rep;
    unsigned8 char_rep;
    unsigned8 float_rep;
    uint8_t reserved;
};

typedef ndr_format_t *ndr_format_p_t;
#define error_status_ok 0
#endif

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t error_status_t;
typedef uint32_t numbers[1];
typedef ISO_LATIN_1 *text;
#define GOOD 0
typedef struct ids ids;
struct ids {
    unsigned32 count;
    uuid_p_t ids[1];
};


/* interface dce, 6f0a1b2c-0700-4000-8000-000000000001 version 2.0 */

extern const struct irpc_interface dce_v2_0_interface;
extern const struct irpc_server_stub dce_v2_0_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED dce_sum(struct irpc_binding *binding, uint32_t *data, uint32_t n, unsigned32 *total, uint32_t *status);
IRPC_CHECKED dce_find(struct irpc_binding *binding, uuid_t *id, signed32 room, uint8_t *found, signed32 *n, boolean32 *ret_result);
IRPC_CHECKED dce_say(struct irpc_binding *binding, text what, ISO_MULTI_LINGUAL *where, ids *list);
IRPC_CHECKED dce_name(struct irpc_binding *binding, char *name);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct dce_manager {
    enum irpc_status (*sum)(struct irpc_call *call, uint32_t *data, uint32_t n, unsigned32 *total, uint32_t *status);
    enum irpc_status (*find)(struct irpc_call *call, uuid_t *id, signed32 room, uint8_t *found, signed32 *n, boolean32 *ret_result);
    enum irpc_status (*say)(struct irpc_call *call, text what, ISO_MULTI_LINGUAL *where, ids *list);
    enum irpc_status (*name)(struct irpc_call *call, char *name);
};

/* Parameters as stubs pass them to the runtime. */
struct dce_sum_args {
    uint32_t *data;
    uint32_t n;
    unsigned32 *total;
    uint32_t *status;
};

struct dce_find_args {
    uuid_t *id;
    signed32 room;
    uint8_t *found;
    signed32 *n;
    boolean32 result;
};

struct dce_say_args {
    text what;
    ISO_MULTI_LINGUAL *where;
    ids *list;
};

struct dce_name_args {
    char *name;
};

#ifdef __cplusplus
}
#endif
#endif
