/*
 * Encoding: parameters, constructs, structs and arrays; the loop over the frames. See machine.h.
 *
 * Same order as decoding. Memory is trusted, its bounds come from the correlation expressions;
 * padding and gaps are written as zero, so nothing leaks. Referents of ref and unique pointers
 * count 0x00020000, +4, ...; those of full pointers 1, 2, ... ([C706] 14.3.11).
 */
#include "ndr/rows.h"

static struct ir_ndr_frame *push(struct ir_ndr_enc *e, enum ir_ndr_work work,
                                 const struct irpc_ndr_type *t, const uint8_t *mem,
                                 const uint8_t *scope)
{
    if (e->sp == IR_NDR_FRAMES) {
        (void)ir_ndr_enc_fail(e, IRPC_LIMIT, "N06", "nested too deeply");
        return NULL;
    }
    struct ir_ndr_frame *f = &e->frames[e->sp++];
    f->work = (uint8_t)work;
    f->type = t;
    f->source = mem;
    f->scope.mem = scope;
    f->i = 0;
    f->n = t->n;
    return f;
}

static void put_flat(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                     uint32_t n)
{
    ir_out_align(e->out, t->walign[e->syntax]);
    ir_out_bytes(e->out, mem, (size_t)n * t->msize);
}

static bool array_frame(struct ir_ndr_enc *e, enum ir_ndr_work work, const struct irpc_ndr_type *t,
                        const uint8_t *mem, const uint8_t *scope, const struct ir_ndr_shape *s)
{
    struct ir_ndr_frame *f = push(e, work, t, mem, scope);

    if (f == NULL) {
        return false;
    }
    f->leaf = s->leaf;
    f->n = s->n;
    f->shape = s->gaps;
    f->source = s->gaps ? mem : mem + (size_t)s->first * s->leaf->msize;
    return true;
}

/* Elements that need no frame; false: they do. */
static bool put_elements(struct ir_ndr_enc *e, const struct irpc_ndr_type *element,
                         const uint8_t *mem, uint32_t n)
{
    uint32_t plain = ir_ndr_plain_size(element);

    if (element->flags & e->flat) {
        put_flat(e, element, mem, n);
    } else if (plain != 0) {
        ir_ndr_enc_run(e, plain, mem, n);
    } else {
        return false;
    }
    return true;
}

static bool array_value(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                        const uint8_t *scope)
{
    struct ir_ndr_shape s;

    if (!ir_ndr_enc_shape(e, t, scope, &s)) {
        return false;
    }
    ir_ndr_enc_variance(e, t, &s);
    if (s.n == 0) {
        ir_out_align(e->out, ir_ndr_start(e->unit, s.leaf, e->syntax));
        return true;
    }
    if (!s.gaps && put_elements(e, s.leaf, mem + (size_t)s.first * s.leaf->msize, s.n)) {
        return true;
    }
    if (!s.gaps && s.n >= IR_NDR_ROWS_MIN) {
        const uint8_t *first = mem + (size_t)s.first * s.leaf->msize;
        enum ir_ndr_rows rows = ir_ndr_enc_rows(e, s.leaf, first, s.n);
        if (rows != IR_NDR_ROWS_NOT) {
            return rows == IR_NDR_ROWS_DONE;
        }
    }
    return array_frame(e, IR_NDR_ARRAY_S, t, mem, scope, &s);
}

/* Encode @t by value, or push the frame that does. Conformance was written. */
static bool value(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                  const uint8_t *scope)
{
    for (;;) {
        if (t->flags & e->flat) {
            put_flat(e, t, mem, 1);
            return true;
        }
        if (t->kind != IRPC_NDR_UNION) {
            break;
        }
        const struct irpc_ndr_type *arm = ir_ndr_enc_union(e, t, mem, scope);
        if (arm == NULL) {
            return false;
        }
        if (t->flags & IRPC_NDR_F_ENCAPSULATED) {
            scope = mem;
            mem += t->aux;
        }
        t = arm;
    }
    switch (t->kind) {
    case IRPC_NDR_NONE:
        return true;
    case IRPC_NDR_STRUCT:
        ir_out_align(e->out, t->walign[e->syntax]);
        return push(e, IR_NDR_STRUCT_S, t, mem, mem) != NULL;
    case IRPC_NDR_ARRAY:
        return array_value(e, t, mem, scope);
    case IRPC_NDR_STRING:
        return ir_ndr_enc_string(e, t, mem, scope);
    case IRPC_NDR_POINTER:
        return ir_ndr_enc_referent(e, t, mem, scope);
    default:
        return ir_ndr_enc_base(e, t, mem);
    }
}

