/* Types of declarations: levels become POINTER, ARRAY and STRING around a leaf.
 *
 * A struct is built once per unit. A union is an entry per use, because its switch_is belongs to
 * the use; its arms are shared. Members are built from a work list, so that a chain of structs
 * that point to each other does not recurse. Sizes and flags come later (layout_wire.c), when
 * everything is there.
 *
 * Source: [C706] 14.3; include/ironrpc/ndr_type.h.
 */
#include <stdlib.h>
#include <string.h>

#include "idl/tables.h"

static uint32_t unsupported(struct ir_idl_tables *t, const struct ir_idl_field *field,
                            const char *what)
{
    ir_idl_error(t->u, field->pos, "%s ('%.*s') cannot be transmitted by this version of ironidl",
                 what, IR_IDL_S(field->name));
    return 0;
}

/* --- leaves --- */

static enum irpc_ndr_kind base_kind(enum ir_idl_base base, bool in_string)
{
    static const uint8_t kinds[IR_IDL_BASE__COUNT] = {
        [IR_IDL_VOID] = IRPC_NDR_NONE,
        [IR_IDL_BOOLEAN] = IRPC_NDR_BOOLEAN,
        [IR_IDL_BYTE] = IRPC_NDR_BYTE,
        [IR_IDL_CHAR] = IRPC_NDR_CHAR,
        [IR_IDL_UCHAR] = IRPC_NDR_U8,
        [IR_IDL_WCHAR] = IRPC_NDR_WCHAR,
        [IR_IDL_I8] = IRPC_NDR_I8,
        [IR_IDL_U8] = IRPC_NDR_U8,
        [IR_IDL_I16] = IRPC_NDR_I16,
        [IR_IDL_U16] = IRPC_NDR_U16,
        [IR_IDL_I32] = IRPC_NDR_I32,
        [IR_IDL_U32] = IRPC_NDR_U32,
        [IR_IDL_I64] = IRPC_NDR_I64,
        [IR_IDL_U64] = IRPC_NDR_U64,
        [IR_IDL_I3264] = IRPC_NDR_I3264,
        [IR_IDL_U3264] = IRPC_NDR_U3264,
        [IR_IDL_FLOAT] = IRPC_NDR_F32,
        [IR_IDL_DOUBLE] = IRPC_NDR_F64,
        [IR_IDL_ERROR_STATUS] = IRPC_NDR_U32,
        [IR_IDL_HANDLE_T] = IRPC_NDR_NONE,
    };
    if (in_string &&
        (base == IR_IDL_UCHAR || base == IR_IDL_BYTE || base == IR_IDL_I8 || base == IR_IDL_U8)) {
        return IRPC_NDR_CHAR;
    }
    if (in_string && base == IR_IDL_U16) {
        return IRPC_NDR_WCHAR;
    }
    return (enum irpc_ndr_kind)kinds[base];
}

static uint32_t base_type(struct ir_idl_tables *t, enum irpc_ndr_kind kind)
{
    if (t->base_types[kind] == 0) {
        t->base_types[kind] = ir_idl_add_type(t, kind);
    }
    return t->base_types[kind];
}

static uint32_t reserve_arms(struct ir_idl_tables *t, uint32_t n)
{
    uint32_t first = t->unit.n_arms;
    for (uint32_t i = 0; i < n; i++) {
        if (!ir_idl_grow(t, (void **)&t->arms, sizeof(*t->arms), t->unit.n_arms, &t->cap_arms, NULL,
                         0)) {
            return 0;
        }
        memset(&t->arms[t->unit.n_arms++], 0, sizeof(*t->arms));
    }
    return first;
}

