/* Tables. Made by ironidl from imports.idl; do not edit. */
#include "imports.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type imports_v1_0_types[6] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct POINT), {8, 8}, 0, 2, 0, 0, 0, 0, 7}, /* 2: POINT */
    {IRPC_NDR_I16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_STRUCT, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct imports_SIZE), {4, 4}, 2, 2, 0, 0, 0, 0, 16}, /* 4: SIZE */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 0, 2, 0, 0, 0, 0, 28}, /* 5: COLOUR */
};

static const struct irpc_ndr_field imports_v1_0_fields[4] = {
    {1, offsetof(struct POINT, x), 49}, /* 0 */
    {1, offsetof(struct POINT, y), 51}, /* 1 */
    {3, offsetof(struct imports_SIZE, wide), 53}, /* 2 */
    {3, offsetof(struct imports_SIZE, high), 58}, /* 3 */
};

static const struct irpc_ndr_arm imports_v1_0_arms[2] = {
    {0, 0, 35}, /* 0: RED */
    {7, 0, 39}, /* 1: GREEN */
};

static const struct irpc_ndr_expr imports_v1_0_exprs[1] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
};

static const struct irpc_ndr_param imports_v1_0_params[5] = {
    {2, offsetof(struct imports_place_args, at), 13, IRPC_NDR_P_IN}, /* 0: at */
    {4, offsetof(struct imports_place_args, size), 21, IRPC_NDR_P_IN}, /* 1: size */
    {1, offsetof(struct imports_place_args, m), 26, IRPC_NDR_P_IN}, /* 2: m */
    {5, offsetof(struct imports_place_args, c), 45, IRPC_NDR_P_IN}, /* 3: c */
    {3, offsetof(struct imports_place_args, s), 47, IRPC_NDR_P_IN}, /* 4: s */
};

static const struct irpc_ndr_op imports_v1_0_ops[1] = {
    {0, 5, 0, sizeof(struct imports_place_args), 1}, /* 0: place */
};

static const char imports_v1_0_names[63] = {
    0,
    'p', 'l', 'a', 'c', 'e', 0,
    'P', 'O', 'I', 'N', 'T', 0,
    'a', 't', 0,
    'S', 'I', 'Z', 'E', 0,
    's', 'i', 'z', 'e', 0,
    'm', 0,
    'C', 'O', 'L', 'O', 'U', 'R', 0,
    'R', 'E', 'D', 0,
    'G', 'R', 'E', 'E', 'N', 0,
    'c', 0,
    's', 0,
    'x', 0,
    'y', 0,
    'w', 'i', 'd', 'e', 0,
    'h', 'i', 'g', 'h', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct POINT) == 8);
IRONIDL_CHECK(offsetof(struct POINT, x) == 0);
IRONIDL_CHECK(offsetof(struct POINT, y) == 4);
IRONIDL_CHECK(sizeof(struct imports_SIZE) == 4);
IRONIDL_CHECK(offsetof(struct imports_SIZE, wide) == 0);
IRONIDL_CHECK(offsetof(struct imports_SIZE, high) == 2);
IRONIDL_CHECK(sizeof(struct imports_place_args) == 24);
IRONIDL_CHECK(offsetof(struct imports_place_args, at) == 0);
IRONIDL_CHECK(offsetof(struct imports_place_args, size) == 8);
IRONIDL_CHECK(offsetof(struct imports_place_args, m) == 12);
IRONIDL_CHECK(offsetof(struct imports_place_args, c) == 16);
IRONIDL_CHECK(offsetof(struct imports_place_args, s) == 20);
#endif

static const struct irpc_ndr_unit imports_v1_0_unit = {
    2u,
    6, 4, 2, 1, 0, 5, 1, 0, 0, 63, 2u,
    imports_v1_0_types, imports_v1_0_fields, imports_v1_0_arms, imports_v1_0_exprs, 0, imports_v1_0_params, imports_v1_0_ops, imports_v1_0_names,
};

const struct irpc_interface imports_v1_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0200, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x01}}, 1, 0},
    "imports",
    &imports_v1_0_unit,
};
