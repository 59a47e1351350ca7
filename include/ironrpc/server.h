/*
 * Servers: listen, register interfaces, run; calls, context handles, completion from any thread.
 *
 * A server is one event loop, or several, each with a thread of its own
 * (irpc_server_options.loops); a connection belongs to one of them for life. Unless a function says
 * "any thread", call it on the thread that runs the server (irpc_server_run(), the main loop), or
 * before it runs; functions that take a call: where its manager runs. Managers and hooks run on the
 * thread of their connection's loop, so with several loops they run at the same time; managers of
 * an interface that is registered as blocking run in a pool of threads. Managers on other threads
 * than the main loop's reach it by irpc_server_post(). The log hook is called by all of these
 * threads.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_SERVER_H
#define IRONRPC_SERVER_H

#include <sys/types.h>

#include <ironrpc/auth.h>
#include <ironrpc/stub.h>
#include <ironrpc/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct irpc_server;

/* The generation of Windows whose answers are given where generations differ. */
enum irpc_windows {
    IRPC_WINDOWS_2022 = 0,
    IRPC_WINDOWS_2012R2
};

enum irpc_transport {
    IRPC_TRANSPORT_TCP = 1,  /* ncacn_ip_tcp, IPv4 and IPv6 */
    IRPC_TRANSPORT_LOCAL = 2 /* ncalrpc over a Unix socket */
};

/* --- options --- */

/**
 * struct irpc_server_options - 0 or NULL in any member means its default.
 * Times are in milliseconds.
 */
struct irpc_server_options {
    const char *name;          /* shown in log records; default "ironrpc" */
    enum irpc_windows windows; /* default 2022 */
    const char *runtime_dir;   /* where ncalrpc sockets live; default: irpc_runtime_dir() */

    uint32_t max_connections;            /* 8192 */
    uint32_t max_connections_per_source; /* 1024; ncalrpc: per uid */
    uint32_t max_groups;                 /* association groups, 8192 */
    uint32_t max_contexts_per_group;     /* context handles of one association group, 1024 */
    uint32_t max_contexts_per_source;    /* context handles of one peer address or uid, 4096 */
    uint32_t max_calls;                  /* calls in progress on one connection, 64 (check: R09) */
    uint32_t max_pending;                /* calls that complete later, whole server, 4096; with n
                                          * loops at times n - 1 more */
    uint32_t max_stub;                   /* bytes of one request, 4 MiB (check: R05) */
    uint32_t max_output;                 /* unsent bytes above which reading stops, 128 KiB */
    uint32_t max_out;    /* bytes that one request may ask for as room for results, by the sizes of
                          * its [out] arrays; 4 MiB (check: N18) */
    uint32_t max_memory; /* bytes of unfinished requests and unsent replies of all connections
                          * together: above it the largest consumer is closed; and of the calls that
                          * complete later: above it new ones are refused. 256 MiB (check: F09) */

    uint32_t first_byte_ms; /* connection without a byte, 5 s (check: L01) */
    uint32_t header_ms;     /* from the first byte of a PDU to its 16th, 5 s */
    uint32_t pdu_ms;        /* from its first byte to its last, 15 s */
    uint32_t bind_ms;       /* from connecting to a complete bind, 10 s */
    uint32_t call_ms;       /* from the first to the last fragment of a request, 30 s */
    uint32_t idle_ms;       /* bound and silent, 15 min */
    uint32_t write_ms;      /* output of which the peer takes nothing, 15 s, a quarter longer at
                             * most (check: L04); and calls of a peer that sends no more */

    uint32_t loops;        /* event loops, 1; IRPC_LOOPS_PER_CPU; at most 64. With more than one,
                            * managers and hooks must be ready to run at the same time */
    uint32_t pool_threads; /* at most so many for blocking managers, 16; started as needed */

