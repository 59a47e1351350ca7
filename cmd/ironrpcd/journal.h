/*
 * Records with fields for systemd's journal, by its native protocol: a datagram for each, of
 * lines FIELD=value, or, if the value has more lines, FIELD, its length, the value. [systemd:
 * Native Journal Protocol]
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ironrpc/log.h>

#define JOURNAL_RECORD_MAX 4096u

/* Whether descriptor @fd is the stream that JOURNAL_STREAM=@stream names ("8:1234"; NULL: none). */
bool journal_is_stream(const char *stream, int fd);

/* A descriptor of the journal's socket at @path that never blocks; -1: errno says why not. */
int journal_open(const char *path);

/*
 * The record of @text, which is `key=value` fields, into @record[@cap]: MESSAGE has all of it,
 * IRONRPC_KEY each value, without its quotes; what a peer chose stays escaped. A field that has no
 * room is left out. Return: its length.
 */
size_t journal_format(char *record, size_t cap, enum irpc_log_level level, const char *text);

/* Send it. Return: false: the journal is not there. A record that it has no room for is lost. */
bool journal_write(int fd, enum irpc_log_level level, const char *text);
