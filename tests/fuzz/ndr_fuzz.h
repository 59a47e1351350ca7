/* What fuzz_ndr asserts about one operation; and the same for random bytes in the unit tests. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "ndr/ndr.h"

#define NDR_FUZZ_MAX ((size_t)1024 * 1024)

struct ndr_fuzz {
    const struct irpc_ndr_unit *unit;
    uint32_t op;
    int syntax;
    bool big_endian;
    struct ir_arena arena;
    struct ir_arena arena2; /* what a second decoding allocates */
};

static inline void ndr_fuzz_check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static inline enum irpc_status ndr_fuzz_decode(struct ndr_fuzz *f, struct ir_arena *arena,
                                               enum ir_ndr_dir dir, const uint8_t *p, size_t n,
                                               void *args)
{
    struct ir_cur cur = ir_cur_init(p, n, f->big_endian);
    struct ir_ndr_error error = {NULL, NULL, 0, 0};
    size_t used = arena->used;
    enum irpc_status st = ir_ndr_decode(f->unit, f->op, dir, f->syntax, &cur, arena, args,
                                        &ir_ndr_default_limits, &error);

    ndr_fuzz_check(st == IRPC_OK || (error.reason != NULL && error.offset <= n));
    ndr_fuzz_check(arena->used - used <=
                   ir_ndr_default_limits.base_memory + (size_t)f->unit->k * n);
    return st;
}

/* What was decoded encodes, decodes again, and encodes to the same bytes. */
static inline void ndr_fuzz_stable(struct ndr_fuzz *f, enum ir_ndr_dir dir, void *args, void *args2)
{
    struct ir_out first;
    struct ir_out second;

    ir_out_init(&first, NDR_FUZZ_MAX, f->big_endian);
    ir_out_init(&second, NDR_FUZZ_MAX, f->big_endian);
    ndr_fuzz_check(ir_ndr_encode(f->unit, f->op, dir, f->syntax, args, &first, NULL) == IRPC_OK);
    enum irpc_status st = ndr_fuzz_decode(f, &f->arena2, dir, first.base, first.len, args2);
    ndr_fuzz_check(st == IRPC_OK || st == IRPC_LIMIT);
    if (st == IRPC_OK) {
        ndr_fuzz_check(ir_ndr_encode(f->unit, f->op, dir, f->syntax, args2, &second, NULL) ==
                       IRPC_OK);
        ndr_fuzz_check(first.len == second.len &&
                       (first.len == 0 || memcmp(first.base, second.base, first.len) == 0));
    }
    ir_out_deinit(&first);
    ir_out_deinit(&second);
}

/* Whether a request decodes; validation says the same. */
static inline bool ndr_fuzz_verdict(struct ndr_fuzz *f, const uint8_t *p, size_t n, void *args)
{
    struct ir_cur cur = ir_cur_init(p, n, f->big_endian);
    enum irpc_status valid =
        ir_ndr_validate(f->unit, f->op, f->syntax, &cur, &ir_ndr_default_limits, NULL);
    enum irpc_status st = ndr_fuzz_decode(f, &f->arena, IR_NDR_IN, p, n, args);

    ndr_fuzz_check((valid == IRPC_OK) == (st == IRPC_OK));
    return st == IRPC_OK;
}

/*
 * The first @n_in bytes are a request, the rest a reply to it, which is decoded into the request's
 * own memory as a client does.
 */
static inline void ndr_fuzz_call(const struct irpc_ndr_unit *unit, uint32_t op, int syntax,
                                 bool big_endian, const uint8_t *p, size_t n_in, size_t n)
{
    struct ndr_fuzz f = {unit, op, syntax, big_endian, {0}, {0}};
    uint32_t size = unit->ops[op].args_size;
    void *args;
    void *args2;

    ir_arena_init(&f.arena, NDR_FUZZ_MAX);
    ir_arena_init(&f.arena2, NDR_FUZZ_MAX);
    args = calloc(2, size);
    args2 = (uint8_t *)args + size;
    if (args != NULL && ndr_fuzz_verdict(&f, p, n_in, args)) {
        ndr_fuzz_stable(&f, IR_NDR_IN, args, args2);
        memcpy(args2, args, size);
        if (ir_ndr_prepare_out(unit, op, &f.arena, args2) == IRPC_OK &&
            ndr_fuzz_decode(&f, &f.arena, IR_NDR_OUT, p + n_in, n - n_in, args2) == IRPC_OK) {
            memcpy(args, args2, size);
            ndr_fuzz_stable(&f, IR_NDR_OUT, args, args2);
        }
    }
    free(args);
    ir_arena_deinit(&f.arena);
    ir_arena_deinit(&f.arena2);
}
