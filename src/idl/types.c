/* Questions about types whose names are resolved: what is behind a typedef, size in C.
 *
 * Sizes follow the C ABI of the 64-bit Linux platforms (LP64): every base type is aligned to its
 * size, enums are 4 bytes. #pragma pack never reaches the wire; native output does not obey it,
 * so that every member can be accessed in place. The tables that are made at run time depend on
 * this layout, and generated code asserts it.
 *
 * Invariant: recursion is bounded, because resolve.c rejects typedefs that are too deep or
 * circular, and by unit->depth.
 */
#include "idl/compile.h"

#define MAX_DEPTH 200u
#define MAX_COMPARED 10000u /* types that two declarations consist of; larger ones differ */
#define MAX_SIZE (1u << 28) /* of a type: what the runtime accepts */

struct ir_idl_type *ir_idl_strip(struct ir_idl_type *type)
{
    static struct ir_idl_type fallback = {.kind = IR_IDL_BASE, .base = IR_IDL_I32};
    for (uint32_t i = 0; i < MAX_DEPTH; i++) {
        if (type->kind != IR_IDL_NAMED) {
            return type;
        }
        if (!type->sym || !type->sym->type) {
            break;
        }
        type = type->sym->type;
    }
    return &fallback;
}

bool ir_idl_is_base(struct ir_idl_type *type, enum ir_idl_base base)
{
    type = ir_idl_strip(type);
    return type->kind == IR_IDL_BASE && type->base == base;
}

bool ir_idl_is_integral(struct ir_idl_type *type)
{
    type = ir_idl_strip(type);
    if (type->kind == IR_IDL_ENUM) {
        return true;
    }
    return type->kind == IR_IDL_BASE && type->base != IR_IDL_VOID && type->base != IR_IDL_FLOAT &&
           type->base != IR_IDL_DOUBLE && type->base != IR_IDL_HANDLE_T;
}

struct ir_idl_attr *ir_idl_attr(const struct ir_idl_attrs *attrs, enum ir_idl_attr_id id)
{
    for (uint32_t i = 0; i < attrs->v.n; i++) {
        struct ir_idl_attr *attr = attrs->v.v[i];
        if (attr->id == id) {
            return attr;
        }
    }
    return NULL;
}

struct ir_idl_attr *ir_idl_type_attr(struct ir_idl_type *type, enum ir_idl_attr_id id)
{
    for (uint32_t i = 0; i < MAX_DEPTH && type->kind == IR_IDL_NAMED && type->sym; i++) {
        struct ir_idl_attr *attr = ir_idl_attr(&type->sym->attrs, id);
        if (attr) {
            return attr;
        }
        type = type->sym->type;
    }
    return NULL;
}

bool ir_idl_is_handle_type(struct ir_idl_type *type)
{
    return ir_idl_type_attr(type, IR_IDL_ATTR_CONTEXT_HANDLE) ||
           ir_idl_type_attr(type, IR_IDL_ATTR_STRICT_CONTEXT_HANDLE);
}

struct ir_idl_attr *ir_idl_field_attr(const struct ir_idl_field *field, enum ir_idl_attr_id id)
{
    struct ir_idl_attr *attr = ir_idl_attr(&field->attrs, id);
    return attr || !field->type ? attr : ir_idl_type_attr(field->type, id);
}

bool ir_idl_is_ignored(const struct ir_idl_field *field)
{
    return ir_idl_attr(&field->attrs, IR_IDL_ATTR_IGNORE) && field->type &&
           ir_idl_strip(field->type)->kind == IR_IDL_POINTER && !ir_idl_is_handle_type(field->type);
}

/* Bytes; for the alignment see ir_idl_mem_align(). */
static uint32_t base_size(enum ir_idl_base base)
{
    static const uint8_t sizes[IR_IDL_BASE__COUNT] = {
        [IR_IDL_VOID] = 0,         [IR_IDL_BOOLEAN] = 1,
        [IR_IDL_BYTE] = 1,         [IR_IDL_CHAR] = 1,
        [IR_IDL_UCHAR] = 1,        [IR_IDL_WCHAR] = 2,
        [IR_IDL_I8] = 1,           [IR_IDL_U8] = 1,
        [IR_IDL_I16] = 2,          [IR_IDL_U16] = 2,
        [IR_IDL_I32] = 4,          [IR_IDL_U32] = 4,
        [IR_IDL_I64] = 8,          [IR_IDL_U64] = 8,
        [IR_IDL_I3264] = 8,        [IR_IDL_U3264] = 8,
        [IR_IDL_FLOAT] = 4,        [IR_IDL_DOUBLE] = 8,
        [IR_IDL_ERROR_STATUS] = 4, [IR_IDL_HANDLE_T] = sizeof(void *),
    };
    return sizes[base];
}

