/* A Windows program, run by Wine: the server. server.exe PORT
 * Ends when a client calls Stop(). Not registered anywhere: Wine's endpoint mapper needs a prefix.
 */
#include "both.h"

#define OP(Name, ...) void __cdecl Name(handle_t call, __VA_ARGS__)
#define OP_ALONE(Name) void __cdecl Name(handle_t call)
#define OP_OF_CONTEXT(Name, ...) void __cdecl Name(__VA_ARGS__)
#define OP_RETURNS(type, Name, ...) type __cdecl Name(handle_t call, __VA_ARGS__)
#define OP_SECOND(Name, ...) void __cdecl Name(__VA_ARGS__)
#define OP_SECOND_RETURNS(type, Name, ...) type __cdecl Name(__VA_ARGS__)
#define DONE return
#define RETURN(value) return (value)
#define RAISE(error) RpcRaiseException((RPC_STATUS)(error))
#define THE_CALL
#define CALL_ARG
#define ALLOC(type, n) ((type *)allocate((n) * sizeof(type)))
#define MAKE_CONTEXT(c, data) (*(c) = (data))
#define DATA_OF(c) (c)
#define CLOSE_CONTEXT(c) (*(c) = NULL)
#define SLEEP(ms) Sleep(ms)
#define STOP() RpcMgmtStopServerListening(NULL)

typedef error_status_t status_result;

void *__RPC_USER MIDL_user_allocate(SIZE_T size)
{
    return HeapAlloc(GetProcessHeap(), 0, size);
}

void __RPC_USER MIDL_user_free(void *p)
{
    HeapFree(GetProcessHeap(), 0, p);
}

static void *allocate(size_t size)
{
    return memset(MIDL_user_allocate(size), 0, size);
}

#include "managers.c"

void __RPC_USER counter_rundown(counter c)
{
    run_down(c);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    RPC_STATUS status =
        RpcServerUseProtseqEpA((RPC_CSTR) "ncacn_ip_tcp", 20, (RPC_CSTR)argv[1], NULL);

    if (status == RPC_S_OK) {
        status = RpcServerRegisterIf2(winepeer_v1_0_s_ifspec, NULL, NULL, RPC_IF_AUTOLISTEN, 20,
                                      (unsigned)-1, NULL);
    }
    if (status == RPC_S_OK) {
        status = RpcServerRegisterIf(winesecond_v2_3_s_ifspec, NULL, NULL);
    }
    printf("serving: %ld\n", (long)status);
    fflush(stdout);
    if (status == RPC_S_OK) {
        status = RpcServerListen(1, 20, FALSE);
    }
    printf("ended: %ld, %ld run down\n", (long)status, (long)run_down_handles);
    fflush(stdout);
    return status == RPC_S_OK ? 0 : 1;
}
