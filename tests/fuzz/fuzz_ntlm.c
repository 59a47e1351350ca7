/* Properties: tokens of somebody without the password never authenticate him, nor does a handshake
 * of which a byte was changed on its way; a changed fragment is refused. What is not changed
 * arrives. Input: what to do, then tokens (length, bytes) or changes (offset, difference). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/provider.h"
#include "base/cur.h"

#define ACCOUNT "User:a4f49c406510bdcab6824ee7c30fd852\n" /* "Password", [MS-NLMP] 4.2.2.1.2 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct irpc_auth_provider *servers[2]; /* the second takes anonymous clients */
static struct irpc_auth_provider *client;

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void set_up(void)
{
    char path[] = "/tmp/ir-fuzz-ntlm-XXXXXX";
    const struct irpc_auth_ntlm_client credentials = {
        .user = "User", .password = "Password", .allow_own_server = true};
    char why[256];
    int fd = mkstemp(path);

    require(fd >= 0 && write(fd, ACCOUNT, strlen(ACCOUNT)) == (ssize_t)strlen(ACCOUNT));
    for (unsigned i = 0; i < 2; i++) {
        const struct irpc_auth_ntlm_server options = {
            .accounts_file = path, .dns_name = "a.example", .allow_anonymous = i == 1};
        require(irpc_auth_ntlm_server_new(&options, &servers[i], why, sizeof(why)) == IRPC_OK);
    }
    require(irpc_auth_ntlm_client_new(&credentials, &client, why, sizeof(why)) == IRPC_OK);
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

/* Tokens of the input's to @auth. */
static void feed(struct ir_auth *auth, struct ir_cur *in, bool is_client, bool allow_anonymous)
{
    struct irpc_auth_identity who;
    struct ir_out out;
    enum irpc_status st = IRPC_OK;
    bool done = false;

    ir_out_init(&out, IR_AUTH_TOKEN_MAX, false);
    if (is_client) {
        require(auth->ops->step(auth, (struct irpc_span){NULL, 0}, &out, &done) == IRPC_OK);
    }
    while (st == IRPC_OK && ir_cur_left(in) > 2) {
        uint32_t len = ir_cur_u16(in);
        const size_t left = ir_cur_left(in);
        const struct irpc_span token = ir_cur_bytes(in, len < left ? len : (uint32_t)left);
        out.len = 0;
        st = auth->ops->step(auth, token, &out, &done);
    }
    if (done && !is_client) {
        auth->ops->identity(auth, &who);
        require(allow_anonymous && who.anonymous && who.principal[0] == '\0');
    }
    ir_out_deinit(&out);
    auth->ops->free(auth);
}

/* The input's changes to @token; whether it is another then. */
static bool change(struct ir_cur *in, uint8_t *token, size_t len)
{
    uint8_t before[2048];

    require(len > 0 && len <= sizeof(before));
    memcpy(before, token, len);
    while (ir_cur_left(in) >= 3) {
        size_t at = ir_cur_u16(in) % len;
        token[at] ^= ir_cur_u8(in);
    }
    return memcmp(before, token, len) != 0;
}

static void carry(struct ir_auth *from, struct ir_auth *to, struct ir_cur *in)
{
    uint8_t bytes[64]; /* head 16, data 24, trailer 8, signature 16 */
    const struct ir_auth_pdu pdu = {
        {bytes, 16}, bytes + 16, 24, {bytes + 40, 8}, .sign_header = true};

    memset(bytes, 'f', sizeof(bytes));
    require(from->ops->protect(from, &pdu, bytes + 48) == IRPC_OK);
    bool changed = change(in, bytes, sizeof(bytes));
    require((to->ops->unprotect(to, &pdu, (struct irpc_span){bytes + 48, 16}) == IRPC_OK) ==
            !changed);
}

/* A handshake, of which leg @at (3: the first fragment) is changed. */
static void meddle(struct ir_cur *in, unsigned at, unsigned level)
{
    struct ir_auth *ends[2] = {begin(client, IR_AUTH_INITIATE, level),
                               begin(servers[0], IR_AUTH_ACCEPT, level)};
    struct ir_out tokens[2];
    enum irpc_status st = IRPC_OK;
    bool changed = false;
    bool done = false;

    ir_out_init(&tokens[0], IR_AUTH_TOKEN_MAX, false);
    ir_out_init(&tokens[1], IR_AUTH_TOKEN_MAX, false);
    for (unsigned leg = 0; leg < 4 && st == IRPC_OK; leg++) {
        struct ir_out *last = &tokens[(leg + 1) % 2];
        struct ir_out *out = &tokens[leg % 2];
        struct ir_auth *who = ends[leg % 2];
        out->len = 0;
        st = who->ops->step(who, (struct irpc_span){last->base, last->len}, out, &done);
        if (st == IRPC_OK && leg == at && leg < 3) {
            changed = change(in, out->base, out->len);
        }
    }
    require((st == IRPC_OK) == !changed);
    if (st == IRPC_OK && level >= IRPC_AUTH_LEVEL_PACKET) {
        carry(ends[level % 2], ends[1 - level % 2], in);
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

    if (client == NULL) {
        set_up();
    }
    if ((what & 4) != 0) {
        meddle(&in, what >> 3 & 3, level);
    } else if ((what & 8) != 0) {
        feed(begin(client, IR_AUTH_INITIATE, level), &in, true, false);
    } else {
        unsigned anonymous = what >> 4 & 1;
        feed(begin(servers[anonymous], IR_AUTH_ACCEPT, level), &in, false, anonymous != 0);
    }
    return 0;
}
