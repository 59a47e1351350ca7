/* Tables of an interface: operations, their parameters and structs of arguments.
 *
 * One unit per remote interface of the compiled file. The struct of arguments of an operation
 * holds its C parameters in order, without a leading handle_t, and the result last; its layout is
 * computed here for tables in memory and asserted by generated code.
 *
 * Leaves to others: types (layout_types.c), expressions (layout_expr.c), sizes (layout_wire.c).
 */
#include <string.h>

#include "idl/tables.h"

bool ir_idl_grow(struct ir_idl_tables *t, void **array, size_t size, uint32_t n, uint32_t *cap,
                 void **beside, size_t beside_size)
{
    if (n < *cap) {
        return true;
    }
    uint32_t bigger = *cap ? *cap * 2 : 16;
    void *grown = ir_idl_array(&t->u->pool, bigger, size);
    void *other = beside ? ir_idl_array(&t->u->pool, bigger, beside_size) : NULL;
    if (!grown || (beside && !other)) {
        return false;
    }
    if (n) {
        memcpy(grown, *array, n * size);
    }
    if (n && beside) {
        memcpy(other, *beside, n * beside_size);
    }
    *array = grown;
    if (beside) {
        *beside = other;
    }
    *cap = bigger;
    return true;
}

uint32_t ir_idl_add_type(struct ir_idl_tables *t, enum irpc_ndr_kind kind)
{
    if (!ir_idl_grow(t, (void **)&t->types, sizeof(*t->types), t->unit.n_types, &t->cap_types,
                     (void **)&t->infos, sizeof(*t->infos))) {
        return 0;
    }
    t->types[t->unit.n_types].kind = (uint8_t)kind;
    return t->unit.n_types++;
}

static struct ir_idl_str name_at(const struct ir_idl_tables *t, uint32_t offset)
{
    return (struct ir_idl_str){t->names + offset, (uint32_t)strlen(t->names + offset)};
}

/* The slot of that name, or the free one where it belongs. */
static uint32_t *name_slot(const struct ir_idl_tables *t, struct ir_idl_str name)
{
    uint32_t i = ir_idl_str_hash(name) & (t->n_name_slots - 1);
    while (t->name_slots[i] && !ir_idl_str_eq(name_at(t, t->name_slots[i]), name)) {
        i = (i + 1) & (t->n_name_slots - 1);
    }
    return &t->name_slots[i];
}

/* Keeps at least half of the slots free; their number is a power of two. */
static bool grow_slots(struct ir_idl_tables *t)
{
    uint32_t n_old = t->n_name_slots;
    uint32_t *old = t->name_slots;
    if (2 * (t->n_names + 1) <= n_old) {
        return true;
    }
    uint32_t n = n_old ? 2 * n_old : 64;
    uint32_t *slots = ir_idl_array(&t->u->pool, n, sizeof(*slots));
    if (!slots) {
        return false;
    }
    t->name_slots = slots;
    t->n_name_slots = n;
    for (uint32_t i = 0; i < n_old; i++) {
        if (old[i]) {
            *name_slot(t, name_at(t, old[i])) = old[i];
        }
    }
    return true;
}

uint32_t ir_idl_add_name(struct ir_idl_tables *t, struct ir_idl_str name)
{
    if (name.n == 0 || t->u->pool.failed || !grow_slots(t)) {
        return 0;
    }
    uint32_t *slot = name_slot(t, name);
    if (*slot) {
        return *slot;
    }
    uint32_t len = t->unit.names_len;
    uint32_t need = len + name.n + 1;
    if (need > t->cap_names) {
        char *grown = ir_idl_array(&t->u->pool, need * (size_t)2, 1);
        if (!grown) {
            return 0;
        }
        memcpy(grown, t->names, len);
        t->names = grown;
        t->cap_names = need * 2;
    }
    memcpy(t->names + len, name.p, name.n);
    t->names[need - 1] = '\0';
    t->unit.names_len = need;
    t->n_names++;
    *slot = len;
    return len;
}

static bool is_serialized(const struct ir_idl_attrs *attrs)
{
    return ir_idl_attr(attrs, IR_IDL_ATTR_ENCODE) || ir_idl_attr(attrs, IR_IDL_ATTR_DECODE);
}

