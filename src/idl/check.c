/* Rules about combinations: what a compiler must reject before a wrong table is made.
 *
 * Two rounds. Uses: what the operations of the remote interfaces transmit, followed through all
 * types; each body once. Bodies: every struct, union and enum of the compiled file, used or not.
 * A message says what is wrong, why, and what to write instead.
 *
 * Sources: MIDL reference (compiler errors); [C706] 4.2; list in docs: must-reject cases.
 */
#include "idl/check.h"

struct check {
    struct ir_idl_unit *u;
    struct ir_idl_vec pending;    /* struct ir_idl_agg to look into */
    struct ir_idl_map operations; /* (name, interface) → struct ir_idl_func */
};

/* --- uses --- */

static const char *pipe_problem(struct ir_idl_type *type, uint32_t depth)
{
    type = ir_idl_strip(type);
    if (depth > 32) {
        return NULL;
    }
    switch (type->kind) {
    case IR_IDL_UNION:
        return "a union";
    case IR_IDL_POINTER:
    case IR_IDL_INTERFACE:
    case IR_IDL_SAFEARRAY:
        return "a pointer";
    case IR_IDL_PIPE:
        return "a pipe";
    case IR_IDL_FUNC:
        return "a function";
    case IR_IDL_ENUM:
        return type->agg && ir_idl_attr(&type->agg->attrs, IR_IDL_ATTR_V1_ENUM)
                   ? NULL
                   : "an enum of 16 bits (write [v1_enum])";
    case IR_IDL_ARRAY:
        return type->conformant ? "an array without a fixed size"
                                : pipe_problem(type->of, depth + 1);
    case IR_IDL_STRUCT:
        break;
    case IR_IDL_BASE:
        return type->base == IR_IDL_I3264 || type->base == IR_IDL_U3264 ? "an __int3264" : NULL;
    case IR_IDL_FOREIGN:
    case IR_IDL_NAMED:
    default:
        return NULL;
    }
    if (type->agg && type->agg->pipe_seen) {
        return NULL;
    }
    for (uint32_t i = 0; type->agg && i < type->agg->fields.n; i++) {
        const struct ir_idl_field *field = type->agg->fields.v[i];
        const char *problem = field->type ? pipe_problem(field->type, depth + 1) : NULL;
        if (problem) {
            return problem;
        }
    }
    if (type->agg) {
        type->agg->pipe_seen = true;
    }
    return NULL;
}

static void check_pipe(struct check *c, const struct ir_idl_field *field,
                       const struct ir_idl_levels *levels, bool is_param)
{
    const struct ir_idl_level *level = &levels->v[0];
    bool plain = levels->n == 0 || (levels->n == 1 && level->type->kind == IR_IDL_POINTER &&
                                    level->pointer == IR_IDL_ATTR_REF && !level->size &&
                                    !level->max && !level->length);
    levels->leaf->pipe_checked = true;
    if (!is_param || !plain) {
        ir_idl_error(c->u, field->pos,
                     "a pipe ('%.*s') can only be a parameter, by value or "
                     "behind a [ref] pointer",
                     IR_IDL_S(field->name));
        return;
    }
    const char *problem = pipe_problem(levels->leaf->of, 0);
    if (problem) {
        ir_idl_error(c->u, field->pos, "the elements of a pipe cannot contain %s", problem);
    }
}

static void check_level(struct check *c, const struct ir_idl_field *field,
                        const struct ir_idl_levels *levels, uint32_t i)
{
    const struct ir_idl_level *level = &levels->v[i];
    bool fixed = level->type->kind == IR_IDL_ARRAY && !level->type->conformant;
    struct ir_idl_expr *size = level->size ? level->size : level->max;
    if (fixed && size) {
        ir_idl_error(c->u, size->pos,
                     "'%.*s' has a fixed size already; drop size_is, or write "
                     "[] for the bound",
                     IR_IDL_S(field->name));
    }
    bool open = level->type->kind == IR_IDL_ARRAY && level->type->conformant;
    if (open && !size && !level->is_string) {
        ir_idl_error(c->u, field->pos,
                     "the array '%.*s' has neither a bound nor size_is; the "
                     "sender must know how many elements there are",
                     IR_IDL_S(field->name));
    }
    bool sized = size || level->length || level->type->kind == IR_IDL_ARRAY;
    struct ir_idl_type *element = i + 1 < levels->n ? levels->v[i + 1].type : levels->leaf;
    bool conformant_struct = element->kind == IR_IDL_STRUCT && ir_idl_has_tail(element);
    if (sized && conformant_struct) {
        ir_idl_error(c->u, field->pos,
                     "the elements of '%.*s' have no fixed size and cannot form "
                     "an array; use pointers to them",
                     IR_IDL_S(field->name));
    }
}

