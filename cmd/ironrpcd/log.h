/* Log records, for people and for the journal. */
#pragma once

#include <stdint.h>

#include <ironrpc/log.h>

enum log_target {
    LOG_AUTO, /* to the journal if standard error is its stream */
    LOG_STDERR,
    LOG_JOURNAL
};

/*
 * Write the library's records of up to @level from now on, to standard error or to the journal's
 * socket at @journal. If that cannot be had, or is gone, to standard error. Once more after the
 * configuration was read again.
 */
void log_open(enum irpc_log_level level, enum log_target target, const char *journal);

/* The descriptor of the journal, for a child that closes all that it does not know; -1: none. Where
 * it is moved to is to be told. */
int log_descriptor(void);
void log_descriptor_moved(int fd);

/* A record of the daemon itself: `key=value` fields. */
void log_write(enum irpc_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
