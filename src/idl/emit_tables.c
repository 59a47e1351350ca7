/* X_t.c: the constant tables of every interface, as C.
 *
 * Sizes and offsets are written as sizeof and offsetof, so that the C compiler that builds the
 * stubs has the last word; the sizes computed here are asserted where the ABI is the one that
 * they were computed for.
 */
#include <inttypes.h>

#include "idl/emit.h"

static const char *const kind_names[IRPC_NDR_KIND__COUNT] = {
    [IRPC_NDR_NONE] = "NONE",       [IRPC_NDR_BOOLEAN] = "BOOLEAN", [IRPC_NDR_BYTE] = "BYTE",
    [IRPC_NDR_CHAR] = "CHAR",       [IRPC_NDR_WCHAR] = "WCHAR",     [IRPC_NDR_I8] = "I8",
    [IRPC_NDR_U8] = "U8",           [IRPC_NDR_I16] = "I16",         [IRPC_NDR_U16] = "U16",
    [IRPC_NDR_I32] = "I32",         [IRPC_NDR_U32] = "U32",         [IRPC_NDR_I64] = "I64",
    [IRPC_NDR_U64] = "U64",         [IRPC_NDR_F32] = "F32",         [IRPC_NDR_F64] = "F64",
    [IRPC_NDR_I3264] = "I3264",     [IRPC_NDR_U3264] = "U3264",     [IRPC_NDR_ENUM16] = "ENUM16",
    [IRPC_NDR_ENUM32] = "ENUM32",   [IRPC_NDR_STRUCT] = "STRUCT",   [IRPC_NDR_UNION] = "UNION",
    [IRPC_NDR_ARRAY] = "ARRAY",     [IRPC_NDR_STRING] = "STRING",   [IRPC_NDR_POINTER] = "POINTER",
    [IRPC_NDR_CONTEXT] = "CONTEXT", [IRPC_NDR_PIPE] = "PIPE",       [IRPC_NDR_IGNORED] = "IGNORED",
};

static const char *const op_names[IRPC_NDR_X__COUNT] = {
    [IRPC_NDR_X_NONE] = "NONE",   [IRPC_NDR_X_CONST] = "CONST", [IRPC_NDR_X_LOAD] = "LOAD",
    [IRPC_NDR_X_DEREF] = "DEREF", [IRPC_NDR_X_ADD] = "ADD",     [IRPC_NDR_X_SUB] = "SUB",
    [IRPC_NDR_X_MUL] = "MUL",     [IRPC_NDR_X_DIV] = "DIV",     [IRPC_NDR_X_MOD] = "MOD",
    [IRPC_NDR_X_AND] = "AND",     [IRPC_NDR_X_OR] = "OR",       [IRPC_NDR_X_XOR] = "XOR",
    [IRPC_NDR_X_SHL] = "SHL",     [IRPC_NDR_X_SHR] = "SHR",     [IRPC_NDR_X_NEG] = "NEG",
    [IRPC_NDR_X_NOT] = "NOT",     [IRPC_NDR_X_LNOT] = "LNOT",   [IRPC_NDR_X_EQ] = "EQ",
    [IRPC_NDR_X_NE] = "NE",       [IRPC_NDR_X_LT] = "LT",       [IRPC_NDR_X_LE] = "LE",
    [IRPC_NDR_X_GT] = "GT",       [IRPC_NDR_X_GE] = "GE",       [IRPC_NDR_X_LAND] = "LAND",
    [IRPC_NDR_X_LOR] = "LOR",     [IRPC_NDR_X_COND] = "COND",
};

struct flag {
    unsigned bit;
    const char *name;
};

