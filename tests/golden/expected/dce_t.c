/* Tables. Made by ironidl from dce.idl; do not edit. */
#include "dce.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type dce_v2_0_types[28] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_U32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_ARRAY, 4, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 4, {0, 0}, 1, 0, 1, 2, 0, 0, 0}, /* 2 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 2, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 1, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 4 */
    {IRPC_NDR_U16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 5 */
    {IRPC_NDR_U8, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 6 */
    {IRPC_NDR_BYTE, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 6 * 1, {6, 6}, 7, 6, 0, 0, 0, 0, 0}, /* 8 */
    {IRPC_NDR_STRUCT, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_UUID, 0, sizeof(struct uuid_t), {16, 16}, 0, 6, 0, 0, 0, 0, 30}, /* 9: uuid_t */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 9, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 10 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 11 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_RANGE, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 12 */
    {IRPC_NDR_ARRAY, 1, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 1, {0, 0}, 7, 0, 3, 4, 0, 0, 0}, /* 13 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 13, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 14 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 11, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 15 */
    {IRPC_NDR_CHAR, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 16 */
    {IRPC_NDR_STRING, 1, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 1, {0, 0}, 16, 0, 0, 0, 0, 0, 0}, /* 17 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 17, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 18 */
    {IRPC_NDR_STRUCT, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, sizeof(struct ISO_MULTI_LINGUAL), {2, 2}, 6, 2, 0, 0, 0, 0, 67}, /* 19: ISO_MULTI_LINGUAL */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 2 * sizeof(struct ISO_MULTI_LINGUAL), {4, 4}, 19, 2, 0, 0, 0, 0, 0}, /* 20 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 20, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 21 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 9, IRPC_NDR_PTR_FULL, 0, 0, 0, 0, 0}, /* 22 */
    {IRPC_NDR_ARRAY, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT, 0, sizeof(void *), {0, 0}, 22, 0, 5, 0, 0, 0, 0}, /* 23 */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT, 0, sizeof(struct ids), {0, 0}, 8, 2, 0, 0, 0, 0, 91}, /* 24: ids */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 24, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 25 */
    {IRPC_NDR_STRING, 1, {4, 8}, IRPC_NDR_F_VARYING, 0, 256 * 1, {0, 0}, 16, 256, 0, 0, 0, 0, 0}, /* 26 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 26, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 27 */
};

static const struct irpc_ndr_field dce_v2_0_fields[10] = {
    {1, offsetof(struct uuid_t, time_low), 105}, /* 0 */
    {5, offsetof(struct uuid_t, time_mid), 114}, /* 1 */
    {5, offsetof(struct uuid_t, time_hi_and_version), 123}, /* 2 */
    {6, offsetof(struct uuid_t, clock_seq_hi_and_reserved), 143}, /* 3 */
    {6, offsetof(struct uuid_t, clock_seq_low), 169}, /* 4 */
    {8, offsetof(struct uuid_t, node), 183}, /* 5 */
    {7, offsetof(struct ISO_MULTI_LINGUAL, row), 188}, /* 6 */
    {7, offsetof(struct ISO_MULTI_LINGUAL, column), 192}, /* 7 */
    {1, offsetof(struct ids, count), 199}, /* 8 */
    {23, offsetof(struct ids, ids), 91}, /* 9 */
};

static const struct irpc_ndr_expr dce_v2_0_exprs[6] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct dce_sum_args, n), 0}, /* 1 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct dce_sum_args, n), 0}, /* 2 */
    {IRPC_NDR_X_LOAD, 4, 1, 1, offsetof(struct dce_find_args, room), 0}, /* 3 */
    {IRPC_NDR_X_DEREF, 4, 1, 1, offsetof(struct dce_find_args, n), 0}, /* 4 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct ids, count), 0}, /* 5 */
};

static const struct irpc_ndr_range dce_v2_0_ranges[1] = {
    {0, 10}, /* 0 */
};

static const struct irpc_ndr_param dce_v2_0_params[13] = {
    {3, offsetof(struct dce_sum_args, data), 5, IRPC_NDR_P_IN}, /* 0: data */
    {1, offsetof(struct dce_sum_args, n), 10, IRPC_NDR_P_IN}, /* 1: n */
    {4, offsetof(struct dce_sum_args, total), 12, IRPC_NDR_P_OUT}, /* 2: total */
    {4, offsetof(struct dce_sum_args, status), 18, IRPC_NDR_P_OUT}, /* 3: status */
    {10, offsetof(struct dce_find_args, id), 37, IRPC_NDR_P_IN}, /* 4: id */
    {12, offsetof(struct dce_find_args, room), 40, IRPC_NDR_P_IN}, /* 5: room */
    {14, offsetof(struct dce_find_args, found), 45, IRPC_NDR_P_OUT}, /* 6: found */
    {15, offsetof(struct dce_find_args, n), 10, IRPC_NDR_P_OUT}, /* 7: n */
    {1, offsetof(struct dce_find_args, result), 51, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN}, /* 8: result */
    {18, offsetof(struct dce_say_args, what), 62, IRPC_NDR_P_IN}, /* 9: what */
    {21, offsetof(struct dce_say_args, where), 85, IRPC_NDR_P_IN}, /* 10: where */
    {25, offsetof(struct dce_say_args, list), 95, IRPC_NDR_P_IN}, /* 11: list */
    {27, offsetof(struct dce_name_args, name), 100, IRPC_NDR_P_OUT}, /* 12: name */
};

