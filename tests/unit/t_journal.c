/* Records for the journal, as bytes and through a socket that stands for its own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "ir_test.h"
#include "journal.h"
#include "log.h"

#define HEAD "\nPRIORITY=4\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=ironrpcd\n"

static void expect(const char *text, const char *fields)
{
    char record[JOURNAL_RECORD_MAX];
    char want[JOURNAL_RECORD_MAX];
    size_t len = journal_format(record, sizeof(record), IRPC_LOG_WARNING, text);

    (void)snprintf(want, sizeof(want), "MESSAGE=%s" HEAD "%s", text, fields);
    record[len] = '\0';
    IR_ASSERT_STR(record, want);
}

IR_TEST(fields_are_made_of_keys)
{
    expect("event=refused check=H11 peer=192.0.2.1 reason=\"a b=c\" opnum=4",
           "IRONRPC_EVENT=refused\nIRONRPC_CHECK=H11\nIRONRPC_PEER=192.0.2.1\n"
           "IRONRPC_REASON=a b=c\nIRONRPC_OPNUM=4\n");
    expect("", "");
    expect("words  without =x a= keys", "IRONRPC_A=\n");
    expect("a=\"\" b=\"x\"c=1", "IRONRPC_A=\nIRONRPC_B=x\nIRONRPC_C=1\n");
    expect("open=\"never closed", "IRONRPC_OPEN=never closed\n");
    expect("Upper=1 _a=2 1a=3 a1_b=4 a-b=5", "IRONRPC_A1_B=4\n");
    expect("a23456789012345678901234567890123=long a2345678901234567890123456789012=not",
           "IRONRPC_A2345678901234567890123456789012=not\n");
}

/* check: T15: what a peer chose was quoted by the log; it makes no field of its own */
IR_TEST(peers_make_no_fields)
{
    expect("principal=\"x\\x22 check=H99\\x0aPRIORITY=0\" level=6",
           "IRONRPC_PRINCIPAL=x\\x22 check=H99\\x0aPRIORITY=0\nIRONRPC_LEVEL=6\n");
}

/* A value of several lines, which no record of ours has, has its length in front of it. */
IR_TEST(lines_within_a_value)
{
    static const char want[] =
        "MESSAGE\n\x10\0\0\0\0\0\0\0a=\"1\nPRIORITY=0\"" HEAD "IRONRPC_A\n\x0c\0\0\0\0\0\0\0"
        "1\nPRIORITY=0\n";
    char record[JOURNAL_RECORD_MAX];
    size_t len = journal_format(record, sizeof(record), IRPC_LOG_WARNING, "a=\"1\nPRIORITY=0\"");

    IR_ASSERT_EQ(len, sizeof(want) - 1);
    IR_ASSERT(memcmp(record, want, len) == 0);
}

/* Whatever the room, what is in a record is whole fields. */
IR_TEST(fields_without_room_are_left_out)
{
    static const char text[] = "a=1 bb=22 ccc=\"3 3 3\" dddd=4444";
    char whole[JOURNAL_RECORD_MAX];
    size_t whole_len = journal_format(whole, sizeof(whole), IRPC_LOG_NOTICE, text);

    for (size_t cap = 0; cap <= whole_len + 16; cap++) {
        char *record = malloc(cap + 1); /* under ASan it has an end */
        IR_ASSERT(record != NULL);
        size_t len = journal_format(record, cap, IRPC_LOG_NOTICE, text);
        IR_ASSERT(len <= cap && (len == 0 || record[len - 1] == '\n'));
        IR_ASSERT(cap < whole_len + 10 || len == whole_len);
        free(record);
    }
}

IR_TEST(streams_are_told_by_device_and_inode)
{
    struct stat file;
    char stream[64];

    IR_ASSERT(fstat(STDERR_FILENO, &file) == 0);
    (void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)file.st_dev,
                   (unsigned long long)file.st_ino);
    IR_ASSERT(journal_is_stream(stream, STDERR_FILENO));
    IR_ASSERT(!journal_is_stream(stream, -1));
    (void)strcat(stream, "1");
    IR_ASSERT(!journal_is_stream(stream, STDERR_FILENO));
    IR_ASSERT(!journal_is_stream(NULL, STDERR_FILENO));
    IR_ASSERT(!journal_is_stream("", STDERR_FILENO));
    IR_ASSERT(!journal_is_stream("8", STDERR_FILENO));
    IR_ASSERT(!journal_is_stream("8:9x", STDERR_FILENO));
}

/* --- through a socket --- */

static char folder[] = "/tmp/ir-journal-XXXXXX";
static char path[64];

