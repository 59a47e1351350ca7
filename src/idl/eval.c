/* Constant expressions: values of const declarations, enumerators, bounds, cases, ranges.
 *
 * Arithmetic is done in 64 bits with wrap-around; an unsigned operand makes division, shift and
 * comparison unsigned, as in C. Constants may be used before they are declared; a constant that
 * depends on itself is an error. Casts truncate to the size of their type.
 */
#include "idl/compile.h"

#define MAX_CHAIN 100u

struct value {
    int64_t v;
    bool is_unsigned;
};

static bool eval(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value *ret,
                 bool quiet);

static bool complain(const struct ir_idl_scope *s, const struct ir_idl_expr *e, bool quiet,
                     const char *why)
{
    if (!quiet) {
        ir_idl_error(s->unit, e->pos, "%s", why);
    }
    return false;
}

static bool enumerator_value(const struct ir_idl_scope *s, struct ir_idl_enumerator *e,
                             int64_t *ret);

/* Walks back to the last enumerator with a value; a loop, because enums can be long. */
static bool implicit_value(const struct ir_idl_scope *s, struct ir_idl_enumerator *e, int64_t *ret)
{
    int64_t steps = 0;
    while (!e->expr && e->state != IR_IDL_DONE && e->before) {
        e = e->before;
        steps++;
    }
    int64_t base = 0;
    if (e->state == IR_IDL_DONE) {
        base = e->value;
    } else if (e->expr && !enumerator_value(s, e, &base)) {
        return false;
    }
    *ret = base + steps;
    return true;
}

static bool enumerator_value(const struct ir_idl_scope *s, struct ir_idl_enumerator *e,
                             int64_t *ret)
{
    if (e->state == IR_IDL_BUSY) {
        ir_idl_error(s->unit, e->pos, "the value of '%.*s' depends on itself", IR_IDL_S(e->name));
        return false;
    }
    if (e->state == IR_IDL_NEW) {
        int64_t value = 0;
        e->state = IR_IDL_BUSY;
        bool ok;
        if (e->expr) {
            ok = ir_idl_eval(s, e->expr, &value);
        } else {
            e->state = IR_IDL_NEW;
            ok = implicit_value(s, e, &value);
        }
        e->value = ok ? value : 0;
        e->state = IR_IDL_DONE;
    }
    *ret = e->value;
    return true;
}

bool ir_idl_enumerator_value(const struct ir_idl_scope *scope, struct ir_idl_enumerator *e,
                             int64_t *ret_value)
{
    return enumerator_value(scope, e, ret_value);
}

/* Truncates to the type: what a constant of that type holds. */
static void convert(struct value *v, struct ir_idl_type *type)
{
    type = ir_idl_strip(type);
    if (type->kind != IR_IDL_BASE) {
        return;
    }
    switch (type->base) {
    case IR_IDL_BOOLEAN:
    case IR_IDL_BYTE:
    case IR_IDL_UCHAR:
    case IR_IDL_CHAR:
    case IR_IDL_U8:
        *v = (struct value){(uint8_t)v->v, true};
        break;
    case IR_IDL_I8:
        *v = (struct value){(int8_t)v->v, false};
        break;
    case IR_IDL_WCHAR:
    case IR_IDL_U16:
        *v = (struct value){(uint16_t)v->v, true};
        break;
    case IR_IDL_I16:
        *v = (struct value){(int16_t)v->v, false};
        break;
    case IR_IDL_U32:
    case IR_IDL_ERROR_STATUS:
        *v = (struct value){(uint32_t)v->v, true};
        break;
    case IR_IDL_I32:
        *v = (struct value){(int32_t)v->v, false};
        break;
    case IR_IDL_U64:
    case IR_IDL_U3264:
        v->is_unsigned = true;
        break;
    case IR_IDL_I64:
    case IR_IDL_I3264:
        v->is_unsigned = false;
        break;
    case IR_IDL_VOID:
    case IR_IDL_FLOAT:
    case IR_IDL_DOUBLE:
    case IR_IDL_HANDLE_T:
    case IR_IDL_BASE__COUNT:
    default:
        break;
    }
}

static bool const_value(struct ir_idl_unit *u, struct ir_idl_sym *sym, struct value *ret)
{
    if (sym->state == IR_IDL_BUSY || u->depth >= MAX_CHAIN) {
        ir_idl_error(u, sym->pos, "the value of '%.*s' depends on itself, or on too long a chain",
                     IR_IDL_S(sym->name));
        sym->state = IR_IDL_DONE;
        return false;
    }
    if (sym->state == IR_IDL_NEW) {
        struct ir_idl_scope scope = {u, sym->file, sym->iface, false};
        struct value v = {0, false};
        sym->state = IR_IDL_BUSY;
        u->depth++;
        if (eval(&scope, sym->expr, &v, false)) {
            convert(&v, sym->type);
        }
        u->depth--;
        sym->value = v.v;
        sym->value_unsigned = v.is_unsigned;
        sym->state = IR_IDL_DONE;
    }
    *ret = (struct value){sym->value, sym->value_unsigned};
    return true;
}

