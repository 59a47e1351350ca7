/* Text of the JSON mapping: hexadecimal bytes, UTF-8 and UTF-16, lists in messages. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pairs of hexadecimal digits; @bytes may be NULL to count only. False: something else is there. */
bool ir_text_from_hex(const char *text, size_t len, uint8_t *bytes, size_t *ret_n);
/* 2 * n digits and a NUL. */
void ir_text_to_hex(const uint8_t *bytes, size_t n, char *text);

/* Valid UTF-8 as UTF-16: how many units, and the units. */
size_t ir_text_utf16_len(const char *text, size_t len);
void ir_text_to_utf16(const char *text, size_t len, uint16_t *units);
/* UTF-16 as UTF-8, at most 3 bytes for each unit (check: N19); false if a surrogate stands alone.
 */
bool ir_text_from_utf16(const uint16_t *units, size_t n, char *text, size_t *ret_len);

/* Append "name" or ", name" to a list; ", ..." once when it is full. */
void ir_text_list(char *list, size_t cap, size_t *len, const char *name);
