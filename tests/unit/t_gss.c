/* The Kerberos provider, as far as it goes without a KDC: keytabs, credentials that cannot be had,
 * tokens that are refused, plain text that has another length. The rest is in
 * tests/interop/t_krb5_peers.py. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/gss.h"
#include "base/attr.h"
#include "ir_test.h"

/* A keytab's entry of host/a@B; [MIT keytab file format]: size, names, time, version, key. */
#define ENTRY(size, type, len, key) \
    "000000" size " 0002 0001'B' 0004'host' 0001'a' 00000001 00000000 01 " type len key "00000001"
#define AES256 ENTRY("3f", "0012", "0020", "11*32 ")
#define AES128 ENTRY("2f", "0011", "0010", "22*16 ")
#define RC4 ENTRY("2f", "0017", "0010", "33*16 ")

static char folder[] = "/tmp/ir-gss-XXXXXX";
static char keytab[64];
static char config[64];

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    IR_ASSERT(file != NULL && fwrite(bytes, 1, len, file) == len && fclose(file) == 0);
}

/* A realm that nobody serves, and a keytab with the entries of @hex. */
static void set_up(const char *hex)
{
    static const char text[] = "[libdefaults]\ndefault_realm = B\ndns_lookup_kdc = false\n"
                               "default_ccache_name = FILE:/nonexistent/cache\n"
                               "[realms]\nB = {\n kdc = 127.0.0.1:1\n}\n";
    struct ir_bytes bytes = IR_HEX(hex);

    IR_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(keytab, sizeof(keytab), "%s/keytab", folder);
    (void)snprintf(config, sizeof(config), "%s/krb5.conf", folder);
    write_file(keytab, bytes.p, bytes.n);
    write_file(config, text, sizeof(text) - 1);
    IR_ASSERT(setenv("KRB5_CONFIG", config, 1) == 0);
}

static void tear_down(void)
{
    IR_ASSERT(unlink(keytab) == 0 && unlink(config) == 0 && rmdir(folder) == 0);
}

static void assert_server(const struct irpc_auth_kerberos_server *options, enum irpc_status want,
                          const char *words)
{
    struct irpc_auth_provider *provider = NULL;
    char why[512] = "";

    IR_ASSERT_EQ(irpc_auth_kerberos_server_new(options, &provider, why, sizeof(why)), want);
    if (strstr(why, words) == NULL) {
        IR_FAIL("'%s' does not say '%s'", why, words);
    }
    irpc_auth_provider_unref(provider);
}

IR_TEST(keytabs_that_will_do)
{
    struct irpc_auth_kerberos_server options = {.keytab = keytab};

    set_up("0502 " RC4 AES256 AES128);
    assert_server(&options, IRPC_OK, "");
    options.principal = "host/a@B";
    assert_server(&options, IRPC_OK, "");
    options.principal = "host/a";
    assert_server(&options, IRPC_OK, "");
    tear_down();
}

IR_TEST(keytabs_that_will_not_do)
{
    struct irpc_auth_kerberos_server options = {.keytab = "/nonexistent/keytab"};

    set_up("0502 " RC4);
    assert_server(&options, IRPC_NOT_FOUND, "/nonexistent/keytab");
    options.keytab = keytab;
    assert_server(&options, IRPC_NOT_FOUND, "no AES key");
    write_file(keytab, "", 0);
    assert_server(&options, IRPC_ACCESS_DENIED, keytab);
    struct ir_bytes good = IR_HEX("0502 " AES256);
    write_file(keytab, good.p, good.n);
    options.principal = "host/another@B";
    assert_server(&options, IRPC_NOT_FOUND, "host/another");
    options.principal = "host/a@B@C";
    assert_server(&options, IRPC_INVALID_ARG, "host/a@B@C: ");
    tear_down();
}

