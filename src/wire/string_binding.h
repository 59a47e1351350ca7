/*
 * String bindings: [object@]protseq:[address][[endpoint[,option[=value]]...]]. [C706] 3.1.
 *
 * A backslash quotes the next character. An IPv6 address may stand bare or in brackets. Spans
 * borrow the text and still have their backslashes: ir_string_binding_copy() removes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ironrpc/types.h>

#include "base/violation.h"

#define IR_STRING_BINDING_MAX 1023u /* longest text that is read or made, without NUL */

struct ir_string_binding {
    bool has_object;
    struct irpc_uuid object;
    struct irpc_span protseq;
    struct irpc_span address;  /* without the brackets of an IPv6 address; may be empty */
    struct irpc_span endpoint; /* may be empty: a dynamic endpoint */
    struct irpc_span options;  /* "name=value,name", without endpoint; may be empty */
};

/* Return: IRPC_OK, IRPC_BAD_STRING_BINDING. @v->check is "" : no numbered check is about this. */
IRPC_CHECKED ir_string_binding_parse(struct irpc_span text, struct ir_string_binding *ret_binding,
                                     struct ir_violation *v);

/* Take the next option off @options: false at the end. An option without '=' has an empty value. */
bool ir_string_binding_next_option(struct irpc_span *options, struct irpc_span *ret_name,
                                   struct irpc_span *ret_value);

/*
 * Copy @part without its quoting backslashes and with a NUL into @dst[@cap].
 * Return: IRPC_OK, IRPC_BUFFER_TOO_SMALL (@dst is empty then).
 */
IRPC_CHECKED ir_string_binding_copy(struct irpc_span part, char *dst, size_t cap);

/*
 * Make the text, with NUL, in @dst[@cap]. The parts of @b are taken as they would be in a text:
 * quoted already (see ir_string_binding_quote()); an address with two colons gets brackets.
 * Return: IRPC_OK, IRPC_BUFFER_TOO_SMALL (@dst is empty then).
 */
IRPC_CHECKED ir_string_binding_compose(const struct ir_string_binding *b, char *dst, size_t cap);

/* Copy @plain with a backslash before each of @ : [ ] , = \ ; inverse of ir_string_binding_copy().
 * Return: IRPC_OK, IRPC_BUFFER_TOO_SMALL (@dst is empty then). */
IRPC_CHECKED ir_string_binding_quote(struct irpc_span plain, char *dst, size_t cap);
