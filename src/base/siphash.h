/* SipHash-2-4: the keyed hash of every table whose keys a peer chooses. check: L06 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ir_siphash_key {
    uint64_t k0;
    uint64_t k1;
};

/* Hash of @len bytes at @data under @key. */
uint64_t ir_siphash(const struct ir_siphash_key *key, const void *data, size_t len);
