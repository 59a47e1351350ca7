/* Access sections of ironrpcd's configuration: what is a mistake, and who may call what. */
#include <stdlib.h>
#include <string.h>

#include "epm.h"
#include "ir_test.h"
#include "mgmt.h"
#include "policy.h"

#define EPM "e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0"
#define MGMT "afa8bd80-7d8a-11c9-bef4-08002b102989 1.0"

static struct config config;
static struct policy policy;

static void set(const char *assignment)
{
    if (!config_set(&config, assignment, stderr)) {
        IR_FAIL("%s", assignment);
    }
}

/* What policy_init() says of the configuration: "" if it is good. */
static const char *make(void)
{
    static const struct irpc_interface *const interfaces[] = {&epm_v3_0_interface,
                                                              &mgmt_v1_0_interface};
    static char text[1024];
    FILE *errors = fmemopen(text, sizeof(text), "w");

    IR_ASSERT(errors != NULL);
    memset(text, 0, sizeof(text));
    bool good = policy_init(&policy, &config, interfaces, 2, errors);
    IR_ASSERT_EQ(fclose(errors), 0);
    IR_ASSERT_EQ(good, text[0] == '\0');
    return text;
}

static void start(void)
{
    config_init(&config);
}

static void finish(void)
{
    policy_deinit(&policy);
}

/* A call: @who NULL: nobody; "": a null session; "?NAME": one that has a name all the same. */
struct attempt {
    const char *address;
    const char *who;
    enum irpc_auth_level level;
    uint16_t opnum;
};

static const char *judge(const struct irpc_interface *interface, struct attempt a)
{
    const struct irpc_peer peer = {.transport = a.address[0] == 'u' ? IRPC_TRANSPORT_LOCAL
                                                                    : IRPC_TRANSPORT_TCP,
                                   .address = a.address};
    const struct irpc_auth_identity identity = {
        .type = a.who != NULL ? IRPC_AUTH_TYPE_NTLM : IRPC_AUTH_TYPE_NONE,
        .level = a.who != NULL ? a.level : IRPC_AUTH_LEVEL_NONE,
        .package = a.who != NULL ? "ntlm" : "",
        .principal = a.who != NULL ? a.who : "",
        .anonymous = a.who != NULL && (a.who[0] == '\0' || a.who[0] == '?')};
    const char *why = policy_judge(&policy, &interface->id, &peer, &identity, a.opnum);

    return why != NULL ? why : "yes";
}

#define ALICE "TESTS\\alice"
#define BOB "TESTS\\bob"
#define HERE "127.0.0.1"
#define ASSERT_JUDGED(interface, words, ...) \
    IR_ASSERT_STR(judge(&(interface), (struct attempt){__VA_ARGS__}), words)

IR_TEST(sections_that_protect_nothing_are_mistakes)
{
    static const char *const rows[][2] = {
        {"access x.level=none", "wanted [access UUID VERSION]"},
        {"access e1af8308-5d1f-11c9-91a4-08002b14a0fa.level=none", "wanted [access UUID VERSION]"},
        {"access e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.level=none", "wanted [access UUID"},
        {"access e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0x.level=none", "wanted [access UUID"},
        {"access e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.1.level=none", "no such interface"},
        {"access e1af8308-5d1f-11c9-91a4-08002b14a0fb 3.0.level=none", "no such interface"},
        {"access " EPM " 7.level=none", "wanted operations from 0 to 6"},
        {"access " EPM " 2-1.level=none", "wanted operations"},
        {"access " EPM " 1,x.level=none", "\"x\": wanted operations"},
        {"access " EPM " -1.level=none", "wanted operations"},
        {"access " EPM ".sources=host.example", "\"host.example\" is not an address"},
        {"access " EPM ".sources=127.0.0.1/33", "is not an address"},
        {"access " EPM ".sources=::1/129", "is not an address"},
        {"access " EPM ".sources=127.0.0.1/", "is not an address"},
        {"access " EPM ".sources=127.0.0.1, 10.0.0.0/8x", "\"10.0.0.0/8x\" is not an address"},
        {"access " EPM ".principals=@nobody", "no section [group nobody]"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        start();
        set(rows[i][0]);
        const char *words = make();
        if (strstr(words, rows[i][1]) == NULL) {
            IR_FAIL("%s: '%s'", rows[i][0], words);
        }
        finish();
    }
}

IR_TEST(without_sections_everybody_may)
{
    start();
    IR_ASSERT_STR(make(), "");
    IR_ASSERT(!policy_is_about(&policy, &epm_v3_0_interface.id));
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, NULL, 0, 3);
    finish();
}

