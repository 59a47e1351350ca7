/* The SPNEGO provider: both roles with each other over NTLM and over a mechanism of the tests,
 * clients as Windows is one, and everything that must not work. */
#include "auth/spnego.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "ir_test.h"
#include "test_auth.h"

#define TOKENS_MAX 8u
#define ACCOUNT "User:a4f49c406510bdcab6824ee7c30fd852\n" /* "Password", [MS-NLMP] 4.2.2.1.2 */
#define NTLM_OID "06 0a 2b06010401823702020a "
#define NEGOEX_OID "06 0a 2b06010401823702021e "
#define KRB5_OID "06 09 2a864886f712010202 "
#define MS_KRB5_OID "06 09 2a864882f712010202 "
#define SPNEGO "06 06 2b0601050502 "
/* A Windows 10 client's first token. */
#define WINDOWS_INIT                                                                        \
    "60 48 " SPNEGO "a0 3e 30 3c a0 0e 30 0c " NTLM_OID "a2 2a 04 28 'NTLMSSP' 00 01000000" \
    "978208e2 0000000000000000 0000000000000000 0a005a290000000f"

static const struct irpc_span no_token = {NULL, 0};

static struct irpc_span hex(const char *text)
{
    struct ir_bytes b = IR_HEX(text);

    return (struct irpc_span){b.p, b.n};
}

/* --- providers: NTLM with one account, and one that says that it is Kerberos --- */

static struct irpc_auth_provider *ntlm_server(void)
{
    char path[] = "/tmp/ir-spnego-XXXXXX";
    char why[256] = "";
    int fd = mkstemp(path);
    struct irpc_auth_ntlm_server options = {
        .accounts_file = path, .dns_name = "server.example.org", .domain = "DOMAIN"};
    struct irpc_auth_provider *provider = NULL;

    IR_ASSERT(fd >= 0 && write(fd, ACCOUNT, strlen(ACCOUNT)) == (ssize_t)strlen(ACCOUNT));
    IR_ASSERT(close(fd) == 0);
    IR_ASSERT_EQ(irpc_auth_ntlm_server_new(&options, &provider, why, sizeof(why)), IRPC_OK);
    unlink(path);
    return provider;
}

static struct irpc_auth_provider *ntlm_client(void)
{
    struct irpc_auth_ntlm_client credentials = {
        .user = "User", .password = "Password", .allow_own_server = true};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";

    IR_ASSERT_EQ(irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why)), IRPC_OK);
    return provider;
}

static void krb_init(struct test_provider *krb, unsigned legs)
{
    test_provider_init(krb);
    krb->base.type = IRPC_AUTH_TYPE_KERBEROS;
    krb->legs = legs;
}

/* SPNEGO over those of @a and @b that are not NULL; they are given away. */
static struct irpc_auth_provider *negotiate(struct irpc_auth_provider *a,
                                            struct irpc_auth_provider *b)
{
    struct irpc_auth_provider *list[2] = {a != NULL ? a : b, b};
    struct irpc_auth_provider *provider = NULL;

    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, a != NULL && b != NULL ? 2 : 1, &provider), IRPC_OK);
    irpc_auth_provider_unref(a);
    irpc_auth_provider_unref(b);
    return provider;
}

/* The test's own provider, which only lends itself. */
static struct irpc_auth_provider *lend(struct test_provider *provider)
{
    return irpc_auth_provider_ref(&provider->base);
}

/* --- both ends of a handshake, and the tokens --- */

struct rig {
    struct irpc_auth_provider *providers[2];
    struct ir_auth *ends[2]; /* client, server */
    bool done[2];
    struct ir_out tokens[TOKENS_MAX];
    unsigned n; /* tokens that were made */
};

static void rig_init(struct rig *rig, struct irpc_auth_provider *client,
                     struct irpc_auth_provider *server, enum irpc_auth_level level)
{
    struct ir_auth_begin begin = {.role = IR_AUTH_INITIATE, .level = level, .target = "host/a"};

    *rig = (struct rig){.providers = {client, server}};
    IR_ASSERT_EQ(client->ops->begin(client, &begin, &rig->ends[0]), IRPC_OK);
    begin = (struct ir_auth_begin){.role = IR_AUTH_ACCEPT, .level = level, .target = ""};
    IR_ASSERT_EQ(server->ops->begin(server, &begin, &rig->ends[1]), IRPC_OK);
    for (unsigned i = 0; i < TOKENS_MAX; i++) {
        ir_out_init(&rig->tokens[i], IR_AUTH_TOKEN_MAX, false);
    }
}

