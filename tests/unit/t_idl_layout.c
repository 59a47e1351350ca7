/* The tables: kinds, sizes, flags and expressions of what the IDL says, checked in memory. */
#include <stddef.h>

#include "idl_memory.h"

#define HEAD                                                                               \
    "[uuid(6f0a1b2c-0300-4000-8000-000000000001), version(1.2), pointer_default(unique)] " \
    "interface x {\n"

struct loaded {
    struct memory m;
    struct ir_idl_unit *unit;
    const struct irpc_ndr_unit *t;
};

static void load(struct loaded *l, const char *body)
{
    static char text[8192];
    static struct memory_file files[2];
    snprintf(text, sizeof(text), HEAD "%s\n}", body);
    files[0] = (struct memory_file){"x.idl", text, 0};
    memset(l, 0, sizeof(*l));
    l->m.files = files;
    l->t = memory_interface(&l->m, &l->unit)->unit;
}

static const struct irpc_ndr_type *param(const struct loaded *l, uint32_t op, uint32_t i)
{
    IR_ASSERT(op < l->t->n_ops && i < l->t->ops[op].n_params);
    return &l->t->types[l->t->params[l->t->ops[op].first_param + i].type];
}

static const struct irpc_ndr_type *ref(const struct loaded *l, const struct irpc_ndr_type *type)
{
    return &l->t->types[type->ref];
}

static const struct irpc_ndr_type *field(const struct loaded *l, const struct irpc_ndr_type *type,
                                         uint32_t i)
{
    IR_ASSERT_EQ(type->kind, IRPC_NDR_STRUCT);
    IR_ASSERT(i < type->n);
    return &l->t->types[l->t->fields[type->ref + i].type];
}

IR_TEST(interface_identity)
{
    struct loaded l;
    load(&l, "void f(void);");
    const struct irpc_interface *iface = ir_idl_unit_interface(l.unit, 0);
    char text[IRPC_UUID_TEXT_LEN];
    irpc_uuid_format(&iface->id.uuid, text);
    IR_ASSERT_STR(text, "6f0a1b2c-0300-4000-8000-000000000001");
    IR_ASSERT_EQ(iface->id.major, 1);
    IR_ASSERT_EQ(iface->id.minor, 2);
    IR_ASSERT_EQ(iface->contract, IRPC_CONTRACT);
    IR_ASSERT_EQ(l.t->contract, IRPC_CONTRACT);
    IR_ASSERT_STR(iface->name, "x");
    IR_ASSERT_STR(l.t->names + l.t->ops[0].name, "f");
    ir_idl_unit_free(l.unit);
}