static uint64_t align_up(uint64_t value, uint32_t align)
{
    return align ? (value + align - 1) / align * align : value;
}

/* Lays out a struct's fields, or finds the largest of a union's arms. */
static bool agg_fields(struct ir_idl_unit *u, struct ir_idl_agg *agg, uint64_t *size,
                       uint32_t *align)
{
    bool is_union = agg->kind == IR_IDL_UNION;
    uint64_t end = 0;
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        struct ir_idl_field *field = agg->fields.v[i];
        uint64_t one = 0;
        uint32_t own = 1;
        if (!field->type) {
            continue;
        }
        if (!ir_idl_mem_size(u, field->type, &one, &own)) {
            return false;
        }
        uint64_t start = is_union ? 0 : align_up(end, own);
        field->mem_off = start > UINT32_MAX ? UINT32_MAX : (uint32_t)start;
        end = is_union && end > one ? end : start + one;
        *align = own > *align ? own : *align;
    }
    *size = align_up(end, *align);
    return true;
}

/* An encapsulated union is a struct of discriminant and union. */
static bool agg_layout(struct ir_idl_unit *u, struct ir_idl_agg *agg)
{
    uint64_t size = 0;
    uint32_t align = 1;
    if (!agg_fields(u, agg, &size, &align)) {
        return false;
    }
    if (agg->encapsulated) {
        uint64_t disc = 0;
        uint32_t disc_align = 1;
        if (!ir_idl_mem_size(u, agg->disc->type, &disc, &disc_align)) {
            return false;
        }
        uint64_t start = align_up(disc, align);
        for (uint32_t i = 0; i < agg->fields.n; i++) {
            struct ir_idl_field *field = agg->fields.v[i];
            field->mem_off += (uint32_t)start;
        }
        align = disc_align > align ? disc_align : align;
        size = align_up(start + size, align);
    }
    bool is_empty = size == 0;
    agg->size = is_empty ? 1 : size; /* an empty body gets a byte, see emit_header.c */
    agg->align = align;
    return true;
}

static bool agg_size(struct ir_idl_unit *u, struct ir_idl_type *type)
{
    struct ir_idl_agg *agg = type->agg;
    if (!agg) {
        ir_idl_error(u, type->pos,
                     "'%.*s' has no body that this file can see; declare it or "
                     "import the file that does",
                     IR_IDL_S(type->name));
        return false;
    }
    if (agg->size_state == IR_IDL_DONE) {
        return agg->size != 0;
    }
    if (agg->size_state == IR_IDL_BUSY) {
        ir_idl_error(u, agg->pos, "'%.*s' contains itself by value; use a pointer",
                     IR_IDL_S(agg->tag));
        return false;
    }
    agg->size_state = IR_IDL_BUSY;
    bool ok = agg_layout(u, agg);
    if (ok && agg->size > MAX_SIZE) {
        ir_idl_error(u, agg->pos, "'%.*s' is larger than 256 MiB", IR_IDL_S(agg->tag));
        ok = false;
    }
    agg->size = ok ? agg->size : 0;
    agg->size_state = IR_IDL_DONE;
    return ok;
}

static bool array_size(struct ir_idl_unit *u, struct ir_idl_type *type, uint64_t *ret_size,
                       uint32_t *ret_align)
{
    uint64_t one;
    if (!ir_idl_mem_size(u, type->of, &one, ret_align)) {
        return false;
    }
    uint64_t count = type->conformant ? 1 : ir_idl_count(u, type); /* C declares [] as [1] */
    if (one && count > MAX_SIZE / one) {
        ir_idl_error(u, type->pos, "this array is larger than 256 MiB");
        return false;
    }
    *ret_size = one * count;
    return true;
}

