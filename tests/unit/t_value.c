/*
 * The JSON mapping of ironrpc call: arguments from JSON into the memory that type tables describe,
 * and back. Everything is [in, out], so that what was read is what is written.
 */
#include "value.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "idl/idl.h"
#include "ir_test.h"
#include "value_text.h"

static const char *source;

static bool read_source(void *ctx, const char *path, char **ret, size_t *ret_len)
{
    (void)ctx;
    if (strstr(path, ".acf") != NULL) {
        return false; /* there is none beside it */
    }
    *ret = ir_strndup(source, strlen(source));
    *ret_len = strlen(source);
    return *ret != NULL;
}

static void show_message(void *ctx, const char *text)
{
    (void)ctx;
    ir_test_note("%s", text);
}

static struct ir_idl_unit *compile(const char *declarations, const char *params)
{
    static char text[8192];
    static const struct ir_idl_io io = {read_source, NULL};
    struct ir_idl_options options = {.io = &io, .on_message = show_message};
    struct ir_idl_unit *unit = NULL;

    snprintf(text, sizeof(text),
             "[uuid(12345678-1234-1234-1234-123456789abc), version(1.0), pointer_default(unique)]\n"
             "interface t {\n%s\nlong Op(%s);\n}\n",
             declarations, params);
    source = text;
    IR_ASSERT_EQ(ir_idl_compile("t.idl", &options, &unit), IRPC_OK);
    return unit;
}

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    if (json == NULL) {
        IR_FAIL("test data is not JSON: %s: %s", text, error.text);
    }
    return json;
}

/* Read @in, write it again: must be @want (without "return"). */
static void check_round(const char *declarations, const char *params, const char *in,
                        const char *want)
{
    struct ir_idl_unit *unit = compile(declarations, params);
    struct ir_value_call call;
    json_t *json = parse(in), *wanted = parse(want);

    ir_value_call_init(&call, ir_idl_unit_interface(unit, 0)->unit, 0);
    if (!ir_value_set_args(&call, json)) {
        IR_FAIL("not accepted: %s: %s", in, call.error);
    }
    json_t *got = ir_value_results(&call);
    if (got == NULL) {
        IR_FAIL("cannot be written: %s", call.error);
    }
    json_object_del(got, "return");
    if (!json_equal(got, wanted)) {
        char *text = json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS);
        IR_FAIL("%s became %s, wanted %s", in, text, want);
    }
    json_decref(got);
    json_decref(json);
    json_decref(wanted);
    ir_value_call_deinit(&call);
    ir_idl_unit_free(unit);
}

/* Read @in: must fail with a message that begins with @want. */
static void check_error(const char *declarations, const char *params, const char *in,
                        const char *want)
{
    struct ir_idl_unit *unit = compile(declarations, params);
    struct ir_value_call call;
    json_t *json = parse(in);

    ir_value_call_init(&call, ir_idl_unit_interface(unit, 0)->unit, 0);
    IR_ASSERT(!ir_value_set_args(&call, json));
    if (strncmp(call.error, want, strlen(want)) != 0) {
        IR_FAIL("%s: the message is \"%s\", wanted \"%s\"", in, call.error, want);
    }
    json_decref(json);
    ir_value_call_deinit(&call);
    ir_idl_unit_free(unit);
}

/* --- scalars --- */

IR_TEST(integers_keep_their_values)
{
    check_round("", "[in, out] small *a, [in, out] unsigned short *b, [in, out] long *c",
                "{\"a\": -128, \"b\": 65535, \"c\": -2147483648}",
                "{\"a\": -128, \"b\": 65535, \"c\": -2147483648}");
    check_round("", "[in, out] unsigned long *a, [in, out] byte *b, [in, out] boolean *c",
                "{\"a\": 4294967295, \"b\": \"0xff\", \"c\": true}",
                "{\"a\": 4294967295, \"b\": 255, \"c\": true}");
}

IR_TEST(large_numbers_are_text)
{
    check_round("", "[in, out] unsigned hyper *a, [in, out] hyper *b, [in, out] hyper *c",
                "{\"a\": \"18446744073709551615\", \"b\": \"-9223372036854775808\","
                " \"c\": 9007199254740992}",
                "{\"a\": \"18446744073709551615\", \"b\": \"-9223372036854775808\","
                " \"c\": 9007199254740992}");
    check_round("", "[in, out] unsigned hyper *a", "{\"a\": \"0x8000000000000000\"}",
                "{\"a\": \"9223372036854775808\"}");
}

