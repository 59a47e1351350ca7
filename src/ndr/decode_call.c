/*
 * Decoding: the parameters of a call, server and client side; limits.
 *
 * A parameter is complete before the next begins. Memory never exceeds base + k * bytes (check:
 * N18). On the server everything is allocated; on the client top-level [ref] pointers, and [in,
 * out] ones of the other kinds that are not NULL, lead to the caller's memory, whose size is worked
 * out before the reply changes anything.
 */
#include <ironrpc/stub.h>

#include "ndr/machine.h"

const struct ir_ndr_limits ir_ndr_default_limits = {
    .max_depth = 64, .max_elements = 1024 * 1024, .base_memory = (size_t)64 * 1024};

/* Scratch memory (notes, full pointers) per byte of stub data: 80 bytes for 5 at worst. */
#define SCRATCH_K 32u

/* Pipes go last in a request and first in a reply. */
enum pass {
    OTHERS,
    PIPES
};

static bool is_in(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op,
                  const struct irpc_ndr_param *p, enum pass pass)
{
    return !(op->flags & IRPC_NDR_OP_PIPES) || ir_ndr_is_pipe(unit, p) == (pass == PIPES);
}

/* Server: @slot gets a pipe. */
static bool pipe_new(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *slot,
                     const struct ir_ndr_scope *scope)
{
    struct irpc_pipe *pipe = ir_ndr_dec_alloc(d, sizeof(*pipe), true);

    if (pipe == NULL) {
        return false;
    }
    memcpy(slot, &pipe, sizeof(pipe));
    return ir_ndr_dec_pipe(d, t, pipe, scope);
}

/* A parameter other than of a plain base type; @mem is its place in the struct of arguments. */
static bool param(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                  const struct ir_ndr_scope *scope)
{
    bool ok;

    d->depth = 0;
    d->tail = false;
    d->q_len = 0;
    d->q_read = 0;
    if (t->kind != IRPC_NDR_POINTER) {
        ok = ir_ndr_dec_construct(d, t, mem, scope);
    } else if (d->unit->types[t->ref].kind == IRPC_NDR_PIPE) {
        return pipe_new(d, &d->unit->types[t->ref], mem, scope);
    } else if (t->n == IRPC_NDR_PTR_REF) {
        ok = ir_ndr_dec_pointee(d, &d->unit->types[t->ref], mem, scope);
    } else {
        ok = ir_ndr_dec_referent(d, t, mem) && d->in->err == IRPC_OK &&
             ir_ndr_dec_resolve(d, t, mem, scope);
    }
    return ok && ir_ndr_dec_loop(d);
}

/*
 * Client: what the caller's memory behind a top-level pointer holds, in elements of its
 * conformant array or characters of its string, before the reply changes any argument.
 * [MS-RPCE] 3.1.2.7.1
 */
static uint32_t capacity(const struct irpc_ndr_unit *unit, const struct irpc_ndr_param *p,
                         const struct irpc_ndr_type *t, const uint8_t *args)
{
    struct ir_ndr_scope scope = {args, IR_NDR_ALL, IR_NDR_ALL};
    const struct irpc_ndr_type *leaf;
    const uint8_t *mem = ir_ndr_pointer(args + p->moff);
    uint32_t total = 0;

    if (mem == NULL) {
        return 0;
    }
    if (t->kind == IRPC_NDR_STRUCT) {
        uint32_t off = 0;
        uint32_t scope_off = 0;
        t = ir_ndr_tail(unit, t, &off, &scope_off);
        if (!(p->flags & IRPC_NDR_P_IN)) {
            return 1;
        }
        scope.mem = mem + scope_off;
        mem += off;
    }
    if (t->kind == IRPC_NDR_STRING && (t->flags & IRPC_NDR_F_CONFORMANT) && t->size == 0) {
        return p->flags & IRPC_NDR_P_IN ? ir_ndr_string_len(unit, t, mem, UINT32_MAX - 1) + 1 : 0;
    }
    return ir_ndr_eval_total(unit, t, &scope, &total, &leaf) ? total : 0;
}

static bool is_sized(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t)
{
    for (; t->kind == IRPC_NDR_ARRAY; t = &unit->types[t->ref]) {
        if (t->flags & IRPC_NDR_F_CONFORMANT) {
            return true;
        }
    }
    return (t->flags & IRPC_NDR_F_CONFORMANT) != 0;
}