static int compare_arms(const void *a, const void *b)
{
    const struct irpc_ndr_arm *x = a;
    const struct irpc_ndr_arm *y = b;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static void fill_enum(struct ir_idl_tables *t, struct ir_idl_agg *agg, struct irpc_ndr_type *type)
{
    for (uint32_t i = 0; i < agg->fields.n && !t->u->pool.failed; i++) {
        const struct ir_idl_enumerator *e = agg->fields.v[i];
        struct irpc_ndr_arm *arm = &t->arms[type->ref + i];
        arm->tag = (int32_t)e->value;
        arm->name = ir_idl_add_name(t, e->name);
    }
    if (agg->fields.n && !t->u->pool.failed) {
        qsort(&t->arms[type->ref], agg->fields.n, sizeof(*t->arms), compare_arms);
    }
}

static uint32_t enum_type(struct ir_idl_tables *t, struct ir_idl_type *leaf, bool v1,
                          const struct ir_idl_field *field)
{
    struct ir_idl_agg *agg = leaf->agg;
    if (!agg) {
        ir_idl_error(t->u, field->pos, "enum '%.*s' has no body here", IR_IDL_S(leaf->name));
        return 0;
    }
    v1 = v1 || ir_idl_attr(&agg->attrs, IR_IDL_ATTR_V1_ENUM);
    if (agg->wire_owner == t) {
        return agg->wire;
    }
    uint32_t arms = reserve_arms(t, agg->fields.n);
    uint32_t index = ir_idl_add_type(t, v1 ? IRPC_NDR_ENUM32 : IRPC_NDR_ENUM16);
    if (t->u->pool.failed) {
        return 0;
    }
    struct irpc_ndr_type *type = &t->types[index];
    type->ref = arms;
    type->n = agg->fields.n;
    type->name = ir_idl_add_name(t, agg->tag);
    t->infos[index].agg = agg;
    fill_enum(t, agg, &t->types[index]);
    agg->wire_owner = t;
    agg->wire = index;
    return index;
}

static bool is_uuid(const struct ir_idl_agg *agg)
{
    static const char *const names[] = {"GUID", "_GUID", "UUID", "_UUID", "uuid_t", "irpc_uuid"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ir_idl_str_is(agg->tag, names[i])) {
            return agg->size == 16 && agg->align == 4;
        }
    }
    return false;
}

static uint32_t struct_type(struct ir_idl_tables *t, struct ir_idl_type *leaf)
{
    struct ir_idl_agg *agg = leaf->agg;
    uint64_t size;
    uint32_t align;
    if (agg && agg->wire_owner == t) {
        return agg->wire;
    }
    if (!ir_idl_mem_size(t->u, leaf, &size, &align)) {
        return 0;
    }
    uint32_t index = ir_idl_add_type(t, IRPC_NDR_STRUCT);
    if (t->u->pool.failed || !agg) {
        return 0;
    }
    t->types[index].name = ir_idl_add_name(t, agg->tag);
    t->types[index].flags = is_uuid(agg) ? IRPC_NDR_F_UUID : 0;
    t->infos[index].agg = agg;
    agg->wire_owner = t;
    agg->wire = index;
    ir_idl_push(&t->u->pool, &t->pending, agg);
    return index;
}

static uint32_t count_cases(const struct ir_idl_agg *agg)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_field *arm = agg->fields.v[i];
        for (uint32_t k = 0; k < arm->attrs.v.n; k++) {
            const struct ir_idl_attr *attr = arm->attrs.v.v[k];
            n += attr->id == IR_IDL_ATTR_CASE ? attr->exprs.n : 0;
        }
    }
    return n;
}

/* Type of the discriminant: switch_type, or what switch_is reads. */
static uint32_t disc_type(struct ir_idl_tables *t, const struct ir_idl_agg *agg,
                          struct ir_idl_attr *switch_is, const struct ir_idl_field *field)
{
    struct ir_idl_type *type = agg->encapsulated ? agg->disc->type : agg->switch_type;
    struct ir_idl_expr *e = switch_is && switch_is->exprs.n ? switch_is->exprs.v[0] : NULL;
    if (!type && e) {
        bool deref = e->op == IR_IDL_OP_DEREF;
        struct ir_idl_expr *name = deref ? e->a : e;
        type = name->op == IR_IDL_OP_NAME && name->field ? name->field->type : NULL;
        if (type && deref) {
            type = ir_idl_strip(type);
            type = type->kind == IR_IDL_POINTER ? type->of : NULL;
        }
    }
    struct ir_idl_type *plain = type ? ir_idl_strip(type) : NULL;
    if (plain && plain->kind == IR_IDL_ENUM) {
        return enum_type(t, plain, false, field);
    }
    if (plain && (plain->kind != IR_IDL_BASE || !ir_idl_is_integral(plain))) {
        ir_idl_error(t->u, field->pos,
                     "a union is switched by an integer, an enum, a character "
                     "or a boolean");
        return 0;
    }
    return base_type(t, plain ? base_kind(plain->base, false) : IRPC_NDR_I32);
}

