/* Rules about attributes of interfaces and operations that say how stubs behave: handles, statuses,
 * serialization; and what MIDL has but ironidl does not.
 *
 * Sources: MIDL reference; [C706] 4.2.14, 6.3.
 */
#include "idl/check.h"

/* What would silently do something else than MIDL's stubs do. */
static const struct {
    enum ir_idl_attr_id id;
    const char *why;
} refused[] = {
    {IR_IDL_ATTR_PARTIAL_IGNORE, "send what the server must know as a parameter of its own"},
    {IR_IDL_ATTR_NOTIFY, "no function is called behind an operation; free what it used in there"},
    {IR_IDL_ATTR_NOTIFY_FLAG, "no function is called behind an operation"},
    {IR_IDL_ATTR_MESSAGE, "calls go over connections, not through queues"},
    {IR_IDL_ATTR_CS_CHAR, "texts are not converted; use wchar_t, which is UTF-16"},
    {IR_IDL_ATTR_CS_STAG, "texts are not converted; use wchar_t, which is UTF-16"},
    {IR_IDL_ATTR_CS_DRTAG, "texts are not converted; use wchar_t, which is UTF-16"},
    {IR_IDL_ATTR_CS_RTAG, "texts are not converted; use wchar_t, which is UTF-16"},
    {IR_IDL_ATTR_CS_TAG_RTN, "texts are not converted; use wchar_t, which is UTF-16"},
};

static void check_refused(struct ir_idl_unit *u, const struct ir_idl_attrs *attrs)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const struct ir_idl_attr *attr = ir_idl_attr(attrs, refused[i].id);
        if (attr) {
            ir_idl_error(u, attr->pos, "[%s] is not supported: %s", ir_idl_attr_name(attr->id),
                         refused[i].why);
        }
    }
}

/* --- handles --- */

void ir_idl_check_handles(struct ir_idl_unit *u, const struct ir_idl_iface *iface)
{
    const struct ir_idl_attr *implicit = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_IMPLICIT_HANDLE);
    const struct ir_idl_attr *automatic = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_AUTO_HANDLE);
    const struct ir_idl_attr *explicit = ir_idl_attr(&iface->attrs, IR_IDL_ATTR_EXPLICIT_HANDLE);
    check_refused(u, &iface->attrs);
    if (implicit && !ir_idl_is_base(implicit->type, IR_IDL_HANDLE_T)) {
        ir_idl_error(u, implicit->pos, "an implicit handle is a handle_t, not %s",
                     ir_idl_describe(u, implicit->type));
    }
    if (implicit && (automatic || explicit)) {
        const struct ir_idl_attr *other = automatic ? automatic : explicit;
        ir_idl_error(u, other->pos, "[%s] contradicts [implicit_handle]",
                     ir_idl_attr_name(other->id));
    } else if (automatic) {
        ir_idl_warn(u, automatic->pos,
                    "[auto_handle] asks a name service, which ironrpc has not; the functions take "
                    "a binding");
    }
}

/* --- statuses --- */

static bool is_status(struct ir_idl_type *type)
{
    return ir_idl_is_base(type, IR_IDL_ERROR_STATUS) || ir_idl_is_base(type, IR_IDL_U32);
}

/* An [out] pointer to an error_status_t. */
static bool is_status_param(const struct ir_idl_field *param)
{
    struct ir_idl_type *type = ir_idl_strip(param->type);
    return type->kind == IR_IDL_POINTER && param->is_out && is_status(type->of);
}

static void check_status(struct ir_idl_unit *u, const struct ir_idl_func *func,
                         enum ir_idl_attr_id id)
{
    const struct ir_idl_attr *first = ir_idl_attr(&func->attrs, id);
    if (first && !is_status(func->result->type)) {
        ir_idl_error(u, first->pos, "[%s] needs an operation that returns error_status_t",
                     ir_idl_attr_name(id));
    }
    for (uint32_t i = 0; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        const struct ir_idl_attr *attr = ir_idl_attr(&param->attrs, id);
        if (attr && !is_status_param(param)) {
            ir_idl_error(u, attr->pos, "[%s] needs an [out] pointer to error_status_t",
                         ir_idl_attr_name(id));
        } else if (attr && first) {
            ir_idl_error(u, attr->pos, "[%s] has its place already", ir_idl_attr_name(id));
        }
        first = attr ? attr : first;
    }
}

