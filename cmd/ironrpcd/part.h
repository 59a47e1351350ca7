/* The processes of the service: what they tell each other, and what the supervisor's children do.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon.h"
#include "server/adopt.h"
#include "tally.h"

/* --- messages --- */

enum message_type {
    MESSAGE_READY = 1,  /* from a child: it serves */
    MESSAGE_CONNECTION, /* to a worker, with a descriptor; @count 1: to be acknowledged */
    MESSAGE_TAKEN,      /* from a worker: @count connections are its own now */
    MESSAGE_FOREIGN,    /* from a worker, with a descriptor: belongs to the owner of @group */
    MESSAGE_MAP,        /* from the mapper, to workers, with a descriptor: the map, @version */
    MESSAGE_DRAIN       /* to a worker: serve what you have, then end */
};

struct message {
    uint32_t type;
    uint32_t port;
    uint32_t group;
    uint32_t count;
    uint64_t version;
};

/* What was read of a connection that is handed over stands behind its message. */
#define MESSAGE_BYTES_MAX 32768u

struct packet {
    struct message m;
    uint8_t bytes[MESSAGE_BYTES_MAX];
};

/* --- memory that a child shares with the supervisor --- */

struct page {
    struct ir_note note;
    uint64_t beat; /* grows while its loop turns */
    struct irpc_server_stats stats;
    struct tally tally;
};

#define PAGE_LEN 32768u

_Static_assert(sizeof(struct page) <= PAGE_LEN, "it has its place");

/* --- where the service accepts --- */

#define PORTS_MAX 32u

struct port {
    int fd;
    bool local; /* ncalrpc: the mapper accepts itself */
    char endpoint[112];
};

struct ports {
    struct port port[PORTS_MAX];
    unsigned n;
};

/* --- children --- */

enum role {
    ROLE_WORKER,
    ROLE_MAPPER
};

struct part {
    enum role role;
    uint8_t owner; /* of association groups; differs among all children that live */
    int channel;
    pid_t parent;
    struct page *page;
    uint64_t *version; /* of the map, shared by all; the mapper writes it */
};

/* Serve as @part in a process just forked, with @ports; it does not return to what the supervisor
 * did. Return: the exit status. */
int part_run(struct daemon *d, struct part *part, struct ports *ports);
