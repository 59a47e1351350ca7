/* Files, interfaces and declarations; the token cursor; recovery after errors.
 *
 * The grammar is MIDL's, read generously: attributes may stand wherever MIDL lets them, imports
 * and nearly every declaration may stand inside an interface or outside. After an error the
 * parser skips to the end of the declaration and goes on, so that one run shows several errors.
 *
 * Invariants: every loop consumes tokens; recursion is bounded by ir_idl_enter; the last token is
 * END and is never passed.
 *
 * Leaves to others: the meaning of names (resolve.c), all rules about combinations (check.c).
 */
#include <ctype.h>
#include <string.h>

#include "idl/parser.h"

/* --- the cursor --- */

static const struct ir_idl_tok *end_token(const struct ir_idl_parser *p)
{
    return &p->toks.v[p->toks.n - 1];
}

const struct ir_idl_tok *ir_idl_cur(const struct ir_idl_parser *p)
{
    return p->u->stop || p->u->pool.failed ? end_token(p) : &p->toks.v[p->at];
}

const struct ir_idl_tok *ir_idl_ahead(const struct ir_idl_parser *p, uint32_t n)
{
    if (p->u->stop || n >= p->toks.n - p->at) {
        return end_token(p);
    }
    return &p->toks.v[p->at + n];
}

static uint32_t pragma_number(const char *s, const char *end)
{
    uint32_t value = 0;
    while (s < end && isdigit((unsigned char)*s) && value < 1000) {
        value = value * 10 + (uint32_t)(*s++ - '0');
    }
    return value;
}

/* #pragma pack(8), pack(), pack(push), pack(push, 4), pack(pop); MIDL also takes pack 4. */
static void obey_pragma(struct ir_idl_parser *p, const struct ir_idl_tok *tok)
{
    const char *s = tok->text.p;
    const char *end = s + tok->text.n;
    if (tok->text.n < 4 || memcmp(s, "pack", 4) != 0) {
        return;
    }
    uint32_t value = 0;
    bool pop = false;
    for (s += 4; s < end && *s != ')'; s++) {
        if (end - s >= 4 && memcmp(s, "push", 4) == 0 && p->n_packs < IR_IDL_MAX_PACK) {
            p->packs[p->n_packs++] = p->pack;
            value = p->pack;
        }
        if (end - s >= 3 && memcmp(s, "pop", 3) == 0) {
            pop = true;
        }
        if (isdigit((unsigned char)*s)) {
            value = pragma_number(s, end);
            break;
        }
    }
    if (pop) {
        value = p->n_packs ? p->packs[--p->n_packs] : 0;
    }
    bool valid = value <= 16 && (value & (value - 1)) == 0;
    if (!valid) {
        ir_idl_error(p->u, tok->pos, "#pragma pack takes 1, 2, 4, 8 or 16");
    } else {
        p->pack = value;
    }
}

static void skip_pragmas(struct ir_idl_parser *p)
{
    while (p->toks.v[p->at].kind == IR_IDL_TOK_PRAGMA) {
        obey_pragma(p, &p->toks.v[p->at]);
        p->at++;
    }
}

void ir_idl_next(struct ir_idl_parser *p)
{
    if (p->at + 1 < p->toks.n) {
        p->at++;
        skip_pragmas(p);
    }
}

bool ir_idl_at(const struct ir_idl_parser *p, unsigned punct)
{
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    return tok->kind == IR_IDL_TOK_PUNCT && tok->punct == punct;
}

bool ir_idl_at_word(const struct ir_idl_parser *p, const char *word)
{
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    return tok->kind == IR_IDL_TOK_NAME && ir_idl_str_is(tok->text, word);
}

bool ir_idl_accept(struct ir_idl_parser *p, unsigned punct)
{
    bool there = ir_idl_at(p, punct);
    if (there) {
        ir_idl_next(p);
    }
    return there;
}

bool ir_idl_accept_word(struct ir_idl_parser *p, const char *word)
{
    bool there = ir_idl_at_word(p, word);
    if (there) {
        ir_idl_next(p);
    }
    return there;
}

