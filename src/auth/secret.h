/*
 * Memory for keys: core dumps leave it out (MADV_DONTDUMP), and it is wiped when it is given back.
 * Any thread. What a library of cryptography keeps for itself is not in it.
 */
#pragma once

#include <stddef.h>

/* @size zeroed bytes; NULL when out of memory. */
void *ir_secret_new(size_t size);

/* Wipe and give back what ir_secret_new(@size) gave; NULL is fine. */
void ir_secret_free(void *secret, size_t size);
