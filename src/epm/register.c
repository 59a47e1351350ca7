/*
 * Publication: a thread that keeps a server's interfaces registered at an endpoint mapper.
 *
 * It works on a list of entries made on the server's thread, so it never touches the server. The
 * mapper forgets entries with their connection; the thread holds one, sees its end by poll(), and
 * registers again, at once and then ever more slowly up to every two seconds, on the same machine
 * up to every quarter of a second. [C706] appendix O,
 * [MS-RPCE] 3.1.2.5.1.1. Leaves to the mapper: who may register what.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ironrpc/epm.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/out.h"
#include "base/syntax.h"
#include "client/watch.h"
#include "epm.h"
#include "server/publisher.h"
#include "wire/tower.h"

#define RETRY_FIRST_MS 50
#define RETRY_MAX_MS 2000
#define RETRY_LOCAL_MAX_MS 250 /* on this machine the map has to be whole again within a second */
#define REFRESH_MS 240000      /* below the mapper's idle deadline, 15 minutes */
#define STEP_MS 1000u          /* no step of the thread blocks longer */

struct entry {
    union {
        twr_t tower;
        uint8_t bytes[sizeof(twr_t) + IR_TOWER_LEN_MAX];
    } memory;
    struct irpc_uuid object;
    char annotation[EPT_MAX_ANNOTATION_SIZE];
};

struct publisher {
    struct irpc_server *server;
    struct irpc_binding *mapper;
    struct entry *entries;
    uint32_t n;
    pthread_t thread;
    bool has_thread;
    int retry_max_ms;
    int stop_fd;
    atomic_bool stop;
    atomic_bool registered;
    char *mapper_text;
};

/* --- the entries: on the server's thread --- */

static bool fill_tower(struct entry *entry, const struct irpc_registration *registration,
                       const struct irpc_endpoint *endpoint)
{
    struct ir_tower tower = {
        .interface = registration->interface->id,
        .transfer = ir_syntax_ndr,
        .protseq = IR_PROTSEQ_NCACN_IP_TCP,
    };
    unsigned port = 0;
    unsigned ip[4] = {0};
    struct ir_out out =
        ir_out_fixed(entry->memory.tower.tower_octet_string, IR_TOWER_LEN_MAX, false);

    if (endpoint->transport == IRPC_TRANSPORT_LOCAL) {
        tower.protseq = IR_PROTSEQ_NCALRPC;
        tower.endpoint =
            (struct irpc_span){(const uint8_t *)endpoint->endpoint, strlen(endpoint->endpoint)};
    } else {
        if (sscanf(endpoint->endpoint, "%u", &port) != 1 || port == 0 || port > 65535) {
            return false;
        }
        /* An IPv6 address has no floor: 0.0.0.0 stands for "the host that you asked". */
        if (sscanf(endpoint->address, "%u.%u.%u.%u", &ip[0], &ip[1], &ip[2], &ip[3]) == 4) {
            for (int i = 0; i < 4; i++) {
                tower.ipv4[i] = (uint8_t)ip[i];
            }
        }
        tower.port = (uint16_t)port;
    }
    ir_tower_encode(&out, &tower);
    entry->memory.tower.tower_length = (uint32_t)out.len;
    return out.err == IRPC_OK;
}

static bool is_known(const struct publisher *p, const struct entry *entry)
{
    for (uint32_t i = 0; i < p->n; i++) {
        const struct entry *e = &p->entries[i];
        if (memcmp(e->memory.bytes, entry->memory.bytes, sizeof(e->memory.bytes)) == 0 &&
            irpc_uuid_compare(&e->object, &entry->object) == 0) {
            return true;
        }
    }
    return false;
}

static enum irpc_status add_entry(struct publisher *p, const struct irpc_registration *registration,
                                  const struct irpc_endpoint *endpoint)
{
    struct entry *entries = ir_realloc(p->entries, (p->n + 1) * sizeof(struct entry));

    if (entries == NULL) {
        return IRPC_NO_MEMORY;
    }
    p->entries = entries;
    struct entry *entry = &entries[p->n];
    memset(entry, 0, sizeof(*entry));
    entry->object = registration->object;
    (void)snprintf((char *)entry->annotation, sizeof(entry->annotation), "%s",
                   registration->annotation);
    if (fill_tower(entry, registration, endpoint) && !is_known(p, entry)) {
        p->n++;
    }
    return IRPC_OK;
}

static enum irpc_status collect(struct publisher *p)
{
    struct irpc_registration registration;
    struct irpc_endpoint endpoint;
    enum irpc_status st = IRPC_OK;

    for (unsigned i = 0; irpc_server_registration(p->server, i, &registration); i++) {
        for (unsigned j = 0; irpc_server_endpoint(p->server, j, &endpoint); j++) {
            bool offered = (registration.transports & (unsigned)endpoint.transport) != 0;
            if (!registration.hidden && offered && st == IRPC_OK) {
                st = add_entry(p, &registration, &endpoint);
            }
        }
    }
    return st;
}

/* --- the thread --- */

static enum irpc_status insert_all(struct publisher *p, uint32_t *ret_status)
{
    enum irpc_status st = IRPC_OK;

    *ret_status = 0;
    for (uint32_t i = 0; i < p->n && st == IRPC_OK && *ret_status == 0; i++) {
        ept_entry_t entry = {.object = p->entries[i].object, .tower = &p->entries[i].memory.tower};
        memcpy(entry.annotation, p->entries[i].annotation, sizeof(entry.annotation));
        /* Without "replace": each endpoint of a protocol sequence is an entry of its own, and so
         * are those of another process; what is out of date went with its connection. */
        st = epm_ept_insert(p->mapper, 1, &entry, 0, ret_status);
        if (atomic_load(&p->stop)) {
            return IRPC_CANCELLED;
        }
    }
    return st;
}