/* What [encode] on an interface means: all types that are whole by themselves. */
static bool has_value(struct ir_idl_sym *sym)
{
    struct ir_idl_type named = {.kind = IR_IDL_NAMED, .sym = sym};
    const struct ir_idl_type *type = ir_idl_strip(sym->type);
    bool whole =
        type->kind == IR_IDL_STRUCT || type->kind == IR_IDL_ENUM ||
        (type->kind == IR_IDL_UNION && type->agg && type->agg->encapsulated) ||
        (type->kind == IR_IDL_BASE && type->base != IR_IDL_VOID && type->base != IR_IDL_HANDLE_T);
    return whole && !ir_idl_is_handle_type(&named);
}

struct ir_idl_sym *ir_idl_pickled(const struct ir_idl_item *item)
{
    struct ir_idl_sym *sym = item->kind == IR_IDL_ITEM_TYPEDEF ? item->u.sym : NULL;
    bool pickled = sym && !sym->shadowed &&
                   (is_serialized(&sym->attrs) ||
                    (sym->iface && is_serialized(&sym->iface->attrs) && has_value(sym)));
    return pickled ? sym : NULL;
}

bool ir_idl_is_serialized(const struct ir_idl_func *func)
{
    return is_serialized(&func->attrs) || is_serialized(&func->iface->attrs);
}

static bool has_pickles(const struct ir_idl_iface *iface)
{
    for (uint32_t i = 0; i < iface->items.n; i++) {
        if (ir_idl_pickled(iface->items.v[i])) {
            return true;
        }
    }
    return false;
}

bool ir_idl_is_remote(const struct ir_idl_unit *u, const struct ir_idl_iface *iface)
{
    return iface->file == u->root && !iface->is_object && !iface->is_local && !iface->skipped &&
           (iface->funcs.n > 0 || has_pickles(iface));
}

/* --- operations --- */

/* What a parameter occupies in the struct of arguments: arrays are pointers there. */
static bool param_size(struct ir_idl_unit *u, const struct ir_idl_field *param, uint64_t *ret_size,
                       uint32_t *ret_align)
{
    bool direct = ir_idl_attr(&param->attrs, IR_IDL_ATTR_CONTEXT_HANDLE) != NULL;
    struct ir_idl_type *type = ir_idl_strip(param->type);
    if (type->kind == IR_IDL_PIPE) { /* always a pointer to struct irpc_pipe */
        *ret_size = *ret_align = sizeof(void *);
        return true;
    }
    if (direct && type->kind == IR_IDL_POINTER && ir_idl_strip(type->of)->kind != IR_IDL_POINTER) {
        *ret_size = 20;
        *ret_align = 4;
        return true;
    }
    if (type->kind == IR_IDL_ARRAY && !ir_idl_is_handle_type(param->type)) {
        *ret_size = *ret_align = sizeof(void *);
        return true;
    }
    return ir_idl_mem_size(u, param->type, ret_size, ret_align);
}

static bool place_param(struct ir_idl_tables *t, struct ir_idl_field *param, uint64_t *end,
                        uint32_t *max_align)
{
    uint64_t size;
    uint32_t align;
    if (!param_size(t->u, param, &size, &align)) {
        return false;
    }
    if (size == 0) {
        ir_idl_error(t->u, param->pos, "'%.*s' has no size; use a pointer", IR_IDL_S(param->name));
        return false;
    }
    *end = (*end + align - 1) / align * align;
    param->mem_off = (uint32_t)*end;
    *end += size;
    *max_align = align > *max_align ? align : *max_align;
    return true;
}

static bool has_result(const struct ir_idl_func *func)
{
    return !ir_idl_is_base(func->result->type, IR_IDL_VOID);
}

/* Offsets first: expressions may read parameters that come later. */
static bool place_params(struct ir_idl_tables *t, struct ir_idl_func *func, uint32_t *ret_size)
{
    uint64_t end = 0;
    uint32_t align = 1;
    if (func->params.n > IR_IDL_MAX_PARAMS) {
        ir_idl_error(t->u, func->pos, "'%.*s' has more than %u parameters; use a structure",
                     IR_IDL_S(func->name), IR_IDL_MAX_PARAMS);
        return false;
    }
    for (uint32_t i = func->has_handle ? 1 : 0; i < func->params.n; i++) {
        if (!place_param(t, func->params.v[i], &end, &align)) {
            return false;
        }
    }
    if (has_result(func) && !place_param(t, func->result, &end, &align)) {
        return false;
    }
    end = (end + align - 1) / align * align;
    if (end > UINT16_MAX) {
        ir_idl_error(t->u, func->pos,
                     "the parameters of '%.*s' take more than 64 KiB by value; "
                     "use pointers",
                     IR_IDL_S(func->name));
        return false;
    }
    *ret_size = end ? (uint32_t)end : 1; /* an empty struct gets a char, see emit_header.c */
    return true;
}

