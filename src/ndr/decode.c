/*
 * Decoding: constructs, structs and arrays; the loop over the frames. See machine.h.
 *
 * Of a construct first all bytes by value are read, then the pointees depth-first, [C706] 14.3.12.
 * Every count is checked before memory is asked for, and memory that a peer does not fill is zero.
 *
 * Leaves to others: parameters (decode_call.c); what is particular to arrays, strings, unions,
 * pointers, base types.
 */
#include "ndr/rows.h"

#define NOTE_GAPS UINT32_MAX

/* --- correlations --- */

static bool compare(struct ir_ndr_dec *d, int64_t have, int64_t want, uint32_t bits)
{
    uint64_t mask = bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;

    if ((((uint64_t)have ^ (uint64_t)want) & mask) != 0) {
        return ir_ndr_dec_fail(d, IRPC_BAD_STUB_DATA, bits < 64 ? "N08" : "N03",
                               "value and its size_is, length_is, first_is or switch_is differ");
    }
    return true;
}

bool ir_ndr_dec_correlate(struct ir_ndr_dec *d, uint32_t expr, const struct ir_ndr_scope *scope,
                          int64_t value, uint32_t bits)
{
    int64_t have = 0;

    if (expr == 0) {
        return true;
    }
    if (ir_ndr_eval(d->unit, expr, scope, &have)) {
        return compare(d, have, value, bits);
    }
    if (d->n_pending == IR_NDR_PENDING) {
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N03", "too many correlations with later values");
    }
    d->pending[d->n_pending++] = (struct ir_ndr_pending){scope->mem, expr, bits, value};
    return true;
}

bool ir_ndr_dec_run_pending(struct ir_ndr_dec *d, uint32_t from, uint32_t deref)
{
    uint32_t kept = from;

    for (uint32_t i = from; i < d->n_pending; i++) {
        const struct ir_ndr_pending *p = &d->pending[i];
        struct ir_ndr_scope scope = {p->scope, IR_NDR_ALL, deref};
        int64_t have = 0;
        if (!ir_ndr_eval(d->unit, p->expr, &scope, &have)) {
            d->pending[kept++] = *p;
        } else if (!compare(d, have, p->value, p->bits)) {
            return false;
        }
    }
    d->n_pending = kept;
    return true;
}

/* --- frames and notes --- */

static struct ir_ndr_frame *push(struct ir_ndr_dec *d, enum ir_ndr_work work)
{
    if (d->sp == IR_NDR_FRAMES) {
        (void)ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "nested too deeply");
        return NULL;
    }
    if (!d->tail) {
        d->serials[d->sp] = ++d->serial;
    }
    d->tail = false;
    struct ir_ndr_frame *f = &d->frames[d->sp++];
    f->work = (uint8_t)work;
    f->depth = (uint16_t)d->depth;
    f->restore = 0;
    return f;
}

/* Drop the frame at work before its last part begins, which takes its place. */
static void drop(struct ir_ndr_dec *d)
{
    d->sp--;
    d->tail = true;
}

bool ir_ndr_dec_note(struct ir_ndr_dec *d, uint32_t value)
{
    if (d->q_len == d->q_cap) {
        size_t len = d->q_cap * sizeof(*d->queue);
        uint32_t *grown = ir_arena_alloc(&d->scratch, 2 * len);
        if (grown == NULL) {
            return ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "too many unions or arrays");
        }
        memcpy(grown, d->queue, len);
        d->queue = grown;
        d->q_cap *= 2;
    }
    d->queue[d->q_len++] = value;
    return true;
}

/* A D frame goes on: a construct that began from it has used its own notes, they are forgotten. */
static void resume(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    if (f->restore) {
        d->q_read = f->q_read;
        d->q_len = f->q_len;
        f->restore = 0;
    }
}

/*
 * A pointee with pointers begins. Its notes come behind those of the construct that it hangs from,
 * which go on where they are now once it is complete. If that construct has nothing left to do
 * its frames are gone, and the frame below has saved its position already.
 */