    /* Shares of the limits above. A source is an address, or what its first bits have in common,
     * or, over ncalrpc, a user; a network is a larger part of an address. check: L02 */
    uint32_t max_connections_per_network; /* half of max_connections */
    uint32_t reserved_local; /* of max_connections, for ncalrpc alone: 64, but at most a sixteenth;
                              * at most half, if it is set; IRPC_NONE_RESERVED */
    uint32_t max_memory_per_source; /* of max_memory, for buffers and for pending calls, 64 MiB */
    uint32_t max_contexts;          /* context handles of the whole server, 65536 */
    uint32_t source_prefix4;        /* bits of an IPv4 source, 32 */
    uint32_t source_prefix6;        /* of an IPv6 source, 64 */
    uint32_t network_prefix4;       /* of an IPv4 network, 24 */
    uint32_t network_prefix6;       /* of an IPv6 network, 48 */

    uint32_t max_bindings;   /* presentation contexts of one connection, 64 (check: B10) */
    uint32_t pdus_per_turn;  /* of one connection, then others have theirs, 64 (check: L05) */
    uint32_t bytes_per_turn; /* the same in bytes, 256 KiB, which is the most */

    uint32_t max_pending_per_source; /* of max_pending: a quarter, but as many as one connection may
                                      * have (max_calls). check: L02 */
};

/** irpc_server_options.reserved_local: none. */
#define IRPC_NONE_RESERVED UINT32_MAX

/** irpc_server_options.loops: as many as processors that this process may use. */
#define IRPC_LOOPS_PER_CPU UINT32_MAX

/** struct irpc_peer - who is at the other end; valid while the connection or the hook lasts. */
struct irpc_peer {
    enum irpc_transport transport;
    const char *address;       /* "192.0.2.1", "fe80::1", or "uid=1000" for ncalrpc */
    uint16_t port;             /* TCP */
    const char *local_address; /* the address that the peer reached; "" for ncalrpc */
    uint16_t local_port;
    const char *endpoint; /* of the listener: "135", "epmapper" */
    uid_t uid;            /* ncalrpc, from SO_PEERCRED; else (uid_t)-1 */
    gid_t gid;
    pid_t pid;           /* ncalrpc; else 0. Informative: pids are reused */
    uint64_t connection; /* unique within the server, never reused */
};

/**
 * irpc_bind_hook_fn - may @peer bind to the interface? Any status but IRPC_OK refuses the context
 * (result 1, reason 3: provider rejection, local limit). Must not block.
 */
typedef enum irpc_status irpc_bind_hook_fn(void *user, const struct irpc_peer *peer);

/**
 * irpc_call_hook_fn - may @call (its peer, object, opnum) be dispatched? Any status but IRPC_OK
 * answers it with that status's fault; the connection stays. Runs before arguments are decoded.
 */
typedef enum irpc_status irpc_call_hook_fn(void *user, struct irpc_call *call);

/**
 * irpc_security_hook_fn - may @identity, from @peer, call operation @opnum of the interface? Nobody
 * authenticated: @identity->type is IRPC_AUTH_TYPE_NONE. Any status but IRPC_OK answers the call
 * with that status's fault (IRPC_ACCESS_DENIED: 5); the connection stays. Asked for every call,
 * before its arguments are decoded; must not block. What it is given is valid during the call.
 * *@reason, words for the audit line of a refusal, may be set to others, which stay.
 */
typedef enum irpc_status irpc_security_hook_fn(void *user, const struct irpc_peer *peer,
                                               const struct irpc_auth_identity *identity,
                                               uint16_t opnum, const char **reason);

/**
 * irpc_gone_hook_fn - a connection that bound the interface has ended; @peer as in the bind hook.
 * No call of that connection runs afterwards, except those already pending.
 */
typedef void irpc_gone_hook_fn(void *user, const struct irpc_peer *peer);

/** struct irpc_register_options - all optional. */
struct irpc_register_options {
    const struct irpc_uuid *object; /* object UUID to publish with; calls of any object arrive */
    const char *annotation;         /* for the endpoint map; copied, cut behind 63 characters */
    unsigned transports;            /* IRPC_TRANSPORT_... or-ed; 0: all */
    bool hidden;                    /* not published at the endpoint mapper */
    uint32_t max_calls;             /* calls in progress over all connections; 0: no own limit.
                                       More are answered with IRPC_TOO_BUSY's fault */
    uint32_t max_contexts;          /* context handles per association group; 0: the server's */
    bool blocking;       /* managers may block: they run in the pool's threads, several at
                            the same time. irpc_call_on_cancel() there may come too late:
                            ask irpc_call_is_cancelled() after it */
    bool share_contexts; /* Where there are several threads, calls with the same context
                            handle wait for each other, from before the manager until it
                            returns (in the pool: until the answer is made). true: they
                            do not ([context_handle_noserialize]) */
    irpc_bind_hook_fn *bind_hook;
    irpc_call_hook_fn *call_hook;
    irpc_gone_hook_fn *gone_hook;
    void *user;                     /* for the hooks */
    enum irpc_auth_level min_level; /* calls below it are refused (fault 5), whoever calls, and the
                                       connection is closed if nothing protects it; DEFAULT: none
                                       are. Levels other than NONE need irpc_server_add_auth() */
    irpc_security_hook_fn *security_hook; /* behind min_level */
};

