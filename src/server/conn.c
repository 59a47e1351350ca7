/*
 * Connections: bytes from the stream to the engine, the engine's events to whom they concern, its
 * output to the stream, its deadlines to the loop.
 *
 * Output of one wake-up is gathered in the server's queue and sent at its end; what the kernel
 * does not take moves, with the buffer, to a queue of the connection's own. Above max_output
 * unsent bytes nothing more is read (check: L04). A connection that the engine ends is shut down,
 * then read from and ignored until the peer closes too, or a second has passed: closing with
 * unread input would destroy the answer on its way.
 * Invariant: the server's queue is empty between ir_link_end() and the next ir_link_begin().
 */
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/internal.h"

#define LINGER_MS 1000u
#define IOV_MAX_AT_ONCE 256
#define KEEP_OUTPUT (4u * 1024u * 1024u) /* of the shared queue's buffer */

static struct ir_link *link_of(struct ir_stream *stream)
{
    return IR_CONTAINER_OF(stream, struct ir_link, stream);
}

static struct ir_outq *queue_of(struct ir_link *link)
{
    return link->own != NULL ? link->own : &link->lane->outq;
}

static size_t unsent(const struct ir_link *link)
{
    return link->own != NULL ? ir_outq_pending(link->own) : 0;
}

void ir_link_peer(const struct ir_link *link, struct ir_peer_text *ret_text)
{
    struct irpc_peer *peer = &ret_text->peer;

    (void)snprintf(ret_text->endpoint, sizeof(ret_text->endpoint), "%s", link->port->endpoint);
    ret_text->local_address[0] = '\0';
    *peer = (struct irpc_peer){
        .transport = link->port->transport,
        .address = ret_text->address,
        .port = link->peer.port,
        .local_address = ret_text->local_address,
        .endpoint = ret_text->endpoint,
        .uid = link->uid,
        .gid = link->gid,
        .pid = link->pid,
        .connection = link->id,
    };
    if (peer->transport == IRPC_TRANSPORT_LOCAL) {
        (void)snprintf(ret_text->address, sizeof(ret_text->address), "uid=%u", link->uid);
        return;
    }
    (void)ir_addr_format(&link->peer, ret_text->address);
    union ir_sockaddr sa = {0};
    socklen_t len = sizeof(sa);
    if (link->stream.watch.fd >= 0 && getsockname(link->stream.watch.fd, &sa.sa, &len) == 0) {
        struct ir_addr local = ir_addr_from_sockaddr(&sa);
        (void)ir_addr_format(&local, ret_text->local_address);
        peer->local_port = local.port;
    }
}

/* --- output --- */

/* What is left in the shared queue becomes the connection's own. */
static enum irpc_status take_rest(struct ir_link *link)
{
    struct ir_outq *own = ir_alloc(sizeof(*own));

    if (own == NULL) {
        ir_reject(link, "L11", "out of memory for its output", UINT32_MAX, NULL, UINT32_MAX);
        return IRPC_NO_MEMORY;
    }
    ir_outq_init(own, link->lane->outq.buf.max);
    ir_outq_steal(own, &link->lane->outq);
    link->own = own;
    ir_conn_attach(&link->engine, own);
    return IRPC_OK;
}

/* All is sent: the shared queue gets the larger buffer. Only while that queue is empty. */
static void give_own_back(struct ir_link *link)
{
    struct ir_outq *shared = &link->lane->outq;

    if (link->own->buf.cap > shared->buf.cap && ir_outq_pending(shared) == 0) {
        ir_outq_steal(shared, link->own);
    }
    ir_outq_deinit(link->own);
    ir_free(link->own);
    link->own = NULL;
    ir_conn_attach(&link->engine, shared);
}

/* Send what there is, one run or many pieces. IRPC_OK even if the kernel does not take all. */
static __attribute__((noinline)) enum irpc_status flush_pieces(struct ir_link *link)
{
    struct ir_outq *q = queue_of(link);
    struct iovec iov[IOV_MAX_AT_ONCE];
    size_t written = 0;

    for (int n; (n = ir_outq_iov(q, iov, IOV_MAX_AT_ONCE)) > 0;) {
        enum irpc_status st = ir_stream_write(&link->stream, iov, n, &written);
        if (st != IRPC_OK) {
            return st;
        }
        ir_outq_consume(q, written);
        link->bytes_out += written;
        if (link->stream.blocked) {
            return link->own == NULL ? take_rest(link) : IRPC_OK;
        }
    }
    if (link->own != NULL) {
        give_own_back(link);
    }
    ir_outq_trim(&link->lane->outq, KEEP_OUTPUT);
    return IRPC_OK;
}

