/*
 * Inside the interpreter: the state of one decoding and of one encoding, and what its files share.
 *
 * Both machines work off a stack of frames in a fixed array; peer data never causes recursion
 * (check: L13). A
 * construct (a parameter or a pointee) goes through two phases: S, its own bytes with everything
 * it contains by value, and D, the pointees of the pointers found in S, depth-first, [C706]
 * 14.3.12. A D frame is dropped before its last pointee begins, so a list costs no depth.
 */
#pragma once

#include "base/attr.h"
#include "ndr/ndr.h"

#define IR_NDR_FRAMES 128u /* by-value nesting and pointee nesting together */
#define IR_NDR_DIMS 8u     /* dimensions of an array; ir_ndr_unit_check() refuses more */
#define IR_NDR_PENDING 64u /* correlations that wait for what comes later */
#define IR_NDR_QUEUE 64u   /* notes kept before the heap is asked */
#define IR_NDR_PARAMS 256u /* of an operation; ir_ndr_unit_check() refuses more */
#define IR_NDR_ALL UINT32_MAX
#define IR_NDR_FIRST_REFERENT 0x00020000u
#define IR_NDR_ENUM16_MAX 0x7fffu /* of an enumeration of 16 bits, [C706] 14.2.5 */

/*
 * Memory that correlation expressions read: the innermost struct, or the struct of arguments.
 * What lies at `load` and behind is not decoded yet, pointers at `deref` and behind not resolved.
 */
struct ir_ndr_scope {
    const uint8_t *mem;
    uint32_t load;
    uint32_t deref;
};

enum ir_ndr_work {
    IR_NDR_STRUCT_S,
    IR_NDR_ARRAY_S,
    IR_NDR_VALUE_D, /* D phase of a construct: not begun */
    IR_NDR_STRUCT_D,
    IR_NDR_ARRAY_D
};

struct ir_ndr_frame {
    const struct irpc_ndr_type *type; /* ARRAY_*: the array, else the value's own */
    const struct irpc_ndr_type *leaf; /* ARRAY_*: the elements */
    union {
        uint8_t *mem;          /* ARRAY_*: element 0 of the memory, or first of the run */
        const uint8_t *source; /* encoding */
    };
    struct ir_ndr_scope scope; /* ARRAY_*, VALUE_D */
    uint32_t i;                /* next field or element */
    uint32_t n;                /* fields or elements */
    uint32_t shape;            /* ARRAY_* with gaps between rows: index + 1 of its note, else 0 */
    uint32_t q_read;           /* position in the notes: to go on from when `restore` is set */
    uint32_t q_len;
    uint32_t pending; /* STRUCT_S: correlations pending at entry */
    uint16_t depth;   /* pointees around it */
    uint8_t work;     /* enum ir_ndr_work */
    uint8_t restore;  /* a pointee's construct began from here */
};

/* Dimensions of an array. `first`, `n`: the run of elements, when rows have no gaps. */
struct ir_ndr_shape {
    const struct irpc_ndr_type *leaf;
    uint32_t dims;
    uint32_t first;
    uint32_t n;     /* elements on the wire */
    uint32_t total; /* elements in memory */
    bool gaps;      /* an inner dimension varies: elements are scattered */
    uint32_t max[IR_NDR_DIMS];
    uint32_t off[IR_NDR_DIMS];
    uint32_t actual[IR_NDR_DIMS];
};

struct ir_ndr_pending {
    const uint8_t *scope;
    uint32_t expr;
    uint32_t bits; /* compare the low ones only */
    int64_t value; /* on the wire */
};

/* A full pointer seen: node of a trie over the bits of its key, at most 32 levels deep. */
struct ir_ndr_alias {
    struct ir_ndr_alias *child[4];
    uint64_t key;                     /* decoding: referent id; encoding: address */
    const struct irpc_ndr_type *type; /* of the pointee */
    void *mem;
    uint32_t id;     /* encoding: referent id */
    uint32_t total;  /* elements, if the pointee is an array or string */
    uint32_t frame;  /* decoding: where its D phase goes on, */
    uint32_t serial; /* and the serial number of that stay */
    bool done;       /* encoding: pointee written; decoding: has no D phase */
};