static bool size_of(struct ir_idl_unit *u, struct ir_idl_type *type, uint64_t *ret_size,
                    uint32_t *ret_align)
{
    switch (type->kind) {
    case IR_IDL_ENUM:
        *ret_size = *ret_align = 4;
        return true;
    case IR_IDL_STRUCT:
    case IR_IDL_UNION:
        if (!agg_size(u, type)) {
            return false;
        }
        *ret_size = type->agg->size;
        *ret_align = type->agg->align;
        return true;
    case IR_IDL_ARRAY:
        return array_size(u, type, ret_size, ret_align);
    case IR_IDL_BASE:
        *ret_size = base_size(type->base);
        *ret_align = ir_idl_mem_align((uint32_t)*ret_size);
        return true;
    case IR_IDL_PIPE: /* struct irpc_pipe */
        *ret_size = sizeof(struct irpc_pipe);
        *ret_align = sizeof(void *);
        return true;
    case IR_IDL_POINTER:
    case IR_IDL_FUNC:
    case IR_IDL_INTERFACE:
    case IR_IDL_SAFEARRAY:
    case IR_IDL_FOREIGN:
    case IR_IDL_NAMED:
    default:
        *ret_size = *ret_align = sizeof(void *);
        return true;
    }
}

bool ir_idl_mem_size(struct ir_idl_unit *u, struct ir_idl_type *type, uint64_t *ret_size,
                     uint32_t *ret_align)
{
    if (u->depth >= MAX_DEPTH) {
        ir_idl_error(u, type->pos, "types are nested more than %u levels deep here", MAX_DEPTH);
        return false;
    }
    bool is_handle = type->kind == IR_IDL_NAMED && ir_idl_is_handle_type(type);
    if (is_handle) { /* struct irpc_context_handle */
        *ret_size = 20;
        *ret_align = 4;
        return true;
    }
    u->depth++;
    bool ok = size_of(u, ir_idl_strip(type), ret_size, ret_align);
    u->depth--;
    return ok;
}

struct budget {
    uint32_t types; /* that may still be compared */
    uint32_t depth; /* of bodies in bodies that may still be entered */
    bool in_c;      /* types that are one type in C are the same */
};

static bool same(const struct ir_idl_type *a, const struct ir_idl_type *b, struct budget *budget);

/* byte, boolean, unsigned char and unsigned small are one type in C: see emit.c. */
static enum ir_idl_base c_base(enum ir_idl_base base)
{
    static const uint8_t like[IR_IDL_BASE__COUNT] = {
        [IR_IDL_BOOLEAN] = IR_IDL_U8,       [IR_IDL_BYTE] = IR_IDL_U8,
        [IR_IDL_UCHAR] = IR_IDL_U8,         [IR_IDL_WCHAR] = IR_IDL_U16,
        [IR_IDL_I3264] = IR_IDL_I64,        [IR_IDL_U3264] = IR_IDL_U64,
        [IR_IDL_ERROR_STATUS] = IR_IDL_U32,
    };
    return like[base] ? (enum ir_idl_base)like[base] : base;
}

static bool same_body(const struct ir_idl_agg *a, const struct ir_idl_agg *b, struct budget *budget)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->kind != b->kind || a->fields.n != b->fields.n || a->pack != b->pack ||
        budget->depth == 0) {
        return false;
    }
    budget->depth--;
    for (uint32_t i = 0; i < a->fields.n; i++) {
        if (a->kind == IR_IDL_ENUM) {
            const struct ir_idl_enumerator *ea = a->fields.v[i];
            const struct ir_idl_enumerator *eb = b->fields.v[i];
            if (!ir_idl_str_eq(ea->name, eb->name)) {
                return false;
            }
            continue;
        }
        const struct ir_idl_field *fa = a->fields.v[i];
        const struct ir_idl_field *fb = b->fields.v[i];
        bool both = fa->type && fb->type;
        if (!ir_idl_str_eq(fa->name, fb->name) || (!both && fa->type != fb->type) ||
            (both && !same(fa->type, fb->type, budget))) {
            return false;
        }
    }
    budget->depth++;
    return true;
}

