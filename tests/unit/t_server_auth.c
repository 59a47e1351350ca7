/* Server and client together with NTLM: identities, every level, fragments, and refusals. */
#include <stdlib.h>
#include <unistd.h>

#include <ironrpc/auth.h>

#include "base/attr.h"
#include "peer.h"
#include "rig.h"
#include "rpcecho.h"
#include "server/internal.h"

#define BIG 50000u /* several fragments each way */

/* --- the service: who calls --- */

static struct {
    enum irpc_auth_level level;
    char principal[64];
} caller;

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    const struct irpc_auth_identity *who = irpc_call_identity(call);

    caller.level = who->level;
    (void)snprintf(caller.principal, sizeof(caller.principal), "%s", who->principal);
    *out_data = in_data + 1;
    return IRPC_OK;
}

static enum irpc_status echo_data(struct irpc_call *call, uint32_t len, uint8_t *in_data,
                                  uint8_t *out_data)
{
    (void)call;
    memcpy(out_data, in_data, len);
    return IRPC_OK;
}

static const struct rpcecho_manager manager = {.AddOne = add_one, .EchoData = echo_data};

/* The accounts file of a server with User and Password. */
static struct irpc_auth_provider *accounts(void)
{
    char path[] = "/tmp/ir-auth-XXXXXX";
    char why[256] = "";
    int fd = mkstemp(path);
    struct irpc_auth_ntlm_server options = {
        .accounts_file = path, .dns_name = "server.example", .domain = "TESTS"};
    struct irpc_auth_provider *provider = NULL;

    IR_ASSERT(fd >= 0 && close(fd) == 0);
    IR_ASSERT_EQ(irpc_auth_set_account(path, "User", "Password", why, sizeof(why)), IRPC_OK);
    enum irpc_status st = irpc_auth_ntlm_server_new(&options, &provider, why, sizeof(why));
    unlink(path);
    if (st != IRPC_OK) {
        IR_FAIL("%s", why);
    }
    return provider;
}

static void start(struct rig *rig, enum irpc_auth_level min_level)
{
    struct irpc_register_options offer = {.min_level = min_level};
    struct irpc_auth_provider *provider = accounts();

    rig_init(rig, NULL);
    IR_ASSERT_EQ(irpc_server_add_auth(rig->server, provider), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_add_auth(rig->server, provider), IRPC_EXISTS);
    irpc_auth_provider_unref(provider);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &rpcecho_v1_0_server, &manager, &offer),
                 IRPC_OK);
    rig_start(rig);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
}

static struct irpc_binding *bind_as(struct rig *rig, const char *password,
                                    enum irpc_auth_level level)
{
    struct irpc_auth_ntlm_client credentials = {
        .user = "user", .password = password, .allow_own_server = true};
    struct irpc_auth_provider *provider = NULL;
    struct irpc_binding *binding = rig_bind(rig->tcp);
    char why[256] = "";

    IR_ASSERT_EQ(irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why)), IRPC_OK);
    IR_ASSERT_EQ(irpc_binding_set_auth(binding, provider, level, NULL), IRPC_OK);
    irpc_auth_provider_unref(provider);
    return binding;
}

/* --- tests --- */

IR_TEST(calls_at_every_level)
{
    static const enum irpc_auth_level levels[] = {
        IRPC_AUTH_LEVEL_CONNECT, IRPC_AUTH_LEVEL_PACKET, IRPC_AUTH_LEVEL_INTEGRITY,
        IRPC_AUTH_LEVEL_PRIVACY, IRPC_AUTH_LEVEL_CALL,   IRPC_AUTH_LEVEL_DEFAULT};
    static const enum irpc_auth_level seen[] = {IRPC_AUTH_LEVEL_CONNECT,   IRPC_AUTH_LEVEL_PACKET,
                                                IRPC_AUTH_LEVEL_INTEGRITY, IRPC_AUTH_LEVEL_PRIVACY,
                                                IRPC_AUTH_LEVEL_PACKET,    IRPC_AUTH_LEVEL_PRIVACY};
    static uint8_t in[BIG];
    static uint8_t out[BIG];
    struct rig rig;

    for (unsigned i = 0; i < BIG; i++) {
        in[i] = (uint8_t)(i * 7);
    }
    start(&rig, IRPC_AUTH_LEVEL_CONNECT);
    for (unsigned i = 0; i < IR_ARRAY_LEN(levels); i++) {
        struct irpc_binding *binding = bind_as(&rig, "Password", levels[i]);
        uint32_t result = 0;
        for (uint32_t n = 0; n < 3; n++) {
            IR_ASSERT_EQ(rpcecho_AddOne(binding, n, &result), IRPC_OK);
            IR_ASSERT_EQ(result, n + 1);
            IR_ASSERT_EQ(caller.level, seen[i]);
            IR_ASSERT_STR(caller.principal, "TESTS\\User");
            memset(out, 0, sizeof(out));
            IR_ASSERT_EQ(rpcecho_EchoData(binding, BIG, in, out), IRPC_OK);
            IR_ASSERT_MEM(out, BIG, in, BIG);
        }
        irpc_binding_free(binding);
    }
    finish(&rig);
}