static bool enter(struct ir_ndr_dec *d)
{
    uint32_t depth = 1;

    if (d->sp == 0) {
        d->q_len = 0;
    } else {
        struct ir_ndr_frame *f = &d->frames[d->sp - 1];
        depth = f->depth + 1u;
        if (f->restore) {
            d->q_len = f->q_len;
        } else {
            f->q_read = d->q_read;
            f->q_len = d->q_len;
            f->restore = 1;
        }
    }
    if (depth > d->limits->max_depth) { /* check: N06 */
        return ir_ndr_dec_fail(d, IRPC_LIMIT, "N06", "pointers nested too deeply");
    }
    d->depth = depth;
    return true;
}

/* --- S: values --- */

/* Whether S leaves a note about the run of array @t. */
static bool is_noted(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t)
{
    for (; t->kind == IRPC_NDR_ARRAY; t = &unit->types[t->ref]) {
        if (t->flags & (IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING)) {
            return true;
        }
    }
    return false;
}

/* The notes of an array: where D finds its elements, and S too if they are scattered. */
static bool note_shape(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                       const struct ir_ndr_shape *s, uint32_t *ret_shape)
{
    *ret_shape = 0;
    if (!s->gaps && !((t->flags & IRPC_NDR_F_POINTERS) && is_noted(d->unit, t))) {
        return true;
    }
    if (!ir_ndr_dec_note(d, s->gaps ? NOTE_GAPS : s->first) || !ir_ndr_dec_note(d, s->n)) {
        return false;
    }
    if (!s->gaps) {
        return true;
    }
    *ret_shape = d->q_len + 1;
    for (uint32_t i = 0; i < s->dims; i++) {
        if (!ir_ndr_dec_note(d, s->max[i]) || !ir_ndr_dec_note(d, s->off[i]) ||
            !ir_ndr_dec_note(d, s->actual[i])) {
            return false;
        }
    }
    return true;
}

static void copy_flat(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem, uint32_t n)
{
    uint64_t len = (uint64_t)n * t->msize;

    ir_cur_align(d->in, t->walign[d->syntax]);
    if (len > ir_cur_left(d->in)) {
        ir_cur_fail(d->in, IRPC_PROTO_ERROR);
        return;
    }
    struct irpc_span span = ir_cur_bytes(d->in, (uint32_t)len);
    if (span.p != NULL && span.len > 0) {
        memcpy(mem, span.p, span.len);
    }
}

/* Windows aligns an array without elements too; a peer that does not may end the stub here. */
static void align_empty(struct ir_ndr_dec *d, uint32_t align)
{
    uint32_t pad = align > 1 ? (0u - d->in->off) & (align - 1) : 0;
    uint32_t left = ir_cur_left(d->in);

    ir_cur_skip(d->in, pad < left ? pad : left);
}

bool ir_ndr_dec_elements(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                         const struct irpc_ndr_type *element, uint8_t *mem, uint32_t n,
                         const struct ir_ndr_scope *scope)
{
    uint32_t plain = ir_ndr_plain_size(element);

    if (element->flags & d->flat) {
        copy_flat(d, element, mem, n);
        return true;
    }
    if (plain != 0) {
        ir_ndr_dec_run(d, plain, mem, n);
        return true;
    }
    if (n >= IR_NDR_ROWS_MIN) {
        enum ir_ndr_rows rows = ir_ndr_dec_rows(d, element, mem, n);
        if (rows != IR_NDR_ROWS_NOT) {
            return rows == IR_NDR_ROWS_DONE;
        }
    }
    struct ir_ndr_frame *f = push(d, IR_NDR_ARRAY_S);
    if (f == NULL) {
        return false;
    }
    f->type = t;
    f->leaf = element;
    f->mem = mem;
    f->scope = *scope;
    f->i = 0;
    f->n = n;
    f->shape = 0;
    return true;
}

static bool array_value(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                        const struct ir_ndr_scope *scope)
{
    struct ir_ndr_shape s;
    uint32_t note = 0;

    if (!ir_ndr_dec_shape(d, t, scope, &s) || !note_shape(d, t, &s, &note)) {
        return false;
    }
    if (s.n == 0) {
        align_empty(d, ir_ndr_start(d->unit, s.leaf, d->syntax));
        return true;
    }
    if (!s.gaps) {
        mem += (size_t)s.first * s.leaf->msize;
        return ir_ndr_dec_elements(d, t, s.leaf, mem, s.n, scope);
    }
    struct ir_ndr_frame *f = push(d, IR_NDR_ARRAY_S);
    if (f == NULL) {
        return false;
    }
    f->type = t;
    f->leaf = s.leaf;
    f->mem = mem;
    f->scope = *scope;
    f->i = 0;
    f->n = s.n;
    f->shape = note;
    return true;
}