IR_TEST(base_types)
{
    static const struct {
        const char *idl;
        unsigned kind, memory, wire20, wire64;
    } cases[] = {
        {"boolean", IRPC_NDR_BOOLEAN, 1, 1, 1},
        {"byte", IRPC_NDR_BYTE, 1, 1, 1},
        {"char", IRPC_NDR_CHAR, 1, 1, 1},
        {"unsigned char", IRPC_NDR_U8, 1, 1, 1},
        {"small", IRPC_NDR_I8, 1, 1, 1},
        {"wchar_t", IRPC_NDR_WCHAR, 2, 2, 2},
        {"short", IRPC_NDR_I16, 2, 2, 2},
        {"unsigned short int", IRPC_NDR_U16, 2, 2, 2},
        {"long", IRPC_NDR_I32, 4, 4, 4},
        {"unsigned", IRPC_NDR_U32, 4, 4, 4},
        {"int", IRPC_NDR_I32, 4, 4, 4},
        {"unsigned __int32", IRPC_NDR_U32, 4, 4, 4},
        {"hyper", IRPC_NDR_I64, 8, 8, 8},
        {"unsigned long long", IRPC_NDR_U64, 8, 8, 8},
        {"__int64", IRPC_NDR_I64, 8, 8, 8},
        {"__int3264", IRPC_NDR_I3264, 8, 4, 8},
        {"float", IRPC_NDR_F32, 4, 4, 4},
        {"double", IRPC_NDR_F64, 8, 8, 8},
        {"error_status_t", IRPC_NDR_U32, 4, 4, 4},
        {"enum { A }", IRPC_NDR_ENUM16, 4, 2, 4},
        {"const int", IRPC_NDR_I32, 4, 4, 4},
        {"signed char", IRPC_NDR_I8, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct loaded l;
        char body[128];
        snprintf(body, sizeof(body), "typedef %s t; void f([in] t v);", cases[i].idl);
        load(&l, body);
        const struct irpc_ndr_type *type = param(&l, 0, 0);
        ir_test_note("%s", cases[i].idl);
        IR_ASSERT_EQ(type->kind, cases[i].kind);
        IR_ASSERT_EQ(type->msize, cases[i].memory);
        IR_ASSERT_EQ(type->wsize[0], cases[i].wire20);
        IR_ASSERT_EQ(type->wsize[1], cases[i].wire64);
        IR_ASSERT_EQ(!!(type->flags & IRPC_NDR_F_FLAT20), cases[i].memory == cases[i].wire20);
        ir_idl_unit_free(l.unit);
    }
}

IR_TEST(struct_sizes_and_flatness)
{
    struct loaded l;
    load(&l, "typedef struct { long a; short b; char c[2]; } flat;"
             "typedef struct { long a; short b; } gap_at_end;"
             "typedef struct { char a; long b; } gap_inside;"
             "typedef struct { byte a[3]; struct { char b; } c[5]; } bytes;"
             "typedef struct { hyper h; [range(0, 9)] long r; long x; } ranged;"
             "typedef struct { __int3264 n; } native;"
             "void f([in] flat *a, [in] gap_at_end *b, [in] gap_inside *c, [in] bytes *d,"
             " [in] ranged *e, [in] native *g);");
    static const struct {
        uint32_t memory, wire20, wire64;
        unsigned flags;
    } want[] = {
        {8, 8, 8, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64},
        {8, 6, 8, 0}, /* NDR64 has the gap too, but it is a gap */
        {8, 8, 8, 0},
        {8, 8, 8, IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64 | IRPC_NDR_F_BYTES},
        {16, 16, 16, 0},
        {8, 4, 8, IRPC_NDR_F_FLAT64},
    };
    for (uint32_t i = 0; i < 6; i++) {
        const struct irpc_ndr_type *type = ref(&l, param(&l, 0, i));
        IR_ASSERT_EQ(type->msize, want[i].memory);
        IR_ASSERT_EQ(type->wsize[0], want[i].wire20);
        IR_ASSERT_EQ(type->wsize[1], want[i].wire64);
        IR_ASSERT_EQ(type->flags, want[i].flags);
    }
    ir_idl_unit_free(l.unit);
}

IR_TEST(offsets_are_those_of_c)
{
    struct c_like {
        char a;
        int64_t b;
        uint16_t c[3];
        void *d;
        char e;
    };
    struct c_args {
        char x;
        struct c_like by_value;
        int16_t y;
        struct c_like *p;
    };
    struct loaded l;
    load(&l, "typedef struct { char a; hyper b; wchar_t c[3]; long *d; char e; } s;"
             "void f([in] char x, [in] s by_value, [in] short y, [in] s *p);");
    const struct irpc_ndr_type *type = param(&l, 0, 1);
    const struct irpc_ndr_field *fields = &l.t->fields[type->ref];
    IR_ASSERT_EQ(type->msize, sizeof(struct c_like));
    IR_ASSERT_EQ(type->malign, _Alignof(struct c_like));
    IR_ASSERT_EQ(fields[1].moff, offsetof(struct c_like, b));
    IR_ASSERT_EQ(fields[2].moff, offsetof(struct c_like, c));
    IR_ASSERT_EQ(fields[3].moff, offsetof(struct c_like, d));
    IR_ASSERT_EQ(fields[4].moff, offsetof(struct c_like, e));
    IR_ASSERT_EQ(l.t->params[1].moff, offsetof(struct c_args, by_value));
    IR_ASSERT_EQ(l.t->params[2].moff, offsetof(struct c_args, y));
    IR_ASSERT_EQ(l.t->params[3].moff, offsetof(struct c_args, p));
    IR_ASSERT_EQ(l.t->ops[0].args_size, sizeof(struct c_args));
    ir_idl_unit_free(l.unit);
}

/* #pragma pack is about MIDL's memory, not the wire; native structures keep natural alignment. */
IR_TEST(pack_is_parsed_and_not_obeyed)
{
    struct loaded l;
    load(&l, "\n#pragma pack(push, 1)\ntypedef struct { char a; long b; } tight;\n"
             "#pragma pack(pop)\ntypedef struct { char a; long b; } loose;"
             "void f([in] tight *a, [in] loose *b);");
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 0))->msize, 8);
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 1))->msize, 8);
    ir_idl_unit_free(l.unit);
}

