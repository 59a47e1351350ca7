/*
 * Servers that are one service: connections that somebody else accepted, groups that name their
 * owner, a client that is handed to the owner of its group. Two servers with a thread each stand
 * for two processes.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "server/adopt.h"

#define BIND_HEAD "05 00 0b 03 10000000 4800 0000 01000000 d016 d016 "
/* The management interface, NDR 2.0. */
#define BIND_TAIL                                                    \
    "01 000000 0000 01 00 80bda8af8a7dc911bef408002b102989 01000000" \
    "045d888aeb1cc9119fe808002b104860 02000000"

struct part {
    struct rig rig;
    struct part *other; /* gets who belongs to it; NULL: nobody does */
    struct ir_note note;
    atomic_uint asked;
    atomic_uint noted; /* asked while the note named the client */
};

struct passed {
    struct irpc_server *server;
    int fd;
    size_t len;
    uint8_t bytes[128];
};

static int listener;

static void adopt(void *user)
{
    struct passed *p = user;

    IR_ASSERT_EQ(ir_server_adopt(p->server, 0, p->fd, p->bytes, p->len), IRPC_OK);
    free(p);
}

static void pass(struct part *to, int fd, const uint8_t *bytes, size_t len)
{
    struct passed *p = calloc(1, sizeof(*p));

    IR_ASSERT(p != NULL && len <= sizeof(p->bytes));
    p->server = to->rig.server;
    p->fd = fd;
    p->len = len;
    if (len > 0) {
        memcpy(p->bytes, bytes, len);
    }
    IR_ASSERT_EQ(irpc_server_post(to->rig.server, adopt, p), IRPC_OK);
}

static bool on_foreign(void *user, uint32_t group, unsigned port, int fd, const uint8_t *bytes,
                       size_t len)
{
    static const uint8_t localhost[4] = {127, 0, 0, 1};
    struct part *part = user;

    IR_ASSERT_EQ(port, 0);
    IR_ASSERT(group != 0);
    part->asked++;
    part->noted += part->note.connection != 0 && part->note.family == AF_INET &&
                   memcmp(part->note.bytes, localhost, 4) == 0;
    if (part->other == NULL) {
        return false;
    }
    pass(part->other, dup(fd), bytes, len);
    return true;
}

static void begin(struct part *part, uint8_t owner)
{
    IR_ASSERT_EQ(irpc_server_new(NULL, &part->rig.server), IRPC_OK);
    IR_ASSERT_EQ(ir_server_announce(part->rig.server, listener, NULL), IRPC_OK);
    ir_server_own_groups(part->rig.server, owner, on_foreign, part);
    ir_server_set_note(part->rig.server, &part->note);
    rig_start(&part->rig);
}

static void end(struct part *part)
{
    rig_stop(&part->rig);
    IR_ASSERT_EQ(part->note.connection, 0);
    irpc_server_free(part->rig.server);
}

static void listen_somewhere(struct sockaddr_in *at)
{
    socklen_t len = sizeof(*at);

    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    IR_ASSERT_EQ(bind(listener, (struct sockaddr *)at, sizeof(*at)), 0);
    IR_ASSERT_EQ(listen(listener, 8), 0);
    IR_ASSERT_EQ(getsockname(listener, (struct sockaddr *)at, &len), 0);
}

/* A new connection that @part serves; its client's end. */
static int connect_to(struct part *part, const struct sockaddr_in *at)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    IR_ASSERT_EQ(connect(fd, (const struct sockaddr *)at, sizeof(*at)), 0);
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    IR_ASSERT(accepted >= 0);
    pass(part, accepted, NULL, 0);
    return fd;
}

/* Bind in @group, in two pieces of which the first has @cut bytes. Return: the PDU type of the
 * answer, 0 if there is none; *@ret_group: its group. */
static uint8_t bind_in(int fd, uint32_t group, size_t cut, uint32_t *ret_group)
{
    char text[400];
    uint8_t answer[256];
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    snprintf(text, sizeof(text), BIND_HEAD "%08x " BIND_TAIL, __builtin_bswap32(group));
    struct ir_bytes pdu = IR_HEX(text);

    IR_ASSERT_EQ(pdu.n, 72);
    IR_ASSERT_EQ(send(fd, pdu.p, cut, MSG_NOSIGNAL), cut);
    usleep(30000); /* so that they are two reads */
    IR_ASSERT_EQ(send(fd, pdu.p + cut, pdu.n - cut, MSG_NOSIGNAL), pdu.n - cut);
    if (poll(&ready, 1, 5000) != 1) {
        return 0;
    }
    ssize_t n = recv(fd, answer, sizeof(answer), 0);
    if (n < 24) {
        return 0;
    }
    memcpy(ret_group, answer + 20, 4);
    *ret_group = le32toh(*ret_group);
    return answer[2];
}

IR_TEST(an_accepted_connection_is_served_by_who_adopts_it)
{
    struct part a = {0};
    struct sockaddr_in at;
    struct irpc_endpoint endpoint;
    uint32_t group = 0;

    listen_somewhere(&at);
    begin(&a, 7);
    IR_ASSERT(irpc_server_endpoint(a.rig.server, 0, &endpoint));
    IR_ASSERT_EQ(atoi(endpoint.endpoint), ntohs(at.sin_port));
    int fd = connect_to(&a, &at);
    IR_ASSERT_EQ(bind_in(fd, 0, 16, &group), 12);
    IR_ASSERT_EQ(group >> 24, 7);
    IR_ASSERT_EQ(a.asked, 0);
    close(fd);
    end(&a);
    close(listener);
}

IR_TEST(a_client_gets_to_the_owner_of_its_group)
{
    struct part a = {0};
    struct part b = {.other = &a};
    struct sockaddr_in at;
    uint32_t group = 0;
    uint32_t again = 0;

    listen_somewhere(&at);
    begin(&a, 1);
    begin(&b, 2);
    int first = connect_to(&a, &at);
    IR_ASSERT_EQ(bind_in(first, 0, 8, &group), 12);
    for (size_t cut = 1; cut < 72; cut += 10) {
        int fd = connect_to(&b, &at);
        again = 0;
        IR_ASSERT_EQ(bind_in(fd, group, cut, &again), 12);
        IR_ASSERT_EQ(again, group);
        close(fd);
    }
    IR_ASSERT_EQ(b.asked, 8);
    IR_ASSERT_EQ(b.noted, 8);
    IR_ASSERT_EQ(a.asked, 0);
    close(first);
    end(&a);
    end(&b);
    close(listener);
}

IR_TEST(a_group_that_nobody_owns_is_refused_and_asked_about_once)
{
    struct part a = {0};
    struct part b = {.other = &a};
    struct sockaddr_in at;
    uint32_t group = 0;

    listen_somewhere(&at);
    begin(&a, 1);
    begin(&b, 2);
    int fd = connect_to(&a, &at); /* a has nobody to give it to */
    IR_ASSERT_EQ(bind_in(fd, 0x05000001, 40, &group), 13);
    IR_ASSERT_EQ(a.asked, 1);
    close(fd);
    fd = connect_to(&b, &at); /* b gives it to a, which does not give it on */
    IR_ASSERT_EQ(bind_in(fd, 0x05000001, 40, &group), 13);
    IR_ASSERT_EQ(a.asked, 1);
    IR_ASSERT_EQ(b.asked, 1);
    close(fd);
    end(&a);
    end(&b);
    close(listener);
}
