/* Bind and alter_context in the server role. */
#include "engine_fixture.h"

static struct rig rig;

#define ACK_TAIL "d016 d016 34120000 0400 '135' 00 0000"

IR_TEST(bind_ack_is_byte_exact)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND);
    EXPECT(&rig, "0500 0c03 10000000 3c00 0000 01000000 " ACK_TAIL " 01 000000 0000 0000" NDR);
    IR_ASSERT_EQ(rig.n_events, 0);
    IR_ASSERT_EQ(ir_conn_group_id(&rig.conn), 0x1234);
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), false);
    IR_ASSERT(ir_conn_context(&rig.conn, 0) != NULL);
    IR_ASSERT(ir_conn_context(&rig.conn, 1) == NULL);
    rig_deinit(&rig);
}

/* accepts: B17 H12: any combination of FIRST and LAST is a whole bind; 0x04 and 0x10 are echoed. */
IR_TEST(bind_flags)
{
    static const struct {
        uint8_t flags;
        uint8_t want;
    } rows[] = {{0x00, 0x03}, {0x01, 0x03}, {0x02, 0x03}, {0x04, 0x07}, {0x08, 0x03},
                {0x10, 0x13}, {0x20, 0x03}, {0x40, 0x03}, {0x80, 0x03}, {0xff, 0x17}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(BIND));
        uint8_t *p = (uint8_t *)(uintptr_t)b.p;
        p[3] = rows[i].flags;
        rig_init(&rig, IR_SERVER);
        rig_send(&rig, b);
        IR_ASSERT(rig_take(&rig) > 16);
        IR_ASSERT_EQ(rig.out[2], IR_PTYPE_BIND_ACK);
        IR_ASSERT_EQ(rig.out[3], rows[i].want);
        IR_ASSERT_EQ(ir_conn_has_mpx(&rig.conn), (rows[i].flags & 0x10) != 0);
        p[2] = IR_PTYPE_ALTER_CONTEXT;
        rig_send(&rig, b);
        IR_ASSERT(rig_take(&rig) > 16);
        IR_ASSERT_EQ(rig.out[2], IR_PTYPE_ALTER_CONTEXT_RESP);
        IR_ASSERT_EQ(rig.out[3], rows[i].want & ~0x10);
        ir_free(p);
        rig_deinit(&rig);
    }
}

/* accepts: H19: reserved fields of a bind may hold anything */
IR_TEST(reserved_fields_are_ignored)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "01 ffeedd 0000 01 cc" MGMT NDR);
    EXPECT(&rig, "0500 0c03 10000000 3c00 0000 01000000 " ACK_TAIL " 01 000000 0000 0000" NDR);
    IR_ASSERT_EQ(rig.n_events, 0);
    rig_deinit(&rig);
}

/* accepts: B05 */
IR_TEST(fragment_size_negotiation)
{
    static const struct {
        uint16_t xmit;
        uint16_t recv;
        uint16_t want;
    } rows[] = {{0xffff, 0xffff, 5840}, {0, 0xffff, 2048},    {0xffff, 0, 2048},
                {0, 0, 2048},           {3199, 0, 2048},      {0, 3199, 2048},
                {3199, 0xffff, 3192},   {0xffff, 3199, 3192}, {5840, 5840, 5840}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(BIND));
        uint8_t *p = (uint8_t *)(uintptr_t)b.p;
        ir_put_u16(p + 16, rows[i].xmit, false);
        ir_put_u16(p + 18, rows[i].recv, false);
        rig_init(&rig, IR_SERVER);
        rig_send(&rig, b);
        IR_ASSERT(rig_take(&rig) > 24);
        IR_ASSERT_EQ(rig.out[16] | rig.out[17] << 8, rows[i].want);
        IR_ASSERT_EQ(rig.out[18] | rig.out[19] << 8, rows[i].want);
        ir_free(p);
        rig_deinit(&rig);
    }
    rig_init(&rig, IR_SERVER);
    rig.config.frag_max = IR_FRAG_MAX_PIPE;
    SEND(&rig, HEAD("0b", "03", "01000000") "ffff ffff 00000000" ONE_CONTEXT("0000", MGMT));
    IR_ASSERT(rig_take(&rig) > 24);
    IR_ASSERT_EQ(rig.out[16] | rig.out[17] << 8, 4280);
    rig_deinit(&rig);
}

