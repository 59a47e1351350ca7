/* Alerts: classes, rates, the command; and numbers of processes that may be an attacker's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alerts.h"
#include "ir_test.h"

#define MINUTE 60000u

static struct config config = {.alert_interval_ms = 5 * MINUTE,
                               .alert_rate = 20,
                               .alert_commands = 2,
                               .alert_command_ms = 300};
static struct alerts alerts;

static void begin(void)
{
    /* What is logged is not what is tested. */
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    IR_ASSERT(dup2(null, STDERR_FILENO) >= 0);
    close(null);
    alerts_init(&alerts, &config);
}

static void reject(struct tally_recent *recent, unsigned place, const char *source,
                   const char *check, uint64_t count)
{
    struct tally_recent *r = &recent[place];

    (void)snprintf(r->source, sizeof(r->source), "%s", source);
    (void)snprintf(r->check, sizeof(r->check), "%s", check);
    r->opnum = UINT32_MAX;
    r->count = count;
}

IR_TEST(each_check_has_one_class)
{
    bool seen[IRPC_CHECKS_MAX] = {false};
    char name[4];
    unsigned n = 0;

    for (unsigned i = 0; danger_at(i) != NULL; i++) {
        const struct danger *d = danger_at(i);
        for (const char *c = d->checks; *c != '\0'; c += c[3] == ' ' ? 4 : 3) {
            (void)snprintf(name, sizeof(name), "%.3s", c);
            unsigned index = irpc_check_index(name);
            IR_ASSERT(index < IRPC_CHECKS_MAX && !seen[index]);
            seen[index] = true;
            IR_ASSERT(danger_of(name) == d);
            n++;
        }
        IR_ASSERT(d->enough > 0 && d->text[0] != '\0' && d->resembles[0] != '\0');
    }
    IR_ASSERT(n > 100);
    IR_ASSERT(strstr(danger_of("H11")->resembles, "MS00-066") != NULL);
    IR_ASSERT_STR(danger_of("D01")->name, "other");
    IR_ASSERT_STR(danger_of("1")->name, "other");
    IR_ASSERT_STR(danger_of("")->name, "other");
}

/* One is enough of what no good client does; many of what happens. check: L07 */
IR_TEST(alerts_have_a_rate)
{
    struct tally_recent recent[TALLY_RECENT] = {0};
    struct tally_recent seen[TALLY_RECENT] = {0};
    uint64_t now = 1000000;

    begin();
    reject(recent, 0, "192.0.2.1", "H11", 1);
    reject(recent, 1, "192.0.2.1", "L01", 19);
    alerts_look(&alerts, recent, seen, now);
    IR_ASSERT_EQ(alerts.n_told, 1);
    IR_ASSERT_STR(alerts.told[0].alert.source, "192.0.2.1");
    IR_ASSERT_STR(alerts.told[0].alert.danger->name, "two-lengths");
    alerts_look(&alerts, recent, seen, now); /* nothing new */
    IR_ASSERT_EQ(alerts.n_told, 1);
    IR_ASSERT_EQ(alerts.n_suppressed, 0);
    recent[0].count = 5000;
    recent[1].count = 20;
    alerts_look(&alerts, recent, seen, now + 100);
    IR_ASSERT_EQ(alerts.n_told, 2); /* L01 has become enough; H11 was told */
    IR_ASSERT_EQ(alerts.n_suppressed, 1);
    reject(recent, 0, "192.0.2.2", "H11", 2); /* another in its place */
    alerts_look(&alerts, recent, seen, now + 200);
    IR_ASSERT_EQ(alerts.n_told, 3);
    IR_ASSERT_EQ(alerts.told[2].alert.count, 2);
    recent[0].count = 3; /* after the interval it is told again, with the last minute's count */
    alerts_look(&alerts, recent, seen, now + 200 + config.alert_interval_ms);
    IR_ASSERT_EQ(alerts.n_told, 4);
    IR_ASSERT_EQ(alerts.told[3].alert.count, 1);
}

/* A slow trickle of what happens is no alert. */
IR_TEST(alerts_count_by_the_minute)
{
    struct tally_recent recent[TALLY_RECENT] = {0};
    struct tally_recent seen[TALLY_RECENT] = {0};

    begin();
    for (unsigned i = 1; i <= 200; i++) {
        reject(recent, 0, "192.0.2.1", "L01", i);
        alerts_look(&alerts, recent, seen, 1000000 + i * 4000u);
    }
    IR_ASSERT_EQ(alerts.n_told, 0);
}

