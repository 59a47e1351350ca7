/* Tables. Made by ironidl from correlate.idl; do not edit. */
#include "correlate.h"

#if defined(__cplusplus)
#define IRONIDL_CHECK(x) static_assert(x, #x)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IRONIDL_CHECK(x) _Static_assert(x, #x)
#else
#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]
#endif

static const struct irpc_ndr_type correlate_v1_0_types[67] = {
    {IRPC_NDR_NONE, 0, {0, 0}, 0, 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, 0}, /* 0 */
    {IRPC_NDR_U32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 1 */
    {IRPC_NDR_BYTE, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 2 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 2, 0, 1, 0, 0, 0, 0}, /* 3 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 3, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 4 */
    {IRPC_NDR_I16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 5 */
    {IRPC_NDR_ARRAY, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 2, {0, 0}, 5, 0, 2, 5, 0, 0, 0}, /* 6 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 6, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 7 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 1, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 8 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 9 */
    {IRPC_NDR_ARRAY, 4, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 4, {0, 0}, 9, 0, 6, 7, 0, 0, 0}, /* 10 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 10, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 11 */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_CONFORMANT, 0, 4, {0, 0}, 9, 0, 8, 0, 0, 0, 0}, /* 12 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 12, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 13 */
    {IRPC_NDR_ARRAY, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT, 0, sizeof(void *), {0, 0}, 13, 0, 9, 0, 0, 0, 0}, /* 14 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 14, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 15 */
    {IRPC_NDR_U32, 4, {4, 4}, IRPC_NDR_F_RANGE, 2, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 16 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 63, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 17 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 64, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 18 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 65, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 19 */
    {IRPC_NDR_STRUCT, 8, {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct blob), {20, 32}, 0, 5, 0, 0, 0, 0, 44}, /* 20: blob */
    {IRPC_NDR_ARRAY, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT, 0, sizeof(struct blob), {0, 0}, 20, 0, 10, 0, 0, 0, 0}, /* 21 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 21, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 22 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 22, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 23 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 2, 0, 11, 0, 0, 0, 0}, /* 24 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 24, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 25 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 2, 0, 15, 0, 0, 0, 0}, /* 26 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 26, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 27 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT, 0, 1, {0, 0}, 2, 0, 16, 0, 0, 0, 0}, /* 28 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 28, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 29 */
    {IRPC_NDR_CHAR, 1, {1, 1}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES, 0, 1, {1, 1}, 0, 0, 0, 0, 0, 0, 0}, /* 30 */
    {IRPC_NDR_ARRAY, 1, {4, 8}, IRPC_NDR_F_VARYING, 0, 32 * 1, {0, 0}, 30, 32, 0, 19, 0, 0, 0}, /* 31 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 31, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 32 */
    {IRPC_NDR_STRING, 1, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 1, {0, 0}, 30, 0, 20, 0, 0, 0, 0}, /* 33 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 33, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 34 */
    {IRPC_NDR_WCHAR, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 35 */
    {IRPC_NDR_STRING, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING | IRPC_NDR_F_RANGE, 0, 2, {0, 0}, 35, 0, 0, 0, 0, 0, 0}, /* 36 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 36, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 37 */
    {IRPC_NDR_STRING, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 2, {0, 0}, 35, 0, 0, 0, 0, 0, 0}, /* 38 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 38, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 39 */
    {IRPC_NDR_ARRAY, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT, 0, sizeof(void *), {0, 0}, 39, 0, 21, 0, 0, 0, 0}, /* 40 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 40, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 41 */
    {IRPC_NDR_U16, 2, {2, 2}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2, {2, 2}, 0, 0, 0, 0, 0, 0, 0}, /* 42 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 66, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 43 */
    {IRPC_NDR_UNION, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_DEFAULT, 0, sizeof(union any), {0, 0}, 0, 4, 42, 22, 20, 0, 134}, /* 44: any */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 44, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 45 */
    {IRPC_NDR_UNION, 8, {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_DEFAULT, 0, sizeof(union any), {0, 0}, 0, 4, 42, 33, 20, 0, 134}, /* 46: any */
    {IRPC_NDR_I64, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 8, {8, 8}, 0, 0, 0, 0, 0, 0, 0}, /* 47 */
    {IRPC_NDR_UNION, 8, {8, 8}, IRPC_NDR_F_DEFAULT, 0, sizeof(union variant_more), {0, 0}, 11, 2, 9, 34, 0, 0, 300}, /* 48: variant_more */
    {IRPC_NDR_STRUCT, 8, {8, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(struct variant), {0, 0}, 5, 4, 0, 0, 0, 0, 145}, /* 49: variant */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 49, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 50 */
    {IRPC_NDR_ENUM16, 4, {2, 4}, 0, 0, 4, {2, 4}, 7, 2, 0, 0, 0, 0, 155}, /* 51: shape_kind */
    {IRPC_NDR_ARRAY, 4, {4, 4}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 2 * 4, {8, 8}, 9, 2, 0, 0, 0, 0, 0}, /* 52 */
    {IRPC_NDR_ARRAY, 8, {8, 8}, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64, 0, 4 * 8, {32, 32}, 47, 4, 0, 0, 0, 0, 0}, /* 53 */
    {IRPC_NDR_UNION, 8, {8, 8}, IRPC_NDR_F_ENCAPSULATED | IRPC_NDR_F_DEFAULT, 0, sizeof(struct shape), {0, 0}, 4, 3, 51, 0, 0, offsetof(struct shape, body), 188}, /* 54: shape */
    {IRPC_NDR_UNION, 8, {8, 8}, IRPC_NDR_F_MS_UNION, 0, sizeof(union padded), {0, 0}, 9, 2, 9, 23, 0, 0, 200}, /* 55: padded */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 55, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 56 */
    {IRPC_NDR_ARRAY, 4, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 4, {0, 0}, 9, 0, 37, 38, 43, 0, 0}, /* 57 */
    {IRPC_NDR_STRUCT, 4, {4, 8}, IRPC_NDR_F_CONFORMANT, 0, sizeof(struct window), {0, 0}, 9, 4, 0, 0, 0, 0, 217}, /* 58: window */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS, 0, sizeof(void *), {4, 8}, 58, IRPC_NDR_PTR_REF, 0, 0, 0, 0, 0}, /* 59 */
    {IRPC_NDR_I32, 4, {4, 4}, IRPC_NDR_F_RANGE, 1, 4, {4, 4}, 0, 0, 0, 0, 0, 0, 0}, /* 60 */
    {IRPC_NDR_ARRAY, 1, {1, 1}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_NOCHECK, 0, 1, {0, 0}, 2, 0, 24, 0, 0, 0, 0}, /* 61 */
    {IRPC_NDR_POINTER, sizeof(void *), {4, 8}, IRPC_NDR_F_POINTERS | IRPC_NDR_F_NOCHECK, 0, sizeof(void *), {4, 8}, 61, IRPC_NDR_PTR_UNIQUE, 0, 0, 0, 0, 0}, /* 62 */
    {IRPC_NDR_ARRAY, 1, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 1, {0, 0}, 2, 0, 25, 26, 0, 0, 0}, /* 63 */
    {IRPC_NDR_ARRAY, 2, {2, 2}, IRPC_NDR_F_CONFORMANT, 0, 2, {0, 0}, 35, 0, 27, 0, 0, 0, 0}, /* 64 */
    {IRPC_NDR_ARRAY, 2, {2, 2}, IRPC_NDR_F_CONFORMANT, 0, 2, {0, 0}, 5, 0, 30, 0, 0, 0, 0}, /* 65 */
    {IRPC_NDR_STRING, 2, {4, 8}, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING, 0, 2, {0, 0}, 35, 0, 0, 0, 0, 0, 0}, /* 66 */
};

static const struct irpc_ndr_field correlate_v1_0_fields[13] = {
    {16, offsetof(struct blob, capacity), 248}, /* 0 */
    {1, offsetof(struct blob, used), 257}, /* 1 */
    {17, offsetof(struct blob, data), 243}, /* 2 */
    {18, offsetof(struct blob, text), 262}, /* 3 */
    {19, offsetof(struct blob, one_more), 267}, /* 4 */
    {42, offsetof(struct variant, kind), 129}, /* 5 */
    {46, offsetof(struct variant, value), 288}, /* 6 */
    {1, offsetof(struct variant, flags), 294}, /* 7 */
    {48, offsetof(struct variant, more), 313}, /* 8 */
    {9, offsetof(struct window, first), 348}, /* 9 */
    {9, offsetof(struct window, last), 354}, /* 10 */
    {9, offsetof(struct window, n), 7}, /* 11 */
    {57, offsetof(struct window, window), 217}, /* 12 */
};

static const struct irpc_ndr_arm correlate_v1_0_arms[13] = {
    {0, 0, 0}, /* 0:  */
    {1, 9, 276}, /* 1: number */
    {2, 9, 276}, /* 2: number */
    {3, 43, 283}, /* 3: name */
    {1, 52, 318}, /* 4: point */
    {2, 53, 324}, /* 5: box */
    {7, 53, 324}, /* 6: box */
    {1, 0, 166}, /* 7: SHAPE_POINT */
    {2, 0, 178}, /* 8: SHAPE_BOX */
    {-1, 2, 328}, /* 9: small_arm */
    {1, 47, 338}, /* 10: large_arm */
    {0, 5, 359}, /* 11: a */
    {1, 47, 361}, /* 12: b */
};

static const struct irpc_ndr_expr correlate_v1_0_exprs[44] = {
    {IRPC_NDR_X_NONE, 0, 0, 1, 0, 0}, /* 0 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_sizes_args, n), 0}, /* 1 */
    {IRPC_NDR_X_LOAD, 4, 0, 0, offsetof(struct correlate_sizes_args, n), 0}, /* 2 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 1}, /* 3 */
    {IRPC_NDR_X_ADD, 0, 0, 1, 0, 0}, /* 4 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_sizes_args, n), 0}, /* 5 */
    {IRPC_NDR_X_DEREF, 4, 0, 1, offsetof(struct correlate_sizes_args, m), 0}, /* 6 */
    {IRPC_NDR_X_DEREF, 4, 0, 1, offsetof(struct correlate_sizes_args, m), 0}, /* 7 */
    {IRPC_NDR_X_CONST, 0, 0, 1, 0, 3}, /* 8 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_sizes_args, n), 0}, /* 9 */
    {IRPC_NDR_X_DEREF, 4, 0, 1, offsetof(struct correlate_sizes_args, m), 0}, /* 10 */
    {IRPC_NDR_X_LOAD, 4, 0, 0, offsetof(struct correlate_sizes_args, n), 0}, /* 11 */
    {IRPC_NDR_X_LOAD, 4, 0, 0, offsetof(struct correlate_sizes_args, n), 0}, /* 12 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 1}, /* 13 */
    {IRPC_NDR_X_COND, 0, 0, 1, 0, 0}, /* 14 */
    {IRPC_NDR_X_CONST, 0, 0, 1, 0, 10}, /* 15 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 9}, /* 16 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 1}, /* 17 */
    {IRPC_NDR_X_ADD, 0, 0, 1, 0, 0}, /* 18 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_sizes_args, n), 0}, /* 19 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_strings_args, n), 0}, /* 20 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_strings_args, n), 0}, /* 21 */
    {IRPC_NDR_X_LOAD, 2, 0, 1, offsetof(struct correlate_unions_args, kind), 0}, /* 22 */
    {IRPC_NDR_X_LOAD, 4, 1, 1, offsetof(struct correlate_unions_args, tag), 0}, /* 23 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct correlate_unchecked_args, n), 0}, /* 24 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct blob, capacity), 0}, /* 25 */
    {IRPC_NDR_X_LOAD, 4, 0, 1, offsetof(struct blob, used), 0}, /* 26 */
    {IRPC_NDR_X_LOAD, 4, 0, 0, offsetof(struct blob, used), 0}, /* 27 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 2}, /* 28 */
    {IRPC_NDR_X_DIV, 0, 0, 1, 0, 0}, /* 29 */
    {IRPC_NDR_X_LOAD, 4, 0, 0, offsetof(struct blob, used), 0}, /* 30 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 1}, /* 31 */
    {IRPC_NDR_X_ADD, 0, 0, 1, 0, 0}, /* 32 */
    {IRPC_NDR_X_LOAD, 2, 0, 1, offsetof(struct variant, kind), 0}, /* 33 */
    {IRPC_NDR_X_LOAD, 4, 0, 0, offsetof(struct variant, flags), 0}, /* 34 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 3}, /* 35 */
    {IRPC_NDR_X_AND, 0, 0, 1, 0, 0}, /* 36 */
    {IRPC_NDR_X_LOAD, 4, 1, 1, offsetof(struct window, n), 0}, /* 37 */
    {IRPC_NDR_X_LOAD, 4, 1, 0, offsetof(struct window, last), 0}, /* 38 */
    {IRPC_NDR_X_LOAD, 4, 1, 0, offsetof(struct window, first), 0}, /* 39 */
    {IRPC_NDR_X_SUB, 0, 0, 0, 0, 0}, /* 40 */
    {IRPC_NDR_X_CONST, 0, 0, 0, 0, 1}, /* 41 */
    {IRPC_NDR_X_ADD, 0, 0, 1, 0, 0}, /* 42 */
    {IRPC_NDR_X_LOAD, 4, 1, 1, offsetof(struct window, first), 0}, /* 43 */
};

static const struct irpc_ndr_range correlate_v1_0_ranges[3] = {
    {1, 64}, /* 0 */
    {-5, 5}, /* 1 */
    {0, 1000}, /* 2 */
};

static const struct irpc_ndr_param correlate_v1_0_params[25] = {
    {1, offsetof(struct correlate_sizes_args, n), 7, IRPC_NDR_P_IN}, /* 0: n */
    {4, offsetof(struct correlate_sizes_args, plain), 9, IRPC_NDR_P_IN}, /* 1: plain */
    {7, offsetof(struct correlate_sizes_args, varying), 15, IRPC_NDR_P_IN}, /* 2: varying */
    {8, offsetof(struct correlate_sizes_args, m), 23, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 3: m */
    {11, offsetof(struct correlate_sizes_args, counted), 25, IRPC_NDR_P_IN | IRPC_NDR_P_OUT}, /* 4: counted */
    {15, offsetof(struct correlate_sizes_args, two_levels), 33, IRPC_NDR_P_IN}, /* 5: two_levels */
    {23, offsetof(struct correlate_sizes_args, allocated), 49, IRPC_NDR_P_OUT}, /* 6: allocated */
    {25, offsetof(struct correlate_sizes_args, chosen), 59, IRPC_NDR_P_IN}, /* 7: chosen */
    {27, offsetof(struct correlate_sizes_args, constant), 66, IRPC_NDR_P_IN}, /* 8: constant */
    {29, offsetof(struct correlate_sizes_args, also_constant), 75, IRPC_NDR_P_IN}, /* 9: also_constant */
    {32, offsetof(struct correlate_sizes_args, fixed), 89, IRPC_NDR_P_IN}, /* 10: fixed */
    {1, offsetof(struct correlate_strings_args, n), 7, IRPC_NDR_P_IN}, /* 11: n */
    {34, offsetof(struct correlate_strings_args, sized), 103, IRPC_NDR_P_IN}, /* 12: sized */
    {37, offsetof(struct correlate_strings_args, limited), 109, IRPC_NDR_P_IN}, /* 13: limited */
    {41, offsetof(struct correlate_strings_args, many), 117, IRPC_NDR_P_IN}, /* 14: many */
    {42, offsetof(struct correlate_unions_args, kind), 129, IRPC_NDR_P_IN}, /* 15: kind */
    {45, offsetof(struct correlate_unions_args, tagged), 138, IRPC_NDR_P_IN}, /* 16: tagged */
    {50, offsetof(struct correlate_unions_args, v), 153, IRPC_NDR_P_IN}, /* 17: v */
    {54, offsetof(struct correlate_unions_args, s), 194, IRPC_NDR_P_IN}, /* 18: s */
    {9, offsetof(struct correlate_unions_args, tag), 196, IRPC_NDR_P_IN}, /* 19: tag */
    {56, offsetof(struct correlate_unions_args, p), 207, IRPC_NDR_P_IN}, /* 20: p */
    {59, offsetof(struct correlate_windows_args, w), 224, IRPC_NDR_P_IN}, /* 21: w */
    {60, offsetof(struct correlate_windows_args, offset), 226, IRPC_NDR_P_IN}, /* 22: offset */
    {1, offsetof(struct correlate_unchecked_args, n), 7, IRPC_NDR_P_IN}, /* 23: n */
    {62, offsetof(struct correlate_unchecked_args, data), 243, IRPC_NDR_P_IN}, /* 24: data */
};

static const struct irpc_ndr_op correlate_v1_0_ops[5] = {
    {0, 11, 0, sizeof(struct correlate_sizes_args), 1}, /* 0: sizes */
    {11, 4, 0, sizeof(struct correlate_strings_args), 95}, /* 1: strings */
    {15, 6, 0, sizeof(struct correlate_unions_args), 122}, /* 2: unions */
    {21, 2, 0, sizeof(struct correlate_windows_args), 209}, /* 3: windows */
    {23, 2, 0, sizeof(struct correlate_unchecked_args), 233}, /* 4: unchecked */
};

static const char correlate_v1_0_names[363] = {
    0,
    's', 'i', 'z', 'e', 's', 0,
    'n', 0,
    'p', 'l', 'a', 'i', 'n', 0,
    'v', 'a', 'r', 'y', 'i', 'n', 'g', 0,
    'm', 0,
    'c', 'o', 'u', 'n', 't', 'e', 'd', 0,
    't', 'w', 'o', '_', 'l', 'e', 'v', 'e', 'l', 's', 0,
    'b', 'l', 'o', 'b', 0,
    'a', 'l', 'l', 'o', 'c', 'a', 't', 'e', 'd', 0,
    'c', 'h', 'o', 's', 'e', 'n', 0,
    'c', 'o', 'n', 's', 't', 'a', 'n', 't', 0,
    'a', 'l', 's', 'o', '_', 'c', 'o', 'n', 's', 't', 'a', 'n', 't', 0,
    'f', 'i', 'x', 'e', 'd', 0,
    's', 't', 'r', 'i', 'n', 'g', 's', 0,
    's', 'i', 'z', 'e', 'd', 0,
    'l', 'i', 'm', 'i', 't', 'e', 'd', 0,
    'm', 'a', 'n', 'y', 0,
    'u', 'n', 'i', 'o', 'n', 's', 0,
    'k', 'i', 'n', 'd', 0,
    'a', 'n', 'y', 0,
    't', 'a', 'g', 'g', 'e', 'd', 0,
    'v', 'a', 'r', 'i', 'a', 'n', 't', 0,
    'v', 0,
    's', 'h', 'a', 'p', 'e', '_', 'k', 'i', 'n', 'd', 0,
    'S', 'H', 'A', 'P', 'E', '_', 'P', 'O', 'I', 'N', 'T', 0,
    'S', 'H', 'A', 'P', 'E', '_', 'B', 'O', 'X', 0,
    's', 'h', 'a', 'p', 'e', 0,
    's', 0,
    't', 'a', 'g', 0,
    'p', 'a', 'd', 'd', 'e', 'd', 0,
    'p', 0,
    'w', 'i', 'n', 'd', 'o', 'w', 's', 0,
    'w', 'i', 'n', 'd', 'o', 'w', 0,
    'w', 0,
    'o', 'f', 'f', 's', 'e', 't', 0,
    'u', 'n', 'c', 'h', 'e', 'c', 'k', 'e', 'd', 0,
    'd', 'a', 't', 'a', 0,
    'c', 'a', 'p', 'a', 'c', 'i', 't', 'y', 0,
    'u', 's', 'e', 'd', 0,
    't', 'e', 'x', 't', 0,
    'o', 'n', 'e', '_', 'm', 'o', 'r', 'e', 0,
    'n', 'u', 'm', 'b', 'e', 'r', 0,
    'n', 'a', 'm', 'e', 0,
    'v', 'a', 'l', 'u', 'e', 0,
    'f', 'l', 'a', 'g', 's', 0,
    'v', 'a', 'r', 'i', 'a', 'n', 't', '_', 'm', 'o', 'r', 'e', 0,
    'm', 'o', 'r', 'e', 0,
    'p', 'o', 'i', 'n', 't', 0,
    'b', 'o', 'x', 0,
    's', 'm', 'a', 'l', 'l', '_', 'a', 'r', 'm', 0,
    'l', 'a', 'r', 'g', 'e', '_', 'a', 'r', 'm', 0,
    'f', 'i', 'r', 's', 't', 0,
    'l', 'a', 's', 't', 0,
    'a', 0,
    'b', 0,
};

#ifdef __LP64__
IRONIDL_CHECK(sizeof(struct blob) == 32);
IRONIDL_CHECK(offsetof(struct blob, capacity) == 0);
IRONIDL_CHECK(offsetof(struct blob, used) == 4);
IRONIDL_CHECK(offsetof(struct blob, data) == 8);
IRONIDL_CHECK(offsetof(struct blob, text) == 16);
IRONIDL_CHECK(offsetof(struct blob, one_more) == 24);
IRONIDL_CHECK(sizeof(union any) == 32);
IRONIDL_CHECK(sizeof(union any) == 32);
IRONIDL_CHECK(sizeof(union variant_more) == 8);
IRONIDL_CHECK(sizeof(struct variant) == 56);
IRONIDL_CHECK(offsetof(struct variant, kind) == 0);
IRONIDL_CHECK(offsetof(struct variant, value) == 8);
IRONIDL_CHECK(offsetof(struct variant, flags) == 40);
IRONIDL_CHECK(offsetof(struct variant, more) == 48);
IRONIDL_CHECK(sizeof(struct shape) == 40);
IRONIDL_CHECK(sizeof(union padded) == 8);
IRONIDL_CHECK(sizeof(struct window) == 16);
IRONIDL_CHECK(offsetof(struct window, first) == 0);
IRONIDL_CHECK(offsetof(struct window, last) == 4);
IRONIDL_CHECK(offsetof(struct window, n) == 8);
IRONIDL_CHECK(offsetof(struct window, window) == 12);
IRONIDL_CHECK(sizeof(struct correlate_sizes_args) == 88);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, n) == 0);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, plain) == 8);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, varying) == 16);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, m) == 24);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, counted) == 32);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, two_levels) == 40);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, allocated) == 48);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, chosen) == 56);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, constant) == 64);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, also_constant) == 72);
IRONIDL_CHECK(offsetof(struct correlate_sizes_args, fixed) == 80);
IRONIDL_CHECK(sizeof(struct correlate_strings_args) == 32);
IRONIDL_CHECK(offsetof(struct correlate_strings_args, n) == 0);
IRONIDL_CHECK(offsetof(struct correlate_strings_args, sized) == 8);
IRONIDL_CHECK(offsetof(struct correlate_strings_args, limited) == 16);
IRONIDL_CHECK(offsetof(struct correlate_strings_args, many) == 24);
IRONIDL_CHECK(sizeof(struct correlate_unions_args) == 80);
IRONIDL_CHECK(offsetof(struct correlate_unions_args, kind) == 0);
IRONIDL_CHECK(offsetof(struct correlate_unions_args, tagged) == 8);
IRONIDL_CHECK(offsetof(struct correlate_unions_args, v) == 16);
IRONIDL_CHECK(offsetof(struct correlate_unions_args, s) == 24);
IRONIDL_CHECK(offsetof(struct correlate_unions_args, tag) == 64);
IRONIDL_CHECK(offsetof(struct correlate_unions_args, p) == 72);
IRONIDL_CHECK(sizeof(struct correlate_windows_args) == 16);
IRONIDL_CHECK(offsetof(struct correlate_windows_args, w) == 0);
IRONIDL_CHECK(offsetof(struct correlate_windows_args, offset) == 8);
IRONIDL_CHECK(sizeof(struct correlate_unchecked_args) == 16);
IRONIDL_CHECK(offsetof(struct correlate_unchecked_args, n) == 0);
IRONIDL_CHECK(offsetof(struct correlate_unchecked_args, data) == 8);
#endif

static const struct irpc_ndr_unit correlate_v1_0_unit = {
    2u,
    67, 13, 13, 44, 3, 25, 5, 0, 0, 363, 16u,
    correlate_v1_0_types, correlate_v1_0_fields, correlate_v1_0_arms, correlate_v1_0_exprs, correlate_v1_0_ranges, correlate_v1_0_params, correlate_v1_0_ops, correlate_v1_0_names,
};

const struct irpc_interface correlate_v1_0_interface = {
    2u,
    {{0x6f0a1b2cu, 0x0002, 0x4000, 0x80, 0x00, {0x00, 0x00, 0x00, 0x00, 0x00, 0x02}}, 1, 0},
    "correlate",
    &correlate_v1_0_unit,
};
