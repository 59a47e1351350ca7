/* Who is kept out after its packets have killed workers, and for how long. */
#include <string.h>
#include <sys/socket.h>

#include "ir_test.h"
#include "os/quarantine.h"

#define MINUTE 60000u

static struct ir_quarantine_peer ipv4(uint32_t number)
{
    uint8_t bytes[4];

    memcpy(bytes, &number, 4);
    return ir_quarantine_peer(AF_INET, bytes);
}

IR_TEST(the_second_crash_within_ten_minutes_counts)
{
    static struct ir_quarantine q;
    struct ir_quarantine_peer a = ipv4(1);
    struct ir_quarantine_peer b = ipv4(2);

    IR_ASSERT_EQ(ir_quarantine_crash(&q, &a, 1000), 0);
    IR_ASSERT(!ir_quarantine_holds(&q, &a, 1000));
    IR_ASSERT_EQ(ir_quarantine_crash(&q, &b, 1000), 0);
    IR_ASSERT_EQ(ir_quarantine_crash(&q, &a, 1000 + 10 * MINUTE), MINUTE);
    IR_ASSERT(ir_quarantine_holds(&q, &a, 1000 + 11 * MINUTE - 1));
    IR_ASSERT(!ir_quarantine_holds(&q, &a, 1000 + 11 * MINUTE));
    IR_ASSERT(!ir_quarantine_holds(&q, &b, 1000 + 10 * MINUTE));
    IR_ASSERT_EQ(ir_quarantine_crash(&q, &b, 1001 + 10 * MINUTE), 0); /* too long ago */
}

IR_TEST(terms_grow_to_ten_minutes_and_are_forgotten)
{
    static const uint32_t terms[] = {0, 1, 2, 4, 8, 10, 10};
    static struct ir_quarantine q;
    struct ir_quarantine_peer a = ipv4(1);
    uint64_t now = 5;

    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        IR_ASSERT_EQ(ir_quarantine_crash(&q, &a, now), terms[i] * MINUTE);
        now += terms[i] * MINUTE + 9 * MINUTE;
    }
    IR_ASSERT_EQ(ir_quarantine_crash(&q, &a, now + 20 * MINUTE), 0);
}

IR_TEST(an_ipv6_network_is_one_source_and_mapped_addresses_are_ipv4)
{
    struct ir_bytes one = IR_HEX("20010db8 00000001 00000000 00000001");
    struct ir_bytes two = IR_HEX("20010db8 00000001 ffffffff 00000002");
    struct ir_bytes other = IR_HEX("20010db8 00000002 00000000 00000001");
    struct ir_bytes mapped = IR_HEX("00000000 00000000 0000ffff 7f000001");
    struct ir_bytes plain = IR_HEX("7f000001");
    struct ir_quarantine_peer a = ir_quarantine_peer(AF_INET6, one.p);
    struct ir_quarantine_peer b = ir_quarantine_peer(AF_INET6, two.p);
    struct ir_quarantine_peer c = ir_quarantine_peer(AF_INET6, other.p);
    struct ir_quarantine_peer d = ir_quarantine_peer(AF_INET6, mapped.p);
    struct ir_quarantine_peer e = ir_quarantine_peer(AF_INET, plain.p);

    IR_ASSERT_MEM(&a, sizeof(a), &b, sizeof(b));
    IR_ASSERT(memcmp(&a, &c, sizeof(a)) != 0);
    IR_ASSERT_MEM(&d, sizeof(d), &e, sizeof(e));
}

IR_TEST(a_full_table_forgets_the_oldest)
{
    static struct ir_quarantine q;
    struct ir_quarantine_peer first = ipv4(1);
    struct ir_quarantine_peer second = ipv4(2);

    for (uint32_t i = 1; i <= IR_QUARANTINE_MAX + 1; i++) {
        struct ir_quarantine_peer s = ipv4(i);
        IR_ASSERT_EQ(ir_quarantine_crash(&q, &s, i), 0);
    }
    IR_ASSERT_EQ(q.n, IR_QUARANTINE_MAX);
    IR_ASSERT_EQ(ir_quarantine_crash(&q, &second, 1000), MINUTE);
    IR_ASSERT_EQ(ir_quarantine_crash(&q, &first, 1000), 0);
}
