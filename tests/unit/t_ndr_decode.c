/* Values of every kind: bytes worked out by hand from the rules of [C706] 14 decode and encode. */
#include "t_ndr.h"

/* --- base types --- */

#define BASE_TYPES                                                                                \
    "void f([in] small a, [in] short b, [in] byte c, [in] hyper d, [in] boolean e, [in] long f, " \
    "       [in] float g, [in] double h, [in] wchar_t i, [in] char j);"

/* accepts: N01 */
IR_TEST(base_types_are_aligned)
{
    struct ndr_case c = ndr_open_body(BASE_TYPES);

    ndr_same(&c, 0,
             IR_HEX("ff 00 feff 07 000000 0807060504030201 01 000000 78563412"
                    "0000803f 00000000 000000000000f03f 4100 42"));
    ndr_close(&c);
}

IR_TEST(base_types_in_both_byte_orders)
{
    struct {
        int8_t a;
        int16_t b;
        uint8_t c;
        int64_t d;
        uint8_t e;
        int32_t f;
        float g;
        double h;
        uint16_t i;
        char j;
    } * v;
    struct ndr_case c = ndr_open_body(BASE_TYPES);

    c.big_endian = true;
    v = ndr_same(&c, 0,
                 IR_HEX("ff 00 fffe 07 000000 0102030405060708 01 000000 12345678"
                        "3f800000 00000000 3ff0000000000000 0041 42"));
    IR_ASSERT_EQ(v->a, -1);
    IR_ASSERT_EQ(v->b, -2);
    IR_ASSERT_EQ(v->d, 0x0102030405060708);
    IR_ASSERT_EQ(v->f, 0x12345678);
    IR_ASSERT(v->g == 1.0f && v->h == 1.0);
    IR_ASSERT_EQ(v->i, 'A');
    IR_ASSERT_EQ(v->j, 'B');
    ndr_close(&c);
}

IR_TEST(enumerations_take_16_or_32_bits)
{
    struct ndr_case c = ndr_open_body("typedef enum { A, B } e; typedef [v1_enum] enum { C, D } v; "
                                      "void f([in] e a, [in] v b, [in] e c);");

    ndr_same(&c, 0, IR_HEX("0100 0000 ffffffff ff7f"));
    ndr_refused(&c, 0, IR_HEX("0080 0000 00000000 0000"), IRPC_BAD_STUB_DATA, "N09");
    c.syntax = IRPC_NDR64;
    ndr_same(&c, 0, IR_HEX("01000000 ffffffff ff7f0000"));
    ndr_refused(&c, 0, IR_HEX("00000100 00000000 00000000"), IRPC_BAD_STUB_DATA, "N09");
    void *args = ndr_args(&c, 0);
    struct ir_bytes out;
    for (int syntax = IRPC_NDR20; syntax <= IRPC_NDR64; syntax++) {
        c.syntax = syntax;
        for (int wrong = -1; wrong <= 0x8000; wrong += 0x8001) {
            memcpy(ndr_arg(&c, 0, 0, args), &wrong, sizeof(wrong));
            IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, args, &out), IRPC_INVALID_BOUND);
            IR_ASSERT_STR(c.error.check, "N09");
        }
    }
    ndr_close(&c);
}

IR_TEST(int3264_is_4_or_8_bytes)
{
    struct {
        int64_t a;
        uint64_t b;
    } * v;
    struct ndr_case c = ndr_open_body("void f([in] __int3264 a, [in] unsigned __int3264 b);");

    v = ndr_same(&c, 0, IR_HEX("feffffff feffffff"));
    IR_ASSERT_EQ(v->a, -2);
    IR_ASSERT_EQ(v->b, 0xfffffffe);
    c.syntax = IRPC_NDR64;
    v = ndr_same(&c, 0, IR_HEX("feffffffffffffff feffffff01000000"));
    IR_ASSERT_EQ(v->b, 0x1fffffffe);
    ndr_close(&c);
}

IR_TEST(ranges_are_checked_both_ways)
{
    struct ndr_case c = ndr_open_body("void f([in, range(1, 500)] long a);");
    int32_t *a;

    ndr_same(&c, 0, IR_HEX("01000000"));
    ndr_same(&c, 0, IR_HEX("f4010000"));
    ndr_refused(&c, 0, IR_HEX("00000000"), IRPC_INVALID_BOUND, "N09");
    ndr_refused(&c, 0, IR_HEX("f5010000"), IRPC_INVALID_BOUND, "N09");
    ndr_refused(&c, 0, IR_HEX("ffffffff"), IRPC_INVALID_BOUND, "N09");
    a = ndr_args(&c, 0);
    *a = 501;
    struct ir_bytes out;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, a, &out), IRPC_INVALID_BOUND);
    ndr_close(&c);
}