static uint32_t union_type(struct ir_idl_tables *t, struct ir_idl_type *leaf,
                           struct ir_idl_attr *switch_is, const struct ir_idl_field *field,
                           const struct ir_idl_place_info *info)
{
    struct ir_idl_agg *agg = leaf->agg;
    uint64_t size;
    uint32_t align;
    if (!ir_idl_mem_size(t->u, leaf, &size, &align)) {
        return 0;
    }
    if (agg->wire_owner != t) {
        agg->wire = reserve_arms(t, count_cases(agg));
        agg->wire_owner = t;
        agg->default_wire = 0;
        agg->disc_kind = IRPC_NDR_NONE;
        ir_idl_push(&t->u->pool, &t->pending, agg);
    }
    uint32_t disc = disc_type(t, agg, switch_is, field);
    if (disc && agg->disc_kind == IRPC_NDR_NONE) {
        agg->disc_kind = t->types[disc].kind;
    }
    uint32_t expr =
        switch_is && switch_is->exprs.n ? ir_idl_lower_expr(t, info, switch_is->exprs.v[0], 0) : 0;
    uint32_t index = ir_idl_add_type(t, IRPC_NDR_UNION);
    if (t->u->pool.failed) {
        return 0;
    }
    struct irpc_ndr_type *type = &t->types[index];
    type->ref = agg->wire;
    type->n = count_cases(agg);
    type->size = disc;
    type->length = expr;
    bool ms = t->u->options.ms_union || ir_idl_attr(&agg->attrs, IR_IDL_ATTR_MS_UNION) ||
              (info->iface && ir_idl_attr(&info->iface->attrs, IR_IDL_ATTR_MS_UNION));
    type->flags |= ms && !agg->encapsulated ? IRPC_NDR_F_MS_UNION : 0;
    type->flags |= agg->encapsulated ? IRPC_NDR_F_ENCAPSULATED : 0;
    type->name = ir_idl_add_name(t, agg->tag);
    t->infos[index].agg = agg;
    return index;
}

/* Equal types are shared when they are made close to each other; a long search is not worth it. */
static uint32_t oldest(const struct ir_idl_tables *t)
{
    return t->unit.n_types > 64 ? t->unit.n_types - 64 : 1;
}

static uint32_t context_type(struct ir_idl_tables *t, const struct ir_idl_levels *levels)
{
    struct ir_idl_sym *sym = levels->context_type;
    uint32_t id = sym && sym->wire_owner == t ? sym->wire : 0;
    if (id == 0) {
        id = ++t->unit.n_contexts;
    }
    if (sym) {
        sym->wire_owner = t;
        sym->wire = id;
    }
    for (uint32_t i = oldest(t); i < t->unit.n_types; i++) {
        if (t->types[i].kind == IRPC_NDR_CONTEXT && t->types[i].aux == id) {
            return i;
        }
    }
    uint32_t index = ir_idl_add_type(t, IRPC_NDR_CONTEXT);
    if (!t->u->pool.failed) {
        t->types[index].aux = id;
        t->types[index].name = sym ? ir_idl_add_name(t, sym->name) : 0;
    }
    return index;
}

