/* X_c.c: client functions. Each packs its parameters and hands them to the runtime. */
#include "idl/emit.h"

static void emit_result_start(struct ir_idl_text *out, const struct ir_idl_func *func)
{
    const struct ir_idl_type *type = ir_idl_strip(func->result->type);
    bool scalar = type->kind == IR_IDL_BASE || type->kind == IR_IDL_POINTER;
    if (scalar && !ir_idl_is_handle_type(func->result->type)) {
        ir_idl_text_puts(out, "    args.result = 0;\n");
    }
}

static void emit_function(struct ir_idl_unit *u, struct ir_idl_text *out,
                          const struct ir_idl_iface *iface, const struct ir_idl_func *func)
{
    bool has_result = ir_idl_has_result(func);
    uint32_t first = func->has_handle ? 1 : 0;
    ir_idl_text_printf(out, "\nenum irpc_status %.*s_%.*s(struct irpc_binding *binding",
                       IR_IDL_S(iface->name), IR_IDL_S(func->name));
    ir_idl_emit_params(u, out, func);
    ir_idl_text_printf(out, ")\n{\n    struct %.*s_%.*s_args args;\n", IR_IDL_S(iface->name),
                       IR_IDL_S(func->name));
    if (has_result) {
        ir_idl_text_puts(out, "    enum irpc_status call_status;\n");
    }
    ir_idl_text_puts(out, "\n");
    for (uint32_t i = first; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        ir_idl_text_printf(out, "    args.%s = %s;\n", param->c_name, param->c_name);
    }
    if (func->params.n == first && !has_result) {
        ir_idl_text_puts(out, "    args.unused = 0;\n");
    }
    if (has_result) {
        emit_result_start(out, func);
    }
    ir_idl_text_printf(out, "    %s irpc_stub_call(binding, &%s_interface, %u, &args);\n",
                       has_result ? "call_status =" : "return", ir_idl_c_versioned(u, iface),
                       func->opnum);
    if (has_result) {
        ir_idl_text_puts(out, "    if (call_status == IRPC_OK) {\n"
                              "        *ret_result = args.result;\n"
                              "    }\n    return call_status;\n");
    }
    ir_idl_text_puts(out, "}\n");
}

/* T_encode and T_decode of serializable type number @n. */
static void emit_pickle(struct ir_idl_text *out, const struct ir_idl_tables *t, uint32_t n,
                        const char *versioned)
{
    const char *name = t->names + t->ops[t->unit.n_ops + n].name;
    ir_idl_text_printf(
        out,
        "\nenum irpc_status %s_%s_encode(struct irpc_pickle *pickle, const %s *value)"
        "\n{\n    return irpc_pickle_put(pickle, &%s_interface, %u, value);\n}\n",
        t->name, name, name, versioned, n);
    ir_idl_text_printf(out,
                       "\nenum irpc_status %s_%s_decode(struct irpc_pickle *pickle, %s **ret_value)"
                       "\n{\n    void *value = 0;\n    enum irpc_status st = "
                       "irpc_pickle_get(pickle, &%s_interface, %u, &value);\n"
                       "    if (st == IRPC_OK) {\n        *ret_value = (%s *)value;\n    }\n"
                       "    return st;\n}\n",
                       t->name, name, name, versioned, n, name);
}

void ir_idl_emit_client(struct ir_idl_unit *u, const char *base, struct ir_idl_text *out)
{
    ir_idl_emit_banner(u, out, "Client stubs");
    ir_idl_text_printf(out, "#include \"%s.h\"\n", base);
    for (uint32_t i = 0; i < u->tables.n; i++) {
        const struct ir_idl_tables *t = u->tables.v[i];
        for (uint32_t k = 0; k < t->iface->funcs.n; k++) {
            if (ir_idl_is_op(t->iface->funcs.v[k])) {
                emit_function(u, out, t->iface, t->iface->funcs.v[k]);
            }
        }
        for (uint32_t k = 0; k < t->unit.n_pickles; k++) {
            emit_pickle(out, t, k, ir_idl_c_versioned(u, t->iface));
        }
    }
}