/* --- structs --- */

IR_TEST(a_struct_starts_aligned_and_has_no_tail_in_ndr20)
{
    struct ndr_case c = ndr_open_body("typedef struct { long a; short b; } s; "
                                      "void f([in] byte x, [in] s v[2], [in] byte y);");

    ndr_same(&c, 0, IR_HEX("01 000000 01000000 0200 0000 03000000 0400 05"));
    c.syntax = IRPC_NDR64; /* [MS-RPCE] 2.2.5.3.4.1: trailing gap */
    ndr_same(&c, 0, IR_HEX("01 000000 01000000 0200 0000 03000000 0400 0000 05"));
    ndr_close(&c);
}

IR_TEST(conformance_is_hoisted_out_of_nested_structs)
{
    struct ndr_case c =
        ndr_open_body("typedef struct { short n; [size_is(n)] long v[]; } in_s; "
                      "typedef struct { hyper h; in_s s; } out_s; void f([in] out_s *p);");

    ndr_same(&c, 0, IR_HEX("02000000 00000000 0807060504030201 0200 0000 07000000 08000000"));
    ndr_refused(&c, 0, IR_HEX("02000000 00000000 0807060504030201 0300 0000 07000000 08000000"),
                IRPC_BAD_STUB_DATA, "N03");
    ndr_truncated(&c, 0, IR_HEX("02000000 00000000 0807060504030201 0200 0000 07000000 08000000"));
    ndr_close(&c);
}

/* --- arrays --- */