/* struct irpc_interface_pointer { uint32_t size; [size_is(size)] byte data[]; } */
static uint32_t interface_type(struct ir_idl_tables *t)
{
    static const struct irpc_ndr_expr size = {
        .op = IRPC_NDR_X_LOAD, .width = sizeof(uint32_t), .last = 1};
    if (t->interface_type) {
        return t->interface_type;
    }
    uint32_t number = base_type(t, IRPC_NDR_U32);
    uint32_t byte = base_type(t, IRPC_NDR_BYTE);
    uint32_t array = ir_idl_add_type(t, IRPC_NDR_ARRAY);
    uint32_t index = ir_idl_add_type(t, IRPC_NDR_STRUCT);
    if (!ir_idl_grow(t, (void **)&t->exprs, sizeof(*t->exprs), t->unit.n_exprs, &t->cap_exprs,
                     (void **)&t->expr_offsets, sizeof(*t->expr_offsets))) {
        return 0;
    }
    t->exprs[t->unit.n_exprs] = size;
    t->expr_offsets[t->unit.n_exprs] = "offsetof(struct irpc_interface_pointer, size)";
    t->types[array].ref = byte;
    t->types[array].flags = IRPC_NDR_F_CONFORMANT;
    t->types[array].size = t->unit.n_exprs++;
    t->types[index].ref = t->unit.n_fields;
    t->types[index].n = 2;
    t->types[index].name = ir_idl_add_name(t, (struct ir_idl_str){"irpc_interface_pointer", 22});
    t->infos[index].c_type = "struct irpc_interface_pointer";
    const struct irpc_ndr_field fields[] = {
        {number, 0, ir_idl_add_name(t, (struct ir_idl_str){"size", 4})},
        {array, 4, ir_idl_add_name(t, (struct ir_idl_str){"data", 4})}};
    static const char *const offsets[] = {"offsetof(struct irpc_interface_pointer, size)",
                                          "offsetof(struct irpc_interface_pointer, data)"};
    for (uint32_t i = 0; i < 2; i++) {
        if (!ir_idl_grow(t, (void **)&t->fields, sizeof(*t->fields), t->unit.n_fields,
                         &t->cap_fields, (void **)&t->field_offsets, sizeof(*t->field_offsets))) {
            return 0;
        }
        t->field_offsets[t->unit.n_fields] = offsets[i];
        t->fields[t->unit.n_fields++] = fields[i];
    }
    t->interface_type = index;
    return index;
}

static uint32_t pipe_type(struct ir_idl_tables *t, struct ir_idl_type *leaf,
                          const struct ir_idl_field *field, const struct ir_idl_place_info *info)
{
    struct ir_idl_field element = {.pos = field->pos, .name = field->name, .type = leaf->of};
    uint32_t ref = ir_idl_build_decl(t, &element, info, IR_IDL_IN_BODY);
    uint32_t index = ref ? ir_idl_add_type(t, IRPC_NDR_PIPE) : 0;
    if (index) {
        t->types[index].ref = ref;
    }
    return index;
}

static uint32_t leaf_type(struct ir_idl_tables *t, const struct ir_idl_levels *levels,
                          const struct ir_idl_field *field, const struct ir_idl_place_info *info)
{
    struct ir_idl_type *leaf = levels->leaf;
    if (levels->is_context_handle) {
        return context_type(t, levels);
    }
    if (levels->is_interface) {
        return levels->n ? interface_type(t) : unsupported(t, field, "an interface by value");
    }
    switch (leaf->kind) {
    case IR_IDL_BASE:
        break;
    case IR_IDL_ENUM:
        return enum_type(t, leaf, ir_idl_type_attr(levels->leaf_name, IR_IDL_ATTR_V1_ENUM) != NULL,
                         field);
    case IR_IDL_STRUCT:
        return struct_type(t, leaf);
    case IR_IDL_UNION:
        return union_type(t, leaf, levels->switch_is, field, info);
    case IR_IDL_PIPE:
        return pipe_type(t, leaf, field, info);
    case IR_IDL_SAFEARRAY:
    case IR_IDL_FOREIGN:
        return unsupported(t, field, "a SAFEARRAY");
    case IR_IDL_FUNC:
        return unsupported(t, field, "a function pointer");
    case IR_IDL_INTERFACE: /* above */
    case IR_IDL_NAMED:
    case IR_IDL_POINTER:
    case IR_IDL_ARRAY:
    default:
        return 0;
    }
    bool in_string = levels->n > 0 && levels->v[levels->n - 1].is_string;
    enum irpc_ndr_kind kind = base_kind(leaf->base, in_string);
    if (kind == IRPC_NDR_NONE) {
        return unsupported(t, field, ir_idl_describe(t->u, leaf));
    }
    return base_type(t, kind);
}

/* --- ranges --- */

