/* Property: whatever is inserted and deleted, the map keeps its limits, ids ascend, an interface
 * has one principal, and a look-up in batches finds every entry once. Four bytes are one operation.
 */
#include <stdlib.h>
#include <string.h>

#include "epm/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* ncacn_ip_tcp, interface d (first byte of its UUID), port p (low byte). */
static const uint8_t base[75] = "\5\0\x13\0\x0d"
                                "dddddddddddddddd"
                                "\1\0\2\0\0\0"
                                "\x13\0\x0d"
                                "\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\0\x2b\x10\x48\x60"
                                "\2\0\2\0\0\0"
                                "\1\0\x0b\2\0\0\0"
                                "\1\0\7\2\0\0p"
                                "\1\0\x09\4\0\0\0\0";

static void check(const struct ir_epm_map *map)
{
    struct ir_epm_lookup all = {.inquiry = IR_EPM_ALL};
    const struct ir_epm_entry *e[3];
    uint64_t principal[4] = {0};
    uint64_t last = 0;
    size_t found = 0;
    size_t got;
    do {
        got = ir_epm_lookup_next(map, &all, e, 1 + found % 3);
        for (size_t i = 0; i < got; i++, found++) {
            uint64_t *p = &principal[e[i]->tower[5] & 3];
            if (e[i]->id <= last || (*p != 0 && *p != e[i]->owner.principal)) {
                abort();
            }
            last = e[i]->id;
            *p = e[i]->owner.principal;
        }
    } while (got > 0);
    if (found != ir_epm_count(map) || found > 12) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct ir_epm_limits limits = {.entries = 12, .entries_per_owner = 7};
    struct ir_epm_map *map = ir_epm_map_new(&limits);
    struct ir_epm_key key;
    uint8_t tower[75];
    (void)!ir_epm_key_parse((struct irpc_span){data, n}, &key);
    for (size_t i = 0; map != NULL && i + 4 <= n; i += 4) {
        struct ir_epm_owner owner = {.session = data[i + 1] & 7u,
                                     .principal = 1 + (data[i + 1] & 1)};
        struct irpc_uuid object = {.time_low = data[i + 2] >> 6};
        memcpy(tower, base, sizeof(tower));
        tower[5] = (uint8_t)('d' + (data[i + 2] & 3));
        tower[65] = data[i + 3] & 15;
        ir_epm_begin_round(map);
        switch (data[i] & 3) {
        case 0:
            (void)ir_epm_drop_session(map, owner.session);
            break;
        case 1:
            (void)!ir_epm_delete(map, &owner, false, &object, (struct irpc_span){tower, 75});
            break;
        default:
            (void)!ir_epm_insert(map, &owner, &object, (struct irpc_span){tower, 75}, "",
                                 (data[i] & 4) != 0);
        }
        check(map);
    }
    ir_epm_map_free(map);
    return 0;
}