/* The shared queue is a run of @pending bytes, and sending it returned @result. */
static __attribute__((noinline)) enum irpc_status flush_rest(struct ir_link *link, ssize_t result,
                                                             size_t pending)
{
    size_t written = 0;
    enum irpc_status st = ir_stream_wrote(&link->stream, result, pending, &written);

    if (st != IRPC_OK) {
        return st;
    }
    ir_outq_consume(&link->lane->outq, written);
    link->bytes_out += written;
    return link->stream.blocked ? take_rest(link) : IRPC_OK;
}

/* As flush_pieces(), quickest for what is usual: a run in the shared queue, or nothing. */
static inline enum irpc_status flush(struct ir_link *link)
{
    struct ir_outq *q = &link->lane->outq;
    ssize_t result = 0;

    if (IR_UNLIKELY(link->own != NULL || !ir_outq_is_run(q))) {
        return flush_pieces(link);
    }
    size_t pending = ir_outq_pending(q);
    if (pending == 0) {
        return IRPC_OK;
    }
    if (IR_UNLIKELY(!ir_stream_send(&link->stream, ir_outq_run(q), pending, &result))) {
        return flush_rest(link, result, pending);
    }
    ir_outq_empty(q);
    link->bytes_out += pending;
    return IRPC_OK;
}

/* --- memory --- */

/* What a peer makes us keep: @left bytes of input that nothing was done with yet, a request that is
 * not complete, replies that it does not take. */
static size_t held_by(const struct ir_link *link, size_t left)
{
    size_t n = left + (link->own != NULL ? link->own->buf.cap : 0);

    return ir_conn_is_quiet(&link->engine) ? n : n + ir_conn_partial_bytes(&link->engine);
}

static void account(struct ir_link *link, size_t held)
{
    size_t more = held - link->held; /* modulo 2^n: less, too */

    if (more == 0) {
        return;
    }
    atomic_fetch_add_explicit(&link->server->held, more, memory_order_relaxed);
    atomic_fetch_add_explicit(&link->source->held, more, memory_order_relaxed);
    ir_count(&link->lane->held, more);
    link->held = held;
}

static bool holds_more(const struct ir_link *a, const struct ir_link *b)
{
    return a->source == b->source ? a->held > b->held
                                  : ir_counted(&a->source->held) > ir_counted(&b->source->held);
}

/* The largest connection of the largest source (of @source, unless it is NULL) has to go, when its
 * timer fires, for somebody else is being handled. */
static bool evict_one(struct ir_lane *lane, const struct ir_source *source)
{
    struct ir_link *victim = NULL;

    for (struct ir_link *link = lane->links; link != NULL; link = link->next) {
        if (link->held > 0 && (source == NULL || link->source == source) &&
            (victim == NULL || holds_more(link, victim))) {
            victim = link;
        }
    }
    if (victim == NULL) {
        return false;
    }
    ir_count(&lane->stats.n[IRPC_METRIC_EVICTED], 1);
    ir_reject(victim, "F09",
              source != NULL ? "too much memory for one source"
                             : "too much memory for unfinished requests and unsent replies",
              UINT32_MAX, NULL, UINT32_MAX);
    account(victim, 0);
    victim->evicted = true;
    ir_conn_close(&victim->engine);
    (void)!ir_loop_timer_set(lane->loop, &victim->timer, ir_loop_now(lane->loop));
    return true;
}

/* The lane whose connections hold most. */
static struct ir_lane *largest_lane(struct irpc_server *server)
{
    struct ir_lane *largest = server->main;

    for (uint32_t i = 1; i < server->n_lanes; i++) {
        if (ir_counted(&server->lanes[i]->held) > ir_counted(&largest->held)) {
            largest = server->lanes[i];
        }
    }
    return largest;
}

void ir_lane_evict(struct ir_lane *lane)
{
    struct irpc_server *server = lane->server;

    while (ir_counted(&server->held) > server->options.max_memory) {
        struct ir_lane *largest = largest_lane(server);
        if (ir_counted(&largest->held) > ir_counted(&lane->held)) {
            if (!atomic_exchange(&largest->evict_posted, true)) {
                ir_loop_post(largest->loop, &largest->evict);
            }
            return;
        }
        if (!evict_one(lane, NULL)) {
            return;
        }
    }
}

