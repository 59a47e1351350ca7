/* What the harnesses of wire/ share. `bytes` is exactly as long as a cursor may be: what the
 * decoders themselves read is proven against it. Spans that they hand out are read in `wide`: Eva
 * keeps no relation between where a span begins and how long it is. */
#pragma once

#include "base/cur.h"
#include "proof.h"
#include "wire/header.h"

static uint8_t bytes[IR_CUR_CAP];
static uint8_t wide[3 * IR_CUR_CAP];

static inline void any_header(struct ir_header *h)
{
    h->ptype = (uint8_t)any_u32();
    h->flags = (uint8_t)any_u32();
    h->frag_length = (uint16_t)any_u32();
    h->auth_length = (uint16_t)any_u32();
    h->call_id = any_u32();
    h->big_endian = any_below(2) != 0;
}

static inline void read_span(struct irpc_span s)
{
    for (size_t i = 0; s.p != NULL && i < s.len; i++) {
        proof_sink = s.p[i];
    }
}
