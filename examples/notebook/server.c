/* A server for notebook.idl: server STRING-BINDING ACCOUNTS FOLDER WRITER
 *     ironrpc passwd -f accounts ada
 *     server ncacn_ip_tcp:127.0.0.1 accounts /var/lib/notes ada
 * Users of ACCOUNTS authenticate by NTLM, calls are encrypted; WRITER alone may append. Notebooks
 * are files of FOLDER: managers wait for the disk, so they run in the server's pool of threads.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ironrpc/ironrpc.h>

#include "notebook.h"

#define DOMAIN "NOTES"
#define MAX_FILE (1 << 20)

enum {
    ERROR_FILE_NOT_FOUND = 2,
    ERROR_WRITE_FAULT = 29,
    ERROR_INVALID_NAME = 123
};
enum {
    OPNUM_APPEND = 1
}; /* operations count from 0, in the order of the IDL */

static struct irpc_server *server;

/* What a NOTEBOOK stands for; `data` of the context handle. */
struct book {
    int fd;
};

/* The client closed its handle, or is gone. On any thread of the server. */
static void free_book(void *data)
{
    struct book *book = data;

    close(book->fd);
    free(book);
}

/* Letters and digits: it becomes the name of a file. */
static int is_good(const char *name)
{
    for (const char *p = name; *p != '\0'; p++) {
        if (!isalnum((unsigned char)*p)) {
            return 0;
        }
    }
    return name[0] != '\0';
}

static enum irpc_status open_book(struct irpc_call *call, const char *name, NOTEBOOK *notebook,
                                  uint32_t *ret_result)
{
    char file[64];
    struct book *book = NULL;

    if (!is_good(name)) {
        *ret_result = ERROR_INVALID_NAME; /* *notebook stays the NULL handle */
        return IRPC_OK;
    }
    snprintf(file, sizeof(file), "%s.notes", name);
    int fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        *ret_result = ERROR_FILE_NOT_FOUND;
        return IRPC_OK;
    }
    book = malloc(sizeof(*book));
    if (book == NULL) {
        close(fd);
        return IRPC_NO_MEMORY; /* the client gets a fault */
    }
    book->fd = fd;
    enum irpc_status st = irpc_context_new(call, book, free_book, 0, notebook);
    if (st != IRPC_OK) {
        free_book(book);
        return st;
    }
    *ret_result = 0;
    return IRPC_OK;
}

/* One line for each note: the author, a tab, the text without control characters. */
static enum irpc_status append(struct irpc_call *call, NOTEBOOK notebook, const char *text,
                               uint32_t *ret_result)
{
    /* Never NULL: a handle that this client did not get, or NULL, has been refused before. */
    const struct book *book = irpc_context_data(call, &notebook);
    char *line = irpc_call_strdup(call, text); /* freed with the call */

    if (line == NULL) {
        return IRPC_NO_MEMORY;
    }
    for (char *p = line; *p != '\0'; p++) {
        *p = iscntrl((unsigned char)*p) ? ' ' : *p;
    }
    int n = dprintf(book->fd, "%s\t%s\n", irpc_call_identity(call)->principal, line);
    *ret_result = n < 0 || fdatasync(book->fd) != 0 ? ERROR_WRITE_FAULT : 0;
    return IRPC_OK;
}

/* Takes the lines of @text apart; what @list points to is memory of the call. */
static enum irpc_status split(struct irpc_call *call, char *text, note_list *list)
{
    char *rest = NULL;

    list->notes = irpc_call_alloc(call, NOTEBOOK_MAX_NOTES * sizeof(note));
    if (list->notes == NULL) {
        return IRPC_NO_MEMORY;
    }
    for (char *line = strtok_r(text, "\n", &rest); line != NULL && list->n < NOTEBOOK_MAX_NOTES;
         line = strtok_r(NULL, "\n", &rest)) {
        char *tab = strchr(line, '\t');
        if (tab != NULL) {
            *tab = '\0';
            list->notes[list->n++] = (note){line, tab + 1};
        }
    }
    return IRPC_OK;
}

