/* fork(2) and what belongs to it. The descriptor names the process even when its number is used
 * again. */
#include "os/child.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

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

void ir_os_close_from(int n)
{
    if (syscall(SYS_close_range, (unsigned)n, ~0u, 0) != 0) {
        for (long fd = sysconf(_SC_OPEN_MAX) - 1; fd >= n; fd--) {
            close((int)fd);
        }
    }
}

bool ir_os_reap(pid_t pid, int *ret_status)
{
    return waitpid(pid, ret_status, WNOHANG) == pid;
}