bool ir_idl_expected(struct ir_idl_parser *p, const char *what)
{
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    if (p->u->pool.failed) {
        return false;
    }
    if (tok->kind == IR_IDL_TOK_END) {
        ir_idl_error(p->u, tok->pos, "expected %s, but the file ends here", what);
    } else {
        int n = tok->text.n > 40 ? 40 : (int)tok->text.n;
        ir_idl_error(p->u, tok->pos, "expected %s, found '%.*s'", what, n, tok->text.p);
    }
    return false;
}

bool ir_idl_expect(struct ir_idl_parser *p, unsigned punct, const char *what)
{
    return ir_idl_accept(p, punct) || ir_idl_expected(p, what);
}

bool ir_idl_expect_name(struct ir_idl_parser *p, const char *what, struct ir_idl_str *ret_name,
                        struct ir_idl_pos *ret_pos)
{
    const struct ir_idl_tok *tok = ir_idl_cur(p);
    if (tok->kind != IR_IDL_TOK_NAME) {
        return ir_idl_expected(p, what);
    }
    *ret_name = tok->text;
    *ret_pos = tok->pos;
    ir_idl_next(p);
    return true;
}

static int bracket(const struct ir_idl_tok *tok)
{
    if (tok->kind != IR_IDL_TOK_PUNCT) {
        return 0;
    }
    bool opens = tok->punct == '(' || tok->punct == '[' || tok->punct == '{';
    bool closes = tok->punct == ')' || tok->punct == ']' || tok->punct == '}';
    return opens ? 1 : closes ? -1 : 0;
}

void ir_idl_skip_balanced(struct ir_idl_parser *p)
{
    int level = 0;
    if (bracket(ir_idl_cur(p)) != 1) {
        return;
    }
    do {
        level += bracket(ir_idl_cur(p));
        ir_idl_next(p);
    } while (level > 0 && ir_idl_cur(p)->kind != IR_IDL_TOK_END);
}

void ir_idl_recover(struct ir_idl_parser *p)
{
    while (ir_idl_cur(p)->kind != IR_IDL_TOK_END && !ir_idl_at(p, '}')) {
        if (ir_idl_accept(p, ';')) {
            return;
        }
        if (ir_idl_at(p, '{')) {
            ir_idl_skip_balanced(p);
        } else {
            ir_idl_next(p);
        }
    }
}

bool ir_idl_enter(struct ir_idl_parser *p)
{
    if (p->depth >= IR_IDL_MAX_NESTING) {
        ir_idl_error(p->u, ir_idl_cur(p)->pos, "this is nested more than %u levels deep",
                     IR_IDL_MAX_NESTING);
        return false;
    }
    p->depth++;
    return true;
}

void ir_idl_leave(struct ir_idl_parser *p)
{
    p->depth--;
}

/* --- declarations --- */

static struct ir_idl_item *add_item(struct ir_idl_parser *p, enum ir_idl_item_kind kind,
                                    struct ir_idl_pos pos)
{
    struct ir_idl_item *item = ir_idl_new(&p->u->pool, sizeof(*item));
    item->kind = kind;
    item->pos = pos;
    ir_idl_push(&p->u->pool, p->iface ? &p->iface->items : &p->file->items, item);
    return item;
}

static struct ir_idl_sym *add_symbol(struct ir_idl_parser *p, enum ir_idl_sym_kind kind,
                                     struct ir_idl_str name, struct ir_idl_pos pos)
{
    struct ir_idl_sym *sym = ir_idl_new(&p->u->pool, sizeof(*sym));
    sym->kind = kind;
    sym->name = name;
    sym->pos = pos;
    sym->file = p->file;
    sym->iface = p->iface;
    ir_idl_push(&p->u->pool, &p->file->syms, sym);
    return sym;
}

/* The agg whose body stands in this declaration gets the typedef's name for its lack of a tag. */
static void lend_name(struct ir_idl_type *spec, struct ir_idl_str name)
{
    if (spec->agg && spec->agg->tag.n == 0) {
        spec->agg->tag = name;
        spec->agg->is_typedef = true;
    }
}

