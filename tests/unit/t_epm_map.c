/* The endpoint map: insert, delete, look up, map; owners, limits, cursors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "epm/map.h"
#include "ir_test.h"

static const struct ir_epm_limits limits = {.entries = 100, .entries_per_owner = 50};
static const struct ir_epm_owner alice = {.session = 1, .principal = 1000, .uid = 1000, .pid = 11};
static const struct ir_epm_owner alice2 = {.session = 2, .principal = 1000, .uid = 1000, .pid = 12};
static const struct ir_epm_owner bob = {.session = 3, .principal = 1001, .uid = 1001, .pid = 13};
static const struct irpc_uuid nil;
static const struct irpc_uuid object_a = {.time_low = 0xa};
static const struct irpc_uuid object_b = {.time_low = 0xb};

/* ncacn_ip_tcp tower of interface number @iface (0: nil), version @major.@minor, NDR 2.0. */
static struct irpc_span tcp(unsigned iface, unsigned major, unsigned minor, unsigned port)
{
    char text[400];

    snprintf(text, sizeof(text),
             "0500"
             "1300 0d %08x000000000000000000000000 %02x00 0200 %02x00"
             "1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000"
             "0100 0b 0200 0000"
             "0100 07 0200 %04x"
             "0100 09 0400 00000000",
             iface, major, minor, port);
    struct ir_bytes b = IR_HEX(text);
    return (struct irpc_span){b.p, b.n};
}

static struct irpc_span pipe_of(unsigned iface)
{
    char text[400];

    snprintf(text, sizeof(text),
             "0500"
             "1300 0d %08x000000000000000000000000 0100 0200 0000"
             "1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000"
             "0100 0b 0200 0000"
             "0100 0f 0800 '\\PIPE\\x' 00"
             "0100 11 0300 '\\\\' 00",
             iface);
    struct ir_bytes b = IR_HEX(text);
    return (struct irpc_span){b.p, b.n};
}

static enum irpc_status put(struct ir_epm_map *map, const struct ir_epm_owner *owner,
                            const struct irpc_uuid *object, struct irpc_span tower)
{
    return ir_epm_insert(map, owner, object, tower, "note", false);
}

static size_t find_all(const struct ir_epm_map *map, const struct ir_epm_entry **entries,
                       size_t max)
{
    struct ir_epm_lookup lookup = {.inquiry = IR_EPM_ALL};

    return ir_epm_lookup_next(map, &lookup, entries, max);
}

IR_TEST(key_of_a_tcp_tower)
{
    struct ir_epm_key key;

    IR_ASSERT_EQ(ir_epm_key_parse(tcp(7, 3, 4, 1234), &key), IRPC_OK);
    IR_ASSERT_EQ(key.interface.major, 3);
    IR_ASSERT_EQ(key.interface.minor, 4);
    IR_ASSERT_EQ(key.interface.uuid.time_low, 0x07000000u);
    IR_ASSERT_EQ(key.transfer.uuid.time_low, 0x8a885d04u);
    IR_ASSERT_EQ(key.n_protocols, 3);
    IR_ASSERT_MEM(key.protocols, 3, "\x0b\x07\x09", 3);
    IR_ASSERT_EQ(key.address_off, 71);
}

IR_TEST(key_refuses_damaged_towers)
{
    struct irpc_span t = tcp(1, 1, 0, 135);
    struct ir_epm_key key = {.n_protocols = 99};
    uint8_t copy[75];

    /* check: E01 */
    for (size_t len = 0; len < t.len; len++) {
        IR_ASSERT_EQ(ir_epm_key_parse((struct irpc_span){t.p, len}, &key), IRPC_BAD_STUB_DATA);
    }
    /* The first two floors have to be UUIDs with versions. check: E03 */
    static const size_t fatal[] = {0, 2, 4, 23, 27, 29, 48};
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
        memcpy(copy, t.p, t.len);
        copy[fatal[i]] ^= 0x80;
        IR_ASSERT_EQ(ir_epm_key_parse((struct irpc_span){copy, t.len}, &key), IRPC_BAD_STUB_DATA);
    }
    IR_ASSERT_EQ(key.n_protocols, 99);
}

