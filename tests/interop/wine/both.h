/*
 * What cases.c and managers.c need to be the same text for Windows' stubs (widl's, under Wine) and
 * for ours: names of types, how an operation is called, and how a manager of one is written.
 */
#pragma once

#ifdef _WIN32
#include <windows.h>

#include <rpc.h>
#else
#include <ironrpc/ironrpc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winepeer.h"
#include "winesecond.h"

#define ECHO_BYTES BIG
#define CLIENT_THREADS 4

#ifdef _WIN32

typedef LONG i32;
typedef ULONG u32;
typedef hyper i64;
typedef small i8;
typedef wchar_t c16;
typedef handle_t peer_handle;
#define W(text) L##text

/* The code is read in the filter: Wine 8's unwinder does not hand it to the block behind it. */
#define GUARDED(code, call)                            \
    do {                                               \
        volatile u32 caught_ = 0;                      \
        RpcTryExcept                                   \
        {                                              \
            call;                                      \
        }                                              \
        RpcExcept((caught_ = RpcExceptionCode()) != 0) \
        {                                              \
        }                                              \
        RpcEndExcept;                                  \
        (code) = caught_;                              \
    } while (0)
#define CALL(code, Op, ...) GUARDED(code, Op(h, __VA_ARGS__))
#define CALL_IN(code, Op, ...) GUARDED(code, Op(__VA_ARGS__))
#define CALL_ALONE(code, Op) GUARDED(code, Op(h))
#define CALL_RETURNS(code, result, Op, ...) GUARDED(code, *(result) = Op(h, __VA_ARGS__))
#define CALL_SECOND(code, result, Op, ...)          \
    do {                                            \
        winesecond_handle = h;                      \
        GUARDED(code, *(result) = Op(__VA_ARGS__)); \
    } while (0)
#define CALL_SECOND_VOID(code, Op, ...) \
    do {                                \
        winesecond_handle = h;          \
        GUARDED(code, Op(__VA_ARGS__)); \
    } while (0)

#define RANGE_CODE 1783 /* the server finds it */

typedef counter context;
#define IS_NULL_CONTEXT(c) ((c) == NULL)
#define NULL_CONTEXT NULL

#else /* ours */

typedef int32_t i32;
typedef uint32_t u32;
typedef int64_t i64;
typedef int8_t i8;
typedef uint16_t c16;
typedef struct irpc_binding *peer_handle;
#define W(text) ((c16 *)u##text)

/* What Windows would raise. */
static inline u32 windows_code(peer_handle h, enum irpc_status status)
{
    u32 fault = irpc_binding_fault(h);

    return fault != 0 ? irpc_fault_rpc_s(fault) : irpc_status_rpc_s(status);
}

#define CALL(code, Op, ...) ((code) = windows_code(h, winepeer_##Op(h, __VA_ARGS__)))
#define CALL_IN CALL
#define CALL_ALONE(code, Op) ((code) = windows_code(h, winepeer_##Op(h)))
#define CALL_RETURNS(code, result, Op, ...) CALL(code, Op, __VA_ARGS__, result)
/* A connection of its own, as Windows' client has for each interface: Wine's server drops
 * connections with alter_context. */
#define CALL_SECOND_VOID(code, Op, ...)                                         \
    do {                                                                        \
        if (irpc_binding_copy(h, &winesecond_handle) != IRPC_OK) {              \
            abort();                                                            \
        }                                                                       \
        (code) = windows_code(winesecond_handle, winesecond_##Op(__VA_ARGS__)); \
        irpc_binding_free(winesecond_handle);                                   \
    } while (0)
#define CALL_SECOND(code, result, Op, ...) CALL_SECOND_VOID(code, Op, __VA_ARGS__, result)

#define RANGE_CODE 1734 /* found before anything is sent */

typedef struct irpc_context_handle context;
#define IS_NULL_CONTEXT(c) (memcmp(&(c), &NULL_CONTEXT, sizeof(context)) == 0)
#define NULL_CONTEXT ((context){0})

#endif

/* cases.c: run the cases whose names begin with @prefix ("" runs all), one line of output for each.
 * Return: how many failed. */
int run_cases(peer_handle h, const char *prefix);

/* The program's: call @fn(handle of its own, @data) in CLIENT_THREADS threads at once. */
void in_threads(peer_handle h, void (*fn)(peer_handle h, void *data, int i), void *data);