static void build_param(struct ir_idl_tables *t, const struct ir_idl_place_info *info,
                        const struct ir_idl_field *param)
{
    if (!ir_idl_grow(t, (void **)&t->params, sizeof(*t->params), t->unit.n_params, &t->cap_params,
                     (void **)&t->param_offsets, sizeof(*t->param_offsets))) {
        return;
    }
    struct irpc_ndr_param made = {.moff = param->mem_off};
    made.type =
        ir_idl_build_decl(t, param, info, param->is_retval ? IR_IDL_AS_RESULT : IR_IDL_AS_PARAM);
    made.name = ir_idl_add_name(t, param->name);
    made.flags = (param->is_in ? IRPC_NDR_P_IN : 0) | (param->is_out ? IRPC_NDR_P_OUT : 0) |
                 (param->is_retval ? IRPC_NDR_P_RETURN : 0);
    t->params[t->unit.n_params] = made;
    t->param_offsets[t->unit.n_params] =
        ir_idl_printf(&t->u->pool, "offsetof(%s, %s)", info->c_type, param->c_name);
    t->unit.n_params++;
}

static void build_op(struct ir_idl_tables *t, struct ir_idl_func *func)
{
    if (!ir_idl_grow(t, (void **)&t->ops, sizeof(*t->ops), t->unit.n_ops, &t->cap_ops, NULL, 0)) {
        return;
    }
    struct irpc_ndr_op op = {.first_param = t->unit.n_params};
    op.name = ir_idl_add_name(t, func->name);
    op.flags |= ir_idl_attr(&func->attrs, IR_IDL_ATTR_IDEMPOTENT) ? IRPC_NDR_OP_IDEMPOTENT : 0;
    op.flags |= ir_idl_attr(&func->attrs, IR_IDL_ATTR_MAYBE) ? IRPC_NDR_OP_MAYBE : 0;
    op.flags |= ir_idl_attr(&func->attrs, IR_IDL_ATTR_BROADCAST) ? IRPC_NDR_OP_BROADCAST : 0;
    bool absent =
        ir_idl_attr(&func->attrs, IR_IDL_ATTR_LOCAL) != NULL || ir_idl_is_serialized(func);
    if (absent) {
        op.flags |= IRPC_NDR_OP_ABSENT;
        op.args_size = 1;
    } else {
        struct ir_idl_place_info info = {
            t->iface, t->iface->file,
            ir_idl_printf(&t->u->pool, "struct %s_%.*s_args", t->name, IR_IDL_S(func->name))};
        if (!place_params(t, func, &op.args_size)) {
            return;
        }
        for (uint32_t i = func->has_handle ? 1 : 0; i < func->params.n; i++) {
            build_param(t, &info, func->params.v[i]);
        }
        if (has_result(func)) {
            build_param(t, &info, func->result);
        }
    }
    op.n_params = (uint16_t)(t->unit.n_params - op.first_param);
    for (uint32_t i = op.first_param; i < t->unit.n_params; i++) {
        const struct irpc_ndr_type *type = &t->types[t->params[i].type];
        bool pipe = type->kind == IRPC_NDR_POINTER && t->types[type->ref].kind == IRPC_NDR_PIPE;
        op.flags |= pipe ? IRPC_NDR_OP_PIPES : 0;
    }
    t->ops[t->unit.n_ops++] = op;
}

/* --- units --- */

static bool reserve_zeros(struct ir_idl_tables *t)
{
    t->names = ir_idl_array(&t->u->pool, 64, 1);
    t->cap_names = 64;
    t->unit.names_len = 1;
    ir_idl_add_type(t, IRPC_NDR_NONE);
    if (!ir_idl_grow(t, (void **)&t->exprs, sizeof(*t->exprs), 0, &t->cap_exprs,
                     (void **)&t->expr_offsets, sizeof(*t->expr_offsets))) {
        return false;
    }
    t->unit.n_exprs = 1;
    t->exprs[0].last = 1;
    return t->names != NULL;
}