IR_TEST(integers_out_of_range_are_refused)
{
    check_error("", "[in] small a", "{\"a\": 128}", "$.a: must be between -128 and 127");
    check_error("", "[in] unsigned short a", "{\"a\": -1}", "$.a: must be between 0 and 65535");
    check_error("", "[in] unsigned hyper a", "{\"a\": -1}",
                "$.a: must be between 0 and 18446744073709551615");
    check_error("", "[in] unsigned hyper a", "{\"a\": \"18446744073709551616\"}", "$.a: \"1844");
    check_error("", "[in] long a", "{\"a\": \"12x\"}", "$.a: \"12x\" is not a number");
    check_error("", "[in] long a", "{\"a\": 1.5}", "$.a: must be a number, not a fraction");
    check_error("", "[in] long a", "{\"a\": null}", "$.a: must be a number, not null");
}

IR_TEST(floats)
{
    check_round("", "[in, out] float *a, [in, out] double *b, [in, out] double *c",
                "{\"a\": 0.1, \"b\": 1e300, \"c\": \"-Infinity\"}",
                "{\"a\": 0.1, \"b\": 1e300, \"c\": \"-Infinity\"}");
    check_round("", "[in, out] float *a", "{\"a\": \"NaN\"}", "{\"a\": \"NaN\"}");
    check_error("", "[in] float a", "{\"a\": 1e300}", "$.a: is too large for a float");
}

IR_TEST(enumerators_have_names)
{
    const char *e = "typedef enum { RED = 1, GREEN = 2, BLUE = 10 } colour;";

    check_round(e, "[in, out] colour *a, [in, out] colour *b, [in, out] colour *c",
                "{\"a\": \"BLUE\", \"b\": 2, \"c\": 7}",
                "{\"a\": \"BLUE\", \"b\": \"GREEN\", \"c\": 7}");
    check_error(e, "[in] colour a", "{\"a\": \"PINK\"}",
                "$.a: no enumerator \"PINK\"; there are RED, GREEN, BLUE");
}

/* --- structs and missing things --- */

IR_TEST(structs_nest)
{
    const char *s = "typedef struct { long x; long y; } point;"
                    "typedef struct { point a; point b[2]; } box;";

    check_round(s, "[in, out] box *b",
                "{\"b\": {\"a\": {\"x\": 1, \"y\": 2},"
                " \"b\": [{\"x\": 3, \"y\": 4}, {\"y\": 6, \"x\": 5}]}}",
                "{\"b\": {\"a\": {\"x\": 1, \"y\": 2},"
                " \"b\": [{\"x\": 3, \"y\": 4}, {\"x\": 5, \"y\": 6}]}}");
    check_error(s, "[in] box *b", "{\"b\": {\"a\": {\"x\": 1}, \"b\": []}}",
                "$.b.a.y: is missing, and nothing else says what it has to be");
    check_error(s, "[in] box *b", "{\"b\": {\"a\": {\"x\": 1, \"y\": 2, \"z\": 3}, \"b\": []}}",
                "$.b.a: \"z\" is not expected here; known: x, y");
    check_error(s, "[in] box *b",
                "{\"b\": {\"a\": {\"x\": 1, \"y\": 2}, \"b\": [{\"x\": 1, \"y\": 2}]}}",
                "$.b.b: has 1 elements, must have 2");
    check_error(s, "[in] box *b", "{\"b\": {\"a\": {\"x\": 1, \"y\": 2}, \"b\": [1, 2]}}",
                "$.b.b[0]: must be an object, not a number");
}

IR_TEST(parameters_are_checked)
{
    check_error("", "[in] long a, [out] long *b", "{\"a\": 1, \"b\": 2}",
                "$: \"b\" is a result ([out]); leave it out");
    check_error("", "[in] long a", "{\"a\": 1, \"A\": 2}",
                "$: \"A\" is not expected here; known: a");
    check_error("", "[in] long a", "{}", "$.a: is missing");
    check_error("", "[in] long a", "[]", "$: must be an object, not an array");
}

