/*
 * One end of a security context, driven by lines: for tests of our providers against those of
 * others, without a connection between them.
 *
 *     auth_peer server LEVEL TARGET [spnego] ntlm ACCOUNTS - kerberos KEYTAB -
 *     auth_peer client LEVEL TARGET [spnego] ntlm USER DOMAIN kerberos PRINCIPAL -
 *
 * One provider, or both, best first, behind spnego; PASSWORD is in the environment.
 *
 *     step TOKEN                      → ok DONE TOKEN
 *     protect HEAD DATA TRAILER       → ok DATA SIGNATURE      head and trailer signed unless "-"
 *     unprotect HEAD DATA TRAILER SIGNATURE → ok DATA
 *     key                             → ok KEY
 *     who                             → ok PRINCIPAL
 *     sandbox                         → ok                     from now on as a worker of ironrpcd
 *
 * Bytes are hexadecimal, none is "-". What fails answers "error STATUS".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/provider.h"
#include "os/sandbox.h"

#define FIELDS 5u
#define BYTES_MAX 70000u

struct bytes {
    uint8_t p[BYTES_MAX];
    size_t len;
};

static char line[FIELDS * (2 * BYTES_MAX + 1)];
static struct bytes fields[FIELDS]; /* behind the command */
static struct ir_auth *auth;

static void parse_field(const char *text, struct bytes *ret)
{
    unsigned value;

    ret->len = 0;
    while (*text != '-' && ret->len < BYTES_MAX && sscanf(text, "%2x", &value) == 1) {
        ret->p[ret->len++] = (uint8_t)value;
        text += 2;
    }
}

static void put_hex(const uint8_t *p, size_t len)
{
    (void)fputs(len > 0 ? " " : " -", stdout);
    for (size_t i = 0; i < len; i++) {
        printf("%02x", p[i]);
    }
}

static enum irpc_status on_step(void)
{
    struct ir_out out;
    bool done = false;

    ir_out_init(&out, IR_AUTH_TOKEN_MAX, false);
    enum irpc_status st =
        auth->ops->step(auth, (struct irpc_span){fields[0].p, fields[0].len}, &out, &done);
    if (st == IRPC_OK) {
        printf("ok %d", done);
        put_hex(out.base, out.len);
    }
    ir_out_deinit(&out);
    return st;
}

static enum irpc_status on_fragment(bool send)
{
    uint8_t signature[IR_AUTH_SIGNATURE_MAX];
    const struct ir_auth_pdu pdu = {.head = {fields[0].p, fields[0].len},
                                    .data = fields[1].p,
                                    .data_len = fields[1].len,
                                    .trailer = {fields[2].p, fields[2].len},
                                    .sign_header = fields[0].len > 0};
    enum irpc_status st =
        send ? auth->ops->protect(auth, &pdu, signature)
             : auth->ops->unprotect(auth, &pdu, (struct irpc_span){fields[3].p, fields[3].len});

    if (st == IRPC_OK) {
        (void)fputs("ok", stdout);
        put_hex(pdu.data, pdu.data_len);
        if (send) {
            put_hex(signature, auth->ops->signature_size(auth));
        }
    }
    return st;
}

static enum irpc_status on_who(void)
{
    struct irpc_auth_identity who;

    auth->ops->identity(auth, &who);
    printf("ok %s", who.anonymous ? "anonymous" : who.principal);
    return IRPC_OK;
}

static enum irpc_status on_command(const char *command)
{
    if (strcmp(command, "step") == 0) {
        return on_step();
    }
    if (strcmp(command, "protect") == 0 || strcmp(command, "unprotect") == 0) {
        return on_fragment(command[0] == 'p');
    }
    if (strcmp(command, "who") == 0) {
        return on_who();
    }
    if (strcmp(command, "sandbox") == 0) {
        struct ir_os_sandbox_report report;
        (void)fputs("ok", stdout);
        return ir_os_sandbox(IR_OS_SERVE, &report) ? IRPC_OK : IRPC_IO;
    }
    struct irpc_span key = auth->ops->session_key(auth);
    (void)fputs("ok", stdout);
    put_hex(key.p, key.len);
    return IRPC_OK;
}

