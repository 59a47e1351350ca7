/* Expressions: C's, with names, sizeof, casts, dereference and member access.
 *
 * Types and constants may be declared after their use, so the parser cannot know whether
 * "(NAME)" is a cast. It is taken as one when an operand follows directly: a name, a number, a
 * '(' or a '~'. "(a) - b" and "(a) * b" are arithmetic, as the counts of real IDL want.
 *
 * Invariant: every tree is at most MAX_TREE deep, so that later stages may recurse over it.
 */
#include "idl/parser.h"

#define MAX_TREE 120u

static struct ir_idl_expr *new_expr(struct ir_idl_parser *p, enum ir_idl_op op,
                                    struct ir_idl_pos pos)
{
    struct ir_idl_expr *e = ir_idl_new(&p->u->pool, sizeof(*e));
    e->op = op;
    e->pos = pos;
    e->depth = 1;
    return e;
}

/* Hangs the operands under e; NULL when one is missing or the tree gets too deep. */
static struct ir_idl_expr *with(struct ir_idl_parser *p, struct ir_idl_expr *e,
                                struct ir_idl_expr *a, struct ir_idl_expr *b)
{
    if (!a || !b || p->u->pool.failed) {
        return NULL;
    }
    uint32_t depth = (a->depth > b->depth ? a->depth : b->depth) + 1u;
    if (depth > MAX_TREE) {
        ir_idl_error(p->u, e->pos,
                     "this expression has more than %u levels; split it into "
                     "constants",
                     MAX_TREE);
        return NULL;
    }
    e->depth = (uint8_t)depth;
    e->a = a;
    e->b = b == a ? NULL : b;
    return e;
}

static struct ir_idl_expr *parse_unary(struct ir_idl_parser *p);
static struct ir_idl_expr *parse_ternary(struct ir_idl_parser *p);

static struct ir_idl_expr *parse_literal(struct ir_idl_parser *p)
{
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    struct ir_idl_expr *e = new_expr(p, IR_IDL_OP_INT, tok->pos);
    e->text = tok->text;
    if (tok->kind == IR_IDL_TOK_STRING) {
        e->op = IR_IDL_OP_STRING;
        ir_idl_next(p);
        while (ir_idl_cur(p)->kind == IR_IDL_TOK_STRING) { /* adjacent literals: keep the first */
            ir_idl_next(p);
        }
        return e;
    }
    bool is_hex = tok->text.n > 1 && (tok->text.p[1] == 'x' || tok->text.p[1] == 'X');
    for (uint32_t i = 0; i < tok->text.n && tok->kind == IR_IDL_TOK_NUMBER && !is_hex; i++) {
        char ch = tok->text.p[i];
        if (ch == '.' || ch == 'e' || ch == 'E') {
            e->op = IR_IDL_OP_FLOAT;
        }
    }
    bool ok = e->op == IR_IDL_OP_FLOAT ||
              ir_idl_number(p->u, tok, &e->value, &e->is_unsigned, &e->is_big);
    ir_idl_next(p);
    return ok ? e : NULL;
}

static struct ir_idl_expr *parse_sizeof(struct ir_idl_parser *p)
{
    struct ir_idl_expr *e = new_expr(p, IR_IDL_OP_SIZEOF, ir_idl_cur(p)->pos);
    ir_idl_next(p);
    if (!ir_idl_expect(p, '(', "'(' and a type after sizeof")) {
        return NULL;
    }
    e->type = ir_idl_parse_type_name(p);
    return e->type && ir_idl_expect(p, ')', "')' after the type of sizeof") ? e : NULL;
}

