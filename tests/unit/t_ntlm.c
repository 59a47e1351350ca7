/* The NTLM provider: both roles with each other, and everything that must not work. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/accounts.h"
#include "auth/ntlm.h"
#include "base/alloc.h"
#include "ir_test.h"

/* NT hash of "Password", [MS-NLMP] 4.2.2.1.2 */
#define ACCOUNTS "# accounts\nUser:a4f49c406510bdcab6824ee7c30fd852\n"

static char *write_file(const char *text, mode_t mode)
{
    static char path[] = "/tmp/ir-accounts-XXXXXX";
    int fd;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    IR_ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    IR_ASSERT(fchmod(fd, mode) == 0 && close(fd) == 0);
    return path;
}

static struct irpc_auth_provider *new_server(struct irpc_auth_ntlm_server options)
{
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";
    char *path = write_file(ACCOUNTS, 0600);

    options.accounts_file = path;
    options.dns_name = "server.example.org";
    options.domain = "DOMAIN";
    enum irpc_status st = irpc_auth_ntlm_server_new(&options, &provider, why, sizeof(why));
    unlink(path);
    if (st != IRPC_OK) {
        IR_FAIL("%s", why);
    }
    return provider;
}

static struct irpc_auth_provider *new_client(const char *user, const char *password)
{
    struct irpc_auth_ntlm_client credentials = {
        .user = user, .domain = "anything", .password = password, .allow_own_server = true};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";

    if (irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why)) != IRPC_OK) {
        IR_FAIL("%s", why);
    }
    return provider;
}

/* Both ends of a handshake, and the tokens. */
struct rig {
    struct irpc_auth_provider *providers[2];
    struct ir_auth *client;
    struct ir_auth *server;
    struct ir_out tokens[3];
};

static struct rig rig_of(struct irpc_auth_provider *server, struct irpc_auth_provider *client,
                         enum irpc_auth_level level)
{
    struct rig rig = {.providers = {server, client}};
    struct ir_auth_begin begin = {.role = IR_AUTH_ACCEPT, .level = level, .target = ""};

    IR_ASSERT_EQ(server->ops->begin(server, &begin, &rig.server), IRPC_OK);
    begin.role = IR_AUTH_INITIATE;
    begin.target = "host/server.example.org";
    IR_ASSERT_EQ(client->ops->begin(client, &begin, &rig.client), IRPC_OK);
    for (unsigned i = 0; i < 3; i++) {
        ir_out_init(&rig.tokens[i], IR_AUTH_TOKEN_MAX, false);
    }
    return rig;
}

static void rig_free(struct rig *rig)
{
    rig->client->ops->free(rig->client);
    rig->server->ops->free(rig->server);
    for (unsigned i = 0; i < 3; i++) {
        ir_out_deinit(&rig->tokens[i]);
    }
    irpc_auth_provider_unref(rig->providers[0]);
    irpc_auth_provider_unref(rig->providers[1]);
}

static enum irpc_status leg(struct rig *rig, unsigned n, bool *ret_done)
{
    struct ir_auth *who = n % 2 == 0 ? rig->client : rig->server;
    struct irpc_span in = {NULL, 0};
    struct ir_out nothing = ir_out_fixed(NULL, 0, false);

    if (n > 0) {
        in = (struct irpc_span){rig->tokens[n - 1].base, rig->tokens[n - 1].len};
    }
    return who->ops->step(who, in, n < 3 ? &rig->tokens[n] : &nothing, ret_done);
}

/* All four legs; the status of the last. */
static enum irpc_status handshake(struct rig *rig)
{
    bool done = false;

    IR_ASSERT_EQ(leg(rig, 0, &done), IRPC_OK);
    IR_ASSERT(!done);
    IR_ASSERT_EQ(leg(rig, 1, &done), IRPC_OK);
    IR_ASSERT(!done);
    IR_ASSERT_EQ(leg(rig, 2, &done), IRPC_OK);
    IR_ASSERT(done);
    return leg(rig, 3, &done);
}

