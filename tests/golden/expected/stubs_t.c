/* Tables. Made by ironidl from stubs.idl; do not edit. */
#include "stubs.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type stubs_v2_1_types[11] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_U32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_IGNORED, sizeof(void *), {4, 8}, 0, 0, sizeof(void *), {4, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 5, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 4 */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct node), {16, 32}, 0, 4, 0, 0, 0, 0, 28}, /* 5: node */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 5, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 6 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 2, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 1, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 8 */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct record), {8, 16}, 4, 2, 0, 0, 0, 0, 90}, /* 9: record */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 9, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 10 */
};

static const struct irpc_ndr_field stubs_v2_1_fields[6] = {
    {1, offsetof(struct node, value), 118}, /* 0 */
    {3, offsetof(struct node, owner), 124}, /* 1 */
    {3, offsetof(struct node, previous), 130}, /* 2 */
    {4, offsetof(struct node, next), 139}, /* 3 */
    {1, offsetof(struct record, value), 118}, /* 4 */
    {8, offsetof(struct record, more), 144}, /* 5 */
};

static const struct irpc_ndr_expr stubs_v2_1_exprs[1] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
};

static const struct irpc_ndr_param stubs_v2_1_params[10] = {
    {1, offsetof(struct stubs_ping_args, n), 6, IRPC_NDR_P_IN}, /* 0: n */
    {2, offsetof(struct stubs_ping_args, result), 8, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 1: result */
    {6, offsetof(struct stubs_status_apart_args, list), 33, IRPC_NDR_P_IN}, /* 2: list */
    {7, offsetof(struct stubs_status_apart_args, comm), 38, IRPC_NDR_P_OUT}, /* 3: comm */
    {7, offsetof(struct stubs_status_apart_args, fault), 43, IRPC_NDR_P_OUT}, /* 4: fault */
    {1, offsetof(struct stubs_half_args, n), 6, IRPC_NDR_P_IN}, /* 5: n */
    {7, offsetof(struct stubs_half_args, st), 54, IRPC_NDR_P_OUT}, /* 6: st */
    {2, offsetof(struct stubs_half_args, result), 8, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 7: result */
    {10, offsetof(struct stubs_for_travels_args, r), 97, IRPC_NDR_P_IN}, /* 8: r */
    {1, offsetof(struct stubs_for_travels_args, result), 8, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 9: result */
};

static const struct irpc_ndr_op stubs_v2_1_ops[9] = {
    {0, 2, 0, sizeof(struct stubs_ping_args), 1}, /* 0: ping */
    {2, 3, 0, sizeof(struct stubs_status_apart_args), 15}, /* 1: status_apart */
    {5, 3, 0, sizeof(struct stubs_half_args), 49}, /* 2: half */
    {8, 0, 0, sizeof(struct stubs_nothing_args), 57}, /* 3: nothing */
    {8, 0, 0, sizeof(struct stubs_with_binding_args), 65}, /* 4: with_binding */
    {8, 2, 0, sizeof(struct stubs_for_travels_args), 78}, /* 5: for_travels */
    {10, 0, 0, sizeof(struct stubs_between_args), 99}, /* 6: between */
    {10, 0, IRPC_NDR_OP_ABSENT, 1, 107}, /* 7: stays */
    {10, 0, IRPC_NDR_OP_ABSENT, 1, 113}, /* 8: pack */
};

static const char stubs_v2_1_names[149] = {
    0,
    'p', 'i', 'n', 'g', 0,
    'n', 0,
    'r', 'e', 's', 'u', 'l', 't', 0,
    's', 't', 'a', 't', 'u', 's', '_', 'a', 'p', 'a', 'r', 't', 0,
    'n', 'o', 'd', 'e', 0,
    'l', 'i', 's', 't', 0,
    'c', 'o', 'm', 'm', 0,
    'f', 'a', 'u', 'l', 't', 0,
    'h', 'a', 'l', 'f', 0,
    's', 't', 0,
    'n', 'o', 't', 'h', 'i', 'n', 'g', 0,
    'w', 'i', 't', 'h', '_', 'b', 'i', 'n', 'd', 'i', 'n', 'g', 0,
    'f', 'o', 'r', '_', 't', 'r', 'a', 'v', 'e', 'l', 's', 0,
    'r', 'e', 'c', 'o', 'r', 'd', 0,
    'r', 0,
    'b', 'e', 't', 'w', 'e', 'e', 'n', 0,
    's', 't', 'a', 'y', 's', 0,
    'p', 'a', 'c', 'k', 0,
    'v', 'a', 'l', 'u', 'e', 0,
    'o', 'w', 'n', 'e', 'r', 0,
    'p', 'r', 'e', 'v', 'i', 'o', 'u', 's', 0,
    'n', 'e', 'x', 't', 0,
    'm', 'o', 'r', 'e', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct node) == 32);
IRONIDL_CHECK(offsetof(struct node, value) == 0);
IRONIDL_CHECK(offsetof(struct node, owner) == 8);
IRONIDL_CHECK(offsetof(struct node, previous) == 16);
IRONIDL_CHECK(offsetof(struct node, next) == 24);
IRONIDL_CHECK(sizeof(struct record) == 16);
IRONIDL_CHECK(offsetof(struct record, value) == 0);
IRONIDL_CHECK(offsetof(struct record, more) == 8);
IRONIDL_CHECK(sizeof(struct stubs_ping_args) == 8);
IRONIDL_CHECK(offsetof(struct stubs_ping_args, n) == 0);
IRONIDL_CHECK(offsetof(struct stubs_ping_args, result) == 4);
IRONIDL_CHECK(sizeof(struct stubs_status_apart_args) == 24);
IRONIDL_CHECK(offsetof(struct stubs_status_apart_args, list) == 0);
IRONIDL_CHECK(offsetof(struct stubs_status_apart_args, comm) == 8);
IRONIDL_CHECK(offsetof(struct stubs_status_apart_args, fault) == 16);
IRONIDL_CHECK(sizeof(struct stubs_half_args) == 24);
IRONIDL_CHECK(offsetof(struct stubs_half_args, n) == 0);
IRONIDL_CHECK(offsetof(struct stubs_half_args, st) == 8);
IRONIDL_CHECK(offsetof(struct stubs_half_args, result) == 16);
IRONIDL_CHECK(sizeof(struct stubs_nothing_args) == 1);
IRONIDL_CHECK(sizeof(struct stubs_with_binding_args) == 1);
IRONIDL_CHECK(sizeof(struct stubs_for_travels_args) == 16);
IRONIDL_CHECK(offsetof(struct stubs_for_travels_args, r) == 0);
IRONIDL_CHECK(offsetof(struct stubs_for_travels_args, result) == 8);
IRONIDL_CHECK(sizeof(struct stubs_between_args) == 1);
#endif

static const struct irpc_ndr_unit stubs_v2_1_unit = {
    2u,
    11, 6, 0, 1, 0, 10, 9, 0, 0, 149, 2u,
    stubs_v2_1_types, stubs_v2_1_fields, 0, stubs_v2_1_exprs, 0, stubs_v2_1_params, stubs_v2_1_ops, stubs_v2_1_names,
};

const struct irpc_interface stubs_v2_1_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0600, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x01}}, 2, 1},
    "stubs",
    &stubs_v2_1_unit,
};

