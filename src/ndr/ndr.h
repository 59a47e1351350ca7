/*
 * The NDR interpreter: encodes, decodes, validates and prints values described by the tables of
 * <ironrpc/ndr_type.h>. Pure: bytes and arena in, bytes and memory out.
 */
#pragma once

#include <ironrpc/ndr_type.h>
#include <ironrpc/types.h>

#include "base/arena.h"
#include "base/cur.h"
#include "base/out.h"

/* Which parameters of an operation: the request's or the reply's. IR_NDR_OUT_NEW, for decoding: the
 * reply's for a client without generated code, which has no memory to offer. */
enum ir_ndr_dir {
    IR_NDR_IN,
    IR_NDR_OUT,
    IR_NDR_OUT_NEW
};

/* What was wrong with stub data, for the log: set only on failure. Static text. */
struct ir_ndr_error {
    const char *check;  /* number in checks.md, e.g. "N02" */
    const char *reason; /* a few words */
    uint32_t offset;    /* in the stub data */
    uint32_t name;      /* offset in unit->names of the parameter, 0 unknown */
};

struct ir_ndr_limits {
    uint32_t max_depth;    /* nesting of deferred pointees (lists do not nest) */
    uint32_t max_elements; /* array elements and pointees in one direction of one call */
    size_t base_memory;    /* decoded memory <= base_memory + unit->k * stub bytes */
};

/* Defaults: depth 64, 1M elements, 64 KiB. */
extern const struct ir_ndr_limits ir_ndr_default_limits;

/*
 * Load-time invariants: all indices in range, alignments powers of two, containment acyclic,
 * sizes consistent, expressions well-formed. Once per unit.
 * Return: IRPC_OK, IRPC_CONTRACT_MISMATCH (another version), IRPC_INVALID_ARG (@ret_why says what).
 */
IRPC_CHECKED ir_ndr_unit_check(const struct irpc_ndr_unit *unit, const char **reterr_why);

/*
 * Write the parameters of @dir of operation @opnum from @args (its struct of arguments) to @out;
 * alignment counts from the position of @out at entry. @syntax: IRPC_NDR20 or IRPC_NDR64.
 * Return: IRPC_OK; IRPC_NULL_REF_POINTER, IRPC_INVALID_TAG, IRPC_INVALID_BOUND for values that
 * cannot be sent; IRPC_LIMIT, IRPC_NO_MEMORY from @out.
 */
IRPC_CHECKED ir_ndr_encode(const struct irpc_ndr_unit *unit, uint32_t opnum, enum ir_ndr_dir dir,
                           int syntax, const void *args, struct ir_out *out,
                           struct ir_ndr_error *reterr);

/*
 * Read the parameters of @dir from @in (whole stub data, byte order in @in) into zeroed @args.
 * IR_NDR_IN (server): everything is allocated in @arena. IR_NDR_OUT (client): top-level [ref]
 * pointers in @args point to the caller's memory, which is filled in place and never exceeded
 * (size_is is taken from @args as they are before the call); all else is allocated in @arena.
 * IR_NDR_OUT_NEW: everything is allocated in @arena, by what has arrived; the [in] parameters in
 * @args are not changed, and only those of the reply have to be zero.
 * Values in the stub data are counted: elements that one memcpy moves only by their bytes.
 * On failure @args and what it points to are indeterminate: give up the arena.
 * Correlations, ranges, NULL checks are made as [MS-RPCE] 3.1.1.5.3.3 demands of level 6.
 * Bytes left over at the end are tolerated (check: N14).
 * Return: IRPC_OK; IRPC_BAD_STUB_DATA, IRPC_INVALID_TAG, IRPC_INVALID_BOUND, IRPC_NULL_REF_POINTER
 * for bad data; IRPC_LIMIT over a budget, IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_ndr_decode(const struct irpc_ndr_unit *unit, uint32_t opnum, enum ir_ndr_dir dir,
                           int syntax, struct ir_cur *in, struct ir_arena *arena, void *args,
                           const struct ir_ndr_limits *limits, struct ir_ndr_error *reterr);

/*
 * Whether ir_ndr_decode() of IR_NDR_IN would accept @in, without keeping anything: the same checks
 * and limits. Of several things that are wrong it may find another one first.
 */
IRPC_CHECKED ir_ndr_validate(const struct irpc_ndr_unit *unit, uint32_t opnum, int syntax,
                             struct ir_cur *in, const struct ir_ndr_limits *limits,
                             struct ir_ndr_error *reterr);

/*
 * Server, after decoding and before the manager: allocate zeroed memory in @arena for every
 * [out]-only top-level [ref] pointee, arrays by their size_is ([C706] 14.3; check: N15).
 * Return: IRPC_OK, IRPC_LIMIT (size_is asks for more than the budget), IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_ndr_prepare_out(const struct irpc_ndr_unit *unit, uint32_t opnum,
                                struct ir_arena *arena, void *args);

/*
 * Visit every context handle among the parameters of @dir (by value, behind pointers, or the
 * elements of an array there): @fn gets its address, its type id (1..) and the parameter's flags;
 * stops at the first status other than IRPC_OK and returns it.
 */
typedef enum irpc_status ir_ndr_context_fn(void *user, void *handle, uint32_t context_type,
                                           uint32_t param_flags);
IRPC_CHECKED ir_ndr_contexts(const struct irpc_ndr_unit *unit, uint32_t opnum, enum ir_ndr_dir dir,
                             void *args, ir_ndr_context_fn *fn, void *user);

/*
 * Receives values in order. A struct: begin_struct, (field, value)*, end_struct. An array:
 * begin_array, value*, end_array. A union: begin_union, at most one (field, value), end_union. A
 * non-NULL pointer is its pointee. Names and spans are borrowed until the call returns.
 */
struct ir_ndr_sink {
    void (*begin_struct)(void *user);
    void (*end_struct)(void *user);
    void (*begin_array)(void *user);
    void (*end_array)(void *user);
    void (*begin_union)(void *user, int64_t tag);
    void (*end_union)(void *user);
    void (*field)(void *user, const char *name);
    void (*integer)(void *user, int64_t value);
    void (*natural)(void *user, uint64_t value); /* unsigned types */
    void (*boolean)(void *user, bool value);
    void (*real)(void *user, double value);
    void (*enumerator)(void *user, const char *name, int64_t value);         /* @name may be NULL */
    void (*string)(void *user, const void *chars, size_t n, unsigned width); /* without NUL */
    void (*bytes)(void *user, struct irpc_span bytes);
    void (*uuid)(void *user, const struct irpc_uuid *uuid);
    void (*context)(void *user, const void *handle); /* struct irpc_context_handle */
    void (*null)(void *user);
};

/*
 * Visit the parameters of @dir of operation @opnum in @args, as fields of one struct.
 * Return: IRPC_OK; IRPC_LIMIT when values nest more than 512 deep or are more than a million
 * (full pointers can make few objects look like many); IRPC_INVALID_BOUND for impossible counts.
 */
IRPC_CHECKED ir_ndr_print(const struct irpc_ndr_unit *unit, uint32_t opnum, enum ir_ndr_dir dir,
                          const void *args, const struct ir_ndr_sink *sink, void *user);
