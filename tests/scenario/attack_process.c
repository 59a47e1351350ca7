/* The processes of the service: are they the same, and how much memory do they have? proc(5) */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

#define WATCHED_MAX 8

struct process {
    pid_t pid;
    unsigned long long started; /* clock ticks after boot */
    long rss_kib;               /* at the beginning */
};

size_t attack_n_watched;
static struct process processes[WATCHED_MAX];

/* Start time and resident memory; false if there is no such process. */
static bool look(pid_t pid, unsigned long long *ret_started, long *ret_rss_kib)
{
    char path[64], text[1024];
    FILE *f;
    size_t n;
    long rss = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    if (f == NULL) {
        return false;
    }
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    const char *rest = strrchr(text, ')');
    if (rest == NULL || rest[1] != ' ' || rest[2] == 'Z' ||
        sscanf(rest + 2,
               "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
               "%*d %llu %*u %ld",
               ret_started, &rss) != 2) {
        return false;
    }
    *ret_rss_kib = rss * (sysconf(_SC_PAGESIZE) / 1024);
    return true;
}

void attack_watch(pid_t pid)
{
    if (attack_n_watched < WATCHED_MAX) {
        processes[attack_n_watched++].pid = pid;
    }
}

pid_t attack_watch_begin(void)
{
    for (size_t i = 0; i < attack_n_watched; i++) {
        if (!look(processes[i].pid, &processes[i].started, &processes[i].rss_kib)) {
            return processes[i].pid;
        }
    }
    return 0;
}

long attack_watch_growth(pid_t *ret_gone)
{
    long most = 0;

    for (size_t i = 0; i < attack_n_watched; i++) {
        unsigned long long started = 0;
        long rss = 0;

        if (!look(processes[i].pid, &started, &rss) || started != processes[i].started) {
            *ret_gone = processes[i].pid;
            return most;
        }
        most = rss - processes[i].rss_kib > most ? rss - processes[i].rss_kib : most;
    }
    return most;
}
