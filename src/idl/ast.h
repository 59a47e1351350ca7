/* What the front end knows about a source: files, tokens, types, declarations, interfaces.
 *
 * Made by parse*.c, completed by resolve.c (names, constants), judged by check.c, read by
 * layout.c and emit_*.c. Everything lives in the compilation's pool. Names borrow from the
 * source buffers, which live as long.
 */
#pragma once

#include "idl/mem.h"

struct ir_idl_file;

/* A place in the source: a loaded file and a byte offset. The file is never NULL in a token. */
struct ir_idl_pos {
    const struct ir_idl_file *file;
    uint32_t off;
    uint32_t len; /* of what the caret underlines */
};

/* --- tokens --- */

enum ir_idl_tok_kind {
    IR_IDL_TOK_END,
    IR_IDL_TOK_NAME,
    IR_IDL_TOK_NUMBER,
    IR_IDL_TOK_STRING, /* with its quotes */
    IR_IDL_TOK_CHAR,   /* with its quotes */
    IR_IDL_TOK_PUNCT,
    IR_IDL_TOK_PRAGMA, /* text: the rest of the line after #pragma */
};

/* Punctuators of more than one character: first << 8 | second. */
#define IR_IDL_P2(a, b) (((unsigned)(a) << 8) | (unsigned)(b))

struct ir_idl_tok {
    struct ir_idl_str text;
    struct ir_idl_pos pos;
    uint16_t punct;
    uint8_t kind;
    bool bol;     /* first on its line */
    bool space;   /* white space before it */
    bool wide;    /* L"..." or L'.' */
    bool painted; /* a macro's own name met while it is expanded: never expand again */
};

/* --- expressions --- */

enum ir_idl_op {
    IR_IDL_OP_INT,
    IR_IDL_OP_FLOAT,
    IR_IDL_OP_STRING,
    IR_IDL_OP_NAME,
    IR_IDL_OP_STAR, /* size_is(*): a dialect, the rest of the blob */
    IR_IDL_OP_DEREF,
    IR_IDL_OP_ADDR,
    IR_IDL_OP_NEG,
    IR_IDL_OP_PLUS,
    IR_IDL_OP_NOT,
    IR_IDL_OP_COMPL,
    IR_IDL_OP_MUL,
    IR_IDL_OP_DIV,
    IR_IDL_OP_MOD,
    IR_IDL_OP_ADD,
    IR_IDL_OP_SUB,
    IR_IDL_OP_SHL,
    IR_IDL_OP_SHR,
    IR_IDL_OP_LT,
    IR_IDL_OP_GT,
    IR_IDL_OP_LE,
    IR_IDL_OP_GE,
    IR_IDL_OP_EQ,
    IR_IDL_OP_NE,
    IR_IDL_OP_AND,
    IR_IDL_OP_XOR,
    IR_IDL_OP_OR,
    IR_IDL_OP_LAND,
    IR_IDL_OP_LOR,
    IR_IDL_OP_COND,
    IR_IDL_OP_SIZEOF,
    IR_IDL_OP_CAST,
    IR_IDL_OP_MEMBER, /* a.name and a->name */
    IR_IDL_OP_NONE,   /* an omitted argument: size_is(,n) */
};

struct ir_idl_type;
struct ir_idl_sym;
struct ir_idl_field;

struct ir_idl_expr {
    enum ir_idl_op op;
    struct ir_idl_pos pos;
    struct ir_idl_expr *a, *b, *c;
    int64_t value;              /* INT; also cached by eval */
    bool is_unsigned;           /* INT */
    bool is_big;                /* INT: does not fit 32 bits */
    uint8_t depth;              /* of the tree, bounded by the parser */
    struct ir_idl_str text;     /* NAME, FLOAT, STRING, MEMBER */
    struct ir_idl_type *type;   /* SIZEOF, CAST */
    struct ir_idl_field *field; /* NAME that means a field or a parameter (resolve.c) */
    struct ir_idl_sym *sym;     /* NAME that means a constant (resolve.c) */
};

/* --- attributes --- */

