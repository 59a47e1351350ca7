/*
 * What the files of the server share: its structures and who calls whom.
 *
 * A lane is a loop and its thread: it alone touches its connections and calls, but for calls that
 * are in the pool (pool.c). What lanes share is in struct irpc_server, each part under the lock
 * that its comment names. Locks are taken in the order assoc, sources, and none is held while a
 * function of the program runs. Without other threads (`threaded` false) assoc and the calls are
 * not locked; sources and registry are, for whoever reads metrics on a thread of the program's.
 *
 *   listen.c   ports: listening sockets and their text
 *   adopt.c    connections that another process accepted
 *   conn.c     connections: bytes to the engine, its events, output, deadlines, the end
 *   registry.c interfaces
 *   call.c     dispatch of requests, replies, completion from other threads
 *   access.c   who may call what, and the audit lines about it
 *   context.c  context handles
 *   group.c    association groups
 *   lane.c     the loops: their life, their memory, their counters
 *   metrics.c  what is counted, read
 *   source.c   accounting per source and network
 *   talkers.c  the busiest sources
 *   reject.c   the log of rejections and refusals, its limits
 *   pool.c     threads for managers that block
 *   mgmt.c     the management interface
 *   supervised.c   life under `ironrpc run`
 *   embed.c    timers, descriptors, posts of the program
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <ironrpc/metrics.h>
#include <ironrpc/server.h>

#include "base/arena.h"
#include "base/siphash.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "ndr/ndr.h"
#include "ndr/quick.h"
#include "server/adopt.h"
#include "server/publisher.h"
#include "server/slots.h"
#include "server/table.h"
#include "transport/listener.h"
#include "transport/stream.h"

#define IR_SERVER_PORTS_MAX 32u
#define IR_SERVER_IFACES_MAX 256u
#define IR_NO_SLOT UINT32_MAX

#define IR_SOURCE_ID_LEN 18u
#define IR_NETWORK 0x80u
#define IR_TALKERS_MAX 64u

/* The first bits of an address or a uid, while it has connections, handles or a log window; or the
 * network of such sources, while it has some. */
struct ir_source {
    struct ir_node node;
    uint8_t id[IR_SOURCE_ID_LEN]; /* family, bits (| IR_NETWORK), address bytes or uid */
    uint8_t talker;               /* its place among the talkers, if it still has that */
    bool noisy;                   /* in server->noisy */
    uint32_t refs;                /* connections, context handles, pending calls; sources */
    uint32_t n_connections;
    struct ir_source *network; /* NULL: it is one, or a uid */
    uint32_t
        n_contexts;     /* under assoc_lock, for it goes with the handles; the rest: sources_lock */
    atomic_size_t held; /* sum of its connections */
    atomic_uint n_pending; /* calls, as of the server; those of connections that are gone, too */
    atomic_size_t pending_bytes;
    uint32_t lines;      /* logged in this window */
    uint32_t suppressed; /* not logged */
    struct ir_source *next_noisy;
    struct irpc_call *waiting; /* its calls that wait for the pool, under whose lock these are */
    struct irpc_call **last_waiting;
    struct ir_source *next_waiting; /* in the pool's line of sources */
};

/* Association group, [C706] 9.2.2.2, [MS-RPCE] 3.3.1.1. check: B16 */
struct ir_group {
    struct ir_node node; /* key: id */
    uint8_t transport;
    uid_t uid;              /* ncalrpc: whose group; TCP: (uid_t)-1 */
    uint32_t n_connections; /* 0: handles are run down as soon as n_calls is 0 too */
    uint32_t n_calls;       /* pending */
    uint32_t n_contexts;
    struct ir_handle *handles;
    struct irpc_server *server;
};

