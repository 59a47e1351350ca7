/*
 * ironrpc decode: stub data that somebody recorded, or serialized values, read by the type tables
 * of an IDL file and written as JSON. Nothing is sent. The data are as hostile as a peer's: the
 * interpreter checks them as a server (a request) or a client (a response) would.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/pickle.h>

#include "base/alloc.h"
#include "decode_pdu.h"
#include "exchange.h"
#include "operation.h"
#include "value.h"

#define MAX_TEXT (64u << 20) /* characters of hexadecimal text */

struct job {
    const struct ir_cli_verb *verb;
    struct ir_cli_operation operation;
    const char *data;
    const char *request; /* of a response, or NULL */
    bool is_response;
    bool big_endian;
    bool pdu; /* data and request are whole PDUs */
    bool json;
    bool compact;
    int syntax;
};

/* Stub data; `bytes` is owned. */
struct stub {
    uint8_t *bytes;
    uint32_t n;
    bool is_response;
    bool big_endian;
};

/* --- stub data --- */

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits in pairs; blanks, colons and line ends may stand between the pairs. */
static int parse(const struct job *job, const char *text, size_t len, const char *place,
                 struct stub *stub)
{
    stub->bytes = ir_alloc(len / 2 + 1);
    stub->n = 0;
    if (stub->bytes == NULL) {
        return ir_cli_fail(job->verb, "out of memory");
    }
    for (size_t i = len >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x' ? 2 : 0; i < len;) {
        if (strchr(" \t\r\n:", text[i]) != NULL && text[i] != '\0') {
            i++;
            continue;
        }
        if (digit(text[i]) < 0) {
            return ir_cli_bad_input(job->verb,
                                    "%s: character %zu is not a hexadecimal digit; write two for "
                                    "each byte of the stub data, or of PDUs with --pdu",
                                    place, i + 1);
        }
        if (i + 1 == len || digit(text[i + 1]) < 0) {
            return ir_cli_bad_input(job->verb, "%s: character %zu is half of a byte", place, i + 1);
        }
        stub->bytes[stub->n++] = (uint8_t)(digit(text[i]) << 4 | digit(text[i + 1]));
        i += 2;
    }
    return IR_CLI_OK;
}

static int parse_stream(const struct job *job, FILE *file, const char *place, struct stub *stub)
{
    char *text = ir_alloc(MAX_TEXT);
    size_t len = text == NULL ? 0 : fread(text, 1, MAX_TEXT, file);
    int result;

    if (text == NULL) {
        result = ir_cli_fail(job->verb, "out of memory");
    } else if (ferror(file)) {
        result = ir_cli_bad_input(job->verb, "cannot read %s: %s", place, strerror(errno));
    } else if (len == MAX_TEXT) {
        result = ir_cli_bad_input(job->verb, "%s: more than 64 MiB", place);
    } else {
        result = parse(job, text, len, place, stub);
    }
    ir_free(text);
    return result;
}

/* HEX, @FILE, or - for stdin. */
static int read_bytes(const struct job *job, const char *text, const char *what, struct stub *stub)
{
    if (strcmp(text, "-") == 0) {
        return parse_stream(job, stdin, "standard input", stub);
    }
    if (text[0] != '@') {
        return parse(job, text, strlen(text), what, stub);
    }
    FILE *file = fopen(text + 1, "re");
    if (file == NULL) {
        return ir_cli_bad_input(job->verb, "cannot read %s: %s", text + 1, strerror(errno));
    }
    int result = parse_stream(job, file, text + 1, stub);
    fclose(file);
    return result;
}

