/* The tables that ironidl builds in memory are those that it writes as C, and the runtime accepts
 * them: for our own interfaces and the golden ones. */
#include <stdio.h>
#include <string.h>

#include "epm.h"
#include "idl/idl.h"
#include "ir_test.h"
#include "mgmt.h"
#include "ndr/ndr.h"
#include "netlogon_stub.h"
#include "rpcecho.h"

static void say(void *ctx, const char *text)
{
    (void)ctx;
    ir_test_note("%s", text);
}

static struct ir_idl_unit *compile(const char *dir, const char *name)
{
    char path[1024];
    struct ir_idl_options options = {.on_message = say};
    struct ir_idl_unit *unit = NULL;
    snprintf(path, sizeof(path), "%s/%s.idl", dir, name);
    IR_ASSERT_EQ(ir_idl_compile(path, &options, &unit), IRPC_OK);
    return unit;
}

static void accepted(const struct irpc_ndr_unit *unit)
{
    const char *why = "";
    if (ir_ndr_unit_check(unit, &why) != IRPC_OK) {
        IR_FAIL("%s", why);
    }
}

#define SAME(a, b, array, n)                                            \
    IR_ASSERT_MEM((a)->array, (a)->n * sizeof(*(a)->array), (b)->array, \
                  (b)->n * sizeof(*(b)->array))

static void compare(const char *name, const struct irpc_interface *written)
{
    struct ir_idl_unit *unit = compile(IDL_DIR, name);
    IR_ASSERT_EQ(ir_idl_unit_n_interfaces(unit), 1);
    const struct irpc_interface *built = ir_idl_unit_interface(unit, 0);
    const struct irpc_ndr_unit *a = built->unit;
    const struct irpc_ndr_unit *b = written->unit;

    IR_ASSERT_STR(built->name, written->name);
    IR_ASSERT_MEM(&built->id, sizeof(built->id), &written->id, sizeof(written->id));
    SAME(a, b, types, n_types);
    SAME(a, b, fields, n_fields);
    SAME(a, b, arms, n_arms);
    SAME(a, b, exprs, n_exprs);
    SAME(a, b, ranges, n_ranges);
    SAME(a, b, params, n_params);
    SAME(a, b, ops, n_ops);
    IR_ASSERT_MEM(a->names, a->names_len, b->names, b->names_len);
    IR_ASSERT_EQ(a->n_contexts, b->n_contexts);
    IR_ASSERT_EQ(a->k, b->k);
    accepted(a);
    accepted(b);
    ir_idl_unit_free(unit);
}

IR_TEST(epm)
{
    compare("epm", &epm_v3_0_interface);
}

IR_TEST(mgmt)
{
    compare("mgmt", &mgmt_v1_0_interface);
}

IR_TEST(rpcecho)
{
    compare("rpcecho", &rpcecho_v1_0_interface);
}

IR_TEST(netlogon_stub)
{
    compare("netlogon_stub", &netlogon_stub_v1_0_interface);
}

IR_TEST(golden)
{
    static const char *const names[] = {"types", "correlate", "handles", "base_types"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct ir_idl_unit *unit = compile(GOLDEN_DIR, names[i]);
        ir_test_note("%s", names[i]);
        accepted(ir_idl_unit_interface(unit, 0)->unit);
        ir_idl_unit_free(unit);
    }
}
