/*
 * Syntax identifiers. [C706] 12.6.3.1, [MS-RPCE] 2.2.4.12 (NDR64), 2.2.2.14 (features).
 */
#include "base/syntax.h"

const struct irpc_syntax_id ir_syntax_ndr = {
    {0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, {0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, 2, 0};

const struct irpc_syntax_id ir_syntax_ndr64 = {
    {0x71710533, 0xbeba, 0x4937, 0x83, 0x19, {0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36}}, 1, 0};

bool ir_syntax_equal(const struct irpc_syntax_id *a, const struct irpc_syntax_id *b)
{
    return a->major == b->major && a->minor == b->minor &&
           irpc_uuid_compare(&a->uuid, &b->uuid) == 0;
}

/* [MS-RPCE] 3.3.1.5.3: the last 8 bytes of the UUID are the bits, least significant byte first.
 * check: B11 */
bool ir_syntax_is_features(const struct irpc_syntax_id *s, uint64_t *ret_features)
{
    const struct irpc_uuid *u = &s->uuid;

    if (u->time_low != 0x6cb71c2c || u->time_mid != 0x9812 || u->time_hi_and_version != 0x4540 ||
        s->major != 1 || s->minor != 0) {
        return false;
    }
    uint64_t bits = (uint64_t)u->clock_seq_hi_and_reserved | (uint64_t)u->clock_seq_low << 8;
    for (unsigned i = 0; i < sizeof(u->node); i++) {
        bits |= (uint64_t)u->node[i] << (16 + 8 * i);
    }
    *ret_features = bits;
    return true;
}

struct irpc_syntax_id ir_syntax_of_features(uint64_t features)
{
    struct irpc_syntax_id s = {{0x6cb71c2c, 0x9812, 0x4540, 0, 0, {0}}, 1, 0};

    s.uuid.clock_seq_hi_and_reserved = (uint8_t)features;
    s.uuid.clock_seq_low = (uint8_t)(features >> 8);
    for (unsigned i = 0; i < sizeof(s.uuid.node); i++) {
        s.uuid.node[i] = (uint8_t)(features >> (16 + 8 * i));
    }
    return s;
}

struct irpc_syntax_id ir_cur_syntax(struct ir_cur *c)
{
    struct irpc_syntax_id s = {.uuid = ir_cur_uuid(c)};
    uint32_t version = ir_cur_u32(c);

    s.major = (uint16_t)(version & 0xffffu);
    s.minor = (uint16_t)(version >> 16);
    return s;
}

void ir_out_syntax(struct ir_out *o, const struct irpc_syntax_id *s)
{
    ir_out_uuid(o, &s->uuid);
    ir_out_u32(o, (uint32_t)s->minor << 16 | s->major);
}
