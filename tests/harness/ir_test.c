/* The harness: registers tests, runs each in a process of its own, prints TAP.
 *
 * The child checks what the test left behind (descriptors, children, threads, allocations) and
 * exits by exit(), so that LeakSanitizer and gcov have their say. The parent judges by exit status
 * alone, kills the child's process group after each test, and prints the one "ok"/"not ok" line.
 * What the code under test prints goes to stderr: stdout carries TAP only. */
#include "ir_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

/* What a test that ran to its end reports: exit(0) in the middle is no pass. */
#define FINISHED "\n"

enum {
    EXIT_PASS = 0,
    EXIT_FAIL = 99,
    EXIT_SKIP = 77,
    MAX_FD = 4096
};

static struct ir_test *first_test;
static struct ir_test **last_link = &first_test;
static int tap_fd = STDOUT_FILENO; /* in a child: the real stdout */
static int report_fd = -1;         /* in a child: FINISHED, or the reason of a skip */

struct keep {
    struct keep *next;
    uint8_t *bytes;
};
static struct keep *kept; /* memory of IR_HEX literals */

void ir_test_register(struct ir_test *test)
{
    *last_link = test;
    last_link = &test->next;
}

/* --- output --- */

__attribute__((format(printf, 1, 0))) static void print_v(const char *format, va_list args)
{
    char line[1024];
    int n = vsnprintf(line, sizeof line, format, args);
    for (char *p = line; n > 0 && *p != '\0'; p++) {
        if (*p == '\n') {
            *p = ' ';
        }
    }
    dprintf(tap_fd, "# %s\n", line);
}

void ir_test_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_v(format, args);
    va_end(args);
}

void ir_test_fail(const char *file, int line, const char *format, ...)
{
    char message[900];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const char *slash = strrchr(file, '/');
    ir_test_note("%s:%d: failed: %s", slash != NULL ? slash + 1 : file, line, message);
    _exit(EXIT_FAIL);
}

void ir_test_skip(const char *format, ...)
{
    char reason[300];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (n > 0 && report_fd >= 0) {
        dprintf(report_fd, "%s", reason);
    }
    _exit(EXIT_SKIP);
}

/* --- assertions --- */

void ir_test_eq(const char *file, int line, const char *a, const char *b, uint64_t va, uint64_t vb)
{
    if (va != vb) {
        ir_test_fail(file, line,
                     "%s == %s: got %" PRId64 " (0x%" PRIx64 "), wanted %" PRId64 " (0x%" PRIx64
                     ")",
                     a, b, (int64_t)va, va, (int64_t)vb, vb);
    }
}

void ir_test_str(const char *file, int line, const char *a, const char *b, const char *va,
                 const char *vb)
{
    if (va == vb || (va != NULL && vb != NULL && strcmp(va, vb) == 0)) {
        return;
    }
    ir_test_fail(file, line, "%s == %s: got \"%s\", wanted \"%s\"", a, b,
                 va != NULL ? va : "(null)", vb != NULL ? vb : "(null)");
}

static void show_row(const char *label, const uint8_t *bytes, size_t n, size_t from)
{
    char text[3 * 16 + 1] = "";
    for (size_t i = from; i < from + 16 && i < n; i++) {
        snprintf(text + 3 * (i - from), 4, "%02x ", bytes[i]);
    }
    ir_test_note("  %s %04zx: %s", label, from, text);
}

void ir_test_mem(const char *file, int line, const char *what, const void *got, size_t got_len,
                 const void *want, size_t want_len)
{
    const uint8_t *g = got;
    const uint8_t *w = want;
    size_t at = 0;
    while (at < got_len && at < want_len && g[at] == w[at]) {
        at++;
    }
    if (at == got_len && at == want_len) {
        return;
    }
    size_t row = at / 16 * 16;
    show_row("got   ", g, got_len, row);
    show_row("wanted", w, want_len, row);
    ir_test_fail(file, line, "%s: %zu bytes, wanted %zu; first difference at %zu (0x%zx)", what,
                 got_len, want_len, at, at);
}

/* --- bytes --- */

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Parses the text once into out (NULL: only counts). Returns the number of bytes. */
static size_t parse_hex(const char *file, int line, const char *text, uint8_t *out)
{
    size_t n = 0;
    for (const char *p = text; *p != '\0';) {
        size_t times = 1;
        uint8_t byte;
        if (strchr(" \t\n|", *p) != NULL) {
            p++;
            continue;
        }
        if (*p == '\'') {
            for (p++; *p != '\0' && *p != '\''; p++, n++) {
                if (out != NULL) {
                    out[n] = (uint8_t)*p;
                }
            }
            p += *p == '\'' ? 1 : 0;
            continue;
        }
        if (hex_digit(p[0]) < 0 || hex_digit(p[1]) < 0) {
            ir_test_fail(file, line, "IR_HEX: not hexadecimal: \"%.20s\"", p);
        }
        byte = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
        p += 2;
        if (*p == '*') {
            char *end;
            times = strtoul(p + 1, &end, 10);
            p = end;
        }
        for (; times > 0; times--, n++) {
            if (out != NULL) {
                out[n] = byte;
            }
        }
    }
    return n;
}

