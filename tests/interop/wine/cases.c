/*
 * The client's half: every operation of winepeer.idl is called with values that managers.c turns
 * into others, and those are compared. Compiled with the stubs of either side, see both.h.
 */
#include "both.h"

static int failed; /* checks of the case that runs */

#define CHECK(condition)                                     \
    do {                                                     \
        if (!(condition)) {                                  \
            printf("# line %d: %s\n", __LINE__, #condition); \
            failed++;                                        \
        }                                                    \
    } while (0)

#define CHECK_CODE(code, wanted)                                                              \
    do {                                                                                      \
        if ((code) != (wanted)) {                                                             \
            printf("# line %d: code %lu (0x%lx), not %lu\n", __LINE__, (unsigned long)(code), \
                   (unsigned long)(code), (unsigned long)(wanted));                           \
            failed++;                                                                         \
        }                                                                                     \
    } while (0)

static size_t length(const c16 *text)
{
    size_t n = 0;

    while (text[n] != 0) {
        n++;
    }
    return n;
}

static int same_text(const c16 *a, const c16 *b)
{
    return a != NULL && b != NULL && length(a) == length(b) &&
           memcmp(a, b, length(a) * sizeof(*a)) == 0;
}

/* --- base types --- */

static scalars make_scalars(int i)
{
    scalars x;

    memset(&x, 0, sizeof(x));
    x.truth = 1;
    x.raw = 0xfe;
    x.letter = 'q';
    x.tiny = -7;
    x.utiny = 200;
    x.s = -30000;
    x.us = 60000;
    x.l = -2000000000 + i;
    x.ul = 4000000000u;
    x.i = -1;
    x.h = -5000000000000000000LL;
    x.uh = 18000000000000000000ULL;
    x.i64 = 0x0123456789abcdefLL;
    x.f = 1.5f;
    x.d = -1e300;
    x.wide = 0x20ac;
    x.wider = 0xffff;
    x.last = i;
    return x;
}

static int same_scalars(const scalars *a, const scalars *b)
{
    return a->truth == b->truth && a->raw == b->raw && a->letter == b->letter &&
           a->tiny == b->tiny && a->utiny == b->utiny && a->s == b->s && a->us == b->us &&
           a->l == b->l && a->ul == b->ul && a->i == b->i && a->h == b->h && a->uh == b->uh &&
           a->i64 == b->i64 && a->f == b->f && a->d == b->d && a->wide == b->wide &&
           a->wider == b->wider && a->last == b->last;
}

static void base_types(peer_handle h)
{
    unsigned char truth = 0, raw = 0;
    char letter = 0;
    i8 tiny = 0;
    short s = 0;
    i32 l = 0;
    i64 q = 0;
    float f = 0;
    double d = 0;
    c16 wide = 0;
    colour c = RED;
    width w = NARROW;
    u32 code;

    CALL(code, Bases, 1, 255, 'x', -128, -32768, -2147483647 - 1, -9000000000000000000LL, 0.5f,
         1e-300, 0xfffd, GREEN, WIDE, &truth, &raw, &letter, &tiny, &s, &l, &q, &f, &d, &wide, &c,
         &w);
    CHECK_CODE(code, 0);
    CHECK(truth == 1 && raw == 255 && letter == 'x' && tiny == -128 && s == -32768);
    CHECK(l == -2147483647 - 1 && q == -9000000000000000000LL && f == 0.5f && d == 1e-300);
    CHECK(wide == 0xfffd && c == GREEN && w == WIDE);
}

static void structures(peer_handle h)
{
    scalars a = make_scalars(1), b = make_scalars(2), before_a = a, before_b = b;
    scalars many[50], back[50];
    flat x = {-1, 0, {1, 2, 3}, "letters", {a, b}}, same;
    u32 code;

    painted p = {1, NARROW, BLUE, -3};

    CALL(code, Paint, &p);
    CHECK_CODE(code, 0);
    CHECK(p.before == 2 && p.w == WIDE && p.c == GREEN && p.after == -4);
    memset(&same, 0, sizeof(same));
    CALL(code, Flat, &x, &same);
    CHECK_CODE(code, 0);
    CHECK(same.before == -1 && same.numbers[2] == 3 && strcmp(same.letters, "letters") == 0);
    CHECK(same_scalars(&same.inner[0], &b) && same_scalars(&same.inner[1], &a));

    CALL(code, Swap, &a, &b);
    CHECK_CODE(code, 0);
    CHECK(same_scalars(&a, &before_b) && same_scalars(&b, &before_a));
    for (int i = 0; i < 50; i++) {
        many[i] = make_scalars(i);
    }
    memset(back, 0, sizeof(back));
    CALL(code, Scalars, 50, many, back);
    CHECK_CODE(code, 0);
    for (int i = 0; i < 50; i++) {
        CHECK(same_scalars(&back[i], &many[49 - i]));
    }
}

/* --- strings --- */

static void strings(peer_handle h)
{
    char *upper = NULL;
    c16 *twice = NULL;
    c16 room[32];
    i32 n = 0;
    u32 code;

    CALL(code, Upper, "Grace Hopper", &upper);
    CHECK_CODE(code, 0);
    CHECK(upper != NULL && strcmp(upper, "GRACE HOPPER") == 0);
    CALL(code, Upper, "", &upper);
    CHECK_CODE(code, 0);
    CHECK(upper != NULL && upper[0] == 0);
    CALL(code, Wide, W("K\u00e4se \u20ac"), &n, &twice);
    CHECK_CODE(code, 0);
    CHECK(n == 6 && same_text(twice, W("K\u00e4se \u20acK\u00e4se \u20ac")));
    CALL(code, Wide, NULL, &n, &twice);
    CHECK_CODE(code, 0);
    CHECK(n == -1 && twice == NULL);
    memcpy(room, W("abc"), 4 * sizeof(c16));
    CALL(code, InPlace, 32, room);
    CHECK_CODE(code, 0);
    CHECK(same_text(room, W("abc, longer")));
}

static void arrays_of_strings(peer_handle h)
{
    char *names[4] = {(char *)"Ada", (char *)"Grace", NULL, (char *)"Barbara"};
    c16 *fixed[N_NAMES] = {W("one"), W(""), W("three")};
    i32 lengths[N_NAMES] = {0};
    char *joined = NULL;
    u32 code;

    CALL(code, Names, 4, names, &joined);
    CHECK_CODE(code, 0);
    CHECK(joined != NULL && strcmp(joined, "Ada,Grace,-,Barbara") == 0);
    CALL(code, FixedNames, fixed, lengths);
    CHECK_CODE(code, 0);
    CHECK(lengths[0] == 3 && lengths[1] == 0 && lengths[2] == 5);
}

/* --- arrays --- */

static void fixed_arrays(peer_handle h)
{
    i32 a[8] = {1, 2, 3, 4, 5, 6, 7, -8}, reversed[8] = {0};
    short m[MATRIX_ROWS][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
    short t[4][MATRIX_ROWS] = {{0}};
    colour c[4] = {RED, GREEN, BLUE, RED};
    u32 code;

    CALL(code, Fixed, a, reversed);
    CHECK_CODE(code, 0);
    CHECK(reversed[0] == -8 && reversed[7] == 1 && reversed[3] == 5);
    CALL(code, Transpose, m, t);
    CHECK_CODE(code, 0);
    CHECK(t[0][2] == 9 && t[3][0] == 4 && t[1][1] == 6);
    CALL(code, Colours, c);
    CHECK_CODE(code, 0);
    CHECK(c[0] == GREEN && c[1] == BLUE && c[2] == RED && c[3] == GREEN);
}

static void conformant_arrays(peer_handle h)
{
    i32 a[16];
    i64 doubles[3] = {1, -2, 4000000000LL}, sum = 0;
    i32 *series = NULL;
    u32 code, count = 0, used = 5;

    for (int i = 0; i < 16; i++) {
        a[i] = i - 3;
    }
    CALL_RETURNS(code, &sum, Sum, 16, a);
    CHECK_CODE(code, 0);
    CHECK(sum == 72);
    CALL_RETURNS(code, &sum, Sum, 0, a);
    CHECK_CODE(code, 0);
    CHECK(sum == 0);
    CALL(code, Double, 3, doubles);
    CHECK_CODE(code, 0);
    CHECK(doubles[0] == 2 && doubles[1] == -4 && doubles[2] == 8000000000LL);
    CALL(code, Varying, 7, a, &sum);
    CHECK_CODE(code, 0);
    CHECK(sum == 0);
    CALL(code, Some, 16, &used, a);
    CHECK_CODE(code, 0);
    CHECK(used == 10 && a[0] == -3 && a[4] == 1 && a[5] == -3 && a[9] == 1);
    CALL(code, Series, 100, 1000, &count, &series);
    CHECK_CODE(code, 0);
    CHECK(count == 1000 && series != NULL && series[0] == 100 && series[999] == 1099);
    CALL(code, Series, 1, 0, &count, &series);
    CHECK_CODE(code, 0);
    CHECK(count == 0);
}

static void one_mebibyte(peer_handle h)
{
    unsigned char *a = malloc(ECHO_BYTES), *b = calloc(1, ECHO_BYTES);
    u32 code, x = 1;

    for (u32 i = 0; i < ECHO_BYTES; i++) {
        x = x * 1664525u + 1013904223u;
        a[i] = (unsigned char)(x >> 24);
    }
    CALL(code, Echo, ECHO_BYTES, a, b);
    CHECK_CODE(code, 0);
    CHECK(memcmp(a, b, ECHO_BYTES) == 0);
    CALL(code, Echo, 4097, a + 5, b);
    CHECK_CODE(code, 0);
    CHECK(memcmp(a + 5, b, 4097) == 0);
    free(a);
    free(b);
}

/* --- structures with pointers and with arrays --- */

static void lists(peer_handle h)
{
    node nodes[100];
    char names[100][8];
    node *back = NULL;
    u32 code;
    int n = 0;

    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        nodes[i].value = i;
        nodes[i].name = i % 10 == 9 ? NULL : names[i];
        nodes[i].next = i < 99 ? &nodes[i + 1] : NULL;
    }
    CALL(code, Reverse, nodes, &back);
    CHECK_CODE(code, 0);
    for (; back != NULL && n < 100; back = back->next, n++) {
        const node *from = &nodes[99 - n];

        CHECK(back->value == from->value && (back->name == NULL) == (from->name == NULL));
        CHECK(back->name == NULL || strcmp(back->name, from->name) == 0);
    }
    CHECK(n == 100 && back == NULL);
}

static void conformant_structures(peer_handle h)
{
    union {
        shorts s;
        char room[sizeof(shorts) + 10 * sizeof(short)];
    } a;
    union {
        part p;
        char room[sizeof(part) + 20 * sizeof(i32)];
    } b;
    shorts *twice = NULL;
    u32 code;

    a.s.n = 5;
    for (int i = 0; i < 5; i++) {
        a.s.items[i] = (short)(i * 100);
    }
    CALL(code, Shorts, &a.s, &twice);
    CHECK_CODE(code, 0);
    CHECK(twice != NULL && twice->n == 10 && twice->items[4] == 400 && twice->items[9] == 400);
    b.p.size = 20;
    b.p.used = 3;
    for (int i = 0; i < 20; i++) {
        b.p.items[i] = i;
    }
    CALL(code, Part, &b.p);
    CHECK_CODE(code, 0);
    CHECK(b.p.size == 20 && b.p.used == 4 && b.p.items[0] == 0 && b.p.items[2] == 2);
    CHECK(b.p.items[3] == 3);
}

static void pointers(peer_handle h)
{
    i32 one = 1, two = 2, value = 0;
    i32 *p = &two, **pp = &p;
    i32 sum = 0;
    unsigned char same = 9;
    u32 code;

    CALL(code, Alias, &one, &one, &same, &sum);
    CHECK_CODE(code, 0);
    CHECK(same == 1 && sum == 2);
    CALL(code, Alias, &one, &two, &same, &sum);
    CHECK_CODE(code, 0);
    CHECK(same == 0 && sum == 3);
    CALL(code, Alias, NULL, &two, &same, &sum);
    CHECK_CODE(code, 0);
    CHECK(same == 0 && sum == 2);
    CALL(code, Deep, &pp, &value);
    CHECK_CODE(code, 0);
    CHECK(value == 2);
    p = NULL;
    CALL(code, Deep, &pp, &value);
    CHECK_CODE(code, 0);
    CHECK(value == -2);
    one = 1;
    CALL(code, Optional, &one, NULL);
    CHECK_CODE(code, 0);
    CHECK(one == 11);
    CALL(code, Optional, NULL, &two);
    CHECK_CODE(code, 0);
    CHECK(two == 102);
}

static void embedded_pointers(peer_handle h)
{
    i32 must = 5, may = 6;
    c16 text[16] = {0};
    holder x;
    u32 code;

    memset(&x, 0, sizeof(x));
    x.must = &must;
    x.may = &may;
    memcpy(text, W("a text"), 7 * sizeof(c16));
    x.text = text;
    CALL(code, Hold, &x);
    CHECK_CODE(code, 0);
    CHECK(x.must != NULL && *x.must == 6 && x.may != NULL && *x.may == 5);
    CHECK(same_text(x.text, W("text")));
    x.may = NULL;
    CALL(code, Hold, &x);
    CHECK_CODE(code, 0);
    CHECK(x.must != NULL && *x.must == 7 && x.may == NULL);
}

/* --- unions --- */

static void choose(peer_handle h, const chosen *x, chosen *back)
{
    u32 code;

    memset(back, 0, sizeof(*back)); /* Windows' stubs write where pointers in it point to */
    CALL(code, Choose, x, back);
    CHECK_CODE(code, 0);
}

static void unions(peer_handle h)
{
    i64 distant = 1LL << 40;
    node first = {5, (char *)"node", NULL};
    chosen x, back;

    x.kind = 1;
    x.u.number = 77;
    choose(h, &x, &back);
    CHECK(back.kind == 1 && back.u.number == 78);
    for (x.kind = 2; x.kind <= 3; x.kind++) {
        x.u.text = W("text");
        choose(h, &x, &back);
        CHECK(back.kind == x.kind && same_text(back.u.text, W("text")));
    }
    x.kind = 4;
    x.u.thing.tag = 4;
    x.u.thing.text = W("thing");
    choose(h, &x, &back);
    CHECK(back.kind == 4 && back.u.thing.tag == 5 && same_text(back.u.thing.text, W("thing")));
    x.kind = 5;
    x.u.distant = &distant;
    choose(h, &x, &back);
    CHECK(back.kind == 5 && back.u.distant != NULL && *back.u.distant == distant + 1);
    x.kind = 6;
    choose(h, &x, &back);
    CHECK(back.kind == 6);
    x.kind = 7;
    x.u.list = &first;
    choose(h, &x, &back);
    CHECK(back.kind == 7 && back.u.list != NULL && strcmp(back.u.list->name, "node") == 0);
    x.kind = -1;
    x.u.raw = 9;
    choose(h, &x, &back);
    CHECK(back.kind == -1 && back.u.raw == 10);
}

static void encapsulated_unions(peer_handle h)
{
    scalars all = make_scalars(3);
    whole x;
    u32 code;

    memset(&x, 0, sizeof(x));
    x.kind = 1;
    x.u.s = 12;
    CALL(code, Whole, &x);
    CHECK_CODE(code, 0);
    CHECK(x.kind == 2 && x.u.d == 12.0);
    CALL(code, Whole, &x);
    CHECK_CODE(code, 0);
    CHECK(x.kind == 9);
    CALL(code, Whole, &x);
    CHECK_CODE(code, 0);
    CHECK(x.kind == 1 && x.u.s == -1);
    x.kind = 3;
    x.u.all = all;
    CALL(code, Whole, &x);
    CHECK_CODE(code, 0);
    all.l++;
    CHECK(x.kind == 3 && same_scalars(&x.u.all, &all));
}

static table *make_table(void)
{
    static chosen entries[5];
    static table t = {5, entries};

    entries[0].kind = 1;
    entries[0].u.number = 42;
    entries[1].kind = 2;
    entries[1].u.text = W("second");
    entries[2].kind = 4;
    entries[2].u.thing.tag = 1;
    entries[2].u.thing.text = NULL;
    entries[3].kind = 6;
    entries[4].kind = 100;
    entries[4].u.raw = 100;
    return &t;
}

static void tables(peer_handle h)
{
    table *back = NULL, empty = {0, NULL};
    u32 code;

    CALL(code, Table, make_table(), &back);
    CHECK_CODE(code, 0);
    CHECK(back != NULL && back->count == 5 && back->entries != NULL);
    if (failed == 0) {
        const chosen *e = back->entries;

        CHECK(e[0].kind == 100 && e[0].u.raw == 100 && e[1].kind == 6);
        CHECK(e[2].kind == 4 && e[2].u.thing.tag == 1 && e[2].u.thing.text == NULL);
        CHECK(e[3].kind == 2 && same_text(e[3].u.text, W("second")));
        CHECK(e[4].kind == 1 && e[4].u.number == 42);
    }
    CALL(code, Table, &empty, &back);
    CHECK_CODE(code, 0);
    CHECK(back != NULL && back->count == 0 && back->entries == NULL);
}

static void second_interface(peer_handle h)
{
    chosen first;
    i32 sum = 0;
    u32 code;

    CALL_SECOND(code, &sum, Add, 40, 2);
    CHECK_CODE(code, 0);
    CHECK(sum == 42);
    memset(&first, 0, sizeof(first));
    CALL_SECOND_VOID(code, First, make_table(), &first);
    CHECK_CODE(code, 0);
    CHECK(first.kind == 1 && first.u.number == 42);
}

/* --- context handles, threads --- */

static void context_handles(peer_handle h)
{
    context a = NULL_CONTEXT, b = NULL_CONTEXT, stale;
    i32 value = 0, open = -1, before = -1, rundowns = -1;
    u32 code;

    CALL(code, Rundowns, &before, &rundowns);
    CHECK_CODE(code, 0);
    CALL(code, Open, 10, &a);
    CHECK_CODE(code, 0);
    CALL(code, Open, 20, &b);
    CHECK_CODE(code, 0);
    CALL_IN(code, Next, a, &value);
    CALL_IN(code, Next, a, &value);
    CHECK(code == 0 && value == 12);
    CALL_IN(code, Next, b, &value);
    CHECK(code == 0 && value == 21);
    CALL(code, Rundowns, &open, &rundowns);
    CHECK(code == 0 && open == before + 2);
    stale = a;
    CALL_IN(code, Close, &a);
    CHECK_CODE(code, 0);
    CHECK(IS_NULL_CONTEXT(a));
#ifndef _WIN32 /* there a closed handle is memory that was freed */
    CALL_IN(code, Next, stale, &value);
    CHECK_CODE(code, 6); /* RPC_X_SS_CONTEXT_MISMATCH */
#else
    (void)stale;
#endif
    CALL_IN(code, Close, &b);
    CHECK_CODE(code, 0);
    CALL(code, Rundowns, &open, &rundowns);
    CHECK(code == 0 && open == before);
}

struct race {
    context shared;
    i32 most[CLIENT_THREADS];
    u32 codes[CLIENT_THREADS];
    i32 steps[CLIENT_THREADS];
};

static void run_race(peer_handle h, void *data, int i)
{
    struct race *race = data;

    CALL(race->codes[i], Wait, 200, &race->most[i]);
    for (int n = 0; n < 20 && race->codes[i] == 0; n++) {
        CALL_IN(race->codes[i], Next, race->shared, &race->steps[i]);
    }
}

static void threads(peer_handle h)
{
    struct race race;
    i32 most = 0, last = 0, value = 0;
    u32 code;

    memset(&race, 0, sizeof(race));
    CALL(code, Open, 0, &race.shared);
    CHECK_CODE(code, 0);
    in_threads(h, run_race, &race);
    for (int i = 0; i < CLIENT_THREADS; i++) {
        CHECK_CODE(race.codes[i], 0);
        most = race.most[i] > most ? race.most[i] : most;
        last = race.steps[i] > last ? race.steps[i] : last;
    }
    CHECK(most >= 2); /* calls at the same time, by as many connections of one group */
    CHECK(last == 20 * CLIENT_THREADS);
    CALL_IN(code, Next, race.shared, &value);
    CHECK(code == 0 && value == 20 * CLIENT_THREADS + 1);
    CALL_IN(code, Close, &race.shared);
    CHECK_CODE(code, 0);
}

/* --- what goes wrong --- */

/* What a manager raises arrives as it is, or as what Windows calls it. [MS-RPCE] 2.2.2.8, [C706]
 * N.2 */
static const struct {
    u32 raised, caught;
} faults[] = {
    {5, 5},
    {87, 87},
    {1717, 1717},
    {1722, 1722},
    {1728, 1728},
    {1733, 1733},
    {1734, 1734},
    {1745, 1745},
    {1783, 1783},
    {1818, 1818},
    {0xc0000022, 0xc0000022},
    {0xe0000001, 0xe0000001},
    {0x1c010002, 1745},
    {0x1c010003, 1717},
    {0x1c01000b, 1728},
    {0x1c010014, 1723},
    {0x1c010017, 1732},
    {0x1c000001, 1767},
    {0x1c000002, 1768},
    {0x1c000003, 1769},
    {0x1c000004, 1770},
    {0x1c000005, 1771},
    {0x1c000006, 1733},
    {0x1c000007, 1734},
    {0x1c00000d, 1818},
    {0x1c00001a, 6},
    {0x1c00001b, 1130},
};

static void exceptions(peer_handle h)
{
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        u32 code;

        CALL(code, Raise, faults[i].raised);
        CHECK_CODE(code, faults[i].caught);
    }
}

