/* Loading source files: search path, once-only, case-insensitive fallback, Ctrl-Z, NUL bytes.
 *
 * A name in an import or include is looked for beside the file that names it, then in the
 * include directories in order; an import map (import_map.c) is asked before. Sources that come
 * from file systems without case ("midl hello.idl" for Hello.Idl) are found by a second search that
 * ignores case. A file is loaded once, whatever it is called by; the parser decides whether to read
 * it again.
 *
 * Leaves to others: line numbers (diag.c counts when a message needs them).
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "idl/compile.h"

static bool read_stream(FILE *in, char **ret, size_t *ret_len)
{
    size_t cap = 16 * 1024;
    size_t len = 0;
    char *text = ir_alloc(cap);
    while (text) {
        len += fread(text + len, 1, cap - len, in);
        if (len < cap) {
            break;
        }
        char *grown = cap > IR_IDL_MAX_SOURCE ? NULL : ir_realloc(text, cap * 2);
        if (!grown) {
            ir_free(text);
            return false;
        }
        text = grown;
        cap *= 2;
    }
    if (!text || ferror(in)) {
        ir_free(text);
        return false;
    }
    *ret = text;
    *ret_len = len;
    return true;
}

static bool read_file(void *ctx, const char *path, char **ret, size_t *ret_len)
{
    (void)ctx;
    FILE *in = fopen(path, "rbe");
    if (!in) {
        return false;
    }
    bool ok = read_stream(in, ret, ret_len);
    fclose(in);
    return ok;
}

const struct ir_idl_io *ir_idl_file_io(void)
{
    static const struct ir_idl_io io = {read_file, NULL};
    return &io;
}

bool ir_idl_is_c_header(const struct ir_idl_file *file)
{
    const char *dot = strrchr(file->path, '.');
    return dot && strcasecmp(dot, ".h") == 0;
}

static struct ir_idl_file *find_loaded(struct ir_idl_unit *u, const char *path)
{
    for (uint32_t i = 0; i < u->files.n; i++) {
        struct ir_idl_file *file = u->files.v[i];
        if (strcmp(file->path, path) == 0) {
            return file;
        }
    }
    return NULL;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

struct ir_idl_file *ir_idl_adopt(struct ir_idl_unit *u, const char *path, const char *raw,
                                 size_t len)
{
    struct ir_idl_file *file = ir_idl_new(&u->pool, sizeof(*file));
    if (len > IR_IDL_MAX_SOURCE || u->source_len + len > IR_IDL_MAX_SOURCE ||
        u->files.n >= IR_IDL_MAX_FILES) {
        u->pool.failed = true;
    }
    char *text = ir_idl_array(&u->pool, len + 1, 1);
    if (text) {
        memcpy(text, raw, len);
        const char *end = memchr(text, 0x1a, len); /* Ctrl-Z ends a DOS text */
        bool utf16 =
            len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
        len = utf16 ? 0 : end ? (size_t)(end - text) : len;
        text[len] = '\0';
        file->path = path;
        file->name = last_part(path);
        file->text = text;
        file->len = (uint32_t)len;
        u->source_len += len;
        ir_idl_push(&u->pool, &u->files, file);
        if (utf16) {
            struct ir_idl_pos start = {.file = file, .len = 1};
            ir_idl_error(u, start, "this file is in UTF-16; save it as UTF-8 or ASCII");
        }
    }
    return u->pool.failed ? NULL : file;
}

/* The entry of `dir` that equals `name` but for case, or NULL. */
static const char *find_entry(struct ir_idl_unit *u, const char *dir, const char *name)
{
    DIR *d = opendir(*dir ? dir : ".");
    if (!d) {
        return NULL;
    }
    const char *found = NULL;
    for (struct dirent *entry = readdir(d); entry && !found; entry = readdir(d)) {
        if (strcasecmp(entry->d_name, name) == 0) {
            found = ir_idl_dup(&u->pool, entry->d_name, strlen(entry->d_name));
        }
    }
    closedir(d);
    return found;
}