static bool step_struct(struct ir_ndr_enc *e, struct ir_ndr_frame *f)
{
    const struct irpc_ndr_type *t = f->type;
    const struct irpc_ndr_field *fields = &e->unit->fields[t->ref];
    uint32_t sp = e->sp;
    bool wide = e->syntax == IRPC_NDR64;
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;

    while (f->i < f->n) {
        const struct irpc_ndr_field *field = &fields[f->i++];
        const struct irpc_ndr_type *ft = &e->unit->types[field->type];
        if (wide && conformant && f->i == f->n && ft->kind != IRPC_NDR_STRUCT) {
            ir_out_align(e->out, t->walign[e->syntax]); /* [MS-RPCE] 2.2.5.3.4.1 */
        }
        if (!value(e, ft, f->source + field->moff, f->source)) {
            return false;
        }
        if (e->sp != sp) {
            return true;
        }
    }
    if (wide && !conformant) {
        ir_out_align(e->out, t->walign[e->syntax]); /* [MS-RPCE] 2.2.5.3.4.1 */
    }
    e->sp--;
    return true;
}

/* Element @i of the run; if rows have gaps its place is worked out anew, which nobody does. */
static const uint8_t *element(struct ir_ndr_enc *e, const struct ir_ndr_frame *f, uint32_t i)
{
    if (f->shape != 0) {
        struct ir_ndr_shape s;
        uint32_t note[3 * IR_NDR_DIMS];
        if (!ir_ndr_enc_shape(e, f->type, f->scope.mem, &s)) {
            return f->source;
        }
        for (size_t k = 0; k < s.dims; k++) {
            note[3 * k] = s.max[k];
            note[3 * k + 1] = s.off[k];
            note[3 * k + 2] = s.actual[k];
        }
        i = ir_ndr_scatter(note, s.dims, i);
    }
    return f->source + (size_t)i * f->leaf->msize;
}

static bool step_array(struct ir_ndr_enc *e, struct ir_ndr_frame *f)
{
    uint32_t sp = e->sp;

    while (f->i < f->n) {
        if (e->out->err != IRPC_OK || !value(e, f->leaf, element(e, f, f->i++), f->scope.mem)) {
            return false;
        }
        if (e->sp != sp) {
            return true;
        }
    }
    e->sp--;
    return true;
}

/* Begin a construct: its conformance, then S now or by frames, D by a frame below them. */
static bool construct(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                      const uint8_t *scope)
{
    if ((t->flags & IRPC_NDR_F_POINTERS) && push(e, IR_NDR_VALUE_D, t, mem, scope) == NULL) {
        return false;
    }
    return ir_ndr_enc_conformance(e, t, mem, scope) && value(e, t, mem, scope);
}

static bool pointee(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *slot,
                    const uint8_t *scope)
{
    return construct(e, &e->unit->types[t->ref], ir_ndr_pointer(slot), scope);
}

/* Begin with the pointees that hang from @t at @mem. */
static bool deferred(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                     const uint8_t *scope)
{
    struct ir_ndr_shape s;

    while (t->kind == IRPC_NDR_UNION) {
        const struct irpc_ndr_type *arm = NULL;
        int64_t tag = 0;
        if (ir_ndr_union_tag(e->unit, t, mem, scope, &tag)) {
            arm = ir_ndr_arm(e->unit, t, tag);
        }
        if (arm == NULL || !(arm->flags & IRPC_NDR_F_POINTERS)) {
            return true;
        }
        if (t->flags & IRPC_NDR_F_ENCAPSULATED) {
            scope = mem;
            mem += t->aux;
        }
        t = arm;
    }
    switch (t->kind) {
    case IRPC_NDR_POINTER:
        return !ir_ndr_enc_first_use(e, t, mem, scope) || pointee(e, t, mem, scope);
    case IRPC_NDR_ARRAY:
        return ir_ndr_enc_shape(e, t, scope, &s) &&
               array_frame(e, IR_NDR_ARRAY_D, t, mem, scope, &s);
    default:
        return push(e, IR_NDR_STRUCT_D, t, mem, mem) != NULL;
    }
}

static bool step_struct_deferred(struct ir_ndr_enc *e, struct ir_ndr_frame *f)
{
    const struct irpc_ndr_field *fields = &e->unit->fields[f->type->ref];
    const struct irpc_ndr_type *types = e->unit->types;
    uint32_t i = f->i;
    uint32_t n = f->n;

    while (i < n && !(types[fields[i].type].flags & IRPC_NDR_F_POINTERS)) {
        i++;
    }
    if (i == n) {
        e->sp--;
        return true;
    }
    uint32_t next = i + 1;
    while (next < n && !(types[fields[next].type].flags & IRPC_NDR_F_POINTERS)) {
        next++;
    }
    const uint8_t *mem = f->source;
    f->i = next;
    if (next == n) {
        e->sp--; /* the last pointee takes its place: lists need no depth */
    }
    return deferred(e, &types[fields[i].type], mem + fields[i].moff, mem);
}