static bool struct_value(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem)
{
    struct ir_ndr_frame *f = push(d, IR_NDR_STRUCT_S);

    if (f == NULL) {
        return false;
    }
    ir_cur_align(d->in, t->walign[d->syntax]);
    f->type = t;
    f->mem = mem;
    f->i = 0;
    f->n = t->n;
    f->pending = d->n_pending;
    return true;
}

/* Decode @t by value, or push the frame that does. Conformance was read. */
static bool value(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                  const struct ir_ndr_scope *scope)
{
    struct ir_ndr_scope inner;

    for (;;) {
        if (t->flags & d->flat) {
            copy_flat(d, t, mem, 1);
            return true;
        }
        if (t->kind != IRPC_NDR_UNION) {
            break;
        }
        const struct irpc_ndr_type *arm = ir_ndr_dec_union(d, t, mem, scope);
        if (arm == NULL) {
            return false;
        }
        if (t->flags & IRPC_NDR_F_ENCAPSULATED) {
            inner = (struct ir_ndr_scope){mem, IR_NDR_ALL, 0};
            scope = &inner;
            mem += t->aux;
        }
        t = arm;
    }
    switch (t->kind) {
    case IRPC_NDR_NONE:
        return true;
    case IRPC_NDR_STRUCT:
        return struct_value(d, t, mem);
    case IRPC_NDR_ARRAY:
        return array_value(d, t, mem, scope);
    case IRPC_NDR_STRING:
        return ir_ndr_dec_string(d, t, mem, t->flags & IRPC_NDR_F_CONFORMANT ? d->conf[0] : t->n,
                                 scope);
    case IRPC_NDR_POINTER:
        return ir_ndr_dec_referent(d, t, mem);
    default:
        return ir_ndr_dec_base(d, t, mem);
    }
}

static bool step_struct(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    const struct irpc_ndr_type *t = f->type;
    const struct irpc_ndr_field *fields = &d->unit->fields[t->ref];
    uint32_t sp = d->sp;
    bool wide = d->syntax == IRPC_NDR64;
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;

    while (f->i < f->n) {
        const struct irpc_ndr_field *field = &fields[f->i++];
        const struct irpc_ndr_type *ft = &d->unit->types[field->type];
        struct ir_ndr_scope scope = {f->mem, field->moff, 0};
        if (wide && conformant && f->i == f->n && ft->kind != IRPC_NDR_STRUCT) {
            ir_cur_align(d->in, t->walign[d->syntax]); /* [MS-RPCE] 2.2.5.3.4.1 */
        }
        if (!value(d, ft, f->mem + field->moff, &scope)) {
            return false;
        }
        if (d->sp != sp) {
            return true;
        }
    }
    if (wide && !conformant) {
        ir_cur_align(d->in, t->walign[d->syntax]); /* [MS-RPCE] 2.2.5.3.4.1 */
    }
    d->sp--;
    return d->n_pending == f->pending || ir_ndr_dec_run_pending(d, f->pending, 0);
}

static uint8_t *element(const struct ir_ndr_dec *d, const struct ir_ndr_frame *f, uint32_t i)
{
    if (f->shape != 0) {
        uint32_t dims = 0;
        for (const struct irpc_ndr_type *t = f->type; t->kind == IRPC_NDR_ARRAY;
             t = &d->unit->types[t->ref]) {
            dims++;
        }
        i = ir_ndr_scatter(&d->queue[f->shape - 1], dims, i);
    }
    return f->mem + (size_t)i * f->leaf->msize;
}

static bool step_array(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    uint32_t sp = d->sp;

    while (f->i < f->n) {
        if (d->in->err != IRPC_OK) {
            return false;
        }
        if (!value(d, f->leaf, element(d, f, f->i++), &f->scope)) {
            return false;
        }
        if (d->sp != sp) {
            return true;
        }
    }
    if (f->shape != 0 && !(f->leaf->flags & IRPC_NDR_F_POINTERS)) {
        d->q_len = f->shape - 3; /* the notes were for S alone */
    }
    d->sp--;
    return true;
}

