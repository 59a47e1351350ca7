/* Tables. Made by ironidl from handles.idl; do not edit. */
#include "handles.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type handles_v1_0_types[14] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_WCHAR, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_STRING, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 2, {0, 0}, 1, 0, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 2, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_CONTEXT, 4, {4, 4}, 0, 0, sizeof(struct irpc_context_handle), {20, 20}, 0, 0, 0, 0, 0, 1, 11}, /* 4: session */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 4, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 5 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 6 */
    {IRPC_NDR_I16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_I64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 8 */
    {IRPC_NDR_STRUCT, 8, {8, 8}, 0, 0, sizeof(struct base_point), {16, 16}, 0, 2, 0, 0, 0, 0, 32}, /* 9: base_point */
    {IRPC_NDR_CONTEXT, 4, {4, 4}, 0, 0, sizeof(struct irpc_context_handle), {20, 20}, 0, 0, 0, 0, 0, 2, 49}, /* 10: other */
    {IRPC_NDR_CONTEXT, 4, {4, 4}, 0, 0, sizeof(struct irpc_context_handle), {20, 20}, 0, 0, 0, 0, 0, 3, 0}, /* 11 */
    {IRPC_NDR_CONTEXT, 4, {4, 4}, 0, 0, sizeof(struct irpc_context_handle), {20, 20}, 0, 0, 0, 0, 0, 4, 0}, /* 12 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 12, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 13 */
};

static const struct irpc_ndr_field handles_v1_0_fields[2] = {
    {7, offsetof(struct base_point, x), 103}, /* 0 */
    {8, offsetof(struct base_point, y), 105}, /* 1 */
};

static const struct irpc_ndr_expr handles_v1_0_exprs[1] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
};

static const struct irpc_ndr_param handles_v1_0_params[12] = {
    {3, offsetof(struct handles_open_args, name), 6, IRPC_NDR_P_IN}, /* 0: name */
    {5, offsetof(struct handles_open_args, s), 19, IRPC_NDR_P_OUT}, /* 1: s */
    {6, offsetof(struct handles_open_args, result), 21, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 2: result */
    {4, offsetof(struct handles_use_args, s), 19, IRPC_NDR_P_IN}, /* 3: s */
    {9, offsetof(struct handles_use_args, where), 43, IRPC_NDR_P_IN}, /* 4: where */
    {10, offsetof(struct handles_use_args, o), 55, IRPC_NDR_P_IN}, /* 5: o */
    {6, offsetof(struct handles_use_args, result), 21, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 6: result */
    {5, offsetof(struct handles_close_args, s), 19, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 7: s */
    {6, offsetof(struct handles_close_args, result), 21, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 8: result */
    {11, offsetof(struct handles_direct_args, plain), 70, IRPC_NDR_P_IN}, /* 9: plain */
    {13, offsetof(struct handles_direct_args, made), 76, IRPC_NDR_P_OUT}, /* 10: made */
    {6, offsetof(struct handles_after_local_args, x), 103, IRPC_NDR_P_IN}, /* 11: x */
};

static const struct irpc_ndr_op handles_v1_0_ops[6] = {
    {0, 3, 0, sizeof(struct handles_open_args), 1}, /* 0: open */
    {3, 4, 0, sizeof(struct handles_use_args), 28}, /* 1: use */
    {7, 2, 0, sizeof(struct handles_close_args), 57}, /* 2: close */
    {9, 2, 0, sizeof(struct handles_direct_args), 63}, /* 3: direct */
    {11, 0, IRPC_NDR_OP_ABSENT, 1, 81}, /* 4: only_here */
    {11, 1, 0, sizeof(struct handles_after_local_args), 91}, /* 5: after_local */
};

static const char handles_v1_0_names[107] = {
    0,
    'o', 'p', 'e', 'n', 0,
    'n', 'a', 'm', 'e', 0,
    's', 'e', 's', 's', 'i', 'o', 'n', 0,
    's', 0,
    'r', 'e', 's', 'u', 'l', 't', 0,
    'u', 's', 'e', 0,
    'b', 'a', 's', 'e', '_', 'p', 'o', 'i', 'n', 't', 0,
    'w', 'h', 'e', 'r', 'e', 0,
    'o', 't', 'h', 'e', 'r', 0,
    'o', 0,
    'c', 'l', 'o', 's', 'e', 0,
    'd', 'i', 'r', 'e', 'c', 't', 0,
    'p', 'l', 'a', 'i', 'n', 0,
    'm', 'a', 'd', 'e', 0,
    'o', 'n', 'l', 'y', '_', 'h', 'e', 'r', 'e', 0,
    'a', 'f', 't', 'e', 'r', '_', 'l', 'o', 'c', 'a', 'l', 0,
    'x', 0,
    'y', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct base_point) == 16);
IRONIDL_CHECK(offsetof(struct base_point, x) == 0);
IRONIDL_CHECK(offsetof(struct base_point, y) == 8);
IRONIDL_CHECK(sizeof(struct handles_open_args) == 24);
IRONIDL_CHECK(offsetof(struct handles_open_args, name) == 0);
IRONIDL_CHECK(offsetof(struct handles_open_args, s) == 8);
IRONIDL_CHECK(offsetof(struct handles_open_args, result) == 16);
IRONIDL_CHECK(sizeof(struct handles_use_args) == 64);
IRONIDL_CHECK(offsetof(struct handles_use_args, s) == 0);
IRONIDL_CHECK(offsetof(struct handles_use_args, where) == 24);
IRONIDL_CHECK(offsetof(struct handles_use_args, o) == 40);
IRONIDL_CHECK(offsetof(struct handles_use_args, result) == 60);
IRONIDL_CHECK(sizeof(struct handles_close_args) == 16);
IRONIDL_CHECK(offsetof(struct handles_close_args, s) == 0);
IRONIDL_CHECK(offsetof(struct handles_close_args, result) == 8);
IRONIDL_CHECK(sizeof(struct handles_direct_args) == 32);
IRONIDL_CHECK(offsetof(struct handles_direct_args, plain) == 0);
IRONIDL_CHECK(offsetof(struct handles_direct_args, made) == 24);
IRONIDL_CHECK(sizeof(struct handles_after_local_args) == 4);
IRONIDL_CHECK(offsetof(struct handles_after_local_args, x) == 0);
#endif

static const struct irpc_ndr_unit handles_v1_0_unit = {
    2u,
    14, 2, 0, 1, 0, 12, 6, 4, 0, 107, 2u,
    handles_v1_0_types, handles_v1_0_fields, 0, handles_v1_0_exprs, 0, handles_v1_0_params, handles_v1_0_ops, handles_v1_0_names,
};

const struct irpc_interface handles_v1_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0003, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x03}}, 1, 0},
    "handles",
    &handles_v1_0_unit,
};
