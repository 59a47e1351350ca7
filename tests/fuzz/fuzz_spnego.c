/* Properties: tokens of somebody without the password never authenticate him by NTLM; whatever is
 * changed on its way, if both ends are content then they have chosen what they would have without,
 * and fragments go both ways. Input: what to do, then tokens (length, bytes) or changes (offset,
 * difference). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/test_auth.h"
#include "base/cur.h"

#define ACCOUNT "User:a4f49c406510bdcab6824ee7c30fd852\n" /* "Password", [MS-NLMP] 4.2.2.1.2 */
#define LEGS_MAX 10u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct test_provider other;            /* in the place of Kerberos */
static struct irpc_auth_provider *servers[2]; /* the second has NTLM alone */
static struct irpc_auth_provider *client;

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void set_up(void)
{
    char path[] = "/tmp/ir-fuzz-spnego-XXXXXX";
    const struct irpc_auth_ntlm_client credentials = {
        .user = "User", .password = "Password", .allow_own_server = true};
    const struct irpc_auth_ntlm_server options = {.accounts_file = path, .dns_name = "a.example"};
    struct irpc_auth_provider *list[2] = {&other.base, NULL};
    char why[256];
    int fd = mkstemp(path);

    test_provider_init(&other);
    other.base.type = IRPC_AUTH_TYPE_KERBEROS;
    require(fd >= 0 && write(fd, ACCOUNT, strlen(ACCOUNT)) == (ssize_t)strlen(ACCOUNT));
    require(irpc_auth_ntlm_server_new(&options, &list[1], why, sizeof(why)) == IRPC_OK);
    require(irpc_auth_negotiate_new(list, 2, &servers[0]) == IRPC_OK);
    require(irpc_auth_negotiate_new(list + 1, 1, &servers[1]) == IRPC_OK);
    irpc_auth_provider_unref(list[1]);
    require(irpc_auth_ntlm_client_new(&credentials, &list[1], why, sizeof(why)) == IRPC_OK);
    require(irpc_auth_negotiate_new(list, 2, &client) == IRPC_OK);
    irpc_auth_provider_unref(list[1]);
    require(unlink(path) == 0 && close(fd) == 0);
}

static struct ir_auth *begin(struct irpc_auth_provider *provider, enum ir_auth_role role,
                             unsigned level)
{
    struct ir_auth *auth = NULL;
    const struct ir_auth_begin how = {
        .role = role, .level = (enum irpc_auth_level)level, .target = "host/a.example"};

    require(provider->ops->begin(provider, &how, &auth) == IRPC_OK);
    return auth;
}

static const char *package_of(const struct ir_auth *auth)
{
    struct irpc_auth_identity who;

    auth->ops->identity(auth, &who);
    return who.package;
}

/* Tokens of the input's to @auth. */
static void feed(struct ir_auth *auth, struct ir_cur *in, bool is_client)
{
    enum irpc_status st = IRPC_OK;
    struct ir_out out;
    bool done = false;

    ir_out_init(&out, IR_AUTH_TOKEN_MAX, false);
    if (is_client) {
        st = auth->ops->step(auth, (struct irpc_span){NULL, 0}, &out, &done);
    }
    while (st == IRPC_OK && !done && ir_cur_left(in) > 2) {
        uint32_t len = ir_cur_u16(in);
        const size_t left = ir_cur_left(in);
        const struct irpc_span token = ir_cur_bytes(in, len < left ? len : (uint32_t)left);
        out.len = 0;
        st = auth->ops->step(auth, token, &out, &done);
    }
    require(!done || strcmp(package_of(auth), "test") == 0);
    ir_out_deinit(&out);
    auth->ops->free(auth);
}

static void change(struct ir_cur *in, struct ir_out *token)
{
    while (token->len > 0 && ir_cur_left(in) >= 3) {
        size_t at = ir_cur_u16(in) % token->len;
        token->base[at] ^= ir_cur_u8(in);
    }
}

static void carry(struct ir_auth *from, struct ir_auth *to)
{
    uint8_t bytes[64]; /* head 16, data 24, trailer 8, signature 16 */
    const struct ir_auth_pdu pdu = {
        {bytes, 16}, bytes + 16, 24, {bytes + 40, 8}, .sign_header = true};

    memset(bytes, 'f', sizeof(bytes));
    require(from->ops->protect(from, &pdu, bytes + 48) == IRPC_OK);
    require(to->ops->unprotect(to, &pdu, (struct irpc_span){bytes + 48, 16}) == IRPC_OK);
}

/* A handshake, of which leg @at is changed. */
static void meddle(struct ir_cur *in, unsigned at, unsigned which, unsigned level)
{
    struct ir_auth *ends[2] = {begin(client, IR_AUTH_INITIATE, level),
                               begin(servers[which], IR_AUTH_ACCEPT, level)};
    struct ir_out tokens[2];
    enum irpc_status st = IRPC_OK;
    bool done[2] = {false, false};

    ir_out_init(&tokens[0], IR_AUTH_TOKEN_MAX, false);
    ir_out_init(&tokens[1], IR_AUTH_TOKEN_MAX, false);
    for (unsigned leg = 0; st == IRPC_OK && !(done[0] && done[1]); leg++) {
        struct ir_out *last = &tokens[(leg + 1) % 2];
        struct ir_out *out = &tokens[leg % 2];
        struct ir_auth *who = ends[leg % 2];
        require(leg < LEGS_MAX);
        out->len = 0;
        st = who->ops->step(who, (struct irpc_span){last->base, last->len}, out, &done[leg % 2]);
        if (leg == at) {
            change(in, out);
        }
    }
    if (st == IRPC_OK) {
        require(strcmp(package_of(ends[0]), which == 0 ? "test" : "ntlm") == 0);
        require(strcmp(package_of(ends[1]), which == 0 ? "test" : "ntlm") == 0);
        carry(ends[0], ends[1]);
        carry(ends[1], ends[0]);
    }
    for (unsigned i = 0; i < 2; i++) {
        ends[i]->ops->free(ends[i]);
        ir_out_deinit(&tokens[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t levels[] = {IRPC_AUTH_LEVEL_CONNECT, IRPC_AUTH_LEVEL_PACKET,
                                     IRPC_AUTH_LEVEL_INTEGRITY, IRPC_AUTH_LEVEL_PRIVACY};
    struct ir_cur in = ir_cur_init(data, n, false);
    unsigned what = ir_cur_u8(&in);
    unsigned level = levels[what & 3];
    unsigned which = what >> 4 & 1;

    if (client == NULL) {
        set_up();
    }
    if ((what & 4) != 0) {
        meddle(&in, what >> 5, which, level);
    } else if ((what & 8) != 0) {
        feed(begin(client, IR_AUTH_INITIATE, level), &in, true);
    } else {
        feed(begin(servers[which], IR_AUTH_ACCEPT, level), &in, false);
    }
    return 0;
}