IR_TEST(uuids_are_text)
{
    const char *s = "typedef struct _GUID { unsigned long a; unsigned short b; unsigned short c;"
                    " byte d[8]; } GUID;";

    check_round(s, "[in, out] GUID *g", "{\"g\": \"12345678-ABCD-ef01-2345-6789abcdef01\"}",
                "{\"g\": \"12345678-abcd-ef01-2345-6789abcdef01\"}");
    check_error(s, "[in] GUID *g", "{\"g\": \"1234\"}", "$.g: must be a UUID as text");
}

/* --- arrays --- */

IR_TEST(counts_are_filled_in)
{
    const char *p = "[in, out] long *n, [in, out, size_is(*n)] short a[]";

    check_round("", p, "{\"a\": [1, -2, 3]}", "{\"n\": 3, \"a\": [1, -2, 3]}");
    check_round("", p, "{\"n\": 0, \"a\": []}", "{\"n\": 0, \"a\": []}");
    check_error("", p, "{\"n\": 2, \"a\": [1, 2, 3]}",
                "$.a: has 3 elements, but its size_is gives 2");
    check_round("", "[in, out] long *n, [in, out, size_is(*n / 2 + 1)] short a[]",
                "{\"a\": [1, 2, 3]}", "{\"n\": 4, \"a\": [1, 2, 3]}");
}

IR_TEST(one_count_serves_two_arrays_of_equal_length)
{
    const char *p = "[in, out] long *n, [in, out, size_is(*n)] short a[],"
                    "[in, out, size_is(*n)] byte b[]";

    check_round("", p, "{\"a\": [1, 2], \"b\": \"0aFF\"}",
                "{\"n\": 2, \"a\": [1, 2], \"b\": \"0aff\"}");
    check_error("", p, "{\"a\": [1, 2], \"b\": \"0aff00\"}",
                "$.b: has 3 elements, but its size_is");
}

IR_TEST(varying_arrays_have_room)
{
    const char *p = "[in, out] long *max, [in, out] long *n,"
                    "[in, out, size_is(*max), length_is(*n)] byte a[]";

    check_round("", p, "{\"max\": 10, \"a\": \"0102\"}",
                "{\"max\": 10, \"n\": 2, \"a\": \"0102\"}");
    check_round("", p, "{\"a\": \"0102\"}", "{\"max\": 2, \"n\": 2, \"a\": \"0102\"}");
    check_error("", p, "{\"max\": 1, \"a\": \"0102\"}",
                "$.a: has 2 elements, but its size_is gives 1");
    check_error("", p, "{\"n\": 1, \"a\": \"0102\"}",
                "$.a: has 2 elements, but its length_is gives 1");
}

IR_TEST(byte_arrays_are_hexadecimal_or_numbers)
{
    const char *p = "[in, out] long *n, [in, out, size_is(*n)] byte a[]";

    check_round("", p, "{\"a\": [1, 255]}", "{\"n\": 2, \"a\": \"01ff\"}");
    check_round("", p, "{\"a\": \"\"}", "{\"n\": 0, \"a\": \"\"}");
    check_error("", p, "{\"a\": \"012\"}", "$.a: must be hexadecimal digits, two for each byte");
    check_error("", p, "{\"a\": \"0x\"}", "$.a: must be hexadecimal digits");
    check_error("", p, "{\"a\": [1, 256]}", "$.a[1]: must be between 0 and 255");
    check_error("", p, "{\"a\": 5}", "$.a: must be hexadecimal text or an array of numbers");
}

IR_TEST(an_array_too_large_is_refused)
{
    check_error("", "[in] long max, [in] long n, [in, size_is(max), length_is(n)] hyper a[]",
                "{\"max\": 2000000000, \"a\": []}", "$.a: would have room for 2000000000 elements");
    check_error("", "[in] long max, [in] long n, [in, size_is(max), length_is(n)] hyper a[]",
                "{\"max\": 200000000, \"a\": []}", "$.a: needs 1600000000 bytes");
}

/* --- strings --- */

