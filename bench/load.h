/* What the load generator shares between its files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    bool rpc; /* talk to an RPC server; else to the raw echo */
    const char *mode;
    uint16_t port;
    unsigned connections;
    unsigned depth; /* requests in flight on each connection */
    unsigned calls; /* in all */
    unsigned size;  /* bytes echoed; 0: the small call */
};

/* @depth requests one after another, each of @len bytes; each reply has @reply_len bytes. */
struct burst {
    uint8_t *bytes;
    size_t len;
    size_t reply_len;
};

/* request.c: what is sent. The raw echo gets as many bytes as the RPC server. */
void make_burst(const struct options *options, struct burst *burst);
extern const uint8_t bind_pdu[];
extern const size_t bind_pdu_len;

/* load.c */
_Noreturn void die(const char *what);
