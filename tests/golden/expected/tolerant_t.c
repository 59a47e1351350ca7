/* Tables. Made by ironidl from tolerant.idl; do not edit. */
#include "tolerant.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type tolerant_v1_0_types[25] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_U32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct id), {4, 4}, 7, 1, 0, 0, 0, 0, 142}, /* 2: id */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 2, 2, 0, 0, 0, 0, 145}, /* 3: color */
    {IRPC_NDR_STRUCT, 4, {4, 4}, 0, 0, sizeof(struct named_as_types), {6, 8}, 0, 2, 0, 0, 0, 0, 3}, /* 4: named_as_types */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 4, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 5 */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 0, 2, 0, 0, 0, 0, 20}, /* 6: other_color */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 24, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct middle), {12, 24}, 2, 3, 0, 0, 0, 0, 45}, /* 8: middle */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 8, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 9 */
    {IRPC_NDR_BYTE, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 10 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 10, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 11 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 12 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct class_), {8, 8}, 5, 2, 0, 0, 0, 0, 87}, /* 13: class */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 13, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 14 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 10, 0, 1, 0, 0, 0, 0}, /* 15 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 15, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 16 */
    {IRPC_NDR_I16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 17 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 17, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 18 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 12, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 19 */
    {IRPC_NDR_I64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 20 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 20, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 21 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 10, 0, 2, 0, 0, 0, 0}, /* 22 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 22, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 23 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 10, 0, 3, 0, 0, 0, 0}, /* 24 */
};

static const struct irpc_ndr_field tolerant_v1_0_fields[8] = {
    {2, offsetof(struct named_as_types, id), 142}, /* 0 */
    {3, offsetof(struct named_as_types, color), 145}, /* 1 */
    {1, offsetof(struct middle, n), 118}, /* 2 */
    {7, offsetof(struct middle, in_the_middle), 155}, /* 3 */
    {1, offsetof(struct middle, end), 169}, /* 4 */
    {1, offsetof(struct class_, near), 173}, /* 5 */
    {12, offsetof(struct class_, far), 178}, /* 6 */
    {1, offsetof(struct id, data), 62}, /* 7 */
};

static const struct irpc_ndr_arm tolerant_v1_0_arms[4] = {
    {5, 0, 32}, /* 0: GREEN */
    {6, 0, 38}, /* 1: BLUE */
    {0, 0, 151}, /* 2: RED */
    {1, 0, 32}, /* 3: GREEN */
};

static const struct irpc_ndr_expr tolerant_v1_0_exprs[4] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
    {IRPC_NDR_X_LOAD, 4, 1, 1, offsetof(struct tolerant_handle_behind_args, n), 0}, /* 1 */
    {IRPC_NDR_X_DEREF, 8, 1, 1, offsetof(struct tolerant_g_args, n), 0}, /* 2 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct middle, n), 0}, /* 3 */
};

static const struct irpc_ndr_param tolerant_v1_0_params[15] = {
    {5, offsetof(struct tolerant_f_args, v), 18, IRPC_NDR_P_IN}, /* 0: v */
    {6, offsetof(struct tolerant_f_args, c), 43, IRPC_NDR_P_IN}, /* 1: c */
    {9, offsetof(struct tolerant_f_args, m), 52, IRPC_NDR_P_IN}, /* 2: m */
    {11, offsetof(struct tolerant_unsized_args, data), 62, IRPC_NDR_P_IN}, /* 3: data */
    {12, offsetof(struct tolerant_unsized_args, count), 67, IRPC_NDR_P_IN}, /* 4: count */
    {14, offsetof(struct tolerant_named_as_in_c_args, c), 43, IRPC_NDR_P_IN}, /* 5: c */
    {12, offsetof(struct tolerant_named_as_in_c_args, new_), 93, IRPC_NDR_P_IN}, /* 6: new */
    {1, offsetof(struct tolerant_named_as_in_c_args, export_), 97, IRPC_NDR_P_IN}, /* 7: export */
    {12, offsetof(struct tolerant_handle_behind_args, n), 118, IRPC_NDR_P_IN}, /* 8: n */
    {16, offsetof(struct tolerant_handle_behind_args, data), 62, IRPC_NDR_P_IN}, /* 9: data */
    {18, offsetof(struct tolerant_qualified_args, a), 130, IRPC_NDR_P_IN}, /* 10: a */
    {18, offsetof(struct tolerant_qualified_args, b), 132, IRPC_NDR_P_IN}, /* 11: b */
    {19, offsetof(struct tolerant_qualified_args, c), 43, IRPC_NDR_P_IN}, /* 12: c */
    {21, offsetof(struct tolerant_g_args, n), 118, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 13: n */
    {23, offsetof(struct tolerant_g_args, bytes), 136, IRPC_NDR_P_IN}, /* 14: bytes */
};

static const struct irpc_ndr_op tolerant_v1_0_ops[6] = {
    {0, 3, 0, sizeof(struct tolerant_f_args), 1}, /* 0: f */
    {3, 2, 0, sizeof(struct tolerant_unsized_args), 54}, /* 1: unsized */
    {5, 3, 0, sizeof(struct tolerant_named_as_in_c_args), 73}, /* 2: named_as_in_c */
    {8, 2, 0, sizeof(struct tolerant_handle_behind_args), 104}, /* 3: handle_behind */
    {10, 3, 0, sizeof(struct tolerant_qualified_args), 120}, /* 4: qualified */
    {13, 2, 0, sizeof(struct tolerant_g_args), 134}, /* 5: g */
};

static const char tolerant_v1_0_names[182] = {
    0,
    'f', 0,
    'n', 'a', 'm', 'e', 'd', '_', 'a', 's', '_', 't', 'y', 'p', 'e', 's', 0,
    'v', 0,
    'o', 't', 'h', 'e', 'r', '_', 'c', 'o', 'l', 'o', 'r', 0,
    'G', 'R', 'E', 'E', 'N', 0,
    'B', 'L', 'U', 'E', 0,
    'c', 0,
    'm', 'i', 'd', 'd', 'l', 'e', 0,
    'm', 0,
    'u', 'n', 's', 'i', 'z', 'e', 'd', 0,
    'd', 'a', 't', 'a', 0,
    'c', 'o', 'u', 'n', 't', 0,
    'n', 'a', 'm', 'e', 'd', '_', 'a', 's', '_', 'i', 'n', '_', 'c', 0,
    'c', 'l', 'a', 's', 's', 0,
    'n', 'e', 'w', 0,
    'e', 'x', 'p', 'o', 'r', 't', 0,
    'h', 'a', 'n', 'd', 'l', 'e', '_', 'b', 'e', 'h', 'i', 'n', 'd', 0,
    'n', 0,
    'q', 'u', 'a', 'l', 'i', 'f', 'i', 'e', 'd', 0,
    'a', 0,
    'b', 0,
    'g', 0,
    'b', 'y', 't', 'e', 's', 0,
    'i', 'd', 0,
    'c', 'o', 'l', 'o', 'r', 0,
    'R', 'E', 'D', 0,
    'i', 'n', '_', 't', 'h', 'e', '_', 'm', 'i', 'd', 'd', 'l', 'e', 0,
    'e', 'n', 'd', 0,
    'n', 'e', 'a', 'r', 0,
    'f', 'a', 'r', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct id) == 4);