IR_TEST(strings_of_both_widths)
{
    const char *p = "[in, out, string] char *a, [in, out, string] wchar_t *w";

    check_round("", p, "{\"a\": \"hello\", \"w\": \"gr\\u00fc\\u00df \\ud83d\\ude00\"}",
                "{\"a\": \"hello\", \"w\": \"gr\\u00fc\\u00df \\ud83d\\ude00\"}");
    check_round("", p, "{\"a\": \"\", \"w\": \"\"}", "{\"a\": \"\", \"w\": \"\"}");
    check_round("", p, "{\"a\": {\"hex\": \"fffe41\"}, \"w\": [55296, 65]}",
                "{\"a\": {\"hex\": \"fffe41\"}, \"w\": [55296, \"A\"]}");
    check_error("", p, "{\"a\": \"x\\u0000y\", \"w\": \"\"}", "$.a: has a zero character inside");
    check_error("", p, "{\"a\": 5, \"w\": \"\"}", "$.a: must be text or an array of numbers");
}

/* check: N19: a unit of UTF-16 becomes 3 bytes at most, whatever it is */
IR_TEST(conversion_grows_by_a_bounded_factor)
{
    uint16_t units[2] = {0, 0};
    char text[8];
    size_t len = 0;
    size_t most = 0;

    for (uint32_t u = 1; u < 0x10000; u++) {
        units[0] = (uint16_t)u;
        if (ir_text_from_utf16(units, 1, text, &len)) {
            most = len > most ? len : most;
        } else {
            IR_ASSERT(u >= 0xd800 && u < 0xe000);
        }
    }
    IR_ASSERT_EQ(most, 3);
    units[0] = 0xd83d;
    units[1] = 0xde00;
    IR_ASSERT(ir_text_from_utf16(units, 2, text, &len));
    IR_ASSERT_EQ(len, 4);
}

IR_TEST(fixed_strings_have_limits)
{
    const char *s = "typedef struct { [string] char name[6]; } named;";

    check_round(s, "[in, out] named *n", "{\"n\": {\"name\": \"hello\"}}",
                "{\"n\": {\"name\": \"hello\"}}");
    check_error(s, "[in] named *n", "{\"n\": {\"name\": \"hello!\"}}",
                "$.n.name: has 7 elements with the terminator, there is room for 6");
}

/* --- pointers --- */

IR_TEST(pointers_are_null_or_what_they_point_to)
{
    const char *s =
        "typedef struct node { long v; struct node *next; [unique, string] char *t; } node;";

    check_round(
        s, "[in, out] node *n",
        "{\"n\": {\"v\": 1, \"t\": \"x\", \"next\": {\"v\": 2, \"next\": null}}}",
        "{\"n\": {\"v\": 1, \"t\": \"x\", \"next\": {\"v\": 2, \"next\": null, \"t\": null}}}");
    check_error(s, "[in, ref] node *n", "{\"n\": null}", "$.n: is a [ref] pointer");
    check_error(s, "[in, ref] node *n", "{}", "$.n: is missing");
}

IR_TEST(pointers_to_pointers_are_told_apart)
{
    const char *p = "[in, out] long ***a";

    check_round("", p, "{\"a\": null}", "{\"a\": null}");
    check_round("", p, "{\"a\": {\"to\": null}}", "{\"a\": {\"to\": null}}");
    check_round("", p, "{\"a\": {\"to\": 5}}", "{\"a\": {\"to\": 5}}");
    check_round("", p, "{\"a\": 5}", "{\"a\": {\"to\": 5}}");
}

IR_TEST(a_conformant_struct_is_as_long_as_its_array)
{
    const char *s = "typedef struct { long n; [size_is(n)] short a[]; } tail;"
                    "typedef struct { long m; tail t; } outer;"
                    "typedef struct { tail *left; outer *right; } tree;";

    check_round(s, "[in, out] tail *t", "{\"t\": {\"a\": [1, 2, 3, 4, 5, 6, 7, 8, 9]}}",
                "{\"t\": {\"n\": 9, \"a\": [1, 2, 3, 4, 5, 6, 7, 8, 9]}}");
    check_round(s, "[in, out] tree *t",
                "{\"t\": {\"left\": {\"a\": []}, \"right\": {\"m\": 3, \"t\": {\"a\": [4, 5]}}}}",
                "{\"t\": {\"left\": {\"n\": 0, \"a\": []},"
                " \"right\": {\"m\": 3, \"t\": {\"n\": 2, \"a\": [4, 5]}}}}");
    check_error(s, "[in] tail *t", "{\"t\": {\"n\": 3}}", "$.t.a: is missing");
}

/* --- unions --- */