/* What is added is taken; what is bad changes nothing. */
IR_TEST(keytabs_are_read_again)
{
    struct irpc_auth_kerberos_server options = {.keytab = keytab};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";

    set_up("0502 " AES256);
    IR_ASSERT_EQ(irpc_auth_kerberos_server_new(&options, &provider, why, sizeof(why)), IRPC_OK);
    struct ir_bytes more = IR_HEX("0502 " AES256 AES128);
    write_file(keytab, more.p, more.n);
    IR_ASSERT_EQ(irpc_auth_provider_reload(provider, why, sizeof(why)), IRPC_OK);
    struct ir_bytes none = IR_HEX("0502 " RC4);
    write_file(keytab, none.p, none.n);
    IR_ASSERT_EQ(irpc_auth_provider_reload(provider, why, sizeof(why)), IRPC_NOT_FOUND);
    IR_ASSERT(strstr(why, "no AES key") != NULL);
    irpc_auth_provider_unref(provider);
    tear_down();
}

static void assert_client(const struct irpc_auth_kerberos_client *credentials,
                          enum irpc_status want, const char *words)
{
    struct irpc_auth_provider *provider = NULL;
    char why[512] = "";

    IR_ASSERT_EQ(irpc_auth_kerberos_client_new(credentials, &provider, why, sizeof(why)), want);
    if (strstr(why, words) == NULL) {
        IR_FAIL("'%s' does not say '%s'", why, words);
    }
}

IR_TEST(credentials_that_cannot_be_had)
{
    struct irpc_auth_kerberos_client credentials = {.principal = NULL};

    set_up("0502 " AES256);
    assert_client(&credentials, IRPC_NOT_FOUND, "the user's credentials: ");
    credentials.cache = "FILE:/nonexistent/other";
    assert_client(&credentials, IRPC_NOT_FOUND, "/nonexistent/other");
    credentials.password = "x";
    assert_client(&credentials, IRPC_INVALID_ARG, "needs a principal");
    credentials.principal = "a@B@C";
    assert_client(&credentials, IRPC_INVALID_ARG, "a@B@C");
    credentials.principal = "user";
    assert_client(&credentials, IRPC_SERVER_UNAVAILABLE, "user: ");
    credentials.principal = "user@ELSEWHERE";
    assert_client(&credentials, IRPC_SERVER_UNAVAILABLE, "ELSEWHERE");
    credentials = (struct irpc_auth_kerberos_client){.principal = "host/a", .keytab = keytab};
    assert_client(&credentials, IRPC_SERVER_UNAVAILABLE, "host/a: ");
    credentials.keytab = "/nonexistent/keytab";
    assert_client(&credentials, IRPC_NOT_FOUND, "/nonexistent/keytab");
    tear_down();
}

/* check: T01 T12 */
IR_TEST(tokens_that_are_refused)
{
    static const char *const tokens[] = {
        "",
        "00",
        "6e",
        "6e 82",
        "6e 03 30 01 00",
        "'NTLMSSP' 00 01000000 978208e2 00*24",
        "60 06 06 04 2b060105",
        "60 0b 06 09 2a864886f712010202",
        "60 0d 06 09 2a864886f712010202 0100",
        "60 10 06 09 2a864886f712010202 0100 6e 01 00",
        "60 82 ff ff 06 09 2a864886f712010202 0100 6e 82 ff f0",
    };
    struct irpc_auth_kerberos_server options = {.keytab = keytab};
    struct ir_auth_begin begin = {
        .role = IR_AUTH_ACCEPT, .level = IRPC_AUTH_LEVEL_PRIVACY, .target = ""};
    struct irpc_auth_provider *provider = NULL;
    struct ir_auth *auth = NULL;
    char why[256];

    set_up("0502 " AES256);
    IR_ASSERT_EQ(irpc_auth_kerberos_server_new(&options, &provider, why, sizeof(why)), IRPC_OK);
    for (unsigned i = 0; i < IR_ARRAY_LEN(tokens); i++) {
        struct ir_bytes bytes = IR_HEX(tokens[i]);
        struct ir_out out;
        bool done = false;
        ir_out_init(&out, IR_AUTH_TOKEN_MAX, false);
        IR_ASSERT_EQ(provider->ops->begin(provider, &begin, &auth), IRPC_OK);
        for (unsigned n = 0; n < 2; n++) {
            struct irpc_span token = {bytes.p, bytes.n};
            enum irpc_status st = auth->ops->step(auth, token, &out, &done);
            if ((st != IRPC_SEC_PKG_ERROR && st != IRPC_ACCESS_DENIED) || done || out.len != 0) {
                IR_FAIL("token %u: %s", i, irpc_status_name(st));
            }
        }
        auth->ops->free(auth);
        ir_out_deinit(&out);
    }
    begin.role = IR_AUTH_INITIATE;
    IR_ASSERT_EQ(provider->ops->begin(provider, &begin, &auth), IRPC_SEC_PKG_ERROR);
    begin.role = IR_AUTH_ACCEPT;
    begin.bindings = (struct irpc_span){(const uint8_t *)"0123456789abcdef", 16};
    IR_ASSERT_EQ(provider->ops->begin(provider, &begin, &auth), IRPC_INVALID_ARG);
    irpc_auth_provider_unref(provider);
    tear_down();
}