static bool same_params(const struct ir_idl_type *a, const struct ir_idl_type *b,
                        struct budget *budget)
{
    if (a->params.n != b->params.n) {
        return false;
    }
    for (uint32_t i = 0; i < a->params.n; i++) {
        const struct ir_idl_field *pa = a->params.v[i];
        const struct ir_idl_field *pb = b->params.v[i];
        if (!same(pa->type, pb->type, budget)) {
            return false;
        }
    }
    return true;
}

/* What a pointer leads to is the same when it has the same name: a list leads to itself. */
static bool same(const struct ir_idl_type *a, const struct ir_idl_type *b, struct budget *budget)
{
    bool behind_pointer = false;
    while (a != b) {
        bool is_body =
            a->kind == IR_IDL_STRUCT || a->kind == IR_IDL_UNION || a->kind == IR_IDL_ENUM;
        bool alike = a->kind == b->kind && ir_idl_str_eq(a->name, b->name) && budget->types > 0;
        if (!alike ||
            (a->kind == IR_IDL_ARRAY && (a->count != b->count || a->conformant != b->conformant))) {
            return false;
        }
        budget->types--;
        if (a->kind == IR_IDL_BASE) {
            return a->base == b->base || (budget->in_c && c_base(a->base) == c_base(b->base));
        }
        if (is_body) {
            return (behind_pointer && a->name.n) || same_body(a->agg, b->agg, budget);
        }
        if (a->kind == IR_IDL_FUNC && !same_params(a, b, budget)) {
            return false;
        }
        if (!a->of || !b->of) {
            return a->of == b->of;
        }
        behind_pointer = behind_pointer || a->kind == IR_IDL_POINTER;
        a = a->of;
        b = b->of;
    }
    return true;
}

bool ir_idl_same_type(const struct ir_idl_type *a, const struct ir_idl_type *b, bool in_c)
{
    struct budget budget = {MAX_COMPARED, MAX_DEPTH, in_c};
    return same(a, b, &budget);
}

static const char *base_name(enum ir_idl_base base)
{
    static const char *const names[IR_IDL_BASE__COUNT] = {
        [IR_IDL_VOID] = "void",
        [IR_IDL_BOOLEAN] = "boolean",
        [IR_IDL_BYTE] = "byte",
        [IR_IDL_CHAR] = "char",
        [IR_IDL_UCHAR] = "unsigned char",
        [IR_IDL_WCHAR] = "wchar_t",
        [IR_IDL_I8] = "small",
        [IR_IDL_U8] = "unsigned small",
        [IR_IDL_I16] = "short",
        [IR_IDL_U16] = "unsigned short",
        [IR_IDL_I32] = "long",
        [IR_IDL_U32] = "unsigned long",
        [IR_IDL_I64] = "hyper",
        [IR_IDL_U64] = "unsigned hyper",
        [IR_IDL_I3264] = "__int3264",
        [IR_IDL_U3264] = "unsigned __int3264",
        [IR_IDL_FLOAT] = "float",
        [IR_IDL_DOUBLE] = "double",
        [IR_IDL_ERROR_STATUS] = "error_status_t",
        [IR_IDL_HANDLE_T] = "handle_t",
    };
    return names[base];
}

const char *ir_idl_describe(struct ir_idl_unit *u, const struct ir_idl_type *type)
{
    switch (type->kind) {
    case IR_IDL_BASE:
        return base_name(type->base);
    case IR_IDL_ENUM:
        return ir_idl_printf(&u->pool, "enum %.*s", IR_IDL_S(type->name));
    case IR_IDL_STRUCT:
        return ir_idl_printf(&u->pool, "struct %.*s", IR_IDL_S(type->name));
    case IR_IDL_UNION:
        return ir_idl_printf(&u->pool, "union %.*s", IR_IDL_S(type->name));
    case IR_IDL_POINTER:
        return "a pointer";
    case IR_IDL_ARRAY:
        return "an array";
    case IR_IDL_FUNC:
        return "a function";
    case IR_IDL_PIPE:
        return "a pipe";
    case IR_IDL_INTERFACE:
        return "an interface";
    case IR_IDL_SAFEARRAY:
        return "a SAFEARRAY";
    case IR_IDL_FOREIGN:
    case IR_IDL_NAMED:
    default:
        return ir_idl_printf(&u->pool, "%.*s", IR_IDL_S(type->name));
    }
}