/* A context handle. Where there are threads, calls that use one take turns. */
struct ir_handle {
    struct ir_node node; /* key: first half of the UUID */
    struct irpc_uuid uuid;
    struct ir_handle *prev; /* of the group */
    struct ir_handle *next;
    struct ir_group *group;
    struct ir_iface *iface;
    struct ir_source *source;
    uint32_t type;   /* of the unit's context types; 0: not sent yet */
    char *principal; /* whose it is; NULL: nobody's */
    uint8_t level;   /* of the call that made it, as enum irpc_auth_level */
    uint32_t idle_ms;
    uint64_t expires;       /* when, if no call uses it until then */
    struct ir_timer expiry; /* in server->expiries; may be early */
    irpc_rundown_fn *rundown;
    void *data;
    uint32_t n_users;        /* how often calls have it in use */
    bool dead;               /* out of all tables; freed by the last user */
    struct irpc_call *owner; /* whose turn it is; NULL: nobody's, or the interface shares handles */
    struct irpc_call *first_waiter;
    struct irpc_call **last_waiter;
};

/* That a call uses a handle; in the call's arena. */
struct ir_use {
    struct ir_use *next;
    struct ir_handle *handle;
};

/* A registered interface. Contexts of connections point to it, so it stays until the server ends;
 * registered again, it is the same. */
struct ir_iface {
    struct irpc_server *server;
    const struct irpc_server_stub *stub;
    struct ir_ndr_quick *quick; /* by opnum */
    const void *manager;
    struct irpc_register_options options; /* object and annotation point to the copies below */
    void *security_user;                  /* of options.security_hook */
    struct irpc_uuid object;
    char annotation[64];
    uint32_t index;      /* in server->ifaces */
    atomic_uint n_calls; /* in progress; counted where max_calls limits them */
    atomic_bool withdrawn;
    atomic_bool is_async; /* has had a pending call */
    atomic_bool simple;   /* neither of the two above, no hook, limit or level for calls, no pool */
};

/* Where the server listens. */
struct ir_port {
    struct ir_listener listener;
    struct irpc_server *server;
    enum irpc_transport transport;
    struct ir_addr addr; /* TCP */
    struct ir_conn_config config;
    struct irpc_endpoint text; /* points into text_memory */
    char address[IR_ADDR_TEXT_LEN];
    char endpoint[112];
    char string_binding[200];
};

/* An interface with a gone_hook that a connection has bound. */
struct ir_bound {
    struct ir_bound *next;
    struct ir_iface *iface;
};

/* A connection. */
struct ir_link {
    union {
        struct ir_stream stream;
        struct { /* on its way to its lane */
            struct ir_post post;
            int fd;
        } arriving;
    };
    struct ir_conn engine;
    struct ir_timer timer;    /* the engine's deadline, or the end of lingering */
    struct ir_auth_wake wake; /* a security provider is done with a token */
    struct ir_post woken;     /* which the lane is told so */
    struct ir_lane *lane;
    struct irpc_server *server;
    struct ir_port *port;
    struct ir_source *source;
    struct ir_group *group;  /* NULL: not bound */
    struct ir_outq *own;     /* output that the kernel did not take; NULL: none */
    struct irpc_call *calls; /* pending */
    struct ir_bound *bound;
    struct ir_link *prev;
    struct ir_link *next;
    uint64_t id;
    struct ir_addr peer; /* TCP */
    uid_t uid;           /* ncalrpc */
    gid_t gid;
    pid_t pid;
    size_t held;     /* bytes that it makes us keep, as of its last ir_link_end() */
    size_t bytes_in; /* that were not counted yet, see ir_lane_count_traffic() */
    size_t bytes_out;
    uint8_t n_auth_ok; /* security contexts that were counted */
    uint8_t n_auth_failed;
    uint64_t eof_ms;    /* since when `eof` */
    bool eof;           /* the peer sends no more */
    bool lingering;     /* all is sent; waiting for the peer to close */
    bool evicted;       /* it held too much: to be closed at once */
    bool undecided;     /* its first bytes may name a group of another process */
    bool gone;          /* closed, and `woken` will free it */
    atomic_bool posted; /* `woken` is in the lane's queue */
};

/* irpc_peer in memory of its own. */
struct ir_peer_text {
    struct irpc_peer peer;
    char address[IR_ADDR_TEXT_LEN];
    char local_address[IR_ADDR_TEXT_LEN];
    char endpoint[112];
};

