/* The value of a #if line: C's integer expressions over 64 bits, unknown names count as 0.
 *
 * `defined` is gone and macros are expanded when this sees the tokens (preprocess.c).
 * Precedence climbing; nesting is bounded, so a hostile line cannot exhaust the stack.
 */
#include "idl/compile.h"

struct eval {
    struct ir_idl_unit *u;
    const struct ir_idl_toks *toks;
    struct ir_idl_pos pos;
    uint32_t at;
    uint32_t depth;
    bool failed;
};

static int64_t ternary(struct eval *e);

static unsigned punct_at(const struct eval *e)
{
    bool is_punct = e->at < e->toks->n && e->toks->v[e->at].kind == IR_IDL_TOK_PUNCT;
    return is_punct ? e->toks->v[e->at].punct : 0;
}

static int64_t fail(struct eval *e, const char *why)
{
    struct ir_idl_pos pos = e->at < e->toks->n ? e->toks->v[e->at].pos : e->pos;
    if (!e->failed) {
        ir_idl_error(e->u, pos, "%s", why);
    }
    e->failed = true;
    e->at = e->toks->n;
    return 0;
}

static int64_t primary(struct eval *e)
{
    if (e->at >= e->toks->n) {
        return fail(e, "the condition ends where a value is expected");
    }
    const struct ir_idl_tok *tok = &e->toks->v[e->at];
    int64_t value = 0;
    bool is_unsigned;
    bool big;
    if (tok->kind == IR_IDL_TOK_NUMBER || tok->kind == IR_IDL_TOK_CHAR) {
        e->at++;
        return ir_idl_number(e->u, tok, &value, &is_unsigned, &big) ? value : 0;
    }
    if (tok->kind == IR_IDL_TOK_NAME) {
        e->at++;
        return 0;
    }
    if (punct_at(e) != '(') {
        return fail(e, "a condition is an integer expression; this is none");
    }
    e->at++;
    value = ternary(e);
    if (punct_at(e) != ')') {
        return fail(e, "the condition lacks a ')'");
    }
    e->at++;
    return value;
}

static int64_t unary(struct eval *e)
{
    unsigned op = punct_at(e);
    bool is_op = op == '!' || op == '-' || op == '+' || op == '~';
    if (!is_op) {
        return primary(e);
    }
    if (e->depth >= IR_IDL_MAX_NESTING) {
        return fail(e, "the condition is nested too deeply");
    }
    e->at++;
    e->depth++;
    int64_t value = unary(e);
    e->depth--;
    if (op == '!') {
        return !value;
    }
    if (op == '~') {
        return ~value;
    }
    return op == '-' ? (int64_t)(0 - (uint64_t)value) : value;
}

static int precedence(unsigned op)
{
    switch (op) {
    case '*':
    case '/':
    case '%':
        return 10;
    case '+':
    case '-':
        return 9;
    case IR_IDL_P2('<', '<'):
    case IR_IDL_P2('>', '>'):
        return 8;
    case '<':
    case '>':
    case IR_IDL_P2('<', '='):
    case IR_IDL_P2('>', '='):
        return 7;
    case IR_IDL_P2('=', '='):
    case IR_IDL_P2('!', '='):
        return 6;
    case '&':
        return 5;
    case '^':
        return 4;
    case '|':
        return 3;
    case IR_IDL_P2('&', '&'):
        return 2;
    case IR_IDL_P2('|', '|'):
        return 1;
    default:
        return 0;
    }
}

static int64_t divide(struct eval *e, unsigned op, int64_t a, int64_t b)
{
    if (b == 0) {
        return fail(e, "the condition divides by zero");
    }
    if (b == -1) {
        return op == '/' ? (int64_t)(0 - (uint64_t)a) : 0;
    }
    return op == '/' ? a / b : a % b;
}

static int64_t apply(struct eval *e, unsigned op, int64_t a, int64_t b)
{
    uint64_t ua = (uint64_t)a;
    uint64_t ub = (uint64_t)b;
    switch (op) {
    case '*':
        return (int64_t)(ua * ub);
    case '+':
        return (int64_t)(ua + ub);
    case '-':
        return (int64_t)(ua - ub);
    case IR_IDL_P2('<', '<'):
        return (int64_t)(ua << (ub & 63));
    case IR_IDL_P2('>', '>'):
        return a >> (ub & 63);
    case '<':
        return a < b;
    case '>':
        return a > b;
    case IR_IDL_P2('<', '='):
        return a <= b;
    case IR_IDL_P2('>', '='):
        return a >= b;
    case IR_IDL_P2('=', '='):
        return a == b;
    case IR_IDL_P2('!', '='):
        return a != b;
    case '&':
        return a & b;
    case '^':
        return a ^ b;
    case '|':
        return a | b;
    case IR_IDL_P2('&', '&'):
        return a && b;
    case IR_IDL_P2('|', '|'):
        return a || b;
    default:
        return divide(e, op, a, b);
    }
}

static int64_t binary(struct eval *e, int least)
{
    int64_t left = unary(e);
    for (;;) {
        unsigned op = punct_at(e);
        int strength = precedence(op);
        if (strength == 0 || strength < least) {
            return left;
        }
        e->at++;
        left = apply(e, op, left, binary(e, strength + 1));
    }
}

static int64_t ternary(struct eval *e)
{
    if (e->depth >= IR_IDL_MAX_NESTING) {
        return fail(e, "the condition is nested too deeply");
    }
    e->depth++;
    int64_t value = binary(e, 1);
    if (punct_at(e) == '?') {
        e->at++;
        int64_t yes = ternary(e);
        if (punct_at(e) != ':') {
            fail(e, "the condition lacks the ':' of its '?'");
        }
        e->at++;
        int64_t no = ternary(e);
        value = value ? yes : no;
    }
    e->depth--;
    return value;
}

int64_t ir_idl_pp_eval(struct ir_idl_unit *u, const struct ir_idl_toks *toks, struct ir_idl_pos pos)
{
    struct eval e = {.u = u, .toks = toks, .pos = pos};
    int64_t value = ternary(&e);
    if (!e.failed && e.at < toks->n) {
        fail(&e, "text after the condition");
    }
    return value;
}