static const struct irpc_ndr_type stored_v0_0_types[11] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 0, 2, 0, 0, 0, 0, 1}, /* 1: level */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 1, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_I64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 4 */
    {IRPC_NDR_UNION, 8, {8, 8}, IRPC_NDR_F_ENCAPSULATED, 0, sizeof(struct either), {0, 0}, 2, 2, 1, 0, 0, offsetof(struct either, u), 16}, /* 5: either */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 5, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 6 */
    {IRPC_NDR_ARRAY, 4, {2, 4}, IRPC_NDR_F_CONFORMANT, 0, 4, {0, 0}, 1, 0, 1, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_CONFORMANT, 0, sizeof(struct levels), {0, 0}, 0, 2, 0, 0, 0, 0, 23}, /* 8: levels */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 8, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 9 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 3, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 10 */
};

static const struct irpc_ndr_field stored_v0_0_fields[2] = {
    {3, offsetof(struct levels, n), 46}, /* 0 */
    {7, offsetof(struct levels, items), 48}, /* 1 */
};

static const struct irpc_ndr_arm stored_v0_0_arms[4] = {
    {0, 0, 7}, /* 0: LOW */
    {1, 0, 11}, /* 1: HIGH */
    {0, 3, 37}, /* 2: low */
    {1, 4, 41}, /* 3: high */
};

