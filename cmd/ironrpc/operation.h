/* The operation of an IDL file that a verb works on: its options, compiling, finding it. */
#pragma once

#include "cli.h"
#include "idl/idl.h"

#define IR_CLI_MAX_DIRS 32

/* Zero it, call ir_cli_operation_init(), then set file and name. */
struct ir_cli_operation {
    const char *file;
    const char *name; /* OPERATION or INTERFACE.OPERATION */
    bool is_type; /* name means a serializable type: in the tables, operations behind the rest */
    struct ir_idl_options idl;
    const char *include_dirs[IR_CLI_MAX_DIRS];
    const char *defines[IR_CLI_MAX_DIRS];
    bool hiding; /* of the compiler's messages, a warning and its notes */
    /* set by ir_cli_operation_open() */
    struct ir_idl_unit *unit;
    const struct irpc_interface *interface;
    uint32_t opnum;
};

/* The options -I and -D, for getopt_long's table and its string. */
#define IR_CLI_IDL_OPTIONS                     \
    {"include", required_argument, NULL, 'I'}, \
    {                                          \
        "define", required_argument, NULL, 'D' \
    }
#define IR_CLI_IDL_LETTERS "I:D:"

void ir_cli_operation_init(struct ir_cli_operation *op);

/* Option @c, 'I' or 'D'. Return IR_CLI_OK or IR_CLI_USAGE. */
int ir_cli_operation_option(struct ir_cli_operation *op, const struct ir_cli_verb *verb, int c,
                            const char *text);

/* Compile op->file, find op->name, check the tables. Return IR_CLI_OK; else a message was printed.
 */
int ir_cli_operation_open(struct ir_cli_operation *op, const struct ir_cli_verb *verb);
void ir_cli_operation_close(struct ir_cli_operation *op);

/* Another operation of the same file, which is open. Return: as above. */
int ir_cli_operation_choose(struct ir_cli_operation *op, const struct ir_cli_verb *verb,
                            const char *name);

/* "Greet" */
const char *ir_cli_operation_text(const struct ir_cli_operation *op);
