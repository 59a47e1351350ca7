/* Tables. Made by ironidl from clash.idl; do not edit. */
#include "clash.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type clash_v1_0_types[12] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 7, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_U64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_STRUCT, 8, {8, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct user), {16, 16}, 0, 2, 0, 0, 0, 0, 3}, /* 3: user */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 3, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 4 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 5 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct kept), {4, 4}, 5, 1, 0, 0, 0, 0, 49}, /* 6: kept */
    {IRPC_NDR_STRUCT, 8, {8, 8}, 0, 0, sizeof(struct second_tag), {20, 24}, 2, 3, 0, 0, 0, 0, 10}, /* 7: tag */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 7, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 8 */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 0, 2, 0, 0, 0, 0, 16}, /* 9: level */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 2, 2, 0, 0, 0, 0, 33}, /* 10: height */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 6, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 11 */
};

static const struct irpc_ndr_field clash_v1_0_fields[6] = {
    {1, offsetof(struct user, t), 14}, /* 0 */
    {2, offsetof(struct user, n), 63}, /* 1 */
    {5, offsetof(struct second_tag, value), 65}, /* 2 */
    {2, offsetof(struct second_tag, size), 71}, /* 3 */
    {6, offsetof(struct second_tag, k), 54}, /* 4 */
    {5, offsetof(struct kept, n), 63}, /* 5 */
};

static const struct irpc_ndr_arm clash_v1_0_arms[4] = {
    {0, 0, 22}, /* 0: LOW */
    {1, 0, 26}, /* 1: HIGH */
    {0, 0, 26}, /* 2: HIGH */
    {1, 0, 40}, /* 3: HIGHER */
};

static const struct irpc_ndr_expr clash_v1_0_exprs[1] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
};

static const struct irpc_ndr_param clash_v1_0_params[6] = {
    {4, offsetof(struct clash_f_args, u), 8, IRPC_NDR_P_IN}, /* 0: u */
    {8, offsetof(struct clash_f_args, t), 14, IRPC_NDR_P_IN}, /* 1: t */
    {9, offsetof(struct clash_f_args, l), 31, IRPC_NDR_P_IN}, /* 2: l */
    {10, offsetof(struct clash_f_args, h), 47, IRPC_NDR_P_IN}, /* 3: h */
    {11, offsetof(struct clash_f_args, k), 54, IRPC_NDR_P_IN}, /* 4: k */
    {2, offsetof(struct clash_f_args, result), 56, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 5: result */
};

static const struct irpc_ndr_op clash_v1_0_ops[1] = {
    {0, 6, 0, sizeof(struct clash_f_args), 1}, /* 0: f */
};

static const char clash_v1_0_names[76] = {
    0,
    'f', 0,
    'u', 's', 'e', 'r', 0,
    'u', 0,
    't', 'a', 'g', 0,
    't', 0,
    'l', 'e', 'v', 'e', 'l', 0,
    'L', 'O', 'W', 0,
    'H', 'I', 'G', 'H', 0,
    'l', 0,
    'h', 'e', 'i', 'g', 'h', 't', 0,
    'H', 'I', 'G', 'H', 'E', 'R', 0,
    'h', 0,
    'k', 'e', 'p', 't', 0,
    'k', 0,
    'r', 'e', 's', 'u', 'l', 't', 0,
    'n', 0,
    'v', 'a', 'l', 'u', 'e', 0,
    's', 'i', 'z', 'e', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct user) == 16);
IRONIDL_CHECK(offsetof(struct user, t) == 0);
IRONIDL_CHECK(offsetof(struct user, n) == 8);
IRONIDL_CHECK(sizeof(struct kept) == 4);
IRONIDL_CHECK(offsetof(struct kept, n) == 0);
IRONIDL_CHECK(sizeof(struct second_tag) == 24);
IRONIDL_CHECK(offsetof(struct second_tag, value) == 0);
IRONIDL_CHECK(offsetof(struct second_tag, size) == 8);
IRONIDL_CHECK(offsetof(struct second_tag, k) == 16);
IRONIDL_CHECK(sizeof(struct clash_f_args) == 40);
IRONIDL_CHECK(offsetof(struct clash_f_args, u) == 0);
IRONIDL_CHECK(offsetof(struct clash_f_args, t) == 8);
IRONIDL_CHECK(offsetof(struct clash_f_args, l) == 16);
IRONIDL_CHECK(offsetof(struct clash_f_args, h) == 20);
IRONIDL_CHECK(offsetof(struct clash_f_args, k) == 24);
IRONIDL_CHECK(offsetof(struct clash_f_args, result) == 32);
#endif

static const struct irpc_ndr_unit clash_v1_0_unit = {
    2u,
    12, 6, 4, 1, 0, 6, 1, 0, 0, 76, 2u,
    clash_v1_0_types, clash_v1_0_fields, clash_v1_0_arms, clash_v1_0_exprs, 0, clash_v1_0_params, clash_v1_0_ops, clash_v1_0_names,
};

const struct irpc_interface clash_v1_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0700, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x01}}, 1, 0},
    "clash",
    &clash_v1_0_unit,
};