static void rig_deinit(struct rig *rig)
{
    for (unsigned i = 0; i < 2; i++) {
        rig->ends[i]->ops->free(rig->ends[i]);
        irpc_auth_provider_unref(rig->providers[i]);
    }
    for (unsigned i = 0; i < TOKENS_MAX; i++) {
        ir_out_deinit(&rig->tokens[i]);
    }
}

static struct irpc_span token_of(const struct rig *rig, unsigned i)
{
    return (struct irpc_span){rig->tokens[i].base, rig->tokens[i].len};
}

/* The next token. */
static enum irpc_status leg(struct rig *rig)
{
    unsigned side = rig->n % 2;
    struct ir_auth *who = rig->ends[side];
    struct irpc_span in = rig->n > 0 ? token_of(rig, rig->n - 1) : no_token;

    IR_ASSERT(rig->n < TOKENS_MAX);
    return who->ops->step(who, in, &rig->tokens[rig->n++], &rig->done[side]);
}

/* To the end, or to the first failure. */
static enum irpc_status handshake(struct rig *rig)
{
    while (!rig->done[0] || !rig->done[1]) {
        enum irpc_status st = leg(rig);
        if (st != IRPC_OK) {
            return st;
        }
    }
    return IRPC_OK;
}

/* A fragment from @from to @to: whether it arrives. */
static enum irpc_status carry(struct ir_auth *from, struct ir_auth *to)
{
    uint8_t bytes[24 + 64 + 8];
    uint8_t signature[IR_AUTH_SIGNATURE_MAX];
    struct ir_auth_pdu pdu = {.head = {bytes, 24},
                              .data = bytes + 24,
                              .data_len = 64,
                              .trailer = {bytes + 88, 8},
                              .sign_header = true};

    memset(bytes, 0x55, sizeof(bytes));
    IR_ASSERT_EQ(from->ops->protect(from, &pdu, signature), IRPC_OK);
    size_t len = from->ops->signature_size(from);
    enum irpc_status st = to->ops->unprotect(to, &pdu, (struct irpc_span){signature, len});
    IR_ASSERT(st != IRPC_OK || (bytes[24] == 0x55 && bytes[87] == 0x55));
    return st;
}

static void assert_agreed(struct rig *rig, enum irpc_auth_level level, const char *package,
                          const char *principal)
{
    struct irpc_auth_identity who;

    rig->ends[1]->ops->identity(rig->ends[1], &who);
    IR_ASSERT_STR(who.package, package);
    IR_ASSERT_STR(who.principal, principal);
    for (unsigned i = 0; i < 3 && level >= IRPC_AUTH_LEVEL_PACKET; i++) {
        IR_ASSERT_EQ(carry(rig->ends[0], rig->ends[1]), IRPC_OK);
        IR_ASSERT_EQ(carry(rig->ends[1], rig->ends[0]), IRPC_OK);
    }
}

static struct ir_spnego_resp resp_of(const struct rig *rig, unsigned i)
{
    struct ir_spnego_resp resp;

    IR_ASSERT_EQ(ir_spnego_resp_decode(token_of(rig, i), &resp, NULL), IRPC_OK);
    return resp;
}

/* --- what works --- */

