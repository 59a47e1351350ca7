/*
 * The system calls that a process may still make, as a program for seccomp(2): a list of numbers,
 * compared one by one, then "EPERM". Some are allowed with certain arguments only; the rules look
 * at the lower half of an argument, where all their bits are.
 *
 * The list is what glibc's allocator, sockets that exist, epoll and the clock need. A thread cannot
 * be made, memory cannot become code, and what opens something is not on it.
 *
 * Of a program that is not ours nobody knows what it needs: there is a second list, of what no
 * service needs, for that to be refused. It stays when the program becomes another one.
 */
#include "os/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/attr.h"

#if IR_SANITIZED
#define ARCH 0u
#elif defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0u
#endif

#define PROGRAM_MAX 240u

struct call {
    uint16_t number;
    bool local;         /* with IR_OS_SERVE_LOCAL alone */
    uint8_t argument;   /* 1 to 6; 0: any arguments will do */
    uint32_t forbidden; /* bits of the argument that must not be set; 0: it must be @value */
    uint32_t value;
};

/* clang-format off */
static const struct call calls[] = {
    /* what a small call makes, first */
    {SYS_read, false, 0, 0, 0},
    {SYS_sendto, false, 0, 0, 0},
    {SYS_epoll_pwait, false, 0, 0, 0},
    {SYS_sendmsg, false, 0, 0, 0},
    {SYS_recvmsg, false, 0, 0, 0},
    {SYS_recvfrom, false, 0, 0, 0},
    {SYS_epoll_ctl, false, 0, 0, 0},
    {SYS_close, false, 0, 0, 0},
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, false, 0, 0, 0},
    {SYS_poll, false, 0, 0, 0},
#endif
    {SYS_write, false, 0, 0, 0},
    {SYS_ppoll, false, 0, 0, 0},
    {SYS_readv, false, 0, 0, 0},
    {SYS_writev, false, 0, 0, 0},
    {SYS_shutdown, false, 0, 0, 0},
    {SYS_getsockname, false, 0, 0, 0},
    {SYS_getpeername, false, 0, 0, 0},
    {SYS_getsockopt, false, 0, 0, 0},
    {SYS_lseek, false, 0, 0, 0},
    {SYS_fcntl, false, 2, 0, F_GET_SEALS},
    /* time and chance */
    {SYS_clock_gettime, false, 0, 0, 0},
    {SYS_gettimeofday, false, 0, 0, 0},
    {SYS_nanosleep, false, 0, 0, 0},
    {SYS_clock_nanosleep, false, 0, 0, 0},
    {SYS_getrandom, false, 0, 0, 0},
    /* memory, which never becomes code */
    {SYS_mmap, false, 3, PROT_EXEC, 0},
    {SYS_mprotect, false, 3, PROT_EXEC, 0},
    {SYS_munmap, false, 0, 0, 0},
    {SYS_mremap, false, 0, 0, 0},
    {SYS_madvise, false, 0, 0, 0},
    {SYS_brk, false, 0, 0, 0},
    {SYS_futex, false, 0, 0, 0},
    /* ending, and what glibc does around it */
    {SYS_exit_group, false, 0, 0, 0},
    {SYS_exit, false, 0, 0, 0},
    {SYS_restart_syscall, false, 0, 0, 0},
    {SYS_rt_sigreturn, false, 0, 0, 0},
    {SYS_rt_sigprocmask, false, 0, 0, 0},
    {SYS_rt_sigaction, false, 0, 0, 0},
    {SYS_getpid, false, 0, 0, 0},
    {SYS_gettid, false, 0, 0, 0},
    {SYS_tgkill, false, 0, 0, 0}, /* abort(); Landlock keeps it inside */
    /* the mapper */
    {SYS_accept4, true, 0, 0, 0},
    {SYS_openat, true, 3, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0},
    {SYS_memfd_create, true, 0, 0, 0},
    {SYS_ftruncate, true, 0, 0, 0},
    {SYS_fcntl, true, 2, 0, F_ADD_SEALS},
};
/* clang-format on */

/* These find nothing: to them the file system is empty. A library that looks whether its
 * configuration has changed (libkrb5, for each context) then goes on without; EPERM would be a
 * failure to it. */
static const uint16_t looks[] = {
#ifdef SYS_access
    SYS_access,
    SYS_stat,
#endif
    SYS_faccessat,
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
};

struct program {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short n;
};

static void add(struct program *p, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
    if (p->n < PROGRAM_MAX) {
        p->code[p->n] = (struct sock_filter){code, if_true, if_false, k};
    }
    p->n++;
}

