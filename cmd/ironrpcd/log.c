/*
 * One line per record, `key=value` fields. Under systemd (whose journal keeps the time) the line
 * begins with the level as sd-daemon(3) has it, otherwise with time and level as fields. Each line
 * is one write(2), so that lines of several threads do not mix; a full or closed pipe loses lines
 * and holds nobody up (check: L07).
 */
#include "log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static enum irpc_log_level max_level = IRPC_LOG_NOTICE;
static bool for_journal;

static const char *level_name(enum irpc_log_level level)
{
    switch (level) {
    case IRPC_LOG_ERROR:
        return "error";
    case IRPC_LOG_WARNING:
        return "warning";
    case IRPC_LOG_NOTICE:
        return "notice";
    case IRPC_LOG_INFO:
        return "info";
    case IRPC_LOG_DEBUG:
        return "debug";
    default:
        return "unknown";
    }
}

static void write_record(void *user, enum irpc_log_level level, const char *subsystem,
                         const char *text)
{
    char line[1024];
    int len;

    (void)user;
    if (for_journal) {
        len = snprintf(line, sizeof(line), "<%d>sub=%s %s\n", (int)level, subsystem, text);
    } else {
        struct timespec now;
        struct tm utc;
        char when[32];

        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &utc);
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
        len = snprintf(line, sizeof(line), "time=%s.%03ldZ level=%s sub=%s %s\n", when,
                       now.tv_nsec / 1000000, level_name(level), subsystem, text);
    }
    if (len >= (int)sizeof(line)) {
        len = (int)sizeof(line);
        line[len - 1] = '\n';
    }
    /* A pipe or socket that is ready has room for a line of this length. */
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&ready, 1, 0) != 1 || write(STDERR_FILENO, line, (size_t)len) < 0) {
        return; /* there is nobody to tell */
    }
}

void log_open(enum irpc_log_level level)
{
    max_level = level;
    for_journal = getenv("JOURNAL_STREAM") != NULL;
    irpc_set_log(write_record, NULL, level);
}

void log_write(enum irpc_log_level level, const char *format, ...)
{
    char text[640];
    va_list args;

    if (level > max_level) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    write_record(NULL, level, "ironrpcd", text);
}
