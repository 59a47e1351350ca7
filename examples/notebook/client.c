/* A client for notebook.idl: client STRING-BINDING USER NOTEBOOK [TEXT]
 *     NOTEBOOK_PASSWORD=secret client ncacn_ip_tcp:127.0.0.1[4711] ada todo "write an example"
 * Appends TEXT, if there is one, and prints all notes.
 */
#include <stdio.h>
#include <stdlib.h>

#include <ironrpc/ironrpc.h>

#include "notebook.h"

/* What a call came to: whether it got through, and what the operation itself says. */
static int failed(const char *what, const struct irpc_binding *binding, enum irpc_status st,
                  uint32_t result)
{
    if (st != IRPC_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, irpc_status_text(st), irpc_binding_error(binding));
    } else if (result != 0) {
        fprintf(stderr, "%s: error %u\n", what, result);
    }
    return st != IRPC_OK || result != 0;
}

static int use(struct irpc_binding *binding, const char *name, const char *text)
{
    NOTEBOOK notebook = {0};
    note_list list = {0};
    uint32_t result = 0;
    enum irpc_status st = notebook_Open(binding, name, &notebook, &result);

    if (failed("Open", binding, st, result)) {
        return 1;
    }
    if (text != NULL) {
        st = notebook_Append(binding, notebook, text, &result);
        if (failed("Append", binding, st, result)) {
            return 1; /* the server closes the notebook when the connection ends */
        }
    }
    st = notebook_Read(binding, notebook, &list, &result);
    if (failed("Read", binding, st, result)) {
        return 1;
    }
    for (uint32_t i = 0; i < list.n; i++) { /* the binding's memory, until the next call */
        printf("%s: %s\n", list.notes[i].author, list.notes[i].text);
    }
    st = notebook_Close(binding, &notebook, &result);
    return failed("Close", binding, st, result);
}

static enum irpc_status authenticate(struct irpc_binding *binding, const char *user)
{
    const struct irpc_auth_ntlm_client credentials = {
        .user = user, .domain = "NOTES", .password = getenv("NOTEBOOK_PASSWORD")};
    struct irpc_auth_provider *provider = NULL;
    char why[256] = "";
    enum irpc_status st = irpc_auth_ntlm_client_new(&credentials, &provider, why, sizeof(why));

    if (st != IRPC_OK) {
        fprintf(stderr, "%s: %s\n", irpc_status_text(st), why);
        return st;
    }
    st = irpc_binding_set_auth(binding, provider, IRPC_AUTH_LEVEL_PRIVACY, NULL);
    irpc_auth_provider_unref(provider); /* the binding has its own reference */
    return st;
}

int main(int argc, char **argv)
{
    struct irpc_binding *binding = NULL;

    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: %s STRING-BINDING USER NOTEBOOK [TEXT]\n", argv[0]);
        return 2;
    }
    enum irpc_status st = irpc_binding_new(argv[1], NULL, &binding);
    if (failed(argv[1], NULL, st, 0)) {
        return 1;
    }
    int status = authenticate(binding, argv[2]) != IRPC_OK;
    if (status == 0) {
        status = use(binding, argv[3], argv[4]);
    }
    irpc_binding_free(binding);
    return status;
}
