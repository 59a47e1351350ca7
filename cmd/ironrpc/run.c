/*
 * ironrpc run: supervision for any program that serves by the library. The supervisor holds the
 * program's listening sockets, so that its port never refuses while it is started again; it calls
 * the management interface as any client does, and kills what does not answer; who has crashed the
 * program twice is kept out. The program needs no change, os/supervised.h says how.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "os/notify.h"
#include "os/prober.h"
#include "os/signals.h"
#include "run.h"

#define TICK_MS 100
#define END_MS 10000u
#define DELAY_MIN_MS 100u
#define DELAY_MAX_MS 5000u
#define IS_SERVER_LISTENING 2

static const struct irpc_syntax_id mgmt = {
    {0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, {0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};

struct supervisor {
    const struct ir_cli_verb *verb;
    struct program program;
    struct ir_os_prober prober;
    char target[200];
    int signal_fd;
    bool stopping;     /* it ends with the program */
    bool again;        /* the program ends because it was told to, to be started again */
    uint64_t kill_by;  /* told to end: then it is killed; 0: it was not */
    uint64_t start_at; /* when it is started again */
    uint32_t delay_ms; /* what ends before it serves must not spin */
    bool was_ready;
    bool done;
    int result;
};

/* --- whether it answers --- */

/* In a child. Whatever the answer is: who refuses a connection does not hang. */
static bool call(void *user)
{
    const struct supervisor *s = user;
    const struct irpc_binding_options options = {.connect_ms = s->program.hung_ms,
                                                 .call_ms = s->program.hung_ms};
    const struct irpc_span nothing = {NULL, 0};
    struct irpc_binding *binding = NULL;
    struct irpc_reply reply;
    enum irpc_status st = irpc_binding_new(s->target, &options, &binding);

    if (st == IRPC_OK) {
        st = irpc_binding_call_raw(binding, &mgmt, IS_SERVER_LISTENING, nothing, &reply);
    }
    irpc_binding_free(binding);
    return st != IRPC_TIMEOUT && st != IRPC_SERVER_UNAVAILABLE && st != IRPC_NO_MEMORY;
}

static void begin_calls(struct supervisor *s)
{
    const struct ir_os_probe probe = {.interval_ms = s->program.hung_ms / 4,
                                      .parent = s->program.supervisor,
                                      .attempt = call,
                                      .user = s};

    if (program_target(&s->program, s->target, sizeof(s->target)) &&
        !ir_os_prober_start(&s->prober, &probe)) {
        program_log("event=failed reason=\"cannot watch the program: %s\"", strerror(errno));
    }
}

static void on_answer(struct supervisor *s)
{
    if (ir_os_prober_answers(&s->prober) == 0 || s->program.pid == 0) {
        return;
    }
    program_answered(&s->program);
    ir_os_notify(s->was_ready ? "WATCHDOG=1" : "READY=1");
    s->was_ready = true;
}

/* --- starting and ending --- */

static void start(struct supervisor *s)
{
    s->kill_by = 0;
    s->again = false;
    if (!program_start(&s->program)) {
        program_log("event=failed reason=\"cannot start a process: %s\"", strerror(errno));
        s->start_at = program_now() + DELAY_MAX_MS;
    }
}

static void on_end(struct supervisor *s)
{
    int status = 0;

    if (!program_reap(&s->program, &status)) {
        return;
    }
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    if (s->stopping || (clean && !s->again)) {
        bool told = WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && s->stopping;
        s->result = clean || told ? IR_CLI_OK : IR_CLI_FAILED;
        s->done = true;
    } else if (s->program.n_sockets == 0 && !s->again) {
        s->result = ir_cli_fail(s->verb, "%s ended before it listened; see its own messages",
                                s->program.argv[0]);
        s->done = true;
    } else {
        uint32_t twice = 2 * s->delay_ms < DELAY_MAX_MS ? 2 * s->delay_ms : DELAY_MAX_MS;
        s->delay_ms = s->program.serves || s->again ? 0
                      : twice > DELAY_MIN_MS        ? twice
                                                    : DELAY_MIN_MS;
        s->start_at = program_now() + s->delay_ms;
    }
}

static void tell_to_end(struct supervisor *s)
{
    if (s->program.pid != 0) {
        s->kill_by = program_now() + END_MS;
        kill(s->program.pid, SIGTERM);
    }
}

static void on_signal(struct supervisor *s)
{
    int number = ir_os_signals_read(s->signal_fd);

    if (number == SIGHUP && s->program.pid != 0) {
        kill(s->program.pid, SIGHUP);
    } else if (number == SIGUSR2) {
        s->again = s->program.pid != 0;
        tell_to_end(s);
    } else if (number == SIGTERM || number == SIGINT) {
        program_log("event=stopping signal=%s", ir_os_signal_name(number));
        ir_os_notify("STOPPING=1");
        s->stopping = true;
        s->done = s->program.pid == 0;
        tell_to_end(s);
    }
}

/* --- the loop --- */

static void tick(struct supervisor *s)
{
    struct program *p = &s->program;
    uint64_t now = program_now();

    if (p->pid == 0) {
        if (now >= s->start_at && !s->done) {
            start(s);
        }
    } else if (s->kill_by != 0 && now > s->kill_by) {
        kill(p->pid, SIGKILL);
    } else if (s->kill_by == 0 && p->n_sockets > 0) {
        program_watch(p);
    }
    if (ir_os_prober_ended(&s->prober) || (s->prober.pid == 0 && p->n_sockets > 0)) {
        begin_calls(s);
    }
}