/* What the receiver could not decode: void, an unknown body, a union without its tag. */
static void check_has_body(struct check *c, const struct ir_idl_field *field,
                           const struct ir_idl_levels *levels)
{
    const struct ir_idl_type *leaf = levels->leaf;
    bool aggregate =
        leaf->kind == IR_IDL_STRUCT || leaf->kind == IR_IDL_UNION || leaf->kind == IR_IDL_ENUM;
    if (levels->is_interface) {
        return;
    }
    if (leaf->kind == IR_IDL_BASE && leaf->base == IR_IDL_VOID) {
        ir_idl_error(c->u, field->pos,
                     "'%.*s' points to void, which says nothing about what to "
                     "transmit; use a type with a size, or [context_handle]",
                     IR_IDL_S(field->name));
    } else if (leaf->kind == IR_IDL_FOREIGN) {
        ir_idl_error(c->u, field->pos, "'%.*s' has a type that only C knows ('%.*s')",
                     IR_IDL_S(field->name), IR_IDL_S(leaf->name));
    } else if (aggregate && !leaf->agg) {
        ir_idl_error(c->u, leaf->pos,
                     "'%.*s' has no body that this file can see; declare it or "
                     "import the file that does",
                     IR_IDL_S(leaf->name));
    } else if (leaf->kind == IR_IDL_UNION && !leaf->agg->encapsulated && !levels->switch_is) {
        ir_idl_error(c->u, field->pos,
                     "union '%.*s' needs [switch_is(...)] here: the receiver "
                     "must know which member is meant",
                     IR_IDL_S(leaf->agg->tag));
    }
}

static void check_leaf(struct check *c, const struct ir_idl_field *field,
                       const struct ir_idl_levels *levels, bool is_param)
{
    struct ir_idl_type *leaf = levels->leaf;
    if (levels->has_string && (levels->n == 0 || !ir_idl_is_char(leaf))) {
        ir_idl_error(c->u, levels->string_pos,
                     "[string] needs an array of, or a pointer to, "
                     "char, byte or wchar_t");
    }
    if (leaf->kind == IR_IDL_PIPE) {
        check_pipe(c, field, levels, is_param);
    }
    check_has_body(c, field, levels);
    bool body = leaf->kind == IR_IDL_STRUCT || leaf->kind == IR_IDL_UNION;
    if (body && leaf->agg && leaf->agg->check_state == IR_IDL_NEW) {
        leaf->agg->check_state = IR_IDL_DONE;
        ir_idl_push(&c->u->pool, &c->pending, leaf->agg);
    }
    if (is_param && levels->n == 0 && leaf->kind == IR_IDL_STRUCT && ir_idl_has_tail(leaf)) {
        ir_idl_error(c->u, field->pos,
                     "'%.*s' has no fixed size and cannot be passed by value; "
                     "pass a pointer",
                     IR_IDL_S(field->name));
    }
}

/* The runtime must find every handle of a call: [C706] 4.2.16.6. */
static void check_handle(struct check *c, const struct ir_idl_field *field,
                         const struct ir_idl_levels *levels, enum ir_idl_place place)
{
    bool found = place != IR_IDL_IN_BODY;
    for (uint32_t i = 0; i + 1 < levels->n; i++) { /* only the innermost level may be an array */
        const struct ir_idl_level *level = &levels->v[i];
        found = found && level->type->kind == IR_IDL_POINTER && !level->size && !level->max;
    }
    if (!found) {
        ir_idl_error(c->u, field->pos,
                     "the context handle '%.*s' is part of something else; handles are parameters, "
                     "or elements of an array that is one",
                     IR_IDL_S(field->name));
    }
}

static void check_ignore(struct check *c, const struct ir_idl_field *field, enum ir_idl_place place)
{
    const struct ir_idl_attr *attr = ir_idl_attr(&field->attrs, IR_IDL_ATTR_IGNORE);
    if (attr && place != IR_IDL_IN_BODY) {
        ir_idl_error(c->u, attr->pos, "[ignore] is for pointers in structures and unions");
    } else if (attr && !ir_idl_is_ignored(field)) {
        (c->u->options.strict ? ir_idl_error : ir_idl_warn)(
            c->u, attr->pos, "[ignore] is for pointers; '%.*s' travels as without it",
            IR_IDL_S(field->name));
    }
}