/* A fragment from @from to @to: whether it arrives. */
static enum irpc_status carry(struct ir_auth *from, struct ir_auth *to, bool sign_header,
                              int damage)
{
    uint8_t bytes[24 + 64 + 8 + 16];
    struct ir_auth_pdu pdu = {.head = {bytes, 24},
                              .data = bytes + 24,
                              .data_len = 64,
                              .trailer = {bytes + 88, 8},
                              .sign_header = sign_header};
    uint8_t *signature = bytes + 96;

    for (unsigned i = 0; i < 96; i++) {
        bytes[i] = (uint8_t)i;
    }
    IR_ASSERT_EQ(from->ops->protect(from, &pdu, signature), IRPC_OK);
    if (damage >= 0) {
        bytes[damage] ^= 1;
    }
    enum irpc_status st = to->ops->unprotect(to, &pdu, (struct irpc_span){signature, 16});
    if (st == IRPC_OK) {
        for (unsigned i = 0; i < 96; i++) {
            IR_ASSERT_EQ(bytes[i], i ^ ((int)i == damage ? 1u : 0u));
        }
    }
    return st;
}

IR_TEST(ntlm_authenticates_and_protects)
{
    static const enum irpc_auth_level levels[] = {IRPC_AUTH_LEVEL_CONNECT, IRPC_AUTH_LEVEL_PACKET,
                                                  IRPC_AUTH_LEVEL_INTEGRITY,
                                                  IRPC_AUTH_LEVEL_PRIVACY};

    for (unsigned i = 0; i < 4; i++) {
        struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){.check_target = true}),
                                new_client("uSER", "Password"), levels[i]);
        struct irpc_auth_identity who;
        IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
        rig.server->ops->identity(rig.server, &who);
        IR_ASSERT_STR(who.principal, "DOMAIN\\User");
        IR_ASSERT_STR(who.package, "ntlm");
        IR_ASSERT(!who.anonymous);
        for (unsigned n = 0; n < 3 && levels[i] >= IRPC_AUTH_LEVEL_PACKET; n++) {
            IR_ASSERT_EQ(carry(rig.client, rig.server, true, -1), IRPC_OK);
            IR_ASSERT_EQ(carry(rig.server, rig.client, false, -1), IRPC_OK);
        }
        struct irpc_span a = rig.client->ops->session_key(rig.client);
        struct irpc_span b = rig.server->ops->session_key(rig.server);
        IR_ASSERT_MEM(a.p, a.len, b.p, b.len);
        IR_ASSERT_EQ(a.len, 16);
        rig_free(&rig);
    }
}

/* check: A10 A12 A13: every byte of a fragment, head and trailer too, and of its signature */
IR_TEST(ntlm_notices_damage_anywhere)
{
    for (int at = 0; at < 112; at++) {
        bool sealed = at % 2 == 0;
        struct rig rig =
            rig_of(new_server((struct irpc_auth_ntlm_server){0}), new_client("User", "Password"),
                   sealed ? IRPC_AUTH_LEVEL_PRIVACY : IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
        IR_ASSERT_EQ(carry(rig.client, rig.server, false, at), IRPC_SEC_PKG_ERROR);
        /* and the context is dead */
        IR_ASSERT_EQ(carry(rig.client, rig.server, true, -1), IRPC_SEC_PKG_ERROR);
        rig_free(&rig);
    }
}

IR_TEST(ntlm_refuses_wrong_credentials_alike)
{
    static const char *const wrong[][2] = {
        {"User", "password"}, {"User", ""}, {"Nobody", "Password"}, {"User ", "Password"}};

    for (unsigned i = 0; i < IR_ARRAY_LEN(wrong); i++) {
        struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){0}),
                                new_client(wrong[i][0], wrong[i][1]), IRPC_AUTH_LEVEL_PRIVACY);
        IR_ASSERT_EQ(handshake(&rig), IRPC_ACCESS_DENIED);
        rig_free(&rig);
    }
}