/* False: @link has to go. check: L02 */
static bool check_memory(struct ir_link *link, size_t left)
{
    const struct irpc_server *server = link->server;
    const struct ir_source *source = link->source;

    if (!link->evicted) {
        account(link, held_by(link, left));
    }
    if (IR_UNLIKELY(ir_counted(&server->held) > server->options.max_memory)) {
        ir_lane_evict(link->lane);
    }
    while (IR_UNLIKELY(ir_counted(&source->held) > server->options.max_memory_per_source) &&
           evict_one(link->lane, source)) {
    }
    return !link->evicted;
}

static inline void note_link(const struct ir_link *link)
{
    if (IR_UNLIKELY(link->lane->note != NULL)) {
        ir_note_link(link->lane->note, link);
    }
}

/* Nobody is being served any more. */
static inline void note_nobody(struct ir_note *note)
{
    if (IR_UNLIKELY(note != NULL)) {
        __atomic_store_n(&note->connection, 0, __ATOMIC_RELEASE);
    }
}

void ir_link_begin(struct ir_link *link)
{
    note_link(link);
    ir_conn_attach(&link->engine, queue_of(link));
}

/* --- deadlines --- */

static bool arm(struct ir_link *link, uint64_t deadline)
{
    return ir_loop_timer_set(link->lane->loop, &link->timer, deadline) == IRPC_OK;
}

/* The timer may be early: then it is armed again when it fires. Never late. */
static bool arm_deadline(struct ir_link *link)
{
    uint64_t deadline = ir_conn_deadline(&link->engine);
    uint64_t half_closed = link->eof_ms + link->server->options.write_ms;

    if (link->eof && half_closed < deadline) {
        deadline = half_closed;
    }
    if (deadline == UINT64_MAX || (link->timer.place != 0 && link->timer.deadline <= deadline)) {
        return true;
    }
    return arm(link, deadline);
}

static void handle_event(struct ir_link *link, const struct ir_event *event);

static void on_timer(struct ir_timer *timer)
{
    struct ir_link *link = IR_CONTAINER_OF(timer, struct ir_link, timer);
    struct ir_event event;

    uint64_t now = ir_loop_now(link->lane->loop);

    if (link->lingering || link->evicted) {
        ir_link_close(link);
        return;
    }
    if (link->eof && now >= link->eof_ms + link->server->options.write_ms) { /* check: S03 */
        ir_reject(link, "S03", "half closed for too long", UINT32_MAX, NULL, UINT32_MAX);
        ir_link_close(link);
        return;
    }
    ir_link_begin(link);
    ir_conn_on_deadline(&link->engine, now, &event);
    handle_event(link, &event);
    (void)ir_link_end(link);
}

/* --- the end --- */

static void unlink_link(struct ir_link *link)
{
    struct ir_lane *lane = link->lane;

    if (link->prev != NULL) {
        link->prev->next = link->next;
    } else {
        lane->links = link->next;
    }
    if (link->next != NULL) {
        link->next->prev = link->prev;
    }
    atomic_fetch_sub_explicit(&lane->n_links, 1, memory_order_relaxed);
}

void ir_link_close(struct ir_link *link)
{
    struct ir_lane *lane = link->lane;

    ir_calls_orphan(link);
    ir_iface_gone(link);
    ir_loop_timer_clear(lane->loop, &link->timer);
    unlink_link(link);
    if (link->own == NULL && ir_outq_pending(&lane->outq) > 0) {
        ir_outq_consume(&lane->outq, ir_outq_pending(&lane->outq));
    }
    if (!ir_conn_is_quiet(&link->engine)) {
        ir_lane_trim_later(lane);
    }
    ir_conn_deinit(&link->engine);
    ir_stream_deinit(&link->stream);
    if (link->own != NULL) {
        ir_outq_deinit(link->own);
        ir_free(link->own);
    }
    account(link, 0);
    ir_source_traffic(link);
    ir_source_leave(link->server, link->source);
    link->gone = true;
    if (!atomic_load(&link->posted)) { /* else on_woken() frees it */
        ir_free(link);
    }
}

