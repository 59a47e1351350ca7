/* A child that tries, again and again, whether a service answers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ir_os_prober {
    pid_t pid; /* 0: there is none */
    int pidfd;
    int fd; /* readable: somebody answered; -1: none */
};

/* What the child does; functions run in it. */
struct ir_os_probe {
    uint32_t interval_ms;        /* between two attempts */
    pid_t parent;                /* it ends with this process */
    bool (*prepare)(void *user); /* once, before the first; false: it ends. NULL: nothing to do */
    bool (*attempt)(void *user); /* whether the service answered */
    void *user;
};

/* Start it. Return: false: errno says why; *@p is none then. */
bool ir_os_prober_start(struct ir_os_prober *p, const struct ir_os_probe *probe);

/* Whether it has ended by itself: then it is reaped, and *@p is none. */
bool ir_os_prober_ended(struct ir_os_prober *p);

/* How often the service has answered since the last time that this was asked. */
unsigned ir_os_prober_answers(struct ir_os_prober *p);

/* Kill it and wait for its end. Nothing if there is none. */
void ir_os_prober_stop(struct ir_os_prober *p);