/* However many sources there are: so many in a minute. check: L06 L07 */
IR_TEST(all_alerts_together_have_a_rate)
{
    struct tally_recent recent[TALLY_RECENT] = {0};
    struct tally_recent seen[TALLY_RECENT] = {0};
    char source[32];

    begin();
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(source, sizeof(source), "192.0.%u.%u", i / 256, i % 256);
        reject(recent, i % TALLY_RECENT, source, "H11", 1);
        alerts_look(&alerts, recent, seen, 1000000 + i);
    }
    IR_ASSERT_EQ(alerts.n_told, config.alert_rate);
    IR_ASSERT_EQ(alerts.n_suppressed, 1000 - config.alert_rate);
    reject(recent, 0, "198.51.100.1", "H11", 1);
    alerts_look(&alerts, recent, seen, 1000000 + MINUTE);
    IR_ASSERT_EQ(alerts.n_told, config.alert_rate + 1);
}

IR_TEST(advice_fits_the_source)
{
    struct alert alert = {.kind = "rejected", .opnum = UINT32_MAX};
    char text[160];

    (void)snprintf(alert.source, sizeof(alert.source), "192.0.2.1");
    alert_advice(&alert, text, sizeof(text));
    IR_ASSERT(strstr(text, "ironrpc firewall --block 192.0.2.1 --apply") != NULL);
    (void)snprintf(alert.source, sizeof(alert.source), "uid=1000");
    alert_advice(&alert, text, sizeof(text));
    IR_ASSERT(strstr(text, "ps -U 1000") != NULL);
    (void)snprintf(alert.source, sizeof(alert.source), "127.0.0.5");
    alert_advice(&alert, text, sizeof(text));
    IR_ASSERT(strstr(text, "firewall") == NULL && strstr(text, "127.0.0.5") != NULL);
}

IR_TEST(commands_are_words)
{
    char copy[CONFIG_TEXT_MAX];
    char *words[ALERT_WORDS + 1];
    const char *why = NULL;

    IR_ASSERT_EQ(alert_command_words("", copy, words, &why), 0);
    IR_ASSERT(why == NULL);
    IR_ASSERT_EQ(alert_command_words(" /bin/x  a\tb ", copy, words, &why), 3);
    IR_ASSERT_STR(words[2], "b");
    IR_ASSERT(words[3] == NULL);
    IR_ASSERT_EQ(alert_command_words("x", copy, words, &why), 0);
    IR_ASSERT(why != NULL);
    IR_ASSERT_EQ(alert_command_words("/a b c d e f g h i j k l m n o p q", copy, words, &why), 0);
    IR_ASSERT(why != NULL);
}

/* --- the command --- */

static char folder[] = "/tmp/t_alerts-XXXXXX";

static void make_script(const char *text)
{
    char path[64];

    IR_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/hook", folder);
    FILE *file = fopen(path, "we");
    IR_ASSERT(file != NULL);
    (void)fputs(text, file);
    (void)fclose(file);
    IR_ASSERT_EQ(chmod(path, 0700), 0);
}

static void remove_folder(void)
{
    char command[96];

    (void)snprintf(command, sizeof(command), "rm -r %s", folder);
    IR_ASSERT_EQ(system(command), 0);
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&t, NULL);
}

static unsigned running(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < ALERT_COMMANDS; i++) {
        n += alerts.commands[i].pid != 0;
    }
    return n;
}

/* Until no command runs any more, at most 5 s. */
static void finish(uint64_t now)
{
    for (int i = 0; i < 500 && running() > 0; i++) {
        pause_ms(10);
        alerts_tick(&alerts, now);
    }
    IR_ASSERT_EQ(running(), 0);
}

static struct alert crashed(const char *source)
{
    struct alert alert = {.kind = "crashed", .opnum = UINT32_MAX};

    (void)snprintf(alert.source, sizeof(alert.source), "%s", source);
    return alert;
}

