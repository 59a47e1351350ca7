/*
 * What the options of a string binding say of security.
 *
 * As Samba writes it: the level is one of the words connect, packet, sign, seal; the security type
 * one of ntlm, spnego, krb5; target_principal=NAME or target_hostname=NAME says whom to expect.
 * As Windows writes it: "Security=Impersonation Dynamic True", which is about what a server may do
 * in its client's name on the machine of both. Upper and lower case are the same.
 */
#pragma once

#include <stdbool.h>

#include <ironrpc/types.h>

#include "base/cur.h"
#include "base/violation.h"

struct ir_binding_security {
    uint8_t level;           /* as on the wire, [MS-RPCE] 2.2.1.1.8; 0: not said */
    uint8_t type;            /* as on the wire, [MS-RPCE] 2.2.1.1.7; 0: not said */
    struct irpc_span target; /* with its backslashes; empty: not said */
    bool target_is_host;     /* a host's name, not a whole principal */
};

/* Whether what is left of @c is one of the words above. */
bool ir_binding_security_is_word(struct ir_cur c);

/* One option, added to @s. Return: NULL, or what is wrong with it. */
const char *ir_binding_security_take(struct irpc_span name, struct irpc_span value,
                                     struct ir_binding_security *s);

/*
 * Read @options of an ir_string_binding. Return: IRPC_OK; IRPC_BAD_STRING_BINDING: an option that
 * is not known, or two that contradict each other. @v->check is "".
 */
IRPC_CHECKED ir_binding_security_parse(struct irpc_span options,
                                       struct ir_binding_security *ret_security,
                                       struct ir_violation *v);
