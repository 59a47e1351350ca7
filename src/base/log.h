/* How the library writes a log record: `key=value` fields through the program's hook. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ironrpc/log.h>

#include "base/attr.h"

/* One record of at most 511 characters; longer text is cut. Nothing happens without a hook. */
void ir_log(enum irpc_log_level level, const char *subsystem, const char *fmt, ...) IR_PRINTF(3, 4);

/* Whether a record of @level would reach the hook. */
bool ir_log_wants(enum irpc_log_level level);

/*
 * @len bytes of a peer's text as a quoted field value: printable ASCII kept, quote, backslash and
 * the rest as \xNN. Cut to fit @dst[@dst_len]. Returns @dst.  check: T15
 */
char *ir_log_quote(char *dst, size_t dst_len, const void *text, size_t len);
