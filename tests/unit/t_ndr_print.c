/* Printing: the events of each kind of value, written down as text. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "t_ndr.h"

static char text[4096];

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + n, sizeof(text) - n, format, args);
    va_end(args);
}

/* clang-format off */
static void begin_struct(void *u) { (void)u; add("{"); }
static void end_struct(void *u) { (void)u; add("}"); }
static void begin_array(void *u) { (void)u; add("["); }
static void end_array(void *u) { (void)u; add("]"); }
static void begin_union(void *u, int64_t tag) { (void)u; add("<%" PRId64 ":", tag); }
static void end_union(void *u) { (void)u; add("> "); }
static void field(void *u, const char *name) { (void)u; add("%s=", name); }
static void integer(void *u, int64_t v) { (void)u; add("%" PRId64 " ", v); }
static void natural(void *u, uint64_t v) { (void)u; add("%" PRIu64 " ", v); }
static void boolean(void *u, bool v) { (void)u; add("%s ", v ? "true" : "false"); }
static void real(void *u, double v) { (void)u; add("%g ", v); }
static void enumerator(void *u, const char *name, int64_t v)
{
    (void)u;
    add("%s(%" PRId64 ") ", name ? name : "?", v);
}
static void string(void *u, const void *chars, size_t n, unsigned width)
{
    (void)u;
    add("'");
    for (size_t i = 0; i < n; i++) {
        const char *c = (const char *)chars + i * width; /* ASCII: one byte of a unit */
        add("%c", c[IR_HOST_BIG_ENDIAN ? width - 1 : 0]);
    }
    add("' ");
}
static void bytes(void *u, struct irpc_span s)
{
    (void)u;
    for (size_t i = 0; i < s.len; i++) {
        add("%02x", s.p[i]);
    }
    add(" ");
}
static void uuid(void *u, const struct irpc_uuid *v)
{
    char buffer[IRPC_UUID_TEXT_LEN];
    (void)u;
    irpc_uuid_format(v, buffer);
    add("%s ", buffer);
}
static void context(void *u, const void *h)
{
    const struct irpc_context_handle *handle = h;
    (void)u;
    add("context-%u ", handle->uuid.time_low);
}
static void null(void *u) { (void)u; add("null "); }
/* clang-format on */

static const struct ir_ndr_sink sink = {
    begin_struct, end_struct, begin_array, end_array, begin_union, end_union,
    field,        integer,    natural,     boolean,   real,        enumerator,
    string,       bytes,      uuid,        context,   null};

static const char *print(struct ndr_case *c, const char *hex)
{
    void *args = ndr_args(c, 0);

    IR_ASSERT_EQ(ndr_decode(c, 0, IR_NDR_IN, IR_HEX(hex), args), IRPC_OK);
    text[0] = '\0';
    IR_ASSERT_EQ(ir_ndr_print(c->unit, 0, IR_NDR_IN, args, &sink, NULL), IRPC_OK);
    return text;
}

IR_TEST(scalars_print_by_kind)
{
    struct ndr_case c = ndr_open_body(
        "typedef enum { RED, GREEN } e; typedef [context_handle] void *h; "
        "void f([in] small a, [in] unsigned hyper b, [in] boolean d, [in] float g, [in] e x, "
        "       [in] e y, [in] h z);");

    IR_ASSERT_STR(print(&c, "ff 00*7 ff*8 01 000000 0000003f 0100 0700"
                            "00000000 05000000 0000 0000 00*8"),
                  "{a=-1 b=18446744073709551615 d=true g=0.5 x=GREEN(1) y=?(7) z=context-5 }");
    ndr_close(&c);
}

IR_TEST(compounds_print_with_names)
{
    struct ndr_case c = ndr_open_body(
        "typedef struct { unsigned long a; unsigned short b, c; byte d[8]; } GUID; "
        "typedef [switch_type(short)] union { [case(1)] long l; [case(2)] ; [case(3)] [string] "
        "char *s; } u; typedef struct { short t; [switch_is(t)] u v; } s; "
        "void f([in] long n, [in, size_is(n)] s v[], [in, unique] long *p, [in] byte b[3], "
        "       [in] short m[2][2], [in, string] wchar_t *w, [in] GUID *g);");

    IR_ASSERT_STR(print(&c, "03000000 03000000 0100 0100 09000000 0200 0200 0300 0300 00000200"
                            "02000000 00000000 02000000 'x' 00 0000 00000000 010203 00"
                            "0100 0200 0300 0400 03000000 00000000 03000000 6800 6900 0000 0000"
                            "04030201 0605 0807 090a0b0c0d0e0f10"),
                  "{n=3 v=[{t=1 v=<1:l=9 > }{t=2 v=<2:> }{t=3 v=<3:s='x' > }]p=null b=010203 "
                  "m=[[1 2 ][3 4 ]]w='hi' g=01020304-0506-0708-090a-0b0c0d0e0f10 }");
    ndr_close(&c);
}

IR_TEST(deep_values_are_refused_not_followed)
{
    struct ndr_case c = ndr_open_body("typedef struct n { struct n *next; } n; void f([in] n *v);");
    uint8_t data[4 * 2000];
    void *args = ndr_args(&c, 0);

    memset(data, 1, sizeof(data));
    memset(data + sizeof(data) - 4, 0, 4);
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, (struct ir_bytes){data, sizeof(data)}, args),
                 IRPC_OK);
    IR_ASSERT_EQ(ir_ndr_print(c.unit, 0, IR_NDR_IN, args, &sink, NULL), IRPC_LIMIT);
    ndr_close(&c);
}