#define EXPECT_NAK(r, reason, number)   \
    EXPECT(r, NAK("01000000", reason)); \
    EXPECT_REJECTED(r, number, true)

/* check: B01 B03: whatever is first and no bind, however broken, gets bind_nak 4. */
IR_TEST(first_pdu_must_be_a_bind)
{
    static const uint8_t types[] = {0, 1, 2, 3, 4, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 99};

    for (unsigned i = 0; i < sizeof(types); i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(BIND));
        ((uint8_t *)(uintptr_t)b.p)[2] = types[i];
        rig_init(&rig, IR_SERVER);
        rig_send(&rig, b);
        EXPECT(&rig, NAK("01000000", "0400"));
        IR_ASSERT_EQ(rig.last.type, IR_EVENT_REJECTED);
        IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), true);
        ir_free((void *)(uintptr_t)b.p);
        rig_deinit(&rig);
    }
}

/* check: H02 H03 H07 H08 H11 */
IR_TEST(first_pdu_with_a_broken_header)
{
    static const struct {
        unsigned offset;
        uint8_t value;
        const char *check;
    } rows[] = {{0, 4, "H02"}, {1, 2, "H03"},    {4, 0x11, "H07"}, {5, 1, "H07"},    {6, 1, "H07"},
                {7, 1, "H07"}, {4, 0x20, "H07"}, {8, 27, "H08"},   {11, 0x10, "H11"}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(BIND));
        uint8_t *p = (uint8_t *)(uintptr_t)b.p;
        p[rows[i].offset] = rows[i].value;
        rig_init(&rig, IR_SERVER);
        IR_ASSERT_EQ(rig_feed(&rig, p, b.n), 0);
        IR_ASSERT_EQ(rig_take(&rig), 24);
        IR_ASSERT_EQ(rig.out[2], IR_PTYPE_BIND_NAK);
        IR_ASSERT_EQ(rig.out[16], 4);
        EXPECT_REJECTED(&rig, rows[i].check, true);
        ir_free(p);
        rig_deinit(&rig);
    }
}

/* check: H02 H08 H17: no answer to what cannot be answered, and nothing after it is read. */
IR_TEST(not_dcerpc_is_closed_silently)
{
    rig_init(&rig, IR_SERVER);
    struct ir_bytes http = IR_HEX("'GET / HTTP/1.1' 0d0a 'Host: x' 0d0a0d0a");
    IR_ASSERT_EQ(rig_feed(&rig, http.p, http.n), 0);
    EXPECT_REJECTED(&rig, "H02", true);
    IR_ASSERT_EQ(rig_take(&rig), 0);
    SEND(&rig, BIND);
    IR_ASSERT_EQ(rig_take(&rig), 0);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    struct ir_bytes tiny = IR_HEX("0500 0b03 10000000 0f00 0000 01000000 00*40");
    IR_ASSERT_EQ(rig_feed(&rig, tiny.p, tiny.n), 0);
    EXPECT_REJECTED(&rig, "H08", true);
    IR_ASSERT_EQ(rig_take(&rig), 0);
    rig_deinit(&rig);
}

/* check: B02 */
IR_TEST(second_bind_is_refused)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, BIND);
    EXPECT_NAK(&rig, "0000", "B02");
    rig_deinit(&rig);
}

