/* Listening sockets that outlive whoever serves behind them: reloads, upgrades, crashes. */
#pragma once

#include "part.h"

#define DOORS_MAX 32u

/* One entry of the setting `listen`. The server does nothing but hold its sockets. */
struct door {
    char binding[CONFIG_TEXT_MAX];
    struct irpc_server *holder;
};

struct doors {
    struct door door[DOORS_MAX];
    unsigned n;
    bool given; /* by socket activation: `listen` has no say */
};

/* The sockets that systemd (LISTEN_FDS, sd_listen_fds(3)) or the program before us has left open;
 * none is no error. Return: false after a report. */
bool doors_inherit(struct doors *doors, const struct daemon *d);

/* Open what the configuration names and is not open, then close what it no longer names.
 * Return: false after a report: then nothing has changed. */
bool doors_open(struct doors *doors, const struct daemon *d);

/* The sockets, for children and for poll(2). */
void doors_list(const struct doors *doors, struct ports *ret_ports);

/* Leave them to the program that is executed next, and take that back. */
void doors_leave(const struct doors *doors);
void doors_keep(const struct doors *doors);

void doors_close(struct doors *doors);
