/*
 * What value_read.c and value_write.c share: the call, paths in messages, integers of any width,
 * and correlation expressions, which are evaluated and, to spare the user counting, solved.
 *
 * Expressions are those of <ironrpc/ndr_type.h>; the unit has passed the interpreter's check, so
 * indices are in range and the stack is deep enough.
 */
#include "value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

/* --- the call --- */

void ir_value_call_init(struct ir_value_call *call, const struct irpc_ndr_unit *unit,
                        uint32_t opnum)
{
    memset(call, 0, sizeof(*call));
    call->unit = unit;
    call->op = &unit->ops[opnum];
    ir_arena_init(&call->arena, IR_VALUE_MAX_BYTES);
    call->path[0] = '$';
    call->path_len = 1;
}

void ir_value_call_deinit(struct ir_value_call *call)
{
    ir_arena_deinit(&call->arena);
    ir_free(call->pending);
    memset(call, 0, sizeof(*call));
}

const char *ir_value_name(const struct ir_value_call *call, uint32_t name)
{
    return call->unit->names + name;
}

bool ir_value_fail(struct ir_value_call *call, const char *format, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (call->path_len > 120) { /* deep in a list: the ends are enough */
        snprintf(call->error, sizeof(call->error), "%.60s ... %s: %s", call->path,
                 call->path + call->path_len - 50, text);
    } else {
        snprintf(call->error, sizeof(call->error), "%s: %s", call->path, text);
    }
    return false;
}

static size_t push(struct ir_value_call *call, const char *text)
{
    size_t before = call->path_len;
    size_t room = sizeof(call->path) - before;
    int n = snprintf(call->path + before, room, "%s", text);

    /* What does not fit is not shown; the path stays usable. */
    call->path_len = before + ((size_t)n < room ? (size_t)n : room - 1);
    return before;
}

size_t ir_value_push_name(struct ir_value_call *call, const char *name)
{
    char text[128];

    snprintf(text, sizeof(text), ".%s", name);
    return push(call, text);
}

size_t ir_value_push_index(struct ir_value_call *call, uint64_t index)
{
    char text[32];

    snprintf(text, sizeof(text), "[%llu]", (unsigned long long)index);
    return push(call, text);
}

void ir_value_pop(struct ir_value_call *call, size_t len)
{
    call->path_len = len;
    call->path[len] = '\0';
}

/* --- integers --- */

bool ir_value_integer(unsigned kind, unsigned *ret_width, bool *ret_is_signed)
{
    static const int8_t widths[IRPC_NDR_KIND__COUNT] = {
        [IRPC_NDR_BOOLEAN] = 1, [IRPC_NDR_BYTE] = 1,  [IRPC_NDR_CHAR] = -1,
        [IRPC_NDR_WCHAR] = 2,   [IRPC_NDR_I8] = -1,   [IRPC_NDR_U8] = 1,
        [IRPC_NDR_I16] = -2,    [IRPC_NDR_U16] = 2,   [IRPC_NDR_I32] = -4,
        [IRPC_NDR_U32] = 4,     [IRPC_NDR_I64] = -8,  [IRPC_NDR_U64] = 8,
        [IRPC_NDR_I3264] = -8,  [IRPC_NDR_U3264] = 8, [IRPC_NDR_ENUM16] = -4,
        [IRPC_NDR_ENUM32] = -4,
    };
    int width = kind < IRPC_NDR_KIND__COUNT ? widths[kind] : 0;

    *ret_is_signed = width < 0;
    *ret_width = (unsigned)(width < 0 ? -width : width);
    return width != 0;
}

int64_t ir_value_load(const void *p, unsigned width, bool is_signed)
{
    uint64_t v = 0;

    switch (width) {
    case 1:
        v = *(const uint8_t *)p;
        return is_signed ? (int8_t)v : (int64_t)v;
    case 2: {
        uint16_t v16;
        memcpy(&v16, p, sizeof(v16));
        return is_signed ? (int16_t)v16 : (int64_t)v16;
    }
    case 4: {
        uint32_t v32;
        memcpy(&v32, p, sizeof(v32));
        return is_signed ? (int32_t)v32 : (int64_t)v32;
    }
    default:
        memcpy(&v, p, sizeof(v));
        return (int64_t)v;
    }
}

void ir_value_store(void *p, unsigned width, int64_t value)
{
    uint8_t v8 = (uint8_t)value;
    uint16_t v16 = (uint16_t)value;
    uint32_t v32 = (uint32_t)value;

    switch (width) {
    case 1:
        memcpy(p, &v8, sizeof(v8));
        break;
    case 2:
        memcpy(p, &v16, sizeof(v16));
        break;
    case 4:
        memcpy(p, &v32, sizeof(v32));
        break;
    default:
        memcpy(p, &value, sizeof(value));
        break;
    }
}

int64_t ir_value_narrow(unsigned kind, int64_t value)
{
    uint8_t held[8] = {0};
    unsigned width = 0;
    bool is_signed = false;

    if (!ir_value_integer(kind, &width, &is_signed)) {
        return value;
    }
    ir_value_store(held, width, value);
    return ir_value_load(held, width, is_signed);
}

bool ir_value_is_double_pointer(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *type)
{
    if (type->n == IRPC_NDR_PTR_REF) {
        return false;
    }
    const struct irpc_ndr_type *pointee = &unit->types[type->ref];
    while (pointee->kind == IRPC_NDR_POINTER && pointee->n == IRPC_NDR_PTR_REF) {
        pointee = &unit->types[pointee->ref];
    }
    return pointee->kind == IRPC_NDR_POINTER || pointee->kind == IRPC_NDR_CONTEXT;
}