static const struct flag type_flags[] = {
    {IRPC_NDR_F_FLAT20, "IRPC_NDR_F_FLAT20"},
    {IRPC_NDR_F_FLAT64, "IRPC_NDR_F_FLAT64"},
    {IRPC_NDR_F_BYTES, "IRPC_NDR_F_BYTES"},
    {IRPC_NDR_F_POINTERS, "IRPC_NDR_F_POINTERS"},
    {IRPC_NDR_F_CONFORMANT, "IRPC_NDR_F_CONFORMANT"},
    {IRPC_NDR_F_VARYING, "IRPC_NDR_F_VARYING"},
    {IRPC_NDR_F_ENCAPSULATED, "IRPC_NDR_F_ENCAPSULATED"},
    {IRPC_NDR_F_DEFAULT, "IRPC_NDR_F_DEFAULT"},
    {IRPC_NDR_F_MS_UNION, "IRPC_NDR_F_MS_UNION"},
    {IRPC_NDR_F_RANGE, "IRPC_NDR_F_RANGE"},
    {IRPC_NDR_F_NOCHECK, "IRPC_NDR_F_NOCHECK"},
    {IRPC_NDR_F_UUID, "IRPC_NDR_F_UUID"},
    {0, NULL},
};

static const struct flag param_flags[] = {
    {IRPC_NDR_P_IN, "IRPC_NDR_P_IN"},
    {IRPC_NDR_P_OUT, "IRPC_NDR_P_OUT"},
    {IRPC_NDR_P_RETURN, "IRPC_NDR_P_RETURN"},
    {0, NULL},
};

static const struct flag op_flags[] = {
    {IRPC_NDR_OP_IDEMPOTENT, "IRPC_NDR_OP_IDEMPOTENT"},
    {IRPC_NDR_OP_MAYBE, "IRPC_NDR_OP_MAYBE"},
    {IRPC_NDR_OP_BROADCAST, "IRPC_NDR_OP_BROADCAST"},
    {IRPC_NDR_OP_ABSENT, "IRPC_NDR_OP_ABSENT"},
    {IRPC_NDR_OP_PIPES, "IRPC_NDR_OP_PIPES"},
    {IRPC_NDR_OP_PICKLE, "IRPC_NDR_OP_PICKLE"},
    {0, NULL},
};

static void put_flags(struct ir_idl_text *out, const struct flag *flags, unsigned value)
{
    bool any = false;
    for (; flags->name; flags++) {
        if (value & flags->bit) {
            ir_idl_text_printf(out, "%s%s", any ? " | " : "", flags->name);
            any = true;
        }
    }
    ir_idl_text_puts(out, any ? "" : "0");
}

static void put_i64(struct ir_idl_text *out, int64_t value)
{
    if (value == INT64_MIN) {
        ir_idl_text_puts(out, "INT64_MIN");
    } else if (value > INT32_MAX || value < -INT32_MAX) {
        ir_idl_text_printf(out, "INT64_C(%" PRId64 ")", value);
    } else {
        ir_idl_text_printf(out, "%" PRId64, value);
    }
}

static const char *c_type(const struct ir_idl_tables *t, uint32_t index)
{
    const struct ir_idl_type_info *info = &t->infos[index];
    return info->c_type ? info->c_type : ir_idl_c_agg(t->u, info->agg);
}

/* sizeof as text; arrays multiply the size of their element. */
static void put_msize(const struct ir_idl_tables *t, struct ir_idl_text *out, uint32_t index)
{
    const struct irpc_ndr_type *type = &t->types[index];
    while (type->kind == IRPC_NDR_ARRAY || type->kind == IRPC_NDR_STRING) {
        if (!(type->flags & IRPC_NDR_F_CONFORMANT)) {
            ir_idl_text_printf(out, "%u * ", type->n);
        }
        index = type->ref;
        type = &t->types[index];
    }
    if (type->kind == IRPC_NDR_STRUCT || type->kind == IRPC_NDR_UNION) {
        ir_idl_text_printf(out, "sizeof(%s)", c_type(t, index));
    } else if (type->kind == IRPC_NDR_POINTER || type->kind == IRPC_NDR_IGNORED) {
        ir_idl_text_puts(out, "sizeof(void *)");
    } else if (type->kind == IRPC_NDR_CONTEXT) {
        ir_idl_text_puts(out, "sizeof(struct irpc_context_handle)");
    } else if (type->kind == IRPC_NDR_PIPE) {
        ir_idl_text_puts(out, "sizeof(struct irpc_pipe)");
    } else {
        ir_idl_text_printf(out, "%u", type->msize);
    }
}

