/* Intrusive hash table: chains, doubled when full. Nodes belong to the caller. */
#include "server/table.h"

#include "base/alloc.h"

void ir_table_deinit(struct ir_table *table)
{
    ir_free(table->buckets);
    *table = (struct ir_table){0};
}

static enum irpc_status grow(struct ir_table *table)
{
    uint32_t n = table->buckets != NULL ? (table->mask + 1) * 2 : 64;
    struct ir_node **buckets = ir_calloc(n, sizeof(struct ir_node *));

    if (buckets == NULL) {
        /* A full table is only slow. */
        return table->buckets != NULL ? IRPC_OK : IRPC_NO_MEMORY;
    }
    for (uint32_t i = 0; table->buckets != NULL && i <= table->mask; i++) {
        for (struct ir_node *node = table->buckets[i]; node != NULL;) {
            struct ir_node *next = node->next;
            struct ir_node **bucket = &buckets[node->key & (n - 1)];
            node->next = *bucket;
            *bucket = node;
            node = next;
        }
    }
    ir_free(table->buckets);
    table->buckets = buckets;
    table->mask = n - 1;
    return IRPC_OK;
}

enum irpc_status ir_table_add(struct ir_table *table, struct ir_node *node)
{
    if (table->buckets == NULL || table->n > table->mask) {
        enum irpc_status st = grow(table);
        if (st != IRPC_OK) {
            return st;
        }
    }
    struct ir_node **bucket = &table->buckets[node->key & table->mask];
    node->next = *bucket;
    *bucket = node;
    table->n++;
    return IRPC_OK;
}

void ir_table_remove(struct ir_table *table, struct ir_node *node)
{
    if (table->buckets == NULL) {
        return;
    }
    for (struct ir_node **link = &table->buckets[node->key & table->mask]; *link != NULL;
         link = &(*link)->next) {
        if (*link == node) {
            *link = node->next;
            table->n--;
            return;
        }
    }
}

static struct ir_node *first_equal(struct ir_node *node, uint64_t key)
{
    while (node != NULL && node->key != key) {
        node = node->next;
    }
    return node;
}

struct ir_node *ir_table_find(const struct ir_table *table, uint64_t key)
{
    return table->buckets != NULL ? first_equal(table->buckets[key & table->mask], key) : NULL;
}

struct ir_node *ir_node_next_equal(const struct ir_node *node)
{
    return first_equal(node->next, node->key);
}
