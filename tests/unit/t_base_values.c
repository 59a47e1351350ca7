/* Small things of base: status table, UUID text, log escaping, SipHash. */
#include <ironrpc/types.h>
#include <string.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/siphash.h"
#include "base/syntax.h"
#include "ir_test.h"

/* Every row is complete and its class fits its wire answers. */
IR_TEST(status_rows_are_coherent)
{
    for (unsigned i = 0; i < IRPC_STATUS__COUNT; i++) {
        enum irpc_status st = (enum irpc_status)i;
        IR_ASSERT(strlen(irpc_status_text(st)) > 1);
        IR_ASSERT(strlen(irpc_status_name(st)) > 1);
        enum irpc_status_class c = irpc_status_class(st);
        if (c == IRPC_CLASS_VIOLATION && st != IRPC_NOT_DCERPC) {
            IR_ASSERT(irpc_status_fault(st) != 0 || irpc_status_nak(st) >= 0);
        }
        if (c == IRPC_CLASS_OUTCOME) {
            IR_ASSERT_EQ(irpc_status_nak(st), -1);
        }
        if (c != IRPC_CLASS_OK && st != IRPC_CONTRACT_MISMATCH) {
            IR_ASSERT(irpc_status_rpc_s(st) != 0);
        }
        if (irpc_status_fault(st) != 0) {
            enum irpc_status back = irpc_status_from_fault(irpc_status_fault(st));
            IR_ASSERT_EQ(irpc_status_fault(back), irpc_status_fault(st));
        }
    }
    IR_ASSERT_EQ(irpc_status_from_fault(0), IRPC_REMOTE_FAULT);
    IR_ASSERT_EQ(irpc_status_from_fault(0xc0000022), IRPC_REMOTE_FAULT);
    IR_ASSERT_EQ(irpc_status_from_fault(0x6f7), IRPC_BAD_STUB_DATA);
    IR_ASSERT_EQ(irpc_status_from_fault(0x1c010003), IRPC_UNKNOWN_IF);
    IR_ASSERT_STR(irpc_status_name((enum irpc_status)10000), "UNKNOWN");
}

/* [MS-RPCE] 3.1.1.5.5: no status of ours is sent as a fault that means another thing there. */
IR_TEST(faults_have_the_codes_of_windows)
{
    IR_ASSERT_EQ(irpc_fault_rpc_s(irpc_status_fault(IRPC_TOO_BUSY)), 1723);
    IR_ASSERT_EQ(irpc_fault_rpc_s(irpc_status_fault(IRPC_NO_MEMORY)), 1130);
    IR_ASSERT_EQ(irpc_fault_rpc_s(irpc_status_fault(IRPC_LIMIT)), 1130);
    for (unsigned i = 0; i < IRPC_STATUS__COUNT; i++) {
        enum irpc_status st = (enum irpc_status)i;
        uint32_t fault = irpc_status_fault(st);

        if (irpc_status_class(st) != IRPC_CLASS_LOCAL && st != IRPC_LIMIT && fault > 0xffff) {
            IR_ASSERT_EQ(irpc_fault_rpc_s(fault), irpc_status_rpc_s(st));
        }
    }
    IR_ASSERT_EQ(irpc_fault_rpc_s(0x1c000004), 1770);
    IR_ASSERT_EQ(irpc_fault_rpc_s(0x1c010001), 1820);
    IR_ASSERT_EQ(irpc_fault_rpc_s(0x6f7), 0x6f7);
    IR_ASSERT_EQ(irpc_fault_rpc_s(0xc0000022), 0xc0000022);
    IR_ASSERT_EQ(irpc_fault_rpc_s(0), 0);
}

IR_TEST(uuid_text_round_trip)
{
    static const char text[] = "12345778-1234-abcd-ef00-0123456789ab";
    struct irpc_uuid u;
    char back[IRPC_UUID_TEXT_LEN];

    IR_ASSERT_EQ(irpc_uuid_parse(text, &u), IRPC_OK);
    irpc_uuid_format(&u, back);
    IR_ASSERT_STR(back, text);
    IR_ASSERT_EQ(irpc_uuid_parse("{12345778-1234-ABCD-EF00-0123456789AB}", &u), IRPC_OK);
    irpc_uuid_format(&u, back);
    IR_ASSERT_STR(back, text);
    IR_ASSERT(!irpc_uuid_is_nil(&u));
    IR_ASSERT_EQ(irpc_uuid_parse("00000000-0000-0000-0000-000000000000", &u), IRPC_OK);
    IR_ASSERT(irpc_uuid_is_nil(&u));
}

/* Every character replaced, every truncation, and some braces. */
IR_TEST(uuid_bad_text)
{
    static const char text[] = "12345778-1234-abcd-ef00-0123456789ab";
    static const char *const bad[] = {
        "",
        "{",
        "{}",
        "{12345778-1234-abcd-ef00-0123456789ab",
        "12345778-1234-abcd-ef00-0123456789ab}",
        "{12345778-1234-abcd-ef00-0123456789ab} ",
        "12345778-1234-abcd-ef00-0123456789ab0",
        " 12345778-1234-abcd-ef00-0123456789ab",
        "123457781234abcdef000123456789ab",
    };
    struct irpc_uuid u = {.time_low = 7};

    for (unsigned i = 0; i < IR_ARRAY_LEN(bad); i++) {
        IR_ASSERT_EQ(irpc_uuid_parse(bad[i], &u), IRPC_BAD_UUID);
    }
    for (unsigned i = 0; i < 36; i++) {
        char copy[37];
        memcpy(copy, text, sizeof(copy));
        copy[i] = 'g';
        IR_ASSERT_EQ(irpc_uuid_parse(copy, &u), IRPC_BAD_UUID);
        copy[i] = '\0';
        IR_ASSERT_EQ(irpc_uuid_parse(copy, &u), IRPC_BAD_UUID);
    }
    IR_ASSERT_EQ(u.time_low, 7);
}

