/*
 * UUID text and order, [C706] appendix A. Generation is not here: it needs randomness.
 */
#include <ironrpc/types.h>

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

/* Where the two digits of each byte stand. */
static const uint8_t places[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

static bool has_dash_before(unsigned place)
{
    return place == 9 || place == 14 || place == 19 || place == 24;
}

/* 36 characters to 16 bytes in text order; false if any is out of place. Reads from left to right,
 * so never beyond a NUL. */
static bool parse_bytes(const char *text, uint8_t bytes[16])
{
    for (unsigned i = 0; i < sizeof(places); i++) {
        const char *p = text + places[i];
        if (has_dash_before(places[i]) && p[-1] != '-') {
            return false;
        }
        int hi = hex_digit(p[0]);
        if (hi < 0) {
            return false;
        }
        int lo = hex_digit(p[1]);
        if (lo < 0) {
            return false;
        }
        bytes[i] = (uint8_t)(hi * 16 + lo);
    }
    return true;
}

enum irpc_status irpc_uuid_parse(const char *text, struct irpc_uuid *ret_uuid)
{
    uint8_t b[16] = {0};
    bool braces = text[0] == '{';
    const char *start = braces ? text + 1 : text;

    if (!parse_bytes(start, b)) {
        return IRPC_BAD_UUID;
    }
    if (start[36] != (braces ? '}' : '\0') || (braces && start[37] != '\0')) {
        return IRPC_BAD_UUID;
    }
    ret_uuid->time_low =
        (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
    ret_uuid->time_mid = (uint16_t)(b[4] << 8 | b[5]);
    ret_uuid->time_hi_and_version = (uint16_t)(b[6] << 8 | b[7]);
    ret_uuid->clock_seq_hi_and_reserved = b[8];
    ret_uuid->clock_seq_low = b[9];
    for (unsigned i = 0; i < sizeof(ret_uuid->node); i++) {
        ret_uuid->node[i] = b[10 + i];
    }
    return IRPC_OK;
}

void irpc_uuid_format(const struct irpc_uuid *u, char text[IRPC_UUID_TEXT_LEN])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t b[16] = {
        (uint8_t)(u->time_low >> 24),
        (uint8_t)(u->time_low >> 16),
        (uint8_t)(u->time_low >> 8),
        (uint8_t)u->time_low,
        (uint8_t)(u->time_mid >> 8),
        (uint8_t)u->time_mid,
        (uint8_t)(u->time_hi_and_version >> 8),
        (uint8_t)u->time_hi_and_version,
        u->clock_seq_hi_and_reserved,
        u->clock_seq_low,
        u->node[0],
        u->node[1],
        u->node[2],
        u->node[3],
        u->node[4],
        u->node[5],
    };

    for (unsigned i = 0; i < sizeof(places); i++) {
        char *p = text + places[i];
        if (has_dash_before(places[i])) {
            p[-1] = '-';
        }
        p[0] = digits[b[i] >> 4];
        p[1] = digits[b[i] & 15];
    }
    text[36] = '\0';
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
