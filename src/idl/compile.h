/* State of one compilation, shared by the stages. Private to src/idl. */
#pragma once

#include <ironrpc/status.h>

#include "idl/ast.h"
#include "idl/idl.h"

#define IR_IDL_MAX_ERRORS 20u
#define IR_IDL_MAX_WARNINGS 200u /* each counts the lines before it */
#define IR_IDL_MAX_ATTRS 1000u   /* of one declaration: each of its names has them all */
#define IR_IDL_MAX_PARAMS 255u   /* of an operation, beside its result: the runtime takes 256 */
#define IR_IDL_MAX_NESTING 64u   /* parentheses, declarators, bodies: what the parser recurses on */
#define IR_IDL_MAX_FILES 512u    /* imported or included */
#define IR_IDL_MAX_INCLUDE_DEPTH 32u
#define IR_IDL_MAX_SOURCE ((size_t)16 * 1024 * 1024)
#define IR_IDL_MAX_TOKENS 4000000u /* after macro expansion, per translation file */

/* From this physical line on, positions count as `name`:`presumed`... (# 12 "file") */
struct ir_idl_marker {
    uint32_t line;
    uint32_t presumed;
    const char *name;
};

/* Files by their place in the unit's order. */
struct ir_idl_file_set {
    uint64_t bits[IR_IDL_MAX_FILES / 64];
};

struct ir_idl_file {
    const char *path; /* as opened */
    const char *name; /* without the folder; in the case in which it was asked for first */
    char *text;       /* NUL-terminated; ends at a Ctrl-Z */
    uint32_t len;
    bool once; /* #pragma once seen */
    struct ir_idl_vec markers;
    /* of files that were compiled or imported, not of included ones */
    bool is_unit;
    bool is_idl;     /* says what C cannot say, or says otherwise: long, hyper, attributes ... */
    bool is_written; /* emit_header.c */
    uint32_t n_open_quotes;         /* #if of cpp_quote without #endif: check_quotes.c */
    uint32_t order;                 /* place in the unit's order */
    struct ir_idl_file_set imports; /* also of its imports: names.c */
    struct ir_idl_file_set clashes; /* declare the same as it or its imports, unknown to them */
    struct ir_idl_vec items;        /* struct ir_idl_item at file level */
    struct ir_idl_vec ifaces;       /* struct ir_idl_iface */
    struct ir_idl_vec aggs;         /* every struct ir_idl_agg with a body, in source order */
    struct ir_idl_vec syms;         /* every struct ir_idl_sym declared here, in source order */
};

struct ir_idl_unit {
    struct ir_idl_pool pool;
    struct ir_idl_options options;
    struct ir_idl_vec files; /* struct ir_idl_file */
    struct ir_idl_file *root;
    struct ir_idl_vec import_map; /* import_map.c */
    size_t source_len;            /* bytes of all files */
    uint32_t n_errors;
    uint32_t n_warnings;
    bool stop; /* too many errors or out of memory: the lexer says end of file */
    struct ir_idl_pos last_error;
    struct ir_idl_map names;   /* typedefs, constants, enumerators, interfaces: symbols.c */
    struct ir_idl_map tags;    /* symbols.c */
    struct ir_idl_map members; /* of bodies and operations: members.c */
    struct ir_idl_vec order;   /* struct ir_idl_file that were parsed, what is imported first */
    bool has_nbase;            /* nbase.c has done what it can */
    uint32_t n_anonymous;
    uint32_t depth;           /* of eval and mem_size, which call each other */
    struct ir_idl_vec tables; /* struct ir_idl_tables, one per remote interface of the root file */
};

