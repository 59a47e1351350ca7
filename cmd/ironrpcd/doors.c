/*
 * Doors are held by servers that never run, so that opening, naming and complaining are the
 * library's. Between programs they pass as IRONRPCD_DOORS=FD=BINDING|FD=BINDING...
 */
#include "doors.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define VARIABLE "IRONRPCD_DOORS"
#define LISTEN_FDS_START 3
#define LISTEN_FDS_MAX 32

static struct irpc_server *new_holder(const struct daemon *d)
{
    const struct irpc_server_options options = {.name = "ironrpcd",
                                                .runtime_dir = daemon_runtime_dir(d)};
    struct irpc_server *holder = NULL;

    return irpc_server_new(&options, &holder) == IRPC_OK ? holder : NULL;
}

static bool complain(const struct irpc_server *holder, const char *binding)
{
    const char *why = holder != NULL ? irpc_server_error(holder) : "out of memory";

    fprintf(stderr, "ironrpcd: %s%s\n", why[0] != '\0' ? why : "cannot listen at ",
            why[0] != '\0' ? "" : binding);
    return false;
}

static struct door *find(struct doors *doors, const char *binding)
{
    for (unsigned i = 0; i < doors->n; i++) {
        if (strcmp(doors->door[i].binding, binding) == 0) {
            return &doors->door[i];
        }
    }
    return NULL;
}

static struct door *add(struct doors *doors, const struct daemon *d, const char *binding)
{
    struct irpc_server *holder = doors->n < DOORS_MAX ? new_holder(d) : NULL;

    if (holder == NULL) {
        return NULL;
    }
    struct door *door = &doors->door[doors->n++];

    snprintf(door->binding, sizeof(door->binding), "%s", binding);
    door->holder = holder;
    return door;
}

static void take_back(struct doors *doors, unsigned n)
{
    while (doors->n > n) {
        irpc_server_free(doors->door[--doors->n].holder);
    }
}

/* --- by configuration --- */

struct opening {
    struct doors *doors;
    const struct daemon *d;
};

static bool open_one(void *user, const char *binding)
{
    struct opening *o = user;

    if (find(o->doors, binding) != NULL) {
        return true;
    }
    struct door *door = add(o->doors, o->d, binding);

    if (door == NULL || irpc_server_listen(door->holder, binding) != IRPC_OK) {
        return complain(door != NULL ? door->holder : NULL, binding);
    }
    return true;
}

struct naming {
    const char *wanted;
    bool found;
};

static bool compare(void *user, const char *binding)
{
    struct naming *n = user;

    n->found = n->found || strcmp(n->wanted, binding) == 0;
    return true;
}

bool doors_open(struct doors *doors, const struct daemon *d)
{
    struct opening opening = {doors, d};
    unsigned before = doors->n;
    unsigned kept = 0;

    if (doors->given) {
        return true;
    }
    if (!daemon_each_listener(d, open_one, &opening)) {
        take_back(doors, before);
        return false;
    }
    for (unsigned i = 0; i < doors->n; i++) {
        struct naming naming = {doors->door[i].binding, false};

        daemon_each_listener(d, compare, &naming);
        if (naming.found) {
            doors->door[kept++] = doors->door[i];
        } else {
            log_write(IRPC_LOG_NOTICE, "event=closed binding=%s", naming.wanted);
            irpc_server_free(doors->door[i].holder);
        }
    }
    doors->n = kept;
    return true;
}

/* --- by inheritance --- */

/* The name under which clients know the local socket @fd: its file's, if that is in our folder. */
static void local_name(const struct daemon *d, int fd, char *name, size_t cap)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof(sa);
    const char *folder = daemon_runtime_dir(d);
    size_t n = strlen(folder);

    name[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&sa, &len) == 0 && sa.ss_family == AF_UNIX) {
        const char *path = (const char *)&sa + sizeof(sa.ss_family);
        bool ours = strncmp(path, folder, n) == 0 && path[n] == '/';
        snprintf(name, cap, "%s", ours ? path + n + 1 : path);
    }
}