/* check: T07: each byte of the last message */
IR_TEST(ntlm_notices_changed_messages)
{
    struct irpc_auth_provider *server = new_server((struct irpc_auth_ntlm_server){0});
    struct irpc_auth_provider *client = new_client("User", "Password");
    bool done = false;
    bool end = false;

    for (size_t at = 0; !end; at++) {
        struct rig rig = rig_of(irpc_auth_provider_ref(server), irpc_auth_provider_ref(client),
                                IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(leg(&rig, 0, &done), IRPC_OK);
        IR_ASSERT_EQ(leg(&rig, 1, &done), IRPC_OK);
        IR_ASSERT_EQ(leg(&rig, 2, &done), IRPC_OK);
        end = at == rig.tokens[2].len;
        if (!end) {
            rig.tokens[2].base[at] ^= 0x01;
            enum irpc_status st = leg(&rig, 3, &done);
            if (st == IRPC_OK) {
                IR_FAIL("byte %zu of AUTHENTICATE may be changed", at);
            }
        }
        rig_free(&rig);
    }
    irpc_auth_provider_unref(server);
    irpc_auth_provider_unref(client);
}

/* check: T07: somebody in the middle takes the key exchange out of NEGOTIATE */
IR_TEST(ntlm_notices_a_downgrade)
{
    bool done = false;
    struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){0}),
                            new_client("User", "Password"), IRPC_AUTH_LEVEL_INTEGRITY);

    IR_ASSERT_EQ(leg(&rig, 0, &done), IRPC_OK);
    rig.tokens[0].base[15] &= (uint8_t) ~(IR_NTLM_KEY_EXCH >> 24);
    IR_ASSERT_EQ(leg(&rig, 1, &done), IRPC_OK);
    IR_ASSERT_EQ(leg(&rig, 2, &done), IRPC_OK);
    IR_ASSERT_EQ(leg(&rig, 3, &done), IRPC_ACCESS_DENIED);
    rig_free(&rig);
}

/* A token cut anywhere, or of another kind, or once more, is refused. check: T01 T02 */
IR_TEST(ntlm_refuses_tokens_out_of_place)
{
    bool done = false;

    for (size_t len = 0; len < 64; len += 7) {
        struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){0}),
                                new_client("User", "Password"), IRPC_AUTH_LEVEL_CONNECT);
        IR_ASSERT_EQ(leg(&rig, 0, &done), IRPC_OK);
        IR_ASSERT_EQ(leg(&rig, 1, &done), IRPC_OK);
        IR_ASSERT_EQ(leg(&rig, 2, &done), IRPC_OK);
        rig.tokens[2].len = len;
        IR_ASSERT(leg(&rig, 3, &done) != IRPC_OK);
        rig_free(&rig);
    }
    struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){0}),
                            new_client("User", "Password"), IRPC_AUTH_LEVEL_CONNECT);
    IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
    IR_ASSERT_EQ(leg(&rig, 3, &done), IRPC_SEC_PKG_ERROR);
    rig_free(&rig);
}

/* check: A12: what was recorded is worth nothing to another context */
IR_TEST(ntlm_refuses_a_recorded_handshake)
{
    bool done = false;
    struct rig first = rig_of(new_server((struct irpc_auth_ntlm_server){0}),
                              new_client("User", "Password"), IRPC_AUTH_LEVEL_PRIVACY);
    struct rig second = rig_of(irpc_auth_provider_ref(first.providers[0]),
                               new_client("User", "Password"), IRPC_AUTH_LEVEL_PRIVACY);

    IR_ASSERT_EQ(handshake(&first), IRPC_OK);
    IR_ASSERT_EQ(leg(&second, 0, &done), IRPC_OK);
    second.tokens[0].len = 0;
    ir_out_bytes(&second.tokens[0], first.tokens[0].base, first.tokens[0].len);
    IR_ASSERT_EQ(leg(&second, 1, &done), IRPC_OK);
    ir_out_bytes(&second.tokens[2], first.tokens[2].base, first.tokens[2].len);
    IR_ASSERT_EQ(leg(&second, 3, &done), IRPC_ACCESS_DENIED);
    rig_free(&second);
    rig_free(&first);
}