/* Whole PDUs to what they carry. */
static int unwrap(const struct job *job, const char *what, struct stub *stub)
{
    const struct ir_cli_operation *operation = &job->operation;
    struct ir_cli_stub in = {0};
    const char *why = ir_cli_take_stub(stub->bytes, stub->n, &in);

    if (why != NULL) {
        return ir_cli_fail(job->verb, "%s: a PDU: %s", what, why);
    }
    if (!in.is_response && in.opnum != operation->opnum) {
        return ir_cli_fail(job->verb, "%s: the request is of operation %u, and %s is %u", what,
                           in.opnum, ir_cli_operation_text(operation), operation->opnum);
    }
    stub->n = in.n;
    stub->is_response = in.is_response;
    stub->big_endian = in.big_endian;
    return IR_CLI_OK;
}

static int load(const struct job *job, const char *text, const char *what, struct stub *stub)
{
    int result = read_bytes(job, text, what, stub);

    stub->is_response = job->is_response;
    stub->big_endian = job->big_endian;
    return result == IR_CLI_OK && job->pdu ? unwrap(job, what, stub) : result;
}

/* --- decoding --- */

static int print(const struct job *job, json_t *json)
{
    size_t flags = JSON_PRESERVE_ORDER | (job->compact ? JSON_COMPACT : JSON_INDENT(2));
    int written = json_dumpf(json, stdout, ir_cli_json_flags(flags));

    json_decref(json);
    if (written != 0) {
        return ir_cli_fail(job->verb, "cannot write the output: %s", strerror(errno));
    }
    printf("\n");
    return ir_cli_finish(job->verb);
}

static int print_parameters(const struct job *job, struct ir_value_call *call,
                            const struct stub *stub)
{
    json_t *json = ir_value_parameters(call, job->is_response ? IRPC_NDR_P_OUT : IRPC_NDR_P_IN);

    if (json == NULL) {
        return ir_cli_fail(job->verb, "%s", call->error);
    }
    if (!job->json) {
        printf("%s.%s, opnum %u, %s, %u bytes of %s, %s-endian\n", job->operation.interface->name,
               ir_cli_operation_text(&job->operation), job->operation.opnum,
               job->is_response ? "response" : "request", stub->n,
               job->syntax == IRPC_NDR64 ? "NDR64" : "NDR 2.0",
               stub->big_endian ? "big" : "little");
    }
    return print(job, json);
}

/* Most often it is the options that are wrong, not the data. */
static int does_not_fit(const struct job *job, const struct ir_value_call *call)
{
    bool alone = job->is_response && job->request == NULL;

    return ir_cli_fail(job->verb, "%s: %s\n%s", ir_cli_operation_text(&job->operation), call->error,
                       alone ? "Arrays may depend on what was sent: give the request's stub data "
                               "with --request. Or is it a request, or NDR64 (--ndr64)?"
                       : job->pdu ? "Is it NDR64 (--ndr64)? The bind before it says so."
                                  : "Is it a response (--response), NDR64 (--ndr64), big-endian "
                                    "(--big-endian), or a PDU with its header (--pdu)?");
}

/* The [in] parameters that a response may depend on: from the request, or all zero. */
static int set_arguments(const struct job *job, struct ir_value_call *call)
{
    struct stub stub = {0};
    int result = IR_CLI_OK;

    if (job->request == NULL) {
        call->args = ir_arena_zalloc(&call->arena, call->op->args_size);
        return call->args != NULL ? IR_CLI_OK : ir_cli_fail(job->verb, "out of memory");
    }
    result = load(job, job->request, "--request", &stub);
    if (result == IR_CLI_OK) {
        struct ir_cur in = ir_cur_init(stub.bytes, stub.n, stub.big_endian);
        if (ir_cli_decode_request(call, job->operation.opnum, job->syntax, &in) != IRPC_OK) {
            result = ir_cli_fail(job->verb, "--request: %s", call->error);
        }
    }
    ir_free(stub.bytes);
    return result;
}

