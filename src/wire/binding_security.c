/*
 * Security in the options of a string binding. [MS-RPCE] 2.2.1.1.7, 2.2.1.1.8 for the numbers.
 *
 * Invariants: what is not understood is refused, for it may have asked for more security than
 * there would be; two levels or two types are refused. Leaves to others: credentials, and what
 * happens where nothing is said.
 */
#include "wire/binding_security.h"

#include "base/attr.h"
#include "base/cur.h"
#include "wire/string_binding.h"

struct word {
    const char *text;
    uint8_t level;
    uint8_t type;
};

static const struct word words[] = {
    {"connect", 2, 0}, {"packet", 4, 0}, {"sign", 5, 0},  {"seal", 6, 0},
    {"spnego", 0, 9},  {"ntlm", 0, 10},  {"krb5", 0, 16},
};

static struct ir_cur cur_of(struct irpc_span s)
{
    return ir_cur_init(s.p, s.len, false);
}

/* Whether what is left of @c is @word, which is in lower case. */
static bool is(struct ir_cur c, const char *word)
{
    while (*word != '\0' && ir_cur_left(&c) > 0) {
        uint8_t ch = ir_cur_u8(&c);
        ch = ch >= 'A' && ch <= 'Z' ? (uint8_t)(ch + ('a' - 'A')) : ch;
        if (ch != (uint8_t)*word++) {
            return false;
        }
    }
    return *word == '\0' && ir_cur_left(&c) == 0;
}

static const struct word *find(struct ir_cur c)
{
    for (unsigned i = 0; i < IR_ARRAY_LEN(words); i++) {
        if (is(c, words[i].text)) {
            return &words[i];
        }
    }
    return NULL;
}

bool ir_binding_security_is_word(struct ir_cur c)
{
    return find(c) != NULL;
}

static const char *take_word(const struct word *word, struct ir_binding_security *s)
{
    if ((word->level != 0 && s->level != 0) || (word->type != 0 && s->type != 0)) {
        return "two levels, or two security types";
    }
    s->level |= word->level;
    s->type |= word->type;
    return NULL;
}

static const char *take_target(struct irpc_span value, bool is_host, struct ir_binding_security *s)
{
    if (s->target.len > 0 || value.len == 0) {
        return "an empty target, or two";
    }
    s->target = value;
    s->target_is_host = is_host;
    return NULL;
}

/* Up to the next blank. */
static struct ir_cur take_part(struct ir_cur *c)
{
    struct ir_cur ahead = *c;
    uint32_t n = 0;

    while (ir_cur_left(&ahead) > 0 && ir_cur_u8(&ahead) != ' ') {
        n++;
    }
    struct ir_cur part = ir_cur_window(c, n);
    if (ir_cur_left(c) > 0) {
        ir_cur_skip(c, 1);
    }
    return part;
}

/* "Security=LEVEL TRACKING EFFECTIVE-ONLY": nothing that a server here could do, as long as it may
 * know who calls. */
static const char *check_impersonation(struct ir_cur c)
{
    struct ir_cur level = take_part(&c);
    struct ir_cur tracking = take_part(&c);
    struct ir_cur effective = take_part(&c);

    if (is(level, "anonymous")) {
        return "Security=Anonymous cannot be had: a local server sees who calls";
    }
    if (!is(level, "identification") && !is(level, "impersonation") && !is(level, "delegation")) {
        return "unknown impersonation level";
    }
    if ((!is(tracking, "static") && !is(tracking, "dynamic")) ||
        (!is(effective, "true") && !is(effective, "false")) || ir_cur_left(&c) > 0) {
        return "Security=LEVEL is followed by Static or Dynamic, and True or False";
    }
    return NULL;
}

const char *ir_binding_security_take(struct irpc_span name, struct irpc_span value,
                                     struct ir_binding_security *s)
{
    const struct ir_cur c = cur_of(name);
    const struct word *word = find(c);

    if (word != NULL) {
        return value.len == 0 ? take_word(word, s) : "a word with a value";
    }
    if (is(c, "target_principal") || is(c, "target_hostname")) {
        return take_target(value, is(c, "target_hostname"), s);
    }
    return is(c, "security") ? check_impersonation(cur_of(value)) : "unknown option";
}

enum irpc_status ir_binding_security_parse(struct irpc_span options,
                                           struct ir_binding_security *ret_security,
                                           struct ir_violation *v)
{
    struct ir_binding_security s = {0};
    struct irpc_span name;
    struct irpc_span value;

    while (ir_string_binding_next_option(&options, &name, &value)) {
        const char *reason = ir_binding_security_take(name, value, &s);
        if (reason != NULL) {
            return ir_violation_set(v, "", reason, IRPC_BAD_STRING_BINDING);
        }
    }
    *ret_security = s;
    return IRPC_OK;
}