IR_TEST(ntlm_alone_at_every_level)
{
    static const enum irpc_auth_level levels[] = {IRPC_AUTH_LEVEL_CONNECT, IRPC_AUTH_LEVEL_PACKET,
                                                  IRPC_AUTH_LEVEL_INTEGRITY,
                                                  IRPC_AUTH_LEVEL_PRIVACY};
    struct ir_spnego_init init;
    struct rig rig;

    for (unsigned i = 0; i < IR_ARRAY_LEN(levels); i++) {
        size_t mic = levels[i] == IRPC_AUTH_LEVEL_CONNECT ? 0 : 16; /* none without signing */
        rig_init(&rig, negotiate(NULL, ntlm_client()), negotiate(NULL, ntlm_server()), levels[i]);
        IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
        IR_ASSERT_EQ(rig.n,
                     5); /* the last one is empty: the client takes the server's and is done */
        IR_ASSERT_EQ(rig.tokens[4].len, 0);
        IR_ASSERT_EQ(ir_spnego_init_decode(token_of(&rig, 0), &init, NULL), IRPC_OK);
        IR_ASSERT_EQ(init.n_mechs, 1);
        IR_ASSERT_EQ(resp_of(&rig, 1).state, IR_SPNEGO_ACCEPT_INCOMPLETE);
        IR_ASSERT_EQ(ir_spnego_mech_of(resp_of(&rig, 1).mech), IR_SPNEGO_NTLM);
        IR_ASSERT_EQ(resp_of(&rig, 2).mic.len, mic);
        IR_ASSERT_EQ(resp_of(&rig, 3).state, IR_SPNEGO_ACCEPT_COMPLETED);
        IR_ASSERT_EQ(resp_of(&rig, 3).mic.len, mic);
        assert_agreed(&rig, levels[i], "ntlm", "DOMAIN\\User");
        struct irpc_span a = rig.ends[0]->ops->session_key(rig.ends[0]);
        struct irpc_span b = rig.ends[1]->ops->session_key(rig.ends[1]);
        IR_ASSERT_MEM(a.p, a.len, b.p, b.len);
        IR_ASSERT_EQ(a.len, 16);
        rig_deinit(&rig);
    }
}

/* However many tokens the mechanism has, and whoever has the last one. */
IR_TEST(the_first_choice_is_taken)
{
    static const unsigned n_tokens[] = {0, 3, 3, 5, 5, 7};

    for (unsigned legs = 1; legs <= 5; legs++) {
        struct test_provider krb;
        struct rig rig;
        krb_init(&krb, legs);
        rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(ntlm_server(), lend(&krb)),
                 IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
        IR_ASSERT_EQ(rig.n, n_tokens[legs]);
        assert_agreed(&rig, IRPC_AUTH_LEVEL_INTEGRITY, "test", TEST_AUTH_PRINCIPAL);
        rig_deinit(&rig);
        IR_ASSERT_EQ(krb.n_contexts, 0);
    }
}

/* check: T11 */
IR_TEST(another_choice_needs_both_mics)
{
    struct test_provider krb;
    struct rig rig;

    krb_init(&krb, 3);
    rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(NULL, ntlm_server()),
             IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
    IR_ASSERT_EQ(resp_of(&rig, 1).state, IR_SPNEGO_REQUEST_MIC);
    IR_ASSERT_EQ(resp_of(&rig, 1).mech_token.len, 0);
    IR_ASSERT_EQ(rig.n, 7);
    IR_ASSERT_EQ(resp_of(&rig, 4).mic.len, 16);
    IR_ASSERT_EQ(resp_of(&rig, 5).mic.len, 16);
    assert_agreed(&rig, IRPC_AUTH_LEVEL_INTEGRITY, "ntlm", "DOMAIN\\User");
    rig_deinit(&rig);
    IR_ASSERT_EQ(krb.n_contexts, 0);
}

/* The acceptor's token is the mechanism's last: MICs follow it, one by one. */
IR_TEST(mics_that_come_alone)
{
    struct test_provider client;
    struct test_provider server;
    struct rig rig;

    krb_init(&client, 2);
    krb_init(&server, 2);
    rig_init(&rig, negotiate(ntlm_client(), lend(&client)), negotiate(NULL, lend(&server)),
             IRPC_AUTH_LEVEL_INTEGRITY);
    IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
    IR_ASSERT_EQ(rig.n, 7);
    IR_ASSERT_EQ(resp_of(&rig, 1).state, IR_SPNEGO_REQUEST_MIC);
    IR_ASSERT_EQ(resp_of(&rig, 3).state, IR_SPNEGO_ACCEPT_INCOMPLETE);
    IR_ASSERT_EQ(resp_of(&rig, 3).mic.len, 8);
    IR_ASSERT_EQ(resp_of(&rig, 4).mech_token.len, 0);
    IR_ASSERT_EQ(resp_of(&rig, 5).state, IR_SPNEGO_ACCEPT_COMPLETED);
    assert_agreed(&rig, IRPC_AUTH_LEVEL_INTEGRITY, "test", TEST_AUTH_PRINCIPAL);
    rig_deinit(&rig);
}

