/* C text that all generated files share: declarations, names, banners.
 *
 * A declarator is built from the name outwards. Base types become the fixed-width types of
 * <stdint.h>, wchar_t a UTF-16 code unit, context handles struct irpc_context_handle. Stubs come
 * from here alone (check: N21).
 */
#include "idl/emit.h"

#include <string.h>

static const char *c_base(enum ir_idl_base base)
{
    static const char *const names[IR_IDL_BASE__COUNT] = {
        [IR_IDL_VOID] = "void",
        [IR_IDL_BOOLEAN] = "uint8_t",
        [IR_IDL_BYTE] = "uint8_t",
        [IR_IDL_CHAR] = "char",
        [IR_IDL_UCHAR] = "unsigned char",
        [IR_IDL_WCHAR] = "uint16_t",
        [IR_IDL_I8] = "int8_t",
        [IR_IDL_U8] = "uint8_t",
        [IR_IDL_I16] = "int16_t",
        [IR_IDL_U16] = "uint16_t",
        [IR_IDL_I32] = "int32_t",
        [IR_IDL_U32] = "uint32_t",
        [IR_IDL_I64] = "int64_t",
        [IR_IDL_U64] = "uint64_t",
        [IR_IDL_I3264] = "int64_t",
        [IR_IDL_U3264] = "uint64_t",
        [IR_IDL_FLOAT] = "float",
        [IR_IDL_DOUBLE] = "double",
        [IR_IDL_ERROR_STATUS] = "uint32_t",
        [IR_IDL_HANDLE_T] = "struct irpc_binding *",
    };
    return names[base];
}

const char *ir_idl_c_agg(struct ir_idl_unit *u, const struct ir_idl_agg *agg)
{
    const char *word = agg->kind == IR_IDL_ENUM                          ? "enum"
                       : agg->kind == IR_IDL_STRUCT || agg->encapsulated ? "struct"
                                                                         : "union";
    return ir_idl_printf(&u->pool, "%s %s", word, agg->c_tag);
}

static const char *c_spec(struct ir_idl_unit *u, const struct ir_idl_type *type)
{
    switch (type->kind) {
    case IR_IDL_BASE:
        return c_base(type->base);
    case IR_IDL_NAMED:
        if (type->sym && type->sym->c_name) {
            return type->sym->c_name;
        }
        return ir_idl_dup(&u->pool, type->name.p, type->name.n);
    case IR_IDL_FOREIGN:
        return ir_idl_dup(&u->pool, type->name.p, type->name.n);
    case IR_IDL_ENUM:
    case IR_IDL_STRUCT:
    case IR_IDL_UNION:
        if (type->agg) {
            return ir_idl_c_agg(u, type->agg);
        }
        return ir_idl_printf(&u->pool, "struct %.*s", IR_IDL_S(type->name));
    case IR_IDL_PIPE:
        return "struct irpc_pipe";
    case IR_IDL_INTERFACE:
        return "struct irpc_interface_pointer";
    case IR_IDL_POINTER:
    case IR_IDL_ARRAY:
    case IR_IDL_FUNC:
    case IR_IDL_SAFEARRAY:
    default:
        return "void";
    }
}

static const char *c_func_params(struct ir_idl_unit *u, const struct ir_idl_type *func)
{
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    for (uint32_t i = 0; i < func->params.n && u->depth < 20; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        u->depth++;
        ir_idl_text_puts(&text, i ? ", " : "");
        ir_idl_c_decl(u, &text, param->type, "", IR_IDL_USE_PARAM, false);
        u->depth--;
    }
    const char *copy = ir_idl_dup(&u->pool, text.p ? text.p : "void", text.p ? text.n : 4);
    ir_idl_text_deinit(&text);
    return copy;
}

/* Wraps `inner` by the levels of `type`; *ret_spec is the type that is left. */
static const char *c_declarator(struct ir_idl_unit *u, struct ir_idl_type *type, const char *inner,
                                bool direct_handle, struct ir_idl_type **ret_spec)
{
    bool was_pointer = false;
    for (;;) {
        bool is_suffix = type->kind == IR_IDL_ARRAY || type->kind == IR_IDL_FUNC;
        if (is_suffix && was_pointer) {
            inner = ir_idl_printf(&u->pool, "(%s)", inner);
        }
        was_pointer = type->kind == IR_IDL_POINTER;
        if (was_pointer && direct_handle && ir_idl_strip(type->of)->kind != IR_IDL_POINTER) {
            *ret_spec = NULL;
            return inner;
        }
        if (was_pointer) {
            inner =
                ir_idl_printf(&u->pool, "*%s%s", type->is_const && inner[0] ? "const " : "", inner);
        } else if (type->kind == IR_IDL_ARRAY) {
            inner = ir_idl_printf(&u->pool, "%s[%u]", inner, type->conformant ? 1 : type->count);
        } else if (type->kind == IR_IDL_FUNC) {
            inner = ir_idl_printf(&u->pool, "%s(%s)", inner, c_func_params(u, type));
        } else {
            *ret_spec = type;
            return inner;
        }
        type = type->of;
    }
}

