/*
 * Hostile stub data against a server: recorded requests of Windows, changed, and requests found by
 * a random walk from zeros, for every interface that is at hand. Each is answered, with a response
 * or, whatever is wrong with it, with RPC_X_BAD_STUB_DATA (a context handle that is not ours: with
 * nca_s_fault_context_mismatch); a call takes no more memory than its
 * request allows; the connection goes on. check: N18 E10. IR_CHECK_ALL makes the walks long.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/out.h"
#include "epm.h"
#include "rig.h"
#include "robust.h"
#include "rpcecho.h"
#include "server/internal.h"
#include "t_ndr.h"

#define BAD_STUB_DATA 0x6F7u
#define OP_RANGE 0x1C010002u
#define CONTEXT_MISMATCH 0x1C00001Au /* what a context handle that is not ours gets */
#define STUB_MAX 5816u               /* of one fragment over TCP */
#define WALK_LEN 192u

struct target {
    struct rig rig;
    const struct irpc_interface *interface;
    irpc_stub_dispatch_fn **dispatch; /* NULL: generated ones */
    struct irpc_server_stub stub;
    int fd[2]; /* NDR 2.0, NDR64 */
    unsigned sent, answered, refused, unanswerable;
};

/* The request that is being served, and whether its manager ran: one at a time. */
static atomic_size_t stub_len;
static atomic_bool ran;

/* A manager of any operation. */
static enum irpc_status do_nothing(struct irpc_call *call, const void *manager, void *args)
{
    const struct irpc_server *server = call->server;
    size_t bound = server->ndr_limits.base_memory + server->options.max_out +
                   (size_t)call->iface->stub->interface->unit->k * stub_len;

    (void)manager;
    (void)args;
    IR_ASSERT(call->arena.used <= bound);
    ran = true;
    return IRPC_OK;
}

static void put_id(uint8_t *p, const struct irpc_syntax_id *id)
{
    ir_put_u32(p, id->uuid.time_low, false);
    ir_put_u16(p + 4, id->uuid.time_mid, false);
    ir_put_u16(p + 6, id->uuid.time_hi_and_version, false);
    memcpy(p + 8, &id->uuid.clock_seq_hi_and_reserved, 8);
    ir_put_u16(p + 16, id->major, false);
    ir_put_u16(p + 18, id->minor, false);
}

/* Reads one PDU into @pdu[6000]; its type. */
static uint8_t get_pdu(int fd, uint8_t *pdu)
{
    size_t n = 16;

    for (size_t have = 0; have < n;) {
        ssize_t r = recv(fd, pdu + have, n - have, 0);
        IR_ASSERT(r > 0); /* the connection goes on */
        have += (size_t)r;
        if (have == 16) {
            n = (size_t)pdu[8] | (size_t)pdu[9] << 8;
            IR_ASSERT(n >= 16 && n <= 6000);
        }
    }
    return pdu[2];
}

