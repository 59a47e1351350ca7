/*
 * setresuid(2), setrlimit(2), prctl(2), and Landlock; the filter of system calls is in filter.c.
 * Landlock is for the day when the filter has a hole: no path can be opened, no TCP port bound or
 * connected to, no abstract socket, no signal reaches a process outside.
 */
#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "os/filter.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* From the kernel's interface, landlock(7): headers of Debian 12 end at ABI 2. */
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define ACCESS_FS_READ_FILE (1u << 2)
#define ACCESS_FS_ABI1 ((1u << 13) - 1)
#define ACCESS_FS_REFER (1u << 13)     /* ABI 2 */
#define ACCESS_FS_TRUNCATE (1u << 14)  /* ABI 3 */
#define ACCESS_NET_BIND_CONNECT 3u     /* ABI 4 */
#define ACCESS_FS_IOCTL_DEV (1u << 15) /* ABI 5 */
#define SCOPE_ALL 3u                   /* ABI 6: abstract sockets, signals */

struct ruleset {
    uint64_t access_fs;
    uint64_t access_net;
    uint64_t scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

bool ir_os_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
    const struct passwd *user = getpwnam(name[0] != '\0' ? name : "ironrpc");

    if (user == NULL && name[0] == '\0') {
        user = getpwnam("nobody");
    }
    if (user == NULL) {
        return false;
    }
    *ret_uid = user->pw_uid;
    *ret_gid = user->pw_gid;
    return true;
}

bool ir_os_become(uid_t uid, gid_t gid)
{
    return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
           setresuid(uid, uid, uid) == 0;
}

bool ir_os_follow(pid_t parent)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* check: L12 */
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

static void limit(int what, size_t n)
{
    struct rlimit l;

    if (getrlimit((__rlimit_resource_t)what, &l) == 0) {
        l.rlim_max = l.rlim_max < n ? l.rlim_max : n;
        l.rlim_cur = l.rlim_max;
        (void)setrlimit((__rlimit_resource_t)what, &l); /* less is always allowed */
    }
}

void ir_os_no_core(void)
{
    limit(RLIMIT_CORE, 0); /* check: L12 */
}

void ir_os_limit(size_t data, size_t files)
{
    limit(RLIMIT_NPROC, 0);
    if (!IR_SANITIZED) {
        limit(RLIMIT_DATA, data);
    }
    limit(RLIMIT_NOFILE, files);
}

static bool add_proc(int ruleset)
{
    struct path_beneath rule = {.allowed = ACCESS_FS_READ_FILE,
                                .parent_fd = open("/proc", O_PATH | O_CLOEXEC)};

    if (rule.parent_fd < 0) {
        return true; /* then there is nothing to allow */
    }
    long result = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return result == 0;
}

/* Return: the ABI; 0: there is none; -1: errno says why it failed. */
static int close_file_system(enum ir_os_sandbox kind)
{
    struct ruleset r = {.access_fs = ACCESS_FS_ABI1};
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    size_t len = abi >= 6 ? sizeof(r) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);

    if (abi <= 0) {
        return 0;
    }
    r.access_fs |= (abi >= 2 ? ACCESS_FS_REFER : 0) | (abi >= 3 ? ACCESS_FS_TRUNCATE : 0) |
                   (abi >= 5 ? ACCESS_FS_IOCTL_DEV : 0);
    r.access_net = abi >= 4 ? ACCESS_NET_BIND_CONNECT : 0;
    r.scoped = abi >= 6 ? SCOPE_ALL : 0;
    int fd = (int)syscall(SYS_landlock_create_ruleset, &r, len, 0);
    if (fd < 0) {
        return -1;
    }
    bool good = (kind != IR_OS_SERVE_LOCAL || add_proc(fd)) &&
                syscall(SYS_landlock_restrict_self, fd, 0) == 0;

    close(fd);
    return good ? (int)abi : -1;
}

bool ir_os_sandbox(enum ir_os_sandbox kind, struct ir_os_sandbox_report *ret_report)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return false;
    }
    ret_report->landlock_abi = close_file_system(kind);
    if (ret_report->landlock_abi < 0) {
        return false;
    }
    int filtered = ir_os_filter(kind);

    ret_report->filtered = filtered > 0;
    return filtered >= 0;
}