static bool step_array_deferred(struct ir_ndr_enc *e, struct ir_ndr_frame *f)
{
    if (f->i == 0 && f->n >= IR_NDR_ROWS_MIN && f->shape == 0) {
        enum ir_ndr_rows rows = ir_ndr_enc_row_strings(e, f->leaf, f->source, f->n);
        if (rows == IR_NDR_ROWS_FAILED) {
            return false;
        }
        f->i = rows == IR_NDR_ROWS_DONE ? f->n : 0;
    }
    if (f->i == f->n) {
        e->sp--;
        return true;
    }
    const struct irpc_ndr_type *leaf = f->leaf;
    const uint8_t *scope = f->scope.mem;
    const uint8_t *mem = element(e, f, f->i++);
    if (f->i == f->n) {
        e->sp--;
    }
    return deferred(e, leaf, mem, scope);
}

static bool step(struct ir_ndr_enc *e, struct ir_ndr_frame *f)
{
    switch ((enum ir_ndr_work)f->work) {
    case IR_NDR_STRUCT_S:
        return step_struct(e, f);
    case IR_NDR_ARRAY_S:
        return step_array(e, f);
    case IR_NDR_VALUE_D:
        e->sp--;
        return deferred(e, f->type, f->source, f->scope.mem);
    case IR_NDR_STRUCT_D:
        return step_struct_deferred(e, f);
    case IR_NDR_ARRAY_D:
    default:
        return step_array_deferred(e, f);
    }
}

static bool run(struct ir_ndr_enc *e)
{
    bool ok = true;

    while (ok && e->sp > 0) {
        ok = step(e, &e->frames[e->sp - 1]) && e->out->err == IRPC_OK;
    }
    return ok;
}

bool ir_ndr_enc_elements(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                         const struct irpc_ndr_type *element, const uint8_t *mem, uint32_t n)
{
    struct ir_ndr_shape s = {.leaf = element, .dims = 1, .n = n};

    return put_elements(e, element, mem, n) ||
           (array_frame(e, IR_NDR_ARRAY_S, t, mem, mem, &s) && run(e));
}

/* A parameter other than of a plain base type, at @mem in the struct of arguments. */
static bool param(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                  const uint8_t *args)
{
    bool ok;

    if (t->kind != IRPC_NDR_POINTER) {
        ok = construct(e, t, mem, args);
    } else if (t->n != IRPC_NDR_PTR_REF) {
        ok = ir_ndr_enc_referent(e, t, mem, args) &&
             (!ir_ndr_enc_first_use(e, t, mem, args) || pointee(e, t, mem, args));
    } else {
        if (ir_ndr_pointer(mem) == NULL) { /* check: N05 */
            return ir_ndr_enc_fail(e, IRPC_NULL_REF_POINTER, "N05", "[ref] pointer is NULL");
        }
        if (e->unit->types[t->ref].kind == IRPC_NDR_PIPE) {
            return ir_ndr_enc_pipe(e, &e->unit->types[t->ref], ir_ndr_pointer(mem));
        }
        ok = pointee(e, t, mem, args);
    }
    return ok && run(e);
}

/* Pipes go last in a request and first in a reply. */
enum pass {
    OTHERS,
    PIPES
};

static bool params(struct ir_ndr_enc *e, const struct irpc_ndr_op *op, uint32_t i, uint32_t mask,
                   const uint8_t *args, enum pass pass)
{
    bool any = !(op->flags & IRPC_NDR_OP_PIPES);
    const struct irpc_ndr_param *p = &e->unit->params[op->first_param + i];

    for (; i < op->n_params; i++, p++) {
        bool now = any || ir_ndr_is_pipe(e->unit, p) == (pass == PIPES);
        if ((p->flags & mask) && now && !param(e, &e->unit->types[p->type], args + p->moff, args)) {
            e->error.name = p->name;
            return false;
        }
    }
    return true;
}

/* All parameters from number @first on. */
static bool all_params(struct ir_ndr_enc *e, const struct irpc_ndr_op *op, uint32_t first,
                       uint32_t mask, const uint8_t *args)
{
    if (!(op->flags & IRPC_NDR_OP_PIPES)) {
        return params(e, op, first, mask, args, OTHERS);
    }
    if (mask == IRPC_NDR_P_OUT) {
        return params(e, op, 0, mask, args, PIPES) && params(e, op, 0, mask, args, OTHERS);
    }
    return params(e, op, first, mask, args, OTHERS) && params(e, op, 0, mask, args, PIPES);
}