IR_TEST(levels)
{
    start();
    set("access " EPM ".level=integrity");
    IR_ASSERT_STR(make(), "");
    IR_ASSERT(policy_is_about(&policy, &epm_v3_0_interface.id));
    IR_ASSERT(!policy_is_about(&policy, &mgmt_v1_0_interface.id));
    ASSERT_JUDGED(epm_v3_0_interface, "authentication level too low", HERE, NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "authentication level too low", HERE, ALICE,
                  IRPC_AUTH_LEVEL_PACKET, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, ALICE, IRPC_AUTH_LEVEL_INTEGRITY, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, "", IRPC_AUTH_LEVEL_PRIVACY, 3);
    ASSERT_JUDGED(mgmt_v1_0_interface, "yes", HERE, NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", "uid=0", NULL, 0, 3);
    finish();
}

IR_TEST(principals_and_groups)
{
    start();
    set("access " EPM ".principals= " BOB " , @operators,@empty");
    set("group operators.members=" ALICE ",user@REALM, TESTS\\John Doe");
    set("group empty.members=");
    IR_ASSERT_STR(make(), "");
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, ALICE, 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, BOB, 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, "user@REALM", 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, "TESTS\\John Doe", 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, "TESTS\\Alice", 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, "TESTS\\John", 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, "@operators", 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, "", 6, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, NULL, 0, 3);
    finish();

    start(); /* a group without members is nobody, not everybody */
    set("access " EPM ".principals=@empty");
    set("group empty.members=");
    IR_ASSERT_STR(make(), "");
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, ALICE, 6, 3);
    finish();
}

/* check: A18 */
IR_TEST(anonymous_callers)
{
    start();
    set("access " MGMT ".anonymous=no");
    IR_ASSERT_STR(make(), "");
    ASSERT_JUDGED(mgmt_v1_0_interface, "not for anonymous callers", HERE, NULL, 0, 0);
    ASSERT_JUDGED(mgmt_v1_0_interface, "not for anonymous callers", HERE, "", 6, 0);
    ASSERT_JUDGED(mgmt_v1_0_interface, "not for anonymous callers", HERE, "?ANONYMOUS", 6, 0);
    ASSERT_JUDGED(mgmt_v1_0_interface, "yes", HERE, ALICE, 2, 0);
    finish();
}

IR_TEST(sources)
{
    start();
    set("access " EPM ".sources=10.1.0.0/15 192.0.2.7,2001:db8::/33");
    IR_ASSERT_STR(make(), "");
    ASSERT_JUDGED(epm_v3_0_interface, "yes", "10.0.255.1", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", "10.1.0.1", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not from this source", "10.2.0.1", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", "192.0.2.7", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not from this source", "192.0.2.8", ALICE, 6, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", "2001:db8:7fff::1%eth0", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not from this source", "2001:db8:8000::1", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not from this source", "a01::", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not from this source", "nonsense", NULL, 0, 3);
    finish();

    start();
    set("access " EPM ".sources=0.0.0.0/0");
    IR_ASSERT_STR(make(), "");
    ASSERT_JUDGED(epm_v3_0_interface, "yes", "203.0.113.1", NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not from this source", "::1", NULL, 0, 3);
    finish();
}

/* All sections about a call have to be satisfied, each by itself. */
IR_TEST(operations_and_several_sections)
{
    start();
    set("access " EPM ".anonymous=no");
    set("access " EPM " 0-1,6.principals=" ALICE);
    set("access " EPM " 1.level=privacy");
    IR_ASSERT_STR(make(), "");
    ASSERT_JUDGED(epm_v3_0_interface, "not for anonymous callers", HERE, NULL, 0, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, BOB, 2, 3);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, BOB, 6, 0);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, BOB, 6, 6);
    ASSERT_JUDGED(epm_v3_0_interface, "not for this principal", HERE, BOB, 6, 999);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, ALICE, 2, 0);
    ASSERT_JUDGED(epm_v3_0_interface, "authentication level too low", HERE, ALICE, 5, 1);
    ASSERT_JUDGED(epm_v3_0_interface, "yes", HERE, ALICE, 6, 1);
    finish();
}