bool ir_idl_sym_value(struct ir_idl_unit *u, struct ir_idl_sym *sym, int64_t *ret_value)
{
    struct value v;
    bool ok = const_value(u, sym, &v);
    *ret_value = ok ? v.v : 0;
    return ok;
}

static bool eval_name(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value *ret,
                      bool quiet)
{
    struct ir_idl_sym *sym =
        e->field ? NULL : ir_idl_find(s->unit, e->text, false, s->iface, s->file);
    if (sym && sym->kind == IR_IDL_SYM_CONST) {
        e->sym = sym;
        return const_value(s->unit, sym, ret);
    }
    if (sym && sym->kind == IR_IDL_SYM_ENUMERATOR) {
        struct ir_idl_scope there = {s->unit, sym->file, sym->iface, false};
        e->sym = sym;
        ret->is_unsigned = false;
        return enumerator_value(&there, sym->enumerator, &ret->v);
    }
    if (!quiet) {
        ir_idl_error(s->unit, e->pos, "'%.*s' is not a constant that is known here",
                     IR_IDL_S(e->text));
    }
    return false;
}

static bool divide(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value a,
                   struct value b, struct value *ret, bool quiet)
{
    bool is_div = e->op == IR_IDL_OP_DIV;
    if (b.v == 0) {
        return complain(s, e, quiet, "division by zero in a constant expression");
    }
    if (ret->is_unsigned) {
        uint64_t ua = (uint64_t)a.v;
        uint64_t ub = (uint64_t)b.v;
        ret->v = (int64_t)(is_div ? ua / ub : ua % ub);
    } else if (b.v == -1) {
        ret->v = is_div ? (int64_t)(0 - (uint64_t)a.v) : 0;
    } else {
        ret->v = is_div ? a.v / b.v : a.v % b.v;
    }
    return true;
}

static bool less(struct value a, struct value b)
{
    return a.is_unsigned || b.is_unsigned ? (uint64_t)a.v < (uint64_t)b.v : a.v < b.v;
}

static bool eval_binary(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value *ret,
                        bool quiet)
{
    struct value a = {0};
    struct value b = {0};
    if (!eval(s, e->a, &a, quiet) || !eval(s, e->b, &b, quiet)) {
        return false;
    }
    uint64_t ua = (uint64_t)a.v;
    uint64_t ub = (uint64_t)b.v;
    ret->is_unsigned = a.is_unsigned || b.is_unsigned;
    /* clang-format off */
    switch ((int)e->op) {
    case IR_IDL_OP_MUL: ret->v = (int64_t)(ua * ub); break;
    case IR_IDL_OP_ADD: ret->v = (int64_t)(ua + ub); break;
    case IR_IDL_OP_SUB: ret->v = (int64_t)(ua - ub); break;
    case IR_IDL_OP_SHL: ret->v = (int64_t)(ua << (ub & 63)); break;
    case IR_IDL_OP_SHR:
        ret->v = a.is_unsigned ? (int64_t)(ua >> (ub & 63)) : a.v >> (ub & 63);
        break;
    case IR_IDL_OP_LT: ret->v = less(a, b); break;
    case IR_IDL_OP_GT: ret->v = less(b, a); break;
    case IR_IDL_OP_LE: ret->v = !less(b, a); break;
    case IR_IDL_OP_GE: ret->v = !less(a, b); break;
    case IR_IDL_OP_EQ: ret->v = a.v == b.v; break;
    case IR_IDL_OP_NE: ret->v = a.v != b.v; break;
    case IR_IDL_OP_AND: ret->v = a.v & b.v; break;
    case IR_IDL_OP_XOR: ret->v = a.v ^ b.v; break;
    case IR_IDL_OP_OR: ret->v = a.v | b.v; break;
    case IR_IDL_OP_LAND: ret->v = a.v && b.v; break;
    case IR_IDL_OP_LOR: ret->v = a.v || b.v; break;
    default: return divide(s, e, a, b, ret, quiet);
    }
    /* clang-format on */
    return true;
}