static struct ir_idl_expr *parse_primary(struct ir_idl_parser *p)
{
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    if (tok->kind == IR_IDL_TOK_NUMBER || tok->kind == IR_IDL_TOK_STRING ||
        tok->kind == IR_IDL_TOK_CHAR) {
        return parse_literal(p);
    }
    if (ir_idl_at_word(p, "sizeof")) {
        return parse_sizeof(p);
    }
    if (tok->kind == IR_IDL_TOK_NAME) {
        struct ir_idl_expr *e = new_expr(p, IR_IDL_OP_NAME, tok->pos);
        e->text = tok->text;
        bool is_true = ir_idl_at_word(p, "TRUE");
        if (is_true || ir_idl_at_word(p, "FALSE") || ir_idl_at_word(p, "NULL")) {
            e->op = IR_IDL_OP_INT;
            e->value = is_true;
        }
        ir_idl_next(p);
        return e;
    }
    if (!ir_idl_accept(p, '(')) {
        ir_idl_expected(p, "an expression");
        return NULL;
    }
    struct ir_idl_expr *e = parse_ternary(p);
    return e && ir_idl_expect(p, ')', "')' to close the expression") ? e : NULL;
}

static struct ir_idl_expr *parse_postfix(struct ir_idl_parser *p)
{
    struct ir_idl_expr *e = parse_primary(p);
    while (e && (ir_idl_at(p, '.') || ir_idl_at(p, IR_IDL_P2('-', '>')))) {
        struct ir_idl_expr *member = new_expr(p, IR_IDL_OP_MEMBER, ir_idl_cur(p)->pos);
        ir_idl_next(p);
        if (!ir_idl_expect_name(p, "a member's name", &member->text, &member->pos)) {
            return NULL;
        }
        e = with(p, member, e, e);
    }
    return e;
}

/* Whether "(" starts a cast: a type in parentheses with an operand right behind. */
static bool at_cast(struct ir_idl_parser *p)
{
    const struct ir_idl_tok *tok = ir_idl_ahead(p, 1);
    if (!ir_idl_at(p, '(') || tok->kind != IR_IDL_TOK_NAME) {
        return false;
    }
    uint32_t n = 1;
    while (ir_idl_ahead(p, n)->kind == IR_IDL_TOK_NAME) {
        n++;
    }
    uint32_t n_words = n - 1;
    while (ir_idl_ahead(p, n)->kind == IR_IDL_TOK_PUNCT && ir_idl_ahead(p, n)->punct == '*') {
        n++;
    }
    bool stars = n > n_words + 1;
    if (ir_idl_ahead(p, n)->kind != IR_IDL_TOK_PUNCT || ir_idl_ahead(p, n)->punct != ')') {
        return false;
    }
    const struct ir_idl_tok *after = ir_idl_ahead(p, n + 1);
    bool operand =
        after->kind == IR_IDL_TOK_NAME || after->kind == IR_IDL_TOK_NUMBER ||
        (after->kind == IR_IDL_TOK_PUNCT && (after->punct == '(' || after->punct == '~'));
    struct ir_idl_parser inside = *p;
    inside.at++;
    const struct ir_idl_sym *sym = ir_idl_find(p->u, tok->text, false, p->iface, p->file);
    bool is_typedef = sym && sym->kind == IR_IDL_SYM_TYPEDEF;
    bool sure = n_words > 1 || stars || is_typedef || ir_idl_at_type(&inside);
    bool unary = after->kind == IR_IDL_TOK_PUNCT && (after->punct == '-' || after->punct == '+' ||
                                                     after->punct == '*' || after->punct == '&');
    return operand || (sure && unary);
}

static struct ir_idl_expr *parse_cast(struct ir_idl_parser *p)
{
    struct ir_idl_expr *e = new_expr(p, IR_IDL_OP_CAST, ir_idl_cur(p)->pos);
    ir_idl_next(p);
    e->type = ir_idl_parse_type_name(p);
    if (!e->type || !ir_idl_expect(p, ')', "')' after the type of the cast")) {
        return NULL;
    }
    struct ir_idl_expr *operand = parse_unary(p);
    return with(p, e, operand, operand);
}

