/* Sources whose packets have killed workers, and how long they are kept out. Pure: time is an
 * argument, in milliseconds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IR_QUARANTINE_MAX 256u

/* An IPv4 address or the /64 of an IPv6 address. */
struct ir_quarantine_peer {
    uint8_t family; /* 0: none */
    uint8_t bytes[8];
};

struct ir_offender {
    struct ir_quarantine_peer source;
    uint64_t last;  /* its last crash */
    uint64_t until; /* kept out; 0: not yet */
    uint32_t term_ms;
    uint32_t refused; /* while it is kept out */
};

struct ir_quarantine {
    struct ir_offender offenders[IR_QUARANTINE_MAX];
    size_t n;
};

/* The source of @bytes, an address of @family in network order; IPv4-mapped IPv6 counts as IPv4. */
struct ir_quarantine_peer ir_quarantine_peer(uint8_t family, const uint8_t *bytes);

/* @source has killed a worker. The second time within ten minutes it is kept out for a minute, then
 * each time for twice as long, ten minutes at most. Return: for how long, in ms; 0: not. */
uint32_t ir_quarantine_crash(struct ir_quarantine *q, const struct ir_quarantine_peer *source,
                             uint64_t now);

/* Whether @source is kept out now. */
bool ir_quarantine_has(const struct ir_quarantine *q, const struct ir_quarantine_peer *source,
                       uint64_t now);

/* The same for a connection of @source, which is counted if it is refused. */
bool ir_quarantine_holds(struct ir_quarantine *q, const struct ir_quarantine_peer *source,
                         uint64_t now);
