/* Arrays that are moved column by column (rows.c, row_strings.c), and validated without being
 * stored (skip.c): the bytes are those of the general way, the checks too. The wanted bytes are put
 * together here, element by element. */
#include "t_ndr.h"

struct bytes {
    uint8_t p[8192];
    size_t n;
    bool big_endian;
};

static void align(struct bytes *b, size_t to)
{
    while (b->n % to != 0) {
        b->p[b->n++] = 0;
    }
}

/* An integer of @size bytes, aligned to its size. */
static void put(struct bytes *b, uint64_t value, size_t size)
{
    align(b, size);
    for (size_t i = 0; i < size; i++) {
        size_t shift = b->big_endian ? size - 1 - i : i;
        b->p[b->n++] = (uint8_t)(value >> 8 * shift);
    }
}

static struct ir_bytes all_of(const struct bytes *b)
{
    return (struct ir_bytes){b->p, b->n};
}

/* Validation says the same as decoding, about @in and about each change of one bit in it. */
static void verdicts_agree(struct ndr_case *c, struct ir_bytes in)
{
    uint8_t *copy = malloc(in.n);

    for (size_t bit = 0; bit < 8 * in.n; bit++) {
        memcpy(copy, in.p, in.n);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct ir_cur cur = ir_cur_init(copy, in.n, c->big_endian);
        enum irpc_status valid = ir_ndr_validate(c->unit, 0, c->syntax, &cur, &c->limits, NULL);
        void *args = ndr_args(c, 0);
        enum irpc_status st = ndr_decode(c, 0, IR_NDR_IN, (struct ir_bytes){copy, in.n}, args);
        if ((valid == IRPC_OK) != (st == IRPC_OK)) {
            IR_FAIL("bit %zu: validated as %s, decoded as %s", bit, irpc_status_name(valid),
                    irpc_status_name(st));
        }
    }
    free(copy);
}

static void in_every_form(struct ndr_case *c, void (*make)(struct bytes *, int, unsigned),
                          unsigned n)
{
    static struct bytes b;

    for (int form = 0; form < 4; form++) {
        c->syntax = form & 1 ? IRPC_NDR64 : IRPC_NDR20;
        c->big_endian = (form & 2) != 0;
        b = (struct bytes){.big_endian = c->big_endian};
        make(&b, c->syntax, n);
        ndr_same(c, 0, all_of(&b));
        ndr_truncated(c, 0, all_of(&b));
        verdicts_agree(c, all_of(&b));
    }
}

/* --- columns --- */

static const char gaps[] = "typedef enum { A, B } e; "
                           "typedef struct { byte a; e b; hyper c; __int3264 f; short d; } s; "
                           "void f([in] short n, [in, size_is(n)] s v[]);";

static void put_gaps(struct bytes *b, int syntax, unsigned n)
{
    bool wide = syntax == IRPC_NDR64;

    put(b, n, 2);
    put(b, n, wide ? 8 : 4);
    for (unsigned i = 0; i < n; i++) {
        align(b, 8);
        put(b, i & 0x7f, 1);
        put(b, i % 2, wide ? 4 : 2);
        put(b, UINT64_C(0x1122334455667700) + i, 8);
        put(b, 0xfffffff0 + i % 16, wide ? 8 : 4);
        put(b, 0x8000 + i, 2);
        align(b, wide ? 8 : 2);
    }
}

IR_TEST(columns_with_gaps_and_conversions)
{
    struct ndr_case c = ndr_open_body(gaps);

    in_every_form(&c, put_gaps, 3); /* too few for columns: the same bytes */
    in_every_form(&c, put_gaps, 4);
    in_every_form(&c, put_gaps, 9);
    ndr_close(&c);
}

/* More than one block of 32, and a rest of one. */
IR_TEST(several_blocks)
{
    struct ndr_case c = ndr_open_body(gaps);
    static struct bytes b;

    for (int syntax = 0; syntax < 2; syntax++) {
        static const unsigned counts[] = {31, 32, 33, 64, 65, 97};
        for (size_t i = 0; i < IR_ARRAY_LEN(counts); i++) {
            b = (struct bytes){.n = 0};
            c.syntax = syntax;
            put_gaps(&b, syntax, counts[i]);
            ndr_same(&c, 0, all_of(&b));
        }
    }
    ndr_close(&c);
}

IR_TEST(what_a_column_cannot_hold)
{
    struct ndr_case c = ndr_open_body(gaps);
    static struct bytes b;
    struct ir_bytes out = {NULL, 0};
    size_t stride = 24; /* on the wire */
    struct {
        uint8_t a;
        int32_t e;
        int64_t c;
        int64_t f;
        int16_t d;
    } * v;

    put_gaps(&b, IRPC_NDR20, 5);
    b.p[8 + 3 * stride + 3] = 0x80; /* the enumeration of the fourth */
    ndr_refused(&c, 0, all_of(&b), IRPC_BAD_STUB_DATA, "N09");
    b.p[8 + 3 * stride + 3] = 0;
    void *args = ndr_same(&c, 0, all_of(&b));
    memcpy(&v, ndr_arg(&c, 0, 1, args), sizeof(v));
    v[3].e = 0x8000;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, args, &out), IRPC_INVALID_BOUND);
    IR_ASSERT_STR(c.error.check, "N09");
    ndr_close(&c);
}

/* --- strings behind the columns --- */

static const char texts[] = "typedef struct { [unique, string] char *s; byte b; "
                            "[ref, string] wchar_t *t; } s; "
                            "void f([in] short n, [in, size_is(n)] s v[]);";