IR_TEST(pointer_kinds)
{
    struct loaded l;
    load(&l, "typedef [ref] long *must; typedef [ptr] long *full; typedef long *plain;"
             "typedef struct { long *a; must b; full c; [ref] plain d; [unique] full e; } s;"
             "void f([in] long *a, [in, unique] long *b, [in, ptr] long **c, [in] s *d,"
             " [in] full e, [out] plain *g);");
    static const unsigned params[] = {IRPC_NDR_PTR_REF, IRPC_NDR_PTR_UNIQUE, IRPC_NDR_PTR_FULL,
                                      IRPC_NDR_PTR_REF, IRPC_NDR_PTR_FULL,   IRPC_NDR_PTR_REF};
    static const unsigned fields[] = {IRPC_NDR_PTR_UNIQUE, IRPC_NDR_PTR_REF, IRPC_NDR_PTR_FULL,
                                      IRPC_NDR_PTR_REF, IRPC_NDR_PTR_UNIQUE};
    for (uint32_t i = 0; i < 6; i++) {
        IR_ASSERT_EQ(param(&l, 0, i)->kind, IRPC_NDR_POINTER);
        IR_ASSERT_EQ(param(&l, 0, i)->n, params[i]);
    }
    /* An explicit attribute is for the outermost level; below, pointer_default. */
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 2))->n, IRPC_NDR_PTR_UNIQUE);
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 5))->n, IRPC_NDR_PTR_UNIQUE);
    for (uint32_t i = 0; i < 5; i++) {
        IR_ASSERT_EQ(field(&l, ref(&l, param(&l, 0, 3)), i)->n, fields[i]);
    }
    IR_ASSERT(ref(&l, param(&l, 0, 3))->flags & IRPC_NDR_F_POINTERS);
    ir_idl_unit_free(l.unit);
}

#define WIDE (sizeof(void *) == 8) /* pointers, hence the place of a parameter behind one */

static void expect_expr(const struct loaded *l, uint32_t at, const char *want)
{
    static const char *const names[IRPC_NDR_X__COUNT] = {
        "none", "const", "load", "deref", "+",  "-",  "*", "/",  "%", "&",  "|",  "^",  "<<",
        ">>",   "neg",   "~",    "!",     "==", "!=", "<", "<=", ">", ">=", "&&", "||", "?:",
    };
    char got[512] = "";
    IR_ASSERT(at != 0 && at < l->t->n_exprs);
    for (;; at++) {
        const struct irpc_ndr_expr *x = &l->t->exprs[at];
        size_t n = strlen(got);
        snprintf(got + n, sizeof(got) - n, "%s%s", n ? " " : "", names[x->op]);
        n = strlen(got);
        if (x->op == IRPC_NDR_X_CONST) {
            snprintf(got + n, sizeof(got) - n, "(%lld)", (long long)x->value);
        } else if (x->op == IRPC_NDR_X_LOAD || x->op == IRPC_NDR_X_DEREF) {
            snprintf(got + n, sizeof(got) - n, "(%u,%c%u)", x->moff, x->is_signed ? 'i' : 'u',
                     8u * x->width);
        }
        if (x->last) {
            break;
        }
    }
    IR_ASSERT_STR(got, want);
}