IRONIDL_CHECK(offsetof(struct id, data) == 0);
IRONIDL_CHECK(sizeof(struct named_as_types) == 8);
IRONIDL_CHECK(offsetof(struct named_as_types, id) == 0);
IRONIDL_CHECK(offsetof(struct named_as_types, color) == 4);
IRONIDL_CHECK(sizeof(struct middle) == 24);
IRONIDL_CHECK(offsetof(struct middle, n) == 0);
IRONIDL_CHECK(offsetof(struct middle, in_the_middle) == 8);
IRONIDL_CHECK(offsetof(struct middle, end) == 16);
IRONIDL_CHECK(sizeof(struct class_) == 8);
IRONIDL_CHECK(offsetof(struct class_, near) == 0);
IRONIDL_CHECK(offsetof(struct class_, far) == 4);
IRONIDL_CHECK(sizeof(struct tolerant_f_args) == 24);
IRONIDL_CHECK(offsetof(struct tolerant_f_args, v) == 0);
IRONIDL_CHECK(offsetof(struct tolerant_f_args, c) == 8);
IRONIDL_CHECK(offsetof(struct tolerant_f_args, m) == 16);
IRONIDL_CHECK(sizeof(struct tolerant_unsized_args) == 16);
IRONIDL_CHECK(offsetof(struct tolerant_unsized_args, data) == 0);
IRONIDL_CHECK(offsetof(struct tolerant_unsized_args, count) == 8);
IRONIDL_CHECK(sizeof(struct tolerant_named_as_in_c_args) == 16);
IRONIDL_CHECK(offsetof(struct tolerant_named_as_in_c_args, c) == 0);
IRONIDL_CHECK(offsetof(struct tolerant_named_as_in_c_args, new_) == 8);
IRONIDL_CHECK(offsetof(struct tolerant_named_as_in_c_args, export_) == 12);
IRONIDL_CHECK(sizeof(struct tolerant_handle_behind_args) == 16);
IRONIDL_CHECK(offsetof(struct tolerant_handle_behind_args, n) == 0);
IRONIDL_CHECK(offsetof(struct tolerant_handle_behind_args, data) == 8);
IRONIDL_CHECK(sizeof(struct tolerant_qualified_args) == 24);
IRONIDL_CHECK(offsetof(struct tolerant_qualified_args, a) == 0);
IRONIDL_CHECK(offsetof(struct tolerant_qualified_args, b) == 8);
IRONIDL_CHECK(offsetof(struct tolerant_qualified_args, c) == 16);
IRONIDL_CHECK(sizeof(struct tolerant_g_args) == 16);
IRONIDL_CHECK(offsetof(struct tolerant_g_args, n) == 0);
IRONIDL_CHECK(offsetof(struct tolerant_g_args, bytes) == 8);
#endif

static const struct irpc_ndr_unit tolerant_v1_0_unit = {
    2u,
    25, 8, 4, 4, 0, 15, 6, 0, 0, 182, 8u,
    tolerant_v1_0_types, tolerant_v1_0_fields, tolerant_v1_0_arms, tolerant_v1_0_exprs, 0, tolerant_v1_0_params, tolerant_v1_0_ops, tolerant_v1_0_names,
};

const struct irpc_interface tolerant_v1_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0500, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x02}}, 1, 0},
    "tolerant",
    &tolerant_v1_0_unit,
};
