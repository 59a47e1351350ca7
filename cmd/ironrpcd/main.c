/*
 * ironrpcd: the endpoint mapper and the management interface on port 135 and on ncalrpc.
 *
 * Reads options and configuration, joins library and map, runs the loop until a signal. Exit
 * status: 0 after a clean stop, 1 if it could not start or run, 2 for a mistake on the command
 * line, 3 for one in the configuration.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ironrpc/client.h>
#include <ironrpc/server.h>

#include "alerts.h"
#include "alone.h"
#include "daemon.h"
#include "desk.h"
#include "log.h"
#include "os/files.h"
#include "os/notify.h"
#include "os/sandbox.h"
#include "os/signals.h"

#define OTHER_FILES 64 /* descriptors that are not connections */
#define EXIT_USAGE 2
#define EXIT_CONFIG 3

static const char usage[] =
    "Usage: ironrpcd [OPTION]...\n"
    "The RPC service: endpoint mapper and management interface.\n"
    "\n"
    "  -c, --config FILE             read FILE instead of " IRONRPCD_CONF "\n"
    "  -o, --set SECTION.KEY=VALUE   change one setting; may be repeated\n"
    "  -t, --test                    check the configuration and exit\n"
    "      --print-config            print the configuration, with comments, and exit\n"
    "      --print-man               print the settings for ironrpcd.conf(5) and exit\n"
    "  -h, --help                    print this and exit\n"
    "  -V, --version                 print the version and exit\n"
    "\n"
    "It stays in the foreground and stops on SIGTERM or SIGINT. See ironrpcd(8).\n";

/* Return: the exit status after text went to standard output. */
static int finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "ironrpcd: cannot write the output: %s\n", strerror(errno));
    return EXIT_FAILURE;
}

/* --- options --- */

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'}, {"set", required_argument, NULL, 'o'},
    {"test", no_argument, NULL, 't'},         {"print-config", no_argument, NULL, 'p'},
    {"print-man", no_argument, NULL, 'm'},    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0}};

/* Return: -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    int c;

    while ((c = getopt_long(argc, argv, "c:o:thV", long_options, NULL)) != -1) {
        switch (c) {
        case 'c':
            options->path = optarg;
            break;
        case 'o':
            options->sets[options->n_sets++] = optarg;
            break;
        case 't':
            options->action = ACTION_TEST;
            break;
        case 'p':
            options->action = ACTION_PRINT;
            break;
        case 'm':
            config_print_man(stdout);
            return finish_output();
        case 'h':
            fputs(usage, stdout);
            return finish_output();
        case 'V':
            puts("ironrpcd " IRONRPC_VERSION);
            return finish_output();
        default:
            fputs("Try 'ironrpcd --help'.\n", stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "ironrpcd: unexpected argument \"%s\"\nTry 'ironrpcd --help'.\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    return -1;
}

/* --- configuration --- */

bool daemon_each_listener(const struct daemon *d, bool (*fn)(void *user, const char *binding),
                          void *user)
{
    char list[CONFIG_TEXT_MAX];
    char *rest = NULL;

    snprintf(list, sizeof(list), "%s", d->config.listen);
    for (char *s = strtok_r(list, " \t,", &rest); s != NULL; s = strtok_r(NULL, " \t,", &rest)) {
        if (!fn(user, s)) {
            return false;
        }
    }
    return true;
}

/* A server listens at addresses; names of hosts are for clients. */
static bool has_host_name(const char *binding)
{
    static const char tcp[] = "ncacn_ip_tcp:";
    const char *start = binding + sizeof(tcp) - 1;
    unsigned char address[sizeof(struct in6_addr)];
    char text[INET6_ADDRSTRLEN + 2];

    if (strncmp(binding, tcp, sizeof(tcp) - 1) != 0) {
        return false;
    }
    const char *bracket = strrchr(start, '[');
    size_t len = bracket != NULL ? (size_t)(bracket - start) : strlen(start);
    if (len > 2 && start[0] == '[') {
        start++;
        len -= 2;
    }
    if (len >= sizeof(text)) {
        return true;
    }
    snprintf(text, sizeof(text), "%.*s", (int)len, start);
    return len > 0 && inet_pton(AF_INET, text, address) != 1 &&
           inet_pton(AF_INET6, text, address) != 1;
}

static bool check_listener(void *user, const char *binding)
{
    struct daemon *d = user;
    const struct irpc_binding_options options = {
        .runtime_dir = d->config.runtime_dir[0] != '\0' ? d->config.runtime_dir : NULL};
    struct irpc_binding *b = NULL;
    enum irpc_status st = irpc_binding_new(binding, &options, &b);

    irpc_binding_free(b);
    if (st == IRPC_BAD_STRING_BINDING || st == IRPC_PROTSEQ_UNSUPPORTED) {
        config_complain(&d->config, "listen", stderr, "\"%s\": %s: %s", binding,
                        irpc_status_text(st), irpc_binding_error(NULL));
        return false;
    }
    if (has_host_name(binding)) {
        config_complain(&d->config, "listen", stderr, "\"%s\": an address is wanted, not a name",
                        binding);
        return false;
    }
    return true;
}