/* check: A12: fragments twice, out of order, back to their sender, and in another session */
IR_TEST(ntlm_fragments_have_their_place)
{
    for (unsigned how = 0; how < 4; how++) {
        uint8_t bytes[2][48];
        struct ir_auth_pdu pdus[2];
        struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){0}),
                                new_client("User", "Password"), IRPC_AUTH_LEVEL_INTEGRITY);
        struct rig other = rig_of(irpc_auth_provider_ref(rig.providers[0]),
                                  new_client("User", "Password"), IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
        IR_ASSERT_EQ(handshake(&other), IRPC_OK);
        for (unsigned i = 0; i < 2; i++) {
            memset(bytes[i], 'x', sizeof(bytes[i]));
            pdus[i] = (struct ir_auth_pdu){
                {bytes[i], 8}, bytes[i] + 8, 16, {bytes[i] + 24, 8}, .sign_header = true};
            IR_ASSERT_EQ(rig.client->ops->protect(rig.client, &pdus[i], bytes[i] + 32), IRPC_OK);
        }
        struct ir_auth *to = how == 2 ? rig.client : how == 3 ? other.server : rig.server;
        unsigned which = how == 1 ? 1 : 0;
        const struct irpc_span signature = {bytes[which] + 32, 16};
        if (how == 0) {
            IR_ASSERT_EQ(to->ops->unprotect(to, &pdus[0], signature), IRPC_OK);
        }
        IR_ASSERT_EQ(to->ops->unprotect(to, &pdus[which], signature), IRPC_SEC_PKG_ERROR);
        rig_free(&other);
        rig_free(&rig);
    }
}

