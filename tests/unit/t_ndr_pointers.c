/* Pointers: deferral, lists, aliases, and the budgets that bound what a peer can ask for. */
#include <time.h>

#include "t_ndr.h"

IR_TEST(pointees_follow_their_construct_depth_first)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct n { struct n *next; [string] char *s; } n; void f([in] n *a, [in] n *b); "
        "typedef struct { long *a; long *b; } p; void g([in] p v[2], [in] long x);");

    /* The next node comes with everything that hangs from it before this node's string. */
    ndr_same(&c, 0,
             IR_HEX("00000200 04000200 00000000 08000200"
                    "04000000 00000000 04000000 'two' 00"
                    "04000000 00000000 04000000 'one' 00"
                    "00000000 00000000"));
    ndr_same(&c, 1,
             IR_HEX("00000200 04000200 08000200 0c000200"
                    "01000000 02000000 03000000 04000000 05000000"));
    ndr_close(&c);
}

IR_TEST(a_unique_referent_twice_is_two_objects)
{
    struct ndr_case c = ndr_open_body("typedef struct { long *a; long *b; } p; void f([in] p *v);");
    void *args = ndr_args(&c, 0);
    struct {
        int32_t *a;
        int32_t *b;
    } * v;

    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, IR_HEX("01000000 01000000 07000000 08000000"), args),
                 IRPC_OK);
    memcpy(&v, args, sizeof(v));
    IR_ASSERT_EQ(*v->a, 7);
    IR_ASSERT_EQ(*v->b, 8);
    ndr_close(&c);
}

/* A client's [in, out] pointers: the parameters are copies, so results go where they point to. */
IR_TEST(what_a_client_gave_is_filled)
{
    struct ndr_case c = ndr_open_body(
        "void f([in, out, unique] long *a, [in, out, ptr] long *b, [in, out, ptr] long *same, "
        "[in, out, unique, size_is(n)] short *v, [in] long n);");
    int32_t a = 1;
    int32_t b = 2;
    int16_t v[2] = {3, 4};
    struct {
        int32_t *a, *b, *same;
        int16_t *v;
        int32_t n;
    } *args = ndr_args(&c, 0);

    args->a = &a;
    args->b = &b;
    args->same = &b;
    args->v = v;
    args->n = 2;
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_OUT,
                            IR_HEX("00000200 0b000000 01000000 0c000000 01000000"
                                   "04000200 02000000 0d00 0e00"),
                            args),
                 IRPC_OK);
    IR_ASSERT(args->a == &a && args->b == &b && args->same == &b && args->v == v);
    IR_ASSERT(a == 11 && b == 12 && v[0] == 13 && v[1] == 14);
    /* check: N03: not more than the memory for it */
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_OUT,
                            IR_HEX("00000200 0b000000 01000000 0c000000 01000000"
                                   "04000200 03000000 0d00 0e00 0f00"),
                            args),
                 IRPC_INVALID_BOUND);
    ndr_close(&c);
}

IR_TEST(a_null_reply_leaves_what_a_client_gave)
{
    struct ndr_case c = ndr_open_body("void f([in, out, unique] long *a, [in, out, ptr] long *b);");
    int32_t a = 1;
    struct {
        int32_t *a, *b;
    } *args = ndr_args(&c, 0);

    args->a = &a;
    args->b = NULL; /* memory comes from the binding */
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_OUT, IR_HEX("00000000 01000000 07000000"), args),
                 IRPC_OK);
    IR_ASSERT(a == 1 && args->a == NULL && args->b != NULL && *args->b == 7);
    ndr_close(&c);
}

IR_TEST(pointers_to_pointers)
{
    struct ndr_case c = ndr_open_body("void f([in] short ***p);");

    ndr_same(&c, 0, IR_HEX("00000200 04000200 0500"));
    ndr_same(&c, 0, IR_HEX("00000200 00000000"));
    ndr_same(&c, 0, IR_HEX("00000000"));
    c.syntax = IRPC_NDR64;
    ndr_same(&c, 0, IR_HEX("0000020000000000 0400020000000000 0500"));
    ndr_close(&c);
}

