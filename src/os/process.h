/* What the kernel tells about another process. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Name of the program that @pid runs, from /proc, cut to @cap with NUL; "" if it is not known. For
 * display: the process chooses it. */
void ir_os_process_name(pid_t pid, char *name, size_t cap);
