/*
 * Wrong packets for storm.c: shapes of attack_shapes.c with wrong lengths, and recorded PDUs with
 * bits flipped, numbers replaced, cut, padded and put together, each alone or behind what makes the
 * server look closer at it. The same seed gives the same packets.
 */
#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"

#define RECORDS_MAX 16384
#define RECORD_MAX 4096 /* bytes of one that are used */

struct record {
    const uint8_t *p;
    size_t n;
};

static struct record records[RECORDS_MAX];
static size_t n_records;

static uint32_t load_le(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The whole file, in memory that stays. */
static uint8_t *read_file(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long n = -1;

    if (f == NULL) {
        return NULL;
    }
    if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) > 0 && fseek(f, 0, SEEK_SET) == 0) {
        bytes = malloc((size_t)n);
    }
    if (bytes != NULL && fread(bytes, 1, (size_t)n, f) != (size_t)n) {
        free(bytes);
        bytes = NULL;
    }
    fclose(f);
    *ret_n = (size_t)n;
    return bytes;
}

long storm_load(const char *path)
{
    size_t n = 0;
    const uint8_t *bytes = read_file(path, &n);

    if (bytes == NULL) {
        return -1;
    }
    for (size_t at = 0; at < n && n_records < RECORDS_MAX;) {
        size_t len = n - at >= 4 ? load_le(bytes + at) : 0;
        if (len == 0 || len > n - at - 4) {
            return -1;
        }
        records[n_records++] = (struct record){bytes + at + 4, len < RECORD_MAX ? len : RECORD_MAX};
        at += 4 + len;
    }
    return (long)n_records;
}

/* A number that programs trip over, of @width bytes, at a random place. */
static void plant(uint8_t *p, size_t n, size_t width)
{
    static const uint32_t numbers[] = {0,      1,          0x7f,       0x80,       0xff,      0x100,
                                       0x7fff, 0x8000,     0xffff,     0x10000,    0x10,      0x18,
                                       0xfff0, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0};
    uint32_t v = numbers[attack_random(sizeof(numbers) / sizeof(numbers[0]))];
    /* Most decisions are made by the first bytes. */
    uint32_t reach = attack_random(2) == 0 && n > 64 ? 64 : (uint32_t)n;
    size_t at = attack_random(reach);

    for (size_t i = 0; i < width && at + i < n; i++) {
        p[at + i] = (uint8_t)(v >> 8 * i);
    }
}

/* frag_length as long as the packet, so that more of it is looked at. */
static void set_frag_length(uint8_t *p, size_t n)
{
    if (n >= 16) {
        p[8] = (uint8_t)((p[4] & 0x10) != 0 ? n : n >> 8);
        p[9] = (uint8_t)((p[4] & 0x10) != 0 ? n >> 8 : n);
    }
}

static size_t distort_once(uint8_t *p, size_t n)
{
    const struct record *other = &records[attack_random((uint32_t)n_records)];

    switch (attack_random(8)) {
    case 0:
        p[attack_random((uint32_t)n)] ^= (uint8_t)(1u << attack_random(8));
        return n;
    case 1:
        p[attack_random((uint32_t)n)] = (uint8_t)attack_random(256);
        return n;
    case 2:
    case 3:
        plant(p, n, 2);
        return n;
    case 4:
        plant(p, n, 4);
        return n;
    case 5:
        return 1 + attack_random((uint32_t)n);
    case 6: { /* a tail of another */
        size_t from = attack_random((uint32_t)other->n);
        size_t more = other->n - from < RECORD_MAX - n ? other->n - from : RECORD_MAX - n;
        memcpy(p + n, other->p + from, more);
        return n + more;
    }
    default:
        set_frag_length(p, n);
        return n;
    }
}

static size_t distort_record(uint8_t *out)
{
    const struct record *r = &records[attack_random((uint32_t)n_records)];
    uint32_t times = 1 + attack_random(4);
    size_t n = r->n;

    memcpy(out, r->p, n);
    for (uint32_t i = 0; i < times; i++) {
        n = distort_once(out, n);
    }
    return n;
}

static size_t distort_shape(uint8_t *out, enum attack_before *ret_before)
{
    const struct attack_shape *s = &attack_shapes[attack_random((uint32_t)attack_n_shapes)];

    memcpy(out, s->pdu, ATTACK_MAX_PDU);
    *ret_before = s->before;
    return attack_distort(s, out);
}

static size_t before_it(enum attack_before before, uint8_t *out)
{
    size_t n;

    switch (before) {
    case ATTACK_BOUND_MGMT:
        return attack_bind_mgmt(out);
    case ATTACK_BOUND_EPM:
        return attack_bind_epm(out);
    case ATTACK_FIRST_FRAG:
        n = attack_bind_mgmt(out);
        return n + attack_first_fragment(out + n);
    case ATTACK_NOTHING:
        break;
    }
    return 0;
}

size_t storm_packet(uint8_t *out)
{
    static uint8_t packet[RECORD_MAX + ATTACK_MAX_PDU];
    enum attack_before before = (enum attack_before)attack_random(ATTACK_FIRST_FRAG + 1);
    size_t n = n_records > 0 && attack_random(2) == 0 ? distort_record(packet)
                                                      : distort_shape(packet, &before);
    size_t at = before_it(before, out);

    memcpy(out + at, packet, n);
    return at + n;
}