IR_TEST(the_referent_of_an_embedded_ref_pointer_means_nothing)
{
    struct ndr_case c = ndr_open_body("typedef struct { [ref] long *p; } s; void f([in] s *v);");
    void *args = ndr_args(&c, 0);

    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, IR_HEX("00000000 07000000"), args), IRPC_OK);
    ndr_same(&c, 0, IR_HEX("00000200 07000000"));
    ndr_close(&c);
}

/* --- notes between the phases --- */

IR_TEST(arrays_and_unions_with_pointers_nest)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { byte n; [size_is(n), string] char **s; } in_s; "
        "typedef [switch_type(byte)] union { [case(1)] in_s *p; [case(2)] ; } u; "
        "typedef struct { byte t; [switch_is(t)] u v; } e; "
        "typedef struct { byte n; [size_is(n)] e v[]; } s; void f([in] s *v, [in] byte end);");

    ndr_same(&c, 0,
             IR_HEX("03000000 03 000000 0101 0000 00000200 0202 0000 0101 0000 04000200"
                    "02 000000 08000200 02000000 0c000200 10000200"
                    "02000000 00000000 02000000 'a' 00 0000 02000000 00000000 02000000 'b' 00 0000"
                    "01 000000 14000200 01000000 18000200 02000000 00000000 02000000 'c' 00 63"));
    ndr_close(&c);
}

/* Rows of which only a part is sent: the pointees are found in the same scattered places. */
IR_TEST(pointers_in_rows_with_gaps)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { [unique] short *p; } e; "
        "void f([in] long n, [in, length_is(,n)] e v[2][3], [in, length_is(n)] e w[2]);");
    uint8_t *args = ndr_same(&c, 0,
                             IR_HEX("02000000 00000000 02000000"
                                    "00000200 04000200 00000000 08000200 0100 0200 0300 0000"
                                    "00000000 02000000 0c000200 00000000 0400"));
    int16_t *(*v)[3];

    memcpy(&v, ndr_arg(&c, 0, 1, args), sizeof(v));
    IR_ASSERT_EQ(*v[0][0], 1);
    IR_ASSERT_EQ(*v[0][1], 2);
    IR_ASSERT(v[0][2] == NULL && v[1][0] == NULL && v[1][2] == NULL);
    IR_ASSERT_EQ(*v[1][1], 3);
    ndr_close(&c);
}

/* More notes than the inline queue holds: 200 unions with pointers, each pointee with its own. */
IR_TEST(many_notes_are_kept)
{
    struct ndr_case c = ndr_open_body("typedef [switch_type(byte)] union { [case(1)] long *p; } u; "
                                      "typedef struct { byte t; [switch_is(t)] u v; } e; "
                                      "void f([in] long n, [in, size_is(n)] e v[]);");
    static uint8_t data[8 + 200 * 12];
    uint32_t at = 8;

    data[0] = 200;
    data[4] = 200;
    for (uint32_t i = 0; i < 200; i++, at += 8) {
        data[at] = 1;
        data[at + 1] = 1;
        ir_put_u32(data + at + 4, 0x20000 + 4 * i, false);
    }
    for (uint32_t i = 0; i < 200; i++, at += 4) {
        ir_put_u32(data + at, i, false);
    }
    ndr_same(&c, 0, (struct ir_bytes){data, at});
    ndr_close(&c);
}

/* --- full pointers --- */

IR_TEST(full_pointers_with_one_id_are_one_object)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { [ptr] long *a; [ptr] long *b; [ptr] long *c; } p; void f([in] p *v); "
        "typedef struct { [ptr] long *a; [ptr] short *b; } q; void g([in] q *v);");
    void *args = ndr_same(&c, 0, IR_HEX("01000000 02000000 01000000 07000000 08000000"));
    struct {
        int32_t *a;
        int32_t *b;
        int32_t *c;
    } * v;

    memcpy(&v, args, sizeof(v));
    IR_ASSERT(v->a == v->c && v->a != v->b);
    IR_ASSERT_EQ(*v->a, 7);
    ndr_refused(&c, 1, IR_HEX("01000000 01000000 07000000"), IRPC_BAD_STUB_DATA, "N07");
    ndr_close(&c);
}

