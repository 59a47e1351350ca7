/* Reading passwords. The terminal's echo is off meanwhile, and on again whatever happens. */
#include "secret.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void ir_cli_wipe(char secret[IR_CLI_SECRET])
{
    explicit_bzero(secret, IR_CLI_SECRET);
}

/* One line without its end. False: nothing there, or too long. */
static bool read_line(char line[IR_CLI_SECRET])
{
    size_t len = 0;
    char c = '\0';
    ssize_t n = 0;

    while (len < IR_CLI_SECRET - 1 && (n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        line[len++] = c;
    }
    line[len] = '\0';
    return c == '\n' || (n == 0 && len > 0);
}

static bool ask(const char *prompt, char line[IR_CLI_SECRET])
{
    struct termios before;
    struct termios silent;
    sigset_t interrupts;
    sigset_t old;

    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    sigaddset(&interrupts, SIGTSTP);
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return false;
    }
    sigprocmask(SIG_BLOCK, &interrupts, &old);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    fprintf(stderr, "%s: ", prompt);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool ok = read_line(line);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return ok;
}

int ir_cli_secret(const struct ir_cli_verb *verb, const char *prompt, bool twice,
                  char ret_secret[IR_CLI_SECRET])
{
    char again[IR_CLI_SECRET];
    bool terminal = isatty(STDIN_FILENO) == 1;

    if (terminal ? !ask(prompt, ret_secret) : !read_line(ret_secret)) {
        ir_cli_wipe(ret_secret);
        return ir_cli_fail(verb,
                           "no password: type one, or give a line of at most %d bytes on stdin",
                           IR_CLI_SECRET - 2);
    }
    if (!terminal || !twice) {
        return IR_CLI_OK;
    }
    bool same = ask("once more", again) && strcmp(again, ret_secret) == 0;
    ir_cli_wipe(again);
    if (!same) {
        ir_cli_wipe(ret_secret);
        return ir_cli_fail(verb, "the two passwords differ; nothing was changed");
    }
    return IR_CLI_OK;
}
