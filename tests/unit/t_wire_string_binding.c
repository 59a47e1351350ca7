/* String bindings: what they mean, what is refused, and text that survives a round trip. */
#include "wire/string_binding.h"

#include <string.h>

#include "base/attr.h"
#include "ir_test.h"

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

#define ASSERT_SPAN(span, text) IR_ASSERT_MEM((span).p, (span).len, text, strlen(text))

IR_TEST(string_binding_parts)
{
    struct ir_string_binding b =
        parse("8a885d04-1ceb-11c9-9fe8-08002b104860@ncacn_ip_tcp:host.example[1025,a=b,sign]");

    IR_ASSERT(b.has_object);
    IR_ASSERT_EQ(b.object.time_low, 0x8a885d04);
    ASSERT_SPAN(b.protseq, "ncacn_ip_tcp");
    ASSERT_SPAN(b.address, "host.example");
    ASSERT_SPAN(b.endpoint, "1025");
    ASSERT_SPAN(b.options, "a=b,sign");
    struct irpc_span options = b.options;
    struct irpc_span name;
    struct irpc_span value;
    IR_ASSERT(ir_string_binding_next_option(&options, &name, &value));
    ASSERT_SPAN(name, "a");
    ASSERT_SPAN(value, "b");
    IR_ASSERT(ir_string_binding_next_option(&options, &name, &value));
    ASSERT_SPAN(name, "sign");
    IR_ASSERT_EQ(value.len, 0);
    IR_ASSERT(!ir_string_binding_next_option(&options, &name, &value));
}

IR_TEST(string_binding_short_forms)
{
    struct ir_string_binding b = parse("ncalrpc:");

    ASSERT_SPAN(b.protseq, "ncalrpc");
    IR_ASSERT_EQ(b.address.len + b.endpoint.len + b.options.len, 0);
    b = parse("ncalrpc:[epmapper]");
    IR_ASSERT_EQ(b.address.len, 0);
    ASSERT_SPAN(b.endpoint, "epmapper");
    b = parse("ncacn_ip_tcp:10.0.0.1");
    ASSERT_SPAN(b.address, "10.0.0.1");
    b = parse("ncacn_ip_tcp:[135]");
    IR_ASSERT_EQ(b.address.len, 0);
    ASSERT_SPAN(b.endpoint, "135");
    b = parse("ncacn_np:srv[endpoint=\\\\pipe\\\\lsass,x=y]");
    ASSERT_SPAN(b.endpoint, "\\\\pipe\\\\lsass");
    ASSERT_SPAN(b.options, "x=y");
    b = parse("ncacn_ip_tcp:srv[sign=yes]");
    IR_ASSERT_EQ(b.endpoint.len, 0);
    ASSERT_SPAN(b.options, "sign=yes");
    b = parse("ncacn_ip_tcp:srv[]");
    IR_ASSERT_EQ(b.endpoint.len, 0);
    b = parse("ncacn_ip_tcp:user@srv[135]");
    ASSERT_SPAN(b.address, "user@srv");
}

IR_TEST(string_binding_ipv6)
{
    struct ir_string_binding b = parse("ncacn_ip_tcp:2001:db8::1[135]");

    ASSERT_SPAN(b.address, "2001:db8::1");
    ASSERT_SPAN(b.endpoint, "135");
    b = parse("ncacn_ip_tcp:[::1][135]");
    ASSERT_SPAN(b.address, "::1");
    ASSERT_SPAN(b.endpoint, "135");
    b = parse("ncacn_ip_tcp:[fe80::1%eth0]");
    ASSERT_SPAN(b.address, "fe80::1%eth0");
    IR_ASSERT_EQ(b.endpoint.len, 0);
}

IR_TEST(string_binding_refusals)
{
    static const char *const bad[] = {
        "",
        "ncacn_ip_tcp",
        ":host",
        "8a885d04@ncacn_ip_tcp:host",
        "8a885d04-1ceb-11c9-9fe8-08002b10486g@ncacn_ip_tcp:host",
        "@ncacn_ip_tcp:host",
        "ncacn_ip_tcp:host[135",
        "ncacn_ip_tcp:host[135]x",
        "ncacn_ip_tcp:host[135][136]",
        "ncacn_ip_tcp:host]",
        "ncacn_ip_tcp:[::1]135",
        "ncacn[ip:host",
        "ncacn_ip_tcp:host[endpoint=]",
        "ncacn_ip_tcp:host\\",
    };
    struct ir_string_binding b;
    char text[IR_STRING_BINDING_MAX + 1];

    for (unsigned i = 0; i < IR_ARRAY_LEN(bad); i++) {
        struct ir_violation v = {NULL, NULL};
        if (ir_string_binding_parse(text_of(bad[i]), &b, &v) != IRPC_BAD_STRING_BINDING) {
            IR_FAIL("accepted: %s", bad[i]);
        }
        IR_ASSERT(v.reason != NULL);
    }
    memset(text, 'a', sizeof(text));
    text[1] = ':';
    IR_ASSERT_EQ(
        ir_string_binding_parse((struct irpc_span){(uint8_t *)text, sizeof(text) - 1}, &b, NULL),
        IRPC_OK);
    IR_ASSERT_EQ(
        ir_string_binding_parse((struct irpc_span){(uint8_t *)text, sizeof(text)}, &b, NULL),
        IRPC_BAD_STRING_BINDING);
    text[5] = '\0';
    IR_ASSERT_EQ(ir_string_binding_parse((struct irpc_span){(uint8_t *)text, 10}, &b, NULL),
                 IRPC_BAD_STRING_BINDING);
}