/* --- D: pointees --- */

static bool array_deferred(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                           const struct ir_ndr_scope *scope)
{
    struct ir_ndr_frame *f = push(d, IR_NDR_ARRAY_D);
    const struct irpc_ndr_type *leaf = t;
    bool noted = is_noted(d->unit, t);
    uint32_t dims = 0;

    if (f == NULL) {
        return false;
    }
    f->n = 1;
    for (; leaf->kind == IRPC_NDR_ARRAY; leaf = &d->unit->types[leaf->ref]) {
        f->n *= noted ? 1 : leaf->n;
        dims++;
    }
    f->shape = 0;
    f->mem = mem;
    if (noted) {
        uint32_t first = d->queue[d->q_read++];
        f->n = d->queue[d->q_read++];
        if (first == NOTE_GAPS) {
            f->shape = d->q_read + 1;
            d->q_read += 3 * dims;
        } else {
            f->mem += (size_t)first * leaf->msize;
        }
    }
    f->type = t;
    f->leaf = leaf;
    f->scope = *scope;
    f->i = 0;
    return true;
}

/* Begin with the pointees that hang from @t at @mem. */
static bool deferred(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                     const struct ir_ndr_scope *scope)
{
    struct ir_ndr_scope inner;

    while (t->kind == IRPC_NDR_UNION) {
        const struct irpc_ndr_type *arm = &d->unit->types[d->queue[d->q_read++]];
        if (t->flags & IRPC_NDR_F_ENCAPSULATED) {
            inner = (struct ir_ndr_scope){mem, IR_NDR_ALL, t->aux};
            scope = &inner;
            mem += t->aux;
        }
        t = arm;
        if (!(t->flags & IRPC_NDR_F_POINTERS)) {
            return true;
        }
    }
    if (t->kind == IRPC_NDR_POINTER) {
        return ir_ndr_dec_resolve(d, t, mem, scope);
    }
    if (t->kind == IRPC_NDR_ARRAY) {
        return array_deferred(d, t, mem, scope);
    }
    struct ir_ndr_frame *f = push(d, IR_NDR_STRUCT_D);
    if (f == NULL) {
        return false;
    }
    f->type = t;
    f->mem = mem;
    f->i = 0;
    f->n = t->n;
    return true;
}

static bool step_struct_deferred(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    const struct irpc_ndr_field *fields = &d->unit->fields[f->type->ref];
    const struct irpc_ndr_type *types = d->unit->types;
    uint32_t i = f->i;
    uint32_t n = f->n;

    resume(d, f);
    while (i < n && !(types[fields[i].type].flags & IRPC_NDR_F_POINTERS)) {
        i++;
    }
    if (i == n) {
        d->sp--;
        return true;
    }
    uint32_t next = i + 1;
    while (next < n && !(types[fields[next].type].flags & IRPC_NDR_F_POINTERS)) {
        next++;
    }
    uint8_t *mem = f->mem;
    struct ir_ndr_scope scope = {mem, IR_NDR_ALL, fields[i].moff};
    f->i = next;
    if (next == n) {
        drop(d);
    }
    return deferred(d, &types[fields[i].type], mem + fields[i].moff, &scope);
}

static bool step_array_deferred(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    resume(d, f);
    if (f->i == 0 && f->n >= IR_NDR_ROWS_MIN && f->shape == 0) {
        enum ir_ndr_rows rows = ir_ndr_dec_row_strings(d, f->leaf, f->mem, f->n);
        if (rows == IR_NDR_ROWS_FAILED) {
            return false;
        }
        f->i = rows == IR_NDR_ROWS_DONE ? f->n : 0;
    }
    if (f->i == f->n) {
        d->sp--;
        return true;
    }
    const struct irpc_ndr_type *leaf = f->leaf;
    struct ir_ndr_scope scope = f->scope;
    uint8_t *mem = element(d, f, f->i++);
    if (f->i == f->n) {
        drop(d);
    }
    return deferred(d, leaf, mem, &scope);
}

