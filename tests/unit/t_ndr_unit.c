/* Tables: those of our interfaces pass the check, false ones do not, and none that passes can make
 * the interpreter step outside its memory. */
#include "t_ndr.h"

#define KITCHEN                                                                                \
    "typedef enum { A, B } e16; typedef [context_handle] void *ctx; "                          \
    "typedef struct { byte a; short b; } pad; typedef struct { long a; long b; } flat; "       \
    "typedef [switch_type(short)] union { [case(1)] flat f; [case(2)] [string] char *s; "      \
    "[default] ; } u; typedef struct { short t; [switch_is(t)] u v; } us; "                    \
    "typedef union switch (long t) u { case 1: long l; case 2: flat *p; } enc; "               \
    "typedef struct { long *n; [size_is(*n)] us *v; } deref; "                                 \
    "typedef struct { short n; [size_is(n)] us v[]; } tail; "                                  \
    "typedef struct node { struct node *next; [ptr] pad *p; [string] wchar_t *s; } node; "     \
    "void f([in] long n, [in, size_is(n)] flat a[], [in] tail *t, [in] node *l, [in] enc *x, " \
    "       [in] deref *d, [in] ctx c, [in] e16 e, [in, range(1, 5)] long r, "                 \
    "       [in, length_is(n)] short v[2][3], [in, string] char *s); "

/* Tables that can be changed. */
struct copy {
    struct irpc_ndr_unit unit;
    struct irpc_ndr_type *types;
    struct irpc_ndr_field *fields;
    struct irpc_ndr_arm *arms;
    struct irpc_ndr_expr *exprs;
    struct irpc_ndr_param *params;
    struct irpc_ndr_op *ops;
};

static void *duplicate(const void *p, size_t n)
{
    void *copy = malloc(n + 1);
    if (n > 0) {
        memcpy(copy, p, n);
    }
    return copy;
}

static struct copy copy_unit(const struct irpc_ndr_unit *u)
{
    struct copy c = {.unit = *u};

    c.unit.types = c.types = duplicate(u->types, u->n_types * sizeof(*u->types));
    c.unit.fields = c.fields = duplicate(u->fields, u->n_fields * sizeof(*u->fields));
    c.unit.arms = c.arms = duplicate(u->arms, u->n_arms * sizeof(*u->arms));
    c.unit.exprs = c.exprs = duplicate(u->exprs, u->n_exprs * sizeof(*u->exprs));
    c.unit.params = c.params = duplicate(u->params, u->n_params * sizeof(*u->params));
    c.unit.ops = c.ops = duplicate(u->ops, u->n_ops * sizeof(*u->ops));
    return c;
}

static void free_copy(struct copy *c)
{
    free(c->types);
    free(c->fields);
    free(c->arms);
    free(c->exprs);
    free(c->params);
    free(c->ops);
}

static enum irpc_status check(const struct copy *c)
{
    const char *why = NULL;
    enum irpc_status st = ir_ndr_unit_check(&c->unit, &why);

    IR_ASSERT(st == IRPC_OK || why != NULL);
    return st;
}