IR_TEST(a_mechanism_without_credentials_is_not_offered)
{
    for (unsigned i = 0; i < 2; i++) {
        struct test_provider krb;
        struct ir_spnego_init init;
        struct rig rig;
        krb_init(&krb, 3);
        if (i == 0) {
            krb.begin_failure = IRPC_SEC_PKG_ERROR;
        } else {
            krb.fail_leg = 0;
        }
        rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(NULL, ntlm_server()),
                 IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
        IR_ASSERT_EQ(ir_spnego_init_decode(token_of(&rig, 0), &init, NULL), IRPC_OK);
        IR_ASSERT_EQ(init.n_mechs, 1);
        assert_agreed(&rig, IRPC_AUTH_LEVEL_INTEGRITY, "ntlm", "DOMAIN\\User");
        rig_deinit(&rig);
        IR_ASSERT_EQ(krb.n_contexts, 0);
    }
}

IR_TEST(mechanisms_that_cannot_sign_do_without_mics)
{
    struct test_provider krb;
    struct rig rig;

    krb_init(&krb, 3);
    krb.no_mic = true;
    rig_init(&rig, negotiate(NULL, lend(&krb)), negotiate(NULL, lend(&krb)),
             IRPC_AUTH_LEVEL_CONNECT);
    IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
    IR_ASSERT(resp_of(&rig, 2).mic.p == NULL && resp_of(&rig, 3).mic.p == NULL);
    rig_deinit(&rig);
    /* but not where the server took another than the first */
    rig_init(&rig, negotiate(ntlm_client(), lend(&krb)), negotiate(NULL, lend(&krb)),
             IRPC_AUTH_LEVEL_CONNECT);
    IR_ASSERT_EQ(handshake(&rig), IRPC_SEC_PKG_ERROR);
    rig_deinit(&rig);
}

/* --- clients of others --- */

struct server {
    struct irpc_auth_provider *provider;
    struct ir_auth *auth;
    struct ir_out out;
    bool done;
};

static void server_init(struct server *server, struct irpc_auth_provider *provider)
{
    const struct ir_auth_begin begin = {
        .role = IR_AUTH_ACCEPT, .level = IRPC_AUTH_LEVEL_INTEGRITY, .target = ""};

    *server = (struct server){.provider = provider};
    ir_out_init(&server->out, IR_AUTH_TOKEN_MAX, false);
    IR_ASSERT_EQ(provider->ops->begin(provider, &begin, &server->auth), IRPC_OK);
}

static void server_deinit(struct server *server)
{
    server->auth->ops->free(server->auth);
    ir_out_deinit(&server->out);
    irpc_auth_provider_unref(server->provider);
}

static enum irpc_status feed(struct server *server, struct irpc_span token)
{
    ir_out_reset(&server->out);
    return server->auth->ops->step(server->auth, token, &server->out, &server->done);
}

static struct ir_spnego_resp answer_of(const struct server *server)
{
    struct ir_spnego_resp resp;
    struct irpc_span token = {server->out.base, server->out.len};

    IR_ASSERT_EQ(ir_spnego_resp_decode(token, &resp, NULL), IRPC_OK);
    return resp;
}

IR_TEST(the_first_token_of_windows)
{
    struct server server;

    server_init(&server, negotiate(NULL, ntlm_server()));
    IR_ASSERT_EQ(feed(&server, hex(WINDOWS_INIT)), IRPC_OK);
    IR_ASSERT(!server.done);
    IR_ASSERT_EQ(answer_of(&server).state, IR_SPNEGO_ACCEPT_INCOMPLETE);
    IR_ASSERT_MEM(answer_of(&server).mech_token.p, 7, "NTLMSSP", 7);
    server_deinit(&server);
}

/* The first token of NEGOEX is not for us; the second mechanism is. accepts: T09 */
IR_TEST(a_guess_for_another_mechanism_is_dropped)
{
    struct server server;

    server_init(&server, negotiate(NULL, ntlm_server()));
    IR_ASSERT_EQ(feed(&server, hex("60 32 " SPNEGO "a0 28 30 26 a0 1a 30 18 " NEGOEX_OID NTLM_OID
                                   "a2 08 04 06 'NEGOEX'")),
                 IRPC_OK);
    IR_ASSERT(!server.done);
    IR_ASSERT_EQ(answer_of(&server).state, IR_SPNEGO_REQUEST_MIC);
    IR_ASSERT_EQ(ir_spnego_mech_of(answer_of(&server).mech), IR_SPNEGO_NTLM);
    IR_ASSERT(answer_of(&server).mech_token.p == NULL);
    server_deinit(&server);
}

