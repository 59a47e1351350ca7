/*
 * The accounts file. Whatever is wrong with it is told by line; nothing of a bad file is used.
 */
#include "auth/accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/ntlm.h"
#include "base/alloc.h"

#define LINE_MAX_LEN (IR_ACCOUNT_NAME_MAX + 2u * IR_NTLM_HASH_LEN + 3u)

bool ir_account_name_is_valid(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > IR_ACCOUNT_NAME_MAX || strpbrk(name, ":#\\@/") != NULL) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

void ir_accounts_deinit(struct ir_accounts *accounts)
{
    for (size_t i = 0; i < accounts->n; i++) {
        ir_free(accounts->list[i].name);
        ir_free(accounts->list[i].upper);
    }
    if (accounts->list != NULL) {
        ir_ntlm_wipe(accounts->list, accounts->cap * sizeof(accounts->list[0]));
    }
    ir_free(accounts->list);
    *accounts = (struct ir_accounts){.list = NULL};
}

const struct ir_account *ir_accounts_find(const struct ir_accounts *accounts, struct irpc_span user)
{
    for (size_t i = 0; i < accounts->n; i++) {
        const struct ir_account *a = &accounts->list[i];
        if (a->upper_len == user.len && user.len > 0 && memcmp(a->upper, user.p, user.len) == 0) {
            return a;
        }
    }
    return NULL;
}

static bool parse_hash(const char *text, uint8_t ret_hash[IR_NTLM_HASH_LEN])
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(text) != 2 * IR_NTLM_HASH_LEN) {
        return false;
    }
    for (size_t i = 0; i < 2 * IR_NTLM_HASH_LEN; i++) {
        int lower = text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i];
        const char *digit = strchr(digits, lower);
        if (digit == NULL || lower == '\0') {
            return false;
        }
        uint8_t value = (uint8_t)(digit - digits);
        ret_hash[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : ret_hash[i / 2] | value);
    }
    return true;
}

/* Room for one more. The old list is wiped: realloc() would leave hashes behind. */
static bool grow(struct ir_accounts *accounts)
{
    size_t cap = accounts->cap > 0 ? accounts->cap * 2 : 16;
    struct ir_account *list;

    if (accounts->n < accounts->cap) {
        return true;
    }
    list = ir_calloc(cap, sizeof(*list));
    if (list == NULL) {
        return false;
    }
    if (accounts->n > 0) {
        memcpy(list, accounts->list, accounts->n * sizeof(*list));
        ir_ntlm_wipe(accounts->list, accounts->cap * sizeof(*list));
    }
    ir_free(accounts->list);
    accounts->list = list;
    accounts->cap = cap;
    return true;
}

/* One line without its end. *ret_reason: what is wrong with it. */
static enum irpc_status take_line(struct ir_accounts *accounts, char *line, const char **ret_reason)
{
    char *hash = strchr(line, ':');
    struct ir_account a = {.name = NULL};

    if (line[0] == '#' || line[0] == '\0') {
        return IRPC_OK;
    }
    *ret_reason = "NAME:HASH is wanted, the hash in 32 hexadecimal digits";
    if (hash == NULL) {
        return IRPC_INVALID_ARG;
    }
    *hash++ = '\0';
    if (!ir_account_name_is_valid(line) || !parse_hash(hash, a.nt_hash)) {
        return IRPC_INVALID_ARG;
    }
    *ret_reason = "too many accounts";
    if (accounts->n >= IR_ACCOUNTS_MAX) {
        return IRPC_LIMIT;
    }
    *ret_reason = "the name is not UTF-8";
    enum irpc_status st = ir_ntlm_to_utf16(line, true, &a.upper, &a.upper_len);
    if (st != IRPC_OK) {
        return st;
    }
    *ret_reason = "the name is there twice";
    if (ir_accounts_find(accounts, (struct irpc_span){a.upper, a.upper_len}) != NULL) {
        ir_free(a.upper);
        return IRPC_INVALID_ARG;
    }
    *ret_reason = "out of memory";
    a.name = ir_calloc(1, strlen(line) + 1);
    if (a.name == NULL || !grow(accounts)) {
        ir_free(a.name);
        ir_free(a.upper);
        return IRPC_NO_MEMORY;
    }
    memcpy(a.name, line, strlen(line));
    accounts->list[accounts->n++] = a;
    ir_ntlm_wipe(a.nt_hash, sizeof(a.nt_hash));
    return IRPC_OK;
}

static enum irpc_status read_lines(FILE *file, struct ir_accounts *accounts, unsigned *ret_line,
                                   const char **ret_reason)
{
    char line[LINE_MAX_LEN + 2];
    enum irpc_status st = IRPC_OK;

    setvbuf(file, NULL, _IONBF, 0); /* no copy of the hashes in a buffer of stdio's */
    for (*ret_line = 1; st == IRPC_OK && fgets(line, sizeof(line), file) != NULL; ++*ret_line) {
        size_t len = strcspn(line, "\r\n");
        if (line[len] == '\0' && !feof(file)) {
            *ret_reason = "the line is too long, or has a NUL";
            st = IRPC_INVALID_ARG;
            break;
        }
        line[len] = '\0';
        st = take_line(accounts, line, ret_reason);
    }
    ir_ntlm_wipe(line, sizeof(line));
    if (st == IRPC_OK && ferror(file)) {
        *ret_reason = "it cannot be read";
        st = IRPC_IO;
    }
    return st;
}

enum irpc_status ir_accounts_load(const char *path, struct ir_accounts *ret_accounts, char *why,
                                  size_t why_cap)
{
    struct ir_accounts accounts = {.list = NULL};
    const char *reason = "";
    unsigned line = 0;
    struct stat st;
    FILE *file = fopen(path, "re");

    if (file == NULL || fstat(fileno(file), &st) != 0) {
        (void)snprintf(why, why_cap, "%s: %s; `ironrpc passwd` makes it", path, strerror(errno));
        if (file != NULL) {
            (void)fclose(file);
        }
        return IRPC_ACCESS_DENIED;
    }
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
        (st.st_uid != geteuid() && st.st_uid != 0)) {
        (void)snprintf(
            why, why_cap,
            "%s: it must be a file that its owner alone may read (chmod 600): hashes in it "
            "are as good as passwords",
            path);
        (void)fclose(file);
        return IRPC_ACCESS_DENIED;
    }
    enum irpc_status status = read_lines(file, &accounts, &line, &reason);
    (void)fclose(file);
    if (status != IRPC_OK) {
        (void)snprintf(why, why_cap, "%s:%u: %s", path, line > 1 ? line - 1 : line, reason);
        ir_accounts_deinit(&accounts);
        return status;
    }
    *ret_accounts = accounts;
    return IRPC_OK;
}
