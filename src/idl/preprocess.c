/* The preprocessor: #define, #undef, #if and family, #include, #pragma, line markers.
 *
 * MIDL runs a C preprocessor first, so IDL files use one; its subset in real IDL is small and is
 * built in. Sources that went through `gcc -E` already carry `# 12 "file"` markers, which move
 * the positions of messages. #pragma stays in the token stream, where the parser obeys pack.
 * Macros of an imported file do not reach the importing one: each translation file starts with
 * the definitions of the command line alone, as with MIDL.
 *
 * Invariants: expansion recurses at most MAX_EXPANSION deep and the pool bounds its output;
 * tokens made by a macro carry the position of its use.
 *
 * Leaves to others: the value of #if lines (pp_expr.c). Not done: # and ## beyond joining two
 * tokens, calls of a function-like macro whose parenthesis is outside of the expanded text.
 */
#include <string.h>

#include "idl/compile.h"

#define N_MACRO_BUCKETS 4096u
#define MAX_CONDITIONS 64u
#define MAX_EXPANSION 64u
#define MAX_PARAMS 64u
#define MAX_INCLUDES 2000u                    /* in one translation file */
#define MAX_INCLUDED (16 * IR_IDL_MAX_SOURCE) /* bytes of all of them: a file may come often */

struct macro {
    struct ir_idl_str name;
    struct macro *next;
    struct ir_idl_vec params; /* struct ir_idl_tok */
    struct ir_idl_toks body;
    bool is_function;
    bool busy;
    bool deleted;
};

struct condition {
    struct ir_idl_pos pos;
    bool active; /* this branch is read */
    bool taken;  /* a branch was read already */
    bool outer;  /* the surrounding text is read */
    bool has_else;
};

struct pp {
    struct ir_idl_unit *u;
    struct ir_idl_toks *out;
    struct macro *macros[N_MACRO_BUCKETS];
    struct condition conditions[MAX_CONDITIONS];
    uint32_t n_conditions;
    uint32_t include_depth;
    uint32_t n_includes;
    size_t included; /* bytes */
};

static void run_file(struct pp *pp, struct ir_idl_file *file);

void ir_idl_toks_add(struct ir_idl_unit *u, struct ir_idl_toks *toks, const struct ir_idl_tok *tok)
{
    if (toks->n == toks->cap) {
        uint32_t cap = toks->cap ? toks->cap * 2 : 4;
        struct ir_idl_tok *v =
            cap > 2 * IR_IDL_MAX_TOKENS ? NULL : ir_idl_array(&u->pool, cap, sizeof(*v));
        if (!v) {
            u->pool.failed = true;
            return;
        }
        if (toks->n) {
            memcpy(v, toks->v, toks->n * sizeof(*v));
        }
        toks->v = v;
        toks->cap = cap;
    }
    toks->v[toks->n++] = *tok;
}

static bool is_punct(const struct ir_idl_tok *tok, unsigned punct)
{
    return tok->kind == IR_IDL_TOK_PUNCT && tok->punct == punct;
}

static struct macro *find_macro(struct pp *pp, struct ir_idl_str name)
{
    struct macro *m = pp->macros[ir_idl_str_hash(name) % N_MACRO_BUCKETS];
    while (m && !ir_idl_str_eq(m->name, name)) {
        m = m->next;
    }
    return m && !m->deleted ? m : NULL;
}

static struct macro *add_macro(struct pp *pp, struct ir_idl_str name)
{
    struct macro *m = ir_idl_new(&pp->u->pool, sizeof(*m));
    if (pp->u->pool.failed) {
        return m;
    }
    struct macro **bucket = &pp->macros[ir_idl_str_hash(name) % N_MACRO_BUCKETS];
    m->name = name;
    m->next = *bucket;
    *bucket = m;
    return m;
}

static bool is_active(const struct pp *pp)
{
    return pp->n_conditions == 0 || pp->conditions[pp->n_conditions - 1].active;
}

/* --- expansion --- */

