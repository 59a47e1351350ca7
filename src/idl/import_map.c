/* The import map: where files that an interface imports by another name really are.
 *
 * Collections of IDL import each other by names that no file has ("ms-dtyp.idl"). A map is a text
 * file; each line holds a name and a path, separated by white space. '#' starts a comment. One '*'
 * in the name matches any characters; a '*' in the path stands for what it matched. A path that is
 * not absolute starts at the folder of the map. The first line that matches and whose file can be
 * read wins; otherwise the name is looked for as without a map.
 *
 * Leaves to others: reading and sharing the files (source.c).
 */
#include <string.h>

#include "base/alloc.h"
#include "idl/compile.h"

struct entry {
    struct ir_idl_str name;
    struct ir_idl_str path;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line [*at, end), or an empty one. */
static struct ir_idl_str word(const char **at, const char *end)
{
    const char *p = *at;
    while (p < end && is_blank(*p)) {
        p++;
    }
    struct ir_idl_str result = {p, 0};
    while (p < end && !is_blank(*p)) {
        p++;
    }
    result.n = (uint32_t)(p - result.p);
    *at = p;
    return result;
}

static bool has_two_stars(struct ir_idl_str s)
{
    const char *star = memchr(s.p, '*', s.n);
    return star && memchr(star + 1, '*', (size_t)(s.p + s.n - star - 1));
}

/* false, after a message, when the line is malformed. */
static bool add_line(struct ir_idl_unit *u, const char *line, const char *end, uint32_t number)
{
    const char *comment = memchr(line, '#', (size_t)(end - line));
    const char *stop = comment ? comment : end;
    struct ir_idl_str name = word(&line, stop);
    struct ir_idl_str path = word(&line, stop);
    struct ir_idl_str more = word(&line, stop);
    if (name.n == 0) {
        return true;
    }
    bool star = memchr(name.p, '*', name.n);
    bool path_star = path.n && memchr(path.p, '*', path.n);
    if (path.n == 0 || more.n || has_two_stars(name) || has_two_stars(path) ||
        (path_star && !star)) {
        struct ir_idl_pos nowhere = {0};
        ir_idl_error(u, nowhere,
                     "%s:%u: a line of an import map is a name and a path, each with one '*' at "
                     "most",
                     u->options.import_map, number);
        return false;
    }
    struct entry *entry = ir_idl_new(&u->pool, sizeof(*entry));
    entry->name = name;
    entry->path = path;
    ir_idl_push(&u->pool, &u->import_map, entry);
    return true;
}

bool ir_idl_read_import_map(struct ir_idl_unit *u)
{
    struct ir_idl_pos nowhere = {0};
    const char *path = u->options.import_map;
    char *raw = NULL;
    size_t len = 0;
    if (!path) {
        return true;
    }
    if (!u->options.io->read(u->options.io->ctx, path, &raw, &len)) {
        ir_idl_error(u, nowhere, "cannot read the import map '%s'", path);
        return false;
    }
    const char *text = len <= IR_IDL_MAX_SOURCE ? ir_idl_dup(&u->pool, raw, len) : "";
    ir_free(raw);
    if (u->pool.failed || len > IR_IDL_MAX_SOURCE) {
        u->pool.failed = true;
        return false;
    }
    const char *end = text + len;
    bool good = true;
    for (uint32_t number = 1; text < end && good; number++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        good = add_line(u, text, stop, number);
        text = stop + 1;
    }
    return good;
}

/* Whether @name fits @pattern; *ret_rest is what its '*' stands for. */
static bool matches(struct ir_idl_str pattern, struct ir_idl_str name, struct ir_idl_str *ret_rest)
{
    const char *star = memchr(pattern.p, '*', pattern.n);
    if (!star) {
        return ir_idl_str_eq(pattern, name);
    }
    uint32_t head = (uint32_t)(star - pattern.p);
    uint32_t tail = pattern.n - head - 1;
    if (name.n < head + tail || memcmp(name.p, pattern.p, head) != 0 ||
        memcmp(name.p + name.n - tail, star + 1, tail) != 0) {
        return false;
    }
    *ret_rest = (struct ir_idl_str){name.p + head, name.n - head - tail};
    return true;
}

const char *ir_idl_map_import(struct ir_idl_unit *u, struct ir_idl_str name, uint32_t *at)
{
    const char *slash = u->options.import_map ? strrchr(u->options.import_map, '/') : NULL;
    int dir = slash ? (int)(slash + 1 - u->options.import_map) : 0;
    while (*at < u->import_map.n) {
        const struct entry *entry = u->import_map.v[(*at)++];
        struct ir_idl_str rest = {0};
        if (!matches(entry->name, name, &rest)) {
            continue;
        }
        struct ir_idl_str path = entry->path;
        const char *star = memchr(path.p, '*', path.n);
        int head = star ? (int)(star - path.p) : (int)path.n;
        const char *tail = star ? star + 1 : path.p + path.n;
        return ir_idl_printf(&u->pool, "%.*s%.*s%.*s%.*s", path.p[0] == '/' ? 0 : dir,
                             u->options.import_map, head, path.p, star ? (int)rest.n : 0,
                             star ? rest.p : "", (int)(path.p + path.n - tail), tail);
    }
    return NULL;
}