static int dial(const struct target *t, int syntax)
{
    struct ir_bytes bind =
        syntax == IRPC_NDR64
            ? IR_HEX("05000b0310000000480000000100000000d000d0000000000100000000000100"
                     "0000000000000000000000000000000000000000"
                     "33057171babe37498319b5dbef9ccc3601000000")
            : IR_HEX("05000b0310000000480000000100000000d000d0000000000100000000000100"
                     "0000000000000000000000000000000000000000"
                     "045d888aeb1cc9119fe808002b10486002000000");
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(t->rig.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint8_t pdu[6000];

    memcpy(pdu, bind.p, bind.n);
    put_id(pdu + 32, &t->interface->id);
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    IR_ASSERT_EQ(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    IR_ASSERT_EQ(send(fd, pdu, bind.n, MSG_NOSIGNAL), bind.n);
    IR_ASSERT_EQ(get_pdu(fd, pdu), 12);
    return fd;
}

static void open_stub(struct target *t, const struct irpc_server_stub *stub, const void *manager)
{
    t->interface = stub->interface;
    rig_init(&t->rig, NULL);
    IR_ASSERT_EQ(irpc_server_register(t->rig.server, stub, manager, NULL), IRPC_OK);
    rig_start(&t->rig);
    t->fd[0] = dial(t, IRPC_NDR20);
    t->fd[1] = dial(t, IRPC_NDR64);
}

/* A server of @interface, whose managers do nothing. */
static void open_target(struct target *t, const struct irpc_interface *interface)
{
    t->dispatch = calloc(interface->unit->n_ops + 1, sizeof(t->dispatch[0]));
    for (unsigned i = 0; i < interface->unit->n_ops; i++) {
        bool absent = (interface->unit->ops[i].flags & IRPC_NDR_OP_ABSENT) != 0;
        t->dispatch[i] = absent ? NULL : do_nothing;
    }
    t->stub = (struct irpc_server_stub){interface, interface->unit->n_ops, t->dispatch};
    open_stub(t, &t->stub, t);
}

static void close_target(struct target *t)
{
    close(t->fd[0]);
    close(t->fd[1]);
    rig_stop(&t->rig);
    irpc_server_free(t->rig.server);
    free(t->dispatch);
}

/* The status of the fault that answers, 0: a response. */
static uint32_t get_reply(int fd)
{
    uint8_t pdu[6000];

    for (;;) {
        uint8_t type = get_pdu(fd, pdu);
        if (type == 3) {
            return (uint32_t)pdu[24] | (uint32_t)pdu[25] << 8 | (uint32_t)pdu[26] << 16 |
                   (uint32_t)pdu[27] << 24;
        }
        IR_ASSERT_EQ(type, 2);
        if ((pdu[3] & 2) != 0) {
            return 0;
        }
    }
}

/* True: its manager ran. */
static bool request(struct target *t, uint32_t op, int syntax, bool big, const uint8_t *stub,
                    size_t n)
{
    uint8_t pdu[24 + STUB_MAX] = {5, 0, 0, 3, big ? 0 : 0x10};

    ir_put_u16(pdu + 8, (uint16_t)(24 + n), big);
    ir_put_u32(pdu + 12, 7, big);
    ir_put_u16(pdu + 22, (uint16_t)op, big);
    memcpy(pdu + 24, stub, n);
    stub_len = n;
    ran = false;
    IR_ASSERT_EQ(send(t->fd[syntax == IRPC_NDR64], pdu, 24 + n, MSG_NOSIGNAL), 24 + n);
    uint32_t fault = get_reply(t->fd[syntax == IRPC_NDR64]);
    t->sent++;
    if (fault == 0) {
        t->answered++;
    } else if (ran) { /* what the manager left cannot be sent: a NULL [ref] pointer */
        t->unanswerable++;
    } else {
        if (fault != BAD_STUB_DATA && fault != CONTEXT_MISMATCH) {
            IR_FAIL("fault 0x%x, operation %u", fault, op);
        }
        t->refused++;
    }
    return fault == 0 || ran;
}

/* --- recorded buffers --- */

static void change_recorded(struct target *total, const char *path, uint64_t *rng)
{
    struct target t = {0};
    char *json = read_file(path);
    char *at = json;
    struct ndr_case c = ndr_open(next(&at, "\"idl\":"));
    uint8_t *changed = malloc(STUB_MAX);

    open_target(&t, ir_idl_unit_interface(c.idl, 0));
    for (char *name; (name = next(&at, "\"syntax\":")) != NULL;) {
        int syntax = strcmp(name, "ndr64") == 0 ? IRPC_NDR64 : IRPC_NDR20;
        bool is_request = strcmp(next(&at, "\"pdu\":"), "request") == 0;
        struct ir_bytes one = IR_HEX(next(&at, "\"hex\":"));
        for (unsigned i = scale(60, 5000); is_request && one.n <= STUB_MAX && i > 0; i--) {
            memcpy(changed, one.p, one.n);
            mutate(changed, one.n, rng);
            size_t n = random32(rng) % 4 == 0 ? random32(rng) % (one.n + 1) : one.n;
            (void)request(&t, random32(rng) % c.unit->n_ops, syntax, random32(rng) % 8 == 0,
                          changed, n);
        }
    }
    close_target(&t);
    total->sent += t.sent;
    total->answered += t.answered;
    total->refused += t.refused;
    total->unanswerable += t.unanswerable;
    free(changed);
    ndr_close(&c);
    free(json);
}

static void report(const struct target *t)
{
    ir_test_note("%u requests: %u answered, %u refused, %u whose results cannot be sent", t->sent,
                 t->answered, t->refused, t->unanswerable);
    IR_ASSERT(t->answered > t->sent / 50);
    IR_ASSERT(t->refused > t->sent / 50);
}

IR_TEST(changed_recordings_are_answered)
{
    struct target total = {0};
    const char *folder = shared("vectors/midl");
    DIR *dir = opendir(folder);
    uint64_t rng = 3;

    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[600];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".json") != NULL) {
            change_recorded(&total, path, &rng);
        }
    }
    closedir(dir);
    report(&total);
}