/* Windows' old identifier of Kerberos means Kerberos, its first token counts, and the answer spells
 * it as the client does. [RFC 4178] C */
IR_TEST(the_wrong_identifier_of_kerberos)
{
    struct test_provider krb;
    struct server server;

    krb_init(&krb, 3);
    server_init(&server, negotiate(ntlm_server(), lend(&krb)));
    IR_ASSERT_EQ(
        feed(&server, hex("60 3c " SPNEGO "a0 32 30 30 a0 24 30 22 " MS_KRB5_OID KRB5_OID NTLM_OID
                          "a2 08 04 06 'TEST' 0000")),
        IRPC_OK);
    IR_ASSERT_EQ(answer_of(&server).state, IR_SPNEGO_ACCEPT_INCOMPLETE);
    IR_ASSERT_EQ(ir_spnego_mech_of(answer_of(&server).mech), IR_SPNEGO_MS_KERBEROS);
    IR_ASSERT_EQ(answer_of(&server).mech_token.len, 20);
    server_deinit(&server);
}

/* accepts: T13 */
IR_TEST(ntlm_without_spnego)
{
    struct rig rig;

    rig_init(&rig, ntlm_client(), negotiate(NULL, ntlm_server()), IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(handshake(&rig), IRPC_OK);
    IR_ASSERT_EQ(rig.n, 4);
    IR_ASSERT_EQ(rig.tokens[3].len, 0);
    assert_agreed(&rig, IRPC_AUTH_LEVEL_INTEGRITY, "ntlm", "DOMAIN\\User");
    rig_deinit(&rig);
    struct test_provider krb;
    krb_init(&krb, 3);
    rig_init(&rig, ntlm_client(), negotiate(NULL, lend(&krb)), IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(handshake(&rig), IRPC_SEC_PKG_ERROR);
    rig_deinit(&rig);
}

/* --- what must not work --- */

/* Somebody in between takes the better mechanism from the list. check: T11 */
IR_TEST(a_shortened_list_is_noticed)
{
    struct test_provider krb;
    struct ir_spnego_init init;
    struct rig rig;

    krb_init(&krb, 3);
    rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(lend(&krb), ntlm_server()),
             IRPC_AUTH_LEVEL_CONNECT);
    IR_ASSERT_EQ(leg(&rig), IRPC_OK);
    IR_ASSERT_EQ(ir_spnego_init_decode(token_of(&rig, 0), &init, NULL), IRPC_OK);
    init.mechs[0] = ir_spnego_mech_oid(IR_SPNEGO_NTLM);
    init.n_mechs = 1;
    init.mech_token = no_token;
    ir_out_reset(&rig.tokens[0]);
    ir_spnego_init_encode(&rig.tokens[0], &init);
    IR_ASSERT_EQ(handshake(&rig), IRPC_SEC_PKG_ERROR);
    IR_ASSERT(!rig.done[0] && !rig.done[1]);
    rig_deinit(&rig);
}

/* Token @i is sent without its MIC. */
static void send_without_mic(struct rig *rig, unsigned i)
{
    struct ir_spnego_resp resp = resp_of(rig, i);
    struct ir_out changed;

    resp.mic = no_token;
    ir_out_init(&changed, IR_AUTH_TOKEN_MAX, false);
    ir_spnego_resp_encode(&changed, &resp);
    ir_out_reset(&rig->tokens[i]);
    ir_out_bytes(&rig->tokens[i], changed.base, changed.len);
    ir_out_deinit(&changed);
}

/* check: T11 */
IR_TEST(mics_that_are_missing)
{
    struct test_provider krb;
    struct rig rig;

    krb_init(&krb, 3);
    for (unsigned missing = 4; missing <= 5; missing++) {
        rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(NULL, ntlm_server()),
                 IRPC_AUTH_LEVEL_INTEGRITY);
        while (rig.n <= missing) {
            IR_ASSERT_EQ(leg(&rig), IRPC_OK);
        }
        send_without_mic(&rig, missing);
        if (missing == 4) { /* the server waits for it: and is not done */
            IR_ASSERT_EQ(leg(&rig), IRPC_OK);
            IR_ASSERT(!rig.done[1]);
            IR_ASSERT_EQ(resp_of(&rig, 5).state, IR_SPNEGO_ACCEPT_INCOMPLETE);
        }
        IR_ASSERT_EQ(leg(&rig), IRPC_SEC_PKG_ERROR);
        IR_ASSERT(!rig.done[0]);
        rig_deinit(&rig);
    }
}