/* check: B06 B07 */
IR_TEST(empty_lists)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "00 000000");
    EXPECT_NAK(&rig, "0400", "B06");
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    rig.config.generation = IR_GENERATION_2012R2;
    SEND(&rig, BIND_HEAD("03", "01000000") "00 000000");
    EXPECT_NAK(&rig, "0000", "B06");
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "01 000000 0000 00 00" MGMT);
    EXPECT_NAK(&rig, "0000", "B07");
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, ALTER_HEAD("05000000") "00 000000");
    EXPECT(&rig, FAULT_PDU("23", "05000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "B06", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, ALTER_HEAD("05000000") "01 000000 0100 00 00" MGMT);
    EXPECT(&rig, FAULT_PDU("23", "05000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "B07", true);
    rig_deinit(&rig);
}

IR_TEST(counts_beyond_the_bytes_or_the_caps)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "02 000000 0000 01 00" MGMT NDR);
    EXPECT(&rig, NAK("01000000", "0400"));
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    rig.config.limits.offered = 1;
    SEND(&rig, BIND_HEAD("03", "01000000") "02 000000 0000 01 00" MGMT NDR "0100 01 00" MGMT NDR);
    EXPECT_NAK(&rig, "0400", "B06");
    rig_deinit(&rig);
}

/* check: B06 B07: the caps hold whatever the bytes and the configuration say */
IR_TEST(lists_longer_than_the_caps)
{
    static uint8_t pdu[28 + 65 * 44];
    struct ir_bytes element = IR_HEX("0000 01 00" MGMT NDR);
    struct ir_bytes head = IR_HEX(BIND_HEAD("03", "01000000") "00 000000");

    for (uint8_t n = 64; n <= 65; n++) {
        memcpy(pdu, head.p, head.n);
        pdu[24] = n;
        for (unsigned i = 0; i < n; i++) {
            memcpy(pdu + 28 + i * 44, element.p, element.n);
        }
        ir_put_u16(pdu + 8, (uint16_t)(28 + n * 44), false);
        rig_init(&rig, IR_SERVER);
        rig.config.limits.offered = 255;
        IR_ASSERT_EQ(rig_feed(&rig, pdu, 28 + n * 44u), 0);
        IR_ASSERT_EQ(rig_take(&rig), n == 64 ? 36 + 64 * 24 : 24);
        IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), n == 65);
        rig_deinit(&rig);
    }
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "01 000000 0000 10 00" MGMT " 00*300" NDR);
    IR_ASSERT_EQ(rig_take(&rig), 60);
    IR_ASSERT(ir_conn_context(&rig.conn, 0) != NULL);
    rig_deinit(&rig);
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "01 000000 0000 11 00" MGMT " 00*320" NDR);
    EXPECT_NAK(&rig, "0400", "B07");
    rig_deinit(&rig);
}

/* An answer that does not fit into the output leaves no part of itself there. */
IR_TEST(no_room_for_the_answer)
{
    rig_init(&rig, IR_SERVER);
    ir_outq_deinit(&rig.outq);
    ir_outq_init(&rig.outq, 50);
    SEND(&rig, BIND);
    IR_ASSERT_EQ(rig.status, IRPC_LIMIT);
    IR_ASSERT(ir_conn_wants_close(&rig.conn));
    IR_ASSERT_EQ(ir_outq_pending(&rig.outq), 0);
    rig_deinit(&rig);
}

/* What Windows answers to NDR, NDR64, features in one bind: 2/2, 0, 3. accepts: B13 B11 */
IR_TEST(ndr64_is_preferred_and_one_is_accepted)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "03 000000 0000 01 00" MGMT NDR "0100 01 00" MGMT NDR64
                                           "0200 01 00" MGMT FEATURES("03"));
    EXPECT(&rig, "0500 0c03 10000000 6c00 0000 01000000 " ACK_TAIL
                 " 03 000000 0200 0200" ZERO_SYNTAX "0000 0000" NDR64 "0300 0300" ZERO_SYNTAX);
    IR_ASSERT_EQ(context_of(&rig.conn, 1)->transfer, IR_TRANSFER_NDR64);
    IR_ASSERT(ir_conn_context(&rig.conn, 0) == NULL);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    rig.config.transfers = IR_MASK_NDR20;
    SEND(&rig, BIND_HEAD("03", "01000000") "02 000000 0000 01 00" MGMT NDR "0100 01 00" MGMT NDR64);
    EXPECT(&rig, "0500 0c03 10000000 5400 0000 01000000 " ACK_TAIL " 02 000000 0000 0000" NDR
                 "0200 0200" ZERO_SYNTAX);
    rig_deinit(&rig);
}

