/* Server and client together with NTLM: identities, every level, fragments, and refusals. */
#include <stdlib.h>
#include <unistd.h>

#include <ironrpc/auth.h>
#include <ironrpc/log.h>

#include "base/alloc.h"
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

/* What is signed and sealed allocates nothing of ours, neither here nor there. */
IR_TEST(small_calls_allocate_nothing)
{
    static const enum irpc_auth_level levels[] = {IRPC_AUTH_LEVEL_INTEGRITY,
                                                  IRPC_AUTH_LEVEL_PRIVACY};
    struct rig rig;
    uint32_t result = 0;

    start(&rig, IRPC_AUTH_LEVEL_NONE);
    for (unsigned i = 0; i < IR_ARRAY_LEN(levels); i++) {
        struct irpc_binding *binding = bind_as(&rig, "Password", levels[i]);
        for (uint32_t n = 0; n < 10; n++) {
            IR_ASSERT_EQ(rpcecho_AddOne(binding, n, &result), IRPC_OK);
        }
        ir_alloc_fail_after(0);
        for (uint32_t n = 0; n < 100; n++) {
            IR_ASSERT_EQ(rpcecho_AddOne(binding, n, &result), IRPC_OK);
        }
        IR_ASSERT(!ir_alloc_has_failed());
        ir_free(ir_alloc(1)); /* the one that would have failed */
        IR_ASSERT(ir_alloc_has_failed());
        ir_alloc_fail_after(-1);
        irpc_binding_free(binding);
    }
    finish(&rig);
}

