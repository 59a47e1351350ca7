/* Tables. Made by ironidl from base_types.idl; do not edit. */
#include "base_types.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type base_types_v1_0_types[5] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_I16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_I64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_STRUCT, 8, {8, 8}, 0, 0, sizeof(struct base_point), {16, 16}, 0, 2, 0, 0, 0, 0, 14}, /* 3: base_point */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 3, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 4 */
};

static const struct irpc_ndr_field base_types_v1_0_fields[2] = {
    {1, offsetof(struct base_point, x), 27}, /* 0 */
    {2, offsetof(struct base_point, y), 29}, /* 1 */
};

static const struct irpc_ndr_expr base_types_v1_0_exprs[1] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
};

static const struct irpc_ndr_param base_types_v1_0_params[1] = {
    {4, offsetof(struct base_types_never_called_args, p), 25, IRPC_NDR_P_IN}, /* 0: p */
};

static const struct irpc_ndr_op base_types_v1_0_ops[1] = {
    {0, 1, 0, sizeof(struct base_types_never_called_args), 1}, /* 0: never_called */
};

static const char base_types_v1_0_names[31] = {
    0,
    'n', 'e', 'v', 'e', 'r', '_', 'c', 'a', 'l', 'l', 'e', 'd', 0,
    'b', 'a', 's', 'e', '_', 'p', 'o', 'i', 'n', 't', 0,
    'p', 0,
    'x', 0,
    'y', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct base_point) == 16);
IRONIDL_CHECK(offsetof(struct base_point, x) == 0);
IRONIDL_CHECK(offsetof(struct base_point, y) == 8);
IRONIDL_CHECK(sizeof(struct base_types_never_called_args) == 8);
IRONIDL_CHECK(offsetof(struct base_types_never_called_args, p) == 0);
#endif

static const struct irpc_ndr_unit base_types_v1_0_unit = {
    2u,
    5, 2, 0, 1, 0, 1, 1, 0, 0, 31, 2u,
    base_types_v1_0_types, base_types_v1_0_fields, 0, base_types_v1_0_exprs, 0, base_types_v1_0_params, base_types_v1_0_ops, base_types_v1_0_names,
};

const struct irpc_interface base_types_v1_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0004, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x04}}, 1, 0},
    "base_types",
    &base_types_v1_0_unit,
};