/* check: B19 B20 */
IR_TEST(results_of_refused_elements)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "03 000000 0000 01 00" NDR NDR "0100 01 00" MGMT EPM
                                           "0200 01 00 00*16 9a020000" NDR);
    EXPECT(&rig,
           "0500 0c03 10000000 6c00 0000 01000000 " ACK_TAIL " 03 000000 0200 0100" ZERO_SYNTAX
           "0200 0200" ZERO_SYNTAX "0100 0300" ZERO_SYNTAX);
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), false);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    rig.accept_status = IRPC_ACCESS_DENIED;
    SEND(&rig, BIND);
    EXPECT(&rig,
           "0500 0c03 10000000 3c00 0000 01000000 " ACK_TAIL " 01 000000 0100 0300" ZERO_SYNTAX);
    rig_deinit(&rig);
}

/* check: B11 */
IR_TEST(bind_time_features)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_HEAD("03", "01000000") "01 000000 0100 02 00" ZERO_SYNTAX FEATURES("ff")
                   FEATURES("01"));
    EXPECT(&rig,
           "0500 0c03 10000000 3c00 0000 01000000 " ACK_TAIL " 01 000000 0300 0300" ZERO_SYNTAX);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER); /* not first: an unknown interface */
    SEND(&rig,
         BIND_HEAD("03", "01000000") "01 000000 0100 02 00" ZERO_SYNTAX ZERO_SYNTAX FEATURES("01"));
    EXPECT(&rig,
           "0500 0c03 10000000 3c00 0000 01000000 " ACK_TAIL " 01 000000 0200 0100" ZERO_SYNTAX);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER); /* twice */
    SEND(&rig, BIND_HEAD("03", "01000000") "02 000000 0100 01 00" ZERO_SYNTAX FEATURES(
                   "01") "0200 01 00" ZERO_SYNTAX FEATURES("02"));
    EXPECT_NAK(&rig, "0000", "B11");
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* in alter_context: unknown transfer syntax */
    SEND(&rig, ALTER_HEAD("05000000") "01 000000 0100 01 00" MGMT FEATURES("01"));
    EXPECT(&rig, "0500 0f03 10000000 3800 0000 05000000 d016 d016 34120000 0000 0000 01 000000"
                 "0200 0200" ZERO_SYNTAX);
    rig_deinit(&rig);
}

#define ALTER_RESP(len, call_id) \
    "0500 0f03 10000000" len "0000" call_id "d016 d016 34120000 0000 0000"

