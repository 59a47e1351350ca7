/*
 * Contract between the IDL compiler and the runtime: constant tables that describe every type,
 * parameter and operation of an interface. Generated code fills them with sizeof and offsetof;
 * the compiler library builds the same tables in memory for interfaces loaded at run time.
 *
 * All references are indices into the arrays of one struct irpc_ndr_unit; index 0 of `types`,
 * `exprs` and `names` is reserved and means "none". A unit from outside is passed through
 * ir_ndr_unit_check() before use; generated units are checked once at registration.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_NDR_TYPE_H
#define IRONRPC_NDR_TYPE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a structure of this file or of stub.h changes. */
#define IRPC_CONTRACT 2u

/* Index of per-syntax values: NDR 2.0 and NDR64. */
#define IRPC_NDR20 0
#define IRPC_NDR64 1

/* Kinds of type. Memory is the native C type named on the right. */
enum irpc_ndr_kind {
    IRPC_NDR_NONE = 0, /* void, empty union arm */
    IRPC_NDR_BOOLEAN,  /* uint8_t */
    IRPC_NDR_BYTE,     /* uint8_t, never byte-swapped or translated */
    IRPC_NDR_CHAR,     /* char */
    IRPC_NDR_WCHAR,    /* uint16_t, UTF-16 code unit */
    IRPC_NDR_I8,       /* int8_t (small) */
    IRPC_NDR_U8,       /* uint8_t */
    IRPC_NDR_I16,      /* int16_t (short) */
    IRPC_NDR_U16,      /* uint16_t */
    IRPC_NDR_I32,      /* int32_t (long) */
    IRPC_NDR_U32,      /* uint32_t; error_status_t too */
    IRPC_NDR_I64,      /* int64_t (hyper) */
    IRPC_NDR_U64,      /* uint64_t */
    IRPC_NDR_F32,      /* float */
    IRPC_NDR_F64,      /* double */
    IRPC_NDR_I3264,    /* int64_t; 4 bytes in NDR 2.0, 8 in NDR64 (__int3264) */
    IRPC_NDR_U3264,    /* uint64_t; same */
    IRPC_NDR_ENUM16,   /* C enum (4 bytes); 2 bytes in NDR 2.0, 4 in NDR64 */
    IRPC_NDR_ENUM32,   /* C enum; 4 bytes in both ([v1_enum]) */
    IRPC_NDR_STRUCT,   /* C struct */
    IRPC_NDR_UNION,    /* C union; with IRPC_NDR_F_ENCAPSULATED struct { disc; union u; } */
    IRPC_NDR_ARRAY,   /* inline elements; conformant ones only behind a pointer or as struct tail */
    IRPC_NDR_STRING,  /* inline characters with terminator */
    IRPC_NDR_POINTER, /* T * */
    IRPC_NDR_CONTEXT, /* struct irpc_context_handle (20 bytes), [context_handle] */
    IRPC_NDR_PIPE,    /* struct irpc_pipe; only behind a top-level [ref] pointer */
    IRPC_NDR_IGNORED, /* void *, [ignore]: sent as 0, NULL when decoded, whatever the peer sent */
    IRPC_NDR_KIND__COUNT
};

enum irpc_ndr_ptr {
    IRPC_NDR_PTR_REF = 1,
    IRPC_NDR_PTR_UNIQUE,
    IRPC_NDR_PTR_FULL
};

/* Flags of a type. FLAT*: one memcpy moves it between memory and a little-endian wire (no pointer,
 * no gap in memory or on the wire, no conversion, no range or enum16 check), also for arrays of it.
 * BYTES: FLAT and made of single bytes, so byte order does not matter. */
#define IRPC_NDR_F_FLAT20 0x0001u
#define IRPC_NDR_F_FLAT64 0x0002u
#define IRPC_NDR_F_BYTES 0x0004u
#define IRPC_NDR_F_POINTERS 0x0008u   /* it or a part of it has embedded pointers (deferred part) */
#define IRPC_NDR_F_CONFORMANT 0x0010u /* array, string or struct whose max_count is on the wire */
#define IRPC_NDR_F_VARYING 0x0020u    /* array or string with offset and actual_count on the wire */
#define IRPC_NDR_F_ENCAPSULATED 0x0040u /* union with its discriminant in front */
#define IRPC_NDR_F_DEFAULT 0x0080u      /* union has a default arm, type `first` (0: empty arm) */
#define IRPC_NDR_F_MS_UNION 0x0100u     /* [ms_union]: arm aligned to the largest arm, NDR 2.0 */
#define IRPC_NDR_F_RANGE 0x0200u        /* `range` is set */
#define IRPC_NDR_F_NOCHECK 0x0400u      /* [disable_consistency_check] */
#define IRPC_NDR_F_UUID 0x0800u         /* STRUCT that is a GUID: printed as text */