IR_TEST(sizes_and_lengths)
{
    struct loaded l;
    load(&l, "void f([in] unsigned short n, [in] long *m, [in, size_is(n)] byte a[],"
             " [in, size_is(n + 1), length_is(*m)] short *b, [in, max_is(n)] long c[],"
             " [in, first_is(1), last_is(n)] hyper d[10], [in, size_is(, n)] long **e,"
             " [in, size_is(m ? *m : 2)] byte *g, [in, size_is(7)] byte *h,"
             " [in, size_is(n, *m)] long **i);");
    const struct irpc_ndr_type *a = ref(&l, param(&l, 0, 2));
    IR_ASSERT_EQ(a->kind, IRPC_NDR_ARRAY);
    IR_ASSERT_EQ(a->flags, IRPC_NDR_F_CONFORMANT);
    expect_expr(&l, a->size, "load(0,u16)");
    IR_ASSERT_EQ(a->length, 0);

    const struct irpc_ndr_type *b = ref(&l, param(&l, 0, 3));
    IR_ASSERT_EQ(b->flags, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING);
    expect_expr(&l, b->size, "load(0,u16) const(1) +");
    expect_expr(&l, b->length, WIDE ? "deref(8,i32)" : "deref(4,i32)");

    expect_expr(&l, ref(&l, param(&l, 0, 4))->size, "load(0,u16) const(1) +");

    const struct irpc_ndr_type *d = ref(&l, param(&l, 0, 5));
    IR_ASSERT_EQ(d->flags, IRPC_NDR_F_VARYING);
    IR_ASSERT_EQ(d->n, 10);
    IR_ASSERT_EQ(d->msize, 80);
    expect_expr(&l, d->length, "load(0,u16) const(1) - const(1) +");
    expect_expr(&l, d->first, "const(1)");

    const struct irpc_ndr_type *e = ref(&l, param(&l, 0, 6));
    IR_ASSERT_EQ(e->kind, IRPC_NDR_POINTER);
    expect_expr(&l, ref(&l, e)->size, "load(0,u16)");
    expect_expr(&l, ref(&l, param(&l, 0, 7))->size,
                WIDE ? "load(8,u64) deref(8,i32) const(2) ?:"
                     : "load(4,u32) deref(4,i32) const(2) ?:");
    expect_expr(&l, ref(&l, param(&l, 0, 8))->size, "const(7)");

    const struct irpc_ndr_type *i = ref(&l, param(&l, 0, 9));
    expect_expr(&l, i->size, "load(0,u16)");
    IR_ASSERT_EQ(ref(&l, i)->kind, IRPC_NDR_POINTER);
    expect_expr(&l, ref(&l, ref(&l, i))->size, WIDE ? "deref(8,i32)" : "deref(4,i32)");
    ir_idl_unit_free(l.unit);
}

IR_TEST(strings)
{
    struct loaded l;
    load(&l, "typedef [string] wchar_t *str; typedef struct { [string] char name[8]; str s;"
             " [string, size_is(4)] char *t; } s;"
             "void f([in, string] char *a, [in] str b, [in] s *c, [in] long n,"
             " [in, size_is(n), string] str *d, [out] str *e, [in, string] char g[]);");
    const struct irpc_ndr_type *a = ref(&l, param(&l, 0, 0));
    IR_ASSERT_EQ(a->kind, IRPC_NDR_STRING);
    IR_ASSERT_EQ(a->flags, IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING);
    IR_ASSERT_EQ(ref(&l, a)->kind, IRPC_NDR_CHAR);
    IR_ASSERT_EQ(ref(&l, ref(&l, param(&l, 0, 1)))->kind, IRPC_NDR_WCHAR);
    const struct irpc_ndr_type *s = ref(&l, param(&l, 0, 2));
    IR_ASSERT_EQ(field(&l, s, 0)->kind, IRPC_NDR_STRING);
    IR_ASSERT_EQ(field(&l, s, 0)->flags, IRPC_NDR_F_VARYING);
    IR_ASSERT_EQ(field(&l, s, 0)->n, 8);
    IR_ASSERT_EQ(field(&l, s, 1)->n, IRPC_NDR_PTR_UNIQUE);
    expect_expr(&l, ref(&l, field(&l, s, 2))->size, "const(4)");
    const struct irpc_ndr_type *d = ref(&l, param(&l, 0, 4));
    IR_ASSERT_EQ(d->kind, IRPC_NDR_ARRAY);
    IR_ASSERT_EQ(ref(&l, d)->kind, IRPC_NDR_POINTER);
    IR_ASSERT_EQ(ref(&l, ref(&l, d))->kind, IRPC_NDR_STRING);
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 5))->n, IRPC_NDR_PTR_UNIQUE);
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 6))->kind, IRPC_NDR_STRING);
    ir_idl_unit_free(l.unit);
}

