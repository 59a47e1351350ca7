/*
 * Reading passwords. The terminal's echo is off meanwhile, and on again whatever happens. A process
 * that has seen one leaves no core behind.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define VARIABLE "IRONRPC_PASSWORD"

void ir_cli_wipe(char secret[IR_CLI_SECRET])
{
    explicit_bzero(secret, IR_CLI_SECRET);
}

/* One line without its end. False: nothing there, or too long. */
static bool read_line(int fd, char line[IR_CLI_SECRET])
{
    size_t len = 0;
    char c = '\0';
    ssize_t n = 0;

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    while (len < IR_CLI_SECRET - 1 && (n = read(fd, &c, 1)) == 1 && c != '\n') {
        line[len++] = c;
    }
    line[len] = '\0';
    return c == '\n' || (n == 0 && len > 0);
}

/* On the terminal @in, with @prompt on @out. */
static bool ask(int in, int out, const char *prompt, char line[IR_CLI_SECRET])
{
    struct termios before;
    struct termios silent;
    sigset_t interrupts;
    sigset_t old;

    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    sigaddset(&interrupts, SIGTSTP);
    if (tcgetattr(in, &before) != 0) {
        return false;
    }
    sigprocmask(SIG_BLOCK, &interrupts, &old);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    (void)dprintf(out, "%s: ", prompt);
    (void)tcsetattr(in, TCSAFLUSH, &silent);
    bool ok = read_line(in, line);
    (void)tcsetattr(in, TCSAFLUSH, &before);
    (void)dprintf(out, "\n");
    sigprocmask(SIG_SETMASK, &old, NULL);
    return ok;
}

int ir_cli_secret(const struct ir_cli_verb *verb, const char *prompt, bool twice,
                  char ret_secret[IR_CLI_SECRET])
{
    char again[IR_CLI_SECRET];
    bool terminal = isatty(STDIN_FILENO) == 1;

    if (terminal ? !ask(STDIN_FILENO, STDERR_FILENO, prompt, ret_secret)
                 : !read_line(STDIN_FILENO, ret_secret)) {
        ir_cli_wipe(ret_secret);
        return ir_cli_fail(verb,
                           "no password: type one, or give a line of at most %d bytes on stdin",
                           IR_CLI_SECRET - 2);
    }
    if (!terminal || !twice) {
        return IR_CLI_OK;
    }
    bool same =
        ask(STDIN_FILENO, STDERR_FILENO, "once more", again) && strcmp(again, ret_secret) == 0;
    ir_cli_wipe(again);
    if (!same) {
        ir_cli_wipe(ret_secret);
        return ir_cli_fail(verb, "the two passwords differ; nothing was changed");
    }
    return IR_CLI_OK;
}

static int from_file(const struct ir_cli_verb *verb, const char *path,
                     char ret_secret[IR_CLI_SECRET])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return ir_cli_bad_input(verb, "cannot read %s: %s", path, strerror(error));
    }
    bool is_open = S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    bool ok = !is_open && read_line(fd, ret_secret);
    close(fd);
    if (is_open) {
        return ir_cli_bad_input(
            verb, "others may read %s; chmod 600 it, and think of a new password", path);
    }
    if (!ok) {
        ir_cli_wipe(ret_secret);
        return ir_cli_bad_input(verb, "%s: its first line is no password of at most %d bytes", path,
                                IR_CLI_SECRET - 2);
    }
    return IR_CLI_OK;
}

/* Children of ours, and /proc, do not need to have it. */
static bool from_environment(char ret_secret[IR_CLI_SECRET])
{
    char *value = getenv(VARIABLE);
    size_t len = value != NULL ? strlen(value) : 0;

    if (value == NULL || len >= IR_CLI_SECRET) {
        return false;
    }
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    memcpy(ret_secret, value, len + 1);
    explicit_bzero(value, len);
    unsetenv(VARIABLE);
    return true;
}

int ir_cli_password(const struct ir_cli_verb *verb, const char *user, const char *file,
                    char ret_secret[IR_CLI_SECRET])
{
    char prompt[300];

    if (file != NULL) {
        return from_file(verb, file, ret_secret);
    }
    if (from_environment(ret_secret)) {
        return IR_CLI_OK;
    }
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    (void)snprintf(prompt, sizeof(prompt), "password of %.200s", user);
    bool ok = fd >= 0 && ask(fd, fd, prompt, ret_secret);
    if (fd >= 0) {
        close(fd);
    }
    if (!ok) {
        ir_cli_wipe(ret_secret);
        return ir_cli_fail(verb, "no password: there is no terminal to ask on, and neither "
                                 "--password-file nor $" VARIABLE);
    }
    return IR_CLI_OK;
}
