/*
 * String bindings. [C706] 3.1, with the two habits of today: an IPv6 address bare or in brackets,
 * and options without a value.
 *
 * Invariants: the text is read through the cursor, once, left to right; every part is a span of the
 * text with its backslashes. The first `@` that no backslash quotes ends the object, the first `:`
 * the protocol sequence. In brackets, the first element is the endpoint if it is called "endpoint",
 * or has no `=` and is no word of binding_security.h; what is left are options, whose meaning is
 * the caller's.
 */
#include "wire/string_binding.h"

#include "base/cur.h"
#include "wire/binding_security.h"

#define UUID_CHARS 36u
#define NOT_FOUND UINT32_MAX
#define ENDPOINT_LEN 8u
static const char endpoint_is[] = "endpoint=";

static enum irpc_status refuse(struct ir_violation *v, const char *reason)
{
    return ir_violation_set(v, "", reason, IRPC_BAD_STRING_BINDING);
}

static struct ir_cur cur_of(struct irpc_span s)
{
    return ir_cur_init(s.p, s.len, false);
}

/* Offset from @c on of the first unquoted @wanted, NOT_FOUND if there is none. */
static uint32_t find(struct ir_cur c, char wanted)
{
    uint32_t begin = c.off;

    while (ir_cur_left(&c) > 0) {
        uint32_t at = c.off - begin;
        uint8_t ch = ir_cur_u8(&c);
        if (ch == (uint8_t)wanted) {
            return at;
        }
        if (ch == '\\' && ir_cur_left(&c) > 0) {
            ir_cur_skip(&c, 1);
        }
    }
    return NOT_FOUND;
}

/* Take what precedes the first unquoted @end, and @end; or everything if there is none. */
static struct ir_cur take_until(struct ir_cur *c, char end)
{
    uint32_t n = find(*c, end);

    if (n == NOT_FOUND) {
        return ir_cur_window(c, ir_cur_left(c));
    }
    struct ir_cur part = ir_cur_window(c, n);
    ir_cur_skip(c, 1);
    return part;
}

static bool is_address_char(uint8_t ch)
{
    return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F') ||
           ch == ':' || ch == '.';
}

/* Hexadecimal digits, dots, at least two colons, perhaps a zone: fe80::1%eth0. */
static bool is_ipv6(struct ir_cur c)
{
    bool has_colon = false;
    bool has_two = false;

    while (ir_cur_left(&c) > 0) {
        uint8_t ch = ir_cur_u8(&c);
        if (ch == '%') {
            break;
        }
        if (!is_address_char(ch)) {
            return false;
        }
        has_two = has_two || (has_colon && ch == ':');
        has_colon = has_colon || ch == ':';
    }
    return has_two;
}

/* Whether @c is exactly the word "endpoint". */
static bool is_endpoint_word(struct ir_cur c)
{
    bool same = ir_cur_left(&c) == ENDPOINT_LEN;

    for (unsigned i = 0; same && i < ENDPOINT_LEN; i++) {
        same = ir_cur_u8(&c) == (uint8_t)endpoint_is[i];
    }
    return same;
}

static enum irpc_status read_object(struct ir_cur *c, struct ir_string_binding *b,
                                    struct ir_violation *v)
{
    char text[UUID_CHARS + 1] = {0};
    uint32_t n = find(*c, '@');

    if (n == NOT_FOUND || n > find(*c, ':')) {
        return IRPC_OK;
    }
    if (n != UUID_CHARS) {
        return refuse(v, "object UUID");
    }
    for (unsigned i = 0; i < UUID_CHARS; i++) {
        text[i] = (char)ir_cur_u8(c);
    }
    ir_cur_skip(c, 1);
    if (irpc_uuid_parse(text, &b->object) != IRPC_OK) {
        return refuse(v, "object UUID");
    }
    b->has_object = true;
    return IRPC_OK;
}

/* What stands between the protocol sequence and the bracket of the endpoint. */
static struct ir_cur read_address(struct ir_cur *c)
{
    uint32_t open = find(*c, '[');
    struct ir_cur in_brackets = *c;

    ir_cur_skip(&in_brackets, 1);
    uint32_t close = open == 0 ? find(in_brackets, ']') : NOT_FOUND;
    if (close != NOT_FOUND) {
        struct ir_cur part = ir_cur_window(&in_brackets, close);
        if (is_ipv6(part)) {
            ir_cur_skip(&in_brackets, 1);
            *c = in_brackets;
            return part;
        }
    }
    return ir_cur_window(c, open != NOT_FOUND ? open : ir_cur_left(c));
}

/* The elements in brackets: @c is what stands between them. */
static enum irpc_status read_endpoint(struct ir_cur c, struct ir_string_binding *b,
                                      struct ir_violation *v)
{
    struct ir_cur rest = c;
    struct ir_cur first = take_until(&rest, ',');
    struct ir_cur value = first;
    struct ir_cur name = take_until(&value, '=');

    if (find(first, '=') == NOT_FOUND && !ir_binding_security_is_word(first)) {
        b->endpoint = ir_cur_rest(&first);
        b->options = ir_cur_rest(&rest);
    } else if (!is_endpoint_word(name)) {
        b->options = ir_cur_rest(&c);
    } else if (ir_cur_left(&value) == 0) {
        return refuse(v, "empty endpoint");
    } else {
        b->endpoint = ir_cur_rest(&value);
        b->options = ir_cur_rest(&rest);
    }
    return IRPC_OK;
}

/* No NUL, no backslash that quotes nothing, not too long. */
static bool is_text(struct irpc_span text)
{
    struct ir_cur c = cur_of(text);

    if (text.len > IR_STRING_BINDING_MAX) {
        return false;
    }
    while (ir_cur_left(&c) > 0) {
        uint8_t ch = ir_cur_u8(&c);
        if (ch == '\\') {
            ch = ir_cur_u8(&c);
        }
        if (ch == 0) {
            return false;
        }
    }
    return true;
}