IR_TEST(the_command_gets_its_environment_alone)
{
    struct alert alert = crashed("192.0.2.1");
    char text[4096] = "";
    char path[64];

    make_script("#!/bin/sh\n/usr/bin/env >\"$1\"\necho \"args=$2 $3\" >>\"$1\"\n"
                "ls /proc/self/fd | wc -l >>\"$1\"\n");
    (void)snprintf(path, sizeof(path), "%s/out", folder);
    (void)snprintf(config.alert_command, sizeof(config.alert_command), "%s/hook %s ; $HOME", folder,
                   path);
    setenv("SECRET", "x", 1);
    begin();
    alert.danger = danger_of("H11");
    (void)snprintf(alert.check, sizeof(alert.check), "H11");
    (void)snprintf(alert.interface, sizeof(alert.interface), "epm");
    alert.opnum = 3;
    alerts_tell(&alerts, &alert, 1000);
    IR_ASSERT_EQ(running(), 1);
    IR_ASSERT(alerts_own(&alerts, alerts.commands[0].pid));
    IR_ASSERT(!alerts_own(&alerts, getpid()));
    finish(1000);
    FILE *file = fopen(path, "re");
    IR_ASSERT(file != NULL);
    IR_ASSERT(fread(text, 1, sizeof(text) - 1, file) > 0);
    (void)fclose(file);
    IR_ASSERT(strstr(text, "IRONRPC_ALERT=crashed\n") != NULL);
    IR_ASSERT(strstr(text, "IRONRPC_SOURCE=192.0.2.1\n") != NULL);
    IR_ASSERT(strstr(text, "IRONRPC_CHECK=H11\n") != NULL);
    IR_ASSERT(strstr(text, "IRONRPC_CLASS=two-lengths\n") != NULL);
    IR_ASSERT(strstr(text, "MS00-066") != NULL);
    IR_ASSERT(strstr(text, "IRONRPC_COUNT=1\n") != NULL);
    IR_ASSERT(strstr(text, "IRONRPC_INTERFACE=epm\n") != NULL);
    IR_ASSERT(strstr(text, "IRONRPC_OPNUM=3\n") != NULL);
    IR_ASSERT(strstr(text, "args=; $HOME\n") != NULL); /* no shell has seen them */
    IR_ASSERT(strstr(text, "SECRET") == NULL);
    IR_ASSERT_EQ(alerts.n_commands, 1);
    IR_ASSERT_EQ(alerts.n_failed, 0);
    remove_folder();
}

/* So many at once; one that takes too long is killed, with what it has started. */
IR_TEST(commands_are_bounded)
{
    make_script("#!/bin/sh\nsleep 60\n");
    (void)snprintf(config.alert_command, sizeof(config.alert_command), "%s/hook", folder);
    begin();
    for (unsigned i = 0; i < 5; i++) {
        char source[32];
        (void)snprintf(source, sizeof(source), "192.0.2.%u", i);
        struct alert alert = crashed(source);
        alerts_tell(&alerts, &alert, 1000);
    }
    IR_ASSERT_EQ(alerts.n_told, 5);
    IR_ASSERT_EQ(alerts.n_commands, 2);
    IR_ASSERT_EQ(alerts.n_skipped, 3);
    IR_ASSERT_EQ(running(), 2);
    pause_ms(50);
    alerts_tick(&alerts, 1000 + config.alert_command_ms);
    IR_ASSERT_EQ(running(), 2);
    finish(1001 + config.alert_command_ms);
    IR_ASSERT_EQ(alerts.n_failed, 2);
    remove_folder();
}

IR_TEST(a_command_that_is_not_there)
{
    struct alert alert = crashed("192.0.2.1");

    (void)snprintf(config.alert_command, sizeof(config.alert_command), "/nowhere/hook");
    begin();
    alerts_tell(&alerts, &alert, 1000);
    finish(1000);
    IR_ASSERT_EQ(alerts.n_failed, 1);
    IR_ASSERT_EQ(alerts.n_told, 1);
}

/* --- numbers of processes --- */