/* --- life of a server --- */

/**
 * irpc_server_new() - a server that offers the management interface and nothing else yet.
 * @options: copied; NULL for defaults.
 * Return: IRPC_OK (free *@ret_server with irpc_server_free()), IRPC_NO_MEMORY, IRPC_IO.
 */
IRPC_API IRPC_CHECKED irpc_server_new(const struct irpc_server_options *options,
                                      struct irpc_server **ret_server);

/**
 * irpc_server_free() - close everything, run down all context handles, forget pending calls.
 * Waits for managers that run in the pool; calls that wait there are forgotten. No other thread may
 * complete calls or post any more. NULL is fine.
 */
IRPC_API void irpc_server_free(struct irpc_server *server);

/**
 * irpc_server_listen() - accept connections at @string_binding:
 *   "ncacn_ip_tcp:127.0.0.1[135]"   an IPv4 address
 *   "ncacn_ip_tcp:::1[135]"         an IPv6 address; "::" takes IPv6 only
 *   "ncacn_ip_tcp:[49152]"          every IPv4 and IPv6 address
 *   "ncacn_ip_tcp:127.0.0.1"        a dynamic port (also port 0)
 *   "ncalrpc:[epmapper]"            a Unix socket of that name in the runtime folder
 *   "ncalrpc:[/run/x/y.sock]"       a Unix socket at an absolute path
 *   "ncalrpc:"                      a name of its own choice in the runtime folder
 * Names of hosts are not resolved. A stale Unix socket is replaced, a live one is not. Under
 * `ironrpc run` the sockets outlive the process: who listens at the same text again has the same.
 * Return: IRPC_OK; IRPC_BAD_STRING_BINDING, IRPC_PROTSEQ_UNSUPPORTED; IRPC_EXISTS (address in
 * use); IRPC_ACCESS_DENIED (port below 1024, folder); IRPC_IO; IRPC_NO_MEMORY; IRPC_LIMIT (more
 * than 32). irpc_server_error() has the reason in words.
 */
IRPC_API IRPC_CHECKED irpc_server_listen(struct irpc_server *server, const char *string_binding);

/**
 * irpc_server_listen_fd() - as irpc_server_listen() with a listening stream socket that somebody
 * else bound (socket activation). TCP or Unix. Takes over @fd, closes it on failure too.
 * @endpoint: name of a Unix socket's endpoint ("epmapper"); NULL: from its path.
 */
IRPC_API IRPC_CHECKED irpc_server_listen_fd(struct irpc_server *server, int fd,
                                            const char *endpoint);

/**
 * irpc_server_register() - offer an interface with the functions of @manager (generated: struct
 * NAME_manager), on all endpoints. @stub (NAME_vMAJOR_MINOR_server) and @manager stay valid until
 * unregistered. Return: IRPC_OK; IRPC_CONTRACT_MISMATCH (generated by another compiler version);
 * IRPC_EXISTS (same UUID and major version); IRPC_INVALID_ARG (no manager; tables inconsistent);
 * IRPC_NO_MEMORY; IRPC_LIMIT (more than 256).
 */
IRPC_API IRPC_CHECKED irpc_server_register(struct irpc_server *server,
                                           const struct irpc_server_stub *stub, const void *manager,
                                           const struct irpc_register_options *options);