IR_TEST(unions)
{
    struct loaded l;
    load(&l, "typedef enum { ONE = 1, TWO } which;"
             "typedef [switch_type(unsigned short)] union { [case(3, 1)] long a;"
             " [case(0xffff)] char *b; [default] hyper c; } u;"
             "typedef struct { short tag; [switch_is(tag)] union { [case(-1)] char x;"
             " [default] ; } v; } s;"
             "typedef union switch (which w) { case ONE: short a; case TWO: hyper b; } e;"
             "void f([in] unsigned long t, [in, switch_is(t & 1)] u *p, [in] s *q, [in] e *r);");
    const struct irpc_ndr_type *u = ref(&l, param(&l, 0, 1));
    IR_ASSERT_EQ(u->kind, IRPC_NDR_UNION);
    IR_ASSERT_EQ(u->flags, IRPC_NDR_F_DEFAULT | IRPC_NDR_F_POINTERS);
    IR_ASSERT_EQ(l.t->types[u->size].kind, IRPC_NDR_U16);
    IR_ASSERT_EQ(u->n, 3);
    IR_ASSERT_EQ(l.t->arms[u->ref].tag, 1);
    IR_ASSERT_EQ(l.t->arms[u->ref + 1].tag, 3);
    IR_ASSERT_EQ(l.t->arms[u->ref + 2].tag, 0xffff);
    IR_ASSERT_STR(l.t->names + l.t->arms[u->ref + 2].name, "b");
    IR_ASSERT_EQ(l.t->types[u->first].kind, IRPC_NDR_I64);
    expect_expr(&l, u->length, "load(0,u32) const(1) &");

    const struct irpc_ndr_type *v = field(&l, ref(&l, param(&l, 0, 2)), 1);
    IR_ASSERT_EQ(v->flags, IRPC_NDR_F_DEFAULT);
    IR_ASSERT_EQ(v->first, 0);
    IR_ASSERT_EQ(l.t->types[v->size].kind, IRPC_NDR_I16);
    IR_ASSERT_EQ(l.t->arms[v->ref].tag, -1);
    expect_expr(&l, v->length, "load(0,i16)");

    const struct irpc_ndr_type *e = ref(&l, param(&l, 0, 3));
    IR_ASSERT_EQ(e->kind, IRPC_NDR_UNION);
    IR_ASSERT_EQ(e->flags, IRPC_NDR_F_ENCAPSULATED);
    IR_ASSERT_EQ(l.t->types[e->size].kind, IRPC_NDR_ENUM16);
    struct c_union {
        int w;
        union {
            int16_t a;
            int64_t b;
        } u;
    };
    IR_ASSERT_EQ(e->aux, offsetof(struct c_union, u));
    IR_ASSERT_EQ(e->msize, sizeof(struct c_union));
    ir_idl_unit_free(l.unit);
}