static void expand(struct pp *pp, const struct ir_idl_toks *in, struct ir_idl_toks *out,
                   uint32_t depth);

/* Arguments of a call whose '(' is at in[at]; the index after its ')', or 0 when it never ends. */
static uint32_t split_args(struct pp *pp, const struct ir_idl_toks *in, uint32_t at,
                           struct ir_idl_toks args[MAX_PARAMS], uint32_t *ret_n)
{
    uint32_t level = 0;
    uint32_t n = 0;
    for (uint32_t i = at; i < in->n; i++) {
        const struct ir_idl_tok *tok = &in->v[i];
        bool opens = is_punct(tok, '(');
        bool closes = is_punct(tok, ')');
        level += opens;
        level -= closes;
        if (closes && level == 0) {
            *ret_n = n + 1;
            return i + 1;
        }
        if (is_punct(tok, ',') && level == 1 && n + 1 < MAX_PARAMS) {
            n++;
        } else if (i != at) {
            ir_idl_toks_add(pp->u, &args[n], tok);
        }
        if (pp->u->pool.failed) {
            return 0;
        }
    }
    return 0;
}

static int find_param(const struct macro *m, const struct ir_idl_tok *tok)
{
    for (uint32_t i = 0; i < m->params.n && tok->kind == IR_IDL_TOK_NAME; i++) {
        const struct ir_idl_tok *param = m->params.v[i];
        if (ir_idl_str_eq(param->text, tok->text)) {
            return (int)i;
        }
    }
    return -1;
}

/* Joins the last token of `out` with `right`. */
static void paste(struct pp *pp, struct ir_idl_toks *out, const struct ir_idl_tok *right)
{
    if (out->n == 0) {
        ir_idl_toks_add(pp->u, out, right);
        return;
    }
    struct ir_idl_tok *left = &out->v[out->n - 1];
    const char *joined =
        ir_idl_printf(&pp->u->pool, "%.*s%.*s", IR_IDL_S(left->text), IR_IDL_S(right->text));
    left->text = (struct ir_idl_str){joined, (uint32_t)strlen(joined)};
}

static void substitute(struct pp *pp, const struct macro *m, const struct ir_idl_tok *use,
                       struct ir_idl_toks *args, struct ir_idl_toks *out, uint32_t depth)
{
    bool pasting = false;
    for (uint32_t i = 0; i < m->body.n && !pp->u->pool.failed; i++) {
        struct ir_idl_tok tok = m->body.v[i];
        if (is_punct(&tok, IR_IDL_P2('#', '#'))) {
            pasting = true;
            continue;
        }
        int param = find_param(m, &tok);
        struct ir_idl_toks one = {&tok, 1, 1};
        struct ir_idl_toks expanded = {0};
        const struct ir_idl_toks *from = &one;
        if (param >= 0) {
            expand(pp, &args[param], &expanded, depth + 1);
            from = &expanded;
        }
        for (uint32_t k = 0; k < from->n; k++) {
            struct ir_idl_tok copy = from->v[k];
            copy.pos = use->pos;
            copy.bol = false;
            if (pasting) {
                paste(pp, out, &copy);
                pasting = false;
            } else {
                ir_idl_toks_add(pp->u, out, &copy);
            }
        }
        pasting = false;
    }
}

/* Expands the macro at in[i]; the index after what was consumed. */
static uint32_t expand_macro(struct pp *pp, struct macro *m, const struct ir_idl_toks *in,
                             uint32_t i, struct ir_idl_toks *out, uint32_t depth)
{
    const struct ir_idl_tok *use = &in->v[i];
    struct ir_idl_toks args[MAX_PARAMS];
    uint32_t n_args = 0;
    uint32_t next = i + 1;
    memset(args, 0, sizeof(args));
    if (m->is_function) {
        next = split_args(pp, in, i + 1, args, &n_args);
        if (next == 0) {
            ir_idl_error(pp->u, use->pos, "the arguments of macro '%.*s' have no closing ')'",
                         IR_IDL_S(m->name));
            return in->n;
        }
    }
    struct ir_idl_toks body = {0};
    substitute(pp, m, use, args, &body, depth);
    m->busy = true;
    expand(pp, &body, out, depth + 1);
    m->busy = false;
    return next;
}

