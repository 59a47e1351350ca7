/* Shared by check*.c. */
#pragma once

#include "idl/levels.h"

/* Whether a value of this type ends in an array without a fixed size. */
bool ir_idl_has_tail(struct ir_idl_type *type);
/* `what`: "field", "member", "parameter". */
void ir_idl_check_duplicates(struct ir_idl_unit *u, const struct ir_idl_vec *fields,
                             const char *what);
/* Kinds of pointer that contradict each other; ranges. */
void ir_idl_check_attrs(struct ir_idl_unit *u, const struct ir_idl_scope *scope,
                        const struct ir_idl_attrs *attrs);
/* Where an array without a fixed size may not stand. */
void ir_idl_check_place(struct ir_idl_unit *u, const struct ir_idl_agg *agg,
                        const struct ir_idl_field *field);
void ir_idl_check_body(struct ir_idl_unit *u, struct ir_idl_agg *agg);

/* check_ops.c */
void ir_idl_check_handles(struct ir_idl_unit *u, const struct ir_idl_iface *iface);
void ir_idl_check_op_attrs(struct ir_idl_unit *u, const struct ir_idl_func *func);
/* A warning when nothing limits the memory of an [out] parameter. */
void ir_idl_check_memory(struct ir_idl_unit *u, const struct ir_idl_func *func,
                         const struct ir_idl_field *param, const struct ir_idl_levels *levels);

/* check_quotes.c: conditions of cpp_quote that do not end, or that nothing began. */
void ir_idl_check_quotes(struct ir_idl_unit *u, struct ir_idl_file *file);

/* check_values.c */
void ir_idl_check_const(struct ir_idl_unit *u, const struct ir_idl_sym *sym);
void ir_idl_check_enum(struct ir_idl_unit *u, const struct ir_idl_agg *agg);
/* A case of that value in the union `agg`. */
void ir_idl_check_case(struct ir_idl_unit *u, const struct ir_idl_agg *agg,
                       const struct ir_idl_expr *e, int64_t value);
/* Whether the request says what the size of an [in] parameter depends on. */
void ir_idl_check_known(struct ir_idl_unit *u, const struct ir_idl_field *param);
void ir_idl_check_level_attrs(struct ir_idl_unit *u, const struct ir_idl_scope *scope,
                              const struct ir_idl_level *level);
void ir_idl_check_ranged(struct ir_idl_unit *u, const struct ir_idl_levels *levels);