/* A change that must be noticed; the tables are as before afterwards. */
#define NOTICED(place, value)                                                      \
    do {                                                                           \
        uint64_t saved = (uint64_t)(place);                                        \
        (place) = (__typeof__(place))(value);                                      \
        if (check(&c) == IRPC_OK) {                                                \
            IR_FAIL("not noticed: %s = %s, type %u", #place, #value, (unsigned)i); \
        }                                                                          \
        (place) = (__typeof__(place))saved;                                        \
    } while (0)

static void break_type(struct copy c, uint32_t i)
{
    struct irpc_ndr_type *t = &c.types[i];
    bool refers = t->kind >= IRPC_NDR_STRUCT && t->kind <= IRPC_NDR_POINTER;

    NOTICED(t->kind, IRPC_NDR_KIND__COUNT);
    NOTICED(t->kind, IRPC_NDR_NONE);
    NOTICED(t->malign, 3);
    NOTICED(t->walign[0], 0);
    NOTICED(t->walign[1], 16);
    NOTICED(t->msize, 1u << 29);
    NOTICED(t->name, c.unit.names_len);
    if (t->kind != IRPC_NDR_CONTEXT) {
        NOTICED(t->flags, t->flags ^ IRPC_NDR_F_POINTERS);
    }
    if (refers) {
        NOTICED(t->ref, UINT32_MAX);
        NOTICED(t->flags, t->flags | IRPC_NDR_F_BYTES | (t->kind == IRPC_NDR_STRUCT ? 8 : 0));
    }
    if (t->kind == IRPC_NDR_STRUCT || t->kind == IRPC_NDR_UNION) {
        NOTICED(t->msize, t->msize - 1);
        NOTICED(t->n, UINT32_MAX);
    }
    if (t->kind == IRPC_NDR_UNION) {
        NOTICED(t->size, 0);
        NOTICED(t->size, i);
        NOTICED(t->first, i);
    }
    if (t->kind == IRPC_NDR_POINTER) {
        NOTICED(t->ref, 0);
        NOTICED(t->n, 0);
        NOTICED(t->n, 4);
    }
    if (t->kind == IRPC_NDR_ARRAY) {
        NOTICED(t->ref, i);
        NOTICED(t->n, t->n + (t->flags & IRPC_NDR_F_CONFORMANT ? 0 : 1));
    }
    if (t->kind == IRPC_NDR_CONTEXT) {
        NOTICED(t->aux, 0);
        NOTICED(t->aux, 2);
    }
}

/* The exceptions of the above: changes that say the same as before, or are no lie. */
static bool may_stay(const struct irpc_ndr_type *t)
{
    return t->kind == IRPC_NDR_ARRAY ||
           (t->kind == IRPC_NDR_UNION && !(t->flags & IRPC_NDR_F_DEFAULT));
}

IR_TEST(false_types_are_noticed)
{
    struct ndr_case k = ndr_open_body(KITCHEN);
    struct copy c = copy_unit(k.unit);

    IR_ASSERT_EQ(check(&c), IRPC_OK);
    for (uint32_t i = 1; i < c.unit.n_types; i++) {
        if (!may_stay(&c.types[i])) {
            break_type(c, i);
        }
    }
    free_copy(&c);
    ndr_close(&k);
}

IR_TEST(false_fields_parameters_and_arms_are_noticed)
{
    struct ndr_case k = ndr_open_body(KITCHEN);
    struct copy c = copy_unit(k.unit);

    for (uint32_t i = 0; i < c.unit.n_fields; i++) {
        NOTICED(c.fields[i].type, c.unit.n_types);
        NOTICED(c.fields[i].moff, 1000);
        NOTICED(c.fields[i].name, c.unit.names_len);
    }
    for (uint32_t i = 0; i < c.unit.n_params; i++) {
        NOTICED(c.params[i].type, 0);
        NOTICED(c.params[i].type, c.unit.n_types);
        NOTICED(c.params[i].moff, c.unit.ops[0].args_size);
        NOTICED(c.params[i].name, c.unit.names_len);
    }
    for (uint32_t i = 0; i < c.unit.n_types; i++) {
        const struct irpc_ndr_type *t = &c.types[i];
        if (t->kind == IRPC_NDR_UNION) {
            NOTICED(c.arms[t->ref].tag, c.arms[t->ref + 1].tag);
            NOTICED(c.arms[t->ref].type, i);
        }
    }
    for (uint32_t i = 0; i < c.unit.n_ops; i++) {
        NOTICED(c.ops[i].first_param, c.unit.n_params);
        NOTICED(c.ops[i].args_size, 8);
    }
    free_copy(&c);
    ndr_close(&k);
}

IR_TEST(false_expressions_are_noticed)
{
    struct ndr_case k = ndr_open_body(KITCHEN);
    struct copy c = copy_unit(k.unit);

    for (uint32_t i = 1; i < c.unit.n_exprs; i++) {
        bool loads = c.exprs[i].op == IRPC_NDR_X_LOAD || c.exprs[i].op == IRPC_NDR_X_DEREF;
        NOTICED(c.exprs[i].op, IRPC_NDR_X_NONE);
        NOTICED(c.exprs[i].op, IRPC_NDR_X__COUNT);
        NOTICED(c.exprs[i].op, IRPC_NDR_X_COND);
        if (loads) {
            NOTICED(c.exprs[i].moff, 100000);
            NOTICED(c.exprs[i].width, 3);
        }
        if (c.exprs[i].op == IRPC_NDR_X_LOAD) {
            NOTICED(c.exprs[i].op, IRPC_NDR_X_DEREF); /* of what is no pointer */
        }
        if (i + 1 == c.unit.n_exprs) {
            NOTICED(c.exprs[i].last, 0);
        }
    }
    free_copy(&c);
    ndr_close(&k);
}

IR_TEST(another_contract_is_refused)
{
    struct ndr_case k = ndr_open_body("void f([in] long a);");
    struct copy c = copy_unit(k.unit);
    const char *why = NULL;

    c.unit.contract = IRPC_CONTRACT + 1;
    IR_ASSERT_EQ(ir_ndr_unit_check(&c.unit, &why), IRPC_CONTRACT_MISMATCH);
    IR_ASSERT(why != NULL);
    free_copy(&c);
    ndr_close(&k);
}

/* --- random tables and random data --- */

static uint32_t state = 1;

static uint32_t next(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void damage(void *table, size_t size, uint32_t n, size_t used)
{
    if (n > 1) {
        uint8_t *p = (uint8_t *)table + size * (1 + next(n - 1)) + next((uint32_t)used);
        *p = (uint8_t)(next(4) == 0 ? next(256) : *p ^ (1u << next(5)));
    }
}

/* Small numbers, mostly: counts and referents that lead somewhere. */
static void fill(uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        p[i] = (uint8_t)(next(3) == 0 ? next(4) : next(40) == 0 ? next(256) : 0);
    }
}

static void run_random(struct ndr_case *k, struct copy *c, uint32_t len)
{
    uint8_t *data = malloc(len);
    struct irpc_ndr_unit const *saved = k->unit;
    struct ir_bytes out;

    fill(data, len);
    k->unit = &c->unit;
    k->syntax = (int)next(2);
    k->big_endian = next(8) == 0;
    void *args = ndr_args(k, 0);
    if (ndr_decode(k, 0, IR_NDR_IN, (struct ir_bytes){data, len}, args) == IRPC_OK) {
        enum irpc_status st = ndr_encode(k, 0, IR_NDR_IN, args, &out);
        IR_ASSERT(st == IRPC_OK || c->unit.types != saved->types);
    }
    k->unit = saved;
    free(data);
    ir_arena_reset(&k->arena, k->arena.budget);
    ir_arena_reset(&k->keep, k->keep.budget);
}

IR_TEST_TIMEOUT(random_tables_stay_inside, 60)
{
    struct ndr_case k = ndr_open_body(KITCHEN);
    unsigned passed = 0;

    for (unsigned round = 0; round < 20000; round++) {
        struct copy c = copy_unit(k.unit);
        damage(c.types, sizeof(*c.types), c.unit.n_types, sizeof(*c.types));
        damage(c.fields, sizeof(*c.fields), c.unit.n_fields, sizeof(*c.fields));
        if (next(2) == 0) {
            damage(c.exprs, sizeof(*c.exprs), c.unit.n_exprs, sizeof(*c.exprs));
        }
        if (check(&c) == IRPC_OK) {
            passed++;
            run_random(&k, &c, 1 + next(200));
        }
        free_copy(&c);
    }
    ir_test_note("%u of 20000 damaged units passed the check", passed);
    IR_ASSERT(passed > 100);
    ndr_close(&k);
}

IR_TEST_TIMEOUT(random_data_stays_inside, 60)
{
    struct ndr_case k = ndr_open_body(KITCHEN);
    struct copy c = copy_unit(k.unit);

    c.unit.types = k.unit->types;
    for (unsigned round = 0; round < 20000; round++) {
        run_random(&k, &c, 1 + next(300));
    }
    free_copy(&c);
    ndr_close(&k);
}
