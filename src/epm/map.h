/*
 * The endpoint map: which interface is reachable where, and who says so. Pure memory: callers pass
 * identities and towers in, and get entries out. Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/types.h>

/* The longest tower: five floors, pipe and host names of 255 bytes, and some to spare. */
#define IR_EPM_TOWER_MAX 1024u
/* Annotation with its NUL, [C706] appendix O: ept_max_annotation_size. check: E08 */
#define IR_EPM_ANNOTATION_MAX 64u
/* Name of a program with its NUL, as the kernel keeps it. */
#define IR_EPM_PROGRAM_MAX 16u
/* Protocol floors (from the third on) of a tower. */
#define IR_EPM_PROTOCOLS_MAX 6u

/* Who registered an entry. `session` decides how long it lives, `principal` who may change it. */
struct ir_epm_owner {
    uint64_t session;   /* connection; its entries go when it ends */
    uint64_t principal; /* the same for everybody who may act for the owner: a uid, a peer */
    uint32_t uid;       /* for display; UINT32_MAX: not a local user */
    int32_t pid;        /* for display; 0: unknown */
    bool unlimited;     /* entries_per_owner does not apply */
    char program[IR_EPM_PROGRAM_MAX]; /* for display; NUL-terminated */
};

/* What a tower says about the interface and the protocols, without endpoint and address. */
struct ir_epm_key {
    struct irpc_syntax_id interface;
    struct irpc_syntax_id transfer;
    uint16_t address_off; /* of the IPv4 address's 4 bytes in the tower, 0: it has none */
    uint8_t n_protocols;
    uint8_t protocols[IR_EPM_PROTOCOLS_MAX]; /* floor protocol ids: 0b 07 09 for ncacn_ip_tcp */
};

struct ir_epm_entry {
    uint64_t id;    /* ascending, never reused */
    uint64_t round; /* of the ept_insert that brought it last */
    struct irpc_uuid object;
    struct ir_epm_key key;
    struct ir_epm_owner owner;
    char annotation[IR_EPM_ANNOTATION_MAX]; /* NUL-terminated */
    size_t tower_len;
    uint8_t tower[]; /* as it was registered */
};

struct ir_epm_limits {
    uint32_t entries;           /* of the whole map */
    uint32_t entries_per_owner; /* of one principal */
};

/* Inquiry types and version options of ept_lookup, [C706] appendix O. */
enum ir_epm_inquiry {
    IR_EPM_ALL = 0,
    IR_EPM_BY_INTERFACE = 1,
    IR_EPM_BY_OBJECT = 2,
    IR_EPM_BY_BOTH = 3
};

enum ir_epm_versions {
    IR_EPM_VERSION_ALL = 1,
    IR_EPM_VERSION_COMPATIBLE = 2, /* same major, at least the minor */
    IR_EPM_VERSION_EXACT = 3,
    IR_EPM_VERSION_MAJOR_ONLY = 4,
    IR_EPM_VERSION_UPTO = 5 /* not above the one asked for */
};

/* A look-up under way: what is asked for, and the first entry id not yet looked at. */
struct ir_epm_lookup {
    uint32_t inquiry;
    uint32_t versions;
    struct irpc_uuid object;
    struct irpc_syntax_id interface;
    uint64_t next;
};

/* A mapping under way: object and tower asked for. */
struct ir_epm_mapping {
    struct irpc_uuid object;
    struct ir_epm_key key;
    uint64_t next;
};

struct ir_epm_map;

/* An empty map; NULL when out of memory. */
struct ir_epm_map *ir_epm_map_new(const struct ir_epm_limits *limits);

/* Ids of entries begin behind those of a map that was there before: @start differs each time. */
void ir_epm_begin_ids(struct ir_epm_map *map, uint32_t start);

/*
 * Flat form: the whole map as bytes without pointers, for another process of the same program.
 * ir_epm_flatten() fills the ir_epm_flat_len() bytes at @memory, which is zeroed and aligned to 8.
 */
size_t ir_epm_flat_len(const struct ir_epm_map *map);
void ir_epm_flatten(const struct ir_epm_map *map, void *memory);

