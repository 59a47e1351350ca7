/* Memory that processes share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* @len zeroed bytes that this process and the next that it forks share; NULL: no memory. */
void *ir_os_shared_new(size_t len);

/* From now on processes that are forked do not get @memory. */
void ir_os_shared_hide(void *memory, size_t len);

void ir_os_shared_free(void *memory, size_t len);

/*
 * A descriptor of a copy of @bytes[@len] that nobody can change any more, memfd_create(2). For
 * @fill: called with the memory to write to. Return: -1: errno says why.
 */
int ir_os_sealed_new(const char *name, size_t len, void (*fill)(void *user, void *memory),
                     void *user);

/*
 * Map such a copy to read. @fd stays the caller's. Refused if it could still change.
 * Return: NULL: it is none, or no memory. Unmap with ir_os_shared_free().
 */
const void *ir_os_sealed_map(int fd, size_t *ret_len);