static bool parse_typedef(struct ir_idl_parser *p, struct ir_idl_attrs *attrs)
{
    ir_idl_next(p);
    if (!ir_idl_parse_attrs(p, attrs)) {
        return false;
    }
    struct ir_idl_type *spec = ir_idl_parse_spec(p);
    if (!spec) {
        return false;
    }
    ir_idl_share_attrs(p, attrs, spec);
    do {
        struct ir_idl_str name = {0};
        struct ir_idl_pos pos = ir_idl_cur(p)->pos;
        struct ir_idl_type *type = ir_idl_parse_declarator(p, spec, false, &name, &pos);
        if (!type) {
            return false;
        }
        if (type == spec) {
            lend_name(spec, name);
        }
        struct ir_idl_sym *sym = add_symbol(p, IR_IDL_SYM_TYPEDEF, name, pos);
        sym->attrs = *attrs;
        sym->type = type;
        ir_idl_declare(p->u, sym);
        add_item(p, IR_IDL_ITEM_TYPEDEF, pos)->u.sym = sym;
    } while (ir_idl_accept(p, ','));
    if (spec->agg && spec->agg->tag.n == 0) { /* only "typedef struct {..} *P;" */
        spec->agg->tag.p = ir_idl_printf(&p->u->pool, "ironidl_%u", ++p->u->n_anonymous);
        spec->agg->tag.n = (uint32_t)strlen(spec->agg->tag.p);
    }
    return ir_idl_expect(p, ';', "';' after the typedef");
}

/* "= value ;" behind a constant's declarator. */
static bool parse_const(struct ir_idl_parser *p, struct ir_idl_type *type, struct ir_idl_str name,
                        struct ir_idl_pos pos)
{
    ir_idl_next(p);
    struct ir_idl_expr *expr = ir_idl_parse_expr(p);
    if (!expr) {
        return false;
    }
    struct ir_idl_sym *sym = add_symbol(p, IR_IDL_SYM_CONST, name, pos);
    sym->type = type;
    sym->expr = expr;
    ir_idl_declare(p->u, sym);
    add_item(p, IR_IDL_ITEM_CONST, pos)->u.sym = sym;
    return ir_idl_expect(p, ';', "';' after the constant");
}

static void add_function(struct ir_idl_parser *p, struct ir_idl_attrs *attrs,
                         struct ir_idl_type *type, struct ir_idl_str name, struct ir_idl_pos pos)
{
    struct ir_idl_func *func = ir_idl_new(&p->u->pool, sizeof(*func));
    struct ir_idl_field *result = ir_idl_new(&p->u->pool, sizeof(*result));
    func->name = name;
    func->pos = pos;
    func->attrs = *attrs;
    func->params = type->params;
    func->iface = p->iface;
    func->result = result;
    result->type = type->of;
    result->attrs = *attrs;
    result->pos = type->of->pos;
    result->is_out = true;
    result->is_retval = true;
    result->name = (struct ir_idl_str){"result", 6};
    if (!p->iface) {
        return; /* a prototype in an included C header */
    }
    ir_idl_push(&p->u->pool, &p->iface->funcs, func);
    add_item(p, IR_IDL_ITEM_FUNC, pos)->u.func = func;
}

/* An operation, a constant, or a bare struct, union or enum. */
static bool parse_declaration(struct ir_idl_parser *p, struct ir_idl_attrs *attrs)
{
    struct ir_idl_str name = {0};
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    bool is_extern = ir_idl_at_word(p, "extern");
    struct ir_idl_type *spec = ir_idl_parse_spec(p);
    if (!spec) {
        return false;
    }
    ir_idl_share_attrs(p, attrs, spec);
    bool is_body =
        spec->kind == IR_IDL_STRUCT || spec->kind == IR_IDL_UNION || spec->kind == IR_IDL_ENUM;
    if (is_body && ir_idl_accept(p, ';')) {
        if (spec->agg) {
            add_item(p, IR_IDL_ITEM_AGG, pos)->u.agg = spec->agg;
        }
        return true;
    }
    struct ir_idl_type *type = ir_idl_parse_declarator(p, spec, false, &name, &pos);
    if (!type) {
        return false;
    }
    if (ir_idl_at(p, '=')) {
        return parse_const(p, type, name, pos);
    }
    if (type->kind != IR_IDL_FUNC && is_extern) {
        ir_idl_recover(p); /* a variable of C headers */
        return true;
    }
    if (type->kind != IR_IDL_FUNC) {
        ir_idl_error(p->u, pos,
                     "'%.*s' is a variable; an interface holds types, constants and "
                     "operations only",
                     IR_IDL_S(name));
        ir_idl_recover(p);
        return true;
    }
    if (!ir_idl_parse_attrs(p, attrs)) {
        return false;
    }
    ir_idl_accept_word(p, "const");
    add_function(p, attrs, type, name, pos);
    return ir_idl_expect(p, ';', "';' after the operation");
}

