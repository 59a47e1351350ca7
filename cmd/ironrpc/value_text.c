/*
 * Text of the JSON mapping: hexadecimal bytes, UTF-8 and UTF-16 ([Unicode] 3.9), lists.
 *
 * UTF-8 comes from the JSON parser, which has refused what is not valid.
 */
#include "value_text.h"

#include <stdio.h>
#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ir_text_from_hex(const char *text, size_t len, uint8_t *bytes, size_t *ret_n)
{
    if (len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < len; i += 2) {
        int high = digit(text[i]), low = digit(text[i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        if (bytes != NULL) {
            bytes[i / 2] = (uint8_t)(high << 4 | low);
        }
    }
    *ret_n = len / 2;
    return true;
}

void ir_text_to_hex(const uint8_t *bytes, size_t n, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * n] = '\0';
}

/* The code point at @text; its length to @ret_len. */
static uint32_t decode(const char *text, size_t len, size_t *ret_len)
{
    uint32_t c = (uint8_t)text[0];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    n = n > len ? len : n;
    c = n == 1 ? c : c & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((uint8_t)text[i] & 0x3f);
    }
    *ret_len = n;
    return c;
}

size_t ir_text_utf16_len(const char *text, size_t len)
{
    size_t units = 0, step = 0;

    for (size_t i = 0; i < len; i += step) {
        units += decode(text + i, len - i, &step) >= 0x10000 ? 2 : 1;
    }
    return units;
}

void ir_text_to_utf16(const char *text, size_t len, uint16_t *units)
{
    size_t step = 0;

    for (size_t i = 0; i < len; i += step) {
        uint32_t c = decode(text + i, len - i, &step);

        if (c >= 0x10000) {
            *units++ = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        *units++ = (uint16_t)c;
    }
}

static size_t encode(uint32_t c, char *text)
{
    if (c < 0x80) {
        text[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        text[0] = (char)(0xc0 | c >> 6);
        text[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        text[0] = (char)(0xe0 | c >> 12);
        text[1] = (char)(0x80 | (c >> 6 & 0x3f));
        text[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    text[0] = (char)(0xf0 | c >> 18);
    text[1] = (char)(0x80 | (c >> 12 & 0x3f));
    text[2] = (char)(0x80 | (c >> 6 & 0x3f));
    text[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

bool ir_text_from_utf16(const uint16_t *units, size_t n, char *text, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t c = units[i];

        if (c >= 0xd800 && c < 0xe000) {
            if (c >= 0xdc00 || i + 1 == n || units[i + 1] < 0xdc00 || units[i + 1] > 0xdfff) {
                return false;
            }
            c = 0x10000 + ((c - 0xd800) << 10) + (units[++i] - 0xdc00u);
        }
        len += encode(c, text + len);
    }
    *ret_len = len;
    return true;
}

void ir_text_list(char *list, size_t cap, size_t *len, const char *name)
{
    static const char more[] = ", ...";
    size_t room = cap - *len;
    size_t need = strlen(name) + 2;

    if (room < sizeof(more)) {
        return;
    }
    if (need + sizeof(more) > room) {
        *len += (size_t)snprintf(list + *len, room, "%s", more);
        *len = cap - 1; /* closed */
        return;
    }
    *len += (size_t)snprintf(list + *len, room, "%s%s", *len == 0 ? "" : ", ", name);
}