/* The last two tokens, each byte of them. check: A13 T11 */
IR_TEST(changed_tokens_are_noticed)
{
    struct test_provider krb;

    krb_init(&krb, 3);
    struct irpc_auth_provider *client = negotiate(lend(&krb), ntlm_client());
    struct irpc_auth_provider *server = negotiate(NULL, ntlm_server());
    for (unsigned which = 4; which <= 5; which++) {
        bool end = false;
        for (size_t at = 0; !end; at++) {
            struct rig rig;
            rig_init(&rig, irpc_auth_provider_ref(client), irpc_auth_provider_ref(server),
                     IRPC_AUTH_LEVEL_INTEGRITY);
            while (rig.n <= which) {
                IR_ASSERT_EQ(leg(&rig), IRPC_OK);
            }
            end = at == rig.tokens[which].len;
            if (!end) {
                rig.tokens[which].base[at] ^= 0x01;
                if (handshake(&rig) == IRPC_OK) {
                    IR_FAIL("byte %zu of token %u may be changed", at, which);
                }
            }
            rig_deinit(&rig);
        }
    }
    irpc_auth_provider_unref(client);
    irpc_auth_provider_unref(server);
}

IR_TEST(truncated_tokens_are_refused)
{
    struct irpc_auth_provider *client = negotiate(NULL, ntlm_client());
    struct irpc_auth_provider *server = negotiate(NULL, ntlm_server());

    for (unsigned which = 0; which <= 3; which++) {
        bool end = false;
        for (size_t len = 0; !end; len++) {
            struct rig rig;
            rig_init(&rig, irpc_auth_provider_ref(client), irpc_auth_provider_ref(server),
                     IRPC_AUTH_LEVEL_INTEGRITY);
            while (rig.n <= which) {
                IR_ASSERT_EQ(leg(&rig), IRPC_OK);
            }
            end = len == rig.tokens[which].len;
            rig.tokens[which].len = len;
            enum irpc_status st = leg(&rig);
            IR_ASSERT(end ? st == IRPC_OK : st != IRPC_OK);
            rig_deinit(&rig);
        }
    }
    irpc_auth_provider_unref(client);
    irpc_auth_provider_unref(server);
}

/* First tokens that no server takes. */
IR_TEST(offers_that_are_refused)
{
    static const char *const offers[] = {
        "",
        "00",
        "'NTLMSSP'",                  /* cut short */
        "'NTLMSSP' 00 01000000",      /* NTLM, but no NEGOTIATE */
        "a1 07 30 05 a0 03 0a 01 00", /* a later token */
        "60 1a " SPNEGO "a0 10 30 0e a0 0c 30 0a 06 08 2a864886f7120102", /* none that we know */
        "60 18 " SPNEGO "a0 0e 30 0c a0 0a 30 08 " SPNEGO,                /* itself */
        "60 1b " SPNEGO "a0 11 30 0f a0 0d 30 0b " KRB5_OID,              /* none that we have */
        "60 1e " SPNEGO "a0 14 30 12 a0 0e 30 0c " NTLM_OID "a2 00",      /* malformed */
        "60 24 " SPNEGO "a0 1a 30 18 a0 0e 30 0c " NTLM_OID "a2 06 04 04 'NTLM'",
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(offers); i++) {
        struct server server;
        server_init(&server, negotiate(NULL, ntlm_server()));
        if (feed(&server, hex(offers[i])) != IRPC_SEC_PKG_ERROR || server.done) {
            IR_FAIL("offer %u is taken", i);
        }
        /* and nothing else is taken any more */
        IR_ASSERT_EQ(feed(&server, hex(WINDOWS_INIT)), IRPC_SEC_PKG_ERROR);
        server_deinit(&server);
    }
}

