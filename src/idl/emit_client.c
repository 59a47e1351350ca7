/* X_c.c: client functions. Each packs its parameters and hands them to the runtime. */
#include <string.h>

#include "idl/emit.h"

static void emit_result_start(struct ir_idl_text *out, const struct ir_idl_func *func)
{
    const struct ir_idl_type *type = ir_idl_strip(func->result->type);
    bool scalar = type->kind == IR_IDL_BASE || type->kind == IR_IDL_POINTER;
    if (scalar && !ir_idl_is_handle_type(func->result->type)) {
        ir_idl_text_puts(out, "    args.result = 0;\n");
    }
}

/* Where the program looks for a failed call's status, as C; NULL when it does not. */
static const char *status_place(struct ir_idl_unit *u, const struct ir_idl_func *func,
                                enum ir_idl_attr_id id)
{
    for (uint32_t i = 0; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        if (ir_idl_attr(&param->attrs, id)) {
            return ir_idl_dup(&u->pool, param->c_name, strlen(param->c_name));
        }
    }
    return ir_idl_attr(&func->attrs, id) ? "ret_result" : NULL;
}

static void emit_args(struct ir_idl_text *out, const struct ir_idl_func *func)
{
    uint32_t first = func->has_handle ? 1 : 0;
    for (uint32_t i = first; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        ir_idl_text_printf(out, "    args.%s = %s;\n", param->c_name, param->c_name);
    }
    if (ir_idl_has_result(func)) {
        emit_result_start(out, func);
    } else if (func->params.n == first) {
        ir_idl_text_puts(out, "    args.unused = 0;\n");
    }
}

static void emit_function(struct ir_idl_unit *u, struct ir_idl_text *out,
                          const struct ir_idl_iface *iface, const struct ir_idl_func *func)
{
    const char *comm = status_place(u, func, IR_IDL_ATTR_COMM_STATUS);
    const char *fault = status_place(u, func, IR_IDL_ATTR_FAULT_STATUS);
    bool has_result = ir_idl_has_result(func);
    bool keeps_status = has_result || comm || fault;
    ir_idl_text_printf(out, "\nenum irpc_status %s", ir_idl_c_function(u, func));
    ir_idl_emit_client_params(u, out, func);
    ir_idl_text_printf(out, "\n{\n    struct %.*s_%.*s_args args;\n", IR_IDL_S(iface->name),
                       IR_IDL_S(func->name));
    if (ir_idl_is_implicit(func)) {
        ir_idl_text_printf(out, "    struct irpc_binding *binding = %s;\n", iface->c_implicit);
    }
    ir_idl_text_puts(out, keeps_status ? "    enum irpc_status call_status;\n\n" : "\n");
    emit_args(out, func);
    ir_idl_text_printf(out, "    %s irpc_stub_call(binding, &%s, %u, &args);\n",
                       keeps_status ? "call_status =" : "return", ir_idl_c_interface(u, iface),
                       func->opnum);
    if (has_result) {
        ir_idl_text_puts(out, "    if (call_status == IRPC_OK) {\n"
                              "        *ret_result = args.result;\n"
                              "    }\n");
    }
    if (comm || fault) {
        ir_idl_text_printf(out, "    return irpc_stub_report(binding, call_status, %s, %s);\n",
                           comm ? comm : "0", fault ? fault : "0");
    } else if (keeps_status) {
        ir_idl_text_puts(out, "    return call_status;\n");
    }
    ir_idl_text_puts(out, "}\n");
}

/* The variables of [implicit_handle]; interfaces of a file may share one. */
static void emit_implicit(struct ir_idl_unit *u, struct ir_idl_text *out,
                          const struct ir_idl_iface *iface, struct ir_idl_map *seen)
{
    struct ir_idl_key key = {iface->implicit, NULL, NULL};
    void **slot = iface->c_implicit ? ir_idl_map_add(&u->pool, seen, key) : NULL;
    if (slot && !*slot) {
        *slot = u;
        ir_idl_text_printf(out, "\nstruct irpc_binding *%s = 0;\n", iface->c_implicit);
    }
}

/* T_encode and T_decode of serializable type number @n. */
static void emit_pickle(struct ir_idl_text *out, const struct ir_idl_tables *t, uint32_t n,
                        const char *interface)
{
    const char *name = t->names + t->ops[t->unit.n_ops + n].name;
    ir_idl_text_printf(
        out,
        "\nenum irpc_status %s_%s_encode(struct irpc_pickle *pickle, const %s *value)"
        "\n{\n    return irpc_pickle_put(pickle, &%s, %u, value);\n}\n",
        t->name, name, name, interface, n);
    ir_idl_text_printf(out,
                       "\nenum irpc_status %s_%s_decode(struct irpc_pickle *pickle, %s **ret_value)"
                       "\n{\n    void *value = 0;\n    enum irpc_status st = "
                       "irpc_pickle_get(pickle, &%s, %u, &value);\n"
                       "    if (st == IRPC_OK) {\n        *ret_value = (%s *)value;\n    }\n"
                       "    return st;\n}\n",
                       t->name, name, name, interface, n, name);
}

void ir_idl_emit_client(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out)
{
    struct ir_idl_map implicit = {0};
    ir_idl_emit_banner(u, out, "Client stubs");
    ir_idl_text_printf(out, "#include \"%s\"\n", header);
    for (uint32_t i = 0; i < u->tables.n; i++) {
        const struct ir_idl_tables *t = u->tables.v[i];
        emit_implicit(u, out, t->iface, &implicit);
        for (uint32_t k = 0; k < t->iface->funcs.n; k++) {
            if (ir_idl_is_op(t->iface->funcs.v[k])) {
                emit_function(u, out, t->iface, t->iface->funcs.v[k]);
            }
        }
        for (uint32_t k = 0; k < t->unit.n_pickles; k++) {
            emit_pickle(out, t, k, ir_idl_c_interface(u, t->iface));
        }
    }
}
