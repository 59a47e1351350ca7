/*
 * The echo service that Samba's test suite calls, all ten operations. TestSleep completes later,
 * by a timer, so that sleeps of one connection overlap.
 */
#include <string.h>

#include "rpcecho.h"
#include "service.h"

#define STATUS_INVALID_LEVEL 0xc0000148u
#define OPNUM_SURROUNDING 8

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    return IRPC_OK;
}

static enum irpc_status echo_data(struct irpc_call *call, uint32_t len, unsigned char *in_data,
                                  unsigned char *out_data)
{
    (void)call;
    memcpy(out_data, in_data, len);
    return IRPC_OK;
}

static enum irpc_status sink_data(struct irpc_call *call, uint32_t len, unsigned char *data)
{
    (void)call;
    (void)len;
    (void)data;
    return IRPC_OK;
}

static enum irpc_status source_data(struct irpc_call *call, uint32_t len, unsigned char *data)
{
    (void)call;
    for (uint32_t i = 0; i < len; i++) {
        data[i] = (unsigned char)i;
    }
    return IRPC_OK;
}

static enum irpc_status test_call(struct irpc_call *call, const uint16_t *s1, uint16_t **s2)
{
    size_t n = 0;

    while (s1[n] != 0) {
        n++;
    }
    *s2 = irpc_call_alloc(call, (n + 1) * sizeof(s1[0]));
    if (*s2 == NULL) {
        return IRPC_NO_MEMORY;
    }
    memcpy(*s2, s1, (n + 1) * sizeof(s1[0]));
    return IRPC_OK;
}

static enum irpc_status test_call2(struct irpc_call *call, uint16_t level, echo_info *info,
                                   uint32_t *ret_result)
{
    (void)call;
    *ret_result = 0;
    switch (level) {
    case 1:
        info->info1.v = 10;
        break;
    case 2:
        info->info2.v = 20;
        break;
    case 3:
        info->info3.v = 30;
        break;
    case 4:
        info->info4.v = 40;
        break;
    case 5:
        info->info5.v1 = 50;
        info->info5.v2 = 60;
        break;
    case 6:
        info->info6.v1 = 70;
        info->info6.info1.v = 80;
        break;
    case 7:
        info->info7.v1 = 80;
        info->info7.info4.v = 90;
        break;
    default:
        *ret_result = STATUS_INVALID_LEVEL;
        break;
    }
    return IRPC_OK;
}

/* A sleeper; lives in its call's memory. */
struct sleeper {
    struct irpc_call_ref call;
    struct irpc_timer timer;
};

static void wake(void *user)
{
    struct sleeper sleeper = *(const struct sleeper *)user;

    if (irpc_call_complete(sleeper.call, IRPC_OK) != IRPC_OK) {
        return; /* completed already: not by us */
    }
}

static void wake_early(void *user)
{
    const struct sleeper *sleeper = user;

    irpc_server_cancel_timer(sleeper->call.server, sleeper->timer);
    wake(user);
}

static enum irpc_status test_sleep(struct irpc_call *call, uint32_t seconds, uint32_t *ret_result)
{
    struct sleeper *sleeper = irpc_call_alloc(call, sizeof(*sleeper));
    enum irpc_status st;

    if (sleeper == NULL) {
        return IRPC_NO_MEMORY;
    }
    *ret_result = seconds;
    sleeper->call = irpc_call_ref(call);
    st = irpc_server_after(irpc_call_server(call), (seconds < 3600 ? seconds : 3600) * 1000, wake,
                           sleeper, &sleeper->timer);
    if (st != IRPC_OK) {
        return st;
    }
    irpc_call_on_cancel(call, wake_early, sleeper);
    return IRPC_PENDING;
}

static enum irpc_status test_enum(struct irpc_call *call, echo_enum1 *foo1, echo_enum2 *foo2,
                                  echo_enum3 *foo3)
{
    (void)call;
    (void)foo1;
    (void)foo3;
    foo2->e1 = ECHO_ENUM2;
    return IRPC_OK;
}

static enum irpc_status test_double_pointer(struct irpc_call *call, uint16_t ***data,
                                            uint16_t *ret_result)
{
    (void)call;
    *ret_result = data == NULL || *data == NULL || **data == NULL ? 0 : ***data;
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {
    .AddOne = add_one,
    .EchoData = echo_data,
    .SinkData = sink_data,
    .SourceData = source_data,
    .TestCall = test_call,
    .TestCall2 = test_call2,
    .TestSleep = test_sleep,
    .TestEnum = test_enum,
    .TestDoublePointer = test_double_pointer,
};

/*
 * TestSurrounding answers with an array twice as long. The function of a manager gets the structure
 * in memory that is as long as it came, so this one is called with all its arguments instead.
 */
static enum irpc_status test_surrounding(struct irpc_call *call, const void *unused, void *args)
{
    struct rpcecho_TestSurrounding_args *a = args;
    uint64_t x = (uint64_t)a->data->x * 2;
    echo_surrounding *data;

    (void)unused;
    data = irpc_call_alloc(call, sizeof(*data) + (size_t)x * sizeof(data->surrounding[0]));
    if (data == NULL) {
        return IRPC_NO_MEMORY;
    }
    data->x = (uint32_t)x;
    a->data = data;
    return IRPC_OK;
}

int main(int argc, char **argv)
{
    irpc_stub_dispatch_fn *dispatch[16] = {NULL};
    struct irpc_server_stub stub = rpcecho_v1_0_server;

    for (uint32_t i = 0; i < stub.n_dispatch; i++) {
        dispatch[i] = stub.dispatch[i];
    }
    dispatch[OPNUM_SURROUNDING] = test_surrounding;
    stub.dispatch = dispatch;
    const struct service service = {&stub, &manager, "Echo for tests", false};

    return service_main(argc, argv, &service, 1);
}