/*
 * A map that can be searched but not changed, over flat form at @memory[@len], which has to stay.
 * Everything in it is checked. Return: IRPC_OK (free it, then the memory); IRPC_PROTO_ERROR: it is
 * no flat form; IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_epm_map_borrow(const void *memory, size_t len, struct ir_epm_map **ret_map);

/* Free the map and its entries; NULL is fine. */
void ir_epm_map_free(struct ir_epm_map *map);

/* Read interface, transfer syntax and protocols out of a tower.
 * Return: IRPC_OK; IRPC_BAD_STUB_DATA: malformed, or longer than IR_EPM_TOWER_MAX. */
IRPC_CHECKED ir_epm_key_parse(struct irpc_span tower, struct ir_epm_key *ret_key);

/* The insertions that follow belong together: none replaces what another of them has brought. */
void ir_epm_begin_round(struct ir_epm_map *map);

/*
 * Register @tower for @object (nil: every object). The same object and tower again updates the
 * annotation and moves the entry to @owner's session. @replace: what @owner's principal has
 * registered for the same object, interface and protocols goes first, its endpoint is out of date.
 * Return: IRPC_OK; IRPC_BAD_STUB_DATA (tower); IRPC_ACCESS_DENIED: the interface's UUID, or this
 * very entry, is registered by another principal (check: E09); IRPC_LIMIT; IRPC_NO_MEMORY.
 */
IRPC_CHECKED ir_epm_insert(struct ir_epm_map *map, const struct ir_epm_owner *owner,
                           const struct irpc_uuid *object, struct irpc_span tower,
                           const char *annotation, bool replace);

/*
 * Remove every entry with this object (NULL: any) and this tower (empty: any); annotations and
 * the address in the tower are not compared. @any_owner: whoever owns them, else only those of
 * @owner's principal go.
 * Return: IRPC_OK: at least one went; IRPC_EPT_NOT_REGISTERED: there is none; IRPC_ACCESS_DENIED:
 * there are, but all are somebody else's.
 */
IRPC_CHECKED ir_epm_delete(struct ir_epm_map *map, const struct ir_epm_owner *owner, bool any_owner,
                           const struct irpc_uuid *object, struct irpc_span tower);

/* Remove what @session registered. Return: how many entries. */
size_t ir_epm_drop_session(struct ir_epm_map *map, uint64_t session);

/* Whether inquiry type and version option are ones that exist. check: E07 */
bool ir_epm_lookup_is_valid(const struct ir_epm_lookup *lookup);

/*
 * The next entries that match, at most @max, in order of registration. Entries inserted since the
 * look-up began are found at its end, deleted ones are not found; none is found twice. Entries
 * are valid until the map changes. Return: how many; fewer than @max: there are no more.
 */
size_t ir_epm_lookup_next(const struct ir_epm_map *map, struct ir_epm_lookup *lookup,
                          const struct ir_epm_entry **ret_entries, size_t max);

/* The same for a mapping: interface (same major, at least the minor), transfer syntax and
 * protocols match; entries for no object match every object. [C706] appendix O, [MS-RPCE] */
size_t ir_epm_mapping_next(const struct ir_epm_map *map, struct ir_epm_mapping *mapping,
                           const struct ir_epm_entry **ret_entries, size_t max);

/* Number of entries. */
size_t ir_epm_count(const struct ir_epm_map *map);

/* Another number whenever the map has changed. */
uint64_t ir_epm_changes(const struct ir_epm_map *map);

/* The entry with the lowest id >= @id; NULL: none. Valid until the map changes. */
const struct ir_epm_entry *ir_epm_peek(const struct ir_epm_map *map, uint64_t id);

/*
 * @entry's tower with the IPv4 address @ipv4 (network order, NULL: 0.0.0.0) in its address floor,
 * if it has one, into @buf[@cap]. Return: its length; 0: it does not fit.
 */
size_t ir_epm_tower_at(const struct ir_epm_entry *entry, const uint8_t *ipv4, uint8_t *buf,
                       size_t cap);