static bool add_range(struct ir_idl_tables *t, const struct ir_idl_attr *attr,
                      const struct ir_idl_place_info *info, uint32_t *ret_index)
{
    struct ir_idl_scope scope = {t->u, info->file, info->iface, false};
    struct irpc_ndr_range range = {0, 0};
    if (attr->exprs.n != 2 || !ir_idl_eval(&scope, attr->exprs.v[0], &range.min) ||
        !ir_idl_eval(&scope, attr->exprs.v[1], &range.max)) {
        return false;
    }
    if (!ir_idl_grow(t, (void **)&t->ranges, sizeof(*t->ranges), t->unit.n_ranges, &t->cap_ranges,
                     NULL, 0)) {
        return false;
    }
    *ret_index = t->unit.n_ranges;
    t->ranges[t->unit.n_ranges++] = range;
    return true;
}

/* A copy of the type, or the type itself when it is used once, with the range. */
static uint32_t with_range(struct ir_idl_tables *t, uint32_t index, const struct ir_idl_attr *attr,
                           const struct ir_idl_place_info *info)
{
    uint32_t range;
    enum irpc_ndr_kind kind = (enum irpc_ndr_kind)t->types[index].kind;
    bool shared = kind != IRPC_NDR_ARRAY && kind != IRPC_NDR_STRING;
    if (!add_range(t, attr, info, &range)) {
        return index;
    }
    if (shared) {
        uint32_t copy = ir_idl_add_type(t, kind);
        if (t->u->pool.failed) {
            return 0;
        }
        t->types[copy] = t->types[index];
        t->infos[copy] = t->infos[index];
        index = copy;
    }
    t->types[index].flags |= IRPC_NDR_F_RANGE;
    t->types[index].range = (uint16_t)range;
    return index;
}

static bool takes_range(const struct ir_idl_tables *t, uint32_t index)
{
    unsigned kind = t->types[index].kind;
    return (kind >= IRPC_NDR_BOOLEAN && kind <= IRPC_NDR_U64) || kind == IRPC_NDR_I3264 ||
           kind == IRPC_NDR_U3264 || kind == IRPC_NDR_ENUM16 || kind == IRPC_NDR_ENUM32;
}

/* --- levels --- */

static uint32_t array_type(struct ir_idl_tables *t, const struct ir_idl_levels *levels, uint32_t at,
                           uint32_t element, const struct ir_idl_place_info *info)
{
    const struct ir_idl_level *level = &levels->v[at];
    bool is_pointer = level->type->kind == IR_IDL_POINTER;
    bool conformant = is_pointer || level->type->conformant;
    bool is_string = level->is_string && ir_idl_is_char(levels->leaf);
    uint32_t count = conformant ? 0 : ir_idl_count(t->u, level->type);
    struct irpc_ndr_type made = {0};
    made.ref = element;
    made.n = count;
    made.flags =
        (uint16_t)((conformant ? IRPC_NDR_F_CONFORMANT : 0) | (is_string ? IRPC_NDR_F_VARYING : 0));
    if (!ir_idl_lower_level(t, info, level, count, &made)) {
        return 0;
    }
    uint32_t index = ir_idl_add_type(t, is_string ? IRPC_NDR_STRING : IRPC_NDR_ARRAY);
    if (t->u->pool.failed) {
        return 0;
    }
    made.kind = t->types[index].kind;
    if (is_string) {
        made.first = 0;
    }
    t->types[index] = made;
    return index;
}

static uint32_t pointer_type(struct ir_idl_tables *t, enum ir_idl_attr_id attr, uint32_t pointee,
                             bool nocheck)
{
    uint32_t kind = attr == IR_IDL_ATTR_REF   ? IRPC_NDR_PTR_REF
                    : attr == IR_IDL_ATTR_PTR ? IRPC_NDR_PTR_FULL
                                              : IRPC_NDR_PTR_UNIQUE;
    uint16_t flags = nocheck ? IRPC_NDR_F_NOCHECK : 0;
    for (uint32_t i = oldest(t); i < t->unit.n_types; i++) {
        const struct irpc_ndr_type *old = &t->types[i];
        if (old->kind == IRPC_NDR_POINTER && old->ref == pointee && old->n == kind &&
            old->flags == flags) {
            return i;
        }
    }
    uint32_t index = ir_idl_add_type(t, IRPC_NDR_POINTER);
    if (t->u->pool.failed) {
        return 0;
    }
    t->types[index].ref = pointee;
    t->types[index].n = kind;
    t->types[index].flags = flags;
    t->infos[pointee].is_pointee = true;
    return index;
}

