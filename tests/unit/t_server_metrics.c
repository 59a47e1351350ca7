/* What a server counts, and whom it tells of rejections: over real sockets. */
#include <stdatomic.h>

#include "peer.h"
#include "rpcecho.h"

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    return in_data == 13 ? IRPC_NOT_FOUND : IRPC_OK;
}

static enum irpc_status source_data(struct irpc_call *call, uint32_t len, uint8_t *data)
{
    (void)call;
    memset(data, 'x', len);
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {.AddOne = add_one, .SourceData = source_data};

static void start(struct rig *rig, const struct irpc_server_options *options,
                  const struct irpc_register_options *registration)
{
    rig_init(rig, options);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, registration),
                 IRPC_OK);
}

/* Stop the server, so that all it did is counted. */
static void stop(struct rig *rig, struct irpc_server_metrics *ret_metrics)
{
    rig_stop(rig);
    irpc_server_metrics(rig->server, ret_metrics);
}

static uint64_t refusals(const struct irpc_server_metrics *m, const char *check)
{
    IR_ASSERT(irpc_check_index(check) < IRPC_CHECKS_MAX);
    return m->checks[irpc_check_index(check)];
}

IR_TEST(metrics_have_names)
{
    const char *text = "";

    for (unsigned i = 0; i < IRPC_METRIC__COUNT; i++) {
        const struct irpc_metric_info *info = irpc_metric_info((enum irpc_metric)i);
        IR_ASSERT(info->name[0] != '\0');
        /* Those of one name stand together, and only the first says what it is. */
        const struct irpc_metric_info *before =
            i > 0 ? irpc_metric_info((enum irpc_metric)(i - 1)) : NULL;
        bool same = before != NULL && strcmp(before->name, info->name) == 0;
        IR_ASSERT_EQ(info->text[0] == '\0', same);
        IR_ASSERT(!same || strcmp(before->labels, info->labels) != 0);
        text = info->text[0] != '\0' ? info->text : text;
        IR_ASSERT_EQ(text[strlen(text) - 1], '.');
        for (unsigned k = 0; k + 1 < i; k++) {
            const struct irpc_metric_info *other = irpc_metric_info((enum irpc_metric)k);
            IR_ASSERT(same || strcmp(other->name, info->name) != 0);
        }
        bool total = strstr(info->name, "_total") != NULL;
        IR_ASSERT_EQ(total, info->kind == IRPC_METRIC_COUNTER);
    }
    IR_ASSERT(irpc_metric_info(IRPC_METRIC__COUNT) == NULL);
}

/* accepts: L06 */
IR_TEST(checks_have_places)
{
    static const char *const none[] = {"", "H", "H0", "H077", "Z01", "h01", "H32", "H3x", "H 1"};
    char name[4];

    for (unsigned i = 0; i < IRPC_CHECKS_MAX; i++) {
        IR_ASSERT(irpc_check_name(i, name));
        IR_ASSERT_EQ(irpc_check_index(name), i);
    }
    IR_ASSERT(!irpc_check_name(IRPC_CHECKS_MAX, name));
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        IR_ASSERT_EQ(irpc_check_index(none[i]), IRPC_CHECKS_MAX);
    }
}

static uint32_t call_add_one(struct irpc_binding *binding, uint32_t in)
{
    uint32_t out = 0;

    IR_ASSERT_EQ(rpcecho_AddOne(binding, in, &out) == IRPC_OK, in != 13);
    return out;
}