static void null_pointers(peer_handle h)
{
    u32 code;

    CALL(code, Upper, NULL, NULL); /* [ref]: found before anything is sent */
    CHECK_CODE(code, 1780);
}

static void ranges(peer_handle h)
{
    u32 code;

    CALL(code, Ranged, 1);
    CHECK_CODE(code, 0);
    CALL(code, Ranged, 10);
    CHECK_CODE(code, 0);
    CALL(code, Ranged, 11);
    CHECK_CODE(code, RANGE_CODE);
    CALL(code, Ranged, 0);
    CHECK_CODE(code, RANGE_CODE);
}

static void status_results(peer_handle h)
{
#ifdef _WIN32
    error_status_t result = 0;
#else
    u32 result = 0;
#endif
    u32 code;

    CALL_RETURNS(code, &result, Status, 1753);
    CHECK_CODE(code, 0);
    CHECK(result == 1753);
}

/* Leaves a context handle behind, for the rundown that the next client finds counted. */
static void leave_handle(peer_handle h)
{
    context c = NULL_CONTEXT;
    u32 code;

    CALL(code, Open, 1, &c);
    CHECK_CODE(code, 0);
    CHECK(!IS_NULL_CONTEXT(c));
}

static void find_rundown(peer_handle h)
{
    i32 open = -1, rundowns = -1;
    u32 code;

    CALL(code, Rundowns, &open, &rundowns);
    CHECK_CODE(code, 0);
    CHECK(open == 0 && rundowns == 1);
}

