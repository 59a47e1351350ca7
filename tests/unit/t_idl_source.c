/* The front end: loading, preprocessor, lexer, parser; what is accepted and where messages point.
 */
#include "idl_memory.h"

#define HEAD "[uuid(6f0a1b2c-0200-4000-8000-000000000001)] interface x {\n"

static void accepts(const char *text)
{
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    enum irpc_status status = memory_compile(&m, &unit);
    if (status != IRPC_OK) {
        IR_FAIL("%s\nof: %s", m.said, text);
    }
    ir_idl_unit_free(unit);
}

static void rejects(const char *text, const char *fragment)
{
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_INVALID_ARG);
    if (!strstr(m.said, fragment)) {
        IR_FAIL("\"%s\" is not in: %s", fragment, m.said);
    }
}

/* Value of range(V, V) in the tables: the shortest way from an expression to a number. */
static int64_t value_of(const char *prefix, const char *expr)
{
    char text[2048];
    snprintf(text, sizeof(text), "%s" HEAD "void f([in, range(%s, %s)] hyper v); }", prefix, expr,
             expr);
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    const struct irpc_interface *iface = memory_interface(&m, &unit);
    int64_t value = iface->unit->ranges[0].min;
    ir_idl_unit_free(unit);
    return value;
}

IR_TEST(constant_expressions)
{
    IR_ASSERT_EQ(value_of("", "1 + 2 * 3"), 7);
    IR_ASSERT_EQ(value_of("", "(1 + 2) * 3"), 9);
    IR_ASSERT_EQ(value_of("", "10 - 3 - 2"), 5);
    IR_ASSERT_EQ(value_of("", "-7 / 2"), -3);
    IR_ASSERT_EQ(value_of("", "-7 % 4"), -3);
    IR_ASSERT_EQ(value_of("", "0x10 | 3"), 19);
    IR_ASSERT_EQ(value_of("", "010"), 8);
    IR_ASSERT_EQ(value_of("", "1 << 4 >> 2"), 4);
    IR_ASSERT_EQ(value_of("", "~0"), -1);
    IR_ASSERT_EQ(value_of("", "!5 || 2 && 3"), 1);
    IR_ASSERT_EQ(value_of("", "1 ? 2 : 3 ? 4 : 5"), 2);
    IR_ASSERT_EQ(value_of("", "0 ? 2 : 0 ? 4 : 5"), 5);
    IR_ASSERT_EQ(value_of("", "'A' + 1"), 66);
    IR_ASSERT_EQ(value_of("", "'\\n'"), 10);
    IR_ASSERT_EQ(value_of("", "sizeof(hyper) + sizeof(long *)"), 8 + sizeof(void *));
    IR_ASSERT_EQ(value_of("", "(unsigned char)0x1ff"), 255);
    IR_ASSERT_EQ(value_of("", "(short)-1"), -1);
    IR_ASSERT_EQ(value_of("", "5 > 3 == 1"), 1);
    IR_ASSERT_EQ(value_of("", "6 ^ 3 & 1"), 7);
    IR_ASSERT_EQ(value_of("", "0xffffffffu"), 0xffffffffLL);
    IR_ASSERT_EQ(value_of("", "100ul + 1L"), 101);
    IR_ASSERT_EQ(value_of("", "TRUE + FALSE"), 1);
}

IR_TEST(constants_in_any_order)
{
    const char *decls = "[uuid(6f0a1b2c-0201-4000-8000-000000000001)] interface c {"
                        "const long A = B + C; const long B = 2 * C; const long C = E2;"
                        "typedef enum { E1 = 4, E2, E3 = E1 + 10, E4 } e;"
                        "struct s { char a; hyper b; char c[A]; }; }\n";
    IR_ASSERT_EQ(value_of(decls, "A"), 15);
    IR_ASSERT_EQ(value_of(decls, "E4"), 15);
    struct s {
        char a;
        int64_t b;
        char c[15];
    };
    IR_ASSERT_EQ(value_of(decls, "sizeof(struct s)"), sizeof(struct s));
}