static struct ir_idl_file *try_path(struct ir_idl_unit *u, const char *path, bool *ret_seen)
{
    struct ir_idl_file *file = find_loaded(u, path);
    if (file) {
        *ret_seen = true;
        return file;
    }
    char *raw = NULL;
    size_t len = 0;
    if (!u->options.io->read(u->options.io->ctx, path, &raw, &len)) {
        return NULL;
    }
    file = ir_idl_adopt(u, path, raw, len);
    ir_free(raw);
    return file;
}

static struct ir_idl_file *try_in(struct ir_idl_unit *u, const char *dir, size_t dir_len,
                                  struct ir_idl_str name, bool any_case, bool *ret_seen)
{
    const char *sep = dir_len && dir[dir_len - 1] != '/' ? "/" : "";
    const char *path =
        ir_idl_printf(&u->pool, "%.*s%s%.*s", (int)dir_len, dir, sep, IR_IDL_S(name));
    if (!any_case) {
        return try_path(u, path, ret_seen);
    }
    if (u->options.io != ir_idl_file_io()) {
        return NULL; /* not a file system */
    }
    const char *last = last_part(path);
    const char *folder = ir_idl_dup(&u->pool, path, (size_t)(last - path));
    const char *entry = find_entry(u, folder, last);
    if (!entry) {
        return NULL;
    }
    struct ir_idl_file *file =
        try_path(u, ir_idl_printf(&u->pool, "%s%s", folder, entry), ret_seen);
    if (file && !*ret_seen) {
        file->name = last; /* its header is called as the makefile calls the file */
    }
    return file;
}

/* The file that the import map has for this name. */
static struct ir_idl_file *search_map(struct ir_idl_unit *u, struct ir_idl_str name,
                                      const struct ir_idl_file *from, bool *ret_seen)
{
    struct ir_idl_file *file = NULL;
    const char *path = from ? "" : NULL;
    for (uint32_t at = 0; path && !file;) {
        path = ir_idl_map_import(u, name, &at);
        file = path ? try_path(u, path, ret_seen) : NULL;
    }
    return file;
}

static struct ir_idl_file *search(struct ir_idl_unit *u, struct ir_idl_str name,
                                  const struct ir_idl_file *from, bool any_case, bool *ret_seen)
{
    struct ir_idl_file *file = NULL;
    if (!from || (name.n && name.p[0] == '/')) {
        return try_in(u, "", 0, name, any_case, ret_seen);
    }
    const char *slash = strrchr(from->path, '/');
    size_t dir_len = slash ? (size_t)(slash + 1 - from->path) : 0;
    file = try_in(u, from->path, dir_len, name, any_case, ret_seen);
    for (size_t i = 0; i < u->options.n_include_dirs && !file; i++) {
        const char *dir = u->options.include_dirs[i];
        file = try_in(u, dir, strlen(dir), name, any_case, ret_seen);
    }
    return file;
}

struct ir_idl_file *ir_idl_load(struct ir_idl_unit *u, struct ir_idl_str name,
                                const struct ir_idl_file *from, bool *ret_seen)
{
    *ret_seen = false;
    /* A NUL or a backslash never names a file here; DOS paths get slashes. */
    char *clean = ir_idl_array(&u->pool, (size_t)name.n + 1, 1);
    if (!clean || name.n == 0 || name.n > 1024) {
        return NULL;
    }
    for (uint32_t i = 0; i < name.n; i++) {
        clean[i] = (char)(name.p[i] == '\\' ? '/' : name.p[i]);
    }
    struct ir_idl_str text = {clean, (uint32_t)strlen(clean)};
    struct ir_idl_file *file = search_map(u, text, from, ret_seen);
    file = file ? file : search(u, text, from, false, ret_seen);
    return file ? file : search(u, text, from, true, ret_seen);
}
