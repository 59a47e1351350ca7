/* The layout as JSON, for tools: types, operations and parameters with sizes and offsets.
 *
 * Indices are those of the tables in <ironrpc/ndr_type.h>; names of kinds are the enum's names in
 * lower case. One object per interface.
 */
#include <inttypes.h>
#include <stdio.h>

#include "idl/emit.h"

static const char *const kinds[IRPC_NDR_KIND__COUNT] = {
    "none",   "boolean", "byte",  "char",  "wchar",  "i8",      "u8",      "i16",   "u16",
    "i32",    "u32",     "i64",   "u64",   "f32",    "f64",     "i3264",   "u3264", "enum16",
    "enum32", "struct",  "union", "array", "string", "pointer", "context", "pipe",  "ignored",
};

static const char *const ops[IRPC_NDR_X__COUNT] = {
    "none", "const", "load", "deref", "add", "sub",  "mul", "div",  "mod",
    "and",  "or",    "xor",  "shl",   "shr", "neg",  "not", "lnot", "eq",
    "ne",   "lt",    "le",   "gt",    "ge",  "land", "lor", "cond",
};

static void put_string(struct ir_idl_text *out, const char *s)
{
    ir_idl_text_puts(out, "\"");
    for (; *s; s++) {
        bool plain = (unsigned char)*s >= 0x20 && *s != '"' && *s != '\\';
        if (plain) {
            ir_idl_text_add(out, s, 1);
        } else {
            ir_idl_text_printf(out, "\\u%04x", (unsigned)(unsigned char)*s);
        }
    }
    ir_idl_text_puts(out, "\"");
}

static void put_type(const struct ir_idl_tables *t, struct ir_idl_text *out, uint32_t i)
{
    const struct irpc_ndr_type *type = &t->types[i];
    ir_idl_text_printf(out, "      {\"kind\": \"%s\", \"name\": ", kinds[type->kind]);
    put_string(out, t->names + type->name);
    ir_idl_text_printf(out,
                       ", \"size\": %u, \"align\": %u, \"wire_size\": [%u, %u], "
                       "\"wire_align\": [%u, %u], \"flags\": %u, \"ref\": %u, \"n\": %u, "
                       "\"size_is\": %u, \"length_is\": %u, \"first\": %u, \"aux\": %u",
                       type->msize, type->malign, type->wsize[0], type->wsize[1], type->walign[0],
                       type->walign[1], type->flags, type->ref, type->n, type->size, type->length,
                       type->first, type->aux);
    if (type->flags & IRPC_NDR_F_RANGE) {
        ir_idl_text_printf(out, ", \"range\": [%" PRId64 ", %" PRId64 "]",
                           t->ranges[type->range].min, t->ranges[type->range].max);
    }
    ir_idl_text_puts(out, i + 1 < t->unit.n_types ? "},\n" : "}\n");
}

static void put_fields(const struct ir_idl_tables *t, struct ir_idl_text *out)
{
    ir_idl_text_puts(out, "    \"fields\": [\n");
    for (uint32_t i = 0; i < t->unit.n_fields; i++) {
        ir_idl_text_printf(out,
                           "      {\"type\": %u, \"offset\": %u, \"name\": ", t->fields[i].type,
                           t->fields[i].moff);
        put_string(out, t->names + t->fields[i].name);
        ir_idl_text_puts(out, i + 1 < t->unit.n_fields ? "},\n" : "}\n");
    }
    ir_idl_text_puts(out, "    ],\n    \"arms\": [\n");
    for (uint32_t i = 0; i < t->unit.n_arms; i++) {
        ir_idl_text_printf(out,
                           "      {\"tag\": %" PRId64 ", \"type\": %u, \"name\": ", t->arms[i].tag,
                           t->arms[i].type);
        put_string(out, t->names + t->arms[i].name);
        ir_idl_text_puts(out, i + 1 < t->unit.n_arms ? "},\n" : "}\n");
    }
    ir_idl_text_puts(out, "    ],\n    \"exprs\": [\n");
    for (uint32_t i = 0; i < t->unit.n_exprs; i++) {
        const struct irpc_ndr_expr *x = &t->exprs[i];
        ir_idl_text_printf(out,
                           "      {\"op\": \"%s\", \"width\": %u, \"signed\": %u, "
                           "\"last\": %u, \"offset\": %u, \"value\": %" PRId64 "}%s\n",
                           ops[x->op], x->width, x->is_signed, x->last, x->moff, x->value,
                           i + 1 < t->unit.n_exprs ? "," : "");
    }
    ir_idl_text_puts(out, "    ],\n");
}

/* @n operations from @first on, or serializable types, which the tables have as operations. */
static void put_ops(const struct ir_idl_tables *t, const char *key, uint32_t first, uint32_t n,
                    struct ir_idl_text *out)
{
    ir_idl_text_printf(out, "    \"%s\": [\n", key);
    for (uint32_t i = 0; i < n; i++) {
        const struct irpc_ndr_op *op = &t->ops[first + i];
        ir_idl_text_printf(out, "      {\"opnum\": %u, \"name\": ", i);
        put_string(out, t->names + op->name);
        ir_idl_text_printf(out, ", \"flags\": %u, \"args_size\": %u, \"params\": [", op->flags,
                           op->args_size);
        for (uint32_t k = 0; k < op->n_params; k++) {
            const struct irpc_ndr_param *param = &t->params[op->first_param + k];
            ir_idl_text_printf(out,
                               "%s\n        {\"type\": %u, \"offset\": %u, \"flags\": %u, "
                               "\"name\": ",
                               k ? "," : "", param->type, param->moff, param->flags);
            put_string(out, t->names + param->name);
            ir_idl_text_puts(out, "}");
        }
        ir_idl_text_puts(out, i + 1 < n ? "]},\n" : "]}\n");
    }
    ir_idl_text_puts(out, "    ]");
}

void ir_idl_emit_json(struct ir_idl_unit *u, const char *base, struct ir_idl_text *out)
{
    ir_idl_text_printf(out, "{\n  \"contract\": %u,\n  \"file\": ", IRPC_CONTRACT);
    put_string(out, base);
    ir_idl_text_puts(out, ",\n  \"interfaces\": [");
    for (uint32_t i = 0; i < u->tables.n; i++) {
        const struct ir_idl_tables *t = u->tables.v[i];
        char uuid[37];
        const uint8_t *b = t->iface->uuid;
        snprintf(uuid, sizeof(uuid),
                 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x"
                 "%02x%02x",
                 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                 b[13], b[14], b[15]);
        ir_idl_text_printf(out, "%s\n  {\n    \"name\": ", i ? "," : "");
        put_string(out, t->name);
        ir_idl_text_printf(out,
                           ",\n    \"uuid\": \"%s\",\n    \"version\": [%u, %u],\n"
                           "    \"n_contexts\": %u,\n    \"k\": %u,\n    \"types\": [\n",
                           uuid, t->iface->major, t->iface->minor, t->unit.n_contexts, t->unit.k);
        for (uint32_t k = 0; k < t->unit.n_types; k++) {
            put_type(t, out, k);
        }
        ir_idl_text_puts(out, "    ],\n");
        put_fields(t, out);
        put_ops(t, "operations", 0, t->unit.n_ops, out);
        if (t->unit.n_pickles > 0) { /* opnum: the number of irpc_pickle_put() */
            ir_idl_text_puts(out, ",\n");
            put_ops(t, "pickles", t->unit.n_ops, t->unit.n_pickles, out);
        }
        ir_idl_text_puts(out, "\n  }");
    }
    ir_idl_text_puts(out, "\n  ]\n}\n");
}