IR_TEST(insert_then_delete)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    const struct ir_epm_entry *e;

    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 1);
    e = ir_epm_peek(map, 0);
    IR_ASSERT_STR(e->annotation, "note");
    IR_ASSERT_EQ(e->owner.pid, 11);
    IR_ASSERT_EQ(e->tower_len, 75);
    IR_ASSERT(ir_epm_peek(map, e->id + 1) == NULL);

    /* Object and tower have to match, the annotation does not exist here. */
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &nil, tcp(1, 1, 0, 1000)),
                 IRPC_EPT_NOT_REGISTERED);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &object_a, tcp(1, 1, 0, 1001)),
                 IRPC_EPT_NOT_REGISTERED);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &object_a, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &object_a, tcp(1, 1, 0, 1000)),
                 IRPC_EPT_NOT_REGISTERED);
    IR_ASSERT_EQ(ir_epm_count(map), 0);
    ir_epm_map_free(map);
}

IR_TEST(delete_by_object_or_tower_alone)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);

    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(2, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &object_b, tcp(2, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &object_a, tcp(3, 1, 0, 1000)), IRPC_OK);
    struct irpc_span any = {NULL, 0};

    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &object_a, any), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 2);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &object_a, any), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, true, &object_a, any), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, NULL, tcp(2, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 0);
    ir_epm_map_free(map);
}

IR_TEST(the_address_in_a_tower_does_not_count)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct irpc_span t = tcp(1, 1, 0, 1000);
    uint8_t other[75];

    memcpy(other, t.p, t.len);
    memcpy(other + 71, "\x0a\x00\x00\x01", 4);
    IR_ASSERT_EQ(put(map, &alice, &nil, t), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, (struct irpc_span){other, 75}), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 1);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &nil, (struct irpc_span){other, 75}), IRPC_OK);
    ir_epm_map_free(map);
}

IR_TEST(tower_gets_the_address_that_was_reached)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    static const uint8_t here[4] = {192, 0, 2, 1};
    uint8_t buf[IR_EPM_TOWER_MAX];

    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, pipe_of(1)), IRPC_OK);
    const struct ir_epm_entry *e = ir_epm_peek(map, 0);
    IR_ASSERT_EQ(ir_epm_tower_at(e, here, buf, sizeof(buf)), 75);
    IR_ASSERT_MEM(buf + 71, 4, here, 4);
    IR_ASSERT_MEM(buf, 71, e->tower, 71);
    IR_ASSERT_EQ(ir_epm_tower_at(e, NULL, buf, sizeof(buf)), 75);
    IR_ASSERT_MEM(buf + 71, 4, "\0\0\0\0", 4);
    IR_ASSERT_EQ(ir_epm_tower_at(e, here, buf, 74), 0);
    e = ir_epm_peek(map, e->id + 1);
    IR_ASSERT_EQ(ir_epm_tower_at(e, here, buf, sizeof(buf)), e->tower_len);
    IR_ASSERT_MEM(buf, e->tower_len, e->tower, e->tower_len);
    ir_epm_map_free(map);
}

IR_TEST(the_same_again_updates)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    char text[IR_EPM_ANNOTATION_MAX + 10];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_insert(map, &alice2, &nil, tcp(1, 1, 0, 1000), text, false), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 1);
    /* check: E08 */
    IR_ASSERT_EQ(strlen(ir_epm_peek(map, 0)->annotation), IR_EPM_ANNOTATION_MAX - 1);
    /* It lives as long as the one who said it last. */
    IR_ASSERT_EQ(ir_epm_drop_session(map, 1), 0);
    IR_ASSERT_EQ(ir_epm_drop_session(map, 2), 1);
    ir_epm_map_free(map);
}

