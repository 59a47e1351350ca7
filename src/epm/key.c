/*
 * What the map needs to know of a tower: interface, transfer syntax, protocols, and where the IPv4
 * address is. Any protocols will do: the map need not be able to speak them.
 */
#include <string.h>

#include "base/cur.h"
#include "epm/map.h"
#include "wire/tower.h"

/* A floor that holds a syntax identifier: UUID and major on the left, minor on the right, both
 * little-endian. check: E03 */
static bool read_syntax(const struct ir_floor *floor, struct irpc_syntax_id *ret_syntax)
{
    struct ir_cur lhs = ir_cur_init(floor->lhs.p, floor->lhs.len, false);
    struct ir_cur rhs = ir_cur_init(floor->rhs.p, floor->rhs.len, false);
    struct irpc_syntax_id syntax;

    if (floor->protocol != IR_FLOOR_UUID || floor->lhs.len != 18 || floor->rhs.len != 2) {
        return false;
    }
    syntax.uuid = ir_cur_uuid(&lhs);
    syntax.major = ir_cur_u16(&lhs);
    syntax.minor = ir_cur_u16(&rhs);
    *ret_syntax = syntax;
    return lhs.err == IRPC_OK && rhs.err == IRPC_OK;
}

IRPC_CHECKED ir_epm_key_parse(struct irpc_span tower, struct ir_epm_key *ret_key)
{
    struct ir_epm_key key = {.n_protocols = 0};
    struct ir_violation violation;
    struct ir_floors floors;
    struct ir_floor floor;

    if (tower.len > IR_EPM_TOWER_MAX || ir_floors_init(tower, &floors, &violation) != IRPC_OK) {
        return IRPC_BAD_STUB_DATA;
    }
    if (!ir_floors_next(&floors, &floor) || !read_syntax(&floor, &key.interface) ||
        !ir_floors_next(&floors, &floor) || !read_syntax(&floor, &key.transfer)) {
        return IRPC_BAD_STUB_DATA;
    }
    while (ir_floors_next(&floors, &floor)) {
        if (key.n_protocols == IR_EPM_PROTOCOLS_MAX) {
            return IRPC_BAD_STUB_DATA;
        }
        if (floor.protocol == IR_FLOOR_IP && floor.rhs.len == 4) {
            key.address_off = (uint16_t)(floor.rhs.p - tower.p);
        }
        key.protocols[key.n_protocols++] = floor.protocol;
    }
    if (floors.cur.err != IRPC_OK) {
        return IRPC_BAD_STUB_DATA;
    }
    *ret_key = key;
    return IRPC_OK;
}

size_t ir_epm_tower_at(const struct ir_epm_entry *entry, const uint8_t *ipv4, uint8_t *buf,
                       size_t cap)
{
    static const uint8_t any[4];

    if (entry->tower_len > cap) {
        return 0;
    }
    memcpy(buf, entry->tower, entry->tower_len);
    if (entry->key.address_off != 0) {
        memcpy(buf + entry->key.address_off, ipv4 != NULL ? ipv4 : any, sizeof(any));
    }
    return entry->tower_len;
}