/* check: B09 */
IR_TEST(alter_context_on_an_existing_context)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, HEAD("0e", "03", "05000000") "0100 0100 99999999" ONE_CONTEXT("0000", MGMT));
    EXPECT(&rig, ALTER_RESP("3800", "05000000") "01 000000 0000 0000" NDR);
    /* nothing known: refused, and the context stays */
    SEND(&rig, ALTER_HEAD("06000000") "01 000000 0000 02 00" MGMT ZERO_SYNTAX EPM);
    EXPECT(&rig, ALTER_RESP("3800", "06000000") "01 000000 0200 0200" ZERO_SYNTAX);
    IR_ASSERT_EQ(context_of(&rig.conn, 0)->transfer, IR_TRANSFER_NDR20);
    /* a known one that is not its own */
    SEND(&rig, ALTER_HEAD("08000000") "01 000000 0000 02 00" MGMT ZERO_SYNTAX NDR64);
    EXPECT(&rig, FAULT_PDU("23", "08000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "B09", true);
    rig_deinit(&rig);

    /* NDR64 as well as its own NDR: NDR64 would be chosen, and that is another */
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, ALTER_HEAD("07000000") "01 000000 0000 02 00" MGMT NDR NDR64);
    EXPECT(&rig, FAULT_PDU("23", "07000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "B09", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, ALTER_HEAD("08000000") ONE_CONTEXT("0000", EPM));
    EXPECT(&rig, FAULT_PDU("23", "08000000", "0000", PROTO_ERROR));
    EXPECT_REJECTED(&rig, "B09", true);
    rig_deinit(&rig);
}

/* accepts: B08, check: B10: repeated ids in one PDU are harmless; at most one element is accepted.
 */
IR_TEST(alter_context_adds_contexts)
{
    rig_bound(&rig, IR_HEX(BIND));
    rig.config.limits.contexts = 6;
    for (uint8_t i = 1; i < 8; i++) {
        struct ir_bytes b =
            rig_pdu(IR_HEX(ALTER_HEAD("05000000") "02 000000"
                                                  "0000 01 00" EPM NDR "0000 01 00" EPM NDR));
        uint8_t *p = (uint8_t *)(uintptr_t)b.p;
        p[28] = i;
        p[28 + 44] = i;
        rig_send(&rig, b);
        IR_ASSERT_EQ(rig_take(&rig), 32 + 2 * 24);
        IR_ASSERT_EQ(rig.out[32 + 0] | rig.out[32 + 2] << 8, i < 6 ? 0 : 0x0302);
        IR_ASSERT_EQ(rig.out[32 + 24] | rig.out[32 + 26] << 8, 0x0202);
        ir_free(p);
    }
    IR_ASSERT(ir_conn_context(&rig.conn, 5) != NULL);
    IR_ASSERT(ir_conn_context(&rig.conn, 6) == NULL);
    rig_deinit(&rig);
}

/* check: B16 */
IR_TEST(association_groups)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, HEAD("0b", "03", "01000000") "d016 d016 01000000" ONE_CONTEXT("0000", MGMT));
    EXPECT_NAK(&rig, "0000", "B16");
    rig_deinit(&rig);

    static struct rig second;
    rig_bound(&rig, IR_HEX(BIND));
    rig_init(&second, IR_SERVER);
    second.group = rig.group;
    SEND(&second, HEAD("0b", "03", "01000000") "d016 d016 34120000" ONE_CONTEXT("0000", MGMT));
    IR_ASSERT_EQ(rig_take(&second), 60);
    IR_ASSERT_EQ(rig.group->n, 2);
    ir_conn_deinit(&second.conn);
    ir_outq_deinit(&second.outq);
    IR_ASSERT_EQ(rig.group->n, 1);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    rig.join_status = IRPC_LIMIT;
    SEND(&rig, BIND);
    EXPECT_NAK(&rig, "0100", "B16");
    rig_deinit(&rig);
}

#define BIND_AUTH(type, level, pad)                                                      \
    "0500 0b03 10000000 0000 0400 01000000 d016 d016 00000000" ONE_CONTEXT("0000", MGMT) \
        type level pad "00 00000000 'none'"

/* check: A02 A03 A04 */
IR_TEST(bind_with_a_trailer_and_no_provider)
{
    static const struct {
        uint8_t level;
        uint8_t nak;
    } rows[] = {{0, 0}, {1, 0}, {2, 8}, {3, 8}, {4, 8}, {5, 8}, {6, 8}, {7, 0}, {255, 0}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ir_bytes b = rig_pdu(IR_HEX(BIND_AUTH("01", "00", "00")));
        ((uint8_t *)(uintptr_t)b.p)[b.n - 11] = rows[i].level;
        rig_init(&rig, IR_SERVER);
        rig_send(&rig, b);
        IR_ASSERT_EQ(rig_take(&rig), 24);
        IR_ASSERT_EQ(rig.out[2], IR_PTYPE_BIND_NAK);
        IR_ASSERT_EQ(rig.out[16], rows[i].nak);
        IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), true);
        ir_free((void *)(uintptr_t)b.p);
        rig_deinit(&rig);
    }
    rig_init(&rig, IR_SERVER);
    SEND(&rig, BIND_AUTH("01", "02", "01"));
    EXPECT_NAK(&rig, "0400", "A02");
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER); /* 2012 R2: up to what lies between, here 48 bytes */
    rig.config.generation = IR_GENERATION_2012R2;
    SEND(&rig, BIND_AUTH("01", "02", "30"));
    EXPECT_NAK(&rig, "0800", "A03");
    rig_deinit(&rig);
    rig_init(&rig, IR_SERVER);
    rig.config.generation = IR_GENERATION_2012R2;
    SEND(&rig, BIND_AUTH("01", "02", "31"));
    EXPECT_NAK(&rig, "0400", "A02");
    rig_deinit(&rig);
}