static void emit_type(const struct ir_idl_tables *t, struct ir_idl_text *out, uint32_t i)
{
    const struct irpc_ndr_type *type = &t->types[i];
    ir_idl_text_printf(out, "    {IRPC_NDR_%s, ", kind_names[type->kind]);
    if (type->kind == IRPC_NDR_POINTER || type->kind == IRPC_NDR_PIPE ||
        type->kind == IRPC_NDR_IGNORED) {
        ir_idl_text_puts(out, "sizeof(void *)");
    } else {
        ir_idl_text_printf(out, "%u", type->malign);
    }
    ir_idl_text_printf(out, ", {%u, %u}, ", type->walign[0], type->walign[1]);
    put_flags(out, type_flags, type->flags);
    ir_idl_text_printf(out, ", %u, ", type->range);
    put_msize(t, out, i);
    ir_idl_text_printf(out, ", {%u, %u}, %u, ", type->wsize[0], type->wsize[1], type->ref);
    if (type->kind == IRPC_NDR_POINTER) {
        static const char *const kinds[] = {"0", "IRPC_NDR_PTR_REF", "IRPC_NDR_PTR_UNIQUE",
                                            "IRPC_NDR_PTR_FULL"};
        ir_idl_text_puts(out, kinds[type->n & 3]);
    } else {
        ir_idl_text_printf(out, "%u", type->n);
    }
    ir_idl_text_printf(out, ", %u, %u, %u, ", type->size, type->length, type->first);
    if (type->flags & IRPC_NDR_F_ENCAPSULATED) {
        ir_idl_text_printf(out, "offsetof(%s, %.*s)", c_type(t, i),
                           IR_IDL_S(t->infos[i].agg->arms));
    } else {
        ir_idl_text_printf(out, "%u", type->aux);
    }
    ir_idl_text_printf(out, ", %u}, /* %u", type->name, i);
    ir_idl_text_printf(out, type->name ? ": %s */\n" : " */\n", t->names + type->name);
}

static void open_array(const struct ir_idl_tables *t, struct ir_idl_text *out, const char *type,
                       const char *name, uint32_t n)
{
    ir_idl_text_printf(out, "\nstatic const %s %s_%s[%u] = {\n", type,
                       ir_idl_c_versioned(t->u, t->iface), name, n);
}