static void expand(struct pp *pp, const struct ir_idl_toks *in, struct ir_idl_toks *out,
                   uint32_t depth)
{
    uint32_t i = 0;
    while (i < in->n && ir_idl_ok(pp->u)) {
        struct ir_idl_tok tok = in->v[i];
        bool candidate = tok.kind == IR_IDL_TOK_NAME && !tok.painted;
        struct macro *m = candidate ? find_macro(pp, tok.text) : NULL;
        bool called = m && (!m->is_function || (i + 1 < in->n && is_punct(&in->v[i + 1], '(')));
        if (m && m->busy) {
            tok.painted = true;
            called = false;
        }
        if (called && depth >= MAX_EXPANSION) {
            ir_idl_error(pp->u, tok.pos, "macros are nested more than %u deep here", MAX_EXPANSION);
            return;
        }
        if (called) {
            i = expand_macro(pp, m, in, i, out, depth);
        } else {
            ir_idl_toks_add(pp->u, out, &tok);
            i++;
        }
    }
}

/* --- directives --- */

static void define(struct pp *pp, const struct ir_idl_toks *line)
{
    if (line->n < 2 || line->v[1].kind != IR_IDL_TOK_NAME) {
        ir_idl_error(pp->u, line->v[0].pos, "#define needs a name");
        return;
    }
    struct macro *m = add_macro(pp, line->v[1].text);
    uint32_t i = 2;
    m->is_function = i < line->n && is_punct(&line->v[i], '(') && !line->v[i].space;
    if (m->is_function) {
        for (i++; i < line->n && !is_punct(&line->v[i], ')'); i++) {
            bool is_name = line->v[i].kind == IR_IDL_TOK_NAME;
            if (is_name && m->params.n + 1 < MAX_PARAMS) {
                ir_idl_push(&pp->u->pool, &m->params, &line->v[i]);
            } else if (!is_punct(&line->v[i], ',')) {
                ir_idl_error(pp->u, line->v[i].pos, "a macro parameter is a plain name");
                return;
            }
        }
        i++;
    }
    for (; i < line->n; i++) {
        ir_idl_toks_add(pp->u, &m->body, &line->v[i]);
    }
}

static void undef(struct pp *pp, const struct ir_idl_toks *line)
{
    struct macro *m = line->n > 1 ? find_macro(pp, line->v[1].text) : NULL;
    if (m) {
        m->deleted = true;
    }
}

static void include(struct pp *pp, const struct ir_idl_toks *line)
{
    struct ir_idl_toks args = {0};
    struct ir_idl_toks rest = {line->v + 1, line->n - 1, line->n - 1};
    bool angle = rest.n && is_punct(&rest.v[0], '<');
    expand(pp, &rest, &args, 0);
    struct ir_idl_str name = {0};
    struct ir_idl_pos pos = line->v[0].pos;
    if (angle) {
        const char *start = rest.v[0].text.p + 1;
        const char *end = strpbrk(start, ">\n");
        name = (struct ir_idl_str){start, end && *end == '>' ? (uint32_t)(end - start) : 0};
        pos = rest.v[0].pos;
    } else if (args.n && args.v[0].kind == IR_IDL_TOK_STRING) {
        const char *text = ir_idl_unquote(pp->u, args.v[0].text);
        name = (struct ir_idl_str){text, (uint32_t)strlen(text)};
        pos = args.v[0].pos;
    }
    if (name.n == 0) {
        ir_idl_error(pp->u, pos, "#include needs \"file\" or <file>");
        return;
    }
    bool seen;
    struct ir_idl_file *file = ir_idl_load(pp->u, name, line->v[0].pos.file, &seen);
    if (!file) {
        ir_idl_error(pp->u, pos, "cannot read '%.*s'; name its directory with -I", IR_IDL_S(name));
        return;
    }
    if (seen && file->once) {
        return;
    }
    if (pp->include_depth >= IR_IDL_MAX_INCLUDE_DEPTH) {
        ir_idl_error(pp->u, pos,
                     "#include is nested more than %u deep; does the file include "
                     "itself?",
                     IR_IDL_MAX_INCLUDE_DEPTH);
        return;
    }
    pp->included += file->len;
    if (pp->n_includes++ == MAX_INCLUDES || pp->included > MAX_INCLUDED) {
        ir_idl_error(pp->u, pos, "more than %u files are included, or more than %zu MiB",
                     MAX_INCLUDES, MAX_INCLUDED >> 20);
        pp->u->stop = true;
        return;
    }
    pp->include_depth++;
    run_file(pp, file);
    pp->include_depth--;
}

