/* What the kernel tells about another process, and others about us. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Name of the program that @pid runs, from /proc, cut to @cap with NUL; "" if it is not known. For
 * display: the process chooses it. */
void ir_os_process_name(pid_t pid, char *name, size_t cap);

/* From now on no core dump has our memory, and no other process of our user reads it. */
void ir_os_hide_memory(void);