/* Client: fill the caller's memory behind a top-level pointer. */
static bool in_place(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, const uint8_t *slot,
                     const struct ir_ndr_scope *scope, uint32_t cap)
{
    const struct irpc_ndr_type *leaf = NULL;
    uint32_t total = 0;
    uint8_t *mem = ir_ndr_pointer(slot);

    if (mem == NULL) { /* check: N05 */
        return ir_ndr_dec_fail(d, IRPC_NULL_REF_POINTER, "N05", "[ref] pointer is NULL");
    }
    d->depth = 0;
    d->tail = false;
    d->q_len = 0;
    d->q_read = 0;
    if (t->kind == IRPC_NDR_PIPE) {
        return ir_ndr_dec_pipe(d, t, (struct irpc_pipe *)(void *)mem, scope);
    }
    if (!ir_ndr_dec_conformance(d, t)) {
        return false;
    }
    if (t->kind == IRPC_NDR_STRING) {
        return ir_ndr_dec_string(d, t, mem, t->flags & IRPC_NDR_F_CONFORMANT ? cap : t->n, scope);
    }
    if (is_sized(d->unit, t)) {
        if (!ir_ndr_dec_total(d, t, &total, &leaf)) {
            return false;
        }
        if (total > cap) { /* check: N03 */
            return ir_ndr_dec_fail(d, IRPC_INVALID_BOUND, "N03", "more than the memory for it");
        }
    }
    return ir_ndr_dec_construct(d, t, mem, scope) && ir_ndr_dec_loop(d);
}

/*
 * Client: a pointer that may be NULL. What the caller gave is filled: the parameter itself is a
 * copy, in which nobody would find other memory. Windows' RPC documentation, "Unique Pointers" and
 * "Full Pointers": what is returned is written into existing storage.
 */
static bool given(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *slot,
                  const struct ir_ndr_scope *scope, uint32_t cap)
{
    const struct irpc_ndr_type *pointee = &d->unit->types[t->ref];
    uint8_t *mem = ir_ndr_pointer(slot);
    uintptr_t id;

    if (!ir_ndr_dec_referent(d, t, slot) || d->in->err != IRPC_OK) {
        return false;
    }
    memcpy(&id, slot, sizeof(id));
    if (id == 0 || (t->n == IRPC_NDR_PTR_FULL && ir_ndr_dec_has_object(d, id))) {
        return ir_ndr_dec_resolve(d, t, slot, scope);
    }
    memcpy(slot, &mem, sizeof(mem));
    return in_place(d, pointee, slot, scope, cap) &&
           (t->n != IRPC_NDR_PTR_FULL || ir_ndr_dec_keep_object(d, pointee, mem, scope, id));
}

/* What @mask says, from parameter @i on; all of it is allocated. */
static bool params_in(struct ir_ndr_dec *d, const struct irpc_ndr_op *op, uint32_t i, uint8_t *args,
                      uint32_t mask, enum pass pass)
{
    const struct irpc_ndr_param *p = &d->unit->params[op->first_param + i];

    for (; i < op->n_params; i++, p++) {
        const struct irpc_ndr_type *t = &d->unit->types[p->type];
        uint32_t plain = ir_ndr_plain_size(t);
        if (!(p->flags & mask) || !is_in(d->unit, op, p, pass)) {
            continue;
        }
        if (plain != 0) {
            ir_ndr_get_plain(d->in, plain, args + p->moff);
            continue;
        }
        struct ir_ndr_scope scope = {args, p->moff, p->moff};
        if (!param(d, t, args + p->moff, &scope) || d->in->err != IRPC_OK) {
            d->error.name = p->name;
            return false;
        }
    }
    return true;
}

/* Room of the caller's memory, before the reply changes any argument. */
static void find_capacities(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op,
                            const uint8_t *args, uint32_t capacities[IR_NDR_PARAMS])
{
    const struct irpc_ndr_param *params = &unit->params[op->first_param];

    for (uint32_t i = 0; i < op->n_params && i < IR_NDR_PARAMS; i++) {
        const struct irpc_ndr_param *p = &params[i];
        const struct irpc_ndr_type *t = &unit->types[p->type];
        bool pointer = t->kind == IRPC_NDR_POINTER && (p->flags & IRPC_NDR_P_OUT);
        bool sized = pointer && is_sized(unit, &unit->types[t->ref]);
        capacities[i] = sized ? capacity(unit, p, &unit->types[t->ref], args) : 0;
    }
}

