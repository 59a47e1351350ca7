/* Shared by emit_*.c. */
#pragma once

#include "idl/tables.h"

/* "const uint16_t *name": a C declaration of `type`. */
enum ir_idl_decl_use {
    IR_IDL_USE_MEMBER, /* of a struct or union; also a typedef */
    IR_IDL_USE_PARAM,  /* parameter or member of a struct of arguments: arrays are pointers */
};
void ir_idl_c_decl(struct ir_idl_unit *u, struct ir_idl_text *out, struct ir_idl_type *type,
                   const char *name, enum ir_idl_decl_use use, bool direct_handle);
void ir_idl_c_param(struct ir_idl_unit *u, struct ir_idl_text *out,
                    const struct ir_idl_field *param);
/* "struct x", "union x", "enum x" */
const char *ir_idl_c_agg(struct ir_idl_unit *u, const struct ir_idl_agg *agg);
/* name_v1_0 */
const char *ir_idl_c_versioned(struct ir_idl_unit *u, const struct ir_idl_iface *iface);
/* What C calls the interface, its server stub, and the client's function of an operation. */
const char *ir_idl_c_interface(struct ir_idl_unit *u, const struct ir_idl_iface *iface);
const char *ir_idl_c_server(struct ir_idl_unit *u, const struct ir_idl_iface *iface);
const char *ir_idl_c_function(struct ir_idl_unit *u, const struct ir_idl_func *func);
/* "first line" of every generated file */
void ir_idl_emit_banner(const struct ir_idl_unit *u, struct ir_idl_text *out, const char *what);
bool ir_idl_has_result(const struct ir_idl_func *func);
bool ir_idl_is_op(const struct ir_idl_func *func); /* has a stub */
/* The client's function takes no binding: it uses the interface's implicit handle. */
bool ir_idl_is_implicit(const struct ir_idl_func *func);
/* "(first, parameters)"; @first may be NULL. */
void ir_idl_emit_params(struct ir_idl_unit *u, struct ir_idl_text *out,
                        const struct ir_idl_func *func, const char *first);
/* Those of the client's function. */
void ir_idl_emit_client_params(struct ir_idl_unit *u, struct ir_idl_text *out,
                               const struct ir_idl_func *func);
/* Tags that <ironrpc/types.h> and <ironrpc/stub.h> define already. */
bool ir_idl_is_runtime_tag(const struct ir_idl_agg *agg);

void ir_idl_emit_header(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out);
void ir_idl_emit_client(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out);
void ir_idl_emit_server(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out);
void ir_idl_emit_tables(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out);
void ir_idl_emit_json(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out);
