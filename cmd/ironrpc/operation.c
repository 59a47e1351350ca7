/*
 * An operation of an IDL file, for the verbs that work by type tables without generated code: the
 * file is compiled in memory, and its tables pass the interpreter's check before anything uses
 * them.
 */
#include "operation.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ndr/ndr.h"
#include "value_text.h"

/* Errors: what ironidl warns of is for those who write the file. */
static void print_message(void *ctx, const char *text)
{
    struct ir_cli_operation *op = ctx;

    if (strstr(text, ": note: ") == NULL) { /* a note belongs to what was said before it */
        op->hiding = strstr(text, ": warning: ") != NULL;
    }
    if (op->hiding) {
        return;
    }
    fputs(text, stderr);
    if (text[0] == '\0' || text[strlen(text) - 1] != '\n') {
        fputc('\n', stderr);
    }
}

static const char *op_name(const struct irpc_interface *interface, uint32_t opnum)
{
    return interface->unit->names + interface->unit->ops[opnum].name;
}

/* The operations among which @op is, or the serializable types. */
static uint32_t first_of(const struct ir_cli_operation *op, const struct irpc_ndr_unit *unit)
{
    return op->is_type ? unit->n_ops : 0;
}

static uint32_t end_of(const struct ir_cli_operation *op, const struct irpc_ndr_unit *unit)
{
    return unit->n_ops + (op->is_type ? unit->n_pickles : 0);
}

static bool is_callable(const struct irpc_interface *interface, uint32_t opnum)
{
    return (interface->unit->ops[opnum].flags & IRPC_NDR_OP_ABSENT) == 0;
}

static int no_such_operation(const struct ir_cli_operation *op, const struct ir_cli_verb *verb)
{
    char names[400] = "";
    size_t len = 0;

    for (size_t i = 0; i < ir_idl_unit_n_interfaces(op->unit); i++) {
        const struct irpc_interface *interface = ir_idl_unit_interface(op->unit, i);
        for (uint32_t k = first_of(op, interface->unit); k < end_of(op, interface->unit); k++) {
            if (is_callable(interface, k)) {
                ir_text_list(names, sizeof(names), &len, op_name(interface, k));
            }
        }
    }
    return ir_cli_bad_input(verb, "%s has no %s '%s'; it has: %s", op->file,
                            op->is_type ? "type with [encode] or [decode] that is called"
                                        : "operation",
                            op->name, names[0] == '\0' ? "none" : names);
}

/* "Operation" or "interface.Operation". */
static int find(struct ir_cli_operation *op, const struct ir_cli_verb *verb)
{
    const char *dot = strchr(op->name, '.');
    const char *wanted = dot == NULL ? op->name : dot + 1;
    const struct irpc_interface *found = NULL;

    for (size_t i = 0; i < ir_idl_unit_n_interfaces(op->unit); i++) {
        const struct irpc_interface *interface = ir_idl_unit_interface(op->unit, i);
        size_t len = dot == NULL ? 0 : (size_t)(dot - op->name);

        if (dot != NULL &&
            (strlen(interface->name) != len || strncmp(interface->name, op->name, len) != 0)) {
            continue;
        }
        for (uint32_t k = first_of(op, interface->unit); k < end_of(op, interface->unit); k++) {
            if (strcmp(op_name(interface, k), wanted) != 0 || !is_callable(interface, k)) {
                continue;
            }
            if (found != NULL) {
                return ir_cli_bad_input(verb,
                                        "%s has '%s' several times: write %s.%s or "
                                        "%s.%s",
                                        op->file, wanted, found->name, wanted, interface->name,
                                        wanted);
            }
            found = interface;
            op->opnum = k;
        }
    }
    op->interface = found;
    return found == NULL ? no_such_operation(op, verb) : IR_CLI_OK;
}

void ir_cli_operation_init(struct ir_cli_operation *op)
{
    op->idl.include_dirs = op->include_dirs;
    op->idl.defines = op->defines;
    op->idl.on_message = print_message;
    op->idl.message_ctx = op;
}

int ir_cli_operation_option(struct ir_cli_operation *op, const struct ir_cli_verb *verb, int c,
                            const char *text)
{
    const char **list = c == 'I' ? op->include_dirs : op->defines;
    size_t *n = c == 'I' ? &op->idl.n_include_dirs : &op->idl.n_defines;

    if (*n == IR_CLI_MAX_DIRS) {
        return ir_cli_usage(verb, "more than %d times -%c", IR_CLI_MAX_DIRS, c);
    }
    list[(*n)++] = text;
    return IR_CLI_OK;
}

int ir_cli_operation_choose(struct ir_cli_operation *op, const struct ir_cli_verb *verb,
                            const char *name)
{
    const char *why = "";

    op->name = name;
    int result = find(op, verb);
    if (op->interface != NULL && ir_ndr_unit_check(op->interface->unit, &why) != IRPC_OK) {
        result = ir_cli_fail(verb, "%s: the tables of '%s' are wrong: %s", op->file,
                             op->interface->name, why);
    }
    return result;
}

int ir_cli_operation_open(struct ir_cli_operation *op, const struct ir_cli_verb *verb)
{
    if (access(op->file, R_OK) != 0) {
        return ir_cli_bad_input(verb, "cannot read %s: %s", op->file, strerror(errno));
    }
    enum irpc_status status = ir_idl_compile(op->file, &op->idl, &op->unit);
    if (status != IRPC_OK) {
        return ir_cli_bad_input(verb, "%s: %s", op->file,
                                status == IRPC_INVALID_ARG ? "it has the errors above"
                                                           : irpc_status_text(status));
    }
    int result = ir_cli_operation_choose(op, verb, op->name);
    if (result != IR_CLI_OK) {
        ir_cli_operation_close(op);
    }
    return result;
}

void ir_cli_operation_close(struct ir_cli_operation *op)
{
    if (op->unit != NULL) {
        ir_idl_unit_free(op->unit);
        op->unit = NULL;
    }
}

const char *ir_cli_operation_text(const struct ir_cli_operation *op)
{
    return op_name(op->interface, op->opnum);
}
