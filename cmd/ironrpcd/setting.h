/*
 * A setting: a row that says where its value lies, what it may be, its default, and what it means.
 * Parser, defaults, messages and documents are made from such rows.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SETTING_TEXT_MAX 512 /* bytes of a text and its NUL */

#define KIB 1024u
#define MIB (1024u * 1024u)
#define HOURS 3600000u /* in ms */

enum setting_type {
    TYPE_TEXT, /* char[SETTING_TEXT_MAX]; the others are uint32_t */
    TYPE_NUMBER,
    TYPE_SIZE,
    TYPE_TIME,
    TYPE_CHOICE
};

struct choice {
    const char *name; /* NULL ends the list */
    uint32_t value;
};

struct setting {
    const char *section;
    const char *key;
    enum setting_type type;
    size_t offset;        /* in the structure that has the value, @base below */
    const char *standard; /* the default, as in a file */
    uint32_t min;
    uint32_t max;
    const struct choice *choices;
    const char *text; /* what it means: sentences for comments and the man page */
};

/* Put @value where @s says. Return: NULL, or what is wrong with it; words in @reason[@cap]. */
const char *setting_parse(void *base, const struct setting *s, const char *value, char *reason,
                          size_t cap);

/* The value, as in a file. */
void setting_format(const void *base, const struct setting *s, char *text, size_t cap);

/* What may stand there, for messages and documents; "" for texts. */
void setting_range(const struct setting *s, char *text, size_t cap);