static bool check_use(struct check *c, const struct ir_idl_field *field,
                      const struct ir_idl_iface *iface, enum ir_idl_place place,
                      struct ir_idl_levels *levels)
{
    if (!ir_idl_expand(c->u, field, iface, place, levels)) {
        return false;
    }
    check_ignore(c, field, place);
    if (levels->is_ignored) {
        return true;
    }
    if (levels->is_context_handle) {
        check_handle(c, field, levels, place);
        return true;
    }
    uint32_t dims = 0;
    const struct ir_idl_scope scope = {c->u, field->pos.file, iface, false};
    ir_idl_check_ranged(c->u, levels);
    for (uint32_t i = 0; i < levels->n; i++) {
        ir_idl_check_level_attrs(c->u, &scope, &levels->v[i]);
        check_level(c, field, levels, i);
        dims = levels->v[i].type->kind == IR_IDL_ARRAY ? dims + 1 : 0;
        if (dims == IR_IDL_MAX_DIMS + 1) {
            ir_idl_error(c->u, field->pos, "'%.*s' has more than %u dimensions",
                         IR_IDL_S(field->name), IR_IDL_MAX_DIMS);
        }
    }
    check_leaf(c, field, levels, place != IR_IDL_IN_BODY);
    return true;
}

static void check_arms(struct check *c, const struct ir_idl_agg *agg)
{
    for (uint32_t i = 0; i < agg->fields.n; i++) {
        const struct ir_idl_field *arm = agg->fields.v[i];
        if (!ir_idl_attr(&arm->attrs, IR_IDL_ATTR_CASE) &&
            !ir_idl_attr(&arm->attrs, IR_IDL_ATTR_DEFAULT)) {
            ir_idl_error(c->u, arm->pos,
                         "every member of a transmitted union needs [case(...)] "
                         "or [default]");
            return;
        }
    }
}

static void check_pending(struct check *c)
{
    for (uint32_t i = 0; i < c->pending.n && ir_idl_ok(c->u); i++) {
        const struct ir_idl_agg *agg = c->pending.v[i];
        if (agg->kind == IR_IDL_UNION) {
            check_arms(c, agg);
        }
        for (uint32_t k = 0; k < agg->fields.n; k++) {
            const struct ir_idl_field *field = agg->fields.v[k];
            struct ir_idl_levels levels;
            ir_idl_check_place(c->u, agg, field);
            if (field->bits) {
                ir_idl_error(c->u, field->bits_pos,
                             "bit fields cannot be transmitted; use an integer and constants for "
                             "the bits");
            }
            if (field->type) {
                check_use(c, field, agg->iface, IR_IDL_IN_BODY, &levels);
            }
        }
    }
}

/* --- operations --- */

/* [out] only: the stub provides the memory before the call, so its size must be known by then. */
static void check_room(struct check *c, const struct ir_idl_field *param,
                       const struct ir_idl_levels *levels)
{
    const struct ir_idl_level *level = &levels->v[0];
    bool fixed = level->type->kind == IR_IDL_ARRAY && !level->type->conformant;
    if (levels->is_context_handle || fixed || level->size || level->max) {
        return;
    }
    if (level->is_string) {
        ir_idl_error(c->u, param->pos,
                     "'%.*s' is [out] only and a string without size_is, so "
                     "nobody knows how much memory it needs; add size_is, or return a pointer to "
                     "it",
                     IR_IDL_S(param->name));
    } else if (levels->n == 1 && ir_idl_has_tail(levels->leaf)) {
        ir_idl_error(c->u, param->pos,
                     "'%.*s' is [out] only and has no fixed size, so nobody "
                     "knows how much memory it needs; make it [in, out], or return a pointer to it",
                     IR_IDL_S(param->name));
    }
}

