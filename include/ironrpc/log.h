/*
 * Log hook: the library never prints, it hands records to the program.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_LOG_H
#define IRONRPC_LOG_H

#include <ironrpc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Levels of syslog(3), most urgent first. */
enum irpc_log_level {
    IRPC_LOG_ERROR = 3,
    IRPC_LOG_WARNING = 4,
    IRPC_LOG_NOTICE = 5,
    IRPC_LOG_INFO = 6,
    IRPC_LOG_DEBUG = 7
};

/**
 * irpc_log_fn - receives one record. @subsystem is a short static word ("engine"), @text is
 * `key=value` fields in one line without newline, peer-supplied text already escaped; both valid
 * during the call only. May be called from any thread that uses the library, must not block long
 * and must not call the library.
 */
typedef void irpc_log_fn(void *user, enum irpc_log_level level, const char *subsystem,
                         const char *text);

/** irpc_set_log() - install @fn (NULL: none) for records up to @max_level; process-wide; call
 * before starting threads. */
IRPC_API void irpc_set_log(irpc_log_fn *fn, void *user, enum irpc_log_level max_level);

#ifdef __cplusplus
}
#endif
#endif