IR_TEST(conformant_and_varying_arrays)
{
    struct ndr_case c = ndr_open_body(
        "void a([in] long n, [in, size_is(n)] short v[]); "
        "void b([in, length_is(n)] short v[4], [in] long n); "
        "void c([in] long n, [in] long l, [in, size_is(n), length_is(l)] byte v[]); "
        "void d([in] long f, [in] long l, [in, first_is(f), length_is(l)] short v[4]);");

    ndr_same(&c, 0, IR_HEX("02000000 02000000 0100 0200"));
    ndr_same(&c, 0, IR_HEX("00000000 00000000"));
    ndr_same(&c, 1, IR_HEX("00000000 02000000 0100 0200 02000000"));
    ndr_same(&c, 2, IR_HEX("05000000 02000000 05000000 00000000 02000000 aabb"));
    ndr_same(&c, 3, IR_HEX("01000000 02000000 01000000 02000000 0100 0200"));
    ndr_refused(&c, 0, IR_HEX("03000000 02000000 0100 0200"), IRPC_BAD_STUB_DATA, "N03");
    ndr_refused(&c, 0, IR_HEX("ffffffff ffffffff 0100 0200"), IRPC_BAD_STUB_DATA, "N02");
    ndr_refused(&c, 1, IR_HEX("00000000 02000000 0100 0200 03000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_refused(&c, 1, IR_HEX("00000000 05000000 0100 0200 0300 0400 0500 0000 05000000"),
                IRPC_INVALID_BOUND, "N03");
    ndr_refused(&c, 3, IR_HEX("ffffffff 02000000 ffffffff 02000000 0100 0200"), IRPC_INVALID_BOUND,
                "N03"); /* offset + count wraps in 32 bits */
    ndr_refused(&c, 1, IR_HEX("01000000 02000000 0100 0200 02000000"), IRPC_INVALID_BOUND,
                "N03"); /* nothing says where the elements are: at the beginning */
    ndr_close(&c);
}

IR_TEST(unions_are_not_aligned_as_a_whole_in_ndr_2)
{
    struct ndr_case c =
        ndr_open_body("typedef union switch (byte tag) u { case 0: ; case 1: hyper h; } either; "
                      "typedef union switch (short tag) u { case 0: ; case 5: ; } neither; "
                      "void f([in] long n, [in, size_is(n)] either v[], [in] byte b); "
                      "void g([in] byte b, [in] neither *v);");

    ndr_same(&c, 0, IR_HEX("01000000 01000000 00 77"));
    ndr_same(&c, 0, IR_HEX("01000000 01000000 01 00000000000000 0800000000000000 77"));
    ndr_same(&c, 0, IR_HEX("00000000 00000000 77"));
    ndr_same(&c, 1, IR_HEX("77 00 0500"));
    c.syntax = IRPC_NDR64;
    ndr_same(&c, 0, IR_HEX("00000000 00000000 0000000000000000 77"));
    ndr_close(&c);
}

IR_TEST(a_range_limits_the_count_of_an_array)
{
    struct ndr_case c =
        ndr_open_body("void f([in] long n, [in, size_is(n), range(1, 2)] byte v[]);");

    ndr_same(&c, 0, IR_HEX("02000000 02000000 aabb"));
    ndr_refused(&c, 0, IR_HEX("03000000 03000000 aabbcc"), IRPC_INVALID_BOUND, "N09");
    ndr_refused(&c, 0, IR_HEX("00000000 00000000"), IRPC_INVALID_BOUND, "N09");
    ndr_close(&c);
}

IR_TEST(arrays_in_ndr64_have_8_byte_counts)
{
    struct ndr_case c = ndr_open_body("void a([in] long n, [in, size_is(n)] short v[]);");

    c.syntax = IRPC_NDR64;
    ndr_same(&c, 0, IR_HEX("02000000 00000000 0200000000000000 0100 0200"));
    ndr_refused(&c, 0, IR_HEX("02000000 00000000 0200000001000000 0100 0200"), IRPC_INVALID_BOUND,
                "N11");
    ndr_close(&c);
}

IR_TEST(arrays_of_several_dimensions)
{
    struct ndr_case c = ndr_open_body("void a([in] short v[2][3]); "
                                      "void b([in] long n, [in, size_is(n,)] short v[][2]); "
                                      "void c([in] long n, [in, length_is(n,)] short v[3][2]); "
                                      "void d([in] long n, [in, length_is(,n)] short v[2][3]);");

    ndr_same(&c, 0, IR_HEX("0100 0200 0300 0400 0500 0600"));
    ndr_same(&c, 1, IR_HEX("02000000 02000000 0100 0200 0300 0400"));
    ndr_same(&c, 2, IR_HEX("02000000 00000000 02000000 0100 0200 0300 0400"));
    uint8_t *args = ndr_same(&c, 3, IR_HEX("02000000 00000000 02000000 0100 0200 0300 0400"));
    int16_t(*rows)[3];
    memcpy(&rows, ndr_arg(&c, 3, 1, args), sizeof(rows));
    IR_ASSERT_EQ(rows[0][0], 1);
    IR_ASSERT_EQ(rows[0][2], 0); /* not on the wire: zero */
    IR_ASSERT_EQ(rows[1][0], 3);
    IR_ASSERT_EQ(rows[1][1], 4);
    ndr_close(&c);
}

IR_TEST(what_a_varying_array_leaves_out_is_zero)
{
    struct ndr_case c =
        ndr_open_body("void f([in] long n, [in] long l, [in, size_is(n), length_is(l)] byte v[]);");
    uint8_t *v;

    memset(ir_arena_alloc(&c.arena, 512), 0xee, 512);
    ir_arena_reset(&c.arena, c.arena.budget); /* the next memory is dirty */
    uint8_t *args = ndr_same(&c, 0, IR_HEX("08000000 01000000 08000000 00000000 01000000 aa"));
    memcpy(&v, ndr_arg(&c, 0, 2, args), sizeof(v));
    IR_ASSERT_MEM(v, 8, "\xaa\0\0\0\0\0\0\0", 8);
    ndr_close(&c);
}

IR_TEST(an_array_of_plain_numbers_is_swapped)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { short a; byte b[2]; } s; "
        "void f([in] long n, [in, size_is(n)] short v[], [in, size_is(n)] hyper h[], [in] s w[2], "
        "       [in, size_is(n)] byte b[]);");

    c.big_endian = true;
    ndr_same(&c, 0,
             IR_HEX("00000002 00000002 0001 0002 00000002 0000000000000001"
                    "0000000000000002 0003 0102 0004 0304 00000002 0102"));
    ndr_close(&c);
}

/* --- strings --- */

