/* Pipes: chunks in both syntaxes, their order among parameters, what is refused; interface
 * pointers; converted types, of which the transmitted one counts. */
#include "t_ndr.h"

static const char body[] = "typedef pipe short shorts;\n"
                           "typedef struct { byte a; long b; } pair;\n"
                           "typedef pipe pair pairs;\n"
                           "void f([in] shorts p, [in] byte a);\n"
                           "long g([out] pairs *p, [in, out] byte *a);\n"
                           "void h([in, out] pairs p);\n";

static const struct irpc_pipe *pipe_at(const void *args)
{
    const struct irpc_pipe *pipe;
    memcpy(&pipe, args, sizeof(pipe));
    return pipe;
}

IR_TEST(pipes_come_last_in_requests)
{
    struct ndr_case c = ndr_open_body(body);
    struct ir_bytes in = IR_HEX("07 000000 02000000 0100 0200 01000000 0300 0000 00000000");
    void *args = ndr_same(&c, 0, in);
    const struct irpc_pipe *pipe = pipe_at(args);

    IR_ASSERT_EQ(pipe->first->n, 2);
    IR_ASSERT_EQ(pipe->first->next->n, 1);
    IR_ASSERT_EQ(((const uint16_t *)pipe->first->next->elements)[0], 3);
    IR_ASSERT(pipe->last == pipe->first->next);
    ndr_truncated(&c, 0, in);
    ndr_close(&c);
}

IR_TEST(pipes_of_ndr64_repeat_their_counts)
{
    struct ndr_case c = ndr_open_body(body);
    struct ir_bytes in = IR_HEX("07 00000000000000 0200000000000000 0100 0200 00000000"
                                "feffffffffffffff 0000000000000000 0000000000000000");
    c.syntax = IRPC_NDR64;
    ndr_same(&c, 0, in);
    ndr_truncated(&c, 0, in);
    ndr_refused(&c, 0,
                IR_HEX("07 00000000000000 0200000000000000 0100 0200 00000000"
                       "fdffffffffffffff 0000000000000000 0000000000000000"),
                IRPC_BAD_STUB_DATA, "N13");
    ndr_close(&c);
}

IR_TEST(pipes_come_first_in_replies)
{
    struct ndr_case c = ndr_open_body(body);
    struct ir_bytes reply = IR_HEX("02000000 05000000 01000000 06000000 02000000 00000000"
                                   "09 000000 07000000");
    struct {
        struct irpc_pipe *p;
        uint8_t *a;
        int32_t result;
    } args = {0};
    struct irpc_pipe pipe = {0};
    uint8_t a = 1;
    struct ir_bytes out = {NULL, 0};

    args.p = &pipe;
    args.a = &a;
    IR_ASSERT_EQ(ndr_decode(&c, 1, IR_NDR_OUT, reply, &args), IRPC_OK);
    IR_ASSERT_EQ(a, 9);
    IR_ASSERT_EQ(args.result, 7);
    IR_ASSERT_EQ(pipe.first->n, 2);
    IR_ASSERT_EQ(ndr_encode(&c, 1, IR_NDR_OUT, &args, &out), IRPC_OK);
    IR_ASSERT_MEM(out.p, out.n, reply.p, reply.n);
    ndr_close(&c);
}

IR_TEST(counts_of_pipes_are_checked_before_memory_is_taken)
{
    struct ndr_case c = ndr_open_body(body);

    ndr_refused(&c, 2, IR_HEX("ffffffff 0100000002000000"), IRPC_BAD_STUB_DATA, "N02");
    ndr_refused(&c, 2, IR_HEX("02000000 0100000002000000 010000"), IRPC_BAD_STUB_DATA, "N02");
    c.limits.max_elements = 1;
    ndr_refused(&c, 0, IR_HEX("07 000000 01000000 0100 0000 01000000 0300 0000 00000000"),
                IRPC_LIMIT, IR_HOST_BIG_ENDIAN ? "N06" : "N13"); /* what is swapped is counted */
    ndr_close(&c);
}

IR_TEST(interface_pointers_are_opaque)
{
    struct ndr_case c = ndr_open_body("interface IFoo;\n"
                                      "void f([in] interface IFoo *p, [in] struct irpc_u *q,\n"
                                      "  [in, iid_is(q)] void *r);\n"
                                      "struct irpc_u { long x; };\n");
    struct ir_bytes in = IR_HEX("00000200 03000000 03000000 aabbcc 00 05000000 00000000");
    void *args = ndr_same(&c, 0, in);
    const struct irpc_interface_pointer *p;

    memcpy(&p, args, sizeof(p));
    IR_ASSERT_EQ(p->size, 3);
    IR_ASSERT_EQ(p->data[2], 0xcc);
    ndr_refused(&c, 0, IR_HEX("00000200 03000000 02000000 aabbcc 00 05000000 00000000"),
                IRPC_BAD_STUB_DATA, "N03");
    ndr_close(&c);
}

IR_TEST(converted_types_travel_as_what_they_are_converted_to)
{
    struct ndr_case c = ndr_open_body("typedef struct { long a; [string] char *s; } x;\n"
                                      "typedef [transmit_as(x)] void *t;\n"
                                      "typedef [wire_marshal(hyper)] struct { char u; } w;\n"
                                      "typedef struct { byte b; w w; t t; } all;\n"
                                      "void f([in] all *p, [in] t t);\n");

    ndr_same(&c, 0,
             IR_HEX("01 00000000000000 0200000000000000 03000000 00000200"
                    "02000000 00000000 02000000 4100 0000"
                    "04000000 00000000"));
    ndr_close(&c);
}