IR_TEST(uuid_order)
{
    static const char *const rising[] = {
        "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-010000000000", "00000000-0000-0000-0001-000000000000",
        "00000000-0000-0000-0100-000000000000", "00000000-0000-0001-0000-000000000000",
        "00000000-0001-0000-0000-000000000000", "00000001-0000-0000-0000-000000000000",
        "ff000000-0000-0000-0000-000000000000"};

    for (unsigned i = 0; i < IR_ARRAY_LEN(rising); i++) {
        for (unsigned k = 0; k < IR_ARRAY_LEN(rising); k++) {
            struct irpc_uuid a;
            struct irpc_uuid b;
            IR_ASSERT_EQ(irpc_uuid_parse(rising[i], &a), IRPC_OK);
            IR_ASSERT_EQ(irpc_uuid_parse(rising[k], &b), IRPC_OK);
            int order = irpc_uuid_compare(&a, &b);
            IR_ASSERT_EQ((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

/* check: T15: no control character, quote or newline of a peer gets into a log line. */
IR_TEST(log_quotes_text_of_peers)
{
    char dst[64];
    char all[256];
    char big[1100];

    IR_ASSERT_STR(ir_log_quote(dst, sizeof(dst), "a b", 3), "\"a b\"");
    IR_ASSERT_STR(ir_log_quote(dst, sizeof(dst), "a\"\\\n\xff", 5), "\"a\\x22\\x5c\\x0a\\xff\"");
    IR_ASSERT_STR(ir_log_quote(dst, 3, "abc", 3), "\"\"");
    IR_ASSERT_STR(ir_log_quote(dst, 2, "abc", 3), "");
    IR_ASSERT_STR(ir_log_quote(dst, sizeof(dst), NULL, 0), "\"\"");
    for (unsigned i = 0; i < 256; i++) {
        all[i] = (char)i;
    }
    for (size_t cap = 1; cap <= sizeof(big); cap++) {
        memset(big, 0x7f, sizeof(big));
        ir_log_quote(big, cap, all, sizeof(all));
        size_t len = strlen(big);
        IR_ASSERT(len < cap);
        for (size_t i = 0; i < len; i++) {
            IR_ASSERT(big[i] >= 0x20 && big[i] < 0x7f);
            IR_ASSERT(i == 0 || i == len - 1 || big[i] != '"');
        }
    }
}

static char last[600];

static void keep(void *user, enum irpc_log_level level, const char *subsystem, const char *text)
{
    (void)user;
    (void)level;
    (void)subsystem;
    strncpy(last, text, sizeof(last) - 1);
}

IR_TEST(log_goes_to_the_hook_by_level)
{
    char longer[1000];

    ir_log(IRPC_LOG_ERROR, "test", "nobody listens");
    irpc_set_log(keep, NULL, IRPC_LOG_WARNING);
    IR_ASSERT(ir_log_wants(IRPC_LOG_ERROR));
    IR_ASSERT(!ir_log_wants(IRPC_LOG_DEBUG));
    ir_log(IRPC_LOG_DEBUG, "test", "n=%d", 1);
    IR_ASSERT_STR(last, "");
    ir_log(IRPC_LOG_WARNING, "test", "n=%d", 2);
    IR_ASSERT_STR(last, "n=2");
    memset(longer, 'x', sizeof(longer));
    ir_log(IRPC_LOG_WARNING, "test", "%.*s", (int)sizeof(longer), longer);
    IR_ASSERT_EQ(strlen(last), 511);
    irpc_set_log(NULL, NULL, IRPC_LOG_WARNING);
    IR_ASSERT(!ir_log_wants(IRPC_LOG_ERROR));
}

/* The vectors of the paper and of its authors' reference: key 00..0f, input 00, 01, 02 ...
 * check: L06 */
IR_TEST(siphash_vectors)
{
    static const struct ir_siphash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    uint8_t in[64];

    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t)i;
    }
    IR_ASSERT_EQ(ir_siphash(&key, in, 0), 0x726fdb47dd0e0e31u);
    IR_ASSERT_EQ(ir_siphash(&key, in, 1), 0x74f839c593dc67fdu);
    IR_ASSERT_EQ(ir_siphash(&key, in, 7), 0xab0200f58b01d137u);
    IR_ASSERT_EQ(ir_siphash(&key, in, 8), 0x93f5f5799a932462u);
    IR_ASSERT_EQ(ir_siphash(&key, in, 15), 0xa129ca6149be45e5u);
    IR_ASSERT_EQ(ir_siphash(&key, in, 63), 0x958a324ceb064572u);
}

/* check: B11 */
IR_TEST(features_are_told_from_syntaxes_that_look_like_them)
{
    struct irpc_syntax_id s = ir_syntax_of_features(0x1122334455667788);
    uint64_t bits = 0;

    IR_ASSERT(ir_syntax_is_features(&s, &bits));
    IR_ASSERT_EQ(bits, 0x1122334455667788);
    struct irpc_syntax_id others[5] = {s, s, s, s, s};
    others[0].uuid.time_low++;
    others[1].uuid.time_mid++;
    others[2].uuid.time_hi_and_version++;
    others[3].major++;
    others[4].minor++;
    for (unsigned i = 0; i < 5; i++) {
        IR_ASSERT(!ir_syntax_is_features(&others[i], &bits));
        IR_ASSERT(!ir_syntax_equal(&s, &others[i]));
    }
    IR_ASSERT(ir_syntax_equal(&s, &s));
}