static struct irpc_uuid make_uuid(const uint8_t b[16])
{
    struct irpc_uuid uuid;
    uuid.time_low = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    uuid.time_mid = (uint16_t)(b[4] << 8 | b[5]);
    uuid.time_hi_and_version = (uint16_t)(b[6] << 8 | b[7]);
    uuid.clock_seq_hi_and_reserved = b[8];
    uuid.clock_seq_low = b[9];
    memcpy(uuid.node, b + 10, sizeof(uuid.node));
    return uuid;
}

static void publish(struct ir_idl_tables *t)
{
    t->unit.contract = IRPC_CONTRACT;
    t->unit.types = t->types;
    t->unit.fields = t->fields;
    t->unit.arms = t->arms;
    t->unit.exprs = t->exprs;
    t->unit.ranges = t->ranges;
    t->unit.params = t->params;
    t->unit.ops = t->ops;
    t->unit.names = t->names;
    t->interface.contract = IRPC_CONTRACT;
    t->interface.id.uuid = make_uuid(t->iface->uuid);
    t->interface.id.major = t->iface->major;
    t->interface.id.minor = t->iface->minor;
    t->interface.name = t->name;
    t->interface.unit = &t->unit;
}

/* A serializable type: an operation with one parameter, a [ref] pointer to a value. */
static void build_pickle(struct ir_idl_tables *t, struct ir_idl_sym *sym)
{
    uint32_t at = t->unit.n_ops + t->unit.n_pickles;
    struct ir_idl_place_info info = {t->iface, t->iface->file, "char"};
    struct ir_idl_type *type = ir_idl_array(&t->u->pool, 2, sizeof(*type));
    if (!type || !ir_idl_grow(t, (void **)&t->ops, sizeof(*t->ops), at, &t->cap_ops, NULL, 0) ||
        !ir_idl_grow(t, (void **)&t->params, sizeof(*t->params), t->unit.n_params, &t->cap_params,
                     (void **)&t->param_offsets, sizeof(*t->param_offsets))) {
        return;
    }
    type[0] = (struct ir_idl_type){.kind = IR_IDL_POINTER, .pos = sym->pos, .of = &type[1]};
    type[1] =
        (struct ir_idl_type){.kind = IR_IDL_NAMED, .pos = sym->pos, .name = sym->name, .sym = sym};
    struct ir_idl_field field = {.pos = sym->pos, .name = sym->name, .type = type};
    uint32_t name = ir_idl_add_name(t, sym->name);
    struct irpc_ndr_param param = {.name = name, .flags = IRPC_NDR_P_IN | IRPC_NDR_P_OUT};
    param.type = ir_idl_build_decl(t, &field, &info, IR_IDL_AS_PARAM);
    t->ops[at] = (struct irpc_ndr_op){.first_param = t->unit.n_params,
                                      .n_params = 1,
                                      .flags = IRPC_NDR_OP_PICKLE,
                                      .args_size = 8,
                                      .name = name};
    t->param_offsets[t->unit.n_params] = "0";
    t->params[t->unit.n_params++] = param;
    t->unit.n_pickles++;
}

static void layout_iface(struct ir_idl_unit *u, struct ir_idl_iface *iface)
{
    struct ir_idl_tables *t = ir_idl_array(&u->pool, 1, sizeof(*t));
    if (!t) {
        return;
    }
    t->u = u;
    t->iface = iface;
    t->name = ir_idl_dup(&u->pool, iface->name.p, iface->name.n);
    if (!reserve_zeros(t)) {
        return;
    }
    for (uint32_t i = 0; i < iface->funcs.n && ir_idl_ok(u); i++) {
        struct ir_idl_func *func = iface->funcs.v[i];
        if (func->opnum != UINT32_MAX) {
            build_op(t, func);
        }
    }
    for (uint32_t i = 0; i < iface->items.n && ir_idl_ok(u); i++) {
        struct ir_idl_sym *sym = ir_idl_pickled(iface->items.v[i]);
        if (sym) {
            build_pickle(t, sym);
        }
    }
    ir_idl_build_pending(t);
    if (ir_idl_ok(u) && u->n_errors == 0) {
        ir_idl_finish_wire(t);
        publish(t);
        ir_idl_push(&u->pool, &u->tables, t);
    }
}

void ir_idl_layout(struct ir_idl_unit *u)
{
    for (uint32_t i = 0; i < u->root->ifaces.n && ir_idl_ok(u); i++) {
        struct ir_idl_iface *iface = u->root->ifaces.v[i];
        if (ir_idl_is_remote(u, iface)) {
            layout_iface(u, iface);
        }
    }
}