struct ir_ndr_dec {
    const struct irpc_ndr_unit *unit;
    struct ir_cur *in;
    struct ir_arena *arena;
    const struct ir_ndr_limits *limits;
    int syntax;
    uint16_t flat; /* flag of types that one memcpy decodes */
    bool discard;  /* validation: nothing has to be stored that nothing reads again */
    enum irpc_status st;
    struct ir_ndr_error error;
    uint32_t elements; /* that may still come */
    uint32_t sp;
    uint32_t depth; /* of the frame at work */
    bool tail;      /* the frame at work was dropped, the next takes its place */
    uint32_t n_pending;
    uint32_t conf[IR_NDR_DIMS]; /* max_counts hoisted in front of the construct */
    /* Notes from S to D, in order: arm of each union, run of each array that has pointers. */
    uint32_t *queue;
    uint32_t q_cap;
    uint32_t q_len;
    uint32_t q_read;
    struct ir_ndr_alias *aliases;
    uint32_t serial;
    struct ir_arena scratch; /* notes and aliases; nothing a manager sees */
    struct ir_ndr_frame frames[IR_NDR_FRAMES];
    struct ir_ndr_pending pending[IR_NDR_PENDING];
    uint32_t queue_inline[IR_NDR_QUEUE];
    uint32_t serials[IR_NDR_FRAMES]; /* of the stay in each frame, for aliases */
};

struct ir_ndr_enc {
    const struct irpc_ndr_unit *unit;
    struct ir_out *out;
    int syntax;
    uint16_t flat;
    enum irpc_status st;
    struct ir_ndr_error error;
    uint32_t sp;
    uint32_t n_referents;
    uint32_t n_full;
    struct ir_ndr_alias *aliases;
    struct ir_arena scratch;
    struct ir_ndr_frame frames[IR_NDR_FRAMES];
};

/* The pointer in a slot. */
static inline void *ir_ndr_pointer(const void *slot)
{
    void *p;

    memcpy(&p, slot, sizeof(p));
    return p;
}

/* Bytes of counts and referents: [C706] 14.3, [MS-RPCE] 2.2.5. */
static inline uint32_t ir_ndr_word(int syntax)
{
    return syntax == IRPC_NDR64 ? 8 : 4;
}

/* Alignment of the first byte of @t: in NDR 2.0 a union is not aligned as a whole. */
static inline uint32_t ir_ndr_start(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                                    int syntax)
{
    bool by_tag = t->kind == IRPC_NDR_UNION && syntax == IRPC_NDR20;
    uint32_t align = by_tag ? unit->types[t->size].walign[syntax] : t->walign[syntax];

    return align != 0 ? align : 1;
}

/* --- expr.c --- */

/* Whether expression @expr can be evaluated in @scope by now; its value in *@ret. */
bool ir_ndr_eval(const struct irpc_ndr_unit *unit, uint32_t expr, const struct ir_ndr_scope *scope,
                 int64_t *ret);

/* --- primitives.c --- */

/* Bytes of a type that is the same in memory and on the wire but for byte order; else 0. */
extern const uint8_t ir_ndr_plain[IRPC_NDR_KIND__COUNT];

static inline uint32_t ir_ndr_plain_size(const struct irpc_ndr_type *t)
{
    return t->flags & IRPC_NDR_F_RANGE ? 0 : ir_ndr_plain[t->kind];
}

/* An integer, boolean, character or enum in memory. */
int64_t ir_ndr_int(const struct irpc_ndr_type *t, const void *mem);

bool ir_ndr_dec_fail(struct ir_ndr_dec *d, enum irpc_status st, const char *check,
                     const char *reason);
bool ir_ndr_enc_fail(struct ir_ndr_enc *e, enum irpc_status st, const char *check,
                     const char *reason);

static inline void ir_ndr_get_plain(struct ir_cur *c, uint32_t size, void *mem)
{
    ir_cur_align(c, size);
    if (size == 4) {
        uint32_t v = ir_cur_u32(c);
        memcpy(mem, &v, sizeof(v));
    } else if (size == 8) {
        uint64_t v = ir_cur_u64(c);
        memcpy(mem, &v, sizeof(v));
    } else if (size == 2) {
        uint16_t v = ir_cur_u16(c);
        memcpy(mem, &v, sizeof(v));
    } else {
        uint8_t v = ir_cur_u8(c);
        memcpy(mem, &v, sizeof(v));
    }
}

