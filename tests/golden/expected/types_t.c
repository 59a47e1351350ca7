/* Tables. Made by ironidl from types.idl; do not edit. */
#include "types.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type types_v2_7_types[53] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_BOOLEAN, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_BYTE, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_CHAR, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_U8, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 4 */
    {IRPC_NDR_WCHAR, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 5 */
    {IRPC_NDR_I8, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 6 */
    {IRPC_NDR_I16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_U16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 8 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 9 */
    {IRPC_NDR_U32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 10 */
    {IRPC_NDR_I64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 11 */
    {IRPC_NDR_U64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 12 */
    {IRPC_NDR_F32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 13 */
    {IRPC_NDR_F64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 14 */
    {IRPC_NDR_I3264, 8, {4, 8}, IRPC_NDR_F_FLAT64, 0, 8, {4, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 15 */
    {IRPC_NDR_U3264, 8, {4, 8}, IRPC_NDR_F_FLAT64, 0, 8, {4, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 16 */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 0, 3, 0, 0, 0, 0, 54}, /* 17: color */
    {IRPC_NDR_ENUM32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 3, 3, 0, 0, 0, 0, 80}, /* 18: level */
    {IRPC_NDR_STRUCT, 8, {8, 8}, 0, 0, sizeof(struct mixed), {104, 112}, 0, 24, 0, 0, 0, 0, 12}, /* 19: mixed */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 19, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 20 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct point), {8, 8}, 24, 2, 0, 0, 0, 0, 46}, /* 21: point */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 3 * 4, {12, 12}, 9, 3, 0, 0, 0, 0, 0}, /* 22 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 22, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 23 */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 3 * sizeof(struct point), {24, 24}, 21, 3, 0, 0, 0, 0, 0}, /* 24 */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2 * 3 * sizeof(struct point), {48, 48}, 24, 2, 0, 0, 0, 0, 0}, /* 25 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 25, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 26 */
    {IRPC_NDR_STRING, 1, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 1, {0, 0}, 3, 0, 0, 0, 0, 0, 0}, /* 27 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 27, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 28 */
    {IRPC_NDR_STRING, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 2, {0, 0}, 5, 0, 0, 0, 0, 0, 0}, /* 29 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 29, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 30 */
    {IRPC_NDR_STRING, 1, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 1, {0, 0}, 3, 0, 0, 0, 0, 0, 0}, /* 31 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 31, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 32 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 32, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 33 */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_CONFORMANT, 0, sizeof(struct point), {0, 0}, 21, 0, 1, 0, 0, 0, 0}, /* 34 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_CONFORMANT, 0, sizeof(struct cloud), {0, 0}, 26, 2, 0, 0, 0, 0, 148}, /* 35: cloud */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 35, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 36 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 41, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 37 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 51, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 38 */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2 * sizeof(struct point), {16, 16}, 21, 2, 0, 0, 0, 0, 0}, /* 39 */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4 * 2 * sizeof(struct point), {64, 64}, 39, 4, 0, 0, 0, 0, 0}, /* 40 */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct node), {72, 80}, 28, 3, 0, 0, 0, 0, 162}, /* 41: node */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 41, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 42 */
    {IRPC_NDR_STRING, 1, {4, 8}, IRPC_NDR_F_VARYING, 0, 16 * 1, {0, 0}, 3, 16, 0, 0, 0, 0, 0}, /* 43 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 52, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 44 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 21, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 45 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 21, IRPC_NDR_PTR_FULL, 0, 0, 0, 0, 0}, /* 46 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 21, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 47 */
    {IRPC_NDR_STRUCT, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct assorted_nested), {2, 2}, 39, 1, 0, 0, 0, 0, 370}, /* 48: assorted_nested */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct assorted), {0, 0}, 31, 7, 0, 0, 0, 0, 180}, /* 49: assorted */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 49, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 50 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, sizeof(struct later_t), {4, 4}, 38, 1, 0, 0, 0, 0, 330}, /* 51: later_t */
    {IRPC_NDR_STRING, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 2, {0, 0}, 5, 0, 0, 0, 0, 0, 0}, /* 52 */
};

