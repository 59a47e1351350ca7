/*
 * The engine's side of the differential tests: compiles an IDL file, then answers lines on standard
 * input. A line is
 *
 *     OPNUM in|out|client  20|64  little|big  REQUEST [RESPONSE]
 *
 * with stub data in hexadecimal, "-" for none. The last one is decoded (a response as `ironrpc`
 * does, or, for "client", as a generated client stub does, into memory that was there before) and
 * encoded again; the answer is "ok HEX", or "no STATUS CHECK REASON". Or the line is
 *
 *     NUMBER pickle  20|64  1|2  HEX
 *
 * for a serialized series of values of a type, which are serialized again, little-endian.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/pickle.h>

#include "base/alloc.h"
#include "idl/idl.h"
#include "ndr/ndr.h"

#define MEMORY ((size_t)64 << 20)
#define DIRT 16384u

struct question {
    const struct irpc_ndr_unit *unit;
    uint32_t opnum;
    int syntax;
    bool big_endian;
    bool is_client;
    struct ir_arena arena;
    struct ir_ndr_error error;
};

static void print_message(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "%s\n", text);
}

/* Hexadecimal text as bytes in a block of exactly their size, so that a sanitizer sees its end. */
static uint8_t *parse_hex(const char *text, uint32_t *ret_n)
{
    uint32_t n = text[0] == '-' ? 0 : (uint32_t)(strlen(text) / 2);
    uint8_t *bytes = malloc(n == 0 ? 1 : n);

    for (uint32_t i = 0; i < n && bytes != NULL; i++) {
        char digits[3] = {text[2 * (size_t)i], text[2 * (size_t)i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    *ret_n = n;
    return bytes;
}

static enum irpc_status decode(struct question *q, enum ir_ndr_dir dir, const char *hex,
                               uint8_t *args)
{
    uint32_t n = 0;
    uint8_t *bytes = parse_hex(hex, &n);

    if (bytes == NULL) {
        return IRPC_NO_MEMORY;
    }
    struct ir_cur in = ir_cur_init(bytes, n, q->big_endian);
    enum irpc_status st = ir_ndr_decode(q->unit, q->opnum, dir, q->syntax, &in, &q->arena, args,
                                        &ir_ndr_default_limits, &q->error);
    free(bytes);
    return st;
}

/* All of a response is allocated. */
static enum irpc_status decode_response(struct question *q, const char *hex, uint8_t *args)
{
    const struct irpc_ndr_op *op = &q->unit->ops[q->opnum];

    for (uint32_t i = 0; i < op->n_params; i++) {
        const struct irpc_ndr_param *p = &q->unit->params[op->first_param + i];
        if ((p->flags & IRPC_NDR_P_OUT) != 0) {
            memset(args + p->moff, 0, q->unit->types[p->type].msize);
        }
    }
    return decode(q, IR_NDR_OUT_NEW, hex, args);
}

/* ir_ndr_validate() comes to the verdict of decoding. */
static enum irpc_status validate(struct question *q, const char *hex, enum irpc_status decoded)
{
    uint32_t n = 0;
    uint8_t *bytes = parse_hex(hex, &n);

    if (bytes == NULL) {
        return IRPC_NO_MEMORY;
    }
    struct ir_cur in = ir_cur_init(bytes, n, q->big_endian);
    enum irpc_status st =
        ir_ndr_validate(q->unit, q->opnum, q->syntax, &in, &ir_ndr_default_limits, NULL);
    free(bytes);
    if ((st == IRPC_OK) != (decoded == IRPC_OK)) {
        q->error = (struct ir_ndr_error){"VALIDATION", "differs from decoding", 0, 0};
        return st == IRPC_OK ? IRPC_INVALID_ARG : IRPC_PROTO_ERROR;
    }
    return decoded;
}

static void print_answer(struct question *q, enum irpc_status st, const struct ir_out *out)
{
    if (st != IRPC_OK) {
        printf("no %s %s %s at %u\n", irpc_status_name(st),
               q->error.check != NULL ? q->error.check : "-",
               q->error.reason != NULL ? q->error.reason : "-", q->error.offset);
    } else {
        printf("ok ");
        for (size_t i = 0; i < out->len; i++) {
            printf("%02x", out->base[i]);
        }
        printf("\n");
    }
    fflush(stdout);
}

static void answer(struct question *q, const char *dir, const char *request, const char *response)
{
    bool is_request = strcmp(dir, "in") == 0;
    uint8_t *args = ir_arena_zalloc(&q->arena, q->unit->ops[q->opnum].args_size);
    enum irpc_status st = args == NULL ? IRPC_NO_MEMORY : IRPC_OK;
    struct ir_out out;

    ir_out_init(&out, MEMORY, q->big_endian);
    for (size_t i = 0; i < DIRT; i++) { /* so that what is not written shows */
        ir_out_u8(&out, 0xa5);
    }
    ir_out_reset(&out);
    if (st == IRPC_OK) {
        st = decode(q, IR_NDR_IN, request, args);
        st = validate(q, request, st);
    }
    if (st == IRPC_OK && q->is_client) {
        st = ir_ndr_prepare_out(q->unit, q->opnum, &q->arena, args);
    }
    if (st == IRPC_OK && !is_request) {
        st = q->is_client ? decode(q, IR_NDR_OUT, response, args)
                          : decode_response(q, response, args);
    }
    if (st == IRPC_OK) {
        st = ir_ndr_encode(q->unit, q->opnum, is_request ? IR_NDR_IN : IR_NDR_OUT, q->syntax, args,
                           &out, &q->error);
        if (st != IRPC_OK) {
            q->error.check = "ENCODING";
        }
    }
    print_answer(q, st, &out);
    ir_out_deinit(&out);
}

/* Every value of type @number in a pickle, put into another one. */
static enum irpc_status copy_pickle(const struct irpc_interface *interface, uint32_t number,
                                    struct irpc_pickle *from, struct irpc_pickle *to)
{
    for (;;) {
        void *value = NULL;
        enum irpc_status st = irpc_pickle_get(from, interface, number, &value);
        if (st == IRPC_OK) {
            st = irpc_pickle_put(to, interface, number, value);
        }
        if (st != IRPC_OK) {
            return st == IRPC_NOT_FOUND ? IRPC_OK : st;
        }
    }
}

static void answer_pickle(const struct irpc_interface *interface, uint32_t number,
                          enum irpc_pickle_form form, const char *hex)
{
    struct question q = {.error = {NULL, NULL, 0, 0}};
    struct irpc_pickle *from = NULL, *to = NULL;
    struct ir_out none = {.base = NULL};
    uint32_t n = 0;
    uint8_t *bytes = parse_hex(hex, &n);
    enum irpc_status st = irpc_pickle_open((struct irpc_span){bytes, n}, &from);

    if (st == IRPC_OK) {
        st = irpc_pickle_new(form, &to);
    }
    if (st == IRPC_OK) {
        st = copy_pickle(interface, number, from, to);
    }
    if (st == IRPC_OK) {
        struct irpc_span span = irpc_pickle_bytes(to);
        none.base = (uint8_t *)(uintptr_t)span.p;
        none.len = span.len;
    }
    print_answer(&q, st, &none);
    irpc_pickle_free(to);
    irpc_pickle_free(from);
    free(bytes);
}

static bool serve_line(const struct irpc_interface *interface, char *line)
{
    const struct irpc_ndr_unit *unit = interface->unit;
    const char *field[6] = {NULL};
    size_t n = 0;

    for (char *p = strtok(line, " \n"); p != NULL && n < 6; p = strtok(NULL, " \n")) {
        field[n++] = p;
    }
    if (n < 5) {
        return false;
    }
    if (strcmp(field[1], "pickle") == 0) {
        bool v1 = strcmp(field[3], "1") == 0, ndr64 = strcmp(field[2], "64") == 0;
        answer_pickle(interface, (uint32_t)strtoul(field[0], NULL, 10),
                      v1      ? IRPC_PICKLE_V1
                      : ndr64 ? IRPC_PICKLE_V2_NDR64
                              : IRPC_PICKLE_V2,
                      field[4]);
        return true;
    }
    struct question q = {.unit = unit,
                         .opnum = (uint32_t)strtoul(field[0], NULL, 10),
                         .syntax = strcmp(field[2], "64") == 0 ? IRPC_NDR64 : IRPC_NDR20,
                         .big_endian = strcmp(field[3], "big") == 0,
                         .is_client = strcmp(field[1], "client") == 0};
    if (q.opnum >= unit->n_ops) {
        return false;
    }
    ir_arena_init(&q.arena, MEMORY);
    answer(&q, field[1], field[4], n > 5 ? field[5] : "-");
    ir_arena_deinit(&q.arena);
    return true;
}

int main(int argc, char **argv)
{
    const char *include = argc > 2 ? argv[2] : ".";
    struct ir_idl_options options = {.on_message = print_message,
                                     .dialect = argc > 2 ? IR_IDL_DIALECT_GO : IR_IDL_DIALECT_MS,
                                     .include_dirs = &include,
                                     .n_include_dirs = argc > 2};
    struct ir_idl_unit *unit = NULL;
    const char *why = "";
    char *line = NULL;
    size_t cap = 0;

    if ((argc != 2 && argc != 4) || ir_idl_compile(argv[1], &options, &unit) != IRPC_OK ||
        ir_idl_unit_n_interfaces(unit) == 0) {
        fprintf(stderr, "usage: ndr_peer FILE.idl [INCLUDE-FOLDER INTERFACE-NUMBER], with an "
                        "interface; the last one if no number is given\n");
        return 2;
    }
    size_t last = ir_idl_unit_n_interfaces(unit) - 1;
    size_t number = argc > 3 ? strtoul(argv[3], NULL, 10) : last;
    const struct irpc_interface *interface =
        ir_idl_unit_interface(unit, number < last ? number : last);
    int result = ir_ndr_unit_check(interface->unit, &why) == IRPC_OK ? 0 : 1;
    if (result != 0) {
        fprintf(stderr, "the tables are wrong: %s\n", why);
    }
    while (result == 0 && getline(&line, &cap, stdin) > 0) {
        result = serve_line(interface, line) ? 0 : 2;
    }
    free(line);
    ir_idl_unit_free(unit);
    return result;
}