static int decode(const struct job *job, struct ir_value_call *call, const struct stub *stub)
{
    struct ir_cur in = ir_cur_init(stub->bytes, stub->n, stub->big_endian);
    enum irpc_status status;

    if (job->is_response) {
        int result = set_arguments(job, call);
        if (result != IR_CLI_OK) {
            return result;
        }
        status = ir_cli_decode_response(call, job->operation.opnum, job->syntax, &in);
    } else {
        status = ir_cli_decode_request(call, job->operation.opnum, job->syntax, &in);
    }
    if (status != IRPC_OK) {
        return does_not_fit(job, call);
    }
    if (ir_cur_left(&in) > 0) {
        fprintf(stderr, "ironrpc decode: warning: the last %u of %u bytes are no part of it\n",
                ir_cur_left(&in), stub->n);
    }
    return print_parameters(job, call, stub);
}

/* Appends the values of @pickle to @json; the status that ended it, IRPC_NOT_FOUND when all is
 * well.
 */
static enum irpc_status add_values(const struct job *job, struct ir_value_call *call,
                                   struct irpc_pickle *pickle, json_t *json)
{
    const struct irpc_interface *interface = job->operation.interface;
    uint32_t number = job->operation.opnum - interface->unit->n_ops;
    void *value = NULL;
    enum irpc_status st;

    while ((st = irpc_pickle_get(pickle, interface, number, &value)) == IRPC_OK) {
        call->args = (uint8_t *)&value; /* the struct of arguments: a [ref] pointer */
        json_t *object = ir_value_parameters(call, IRPC_NDR_P_IN);
        json_t *one = json_object_get(object, ir_cli_operation_text(&job->operation));
        bool ok = one != NULL && json_array_append(json, one) == 0;
        json_decref(object);
        if (!ok) {
            return IRPC_NO_MEMORY;
        }
    }
    return st;
}

static int decode_pickle(const struct job *job, struct ir_value_call *call, const struct stub *stub)
{
    struct irpc_pickle *pickle = NULL;
    json_t *json = json_array();
    enum irpc_status st = irpc_pickle_open((struct irpc_span){stub->bytes, stub->n}, &pickle);

    if (st == IRPC_OK) {
        st = json != NULL ? add_values(job, call, pickle, json) : IRPC_NO_MEMORY;
    }
    irpc_pickle_free(pickle);
    if (st != IRPC_NOT_FOUND) {
        size_t n = json_array_size(json);
        json_decref(json);
        return ir_cli_fail(job->verb,
                           "%s: value %zu: %s\nIs it a pickle of that type, header and all?",
                           ir_cli_operation_text(&job->operation), n + 1,
                           call->error[0] != '\0' ? call->error : irpc_status_text(st));
    }
    if (!job->json) {
        printf("%s.%s, %zu serialized, %u bytes\n", job->operation.interface->name,
               ir_cli_operation_text(&job->operation), json_array_size(json), stub->n);
    }
    return print(job, json);
}

static int with_operation(struct job *job)
{
    struct ir_value_call call;
    struct stub stub = {0};
    int result = ir_cli_operation_open(&job->operation, job->verb);

    if (result != IR_CLI_OK) {
        return result;
    }
    ir_value_call_init(&call, job->operation.interface->unit, job->operation.opnum);
    result = load(job, job->data, "HEX", &stub);
    if (result == IR_CLI_OK && job->request != NULL && !stub.is_response) {
        result = ir_cli_bad_input(job->verb, "HEX is a request itself, and --request goes with its "
                                             "response");
    }
    job->is_response = stub.is_response;
    if (result == IR_CLI_OK) {
        result =
            job->operation.is_type ? decode_pickle(job, &call, &stub) : decode(job, &call, &stub);
    }
    ir_free(stub.bytes);
    ir_value_call_deinit(&call);
    ir_cli_operation_close(&job->operation);
    return result;
}

/* --- the command line --- */