#define UNIONS                                                                                  \
    "typedef [switch_type(long)] union { [case(1)] long num; [case(2, 3)] [string] char *text;" \
    " [case(4)] ; [default] byte other; } choice;"                                              \
    "typedef struct { long tag; [switch_is(tag)] choice u; } holder;"

IR_TEST(the_case_of_a_union_is_filled_in)
{
    check_round(UNIONS, "[in, out] holder *h", "{\"h\": {\"u\": {\"num\": 5}}}",
                "{\"h\": {\"tag\": 1, \"u\": {\"case\": 1, \"num\": 5}}}");
    check_round(UNIONS, "[in, out] holder *h", "{\"h\": {\"u\": {\"case\": 3, \"text\": \"x\"}}}",
                "{\"h\": {\"tag\": 3, \"u\": {\"case\": 3, \"text\": \"x\"}}}");
    check_round(UNIONS, "[in, out] holder *h", "{\"h\": {\"tag\": 4, \"u\": {}}}",
                "{\"h\": {\"tag\": 4, \"u\": {\"case\": 4}}}");
    check_round(UNIONS, "[in, out] holder *h", "{\"h\": {\"tag\": 99, \"u\": {\"default\": 7}}}",
                "{\"h\": {\"tag\": 99, \"u\": {\"case\": 99, \"default\": 7}}}");
}

IR_TEST(a_union_has_the_member_of_its_case)
{
    check_error(UNIONS, "[in] holder *h", "{\"h\": {\"tag\": 1, \"u\": {\"text\": \"x\"}}}",
                "$.h.u: case 1 is member num, not \"text\"");
    check_error(UNIONS, "[in] holder *h", "{\"h\": {\"tag\": 1, \"u\": {\"case\": 4}}}",
                "$.h.u: is case 4, but its switch_is gives 1");
    check_error(UNIONS, "[in] holder *h", "{\"h\": {\"u\": {\"text\": \"x\"}}}",
                "$.h.u: several tags mean \"text\"");
    check_error(UNIONS, "[in] holder *h", "{\"h\": {\"u\": {\"nun\": 1}}}",
                "$.h.u: has no member \"nun\"; there are: num, text");
    check_error(UNIONS, "[in] holder *h", "{\"h\": {\"u\": {\"num\": 1, \"text\": \"x\"}}}",
                "$.h.u: a union has one member");
    check_error(UNIONS, "[in] holder *h", "{\"h\": {\"tag\": 1, \"u\": {}}}",
                "$.h.u.num: is missing");
}

IR_TEST(an_encapsulated_union_says_its_case)
{
    const char *u =
        "typedef enum { A = 1, B = 2 } kind;"
        "typedef union switch (kind k) v { case A: long num; case B: hyper big; } both;";

    check_round(u, "[in, out] both *b", "{\"b\": {\"num\": 5}}",
                "{\"b\": {\"case\": \"A\", \"num\": 5}}");
    check_round(u, "[in, out] both *b", "{\"b\": {\"case\": \"B\", \"big\": 5}}",
                "{\"b\": {\"case\": \"B\", \"big\": 5}}");
    check_error(u, "[in] both *b", "{\"b\": {\"case\": 3}}", "$.b: the union has no case 3");
    check_error(u, "[in] both *b", "{\"b\": {}}",
                "$.b: needs \"case\" or one of the members: num, big");
}

/* --- context handles --- */

IR_TEST(context_handles_come_back_as_they_were)
{
    const char *c = "typedef [context_handle] void *HND;";

    check_round(c, "[in, out] HND *h", "{\"h\": \"12345678-abcd-ef01-2345-6789abcdef01\"}",
                "{\"h\": \"12345678-abcd-ef01-2345-6789abcdef01\"}");
    check_round(c, "[in, out] HND *h", "{\"h\": null}", "{\"h\": null}");
    check_round(c, "[in, out] HND *h",
                "{\"h\": {\"attributes\": 1, \"uuid\": \"12345678-abcd-ef01-2345-6789abcdef01\"}}",
                "{\"h\": {\"attributes\": 1, \"uuid\": \"12345678-abcd-ef01-2345-6789abcdef01\"}}");
}

/* --- what comes from a peer --- */

