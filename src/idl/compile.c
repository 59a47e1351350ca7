/* Runs the stages in order and owns the result.
 *
 * source → preprocess → lex → parse (pulls the three before it, per file) → resolve → name →
 * check → layout. A stage that found errors lets the next one run only while names are whole:
 * resolve and check always run, layout needs a source without errors.
 */
#include "idl/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "idl/emit.h"

#define DEFAULT_LIMIT ((size_t)256 * 1024 * 1024)

static enum irpc_status run(struct ir_idl_unit *u, const char *path)
{
    struct ir_idl_str name = {path, (uint32_t)strlen(path)};
    struct ir_idl_pos nowhere = {0};
    bool seen;
    if (!ir_idl_read_import_map(u)) {
        return u->pool.failed ? IRPC_NO_MEMORY : IRPC_INVALID_ARG;
    }
    errno = 0;
    u->root = ir_idl_load(u, name, NULL, &seen);
    if (!u->root) {
        ir_idl_error(u, nowhere, "cannot read '%s': %s", path,
                     errno != 0 ? strerror(errno) : "the file or its name is too long");
        return u->pool.failed ? IRPC_NO_MEMORY : IRPC_IO;
    }
    ir_idl_parse(u, u->root);
    ir_idl_parse_acf(u);
    if (ir_idl_ok(u)) {
        ir_idl_resolve(u);
    }
    if (ir_idl_ok(u)) {
        ir_idl_name(u);
        ir_idl_check(u);
    }
    if (ir_idl_ok(u) && u->n_errors == 0 && !u->options.parse_only) {
        ir_idl_layout(u);
    }
    (void)ir_idl_ok(u);
    if (u->pool.failed) {
        return IRPC_NO_MEMORY;
    }
    return u->n_errors ? IRPC_INVALID_ARG : IRPC_OK;
}

enum irpc_status ir_idl_compile(const char *path, const struct ir_idl_options *options,
                                struct ir_idl_unit **ret_unit)
{
    struct ir_idl_unit *u = ir_calloc(1, sizeof(*u));
    if (!u) {
        return IRPC_NO_MEMORY;
    }
    u->options = *options;
    if (!u->options.io) {
        u->options.io = ir_idl_file_io();
    }
    ir_idl_pool_init(&u->pool, options->memory_limit ? options->memory_limit : DEFAULT_LIMIT);
    enum irpc_status status = run(u, path);
    if (status != IRPC_OK) {
        ir_idl_unit_free(u);
        return status;
    }
    *ret_unit = u;
    return IRPC_OK;
}

void ir_idl_unit_free(struct ir_idl_unit *unit)
{
    if (unit) {
        ir_idl_pool_deinit(&unit->pool);
        ir_free(unit);
    }
}

size_t ir_idl_unit_n_files(const struct ir_idl_unit *unit)
{
    return unit->files.n;
}

const char *ir_idl_unit_file(const struct ir_idl_unit *unit, size_t index)
{
    const struct ir_idl_file *file = unit->files.v[index];
    bool built_in = strncmp(file->path, IR_IDL_BUILT_IN, strlen(IR_IDL_BUILT_IN)) == 0;
    return built_in ? NULL : file->path;
}

size_t ir_idl_unit_n_interfaces(const struct ir_idl_unit *unit)
{
    return unit->tables.n;
}

const struct irpc_interface *ir_idl_unit_interface(const struct ir_idl_unit *unit, size_t index)
{
    const struct ir_idl_tables *t = unit->tables.v[index];
    return &t->interface;
}

void ir_idl_emit(struct ir_idl_unit *unit, enum ir_idl_output what, const char *header,
                 struct ir_idl_text *text)
{
    static void (*const emitters[])(struct ir_idl_unit *, const char *, struct ir_idl_text *) = {
        [IR_IDL_OUT_HEADER] = ir_idl_emit_header, [IR_IDL_OUT_CLIENT] = ir_idl_emit_client,
        [IR_IDL_OUT_SERVER] = ir_idl_emit_server, [IR_IDL_OUT_TABLES] = ir_idl_emit_tables,
        [IR_IDL_OUT_JSON] = ir_idl_emit_json,
    };
    emitters[what](unit, header, text);
    text->failed = text->failed || unit->pool.failed;
}
