/*
 * Alerts: what was attacked, from where, which defect of the past it resembles, what to do. To the
 * log, and to a command of the administrator's. Time is an argument, in milliseconds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config.h"
#include "danger.h"
#include "limits.h"
#include "tally.h"

#define ALERTS_KNOWN 256u  /* sources and classes that are remembered */
#define ALERTS_KEPT 16u    /* the last ones, for whoever asks */
#define ALERT_COMMANDS 16u /* at once, at most */
#define ALERT_WORDS 16u    /* of the command */

struct alert {
    const char *kind;              /* "rejected", "crashed", "quarantined", "limit"; static */
    char source[IRPC_SOURCE_TEXT]; /* of a limit: who has most; "": nobody is known */
    char check[4];                 /* "" if none */
    const struct danger *danger;   /* NULL if none */
    char interface[TALLY_NAME];    /* "" if none is known */
    uint32_t opnum;                /* UINT32_MAX: none is known */
    uint64_t count;                /* of the last minute, at least */
    struct limit limit;            /* that is near its end, without `most`; name NULL: none is */
    char process[24];              /* whose limit it is */
};

/* What one source does in one class; or a limit, of whatever process. */
struct alert_known {
    char source[IRPC_SOURCE_TEXT];
    const char *kind;
    const char *limit; /* its name; NULL: none */
    const struct danger *danger;
    uint64_t began; /* the minute that is counted */
    uint64_t count;
    uint64_t told; /* when the last alert went out; 0: none did */
    uint64_t last;
};

struct alert_told {
    struct alert alert;
    uint64_t at;
};

struct alert_command {
    pid_t pid; /* 0: none */
    uint64_t deadline;
};

struct alerts {
    const struct config *config;
    struct alert_known known[ALERTS_KNOWN];
    struct alert_told told[ALERTS_KEPT];
    struct alert_command commands[ALERT_COMMANDS];
    uint64_t n_told;       /* alerts since the start; the next one's place in @told, modulo */
    uint64_t n_suppressed; /* alerts that a rate did not allow */
    uint64_t n_commands;   /* that were started, failed, and were not started */
    uint64_t n_failed;
    uint64_t n_skipped;
    uint64_t minute; /* what the rate of all alerts is counted in */
    uint32_t in_minute;
};

/* @config has to stay. */
void alerts_init(struct alerts *alerts, const struct config *config);

/* Something to tell at once, as often as the rates allow. */
void alerts_tell(struct alerts *alerts, const struct alert *alert, uint64_t now);

/* Compare what a process has noted, @recent, with what was @seen of it before, TALLY_RECENT each;
 * then @seen is up to date. */
void alerts_look(struct alerts *alerts, const struct tally_recent *recent,
                 struct tally_recent *seen, uint64_t now);

/* Tell which limits of @process, "worker 1", are near their end, as often as the rates allow. */
void alerts_limits(struct alerts *alerts, const char *process,
                   const struct irpc_server_metrics *metrics, uint64_t now);

/* Reap commands, kill those that take too long. Every so often. */
void alerts_tick(struct alerts *alerts, uint64_t now);

/* Whether @pid is a command. */
bool alerts_own(const struct alerts *alerts, pid_t pid);

/* What to do about @alert, in @text[@cap]. */
void alert_advice(const struct alert *alert, char *text, size_t cap);

/* The words of the setting alert_command into @words, which point into @copy. Return: how many; 0:
 * none, or not a command that can be: then *@ret_why says why, or is NULL. */
unsigned alert_command_words(const char *setting, char copy[CONFIG_TEXT_MAX],
                             char *words[ALERT_WORDS + 1], const char **ret_why);