static bool is_sized(const struct ir_idl_level *level)
{
    return level->size || level->max || level->length || level->last || level->first;
}

uint32_t ir_idl_build_decl(struct ir_idl_tables *t, const struct ir_idl_field *field,
                           const struct ir_idl_place_info *info, enum ir_idl_place place)
{
    struct ir_idl_levels levels;
    if (!ir_idl_expand(t->u, field, info->iface, place, &levels)) {
        return 0;
    }
    if (levels.is_ignored) {
        return base_type(t, IRPC_NDR_IGNORED);
    }
    uint32_t type = leaf_type(t, &levels, field, info);
    const struct ir_idl_attr *range = levels.range;
    bool nocheck = ir_idl_field_attr(field, IR_IDL_ATTR_DISABLE_CONSISTENCY_CHECK) != NULL;
    bool any_array = false;
    for (uint32_t i = 0; i < levels.n; i++) {
        const struct ir_idl_level *level = &levels.v[i];
        any_array =
            any_array || is_sized(level) || level->is_string || level->type->kind == IR_IDL_ARRAY;
    }
    if (type && range && !any_array && takes_range(t, type)) {
        type = with_range(t, type, range, info);
    }
    for (uint32_t i = levels.n; i > 0 && type; i--) {
        const struct ir_idl_level *level = &levels.v[i - 1];
        bool is_pointer = level->type->kind == IR_IDL_POINTER;
        bool string = level->is_string && ir_idl_is_char(levels.leaf) && i == levels.n;
        bool array = !is_pointer || is_sized(level) || string;
        if (array) {
            type = array_type(t, &levels, i - 1, type, info);
            t->types[type].flags |= type && nocheck ? IRPC_NDR_F_NOCHECK : 0;
        }
        if (type && array && range && any_array) {
            type = with_range(t, type, range, info); /* the outermost array is limited ... */
            for (uint32_t k = i - 1; k > 0; k--) {   /* ... so only if no other is around it */
                const struct ir_idl_level *outer = &levels.v[k - 1];
                bool again = outer->type->kind == IR_IDL_ARRAY || is_sized(outer);
                t->types[type].flags &= (uint16_t)(again ? ~IRPC_NDR_F_RANGE : 0xffffu);
            }
        }
        bool by_reference = !is_pointer && i == 1 && place == IR_IDL_AS_PARAM;
        if (type && is_pointer) {
            type = pointer_type(t, level->pointer, type, nocheck);
        } else if (type && by_reference) {
            type = pointer_type(t, IR_IDL_ATTR_REF, type, nocheck);
        }
    }
    bool by_value_pipe = levels.n == 0 && levels.leaf->kind == IR_IDL_PIPE;
    if (type && by_value_pipe && place == IR_IDL_AS_PARAM) {
        type = pointer_type(t, IR_IDL_ATTR_REF, type, false);
    }
    return type;
}

/* --- members --- */

static void build_struct(struct ir_idl_tables *t, struct ir_idl_agg *agg)
{
    struct ir_idl_place_info info = {agg->iface, agg->file,
                                     ir_idl_printf(&t->u->pool, "struct %s", agg->c_tag)};
    uint32_t n = agg->fields.n;
    uint32_t first = t->unit.n_fields;
    for (uint32_t i = 0; i < n; i++) {
        if (!ir_idl_grow(t, (void **)&t->fields, sizeof(*t->fields), t->unit.n_fields,
                         &t->cap_fields, (void **)&t->field_offsets, sizeof(*t->field_offsets))) {
            return;
        }
        t->unit.n_fields++;
    }
    for (uint32_t i = 0; i < n && ir_idl_ok(t->u); i++) {
        struct ir_idl_field *field = agg->fields.v[i];
        struct irpc_ndr_field made = {.moff = field->mem_off};
        made.type = ir_idl_build_decl(t, field, &info, IR_IDL_IN_BODY);
        made.name = ir_idl_add_name(t, field->name);
        t->fields[first + i] = made;
        t->field_offsets[first + i] =
            ir_idl_printf(&t->u->pool, "offsetof(%s, %s)", info.c_type, field->c_name);
    }
    t->types[agg->wire].ref = first;
    t->types[agg->wire].n = n;
}