IR_TEST(ntlm_anonymous_is_a_choice)
{
    struct irpc_auth_identity who;
    struct rig rig = rig_of(new_server((struct irpc_auth_ntlm_server){0}), new_client("", ""),
                            IRPC_AUTH_LEVEL_PRIVACY);

    IR_ASSERT_EQ(handshake(&rig), IRPC_ACCESS_DENIED);
    rig_free(&rig);
    rig = rig_of(new_server((struct irpc_auth_ntlm_server){.allow_anonymous = true}),
                 new_client("", ""), IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
    rig.server->ops->identity(rig.server, &who);
    IR_ASSERT(who.anonymous);
    IR_ASSERT_STR(who.principal, "");
    IR_ASSERT_EQ(carry(rig.client, rig.server, true, -1), IRPC_OK);
    rig_free(&rig);
}

IR_TEST(ntlm_wrong_target_is_refused)
{
    struct irpc_auth_provider *server =
        new_server((struct irpc_auth_ntlm_server){.check_target = true});
    struct rig rig = rig_of(server, new_client("User", "Password"), IRPC_AUTH_LEVEL_CONNECT);
    struct ir_ntlm *client = ir_ntlm_of(rig.client);

    memcpy(client->target, "host/another", sizeof("host/another"));
    IR_ASSERT_EQ(handshake(&rig), IRPC_ACCESS_DENIED);
    rig_free(&rig);
}

IR_TEST(ntlm_does_not_answer_its_own_challenge)
{
    struct irpc_auth_ntlm_client credentials = {.user = "User", .password = "Password"};
    struct irpc_auth_provider *client = NULL;
    char why[256];
    bool done = false;

    IR_ASSERT_EQ(irpc_auth_ntlm_client_new(&credentials, &client, why, sizeof(why)), IRPC_OK);
    struct rig rig =
        rig_of(new_server((struct irpc_auth_ntlm_server){0}), client, IRPC_AUTH_LEVEL_CONNECT);
    IR_ASSERT_EQ(leg(&rig, 0, &done), IRPC_OK);
    IR_ASSERT_EQ(leg(&rig, 1, &done), IRPC_OK);
    IR_ASSERT_EQ(leg(&rig, 2, &done), IRPC_ACCESS_DENIED);
    rig_free(&rig);
}

static void assert_file(const char *text, mode_t mode, enum irpc_status want, const char *words)
{
    struct ir_accounts accounts = {.list = NULL};
    const char *reason = "";
    char why[512] = "";

    IR_ASSERT_EQ(ir_ntlm_crypto_load(&reason), IRPC_OK);
    char *path = write_file(text, mode);
    IR_ASSERT_EQ(ir_accounts_load(path, &accounts, why, sizeof(why)), want);
    unlink(path);
    if (strstr(why, words) == NULL) {
        IR_FAIL("'%s' does not say '%s'", why, words);
    }
    ir_accounts_deinit(&accounts);
}

IR_TEST(accounts_files_that_are_refused)
{
    char longest[400];

    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_file(ACCOUNTS, 0600, IRPC_OK, "");
    assert_file("", 0600, IRPC_OK, "");
    assert_file("x:A4F49C406510BDCAB6824EE7C30FD852", 0600, IRPC_OK, "");
    assert_file(ACCOUNTS, 0640, IRPC_ACCESS_DENIED, "chmod 600");
    assert_file("User\n", 0600, IRPC_INVALID_ARG, ":1: NAME:HASH");
    assert_file("# \n:a4f49c406510bdcab6824ee7c30fd852\n", 0600, IRPC_INVALID_ARG, ":2: NAME:HASH");
    assert_file("User:a4f49c406510bdcab6824ee7c30fd85\n", 0600, IRPC_INVALID_ARG, "NAME:HASH");
    assert_file("User:g4f49c406510bdcab6824ee7c30fd852\n", 0600, IRPC_INVALID_ARG, "NAME:HASH");
    assert_file(ACCOUNTS "uSER:a4f49c406510bdcab6824ee7c30fd852\n", 0600, IRPC_INVALID_ARG,
                "twice");
    assert_file("\xff:a4f49c406510bdcab6824ee7c30fd852\n", 0600, IRPC_INVALID_ARG, "UTF-8");
    assert_file(longest, 0600, IRPC_INVALID_ARG, "too long");
}

/* Whether @user with "Password" authenticates at @server. */
static enum irpc_status try_user(struct irpc_auth_provider *server, const char *user)
{
    struct rig rig = rig_of(irpc_auth_provider_ref(server), new_client(user, "Password"),
                            IRPC_AUTH_LEVEL_CONNECT);
    enum irpc_status st = handshake(&rig);

    rig_free(&rig);
    return st;
}

static void rewrite(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC);

    IR_ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    IR_ASSERT_EQ(close(fd), 0);
}

