/*
 * Reading the configuration. Unknown sections and keys are errors: a misspelt limit must not be a
 * limit that is not there.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config_table.h"

/* --- assignments --- */

/* Whose settings a section has, and where their values are. */
struct section {
    char name[CONFIG_NAME_MAX]; /* "server", "access" */
    const struct setting *settings;
    size_t n;
    void *base;
};

static const struct setting *find_setting(const struct section *section, const char *key)
{
    for (size_t i = 0; i < section->n; i++) {
        if (strcmp(section->settings[i].section, section->name) == 0 &&
            strcmp(section->settings[i].key, key) == 0) {
            return &section->settings[i];
        }
    }
    return NULL;
}

/* Return: false if the table does not know its own defaults. */
static bool set_defaults(void *base, const struct setting *settings, size_t n)
{
    char reason[256];

    for (size_t i = 0; i < n; i++) {
        if (setting_parse(base, &settings[i], settings[i].standard, reason, sizeof(reason)) !=
            NULL) {
            return false;
        }
    }
    return true;
}

/* The part called @name of @kind, a new one if there is none. Return: NULL: too many. */
static struct config_part *open_part(struct config *config, const struct config_kind *kind,
                                     const char *name, unsigned line)
{
    char *list = (char *)config + kind->list;
    uint32_t *n = (uint32_t *)(void *)((char *)config + kind->count);

    for (uint32_t i = 0; i < *n; i++) {
        struct config_part *part = (struct config_part *)(void *)(list + i * kind->size);
        if (strcmp(part->name, name) == 0) {
            return part;
        }
    }
    if (*n == kind->max) {
        return NULL;
    }
    struct config_part *part = (struct config_part *)(void *)(list + *n * kind->size);
    memset(part, 0, kind->size);
    snprintf(part->name, sizeof(part->name), "%s", name);
    part->line = line;
    if (!set_defaults(part, kind->settings, kind->n_settings)) {
        abort(); /* a row of the table contradicts itself */
    }
    ++*n;
    return part;
}

static const struct config_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < config_n_kinds; i++) {
        if (strcmp(config_kinds[i].name, name) == 0) {
            return &config_kinds[i];
        }
    }
    return NULL;
}

