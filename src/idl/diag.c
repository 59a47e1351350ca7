/* Messages of the compiler: place, kind, reason, the source line and a caret below it.
 *
 * Form: "file:line:col: error: text", then the line and the caret, as gcc and clang do, so that
 * editors jump to them. Line and column count from 1; the column counts bytes. Positions obey
 * `# 12 "file"` markers. One message per place; after IR_IDL_MAX_ERRORS the compilation stops.
 *
 * Leaves to others: printing (the callback of the options).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "idl/compile.h"

static uint32_t line_start(struct ir_idl_pos pos)
{
    uint32_t start = pos.off;
    while (start > 0 && pos.file->text[start - 1] != '\n') {
        start--;
    }
    return start;
}

void ir_idl_locate(struct ir_idl_pos pos, const char **ret_name, uint32_t *ret_line,
                   uint32_t *ret_col)
{
    uint32_t line = 1;
    for (uint32_t i = 0; i < pos.off; i++) {
        line += pos.file->text[i] == '\n';
    }
    *ret_col = pos.off - line_start(pos) + 1;
    *ret_name = pos.file->path;
    *ret_line = line;
    for (uint32_t i = pos.file->markers.n; i > 0; i--) {
        const struct ir_idl_marker *marker = pos.file->markers.v[i - 1];
        if (marker->line <= line) {
            *ret_line = marker->presumed + (line - marker->line);
            *ret_name = marker->name ? marker->name : pos.file->path;
            return;
        }
    }
}

static void add_caret(struct ir_idl_text *out, struct ir_idl_pos pos)
{
    uint32_t start = line_start(pos);
    uint32_t end = pos.off;
    while (end < pos.file->len && pos.file->text[end] != '\n' && pos.file->text[end] != '\r') {
        end++;
    }
    if (end - start > 500) {
        return; /* not a line that a person reads */
    }
    ir_idl_text_puts(out, "    ");
    for (uint32_t i = start; i < end; i++) {
        char ch = pos.file->text[i];
        bool printable = ch == '\t' || (unsigned char)ch >= 0x20;
        ir_idl_text_add(out, printable && ch != 0x7f ? &ch : "?", 1);
    }
    ir_idl_text_puts(out, "\n    ");
    for (uint32_t i = start; i < pos.off; i++) {
        ir_idl_text_puts(out, pos.file->text[i] == '\t' ? "\t" : " ");
    }
    ir_idl_text_puts(out, "^");
    for (uint32_t i = 1; i < pos.len && pos.off + i < end; i++) {
        ir_idl_text_puts(out, "~");
    }
    ir_idl_text_puts(out, "\n");
}

__attribute__((format(printf, 4, 0))) static void report(struct ir_idl_unit *u,
                                                         struct ir_idl_pos pos, const char *kind,
                                                         const char *fmt, va_list args)
{
    if (!u->options.on_message) {
        return;
    }
    char message[1024];
    vsnprintf(message, sizeof(message), fmt, args);

    struct ir_idl_text out;
    ir_idl_text_init(&out);
    if (pos.file) {
        const char *name;
        uint32_t line;
        uint32_t col;
        ir_idl_locate(pos, &name, &line, &col);
        ir_idl_text_printf(&out, "%s:%u:%u: %s: %s\n", name, line, col, kind, message);
        add_caret(&out, pos);
    } else {
        ir_idl_text_printf(&out, "ironidl: %s: %s\n", kind, message);
    }
    if (out.p && !out.failed) {
        u->options.on_message(u->options.message_ctx, out.p);
    }
    ir_idl_text_deinit(&out);
}

static void report_now(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *kind,
                       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void report_now(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *kind,
                       const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    report(u, pos, kind, fmt, args);
    va_end(args);
}

void ir_idl_error(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *fmt, ...)
{
    bool same = pos.file && pos.file == u->last_error.file && pos.off == u->last_error.off;
    if (u->stop || (same && u->n_errors > 0)) {
        return;
    }
    u->last_error = pos;
    u->n_errors++;
    va_list args;
    va_start(args, fmt);
    report(u, pos, "error", fmt, args);
    va_end(args);
    if (u->n_errors >= IR_IDL_MAX_ERRORS) {
        u->stop = true;
        report_now(u, pos, "note", "%u errors, stopping here", u->n_errors);
    }
}

void ir_idl_warn(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *fmt, ...)
{
    if (u->stop || u->n_warnings >= IR_IDL_MAX_WARNINGS) {
        return;
    }
    u->n_warnings++;
    va_list args;
    va_start(args, fmt);
    report(u, pos, "warning", fmt, args);
    va_end(args);
}

void ir_idl_note(struct ir_idl_unit *u, struct ir_idl_pos pos, const char *fmt, ...)
{
    if (u->stop || !pos.file || u->n_warnings >= IR_IDL_MAX_WARNINGS) {
        return; /* what it belongs to may not have been said */
    }
    va_list args;
    va_start(args, fmt);
    report(u, pos, "note", fmt, args);
    va_end(args);
}

bool ir_idl_ok(struct ir_idl_unit *u)
{
    if (u->pool.failed && !u->stop) {
        u->stop = true;
        u->n_errors++;
        struct ir_idl_pos nowhere = {0};
        report_now(u, nowhere, "error", "the source needs more memory than the limit of %zu MiB",
                   u->pool.limit >> 20);
    }
    return !u->stop;
}