/* --- walks --- */

static void walk(struct target *t, unsigned n, uint64_t *rng)
{
    uint8_t here[WALK_LEN], there[WALK_LEN];

    for (uint32_t op = 0; op < t->interface->unit->n_ops; op++) {
        if ((t->interface->unit->ops[op].flags & IRPC_NDR_OP_ABSENT) != 0) {
            continue;
        }
        for (int syntax = 0; syntax < 2; syntax++) {
            memset(here, 0, sizeof(here));
            for (unsigned i = n; i > 0; i--) {
                memcpy(there, here, sizeof(here));
                mutate(there, WALK_LEN, rng);
                size_t len = i % 4 == 0 ? random32(rng) % WALK_LEN : WALK_LEN;
                if (request(t, op, syntax, false, there, len)) {
                    memcpy(here, there, sizeof(here));
                }
            }
        }
    }
}

IR_TEST(every_interface_answers_walks)
{
    struct target total = {0};
    char folder[256];
    uint64_t rng = 4;
    unsigned n = 0;

    snprintf(folder, sizeof(folder), "%s", shared("idl/ms"));
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct ir_idl_io io = {read_idl, folder};
        struct ir_idl_options options = {.io = &io, .dialect = IR_IDL_DIALECT_GO};
        struct ir_idl_unit *idl = NULL;
        if (strstr(entry->d_name, ".idl") == NULL ||
            ir_idl_compile(entry->d_name, &options, &idl) != IRPC_OK) {
            continue; /* the compiler's tests say why */
        }
        for (size_t i = 0; i < ir_idl_unit_n_interfaces(idl); i++) {
            struct target t = {0};
            open_target(&t, ir_idl_unit_interface(idl, i));
            walk(&t, scale(6, 100), &rng);
            close_target(&t);
            total.sent += t.sent;
            total.answered += t.answered;
            total.refused += t.refused;
            total.unanswerable += t.unanswerable;
            n++;
        }
        ir_idl_unit_free(idl);
    }
    closedir(dir);
    ir_test_note("%u interfaces", n);
    IR_ASSERT(n > 20);
    report(&total);
}

/* --- generated stubs --- */

static void walk_generated(const struct irpc_server_stub *stub, const void *manager)
{
    struct target t = {0};
    uint64_t rng = 5;

    open_stub(&t, stub, manager);
    for (uint32_t op = 0; op < stub->n_dispatch; op++) {
        uint8_t bytes[WALK_LEN] = {0};
        for (unsigned i = scale(200, 10000); i > 0; i--) {
            uint8_t pdu[24 + WALK_LEN] = {5, 0, 0, 3, 0x10};
            mutate(bytes, WALK_LEN, &rng);
            ir_put_u16(pdu + 8, sizeof(pdu), false);
            ir_put_u16(pdu + 22, (uint16_t)op, false);
            memcpy(pdu + 24, bytes, WALK_LEN);
            IR_ASSERT_EQ(send(t.fd[i % 2], pdu, sizeof(pdu), MSG_NOSIGNAL), sizeof(pdu));
            uint32_t fault = get_reply(t.fd[i % 2]);
            if (fault != BAD_STUB_DATA && fault != OP_RANGE && fault != CONTEXT_MISMATCH) {
                IR_FAIL("fault 0x%x, operation %u", fault, op);
            }
            t.refused += fault == BAD_STUB_DATA;
            t.unanswerable += fault == OP_RANGE; /* it decoded: there is no manager */
            if (fault == BAD_STUB_DATA && i % 3 != 0) {
                memset(bytes, 0, sizeof(bytes));
            }
        }
    }
    close_target(&t);
    ir_test_note("%u refused, %u decoded", t.refused, t.unanswerable);
    IR_ASSERT(t.refused > 100 && t.unanswerable > 100);
}

IR_TEST(generated_stubs_answer_walks)
{
    static const struct rpcecho_manager echo = {0};
    static const struct epm_manager map = {0};

    walk_generated(&rpcecho_v1_0_server, &echo);
    walk_generated(&epm_v3_0_server, &map);
}
