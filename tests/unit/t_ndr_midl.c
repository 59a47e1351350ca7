/* Buffers recorded from stubs that MIDL made, on Windows: each decodes and encodes to itself. */
#include <dirent.h>
#include <stdio.h>

#include "t_ndr.h"

static const char *const roots[] = {"../shared", "../../shared", "../../../shared",
                                    "../../../../shared"};

static const char *vectors(void)
{
    static char path[256];

    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        snprintf(path, sizeof(path), "%s/vectors/midl", roots[i]);
        DIR *dir = opendir(path);
        if (dir != NULL) {
            closedir(dir);
            return path;
        }
    }
    ir_test_skip("../shared/vectors is not here");
}

static char *read_file(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    IR_ASSERT(f != NULL);
    char *text = calloc(1, 200000);
    size_t n = fread(text, 1, 199999, f);
    IR_ASSERT(n > 0);
    fclose(f);
    return text;
}

/* The next JSON string with that key from *@at on, unescaped; NULL if there is none. */
static char *next_string(const char **at, const char *key)
{
    char pattern[32];
    snprintf(pattern, sizeof(pattern), "\"%s\": \"", key);
    const char *p = strstr(*at, pattern);
    if (p == NULL) {
        return NULL;
    }
    p += strlen(pattern);
    char *text = calloc(1, strlen(p) + 1);
    size_t n = 0;
    for (; *p != '"' && *p != '\0'; p++) {
        char c = *p;
        if (c == '\\') {
            p++;
            c = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p == 'r' ? '\r' : *p;
        }
        text[n++] = c;
    }
    *at = p;
    return text;
}

/* Decode @hex and encode it again; a response as a client does, which needs memory to decode to. */
static void round_trip(struct ndr_case *c, const char *name, const char *pdu, const char *hex)
{
    enum ir_ndr_dir dir = strcmp(pdu, "request") == 0 ? IR_NDR_IN : IR_NDR_OUT;
    struct ir_bytes in = IR_HEX(hex);
    struct ir_bytes out = {NULL, 0};
    void *args = ndr_args(c, 0);

    if (dir == IR_NDR_OUT) {
        ndr_client_memory(c, 0, args);
    }
    enum irpc_status st = ndr_decode(c, 0, dir, in, args);
    if (st != IRPC_OK) {
        IR_FAIL("%s %d %s %s: %s, %s at %u", name, c->syntax, pdu, hex, irpc_status_name(st),
                c->error.reason, c->error.offset);
    }
    st = ndr_encode(c, 0, dir, args, &out);
    if (st != IRPC_OK) {
        IR_FAIL("%s %s: %s, %s", name, hex, irpc_status_name(st), c->error.reason);
    }
    ir_test_note("%s %s %s", name, c->syntax == IRPC_NDR64 ? "ndr64" : "ndr", pdu);
    IR_ASSERT_MEM(out.p, out.n, in.p, in.n);
}

static unsigned run_file(const char *dir, const char *name)
{
    unsigned n = 0;
    char *json = read_file(dir, name);
    const char *at = json;
    char *idl = next_string(&at, "idl");
    IR_ASSERT(idl != NULL);
    struct ndr_case c = ndr_open(idl);
    char *syntax;

    while ((syntax = next_string(&at, "syntax")) != NULL) {
        char *pdu = next_string(&at, "pdu");
        char *hex = next_string(&at, "hex");
        IR_ASSERT(pdu != NULL && hex != NULL);
        c.syntax = strcmp(syntax, "ndr64") == 0 ? IRPC_NDR64 : IRPC_NDR20;
        round_trip(&c, name, pdu, hex);
        n++;
        free(syntax);
        free(pdu);
        free(hex);
    }
    ndr_close(&c);
    free(idl);
    free(json);
    return n;
}

IR_TEST(recorded_buffers_encode_to_themselves)
{
    const char *path = vectors();
    DIR *dir = opendir(path);
    unsigned files = 0;
    unsigned buffers = 0;
    unsigned pipes = 0;

    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strstr(entry->d_name, ".json") == NULL) {
            continue;
        }
        if (strstr(entry->d_name, "pipe") != NULL) {
            pipes++;
            continue;
        }
        buffers += run_file(path, entry->d_name);
        files++;
    }
    closedir(dir);
    ir_test_note("%u files, %u buffers; %u files with pipes are for later", files, buffers, pipes);
    IR_ASSERT(buffers > 0);
}