/* X(name, IDL spelling, argument form): forms are described in parse_attr.c. */
/* clang-format off */
#define IR_IDL_ATTRS(X)                                                                            \
    X(IN, "in", NONE)                       X(OUT, "out", NONE)                                    \
    X(RETVAL, "retval", NONE)               X(OPTIONAL, "optional", NONE)                          \
    X(REF, "ref", NONE)                     X(UNIQUE, "unique", NONE)                              \
    X(PTR, "ptr", NONE)                     X(STRING, "string", NONE)                              \
    X(BSTRING, "bstring", NONE)             X(IGNORE, "ignore", NONE)                              \
    X(SIZE_IS, "size_is", LIST)             X(MAX_IS, "max_is", LIST)                              \
    X(MIN_IS, "min_is", LIST)               X(LENGTH_IS, "length_is", LIST)                        \
    X(FIRST_IS, "first_is", LIST)           X(LAST_IS, "last_is", LIST)                            \
    X(BYTE_COUNT, "byte_count", LIST)       X(IID_IS, "iid_is", LIST)                              \
    X(RANGE, "range", LIST)                 X(SWITCH_IS, "switch_is", LIST)                        \
    X(SWITCH_TYPE, "switch_type", TYPE)     X(CASE, "case", LIST)                                  \
    X(DEFAULT, "default", NONE)             X(MS_UNION, "ms_union", NONE)                          \
    X(CONTEXT_HANDLE, "context_handle", NONE) X(HANDLE, "handle", NONE)                            \
    X(STRICT_CONTEXT_HANDLE, "strict_context_handle", NONE)                                        \
    X(TYPE_STRICT_CONTEXT_HANDLE, "type_strict_context_handle", NONE)                              \
    X(CONTEXT_HANDLE_SERIALIZE, "context_handle_serialize", NONE)                                  \
    X(CONTEXT_HANDLE_NOSERIALIZE, "context_handle_noserialize", NONE)                              \
    X(V1_ENUM, "v1_enum", NONE)             X(TRANSMIT_AS, "transmit_as", TYPE)                    \
    X(REPRESENT_AS, "represent_as", TYPE)   X(WIRE_MARSHAL, "wire_marshal", TYPE)                  \
    X(USER_MARSHAL, "user_marshal", TYPE)   X(CALL_AS, "call_as", RAW)                             \
    X(UUID, "uuid", RAW)                    X(VERSION, "version", RAW)                             \
    X(ENDPOINT, "endpoint", LIST)           X(POINTER_DEFAULT, "pointer_default", RAW)             \
    X(ODL, "odl", NONE)                     X(DUAL, "dual", NONE)                                  \
    X(OBJECT, "object", NONE)               X(LOCAL, "local", NONE)                                \
    X(IDEMPOTENT, "idempotent", NONE)       X(MAYBE, "maybe", NONE)                                \
    X(BROADCAST, "broadcast", NONE)         X(MESSAGE, "message", NONE)                            \
    X(CALLBACK, "callback", NONE)           X(ASYNC, "async", NONE)                                \
    X(ENCODE, "encode", NONE)               X(DECODE, "decode", NONE)                              \
    X(COMM_STATUS, "comm_status", NONE)     X(FAULT_STATUS, "fault_status", NONE)                  \
    X(NOTIFY, "notify", NONE)               X(NOTIFY_FLAG, "notify_flag", NONE)                    \
    X(EXPLICIT_HANDLE, "explicit_handle", NONE) X(AUTO_HANDLE, "auto_handle", NONE)                \
    X(IMPLICIT_HANDLE, "implicit_handle", DECL)                                                    \
    X(DISABLE_CONSISTENCY_CHECK, "disable_consistency_check", NONE)                                \
    X(ENABLE_ALLOCATE, "enable_allocate", NONE) X(ALLOCATE, "allocate", SKIP)                      \
    X(PARTIAL_IGNORE, "partial_ignore", NONE) X(FORCE_ALLOCATE, "force_allocate", NONE)            \
    X(CS_CHAR, "cs_char", SKIP)             X(CS_STAG, "cs_stag", NONE)                            \
    X(CS_DRTAG, "cs_drtag", NONE)           X(CS_RTAG, "cs_rtag", NONE)                            \
    X(CS_TAG_RTN, "cs_tag_rtn", SKIP)       X(UNIMPLEMENTED, "unimplemented", NONE)
/* clang-format on */

/* Parsed and without meaning for the wire: COM, ODL and tuning attributes. */
enum ir_idl_attr_id {
#define X(id, name, form) IR_IDL_ATTR_##id,
    IR_IDL_ATTRS(X)
#undef X
    IR_IDL_ATTR_IGNORED,
    IR_IDL_ATTR_UNKNOWN,
};

/*
 * What the type argument means: transmit_as(X) and wire_marshal(X) on a typedef T: X travels, and C
 * sees it. represent_as(X) and user_marshal(X) on T: T travels; X may be FOREIGN.
 * encode, decode on a typedef: it is serialized. handle on a typedef: a generic handle, which
 * travels as data, too. callback: the server calls the client; no stubs.
 */
struct ir_idl_attr {
    enum ir_idl_attr_id id;
    struct ir_idl_pos pos;
    struct ir_idl_vec exprs;  /* LIST; an omitted argument has op NONE; ENDPOINT: strings */
    struct ir_idl_type *type; /* TYPE, DECL */
    struct ir_idl_str text;   /* RAW; DECL: the name */
};