IR_TEST(macros)
{
    IR_ASSERT_EQ(value_of("#define N 5\n", "N * 2"), 10);
    IR_ASSERT_EQ(value_of("#define ADD(a, b) ((a) + (b))\n", "ADD(ADD(1, 2), 3)"), 6);
    IR_ASSERT_EQ(value_of("#define A B\n#define B 7\n", "A"), 7);
    IR_ASSERT_EQ(value_of("#define JOIN(a, b) a##b\n", "JOIN(1, 2)"), 12);
    IR_ASSERT_EQ(value_of("#define N 1\n#undef N\n#define N 2\n", "N"), 2);
    IR_ASSERT_EQ(value_of("#define LONG 1 + \\\n 2\n", "LONG"), 3);
    /* A macro does not expand inside itself. */
    rejects("#define LOOP LOOP\n" HEAD "void f([in] LOOP p); }", "unknown type 'LOOP'");
    rejects("#define A(x) x\n" HEAD "void f(A(1; }", "have no closing ')'");
}

IR_TEST(conditions)
{
    IR_ASSERT_EQ(value_of("#if 1\n#define N 1\n#else\n#define N 2\n#endif\n", "N"), 1);
    IR_ASSERT_EQ(
        value_of("#if 0\n#define N 1\n#elif 1\n#define N 2\n#else\n#define N 3\n#endif\n", "N"), 2);
    IR_ASSERT_EQ(value_of("#ifdef X\n#define N 1\n#endif\n#ifndef X\n#define N 4\n#endif\n", "N"),
                 4);
    IR_ASSERT_EQ(
        value_of("#if defined X || defined(__midl) && __midl > 500\n#define N 6\n#endif\n", "N"),
        6);
    IR_ASSERT_EQ(value_of("#if 0\nit's \"open /* #if 1\n*/ #error no\n#endif\n#define N 8\n", "N"),
                 8);
    rejects("#if 1\n", "x.idl:1:2: error: this condition has no #endif");
    rejects("#endif\n", "#endif without #if");
    rejects("#if (1\n#endif\n", "lacks a ')'");
    rejects("#if 1 / 0\n#endif\n", "divides by zero");
    rejects("#error stop here\n", "#error stop here");
    rejects("#nonsense\n", "'#nonsense' is not a directive");
}