struct irpc_call {
    struct ir_lane *lane;
    struct irpc_server *server;
    struct ir_link *link; /* NULL: the connection is gone */
    struct ir_iface *iface;
    struct ir_group *group;
    struct ir_arena arena;
    const struct ir_ndr_quick *quick; /* NULL: @args are as the interpreter makes them */
    void *args;
    size_t held;    /* of server->pending_bytes */
    uint32_t token; /* the engine's */
    uint32_t call_id;
    uint32_t fault; /* irpc_call_set_fault() */
    uint16_t opnum;
    uint8_t transfer;
    bool pending;
    bool has_peer;
    bool has_identity;
    bool counted; /* in iface->n_calls */
    bool pooled;  /* a thread of the pool runs, or ran, its manager */
    bool overrun; /* its manager in the pool wanted too many handles */
    atomic_uint
        left; /* pooled: to happen before it is answered: the manager's return, completion */
    struct ir_source *source;   /* pending: of the connection, which may be gone */
    struct ir_use *uses;        /* handles in use */
    struct ir_handle *reserved; /* whose turn was given to it while it waited */
    struct irpc_call *waiting;  /* next in the line of a handle, or of the pool */
    uint64_t began;             /* pooled: when */
    struct irpc_uuid object;
    void (*cancel_fn)(void *user);
    void *cancel_user;
    atomic_bool cancelled;

    /* Completion, see server->calls. */
    struct ir_post post;
    uint32_t slot; /* IR_NO_SLOT: not referenced */
    uint32_t generation;
    enum irpc_status status;

    struct irpc_call *prev; /* of the link, while pending */
    struct irpc_call *next; /* same; of the pool, while free */
    struct ir_peer_text peer;
    struct irpc_auth_identity identity; /* a copy, for any thread; text in the arena */
};

/* One of the busiest sources. */
struct ir_talker {
    uint8_t id[IR_SOURCE_ID_LEN];
    uint32_t open;
    uint64_t weight; /* halved now and then */
    uint64_t connections;
    uint64_t refused;
    uint64_t violations;
    uint64_t bytes;
};

/* A timer or watch of the program. */
struct ir_user_timer;
struct ir_user_watch;

struct ir_iface_counters {
    atomic_size_t quick; /* calls that came in one PDU and were answered with one, at once */
    atomic_size_t calls; /* others */
    atomic_size_t faults;
    atomic_size_t contexts;
};

/* Counters that one thread writes and others read. */
struct ir_counters {
    /* Neither calls nor their PDUs: those are counted by interface. PDUS_OUT: without quick ones */
    atomic_size_t n[IRPC_METRIC__COUNT];
    struct ir_iface_counters ifaces[IR_SERVER_IFACES_MAX];
    atomic_size_t checks[IRPC_CHECKS_MAX];
};

static inline size_t ir_counted(const atomic_size_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void ir_count(atomic_size_t *counter, size_t n)
{
    size_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + n, memory_order_relaxed);
}

/* A loop and what belongs to the thread that runs it. */
struct ir_lane {
    struct irpc_server *server;
    struct ir_loop *loop;
    struct ir_io io;
    struct ir_outq outq; /* of whoever is being handled; empty in between */
    uint32_t max_output;
    int max_pdus; /* of one turn */
    size_t max_bytes;
    struct ir_note *note; /* NULL: nobody looks; see adopt.h */
    struct ir_link *links;
    struct irpc_call *pool; /* calls that are free */
    uint32_t n_pool;
    struct irpc_call *orphans; /* pending, their connection gone */
    struct ir_timer trim;      /* armed while there may be blocks to free */
    struct ir_timer log_window;
    struct ir_counters stats;
    atomic_uint n_links; /* that were given to it and are not closed */
    atomic_size_t held;  /* sum of its connections */
    struct ir_post evict;
    atomic_bool evict_posted;
    struct ir_post traffic;
    atomic_bool traffic_posted;
    pthread_t thread;
    bool running;              /* `thread` is to be joined */
    enum irpc_status loop_end; /* how its loop ended */
};