/* All is sent and the engine wants no more. False: closed. */
static bool linger(struct ir_link *link)
{
    ir_calls_orphan(link);
    if (link->eof || !arm(link, ir_loop_now(link->lane->loop) + LINGER_MS)) {
        ir_link_close(link);
        return false;
    }
    link->lingering = true;
    ir_stream_shutdown(&link->stream);
    ir_stream_drop_input(&link->stream);
    return true;
}

/* Whether there is a use for more input now. */
static bool takes_input(const struct ir_link *link)
{
    return !ir_conn_is_waiting(&link->engine) || ir_conn_wants_close(&link->engine);
}

/* What comes after a flush that ended with @st, in the unusual case; @rest bytes of input are left
 * over. False: closed. */
static __attribute__((noinline)) bool settle(struct ir_link *link, enum irpc_status st, size_t rest)
{
    if (st != IRPC_OK) {
        ir_link_close(link);
        return false;
    }
    if (!check_memory(link, rest)) {
        ir_link_close(link);
        return false;
    }
    size_t left = unsent(link);
    if (left > link->server->options.max_output) {
        ir_count(&link->lane->stats.n[IRPC_METRIC_PAUSED], !link->stream.paused);
        ir_stream_pause(&link->stream);
    } else if (!takes_input(link)) {
        ir_stream_pause(&link->stream);
    } else if (link->stream.paused) {
        ir_stream_resume(&link->stream);
    }
    if (left == 0 && ir_conn_wants_close(&link->engine)) {
        return linger(link);
    }
    if (left == 0 && link->eof && ir_conn_open_calls(&link->engine) == 0) {
        ir_link_close(link);
        return false;
    }
    if (!arm_deadline(link)) {
        ir_link_close(link);
        return false;
    }
    return true;
}

static inline bool end_link(struct ir_link *link)
{
    enum irpc_status st = flush(link);

    /* All is sent, nothing changed, the timer that is armed will do. */
    if (IR_LIKELY(st == IRPC_OK && link->own == NULL && link->held == 0 && !link->stream.paused &&
                  !link->eof && !ir_conn_wants_close(&link->engine) && link->timer.place != 0 &&
                  ir_conn_is_quiet(&link->engine))) {
        return true;
    }
    return settle(link, st, link->stream.tail_len);
}

bool ir_link_end(struct ir_link *link)
{
    struct ir_note *note = link->lane->note;
    bool stays = end_link(link);

    note_nobody(note);
    return stays;
}

/* --- input --- */

static void handle_event(struct ir_link *link, const struct ir_event *event)
{
    switch (event->type) {
    case IR_EVENT_CANCEL:
    case IR_EVENT_ORPHANED:
        ir_call_cancel(link, event);
        break;
    case IR_EVENT_REJECTED:
        ir_count(&link->lane->stats.n[IRPC_METRIC_NAKS], event->nak);
        ir_reject(link, event->check, event->reason, event->call_id, NULL, UINT32_MAX);
        break;
    case IR_EVENT_NONE:
    case IR_EVENT_CALL: /* handle_pdu() */
    case IR_EVENT_BOUND:
    case IR_EVENT_REFUSED:
    case IR_EVENT_REPLY:
    case IR_EVENT_FAULT:
    case IR_EVENT_SHUTDOWN:
        break;
    }
}

/* What has become of the peer's security contexts. */
static void count_auth(struct ir_link *link)
{
    struct ir_counters *stats = &link->lane->stats;
    uint8_t ok = 0;
    uint8_t failed = 0;

    if (link->engine.security == NULL) {
        return;
    }
    ir_conn_count_auth(&link->engine, &ok, &failed);
    ir_count(&stats->n[IRPC_METRIC_AUTH_OK], (uint8_t)(ok - link->n_auth_ok));
    ir_count(&stats->n[IRPC_METRIC_AUTH_FAILED], (uint8_t)(failed - link->n_auth_failed));
    link->n_auth_ok = ok;
    link->n_auth_failed = failed;
}

/* A PDU that is no call, if it is @whole. */
static __attribute__((noinline)) void handle_other(struct ir_link *link,
                                                   const struct ir_event *event, bool whole)
{
    struct ir_counters *stats = &link->lane->stats;

    ir_count(&stats->n[IRPC_METRIC_PDUS_IN], whole);
    ir_count(&stats->n[IRPC_METRIC_PDUS_OUT], event->answered);
    handle_event(link, event);
    count_auth(link);
}