/* `defined X` and `defined(X)` become 1 or 0 before macros are expanded. */
static bool if_value(struct pp *pp, const struct ir_idl_toks *line)
{
    static const char one[] = "1";
    static const char zero[] = "0";
    struct ir_idl_toks plain = {0};
    for (uint32_t i = 1; i < line->n; i++) {
        struct ir_idl_tok tok = line->v[i];
        uint32_t at = i + 1;
        bool paren = at < line->n && is_punct(&line->v[at], '(');
        at += paren;
        if (ir_idl_str_is(tok.text, "defined") && at < line->n) {
            bool yes = find_macro(pp, line->v[at].text) != NULL;
            tok.kind = IR_IDL_TOK_NUMBER;
            tok.text = (struct ir_idl_str){yes ? one : zero, 1};
            i = at + paren;
        }
        ir_idl_toks_add(pp->u, &plain, &tok);
    }
    struct ir_idl_toks expanded = {0};
    expand(pp, &plain, &expanded, 0);
    return ir_idl_pp_eval(pp->u, &expanded, line->v[0].pos) != 0;
}

static void open_condition(struct pp *pp, const struct ir_idl_toks *line, bool value)
{
    if (pp->n_conditions == MAX_CONDITIONS) {
        ir_idl_error(pp->u, line->v[0].pos, "conditions are nested more than %u deep",
                     MAX_CONDITIONS);
        pp->u->stop = true;
        return;
    }
    bool outer = is_active(pp);
    pp->conditions[pp->n_conditions++] = (struct condition){
        .pos = line->v[0].pos, .outer = outer, .active = outer && value, .taken = value};
}

static void next_branch(struct pp *pp, const struct ir_idl_toks *line, bool is_else)
{
    struct condition *cond = pp->n_conditions ? &pp->conditions[pp->n_conditions - 1] : NULL;
    if (!cond || cond->has_else) {
        ir_idl_error(pp->u, line->v[0].pos, "#%.*s without #if", IR_IDL_S(line->v[0].text));
        return;
    }
    bool value = !cond->taken && (is_else || !cond->outer || if_value(pp, line));
    cond->active = cond->outer && !cond->taken && value;
    cond->taken = cond->taken || value;
    cond->has_else = is_else;
}

/* #if, #ifdef, #ifndef, #elif, #else, #endif: true when the line was one of them. */
static bool conditional(struct pp *pp, const struct ir_idl_toks *line)
{
    struct ir_idl_str word = line->v[0].text;
    bool is_ifdef = ir_idl_str_is(word, "ifdef");
    if (is_ifdef || ir_idl_str_is(word, "ifndef")) {
        if (line->n < 2) {
            ir_idl_error(pp->u, line->v[0].pos, "#%.*s needs a name", IR_IDL_S(word));
        }
        bool defined = line->n > 1 && find_macro(pp, line->v[1].text);
        open_condition(pp, line, defined == is_ifdef);
    } else if (ir_idl_str_is(word, "if")) {
        open_condition(pp, line, is_active(pp) && if_value(pp, line));
    } else if (ir_idl_str_is(word, "elif")) {
        next_branch(pp, line, false);
    } else if (ir_idl_str_is(word, "else")) {
        next_branch(pp, line, true);
    } else if (ir_idl_str_is(word, "endif")) {
        if (pp->n_conditions == 0) {
            ir_idl_error(pp->u, line->v[0].pos, "#endif without #if");
        } else {
            pp->n_conditions--;
        }
    } else {
        return false;
    }
    return true;
}

