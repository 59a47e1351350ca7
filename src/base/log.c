/*
 * The log hook and the escaping of peers' text.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

static irpc_log_fn *hook;
static void *hook_user;
static enum irpc_log_level hook_level;

void irpc_set_log(irpc_log_fn *fn, void *user, enum irpc_log_level max_level)
{
    hook = fn;
    hook_user = user;
    hook_level = max_level;
}

bool ir_log_wants(enum irpc_log_level level)
{
    return hook != NULL && level <= hook_level;
}

void ir_log(enum irpc_log_level level, const char *subsystem, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    if (!ir_log_wants(level)) {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    hook(hook_user, level, subsystem, text);
}

char *ir_log_quote(char *dst, size_t dst_len, const void *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *p = text;
    size_t n = 0;

    if (dst_len < 3) {
        if (dst_len > 0) {
            dst[0] = '\0';
        }
        return dst;
    }
    dst[n++] = '"';
    /* 4 for the longest escape, 2 for the closing quote and NUL. */
    for (size_t i = 0; i < len && n + 4 + 2 <= dst_len; i++) {
        if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '"' && p[i] != '\\') {
            dst[n++] = (char)p[i];
            continue;
        }
        dst[n++] = '\\';
        dst[n++] = 'x';
        dst[n++] = hex[p[i] >> 4];
        dst[n++] = hex[p[i] & 15];
    }
    dst[n++] = '"';
    dst[n] = '\0';
    return dst;
}