static void on_line(void)
{
    const char *command = strtok(line, " \n");
    const char *text;

    for (unsigned i = 0; i < FIELDS; i++) {
        text = strtok(NULL, " \n");
        parse_field(text != NULL ? text : "-", &fields[i]);
    }
    enum irpc_status st = on_command(command != NULL ? command : "");
    if (st != IRPC_OK) {
        printf("error %s", irpc_status_name(st));
    }
    (void)putchar('\n');
    (void)fflush(stdout);
}

static struct irpc_auth_provider *providers[3];
static unsigned n_providers;
static char why[512] = "bad arguments";

/* One more provider, as @option says; @is_server. */
static enum irpc_status add_provider(const char *option, const char *a, const char *b,
                                     bool is_server)
{
    const struct irpc_auth_ntlm_server accounts = {
        .accounts_file = a, .dns_name = "ours.example.org", .domain = "OURS"};
    const struct irpc_auth_ntlm_client user = {
        .user = a, .domain = b, .password = getenv("PASSWORD")};
    const struct irpc_auth_kerberos_server keys = {.keytab = a};
    const struct irpc_auth_kerberos_client client = {.principal = a,
                                                     .password = getenv("PASSWORD")};
    struct irpc_auth_provider **next = &providers[n_providers++];

    if (strcmp(option, "ntlm") == 0) {
        return is_server ? irpc_auth_ntlm_server_new(&accounts, next, why, sizeof(why))
                         : irpc_auth_ntlm_client_new(&user, next, why, sizeof(why));
    }
    if (strcmp(option, "kerberos") == 0) {
        return is_server ? irpc_auth_kerberos_server_new(&keys, next, why, sizeof(why))
                         : irpc_auth_kerberos_client_new(&client, next, why, sizeof(why));
    }
    return IRPC_INVALID_ARG;
}

/* The words behind ROLE LEVEL TARGET. */
static enum irpc_status add_providers(int argc, char **argv, bool is_server)
{
    bool negotiate = argc > 4 && strcmp(argv[4], "spnego") == 0;
    enum irpc_status st = IRPC_OK;

    for (int i = negotiate ? 5 : 4; i + 2 < argc && n_providers < 2 && st == IRPC_OK; i += 3) {
        st = add_provider(argv[i], argv[i + 1], argv[i + 2], is_server);
    }
    if (st == IRPC_OK && negotiate) {
        st = irpc_auth_negotiate_new(providers, n_providers, &providers[n_providers]);
        n_providers++;
    }
    return n_providers == 0 ? IRPC_INVALID_ARG : st;
}

int main(int argc, char **argv)
{
    bool is_server = argc > 1 && strcmp(argv[1], "server") == 0;
    struct ir_auth_begin begin = {.role = is_server ? IR_AUTH_ACCEPT : IR_AUTH_INITIATE,
                                  .level = argc > 3 ? (enum irpc_auth_level)atoi(argv[2]) : 0,
                                  .target = argc > 3 ? argv[3] : ""};
    enum irpc_status st = add_providers(argc, argv, is_server);

    if (st != IRPC_OK) {
        printf("error %s %s\n", irpc_status_name(st), why);
        return 2;
    }
    struct irpc_auth_provider *provider = providers[n_providers - 1];
    st = provider->ops->begin(provider, &begin, &auth);
    if (st != IRPC_OK) {
        printf("error %s begin\n", irpc_status_name(st));
        return 2;
    }
    while (fgets(line, sizeof(line), stdin) != NULL) {
        on_line();
    }
    auth->ops->free(auth);
    while (n_providers > 0) {
        irpc_auth_provider_unref(providers[--n_providers]);
    }
    return 0;
}
