/*
 * Correlation expressions: size_is, length_is, first_is, switch_is; postfix, on int64_t, wrapping.
 *
 * Invariants (ir_ndr_unit_check): an expression ends within IRPC_NDR_EXPR_LEN operations, never
 * needs more than IRPC_NDR_EXPR_DEPTH values and leaves one; loads stay inside their scope. What
 * cannot be read yet (a parameter still to come, a pointer not resolved) is never touched.
 */
#include "ndr/machine.h"

static int64_t load(const uint8_t *p, unsigned width, bool is_signed)
{
    union {
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        int64_t i64;
    } v = {.i64 = 0};

    /* clang-format off */
    switch (width) {
    case 1: memcpy(&v, p, 1); return is_signed ? (int8_t)v.u8 : v.u8;
    case 2: memcpy(&v, p, 2); return is_signed ? (int16_t)v.u16 : v.u16;
    case 4: memcpy(&v, p, 4); return is_signed ? (int32_t)v.u32 : (int64_t)v.u32;
    default: memcpy(&v, p, 8); return v.i64;
    }
    /* clang-format on */
}

static int64_t deref(const uint8_t *slot, unsigned width, bool is_signed)
{
    const uint8_t *p;

    memcpy(&p, slot, sizeof(p));
    return p != NULL ? load(p, width, is_signed) : 0;
}

static int64_t divide(int64_t a, int64_t b, bool modulo)
{
    if (b == 0 || (b == -1 && a == INT64_MIN)) {
        return b == 0 || modulo ? 0 : a;
    }
    return modulo ? a % b : a / b;
}

static int64_t shift(int64_t a, int64_t n, bool left)
{
    if (n < 0 || n > 63) {
        return 0;
    }
    return left ? (int64_t)((uint64_t)a << n) : a >> n;
}

static int64_t binary(unsigned op, int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a;
    uint64_t y = (uint64_t)b;

    /* clang-format off */
    switch (op) {
    case IRPC_NDR_X_ADD: return (int64_t)(x + y);
    case IRPC_NDR_X_SUB: return (int64_t)(x - y);
    case IRPC_NDR_X_MUL: return (int64_t)(x * y);
    case IRPC_NDR_X_DIV: return divide(a, b, false);
    case IRPC_NDR_X_MOD: return divide(a, b, true);
    case IRPC_NDR_X_AND: return a & b;
    case IRPC_NDR_X_OR: return a | b;
    case IRPC_NDR_X_XOR: return a ^ b;
    case IRPC_NDR_X_SHL: return shift(a, b, true);
    case IRPC_NDR_X_SHR: return shift(a, b, false);
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

/* Whether @x pushes a value, and which; *@ready is cleared if it cannot be read yet. */
static bool operand(const struct irpc_ndr_expr *x, const struct ir_ndr_scope *scope, int64_t *ret,
                    bool *ready)
{
    if (x->op == IRPC_NDR_X_CONST) {
        *ret = x->value;
        return true;
    }
    if (x->op == IRPC_NDR_X_LOAD || x->op == IRPC_NDR_X_DEREF) {
        bool is_deref = x->op == IRPC_NDR_X_DEREF;
        if (x->moff >= (is_deref ? scope->deref : scope->load)) {
            *ready = false;
        } else {
            *ret = is_deref ? deref(scope->mem + x->moff, x->width, x->is_signed != 0)
                            : load(scope->mem + x->moff, x->width, x->is_signed != 0);
        }
        return true;
    }
    return false;
}

static bool evaluate(const struct irpc_ndr_expr *x, const struct ir_ndr_scope *scope, int64_t *ret)
{
    int64_t stack[IRPC_NDR_EXPR_DEPTH + 3] = {0}; /* two below: underflow is harmless */
    unsigned sp = 2;
    bool ready = true;

    for (;; x++) {
        int64_t v = 0;
        if (operand(x, scope, &v, &ready)) {
            if (!ready || sp >= IRPC_NDR_EXPR_DEPTH + 2) {
                return false;
            }
            stack[sp++] = v;
        } else if (x->op == IRPC_NDR_X_NEG) {
            stack[sp - 1] = (int64_t)(0 - (uint64_t)stack[sp - 1]);
        } else if (x->op == IRPC_NDR_X_NOT) {
            stack[sp - 1] = ~stack[sp - 1];
        } else if (x->op == IRPC_NDR_X_LNOT) {
            stack[sp - 1] = stack[sp - 1] == 0;
        } else if (x->op == IRPC_NDR_X_COND) {
            sp = sp > 4 ? sp - 2 : 3;
            stack[sp - 1] = stack[sp - 1] != 0 ? stack[sp] : stack[sp + 1];
        } else {
            sp = sp > 3 ? sp - 1 : 3;
            stack[sp - 1] = binary(x->op, stack[sp - 1], stack[sp]);
        }
        if (x->last) {
            break;
        }
    }
    *ret = stack[sp - 1];
    return true;
}

bool ir_ndr_eval(const struct irpc_ndr_unit *unit, uint32_t expr, const struct ir_ndr_scope *scope,
                 int64_t *ret)
{
    const struct irpc_ndr_expr *x = &unit->exprs[expr];

    if (x->last && x->op == IRPC_NDR_X_LOAD && x->moff < scope->load) {
        *ret = load(scope->mem + x->moff, x->width, x->is_signed != 0);
        return true;
    }
    return evaluate(x, scope, ret);
}
