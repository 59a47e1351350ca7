/* Child processes that are watched through descriptors, pidfd_open(2). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * fork(2) from a process with one thread. Parent: the child's pid, *@ret_pidfd readable when it has
 * ended. Child: 0, with all signals at their defaults and none blocked. -1: errno says why.
 */
pid_t ir_os_fork(int *ret_pidfd);

/*
 * Close every descriptor but 0, 1, 2 and @fds[@n] (n <= 64), which become 3 and up in their order;
 * @fds holds the new numbers then. Return: false: errno says why.
 */
bool ir_os_keep(int *fds, int n);

/* A child that has ended and is not reaped yet; 0: there is none. */
pid_t ir_os_ended(void);

/* Reap @pid. Return: false: it still runs, or is no child. @ret_status: as waitpid(2). */
bool ir_os_reap(pid_t pid, int *ret_status);
