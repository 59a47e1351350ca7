/* Generation-tagged numbers for pointers: a stale number finds nothing. check: S09 */
#pragma once

#include <stdint.h>

#include <ironrpc/types.h>

struct ir_slot {
    void *p; /* NULL: free */
    uint32_t generation;
    uint32_t next_free; /* slot + 1; 0: end */
};

struct ir_slots {
    struct ir_slot *slots;
    uint32_t n;
    uint32_t cap;
    uint32_t free; /* slot + 1; 0: none */
};

void ir_slots_deinit(struct ir_slots *slots);

/* Number @p (not NULL). Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_slots_add(struct ir_slots *slots, void *p, uint32_t *ret_slot,
                          uint32_t *ret_generation);

/* Take the pointer out; NULL if the number is stale. */
void *ir_slots_take(struct ir_slots *slots, uint32_t slot, uint32_t generation);
