/*
 * What a server counts, for whoever watches it: numbers with names, rejections by check, calls by
 * interface, the sources that ask most of it, and each rejection as it happens.
 *
 * Everything is bounded: names are fixed, checks have numbers, interfaces are those that are
 * registered, of sources only the busiest are kept. Counting takes no lock and no atomic
 * read-modify-write where calls are answered; reading sums over the loops.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_METRICS_H
#define IRONRPC_METRICS_H

#include <ironrpc/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/*
 * X(symbol, kind, name, labels, text): counters since the start, and gauges, as they are now. Rows
 * with one name stand together and differ in their labels. Names are those of the Prometheus text
 * format, without the prefix "ironrpc_".
 */
#define IRPC_METRIC_MAP(X)                                                                          \
    X(CALLS, COUNTER, "calls_total", "", "Requests, whole ones, also those that were refused.")    \
    X(CALLS_REFUSED, COUNTER, "calls_refused_total", "",                                            \
      "Requests refused because too many were in progress.")                                       \
    X(FAULTS, COUNTER, "faults_total", "", "Calls answered with a fault.")                         \
    X(NAKS, COUNTER, "bind_naks_total", "", "Binds refused with a bind_nak.")                      \
    X(CONTEXTS, COUNTER, "presentation_contexts_total", "result=\"accepted\"",                     \
      "Interfaces that clients asked for in binds.")                                               \
    X(CONTEXTS_UNKNOWN, COUNTER, "presentation_contexts_total", "result=\"unknown\"", "")          \
    X(PDUS_IN, COUNTER, "pdus_total", "direction=\"in\"", "PDUs received and sent.")               \
    X(PDUS_OUT, COUNTER, "pdus_total", "direction=\"out\"", "")                                    \
    X(BYTES_IN, COUNTER, "bytes_total", "direction=\"in\"", "Bytes received and sent.")            \
    X(BYTES_OUT, COUNTER, "bytes_total", "direction=\"out\"", "")                                  \
    X(CONNECTIONS, COUNTER, "connections_total", "", "Connections accepted.")                      \
    X(REFUSED_ALL, COUNTER, "connections_refused_total", "limit=\"connections\"",                  \
      "Connections closed at once, by the limit that did not allow them.")                         \
    X(REFUSED_SOURCE, COUNTER, "connections_refused_total", "limit=\"source\"", "")                \
    X(REFUSED_NETWORK, COUNTER, "connections_refused_total", "limit=\"network\"", "")              \
    X(REFUSED_QUARANTINE, COUNTER, "connections_refused_total", "limit=\"quarantine\"", "")          \
    X(REFUSED_FILES, COUNTER, "connections_refused_total", "limit=\"descriptors\"", "")            \
    X(REFUSED_MEMORY, COUNTER, "connections_refused_total", "limit=\"memory\"", "")                \
    X(VIOLATIONS, COUNTER, "violations_total", "", "Malformed or forbidden PDUs and calls.")       \
    X(EVICTED, COUNTER, "connections_evicted_total", "",                                           \
      "Connections closed because they held too much memory.")                                     \
    X(PAUSED, COUNTER, "reading_paused_total", "",                                                 \
      "Times that a connection was not read on because its peer did not take replies.")            \
    X(YIELDED, COUNTER, "turns_cut_total", "",                                                     \
      "Times that a connection had more to do than one turn allows.")                              \
    X(AUTH_OK, COUNTER, "authentications_total", "result=\"ok\"", "Security contexts.")            \
    X(AUTH_FAILED, COUNTER, "authentications_total", "result=\"failed\"", "")                      \
    X(ALLOWED, COUNTER, "access_decisions_total", "decision=\"allow\"",                            \
      "Calls that an interface's rules were asked about.")                                         \
    X(DENIED, COUNTER, "access_decisions_total", "decision=\"deny\"", "")                          \
    X(OPEN, GAUGE, "connections", "", "Connections now.")                                          \
    X(OPEN_SOURCE, GAUGE, "connections_of_one_source", "", "Most connections of one source.")      \
    X(OPEN_NETWORK, GAUGE, "connections_of_one_network", "", "Most connections of one network.")   \
    X(PENDING, GAUGE, "calls_pending", "", "Calls that complete later.")                           \
    X(PENDING_BYTES, GAUGE, "calls_pending_bytes", "", "Memory of those.")                         \
    X(GROUPS, GAUGE, "association_groups", "", "Association groups now.")                          \
    X(HANDLES, GAUGE, "context_handles", "", "Context handles now.")                               \
    X(HANDLES_SOURCE, GAUGE, "context_handles_of_one_source", "",                                   \
      "Most context handles of one source.")                                                       \
    X(DESCRIPTORS, GAUGE, "descriptors", "",                                                        \
      "Descriptors of connections, and what was open besides when the server was made.")           \
    X(MEMORY, GAUGE, "buffers_bytes", "",                                                          \
      "Memory of unfinished PDUs and requests, and of replies that are not taken.")                \
    X(MEMORY_SOURCE, GAUGE, "buffers_bytes_of_one_source", "", "The most that one source has.")
