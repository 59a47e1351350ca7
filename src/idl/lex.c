/* Raw tokens of one file.
 *
 * The lexer never fails: a character that begins no token becomes a punctuator of its own, which
 * the parser then reports in its context. Numbers are taken generously (a digit and all letters,
 * digits, dots that follow) because UUIDs and versions are written bare inside attributes;
 * ir_idl_number() judges them where a value is needed. A backslash at the end of a line joins
 * lines; comments are white space. Directives are seen by preprocess.c: '#' with bol set.
 *
 * Leaves to others: macros, keywords (the parser compares spellings), string contents.
 */
#include <ctype.h>
#include <string.h>

#include "idl/compile.h"

void ir_idl_lex_init(struct ir_idl_lexer *lx, struct ir_idl_unit *u, struct ir_idl_file *file)
{
    *lx = (struct ir_idl_lexer){.unit = u, .file = file, .line = 1, .bol = true};
    if (file->len >= 3 && memcmp(file->text, "\xef\xbb\xbf", 3) == 0) {
        lx->off = 3; /* UTF-8 byte order mark */
    }
}

static char peek_at(const struct ir_idl_lexer *lx, uint32_t ahead)
{
    uint32_t off = lx->off + ahead;
    return (char)(off < lx->file->len ? lx->file->text[off] : '\0');
}

static bool at_end(const struct ir_idl_lexer *lx)
{
    return lx->off >= lx->file->len;
}

static bool skip_splice(struct ir_idl_lexer *lx)
{
    uint32_t n = peek_at(lx, 1) == '\r' ? 2 : 1;
    if (peek_at(lx, 0) != '\\' || peek_at(lx, n) != '\n') {
        return false;
    }
    lx->off += n + 1;
    lx->line++;
    return true;
}

static void skip_line_comment(struct ir_idl_lexer *lx)
{
    while (!at_end(lx) && peek_at(lx, 0) != '\n') {
        if (!skip_splice(lx)) {
            lx->off++;
        }
    }
}

static void skip_block_comment(struct ir_idl_lexer *lx)
{
    struct ir_idl_pos start = {lx->file, lx->off, 2};
    lx->off += 2;
    while (!at_end(lx)) {
        if (peek_at(lx, 0) == '*' && peek_at(lx, 1) == '/') {
            lx->off += 2;
            return;
        }
        lx->line += peek_at(lx, 0) == '\n';
        lx->off++;
    }
    if (!lx->quiet) {
        ir_idl_error(lx->unit, start, "this comment never ends; close it with */");
    }
}

/* White space and comments; true when there was any. */
static bool skip_space(struct ir_idl_lexer *lx)
{
    uint32_t start = lx->off;
    while (!at_end(lx)) {
        char ch = peek_at(lx, 0);
        if (ch == '\n') {
            lx->line++;
            lx->bol = true;
            lx->off++;
        } else if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\f' || ch == '\v') {
            lx->off++;
        } else if (ch == '/' && peek_at(lx, 1) == '/') {
            skip_line_comment(lx);
        } else if (ch == '/' && peek_at(lx, 1) == '*') {
            skip_block_comment(lx);
        } else if (!skip_splice(lx)) {
            break;
        }
    }
    return lx->off != start;
}

static bool is_name_start(char ch)
{
    return isalpha((unsigned char)ch) || ch == '_' || ch == '$' || ((unsigned char)ch & 0x80);
}

static bool is_name_char(char ch)
{
    return is_name_start(ch) || isdigit((unsigned char)ch);
}

static void lex_number(struct ir_idl_lexer *lx)
{
    bool dotted = false;
    for (;;) {
        char ch = peek_at(lx, 0);
        bool exponent =
            (ch == 'e' || ch == 'E') && dotted && (peek_at(lx, 1) == '+' || peek_at(lx, 1) == '-');
        if (exponent) {
            lx->off += 2;
        } else if (is_name_char(ch) || (ch == '.' && peek_at(lx, 1) != '.')) { /* not 0..9 */
            dotted = dotted || ch == '.';
            lx->off++;
        } else {
            return;
        }
    }
}

static void lex_quoted(struct ir_idl_lexer *lx, char quote)
{
    struct ir_idl_pos start = {lx->file, lx->off, 1};
    lx->off++;
    while (!at_end(lx) && peek_at(lx, 0) != '\n') {
        char ch = peek_at(lx, 0);
        if (skip_splice(lx)) {
            continue;
        }
        lx->off += ch == '\\' && lx->off + 1 < lx->file->len && peek_at(lx, 1) != '\n' ? 2 : 1;
        if (ch == quote) {
            return;
        }
    }
    if (!lx->quiet) {
        ir_idl_error(lx->unit, start, "this literal has no closing %c on its line", quote);
    }
}

static uint16_t lex_punct(struct ir_idl_lexer *lx)
{
    static const char pairs[][3] = {
        "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "..", "##"};
    char first = peek_at(lx, 0);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (first == pairs[i][0] && peek_at(lx, 1) == pairs[i][1]) {
            lx->off += 2;
            return (uint16_t)IR_IDL_P2(pairs[i][0], pairs[i][1]);
        }
    }
    lx->off++;
    return (unsigned char)first;
}

