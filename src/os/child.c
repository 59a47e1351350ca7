/* fork(2) and what belongs to it. The descriptor names the process even when its number is used
 * again. */
#include "os/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define FIRST_KEPT 3 /* behind standard input, output and error */
#define KEEP_MAX 64

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++) {
        (void)signal(number, SIG_DFL); /* some cannot be, and need not */
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t ir_os_fork(int *ret_pidfd)
{
    pid_t pid = fork();

    if (pid == 0) {
        reset_signals();
        return 0;
    }
    if (pid < 0) {
        return -1;
    }
    *ret_pidfd = pidfd_open(pid, 0);
    if (*ret_pidfd < 0) {
        int error = errno;

        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        errno = error;
        return -1;
    }
    return pid;
}

static void close_from(int n)
{
    if (syscall(SYS_close_range, (unsigned)n, ~0u, 0) != 0) {
        for (long fd = sysconf(_SC_OPEN_MAX) - 1; fd >= n; fd--) {
            close((int)fd);
        }
    }
}

bool ir_os_keep(int *fds, int n)
{
    /* First out of each other's way, then to their places. */
    for (int i = 0; i < n; i++) {
        fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_KEPT + KEEP_MAX);
        if (fds[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < n; i++) {
        if (dup3(fds[i], FIRST_KEPT + i, O_CLOEXEC) < 0) {
            return false;
        }
        fds[i] = FIRST_KEPT + i;
    }
    close_from(FIRST_KEPT + n);
    return true;
}

pid_t ir_os_ended(void)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : 0;
}

bool ir_os_reap(pid_t pid, int *ret_status)
{
    return waitpid(pid, ret_status, WNOHANG) == pid;
}
