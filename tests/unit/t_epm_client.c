/* Publication at a mapper, look-ups, and bindings without an endpoint, against a small mapper. */
#include <stdlib.h>
#include <unistd.h>

#include "epm.h"
#include "rig.h"
#include "rpcecho.h"

/* --- a mapper with one list; on its server's thread --- */

struct row {
    struct irpc_uuid object;
    char annotation[64];
    uint32_t len;
    uint8_t tower[200];
};

static struct row rows[32];
static uint32_t n_rows;

static enum irpc_status insert(struct irpc_call *call, uint32_t num_ents, ept_entry_t *entries,
                               uint32_t replace, uint32_t *status)
{
    IR_ASSERT_EQ(irpc_call_peer(call)->uid, getuid());
    IR_ASSERT_EQ(replace, 0);
    for (uint32_t i = 0; i < num_ents; i++) {
        struct row *row = &rows[n_rows++];
        IR_ASSERT(n_rows <= 32 && entries[i].tower->tower_length <= sizeof(row->tower));
        row->object = entries[i].object;
        (void)snprintf(row->annotation, sizeof(row->annotation), "%s",
                       (const char *)entries[i].annotation);
        row->len = entries[i].tower->tower_length;
        memcpy(row->tower, entries[i].tower->tower_octet_string, row->len);
    }
    *status = 0;
    return IRPC_OK;
}

static uint8_t answer_interface; /* in which bits answers of ept_map differ from what was asked */

static twr_t *make_twr(struct irpc_call *call, const struct row *row)
{
    twr_t *twr = irpc_call_alloc(call, sizeof(*twr) + row->len);

    IR_ASSERT(twr != NULL);
    twr->tower_length = row->len;
    memcpy(twr->tower_octet_string, row->tower, row->len);
    return twr;
}

static enum irpc_status lookup(struct irpc_call *call, uint32_t inquiry_type,
                               struct irpc_uuid *object, struct irpc_syntax_id *interface_id,
                               uint32_t vers_option, ept_lookup_handle_t *entry_handle,
                               uint32_t max_ents, uint32_t *num_ents, ept_entry_t *entries,
                               uint32_t *status)
{
    (void)inquiry_type;
    (void)object;
    (void)interface_id;
    (void)vers_option;
    (void)entry_handle;
    for (uint32_t i = 0; i < n_rows && i < max_ents; i++) {
        entries[i].object = rows[i].object;
        entries[i].tower = make_twr(call, &rows[i]);
        memcpy(entries[i].annotation, rows[i].annotation, sizeof(entries[i].annotation));
        *num_ents = i + 1;
    }
    *status = 0;
    return IRPC_OK;
}

/* Bytes 2..22 are floor 1's interface; byte offset of floor 3's protocol tells the protocol. */
static enum irpc_status map(struct irpc_call *call, struct irpc_uuid *object, twr_t *map_tower,
                            ept_lookup_handle_t *entry_handle, uint32_t max_towers,
                            uint32_t *num_towers, twr_p_t *towers, uint32_t *status)
{
    (void)object;
    (void)entry_handle;
    *status = 0x16c9a0d6;
    for (uint32_t i = 0; i < n_rows && *num_towers < max_towers; i++) {
        if (memcmp(rows[i].tower + 4, map_tower->tower_octet_string + 4, 19) == 0 &&
            rows[i].tower[54] == map_tower->tower_octet_string[54] &&
            memcmp(rows[i].tower, map_tower->tower_octet_string, 2) == 0) {
            towers[*num_towers] = make_twr(call, &rows[i]);
            towers[(*num_towers)++]->tower_octet_string[5] ^= answer_interface;
            *status = 0;
        }
    }
    return IRPC_OK;
}

static const struct epm_manager mapper_manager = {
    .ept_insert = insert, .ept_lookup = lookup, .ept_map = map};

static enum irpc_status add_one(struct irpc_call *call, uint32_t in_data, uint32_t *out_data)
{
    (void)call;
    *out_data = in_data + 1;
    return IRPC_OK;
}

static const struct rpcecho_manager echo_manager = {.AddOne = add_one};

/* --- the two servers --- */

static char dir[] = "/tmp/ironrpc-test-XXXXXX";

static void start_mapper(struct rig *mapper)
{
    const struct irpc_server_options options = {.runtime_dir = dir, .name = "mapper"};

    n_rows = 0;
    rig_init(mapper, &options);
    IR_ASSERT_EQ(irpc_server_listen(mapper->server, "ncalrpc:[epmapper]"), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_register(mapper->server, &epm_v3_0_server, &mapper_manager, NULL),
                 IRPC_OK);
    rig_start(mapper);
}

static void stop(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
}

static void wait_published(const struct rig *rig, bool is)
{
    for (int i = 0; i < 3000 && irpc_server_is_published(rig->server) != is; i++) {
        usleep(1000);
    }
    IR_ASSERT_EQ(irpc_server_is_published(rig->server), is);
}

static void start_echo(struct rig *echo)
{
    const struct irpc_server_options options = {.runtime_dir = dir, .name = "echo"};
    const struct irpc_register_options registration = {.annotation = "an echo"};

    rig_init(echo, &options);
    IR_ASSERT_EQ(irpc_server_listen(echo->server, "ncalrpc:"), IRPC_OK);
    IR_ASSERT_EQ(
        irpc_server_register(echo->server, &rpcecho_v1_0_server, &echo_manager, &registration),
        IRPC_OK);
    IR_ASSERT_EQ(irpc_server_publish(echo->server, NULL), IRPC_OK);
    rig_start(echo);
}

static enum irpc_status collect(void *user, const struct irpc_epm_entry *entry)
{
    char *text = user;
    size_t len = strlen(text);

