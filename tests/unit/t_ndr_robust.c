/*
 * Hostile stub data against the tables of every interface that is at hand: recorded buffers,
 * changed; and requests found by a random walk from zeros over what decodes. Each is decoded
 * within its memory bound, or refused; what decodes encodes and decodes to the same
 * (ndr_fuzz.h). IR_CHECK_ALL makes the walks long.
 */
#include "../fuzz/ndr_fuzz.h"
#include "robust.h"
#include "t_ndr.h"

#define WALK_LEN 256u
#define CORRELATED "void f(%s [in] unsigned long n);"

/* --- recorded buffers --- */

static unsigned change_recorded(const char *path, uint64_t *rng)
{
    char *json = read_file(path);
    char *at = json;
    struct ndr_case c = ndr_open(next(&at, "\"idl\":"));
    uint8_t *bytes = malloc(65536);
    unsigned tries = 0;
    size_t n_in = 0;

    for (char *syntax; (syntax = next(&at, "\"syntax\":")) != NULL;) {
        int ndr64 = strcmp(syntax, "ndr64") == 0;
        bool request = strcmp(next(&at, "\"pdu\":"), "request") == 0;
        struct ir_bytes one = IR_HEX(next(&at, "\"hex\":"));
        n_in = request ? 0 : n_in; /* a response follows its request */
        memcpy(bytes + n_in, one.p, one.n);
        uint8_t *changed = malloc(n_in + one.n);
        for (unsigned i = scale(200, 10000); i > 0; i--) {
            memcpy(changed, bytes, n_in + one.n);
            mutate(changed + n_in, one.n, rng);
            ndr_fuzz_call(c.unit, random32(rng) % c.unit->n_ops, ndr64, random32(rng) % 8 == 0,
                          changed, request ? one.n : n_in, n_in + one.n);
            tries++;
        }
        free(changed);
        n_in = request ? one.n : 0;
    }
    free(bytes);
    ndr_close(&c);
    free(json);
    return tries;
}

IR_TEST(changed_recordings_are_survived)
{
    const char *folder = shared("vectors/midl");
    DIR *dir = opendir(folder);
    uint64_t rng = 1;
    unsigned tries = 0;

    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[600];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".json") != NULL) {
            tries += change_recorded(path, &rng);
        }
    }
    closedir(dir);
    ir_test_note("%u changed buffers", tries);
    IR_ASSERT(tries > 1000);
}

/* --- walks --- */

struct corpus {
    char folder[256];
    unsigned units;
    unsigned ops;
    unsigned tries;
    unsigned accepted;
    uint64_t rng;
};

static bool decodes(const struct irpc_ndr_unit *unit, uint32_t op, int syntax, const uint8_t *p,
                    size_t n)
{
    struct ir_arena arena;
    struct ir_cur in = ir_cur_init(p, n, false);
    void *args = calloc(1, unit->ops[op].args_size);

    ir_arena_init(&arena, NDR_FUZZ_MAX);
    enum irpc_status st =
        ir_ndr_decode(unit, op, IR_NDR_IN, syntax, &in, &arena, args, &ir_ndr_default_limits, NULL);
    ir_arena_deinit(&arena);
    free(args);
    return st == IRPC_OK;
}

static void walk(struct corpus *corpus, const struct irpc_ndr_unit *unit, uint32_t op, int syntax)
{
    uint8_t *here = calloc(1, WALK_LEN);
    uint8_t *there = malloc(WALK_LEN);

    for (unsigned i = scale(40, 400); i > 0; i--) {
        size_t n = i % 4 == 0 ? random32(&corpus->rng) % WALK_LEN : WALK_LEN;
        memcpy(there, here, WALK_LEN);
        mutate(there, WALK_LEN, &corpus->rng);
        ndr_fuzz_call(unit, op, syntax, false, there, n, n + (WALK_LEN - n) / 2);
        corpus->tries++;
        if (decodes(unit, op, syntax, there, WALK_LEN)) {
            memcpy(here, there, WALK_LEN);
            corpus->accepted++;
        }
    }
    free(here);
    free(there);
}

static void walk_file(struct corpus *corpus, const char *name)
{
    struct ir_idl_io io = {read_idl, corpus->folder};
    struct ir_idl_options options = {.io = &io};
    struct ir_idl_unit *idl = NULL;
    const char *why = "";

    if (ir_idl_compile(name, &options, &idl) != IRPC_OK) {
        return; /* the compiler's tests say why */
    }
    for (size_t i = 0; i < ir_idl_unit_n_interfaces(idl); i++) {
        const struct irpc_ndr_unit *unit = ir_idl_unit_interface(idl, i)->unit;
        if (ir_ndr_unit_check(unit, &why) != IRPC_OK) {
            IR_FAIL("%s: %s", name, why);
        }
        corpus->units++;
        for (uint32_t op = 0; op < unit->n_ops; op++) {
            if (!(unit->ops[op].flags & IRPC_NDR_OP_ABSENT)) {
                walk(corpus, unit, op, IRPC_NDR20);
                walk(corpus, unit, op, IRPC_NDR64);
                corpus->ops++;
            }
        }
    }
    ir_idl_unit_free(idl);
}

