/*
 * Changing the accounts file: read whole, written whole beside it, renamed over it. Two that change
 * it at once wait for each other (a lock on its folder); a crash leaves the old file or the new
 * one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/accounts.h"
#include "auth/ntlm.h"
#include "base/alloc.h"

struct edit {
    const char *path;
    char *folder;
    char *temporary;
    char *why;
    size_t why_cap;
    int folder_fd;
    int fd; /* of the new file */
    struct ir_accounts accounts;
};

static enum irpc_status fail(struct edit *edit, enum irpc_status st, const char *what)
{
    (void)snprintf(edit->why, edit->why_cap, "%s: %s: %s", edit->path, what, strerror(errno));
    return st;
}

static char *join(const char *a, size_t a_len, const char *b)
{
    char *text = ir_calloc(1, a_len + strlen(b) + 1);

    if (text != NULL) {
        memcpy(text, a, a_len);
        memcpy(text + a_len, b, strlen(b));
    }
    return text;
}

static enum irpc_status begin(struct edit *edit)
{
    const char *slash = strrchr(edit->path, '/');

    edit->folder = slash == NULL         ? join(".", 1, "")
                   : slash == edit->path ? join("/", 1, "")
                                         : join(edit->path, (size_t)(slash - edit->path), "");
    edit->temporary = join(edit->path, strlen(edit->path), ".XXXXXX");
    if (edit->folder == NULL || edit->temporary == NULL) {
        (void)snprintf(edit->why, edit->why_cap, "out of memory");
        return IRPC_NO_MEMORY;
    }
    edit->folder_fd = open(edit->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (edit->folder_fd < 0) {
        return fail(edit, IRPC_ACCESS_DENIED, "its folder cannot be opened");
    }
    if (flock(edit->folder_fd, LOCK_EX) != 0) {
        return fail(edit, IRPC_IO, "its folder cannot be locked");
    }
    if (access(edit->path, F_OK) != 0 && errno == ENOENT) {
        return IRPC_OK; /* the first account */
    }
    return ir_accounts_load(edit->path, &edit->accounts, edit->why, edit->why_cap);
}

static enum irpc_status write_line(struct edit *edit, const char *name,
                                   const uint8_t hash[IR_NTLM_HASH_LEN])
{
    char line[IR_ACCOUNT_NAME_MAX + 2 * IR_NTLM_HASH_LEN + 3];
    size_t len = (size_t)snprintf(line, sizeof(line), "%s:", name);

    for (size_t i = 0; i < IR_NTLM_HASH_LEN; i++) {
        len += (size_t)snprintf(line + len, sizeof(line) - len, "%02x", hash[i]);
    }
    line[len++] = '\n';
    ssize_t done = write(edit->fd, line, len);
    ir_ntlm_wipe(line, sizeof(line));
    return done == (ssize_t)len ? IRPC_OK : fail(edit, IRPC_IO, "cannot be written");
}

/* Root changes the file of a service, which stays the service's. */
static enum irpc_status keep_owner(struct edit *edit)
{
    struct stat st;

    if (stat(edit->path, &st) == 0 && st.st_uid != geteuid() &&
        fchown(edit->fd, st.st_uid, st.st_gid) != 0) {
        return fail(edit, IRPC_ACCESS_DENIED, "the new file cannot be given to its owner");
    }
    return IRPC_OK;
}

/* All accounts but @except, and @hash for it where that is not NULL. */
static enum irpc_status write_all(struct edit *edit, const struct ir_account *except,
                                  const char *name, const uint8_t *hash)
{
    enum irpc_status st = IRPC_OK;

    edit->fd = mkostemp(edit->temporary, O_CLOEXEC); /* 0600 */
    if (edit->fd < 0) {
        edit->temporary[0] = '\0';
        return fail(edit, IRPC_ACCESS_DENIED, "no file can be made beside it");
    }
    st = keep_owner(edit);
    for (size_t i = 0; i < edit->accounts.n && st == IRPC_OK; i++) {
        const struct ir_account *a = edit->accounts.list[i];
        if (a != except) {
            st = write_line(edit, a->name, a->nt_hash);
        }
    }
    if (st == IRPC_OK && hash != NULL) {
        st = write_line(edit, name, hash);
    }
    if (st == IRPC_OK && fsync(edit->fd) != 0) {
        st = fail(edit, IRPC_IO, "cannot be written");
    }
    if (st == IRPC_OK && rename(edit->temporary, edit->path) != 0) {
        st = fail(edit, IRPC_IO, "cannot be replaced");
    }
    if (st == IRPC_OK) {
        edit->temporary[0] = '\0';
        (void)fsync(edit->folder_fd);
    }
    return st;
}

static void end(struct edit *edit)
{
    if (edit->temporary != NULL && edit->temporary[0] != '\0' && edit->fd >= 0) {
        (void)unlink(edit->temporary);
    }
    if (edit->fd >= 0) {
        (void)close(edit->fd);
    }
    if (edit->folder_fd >= 0) {
        (void)close(edit->folder_fd);
    }
    ir_free(edit->folder);
    ir_free(edit->temporary);
    ir_accounts_deinit(&edit->accounts);
}

static bool hash_password(const char *password, uint8_t ret_hash[IR_NTLM_HASH_LEN])
{
    uint8_t *secret = NULL;
    size_t len = 0;
    bool ok = ir_ntlm_to_utf16(password, false, &secret, &len) == IRPC_OK &&
              ir_ntlm_nt_hash((struct irpc_span){secret, len}, ret_hash);

    if (secret != NULL) {
        ir_ntlm_wipe(secret, len);
    }
    ir_free(secret);
    return ok;
}

enum irpc_status irpc_auth_set_account(const char *path, const char *user, const char *password,
                                       char *why, size_t why_cap)
{
    struct edit edit = {.path = path, .why = why, .why_cap = why_cap, .folder_fd = -1, .fd = -1};
    uint8_t hash[IR_NTLM_HASH_LEN] = {0};
    uint8_t *upper = NULL;
    size_t upper_len = 0;
    const char *reason = "";

    if (ir_ntlm_crypto_load(&reason) != IRPC_OK) {
        (void)snprintf(why, why_cap, "%s", reason);
        return IRPC_INVALID_STATE;
    }
    if (!ir_account_name_is_valid(user) ||
        ir_ntlm_to_utf16(user, true, &upper, &upper_len) != IRPC_OK ||
        (password != NULL && !hash_password(password, hash))) {
        (void)snprintf(
            why, why_cap,
            "a name has 1 to 256 bytes of UTF-8 without : # \\ @ / and control characters, a "
            "password is UTF-8");
        ir_free(upper);
        return IRPC_INVALID_ARG;
    }
    enum irpc_status st = begin(&edit);
    if (st == IRPC_OK) {
        const struct ir_account *old =
            ir_accounts_find(&edit.accounts, (struct irpc_span){upper, upper_len});
        if (old == NULL && password == NULL) {
            (void)snprintf(why, why_cap, "%s: there is no account '%s'", path, user);
            st = IRPC_NOT_FOUND;
        } else if (old == NULL && edit.accounts.n >= IR_ACCOUNTS_MAX) {
            (void)snprintf(why, why_cap, "%s: no more than %u accounts", path, IR_ACCOUNTS_MAX);
            st = IRPC_LIMIT;
        } else {
            st = write_all(&edit, old, user, password != NULL ? hash : NULL);
        }
    }
    end(&edit);
    ir_free(upper);
    ir_ntlm_wipe(hash, sizeof(hash));
    return st;
}