IR_TEST(conformant_structs)
{
    struct loaded l;
    load(&l, "typedef struct { short n; [size_is(n)] long a[]; } inner;"
             "typedef struct { hyper h; inner tail; } outer; void f([in] outer *p);");
    const struct irpc_ndr_type *outer = ref(&l, param(&l, 0, 0));
    IR_ASSERT_EQ(outer->flags, IRPC_NDR_F_CONFORMANT);
    IR_ASSERT_EQ(outer->msize, 16); /* one element of the array is counted */
    const struct irpc_ndr_type *inner = field(&l, outer, 1);
    IR_ASSERT_EQ(inner->flags, IRPC_NDR_F_CONFORMANT);
    IR_ASSERT_EQ(inner->wsize[0], 0);
    expect_expr(&l, field(&l, inner, 1)->size, "load(0,i16)");
    ir_idl_unit_free(l.unit);
}

IR_TEST(context_handles)
{
    struct loaded l;
    load(&l, "typedef [context_handle] void *one; typedef [context_handle] void *two;"
             "void f([in] handle_t h, [in] one a, [out] one *b, [in, out] two *c);");
    IR_ASSERT_EQ(l.t->ops[0].n_params, 3);
    IR_ASSERT_EQ(param(&l, 0, 0)->kind, IRPC_NDR_CONTEXT);
    IR_ASSERT_EQ(param(&l, 0, 0)->msize, sizeof(struct irpc_context_handle));
    IR_ASSERT_EQ(param(&l, 0, 0)->aux, 1);
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 1))->aux, 1);
    IR_ASSERT_EQ(ref(&l, param(&l, 0, 2))->aux, 2);
    IR_ASSERT_EQ(l.t->n_contexts, 2);
    ir_idl_unit_free(l.unit);
}

IR_TEST(directions_results_and_flags)
{
    struct loaded l;
    load(&l, "[idempotent] long f(long a, [out] long *b, [in, out] long *c);"
             "[maybe] void g(void); [local] void h(void); [broadcast] short i(void);");
    IR_ASSERT_EQ(l.t->n_ops, 4);
    IR_ASSERT_EQ(l.t->ops[0].n_params, 4);
    IR_ASSERT_EQ(l.t->ops[0].flags, IRPC_NDR_OP_IDEMPOTENT);
    IR_ASSERT_EQ(l.t->params[0].flags, IRPC_NDR_P_IN);
    IR_ASSERT_EQ(l.t->params[1].flags, IRPC_NDR_P_OUT);
    IR_ASSERT_EQ(l.t->params[2].flags, IRPC_NDR_P_IN | IRPC_NDR_P_OUT);
    IR_ASSERT_EQ(l.t->params[3].flags, IRPC_NDR_P_OUT | IRPC_NDR_P_RETURN);
    IR_ASSERT_EQ(l.t->ops[1].flags, IRPC_NDR_OP_MAYBE);
    IR_ASSERT_EQ(l.t->ops[2].flags, IRPC_NDR_OP_ABSENT);
    IR_ASSERT_EQ(l.t->ops[3].flags, IRPC_NDR_OP_BROADCAST);
    ir_idl_unit_free(l.unit);
}

IR_TEST(contained_types_come_first)
{
    struct loaded l;
    load(&l, "typedef struct list { struct list *next; struct pair { long a, b; } p[4];"
             " long n; [size_is(n)] struct list **others; } list; void f([in] list *p);");
    for (uint32_t i = 1; i < l.t->n_types; i++) {
        const struct irpc_ndr_type *type = &l.t->types[i];
        for (uint32_t k = 0; type->kind == IRPC_NDR_STRUCT && k < type->n; k++) {
            IR_ASSERT(l.t->fields[type->ref + k].type < i);
        }
        IR_ASSERT(type->kind != IRPC_NDR_ARRAY || type->ref < i);
    }
    ir_idl_unit_free(l.unit);
}

IR_TEST(memory_per_byte_is_computed)
{
    struct loaded l;
    load(&l, "typedef struct { [string] wchar_t name[500]; } wide; void f([in] wide *p);");
    IR_ASSERT(l.t->k >= 1000 / 8);
    ir_idl_unit_free(l.unit);
    load(&l, "void f([in] long n, [in, size_is(n)] byte p[]);");
    IR_ASSERT(l.t->k <= 8);
    ir_idl_unit_free(l.unit);
}
