/*
 * The endpoint mapper as a service: the operations of epm_v3_0 over a map.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/server.h>

#include "epm/map.h"

/* Decides whether a local peer (uid, gid from the kernel) may register. */
typedef bool ir_epm_may_register_fn(void *user, uid_t uid, gid_t gid);

/* Writes the name of the program that @pid runs into @name. */
typedef void ir_epm_program_fn(void *user, pid_t pid, char name[IR_EPM_PROGRAM_MAX]);

struct ir_epm_service_options {
    struct ir_epm_limits limits;
    ir_epm_may_register_fn *may_register;
    ir_epm_program_fn *program;
    void *user;
    bool remote_insert;      /* whoever reaches us by network may register too: for tests */
    uint32_t lookup_handles; /* per association group */
    uint32_t lookup_idle_ms; /* then a look-up's handle expires; check: E06 */
    struct irpc_uuid object; /* what ept_inq_object answers */
    uint32_t start;          /* of ids of entries, see ir_epm_begin_ids() */
    /* The map has changed: before the answer to whoever changed it. May be NULL. */
    void (*changed)(void *user);
    /* The map is about to be searched. May be NULL. */
    void (*refresh)(void *user);
    bool borrowed; /* the map is another process's: see ir_epm_service_borrow() */
    uid_t uid;     /* the daemon, as owner of its own entries */
    pid_t pid;
};

struct ir_epm_service;

/* Return: IRPC_OK (free with ir_epm_service_free()), IRPC_NO_MEMORY. */
IRPC_CHECKED ir_epm_service_new(const struct ir_epm_service_options *options,
                                struct ir_epm_service **ret_service);

/* After the server is freed. NULL is fine. */
void ir_epm_service_free(struct ir_epm_service *service);

/* Offer the interface, and ironmap to local programs, on @server. Return: as
 * irpc_server_register(). */
IRPC_CHECKED ir_epm_service_attach(struct ir_epm_service *service, struct irpc_server *server);

/* Put the interfaces of @server itself into the map, with each endpoint that it listens on. They
 * belong to nobody else. Return: as ir_epm_insert(). */
IRPC_CHECKED ir_epm_service_add_self(struct ir_epm_service *service, struct irpc_server *server);

/* The map as it is now, until it changes. */
const struct ir_epm_map *ir_epm_service_peek(const struct ir_epm_service *service);

/* Search flat form at @memory[@len] from now on, which has to stay until the next call of this.
 * Return: as ir_epm_map_borrow(); then the old map is still there. */
IRPC_CHECKED ir_epm_service_borrow(struct ir_epm_service *service, const void *memory, size_t len);

/* Number of entries. */
size_t ir_epm_service_count(const struct ir_epm_service *service);

/* owners.c: offer ironmap. Return: as irpc_server_register(). */
IRPC_CHECKED ir_epm_owners_attach(struct ir_epm_map *map, struct irpc_server *server);