/* One PDU. Returns its length; 0: it is not whole yet; SIZE_MAX: the connection cannot go on. */
static IR_INLINE size_t handle_pdu(struct ir_link *link, uint8_t *bytes, size_t len, uint64_t now)
{
    size_t consumed = 0;
    struct ir_event event;
    enum irpc_status st = ir_conn_receive(&link->engine, bytes, len, now, &consumed, &event);

    if (IR_UNLIKELY(st != IRPC_OK)) {
        ir_reject(link, "L11", irpc_status_text(st), UINT32_MAX, NULL, UINT32_MAX);
        return SIZE_MAX;
    }
    if (IR_LIKELY(event.type == IR_EVENT_CALL)) {
        ir_call_dispatch(link, &event);
    } else {
        handle_other(link, &event, consumed > 0);
    }
    return consumed;
}

/* @len > 0 bytes. Returns how many of them are done with; SIZE_MAX: @link is gone. */
static IR_INLINE size_t take_bytes(struct ir_link *link, uint8_t *bytes, size_t len)
{
    struct ir_stream *stream = &link->stream;
    struct ir_lane *lane = link->lane;
    uint64_t now = ir_loop_now(lane->loop);
    size_t off = 0;

    for (int pdus = 1;; pdus++) {
        size_t consumed = handle_pdu(link, bytes + off, len - off, now);
        if (consumed == 0) {
            break;
        }
        bool full = ir_conn_outq(&link->engine)->buf.len > lane->max_output;
        if (IR_UNLIKELY(consumed == SIZE_MAX || (full && flush(link) != IRPC_OK))) {
            ir_link_close(link);
            return SIZE_MAX;
        }
        off += consumed;
        if (IR_LIKELY(off == len)) {
            break;
        }
        if (full && unsent(link) > lane->max_output) {
            stream->again = true; /* unless it is paused now: the kernel may take more meanwhile */
            break;
        }
        if (pdus == lane->max_pdus || off >= lane->max_bytes) { /* check: L05 */
            ir_count(&lane->stats.n[IRPC_METRIC_YIELDED], 1);
            stream->again = true;
            break;
        }
    }
    link->bytes_in += off;
    if (IR_UNLIKELY(off < len)) {
        off = ir_conn_wants_close(&link->engine) ? len : off;
        return settle(link, flush(link), len - off) ? off : SIZE_MAX;
    }
    return end_link(link) ? off : SIZE_MAX;
}

/* Not inline: what it calls is to be inline here, and is only if it is called once. */
static __attribute__((noinline)) size_t on_bytes(struct ir_stream *stream, uint8_t *bytes,
                                                 size_t len)
{
    return take_bytes(link_of(stream), bytes, len);
}

/* In a server that is one of several processes, which say whom they serve. */
static size_t on_bytes_noted(struct ir_stream *stream, uint8_t *bytes, size_t len)
{
    struct ir_link *link = link_of(stream);
    struct ir_note *note = link->lane->note;
    size_t off = SIZE_MAX;

    ir_note_link(note, link);
    if (link->undecided && ir_link_is_foreign(link, bytes, len)) {
        ir_link_close(link);
    } else {
        off = on_bytes(stream, bytes, len);
    }
    note_nobody(note);
    return off;
}

static void on_end(struct ir_stream *stream, enum ir_stream_end why)
{
    struct ir_link *link = link_of(stream);
    struct ir_event event;

    switch (why) {
    case IR_STREAM_EOF:
        link->eof = true;
        link->eof_ms = ir_loop_now(link->lane->loop);
        if (link->lingering) {
            break;
        }
        ir_link_begin(link);
        ir_conn_on_eof(&link->engine, &event); /* check: S03 S04 */
        handle_event(link, &event);
        (void)ir_link_end(link);
        return;
    case IR_STREAM_STUCK:
        ir_reject(link, "L04", "it does not take its output", UINT32_MAX, NULL, UINT32_MAX);
        break;
    case IR_STREAM_NO_MEMORY:
        ir_reject(link, "L11", "out of memory for its input", UINT32_MAX, NULL, UINT32_MAX);
        break;
    case IR_STREAM_RESET: /* check: S05 */
        break;
    }
    ir_link_close(link);
}

static void on_writable(struct ir_stream *stream)
{
    struct ir_link *link = link_of(stream);

    ir_link_begin(link);
    (void)ir_link_end(link);
}

static const struct ir_stream_ops stream_ops = {on_bytes, on_end, on_writable};
static const struct ir_stream_ops noted_ops = {on_bytes_noted, on_end, on_writable};