IR_TEST(strings)
{
    struct ndr_case c =
        ndr_open_body("void a([in, string] char *s); void b([in, string] wchar_t *s); "
                      "void c([in, string] char s[8]); "
                      "void d([in] long n, [in, string, size_is(n)] char *s); "
                      "void e([in, string, range(0, 4)] char *s);");

    ndr_same(&c, 0, IR_HEX("06000000 00000000 06000000 'hello' 00"));
    ndr_same(&c, 1, IR_HEX("03000000 00000000 03000000 6800 6900 0000"));
    ndr_same(&c, 2, IR_HEX("00000000 03000000 'hi' 00"));
    ndr_same(&c, 3, IR_HEX("05000000 05000000 00000000 03000000 'hi' 00"));
    ndr_same(&c, 4, IR_HEX("04000000 00000000 04000000 'abc' 00"));
    ndr_refused(&c, 0, IR_HEX("05000000 00000000 05000000 'hello'"), IRPC_BAD_STUB_DATA, "N04");
    ndr_refused(&c, 0, IR_HEX("06000000 01000000 05000000 'ello' 00"), IRPC_INVALID_BOUND, "N04");
    ndr_refused(&c, 0, IR_HEX("00000000 00000000 00000000"), IRPC_INVALID_BOUND, "N04");
    ndr_refused(&c, 0, IR_HEX("05000000 00000000 06000000 'hello' 00"), IRPC_INVALID_BOUND, "N04");
    ndr_refused(&c, 0, IR_HEX("ffffffff 00000000 ffffffff 'hello' 00"), IRPC_BAD_STUB_DATA, "N02");
    ndr_refused(&c, 1, IR_HEX("03000000 00000000 03000000 6800 6900 0001"), IRPC_BAD_STUB_DATA,
                "N04");
    ndr_refused(&c, 2, IR_HEX("00000000 09000000 'hihihihi' 00"), IRPC_INVALID_BOUND, "N04");
    ndr_refused(&c, 3, IR_HEX("04000000 05000000 00000000 03000000 'hi' 00"), IRPC_BAD_STUB_DATA,
                "N03");
    ndr_refused(&c, 4, IR_HEX("05000000 00000000 05000000 'abcd' 00"), IRPC_INVALID_BOUND, "N09");
    ndr_truncated(&c, 1, IR_HEX("03000000 00000000 03000000 6800 6900 0000"));
    c.big_endian = true;
    ndr_same(&c, 1, IR_HEX("00000003 00000000 00000003 0068 0069 0000"));
    ndr_close(&c);
}

IR_TEST(a_string_that_claims_much_costs_little)
{
    struct ndr_case c = ndr_open_body("void a([in, string] char *s);");
    void *args = ndr_args(&c, 0);

    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, IR_HEX("ffffffff 00000000 02000000 'a' 00"), args),
                 IRPC_OK);
    IR_ASSERT(c.arena.used <= 16);
    ndr_close(&c);
}

/* --- unions --- */

#define UNION_U                                                                                 \
    "typedef [switch_type(short)] union { [case(1)] byte b; [case(2, 3)] hyper h; [case(4)] ; " \
    "[case(5)] [string] char *s; } u; "

IR_TEST(unions)
{
    struct ndr_case c = ndr_open_body(
        UNION_U "void f([in] short t, [in, switch_is(t)] u *v); "
                "typedef struct { short t; [switch_is(t)] u v; } s; void g([in] s v[2]); "
                "void h([in, switch_is(t)] u *v, [in] short t);");

    ndr_same(&c, 0, IR_HEX("0100 0100 07"));
    ndr_same(&c, 0, IR_HEX("0300 0300 00000000 0807060504030201"));
    ndr_same(&c, 0, IR_HEX("0400 0400"));
    ndr_same(&c, 0, IR_HEX("0500 0500 00000200 02000000 00000000 02000000 'a' 00"));
    ndr_same(&c, 1,
             IR_HEX("0500 0500 00000200 0500 0500 04000200"
                    "02000000 00000000 02000000 'a' 00 0000"
                    "02000000 00000000 02000000 'b' 00"));
    ndr_same(&c, 2, IR_HEX("0100 07 00 0100"));
    ndr_refused(&c, 0, IR_HEX("0100 0200 00000000 0807060504030201"), IRPC_BAD_STUB_DATA, "N08");
    ndr_refused(&c, 0, IR_HEX("0600 0600"), IRPC_INVALID_TAG, "N08");
    ndr_refused(&c, 2, IR_HEX("0100 07 00 0200"), IRPC_BAD_STUB_DATA, "N08");
    uint64_t arm[2] = {0, 0};
    struct {
        int16_t t;
        void *v;
    } args = {6, arm};
    struct ir_bytes out;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, &args, &out), IRPC_INVALID_TAG);
    IR_ASSERT_STR(c.error.check, "N08");
    ndr_close(&c);
}

