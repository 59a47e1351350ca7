/* The supervisor's children: starting, feeding, watching, replacing them. */
#pragma once

#include <poll.h>

#include "observe.h"
#include "os/quarantine.h"
#include "part.h"

#define WORKERS_MAX 32u
#define SLOTS_MAX (WORKERS_MAX + 1u) /* the mapper's is the first */
#define CHILDREN_MAX 96u             /* with those that drain */
#define WAITING_MAX 256u             /* connections that a worker has not taken yet */

struct child {
    enum role role;
    pid_t pid; /* 0: no child */
    int pidfd;
    int channel;
    uint8_t owner;
    int slot; /* -1: it drains */
    bool ready;
    bool hung; /* killed for it */
    bool wants_map;
    struct page *page;
    uint64_t beat;     /* and turns, when it last made progress */
    uint64_t moved;    /* when it last made progress */
    uint64_t cpu_ms;   /* processor time that it had used then */
    uint64_t deadline; /* draining: then it is killed */
    uint64_t started;
    struct tally_recent seen[TALLY_RECENT]; /* observe.c's */
};

/* Connections for a worker; they stay open here until it has them, in case that it dies. */
struct waiting {
    int fd;
    uint32_t port;
};

struct slot {
    struct child *child; /* NULL: to be started */
    uint64_t died;       /* when the last one did; 0: none has */
    struct waiting waiting[WAITING_MAX];
    unsigned n;
    unsigned n_sent;
};

struct crew {
    struct daemon *d;
    struct ports *ports;
    struct slot slots[SLOTS_MAX];
    unsigned n_slots;
    struct child children[CHILDREN_MAX];
    uint8_t last_owner;
    uint64_t *version; /* of the map; shared */
    int map_fd;        /* its newest copy, -1: none yet */
    uint64_t map_version;
    unsigned next; /* placement = spread */
    uint64_t last_tick;
    bool failed; /* a child could not start, and none has been ready before */
    bool was_ready;
    pid_t test_pid;     /* children that are not of the crew: the next program; 0: none */
    pid_t watchdog_pid; /* and who calls for the watchdog */
    struct ir_quarantine quarantine;
    struct observe observe;
    struct packet packet;
};

/* Milliseconds, monotonic. */
uint64_t crew_now(void);

/* Return: false: no memory. */
bool crew_init(struct crew *crew, struct daemon *d, struct ports *ports);

/* Start whoever is missing. */
void crew_fill(struct crew *crew);

/* All slots have a child that is ready. */
bool crew_is_ready(const struct crew *crew);

/* The workers have taken all connections that they were given. */
bool crew_is_settled(const struct crew *crew);

/* Give connection @fd, accepted at @port, to worker number @worker or, if that has no room, another
 * one. Return: false: none has room; @fd stays the caller's. */
bool crew_give(struct crew *crew, unsigned worker, int fd, uint32_t port);
bool crew_has_room(const struct crew *crew);

/* What to poll for, at most 2 * CHILDREN_MAX, and what came of it. Return: how many. */
unsigned crew_poll(struct crew *crew, struct pollfd *fds, struct child **who);
void crew_event(struct crew *crew, struct child *child, int fd);

/* Every so often: beats, drains, what could not be sent. */
void crew_tick(struct crew *crew);

/* Replace all workers, and the mapper if @mapper; who is replaced drains. */
void crew_renew(struct crew *crew, bool mapper);

/* Send the mapper home and have the workers drain: another program takes over. */
void crew_hand_over(struct crew *crew);

/* End all and wait for them. */
void crew_end(struct crew *crew);