static enum irpc_status read_all(struct irpc_call *call, NOTEBOOK notebook, note_list *list,
                                 uint32_t *ret_result)
{
    const struct book *book = irpc_context_data(call, &notebook);
    char *text = irpc_call_alloc(call, MAX_FILE + 1); /* zeroed */

    if (text == NULL || pread(book->fd, text, MAX_FILE, 0) < 0) {
        return IRPC_NO_MEMORY;
    }
    *ret_result = 0;
    return split(call, text, list);
}

static enum irpc_status close_book(struct irpc_call *call, NOTEBOOK *notebook, uint32_t *ret_result)
{
    struct book *book = irpc_context_data(call, notebook);

    irpc_context_close(call, notebook);
    if (book != NULL) { /* [in, out]: it may be NULL */
        free_book(book);
    }
    *ret_result = 0;
    return IRPC_OK;
}

/* Asked before each call is decoded. Unauthenticated callers do not come as far: min_level. */
static enum irpc_status may(void *writer, const struct irpc_peer *peer,
                            const struct irpc_auth_identity *who, uint16_t opnum,
                            const char **reason)
{
    char principal[300];

    (void)peer;
    snprintf(principal, sizeof(principal), DOMAIN "\\%s", (const char *)writer);
    if (opnum != OPNUM_APPEND || strcmp(who->principal, principal) == 0) {
        return IRPC_OK;
    }
    *reason = "only the writer appends"; /* for the log: the client learns that it was refused */
    return IRPC_ACCESS_DENIED;
}

/* --- setting up --- */

static enum irpc_status accept_ntlm(const char *accounts)
{
    const struct irpc_auth_ntlm_server options = {.accounts_file = accounts, .domain = DOMAIN};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";
    enum irpc_status st = irpc_auth_ntlm_server_new(&options, &provider, why, sizeof(why));

    if (st != IRPC_OK) {
        fprintf(stderr, "%s: %s\n", irpc_status_text(st), why);
        return st;
    }
    st = irpc_server_add_auth(server, provider);
    irpc_auth_provider_unref(provider); /* the server has its own reference */
    return st;
}

static enum irpc_status offer(char *writer)
{
    static const struct notebook_manager manager = {open_book, append, read_all, close_book};
    const struct irpc_register_options options = {
        .annotation = "notebook example",
        .blocking = true,
        .min_level = IRPC_AUTH_LEVEL_PRIVACY,
        .security_hook = may,
        .user = writer,
    };

    return irpc_server_register(server, &notebook_v1_0_server, &manager, &options);
}

static void stop(int number)
{
    (void)number;
    irpc_server_stop(server);
}

static void print_log(void *user, enum irpc_log_level level, const char *subsystem,
                      const char *text)
{
    (void)user;
    (void)level;
    fprintf(stderr, "%s: %s\n", subsystem, text);
}

int main(int argc, char **argv)
{
    struct irpc_endpoint endpoint;

    if (argc != 5) {
        fprintf(stderr, "usage: %s STRING-BINDING ACCOUNTS FOLDER WRITER\n", argv[0]);
        return 2;
    }
    irpc_set_log(print_log, NULL, IRPC_LOG_NOTICE); /* at INFO it has the calls that were allowed */
    if (irpc_server_new(NULL, &server) != IRPC_OK) {
        fprintf(stderr, "no server can be made\n");
        return 1;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    enum irpc_status st = accept_ntlm(argv[2]);
    if (st == IRPC_OK && chdir(argv[3]) != 0) {
        perror(argv[3]);
        st = IRPC_IO;
    }
    st = st == IRPC_OK ? offer(argv[4]) : st;
    st = st == IRPC_OK ? irpc_server_listen(server, argv[1]) : st;
    if (st == IRPC_OK) {
        irpc_server_endpoint(server, 0, &endpoint);
        printf("listening at %s\n", endpoint.string_binding);
        fflush(stdout);
        st = irpc_server_run(server);
    }
    if (st != IRPC_OK) {
        fprintf(stderr, "%s: %s\n", irpc_status_text(st), irpc_server_error(server));
    }
    irpc_server_free(server); /* closes the notebooks that clients have left open */
    return st == IRPC_OK ? 0 : 1;
}
