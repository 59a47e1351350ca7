/*
 * RLIMIT_NOFILE: the usual soft limit, 1024, is for programs that use select(2); a service may have
 * more connections than that.
 */
#include "os/files.h"

#include <sys/resource.h>

size_t ir_os_allow_files(size_t n)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    if (limit.rlim_cur < n) {
        struct rlimit more = limit;

        more.rlim_cur = limit.rlim_max < n ? limit.rlim_max : n;
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
            limit = more;
        }
    }
    return (size_t)limit.rlim_cur;
}
