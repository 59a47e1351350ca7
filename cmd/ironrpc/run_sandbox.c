/*
 * The sandbox that `ironrpc run` gives a program which knows nothing of it: what programs of a
 * Linux system need to start, the folder of local sockets, and the paths of the command line.
 */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ironrpc/server.h>

#include "base/attr.h"

#define PROGRAM_PATH_MAX 4096u

/* Not: /etc as a whole, /home, /proc, /var. */
static const struct ir_os_path usual[] = {
    {"/usr", false, false},
    {"/lib", false, false},
    {"/lib32", false, false},
    {"/lib64", false, false},
    {"/bin", false, false},
    {"/sbin", false, false},
    {"/etc/ld.so.cache", false, false},
    {"/etc/ld.so.preload", false, false},
    {"/etc/ld.so.conf", false, false},
    {"/etc/ld.so.conf.d", false, false},
    {"/etc/localtime", false, false},
    {"/etc/nsswitch.conf", false, false},
    {"/etc/host.conf", false, false},
    {"/etc/hosts", false, false},
    {"/etc/resolv.conf", false, false},
    {"/etc/services", false, false},
    {"/etc/passwd", false, false},
    {"/etc/group", false, false},
    {"/etc/ssl", false, false},
    {"/etc/krb5.conf", false, false},
    {"/etc/krb5.conf.d", false, false},
    {"/sys/devices/system/cpu", false, false},
    {"/dev/null", true, false},
    {"/dev/zero", true, false},
    {"/dev/full", true, false},
    {"/dev/random", false, false},
    {"/dev/urandom", false, false},
};

/* Where execvp(3) will find @program; false: nowhere. */
static bool find(const char *program, char path[PROGRAM_PATH_MAX])
{
    const char *folders = getenv("PATH");

    if (strchr(program, '/') != NULL) {
        return snprintf(path, PROGRAM_PATH_MAX, "%s", program) < (int)PROGRAM_PATH_MAX;
    }
    while (folders != NULL && *folders != '\0') {
        size_t len = strcspn(folders, ":");
        int n = snprintf(path, PROGRAM_PATH_MAX, "%.*s/%s", (int)len, folders, program);
        if (n < (int)PROGRAM_PATH_MAX && access(path, X_OK) == 0) {
            return true;
        }
        folders += len + (folders[len] == ':');
    }
    return false;
}

bool run_sandbox_close(const struct run_sandbox *sandbox, const char *program)
{
    struct ir_os_path paths[IR_ARRAY_LEN(usual) + 2 + RUN_PATHS_MAX];
    struct ir_os_sandbox_report report = {.landlock_abi = 0};
    char file[PROGRAM_PATH_MAX];
    const char *path = NULL;
    size_t n = IR_ARRAY_LEN(usual);

    memcpy(paths, usual, sizeof(usual));
    paths[n++] = (struct ir_os_path){irpc_runtime_dir(), true, false};
    if (find(program, file)) { /* else executing it tells */
        paths[n++] = (struct ir_os_path){file, false, false};
    }
    memcpy(paths + n, sandbox->paths, sandbox->n_paths * sizeof(paths[0]));
    n += sandbox->n_paths;
    if (sandbox->memory_mib > 0) {
        ir_os_limit_memory((size_t)sandbox->memory_mib << 20);
    }
    if (!ir_os_confine(paths, n, &report, &path)) {
        program_log("event=failed reason=\"cannot close the sandbox: %s%s%s\"",
                    path != NULL ? path : "", path != NULL ? ": " : "", strerror(errno));
        return false;
    }
    program_log("event=sandboxed filter=%s landlock=%d", report.filtered ? "yes" : "no",
                report.landlock_abi);
    return true;
}
