/* What the tests with hostile stub data share: the corpora, and changes to buffers. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "idl/idl.h"
#include "ir_test.h"

static const char *const roots[] = {"../shared", "../../shared", "../../../shared",
                                    "../../../../shared"};

static inline const char *shared(const char *folder)
{
    static char path[256];

    for (size_t i = 0; i < IR_ARRAY_LEN(roots); i++) {
        snprintf(path, sizeof(path), "%s/%s", roots[i], folder);
        DIR *dir = opendir(path);
        if (dir != NULL) {
            closedir(dir);
            return path;
        }
    }
    ir_test_skip("../shared is not here");
}

static inline unsigned scale(unsigned shortly, unsigned at_length)
{
    return getenv("IR_CHECK_ALL") != NULL ? at_length : shortly;
}

static inline uint32_t random32(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Change up to three places: a bit, a byte, a word to something small or huge. */
static inline void mutate(uint8_t *p, size_t n, uint64_t *rng)
{
    for (uint32_t k = random32(rng) % 3 + 1; k > 0 && n >= 4; k--) {
        size_t at = random32(rng) % n;
        uint32_t word = random32(rng) % 8 == 0 ? UINT32_MAX : random32(rng) % 5;
        switch (random32(rng) % 4) {
        case 0:
            p[at] ^= (uint8_t)(1u << random32(rng) % 8);
            break;
        case 1:
            p[at] = (uint8_t)random32(rng);
            break;
        default:
            at &= ~(size_t)3;
            memcpy(p + (at + 4 > n ? n - 4 : at), &word, 4);
            break;
        }
    }
}

static inline char *read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 2000000);
    IR_ASSERT(f != NULL);
    IR_ASSERT(fread(text, 1, 1999999, f) > 0);
    fclose(f);
    return text;
}

/* The value of the next "key": "..." in place; *@at moves behind it. */
static inline char *next(char **at, const char *key)
{
    char *p = strstr(*at, key);
    if (p == NULL) {
        return NULL;
    }
    p = strchr(p + strlen(key), '"') + 1;
    char *out = p;
    char *start = p;
    for (; *p != '"'; p++) {
        if (*p == '\\') {
            p++;
            *out++ = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
        } else {
            *out++ = *p;
        }
    }
    *at = p + 1;
    *out = '\0';
    return start;
}

/* Read a file of the corpus in folder @ctx: "ms-X.idl" is X.idl, whatever its folder. */
static inline bool read_idl(void *ctx, const char *path, char **ret, size_t *ret_len)
{
    static const char *const folders[] = {"", "dcom/", "adts/", "dnsp/", "h/"};
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    FILE *f = NULL;

    name += strncmp(name, "ms-", 3) == 0 ? 3 : 0;
    for (size_t i = 0; i < IR_ARRAY_LEN(folders) && f == NULL; i++) {
        char full[600];
        snprintf(full, sizeof(full), "%s/%s%s", (const char *)ctx, folders[i], name);
        f = fopen(full, "r");
    }
    if (f == NULL) {
        return false;
    }
    *ret = ir_calloc(1, 4000000);
    *ret_len = fread(*ret, 1, 3999999, f);
    fclose(f);
    return true;
}
