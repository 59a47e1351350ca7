/* Watching the service from inside where it is one process: on its server's loop. */
#pragma once

#include "daemon.h"

/* Before d->server runs. A failure is logged; the service goes on without. */
void alone_begin(struct daemon *d);

/* Before d->server is freed. */
void alone_end(struct daemon *d);