static void load(struct program *p, size_t offset)
{
    add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* If the number, which is loaded, is this one and the argument right: allow; else go on with the
 * number loaded. */
static void add_call(struct program *p, const struct call *c)
{
    if (c->argument == 0) {
        add(p, BPF_JMP | BPF_JEQ | BPF_K, c->number, 0, 1);
        add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
        return;
    }
    add(p, BPF_JMP | BPF_JEQ | BPF_K, c->number, 0, 4);
    load(p, offsetof(struct seccomp_data, args) + 8u * (c->argument - 1u)); /* little-endian */
    if (c->forbidden != 0) {
        add(p, BPF_JMP | BPF_JSET | BPF_K, c->forbidden, 1, 0);
    } else {
        add(p, BPF_JMP | BPF_JEQ | BPF_K, c->value, 0, 1);
    }
    add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    load(p, offsetof(struct seccomp_data, nr));
}

static bool is_possible(void)
{
    return ARCH != 0u && (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 || errno != EINVAL);
}

/* Up to the number, which is loaded. */
static void begin(struct program *p)
{
    p->n = 0;
    load(p, offsetof(struct seccomp_data, arch));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
    add(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
    load(p, offsetof(struct seccomp_data, nr));
}

static int install(struct program *p)
{
    if (p->n > PROGRAM_MAX) {
        errno = E2BIG;
        return -1;
    }
    struct sock_fprog prog = {.len = p->n, .filter = p->code};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0 ? 1 : -1;
}

int ir_os_filter(enum ir_os_sandbox kind)
{
    struct program p;

    if (!is_possible()) {
        return 0;
    }
    begin(&p);
    for (size_t i = 0; i < IR_ARRAY_LEN(calls); i++) {
        if (!calls[i].local || kind == IR_OS_SERVE_LOCAL) {
            add_call(&p, &calls[i]);
        }
    }
    for (size_t i = 0; i < IR_ARRAY_LEN(looks); i++) {
        add(&p, BPF_JMP | BPF_JEQ | BPF_K, looks[i], 0, 1);
        add(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOENT, 0, 0);
    }
    add(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
    return install(&p);
}

/* --- a program that is not ours --- */

/* Numbers from here on are another way into the kernel on x86-64 (x32). */
#define OTHER_NUMBERS 0x40000000u

#define NEW_NAMESPACES 0x7e020000u /* CLONE_NEW... that clone(2) knows */
#define TYPE_INTO_TERMINAL 0x5412u /* TIOCSTI */

/* clang-format off */
static const uint16_t refused[] = {
    /* other processes */
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd, SYS_kcmp,
    SYS_process_madvise,
    /* the view of the file system, and ways around it */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_open_tree,
    SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr,
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_fanotify_init, SYS_quotactl, SYS_acct,
    SYS_swapon, SYS_swapoff,
    /* code in the kernel, and what has most often led to it */
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_bpf,
    SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter,
    SYS_io_uring_register, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_lookup_dcookie,
    SYS_nfsservctl, SYS_vmsplice,
    /* the machine */
    SYS_reboot, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime,
    SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_vhangup, SYS_personality,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs,
#endif
};
/* clang-format on */

/* If the number is this one and the lower half of its argument at @offset has one of @bits, or,
 * with
 * @equal, is that: refuse; else go on with the number loaded. */
static void refuse_argument(struct program *p, uint32_t number, unsigned argument, uint32_t bits,
                            bool equal)
{
    add(p, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
    load(p, offsetof(struct seccomp_data, args) + 8u * argument); /* little-endian */
    add(p, BPF_JMP | (equal ? BPF_JEQ : BPF_JSET) | BPF_K, bits, 0, 1);
    add(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
    load(p, offsetof(struct seccomp_data, nr));
}

int ir_os_filter_program(void)
{
    struct program p;

    if (!is_possible()) {
        return 0;
    }
    begin(&p);
    add(&p, BPF_JMP | BPF_JGE | BPF_K, OTHER_NUMBERS, 0, 1);
    add(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
    for (size_t i = 0; i < IR_ARRAY_LEN(refused); i++) {
        add(&p, BPF_JMP | BPF_JEQ | BPF_K, refused[i], 0, 1);
        add(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
    }
    refuse_argument(&p, SYS_clone, 0, NEW_NAMESPACES, false);
    refuse_argument(&p, SYS_ioctl, 1, TYPE_INTO_TERMINAL, true);
    /* Its arguments are in memory, where a filter cannot look: the C library falls back to clone.
     */
    add(&p, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
    add(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
    add(&p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    return install(&p);
}
