/*
 * Where the service is asked about itself: a socket each for status and metrics. Whoever connects
 * gets the whole document; nothing that is sent to us is looked at.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>

#include "config.h"

#define DESK_CLIENTS 16u
#define DESK_POLLS 2u /* descriptors to watch, at most */

struct desk_client {
    int fd; /* -1: none */
    uint64_t deadline;
    char *text; /* not yet sent; NULL: all is */
    size_t len;
    size_t sent;
};

enum desk_document {
    DESK_STATUS,
    DESK_METRICS,
    DESK__COUNT
};

/* Writes @document as it is now. */
typedef void desk_write_fn(void *user, enum desk_document document, FILE *out);

struct desk {
    int fds[DESK__COUNT]; /* -1: not there */
    bool resting;         /* out of descriptors: accept again after the next tick */
    char paths[DESK__COUNT][CONFIG_TEXT_MAX + 8];
    struct desk_client clients[DESK_CLIENTS];
    desk_write_fn *write;
    void *user;
};

/* Nothing is open yet. */
void desk_init(struct desk *desk, desk_write_fn *write, void *user);

/* Listen at @folder/status, and at @metrics ("": nowhere), for the first time or anew: what is as
 * before stays. A failure is logged; the service goes on without. */
void desk_open(struct desk *desk, const char *folder, const char *metrics);

/* What to poll for, at most DESK_POLLS. Return: how many. */
unsigned desk_poll(const struct desk *desk, struct pollfd *fds);

/* Somebody waits at @fd, one of fds. */
void desk_event(struct desk *desk, int fd, uint64_t now);

/* Go on with what is under way. Every so often. */
void desk_tick(struct desk *desk, uint64_t now);

void desk_close(struct desk *desk);

/* What is wrong with the setting metrics; NULL: nothing. */
const char *desk_objection(const char *metrics);
