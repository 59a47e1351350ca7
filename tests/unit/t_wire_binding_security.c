/* Security options of string bindings, as Samba and as Windows write them. */
#include "wire/binding_security.h"

#include <string.h>

#include "base/attr.h"
#include "ir_test.h"
#include "wire/string_binding.h"

static struct irpc_span text_of(const char *s)
{
    return (struct irpc_span){(const uint8_t *)s, strlen(s)};
}

static struct ir_string_binding parse(const char *text)
{
    struct ir_string_binding b;
    struct ir_violation v = {"", ""};

    if (ir_string_binding_parse(text_of(text), &b, &v) != IRPC_OK) {
        IR_FAIL("%s: %s", text, v.reason);
    }
    return b;
}

IR_TEST(levels_and_types)
{
    static const struct {
        const char *options;
        uint8_t level;
        uint8_t type;
        const char *target;
        bool is_host;
    } rows[] = {
        {"", 0, 0, "", false},
        {"connect", 2, 0, "", false},
        {"packet", 4, 0, "", false},
        {"sign", 5, 0, "", false},
        {"SEAL", 6, 0, "", false},
        {"ntlm", 0, 10, "", false},
        {"krb5,sign", 5, 16, "", false},
        {"Seal,SpNego", 6, 9, "", false},
        {"target_principal=host/a.b", 0, 0, "host/a.b", false},
        {"sign,Target_HostName=a.b,ntlm", 5, 10, "a.b", true},
        {"Security=Impersonation Dynamic True", 0, 0, "", false},
        {"seal,security=identification STATIC false", 6, 0, "", false},
        {"Security=Delegation Static False", 0, 0, "", false},
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        struct ir_binding_security s;
        struct ir_violation v = {"", ""};
        if (ir_binding_security_parse(text_of(rows[i].options), &s, &v) != IRPC_OK) {
            IR_FAIL("%s: %s", rows[i].options, v.reason);
        }
        IR_ASSERT_EQ(s.level, rows[i].level);
        IR_ASSERT_EQ(s.type, rows[i].type);
        IR_ASSERT_MEM(s.target.p, s.target.len, rows[i].target, strlen(rows[i].target));
        IR_ASSERT_EQ(s.target_is_host, rows[i].is_host);
    }
}

/* Whoever asks for something that is not understood may think that he has it. */
IR_TEST(options_that_are_refused)
{
    static const char *const bad[] = {
        "schannel",
        "sign,seal",
        "sign,sign",
        "ntlm,krb5",
        "sign=yes",
        "sig",
        "signs",
        "sign ",
        ",",
        "target_principal",
        "target_principal=",
        "target_principal=a,target_hostname=b",
        "target=a",
        "Security",
        "Security=",
        "Security=Anonymous Static True",
        "Security=Impersonation",
        "Security=Impersonation Dynamic",
        "Security=Impersonation Sometimes True",
        "Security=Impersonation Dynamic Maybe",
        "Security=Impersonation Dynamic True False",
        "Security=Impersonation  Dynamic True",
        "smb2",
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(bad); i++) {
        struct ir_binding_security s;
        struct ir_violation v = {NULL, NULL};
        if (ir_binding_security_parse(text_of(bad[i]), &s, &v) != IRPC_BAD_STRING_BINDING) {
            IR_FAIL("accepted: %s", bad[i]);
        }
        IR_ASSERT(v.reason != NULL);
    }
}

/* In the endpoint's place they are options all the same, unless it is said that they are not. */
IR_TEST(words_in_the_place_of_the_endpoint)
{
    char text[64];
    struct ir_string_binding b = parse("ncacn_ip_tcp:host[sign]");

    IR_ASSERT_EQ(b.endpoint.len, 0);
    IR_ASSERT_MEM(b.options.p, b.options.len, "sign", 4);
    b = parse("ncacn_ip_tcp:host[Seal,ntlm]");
    IR_ASSERT_EQ(b.endpoint.len, 0);
    IR_ASSERT_MEM(b.options.p, b.options.len, "Seal,ntlm", 9);
    b = parse("ncacn_ip_tcp:host[135,sign]");
    IR_ASSERT_MEM(b.endpoint.p, b.endpoint.len, "135", 3);
    IR_ASSERT_MEM(b.options.p, b.options.len, "sign", 4);
    b = parse("ncalrpc:[endpoint=sign]");
    IR_ASSERT_MEM(b.endpoint.p, b.endpoint.len, "sign", 4);
    IR_ASSERT_EQ(b.options.len, 0);
    IR_ASSERT_EQ(ir_string_binding_compose(&b, text, sizeof(text)), IRPC_OK);
    IR_ASSERT_STR(text, "ncalrpc:[endpoint=sign]");
    b = parse("ncalrpc:[signs]");
    IR_ASSERT_MEM(b.endpoint.p, b.endpoint.len, "signs", 5);
}
