/* Socket addresses, compact, and as text. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <ironrpc/types.h>

#include "base/attr.h"

/* An IPv4 or IPv6 address with port; IPv4 is kept as itself, not mapped. */
struct ir_addr {
    uint8_t bytes[16]; /* network order; IPv4: the first 4 */
    uint32_t scope;    /* IPv6 link-local: interface index */
    uint16_t port;     /* host order */
    uint8_t family;    /* AF_INET, AF_INET6, AF_UNIX; 0: none */
};

#define IR_ADDR_TEXT_LEN 64 /* an IPv6 address with scope, and NUL */

union ir_sockaddr {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
};

/* Numeric address only: no names. Return: IRPC_OK, IRPC_BAD_STRING_BINDING. check: L08 */
IRPC_CHECKED ir_addr_parse(const char *text, uint16_t port, struct ir_addr *ret_addr);

/* The address without port into @text[IR_ADDR_TEXT_LEN]; returns @text. */
const char *ir_addr_format(const struct ir_addr *addr, char *text);

/* From and to what the kernel uses; an IPv4-mapped IPv6 address becomes IPv4. */
struct ir_addr ir_addr_from_sockaddr(const union ir_sockaddr *sa);
socklen_t ir_addr_to_sockaddr(const struct ir_addr *addr, union ir_sockaddr *ret_sa);

/* Folder of ncalrpc sockets: $IRONRPC_RUNTIME_DIR if it is an absolute path (and the program is not
 * setuid), else /run/ironrpc. */
const char *ir_runtime_dir(void);

/* The file of the ncalrpc endpoint @name: @name itself if it is an absolute path, else a file of
 * @runtime_dir. Return: IRPC_OK; IRPC_BAD_STRING_BINDING for an empty name, one with '/' or with
 * bytes that are not printable, or too long a path. */
IRPC_CHECKED ir_addr_local(const char *runtime_dir, const char *name, union ir_sockaddr *ret_sa);