    IR_ASSERT_EQ(entry->interface.major, 1);
    (void)snprintf(text + len, 400 - len, "%.20s %s;", entry->string_binding, entry->annotation);
    return IRPC_OK;
}

IR_TEST(published_found_and_called)
{
    struct rig mapper;
    struct rig echo;
    uint32_t out = 0;
    char text[400] = "";

    IR_ASSERT(mkdtemp(dir) != NULL);
    start_echo(&echo); /* before there is a mapper */
    start_mapper(&mapper);
    wait_published(&echo, true);

    struct irpc_binding *map_binding = rig_bind(mapper.tcp);
    IR_ASSERT_EQ(irpc_epm_lookup(map_binding, collect, text), IRPC_OK);
    IR_ASSERT(strstr(text, "ncacn_ip_tcp:127.0.0 an echo;ncalrpc:[LRPC-") != NULL);
    text[0] = '\0';
    IR_ASSERT_EQ(
        irpc_epm_map(map_binding, &rpcecho_v1_0_interface.id, NULL, "ncacn_ip_tcp", collect, text),
        IRPC_OK);
    IR_ASSERT_STR(text, "ncacn_ip_tcp:127.0.0 ;");
    IR_ASSERT_EQ(
        irpc_epm_map(map_binding, &epm_v3_0_interface.id, NULL, "ncacn_ip_tcp", collect, text),
        IRPC_EPT_NOT_REGISTERED);
    irpc_binding_free(map_binding);

    const struct irpc_binding_options options = {.mapper_port = mapper.port, .runtime_dir = dir};
    struct irpc_binding *binding = NULL;
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:127.0.0.1", &options, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK);
    IR_ASSERT_STR(irpc_binding_endpoint(binding), echo.tcp);
    irpc_binding_free(binding);
    IR_ASSERT_EQ(irpc_binding_new("ncalrpc:", &options, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 2, &out), IRPC_OK);
    IR_ASSERT_EQ(out, 3);
    irpc_binding_free(binding);

    stop(&echo);
    stop(&mapper);
    IR_ASSERT_EQ(rmdir(dir), 0);
}

/* Where an answer leads is the host that was asked, and to what was asked for. check: E11 E12 */
IR_TEST(answers_that_lead_elsewhere)
{
    struct rig mapper;
    struct rig echo;
    struct irpc_binding *binding = NULL;
    uint32_t out = 0;

    IR_ASSERT(mkdtemp(dir) != NULL);
    start_mapper(&mapper);
    start_echo(&echo);
    wait_published(&echo, true);
    const struct irpc_binding_options options = {.mapper_port = mapper.port};
    for (uint32_t i = 0; i < n_rows; i++) { /* of floor 5: a host that is not ours to call */
        memcpy(rows[i].tower + rows[i].len - 4, "\xc0\x00\x02\x01", 4);
    }
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:127.0.0.1", &options, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK);
    IR_ASSERT_STR(irpc_binding_endpoint(binding), echo.tcp);
    irpc_binding_free(binding);
    answer_interface = 0xff; /* another one's endpoint */
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:127.0.0.1", &options, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_EPT_NOT_REGISTERED);
    irpc_binding_free(binding);
    answer_interface = 0;
    stop(&echo);
    stop(&mapper);
    IR_ASSERT_EQ(rmdir(dir), 0);
}

IR_TEST(registered_again_when_the_mapper_comes_back)
{
    struct rig mapper;
    struct rig echo;

    IR_ASSERT(mkdtemp(dir) != NULL);
    start_mapper(&mapper);
    start_echo(&echo);
    wait_published(&echo, true);
    IR_ASSERT_EQ(n_rows, 2);
    stop(&mapper);
    wait_published(&echo, false);
    start_mapper(&mapper);
    wait_published(&echo, true);
    IR_ASSERT_EQ(n_rows, 2);
    irpc_server_unpublish(echo.server);
    IR_ASSERT(!irpc_server_is_published(echo.server));
    stop(&mapper);
    stop(&echo);
    IR_ASSERT_EQ(rmdir(dir), 0);
}

IR_TEST(an_interface_that_nobody_registered)
{
    struct rig mapper;
    uint32_t out = 0;
    struct irpc_binding *binding = NULL;

    IR_ASSERT(mkdtemp(dir) != NULL);
    start_mapper(&mapper);
    const struct irpc_binding_options options = {.mapper_port = mapper.port};
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:127.0.0.1", &options, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_EPT_NOT_REGISTERED);
    IR_ASSERT(strstr(irpc_binding_error(binding), "60a15ec5") != NULL);
    irpc_binding_free(binding);
    stop(&mapper);
    IR_ASSERT_EQ(rmdir(dir), 0);
}

/* The server is back, at another port, and knows nothing of its client's association group. */
IR_TEST(found_again_where_it_comes_back)
{
    struct rig mapper;
    struct rig echo;
    uint32_t out = 0;
    struct irpc_binding *binding = NULL;

    IR_ASSERT(mkdtemp(dir) != NULL);
    start_mapper(&mapper);
    start_echo(&echo);
    wait_published(&echo, true);
    const struct irpc_binding_options options = {.mapper_port = mapper.port};
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:127.0.0.1", &options, &binding), IRPC_OK);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK);
    stop(&echo);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_CONNECTION_LOST);
    n_rows = 0;
    start_echo(&echo);
    wait_published(&echo, true);
    IR_ASSERT_EQ(rpcecho_AddOne(binding, 1, &out), IRPC_OK);
    IR_ASSERT_STR(irpc_binding_error(binding), "");
    IR_ASSERT_STR(irpc_binding_endpoint(binding), echo.tcp);
    irpc_binding_free(binding);
    stop(&echo);
    stop(&mapper);
    IR_ASSERT_EQ(rmdir(dir), 0);
}