/* @options of one loop or several: calls are counted the same. */
static void count_calls(const struct irpc_register_options *registration, uint32_t loops)
{
    const struct irpc_server_options options = {.loops = loops};
    struct irpc_server_metrics m;
    struct irpc_interface_metrics echo;
    struct irpc_interface_metrics mgmt;
    struct rig rig;

    start(&rig, &options, registration);
    rig_start(&rig);
    for (int i = 0; i < 3; i++) {
        struct irpc_binding *binding = rig_bind(rig.tcp);
        for (uint32_t k = 10; k < 15; k++) {
            (void)call_add_one(binding, k);
        }
        irpc_binding_free(binding);
    }
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CALLS], 15);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_FAULTS], 3);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_PDUS_IN], 15 + 3);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_PDUS_OUT], 15 + 3);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CONNECTIONS], 3);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CONTEXTS], 3);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_VIOLATIONS], 0);
    IR_ASSERT_EQ(m.limit[IRPC_METRIC_OPEN], 8192);
    IR_ASSERT(irpc_server_interface_metrics(rig.server, 0, &mgmt));
    IR_ASSERT(irpc_server_interface_metrics(rig.server, 1, &echo));
    IR_ASSERT(!irpc_server_interface_metrics(rig.server, 2, &echo));
    IR_ASSERT_STR(mgmt.interface->name, "mgmt");
    IR_ASSERT_EQ(mgmt.calls, 0);
    IR_ASSERT_STR(echo.interface->name, "rpcecho");
    IR_ASSERT_EQ(echo.calls, 15);
    IR_ASSERT_EQ(echo.faults, 3);
    IR_ASSERT_EQ(echo.contexts, 3);
    irpc_server_free(rig.server);
}

IR_TEST(calls_are_counted)
{
    static const struct irpc_register_options limited = {.max_calls = 5};
    static const struct irpc_register_options blocking = {.blocking = true};

    count_calls(NULL, 1);
    count_calls(&limited, 1); /* not by the short way */
    count_calls(&blocking, 1);
    count_calls(NULL, 3);
}

IR_TEST(bytes_are_counted)
{
    struct irpc_server_metrics m;
    struct irpc_talker talkers[4];
    struct ir_bytes request = IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                                     "04 00 00 00 00 00 03 00 40 42 0f 00");
    struct rig rig;
    uint8_t pdu[6000];
    size_t out = 0;

    start(&rig, NULL, NULL);
    rig_start(&rig);
    int fd = dial(&rig);
    put(fd, IR_HEX(BIND));
    out += get_pdu(fd, pdu);
    put(fd, IR_HEX(ADD_ONE_41));
    out += get_pdu(fd, pdu);
    put(fd, request); /* a megabyte */
    do {
        out += get_pdu(fd, pdu);
    } while ((pdu[3] & 2) == 0);
    irpc_server_metrics(rig.server, &m); /* has them counted */
    usleep(50000);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_BYTES_OUT], out);
    put(fd, IR_HEX("05 00 00 03 10 00")); /* part of a PDU */
    usleep(50000);
    close(fd);
    usleep(50000);
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_BYTES_IN], IR_HEX(BIND).n + 28 + 28);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_BYTES_OUT], out);
    IR_ASSERT_EQ(irpc_server_talkers(rig.server, talkers, 4), 1);
    IR_ASSERT_STR(talkers[0].source, "127.0.0.1");
    IR_ASSERT_EQ(talkers[0].bytes, out + m.value[IRPC_METRIC_BYTES_IN]);
    IR_ASSERT_EQ(talkers[0].connections, 1);
    IR_ASSERT_EQ(talkers[0].open, 0);
    IR_ASSERT_EQ(talkers[0].violations, 1); /* S04 */
    irpc_server_free(rig.server);
}

struct told {
    atomic_uint n;
    char check[4];
    char peer[64];
    char interface[32];
    uint32_t opnum;
};

static void on_rejection(void *user, const struct irpc_rejection *r)
{
    struct told *told = user;

    (void)snprintf(told->check, sizeof(told->check), "%s", r->check);
    (void)snprintf(told->peer, sizeof(told->peer), "%s", r->peer->address);
    (void)snprintf(told->interface, sizeof(told->interface), "%s",
                   r->interface != NULL ? r->interface->name : "");
    told->opnum = r->opnum;
    IR_ASSERT(r->reason[0] != '\0');
    told->n++;
}