IR_TEST(every_interface_survives_walks)
{
    struct corpus corpus = {.rng = 2};

    snprintf(corpus.folder, sizeof(corpus.folder), "%s", shared("idl/ms"));
    DIR *dir = opendir(corpus.folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strstr(entry->d_name, ".idl") != NULL) {
            walk_file(&corpus, entry->d_name);
        }
    }
    closedir(dir);
    ir_test_note("%u interfaces, %u operations, %u requests, %u of them good", corpus.units,
                 corpus.ops, corpus.tries, corpus.accepted);
    IR_ASSERT(corpus.units > 20);
    IR_ASSERT(corpus.accepted > corpus.tries / 50);
}

/* An operation with @n arrays whose size comes last, all empty: each waits for it. check: N03 */
static enum irpc_status decode_correlated(unsigned n, struct ir_ndr_error *ret_error)
{
    static uint8_t zeros[4 * 256];
    char list[64 * 128] = "";
    char body[sizeof(list) + 64];
    size_t len = 0;

    for (unsigned i = 0; i < n; i++) {
        len += (size_t)snprintf(list + len, sizeof(list) - len,
                                "[in, size_is(n)] unsigned long a%u[],\n", i);
    }
    snprintf(body, sizeof(body), CORRELATED, list);
    struct ndr_case c = ndr_open_body(body);
    enum irpc_status st =
        ndr_decode(&c, 0, IR_NDR_IN, (struct ir_bytes){zeros, 4 * (n + 1)}, ndr_args(&c, 0));
    *ret_error = c.error;
    ndr_close(&c);
    return st;
}

IR_TEST(correlations_with_later_values_are_counted)
{
    struct ir_ndr_error error;

    IR_ASSERT_EQ(decode_correlated(64, &error), IRPC_OK);
    IR_ASSERT_EQ(decode_correlated(65, &error), IRPC_LIMIT);
    IR_ASSERT_STR(error.check, "N03");
}

struct many {
    struct ndr_case c;
    struct ir_bytes in;
    void *args;
};

static bool decode_many(void *arg)
{
    struct many *m = arg;

    ir_arena_init(&m->c.arena, 1u << 20);
    enum irpc_status st = ndr_decode(&m->c, 0, IR_NDR_IN, m->in, m->args);
    ir_arena_deinit(&m->c.arena);
    return st == IRPC_OK;
}

/* check: N06: the notes about unions outgrow their first memory, and there is no more */
IR_TEST(many_unions_without_memory_are_refused)
{
    static uint8_t bytes[8 + 12 * 200] = {200, 0, 0, 0, 200};
    struct many m = {
        .c = ndr_open_body("typedef [switch_type(long)] union { [case(0)] long *a; [default]; } u;"
                           "typedef struct { long t; [switch_is(t)] u v; } s;"
                           "void f([in] long n, [in, size_is(n)] s a[]);"),
        .in = {bytes, sizeof(bytes)}};

    m.args = ndr_args(&m.c, 0);
    ir_arena_deinit(&m.c.arena);
    IR_ASSERT(ir_test_oom(decode_many, &m) > 1);
    ndr_close(&m.c);
}

#define CHAIN                                                                  \
    "typedef struct n { [unique] struct n *next; [unique] long *value; } n;\n" \
    "void f([in, unique] n *first);"

/* check: N06: a limit for what is read, and a bound for what is written */
IR_TEST(chains_of_pointers_are_followed_only_so_far)
{
    static const uint8_t link[8] = {1};
    static void *nodes[200][2];
    struct ndr_case c = ndr_open_body(CHAIN);
    void *args = ndr_args(&c, 0);
    struct ir_bytes out = {NULL, 0};
    uint8_t bytes[4 + 8 * 10] = {1};

    for (unsigned i = 0; i < 9; i++) {
        memcpy(bytes + 4 + 8 * (size_t)i, link, sizeof(link));
    }
    IR_ASSERT_EQ(ndr_decode(&c, 0, IR_NDR_IN, (struct ir_bytes){bytes, sizeof(bytes)}, args),
                 IRPC_OK);
    c.limits.max_depth = 8;
    ndr_refused(&c, 0, (struct ir_bytes){bytes, sizeof(bytes)}, IRPC_LIMIT, "N06");
    for (unsigned i = 0; i + 1 < 200; i++) {
        nodes[i][0] = nodes[i + 1];
    }
    *(void **)ndr_arg(&c, 0, 0, args) = nodes[0];
    IR_ASSERT_EQ(ndr_encode(&c, 0, IR_NDR_IN, args, &out), IRPC_LIMIT);
    IR_ASSERT_STR(c.error.check, "N06");
    ndr_close(&c);
}