void ir_idl_c_decl(struct ir_idl_unit *u, struct ir_idl_text *out, struct ir_idl_type *type,
                   const char *name, enum ir_idl_decl_use use, bool direct_handle)
{
    struct ir_idl_type pointer = {.kind = IR_IDL_POINTER};
    struct ir_idl_type *spec;
    struct ir_idl_type *top = type;
    if (use == IR_IDL_USE_PARAM && !ir_idl_is_handle_type(type) &&
        ir_idl_strip(type)->kind == IR_IDL_ARRAY) {
        pointer.of = ir_idl_strip(type)->of;
        top = &pointer;
    }
    /* "T *const x" as a member or parameter: the member itself need not be const. */
    struct ir_idl_type plain = *top;
    bool is_spec = top->kind != IR_IDL_POINTER && top->kind != IR_IDL_ARRAY;
    plain.is_const = is_spec || top->kind == IR_IDL_POINTER ? false : top->is_const;
    const char *declarator = c_declarator(u, &plain, name, direct_handle, &spec);
    if (!spec) {
        ir_idl_text_puts(out, "struct irpc_context_handle");
    } else {
        ir_idl_text_printf(out, "%s%s", spec->is_const ? "const " : "", c_spec(u, spec));
    }
    if (declarator[0]) {
        bool star = out->n > 0 && out->p && out->p[out->n - 1] == '*';
        ir_idl_text_printf(out, "%s%s", star ? "" : " ", declarator);
    }
}

void ir_idl_c_param(struct ir_idl_unit *u, struct ir_idl_text *out,
                    const struct ir_idl_field *param)
{
    bool direct = ir_idl_attr(&param->attrs, IR_IDL_ATTR_CONTEXT_HANDLE) != NULL &&
                  !ir_idl_is_handle_type(param->type);
    struct ir_idl_type pointer = {.kind = IR_IDL_POINTER, .of = param->type};
    bool is_pipe = ir_idl_strip(param->type)->kind == IR_IDL_PIPE;
    ir_idl_c_decl(u, out, is_pipe ? &pointer : param->type, param->c_name, IR_IDL_USE_PARAM,
                  direct);
}

const char *ir_idl_c_versioned(struct ir_idl_unit *u, const struct ir_idl_iface *iface)
{
    return ir_idl_printf(&u->pool, "%.*s_v%u_%u", IR_IDL_S(iface->name), iface->major,
                         iface->minor);
}

const char *ir_idl_c_interface(struct ir_idl_unit *u, const struct ir_idl_iface *iface)
{
    if (u->options.old_names) {
        return ir_idl_printf(&u->pool, "%.*s_ClientIfHandle", IR_IDL_S(iface->name));
    }
    return ir_idl_printf(&u->pool, "%s_interface", ir_idl_c_versioned(u, iface));
}

const char *ir_idl_c_server(struct ir_idl_unit *u, const struct ir_idl_iface *iface)
{
    const char *prefix = u->options.server_prefix ? u->options.server_prefix : "";
    if (u->options.old_names) {
        return ir_idl_printf(&u->pool, "%s%.*s_ServerIfHandle", prefix, IR_IDL_S(iface->name));
    }
    return ir_idl_printf(&u->pool, "%s%s_server", prefix, ir_idl_c_versioned(u, iface));
}

const char *ir_idl_c_function(struct ir_idl_unit *u, const struct ir_idl_func *func)
{
    const char *prefix = u->options.client_prefix ? u->options.client_prefix : "";
    return ir_idl_printf(&u->pool, "%s%.*s_%.*s", prefix, IR_IDL_S(func->iface->name),
                         IR_IDL_S(func->name));
}

void ir_idl_emit_banner(const struct ir_idl_unit *u, struct ir_idl_text *out, const char *what)
{
    const char *slash = strrchr(u->root->path, '/');
    ir_idl_text_printf(out, "/* %s. Made by ironidl from %s; do not edit. */\n", what,
                       slash ? slash + 1 : u->root->path);
}

bool ir_idl_has_result(const struct ir_idl_func *func)
{
    return !ir_idl_is_base(func->result->type, IR_IDL_VOID);
}

bool ir_idl_is_op(const struct ir_idl_func *func)
{
    return func->opnum != UINT32_MAX && !ir_idl_attr(&func->attrs, IR_IDL_ATTR_LOCAL) &&
           !ir_idl_is_serialized(func);
}

bool ir_idl_is_implicit(const struct ir_idl_func *func)
{
    return func->iface->c_implicit && !func->has_handle &&
           !ir_idl_attr(&func->attrs, IR_IDL_ATTR_EXPLICIT_HANDLE);
}

void ir_idl_emit_params(struct ir_idl_unit *u, struct ir_idl_text *out,
                        const struct ir_idl_func *func, const char *first)
{
    const char *comma = first ? ", " : "";
    ir_idl_text_printf(out, "(%s", first ? first : "");
    for (uint32_t i = func->has_handle ? 1 : 0; i < func->params.n; i++) {
        ir_idl_text_puts(out, comma);
        ir_idl_c_param(u, out, func->params.v[i]);
        comma = ", ";
    }
    if (ir_idl_has_result(func)) {
        struct ir_idl_type pointer = {.kind = IR_IDL_POINTER, .of = func->result->type};
        ir_idl_text_puts(out, comma);
        ir_idl_c_decl(u, out, &pointer, "ret_result", IR_IDL_USE_PARAM, false);
        comma = ", ";
    }
    ir_idl_text_puts(out, *comma ? ")" : "void)");
}

void ir_idl_emit_client_params(struct ir_idl_unit *u, struct ir_idl_text *out,
                               const struct ir_idl_func *func)
{
    ir_idl_emit_params(u, out, func,
                       ir_idl_is_implicit(func) ? NULL : "struct irpc_binding *binding");
}

bool ir_idl_is_runtime_tag(const struct ir_idl_agg *agg)
{
    return ir_idl_str_is(agg->tag, "irpc_uuid") || ir_idl_str_is(agg->tag, "irpc_syntax_id") ||
           ir_idl_str_is(agg->tag, "irpc_context_handle");
}
