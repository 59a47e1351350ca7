/* Unknown values for the proof harnesses; Frama-C knows volatile reads as "anything". */
#pragma once

#include <stddef.h>
#include <stdint.h>

static volatile unsigned proof_unknown;
static volatile unsigned proof_sink; /* results go here, so that nothing is dead */

static inline uint32_t any_u32(void)
{
    return proof_unknown;
}

/* 0 .. n-1 */
static inline uint32_t any_below(uint32_t n)
{
    uint32_t value = proof_unknown;
    return value < n ? value : 0;
}

static inline void proof_fill(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)proof_unknown;
    }
}
