/*
 * Straight-line NDR 2.0 for arrays of bench_record: one bounds check for the fixed parts of all
 * elements, one for the fixed part of each string, copies of constant size where there are any.
 */
#include "ndr_straight.h"

#include <string.h>

#define HEAD 8u    /* n, max_count */
#define FIXED 28u  /* id, pad, size, ratio, referent */
#define STRIDE 32u /* an element aligned for the next */
#define COUNTS 12u /* of a string */

static void put32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));
}

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

size_t straight_encode_records(const bench_record *r, uint32_t n, uint8_t *buf, size_t cap)
{
    size_t at = HEAD + (n > 0 ? (size_t)(n - 1) * STRIDE + FIXED : 0);
    uint8_t *p = buf + HEAD;
    uint32_t referent = 0x20000;

    if (at > cap) {
        return 0;
    }
    put32(buf, n);
    put32(buf + 4, n);
    for (uint32_t i = 0; i < n; i++, p += STRIDE) {
        put32(p, r[i].id);
        put32(p + 4, 0);
        memcpy(p + 8, &r[i].size, 8);
        memcpy(p + 16, &r[i].ratio, 8);
        put32(p + 24, r[i].name != NULL ? referent : 0);
        referent += r[i].name != NULL ? 4 : 0;
        if (i + 1 < n) {
            put32(p + 28, 0);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (r[i].name == NULL) {
            continue;
        }
        size_t len = strlen(r[i].name) + 1;
        size_t start = (at + 3) & ~(size_t)3;
        if (len > cap || cap - len < start + COUNTS) {
            return 0;
        }
        memset(buf + at, 0, start - at);
        put32(buf + start, (uint32_t)len);
        put32(buf + start + 4, 0);
        put32(buf + start + 8, (uint32_t)len);
        memcpy(buf + start + COUNTS, r[i].name, len);
        at = start + COUNTS + len;
    }
    return at;
}

bool straight_decode_records(const uint8_t *buf, size_t len, struct ir_arena *arena,
                             bench_record **ret_r, uint32_t *ret_n)
{
    if (len < HEAD) {
        return false;
    }
    uint32_t n = get32(buf);
    if (get32(buf + 4) != n || n > (len - HEAD) / FIXED ||
        (n > 0 && len - HEAD < (size_t)(n - 1) * STRIDE + FIXED)) {
        return false;
    }
    bench_record *r = ir_arena_alloc(arena, n * sizeof(*r));
    if (r == NULL) {
        return false;
    }
    const uint8_t *p = buf + HEAD;
    size_t at = HEAD + (n > 0 ? (size_t)(n - 1) * STRIDE + FIXED : 0);
    for (uint32_t i = 0; i < n; i++, p += STRIDE) {
        r[i].id = get32(p);
        memcpy(&r[i].size, p + 8, 8);
        memcpy(&r[i].ratio, p + 16, 8);
        r[i].name = NULL;
        if (get32(p + 24) == 0) {
            continue;
        }
        size_t start = (at + 3) & ~(size_t)3;
        if (start > len || len - start < COUNTS) {
            return false;
        }
        uint32_t max = get32(buf + start);
        uint32_t actual = get32(buf + start + 8);
        start += COUNTS;
        if (get32(buf + start - 8) != 0 || actual == 0 || actual > max || actual > len - start ||
            buf[start + actual - 1] != 0) {
            return false;
        }
        r[i].name = ir_arena_alloc(arena, actual);
        if (r[i].name == NULL) {
            return false;
        }
        memcpy(r[i].name, buf + start, actual);
        at = start + actual;
    }
    *ret_r = r;
    *ret_n = n;
    return true;
}
