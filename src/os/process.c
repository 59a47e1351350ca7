/* /proc/PID: reads that do not wait for anything. Whether we can be dumped. check: L12 */
#include "os/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* The beginning of /proc/@pid/@file; "" if there is none. */
static void read_text(pid_t pid, const char *file, char *text, size_t cap)
{
    char path[40];
    ssize_t n = 0;

    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, text, cap - 1);
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
}

void ir_os_process_name(pid_t pid, char *name, size_t cap)
{
    char text[64];

    read_text(pid, "comm", text, sizeof(text));
    text[strcspn(text, "\n")] = '\0';
    snprintf(name, cap, "%s", text);
}

uint64_t ir_os_process_cpu_ms(pid_t pid)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
        return 0;
    }
    return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

bool ir_os_process_is_runnable(pid_t pid)
{
    char text[128];

    read_text(pid, "stat", text, sizeof(text));
    const char *state = strrchr(text, ')'); /* behind the name, which may have blanks */
    return state != NULL && strncmp(state, ") R", 3) == 0;
}

void ir_os_hide_memory(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0); /* cannot fail: [prctl(2)] has 0 and 1 */
}
