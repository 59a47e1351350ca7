/*
 * What the files of the server share: its structures and who calls whom. Everything here is
 * touched by the loop's thread alone, except the call slots (under `lock`) and what they lead to.
 *
 *   listen.c   ports: listening sockets and their text
 *   adopt.c    connections that another process accepted
 *   conn.c     connections: bytes to the engine, its events, output, deadlines, the end
 *   registry.c interfaces
 *   call.c     dispatch of requests, replies, completion from other threads
 *   context.c  context handles
 *   group.c    association groups
 *   lane.c     the loops: their life, their memory, their counters
 *   source.c   accounting per peer address, and the log of rejections
 *   mgmt.c     the management interface
 *   embed.c    timers, descriptors, posts of the program
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

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

/* An address (IPv6: its /64) or a uid, while it has connections, handles or a log window. */
struct ir_source {
    struct ir_node node;
    uint8_t id[9]; /* family and address bytes */
    bool noisy;    /* in server->noisy */
    uint32_t refs; /* connections and context handles */
    uint32_t n_connections;
    uint32_t n_contexts;
    size_t held;         /* sum of its connections */
    uint32_t lines;      /* logged in this window */
    uint32_t suppressed; /* not logged */
    struct ir_source *next_noisy;
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

/* A context handle. */
struct ir_handle {
    struct ir_node node; /* key: first half of the UUID */
    struct irpc_uuid uuid;
    struct ir_handle *prev; /* of the group */
    struct ir_handle *next;
    struct ir_group *group;
    struct ir_iface *iface;
    struct ir_source *source;
    uint32_t type; /* of the unit's context types; 0: not sent yet */
    uint32_t idle_ms;
    struct ir_timer expiry;
    irpc_rundown_fn *rundown;
    void *data;
};

/* A registered interface. Contexts of connections point to it, so it stays until the server ends;
 * registered again, it is the same. */
struct ir_iface {
    struct irpc_server *server;
    const struct irpc_server_stub *stub;
    struct ir_ndr_quick *quick; /* by opnum */
    const void *manager;
    struct irpc_register_options options; /* object and annotation point to the copies below */
    struct irpc_uuid object;
    char annotation[64];
    uint32_t n_calls; /* in progress */
    bool withdrawn;
    bool is_async; /* has had a pending call */
    bool simple;   /* neither of the two above, no hook and no limit for calls */
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
    struct ir_stream stream;
    struct ir_conn engine;
    struct ir_timer timer; /* the engine's deadline, or the end of lingering */
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
    size_t held;    /* bytes that it makes us keep, as of its last ir_link_end() */
    bool eof;       /* the peer sends no more */
    bool lingering; /* all is sent; waiting for the peer to close */
    bool evicted;   /* it held too much: to be closed at once */
    bool undecided; /* its first bytes may name a group of another process */
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
};

/* A timer or watch of the program. */
struct ir_user_timer;
struct ir_user_watch;

/* A loop and what belongs to the thread that runs it. */
struct ir_lane {
    struct irpc_server *server;
    struct ir_loop *loop;
    struct ir_io io;
    struct ir_outq outq; /* of whoever is being handled; empty in between */
    struct ir_link *links;
    struct irpc_call *pool; /* calls that are free */
    uint32_t n_pool;
    struct irpc_call *orphans; /* pending, their connection gone */
    struct ir_timer trim;      /* armed while there may be blocks to free */
    struct irpc_server_stats stats;
};

struct irpc_server {
    struct ir_lane *main; /* listens; runs the program's timers, watches and posts */
    struct ir_blocks blocks;
    struct irpc_server_options options;
    char name[64];
    char runtime_dir[96];
    struct ir_conn_host host;
    struct ir_ndr_limits ndr_limits;

    struct ir_port *ports[IR_SERVER_PORTS_MAX];
    uint32_t n_ports;
    struct ir_iface *ifaces[IR_SERVER_IFACES_MAX];
    uint32_t n_ifaces;
    struct ir_table groups;
    struct ir_table handles;
    struct ir_table sources;
    struct ir_siphash_key source_key;
    struct ir_source *noisy;
    uint32_t n_noisy;
    uint32_t lines;      /* logged in this window, all sources */
    uint32_t suppressed; /* not logged, of sources without an own count */
    struct ir_timer log_window;