static double cpu_ms(void)
{
    struct timespec t;

    IR_ASSERT_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* @n full pointers to numbers, whose ids differ in their highest bits alone. */
static double decode_pointers(struct ndr_case *c, uint32_t n)
{
    size_t len = 8 + (size_t)n * 8;
    uint8_t *stub = malloc(len);
    double best = 1e9;

    IR_ASSERT(stub != NULL);
    ir_put_u32(stub, n, false);
    ir_put_u32(stub + 4, n, false);
    for (uint32_t i = 0; i < n; i++) {
        ir_put_u32(stub + 8 + 4 * (size_t)i, (i + 1) << 16, false);
        ir_put_u32(stub + 8 + 4 * (size_t)n + 4 * (size_t)i, i, false);
    }
    for (int round = 0; round < 5; round++) {
        double begin = cpu_ms();
        ir_arena_reset(&c->arena, (size_t)64 * 1024 * 1024);
        IR_ASSERT_EQ(ndr_decode(c, 0, IR_NDR_IN, (struct ir_bytes){stub, len}, ndr_args(c, 0)),
                     IRPC_OK);
        double took = cpu_ms() - begin;
        best = took < best ? took : best;
    }
    free(stub);
    return best;
}

/* However a peer chooses ids, each is found in a bounded number of steps. check: L14 */
IR_TEST(ids_of_full_pointers_cost_the_same)
{
    struct ndr_case c =
        ndr_open_body("typedef [ptr] long *p; void f([in] long n, [in, size_is(n)] p *v);");
    double few = decode_pointers(&c, 4000);
    double many = decode_pointers(&c, 32000);

    ir_test_note("4000 pointers in %.3f ms, 32000 in %.3f ms", few, many);
    IR_ASSERT(many < 24 * few + 1);
    ndr_close(&c);
}

IR_TEST(an_alias_may_come_from_another_declaration)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { [ptr, string] char *s; } holder; "
        "void f([in, ptr, string] char *a, [in] holder *b, [in, ptr, string] byte *c); "
        "void g([in] short n, [in, ptr, size_is(n)] long *a, [in, ptr, size_is(n)] long *b);");

    /* as the same string: once; as a string of other characters: an object of its own */
    ndr_same(&c, 0,
             IR_HEX("01000000 02000000 00000000 02000000 6100 0000 01000000 "
                    "02000000 02000000 00000000 02000000 6100"));
    ndr_same(&c, 1, IR_HEX("0100 0000 01000000 01000000 07000000 01000000"));
    ndr_close(&c);
}

IR_TEST(an_alias_of_another_size_is_refused)
{
    struct ndr_case c = ndr_open_body("typedef struct { long n; [ptr, size_is(n)] byte *a; "
                                      "                 long m; [ptr, size_is(m)] byte *b; } p; "
                                      "void f([in] p *v);");
    void *args = ndr_args(&c, 0);

    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN,
                            IR_HEX("02000000 01000000 02000000 01000000 02000000 aabb"), args),
                 IRPC_OK);
    ndr_refused(&c, 0, IR_HEX("02000000 01000000 03000000 01000000 02000000 aabb"),
                IRPC_BAD_STUB_DATA, "N07");
    ndr_close(&c);
}