/* What is named exists: better told here than by processes that cannot start. */
static bool check_names(const struct config *c)
{
    bool good = true;

    if (c->runtime_dir[0] != '\0' && c->runtime_dir[0] != '/') {
        config_complain(c, "runtime_dir", stderr, "\"%s\": a path from / is wanted",
                        c->runtime_dir);
        good = false;
    }
    if (geteuid() == 0 && c->user[0] != '\0' && getpwnam(c->user) == NULL) {
        config_complain(c, "user", stderr, "there is no user \"%s\"", c->user);
        good = false;
    }
    return good;
}

/* Sections that ask who calls, where nobody can say so, stop everybody. That may be wanted. */
static void warn_of_rules(const struct config *c)
{
    for (uint32_t i = 0; i < c->n_rules && c->accounts[0] == '\0' && c->keytab[0] == '\0'; i++) {
        const struct config_rule *rule = &c->rules[i];
        if (rule->level > IRPC_AUTH_LEVEL_NONE || rule->principals[0] != '\0' || !rule->anonymous) {
            config_complain_part(c, "access", &rule->part, stderr,
                                 "warning: nobody from the network may call, because nobody can "
                                 "authenticate: set accounts or keytab in [auth]");
        }
    }
}

static bool check_observe(const struct config *c)
{
    char copy[CONFIG_TEXT_MAX];
    char *words[ALERT_WORDS + 1];
    const char *why_command = NULL;
    const char *why_metrics = desk_objection(c->metrics);

    if (alert_command_words(c->alert_command, copy, words, &why_command) > 0 &&
        access(words[0], X_OK) != 0) {
        why_command = strerror(errno);
    }
    if (why_metrics != NULL) {
        config_complain(c, "metrics", stderr, "\"%s\": %s", c->metrics, why_metrics);
    }
    if (why_command != NULL) {
        config_complain(c, "alert_command", stderr, "\"%s\": %s", c->alert_command, why_command);
    }
    return why_metrics == NULL && why_command == NULL;
}

bool daemon_read_config(struct daemon *d, const struct options *options)
{
    bool good = true;

    config_init(&d->config);
    if (options->path != NULL) {
        good = config_read(&d->config, options->path, stderr);
    } else if (access(IRONRPCD_CONF, F_OK) == 0) {
        good = config_read(&d->config, IRONRPCD_CONF, stderr);
    }
    for (size_t i = 0; i < options->n_sets; i++) {
        good = config_set(&d->config, options->sets[i], stderr) && good;
    }
    if (!access_init(&d->access, d->config.register_group)) {
        config_complain(&d->config, "register_group", stderr, "there is no group \"%s\"",
                        d->config.register_group);
        good = false;
    }
    good = daemon_each_listener(d, check_listener, d) && good;
    good = check_names(&d->config) && good;
    good = check_observe(&d->config) && good;
    warn_of_rules(&d->config);
    if (strspn(d->config.listen, " \t,") == strlen(d->config.listen)) {
        config_complain(&d->config, "listen", stderr, "nothing to listen at");
        good = false;
    }
    good = daemon_read_policy(&d->policy, &d->config, stderr) && good;
    return auth_load(&d->auth, &d->config, stderr) && good;
}

void daemon_free_config(struct daemon *d)
{
    access_deinit(&d->access);
    policy_deinit(&d->policy);
    auth_free(&d->auth);
}

/* --- start and stop --- */

const char *daemon_runtime_dir(const struct daemon *d)
{
    return d->config.runtime_dir[0] != '\0' ? d->config.runtime_dir : irpc_runtime_dir();
}

static bool listen_at(void *user, const char *binding)
{
    struct daemon *d = user;
    enum irpc_status st = irpc_server_listen(d->server, binding);

    if (st != IRPC_OK) {
        const char *why = irpc_server_error(d->server);

        if (why[0] != '\0') {
            fprintf(stderr, "ironrpcd: %s\n", why);
        } else {
            fprintf(stderr, "ironrpcd: cannot listen at %s: %s\n", binding, irpc_status_text(st));
        }
        return false;
    }
    return true;
}

/* The folder of the sockets, with its parents: at first start there is none. */
static void make_folder(const char *path)
{
    char part[CONFIG_TEXT_MAX];

    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0755);
        *slash = '/';
    }
    mkdir(part, 0755); /* listening tells what is wrong with it */
}

void daemon_open_log(const struct config *config)
{
    log_open((enum irpc_log_level)config->log_level, (enum log_target)config->log_target,
             config->journal);
}

/* What @fresh has of what can change while we run; it gets what we had. Accounts are read again. */
static bool take_config(struct daemon *d, struct daemon *fresh)
{
    const struct access_rules access = d->access;
    const struct policy policy = d->policy;

    if (!auth_reload(&d->auth, &d->config, stderr)) {
        return false;
    }
    d->access = fresh->access;
    fresh->access = access;
    d->policy = fresh->policy;
    fresh->policy = policy;
    daemon_open_log(&fresh->config);
    return daemon_guard(d) == IRPC_OK;
}

