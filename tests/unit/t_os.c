/* What a daemon needs of the system: notification, signals, names of processes, descriptors. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ir_test.h"
#include "os/files.h"
#include "os/notify.h"
#include "os/process.h"
#include "os/signals.h"

/* A datagram socket in the abstract name space, whose name goes to $NOTIFY_SOCKET. */
static int listen_for_notes(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char name[40];
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(name, sizeof(name), "@ironrpc-test-%ld", (long)getpid());
    memcpy(at.sun_path, name, strlen(name));
    at.sun_path[0] = '\0';
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    IR_ASSERT_EQ(bind(fd, (struct sockaddr *)&at, len), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

IR_TEST(notify_sends_one_datagram)
{
    char got[64];
    int fd = listen_for_notes();

    IR_ASSERT(ir_os_notify("READY=1"));
    ssize_t n = recv(fd, got, sizeof(got), 0);
    IR_ASSERT_MEM(got, (size_t)n, "READY=1", 7);
    close(fd);
    IR_ASSERT(!ir_os_notify("READY=1")); /* nobody listens: no harm */
}

/* Who listens and does not read holds nobody up for ever. */
IR_TEST(notify_does_not_wait_for_long)
{
    int fd = listen_for_notes();
    unsigned n = 0;

    while (n < 100000 && ir_os_notify("WATCHDOG=1")) {
        n++;
    }
    IR_ASSERT(n > 0 && n < 100000);
    IR_ASSERT(!ir_os_notify("WATCHDOG=1"));
    close(fd);
}

IR_TEST(notify_without_systemd)
{
    char name[200];

    unsetenv("NOTIFY_SOCKET");
    IR_ASSERT(!ir_os_notify("READY=1"));
    setenv("NOTIFY_SOCKET", "relative", 1);
    IR_ASSERT(!ir_os_notify("READY=1"));
    setenv("NOTIFY_SOCKET", "", 1);
    IR_ASSERT(!ir_os_notify("READY=1"));
    memset(name, 'x', sizeof(name));
    name[0] = '/';
    name[sizeof(name) - 1] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    IR_ASSERT(!ir_os_notify("READY=1"));
}

IR_TEST(signals_are_read_in_turn)
{
    int fd = ir_os_signals_open();

    IR_ASSERT(fd >= 0);
    IR_ASSERT_EQ(ir_os_signals_read(fd), 0);
    kill(getpid(), SIGTERM);
    IR_ASSERT_EQ(ir_os_signals_read(fd), SIGTERM);
    IR_ASSERT_EQ(ir_os_signals_read(fd), 0);
    kill(getpid(), SIGPIPE);
    kill(getpid(), SIGHUP);
    IR_ASSERT_EQ(ir_os_signals_read(fd), SIGHUP);
    IR_ASSERT_STR(ir_os_signal_name(SIGINT), "SIGINT");
    IR_ASSERT_STR(ir_os_signal_name(0), "other");
    close(fd);
}

IR_TEST(process_name)
{
    char name[16];

    prctl(PR_SET_NAME, "a name of 15 ch", 0, 0, 0);
    ir_os_process_name(getpid(), name, sizeof(name));
    IR_ASSERT_STR(name, "a name of 15 ch");
    ir_os_process_name(getpid(), name, 7);
    IR_ASSERT_STR(name, "a name");
    ir_os_process_name(0, name, sizeof(name));
    IR_ASSERT_STR(name, "");
}

IR_TEST(process_that_runs_and_one_that_does_not)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        for (;;) {
        }
    }
    while (ir_os_process_cpu_ms(pid) < 20) {
    }
    IR_ASSERT(ir_os_process_is_runnable(pid));
    kill(pid, SIGSTOP);
    IR_ASSERT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    IR_ASSERT(!ir_os_process_is_runnable(pid));
    kill(pid, SIGKILL);
    IR_ASSERT_EQ(waitpid(pid, &status, 0), pid);
    IR_ASSERT(!ir_os_process_is_runnable(pid));
    IR_ASSERT_EQ(ir_os_process_cpu_ms(pid), 0);
    if (getenv("MESON_EXE_WRAPPER") != NULL) {
        ir_test_skip("an emulator makes /proc/self/stat up");
    }
    IR_ASSERT(ir_os_process_is_runnable(getpid()));
}

IR_TEST(files_up_to_the_hard_limit)
{
    struct rlimit limit = {.rlim_cur = 50, .rlim_max = 200};

    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    IR_ASSERT_EQ(ir_os_allow_files(20), 50);
    IR_ASSERT_EQ(ir_os_allow_files(100), 100);
    IR_ASSERT_EQ(ir_os_allow_files(1000), 200);
}