/* Behind an open door of the same binding, if there is one: IPv4 and IPv6 are two sockets. */
static bool inherit(struct doors *doors, const struct daemon *d, int fd, const char *binding)
{
    struct door *door = binding != NULL ? find(doors, binding) : NULL;
    struct irpc_endpoint endpoint;
    char name[112];

    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    local_name(d, fd, name, sizeof(name));
    door = door != NULL ? door : add(doors, d, binding != NULL ? binding : "");
    if (door == NULL ||
        irpc_server_listen_fd(door->holder, fd, name[0] != '\0' ? name : NULL) != IRPC_OK) {
        return complain(door != NULL ? door->holder : NULL, "an inherited socket");
    }
    if (binding == NULL && irpc_server_endpoint(door->holder, 0, &endpoint)) {
        snprintf(door->binding, sizeof(door->binding), "%s", endpoint.string_binding);
    }
    return true;
}

static bool inherit_from_program(struct doors *doors, const struct daemon *d, char *list)
{
    char *rest = NULL;

    for (char *s = strtok_r(list, "|", &rest); s != NULL; s = strtok_r(NULL, "|", &rest)) {
        char *equals = strchr(s, '=');
        int fd = equals != NULL ? atoi(s) : -1;

        if (fd >= LISTEN_FDS_START && !inherit(doors, d, fd, equals + 1)) {
            return false;
        }
    }
    return true;
}

bool doors_inherit(struct doors *doors, const struct daemon *d)
{
    char *list = getenv(VARIABLE);
    const char *pid = getenv("LISTEN_PID");
    const char *number = getenv("LISTEN_FDS");
    bool good = true;

    if (list != NULL) {
        good = inherit_from_program(doors, d, list);
        doors->given = getenv(VARIABLE "_GIVEN") != NULL;
    } else if (pid != NULL && number != NULL && atol(pid) == (long)getpid()) {
        int n = atoi(number);
        for (int i = 0; i < n && i < LISTEN_FDS_MAX && good; i++) {
            good = inherit(doors, d, LISTEN_FDS_START + i, NULL);
        }
        doors->given = n > 0;
    }
    unsetenv(VARIABLE);
    unsetenv(VARIABLE "_GIVEN");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return good;
}

/* --- for others --- */

void doors_list(const struct doors *doors, struct ports *ret_ports)
{
    struct irpc_endpoint e;

    ret_ports->n = 0;
    for (unsigned i = 0; i < doors->n; i++) {
        for (unsigned k = 0; irpc_server_endpoint(doors->door[i].holder, k, &e); k++) {
            struct port *p = &ret_ports->port[ret_ports->n];

            if (ret_ports->n == PORTS_MAX) {
                return;
            }
            p->fd = ir_server_listening_fd(doors->door[i].holder, k);
            p->local = e.transport == IRPC_TRANSPORT_LOCAL;
            snprintf(p->endpoint, sizeof(p->endpoint), "%s", e.endpoint);
            ret_ports->n++;
        }
    }
}

static void set_inheritable(const struct doors *doors, bool on, char *list, size_t cap)
{
    size_t len = 0;
    struct irpc_endpoint e;

    for (unsigned i = 0; i < doors->n; i++) {
        for (unsigned k = 0; irpc_server_endpoint(doors->door[i].holder, k, &e); k++) {
            int fd = ir_server_listening_fd(doors->door[i].holder, k);

            (void)fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC);
            if (len < cap) {
                len +=
                    (size_t)snprintf(list + len, cap - len, "%d=%s|", fd, doors->door[i].binding);
            }
        }
    }
}

void doors_leave(const struct doors *doors)
{
    char list[PORTS_MAX * (CONFIG_TEXT_MAX + 12)] = "";

    set_inheritable(doors, true, list, sizeof(list));
    setenv(VARIABLE, list, 1);
    if (doors->given) {
        setenv(VARIABLE "_GIVEN", "1", 1);
    }
}

void doors_keep(const struct doors *doors)
{
    char list[1];

    set_inheritable(doors, false, list, 0);
    unsetenv(VARIABLE);
    unsetenv(VARIABLE "_GIVEN");
}

void doors_close(struct doors *doors)
{
    take_back(doors, 0);
}
