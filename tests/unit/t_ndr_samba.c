/* Buffers that Samba 4.17 made for the same calls (python3-samba, ndr_pack_in and ndr_pack_out):
 * requests and replies decode and encode to themselves, in both byte orders and syntaxes. */
#include "epm.h"
#include "mgmt.h"
#include "rpcecho.h"
#include "t_ndr.h"

struct call {
    const struct irpc_interface *interface;
    uint32_t op;
    int syntax;
    bool big_endian;
    const char *request;
    const char *reply; /* or NULL */
};

/* clang-format off */
static const struct call calls[] = {
    {&mgmt_v1_0_interface, 4, IRPC_NDR20, false,
     "0a00000032000000",
     NULL},
    {&mgmt_v1_0_interface, 4, IRPC_NDR64, false,
     "0a00000032000000",
     NULL},
    {&mgmt_v1_0_interface, 4, IRPC_NDR20, true,
     "0000000a00000032",
     NULL},
    {&mgmt_v1_0_interface, 4, IRPC_NDR64, true,
     "0000000a00000032",
     NULL},
    {&rpcecho_v1_0_interface, 4, IRPC_NDR20, false,
     "060000000000000006000000680065006c006c006f000000",
     NULL},
    {&rpcecho_v1_0_interface, 4, IRPC_NDR64, false,
     "060000000000000000000000000000000600000000000000680065006c006c00"
         "6f000000",
     NULL},
    {&rpcecho_v1_0_interface, 4, IRPC_NDR20, true,
     "00000006000000000000000600680065006c006c006f0000",
     NULL},
    {&rpcecho_v1_0_interface, 4, IRPC_NDR64, true,
     "00000000000000060000000000000000000000000000000600680065006c006c"
         "006f0000",
     NULL},
    {&rpcecho_v1_0_interface, 8, IRPC_NDR20, false,
     "0300000003000000010002000300",
     NULL},
    {&rpcecho_v1_0_interface, 8, IRPC_NDR20, true,
     "0000000300000003000100020003",
     NULL},
    {&rpcecho_v1_0_interface, 7, IRPC_NDR20, false,
     "01000000010000000200000001000100",
     "01000000010000000200000001000100"},
    {&rpcecho_v1_0_interface, 7, IRPC_NDR64, false,
     "0100000001000000020000000100000001000000",
     "0100000001000000020000000100000001000000"},
    {&rpcecho_v1_0_interface, 7, IRPC_NDR20, true,
     "00010000000100000000000200010001",
     "00010000000100000000000200010001"},
    {&rpcecho_v1_0_interface, 7, IRPC_NDR64, true,
     "0000000100000001000000020001000000000001",
     "0000000100000001000000020001000000000001"},
    {&rpcecho_v1_0_interface, 1, IRPC_NDR20, false,
     "0300000003000000010203",
     NULL},
    {&rpcecho_v1_0_interface, 1, IRPC_NDR64, false,
     "03000000000000000300000000000000010203",
     NULL},
    {&rpcecho_v1_0_interface, 1, IRPC_NDR20, true,
     "0000000300000003010203",
     NULL},
    {&rpcecho_v1_0_interface, 1, IRPC_NDR64, true,
     "00000003000000000000000000000003010203",
     NULL},
    {&rpcecho_v1_0_interface, 5, IRPC_NDR20, false,
     "0700",
     "070000000000000050000000000000005a0000000000000000000000"},
    {&rpcecho_v1_0_interface, 5, IRPC_NDR64, false,
     "0700",
     "070000000000000050000000000000005a0000000000000000000000"},
    {&rpcecho_v1_0_interface, 5, IRPC_NDR20, true,
     "0007",
     "00070000000000005000000000000000000000000000005a00000000"},
    {&rpcecho_v1_0_interface, 5, IRPC_NDR64, true,
     "0007",
     "00070000000000005000000000000000000000000000005a00000000"},
    {&mgmt_v1_0_interface, 0, IRPC_NDR20, false,
     "",
     "0000020002000000020000000400020008000200443322116655887799aabbcc"
         "ddeeff0001000000443322116655887799aabbccddeeff010200000000000000"},
    {&mgmt_v1_0_interface, 0, IRPC_NDR64, false,
     "",
     "0000020000000000020000000000000002000000000000000400020000000000"
         "0800020000000000443322116655887799aabbccddeeff000100000044332211"
         "6655887799aabbccddeeff010200000000000000"},
    {&mgmt_v1_0_interface, 0, IRPC_NDR20, true,
     "",
     "0002000000000002000000020002000400020008112233445566778899aabbcc"
         "ddeeff0000000001112233445566778899aabbccddeeff010000000200000000"},
    {&mgmt_v1_0_interface, 0, IRPC_NDR64, true,
     "",
     "0000000000020000000000000000000200000002000000000000000000020004"
         "0000000000020008112233445566778899aabbccddeeff000000000111223344"
         "5566778899aabbccddeeff010000000200000000"},
    {&epm_v3_0_interface, 3, IRPC_NDR20, false,
     "01000000443322116655887799aabbccddeeff00020000000200000002000000"
         "00000000000000000000000000000000000000000000000004000000",
     "0000000000000000000000000000000000000000020000000400000000000000"
         "0200000001000000020000000200000002000000000000000200000002000000"
         "0000000000000000"},
    {&epm_v3_0_interface, 3, IRPC_NDR64, false,
     "0100000000000000443322116655887799aabbccddeeff000200000000000000"
         "0200000000000000020000000000000000000000000000000000000000000000"
         "000000000000000004000000",
     "0000000000000000000000000000000000000000020000000400000000000000"
         "0000000000000000020000000000000001000000000000000200000000000000"
         "0200000000000000020000000000000000000000020000000200000000000000"
         "0000000000000000"},
    {&epm_v3_0_interface, 3, IRPC_NDR20, true,
     "00000001112233445566778899aabbccddeeff00000000020000000200000002"
         "00000000000000000000000000000000000000000000000000000004",
     "0000000000000000000000000000000000000000000000020000000400000000"
         "0000000200000001000000020000000200000002000000000000000200000002"
         "0000000000000000"},
    {&epm_v3_0_interface, 3, IRPC_NDR64, true,
     "0000000000000001112233445566778899aabbccddeeff000000000000000002"
         "0000000200000000000000000000000200000000000000000000000000000000"
         "000000000000000000000004",
     "0000000000000000000000000000000000000000000000020000000000000004"
         "0000000000000000000000000000000200000000000000010000000000000002"
         "0000000200000000000000000000000200000000000000020000000000000002"
         "0000000000000000"},
    {&epm_v3_0_interface, 2, IRPC_NDR20, false,
     "0000000000000000000000000100000000000000000000000000000000000000"
         "000000000a000000",
     "0000000000000000000000000000000000000000010000000a00000000000000"
         "01000000443322116655887799aabbccddeeff00010000000000000003000000"
         "6162000002000000020000000000000000000000"},
    {&epm_v3_0_interface, 2, IRPC_NDR64, false,
     "0000000000000000000000000000000000000000000000000100000000000000"
         "000000000000000000000000000000000a000000",
     "0000000000000000000000000000000000000000010000000a00000000000000"
         "00000000000000000100000000000000443322116655887799aabbccddeeff00"
         "0100000000000000000000000300000061620000000000000200000000000000"
         "02000000000000000000000000000000"},
    {&epm_v3_0_interface, 2, IRPC_NDR20, true,
     "0000000000000000000000000000000100000000000000000000000000000000"
         "000000000000000a",
     "0000000000000000000000000000000000000000000000010000000a00000000"
         "00000001112233445566778899aabbccddeeff00000000010000000000000003"
         "6162000000000002000000020000000000000000"},
    {&epm_v3_0_interface, 2, IRPC_NDR64, true,
     "0000000000000000000000000000000000000000000000000000000100000000"
         "000000000000000000000000000000000000000a",
     "000000000000000000000000000000000000000000000001000000000000000a"
         "00000000000000000000000000000001112233445566778899aabbccddeeff00"
         "0000000000000001000000000000000361620000000000000000000200000000"
         "00000000000000020000000000000000"},
};
/* clang-format on */