IR_TEST(accounts_are_read_again)
{
    char *path = write_file(ACCOUNTS, 0600);
    const struct irpc_auth_ntlm_server options = {.accounts_file = path, .dns_name = "a.example"};
    struct irpc_auth_provider *server = NULL;
    struct irpc_auth_provider *client = new_client("User", "Password");
    char why[256] = "";

    IR_ASSERT_EQ(irpc_auth_ntlm_server_new(&options, &server, why, sizeof(why)), IRPC_OK);
    IR_ASSERT_EQ(try_user(server, "User"), IRPC_OK);
    IR_ASSERT_EQ(try_user(server, "Other"), IRPC_ACCESS_DENIED);
    rewrite(path, "Other:a4f49c406510bdcab6824ee7c30fd852\n");
    IR_ASSERT_EQ(irpc_auth_provider_reload(server, why, sizeof(why)), IRPC_OK);
    IR_ASSERT_EQ(try_user(server, "User"), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(try_user(server, "Other"), IRPC_OK);
    rewrite(path, "Other\n");
    IR_ASSERT_EQ(irpc_auth_provider_reload(server, why, sizeof(why)), IRPC_INVALID_ARG);
    IR_ASSERT(strstr(why, ":1: NAME:HASH") != NULL);
    IR_ASSERT_EQ(try_user(server, "Other"), IRPC_OK);
    unlink(path);
    IR_ASSERT_EQ(irpc_auth_provider_reload(server, why, sizeof(why)), IRPC_ACCESS_DENIED);
    IR_ASSERT_EQ(irpc_auth_provider_reload(client, why, sizeof(why)), IRPC_OK); /* no file */
    irpc_auth_provider_unref(client);
    irpc_auth_provider_unref(server);
}

/* As many as there may be: the next is refused, not written so that no server takes the file. */
IR_TEST_TIMEOUT(accounts_have_a_limit, 60)
{
    const size_t line = sizeof("user00000:a4f49c406510bdcab6824ee7c30fd852\n") - 1;
    char *text = malloc(IR_ACCOUNTS_MAX * line + 1);
    char why[256] = "";

    IR_ASSERT(text != NULL);
    for (unsigned i = 0; i < IR_ACCOUNTS_MAX; i++) {
        (void)snprintf(text + i * line, line + 1, "user%05u:a4f49c406510bdcab6824ee7c30fd852\n", i);
    }
    char *path = write_file(text, 0600);
    free(text);
    IR_ASSERT_EQ(irpc_auth_set_account(path, "another", "x", why, sizeof(why)), IRPC_LIMIT);
    IR_ASSERT_EQ(irpc_auth_set_account(path, "USER00007", NULL, why, sizeof(why)), IRPC_OK);
    IR_ASSERT_EQ(irpc_auth_set_account(path, "another", "x", why, sizeof(why)), IRPC_OK);
    unlink(path);
}

static void assert_utf16(const char *text, bool upper, const char *want)
{
    struct ir_bytes bytes = IR_HEX(want);
    uint8_t *got = NULL;
    size_t len = 0;

    IR_ASSERT_EQ(ir_ntlm_to_utf16(text, upper, &got, &len), IRPC_OK);
    IR_ASSERT_MEM(got, len, bytes.p, bytes.n);
    ir_free(got);
}

IR_TEST(ntlm_text)
{
    static const char *const bad[] = {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xe4\xb8"};
    char back[16];
    uint8_t *got = NULL;
    size_t len = 0;

    assert_utf16("Az", true, "41005a00");
    assert_utf16("\xc3\xa4", true, "c400");
    assert_utf16("\xc3\xa4", false, "e400");
    assert_utf16("\xf0\x9f\x98\x80", false, "3dd800de");
    for (unsigned i = 0; i < IR_ARRAY_LEN(bad); i++) {
        IR_ASSERT_EQ(ir_ntlm_to_utf16(bad[i], false, &got, &len), IRPC_INVALID_ARG);
    }
    struct ir_bytes smile = IR_HEX("3dd800de e400 4100");
    IR_ASSERT(ir_ntlm_to_utf8((struct irpc_span){smile.p, smile.n}, back, sizeof(back)));
    IR_ASSERT_STR(back, "\xf0\x9f\x98\x80\xc3\xa4"
                        "A");
    struct ir_bytes broken = IR_HEX("3dd84100");
    IR_ASSERT(!ir_ntlm_to_utf8((struct irpc_span){broken.p, broken.n}, back, sizeof(back)));
    IR_ASSERT(!ir_ntlm_to_utf8((struct irpc_span){smile.p, smile.n}, back, 7));
    struct ir_bytes control = IR_HEX("0a00");
    IR_ASSERT(!ir_ntlm_to_utf8((struct irpc_span){control.p, control.n}, back, sizeof(back)));
}

/* What a sandboxed service needs for a name has been read before. */
IR_TEST(ntlm_text_in_a_sandbox)
{
    struct irpc_auth_provider *server = new_server((struct irpc_auth_ntlm_server){0});
    struct rlimit files;

    IR_ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    const struct rlimit none = {0, files.rlim_max};
    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_utf16("\xc3\xa4", true, "c400");
    IR_ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
    irpc_auth_provider_unref(server);
}

/* Strangers send tokens that we keep: not long ones, and not for long. check: T14 A11 */
IR_TEST(ntlm_keeps_little_of_strangers)
{
    struct irpc_auth_provider *server = new_server((struct irpc_auth_ntlm_server){0});
    static const char *const passwords[] = {"Password", "guess"};
    bool done = false;

    for (unsigned i = 0; i < 2; i++) {
        struct rig rig = rig_of(irpc_auth_provider_ref(server), new_client("User", passwords[i]),
                                IRPC_AUTH_LEVEL_CONNECT);
        const struct ir_ntlm *ntlm = ir_ntlm_of(rig.server);
        IR_ASSERT_EQ(handshake(&rig), i == 0 ? IRPC_OK : IRPC_ACCESS_DENIED);
        IR_ASSERT(ntlm->negotiate.base == NULL && ntlm->challenge.base == NULL);
        rig_free(&rig);
    }
    for (size_t len = 1024; len <= 1025; len++) {
        struct rig rig = rig_of(irpc_auth_provider_ref(server), new_client("User", "Password"),
                                IRPC_AUTH_LEVEL_CONNECT);
        IR_ASSERT_EQ(leg(&rig, 0, &done), IRPC_OK);
        ir_out_zero(&rig.tokens[0], len - rig.tokens[0].len);
        IR_ASSERT_EQ(leg(&rig, 1, &done), len == 1024 ? IRPC_OK : IRPC_SEC_PKG_ERROR);
        rig_free(&rig);
    }
    irpc_auth_provider_unref(server);
}

/* A handshake of which every allocation may fail. */
static bool handshake_under_pressure(void *arg)
{
    struct irpc_auth_provider *const *providers = arg;
    struct ir_auth *ends[2] = {NULL, NULL};
    struct ir_out tokens[2];
    bool done = false;
    enum irpc_status st = IRPC_OK;

    ir_out_init(&tokens[0], IR_AUTH_TOKEN_MAX, false);
    ir_out_init(&tokens[1], IR_AUTH_TOKEN_MAX, false);
    for (unsigned i = 0; i < 2 && st == IRPC_OK; i++) {
        struct ir_auth_begin begin = {.role = i == 0 ? IR_AUTH_INITIATE : IR_AUTH_ACCEPT,
                                      .level = IRPC_AUTH_LEVEL_PACKET,
                                      .target = "host/server"};
        st = providers[i]->ops->begin(providers[i], &begin, &ends[i]);
    }
    for (unsigned n = 0; n < 4 && st == IRPC_OK; n++) {
        struct ir_out *in = &tokens[(n + 1) % 2];
        struct ir_out *out = &tokens[n % 2];
        out->len = 0;
        st = ends[n % 2]->ops->step(ends[n % 2], (struct irpc_span){in->base, in->len}, out, &done);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (ends[i] != NULL) {
            ends[i]->ops->free(ends[i]);
        }
        ir_out_deinit(&tokens[i]);
    }
    return st == IRPC_OK && done;
}

IR_TEST(ntlm_without_memory)
{
    struct irpc_auth_provider *providers[2] = {new_client("User", "Password"),
                                               new_server((struct irpc_auth_ntlm_server){0})};

    IR_ASSERT(ir_test_oom(handshake_under_pressure, providers) > 10);
    irpc_auth_provider_unref(providers[0]);
    irpc_auth_provider_unref(providers[1]);
}
