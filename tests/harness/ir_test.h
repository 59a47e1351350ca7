/* The test harness: TAP on stdout, one process per test, main() is linked in.
 *
 *     #include "ir_test.h"
 *
 *     IR_TEST(header_rejects_short_input)
 *     {
 *         struct ir_bytes in = IR_HEX("05 00 0b 03 10 00 00 00");
 *         IR_ASSERT_EQ(ir_header_decode(in.p, in.n, &h), IR_BAD_LENGTH);
 *     }
 *
 * A test fails when an assertion fails, when it crashes or outlives its timeout, and when it leaves
 * behind a file descriptor, a child process, a thread or an allocation made through base/alloc.
 * Run one test by name: t_bind header_rejects_short_input; under gdb: t_bind -n NAME (no fork).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ir_test {
    const char *name;
    void (*run)(void);
    unsigned timeout_s;
    struct ir_test *next;
};

struct ir_bytes {
    const uint8_t *p;
    size_t n;
};

void ir_test_register(struct ir_test *test);

#define IR_TEST(name) IR_TEST_TIMEOUT(name, 20)

/* A test that may take longer than 20 seconds. IR_TEST_SCALE=5 in the environment multiplies all.
 */
#define IR_TEST_TIMEOUT(name, seconds)                                \
    static void name(void);                                           \
    static struct ir_test test_##name = {#name, name, seconds, NULL}; \
    __attribute__((constructor)) static void register_##name(void)    \
    {                                                                 \
        ir_test_register(&test_##name);                               \
    }                                                                 \
    static void name(void)

/* --- assertions: each ends the test --- */

#define IR_ASSERT(x) ((x) ? (void)0 : ir_test_fail(__FILE__, __LINE__, "%s", #x))
/* Any two integers, enums or pointers, compared as 64 bits; both values are shown. */
#define IR_ASSERT_EQ(a, b) ir_test_eq(__FILE__, __LINE__, #a, #b, (uint64_t)(a), (uint64_t)(b))
#define IR_ASSERT_STR(a, b) ir_test_str(__FILE__, __LINE__, #a, #b, (a), (b))
/* got, its length, wanted, its length: bytes that differ are shown. */
#define IR_ASSERT_MEM(a, alen, b, blen) \
    ir_test_mem(__FILE__, __LINE__, #a, (a), (alen), (b), (blen))
/* The same for DCE/RPC PDUs: each differing byte is shown with the name of its field. */
#define IR_ASSERT_PDU(a, alen, b, blen) \
    ir_test_pdu(__FILE__, __LINE__, #a, (a), (alen), (b), (blen))
#define IR_FAIL(...) ir_test_fail(__FILE__, __LINE__, __VA_ARGS__)
/* A remark in the output ("# ..."). */
void ir_test_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the test as "ok N - name # SKIP reason". Only for what the machine cannot do. */
_Noreturn void ir_test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- bytes --- */

/* Hexadecimal text to bytes: blanks and '|' separate, 'quoted' parts are ASCII, "00*16" repeats a
 * byte. The memory is exactly as long as the bytes (so ASan sees one byte too far) and lives until
 * the test ends. A malformed literal fails the test. */
#define IR_HEX(text) ir_test_hex(__FILE__, __LINE__, (text))

struct ir_bytes ir_test_hex(const char *file, int line, const char *text);

/* Name of the PDU field that holds byte `offset`: "frag_length", "context[0].n_transfer_syn",
 * "stub[12]". Reads the PDU's own lengths as far as they can be trusted. */
void ir_test_pdu_field(const uint8_t *pdu, size_t n, size_t offset, char *name, size_t cap);

/* --- time --- */

/* Virtual time for a machine with next_deadline()/on_deadline(): any unit, no sleeping. */
struct ir_vtime {
    uint64_t now;
    uint64_t (*next_deadline)(void *machine); /* UINT64_MAX: none */
    void (*on_deadline)(void *machine, uint64_t now);
    void *machine;
};

/* Fires every deadline up to now + delta in order, then sets now. Fails the test if the machine
 * asks again and again for a deadline that has passed. Returns the number fired. */
unsigned ir_vtime_advance(struct ir_vtime *time, uint64_t delta);

/* --- memory --- */

/* Calls fn(arg) with the 1st, 2nd, 3rd ... allocation of base/alloc failing, until a round in which
 * none was left to fail; that round must return true (success). fn cleans up after itself either
 * way: a leak after any round fails the test. Returns the number of allocations made to fail. */
unsigned ir_test_oom(bool (*fn)(void *arg), void *arg);

/* --- what the macros call --- */

_Noreturn void ir_test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ir_test_eq(const char *file, int line, const char *a, const char *b, uint64_t va, uint64_t vb);
void ir_test_str(const char *file, int line, const char *a, const char *b, const char *va,
                 const char *vb);
void ir_test_mem(const char *file, int line, const char *what, const void *got, size_t got_len,
                 const void *want, size_t want_len);
void ir_test_pdu(const char *file, int line, const char *what, const void *got, size_t got_len,
                 const void *want, size_t want_len);