static int wait_ms(const struct supervisor *s)
{
    uint64_t now = program_now();

    if (s->program.pid != 0 || now >= s->start_at) {
        return s->program.pid != 0 ? TICK_MS : 0;
    }
    return s->start_at - now < TICK_MS ? (int)(s->start_at - now) : TICK_MS;
}

static void turn(struct supervisor *s)
{
    struct program *p = &s->program;
    bool runs = p->pid != 0;
    struct pollfd fds[] = {{.fd = s->signal_fd, .events = POLLIN},
                           {.fd = s->prober.pid != 0 ? s->prober.fd : -1, .events = POLLIN},
                           {.fd = runs ? p->channel : -1, .events = POLLIN},
                           {.fd = runs ? p->pidfd : -1, .events = POLLIN}};

    if (poll(fds, 4, wait_ms(s)) > 0) {
        if (fds[0].revents != 0) {
            on_signal(s);
        }
        if ((fds[1].revents & POLLIN) != 0) {
            on_answer(s);
        }
        while (fds[2].revents != 0 && program_receive(p)) {
        }
        if (fds[3].revents != 0) {
            on_end(s);
        }
    }
    tick(s);
}

static int supervise(struct supervisor *s)
{
    s->prober = (struct ir_os_prober){.pidfd = -1, .fd = -1};
    s->program.supervisor = getpid();
    s->signal_fd = ir_os_signals_open();
    if (s->signal_fd < 0 || !program_init(&s->program)) {
        return ir_cli_fail(s->verb, "cannot begin: %s", strerror(errno));
    }
    while (!s->done) {
        turn(s);
    }
    ir_os_prober_stop(&s->prober);
    program_remove_files(&s->program);
    return s->result;
}

static int add_path(struct supervisor *s, bool write)
{
    struct run_sandbox *box = &s->program.sandbox;

    if (box->n_paths == RUN_PATHS_MAX) {
        return ir_cli_usage(s->verb, "more than %u paths", RUN_PATHS_MAX);
    }
    box->paths[box->n_paths++] = (struct ir_os_path){optarg, write, true};
    return IR_CLI_OK;
}

/* Return: IR_CLI_OK, or that it is wrong. */
static int take_option(struct supervisor *s, int c, char **argv)
{
    struct program *p = &s->program;

    switch (c) {
    case 'u':
        return ir_cli_seconds(optarg, &p->hung_ms) && p->hung_ms >= 100
                   ? IR_CLI_OK
                   : ir_cli_usage(s->verb, "--hung '%s': seconds, at least 0.1", optarg);
    case 's':
        p->sandbox.wanted = true;
        return IR_CLI_OK;
    case 'r':
    case 'w':
        return add_path(s, c == 'w');
    case 'm':
        return ir_cli_number(optarg, 16, 1u << 20, &p->sandbox.memory_mib)
                   ? IR_CLI_OK
                   : ir_cli_usage(s->verb, "--memory '%s': MiB, at least 16", optarg);
    default:
        return ir_cli_bad_option(s->verb, c, argv);
    }
}

static int run(const struct ir_cli_verb *verb, int argc, char **argv)
{
    static const struct option options[] = {{"hung", required_argument, NULL, 'u'},
                                            {"sandbox", no_argument, NULL, 's'},
                                            {"read", required_argument, NULL, 'r'},
                                            {"write", required_argument, NULL, 'w'},
                                            {"memory", required_argument, NULL, 'm'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static struct supervisor s; /* large, and one is enough */
    const struct run_sandbox *box = &s.program.sandbox;
    int result = IR_CLI_OK;
    int c;

    s.verb = verb;
    s.program.hung_ms = 1500;
    while (result == IR_CLI_OK &&
           (c = getopt_long(argc, argv, "+:u:sr:w:m:h", options, NULL)) != -1) {
        if (c == 'h') {
            return ir_cli_help(verb);
        }
        result = take_option(&s, c, argv);
    }
    if (result != IR_CLI_OK) {
        return result;
    }
    if (!box->wanted && (box->n_paths > 0 || box->memory_mib > 0)) {
        return ir_cli_usage(verb, "--read, --write and --memory are of --sandbox");
    }
    if (optind == argc) {
        return ir_cli_usage(verb, "PROGRAM is missing");
    }
    s.program.argv = argv + optind;
    return supervise(&s);
}

const struct ir_cli_verb ir_cli_run = {
    .name = "run",
    .summary = "Keep a program that serves RPC running.",
    .usage = "run [--hung SECONDS] [--sandbox [--read PATH] [--write PATH] [--memory MIB]]\n"
             "                   [--] PROGRAM [ARGUMENT]...",
    .help =
        "Starts PROGRAM, which is built on libironrpc, and starts it again when it dies or no\n"
        "longer answers. Its listening sockets are kept open meanwhile, so that no client is\n"
        "refused. A source whose packets have crashed it twice within ten minutes is kept out\n"
        "for a minute, then for longer. It ends when PROGRAM ends with status 0.\n"
        "SIGTERM ends both; SIGUSR2 starts PROGRAM anew; SIGHUP is passed on.\n\n"
        "  -u, --hung S         seconds without an answer before it is killed (1.5)\n"
        "  -s, --sandbox        leave it no file but libraries and the folder of local sockets,\n"
        "                       no privileges by executing, no call that no service needs\n"
        "  -r, --read PATH      and what is below PATH; several are possible\n"
        "  -w, --write PATH     the same for writing\n"
        "  -m, --memory MIB     and no more memory than that\n"
        "  -h, --help\n",
    .run = run,
};
