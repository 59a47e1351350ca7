/* The number of descriptors that a process may have open. */
#pragma once

#include <stddef.h>

/* Raise the soft limit so that @n descriptors fit, as far as the hard limit allows. Return: the
 * limit then. */
size_t ir_os_allow_files(size_t n);
