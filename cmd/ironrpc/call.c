/*
 * ironrpc call: calls operations of an interface that an IDL file describes, over one connection.
 * The file is compiled in memory, arguments are read from JSON by its type tables, results are
 * written as JSON.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "base/alloc.h"
#include "cli.h"
#include "exchange.h"
#include "operation.h"
#include "references.h"
#include "value.h"

#define MAX_CALLS 64
#define LETTERS ":e:m:t:T:o:Ch" IR_CLI_AUTH_LETTERS IR_CLI_IDL_LETTERS

struct request {
    const char *operation;
    const char *arguments;
};

struct job {
    const struct ir_cli_verb *verb;
    const char *host;
    char host_text[IR_CLI_BINDING]; /* what host points to if it was made of two options */
    struct request requests[MAX_CALLS];
    unsigned n_requests;
    json_t *results; /* an array: of the calls so far */
    const char *endpoint;
    const char *mapper_port;
    bool compact;
    bool has_object;
    struct irpc_uuid object;
    struct irpc_binding_options options;
    struct ir_cli_auth auth;
    struct ir_cli_operation operation;
};

/* --- arguments --- */

static json_t *parse_file(FILE *file, json_error_t *error)
{
    json_t *json = json_loadf(file, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, error);

    return json;
}

/* '{...}', @FILE, or - for stdin. */
static json_t *load_arguments(const struct job *job, const char *text)
{
    json_error_t error;
    const char *place = "the arguments";
    json_t *json = NULL;
    bool is_file = text[0] == '@';

    if (is_file) {
        FILE *file = fopen(text + 1, "re");
        if (file == NULL) {
            ir_cli_bad_input(job->verb, "cannot read %s: %s", text + 1, strerror(errno));
            return NULL;
        }
        place = text + 1;
        json = parse_file(file, &error);
        fclose(file);
    } else if (strcmp(text, "-") == 0) {
        place = "standard input";
        json = parse_file(stdin, &error);
    } else {
        json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    }
    if (json == NULL) {
        ir_cli_bad_input(job->verb, "%s: line %d, column %d: not JSON: %s%s", place, error.line,
                         error.column, error.text,
                         strstr(error.text, "too big") != NULL ? "; write it as text, in quotes"
                                                               : "");
    }
    return json;
}

/* --- the call --- */

static int print_results(const struct job *job, struct ir_value_call *call)
{
    json_t *results = ir_value_results(call);
    size_t flags = JSON_PRESERVE_ORDER | (job->compact ? JSON_COMPACT : JSON_INDENT(2));

    if (results == NULL) {
        return ir_cli_fail(job->verb, "results: %s", call->error);
    }
    if (json_dumpf(results, stdout, ir_cli_json_flags(flags)) != 0 ||
        json_array_append(job->results, results) != 0) {
        json_decref(results);
        return ir_cli_fail(job->verb, "cannot write the results: %s", strerror(errno));
    }
    json_decref(results);
    printf("\n");
    return ir_cli_finish(job->verb);
}

static int call_operation(const struct job *job, struct irpc_binding *binding,
                          struct ir_value_call *call)
{
    const char *name = ir_cli_operation_text(&job->operation);
    enum irpc_status status =
        ir_cli_exchange(binding, job->operation.interface, job->operation.opnum, call);

    if (status == IRPC_INVALID_ARG && call->error[0] != '\0') {
        return ir_cli_bad_input(job->verb, "arguments of %s: %s", name, call->error);
    }
    if (status != IRPC_OK && call->error[0] != '\0') {
        return ir_cli_fail(job->verb, "%s of %s: %s", name, irpc_binding_endpoint(binding),
                           call->error);
    }
    if (status != IRPC_OK) {
        return ir_cli_call_failed(job->verb, binding, status);
    }
    return print_results(job, call);
}

static int with_arguments(const struct job *job, struct irpc_binding *binding,
                          const char *arguments)
{
    json_t *json = load_arguments(job, arguments);
    struct ir_value_call call;
    char bad[200];
    int result;

    if (json == NULL) {
        return IR_CLI_USAGE;
    }
    if (!ir_cli_fill_references(json, job->results, bad, sizeof(bad))) {
        json_decref(json);
        return ir_cli_bad_input(job->verb, "arguments of %s: no earlier call has the result %s",
                                ir_cli_operation_text(&job->operation), bad);
    }
    ir_value_call_init(&call, job->operation.interface->unit, job->operation.opnum);
    if (ir_value_set_args(&call, json)) {
        result = call_operation(job, binding, &call);
    } else {
        result = ir_cli_bad_input(job->verb, "arguments of %s: %s",
                                  ir_cli_operation_text(&job->operation), call.error);
    }
    ir_value_call_deinit(&call);
    json_decref(json);
    return result;
}