static bool step_value_deferred(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    struct ir_ndr_scope scope = f->scope;

    d->q_read = f->q_read;
    drop(d);
    return deferred(d, f->type, f->mem, &scope);
}

/* --- constructs --- */

bool ir_ndr_dec_construct(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                          const struct ir_ndr_scope *scope)
{
    if (t->flags & IRPC_NDR_F_POINTERS) {
        struct ir_ndr_frame *f = push(d, IR_NDR_VALUE_D);
        if (f == NULL) {
            return false;
        }
        f->type = t;
        f->mem = mem;
        f->scope = *scope;
        f->q_read = d->q_len;
    }
    return value(d, t, mem, scope);
}

/* Bytes to allocate for pointee @t; its conformance is read. */
static bool pointee_size(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint64_t *ret_size,
                         bool *ret_zero)
{
    const struct irpc_ndr_type *leaf = t;
    uint32_t total = 1;
    bool varying = false;

    *ret_size = t->msize;
    *ret_zero = !(t->flags & (IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64));
    if (t->kind != IRPC_NDR_ARRAY && !(t->flags & IRPC_NDR_F_CONFORMANT)) {
        return true;
    }
    if (!ir_ndr_dec_conformance(d, t) || !ir_ndr_dec_total(d, t, &total, &leaf)) {
        return false;
    }
    uint32_t off = 0;
    const struct irpc_ndr_type *a = ir_ndr_tail(d->unit, t, &off, &off);
    varying = a->kind == IRPC_NDR_STRING;
    for (; a->kind == IRPC_NDR_ARRAY; a = &d->unit->types[a->ref]) {
        varying = varying || (a->flags & IRPC_NDR_F_VARYING) != 0;
    }
    if (!varying && !ir_ndr_dec_fits(d, leaf, total)) { /* check: N02 */
        return false;
    }
    *ret_size = ir_ndr_sized(d->unit, t, total != 0 ? total : 1);
    *ret_zero = varying || t->kind == IRPC_NDR_STRUCT || total == 0 ||
                !(leaf->flags & (IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64));
    return true;
}

bool ir_ndr_dec_pointee(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *slot,
                        const struct ir_ndr_scope *scope)
{
    uint64_t size = 0;
    bool zero = false;
    uint8_t *mem = NULL;

    if (t->kind == IRPC_NDR_STRING) {
        if (!ir_ndr_dec_string_new(d, t, scope, &mem)) {
            return false;
        }
        memcpy(slot, &mem, sizeof(mem));
        return true;
    }
    if (!pointee_size(d, t, &size, &zero) || d->in->err != IRPC_OK) {
        return false;
    }
    if (d->discard) {
        enum ir_ndr_rows skipped = ir_ndr_skip_array(d, t, size, scope, slot);
        if (skipped != IR_NDR_ROWS_NOT) {
            return skipped == IR_NDR_ROWS_DONE;
        }
    }
    mem = ir_ndr_dec_alloc(d, size, zero);
    if (mem == NULL || ((t->flags & IRPC_NDR_F_POINTERS) && !enter(d))) {
        return false;
    }
    memcpy(slot, &mem, sizeof(mem));
    return ir_ndr_dec_construct(d, t, mem, scope);
}

static bool step(struct ir_ndr_dec *d, struct ir_ndr_frame *f)
{
    switch ((enum ir_ndr_work)f->work) {
    case IR_NDR_STRUCT_S:
        return step_struct(d, f);
    case IR_NDR_ARRAY_S:
        return step_array(d, f);
    case IR_NDR_VALUE_D:
        return step_value_deferred(d, f);
    case IR_NDR_STRUCT_D:
        return step_struct_deferred(d, f);
    case IR_NDR_ARRAY_D:
    default:
        return step_array_deferred(d, f);
    }
}

bool ir_ndr_dec_loop(struct ir_ndr_dec *d)
{
    while (d->sp > 0) {
        struct ir_ndr_frame *f = &d->frames[d->sp - 1];
        d->depth = f->depth;
        d->tail = false;
        if (!step(d, f) || d->in->err != IRPC_OK) {
            return false;
        }
    }
    return true;
}