static int listen_there(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    IR_ASSERT(mkdtemp(folder) != NULL && fd >= 0);
    (void)snprintf(path, sizeof(path), "%s/socket", folder);
    (void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
    IR_ASSERT(bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0);
    return fd;
}

static void forget(void)
{
    unlink(path);
    IR_ASSERT(rmdir(folder) == 0);
}

/* check: L07: who does not read loses records, and holds nobody up */
IR_TEST(a_journal_that_does_not_read)
{
    int journal = listen_there();
    int fd = journal_open(path);
    char record[JOURNAL_RECORD_MAX];
    unsigned n = 0;

    IR_ASSERT(fd >= 256);
    for (unsigned i = 0; i < 5000; i++) {
        IR_ASSERT(journal_write(fd, IRPC_LOG_NOTICE, "event=flood"));
    }
    while (recv(journal, record, sizeof(record), 0) > 0) {
        n++;
    }
    IR_ASSERT(n > 0 && n < 5000);
    IR_ASSERT(journal_write(fd, IRPC_LOG_NOTICE, "event=later"));
    ssize_t len = recv(journal, record, sizeof(record), 0);
    IR_ASSERT(len > 0 && memmem(record, (size_t)len, "\nIRONRPC_EVENT=later\n", 21) != NULL);
    close(journal);
    IR_ASSERT(!journal_write(fd, IRPC_LOG_NOTICE, "event=gone"));
    close(fd);
    IR_ASSERT(journal_open("/nonexistent/socket") == -1);
    memset(record, '/', 200);
    record[200] = '\0';
    IR_ASSERT(journal_open(record) == -1);
    forget();
}

/* Which target means which place; once it is gone, it is standard error. */
IR_TEST(targets)
{
    int journal = listen_there();
    FILE *standard_error = tmpfile();
    char text[2048] = "";
    char record[JOURNAL_RECORD_MAX];
    struct stat file;
    char stream[64];

    IR_ASSERT(standard_error != NULL && fstat(fileno(standard_error), &file) == 0);
    IR_ASSERT(dup2(fileno(standard_error), STDERR_FILENO) >= 0);
    (void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)file.st_dev,
                   (unsigned long long)file.st_ino);
    IR_ASSERT(unsetenv("JOURNAL_STREAM") == 0);
    log_open(IRPC_LOG_NOTICE, LOG_AUTO, path);
    log_write(IRPC_LOG_NOTICE, "event=n%d", 1);
    log_write(IRPC_LOG_INFO, "event=never");
    log_open(IRPC_LOG_NOTICE, LOG_JOURNAL, path);
    log_write(IRPC_LOG_NOTICE, "event=n%d", 2);
    IR_ASSERT(setenv("JOURNAL_STREAM", stream, 1) == 0);
    log_open(IRPC_LOG_NOTICE, LOG_STDERR, path);
    log_write(IRPC_LOG_NOTICE, "event=n%d", 3);
    log_open(IRPC_LOG_NOTICE, LOG_AUTO, path);
    log_write(IRPC_LOG_NOTICE, "event=n%d", 4);
    for (unsigned n = 2; n <= 4; n += 2) {
        char want[64];
        ssize_t len = recv(journal, record, sizeof(record) - 1, 0);
        IR_ASSERT(len > 0);
        record[len] = '\0';
        (void)snprintf(want, sizeof(want), "\nIRONRPC_SUB=ironrpcd\nIRONRPC_EVENT=n%u\n", n);
        IR_ASSERT(strstr(record, want) != NULL);
        IR_ASSERT(strstr(record, "\nPRIORITY=5\n") != NULL);
    }
    IR_ASSERT(recv(journal, record, sizeof(record), 0) < 0);
    close(journal);
    log_write(IRPC_LOG_NOTICE, "event=n%d", 5);
    log_open(IRPC_LOG_NOTICE, LOG_JOURNAL, "/nonexistent/socket");
    IR_ASSERT(log_descriptor() == -1);
    IR_ASSERT(pread(fileno(standard_error), text, sizeof(text) - 1, 0) > 0);
    IR_ASSERT(strncmp(text, "time=", 5) == 0 && strstr(text, " event=n1\n") != NULL);
    IR_ASSERT(strstr(text, "\n<5>sub=ironrpcd event=n3\n<5>sub=ironrpcd event=n5\n") != NULL);
    IR_ASSERT(strstr(text, "\n<4>sub=ironrpcd event=no_journal socket=/nonexistent/socket ") !=
              NULL);
    IR_ASSERT(strstr(text, "n2") == NULL && strstr(text, "n4") == NULL);
    (void)fclose(standard_error);
    forget();
}
