/*
 * Intrusive hash table by a 64-bit key. Keys are random numbers of ours (association groups,
 * context handles) or come out of a keyed hash (sources): a peer cannot make them collide.
 * check: L06
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/types.h>

struct ir_node {
    struct ir_node *next;
    uint64_t key;
};

struct ir_table {
    struct ir_node **buckets;
    uint32_t mask; /* buckets - 1; 0: none yet */
    atomic_uint n; /* any thread may read it */
};

void ir_table_deinit(struct ir_table *table);

/* Put @node with its key; equal keys may coexist. Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_table_add(struct ir_table *table, struct ir_node *node);

void ir_table_remove(struct ir_table *table, struct ir_node *node);

/* The first node with @key; go on with ir_node_next_equal(). NULL: none. */
struct ir_node *ir_table_find(const struct ir_table *table, uint64_t key);
struct ir_node *ir_node_next_equal(const struct ir_node *node);