static void build_arm(struct ir_idl_tables *t, struct ir_idl_agg *agg,
                      const struct ir_idl_field *field, uint32_t *at)
{
    struct ir_idl_place_info info = {agg->iface, agg->file, NULL};
    struct ir_idl_scope scope = {t->u, agg->file, agg->iface, false};
    uint32_t type = field->type ? ir_idl_build_decl(t, field, &info, IR_IDL_IN_BODY) : 0;
    uint32_t name = ir_idl_add_name(t, field->name);
    for (uint32_t k = 0; k < field->attrs.v.n && ir_idl_ok(t->u); k++) {
        const struct ir_idl_attr *attr = field->attrs.v.v[k];
        for (uint32_t i = 0; i < attr->exprs.n && attr->id == IR_IDL_ATTR_CASE; i++) {
            struct irpc_ndr_arm *arm = &t->arms[*at];
            if (!ir_idl_eval(&scope, attr->exprs.v[i], &arm->tag)) {
                return;
            }
            arm->type = type;
            arm->name = name;
            (*at)++;
        }
    }
    if (ir_idl_attr(&field->attrs, IR_IDL_ATTR_DEFAULT)) {
        agg->default_wire = type;
    }
}

/* A tag as the discriminant holds it: case(-1) of an unsigned one is its largest value. */
static int64_t as_disc(int64_t tag, unsigned kind)
{
    /* clang-format off */
    switch (kind) {
    case IRPC_NDR_BOOLEAN:
    case IRPC_NDR_BYTE:
    case IRPC_NDR_CHAR:
    case IRPC_NDR_U8: return (uint8_t)tag;
    case IRPC_NDR_I8: return (int8_t)tag;
    case IRPC_NDR_WCHAR:
    case IRPC_NDR_U16: return (uint16_t)tag;
    case IRPC_NDR_I16: return (int16_t)tag;
    case IRPC_NDR_U32: return (uint32_t)tag;
    case IRPC_NDR_I32:
    case IRPC_NDR_ENUM16:
    case IRPC_NDR_ENUM32: return (int32_t)tag;
    default: return tag;
    }
    /* clang-format on */
}

static void build_union(struct ir_idl_tables *t, struct ir_idl_agg *agg)
{
    uint32_t at = agg->wire;
    for (uint32_t i = 0; i < agg->fields.n && ir_idl_ok(t->u); i++) {
        build_arm(t, agg, agg->fields.v[i], &at);
    }
    for (uint32_t i = agg->wire; i < at && !t->u->pool.failed; i++) {
        t->arms[i].tag = as_disc(t->arms[i].tag, agg->disc_kind);
    }
    if (at > agg->wire && !t->u->pool.failed) {
        qsort(&t->arms[agg->wire], at - agg->wire, sizeof(*t->arms), compare_arms);
    }
}

static bool has_default(const struct ir_idl_agg *agg)
{
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_field *arm = agg->fields.v[i];
        if (ir_idl_attr(&arm->attrs, IR_IDL_ATTR_DEFAULT)) {
            return true;
        }
    }
    return false;
}

/* Every use of a union gets the default arm, once all arms are built. */
static void share_defaults(struct ir_idl_tables *t)
{
    for (uint32_t i = 1; i < t->unit.n_types; i++) {
        const struct ir_idl_agg *agg = t->infos[i].agg;
        if (t->types[i].kind == IRPC_NDR_UNION && has_default(agg)) {
            t->types[i].flags |= IRPC_NDR_F_DEFAULT;
            t->types[i].first = agg->default_wire;
        }
    }
}

void ir_idl_build_pending(struct ir_idl_tables *t)
{
    for (uint32_t i = 0; i < t->pending.n && ir_idl_ok(t->u); i++) {
        struct ir_idl_agg *agg = t->pending.v[i];
        if (agg->kind == IR_IDL_STRUCT) {
            build_struct(t, agg);
        } else {
            build_union(t, agg);
        }
    }
    if (ir_idl_ok(t->u)) {
        share_defaults(t);
    }
}
