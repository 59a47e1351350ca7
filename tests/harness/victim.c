/* Tests that must fail, each in its own way, and some that must pass: t_harness.sh runs them one by
 * one and looks at what the harness says. Never listed as a test itself. */
#include "ir_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

IR_TEST(passes)
{
    struct ir_bytes bytes = IR_HEX("05 00|'AB' ff*3");
    IR_ASSERT_MEM(bytes.p, bytes.n,
                  "\x05\x00"
                  "AB\xff\xff\xff",
                  7);
    printf("not ok 1 - what the code prints must not reach the TAP stream\n");
}

IR_TEST(fails_plainly)
{
    IR_ASSERT(1 + 1 == 3);
}

IR_TEST(fails_equal)
{
    IR_ASSERT_EQ(40 + 1, 42);
}

IR_TEST(fails_string)
{
    IR_ASSERT_STR("left", "right");
}

IR_TEST(fails_pdu)
{
    struct ir_bytes got = IR_HEX("05 00 00 03 10000000 1a00 0000 01000000 00000000 0000 0700 0102");
    struct ir_bytes want =
        IR_HEX("05 00 00 03 10000000 1b00 0000 01000000 00000000 0000 0800 0103");
    IR_ASSERT_PDU(got.p, got.n, want.p, want.n);
}

IR_TEST(fails_literal)
{
    IR_HEX("05 0");
}

IR_TEST(crashes)
{
    volatile uintptr_t address = 16;
    *(volatile int *)address = 1;
}

IR_TEST(aborts)
{
    abort();
}

IR_TEST(exits_early)
{
    exit(3);
}

IR_TEST(exits_with_success)
{
    exit(0);
}

IR_TEST_TIMEOUT(hangs, 1)
{
    for (;;) {
        pause();
    }
}

IR_TEST(leaks_descriptor)
{
    IR_ASSERT(open("/dev/null", O_RDONLY) >= 0);
}

IR_TEST(closes_descriptor)
{
    close(0);
}

static void *sleep_long(void *arg)
{
    sleep(100);
    return arg;
}

IR_TEST(leaks_allocation)
{
    IR_ASSERT(ir_alloc(10) != NULL);
}

static bool allocate_two(void *arg)
{
    void *first = ir_alloc(10);
    void *second = first != NULL ? ir_alloc(10) : NULL;
    bool done = second != NULL;
    ir_free(second);
    if (done || arg == NULL) {
        ir_free(first); /* with arg: forgotten when the second fails */
    }
    return done;
}

IR_TEST(oom_clean)
{
    IR_ASSERT_EQ(ir_test_oom(allocate_two, NULL), 2);
}

IR_TEST(oom_leaks)
{
    int leak = 1;
    ir_test_oom(allocate_two, &leak);
}

IR_TEST(leaks_thread)
{
    pthread_t thread;
    IR_ASSERT_EQ(pthread_create(&thread, NULL, sleep_long, NULL), 0);
}

IR_TEST(leaks_child)
{
    pid_t pid = fork();
    if (pid == 0) {
        sleep(100);
        _exit(0);
    }
}

IR_TEST(skips)
{
    ir_test_skip("no %s here", "reason");
}

static uint64_t stuck_deadline(void *machine)
{
    (void)machine;
    return 5;
}

static void ignore_deadline(void *machine, uint64_t now)
{
    (void)machine;
    (void)now;
}

IR_TEST(deadline_stuck)
{
    struct ir_vtime time = {0, stuck_deadline, ignore_deadline, NULL};
    ir_vtime_advance(&time, 10);
}

struct ticks {
    uint64_t next;
    unsigned n;
};

static uint64_t tick_deadline(void *machine)
{
    return ((struct ticks *)machine)->next;
}

static void tick(void *machine, uint64_t now)
{
    struct ticks *ticks = machine;
    ticks->next = now + 10;
    ticks->n++;
}

IR_TEST(deadlines_fire_in_order)
{
    struct ticks ticks = {10, 0};
    struct ir_vtime time = {0, tick_deadline, tick, &ticks};
    IR_ASSERT_EQ(ir_vtime_advance(&time, 35), 3);
    IR_ASSERT_EQ(ticks.n, 3);
    IR_ASSERT_EQ(time.now, 35);
}

static void expect_field(const char *pdu_hex, size_t offset, const char *want)
{
    struct ir_bytes pdu = IR_HEX(pdu_hex);
    char name[80];
    ir_test_pdu_field(pdu.p, pdu.n, offset, name, sizeof name);
    IR_ASSERT_STR(name, want);
}

IR_TEST(fields_have_names)
{
    const char *bind = "05 00 0b 03 10000000 4800 0000 01000000 d016 d016 00000000 01 00 0000"
                       "0000 01 00 00*16 01000000 00*16 02000000";
    const char *ack = "05 00 0c 03 10000000 4400 0000 01000000 d016 d016 00000000 0400 '135' 00"
                      "0000 01 00 0000 0000 0000 00*16 02000000";
    const char *auth = "05 00 00 03 00000000 0022 0002 00000001 00000002 0000 0001"
                       "0a 06 00 00 00000000 aabb";
    expect_field(bind, 8, "frag_length");
    expect_field(bind, 24, "n_context_elem");
    expect_field(bind, 30, "context[0].n_transfer_syn");
    expect_field(bind, 53, "context[0].transfer_syntax[0].uuid[1]");
    expect_field(ack, 26, "sec_addr.port_spec");
    expect_field(ack, 30, "sec_addr pad");
    expect_field(ack, 36, "result[0].result");
    expect_field(auth, 22, "opnum");
    expect_field(auth, 25, "auth_level");
    expect_field(auth, 33, "auth_value");
}
