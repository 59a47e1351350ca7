/*
 * One end of a security context, driven by lines: for tests of our providers against those of
 * others, without a connection between them.
 *
 *     auth_peer server LEVEL ACCOUNTS            auth_peer client LEVEL USER DOMAIN (PASSWORD in
 *                                                the environment)
 *     step TOKEN                      → ok DONE TOKEN
 *     protect HEAD DATA TRAILER       → ok DATA SIGNATURE      head and trailer signed unless "-"
 *     unprotect HEAD DATA TRAILER SIGNATURE → ok DATA
 *     key                             → ok KEY
 *     who                             → ok PRINCIPAL
 *
 * Bytes are hexadecimal, none is "-". What fails answers "error STATUS".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/provider.h"

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

int main(int argc, char **argv)
{
    struct ir_auth_begin begin = {.target = "host/peer.example.org"};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "bad arguments";
    enum irpc_status st = IRPC_INVALID_ARG;

    if (argc == 4 && strcmp(argv[1], "server") == 0) {
        const struct irpc_auth_ntlm_server options = {
            .accounts_file = argv[3], .dns_name = "ours.example.org", .domain = "OURS"};
        begin.role = IR_AUTH_ACCEPT;
        st = irpc_auth_ntlm_server_new(&options, &provider, why, sizeof(why));
    } else if (argc == 5 && strcmp(argv[1], "client") == 0) {
        const struct irpc_auth_ntlm_client credentials = {
            .user = argv[3], .domain = argv[4], .password = getenv("PASSWORD")};
        begin.role = IR_AUTH_INITIATE;
        st = irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why));
    }
    if (st != IRPC_OK) {
        fprintf(stderr, "auth_peer: %s\n", why);
        return 2;
    }
    begin.level = (enum irpc_auth_level)atoi(argv[2]);
    if (provider->ops->begin(provider, &begin, &auth) != IRPC_OK) {
        return 2;
    }
    while (fgets(line, sizeof(line), stdin) != NULL) {
        on_line();
    }
    auth->ops->free(auth);
    irpc_auth_provider_unref(provider);
    return 0;
}
