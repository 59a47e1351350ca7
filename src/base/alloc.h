/*
 * The heap, behind one set of functions, so that tests can count what is outstanding and make
 * the n-th allocation fail. Thread-safe; counters are process-wide.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* @size bytes, not initialised; NULL when out of memory. ir_alloc(0) gives a unique pointer. */
void *ir_alloc(size_t size) __attribute__((malloc, alloc_size(1), warn_unused_result));

/* @n x @size zeroed bytes; NULL when out of memory or the product overflows. */
void *ir_calloc(size_t n, size_t size)
    __attribute__((malloc, alloc_size(1, 2), warn_unused_result));

/* @size bytes, not initialised, at a multiple of @align, a power of two that divides @size; NULL
 * when out of memory. */
void *ir_alloc_aligned(size_t align, size_t size)
    __attribute__((malloc, alloc_size(2), warn_unused_result));

/* As realloc(): NULL leaves @p as it was. */
void *ir_realloc(void *p, size_t size) __attribute__((alloc_size(2), warn_unused_result));

/* A NUL-terminated copy of @len bytes at @s; NULL when out of memory. */
char *ir_strndup(const char *s, size_t len) __attribute__((malloc, warn_unused_result));

/* Give back what the functions above gave; NULL is fine. */
void ir_free(void *p);

/* Allocations not yet freed. */
int64_t ir_alloc_outstanding(void);

/* Let @n allocations succeed from now on, fail the next one, then succeed again; -1: never fail. */
void ir_alloc_fail_after(int64_t n);

/* Whether the failure asked for by ir_alloc_fail_after() has happened. */
int ir_alloc_has_failed(void);
