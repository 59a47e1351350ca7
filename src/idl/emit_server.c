/* X_s.c: dispatch functions. Each unpacks the struct of arguments for the manager's function. */
#include "idl/emit.h"

static void emit_dispatch(struct ir_idl_unit *u, struct ir_idl_text *out,
                          const struct ir_idl_iface *iface, const struct ir_idl_func *func)
{
    bool has_result = ir_idl_has_result(func);
    uint32_t first = func->has_handle ? 1 : 0;
    bool uses_args = has_result || func->params.n > first;
    (void)u;
    ir_idl_text_printf(out,
                       "\nstatic enum irpc_status %.*s_do_%.*s(struct irpc_call *call, "
                       "const void *manager, void *args)\n{\n",
                       IR_IDL_S(iface->name), IR_IDL_S(func->name));
    ir_idl_text_printf(out,
                       "    const struct %.*s_manager *m = (const struct %.*s_manager *)"
                       "manager;\n",
                       IR_IDL_S(iface->name), IR_IDL_S(iface->name));
    if (uses_args) {
        ir_idl_text_printf(out, "    struct %.*s_%.*s_args *a = (struct %.*s_%.*s_args *)args;\n",
                           IR_IDL_S(iface->name), IR_IDL_S(func->name), IR_IDL_S(iface->name),
                           IR_IDL_S(func->name));
    } else {
        ir_idl_text_puts(out, "    (void)args;\n");
    }
    ir_idl_text_printf(out, "    if (!m->%.*s) {\n        return IRPC_OP_RANGE;\n    }\n",
                       IR_IDL_S(func->name));
    ir_idl_text_printf(out, "    return m->%.*s(call", IR_IDL_S(func->name));
    for (uint32_t i = first; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        ir_idl_text_printf(out, ", a->%s", param->c_name);
    }
    ir_idl_text_puts(out, has_result ? ", &a->result);\n}\n" : ");\n}\n");
}

static void emit_stub(struct ir_idl_unit *u, struct ir_idl_text *out,
                      const struct ir_idl_iface *iface)
{
    const char *versioned = ir_idl_c_versioned(u, iface);
    uint32_t n = 0;
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        const struct ir_idl_func *func = iface->funcs.v[i];
        if (ir_idl_is_op(func)) {
            emit_dispatch(u, out, iface, func);
        }
    }
    ir_idl_text_printf(out, "\nstatic irpc_stub_dispatch_fn *const %s_dispatch[] = {\n", versioned);
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        const struct ir_idl_func *func = iface->funcs.v[i];
        if (func->opnum == UINT32_MAX) {
            continue;
        }
        if (ir_idl_is_op(func)) {
            ir_idl_text_printf(out, "    %.*s_do_%.*s, /* %u */\n", IR_IDL_S(iface->name),
                               IR_IDL_S(func->name), func->opnum);
        } else {
            ir_idl_text_printf(out, "    0, /* %u: %.*s has no stub */\n", func->opnum,
                               IR_IDL_S(func->name));
        }
        n++;
    }
    ir_idl_text_puts(out, n ? "" : "    0,\n");
    ir_idl_text_printf(out,
                       "};\n\nconst struct irpc_server_stub %s = {\n"
                       "    &%s, %u, %s_dispatch,\n};\n",
                       ir_idl_c_server(u, iface), ir_idl_c_interface(u, iface), n, versioned);
}

void ir_idl_emit_server(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out)
{
    ir_idl_emit_banner(u, out, "Server stubs");
    ir_idl_text_printf(out, "#include \"%s\"\n", header);
    for (uint32_t i = 0; i < u->tables.n; i++) {
        const struct ir_idl_tables *t = u->tables.v[i];
        emit_stub(u, out, t->iface);
    }
}
