/*
 * What `ironrpc run` and a program built on the library that runs under it have in common: a
 * variable of the environment, descriptors, and a page of shared memory.
 *
 * IRONRPC_SUPERVISED=PID|BINDING|BINDING... tells the process PID, and no other, that descriptor 3
 * is a SOCK_SEQPACKET channel to its supervisor, 4 the page, and those from 5 on are listening
 * sockets, one for each BINDING: the string binding that the program once listened at, with + in
 * front of it if the socket before is of the same call. A new listening socket is sent over the
 * channel with that text as the message; "!" without a socket says that the program serves now.
 */
#pragma once

#include <stdint.h>

#define IR_SUPERVISED_VARIABLE "IRONRPC_SUPERVISED"
#define IR_SUPERVISED_CHANNEL 3
#define IR_SUPERVISED_PAGE 4
#define IR_SUPERVISED_SOCKET 5 /* the first */
#define IR_SUPERVISED_SERVES "!"
#define IR_SUPERVISED_SOCKETS_MAX 32u
#define IR_SUPERVISED_BINDING_MAX 256u

#define IR_NOTES_MAX 64u
#define IR_KEPT_OUT_MAX 64u

/* Who is being served, in memory that another process reads when this one has died. */
struct ir_note {
    uint64_t connection; /* its id; 0: nobody. Written last */
    uint64_t turns;      /* grows with each connection that is served: who is busy is not hung */
    uint8_t family;      /* AF_INET, AF_INET6; AF_UNIX: by uid */
    uint8_t bytes[16];   /* address in network order, or the uid_t */
};

/* A source that is not to be served: an IPv4 address, the /64 of an IPv6 address. */
struct ir_kept_out {
    uint64_t until_ms; /* of the monotonic clock; 0: nobody. Written last */
    uint8_t family;
    uint8_t bytes[8];
};

struct ir_supervised_page {
    uint32_t n_notes; /* that loops of the program have taken */
    struct ir_note notes[IR_NOTES_MAX];
    struct ir_kept_out kept_out[IR_KEPT_OUT_MAX]; /* written by the supervisor alone */
};