IR_TEST(unions_with_a_default_and_with_the_tag_inside)
{
    struct ndr_case c =
        ndr_open_body("typedef union switch (long t) v { case 1: short a; default: long b; } u; "
                      "typedef union switch (byte t) v { case 1: [string] char *s; } w; "
                      "void f([in] u *x); void g([in] w x[2]);");

    ndr_same(&c, 0, IR_HEX("01000000 0200"));
    ndr_same(&c, 0, IR_HEX("63000000 02000000"));
    ndr_same(&c, 1,
             IR_HEX("01 000000 00000200 01 000000 04000200"
                    "02000000 00000000 02000000 'a' 00 0000"
                    "02000000 00000000 02000000 'b' 00"));
    ndr_refused(&c, 1, IR_HEX("02 000000 00000200 01 000000 04000200"), IRPC_INVALID_TAG, "N08");
    ndr_close(&c);
}

/* --- correlations --- */

IR_TEST(a_count_may_come_later)
{
    struct ndr_case c =
        ndr_open_body("void a([in, size_is(n)] byte v[], [in] long n); "
                      "void b([in, size_is(*n)] byte v[], [in] long *n); "
                      "typedef struct { [size_is(n + 1)] byte *v; long n; } s; void c([in] s *v); "
                      "typedef struct { [length_is(n)] byte v[4]; long n; } w; void d([in] w *v); "
                      "typedef struct { [size_is(*n)] byte *v; long *n; } x; void e([in] x *v);");

    ndr_same(&c, 0, IR_HEX("02000000 aabb 0000 02000000"));
    ndr_refused(&c, 0, IR_HEX("02000000 aabb 0000 03000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_same(&c, 1, IR_HEX("02000000 aabb 0000 02000000"));
    ndr_refused(&c, 1, IR_HEX("02000000 aabb 0000 01000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_same(&c, 2, IR_HEX("00000200 01000000 02000000 aabb"));
    ndr_refused(&c, 2, IR_HEX("00000200 02000000 02000000 aabb"), IRPC_BAD_STUB_DATA, "N03");
    ndr_same(&c, 3, IR_HEX("00000000 02000000 aabb 0000 02000000"));
    ndr_refused(&c, 3, IR_HEX("00000000 02000000 aabb 0000 04000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_same(&c, 4, IR_HEX("00000200 04000200 02000000 aabb 0000 02000000"));
    ndr_refused(&c, 4, IR_HEX("00000200 04000200 02000000 aabb 0000 03000000"), IRPC_BAD_STUB_DATA,
                "N03");
    ndr_close(&c);
}

/* accepts: N20, check: N03 */
IR_TEST(null_needs_a_zero_count)
{
    struct ndr_case c = ndr_open_body(
        "void a([in] long n, [in, unique, size_is(n)] byte *v); "
        "typedef struct { long n; [size_is(n)] byte *v; } s; void b([in] s *v); "
        "void c([in, unique, size_is(n)] byte *v, [in] long n); "
        "void d([in] long n, [in, unique, size_is(n), disable_consistency_check] byte *v);");

    ndr_same(&c, 0, IR_HEX("00000000 00000000"));
    ndr_same(&c, 0, IR_HEX("00000000 00000200 00000000"));
    ndr_refused(&c, 0, IR_HEX("01000000 00000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_refused(&c, 1, IR_HEX("01000000 00000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_refused(&c, 2, IR_HEX("00000000 01000000"), IRPC_BAD_STUB_DATA, "N03");
    ndr_same(&c, 3, IR_HEX("01000000 00000000"));
    ndr_close(&c);
}

/* --- calls --- */

struct visited {
    uint32_t time_low[4];
    uint32_t flags[4];
    uint32_t type[4];
    unsigned n;
};

static enum irpc_status visit(void *user, void *handle, uint32_t context_type, uint32_t param_flags)
{
    struct visited *v = user;

    v->time_low[v->n] = ((struct irpc_context_handle *)handle)->uuid.time_low;
    v->type[v->n] = context_type;
    v->flags[v->n++] = param_flags;
    return v->n == 2 ? IRPC_CONTEXT_MISMATCH : IRPC_OK;
}

IR_TEST(context_handles_are_visited)
{
    struct visited seen = {{0}, {0}, {0}, 0};
    struct ndr_case c = ndr_open_body("typedef [context_handle] void *h; "
                                      "void f([in] h a, [in, out] h *b);");
    uint8_t *args = ndr_same(&c, 0,
                             IR_HEX("00000000 01000000 0200 0300 0405060708090a0b"
                                    "00000000 02000000 0200 0300 0405060708090a0b"));
    struct irpc_context_handle *b;

    memcpy(&b, ndr_arg(&c, 0, 1, args), sizeof(b));
    IR_ASSERT_EQ(((struct irpc_context_handle *)(void *)args)->uuid.time_low, 1);
    IR_ASSERT_EQ(b->uuid.time_low, 2);
    IR_ASSERT_EQ(ir_ndr_contexts(c.unit, 0, IR_NDR_IN, args, visit, &seen), IRPC_CONTEXT_MISMATCH);
    IR_ASSERT_EQ(seen.n, 2);
    IR_ASSERT_EQ(seen.time_low[0], 1);
    IR_ASSERT_EQ(seen.time_low[1], 2);
    IR_ASSERT_EQ(seen.type[0], 1);
    IR_ASSERT_EQ(seen.type[1], 1);
    IR_ASSERT_EQ(seen.flags[1], IRPC_NDR_P_IN | IRPC_NDR_P_OUT);
    seen.n = 0;
    IR_ASSERT_EQ(ir_ndr_contexts(c.unit, 0, IR_NDR_OUT, args, visit, &seen), IRPC_OK);
    IR_ASSERT_EQ(seen.n, 1);
    IR_ASSERT_EQ(c.unit->n_contexts, 1);
    ndr_close(&c);
}

/* accepts: N14 */
IR_TEST(more_bytes_than_parameters_are_tolerated)
{
    struct ndr_case c = ndr_open_body("void f([in] long a);");
    void *args = ndr_args(&c, 0);

    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, IR_HEX("01000000 ff ff ff"), args), IRPC_OK);
    ndr_close(&c);
}

/* accepts: N15 */
IR_TEST(out_parameters_get_zeroed_memory)
{
    struct ndr_case c = ndr_open_body(
        "void f([in] long n, [out, size_is(n)] hyper v[], [out] long *l, [out] long **p);");
    struct {
        int32_t n;
        int64_t *v;
        int32_t *l;
        int32_t **p;
    } *args = ndr_args(&c, 0);

    args->n = 100;
    IR_ASSERT_EQ(ir_ndr_prepare_out(c.unit, 0, &c.arena, args), IRPC_OK);
    for (int i = 0; i < 100; i++) {
        IR_ASSERT_EQ(args->v[i], 0);
    }
    IR_ASSERT(args->l != NULL && *args->l == 0);
    IR_ASSERT(args->p != NULL && *args->p == NULL);
    args->n = -1;
    IR_ASSERT_EQ(ir_ndr_prepare_out(c.unit, 0, &c.arena, args), IRPC_LIMIT);
    args->n = INT32_MAX;
    IR_ASSERT_EQ(ir_ndr_prepare_out(c.unit, 0, &c.arena, args), IRPC_LIMIT);
    ndr_close(&c);
}

IR_TEST(a_reply_never_exceeds_the_callers_memory)
{
    struct ndr_case c = ndr_open_body("void f([in, out] long *n, [out, size_is(*n)] short v[]); "
                                      "void g([in] long n, [out, string, size_is(n)] char *s); "
                                      "void h([in, out, string] char *s);");
    int16_t v[4] = {0, 0, 0, 0x77};
    int32_t n = 3;
    struct {
        int32_t *n;
        int16_t *v;
    } args = {&n, v};

    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_OUT, IR_HEX("02000000 02000000 0100 0200"), &args),
                 IRPC_OK);
    IR_ASSERT_EQ(n, 2);
    IR_ASSERT_EQ(v[1], 2);
    n = 3;
    IR_ASSERT_EQ(
        ndr_decode(&c, 0, IR_NDR_OUT, IR_HEX("04000000 04000000 0100 0200 0300 0400"), &args),
        IRPC_INVALID_BOUND);
    IR_ASSERT_EQ(v[3], 0x77);

    char s[4] = "";
    struct {
        int32_t n;
        char *s;
    } text = {3, s};
    IR_ASSERT_EQ(ndr_decode(&c, 1, IR_NDR_OUT, IR_HEX("03000000 00000000 03000000 'ab' 00"), &text),
                 IRPC_OK);
    IR_ASSERT_STR(s, "ab");
    IR_ASSERT_EQ(
        ndr_decode(&c, 1, IR_NDR_OUT, IR_HEX("04000000 00000000 04000000 'abc' 00"), &text),
        IRPC_BAD_STUB_DATA);
    text.s = NULL;
    IR_ASSERT_EQ(ndr_decode(&c, 1, IR_NDR_OUT, IR_HEX("03000000 00000000 03000000 'ab' 00"), &text),
                 IRPC_NULL_REF_POINTER);

    char both[8] = "abc"; /* what was sent says how much room there is */
    char *h = both;
    IR_ASSERT_EQ(ndr_decode(&c, 2, IR_NDR_OUT, IR_HEX("04000000 00000000 04000000 'xyz' 00"), &h),
                 IRPC_OK);
    IR_ASSERT_STR(both, "xyz");
    IR_ASSERT_EQ(ndr_decode(&c, 2, IR_NDR_OUT, IR_HEX("05000000 00000000 05000000 'long' 00"), &h),
                 IRPC_INVALID_BOUND);
    IR_ASSERT_STR(c.error.check, "N03");
    IR_ASSERT_STR(both, "xyz");
    ndr_close(&c);
}

/* check: N03 */
IR_TEST(a_string_has_room_for_no_less_than_nothing)
{
    struct ndr_case c = ndr_open_body("void f([in] long n, [in, string, size_is(n)] char *s);");
    struct ir_bytes out;
    char text[] = "ab";
    struct {
        int32_t n;
        char *s;
    } args = {3, text};

    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, &args, &out), IRPC_OK);
    args.n = -1;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, &args, &out), IRPC_INVALID_BOUND);
    IR_ASSERT_STR(c.error.check, "N03");
    ndr_close(&c);
}