IR_TEST(replace_removes_the_old_endpoint)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    const struct ir_epm_entry *e[10];

    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1001)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(1, 1, 0, 1002)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 2, 0, 1003)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, pipe_of(1)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 5);

    ir_epm_begin_round(map);
    IR_ASSERT_EQ(ir_epm_insert(map, &alice2, &nil, tcp(1, 1, 0, 1004), "new", true), IRPC_OK);
    IR_ASSERT_EQ(find_all(map, e, 10), 4);
    IR_ASSERT_STR(e[3]->annotation, "new");
    /* The one that is there already stays, the others go. */
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1005)), IRPC_OK);
    ir_epm_begin_round(map);
    IR_ASSERT_EQ(ir_epm_insert(map, &alice2, &nil, tcp(1, 1, 0, 1004), "newer", true), IRPC_OK);
    IR_ASSERT_EQ(find_all(map, e, 10), 4);
    IR_ASSERT_STR(e[3]->annotation, "newer");
    /* Endpoints of one call do not replace each other. */
    IR_ASSERT_EQ(ir_epm_insert(map, &alice2, &nil, tcp(1, 1, 0, 1006), "", true), IRPC_OK);
    IR_ASSERT_EQ(find_all(map, e, 10), 5);
    ir_epm_map_free(map);
}

IR_TEST(nobody_hijacks_a_live_interface)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);

    /* check: E09 */
    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &object_b, tcp(1, 9, 0, 2000)), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(ir_epm_insert(map, &bob, &object_a, tcp(1, 1, 0, 1000), "", true),
                 IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(ir_epm_delete(map, &bob, false, &object_a, tcp(1, 1, 0, 1000)),
                 IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(put(map, &bob, &nil, tcp(2, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_delete(map, &bob, true, &object_a, tcp(1, 1, 0, 1000)), IRPC_OK);
    /* It is free now. */
    IR_ASSERT_EQ(put(map, &bob, &object_b, tcp(1, 9, 0, 2000)), IRPC_OK);
    ir_epm_map_free(map);
}

IR_TEST(the_nil_interface_is_legal_and_nobodys)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);

    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(0, 0, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &nil, tcp(0, 0, 0, 1001)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &nil, tcp(0, 0, 0, 1000)), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(ir_epm_insert(map, &alice, &nil, tcp(0, 0, 0, 1002), "", true), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 3);
    ir_epm_map_free(map);
}

IR_TEST(limits_hold)
{
    static const struct ir_epm_limits small = {.entries = 5, .entries_per_owner = 3};
    struct ir_epm_map *map = ir_epm_map_new(&small);

    for (unsigned i = 0; i < 3; i++) {
        IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1000 + i)), IRPC_OK);
    }
    IR_ASSERT_EQ(put(map, &alice2, &nil, tcp(1, 1, 0, 1009)), IRPC_LIMIT);
    /* The same again and a replacement need no room. */
    IR_ASSERT_EQ(put(map, &alice2, &nil, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &nil, tcp(2, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &nil, tcp(2, 1, 0, 1001)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &bob, &nil, tcp(2, 1, 0, 1002)), IRPC_LIMIT);
    ir_epm_begin_round(map);
    IR_ASSERT_EQ(ir_epm_insert(map, &bob, &nil, tcp(2, 1, 0, 1003), "", true), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(map), 4);
    ir_epm_map_free(map);
}

IR_TEST(entries_die_with_their_session)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    const struct ir_epm_entry *e[10];

    for (unsigned i = 0; i < 3; i++) {
        IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1000 + i)), IRPC_OK);
        IR_ASSERT_EQ(put(map, &alice2, &nil, tcp(1, 1, 0, 2000 + i)), IRPC_OK);
    }
    IR_ASSERT_EQ(ir_epm_drop_session(map, alice.session), 3);
    IR_ASSERT_EQ(ir_epm_drop_session(map, alice.session), 0);
    IR_ASSERT_EQ(find_all(map, e, 10), 3);
    for (unsigned i = 0; i < 3; i++) {
        IR_ASSERT_EQ(e[i]->owner.session, alice2.session);
    }
    ir_epm_map_free(map);
}

