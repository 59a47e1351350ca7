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
#include "auth/secret.h"
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

static void free_account(struct ir_account *account)
{
    ir_free(account->name);
    ir_free(account->upper);
    ir_secret_free(account, sizeof(*account));
}

void ir_accounts_deinit(struct ir_accounts *accounts)
{
    for (size_t i = 0; i < accounts->n; i++) {
        free_account(accounts->list[i]);
    }
    ir_free(accounts->list);
    *accounts = (struct ir_accounts){.list = NULL};
}

static int compare_names(const void *a, const void *b)
{
    const struct ir_account *x = *(struct ir_account *const *)a;
    const struct ir_account *y = *(struct ir_account *const *)b;

    if (x->upper_len != y->upper_len) {
        return x->upper_len < y->upper_len ? -1 : 1;
    }
    return memcmp(x->upper, y->upper, x->upper_len);
}

const struct ir_account *ir_accounts_find(const struct ir_accounts *accounts, struct irpc_span user)
{
    struct ir_account account = {.upper = (uint8_t *)(uintptr_t)user.p, .upper_len = user.len};
    const struct ir_account *key = &account;

    if (user.len == 0 || accounts->n == 0) {
        return NULL;
    }
    struct ir_account *const *found =
        bsearch(&key, accounts->list, accounts->n, sizeof(key), compare_names);
    return found != NULL ? *found : NULL;
}

/* Sort for ir_accounts_find(). Return: a name that is there twice, NULL: none. */
static const char *sort(struct ir_accounts *accounts)
{
    if (accounts->n > 0) {
        qsort(accounts->list, accounts->n, sizeof(accounts->list[0]), compare_names);
    }
    for (size_t i = 1; i < accounts->n; i++) {
        if (compare_names(&accounts->list[i - 1], &accounts->list[i]) == 0) {
            return accounts->list[i]->name;
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

static bool has_room(struct ir_accounts *accounts)
{
    size_t cap = accounts->cap > 0 ? accounts->cap * 2 : 16;

    if (accounts->n < accounts->cap) {
        return true;
    }
    struct ir_account **list = ir_realloc(accounts->list, cap * sizeof(list[0]));
    if (list == NULL) {
        return false;
    }
    accounts->list = list;
    accounts->cap = cap;
    return true;
}

/* Name and hash of @line, without its end, into @account. *ret_reason: what is wrong. */
static enum irpc_status parse_line(char *line, struct ir_account *account, const char **ret_reason)
{
    char *hash = strchr(line, ':');

    *ret_reason = "NAME:HASH is wanted, the hash in 32 hexadecimal digits";
    if (hash == NULL) {
        return IRPC_INVALID_ARG;
    }
    *hash++ = '\0';
    if (!ir_account_name_is_valid(line) || !parse_hash(hash, account->nt_hash)) {
        return IRPC_INVALID_ARG;
    }
    *ret_reason = "the name is not UTF-8";
    enum irpc_status st = ir_ntlm_to_utf16(line, true, &account->upper, &account->upper_len);
    if (st != IRPC_OK) {
        return st;
    }
    *ret_reason = "out of memory";
    account->name = ir_calloc(1, strlen(line) + 1);
    if (account->name == NULL) {
        return IRPC_NO_MEMORY;
    }
    memcpy(account->name, line, strlen(line));
    return IRPC_OK;
}

static enum irpc_status take_line(struct ir_accounts *accounts, char *line, const char **ret_reason)
{
    if (line[0] == '#' || line[0] == '\0') {
        return IRPC_OK;
    }
    *ret_reason = "too many accounts";
    if (accounts->n >= IR_ACCOUNTS_MAX) {
        return IRPC_LIMIT;
    }
    struct ir_account *account = has_room(accounts) ? ir_secret_new(sizeof(*account)) : NULL;
    if (account == NULL) {
        *ret_reason = "out of memory";
        return IRPC_NO_MEMORY;
    }
    enum irpc_status st = parse_line(line, account, ret_reason);
    if (st != IRPC_OK) {
        free_account(account);
        return st;
    }
    accounts->list[accounts->n++] = account;
    return IRPC_OK;
}

static enum irpc_status read_lines(FILE *file, struct ir_accounts *accounts, unsigned *ret_line,
                                   const char **ret_reason)
{
    char line[LINE_MAX_LEN + 2];
    enum irpc_status st = IRPC_OK;

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
    char buffer[8192]; /* in place of stdio's, to be wiped */
    const char *reason = "";
    unsigned line = 0;
    struct stat st;
    FILE *file = fopen(path, "re");

    if (file == NULL || fstat(fileno(file), &st) != 0) {
        (void)snprintf(why, why_cap,
                       "%s: %s; `ironrpc passwd` makes it, who reads it has to own it", path,
                       strerror(errno));
        if (file != NULL) {
            (void)fclose(file);
        }
        return IRPC_ACCESS_DENIED;
    }
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
        (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0)) {
        (void)snprintf(
            why, why_cap,
            "%s: it must be a file that its owner alone may read (chmod 600): hashes in it "
            "are as good as passwords",
            path);
        (void)fclose(file);
        return IRPC_ACCESS_DENIED;
    }
    (void)setvbuf(file, buffer, _IOFBF, sizeof(buffer));
    enum irpc_status status = read_lines(file, &accounts, &line, &reason);
    (void)fclose(file);
    ir_ntlm_wipe(buffer, sizeof(buffer));
    if (status != IRPC_OK) {
        (void)snprintf(why, why_cap, "%s:%u: %s", path, line > 1 ? line - 1 : line, reason);
        ir_accounts_deinit(&accounts);
        return status;
    }
    const char *twice = sort(&accounts);
    if (twice != NULL) {
        (void)snprintf(why, why_cap, "%s: the name '%s' is there twice", path, twice);
        ir_accounts_deinit(&accounts);
        return IRPC_INVALID_ARG;
    }
    *ret_accounts = accounts;
    return IRPC_OK;
}