/*
 * Referents of full pointers stay distinct over both directions of a call, as Windows counts them:
 * a client's table knows those of its request. Full pointers inside [in] structs are not counted.
 */
static uint32_t full_pointers_in(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op,
                                 const uint8_t *args)
{
    const struct irpc_ndr_param *p = &unit->params[op->first_param];
    uint32_t n = 0;

    for (uint32_t i = 0; i < op->n_params; i++, p++) {
        const struct irpc_ndr_type *t = &unit->types[p->type];
        if ((p->flags & IRPC_NDR_P_IN) && t->kind == IRPC_NDR_POINTER &&
            t->n == IRPC_NDR_PTR_FULL && ir_ndr_pointer(args + p->moff) != NULL) {
            n++;
        }
    }
    return n;
}

/* The machine is large: it lives here, so that calls without need of it do not pay for it. */
static __attribute__((noinline)) enum irpc_status
run_machine(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op, uint32_t mask,
            int syntax, const void *args, struct ir_out *out, struct ir_ndr_error *reterr,
            uint32_t first)
{
    struct ir_ndr_enc e;
    uint16_t flat = syntax == IRPC_NDR64 ? IRPC_NDR_F_FLAT64 : IRPC_NDR_F_FLAT20;

    e.unit = unit;
    e.out = out;
    e.syntax = syntax;
    e.flat = out->big_endian != IR_HOST_BIG_ENDIAN ? IRPC_NDR_F_BYTES : flat;
    e.st = IRPC_OK;
    e.error = (struct ir_ndr_error){0};
    e.sp = 0;
    e.n_referents = 0;
    e.n_full = mask == IRPC_NDR_P_OUT ? full_pointers_in(unit, op, args) : 0;
    e.aliases = NULL;
    ir_arena_init(&e.scratch, SIZE_MAX / 2);
    if (!all_params(&e, op, first, mask, args) && e.st == IRPC_OK) {
        e.st = out->err != IRPC_OK ? out->err : IRPC_INVALID_ARG;
    }
    if (e.scratch.chunk != NULL) {
        ir_arena_deinit(&e.scratch);
    }
    if (e.st != IRPC_OK && reterr != NULL) {
        *reterr = e.error;
    }
    return e.st;
}

/* Leading parameters of plain types, or of a top-level [ref] to one. Returns the number of the
 * first that needs the machine. */
static uint32_t params_plain(const struct irpc_ndr_unit *unit, const struct irpc_ndr_op *op,
                             uint32_t mask, const uint8_t *args, struct ir_out *out)
{
    const struct irpc_ndr_param *p = &unit->params[op->first_param];
    uint32_t i = 0;

    for (; i < op->n_params; i++, p++) {
        const struct irpc_ndr_type *t = &unit->types[p->type];
        const uint8_t *mem = args + p->moff;
        if (!(p->flags & mask)) {
            continue;
        }
        if (t->kind == IRPC_NDR_POINTER && t->n == IRPC_NDR_PTR_REF) {
            t = &unit->types[t->ref];
            mem = ir_ndr_pointer(mem);
        }
        uint32_t plain = ir_ndr_plain_size(t);
        if (plain == 0 || mem == NULL) {
            break;
        }
        ir_ndr_put_plain(out, plain, mem);
    }
    return i;
}

enum irpc_status ir_ndr_encode(const struct irpc_ndr_unit *unit, uint32_t opnum,
                               enum ir_ndr_dir dir, int syntax, const void *args,
                               struct ir_out *out, struct ir_ndr_error *reterr)
{
    uint32_t mask = dir == IR_NDR_IN ? IRPC_NDR_P_IN : IRPC_NDR_P_OUT;
    size_t origin = out->origin;
    enum irpc_status st = IRPC_OK;

    if (opnum >= unit->n_ops + unit->n_pickles) {
        return IRPC_INVALID_ARG;
    }
    const struct irpc_ndr_op *op = &unit->ops[opnum];
    out->origin = out->len;
    bool pipes_first = (op->flags & IRPC_NDR_OP_PIPES) && dir == IR_NDR_OUT;
    uint32_t first = pipes_first ? 0 : params_plain(unit, op, mask, args, out);
    if (first < op->n_params) {
        st = run_machine(unit, op, mask, syntax, args, out, reterr, first);
    }
    out->origin = origin;
    return st == IRPC_OK ? out->err : st;
}