static const struct irpc_ndr_op dce_v2_0_ops[4] = {
    {0, 4, 0, sizeof(struct dce_sum_args), 1}, /* 0: sum */
    {4, 5, IRPC_NDR_OP_IDEMPOTENT, sizeof(struct dce_find_args), 25}, /* 1: find */
    {9, 3, 0, sizeof(struct dce_say_args), 58}, /* 2: say */
    {12, 1, IRPC_NDR_OP_BROADCAST, sizeof(struct dce_name_args), 100}, /* 3: name */
};

static const char dce_v2_0_names[205] = {
    0,
    's', 'u', 'm', 0,
    'd', 'a', 't', 'a', 0,
    'n', 0,
    't', 'o', 't', 'a', 'l', 0,
    's', 't', 'a', 't', 'u', 's', 0,
    'f', 'i', 'n', 'd', 0,
    'u', 'u', 'i', 'd', '_', 't', 0,
    'i', 'd', 0,
    'r', 'o', 'o', 'm', 0,
    'f', 'o', 'u', 'n', 'd', 0,
    'r', 'e', 's', 'u', 'l', 't', 0,
    's', 'a', 'y', 0,
    'w', 'h', 'a', 't', 0,
    'I', 'S', 'O', '_', 'M', 'U', 'L', 'T', 'I', '_', 'L', 'I', 'N', 'G', 'U', 'A', 'L', 0,
    'w', 'h', 'e', 'r', 'e', 0,
    'i', 'd', 's', 0,
    'l', 'i', 's', 't', 0,
    'n', 'a', 'm', 'e', 0,
    't', 'i', 'm', 'e', '_', 'l', 'o', 'w', 0,
    't', 'i', 'm', 'e', '_', 'm', 'i', 'd', 0,
    't', 'i', 'm', 'e', '_', 'h', 'i', '_', 'a', 'n', 'd', '_', 'v', 'e', 'r', 's', 'i', 'o', 'n', 0,
    'c', 'l', 'o', 'c', 'k', '_', 's', 'e', 'q', '_', 'h', 'i', '_', 'a', 'n', 'd', '_', 'r', 'e', 's', 'e', 'r', 'v', 'e', 'd', 0,
    'c', 'l', 'o', 'c', 'k', '_', 's', 'e', 'q', '_', 'l', 'o', 'w', 0,
    'n', 'o', 'd', 'e', 0,
    'r', 'o', 'w', 0,
    'c', 'o', 'l', 'u', 'm', 'n', 0,
    'c', 'o', 'u', 'n', 't', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct uuid_t) == 16);
IRONIDL_CHECK(offsetof(struct uuid_t, time_low) == 0);
IRONIDL_CHECK(offsetof(struct uuid_t, time_mid) == 4);
IRONIDL_CHECK(offsetof(struct uuid_t, time_hi_and_version) == 6);
IRONIDL_CHECK(offsetof(struct uuid_t, clock_seq_hi_and_reserved) == 8);
IRONIDL_CHECK(offsetof(struct uuid_t, clock_seq_low) == 9);
IRONIDL_CHECK(offsetof(struct uuid_t, node) == 10);
IRONIDL_CHECK(sizeof(struct ISO_MULTI_LINGUAL) == 2);
IRONIDL_CHECK(offsetof(struct ISO_MULTI_LINGUAL, row) == 0);
IRONIDL_CHECK(offsetof(struct ISO_MULTI_LINGUAL, column) == 1);
IRONIDL_CHECK(sizeof(struct ids) == 16);
IRONIDL_CHECK(offsetof(struct ids, count) == 0);
IRONIDL_CHECK(offsetof(struct ids, ids) == 8);
IRONIDL_CHECK(sizeof(struct dce_sum_args) == 32);
IRONIDL_CHECK(offsetof(struct dce_sum_args, data) == 0);
IRONIDL_CHECK(offsetof(struct dce_sum_args, n) == 8);
IRONIDL_CHECK(offsetof(struct dce_sum_args, total) == 16);
IRONIDL_CHECK(offsetof(struct dce_sum_args, status) == 24);
IRONIDL_CHECK(sizeof(struct dce_find_args) == 40);
IRONIDL_CHECK(offsetof(struct dce_find_args, id) == 0);
IRONIDL_CHECK(offsetof(struct dce_find_args, room) == 8);
IRONIDL_CHECK(offsetof(struct dce_find_args, found) == 16);
IRONIDL_CHECK(offsetof(struct dce_find_args, n) == 24);
IRONIDL_CHECK(offsetof(struct dce_find_args, result) == 32);
IRONIDL_CHECK(sizeof(struct dce_say_args) == 24);
IRONIDL_CHECK(offsetof(struct dce_say_args, what) == 0);
IRONIDL_CHECK(offsetof(struct dce_say_args, where) == 8);
IRONIDL_CHECK(offsetof(struct dce_say_args, list) == 16);
IRONIDL_CHECK(sizeof(struct dce_name_args) == 8);
IRONIDL_CHECK(offsetof(struct dce_name_args, name) == 0);
#endif

static const struct irpc_ndr_unit dce_v2_0_unit = {
    2u,
    28, 10, 0, 6, 1, 13, 4, 0, 0, 205, 32u,
    dce_v2_0_types, dce_v2_0_fields, 0, dce_v2_0_exprs, dce_v2_0_ranges, dce_v2_0_params, dce_v2_0_ops, dce_v2_0_names,
};

const struct irpc_interface dce_v2_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0700, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x01}}, 2, 0},
    "dce",
    &dce_v2_0_unit,
};