    uint32_t n_pending;
    size_t pending_bytes; /* memory of pending calls */
    size_t held;          /* sum of all connections */

    pthread_mutex_t lock;
    struct ir_slots calls; /* under lock */

    struct ir_slots timers;
    struct ir_user_watch *watches;

    struct ir_note *note; /* NULL: nobody looks; see adopt.h */
    uint8_t owner;        /* of groups that begin here; 0: no process of several */
    ir_foreign_group_fn *foreign_group;
    void *foreign_group_user;

    uint64_t next_link_id;
    uint8_t random[256];
    uint32_t random_left;
    char error[256];

    void *publisher; /* of the endpoint mapper's client */
    void (*publisher_stop)(void *publisher);
};

/* lane.c */

IRPC_CHECKED ir_lane_new(struct irpc_server *server, struct ir_lane **ret_lane);
/* Close its connections: before ports, calls and the program's things go. */
void ir_lane_close(struct ir_lane *lane);
void ir_lane_free(struct ir_lane *lane);
/* Blocks were put back: free them when they are not needed again soon. */
void ir_lane_trim_later(struct ir_lane *lane);

/* server.c */

/* @len <= 64 random bytes. check: B16 */
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

/* Take over the accepted socket @fd. NULL: a limit refused it, or there is no memory for it. */
struct ir_link *ir_link_open(struct ir_port *port, int fd, const union ir_sockaddr *peer);
/* Close now, free @link. Its pending calls are cancelled. */
void ir_link_close(struct ir_link *link);
/* Between these two, replies may be made: output is gathered, then sent. end returns false when
 * it closed the link. */
void ir_link_begin(struct ir_link *link);
bool ir_link_end(struct ir_link *link);
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

void ir_registry_host(struct ir_conn_host *host);
void ir_iface_gone(struct ir_link *link);
void ir_iface_free(struct ir_iface *iface);

/* call.c */
void ir_call_dispatch(struct ir_link *link, const struct ir_event *event);
void ir_call_cancel(struct ir_link *link, const struct ir_event *event);
/* The connection ends: its pending calls go on without it. */
void ir_calls_orphan(struct ir_link *link);
void ir_calls_free(struct ir_lane *lane);

/* context.c */

/* All handles in the arguments of @call that came in are valid. check: N12 */
IRPC_CHECKED ir_handles_check_in(struct irpc_call *call);
/* Those that go out are known; their type is fixed now. */
IRPC_CHECKED ir_handles_check_out(struct irpc_call *call);
void ir_handle_rundown(struct ir_handle *handle);
/* All of @iface, or of @group where @iface is NULL. */
void ir_handles_rundown_iface(struct irpc_server *server, const struct ir_iface *iface);

/* group.c */
IRPC_CHECKED ir_group_join(void *user, uint32_t wanted, void **ret_group, uint32_t *ret_group_id);
void ir_group_leave(void *user, void *group);
void ir_group_call_began(struct ir_group *group);
void ir_group_call_ended(struct ir_group *group);

/* source.c */

/* The source of a peer: TCP by @addr, ncalrpc by @uid. Takes a reference; NULL: no memory. */
struct ir_source *ir_source_get(struct irpc_server *server, const struct ir_addr *addr, uid_t uid);
void ir_source_put(struct irpc_server *server, struct ir_source *source);
void ir_sources_deinit(struct irpc_server *server);
/*
 * Log a rejection, at most so many per source and in all, with what was suppressed. @opnum,
 * @call_id: UINT32_MAX to leave out. check: L07
 */
void ir_reject(struct ir_link *link, const char *check, const char *reason, uint32_t call_id,
               const struct ir_iface *iface, uint32_t opnum);
/* Whether a line about @source (NULL: nobody in particular) may be logged now. */
bool ir_source_may_log(struct irpc_server *server, struct ir_source *source);

/* mgmt.c */
IRPC_CHECKED ir_mgmt_register(struct irpc_server *server);

/* embed.c */
void ir_embed_deinit(struct irpc_server *server);
