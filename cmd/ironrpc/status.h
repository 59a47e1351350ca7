/* Between status.c, which asks the service, and status_show.c, which shows its answer. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

/* See what in @status needs attention, and, if wanted, @show all of it for people. Return: how many
 * things do. */
unsigned status_show(json_t *status, bool show);
