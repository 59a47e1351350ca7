/* The tables of <ironrpc/ndr_type.h> while they are built, with the C text that generated code
 * uses instead of our numbers (sizeof, offsetof). Made by layout*.c, read by emit_tables.c.
 */
#pragma once

#include <ironrpc/ndr_type.h>
#include <ironrpc/stub.h>

#include "idl/compile.h"
#include "idl/levels.h"

/* Beside each struct irpc_ndr_type. */
struct ir_idl_type_info {
    struct ir_idl_agg *agg; /* STRUCT, UNION, ENUM */
    const char *c_type;     /* STRUCT of the runtime, without agg */
    uint64_t wmin;          /* fewest bytes on the wire, NDR 2.0 */
    uint8_t state;
    bool is_pointee; /* allocated by itself when decoded */
};

/* Beside each field, parameter and expression: "offsetof(struct x, y)", or NULL for 0. */
struct ir_idl_tables {
    struct ir_idl_unit *u;
    struct ir_idl_iface *iface;
    struct irpc_ndr_unit unit;
    struct irpc_interface interface;
    const char *name;

    struct irpc_ndr_type *types;
    struct ir_idl_type_info *infos;
    uint32_t cap_types;
    struct irpc_ndr_field *fields;
    const char **field_offsets;
    uint32_t cap_fields;
    struct irpc_ndr_arm *arms;
    uint32_t cap_arms;
    struct irpc_ndr_expr *exprs;
    const char **expr_offsets;
    uint32_t cap_exprs;
    struct irpc_ndr_range *ranges;
    uint32_t cap_ranges;
    struct irpc_ndr_param *params;
    const char **param_offsets;
    uint32_t cap_params;
    struct irpc_ndr_op *ops;
    uint32_t cap_ops;
    char *names;
    uint32_t cap_names;
    uint32_t *name_slots; /* hash of offsets in names; 0: free */
    uint32_t n_name_slots;
    uint32_t n_names;

    uint32_t base_types[IRPC_NDR_KIND__COUNT];
    uint32_t interface_type;   /* STRUCT irpc_interface_pointer, 0 not yet made */
    struct ir_idl_vec pending; /* struct ir_idl_agg whose members are still to be built */
};

/* A place where correlation expressions read: a struct, or the arguments of an operation. */
struct ir_idl_place_info {
    const struct ir_idl_iface *iface;
    const struct ir_idl_file *file;
    const char *c_type; /* "struct x" */
};

/* layout.c: index of a new zeroed entry; 0 once the pool failed */
uint32_t ir_idl_add_type(struct ir_idl_tables *t, enum irpc_ndr_kind kind);
uint32_t ir_idl_add_name(struct ir_idl_tables *t, struct ir_idl_str name);
bool ir_idl_grow(struct ir_idl_tables *t, void **array, size_t size, uint32_t n, uint32_t *cap,
                 void **beside, size_t beside_size);

/* layout_expr.c: index of the first operation, 0 after a message or for no expression */
uint32_t ir_idl_lower_expr(struct ir_idl_tables *t, const struct ir_idl_place_info *place,
                           struct ir_idl_expr *e, int64_t add);
uint32_t ir_idl_lower_level(struct ir_idl_tables *t, const struct ir_idl_place_info *place,
                            const struct ir_idl_level *level, uint32_t count,
                            struct irpc_ndr_type *type);

/* layout_types.c: the type of a declaration, as it is stored; 0 after a message */
uint32_t ir_idl_build_decl(struct ir_idl_tables *t, const struct ir_idl_field *field,
                           const struct ir_idl_place_info *info, enum ir_idl_place place);
/* Members of every struct and arms of every union that build_decl met. */
void ir_idl_build_pending(struct ir_idl_tables *t);

/* layout_wire.c: sizes, alignments, flags, order, K */
void ir_idl_finish_wire(struct ir_idl_tables *t);