/* --- security providers that take their time --- */

/* On any thread. The link stays: it waits for the provider before it goes. */
static void on_ready(struct ir_auth_wake *wake)
{
    struct ir_link *link = IR_CONTAINER_OF(wake, struct ir_link, wake);

    atomic_store(&link->posted, true);
    ir_loop_post(link->lane->loop, &link->woken);
}

/* On its lane's thread. */
static void on_woken(struct ir_post *post)
{
    struct ir_link *link = IR_CONTAINER_OF(post, struct ir_link, woken);

    atomic_store(&link->posted, false);
    if (link->gone) {
        ir_free(link);
        return;
    }
    ir_conn_resume(&link->engine);
    ir_link_begin(link);
    (void)ir_link_end(link);
}

/* --- the beginning --- */

static void identify(struct ir_link *link, int fd, const union ir_sockaddr *peer)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    link->uid = (uid_t)-1;
    link->gid = (gid_t)-1;
    link->peer = ir_addr_from_sockaddr(peer);
    if (link->port->transport != IRPC_TRANSPORT_LOCAL) {
        return;
    }
    link->peer = (struct ir_addr){.family = AF_UNIX};
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0) {
        link->uid = cred.uid;
        link->gid = cred.gid;
        link->pid = cred.pid;
    }
}

/* @link, with its source, becomes one of its lane's. False: there was no memory, it is gone. */
static bool begin_link(struct ir_link *link, int fd)
{
    struct ir_lane *lane = link->lane;

    link->timer.fn = on_timer;
    link->undecided = link->server->foreign_group != NULL;
    link->next = lane->links;
    if (link->next != NULL) {
        link->next->prev = link;
    }
    lane->links = link;
    ir_conn_init(&link->engine, IR_SERVER, &link->port->config, link, ir_loop_now(lane->loop));
    ir_conn_attach(&link->engine, &lane->outq);
    ir_conn_set_wake(&link->engine, &link->wake);
    link->wake.ready = on_ready;
    link->woken.fn = on_woken;
    const struct ir_stream_ops *ops = lane->note != NULL ? &noted_ops : &stream_ops;
    if (ir_stream_init(&link->stream, &lane->io, fd, ops, link->server->options.write_ms) !=
            IRPC_OK ||
        !arm_deadline(link)) {
        ir_link_close(link);
        return false;
    }
    return true;
}

/* On its lane's thread. */
static void on_arrival(struct ir_post *post)
{
    struct ir_link *link = IR_CONTAINER_OF(post, struct ir_link, arriving.post);

    (void)begin_link(link, link->arriving.fd);
}

/* A connection of @lane's that did not begin yet. NULL: it was refused, @fd is closed. */
static struct ir_link *make_link(struct ir_port *port, int fd, const union ir_sockaddr *peer,
                                 struct ir_lane *lane)
{
    struct irpc_server *server = port->server;
    struct ir_link who = {
        .port = port, .server = server, .lane = lane, .stream = {.watch = {.fd = -1}}};

    identify(&who, fd, peer);
    struct ir_source *source = ir_source_enter(&who);
    if (source == NULL) {
        close(fd);
        return NULL;
    }
    struct ir_link *link = ir_calloc(1, sizeof(*link));
    if (link == NULL) {
        close(fd);
        ir_refused(&who, source, IRPC_METRIC_REFUSED_MEMORY);
        ir_source_leave(server, source);
        return NULL;
    }
    *link = who;
    link->source = source;
    link->id = ++server->next_link_id;
    atomic_fetch_add_explicit(&lane->n_links, 1, memory_order_relaxed);
    return link;
}

struct ir_link *ir_link_open(struct ir_port *port, int fd, const union ir_sockaddr *peer)
{
    struct ir_link *link = make_link(port, fd, peer, port->server->main);

    return link != NULL && begin_link(link, fd) ? link : NULL;
}

void ir_link_accept(struct ir_port *port, int fd, const union ir_sockaddr *peer)
{
    struct ir_lane *lane = ir_lane_choose(port->server);

    if (lane == port->server->main) {
        (void)ir_link_open(port, fd, peer);
        return;
    }
    struct ir_link *link = make_link(port, fd, peer, lane);
    if (link != NULL) {
        link->arriving.post = (struct ir_post){.fn = on_arrival};
        link->arriving.fd = fd;
        ir_loop_post(lane->loop, &link->arriving.post);
    }
}
