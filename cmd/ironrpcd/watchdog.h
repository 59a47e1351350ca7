/* Feeding systemd's watchdog: only after a call to ourselves, through the front door. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon.h"
#include "os/prober.h"
#include "os/quarantine.h"

struct watchdog {
    uint32_t interval_ms;       /* of the calls; 0: nobody asks for them */
    struct ir_os_prober prober; /* who calls */
    const struct daemon *daemon;
    char binding[200];
    char local[CONFIG_TEXT_MAX + 32];       /* the mapper's; "" if there is none */
    struct ir_quarantine_peer self;         /* where our calls come from, as others see it */
    const struct ir_quarantine *quarantine; /* which may have it */
    bool inside;                            /* then we call the mapper, not through the door */
};

/* As WATCHDOG_USEC, sd_watchdog_enabled(3), says. @binding: where to call; @local: the mapper, to
 * be called while @quarantine keeps out the address that we call from. */
void watchdog_init(struct watchdog *w, const struct daemon *d, const char *binding,
                   const char *local, const struct ir_quarantine *quarantine);

/* Start the caller, or the next one when it has died. */
void watchdog_tick(struct watchdog *w);

/* @w->prober.fd is readable. */
void watchdog_event(struct watchdog *w);

/* When the service ends, and before another program takes over. */
void watchdog_end(struct watchdog *w);