static void check_out(struct check *c, const struct ir_idl_field *param,
                      const struct ir_idl_levels *levels)
{
    if (levels->leaf->kind == IR_IDL_PIPE) {
        return;
    }
    if (levels->n == 0) {
        ir_idl_error(c->u, param->pos,
                     "'%.*s' is [out], so it must be a pointer or an array: the "
                     "caller's memory receives the value",
                     IR_IDL_S(param->name));
        return;
    }
    if (!param->is_in) {
        check_room(c, param, levels);
    }
    bool maybe_null =
        levels->v[0].type->kind == IR_IDL_POINTER && levels->v[0].pointer != IR_IDL_ATTR_REF;
    if (maybe_null && !param->is_in) {
        ir_idl_error(c->u, param->pos,
                     "'%.*s' is [out] only and may be NULL; use a [ref] "
                     "pointer, if need be to a [unique] one",
                     IR_IDL_S(param->name));
    }
    if (levels->v[0].type->is_const || levels->leaf_name->is_const) {
        ir_idl_warn(c->u, param->pos, "'%.*s' is [out] and const", IR_IDL_S(param->name));
    }
}

static void check_param(struct check *c, const struct ir_idl_func *func,
                        const struct ir_idl_field *param)
{
    struct ir_idl_scope scope = {c->u, func->iface->file, func->iface, false};
    struct ir_idl_levels levels;
    bool is_handle = ir_idl_is_base(param->type, IR_IDL_HANDLE_T);
    ir_idl_check_attrs(c->u, &scope, &param->attrs);
    ir_idl_check_known(c->u, param);
    if (is_handle && param->is_out) {
        ir_idl_error(c->u, param->pos, "a handle_t never travels, so it cannot be [out]");
    }
    if (is_handle && param == func->params.v[0]) {
        return;
    }
    if (is_handle) {
        ir_idl_error(c->u, param->pos, "an operation has one handle_t at most");
        return;
    }
    if (ir_idl_is_base(param->type, IR_IDL_VOID)) {
        ir_idl_error(c->u, param->pos, "a parameter cannot be void");
        return;
    }
    bool ok = check_use(c, param, func->iface, IR_IDL_AS_PARAM, &levels);
    if (ok && param->is_out) {
        check_out(c, param, &levels);
        ir_idl_check_memory(c->u, func, param, &levels);
    }
}

static void check_result(struct check *c, const struct ir_idl_func *func)
{
    struct ir_idl_levels levels;
    const struct ir_idl_field *result = func->result;
    if (ir_idl_is_base(result->type, IR_IDL_VOID) ||
        !check_use(c, result, func->iface, IR_IDL_AS_RESULT, &levels)) {
        return;
    }
    if (levels.leaf->kind == IR_IDL_PIPE) {
        ir_idl_error(c->u, result->pos,
                     "an operation cannot return a pipe; use an [out] parameter");
    }
    bool pointer = levels.n > 0 && levels.v[0].type->kind == IR_IDL_POINTER;
    if (pointer && levels.v[0].pointer == IR_IDL_ATTR_REF) {
        ir_idl_error(c->u, result->pos,
                     "a result cannot be a [ref] pointer: there is no memory "
                     "of the caller that it could point to; use [unique]");
    }
    if (levels.n > 0 && levels.v[0].type->kind == IR_IDL_ARRAY) {
        ir_idl_error(c->u, result->pos,
                     "an operation cannot return an array; use an [out] "
                     "parameter");
    }
}

static void check_func(struct check *c, const struct ir_idl_func *func)
{
    ir_idl_check_duplicates(c->u, &func->params, "parameter");
    for (uint32_t i = 0; i < func->params.n; i++) {
        check_param(c, func, func->params.v[i]);
    }
    check_result(c, func);
    const struct ir_idl_attr *maybe = ir_idl_attr(&func->attrs, IR_IDL_ATTR_MAYBE);
    bool answers = !ir_idl_is_base(func->result->type, IR_IDL_VOID);
    for (uint32_t i = 0; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        answers = answers || param->is_out;
    }
    if (maybe && answers) {
        ir_idl_error(c->u, maybe->pos,
                     "a [maybe] operation has no answer, so it can have neither "
                     "[out] parameters nor a result");
    }
    ir_idl_check_op_attrs(c->u, func);
}

static void check_names(struct check *c, const struct ir_idl_iface *iface)
{
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        struct ir_idl_func *func = iface->funcs.v[i];
        struct ir_idl_key key = {func->name, iface, NULL};
        void **first = ir_idl_map_add(&c->u->pool, &c->operations, key);
        if (first && *first) {
            ir_idl_error(c->u, func->pos, "operation '%.*s' is declared twice",
                         IR_IDL_S(func->name));
        } else if (first) {
            *first = func;
        }
    }
}

