/* Quick operations give what the interpreter gives, and are only those that they may be. */
#include "ndr/quick.h"

#include "t_ndr.h"

#define PLAIN                                                                               \
    "long f([in] small a, [in] hyper b, [in, out] short *c, [out] long *d, [out] byte *e, " \
    "       [in] double *g);"

struct args {
    int8_t a;
    int64_t b;
    int16_t *c;
    int32_t *d;
    uint8_t *e;
    double *g;
    int32_t result;
};

#define REQUEST "fe 00000000000000 0102030405060708 2a00 000000000000 000000000000f03f"

/* As the server calls it, with dirty memory. */
static struct args *decode(struct ndr_case *c, const struct ir_ndr_quick *quick, struct ir_bytes in)
{
    struct ir_cur cur = ir_cur_init(in.p, in.n, c->big_endian);
    void *dirt = ir_arena_alloc(&c->arena, 1024);

    memset(dirt, 0xee, 1024);
    ir_arena_reset(&c->arena, c->arena.budget);
    return ir_ndr_quick_decode(quick, cur, &c->arena);
}

static void manage(struct args *args)
{
    IR_ASSERT_EQ(args->a, -2);
    IR_ASSERT_EQ(args->b, 0x0807060504030201);
    IR_ASSERT_EQ(*args->c, 42);
    IR_ASSERT(*args->g == 1.0);
    IR_ASSERT_EQ(*args->d, 0);
    IR_ASSERT_EQ(*args->e, 0);
    IR_ASSERT_EQ(args->result, 0);
    *args->c = 0x1234;
    *args->d = -5;
    *args->e = 0x77;
    args->result = 9;
}

/* The short path copies: it is for hosts whose byte order is the usual one on the wire. */
static void need_little_endian(void)
{
    if (IR_HOST_BIG_ENDIAN) {
        ir_test_skip("big-endian hosts have no quick path");
    }
}

IR_TEST(quick_is_what_the_interpreter_does)
{
    need_little_endian();
    struct ndr_case c = ndr_open_body(PLAIN);
    struct ir_ndr_quick *quick = ir_ndr_quick_new(c.unit);
    struct ir_bytes in = IR_HEX(REQUEST);
    struct ir_bytes want = {NULL, 0};
    uint8_t got[64];

    for (c.syntax = IRPC_NDR20; c.syntax <= IRPC_NDR64; c.syntax++) {
        struct args *slow = ndr_args(&c, 0);
        IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, in, slow), IRPC_OK);
        IR_ASSERT_EQ(ir_ndr_prepare_out(c.unit, 0, &c.arena, slow), IRPC_OK);
        manage(slow);
        IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_OUT, slow, &want), IRPC_OK);

        struct args *args = decode(&c, quick, in);
        IR_ASSERT(args != NULL);
        manage(args);
        IR_ASSERT_EQ(quick[0].out_len, want.n);
        memset(got, 0xee, sizeof(got));
        ir_ndr_quick_encode(quick, args, got);
        IR_ASSERT_MEM(got, quick[0].out_len, want.p, want.n);
        IR_ASSERT_EQ(got[quick[0].out_len], 0xee);
    }
    ir_free(quick);
    ndr_close(&c);
}

/* All that is short of a byte, and the other byte order, is left to the interpreter. */
IR_TEST(quick_leaves_what_it_does_not_know)
{
    need_little_endian();
    struct ndr_case c = ndr_open_body(PLAIN);
    struct ir_ndr_quick *quick = ir_ndr_quick_new(c.unit);
    struct ir_bytes in = IR_HEX(REQUEST);

    for (size_t n = 0; n < in.n; n++) {
        uint8_t *exact = malloc(n + (n == 0));
        memcpy(exact, in.p, n);
        IR_ASSERT(decode(&c, quick, (struct ir_bytes){exact, n}) == NULL);
        free(exact);
    }
    IR_ASSERT(decode(&c, quick, in) != NULL);
    IR_ASSERT(decode(&c, quick, IR_HEX(REQUEST " 01 02 03")) != NULL); /* accepts: N14 */
    c.big_endian = true;
    IR_ASSERT(decode(&c, quick, in) == NULL);
    c.big_endian = false;
    struct ir_cur cur = ir_cur_init(in.p, in.n, false);
    struct ir_arena small;
    ir_arena_init(&small, 8);
    IR_ASSERT(ir_ndr_quick_decode(quick, cur, &small) == NULL);
    ir_arena_deinit(&small);
    ir_free(quick);
    ndr_close(&c);
}

IR_TEST(quick_operations_are_plain)
{
    need_little_endian();
    static const char body[] =
        "typedef enum { A, B } e; typedef [v1_enum] enum { C, D } v; "
        "typedef struct { long a; } s; typedef [context_handle] void *ctx; "
        "void not0([in] e a); void not1([in, unique] long *a); void not2([in] s a); "
        "void not3([in, range(1, 5)] long a); void not4([in] ctx a); "
        "void not5([in] long n, [out, size_is(n)] byte a[]); void not6([in, string] char *a); "
        "void not7([out] e *a); void not8([in] long a, [in] long **b); "
        "void yes9([in] v a, [out] v *b); hyper yes10([in] boolean a, [in] wchar_t b);";
    struct ndr_case c = ndr_open_body(body);
    struct ir_ndr_quick *quick = ir_ndr_quick_new(c.unit);

    IR_ASSERT_EQ(c.unit->n_ops, 11);
    for (unsigned i = 0; i < c.unit->n_ops; i++) {
        if ((quick[i].mem_len != 0) != (i >= 9)) {
            IR_FAIL("operation %u", i);
        }
    }
    ir_free(quick);
    ndr_close(&c);
}