static void put_text(struct bytes *b, size_t word, size_t width, unsigned n)
{
    put(b, n + 1, word);
    put(b, 0, word);
    put(b, n + 1, word);
    for (unsigned i = 0; i < n; i++) {
        put(b, 'a' + i % 26, width);
    }
    put(b, 0, width);
}

/* Every third first string is NULL; the lengths are all from 0 on. */
static void put_texts(struct bytes *b, int syntax, unsigned n)
{
    size_t word = syntax == IRPC_NDR64 ? 8 : 4;
    uint32_t referent = 0x20000;

    put(b, n, 2);
    put(b, n, word);
    for (unsigned i = 0; i < n; i++) {
        align(b, word);
        put(b, i % 3 == 2 ? 0 : referent, word);
        referent += i % 3 == 2 ? 0 : 4;
        put(b, i, 1);
        put(b, referent, word);
        referent += 4;
    }
    for (unsigned i = 0; i < n; i++) {
        if (i % 3 != 2) {
            put_text(b, word, 1, i);
        }
        put_text(b, word, 2, 40 - i);
    }
}

IR_TEST(strings_follow_element_by_element)
{
    struct ndr_case c = ndr_open_body(texts);

    in_every_form(&c, put_texts, 3);
    in_every_form(&c, put_texts, 4);
    in_every_form(&c, put_texts, 8);
    ndr_close(&c);
}

IR_TEST(many_strings_of_all_lengths)
{
    struct ndr_case c = ndr_open_body(texts);
    static struct bytes b;

    for (int syntax = 0; syntax < 2; syntax++) {
        b = (struct bytes){.n = 0};
        c.syntax = syntax;
        put_texts(&b, syntax, 40);
        ndr_same(&c, 0, all_of(&b));
    }
    ndr_close(&c);
}

IR_TEST(what_rows_of_strings_refuse)
{
    struct ndr_case c = ndr_open_body(texts);
    static struct bytes b;
    struct ir_bytes out = {NULL, 0};
    struct {
        char *s;
        uint8_t b;
        uint16_t *t;
    } * v;

    c.syntax = IRPC_NDR64;
    put_texts(&b, IRPC_NDR64, 5);
    b.p[16 + 3 * 24 + 4] = 1; /* a referent of the fourth, over 32 bits */
    ndr_refused(&c, 0, all_of(&b), IRPC_INVALID_BOUND, "N11");
    b = (struct bytes){.n = 0};
    c.syntax = IRPC_NDR20;
    put_texts(&b, IRPC_NDR20, 5);
    void *args = ndr_same(&c, 0, all_of(&b));
    memcpy(&v, ndr_arg(&c, 0, 1, args), sizeof(v));
    v[4].t = NULL;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, args, &out), IRPC_NULL_REF_POINTER);
    IR_ASSERT_STR(c.error.check, "N05");
    b.p[b.n - 2] = 'x'; /* the last terminator */
    IR_ASSERT(ndr_decode(&c, 0, IR_NDR_IN, all_of(&b), ndr_args(&c, 0)) != IRPC_OK);
    ndr_close(&c);
}

IR_TEST(one_ref_pointer_that_is_null)
{
    struct ndr_case c =
        ndr_open_body("typedef struct { [ref] short *p; byte b; } s; void f([in] s v[5]);");
    struct ir_bytes out = {NULL, 0};
    void *args = ndr_same(
        &c, 0,
        IR_HEX("00000200 01 000000 04000200 02 000000 08000200 03 000000 0c000200 04 000000"
               "10000200 05 00 0100 0200 0300 0400 0500"));
    struct {
        int16_t *p;
        uint8_t b;
    } * v;

    memcpy(&v, args, sizeof(v));
    v[4].p = NULL;
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, args, &out), IRPC_NULL_REF_POINTER);
    IR_ASSERT_STR(c.error.check, "N05");
    ndr_close(&c);
}

/* --- budgets --- */

/* Validation accounts for the memory that it does not take. check: N18 */
IR_TEST(what_is_not_stored_is_accounted_for)
{
    struct ndr_case c = ndr_open_body(texts);
    static struct bytes b;

    put_texts(&b, IRPC_NDR20, 8);
    c.limits.max_elements = 8; /* and 14 strings: too few */
    struct ir_cur cur = ir_cur_init(b.p, (uint32_t)b.n, false);
    IR_ASSERT_EQ(ir_ndr_validate(c.unit, 0, IRPC_NDR20, &cur, &c.limits, NULL), IRPC_LIMIT);
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, all_of(&b), ndr_args(&c, 0)), IRPC_LIMIT);

    /* whatever there is of memory, the verdict is the same */
    unsigned refused = 0;
    struct irpc_ndr_unit unit = *c.unit;
    unit.k = 0;
    c.unit = &unit;
    c.limits.max_elements = 1000;
    for (c.limits.base_memory = 0; c.limits.base_memory < 1200; c.limits.base_memory += 8) {
        enum irpc_status st = ndr_decode(&c, 0, IR_NDR_IN, all_of(&b), ndr_args(&c, 0));
        cur = ir_cur_init(b.p, (uint32_t)b.n, false);
        IR_ASSERT_EQ(ir_ndr_validate(c.unit, 0, IRPC_NDR20, &cur, &c.limits, NULL), st);
        refused += st == IRPC_LIMIT;
        ir_arena_reset(&c.arena, (size_t)64 * 1024 * 1024);
    }
    IR_ASSERT(refused > 50 && refused < 150);
    ndr_close(&c);
}