static bool param_out(struct ir_ndr_dec *d, const struct irpc_ndr_param *p, uint8_t *args,
                      uint32_t cap)
{
    const struct irpc_ndr_type *t = &d->unit->types[p->type];
    struct ir_ndr_scope scope = {args, p->moff, p->moff};
    uint8_t *slot = args + p->moff;
    bool pointer = t->kind == IRPC_NDR_POINTER;

    if (pointer && t->n == IRPC_NDR_PTR_REF) {
        return in_place(d, &d->unit->types[t->ref], slot, &scope, cap);
    }
    if (pointer && (p->flags & IRPC_NDR_P_IN) && ir_ndr_pointer(slot) != NULL) {
        return given(d, t, slot, &scope, cap);
    }
    return param(d, t, slot, &scope);
}

static bool params_out(struct ir_ndr_dec *d, const struct irpc_ndr_op *op, uint8_t *args,
                       const uint32_t capacities[IR_NDR_PARAMS], enum pass pass)
{
    const struct irpc_ndr_param *params = &d->unit->params[op->first_param];

    for (uint32_t i = 0; i < op->n_params && i < IR_NDR_PARAMS; i++) {
        const struct irpc_ndr_param *p = &params[i];
        if (!(p->flags & IRPC_NDR_P_OUT) || !is_in(d->unit, op, p, pass)) {
            continue;
        }
        if (!param_out(d, p, args, capacities[i]) || d->in->err != IRPC_OK) {
            d->error.name = p->name;
            return false;
        }
    }
    return true;
}

static bool request(struct ir_ndr_dec *d, const struct irpc_ndr_op *op, uint32_t first,
                    uint8_t *args)
{
    return params_in(d, op, first, args, IRPC_NDR_P_IN, OTHERS) &&
           (!(op->flags & IRPC_NDR_OP_PIPES) || params_in(d, op, 0, args, IRPC_NDR_P_IN, PIPES));
}

/* A reply, for a client that has no memory of its own for it. */
static bool new_reply(struct ir_ndr_dec *d, const struct irpc_ndr_op *op, uint8_t *args)
{
    return (!(op->flags & IRPC_NDR_OP_PIPES) || params_in(d, op, 0, args, IRPC_NDR_P_OUT, PIPES)) &&
           params_in(d, op, 0, args, IRPC_NDR_P_OUT, OTHERS);
}

static bool reply(struct ir_ndr_dec *d, const struct irpc_ndr_op *op, uint8_t *args)
{
    uint32_t capacities[IR_NDR_PARAMS];

    find_capacities(d->unit, op, args, capacities);
    return (!(op->flags & IRPC_NDR_OP_PIPES) || params_out(d, op, args, capacities, PIPES)) &&
           params_out(d, op, args, capacities, OTHERS);
}

static void init(struct ir_ndr_dec *d, const struct irpc_ndr_unit *unit, int syntax,
                 struct ir_cur *in, struct ir_arena *arena, const struct ir_ndr_limits *limits)
{
    uint16_t flat = syntax == IRPC_NDR64 ? IRPC_NDR_F_FLAT64 : IRPC_NDR_F_FLAT20;

    d->unit = unit;
    d->in = in;
    d->arena = arena;
    d->limits = limits;
    d->syntax = syntax;
    d->flat = in->big_endian != IR_HOST_BIG_ENDIAN ? IRPC_NDR_F_BYTES : flat;
    d->st = IRPC_OK;
    d->error = (struct ir_ndr_error){0};
    d->elements = limits->max_elements;
    d->sp = 0;
    d->n_pending = 0;
    d->queue = d->queue_inline;
    d->q_cap = IR_NDR_QUEUE;
    d->aliases = NULL;
    d->serial = 0;
    ir_arena_init(&d->scratch, limits->base_memory + (size_t)SCRATCH_K * ir_cur_left(in));
}