/* clang-format on */

/** enum irpc_metric - index into struct irpc_server_metrics. */
enum irpc_metric {
#define IRPC_METRIC_ENUM(symbol, kind, name, labels, text) IRPC_METRIC_##symbol,
    IRPC_METRIC_MAP(IRPC_METRIC_ENUM)
#undef IRPC_METRIC_ENUM
    IRPC_METRIC__COUNT
};

enum irpc_metric_kind {
    IRPC_METRIC_COUNTER,
    IRPC_METRIC_GAUGE
};

/** struct irpc_metric_info - a row of IRPC_METRIC_MAP. */
struct irpc_metric_info {
    enum irpc_metric_kind kind;
    const char *name;
    const char *labels; /* "" if there are none */
    const char *text;   /* "": as the row before */
};

/** irpc_metric_info() - about @metric; NULL if there is none such. Static storage, any thread. */
IRPC_API const struct irpc_metric_info *irpc_metric_info(enum irpc_metric metric);

/* Numbers of checks, docs/checks.md: a letter and two digits, "H07", below 32 for each letter. */
#define IRPC_CHECKS_MAX 448u

/** irpc_check_index() - place of @check ("H07") in struct irpc_server_metrics; IRPC_CHECKS_MAX if
 * that is none. Any thread. */
IRPC_API unsigned irpc_check_index(const char *check);

/** irpc_check_name() - the reverse: "H07" into @ret_name[4]. Return: false if @index is none. */
IRPC_API bool irpc_check_name(unsigned index, char *ret_name);

/* Of the text of a source: "192.0.2.1", "2001:db8::/64", "uid=1000". */
#define IRPC_SOURCE_TEXT 80

/** struct irpc_server_metrics - the numbers of one server. Where size_t has 32 bits, counters wrap
 * there. It grows with versions of the library: use the header of the one that you run. */
struct irpc_server_metrics {
    uint64_t value[IRPC_METRIC__COUNT];
    uint64_t limit[IRPC_METRIC__COUNT]; /* of a gauge: more is refused; 0: it has none */
    uint64_t checks[IRPC_CHECKS_MAX];   /* rejections by check */
    /* Who has most of them now; "" if nobody has any. */
    char most_connections[IRPC_SOURCE_TEXT];
    char most_connections_network[IRPC_SOURCE_TEXT];
    char most_buffers[IRPC_SOURCE_TEXT];
    char most_handles[IRPC_SOURCE_TEXT];
};

/** irpc_server_metrics() - all of it, now; but bytes of connections that are open, here and of the
 * talkers, as of shortly after the reading before. Any thread while the server lives. */
IRPC_API void irpc_server_metrics(const struct irpc_server *server,
                                  struct irpc_server_metrics *ret_metrics);

/** struct irpc_interface_metrics - what was asked of one interface since it was registered. */
struct irpc_interface_metrics {
    const struct irpc_interface *interface;
    uint64_t contexts; /* binds to it */
    uint64_t calls;
    uint64_t faults; /* of those */
};

/** irpc_server_interface_metrics() - of the @index-th interface (0..), in the order of their
 * registration, withdrawn ones too. Any thread. Return: whether there is one. */
IRPC_API bool irpc_server_interface_metrics(const struct irpc_server *server, unsigned index,
                                            struct irpc_interface_metrics *ret_metrics);

/** struct irpc_talker - one of the busiest sources: an address, the network of an IPv6 address, a
 * local user. Counted since it is among them, so numbers are lower bounds. */
struct irpc_talker {
    char source[IRPC_SOURCE_TEXT];
    uint32_t open;        /* connections now */
    uint64_t connections; /* accepted */
    uint64_t refused;     /* connections */
    uint64_t violations;
    uint64_t bytes; /* both directions */
};

/** irpc_server_talkers() - the busiest sources of late, busiest first, at most @max (and 64). Any
 * thread. Return: how many. */
IRPC_API unsigned irpc_server_talkers(const struct irpc_server *server,
                                      struct irpc_talker *ret_talkers, unsigned max);

/** struct irpc_rejection - something that a peer did and must not do; valid during the hook. */
struct irpc_rejection {
    const char *check;  /* its number in docs/checks.md: "H07" */
    const char *reason; /* English; may quote names of the interface, nothing of the peer's */
    const struct irpc_peer *peer;
    const struct irpc_interface *interface; /* of the call; NULL: none is known */
    uint32_t opnum;                         /* UINT32_MAX: none is known */
    uint32_t call_id;                       /* likewise */
};

/** irpc_rejection_fn - called for every rejection, whatever the log writes of it, on the thread of
 * the connection's loop. Must not block, nor call the library. */
typedef void irpc_rejection_fn(void *user, const struct irpc_rejection *rejection);

/** irpc_server_on_rejection() - call @fn(@user) from now on; NULL: nobody. Before the server runs.
 */
IRPC_API void irpc_server_on_rejection(struct irpc_server *server, irpc_rejection_fn *fn,
                                       void *user);

#ifdef __cplusplus
}
#endif
#endif
