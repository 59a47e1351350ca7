/*
 * The child has a pipe: a byte for each answer. It knows nothing else of its parent, which is not
 * held up by a service that does not answer.
 */
#include "os/prober.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "os/child.h"
#include "os/sandbox.h"

#define END_MS 1000

static void keep_trying(const struct ir_os_probe *probe, int fd)
{
    const struct timespec pause = {.tv_sec = (time_t)(probe->interval_ms / 1000),
                                   .tv_nsec = (long)(probe->interval_ms % 1000) * 1000000};

    (void)signal(SIGINT, SIG_IGN); /* of the terminal: the parent decides */
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGUSR2, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!ir_os_keep(&fd, 1) || (probe->prepare != NULL && !probe->prepare(probe->user)) ||
        !ir_os_follow(probe->parent)) {
        return;
    }
    for (;;) {
        if (probe->attempt(probe->user) && write(fd, "", 1) != 1) {
            return; /* nobody listens any more */
        }
        nanosleep(&pause, NULL);
    }
}

bool ir_os_prober_start(struct ir_os_prober *p, const struct ir_os_probe *probe)
{
    int ends[2];

    *p = (struct ir_os_prober){.pidfd = -1, .fd = -1};
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    pid_t pid = ir_os_fork(&p->pidfd);
    if (pid == 0) {
        keep_trying(probe, ends[1]);
        _exit(EXIT_FAILURE);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    p->pid = pid;
    p->fd = ends[0];
    return true;
}

static void forget(struct ir_os_prober *p)
{
    close(p->pidfd);
    close(p->fd);
    *p = (struct ir_os_prober){.pidfd = -1, .fd = -1};
}

bool ir_os_prober_ended(struct ir_os_prober *p)
{
    int status = 0;

    if (p->pid == 0 || !ir_os_reap(p->pid, &status)) {
        return false;
    }
    forget(p);
    return true;
}

unsigned ir_os_prober_answers(struct ir_os_prober *p)
{
    char bytes[64];
    ssize_t n = p->pid != 0 ? read(p->fd, bytes, sizeof(bytes)) : 0;

    return n > 0 ? (unsigned)n : 0;
}

void ir_os_prober_stop(struct ir_os_prober *p)
{
    struct pollfd ended = {.fd = p->pidfd, .events = POLLIN};
    int status = 0;

    if (p->pid == 0) {
        return;
    }
    kill(p->pid, SIGKILL);
    (void)poll(&ended, 1, END_MS);
    (void)ir_os_reap(p->pid, &status);
    forget(p);
}