static struct ir_idl_str rest_of_line(const struct ir_idl_tok *after)
{
    const char *start = after->text.p + after->text.n;
    while (*start == ' ' || *start == '\t') {
        start++;
    }
    size_t n = strcspn(start, "\r\n");
    return (struct ir_idl_str){start, (uint32_t)n};
}

static void line_marker(struct pp *pp, struct ir_idl_file *file, const struct ir_idl_toks *line,
                        uint32_t physical, uint32_t at)
{
    int64_t number = 0;
    bool is_unsigned;
    bool big;
    if (at >= line->n || line->v[at].kind != IR_IDL_TOK_NUMBER ||
        !ir_idl_number(pp->u, &line->v[at], &number, &is_unsigned, &big)) {
        return;
    }
    struct ir_idl_marker *marker = ir_idl_new(&pp->u->pool, sizeof(*marker));
    marker->line = physical + 1;
    marker->presumed = (uint32_t)number;
    if (at + 1 < line->n && line->v[at + 1].kind == IR_IDL_TOK_STRING) {
        marker->name = ir_idl_unquote(pp->u, line->v[at + 1].text);
    } else if (file->markers.n > 0) {
        const struct ir_idl_marker *before = file->markers.v[file->markers.n - 1];
        marker->name = before->name;
    }
    ir_idl_push(&pp->u->pool, &file->markers, marker);
}

static void pragma(struct pp *pp, struct ir_idl_file *file, const struct ir_idl_toks *line)
{
    if (line->n > 1 && ir_idl_str_is(line->v[1].text, "once")) {
        file->once = true;
        return;
    }
    struct ir_idl_tok tok = line->v[0];
    tok.kind = IR_IDL_TOK_PRAGMA;
    tok.text = rest_of_line(&line->v[0]);
    ir_idl_toks_add(pp->u, pp->out, &tok);
}

/* `line` starts with the word after '#'. */
static void directive(struct pp *pp, struct ir_idl_file *file, const struct ir_idl_toks *line,
                      uint32_t physical)
{
    if (line->n == 0 || conditional(pp, line) || !is_active(pp)) {
        return;
    }
    struct ir_idl_str word = line->v[0].text;
    if (line->v[0].kind == IR_IDL_TOK_NUMBER) {
        line_marker(pp, file, line, physical, 0);
    } else if (ir_idl_str_is(word, "line")) {
        line_marker(pp, file, line, physical, 1);
    } else if (ir_idl_str_is(word, "define")) {
        define(pp, line);
    } else if (ir_idl_str_is(word, "undef")) {
        undef(pp, line);
    } else if (ir_idl_str_is(word, "include")) {
        include(pp, line);
    } else if (ir_idl_str_is(word, "pragma")) {
        pragma(pp, file, line);
    } else if (ir_idl_str_is(word, "error")) {
        ir_idl_error(pp->u, line->v[0].pos, "#error %.*s", IR_IDL_S(rest_of_line(&line->v[0])));
    } else if (ir_idl_str_is(word, "warning")) {
        ir_idl_warn(pp->u, line->v[0].pos, "#warning %.*s", IR_IDL_S(rest_of_line(&line->v[0])));
    } else if (!ir_idl_str_is(word, "ident")) {
        ir_idl_error(pp->u, line->v[0].pos, "'#%.*s' is not a directive that ironidl knows",
                     IR_IDL_S(word));
    }
}

/* --- files --- */

/* The next token without consuming it or complaining about it. */
static struct ir_idl_tok peek(const struct ir_idl_lexer *lx)
{
    struct ir_idl_lexer ahead = *lx;
    struct ir_idl_tok tok;
    ahead.quiet = true;
    ir_idl_lex(&ahead, &tok);
    return tok;
}