/* Until @timeout_ms have passed or stop. False: stop. */
static bool pause_for(struct publisher *p, int timeout_ms)
{
    struct pollfd pfd = {.fd = p->stop_fd, .events = POLLIN};

    while (poll(&pfd, 1, timeout_ms) < 0 && errno == EINTR) {
    }
    return !atomic_load(&p->stop);
}

/* Registered: wait. True when it is time to say so again, over the same connection, which would
 * be closed as idle otherwise; false when the connection ended, or stop. */
static bool stays(struct publisher *p)
{
    struct pollfd fds[2] = {{.fd = p->stop_fd, .events = POLLIN},
                            {.fd = ir_binding_fd(p->mapper), .events = POLLIN}};
    int n;

    do {
        n = poll(fds, 2, REFRESH_MS);
    } while (n < 0 && errno == EINTR);
    return n == 0 && !atomic_load(&p->stop);
}

static void log_failure(const struct publisher *p, enum irpc_status st, uint32_t status,
                        bool *logged)
{
    if (*logged || st == IRPC_CANCELLED) {
        return;
    }
    *logged = true;
    ir_log(IRPC_LOG_WARNING, "epm", "mapper=%s status=%s mapper_status=0x%08x error=\"%s\"",
           p->mapper_text, irpc_status_name(st), status,
           st != IRPC_OK ? irpc_binding_error(p->mapper)
                         : "the mapper refused; it takes root, its own user, and "
                           "members of its register_group");
}

static void *run(void *arg)
{
    struct publisher *p = arg;
    int retry_ms = RETRY_FIRST_MS;
    bool logged = false;
    bool on = true;

    while (on) {
        uint32_t status = 0;
        enum irpc_status st = insert_all(p, &status);
        if (st == IRPC_OK && status == 0) {
            ir_log(IRPC_LOG_INFO, "epm", "mapper=%s registered=%u", p->mapper_text, p->n);
            atomic_store(&p->registered, true);
            logged = false;
            retry_ms = RETRY_FIRST_MS;
            if (stays(p)) {
                continue;
            }
            on = !atomic_load(&p->stop);
            atomic_store(&p->registered, false);
        } else {
            log_failure(p, st, status, &logged);
        }
        irpc_binding_disconnect(p->mapper);
        if (on) {
            on = pause_for(p, retry_ms);
            retry_ms = retry_ms * 2 > p->retry_max_ms ? p->retry_max_ms : retry_ms * 2;
        }
    }
    return NULL;
}

/* --- life --- */

static void stop_publisher(void *publisher)
{
    struct publisher *p = publisher;
    uint64_t one = 1;

    atomic_store(&p->stop, true);
    if (p->has_thread) {
        while (write(p->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
        }
        pthread_join(p->thread, NULL);
    }
    if (p->stop_fd >= 0) {
        close(p->stop_fd);
    }
    irpc_binding_free(p->mapper);
    ir_free(p->mapper_text);
    ir_free(p->entries);
    ir_free(p);
}

static enum irpc_status start_publisher(struct publisher *p, const char *mapper)
{
    const struct irpc_binding_options options = {
        .connect_ms = STEP_MS,
        .call_ms = STEP_MS,
        .runtime_dir = ir_server_runtime_dir(p->server),
    };

    bool local = strncmp(mapper, "ncalrpc:", 8) == 0;

    p->retry_max_ms = local ? RETRY_LOCAL_MAX_MS : RETRY_MAX_MS;
    p->mapper_text = ir_strndup(mapper, strlen(mapper));
    if (p->mapper_text == NULL) {
        return IRPC_NO_MEMORY;
    }
    enum irpc_status st = irpc_binding_new(mapper, &options, &p->mapper);
    if (st != IRPC_OK) {
        return st;
    }
    p->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (p->stop_fd < 0) {
        return IRPC_IO;
    }
    st = collect(p);
    if (st != IRPC_OK) {
        return st;
    }
    if (pthread_create(&p->thread, NULL, run, p) != 0) {
        return IRPC_NO_MEMORY;
    }
    p->has_thread = true;
    return IRPC_OK;
}

enum irpc_status irpc_server_publish(struct irpc_server *server, const char *mapper)
{
    struct publisher *p = ir_calloc(1, sizeof(*p));

    irpc_server_unpublish(server);
    if (p == NULL) {
        return IRPC_NO_MEMORY;
    }
    p->server = server;
    p->stop_fd = -1;
    enum irpc_status st = start_publisher(p, mapper != NULL ? mapper : "ncalrpc:[epmapper]");
    if (st != IRPC_OK) {
        stop_publisher(p);
        return ir_server_fail(server, st, "cannot register at the endpoint mapper %s: %s",
                              mapper != NULL ? mapper : "ncalrpc:[epmapper]", irpc_status_text(st));
    }
    ir_server_set_publisher(server, p, stop_publisher);
    return IRPC_OK;
}

void irpc_server_unpublish(struct irpc_server *server)
{
    void *publisher = ir_server_publisher(server);

    if (publisher != NULL) {
        ir_server_set_publisher(server, NULL, NULL);
        stop_publisher(publisher);
    }
}

bool irpc_server_is_published(const struct irpc_server *server)
{
    struct publisher *p = ir_server_publisher(server);

    return p != NULL && atomic_load(&p->registered);
}