IR_TEST(wrong_passwords_do_nothing)
{
    struct rig rig;
    uint32_t result = 0;

    start(&rig, IRPC_AUTH_LEVEL_NONE);
    caller.principal[0] = '\0';
    struct irpc_binding *binding = bind_as(&rig, "password", IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(result, 0);
    IR_ASSERT_STR(caller.principal, "");
    irpc_binding_free(binding);
    binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    irpc_binding_free(binding);
    finish(&rig);
}

/* check: A17 A18 */
IR_TEST(an_interface_has_a_least_level)
{
    struct rig rig;
    uint32_t result = 0;

    start(&rig, IRPC_AUTH_LEVEL_PRIVACY);
    struct irpc_binding *binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_ACCESS_DENIED);
    irpc_binding_free(binding);
    binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_INTEGRITY);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_ACCESS_DENIED);
    irpc_binding_free(binding);
    binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(logons_and_decisions_are_counted)
{
    struct irpc_server_metrics m;
    struct rig rig;
    uint32_t result = 0;

    start(&rig, IRPC_AUTH_LEVEL_PRIVACY);
    for (int i = 0; i < 3; i++) { /* wrong, right, nobody */
        struct irpc_binding *binding =
            i < 2 ? bind_as(&rig, i == 0 ? "wrong" : "Password", IRPC_AUTH_LEVEL_PRIVACY)
                  : rig_bind(rig.tcp);
        IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result) == IRPC_OK, i == 1);
        IR_ASSERT_EQ(rpcecho_AddOne(binding, 2, &result) == IRPC_OK, i == 1);
        irpc_binding_free(binding);
    }
    rig_stop(&rig);
    irpc_server_metrics(rig.server, &m);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_AUTH_OK], 1);
    IR_ASSERT(m.value[IRPC_METRIC_AUTH_FAILED] >= 1);
    IR_ASSERT_EQ(m.value[IRPC_METRIC_ALLOWED], 2);
    IR_ASSERT(m.value[IRPC_METRIC_DENIED] >= 1);
    irpc_server_free(rig.server);
}

/* The id of the only association group. */
static uint32_t group_of(const struct irpc_server *server)
{
    IR_ASSERT_EQ(server->groups.n, 1);
    for (uint32_t i = 0; i <= server->groups.mask; i++) {
        if (server->groups.buckets[i] != NULL) {
            return (uint32_t)server->groups.buckets[i]->key;
        }
    }
    IR_FAIL("no group");
}

/* Who joins the group of somebody who has authenticated has not authenticated. check: B21 */
IR_TEST(rights_are_not_those_of_the_group)
{
    struct ir_bytes bind = IR_HEX(BIND);
    uint8_t bytes[72];
    uint8_t pdu[6000];
    uint32_t result = 0;
    struct rig rig;

    start(&rig, IRPC_AUTH_LEVEL_PRIVACY);
    struct irpc_binding *binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    uint32_t group = group_of(rig.server);
    memcpy(bytes, bind.p, sizeof(bytes));
    for (int i = 0; i < 4; i++) {
        bytes[20 + i] = (uint8_t)(group >> 8 * i);
    }
    caller.principal[0] = '\0';
    int fd = dial(&rig);
    put(fd, (struct ir_bytes){bytes, sizeof(bytes)});
    IR_ASSERT(get_pdu(fd, pdu) > 24);
    IR_ASSERT_EQ(pdu[2], 12);
    IR_ASSERT_MEM(pdu + 20, 4, bytes + 20, 4); /* it is in the group */
    put(fd, IR_HEX(ADD_ONE_41));
    IR_ASSERT_EQ(get_pdu(fd, pdu), 32);
    IR_ASSERT_EQ(pdu[2], 3);
    IR_ASSERT_EQ(pdu[24], 5); /* access denied */
    IR_ASSERT_STR(caller.principal, "");
    close(fd);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK); /* and it can, as before */
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(servers_without_security_refuse_it)
{
    struct rig rig;
    uint32_t result = 0;

    rig_init(&rig, NULL);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    rig_start(&rig);
    struct irpc_binding *binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_PRIVACY);
    enum irpc_status st = rpcecho_AddOne(binding, 1, &result);
    IR_ASSERT(st == IRPC_BIND_REFUSED || st == IRPC_UNKNOWN_AUTH_TYPE);
    irpc_binding_free(binding);
    finish(&rig);
}