/* Second tokens that no server takes: the client has sent the first of two of its mechanism's. */
IR_TEST(client_tokens_out_of_place)
{
    static const char *const tokens[] = {
        "",
        "60 1b " SPNEGO "a0 11 30 0f a0 0d 30 0b " KRB5_OID, /* from the beginning */
        "a1 07 30 05 a0 03 0a 01 02",                        /* reject */
        "a1 02 30 00",                                       /* nothing */
        "a1 0c 30 0a a2 08 04 06 'TEST' 0000",               /* the first one again */
        "a1 0e 30 0c a3 0a 04 08 0000000000000000",          /* a MIC too early */
        "'TEST' 02",                                         /* without SPNEGO */
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(tokens); i++) {
        struct test_provider krb;
        struct server server;
        krb_init(&krb, 3);
        server_init(&server, negotiate(NULL, lend(&krb)));
        IR_ASSERT_EQ(feed(&server, hex("60 25 " SPNEGO "a0 1b 30 19 a0 0d 30 0b " KRB5_OID
                                       "a2 08 04 06 'TEST' 0000")),
                     IRPC_OK);
        if (feed(&server, hex(tokens[i])) == IRPC_OK) {
            IR_FAIL("token %u is taken", i);
        }
        IR_ASSERT_EQ(feed(&server, hex("a1 0c 30 0a a2 08 04 06 'TEST' 0200")), IRPC_SEC_PKG_ERROR);
        server_deinit(&server);
        IR_ASSERT_EQ(krb.n_contexts, 0);
    }
}

/* Answers that no client takes, to an offer of the test's mechanism with three tokens, then NTLM.
 */
IR_TEST(server_tokens_out_of_place)
{
    static const char *const tokens[] = {
        "",
        WINDOWS_INIT,
        "a1 02 30 00",
        "a1 07 30 05 a0 03 0a 01 00", /* accepted, just like that */
        "a1 07 30 05 a0 03 0a 01 01",
        "a1 07 30 05 a0 03 0a 01 02", /* reject */
        "a1 07 30 05 a0 03 0a 01 03",
        /* accepted, while the mechanism goes on */
        "a1 1e 30 1c a0 03 0a 01 00 a1 0b " KRB5_OID "a2 08 04 06 'TEST' 0100",
        /* the token of another mechanism, or the wrong one */
        "a1 1e 30 1c a0 03 0a 01 01 a1 0b " KRB5_OID "a2 08 04 06 'TEST' 0300",
        "a1 1f 30 1d a0 03 0a 01 01 a1 0c " NTLM_OID "a2 08 04 06 'TEST' 0100",
        /* a mechanism that was not offered, or SPNEGO once more */
        "a1 15 30 13 a0 03 0a 01 01 a1 0c " NEGOEX_OID,
        "a1 11 30 0f a0 03 0a 01 01 a1 08 " SPNEGO,
        /* the one that was chosen, without a token of its */
        "a1 14 30 12 a0 03 0a 01 01 a1 0b " KRB5_OID,
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(tokens); i++) {
        struct test_provider krb;
        struct rig rig;
        krb_init(&krb, 3);
        rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(NULL, ntlm_server()),
                 IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(leg(&rig), IRPC_OK);
        struct irpc_span token = hex(tokens[i]);
        ir_out_bytes(&rig.tokens[1], token.p, token.len);
        rig.n = 2;
        enum irpc_status st = leg(&rig);
        if (st == IRPC_OK || rig.done[0]) {
            IR_FAIL("answer %u is taken", i);
        }
        IR_ASSERT_EQ(st == IRPC_ACCESS_DENIED, i == 5);
        rig_deinit(&rig);
    }
}

/* The same answer works where it is in place: those above fail for what they say. */
IR_TEST(server_tokens_in_place)
{
    static const char *const tokens[] = {
        "a1 1e 30 1c a0 03 0a 01 01 a1 0b " KRB5_OID "a2 08 04 06 'TEST' 0100",
        "a1 11 30 0f a0 03 0a 01 01 a2 08 04 06 'TEST' 0100",
        ("a1 15 30 13 a0 03 0a 01 01 a1 0c " NTLM_OID),
        /* Windows 2000: a copy of the token, where a MIC cannot be */
        "a1 1b 30 19 a0 03 0a 01 01 a2 08 04 06 'TEST' 0100 a3 08 04 06 'TEST' 0100",
    };

    for (unsigned i = 0; i < IR_ARRAY_LEN(tokens); i++) {
        struct test_provider krb;
        struct rig rig;
        krb_init(&krb, 3);
        rig_init(&rig, negotiate(lend(&krb), ntlm_client()), negotiate(NULL, ntlm_server()),
                 IRPC_AUTH_LEVEL_INTEGRITY);
        IR_ASSERT_EQ(leg(&rig), IRPC_OK);
        struct irpc_span token = hex(tokens[i]);
        ir_out_bytes(&rig.tokens[1], token.p, token.len);
        rig.n = 2;
        if (leg(&rig) != IRPC_OK || rig.done[0]) {
            IR_FAIL("answer %u is not taken", i);
        }
        rig_deinit(&rig);
    }
}