/* Threads for managers that block, and the calls that wait for one. */
struct ir_pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct ir_source *first; /* with calls that wait, each once */
    struct ir_source **last;
    pthread_t *threads;
    uint32_t n_threads;
    uint32_t max_threads;
    uint32_t n_idle;
    uint32_t n_waiting;
    bool stop;
};

struct irpc_server {
    struct ir_lane *main; /* lanes[0]: listens; runs the program's timers, watches and posts */
    struct ir_lane **lanes;
    uint32_t n_lanes;
    bool threaded;  /* more than one thread may be here: locks count */
    bool lanes_run; /* the threads of all lanes but the main one */
    bool ending;    /* no thread but ours is left, nothing is begun any more */
    struct ir_pool pool;
    struct ir_blocks blocks;
    atomic_bool trimming; /* a lane's trim timer is armed */
    struct irpc_server_options options;
    char name[64];
    char runtime_dir[96];
    struct ir_conn_host host;
    struct ir_auth_list auth;
    struct ir_ndr_limits ndr_limits;

    struct ir_port *ports[IR_SERVER_PORTS_MAX];
    uint32_t n_ports;
    uint64_t n_files;   /* descriptors without those of connections, about, when it was made */
    uint64_t max_files; /* RLIMIT_NOFILE then; 0: none */

    pthread_mutex_t registry_lock; /* of the list; what an interface is does not change */
    struct ir_iface *ifaces[IR_SERVER_IFACES_MAX];
    uint32_t n_ifaces;

    pthread_mutex_t assoc_lock; /* groups, handles, random numbers */
    struct ir_table groups;
    struct ir_table handles;
    struct ir_timers expiries;     /* of handles */
    uint64_t expiry_due;           /* when the main loop looks at them */
    struct ir_timer expiry;        /* of the main loop, always armed */
    struct ir_post expiry_changed; /* arm it anew */
    bool expiry_posted;

    pthread_mutex_t sources_lock; /* sources, connections counted, the log's window */
    struct ir_table sources;
    struct ir_talker talkers[IR_TALKERS_MAX];
    uint32_t n_talkers;
    uint64_t talkers_weight; /* added since weights were last halved */
    atomic_uint n_open;
    irpc_rejection_fn *on_rejection;
    void *on_rejection_user;
    struct ir_lane *window_lane; /* has the timer of the log's window; NULL: none is open */
    struct ir_siphash_key source_key;
    struct ir_source *noisy;
    uint32_t n_noisy;
    uint32_t lines;      /* logged in this window, all sources */
    uint32_t suppressed; /* not logged, of sources without an own count */

    atomic_uint n_pending;
    atomic_size_t pending_bytes; /* memory of pending calls */
    atomic_size_t held;          /* sum of all connections */

    pthread_mutex_t lock; /* of what any thread may ask of a pending call */
    struct ir_slots calls;

    struct ir_slots timers;            /* these and what follows: the main lane's */
    struct ir_user_timer *spare_timer; /* has fired; for the next that its function wants */
    struct ir_user_watch *watches;

    struct ir_note no_note; /* where nobody looks, but groups have owners */
    uint8_t owner;          /* of groups that begin here; 0: no process of several */
    ir_foreign_group_fn *foreign_group;
    void *foreign_group_user;

    struct ir_supervised_page *supervised; /* NULL: it is not */

    uint64_t next_link_id;
    uint8_t random[256];
    uint32_t random_left;
    char error[256];

    void *publisher; /* of the endpoint mapper's client */
    void (*publisher_stop)(void *publisher);
};

static inline void ir_lock(const struct irpc_server *server, pthread_mutex_t *mutex)
{
    if (server->threaded) {
        pthread_mutex_lock(mutex);
    }
}

static inline void ir_unlock(const struct irpc_server *server, pthread_mutex_t *mutex)
{
    if (server->threaded) {
        pthread_mutex_unlock(mutex);
    }
}

/* lane.c */