IR_TEST(includes_and_imports)
{
    struct memory m =
        MEMORY({"dir/x.idl",
                "import \"a.idl\", \"b.idl\";\n#include \"c.h\"\n" HEAD
                "import \"a.idl\"; void f([in] a_t *a, [in] b_t *b, [in] c_t *c); }",
                0},
               {"dir/a.idl",
                "import \"b.idl\";\n#define ONLY_HERE 1\ntypedef struct { b_t b; } a_t;"
                "[uuid(6f0a1b2c-0202-4000-8000-000000000001)] interface a "
                "{ void g([in] a_t *p); }",
                0},
               {"dir/b.idl", "#ifdef ONLY_HERE\n#error leaked\n#endif\ntypedef long b_t;", 0},
               {"dir/c.h", "#pragma once\n#include \"c.h\"\ntypedef short c_t;\n", 0});
    struct ir_idl_unit *unit = NULL;
    const struct irpc_interface *iface = memory_interface(&m, &unit);
    IR_ASSERT_STR(iface->name, "x");
    IR_ASSERT_EQ(ir_idl_unit_n_files(unit), 4);
    IR_ASSERT_STR(ir_idl_unit_file(unit, 0), "dir/x.idl");
    ir_idl_unit_free(unit);

    struct memory loop = MEMORY({"x.h", "#include \"x.h\"\n", 0});
    IR_ASSERT_EQ(memory_compile(&loop, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(loop.said, "does the file include itself?"));
    static char many[64000];
    for (size_t n = 0; n < 2100; n++) {
        memcpy(many + 15 * n, "#include \"y.h\"\n", 15);
    }
    struct memory often = MEMORY({"x.h", many, 0}, {"y.h", "\n", 0});
    IR_ASSERT_EQ(memory_compile(&often, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(often.said, "x.h:2001:10: error: more than 2000 files are included"));
    struct memory none = MEMORY({"y.idl", "", 0});
    struct ir_idl_io io = {memory_read, &none};
    struct ir_idl_options options = {.io = &io};
    IR_ASSERT_EQ(ir_idl_compile("absent.idl", &options, &unit), IRPC_IO);
}

IR_TEST(odd_text)
{
    accepts("");
    accepts(";;\n");
    accepts(HEAD "void f(void); }\x1a garbage after Ctrl-Z");
    accepts("\xef\xbb\xbf" HEAD "void f(void);\r\n}\r\n");
    accepts(HEAD "// comment \\\n still comment\n void f(void); }");
    accepts("/* \n */ " HEAD "/**/void/**/f(/* */void);}");
    accepts(
        "[uuid(6f0a1b2c-0200-4000-8000-000000000001), version(1.0),\n pointer_default(unique),\n"
        "]\ninterface x { void f([in,] long a, [in] [range(0, 1)] long b); };");
    accepts(HEAD "typedef struct _GUID { long a; } GUID; typedef struct { GUID GUID; } s;\n"
                 "void f([in] s *p); }");
    accepts(HEAD "void __stdcall f([in] long __RPC_FAR *a) [idempotent]; }");
    accepts("midl_pragma warning(disable: 2362)\n" HEAD "void f(void); }");
    rejects("/* never closed", "this comment never ends");
    rejects(HEAD "void f([in] long @); }", "found '@'");
}

IR_TEST(unknown_attributes_are_warnings)
{
    struct memory m = MEMORY(
        {"x.idl", HEAD "[made_up(1, (2)), helpstring(\"x\")] void f([in, odd] long a); }", 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_OK);
    IR_ASSERT(strstr(m.said, "x.idl:2:2: warning: unknown attribute 'made_up' is ignored"));
    IR_ASSERT(strstr(m.said, "'odd'"));
    IR_ASSERT(!strstr(m.said, "helpstring'"));
    ir_idl_unit_free(unit);
}

IR_TEST(several_errors_in_one_run)
{
    struct memory m = MEMORY({"x.idl",
                              HEAD "void f([in] aa *p);\nvoid g(long;\n"
                                   "void h([in] bb *p);\n}",
                              0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(m.said, "x.idl:2:13: error: unknown type 'aa'"));
    IR_ASSERT(strstr(m.said, "x.idl:3:12: error: expected ',' or ')'"));
    IR_ASSERT(strstr(m.said, "x.idl:4:13: error: unknown type 'bb'"));
}

IR_TEST(stops_after_many_errors)
{
    char text[8192] = HEAD;
    for (int i = 0; i < 100; i++) {
        strcat(text, "void f(nothing x);\n");
    }
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(m.said, "20 errors, stopping here"));
}

static void nested(const char *before, const char *open, const char *close, const char *after)
{
    static char text[400000];
    size_t n = 0;
    n += (size_t)snprintf(text, sizeof(text), "%s", before);
    for (int i = 0; i < 20000; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", open);
    }
    for (int i = 0; i < 20000 && *close; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", close);
    }
    snprintf(text + n, sizeof(text) - n, "%s", after);
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT(memory_compile(&m, &unit) != IRPC_OK);
}

IR_TEST(deep_nesting_is_refused)
{
    nested(HEAD "const long A = ", "(", ")", ";}");
    nested(HEAD "const long A = ", "-", "", "1;}");
    nested(HEAD "const long A = 1", "+1", "", ";}");
    nested(HEAD "void f(long ", "*", "", "p);}");
    nested(HEAD "void f(long p", "[1]", "", ");}");
    nested(HEAD "void f(long ", "(", ")", ";}");
    nested("#if ", "(", ")", "\n#endif\n");
    nested("#if ", "!", "", "1\n#endif\n");
    nested(HEAD, "struct {", "", "");
    nested("", "library x {", "", "");
    nested(HEAD "void f(", "long(", "", "");
    nested(HEAD "typedef ", "pipe ", "", "long p;}");
}

IR_TEST(long_chains_are_refused_or_accepted)
{
    static char text[2000000];
    size_t n = (size_t)snprintf(text, sizeof(text), HEAD "typedef long t0;\n");
    for (int i = 1; i < 1500; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "typedef t%d t%d; struct s%d { struct s%d *p; }; "
                              "const long c%d = c%d;\n",
                              i - 1, i, i, i + 1, i, i + 1);
    }
    snprintf(text + n, sizeof(text) - n,
             "struct s1500 { long x; }; const long c1500 = 1;"
             "void f([in] struct s1 *p); }");
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(m.said, "too long a chain"));
}

static size_t print_dag(char *text, size_t size, int n)
{
    size_t at = (size_t)snprintf(text, size, "struct s0 { byte a; };\n");
    for (int i = 1; i < n; i++) {
        at +=
            (size_t)snprintf(text + at, size - at, "struct s%d { struct s%d a, b; };\n", i, i - 1);
    }
    return at;
}

/* 2^27 ways lead through these bodies; each body is looked at once. check: L06 */
IR_TEST(bodies_within_bodies_do_not_multiply)
{
    static char text[8192];
    static char other[8192];
    size_t n = (size_t)snprintf(text, sizeof(text), "import \"y.idl\";\n" HEAD);
    n += print_dag(text + n, sizeof(text) - n, 28);
    snprintf(text + n, sizeof(text) - n,
             "typedef pipe struct s27 p; typedef struct s27 t; void f([in] p x); }");
    n = print_dag(other, sizeof(other), 28);
    snprintf(other + n, sizeof(other) - n, "typedef struct s27 t;");
    struct memory m = MEMORY({"x.idl", text, 0}, {"y.idl", other, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_OK);
    ir_idl_unit_free(unit);
}

IR_TEST(many_members_of_one_name_are_found)
{
    static char text[200000];
    size_t n = (size_t)snprintf(text, sizeof(text), HEAD "typedef struct { long twice;\n");
    for (int i = 0; i < 5000; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "long m%d;\n", i);
    }
    snprintf(text + n, sizeof(text) - n, "long twice; } s; void f([in] s *p); }");
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(m.said, "there are two fields named 'twice'"));
}

