/*
 * Names of NTLM: UTF-8 of ours, UTF-16LE on the wire. [MS-NLMP] 2.2, 3.3.2 (upper case)
 *
 * Upper case is that of the C library's Unicode tables, whatever the program's locale is. They are
 * files: read once, and kept for as long as the process lives.
 */
#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <wctype.h>

#include "auth/ntlm.h"
#include "base/alloc.h"
#include "base/cur.h"

#define TEXT_MAX 1024u            /* bytes of a name or password of ours */
#define UNIX_IN_1601 11644473600u /* seconds from 1601 to 1970 */
#define PER_SECOND 10000000u      /* 100 ns */

/* The next character of @text, SIZE of it in *ret_len; UINT32_MAX: not UTF-8. */
static uint32_t next_utf8(const char *text, size_t *ret_len)
{
    const uint8_t *p = (const uint8_t *)text;
    uint32_t c = p[0];
    size_t n = c < 0x80             ? 1
               : (c & 0xE0) == 0xC0 ? 2
               : (c & 0xF0) == 0xE0 ? 3
               : (c & 0xF8) == 0xF0 ? 4
                                    : 0;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (n == 0) {
        return UINT32_MAX;
    }
    c = n == 1 ? c : c & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) { /* the NUL ends it too */
            return UINT32_MAX;
        }
        c = c << 6 | (p[i] & 0x3Fu);
    }
    *ret_len = n;
    return c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? UINT32_MAX : c;
}

static struct {
    pthread_once_t once;
    locale_t locale;
} unicode = {.once = PTHREAD_ONCE_INIT};

static void load(void)
{
    unicode.locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void ir_ntlm_text_load(void)
{
    pthread_once(&unicode.once, load);
}

static uint32_t to_upper(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
    }
    ir_ntlm_text_load();
    return unicode.locale != (locale_t)0 ? (uint32_t)towupper_l((wint_t)c, unicode.locale) : c;
}

static void put_utf16(struct ir_out *o, uint32_t c)
{
    if (c >= 0x10000) {
        ir_out_u16(o, (uint16_t)(0xD800u + ((c - 0x10000) >> 10)));
        c = 0xDC00u + ((c - 0x10000) & 0x3FFu);
    }
    ir_out_u16(o, (uint16_t)c);
}

enum irpc_status ir_ntlm_to_utf16(const char *text, bool upper, uint8_t **ret, size_t *ret_len)
{
    struct ir_out o;
    size_t len = strlen(text);

    if (len > TEXT_MAX) {
        return IRPC_INVALID_ARG;
    }
    ir_out_init(&o, 2 * TEXT_MAX, false);
    for (size_t n = 0; *text != '\0'; text += n) {
        uint32_t c = next_utf8(text, &n);
        if (c == UINT32_MAX) {
            ir_out_deinit(&o);
            return IRPC_INVALID_ARG;
        }
        put_utf16(&o, upper ? to_upper(c) : c);
    }
    if (o.err != IRPC_OK) {
        ir_out_deinit(&o);
        return IRPC_NO_MEMORY;
    }
    *ret = o.base;
    *ret_len = o.len;
    return IRPC_OK;
}

static size_t put_utf8(uint32_t c, char p[4])
{
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) {
        p[i] = (char)(0x80u | (c & 0x3Fu));
    }
    p[0] = (char)(((0xF00u >> n) & 0xFFu) | c);
    return n;
}

bool ir_ntlm_to_utf8(struct irpc_span text, char *buf, size_t cap)
{
    struct ir_cur in = ir_cur_init(text.p, text.len, false);
    size_t len = 0;

    while (ir_cur_left(&in) > 0) {
        char utf8[4];
        uint32_t c = ir_cur_u16(&in);
        if (c >= 0xD800 && c <= 0xDBFF) {
            uint32_t low = ir_cur_u16(&in);
            if (low < 0xDC00 || low > 0xDFFF) {
                return false;
            }
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        } else if (c >= 0xDC00 && c <= 0xDFFF) {
            return false;
        }
        size_t n = put_utf8(c, utf8);
        if (in.err != IRPC_OK || c < 0x20 || c == 0x7F || len + n >= cap) {
            return false;
        }
        memcpy(buf + len, utf8, n);
        len += n;
    }
    buf[len] = '\0';
    return in.err == IRPC_OK;
}

uint64_t ir_ntlm_now(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return 0;
    }
    return ((uint64_t)now.tv_sec + UNIX_IN_1601) * PER_SECOND + (uint64_t)now.tv_nsec / 100;
}
