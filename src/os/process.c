/* /proc/PID/comm: a read that does not wait for anything. Whether we can be dumped. check: L12 */
#include "os/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

void ir_os_process_name(pid_t pid, char *name, size_t cap)
{
    char path[40];
    char text[64];
    ssize_t n = 0;

    snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, text, sizeof(text));
        close(fd);
    }
    size_t len = n > 0 ? (size_t)n : 0;
    if (len > 0 && text[len - 1] == '\n') {
        len--;
    }
    if (len >= cap) {
        len = cap - 1;
    }
    memcpy(name, text, len);
    name[len] = '\0';
}

void ir_os_hide_memory(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0); /* cannot fail: [prctl(2)] has 0 and 1 */
}