static bool same(struct irpc_span a, struct irpc_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Parse, compose, parse: the same parts; and a second text equal to the first one composed. */
IR_TEST(string_binding_round_trips)
{
    static const char *const texts[] = {
        "8a885d04-1ceb-11c9-9fe8-08002b104860@ncacn_ip_tcp:host[1025,a=b,sign]",
        "ncalrpc:",
        "ncalrpc:[ep]",
        "ncalrpc:[endpoint=::1]",
        "ncalrpc:[endpoint=a=b]",
        "ncalrpc:[endpoint=::1%a,b]",
        "ncacn_np:srv[\\\\pipe\\\\x\\]y]",
        "ncacn_ip_tcp:2001:db8::1[135]",
        "ncacn_ip_tcp:[::1]",
        "ncacn_ip_tcp:h[,a=b]",
        "ncacn_ip_tcp:h[a=b]",
        "ncacn_ip_tcp:h[,,]",
        "n:::%\\]",
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(texts); i++) {
        struct ir_string_binding a = parse(texts[i]);
        char text[IR_STRING_BINDING_MAX + 20];
        char again[IR_STRING_BINDING_MAX + 20];
        IR_ASSERT_EQ(ir_string_binding_compose(&a, text, sizeof(text)), IRPC_OK);
        struct ir_string_binding b = parse(text);
        IR_ASSERT_EQ(a.has_object, b.has_object);
        IR_ASSERT(same(a.protseq, b.protseq) && same(a.address, b.address));
        IR_ASSERT(same(a.endpoint, b.endpoint) && same(a.options, b.options));
        IR_ASSERT_EQ(ir_string_binding_compose(&b, again, sizeof(again)), IRPC_OK);
        IR_ASSERT_STR(again, text);
    }
}

IR_TEST(string_binding_copy_and_quote)
{
    char buf[32];
    char back[32];

    IR_ASSERT_EQ(ir_string_binding_copy(text_of("\\\\pipe\\\\a\\]b"), buf, sizeof(buf)), IRPC_OK);
    IR_ASSERT_STR(buf, "\\pipe\\a]b");
    IR_ASSERT_EQ(ir_string_binding_quote(text_of("\\pipe\\a]b@:[,="), back, sizeof(back)), IRPC_OK);
    IR_ASSERT_STR(back, "\\\\pipe\\\\a\\]b\\@\\:\\[\\,\\=");
    IR_ASSERT_EQ(ir_string_binding_copy(text_of(back), buf, sizeof(buf)), IRPC_OK);
    IR_ASSERT_STR(buf, "\\pipe\\a]b@:[,=");
    IR_ASSERT_EQ(ir_string_binding_copy(text_of("abc"), buf, 4), IRPC_OK);
    IR_ASSERT_EQ(ir_string_binding_copy(text_of("abc"), buf, 3), IRPC_BUFFER_TOO_SMALL);
    IR_ASSERT_STR(buf, "");
    IR_ASSERT_EQ(ir_string_binding_copy(text_of("abc"), NULL, 0), IRPC_BUFFER_TOO_SMALL);
    IR_ASSERT_EQ(ir_string_binding_quote(text_of(":"), buf, 2), IRPC_BUFFER_TOO_SMALL);
    struct ir_string_binding b = parse("ncalrpc:[ep]");
    for (size_t cap = 1; cap < 13; cap++) {
        IR_ASSERT_EQ(ir_string_binding_compose(&b, buf, cap), IRPC_BUFFER_TOO_SMALL);
    }
    IR_ASSERT_EQ(ir_string_binding_compose(&b, buf, 13), IRPC_OK);
}

IR_TEST(addresses_of_all_digits_and_text_that_ends_in_a_backslash)
{
    char out[64];

    ASSERT_SPAN(parse("ncacn_ip_tcp:[FE80::Ab:192.0.2.1][135]").address, "FE80::Ab:192.0.2.1");
    ASSERT_SPAN(parse("ncacn_ip_tcp:[12-b]").endpoint, "12-b");
    ASSERT_SPAN(parse("ncacn_ip_tcp:::1").address, "::1");
    ASSERT_SPAN(parse("ncacn_ip_tcp:host").endpoint, "");
    IR_ASSERT_EQ(ir_string_binding_copy(text_of("a\\"), out, sizeof(out)), IRPC_OK);
    IR_ASSERT_STR(out, "a\\");
}