IR_TEST(lookup_by_inquiry_and_version)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    static const unsigned versions[][2] = {{1, 0}, {1, 2}, {1, 5}, {2, 0}, {2, 3}};
    /* Found of the five when 1.2 or 2.0 is asked for, by option 1..5. */
    static const unsigned want_12[] = {5, 2, 1, 3, 2};
    static const unsigned want_20[] = {5, 2, 1, 2, 4};
    const struct ir_epm_entry *e[20];
    struct ir_epm_key key;

    for (unsigned i = 0; i < 5; i++) {
        IR_ASSERT_EQ(put(map, &alice, i == 4 ? &object_a : &nil,
                         tcp(1, versions[i][0], versions[i][1], 1000)),
                     IRPC_OK);
    }
    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(2, 1, 2, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_key_parse(tcp(1, 1, 2, 0), &key), IRPC_OK);
    for (uint32_t option = 1; option <= 5; option++) {
        struct ir_epm_lookup lookup = {
            .inquiry = IR_EPM_BY_INTERFACE, .versions = option, .interface = key.interface};
        IR_ASSERT(ir_epm_lookup_is_valid(&lookup));
        IR_ASSERT_EQ(ir_epm_lookup_next(map, &lookup, e, 20), want_12[option - 1]);
        lookup.next = 0;
        lookup.interface.major = 2;
        lookup.interface.minor = 0;
        IR_ASSERT_EQ(ir_epm_lookup_next(map, &lookup, e, 20), want_20[option - 1]);
    }
    struct ir_epm_lookup by_object = {.inquiry = IR_EPM_BY_OBJECT, .object = object_a};
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &by_object, e, 20), 2);
    struct ir_epm_lookup by_nil = {.inquiry = IR_EPM_BY_OBJECT};
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &by_nil, e, 20), 4);
    struct ir_epm_lookup by_both = {.inquiry = IR_EPM_BY_BOTH,
                                    .versions = IR_EPM_VERSION_ALL,
                                    .object = object_a,
                                    .interface = key.interface};
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &by_both, e, 20), 1);
    struct ir_epm_lookup all = {.inquiry = IR_EPM_ALL, .versions = 77};
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &all, e, 20), 6);
    ir_epm_map_free(map);
}

IR_TEST(lookup_ranges)
{
    struct ir_epm_lookup l = {.inquiry = 4, .versions = 1};

    /* check: E07 */
    IR_ASSERT(!ir_epm_lookup_is_valid(&l));
    l.inquiry = IR_EPM_BY_INTERFACE;
    for (l.versions = 0; l.versions < 10; l.versions++) {
        IR_ASSERT_EQ(ir_epm_lookup_is_valid(&l), l.versions >= 1 && l.versions <= 5);
    }
    l.inquiry = IR_EPM_BY_OBJECT;
    IR_ASSERT(ir_epm_lookup_is_valid(&l));
}