/* --- expressions --- */

/* The pointer that is stored at @slot. */
static void *follow(const void *slot)
{
    void *p;

    memcpy(&p, slot, sizeof(p));
    return p;
}

static int64_t load_operand(const struct irpc_ndr_expr *e, const void *scope)
{
    const uint8_t *p = (const uint8_t *)scope + e->moff;

    if (e->op == IRPC_NDR_X_DEREF) {
        p = follow(p);
    }
    return p == NULL ? 0 : ir_value_load(p, e->width, e->is_signed != 0);
}

static int64_t apply_shift(unsigned op, int64_t a, int64_t b)
{
    if (b < 0 || b > 63) {
        return 0;
    }
    return op == IRPC_NDR_X_SHL ? (int64_t)((uint64_t)a << b) : a >> b;
}

static int64_t apply(unsigned op, int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;

    /* clang-format off */
    switch (op) {
    case IRPC_NDR_X_ADD: return (int64_t)(x + y);
    case IRPC_NDR_X_SUB: return (int64_t)(x - y);
    case IRPC_NDR_X_MUL: return (int64_t)(x * y);
    case IRPC_NDR_X_DIV: return b == 0 ? 0 : b == -1 ? (int64_t)(0 - x) : a / b;
    case IRPC_NDR_X_MOD: return b == 0 || b == -1 ? 0 : a % b;
    case IRPC_NDR_X_AND: return a & b;
    case IRPC_NDR_X_OR: return a | b;
    case IRPC_NDR_X_XOR: return a ^ b;
    case IRPC_NDR_X_SHL:
    case IRPC_NDR_X_SHR: return apply_shift(op, a, b);
    case IRPC_NDR_X_EQ: return a == b;
    case IRPC_NDR_X_NE: return a != b;
    case IRPC_NDR_X_LT: return a < b;
    case IRPC_NDR_X_LE: return a <= b;
    case IRPC_NDR_X_GT: return a > b;
    case IRPC_NDR_X_GE: return a >= b;
    case IRPC_NDR_X_LAND: return a != 0 && b != 0;
    case IRPC_NDR_X_LOR: return a != 0 || b != 0;
    default: return 0;
    }
    /* clang-format on */
}

int64_t ir_value_eval(const struct irpc_ndr_unit *unit, uint32_t expr, const void *scope)
{
    int64_t stack[IRPC_NDR_EXPR_DEPTH + 1] = {0};
    unsigned n = 0;

    for (unsigned i = 0; i < IRPC_NDR_EXPR_LEN; i++) {
        const struct irpc_ndr_expr *e = &unit->exprs[expr + i];

        if (e->op == IRPC_NDR_X_CONST || e->op == IRPC_NDR_X_LOAD || e->op == IRPC_NDR_X_DEREF) {
            if (n == IRPC_NDR_EXPR_DEPTH) {
                return 0;
            }
            stack[n++] = e->op == IRPC_NDR_X_CONST ? e->value : load_operand(e, scope);
        } else if (e->op == IRPC_NDR_X_COND && n >= 3) {
            n -= 2;
            stack[n - 1] = stack[n - 1] != 0 ? stack[n] : stack[n + 1];
        } else if (e->op == IRPC_NDR_X_NEG && n >= 1) {
            stack[n - 1] = (int64_t)(0 - (uint64_t)stack[n - 1]);
        } else if (e->op == IRPC_NDR_X_NOT && n >= 1) {
            stack[n - 1] = ~stack[n - 1];
        } else if (e->op == IRPC_NDR_X_LNOT && n >= 1) {
            stack[n - 1] = !stack[n - 1];
        } else if (n >= 2) {
            n--;
            stack[n - 1] = apply(e->op, stack[n - 1], stack[n]);
        }
        if (e->last) {
            break;
        }
    }
    return n > 0 ? stack[n - 1] : 0;
}

/* Undo "x op c": what x has to be. */
static bool undo(unsigned op, int64_t c, int64_t *v)
{
    switch (op) {
    case IRPC_NDR_X_ADD:
        *v = (int64_t)((uint64_t)*v - (uint64_t)c);
        return true;
    case IRPC_NDR_X_SUB:
        *v = (int64_t)((uint64_t)*v + (uint64_t)c);
        return true;
    case IRPC_NDR_X_MUL:
        if (c == 0 || c == -1 || *v % c != 0) {
            return false;
        }
        *v /= c;
        return true;
    case IRPC_NDR_X_DIV:
        *v = (int64_t)((uint64_t)*v * (uint64_t)c);
        return true;
    default:
        return false;
    }
}

bool ir_value_solve(const struct irpc_ndr_unit *unit, uint32_t expr, void *scope, int64_t want,
                    void **ret_where, unsigned *ret_width, int64_t *ret_value)
{
    const struct irpc_ndr_expr *e = &unit->exprs[expr];
    unsigned n = 1; /* operations */
    uint8_t *p = (uint8_t *)scope + e->moff;

    while (n < IRPC_NDR_EXPR_LEN && !e[n - 1].last) {
        n++;
    }
    if ((e->op != IRPC_NDR_X_LOAD && e->op != IRPC_NDR_X_DEREF) || n % 2 == 0) {
        return false;
    }
    for (unsigned i = n - 1; i > 0; i -= 2) {
        if (e[i - 1].op != IRPC_NDR_X_CONST || !undo(e[i].op, e[i - 1].value, &want)) {
            return false;
        }
    }
    if (e->op == IRPC_NDR_X_DEREF) {
        p = follow(p);
    }
    if (p == NULL) {
        return false;
    }
    *ret_where = p;
    *ret_width = e->width;
    *ret_value = want;
    return true;
}