struct ir_bytes ir_test_hex(const char *file, int line, const char *text)
{
    size_t n = parse_hex(file, line, text, NULL);
    struct keep *keep = malloc(sizeof *keep);
    if (keep == NULL || (keep->bytes = malloc(n > 0 ? n : 1)) == NULL) {
        ir_test_fail(file, line, "no memory for a literal");
    }
    keep->next = kept;
    kept = keep;
    parse_hex(file, line, text, keep->bytes);
    return (struct ir_bytes){keep->bytes, n};
}

static void free_kept(void)
{
    while (kept != NULL) {
        struct keep *next = kept->next;
        free(kept->bytes);
        free(kept);
        kept = next;
    }
}

/* --- time and memory --- */

unsigned ir_vtime_advance(struct ir_vtime *time, uint64_t delta)
{
    uint64_t until = time->now + delta;
    unsigned fired = 0;
    unsigned at_same = 0;
    for (;;) {
        uint64_t next = time->next_deadline(time->machine);
        if (next > until) {
            break;
        }
        at_same = next > time->now ? 0 : at_same + 1;
        if (at_same > 1000) {
            IR_FAIL("deadline %" PRIu64 " does not go away (now %" PRIu64 ")", next, time->now);
        }
        time->now = next > time->now ? next : time->now;
        time->on_deadline(time->machine, time->now);
        fired++;
    }
    time->now = until;
    return fired;
}

unsigned ir_test_oom(bool (*fn)(void *arg), void *arg)
{
    for (unsigned n = 0;; n++) {
        int64_t before = ir_alloc_outstanding();
        ir_alloc_fail_after(n);
        bool done = fn(arg);
        bool injected = ir_alloc_has_failed() != 0;
        ir_alloc_fail_after(-1);
        if (ir_alloc_outstanding() != before) {
            IR_FAIL("with allocation %u failing: %" PRId64 " allocations leak", n + 1,
                    ir_alloc_outstanding() - before);
        }
        if (!injected) {
            if (!done) {
                IR_FAIL("fails although no allocation failed (round %u)", n + 1);
            }
            return n;
        }
        if (n > 100000) {
            IR_FAIL("fails however many allocations succeed");
        }
    }
}

/* --- what a test leaves behind --- */

static void list_fds(bool open[MAX_FD])
{
    memset(open, 0, MAX_FD * sizeof open[0]);
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        long fd = strtol(entry->d_name, NULL, 10);
        if (entry->d_name[0] != '.' && fd < MAX_FD && fd != dirfd(dir)) {
            open[fd] = true;
        }
    }
    closedir(dir);
}

static unsigned count_threads(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/task");
    if (dir == NULL) {
        return 0;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }
    closedir(dir);
    return n;
}

static bool check_fds(const bool before[MAX_FD])
{
    static bool after[MAX_FD];
    bool clean = true;
    list_fds(after);
    for (int fd = 0; fd < MAX_FD; fd++) {
        if (after[fd] == before[fd]) {
            continue;
        }
        char path[40];
        char target[200] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(path, target, sizeof target - 1);
        ir_test_note("descriptor %d was %s: %s", fd, after[fd] ? "leaked" : "closed",
                     n > 0 ? target : "?");
        clean = false;
    }
    return clean;
}

/* A thread that was joined is still counted for a moment: the kernel wakes the joiner first. */
static bool has_more_threads(unsigned threads)
{
    for (int i = 0; i < 200 && count_threads() > threads; i++) {
        usleep(5000);
    }
    return count_threads() > threads;
}

static void run_in_child(const struct ir_test *test)
{
    static bool fds[MAX_FD];
    unsigned threads = count_threads();
    int64_t blocks = ir_alloc_outstanding();
    bool clean;
    list_fds(fds);

    test->run();

    ir_alloc_fail_after(-1);
    clean = check_fds(fds);
    /* An emulator has threads of its own, from when the first is made; TSan has one. */
#ifdef __SANITIZE_THREAD__
    threads++;
#endif
    if (has_more_threads(threads) && getenv("MESON_EXE_WRAPPER") == NULL) {
        ir_test_note("%u threads still run", count_threads() - threads);
        clean = false;
    }
    if (ir_alloc_outstanding() != blocks) {
        ir_test_note("%" PRId64 " allocations leaked", ir_alloc_outstanding() - blocks);
        clean = false;
    }
    if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
        ir_test_note("a child process was not waited for");
        clean = false;
    }
    free_kept();
    fflush(NULL);
    if (report_fd >= 0 && write(report_fd, FINISHED, 1) != 1) {
        clean = false;
    }
    exit(clean ? EXIT_PASS : EXIT_FAIL);
}

