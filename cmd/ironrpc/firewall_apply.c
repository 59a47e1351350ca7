/*
 * `ironrpc firewall --apply` and `--undo`: nft(8) does the work. Rules are tried (nft -c) before
 * anything changes; the kernel takes a file as one transaction, so there is no moment with half
 * of them. What our table was before is kept in a file that only its owner can write: the way
 * back. An empty file says that there was no table.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "firewall.h"

#define STATE_MAX (4u << 20) /* bytes of a saved table */

static const char start_over[] =
    "add table inet " FIREWALL_TABLE "\ndelete table inet " FIREWALL_TABLE "\n";

/* --- nft --- */

/* What nft is to do, and its standard streams; -1: /dev/null for in and out, as is for errors. */
struct nft {
    const char *argv[8];
    int in, out, err;
};

static void become_nft(const struct nft *nft)
{
    int null = open("/dev/null", O_RDWR);

    dup2(nft->in >= 0 ? nft->in : null, STDIN_FILENO);
    dup2(nft->out >= 0 ? nft->out : null, STDOUT_FILENO);
    if (nft->err >= 0) {
        dup2(nft->err, STDERR_FILENO);
    }
    execvp("nft", (char **)(uintptr_t)nft->argv);
    execv("/usr/sbin/nft", (char **)(uintptr_t)nft->argv);
    _exit(127);
}

/* Return: its exit status; 127 if there is none. */
static int run_nft(const struct nft *nft)
{
    int status = 0;

    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        return 127;
    }
    if (pid == 0) {
        become_nft(nft);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/* A file without a name that holds @text, at its beginning; -1: errno. */
static int make_file(const char *text)
{
    FILE *file = tmpfile();

    if (file == NULL || fputs(text, file) == EOF || fflush(file) != 0) {
        if (file != NULL) {
            fclose(file);
        }
        return -1;
    }
    int fd = dup(fileno(file));
    fclose(file);
    if (fd >= 0) {
        lseek(fd, 0, SEEK_SET);
    }
    return fd;
}

/* nft -f @text, or only its check. Return: exit status, with a message. */
static int load(const struct ir_cli_verb *verb, const char *text, bool only_check)
{
    int fd = make_file(text);
    struct nft nft = {
        .argv = {"nft", "-f", "-", only_check ? "-c" : NULL, NULL}, .in = fd, .out = -1, .err = -1};

    if (fd < 0) {
        return ir_cli_fail(verb, "cannot make a temporary file: %s", strerror(errno));
    }
    int status = run_nft(&nft);
    close(fd);
    if (status == 127) {
        return ir_cli_fail(verb,
                           "there is no nft here; install nftables (or load the printed rules "
                           "where they are wanted)");
    }
    if (status != 0) {
        return ir_cli_fail(verb, "nft refused the rules (which needs root with CAP_NET_ADMIN); "
                                 "nothing was changed");
    }
    return IR_CLI_OK;
}

/* --- the way back --- */

static char *read_all(int fd)
{
    char *text = ir_alloc(STATE_MAX + 1);
    size_t len = 0;

    while (text != NULL && len < STATE_MAX) {
        ssize_t n = read(fd, text + len, STATE_MAX - len);

        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    if (text != NULL) {
        text[len] = '\0';
    }
    return text;
}

/* Our table as it is into @fd; nothing if there is none. */
static void save_table(int fd)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct nft nft = {.argv = {"nft", "list", "table", "inet", FIREWALL_TABLE, NULL},
                      .in = -1,
                      .out = fd,
                      .err = nowhere};

    run_nft(&nft);
    close(nowhere);
}

static int open_new(const char *path)
{
    unlink(path);
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

int firewall_apply(const struct ir_cli_verb *verb, const char *rules, const char *state)
{
    char fresh[4096];

    if (snprintf(fresh, sizeof(fresh), "%s.new", state) >= (int)sizeof(fresh)) {
        return ir_cli_usage(verb, "--state '%s' is too long", state);
    }
    if (load(verb, rules, true) != IR_CLI_OK) {
        return IR_CLI_FAILED;
    }
    int fd = open_new(fresh);
    if (fd < 0) {
        return ir_cli_fail(verb, "cannot write %s, the way back: %s; nothing was changed", fresh,
                           strerror(errno));
    }
    save_table(fd);
    bool is_kept = fsync(fd) == 0 || errno == EINVAL;
    is_kept = close(fd) == 0 && is_kept;
    if (!is_kept) {
        unlink(fresh);
        return ir_cli_fail(verb, "cannot write %s, the way back; nothing was changed", fresh);
    }
    if (load(verb, rules, false) != IR_CLI_OK) {
        unlink(fresh);
        return IR_CLI_FAILED;
    }
    if (rename(fresh, state) != 0) {
        return ir_cli_fail(verb,
                           "the rules are active, but %s cannot be written: %s; take them back "
                           "with: nft delete table inet " FIREWALL_TABLE,
                           state, strerror(errno));
    }
    printf(
        "The rules are active until the next start of the machine. The way back: ironrpc firewall "
        "--undo\n");
    return ir_cli_finish(verb);
}

/* The saved table; "" if there was none, or nothing is saved. NULL after a message. */
static char *read_state(const struct ir_cli_verb *verb, const char *state)
{
    struct stat info;
    int fd = open(state, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        return ir_strndup("", 0);
    }
    if (fd < 0 || fstat(fd, &info) != 0) {
        ir_cli_fail(verb, "cannot read %s: %s", state, strerror(errno));
        return NULL;
    }
    char *text = NULL;
    if (info.st_uid != geteuid() || !S_ISREG(info.st_mode) || (info.st_mode & 022) != 0) {
        ir_cli_fail(verb, "%s is not a file that only you can write; it will not be loaded", state);
    } else {
        text = read_all(fd);
    }
    close(fd);
    return text;
}

static bool has_table(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct nft nft = {.argv = {"nft", "list", "table", "inet", FIREWALL_TABLE, NULL},
                      .in = -1,
                      .out = -1,
                      .err = nowhere};
    int status = run_nft(&nft);

    close(nowhere);
    return status == 0;
}

int firewall_undo(const struct ir_cli_verb *verb, const char *state)
{
    char *saved = read_state(verb, state);
    char *rules = saved == NULL ? NULL : ir_alloc(sizeof(start_over) + strlen(saved));
    int result = IR_CLI_FAILED;

    if (rules != NULL) {
        memcpy(rules, start_over, sizeof(start_over) - 1);
        memcpy(rules + sizeof(start_over) - 1, saved, strlen(saved) + 1);
        if (saved[0] == '\0' && !has_table()) {
            ir_cli_fail(verb, "there is nothing to take back: no table inet " FIREWALL_TABLE
                              " (or no right to see it)");
        } else if (load(verb, rules, true) == IR_CLI_OK) {
            result = load(verb, rules, false);
        }
    }
    if (result == IR_CLI_OK) {
        unlink(state);
        printf(saved[0] == '\0' ? "The rules are gone.\n"
                                : "The rules before the last are back.\n");
        result = ir_cli_finish(verb);
    }
    ir_free(rules);
    ir_free(saved);
    return result;
}