IRPC_CHECKED ir_lanes_new(struct irpc_server *server);
/* Start, stop the threads of all lanes but the main one; both idempotent. */
IRPC_CHECKED ir_lanes_start(struct irpc_server *server);
IRPC_CHECKED ir_lanes_stop(struct irpc_server *server);
/* Close all connections: before ports, calls and the program's things go. */
void ir_lanes_close(struct irpc_server *server);
void ir_lanes_free(struct irpc_server *server);
/* The lane for one more connection. */
struct ir_lane *ir_lane_choose(struct irpc_server *server);
/* Have the bytes of its connections counted, soon: those that call quickly do not do it themselves.
 * Any thread. */
void ir_lane_count_traffic(struct ir_lane *lane);
/* Blocks were put back: free them when they are not needed again soon. */
void ir_lane_trim_later(struct ir_lane *lane);

/* server.c */

/* @len <= 64 random bytes; under assoc_lock. check: B16 */
void ir_server_random(struct irpc_server *server, void *bytes, size_t len);

/* listen.c */
void ir_port_free(struct ir_port *port);

/* adopt.c */

/* @link is who is being served now. */
void ir_note_link(struct ir_note *note, const struct ir_link *link);
/* @random made an id of a group of ours. */
uint32_t ir_group_owned_id(const struct irpc_server *server, uint32_t random);
/* Whether @link, whose first bytes these are, has been given to another process: close it. */
bool ir_link_is_foreign(struct ir_link *link, const uint8_t *bytes, size_t len);

/* conn.c */

/* Take over the accepted socket @fd, for the lane that has fewest. */
void ir_link_accept(struct ir_port *port, int fd, const union ir_sockaddr *peer);
/* The same for the main lane. NULL: a limit refused it, or there is no memory for it. */
struct ir_link *ir_link_open(struct ir_port *port, int fd, const union ir_sockaddr *peer);
/* Close now, free @link. Its pending calls are cancelled. */
void ir_link_close(struct ir_link *link);
/* Between these two, replies may be made: output is gathered, then sent. end returns false when
 * it closed the link. */
void ir_link_begin(struct ir_link *link);
bool ir_link_end(struct ir_link *link);
/* All connections together hold too much: close some of @lane's, if it has the most. check: F09 */
void ir_lane_evict(struct ir_lane *lane);
/* Who it is, in words. */
void ir_link_peer(const struct ir_link *link, struct ir_peer_text *ret_text);

/* registry.c */

/* The engine keeps our interfaces as const void *. */
static inline struct ir_iface *ir_iface_of(const void *iface)
{
    return (struct ir_iface *)(uintptr_t)iface;
}

/* A member that decides whether @iface is simple was set. */
void ir_iface_changed(struct ir_iface *iface);

/* Log what the program seems to have forgotten, when it begins to run. */
void ir_registry_warn(struct irpc_server *server);

void ir_registry_host(struct ir_conn_host *host);
void ir_iface_gone(struct ir_link *link);
void ir_iface_free(struct ir_iface *iface);

/* call.c */
void ir_call_dispatch(struct ir_link *link, struct ir_event *event);
void ir_call_cancel(struct ir_link *link, const struct ir_event *event);
/* The connection ends: its pending calls go on without it. */
void ir_calls_orphan(struct ir_link *link);
void ir_calls_free(struct ir_lane *lane);
/* The manager of a call in the pool: run it, in the pool's thread. */
void ir_call_run_pooled(struct irpc_call *call);
/* Go on with @call, whose turn at a handle has come. Any thread. */
void ir_call_retry(struct irpc_call *call);

/* pool.c */
void ir_pool_init(struct ir_pool *pool, uint32_t max_threads);
/* Let a thread of the pool run @call. Return: IRPC_OK; IRPC_NO_MEMORY: there is no thread. */
IRPC_CHECKED ir_pool_add(struct ir_pool *pool, struct irpc_call *call);
/* Wait for the managers that run; calls that wait stay as they are. */
void ir_pool_stop(struct ir_pool *pool);
void ir_pool_deinit(struct ir_pool *pool);

/* access.c */

/* Whether the call of @event may run. IRPC_OK, or the status whose fault answers it. */
IRPC_CHECKED ir_access_check(struct ir_link *link, const struct ir_iface *iface,
                             const struct ir_event *event);