IR_TEST(lookup_in_batches_while_the_map_changes)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct ir_epm_lookup lookup = {.inquiry = IR_EPM_ALL};
    const struct ir_epm_entry *e[4];

    for (unsigned i = 0; i < 10; i++) {
        IR_ASSERT_EQ(put(map, i % 2 ? &alice : &bob, &nil, tcp(1 + i % 2, 1, 0, 1000 + i)),
                     IRPC_OK);
    }
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &lookup, e, 4), 4);
    IR_ASSERT_EQ(e[3]->id, 4);
    /* Gone: two that were seen and the next one; new: one at the end. */
    IR_ASSERT_EQ(ir_epm_delete(map, &bob, false, &nil, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_delete(map, &alice, false, &nil, tcp(2, 1, 0, 1003)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_delete(map, &bob, false, &nil, tcp(1, 1, 0, 1004)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(3, 1, 0, 1010)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &lookup, e, 4), 4);
    IR_ASSERT_EQ(e[0]->id, 6);
    IR_ASSERT_EQ(e[3]->id, 9);
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &lookup, e, 4), 2);
    IR_ASSERT_EQ(e[1]->id, 11);
    IR_ASSERT_EQ(ir_epm_lookup_next(map, &lookup, e, 4), 0);
    ir_epm_map_free(map);
}

IR_TEST(mapping_matches_interface_and_protocols)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct ir_epm_mapping m = {.next = 0};
    const struct ir_epm_entry *e[10];

    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 3, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 2, 3, 1001)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, pipe_of(1)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(2, 1, 3, 1002)), IRPC_OK);
    /* The port asked for does not matter, a lower minor is served. */
    IR_ASSERT_EQ(ir_epm_key_parse(tcp(1, 1, 1, 9), &m.key), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 1);
    IR_ASSERT_EQ(e[0]->id, 1);
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 0);
    m.next = 0;
    m.key.interface.minor = 4;
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 0);
    m.next = 0;
    m.key.interface.minor = 3;
    m.key.transfer.minor = 1;
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 0);
    m.next = 0;
    IR_ASSERT_EQ(ir_epm_key_parse(pipe_of(1), &m.key), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 1);
    IR_ASSERT_EQ(e[0]->id, 3);
    ir_epm_map_free(map);
}

IR_TEST(mapping_and_objects)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct ir_epm_mapping m = {.next = 0};
    const struct ir_epm_entry *e[10];

    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 0, 1000)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &object_a, tcp(1, 1, 0, 1001)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &object_b, tcp(1, 1, 0, 1002)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_key_parse(tcp(1, 1, 0, 0), &m.key), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 1);
    IR_ASSERT_EQ(e[0]->id, 1);
    m.next = 0;
    m.object = object_b;
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 10), 2);
    IR_ASSERT_EQ(e[1]->id, 3);
    /* One at a time. */
    m.next = 0;
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 1), 1);
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 1), 1);
    IR_ASSERT_EQ(e[0]->id, 3);
    IR_ASSERT_EQ(ir_epm_mapping_next(map, &m, e, 1), 0);
    ir_epm_map_free(map);
}

static bool build_a_map(void *arg)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    bool all = map != NULL;

    (void)arg;
    for (unsigned i = 0; map != NULL && i < 40; i++) {
        size_t before = ir_epm_count(map);
        enum irpc_status st = put(map, &alice, &nil, tcp(1, 1, 0, 1000 + i));

        all = all && st == IRPC_OK;
        IR_ASSERT(st == IRPC_OK || st == IRPC_NO_MEMORY);
        IR_ASSERT_EQ(ir_epm_count(map), before + (st == IRPC_OK));
    }
    ir_epm_map_free(map);
    return all;
}

IR_TEST(survives_lack_of_memory)
{
    IR_ASSERT(ir_test_oom(build_a_map, NULL) > 40);
}

/* --- flat form --- */

/* Copies of @map's flat form, aligned and exactly as long. */
static uint64_t *flatten(const struct ir_epm_map *map, size_t *ret_len)
{
    *ret_len = ir_epm_flat_len(map);
    uint64_t *memory = calloc(1, *ret_len);

    IR_ASSERT(memory != NULL);
    ir_epm_flatten(map, memory);
    return memory;
}