enum irpc_status ir_string_binding_parse(struct irpc_span text,
                                         struct ir_string_binding *ret_binding,
                                         struct ir_violation *v)
{
    struct ir_string_binding b = {0};
    struct ir_cur c = cur_of(text);

    if (!is_text(text)) {
        return refuse(v, "longer than 1023 characters, a NUL, or a backslash at the end");
    }
    enum irpc_status st = read_object(&c, &b, v);
    if (st != IRPC_OK) {
        return st;
    }
    if (find(c, ':') == NOT_FOUND) {
        return refuse(v, "no colon behind the protocol sequence");
    }
    struct ir_cur protseq = take_until(&c, ':');
    if (ir_cur_left(&protseq) == 0 || find(protseq, '[') != NOT_FOUND) {
        return refuse(v, "protocol sequence");
    }
    struct ir_cur address = read_address(&c);
    if (find(address, ']') != NOT_FOUND) {
        return refuse(v, "bracket that was not opened");
    }
    b.protseq = ir_cur_rest(&protseq);
    b.address = ir_cur_rest(&address);
    if (ir_cur_left(&c) > 0) {
        ir_cur_skip(&c, 1);
        uint32_t close = find(c, ']');
        if (close == NOT_FOUND || close + 1 != ir_cur_left(&c)) {
            return refuse(v, "brackets do not end the text");
        }
        st = read_endpoint(ir_cur_window(&c, close), &b, v);
    }
    if (st == IRPC_OK) {
        *ret_binding = b;
    }
    return st;
}

bool ir_string_binding_next_option(struct irpc_span *options, struct irpc_span *ret_name,
                                   struct irpc_span *ret_value)
{
    struct ir_cur c = cur_of(*options);

    if (ir_cur_left(&c) == 0) {
        return false;
    }
    struct ir_cur value = take_until(&c, ',');
    struct ir_cur name = take_until(&value, '=');
    *ret_name = ir_cur_rest(&name);
    *ret_value = ir_cur_rest(&value);
    *options = ir_cur_rest(&c);
    return true;
}

/* --- making text --- */

struct text {
    char *p;
    size_t cap;
    size_t len; /* cap or more: it did not fit */
};

static void put(struct text *t, char ch)
{
    if (t->len < t->cap) {
        t->p[t->len] = ch;
    }
    t->len++;
}

static void put_chars(struct text *t, const char *chars, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put(t, chars[i]);
    }
}

static void put_span(struct text *t, struct irpc_span s)
{
    struct ir_cur c = cur_of(s);

    while (ir_cur_left(&c) > 0) {
        put(t, (char)ir_cur_u8(&c));
    }
}

static enum irpc_status finish(struct text *t)
{
    put(t, '\0');
    if (t->len <= t->cap) {
        return IRPC_OK;
    }
    if (t->cap > 0) {
        t->p[0] = '\0';
    }
    return IRPC_BUFFER_TOO_SMALL;
}

enum irpc_status ir_string_binding_copy(struct irpc_span part, char *dst, size_t cap)
{
    struct text t = {dst, cap, 0};
    struct ir_cur c = cur_of(part);

    while (ir_cur_left(&c) > 0) {
        uint8_t ch = ir_cur_u8(&c);
        if (ch == '\\' && ir_cur_left(&c) > 0) {
            ch = ir_cur_u8(&c);
        }
        put(&t, (char)ch);
    }
    return finish(&t);
}

static bool is_special(uint8_t ch)
{
    return ch == '@' || ch == ':' || ch == '[' || ch == ']' || ch == ',' || ch == '=' || ch == '\\';
}

enum irpc_status ir_string_binding_quote(struct irpc_span plain, char *dst, size_t cap)
{
    struct text t = {dst, cap, 0};
    struct ir_cur c = cur_of(plain);

    while (ir_cur_left(&c) > 0) {
        uint8_t ch = ir_cur_u8(&c);
        if (is_special(ch)) {
            put(&t, '\\');
        }
        put(&t, (char)ch);
    }
    return finish(&t);
}

static void put_address(struct text *t, struct irpc_span address)
{
    bool brackets = is_ipv6(cur_of(address));

    if (brackets) {
        put(t, '[');
    }
    put_span(t, address);
    if (brackets) {
        put(t, ']');
    }
}

/* An endpoint that would be taken for an option or an address says what it is. */
static void put_endpoint(struct text *t, const struct ir_string_binding *b)
{
    bool is_named = find(cur_of(b->endpoint), '=') != NOT_FOUND ||
                    ir_binding_security_is_word(cur_of(b->endpoint)) ||
                    (b->address.len == 0 && is_ipv6(cur_of(b->endpoint)));

    if (is_named) {
        put_chars(t, endpoint_is, ENDPOINT_LEN + 1);
    }
    put_span(t, b->endpoint);
}

enum irpc_status ir_string_binding_compose(const struct ir_string_binding *b, char *dst, size_t cap)
{
    struct text t = {dst, cap, 0};

    if (b->has_object) {
        char uuid[IRPC_UUID_TEXT_LEN];
        irpc_uuid_format(&b->object, uuid);
        put_chars(&t, uuid, UUID_CHARS);
        put(&t, '@');
    }
    put_span(&t, b->protseq);
    put(&t, ':');
    put_address(&t, b->address);
    if (b->endpoint.len > 0 || b->options.len > 0) {
        put(&t, '[');
        put_endpoint(&t, b);
        if (b->options.len > 0) {
            put(&t, ',');
            put_span(&t, b->options);
        }
        put(&t, ']');
    }
    return finish(&t);
}
