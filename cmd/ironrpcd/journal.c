/*
 * One send(2) for a record; nothing waits for the journal (check: L07). The socket is systemd's and
 * outlives a restart of the journal, so it is connected once, before the sandbox closes, and goes
 * to the children. Field names are made from our own keys only: values of peers are escaped, they
 * cannot begin a field.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PREFIX "IRONRPC_"
#define KEY_MAX 32u
/* Out of the way of what a child keeps, which closes all others (os/child.h). */
#define FIRST_FD 256

bool journal_is_stream(const char *stream, int fd)
{
    unsigned long long device = 0;
    unsigned long long inode = 0;
    struct stat file;
    int end = 0;

    return stream != NULL && sscanf(stream, "%llu:%llu%n", &device, &inode, &end) == 2 &&
           stream[end] == '\0' && fstat(fd, &file) == 0 && file.st_dev == device &&
           file.st_ino == inode;
}

int journal_open(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int first = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (first < 0) {
        return -1;
    }
    int fd = fcntl(first, F_DUPFD_CLOEXEC, FIRST_FD);
    int error = errno;
    close(first);
    errno = error;
    if (fd < 0) {
        return -1;
    }
    errno = ENAMETOOLONG;
    if (snprintf(a.sun_path, sizeof(a.sun_path), "%s", path) >= (int)sizeof(a.sun_path) ||
        connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
        error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* --- a record --- */

struct record {
    char *bytes;
    size_t cap;
    size_t len;
};

static void put(struct record *r, const void *bytes, size_t len)
{
    memcpy(r->bytes + r->len, bytes, len);
    r->len += len;
}

/* A field, if there is room. */
static void put_field(struct record *r, const char *name, const char *value, size_t len)
{
    size_t name_len = strlen(name);
    uint8_t length[8];

    if (r->cap - r->len < name_len + 2 + sizeof(length) + len) {
        return;
    }
    put(r, name, name_len);
    if (memchr(value, '\n', len) == NULL) {
        put(r, "=", 1);
    } else { /* the length says where it ends: it cannot begin another field */
        for (unsigned i = 0; i < sizeof(length); i++) {
            length[i] = (uint8_t)((uint64_t)len >> 8 * i);
        }
        put(r, "\n", 1);
        put(r, length, sizeof(length));
    }
    put(r, value, len);
    put(r, "\n", 1);
}

static size_t key_len(const char *text)
{
    size_t n = 0;

    while ((text[n] >= 'a' && text[n] <= 'z') || (n > 0 && text[n] >= '0' && text[n] <= '9') ||
           (n > 0 && text[n] == '_')) {
        n++;
    }
    return n > 0 && n <= KEY_MAX && text[n] == '=' ? n : 0;
}

/* The field at the start of @text, `key=value` or `key="value"`. Return: behind it; without a
 * field: behind the word. */
static const char *put_pair(struct record *r, const char *text)
{
    char name[sizeof(PREFIX) + KEY_MAX] = PREFIX;
    size_t n = key_len(text);

    if (n == 0) {
        return text + strcspn(text, " ");
    }
    for (size_t i = 0; i < n; i++) {
        bool letter = text[i] >= 'a' && text[i] <= 'z';
        name[sizeof(PREFIX) - 1 + i] = (char)(letter ? text[i] - 'a' + 'A' : text[i]);
    }
    const char *value = text + n + 1;
    bool quoted = *value == '"';

    value += quoted;
    size_t len = strcspn(value, quoted ? "\"" : " ");
    put_field(r, name, value, len);
    return value + len + (quoted && value[len] != '\0');
}

size_t journal_format(char *record, size_t cap, enum irpc_log_level level, const char *text)
{
    struct record r = {.bytes = record, .cap = cap};
    char priority[2] = {(char)('0' + (int)level), '\0'};

    put_field(&r, "MESSAGE", text, strlen(text));
    put_field(&r, "PRIORITY", priority, 1);
    put_field(&r, "SYSLOG_FACILITY", "3", 1); /* daemons */
    put_field(&r, "SYSLOG_IDENTIFIER", "ironrpcd", 8);
    while (*text != '\0') {
        text = put_pair(&r, text);
        text += strspn(text, " ");
    }
    return r.len;
}

bool journal_write(int fd, enum irpc_log_level level, const char *text)
{
    char record[JOURNAL_RECORD_MAX];
    size_t len = journal_format(record, sizeof(record), level, text);

    return send(fd, record, len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN ||
           errno == ENOBUFS;
}