/* clang-format off */
/*
 * One type. What the fields mean by kind (index 0 or value 0 = none unless said otherwise):
 *
 *   kind     ref           n             size           length          first          aux
 *   base     -             -             -              -               -              -
 *   ENUM*    first arm     n of arms     -              -               -              -
 *   STRUCT   first field   n of fields   -              -               -              -
 *   UNION    first arm     n of arms     type of disc.  expr switch_is  default type   offset of u
 *   ARRAY    element type  fixed count   expr size_is   expr length_is  expr first_is  -
 *   STRING   char type     fixed count   expr size_is   expr length_is  -              -
 *   POINTER  pointee type  irpc_ndr_ptr  -              -               -              -
 *   CONTEXT  -             -             -              -               -              handle type
 *   PIPE     element type  -             -              -               -              -
 *   IGNORED  -             -             -              -               -              -
 *
 * PIPE: ref is the type of the elements, which have neither pointers nor open sizes.
 * Interface pointers and iid_is: POINTER to the STRUCT irpc_interface_pointer of stub.h.
 *
 * ARRAY: dimensions are nested ARRAY types, outermost first. max_is, last_is and min_is are
 * lowered to size_is, length_is and first_is by the compiler. A conformant or varying array
 * without an expression has CONFORMANT/VARYING set and expression 0 (then no check is made).
 * ENUM*: arms give names (`type` 0). Arms of one union are sorted by tag.
 * STRUCT with CONFORMANT: the last field is the conformant ARRAY or a conformant STRUCT; msize
 * counts one element of it.
 * UNION without ENCAPSULATED: switch_is says the tag when encoding and is compared on decoding.
 * `aux` is where the arms lie inside the C struct of an encapsulated union (disc. lies at 0).
 */
/* clang-format on */
struct irpc_ndr_type {
    uint8_t kind;      /* enum irpc_ndr_kind */
    uint8_t malign;    /* C alignment */
    uint8_t walign[2]; /* wire alignment in NDR 2.0, NDR64 */
    uint16_t flags;    /* IRPC_NDR_F_... */
    uint16_t range;    /* index into ranges, with F_RANGE */
    uint32_t msize;    /* sizeof */
    uint32_t wsize[2]; /* bytes on the wire if constant (without tail padding in NDR 2.0), else 0 */
    uint32_t ref;
    uint32_t n;
    uint32_t size;
    uint32_t length;
    uint32_t first;
    uint32_t aux;
    uint32_t name; /* offset in names: name of the type, 0 if it has none */
};

/* A field of a struct. */
struct irpc_ndr_field {
    uint32_t type;
    uint32_t moff; /* offsetof */
    uint32_t name;
};

/* An arm of a union, or a name of an enumeration. */
struct irpc_ndr_arm {
    int64_t tag;
    uint32_t type; /* 0: empty arm */
    uint32_t name; /* name of the arm's member, or of the enumerator */
};

/* [range(min, max)], both ends included. */
struct irpc_ndr_range {
    int64_t min;
    int64_t max;
};

/*
 * Correlation expressions in postfix form: an expression is named by the index of its first
 * operation and goes on to the one with `last` set. They read memory of their scope: the
 * innermost struct around the declarator, or the struct of arguments for parameters. At most
 * IRPC_NDR_EXPR_DEPTH values are on the stack. Arithmetic is on int64_t and wraps.
 */
#define IRPC_NDR_EXPR_DEPTH 8
#define IRPC_NDR_EXPR_LEN 32