/* diag.c */
void ir_idl_error(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ir_idl_warn(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ir_idl_note(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Presumed name, line and column (from 1, in bytes) of a position. */
void ir_idl_locate(struct ir_idl_pos pos, const char **ret_name, uint32_t *ret_line,
                   uint32_t *ret_col);
/* Whether the stages may go on. */
bool ir_idl_ok(struct ir_idl_unit *u);

/* source.c */
/* "guiddef.h": by its name a header of C, whatever it holds. */
bool ir_idl_is_c_header(const struct ir_idl_file *file);
/*
 * The file that `name` means for an import or include written in `from` (NULL: the command
 * line), loaded once; NULL when it cannot be read, *ret_seen tells whether it was loaded before.
 */
struct ir_idl_file *ir_idl_load(struct ir_idl_unit *u, struct ir_idl_str name,
                                const struct ir_idl_file *from, bool *ret_seen);
const struct ir_idl_io *ir_idl_file_io(void);
/* Adds a file with a copy of this text; `path` is kept. NULL when there is no room. */
struct ir_idl_file *ir_idl_adopt(struct ir_idl_unit *u, const char *path, const char *raw,
                                 size_t len);

/* nbase.c */
#define IR_IDL_BUILT_IN "<built-in>/" /* begins the path of what no file holds */
/* Whether `name`, which is not declared, may be now: nbase.idl has been imported for it. */
bool ir_idl_import_nbase(struct ir_idl_unit *u, struct ir_idl_str name);

/* import_map.c */
/* Reads the map that the options name, if any: false after a message. */
bool ir_idl_read_import_map(struct ir_idl_unit *u);
/* The path that the map has for `name`, from entry *at on, or NULL; *at is moved behind it. */
const char *ir_idl_map_import(struct ir_idl_unit *u, struct ir_idl_str name, uint32_t *at);

/* lex.c */
struct ir_idl_lexer {
    struct ir_idl_unit *unit;
    struct ir_idl_file *file;
    uint32_t off;
    uint32_t line; /* physical, from 1 */
    bool bol;
    bool quiet; /* looking ahead or skipping: no messages */
};
void ir_idl_lex_init(struct ir_idl_lexer *lx, struct ir_idl_unit *u, struct ir_idl_file *file);
/* The next raw token; directives come as '#' with bol set. */
void ir_idl_lex(struct ir_idl_lexer *lx, struct ir_idl_tok *ret_tok);
/* Value of a number or character token; false (with a message) when malformed. */
bool ir_idl_number(struct ir_idl_unit *u, const struct ir_idl_tok *tok, int64_t *ret_value,
                   bool *ret_unsigned, bool *ret_big);
/* Text of a string token without quotes, escapes resolved. */
const char *ir_idl_unquote(struct ir_idl_unit *u, struct ir_idl_str quoted);

/* preprocess.c */
/* Every token of a translation file, macros expanded, directives obeyed, pragmas kept. */
struct ir_idl_toks {
    struct ir_idl_tok *v;
    uint32_t n;
    uint32_t cap;
};
void ir_idl_toks_add(struct ir_idl_unit *u, struct ir_idl_toks *toks, const struct ir_idl_tok *tok);
void ir_idl_preprocess(struct ir_idl_unit *u, struct ir_idl_file *file, struct ir_idl_toks *out);

/* pp_expr.c: the value of a #if line, already expanded. */
int64_t ir_idl_pp_eval(struct ir_idl_unit *u, const struct ir_idl_toks *toks,
                       struct ir_idl_pos pos);

/* parse.c */
void ir_idl_parse(struct ir_idl_unit *u, struct ir_idl_file *file);

/* parse_acf.c */
/*
 * Adds the attributes of the ACF that the options name to the root file's declarations; without
 * one, those of X.acf beside X.idl where there is one. After ir_idl_parse, before ir_idl_resolve.
 */
void ir_idl_parse_acf(struct ir_idl_unit *u);

/* symbols.c */
void ir_idl_declare(struct ir_idl_unit *u, struct ir_idl_sym *sym);
/* The best symbol of that name seen from (iface, file): same interface, same file, imported. */
struct ir_idl_sym *ir_idl_find(struct ir_idl_unit *u, struct ir_idl_str name, bool tag,
                               const struct ir_idl_iface *iface, const struct ir_idl_file *file);
/* The symbols of one kind that have the same name in the same file. */
struct ir_idl_family {
    struct ir_idl_sym *latest; /* all others are shadowed by it */
    struct ir_idl_family *next;
};
/* The first of all families of that name (tags aside), later declared ones first; or NULL. */
struct ir_idl_family *ir_idl_families(struct ir_idl_unit *u, struct ir_idl_str name);

/* members.c */
/* The first member of that name in a list of struct ir_idl_field, or NULL. */
struct ir_idl_field *ir_idl_find_field(struct ir_idl_unit *u, const struct ir_idl_vec *fields,
                                       struct ir_idl_str name);

/* resolve.c */
void ir_idl_resolve(struct ir_idl_unit *u);

/* eval.c */
struct ir_idl_scope {
    struct ir_idl_unit *unit;
    const struct ir_idl_file *file;
    const struct ir_idl_iface *iface;
    bool in_body; /* of a struct or union, or of an interface that gets no stubs */
};
/* Constant value; false with a message. Cycles are found. */
bool ir_idl_eval(const struct ir_idl_scope *scope, struct ir_idl_expr *expr, int64_t *ret_value);
/* The same without a message when the expression is not constant. */
bool ir_idl_is_constant(const struct ir_idl_scope *scope, struct ir_idl_expr *expr,
                        int64_t *ret_value);
/* Elements of an array with a bound; 0 after a message. */
uint32_t ir_idl_count(struct ir_idl_unit *u, struct ir_idl_type *array);
bool ir_idl_sym_value(struct ir_idl_unit *u, struct ir_idl_sym *sym, int64_t *ret_value);
bool ir_idl_enumerator_value(const struct ir_idl_scope *scope, struct ir_idl_enumerator *e,
                             int64_t *ret_value);

/* types.c: questions about resolved types */
/* Behind all typedef names. Never NULL. */
struct ir_idl_type *ir_idl_strip(struct ir_idl_type *type);
bool ir_idl_is_base(struct ir_idl_type *type, enum ir_idl_base base);
bool ir_idl_is_integral(struct ir_idl_type *type);
/* Where C aligns a base type of @size bytes in a struct. */
static inline uint32_t ir_idl_mem_align(uint32_t size)
{
    return size == 0 ? 1 : size < IR_C_ALIGN_MAX ? size : IR_C_ALIGN_MAX;
}

/* Size and alignment in C (LP64); false for types without one (void, conformant arrays: the
 * fixed part counts). */
bool ir_idl_mem_size(struct ir_idl_unit *u, struct ir_idl_type *type, uint64_t *ret_size,
                     uint32_t *ret_align);
struct ir_idl_attr *ir_idl_attr(const struct ir_idl_attrs *attrs, enum ir_idl_attr_id id);
const char *ir_idl_attr_name(enum ir_idl_attr_id id);
/* The attribute on the field, or on one of the typedefs that its type goes through. */
struct ir_idl_attr *ir_idl_type_attr(struct ir_idl_type *type, enum ir_idl_attr_id id);
struct ir_idl_attr *ir_idl_field_attr(const struct ir_idl_field *field, enum ir_idl_attr_id id);
/* A pointer with [ignore], of which nothing travels. */
bool ir_idl_is_ignored(const struct ir_idl_field *field);
/* A typedef with [context_handle]: C sees struct irpc_context_handle. */
bool ir_idl_is_handle_type(struct ir_idl_type *type);
/* Structural equality, for repeated declarations; @in_c: types that C writes alike are equal. */
bool ir_idl_same_type(const struct ir_idl_type *a, const struct ir_idl_type *b, bool in_c);
/* "unsigned long", "struct X", "pointer to ..." for messages. */
const char *ir_idl_describe(struct ir_idl_unit *u, const struct ir_idl_type *type);

/* names.c: what C calls things; after resolve */
void ir_idl_name(struct ir_idl_unit *u);

/* layout.c */
void ir_idl_layout(struct ir_idl_unit *u);
/* The type with [encode] or [decode] that an interface declares there, or NULL. */
struct ir_idl_sym *ir_idl_pickled(const struct ir_idl_item *item);
/* [encode] or [decode] on an operation or its interface: no stubs. */
bool ir_idl_is_serialized(const struct ir_idl_func *func);
/* Whether stubs and tables are made for it. */
bool ir_idl_is_remote(const struct ir_idl_unit *u, const struct ir_idl_iface *iface);

/* check.c */
void ir_idl_check(struct ir_idl_unit *u);

#define IR_IDL_S(s) (int)(s).n, (s).p /* for "%.*s" */
