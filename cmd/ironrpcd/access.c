/*
 * Who may register, by the credentials that the kernel gives of a local peer. The group's members
 * are looked up once, at the start: user databases may be remote and slow, and the loop must not
 * wait for them (check: L08). A user whose primary group it is needs no entry there.
 */
#include "access.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct group *find_group(const char *name)
{
    const struct group *group = getgrnam(name);

    if (group == NULL && isdigit((unsigned char)name[0])) {
        char *end;
        unsigned long number = strtoul(name, &end, 10);

        if (*end == '\0' && number < UINT32_MAX) {
            group = getgrgid((gid_t)number);
        }
    }
    return group;
}

bool access_init(struct access_rules *rules, const char *name)
{
    size_t n = 0;

    *rules = (struct access_rules){.self = geteuid()};
    if (name[0] == '\0') {
        return true;
    }
    const struct group *group = find_group(name);
    if (group == NULL) {
        return false;
    }
    rules->has_group = true;
    rules->group = group->gr_gid;
    while (group->gr_mem[n] != NULL) {
        n++;
    }
    rules->members = calloc(n + 1, sizeof(rules->members[0]));
    if (rules->members == NULL) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct passwd *user = getpwnam(group->gr_mem[i]);

        if (user != NULL) {
            rules->members[rules->n_members++] = user->pw_uid;
        }
    }
    return true;
}

void access_deinit(struct access_rules *rules)
{
    free(rules->members);
    rules->members = NULL;
    rules->n_members = 0;
}

bool access_may_register(void *user, uid_t uid, gid_t gid)
{
    const struct access_rules *rules = user;

    if (uid == 0 || uid == rules->self || (rules->has_group && gid == rules->group)) {
        return true;
    }
    for (size_t i = 0; i < rules->n_members; i++) {
        if (rules->members[i] == uid) {
            return true;
        }
    }
    return false;
}