static bool parse_import(struct ir_idl_parser *p)
{
    ir_idl_next(p);
    do {
        const struct ir_idl_tok *tok = ir_idl_cur(p);
        if (tok->kind != IR_IDL_TOK_STRING) {
            return ir_idl_expected(p, "a file name in quotes after import");
        }
        const char *text = ir_idl_unquote(p->u, tok->text);
        struct ir_idl_str name = {text, (uint32_t)strlen(text)};
        bool seen;
        struct ir_idl_file *file = ir_idl_load(p->u, name, tok->pos.file, &seen);
        if (!file) {
            ir_idl_error(p->u, tok->pos, "cannot read '%.*s'; name its directory with -I",
                         IR_IDL_S(name));
        } else if (!file->is_unit) {
            ir_idl_parse(p->u, file);
        }
        add_item(p, IR_IDL_ITEM_IMPORT, tok->pos)->u.file = file;
        ir_idl_next(p);
    } while (ir_idl_accept(p, ','));
    ir_idl_accept(p, ';');
    return true;
}

static bool parse_cpp_quote(struct ir_idl_parser *p)
{
    ir_idl_next(p);
    if (!ir_idl_expect(p, '(', "'(' after cpp_quote")) {
        return false;
    }
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    struct ir_idl_pos pos = ir_idl_cur(p)->pos;
    bool any = false;
    while (ir_idl_cur(p)->kind == IR_IDL_TOK_STRING) {
        ir_idl_text_puts(&text, ir_idl_unquote(p->u, ir_idl_cur(p)->text));
        ir_idl_next(p);
        any = true;
    }
    add_item(p, IR_IDL_ITEM_CPP_QUOTE, pos)->u.text =
        text.p ? ir_idl_dup(&p->u->pool, text.p, text.n) : "";
    ir_idl_text_deinit(&text);
    if (!any || !ir_idl_expect(p, ')', "')' after the quoted text")) {
        return any ? false : ir_idl_expected(p, "a string inside cpp_quote");
    }
    ir_idl_accept(p, ';');
    return true;
}

/* --- interfaces --- */

static void parse_items(struct ir_idl_parser *p, bool inside);

static void declare_iface(struct ir_idl_parser *p, struct ir_idl_iface *iface)
{
    struct ir_idl_sym *sym = add_symbol(p, IR_IDL_SYM_INTERFACE, iface->name, iface->pos);
    sym->iface = NULL;
    sym->as_iface = iface;
    ir_idl_declare(p->u, sym);
}

/* Name : Base { body } behind interface, dispinterface, module or library. */
static bool parse_interface(struct ir_idl_parser *p, struct ir_idl_attrs *attrs, bool is_library)
{
    struct ir_idl_iface *iface = ir_idl_new(&p->u->pool, sizeof(*iface));
    struct ir_idl_pos pos;
    iface->attrs = *attrs;
    iface->file = p->file;
    ir_idl_next(p);
    if (!ir_idl_expect_name(p, "the interface's name", &iface->name, &iface->pos)) {
        return false;
    }
    if (ir_idl_accept(p, ':') && !ir_idl_expect_name(p, "a base", &iface->base, &pos)) {
        return false;
    }
    iface->forward = ir_idl_at(p, ';');
    if (!iface->forward && !ir_idl_expect(p, '{', "'{' or ';' after the interface's name")) {
        return false;
    }
    if (!is_library) {
        declare_iface(p, iface);
    }
    if (iface->forward) {
        ir_idl_next(p);
        return true;
    }
    if (p->iface && !is_library) {
        ir_idl_error(p->u, iface->pos, "an interface cannot stand inside another");
    }
    if (!ir_idl_enter(p)) {
        return false;
    }
    struct ir_idl_iface *outer = p->iface;
    if (!is_library) {
        ir_idl_push(&p->u->pool, &p->file->ifaces, iface);
        add_item(p, IR_IDL_ITEM_IFACE, iface->pos)->u.iface = iface;
        p->iface = iface;
    }
    parse_items(p, true);
    p->iface = outer;
    ir_idl_leave(p);
    if (!ir_idl_expect(p, '}', "'}' at the end of the interface")) {
        return false;
    }
    ir_idl_accept(p, ';');
    return true;
}

