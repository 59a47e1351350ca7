/*
 * References to results. Arguments are the user's own and as deep as jansson reads them (2,048
 * levels); what they refer to is taken as it is and not searched for references again.
 */
#include "references.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct filler {
    json_t *results;
    char *bad;
    size_t cap;
};

/* "$1." and "$1[": money, "$1.50", is a text that has to be written otherwise in later calls. */
static bool is_reference(const char *text)
{
    size_t digits = text[0] == '$' ? strspn(text + 1, "0123456789") : 0;

    return digits > 0 && digits < 4 && (text[digits + 1] == '.' || text[digits + 1] == '[');
}

/* The part of @value that @path names, borrowed; NULL: there is none. */
static json_t *follow(json_t *value, const char *path)
{
    char name[256];

    while (value != NULL && *path != '\0') {
        size_t len = strcspn(path + 1, ".[");
        if (*path == '.' && len < sizeof(name)) {
            snprintf(name, sizeof(name), "%.*s", (int)len, path + 1);
            value = json_object_get(value, name);
        } else if (*path == '[' && len > 1 && path[len] == ']') {
            value = json_array_get(value, strtoul(path + 1, NULL, 10));
        } else {
            value = NULL;
        }
        path += len + 1;
    }
    return value;
}

static json_t *find(json_t *results, const char *text)
{
    char *path = NULL;
    unsigned long number = strtoul(text + 1, &path, 10);

    return number > 0 ? follow(json_array_get(results, number - 1), path) : NULL;
}

static bool fill(const struct filler *f, json_t *value);

/* @value or what it refers to, as a new reference; NULL: nothing of that name. */
static json_t *resolve(const struct filler *f, json_t *value)
{
    const char *text = json_string_value(value);

    if (text == NULL || !is_reference(text)) {
        return fill(f, value) ? json_incref(value) : NULL;
    }
    json_t *found = find(f->results, text);
    if (found == NULL) {
        snprintf(f->bad, f->cap, "%s", text);
    }
    return json_incref(found);
}

static bool fill(const struct filler *f, json_t *value)
{
    void *iter = json_object_iter(value);
    size_t n = json_array_size(value);

    for (; iter != NULL; iter = json_object_iter_next(value, iter)) {
        json_t *part = resolve(f, json_object_iter_value(iter));
        if (part == NULL || json_object_iter_set_new(value, iter, part) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        json_t *part = resolve(f, json_array_get(value, i));
        if (part == NULL || json_array_set_new(value, i, part) != 0) {
            return false;
        }
    }
    return true;
}

bool ir_cli_fill_references(json_t *arguments, json_t *results, char *bad, size_t cap)
{
    const struct filler f = {results, bad, cap};

    snprintf(bad, cap, "out of memory");
    return json_array_size(results) == 0 || fill(&f, arguments);
}
