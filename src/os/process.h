/* What the kernel tells about another process, and others about us. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Name of the program that @pid runs, from /proc, cut to @cap with NUL; "" if it is not known. For
 * display: the process chooses it. */
void ir_os_process_name(pid_t pid, char *name, size_t cap);

/* Milliseconds of processor time that @pid has used; 0: it is not known. */
uint64_t ir_os_process_cpu_ms(pid_t pid);

/* Whether @pid runs or waits for a processor; not: sleeping, stopped, ended, unknown. */
bool ir_os_process_is_runnable(pid_t pid);
/* From now on no core dump has our memory, and no other process of our user reads it. */
void ir_os_hide_memory(void);