/* --- GSSAPI that takes something off the plain text --- */

static size_t taken_in_front;
static size_t taken_behind;

/* In the place of the library's: it takes what was sealed for what was signed. */
OM_uint32 gss_unwrap_iov(OM_uint32 *minor, gss_ctx_id_t context, int *ret_sealed,
                         gss_qop_t *ret_qop, gss_iov_buffer_desc *iov, int n)
{
    (void)context;
    (void)ret_qop;
    *minor = 0;
    *ret_sealed = 1;
    for (int i = 0; i < n; i++) {
        if (iov[i].type == GSS_IOV_BUFFER_TYPE_DATA) {
            iov[i].buffer.value = (uint8_t *)iov[i].buffer.value + taken_in_front;
            iov[i].buffer.length -= taken_in_front + taken_behind;
        }
    }
    return GSS_S_COMPLETE;
}

/* check: A14 */
IR_TEST(plain_text_of_another_length)
{
    static const size_t rows[][2] = {{0, 0}, {0, 1}, {1, 0}, {0, 16}, {8, 8}, {0, 32}};
    struct irpc_auth_kerberos_server options = {.keytab = keytab};
    struct ir_auth_begin begin = {
        .role = IR_AUTH_ACCEPT, .level = IRPC_AUTH_LEVEL_PRIVACY, .target = ""};
    struct irpc_auth_provider *provider = NULL;
    uint8_t bytes[24 + 32 + 8] = {0};
    const uint8_t signature[76] = {0};
    struct ir_auth_pdu pdu = {.head = {bytes, 24},
                              .data = bytes + 24,
                              .data_len = 32,
                              .trailer = {bytes + 56, 8},
                              .sign_header = true};
    char why[256];

    set_up("0502 " AES256);
    IR_ASSERT_EQ(irpc_auth_kerberos_server_new(&options, &provider, why, sizeof(why)), IRPC_OK);
    for (unsigned i = 0; i < IR_ARRAY_LEN(rows); i++) {
        struct ir_auth *auth = NULL;
        IR_ASSERT_EQ(provider->ops->begin(provider, &begin, &auth), IRPC_OK);
        struct ir_gss *gss = (struct ir_gss *)auth;
        gss->state = IR_GSS_DONE;
        gss->can_sign = true;
        gss->signature_len = sizeof(signature);
        taken_in_front = rows[i][0];
        taken_behind = rows[i][1];
        enum irpc_status st =
            auth->ops->unprotect(auth, &pdu, (struct irpc_span){signature, sizeof(signature)});
        IR_ASSERT_EQ(st, i == 0 ? IRPC_OK : IRPC_SEC_PKG_ERROR);
        IR_ASSERT_EQ(gss->state, i == 0 ? IR_GSS_DONE : IR_GSS_FAILED);
        auth->ops->free(auth);
    }
    irpc_auth_provider_unref(provider);
    tear_down();
}