/* Keep who sent @call, whose connection has security. Return: IRPC_OK, IRPC_NO_MEMORY. */
IRPC_CHECKED ir_access_keep_identity(struct irpc_call *call);
void ir_access_deinit(struct irpc_server *server);

/* context.c */

/*
 * All handles in the arguments of @call that came in are valid, and in use by it from now on.
 * IRPC_PENDING: another call uses one of them; ir_call_retry() when that is over. check: N12
 */
IRPC_CHECKED ir_handles_check_in(struct irpc_call *call);
/* Those that go out are known; their type is fixed now. */
IRPC_CHECKED ir_handles_check_out(struct irpc_call *call);
/* It uses them no longer: the next call has its turn. */
void ir_handles_release(struct irpc_call *call);
/* Take all of @group out, under assoc_lock; then, without it, run them down. */
struct ir_handle *ir_handles_take(struct ir_group *group);
void ir_handles_rundown(struct irpc_server *server, struct ir_handle *handles);
/* Timer of the main loop and its post. */
IRPC_CHECKED ir_handles_init(struct irpc_server *server);
/* That its manager, in the pool, wanted too many. */
void ir_handles_log_overrun(struct irpc_call *call);
/* All of @iface. */
void ir_handles_rundown_iface(struct irpc_server *server, const struct ir_iface *iface);

/* group.c */
IRPC_CHECKED ir_group_join(void *user, uint32_t wanted, void **ret_group, uint32_t *ret_group_id);
void ir_group_leave(void *user, void *group);
void ir_group_call_began(struct ir_group *group);
void ir_group_call_ended(struct ir_group *group);

/* source.c */

/* Count a connection of the peer of @who. NULL: a limit refuses it, the log has been told.
 * check: L02 */
struct ir_source *ir_source_enter(const struct ir_link *who);
void ir_source_leave(struct irpc_server *server, struct ir_source *source);
void ir_source_ref(struct irpc_server *server, struct ir_source *source);
void ir_source_put(struct irpc_server *server, struct ir_source *source);
/* Under sources_lock. */
void ir_source_free_if_unused(struct irpc_server *server, struct ir_source *source);
void ir_source_format(const uint8_t id[IR_SOURCE_ID_LEN], char text[IRPC_SOURCE_TEXT]);
/* Count the bytes of @link: for its lane, and for its source. */
void ir_source_traffic(struct ir_link *link);

struct ir_most {
    uint64_t n; /* 0: nobody has any */
    uint8_t id[IR_SOURCE_ID_LEN];
};

struct ir_busiest {
    struct ir_most open_source;
    struct ir_most open_network;
    struct ir_most held;
    struct ir_most handles;
};

/* The most that any source, or network, has. Looks at all of them. */
void ir_sources_busiest(struct irpc_server *server, struct ir_busiest *ret_busiest);

/* talkers.c */

enum ir_talk {
    IR_TALK_CONNECTION,
    IR_TALK_CLOSED,
    IR_TALK_REFUSED,
    IR_TALK_VIOLATION,
    IR_TALK_BYTES
};

/* @source did @n of @what. Under sources_lock. */
void ir_talk(struct irpc_server *server, struct ir_source *source, enum ir_talk what, size_t n);

/* reject.c */

void ir_sources_deinit(struct irpc_server *server);
/*
 * Count and log a rejection, lines at most so many per source and in all, with what was suppressed.
 * @opnum, @call_id: UINT32_MAX to leave out. check: L07
 */
void ir_reject(struct ir_link *link, const char *check, const char *reason, uint32_t call_id,
               const struct ir_iface *iface, uint32_t opnum);
/* Whether a line about @source (NULL: nobody in particular) may be logged now, by @lane. */
bool ir_source_may_log(struct ir_lane *lane, struct ir_source *source);
/* A connection at @who's port was refused: by @limit, IRPC_METRIC_REFUSED_... @source: may be NULL.
 */
void ir_refused(const struct ir_link *who, struct ir_source *source, enum irpc_metric limit);

/* mgmt.c */
IRPC_CHECKED ir_mgmt_register(struct irpc_server *server);

/* embed.c */
void ir_embed_deinit(struct irpc_server *server);