static inline void ir_ndr_put_plain(struct ir_out *o, uint32_t size, const void *mem)
{
    ir_out_align(o, size);
    uint8_t *p = ir_out_take(o, size);
    if (p == NULL) {
        return;
    }
    if (size == 4) {
        uint32_t v;
        memcpy(&v, mem, sizeof(v));
        ir_put_u32(p, v, o->big_endian);
    } else if (size == 8) {
        uint64_t v;
        memcpy(&v, mem, sizeof(v));
        ir_put_u64(p, v, o->big_endian);
    } else if (size == 2) {
        uint16_t v;
        memcpy(&v, mem, sizeof(v));
        ir_put_u16(p, v, o->big_endian);
    } else {
        memcpy(p, mem, 1);
    }
}

/* One value of a base type, or CONTEXT. */
bool ir_ndr_dec_base(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem);
bool ir_ndr_enc_base(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *mem);
/* @n adjacent values of a plain type of @size bytes. */
void ir_ndr_dec_run(struct ir_ndr_dec *d, uint32_t size, void *mem, uint32_t n);
void ir_ndr_enc_run(struct ir_ndr_enc *e, uint32_t size, const void *mem, uint32_t n);
/* A max_count, offset, actual_count or referent. */
uint32_t ir_ndr_dec_word(struct ir_ndr_dec *d);
void ir_ndr_enc_word(struct ir_ndr_enc *e, uint32_t value);

/* --- arrays.c --- */

/* Element of the memory that is number @i on the wire; @note: max, offset, actual per dimension. */
uint32_t ir_ndr_scatter(const uint32_t *note, uint32_t dims, uint32_t i);
/* Read the hoisted max_counts of @t, if it has any, to d->conf. */
bool ir_ndr_dec_conformance(struct ir_ndr_dec *d, const struct irpc_ndr_type *t);
/* Elements of conformant @t in memory by d->conf, ranges checked; 64 bits, cannot overflow. */
bool ir_ndr_dec_total(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t *ret_total,
                      const struct irpc_ndr_type **ret_leaf);
/* The same by evaluation of its size_is; false if that is negative or too large. */
bool ir_ndr_eval_total(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                       const struct ir_ndr_scope *scope, uint32_t *ret_total,
                       const struct irpc_ndr_type **ret_leaf);
/* Bytes of conformant struct or array @t with @total elements. */
uint64_t ir_ndr_sized(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                      uint32_t total);
/* The array at the end of conformant struct @t (or @t itself); its offset is added to *@off, the
 * struct right around it is in *@scope_off. */
const struct irpc_ndr_type *ir_ndr_tail(const struct irpc_ndr_unit *unit,
                                        const struct irpc_ndr_type *t, uint32_t *off,
                                        uint32_t *scope_off);
/* Where an array's elements start and what they are, offsets and counts read and checked. */
bool ir_ndr_dec_shape(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                      const struct ir_ndr_scope *scope, struct ir_ndr_shape *ret);
/* Max, offset and actual count of one dimension, from memory. */
bool ir_ndr_eval_dimension(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                           const uint8_t *scope, uint32_t *max, uint32_t *off, uint32_t *actual);
/* The same of all, for encoding; writes nothing. */
bool ir_ndr_enc_shape(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *scope,
                      struct ir_ndr_shape *ret);
/* Write the hoisted max_counts of @t at @mem. */
bool ir_ndr_enc_conformance(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                            const uint8_t *scope);
/* Write offsets and counts. */
void ir_ndr_enc_variance(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                         const struct ir_ndr_shape *s);
/* Fail if @n elements of @t cannot be in the bytes that are left. check: N02 */
bool ir_ndr_dec_fits(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t n);
/* The same, and count them unless their bytes bound them. */
bool ir_ndr_dec_room(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint32_t n);

/* --- strings.c --- */

/* Embedded in memory for t->n characters, or for @cap if conformant (max_count in d->conf). */
bool ir_ndr_dec_string(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                       uint32_t cap, const struct ir_ndr_scope *scope);
/* As a pointee: allocated. */
bool ir_ndr_dec_string_new(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                           const struct ir_ndr_scope *scope, uint8_t **ret);
/* max_count for the wire. */
bool ir_ndr_string_max(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                       const uint8_t *scope, uint32_t *ret);
bool ir_ndr_enc_string(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const uint8_t *mem,
                       const uint8_t *scope);
/* Characters before the NUL, at most @cap. */
uint32_t ir_ndr_string_len(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                           const uint8_t *mem, uint32_t cap);

/* --- unions.c --- */

/* Type of the arm for @tag: types[0] for an empty arm, NULL if there is none. */
const struct irpc_ndr_type *ir_ndr_arm(const struct irpc_ndr_unit *unit,
                                       const struct irpc_ndr_type *t, int64_t tag);