void ir_idl_lex(struct ir_idl_lexer *lx, struct ir_idl_tok *ret_tok)
{
    bool space = skip_space(lx);
    struct ir_idl_tok tok = {.space = space, .bol = lx->bol};
    uint32_t start = lx->off;
    char ch = peek_at(lx, 0);
    bool wide = ch == 'L' && (peek_at(lx, 1) == '"' || peek_at(lx, 1) == '\'');

    lx->bol = false;
    if (at_end(lx) || lx->unit->stop) {
        tok.kind = IR_IDL_TOK_END;
        tok.bol = true;
    } else if (wide || ch == '"' || ch == '\'') {
        tok.wide = wide;
        lx->off += wide;
        ch = peek_at(lx, 0);
        tok.kind = ch == '"' ? IR_IDL_TOK_STRING : IR_IDL_TOK_CHAR;
        start = lx->off;
        lex_quoted(lx, ch);
    } else if (is_name_start(ch)) {
        tok.kind = IR_IDL_TOK_NAME;
        while (is_name_char(peek_at(lx, 0))) {
            lx->off++;
        }
    } else if (isdigit((unsigned char)ch) ||
               (ch == '.' && isdigit((unsigned char)peek_at(lx, 1)))) {
        tok.kind = IR_IDL_TOK_NUMBER;
        lex_number(lx);
    } else {
        tok.kind = IR_IDL_TOK_PUNCT;
        tok.punct = lex_punct(lx);
    }
    tok.text = (struct ir_idl_str){lx->file->text + start, lx->off - start};
    tok.pos = (struct ir_idl_pos){lx->file, start, lx->off - start};
    *ret_tok = tok;
}

static int digit_value(char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }
    if (ch >= 'a' && ch <= 'f') {
        return ch - 'a' + 10;
    }
    if (ch >= 'A' && ch <= 'F') {
        return ch - 'A' + 10;
    }
    return 99;
}

static bool bad_number(struct ir_idl_unit *u, const struct ir_idl_tok *tok)
{
    ir_idl_error(u, tok->pos, "'%.*s' is not an integer; write decimal, 0x hexadecimal or 0 octal",
                 IR_IDL_S(tok->text));
    return false;
}

static char escape_value(const char *p, size_t n, size_t *ret_used)
{
    static const char from[] = "ntrabfv0\\'\"?";
    static const char to[] = "\n\t\r\a\b\f\v\0\\'\"?";
    *ret_used = 1;
    if (p[0] == 'x') {
        int value = 0;
        size_t i = 1;
        while (i < n && i < 3 && digit_value(p[i]) < 16) {
            value = value * 16 + digit_value(p[i++]);
        }
        *ret_used = i;
        return (char)value;
    }
    for (size_t i = 0; i < sizeof(from) - 1; i++) {
        if (p[0] == from[i]) {
            return to[i];
        }
    }
    return p[0];
}

static bool char_value(struct ir_idl_unit *u, const struct ir_idl_tok *tok, int64_t *ret_value)
{
    struct ir_idl_str s = tok->text;
    if (s.n < 3 || s.p[s.n - 1] != '\'') {
        ir_idl_error(u, tok->pos, "a character constant holds one character, as in 'a'");
        return false;
    }
    size_t used = 1;
    char value = s.p[1];
    if (value == '\\' && s.n > 3) {
        value = escape_value(s.p + 2, s.n - 3, &used);
    }
    *ret_value = (unsigned char)value;
    return true;
}

bool ir_idl_number(struct ir_idl_unit *u, const struct ir_idl_tok *tok, int64_t *ret_value,
                   bool *ret_unsigned, bool *ret_big)
{
    *ret_unsigned = false;
    *ret_big = false;
    if (tok->kind == IR_IDL_TOK_CHAR) {
        return char_value(u, tok, ret_value);
    }
    struct ir_idl_str s = tok->text;
    int radix = 10;
    uint32_t i = 0;
    if (s.n > 1 && s.p[0] == '0') {
        bool hex = s.p[1] == 'x' || s.p[1] == 'X';
        radix = hex ? 16 : 8;
        i = hex ? 2 : 1;
    }
    uint64_t value = 0;
    uint32_t digits = i;
    for (; i < s.n && digit_value(s.p[i]) < radix; i++) {
        uint64_t digit = (uint64_t)digit_value(s.p[i]);
        if (value > (UINT64_MAX - digit) / (uint64_t)radix) {
            ir_idl_error(u, tok->pos, "'%.*s' does not fit into 64 bits", IR_IDL_S(s));
            return false;
        }
        value = value * (uint64_t)radix + digit;
    }
    if (i == digits && radix != 8) {
        return bad_number(u, tok);
    }
    *ret_unsigned = value > INT64_MAX || (radix != 10 && value > INT32_MAX && value <= UINT32_MAX);
    for (; i < s.n; i++) {
        char ch = s.p[i];
        bool known = strchr("uUlLiI64", ch) != NULL; /* u, l, ll, i64 */
        if (!known) {
            return bad_number(u, tok);
        }
        *ret_unsigned = *ret_unsigned || ch == 'u' || ch == 'U';
    }
    *ret_big = value > UINT32_MAX;
    *ret_value = (int64_t)value;
    return true;
}

const char *ir_idl_unquote(struct ir_idl_unit *u, struct ir_idl_str quoted)
{
    char *text = ir_idl_array(&u->pool, (size_t)quoted.n + 1, 1);
    if (!text || quoted.n < 2) {
        return "";
    }
    size_t end = quoted.n - (quoted.p[quoted.n - 1] == quoted.p[0] ? 1 : 0);
    size_t n = 0;
    for (size_t i = 1; i < end; i++) {
        size_t used = 0;
        if (quoted.p[i] == '\\' && i + 1 < end) {
            text[n++] = escape_value(quoted.p + i + 1, end - i - 1, &used);
            i += used;
        } else {
            text[n++] = quoted.p[i];
        }
    }
    text[n] = '\0';
    return text;
}
