/*
 * A server with generated tables under requests that are found by a random walk from zeros, over
 * real sockets, in both transfer syntaxes: each is answered, or refused with the fault that its
 * check says; what the manager gets is read in full, and its memory is bounded. IR_CHECK_ALL makes
 * the walks long. check: N18
 */
#include <stdlib.h>

#include "ndr/ndr.h"
#include "ndr_all.h"
#include "rig.h"
#include "server/internal.h"

#define STUB_LEN 256u
#define CALL_MEMORY ((size_t)4096)

static size_t stub_len; /* of the request under way; there is one at a time */
static unsigned n_read; /* values that the manager read */

/* --- a manager for every operation: it reads what it gets --- */

static void ignore(void *user)
{
    (void)user;
}

static void ignore_tag(void *user, int64_t tag)
{
    (void)user;
    (void)tag;
}

static void ignore_name(void *user, const char *name)
{
    (void)user;
    IR_ASSERT(name[0] != '\0');
}

static void see_integer(void *user, int64_t value)
{
    (void)value;
    ++*(unsigned *)user;
}

static void see_natural(void *user, uint64_t value)
{
    (void)value;
    ++*(unsigned *)user;
}

static void see_boolean(void *user, bool value)
{
    (void)value;
    ++*(unsigned *)user;
}

static void see_real(void *user, double value)
{
    (void)value;
    ++*(unsigned *)user;
}

static void see_enumerator(void *user, const char *name, int64_t value)
{
    (void)name;
    (void)value;
    ++*(unsigned *)user;
}

static void read_all(unsigned *n, const void *p, size_t len)
{
    volatile uint8_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + ((const uint8_t *)p)[i]);
    }
    ++*n;
}

static void see_string(void *user, const void *chars, size_t n, unsigned width)
{
    read_all(user, chars, n * width);
}

static void see_bytes(void *user, struct irpc_span bytes)
{
    read_all(user, bytes.p, bytes.len);
}

static void see_uuid(void *user, const struct irpc_uuid *uuid)
{
    read_all(user, uuid, sizeof(*uuid));
}

static void see_context(void *user, const void *handle)
{
    read_all(user, handle, sizeof(struct irpc_context_handle));
}

static const struct ir_ndr_sink sink = {
    .begin_struct = ignore,
    .end_struct = ignore,
    .begin_array = ignore,
    .end_array = ignore,
    .begin_union = ignore_tag,
    .end_union = ignore,
    .field = ignore_name,
    .integer = see_integer,
    .natural = see_natural,
    .boolean = see_boolean,
    .real = see_real,
    .enumerator = see_enumerator,
    .string = see_string,
    .bytes = see_bytes,
    .uuid = see_uuid,
    .context = see_context,
    .null = ignore,
};

static enum irpc_status read_arguments(struct irpc_call *call, const void *manager, void *args)
{
    const struct irpc_ndr_unit *unit = ndr_all_v1_0_interface.unit;
    size_t most = call->server->ndr_limits.base_memory + (size_t)unit->k * stub_len +
                  call->server->options.max_out + CALL_MEMORY;

    (void)manager;
    IR_ASSERT(call->arena.used <= most);
    enum irpc_status st =
        ir_ndr_print(unit, irpc_call_opnum(call), IR_NDR_IN, args, &sink, &n_read);
    IR_ASSERT(st == IRPC_OK || st == IRPC_LIMIT || st == IRPC_INVALID_BOUND);
    return IRPC_OK;
}

static void start(struct rig *rig)
{
    static irpc_stub_dispatch_fn *dispatch[64];
    static struct irpc_server_stub stub;

    stub = (struct irpc_server_stub){&ndr_all_v1_0_interface, ndr_all_v1_0_interface.unit->n_ops,
                                     dispatch};
    IR_ASSERT(stub.n_dispatch <= IR_ARRAY_LEN(dispatch));
    for (uint32_t i = 0; i < stub.n_dispatch; i++) {
        dispatch[i] = read_arguments;
    }
    rig_init(rig, NULL);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &stub, &stub, NULL), IRPC_OK);
    rig_start(rig);
}

/* --- the walk --- */

struct walk {
    struct irpc_binding *binding;
    uint64_t rng;
    unsigned answered;
    unsigned refused;
};

static uint32_t random32(struct walk *w)
{
    w->rng = w->rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(w->rng >> 33);
}

/* Change a byte, or a word to something small or huge, up to three times. */
static void mutate(struct walk *w, uint8_t *p)
{
    for (uint32_t k = random32(w) % 3 + 1; k > 0; k--) {
        uint32_t at = random32(w) % STUB_LEN;
        uint32_t word = random32(w) % 8 == 0 ? UINT32_MAX : random32(w) % 5;
        if (random32(w) % 3 == 0) {
            p[at] = (uint8_t)random32(w);
        } else {
            memcpy(p + (at & ~3u), &word, sizeof(word));
        }
    }
}

static bool is_expected(uint32_t fault)
{
    return fault == 0x6f7 ||      /* the data is bad */
           fault == 0x6f4 ||      /* a [ref] pointer of the results is NULL: nobody set it */
           fault == 0x1c00001a || /* no such context handle */
           fault == 0x1c00001d;   /* a limit */
}

static bool call_is_answered(struct walk *w, uint16_t opnum, enum irpc_transfer transfer,
                             const uint8_t *p, uint32_t n)
{
    struct irpc_reply reply;

    stub_len = n;
    enum irpc_status st = irpc_binding_call_raw_in(w->binding, &ndr_all_v1_0_interface.id, transfer,
                                                   opnum, (struct irpc_span){p, n}, &reply);
    if (st == IRPC_OK) {
        w->answered++;
        return true;
    }
    w->refused++;
    if (!is_expected(irpc_binding_fault(w->binding))) {
        IR_FAIL("operation %u: %s, fault 0x%x", opnum, irpc_binding_error(w->binding),
                irpc_binding_fault(w->binding));
    }
    return false;
}

static void walk(struct walk *w, uint16_t opnum, enum irpc_transfer transfer)
{
    uint8_t here[STUB_LEN] = {0};
    uint8_t there[STUB_LEN];

    for (unsigned i = getenv("IR_CHECK_ALL") != NULL ? 4000 : 200; i > 0; i--) {
        uint32_t n = i % 8 == 0 ? random32(w) % STUB_LEN : STUB_LEN;
        memcpy(there, here, STUB_LEN);
        mutate(w, there);
        if (call_is_answered(w, opnum, transfer, there, n) && n == STUB_LEN) {
            memcpy(here, there, STUB_LEN);
        }
    }
}

IR_TEST(requests_of_every_type_are_survived)
{
    struct rig rig;
    struct walk w = {.rng = 3};
    const struct irpc_ndr_unit *unit = ndr_all_v1_0_interface.unit;

    start(&rig);
    w.binding = rig_bind(rig.tcp);
    for (uint32_t op = 0; op < unit->n_ops; op++) {
        walk(&w, (uint16_t)op, IRPC_TRANSFER_NDR20);
        walk(&w, (uint16_t)op, IRPC_TRANSFER_NDR64);
    }
    ir_test_note("%u operations, %u answers, %u refusals, %u values read", unit->n_ops, w.answered,
                 w.refused, n_read);
    IR_ASSERT(w.answered > (w.answered + w.refused) / 50);
    IR_ASSERT(n_read > 1000);
    irpc_binding_free(w.binding);
    rig_stop(&rig);
    irpc_server_free(rig.server);
}
