/* The filters of system calls, of sandbox.c alone. */
#pragma once

#include "os/sandbox.h"

/* Install that of a process of ours: what is on its list is allowed. Return: 1; 0: not known for
 * this machine, not in this kernel, or built with a sanitizer, whose runtime needs other calls; -1:
 * errno says why. */
int ir_os_filter(enum ir_os_sandbox kind);

/* Install that of any program that serves: what is on its list is refused. Return: the same. */
int ir_os_filter_program(void);
