/* A declaration as the wire sees it: levels of pointers and arrays around a leaf. */
#pragma once

#include "idl/compile.h"

#define IR_IDL_MAX_LEVELS 12u
#define IR_IDL_MAX_DIMS 8u

struct ir_idl_level {
    struct ir_idl_type *type;                                     /* POINTER or ARRAY */
    enum ir_idl_attr_id pointer;                                  /* POINTER: REF, UNIQUE or PTR */
    bool explicit_pointer;                                        /* the attribute was written */
    struct ir_idl_expr *size, *max, *min, *length, *first, *last; /* NULL: not given */
    bool is_string; /* the elements are characters and end with NUL */
};

struct ir_idl_levels {
    struct ir_idl_level v[IR_IDL_MAX_LEVELS];
    uint32_t n;
    struct ir_idl_type *leaf;        /* never NAMED */
    struct ir_idl_type *leaf_name;   /* the NAMED type that led there, or the leaf itself */
    bool is_context_handle;          /* the leaf is an opaque handle */
    struct ir_idl_sym *context_type; /* the typedef that says so, or NULL */
    struct ir_idl_attr *range;
    struct ir_idl_attr *switch_is;
    bool is_interface; /* the leaf is an interface, or void with iid_is */
    bool is_ignored;   /* a pointer with [ignore] in a body: nothing of it travels */
    bool has_string;   /* [string] was written */
    struct ir_idl_pos string_pos;
};

/* Where the declaration stands decides the kind of its pointers. */
enum ir_idl_place {
    IR_IDL_IN_BODY,
    IR_IDL_AS_PARAM,
    IR_IDL_AS_RESULT
};

/* False after a message: more than IR_IDL_MAX_LEVELS levels, or too many size_is arguments. */
bool ir_idl_expand(struct ir_idl_unit *u, const struct ir_idl_field *field,
                   const struct ir_idl_iface *iface, enum ir_idl_place place,
                   struct ir_idl_levels *ret);
bool ir_idl_is_char(const struct ir_idl_type *leaf);