/**
 * irpc_server_secure() - give the interface that is registered as @id another least level and
 * another security hook (NULL: none) with its own @user, whatever irpc_server_register() was given:
 * the management interface can have them too. Before irpc_server_run(); in a server with one loop
 * and no blocking interface, also on its thread: calls from now on are judged so.
 * Return: IRPC_OK; IRPC_NOT_FOUND (UUID and both versions are to be the same).
 */
IRPC_API IRPC_CHECKED irpc_server_secure(struct irpc_server *server,
                                         const struct irpc_syntax_id *id,
                                         enum irpc_auth_level min_level,
                                         irpc_security_hook_fn *hook, void *user);

/**
 * irpc_server_unregister() - withdraw an interface: its contexts answer IRPC_UNKNOWN_IF from now
 * on, its context handles are run down (those that a call uses: when it ends), pending calls are
 * answered with IRPC_UNKNOWN_IF. With several loops or a pool, calls that other threads have begun
 * go on: the manager stays valid until they end, and only then @stub may be registered again.
 * Return: IRPC_OK, IRPC_NOT_FOUND.
 */
IRPC_API IRPC_CHECKED irpc_server_unregister(struct irpc_server *server,
                                             const struct irpc_server_stub *stub);

/**
 * irpc_server_add_auth() - accept clients that authenticate by @provider's type, which gets one
 * more user. What clients may do unauthenticated is each interface's own affair: see min_level.
 * Before irpc_server_run(), or on the loop's thread: connections bound later can use it.
 * Return: IRPC_OK; IRPC_EXISTS (one of this type is there); IRPC_LIMIT (more than 8 types).
 */
IRPC_API IRPC_CHECKED irpc_server_add_auth(struct irpc_server *server,
                                           struct irpc_auth_provider *provider);

/**
 * irpc_server_run() - process events until irpc_server_stop(). What looks forgotten (an endpoint,
 * a provider for an interface that asks for authentication) is a warning to the log hook.
 * Return: IRPC_OK; IRPC_IO if the loop fails.
 */
IRPC_API IRPC_CHECKED irpc_server_run(struct irpc_server *server);

/** irpc_server_stop() - make irpc_server_run() return, after the threads of all loops have ended.
 * Managers in the pool go on. Any thread, signal handlers too. */
IRPC_API void irpc_server_stop(struct irpc_server *server);

/**
 * irpc_server_fd() - a descriptor that is readable when irpc_server_process() has work; put it
 * into another loop together with irpc_server_timeout(). Both are of the main loop; others run by
 * themselves from the first irpc_server_process() to irpc_server_free().
 */
IRPC_API int irpc_server_fd(const struct irpc_server *server);

/** irpc_server_timeout() - milliseconds until the next timer, -1 if there is none. */
IRPC_API int irpc_server_timeout(const struct irpc_server *server);

/**
 * irpc_server_process() - wait at most @timeout_ms (0: not at all, -1: for ever) and handle what
 * is there, once.
 * Return: IRPC_OK, IRPC_IO.
 */
IRPC_API IRPC_CHECKED irpc_server_process(struct irpc_server *server, int timeout_ms);

/** irpc_server_error() - what the last failed function of @server was about: thing, place and
 * next step in English; "" if none. Valid until the next call on @server. */
IRPC_API const char *irpc_server_error(const struct irpc_server *server);

/** irpc_runtime_dir() - default folder of ncalrpc sockets: $IRONRPC_RUNTIME_DIR, else
 * "/run/ironrpc". Static storage. Any thread. */
IRPC_API const char *irpc_runtime_dir(void);

/* --- what a server offers --- */

/** struct irpc_endpoint - where a server listens. */
struct irpc_endpoint {
    enum irpc_transport transport;
    const char *protseq;        /* "ncacn_ip_tcp", "ncalrpc" */
    const char *address;        /* "0.0.0.0", "::", "127.0.0.1"; "" for ncalrpc */
    const char *endpoint;       /* "49152", "epmapper", "/run/x/y.sock" */
    const char *string_binding; /* all of it, "ncacn_ip_tcp:127.0.0.1[49152]" */
};

/** irpc_server_endpoint() - the @index-th endpoint (0..), whose text stays until the server is
 * freed. Return: whether there is one. */
IRPC_API bool irpc_server_endpoint(const struct irpc_server *server, unsigned index,
                                   struct irpc_endpoint *ret_endpoint);