IR_TEST(wrong_passwords_are_refused)
{
    struct irpc_auth_ntlm_client credentials = {
        .user = "User", .password = "wrong", .allow_own_server = true};
    struct irpc_auth_provider *client = NULL;
    struct rig rig;
    char why[256];

    IR_ASSERT_EQ(irpc_auth_ntlm_client_new(&credentials, &client, why, sizeof(why)), IRPC_OK);
    rig_init(&rig, negotiate(NULL, client), negotiate(NULL, ntlm_server()),
             IRPC_AUTH_LEVEL_PRIVACY);
    IR_ASSERT_EQ(handshake(&rig), IRPC_ACCESS_DENIED);
    IR_ASSERT(!rig.done[0] && !rig.done[1]);
    rig_deinit(&rig);
}

IR_TEST(which_providers_may_be_negotiated)
{
    struct test_provider odd;
    struct irpc_auth_provider *ntlm = ntlm_client();
    struct irpc_auth_provider *list[3] = {ntlm, ntlm, ntlm};
    struct irpc_auth_provider *provider = NULL;

    test_provider_init(&odd);
    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, 0, &provider), IRPC_INVALID_ARG);
    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, 2, &provider), IRPC_INVALID_ARG);
    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, 3, &provider), IRPC_INVALID_ARG);
    list[1] = &odd.base;
    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, 2, &provider), IRPC_INVALID_ARG);
    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, 1, &provider), IRPC_OK);
    list[0] = provider; /* SPNEGO in SPNEGO */
    IR_ASSERT_EQ(irpc_auth_negotiate_new(list, 1, &provider), IRPC_INVALID_ARG);
    irpc_auth_provider_unref(list[0]);
    irpc_auth_provider_unref(ntlm);
}

static bool handshake_oom(void *arg)
{
    struct irpc_auth_provider *const *providers = arg;
    struct ir_auth_begin begin = {
        .role = IR_AUTH_INITIATE, .level = IRPC_AUTH_LEVEL_PRIVACY, .target = "host/a"};
    struct irpc_auth_provider *both[2] = {NULL, NULL};
    struct ir_auth *ends[2] = {NULL, NULL};
    struct ir_out tokens[2];
    bool done[2] = {false, false};
    enum irpc_status st = IRPC_OK;

    ir_out_init(&tokens[0], IR_AUTH_TOKEN_MAX, false);
    ir_out_init(&tokens[1], IR_AUTH_TOKEN_MAX, false);
    for (unsigned i = 0; i < 2 && st == IRPC_OK; i++) {
        st = irpc_auth_negotiate_new(&providers[i], 1, &both[i]);
        if (st == IRPC_OK) {
            st = both[i]->ops->begin(both[i], &begin, &ends[i]);
        }
        begin.role = IR_AUTH_ACCEPT;
    }
    for (unsigned n = 0; st == IRPC_OK && !(done[0] && done[1]); n++) {
        struct ir_out *in = &tokens[1 - n % 2];
        ir_out_reset(&tokens[n % 2]);
        st = ends[n % 2]->ops->step(ends[n % 2], (struct irpc_span){in->base, in->len},
                                    &tokens[n % 2], &done[n % 2]);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (ends[i] != NULL) {
            ends[i]->ops->free(ends[i]);
        }
        irpc_auth_provider_unref(both[i]);
        ir_out_deinit(&tokens[i]);
    }
    return st == IRPC_OK;
}

IR_TEST(spnego_survives_without_memory)
{
    struct irpc_auth_provider *providers[2] = {ntlm_client(), ntlm_server()};

    IR_ASSERT(ir_test_oom(handshake_oom, providers) > 12);
    irpc_auth_provider_unref(providers[0]);
    irpc_auth_provider_unref(providers[1]);
}