static void emit_types(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    open_array(t, out, "struct irpc_ndr_type", "types", t->unit.n_types);
    for (uint32_t i = 0; i < t->unit.n_types; i++) {
        emit_type(t, out, i);
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_fields(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    if (t->unit.n_fields == 0) {
        return;
    }
    open_array(t, out, "struct irpc_ndr_field", "fields", t->unit.n_fields);
    for (uint32_t i = 0; i < t->unit.n_fields; i++) {
        ir_idl_text_printf(out, "    {%u, %s, %u}, /* %u */\n", t->fields[i].type,
                           t->field_offsets[i], t->fields[i].name, i);
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_arms(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    if (t->unit.n_arms == 0) {
        return;
    }
    open_array(t, out, "struct irpc_ndr_arm", "arms", t->unit.n_arms);
    for (uint32_t i = 0; i < t->unit.n_arms; i++) {
        const struct irpc_ndr_arm *arm = &t->arms[i];
        ir_idl_text_puts(out, "    {");
        put_i64(out, arm->tag);
        ir_idl_text_printf(out, ", %u, %u}, /* %u: %s */\n", arm->type, arm->name, i,
                           t->names + arm->name);
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_exprs(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    open_array(t, out, "struct irpc_ndr_expr", "exprs", t->unit.n_exprs);
    for (uint32_t i = 0; i < t->unit.n_exprs; i++) {
        const struct irpc_ndr_expr *x = &t->exprs[i];
        ir_idl_text_printf(out, "    {IRPC_NDR_X_%s, %u, %u, %u, %s, ", op_names[x->op], x->width,
                           x->is_signed, x->last, t->expr_offsets[i] ? t->expr_offsets[i] : "0");
        put_i64(out, x->value);
        ir_idl_text_printf(out, "}, /* %u */\n", i);
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_ranges(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    if (t->unit.n_ranges == 0) {
        return;
    }
    open_array(t, out, "struct irpc_ndr_range", "ranges", t->unit.n_ranges);
    for (uint32_t i = 0; i < t->unit.n_ranges; i++) {
        ir_idl_text_puts(out, "    {");
        put_i64(out, t->ranges[i].min);
        ir_idl_text_puts(out, ", ");
        put_i64(out, t->ranges[i].max);
        ir_idl_text_printf(out, "}, /* %u */\n", i);
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_params(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    if (t->unit.n_params == 0) {
        return;
    }
    open_array(t, out, "struct irpc_ndr_param", "params", t->unit.n_params);
    for (uint32_t i = 0; i < t->unit.n_params; i++) {
        const struct irpc_ndr_param *param = &t->params[i];
        ir_idl_text_printf(out, "    {%u, %s, %u, ", param->type, t->param_offsets[i], param->name);
        put_flags(out, param_flags, param->flags);
        ir_idl_text_printf(out, "}, /* %u: %s */\n", i, t->names + param->name);
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_ops(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    uint32_t n = t->unit.n_ops + t->unit.n_pickles;
    open_array(t, out, "struct irpc_ndr_op", "ops", n);
    for (uint32_t i = 0; i < n; i++) {
        const struct irpc_ndr_op *op = &t->ops[i];
        const char *name = t->names + op->name;
        ir_idl_text_printf(out, "    {%u, %u, ", op->first_param, op->n_params);
        put_flags(out, op_flags, op->flags);
        if (op->flags & IRPC_NDR_OP_PICKLE) {
            ir_idl_text_printf(out, ", sizeof(void *), %u}, /* serialized: %s */\n", op->name,
                               name);
        } else if (op->flags & IRPC_NDR_OP_ABSENT) {
            ir_idl_text_printf(out, ", 1, %u}, /* %u: %s */\n", op->name, i, name);
        } else {
            ir_idl_text_printf(out, ", sizeof(struct %s_%s_args), %u}, /* %u: %s */\n", t->name,
                               name, op->name, i, name);
        }
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_names(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    open_array(t, out, "char", "names", t->unit.names_len);
    for (uint32_t i = 0; i < t->unit.names_len; i++) {
        char ch = t->names[i];
        if (ch) {
            ir_idl_text_printf(out, "%s'%c',", i && !t->names[i - 1] ? "    " : " ", ch);
        } else {
            ir_idl_text_puts(out, i ? " 0,\n" : "    0,\n");
        }
    }
    ir_idl_text_puts(out, "};\n");
}

static void emit_asserts(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    ir_idl_text_puts(out, "\n#ifdef __LP64__\n");
    for (uint32_t i = 1; i < t->unit.n_types; i++) {
        const struct irpc_ndr_type *type = &t->types[i];
        if (type->kind == IRPC_NDR_STRUCT || type->kind == IRPC_NDR_UNION) {
            ir_idl_text_printf(out, "IRONIDL_CHECK(sizeof(%s) == %u);\n", c_type(t, i),
                               type->msize);
        }
        for (uint32_t k = 0; type->kind == IRPC_NDR_STRUCT && k < type->n; k++) {
            ir_idl_text_printf(out, "IRONIDL_CHECK(%s == %u);\n", t->field_offsets[type->ref + k],
                               t->fields[type->ref + k].moff);
        }
    }
    for (uint32_t i = 0; i < t->unit.n_ops; i++) {
        const struct irpc_ndr_op *op = &t->ops[i];
        if (!(op->flags & IRPC_NDR_OP_ABSENT)) {
            ir_idl_text_printf(out, "IRONIDL_CHECK(sizeof(struct %s_%s_args) == %u);\n", t->name,
                               t->names + op->name, op->args_size);
        }
        for (uint32_t k = op->first_param; k < op->first_param + op->n_params; k++) {
            ir_idl_text_printf(out, "IRONIDL_CHECK(%s == %u);\n", t->param_offsets[k],
                               t->params[k].moff);
        }
    }
    ir_idl_text_puts(out, "#endif\n");
}

static void put_array(const struct ir_idl_tables *t, struct ir_idl_text *out, const char *name,
                      uint32_t n)
{
    if (n) {
        ir_idl_text_printf(out, " %s_%s,", ir_idl_c_versioned(t->u, t->iface), name);
    } else {
        ir_idl_text_puts(out, " 0,");
    }
}

static void emit_unit(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    const struct irpc_ndr_unit *unit = &t->unit;
    const struct irpc_syntax_id *id = &t->interface.id;
    const char *versioned = ir_idl_c_versioned(t->u, t->iface);
    ir_idl_text_printf(out, "\nstatic const struct irpc_ndr_unit %s_unit = {\n    %uu,\n",
                       versioned, IRPC_CONTRACT);
    ir_idl_text_printf(out, "    %u, %u, %u, %u, %u, %u, %u, %u, %u, %u, %uu,\n   ", unit->n_types,
                       unit->n_fields, unit->n_arms, unit->n_exprs, unit->n_ranges, unit->n_params,
                       unit->n_ops, unit->n_contexts, unit->n_pickles, unit->names_len, unit->k);
    put_array(t, out, "types", unit->n_types);
    put_array(t, out, "fields", unit->n_fields);
    put_array(t, out, "arms", unit->n_arms);
    put_array(t, out, "exprs", unit->n_exprs);
    put_array(t, out, "ranges", unit->n_ranges);
    put_array(t, out, "params", unit->n_params);
    put_array(t, out, "ops", unit->n_ops + unit->n_pickles);
    put_array(t, out, "names", unit->names_len);
    ir_idl_text_printf(out, "\n};\n\nconst struct irpc_interface %s = {\n    %uu,\n",
                       ir_idl_c_interface(t->u, t->iface), IRPC_CONTRACT);
    ir_idl_text_printf(out, "    {{0x%08xu, 0x%04x, 0x%04x, 0x%02x, 0x%02x, {", id->uuid.time_low,
                       id->uuid.time_mid, id->uuid.time_hi_and_version,
                       id->uuid.clock_seq_hi_and_reserved, id->uuid.clock_seq_low);
    for (int i = 0; i < 6; i++) {
        ir_idl_text_printf(out, "%s0x%02x", i ? ", " : "", id->uuid.node[i]);
    }
    ir_idl_text_printf(out, "}}, %u, %u},\n    \"%s\",\n    &%s_unit,\n};\n", id->major, id->minor,
                       t->name, versioned);
}

void ir_idl_emit_tables(struct ir_idl_unit *u, const char *header, struct ir_idl_text *out)
{
    ir_idl_emit_banner(u, out, "Tables");
    ir_idl_text_printf(out, "#include \"%s\"\n\n", header);
    ir_idl_text_puts(out, "#if defined(__cplusplus)\n"
                          "#define IRONIDL_CHECK(x) static_assert(x, #x)\n"
                          "#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n"
                          "#define IRONIDL_CHECK(x) _Static_assert(x, #x)\n"
                          "#else\n"
                          "#define IRONIDL_CHECK(x) extern int ironidl_check[(x) ? 1 : -1]\n"
                          "#endif\n");
    for (uint32_t i = 0; i < u->tables.n; i++) {
        const struct ir_idl_tables *t = u->tables.v[i];
        emit_types(t, out);
        emit_fields(t, out);
        emit_arms(t, out);
        emit_exprs(t, out);
        emit_ranges(t, out);
        emit_params(t, out);
        emit_ops(t, out);
        emit_names(t, out);
        emit_asserts(t, out);
        emit_unit(t, out);
    }
}