IR_TEST(full_pointers_make_no_cycle)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct n { [ptr] struct n *a; [ptr] struct n *b; } n; void f([in, ptr] n *v);");

    /* A diamond is none. */
    ndr_same(&c, 0,
             IR_HEX("01000000 02000000 03000000 04000000 00000000"
                    "00000000 00000000 04000000 00000000"));
    ndr_refused(&c, 0, IR_HEX("01000000 01000000 00000000"), IRPC_BAD_STUB_DATA, "N07");
    ndr_refused(&c, 0, IR_HEX("01000000 00000000 01000000"), IRPC_BAD_STUB_DATA, "N07");
    /* 1 -> b 2 -> b 3 -> b 1, down a list whose frames are gone */
    ndr_refused(&c, 0, IR_HEX("01000000 00000000 02000000 00000000 03000000 00000000 01000000"),
                IRPC_BAD_STUB_DATA, "N07");
    ndr_refused(&c, 0, IR_HEX("01000000 02000000 00000000 03000000 00000000 01000000 00000000"),
                IRPC_BAD_STUB_DATA, "N07");
    ndr_close(&c);
}

/* --- budgets --- */

#define LIST "typedef struct n { long v; struct n *next; } n; void f([in, unique] n *v);"
#define LIST_LEN 100000u

IR_TEST(a_long_list_needs_no_depth)
{
    struct ndr_case c = ndr_open_body(LIST);
    struct ir_bytes in = {NULL, 4 + 8 * LIST_LEN};
    uint8_t *data = calloc(1, in.n);

    memcpy(data, "\0\0\2\0", 4);
    for (uint32_t i = 0; i < LIST_LEN; i++) {
        uint8_t *node = data + 4 + 8 * (size_t)i;
        ir_put_u32(node, i, false);
        ir_put_u32(node + 4, i + 1 < LIST_LEN ? 0x20000 + 4 * (i + 1) : 0, false);
    }
    in.p = data;
    ndr_same(&c, 0, in);
    c.limits.max_elements = LIST_LEN - 1;
    ndr_refused(&c, 0, in, IRPC_LIMIT, "N06");
    free(data);
    ndr_close(&c);
}

IR_TEST(depth_is_limited)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct n { struct n *next; long *other; } n; void f([in, unique] n *v);");
    uint8_t data[2000];

    /* Each node has one more pointer to resolve, so each is one deeper. */
    memset(data, 1, sizeof(data));
    ndr_refused(&c, 0, (struct ir_bytes){data, sizeof(data)}, IRPC_LIMIT, "N06");
    c.limits.max_depth = 1000; /* the frames end before that */
    ndr_refused(&c, 0, (struct ir_bytes){data, sizeof(data)}, IRPC_LIMIT, "N06");
    ndr_close(&c);
}

IR_TEST(memory_is_limited_by_bytes)
{
    struct ndr_case c =
        ndr_open_body("void f([in] long n, [in] long l, [in, size_is(n), length_is(l)] hyper v[]); "
                      "typedef struct { byte b[1000]; } big; "
                      "typedef [switch_type(byte)] union { [case(1)] big b; [case(2)] ; } u; "
                      "typedef struct { byte t; [switch_is(t)] u v; } s; "
                      "void g([in] long n, [in, size_is(n)] s v[]);");
    struct ir_bytes few = IR_HEX("00200000 00000000 00200000 00000000 00000000");
    struct ir_bytes many = IR_HEX("00000010 00000000 00000010 00000000 00000000");
    void *args = ndr_args(&c, 0);

    /* 64 KiB is the base; 256 million elements of which none is sent are over it. */
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, few, args), IRPC_OK);
    ndr_refused(&c, 0, many, IRPC_LIMIT, "N18");
    IR_ASSERT_EQ(c.arena.budget, (size_t)64 * 1024 * 1024); /* as before */
    ndr_close(&c);
}

IR_TEST(elements_without_bytes_are_counted)
{
    struct ndr_case c = ndr_open_body("typedef [switch_type(long)] union { [case(1)] ; } u; "
                                      "typedef struct { [string] char s[4]; } e; "
                                      "void f([in] long n, [in, size_is(n)] e v[]);");

    ndr_refused(&c, 0, IR_HEX("ffffff7f ffffff7f 00000000 01000000 00"), IRPC_BAD_STUB_DATA, "N02");
    c.limits.max_elements = 2;
    ndr_refused(&c, 0,
                IR_HEX("03000000 03000000 00000000 01000000 00 000000 00000000 01000000 00 000000"
                       "00000000 01000000 00"),
                IRPC_LIMIT, "N06");
    ndr_close(&c);
}

