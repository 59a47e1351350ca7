/* Which local users may register services. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct access_rules {
    uid_t self;
    bool has_group;
    gid_t group;
    uid_t *members;
    size_t n_members;
};

/* Root, the daemon's own user, and the members of @group ("": none; a name or a number).
 * Return: false if there is no such group, or no memory. */
bool access_init(struct access_rules *rules, const char *group);

void access_deinit(struct access_rules *rules);

/* An ir_epm_may_register_fn; @user is the rules. */
bool access_may_register(void *user, uid_t uid, gid_t gid);
