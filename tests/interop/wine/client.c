/* A Windows program, run by Wine: the client. client.exe HOST PORT|map STEP...
 *   STEP: PREFIX            run the cases of cases.c whose names begin so, "" for all
 *         -auth TYPE LEVEL USER DOMAIN PASSWORD   security from here on
 *         -stop             call Stop()
 */
#include "both.h"

void *__RPC_USER MIDL_user_allocate(SIZE_T size)
{
    return HeapAlloc(GetProcessHeap(), 0, size);
}

void __RPC_USER MIDL_user_free(void *p)
{
    HeapFree(GetProcessHeap(), 0, p);
}

struct job {
    peer_handle h;
    void (*fn)(peer_handle h, void *data, int i);
    void *data;
    int i;
};

static DWORD WINAPI run_job(void *argument)
{
    struct job *job = argument;

    job->fn(job->h, job->data, job->i);
    return 0;
}

void in_threads(peer_handle h, void (*fn)(peer_handle h, void *data, int i), void *data)
{
    struct job jobs[CLIENT_THREADS];
    HANDLE running[CLIENT_THREADS];

    for (int i = 0; i < CLIENT_THREADS; i++) {
        jobs[i] = (struct job){h, fn, data, i};
        running[i] = CreateThread(NULL, 0, run_job, &jobs[i], 0, NULL);
    }
    WaitForMultipleObjects(CLIENT_THREADS, running, TRUE, INFINITE);
    for (int i = 0; i < CLIENT_THREADS; i++) {
        CloseHandle(running[i]);
    }
}

static handle_t bind_to(const char *host, const char *port)
{
    RPC_CSTR text = NULL;
    handle_t h = NULL;
    RPC_STATUS status =
        RpcStringBindingComposeA(NULL, (RPC_CSTR) "ncacn_ip_tcp", (RPC_CSTR)host,
                                 strcmp(port, "map") == 0 ? NULL : (RPC_CSTR)port, NULL, &text);

    if (status == RPC_S_OK) {
        status = RpcBindingFromStringBindingA(text, &h);
        RpcStringFreeA(&text);
    }
    if (status == RPC_S_OK && strcmp(port, "map") == 0) {
        status = RpcEpResolveBinding(h, winepeer_v1_0_c_ifspec);
        printf("%s RpcEpResolveBinding: %ld\n", status == RPC_S_OK ? "ok" : "not ok", (long)status);
    }
    if (status == RPC_S_OK) {
        RPC_CSTR whole = NULL;

        status = RpcBindingToStringBindingA(h, &whole);
        printf("# %s\n", whole);
        RpcStringFreeA(&whole);
    }
    return status == RPC_S_OK ? h : NULL;
}

static RPC_STATUS authenticate(handle_t h, char **argv)
{
    SEC_WINNT_AUTH_IDENTITY_A who = {0};
    RPC_STATUS status;

    who.User = (unsigned char *)argv[2];
    who.UserLength = (unsigned long)strlen(argv[2]);
    who.Domain = (unsigned char *)argv[3];
    who.DomainLength = (unsigned long)strlen(argv[3]);
    who.Password = (unsigned char *)argv[4];
    who.PasswordLength = (unsigned long)strlen(argv[4]);
    who.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    status = RpcBindingSetAuthInfoA(h, NULL, (unsigned long)atoi(argv[1]),
                                    (unsigned long)atoi(argv[0]), &who, 0);
    printf("%s RpcBindingSetAuthInfo level %s: %ld\n", status == RPC_S_OK ? "ok" : "not ok",
           argv[1], (long)status);
    return status;
}

int main(int argc, char **argv)
{
    handle_t h = argc > 2 ? bind_to(argv[1], argv[2]) : NULL;
    int failed = h == NULL;

    for (int i = 3; i < argc && h != NULL; i++) {
        if (strcmp(argv[i], "-auth") == 0 && i + 5 < argc) {
            failed += authenticate(h, argv + i + 1) != RPC_S_OK;
            i += 5;
        } else if (strcmp(argv[i], "-stop") == 0) {
            u32 code;

            CALL_ALONE(code, Stop);
            printf("%s Stop: %lu\n", code == 0 ? "ok" : "not ok", (unsigned long)code);
        } else {
            failed += run_cases(h, argv[i]);
        }
    }
    if (h != NULL) {
        RpcBindingFree(&h);
    }
    printf("done\n");
    fflush(stdout);
    return failed != 0;
}