/* A type that is serialized: as the parameter that layout.c makes of it. */
static void check_pickle(struct check *c, const struct ir_idl_iface *iface, struct ir_idl_sym *sym)
{
    struct ir_idl_type named = {
        .kind = IR_IDL_NAMED, .pos = sym->pos, .name = sym->name, .sym = sym};
    struct ir_idl_type pointer = {.kind = IR_IDL_POINTER, .pos = sym->pos, .of = &named};
    struct ir_idl_field field = {.pos = sym->pos, .name = sym->name, .type = &pointer};
    struct ir_idl_levels levels;
    const struct ir_idl_type *type = ir_idl_strip(&named);
    if (type->kind == IR_IDL_PIPE || ir_idl_is_handle_type(&named)) {
        ir_idl_error(c->u, sym->pos, "'%.*s' has no value of its own that could be serialized",
                     IR_IDL_S(sym->name));
        return;
    }
    check_use(c, &field, iface, IR_IDL_AS_PARAM, &levels);
}

static void check_iface(struct check *c, const struct ir_idl_iface *iface)
{
    if (!ir_idl_is_remote(c->u, iface)) {
        return;
    }
    if (!iface->has_uuid && iface->funcs.n > 0) {
        ir_idl_error(c->u, iface->pos,
                     "interface '%.*s' has operations but no uuid(...); "
                     "uuidgen makes one",
                     IR_IDL_S(iface->name));
    }
    ir_idl_check_handles(c->u, iface);
    check_names(c, iface);
    for (uint32_t i = 0; i < iface->funcs.n; i++) {
        const struct ir_idl_func *func = iface->funcs.v[i];
        if (!ir_idl_attr(&func->attrs, IR_IDL_ATTR_LOCAL)) {
            check_func(c, func);
        }
    }
    for (uint32_t i = 0; i < iface->items.n; i++) {
        struct ir_idl_sym *sym = ir_idl_pickled(iface->items.v[i]);
        if (sym) {
            check_pickle(c, iface, sym);
        }
    }
}

static void check_redefinitions(struct check *c, const struct ir_idl_file *file)
{
    for (uint32_t i = 0; i < file->syms.n; i++) {
        struct ir_idl_sym *sym = file->syms.v[i];
        if (!sym->shadowed || sym->kind != IR_IDL_SYM_TYPEDEF) {
            continue;
        }
        struct ir_idl_sym *winner = ir_idl_find(c->u, sym->name, false, sym->iface, sym->file);
        bool same = winner && winner->type && ir_idl_same_type(winner->type, sym->type, false);
        if (!winner || winner == sym || (same && !c->u->options.strict)) {
            continue;
        }
        if (c->u->options.strict) {
            ir_idl_error(c->u, winner->pos, "'%.*s' is declared twice", IR_IDL_S(sym->name));
        } else {
            ir_idl_warn(c->u, winner->pos,
                        "'%.*s' is declared twice and differently; this one "
                        "counts",
                        IR_IDL_S(sym->name));
        }
        ir_idl_note(c->u, sym->pos, "the other declaration is here");
    }
}

/* Pipes that no operation has (yet), and constants. */
static void check_symbol(struct check *c, const struct ir_idl_sym *sym)
{
    bool is_pipe = sym->kind == IR_IDL_SYM_TYPEDEF && sym->type->kind == IR_IDL_PIPE;
    const char *problem =
        is_pipe && !sym->type->pipe_checked ? pipe_problem(sym->type->of, 0) : NULL;
    if (problem) {
        ir_idl_error(c->u, sym->pos, "the elements of a pipe cannot contain %s", problem);
    }
    if (sym->kind == IR_IDL_SYM_CONST) {
        ir_idl_check_const(c->u, sym);
    }
}

void ir_idl_check(struct ir_idl_unit *u)
{
    struct check c = {.u = u};
    for (uint32_t i = 0; i < u->root->ifaces.n && ir_idl_ok(u); i++) {
        check_iface(&c, u->root->ifaces.v[i]);
    }
    check_pending(&c);
    for (uint32_t i = 0; i < u->root->aggs.n && ir_idl_ok(u); i++) {
        ir_idl_check_body(u, u->root->aggs.v[i]);
    }
    for (uint32_t i = 0; i < u->root->syms.n && ir_idl_ok(u); i++) {
        check_symbol(&c, u->root->syms.v[i]);
    }
    check_redefinitions(&c, u->root);
    for (uint32_t i = 0; i < u->order.n; i++) {
        ir_idl_check_quotes(u, u->order.v[i]);
    }
}
