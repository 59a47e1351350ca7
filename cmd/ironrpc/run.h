/* `ironrpc run`: the program that is supervised (run_program.c), and who supervises it (run.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/quarantine.h"
#include "os/sandbox.h"
#include "os/supervised.h"

struct run_socket {
    int fd;
    char binding[IR_SUPERVISED_BINDING_MAX]; /* as the program wrote it */
};

#define RUN_PATHS_MAX 64u

/* What --sandbox leaves to the program. */
struct run_sandbox {
    bool wanted;
    struct ir_os_path paths[RUN_PATHS_MAX]; /* of the command line */
    size_t n_paths;
    uint32_t memory_mib; /* 0: as much as there is */
};

struct program {
    char **argv;
    struct run_sandbox sandbox;
    pid_t supervisor;
    uint32_t hung_ms;
    struct run_socket sockets[IR_SUPERVISED_SOCKETS_MAX];
    unsigned n_sockets;
    int page_fd;
    struct ir_supervised_page *page;
    struct ir_quarantine quarantine;
    struct ir_quarantine_peer self; /* whom our own calls come from: never kept out */

    pid_t pid; /* 0: it does not run */
    int pidfd;
    int channel;
    uint64_t started;  /* ms, monotonic, as all times */
    uint64_t answered; /* when it answered last, at first: when it started */
    uint64_t cpu_ms;   /* processor time that it had used then */
    bool serves;       /* it has said so since it was started */
    bool hung;         /* killed for it */
    uint64_t died;     /* the last one; 0: none has */
};

uint64_t program_now(void);

/* Make the page. Return: false: errno says why. */
bool program_init(struct program *p);

/* Start it, with the sockets that there are. Return: false: errno says why. */
bool program_start(struct program *p);

/* Take what it has sent: a socket to keep, or that it serves. Return: whether there was something.
 */
bool program_receive(struct program *p);

/* It has answered a call. */
void program_answered(struct program *p);

/* Kill it if it has not answered for too long, though it had time to. */
void program_watch(struct program *p);

/* It has ended: reap it, blame who crashed it. Return: false: it has not. */
bool program_reap(struct program *p, int *ret_status);

/* String binding for a call to it, from this machine; false: it does not listen yet. */
bool program_target(struct program *p, char *text, size_t cap);

/* The sockets' files, when nobody listens any more. */
void program_remove_files(const struct program *p);

/* run_sandbox.c: in the child, before it executes @program: close the sandbox. Return: false after
 * a message. */
bool run_sandbox_close(const struct run_sandbox *sandbox, const char *program);

/* A line on standard error. */
void program_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