/* check: N05 N03 */
IR_TEST(encoding_needs_ref_pointers_and_true_counts)
{
    struct ndr_case c =
        ndr_open_body("typedef struct { [ref] long *p; } s; void f([in] s *v); "
                      "void g([in] long n, [in] long l, [in, size_is(n), length_is(l)] byte v[]); "
                      "void h([in, string] char s[2]);");
    struct ir_bytes out;
    struct {
        int32_t *p;
    } s = {NULL};
    void *args = &s;

    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, &args, &out), IRPC_NULL_REF_POINTER);
    args = NULL;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, &args, &out), IRPC_NULL_REF_POINTER);
    struct {
        int32_t n, l;
        const char *v;
    } g = {2, 3, "abc"};
    IR_ASSERT_EQ(ndr_encode(&c, 1, IR_NDR_IN, &g, &out), IRPC_INVALID_BOUND);
    g.l = -1;
    IR_ASSERT_EQ(ndr_encode(&c, 1, IR_NDR_IN, &g, &out), IRPC_INVALID_BOUND);
    const char *no_end = "ab";
    IR_ASSERT_EQ(ndr_encode(&c, 2, IR_NDR_IN, &no_end, &out), IRPC_INVALID_BOUND);
    ndr_close(&c);
}

static enum irpc_status count_handle(void *user, void *handle, uint32_t type, uint32_t flags)
{
    const struct irpc_context_handle *h = handle;

    (void)flags;
    *(uint32_t *)user += h->uuid.time_low + 100 * type;
    return IRPC_OK;
}

IR_TEST(handles_in_arrays_are_found)
{
    struct ndr_case c = ndr_open_body("typedef [context_handle] void *h;\n"
                                      "void f([in] long n, [in, size_is(n)] h a[],\n"
                                      "       [in, unique] h *b, [in] h *c);\n");
    void *args = ndr_same(&c, 0,
                          IR_HEX("02000000 02000000"
                                 "00000000 01000000 0000 0000 0000000000000000"
                                 "00000000 02000000 0000 0000 0000000000000000"
                                 "00000000"
                                 "00000000 07000000 0000 0000 0000000000000000"));
    uint32_t sum = 0;

    IR_ASSERT_EQ(ir_ndr_contexts(c.unit, 0, IR_NDR_IN, args, count_handle, &sum), IRPC_OK);
    IR_ASSERT_EQ(sum, 1 + 2 + 7 + 3 * 100);
    ndr_close(&c);
}
