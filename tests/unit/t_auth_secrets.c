/* Keys in memory: what a core dump of this process would have of them. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ironrpc/auth.h>

#include "auth/provider.h"
#include "auth/secret.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "ir_test.h"

#define PASSWORD "Correct.Horse-77"

/* --- the memory --- */

IR_TEST(cells_are_zero_and_apart)
{
    static const size_t sizes[] = {1, 40, 64, 65, 300, 512, 513, 5000, 70000, 200000};
    static uint8_t *held[2000];
    uint32_t random = 1;

    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < IR_ARRAY_LEN(held); i++) {
            size_t size = sizes[i % (i < 1950 ? 6 : IR_ARRAY_LEN(sizes))];
            held[i] = ir_secret_new(size);
            IR_ASSERT(held[i] != NULL);
            for (size_t k = 0; k < size; k++) {
                IR_ASSERT_EQ(held[i][k], 0);
            }
            memset(held[i], (int)(i % 251) + 1, size);
        }
        for (unsigned i = 0; i < IR_ARRAY_LEN(held); i++) {
            size_t size = sizes[i % (i < 1950 ? 6 : IR_ARRAY_LEN(sizes))];
            for (size_t k = 0; k < size; k++) {
                IR_ASSERT_EQ(held[i][k], i % 251 + 1);
            }
        }
        for (unsigned i = 0; i < IR_ARRAY_LEN(held); i++) { /* each once, in some order */
            random = random * 1664525u + 1013904223u;
            unsigned at = random >> 8;
            while (held[at % IR_ARRAY_LEN(held)] == NULL) {
                at++;
            }
            at %= IR_ARRAY_LEN(held);
            ir_secret_free(held[at], sizes[at % (at < 1950 ? 6 : IR_ARRAY_LEN(sizes))]);
            held[at] = NULL;
        }
    }
    ir_secret_free(NULL, 64);
    IR_ASSERT_EQ(ir_alloc_outstanding(), 0); /* no chunk is kept */
}

static bool take_some(void *arg)
{
    void *a = ir_secret_new(64);
    void *b = ir_secret_new(512);
    void *c = ir_secret_new(10000);
    bool good = a != NULL && b != NULL && c != NULL;

    (void)arg;
    ir_secret_free(a, 64);
    ir_secret_free(b, 512);
    ir_secret_free(c, 10000);
    return good;
}

IR_TEST(out_of_memory)
{
    IR_ASSERT_EQ(ir_test_oom(take_some, NULL), 3);
}

/* --- what a core would have --- */

/* What is looked for, with all its bits inverted, so that it is not itself found. */
struct needle {
    const char *name;
    uint8_t not_it[64];
    size_t len;
};

static struct needle needle_of(const char *name, const void *bytes, size_t len)
{
    struct needle n = {.name = name, .len = len};

    IR_ASSERT(len >= 8 && len <= sizeof(n.not_it));
    for (size_t i = 0; i < len; i++) {
        n.not_it[i] = (uint8_t) ~((const uint8_t *)bytes)[i];
    }
    return n;
}

#define STEP (1u << 20)

/* Those that begin in the first STEP bytes. */
static size_t count_in(const uint8_t *bytes, size_t len, const struct needle *n)
{
    size_t found = 0;

    for (size_t at = 0; at + n->len <= len && at < STEP; at++) {
        size_t i = 0;
        while (i < n->len && (bytes[at + i] ^ n->not_it[i]) == 0xff) {
            i++;
        }
        found += i == n->len;
    }
    return found;
}

/* How often @n is in memory that a core has: what is writable, and not marked "dd". */
static size_t count_in_core(const struct needle *n)
{
    static uint8_t window[STEP + sizeof(n->not_it)];
    FILE *maps = fopen("/proc/self/smaps", "re");
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    uintptr_t from = 0;
    uintptr_t to = 0;
    char writable = '-';
    size_t found = 0;
    char line[512];

    IR_ASSERT(maps != NULL && mem >= 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        if (strncmp(line, "VmFlags:", 8) != 0) {
            uintptr_t a = 0;
            uintptr_t b = 0;
            char w = '-';
            if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*c%c", &a, &b, &w) == 3) {
                from = a;
                to = b;
                writable = w;
            }
            continue;
        }
        bool dumped = strstr(line, " dd") == NULL && writable == 'w' && to - from < (1ul << 32);
        for (uintptr_t at = from; dumped && at < to; at += STEP) {
            size_t want = to - at < sizeof(window) ? to - at : sizeof(window);
            bool own = at < (uintptr_t)window + sizeof(window) && (uintptr_t)window < at + want;
            ssize_t len = pread(mem, window, want, (off_t)at);
            found += len > 0 && !own ? count_in(window, (size_t)len, n) : 0;
        }
    }
    memset(window, 0, sizeof(window));
    (void)fclose(maps);
    close(mem);
    return found;
}

