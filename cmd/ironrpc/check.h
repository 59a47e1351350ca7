/* Between the files of check*.c: what is asked of a host, what it answered, what that means. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <ironrpc/client.h>

#include "cli.h"

#define CHECK_PORTS 4       /* the endpoint mapper, NetBIOS, SMB, RPC over HTTP */
#define CHECK_ENDPOINTS 64  /* looked at; a map may have more */
#define CHECK_INTERFACES 64 /* of one endpoint */
#define CHECK_LEVELS 4      /* connect, packet, integrity, privacy */
#define CHECK_FINDINGS 512
#define CHECK_SLOW_MS 1000.0

/* A TCP port, seen from here. */
enum check_state {
    CHECK_NOT_ASKED,
    CHECK_OPEN,
    CHECK_CLOSED,     /* refused: nothing listens there */
    CHECK_SILENT,     /* no answer: a firewall, or the host is down */
    CHECK_UNREACHABLE /* the network says so, or this machine */
};

struct check_port {
    uint16_t port;
    enum check_state state;
    double ms;
};

/* What a bind with a security type brought. */
enum check_bind {
    CHECK_BIND_NOT_ASKED, /* or this build has no NTLM */
    CHECK_BIND_ACCEPTED,
    CHECK_BIND_REFUSED,
    CHECK_BIND_NO_ANSWER
};

struct check_interface {
    struct irpc_syntax_id id;
    bool in_map;
    bool in_server;             /* its own list has it */
    enum irpc_status anonymous; /* of a bind without security */
};

struct check_endpoint {
    struct check_port port;
    bool is_mapper;
    bool asked;             /* the members that follow are known */
    enum irpc_status ping;  /* is_server_listening */
    bool listening;         /* its result */
    double answer_ms;       /* connect, bind and that call */
    enum irpc_status lists; /* inq_if_ids */
    struct check_interface interfaces[CHECK_INTERFACES];
    size_t n_interfaces;
    enum check_bind levels[CHECK_LEVELS];
};

enum check_severity {
    CHECK_NOTE, /* worth knowing */
    CHECK_WARNING,
    CHECK_CRITICAL
};

struct check_finding {
    enum check_severity severity;
    const char *code;
    char what[320];
    const char *why;
    const char *next;
};

struct check {
    const struct ir_cli_verb *verb;
    const char *host; /* as given */
    char address[64];
    bool is_ipv6;
    uint16_t mapper_port;
    uint32_t timeout_ms;
    bool outside; /* nothing should be reachable from here */
    bool progress;

    struct sockaddr_storage peer; /* of @address; the port is set for each use */
    socklen_t peer_len;
    struct check_port ports[CHECK_PORTS];
    enum irpc_status map; /* of the look-up; IRPC_PENDING: not asked */
    size_t n_entries;
    size_t n_pipes;     /* entries behind named pipes */
    size_t n_elsewhere; /* entries at other addresses, which are left alone */
    size_t n_skipped;   /* endpoints beyond CHECK_ENDPOINTS */
    struct check_endpoint endpoints[CHECK_ENDPOINTS];
    size_t n_endpoints;
    struct check_finding findings[CHECK_FINDINGS];
    size_t n_findings;
};

/* A line that the next one overwrites, on standard error, if that is a terminal; "": wipe it. */
void check_progress(const struct check *check, const char *format, ...) IR_PRINTF(2, 3);
double check_now_ms(void);

/* check_probe.c: connect to all @n ports at once and set their states. */
void check_connect(const struct check *check, struct check_port *const *ports, size_t n);

/* check_look.c: ask the host everything. */
void check_look(struct check *check);
extern const char *const check_level_names[CHECK_LEVELS];

/* check_judge.c: facts to findings. */
void check_judge(struct check *check);
enum check_severity check_worst(const struct check *check);
const char *check_severity_name(enum check_severity severity);

/* check_show.c. Return: exit status of writing. */
void check_show_table(const struct check *check);
int check_show_json(const struct check *check);