static void reload(struct daemon *d)
{
    struct daemon *fresh = calloc(1, sizeof(*fresh));

    if (fresh != NULL && daemon_read_config(fresh, d->options) && take_config(d, fresh)) {
        log_write(IRPC_LOG_NOTICE, "event=reloaded");
    } else {
        log_write(IRPC_LOG_ERROR, "event=reload_refused reason=\"see above\"");
    }
    if (fresh != NULL) {
        daemon_free_config(fresh);
    }
    free(fresh);
}

static void on_signal(void *user, int fd)
{
    struct daemon *d = user;
    int number = ir_os_signals_read(fd);

    if (number == SIGHUP) {
        reload(d);
    } else if (number != 0 && number != SIGUSR2) {
        log_write(IRPC_LOG_NOTICE, "event=stopping signal=%s", ir_os_signal_name(number));
        ir_os_notify("STOPPING=1");
        irpc_server_stop(d->server);
    }
}

static enum irpc_status start(struct daemon *d)
{
    enum irpc_status st;

    /* Before anything starts a thread, which would get the signals then. */
    d->signal_fd = ir_os_signals_open();
    st = d->signal_fd < 0 ? IRPC_IO : daemon_make_server(d, 1, NULL);
    if (st != IRPC_OK) {
        fprintf(stderr, "ironrpcd: cannot start: %s\n", irpc_status_text(st));
        return st;
    }
    if (!daemon_each_listener(d, listen_at, d)) {
        return IRPC_IO;
    }
    st = ir_epm_service_add_self(d->epm, d->server);
    if (st == IRPC_OK) {
        st = auth_offer(&d->auth, d->server);
    }
    if (st == IRPC_OK) {
        st = irpc_server_watch(d->server, d->signal_fd, on_signal, d);
    }
    if (st != IRPC_OK) {
        fprintf(stderr, "ironrpcd: cannot start: %s\n", irpc_status_text(st));
    }
    return st;
}

static void stop(struct daemon *d)
{
    alone_end(d);
    if (d->signal_fd >= 0 && d->server != NULL) {
        irpc_server_unwatch(d->server, d->signal_fd);
    }
    irpc_server_free(d->server);
    ir_epm_service_free(d->epm);
    if (d->signal_fd >= 0) {
        close(d->signal_fd);
    }
}

/* All in one process. */
static int run_alone(struct daemon *d)
{
    struct irpc_endpoint endpoint;
    enum irpc_status st = start(d);

    if (st == IRPC_OK) {
        for (unsigned i = 0; irpc_server_endpoint(d->server, i, &endpoint); i++) {
            log_write(IRPC_LOG_NOTICE, "event=listening binding=%s", endpoint.string_binding);
        }
        alone_begin(d);
        log_write(IRPC_LOG_NOTICE, "event=ready version=%s pid=%ld", IRONRPC_VERSION,
                  (long)getpid());
        ir_os_notify("READY=1\nSTATUS=Answering");
        st = irpc_server_run(d->server);
        if (st != IRPC_OK) {
            log_write(IRPC_LOG_ERROR, "event=failed status=%s", irpc_status_name(st));
        }
    }
    stop(d);
    return st == IRPC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct daemon *d)
{
    daemon_open_log(&d->config);
    ir_os_no_core();
    size_t wanted = (size_t)d->config.max_connections + OTHER_FILES;
    size_t files = ir_os_allow_files(wanted);
    if (files < wanted) {
        log_write(IRPC_LOG_NOTICE, "event=few_files limit=%zu max_connections=%u", files,
                  d->config.max_connections);
    }
    d->pid = getpid();
    if (getrandom(&d->object, sizeof(d->object), 0) != (ssize_t)sizeof(d->object)) {
        return EXIT_FAILURE;
    }
    make_folder(daemon_runtime_dir(d));
    /* Workers cannot write the map, so whoever may do that from the network needs one process. */
    bool alone = d->config.workers == 0 || d->config.remote_insert != 0;

    return alone ? run_alone(d) : supervise(d);
}

int main(int argc, char **argv)
{
    struct daemon d = {.signal_fd = -1, .options = NULL};
    struct options options = {.action = ACTION_RUN, .argv = argv};
    int result;

    d.options = &options;
    options.sets = calloc((size_t)argc + 1, sizeof(options.sets[0]));
    if (options.sets == NULL) {
        return EXIT_FAILURE;
    }
    result = read_options(argc, argv, &options);
    if (result < 0 && !daemon_read_config(&d, &options)) {
        result = EXIT_CONFIG;
    }
    if (result < 0 && options.action == ACTION_TEST) {
        puts("ironrpcd: the configuration is good");
        result = finish_output();
    }
    if (result < 0 && options.action == ACTION_PRINT) {
        config_print(&d.config, stdout);
        result = finish_output();
    }
    if (result < 0) {
        result = run(&d);
    }
    daemon_free_config(&d);
    free(options.sets);
    return result;
}