/* A string binding says what is wanted: no call before there are credentials for that. */
IR_TEST(string_bindings_ask_for_security)
{
    struct irpc_auth_ntlm_client credentials = {
        .user = "user", .password = "Password", .allow_own_server = true};
    struct irpc_auth_provider *ntlm = NULL;
    struct irpc_binding *binding;
    struct irpc_binding *copy = NULL;
    enum irpc_auth_type type = IRPC_AUTH_TYPE_NONE;
    struct rig rig;
    char text[96];
    char why[256] = "";
    uint32_t result = 0;

    start(&rig, IRPC_AUTH_LEVEL_NONE);
    IR_ASSERT_EQ(irpc_auth_ntlm_client_new(&credentials, &ntlm, why, sizeof(why)), IRPC_OK);
    (void)snprintf(text, sizeof(text), "ncacn_ip_tcp:127.0.0.1[%u,sign,ntlm]", rig.port);
    binding = rig_bind(text);
    IR_ASSERT_EQ(irpc_binding_wanted_auth(binding, &type), IRPC_AUTH_LEVEL_INTEGRITY);
    IR_ASSERT_EQ(type, IRPC_AUTH_TYPE_NTLM);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_INVALID_STATE);
    IR_ASSERT(strstr(irpc_binding_error(binding), "credentials") != NULL);
    IR_ASSERT_EQ(irpc_binding_copy(binding, &copy), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(copy, 1, &result), IRPC_INVALID_STATE);
    irpc_binding_free(copy);
    IR_ASSERT_EQ(irpc_binding_set_auth(binding, NULL, IRPC_AUTH_LEVEL_NONE, NULL),
                 IRPC_INVALID_ARG);
    IR_ASSERT_EQ(irpc_binding_set_auth(binding, ntlm, IRPC_AUTH_LEVEL_PACKET, NULL),
                 IRPC_INVALID_ARG);
    IR_ASSERT_EQ(irpc_binding_set_auth(binding, ntlm, IRPC_AUTH_LEVEL_DEFAULT, NULL), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    IR_ASSERT_EQ(caller.level, IRPC_AUTH_LEVEL_INTEGRITY);
    IR_ASSERT_EQ(irpc_binding_set_auth(binding, ntlm, IRPC_AUTH_LEVEL_PRIVACY, NULL), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    IR_ASSERT_EQ(caller.level, IRPC_AUTH_LEVEL_PRIVACY);
    irpc_binding_free(binding);
    (void)snprintf(text, sizeof(text), "ncacn_ip_tcp:127.0.0.1[%u,krb5]", rig.port);
    binding = rig_bind(text);
    IR_ASSERT_EQ(irpc_binding_wanted_auth(binding, &type), IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(irpc_binding_set_auth(binding, ntlm, IRPC_AUTH_LEVEL_DEFAULT, NULL),
                 IRPC_INVALID_ARG);
    irpc_binding_free(binding);
    binding = rig_bind(rig.tcp);
    IR_ASSERT_EQ(irpc_binding_wanted_auth(binding, &type), IRPC_AUTH_LEVEL_NONE);
    irpc_binding_free(binding);
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:127.0.0.1[135,schannel]", NULL, &binding),
                 IRPC_BAD_STRING_BINDING);
    irpc_auth_provider_unref(ntlm);
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

/* --- hooks --- */

static struct {
    const char *user;
    char principal[64];
    unsigned opnum;
    const char *reason;
} asked;

static enum irpc_status ask(void *user, const struct irpc_peer *peer,
                            const struct irpc_auth_identity *identity, uint16_t opnum,
                            const char **reason)
{
    IR_ASSERT_STR(peer->address, "127.0.0.1");
    asked.user = user;
    asked.opnum = opnum;
    asked.reason = *reason;
    (void)snprintf(asked.principal, sizeof(asked.principal), "%s", identity->principal);
    if (opnum == 1) {
        *reason = "no echo today";
        return IRPC_ACCESS_DENIED;
    }
    return IRPC_OK;
}

static char log_text[4096];

static void keep_log(void *user, enum irpc_log_level level, const char *subsystem, const char *text)
{
    size_t len = strlen(log_text);

    (void)user;
    (void)level;
    (void)snprintf(log_text + len, sizeof(log_text) - len, "%s %s\n", subsystem, text);
}

/* check: A17 A18 T15: the hook is asked for each call, and its words are in the audit line */
IR_TEST(a_security_hook_given_later)
{
    static const char user[] = "user";
    const struct irpc_syntax_id wrong = {.major = 1};
    uint8_t in[4] = {1, 2, 3, 4};
    uint8_t out[4];
    uint32_t result = 0;
    struct rig rig;

    irpc_set_log(keep_log, NULL, IRPC_LOG_NOTICE);
    rig_init(&rig, NULL);
    struct irpc_auth_provider *provider = accounts();
    IR_ASSERT_EQ(irpc_server_add_auth(rig.server, provider), IRPC_OK);
    irpc_auth_provider_unref(provider);
    IR_ASSERT_EQ(irpc_server_register(rig.server, &rpcecho_v1_0_server, &manager, NULL), IRPC_OK);
    struct irpc_syntax_id id = rpcecho_v1_0_interface.id;
    IR_ASSERT_EQ(irpc_server_secure(rig.server, &wrong, IRPC_AUTH_LEVEL_NONE, ask, NULL),
                 IRPC_NOT_FOUND);
    id.minor++;
    IR_ASSERT_EQ(irpc_server_secure(rig.server, &id, IRPC_AUTH_LEVEL_NONE, ask, NULL),
                 IRPC_NOT_FOUND);
    id.minor--;
    IR_ASSERT_EQ(
        irpc_server_secure(rig.server, &id, IRPC_AUTH_LEVEL_PACKET, ask, (void *)(uintptr_t)user),
        IRPC_OK);
    rig_start(&rig);
    struct irpc_binding *binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_INTEGRITY);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK);
    IR_ASSERT(asked.user == user && asked.opnum == 0);
    IR_ASSERT_STR(asked.principal, "TESTS\\User");
    IR_ASSERT_STR(asked.reason, "refused by the security hook");
    IR_ASSERT_EQ(rpcecho_EchoData(binding, 4, in, out), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_OK); /* the connection stays */
    irpc_binding_free(binding);
    asked.user = NULL;
    binding = bind_as(&rig, "Password", IRPC_AUTH_LEVEL_CONNECT);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &result), IRPC_ACCESS_DENIED);
    IR_ASSERT(asked.user == NULL); /* the level was too low already */
    irpc_binding_free(binding);
    finish(&rig);
    IR_ASSERT(strstr(log_text, "principal=\"TESTS\\User\" package=ntlm level=5 interface=rpcecho "
                               "opnum=1 reason=\"no echo today\"") != NULL);
    IR_ASSERT(strstr(log_text, "opnum=0 reason=\"authentication level too low\"") != NULL);
    irpc_set_log(NULL, NULL, IRPC_LOG_NOTICE);
}

static unsigned warnings;

static void count_warnings(void *user, enum irpc_log_level level, const char *subsystem,
                           const char *text)
{
    (void)user;
    (void)subsystem;
    warnings += level == IRPC_LOG_WARNING && (strstr(text, "listens nowhere") != NULL ||
                                              strstr(text, "no irpc_server_add_auth()") != NULL);
}

static void stop_it(void *server)
{
    irpc_server_stop(server);
}

IR_TEST(forgotten_steps_are_told)
{
    const struct irpc_register_options options = {.min_level = IRPC_AUTH_LEVEL_PACKET};
    struct irpc_server *server = NULL;

    irpc_set_log(count_warnings, NULL, IRPC_LOG_WARNING);
    IR_ASSERT_EQ(irpc_server_new(NULL, &server), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_register(server, &rpcecho_v1_0_server, NULL, NULL), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(irpc_server_error(server), "no manager") != NULL);
    IR_ASSERT_EQ(irpc_server_register(server, &rpcecho_v1_0_server, &manager, &options), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_post(server, stop_it, server), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_run(server), IRPC_OK);
    IR_ASSERT_EQ(warnings, 2);
    irpc_server_free(server);
    irpc_set_log(NULL, NULL, IRPC_LOG_NOTICE);
}