static const struct irpc_ndr_field types_v2_7_fields[40] = {
    {1, offsetof(struct mixed, b), 239}, /* 0 */
    {2, offsetof(struct mixed, y), 241}, /* 1 */
    {3, offsetof(struct mixed, c), 154}, /* 2 */
    {4, offsetof(struct mixed, uc), 243}, /* 3 */
    {5, offsetof(struct mixed, w), 246}, /* 4 */
    {6, offsetof(struct mixed, s8), 248}, /* 5 */
    {4, offsetof(struct mixed, u8), 251}, /* 6 */
    {7, offsetof(struct mixed, s16), 254}, /* 7 */
    {8, offsetof(struct mixed, u16), 258}, /* 8 */
    {9, offsetof(struct mixed, s32), 262}, /* 9 */
    {10, offsetof(struct mixed, u32), 266}, /* 10 */
    {11, offsetof(struct mixed, s64), 270}, /* 11 */
    {12, offsetof(struct mixed, u64), 274}, /* 12 */
    {13, offsetof(struct mixed, f), 278}, /* 13 */
    {14, offsetof(struct mixed, d), 237}, /* 14 */
    {15, offsetof(struct mixed, native), 280}, /* 15 */
    {16, offsetof(struct mixed, unative), 287}, /* 16 */
    {10, offsetof(struct mixed, status), 295}, /* 17 */
    {17, offsetof(struct mixed, tint), 75}, /* 18 */
    {18, offsetof(struct mixed, height), 99}, /* 19 */
    {9, offsetof(struct mixed, i), 302}, /* 20 */
    {10, offsetof(struct mixed, ui), 304}, /* 21 */
    {11, offsetof(struct mixed, i64), 307}, /* 22 */
    {11, offsetof(struct mixed, ll), 311}, /* 23 */
    {9, offsetof(struct point, x), 314}, /* 24 */
    {9, offsetof(struct point, y), 241}, /* 25 */
    {8, offsetof(struct cloud, n), 316}, /* 26 */
    {34, offsetof(struct cloud, points), 318}, /* 27 */
    {37, offsetof(struct node, next), 325}, /* 28 */
    {38, offsetof(struct node, late), 338}, /* 29 */
    {40, offsetof(struct node, at), 343}, /* 30 */
    {43, offsetof(struct assorted, name), 346}, /* 31 */
    {44, offsetof(struct assorted, wide), 351}, /* 32 */
    {45, offsetof(struct assorted, must), 356}, /* 33 */
    {46, offsetof(struct assorted, full), 361}, /* 34 */
    {47, offsetof(struct assorted, may), 366}, /* 35 */
    {9, offsetof(struct assorted, class_), 211}, /* 36 */
    {48, offsetof(struct assorted, nested), 386}, /* 37 */
    {9, offsetof(struct later_t, value), 393}, /* 38 */
    {7, offsetof(struct assorted_nested, inner), 399}, /* 39 */
};

static const struct irpc_ndr_arm types_v2_7_arms[6] = {
    {0, 0, 60}, /* 0: RED */
    {5, 0, 64}, /* 1: GREEN */
    {6, 0, 70}, /* 2: BLUE */
    {-1, 0, 86}, /* 3: LOW */
    {-1, 0, 95}, /* 4: ALL */
    {2147483647, 0, 90}, /* 5: HIGH */
};

static const struct irpc_ndr_expr types_v2_7_exprs[2] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
    {IRPC_NDR_X_LOAD, 2, 0, 1, offsetof(struct cloud, n), 0}, /* 1 */
};

