/* The one process counts, alerts and tells by itself, driven by a timer. */
#include "alone.h"

#include <unistd.h>

#include "crew.h"
#include "log.h"
#include "observe.h"

#define TICK_MS 100u

static struct {
    struct daemon *d;
    struct observe observe; /* large */
    struct tally tally;
    struct tally_recent seen[TALLY_RECENT];
    struct pollfd watched[DESK_POLLS];
    unsigned n_watched;
} self;

static void list_self(void *user, struct report *report)
{
    const struct report_process p = {
        .role = "service", .pid = getpid(), .ready = true, .started = self.observe.started};

    (void)user;
    observe_process(report, &p, &self.tally);
}

static void unwatch(void)
{
    while (self.n_watched > 0) {
        irpc_server_unwatch(self.d->server, self.watched[--self.n_watched].fd);
    }
}

static void on_asked(void *user, int fd)
{
    (void)user;
    desk_event(&self.observe.desk, fd, crew_now());
    if (self.observe.desk.resting) {
        unwatch(); /* until the next tick */
    }
}

static void watch(void)
{
    struct pollfd fds[DESK_POLLS];
    unsigned n = self.n_watched > 0 ? 0 : desk_poll(&self.observe.desk, fds);

    for (unsigned i = 0; i < n; i++) {
        if (irpc_server_watch(self.d->server, fds[i].fd, on_asked, NULL) == IRPC_OK) {
            self.watched[self.n_watched++] = fds[i];
        }
    }
}

static void on_tick(void *user)
{
    (void)user;
    tally_update(&self.tally, self.d->server);
    observe_look(&self.observe, "service", &self.tally, self.seen);
    observe_tick(&self.observe);
    watch();
    if (irpc_server_after(self.d->server, TICK_MS, on_tick, NULL, NULL) != IRPC_OK) {
        log_write(IRPC_LOG_ERROR, "event=not_observed reason=\"out of memory\"");
    }
}

void alone_begin(struct daemon *d)
{
    self.d = d;
    tally_begin(&self.tally, d->server);
    observe_begin(&self.observe, d, list_self, NULL);
    observe_open(&self.observe, d);
    on_tick(NULL);
}

void alone_end(struct daemon *d)
{
    if (self.d == d) {
        unwatch();
        observe_end(&self.observe);
    }
}
