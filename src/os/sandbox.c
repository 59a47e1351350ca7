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
#include <sys/stat.h>
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
#define ACCESS_FS_EXECUTE (1u << 0)
#define ACCESS_FS_WRITE_FILE (1u << 1)
#define ACCESS_FS_READ_FILE (1u << 2)
#define ACCESS_FS_READ_DIR (1u << 3)
#define ACCESS_FS_MAKE_CHAR (1u << 6)
#define ACCESS_FS_MAKE_BLOCK (1u << 11)
#define ACCESS_FS_ABI1 ((1u << 13) - 1)
#define ACCESS_FS_REFER (1u << 13)     /* ABI 2 */
#define ACCESS_FS_TRUNCATE (1u << 14)  /* ABI 3 */
#define ACCESS_NET_BIND_CONNECT 3u     /* ABI 4 */
#define ACCESS_FS_IOCTL_DEV (1u << 15) /* ABI 5 */
#define SCOPE_ALL 3u                   /* ABI 6: abstract sockets, signals */
#define SCOPE_SIGNAL 2u
#define OF_FILES \
    (ACCESS_FS_EXECUTE | ACCESS_FS_WRITE_FILE | ACCESS_FS_READ_FILE | ACCESS_FS_TRUNCATE)
#define TO_READ (ACCESS_FS_EXECUTE | ACCESS_FS_READ_FILE | ACCESS_FS_READ_DIR)
#define NEVER (ACCESS_FS_MAKE_CHAR | ACCESS_FS_MAKE_BLOCK | ACCESS_FS_IOCTL_DEV)

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

void ir_os_limit_memory(size_t data)
{
    if (!IR_SANITIZED) {
        limit(RLIMIT_DATA, data);
    }
}

void ir_os_limit(size_t data, size_t files)
{
    limit(RLIMIT_NPROC, 0);
    ir_os_limit_memory(data);
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

/* A ruleset that allows nothing of what this kernel's ABI can forbid of @wanted. Return: its
 * descriptor, -1: errno says why; *@ret_abi 0: there is no Landlock. */
static int make_ruleset(struct ruleset *wanted, int *ret_abi)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    size_t len = abi >= 6 ? sizeof(*wanted) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);

    *ret_abi = abi > 0 ? (int)abi : 0;
    if (abi <= 0) {
        return -1;
    }
    wanted->access_fs = ACCESS_FS_ABI1 | (abi >= 2 ? ACCESS_FS_REFER : 0) |
                        (abi >= 3 ? ACCESS_FS_TRUNCATE : 0) | (abi >= 5 ? ACCESS_FS_IOCTL_DEV : 0);
    wanted->access_net = abi >= 4 ? wanted->access_net : 0;
    wanted->scoped = abi >= 6 ? wanted->scoped : 0;
    return (int)syscall(SYS_landlock_create_ruleset, wanted, len, 0);
}

/* Return: the ABI; 0: there is none; -1: errno says why it failed. */
static int close_file_system(enum ir_os_sandbox kind)
{
    struct ruleset r = {.access_net = ACCESS_NET_BIND_CONNECT, .scoped = SCOPE_ALL};
    int abi = 0;
    int fd = make_ruleset(&r, &abi);

    if (fd < 0) {
        return abi == 0 ? 0 : -1;
    }
    bool good = (kind != IR_OS_SERVE_LOCAL || add_proc(fd)) &&
                syscall(SYS_landlock_restrict_self, fd, 0) == 0;

    close(fd);
    return good ? abi : -1;
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

/* --- a program that is not ours --- */

static bool add_path(int ruleset, const struct ir_os_path *path, uint64_t handled)
{
    uint64_t all = path->write ? ~(uint64_t)NEVER : TO_READ;
    struct path_beneath rule = {.allowed = all & handled,
                                .parent_fd = open(path->path, O_PATH | O_CLOEXEC)};
    struct stat file;

    if (rule.parent_fd < 0) {
        return !path->must;
    }
    if (fstat(rule.parent_fd, &file) == 0 && !S_ISDIR(file.st_mode)) {
        rule.allowed &= OF_FILES;
    }
    long result = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return result == 0;
}

/* Return: as close_file_system(). */
static int open_paths_alone(const struct ir_os_path *paths, size_t n, const char **ret_path)
{
    struct ruleset r = {.scoped = SCOPE_SIGNAL};
    int abi = 0;
    int fd = make_ruleset(&r, &abi);
    bool good = true;

    if (fd < 0) {
        return abi == 0 ? 0 : -1;
    }
    for (size_t i = 0; good && i < n; i++) {
        good = add_path(fd, &paths[i], r.access_fs);
        *ret_path = good ? NULL : paths[i].path;
    }
    good = good && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close(fd);
    return good ? abi : -1;
}

bool ir_os_confine(const struct ir_os_path *paths, size_t n,
                   struct ir_os_sandbox_report *ret_report, const char **ret_path)
{
    *ret_path = NULL;
    ir_os_no_core();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return false;
    }
    ret_report->landlock_abi = open_paths_alone(paths, n, ret_path);
    if (ret_report->landlock_abi < 0) {
        return false;
    }
    int filtered = ir_os_filter_program();

    ret_report->filtered = filtered > 0;
    return filtered >= 0;
}