IR_TEST(many_attributes_are_refused)
{
    static char text[8192] = "typedef [";
    for (int i = 0; i < 1001; i++) {
        strcat(text, "ptr,");
    }
    strcat(text, "ptr] long *a, *b;");
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(m.said, "more than 1000 attributes here"));
}

IR_TEST(memory_is_bounded)
{
    /* Each macro doubles the one before. */
    static char text[8192];
    size_t n = (size_t)snprintf(text, sizeof(text), "#define m0 x x x x\n");
    for (int i = 1; i < 40; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "#define m%d m%d m%d\n", i, i - 1, i - 1);
    }
    snprintf(text + n, sizeof(text) - n, "m39\n");
    struct memory m = MEMORY({"x.idl", text, 0});
    struct ir_idl_unit *unit = NULL;
    IR_ASSERT_EQ(memory_compile(&m, &unit), IRPC_NO_MEMORY);
    IR_ASSERT(strstr(m.said, "needs more memory than the limit of 16 MiB"));
}

static bool compile_once(void *arg)
{
    struct memory m = MEMORY({"x.idl", arg, 0});
    struct ir_idl_unit *unit = NULL;
    enum irpc_status status = memory_compile(&m, &unit);
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    if (status == IRPC_OK) {
        ir_idl_emit(unit, IR_IDL_OUT_HEADER, "x.h", &text);
        ir_idl_emit(unit, IR_IDL_OUT_TABLES, "x.h", &text);
    }
    bool ok = status == IRPC_OK && !text.failed;
    ir_idl_text_deinit(&text);
    ir_idl_unit_free(unit);
    return ok;
}

IR_TEST(every_allocation_may_fail)
{
    char text[] =
        "#define P [in] long p\n" HEAD "typedef struct { long n; [size_is(n)] short a[]; } s;"
        "typedef enum { A, B } e; const long C = sizeof(s) + B;"
        "void f(P, [in] s *q, [in, range(0, C)] long r); }";
    IR_ASSERT(ir_test_oom(compile_once, text) > 3);
}
