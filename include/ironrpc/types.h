/*
 * Plain value types shared by every public header.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_TYPES_H
#define IRONRPC_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ironrpc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct irpc_span - borrowed bytes: whoever hands it out says how long they stay. */
struct irpc_span {
    const uint8_t *p;
    size_t len;
};

/** struct irpc_uuid - a UUID in the fields of [C706] appendix A; numbers in host byte order. */
struct irpc_uuid {
    uint32_t time_low;
    uint16_t time_mid;
    uint16_t time_hi_and_version;
    uint8_t clock_seq_hi_and_reserved;
    uint8_t clock_seq_low;
    uint8_t node[6];
};

/** struct irpc_syntax_id - interface or transfer syntax with its version, [C706] 12.6.3.1. */
struct irpc_syntax_id {
    struct irpc_uuid uuid;
    uint16_t major;
    uint16_t minor;
};

#define IRPC_UUID_TEXT_LEN 37 /* 36 characters and NUL */

/**
 * irpc_uuid_parse() - read "12345778-1234-abcd-ef00-0123456789ab", either case, with or
 * without braces.
 * Return: IRPC_OK, IRPC_BAD_UUID (@ret_uuid untouched). Any thread.
 */
IRPC_API IRPC_CHECKED irpc_uuid_parse(const char *text, struct irpc_uuid *ret_uuid);

/** irpc_uuid_format() - write @uuid in lower case with NUL into @text[IRPC_UUID_TEXT_LEN]. */
IRPC_API void irpc_uuid_format(const struct irpc_uuid *uuid, char text[IRPC_UUID_TEXT_LEN]);

/** irpc_uuid_compare() - <0, 0, >0 as memcmp over the fields in order. */
IRPC_API int irpc_uuid_compare(const struct irpc_uuid *a, const struct irpc_uuid *b);

/** irpc_uuid_is_nil() - whether all bits are zero. */
IRPC_API bool irpc_uuid_is_nil(const struct irpc_uuid *uuid);

#ifdef __cplusplus
}
#endif
#endif
