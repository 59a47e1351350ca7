/* What attributes make of generated client stubs: implicit handles, statuses in the program's own
 * places, numbers of operations that are called as others, pointers that do not travel. */
#include "kinds.h"
#include "rig.h"

/* 1: denied; 2: a fault that has no name here. */
static enum irpc_status answer(struct irpc_call *call, int32_t n, uint32_t *ret_result)
{
    if (n == 2) {
        irpc_call_set_fault(call, 0x12345678);
    }
    *ret_result = (uint32_t)n;
    return n == 1 ? IRPC_ACCESS_DENIED : IRPC_OK;
}

static enum irpc_status answer_apart(struct irpc_call *call, int32_t n, uint32_t *fault,
                                     uint32_t *ret_result)
{
    *fault = 0;
    return answer(call, n, ret_result);
}

static enum irpc_status sum(struct irpc_call *call, node *list, int32_t *ret_result)
{
    (void)call;
    *ret_result = 0;
    for (; list != NULL; list = list->next) {
        IR_ASSERT(list->back == NULL);
        *ret_result += list->value;
    }
    return IRPC_OK;
}

static enum irpc_status double_it(struct irpc_call *call, int32_t n, int32_t *ret_result)
{
    (void)call;
    *ret_result = 2 * n;
    return IRPC_OK;
}

static void start(struct rig *rig)
{
    static const struct handled_manager manager = {
        .Ping = answer, .Apart = answer_apart, .Half = answer, .Sum = sum, .ForLocal = double_it};

    rig_init(rig, NULL);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &handled_v1_0_server, &manager, NULL), IRPC_OK);
    rig_start(rig);
    handled_binding = rig_bind(rig->tcp);
}

static void finish(struct rig *rig)
{
    irpc_binding_free(handled_binding);
    handled_binding = NULL;
    rig_stop(rig);
    irpc_server_free(rig->server);
}

IR_TEST(an_implicit_handle_is_used)
{
    struct rig rig;
    uint32_t result = 0;
    int32_t doubled = 0;

    IR_ASSERT_EQ(handled_Ping(7, &result), IRPC_INVALID_ARG); /* not set yet */
    start(&rig);
    IR_ASSERT_EQ(handled_Ping(7, &result), IRPC_OK);
    IR_ASSERT_EQ(result, 7);
    IR_ASSERT_EQ(handled_ForLocal(21, &doubled), IRPC_OK);
    IR_ASSERT_EQ(doubled, 42);
    finish(&rig);
}

IR_TEST(faults_are_where_fault_status_says)
{
    struct rig rig;
    uint32_t result = 0;
    uint32_t fault = 99;

    start(&rig);
    IR_ASSERT_EQ(handled_Ping(1, &result), IRPC_OK);
    IR_ASSERT_EQ(result, 5);
    IR_ASSERT_EQ(handled_Ping(2, &result), IRPC_OK);
    IR_ASSERT_EQ(result, 0x12345678);
    result = 98;
    IR_ASSERT_EQ(handled_Apart(1, &fault, &result), IRPC_OK);
    IR_ASSERT_EQ(fault, 5);
    IR_ASSERT_EQ(result, 98);
    IR_ASSERT_EQ(handled_Apart(3, &fault, &result), IRPC_OK);
    IR_ASSERT_EQ(fault, 0);
    IR_ASSERT_EQ(result, 3);
    IR_ASSERT_EQ(handled_Half(1, &result), IRPC_ACCESS_DENIED); /* it did come through */
    IR_ASSERT_EQ(result, 3);
    finish(&rig);
}

IR_TEST(a_server_that_is_away_is_where_comm_status_says)
{
    struct rig rig;
    uint32_t result = 0;
    uint32_t fault = 99;

    start(&rig);
    IR_ASSERT_EQ(handled_Ping(7, &result), IRPC_OK);
    rig_stop(&rig);
    irpc_server_free(rig.server);
    IR_ASSERT_EQ(handled_Ping(7, &result), IRPC_OK);
    IR_ASSERT(result == 1722 || result == 1726); /* RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED */
    IR_ASSERT_EQ(handled_Apart(7, &fault, &result), IRPC_OK);
    IR_ASSERT_EQ(result, 1722);
    IR_ASSERT_EQ(fault, 99);
    irpc_binding_free(handled_binding);
    handled_binding = NULL;
}

IR_TEST(ignored_pointers_arrive_as_null)
{
    struct rig rig;
    int32_t total = 0;
    node second = {.value = 3};
    node first = {.value = 4, .next = &second};

    second.back = &first;
    first.back = &second;
    start(&rig);
    IR_ASSERT_EQ(handled_Sum(handled_binding, &first, &total), IRPC_OK);
    IR_ASSERT_EQ(total, 7);
    finish(&rig);
}

IR_TEST(call_as_has_the_number_of_the_local_operation)
{
    const struct irpc_ndr_unit *unit = handled_v1_0_interface.unit;

    IR_ASSERT_EQ(unit->n_ops, 5);
    IR_ASSERT_STR(unit->names + unit->ops[3].name, "ForLocal");
    IR_ASSERT_STR(unit->names + unit->ops[4].name, "Sum");
}