static bool is_plain(const char *name)
{
    for (size_t i = 0; i < config_n_settings; i++) {
        if (strcmp(config_settings[i].section, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The section called @text. Return: NULL, or what is wrong with it; words in @reason[@cap]. */
static const char *open_section(struct config *config, const char *text, unsigned line,
                                struct section *ret_section, char *reason, size_t cap)
{
    struct section *s = ret_section;
    size_t len = strcspn(text, " ");
    const char *name = text + len + strspn(text + len, " ");

    snprintf(s->name, sizeof(s->name), "%.*s", (int)len, text);
    if (name[0] == '\0' && is_plain(s->name)) {
        s->settings = config_settings;
        s->n = config_n_settings;
        s->base = config;
        return NULL;
    }
    const struct config_kind *kind = find_kind(s->name);
    if (kind == NULL || name[0] == '\0' || strlen(name) >= CONFIG_NAME_MAX) {
        snprintf(reason, cap, "unknown section [%.60s]%s%s%s", text,
                 kind != NULL ? ", wanted [" : "", kind != NULL ? kind->name : "",
                 kind != NULL ? " NAME]" : "");
        return reason;
    }
    s->settings = kind->settings;
    s->n = kind->n_settings;
    s->base = open_part(config, kind, name, line);
    if (s->base == NULL) {
        snprintf(reason, cap, "more than %u sections [%s ...]", kind->max, kind->name);
        return reason;
    }
    return NULL;
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (isspace((unsigned char)*text)) {
        text++;
    }
    while (end > text && isspace((unsigned char)end[-1])) {
        end--;
    }
    *end = '\0';
    return text;
}

/* Split "key = value". Return: the value, or NULL if there is no '='. */
static char *split(char *text, char **ret_key)
{
    char *equals = strchr(text, '=');

    if (equals == NULL) {
        return NULL;
    }
    *equals = '\0';
    *ret_key = trim(text);
    return trim(equals + 1);
}

static const char *assign(struct config *config, const struct section *section, const char *key,
                          const char *value, unsigned line, char *reason, size_t cap)
{
    const struct setting *s = find_setting(section, key);

    if (s == NULL) {
        snprintf(reason, cap,
                 "unknown key \"%.60s\" in section [%.60s]; ironrpcd --print-config shows all", key,
                 section->name);
        return reason;
    }
    if (section->base == config) {
        config->lines[s - config_settings] = line;
    }
    return setting_parse(section->base, s, value, reason, cap);
}

void config_init(struct config *config)
{
    memset(config, 0, sizeof(*config));
    if (!set_defaults(config, config_settings, config_n_settings)) {
        abort(); /* a row of the table contradicts itself */
    }
}

bool config_set(struct config *config, const char *assignment, FILE *errors)
{
    char copy[CONFIG_TEXT_MAX + CONFIG_NAME_MAX + 64];
    char reason[256];
    struct section section;
    char *name = NULL;
    const char *why = "wanted section.key=value";

    snprintf(copy, sizeof(copy), "%s", assignment);
    char *value = split(copy, &name);
    char *dot = value != NULL ? strrchr(name, '.') : NULL;

    if (dot != NULL && strlen(assignment) < sizeof(copy)) {
        *dot = '\0';
        why = open_section(config, name, 0, &section, reason, sizeof(reason));
        if (why == NULL) {
            why = assign(config, &section, dot + 1, value, 0, reason, sizeof(reason));
        }
    }
    if (why != NULL) {
        fprintf(errors, "ironrpcd: -o %.80s: %s\n", assignment, why);
    }
    return why == NULL;
}

/* --- files --- */

struct reader {
    struct config *config;
    struct section section;
    bool skip;       /* in an unknown section, reported once */
    unsigned number; /* of the line */
};

static const char *read_section(struct reader *r, char *line, char *reason, size_t cap)
{
    size_t len = strlen(line);

    r->skip = true;
    if (line[len - 1] != ']') {
        return "a section is [name]";
    }
    line[len - 1] = '\0';
    const char *why = open_section(r->config, trim(line + 1), r->number, &r->section, reason, cap);
    r->skip = why != NULL;
    return why;
}

/* One line, trimmed. Return: NULL or what is wrong with it. */
static const char *read_line(struct reader *r, char *line, char *reason, size_t cap)
{
    char *key = NULL;

    if (line[0] == '\0' || line[0] == '#' || line[0] == ';') {
        return NULL;
    }
    if (line[0] == '[') {
        return read_section(r, line, reason, cap);
    }
    if (r->skip) {
        return NULL;
    }
    const char *value = split(line, &key);
    if (value == NULL) {
        return "wanted key = value";
    }
    if (r->section.base == NULL) {
        return "a section has to come first, [server] for instance";
    }
    return assign(r->config, &r->section, key, value, r->number, reason, cap);
}

bool config_read(struct config *config, const char *path, FILE *errors)
{
    struct reader r = {.config = config};
    char line[CONFIG_TEXT_MAX * 2];
    char reason[256];
    bool good = true;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        fprintf(errors, "ironrpcd: %s: %s\n", path, strerror(errno));
        return false;
    }
    config->path = path;
    while (fgets(line, sizeof(line), file) != NULL) {
        const char *why;

        r.number++;
        if (strchr(line, '\n') == NULL && !feof(file)) {
            why = "the line is too long";
            while (fgets(line, sizeof(line), file) != NULL && strchr(line, '\n') == NULL) {
            }
        } else {
            why = read_line(&r, trim(line), reason, sizeof(reason));
        }
        if (why != NULL) {
            fprintf(errors, "%s:%u: %s\n", path, r.number, why);
            good = false;
        }
    }
    if (ferror(file)) {
        fprintf(errors, "ironrpcd: %s: %s\n", path, strerror(errno));
        good = false;
    }
    fclose(file);
    return good;
}

/* Where a mistake is: "FILE:LINE: " or the program's name. */
static void print_place(const struct config *config, unsigned line, FILE *errors)
{
    if (line != 0) {
        fprintf(errors, "%s:%u: ", config->path, line);
    } else {
        fputs("ironrpcd: ", errors);
    }
}

void config_complain(const struct config *config, const char *key, FILE *errors, const char *format,
                     ...)
{
    unsigned line = 0;
    va_list ap;

    for (size_t i = 0; i < config_n_settings; i++) {
        if (strcmp(config_settings[i].key, key) == 0) {
            line = config->lines[i];
        }
    }
    print_place(config, line, errors);
    fprintf(errors, "%s: ", key);
    va_start(ap, format);
    vfprintf(errors, format, ap);
    va_end(ap);
    fputc('\n', errors);
}

void config_complain_part(const struct config *config, const char *kind,
                          const struct config_part *part, FILE *errors, const char *format, ...)
{
    va_list ap;

    print_place(config, part->line, errors);
    fprintf(errors, "[%s %s]: ", kind, part->name);
    va_start(ap, format);
    vfprintf(errors, format, ap);
    va_end(ap);
    fputc('\n', errors);
}
