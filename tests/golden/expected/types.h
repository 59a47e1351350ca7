/* Types, client and server. Made by ironidl from types.idl; do not edit. */
#ifndef IRONIDL_TYPES_H
#define IRONIDL_TYPES_H

#include <ironrpc/stub.h>

#if IRPC_CONTRACT != 2u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define SMALL_COUNT 4
#define BIG 2147483647
#define MASK 4294967295u
#define WIDE (-5000000000ll)
#define LETTER 65u
#define GREETING "hello\n"
#define RATIO 1.5
#define YES 1u
#define LATER 150
#define EARLIER 19
enum color {
    RED = 0,
    GREEN = 5,
    BLUE = 6
};

typedef enum color color;
enum level {
    LOW = -1,
    HIGH = 2147483647,
    ALL = -1
};

typedef enum level level;
struct mixed {
    uint8_t b;
    uint8_t y;
    char c;
    unsigned char uc;
    uint16_t w;
    int8_t s8;
    uint8_t u8;
    int16_t s16;
    uint16_t u16;
    int32_t s32;
    uint32_t u32;
    int64_t s64;
    uint64_t u64;
    float f;
    double d;
    int64_t native;
    uint64_t unative;
    uint32_t status;
    color tint;
    level height;
    int32_t i;
    uint32_t ui;
    int64_t i64;
    int64_t ll;
};

typedef struct point point;
struct point {
    int32_t x;
    int32_t y;
};

typedef struct point *point_ptr;
typedef struct node node;
typedef struct later_t later_t;
struct node {
    struct node *next;
    later_t *late;
    point at[4][2];
};

struct later_t {
    int32_t value;
};

typedef struct assorted assorted;
struct assorted_nested {
    int16_t inner;
};

struct assorted {
    char name[16];
    uint16_t *wide;
    point *must;
    point *full;
    point_ptr may;
    int32_t class_;
    struct assorted_nested nested;
};

typedef struct cloud cloud;
struct cloud {
    uint16_t n;
    point points[1];
};


/* interface types, 6f0a1b2c-0001-4000-8000-000000000001 version 2.7 */

extern const struct irpc_interface types_v2_7_interface;
extern const struct irpc_server_stub types_v2_7_server;

/* Client: each calls the operation over a binding. */
IRPC_CHECKED types_everything(struct irpc_binding *binding, struct mixed *in_value, struct mixed *out_value);
IRPC_CHECKED types_by_value(struct irpc_binding *binding, point p, color tint, level height, point *ret_result);
IRPC_CHECKED types_arrays(struct irpc_binding *binding, int32_t *fixed, point (*grid)[3], char *text, const uint16_t *maybe, char **reply, cloud *c);
IRPC_CHECKED types_lists(struct irpc_binding *binding, node *first, node *second, assorted *a);
IRPC_CHECKED types_tiny(struct irpc_binding *binding, uint8_t *ret_result);
IRPC_CHECKED types_forget(struct irpc_binding *binding, int64_t h);
IRPC_CHECKED types_names(struct irpc_binding *binding, int32_t class_, int32_t binding_, int32_t result_, int32_t arg4);
IRPC_CHECKED types_single(struct irpc_binding *binding, double d, float *ret_result);

/* Server: the functions that do the work, in the order of the operations. NULL: not offered. */
struct types_manager {
    enum irpc_status (*everything)(struct irpc_call *call, struct mixed *in_value, struct mixed *out_value);
    enum irpc_status (*by_value)(struct irpc_call *call, point p, color tint, level height, point *ret_result);
    enum irpc_status (*arrays)(struct irpc_call *call, int32_t *fixed, point (*grid)[3], char *text, const uint16_t *maybe, char **reply, cloud *c);
    enum irpc_status (*lists)(struct irpc_call *call, node *first, node *second, assorted *a);
    enum irpc_status (*tiny)(struct irpc_call *call, uint8_t *ret_result);
    enum irpc_status (*forget)(struct irpc_call *call, int64_t h);
    enum irpc_status (*names)(struct irpc_call *call, int32_t class_, int32_t binding_, int32_t result_, int32_t arg4);
    enum irpc_status (*single)(struct irpc_call *call, double d, float *ret_result);
};

/* Parameters as stubs pass them to the runtime. */
struct types_everything_args {
    struct mixed *in_value;
    struct mixed *out_value;
};

struct types_by_value_args {
    point p;
    color tint;
    level height;
    point result;
};

struct types_arrays_args {
    int32_t *fixed;
    point (*grid)[3];
    char *text;
    const uint16_t *maybe;
    char **reply;
    cloud *c;
};

struct types_lists_args {
    node *first;
    node *second;
    assorted *a;
};

struct types_tiny_args {
    uint8_t result;
};

struct types_forget_args {
    int64_t h;
};

struct types_names_args {
    int32_t class_;
    int32_t binding_;
    int32_t result_;
    int32_t arg4;
};

struct types_single_args {
    double d;
    float result;
};

#ifdef __cplusplus
}
#endif
#endif