IR_TEST(an_endless_list_is_cut)
{
    struct node {
        int32_t v;
        struct node *next;
    };
    struct ir_idl_unit *unit = compile(
        "typedef struct node { long v; [ptr] struct node *next; } node;", "[in, out] node *n");
    struct ir_value_call call;
    json_t *json = parse("{\"n\": {\"v\": 1, \"next\": null}}");
    struct node *n = NULL;

    ir_value_call_init(&call, ir_idl_unit_interface(unit, 0)->unit, 0);
    IR_ASSERT(ir_value_set_args(&call, json));
    memcpy(&n, call.args + call.unit->params[0].moff, sizeof(n));
    n->next = n;
    IR_ASSERT(ir_value_results(&call) == NULL);
    IR_ASSERT(strstr(call.error, "results nest deeper than 2000") != NULL);
    json_decref(json);
    ir_value_call_deinit(&call);
    ir_idl_unit_free(unit);
}

/* --- pipes, interface pointers --- */

IR_TEST(pipes_are_arrays_of_chunks)
{
    const char *declarations =
        "typedef pipe long longs; typedef pipe byte bytes;"
        "typedef struct { long a; byte b[2]; } pair; typedef pipe pair pairs;";

    check_round(declarations, "[in, out] longs *p, [in, out] bytes *q, [in, out] pairs *r",
                "{\"p\": [[1, -2], [3]], \"q\": [\"00ff\", \"17\"],"
                " \"r\": [[{\"a\": 1, \"b\": \"0203\"}]]}",
                "{\"p\": [[1, -2], [3]], \"q\": [\"00ff\", \"17\"],"
                " \"r\": [[{\"a\": 1, \"b\": \"0203\"}]]}");
    check_round(declarations, "[in, out] longs *p, [in, out] bytes *q",
                "{\"p\": [], \"q\": \"0102\"}", "{\"p\": [], \"q\": [\"0102\"]}");
    check_error(declarations, "[in] longs p", "{}", "$.p: is missing");
    check_error(declarations, "[in] longs p", "{\"p\": [[1], []]}", "$.p[1]: has 0 elements");
    check_error(declarations, "[in] longs p", "{\"p\": [1]}", "$.p[0]: must be an array");
    check_error(declarations, "[in] longs p", "{\"p\": [[1], [2, \"x\"]]}", "$.p[1][1]: ");
    check_error(declarations, "[in] bytes p", "{\"p\": [\"0\"]}", "$.p[0]: must be hexadecimal");
}

IR_TEST(interface_pointers_are_sized_bytes)
{
    check_round("interface IFoo;", "[in, out] interface IFoo *p, [in, out] interface IFoo *q",
                "{\"p\": {\"data\": \"aabbcc\"}, \"q\": null}",
                "{\"p\": {\"size\": 3, \"data\": \"aabbcc\"}, \"q\": null}");
    check_error("interface IFoo;", "[in] interface IFoo *p",
                "{\"p\": {\"size\": 2, \"data\": \"aabbcc\"}}", "$.p.data: has 3 elements");
}

/* The example of ironrpc-json(7). */
IR_TEST(the_example_of_the_manual)
{
    struct ir_idl_unit *unit =
        compile("typedef struct { long n; [size_is(n)] short values[]; } list;"
                "typedef [switch_type(long)] union { [case(1)] long number;"
                " [case(2)] [string] char *text; } choice;",
                "[in] list *l, [in] long tag, [in, switch_is(tag)] choice *c, [out] hyper *big,"
                " [out, string] char **why");
    struct ir_value_call call;
    json_t *json = parse("{\"l\": {\"values\": [1, 2, 3]}, \"c\": {\"text\": \"two\"}}");
    const uint8_t *l = NULL;
    int32_t tag = 0, n = 0;

    ir_value_call_init(&call, ir_idl_unit_interface(unit, 0)->unit, 0);
    if (!ir_value_set_args(&call, json)) {
        IR_FAIL("%s", call.error);
    }
    memcpy(&l, call.args + call.unit->params[0].moff, sizeof(l));
    memcpy(&n, l, sizeof(n));
    memcpy(&tag, call.args + call.unit->params[1].moff, sizeof(tag));
    IR_ASSERT_EQ(n, 3);
    IR_ASSERT_EQ(tag, 2);
    json_decref(json);
    ir_value_call_deinit(&call);
    ir_idl_unit_free(unit);
}