struct ir_idl_attrs {
    struct ir_idl_vec v; /* struct ir_idl_attr */
};

/* --- types --- */

enum ir_idl_kind {
    IR_IDL_BASE,
    IR_IDL_NAMED, /* a typedef's name; sym after resolve */
    IR_IDL_ENUM,
    IR_IDL_STRUCT,
    IR_IDL_UNION,
    IR_IDL_POINTER,
    IR_IDL_ARRAY,
    IR_IDL_FUNC,
    IR_IDL_PIPE,
    IR_IDL_INTERFACE, /* an interface's name used as a type; only behind a pointer */
    IR_IDL_SAFEARRAY,
    IR_IDL_FOREIGN, /* a C type that only headers know; in represent_as and user_marshal */
};

enum ir_idl_base {
    IR_IDL_VOID,
    IR_IDL_BOOLEAN,
    IR_IDL_BYTE,
    IR_IDL_CHAR,
    IR_IDL_UCHAR,
    IR_IDL_WCHAR,
    IR_IDL_I8,
    IR_IDL_U8,
    IR_IDL_I16,
    IR_IDL_U16,
    IR_IDL_I32,
    IR_IDL_U32,
    IR_IDL_I64,
    IR_IDL_U64,
    IR_IDL_I3264,
    IR_IDL_U3264,
    IR_IDL_FLOAT,
    IR_IDL_DOUBLE,
    IR_IDL_ERROR_STATUS,
    IR_IDL_HANDLE_T,
    IR_IDL_BASE__COUNT,
};

struct ir_idl_agg;
struct ir_idl_scope;

struct ir_idl_type {
    enum ir_idl_kind kind;
    enum ir_idl_base base; /* BASE */
    bool is_const;
    bool pipe_checked;
    struct ir_idl_pos pos;
    struct ir_idl_str name;    /* NAMED; the tag of ENUM, STRUCT, UNION; INTERFACE */
    struct ir_idl_sym *sym;    /* NAMED: a typedef; INTERFACE */
    struct ir_idl_agg *agg;    /* ENUM, STRUCT, UNION: the body; NULL until resolved */
    struct ir_idl_type *of;    /* POINTER, ARRAY, PIPE, SAFEARRAY: element; FUNC: result */
    struct ir_idl_expr *bound; /* ARRAY: NULL for [] and [*] */
    struct ir_idl_expr *lower; /* ARRAY: [lower..bound] */
    struct ir_idl_vec params;  /* FUNC: struct ir_idl_field */
    uint32_t count;            /* ARRAY with a bound: elements (ir_idl_count) */
    uint8_t count_state;
    const struct ir_idl_scope *scope; /* ARRAY: where names of the bound are looked up */
    bool conformant;                  /* ARRAY without a bound */
};

/* A field of a struct, an arm of a union, or a parameter. */
struct ir_idl_field {
    struct ir_idl_str name; /* empty for an anonymous member and for an empty arm */
    struct ir_idl_pos pos;
    struct ir_idl_attrs attrs;
    struct ir_idl_type *type; /* NULL: an empty arm */
    struct ir_idl_expr *bits; /* a bit field's width; such a body can be declared, not sent */
    struct ir_idl_pos bits_pos;
    const char *c_name; /* what C calls it (emit) */
    uint32_t index;
    uint32_t mem_off; /* offset in the struct, or in the struct of arguments */
    bool is_in, is_out;
    bool is_retval; /* the pseudo parameter of a function's result */
};

struct ir_idl_enumerator {
    struct ir_idl_str name;
    struct ir_idl_pos pos;
    struct ir_idl_expr *expr; /* NULL: one more than the one before */
    struct ir_idl_enumerator *before;
    int64_t value;
    const char *c_name; /* names.c */
    uint8_t state;      /* resolve.c */
};

enum ir_idl_state {
    IR_IDL_NEW,
    IR_IDL_BUSY,
    IR_IDL_DONE
};

struct ir_idl_iface;

/* The body of an enum, a struct or a union. */
struct ir_idl_agg {
    enum ir_idl_kind kind;
    struct ir_idl_str tag; /* may be empty */
    const char *c_tag;     /* always there after resolve */
    struct ir_idl_pos pos;
    struct ir_idl_attrs attrs; /* those before the keyword: v1_enum, switch_type, ms_union ... */
    const struct ir_idl_file *file;
    struct ir_idl_iface *iface; /* NULL at file level */
    struct ir_idl_vec fields;   /* struct ir_idl_field, or ir_idl_enumerator */
    uint32_t pack;              /* 1..16; 0: natural */
    /* unions */
    bool encapsulated;
    struct ir_idl_field *disc; /* of an encapsulated union */
    struct ir_idl_str arms;    /* name of the union member of an encapsulated union */
    struct ir_idl_type *switch_type;
    /* layout */
    uint8_t resolve_state;
    uint8_t check_state;
    uint8_t size_state;
    uint8_t emit_state;
    bool is_typedef; /* the tag was made from a typedef's name */
    bool imported;   /* names.c: an imported file's header has the same body */
    bool pipe_seen;  /* check.c: looked into for what a pipe cannot carry */
    uint64_t size;
    uint32_t align;
    const void *wire_owner; /* layout.c: the tables that `wire` belongs to */
    uint32_t wire;          /* layout.c: index of the struct's type, or of the first arm */
    uint32_t default_wire;  /* type of a union's default arm */
    uint8_t disc_kind;      /* of a union's discriminant where it is first used */
    bool forwarded;         /* emit_header.c: announced by "struct x;" */
    struct ir_idl_pos end_pos;
};

