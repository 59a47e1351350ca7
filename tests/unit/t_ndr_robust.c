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