static const struct irpc_ndr_param types_v2_7_params[23] = {
    {20, offsetof(struct types_everything_args, in_value), 18, IRPC_NDR_P_IN}, /* 0: in_value */
    {20, offsetof(struct types_everything_args, out_value), 27, IRPC_NDR_P_OUT}, /* 1: out_value */
    {21, offsetof(struct types_by_value_args, p), 52, IRPC_NDR_P_IN}, /* 2: p */
    {17, offsetof(struct types_by_value_args, tint), 75, IRPC_NDR_P_IN}, /* 3: tint */
    {18, offsetof(struct types_by_value_args, height), 99, IRPC_NDR_P_IN}, /* 4: height */
    {21, offsetof(struct types_by_value_args, result), 106, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 5: result */
    {23, offsetof(struct types_arrays_args, fixed), 120, IRPC_NDR_P_IN}, /* 6: fixed */
    {26, offsetof(struct types_arrays_args, grid), 126, IRPC_NDR_P_IN}, /* 7: grid */
    {28, offsetof(struct types_arrays_args, text), 131, IRPC_NDR_P_IN}, /* 8: text */
    {30, offsetof(struct types_arrays_args, maybe), 136, IRPC_NDR_P_IN}, /* 9: maybe */
    {33, offsetof(struct types_arrays_args, reply), 142, IRPC_NDR_P_OUT}, /* 10: reply */
    {36, offsetof(struct types_arrays_args, c), 154, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 11: c */
    {42, offsetof(struct types_lists_args, first), 167, IRPC_NDR_P_IN}, /* 12: first */
    {37, offsetof(struct types_lists_args, second), 173, IRPC_NDR_P_IN}, /* 13: second */
    {50, offsetof(struct types_lists_args, a), 189, IRPC_NDR_P_IN}, /* 14: a */
    {4, offsetof(struct types_tiny_args, result), 106, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 15: result */
    {11, offsetof(struct types_forget_args, h), 203, IRPC_NDR_P_IN}, /* 16: h */
    {9, offsetof(struct types_names_args, class_), 211, IRPC_NDR_P_IN}, /* 17: class */
    {9, offsetof(struct types_names_args, binding_), 217, IRPC_NDR_P_IN}, /* 18: binding */
    {9, offsetof(struct types_names_args, result_), 106, IRPC_NDR_P_IN}, /* 19: result */
    {9, offsetof(struct types_names_args, arg4), 225, IRPC_NDR_P_IN}, /* 20: arg4 */
    {14, offsetof(struct types_single_args, d), 237, IRPC_NDR_P_IN}, /* 21: d */
    {13, offsetof(struct types_single_args, result), 106, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 22: result */
};

static const struct irpc_ndr_op types_v2_7_ops[8] = {
    {0, 2, 0, sizeof(struct types_everything_args), 1}, /* 0: everything */
    {2, 4, 0, sizeof(struct types_by_value_args), 37}, /* 1: by_value */
    {6, 6, 0, sizeof(struct types_arrays_args), 113}, /* 2: arrays */
    {12, 3, 0, sizeof(struct types_lists_args), 156}, /* 3: lists */
    {15, 1, IRPC_NDR_OP_IDEMPOTENT, sizeof(struct types_tiny_args), 191}, /* 4: tiny */
    {16, 1, IRPC_NDR_OP_MAYBE, sizeof(struct types_forget_args), 196}, /* 5: forget */
    {17, 4, 0, sizeof(struct types_names_args), 205}, /* 6: names */
    {21, 2, 0, sizeof(struct types_single_args), 230}, /* 7: single */
};

static const char types_v2_7_names[405] = {
    0,
    'e', 'v', 'e', 'r', 'y', 't', 'h', 'i', 'n', 'g', 0,
    'm', 'i', 'x', 'e', 'd', 0,
    'i', 'n', '_', 'v', 'a', 'l', 'u', 'e', 0,
    'o', 'u', 't', '_', 'v', 'a', 'l', 'u', 'e', 0,
    'b', 'y', '_', 'v', 'a', 'l', 'u', 'e', 0,
    'p', 'o', 'i', 'n', 't', 0,
    'p', 0,
    'c', 'o', 'l', 'o', 'r', 0,
    'R', 'E', 'D', 0,
    'G', 'R', 'E', 'E', 'N', 0,
    'B', 'L', 'U', 'E', 0,
    't', 'i', 'n', 't', 0,
    'l', 'e', 'v', 'e', 'l', 0,
    'L', 'O', 'W', 0,
    'H', 'I', 'G', 'H', 0,
    'A', 'L', 'L', 0,
    'h', 'e', 'i', 'g', 'h', 't', 0,
    'r', 'e', 's', 'u', 'l', 't', 0,
    'a', 'r', 'r', 'a', 'y', 's', 0,
    'f', 'i', 'x', 'e', 'd', 0,
    'g', 'r', 'i', 'd', 0,
    't', 'e', 'x', 't', 0,
    'm', 'a', 'y', 'b', 'e', 0,
    'r', 'e', 'p', 'l', 'y', 0,
    'c', 'l', 'o', 'u', 'd', 0,
    'c', 0,
    'l', 'i', 's', 't', 's', 0,
    'n', 'o', 'd', 'e', 0,
    'f', 'i', 'r', 's', 't', 0,
    's', 'e', 'c', 'o', 'n', 'd', 0,
    'a', 's', 's', 'o', 'r', 't', 'e', 'd', 0,
    'a', 0,
    't', 'i', 'n', 'y', 0,
    'f', 'o', 'r', 'g', 'e', 't', 0,
    'h', 0,
    'n', 'a', 'm', 'e', 's', 0,
    'c', 'l', 'a', 's', 's', 0,
    'b', 'i', 'n', 'd', 'i', 'n', 'g', 0,
    'a', 'r', 'g', '4', 0,
    's', 'i', 'n', 'g', 'l', 'e', 0,
    'd', 0,
    'b', 0,
    'y', 0,
    'u', 'c', 0,
    'w', 0,
    's', '8', 0,
    'u', '8', 0,
    's', '1', '6', 0,
    'u', '1', '6', 0,
    's', '3', '2', 0,
    'u', '3', '2', 0,
    's', '6', '4', 0,
    'u', '6', '4', 0,
    'f', 0,
    'n', 'a', 't', 'i', 'v', 'e', 0,
    'u', 'n', 'a', 't', 'i', 'v', 'e', 0,
    's', 't', 'a', 't', 'u', 's', 0,
    'i', 0,
    'u', 'i', 0,
    'i', '6', '4', 0,
    'l', 'l', 0,
    'x', 0,
    'n', 0,
    'p', 'o', 'i', 'n', 't', 's', 0,
    'n', 'e', 'x', 't', 0,
    'l', 'a', 't', 'e', 'r', '_', 't', 0,
    'l', 'a', 't', 'e', 0,
    'a', 't', 0,
    'n', 'a', 'm', 'e', 0,
    'w', 'i', 'd', 'e', 0,
    'm', 'u', 's', 't', 0,
    'f', 'u', 'l', 'l', 0,
    'm', 'a', 'y', 0,
    'a', 's', 's', 'o', 'r', 't', 'e', 'd', '_', 'n', 'e', 's', 't', 'e', 'd', 0,
    'n', 'e', 's', 't', 'e', 'd', 0,
    'v', 'a', 'l', 'u', 'e', 0,
    'i', 'n', 'n', 'e', 'r', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct mixed) == 112);
IRONIDL_CHECK(offsetof(struct mixed, b) == 0);
IRONIDL_CHECK(offsetof(struct mixed, y) == 1);
IRONIDL_CHECK(offsetof(struct mixed, c) == 2);
IRONIDL_CHECK(offsetof(struct mixed, uc) == 3);
IRONIDL_CHECK(offsetof(struct mixed, w) == 4);
IRONIDL_CHECK(offsetof(struct mixed, s8) == 6);
IRONIDL_CHECK(offsetof(struct mixed, u8) == 7);
IRONIDL_CHECK(offsetof(struct mixed, s16) == 8);
IRONIDL_CHECK(offsetof(struct mixed, u16) == 10);
IRONIDL_CHECK(offsetof(struct mixed, s32) == 12);
IRONIDL_CHECK(offsetof(struct mixed, u32) == 16);
IRONIDL_CHECK(offsetof(struct mixed, s64) == 24);
IRONIDL_CHECK(offsetof(struct mixed, u64) == 32);
IRONIDL_CHECK(offsetof(struct mixed, f) == 40);
IRONIDL_CHECK(offsetof(struct mixed, d) == 48);
IRONIDL_CHECK(offsetof(struct mixed, native) == 56);
IRONIDL_CHECK(offsetof(struct mixed, unative) == 64);
IRONIDL_CHECK(offsetof(struct mixed, status) == 72);
IRONIDL_CHECK(offsetof(struct mixed, tint) == 76);
IRONIDL_CHECK(offsetof(struct mixed, height) == 80);
IRONIDL_CHECK(offsetof(struct mixed, i) == 84);
IRONIDL_CHECK(offsetof(struct mixed, ui) == 88);
IRONIDL_CHECK(offsetof(struct mixed, i64) == 96);
IRONIDL_CHECK(offsetof(struct mixed, ll) == 104);
IRONIDL_CHECK(sizeof(struct point) == 8);
IRONIDL_CHECK(offsetof(struct point, x) == 0);
IRONIDL_CHECK(offsetof(struct point, y) == 4);
IRONIDL_CHECK(sizeof(struct cloud) == 12);
IRONIDL_CHECK(offsetof(struct cloud, n) == 0);
IRONIDL_CHECK(offsetof(struct cloud, points) == 4);
IRONIDL_CHECK(sizeof(struct node) == 80);
IRONIDL_CHECK(offsetof(struct node, next) == 0);
IRONIDL_CHECK(offsetof(struct node, late) == 8);
IRONIDL_CHECK(offsetof(struct node, at) == 16);
IRONIDL_CHECK(sizeof(struct assorted_nested) == 2);
IRONIDL_CHECK(offsetof(struct assorted_nested, inner) == 0);
IRONIDL_CHECK(sizeof(struct assorted) == 56);
IRONIDL_CHECK(offsetof(struct assorted, name) == 0);
IRONIDL_CHECK(offsetof(struct assorted, wide) == 16);
IRONIDL_CHECK(offsetof(struct assorted, must) == 24);
IRONIDL_CHECK(offsetof(struct assorted, full) == 32);
IRONIDL_CHECK(offsetof(struct assorted, may) == 40);
IRONIDL_CHECK(offsetof(struct assorted, class_) == 48);
IRONIDL_CHECK(offsetof(struct assorted, nested) == 52);
IRONIDL_CHECK(sizeof(struct later_t) == 4);
IRONIDL_CHECK(offsetof(struct later_t, value) == 0);
IRONIDL_CHECK(sizeof(struct types_everything_args) == 16);
IRONIDL_CHECK(offsetof(struct types_everything_args, in_value) == 0);
IRONIDL_CHECK(offsetof(struct types_everything_args, out_value) == 8);
IRONIDL_CHECK(sizeof(struct types_by_value_args) == 24);
IRONIDL_CHECK(offsetof(struct types_by_value_args, p) == 0);
IRONIDL_CHECK(offsetof(struct types_by_value_args, tint) == 8);
IRONIDL_CHECK(offsetof(struct types_by_value_args, height) == 12);
IRONIDL_CHECK(offsetof(struct types_by_value_args, result) == 16);
IRONIDL_CHECK(sizeof(struct types_arrays_args) == 48);
IRONIDL_CHECK(offsetof(struct types_arrays_args, fixed) == 0);
IRONIDL_CHECK(offsetof(struct types_arrays_args, grid) == 8);
IRONIDL_CHECK(offsetof(struct types_arrays_args, text) == 16);
IRONIDL_CHECK(offsetof(struct types_arrays_args, maybe) == 24);
IRONIDL_CHECK(offsetof(struct types_arrays_args, reply) == 32);
IRONIDL_CHECK(offsetof(struct types_arrays_args, c) == 40);
IRONIDL_CHECK(sizeof(struct types_lists_args) == 24);
IRONIDL_CHECK(offsetof(struct types_lists_args, first) == 0);
IRONIDL_CHECK(offsetof(struct types_lists_args, second) == 8);
IRONIDL_CHECK(offsetof(struct types_lists_args, a) == 16);
IRONIDL_CHECK(sizeof(struct types_tiny_args) == 1);
IRONIDL_CHECK(offsetof(struct types_tiny_args, result) == 0);
IRONIDL_CHECK(sizeof(struct types_forget_args) == 8);
IRONIDL_CHECK(offsetof(struct types_forget_args, h) == 0);
IRONIDL_CHECK(sizeof(struct types_names_args) == 16);
IRONIDL_CHECK(offsetof(struct types_names_args, class_) == 0);
IRONIDL_CHECK(offsetof(struct types_names_args, binding_) == 4);
IRONIDL_CHECK(offsetof(struct types_names_args, result_) == 8);
IRONIDL_CHECK(offsetof(struct types_names_args, arg4) == 12);
IRONIDL_CHECK(sizeof(struct types_single_args) == 16);
IRONIDL_CHECK(offsetof(struct types_single_args, d) == 0);
IRONIDL_CHECK(offsetof(struct types_single_args, result) == 8);
#endif

static const struct irpc_ndr_unit types_v2_7_unit = {
    2u,
    53, 40, 6, 2, 0, 23, 8, 0, 0, 405, 2u,
    types_v2_7_types, types_v2_7_fields, types_v2_7_arms, types_v2_7_exprs, 0, types_v2_7_params, types_v2_7_ops, types_v2_7_names,
};

const struct irpc_interface types_v2_7_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0001, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x01}}, 2, 7},
    "types",
    &types_v2_7_unit,
};
