/* Values of settings: texts, numbers with units, choices. */
#include "setting.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    uint32_t factor;
};

static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit sizes[] = {{"MiB", MIB}, {"KiB", KIB}, {"", 1}, {NULL, 0}};
static const struct unit times[] = {
    {"h", HOURS}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};

static const struct unit *units_of(enum setting_type type)
{
    return type == TYPE_SIZE ? sizes : type == TYPE_TIME ? times : no_units;
}

static void *member(const void *base, const struct setting *s)
{
    return (char *)(uintptr_t)base + s->offset;
}

/* A number with its unit, longest unit first. */
static void format_number(const struct setting *s, uint32_t value, char *text, size_t cap)
{
    const struct unit *unit = units_of(s->type);

    while (unit[1].name != NULL && (value == 0 || value % unit->factor != 0)) {
        unit++;
    }
    snprintf(text, cap, "%u%s", value / unit->factor, unit->name);
}

void setting_format(const void *base, const struct setting *s, char *text, size_t cap)
{
    text[0] = '\0';
    if (s->type == TYPE_TEXT) {
        snprintf(text, cap, "%s", (const char *)member(base, s));
        return;
    }
    uint32_t value = *(const uint32_t *)member(base, s);

    if (s->type != TYPE_CHOICE) {
        format_number(s, value, text, cap);
        return;
    }
    for (const struct choice *c = s->choices; c->name != NULL; c++) {
        if (c->value == value) {
            snprintf(text, cap, "%s", c->name);
        }
    }
}

void setting_range(const struct setting *s, char *text, size_t cap)
{
    char low[32];
    char high[32];
    size_t len = 0;

    text[0] = '\0';
    if (s->type == TYPE_TEXT) {
        return;
    }
    if (s->type != TYPE_CHOICE) {
        format_number(s, s->min, low, sizeof(low));
        format_number(s, s->max, high, sizeof(high));
        snprintf(text, cap, "%s to %s", low, high);
        return;
    }
    for (const struct choice *c = s->choices; c->name != NULL && len < cap; c++) {
        const char *join = c == s->choices ? "" : c[1].name == NULL ? " or " : ", ";

        len += (size_t)snprintf(text + len, cap - len, "%s%s", join, c->name);
    }
}

static bool parse_number(const struct setting *s, const char *value, uint32_t *ret_number)
{
    char *end;
    unsigned long long number;

    if (!isdigit((unsigned char)value[0])) {
        return false;
    }
    errno = 0;
    number = strtoull(value, &end, 10);
    if (errno != 0 || number > UINT32_MAX) {
        return false;
    }
    while (*end == ' ') {
        end++;
    }
    for (const struct unit *u = units_of(s->type); u->name != NULL; u++) {
        if (strcmp(end, u->name) == 0) {
            number *= u->factor;
            *ret_number = (uint32_t)number;
            return number >= s->min && number <= s->max;
        }
    }
    return false;
}

static bool parse_choice(const struct setting *s, const char *value, uint32_t *ret_number)
{
    for (const struct choice *c = s->choices; c->name != NULL; c++) {
        if (strcmp(value, c->name) == 0) {
            *ret_number = c->value;
            return true;
        }
    }
    return false;
}

const char *setting_parse(void *base, const struct setting *s, const char *value, char *reason,
                          size_t cap)
{
    uint32_t number;
    char range[160];

    if (s->type == TYPE_TEXT) {
        size_t len = strlen(value);
        if (len >= SETTING_TEXT_MAX) {
            snprintf(reason, cap, "%s is longer than %d characters", s->key, SETTING_TEXT_MAX - 1);
            return reason;
        }
        memcpy(member(base, s), value, len + 1);
        return NULL;
    }
    if (s->type == TYPE_CHOICE ? parse_choice(s, value, &number)
                               : parse_number(s, value, &number)) {
        *(uint32_t *)member(base, s) = number;
        return NULL;
    }
    setting_range(s, range, sizeof(range));
    snprintf(reason, cap, "%s is \"%.60s\", wanted %s%s", s->key, value,
             s->type == TYPE_CHOICE ? ""
             : s->type == TYPE_TIME ? "a time from "
                                    : "a number from ",
             range);
    return reason;
}