/* --- operations --- */

void ir_idl_check_op_attrs(struct ir_idl_unit *u, const struct ir_idl_func *func)
{
    check_refused(u, &func->attrs);
    for (uint32_t i = 0; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        check_refused(u, &param->attrs);
        if (func->iface->implicit.n && ir_idl_str_eq(param->name, func->iface->implicit)) {
            ir_idl_error(u, param->pos, "in C, '%.*s' would hide the implicit handle of that name",
                         IR_IDL_S(param->name));
        }
    }
    check_status(u, func, IR_IDL_ATTR_COMM_STATUS);
    check_status(u, func, IR_IDL_ATTR_FAULT_STATUS);
    if (ir_idl_attr(&func->attrs, IR_IDL_ATTR_CALLBACK)) {
        (u->options.strict ? ir_idl_error : ir_idl_warn)(
            u, func->pos,
            "[callback] operations get no stubs: a server cannot call them; let the "
            "client offer an interface of its own");
    }
    if (ir_idl_is_serialized(func)) {
        (u->options.strict ? ir_idl_error : ir_idl_warn)(
            u, func->pos,
            "operation '%.*s' gets no stubs: the serialization of operations is not published, "
            "only that of types; put its parameters into a structure and [encode] that",
            IR_IDL_S(func->name));
    }
}

/* --- memory that the caller decides on --- */

/* Whether an [in] array has the value of @field as its size: then the request has as many bytes. */
static bool is_paid_for(const struct ir_idl_func *func, const struct ir_idl_field *field)
{
    for (uint32_t i = 0; i < func->params.n; i++) {
        const struct ir_idl_field *param = func->params.v[i];
        const struct ir_idl_attr *size = ir_idl_attr(&param->attrs, IR_IDL_ATTR_SIZE_IS);
        const struct ir_idl_expr *e = size && size->exprs.n ? size->exprs.v[0] : NULL;
        e = e && e->op == IR_IDL_OP_DEREF ? e->a : e;
        if (param->is_in && e && e->op == IR_IDL_OP_NAME && e->field == field) {
            return true;
        }
    }
    return false;
}

/* Whether 16 bits or a range limit what the caller can say. */
static bool is_limited(struct ir_idl_unit *u, const struct ir_idl_field *field)
{
    struct ir_idl_type *type = ir_idl_strip(field->type);
    type = type->kind == IR_IDL_POINTER ? ir_idl_strip(type->of) : type;
    uint64_t size = 8;
    uint32_t align;
    return ir_idl_field_attr(field, IR_IDL_ATTR_RANGE) ||
           (ir_idl_is_integral(type) && ir_idl_mem_size(u, type, &size, &align) && size <= 2);
}

/* The first parameter in @e that can have any value, or NULL. */
static const struct ir_idl_field *
find_unlimited(struct ir_idl_unit *u, const struct ir_idl_func *func, const struct ir_idl_expr *e)
{
    if (!e) {
        return NULL;
    }
    if (e->op == IR_IDL_OP_NAME) {
        bool any = e->field && !is_limited(u, e->field) && !is_paid_for(func, e->field);
        return any ? e->field : NULL;
    }
    const struct ir_idl_field *found = find_unlimited(u, func, e->a);
    found = found ? found : find_unlimited(u, func, e->b);
    return found ? found : find_unlimited(u, func, e->c);
}

void ir_idl_check_memory(struct ir_idl_unit *u, const struct ir_idl_func *func,
                         const struct ir_idl_field *param, const struct ir_idl_levels *levels)
{
    const struct ir_idl_level *level = &levels->v[0];
    if (param->is_in || levels->n == 0 || func->params.n > IR_IDL_MAX_PARAMS) {
        return;
    }
    const struct ir_idl_field *by = find_unlimited(u, func, level->size ? level->size : level->max);
    if (by) {
        ir_idl_warn(u, param->pos,
                    "a call allocates as much memory for '%.*s' as its caller says; limit '%.*s' "
                    "by [range(0, ...)]",
                    IR_IDL_S(param->name), IR_IDL_S(by->name));
    }
}
