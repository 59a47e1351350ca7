/* Type serialization: bytes by the specification, both versions, series of values, bad headers. */
#include <string.h>

#include <ironrpc/pickle.h>

#include "ir_test.h"
#include "kinds.h"

static record *make(void *memory)
{
    record *r = memory;
    static record next = {.n = 0};
    static char name[] = "ab";

    r->n = 3;
    r->name = name;
    r->next = &next;
    memcpy(r->tail, "xyz", 3);
    return r;
}

IR_TEST(version_1_is_as_specified)
{
    union {
        record r;
        uint8_t bytes[sizeof(record) + 8];
    } memory;
    struct irpc_pickle *pickle = NULL;
    number seven = 7;

    IR_ASSERT_EQ(irpc_pickle_new(IRPC_PICKLE_V1, &pickle), IRPC_OK);
    IR_ASSERT_EQ(kept_number_encode(pickle, &seven), IRPC_OK);
    IR_ASSERT_EQ(kept_record_encode(pickle, make(&memory)), IRPC_OK);
    struct irpc_span got = irpc_pickle_bytes(pickle);
    struct ir_bytes want = IR_HEX("01 10 0800 cccccccc 07000000 00000000"
                                  "38000000 00000000 03000000 0300 0000 00000200 04000200 78797a 00"
                                  "03000000 00000000 03000000 616200 00"
                                  "00000000 0000 0000 00000000 00000000"
                                  "00000000");
    IR_ASSERT_MEM(got.p, got.len, want.p, want.n);
    irpc_pickle_free(pickle);
}

static void round_trip(enum irpc_pickle_form form)
{
    union {
        record r;
        uint8_t bytes[sizeof(record) + 8];
    } memory;
    struct irpc_pickle *out = NULL;
    struct irpc_pickle *in = NULL;
    number seven = 7;
    number *n = NULL;
    record *r = NULL;

    IR_ASSERT_EQ(irpc_pickle_new(form, &out), IRPC_OK);
    IR_ASSERT_EQ(kept_number_encode(out, &seven), IRPC_OK);
    IR_ASSERT_EQ(kept_record_encode(out, make(&memory)), IRPC_OK);
    IR_ASSERT_EQ(kept_number_encode(out, &seven), IRPC_OK);
    struct irpc_span bytes = irpc_pickle_bytes(out);
    IR_ASSERT_EQ(irpc_pickle_open(bytes, &in), IRPC_OK);
    IR_ASSERT_EQ(kept_number_decode(in, &n), IRPC_OK);
    IR_ASSERT_EQ(*n, 7);
    IR_ASSERT_EQ(kept_record_decode(in, &r), IRPC_OK);
    IR_ASSERT_EQ(r->n, 3);
    IR_ASSERT_STR(r->name, "ab");
    IR_ASSERT_EQ(memcmp(r->tail, "xyz", 3), 0);
    IR_ASSERT(r->next != NULL && r->next->next == NULL);
    IR_ASSERT_EQ(kept_number_decode(in, &n), IRPC_OK);
    IR_ASSERT_EQ(*n, 7);
    IR_ASSERT_EQ(kept_number_decode(in, &n), IRPC_NOT_FOUND);
    irpc_pickle_free(in);
    for (size_t len = 0; len + 8 < bytes.len; len++) { /* cut off */
        enum irpc_status st = irpc_pickle_open((struct irpc_span){bytes.p, len}, &in);
        if (st != IRPC_OK) {
            IR_ASSERT_EQ(st, IRPC_BAD_STUB_DATA);
            continue;
        }
        st = kept_number_decode(in, &n);
        st = st == IRPC_OK ? kept_record_decode(in, &r) : st;
        st = st == IRPC_OK ? kept_number_decode(in, &n) : st;
        IR_ASSERT(st != IRPC_OK);
        irpc_pickle_free(in);
    }
    irpc_pickle_free(out);
}

IR_TEST(all_forms_are_read_back)
{
    round_trip(IRPC_PICKLE_V1);
    round_trip(IRPC_PICKLE_V2);
    round_trip(IRPC_PICKLE_V2_NDR64);
}

/* check: N16 */
IR_TEST(other_headers_are_refused)
{
    static const char *const bad[] = {"",
                                      "01",
                                      "03 10 0800 cccccccc",
                                      "01 10 0900 cccccccc",
                                      "01 20 0800 cccccccc",
                                      "02 10 4000 cccccccc"};
    struct irpc_pickle *pickle = NULL;
    number *n = NULL;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ir_bytes b = IR_HEX(bad[i]);
        IR_ASSERT_EQ(irpc_pickle_open((struct irpc_span){b.p, b.n}, &pickle), IRPC_BAD_STUB_DATA);
    }
    struct ir_bytes big = IR_HEX("01 00 0008 cccccccc 00000007");
    IR_ASSERT_EQ(irpc_pickle_open((struct irpc_span){big.p, big.n}, &pickle), IRPC_OK);
    IR_ASSERT_EQ(kept_number_decode(pickle, &n), IRPC_OK);
    IR_ASSERT_EQ(*n, 7);
    IR_ASSERT_EQ(kept_number_encode(pickle, n), IRPC_INVALID_ARG);
    irpc_pickle_free(pickle);
}
