/* Log records on standard error, for people and for the journal. */
#pragma once

#include <ironrpc/log.h>

/* Send the library's records of up to @level to standard error from now on. */
void log_open(enum irpc_log_level level);

/* A record of the daemon itself: `key=value` fields. */
void log_write(enum irpc_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