enum irpc_ndr_expr_op {
    IRPC_NDR_X_NONE = 0,
    IRPC_NDR_X_CONST, /* push value */
    IRPC_NDR_X_LOAD,  /* push the integer of `width` bytes at scope + moff */
    IRPC_NDR_X_DEREF, /* push the integer that the pointer at scope + moff points to; NULL gives 0
                       */
    IRPC_NDR_X_ADD,
    IRPC_NDR_X_SUB,
    IRPC_NDR_X_MUL,
    IRPC_NDR_X_DIV, /* by zero gives 0 */
    IRPC_NDR_X_MOD,
    IRPC_NDR_X_AND,
    IRPC_NDR_X_OR,
    IRPC_NDR_X_XOR,
    IRPC_NDR_X_SHL,
    IRPC_NDR_X_SHR,
    IRPC_NDR_X_NEG,
    IRPC_NDR_X_NOT,  /* ~ */
    IRPC_NDR_X_LNOT, /* ! */
    IRPC_NDR_X_EQ,
    IRPC_NDR_X_NE,
    IRPC_NDR_X_LT,
    IRPC_NDR_X_LE,
    IRPC_NDR_X_GT,
    IRPC_NDR_X_GE,
    IRPC_NDR_X_LAND,
    IRPC_NDR_X_LOR,
    IRPC_NDR_X_COND, /* pops c, b, a: pushes a ? b : c */
    IRPC_NDR_X__COUNT
};

struct irpc_ndr_expr {
    uint8_t op; /* enum irpc_ndr_expr_op */
    uint8_t width;
    uint8_t is_signed;
    uint8_t last;
    uint32_t moff;
    int64_t value;
};

/* Flags of a parameter. */
#define IRPC_NDR_P_IN 0x01u
#define IRPC_NDR_P_OUT 0x02u
#define IRPC_NDR_P_RETURN 0x04u /* the operation's result; stored by value, P_OUT is set too */

/*
 * A parameter, in the struct of arguments that stubs pass to the runtime. Stored as the C
 * parameter is: arrays and [out] things as pointers (type POINTER, IRPC_NDR_PTR_REF: no referent
 * on the wire at top level). Handles of type handle_t are no parameters here.
 */
struct irpc_ndr_param {
    uint32_t type;
    uint32_t moff;
    uint32_t name;
    uint32_t flags; /* IRPC_NDR_P_... */
};

#define IRPC_NDR_OP_IDEMPOTENT 0x01u
#define IRPC_NDR_OP_MAYBE 0x02u
#define IRPC_NDR_OP_BROADCAST 0x04u
/* The number is reserved in the IDL ([call_as], [local]): op_rng_error. */
#define IRPC_NDR_OP_ABSENT 0x08u
/* It has pipes: they come last in a request and first in a reply, [C706] 14.3.9. */
#define IRPC_NDR_OP_PIPES 0x10u
/* [encode] or [decode]: serialized (pickle.h), never called. */
#define IRPC_NDR_OP_PICKLE 0x20u

/* An operation; its index is the opnum, if that is below n_ops. The return value is the last
 * parameter. */
struct irpc_ndr_op {
    uint32_t first_param;
    uint16_t n_params;
    uint16_t flags;     /* IRPC_NDR_OP_... */
    uint32_t args_size; /* sizeof the struct of arguments */
    uint32_t name;
};

/* The tables of one interface (or of one IDL file). */
struct irpc_ndr_unit {
    uint32_t contract; /* IRPC_CONTRACT of the compiler */
    uint32_t n_types;
    uint32_t n_fields;
    uint32_t n_arms;
    uint32_t n_exprs;
    uint32_t n_ranges;
    uint32_t n_params;
    uint32_t n_ops;
    uint32_t n_contexts; /* context handle types: 1..n_contexts */
    /* Behind the n_ops operations: one per serializable type, with one parameter, a [ref] pointer.
     */
    uint32_t n_pickles;
    uint32_t names_len;
    uint32_t k; /* memory per wire byte, at most: decoded size <= base + k * bytes */
    const struct irpc_ndr_type *types;
    const struct irpc_ndr_field *fields;
    const struct irpc_ndr_arm *arms;
    const struct irpc_ndr_expr *exprs;
    const struct irpc_ndr_range *ranges;
    const struct irpc_ndr_param *params;
    const struct irpc_ndr_op *ops;
    const char *names; /* NUL-terminated names one after another; names[0] is NUL */
};

#ifdef __cplusplus
}
#endif
#endif
