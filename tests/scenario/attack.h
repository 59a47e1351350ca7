/* Malformed packets for a live server: what is sent (attack_shapes.c, attack_random.c) and how
 * (attack.c). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ATTACK_MAX_PDU 256
#define ATTACK_MAX_LENGTHS 12

/* What a connection has to go through before the packet under test is sent. */
enum attack_before {
    ATTACK_NOTHING,    /* the packet is the first thing that the server sees */
    ATTACK_BOUND_MGMT, /* bound to the management interface */
    ATTACK_BOUND_EPM,  /* bound to the endpoint mapper */
    ATTACK_FIRST_FRAG  /* bound, and the first fragment of a request has been sent */
};

/* A field whose number says how long or how many something is. */
struct attack_length {
    uint16_t offset;
    uint16_t width;
};

/* A well-formed PDU; variations of it are sent. */
struct attack_shape {
    const char *name;
    enum attack_before before;
    uint8_t pdu[ATTACK_MAX_PDU];
    size_t len;
    struct attack_length lengths[ATTACK_MAX_LENGTHS];
    size_t n_lengths;
};

extern struct attack_shape attack_shapes[];
extern size_t attack_n_shapes;

/* Fill the table above. */
void attack_build_shapes(void);

/* The PDUs of well-behaved clients; @out has ATTACK_MAX_PDU bytes. They return the length. */
size_t attack_bind_mgmt(uint8_t *out);
size_t attack_bind_epm(uint8_t *out);
size_t attack_first_fragment(uint8_t *out);
size_t attack_good_call(uint8_t *out, uint32_t call_id);

/* Random numbers below @n, the same again after the same seed. */
void attack_seed(uint64_t seed);
uint32_t attack_random(uint32_t n);
/* Make @bytes[ATTACK_MAX_PDU], a copy of the shape, wrong; returns how many of them to send. */
size_t attack_distort(const struct attack_shape *shape, uint8_t *bytes);

/* Processes that have to stay (attack_process.c), at most 8: more are not looked at. */
extern size_t attack_n_watched;
void attack_watch(pid_t pid);
/* Remember when they were started, and their memory. Return: one that does not exist; 0: all do. */
pid_t attack_watch_begin(void);
/* By how many KiB the resident memory of one of them has grown at most; *ret_gone: one that has
 * ended since, or is another now. */
long attack_watch_growth(pid_t *ret_gone);
