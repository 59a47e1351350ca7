/* Processes of a daemon: what they send each other, share, and can no longer do in a sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "ir_test.h"
#include "os/child.h"
#include "os/memory.h"
#include "os/pass.h"
#include "os/sandbox.h"

/* --- messages --- */

IR_TEST(messages_stay_apart_and_carry_a_descriptor)
{
    char buf[16];
    char word[] = "word";
    int ends[2];
    int pipes[2];
    int fd = -1;
    const struct iovec parts[2] = {{word, 4}, {word, 2}};

    IR_ASSERT(ir_os_pair(ends));
    IR_ASSERT_EQ(pipe2(pipes, O_CLOEXEC), 0);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, sizeof(buf), &fd), -1);
    IR_ASSERT_EQ(ir_os_send(ends[0], parts, 2, pipes[1]), IR_OS_SENT);
    IR_ASSERT_EQ(ir_os_send(ends[0], parts, 1, -1), IR_OS_SENT);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, sizeof(buf), &fd), 6);
    IR_ASSERT_MEM(buf, 6, "wordwo", 6);
    IR_ASSERT(fd >= 0 && fd != pipes[1]);
    IR_ASSERT_EQ(write(fd, "x", 1), 1);
    IR_ASSERT_EQ(read(pipes[0], buf, 4), 1);
    close(fd);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, sizeof(buf), &fd), 4);
    IR_ASSERT_EQ(fd, -1);
    /* Too long for the buffer: dropped, and its descriptor closed. */
    IR_ASSERT_EQ(ir_os_send(ends[0], parts, 2, pipes[1]), IR_OS_SENT);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, 5, &fd), -2);
    IR_ASSERT_EQ(fd, -1);
    close(ends[0]);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, sizeof(buf), &fd), 0);
    IR_ASSERT_EQ(ir_os_send(ends[1], parts, 1, -1), IR_OS_GONE);
    close(ends[1]);
    close(pipes[0]);
    close(pipes[1]);
}

IR_TEST(what_was_sent_arrives_though_the_sender_left_without_reading)
{
    char buf[16];
    char word[] = "word";
    int ends[2];
    int fd = -1;
    const struct iovec part = {word, 4};

    IR_ASSERT(ir_os_pair(ends));
    IR_ASSERT_EQ(ir_os_send(ends[0], &part, 1, -1), IR_OS_SENT);
    IR_ASSERT_EQ(ir_os_send(ends[1], &part, 1, -1), IR_OS_SENT);
    close(ends[0]);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, sizeof(buf), &fd), 4);
    IR_ASSERT_EQ(ir_os_receive(ends[1], buf, sizeof(buf), &fd), 0);
    close(ends[1]);
}

IR_TEST(a_full_channel_is_told_from_a_dead_one)
{
    static char big[60000];
    const struct iovec part = {big, sizeof(big)};
    enum ir_os_sent sent = IR_OS_SENT;
    int ends[2];

    IR_ASSERT(ir_os_pair(ends));
    for (int i = 0; i < 1000 && sent == IR_OS_SENT; i++) {
        sent = ir_os_send(ends[0], &part, 1, -1);
    }
    IR_ASSERT_EQ(sent, IR_OS_FULL);
    close(ends[0]);
    close(ends[1]);
}

/* --- memory --- */

static void fill(void *user, void *memory)
{
    memcpy(memory, user, 5);
}

