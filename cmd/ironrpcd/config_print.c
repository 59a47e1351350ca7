/* The settings as a file with comments, and as part of a man page. */
#include <string.h>

#include "config_table.h"

/* @text as comment lines of at most 80 columns. */
static void print_comment(const char *text, FILE *out)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column == 0 || column + 1 + len > 80) {
            column = (size_t)fprintf(out, "%s#", column == 0 ? "" : "\n");
        }
        column += (size_t)fprintf(out, " %.*s", (int)len, text);
        text += len;
        text += *text == ' ';
    }
    fputc('\n', out);
}

/* One setting with what it means. */
static void print_setting(const void *base, const struct setting *s, FILE *out)
{
    char value[CONFIG_TEXT_MAX];
    char range[160];
    char text[1024];

    setting_range(s, range, sizeof(range));
    snprintf(text, sizeof(text), "%s%s%s%s", s->text, range[0] != '\0' ? " Values: " : "", range,
             range[0] != '\0' ? "." : "");
    print_comment(text, out);
    setting_format(base, s, value, sizeof(value));
    fprintf(out, "%s =%s%s\n", s->key, value[0] != '\0' ? " " : "", value);
}

/* The sections of @kind that there are. */
static void print_parts(const struct config *config, const struct config_kind *kind, FILE *out)
{
    uint32_t n = *(const uint32_t *)(const void *)((const char *)config + kind->count);

    for (uint32_t i = 0; i < n; i++) {
        const char *base = (const char *)config + kind->list + i * kind->size;
        fprintf(out, "\n[%s %s]\n", kind->name,
                ((const struct config_part *)(const void *)base)->name);
        for (size_t k = 0; k < kind->n_settings; k++) {
            print_setting(base, &kind->settings[k], out);
        }
    }
}

void config_print(const struct config *config, FILE *out)
{
    const char *section = "";

    for (size_t i = 0; i < config_n_settings; i++) {
        const struct setting *s = &config_settings[i];

        if (strcmp(section, s->section) != 0) {
            fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", s->section);
            section = s->section;
        }
        print_setting(config, s, out);
    }
    for (size_t i = 0; i < config_n_kinds; i++) {
        print_parts(config, &config_kinds[i], out);
    }
}

/* @text in a man page, where a backslash is special. */
static void print_man_text(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            fputs("\\e", out);
        } else {
            fputc(*text, out);
        }
    }
    fputc('\n', out);
}

static void print_man_setting(const struct setting *s, FILE *out)
{
    char range[160];

    fprintf(out, ".TP\n.B %s\n", s->key);
    print_man_text(s->text, out);
    setting_range(s, range, sizeof(range));
    if (range[0] != '\0') {
        fprintf(out, "Values: %s.\n", range);
    }
    fprintf(out, "Default: %s.\n", s->standard[0] != '\0' ? s->standard : "empty");
}

void config_print_man(FILE *out)
{
    const char *section = "";

    for (size_t i = 0; i < config_n_settings; i++) {
        const struct setting *s = &config_settings[i];

        if (strcmp(section, s->section) != 0) {
            fprintf(out, ".SS [%s]\n", s->section);
            section = s->section;
        }
        print_man_setting(s, out);
    }
    for (size_t i = 0; i < config_n_kinds; i++) {
        const struct config_kind *kind = &config_kinds[i];

        fprintf(out, ".SS [%s %s]\n", kind->name, kind->argument);
        print_man_text(kind->text, out);
        for (size_t k = 0; k < kind->n_settings; k++) {
            print_man_setting(&kind->settings[k], out);
        }
    }
}