/** struct irpc_registration - an interface that a server offers. */
struct irpc_registration {
    const struct irpc_interface *interface;
    struct irpc_uuid object; /* nil if none */
    const char *annotation;  /* "" if none */
    unsigned transports;     /* mask of IRPC_TRANSPORT_... */
    bool hidden;
};

/** irpc_server_registration() - the @index-th interface (0..). Return: whether there is one. */
IRPC_API bool irpc_server_registration(const struct irpc_server *server, unsigned index,
                                       struct irpc_registration *ret_registration);

/** struct irpc_server_stats - counters since the start; the first four are those of the
 * management interface's inq_stats, [C706] appendix Q. Where size_t has 32 bits, they wrap there.
 */
struct irpc_server_stats {
    uint64_t calls_in;
    uint64_t calls_out; /* calls that the server made as a client: 0 */
    uint64_t pkts_in;
    uint64_t pkts_out;
    uint64_t connections; /* accepted */
    uint64_t refused;     /* connections closed by a limit */
    uint64_t violations;  /* malformed or forbidden PDUs and calls */
    uint64_t faults;      /* fault PDUs sent for calls */
    uint32_t open;        /* connections now */
    uint32_t pending;     /* calls in progress now */
    uint32_t groups;      /* association groups now */
    uint32_t contexts;    /* context handles now */
};

/** irpc_server_stats() - the counters now. Any thread while the server lives. */
IRPC_API void irpc_server_stats(const struct irpc_server *server,
                                struct irpc_server_stats *ret_stats);

/* --- the loop, for managers and embedding --- */

/** irpc_server_post() - run @fn(@user) on the main loop's thread, soon, in order. Any thread.
 * Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_API IRPC_CHECKED irpc_server_post(struct irpc_server *server, void (*fn)(void *user),
                                       void *user);

/** struct irpc_timer - names a timer; a stale one is harmless. All zero: none. */
struct irpc_timer {
    uint64_t id;
};

/** irpc_server_after() - run @fn(@user) once, @delay_ms from now. @fn may set the next timer, which
 * cannot fail: it takes the place of the one that has fired.
 * Return: IRPC_OK (@ret_timer, may be NULL, names it), IRPC_NO_MEMORY. */
IRPC_API IRPC_CHECKED irpc_server_after(struct irpc_server *server, uint32_t delay_ms,
                                        void (*fn)(void *user), void *user,
                                        struct irpc_timer *ret_timer);

/** irpc_server_cancel_timer() - Return: whether it was still to fire. */
IRPC_API bool irpc_server_cancel_timer(struct irpc_server *server, struct irpc_timer timer);

/** irpc_server_watch() - run @fn(@user, @fd) whenever @fd is readable (level-triggered). @fd
 * stays the caller's. Return: IRPC_OK, IRPC_EXISTS, IRPC_NO_MEMORY, IRPC_IO. */
IRPC_API IRPC_CHECKED irpc_server_watch(struct irpc_server *server, int fd,
                                        void (*fn)(void *user, int fd), void *user);

/** irpc_server_unwatch() - stop watching; before closing @fd. Unknown descriptors are fine. */
IRPC_API void irpc_server_unwatch(struct irpc_server *server, int fd);

/* --- calls: for managers --- */

/**
 * irpc_call_alloc() - memory that lives until the reply is encoded: for what [out] parameters
 * point to. Zeroed, aligned to 8. NULL when the call's budget or the heap is exhausted: return
 * IRPC_NO_MEMORY then.
 */
IRPC_API void *irpc_call_alloc(struct irpc_call *call, size_t size);

/** irpc_call_strdup() - a copy of @text, as irpc_call_alloc(). */
IRPC_API char *irpc_call_strdup(struct irpc_call *call, const char *text);

/** irpc_call_peer() - who calls; valid while the call is. Never NULL. */
IRPC_API const struct irpc_peer *irpc_call_peer(const struct irpc_call *call);

/** irpc_call_identity() - who was authenticated, by the security context of this very call; valid
 * while the call is. Never NULL: its type is IRPC_AUTH_TYPE_NONE if nobody was. */
IRPC_API const struct irpc_auth_identity *irpc_call_identity(const struct irpc_call *call);