static void run_directive(struct pp *pp, struct ir_idl_lexer *lx)
{
    struct ir_idl_toks line = {0};
    struct ir_idl_tok tok;
    uint32_t physical = lx->line;
    /* The text of #error and of skipped branches may be anything. */
    lx->quiet = true;
    while (!peek(lx).bol) {
        ir_idl_lex(lx, &tok);
        ir_idl_toks_add(pp->u, &line, &tok);
        physical = lx->line;
    }
    lx->quiet = false;
    directive(pp, lx->file, &line, physical);
}

static void run_file(struct pp *pp, struct ir_idl_file *file)
{
    struct ir_idl_lexer lx;
    struct ir_idl_toks run = {0};
    uint32_t n_outer = pp->n_conditions;
    ir_idl_lex_init(&lx, pp->u, file);
    for (;;) {
        struct ir_idl_tok tok;
        lx.quiet = !is_active(pp);
        ir_idl_lex(&lx, &tok);
        bool is_directive = tok.bol && is_punct(&tok, '#');
        if (is_directive || tok.kind == IR_IDL_TOK_END) {
            expand(pp, &run, pp->out, 0);
            run.n = 0;
        }
        if (tok.kind == IR_IDL_TOK_END || !ir_idl_ok(pp->u)) {
            break;
        }
        if (is_directive) {
            run_directive(pp, &lx);
        } else if (is_active(pp)) {
            ir_idl_toks_add(pp->u, &run, &tok);
        }
    }
    while (pp->n_conditions > n_outer) {
        ir_idl_error(pp->u, pp->conditions[--pp->n_conditions].pos,
                     "this condition has no #endif in its file");
    }
}

/* @text as if it stood in front of the file; messages call it @path. */
static void run_text(struct pp *pp, const char *path, const char *text)
{
    struct ir_idl_file *file = ir_idl_new(&pp->u->pool, sizeof(*file));
    size_t n = strlen(text);
    file->path = path;
    file->text = ir_idl_array(&pp->u->pool, n + 1, 1);
    if (file->text && !pp->u->pool.failed) {
        memcpy(file->text, text, n + 1);
        file->len = (uint32_t)n;
        run_file(pp, file);
    }
}

/* NAME or NAME=VALUE */
static void predefine(struct pp *pp, const char *text)
{
    const char *equals = strchr(text, '=');
    int name_len = equals ? (int)(equals - text) : (int)strlen(text);
    const char *value = equals ? equals + 1 : "1";
    run_text(pp, "<command line>",
             ir_idl_printf(&pp->u->pool, "#define %.*s %s\n", name_len, text, value));
}

/* What the dialect declares in front of every file but an ACF. */
static void declare_dialect(struct pp *pp, const struct ir_idl_file *file)
{
    if (pp->u->options.dialect == IR_IDL_DIALECT_GO && file->is_unit) {
        run_text(pp, "<dialect go>",
                 "typedef [context_handle] void *PCONTEXT_HANDLE;\n"
                 "typedef [ref] PCONTEXT_HANDLE *PPCONTEXT_HANDLE;\n");
    }
}

void ir_idl_preprocess(struct ir_idl_unit *u, struct ir_idl_file *file, struct ir_idl_toks *out)
{
    struct pp *pp = ir_idl_array(&u->pool, 1, sizeof(*pp));
    if (!pp) {
        return;
    }
    pp->u = u;
    pp->out = out;
    predefine(pp, "__midl=801");
    predefine(pp, "__ironidl__=1");
    for (size_t i = 0; i < u->options.n_defines; i++) {
        predefine(pp, u->options.defines[i]);
    }
    declare_dialect(pp, file);
    run_file(pp, file);
    struct ir_idl_tok end = {.kind = IR_IDL_TOK_END, .pos = {file, file->len, 1}, .bol = true};
    /* Point at the last line with text, not behind the final newline. */
    while (end.pos.off > 0 && strchr(" \t\r\n", file->text[end.pos.off - 1])) {
        end.pos.off--;
    }
    ir_idl_toks_add(u, out, &end);
}
