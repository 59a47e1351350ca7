/*
 * What a process of the service has counted, in memory that the supervisor reads. A child may be
 * what an attacker has made of it, and may die in the middle of a word: readers take a copy by
 * tally_take(), which makes text of it text again.
 */
#pragma once

#include <stdint.h>

#include <ironrpc/metrics.h>

#define TALLY_INTERFACES 8u
#define TALLY_TALKERS 16u
#define TALLY_RECENT 32u
#define TALLY_NAME 32u

struct tally_interface {
    struct irpc_syntax_id id;
    char name[TALLY_NAME];
    uint64_t contexts;
    uint64_t calls;
    uint64_t faults;
};

/* Rejections of one kind from one peer, of late. */
struct tally_recent {
    char source[IRPC_SOURCE_TEXT]; /* the peer's address, "uid=1000" */
    char check[4];
    char interface[TALLY_NAME]; /* of the last one; "" if none is known */
    uint32_t opnum;             /* UINT32_MAX: none is known */
    uint64_t count;
};

struct tally {
    struct irpc_server_metrics metrics;
    struct tally_interface interfaces[TALLY_INTERFACES];
    struct irpc_talker talkers[TALLY_TALKERS];
    struct tally_recent recent[TALLY_RECENT];
    uint32_t n_interfaces;
    uint32_t n_talkers;
    uint32_t next_recent;
};

/* Note the rejections of @server in @tally from now on. Before it runs. */
void tally_begin(struct tally *tally, struct irpc_server *server);

/* Bring the rest of @tally up to date. */
void tally_update(struct tally *tally, const struct irpc_server *server);

/* A copy of @shared that can be used. */
void tally_take(struct tally *ret_tally, const struct tally *shared);

/* Add @more to @sum: counters, and, unless its process has @ended, gauges. */
void tally_add(struct tally *sum, const struct tally *more, bool ended);