IR_TEST(rejections_are_counted_and_told)
{
    static struct told told;
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t pdu[6000];

    start(&rig, NULL, NULL);
    irpc_server_on_rejection(rig.server, on_rejection, &told);
    rig_start(&rig);
    /* More than the log would write. */
    for (int i = 0; i < 50; i++) {
        int fd = dial(&rig);
        bind_ok(fd);
        put(fd, IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                       "04 00 00 00 00 00 ee 00 29 00 00 00")); /* no such operation */
        IR_ASSERT_EQ(get_pdu(fd, pdu), 32);
        close(fd);
    }
    int fd = dial(&rig);
    put(fd, IR_HEX("05 00 00 03 10 00 00 00 1c 00 00 00 02 00 00 00"
                   "04 00 00 00 00 00 00 00 29 00 00 00")); /* a request, unbound */
    IR_ASSERT(get_pdu(fd, pdu) > 0);
    IR_ASSERT_EQ(pdu[2], 13); /* bind_nak */
    close(fd);
    stop(&rig, &m);
    IR_ASSERT_EQ(refusals(&m, "R02"), 50);
    IR_ASSERT_EQ(refusals(&m, "B01"), 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_VIOLATIONS], 51);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_NAKS], 1);
    IR_ASSERT_EQ(told.n, 51);
    IR_ASSERT_STR(told.check, "B01");
    IR_ASSERT_STR(told.peer, "127.0.0.1");
    IR_ASSERT_STR(told.interface, "");
    IR_ASSERT_EQ(told.opnum, UINT32_MAX);
    irpc_server_free(rig.server);
}

IR_TEST(a_rejection_names_the_operation)
{
    static struct told told;
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t pdu[6000];

    start(&rig, NULL, NULL);
    irpc_server_on_rejection(rig.server, on_rejection, &told);
    rig_start(&rig);
    int fd = dial(&rig);
    bind_ok(fd);
    put(fd, IR_HEX("05 00 00 03 10 00 00 00 1a 00 00 00 02 00 00 00"
                   "04 00 00 00 00 00 00 00 29 00")); /* AddOne of two bytes */
    IR_ASSERT_EQ(get_pdu(fd, pdu), 32);
    close(fd);
    stop(&rig, &m);
    IR_ASSERT_EQ(told.n, 1);
    IR_ASSERT_STR(told.check, "N01");
    IR_ASSERT_STR(told.interface, "rpcecho");
    IR_ASSERT_EQ(told.opnum, 0);
    irpc_server_free(rig.server);
}

IR_TEST(interfaces_that_are_not_there_are_counted_together)
{
    struct irpc_server_metrics m;
    struct rig rig;
    uint8_t pdu[6000];

    start(&rig, NULL, NULL);
    rig_start(&rig);
    for (uint8_t i = 0; i < 20; i++) {
        struct ir_bytes bind = IR_HEX(BIND);
        uint8_t bytes[72];
        int fd = dial(&rig);
        memcpy(bytes, bind.p, bind.n);
        bytes[32] = i; /* of the interface's UUID */
        put(fd, (struct ir_bytes){bytes, bind.n});
        IR_ASSERT(get_pdu(fd, pdu) > 0);
        close(fd);
    }
    stop(&rig, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CONTEXTS_UNKNOWN], 20);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_CONTEXTS], 0);
    irpc_server_free(rig.server);
}

/* Whoever comes more often than others stays in the table, however many others there are.
 * check: L06 */
IR_TEST(the_busiest_are_known)
{
    struct irpc_talker talkers[64];
    struct irpc_server_metrics m;
    struct rig rig;
    char address[32];
    bool found = false;

    start(&rig, NULL, NULL);
    rig_start(&rig);
    for (unsigned i = 1; i <= 200; i++) {
        (void)snprintf(address, sizeof(address), "127.0.1.%u", i);
        close(dial_from(&rig, address));
        if (i % 4 == 0) {
            close(dial_from(&rig, "127.0.2.1"));
        }
    }
    stop(&rig, &m);
    unsigned n = irpc_server_talkers(rig.server, talkers, 64);
    IR_ASSERT_EQ(n, 64);
    IR_ASSERT_EQ(irpc_server_talkers(rig.server, talkers, 3), 3);
    for (unsigned i = 0; i < 3; i++) {
        found =
            found || (strcmp(talkers[i].source, "127.0.2.1") == 0 && talkers[i].connections > 20);
    }
    IR_ASSERT(found);
    irpc_server_free(rig.server);
}