static struct ir_idl_expr *parse_unary(struct ir_idl_parser *p)
{
    static const struct {
        unsigned punct;
        enum ir_idl_op op;
    } ops[] = {{'*', IR_IDL_OP_DEREF}, {'&', IR_IDL_OP_ADDR}, {'-', IR_IDL_OP_NEG},
               {'+', IR_IDL_OP_PLUS},  {'!', IR_IDL_OP_NOT},  {'~', IR_IDL_OP_COMPL}};
    struct ir_idl_expr *e = NULL;
    if (!ir_idl_enter(p)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]) && !e; i++) {
        if (ir_idl_at(p, ops[i].punct)) {
            e = new_expr(p, ops[i].op, ir_idl_cur(p)->pos);
        }
    }
    if (e) {
        ir_idl_next(p);
        struct ir_idl_expr *operand = parse_unary(p);
        e = with(p, e, operand, operand);
    } else {
        e = at_cast(p) ? parse_cast(p) : parse_postfix(p);
    }
    ir_idl_leave(p);
    return e;
}

static const struct {
    unsigned punct;
    enum ir_idl_op op;
    int strength;
} binary_ops[] = {
    {'*', IR_IDL_OP_MUL, 10},
    {'/', IR_IDL_OP_DIV, 10},
    {'%', IR_IDL_OP_MOD, 10},
    {'+', IR_IDL_OP_ADD, 9},
    {'-', IR_IDL_OP_SUB, 9},
    {IR_IDL_P2('<', '<'), IR_IDL_OP_SHL, 8},
    {IR_IDL_P2('>', '>'), IR_IDL_OP_SHR, 8},
    {'<', IR_IDL_OP_LT, 7},
    {'>', IR_IDL_OP_GT, 7},
    {IR_IDL_P2('<', '='), IR_IDL_OP_LE, 7},
    {IR_IDL_P2('>', '='), IR_IDL_OP_GE, 7},
    {IR_IDL_P2('=', '='), IR_IDL_OP_EQ, 6},
    {IR_IDL_P2('!', '='), IR_IDL_OP_NE, 6},
    {'&', IR_IDL_OP_AND, 5},
    {'^', IR_IDL_OP_XOR, 4},
    {'|', IR_IDL_OP_OR, 3},
    {IR_IDL_P2('&', '&'), IR_IDL_OP_LAND, 2},
    {IR_IDL_P2('|', '|'), IR_IDL_OP_LOR, 1},
};

static struct ir_idl_expr *parse_binary(struct ir_idl_parser *p, int least)
{
    struct ir_idl_expr *left = parse_unary(p);
    while (left) {
        const size_t n = sizeof(binary_ops) / sizeof(binary_ops[0]);
        size_t i = 0;
        while (i < n && !ir_idl_at(p, binary_ops[i].punct)) {
            i++;
        }
        if (i == n || binary_ops[i].strength < least) {
            return left;
        }
        struct ir_idl_expr *e = new_expr(p, binary_ops[i].op, ir_idl_cur(p)->pos);
        ir_idl_next(p);
        left = with(p, e, left, parse_binary(p, binary_ops[i].strength + 1));
    }
    return NULL;
}

static struct ir_idl_expr *parse_ternary(struct ir_idl_parser *p)
{
    if (!ir_idl_enter(p)) {
        return NULL;
    }
    struct ir_idl_expr *e = parse_binary(p, 1);
    if (e && ir_idl_at(p, '?')) {
        struct ir_idl_expr *cond = new_expr(p, IR_IDL_OP_COND, ir_idl_cur(p)->pos);
        ir_idl_next(p);
        cond->c = e;
        struct ir_idl_expr *yes = parse_ternary(p);
        bool colon = yes && ir_idl_expect(p, ':', "':' of the conditional expression");
        struct ir_idl_expr *no = colon ? parse_ternary(p) : NULL;
        struct ir_idl_expr *whole = with(p, cond, yes, no);
        if (whole && e->depth >= whole->depth) {
            whole->depth = (uint8_t)(e->depth + 1);
        }
        e = whole;
    }
    ir_idl_leave(p);
    return e;
}

struct ir_idl_expr *ir_idl_parse_expr(struct ir_idl_parser *p)
{
    return parse_ternary(p);
}