/* check: T15 */
IR_TEST(what_a_child_wrote_is_text_again)
{
    static struct tally shared;
    static struct tally taken;

    memset(&shared, 0xff, sizeof(shared));
    memcpy(shared.talkers[0].source, "a\"b\\c\n", 7);
    tally_take(&taken, &shared);
    IR_ASSERT_EQ(taken.n_interfaces, TALLY_INTERFACES);
    IR_ASSERT_EQ(taken.n_talkers, TALLY_TALKERS);
    IR_ASSERT_STR(taken.talkers[0].source, "a?b?c?");
    for (unsigned i = 0; i < TALLY_RECENT; i++) {
        IR_ASSERT(strlen(taken.recent[i].source) < sizeof(taken.recent[i].source));
        IR_ASSERT_STR(taken.recent[i].check, "???");
    }
}

IR_TEST(sums_are_of_counters_and_gauges)
{
    static struct tally sum;
    static struct tally one;

    one.metrics.value[IRPC_METRIC_CALLS] = 5;
    one.metrics.value[IRPC_METRIC_OPEN] = 3;
    one.metrics.limit[IRPC_METRIC_OPEN] = 10;
    one.metrics.value[IRPC_METRIC_OPEN_SOURCE] = 2;
    one.metrics.limit[IRPC_METRIC_OPEN_SOURCE] = 7;
    one.metrics.checks[4] = 1;
    one.n_interfaces = 1;
    one.interfaces[0] = (struct tally_interface){.id = {.major = 3}, .name = "epm", .calls = 5};
    one.n_talkers = 1;
    one.talkers[0] = (struct irpc_talker){.source = "192.0.2.1", .open = 2, .connections = 9};
    tally_add(&sum, &one, true); /* it has ended */
    tally_add(&sum, &one, false);
    tally_add(&sum, &one, false);
    IR_ASSERT_EQ(sum.metrics.value[IRPC_METRIC_CALLS], 15);
    IR_ASSERT_EQ(sum.metrics.value[IRPC_METRIC_OPEN], 6);
    IR_ASSERT_EQ(sum.metrics.limit[IRPC_METRIC_OPEN], 20);
    IR_ASSERT_EQ(sum.metrics.value[IRPC_METRIC_OPEN_SOURCE], 2); /* a maximum */
    IR_ASSERT_EQ(sum.metrics.limit[IRPC_METRIC_OPEN_SOURCE], 7);
    IR_ASSERT_EQ(sum.metrics.checks[4], 3);
    IR_ASSERT_EQ(sum.n_interfaces, 1);
    IR_ASSERT_EQ(sum.interfaces[0].calls, 15);
    IR_ASSERT_EQ(sum.n_talkers, 1);
    IR_ASSERT_EQ(sum.talkers[0].open, 4);
    IR_ASSERT_EQ(sum.talkers[0].connections, 27);
}

/* A full table of sources keeps the heavier ones. check: L06 */
IR_TEST(sums_keep_the_busiest)
{
    static struct tally sum;
    static struct tally one;
    bool found = false;

    one.n_talkers = 1;
    for (unsigned i = 1; i <= 100; i++) {
        one.talkers[0] = (struct irpc_talker){.connections = i};
        (void)snprintf(one.talkers[0].source, sizeof(one.talkers[0].source), "192.0.2.%u", i);
        tally_add(&sum, &one, false);
    }
    IR_ASSERT_EQ(sum.n_talkers, TALLY_TALKERS);
    for (unsigned i = 0; i < TALLY_TALKERS; i++) {
        IR_ASSERT(sum.talkers[i].connections > 100 - TALLY_TALKERS);
        found = found || strcmp(sum.talkers[i].source, "192.0.2.100") == 0;
    }
    IR_ASSERT(found);
}

/* --- limits --- */

static struct irpc_server_metrics metrics_with(enum irpc_metric metric, uint64_t used,
                                               uint64_t limit)
{
    struct irpc_server_metrics m = {.most_connections = "192.0.2.1",
                                    .most_connections_network = "192.0.2.0/24",
                                    .most_buffers = "192.0.2.2",
                                    .most_handles = "uid=7"};

    m.value[metric] = used;
    m.limit[metric] = limit;
    return m;
}

