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
    char *text = calloc(1, 2000000);
    size_t n = fread(text, 1, 1999999, f);
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

/* Decode @in and encode it again; a response as a client does, which needs memory to decode to. */
static enum irpc_status again(struct ndr_case *c, uint32_t op, enum ir_ndr_dir dir,
                              struct ir_bytes in, struct ir_bytes *out)
{
    void *args = ndr_args(c, op);

    if (dir == IR_NDR_OUT) {
        ndr_client_memory(c, op, args);
    }
    enum irpc_status st = ndr_decode(c, op, dir, in, args);
    return st == IRPC_OK ? ndr_encode(c, op, dir, args, out) : st;
}

/* The recordings do not say it: the operation whose request is as long as this one. With pipes the
 * recorded client had changed to NDR 2.0. */
static uint32_t operation(struct ndr_case *c, struct ir_bytes in)
{
    int syntax = c->syntax;
    struct ir_bytes out = {NULL, 0};

    for (uint32_t op = 0; op < c->unit->n_ops; op++) {
        bool pipes = (c->unit->ops[op].flags & IRPC_NDR_OP_PIPES) != 0;
        c->syntax = pipes ? IRPC_NDR20 : syntax;
        if (again(c, op, IR_NDR_IN, in, &out) == IRPC_OK && out.n == in.n) {
            return op;
        }
    }
    c->syntax = syntax;
    return 0;
}

/* Windows does not clear the padding of pipe chunks. A byte is padding if it makes no difference.
 */
static void assert_padding(struct ndr_case *c, uint32_t op, enum ir_ndr_dir dir, struct ir_bytes in,
                           struct ir_bytes out)
{
    struct ir_bytes other = {NULL, 0};
    uint8_t *changed = malloc(in.n);

    IR_ASSERT_EQ(out.n, in.n);
    memcpy(changed, in.p, in.n);
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] != out.p[i]) {
            changed[i] ^= 0x55;
            IR_ASSERT_EQ(out.p[i], 0);
        }
    }
    IR_ASSERT_EQ(again(c, op, dir, (struct ir_bytes){changed, in.n}, &other), IRPC_OK);
    IR_ASSERT_MEM(other.p, other.n, out.p, out.n);
    free(changed);
}

static void round_trip(struct ndr_case *c, uint32_t op, const char *name, const char *pdu,
                       struct ir_bytes in)
{
    enum ir_ndr_dir dir = strcmp(pdu, "request") == 0 ? IR_NDR_IN : IR_NDR_OUT;
    struct ir_bytes out = {NULL, 0};
    enum irpc_status st = again(c, op, dir, in, &out);

    if (st != IRPC_OK) {
        IR_FAIL("%s %d %s: %s, %s at %u", name, c->syntax, pdu, irpc_status_name(st),
                c->error.reason, c->error.offset);
    }
    ir_test_note("%s %s %s", name, c->syntax == IRPC_NDR64 ? "ndr64" : "ndr", pdu);
    if (c->unit->ops[op].flags & IRPC_NDR_OP_PIPES) {
        assert_padding(c, op, dir, in, out);
    } else {
        IR_ASSERT_MEM(out.p, out.n, in.p, in.n);
    }
}

/* Buffers of one direction in a row are fragments of one. */
static char *join_fragments(const char **at, const char *syntax, const char *pdu, char *hex)
{
    const char *next = *at;
    char *syntax2 = next_string(&next, "syntax");
    char *pdu2 = syntax2 != NULL ? next_string(&next, "pdu") : NULL;

    if (pdu2 != NULL && strcmp(syntax, syntax2) == 0 && strcmp(pdu, pdu2) == 0) {
        char *rest = next_string(&next, "hex");
        hex = realloc(hex, strlen(hex) + strlen(rest) + 1);
        strcat(hex, rest);
        free(rest);
        *at = next;
    }
    free(syntax2);
    free(pdu2);
    return hex;
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
    uint32_t op = 0;

    while ((syntax = next_string(&at, "syntax")) != NULL) {
        char *pdu = next_string(&at, "pdu");
        char *hex = next_string(&at, "hex");
        IR_ASSERT(pdu != NULL && hex != NULL);
        hex = join_fragments(&at, syntax, pdu, hex);
        struct ir_bytes in = IR_HEX(hex);
        if (strcmp(pdu, "request") == 0) {
            c.syntax = strcmp(syntax, "ndr64") == 0 ? IRPC_NDR64 : IRPC_NDR20;
            op = operation(&c, in);
        }
        round_trip(&c, op, name, pdu, in);
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

    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strstr(entry->d_name, ".json") == NULL) {
            continue;
        }
        buffers += run_file(path, entry->d_name);
        files++;
    }
    closedir(dir);
    ir_test_note("%u files, %u buffers", files, buffers);
    IR_ASSERT(buffers > 0);
}