static const struct {
    const char *name;
    void (*run)(peer_handle h);
} cases[] = {
    {"base types", base_types},
    {"structures", structures},
    {"strings", strings},
    {"arrays of strings", arrays_of_strings},
    {"fixed arrays", fixed_arrays},
    {"conformant and varying arrays", conformant_arrays},
    {"1 MiB there and back", one_mebibyte},
    {"linked lists", lists},
    {"conformant structures", conformant_structures},
    {"pointers", pointers},
    {"embedded pointers", embedded_pointers},
    {"unions", unions},
    {"encapsulated unions", encapsulated_unions},
    {"tables of unions", tables},
    {"a second interface, implicit handle", second_interface},
    {"context handles", context_handles},
    {"threads", threads},
    {"exceptions", exceptions},
    {"null pointers", null_pointers},
    {"ranges", ranges},
    {"status results", status_results},
    {"(leave a handle)", leave_handle},
    {"(find its rundown)", find_rundown},
};

int run_cases(peer_handle h, const char *prefix)
{
    int all = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int asked = prefix[0] == '(';

        if (strncmp(cases[i].name, prefix, strlen(prefix)) != 0 ||
            (cases[i].name[0] == '(') != asked) {
            continue;
        }
        failed = 0;
        cases[i].run(h);
        printf("%s %s\n", failed == 0 ? "ok" : "not ok", cases[i].name);
        fflush(stdout);
        all += failed != 0;
    }
    return all;
}
