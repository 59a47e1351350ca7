/* State and helpers shared by parse*.c. */
#pragma once

#include "idl/compile.h"

#define IR_IDL_MAX_PACK 16u

struct ir_idl_parser {
    struct ir_idl_unit *u;
    struct ir_idl_file *file;   /* the translation file */
    struct ir_idl_iface *iface; /* where we are, or NULL */
    struct ir_idl_toks toks;
    uint32_t at;
    uint32_t depth;
    uint32_t pack;
    uint32_t packs[IR_IDL_MAX_PACK];
    uint32_t n_packs;
};

/* parse.c */
const struct ir_idl_tok *ir_idl_cur(const struct ir_idl_parser *p);
const struct ir_idl_tok *ir_idl_ahead(const struct ir_idl_parser *p, uint32_t n);
void ir_idl_next(struct ir_idl_parser *p);
bool ir_idl_at(const struct ir_idl_parser *p, unsigned punct);
bool ir_idl_at_word(const struct ir_idl_parser *p, const char *word);
/* Consumes and tells whether it was there. */
bool ir_idl_accept(struct ir_idl_parser *p, unsigned punct);
bool ir_idl_accept_word(struct ir_idl_parser *p, const char *word);
/* Consumes, or says what was expected: false. */
bool ir_idl_expect(struct ir_idl_parser *p, unsigned punct, const char *what);
bool ir_idl_expected(struct ir_idl_parser *p, const char *what);
bool ir_idl_expect_name(struct ir_idl_parser *p, const char *what, struct ir_idl_str *ret_name,
                        struct ir_idl_pos *ret_pos);
/* Skips a balanced (...) [...] or {...} that starts here. */
void ir_idl_skip_balanced(struct ir_idl_parser *p);
/* Skips to behind the next ';' of this level, or to the '}' that ends it. */
void ir_idl_recover(struct ir_idl_parser *p);
/* Guards recursion: false with a message when nested too deeply; pair with leave. */
bool ir_idl_enter(struct ir_idl_parser *p);
void ir_idl_leave(struct ir_idl_parser *p);

/* parse_expr.c: NULL after a message */
struct ir_idl_expr *ir_idl_parse_expr(struct ir_idl_parser *p);

/* parse_attr.c: zero or more [..] lists, appended; false after a message */
bool ir_idl_parse_attrs(struct ir_idl_parser *p, struct ir_idl_attrs *attrs);
/* Puts ids that describe a body (v1_enum, switch_type, ms_union) from a declaration onto it. */
void ir_idl_share_attrs(struct ir_idl_parser *p, const struct ir_idl_attrs *attrs,
                        struct ir_idl_type *type);

/* parse_type.c: NULL after a message */
struct ir_idl_type *ir_idl_parse_spec(struct ir_idl_parser *p);
struct ir_idl_type *ir_idl_new_type(struct ir_idl_parser *p, enum ir_idl_kind kind,
                                    struct ir_idl_pos pos);
/* A declarator around `base`; the name may be empty when `anonymous` allows it. */
struct ir_idl_type *ir_idl_parse_declarator(struct ir_idl_parser *p, struct ir_idl_type *base,
                                            bool anonymous, struct ir_idl_str *ret_name,
                                            struct ir_idl_pos *ret_pos);
/* A type without a name, as in sizeof and switch_type. */
struct ir_idl_type *ir_idl_parse_type_name(struct ir_idl_parser *p);
bool ir_idl_at_type(const struct ir_idl_parser *p);

/* parse_body.c: the body behind struct, union or enum; the current token is the keyword */
struct ir_idl_type *ir_idl_parse_agg(struct ir_idl_parser *p);
