/*
 * Socket addresses. Numeric only; the scope of an IPv6 address is a number too.
 */
#include "transport/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum irpc_status ir_addr_parse(const char *text, uint16_t port, struct ir_addr *ret_addr)
{
    struct ir_addr addr = {.port = port};
    char host[IR_ADDR_TEXT_LEN];
    size_t len = strlen(text);

    if (len >= sizeof(host)) {
        return IRPC_BAD_STRING_BINDING;
    }
    memcpy(host, text, len + 1);
    if (inet_pton(AF_INET, host, addr.bytes) == 1) {
        addr.family = AF_INET;
        *ret_addr = addr;
        return IRPC_OK;
    }
    char *scope = strchr(host, '%');
    if (scope != NULL) {
        char *end = NULL;
        *scope++ = '\0';
        unsigned long n = strtoul(scope, &end, 10);
        if (*scope < '0' || *scope > '9' || *end != '\0' || n > UINT32_MAX) {
            return IRPC_BAD_STRING_BINDING;
        }
        addr.scope = (uint32_t)n;
    }
    if (inet_pton(AF_INET6, host, addr.bytes) != 1) {
        return IRPC_BAD_STRING_BINDING;
    }
    addr.family = AF_INET6;
    *ret_addr = addr;
    return IRPC_OK;
}

const char *ir_addr_format(const struct ir_addr *addr, char *text)
{
    if ((addr->family != AF_INET && addr->family != AF_INET6) ||
        inet_ntop(addr->family, addr->bytes, text, IR_ADDR_TEXT_LEN) == NULL) {
        text[0] = '\0';
        return text;
    }
    if (addr->scope != 0) {
        size_t len = strlen(text);
        (void)snprintf(text + len, IR_ADDR_TEXT_LEN - len, "%%%u", addr->scope);
    }
    return text;
}

struct ir_addr ir_addr_from_sockaddr(const union ir_sockaddr *sa)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct ir_addr addr = {.family = (uint8_t)sa->sa.sa_family};

    if (addr.family == AF_INET) {
        memcpy(addr.bytes, &sa->in.sin_addr, 4);
        addr.port = ntohs(sa->in.sin_port);
    } else if (addr.family == AF_INET6) {
        const uint8_t *in6 = sa->in6.sin6_addr.s6_addr;
        addr.port = ntohs(sa->in6.sin6_port);
        if (memcmp(in6, mapped, sizeof(mapped)) == 0) {
            addr.family = AF_INET;
            memcpy(addr.bytes, in6 + 12, 4);
        } else {
            memcpy(addr.bytes, in6, 16);
            addr.scope = sa->in6.sin6_scope_id;
        }
    }
    return addr;
}

socklen_t ir_addr_to_sockaddr(const struct ir_addr *addr, union ir_sockaddr *ret_sa)
{
    memset(ret_sa, 0, sizeof(*ret_sa));
    if (addr->family == AF_INET) {
        ret_sa->in.sin_family = AF_INET;
        ret_sa->in.sin_port = htons(addr->port);
        memcpy(&ret_sa->in.sin_addr, addr->bytes, 4);
        return sizeof(ret_sa->in);
    }
    ret_sa->in6.sin6_family = AF_INET6;
    ret_sa->in6.sin6_port = htons(addr->port);
    ret_sa->in6.sin6_scope_id = addr->scope;
    memcpy(ret_sa->in6.sin6_addr.s6_addr, addr->bytes, 16);
    return sizeof(ret_sa->in6);
}

const char *ir_runtime_dir(void)
{
    const char *dir = secure_getenv("IRONRPC_RUNTIME_DIR");

    return dir != NULL && dir[0] == '/' ? dir : "/run/ironrpc";
}

/* Printable ASCII; a slash only in absolute paths. */
static bool is_local_name(const char *name)
{
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return false;
    }
    for (const char *p = name; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || (*p == '/' && name[0] != '/')) {
            return false;
        }
    }
    return true;
}

enum irpc_status ir_addr_local(const char *runtime_dir, const char *name, union ir_sockaddr *ret_sa)
{
    union ir_sockaddr sa = {0};
    int n;

    if (!is_local_name(name)) {
        return IRPC_BAD_STRING_BINDING;
    }
    sa.un.sun_family = AF_UNIX;
    if (name[0] == '/') {
        n = snprintf(sa.un.sun_path, sizeof(sa.un.sun_path), "%s", name);
    } else {
        n = snprintf(sa.un.sun_path, sizeof(sa.un.sun_path), "%s/%s", runtime_dir, name);
    }
    if (n < 0 || (size_t)n >= sizeof(sa.un.sun_path)) {
        return IRPC_BAD_STRING_BINDING;
    }
    *ret_sa = sa;
    return IRPC_OK;
}
