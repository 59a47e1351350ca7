/* What the tests of ndr share: tables from IDL text, decoding and encoding by operation. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include <ironrpc/stub.h>

#include "base/alloc.h"
#include "idl/idl.h"
#include "ir_test.h"
#include "ndr/ndr.h"

struct ndr_case {
    struct ir_idl_unit *idl;
    const struct irpc_ndr_unit *unit;
    struct ir_arena arena;
    struct ir_arena keep; /* structs of arguments */
    struct ir_ndr_limits limits;
    struct ir_ndr_error error;
    bool big_endian;
    int syntax;
};

static inline bool ndr_read_text(void *ctx, const char *path, char **ret, size_t *ret_len)
{
    if (strstr(path, ".acf") != NULL) {
        return false; /* there is none beside it */
    }
    *ret_len = strlen(ctx);
    *ret = ir_strndup(ctx, *ret_len);
    return *ret != NULL;
}

static inline void ndr_note(void *ctx, const char *text)
{
    (void)ctx;
    ir_test_note("%s", text);
}

/* Tables of the interface in IDL text @text. */
static inline struct ndr_case ndr_open(const char *text)
{
    struct ndr_case c = {.limits = ir_ndr_default_limits};
    char *copy = strdup(text);
    struct ir_idl_io io = {ndr_read_text, copy};
    struct ir_idl_options options = {.io = &io, .on_message = ndr_note};
    const char *why = "";

    IR_ASSERT_EQ(ir_idl_compile("test.idl", &options, &c.idl), IRPC_OK);
    free(copy);
    IR_ASSERT_EQ(ir_idl_unit_n_interfaces(c.idl), 1);
    c.unit = ir_idl_unit_interface(c.idl, 0)->unit;
    if (ir_ndr_unit_check(c.unit, &why) != IRPC_OK) {
        IR_FAIL("ir_ndr_unit_check: %s", why);
    }
    ir_arena_init(&c.arena, (size_t)64 * 1024 * 1024);
    ir_arena_init(&c.keep, (size_t)64 * 1024 * 1024);
    return c;
}

/* The same with a body in an interface. */
static inline struct ndr_case ndr_open_body(const char *body)
{
    static const char head[] = "[uuid(225b9fcb-eb3d-497b-8b0b-591f049a2507), version(1.0), "
                               "pointer_default(unique)] interface t {\n";
    char *text = malloc(strlen(body) + sizeof(head) + 4);

    strcpy(text, head);
    strcat(text, body);
    strcat(text, "\n}\n");
    struct ndr_case c = ndr_open(text);
    free(text);
    return c;
}

static inline void ndr_close(struct ndr_case *c)
{
    ir_arena_deinit(&c->arena);
    ir_arena_deinit(&c->keep);
    ir_idl_unit_free(c->idl);
}

/* Zeroed arguments of operation @op; they live as long as the case. */
static inline void *ndr_args(struct ndr_case *c, uint32_t op)
{
    return ir_arena_zalloc(&c->keep, c->unit->ops[op].args_size);
}

/* Parameter @i of operation @op in its struct of arguments. */
static inline void *ndr_arg(struct ndr_case *c, uint32_t op, uint32_t i, void *args)
{
    return (uint8_t *)args + c->unit->params[c->unit->ops[op].first_param + i].moff;
}

/* Decode @in as the server does, or as a client with @args. */
static inline enum irpc_status ndr_decode(struct ndr_case *c, uint32_t op, enum ir_ndr_dir dir,
                                          struct ir_bytes in, void *args)
{
    struct ir_cur cur = ir_cur_init(in.p, in.n, c->big_endian);

    c->error = (struct ir_ndr_error){"", "", 0, 0};
    return ir_ndr_decode(c->unit, op, dir, c->syntax, &cur, &c->arena, args, &c->limits, &c->error);
}

/* Encode; the bytes are in the case's memory. */
static inline enum irpc_status ndr_encode(struct ndr_case *c, uint32_t op, enum ir_ndr_dir dir,
                                          const void *args, struct ir_bytes *ret)
{
    struct ir_out out;

    ir_out_init(&out, (size_t)64 * 1024 * 1024, c->big_endian);
    c->error = (struct ir_ndr_error){"", "", 0, 0};
    enum irpc_status st = ir_ndr_encode(c->unit, op, dir, c->syntax, args, &out, &c->error);
    if (st == IRPC_OK) {
        uint8_t *copy = ir_arena_alloc(&c->keep, out.len);
        if (out.len > 0) {
            memcpy(copy, out.base, out.len);
        }
        *ret = (struct ir_bytes){copy, out.len};
    }
    ir_out_deinit(&out);
    return st;
}

/*
 * Memory of [out] top-level [ref] pointees for a client-side decoding: what the server would
 * prepare, and for [in, out] ones nothing (they must be there).
 */
static inline void ndr_client_memory(struct ndr_case *c, uint32_t op, void *args)
{
    IR_ASSERT_EQ(ir_ndr_prepare_out(c->unit, op, &c->arena, args), IRPC_OK);
}

/* @in decodes, and encodes to the same bytes. Returns the arguments. */
static inline void *ndr_same(struct ndr_case *c, uint32_t op, struct ir_bytes in)
{
    void *args = ndr_args(c, op);
    struct ir_bytes out = {NULL, 0};
    enum irpc_status st = ndr_decode(c, op, IR_NDR_IN, in, args);

    if (st != IRPC_OK) {
        IR_FAIL("decoding: %s, %s %s at %u", irpc_status_name(st), c->error.check, c->error.reason,
                c->error.offset);
    }
    st = ndr_encode(c, op, IR_NDR_IN, args, &out);
    if (st != IRPC_OK) {
        IR_FAIL("encoding: %s, %s %s at %u", irpc_status_name(st), c->error.check, c->error.reason,
                c->error.offset);
    }
    IR_ASSERT_MEM(out.p, out.n, in.p, in.n);
    return args;
}

/* @in is refused with @st by check @check, and so is every truncation of good data elsewhere. */
static inline void ndr_refused(struct ndr_case *c, uint32_t op, struct ir_bytes in,
                               enum irpc_status st, const char *check)
{
    void *args = ndr_args(c, op);
    enum irpc_status got = ndr_decode(c, op, IR_NDR_IN, in, args);

    IR_ASSERT_STR(irpc_status_name(got), irpc_status_name(st));
    IR_ASSERT_STR(c->error.check, check);
}

/* Every prefix of @in that is shorter is refused; nothing is read behind it (the sanitizer sees).
 */
static inline void ndr_truncated(struct ndr_case *c, uint32_t op, struct ir_bytes in)
{
    for (size_t n = 0; n < in.n; n++) {
        uint8_t *exact = malloc(n + (n == 0));
        memcpy(exact, in.p, n);
        void *args = ndr_args(c, op);
        enum irpc_status st = ndr_decode(c, op, IR_NDR_IN, (struct ir_bytes){exact, n}, args);
        free(exact);
        if (st == IRPC_OK) {
            IR_FAIL("accepted the first %zu of %zu bytes", n, in.n);
        }
    }
}