IR_TEST(flat_form_is_searched_as_the_map_is)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct ir_epm_map *flat = NULL;
    const struct ir_epm_entry *have[100];
    const struct ir_epm_entry *want[100];
    size_t len;

    ir_epm_begin_ids(map, 3);
    for (unsigned i = 1; i <= 20; i++) {
        IR_ASSERT_EQ(put(map, i % 2 ? &alice : &bob, i % 3 ? &nil : &object_a, tcp(i, 1, i, i)), 0);
    }
    IR_ASSERT_EQ(put(map, &alice, &nil, pipe_of(77)), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_drop_session(map, bob.session), 10);
    uint64_t *memory = flatten(map, &len);
    IR_ASSERT_EQ(ir_epm_map_borrow(memory, len, &flat), IRPC_OK);
    IR_ASSERT_EQ(find_all(map, want, 100), 11);
    IR_ASSERT_EQ(find_all(flat, have, 100), 11);
    IR_ASSERT_EQ(want[0]->id, 0x300000001u);
    for (size_t i = 0; i < 11; i++) {
        size_t n = sizeof(*want[i]) + want[i]->tower_len;
        IR_ASSERT_MEM(have[i], n, want[i], n);
    }
    /* Nothing changes it. */
    IR_ASSERT_EQ(put(flat, &alice, &nil, tcp(50, 1, 0, 1)), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(ir_epm_delete(flat, &alice, true, &nil, tcp(1, 1, 1, 1)), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(ir_epm_drop_session(flat, alice.session), 0);
    IR_ASSERT_EQ(ir_epm_count(flat), 11);
    ir_epm_map_free(flat);
    ir_epm_map_free(map);
    free(memory);
}

IR_TEST(an_empty_map_has_a_flat_form)
{
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct ir_epm_map *flat = NULL;
    size_t len;
    uint64_t *memory = flatten(map, &len);

    IR_ASSERT_EQ(ir_epm_map_borrow(memory, len, &flat), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_count(flat), 0);
    ir_epm_map_free(flat);
    ir_epm_map_free(map);
    free(memory);
}

/* Whatever word of it is changed, and wherever it is cut, it is refused or can be searched: reading
 * outside is for the sanitizers to see. */
IR_TEST(damaged_flat_form_is_refused_or_harmless)
{
    static const uint64_t values[] = {0, 1, 7, 8, 1u << 20, UINT64_MAX, UINT64_MAX - 7};
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    const struct ir_epm_entry *found[100];
    size_t refused = 0;
    size_t len;

    IR_ASSERT_EQ(put(map, &alice, &nil, tcp(1, 1, 1, 1)), IRPC_OK);
    IR_ASSERT_EQ(put(map, &alice, &nil, pipe_of(2)), IRPC_OK);
    uint64_t *memory = flatten(map, &len);
    uint64_t *copy = malloc(len);
    IR_ASSERT(copy != NULL);
    for (size_t i = 0; i < len / 8 * IR_ARRAY_LEN(values); i++) {
        struct ir_epm_map *flat = NULL;

        memcpy(copy, memory, len);
        copy[i / IR_ARRAY_LEN(values)] = values[i % IR_ARRAY_LEN(values)];
        if (ir_epm_map_borrow(copy, len, &flat) == IRPC_OK) {
            (void)find_all(flat, found, 100);
        } else {
            refused++;
        }
        ir_epm_map_free(flat);
    }
    IR_ASSERT(refused > 100);
    for (size_t cut = 0; cut < len; cut += 8) {
        struct ir_epm_map *flat = NULL;
        uint64_t *part = malloc(cut + 1);

        IR_ASSERT(part != NULL);
        memcpy(part, memory, cut);
        IR_ASSERT_EQ(ir_epm_map_borrow(part, cut, &flat), IRPC_PROTO_ERROR);
        if (cut >= 24) {
            part[1] = cut; /* as if it were whole */
            IR_ASSERT_EQ(ir_epm_map_borrow(part, cut, &flat), IRPC_PROTO_ERROR);
        }
        free(part);
    }
    free(copy);
    ir_epm_map_free(map);
    free(memory);
}