static int set_option(struct job *job, int c, char **argv)
{
    switch (c) {
    case 'r':
        job->is_response = true;
        return IR_CLI_OK;
    case 'q':
        job->request = optarg;
        job->is_response = true;
        return IR_CLI_OK;
    case '6':
        job->syntax = IRPC_NDR64;
        return IR_CLI_OK;
    case 'b':
        job->big_endian = true;
        return IR_CLI_OK;
    case 'p':
        job->operation.is_type = true;
        return IR_CLI_OK;
    case 'P':
        job->pdu = true;
        return IR_CLI_OK;
    case 'j':
        job->json = true;
        return IR_CLI_OK;
    case 'C':
        job->compact = true;
        return IR_CLI_OK;
    case 'I':
    case 'D':
        return ir_cli_operation_option(&job->operation, job->verb, c, optarg);
    default:
        return ir_cli_bad_option(job->verb, c, argv);
    }
}

static int set_operands(struct job *job, int n, char **operands)
{
    static const char *const names[] = {"FILE.idl", "OPERATION", "HEX"};

    if (n < 3) {
        return ir_cli_usage(job->verb, "%s is missing", names[n]);
    }
    if (n > 3) {
        return ir_cli_usage(job->verb, "'%s' is one operand too many; quote the digits",
                            operands[3]);
    }
    job->operation.file = operands[0];
    job->operation.name = operands[1];
    job->data = operands[2];
    if (job->operation.is_type &&
        (job->is_response || job->big_endian || job->pdu || job->syntax != IRPC_NDR20)) {
        return ir_cli_usage(job->verb, "--pickle goes with no option about the data, which say it");
    }
    if (job->request != NULL && strcmp(job->request, "-") == 0 && strcmp(job->data, "-") == 0) {
        return ir_cli_usage(job->verb, "standard input cannot be both request and response");
    }
    return IR_CLI_OK;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {{"response", no_argument, NULL, 'r'},
                                            {"request", required_argument, NULL, 'q'},
                                            {"ndr64", no_argument, NULL, '6'},
                                            {"big-endian", no_argument, NULL, 'b'},
                                            {"pickle", no_argument, NULL, 'p'},
                                            {"pdu", no_argument, NULL, 'P'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"compact", no_argument, NULL, 'C'},
                                            IR_CLI_IDL_OPTIONS,
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct job job = {.verb = verb, .syntax = IRPC_NDR20};
    int c, result;

    ir_cli_operation_init(&job.operation);
    while ((c = getopt_long(argc, argv, ":rq:6bpPjCh" IR_CLI_IDL_LETTERS, options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        result = set_option(&job, c, argv);
        if (result != IR_CLI_OK) {
            return result;
        }
    }
    result = set_operands(&job, argc - optind, argv + optind);
    return result == IR_CLI_OK ? with_operation(&job) : result;
}

const struct ir_cli_verb ir_cli_decode = {
    .name = "decode",
    .summary = "Read recorded stub data by an IDL file; write it as JSON.",
    .usage = "decode [OPTIONS] FILE.idl [INTERFACE.]OPERATION HEX | @FILE | -",
    .help =
        "HEX: the stub data of a request, two digits a byte, blanks between bytes allowed;\n"
        "@FILE and - read such text from a file or from standard input. The mapping of\n"
        "types is in ironrpc-json(7).\n\n"
        "  -r, --response       it is a response\n"
        "  -q, --request HEX    the request that it answers, for arrays that depend on it\n"
        "  -6, --ndr64          transfer syntax NDR64 (NDR 2.0)\n"
        "  -b, --big-endian     byte order of the sender (little-endian)\n"
        "  -P, --pdu            HEX has whole PDUs, headers and all, of one request or response\n"
        "  -p, --pickle         serialized values, with their headers; OPERATION is a type\n"
        "  -j, --json           JSON alone, without the line about the data\n"
        "  -C, --compact        JSON in one line\n"
        "  -I, --include DIR    where to look for imported IDL files; may be repeated\n"
        "  -D, --define X[=V]   for the IDL file's preprocessor; may be repeated\n"
        "  -h, --help\n",
    .run = run,
};