/* The hash of the only account in @path. */
static struct needle hash_of(const char *path)
{
    struct needle n = {.name = "NT hash", .len = 16};
    char text[128] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    IR_ASSERT(fd >= 0 && read(fd, text, sizeof(text) - 1) > 36);
    close(fd);
    for (unsigned i = 0; i < 16; i++) {
        unsigned byte = 0;
        IR_ASSERT_EQ(sscanf(strchr(text, ':') + 1 + 2 * i, "%2x", &byte), 1);
        n.not_it[i] = (uint8_t)~byte;
    }
    explicit_bzero(text, sizeof(text));
    return n;
}

static struct irpc_auth_provider *server_of(struct needle *ret_hash)
{
    char path[] = "/tmp/ir-secrets-XXXXXX";
    char why[256] = "";
    struct irpc_auth_ntlm_server options = {.accounts_file = path, .dns_name = "a.example"};
    struct irpc_auth_provider *provider = NULL;
    int fd = mkstemp(path);

    IR_ASSERT(fd >= 0 && close(fd) == 0);
    IR_ASSERT_EQ(irpc_auth_set_account(path, "User", PASSWORD, why, sizeof(why)), IRPC_OK);
    *ret_hash = hash_of(path);
    IR_ASSERT_EQ(irpc_auth_ntlm_server_new(&options, &provider, why, sizeof(why)), IRPC_OK);
    unlink(path);
    return provider;
}

static struct irpc_auth_provider *client_of(void)
{
    char password[] = PASSWORD;
    struct irpc_auth_ntlm_client credentials = {
        .user = "user", .password = password, .allow_own_server = true};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";

    IR_ASSERT_EQ(irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why)), IRPC_OK);
    explicit_bzero(password, sizeof(password));
    return provider;
}

/* Contexts of both sides, established. */
static void establish(struct irpc_auth_provider *const providers[2], struct ir_auth *auths[2])
{
    struct ir_auth_begin begin = {
        .role = IR_AUTH_INITIATE, .level = IRPC_AUTH_LEVEL_PRIVACY, .target = "host/a.example"};
    struct irpc_span token = {NULL, 0};
    struct ir_out out[4];
    bool done = false;

    IR_ASSERT_EQ(providers[0]->ops->begin(providers[0], &begin, &auths[0]), IRPC_OK);
    begin.role = IR_AUTH_ACCEPT;
    IR_ASSERT_EQ(providers[1]->ops->begin(providers[1], &begin, &auths[1]), IRPC_OK);
    for (unsigned i = 0; i < 4; i++) {
        ir_out_init(&out[i], IR_AUTH_TOKEN_MAX, false);
        IR_ASSERT_EQ(auths[i % 2]->ops->step(auths[i % 2], token, &out[i], &done), IRPC_OK);
        token = (struct irpc_span){out[i].base, out[i].len};
    }
    IR_ASSERT(done);
    for (unsigned i = 0; i < 4; i++) {
        ir_out_deinit(&out[i]);
    }
}

/* check: L12 A21 */
IR_TEST(a_core_has_no_keys)
{
    static const uint8_t utf16[] = {'C', 0, 'o', 0, 'r', 0, 'r', 0, 'e', 0, 'c', 0, 't', 0, '.', 0};
    struct needle needles[4];
    struct irpc_auth_provider *providers[2] = {client_of(), server_of(&needles[1])};
    struct ir_auth *auths[2] = {NULL, NULL};
    struct irpc_span key;

    establish(providers, auths);
    key = auths[0]->ops->session_key(auths[0]);
    IR_ASSERT_EQ(key.len, 16);
    needles[0] = needle_of("session key", key.p, key.len);
    needles[2] = needle_of("password", PASSWORD, 12);
    needles[3] = needle_of("password, UTF-16", utf16, sizeof(utf16));
    for (unsigned i = 0; i < IR_ARRAY_LEN(needles); i++) {
        size_t found = count_in_core(&needles[i]);
        if (found > 0) {
            IR_FAIL("%s: %zu times", needles[i].name, found);
        }
        uint8_t *copy = ir_alloc(needles[i].len); /* which would have been found */
        IR_ASSERT(copy != NULL);
        for (size_t k = 0; k < needles[i].len; k++) {
            copy[k] = (uint8_t)~needles[i].not_it[k];
        }
        IR_ASSERT_EQ(count_in_core(&needles[i]), 1);
        explicit_bzero(copy, needles[i].len);
        ir_free(copy);
    }
    for (unsigned i = 0; i < 2; i++) {
        auths[i]->ops->free(auths[i]);
        irpc_auth_provider_unref(providers[i]);
    }
    IR_ASSERT_EQ(count_in_core(&needles[0]), 0);
}
