/*
 * Random packets for attack.c: lengths that disagree among them and with what is sent, and noise.
 * The same seed gives the same packets.
 */
#include "attack.h"

static uint64_t random_state;

void attack_seed(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15u + 1;
}

uint32_t attack_random(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) % n);
}

/* A length that is wrong, but not always by far. */
static uint32_t wrong(uint32_t right, uint32_t whole)
{
    switch (attack_random(8)) {
    case 0:
        return right + 1 + attack_random(8);
    case 1:
        return right - 1 - attack_random(8);
    case 2:
        return 0;
    case 3:
        return whole + attack_random(3) - 1;
    case 4:
        return 0x7fffffff + attack_random(3);
    case 5:
        return 0xffffffff - attack_random(9);
    case 6:
        return 1u << attack_random(32);
    default:
        return attack_random(0x10000);
    }
}

static void set_length(uint8_t *bytes, size_t len, struct attack_length where)
{
    uint32_t right = 0;

    for (size_t i = 0; i < where.width; i++) {
        right |= (uint32_t)bytes[where.offset + i] << 8 * i;
    }
    uint32_t value = wrong(right, (uint32_t)len);
    for (size_t i = 0; i < where.width; i++) {
        bytes[where.offset + i] = (uint8_t)(value >> 8 * i);
    }
}

size_t attack_distort(const struct attack_shape *s, uint8_t *bytes)
{
    uint32_t n = 1 + attack_random(3);
    size_t len = s->len;

    for (uint32_t i = 0; i < n; i++) {
        set_length(bytes, len, s->lengths[attack_random((uint32_t)s->n_lengths)]);
    }
    if (attack_random(4) == 0) { /* noise */
        bytes[attack_random((uint32_t)len)] = (uint8_t)attack_random(256);
    }
    if (attack_random(4) == 0) { /* more or fewer bytes than it says */
        len = attack_random(2) == 0 ? 1 + attack_random((uint32_t)len)
                                    : len + attack_random((uint32_t)(ATTACK_MAX_PDU - len));
    }
    return len;
}
