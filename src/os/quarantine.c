/*
 * A table of a few hundred sources: whoever is in it has killed a worker, and the one whose last
 * crash is longest ago makes room for the next. Back-off hits the peer, never the service.
 */
#include "os/quarantine.h"

#include <string.h>
#include <sys/socket.h>

#define MEMORY_MS 600000u /* crashes further apart have nothing to do with each other */
#define TERM_MIN_MS 60000u
#define TERM_MAX_MS 600000u

struct ir_quarantine_peer ir_quarantine_peer(uint8_t family, const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct ir_quarantine_peer s = {.family = family};

    if (family == AF_INET6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        s.family = AF_INET;
        bytes += sizeof(mapped);
    }
    memcpy(s.bytes, bytes, s.family == AF_INET6 ? 8 : 4);
    return s;
}

static bool same(const struct ir_quarantine_peer *a, const struct ir_quarantine_peer *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static size_t place_of(const struct ir_quarantine *q, const struct ir_quarantine_peer *source)
{
    size_t i = 0;

    while (i < q->n && !same(&q->offenders[i].source, source)) {
        i++;
    }
    return i;
}

static struct ir_offender *find(struct ir_quarantine *q, const struct ir_quarantine_peer *source)
{
    size_t i = place_of(q, source);

    return i < q->n ? &q->offenders[i] : NULL;
}

static struct ir_offender *make_room(struct ir_quarantine *q)
{
    struct ir_offender *oldest = &q->offenders[0];

    if (q->n < IR_QUARANTINE_MAX) {
        return &q->offenders[q->n++];
    }
    for (size_t i = 1; i < q->n; i++) {
        if (q->offenders[i].last < oldest->last) {
            oldest = &q->offenders[i];
        }
    }
    return oldest;
}

uint32_t ir_quarantine_crash(struct ir_quarantine *q, const struct ir_quarantine_peer *source,
                             uint64_t now)
{
    struct ir_offender *o = find(q, source);

    if (o == NULL || now - (o->until > o->last ? o->until : o->last) > MEMORY_MS) {
        if (o == NULL) {
            o = make_room(q);
        }
        *o = (struct ir_offender){.source = *source, .last = now};
        return 0;
    }
    o->last = now;
    o->term_ms = o->term_ms == 0                 ? TERM_MIN_MS
                 : o->term_ms >= TERM_MAX_MS / 2 ? TERM_MAX_MS
                                                 : o->term_ms * 2;
    o->until = now + o->term_ms;
    return o->term_ms;
}

bool ir_quarantine_has(const struct ir_quarantine *q, const struct ir_quarantine_peer *source,
                       uint64_t now)
{
    size_t i = place_of(q, source);

    return i < q->n && now < q->offenders[i].until;
}

bool ir_quarantine_holds(struct ir_quarantine *q, const struct ir_quarantine_peer *source,
                         uint64_t now)
{
    struct ir_offender *o = find(q, source);

    if (o == NULL || now >= o->until) {
        return false;
    }
    o->refused++;
    return true;
}