/* --- the parent --- */

static unsigned time_scale(void)
{
    const char *text = getenv("IR_TEST_SCALE");
    unsigned long scale = text != NULL ? strtoul(text, NULL, 10) : 1;
    return scale >= 1 && scale <= 1000 ? (unsigned)scale : 1;
}

static pid_t start_child(const struct ir_test *test, const int report[2], const sigset_t *old_mask)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, old_mask, NULL);
    tap_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    report_fd = report[1];
    close(report[0]);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    run_in_child(test);
    return 0;
}

/* Waits at most timeout_s. Returns false if the child had to be killed. */
static bool wait_child(pid_t pid, unsigned timeout_s, int *ret_status)
{
    sigset_t chld;
    struct timespec end;
    struct timespec now;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)timeout_s;
    for (;;) {
        if (waitpid(pid, ret_status, WNOHANG) == pid) {
            return true;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > end.tv_sec) {
            kill(pid, SIGABRT); /* a core or a sanitizer's stack, if anybody wants one */
            nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
            kill(-pid, SIGKILL);
            waitpid(pid, ret_status, 0);
            return false;
        }
        sigtimedwait(&chld, NULL, &(struct timespec){.tv_nsec = 200000000});
    }
}

/* Prints the one line of this test. Returns true if it passed or was skipped. */
static bool run_test(const struct ir_test *test, unsigned number, const sigset_t *old_mask)
{
    int report[2];
    int status = 0;
    char text[300] = "";
    if (pipe2(report, O_CLOEXEC) != 0) {
        printf("not ok %u - %s\n# pipe2: %s\n", number, test->name, strerror(errno));
        return false;
    }
    pid_t pid = start_child(test, report, old_mask);
    close(report[1]);
    unsigned timeout_s = test->timeout_s * time_scale();
    bool in_time = pid > 0 && wait_child(pid, timeout_s, &status);
    if (pid > 0) {
        kill(-pid, SIGKILL); /* whatever the test started and forgot */
    }
    bool skipped = in_time && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP;
    if (in_time && read(report[0], text, sizeof text - 1) < 0) {
        text[0] = '\0';
    }
    bool finished = strcmp(text, FINISHED) == 0;
    close(report[0]);
    if (pid < 0) {
        printf("# fork: %s\n", strerror(errno));
    } else if (!in_time) {
        printf("# still running after %u s, killed\n", timeout_s);
    } else if (WIFSIGNALED(status)) {
        printf("# killed by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != EXIT_PASS && WEXITSTATUS(status) != EXIT_FAIL && !skipped) {
        printf("# exit status %d\n", WEXITSTATUS(status));
    } else if (WEXITSTATUS(status) == EXIT_PASS && !finished) {
        printf("# exited before its end\n");
    }
    bool passed = finished && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_PASS;
    printf("%s %u - %s%s%s\n", passed || skipped ? "ok" : "not ok", number, test->name,
           skipped ? " # SKIP " : "", skipped ? text : "");
    fflush(stdout);
    return passed || skipped;
}

static bool is_selected(const struct ir_test *test, int n_names, char **names)
{
    for (int i = 0; i < n_names; i++) {
        if (strcmp(names[i], test->name) == 0) {
            return true;
        }
    }
    return n_names == 0;
}

static unsigned count_selected(int n_names, char **names)
{
    unsigned n = 0;
    for (const struct ir_test *test = first_test; test != NULL; test = test->next) {
        n += is_selected(test, n_names, names);
    }
    return n;
}

int main(int argc, char **argv)
{
    bool no_fork = argc > 1 && strcmp(argv[1], "-n") == 0;
    int n_names = argc - 1 - no_fork;
    char **names = argv + 1 + no_fork;
    unsigned number = 0;
    unsigned failed = 0;
    sigset_t chld;
    sigset_t old_mask;

    unsigned n = count_selected(n_names, names);
    printf("1..%u\n", n);
    if (n == 0) {
        printf("# no test of that name\n");
        return EXIT_FAILURE;
    }
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &old_mask);
    for (const struct ir_test *test = first_test; test != NULL; test = test->next) {
        if (!is_selected(test, n_names, names)) {
            continue;
        }
        if (no_fork) {
            run_in_child(test);
        }
        failed += !run_test(test, ++number, &old_mask);
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
