/*
 * What a process gives up for good before it reads a peer's first byte: its user, most system
 * calls, the file system, new sockets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum ir_os_sandbox {
    /* Descriptors that it has and gets, memory, time: no file, no socket, no process. */
    IR_OS_SERVE,
    /* The same, and: accept on the listening sockets that it has, read files of /proc, make
     * sealed memory. */
    IR_OS_SERVE_LOCAL
};

struct ir_os_sandbox_report {
    bool filtered;    /* system calls, seccomp(2); not on every machine, not under sanitizers */
    int landlock_abi; /* 0: this kernel has no Landlock */
};

/* Find the user that a service's processes become: @name, or, if that is "", ironrpc, else nobody.
 * Return: false: there is no such user. */
bool ir_os_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid);

/* Be @uid and @gid for good, without further groups. Return: false: errno says why. */
bool ir_os_become(uid_t uid, gid_t gid);

/*
 * Die when the parent, @parent, dies; and leave no core to programs that take them from the kernel,
 * which RLIMIT_CORE does not hold back. A change of the user undoes both. Return: false: the parent
 * is dead already.
 */
bool ir_os_follow(pid_t parent);

/* No core files of this process and its children: what peers sent, and secrets, stay in memory.
 * check: L12 */
void ir_os_no_core(void);

/* No more processes than there are (0 stays without limit for root), @data bytes of memory (without
 * sanitizers), @files descriptors. */
void ir_os_limit(size_t data, size_t files);

/* @data bytes of memory, of this process and each that it starts (without sanitizers). */
void ir_os_limit_memory(size_t data);

/*
 * Close the sandbox for this thread, the only one. What is forbidden fails with EPERM or EACCES.
 * Return: false: errno says why; what the machine does not have is no error, but in @ret_report.
 */
bool ir_os_sandbox(enum ir_os_sandbox kind, struct ir_os_sandbox_report *ret_report);

/* What a program may do with what is below a path. */
struct ir_os_path {
    const char *path;
    bool write; /* change it and make things in it, besides reading and executing */
    bool must;  /* that it is not there is an error */
};

/*
 * Confine this process and what it executes from now on, whatever program that is: no further
 * privileges by executing, no core, no file but below @paths[@n] (where the kernel has Landlock),
 * no signal to others (ABI 6), and without the system calls that no service needs. Descriptors,
 * sockets and processes it has and makes as before. Return: false: errno says why, and
 * *@ret_path whether it was about one of @paths (else NULL).
 */
bool ir_os_confine(const struct ir_os_path *paths, size_t n,
                   struct ir_os_sandbox_report *ret_report, const char **ret_path);