static bool eval_unary(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value *ret,
                       bool quiet)
{
    if (!eval(s, e->a, ret, quiet)) {
        return false;
    }
    if (e->op == IR_IDL_OP_NEG) {
        ret->v = (int64_t)(0 - (uint64_t)ret->v);
        ret->is_unsigned = false;
    } else if (e->op == IR_IDL_OP_NOT) {
        *ret = (struct value){!ret->v, false};
    } else if (e->op == IR_IDL_OP_COMPL) {
        ret->v = ret->is_unsigned && (uint64_t)ret->v <= UINT32_MAX ? (int64_t)(uint32_t)~ret->v
                                                                    : ~ret->v;
    } else if (e->op == IR_IDL_OP_CAST) {
        convert(ret, e->type);
    }
    return true;
}

static bool eval_sizeof(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value *ret)
{
    uint64_t size;
    uint32_t align;
    if (!ir_idl_mem_size(s->unit, e->type, &size, &align)) {
        return false;
    }
    *ret = (struct value){(int64_t)size, true};
    return true;
}

static bool eval(const struct ir_idl_scope *s, struct ir_idl_expr *e, struct value *ret, bool quiet)
{
    struct value cond = {0};
    switch (e->op) {
    case IR_IDL_OP_INT:
        *ret = (struct value){e->value, e->is_unsigned};
        return true;
    case IR_IDL_OP_NAME:
        return eval_name(s, e, ret, quiet);
    case IR_IDL_OP_SIZEOF:
        return eval_sizeof(s, e, ret);
    case IR_IDL_OP_COND:
        return eval(s, e->c, &cond, quiet) && eval(s, cond.v ? e->a : e->b, ret, quiet);
    case IR_IDL_OP_NEG:
    case IR_IDL_OP_PLUS:
    case IR_IDL_OP_NOT:
    case IR_IDL_OP_COMPL:
    case IR_IDL_OP_CAST:
        return eval_unary(s, e, ret, quiet);
    case IR_IDL_OP_FLOAT:
        return complain(s, e, quiet, "an integer is needed here, this is a floating number");
    case IR_IDL_OP_STRING:
        return complain(s, e, quiet, "an integer is needed here, this is a string");
    case IR_IDL_OP_STAR:
    case IR_IDL_OP_DEREF:
    case IR_IDL_OP_ADDR:
    case IR_IDL_OP_MEMBER:
    case IR_IDL_OP_NONE:
        return complain(s, e, quiet, "a constant is needed here");
    case IR_IDL_OP_MUL:
    case IR_IDL_OP_DIV:
    case IR_IDL_OP_MOD:
    case IR_IDL_OP_ADD:
    case IR_IDL_OP_SUB:
    case IR_IDL_OP_SHL:
    case IR_IDL_OP_SHR:
    case IR_IDL_OP_LT:
    case IR_IDL_OP_GT:
    case IR_IDL_OP_LE:
    case IR_IDL_OP_GE:
    case IR_IDL_OP_EQ:
    case IR_IDL_OP_NE:
    case IR_IDL_OP_AND:
    case IR_IDL_OP_XOR:
    case IR_IDL_OP_OR:
    case IR_IDL_OP_LAND:
    case IR_IDL_OP_LOR:
    default:
        return eval_binary(s, e, ret, quiet);
    }
}

bool ir_idl_eval(const struct ir_idl_scope *scope, struct ir_idl_expr *expr, int64_t *ret_value)
{
    struct value v = {0, false};
    bool ok = eval(scope, expr, &v, false);
    if (ok) {
        *ret_value = v.v;
    }
    return ok;
}

bool ir_idl_is_constant(const struct ir_idl_scope *scope, struct ir_idl_expr *expr,
                        int64_t *ret_value)
{
    struct value v = {0, false};
    bool ok = eval(scope, expr, &v, true);
    if (ok) {
        *ret_value = v.v;
    }
    return ok;
}

uint32_t ir_idl_count(struct ir_idl_unit *u, struct ir_idl_type *array)
{
    if (array->count_state == IR_IDL_BUSY) {
        ir_idl_error(u, array->pos, "the bound of this array depends on its own size");
        return 0;
    }
    if (array->count_state == IR_IDL_DONE || !array->scope || !array->bound) {
        return array->count;
    }
    int64_t n = 0;
    int64_t low = 0;
    array->count_state = IR_IDL_BUSY;
    bool ok = ir_idl_eval(array->scope, array->bound, &n);
    if (ok && array->lower && ir_idl_eval(array->scope, array->lower, &low) && low != 0) {
        ir_idl_error(u, array->lower->pos,
                     "arrays start at 0; other lower bounds are not "
                     "supported");
        ok = false;
    }
    n += array->lower ? 1 : 0;
    if (ok && (n < 1 || n > INT32_MAX)) {
        ir_idl_error(u, array->bound->pos,
                     "an array has between 1 and 2147483647 elements, not "
                     "%lld",
                     (long long)n);
        ok = false;
    }
    array->count = ok ? (uint32_t)n : 0;
    array->count_state = IR_IDL_DONE;
    return array->count;
}