/** irpc_call_local_address() - the address that the client reached, "" for ncalrpc. */
IRPC_API const char *irpc_call_local_address(const struct irpc_call *call);

/** irpc_call_object() - object UUID of the request, nil if it had none. Never NULL. */
IRPC_API const struct irpc_uuid *irpc_call_object(const struct irpc_call *call);

/** irpc_call_opnum() - operation number. */
IRPC_API uint16_t irpc_call_opnum(const struct irpc_call *call);

/** irpc_call_server() - the server that the call arrived at. */
IRPC_API struct irpc_server *irpc_call_server(const struct irpc_call *call);

/** irpc_call_set_fault() - answer with fault status @code instead of results, whatever status the
 * manager ends with. 0 is not sent (IRPC_REMOTE_FAULT's default is). */
IRPC_API void irpc_call_set_fault(struct irpc_call *call, uint32_t code);

/** irpc_call_is_cancelled() - the client cancelled, or its connection is gone. Any thread while
 * the call is pending. */
IRPC_API bool irpc_call_is_cancelled(const struct irpc_call *call);

/**
 * irpc_call_on_cancel() - run @fn(@user) on the loop's thread when a pending call is cancelled or
 * loses its connection; at most once, not after completion. The call must be completed even so.
 * Call it in the manager, before it returns IRPC_PENDING.
 */
IRPC_API void irpc_call_on_cancel(struct irpc_call *call, void (*fn)(void *user), void *user);

/** struct irpc_call_ref - names a pending call from any thread; plain data, copy it freely. */
struct irpc_call_ref {
    struct irpc_server *server;
    uint32_t slot;
    uint32_t generation;
};

/**
 * irpc_call_ref() - the name under which the manager, having returned IRPC_PENDING, completes the
 * call. From the return to the completion the call, its arguments and its arena stay, even if the
 * connection ends; every pending call must be completed, exactly once.
 */
IRPC_API struct irpc_call_ref irpc_call_ref(struct irpc_call *call);

/**
 * irpc_call_complete() - the call is done: [out] parameters are set, or @status tells why not.
 * Neither the call nor its memory may be touched afterwards. Any thread; never blocks.
 * Return: IRPC_OK; IRPC_NO_CALL_ACTIVE if @ref was completed already (nothing happens).
 */
IRPC_API IRPC_CHECKED irpc_call_complete(struct irpc_call_ref ref, enum irpc_status status);

/* --- context handles --- */

/** irpc_rundown_fn - the handle is gone without having been closed: its association group died,
 * it expired, or its interface was withdrawn. Free @data. On the thread of any of the server's
 * loops, or of the pool. */
typedef void irpc_rundown_fn(void *data);

/**
 * irpc_context_new() - a context handle for @data, for an [out] or [in, out] parameter of @call.
 * It belongs to the association group of the call's connection and to its interface; its type is
 * that of the parameter it is first sent in, and its owner whom the call authenticated. The runtime
 * checks every [in] handle before the manager runs: a handle that does not exist, or is of another
 * group, interface, type or owner, or comes at a lower authentication level than that of its call,
 * or is NULL where it is not [in, out], is answered with fault 0x1C00001A (check: N12).
 * @rundown: may be NULL.
 * @idle_ms: run down after so long without a call that passes it; 0: never.
 * Return: IRPC_OK; IRPC_LIMIT (too many, per group or per source); IRPC_NO_MEMORY.
 * [C706] 5.1.6, 6.1.6
 */
IRPC_API IRPC_CHECKED irpc_context_new(struct irpc_call *call, void *data, irpc_rundown_fn *rundown,
                                       uint32_t idle_ms, struct irpc_context_handle *ret_handle);

/** irpc_context_data() - what irpc_context_new() was given; NULL for the NULL handle and for a
 * handle that is not valid in @call. */
IRPC_API void *irpc_context_data(struct irpc_call *call, const struct irpc_context_handle *handle);

/** irpc_context_close() - forget the handle without running it down, make *@handle NULL. The
 * caller frees the data. A handle that is not valid is only made NULL. */
IRPC_API void irpc_context_close(struct irpc_call *call, struct irpc_context_handle *handle);

#ifdef __cplusplus
}
#endif
#endif
