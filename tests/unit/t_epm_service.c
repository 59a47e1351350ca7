/* The operations of the endpoint mapper: when other processes are told that the map has changed. */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "epm.h"
#include "epm/methods.h"
#include "rig.h"

static atomic_uint published;

static void publish(void *user)
{
    (void)user;
    atomic_fetch_add(&published, 1);
}

static bool anybody(void *user, uid_t uid, gid_t gid)
{
    (void)user;
    (void)uid;
    (void)gid;
    return true;
}

static void no_program(void *user, pid_t pid, char name[IR_EPM_PROGRAM_MAX])
{
    (void)user;
    (void)pid;
    name[0] = '\0';
}

union tower {
    twr_t twr;
    uint8_t bytes[sizeof(twr_t) + 100];
};

/* An entry of some interface at port @port. */
static ept_entry_t entry_at(union tower *tower, unsigned port)
{
    char text[400];

    (void)snprintf(text, sizeof(text),
                   "0500"
                   "1300 0d 0a000000000000000000000000000000 0100 0200 0000"
                   "1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000"
                   "0100 0b 0200 0000"
                   "0100 07 0200 %04x"
                   "0100 09 0400 00000000",
                   port);
    struct ir_bytes b = IR_HEX(text);
    memcpy(tower->twr.tower_octet_string, b.p, b.n);
    tower->twr.tower_length = (uint32_t)b.n;
    return (ept_entry_t){.tower = &tower->twr};
}

/* Status of an insert, or of a delete, of @n entries. */
static uint32_t change(struct irpc_binding *mapper, bool insert, ept_entry_t *entries, uint32_t n)
{
    uint32_t status = 0;
    enum irpc_status st = insert ? epm_ept_insert(mapper, n, entries, 0, &status)
                                 : epm_ept_delete(mapper, n, entries, &status);

    if (st != IRPC_OK) {
        IR_FAIL("%s", irpc_binding_error(mapper));
    }
    return status;
}

/* Work for everybody is made by who may change the map, and has changed it. check: L14 E09 */
IR_TEST(only_changes_are_published)
{
    const struct ir_epm_service_options options = {.limits = {.entries = 3, .entries_per_owner = 2},
                                                   .may_register = anybody,
                                                   .program = no_program,
                                                   .changed = publish};
    char folder[] = "/tmp/t_epm_service-XXXXXX";
    struct ir_epm_service *service = NULL;
    ept_entry_t entries[4];
    union tower towers[4];
    char binding[96];
    struct rig rig;
    uint32_t status = 0;

    for (unsigned i = 0; i < 4; i++) {
        entries[i] = entry_at(&towers[i], 1000 + i);
    }
    IR_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(binding, sizeof(binding), "ncalrpc:[%s/mapper]", folder);
    rig_init(&rig, NULL);
    IR_ASSERT_EQ(irpc_server_listen(rig.server, binding), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_service_new(&options, &service), IRPC_OK);
    IR_ASSERT_EQ(ir_epm_service_attach(service, rig.server), IRPC_OK);
    rig_start(&rig);
    struct irpc_binding *remote = rig_bind(rig.tcp);
    struct irpc_binding *local = rig_bind(binding);
    IR_ASSERT_EQ(change(remote, true, entries, 1), 5);
    IR_ASSERT_EQ(change(remote, false, entries, 1), 5);
    IR_ASSERT_EQ(epm_ept_mgmt_delete(remote, 0, NULL, &towers[0].twr, &status), IRPC_OK);
    IR_ASSERT_EQ(status, 5);
    IR_ASSERT_EQ(change(local, true, entries, 0), 0);
    IR_ASSERT(change(local, false, entries, 1) != 0);
    IR_ASSERT_EQ(published, 0);
    IR_ASSERT_EQ(change(local, true, entries, 1), 0);
    IR_ASSERT_EQ(published, 1);
    IR_ASSERT(change(local, true, entries + 1, 3) != 0); /* the first of them finds a place */
    IR_ASSERT_EQ(published, 2);
    IR_ASSERT(change(local, true, entries + 2, 2) != 0);
    IR_ASSERT_EQ(published, 2);
    IR_ASSERT_EQ(change(local, false, entries, 1), 0);
    IR_ASSERT_EQ(published, 3);
    irpc_binding_free(local); /* what is left goes with it */
    for (int i = 0; i < 2000 && published < 4; i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(published, 4);
    irpc_binding_free(remote);
    rig_stop(&rig);
    irpc_server_free(rig.server);
    ir_epm_service_free(service);
    IR_ASSERT_EQ(published, 4);
    IR_ASSERT_EQ(rmdir(folder), 0);
}
