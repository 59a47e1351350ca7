/* The IDL compiler as a library: source text in, generated C or in-memory tables out.
 *
 * Used by ironidl (files) and by tools that read an .idl at run time (call, decode). Not
 * thread-safe within one unit; different units are independent. Nothing here prints: messages
 * go to the callback of the options, one call per message, with the source line and a caret.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/status.h>
#include <ironrpc/stub.h>

#include "idl/mem.h"

struct ir_idl_unit;

/* Where sources come from. The library's own (NULL in the options) reads files. */
struct ir_idl_io {
    /* The whole file at @path into *ret (ir_alloc'ed, the library frees it), or false. */
    bool (*read)(void *ctx, const char *path, char **ret, size_t *ret_len);
    void *ctx;
};

/* What a source takes for granted. */
enum ir_idl_dialect {
    IR_IDL_DIALECT_MS, /* nothing but the language */
    IR_IDL_DIALECT_GO, /* PCONTEXT_HANDLE and PPCONTEXT_HANDLE are declared */
};

struct ir_idl_options {
    const char *const *include_dirs;
    size_t n_include_dirs;
    const char *const *defines; /* NAME or NAME=VALUE */
    size_t n_defines;
    const char *import_map; /* path of a map, see import_map.c; NULL: none */
    const char *acf;        /* path of an ACF; NULL: X.acf beside X.idl, where there is one */
    enum ir_idl_dialect dialect;
    const char *client_prefix; /* of client functions; NULL: none */
    const char *server_prefix; /* of the server stub's name; NULL: none */
    bool old_names;      /* NAME_ClientIfHandle and NAME_ServerIfHandle, without the version */
    bool ms_union;       /* every union has [ms_union] */
    bool strict;         /* reject what MIDL rejects, even where we could accept it */
    bool parse_only;     /* stop after the checks: no layout, no tables */
    size_t memory_limit; /* bytes; 0: 256 MiB */
    const struct ir_idl_io *io;
    void (*on_message)(void *ctx, const char *text); /* NULL: messages are dropped */
    void *message_ctx;
};

/*
 * Compile the file at @path and what it imports.
 * Return: IRPC_OK (*ret_unit is owned by the caller), IRPC_IO (@path cannot be read),
 * IRPC_INVALID_ARG (the source has errors; they were reported), IRPC_NO_MEMORY (also when the
 * memory limit was reached).
 */
IRPC_CHECKED ir_idl_compile(const char *path, const struct ir_idl_options *options,
                            struct ir_idl_unit **ret_unit);
void ir_idl_unit_free(struct ir_idl_unit *unit);

enum ir_idl_output {
    IR_IDL_OUT_HEADER, /* X.h */
    IR_IDL_OUT_CLIENT, /* X_c.c */
    IR_IDL_OUT_SERVER, /* X_s.c */
    IR_IDL_OUT_TABLES, /* X_t.c */
    IR_IDL_OUT_JSON,   /* the layout, for tools */
};

/*
 * Append one generated file to @text. @header is the name of the header without directory, which
 * the other files include: "hello.h". Failure shows in text->failed alone.
 */
void ir_idl_emit(struct ir_idl_unit *unit, enum ir_idl_output what, const char *header,
                 struct ir_idl_text *text);

/* The files that were read, in order, the compiled one first; NULL: declarations that no file
 * holds. Borrowed from the unit. */
size_t ir_idl_unit_n_files(const struct ir_idl_unit *unit);
const char *ir_idl_unit_file(const struct ir_idl_unit *unit, size_t index);

/*
 * The interfaces of the compiled file (not of imported ones) that have stubs, with their tables
 * in memory: the same that X_t.c would hold, for the layout of LP64. Borrowed from the unit.
 */
size_t ir_idl_unit_n_interfaces(const struct ir_idl_unit *unit);
const struct irpc_interface *ir_idl_unit_interface(const struct ir_idl_unit *unit, size_t index);