/* Windows calls interfaces with pipes in NDR 2.0, whatever the server offers; so do stubs. */
static void choose_transfer(struct job *job)
{
    const struct irpc_ndr_unit *unit = job->operation.interface->unit;

    for (uint32_t i = 0; i < unit->n_ops && job->options.transfer == IRPC_TRANSFER_DEFAULT; i++) {
        if ((unit->ops[i].flags & IRPC_NDR_OP_PIPES) != 0) {
            job->options.transfer = IRPC_TRANSFER_NDR20;
        }
    }
}

static int make_calls(struct job *job, struct irpc_binding *binding)
{
    int result = IR_CLI_OK;

    job->results = json_array();
    for (unsigned i = 0; i < job->n_requests && result == IR_CLI_OK; i++) {
        result = ir_cli_operation_choose(&job->operation, job->verb, job->requests[i].operation);
        if (result == IR_CLI_OK) {
            result = with_arguments(job, binding, job->requests[i].arguments);
        }
    }
    json_decref(job->results);
    return result;
}

static int with_binding(struct job *job)
{
    struct irpc_binding *binding = NULL;
    char text[IR_CLI_BINDING];

    if (!ir_cli_binding(job->host, job->endpoint, text)) {
        return ir_cli_usage(job->verb, "HOST '%s' is empty, too long or malformed", job->host);
    }
    enum irpc_status status = irpc_binding_new(text, &job->options, &binding);
    if (status != IRPC_OK) {
        return ir_cli_bad_binding(job->verb, text, status);
    }
    if (job->has_object) {
        irpc_binding_set_object(binding, &job->object);
    }
    int result = ir_cli_auth_apply(&job->auth, job->verb, binding);
    if (result == IR_CLI_OK) {
        result = make_calls(job, binding);
    }
    irpc_binding_free(binding);
    return result;
}

static int with_operation(struct job *job)
{
    job->operation.name = job->requests[0].operation;
    int result = ir_cli_operation_open(&job->operation, job->verb);

    if (result != IR_CLI_OK) {
        return result;
    }
    for (unsigned i = 0; i < job->n_requests && result == IR_CLI_OK; i++) {
        result = ir_cli_operation_choose(&job->operation, job->verb, job->requests[i].operation);
        if (result == IR_CLI_OK) {
            choose_transfer(job);
        }
    }
    if (result == IR_CLI_OK) {
        result = with_binding(job);
    }
    ir_cli_operation_close(&job->operation);
    return result;
}

/* --- the command line --- */

static int set_seconds(struct job *job, const char *text)
{
    if (!ir_cli_seconds(text, &job->options.call_ms)) {
        return ir_cli_usage(job->verb, "--timeout '%s': seconds, at least 0.001", text);
    }
    job->options.connect_ms = job->options.call_ms;
    return IR_CLI_OK;
}

static int set_mapper_port(struct job *job, const char *text)
{
    uint32_t port = 0;

    if (!ir_cli_number(text, 1, 65535, &port)) {
        return ir_cli_usage(job->verb, "--mapper-port '%s': a number from 1 to 65535", text);
    }
    job->options.mapper_port = (uint16_t)port;
    return IR_CLI_OK;
}

static int set_object(struct job *job, const char *text)
{
    job->has_object = true;
    return irpc_uuid_parse(text, &job->object) == IRPC_OK
               ? IR_CLI_OK
               : ir_cli_usage(job->verb, "--object '%s': not a UUID", text);
}

static int set_option(struct job *job, int c, char **argv)
{
    if (ir_cli_auth_option(&job->auth, c, optarg)) {
        return IR_CLI_OK;
    }
    switch (c) {
    case 'e':
        job->endpoint = optarg;
        return optarg[0] != '\0' ? IR_CLI_OK : ir_cli_usage(job->verb, "--endpoint is empty");
    case 'm':
        return set_mapper_port(job, optarg);
    case 't':
        return set_seconds(job, optarg);
    case 'T':
        return ir_cli_transfer(job->verb, optarg, &job->options.transfer);
    case 'o':
        return set_object(job, optarg);
    case 'I':
    case 'D':
        return ir_cli_operation_option(&job->operation, job->verb, c, optarg);
    case 'C':
        job->compact = true;
        return IR_CLI_OK;
    default:
        return ir_cli_bad_option(job->verb, c, argv);
    }
}

/* Operations have names; arguments begin with what JSON, @FILE and - begin with. */
static bool is_operation(const char *text)
{
    return isalpha((unsigned char)text[0]) || text[0] == '_';
}