/* Each gauge that has a limit: below four fifths nothing is told; then who, and which setting. */
IR_TEST(limits_near_their_end_are_told)
{
    static const struct {
        enum irpc_metric metric;
        const char *source;
        const char *setting;
    } rows[] = {
        {IRPC_METRIC_OPEN, "192.0.2.1", "limits.max_connections"},
        {IRPC_METRIC_OPEN_SOURCE, "192.0.2.1", "limits.max_connections_per_source"},
        {IRPC_METRIC_OPEN_NETWORK, "192.0.2.0/24", "limits.max_connections_per_network"},
        {IRPC_METRIC_PENDING, "", ""},
        {IRPC_METRIC_PENDING_BYTES, "", "limits.max_memory"},
        {IRPC_METRIC_GROUPS, "192.0.2.1", "limits.max_groups"},
        {IRPC_METRIC_HANDLES, "uid=7", "limits.max_contexts"},
        {IRPC_METRIC_HANDLES_SOURCE, "uid=7", "limits.max_contexts_per_source"},
        {IRPC_METRIC_MEMORY, "192.0.2.2", "limits.max_memory"},
        {IRPC_METRIC_MEMORY_SOURCE, "192.0.2.2", "limits.max_memory_per_source"},
        {IRPC_METRIC_DESCRIPTORS, "192.0.2.1", "LimitNOFILE"},
    };
    uint64_t now = 1000000;
    char advice[200];

    begin();
    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        struct irpc_server_metrics m = metrics_with(rows[i].metric, 79, 100);
        alerts_limits(&alerts, "worker 1", &m, now);
        IR_ASSERT_EQ(alerts.n_told, i);
        m.value[rows[i].metric] = 80;
        alerts_limits(&alerts, "worker 1", &m, now);
        IR_ASSERT_EQ(alerts.n_told, i + 1);
        const struct alert *a = &alerts.told[i].alert;
        IR_ASSERT_STR(a->kind, "limit");
        IR_ASSERT_STR(a->limit.name, irpc_metric_info(rows[i].metric)->name);
        IR_ASSERT_STR(a->source, rows[i].source);
        IR_ASSERT_STR(a->limit.setting, rows[i].setting);
        IR_ASSERT_STR(a->process, "worker 1");
        IR_ASSERT(a->limit.used == 80 && a->limit.limit == 100);
        alert_advice(a, advice, sizeof(advice));
        IR_ASSERT(strstr(advice, rows[i].source) != NULL &&
                  strstr(advice, rows[i].setting) != NULL);
    }
    struct irpc_server_metrics m = metrics_with(IRPC_METRIC_CALLS, 1000000, 0); /* has none */
    alerts_limits(&alerts, "mapper", &m, now);
    m = metrics_with(IRPC_METRIC_OPEN, UINT64_MAX, UINT64_MAX);
    alerts_limits(&alerts, "mapper", &m, now + config.alert_interval_ms);
    IR_ASSERT_EQ(alerts.n_told, IR_ARRAY_LEN(rows) + 1);
}

/* Not again within the interval, whoever it is then; nor beyond the rate of all. check: L07 */
IR_TEST(limits_are_told_at_a_rate)
{
    struct irpc_server_metrics m = metrics_with(IRPC_METRIC_OPEN, 100, 100);
    uint64_t now = 1000000;

    begin();
    for (unsigned i = 0; i < 50; i++) { /* as often as it is looked at */
        (void)snprintf(m.most_connections, sizeof(m.most_connections), "192.0.2.%u", i);
        alerts_limits(&alerts, i % 2 == 0 ? "worker 1" : "worker 2", &m, now + 100 * i);
    }
    IR_ASSERT_EQ(alerts.n_told, 1);
    IR_ASSERT_EQ(alerts.n_suppressed, 0);
    alerts_limits(&alerts, "worker 1", &m, now + config.alert_interval_ms - 1);
    IR_ASSERT_EQ(alerts.n_told, 1);
    alerts_limits(&alerts, "worker 1", &m, now + config.alert_interval_ms);
    IR_ASSERT_EQ(alerts.n_told, 2);
    config.alert_rate = 1;
    now += 10 * (uint64_t)config.alert_interval_ms;
    m = metrics_with(IRPC_METRIC_GROUPS, 9, 10);
    m.value[IRPC_METRIC_HANDLES] = 9;
    m.limit[IRPC_METRIC_HANDLES] = 10;
    for (unsigned i = 0; i < 50; i++) {
        alerts_limits(&alerts, "worker 1", &m, now + 100 * i);
    }
    IR_ASSERT_EQ(alerts.n_told, 3);
    IR_ASSERT_EQ(alerts.n_suppressed, 1);
    config.alert_rate = 20;
}
