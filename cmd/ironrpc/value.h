/*
 * JSON to and from the memory that type tables describe: arguments of a call, and its results.
 * docs/man/ironrpc-json.7 is the mapping. Local input is checked for the user's sake; results
 * come from a peer but have been decoded and checked by the interpreter before they get here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <ironrpc/ndr_type.h>

#include "base/arena.h"
#include "base/attr.h"

#define IR_VALUE_PATH 512u
#define IR_VALUE_DEPTH 2000u            /* nesting of results: a list of 1,000 elements */
#define IR_VALUE_NODES 4000000u         /* values in one result */
#define IR_VALUE_MAX_BYTES (256u << 20) /* memory of one array, and of all arguments */

struct ir_value_pending;

/* One call: its arguments in memory, and what went wrong with them. */
struct ir_value_call {
    const struct irpc_ndr_unit *unit;
    const struct irpc_ndr_op *op;
    struct ir_arena arena;
    uint8_t *args;    /* the operation's struct of arguments; NULL before set_args */
    char error[1024]; /* "$.name[2]: what, what to do" */
    /* private */
    char path[IR_VALUE_PATH];
    size_t path_len;
    struct ir_value_pending *pending;
    size_t n_pending;
    size_t cap_pending;
    uint64_t tail_capacity;
    uint32_t depth;
    uint32_t nodes;
};

/* Start a call of operation @opnum; @unit has been checked. Ends with ir_value_call_deinit(). */
void ir_value_call_init(struct ir_value_call *call, const struct irpc_ndr_unit *unit,
                        uint32_t opnum);
void ir_value_call_deinit(struct ir_value_call *call);

/* Make args from a JSON object with a member for each [in] parameter. False: error is set. */
bool ir_value_set_args(struct ir_value_call *call, json_t *json);

/* An object with a member for each [out] parameter and "return". NULL: error is set. */
json_t *ir_value_results(struct ir_value_call *call);

/* The same of the parameters with @flag, IRPC_NDR_P_IN or IRPC_NDR_P_OUT. */
json_t *ir_value_parameters(struct ir_value_call *call, uint32_t flag);

/* --- shared by value*.c --- */

/* Names of the JSON mapping that are not names of an interface. */
#define IR_VALUE_RETURN "return"
#define IR_VALUE_CASE "case"
#define IR_VALUE_DEFAULT "default"
#define IR_VALUE_HEX "hex"
#define IR_VALUE_TO "to"

/* An integer kind: bytes and sign; false for other kinds. BOOLEAN, BYTE, CHAR, WCHAR, enums too. */
bool ir_value_integer(unsigned kind, unsigned *ret_width, bool *ret_is_signed);
int64_t ir_value_load(const void *p, unsigned width, bool is_signed);
void ir_value_store(void *p, unsigned width, int64_t value);
/* @value as an integer of @kind holds it. */
int64_t ir_value_narrow(unsigned kind, int64_t value);

/* Whether pointers of type @type are told apart from their NULL pointee by {"to": ...}. */
bool ir_value_is_double_pointer(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *type);

/* Value of an expression in @scope. */
int64_t ir_value_eval(const struct irpc_ndr_unit *unit, uint32_t expr, const void *scope);
/* The integer (and its width) that @expr reads, and what it must be so that @expr is @want.
 * False if the expression reads none or several, or cannot be turned round. */
bool ir_value_solve(const struct irpc_ndr_unit *unit, uint32_t expr, void *scope, int64_t want,
                    void **ret_where, unsigned *ret_width, int64_t *ret_value);

const char *ir_value_name(const struct ir_value_call *call, uint32_t name);
/* Set call->error to the path and the text; returns false. */
bool ir_value_fail(struct ir_value_call *call, const char *format, ...) IR_PRINTF(2, 3);
/* Append to the path; returns the length to give back to ir_value_pop(). */
size_t ir_value_push_name(struct ir_value_call *call, const char *name);
size_t ir_value_push_index(struct ir_value_call *call, uint64_t index);
void ir_value_pop(struct ir_value_call *call, size_t len);