static int set_requests(struct job *job, int n, char **operands)
{
    for (int i = 0; i < n; i++) {
        struct request *last = job->n_requests > 0 ? &job->requests[job->n_requests - 1] : NULL;
        if (is_operation(operands[i]) || last == NULL) {
            if (job->n_requests == MAX_CALLS) {
                return ir_cli_usage(job->verb, "more than %d calls", MAX_CALLS);
            }
            job->requests[job->n_requests++] = (struct request){operands[i], NULL};
        } else if (last->arguments == NULL) {
            last->arguments = operands[i];
        } else {
            return ir_cli_usage(job->verb, "'%s' is one operand too many; quote the JSON",
                                operands[i]);
        }
    }
    for (unsigned i = 0; i < job->n_requests; i++) {
        if (job->requests[i].arguments == NULL) {
            job->requests[i].arguments = "{}";
        }
    }
    return IR_CLI_OK;
}

static int set_operands(struct job *job, int n, char **operands)
{
    static const char *const names[] = {"HOST", "FILE.idl", "OPERATION"};

    if (n < 3) {
        return ir_cli_usage(job->verb, "%s is missing", names[n]);
    }
    job->host = operands[0];
    job->operation.file = operands[1];
    return set_requests(job, n - 2, operands + 2);
}

/* A whole string binding takes the place of HOST's; HOST may be one that lacks the endpoint. */
static int use_endpoint(struct job *job)
{
    size_t len = strlen(job->host);

    if (job->endpoint == NULL) {
        return IR_CLI_OK;
    }
    if (strchr(job->endpoint, ':') != NULL) {
        job->host = job->endpoint;
        job->endpoint = NULL;
        return IR_CLI_OK;
    }
    if (len > 0 && job->host[len - 1] == ']' && strrchr(job->host, '[') != job->host) {
        return ir_cli_usage(job->verb, "--endpoint '%s', but HOST '%s' names one already",
                            job->endpoint, job->host);
    }
    if (len > 0 && strncmp(job->host, "nca", 3) == 0 && strchr(job->host, ':') != NULL) {
        int n =
            snprintf(job->host_text, sizeof(job->host_text), "%s[%s]", job->host, job->endpoint);
        job->host = n < (int)sizeof(job->host_text) ? job->host_text : "";
    }
    return IR_CLI_OK;
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {{"endpoint", required_argument, NULL, 'e'},
                                            {"mapper-port", required_argument, NULL, 'm'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"transfer", required_argument, NULL, 'T'},
                                            {"object", required_argument, NULL, 'o'},
                                            IR_CLI_AUTH_OPTIONS,
                                            IR_CLI_IDL_OPTIONS,
                                            {"compact", no_argument, NULL, 'C'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct job job = {.verb = verb, .host = "", .operation = {.file = ""}};
    int c, result;

    ir_cli_operation_init(&job.operation);
    while ((c = getopt_long(argc, argv, LETTERS, options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        result = set_option(&job, c, argv);
        if (result != IR_CLI_OK) {
            return result;
        }
    }
    result = set_operands(&job, argc - optind, argv + optind);
    if (result != IR_CLI_OK) {
        return result;
    }
    result = use_endpoint(&job);
    return result == IR_CLI_OK ? with_operation(&job) : result;
}

const struct ir_cli_verb ir_cli_call = {
    .name = "call",
    .summary = "Call an operation of an IDL file; arguments and results are JSON.",
    .usage = "call [OPTIONS] HOST FILE.idl [INTERFACE.]OPERATION [JSON | @FILE | -] ...",
    .help = "HOST: a name or address, optionally with a port, 192.0.2.1[49152], or a string\n"
            "binding, ncalrpc:[hello]. Without a port, the host's endpoint mapper is asked.\n"
            "JSON: an object with a member for each [in] parameter ({} if there is none). Counts\n"
            "that follow from arrays may be left out. Results: an object with each [out]\n"
            "parameter, and \"return\". The mapping of types is in ironrpc-json(7).\n"
            "More operations are called over the same connection; in their arguments \"$1.x\" is\n"
            "the result x of the first call, a context handle for instance.\n\n"
            "  -e, --endpoint E     port or name of the endpoint, or a whole string binding\n"
            "  -m, --mapper-port N  of the host's endpoint mapper (135)\n"
            "  -o, --object UUID    object UUID of the call\n"
            "  -t, --timeout S      seconds for connecting (10) and for the call (60)\n"
            "  -T, --transfer X     transfer syntax, ndr or ndr64 (ndr64 if the server takes it)\n"
            "  -I, --include DIR    where to look for imported IDL files; may be repeated\n"
            "  -D, --define X[=V]   for the IDL file's preprocessor; may be repeated\n"
            "  -C, --compact        results in one line\n"
            "  -h, --help\n\n" IR_CLI_AUTH_HELP,
    .run = run,
};