static enum irpc_status finish(struct ir_ndr_dec *d, bool ok, struct ir_ndr_error *reterr)
{
    ok = ok && d->in->err == IRPC_OK &&
         (d->n_pending == 0 || ir_ndr_dec_run_pending(d, 0, IR_NDR_ALL));
    if (!ok && d->st == IRPC_OK) { /* check: N01 */
        (void)ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, "N01", "stub data too short");
    }
    if (d->scratch.chunk != NULL) {
        ir_arena_deinit(&d->scratch);
    }
    if (d->st != IRPC_OK && reterr != NULL) {
        *reterr = d->error;
    }
    return d->st;
}

/* The machine is large: it lives here, so that calls without need of it do not pay for it. */
static __attribute__((noinline)) enum irpc_status
run_machine(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op, enum ir_ndr_dir dir,
            int syntax, struct ir_cur *in, struct ir_arena *arena, uint8_t *args,
            const struct ir_ndr_limits *limits, struct ir_ndr_error *reterr, uint32_t first,
            bool discard)
{
    struct ir_ndr_dec d;
    /* check: N18 */
    uint64_t room = limits->base_memory + (uint64_t)unit->k * in->end;
    size_t budget = arena->budget;

    init(&d, unit, syntax, in, arena, limits);
    d.discard = discard;
    if (room < budget - arena->used) {
        arena->budget = arena->used + (size_t)room;
    }
    bool ok = dir == IR_NDR_IN    ? request(&d, op, first, args)
              : dir == IR_NDR_OUT ? reply(&d, op, args)
                                  : new_reply(&d, op, args);
    arena->budget = budget;
    return finish(&d, ok, reterr);
}

/* Leading parameters of plain types. Returns the number of the first that needs the machine. */
static uint32_t params_plain(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op,
                             struct ir_cur *in, uint8_t *args)
{
    const struct irpc_ndr_param *p = &unit->params[op->first_param];
    uint32_t i = 0;

    for (; i < op->n_params; i++, p++) {
        if (!(p->flags & IRPC_NDR_P_IN)) {
            continue;
        }
        uint32_t plain = ir_ndr_plain_size(&unit->types[p->type]);
        if (plain == 0) {
            break;
        }
        ir_ndr_get_plain(in, plain, args + p->moff);
    }
    return i;
}

/* A request. */
static enum irpc_status decode_in(const struct irpc_ndr_unit *unit, uint32_t opnum, int syntax,
                                  struct ir_cur *in, struct ir_arena *arena, void *args,
                                  const struct ir_ndr_limits *limits, struct ir_ndr_error *reterr,
                                  bool discard)
{
    const struct irpc_ndr_op *op = &unit->ops[opnum];
    uint32_t first = params_plain(unit, op, in, args);

    if (first == op->n_params && in->err == IRPC_OK) {
        return IRPC_OK;
    }
    return run_machine(unit, op, IR_NDR_IN, syntax, in, arena, args, limits, reterr, first,
                       discard);
}

enum irpc_status ir_ndr_decode(const struct irpc_ndr_unit *unit, uint32_t opnum,
                               enum ir_ndr_dir dir, int syntax, struct ir_cur *in,
                               struct ir_arena *arena, void *args,
                               const struct ir_ndr_limits *limits, struct ir_ndr_error *reterr)
{
    if (opnum >= unit->n_ops + unit->n_pickles) {
        return IRPC_INVALID_ARG;
    }
    if (dir == IR_NDR_IN) {
        return decode_in(unit, opnum, syntax, in, arena, args, limits, reterr, false);
    }
    return run_machine(unit, &unit->ops[opnum], dir, syntax, in, arena, args, limits, reterr, 0,
                       false);
}

enum irpc_status ir_ndr_validate(const struct irpc_ndr_unit *unit, uint32_t opnum, int syntax,
                                 struct ir_cur *in, const struct ir_ndr_limits *limits,
                                 struct ir_ndr_error *reterr)
{
    struct ir_arena arena;
    enum irpc_status st = IRPC_NO_MEMORY;

    if (opnum >= unit->n_ops + unit->n_pickles) {
        return IRPC_INVALID_ARG;
    }
    ir_arena_init(&arena, SIZE_MAX / 2);
    uint8_t *args = ir_arena_zalloc(&arena, unit->ops[opnum].args_size);
    if (args != NULL) {
        st = decode_in(unit, opnum, syntax, in, &arena, args, limits, reterr, true);
    }
    ir_arena_deinit(&arena);
    return st;
}