/* Read the discriminant, note the arm for D, align for it; NULL after a failure. */
const struct irpc_ndr_type *ir_ndr_dec_union(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                                             uint8_t *mem, const struct ir_ndr_scope *scope);
const struct irpc_ndr_type *ir_ndr_enc_union(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                             const uint8_t *mem, const uint8_t *scope);
/* Tag by memory: the discriminant, or switch_is. */
bool ir_ndr_union_tag(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                      const uint8_t *mem, const uint8_t *scope, int64_t *ret);

/* --- pointers.c --- */

/* @size bytes for a manager to see; fails the decoder if there are none. */
void *ir_ndr_dec_alloc(struct ir_ndr_dec *d, uint64_t size, bool zero);

/* Whether full pointer @id has been seen, with its object. */
bool ir_ndr_dec_has_object(struct ir_ndr_dec *d, uint64_t id);

/* Full pointer @id has the object @mem, complete, of type @t. false: d->st. */
bool ir_ndr_dec_keep_object(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem,
                            const struct ir_ndr_scope *scope, uint64_t id);

/* Read a referent into the slot @mem: NULL, or not NULL until D replaces it. */
bool ir_ndr_dec_referent(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *mem);
/* D phase of a pointer: decode its pointee; the slot holds what ir_ndr_dec_referent() left. */
bool ir_ndr_dec_resolve(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *slot,
                        const struct ir_ndr_scope *scope);
bool ir_ndr_enc_referent(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *slot,
                         const uint8_t *scope);
/* Whether the pointee of @slot must be written now. */
bool ir_ndr_enc_first_use(struct ir_ndr_enc *e, const struct irpc_ndr_type *t, const void *slot,
                          const uint8_t *scope);

/* --- pipes.c --- */

struct irpc_pipe;
bool ir_ndr_is_pipe(const struct irpc_ndr_unit *unit, const struct irpc_ndr_param *p);
/* All chunks of a pipe of type @t, a parameter. */
bool ir_ndr_dec_pipe(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, struct irpc_pipe *pipe,
                     const struct ir_ndr_scope *scope);
bool ir_ndr_enc_pipe(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                     const struct irpc_pipe *pipe);

/* --- encode.c --- */

/* @n elements by value of an array or pipe @t without pointers, to the end. */
bool ir_ndr_enc_elements(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                         const struct irpc_ndr_type *element, const uint8_t *mem, uint32_t n);

/* --- decode.c --- */

/* @n elements of an array or pipe @t by value, now or by a frame. */
bool ir_ndr_dec_elements(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                         const struct irpc_ndr_type *element, uint8_t *mem, uint32_t n,
                         const struct ir_ndr_scope *scope);

/* Allocate the pointee of type @t, put its address into @slot, begin to decode it. */
bool ir_ndr_dec_pointee(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, void *slot,
                        const struct ir_ndr_scope *scope);
/* Compare @expr with @value now, or later if it reads what is still to come. check: N03 */
bool ir_ndr_dec_correlate(struct ir_ndr_dec *d, uint32_t expr, const struct ir_ndr_scope *scope,
                          int64_t value, uint32_t bits);
/* Make the comparisons from number @from on that can be made by now; keep the others. */
bool ir_ndr_dec_run_pending(struct ir_ndr_dec *d, uint32_t from, uint32_t deref);
/* Begin a construct: S now or by frames, D by a frame below them. Conformance was read. */
bool ir_ndr_dec_construct(struct ir_ndr_dec *d, const struct irpc_ndr_type *t, uint8_t *mem,
                          const struct ir_ndr_scope *scope);
/* Work until no frame is left. */
bool ir_ndr_dec_loop(struct ir_ndr_dec *d);
/* Append to the notes from S to D. */
bool ir_ndr_dec_note(struct ir_ndr_dec *d, uint32_t value);

/* --- unit_check.c, unit_scope.c --- */

/* Alignment that C gives @t in a struct here: tables say 8 everywhere. */
static inline uint32_t ir_ndr_c_align(const struct irpc_ndr_type *t)
{
    return t->malign < IR_C_ALIGN_MAX ? t->malign : IR_C_ALIGN_MAX;
}

/* Whether @n things from number @first on are among @total. */
static inline bool ir_ndr_slice(uint32_t first, uint32_t n, uint32_t total)
{
    return first <= total && n <= total - first;
}

/* Declarators and operations of a unit whose types are good: NULL, or what is wrong. */
const char *ir_ndr_scopes_check(const struct irpc_ndr_unit *u);