IR_TEST(sealed_memory_is_read_and_not_changed)
{
    char text[] = "hello";
    size_t len = 0;
    int fd = ir_os_sealed_new("test", 5, fill, text);
    const void *memory = ir_os_sealed_map(fd, &len);

    IR_ASSERT(memory != NULL);
    IR_ASSERT_MEM(memory, len, "hello", 5);
    IR_ASSERT_EQ(pwrite(fd, "x", 1, 0), -1);
    IR_ASSERT_EQ(ftruncate(fd, 1), -1);
    IR_ASSERT(mmap(NULL, 5, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    ir_os_shared_free((void *)(uintptr_t)memory, len);
    close(fd);
    fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    IR_ASSERT_EQ(ftruncate(fd, 5), 0);
    IR_ASSERT(ir_os_sealed_map(fd, &len) == NULL); /* whoever has it can still change it */
    close(fd);
}

static int wait_for(pid_t pid, int pidfd)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    int status = 0;

    IR_ASSERT_EQ(poll(&ended, 1, 10000), 1);
    IR_ASSERT(ir_os_reap(pid, &status));
    close(pidfd);
    return status;
}

IR_TEST(shared_memory_is_seen_by_the_parent_and_hidden_from_the_next_child)
{
    uint32_t *shared = ir_os_shared_new(4096);
    int pidfd = -1;
    int status = 0;
    if (getenv("MESON_EXE_WRAPPER") != NULL) {
        ir_test_skip("an emulator's children have all of its memory");
    }
    pid_t pid = ir_os_fork(&pidfd);
    if (pid == 0) {
        *shared = 7;
        _exit(3);
    }
    IR_ASSERT_EQ(WEXITSTATUS(wait_for(pid, pidfd)), 3);
    IR_ASSERT_EQ(*shared, 7);
    IR_ASSERT(!ir_os_reap(pid, &status));
    ir_os_shared_hide(shared, 4096);
    pid = ir_os_fork(&pidfd);
    if (pid == 0) {
        unsigned char there;
        _exit(mincore(shared, 4096, &there) != 0 && errno == ENOMEM ? 0 : 1);
    }
    IR_ASSERT_EQ(wait_for(pid, pidfd), 0);
    ir_os_shared_free(shared, 4096);
}

/* --- sandbox --- */

struct attempt {
    const char *name;
    long number;
    long args[6];
};

#define PATH ((long)(intptr_t) "/etc/passwd")
#define NEW ((long)(intptr_t) "/tmp/ironrpc-sandbox-test")
#define BUF ((long)(intptr_t)buffer)

static char buffer[4096] __attribute__((aligned(4096)));

/* What a process that has been taken over would try. With these arguments each succeeds, or fails
 * with another error than the sandbox's, for root outside. */
/* clang-format off */
static const struct attempt attempts[] = {
    {"openat", SYS_openat, {AT_FDCWD, PATH, O_RDONLY}},
    {"openat for writing", SYS_openat, {AT_FDCWD, NEW, O_WRONLY | O_CREAT, 0600}},
    {"openat2", SYS_openat2, {AT_FDCWD, PATH, BUF, 24}},
    {"open_by_handle_at", SYS_open_by_handle_at, {AT_FDCWD, BUF, 0}},
    {"name_to_handle_at", SYS_name_to_handle_at, {AT_FDCWD, PATH, BUF, BUF, 0}},
    {"mkdirat", SYS_mkdirat, {AT_FDCWD, NEW, 0700}},
    {"unlinkat", SYS_unlinkat, {AT_FDCWD, NEW, 0}},
    {"linkat", SYS_linkat, {AT_FDCWD, PATH, AT_FDCWD, NEW, 0}},
    {"symlinkat", SYS_symlinkat, {PATH, AT_FDCWD, NEW}},
    {"renameat2", SYS_renameat2, {AT_FDCWD, NEW, AT_FDCWD, NEW, 0}},
    {"mknodat", SYS_mknodat, {AT_FDCWD, NEW, 0010600, 0}},
    {"fchmodat", SYS_fchmodat, {AT_FDCWD, NEW, 0600}},
    {"fchownat", SYS_fchownat, {AT_FDCWD, NEW, -1, -1, 0}},
    {"truncate", SYS_truncate, {NEW, 0}},
    {"faccessat", SYS_faccessat, {AT_FDCWD, PATH, R_OK}},
    {"newfstatat", SYS_newfstatat, {AT_FDCWD, PATH, BUF, 0}},
    {"statx", SYS_statx, {AT_FDCWD, PATH, 0, 0xfff, BUF}},
    {"readlinkat", SYS_readlinkat, {AT_FDCWD, PATH, BUF, 100}},
    {"getdents64", SYS_getdents64, {0, BUF, 100}},
    {"chdir", SYS_chdir, {(long)(intptr_t)"/"}},
    {"chroot", SYS_chroot, {(long)(intptr_t)"/"}},
    {"mount", SYS_mount, {0, (long)(intptr_t)"/", 0, 0, 0}},
    {"umount2", SYS_umount2, {NEW, 0}},
    {"pivot_root", SYS_pivot_root, {NEW, NEW}},
    {"inotify_init1", SYS_inotify_init1, {0}},
    {"fanotify_init", SYS_fanotify_init, {0, 0}},
    {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket, local", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, BUF}},
    {"connect", SYS_connect, {0, BUF, 16}},
    {"bind", SYS_bind, {0, BUF, 16}},
    {"listen", SYS_listen, {0, 1}},
    {"setsockopt", SYS_setsockopt, {0, SOL_SOCKET, SO_KEEPALIVE, BUF, 4}},
    {"clone", SYS_clone, {SIGCHLD, 0, 0, 0, 0}},
    {"clone3", SYS_clone3, {BUF, 64}},
    {"execve", SYS_execve, {NEW, 0, 0}},
    {"execveat", SYS_execveat, {AT_FDCWD, NEW, 0, 0, 0}},
    {"kill", SYS_kill, {1, 0}},
    {"pidfd_open", SYS_pidfd_open, {1, 0}},
    {"pidfd_send_signal", SYS_pidfd_send_signal, {0, 0, 0, 0}},
    {"ptrace", SYS_ptrace, {16, 1, 0, 0}},
    {"process_vm_readv", SYS_process_vm_readv, {1, BUF, 1, BUF, 1, 0}},
    {"process_vm_writev", SYS_process_vm_writev, {1, BUF, 1, BUF, 1, 0}},
    {"setuid", SYS_setuid, {0}},
    {"setresuid", SYS_setresuid, {-1, -1, -1}},
    {"setgroups", SYS_setgroups, {0, 0}},
    {"capset", SYS_capset, {BUF, BUF}},
    {"prctl", SYS_prctl, {3, 0, 0, 0, 0}},
    {"seccomp", SYS_seccomp, {2, 0, BUF}},
    {"personality", SYS_personality, {0xffffffff}},
    {"unshare", SYS_unshare, {0}},
    {"setns", SYS_setns, {0, 0}},
    {"bpf", SYS_bpf, {0, BUF, 16}},
    {"perf_event_open", SYS_perf_event_open, {BUF, 0, -1, -1, 0}},
    {"userfaultfd", SYS_userfaultfd, {0}},
    {"io_uring_setup", SYS_io_uring_setup, {1, BUF}},
    {"keyctl", SYS_keyctl, {0, 0, 0}},
    {"add_key", SYS_add_key, {PATH, PATH, 0, 0, 0}},
    {"init_module", SYS_init_module, {BUF, 0, PATH}},
    {"kexec_load", SYS_kexec_load, {0, 0, 0, 0}},
    {"reboot", SYS_reboot, {0, 0, 0, 0}},
    {"settimeofday", SYS_settimeofday, {0, 0}},
    {"sethostname", SYS_sethostname, {PATH, 0}},
    {"syslog", SYS_syslog, {10, 0, 0}},
    {"memfd_create", SYS_memfd_create, {PATH, 0}},
    {"ioctl", SYS_ioctl, {0, 0x5413, BUF}},
    {"dup", SYS_dup, {0}},
    {"pipe2", SYS_pipe2, {BUF, 0}},
    {"fcntl(F_DUPFD)", SYS_fcntl, {0, F_DUPFD, 0}},
    {"shmget", SYS_shmget, {0, 4096, 0600}},
    {"setrlimit", SYS_setrlimit, {RLIMIT_CORE, BUF}},
    {"mmap of code", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
    {"mprotect to code", SYS_mprotect, {BUF, 4096, PROT_READ | PROT_WRITE | PROT_EXEC}},
};
/* clang-format on */

/* And what a program that is not ours may try in vain, besides those above that no service needs.
 */
/* clang-format off */
static const struct attempt program_attempts[] = {
    {"pidfd_getfd", SYS_pidfd_getfd, {0, 0, 0}},
    {"kcmp", SYS_kcmp, {1, 1, 0, 0, 0}},
    {"process_madvise", SYS_process_madvise, {0, BUF, 0, 0, 0}},
    {"open_tree", SYS_open_tree, {AT_FDCWD, PATH, 1}},
    {"move_mount", SYS_move_mount, {0, PATH, 0, PATH, 0}},
    {"fsopen", SYS_fsopen, {(long)(intptr_t)"tmpfs", 0}},
    {"fsconfig", SYS_fsconfig, {0, 0, 0, 0, 0}},
    {"fsmount", SYS_fsmount, {0, 0, 0}},
    {"fspick", SYS_fspick, {AT_FDCWD, PATH, 0}},
    {"mount_setattr", SYS_mount_setattr, {AT_FDCWD, PATH, 0, BUF, 32}},
    {"quotactl", SYS_quotactl, {0, PATH, 0, BUF}},
    {"acct", SYS_acct, {NEW}},
    {"swapon", SYS_swapon, {NEW, 0}},
    {"swapoff", SYS_swapoff, {NEW}},
    {"finit_module", SYS_finit_module, {0, PATH, 0}},
    {"delete_module", SYS_delete_module, {PATH, 0}},
    {"request_key", SYS_request_key, {PATH, PATH, 0, 0}},
    {"io_uring_enter", SYS_io_uring_enter, {0, 0, 0, 0, 0, 0}},
    {"io_uring_register", SYS_io_uring_register, {0, 0, 0, 0}},
    {"vmsplice", SYS_vmsplice, {0, BUF, 0, 0}},
    {"clock_settime", SYS_clock_settime, {0, 0}},
    {"adjtimex", SYS_adjtimex, {0}},
    {"clock_adjtime", SYS_clock_adjtime, {0, 0}},
    {"setdomainname", SYS_setdomainname, {PATH, -1}},
    {"clone into a namespace", SYS_clone, {0x10000000 | SIGCHLD, 0, 0, 0, 0}},
    {"ioctl(TIOCSTI)", SYS_ioctl, {0, 0x5412, BUF}},
#ifdef SYS_iopl
    {"iopl", SYS_iopl, {3}},
    {"ioperm", SYS_ioperm, {0x80, 1, 1}},
    {"modify_ldt", SYS_modify_ldt, {0, BUF, 16}},
#endif
};
/* clang-format on */

/* Those of `attempts` that no service needs. */
static const long never_needed[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_fanotify_init,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_keyctl,
    SYS_add_key,
    SYS_init_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_settimeofday,
    SYS_sethostname,
    SYS_syslog,
    SYS_personality,
};

static bool is_never_needed(long number)
{
    for (size_t i = 0; i < IR_ARRAY_LEN(never_needed); i++) {
        if (never_needed[i] == number) {
            return true;
        }
    }
    return false;
}

static long attempt(const struct attempt *a)
{
    return syscall(a->number, a->args[0], a->args[1], a->args[2], a->args[3], a->args[4],
                   a->args[5]);
}

/* A file that is looked for is not there. */
static int refusal_of(const struct attempt *a)
{
    return a->number == SYS_faccessat || a->number == SYS_newfstatat ? ENOENT : EPERM;
}

/* In the sandbox: how many attempts were not refused; the first of them in *@ret_first. */
static uint32_t count_holes(uint32_t *ret_first)
{
    uint32_t holes = 0;

    for (uint32_t i = 0; i < IR_ARRAY_LEN(attempts); i++) {
        errno = 0;
        if (attempt(&attempts[i]) != -1 || errno != refusal_of(&attempts[i])) {
            *ret_first = holes++ == 0 ? i : *ret_first;
        }
    }
    return holes;
}

struct finding {
    struct ir_os_sandbox_report report;
    uint32_t ready;
    uint32_t holes;
    uint32_t first;
    uint32_t works;
    uint32_t proc;
    uint32_t file;
    uint32_t dumpable;
};

/* What a worker needs goes on working. */
static bool still_works(int channel, size_t pages)
{
    char *memory = malloc(pages);
    struct pollfd p = {.fd = channel, .events = POLLOUT};
    const struct iovec part = {buffer, 4};
    uint64_t random;
    bool good = memory != NULL && poll(&p, 1, 0) == 1 &&
                ir_os_send(channel, &part, 1, channel) == IR_OS_SENT &&
                syscall(SYS_getrandom, &random, sizeof(random), 0) == (long)sizeof(random);

    free(memory);
    return good;
}

static void explore(enum ir_os_sandbox kind, struct finding *f, int channel)
{
    ir_os_limit((size_t)1 << 30, 100);
    bool follows = ir_os_follow(getppid());
    int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    if (!follows || !ir_os_sandbox(kind, &f->report)) {
        return;
    }
    f->ready = 1;
    f->dumpable = (uint32_t)dumpable;
    f->works = still_works(channel, 8u << 20);
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    f->proc = fd >= 0;
    fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    f->file = fd >= 0;
    if (kind == IR_OS_SERVE && f->report.filtered) {
        f->holes = count_holes(&f->first);
    }
}

static struct finding enter(enum ir_os_sandbox kind)
{
    struct finding *f = ir_os_shared_new(sizeof(*f));
    int pidfd = -1;
    int ends[2];

    IR_ASSERT(ir_os_pair(ends));
    pid_t pid = ir_os_fork(&pidfd);
    if (pid == 0) {
        explore(kind, f, ends[0]);
        _exit(0);
    }
    IR_ASSERT_EQ(wait_for(pid, pidfd), 0);
    close(ends[0]);
    close(ends[1]);
    struct finding found = *f;
    ir_os_shared_free(f, sizeof(*f));
    IR_ASSERT(found.ready != 0);
    IR_ASSERT_EQ(found.dumpable, 0);
    return found;
}

IR_TEST(forbidden_calls_are_refused)
{
    struct finding f = enter(IR_OS_SERVE);

    if (!f.report.filtered) {
        ir_test_skip("no filter of system calls on this machine or under a sanitizer");
    }
    IR_ASSERT(f.works != 0);
    if (f.holes > 0) {
        IR_FAIL("%u attempts got through, the first: %s", f.holes, attempts[f.first].name);
    }
    IR_ASSERT_EQ(f.proc, 0);
    IR_ASSERT_EQ(f.file, 0);
    ir_test_note("%zu attempts, all refused; Landlock ABI %d", IR_ARRAY_LEN(attempts),
                 f.report.landlock_abi);
}

IR_TEST(the_mapper_reads_proc_and_nothing_else)
{
    struct finding f = enter(IR_OS_SERVE_LOCAL);

    if (f.report.landlock_abi == 0) {
        ir_test_skip("this kernel has no Landlock");
    }
    IR_ASSERT(f.works != 0);
    IR_ASSERT_EQ(f.proc, 1);
    IR_ASSERT_EQ(f.file, 0);
}

/* check: L12: what was in memory does not get into a file */
IR_TEST(limits_cannot_be_taken_back)
{
    const struct rlimit more = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    int pidfd = -1;
    pid_t pid = ir_os_fork(&pidfd);

    if (pid == 0) {
        struct rlimit core = {1, 1};
        struct rlimit files = {1, 1};
        ir_os_no_core();
        bool good = getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0;
        ir_os_limit((size_t)1 << 30, 100);
        good = good && getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max == 100;
        if (geteuid() != 0) {
            good = good && setrlimit(RLIMIT_CORE, &more) != 0;
        }
        _exit(good ? 0 : 1);
    }
    IR_ASSERT_EQ(wait_for(pid, pidfd), 0);
}

IR_TEST(root_becomes_somebody_for_good)
{
    uid_t uid = 0;
    gid_t gid = 0;
    int pidfd = -1;

    IR_ASSERT(!ir_os_find_user("no such user", &uid, &gid));
    if (geteuid() != 0 || !ir_os_find_user("", &uid, &gid)) {
        ir_test_skip("for root alone, with a user nobody");
    }
    pid_t pid = ir_os_fork(&pidfd);
    if (pid == 0) {
        bool good = ir_os_become(uid, gid) && getuid() == uid && geteuid() == uid &&
                    getgid() == gid && getgroups(0, NULL) == 0 && setresuid(0, 0, 0) != 0;
        _exit(good ? 0 : 1);
    }
    IR_ASSERT_EQ(wait_for(pid, pidfd), 0);
}

/* --- a program that is not ours --- */

struct confined {
    struct ir_os_sandbox_report report;
    uint32_t ready;
    uint32_t tried;
    uint32_t holes;
    char first[32];
    uint32_t reads;  /* a file below a path for reading */
    uint32_t writes; /* the same, for writing */
    uint32_t makes;  /* a file below a path for writing */
    uint32_t others; /* a file elsewhere */
    uint32_t device; /* a device file below a path for writing */
    uint32_t signals;
    uint32_t core;
    uint32_t serves; /* sockets, threads' and processes' calls work */
};

static void try_all(struct confined *c, const struct attempt *list, size_t n, bool all)
{
    for (size_t i = 0; i < n; i++) {
        if (!all && !is_never_needed(list[i].number)) {
            continue;
        }
        c->tried++;
        errno = 0;
        if ((attempt(&list[i]) != -1 || errno != EPERM) && c->holes++ == 0) {
            strncpy(c->first, list[i].name, sizeof(c->first) - 1);
        }
    }
}

static bool can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool can_serve(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int status = 1;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    return fd >= 0 && listen(fd, 1) == 0 && pid > 0 && waitpid(pid, &status, 0) == pid &&
           status == 0 && getpid() > 0;
}

static void explore_confined(struct confined *c, const char *folder)
{
    const struct ir_os_path paths[] = {{"/usr", false, false},   {"/bin", false, false},
                                       {"/lib", false, false},   {"/lib64", false, false},
                                       {folder, true, true},     {"/etc/hosts", false, false},
                                       {"/nowhere", true, false}};
    const char *path = NULL;
    char file[64];
    struct rlimit core = {1, 1};

    if (!ir_os_confine(paths, IR_ARRAY_LEN(paths), &c->report, &path)) {
        return;
    }
    c->ready = 1;
    (void)snprintf(file, sizeof(file), "%s/new", folder);
    c->makes = can_open(file, O_RDWR | O_CREAT) && unlink(file) == 0;
    c->device = mknod(file, 0020600, 0x103) == 0 && unlink(file) == 0;
    c->reads = can_open("/bin/sh", O_RDONLY) && can_open("/etc/hosts", O_RDONLY);
    c->writes =
        can_open("/etc/hosts", O_WRONLY) || can_open("/usr/ironrpc-test", O_WRONLY | O_CREAT);
    c->others = can_open("/etc/shadow", O_RDONLY) || can_open("/proc/1/stat", O_RDONLY);
    c->signals = kill(getppid(), 0) == 0;
    c->core = getrlimit(RLIMIT_CORE, &core) == 0 ? (uint32_t)core.rlim_max : 1;
    c->serves = can_serve();
    if (c->report.filtered) {
        try_all(c, attempts, IR_ARRAY_LEN(attempts), false);
        try_all(c, program_attempts, IR_ARRAY_LEN(program_attempts), true);
        c->tried++;
        c->holes += syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS;
#if defined(__x86_64__)
        c->tried++;
        c->holes += syscall(0x40000000 | SYS_getpid) != -1 || errno != ENOSYS; /* x32 */
#endif
    }
}

static struct confined confine(void)
{
    char folder[] = "/tmp/ir-confined-XXXXXX";
    struct confined *c = ir_os_shared_new(sizeof(*c));
    int pidfd = -1;

    IR_ASSERT(mkdtemp(folder) != NULL);
    pid_t pid = ir_os_fork(&pidfd);
    if (pid == 0) {
        explore_confined(c, folder);
        _exit(0);
    }
    IR_ASSERT_EQ(wait_for(pid, pidfd), 0);
    IR_ASSERT(rmdir(folder) == 0);
    struct confined found = *c;
    ir_os_shared_free(c, sizeof(*c));
    IR_ASSERT(found.ready != 0);
    return found;
}

/* check: L12, and the file system */
IR_TEST(a_program_has_the_paths_that_it_was_given)
{
    struct confined c = confine();

    IR_ASSERT_EQ(c.core, 0);
    IR_ASSERT(c.serves != 0);
    IR_ASSERT(c.reads != 0 && c.makes != 0);
    if (c.report.landlock_abi == 0) {
        ir_test_skip("this kernel has no Landlock");
    }
    IR_ASSERT_EQ(c.writes, 0);
    IR_ASSERT_EQ(c.others, 0);
    IR_ASSERT_EQ(c.device, 0);
    if (c.report.landlock_abi >= 6) {
        IR_ASSERT_EQ(c.signals, 0);
    }
}

IR_TEST(a_program_makes_no_call_that_no_service_needs)
{
    struct confined c = confine();

    if (!c.report.filtered) {
        ir_test_skip("no filter of system calls on this machine or under a sanitizer");
    }
    if (c.holes > 0) {
        IR_FAIL("%u of %u attempts got through, the first: %s", c.holes, c.tried, c.first);
    }
    IR_ASSERT(c.tried >= 50);
    IR_ASSERT(c.serves != 0);
    ir_test_note("%u attempts, all refused", c.tried);
}

IR_TEST(a_path_that_has_to_be_there)
{
    const struct ir_os_path paths[] = {{"/usr", false, false}, {"/nowhere", false, true}};
    struct ir_os_sandbox_report report;
    const char *path = NULL;
    int pidfd = -1;
    pid_t pid = ir_os_fork(&pidfd);

    if (pid == 0) {
        bool done = ir_os_confine(paths, 2, &report, &path);
        bool told = !done && errno == ENOENT && path == paths[1].path;
        _exit(told || (done && report.landlock_abi == 0) ? 0 : 1);
    }
    IR_ASSERT_EQ(wait_for(pid, pidfd), 0);
}
