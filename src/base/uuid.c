/*
 * UUID text and order, [C706] appendix A. Generation is not here: it needs randomness.
 */
#include <ironrpc/types.h>

#include <stdio.h>
#include <string.h>

static int hex_digit(char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }
    if (ch >= 'a' && ch <= 'f') {
        return ch - 'a' + 10;
    }
    if (ch >= 'A' && ch <= 'F') {
        return ch - 'A' + 10;
    }
    return -1;
}

/* 36 characters to 16 bytes in text order; false if any is out of place. */
static bool parse_bytes(const char *text, uint8_t bytes[16])
{
    unsigned n = 0;

    for (unsigned i = 0; i < 36;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i++] != '-') {
                return false;
            }
            continue;
        }
        int hi = hex_digit(text[i]);
        int lo = hi < 0 ? -1 : hex_digit(text[i + 1]);
        if (lo < 0) {
            return false;
        }
        bytes[n++] = (uint8_t)(hi << 4 | lo);
        i += 2;
    }
    return true;
}

enum irpc_status irpc_uuid_parse(const char *text, struct irpc_uuid *ret_uuid)
{
    uint8_t b[16];
    bool braces = text[0] == '{';
    const char *start = text + (braces ? 1 : 0);

    if (strnlen(start, 36) < 36 || !parse_bytes(start, b)) {
        return IRPC_BAD_UUID;
    }
    if (strcmp(start + 36, braces ? "}" : "") != 0) {
        return IRPC_BAD_UUID;
    }
    ret_uuid->time_low =
        (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
    ret_uuid->time_mid = (uint16_t)(b[4] << 8 | b[5]);
    ret_uuid->time_hi_and_version = (uint16_t)(b[6] << 8 | b[7]);
    ret_uuid->clock_seq_hi_and_reserved = b[8];
    ret_uuid->clock_seq_low = b[9];
    memcpy(ret_uuid->node, b + 10, sizeof(ret_uuid->node));
    return IRPC_OK;
}

void irpc_uuid_format(const struct irpc_uuid *u, char text[IRPC_UUID_TEXT_LEN])
{
    snprintf(text, IRPC_UUID_TEXT_LEN, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             (unsigned)u->time_low, u->time_mid, u->time_hi_and_version,
             u->clock_seq_hi_and_reserved, u->clock_seq_low, u->node[0], u->node[1], u->node[2],
             u->node[3], u->node[4], u->node[5]);
}

int irpc_uuid_compare(const struct irpc_uuid *a, const struct irpc_uuid *b)
{
    if (a->time_low != b->time_low) {
        return a->time_low < b->time_low ? -1 : 1;
    }
    if (a->time_mid != b->time_mid) {
        return a->time_mid < b->time_mid ? -1 : 1;
    }
    if (a->time_hi_and_version != b->time_hi_and_version) {
        return a->time_hi_and_version < b->time_hi_and_version ? -1 : 1;
    }
    if (a->clock_seq_hi_and_reserved != b->clock_seq_hi_and_reserved) {
        return a->clock_seq_hi_and_reserved < b->clock_seq_hi_and_reserved ? -1 : 1;
    }
    if (a->clock_seq_low != b->clock_seq_low) {
        return a->clock_seq_low < b->clock_seq_low ? -1 : 1;
    }
    return memcmp(a->node, b->node, sizeof(a->node));
}

bool irpc_uuid_is_nil(const struct irpc_uuid *uuid)
{
    static const struct irpc_uuid nil;

    return irpc_uuid_compare(uuid, &nil) == 0;
}