/* --- declarations --- */

enum ir_idl_sym_kind {
    IR_IDL_SYM_TYPEDEF,
    IR_IDL_SYM_CONST,
    IR_IDL_SYM_ENUMERATOR,
    IR_IDL_SYM_TAG,
    IR_IDL_SYM_INTERFACE,
};

struct ir_idl_sym {
    enum ir_idl_sym_kind kind;
    struct ir_idl_str name;
    struct ir_idl_pos pos;
    const struct ir_idl_file *file;
    struct ir_idl_iface *iface; /* NULL at file level */
    struct ir_idl_attrs attrs;  /* TYPEDEF */
    struct ir_idl_type *type;   /* TYPEDEF, CONST; with transmit_as or wire_marshal what travels */
    struct ir_idl_expr *expr;   /* CONST */
    struct ir_idl_enumerator *enumerator;
    struct ir_idl_agg *agg; /* TAG, ENUMERATOR */
    struct ir_idl_iface *as_iface;
    const char *c_name; /* TYPEDEF: names.c */
    int64_t value;
    bool value_unsigned;
    uint8_t state; /* of the constant's evaluation, of the typedef's resolution */
    uint8_t emit_state;
    uint8_t check_state;
    uint8_t size_state;
    bool shadowed;          /* a later declaration of the same name in the same file wins */
    bool imported;          /* names.c: an imported file's header declares the same typedef */
    const void *wire_owner; /* layout.c */
    uint32_t wire;          /* layout.c: number of the context handle type */
};

struct ir_idl_func {
    struct ir_idl_str name;
    struct ir_idl_pos pos;
    struct ir_idl_attrs attrs;
    struct ir_idl_vec params;    /* struct ir_idl_field; the result is not among them */
    struct ir_idl_field *result; /* type BASE VOID when there is none */
    struct ir_idl_iface *iface;
    uint32_t opnum;              /* UINT32_MAX: none (callback) */
    struct ir_idl_func *sent_as; /* local: the operation with [call_as] that has its place */
    bool is_call_as;
    bool has_handle; /* the first parameter is a binding handle that never travels */
};

/* Things that the header repeats in the order of the source. */
enum ir_idl_item_kind {
    IR_IDL_ITEM_IMPORT,
    IR_IDL_ITEM_CPP_QUOTE,
    IR_IDL_ITEM_CONST,
    IR_IDL_ITEM_TYPEDEF,
    IR_IDL_ITEM_AGG,
    IR_IDL_ITEM_FUNC,
    IR_IDL_ITEM_IFACE,
};

struct ir_idl_item {
    enum ir_idl_item_kind kind;
    struct ir_idl_pos pos;
    bool dropped; /* CPP_QUOTE: check_quotes.c */
    union {
        struct ir_idl_file *file; /* IMPORT; NULL: it could not be read */
        const char *text;         /* CPP_QUOTE: unescaped */
        struct ir_idl_sym *sym;
        struct ir_idl_agg *agg;
        struct ir_idl_func *func;
        struct ir_idl_iface *iface;
    } u;
};

struct ir_idl_iface {
    struct ir_idl_str name;
    struct ir_idl_pos pos;
    struct ir_idl_attrs attrs;
    const struct ir_idl_file *file;
    struct ir_idl_vec items; /* struct ir_idl_item */
    struct ir_idl_vec funcs; /* struct ir_idl_func, in opnum order */
    struct ir_idl_str base;  /* : IUnknown */
    uint8_t uuid[16];        /* the 16 bytes in the order of the text */
    bool has_uuid;
    bool forward; /* only announced */
    bool is_object, is_local;
    struct ir_idl_str implicit; /* name of the implicit handle; empty: none */
    const char *c_implicit;     /* what C calls it, or NULL */
    bool skipped;               /* coclass, dispinterface, ...: nothing is made of it */
    uint16_t major, minor;
    enum ir_idl_attr_id pointer_default; /* REF, UNIQUE, PTR; UNIQUE when not given */
    bool has_pointer_default;
};