static const struct irpc_ndr_expr stored_v0_0_exprs[2] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
    {IRPC_NDR_X_LOAD, 4, 1, 1, offsetof(struct levels, n), 0}, /* 1 */
};

static const struct irpc_ndr_param stored_v0_0_params[4] = {
    {2, 0, 1, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 0: level */
    {6, 0, 16, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 1: either */
    {9, 0, 23, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 2: levels */
    {10, 0, 30, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 3: number */
};

static const struct irpc_ndr_op stored_v0_0_ops[4] = {
    {0, 1, IRPC_NDR_OP_PICKLE, sizeof(void *), 1}, /* serialized: level */
    {1, 1, IRPC_NDR_OP_PICKLE, sizeof(void *), 16}, /* serialized: either */
    {2, 1, IRPC_NDR_OP_PICKLE, sizeof(void *), 23}, /* serialized: levels */
    {3, 1, IRPC_NDR_OP_PICKLE, sizeof(void *), 30}, /* serialized: number */
};

static const char stored_v0_0_names[54] = {
    0,
    'l', 'e', 'v', 'e', 'l', 0,
    'L', 'O', 'W', 0,
    'H', 'I', 'G', 'H', 0,
    'e', 'i', 't', 'h', 'e', 'r', 0,
    'l', 'e', 'v', 'e', 'l', 's', 0,
    'n', 'u', 'm', 'b', 'e', 'r', 0,
    'l', 'o', 'w', 0,
    'h', 'i', 'g', 'h', 0,
    'n', 0,
    'i', 't', 'e', 'm', 's', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct either) == 16);
IRONIDL_CHECK(sizeof(struct levels) == 8);
IRONIDL_CHECK(offsetof(struct levels, n) == 0);
IRONIDL_CHECK(offsetof(struct levels, items) == 4);
#endif

static const struct irpc_ndr_unit stored_v0_0_unit = {
    2u,
    11, 2, 4, 2, 0, 4, 0, 0, 4, 54, 4u,
    stored_v0_0_types, stored_v0_0_fields, stored_v0_0_arms, stored_v0_0_exprs, 0, stored_v0_0_params, stored_v0_0_ops, stored_v0_0_names,
};

const struct irpc_interface stored_v0_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0600, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x02}}, 0, 0},
    "stored",
    &stored_v0_0_unit,
};

static const struct irpc_ndr_type reserved_v0_0_types[1] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
};

static const struct irpc_ndr_expr reserved_v0_0_exprs[1] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
};

static const struct irpc_ndr_op reserved_v0_0_ops[1] = {
    {0, 0, 0, sizeof(struct reserved_uses_it_args), 1}, /* 0: uses_it */
};

static const char reserved_v0_0_names[9] = {
    0,
    'u', 's', 'e', 's', '_', 'i', 't', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct reserved_uses_it_args) == 1);
#endif

static const struct irpc_ndr_unit reserved_v0_0_unit = {
    2u,
    1, 0, 0, 1, 0, 0, 1, 0, 0, 9, 2u,
    reserved_v0_0_types, 0, 0, reserved_v0_0_exprs, 0, 0, reserved_v0_0_ops, reserved_v0_0_names,
};

const struct irpc_interface reserved_v0_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0600, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x03}}, 0, 0},
    "reserved",
    &reserved_v0_0_unit,
};