static void same(struct ndr_case *c, uint32_t op, enum ir_ndr_dir dir, const char *hex, void *args)
{
    struct ir_bytes in = IR_HEX(hex);
    struct ir_bytes out = {NULL, 0};
    enum irpc_status st = ndr_decode(c, op, dir, in, args);

    if (st != IRPC_OK) {
        IR_FAIL("decoding %s: %s, %s %s at %u", hex, irpc_status_name(st), c->error.check,
                c->error.reason, c->error.offset);
    }
    IR_ASSERT_EQ(ndr_encode(c, op, dir, args, &out), IRPC_OK);
    IR_ASSERT_MEM(out.p, out.n, in.p, in.n);
}

IR_TEST(what_samba_sends_encodes_to_itself)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        const struct call *call = &calls[i];
        struct ndr_case c = {.unit = call->interface->unit, .limits = ir_ndr_default_limits};
        const char *why = "";

        IR_ASSERT_EQ(ir_ndr_unit_check(c.unit, &why), IRPC_OK);
        ir_arena_init(&c.arena, 1024 * 1024);
        ir_arena_init(&c.keep, 1024 * 1024);
        c.syntax = call->syntax;
        c.big_endian = call->big_endian;
        ir_test_note("%s %u %s %s", call->interface->name, call->op,
                     c.syntax == IRPC_NDR64 ? "ndr64" : "ndr", c.big_endian ? "big" : "little");
        void *args = ndr_args(&c, call->op);
        same(&c, call->op, IR_NDR_IN, call->request, args);
        if (call->reply != NULL) {
            ndr_client_memory(&c, call->op, args);
            same(&c, call->op, IR_NDR_OUT, call->reply, args);
        }
        ir_arena_deinit(&c.arena);
        ir_arena_deinit(&c.keep);
    }
}