/* coclass, dispinterface, the Windows Runtime's namespaces: nothing that is called by RPC. */
static bool skip_definition(struct ir_idl_parser *p)
{
    if (p->u->options.strict && ir_idl_at_word(p, "namespace")) {
        ir_idl_error(p->u, ir_idl_cur(p)->pos,
                     "namespaces belong to the Windows Runtime, which has no RPC interfaces");
    }
    while (!ir_idl_at(p, '{') && !ir_idl_at(p, ';') && ir_idl_cur(p)->kind != IR_IDL_TOK_END) {
        ir_idl_next(p);
    }
    ir_idl_skip_balanced(p);
    ir_idl_accept(p, ';');
    return true;
}

static bool parse_directive_call(struct ir_idl_parser *p)
{
    while (!ir_idl_at(p, '(') && ir_idl_cur(p)->kind == IR_IDL_TOK_NAME) {
        ir_idl_next(p);
    }
    ir_idl_skip_balanced(p);
    ir_idl_accept(p, ';');
    return true;
}

static bool at_interface(const struct ir_idl_parser *p)
{
    const struct ir_idl_tok *after = ir_idl_ahead(p, 2);
    return ir_idl_at_word(p, "interface") && ir_idl_ahead(p, 1)->kind == IR_IDL_TOK_NAME &&
           after->kind == IR_IDL_TOK_PUNCT &&
           (after->punct == '{' || after->punct == ';' || after->punct == ':');
}

static bool parse_item(struct ir_idl_parser *p)
{
    struct ir_idl_attrs attrs = {0};
    if (ir_idl_accept(p, ';')) {
        return true;
    }
    if (ir_idl_at_word(p, "import")) {
        return parse_import(p);
    }
    if (ir_idl_at_word(p, "cpp_quote")) {
        return parse_cpp_quote(p);
    }
    if (ir_idl_at_word(p, "importlib") || ir_idl_at_word(p, "midl_pragma") ||
        ir_idl_at_word(p, "declare_guid")) {
        return parse_directive_call(p);
    }
    if (!ir_idl_parse_attrs(p, &attrs)) {
        return false;
    }
    if (at_interface(p)) {
        return parse_interface(p, &attrs, false);
    }
    if (ir_idl_at_word(p, "library")) {
        return parse_interface(p, &attrs, true);
    }
    if (ir_idl_at_word(p, "coclass") || ir_idl_at_word(p, "dispinterface") ||
        ir_idl_at_word(p, "module") || ir_idl_at_word(p, "namespace")) {
        return skip_definition(p);
    }
    if (ir_idl_at_word(p, "typedef")) {
        return parse_typedef(p, &attrs);
    }
    return parse_declaration(p, &attrs);
}

static void parse_items(struct ir_idl_parser *p, bool inside)
{
    while (ir_idl_cur(p)->kind != IR_IDL_TOK_END) {
        if (ir_idl_at(p, '}')) {
            if (inside) {
                return;
            }
            ir_idl_expected(p, "a declaration");
            ir_idl_next(p);
            continue;
        }
        uint32_t start = p->at;
        if (!parse_item(p)) {
            ir_idl_recover(p);
        }
        if (p->at == start) {
            ir_idl_next(p);
        }
    }
}

void ir_idl_parse(struct ir_idl_unit *u, struct ir_idl_file *file)
{
    struct ir_idl_parser *p = ir_idl_array(&u->pool, 1, sizeof(*p));
    if (!p) {
        return;
    }
    file->is_unit = true;
    p->u = u;
    p->file = file;
    ir_idl_preprocess(u, file, &p->toks);
    if (p->toks.n == 0 || p->toks.v[p->toks.n - 1].kind != IR_IDL_TOK_END) {
        u->pool.failed = true;
        return;
    }
    skip_pragmas(p);
    parse_items(p, false);
    file->order = u->order.n;
    ir_idl_push(&u->pool, &u->order, file);
}