static bool decode_list(void *arg)
{
    struct ndr_case *c = arg;
    struct ir_arena arena;
    struct ir_bytes in = IR_HEX("02000000 01000000 01000000 00000000 07000000");
    struct ir_cur cur = ir_cur_init(in.p, in.n, false);
    uint8_t args[64] = {0};

    ir_arena_init(&arena, 100000);
    enum irpc_status st =
        ir_ndr_decode(c->unit, 0, IR_NDR_IN, IRPC_NDR20, &cur, &arena, args, &c->limits, NULL);
    ir_arena_deinit(&arena);
    return st == IRPC_OK;
}

struct full {
    int32_t n;
    int32_t *a;
    int32_t *b;
    int32_t *c;
};

static bool encode_list(void *arg)
{
    struct ndr_case *c = arg;
    int32_t seven = 7;
    struct full v = {1, &seven, &seven, &seven};
    struct full *args = &v;
    struct ir_out out;

    ir_out_init(&out, 1000, false);
    enum irpc_status st = ir_ndr_encode(c->unit, 0, IR_NDR_IN, IRPC_NDR20, &args, &out, &c->error);
    ir_out_deinit(&out);
    return st == IRPC_OK;
}

/* check: N07: there is no memory for the table of what full pointers lead to, either */
IR_TEST(a_failed_allocation_fails_the_call)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { long n; [ptr] long *a; [ptr] long *b; [unique] long *c; } s; "
        "void f([in] s *v);");

    IR_ASSERT(ir_test_oom(decode_list, &c) > 0);
    IR_ASSERT(ir_test_oom(encode_list, &c) > 1);
    ndr_close(&c);
}

IR_TEST(everything_shorter_is_refused)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { byte n; [size_is(n), string] char **s; [ptr] hyper *h; } s; "
        "void f([in] s *v, [in] short e);");
    struct ir_bytes in = IR_HEX("02 000000 00000200 01000000 02000000 04000200 08000200"
                                "02000000 00000000 02000000 'a' 00 0000"
                                "02000000 00000000 02000000 'b' 00 0000"
                                "0102030405060708 0900");

    ndr_same(&c, 0, in);
    ndr_truncated(&c, 0, in);
    ndr_close(&c);
}

/* Whatever a peer sends there, Windows may send anything, nobody gets it as a pointer. */
IR_TEST(an_ignored_pointer_carries_nothing)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { byte b; [ignore] void *p; long n; } s; void f([in] s v[2]);");
    void *args = ndr_args(&c, 0);
    struct {
        uint8_t b;
        void *p;
        int32_t n;
    } * v;
    struct ir_bytes out = {NULL, 0};

    c.syntax = IRPC_NDR64;
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN,
                            IR_HEX("01 00000000000000 ffffffffffffffff 07000000 00000000"
                                   "02 00000000000000 0100000000000000 08000000 00000000"),
                            args),
                 IRPC_OK);
    memcpy(&v, args, sizeof(v));
    IR_ASSERT(v[0].p == NULL && v[1].p == NULL);
    c.syntax = IRPC_NDR20;
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN,
                            IR_HEX("01 000000 ffffffff 07000000 02 000000 01000000 08000000"),
                            args),
                 IRPC_OK);
    memcpy(&v, args, sizeof(v));
    IR_ASSERT(v[0].p == NULL && v[1].p == NULL);
    IR_ASSERT_EQ(v[0].n + v[1].n, 15);
    v[0].p = v;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, args, &out), IRPC_OK);
    struct ir_bytes wanted = IR_HEX("01 000000 00000000 07000000 02 000000 00000000 08000000");
    IR_ASSERT_MEM(out.p, out.n, wanted.p, wanted.n);
    ndr_close(&c);
}