/* check: H11: a token length that leaves no room for the trailer */
IR_TEST(bind_with_a_trailer_that_does_not_fit)
{
    rig_init(&rig, IR_SERVER);
    SEND(&rig, "0500 0b03 10000000 0000 0800 01000000 d016 d016 00000000 00 000000");
    EXPECT_NAK(&rig, "0400", "H11");
    rig_deinit(&rig);
}

/* check: A07 */
IR_TEST(auth3_without_a_security_context)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, "0500 1003 10000000 0000 0400 09000000 00000000 0a 05 00 00 00000000 'none'");
    EXPECT(&rig, FAULT_PDU("23", "09000000", "0000", "1b00001c"));
    EXPECT_REJECTED(&rig, "A07", true);
    rig_deinit(&rig);
}

IR_TEST(alter_context_with_a_trailer_and_no_provider)
{
    rig_bound(&rig, IR_HEX(BIND));
    SEND(&rig, "0500 0e03 10000000 0000 0400 09000000 d016 d016 00000000" ONE_CONTEXT(
                   "0000", MGMT) "0a 05 00 00 00000000 'none'");
    EXPECT(&rig, FAULT_PDU("23", "09000000", "0000", "21070000"));
    EXPECT_REJECTED(&rig, "A03", true);
    rig_deinit(&rig);

    rig_bound(&rig, IR_HEX(BIND)); /* check: A09: of no type at all */
    SEND(&rig, "0500 0e03 10000000 0000 0400 09000000 d016 d016 00000000" ONE_CONTEXT(
                   "0000", MGMT) "00 05 00 00 00000000 'none'");
    EXPECT(&rig, FAULT_PDU("23", "09000000", "0000", "05000000"));
    EXPECT_REJECTED(&rig, "A09", true);
    rig_deinit(&rig);
}

/* check: H09: binds may be long, requests not. accepts: B18: bytes after the list are tolerated. */
IR_TEST(a_bind_of_64_kilobytes)
{
    static uint8_t big[65535];
    struct ir_bytes b = rig_pdu(IR_HEX(BIND));

    memcpy(big, b.p, b.n);
    ir_free((void *)(uintptr_t)b.p);
    ir_put_u16(big + 8, 65535, false);
    rig_init(&rig, IR_SERVER);
    IR_ASSERT_EQ(rig_feed(&rig, big, sizeof(big)), 0);
    IR_ASSERT(rig_take(&rig) > 24);
    IR_ASSERT_EQ(rig.out[2], IR_PTYPE_BIND_ACK);
    rig_deinit(&rig);

    rig_init(&rig, IR_SERVER);
    rig.config.limits.bind_frag = 16384;
    IR_ASSERT_EQ(rig_feed(&rig, big, 16), 0); /* the header is enough */
    EXPECT_NAK(&rig, "0400", "H09");
    rig_deinit(&rig);
}

static bool bind_oom(void *arg)
{
    struct ir_bytes b = IR_HEX(BIND);
    uint8_t pdu[128];

    (void)arg;
    rig_init(&rig, IR_SERVER);
    memcpy(pdu, b.p, b.n);
    ir_put_u16(pdu + 8, (uint16_t)b.n, false);
    IR_ASSERT_EQ(rig_feed(&rig, pdu, b.n), 0);
    bool ok = rig.status == IRPC_OK;
    for (uint8_t i = 1; ok && i < 10; i++) {
        pdu[2] = IR_PTYPE_ALTER_CONTEXT;
        pdu[28] = i;
        IR_ASSERT_EQ(rig_feed(&rig, pdu, b.n), 0);
        ok = rig.status == IRPC_OK;
    }
    IR_ASSERT(ok || rig.status == IRPC_NO_MEMORY);
    IR_ASSERT_EQ(ir_conn_wants_close(&rig.conn), !ok);
    rig_deinit(&rig);
    return ok;
}

/* check: L11 S06 */
IR_TEST(out_of_memory_ends_only_the_connection)
{
    IR_ASSERT(bind_oom(NULL));
    IR_ASSERT(ir_test_oom(bind_oom, NULL) >= 3);
}
