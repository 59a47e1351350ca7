/*
 * To the journal as a record of fields (journal.c); to standard error as a line: `key=value`
 * fields, in front of which are time and level, or, if that is the journal's stream (which keeps
 * the time), the level as sd-daemon(3) has it. Each line is one write(2), so that lines of several
 * threads do not mix; a full or closed pipe loses lines and holds nobody up (check: L07).
 */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"

static enum irpc_log_level max_level = IRPC_LOG_NOTICE;
static bool for_journal;
static int journal_fd = -1;

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
    if (journal_fd >= 0) {
        (void)snprintf(line, sizeof(line), "sub=%s %s", subsystem, text);
        if (journal_write(journal_fd, level, line)) {
            return;
        }
    }
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

void log_open(enum irpc_log_level level, enum log_target target, const char *journal)
{
    max_level = level;
    for_journal = journal_is_stream(getenv("JOURNAL_STREAM"), STDERR_FILENO);
    if (journal_fd >= 0) {
        close(journal_fd);
        journal_fd = -1;
    }
    irpc_set_log(write_record, NULL, level);
    if (target == LOG_JOURNAL || (target == LOG_AUTO && for_journal)) {
        journal_fd = journal_open(journal);
        if (journal_fd < 0) {
            log_write(IRPC_LOG_WARNING, "event=no_journal socket=%s error=\"%s\"", journal,
                      strerror(errno));
        }
    }
}

int log_descriptor(void)
{
    return journal_fd;
}

void log_descriptor_moved(int fd)
{
    journal_fd = fd;
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
